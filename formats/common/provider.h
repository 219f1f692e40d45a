/* provider.h - finding the shared objects that carry a heavy library
 *
 * Some libraries are not linked: HDF5 because of what it brings with it, GSL because of its
 * licence (decisions 1 and 10). Each stands behind a table of functions in a shared object of
 * its own, which exports one function that returns the table. Whoever asks keeps what it found,
 * under a lock of its own; an object is never closed.
 */
#ifndef EG_COMMON_PROVIDER_H
#define EG_COMMON_PROVIDER_H

#include "engram/status.h"

enum { EG_PROVIDER_PATH = 4096 };

/* All texts are borrowed during the call. */
typedef struct eg_provider_place {
    const char *what;        /* for messages: "HDF5" */
    const char *file;        /* libengram_hdf5.so */
    const char *environment; /* variable that names its path; then nothing else is tried */
    const char *symbol;      /* the function exported */
    const char *libdir;      /* where Engram was to be installed */
} eg_provider_place;

/* Open the object and find its function: in ../lib/engram, engram and . beside the object that
 * holds this code (also one folder further up, as build trees lie), then in <libdir>/engram.
 * `path` (EG_PROVIDER_PATH bytes) receives where it was, for later messages. Errors:
 * E_PROVIDER: not found (with the paths tried), not loadable, without the function. */
engram_status eg_provider_find(void *(**out)(void), char *path, const eg_provider_place *place,
                               engram_error *err);

#endif
