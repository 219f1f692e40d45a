/* Marks: a run goes on in another process (docs/checkpoint.md). */
#include "hdf5/h5_record.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void pack_run(eg_buf *mark, const run_record *run)
{
    eg_pack_f64(mark, run->values.start);
    eg_pack_f64(mark, run->values.duration);
    eg_pack_f64(mark, run->values.simulated);
    eg_pack_f64(mark, run->values.wall_time);
    eg_pack_i64(mark, run->values.seed);
    eg_pack_u64(mark, run->values.threads);
    eg_pack_u64(mark, run->values.complete != 0);
    eg_pack_text(mark, run->math);
    eg_pack_text(mark, run->rng);
    eg_pack_text(mark, run->dialect);
    eg_pack_text(mark, run->digest);
}

static void pack_monitor(eg_buf *mark, const recording *x)
{
    eg_pack_text(mark, x->name);
    eg_pack_u64(mark, x->set_count ? x->column[0].done : 0);
    eg_pack_u64(mark, x->set_count);
    for (size_t k = 0; k < x->set_count; k++) {
        eg_digest digest;
        eg_hash_end(&digest, &x->hash[k]);
        eg_pack_array(mark, digest.byte, sizeof digest.byte);
    }
    if (!is_events(x->kind))
        return;
    unsigned char hash[EG_HASH_STORED];
    eg_hash_store(hash, &x->train->hash);
    eg_pack_array(mark, x->count, x->rows * sizeof *x->count);
    eg_pack_u64(mark, x->train->events);
    eg_pack_array(mark, hash, sizeof hash);
}

engram_status eg_h5_record_mark(eg_recorder *r, eg_buf *mark, engram_error *err)
{
    engram_status status = eg_h5_record_flush(r, err);
    if (status)
        return status;
    if (fsync(r->file.descriptor)) {
        r->failed = true;
        return eg_fail(err, ENGRAM_E_IO, "cannot write %s: %s", r->partial, strerror(errno));
    }
    eg_pack_f64(mark, r->latest);
    eg_pack_u64(mark, r->run_count);
    for (size_t k = 0; k < r->run_count; k++)
        pack_run(mark, &r->run[k]);
    eg_pack_u64(mark, r->monitor_count);
    for (size_t k = 0; k < r->monitor_count; k++)
        pack_monitor(mark, &r->monitor[k]);
    r->marked = true;
    return mark->failed ? eg_fail_memory(err, "the mark of a recording") : ENGRAM_OK;
}

static engram_status no_mark(const eg_recorder *r, const char *what, engram_error *err)
{
    return eg_fail(err, ENGRAM_E_FORMAT, "what the checkpoint says of %s is malformed: %s",
                   r->target, what);
}

static engram_status unpack_run(eg_recorder *r, eg_unpack *mark, engram_error *err)
{
    if (!eg_grow(r->alloc, &r->run, &r->run_room, r->run_count + 1, sizeof *r->run))
        return eg_fail_memory(err, "a run");
    run_record *run = &r->run[r->run_count++];
    memset(run, 0, sizeof *run);
    run->values.start = eg_unpack_f64(mark);
    run->values.duration = eg_unpack_f64(mark);
    run->values.simulated = eg_unpack_f64(mark);
    run->values.wall_time = eg_unpack_f64(mark);
    run->values.seed = eg_unpack_i64(mark);
    run->values.threads = (uint32_t)eg_unpack_count(mark, UINT32_MAX);
    run->values.complete = eg_unpack_count(mark, 1) != 0;
    snprintf(run->math, sizeof run->math, "%s", eg_unpack_text(mark));
    snprintf(run->rng, sizeof run->rng, "%s", eg_unpack_text(mark));
    snprintf(run->dialect, sizeof run->dialect, "%s", eg_unpack_text(mark));
    snprintf(run->digest, sizeof run->digest, "%s", eg_unpack_text(mark));
    return mark->failed ? no_mark(r, "a run", err) : ENGRAM_OK;
}

static const char *column_name(const recording *x, const engram_record_monitor *m, size_t k)
{
    const size_t own = is_events(x->kind) ? 2 : 1;
    return k == 0 ? "t" : k < own ? "i" : m->columns[k - own].name;
}

/* One block of a column, in `at` as the engine gives it. */
static engram_status read_earlier(unsigned char *at, unsigned char *room, eg_earlier *from,
                                  const recording *x, const engram_record_monitor *m, size_t k,
                                  uint64_t first, uint64_t count, engram_error *err)
{
    const growing *g = &x->column[k];
    eg_dtype dtype = EG_F64;
    if (!eg_h5_dtype_of(&dtype, g->memory))
        return eg_fail(err, ENGRAM_E_FORMAT, "%s: a column of no type", x->name);
    const engram_status status =
        eg_h5_past_read(g->rows ? room : at, from->file, x->name, column_name(x, m, k), dtype,
                        g->rows, first, count, err);
    if (!status && g->rows)
        eg_transpose(at, room, g->size, (size_t)g->rows, (size_t)count);
    return status;
}

/* The first `records` of a monitor, through the same way that they went first. */
static engram_status copy_earlier(eg_recorder *r, size_t monitor, eg_earlier *from,
                                  const engram_record_monitor *m, uint64_t records,
                                  engram_error *err)
{
    recording *x = &r->monitor[monitor];
    const size_t rows = x->kind == ENGRAM_RECORD_STATES && x->rows ? (size_t)x->rows : 1;
    const size_t bytes = x->room * rows * sizeof(double);
    unsigned char *block = eg_calloc_array(r->alloc, x->set_count + 1, bytes);
    const void **column = eg_calloc_array(r->alloc, x->set_count + 1, sizeof *column);
    engram_status status = block && column ? ENGRAM_OK : eg_fail_memory(err, "earlier results");
    for (size_t k = 0; !status && k < x->set_count; k++)
        column[k] = block + k * bytes;
    for (uint64_t first = 0; !status && first < records;) {
        const uint64_t left = records - first, n = left < x->room ? left : x->room;
        for (size_t k = 0; !status && k < x->set_count; k++)
            if (x->kind != ENGRAM_RECORD_STATES || !k || x->rows)
                status = read_earlier(block + k * bytes, block + x->set_count * bytes, from, x,
                                      m, k, first, n, err);
        if (!status && is_events(x->kind))
            status = eg_h5_record_events(r, monitor, n, column[1], column[0], column + 2, err);
        else if (!status)
            status = eg_h5_record_samples(r, monitor, n, column[0], column + 1, err);
        first += n;
    }
    eg_free(r->alloc, block, (x->set_count + 1) * bytes);
    eg_free(r->alloc, column, (x->set_count + 1) * sizeof *column);
    return status ? status : eg_h5_recorder_drain(r, x, err);
}

static engram_status take_monitor(eg_recorder *r, size_t monitor, eg_earlier *from,
                                  const engram_record_monitor *m, engram_error *err)
{
    recording *x = &r->monitor[monitor];
    eg_unpack *mark = &from->mark;
    const bool same = !strcmp(eg_unpack_text(mark), x->name);
    const uint64_t records = eg_unpack_u64(mark), sets = eg_unpack_u64(mark);
    if (mark->failed || !same || sets != x->set_count)
        return no_mark(r, x->name, err);
    engram_status status = sets ? copy_earlier(r, monitor, from, m, records, err) : ENGRAM_OK;
    for (size_t k = 0; !status && k < sets; k++) {
        eg_digest digest;
        eg_hash_end(&digest, &x->hash[k]);
        const void *wanted = eg_unpack_elements(mark, sizeof digest.byte, 1);
        if (wanted && memcmp(wanted, digest.byte, sizeof digest.byte))
            status = eg_fail(err, ENGRAM_E_DIGEST,
                             "%s: %s/%s is not what was recorded before the checkpoint",
                             eg_h5_past_path(from->file), x->name, column_name(x, m, k));
    }
    if (status || !is_events(x->kind))
        return status ? status : mark->failed ? no_mark(r, x->name, err) : ENGRAM_OK;
    const int32_t *count = eg_unpack_elements(mark, x->rows, sizeof *count);
    x->train->events = eg_unpack_u64(mark);
    const unsigned char *hash = eg_unpack_elements(mark, EG_HASH_STORED, 1);
    if (mark->failed || !hash || !eg_hash_load(&x->train->hash, hash))
        return no_mark(r, x->name, err);
    if (x->rows)
        memcpy(x->count, count, (size_t)x->rows * sizeof *count);
    x->dirty = true;
    return ENGRAM_OK;
}

engram_status eg_h5_recorder_take(eg_recorder *r, const engram_record_monitor *monitors,
                                  eg_earlier *from, engram_error *err)
{
    engram_status status = ENGRAM_OK;
    const double latest = eg_unpack_f64(&from->mark);
    const uint64_t runs = eg_unpack_u64(&from->mark);
    for (uint64_t k = 0; !status && k < runs; k++)
        status = unpack_run(r, &from->mark, err);
    if (!status && eg_unpack_u64(&from->mark) != r->monitor_count)
        status = no_mark(r, "the number of monitors", err);
    for (size_t k = 0; !status && k < r->monitor_count; k++)
        status = take_monitor(r, k, from, &monitors[k], err);
    r->latest = latest;
    r->marked = true;
    return status ? status : eg_h5_recorder_flush(r, err);
}

engram_status eg_h5_record_resume(eg_recorder **out, const char *target,
                                  const engram_record_header *header,
                                  const engram_record_monitor *monitors, size_t count,
                                  const void *mark, size_t size, const engram_alloc *alloc,
                                  engram_error *err)
{
    char partial[4096];
    *out = NULL;
    alloc = alloc ? alloc : engram_default_alloc();
    if (snprintf(partial, sizeof partial, "%s.partial", target) >= (int)sizeof partial)
        return eg_fail(err, ENGRAM_E_LIMIT, "the path %.80s... is too long", target);
    const bool unfinished = access(partial, F_OK) == 0 || access(target, F_OK) != 0;
    eg_earlier from = {.mark = {.data = mark, .size = size}};
    engram_status status =
        eg_h5_past_open(&from.file, unfinished ? partial : target, alloc, err);
    if (!status)
        status = eg_h5_recorder_open(out, target, header, monitors, count, &from, alloc, err);
    eg_h5_past_close(from.file);
    return status;
}
