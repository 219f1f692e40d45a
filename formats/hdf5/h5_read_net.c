#include "common/utf8.h"
#include "hdf5/h5.h"
#include "network/net_digest.h"

#include <stdio.h>
#include <string.h>

enum { NOTED_MOST = 1000 };

typedef struct reader {
    eg_h5_file *file; /* in the net: lives until eg_net_free */
    eg_net *net;
    const engram_alloc *alloc;
    engram_error *err;
    bool newer;    /* a newer minor version: unknown things are named, not refused */
    bool any_kept; /* a source needs the file later */
    bool force;    /* what does not match its digest is named, not refused */
    size_t unsure; /* things met by which an element's digest cannot be judged */
    char where[1024];
} reader;

static engram_status read_element(reader *r, hid_t group, const eg_element_type *type,
                                  void *element, eg_digest *digest);

static void *at(void *element, size_t offset)
{
    return (unsigned char *)element + offset;
}

static size_t descend(reader *r, const char *name)
{
    const size_t length = strlen(r->where);
    const int put = snprintf(r->where + length, sizeof r->where - length, "/%s", name);
    (void)put; /* a cut path is still a path for the reader of a message */
    return length;
}

static engram_status broken(reader *r)
{
    return eg_h5_fail(r->file, ENGRAM_E_FORMAT, r->where, r->err);
}

static engram_status wrong(reader *r, const char *found)
{
    return eg_fail(r->err, ENGRAM_E_SCHEMA, "%.200s: %.200s %s", r->file->path, r->where,
                   found);
}

/* Add a path to a list of them, up to a limit. */
static engram_status note(reader *r, eg_strs *list, const char *path)
{
    if (list->count >= NOTED_MOST)
        return ENGRAM_OK;
    if (!list->item)
        list->item = eg_arena_array(r->net->arena, NOTED_MOST, sizeof *list->item);
    if (!list->item || !path)
        return eg_fail_memory(r->err, "what is ignored");
    list->item[list->count++] = path;
    return ENGRAM_OK;
}

/* Something the tables do not have, at r->where/name. */
static engram_status unknown(reader *r, const char *what, const char *name)
{
    if (!r->newer)
        return eg_fail(r->err, ENGRAM_E_SCHEMA, "%.200s: %.200s has the unknown %s \"%.80s\"",
                       r->file->path, r->where, what, name);
    r->unsure++; /* the digest was made with it */
    return note(r, &r->net->ignored, eg_arena_printf(r->net->arena, "%s/%s", r->where, name));
}

/* ---- what stands in a group ----------------------------------------------------------------
 */

typedef struct links {
    const char **item; /* [room] */
    size_t count, room;
    eg_arena *arena;
    const char *why; /* what is wrong with the list */
} links;

/* What stands in an element's group: asked for once, since each question costs. */
typedef struct contents {
    hid_t group;
    links attributes, members;
} contents;

static herr_t take_link(hid_t group, const char *name, const H5L_info_t *info, void *context)
{
    (void)group;
    (void)info;
    links *list = context;
    if (list->count == list->room || strlen(name) >= EG_H5_NAME)
        list->why = "holds a name that is too long, or more than it says";
    else if (!(list->item[list->count++] = eg_arena_strdup(list->arena, name)))
        list->why = "";
    return list->why ? 1 : 0;
}

/* Names of a group's members, by code point, in one pass: asked for one by one, each would
 * be looked for from the start. */
static engram_status list_links(reader *r, links *out, hid_t group)
{
    H5G_info_t info;
    *out = (links){.arena = r->net->arena};
    if (H5Gget_info(group, &info) < 0)
        return broken(r);
    if (info.nlinks > r->file->mapping.size / 16) /* a link needs more than that */
        return wrong(r, "claims more members than the file can hold");
    out->room = (size_t)info.nlinks;
    out->item = eg_arena_array(out->arena, out->room, sizeof *out->item);
    if (!out->item)
        return eg_fail_memory(r->err, "a list");
    if (!out->room)
        return ENGRAM_OK;
    hsize_t at = 0;
    const herr_t done = H5Literate(group, H5_INDEX_NAME, H5_ITER_INC, &at, take_link, out);
    if (out->why)
        return *out->why ? wrong(r, out->why) : eg_fail_memory(r->err, "a list");
    return done < 0 || out->count != out->room ? broken(r) : ENGRAM_OK;
}

static herr_t take_attribute(hid_t group, const char *name, const H5A_info_t *info,
                             void *context)
{
    (void)info;
    return take_link(group, name, NULL, context);
}

static engram_status list_contents(reader *r, contents *out, hid_t group)
{
    links *list = &out->attributes;
    out->group = group;
    *list = (links){.arena = r->net->arena};
    const int count = H5Aget_num_attrs(group);
    if (count < 0)
        return broken(r);
    if ((size_t)count > r->file->mapping.size / 16)
        return wrong(r, "claims more attributes than the file can hold");
    list->room = (size_t)count;
    list->item = eg_arena_array(list->arena, list->room, sizeof *list->item);
    if (!list->item)
        return eg_fail_memory(r->err, "a list");
    hsize_t at = 0;
    const herr_t done =
        H5Aiterate2(group, H5_INDEX_NAME, H5_ITER_INC, &at, take_attribute, list);
    if (list->why)
        return *list->why ? wrong(r, list->why) : eg_fail_memory(r->err, "a list");
    return done < 0 ? broken(r) : list_links(r, &out->members, group);
}

static bool listed(const links *list, const char *name)
{
    for (size_t k = 0; k < list->count; k++)
        if (!strcmp(list->item[k], name))
            return true;
    return false;
}

/* ---- values: an attribute, or a dataset for long texts -------------------------------------
 */

typedef struct value {
    hid_t id, type, space;
    bool dataset;
    H5T_class_t kind;
    size_t size;    /* bytes of an element */
    uint64_t count; /* elements; 0 also for a null space */
    int ndim;
} value;

static void value_close(value *v)
{
    if (v->type >= 0)
        H5Tclose(v->type);
    if (v->space >= 0)
        H5Sclose(v->space);
    if (v->id >= 0 && v->dataset)
        H5Dclose(v->id);
    else if (v->id >= 0)
        H5Aclose(v->id);
}

static hid_t open_object(reader *r, hid_t group, const char *name, H5I_type_t wanted,
                         engram_status *status)
{
    return eg_h5_object(r->file, group, name, wanted, r->where, status, r->err);
}

static engram_status value_open(reader *r, value *v, const contents *c, const char *name)
{
    *v = (value){.id = -1, .type = -1, .space = -1};
    engram_status status = ENGRAM_OK;
    hsize_t shape[H5S_MAX_RANK] = {0};
    if (listed(&c->attributes, name)) {
        v->id = H5Aopen(c->group, name, H5P_DEFAULT);
        v->space = v->id < 0 ? -1 : H5Aget_space(v->id);
        v->type = v->id < 0 ? -1 : H5Aget_type(v->id);
        const hssize_t points = v->space < 0 ? -1 : H5Sget_simple_extent_npoints(v->space);
        if (points < 0 || v->type < 0)
            return broken(r);
        v->count = (uint64_t)points;
        v->ndim = H5Sget_simple_extent_ndims(v->space);
        if (H5Sget_simple_extent_type(v->space) == H5S_NULL)
            v->ndim = 1;
    } else {
        v->dataset = true;
        v->id = open_object(r, c->group, name, H5I_DATASET, &status);
        if (v->id < 0)
            return status;
        status = eg_h5_judge(r->file, v->id, r->where, 1, &v->ndim, shape, &v->count, r->err);
        if (status)
            return status;
        v->space = H5Dget_space(v->id);
        v->type = H5Dget_type(v->id);
        if (v->space < 0 || v->type < 0)
            return broken(r);
    }
    v->kind = H5Tget_class(v->type);
    v->size = H5Tget_size(v->type);
    size_t bytes;
    if (!eg_mul_size(&bytes, (size_t)v->count, v->size) || bytes > EG_H5_TEXT_MOST ||
        bytes > r->file->mapping.size)
        return eg_fail(r->err, ENGRAM_E_LIMIT,
                       "%.200s: %.200s claims more bytes than the file can hold", r->file->path,
                       r->where);
    return ENGRAM_OK;
}

static engram_status value_read(reader *r, const value *v, hid_t memory, void *out)
{
    const herr_t done = v->dataset ? H5Dread(v->id, memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, out)
                                   : H5Aread(v->id, memory, out);
    return done < 0 ? broken(r) : ENGRAM_OK;
}

static bool fixed_text(hid_t type)
{
    return H5Tget_class(type) == H5T_STRING && H5Tis_variable_str(type) == 0;
}

/* A text of fixed length into the arena: UTF-8, then zeros. */
static engram_status keep_text(reader *r, const char **out, const char *bytes, size_t size)
{
    const size_t length = strnlen(bytes, size);
    *out = "";
    for (size_t k = length; k < size; k++)
        if (bytes[k])
            return wrong(r, "holds a text with a NUL in it");
    if (eg_utf8_prefix(bytes, length) != length)
        return wrong(r, "holds a text that is not valid UTF-8");
    if (!length)
        return ENGRAM_OK;
    *out = eg_arena_strndup(r->net->arena, bytes, length);
    return *out ? ENGRAM_OK : eg_fail_memory(r->err, "a text");
}

/* Text of `v`, element by element, into the arena. */
static engram_status take_texts(reader *r, const value *v, const char **out)
{
    if (!fixed_text(v->type))
        return wrong(r, "is no text of fixed length");
    if (!v->count)
        return ENGRAM_OK;
    const size_t total = v->size * (size_t)v->count;
    char *bytes = eg_calloc(r->alloc, total);
    if (!bytes)
        return eg_fail_memory(r->err, "a text");
    engram_status status = value_read(r, v, v->type, bytes);
    for (uint64_t k = 0; !status && k < v->count; k++)
        status = keep_text(r, &out[k], bytes + (size_t)k * v->size, v->size);
    eg_free(r->alloc, bytes, total);
    return status;
}

static engram_status read_strs(reader *r, const value *v, eg_strs *out)
{
    if (v->ndim != 1)
        return wrong(r, "is no list");
    *out = (eg_strs){NULL, 0};
    if (!v->count)
        return fixed_text(v->type) ? ENGRAM_OK : wrong(r, "is no list of texts");
    out->item = eg_arena_array(r->net->arena, (size_t)v->count, sizeof *out->item);
    if (!out->item)
        return eg_fail_memory(r->err, "a list of texts");
    out->count = (size_t)v->count;
    return take_texts(r, v, out->item);
}

static bool is_bool(hid_t type)
{
    eg_dtype dtype;
    return eg_h5_dtype_of(&dtype, type) && dtype == EG_BOOL;
}

/* A number, flag or dimension; `scalar` shape is judged by the caller's count. */
static engram_status read_number(reader *r, const value *v, eg_dtype dtype, uint64_t count,
                                 void *out)
{
    const bool fits = dtype == EG_F64   ? v->kind == H5T_FLOAT
                      : dtype == EG_I64 ? v->kind == H5T_INTEGER && v->size <= 8
                                        : is_bool(v->type);
    if (!fits || v->count != count)
        return wrong(r, "has the wrong type or shape");
    if (dtype == EG_I64 && v->size == 8 && H5Tget_sign(v->type) == H5T_SGN_NONE)
        return wrong(r, "is unsigned, wanted int64");
    const hid_t memory = eg_h5_dtype(dtype, false);
    double numbers[7] = {0};
    engram_status status = memory < 0 ? broken(r) : value_read(r, v, memory, numbers);
    if (memory >= 0)
        H5Tclose(memory);
    if (!status && dtype == EG_BOOL) {
        unsigned char byte;
        memcpy(&byte, numbers, 1);
        if (byte > 1)
            return wrong(r, "is neither FALSE nor TRUE");
    }
    if (!status)
        memcpy(out, numbers, count * eg_dtype_size(dtype));
    return status;
}

static bool good_dim(eg_dim *dim)
{
    for (int k = 0; k < 7; k++)
        if (!eg_dim_exponent(&dim->exponent[k]))
            return false;
    return true;
}

static engram_status read_value(reader *r, const contents *c, const eg_field *field, void *out)
{
    value v;
    engram_status status = value_open(r, &v, c, field->name);
    if (!status) {
        switch (field->kind) {
        case EG_FIELD_STR: {
            const char *text = NULL;
            status = v.count == 1 ? take_texts(r, &v, &text) : wrong(r, "is no single text");
            if (!status)
                memcpy(out, &text, sizeof text);
            break;
        }
        case EG_FIELD_STRS:
            status = read_strs(r, &v, out);
            break;
        case EG_FIELD_F64:
            status = read_number(r, &v, EG_F64, 1, out);
            break;
        case EG_FIELD_I64:
            status = read_number(r, &v, EG_I64, 1, out);
            break;
        case EG_FIELD_FLAG:
            status = read_number(r, &v, EG_BOOL, 1, out);
            break;
        default:
            status = read_number(r, &v, EG_F64, 7, out);
            if (!status && !good_dim(out))
                status = wrong(r, "has exponents that are no small numbers");
            break;
        }
    }
    value_close(&v);
    return status;
}

/* ---- tables -------------------------------------------------------------------------------
 */

typedef struct table {
    hid_t type;
    size_t row;
    uint64_t count;
    unsigned char *bytes;
} table;

/* One column of every row into the items. */
static engram_status take_column(reader *r, const table *t, const eg_field *field,
                                 unsigned index, void *items, size_t item_size)
{
    const size_t offset = H5Tget_member_offset(t->type, index);
    const hid_t type = H5Tget_member_type(t->type, index);
    if (type < 0)
        return broken(r);
    const size_t size = H5Tget_size(type);
    eg_dtype dtype = EG_DTYPE_COUNT;
    const bool known = eg_h5_dtype_of(&dtype, type);
    bool fits = false;
    if (field->kind == EG_FIELD_STR)
        fits = fixed_text(type);
    else if (field->kind == EG_FIELD_DIM)
        fits = H5Tget_class(type) == H5T_ARRAY && size == sizeof(eg_dim);
    else
        fits = known && dtype == (field->kind == EG_FIELD_F64   ? EG_F64
                                  : field->kind == EG_FIELD_I64 ? EG_I64
                                                                : EG_BOOL);
    if (fits && field->kind == EG_FIELD_DIM) {
        const hid_t super = H5Tget_super(type);
        fits = super >= 0 && eg_h5_dtype_of(&dtype, super) && dtype == EG_F64;
        if (super >= 0)
            H5Tclose(super);
    }
    H5Tclose(type);
    if (!fits || offset > t->row || size > t->row - offset)
        return wrong(r, "has a column of the wrong type");
    for (uint64_t k = 0; k < t->count; k++) {
        const unsigned char *cell = t->bytes + (size_t)k * t->row + offset;
        void *out = at(items, (size_t)k * item_size + field->offset);
        if (field->kind == EG_FIELD_STR) {
            const char *text;
            const engram_status status = keep_text(r, &text, (const char *)cell, size);
            if (status)
                return status;
            memcpy(out, &text, sizeof text);
        } else if (field->kind == EG_FIELD_FLAG && *cell > 1) {
            return wrong(r, "has a flag that is neither FALSE nor TRUE");
        } else {
            memcpy(out, cell, size);
            if (field->kind == EG_FIELD_DIM && !good_dim(out))
                return wrong(r, "has a dimension whose exponents are no small numbers");
        }
    }
    return ENGRAM_OK;
}

static engram_status take_rows(reader *r, const table *t, const eg_element_type *type,
                               eg_any_list *out)
{
    out->item = eg_arena_array(r->net->arena, (size_t)t->count, type->size);
    if (!out->item)
        return eg_fail_memory(r->err, "a table");
    out->count = (size_t)t->count;
    for (size_t k = 0; k < out->count; k++)
        eg_element_defaults(type, at(out->item, k * type->size));
    const int members = H5Tget_nmembers(t->type);
    size_t required = 0, met = 0;
    for (size_t f = 0; f < type->field_count; f++)
        required += type->fields[f].required;
    engram_status status = ENGRAM_OK;
    for (int m = 0; !status && m < members; m++) {
        char *name = H5Tget_member_name(t->type, (unsigned)m);
        const eg_field *field = name ? eg_element_field(type, name) : NULL;
        if (!name)
            status = broken(r);
        else if (!field)
            status = unknown(r, "column", name);
        else
            status = take_column(r, t, field, (unsigned)m, out->item, type->size);
        met += field && field->required;
        H5free_memory(name);
    }
    return !status && met != required ? wrong(r, "lacks a required column") : status;
}

static engram_status read_table(reader *r, const contents *c, const eg_field *field, void *out)
{
    value v;
    engram_status status = value_open(r, &v, c, field->name); /* bounds its bytes */
    if (!status &&
        (v.kind != H5T_COMPOUND || v.ndim != 1 || !v.count ||
         H5Tdetect_class(v.type, H5T_VLEN) > 0 || H5Tdetect_class(v.type, H5T_REFERENCE) > 0))
        status = wrong(r, "is no table");
    if (!status) {
        table t = {v.type, v.size, v.count, NULL};
        const size_t total = v.size * (size_t)v.count;
        t.bytes = eg_calloc(r->alloc, total);
        status =
            t.bytes ? value_read(r, &v, v.type, t.bytes) : eg_fail_memory(r->err, "a table");
        if (!status)
            status = take_rows(r, &t, field->element, out);
        eg_free(r->alloc, t.bytes, total);
    }
    value_close(&v);
    return status;
}

/* ---- elements -----------------------------------------------------------------------------
 */

static engram_status read_array(reader *r, hid_t group, const eg_field *field, void *out)
{
    engram_status status = ENGRAM_OK;
    bool kept = false;
    eg_source *source = NULL;
    const hid_t set = open_object(r, group, field->name, H5I_DATASET, &status);
    if (set < 0)
        return status;
    status = eg_h5_source(&source, &kept, r->file, set, r->where, r->net->arena, r->err);
    r->any_kept = r->any_kept || kept;
    r->unsure += source && !source->digest;
    memcpy(out, &source, sizeof(eg_source *));
    return status;
}

/* The group at `name` as an element of `type`. For list items its name must be its link's. */
static engram_status read_child(reader *r, hid_t parent, const char *name,
                                const eg_element_type *type, void *element, bool named,
                                eg_hash *hash)
{
    engram_status status = ENGRAM_OK;
    const size_t length = strlen(r->where);
    const hid_t group = open_object(r, parent, name, H5I_GROUP, &status);
    if (group < 0)
        return status;
    eg_digest digest;
    status = read_element(r, group, type, element, &digest);
    H5Gclose(group);
    if (!status)
        eg_digest_part(hash, &digest);
    const eg_field *key = named && !status ? eg_element_field(type, "name") : NULL;
    if (key) {
        const char *text;
        memcpy(&text, at(element, key->offset), sizeof text);
        if (strcmp(text, name))
            status = wrong(r, "has a `name` that is not its link's");
    }
    if (!status)
        r->where[length] = '\0';
    return status;
}

static engram_status read_one(reader *r, hid_t group, const eg_field *field, void *out,
                              eg_hash *hash)
{
    void *element = eg_arena_alloc(r->net->arena, field->element->size);
    if (!element)
        return eg_fail_memory(r->err, "an element");
    memcpy(out, &element, sizeof element);
    eg_digest_begin(hash, field, 1);
    return read_child(r, group, field->name, field->element, element, false, hash);
}

static engram_status read_children(reader *r, hid_t parent, const eg_field *field, void *out,
                                   eg_hash *hash)
{
    engram_status status = ENGRAM_OK;
    const eg_element_type *type = field->element;
    const hid_t group = open_object(r, parent, field->name, H5I_GROUP, &status);
    if (group < 0)
        return status;
    links members;
    eg_any_list list = {NULL, 0};
    status = list_links(r, &members, group);
    if (!status && H5Aget_num_attrs(group) != 0)
        status = wrong(r, "is a list and has attributes");
    if (!status) {
        list.item = eg_arena_array(r->net->arena, members.count, type->size);
        if (!list.item)
            status = eg_fail_memory(r->err, "a list");
    }
    if (members.count)
        eg_digest_begin(hash, field, members.count);
    for (size_t k = 0; !status && k < members.count; k++) {
        char number[32];
        snprintf(number, sizeof number, "%04zu", k);
        const char *name = field->kind == EG_FIELD_SEQ ? number : members.item[k];
        const size_t length = descend(r, name);
        if (field->kind == EG_FIELD_SEQ && H5Lexists(group, name, H5P_DEFAULT) <= 0)
            status = wrong(r, "is missing in the sequence");
        else
            status = read_child(r, group, name, type, at(list.item, k * type->size),
                                field->kind == EG_FIELD_LIST, hash);
        if (!status)
            r->where[length] = '\0';
    }
    list.count = status ? 0 : members.count;
    memcpy(out, &list, sizeof list);
    H5Gclose(group);
    return status;
}

/* One field, and its part of the element's digest. */
static engram_status read_field(reader *r, const contents *c, const eg_field *field,
                                void *element, eg_hash *hash)
{
    static const eg_digest none = {{0}};
    void *out = at(element, field->offset);
    engram_status status;
    switch (field->kind) {
    case EG_FIELD_ARRAY: {
        status = read_array(r, c->group, field, out);
        const eg_source *source = *(eg_source *const *)out;
        if (!status)
            eg_digest_array(hash, field, source, source->digest ? source->digest : &none);
        return status;
    }
    case EG_FIELD_ONE:
        return read_one(r, c->group, field, out, hash);
    case EG_FIELD_LIST:
    case EG_FIELD_SEQ:
        return read_children(r, c->group, field, out, hash);
    case EG_FIELD_TABLE: {
        const eg_any_list *rows = out;
        status = read_table(r, c, field, out);
        if (!status && rows->count)
            eg_digest_begin(hash, field, rows->count);
        for (size_t k = 0; !status && k < rows->count; k++) {
            eg_digest row;
            eg_digest_row(&row, field->element, at(rows->item, k * field->element->size));
            eg_digest_part(hash, &row);
        }
        return status;
    }
    default:
        status = read_value(r, c, field, out);
        if (!status && eg_digest_has(field, element))
            eg_digest_value(hash, field, element);
        return status;
    }
}

/* Whether a field of this name may be an attribute (else: a child). */
static bool may_be_attribute(const eg_field *field)
{
    return field->kind <= EG_FIELD_STRS || field->kind == EG_FIELD_TABLE;
}

static bool may_be_child(const eg_field *field)
{
    return field->kind >= EG_FIELD_STRS || field->kind == EG_FIELD_STR;
}

/* Objects of others may lie beside ours at the root: they carry no `type`. */
static bool foreign(hid_t group, const char *name)
{
    H5L_info_t link;
    if (H5Lget_info(group, name, &link, H5P_DEFAULT) < 0 || link.type != H5L_TYPE_HARD)
        return false;
    const htri_t has = H5Aexists_by_name(group, name, "type", H5P_DEFAULT);
    return has == 0;
}

static bool stands_in(const contents *c, const eg_field *field)
{
    return (may_be_attribute(field) && listed(&c->attributes, field->name)) ||
           (may_be_child(field) && listed(&c->members, field->name));
}

static engram_status refuse_unknown(reader *r, const contents *c, const eg_element_type *type)
{
    engram_status status = ENGRAM_OK;
    for (size_t k = 0; !status && k < c->attributes.count; k++) {
        const char *name = c->attributes.item[k];
        const eg_field *field = eg_element_field(type, name);
        if (strcmp(name, "type") && strcmp(name, "type_version") &&
            strcmp(name, EG_H5_DIGEST) && !(field && may_be_attribute(field)))
            status = unknown(r, "attribute", name);
    }
    for (size_t k = 0; !status && k < c->members.count; k++) {
        const eg_field *field = eg_element_field(type, c->members.item[k]);
        if ((field && may_be_child(field)) ||
            (type == &eg_type_document && foreign(c->group, c->members.item[k])))
            continue;
        status = unknown(r, "member", c->members.item[k]);
    }
    return status;
}

static engram_status check_type(reader *r, const contents *c, const eg_element_type *type)
{
    static const eg_field type_field = {.name = "type", .kind = EG_FIELD_STR};
    static const eg_field version_field = {.name = "type_version", .kind = EG_FIELD_I64};
    const char *name = NULL;
    int64_t version = 0;
    if (!listed(&c->attributes, type_field.name) || !listed(&c->attributes, version_field.name))
        return wrong(r, "lacks the attributes `type` and `type_version`");
    engram_status status = read_value(r, c, &type_field, &name);
    if (!status)
        status = read_value(r, c, &version_field, &version);
    if (!status && strcmp(name, type->name))
        return eg_fail(r->err, ENGRAM_E_SCHEMA,
                       "%.200s: %.200s has the type \"%.60s\", wanted %s", r->file->path,
                       r->where, name, type->name);
    if (!status && (version < 1 || (version > 1 && !r->newer)))
        return eg_fail(r->err, ENGRAM_E_VERSION,
                       "%.200s: %.200s has type_version %lld, this library reads 1",
                       r->file->path, r->where, (long long)version);
    return status;
}

/* What an element states of itself against what was read. */
static engram_status judge_digest(reader *r, hid_t group, const eg_digest *found)
{
    eg_digest stated;
    bool there;
    if (!eg_h5_get_digest(&stated, &there, group))
        return wrong(r, "has a digest that is no 32 hexadecimal digits");
    if (!there || eg_digest_equal(&stated, found))
        return ENGRAM_OK;
    const char *where = r->where[0] ? r->where : "/";
    if (r->force)
        return note(r, &r->net->damaged, eg_arena_strdup(r->net->arena, where));
    return eg_fail(r->err, ENGRAM_E_DIGEST, "%.200s: %.200s does not match its digest: damaged",
                   r->file->path, where);
}

static engram_status read_element(reader *r, hid_t group, const eg_element_type *type,
                                  void *element, eg_digest *digest)
{
    const size_t unsure = r->unsure;
    eg_hash hash;
    eg_hash_begin(&hash);
    eg_element_defaults(type, element);
    contents there;
    engram_status status = list_contents(r, &there, group);
    if (!status)
        status = check_type(r, &there, type);
    if (!status)
        status = refuse_unknown(r, &there, type);
    for (size_t f = 0; !status && f < type->field_count; f++) {
        const eg_field *field = &type->fields[f];
        if (!stands_in(&there, field)) {
            if (field->required)
                status = eg_fail(r->err, ENGRAM_E_SCHEMA, "%.200s: %.200s lacks \"%s\"",
                                 r->file->path, r->where[0] ? r->where : "/", field->name);
            continue;
        }
        const size_t length = descend(r, field->name);
        status = read_field(r, &there, field, element, &hash);
        if (!status)
            r->where[length] = '\0';
    }
    eg_hash_end(digest, &hash);
    if (!status && r->unsure == unsure)
        status = judge_digest(r, group, digest);
    return status;
}

/* Format and version, before anything else is looked at. */
static engram_status judge_version(reader *r, hid_t root)
{
    const eg_field format_field = {.name = "format", .kind = EG_FIELD_STR};
    const eg_field major_field = {.name = "major", .kind = EG_FIELD_I64};
    const eg_field minor_field = {.name = "minor", .kind = EG_FIELD_I64};
    const char *format = NULL;
    int64_t major = 0, minor = 0;
    contents there;
    engram_status status = list_contents(r, &there, root);
    if (status)
        return status;
    if (!listed(&there.attributes, format_field.name) ||
        !listed(&there.attributes, major_field.name) ||
        !listed(&there.attributes, minor_field.name))
        return eg_fail(r->err, ENGRAM_E_FORMAT,
                       "%.200s: the root lacks `format`, `major` or `minor`", r->file->path);
    status = read_value(r, &there, &format_field, &format);
    if (!status)
        status = read_value(r, &there, &major_field, &major);
    if (!status)
        status = read_value(r, &there, &minor_field, &minor);
    if (status)
        return status;
    if (strcmp(format, EG_FORMAT_NAME))
        return eg_fail(r->err, ENGRAM_E_FORMAT,
                       "%.200s: the format is \"%.60s\", wanted \"%s\"", r->file->path, format,
                       EG_FORMAT_NAME);
    if (major != EG_FORMAT_MAJOR || minor < 0)
        return eg_fail(r->err, ENGRAM_E_VERSION,
                       "%.200s has format version %lld.%lld, this library reads %d.x",
                       r->file->path, (long long)major, (long long)minor, EG_FORMAT_MAJOR);
    r->newer = minor > EG_FORMAT_MINOR;
    return ENGRAM_OK;
}

static void release(void *content)
{
    eg_h5_guard guard;
    eg_h5_enter(&guard);
    (void)eg_h5_close(content, NULL);
    eg_h5_leave(&guard);
}

static engram_status read_file(reader *r, const char *path, eg_mapping mapping)
{
    r->file = eg_arena_alloc(r->net->arena, sizeof *r->file);
    if (!r->file) {
        eg_mapping_close(&mapping);
        return eg_fail_memory(r->err, "an archive");
    }
    engram_status status = eg_h5_open(r->file, path, mapping, false, r->err);
    if (status)
        return status;
    r->net->content = r->file;
    r->net->release = release;
    const hid_t root = H5Gopen2(r->file->id, "/", H5P_DEFAULT);
    eg_digest digest;
    if (root < 0)
        return broken(r);
    status = judge_version(r, root);
    if (!status)
        status = read_element(r, root, &eg_type_document, &r->net->document, &digest);
    H5Gclose(root);
    if (!status && !r->any_kept) { /* the mapping is all that the sources need */
        H5Fclose(r->file->id);
        r->file->id = -1;
    }
    return status;
}

engram_status eg_h5_read_net(eg_net **out, const char *path, unsigned flags,
                             const engram_alloc *alloc, engram_error *err)
{
    *out = NULL;
    alloc = alloc ? alloc : engram_default_alloc();
    eg_mapping mapping;
    engram_status status = eg_mapping_open(&mapping, path, err);
    if (status)
        return status;
    status = eg_h5_seal_check(&mapping, EG_HDF5_NETWORK, flags, path, err);
    reader *r = status ? NULL : eg_calloc(alloc, sizeof *r);
    if (!status && !r)
        status = eg_fail_memory(err, "reading an archive");
    eg_net *net = NULL;
    if (!status)
        status = eg_net_new(&net, alloc, err);
    if (status) {
        eg_mapping_close(&mapping);
        eg_free(alloc, r, sizeof *r);
        return status;
    }
    net->seal = flags & EG_HDF5_FORCE ? EG_SEAL_FORCED : EG_SEAL_MATCHED;
    *r = (reader){.net = net, .alloc = alloc, .err = err, .force = flags & EG_HDF5_FORCE};
    eg_h5_guard guard;
    eg_h5_enter(&guard);
    status = read_file(r, path, mapping);
    eg_h5_leave(&guard);
    eg_free(alloc, r, sizeof *r);
    if (!status)
        status = eg_net_canonical(net, err);
    if (status)
        eg_net_free(net);
    else
        *out = net;
    return status;
}
