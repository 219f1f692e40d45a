#include "tree.h"

#include <string.h>

enum { DEEPEST = 32 };

typedef struct builder {
    json_t *open[DEEPEST]; /* elements around the current one, borrowed */
    json_t *root;
    size_t depth;
} builder;

static engram_status no_memory(engram_error *err)
{
    memset(err, 0, sizeof *err);
    err->code = ENGRAM_E_MEMORY;
    strcpy(err->message, "out of memory for the inventory");
    return ENGRAM_E_MEMORY;
}

static engram_status begin(void *context, const engram_element *element, engram_error *err)
{
    builder *b = context;
    json_t *node = json_object();
    if (!node || b->depth == DEEPEST)
        return no_memory(err);
    if (b->depth == 0) {
        b->root = node;
    } else if (element->place == ENGRAM_PLACE_ONE) {
        json_object_set_new(b->open[b->depth - 1], element->field, node);
    } else {
        json_t *list = json_object_get(b->open[b->depth - 1], element->field);
        if (!list) {
            list = json_array();
            json_object_set_new(b->open[b->depth - 1], element->field, list);
        }
        json_array_append_new(list, node);
    }
    b->open[b->depth++] = node;
    return ENGRAM_OK;
}

static engram_status end(void *context, const engram_element *element, engram_error *err)
{
    (void)element;
    (void)err;
    ((builder *)context)->depth--;
    return ENGRAM_OK;
}

static json_t *array_value(const engram_array *array)
{
    json_t *shape = json_array();
    for (uint32_t k = 0; k < engram_array_ndim(array); k++)
        json_array_append_new(shape, json_integer((json_int_t)engram_array_extent(array, k)));
    return json_pack("{s:s, s:o, s:I}", "dtype", engram_array_dtype(array), "shape", shape,
                     "bytes",
                     (json_int_t)(engram_array_count(array) * engram_array_item_size(array)));
}

/* JSON has no inf and nan: such a number is given as text. */
static json_t *number_value(double number)
{
    json_t *value = json_real(number);
    if (value)
        return value;
    return json_string(number != number ? "nan" : number > 0 ? "inf" : "-inf");
}

static json_t *json_value(const engram_value *value)
{
    json_t *list;
    switch (value->kind) {
    case ENGRAM_VALUE_TEXT:
    case ENGRAM_VALUE_DIMENSION:
        return json_string(value->text);
    case ENGRAM_VALUE_NUMBER:
        return number_value(value->number);
    case ENGRAM_VALUE_INTEGER:
        return json_integer((json_int_t)value->integer);
    case ENGRAM_VALUE_FLAG:
        return json_boolean(value->integer);
    case ENGRAM_VALUE_TEXTS:
        list = json_array();
        for (size_t k = 0; k < value->text_count; k++)
            json_array_append_new(list, json_string(value->texts[k]));
        return list;
    case ENGRAM_VALUE_ARRAY:
        return array_value(value->array);
    }
    return NULL;
}

static engram_status field(void *context, const char *name, const char *path,
                           const engram_value *value, engram_error *err)
{
    (void)path;
    builder *b = context;
    if (value->is_default)
        return ENGRAM_OK;
    if (json_object_set_new(b->open[b->depth - 1], name, json_value(value)))
        return no_memory(err);
    return ENGRAM_OK;
}

engram_status cli_tree(json_t **out, const engram_network *network, engram_error *err)
{
    builder b = {.root = NULL};
    const engram_visitor visitor = {&b, begin, field, end};
    const engram_status status = engram_network_visit(network, &visitor, err);
    if (status) {
        json_decref(b.root);
        b.root = NULL;
    }
    *out = b.root;
    return status;
}
