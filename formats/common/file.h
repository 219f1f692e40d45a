/* file.h - files as mapped memory, and files that appear whole or not at all */
#ifndef EG_COMMON_FILE_H
#define EG_COMMON_FILE_H

#include "common/memory.h"

/* A read-only mapping of a whole file. Unmap with eg_mapping_close (NULL allowed). */
typedef struct eg_mapping {
    const unsigned char *data;
    size_t size;
} eg_mapping;

/* Errors: E_IO with the path and the system's reason (missing, no permission, a
 * directory). An empty file maps to size 0, data non-NULL. */
engram_status eg_mapping_open(eg_mapping *out, const char *path, engram_error *err);
void eg_mapping_close(eg_mapping *mapping);

/* First `size` bytes of a file into `out` (zero padded); *got bytes were there. E_IO. */
engram_status eg_file_head(unsigned char *out, size_t size, size_t *got, const char *path,
                           engram_error *err);

/* Write beside, sync, rename: the target name holds the old file or the whole new one.
 *   eg_beside_path   "<dir>/.<name>.<pid>.tmp" for a target, into `out` (E_LIMIT if long)
 *   eg_beside_fixed  "<dir>/.<name>.tmp", the same for every process: for who holds a lock, so
 *                    that what a killed process has left is written over
 *   eg_beside_commit fsync the file and its folder around the rename (E_IO; the temporary
 *                    file is removed on failure)
 *   eg_beside_rename the same, and the temporary file stays on failure
 *   eg_beside_abandon removes the temporary file, never fails */
engram_status eg_beside_path(char *out, size_t size, const char *target, engram_error *err);
engram_status eg_beside_fixed(char *out, size_t size, const char *target, engram_error *err);
engram_status eg_beside_rename(const char *temporary, const char *target, engram_error *err);
engram_status eg_beside_commit(const char *temporary, const char *target, engram_error *err);
void eg_beside_abandon(const char *temporary);

#endif
