/* bench_exec.c - nanoseconds per element of captured statements, by back end
 *
 *     bench_exec [elements [repeats]]
 *
 * CUBA (exact) and COBAHH (exponential_euler), state update and threshold, on plausible
 * values. Prints; judges nothing.
 */
#include "../unit/exec_models.h"

#include "exec/exec.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { SLOTS_MAX = 64 };

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double start_value(const char *name, size_t k)
{
    const double u = (double)((k * 7919) % 1000) / 1000;
    if (strcmp(name, "v") == 0)
        return -0.06 + 0.009 * u;
    if (strcmp(name, "lastspike") == 0)
        return k % 50 == 0 ? 0.998 : -1e4;
    if (strcmp(name, "t") == 0)
        return 1.0;
    if (strcmp(name, "dt") == 0)
        return 1e-4;
    if (strcmp(name, "ge") == 0 || strcmp(name, "gi") == 0)
        return 1e-9 * u;
    return 0.05 + 0.5 * u; /* gates */
}

static double run(const eg_executable *code, eg_math math, const char *isa, size_t n,
                  int repeats)
{
    engram_error err = {0};
    eg_arena *arena = eg_arena_new(engram_default_alloc());
    const eg_lower_options lower = {.math = math, .dt = 1e-4};
    const eg_exec_options exec = {.isa = isa};
    eg_program *program;
    eg_kernel *kernel;
    void *base[SLOTS_MAX] = {NULL};
    if (!arena || eg_lower(&program, arena, code, &lower, &err) ||
        eg_kernel_new(&kernel, program, math, &exec, engram_default_alloc(), &err)) {
        eg_arena_free(arena);
        if (err.code != ENGRAM_E_UNSUPPORTED)
            fprintf(stderr, "%s\n", err.message);
        return -1;
    }
    for (uint32_t s = 0; s < eg_program_slot_count(program) && s < SLOTS_MAX; s++) {
        const eg_slot *slot = eg_program_slot(program, s);
        base[s] = aligned_alloc(64, (n * 8 + 127) / 64 * 64);
        for (size_t k = 0; k < n; k++)
            if (slot->dtype == EG_F64)
                ((double *)base[s])[k] = start_value(slot->name, k);
            else
                ((char *)base[s])[k] = 1;
    }
    const eg_frame frame = {.base = base, .count = n, .distinct = true};
    double best = INFINITY;
    for (int r = 0; r < repeats; r++) {
        const double t = now();
        for (int k = 0; k < 10; k++)
            if (eg_kernel_run(kernel, &frame, &err))
                fprintf(stderr, "%s\n", err.message);
        best = fmin(best, (now() - t) / 10);
    }
    for (uint32_t s = 0; s < SLOTS_MAX; s++)
        free(base[s]);
    eg_kernel_free(kernel);
    eg_arena_free(arena);
    return best / (double)n * 1e9;
}

int main(int argc, char **argv)
{
    const size_t n = argc > 1 ? strtoul(argv[1], NULL, 10) : 4000;
    const int repeats = argc > 2 ? atoi(argv[2]) : 50;
    static const struct {
        const char *name;
        const eg_executable *update, *threshold;
    } models[] = {{"CUBA", &cuba_stateupdate, &cuba_threshold},
                  {"COBAHH", &cobahh_stateupdate, &cobahh_threshold}};
    static const char *const isa[] = {"sse2", "avx2", "avx512"};
    for (size_t m = 0; m < 2; m++) {
        printf("%-7s strict  %8.2f + %5.2f ns\n", models[m].name,
               run(models[m].update, EG_MATH_STRICT, "", n, 5),
               run(models[m].threshold, EG_MATH_STRICT, "", n, 5));
        for (size_t k = 0; k < 3; k++)
            printf("%-7s %-7s %8.2f + %5.2f ns\n", models[m].name, isa[k],
                   run(models[m].update, EG_MATH_FAST, isa[k], n, repeats),
                   run(models[m].threshold, EG_MATH_FAST, isa[k], n, repeats));
    }
    return 0;
}
