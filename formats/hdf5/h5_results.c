#include "hdf5/h5.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DEEPEST = 4, PATH = 1024, BLOCK_BYTES = 4 << 20 };

/* One results file that is looked at, and what was found in it. */
typedef struct results {
    eg_h5_file file;
    const engram_alloc *alloc;
    engram_results_info found;
    engram_status status; /* of the first thing that was wrong */
    engram_error *err;
    char where[PATH]; /* "/results/spikes" */
    int depth;        /* check: of the group that is walked */
    bool ended;       /* the engine has written its last word into it */
    /* recover: what is written, and where each monitor is cut */
    eg_h5_file out;
    hid_t into; /* the group or root that is copied to */
} results;

static engram_status wrong(results *r, engram_status code, const char *found)
{
    return r->status = eg_fail(r->err, code, "%.200s: %.200s %s", r->file.path,
                               r->where[0] ? r->where : "/", found);
}

static engram_status broken(results *r)
{
    return r->status = eg_h5_fail(&r->file, ENGRAM_E_FORMAT, r->where, r->err);
}

static engram_status not_written(results *r)
{
    return r->status = eg_h5_fail(&r->out, ENGRAM_E_IO, r->where, r->err);
}

/* Down one step of the path; returns the length to cut back to. */
static size_t descend(results *r, const char *name)
{
    const size_t length = strlen(r->where);
    const int put = snprintf(r->where + length, PATH - length, "/%s", name);
    (void)put; /* a cut path is still a path for the reader of a message */
    return length;
}

/* ---- attributes ------------------------------------------------------------------------- */

static bool attribute_text(hid_t object, const char *name, char *out, size_t size)
{
    const hid_t a =
        H5Aexists(object, name) > 0 ? H5Aopen(object, name, H5P_DEFAULT) : H5I_INVALID_HID;
    const hid_t type = a < 0 ? -1 : H5Aget_type(a), space = a < 0 ? -1 : H5Aget_space(a);
    memset(out, 0, size);
    const bool good = type >= 0 && space >= 0 && H5Tget_class(type) == H5T_STRING &&
                      H5Tis_variable_str(type) == 0 && H5Tget_size(type) < size &&
                      H5Sget_simple_extent_npoints(space) == 1 && H5Aread(a, type, out) >= 0;
    eg_h5_done(type, space, -1);
    if (a >= 0)
        H5Aclose(a);
    return good;
}

static bool attribute_number(hid_t object, const char *name, eg_dtype dtype, void *out)
{
    const hid_t a =
        H5Aexists(object, name) > 0 ? H5Aopen(object, name, H5P_DEFAULT) : H5I_INVALID_HID;
    const hid_t type = a < 0 ? -1 : H5Aget_type(a), space = a < 0 ? -1 : H5Aget_space(a);
    eg_dtype stored;
    const bool good = type >= 0 && space >= 0 && eg_h5_dtype_of(&stored, type) &&
                      stored == dtype && H5Sget_simple_extent_npoints(space) == 1 &&
                      H5Aread(a, type, out) >= 0;
    eg_h5_done(type, space, -1);
    if (a >= 0)
        H5Aclose(a);
    return good;
}

static engram_status judge_root(results *r, hid_t root)
{
    char format[64];
    int64_t major;
    unsigned char flag = 0;
    if (!attribute_text(root, "format", format, sizeof format) ||
        strcmp(format, EG_H5_RESULTS_NAME))
        return wrong(r, ENGRAM_E_FORMAT, "lacks the format \"" EG_H5_RESULTS_NAME "\"");
    if (!attribute_number(root, "major", EG_I64, &major))
        return wrong(r, ENGRAM_E_SCHEMA, "lacks `major`");
    if (major != EG_FORMAT_MAJOR)
        return r->status = eg_fail(r->err, ENGRAM_E_VERSION,
                                   "%.200s has results of version %lld, this library reads %d",
                                   r->file.path, (long long)major, EG_FORMAT_MAJOR);
    r->ended = attribute_number(root, "complete", EG_BOOL, &flag);
    if (r->ended)
        r->found.complete = flag;
    if (attribute_number(root, "recovered", EG_BOOL, &flag))
        r->found.recovered = flag;
    return ENGRAM_OK;
}

/* ---- datasets --------------------------------------------------------------------------- */

typedef struct set {
    hid_t id;
    eg_dtype dtype;
    int ndim;
    hsize_t shape[2];
    uint64_t count;
} set;

static bool set_open(set *out, results *r, hid_t group, const char *name)
{
    *out = (set){.id = -1};
    const size_t length = descend(r, name);
    out->id = eg_h5_object(&r->file, group, name, H5I_DATASET, r->where, &r->status, r->err);
    if (out->id < 0)
        return false;
    r->status = eg_h5_judge(&r->file, out->id, r->where, 2, &out->ndim, out->shape, &out->count,
                            r->err);
    const hid_t type = H5Dget_type(out->id);
    if (!r->status && (type < 0 || !eg_h5_dtype_of(&out->dtype, type)))
        wrong(r, ENGRAM_E_SCHEMA, "has an element type that no results have");
    if (type >= 0)
        H5Tclose(type);
    if (r->status) {
        H5Dclose(out->id);
        return false;
    }
    r->where[length] = '\0';
    return true;
}

/* A box of rows [0, rows) and steps [first, first + count), or of one dimension. */
static bool select_box(hid_t space, int ndim, uint64_t rows, uint64_t first, uint64_t count)
{
    const hsize_t start[2] = {0, first}, size[2] = {rows, count};
    const int skip = ndim == 1 ? 1 : 0;
    return space >= 0 && H5Sselect_hyperslab(space, H5S_SELECT_SET, start + skip, NULL,
                                             size + skip, NULL) >= 0;
}

/* Steps [first, first + count) into or from memory of `memory` type. */
static bool move_box(hid_t id, bool write, hid_t memory, int ndim, uint64_t rows,
                     uint64_t first, uint64_t count, void *bytes)
{
    const hid_t space = H5Dget_space(id);
    const hsize_t size = rows * count;
    const hid_t flat = H5Screate_simple(1, &size, NULL);
    const bool good = flat >= 0 && select_box(space, ndim, rows, first, count) &&
                      (write ? H5Dwrite(id, memory, flat, space, H5P_DEFAULT, bytes)
                             : H5Dread(id, memory, flat, space, H5P_DEFAULT, bytes)) >= 0;
    if (space >= 0)
        H5Sclose(space);
    if (flat >= 0)
        H5Sclose(flat);
    return good;
}

/* Everything recorded before this time is in the file. */
static engram_status read_until(results *r, hid_t root)
{
    set until;
    if (H5Lexists(root, "until", H5P_DEFAULT) <= 0)
        return wrong(r, ENGRAM_E_SCHEMA, "lacks `until`");
    if (!set_open(&until, r, root, "until"))
        return r->status;
    if (until.dtype != EG_F64 || until.count != 1)
        wrong(r, ENGRAM_E_SCHEMA, "has an `until` that is no time");
    else if (H5Dread(until.id, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT,
                     &r->found.until) < 0)
        broken(r);
    H5Dclose(until.id);
    return r->status;
}

/* ---- monitors --------------------------------------------------------------------------- */

typedef struct monitor {
    bool events;    /* spike or event, else state or rate */
    bool kept;      /* there is a `t` */
    uint64_t steps; /* in every one of its columns */
    uint64_t whole; /* of them before `until` */
    uint64_t rows;  /* events: elements of `count` */
} monitor;

/* How many of the first `count` times lie before `until`. */
static engram_status count_before(results *r, uint64_t *out, const set *t, uint64_t count)
{
    enum { PIECE = 1024 };
    double piece[PIECE];
    *out = 0;
    for (uint64_t first = 0; first < count; first += PIECE) {
        const uint64_t left = count - first, n = left < PIECE ? left : PIECE;
        if (!move_box(t->id, false, H5T_NATIVE_DOUBLE, 1, 1, first, n, piece))
            return broken(r);
        for (uint64_t k = 0; k < n; k++)
            if (piece[k] < r->found.until)
                ++*out;
            else
                return ENGRAM_OK;
    }
    return ENGRAM_OK;
}

typedef struct columns {
    results *r;
    monitor *m;
    uint64_t longest;
} columns;

static herr_t look_at_column(hid_t group, const char *name, const H5L_info_t *info,
                             void *context)
{
    columns *c = context;
    set s;
    (void)info;
    if (!set_open(&s, c->r, group, name))
        return -1;
    const size_t length = descend(c->r, name);
    if (!strcmp(name, "count") && c->m->events) {
        c->m->rows = s.count;
        if (s.ndim != 1 || s.dtype != EG_I32)
            wrong(c->r, ENGRAM_E_SCHEMA, "has the wrong type or shape");
    } else if (strcmp(name, "indices") != 0) {
        const uint64_t steps = s.ndim ? (uint64_t)s.shape[s.ndim - 1] : 0;
        c->m->steps = steps < c->m->steps ? steps : c->m->steps;
        c->longest = steps > c->longest ? steps : c->longest;
        if (!s.ndim || (c->m->events && s.ndim != 1))
            wrong(c->r, ENGRAM_E_SCHEMA, "has the wrong type or shape");
    }
    H5Dclose(s.id);
    if (!c->r->status)
        c->r->where[length] = '\0';
    return c->r->status ? -1 : 0;
}

/* `cut`: a file that was left by a killed run, whose columns need not be equally long. */
static engram_status look_at_monitor(results *r, monitor *out, hid_t group, bool cut)
{
    char kind[16];
    set t;
    *out = (monitor){.steps = UINT64_MAX};
    if (!attribute_text(group, "kind", kind, sizeof kind))
        return wrong(r, ENGRAM_E_SCHEMA, "lacks `kind`");
    out->events = !strcmp(kind, "spike") || !strcmp(kind, "event");
    if (!out->events && strcmp(kind, "state") && strcmp(kind, "rate"))
        return wrong(r, ENGRAM_E_SCHEMA, "is of an unknown kind");
    columns c = {r, out, 0};
    hsize_t at = 0;
    if (H5Literate(group, H5_INDEX_NAME, H5_ITER_INC, &at, look_at_column, &c) < 0)
        return r->status ? r->status : broken(r);
    out->kept = H5Lexists(group, "t", H5P_DEFAULT) > 0;
    if (!out->kept) {
        out->steps = 0;
        return !out->events || c.longest ? wrong(r, ENGRAM_E_SCHEMA, "lacks `t`") : ENGRAM_OK;
    }
    if (!cut && c.longest != out->steps)
        return wrong(r, ENGRAM_E_SCHEMA, "has columns of different lengths");
    if (!set_open(&t, r, group, "t"))
        return r->status;
    if (t.dtype != EG_F64 || t.ndim != 1)
        wrong(r, ENGRAM_E_SCHEMA, "has times that are no numbers");
    else
        count_before(r, &out->whole, &t, out->steps);
    H5Dclose(t.id);
    return r->status;
}

static void count_monitor(results *r, const monitor *m, uint64_t steps)
{
    r->found.monitors++;
    if (m->events)
        r->found.events += steps;
    else
        r->found.samples += steps;
}

/* ---- check ------------------------------------------------------------------------------ */

static engram_status check_group(results *r, hid_t group);

static herr_t check_member(hid_t group, const char *name, const H5L_info_t *info, void *context)
{
    results *r = context;
    const int depth = r->depth;
    (void)info;
    const size_t length = descend(r, name);
    const hid_t object =
        eg_h5_object(&r->file, group, name, H5I_BADID, r->where, &r->status, r->err);
    if (object < 0)
        return -1;
    if (H5Iget_type(object) == H5I_GROUP) {
        monitor m;
        if (depth == DEEPEST)
            wrong(r, ENGRAM_E_LIMIT, "lies too deep");
        else if (depth == 1 && !strncmp(r->where, "/results/", 9)) {
            if (!look_at_monitor(r, &m, object, false))
                count_monitor(r, &m, m.steps);
        } else {
            r->found.runs += depth == 1 && !strncmp(r->where, "/runs/", 6);
            check_group(r, object);
        }
        H5Gclose(object);
    } else {
        set s;
        H5Oclose(object);
        r->where[length] = '\0';
        if (!set_open(&s, r, group, name))
            return -1;
        H5Dclose(s.id);
    }
    if (!r->status)
        r->where[length] = '\0';
    return r->status ? -1 : 0;
}

static engram_status check_group(results *r, hid_t group)
{
    hsize_t at = 0;
    r->depth++;
    if (H5Literate(group, H5_INDEX_NAME, H5_ITER_INC, &at, check_member, r) < 0 && !r->status)
        broken(r);
    r->depth--;
    return r->status;
}

static engram_status check_contents(results *r)
{
    const hid_t root = H5Gopen2(r->file.id, "/", H5P_DEFAULT);
    if (root < 0)
        return broken(r);
    r->depth = -1;
    if (!judge_root(r, root) && !read_until(r, root))
        check_group(r, root);
    H5Gclose(root);
    return r->status;
}

static void give(engram_results_info *out, const results *r)
{
    if (!out)
        return;
    engram_results_info all = r->found;
    all.size = out->size;
    memcpy(out, &all, out->size < sizeof all ? out->size : sizeof all);
}

engram_status eg_h5_check_results(engram_results_info *info, const char *path, unsigned flags,
                                  engram_error *err)
{
    eg_mapping mapping;
    engram_status status = eg_mapping_open(&mapping, path, err);
    if (status)
        return status;
    status = eg_h5_seal_check(&mapping, EG_HDF5_RESULTS, flags, path, err);
    results *r = status ? NULL : eg_calloc(engram_default_alloc(), sizeof *r);
    if (!r) {
        eg_mapping_close(&mapping);
        return status ? status : eg_fail_memory(err, "checking results");
    }
    r->err = err;
    eg_h5_guard guard;
    eg_h5_enter(&guard);
    status = eg_h5_open(&r->file, path, mapping, false, err);
    if (!status) {
        status = check_contents(r);
        (void)eg_h5_close(&r->file, NULL);
    }
    eg_h5_leave(&guard);
    if (!status)
        give(info, r);
    eg_free(engram_default_alloc(), r, sizeof *r);
    return status;
}

/* ---- recover ---------------------------------------------------------------------------- */

static herr_t copy_attribute(hid_t from, const char *name, const H5A_info_t *info,
                             void *context)
{
    const hid_t to = *(const hid_t *)context;
    enum { MOST = 65536 };
    char bytes[MOST];
    (void)info;
    const hid_t a = H5Aopen(from, name, H5P_DEFAULT);
    const hid_t type = a < 0 ? -1 : H5Aget_type(a), space = a < 0 ? -1 : H5Aget_space(a);
    const hssize_t points = space < 0 ? -1 : H5Sget_simple_extent_npoints(space);
    const size_t size = type < 0 ? 0 : H5Tget_size(type);
    hid_t b = -1;
    bool good = points >= 0 && size && H5Tdetect_class(type, H5T_VLEN) == 0 &&
                H5Tis_variable_str(type) <= 0 && H5Tdetect_class(type, H5T_REFERENCE) == 0 &&
                (uint64_t)points <= MOST / size;
    if (good) {
        b = H5Acreate2(to, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
        good = b >= 0 &&
               (!points || (H5Aread(a, type, bytes) >= 0 && H5Awrite(b, type, bytes) >= 0));
    }
    if (b >= 0)
        H5Aclose(b);
    eg_h5_done(type, space, -1);
    if (a >= 0)
        H5Aclose(a);
    return good ? 0 : -1;
}

static bool copy_attributes(hid_t from, hid_t to)
{
    hsize_t at = 0;
    return H5Aiterate2(from, H5_INDEX_NAME, H5_ITER_INC, &at, copy_attribute, &to) >= 0;
}

/* A dataset like `s` in the file that is written, of `steps` steps. */
static hid_t make_like(results *r, const set *s, const char *name, uint64_t steps)
{
    const hid_t type = eg_h5_dtype(s->dtype, true), properties = eg_h5_plain_dataset();
    const hsize_t shape[2] = {s->ndim == 2 ? s->shape[0] : steps, steps};
    const hsize_t row = eg_dtype_size(s->dtype) * (s->ndim == 2 ? shape[0] : 1);
    const hsize_t most = row && row < BLOCK_BYTES / 4 ? BLOCK_BYTES / 4 / row : 1;
    const hsize_t fit = most < steps ? most : steps; /* chunks end where the data does */
    const hsize_t chunk[2] = {s->ndim == 2 && shape[0] ? shape[0] : fit, fit};
    const hid_t space =
        s->ndim ? H5Screate_simple(s->ndim, shape, NULL) : H5Screate(H5S_SCALAR);
    hid_t made = -1;
    if (type >= 0 && properties >= 0 && space >= 0 &&
        (s->ndim < 2 || !shape[0] || !steps || H5Pset_chunk(properties, 2, chunk) >= 0))
        made = H5Dcreate2(r->into, name, type, space, H5P_DEFAULT, properties, H5P_DEFAULT);
    eg_h5_done(type, space, properties);
    return made;
}

/* The first `steps` steps of a column. */
static engram_status copy_steps(results *r, const set *s, hid_t to, uint64_t steps)
{
    const uint64_t rows = s->ndim == 2 ? s->shape[0] : 1;
    const size_t size = eg_dtype_size(s->dtype);
    uint64_t piece = rows ? BLOCK_BYTES / size / rows : 0;
    piece = piece ? piece : 1;
    piece = piece < steps ? piece : steps;
    if (!rows || !steps)
        return ENGRAM_OK;
    size_t bytes;
    if (!eg_mul_size(&bytes, (size_t)rows * size, (size_t)piece))
        return wrong(r, ENGRAM_E_LIMIT, "is larger than memory can be");
    unsigned char *block = eg_calloc(r->alloc, bytes);
    const hid_t memory = eg_h5_dtype(s->dtype, false);
    if (!block || memory < 0)
        r->status = eg_fail_memory(r->err, "results");
    for (uint64_t first = 0; !r->status && first < steps; first += piece) {
        const uint64_t left = steps - first, n = left < piece ? left : piece;
        if (!move_box(s->id, false, memory, s->ndim, rows, first, n, block))
            broken(r);
        else if (!move_box(to, true, memory, s->ndim, rows, first, n, block) || r->out.error)
            not_written(r);
    }
    if (memory >= 0)
        H5Tclose(memory);
    eg_free(r->alloc, block, bytes);
    return r->status;
}

/* How often each element stands in the first `steps` of `i`. */
static engram_status recount(results *r, hid_t group, hid_t to, const monitor *m)
{
    enum { PIECE = 4096 };
    int32_t piece[PIECE];
    set i;
    if (!set_open(&i, r, group, "i"))
        return r->status;
    int32_t *count = eg_calloc_array(r->alloc, (size_t)m->rows, sizeof *count);
    if (!count)
        r->status = eg_fail_memory(r->err, "results");
    for (uint64_t first = 0; !r->status && first < m->whole; first += PIECE) {
        const uint64_t left = m->whole - first, n = left < PIECE ? left : PIECE;
        if (!move_box(i.id, false, H5T_NATIVE_INT32, 1, 1, first, n, piece))
            broken(r);
        for (uint64_t k = 0; !r->status && k < n; k++)
            if (piece[k] < 0 || (uint64_t)piece[k] >= m->rows)
                wrong(r, ENGRAM_E_LIMIT, "holds an element that its source does not have");
            else
                count[piece[k]]++;
    }
    if (!r->status && m->rows &&
        H5Dwrite(to, H5T_NATIVE_INT32, H5S_ALL, H5S_ALL, H5P_DEFAULT, count) < 0)
        not_written(r);
    eg_free(r->alloc, count, (size_t)m->rows * sizeof *count);
    H5Dclose(i.id);
    return r->status;
}

typedef struct copying {
    results *r;
    const monitor *m;
} copying;

static herr_t copy_column(hid_t group, const char *name, const H5L_info_t *info, void *context)
{
    const copying *c = context;
    results *r = c->r;
    set s;
    (void)info;
    if (!set_open(&s, r, group, name))
        return -1;
    const size_t length = descend(r, name);
    const bool counts = !strcmp(name, "count") && c->m->events;
    const bool fixed = counts || !strcmp(name, "indices");
    const uint64_t steps = fixed ? s.count : c->m->whole;
    const hid_t to = make_like(r, &s, name, steps);
    if (to < 0 || !copy_attributes(s.id, to))
        not_written(r);
    else if (counts && c->m->kept) {
        r->where[length] = '\0';
        recount(r, group, to, c->m);
    } else
        copy_steps(r, &s, to, steps);
    if (to >= 0)
        H5Dclose(to);
    H5Dclose(s.id);
    if (!r->status)
        r->where[length] = '\0';
    return r->status ? -1 : 0;
}

static herr_t copy_monitor(hid_t parent, const char *name, const H5L_info_t *info,
                           void *context)
{
    results *r = context;
    monitor m;
    (void)info;
    const size_t length = descend(r, name);
    const hid_t group =
        eg_h5_object(&r->file, parent, name, H5I_GROUP, r->where, &r->status, r->err);
    if (group < 0)
        return -1;
    const hid_t outside = r->into;
    if (!look_at_monitor(r, &m, group, true)) {
        r->into = eg_h5_new_group(outside, name);
        copying c = {r, &m};
        hsize_t at = 0;
        if (r->into < 0 || !copy_attributes(group, r->into))
            not_written(r);
        else if (H5Literate(group, H5_INDEX_NAME, H5_ITER_INC, &at, copy_column, &c) < 0 &&
                 !r->status)
            broken(r);
        count_monitor(r, &m, m.whole);
        if (r->into >= 0)
            H5Gclose(r->into);
        r->into = outside;
    }
    H5Gclose(group);
    if (!r->status)
        r->where[length] = '\0';
    return r->status ? -1 : 0;
}

static engram_status copy_all(results *r, hid_t from, hid_t to)
{
    const unsigned char no = 0, yes = 1;
    const hid_t plain = eg_h5_plain_dataset();
    const hsize_t one = 1;
    hsize_t at = 0;
    if (!copy_attributes(from, to) || !eg_h5_put_number(to, "complete", EG_BOOL, &no, 0) ||
        !eg_h5_put_number(to, "recovered", EG_BOOL, &yes, 0))
        not_written(r);
    const hid_t space = H5Screate_simple(1, &one, NULL);
    const hid_t until =
        H5Dcreate2(to, "until", H5T_IEEE_F64LE, space, H5P_DEFAULT, plain, H5P_DEFAULT);
    if (!r->status && (until < 0 || H5Dwrite(until, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL,
                                             H5P_DEFAULT, &r->found.until) < 0))
        not_written(r);
    if (until >= 0)
        H5Dclose(until);
    r->into = r->status ? -1 : eg_h5_new_group(to, "results");
    if (!r->status && r->into < 0)
        not_written(r);
    const hid_t monitors = r->status ? -1
                                     : eg_h5_object(&r->file, from, "results", H5I_GROUP,
                                                    "/results", &r->status, r->err);
    if (monitors >= 0) {
        descend(r, "results");
        if (H5Literate(monitors, H5_INDEX_NAME, H5_ITER_INC, &at, copy_monitor, r) < 0 &&
            !r->status)
            broken(r);
        H5Gclose(monitors);
    }
    if (r->into >= 0)
        H5Gclose(r->into);
    eg_h5_done(-1, space, plain);
    return r->status;
}

engram_status eg_h5_judge_idle(const char *partial, engram_error *err)
{
    engram_status status = ENGRAM_OK;
#if defined(F_OFD_GETLK)
    const int fd = open(partial, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct flock lock = {.l_type = F_RDLCK, .l_whence = SEEK_SET};
    if (fd >= 0 && fcntl(fd, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK)
        status = eg_fail(err, ENGRAM_E_STATE, "%s is still being written by a run", partial);
    if (fd >= 0)
        close(fd);
#else
    (void)partial;
    (void)err;
#endif
    return status;
}

static engram_status copy_bytes(const char *beside, const eg_mapping *mapping,
                                engram_error *err)
{
    errno = 0;
    FILE *file = fopen(beside, "wb");
    bool good = file && fwrite(mapping->data, 1, mapping->size, file) == mapping->size;
    int code = errno;
    if (file && fclose(file) != 0) {
        good = false;
        code = errno;
    }
    return good ? ENGRAM_OK
                : eg_fail(err, ENGRAM_E_IO, "cannot write %s: %s", beside, strerror(code));
}

static engram_status recover_file(results *r, const char *partial, const char *beside)
{
    eg_mapping mapping;
    r->status = eg_mapping_open(&mapping, partial, r->err);
    if (r->status)
        return r->status;
    const eg_hdf5_kind kind = eg_h5_seal_kind(mapping.data, mapping.size);
    if (kind != EG_HDF5_UNFINISHED) {
        eg_mapping_close(&mapping);
        return r->status =
                   eg_fail(r->err, ENGRAM_E_FORMAT, "%s %s", partial,
                           kind == EG_HDF5_RESULTS ? "is finished: there is nothing to recover"
                                                   : "is no unfinished results file");
    }
    r->status = eg_h5_open(&r->file, partial, mapping, true, r->err);
    if (r->status)
        return r->status;
    const hid_t from = H5Gopen2(r->file.id, "/", H5P_DEFAULT);
    if (from < 0)
        broken(r);
    else if (!judge_root(r, from) && r->ended)
        r->status = copy_bytes(beside, &r->file.mapping, r->err); /* lacks its seal alone */
    else if (!r->status && !read_until(r, from) &&
             !(r->status = eg_h5_create(&r->out, beside, true, r->err))) {
        const hid_t to = H5Gopen2(r->out.id, "/", H5P_DEFAULT);
        if (to < 0)
            not_written(r);
        else
            copy_all(r, from, to);
        if (to >= 0)
            H5Gclose(to);
        const engram_status closed = eg_h5_close(&r->out, r->status ? NULL : r->err);
        r->status = r->status ? r->status : closed;
    }
    if (from >= 0)
        H5Gclose(from);
    (void)eg_h5_close(&r->file, NULL);
    return r->status;
}

/* Killed between the seal and the new name: all is there but that. *done: so it is. */
static engram_status only_rename(bool *done, engram_results_info *info, const char *partial,
                                 const char *target, engram_error *err)
{
    static const char ending[] = ".partial";
    const size_t length = strlen(partial), tail = sizeof ending - 1;
    char beside[4096], digest[33];
    eg_hdf5_kind kind;
    eg_mapping mapping;
    engram_status status = eg_h5_seal(&kind, digest, partial, err);
    *done = !status && kind == EG_HDF5_RESULTS && length > tail &&
            !strcmp(partial + length - tail, ending);
    if (status || !*done)
        return status;
    status = eg_h5_check_results(info, partial, 0, err);
    if (!status)
        status = eg_beside_path(beside, sizeof beside, target, err);
    if (!status)
        status = eg_mapping_open(&mapping, partial, err);
    if (status)
        return status;
    status = copy_bytes(beside, &mapping, err);
    eg_mapping_close(&mapping);
    if (!status)
        return eg_beside_commit(beside, target, err);
    eg_beside_abandon(beside);
    return status;
}

engram_status eg_h5_recover(engram_results_info *info, const char *partial, const char *target,
                            const engram_alloc *alloc, engram_error *err)
{
    char beside[4096];
    bool done = false;
    alloc = alloc ? alloc : engram_default_alloc();
    engram_status status = eg_h5_judge_idle(partial, err);
    if (!status)
        status = only_rename(&done, info, partial, target, err);
    if (done)
        return status;
    if (!status)
        status = eg_beside_path(beside, sizeof beside, target, err);
    results *r = status ? NULL : eg_calloc(alloc, sizeof *r);
    if (!r)
        return status ? status : eg_fail_memory(err, "recovering results");
    r->alloc = alloc;
    r->err = err;
    r->into = -1;
    r->out.id = r->out.driver = -1;
    r->out.descriptor = -1;
    eg_h5_guard guard;
    eg_h5_enter(&guard);
    status = recover_file(r, partial, beside);
    eg_h5_leave(&guard);
    if (!status)
        status = eg_h5_seal_write(beside, EG_HDF5_RESULTS, err);
    if (!status) {
        r->found.recovered = !r->ended;
        give(info, r);
        status = eg_beside_commit(beside, target, err);
        if (!status && r->ended)
            status = eg_h5_check_results(info, target, 0, err);
    } else {
        eg_beside_abandon(beside);
    }
    eg_free(alloc, r, sizeof *r);
    return status;
}

/* ---- what was recorded before a checkpoint --------------------------------------------------
 */

struct eg_h5_past {
    results r;
    hid_t monitors; /* "/results" */
    int lock;       /* a descriptor, open as long as nobody else may go on from here */
};

/* E_STATE if another process writes it or goes on from it. */
static engram_status lock_past(eg_h5_past *past, const char *path, engram_error *err)
{
    past->lock = open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK);
    if (past->lock < 0)
        return eg_fail(err, ENGRAM_E_IO, "cannot open %s: %s", path, strerror(errno));
#if defined(F_OFD_SETLK)
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    if (fcntl(past->lock, F_OFD_SETLK, &lock) && (errno == EAGAIN || errno == EACCES))
        return eg_fail(err, ENGRAM_E_STATE, "%s is still being written by a run", path);
#endif
    struct stat ours,
        there; /* another may have put its own file there before the lock was had */
    if (fstat(past->lock, &ours) || stat(path, &there) || ours.st_ino != there.st_ino ||
        ours.st_dev != there.st_dev)
        return eg_fail(err, ENGRAM_E_STATE, "%s is still being written by a run", path);
    return ENGRAM_OK;
}

static engram_status open_past(eg_h5_past *past, const char *path)
{
    results *r = &past->r;
    eg_mapping mapping;
    r->status = eg_mapping_open(&mapping, path, r->err);
    if (r->status)
        return r->status;
    const eg_hdf5_kind kind = eg_h5_seal_kind(mapping.data, mapping.size);
    if (kind != EG_HDF5_UNFINISHED)
        r->status = eg_h5_seal_check(&mapping, EG_HDF5_RESULTS, 0, path, r->err);
    if (r->status) {
        eg_mapping_close(&mapping);
        return r->status;
    }
    r->status = eg_h5_open(&r->file, path, mapping, kind == EG_HDF5_UNFINISHED, r->err);
    if (r->status)
        return r->status;
    const hid_t root = H5Gopen2(r->file.id, "/", H5P_DEFAULT);
    if (root < 0)
        return broken(r);
    if (!judge_root(r, root))
        past->monitors =
            eg_h5_object(&r->file, root, "results", H5I_GROUP, "/results", &r->status, r->err);
    H5Gclose(root);
    return r->status;
}

engram_status eg_h5_past_open(eg_h5_past **out, const char *path, const engram_alloc *alloc,
                              engram_error *err)
{
    *out = NULL;
    eg_h5_past *past = eg_calloc(alloc, sizeof *past);
    if (!past)
        return eg_fail_memory(err, "earlier results");
    past->monitors = -1;
    past->r.alloc = alloc;
    past->r.err = err;
    past->r.file.id = past->r.file.driver = -1;
    past->r.file.descriptor = -1;
    eg_h5_guard guard;
    eg_h5_enter(&guard);
    engram_status status = lock_past(past, path, err);
    if (!status)
        status = open_past(past, path);
    eg_h5_leave(&guard);
    if (status)
        eg_h5_past_close(past);
    else
        *out = past;
    return status;
}

void eg_h5_past_close(eg_h5_past *past)
{
    if (!past)
        return;
    eg_h5_guard guard;
    eg_h5_enter(&guard);
    if (past->monitors >= 0)
        H5Gclose(past->monitors);
    (void)eg_h5_close(&past->r.file, NULL);
    eg_h5_leave(&guard);
    if (past->lock >= 0)
        close(past->lock);
    eg_free(past->r.alloc, past, sizeof *past);
}

const char *eg_h5_past_path(const eg_h5_past *past)
{
    return past->r.file.path;
}

static engram_status read_past(void *out, results *r, hid_t group, const char *column,
                               eg_dtype dtype, uint64_t rows, uint64_t first, uint64_t count)
{
    set s;
    if (!set_open(&s, r, group, column))
        return r->status;
    descend(r, column);
    const hid_t memory = eg_h5_dtype(dtype, false);
    const uint64_t steps = s.ndim ? (uint64_t)s.shape[s.ndim - 1] : 0;
    if (s.dtype != dtype || s.ndim != (rows ? 2 : 1) || (rows && s.shape[0] != rows))
        wrong(r, ENGRAM_E_SCHEMA, "has another type or shape than the network records");
    else if (count > steps || first > steps - count)
        wrong(r, ENGRAM_E_FORMAT, "holds less than was recorded before the checkpoint");
    else if (memory < 0 ||
             !move_box(s.id, false, memory, s.ndim, rows ? rows : 1, first, count, out))
        broken(r);
    if (memory >= 0)
        H5Tclose(memory);
    H5Dclose(s.id);
    return r->status;
}

engram_status eg_h5_past_read(void *out, eg_h5_past *past, const char *recorded,
                              const char *column, eg_dtype dtype, uint64_t rows, uint64_t first,
                              uint64_t count, engram_error *err)
{
    results *r = &past->r;
    r->err = err;
    r->status = ENGRAM_OK;
    snprintf(r->where, sizeof r->where, "/results/%s", recorded);
    eg_h5_guard guard;
    eg_h5_enter(&guard);
    const hid_t group =
        eg_h5_object(&r->file, past->monitors, recorded, H5I_GROUP, r->where, &r->status, err);
    if (group >= 0) {
        read_past(out, r, group, column, dtype, rows, first, count);
        H5Gclose(group);
    }
    eg_h5_leave(&guard);
    return r->status;
}
