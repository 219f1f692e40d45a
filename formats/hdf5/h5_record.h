/* h5_record.h - a results file while it grows: what h5_record.c and h5_mark.c share */
#ifndef EG_HDF5_H5_RECORD_H
#define EG_HDF5_H5_RECORD_H

#include "common/pack.h"
#include "hdf5/h5.h"
#include "network/spikes.h"

#include <time.h>

/* A dataset that grows along its last dimension, and the steps not yet written. */
typedef struct growing {
    hid_t set, memory;     /* memory: element type */
    size_t size;           /* bytes of an element */
    uint64_t rows;         /* 0: one-dimensional */
    uint64_t done;         /* steps in the file */
    unsigned char *buffer; /* [room][rows or 1], as the engine gives them */
} growing;

typedef struct recording {
    char *name;
    engram_record_kind kind;
    bool keep, dirty;
    uint64_t rows;
    size_t room, fill;   /* steps in the buffers, not yet written nor in the hashes */
    size_t column_count; /* without i and t */
    growing *column;     /* t, then the columns; for events t, i, columns */
    eg_hash *hash;       /* [column_count + 2]: everything of each column that is written */
    size_t set_count;
    int32_t *count;  /* events: per element */
    eg_train *train; /* since the last record_run */
    hid_t count_set;
} recording;

typedef struct run_record {
    engram_record_run values;
    char math[16], rng[32], dialect[32], digest[33];
} run_record;

struct eg_recorder {
    eg_h5_file file;
    const engram_alloc *alloc;
    recording *monitor;
    size_t monitor_count;
    run_record *run;
    size_t run_count, run_room;
    char engine[128];
    char *target, *partial;
    size_t target_size, partial_size;
    unsigned char *turned; /* a block as the file has it, [rows][steps] */
    size_t turned_size;
    struct timespec flushed;
    double latest; /* largest time that was recorded */
    hid_t until;   /* the dataset of that name: everything before is in the file */
    bool failed;   /* the first error was given; the rest is refused */
    bool marked;   /* a checkpoint counts on the .partial: it is not removed */
};

/* What a run that goes on has recorded before: where it lies, and what there was of it. */
typedef struct eg_earlier {
    eg_h5_past *file;
    eg_unpack mark;
} eg_earlier;

static inline bool is_events(engram_record_kind kind)
{
    return kind == ENGRAM_RECORD_SPIKES || kind == ENGRAM_RECORD_EVENTS;
}

/* Bytes of one step, or event, of a column. */
static inline size_t step_bytes(const growing *g)
{
    return g->size * (g->rows ? (size_t)g->rows : 1);
}

/* Not those of a state monitor without elements. */
static inline bool has_values(const recording *x, size_t column)
{
    return !column || x->kind != ENGRAM_RECORD_STATES || x->column[column].rows;
}

/* As eg_h5_record_open; from: goes on from there, NULL: begins. */
engram_status eg_h5_recorder_open(eg_recorder **out, const char *target,
                                  const engram_record_header *header,
                                  const engram_record_monitor *monitors, size_t count,
                                  eg_earlier *from, const engram_alloc *alloc,
                                  engram_error *err);
/* What is buffered of one monitor, and of all, goes into the file. */
engram_status eg_h5_recorder_drain(eg_recorder *r, recording *x, engram_error *err);
engram_status eg_h5_recorder_flush(eg_recorder *r, engram_error *err);
/* h5_mark.c: what was recorded before, into a file that has just been created. E_FORMAT,
 * E_DIGEST (it is not what the mark says), E_IO, E_MEMORY. */
engram_status eg_h5_recorder_take(eg_recorder *r, const engram_record_monitor *monitors,
                                  eg_earlier *from, engram_error *err);

#endif
