#include "common/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static engram_status io_error(engram_error *err, const char *verb, const char *path, int code)
{
    return eg_fail(err, ENGRAM_E_IO, "cannot %s %s: %s", verb, path, strerror(code));
}

/* Open a regular file for reading: *fd and its size. */
static engram_status open_regular(int *fd, size_t *size, const char *path, engram_error *err)
{
    /* Not to wait for the other end of a pipe, which is refused below. */
    *fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (*fd < 0)
        return io_error(err, "open", path, errno);
    struct stat info;
    int code = fstat(*fd, &info) ? errno : 0;
    if (!code && S_ISDIR(info.st_mode))
        code = EISDIR;
    if (code) {
        close(*fd);
        return io_error(err, "read", path, code);
    }
    if (!S_ISREG(info.st_mode)) {
        close(*fd);
        return eg_fail(err, ENGRAM_E_IO, "cannot read %s: not a regular file", path);
    }
    *size = (size_t)info.st_size;
    return ENGRAM_OK;
}

engram_status eg_mapping_open(eg_mapping *out, const char *path, engram_error *err)
{
    static const unsigned char nothing[1] = {0};
    *out = (eg_mapping){nothing, 0};
    int fd = -1;
    size_t size = 0;
    const engram_status status = open_regular(&fd, &size, path, err);
    if (status)
        return status;
    if (size) {
        void *data = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
        const int code = errno;
        if (data == MAP_FAILED) {
            close(fd);
            return io_error(err, "map", path, code);
        }
        *out = (eg_mapping){data, size};
    }
    close(fd);
    return ENGRAM_OK;
}

void eg_mapping_close(eg_mapping *mapping)
{
    if (!mapping)
        return;
    if (mapping->size)
        munmap((void *)(uintptr_t)mapping->data, mapping->size);
    *mapping = (eg_mapping){NULL, 0};
}

engram_status eg_file_head(unsigned char *out, size_t size, size_t *got, const char *path,
                           engram_error *err)
{
    memset(out, 0, size);
    *got = 0;
    int fd = -1;
    size_t total = 0;
    engram_status status = open_regular(&fd, &total, path, err);
    if (status)
        return status;
    while (*got < size) {
        const ssize_t n = read(fd, out + *got, size - *got);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            status = io_error(err, "read", path, errno);
        if (n <= 0)
            break;
        *got += (size_t)n;
    }
    close(fd);
    return status;
}

static engram_status beside(char *out, size_t size, const char *target, const char *mark,
                            engram_error *err)
{
    const char *slash = strrchr(target, '/');
    const int folder = slash ? (int)(slash - target) + 1 : 0;
    const char *name = target + folder;
    if (!*name)
        return eg_fail(err, ENGRAM_E_ARGUMENT, "%s is a folder, wanted a file name", target);
    const int wrote = snprintf(out, size, "%.*s.%s%s.tmp", folder, target, name, mark);
    if (wrote < 0 || (size_t)wrote >= size)
        return eg_fail(err, ENGRAM_E_LIMIT, "the path %.80s... is too long", target);
    return ENGRAM_OK;
}

engram_status eg_beside_path(char *out, size_t size, const char *target, engram_error *err)
{
    char process[32];
    snprintf(process, sizeof process, ".%ld", (long)getpid());
    return beside(out, size, target, process, err);
}

engram_status eg_beside_fixed(char *out, size_t size, const char *target, engram_error *err)
{
    return beside(out, size, target, "", err);
}

/* Flush a file or folder to the disk. Folders that cannot be synced (some file systems
 * refuse) are let pass: the rename itself is still atomic. */
static int sync_path(const char *path, int flags)
{
    const int fd = open(path, flags | O_CLOEXEC);
    if (fd < 0)
        return errno;
    const int code = fsync(fd) ? errno : 0;
    close(fd);
    return code;
}

engram_status eg_beside_rename(const char *temporary, const char *target, engram_error *err)
{
    struct stat info;
    int code = sync_path(temporary, O_RDONLY);
    if (!code && stat(target, &info) == 0 && S_ISDIR(info.st_mode))
        code = EISDIR;
    if (!code && rename(temporary, target))
        code = errno;
    if (code)
        return io_error(err, "write", target, code);
    char folder[4096];
    const char *slash = strrchr(target, '/');
    const int length = slash ? (int)(slash - target) : 0;
    snprintf(folder, sizeof folder, "%.*s", slash ? length : 1, slash ? target : ".");
    (void)sync_path(*folder ? folder : "/", O_RDONLY | O_DIRECTORY);
    return ENGRAM_OK;
}

engram_status eg_beside_commit(const char *temporary, const char *target, engram_error *err)
{
    const engram_status status = eg_beside_rename(temporary, target, err);
    if (status)
        eg_beside_abandon(temporary);
    return status;
}

void eg_beside_abandon(const char *temporary)
{
    unlink(temporary);
}
