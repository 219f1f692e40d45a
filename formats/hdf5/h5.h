/* h5.h - what the files of this room share: HDF5 under one lock, over our own file driver
 *
 * eg_h5_file is one open HDF5 file. Its bytes pass through a small driver of ours (h5_io.c)
 * and not HDF5's, for two reasons:
 *   reading   HDF5 sees the very mapping whose digest was verified, and cannot read past it;
 *   writing   HDF5 1.10 does not survive a failed flush while closing (ids leak, the exit
 *             handler tries again). The driver remembers the first failure (`error`) and
 *             then only pretends; we look at `error`, close in peace, delete the file.
 * While results are being finished it also holds back what would change the file as it is, so
 * that a process that is killed meanwhile leaves a file that opens (eg_h5_reopen).
 *
 * Every entry of the provider table stands between eg_h5_enter and eg_h5_leave: they take the
 * lock and switch HDF5's printing off and on again. Functions named eg_h5_... below expect it.
 */
#ifndef EG_HDF5_H5_H
#define EG_HDF5_H5_H

#include "common/buf.h"
#include "common/file.h"
#include "hdf5/provider.h"

#include <hdf5.h>

enum {
    EG_H5_USER_BLOCK = 512,
    EG_H5_SEAL_VERSION = 1,
    EG_H5_TEXT_ATTRIBUTE = 8192, /* longer texts and tables become datasets */
    EG_H5_TEXT_MOST = 1 << 28, /* bytes of a text; of a list, with all as long as the longest */
    EG_H5_NAME = 1024
};
#define EG_H5_RESULTS_NAME "engram-results"
/* The attribute of an element or array that holds its digest (network/net_digest.h). */
#define EG_H5_DIGEST "xxh3_128"

typedef struct eg_h5_file {
    hid_t id;                /* the HDF5 file; negative when closed */
    hid_t driver;            /* ours, registered while the file is open */
    eg_mapping mapping;      /* reading: the whole file */
    int descriptor;          /* writing: else -1 */
    int error;               /* writing: errno of the first failure, 0 while all is well */
    struct eg_h5_held *held; /* writing: changes before `frozen`, in order of arrival */
    uint64_t frozen;         /* writing: bytes from here on are written at once */
    bool growing;            /* reading: its writer may have said more than it wrote */
    char path[4096];         /* for messages; writing: what is open */
} eg_h5_file;

typedef struct eg_h5_guard {
    H5E_auto2_t print;
    void *context;
} eg_h5_guard;

void eg_h5_enter(eg_h5_guard *guard);
void eg_h5_leave(eg_h5_guard *guard);

/* Create or open for writing. `swmr`: newest file layout, ready for H5Fstart_swmr_write. */
engram_status eg_h5_create(eg_h5_file *file, const char *path, bool swmr, engram_error *err);
/* What is there now is changed by eg_h5_close alone, in one go; new bytes go behind it. */
engram_status eg_h5_reopen(eg_h5_file *file, const char *path, engram_error *err);
/* Open for reading; takes over `mapping`, also on failure. `growing`: a file that is, or was
 * when its writer was killed, in SWMR mode. */
engram_status eg_h5_open(eg_h5_file *file, const char *path, eg_mapping mapping, bool growing,
                         engram_error *err);
/* Close whatever is open. E_IO if any write since opening failed. Safe to call twice. */
engram_status eg_h5_close(eg_h5_file *file, engram_error *err);
/* E_IO with the system's reason if a write failed, else ENGRAM_OK. */
engram_status eg_h5_written(const eg_h5_file *file, engram_error *err);
/* A call of HDF5 failed at `where`: the write error if there is one, else `code` with the
 * innermost reason that HDF5 gives. */
engram_status eg_h5_fail(const eg_h5_file *file, engram_status code, const char *where,
                         engram_error *err);

/* The user block (h5_seal.c). Write: fill it in for a finished, closed file. Check: the
 * kind is `wanted`, the length and (unless force) the digest agree. */
engram_status eg_h5_seal_write(const char *path, eg_hdf5_kind kind, engram_error *err);
engram_status eg_h5_seal_check(const eg_mapping *mapping, eg_hdf5_kind wanted, unsigned flags,
                               const char *path, engram_error *err);
eg_hdf5_kind eg_h5_seal_kind(const unsigned char *head, size_t size);
engram_status eg_h5_seal(eg_hdf5_kind *kind, char digest[33], const char *path,
                         engram_error *err);
void eg_h5_hex(char out[33], const unsigned char digest[16]);

/* Types (h5_types.c). New ids that the caller closes with H5Tclose; negative on failure. */
hid_t eg_h5_bool(void);                         /* int8 enumeration {FALSE, TRUE}, as h5py's */
hid_t eg_h5_text(size_t size);                  /* fixed length, UTF-8, NUL padded */
hid_t eg_h5_dtype(eg_dtype dtype, bool file);   /* little endian in files, host in memory */
bool eg_h5_dtype_of(eg_dtype *out, hid_t type); /* the element type of a stored type */
/* Properties of an object without times, so that equal contents give equal bytes. */
hid_t eg_h5_plain_dataset(void);
/* A group without times. Below 0 on failure. */
hid_t eg_h5_new_group(hid_t parent, const char *name);
/* Close what a dataset or attribute was made with; -1: there is none. */
void eg_h5_done(hid_t type, hid_t space, hid_t properties);
/* Attributes. False on failure. */
bool eg_h5_put_text(hid_t object, const char *name, const char *text);
bool eg_h5_put_number(hid_t object, const char *name, eg_dtype dtype, const void *value,
                      size_t count); /* count 0: a scalar */
bool eg_h5_put_dim(hid_t object, const double *dim, const char *unit);
bool eg_h5_put_digest(hid_t object, const eg_digest *digest);
/* *there: whether the object has one. False if it is no text of 32 hexadecimal digits. */
bool eg_h5_get_digest(eg_digest *out, bool *there, hid_t object);
/* A name that a link can carry: not empty, no '/', not "." or "..". */
bool eg_h5_good_name(const char *name);

/* Table entries. */
engram_status eg_h5_read_net(eg_net **out, const char *path, unsigned flags,
                             const engram_alloc *alloc, engram_error *err);
engram_status eg_h5_write_net(const eg_net *net, const char *path, unsigned flags,
                              const engram_alloc *alloc, engram_error *err);
engram_status eg_h5_record_open(eg_recorder **out, const char *target,
                                const engram_record_header *header,
                                const engram_record_monitor *monitors, size_t count,
                                const engram_alloc *alloc, engram_error *err);
engram_status eg_h5_record_events(eg_recorder *recorder, size_t monitor, uint64_t count,
                                  const int32_t *i, const double *t, const void *const *columns,
                                  engram_error *err);
engram_status eg_h5_record_samples(eg_recorder *recorder, size_t monitor, uint64_t steps,
                                   const double *t, const void *const *columns,
                                   engram_error *err);
engram_status eg_h5_record_flush(eg_recorder *recorder, engram_error *err);
engram_status eg_h5_record_run(eg_recorder *recorder, const engram_record_run *run,
                               char *digest, engram_error *err);
engram_status eg_h5_record_mark(eg_recorder *recorder, eg_buf *mark, engram_error *err);
engram_status eg_h5_record_resume(eg_recorder **out, const char *target,
                                  const engram_record_header *header,
                                  const engram_record_monitor *monitors, size_t count,
                                  const void *mark, size_t size, const engram_alloc *alloc,
                                  engram_error *err);
engram_status eg_h5_record_finish(eg_recorder *recorder, const engram_record_final *final,
                                  engram_error *err);
void eg_h5_record_abandon(eg_recorder *recorder);

engram_status eg_h5_check_results(engram_results_info *info, const char *path, unsigned flags,
                                  engram_error *err);
engram_status eg_h5_recover(engram_results_info *info, const char *partial, const char *target,
                            const engram_alloc *alloc, engram_error *err);

/* E_STATE if the recorder of a run holds the lock of that .partial; one that is not there is
 * idle. */
engram_status eg_h5_judge_idle(const char *partial, engram_error *err);

/* What a results file holds, finished or left by a killed run (h5_results.c). These take the
 * lock themselves. Open: E_STATE if a process writes it, E_FORMAT, E_DIGEST, E_VERSION. */
typedef struct eg_h5_past eg_h5_past;
engram_status eg_h5_past_open(eg_h5_past **out, const char *path, const engram_alloc *alloc,
                              engram_error *err);
void eg_h5_past_close(eg_h5_past *past); /* NULL allowed */
const char *eg_h5_past_path(const eg_h5_past *past);
/* Records [first, first + count) of a column, as it lies: [count] (rows 0) or [rows][count].
 * E_FORMAT if there are fewer, E_SCHEMA for another type or shape. */
engram_status eg_h5_past_read(void *out, eg_h5_past *past, const char *monitor,
                              const char *column, eg_dtype dtype, uint64_t rows, uint64_t first,
                              uint64_t count, engram_error *err);

/* Sources over datasets (h5_source.c). Takes over `dataset`; *kept is set if the source needs
 * HDF5 later (else it reads the mapping and the dataset is closed at once). Such datasets
 * stay open until the file closes. */
engram_status eg_h5_source(eg_source **out, bool *kept, eg_h5_file *file, hid_t dataset,
                           const char *where, eg_arena *arena, engram_error *err);
/* An object under `group` that is reached by its only link, a hard one; `wanted` H5I_BADID: a
 * group or a dataset. Negative, and *status says why; else the caller closes it (H5Oclose). */
hid_t eg_h5_object(const eg_h5_file *file, hid_t group, const char *name, H5I_type_t wanted,
                   const char *where, engram_status *status, engram_error *err);
/* Refuse what a dataset of ours never is: external storage, virtual, foreign filters, links
 * from two places, more bytes than the file can hold. Gives shape and element count. */
engram_status eg_h5_judge(const eg_h5_file *file, hid_t dataset, const char *where,
                          int most_dims, int *ndim, hsize_t *shape, uint64_t *count,
                          engram_error *err);

#endif
