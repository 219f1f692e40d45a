/* checkpoint.c - a simulation between two steps into sections, and back
 *
 * What a section says is not believed: a digest finds damage, not lies. Every number that leads
 * somewhere is held against what it leads into, here or where the run's tasks are bound.
 */
#include "sim/sim_private.h"

#include "common/memory.h"
#include "network/net_find.h"

#include <math.h>
#include <string.h>

static engram_status malformed(const char *what, const char *name, engram_error *err)
{
    return eg_fail(err, ENGRAM_E_FORMAT, "the checkpoint does not fit the network: %s %s", what,
                   name);
}

/* The next section of one kind. */
static bool next(const engram_checkpoint *from, size_t *at, eg_section_kind wanted,
                 eg_unpack *fields)
{
    eg_section_kind kind;
    while (eg_checkpoint_next(from, at, &kind, fields))
        if (kind == wanted)
            return true;
    return false;
}

/* ---- into sections ------------------------------------------------------------------------
 */

static engram_status identify(engram_sim *sim, engram_error *err)
{
    return sim->identity[0] ? ENGRAM_OK : eg_model_identity(sim->identity, sim->model, err);
}

static void put_head(eg_sections *out, const engram_sim *sim, const char *note)
{
    const eg_head head = {
        .info = {.identity = sim->identity,
                 .archive = sim->archive,
                 .digest = sim->digest,
                 .engine = ENGRAM_ENGINE,
                 .math = sim->math == EG_MATH_STRICT ? "strict" : "fast",
                 .rng = eg_rng_rule_name(sim->rng->rule),
                 .libm = sim->probes.libm,
                 .note = note,
                 .seed = sim->seed,
                 .run = sim->run,
                 .runs = sim->runs,
                 .step = sim->now.step,
                 .total = sim->total_steps,
                 .t = sim->t,
                 .results = sim->probes.recorder != NULL,
                 .operations_left_out = (sim->flags & ENGRAM_SIM_IGNORE_OPERATIONS) != 0},
        .last_duration = sim->last_duration,
        .kept = sim->probes.keep,
        .digest = sim->probes.digest,
        .settled = sim->settled,
        .going = sim->now.going,
        .start = sim->now.start,
        .stop_at = sim->now.stop_at,
        .wall = sim->now.wall,
        .steps = sim->now.steps,
        .setup_done = sim->setup_done,
        .delivered = sim->delivered,
        .last_step = sim->last_step,
        .last_steps = sim->last_steps,
        .total_wall = sim->wall,
        .total_cpu = sim->cpu,
        .build_time = sim->build_time,
        .simulated = sim->simulated,
        .stopped = sim->stopped};
    eg_buf fields;
    eg_buf_init(&fields, sim->alloc);
    eg_head_pack(&fields, &head);
    eg_sections_put(out, EG_SECTION_HEAD, &fields, NULL, 0);
}

static void put_clocks(eg_sections *out, const engram_sim *sim)
{
    eg_buf fields;
    eg_buf_init(&fields, sim->alloc);
    for (uint32_t k = 0; k < sim->clocks.count; k++) {
        eg_pack_text(&fields, sim->clocks.item[k].name);
        eg_pack_f64(&fields, sim->clocks.item[k].dt);
        eg_pack_i64(&fields, sim->clocks.item[k].end);
        eg_sections_put(out, EG_SECTION_CLOCK, &fields, NULL, 0);
    }
}

static void put_arrays(eg_sections *out, const engram_sim *sim)
{
    eg_buf fields;
    eg_buf_init(&fields, sim->alloc);
    for (size_t k = 0; k < eg_store_count(sim->store); k++) {
        const eg_cell *cell = eg_store_at(sim->store, k);
        eg_pack_text(&fields, cell->owner);
        eg_pack_text(&fields, cell->variable);
        eg_pack_text(&fields, eg_dtype_name(cell->dtype));
        eg_pack_u64(&fields, (uint64_t)cell->scalar | (uint64_t)cell->constant << 1 |
                                 (uint64_t)cell->read_only << 2 | (uint64_t)cell->dynamic << 3);
        for (int d = 0; d < 7; d++)
            eg_pack_f64(&fields, cell->dim.exponent[d]);
        eg_pack_text(&fields, cell->unit);
        eg_pack_u64(&fields, cell->count);
        eg_sections_put(out, EG_SECTION_ARRAY, &fields, cell->data ? cell->data : "",
                        cell->count * eg_dtype_size(cell->dtype));
    }
}

static void put_random(eg_sections *out, const engram_sim *sim)
{
    const eg_rng *rng = sim->rng;
    const uint64_t buffer = rng->rule == EG_RNG_BRIAN_RUNTIME ? sizeof rng->uniform : 0;
    eg_buf fields;
    eg_buf_init(&fields, sim->alloc);
    eg_pack_array(&fields, rng->mt.word, sizeof rng->mt.word);
    eg_pack_u64(&fields, rng->mt.position);
    eg_pack_u64(&fields, rng->mt.has_gauss);
    eg_pack_f64(&fields, rng->mt.gauss);
    eg_pack_array(&fields, rng->uniform, buffer);
    eg_pack_u64(&fields, rng->next_uniform);
    eg_pack_array(&fields, rng->normal, buffer);
    eg_pack_u64(&fields, rng->next_normal);
    for (int k = 0; k < 2; k++)
        eg_pack_u64(&fields, rng->philox.key[k]);
    for (int k = 0; k < 4; k++)
        eg_pack_u64(&fields, rng->philox.counter[k]);
    eg_pack_u64(&fields, rng->philox.serial);
    eg_sections_put(out, EG_SECTION_RANDOM, &fields, NULL, 0);
}

static void put_events(eg_sections *out, const engram_sim *sim)
{
    eg_buf fields;
    eg_buf_init(&fields, sim->alloc);
    for (size_t k = 0; k < sim->event_count; k++) {
        const eg_events *events = sim->events[k];
        eg_pack_text(&fields, events->group);
        eg_pack_text(&fields, events->event);
        eg_pack_u64(&fields, events->total);
        eg_pack_u64(&fields, events->count);
        eg_sections_put(out, EG_SECTION_EVENTS, &fields, events->list,
                        events->count * sizeof *events->list);
    }
}

static engram_status put_flights(eg_sections *out, const engram_sim *sim, engram_error *err)
{
    eg_arena *arena = eg_arena_new(sim->alloc);
    eg_left *left = NULL;
    size_t owned = 0, count = 0;
    engram_status status = arena ? eg_run_flights(&left, &owned, &count, sim, arena, err)
                                 : eg_fail_memory(err, "a checkpoint");
    eg_buf fields;
    eg_buf_init(&fields, sim->alloc);
    for (size_t k = 0; k < count; k++) {
        const eg_pending *pending = &left[k].pending;
        const uint64_t bytes = pending->count * sizeof(int32_t);
        eg_pack_text(&fields, left[k].pathway);
        eg_pack_u64(&fields, pending->count);
        eg_pack_array(&fields, pending->steps, bytes);
        eg_pack_array(&fields, pending->synapse, bytes);
        eg_sections_put(out, EG_SECTION_FLIGHT, &fields, NULL, 0);
    }
    for (size_t k = 0; k < owned; k++)
        eg_pending_clear(&left[k].pending, sim->alloc);
    eg_arena_free(arena);
    return status;
}

static void put_generators(eg_sections *out, const engram_sim *sim)
{
    eg_buf fields;
    eg_buf_init(&fields, sim->alloc);
    for (size_t k = 0; k < sim->now.task_count; k++) {
        const eg_task *task = &sim->now.task[k];
        if (task->kind != EG_TASK_GENERATE)
            continue;
        eg_pack_text(&fields, task->code->owner);
        eg_pack_i64(&fields, *task->generator.last);
        eg_sections_put(out, EG_SECTION_GENERATOR, &fields, NULL, 0);
    }
}

static void pack_kept(eg_buf *fields, const eg_probe *probe)
{
    const eg_kept *kept = &probe->kept;
    const bool listed = eg_probe_listed(probe);
    eg_pack_u64(fields, kept->records);
    eg_pack_array(fields, kept->t.data, kept->records * kept->t.size);
    if (listed)
        eg_pack_array(fields, kept->i.data, kept->records * kept->i.size);
    for (size_t c = 0; c < kept->columns; c++)
        eg_pack_array(fields, kept->column[c].data,
                      kept->records * kept->rows * kept->column[c].size);
}

static void put_monitors(eg_sections *out, const engram_sim *sim)
{
    unsigned char hash[EG_HASH_STORED];
    eg_buf fields;
    eg_buf_init(&fields, sim->alloc);
    for (size_t k = 0; k < sim->probes.count; k++) {
        const eg_probe *probe = &sim->probes.item[k];
        eg_pack_text(&fields, probe->monitor->name);
        eg_pack_u64(&fields, probe->rows);
        eg_pack_u64(&fields, probe->source_count);
        if (sim->probes.keep)
            pack_kept(&fields, probe);
        if (probe->train) {
            eg_hash_store(hash, &probe->train->hash);
            eg_pack_u64(&fields, probe->train->events);
            eg_pack_array(&fields, hash, sizeof hash);
        }
        eg_sections_put(out, EG_SECTION_MONITOR, &fields, NULL, 0);
    }
    for (size_t k = 0; k < sim->probes.train_count; k++) {
        const engram_train *train = &sim->probes.train[k];
        eg_pack_text(&fields, train->digest);
        eg_pack_u64(&fields, train->spikes);
        eg_pack_u64(&fields, train->complete != 0);
        eg_sections_put(out, EG_SECTION_TRAIN, &fields, NULL, 0);
    }
}

static engram_status put_results(eg_sections *out, engram_sim *sim, engram_error *err)
{
    eg_buf mark, none;
    eg_buf_init(&mark, sim->alloc);
    eg_buf_init(&none, sim->alloc);
    if (!sim->probes.recorder)
        return ENGRAM_OK;
    const engram_status status =
        sim->probes.provider->record_mark(sim->probes.recorder, &mark, err);
    if (!status)
        eg_sections_put(out, EG_SECTION_RESULTS, &none, mark.data, mark.size);
    eg_buf_clear(&mark);
    return status;
}

static engram_status put_all(eg_sections *out, engram_sim *sim, const char *note,
                             engram_error *err)
{
    put_head(out, sim, note);
    put_clocks(out, sim);
    put_arrays(out, sim);
    put_random(out, sim);
    put_events(out, sim);
    const engram_status status = put_flights(out, sim, err);
    if (status)
        return status;
    put_generators(out, sim);
    put_monitors(out, sim);
    return put_results(out, sim, err);
}

static engram_status judge_life(const engram_sim *sim, engram_error *err)
{
    if (sim->failed || sim->finished)
        return eg_fail(err, ENGRAM_E_STATE, "the simulation has %s, it cannot be stored",
                       sim->failed ? "failed" : "been finished");
    return ENGRAM_OK;
}

engram_status engram_sim_store(engram_checkpoint **out, engram_sim *sim, engram_error *err)
{
    eg_sections sections;
    *out = NULL;
    engram_status status = judge_life(sim, err);
    if (!status)
        status = identify(sim, err);
    if (!status)
        status = eg_sections_begin(&sections, NULL, sim->alloc, err);
    if (status)
        return status;
    status = put_all(&sections, sim, NULL, err);
    if (!status)
        status = eg_sections_end(&sections, "(memory)", err);
    if (!status)
        return eg_checkpoint_adopt(out, &sections, err);
    eg_sections_clear(&sections);
    return status;
}

engram_status engram_sim_checkpoint(engram_sim *sim, const char *path, const char *note,
                                    engram_error *err)
{
    char beside[4096];
    eg_sections sections;
    engram_status status = judge_life(sim, err);
    if (!status)
        status = identify(sim, err);
    if (!status)
        status = eg_beside_fixed(beside, sizeof beside, path, err);
    if (!status)
        status = eg_sections_begin(&sections, beside, sim->alloc, err);
    if (status)
        return status;
    status = put_all(&sections, sim, note, err);
    if (!status)
        status = eg_sections_end(&sections, path, err);
    if (!status)
        status = eg_beside_commit(beside, path, err);
    else
        eg_beside_abandon(beside);
    eg_sections_clear(&sections); /* the lock is held until it has its name */
    return status;
}

/* ---- and back: whether it may be ----------------------------------------------------------
 */

engram_status eg_checkpoint_judge(engram_sim *sim, const engram_checkpoint *from,
                                  engram_error *err)
{
    const eg_head *head = &from->head;
    engram_status status = identify(sim, err);
    if (status)
        return status;
    if (strcmp(head->info.identity, sim->identity))
        return eg_fail(err, ENGRAM_E_DIGEST,
                       "the checkpoint is of another network: %s has the digest %s, wanted %s "
                       "(%s)",
                       sim->model->path, sim->identity, head->info.identity,
                       head->info.archive);
    if (sim->rng && strcmp(head->info.rng, eg_rng_rule_name(sim->rng->rule)))
        return eg_fail(err, ENGRAM_E_STATE, "the checkpoint draws by %s, the simulation by %s",
                       head->info.rng, eg_rng_rule_name(sim->rng->rule));
    if (head->info.runs != sim->runs)
        return malformed("the number of", "runs", err);
    if (sim->flags & ENGRAM_SIM_KEEP && !head->kept)
        return eg_fail(err, ENGRAM_E_STATE,
                       "the checkpoint has no records: its monitors kept none in memory");
    if (sim->flags & ENGRAM_SIM_DIGEST && !head->digest)
        return eg_fail(err, ENGRAM_E_STATE,
                       "the checkpoint has no digests of spikes: it was not asked to");
    return ENGRAM_OK;
}

/* ---- arrays, clocks, streams, flights ------------------------------------------------------
 */

static engram_status load_arrays(engram_sim *sim, const engram_checkpoint *from,
                                 engram_error *err)
{
    eg_unpack f;
    size_t count = 0;
    const char *owner = "", *variable = "";
    for (size_t at = 0; next(from, &at, EG_SECTION_ARRAY, &f); count++) {
        eg_cell cell = {.owner = eg_unpack_text(&f), .variable = eg_unpack_text(&f)};
        const char *dtype = eg_unpack_text(&f);
        const uint64_t flags = eg_unpack_count(&f, 15);
        for (int d = 0; d < 7; d++)
            cell.dim.exponent[d] = eg_unpack_f64(&f);
        cell.unit = eg_unpack_text(&f);
        cell.count = eg_unpack_u64(&f);
        cell.scalar = flags & 1;
        cell.constant = flags & 2;
        cell.read_only = flags & 4;
        cell.dynamic = flags & 8;
        const int order = strcmp(owner, cell.owner);
        if (f.failed || !eg_dtype_parse(&cell.dtype, dtype) || order > 0 ||
            (!order && strcmp(variable, cell.variable) >= 0))
            return malformed("an array behind", variable, err);
        const void *data = eg_unpack_elements(&f, cell.count, eg_dtype_size(cell.dtype));
        if (!data)
            return malformed("the array", cell.variable, err);
        cell.data = (void *)(uintptr_t)data; /* only read */
        const engram_status status = eg_store_put(sim->store, &cell, err);
        if (status)
            return status;
        owner = cell.owner;
        variable = cell.variable;
    }
    /* Names ascend and each is in the store by now: equal numbers, the same names. */
    return count == eg_store_count(sim->store) ? ENGRAM_OK
                                               : malformed("the number of", "arrays", err);
}

static engram_status load_clocks(engram_sim *sim, const engram_checkpoint *from,
                                 engram_error *err)
{
    eg_unpack f;
    uint32_t count = 0;
    for (size_t at = 0; next(from, &at, EG_SECTION_CLOCK, &f); count++) {
        const char *name = eg_unpack_text(&f);
        const double dt = eg_unpack_f64(&f);
        const int64_t end = eg_unpack_i64(&f);
        if (f.failed || count >= sim->clocks.count ||
            strcmp(name, sim->clocks.item[count].name))
            return malformed("clock", name, err);
        eg_tick *tick = &sim->clocks.item[count];
        if (!eg_clocks_possible(tick, dt, end))
            return malformed("the step of clock", name, err);
        tick->dt = dt;
        tick->end = end;
    }
    return count == sim->clocks.count ? ENGRAM_OK : malformed("the number of", "clocks", err);
}

static bool load_buffer(double *out, uint32_t *place, eg_unpack *f, bool used)
{
    const double *buffer = eg_unpack_elements(f, used ? EG_RNG_BUFFER : 0, sizeof *buffer);
    *place = (uint32_t)eg_unpack_count(f, EG_RNG_BUFFER - 1);
    if (buffer && used)
        memcpy(out, buffer, EG_RNG_BUFFER * sizeof *out);
    return buffer != NULL;
}

static engram_status load_random(engram_sim *sim, const engram_checkpoint *from,
                                 engram_error *err)
{
    eg_unpack f;
    size_t at = 0;
    eg_rng *rng = sim->rng;
    if (!eg_rng_rule_parse(&rng->rule, from->head.info.rng) ||
        !next(from, &at, EG_SECTION_RANDOM, &f))
        return malformed("the random", "streams", err);
    const bool buffered = rng->rule == EG_RNG_BRIAN_RUNTIME;
    const uint32_t *word = eg_unpack_elements(&f, EG_MT_WORDS, sizeof *word);
    if (word)
        memcpy(rng->mt.word, word, sizeof rng->mt.word);
    rng->mt.position = (uint32_t)eg_unpack_count(&f, EG_MT_WORDS);
    rng->mt.has_gauss = eg_unpack_count(&f, 1);
    rng->mt.gauss = eg_unpack_f64(&f);
    load_buffer(rng->uniform, &rng->next_uniform, &f, buffered);
    load_buffer(rng->normal, &rng->next_normal, &f, buffered);
    for (int k = 0; k < 2; k++)
        rng->philox.key[k] = eg_unpack_u64(&f);
    for (int k = 0; k < 4; k++)
        rng->philox.counter[k] = eg_unpack_u64(&f);
    rng->philox.serial = eg_unpack_count(&f, 1);
    return f.failed ? malformed("the random", "streams", err) : ENGRAM_OK;
}

static void forget_flights(engram_sim *sim)
{
    for (size_t k = 0; k < sim->left_count; k++)
        eg_pending_clear(&sim->left[k].pending, sim->alloc);
    sim->left_count = 0;
}

/* Steps and synapses are judged where the queue is made (flight.c). */
static engram_status load_flight(engram_sim *sim, eg_unpack *f, engram_error *err)
{
    const char *name = eg_unpack_text(f);
    const eg_pathway *pathway = eg_net_pathway(sim->net->document.network, name, NULL);
    const uint64_t count = eg_unpack_u64(f);
    const int32_t *steps = eg_unpack_elements(f, count, sizeof *steps);
    const int32_t *synapse = eg_unpack_elements(f, count, sizeof *synapse);
    if (f->failed || !pathway)
        return malformed("events in flight on", name, err);
    const size_t bytes = (size_t)count * sizeof(int32_t);
    eg_pending *pending = &sim->left[sim->left_count].pending;
    *pending = (eg_pending){.steps = eg_calloc(sim->alloc, bytes),
                            .synapse = eg_calloc(sim->alloc, bytes),
                            .count = count};
    sim->left[sim->left_count++].pathway = pathway->name;
    if (!pending->steps || !pending->synapse)
        return eg_fail_memory(err, "events in flight");
    if (bytes) {
        memcpy(pending->steps, steps, bytes);
        memcpy(pending->synapse, synapse, bytes);
    }
    return ENGRAM_OK;
}

static engram_status load_flights(engram_sim *sim, const engram_checkpoint *from,
                                  engram_error *err)
{
    eg_unpack f;
    size_t count = 0;
    forget_flights(sim);
    for (size_t at = 0; next(from, &at, EG_SECTION_FLIGHT, &f);)
        count++;
    sim->left = eg_arena_array(sim->arena, count + 1, sizeof *sim->left);
    if (!sim->left)
        return eg_fail_memory(err, "events in flight");
    engram_status status = ENGRAM_OK;
    for (size_t at = 0; !status && next(from, &at, EG_SECTION_FLIGHT, &f);)
        status = load_flight(sim, &f, err);
    return status;
}

/* ---- events and generators -----------------------------------------------------------------
 */

/* Whether code emits or hears that event of the group. */
static bool has_event(const eg_code *code, const char *group, const char *event)
{
    for (size_t k = 0; code && k < code->executables.count; k++) {
        const eg_executable *e = &code->executables.item[k];
        if (!strcmp(*e->event_source ? e->event_source : e->owner, group) &&
            !strcmp(*e->event ? e->event : "spike", event))
            return true;
    }
    return false;
}

/* The same, of any run. */
static bool is_event(const eg_document *document, const char *group, const char *event)
{
    bool known = has_event(document->code, group, event);
    for (size_t k = 0; !known && k < document->network->runs.count; k++)
        known = has_event(document->network->runs.item[k].code, group, event);
    return known;
}

static engram_status load_events(engram_sim *sim, eg_unpack *f, engram_error *err)
{
    const char *group = eg_unpack_text(f), *name = eg_unpack_text(f);
    const uint64_t total = eg_unpack_u64(f), count = eg_unpack_count(f, UINT32_MAX);
    const int32_t *list = eg_unpack_elements(f, count, sizeof *list);
    const eg_group *owner = eg_net_group(sim->net->document.network, group);
    if (f->failed || !owner || !strcmp(owner->kind, "subgroup"))
        return malformed("events of", group, err);
    if (!eg_sim_find_events(sim, group, name)) { /* of an earlier run */
        if (!is_event(&sim->net->document, group, name))
            return malformed("events of", group, err);
        const char *event = eg_arena_strdup(sim->arena, name);
        if (!event)
            return eg_fail_memory(err, "spike lists");
        const engram_status status = eg_run_add_events(sim, owner, event, err);
        if (status)
            return status;
    }
    eg_events *events = eg_sim_find_events(sim, group, name);
    if (count > events->capacity)
        return malformed("events of", group, err);
    for (uint64_t k = 0; k < count; k++)
        if (list[k] < 0 || list[k] >= owner->n)
            return malformed("an event of", group, err);
    if (count)
        memcpy(events->list, list, (size_t)count * sizeof *list);
    events->count = (uint32_t)count;
    events->total = total;
    return ENGRAM_OK;
}

engram_status eg_checkpoint_events(engram_sim *sim, const engram_checkpoint *from,
                                   engram_error *err)
{
    engram_status status = ENGRAM_OK;
    eg_unpack f;
    for (size_t k = 0; k < sim->event_count; k++) {
        sim->events[k]->count = 0;
        sim->events[k]->total = 0;
    }
    for (size_t at = 0; !status && next(from, &at, EG_SECTION_EVENTS, &f);)
        status = load_events(sim, &f, err);
    return status;
}

engram_status eg_checkpoint_generators(engram_sim *sim, const engram_checkpoint *from,
                                       engram_error *err)
{
    eg_unpack f;
    for (size_t at = 0; next(from, &at, EG_SECTION_GENERATOR, &f);) {
        const char *name = eg_unpack_text(&f);
        const uint64_t last = eg_unpack_count(&f, INT32_MAX);
        bool found = false;
        for (size_t k = 0; k < sim->now.task_count; k++) {
            eg_generator *g = &sim->now.task[k].generator;
            if (sim->now.task[k].kind != EG_TASK_GENERATE ||
                strcmp(sim->now.task[k].code->owner, name) || last > g->count)
                continue;
            *g->last = (int32_t)last;
            found = true;
        }
        if (!found || f.failed)
            return malformed("the spikes emitted by", name, err);
    }
    return ENGRAM_OK;
}

/* ---- monitors ------------------------------------------------------------------------------
 */

engram_status eg_checkpoint_rows(engram_sim *sim, const engram_checkpoint *from,
                                 engram_error *err)
{
    eg_unpack f;
    size_t count = 0;
    for (size_t at = 0; next(from, &at, EG_SECTION_MONITOR, &f); count++) {
        eg_probe *probe = count < sim->probes.count ? &sim->probes.item[count] : NULL;
        const char *name = eg_unpack_text(&f);
        const uint64_t rows = eg_unpack_u64(&f), elements = eg_unpack_u64(&f);
        /* Synapses may have been added since, which it does not record. */
        if (!probe || strcmp(name, probe->monitor->name) || f.failed || rows > probe->rows ||
            elements > probe->source_count || (probe->indices && rows != probe->rows))
            return malformed("monitor", name, err);
        probe->rows = rows;
        probe->source_count = elements;
    }
    return count == sim->probes.count ? ENGRAM_OK : malformed("the number of", "monitors", err);
}

static engram_status load_kept(eg_probe *probe, eg_unpack *f, bool wanted,
                               const engram_alloc *alloc, engram_error *err)
{
    const char *name = probe->monitor->name;
    const bool listed = eg_probe_listed(probe);
    const uint64_t rows = listed ? 1 : probe->rows;
    const uint64_t records = eg_unpack_u64(f);
    const double *t = eg_unpack_elements(f, records, sizeof *t);
    const int32_t *i = listed ? eg_unpack_elements(f, records, sizeof *i) : NULL;
    const void **column = eg_calloc_array(alloc, probe->column_count + 1, sizeof *column);
    if (!column)
        return eg_fail_memory(err, "what a monitor keeps");
    for (size_t c = 0; c < probe->column_count; c++)
        column[c] = eg_unpack_elements(f, records * rows,
                                       eg_dtype_size((eg_dtype)probe->column[c].dtype));
    for (uint64_t k = 0; i && !f->failed && k < records; k++)
        f->failed = i[k] < 0 || (uint64_t)i[k] >= probe->source_count;
    engram_status status = f->failed || (rows && records > UINT64_MAX / 8 / rows)
                               ? malformed("the records of", name, err)
                               : ENGRAM_OK;
    if (!status && wanted)
        status = eg_kept_add(&probe->kept, records, t, i, column, err);
    eg_free(alloc, column, (probe->column_count + 1) * sizeof *column);
    return status;
}

static engram_status load_monitor(engram_sim *sim, eg_probe *probe, const eg_head *head,
                                  eg_unpack *f, engram_error *err)
{
    (void)eg_unpack_text(f);
    (void)eg_unpack_u64(f);
    (void)eg_unpack_u64(f);
    if (head->kept) {
        const engram_status status = load_kept(probe, f, sim->probes.keep, sim->alloc, err);
        if (status)
            return status;
    }
    if (!head->digest || probe->kind != ENGRAM_RECORD_SPIKES)
        return ENGRAM_OK;
    const uint64_t events = eg_unpack_u64(f);
    const unsigned char *hash = eg_unpack_elements(f, EG_HASH_STORED, 1);
    eg_hash loaded;
    if (!hash || !eg_hash_load(&loaded, hash))
        return malformed("the spikes of", probe->monitor->name, err);
    if (probe->train)
        *probe->train = (eg_train){.hash = loaded, .events = events};
    return ENGRAM_OK;
}

static engram_status load_trains(engram_sim *sim, const engram_checkpoint *from,
                                 engram_error *err)
{
    eg_probes *probes = &sim->probes;
    eg_unpack f;
    probes->train_count = 0;
    for (size_t at = 0; probes->digest && next(from, &at, EG_SECTION_TRAIN, &f);) {
        engram_train *train = &probes->train[probes->train_count];
        const char *digest = eg_unpack_text(&f);
        const uint64_t spikes = eg_unpack_u64(&f);
        const bool complete = eg_unpack_count(&f, 1);
        if (f.failed || probes->train_count >= sim->runs)
            return malformed("digest", digest, err);
        *train = (engram_train){eg_arena_strdup(sim->arena, digest), spikes, complete};
        if (!train->digest)
            return eg_fail_memory(err, "the digest of a run");
        probes->train_count++;
    }
    return ENGRAM_OK;
}

/* What monitors keep and hash, beside the results file. */
static engram_status load_records(engram_sim *sim, const engram_checkpoint *from,
                                  engram_error *err)
{
    engram_status status = ENGRAM_OK;
    eg_unpack f;
    size_t k = 0;
    for (size_t at = 0; !status && next(from, &at, EG_SECTION_MONITOR, &f); k++)
        status = k < sim->probes.count
                     ? load_monitor(sim, &sim->probes.item[k], &from->head, &f, err)
                     : malformed("the number of", "monitors", err);
    return status ? status : load_trains(sim, from, err);
}

const void *eg_checkpoint_mark(const engram_checkpoint *from, size_t *size)
{
    eg_unpack f;
    size_t at = 0;
    uint64_t bytes = 0;
    *size = 0;
    if (!next(from, &at, EG_SECTION_RESULTS, &f))
        return NULL;
    const void *mark = eg_unpack_array(&f, &bytes);
    *size = (size_t)bytes;
    return mark;
}

/* ---- all of it -----------------------------------------------------------------------------
 */

static void load_head(engram_sim *sim, const eg_head *head)
{
    const engram_checkpoint_info *info = &head->info;
    sim->math = strcmp(info->math, "strict") ? EG_MATH_FAST : EG_MATH_STRICT;
    sim->lower.math = sim->math;
    sim->seed = info->seed;
    sim->last_duration = head->last_duration;
    sim->run = info->run;
    sim->setup_done = (size_t)head->setup_done;
    sim->settled = head->settled;
    sim->t = info->t;
    sim->total_steps = info->total;
    sim->delivered = head->delivered;
    sim->last_step = head->last_step;
    sim->last_steps = head->last_steps;
    sim->wall = head->total_wall;
    sim->cpu = head->total_cpu;
    sim->build_time = head->build_time;
    sim->simulated = head->simulated;
    sim->stopped = head->stopped;
    sim->stop_asked = false;
}

static engram_status reopen_probes(engram_sim *sim, const engram_checkpoint *from,
                                   engram_error *err)
{
    engram_status status = ENGRAM_OK;
    if (!sim->probes.item)
        status = eg_run_open_probes(sim, from, err);
    else {
        for (size_t k = 0; k < sim->probes.count; k++)
            eg_kept_clear(&sim->probes.item[k].kept);
        status = eg_probes_count(&sim->probes, sim->net, sim->store, err);
        if (!status)
            status = eg_checkpoint_rows(sim, from, err);
        if (!status && sim->probes.keep)
            status = eg_probes_keep(&sim->probes, sim->alloc, err);
    }
    return status ? status : load_records(sim, from, err);
}

engram_status eg_checkpoint_load(engram_sim *sim, const engram_checkpoint *from,
                                 engram_error *err)
{
    load_head(sim, &from->head);
    eg_store_thaw(sim->store);
    engram_status status = load_arrays(sim, from, err);
    if (!status)
        status = load_clocks(sim, from, err);
    if (!status)
        status = load_random(sim, from, err);
    if (!status)
        status = load_flights(sim, from, err);
    if (!status)
        status = reopen_probes(sim, from, err);
    if (status)
        return status;
    if (from->head.going)
        return eg_run_go_on(sim, from, err);
    eg_store_freeze(sim->store);
    status = eg_checkpoint_events(sim, from, err);
    return status ? status : eg_sim_list_variables(sim, err);
}
