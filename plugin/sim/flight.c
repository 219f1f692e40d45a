#include "sim/flight.h"

#include <string.h>

enum { AGE_MAX = 1 << 22 };

typedef struct spike {
    int32_t source;
    uint32_t cursor; /* position of the first synapse that is not yet delivered */
} spike;

typedef struct spike_list {
    spike *item;
    size_t count, capacity;
} spike_list;

struct eg_flight {
    const engram_alloc *alloc;
    uint32_t synapses, sources;
    int32_t start, stop;
    uint32_t *row;  /* [sources + 1] first position of each element's synapses */
    int32_t *order; /* [synapses], NULL: identity */
    uint32_t *age;  /* [synapses] steps, by position; NULL: all have ages[0] */
    uint32_t *ages; /* [age_count] those that occur, descending */
    uint32_t age_count;
    spike_list *ring; /* [ring_size]: oldest age + 1 */
    uint32_t ring_size, now;
    eg_segment *segment;
    size_t segment_count, segment_capacity;
    eg_pending early;
    uint64_t early_done;
    int64_t executions;
};

/* ---- rows ------------------------------------------------------------------------------- */

/* (int)(delay / dt + 0.5), as the reference's queue rounds (semantics 6.5). */
static double steps_of(const eg_flight_plan *plan, uint64_t k)
{
    return plan->delay[k] / plan->dt + 0.5;
}

/* Of a delay that check_delays let pass. Computed whenever it is wanted: an array of them
 * would be the largest thing that building needs. */
static uint32_t age_of(const eg_flight_plan *plan, uint64_t k)
{
    return (uint32_t)steps_of(plan, k);
}

static engram_status check_delays(eg_flight *q, const eg_flight_plan *plan, engram_error *err)
{
    uint32_t most = 0;
    for (uint64_t k = 0; k < plan->delay_count; k++) {
        const double steps = steps_of(plan, k);
        if (!(steps >= 0.0 && steps < (double)AGE_MAX))
            return eg_fail(err, ENGRAM_E_LIMIT,
                           "%s: a delay of %g s (synapse %llu) at a step of %g s, wanted 0 to "
                           "%d steps",
                           plan->name, plan->delay[k], (unsigned long long)k, plan->dt,
                           AGE_MAX - 1);
        most = (uint32_t)steps > most ? (uint32_t)steps : most;
    }
    q->ring_size = most + 1;
    return ENGRAM_OK;
}

static engram_status find_ages(eg_flight *q, const eg_flight_plan *plan, engram_error *err)
{
    uint8_t *seen = eg_calloc(q->alloc, q->ring_size);
    if (!seen)
        return eg_fail_memory(err, "delays");
    for (uint64_t k = 0; k < plan->delay_count; k++) {
        const uint32_t age = age_of(plan, k);
        q->age_count += !seen[age];
        seen[age] = 1;
    }
    q->ages = eg_calloc_array(q->alloc, (size_t)q->age_count + 1, sizeof *q->ages);
    uint32_t n = 0;
    for (uint32_t a = q->ring_size; q->ages && a-- > 0;)
        if (seen[a])
            q->ages[n++] = a;
    eg_free(q->alloc, seen, q->ring_size);
    return q->ages ? ENGRAM_OK : eg_fail_memory(err, "delays");
}

/* What make_rows sorts by. */
typedef uint32_t (*row_key)(const eg_flight_plan *plan, uint64_t k);

static uint32_t source_of(const eg_flight_plan *plan, uint64_t k)
{
    return (uint32_t)plan->source[k]; /* checked to be >= 0 */
}

/* Stable counting sort of the positions in `from` (NULL: 0, 1, 2 ...) by their key, into `to`.
 * `start` has room for keys + 1 counts and afterwards holds where each key's run begins. */
static void sort_by(uint32_t *to, const uint32_t *from, uint32_t n, row_key key,
                    const eg_flight_plan *plan, uint32_t *start, uint32_t keys)
{
    memset(start, 0, ((size_t)keys + 1) * sizeof *start);
    for (uint32_t k = 0; k < n; k++)
        start[key(plan, k) + 1]++;
    for (uint32_t k = 0; k < keys; k++)
        start[k + 1] += start[k];
    for (uint32_t k = 0; k < n; k++) {
        const uint32_t synapse = from ? from[k] : k;
        to[start[key(plan, synapse)]++] = synapse;
    }
    memmove(start + 1, start, (size_t)keys * sizeof *start);
    start[0] = 0;
}

static engram_status check_sources(const eg_flight_plan *plan, engram_error *err)
{
    for (uint64_t k = 0; k < plan->synapses; k++)
        if (plan->source[k] < 0 || (uint64_t)plan->source[k] >= plan->source_count)
            return eg_fail(err, ENGRAM_E_LIMIT, "%s: synapse %llu starts at element %d of %llu",
                           plan->name, (unsigned long long)k, plan->source[k],
                           (unsigned long long)plan->source_count);
    return ENGRAM_OK;
}

static bool is_identity(const int32_t *order, uint32_t n)
{
    for (uint32_t k = 0; k < n; k++)
        if (order[k] != (int32_t)k)
            return false;
    return true;
}

/* Fill row, order and age. Least significant key first: delay, then element. */
static engram_status make_rows(eg_flight *q, const eg_flight_plan *plan, engram_error *err)
{
    const uint32_t n = q->synapses;
    const bool varied = q->age_count > 1;
    uint32_t *start = eg_calloc_array(q->alloc, (size_t)q->ring_size + 1, sizeof *start);
    q->order = eg_calloc_array(q->alloc, (size_t)n + 1, sizeof *q->order);
    q->row = eg_calloc_array(q->alloc, (size_t)q->sources + 1, sizeof *q->row);
    q->age = varied ? eg_calloc_array(q->alloc, (size_t)n + 1, sizeof *q->age) : NULL;
    engram_status status = ENGRAM_OK;
    if (!start || !q->order || !q->row || (varied && !q->age)) {
        status = eg_fail_memory(err, "rows of synapses");
    } else {
        uint32_t *by_age = q->age; /* until it is sorted by element */
        if (varied)
            sort_by(by_age, NULL, n, age_of, plan, start, q->ring_size);
        sort_by((uint32_t *)q->order, by_age, n, source_of, plan, q->row, q->sources);
        for (uint32_t k = 0; varied && k < n; k++)
            q->age[k] = age_of(plan, (uint64_t)q->order[k]);
        if (is_identity(q->order, n)) {
            eg_free(q->alloc, q->order, ((size_t)n + 1) * sizeof *q->order);
            q->order = NULL;
        }
    }
    eg_free(q->alloc, start, ((size_t)q->ring_size + 1) * sizeof *start);
    return status;
}

static engram_status copy_pending(eg_flight *q, const eg_flight_plan *plan, engram_error *err)
{
    const eg_pending *pending = plan->pending;
    if (!pending || !pending->count)
        return ENGRAM_OK;
    int32_t last = 0;
    for (uint64_t k = 0; k < pending->count; k++) {
        if (pending->steps[k] < last || pending->synapse[k] < 0 ||
            (uint64_t)pending->synapse[k] >= plan->synapses)
            return eg_fail(err, ENGRAM_E_LIMIT,
                           "%s: event %llu in flight is due in %d steps at synapse %d of %llu",
                           plan->name, (unsigned long long)k, pending->steps[k],
                           pending->synapse[k], (unsigned long long)plan->synapses);
        last = pending->steps[k];
    }
    q->early.count = pending->count;
    q->early.steps = eg_calloc_array(q->alloc, pending->count, sizeof(int32_t));
    q->early.synapse = eg_calloc_array(q->alloc, pending->count, sizeof(int32_t));
    if (!q->early.steps || !q->early.synapse)
        return eg_fail_memory(err, "events in flight");
    memcpy(q->early.steps, pending->steps, pending->count * sizeof(int32_t));
    memcpy(q->early.synapse, pending->synapse, pending->count * sizeof(int32_t));
    return ENGRAM_OK;
}

static engram_status fill(eg_flight *q, const eg_flight_plan *plan, engram_error *err)
{
    engram_status status = check_sources(plan, err);
    if (status)
        return status;
    status = check_delays(q, plan, err);
    if (!status)
        status = find_ages(q, plan, err);
    if (!status)
        status = make_rows(q, plan, err);
    if (status)
        return status;
    q->ring = eg_calloc_array(q->alloc, q->ring_size, sizeof *q->ring);
    return q->ring ? copy_pending(q, plan, err) : eg_fail_memory(err, "spikes in flight");
}

engram_status eg_flight_new(eg_flight **out, const eg_flight_plan *plan,
                            const engram_alloc *alloc, engram_error *err)
{
    *out = NULL;
    eg_flight *q = eg_calloc(alloc, sizeof *q);
    if (!q)
        return eg_fail_memory(err, "a pathway");
    q->alloc = alloc;
    q->synapses = (uint32_t)plan->synapses;
    q->sources = (uint32_t)plan->source_count;
    q->start = plan->start;
    q->stop = plan->stop;
    const engram_status status = fill(q, plan, err);
    if (status) {
        eg_flight_free(q);
        return status;
    }
    *out = q;
    return ENGRAM_OK;
}

void eg_flight_free(eg_flight *q)
{
    if (!q)
        return;
    const engram_alloc *alloc = q->alloc;
    const size_t n = (size_t)q->synapses + 1;
    eg_free(alloc, q->row, ((size_t)q->sources + 1) * sizeof *q->row);
    eg_free(alloc, q->order, n * sizeof *q->order);
    eg_free(alloc, q->age, n * sizeof *q->age);
    eg_free(alloc, q->ages, ((size_t)q->age_count + 1) * sizeof *q->ages);
    for (uint32_t k = 0; q->ring && k < q->ring_size; k++)
        eg_free(alloc, q->ring[k].item, q->ring[k].capacity * sizeof(spike));
    eg_free(alloc, q->ring, q->ring_size * sizeof *q->ring);
    eg_free(alloc, q->segment, q->segment_capacity * sizeof *q->segment);
    eg_pending_clear(&q->early, alloc);
    eg_free(alloc, q, sizeof *q);
}

const int32_t *eg_flight_order(const eg_flight *q)
{
    return q->order;
}

size_t eg_flight_bytes(const eg_flight *q)
{
    const size_t n = q->synapses;
    size_t bytes = ((size_t)q->sources + 1) * sizeof *q->row;
    bytes += q->order ? n * sizeof *q->order : 0;
    return bytes + (q->age ? n * sizeof *q->age : 0);
}

uint32_t eg_flight_segment_end(const eg_flight *q, uint32_t position)
{
    uint32_t low = 0, high = q->sources; /* row[low] <= position < row[high] */
    while (high - low > 1) {
        const uint32_t middle = low + (high - low) / 2;
        if (q->row[middle] <= position)
            low = middle;
        else
            high = middle;
    }
    uint32_t end = position + 1;
    while (end < q->row[high] && (!q->age || q->age[end] == q->age[position]))
        end++;
    return end;
}

/* ---- a step ----------------------------------------------------------------------------- */

static engram_status push(eg_flight *q, const int32_t *event, uint32_t count, engram_error *err)
{
    spike_list *list = &q->ring[q->now];
    list->count = 0;
    if (!eg_grow(q->alloc, &list->item, &list->capacity, count, sizeof *list->item))
        return eg_fail_memory(err, "spikes in flight");
    for (uint32_t k = 0; k < count; k++)
        if (event[k] >= q->start && event[k] < q->stop)
            list->item[list->count++] = (spike){event[k], q->row[event[k]]};
    return ENGRAM_OK;
}

/* The segments of the spikes emitted `age` steps ago. */
static engram_status visit(eg_flight *q, uint32_t age, eg_due *due, engram_error *err)
{
    spike_list *list = &q->ring[(q->now + q->ring_size - age) % q->ring_size];
    if (!list->count)
        return ENGRAM_OK;
    if (!eg_grow(q->alloc, &q->segment, &q->segment_capacity, q->segment_count + list->count,
                 sizeof *q->segment))
        return eg_fail_memory(err, "due spikes");
    for (size_t k = 0; k < list->count; k++) {
        spike *s = &list->item[k];
        const uint32_t first = s->cursor, stop = q->row[s->source + 1];
        uint32_t end = stop;
        if (q->age)
            for (end = first; end < stop && q->age[end] == age; end++) {
            }
        s->cursor = end;
        if (end > first) {
            q->segment[q->segment_count++] = (eg_segment){first, end - first};
            due->count += end - first;
        }
    }
    return ENGRAM_OK;
}

engram_status eg_flight_step(eg_flight *q, const int32_t *event, uint32_t count, eg_due *due,
                             engram_error *err)
{
    *due = (eg_due){0};
    q->segment_count = 0;
    engram_status status = push(q, event, count, err);
    for (uint32_t k = 0; !status && k < q->age_count; k++)
        status = visit(q, q->ages[k], due, err);
    if (status)
        return status;
    const uint64_t first = q->early_done;
    while (q->early_done < q->early.count && q->early.steps[q->early_done] <= q->executions)
        q->early_done++;
    if (q->early_done > first) {
        due->early = q->early.synapse + first;
        due->early_count = q->early_done - first;
        due->count += due->early_count;
    }
    due->segment = q->segment;
    due->segment_count = (uint32_t)q->segment_count;
    q->executions++;
    q->now = (q->now + 1) % q->ring_size;
    return ENGRAM_OK;
}

/* ---- what is left ----------------------------------------------------------------------- */

typedef struct pending_room {
    eg_pending *out;
    const engram_alloc *alloc;
    size_t steps, synapse; /* capacities */
    bool failed;
} pending_room;

static void add_pending(pending_room *room, uint32_t steps, int32_t synapse)
{
    eg_pending *p = room->out;
    const size_t need = (size_t)p->count + 1;
    if (room->failed || !eg_grow(room->alloc, &p->steps, &room->steps, need, sizeof(int32_t)) ||
        !eg_grow(room->alloc, &p->synapse, &room->synapse, need, sizeof(int32_t))) {
        room->failed = true;
        return;
    }
    p->steps[p->count] = (int32_t)steps;
    p->synapse[p->count++] = synapse;
}

/* The first position in [first, stop) whose age is `age` or more: rows ascend by age. */
static uint32_t first_of_age(const eg_flight *q, uint32_t first, uint32_t stop, uint32_t age)
{
    while (q->age && first < stop) {
        const uint32_t middle = first + (stop - first) / 2;
        if (q->age[middle] < age)
            first = middle + 1;
        else
            stop = middle;
    }
    return first;
}

/* As due `ahead` executions from now: the list emitted `age` steps before that execution
 * stands `age - ahead` places behind `now` (which is where the next push will go). */
static void add_list(pending_room *room, const eg_flight *q, uint32_t ahead, uint32_t age)
{
    const uint32_t back = age - ahead;
    const spike_list *list = &q->ring[(q->now + q->ring_size - back) % q->ring_size];
    for (size_t k = 0; k < list->count; k++) {
        const uint32_t stop = q->row[list->item[k].source + 1];
        for (uint32_t at = first_of_age(q, list->item[k].cursor, stop, age);
             at < stop && (!q->age || q->age[at] == age); at++)
            add_pending(room, ahead, q->order ? q->order[at] : (int32_t)at);
    }
}

engram_status eg_flight_pending(eg_pending *out, const eg_flight *q, engram_error *err)
{
    *out = (eg_pending){0};
    pending_room room = {.out = out, .alloc = q->alloc};
    uint64_t early = q->early_done;
    uint32_t ahead = 0;
    const uint32_t oldest = q->age_count ? q->ages[0] : 0;
    while (!room.failed && (ahead < oldest || early < q->early.count)) {
        for (;
             early < q->early.count && q->early.steps[early] <= q->executions + (int64_t)ahead;
             early++)
            add_pending(&room, ahead, q->early.synapse[early]);
        for (uint32_t k = 0; k < q->age_count; k++)
            if (q->ages[k] > ahead)
                add_list(&room, q, ahead, q->ages[k]);
        ahead++;
    }
    /* Capacities become exact, so that eg_pending_clear knows them. */
    const size_t bytes = (size_t)out->count * sizeof(int32_t);
    int32_t *steps = eg_calloc(q->alloc, bytes), *synapse = eg_calloc(q->alloc, bytes);
    const bool done = !room.failed && steps && synapse;
    if (done && bytes) {
        memcpy(steps, out->steps, bytes);
        memcpy(synapse, out->synapse, bytes);
    }
    eg_free(q->alloc, out->steps, room.steps * sizeof(int32_t));
    eg_free(q->alloc, out->synapse, room.synapse * sizeof(int32_t));
    out->steps = steps;
    out->synapse = synapse;
    if (done)
        return ENGRAM_OK;
    eg_free(q->alloc, steps, bytes);
    eg_free(q->alloc, synapse, bytes);
    *out = (eg_pending){0};
    return eg_fail_memory(err, "events in flight");
}

void eg_pending_clear(eg_pending *pending, const engram_alloc *alloc)
{
    const size_t bytes = (size_t)pending->count * sizeof(int32_t);
    eg_free(alloc, pending->steps, bytes);
    eg_free(alloc, pending->synapse, bytes);
    *pending = (eg_pending){0};
}
