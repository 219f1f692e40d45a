#include "hdf5/h5.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- the lock: HDF5's serial build is not thread safe ----------------------------------- */

/* Recursive: writing an archive may read a source that lies in another archive. */
static pthread_mutex_t hdf5_lock = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;

void eg_h5_enter(eg_h5_guard *guard)
{
    pthread_mutex_lock(&hdf5_lock);
    guard->print = NULL;
    guard->context = NULL;
    H5Eget_auto2(H5E_DEFAULT, &guard->print, &guard->context);
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
}

void eg_h5_leave(eg_h5_guard *guard)
{
    H5Eset_auto2(H5E_DEFAULT, guard->print, guard->context);
    pthread_mutex_unlock(&hdf5_lock);
}

/* ---- the driver --------------------------------------------------------------------------
 *
 * HDF5 copies the access properties bytewise, so what goes through them is a pointer. */

typedef struct access_info {
    eg_h5_file *file;
} access_info;

typedef struct driver {
    H5FD_t base; /* HDF5's part, first */
    eg_h5_file *file;
    haddr_t eoa, eof;
} driver;

static H5FD_t *driver_open(const char *name, unsigned flags, hid_t fapl, haddr_t most)
{
    (void)name;
    (void)flags;
    (void)most;
    const access_info *info = H5Pget_driver_info(fapl);
    if (!info)
        return NULL;
    driver *d = eg_calloc(engram_default_alloc(), sizeof *d);
    if (!d)
        return NULL;
    d->file = info->file;
    if (info->file->descriptor < 0) {
        d->eof = info->file->mapping.size;
        return &d->base;
    }
    struct stat state;
    if (!fstat(info->file->descriptor, &state))
        d->eof = (haddr_t)state.st_size;
    return &d->base;
}

static herr_t driver_close(H5FD_t *base)
{
    eg_free(engram_default_alloc(), base, sizeof(driver));
    return 0;
}

static int driver_compare(const H5FD_t *a, const H5FD_t *b)
{
    const eg_h5_file *left = ((const driver *)a)->file, *right = ((const driver *)b)->file;
    return left < right ? -1 : left > right;
}

static herr_t driver_query(const H5FD_t *base, unsigned long *flags)
{
    (void)base;
    /* No metadata accumulator: it would hold back what readers of a growing file need. */
    *flags = H5FD_FEAT_AGGREGATE_METADATA | H5FD_FEAT_DATA_SIEVE |
             H5FD_FEAT_AGGREGATE_SMALLDATA | H5FD_FEAT_SUPPORTS_SWMR_IO |
             H5FD_FEAT_DEFAULT_VFD_COMPATIBLE;
    return 0;
}

static haddr_t driver_get_eoa(const H5FD_t *base, H5FD_mem_t type)
{
    (void)type;
    return ((const driver *)base)->eoa;
}

static herr_t driver_set_eoa(H5FD_t *base, H5FD_mem_t type, haddr_t address)
{
    (void)type;
    ((driver *)base)->eoa = address;
    return 0;
}

static haddr_t driver_get_eof(const H5FD_t *base, H5FD_mem_t type)
{
    (void)type;
    return ((const driver *)base)->eof;
}

/* A change that is held back, and its bytes behind it. */
typedef struct eg_h5_held {
    struct eg_h5_held *next;
    uint64_t address;
    size_t size;
    unsigned char bytes[];
} held;

/* What of `h` lies in [address, address + size) of `out`. */
static void overlay(const held *h, uint64_t address, size_t size, unsigned char *out)
{
    const uint64_t from = h->address > address ? h->address : address;
    const uint64_t end_held = h->address + h->size, end = address + size;
    const uint64_t to = end_held < end ? end_held : end;
    if (from < to)
        memcpy(out + (from - address), h->bytes + (from - h->address), (size_t)(to - from));
}

static bool hold(eg_h5_file *file, uint64_t address, size_t size, const void *bytes)
{
    held **at = &file->held;
    while (*at)
        at = &(*at)->next;
    held *fresh = eg_calloc(engram_default_alloc(), sizeof *fresh + size);
    if (!fresh)
        return false;
    fresh->address = address;
    fresh->size = size;
    memcpy(fresh->bytes, bytes, size);
    *at = fresh;
    return true;
}

static void drop_held(eg_h5_file *file)
{
    while (file->held) {
        held *next = file->held->next;
        eg_free(engram_default_alloc(), file->held, sizeof(held) + file->held->size);
        file->held = next;
    }
}

/* Everything that was held back, as one write: it lies together, at the head of the file. */
static int release_held(eg_h5_file *file)
{
    uint64_t from = UINT64_MAX, to = 0;
    for (const held *h = file->held; h; h = h->next) {
        from = h->address < from ? h->address : from;
        to = h->address + h->size > to ? h->address + h->size : to;
    }
    if (from >= to)
        return 0;
    const size_t size = (size_t)(to - from);
    unsigned char *block = eg_calloc(engram_default_alloc(), size);
    if (!block)
        return ENOMEM;
    ssize_t done = pread(file->descriptor, block, size, (off_t)from);
    for (const held *h = file->held; h; h = h->next)
        overlay(h, from, size, block);
    if (done >= 0)
        done = pwrite(file->descriptor, block, size, (off_t)from);
    const int code = done == (ssize_t)size ? 0 : done < 0 ? errno : ENOSPC;
    eg_free(engram_default_alloc(), block, size);
    return code;
}

/* Bytes behind the end read as zero, as HDF5's own drivers do. */
static herr_t driver_read(H5FD_t *base, H5FD_mem_t type, hid_t dxpl, haddr_t address,
                          size_t size, void *out)
{
    (void)type;
    (void)dxpl;
    const driver *d = (const driver *)base;
    unsigned char *to = out;
    const haddr_t begin = address;
    const size_t whole = size;
    if (d->file->descriptor < 0) {
        const eg_mapping *mapping = &d->file->mapping;
        const size_t have = address < mapping->size ? mapping->size - (size_t)address : 0;
        const size_t take = size < have ? size : have;
        if (take)
            memcpy(to, mapping->data + address, take);
        memset(to + take, 0, size - take);
        return 0;
    }
    while (size) {
        const ssize_t got = pread(d->file->descriptor, to, size, (off_t)address);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -1;
        if (!got)
            break;
        to += got;
        address += (haddr_t)got;
        size -= (size_t)got;
    }
    memset(to, 0, size);
    for (const held *h = d->file->held; h; h = h->next)
        overlay(h, begin, whole, out);
    return 0;
}

static herr_t driver_write(H5FD_t *base, H5FD_mem_t type, hid_t dxpl, haddr_t address,
                           size_t size, const void *bytes)
{
    (void)type;
    (void)dxpl;
    driver *d = (driver *)base;
    const unsigned char *from = bytes;
    if (d->file->descriptor < 0)
        return -1;
    const haddr_t end = address + size;
    if (address < d->file->frozen && size && !d->file->error) {
        const uint64_t room = d->file->frozen - address;
        const size_t head = size < room ? size : (size_t)room;
        if (!hold(d->file, address, head, from))
            d->file->error = ENOMEM;
        from += head;
        address += head;
        size -= head;
    }
    while (size && !d->file->error) {
        const ssize_t put = pwrite(d->file->descriptor, from, size, (off_t)address);
        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0) {
            d->file->error = put ? errno : ENOSPC;
            break;
        }
        from += put;
        address += (haddr_t)put;
        size -= (size_t)put;
    }
    if (end > d->eof)
        d->eof = end;
    return 0;
}

static herr_t driver_truncate(H5FD_t *base, hid_t dxpl, hbool_t closing)
{
    (void)dxpl;
    (void)closing;
    driver *d = (driver *)base;
    if (d->file->descriptor < 0 || d->eof == d->eoa)
        return 0;
    const bool shorter = d->eoa < d->file->frozen; /* never: what is there stays in use */
    if (!shorter && !d->file->error && ftruncate(d->file->descriptor, (off_t)d->eoa))
        d->file->error = errno;
    d->eof = d->eoa;
    return 0;
}

/* The descriptor is ours alone; but HDF5 marks files as open for writing, which readers of a
 * growing file ask for, only under drivers that have a lock. */
static herr_t driver_lock(H5FD_t *base, hbool_t writing)
{
    (void)base;
    (void)writing;
    return 0;
}

static herr_t driver_unlock(H5FD_t *base)
{
    (void)base;
    return 0;
}

static const H5FD_class_t driver_class = {
    .name = "engram",
    .maxaddr = ((haddr_t)1 << 62) - 1,
    .fc_degree = H5F_CLOSE_STRONG,
    .fapl_size = sizeof(access_info),
    .open = driver_open,
    .close = driver_close,
    .cmp = driver_compare,
    .query = driver_query,
    .get_eoa = driver_get_eoa,
    .set_eoa = driver_set_eoa,
    .get_eof = driver_get_eof,
    .read = driver_read,
    .write = driver_write,
    .truncate = driver_truncate,
    .lock = driver_lock,
    .unlock = driver_unlock,
    .fl_map = H5FD_FLMAP_DICHOTOMY,
};

/* Properties that open `file` through the driver; negative on failure. */
static hid_t driver_access(eg_h5_file *file, bool swmr)
{
    const hid_t access = H5Pcreate(H5P_FILE_ACCESS);
    file->driver = H5FDregister(&driver_class);
    const access_info info = {file};
    bool good = access >= 0 && file->driver >= 0 &&
                H5Pset_driver(access, file->driver, &info) >= 0 &&
                H5Pset_fclose_degree(access, H5F_CLOSE_STRONG) >= 0 &&
                H5Pset_libver_bounds(access, swmr ? H5F_LIBVER_V110 : H5F_LIBVER_EARLIEST,
                                     H5F_LIBVER_V110) >= 0;
    if (good)
        return access;
    if (access >= 0)
        H5Pclose(access);
    return -1;
}

static void file_start(eg_h5_file *file, const char *path)
{
    file->id = file->driver = -1;
    file->mapping = (eg_mapping){NULL, 0};
    file->descriptor = -1;
    file->error = 0;
    file->held = NULL;
    file->growing = false;
    file->frozen = 0;
    snprintf(file->path, sizeof file->path, "%s", path);
}

/* What became of opening, with the properties `access`, which go. The reason is asked for
 * first: any other call of HDF5 forgets it. */
static engram_status opened(eg_h5_file *file, hid_t access, engram_status code,
                            engram_error *err)
{
    const engram_status status =
        file->id < 0 ? eg_h5_fail(file, code, "the file as a whole", err) : ENGRAM_OK;
    if (access >= 0)
        H5Pclose(access);
    if (status)
        (void)eg_h5_close(file, NULL);
    return status;
}

engram_status eg_h5_create(eg_h5_file *file, const char *path, bool swmr, engram_error *err)
{
    file_start(file, path);
    file->descriptor = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (file->descriptor < 0)
        return eg_fail(err, ENGRAM_E_IO, "cannot create %s: %s", path, strerror(errno));
    const hid_t access = driver_access(file, swmr);
    const hid_t creation = H5Pcreate(H5P_FILE_CREATE);
    if (access >= 0 && creation >= 0 && H5Pset_userblock(creation, EG_H5_USER_BLOCK) >= 0 &&
        H5Pset_obj_track_times(creation, 0) >= 0)
        file->id = H5Fcreate(path, H5F_ACC_TRUNC, creation, access);
    const engram_status status = opened(file, access, ENGRAM_E_IO, err);
    if (creation >= 0)
        H5Pclose(creation);
    return status;
}

engram_status eg_h5_reopen(eg_h5_file *file, const char *path, engram_error *err)
{
    file_start(file, path);
    file->descriptor = open(path, O_RDWR | O_CLOEXEC);
    if (file->descriptor < 0)
        return eg_fail(err, ENGRAM_E_IO, "cannot open %s: %s", path, strerror(errno));
    struct stat state;
    if (!fstat(file->descriptor, &state))
        file->frozen = (uint64_t)state.st_size;
    const hid_t access = driver_access(file, true);
    if (access >= 0)
        file->id = H5Fopen(path, H5F_ACC_RDWR, access);
    return opened(file, access, ENGRAM_E_IO, err);
}

engram_status eg_h5_open(eg_h5_file *file, const char *path, eg_mapping mapping, bool growing,
                         engram_error *err)
{
    file_start(file, path);
    file->mapping = mapping;
    file->growing = growing;
    const hid_t access = driver_access(file, growing);
    /* The bytes lie in memory: a buffer for each dataset that is read would be in the way. */
    if (access >= 0 && H5Pset_sieve_buf_size(access, 0) >= 0)
        file->id = H5Fopen(path, growing ? H5F_ACC_RDONLY | H5F_ACC_SWMR_READ : H5F_ACC_RDONLY,
                           access);
    return opened(file, access, ENGRAM_E_FORMAT, err);
}

engram_status eg_h5_close(eg_h5_file *file, engram_error *err)
{
    engram_status status = ENGRAM_OK;
    if (file->id >= 0 && H5Fclose(file->id) < 0)
        status = eg_h5_fail(file, ENGRAM_E_IO, "closing", err);
    file->id = -1;
    if (file->driver >= 0)
        H5FDunregister(file->driver); /* not before: closing a file reads its driver's class */
    file->driver = -1;
    if (file->held && !file->error && !status)
        file->error = release_held(file);
    drop_held(file);
    if (file->descriptor >= 0 && close(file->descriptor) && !file->error)
        file->error = errno;
    file->descriptor = -1;
    eg_mapping_close(&file->mapping);
    return file->error ? eg_h5_written(file, err) : status;
}

engram_status eg_h5_written(const eg_h5_file *file, engram_error *err)
{
    if (!file->error)
        return ENGRAM_OK;
    return eg_fail(err, ENGRAM_E_IO, "cannot write %s: %s", file->path, strerror(file->error));
}

static herr_t first_reason(unsigned n, const H5E_error2_t *entry, void *context)
{
    (void)n;
    char *text = context;
    if (!text[0] && entry->desc)
        snprintf(text, 160, "%s", entry->desc);
    return 0;
}

engram_status eg_h5_fail(const eg_h5_file *file, engram_status code, const char *where,
                         engram_error *err)
{
    if (file->error)
        return eg_h5_written(file, err);
    char reason[160] = "";
    H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, first_reason, reason);
    H5Eclear2(H5E_DEFAULT);
    return eg_fail(err, code, "%.200s: %.120s: HDF5 says: %s", file->path, where,
                   reason[0] ? reason : "no reason");
}
