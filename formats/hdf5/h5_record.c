#include "hdf5/h5_record.h"

#include "common/libm.h"
#include "network/spikes.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
    BLOCK_BYTES = 1 << 20, /* buffered for each dataset before it is written */
    STEPS_LEAST = 4,
    STEPS_MOST = 8192,
    FLUSH_SECONDS = 1,
    EVENT_CHUNK = 16384 /* events; chunks of a state variable are one block */
};

static engram_status failed(eg_recorder *r, const char *where, engram_error *err)
{
    r->failed = true;
    return eg_h5_fail(&r->file, ENGRAM_E_IO, where, err);
}

/* ---- creating -----------------------------------------------------------------------------
 */

static hid_t make_set(hid_t parent, const char *name, eg_dtype dtype, int ndim,
                      const hsize_t *size, const hsize_t *most, const hsize_t *chunk)
{
    const hid_t type = eg_h5_dtype(dtype, true), properties = eg_h5_plain_dataset();
    const hid_t space = ndim ? H5Screate_simple(ndim, size, most) : H5Screate(H5S_SCALAR);
    hid_t set = -1;
    if (type >= 0 && properties >= 0 && space >= 0 &&
        (!chunk || H5Pset_chunk(properties, ndim, chunk) >= 0))
        set = H5Dcreate2(parent, name, type, space, H5P_DEFAULT, properties, H5P_DEFAULT);
    eg_h5_done(type, space, properties);
    return set;
}

/* rows 0: [steps], else [rows, steps]. */
static bool grow_open(growing *g, hid_t group, const char *name, eg_dtype dtype, uint64_t rows,
                      size_t room, const double *dim, const char *unit)
{
    const hsize_t chunk_rows = rows && rows < BLOCK_BYTES / room ? rows : BLOCK_BYTES / room;
    const hsize_t size[2] = {rows, 0}, most[2] = {rows, H5S_UNLIMITED};
    const hsize_t chunk[2] = {chunk_rows ? chunk_rows : 1, room};
    const int skip = rows ? 0 : 1;
    g->size = eg_dtype_size(dtype);
    g->rows = rows;
    g->memory = eg_h5_dtype(dtype, false);
    g->set = make_set(group, name, dtype, 2 - skip, size + skip, most + skip, chunk + skip);
    return g->set >= 0 && g->memory >= 0 && eg_h5_put_dim(g->set, dim, unit);
}

static bool open_indices(hid_t group, const engram_record_monitor *m)
{
    const hsize_t rows = m->rows;
    const hid_t type = eg_h5_dtype(EG_I32, true), space = H5Screate_simple(1, &rows, NULL);
    const hid_t properties = eg_h5_plain_dataset();
    hid_t set = -1;
    bool good = type >= 0 && space >= 0 && properties >= 0;
    /* Attributes are limited to 64 KiB: a long list is a dataset of the same name. */
    if (good && rows * sizeof(int32_t) <= 32768) {
        const hid_t a = H5Acreate2(group, "indices", type, space, H5P_DEFAULT, H5P_DEFAULT);
        good = a >= 0 && (!rows || H5Awrite(a, H5T_NATIVE_INT32, m->indices) >= 0);
        if (a >= 0)
            H5Aclose(a);
    } else if (good) {
        set = H5Dcreate2(group, "indices", type, space, H5P_DEFAULT, properties, H5P_DEFAULT);
        good = set >= 0 &&
               H5Dwrite(set, H5T_NATIVE_INT32, H5S_ALL, H5S_ALL, H5P_DEFAULT, m->indices) >= 0;
    }
    if (set >= 0)
        H5Dclose(set);
    eg_h5_done(type, space, properties);
    return good;
}

static const char *kind_name(engram_record_kind kind)
{
    static const char *const names[] = {"spike", "event", "state", "rate"};
    return names[kind];
}

static bool open_sets(recording *x, hid_t group, const engram_record_monitor *m)
{
    static const double none[7] = {0}, second[7] = {0, 0, 1, 0, 0, 0, 0};
    const uint64_t rows = m->kind == ENGRAM_RECORD_STATES ? m->rows : 0;
    size_t n = 0;
    bool good = true;
    if (x->keep)
        good = grow_open(&x->column[n++], group, "t", EG_F64, 0, x->room, second, "s");
    if (good && x->keep && is_events(m->kind))
        good = grow_open(&x->column[n++], group, "i", EG_I32, 0, x->room, none, NULL);
    for (size_t c = 0; good && x->keep && c < m->column_count; c++) {
        const engram_record_column *column = &m->columns[c];
        good = grow_open(&x->column[n++], group, column->name, (eg_dtype)column->dtype, rows,
                         x->room, column->dim, column->unit);
    }
    if (good && is_events(m->kind)) {
        const hsize_t size = m->rows;
        /* Chunked: readers of a growing file refuse contiguous data behind its end. */
        x->count_set = make_set(group, "count", EG_I32, 1, &size, NULL, size ? &size : NULL);
        good = x->count_set >= 0 && (!size || H5Dwrite(x->count_set, H5T_NATIVE_INT32, H5S_ALL,
                                                       H5S_ALL, H5P_DEFAULT, x->count) >= 0);
    }
    x->set_count = n;
    return good;
}

/* Buffers: room steps for every dataset. */
static bool open_buffers(eg_recorder *r, recording *x, const engram_record_monitor *m)
{
    size_t room = EVENT_CHUNK;
    if (m->kind == ENGRAM_RECORD_STATES) {
        const uint64_t fit = m->rows ? BLOCK_BYTES / 8 / m->rows : STEPS_MOST;
        room = fit < STEPS_LEAST ? STEPS_LEAST : fit > STEPS_MOST ? STEPS_MOST : (size_t)fit;
    }
    x->room = room;
    x->column = eg_calloc_array(r->alloc, m->column_count + 2, sizeof *x->column);
    if (!x->column)
        return false;
    for (size_t k = 0; k < m->column_count + 2; k++)
        x->column[k].set = x->column[k].memory = -1;
    x->hash =
        eg_calloc_aligned(r->alloc, (m->column_count + 2) * sizeof *x->hash, _Alignof(eg_hash));
    if (!x->hash)
        return false;
    for (size_t k = 0; k < m->column_count + 2; k++)
        eg_hash_begin(&x->hash[k]);
    if (!is_events(m->kind))
        return true;
    x->count = eg_calloc_array(r->alloc, (size_t)m->rows, sizeof *x->count);
    x->train = eg_calloc_aligned(r->alloc, sizeof *x->train, _Alignof(eg_train));
    if (!x->count || !x->train)
        return false;
    eg_train_begin(x->train);
    return true;
}

static bool buffer_columns(eg_recorder *r, recording *x)
{
    for (size_t k = 0; k < x->set_count; k++) {
        growing *g = &x->column[k];
        size_t bytes;
        if (!eg_mul_size(&bytes, g->size * x->room, g->rows ? (size_t)g->rows : 1))
            return false;
        g->buffer = eg_calloc(r->alloc, bytes);
        if (!g->buffer ||
            (g->rows && !eg_grow(r->alloc, &r->turned, &r->turned_size, bytes, 1)))
            return false;
    }
    return true;
}

static engram_status open_monitor(eg_recorder *r, recording *x, hid_t results,
                                  const engram_record_monitor *m, engram_error *err)
{
    x->count_set = -1;
    x->kind = m->kind;
    x->keep = m->keep || !is_events(m->kind);
    x->rows = m->rows;
    x->column_count = m->column_count;
    x->name = eg_calloc(r->alloc, strlen(m->name) + 1);
    if (x->name)
        memcpy(x->name, m->name, strlen(m->name));
    if (!x->name || !open_buffers(r, x, m))
        return eg_fail_memory(err, "a monitor's buffers");
    const hid_t group = eg_h5_new_group(results, m->name);
    bool good = group >= 0 && eg_h5_put_text(group, "kind", kind_name(m->kind)) &&
                eg_h5_put_text(group, "source", m->source) && open_sets(x, group, m);
    if (good && m->kind == ENGRAM_RECORD_STATES) {
        int32_t *all = NULL;
        engram_record_monitor described = *m;
        if (!m->indices) {
            all = eg_calloc_array(r->alloc, (size_t)m->rows, sizeof *all);
            if (!all) {
                H5Gclose(group);
                return eg_fail_memory(err, "a monitor's indices");
            }
            for (uint64_t k = 0; k < m->rows; k++)
                all[k] = (int32_t)k;
            described.indices = all;
        }
        good = open_indices(group, &described);
        eg_free(r->alloc, all, (size_t)m->rows * sizeof *all);
    }
    if (group >= 0)
        H5Gclose(group);
    if (!good)
        return failed(r, m->name, err);
    return buffer_columns(r, x) ? ENGRAM_OK : eg_fail_memory(err, "a monitor's buffers");
}

static engram_status check_monitors(const engram_record_monitor *m, size_t count,
                                    engram_error *err)
{
    for (size_t k = 0; k < count; k++) {
        if (!eg_h5_good_name(m[k].name))
            return eg_fail(err, ENGRAM_E_ARGUMENT,
                           "monitor %zu has a name that HDF5 cannot hold", k);
        if ((unsigned)m[k].kind > ENGRAM_RECORD_RATE || m[k].rows > INT32_MAX)
            return eg_fail(err, ENGRAM_E_ARGUMENT, "monitor %s has an unknown kind or size",
                           m[k].name);
        for (size_t j = 0; j < k; j++)
            if (!strcmp(m[j].name, m[k].name))
                return eg_fail(err, ENGRAM_E_ARGUMENT, "two monitors are called %s", m[k].name);
        for (size_t c = 0; c < m[k].column_count; c++)
            if (!eg_h5_good_name(m[k].columns[c].name) ||
                (unsigned)m[k].columns[c].dtype >= EG_DTYPE_COUNT)
                return eg_fail(err, ENGRAM_E_ARGUMENT,
                               "monitor %s has a column of a wrong name or type", m[k].name);
    }
    return ENGRAM_OK;
}

/* Say to other processes that we write it; where locks are not known, nobody asks. The lock is
 * of the kind that other descriptors of this process do not lift. */
static void claim(const eg_recorder *r)
{
#if defined(F_OFD_SETLK)
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    (void)fcntl(r->file.descriptor, F_OFD_SETLK, &lock);
#else
    (void)r;
#endif
}

static bool write_until(eg_recorder *r, double t)
{
    return H5Dwrite(r->until, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, &t) >= 0;
}

/* Nothing has been recorded yet: everything before any time is there. */
static bool open_until(eg_recorder *r)
{
    static const double second[7] = {0, 0, 1, 0, 0, 0, 0};
    const hsize_t one = 1;
    r->latest = -HUGE_VAL;
    r->until = make_set(r->file.id, "until", EG_F64, 1, &one, NULL, &one);
    return r->until >= 0 && eg_h5_put_dim(r->until, second, "s") && write_until(r, r->latest);
}

static engram_status open_file(eg_recorder *r, const engram_record_header *header,
                               const engram_record_monitor *monitors, eg_earlier *from,
                               engram_error *err)
{
    const int64_t major = EG_FORMAT_MAJOR, minor = EG_FORMAT_MINOR;
    char beside[4096];
    /* Of those that go on only one can: it has locked what it goes on from. */
    engram_status status = from ? ENGRAM_OK : eg_h5_judge_idle(r->partial, err);
    if (!status)
        status = from ? eg_beside_fixed(beside, sizeof beside, r->partial, err)
                      : eg_beside_path(beside, sizeof beside, r->partial, err);
    if (status)
        return status;
    errno = 0;
    status = eg_h5_create(&r->file, beside, true, err);
    const int code = errno;
    if (status && code) /* by the name that it was to have */
        return eg_fail(err, status, "cannot create %s: %s", r->partial, strerror(code));
    if (status)
        return status;
    snprintf(r->file.path, sizeof r->file.path, "%s", r->partial);
    const hid_t root = H5Gopen2(r->file.id, "/", H5P_DEFAULT);
    const hid_t results = root < 0 ? -1 : eg_h5_new_group(root, "results");
    bool good = results >= 0 && eg_h5_put_text(root, "format", EG_H5_RESULTS_NAME) &&
                eg_h5_put_number(root, "major", EG_I64, &major, 0) &&
                eg_h5_put_number(root, "minor", EG_I64, &minor, 0);
    const char *const names[] = {"archive", "archive_digest", "engine", "left_out"};
    const char *const texts[] = {header->archive, header->archive_digest, header->engine,
                                 header->left_out};
    for (size_t k = 0; good && k < sizeof names / sizeof *names; k++)
        good = !texts[k] || eg_h5_put_text(root, names[k], texts[k]);
    if (root >= 0)
        H5Gclose(root);
    if (!good)
        status = failed(r, "the root", err);
    if (!status && !open_until(r))
        status = failed(r, "until", err);
    for (size_t k = 0; !status && k < r->monitor_count; k++)
        status = open_monitor(r, &r->monitor[k], results, &monitors[k], err);
    if (results >= 0)
        H5Gclose(results);
    if (!status && from)
        status = eg_h5_recorder_take(r, monitors, from, err);
    /* The start reads back what it has written: it must really stand on the disk. */
    if (!status && (H5Fflush(r->file.id, H5F_SCOPE_GLOBAL) < 0 || r->file.error ||
                    H5Fstart_swmr_write(r->file.id) < 0 || r->file.error))
        status = failed(r, "the start of shared reading", err);
    if (!status)
        claim(r);
    /* Only now does it open for others, whatever becomes of us. */
    if (!status && rename(beside, r->partial))
        status = eg_fail(err, ENGRAM_E_IO, "cannot write %s: %s", r->partial, strerror(errno));
    if (status)
        eg_beside_abandon(beside);
    return status;
}

engram_status eg_h5_recorder_open(eg_recorder **out, const char *target,
                                  const engram_record_header *header,
                                  const engram_record_monitor *monitors, size_t count,
                                  eg_earlier *from, const engram_alloc *alloc,
                                  engram_error *err)
{
    *out = NULL;
    engram_status status = check_monitors(monitors, count, err);
    if (status)
        return status;
    eg_recorder *r = eg_calloc(alloc, sizeof *r);
    if (!r)
        return eg_fail_memory(err, "recording");
    r->alloc = alloc;
    r->file.id = r->file.driver = r->until = -1;
    r->file.descriptor = -1;
    r->target_size = strlen(target) + 1;
    r->partial_size = r->target_size + sizeof ".partial";
    r->target = eg_calloc(alloc, r->target_size);
    r->partial = eg_calloc(alloc, r->partial_size);
    r->monitor = eg_calloc_array(alloc, count, sizeof *r->monitor);
    r->monitor_count = r->monitor ? count : 0;
    for (size_t k = 0; k < r->monitor_count; k++)
        r->monitor[k].count_set = -1;
    if (!r->target || !r->partial || !r->monitor) {
        eg_h5_record_abandon(r);
        return eg_fail_memory(err, "recording");
    }
    snprintf(r->target, r->target_size, "%s", target);
    snprintf(r->engine, sizeof r->engine, "%s", header->engine ? header->engine : "");
    if (access(target, F_OK) == 0 && access(target, W_OK) != 0)
        status = eg_fail(err, ENGRAM_E_IO, "cannot write %s: %s", target, strerror(errno));
    eg_h5_guard guard;
    eg_h5_enter(&guard);
    if (!status) {
        snprintf(r->partial, r->partial_size, "%s.partial", target);
        clock_gettime(CLOCK_MONOTONIC, &r->flushed);
        status = open_file(r, header, monitors, from, err);
        if (status)
            r->partial[0] = '\0'; /* that of another run: not ours to remove */
    }
    eg_h5_leave(&guard);
    if (status)
        eg_h5_record_abandon(r);
    else
        *out = r;
    return status;
}

engram_status eg_h5_record_open(eg_recorder **out, const char *target,
                                const engram_record_header *header,
                                const engram_record_monitor *monitors, size_t count,
                                const engram_alloc *alloc, engram_error *err)
{
    return eg_h5_recorder_open(out, target, header, monitors, count, NULL,
                               alloc ? alloc : engram_default_alloc(), err);
}

/* ---- appending ----------------------------------------------------------------------------
 */

static bool write_block(const eg_recorder *r, growing *g, size_t fill)
{
    const int skip = g->rows ? 0 : 1;
    const hsize_t rows = g->rows ? g->rows : 1;
    const hsize_t size[2] = {rows, g->done + fill}, start[2] = {0, g->done};
    const hsize_t block[2] = {rows, fill};
    const unsigned char *from = g->buffer;
    if (rows > 1) {
        eg_transpose(r->turned, from, g->size, fill, (size_t)rows);
        from = r->turned;
    }
    if (H5Dset_extent(g->set, size + skip) < 0)
        return false;
    const hid_t space = H5Dget_space(g->set);
    const hid_t memory = H5Screate_simple(2, block, NULL);
    const bool good = space >= 0 && memory >= 0 &&
                      H5Sselect_hyperslab(space, H5S_SELECT_SET, start + skip, NULL,
                                          block + skip, NULL) >= 0 &&
                      H5Dwrite(g->set, g->memory, memory, space, H5P_DEFAULT, from) >= 0;
    if (space >= 0)
        H5Sclose(space);
    if (memory >= 0)
        H5Sclose(memory);
    g->done += fill;
    return good;
}

/* Columns first, `t` (column 0) last: a reader that goes by len(t) finds the rest there. */
engram_status eg_h5_recorder_drain(eg_recorder *r, recording *x, engram_error *err)
{
    bool good = true;
    for (size_t k = x->fill ? x->set_count : 0; good && k-- > 0;) {
        growing *g = &x->column[k];
        if (has_values(x, k))
            eg_hash_add(&x->hash[k], g->buffer, x->fill * step_bytes(g));
        good = write_block(r, g, x->fill);
    }
    x->fill = 0;
    x->dirty = true;
    if (!good || r->file.error)
        return failed(r, x->name, err);
    return ENGRAM_OK;
}

engram_status eg_h5_recorder_flush(eg_recorder *r, engram_error *err)
{
    engram_status status = ENGRAM_OK;
    for (size_t k = 0; !status && k < r->monitor_count; k++) {
        recording *x = &r->monitor[k];
        if (!x->dirty && !x->fill)
            continue;
        status = eg_h5_recorder_drain(r, x, err);
        bool good = !status;
        if (good && x->count_set >= 0 && x->rows)
            good = H5Dwrite(x->count_set, H5T_NATIVE_INT32, H5S_ALL, H5S_ALL, H5P_DEFAULT,
                            x->count) >= 0 &&
                   H5Dflush(x->count_set) >= 0;
        for (size_t c = x->set_count; good && c-- > 0;)
            good = H5Dflush(x->column[c].set) >= 0;
        if (!status && (!good || r->file.error))
            status = failed(r, x->name, err);
        x->dirty = false;
    }
    if (!status && (!write_until(r, r->latest) || H5Dflush(r->until) < 0 || r->file.error))
        status = failed(r, "until", err);
    clock_gettime(CLOCK_MONOTONIC, &r->flushed);
    return status;
}

static engram_status flush_if_due(eg_recorder *r, engram_error *err)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    const long seconds = (long)(now.tv_sec - r->flushed.tv_sec);
    if (seconds < FLUSH_SECONDS ||
        (seconds == FLUSH_SECONDS && now.tv_nsec < r->flushed.tv_nsec))
        return ENGRAM_OK;
    eg_h5_guard guard;
    eg_h5_enter(&guard);
    const engram_status status = eg_h5_recorder_flush(r, err);
    eg_h5_leave(&guard);
    return status;
}

static engram_status drain_locked(eg_recorder *r, recording *x, engram_error *err)
{
    eg_h5_guard guard;
    eg_h5_enter(&guard);
    const engram_status status = eg_h5_recorder_drain(r, x, err);
    eg_h5_leave(&guard);
    return status;
}

engram_status eg_h5_record_flush(eg_recorder *r, engram_error *err)
{
    if (r->failed)
        return eg_fail(err, ENGRAM_E_STATE, "the recording of %s failed before", r->target);
    eg_h5_guard guard;
    eg_h5_enter(&guard);
    const engram_status status = eg_h5_recorder_flush(r, err);
    eg_h5_leave(&guard);
    return status;
}

static engram_status find_monitor(recording **out, eg_recorder *r, size_t monitor, bool events,
                                  engram_error *err)
{
    if (r->failed)
        return eg_fail(err, ENGRAM_E_STATE, "the recording of %s failed before", r->target);
    if (monitor >= r->monitor_count || is_events(r->monitor[monitor].kind) != events)
        return eg_fail(err, ENGRAM_E_ARGUMENT, "there is no monitor %zu of that kind", monitor);
    *out = &r->monitor[monitor];
    return ENGRAM_OK;
}

engram_status eg_h5_record_events(eg_recorder *r, size_t monitor, uint64_t count,
                                  const int32_t *i, const double *t, const void *const *columns,
                                  engram_error *err)
{
    recording *x = NULL;
    engram_status status = find_monitor(&x, r, monitor, true, err);
    if (status)
        return status;
    for (uint64_t k = 0; k < count; k++)
        if (i[k] < 0 || (uint64_t)i[k] >= x->rows)
            return eg_fail(err, ENGRAM_E_ARGUMENT, "monitor %s: element %ld of %llu", x->name,
                           (long)i[k], (unsigned long long)x->rows);
    for (uint64_t k = 0; k < count; k++)
        x->count[i[k]]++;
    eg_train_add(x->train, count, i, t);
    if (count && t[count - 1] > r->latest)
        r->latest = t[count - 1];
    x->dirty = x->dirty || count;
    for (uint64_t done = 0; x->keep && !status && done < count;) {
        const size_t left = x->room - x->fill;
        const size_t take = count - done < left ? (size_t)(count - done) : left;
        for (size_t c = 0; c < x->set_count; c++) {
            const growing *g = &x->column[c];
            const void *from = c == 0   ? (const void *)t
                               : c == 1 ? (const void *)i
                                        : columns[c - 2];
            from = (const unsigned char *)from + (size_t)done * g->size;
            memcpy(g->buffer + x->fill * g->size, from, take * g->size);
        }
        x->fill += take;
        done += take;
        if (x->fill == x->room)
            status = drain_locked(r, x, err);
    }
    return status ? status : flush_if_due(r, err);
}

engram_status eg_h5_record_samples(eg_recorder *r, size_t monitor, uint64_t steps,
                                   const double *t, const void *const *columns,
                                   engram_error *err)
{
    recording *x = NULL;
    engram_status status = find_monitor(&x, r, monitor, false, err);
    if (status)
        return status;
    if (steps && t[steps - 1] > r->latest)
        r->latest = t[steps - 1];
    for (uint64_t done = 0; !status && done < steps;) {
        const size_t left = x->room - x->fill;
        const size_t take = steps - done < left ? (size_t)(steps - done) : left;
        memcpy(x->column[0].buffer + x->fill * sizeof *t, t + done, take * sizeof *t);
        for (size_t c = 1; c < x->set_count; c++) {
            const growing *g = &x->column[c];
            const size_t step = step_bytes(g);
            if (has_values(x, c))
                memcpy(g->buffer + x->fill * step,
                       (const unsigned char *)columns[c - 1] + done * step, take * step);
        }
        x->fill += take;
        x->dirty = true;
        done += take;
        if (x->fill == x->room)
            status = drain_locked(r, x, err);
    }
    return status ? status : flush_if_due(r, err);
}

/* ---- the end of a run ---------------------------------------------------------------------
 */

static int by_name(const void *a, const void *b)
{
    return strcmp((*(recording *const *)a)->name, (*(recording *const *)b)->name);
}

static engram_status spikes_digest(eg_recorder *r, char out[33], engram_error *err)
{
    const size_t bytes = r->monitor_count * sizeof(recording *);
    recording **order = eg_calloc(r->alloc, bytes);
    if (!order)
        return eg_fail_memory(err, "a digest");
    eg_hash all;
    eg_digest digest;
    size_t n = 0;
    eg_trains_begin(&all);
    for (size_t k = 0; k < r->monitor_count; k++)
        if (r->monitor[k].kind == ENGRAM_RECORD_SPIKES)
            order[n++] = &r->monitor[k];
    qsort(order, n, sizeof *order, by_name);
    for (size_t k = 0; k < n; k++) {
        eg_trains_add(&all, order[k]->name, order[k]->train);
        eg_train_begin(order[k]->train);
    }
    eg_trains_end(&digest, &all);
    eg_digest_text(out, &digest);
    eg_free(r->alloc, order, bytes);
    return ENGRAM_OK;
}

engram_status eg_h5_record_run(eg_recorder *r, const engram_record_run *run, char *digest,
                               engram_error *err)
{
    if (!eg_grow(r->alloc, &r->run, &r->run_room, r->run_count + 1, sizeof *r->run))
        return eg_fail_memory(err, "a run");
    run_record *kept = &r->run[r->run_count];
    memset(kept, 0, sizeof *kept);
    const engram_status status = spikes_digest(r, kept->digest, err);
    if (status)
        return status;
    kept->values = *run;
    snprintf(kept->math, sizeof kept->math, "%s", run->math);
    snprintf(kept->rng, sizeof kept->rng, "%s", run->rng);
    snprintf(kept->dialect, sizeof kept->dialect, "%s", run->dialect);
    r->run_count++;
    if (digest)
        memcpy(digest, kept->digest, sizeof kept->digest);
    return ENGRAM_OK;
}

static bool write_run(hid_t runs, size_t k, const run_record *run, const char *engine)
{
    char name[32], libm[EG_LIBM_NAME];
    snprintf(name, sizeof name, "%zu", k);
    eg_libm_name(libm);
    const int64_t threads = run->values.threads;
    const unsigned char complete = run->values.complete != 0;
    const hid_t group = eg_h5_new_group(runs, name);
    const bool good =
        group >= 0 && eg_h5_put_number(group, "start", EG_F64, &run->values.start, 0) &&
        eg_h5_put_number(group, "duration", EG_F64, &run->values.duration, 0) &&
        eg_h5_put_number(group, "simulated", EG_F64, &run->values.simulated, 0) &&
        eg_h5_put_number(group, "wall_time", EG_F64, &run->values.wall_time, 0) &&
        eg_h5_put_text(group, "math", run->math) && eg_h5_put_text(group, "rng", run->rng) &&
        eg_h5_put_text(group, "dialect", run->dialect) &&
        eg_h5_put_number(group, "seed", EG_I64, &run->values.seed, 0) &&
        eg_h5_put_number(group, "threads", EG_I64, &threads, 0) &&
        eg_h5_put_text(group, "engine", engine) && eg_h5_put_text(group, "libm", libm) &&
        eg_h5_put_text(group, "digest", run->digest) &&
        eg_h5_put_number(group, "complete", EG_BOOL, &complete, 0);
    if (group >= 0)
        H5Gclose(group);
    return good;
}

static bool write_array(hid_t state, const engram_record_array *a)
{
    if (!eg_h5_good_name(a->object) || !eg_h5_good_name(a->variable))
        return false;
    const hid_t object = H5Lexists(state, a->object, H5P_DEFAULT) > 0
                             ? H5Gopen2(state, a->object, H5P_DEFAULT)
                             : eg_h5_new_group(state, a->object);
    const hsize_t size = a->count;
    const eg_dtype dtype = (eg_dtype)a->dtype;
    const hid_t set =
        object < 0 ? -1
                   : make_set(object, a->variable, dtype, a->scalar ? 0 : 1, &size, NULL, NULL);
    const hid_t memory = eg_h5_dtype(dtype, false);
    const bool good =
        set >= 0 && memory >= 0 &&
        (!a->count || H5Dwrite(set, memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, a->data) >= 0) &&
        eg_h5_put_dim(set, a->dim, a->unit);
    if (memory >= 0)
        H5Tclose(memory);
    if (set >= 0)
        H5Dclose(set);
    if (object >= 0)
        H5Gclose(object);
    return good;
}

static engram_status write_end(eg_recorder *r, const engram_record_final *final,
                               engram_error *err)
{
    const unsigned char complete = final->complete != 0;
    const hid_t root = H5Gopen2(r->file.id, "/", H5P_DEFAULT);
    const hid_t runs = root < 0 ? -1 : eg_h5_new_group(root, "runs");
    const hid_t state = root < 0 ? -1 : eg_h5_new_group(root, "state");
    bool good = runs >= 0 && state >= 0 &&
                eg_h5_put_number(root, "complete", EG_BOOL, &complete, 0) &&
                eg_h5_put_number(state, "t", EG_F64, &final->t, 0);
    for (size_t k = 0; good && k < r->run_count; k++)
        good = write_run(runs, k, &r->run[k], r->engine);
    for (size_t k = 0; good && !r->file.error && k < final->array_count; k++)
        good = write_array(state, &final->arrays[k]);
    const engram_status status =
        good && !r->file.error ? ENGRAM_OK : failed(r, "runs and state", err);
    if (runs >= 0)
        H5Gclose(runs);
    if (state >= 0)
        H5Gclose(state);
    if (root >= 0)
        H5Gclose(root);
    return status;
}

static void close_sets(eg_recorder *r)
{
    if (r->until >= 0)
        H5Dclose(r->until);
    r->until = -1;
    for (size_t k = 0; k < r->monitor_count; k++) {
        recording *x = &r->monitor[k];
        for (size_t c = 0; x->column && c < x->column_count + 2; c++) {
            growing *g = &x->column[c];
            if (g->set >= 0)
                H5Dclose(g->set);
            if (g->memory >= 0)
                H5Tclose(g->memory);
            g->set = g->memory = -1;
        }
        if (x->count_set >= 0)
            H5Dclose(x->count_set);
        x->count_set = -1;
    }
}

static void free_monitor(eg_recorder *r, recording *x)
{
    for (size_t c = 0; x->column && c < x->set_count; c++) {
        growing *g = &x->column[c];
        eg_free(r->alloc, g->buffer, g->size * x->room * (g->rows ? (size_t)g->rows : 1));
    }
    eg_free(r->alloc, x->column, (x->column_count + 2) * sizeof *x->column);
    eg_free(r->alloc, x->count, (size_t)x->rows * sizeof *x->count);
    if (x->train)
        eg_free_aligned(r->alloc, x->train, sizeof *x->train, _Alignof(eg_train));
    if (x->hash)
        eg_free_aligned(r->alloc, x->hash, (x->column_count + 2) * sizeof *x->hash,
                        _Alignof(eg_hash));
    if (x->name)
        eg_free(r->alloc, x->name, strlen(x->name) + 1);
}

static void recorder_free(eg_recorder *r)
{
    for (size_t k = 0; k < r->monitor_count; k++)
        free_monitor(r, &r->monitor[k]);
    eg_free(r->alloc, r->monitor, r->monitor_count * sizeof *r->monitor);
    eg_free(r->alloc, r->run, r->run_room * sizeof *r->run);
    eg_free(r->alloc, r->turned, r->turned_size);
    eg_free(r->alloc, r->target, r->target_size);
    eg_free(r->alloc, r->partial, r->partial_size);
    eg_free(r->alloc, r, sizeof *r);
}

engram_status eg_h5_record_finish(eg_recorder *r, const engram_record_final *final,
                                  engram_error *err)
{
    engram_status status = ENGRAM_OK;
    if (r->failed)
        status = eg_fail(err, ENGRAM_E_STATE, "the recording of %s failed before", r->target);
    eg_h5_guard guard;
    eg_h5_enter(&guard);
    if (!status)
        status = eg_h5_recorder_flush(r, err);
    close_sets(r);
    const engram_status closed = eg_h5_close(&r->file, status ? NULL : err);
    status = status ? status : closed;
    if (!status)
        status = eg_h5_reopen(&r->file, r->partial, err);
    if (!status) {
        status = write_end(r, final, err);
        const engram_status again = eg_h5_close(&r->file, status ? NULL : err);
        status = status ? status : again;
    }
    eg_h5_leave(&guard);
    if (!status)
        status = eg_h5_seal_write(r->partial, EG_HDF5_RESULTS, err);
    if (!status) {
        status = eg_beside_rename(r->partial, r->target, err);
        if (!status)
            r->partial[0] = '\0'; /* else it stays if a checkpoint counts on it */
    }
    eg_h5_record_abandon(r);
    return status;
}

void eg_h5_record_abandon(eg_recorder *r)
{
    if (!r)
        return;
    eg_h5_guard guard;
    eg_h5_enter(&guard);
    if (r->monitor)
        close_sets(r);
    (void)eg_h5_close(&r->file, NULL);
    eg_h5_leave(&guard);
    if (r->partial && r->partial[0] && !r->marked)
        eg_beside_abandon(r->partial);
    recorder_free(r);
}
