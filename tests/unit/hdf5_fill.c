#include "unit/hdf5_fill.h"

#include <stdio.h>
#include <string.h>

typedef struct filler {
    eg_net *net;
    uint32_t state;
    bool bare;
} filler;

static uint32_t next(filler *f)
{
    f->state = f->state * 1664525u + 1013904223u;
    return f->state >> 8;
}

static void *at(void *element, size_t offset)
{
    return (unsigned char *)element + offset;
}

static const char *text(filler *f)
{
    static const char *const odd[] = {"", "gr\xc3\xbc\xc3\x9f \xe2\x88\x82v/\xe2\x88\x82t",
                                      "two\nlines"};
    const uint32_t k = next(f);
    if (k % 8 < 3)
        return odd[k % 8];
    if (k % 64 == 7) { /* longer than an attribute can be */
        char *longer = eg_arena_alloc(f->net->arena, 70001);
        memset(longer, 'a' + (int)(k % 26), 70000);
        return longer;
    }
    return eg_arena_printf(f->net->arena, "text%u", k);
}

static eg_source *array(filler *f)
{
    const uint32_t ndim = next(f) % 3;
    const uint64_t shape[2] = {next(f) % 40, 1 + next(f) % 5};
    const eg_dtype dtype = (eg_dtype)(next(f) % EG_DTYPE_COUNT);
    size_t count = 1;
    for (uint32_t k = 0; k < ndim; k++)
        count *= (size_t)shape[k];
    unsigned char *data = eg_arena_alloc(f->net->arena, count * 8 + 8);
    for (size_t k = 0; k < count * eg_dtype_size(dtype); k++)
        data[k] = (unsigned char)(dtype == EG_BOOL ? next(f) & 1 : next(f));
    eg_source *source = NULL;
    if (eg_source_memory(&source, f->net->arena, dtype, ndim, shape, data, NULL))
        return NULL;
    return source;
}

static void fill(filler *f, const eg_element_type *type, void *element, size_t index);

static void fill_list(filler *f, const eg_field *field, void *out)
{
    eg_any_list list = {NULL, f->bare ? 0 : 1 + next(f) % 3};
    if (list.count)
        list.item = eg_arena_array(f->net->arena, list.count, field->element->size);
    for (size_t k = 0; k < list.count; k++)
        fill(f, field->element, at(list.item, k * field->element->size), k);
    memcpy(out, &list, sizeof list);
}

static void fill_strs(filler *f, eg_strs *list)
{
    list->count = f->bare ? 0 : next(f) % 4;
    list->item = eg_arena_array(f->net->arena, list->count + 1, sizeof *list->item);
    for (size_t k = 0; k < list->count; k++)
        list->item[k] = text(f);
}

static void fill_field(filler *f, const eg_field *field, void *out, size_t index)
{
    const char *string;
    double number = (double)next(f) * 1e-3 / 7;
    int64_t integer = (int64_t)next(f) * 1000003 - ((int64_t)1 << 40);
    bool flag = next(f) & 1;
    void *pointer;
    switch (field->kind) {
    case EG_FIELD_STR:
        string = strcmp(field->name, "name")
                     ? text(f)
                     : eg_arena_printf(f->net->arena, "n%zu.\xc3\xa4", index);
        memcpy(out, &string, sizeof string);
        break;
    case EG_FIELD_F64:
        memcpy(out, &number, sizeof number);
        break;
    case EG_FIELD_I64:
        memcpy(out, &integer, sizeof integer);
        break;
    case EG_FIELD_FLAG:
        memcpy(out, &flag, sizeof flag);
        break;
    case EG_FIELD_DIM:
        for (int k = 0; k < 7; k++)
            ((eg_dim *)out)->exponent[k] = (double)(next(f) % 9) / 2 - 2;
        break;
    case EG_FIELD_STRS:
        fill_strs(f, out);
        break;
    case EG_FIELD_ARRAY:
        pointer = array(f);
        memcpy(out, &pointer, sizeof pointer);
        break;
    case EG_FIELD_ONE:
        pointer = eg_arena_alloc(f->net->arena, field->element->size);
        fill(f, field->element, pointer, 0);
        memcpy(out, &pointer, sizeof pointer);
        break;
    case EG_FIELD_LIST:
    case EG_FIELD_SEQ:
    case EG_FIELD_TABLE:
        fill_list(f, field, out);
        break;
    }
}

static void fill(filler *f, const eg_element_type *type, void *element, size_t index)
{
    eg_element_defaults(type, element);
    for (size_t k = 0; k < type->field_count; k++) {
        const eg_field *field = &type->fields[k];
        if (f->bare && !field->required && field->kind != EG_FIELD_ONE)
            continue;
        fill_field(f, field, at(element, field->offset), index);
    }
}

eg_net *fill_net(uint32_t seed, bool bare)
{
    filler f = {NULL, seed, bare};
    if (eg_net_new(&f.net, engram_default_alloc(), NULL))
        return NULL;
    fill(&f, &eg_type_document, &f.net->document, 0);
    f.net->document.format = EG_FORMAT_NAME;
    f.net->document.major = EG_FORMAT_MAJOR;
    f.net->document.minor = EG_FORMAT_MINOR;
    return f.net;
}

/* ---- comparing ----------------------------------------------------------------------------
 */

static bool same_element(const eg_element_type *type, const void *a, const void *b);

static const void *in(const void *element, size_t offset)
{
    return (const unsigned char *)element + offset;
}

static char difference[200];

static bool same_source(const eg_source *a, const eg_source *b)
{
    bool equal = false;
    if (!a || !b)
        return a == b;
    return !eg_source_equal(&equal, a, b, NULL) && equal;
}

static bool same_list(const eg_field *field, const eg_any_list *a, const eg_any_list *b)
{
    bool same = a->count == b->count;
    for (size_t k = 0; same && k < a->count; k++)
        same = same_element(field->element, in(a->item, k * field->element->size),
                            in(b->item, k * field->element->size));
    return same;
}

static bool same_strs(const eg_strs *a, const eg_strs *b)
{
    bool same = a->count == b->count;
    for (size_t k = 0; same && k < a->count; k++)
        same = !strcmp(a->item[k], b->item[k]);
    return same;
}

static bool same_field(const eg_field *field, const void *a, const void *b)
{
    const void *left, *right;
    switch (field->kind) {
    case EG_FIELD_STR:
        memcpy(&left, a, sizeof left);
        memcpy(&right, b, sizeof right);
        return !strcmp(left, right);
    case EG_FIELD_F64:
    case EG_FIELD_I64:
        return !memcmp(a, b, 8);
    case EG_FIELD_FLAG:
        return *(const bool *)a == *(const bool *)b;
    case EG_FIELD_DIM:
        return !memcmp(a, b, sizeof(eg_dim));
    case EG_FIELD_STRS:
        return same_strs(a, b);
    case EG_FIELD_ARRAY:
        memcpy(&left, a, sizeof left);
        memcpy(&right, b, sizeof right);
        return same_source(left, right);
    case EG_FIELD_ONE:
        memcpy(&left, a, sizeof left);
        memcpy(&right, b, sizeof right);
        return !left || !right ? left == right : same_element(field->element, left, right);
    default:
        return same_list(field, a, b);
    }
}

static bool same_element(const eg_element_type *type, const void *a, const void *b)
{
    for (size_t k = 0; k < type->field_count; k++) {
        const eg_field *field = &type->fields[k];
        if (same_field(field, in(a, field->offset), in(b, field->offset)))
            continue;
        if (!difference[0])
            snprintf(difference, sizeof difference, "%s.%s", type->name, field->name);
        return false;
    }
    return true;
}

const char *fill_difference(const eg_net *a, const eg_net *b)
{
    difference[0] = '\0';
    return same_element(&eg_type_document, &a->document, &b->document) ? NULL : difference;
}
