/* Results do not depend on the size of a block, in strict mode (1: element by element) or in
 * fast mode, nor there on the instruction set: every model of tests/fidelity/references, its
 * whole state at the end and the number of its spikes. */
#include "engram/engram.h"
#include "support/check.h"

#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MODELS_AT_LEAST = 80 };

static const size_t width[] = {
    [ENGRAM_BOOL] = 1, [ENGRAM_I32] = 4, [ENGRAM_I64] = 8, [ENGRAM_F32] = 4, [ENGRAM_F64] = 8};

typedef struct way {
    uint32_t block;
    const char *isa;
} way;

static const way fast[] = {{0, NULL},   {1, NULL},   {7, NULL},  {64, NULL},
                           {0, "sse2"}, {7, "sse2"}, {0, "avx2"}};
static const way strict[] = {{1, NULL}, {0, NULL}, {2, NULL}, {7, NULL}};

static bool machine_has(const char *isa)
{
    return !isa || strcmp(isa, "avx2") != 0 || __builtin_cpu_supports("avx2");
}

/* All variables one behind the other, and the spikes; *size bytes that the caller frees. */
static uint8_t *state_at_end(size_t *size, const engram_model *model, engram_math math,
                             const way *how)
{
    engram_sim_options options = ENGRAM_SIM_OPTIONS_INIT;
    options.math = math;
    options.block = how->block;
    options.isa = how->isa;
    engram_sim *sim;
    engram_error err;
    assert_ok(engram_sim_build(&sim, model, &options, &err), &err);
    engram_progress progress = ENGRAM_PROGRESS_INIT;
    do
        assert_ok(engram_sim_advance(sim, UINT64_MAX, &progress, &err), &err);
    while (!progress.finished);
    uint8_t *out = NULL;
    *size = 0;
    for (uint64_t k = 0; k < engram_sim_variable_count(sim); k++) {
        engram_variable variable = ENGRAM_VARIABLE_INIT;
        assert_ok(engram_sim_variable_at(sim, k, &variable, &err), &err);
        const size_t bytes = (size_t)variable.count * width[variable.dtype];
        out = realloc(out, *size + bytes + 1);
        assert_non_null(out);
        if (bytes)
            memcpy(out + *size, variable.data, bytes);
        *size += bytes;
    }
    engram_summary summary = ENGRAM_SUMMARY_INIT;
    assert_ok(engram_sim_finish(sim, &summary, &err), &err);
    out = realloc(out, *size + sizeof summary.spikes);
    assert_non_null(out);
    memcpy(out + *size, &summary.spikes, sizeof summary.spikes);
    *size += sizeof summary.spikes;
    engram_sim_free(sim);
    return out;
}

static void compare_ways(const char *path, const engram_model *model, engram_math math,
                         const way *ways, size_t count)
{
    size_t size, other_size;
    uint8_t *first = state_at_end(&size, model, math, &ways[0]);
    for (size_t k = 1; k < count; k++) {
        if (!machine_has(ways[k].isa))
            continue;
        uint8_t *other = state_at_end(&other_size, model, math, &ways[k]);
        if (size != other_size || memcmp(first, other, size) != 0)
            fail_msg("%s: other results with blocks of %u, %s", path, ways[k].block,
                     ways[k].isa ? ways[k].isa : "any instruction set");
        free(other);
    }
    free(first);
}

static void compare_model(const char *path)
{
    engram_model *model;
    engram_error err;
    assert_ok(engram_model_open(&model, path, NULL, &err), &err);
    compare_ways(path, model, ENGRAM_MATH_FAST, fast, sizeof fast / sizeof *fast);
    compare_ways(path, model, ENGRAM_MATH_STRICT, strict, sizeof strict / sizeof *strict);
    engram_model_close(model);
}

static void test_blocks(void **state)
{
    (void)state;
    const char *folder = check_data_path("fidelity/references");
    DIR *dir = opendir(folder);
    assert_non_null(dir);
    size_t models = 0;
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        const size_t length = strlen(entry->d_name);
        if (length < 5 || strcmp(entry->d_name + length - 4, ".mpk") != 0)
            continue;
        char path[2048];
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        compare_model(path);
        models++;
    }
    closedir(dir);
    assert_true(models >= MODELS_AT_LEAST);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_blocks)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
