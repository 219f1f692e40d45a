/* results.h - results files: judge them, complete what a killed run has left
 *
 *     engram_results_info info = ENGRAM_RESULTS_INFO_INIT;
 *     status = engram_results_check(&info, "cuba-results.h5", 0, &err);
 *     status = engram_results_recover(&info, "x.h5.partial", "x.h5", &err);
 *
 * What stands in them: docs/results.md; they are read with any HDF5 library. Threads: any.
 * Tier: experimental.
 */
#ifndef ENGRAM_RESULTS_H
#define ENGRAM_RESULTS_H

#include "engram/status.h"

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum engram_results_kind {
    ENGRAM_RESULTS_NONE,      /* no results file */
    ENGRAM_RESULTS_SEALED,    /* finished: begins with the digest of what follows */
    ENGRAM_RESULTS_UNFINISHED /* grows, or was left by a run that was killed */
} engram_results_kind;

enum {
    ENGRAM_RESULTS_FORCE =
        1 /* check: look at the contents although the digest does not match */
};

typedef struct engram_results_info {
    size_t size;
    int complete;      /* 0: the run was stopped or killed */
    int recovered;     /* 1: engram_results_recover made it */
    double until;      /* seconds: everything recorded before this time is there */
    uint64_t monitors; /* groups under /results */
    uint64_t events;   /* of spike and event monitors */
    uint64_t samples;  /* of state and rate monitors */
    uint64_t runs;
} engram_results_info;

#define ENGRAM_RESULTS_INFO_INIT                                                               \
    {                                                                                          \
        sizeof(engram_results_info), 0, 0, 0.0, 0, 0, 0, 0                                     \
    }

/* What the file is, by its first bytes. E_IO. */
ENGRAM_API engram_status engram_results_kind_of(engram_results_kind *out, const char *path,
                                                engram_error *err) ENGRAM_MUST_USE;

/* Judge a finished file: digest, then layout: links, storage, filters, types, and that what
 * belongs together has one length. flags: ENGRAM_RESULTS_FORCE. Fills the fields that
 * info->size covers. Errors: E_IO, E_FORMAT (another file, truncated, unfinished, forbidden
 * storage), E_DIGEST, E_VERSION, E_SCHEMA, E_LIMIT, E_PROVIDER, E_MEMORY. */
ENGRAM_API engram_status engram_results_check(engram_results_info *info, const char *path,
                                              unsigned flags,
                                              engram_error *err) ENGRAM_MUST_USE;

/* Make a finished file of one that a killed run has left: `target` holds all of it up to the
 * last step that was written whole, is sealed, and says that it is neither complete nor as the
 * engine left it. One that was killed when all was written, but for seal or name, is taken as
 * it is. Written beside and renamed; `partial` is left. Errors: as above; E_STATE: a process
 * is still writing it. */
ENGRAM_API engram_status engram_results_recover(engram_results_info *info, const char *partial,
                                                const char *target,
                                                engram_error *err) ENGRAM_MUST_USE;

#ifdef __cplusplus
}
#endif
#endif
