#include "network/net.h"
#include "network/net_types.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* One array of fields and one type per element. */
#define EG_REQ true
#define EG_OPT false
#define EG_ELEMENT(element, doc)                                                               \
    static const char doc_##element[] = doc;                                                   \
    static const eg_field fields_##element[] = {
#define FIELD(element, name, doc, kind, required, fallback, type)                              \
    {#name, doc, kind, required, offsetof(eg_##element, name), fallback, type},
#define EG_STR(element, name, presence, doc)                                                   \
    FIELD(element, name, doc, EG_FIELD_STR, presence, 0, NULL)
#define EG_F64(element, name, presence, fallback, doc)                                         \
    FIELD(element, name, doc, EG_FIELD_F64, presence, fallback, NULL)
#define EG_I64(element, name, presence, fallback, doc)                                         \
    FIELD(element, name, doc, EG_FIELD_I64, presence, fallback, NULL)
#define EG_FLAG(element, name, presence, fallback, doc)                                        \
    FIELD(element, name, doc, EG_FIELD_FLAG, presence, fallback, NULL)
#define EG_DIM(element, name, presence, doc)                                                   \
    FIELD(element, name, doc, EG_FIELD_DIM, presence, 0, NULL)
#define EG_STRS(element, name, presence, doc)                                                  \
    FIELD(element, name, doc, EG_FIELD_STRS, presence, 0, NULL)
#define EG_ARRAY(element, name, presence, doc)                                                 \
    FIELD(element, name, doc, EG_FIELD_ARRAY, presence, 0, NULL)
#define EG_ONE(element, name, sub, doc)                                                        \
    FIELD(element, name, doc, EG_FIELD_ONE, false, 0, &eg_type_##sub)
#define EG_LIST(element, name, sub, doc)                                                       \
    FIELD(element, name, doc, EG_FIELD_LIST, false, 0, &eg_type_##sub)
#define EG_SEQ(element, name, sub, doc)                                                        \
    FIELD(element, name, doc, EG_FIELD_SEQ, false, 0, &eg_type_##sub)
#define EG_TABLE(element, name, sub, doc)                                                      \
    FIELD(element, name, doc, EG_FIELD_TABLE, false, 0, &eg_type_##sub)
#define EG_END(element)                                                                        \
    }                                                                                          \
    ;                                                                                          \
    const eg_element_type eg_type_##element = {                                                \
        #element, doc_##element, sizeof(eg_##element),                                         \
        sizeof fields_##element / sizeof *fields_##element, fields_##element};
#include "network/schema.def"
#include "network/schema_undef.h"
#undef FIELD

static const eg_element_type *const all_types[] = {
#define EG_REQ
#define EG_OPT
#define EG_ELEMENT(element, doc) &eg_type_##element,
#define EG_STR(element, name, presence, doc)
#define EG_F64(element, name, presence, fallback, doc)
#define EG_I64(element, name, presence, fallback, doc)
#define EG_FLAG(element, name, presence, fallback, doc)
#define EG_DIM(element, name, presence, doc)
#define EG_STRS(element, name, presence, doc)
#define EG_ARRAY(element, name, presence, doc)
#define EG_ONE(element, name, sub, doc)
#define EG_LIST(element, name, sub, doc)
#define EG_SEQ(element, name, sub, doc)
#define EG_TABLE(element, name, sub, doc)
#define EG_END(element)
#include "network/schema.def"
#include "network/schema_undef.h"
};

const eg_element_type *const *eg_element_types(size_t *count)
{
    *count = sizeof all_types / sizeof *all_types;
    return all_types;
}

const eg_field *eg_element_field(const eg_element_type *type, const char *name)
{
    for (size_t k = 0; k < type->field_count; k++)
        if (strcmp(type->fields[k].name, name) == 0)
            return &type->fields[k];
    return NULL;
}

void eg_element_defaults(const eg_element_type *type, void *element)
{
    for (size_t k = 0; k < type->field_count; k++) {
        const eg_field *field = &type->fields[k];
        void *at = (char *)element + field->offset;
        switch (field->kind) {
        case EG_FIELD_STR:
            *(const char **)at = "";
            break;
        case EG_FIELD_F64:
            *(double *)at = field->fallback;
            break;
        case EG_FIELD_I64:
            *(int64_t *)at = (int64_t)field->fallback;
            break;
        case EG_FIELD_FLAG:
            *(bool *)at = field->fallback != 0;
            break;
        case EG_FIELD_DIM:
            *(eg_dim *)at = eg_dim_none;
            break;
        case EG_FIELD_STRS:
        case EG_FIELD_ARRAY:
        case EG_FIELD_ONE:
        case EG_FIELD_LIST:
        case EG_FIELD_SEQ:
        case EG_FIELD_TABLE:
            break; /* zero is absent */
        }
    }
}

bool eg_field_is_default(const eg_field *field, const void *element)
{
    const void *at = (const char *)element + field->offset;
    switch (field->kind) {
    case EG_FIELD_STR:
        return **(const char *const *)at == '\0';
    case EG_FIELD_F64: {
        /* -0.0 equals 0.0 but is not the default: leaving it out would lose the sign. */
        const double value = *(const double *)at;
        return value == field->fallback && !signbit(value) == !signbit(field->fallback);
    }
    case EG_FIELD_I64:
        return *(const int64_t *)at == (int64_t)field->fallback;
    case EG_FIELD_FLAG:
        return *(const bool *)at == (field->fallback != 0);
    case EG_FIELD_DIM: {
        /* Exactly: eg_dim_is_none has a tolerance, identity has none. */
        const eg_dim *dim = at;
        for (int k = 0; k < 7; k++)
            if (dim->exponent[k] != 0)
                return false;
        return true;
    }
    case EG_FIELD_STRS:
        return ((const eg_strs *)at)->count == 0;
    case EG_FIELD_ARRAY:
    case EG_FIELD_ONE:
        return *(void *const *)at == NULL;
    case EG_FIELD_LIST:
    case EG_FIELD_SEQ:
    case EG_FIELD_TABLE:
        return ((const eg_any_list *)at)->count == 0;
    }
    return false;
}

engram_status eg_net_new(eg_net **out, const engram_alloc *alloc, engram_error *err)
{
    *out = NULL;
    eg_net *net = eg_calloc(alloc, sizeof *net);
    if (!net)
        return eg_fail_memory(err, "a network");
    net->alloc = alloc;
    net->arena = eg_arena_new(alloc);
    if (!net->arena) {
        eg_free(alloc, net, sizeof *net);
        return eg_fail_memory(err, "a network");
    }
    eg_element_defaults(&eg_type_document, &net->document);
    net->document.format = EG_FORMAT_NAME;
    net->document.major = EG_FORMAT_MAJOR;
    net->document.minor = EG_FORMAT_MINOR;
    *out = net;
    return ENGRAM_OK;
}

void eg_net_free(eg_net *net)
{
    if (!net)
        return;
    if (net->release)
        net->release(net->content);
    eg_arena_free(net->arena);
    eg_free(net->alloc, net, sizeof *net);
}

/* ---- canonical order ---------------------------------------------------------------- */

/* A sort key carries the name, so that qsort needs no knowledge of the element. */
typedef struct sort_key {
    const char *name;
    size_t index;
} sort_key;

static int by_name(const void *a, const void *b)
{
    const sort_key *x = a, *y = b;
    const int order = strcmp(x->name, y->name); /* bytes of UTF-8 order as code points */
    if (order)
        return order;
    return x->index < y->index ? -1 : x->index > y->index;
}

static engram_status sort_list(eg_net *net, const eg_field *field, eg_any_list *list,
                               const char *path, engram_error *err)
{
    const eg_element_type *type = field->element;
    const eg_field *name = eg_element_field(type, "name");
    assert(name && name->kind == EG_FIELD_STR);
    if (list->count < 2)
        return ENGRAM_OK;
    sort_key *keys = eg_calloc_array(net->alloc, list->count, sizeof *keys);
    char *sorted = eg_calloc_array(net->alloc, list->count, type->size);
    engram_status status = ENGRAM_OK;
    if (!keys || !sorted) {
        status = eg_fail_memory(err, "sorting a list");
        goto done;
    }
    char *items = list->item;
    for (size_t k = 0; k < list->count; k++)
        keys[k] = (sort_key){
            *(const char *const *)(const void *)(items + k * type->size + name->offset), k};
    qsort(keys, list->count, sizeof *keys, by_name);
    for (size_t k = 0; k + 1 < list->count; k++)
        if (strcmp(keys[k].name, keys[k + 1].name) == 0) {
            status = eg_fail(err, ENGRAM_E_SCHEMA,
                             "%s: elements %zu and %zu are both named \"%s\", names of a list "
                             "must differ",
                             path, keys[k].index, keys[k + 1].index, keys[k].name);
            goto done;
        }
    for (size_t k = 0; k < list->count; k++)
        memcpy(sorted + k * type->size, items + keys[k].index * type->size, type->size);
    memcpy(items, sorted, list->count * type->size);
done:
    eg_free(net->alloc, keys, list->count * sizeof *keys);
    eg_free(net->alloc, sorted, list->count * type->size);
    return status;
}

static engram_status sort_element(eg_net *net, const eg_element_type *type, void *element,
                                  const char *path, engram_error *err)
{
    for (size_t k = 0; k < type->field_count; k++) {
        const eg_field *field = &type->fields[k];
        void *at = (char *)element + field->offset;
        if (!field->element)
            continue;
        char below[256]; /* for messages; a longer path is cut */
        const char *end = memchr(path, '\0', 128);
        const int length = end ? (int)(end - path) : 128;
        eg_any_list list = {NULL, 0};
        if (field->kind == EG_FIELD_ONE) {
            list.item = *(void **)at;
            list.count = list.item != NULL;
        } else {
            list = *(eg_any_list *)at;
        }
        char *text = below;
        memcpy(text, path, (size_t)length);
        text[length] = '/';
        strncpy(text + length + 1, field->name, sizeof below - (size_t)length - 2);
        below[sizeof below - 1] = '\0';
        if (field->kind == EG_FIELD_LIST) {
            engram_status status = sort_list(net, field, &list, below, err);
            if (status)
                return status;
        }
        if (field->kind == EG_FIELD_TABLE)
            continue; /* flat records */
        for (size_t i = 0; i < list.count; i++) {
            void *sub = (char *)list.item + i * field->element->size;
            engram_status status = sort_element(net, field->element, sub, below, err);
            if (status)
                return status;
        }
    }
    return ENGRAM_OK;
}

engram_status eg_net_canonical(eg_net *net, engram_error *err)
{
    return sort_element(net, &eg_type_document, &net->document, "", err);
}
