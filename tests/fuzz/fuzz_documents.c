/* fuzz_documents [-n <mutants>] [-s <seed>] [-r] [-o <file>] [<document> ...]
 *
 * Damages documents and hands them to the reader and the rules; what these accept, also to
 * the lowering of both number modes, and with -r to the engine, for some steps. Nothing may
 * crash or hang (sanitizers watch), and a refusal must say why. -o keeps the mutant at hand,
 * for when it does: the last file written is the one. */
#include "check/check.h"
#include "common/file.h"
#include "engram/sim.h"
#include "exec/exec.h"
#include "fuzz/mutate.h"
#include "msgpack/mp_read.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { DOCUMENTS_MAX = 64, STEPS = 20 };

typedef struct fuzz {
    document from[DOCUMENTS_MAX];
    size_t documents;
    uint64_t mutants, seed;
    bool run;
    const char *keep;
    uint64_t read, sound, lowered, ran; /* counts */
} fuzz;

/* Mutants ask for any amount of memory; this one is never out of the machine's. */
static void *bounded(void *context, void *block, size_t old_size, size_t new_size)
{
    size_t *used = context;
    if (new_size > old_size && new_size - old_size > ((size_t)256 << 20) - *used)
        return NULL;
    if (!new_size) {
        free(block);
        *used -= old_size;
        return NULL;
    }
    void *fresh = realloc(block, new_size);
    if (fresh)
        *used += new_size - old_size;
    return fresh;
}

static void must(bool holds, const char *what, uint64_t mutant)
{
    if (holds)
        return;
    fprintf(stderr, "mutant %llu: %s\n", (unsigned long long)mutant, what);
    exit(1);
}

static void write_file(const char *path, const unsigned char *bytes, size_t size)
{
    FILE *file = fopen(path, "wb");
    if (!file || fwrite(bytes, 1, size, file) != size || fclose(file)) {
        perror(path);
        exit(2);
    }
}

static bool lower(const eg_net *net, eg_math math, const engram_alloc *alloc)
{
    const eg_code *code = net->document.code;
    const eg_network *network = net->document.network;
    eg_arena *arena = eg_arena_new(alloc);
    bool all = arena != NULL;
    for (size_t k = 0; all && network && code && k < code->executables.count; k++) {
        const eg_lower_options options = {.dialect = EG_DIALECT_RUNTIME,
                                          .math = math,
                                          .dt = 1e-4,
                                          .functions = &network->functions};
        eg_program *program;
        eg_kernel *kernel = NULL;
        engram_error err;
        if (eg_lower(&program, arena, &code->executables.item[k], &options, &err) ||
            eg_kernel_new(&kernel, program, math, &(eg_exec_options){.isa = ""}, alloc, &err))
            all = false;
        eg_kernel_free(kernel);
    }
    eg_arena_free(arena);
    return all;
}

static bool simulate(const char *path, engram_math math, const engram_alloc *alloc)
{
    engram_model_options how = ENGRAM_MODEL_OPTIONS_INIT;
    how.alloc = alloc;
    how.flags = ENGRAM_MODEL_FORCE;
    engram_sim_options options = ENGRAM_SIM_OPTIONS_INIT;
    options.math = math;
    options.seed = 1;
    engram_model *model = NULL;
    engram_sim *sim = NULL;
    engram_error err;
    bool done = !engram_model_open(&model, path, &how, &err) &&
                !engram_sim_build(&sim, model, &options, &err) &&
                !engram_sim_advance(sim, STEPS, NULL, &err);
    engram_sim_free(sim);
    engram_model_close(model);
    return done;
}

static void try_one(fuzz *f, const unsigned char *bytes, size_t size, uint64_t mutant)
{
    size_t used = 0;
    const engram_alloc alloc = {bounded, &used};
    engram_error err = {0};
    eg_findings findings;
    eg_net *net = NULL;
    eg_mp_limits past = EG_MP_LIMITS_DEFAULT; /* the digest, which finds them all */
    past.any_digest = true;
    engram_status status = eg_mp_read_net_bytes(&net, bytes, size, &past, &alloc, &err);
    must(!status == !!net, "a status and no network, or the reverse", mutant);
    must(!status || (err.code == status && *err.message), "refused without a word", mutant);
    if (status)
        return;
    f->read++;
    status = eg_check_net(net, &findings, net->arena, &err);
    must(!status || status == ENGRAM_E_MEMORY, "the rules failed", mutant);
    if (!status && !eg_check_first_error(&findings, &err)) {
        f->sound++;
        const bool strict = lower(net, EG_MATH_STRICT, &alloc);
        f->lowered += lower(net, EG_MATH_FAST, &alloc) && strict;
        if (f->run) {
            write_file(f->keep, bytes, size);
            f->ran += simulate(f->keep, ENGRAM_MATH_STRICT, &alloc) &&
                      simulate(f->keep, ENGRAM_MATH_FAST, &alloc);
        }
    }
    eg_net_free(net);
    must(!used, "memory was not given back", mutant);
}

static void read_arguments(fuzz *f, int argc, char **argv)
{
    static char temporary[64];
    int option;
    while ((option = getopt(argc, argv, "n:s:o:r")) != -1) {
        if (option == 'n')
            f->mutants = strtoull(optarg, NULL, 10);
        else if (option == 's')
            f->seed = strtoull(optarg, NULL, 10);
        else if (option == 'o')
            f->keep = optarg;
        else if (option == 'r')
            f->run = true;
        else
            exit(2);
    }
    if (f->run && !f->keep) {
        snprintf(temporary, sizeof temporary, "/tmp/engram-fuzz-%ld.mpk", (long)getpid());
        f->keep = temporary;
    }
    if (argc - optind > DOCUMENTS_MAX)
        exit(2);
    for (int k = optind; k < argc; k++)
        document_load(&f->from[f->documents++], argv[k]);
}

int main(int argc, char **argv)
{
    static const char *const golden[] = {"minimal", "coded", "pieces"};
    static fuzz f = {.mutants = 20000, .seed = 1};
    read_arguments(&f, argc, argv);
    const bool kept = f.keep && !f.run;
    const char *root = getenv("ENGRAM_TEST_DATA");
    for (size_t k = 0; argc == optind && k < sizeof golden / sizeof *golden; k++) {
        char path[1024];
        snprintf(path, sizeof path, "%s/golden/%s.mpk", root ? root : "tests", golden[k]);
        document_load(&f.from[f.documents++], path);
    }
    for (uint64_t k = 0; k < f.mutants; k++) {
        dice r = {f.seed * UINT64_C(0x2545f4914f6cdd1d) + k};
        size_t size;
        unsigned char *bytes = mutate(&size, f.from, f.documents, &r);
        if (kept)
            write_file(f.keep, bytes, size);
        try_one(&f, bytes, size, k);
        free(bytes);
    }
    for (size_t k = 0; k < f.documents; k++)
        document_free(&f.from[k]);
    if (f.run)
        unlink(f.keep);
    printf("%llu mutants: %llu read, %llu sound, %llu lowered, %llu ran\n",
           (unsigned long long)f.mutants, (unsigned long long)f.read,
           (unsigned long long)f.sound, (unsigned long long)f.lowered,
           (unsigned long long)f.ran);
    return 0;
}
