/* record.h - what a running engine hands to whoever writes its results
 *
 *     record_open -> (record_events | record_samples)* -> record_run ... -> record_finish
 *                                                                     or -> record_abandon
 *
 * All monitors are described before the first step, because a file that others read while it
 * grows (HDF5's SWMR mode) must hold all its datasets from the beginning. Then blocks are
 * appended in any rhythm that suits the engine: the recorder buffers, so one call a step is
 * cheap. Each run() ends with record_run; the last word is record_finish. The functions are
 * reached through the provider table (hdf5/provider.h); this header only holds the plain
 * data they take. Layout of the file: docs/results.md.
 *
 * Ownership: everything passed in is borrowed for the duration of the call. Texts are UTF-8
 * and never NULL unless said. Numbers are SI base units. Tier: experimental.
 */
#ifndef ENGRAM_RECORD_H
#define ENGRAM_RECORD_H

#include "engram/status.h"

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Element types; the numbers are those of the engine's own types. bool is one byte, 0 or 1. */
typedef enum engram_record_dtype {
    ENGRAM_RECORD_BOOL = 0,
    ENGRAM_RECORD_I32 = 1,
    ENGRAM_RECORD_I64 = 2,
    ENGRAM_RECORD_F32 = 3,
    ENGRAM_RECORD_F64 = 4,
    ENGRAM_RECORD_U8 = 5,
    ENGRAM_RECORD_U32 = 6,
    ENGRAM_RECORD_U64 = 7
} engram_record_dtype;

typedef enum engram_record_kind {
    ENGRAM_RECORD_SPIKES, /* i, t, count and extra columns; takes part in the digest */
    ENGRAM_RECORD_EVENTS, /* the same for custom events; not in the digest */
    ENGRAM_RECORD_STATES, /* t and one [rows, steps] dataset a column */
    ENGRAM_RECORD_RATE    /* t and one [steps] dataset a column (Brian2: `rate`) */
} engram_record_kind;

typedef struct engram_record_column {
    const char *name;
    engram_record_dtype dtype;
    double dim[7];    /* exponents of metre, kilogram, second, ampere, kelvin, mole, candela */
    const char *unit; /* as displayed; NULL: none */
} engram_record_column;

typedef struct engram_record_monitor {
    const char *name; /* unique among the monitors; no '/', not "." or ".." */
    engram_record_kind kind;
    const char *source; /* object recorded */
    /* SPIKES, EVENTS: the columns behind i and t; often none.
     * STATES: the recorded variables. RATE: one column, float64. */
    const engram_record_column *columns;
    size_t column_count;
    /* SPIKES, EVENTS: elements of the source (length of `count`).
     * STATES: recorded elements. RATE: 1. */
    uint64_t rows;
    /* STATES: element number of each row [rows]; NULL: 0, 1, 2 ... Else NULL. */
    const int32_t *indices;
    /* SPIKES, EVENTS: 0 keeps only `count` (the monitor has record=False); i and t are still
     * given to record_events, for the counts and the digest. Else 1. */
    int keep;
} engram_record_monitor;

/* Written when the file is created. NULL texts are left out. */
typedef struct engram_record_header {
    const char *archive;        /* file name of the network */
    const char *archive_digest; /* xxh3-128 of it, hexadecimal */
    const char *engine;         /* name and version of the engine, e.g. "engram 0.1.0" */
    const char *left_out;       /* what was not run on request, "operations: kick" */
} engram_record_header;

/* One finished or stopped run(). */
typedef struct engram_record_run {
    double start;        /* network time at its beginning, seconds */
    double duration;     /* asked for, seconds */
    double simulated;    /* done, seconds; less than duration when stopped */
    double wall_time;    /* seconds */
    const char *math;    /* "strict" or "fast" */
    const char *rng;     /* rule of drawing */
    const char *dialect; /* "brian2-runtime" or "brian2-standalone" */
    int64_t seed;        /* -1: none was set */
    uint32_t threads;
    int complete; /* 0: stopped by the user */
} engram_record_run;

/* One variable's final values. Delays of a pathway: object = the pathway, variable "delay". */
typedef struct engram_record_array {
    const char *object, *variable; /* no '/', not "." or ".." */
    engram_record_dtype dtype;
    uint64_t count; /* elements; 1 and `scalar` for a shared variable */
    int scalar;     /* 1: stored without a dimension */
    const void *data;
    double dim[7];
    const char *unit; /* NULL: none */
} engram_record_array;

/* Everything that is known only at the end. */
typedef struct engram_record_final {
    double t;     /* network time, seconds */
    int complete; /* 0: stopped; the file says so in its root attribute `complete` */
    const engram_record_array *arrays; /* any order; (object, variable) unique */
    size_t array_count;
} engram_record_final;

#ifdef __cplusplus
}
#endif
#endif
