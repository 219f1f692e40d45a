#include "tree.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

enum { DEEPEST = 32 };

typedef struct builder {
    json_t *open[DEEPEST]; /* elements around the current one, borrowed */
    json_t *root;
    size_t depth;
    bool digests;
} builder;

static engram_status no_memory(engram_error *err)
{
    memset(err, 0, sizeof *err);
    err->code = ENGRAM_E_MEMORY;
    strcpy(err->message, "out of memory for what is to be printed");
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

/* Smallest and largest finite value. False: there is none, the array is too long to be read
 * for a look at it, or it cannot be read as numbers. */
static bool range_of(double range[2], const engram_array *array)
{
    enum { LONGEST = 1 << 24, PIECE = 2048 };
    double piece[PIECE];
    const uint64_t count = engram_array_count(array);
    bool found = false;
    for (uint64_t first = 0; count <= LONGEST && first < count; first += PIECE) {
        const uint64_t n = count - first < PIECE ? count - first : PIECE;
        if (engram_array_read_doubles(array, piece, first, n, NULL))
            return false;
        for (uint64_t k = 0; k < n; k++) {
            if (!isfinite(piece[k]))
                continue;
            range[0] = found && range[0] < piece[k] ? range[0] : piece[k];
            range[1] = found && range[1] > piece[k] ? range[1] : piece[k];
            found = true;
        }
    }
    return found;
}

static json_t *array_value(const engram_array *array, bool digests)
{
    char digest[33];
    double range[2];
    json_t *shape = json_array();
    for (uint32_t k = 0; k < engram_array_ndim(array); k++)
        json_array_append_new(shape, json_integer((json_int_t)engram_array_extent(array, k)));
    json_t *value = json_pack(
        "{s:s, s:o, s:I}", "dtype", engram_array_dtype(array), "shape", shape, "bytes",
        (json_int_t)(engram_array_count(array) * engram_array_item_size(array)));
    if (range_of(range, array)) {
        json_object_set_new(value, "min", json_real(range[0]));
        json_object_set_new(value, "max", json_real(range[1]));
    }
    if (digests && !engram_array_digest(array, digest, NULL))
        json_object_set_new(value, "xxh3_128", json_string(digest));
    return value;
}

/* JSON has no inf and nan: such a number is given as text. */
static json_t *number_value(double number)
{
    json_t *value = json_real(number);
    if (value)
        return value;
    return json_string(number != number ? "nan" : number > 0 ? "inf" : "-inf");
}

static json_t *json_value(const engram_value *value, bool digests)
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
        return array_value(value->array, digests);
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
    if (json_object_set_new(b->open[b->depth - 1], name, json_value(value, b->digests)))
        return no_memory(err);
    return ENGRAM_OK;
}

engram_status cli_tree(json_t **out, const engram_network *network, bool digests,
                       engram_error *err)
{
    builder b = {.root = NULL, .digests = digests};
    const engram_visitor visitor = {&b, begin, field, end};
    const engram_status status = engram_network_visit(network, &visitor, err);
    if (status) {
        json_decref(b.root);
        b.root = NULL;
    }
    *out = b.root;
    return status;
}

json_t *cli_json_text(const char *text)
{
    char copy[4096];
    json_t *value = json_string(text);
    if (value)
        return value;
    snprintf(copy, sizeof copy, "%s", text);
    for (char *c = copy; *c; c++)
        if ((unsigned char)*c >= 0x80)
            *c = '?';
    return json_string(copy);
}

engram_status cli_json_print(FILE *to, json_t *root, engram_error *err)
{
    const bool lost = !root || (json_dumpf(root, to, JSON_INDENT(2)) && !ferror(to));
    json_decref(root);
    if (lost)
        return no_memory(err);
    fputc('\n', to); /* what the medium refuses is found when the output is closed */
    return ENGRAM_OK;
}
