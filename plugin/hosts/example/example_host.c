/* example_host.c - the shortest useful host: loads the engine, runs a network, looks inside
 *
 *     example_host <engram_plugin.so> <file> [<object> <variable>]
 *
 * It links nothing of Engram and sees only public headers: whatever it calls comes out of
 * the table. After each step it asks every group for its spikes, as a simulator would that
 * hands them on; at the end it prints the counts and the values of one variable.
 */
#include "engram/plugin_abi.h"

#include <dlfcn.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { MOST_GROUPS = 64, SHOWN = 8 };

typedef struct host {
    const engram_plugin *engine;
    engram_model *model;
    engram_sim *sim;
    const char *group[MOST_GROUPS]; /* names, lent by the model */
    uint64_t spikes[MOST_GROUPS];
    size_t groups;
} host;

/* Before there is a table there is no status_exit_code. */
enum { EXIT_NO_PLUGIN = 6 };

static const engram_plugin *load(const char *path, engram_error *err)
{
    engram_plugin_entry *entry = NULL;
    void *object = dlopen(path, RTLD_NOW | RTLD_LOCAL); /* stays open while a model is */
    void *symbol = object ? dlsym(object, ENGRAM_PLUGIN_SYMBOL) : NULL;
    if (!symbol) {
        snprintf(err->message, sizeof err->message, "%s", dlerror());
        return NULL;
    }
    memcpy(&entry, &symbol, sizeof entry);
    const engram_plugin *engine = entry(ENGRAM_PLUGIN_ABI, err);
    /* The entry negotiates; a host that wants to be sure looks at what it was given. */
    if (engine && (engine->abi != ENGRAM_PLUGIN_ABI || engine->size < sizeof *engine)) {
        snprintf(err->message, sizeof err->message, "%s: a table of version %" PRIu32, path,
                 engine->abi);
        return NULL;
    }
    return engine;
}

static engram_status find_groups(host *h, engram_error *err)
{
    engram_model_info info = ENGRAM_MODEL_INFO_INIT;
    engram_status status = ENGRAM_OK;
    h->engine->describe(h->model, &info);
    printf("%s: %" PRIu64 " neurons, %g s in %" PRIu32 " runs, dt %g s\n", h->engine->engine,
           info.neurons, info.duration, info.runs, info.dt);
    for (uint64_t k = 0; !status && k < info.objects; k++) {
        engram_object object = ENGRAM_OBJECT_INIT;
        status = h->engine->object(h->model, k, &object, err);
        const int fires = !status && (object.kind == ENGRAM_OBJECT_NEURONS ||
                                      object.kind == ENGRAM_OBJECT_POISSON ||
                                      object.kind == ENGRAM_OBJECT_SPIKE_GENERATOR);
        if (fires && h->groups < MOST_GROUPS)
            h->group[h->groups++] = object.name;
    }
    return status;
}

/* What was emitted in the step just done. A group without a threshold has no such event:
 * E_REFERENCE, and nothing to count. */
static engram_status count_spikes(host *h, engram_error *err)
{
    for (size_t k = 0; k < h->groups; k++) {
        const int32_t *index; /* element numbers; lent until the next call */
        uint64_t count = 0;
        const engram_status status =
            h->engine->spikes(h->sim, h->group[k], NULL, &index, &count, err);
        if (status && status != ENGRAM_E_REFERENCE)
            return status;
        if (!status)
            h->spikes[k] += count;
    }
    return ENGRAM_OK;
}

static engram_status run(host *h, engram_error *err)
{
    engram_progress at = ENGRAM_PROGRESS_INIT;
    engram_status status = h->engine->build(&h->sim, h->model, NULL, err);
    while (!status && !at.finished) {
        status = h->engine->advance(h->sim, 1, &at, err);
        if (!status && at.total)
            status = count_spikes(h, err);
    }
    if (!status)
        printf("%" PRIu64 " steps, t = %g s\n", at.total, at.t);
    for (size_t k = 0; !status && k < h->groups; k++)
        printf("%s: %" PRIu64 " spikes\n", h->group[k], h->spikes[k]);
    return status;
}

static engram_status show(host *h, const char *object, const char *name, engram_error *err)
{
    engram_variable v = ENGRAM_VARIABLE_INIT;
    const engram_status status = h->engine->variable(h->sim, object, name, &v, err);
    if (status)
        return status;
    printf("%s.%s [%" PRIu64 "]%s%s:", v.object, v.name, v.count, *v.unit ? " " : "", v.unit);
    for (uint64_t k = 0; k < v.count && k < SHOWN; k++)
        switch (v.dtype) { /* live memory of the simulation, no copy */
        case ENGRAM_BOOL:
            printf(" %d", ((const uint8_t *)v.data)[k]);
            break;
        case ENGRAM_I32:
            printf(" %" PRId32, ((const int32_t *)v.data)[k]);
            break;
        case ENGRAM_I64:
            printf(" %" PRId64, ((const int64_t *)v.data)[k]);
            break;
        case ENGRAM_F32:
            printf(" %.9g", (double)((const float *)v.data)[k]);
            break;
        case ENGRAM_F64:
            printf(" %.17g", ((const double *)v.data)[k]);
            break;
        }
    puts(v.count > SHOWN ? " ..." : "");
    return ENGRAM_OK;
}

int main(int argc, char **argv)
{
    host h = {.engine = NULL};
    engram_error err = {.code = ENGRAM_OK};
    if (argc != 3 && argc != 5) {
        fprintf(stderr, "usage: %s <engram_plugin.so> <file> [<object> <variable>]\n", argv[0]);
        return 2;
    }
    h.engine = load(argv[1], &err);
    if (!h.engine) {
        fprintf(stderr, "%s\n", err.message);
        return EXIT_NO_PLUGIN;
    }
    engram_status status = h.engine->open(&h.model, argv[2], NULL, &err);
    if (!status)
        status = find_groups(&h, &err);
    if (!status)
        status = run(&h, &err);
    if (!status && argc == 5)
        status = show(&h, argv[3], argv[4], &err);
    if (!status)
        status = h.engine->finish(h.sim, NULL, &err);
    h.engine->free(h.sim); /* before the model, and both may be NULL */
    h.engine->close(h.model);
    if (status)
        fprintf(stderr, "%s\n", err.message);
    return h.engine->status_exit_code(status);
}
