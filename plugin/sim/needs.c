/* needs.c - what a model wants of its host: operations, and functions that have no body */
#include "sim/sim_private.h"

#include "common/memory.h"
#include "network/net_find.h"

#include <stdio.h>
#include <string.h>

typedef struct collector {
    engram_model *model;
    eg_need *item;
    size_t count, room;
    engram_error *err;
} collector;

static engram_status add(collector *c, const eg_need *fresh)
{
    for (size_t k = 0; k < c->count; k++)
        if (c->item[k].kind == fresh->kind && strcmp(c->item[k].name, fresh->name) == 0)
            return ENGRAM_OK;
    if (c->count == c->room) {
        c->room = c->room ? 2 * c->room : 8;
        eg_need *item = eg_arena_array(c->model->net->arena, c->room, sizeof *item);
        if (!item)
            return eg_fail_memory(c->err, "what a model needs");
        if (c->count)
            memcpy(item, c->item, c->count * sizeof *item);
        c->item = item;
    }
    c->item[c->count++] = *fresh;
    return ENGRAM_OK;
}

static bool is_input(const eg_network *network, const char *name)
{
    for (size_t k = 0; k < network->inputs.count; k++)
        if (strcmp(network->inputs.item[k].name, name) == 0)
            return true;
    return false;
}

static engram_status add_function(collector *c, const eg_function *f, const char *user)
{
    if (strcmp(f->kind, "custom") != 0 || *f->body)
        return ENGRAM_OK;
    return add(c, &(eg_need){.kind = ENGRAM_NEED_FUNCTION,
                             .name = f->name,
                             .user = user,
                             .reason = *f->reason ? f->reason : "only its name is known",
                             .arguments = (uint32_t)f->arguments.count});
}

/* A PoissonInput's code calls its own draw, which is in its `n` and `rate`. */
static engram_status of_code(collector *c, const eg_code *code)
{
    const eg_network *network = c->model->net->document.network;
    engram_status status = ENGRAM_OK;
    for (size_t k = 0; code && !status && k < code->executables.count; k++) {
        const eg_executable *e = &code->executables.item[k];
        if (is_input(network, e->name))
            continue;
        for (size_t b = 0; !status && b < e->bindings.count; b++) {
            const eg_binding *binding = &e->bindings.item[b];
            const eg_function *f =
                strcmp(binding->kind, "function") != 0
                    ? NULL
                    : eg_net_function(network,
                                      *binding->owner ? binding->owner : binding->name);
            status = f ? add_function(c, f, e->name) : ENGRAM_OK;
        }
    }
    return status;
}

engram_status eg_model_find_needs(engram_model *model, engram_error *err)
{
    const eg_document *document = &model->net->document;
    const eg_network *network = document->network;
    collector c = {.model = model, .err = err};
    engram_status status = ENGRAM_OK;
    for (size_t k = 0; !status && k < network->operations.count; k++)
        status = add(&c, &(eg_need){.kind = ENGRAM_NEED_OPERATION,
                                    .name = network->operations.item[k].name,
                                    .user = "",
                                    .reason = "Python code that runs in each step"});
    for (size_t k = 0; !status && !document->state && k < network->setup.count; k++)
        for (size_t f = 0; !status && f < network->setup.item[k].functions.count; f++)
            status = add_function(&c, &network->setup.item[k].functions.item[f],
                                  network->setup.item[k].target);
    if (!status)
        status = of_code(&c, document->code);
    for (size_t k = 0; !status && k < network->runs.count; k++)
        status = of_code(&c, network->runs.item[k].code);
    model->need = c.item;
    model->need_count = c.count;
    return status;
}

void engram_model_need(const engram_model *model, uint64_t index, engram_need *out)
{
    engram_need all = {.size = out->size, .user = "", .reason = ""};
    if (index < model->need_count) {
        const eg_need *need = &model->need[index];
        all = (engram_need){out->size,  need->kind,   need->name,
                            need->user, need->reason, need->arguments};
    }
    memcpy(out, &all, out->size < sizeof all ? out->size : sizeof all);
}

/* ---- functions of the host's ------------------------------------------------------------ */

eg_native *eg_model_native(const engram_model *model, const char *name)
{
    for (size_t k = 0; k < model->native_count; k++)
        if (strcmp(model->native_name[k], name) == 0)
            return &model->native[k];
    return NULL;
}

engram_status engram_model_function(engram_model *model, const char *name, uint32_t arguments,
                                    engram_function *function, void *context, engram_error *err)
{
    if (*model->built)
        return eg_fail(err, ENGRAM_E_STATE, "%s() is given behind the first build", name);
    const eg_function *f = eg_net_function(model->net->document.network, name);
    if (!f || strcmp(f->kind, "custom") != 0)
        return eg_fail(err, ENGRAM_E_REFERENCE,
                       "\"%s\" is no function of the network that a host can give", name);
    if (f->arguments.count != arguments || !function)
        return eg_fail(err, ENGRAM_E_ARGUMENT, "%s() of %u arguments, the network's has %zu",
                       name, (unsigned)arguments, f->arguments.count);
    eg_native *old = eg_model_native(model, name);
    if (old) {
        *old = (eg_native){function, context};
        return ENGRAM_OK;
    }
    eg_arena *arena = model->net->arena;
    const size_t count = model->native_count;
    const char **names = eg_arena_array(arena, count + 1, sizeof *names);
    eg_native *native = eg_arena_array(arena, count + 1, sizeof *native);
    if (!names || !native)
        return eg_fail_memory(err, "a function of the host's");
    if (count) {
        memcpy(names, model->native_name, count * sizeof *names);
        memcpy(native, model->native, count * sizeof *native);
    }
    names[count] = f->name;
    native[count] = (eg_native){function, context};
    model->native_name = names;
    model->native = native;
    model->native_count = count + 1;
    return ENGRAM_OK;
}

/* ---- refusing ---------------------------------------------------------------------------- */

/* One line holds them all, as far as there is room. */
engram_status eg_model_refuse(const engram_model *model, bool operations, engram_error *err)
{
    char text[sizeof err->message] = "";
    size_t length = 0, count = 0;
    for (size_t k = 0; k < model->need_count; k++) {
        const eg_need *need = &model->need[k];
        const bool operation = need->kind == ENGRAM_NEED_OPERATION;
        if (operation ? operations : eg_model_native(model, need->name) != NULL)
            continue;
        const char *separator = count++ ? "; " : "";
        if (length >= sizeof text)
            continue;
        const int added = operation ? snprintf(text + length, sizeof text - length,
                                               "%s%s: a NetworkOperation, %s", separator,
                                               need->name, need->reason)
                                    : snprintf(text + length, sizeof text - length,
                                               "%s%s(), called by %s: no translation (%s)",
                                               separator, need->name, need->user, need->reason);
        length += added > 0 ? (size_t)added : 0;
    }
    if (!count)
        return ENGRAM_OK;
    return eg_fail(err, ENGRAM_E_UNSUPPORTED, "%zu of its parts cannot run here: %s", count,
                   text);
}
