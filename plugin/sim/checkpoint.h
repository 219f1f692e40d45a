/* checkpoint.h - the bytes of a checkpoint: sections behind a seal (docs/checkpoint.md)
 *
 *   checkpoint_io.c   sections into memory or a file, and back; seal, head
 *   checkpoint.c      what of a simulation goes into which section, and back
 */
#ifndef EG_SIM_CHECKPOINT_H
#define EG_SIM_CHECKPOINT_H

#include "common/digest.h"
#include "common/file.h"
#include "common/pack.h"
#include "engram/checkpoint.h"

/* Eight characters name a section. */
typedef enum eg_section_kind {
    EG_SECTION_HEAD,
    EG_SECTION_CLOCK,
    EG_SECTION_ARRAY,
    EG_SECTION_RANDOM,
    EG_SECTION_EVENTS,
    EG_SECTION_FLIGHT,
    EG_SECTION_GENERATOR,
    EG_SECTION_MONITOR,
    EG_SECTION_TRAIN,
    EG_SECTION_RESULTS,
    EG_SECTION_KINDS
} eg_section_kind;

/* ---- writing: sticky; the first failure is told by eg_sections_end
 * --------------------------- */

typedef struct eg_sections {
    const engram_alloc *alloc;
    int descriptor; /* -1: into memory */
    int code;       /* errno of the first write that failed */
    eg_buf bytes;   /* memory: all of them; a file: those not yet written */
    eg_hash hash;
    uint64_t size; /* behind the seal */
} eg_sections;

/* `path` (of a file beside) NULL: into memory. E_IO; E_STATE: another process writes it. */
engram_status eg_sections_begin(eg_sections *out, const char *path, const engram_alloc *alloc,
                                engram_error *err);
/* One section: `fields`, which is emptied; then, unless `bytes` is NULL, an array. */
void eg_sections_put(eg_sections *out, eg_section_kind kind, eg_buf *fields, const void *bytes,
                     uint64_t size);
/* Seal. E_IO naming `path`, E_MEMORY; the file is then the caller's to remove. */
engram_status eg_sections_end(eg_sections *out, const char *path, engram_error *err);
/* Close and release; others may write the file from now on. */
void eg_sections_clear(eg_sections *out);

/* ---- reading -------------------------------------------------------------------------------
 */

typedef struct eg_head {
    engram_checkpoint_info info;
    double last_duration; /* -1: as in the file */
    bool kept, digest;    /* monitors keep records; are hashed */
    bool settled;         /* setup is history: the network was opened with a state */
    bool going;           /* a run, with `start` to `delivered` */
    double start, stop_at, wall;
    uint64_t steps; /* of the run */
    uint64_t setup_done, delivered, last_step, last_steps;
    double total_wall, total_cpu, build_time, simulated;
    bool stopped;
} eg_head;

struct engram_checkpoint {
    const engram_alloc *alloc;
    eg_mapping mapping; /* a file; else `memory` */
    eg_buf memory;
    const unsigned char *data; /* the sections */
    size_t size;
    eg_head head;
};

void eg_head_pack(eg_buf *out, const eg_head *head);
/* From what eg_sections wrote into memory; takes the bytes over, also on failure. */
engram_status eg_checkpoint_adopt(engram_checkpoint **out, eg_sections *from,
                                  engram_error *err);

/* Sections one after the other; *at begins as 0. False behind the last. They were found sound
 * when the checkpoint was opened. */
bool eg_checkpoint_next(const engram_checkpoint *checkpoint, size_t *at, eg_section_kind *kind,
                        eg_unpack *fields);

#endif
