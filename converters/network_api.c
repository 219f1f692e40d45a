/* network_api.c - the public view of a network (engram/network.h) over the tables */
#include "engram/network.h"

#include "check/check.h"
#include "common/buf.h"
#include "converter.h"
#include "load.h"
#include "network_handle.h"

#include <string.h>

/* The public handle of an array is the source itself. */
static const eg_source *source_of(const engram_array *array)
{
    return (const eg_source *)(const void *)array;
}

engram_status engram_network_open(engram_network **out, const char *path,
                                  const engram_network_options *options, engram_error *err)
{
    engram_network_options known = ENGRAM_NETWORK_OPTIONS_INIT;
    if (!out || !path)
        return eg_fail(err, ENGRAM_E_ARGUMENT, "opening a network needs a file name");
    *out = NULL;
    if (options)
        memcpy(&known, options, options->size < sizeof known ? options->size : sizeof known);
    const engram_alloc *alloc = known.alloc ? known.alloc : engram_default_alloc();
    engram_network *network = eg_calloc(alloc, sizeof *network);
    if (!network)
        return eg_fail_memory(err, "a network");
    network->alloc = alloc;
    engram_status status =
        eg_net_load(&network->net, path,
                    known.flags & ENGRAM_NETWORK_FORCE ? ENGRAM_CONVERT_FORCE : 0, alloc, err);
    if (status) {
        eg_free(alloc, network, sizeof *network);
        return status;
    }
    *out = network;
    return ENGRAM_OK;
}

void engram_network_close(engram_network *network)
{
    if (!network)
        return;
    eg_net_free(network->net);
    eg_free(network->alloc, network, sizeof *network);
}

int64_t engram_network_major(const engram_network *network)
{
    return network->net->document.major;
}

int64_t engram_network_minor(const engram_network *network)
{
    return network->net->document.minor;
}

size_t engram_network_ignored_count(const engram_network *network)
{
    return network->net->ignored.count;
}

const char *engram_network_ignored(const engram_network *network, size_t index)
{
    const eg_strs *ignored = &network->net->ignored;
    return index < ignored->count ? ignored->item[index] : NULL;
}

/* ---- walk ------------------------------------------------------------------------------ */

typedef struct tour {
    const engram_visitor *visitor;
    eg_buf path;
    engram_error *err;
} tour;

static void cut(eg_buf *path, size_t size)
{
    if (path->data) {
        path->size = size;
        path->data[size] = '\0';
    }
}

/* A field's content as the public value; false for fields that hold elements. */
static bool describe(engram_value *v, const eg_field *field, const void *element,
                     char *dimension, size_t size)
{
    const void *at = (const char *)element + field->offset;
    *v = (engram_value){.is_default = !field->required && eg_field_is_default(field, element),
                        .text = ""};
    switch (field->kind) {
    case EG_FIELD_STR:
        v->kind = ENGRAM_VALUE_TEXT;
        v->text = *(const char *const *)at;
        return true;
    case EG_FIELD_F64:
        v->kind = ENGRAM_VALUE_NUMBER;
        v->number = *(const double *)at;
        return true;
    case EG_FIELD_I64:
        v->kind = ENGRAM_VALUE_INTEGER;
        v->integer = *(const int64_t *)at;
        return true;
    case EG_FIELD_FLAG:
        v->kind = ENGRAM_VALUE_FLAG;
        v->integer = *(const bool *)at;
        return true;
    case EG_FIELD_DIM:
        v->kind = ENGRAM_VALUE_DIMENSION;
        v->exponents = ((const eg_dim *)at)->exponent;
        v->text = eg_dim_print(*(const eg_dim *)at, dimension, size);
        return true;
    case EG_FIELD_STRS:
        v->kind = ENGRAM_VALUE_TEXTS;
        v->texts = ((const eg_strs *)at)->item;
        v->text_count = ((const eg_strs *)at)->count;
        return true;
    case EG_FIELD_ARRAY:
        v->kind = ENGRAM_VALUE_ARRAY;
        v->array = (const engram_array *)*(const void *const *)at;
        return true;
    case EG_FIELD_ONE:
    case EG_FIELD_LIST:
    case EG_FIELD_SEQ:
    case EG_FIELD_TABLE:
        break;
    }
    return false;
}

static engram_status tour_element(tour *t, const eg_element_type *type, const void *element,
                                  engram_element *about);

static engram_status tour_list(tour *t, const eg_field *field, const void *element)
{
    const void *at = (const char *)element + field->offset;
    eg_any_list list = {NULL, 0};
    engram_element about = {.field = field->name};
    switch (field->kind) {
    case EG_FIELD_ONE:
        memcpy(&list.item, at, sizeof list.item);
        list.count = list.item != NULL;
        about.place = ENGRAM_PLACE_ONE;
        break;
    case EG_FIELD_LIST:
        about.place = ENGRAM_PLACE_NAMED;
        list = *(const eg_any_list *)at;
        break;
    default:
        about.place = field->kind == EG_FIELD_SEQ ? ENGRAM_PLACE_SEQUENCE : ENGRAM_PLACE_ROW;
        list = *(const eg_any_list *)at;
        break;
    }
    about.count = list.count;
    const eg_field *name = eg_element_field(field->element, "name");
    const size_t here = t->path.size;
    for (size_t k = 0; k < list.count; k++) {
        const char *sub = (const char *)list.item + k * field->element->size;
        about.name = name ? *(const char *const *)(const void *)(sub + name->offset) : "";
        about.index = k;
        if (field->kind == EG_FIELD_LIST)
            eg_buf_printf(&t->path, "/%s", about.name);
        else if (field->kind != EG_FIELD_ONE)
            eg_buf_printf(&t->path, "/%zu", k);
        engram_status status = tour_element(t, field->element, sub, &about);
        if (status)
            return status;
        cut(&t->path, here);
    }
    return ENGRAM_OK;
}

static engram_status tour_element(tour *t, const eg_element_type *type, const void *element,
                                  engram_element *about)
{
    const engram_visitor *v = t->visitor;
    const size_t here = t->path.size;
    if (t->path.failed)
        return eg_fail_memory(t->err, "a path");
    about->type = type->name;
    about->path = here ? t->path.data : "/";
    engram_status status = v->begin ? v->begin(v->context, about, t->err) : ENGRAM_OK;
    for (size_t k = 0; !status && k < type->field_count; k++) {
        const eg_field *field = &type->fields[k];
        eg_buf_printf(&t->path, "/%s", field->name);
        if (t->path.failed)
            return eg_fail_memory(t->err, "a path");
        engram_value value;
        char dimension[128];
        if (!describe(&value, field, element, dimension, sizeof dimension))
            status = tour_list(t, field, element);
        else if (v->field)
            status = v->field(v->context, field->name, t->path.data, &value, t->err);
        cut(&t->path, here);
    }
    if (!status && v->end) {
        about->path = here ? t->path.data : "/"; /* the buffer may have moved */
        status = v->end(v->context, about, t->err);
    }
    return status;
}

engram_status engram_network_visit(const engram_network *network, const engram_visitor *visitor,
                                   engram_error *err)
{
    tour t = {.visitor = visitor, .err = err};
    eg_buf_init(&t.path, network->alloc);
    engram_element about = {.field = "", .name = "", .place = ENGRAM_PLACE_ONE, .count = 1};
    engram_status status = tour_element(&t, &eg_type_document, &network->net->document, &about);
    eg_buf_clear(&t.path);
    return status;
}

/* ---- arrays ---------------------------------------------------------------------------- */

const char *engram_array_dtype(const engram_array *array)
{
    return eg_dtype_name(source_of(array)->dtype);
}

uint32_t engram_array_ndim(const engram_array *array)
{
    return source_of(array)->ndim;
}

uint64_t engram_array_extent(const engram_array *array, uint32_t k)
{
    return k < source_of(array)->ndim ? source_of(array)->shape[k] : 0;
}

uint64_t engram_array_count(const engram_array *array)
{
    return source_of(array)->count;
}

size_t engram_array_item_size(const engram_array *array)
{
    return eg_dtype_size(source_of(array)->dtype);
}

engram_status engram_array_read(const engram_array *array, void *out, uint64_t first,
                                uint64_t count, engram_error *err)
{
    return eg_source_read(source_of(array), out, first, count, err);
}

engram_status engram_array_read_doubles(const engram_array *array, double *out, uint64_t first,
                                        uint64_t count, engram_error *err)
{
    return eg_source_read_as(source_of(array), EG_F64, out, first, count, err);
}

engram_status engram_array_digest(const engram_array *array, char digest[33], engram_error *err)
{
    eg_digest found;
    const engram_status status =
        eg_source_digest(&found, source_of(array), engram_default_alloc(), err);
    eg_digest_text(digest, &found);
    return status;
}

/* ---- check ----------------------------------------------------------------------------- */

engram_status engram_network_check(const engram_network *network, engram_finding_visitor visit,
                                   void *context, size_t *errors, engram_error *err)
{
    eg_arena *arena = eg_arena_new(network->alloc);
    if (!arena)
        return eg_fail_memory(err, "checking a network");
    eg_findings findings;
    engram_status status = eg_check_net(network->net, &findings, arena, err);
    if (!status && errors)
        *errors = findings.errors;
    for (size_t k = 0; !status && visit && k < findings.count; k++) {
        const eg_finding *f = &findings.item[k];
        const engram_finding shown = {.severity = (engram_severity)f->severity,
                                      .status = f->status,
                                      .rule = f->rule,
                                      .path = f->path,
                                      .message = f->message,
                                      .line = f->line,
                                      .column = f->column,
                                      .source = f->source};
        status = visit(context, &shown, err);
    }
    eg_arena_free(arena);
    return status;
}
