/* bench_archive [<synapses>] [<folder>] - documents and archives at scale
 *
 * Writes a document of that many synapses (i, j, weight, delay), converts it, plain and
 * compressed, opens and reads both, and opens a network of 1,000 objects. Prints JSON: seconds,
 * GB/s of the arrays' bytes, and the memory that each step took beyond mapped files (anonymous
 * pages, looked at every 2 ms). Everything is in the page cache, as after writing it. */
#include "common/digest.h"
#include "engram/convert.h"
#include "engram/model.h"
#include "engram/network.h"
#include "msgpack/mp_write.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static void must(engram_status status, const engram_error *err)
{
    if (!status)
        return;
    fprintf(stderr, "%s\n", err->message);
    exit(1);
}

/* Of this process alone: other load on the machine does not count. */
static double cpu_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* ---- memory that belongs to no file ------------------------------------------------------ */

typedef struct watch {
    pthread_t thread;
    volatile int stop;
    long before, most; /* KiB */
} watch;

static long anonymous(void)
{
    char line[256];
    long kib = 0;
    FILE *file = fopen("/proc/self/status", "r");
    while (file && fgets(line, sizeof line, file))
        if (sscanf(line, "RssAnon: %ld", &kib) == 1)
            break;
    if (file)
        fclose(file);
    return kib;
}

static void *look(void *context)
{
    watch *w = context;
    while (!w->stop) {
        const long now = anonymous();
        w->most = now > w->most ? now : w->most;
        const struct timespec pause = {0, 2000000};
        nanosleep(&pause, NULL);
    }
    return NULL;
}

static void watch_begin(watch *w)
{
    *w = (watch){.before = anonymous()};
    w->most = w->before;
    pthread_create(&w->thread, NULL, look, w);
}

static double watch_end(watch *w)
{
    w->stop = 1;
    pthread_join(w->thread, NULL);
    return (double)(w->most - w->before) / 1024;
}

/* ---- the network ------------------------------------------------------------------------- */

enum { NEURONS = 100000 };

/* Arrays that are computed where they are read, so that none is held. */
typedef struct made {
    char which; /* i, j, w, d */
    uint64_t count;
} made;

static uint64_t mix(uint64_t k)
{
    k ^= k >> 33;
    k *= UINT64_C(0xff51afd7ed558ccd);
    k ^= k >> 33;
    k *= UINT64_C(0xc4ceb9fe1a85ec53);
    return k ^ (k >> 33);
}

static engram_status read_made(const eg_source *source, void *out, uint64_t first,
                               uint64_t count, engram_error *err)
{
    const made *m = source->content;
    (void)err;
    for (uint64_t k = 0; k < count; k++) {
        const uint64_t at = first + k;
        if (m->which == 'i')
            ((int32_t *)out)[k] = (int32_t)(at * NEURONS / m->count);
        else if (m->which == 'j')
            ((int32_t *)out)[k] = (int32_t)(mix(at) % NEURONS);
        else if (m->which == 'w')
            ((double *)out)[k] = 1e-3 * (double)(mix(at) >> 11) * 0x1p-53;
        else
            ((double *)out)[k] = 1e-4 * (double)(1 + mix(at) % 50);
    }
    return ENGRAM_OK;
}

static const void *no_run(const eg_source *source)
{
    (void)source;
    return NULL;
}

static const eg_source_ops made_ops = {read_made, no_run};

static eg_array stored(eg_arena *arena, const char *owner, const char *variable, char which,
                       uint64_t count)
{
    made *m = eg_arena_alloc(arena, sizeof *m);
    eg_source *source = eg_arena_alloc(arena, sizeof *source);
    *m = (made){which, count};
    *source = (eg_source){.ops = &made_ops,
                          .dtype = which == 'i' || which == 'j' ? EG_I32 : EG_F64,
                          .ndim = 1,
                          .shape = {count, 0},
                          .count = count,
                          .content = m};
    return (eg_array){.name = eg_arena_printf(arena, "%s.%s", owner, variable),
                      .owner = owner,
                      .variable = variable,
                      .data = source,
                      .unit = ""};
}

static void *one(eg_arena *arena, const char *type)
{
    size_t count;
    const eg_element_type *const *types = eg_element_types(&count);
    for (size_t k = 0; k < count; k++)
        if (!strcmp(types[k]->name, type)) {
            void *element = eg_arena_alloc(arena, types[k]->size);
            eg_element_defaults(types[k], element);
            return element;
        }
    return NULL;
}

static eg_net *begin_net(size_t groups)
{
    engram_error err;
    eg_net *net;
    must(eg_net_new(&net, engram_default_alloc(), &err), &err);
    static const char *slots[] = {"start", "groups", "thresholds", "synapses", "resets", "end"};
    eg_network *n = one(net->arena, "network");
    net->document = *(eg_document *)one(net->arena, "document");
    net->document.format = EG_FORMAT_NAME;
    net->document.major = EG_FORMAT_MAJOR;
    net->document.network = n;
    n->dialect = "brian2-runtime";
    n->rng_rule = "brian-runtime";
    n->origin = "capture";
    n->schedule = (eg_strs){slots, 6};
    n->clocks.item = one(net->arena, "clock");
    *n->clocks.item = (eg_clock){.name = "defaultclock", .dt = 1e-4};
    n->clocks.count = 1;
    n->groups.item = eg_arena_array(net->arena, groups, sizeof *n->groups.item);
    n->groups.count = groups;
    for (size_t k = 0; k < groups; k++) {
        eg_group *g = &n->groups.item[k];
        *g = *(eg_group *)one(net->arena, "group");
        g->name = eg_arena_printf(net->arena, "group_%04zu", k);
        g->kind = "neurons";
        g->n = groups == 1 ? NEURONS : 10;
        g->clock = "defaultclock";
        g->equations.item = one(net->arena, "equation");
        g->equations.count = 1;
        g->equations.item->name = "v";
        g->equations.item->kind = "differential";
        g->equations.item->type = "float";
        g->equations.item->expr = "-v / (10*ms)";
        g->variables.item = one(net->arena, "variable");
        g->variables.count = 1;
        g->variables.item->name = "v";
        g->variables.item->dtype = "float64";
        g->variables.item->size = g->n;
    }
    return net;
}

static void write_synapses(const char *path, uint64_t count)
{
    engram_error err;
    eg_net *net = begin_net(1);
    eg_network *n = net->document.network;
    eg_synapses *s = one(net->arena, "synapses");
    s->name = "S";
    s->source = s->target = "group_0000";
    s->clock = "defaultclock";
    s->pathways.item = one(net->arena, "pathway");
    s->pathways.count = 1;
    s->pathways.item->name = "S_pre";
    s->pathways.item->key = s->pathways.item->prepost = "pre";
    s->pathways.item->code = "v_post += w";
    s->equations.item = one(net->arena, "equation");
    s->equations.count = 1;
    s->equations.item->name = "w";
    s->equations.item->kind = "parameter";
    s->equations.item->type = "float";
    n->synapses = (eg_synapses_list){s, 1};
    eg_state *state = one(net->arena, "state");
    eg_array *arrays = eg_arena_array(net->arena, 4, sizeof *arrays);
    arrays[0] = stored(net->arena, "S", "_synaptic_post", 'j', count);
    arrays[1] = stored(net->arena, "S", "_synaptic_pre", 'i', count);
    arrays[2] = stored(net->arena, "S", "w", 'w', count);
    arrays[3] = stored(net->arena, "S_pre", "delay", 'd', count);
    state->arrays = (eg_array_list){arrays, 4};
    net->document.state = state;
    must(eg_mp_write_net(net, path, engram_default_alloc(), &err), &err);
    eg_net_free(net);
}

/* ---- the steps --------------------------------------------------------------------------- */

static double size_of(const char *path)
{
    struct stat state;
    return stat(path, &state) ? 0 : (double)state.st_size;
}

static void convert(const char *name, const char *from, const char *to, unsigned flags,
                    double bytes)
{
    engram_error err;
    engram_convert_options options = ENGRAM_CONVERT_OPTIONS_INIT;
    options.flags = flags;
    watch w;
    watch_begin(&w);
    const double start = seconds();
    must(engram_convert_file(from, to, &options, NULL, &err), &err);
    const double took = seconds() - start;
    printf(" \"%s\": {\"s\": %.3f, \"gbs\": %.3f, \"mib_beyond\": %.1f, \"file_gb\": %.4f},\n",
           name, took, bytes / took * 1e-9, watch_end(&w), size_of(to) * 1e-9);
}

typedef struct reading {
    unsigned char *block;
    size_t size;
    double bytes, sum;
    char each[512];
} reading;

/* Every element of every array, a block at a time. */
static engram_status read_field(void *context, const char *name, const char *path,
                                const engram_value *value, engram_error *err)
{
    reading *r = context;
    (void)name;
    (void)path;
    if (value->kind != ENGRAM_VALUE_ARRAY || !value->array)
        return ENGRAM_OK;
    const size_t item = engram_array_item_size(value->array);
    const uint64_t count = engram_array_count(value->array), step = r->size / item;
    engram_status status = ENGRAM_OK;
    const double start = seconds();
    for (uint64_t first = 0; !status && first < count; first += step) {
        const uint64_t left = count - first, n = left < step ? left : step;
        status = engram_array_read(value->array, r->block, first, n, err);
        r->sum += r->block[0];
    }
    r->bytes += (double)count * (double)item;
    if (count > 1000) {
        const size_t length = strlen(r->each);
        snprintf(r->each + length, sizeof r->each - length, "%s%.2f", length ? ", " : "",
                 (double)count * (double)item / (seconds() - start) * 1e-9);
    }
    return status;
}

static void load(const char *name, const char *path)
{
    engram_error err;
    engram_network *network;
    reading r = {.size = 1 << 20};
    r.block = malloc(r.size);
    const engram_visitor visitor = {&r, NULL, read_field, NULL};
    watch w;
    watch_begin(&w);
    const double start = seconds();
    must(engram_network_open(&network, path, NULL, &err), &err);
    const double opened = seconds(), cpu = cpu_seconds();
    must(engram_network_visit(network, &visitor, &err), &err);
    const double end = seconds(), cpu_end = cpu_seconds();
    engram_network_close(network);
    printf(" \"%s\": {\"check_s\": %.4f, \"check_gbs\": %.2f, \"read_s\": %.3f, \"read_gbs\": "
           "%.2f, \"read_gbs_cpu\": %.2f, \"load_gbs\": %.2f, \"mib_beyond\": %.1f, "
           "\"each_gbs\": [%s]},\n",
           name, opened - start, size_of(path) / (opened - start) * 1e-9, end - opened,
           r.bytes / (end - opened) * 1e-9, r.bytes / (cpu_end - cpu) * 1e-9,
           r.bytes / (end - start) * 1e-9, watch_end(&w), r.each);
    free(r.block);
}

/* What reading and hashing cost without any file format. */
static void bandwidth(void)
{
    const size_t size = (size_t)256 << 20;
    unsigned char *a = malloc(size), *b = malloc(size);
    eg_digest digest;
    memset(a, 1, size);
    memset(b, 2, size);
    double copy = 1e9, hash = 1e9;
    for (int pass = 0; pass < 5; pass++) {
        double start = seconds();
        memcpy(b, a, size);
        double took = seconds() - start;
        copy = took < copy ? took : copy;
        start = seconds();
        eg_digest_bytes(&digest, a, size);
        took = seconds() - start;
        hash = took < hash ? took : hash;
    }
    printf(" \"memcpy_gbs\": %.2f, \"xxh3_gbs\": %.2f,\n", (double)size / copy * 1e-9,
           (double)size / hash * 1e-9);
    free(a);
    free(b);
}

static void least(double *best, double value)
{
    *best = value < *best ? value : *best;
}

/* Best of five. */
static void objects(const char *document, const char *archive)
{
    engram_error err;
    engram_network *network;
    engram_model *model;
    eg_net *net = begin_net(1000);
    must(eg_mp_write_net(net, document, engram_default_alloc(), &err), &err);
    eg_net_free(net);
    must(engram_convert_file(document, archive, NULL, NULL, &err), &err);
    const char *const file[2] = {document, archive};
    double open_s[2], cpu_s[2], check_s[2], model_s[2];
    for (int k = 0; k < 2; k++) {
        open_s[k] = cpu_s[k] = check_s[k] = model_s[k] = 1e9;
        for (int pass = 0; pass < 5; pass++) {
            double start = seconds();
            const double cpu = cpu_seconds();
            must(engram_network_open(&network, file[k], NULL, &err), &err);
            least(&open_s[k], seconds() - start);
            least(&cpu_s[k], cpu_seconds() - cpu);
            start = seconds();
            must(engram_network_check(network, NULL, NULL, NULL, &err), &err);
            least(&check_s[k], seconds() - start);
            engram_network_close(network);
            start = seconds();
            must(engram_model_open(&model, file[k], NULL, &err), &err);
            least(&model_s[k], seconds() - start);
            engram_model_close(model);
        }
    }
    printf(" \"objects\": {\"count\": 1000, \"document_open_ms\": %.1f, \"archive_open_ms\": "
           "%.1f, \"archive_open_cpu_ms\": %.1f, \"check_ms\": %.1f, \"model_ms\": [%.1f, "
           "%.1f]}\n",
           1e3 * open_s[0], 1e3 * open_s[1], 1e3 * cpu_s[1], 1e3 * check_s[1], 1e3 * model_s[0],
           1e3 * model_s[1]);
}

int main(int argc, char **argv)
{
    const uint64_t count = argc > 1 ? (uint64_t)strtod(argv[1], NULL) : 1000000;
    const char *folder = argc > 2 ? argv[2] : "/tmp";
    char document[4096], plain[4096], packed[4096], back[4096];
    snprintf(document, sizeof document, "%s/bench-%ld.mpk", folder, (long)getpid());
    snprintf(plain, sizeof plain, "%s/bench-%ld.h5", folder, (long)getpid());
    snprintf(packed, sizeof packed, "%s/bench-%ld-packed.h5", folder, (long)getpid());
    snprintf(back, sizeof back, "%s/bench-%ld-back.mpk", folder, (long)getpid());
    const double bytes = (double)count * 24;
    printf("{\"synapses\": %llu, \"array_gb\": %.3f,\n", (unsigned long long)count,
           bytes * 1e-9);
    bandwidth();
    write_synapses(document, count);
    convert("convert", document, plain, 0, bytes);
    load("load", plain);
    load("load_document", document);
    convert("convert_back", plain, back, 0, bytes);
    unlink(back);
    convert("convert_compressed", document, packed, ENGRAM_CONVERT_COMPRESS, bytes);
    load("load_compressed", packed);
    unlink(document);
    unlink(plain);
    unlink(packed);
    objects(document, plain);
    puts("}");
    unlink(document);
    unlink(plain);
    return 0;
}
