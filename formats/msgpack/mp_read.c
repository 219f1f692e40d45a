#include "msgpack/mp_read.h"

#include "common/file.h"
#include "common/utf8.h"

#include <assert.h>
#include <msgpack.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { FIELDS_MAX = 64, PATH_MAX_DEPTH = 32 };

/* Where in the document the reader stands: a list on the C stack, so that it costs nothing
 * until an error asks for the path and the byte. */
typedef struct place {
    const struct place *up;
    const char *key; /* field name, NULL for list elements */
    size_t index;    /* list element */
    size_t child;    /* number among the children, as eg_mp_offset counts */
} place;

typedef struct reader {
    eg_net *net;
    const unsigned char *bytes;
    size_t size;
    bool newer; /* minor version: unknown fields are ignored by name */
    eg_seal seal;
    size_t ignored_capacity;
    engram_error *err;
} reader;

/* ---- errors with path and byte --------------------------------------------------------- */

static size_t depth_of(const place *where)
{
    size_t depth = 0;
    for (; where; where = where->up)
        depth++;
    return depth;
}

/* "/network/groups/3/name" into `text`, cut where it ends. */
static void print_path(const place *where, char *text, size_t size)
{
    const place *chain[PATH_MAX_DEPTH];
    size_t depth = 0, used = 0;
    for (; where && depth < PATH_MAX_DEPTH; where = where->up)
        chain[depth++] = where;
    text[0] = '\0';
    for (size_t d = depth; d-- > 0 && used < size;) {
        const int wrote = chain[d]->key
                              ? snprintf(text + used, size - used, "/%s", chain[d]->key)
                              : snprintf(text + used, size - used, "/%zu", chain[d]->index);
        used += wrote > 0 ? (size_t)wrote : 0;
    }
    if (depth == 0)
        snprintf(text, size, "/");
}

static engram_status fail_at(const reader *r, const place *where, engram_status code,
                             const char *format, ...) ENGRAM_PRINTF(4, 5);

static engram_status fail_at(const reader *r, const place *where, engram_status code,
                             const char *format, ...)
{
    if (!r->err)
        return code;
    char message[256], path[200];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    print_path(where, path, sizeof path);
    size_t children[PATH_MAX_DEPTH];
    const size_t depth = depth_of(where);
    assert(depth <= PATH_MAX_DEPTH);
    size_t d = depth;
    for (const place *p = where; p; p = p->up)
        children[--d] = p->child;
    return eg_fail(r->err, code, "%s, byte %zu: %s", path,
                   eg_mp_offset(r->bytes, r->size, children, depth), message);
}

static const char *type_text(const msgpack_object *o)
{
    switch (o->type) {
    case MSGPACK_OBJECT_NIL:
        return "nil";
    case MSGPACK_OBJECT_BOOLEAN:
        return "a boolean";
    case MSGPACK_OBJECT_POSITIVE_INTEGER:
    case MSGPACK_OBJECT_NEGATIVE_INTEGER:
        return "an integer";
    case MSGPACK_OBJECT_FLOAT32:
    case MSGPACK_OBJECT_FLOAT64:
        return "a float";
    case MSGPACK_OBJECT_STR:
        return "a text";
    case MSGPACK_OBJECT_ARRAY:
        return "an array";
    case MSGPACK_OBJECT_MAP:
        return "a map";
    case MSGPACK_OBJECT_BIN:
        return "a binary";
    default:
        return "an extension";
    }
}

static engram_status wrong_type(const reader *r, const place *where, const msgpack_object *o,
                                const char *wanted)
{
    return fail_at(r, where, ENGRAM_E_SCHEMA, "%s, expected %s", type_text(o), wanted);
}

static engram_status no_memory(const reader *r)
{
    return eg_fail_memory(r->err, "a document");
}

/* ---- values ------------------------------------------------------------------------- */

static engram_status check_text(const reader *r, const place *where, const msgpack_object *o)
{
    const size_t size = o->via.str.size, good = eg_utf8_prefix(o->via.str.ptr, size);
    if (good == size)
        return ENGRAM_OK;
    return fail_at(r, where, ENGRAM_E_SCHEMA, "byte %zu of the text is 0x%02x, which %s", good,
                   (unsigned char)o->via.str.ptr[good],
                   o->via.str.ptr[good] ? "is not valid UTF-8" : "texts may not contain");
}

static engram_status read_text(const reader *r, const place *where, const msgpack_object *o,
                               const char **out)
{
    if (o->type != MSGPACK_OBJECT_STR)
        return wrong_type(r, where, o, "a text");
    engram_status status = check_text(r, where, o);
    if (status)
        return status;
    if (o->via.str.size == 0) {
        *out = "";
        return ENGRAM_OK;
    }
    *out = eg_arena_strndup(r->net->arena, o->via.str.ptr, o->via.str.size);
    return *out ? ENGRAM_OK : no_memory(r);
}

static engram_status read_integer(const reader *r, const place *where, const msgpack_object *o,
                                  int64_t *out)
{
    if (o->type == MSGPACK_OBJECT_NEGATIVE_INTEGER) {
        *out = o->via.i64;
        return ENGRAM_OK;
    }
    if (o->type != MSGPACK_OBJECT_POSITIVE_INTEGER)
        return wrong_type(r, where, o, "an integer");
    if (o->via.u64 > INT64_MAX)
        return fail_at(r, where, ENGRAM_E_LIMIT, "%llu is beyond 64 bits with sign",
                       (unsigned long long)o->via.u64);
    *out = (int64_t)o->via.u64;
    return ENGRAM_OK;
}

/* Integers are taken where a double holds them exactly. */
static engram_status read_number(const reader *r, const place *where, const msgpack_object *o,
                                 double *out)
{
    if (o->type == MSGPACK_OBJECT_FLOAT64 || o->type == MSGPACK_OBJECT_FLOAT32) {
        *out = o->via.f64; /* msgpack-c widens float32 */
        return ENGRAM_OK;
    }
    int64_t integer = 0;
    if (o->type != MSGPACK_OBJECT_POSITIVE_INTEGER &&
        o->type != MSGPACK_OBJECT_NEGATIVE_INTEGER)
        return wrong_type(r, where, o, "a number");
    engram_status status = read_integer(r, where, o, &integer);
    if (status)
        return status;
    *out = (double)integer;
    if (*out >= 0x1p63 || (int64_t)*out != integer)
        return fail_at(r, where, ENGRAM_E_LIMIT, "%lld is no exact double", (long long)integer);
    return ENGRAM_OK;
}

static engram_status read_dim(const reader *r, const place *where, const msgpack_object *o,
                              eg_dim *out)
{
    if (o->type != MSGPACK_OBJECT_ARRAY || o->via.array.size != 7)
        return wrong_type(r, where, o, "an array of 7 dimension exponents");
    for (size_t k = 0; k < 7; k++) {
        const place at = {where, NULL, k, k};
        engram_status status = read_number(r, &at, &o->via.array.ptr[k], &out->exponent[k]);
        if (status)
            return status;
        if (!eg_dim_exponent(&out->exponent[k]))
            return fail_at(r, &at, ENGRAM_E_SCHEMA, "exponent %g, expected a small number",
                           out->exponent[k]);
    }
    return ENGRAM_OK;
}

static engram_status read_texts(const reader *r, const place *where, const msgpack_object *o,
                                eg_strs *out)
{
    if (o->type != MSGPACK_OBJECT_ARRAY)
        return wrong_type(r, where, o, "an array of texts");
    out->item = eg_arena_array(r->net->arena, o->via.array.size, sizeof *out->item);
    if (!out->item)
        return no_memory(r);
    for (size_t k = 0; k < o->via.array.size; k++) {
        const place at = {where, NULL, k, k};
        engram_status status = read_text(r, &at, &o->via.array.ptr[k], &out->item[k]);
        if (status)
            return status;
        out->count = k + 1;
    }
    return ENGRAM_OK;
}

/* ---- arrays: sources over pieces ------------------------------------------------------- */

typedef struct pieces {
    size_t count;
    size_t bytes; /* of each but the last */
    const char *piece[];
} pieces;

static engram_status pieces_read(const eg_source *source, void *out, uint64_t first,
                                 uint64_t count, engram_error *err)
{
    (void)err;
    const pieces *p = source->content;
    const size_t size = eg_dtype_size(source->dtype);
    size_t at = (size_t)first * size, left = (size_t)count * size;
    char *to = out;
    while (left) {
        const size_t inside = at % p->bytes, room = p->bytes - inside;
        const size_t now = left < room ? left : room;
        memcpy(to, p->piece[at / p->bytes] + inside, now);
        to += now;
        at += now;
        left -= now;
    }
    return ENGRAM_OK;
}

static const void *pieces_data(const eg_source *source)
{
    const pieces *p = source->content;
    if (p->count != 1 || (uintptr_t)p->piece[0] % eg_dtype_size(source->dtype))
        return NULL;
    return p->piece[0];
}

static const eg_source_ops pieces_ops = {pieces_read, pieces_data};

static engram_status read_shape(const reader *r, const place *where, const msgpack_object *o,
                                eg_source *source)
{
    if (o->type != MSGPACK_OBJECT_ARRAY || o->via.array.size > EG_SOURCE_DIMS)
        return wrong_type(r, where, o, "an array of at most 2 extents");
    size_t count = 1;
    source->ndim = o->via.array.size;
    for (uint32_t k = 0; k < source->ndim; k++) {
        const place at = {where, NULL, k, k};
        int64_t extent = 0;
        engram_status status = read_integer(r, &at, &o->via.array.ptr[k], &extent);
        if (status)
            return status;
        if (extent < 0)
            return fail_at(r, &at, ENGRAM_E_SCHEMA, "extent %lld, expected at least 0",
                           (long long)extent);
        if (!eg_mul_size(&count, count, (size_t)extent))
            return fail_at(r, &at, ENGRAM_E_LIMIT,
                           "an array with more elements than memory has");
        source->shape[k] = (uint64_t)extent;
    }
    source->count = count;
    return ENGRAM_OK;
}

static engram_status read_pieces(const reader *r, const place *where, const msgpack_object *o,
                                 eg_source *source)
{
    if (o->type != MSGPACK_OBJECT_ARRAY)
        return wrong_type(r, where, o, "an array of binaries");
    const size_t count = o->via.array.size, item = eg_dtype_size(source->dtype);
    size_t wanted, total = 0, bytes;
    if (!eg_mul_size(&wanted, (size_t)source->count, item))
        return fail_at(r, where, ENGRAM_E_LIMIT, "an array with more bytes than memory has");
    if (!eg_mul_size(&bytes, count, sizeof(char *)) ||
        !eg_add_size(&bytes, bytes, sizeof(pieces)))
        return no_memory(r);
    pieces *p = eg_arena_alloc(r->net->arena, bytes);
    if (!p)
        return no_memory(r);
    p->count = count;
    p->bytes = 1;
    for (size_t k = 0; k < count; k++) {
        const place at = {where, NULL, k, k};
        const msgpack_object *piece = &o->via.array.ptr[k];
        if (piece->type != MSGPACK_OBJECT_BIN)
            return wrong_type(r, &at, piece, "a binary");
        const size_t size = piece->via.bin.size;
        if (size > EG_MP_PIECE)
            return fail_at(r, &at, ENGRAM_E_LIMIT,
                           "a piece of %zu bytes, at most %llu are allowed", size,
                           (unsigned long long)EG_MP_PIECE);
        if (size % item || (size == 0 && count > 1))
            return fail_at(r, &at, ENGRAM_E_SCHEMA,
                           "a piece of %zu bytes, expected whole elements of %zu", size, item);
        if (k == 0 && size)
            p->bytes = size;
        if (size > p->bytes || (k + 1 < count && size != p->bytes))
            return fail_at(r, &at, ENGRAM_E_SCHEMA,
                           "a piece of %zu bytes, expected %zu as the first (the last may be "
                           "shorter)",
                           size, p->bytes);
        p->piece[k] = piece->via.bin.ptr;
        total += size; /* all inside the document: cannot overflow */
    }
    if (total != wanted)
        return fail_at(r, where, ENGRAM_E_SCHEMA,
                       "%zu bytes of data, but the shape needs %zu of type %s", total, wanted,
                       eg_dtype_name(source->dtype));
    source->ops = &pieces_ops;
    source->content = p;
    return ENGRAM_OK;
}

static bool key_is(const msgpack_object *key, const char *name)
{
    const size_t length = strlen(name);
    return key->type == MSGPACK_OBJECT_STR && key->via.str.size == length &&
           memcmp(key->via.str.ptr, name, length) == 0;
}

/* {"dtype", "shape", "data"}, in any order but each once. */
static engram_status read_array(const reader *r, const place *where, const msgpack_object *o,
                                eg_source **out)
{
    static const char *const names[3] = {"dtype", "shape", "data"};
    if (o->type != MSGPACK_OBJECT_MAP)
        return wrong_type(r, where, o, "an array {dtype, shape, data}");
    size_t found[3] = {SIZE_MAX, SIZE_MAX, SIZE_MAX};
    const msgpack_object_map *map = &o->via.map;
    for (size_t k = 0; k < map->size; k++) {
        const place key = {where, NULL, k, 2 * k};
        int which = 0;
        while (which < 3 && !key_is(&map->ptr[k].key, names[which]))
            which++;
        if (which == 3 || found[which] != SIZE_MAX)
            return fail_at(r, &key, ENGRAM_E_SCHEMA,
                           "%s, expected dtype, shape and data once each",
                           which == 3 ? "an unknown key" : "a repeated key");
        found[which] = k;
    }
    for (int which = 0; which < 3; which++)
        if (found[which] == SIZE_MAX)
            return fail_at(r, where, ENGRAM_E_SCHEMA, "an array without \"%s\"", names[which]);
    eg_source *source = eg_arena_alloc(r->net->arena, sizeof *source);
    if (!source)
        return no_memory(r);
    const place dtype_at = {where, "dtype", 0, 2 * found[0] + 1};
    const place shape_at = {where, "shape", 0, 2 * found[1] + 1};
    const place data_at = {where, "data", 0, 2 * found[2] + 1};
    const msgpack_object *dtype = &map->ptr[found[0]].val;
    char name[16] = "";
    if (dtype->type == MSGPACK_OBJECT_STR && dtype->via.str.size < sizeof name)
        memcpy(name, dtype->via.str.ptr, dtype->via.str.size);
    if (!eg_dtype_parse(&source->dtype, name))
        return fail_at(r, &dtype_at, ENGRAM_E_SCHEMA,
                       "no element type, expected bool, int32, int64, float32, float64, uint8, "
                       "uint32 or uint64");
    engram_status status = read_shape(r, &shape_at, &map->ptr[found[1]].val, source);
    if (!status)
        status = read_pieces(r, &data_at, &map->ptr[found[2]].val, source);
    if (!status)
        *out = source;
    return status;
}

/* ---- elements ------------------------------------------------------------------------ */

static engram_status read_element(reader *r, const place *where, const msgpack_object *o,
                                  const eg_element_type *type, void *element);

/* How many elements of a list, from the first, have as many fields as they must: an element
 * takes hundreds of bytes in memory, and a byte that pretends to be one must not. */
static size_t plausible(const msgpack_object_array *list, const eg_element_type *type)
{
    size_t required = 0, count = 0;
    for (size_t f = 0; f < type->field_count; f++)
        required += type->fields[f].required;
    while (count < list->size && list->ptr[count].type == MSGPACK_OBJECT_MAP &&
           list->ptr[count].via.map.size >= required)
        count++;
    return count;
}

static engram_status read_list(reader *r, const place *where, const msgpack_object *o,
                               const eg_field *field, eg_any_list *list)
{
    if (o->type != MSGPACK_OBJECT_ARRAY)
        return wrong_type(r, where, o, "an array");
    const size_t size = field->element->size;
    /* One more, to read the first bad one into: it says what is wrong. */
    list->item =
        eg_arena_array(r->net->arena, plausible(&o->via.array, field->element) + 1, size);
    if (!list->item)
        return no_memory(r);
    for (size_t k = 0; k < o->via.array.size; k++) {
        const place at = {where, NULL, k, k};
        engram_status status = read_element(r, &at, &o->via.array.ptr[k], field->element,
                                            (char *)list->item + k * size);
        if (status)
            return status;
        list->count = k + 1;
    }
    return ENGRAM_OK;
}

static engram_status read_field(reader *r, const place *where, const msgpack_object *o,
                                const eg_field *field, void *at)
{
    switch (field->kind) {
    case EG_FIELD_STR:
        return read_text(r, where, o, at);
    case EG_FIELD_F64:
        return read_number(r, where, o, at);
    case EG_FIELD_I64:
        return read_integer(r, where, o, at);
    case EG_FIELD_FLAG:
        if (o->type != MSGPACK_OBJECT_BOOLEAN)
            return wrong_type(r, where, o, "true or false");
        *(bool *)at = o->via.boolean;
        return ENGRAM_OK;
    case EG_FIELD_DIM:
        return read_dim(r, where, o, at);
    case EG_FIELD_STRS:
        return read_texts(r, where, o, at);
    case EG_FIELD_ARRAY:
        return read_array(r, where, o, at);
    case EG_FIELD_ONE: {
        void *sub = eg_arena_alloc(r->net->arena, field->element->size);
        if (!sub)
            return no_memory(r);
        *(void **)at = sub;
        return read_element(r, where, o, field->element, sub);
    }
    case EG_FIELD_LIST:
    case EG_FIELD_SEQ:
    case EG_FIELD_TABLE:
        return read_list(r, where, o, field, at);
    }
    return ENGRAM_OK;
}

/* A field that this version does not know: an error, or ignored by name. */
static engram_status unknown_field(reader *r, const place *where, const msgpack_object *key,
                                   size_t child, const eg_element_type *type)
{
    const place at = {where, NULL, child / 2, child};
    const int shown = key->via.str.size < 60 ? (int)key->via.str.size : 60;
    if (!r->newer)
        return fail_at(r, where, ENGRAM_E_SCHEMA, "unknown field \"%.*s\" of %s", shown,
                       key->via.str.ptr, type->name);
    engram_status status = check_text(r, &at, key);
    if (status)
        return status;
    eg_strs *ignored = &r->net->ignored;
    if (ignored->count == r->ignored_capacity) {
        const size_t capacity = r->ignored_capacity ? 2 * r->ignored_capacity : 8;
        const char **item = eg_arena_array(r->net->arena, capacity, sizeof *item);
        if (!item)
            return no_memory(r);
        if (ignored->count)
            memcpy(item, ignored->item, ignored->count * sizeof *item);
        ignored->item = item;
        r->ignored_capacity = capacity;
    }
    char path[200];
    print_path(where, path, sizeof path);
    ignored->item[ignored->count] =
        eg_arena_printf(r->net->arena, "%s/%.*s", where ? path : "", shown, key->via.str.ptr);
    if (!ignored->item[ignored->count])
        return no_memory(r);
    ignored->count++;
    return ENGRAM_OK;
}

static engram_status read_element(reader *r, const place *where, const msgpack_object *o,
                                  const eg_element_type *type, void *element)
{
    assert(type->field_count <= FIELDS_MAX);
    bool seen[FIELDS_MAX] = {false};
    if (o->type != MSGPACK_OBJECT_MAP)
        return fail_at(r, where, ENGRAM_E_SCHEMA, "%s, expected a map (%s)", type_text(o),
                       type->name);
    eg_element_defaults(type, element);
    for (size_t k = 0; k < o->via.map.size; k++) {
        const msgpack_object_kv *pair = &o->via.map.ptr[k];
        size_t f = 0;
        while (f < type->field_count && !key_is(&pair->key, type->fields[f].name))
            f++;
        engram_status status;
        if (f < type->field_count) {
            const eg_field *field = &type->fields[f];
            const place at = {where, field->name, 0, 2 * k + 1};
            if (seen[f])
                return fail_at(r, &at, ENGRAM_E_SCHEMA, "the field stands here a second time");
            seen[f] = true;
            status = read_field(r, &at, &pair->val, field, (char *)element + field->offset);
        } else if (!where && key_is(&pair->key, EG_MP_DIGEST)) {
            /* Held against the bytes already; elsewhere than at their end it says nothing. */
            if (r->seal == EG_SEAL_ABSENT || k + 1 < o->via.map.size)
                return fail_at(r, where, ENGRAM_E_DIGEST,
                               "a digest that does not stand at the end, as 32 digits");
            status = ENGRAM_OK;
        } else if (pair->key.type != MSGPACK_OBJECT_STR) {
            const place at = {where, NULL, k, 2 * k};
            status = wrong_type(r, &at, &pair->key, "a field name");
        } else {
            status = unknown_field(r, where, &pair->key, 2 * k, type);
        }
        if (status)
            return status;
    }
    for (size_t f = 0; f < type->field_count; f++)
        if (type->fields[f].required && !seen[f])
            return fail_at(r, where, ENGRAM_E_SCHEMA, "%s without the required field \"%s\"",
                           type->name, type->fields[f].name);
    return ENGRAM_OK;
}

/* ---- the version, before anything else ------------------------------------------------ */

static bool text_at(const unsigned char *bytes, size_t at, const eg_mp_head *head,
                    const char *text)
{
    return head->type == EG_MP_STR && head->length == strlen(text) &&
           memcmp(bytes + at + head->header, text, head->length) == 0;
}

static engram_status judge_format(const unsigned char *bytes, size_t at, const eg_mp_head *head,
                                  engram_error *err)
{
    if (text_at(bytes, at, head, EG_FORMAT_NAME))
        return ENGRAM_OK;
    if (head->type != EG_MP_STR)
        return eg_fail(err, ENGRAM_E_FORMAT, "/format, byte %zu: no text, expected \"%s\"", at,
                       EG_FORMAT_NAME);
    const int shown = head->length < 60 ? (int)head->length : 60;
    return eg_fail(err, ENGRAM_E_FORMAT, "/format, byte %zu: \"%.*s\", expected \"%s\"", at,
                   shown, (const char *)bytes + at + head->header, EG_FORMAT_NAME);
}

/* Find format, major and minor in the top map, stepping over what lies between. Wherever
 * they stand, they are judged before anything else of the document is. */
static engram_status judge_version(const unsigned char *bytes, size_t size, bool *newer,
                                   engram_error *err)
{
    if (size == 0)
        return eg_fail(err, ENGRAM_E_FORMAT, "the file is empty, expected a document");
    eg_mp_head top, key, value;
    engram_status status = eg_mp_head_read(&top, bytes, size, 0, err);
    if (status)
        return status;
    if (top.type != EG_MP_MAP)
        return eg_fail(err, ENGRAM_E_FORMAT, "byte 0: no MessagePack map, so no %s document",
                       EG_FORMAT_NAME);
    bool have_format = false, have_major = false, have_minor = false;
    int64_t major = 0, minor = 0;
    size_t at = top.header;
    for (uint64_t k = 0; k < top.count && !(have_format && have_major && have_minor); k++) {
        if ((status = eg_mp_head_read(&key, bytes, size, at, err)))
            return status;
        const size_t key_at = at;
        if ((status = eg_mp_skip(bytes, size, &at, err)) ||
            (status = eg_mp_head_read(&value, bytes, size, at, err)))
            return status;
        const bool is_major = text_at(bytes, key_at, &key, "major");
        const bool is_minor = text_at(bytes, key_at, &key, "minor");
        if (text_at(bytes, key_at, &key, "format")) {
            if ((status = judge_format(bytes, at, &value, err)))
                return status;
            have_format = true;
        } else if (is_major || is_minor) {
            if (value.type != EG_MP_INT || value.negative || value.integer > INT64_MAX)
                return eg_fail(err, ENGRAM_E_SCHEMA, "/%s, byte %zu: expected a version number",
                               is_major ? "major" : "minor", at);
            *(is_major ? &major : &minor) = (int64_t)value.integer;
            *(is_major ? &have_major : &have_minor) = true;
        }
        if ((status = eg_mp_skip(bytes, size, &at, err)))
            return status;
    }
    if (!have_format)
        return eg_fail(err, ENGRAM_E_FORMAT,
                       "a MessagePack map without the field \"format\", so no %s document",
                       EG_FORMAT_NAME);
    if (!have_major || !have_minor)
        return eg_fail(err, ENGRAM_E_SCHEMA, "/: document without the required field \"%s\"",
                       have_major ? "minor" : "major");
    if (major != EG_FORMAT_MAJOR)
        return eg_fail(err, ENGRAM_E_VERSION,
                       "format version %lld.%lld, this library reads %d.x (%s version)",
                       (long long)major, (long long)minor, EG_FORMAT_MAJOR,
                       major > EG_FORMAT_MAJOR ? "it needs a newer" : "there is no such");
    *newer = minor > EG_FORMAT_MINOR;
    return ENGRAM_OK;
}

/* A document that has a digest ends with it: key, header of a text of 32 bytes, digits. */
static engram_status judge_digest(eg_seal *seal, const unsigned char *bytes, size_t size,
                                  bool newer, bool any, engram_error *err)
{
    static const char mark[] = "\xa6" EG_MP_DIGEST "\xd9\x20";
    const size_t tail = sizeof mark - 1 + EG_DIGEST_TEXT;
    *seal = any ? EG_SEAL_FORCED : EG_SEAL_ABSENT;
    if (size < tail || memcmp(bytes + size - tail, mark, sizeof mark - 1) != 0) {
        if (newer && !any)
            return eg_fail(err, ENGRAM_E_DIGEST,
                           "byte %zu: no digest at the end, which documents of a newer version "
                           "than %d.0 have: damaged",
                           size, EG_FORMAT_MAJOR);
        return ENGRAM_OK;
    }
    if (any)
        return ENGRAM_OK;
    eg_digest digest;
    char text[EG_DIGEST_TEXT + 1];
    eg_digest_bytes(&digest, bytes, size - EG_DIGEST_TEXT);
    eg_digest_text(text, &digest);
    *seal = EG_SEAL_MATCHED;
    if (memcmp(text, bytes + size - EG_DIGEST_TEXT, EG_DIGEST_TEXT) == 0)
        return ENGRAM_OK;
    return eg_fail(err, ENGRAM_E_DIGEST, "the digest is %s, wanted %.32s: damaged", text,
                   (const char *)bytes + size - EG_DIGEST_TEXT);
}

bool eg_mp_looks_like(const unsigned char *bytes, size_t size)
{
    eg_mp_head head;
    if (size == 0)
        return false;
    /* Not through eg_mp_head_read: a count larger than a file's first bytes is no fault. */
    const unsigned char first = bytes[0];
    const size_t header = first == 0xde ? 3 : first == 0xdf ? 5 : 1;
    if ((first & 0xf0) != 0x80 && header == 1)
        return false;
    return header < size && eg_mp_head_read(&head, bytes, size, header, NULL) == ENGRAM_OK &&
           text_at(bytes, header, &head, "format");
}

/* ---- entry points ---------------------------------------------------------------------- */

static engram_status unpack(reader *r)
{
    msgpack_unpacked unpacked;
    msgpack_unpacked_init(&unpacked);
    size_t offset = 0;
    engram_status status;
    switch (msgpack_unpack_next(&unpacked, (const char *)r->bytes, r->size, &offset)) {
    case MSGPACK_UNPACK_SUCCESS:
    case MSGPACK_UNPACK_EXTRA_BYTES:
        status = read_element(r, NULL, &unpacked.data, &eg_type_document, &r->net->document);
        break;
    case MSGPACK_UNPACK_NOMEM_ERROR:
        status = no_memory(r);
        break;
    default: /* the scan let it pass: the two readers disagree */
        status = eg_fail(r->err, ENGRAM_E_FORMAT, "byte %zu: not MessagePack", offset);
        break;
    }
    msgpack_unpacked_destroy(&unpacked);
    return status;
}

engram_status eg_mp_read_net_bytes(eg_net **out, const void *bytes, size_t size,
                                   const eg_mp_limits *limits, const engram_alloc *alloc,
                                   engram_error *err)
{
    *out = NULL;
    const eg_mp_limits standard = EG_MP_LIMITS_DEFAULT;
    reader r = {.bytes = bytes, .size = size, .err = err};
    limits = limits ? limits : &standard;
    engram_status status = judge_version(bytes, size, &r.newer, err);
    if (!status)
        status = judge_digest(&r.seal, bytes, size, r.newer, limits->any_digest, err);
    if (!status)
        status = eg_mp_scan(bytes, size, limits, err);
    if (!status)
        status = eg_net_new(&r.net, alloc, err);
    if (status)
        return status;
    r.net->seal = r.seal;
    status = unpack(&r);
    if (!status)
        status = eg_net_canonical(r.net, err);
    if (status) {
        eg_net_free(r.net);
        return status;
    }
    *out = r.net;
    return ENGRAM_OK;
}

static void unmap(void *content)
{
    eg_mapping_close(content);
}

engram_status eg_mp_read_net(eg_net **out, const char *path, const engram_alloc *alloc,
                             engram_error *err)
{
    return eg_mp_read_net_within(out, path, NULL, alloc, err);
}

engram_status eg_mp_read_net_within(eg_net **out, const char *path, const eg_mp_limits *limits,
                                    const engram_alloc *alloc, engram_error *err)
{
    *out = NULL;
    eg_mapping mapping;
    engram_status status = eg_mapping_open(&mapping, path, err);
    if (status)
        return status;
    eg_net *net;
    status = eg_mp_read_net_bytes(&net, mapping.data, mapping.size, limits, alloc, err);
    if (status) {
        eg_mapping_close(&mapping);
        return eg_error_prefix(err, status, "%s", path);
    }
    /* The mapping's record lives in the arena, which eg_net_free releases last. */
    eg_mapping *kept = eg_arena_alloc(net->arena, sizeof *kept);
    if (!kept) {
        eg_net_free(net);
        eg_mapping_close(&mapping);
        return eg_fail_memory(err, "a document");
    }
    *kept = mapping;
    net->content = kept;
    net->release = unmap;
    *out = net;
    return ENGRAM_OK;
}
