/* derive_step - steps the state updater that the rules of a document give, for comparison
 * with Brian2 (test_derive.py).
 *
 *     derive_step <document> <group> <variables, comma separated> <steps>
 *
 * Prints the variables of all elements before the first and after each step, one line a
 * variable and step, as hexadecimal floats. Initial values are those of `state`.
 */
#include "exec/exec.h"
#include "ir/derive.h"
#include "msgpack/mp_read.h"
#include "sim/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void stop_on(engram_status status, const engram_error *err)
{
    if (!status)
        return;
    fprintf(stderr, "%s\n", err->message);
    exit(1);
}

static void print_row(const eg_store *store, const char *group, const char *names)
{
    char list[256];
    snprintf(list, sizeof list, "%s", names);
    for (char *name = strtok(list, ","); name; name = strtok(NULL, ",")) {
        const eg_cell *cell = eg_store_find(store, group, name);
        for (uint64_t k = 0; k < cell->count; k++)
            printf("%a ", ((double *)cell->data)[k]);
        printf("\n");
    }
}

static const eg_executable *updater_of(const eg_net *net, const char *group)
{
    for (size_t k = 0; k < net->document.code->executables.count; k++) {
        const eg_executable *code = &net->document.code->executables.item[k];
        if (!strcmp(code->owner, group) && !strcmp(code->template, "stateupdate"))
            return code;
    }
    fprintf(stderr, "%s has no state updater\n", group);
    exit(1);
}

int main(int argc, char **argv)
{
    if (argc != 5)
        return 2;
    engram_error err;
    const engram_alloc *alloc = engram_default_alloc();
    eg_net *net;
    eg_store *store;
    stop_on(eg_mp_read_net(&net, argv[1], alloc, &err), &err);
    stop_on(eg_derive_code(net, true, &err), &err);
    stop_on(eg_store_new(&store, net, alloc, &err), &err);
    const eg_executable *code = updater_of(net, argv[2]);
    for (size_t k = 0; k < code->statements.count; k++)
        fprintf(stderr, "%s %s %s\n", code->statements.item[k].variable,
                code->statements.item[k].op, code->statements.item[k].expr);
    const double dt = net->document.network->clocks.item[0].dt;
    eg_lower_options options = {.dialect = EG_DIALECT_RUNTIME,
                                .math = EG_MATH_STRICT,
                                .dt = dt,
                                .functions = &net->document.network->functions};
    eg_program *program;
    eg_kernel *kernel;
    stop_on(eg_lower(&program, net->arena, code, &options, &err), &err);
    stop_on(eg_kernel_new(&kernel, program, EG_MATH_STRICT, NULL, alloc, &err), &err);
    void *base[64] = {NULL};
    for (uint32_t k = 0; k < eg_program_slot_count(program) && k < 64; k++) {
        const eg_slot *slot = eg_program_slot(program, k);
        base[k] = eg_store_find(store, slot->owner, slot->variable)->data;
    }
    double *t = eg_store_find(store, code->clock, "t")->data;
    print_row(store, argv[2], argv[3]);
    const long steps = strtol(argv[4], NULL, 10);
    eg_frame frame = {.base = base, .count = eg_store_find(store, argv[2], "i")->count};
    for (long n = 0; n < steps; n++) {
        *t = (double)n * dt;
        stop_on(eg_kernel_run(kernel, &frame, &err), &err);
        print_row(store, argv[2], argv[3]);
    }
    eg_kernel_free(kernel);
    eg_store_free(store);
    eg_net_free(net);
    return 0;
}
