#include "report.h"

#include "cli.h"
#include "quantity.h"
#include "tree.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

/* NaN where there is nothing to divide by. */
static double ratio(double a, double b)
{
    return b > 0 ? a / b : NAN;
}

static double rate_of(const engram_population *p, double seconds)
{
    return ratio((double)p->spikes, (double)p->neurons * seconds);
}

static double step_cost(const cli_report *r)
{
    return ratio(1e9 * r->summary->wall_time,
                 (double)r->model->neurons * (double)r->summary->steps);
}

/* ---- text ------------------------------------------------------------------------------ */

static void print_populations(FILE *to, const engram_summary *s)
{
    int width = 0;
    for (uint64_t k = 0; k < s->population_count; k++)
        if ((int)strlen(s->populations[k].name) > width)
            width = (int)strlen(s->populations[k].name);
    for (uint64_t k = 0; k < s->population_count; k++) {
        const engram_population *p = &s->populations[k];
        const double rate = rate_of(p, s->simulated);
        fprintf(to, "  %-*s  %10" PRIu64 " from %" PRIu64 " neurons", width, p->name, p->spikes,
                p->neurons);
        if (rate >= 0)
            fprintf(to, ", %.4g Hz", rate);
        fputc('\n', to);
    }
}

static void print_times(FILE *to, const cli_report *r)
{
    char biological[32], wall[32], text[32];
    const engram_summary *s = r->summary;
    const double rtf = ratio(s->wall_time, s->simulated);
    fprintf(to, "simulated  %s in %s",
            cli_time_text(biological, sizeof biological, s->simulated, 9),
            cli_time_text(wall, sizeof wall, s->wall_time, 3));
    if (rtf >= 0)
        fprintf(to, " (RTF %.3g)", rtf);
    fprintf(to, ", built in %s%s\n", cli_time_text(text, sizeof text, s->build_time, 3),
            s->complete ? "" : "; stopped before the end");
    if (r->from)
        fprintf(to, "resumed    at %s, after %" PRIu64 " steps\n",
                cli_time_text(text, sizeof text, r->from->t, 9), r->from->total);
    fprintf(to, "steps      %" PRIu64, s->steps);
    if (r->model->dt > 0)
        fprintf(to, ", dt %s", cli_time_text(text, sizeof text, r->model->dt, 9));
    if (step_cost(r) >= 0)
        fprintf(to, ", %.3g ns per neuron and step", step_cost(r));
    fputc('\n', to);
}

void cli_report_text(FILE *to, const cli_report *r)
{
    const engram_summary *s = r->summary;
    char seed[32] = "as in the file", bytes[32];
    if (s->seed >= 0)
        snprintf(seed, sizeof seed, "%" PRId64, s->seed);
    fputs("network    ", to);
    cli_text(to, r->model->name[0] ? r->model->name : r->file);
    fprintf(to, ", %" PRIu64 " neurons, %" PRIu64 " synapses (%s)\n", r->model->neurons,
            s->synapses, cli_bytes_text(bytes, sizeof bytes, (double)s->synapse_bytes));
    print_times(to, r);
    fprintf(to, "spikes     %" PRIu64 ", %" PRIu64 " synaptic events\n", s->spikes, s->events);
    print_populations(to, s);
    fprintf(to, "numbers    math %s, kernels %s, random %s, seed %s, dialect %s\n", s->math,
            s->isa, s->rng, seed, s->dialect);
    fputs("results    ", to);
    cli_text(to, r->results ? r->results : "not kept (--out)");
    fputc('\n', to);
}

/* ---- JSON ------------------------------------------------------------------------------ */

static json_t *real(double number)
{
    return isfinite(number) ? json_real(number) : json_null();
}

static json_t *integer(uint64_t number)
{
    return json_integer((json_int_t)number);
}

static json_t *populations(const engram_summary *s)
{
    json_t *list = json_array();
    for (uint64_t k = 0; k < s->population_count; k++) {
        const engram_population *p = &s->populations[k];
        json_array_append_new(list, json_pack("{s:o, s:o, s:o, s:o}", "name",
                                              cli_json_text(p->name), "neurons",
                                              integer(p->neurons), "spikes", integer(p->spikes),
                                              "rate_hz", real(rate_of(p, s->simulated))));
    }
    return list;
}

static json_t *thread_work(const engram_summary *s)
{
    json_t *list = json_array();
    for (uint32_t w = 0; w < s->threads; w++)
        json_array_append_new(
            list, json_pack("{s:o, s:o}", "elements",
                            integer(s->thread_elements ? s->thread_elements[w] : 0), "events",
                            integer(s->thread_events ? s->thread_events[w] : 0)));
    return list;
}

static json_t *numbers(const cli_report *r)
{
    const engram_summary *s = r->summary;
    return json_pack(
        "{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
        "neurons", integer(r->model->neurons), "synapses", integer(s->synapses), "steps",
        integer(s->steps), "spikes", integer(s->spikes), "events", integer(s->events), "dt",
        real(r->model->dt), "biological_seconds", real(s->simulated), "simulation_seconds",
        real(s->wall_time), "simulation_cpu_seconds", real(s->cpu_time), "build_seconds",
        real(s->build_time), "seconds_to_first_step", real(r->first_step), "rtf",
        real(ratio(s->wall_time, s->simulated)), "ns_per_neuron_step", real(step_cost(r)),
        "synapse_bytes", integer(s->synapse_bytes), "bytes_per_synapse",
        real(s->synapses ? (double)s->synapse_bytes / (double)s->synapses : 0.0));
}

engram_status cli_report_json(FILE *to, const cli_report *r, engram_error *err)
{
    const engram_summary *s = r->summary;
    json_t *root = json_pack(
        "{s:o, s:o, s:o, s:o, s:b, s:s, s:s, s:s, s:s, s:s, s:o, s:i, s:o, s:o, s:i}", "file",
        cli_json_text(r->file), "results", r->results ? cli_json_text(r->results) : json_null(),
        "network", cli_json_text(r->model->name), "digest", cli_json_text(r->model->digest),
        "complete", s->complete, "engine", s->engine, "math", s->math, "isa", s->isa, "rng",
        s->rng, "dialect", s->dialect, "seed",
        s->seed >= 0 ? json_integer(s->seed) : json_null(), "threads", (int)s->threads,
        "thread_work", thread_work(s), "populations", populations(s), "runs",
        (int)r->model->runs);
    if (r->from)
        json_object_set_new(
            root, "resumed",
            json_pack("{s:o, s:o}", "t", real(r->from->t), "steps", integer(r->from->total)));
    json_t *more = numbers(r);
    if (!more || json_object_update(root, more)) {
        json_decref(root);
        root = NULL;
    }
    json_decref(more);
    return cli_json_print(to, root, err);
}
