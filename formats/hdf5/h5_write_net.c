#include "hdf5/h5.h"
#include "network/net_digest.h"

#include <stdlib.h>
#include <string.h>

enum {
    RANGE_BYTES = 8 << 20, /* read and written at a time; whole chunks */
    COMPRESS_FROM = 4096,
    CHUNK_BYTES = 1 << 20,
    DEFLATE_LEVEL = 4,
    SAMPLES = 4,
    SAMPLE_BYTES = 64 << 10,
    PAYS_PERCENT = 60 /* docs/format.md, "Compression" */
};

typedef struct writer {
    eg_h5_file file;
    const engram_alloc *alloc;
    unsigned flags;
    hid_t scratch; /* a file in memory, for trying to compress; 0: not open */
    engram_error *err;
    char where[1024]; /* path in the archive, for messages */
} writer;

/* Each of the functions for a field adds it to `hash`, the digest of its element. */
static engram_status write_element(writer *w, hid_t group, const eg_element_type *type,
                                   const void *element, eg_digest *digest);

static const void *at(const void *element, size_t offset)
{
    return (const unsigned char *)element + offset;
}

static const char *text_at(const void *element, size_t offset)
{
    const char *text;
    memcpy(&text, at(element, offset), sizeof text);
    return text ? text : "";
}

/* Descend in `where`; returns the length to cut back to. */
static size_t descend(writer *w, const char *name)
{
    const size_t length = strlen(w->where);
    const size_t room = sizeof w->where - length - 1, need = strlen(name);
    if (room > 1) {
        w->where[length] = '/';
        const size_t take = need < room - 1 ? need : room - 1;
        memcpy(w->where + length + 1, name, take);
        w->where[length + 1 + take] = '\0';
    }
    return length;
}

static engram_status failed(writer *w)
{
    return eg_h5_fail(&w->file, ENGRAM_E_IO, w->where, w->err);
}

static engram_status checked(writer *w, bool good)
{
    return good ? ENGRAM_OK : failed(w);
}

/* ---- texts --------------------------------------------------------------------------------
 */

/* One text (count 0) or a list, `size` bytes each, as an attribute or, if long, a dataset. */
static bool put_texts(hid_t group, const char *name, const char *bytes, size_t size,
                      size_t count)
{
    const hid_t type = eg_h5_text(size), properties = eg_h5_plain_dataset();
    const hsize_t shape = count;
    const hid_t space = count ? H5Screate_simple(1, &shape, NULL) : H5Screate(H5S_SCALAR);
    const size_t total = size * (count ? count : 1);
    hid_t object = -1;
    bool good = false;
    if (type >= 0 && properties >= 0 && space >= 0) {
        if (total <= EG_H5_TEXT_ATTRIBUTE) {
            object = H5Acreate2(group, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
            good = object >= 0 && H5Awrite(object, type, bytes) >= 0;
        } else {
            object = H5Dcreate2(group, name, type, space, H5P_DEFAULT, properties, H5P_DEFAULT);
            good = object >= 0 &&
                   H5Dwrite(object, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, bytes) >= 0;
        }
    }
    if (object >= 0 && total <= EG_H5_TEXT_ATTRIBUTE)
        H5Aclose(object);
    else if (object >= 0)
        H5Dclose(object);
    eg_h5_done(type, space, properties);
    return good;
}

/* The empty list: a text attribute without elements. */
static bool put_no_texts(hid_t group, const char *name)
{
    const hid_t type = eg_h5_text(1), space = H5Screate(H5S_NULL);
    const hid_t attribute =
        type < 0 || space < 0 ? -1
                              : H5Acreate2(group, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
    if (attribute >= 0)
        H5Aclose(attribute);
    eg_h5_done(type, space, -1);
    return attribute >= 0;
}

/* Texts of a list and of a table's column are padded to the longest. */
static engram_status too_large(writer *w, const char *what, size_t count, size_t size)
{
    return eg_fail(w->err, ENGRAM_E_LIMIT,
                   "%s: %s of %zu times %zu bytes, at most %d in all are kept", w->where, what,
                   count, size, EG_H5_TEXT_MOST);
}

static bool fits(size_t count, size_t size)
{
    size_t total;
    return eg_mul_size(&total, count, size) && total <= EG_H5_TEXT_MOST;
}

static engram_status write_text(writer *w, hid_t group, const char *name, const char *text)
{
    const size_t size = strlen(text);
    if (!fits(1, size))
        return too_large(w, "a text", 1, size);
    return checked(w, put_texts(group, name, text, size, 0));
}

static engram_status write_strs(writer *w, hid_t group, const char *name, const eg_strs *list)
{
    if (!list->count)
        return checked(w, put_no_texts(group, name));
    size_t size = 1;
    for (size_t k = 0; k < list->count; k++) {
        const size_t length = strlen(list->item[k]);
        size = length > size ? length : size;
    }
    if (!fits(list->count, size))
        return too_large(w, "texts", list->count, size);
    const size_t total = list->count * size;
    char *bytes = eg_calloc(w->alloc, total);
    if (!bytes)
        return eg_fail_memory(w->err, "a list of texts");
    for (size_t k = 0; k < list->count; k++)
        memcpy(bytes + k * size, list->item[k], strlen(list->item[k]));
    const bool good = put_texts(group, name, bytes, size, list->count);
    eg_free(w->alloc, bytes, total);
    return checked(w, good);
}

/* ---- tables -------------------------------------------------------------------------------
 */

typedef struct column {
    const eg_field *field;
    hid_t type; /* in file and, being packed little endian, in our row buffer */
    size_t size, offset;
} column;

static bool column_type(column *c, const eg_any_list *list, const eg_element_type *type)
{
    const hsize_t seven = 7;
    size_t longest = 1;
    switch (c->field->kind) {
    case EG_FIELD_STR:
        for (size_t k = 0; k < list->count; k++) {
            const size_t length =
                strlen(text_at(at(list->item, k * type->size), c->field->offset));
            longest = length > longest ? length : longest;
        }
        c->type = eg_h5_text(longest);
        break;
    case EG_FIELD_F64:
        c->type = eg_h5_dtype(EG_F64, false);
        break;
    case EG_FIELD_I64:
        c->type = eg_h5_dtype(EG_I64, false);
        break;
    case EG_FIELD_FLAG:
        c->type = eg_h5_bool();
        break;
    case EG_FIELD_DIM:
        c->type = H5Tarray_create2(H5T_NATIVE_DOUBLE, 1, &seven);
        break;
    default:
        c->type = -1; /* tables hold flat fields only; a test holds the schema to it */
        break;
    }
    c->size = c->type < 0 ? 0 : H5Tget_size(c->type);
    return c->size > 0;
}

/* A column in which every row has the default is left out: readers fill it in. */
static bool column_needed(const eg_field *field, const eg_any_list *list,
                          const eg_element_type *type)
{
    if (field->required)
        return true;
    for (size_t k = 0; k < list->count; k++)
        if (!eg_field_is_default(field, at(list->item, k * type->size)))
            return true;
    return false;
}

static void fill_cell(unsigned char *cell, const column *c, const void *element)
{
    if (c->field->kind == EG_FIELD_STR) {
        const char *text = text_at(element, c->field->offset);
        memcpy(cell, text, strlen(text));
    } else {
        memcpy(cell, at(element, c->field->offset), c->size);
    }
}

static engram_status write_rows(writer *w, hid_t group, const char *name, const column *columns,
                                size_t n, size_t row, const eg_any_list *list,
                                const eg_element_type *type)
{
    if (!fits(list->count, row))
        return too_large(w, "rows", list->count, row);
    const size_t total = list->count * row;
    unsigned char *bytes = eg_calloc(w->alloc, total);
    if (!bytes)
        return eg_fail_memory(w->err, "a table");
    for (size_t k = 0; k < list->count; k++)
        for (size_t c = 0; c < n; c++)
            fill_cell(bytes + k * row + columns[c].offset, &columns[c],
                      at(list->item, k * type->size));
    const hsize_t shape = list->count;
    const hid_t table = H5Tcreate(H5T_COMPOUND, row), properties = eg_h5_plain_dataset();
    const hid_t space = H5Screate_simple(1, &shape, NULL);
    bool good = table >= 0 && properties >= 0 && space >= 0;
    for (size_t c = 0; good && c < n; c++)
        good =
            H5Tinsert(table, columns[c].field->name, columns[c].offset, columns[c].type) >= 0;
    /* An attribute costs a reader much less than an object of its own. */
    if (good && total <= EG_H5_TEXT_ATTRIBUTE) {
        const hid_t a = H5Acreate2(group, name, table, space, H5P_DEFAULT, H5P_DEFAULT);
        good = a >= 0 && H5Awrite(a, table, bytes) >= 0;
        if (a >= 0)
            H5Aclose(a);
    } else if (good) {
        const hid_t set =
            H5Dcreate2(group, name, table, space, H5P_DEFAULT, properties, H5P_DEFAULT);
        good = set >= 0 && H5Dwrite(set, table, H5S_ALL, H5S_ALL, H5P_DEFAULT, bytes) >= 0;
        if (set >= 0)
            H5Dclose(set);
    }
    eg_h5_done(table, space, properties);
    eg_free(w->alloc, bytes, total);
    return checked(w, good);
}

static engram_status write_table(writer *w, hid_t group, const eg_field *field,
                                 const eg_any_list *list, eg_hash *hash)
{
    const eg_element_type *type = field->element;
    for (size_t k = 0; k < list->count; k++) {
        eg_digest row;
        eg_digest_row(&row, type, at(list->item, k * type->size));
        eg_digest_part(hash, &row);
    }
    column *columns = eg_calloc_array(w->alloc, type->field_count, sizeof *columns);
    if (!columns)
        return eg_fail_memory(w->err, "a table");
    size_t n = 0, row = 0;
    bool good = true;
    for (size_t f = 0; good && f < type->field_count; f++) {
        if (!column_needed(&type->fields[f], list, type))
            continue;
        columns[n].field = &type->fields[f];
        good = column_type(&columns[n], list, type);
        columns[n].offset = row;
        row += columns[n].size;
        n++;
    }
    const engram_status status =
        good && row ? write_rows(w, group, field->name, columns, n, row, list, type)
                    : failed(w);
    for (size_t c = 0; c < n; c++)
        if (columns[c].type > 0)
            H5Tclose(columns[c].type);
    eg_free(w->alloc, columns, type->field_count * sizeof *columns);
    return status;
}

/* ---- arrays -------------------------------------------------------------------------------
 */

typedef enum packing { PACK_NOT, PACK_DEFLATE, PACK_SHUFFLE } packing;

static bool set_filters(hid_t properties, packing how)
{
    return (how != PACK_SHUFFLE || H5Pset_shuffle(properties) >= 0) &&
           H5Pset_deflate(properties, DEFLATE_LEVEL) >= 0;
}

/* Bytes that `count` elements take as one packed chunk: asked of HDF5 itself, in a file that is
 * nowhere. SIZE_MAX if it cannot be told. */
static size_t packed_size(writer *w, packing as, hid_t type, const void *elements, size_t count)
{
    const hsize_t shape = count;
    if (!w->scratch) {
        const hid_t access = H5Pcreate(H5P_FILE_ACCESS);
        if (access >= 0 && H5Pset_fapl_core(access, 1 << 20, 0) >= 0)
            w->scratch = H5Fcreate("scratch", H5F_ACC_TRUNC, H5P_DEFAULT, access);
        if (access >= 0)
            H5Pclose(access);
    }
    const hid_t how = H5Pcreate(H5P_DATASET_CREATE), space = H5Screate_simple(1, &shape, NULL);
    size_t size = SIZE_MAX;
    if (w->scratch > 0 && how >= 0 && space >= 0 && H5Pset_chunk(how, 1, &shape) >= 0 &&
        set_filters(how, as)) {
        const hid_t set =
            H5Dcreate2(w->scratch, "s", type, space, H5P_DEFAULT, how, H5P_DEFAULT);
        if (set >= 0 && H5Dwrite(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, elements) >= 0 &&
            H5Dflush(set) >= 0)
            size = (size_t)H5Dget_storage_size(set);
        if (set >= 0)
            H5Dclose(set);
        (void)H5Ldelete(w->scratch, "s", H5P_DEFAULT);
    }
    eg_h5_done(-1, space, how);
    H5Eclear2(H5E_DEFAULT);
    return size;
}

/* How to pack an array so that it is worth what reading it then costs: a few pieces from begin
 * to end become small enough, one way or the other. docs/format.md, "Compression". */
static engram_status choose_packing(packing *out, writer *w, hid_t type,
                                    const eg_source *source)
{
    const size_t bytes = eg_dtype_size(source->dtype);
    const uint64_t most = SAMPLE_BYTES / bytes;
    const uint64_t piece = source->count < most ? source->count : most;
    const uint64_t pieces = source->count / piece < SAMPLES ? source->count / piece : SAMPLES;
    size_t raw = 0, packed[PACK_SHUFFLE + 1] = {0};
    unsigned char *block = eg_calloc(w->alloc, SAMPLE_BYTES);
    *out = PACK_NOT;
    if (!block)
        return eg_fail_memory(w->err, "an array");
    engram_status status = ENGRAM_OK;
    for (uint64_t k = 0; !status && k < pieces; k++) {
        const uint64_t first = pieces > 1 ? (source->count - piece) / (pieces - 1) * k : 0;
        status = eg_source_read(source, block, first, piece, w->err);
        for (packing as = PACK_DEFLATE; !status && as <= PACK_SHUFFLE; as++) {
            const size_t size = packed_size(w, as, type, block, (size_t)piece);
            packed[as] = size > SIZE_MAX / 2 ? SIZE_MAX / 2 : packed[as] + size;
        }
        raw += (size_t)piece * bytes;
    }
    eg_free(w->alloc, block, SAMPLE_BYTES);
    const packing best =
        packed[PACK_SHUFFLE] < packed[PACK_DEFLATE] ? PACK_SHUFFLE : PACK_DEFLATE;
    if (!status && packed[best] < raw / 100 * PAYS_PERCENT)
        *out = best;
    return status;
}

/* Chunks of about 1 MiB. */
static bool compress(hid_t properties, const eg_source *source, size_t bytes, packing how)
{
    hsize_t chunk[EG_SOURCE_DIMS] = {source->shape[0], source->shape[1]};
    const uint64_t most = CHUNK_BYTES / bytes;
    if (source->ndim == 2 && chunk[1] > most)
        chunk[1] = most;
    const uint64_t width = source->ndim == 2 ? chunk[1] : 1;
    if (chunk[0] > most / width)
        chunk[0] = most / width ? most / width : 1;
    return H5Pset_chunk(properties, (int)source->ndim, chunk) >= 0 &&
           set_filters(properties, how);
}

/* Copy elements [first, first + count) of the source into the dataset, as boxes of rows. */
static bool write_range(hid_t set, hid_t type, const eg_source *source, const void *bytes,
                        uint64_t first, uint64_t count)
{
    const hid_t space = H5Dget_space(set);
    const hsize_t n = count, columns = source->ndim == 2 ? source->shape[1] : 1;
    const hid_t memory = H5Screate_simple(1, &n, NULL);
    const hsize_t start[2] = {first / columns, 0}, size[2] = {count / columns, columns};
    const bool good = space >= 0 && memory >= 0 &&
                      (!source->ndim || H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL,
                                                            size, NULL) >= 0) &&
                      H5Dwrite(set, type, memory, space, H5P_DEFAULT, bytes) >= 0;
    if (space >= 0)
        H5Sclose(space);
    if (memory >= 0)
        H5Sclose(memory);
    return good;
}

static engram_status write_contents(writer *w, hid_t set, hid_t type, const eg_source *source,
                                    eg_hash *hash)
{
    const size_t bytes = eg_dtype_size(source->dtype);
    const uint64_t columns = source->ndim == 2 && source->shape[1] ? source->shape[1] : 1;
    uint64_t step = RANGE_BYTES / bytes / columns * columns;
    step = step ? step : columns; /* one row may be larger than a range */
    step = step < source->count ? step : source->count;
    unsigned char *block = eg_calloc_array(w->alloc, (size_t)step, bytes);
    if (!block)
        return eg_fail_memory(w->err, "an array");
    engram_status status = ENGRAM_OK;
    for (uint64_t first = 0; !status && first < source->count; first += step) {
        const uint64_t left = source->count - first, count = left < step ? left : step;
        status = eg_source_read(source, block, first, count, w->err);
        if (!status)
            eg_hash_add(hash, block, (size_t)count * bytes);
        if (!status)
            status = checked(w, write_range(set, type, source, block, first, count));
        if (!status)
            status = eg_h5_written(&w->file, w->err);
    }
    eg_free(w->alloc, block, (size_t)step * bytes);
    return status;
}

static engram_status write_array(writer *w, hid_t group, const eg_field *field,
                                 const eg_source *source, eg_hash *hash)
{
    const size_t bytes = eg_dtype_size(source->dtype);
    const hsize_t shape[EG_SOURCE_DIMS] = {source->shape[0], source->shape[1]};
    const hid_t file_type = eg_h5_dtype(source->dtype, true);
    const hid_t type = eg_h5_dtype(source->dtype, false), properties = eg_h5_plain_dataset();
    const hid_t space =
        source->ndim ? H5Screate_simple((int)source->ndim, shape, NULL) : H5Screate(H5S_SCALAR);
    bool good = file_type >= 0 && type >= 0 && properties >= 0 && space >= 0;
    packing how = PACK_NOT;
    engram_status status = ENGRAM_OK;
    if (good && (w->flags & EG_HDF5_COMPRESS) && source->ndim &&
        source->count > COMPRESS_FROM / bytes)
        status = choose_packing(&how, w, type, source);
    if (good && how)
        good = compress(properties, source, bytes, how);
    const hid_t set = good && !status ? H5Dcreate2(group, field->name, file_type, space,
                                                   H5P_DEFAULT, properties, H5P_DEFAULT)
                                      : -1;
    eg_hash contents;
    eg_digest digest;
    eg_hash_begin(&contents);
    if (!status)
        status = set < 0         ? failed(w)
                 : source->count ? write_contents(w, set, type, source, &contents)
                                 : ENGRAM_OK;
    eg_hash_end(&digest, &contents);
    if (!status)
        status = checked(w, eg_h5_put_digest(set, &digest));
    eg_digest_array(hash, field, source, &digest);
    if (set >= 0 && H5Dclose(set) < 0 && !status)
        status = failed(w);
    if (file_type >= 0)
        H5Tclose(file_type);
    if (type >= 0)
        H5Tclose(type);
    if (properties >= 0)
        H5Pclose(properties);
    if (space >= 0)
        H5Sclose(space);
    return status;
}

/* ---- elements -----------------------------------------------------------------------------
 */

static engram_status write_child(writer *w, hid_t parent, const char *name,
                                 const eg_element_type *type, const void *element,
                                 eg_hash *hash)
{
    const size_t length = descend(w, name);
    const hid_t group = eg_h5_new_group(parent, name);
    eg_digest digest;
    const engram_status status =
        group < 0 ? failed(w) : write_element(w, group, type, element, &digest);
    if (group >= 0)
        H5Gclose(group);
    if (!status)
        eg_digest_part(hash, &digest);
    if (!status)
        w->where[length] = '\0';
    return status;
}

typedef struct named {
    const char *name;
    const void *element;
} named;

static int by_name(const void *a, const void *b)
{
    return strcmp(((const named *)a)->name, ((const named *)b)->name);
}

/* Children in canonical order, so that the order in memory leaves no trace. */
static engram_status write_list(writer *w, hid_t group, const eg_field *field,
                                const eg_any_list *list, eg_hash *hash)
{
    const eg_field *key = eg_element_field(field->element, "name");
    named *order = eg_calloc_array(w->alloc, list->count, sizeof *order);
    if (!order || !key) {
        eg_free(w->alloc, order, list->count * sizeof *order);
        return eg_fail_memory(w->err, "a list");
    }
    for (size_t k = 0; k < list->count; k++) {
        order[k].element = at(list->item, k * field->element->size);
        order[k].name = text_at(order[k].element, key->offset);
    }
    qsort(order, list->count, sizeof *order, by_name);
    engram_status status = ENGRAM_OK;
    for (size_t k = 0; !status && k < list->count; k++) {
        if (!eg_h5_good_name(order[k].name))
            status = eg_fail(w->err, ENGRAM_E_SCHEMA,
                             "%s holds the name \"%.100s\", which an HDF5 link cannot carry "
                             "(wanted: not empty, no '/', not \".\" or \"..\")",
                             w->where, order[k].name);
        else if (k && !strcmp(order[k].name, order[k - 1].name))
            status = eg_fail(w->err, ENGRAM_E_SCHEMA, "%s holds \"%.100s\" twice", w->where,
                             order[k].name);
        else
            status =
                write_child(w, group, order[k].name, field->element, order[k].element, hash);
    }
    eg_free(w->alloc, order, list->count * sizeof *order);
    return status;
}

static engram_status write_seq(writer *w, hid_t group, const eg_field *field,
                               const eg_any_list *list, eg_hash *hash)
{
    engram_status status = ENGRAM_OK;
    for (size_t k = 0; !status && k < list->count; k++) {
        char name[32];
        snprintf(name, sizeof name, "%04zu", k);
        status = write_child(w, group, name, field->element,
                             at(list->item, k * field->element->size), hash);
    }
    return status;
}

static engram_status write_children(writer *w, hid_t parent, const eg_field *field,
                                    const eg_any_list *list, eg_hash *hash)
{
    const hid_t group = eg_h5_new_group(parent, field->name);
    if (group < 0)
        return failed(w);
    const engram_status status = field->kind == EG_FIELD_LIST
                                     ? write_list(w, group, field, list, hash)
                                     : write_seq(w, group, field, list, hash);
    H5Gclose(group);
    return status;
}

static engram_status write_field(writer *w, hid_t group, const eg_field *field,
                                 const void *element, eg_hash *hash)
{
    const void *value = at(element, field->offset);
    const void *pointer = NULL;
    const eg_any_list *list = value; /* same layout for every list type */
    if (!field->element && field->kind != EG_FIELD_ARRAY)
        eg_digest_value(hash, field, element);
    else if (field->element)
        eg_digest_begin(hash, field, field->kind == EG_FIELD_ONE ? 1 : list->count);
    switch (field->kind) {
    case EG_FIELD_STR:
        return write_text(w, group, field->name, text_at(element, field->offset));
    case EG_FIELD_F64:
        return checked(w, eg_h5_put_number(group, field->name, EG_F64, value, 0));
    case EG_FIELD_I64:
        return checked(w, eg_h5_put_number(group, field->name, EG_I64, value, 0));
    case EG_FIELD_FLAG:
        return checked(w, eg_h5_put_number(group, field->name, EG_BOOL, value, 0));
    case EG_FIELD_DIM:
        return checked(w, eg_h5_put_number(group, field->name, EG_F64, value, 7));
    case EG_FIELD_STRS:
        return write_strs(w, group, field->name, value);
    case EG_FIELD_ARRAY:
        memcpy(&pointer, value, sizeof pointer);
        return pointer ? write_array(w, group, field, pointer, hash)
                       : eg_fail(w->err, ENGRAM_E_SCHEMA, "the required array %.200s is absent",
                                 w->where);
    case EG_FIELD_ONE:
        memcpy(&pointer, value, sizeof pointer);
        return write_child(w, group, field->name, field->element, pointer, hash);
    case EG_FIELD_LIST:
    case EG_FIELD_SEQ:
        return list->count ? write_children(w, group, field, list, hash) : ENGRAM_OK;
    case EG_FIELD_TABLE:
        return list->count ? write_table(w, group, field, list, hash) : ENGRAM_OK;
    }
    return ENGRAM_OK;
}

static engram_status write_element(writer *w, hid_t group, const eg_element_type *type,
                                   const void *element, eg_digest *digest)
{
    const int64_t version = 1;
    eg_hash hash;
    eg_hash_begin(&hash);
    engram_status status =
        checked(w, eg_h5_put_text(group, "type", type->name) &&
                       eg_h5_put_number(group, "type_version", EG_I64, &version, 0));
    for (size_t f = 0; !status && f < type->field_count; f++) {
        const eg_field *field = &type->fields[f];
        if (!eg_digest_has(field, element))
            continue;
        /* ONE writes its own step of the path. */
        const size_t length =
            field->kind == EG_FIELD_ONE ? strlen(w->where) : descend(w, field->name);
        status = write_field(w, group, field, element, &hash);
        if (!status)
            w->where[length] = '\0';
    }
    eg_hash_end(digest, &hash);
    if (!status)
        status = checked(w, eg_h5_put_digest(group, digest));
    return status ? status : eg_h5_written(&w->file, w->err);
}

static engram_status write_file(writer *w, const eg_net *net)
{
    const hid_t root = H5Gopen2(w->file.id, "/", H5P_DEFAULT);
    if (root < 0)
        return failed(w);
    eg_digest digest;
    const engram_status status =
        write_element(w, root, &eg_type_document, &net->document, &digest);
    H5Gclose(root);
    return status;
}

engram_status eg_h5_write_net(const eg_net *net, const char *path, unsigned flags,
                              const engram_alloc *alloc, engram_error *err)
{
    alloc = alloc ? alloc : engram_default_alloc();
    char beside[4096];
    engram_status status = eg_beside_path(beside, sizeof beside, path, err);
    if (status)
        return status;
    writer *w = eg_calloc(alloc, sizeof *w);
    if (!w)
        return eg_fail_memory(err, "writing an archive");
    w->alloc = alloc;
    w->flags = flags;
    w->err = err;
    eg_h5_guard guard;
    eg_h5_enter(&guard);
    status = eg_h5_create(&w->file, beside, false, err);
    const bool created = !status;
    if (!status)
        status = write_file(w, net);
    if (w->scratch > 0)
        H5Fclose(w->scratch);
    if (created) {
        const engram_status closed = eg_h5_close(&w->file, status ? NULL : err);
        status = status ? status : closed;
    }
    eg_h5_leave(&guard);
    eg_free(alloc, w, sizeof *w);
    if (!status)
        status = eg_h5_seal_write(beside, EG_HDF5_NETWORK, err);
    if (!status)
        return eg_beside_commit(beside, path, err);
    if (created)
        eg_beside_abandon(beside);
    return status;
}
