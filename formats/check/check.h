/* check.h - the numbered rules of docs/format.md, judged on network tables
 *
 * Readers hold the schema itself (fields, types, versions: F1 to F9). What they cannot see is
 * judged here: values, names, references, shapes, texts and dimensions. Each rule is one
 * function; check.c lists them.
 *
 *     eg_findings findings;
 *     status = eg_check_net(net, &findings, arena, err);       only fails for want of memory
 *     status = eg_check_first_error(&findings, err);           refuse what does not hold
 *
 * Findings live in the arena. Their order is: errors, warnings, advice; then rule; then the
 * order of the schema. At most EG_FINDINGS_MAX are kept; `total` and `errors` count all.
 */
#ifndef EG_CHECK_CHECK_H
#define EG_CHECK_CHECK_H

#include "network/net.h"

enum { EG_FINDINGS_MAX = 1000 };
/* No spike is longer in flight, in steps. */
enum { EG_STEPS_IN_FLIGHT_MAX = 1 << 22 };

typedef enum eg_severity {
    EG_SEVERITY_ERROR,
    EG_SEVERITY_WARNING,
    EG_SEVERITY_ADVICE
} eg_severity;

typedef struct eg_finding {
    eg_severity severity;
    engram_status status;  /* what a run fails with; OK below error */
    const char *rule;      /* "F12"; static */
    const char *path;      /* "/network/groups/P/equations/2/expr" */
    const char *message;   /* one line */
    uint32_t line, column; /* from 1; 0 where there is no text */
    const char *source;    /* the offending line, "" */
    size_t number;         /* in order of finding: keeps the sort stable */
} eg_finding;

typedef struct eg_findings {
    eg_finding *item;
    size_t count, capacity;
    size_t total, errors; /* also those not kept */
} eg_findings;

/* Lists must be canonical. E_MEMORY, E_IO from a source; findings are no failure. */
engram_status eg_check_net(const eg_net *net, eg_findings *out, eg_arena *arena,
                           engram_error *err);

/* The first finding that is an error, as an error; OK if there is none. */
engram_status eg_check_first_error(const eg_findings *findings, engram_error *err);

/* A rule's number and one-line text, for the docs and the test that compares them. NULL from
 * the last rule on. */
typedef struct eg_rule_text {
    const char *rule, *text;
} eg_rule_text;
const eg_rule_text *eg_check_rule(size_t index);

#endif
