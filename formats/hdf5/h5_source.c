#include "hdf5/h5.h"

#include <string.h>

enum {
    DEFLATE_MOST = 1032, /* deflate cannot expand by more */
    NOT_YET = 64 << 20   /* a recorder holds back less in HDF5's caches */
};

/* Only filters of the library itself whose output is bounded. */
static bool judge_layout(hid_t properties, bool *deflated, const char **why)
{
    const H5D_layout_t layout = H5Pget_layout(properties);
    *deflated = false;
    if (layout != H5D_COMPACT && layout != H5D_CONTIGUOUS && layout != H5D_CHUNKED)
        *why = "is a virtual dataset";
    else if (H5Pget_external_count(properties) != 0)
        *why = "is stored in another file";
    const int filters = *why ? 0 : H5Pget_nfilters(properties);
    if (filters < 0)
        *why = "has filters that cannot be listed";
    for (int k = 0; k < filters; k++) {
        unsigned flags, config;
        size_t values = 0;
        const H5Z_filter_t id =
            H5Pget_filter2(properties, (unsigned)k, &flags, &values, NULL, 0, NULL, &config);
        if (id == H5Z_FILTER_DEFLATE && !*deflated)
            *deflated = true;
        else if (id != H5Z_FILTER_SHUFFLE && id != H5Z_FILTER_FLETCHER32)
            *why = "has a filter other than shuffle, one deflate, fletcher32";
    }
    return !*why;
}

hid_t eg_h5_object(const eg_h5_file *file, hid_t group, const char *name, H5I_type_t wanted,
                   const char *where, engram_status *status, engram_error *err)
{
    H5L_info_t link;
    if (H5Lget_info(group, name, &link, H5P_DEFAULT) < 0) {
        *status = eg_h5_fail(file, ENGRAM_E_FORMAT, where, err);
        return -1;
    }
    if (link.type != H5L_TYPE_HARD) {
        *status =
            eg_fail(err, ENGRAM_E_FORMAT, "%.200s: %.200s is a soft or external link: refused",
                    file->path, where);
        return -1;
    }
    const hid_t object = H5Oopen(group, name, H5P_DEFAULT);
    const H5I_type_t type = object < 0 ? H5I_BADID : H5Iget_type(object);
    H5O_info_t info;
    if (object < 0 || H5Oget_info2(object, &info, H5O_INFO_BASIC) < 0)
        *status = eg_h5_fail(file, ENGRAM_E_FORMAT, where, err);
    else if (info.rc != 1)
        *status =
            eg_fail(err, ENGRAM_E_FORMAT, "%.200s: %.200s is linked from two places: refused",
                    file->path, where);
    else if (wanted == H5I_BADID ? type != H5I_GROUP && type != H5I_DATASET : type != wanted)
        *status = eg_fail(err, ENGRAM_E_SCHEMA, "%.200s: %.200s %s", file->path, where,
                          wanted == H5I_GROUP     ? "is no group"
                          : wanted == H5I_DATASET ? "is no dataset"
                                                  : "is neither group nor dataset");
    else
        return object;
    if (object >= 0)
        H5Oclose(object);
    return -1;
}

engram_status eg_h5_judge(const eg_h5_file *file, hid_t dataset, const char *where,
                          int most_dims, int *ndim, hsize_t *shape, uint64_t *count,
                          engram_error *err)
{
    /* One run of bytes in this very file is neither chunked nor external nor virtual, and has
     * no filters: the properties, which cost more, need not be asked. */
    const bool plain = H5Dget_offset(dataset) != HADDR_UNDEF;
    const hid_t properties = plain ? -1 : H5Dget_create_plist(dataset);
    const hid_t space = H5Dget_space(dataset), type = H5Dget_type(dataset);
    bool deflated = false;
    const char *why = NULL;
    engram_status code = ENGRAM_E_FORMAT;
    if ((!plain && properties < 0) || space < 0 || type < 0)
        why = "cannot be read";
    else if (plain || judge_layout(properties, &deflated, &why)) {
        *ndim = H5Sget_simple_extent_ndims(space);
        *count = 1;
        if (H5Sget_simple_extent_type(space) == H5S_NULL || *ndim < 0 || *ndim > most_dims)
            why = "has too many dimensions or none to read", code = ENGRAM_E_SCHEMA;
        else if (*ndim && H5Sget_simple_extent_dims(space, shape, NULL) < 0)
            why = "has no readable shape";
        size_t bytes = why ? 0 : H5Tget_size(type);
        for (int k = 0; !why && k < *ndim; k++) {
            size_t product;
            if (!eg_mul_size(&product, (size_t)*count, (size_t)shape[k]))
                why = "is larger than memory can be", code = ENGRAM_E_LIMIT;
            else
                *count = product;
        }
        const size_t most = file->mapping.size + (file->growing ? NOT_YET : 0);
        const size_t bound =
            deflated && most < SIZE_MAX / DEFLATE_MOST ? most * DEFLATE_MOST : most;
        if (!why && bytes && *count > bound / bytes)
            why = "claims more bytes than the file can hold", code = ENGRAM_E_LIMIT;
    }
    eg_h5_done(type, space, properties);
    H5Eclear2(H5E_DEFAULT);
    return why ? eg_fail(err, code, "%.200s: %.160s %s", file->path, where, why) : ENGRAM_OK;
}

/* ---- a source over the mapping: contiguous, little endian, no lock needed ---------------- */

typedef struct stored {
    eg_h5_file *file;
    hid_t dataset;              /* negative: read `bytes` */
    const unsigned char *bytes; /* in the mapping */
    const char *where;
} stored;

static engram_status mapped_read(const eg_source *source, void *out, uint64_t first,
                                 uint64_t count, engram_error *err)
{
    (void)err;
    const stored *s = source->content;
    const size_t size = eg_dtype_size(source->dtype);
    if (count)
        memcpy(out, s->bytes + (size_t)first * size, (size_t)count * size);
    return ENGRAM_OK;
}

static const void *mapped_data(const eg_source *source)
{
    const stored *s = source->content;
    return (uintptr_t)s->bytes % eg_dtype_size(source->dtype) ? NULL : s->bytes;
}

static const eg_source_ops mapped_ops = {mapped_read, mapped_data};

/* ---- a source over a chunked dataset ------------------------------------------------------
 */

/* One box of a dataset with up to two dimensions. */
static bool read_box(const stored *s, hid_t type, uint32_t ndim, const hsize_t *start,
                     const hsize_t *size, void *out)
{
    hsize_t count = 1;
    for (uint32_t k = 0; k < ndim; k++)
        count *= size[k];
    const hid_t space = H5Dget_space(s->dataset);
    const hid_t memory = H5Screate_simple(1, &count, NULL);
    const bool good = space >= 0 && memory >= 0 &&
                      (ndim == 0 || H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL,
                                                        size, NULL) >= 0) &&
                      H5Dread(s->dataset, type, memory, space, H5P_DEFAULT, out) >= 0;
    if (space >= 0)
        H5Sclose(space);
    if (memory >= 0)
        H5Sclose(memory);
    return good;
}

/* A range of the elements in C order is at most a partial row, whole rows, a partial row. */
static bool read_range(const eg_source *source, hid_t type, unsigned char *out, uint64_t first,
                       uint64_t count)
{
    const stored *s = source->content;
    const size_t bytes = eg_dtype_size(source->dtype);
    if (source->ndim < 2) {
        const hsize_t start = first, size = count;
        return read_box(s, type, source->ndim, &start, &size, out);
    }
    const uint64_t columns = source->shape[1];
    while (count) {
        const hsize_t start[2] = {first / columns, first % columns};
        hsize_t size[2] = {1, columns - start[1]};
        if (start[1] == 0 && count >= columns)
            size[0] = count / columns;
        else if (size[1] > count)
            size[1] = count;
        if (!read_box(s, type, 2, start, size, out))
            return false;
        const uint64_t done = size[0] * size[1];
        out += done * bytes;
        first += done;
        count -= done;
    }
    return true;
}

static engram_status dataset_read(const eg_source *source, void *out, uint64_t first,
                                  uint64_t count, engram_error *err)
{
    if (!count)
        return ENGRAM_OK;
    const stored *s = source->content;
    engram_status status = ENGRAM_OK;
    eg_h5_guard guard;
    eg_h5_enter(&guard);
    const hid_t type = eg_h5_dtype(source->dtype, false);
    if (type < 0 || !read_range(source, type, out, first, count))
        status = eg_h5_fail(s->file, ENGRAM_E_FORMAT, s->where, err);
    if (type >= 0)
        H5Tclose(type);
    eg_h5_leave(&guard);
    return status;
}

static const void *dataset_data(const eg_source *source)
{
    (void)source;
    return NULL;
}

static const eg_source_ops dataset_ops = {dataset_read, dataset_data};

static bool host_is_little(void)
{
    const uint16_t one = 1;
    unsigned char low;
    memcpy(&low, &one, 1);
    return low == 1;
}

/* Where the elements lie in the mapping, NULL if they do not lie there as one run. */
static const unsigned char *mapped_run(const eg_h5_file *file, hid_t dataset, size_t bytes)
{
    const hid_t properties = H5Dget_create_plist(dataset);
    const bool contiguous = properties >= 0 && H5Pget_layout(properties) == H5D_CONTIGUOUS;
    if (properties >= 0)
        H5Pclose(properties);
    if (!contiguous || !host_is_little())
        return NULL;
    if (!bytes)
        return file->mapping.data;
    const haddr_t at = H5Dget_offset(dataset);
    H5Eclear2(H5E_DEFAULT);
    if (at == HADDR_UNDEF || at > file->mapping.size || bytes > file->mapping.size - at ||
        H5Dget_storage_size(dataset) != bytes)
        return NULL;
    return file->mapping.data + at;
}

engram_status eg_h5_source(eg_source **out, bool *kept, eg_h5_file *file, hid_t dataset,
                           const char *where, eg_arena *arena, engram_error *err)
{
    *out = NULL;
    *kept = false;
    int ndim = 0;
    hsize_t shape[EG_SOURCE_DIMS] = {0, 0};
    uint64_t count = 0;
    eg_dtype dtype = EG_F64;
    engram_status status =
        eg_h5_judge(file, dataset, where, EG_SOURCE_DIMS, &ndim, shape, &count, err);
    eg_digest digest;
    bool stated = false;
    if (!status && !eg_h5_get_digest(&digest, &stated, dataset))
        status = eg_fail(err, ENGRAM_E_SCHEMA,
                         "%.200s: %.160s has a digest that is no 32 hexadecimal digits",
                         file->path, where);
    if (!status) {
        const hid_t type = H5Dget_type(dataset);
        if (type < 0 || !eg_h5_dtype_of(&dtype, type))
            status = eg_fail(err, ENGRAM_E_SCHEMA,
                             "%.200s: %.160s has an element type that no array has", file->path,
                             where);
        if (type >= 0)
            H5Tclose(type);
    }
    eg_source *source = status ? NULL : eg_arena_alloc(arena, sizeof *source);
    stored *s = source ? eg_arena_alloc(arena, sizeof *s) : NULL;
    eg_digest *kept_digest = s && stated ? eg_arena_alloc(arena, sizeof *kept_digest) : NULL;
    if (!status && (!s || (stated && !kept_digest)))
        status = eg_fail_memory(err, "an array of the archive");
    if (!status) {
        *s = (stored){file, -1, NULL, eg_arena_strdup(arena, where)};
        if (kept_digest)
            *kept_digest = digest;
        s->bytes = mapped_run(file, dataset, (size_t)count * eg_dtype_size(dtype));
        *source = (eg_source){.ops = s->bytes ? &mapped_ops : &dataset_ops,
                              .dtype = dtype,
                              .ndim = (uint32_t)ndim,
                              .shape = {shape[0], shape[1]},
                              .count = count,
                              .content = s,
                              .digest = kept_digest};
        if (!s->where)
            status = eg_fail_memory(err, "an array of the archive");
    }
    if (!status && !s->bytes) {
        s->dataset = dataset;
        *kept = true;
    } else {
        H5Dclose(dataset);
    }
    if (!status)
        *out = source;
    return status;
}
