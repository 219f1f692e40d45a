/* network_expect.c - the spikes that a network is expected to give: read, and written into it
 */
#include "engram/network.h"

#include "converter.h"
#include "network_handle.h"

#include <stdlib.h>
#include <string.h>

size_t engram_network_expected_count(const engram_network *network)
{
    return network->net->document.expected.count;
}

engram_status engram_network_expected(const engram_network *network, size_t index,
                                      engram_expectation *out, engram_error *err)
{
    const eg_expectation_list *list = &network->net->document.expected;
    if (index >= list->count)
        return eg_fail(err, ENGRAM_E_ARGUMENT, "expectation %zu of %zu", index, list->count);
    const eg_expectation *e = &list->item[index];
    const engram_expectation all = {.size = out->size,
                                    .run = (uint64_t)e->run,
                                    .math = e->math,
                                    .libm = e->libm,
                                    .digest = e->digest,
                                    .spikes = (uint64_t)e->spikes,
                                    .engine = e->engine};
    memcpy(out, &all, out->size < sizeof all ? out->size : sizeof all);
    return ENGRAM_OK;
}

static int by_run(const void *a, const void *b)
{
    const eg_expectation *x = a, *y = b;
    if (x->run != y->run)
        return x->run < y->run ? -1 : 1;
    const int math = strcmp(x->math, y->math);
    return math ? math : strcmp(x->libm, y->libm);
}

static engram_status put(eg_net *net, const engram_expectation *expected, size_t count,
                         engram_error *err)
{
    eg_expectation_list *list = &net->document.expected;
    eg_expectation *item = eg_arena_array(net->arena, list->count + count, sizeof *item);
    size_t n = 0;
    if (!item)
        return eg_fail_memory(err, "expected spikes");
    for (size_t k = 0; k < list->count; k++) {
        bool replaced = false;
        for (size_t j = 0; j < count; j++)
            replaced = replaced || ((uint64_t)list->item[k].run == expected[j].run &&
                                    !strcmp(list->item[k].math, expected[j].math) &&
                                    !strcmp(list->item[k].libm, expected[j].libm));
        if (!replaced)
            item[n++] = list->item[k];
    }
    for (size_t j = 0; j < count; j++) {
        const engram_expectation *e = &expected[j];
        if (e->run > INT64_MAX || e->spikes > INT64_MAX || !e->math || !e->libm || !e->digest ||
            !e->engine)
            return eg_fail(err, ENGRAM_E_ARGUMENT, "expectation %zu lacks a text", j);
        item[n++] = (eg_expectation){(int64_t)e->run,    e->math,  e->libm, e->digest,
                                     (int64_t)e->spikes, e->engine};
    }
    qsort(item, n, sizeof *item, by_run);
    list->item = item;
    list->count = n;
    return ENGRAM_OK;
}

/* Whether an archive's arrays are stored in chunks: they come without a run of memory. */
static engram_status see_array(void *context, const char *path, const eg_field *field,
                               const void *element, engram_error *err)
{
    bool *chunked = context;
    (void)path;
    (void)err;
    if (field->kind == EG_FIELD_ARRAY) {
        const void *at = (const char *)element + field->offset;
        const eg_source *source = *(const eg_source *const *)at;
        *chunked = *chunked || (source && source->count > 1 && !source->ops->data(source));
    }
    return ENGRAM_OK;
}

engram_status engram_network_expect(const char *path, const char *out,
                                    const engram_expectation *expected, size_t count,
                                    engram_error *err)
{
    const eg_converter *kind;
    const engram_alloc *alloc = engram_default_alloc();
    engram_convert_report report = {.count = 0};
    eg_net *net = NULL;
    if (!path || !out || (count && !expected))
        return eg_fail(err, ENGRAM_E_ARGUMENT, "expecting wants two file names and a list");
    engram_status status = eg_converter_of(&kind, path, err);
    if (!status)
        status = kind->read(&net, path, 0, alloc, err);
    if (status)
        return status;
    bool chunked = false;
    const eg_visit visit = {see_array, &chunked};
    status = eg_net_walk(net, &visit, err);
    if (!status)
        status = put(net, expected, count, err);
    if (!status)
        status =
            kind->write(net, out, chunked ? ENGRAM_CONVERT_COMPRESS : 0u, &report, alloc, err);
    eg_net_free(net);
    return status;
}
