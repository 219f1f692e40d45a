#include "network/net.h"

#include "common/buf.h"

#include <string.h>

typedef struct walker {
    const eg_visit *visit;
    eg_buf path;
    engram_error *err;
} walker;

static void cut(eg_buf *path, size_t size)
{
    if (path->data) {
        path->size = size;
        path->data[size] = '\0';
    }
}

/* The path segment of the k-th element of a list: LISTs are keyed by name, SEQs and TABLEs
 * by position, since their elements may be nameless or share a name. */
static void append_key(eg_buf *path, const eg_field *field, const void *element, size_t k)
{
    const eg_field *name = eg_element_field(field->element, "name");
    if (field->kind == EG_FIELD_LIST && name)
        eg_buf_printf(
            path, "/%s",
            *(const char *const *)(const void *)((const char *)element + name->offset));
    else
        eg_buf_printf(path, "/%zu", k);
}

static engram_status walk(walker *w, const eg_element_type *type, const void *element)
{
    const size_t here = w->path.size;
    for (size_t k = 0; k < type->field_count; k++) {
        const eg_field *field = &type->fields[k];
        eg_buf_printf(&w->path, "/%s", field->name);
        if (w->path.failed)
            return eg_fail_memory(w->err, "a path");
        engram_status status =
            w->visit->field(w->visit->context, w->path.data, field, element, w->err);
        if (status)
            return status;
        const void *at = (const char *)element + field->offset;
        if (field->kind == EG_FIELD_ONE) {
            const void *sub = *(const void *const *)at;
            if (sub && (status = walk(w, field->element, sub)))
                return status;
        } else if (field->element) {
            const eg_any_list *list = at;
            const size_t inside = w->path.size;
            for (size_t i = 0; i < list->count; i++) {
                const void *sub = (const char *)list->item + i * field->element->size;
                append_key(&w->path, field, sub, i);
                if (w->path.failed)
                    return eg_fail_memory(w->err, "a path");
                if ((status = walk(w, field->element, sub)))
                    return status;
                cut(&w->path, inside);
            }
        }
        cut(&w->path, here);
    }
    return ENGRAM_OK;
}

engram_status eg_net_walk(const eg_net *net, const eg_visit *visit, engram_error *err)
{
    walker w = {.visit = visit, .err = err};
    eg_buf_init(&w.path, net->alloc);
    engram_status status = walk(&w, &eg_type_document, &net->document);
    eg_buf_clear(&w.path);
    return status;
}
