/* What is stored between two steps and gone on from has the bits of what was never interrupted:
 * every model of tests/fidelity/references, from one process image to another through a file,
 * and back and forth in memory; what is refused; damage of every byte; without memory. */
#include "engram/engram.h"
#include "common/digest.h"
#include "support/check.h"

#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MODELS_AT_LEAST = 80, SEAL = 64 };

static const size_t width[] = {
    [ENGRAM_BOOL] = 1, [ENGRAM_I32] = 4, [ENGRAM_I64] = 8, [ENGRAM_F32] = 4, [ENGRAM_F64] = 8};

static engram_model *open_model(const char *path)
{
    engram_model *model;
    engram_error err;
    assert_ok(engram_model_open(&model, path, NULL, &err), &err);
    return model;
}

/* How a network is run. */
typedef struct way {
    engram_math math;
    const char *rng; /* NULL: the file's */
} way;

static const way fast = {ENGRAM_MATH_FAST, NULL}, strict = {ENGRAM_MATH_STRICT, NULL},
                 philox = {ENGRAM_MATH_FAST, "philox"};

static engram_sim *build(const engram_model *model, way how, uint32_t flags,
                         const engram_checkpoint *from)
{
    engram_sim_options options = ENGRAM_SIM_OPTIONS_INIT;
    engram_sim *sim;
    engram_error err;
    options.math = how.math;
    options.rng = how.rng;
    options.flags = flags;
    options.checkpoint = from;
    assert_ok(engram_sim_build(&sim, model, &options, &err), &err);
    return sim;
}

/* ---- everything that can be seen of a simulation, as one digest ----------------------------
 */

static void see_variables(eg_hash *hash, engram_sim *sim)
{
    engram_error err;
    for (uint64_t k = 0; k < engram_sim_variable_count(sim); k++) {
        engram_variable v = ENGRAM_VARIABLE_INIT;
        assert_ok(engram_sim_variable_at(sim, k, &v, &err), &err);
        eg_hash_add_text(hash, v.object);
        eg_hash_add_text(hash, v.name);
        eg_hash_add(hash, v.data, (size_t)v.count * width[v.dtype]);
    }
}

static void see_records(eg_hash *hash, engram_sim *sim, const engram_model *model)
{
    engram_error err;
    engram_object object = ENGRAM_OBJECT_INIT;
    for (uint64_t k = 0; !engram_model_object(model, k, &object, &err); k++) {
        engram_recorded r = ENGRAM_RECORDED_INIT;
        if (object.kind != ENGRAM_OBJECT_MONITOR)
            continue;
        assert_ok(engram_sim_recorded(sim, object.name, &r, &err), &err);
        eg_hash_add_count(hash, r.records);
        if (r.records)
            eg_hash_add(hash, r.t, r.records * sizeof *r.t);
        if (r.i && r.records)
            eg_hash_add(hash, r.i, r.records * sizeof *r.i);
        if (r.count)
            eg_hash_add(hash, r.count, r.rows * sizeof *r.count);
        for (uint64_t c = 0; c < r.columns; c++) {
            const char *name;
            engram_dtype dtype;
            const void *data;
            assert_ok(
                engram_sim_recorded_column(sim, object.name, c, &name, &dtype, &data, &err),
                &err);
            const uint64_t rows = r.kind == ENGRAM_RECORDED_STATES ? r.rows : 1;
            if (r.records && rows)
                eg_hash_add(hash, data, r.records * rows * width[dtype]);
        }
    }
}

static void see_random(eg_hash *hash, const engram_sim *sim)
{
    engram_random random = {.size = sizeof random};
    engram_sim_random(sim, &random);
    eg_hash_add(hash, random.words, sizeof random.words);
    eg_hash_add_count(hash, random.position);
    eg_hash_add_count(hash, random.next_uniform);
    eg_hash_add_count(hash, random.next_normal);
}

/* Where runs end, in steps of all. */
typedef struct run_ends {
    uint64_t at[8];
    size_t count;
} run_ends;

/* To the end and closed: all variables, records, streams, counts, trains. */
static void see(eg_digest *out, uint64_t *steps, run_ends *ends, engram_sim *sim,
                const engram_model *model)
{
    engram_progress at = ENGRAM_PROGRESS_INIT;
    engram_summary summary = ENGRAM_SUMMARY_INIT;
    engram_error err;
    eg_hash hash;
    assert_ok(engram_sim_advance(sim, 0, &at, &err), &err);
    const uint64_t before = at.total;
    while (!at.finished) {
        assert_ok(engram_sim_advance(sim, UINT64_MAX, &at, &err), &err);
        if (ends && ends->count < sizeof ends->at / sizeof *ends->at)
            ends->at[ends->count++] = at.total;
    }
    *steps = at.total - before;
    eg_hash_begin(&hash);
    see_variables(&hash, sim);
    see_records(&hash, sim, model);
    see_random(&hash, sim);
    assert_ok(engram_sim_finish(sim, &summary, &err), &err);
    assert_int_equal(summary.steps, at.total);
    eg_hash_add_count(&hash, summary.steps);
    eg_hash_add_count(&hash, summary.spikes);
    eg_hash_add_count(&hash, summary.events);
    eg_hash_add(&hash, &summary.simulated, sizeof summary.simulated);
    for (uint64_t k = 0; k < summary.population_count; k++)
        eg_hash_add_count(&hash, summary.populations[k].spikes);
    for (uint64_t k = 0; k < summary.train_count; k++)
        eg_hash_add_text(&hash, summary.trains[k].digest);
    eg_hash_end(out, &hash);
}

static uint64_t draw(uint64_t *seed, uint64_t below)
{
    *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (*seed >> 33) % below;
}

/* ---- all models ----------------------------------------------------------------------------
 */

enum { FLAGS = ENGRAM_SIM_KEEP | ENGRAM_SIM_DIGEST };

/* Store after `steps` in all and forget everything else; go on from that. In a file: what
 * another process would find. */
static void go_on(const char *path, way how, bool in_file, uint64_t steps, uint64_t all,
                  const eg_digest *wanted)
{
    char file[4096];
    engram_model *model = open_model(path);
    engram_sim *sim = build(model, how, FLAGS, NULL);
    engram_progress at = ENGRAM_PROGRESS_INIT;
    engram_checkpoint *from;
    engram_checkpoint_info info = ENGRAM_CHECKPOINT_INFO_INIT;
    engram_error err;
    snprintf(file, sizeof file, "%s/checkpoint", check_temp_dir());
    while (at.total < steps && !at.finished)
        assert_ok(engram_sim_advance(sim, steps - at.total, &at, &err), &err);
    if (in_file) {
        assert_ok(engram_sim_checkpoint(sim, file, "a note", &err), &err);
        assert_ok(engram_checkpoint_open(&from, file, NULL, &err), &err);
    } else {
        assert_ok(engram_sim_store(&from, sim, &err), &err);
    }
    engram_sim_free(sim);
    engram_model_close(model);

    engram_checkpoint_describe(from, &info);
    assert_string_equal(info.note, in_file ? "a note" : "");
    assert_int_equal(info.total, at.total);
    model = open_model(path);
    sim = build(model, how.math == ENGRAM_MATH_FAST ? strict : fast, FLAGS,
                from); /* the mathematics is the checkpoint's */
    engram_checkpoint_close(from);
    eg_digest got;
    uint64_t rest;
    see(&got, &rest, NULL, sim, model);
    if (rest != all - at.total || !eg_digest_equal(&got, wanted))
        fail_msg("%s: stored after %llu of %llu steps it goes on differently (%llu steps)",
                 path, (unsigned long long)at.total, (unsigned long long)all,
                 (unsigned long long)rest);
    engram_sim_free(sim);
    engram_model_close(model);
}

/* There and back in one simulation: twice over the same steps, then to the end. */
static void go_back_in_memory(const engram_model *model, way how, uint64_t steps,
                              const char *path, const eg_digest *wanted)
{
    engram_sim *sim = build(model, how, FLAGS, NULL);
    engram_progress at = ENGRAM_PROGRESS_INIT;
    engram_checkpoint *kept;
    engram_error err;
    while (at.total < steps && !at.finished)
        assert_ok(engram_sim_advance(sim, steps - at.total, &at, &err), &err);
    assert_ok(engram_sim_store(&kept, sim, &err), &err);
    while (!at.finished)
        assert_ok(engram_sim_advance(sim, UINT64_MAX, &at, &err), &err);
    assert_ok(engram_sim_restore(sim, kept, &err), &err);
    assert_ok(engram_sim_advance(sim, 3, &at, &err), &err);
    assert_ok(engram_sim_restore(sim, kept, &err), &err);
    engram_checkpoint_close(kept);
    eg_digest got;
    uint64_t rest;
    see(&got, &rest, NULL, sim, model);
    if (!eg_digest_equal(&got, wanted))
        fail_msg("%s: taken back to step %llu it goes on differently", path,
                 (unsigned long long)steps);
    engram_sim_free(sim);
}

static void compare(const char *path, way how, uint64_t *seed)
{
    engram_model *model = open_model(path);
    engram_sim *sim = build(model, how, FLAGS, NULL);
    eg_digest wanted;
    uint64_t all;
    run_ends ends = {.count = 0};
    see(&wanted, &all, &ends, sim, model);
    engram_sim_free(sim);
    go_on(path, how, false, 0, all, &wanted);
    go_on(path, how, true, draw(seed, all + 1), all, &wanted);
    for (size_t k = 0; k < ends.count; k++) { /* between runs; at the end; within later runs */
        const uint64_t next = k + 1 < ends.count ? ends.at[k + 1] : ends.at[k];
        go_on(path, how, false, ends.at[k], all, &wanted);
        if (next > ends.at[k] + 1)
            go_on(path, how, false, ends.at[k] + 1 + draw(seed, next - ends.at[k] - 1), all,
                  &wanted);
    }
    go_back_in_memory(model, how, draw(seed, all + 1), path, &wanted);
    engram_model_close(model);
}

static void test_every_model(void **state)
{
    (void)state;
    const char *folder = check_data_path("fidelity/references");
    DIR *dir = opendir(folder);
    assert_non_null(dir);
    size_t models = 0;
    uint64_t seed = 4;
    const way ways[] = {fast, strict, fast, philox};
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        const size_t length = strlen(entry->d_name);
        if (length < 5 || strcmp(entry->d_name + length - 4, ".mpk") != 0)
            continue;
        char path[2048];
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        compare(path, ways[models % 4], &seed);
        models++;
    }
    closedir(dir);
    assert_true(models >= MODELS_AT_LEAST);
}

/* Values that change between the runs by rules, or by code and state of their own. */
static void test_each_step_of(const char *name)
{
    const char *path = check_data_path(name);
    engram_model *model = open_model(path);
    engram_sim *sim = build(model, strict, FLAGS, NULL);
    eg_digest wanted;
    uint64_t all;
    see(&wanted, &all, NULL, sim, model);
    engram_sim_free(sim);
    for (uint64_t steps = 0; steps <= all; steps += steps % 3 ? 1 : 5)
        go_on(path, strict, false, steps, all, &wanted);
    engram_model_close(model);
}

static void test_each_step(void **state)
{
    (void)state;
    test_each_step_of("golden/chain.mpk");
    test_each_step_of("golden/changed.mpk");
    test_each_step_of("golden/events.mpk");
    test_each_step_of("golden/single.mpk");
    test_each_step_of("golden/indexed.mpk");
}

/* ---- what is refused ------------------------------------------------------------------------
 */

static engram_sim *chain_at(const engram_model *model, uint64_t steps)
{
    engram_sim *sim = build(model, fast, 0, NULL);
    engram_progress at = ENGRAM_PROGRESS_INIT;
    engram_error err;
    while (at.total < steps)
        assert_ok(engram_sim_advance(sim, steps - at.total, &at, &err), &err);
    return sim;
}

static const char *temp_path(const char *name)
{
    static char path[4096];
    snprintf(path, sizeof path, "%s/%s", check_temp_dir(), name);
    return path;
}

static void refuse_build(const engram_model *model, const engram_checkpoint *from,
                         uint32_t flags, const char *results, engram_status wanted,
                         const char *says)
{
    engram_sim_options options = ENGRAM_SIM_OPTIONS_INIT;
    engram_sim *sim;
    engram_error err;
    options.checkpoint = from;
    options.flags = flags;
    options.results = results;
    assert_int_equal(engram_sim_build(&sim, model, &options, &err), wanted);
    assert_string_contains(err.message, says);
    assert_null(sim);
}

static void test_what_does_not_fit(void **state)
{
    (void)state;
    engram_model *model = open_model(check_data_path("golden/chain.mpk"));
    engram_model *other = open_model(check_data_path("golden/changed.mpk"));
    engram_sim *sim = chain_at(model, 70);
    engram_checkpoint *kept;
    engram_error err;
    assert_ok(engram_sim_store(&kept, sim, &err), &err);
    refuse_build(other, kept, 0, NULL, ENGRAM_E_DIGEST, "of another network");
    refuse_build(model, kept, ENGRAM_SIM_KEEP, NULL, ENGRAM_E_STATE, "has no records");
    refuse_build(model, kept, ENGRAM_SIM_DIGEST, NULL, ENGRAM_E_STATE, "no digests of spikes");
    refuse_build(model, kept, 0, temp_path("none.h5"), ENGRAM_E_STATE,
                 "a checkpoint of a run without results");
    engram_sim *another = build(other, fast, 0, NULL);
    assert_int_equal(engram_sim_restore(another, kept, &err), ENGRAM_E_DIGEST);
    assert_ok(engram_sim_advance(another, 1, NULL, &err), &err); /* it is as before */
    engram_sim_free(another);
    another = build(model, philox, 0, NULL);
    assert_int_equal(engram_sim_restore(another, kept, &err), ENGRAM_E_STATE);
    assert_string_contains(err.message, "draws by brian-standalone, the simulation by philox");
    engram_sim_free(another);
    assert_int_equal(engram_sim_checkpoint(sim, temp_path("no/such/folder"), NULL, &err),
                     ENGRAM_E_IO);
    assert_string_contains(err.message, "no/such");
    assert_ok(engram_sim_finish(sim, NULL, &err), &err);
    engram_checkpoint *late;
    assert_int_equal(engram_sim_store(&late, sim, &err), ENGRAM_E_STATE);
    assert_null(late);
    assert_int_equal(engram_sim_restore(sim, kept, &err), ENGRAM_E_STATE);
    engram_sim_free(sim);

    engram_sim_options options = ENGRAM_SIM_OPTIONS_INIT;
    options.results = temp_path("r.h5");
    assert_ok(engram_sim_build(&sim, model, &options, &err), &err);
    assert_int_equal(engram_sim_restore(sim, kept, &err), ENGRAM_E_STATE);
    assert_string_contains(err.message, "writes a results file");
    engram_sim_free(sim);
    engram_checkpoint_close(kept);
    engram_model_close(other);
    engram_model_close(model);
}

static engram_sim *seeded_at(const engram_model *model, int64_t seed, uint64_t steps)
{
    engram_sim_options options = ENGRAM_SIM_OPTIONS_INIT;
    engram_sim *sim;
    engram_error err;
    options.seed = seed;
    options.flags = FLAGS;
    assert_ok(engram_sim_build(&sim, model, &options, &err), &err);
    assert_ok(engram_sim_advance(sim, steps, NULL, &err), &err);
    return sim;
}

static uint64_t synapses_of(engram_sim *sim)
{
    engram_error err;
    for (uint64_t k = 0; k < engram_sim_variable_count(sim); k++) {
        engram_variable v = ENGRAM_VARIABLE_INIT;
        assert_ok(engram_sim_variable_at(sim, k, &v, &err), &err);
        if (!strcmp(v.object, "S") && !strcmp(v.name, "w"))
            return v.count;
    }
    fail_msg("there are no synapses S");
    return 0;
}

/* A checkpoint brings its own synapses, into a simulation that has drawn others. */
static void test_other_synapses(void **state)
{
    (void)state;
    engram_model *model = open_model(check_data_path("golden/sparse.mpk"));
    engram_sim *whole = seeded_at(model, 2, 70);
    const uint64_t synapses = synapses_of(whole);
    engram_checkpoint *kept;
    engram_error err;
    eg_digest wanted, got;
    uint64_t rest;
    assert_ok(engram_sim_store(&kept, whole, &err), &err);
    see(&wanted, &rest, NULL, whole, model);
    engram_sim_free(whole);
    bool more = false, fewer = false;
    for (int64_t seed = 3; seed < 9; seed++) {
        engram_sim *other = seeded_at(model, seed, seed % 2 ? 1 : 30);
        more = more || synapses_of(other) > synapses;
        fewer = fewer || synapses_of(other) < synapses;
        assert_ok(engram_sim_restore(other, kept, &err), &err);
        see(&got, &rest, NULL, other, model);
        assert_true(eg_digest_equal(&got, &wanted));
        engram_sim_free(other);
    }
    assert_true(more && fewer);
    engram_checkpoint_close(kept);
    engram_model_close(model);
}

/* ---- damage
 * ---------------------------------------------------------------------------------- */

typedef struct file_bytes {
    unsigned char *data;
    size_t size;
} file_bytes;

static file_bytes read_file(const char *path)
{
    file_bytes out = {.data = malloc(1 << 20)};
    FILE *file = fopen(path, "rb");
    assert_true(file && out.data);
    out.size = fread(out.data, 1, 1 << 20, file);
    fclose(file);
    return out;
}

static void write_file(const char *path, const unsigned char *data, size_t size)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(data, 1, size, file), size);
    fclose(file);
}

static void seal(unsigned char *data, size_t size)
{
    eg_digest digest;
    eg_digest_bytes(&digest, data + SEAL, size - SEAL);
    memcpy(data + 32, digest.byte, 16);
    eg_digest_bytes(&digest, data, 48);
    memcpy(data + 48, digest.byte, 16);
}

static engram_status open_bytes(engram_checkpoint **out, const unsigned char *data, size_t size,
                                engram_error *err)
{
    const char *path = temp_path("damaged");
    write_file(path, data, size);
    return engram_checkpoint_open(out, path, NULL, err);
}

static file_bytes chain_file(const engram_model *model, uint64_t steps)
{
    engram_sim *sim = chain_at(model, steps);
    engram_error err;
    assert_ok(engram_sim_checkpoint(sim, temp_path("whole"), NULL, &err), &err);
    engram_sim_free(sim);
    return read_file(temp_path("whole"));
}

static void test_damage_is_refused(void **state)
{
    (void)state;
    engram_model *model = open_model(check_data_path("golden/chain.mpk"));
    file_bytes whole = chain_file(model, 70);
    engram_checkpoint *from;
    engram_error err;
    for (size_t at = 0; at < whole.size; at += at < 600 ? 1 : 7) {
        whole.data[at] ^= 0x10;
        const engram_status flipped = open_bytes(&from, whole.data, whole.size, &err);
        assert_true(flipped == ENGRAM_E_DIGEST || flipped == ENGRAM_E_FORMAT);
        assert_null(from);
        whole.data[at] ^= 0x10;
        const engram_status cut = open_bytes(&from, whole.data, at, &err);
        assert_int_equal(cut, ENGRAM_E_FORMAT);
        assert_string_contains(err.message, at < 16 ? "is no checkpoint" : "is truncated");
    }
    whole.data[20] = 3; /* a newer minor version, with a section that is not known here */
    memcpy(whole.data + whole.size, "novelty \0\0\0\0\0\0\0\0", 16);
    whole.data[24] = (unsigned char)(whole.data[24] + 16);
    whole.data[25] = (unsigned char)(whole.data[25] + (whole.data[24] < 16));
    seal(whole.data, whole.size + 16);
    assert_ok(open_bytes(&from, whole.data, whole.size + 16, &err), &err);
    engram_sim_free(build(model, fast, 0, from));
    engram_checkpoint_close(from);
    whole.data[20] = 0; /* in this version it is no section */
    seal(whole.data, whole.size + 16);
    assert_int_equal(open_bytes(&from, whole.data, whole.size + 16, &err), ENGRAM_E_FORMAT);
    assert_string_contains(err.message, "no section at byte");
    whole.data[16] = 2;
    seal(whole.data, whole.size + 16);
    assert_int_equal(open_bytes(&from, whole.data, whole.size + 16, &err), ENGRAM_E_VERSION);
    assert_string_contains(err.message, "of version 2, this library reads 1");
    assert_int_equal(engram_checkpoint_open(&from, temp_path("none"), NULL, &err), ENGRAM_E_IO);
    free(whole.data);
    engram_model_close(model);
}

/* Bytes that lie, under a digest that is right: refused or run, and nothing else. */
static void test_lies_of(const char *name)
{
    engram_model *model = open_model(check_data_path(name));
    file_bytes whole = chain_file(model, 84);
    size_t refused = 0, went_on = 0;
    for (size_t at = SEAL; at < whole.size; at += 3) {
        const unsigned char before = whole.data[at];
        engram_sim_options options = ENGRAM_SIM_OPTIONS_INIT;
        engram_checkpoint *from;
        engram_sim *sim = NULL;
        engram_error err;
        whole.data[at] = at % 2 ? 0xff : (unsigned char)(before + 1);
        seal(whole.data, whole.size);
        engram_status status = open_bytes(&from, whole.data, whole.size, &err);
        options.checkpoint = from;
        if (!status)
            status = engram_sim_build(&sim, model, &options, &err);
        if (!status)
            status = engram_sim_advance(sim, 40, NULL, &err);
        refused += status != ENGRAM_OK;
        went_on += status == ENGRAM_OK;
        engram_sim_free(sim);
        engram_checkpoint_close(from);
        whole.data[at] = before;
    }
    assert_true(refused > 100 && went_on > 100);
    free(whole.data);
    engram_model_close(model);
}

static void test_lies_are_answered(void **state)
{
    (void)state;
    test_lies_of("golden/chain.mpk");
    test_lies_of("golden/events.mpk");
}

/* ---- without memory
 * -------------------------------------------------------------------------- */

/* Store, to a file and in memory, open, go on, go back; false when memory was out. */
static bool all_of_it(const engram_alloc *alloc, const char *file)
{
    engram_model_options model_options = ENGRAM_MODEL_OPTIONS_INIT;
    engram_sim_options options = ENGRAM_SIM_OPTIONS_INIT;
    engram_model *model = NULL;
    engram_sim *sim = NULL;
    engram_checkpoint *kept = NULL, *from = NULL;
    engram_error err;
    model_options.alloc = alloc;
    options.flags = FLAGS;
    engram_status status =
        engram_model_open(&model, check_data_path("golden/chain.mpk"), &model_options, &err);
    if (!status)
        status = engram_sim_build(&sim, model, &options, &err);
    if (!status)
        status = engram_sim_advance(sim, 72, NULL, &err);
    if (!status)
        status = engram_sim_store(&kept, sim, &err);
    if (!status)
        status = engram_sim_checkpoint(sim, file, NULL, &err);
    if (!status)
        status = engram_sim_advance(sim, 10, NULL, &err);
    if (!status)
        status = engram_sim_restore(sim, kept, &err);
    engram_sim_free(sim);
    engram_checkpoint_close(kept);
    sim = NULL;
    if (!status)
        status = engram_checkpoint_open(&from, file, alloc, &err);
    options.checkpoint = from;
    if (!status)
        status = engram_sim_build(&sim, model, &options, &err);
    if (!status)
        status = engram_sim_advance(sim, 10, NULL, &err);
    engram_sim_free(sim);
    engram_checkpoint_close(from);
    engram_model_close(model);
    if (status)
        assert_int_equal(status, ENGRAM_E_MEMORY);
    return !status;
}

static void test_without_memory(void **state)
{
    (void)state;
    struct check_alloc check;
    check_alloc_init(&check, SIZE_MAX);
    assert_true(all_of_it(&check.alloc, temp_path("checkpoint")));
    const size_t calls = check.calls;
    for (size_t n = 0; n < calls; n += n < calls / 2 ? 1 : 5) { /* the later ones sync a file */
        check_alloc_init(&check, n);
        assert_false(all_of_it(&check.alloc, temp_path("checkpoint")));
        assert_int_equal(check.live, 0);
        assert_int_equal(check.live_bytes, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_model),       cmocka_unit_test(test_each_step),
        cmocka_unit_test(test_what_does_not_fit), cmocka_unit_test(test_other_synapses),
        cmocka_unit_test(test_damage_is_refused), cmocka_unit_test(test_lies_are_answered),
        cmocka_unit_test(test_without_memory)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
