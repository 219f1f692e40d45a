/* provider.h - HDF5 behind a table of functions
 *
 * Debian's libhdf5 brings 34 libraries with it, and a host may carry another HDF5 already. So
 * the only code that includes hdf5.h is a shared object of its own, libengram_hdf5.so, opened
 * when a file is HDF5 and never before:
 *
 *     const eg_hdf5_provider *h5;
 *     status = eg_hdf5_provider_get(&h5, err);        the loader, links no HDF5
 *     status = h5->read_net(&net, "cuba.h5", 0, alloc, err);
 *
 * It exports one symbol, engram_hdf5_provider, which returns this table. `abi` is first and
 * judged first; `stamp` then says whether provider and caller were built from the same
 * network tables, since eg_net crosses the border. The table grows at its end only; `size`
 * says how far it reaches.
 *
 * Threads: every function may be called from any thread; one lock inside serialises HDF5. An
 * eg_recorder belongs to one thread at a time. Errors are one line that names the file and
 * the place in it. Nothing here prints, and HDF5's own printing is off while it works.
 */
#ifndef EG_HDF5_PROVIDER_H
#define EG_HDF5_PROVIDER_H

#include "common/buf.h"
#include "engram/record.h"
#include "engram/results.h"
#include "network/net.h"

#define EG_HDF5_ABI UINT32_C(0x45480003) /* "EH", 3: changed when an entry changes meaning */
/* Changes whenever a table of net.h changes its shape or its order: sizes of the elements and
 * the places of their fields in schema.def, added up. */
#define EG_REQ
#define EG_OPT
#define EG_ELEMENT(element, doc) +(uint32_t)sizeof(eg_##element) * (2u * __LINE__ + 1u)
#define EG_STR(element, name, presence, doc) +3u * __LINE__
#define EG_F64(element, name, presence, fallback, doc) +5u * __LINE__
#define EG_I64(element, name, presence, fallback, doc) +7u * __LINE__
#define EG_FLAG(element, name, presence, fallback, doc) +11u * __LINE__
#define EG_DIM(element, name, presence, doc) +13u * __LINE__
#define EG_STRS(element, name, presence, doc) +17u * __LINE__
#define EG_ARRAY(element, name, presence, doc) +19u * __LINE__
#define EG_ONE(element, name, sub, doc) +23u * __LINE__
#define EG_LIST(element, name, sub, doc) +29u * __LINE__
#define EG_SEQ(element, name, sub, doc) +31u * __LINE__
#define EG_TABLE(element, name, sub, doc) +37u * __LINE__
#define EG_END(element)
enum {
    EG_HDF5_STAMP = (int)(0x7fffffffu & (1u
#include "network/schema.def"
                                         ))
};
#include "network/schema_undef.h"

enum {
    EG_HDF5_FORCE = 1,   /* read: go on although the digest does not match */
    EG_HDF5_COMPRESS = 1 /* write: shuffle and deflate arrays where it pays */
};

/* What a file is, by its first bytes alone (HDF5 sees none of them). */
typedef enum eg_hdf5_kind {
    EG_HDF5_NOT,        /* no HDF5 file */
    EG_HDF5_NETWORK,    /* an archive */
    EG_HDF5_RESULTS,    /* a results file */
    EG_HDF5_UNFINISHED, /* a results file that was never sealed */
    EG_HDF5_FOREIGN     /* HDF5, but not ours */
} eg_hdf5_kind;

typedef struct eg_recorder eg_recorder;

typedef struct eg_hdf5_provider {
    uint32_t abi;   /* EG_HDF5_ABI */
    uint32_t stamp; /* EG_HDF5_STAMP */
    size_t size;    /* of this struct, in the provider */

    /* Version of HDF5 in use, "1.10.8". Static. */
    const char *(*version)(void);

    /* An archive as tables. Big arrays become sources that read from the open file, which
     * eg_net_free closes. flags: EG_HDF5_FORCE. Errors: E_IO, E_FORMAT (no archive,
     * truncated, forbidden HDF5 features), E_DIGEST, E_VERSION, E_SCHEMA, E_LIMIT, E_MEMORY.
     * *out is NULL on failure. Free with eg_net_free. */
    engram_status (*read_net)(eg_net **out, const char *path, unsigned flags,
                              const engram_alloc *alloc, engram_error *err);

    /* Write beside `path`, seal with the digest, sync, rename. Equal networks (after
     * canonical ordering, which this does on its own index) give equal bytes. flags:
     * EG_HDF5_COMPRESS. Errors: E_IO, E_SCHEMA (a name that HDF5 cannot hold), E_LIMIT,
     * E_MEMORY; whatever stood at `path` is then untouched. */
    engram_status (*write_net)(const eg_net *net, const char *path, unsigned flags,
                               const engram_alloc *alloc, engram_error *err);

    /* The seal: kind, and the digest of the file's bytes as 32 hexadecimal digits and NUL
     * (read from the user block, not recomputed; empty for other kinds). E_IO. */
    engram_status (*seal)(eg_hdf5_kind *kind, char digest[33], const char *path,
                          engram_error *err);

    /* Begin a results file "<target>.partial" with one group for each monitor, in SWMR mode
     * when this returns. An older .partial is replaced. Errors: E_IO, E_ARGUMENT (names,
     * shapes), E_MEMORY. The caller ends it with record_finish or record_abandon. */
    engram_status (*record_open)(eg_recorder **out, const char *target,
                                 const engram_record_header *header,
                                 const engram_record_monitor *monitors, size_t count,
                                 const engram_alloc *alloc, engram_error *err);

    /* SPIKES, EVENTS monitor number `monitor`: `count` events, time ascending. i: element
     * (0 <= i < rows, else E_ARGUMENT), t: seconds; columns[c]: `count` values of that
     * column's dtype. columns may be NULL if there are none. */
    engram_status (*record_events)(eg_recorder *recorder, size_t monitor, uint64_t count,
                                   const int32_t *i, const double *t,
                                   const void *const *columns, engram_error *err);

    /* STATES, RATE: `steps` samples at times t[steps]; columns[c] is [steps][rows] in the
     * column's dtype: one step's rows lie together. */
    engram_status (*record_samples)(eg_recorder *recorder, size_t monitor, uint64_t steps,
                                    const double *t, const void *const *columns,
                                    engram_error *err);

    /* Hand what is buffered to readers now. Done anyway every second of wall time. */
    engram_status (*record_flush)(eg_recorder *recorder, engram_error *err);

    /* One run ended: remember it with the digest of the spikes recorded since the last
     * call. `digest` (33 bytes, may be NULL) receives it as hexadecimal text. */
    engram_status (*record_run)(eg_recorder *recorder, const engram_record_run *run,
                                char *digest, engram_error *err);

    /* Close, add /runs and /state, seal, rename to the target. Frees the recorder whether it
     * succeeds or not; on failure nothing stands under the target name that did not before,
     * and the .partial is gone, unless a mark was made. */
    engram_status (*record_finish)(eg_recorder *recorder, const engram_record_final *final,
                                   engram_error *err);

    /* Give up: remove the .partial, unless a mark was made that counts on it, and free. NULL
     * allowed. */
    void (*record_abandon)(eg_recorder *recorder);

    /* engram/results.h says what they do. */
    engram_status (*check_results)(engram_results_info *info, const char *path, unsigned flags,
                                   engram_error *err);
    engram_status (*recover)(engram_results_info *info, const char *partial, const char *target,
                             const engram_alloc *alloc, engram_error *err);

    /* Everything recorded so far goes to the file and to the disk; `mark` is what
     * record_resume goes on from (docs/checkpoint.md, C15). E_IO, E_STATE, E_MEMORY. */
    engram_status (*record_mark)(eg_recorder *recorder, eg_buf *mark, engram_error *err);

    /* As record_open, for a run that goes on from a mark (aligned to eight): what was recorded
     * before it is copied from "<target>.partial", or if there is none from <target>, and what
     * was recorded behind it is left out. Those files are replaced as record_open and
     * record_finish replace them, and not touched on failure. Errors: as record_open; E_STATE
     * (a process writes it), E_FORMAT, E_DIGEST (not what was recorded before the mark),
     * E_SCHEMA (other monitors). */
    engram_status (*record_resume)(eg_recorder **out, const char *target,
                                   const engram_record_header *header,
                                   const engram_record_monitor *monitors, size_t count,
                                   const void *mark, size_t size, const engram_alloc *alloc,
                                   engram_error *err);
} eg_hdf5_provider;

/* The one exported symbol of libengram_hdf5.so. */
#define EG_HDF5_SYMBOL "engram_hdf5_provider"
ENGRAM_API const eg_hdf5_provider *engram_hdf5_provider(void);

/* The loader (static library eg_hdf5_loader). Looks for libengram_hdf5.so in, and in this
 * order: the file named by ENGRAM_HDF5_PROVIDER (then nowhere else), ../lib/engram, engram
 * and . beside the object that holds this function (also one folder further up, as build
 * trees lie), the compiled-in install folder. It is opened once and never closed. Errors:
 * E_PROVIDER: not found (with the paths tried), not loadable, made for other tables, or for
 * another HDF5 than the one present. */
engram_status eg_hdf5_provider_get(const eg_hdf5_provider **out, engram_error *err);

#endif
