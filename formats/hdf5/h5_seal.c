/* The user block, 512 bytes before the HDF5 signature:
 *
 *      0  "ENGRAM\r\n\x1a\n"           10 bytes; the line ends show a text-mode copy
 *     10  kind, 'N' network or 'R' results; 5 zero bytes
 *     16  version of the block, u32 little endian; 4 zero bytes
 *     24  length of all bytes behind the block, u64 little endian
 *     32  xxh3-128 of them, canonical (big endian), 16 bytes
 *     48  xxh3-64 of bytes 0..47, canonical, 8 bytes; zero to the end
 */
#include "hdf5/h5.h"

#include "common/pack.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <xxhash.h>

static const unsigned char magic[10] = {'E', 'N', 'G', 'R', 'A', 'M', '\r', '\n', 0x1a, '\n'};
static const unsigned char hdf5_magic[8] = {0x89, 'H', 'D', 'F', '\r', '\n', 0x1a, '\n'};

void eg_h5_hex(char out[33], const unsigned char digest[16])
{
    for (int k = 0; k < 16; k++)
        snprintf(out + 2 * k, 3, "%02x", digest[k]);
}

static void body_digest(unsigned char out[16], const unsigned char *body, size_t size)
{
    XXH128_canonical_t canonical;
    XXH128_canonicalFromHash(&canonical, XXH3_128bits(body, size));
    memcpy(out, canonical.digest, 16);
}

static void block_digest(unsigned char out[8], const unsigned char *block)
{
    XXH64_canonical_t canonical;
    XXH64_canonicalFromHash(&canonical, XXH3_64bits(block, 48));
    memcpy(out, canonical.digest, 8);
}

eg_hdf5_kind eg_h5_seal_kind(const unsigned char *head, size_t size)
{
    if (size >= sizeof magic && !memcmp(head, magic, sizeof magic)) {
        if (size > 10 && head[10] == 'N')
            return EG_HDF5_NETWORK;
        return size > 10 && head[10] == 'R' ? EG_HDF5_RESULTS : EG_HDF5_FOREIGN;
    }
    if (size >= 8 && !memcmp(head, hdf5_magic, 8))
        return EG_HDF5_FOREIGN;
    if (size < EG_H5_USER_BLOCK + 8 || memcmp(head + EG_H5_USER_BLOCK, hdf5_magic, 8))
        return EG_HDF5_NOT;
    for (size_t k = 0; k < EG_H5_USER_BLOCK; k++)
        if (head[k])
            return EG_HDF5_FOREIGN;
    return EG_HDF5_UNFINISHED; /* the recorder seals last */
}

engram_status eg_h5_seal(eg_hdf5_kind *kind, char digest[33], const char *path,
                         engram_error *err)
{
    unsigned char head[EG_H5_USER_BLOCK + 8];
    size_t got = 0;
    *kind = EG_HDF5_NOT;
    digest[0] = '\0';
    const engram_status status = eg_file_head(head, sizeof head, &got, path, err);
    if (status)
        return status;
    *kind = eg_h5_seal_kind(head, got);
    if (*kind == EG_HDF5_NETWORK || *kind == EG_HDF5_RESULTS)
        eg_h5_hex(digest, head + 32);
    return ENGRAM_OK;
}

engram_status eg_h5_seal_write(const char *path, eg_hdf5_kind kind, engram_error *err)
{
    eg_mapping mapping;
    engram_status status = eg_mapping_open(&mapping, path, err);
    if (status)
        return status;
    if (mapping.size < EG_H5_USER_BLOCK) {
        eg_mapping_close(&mapping);
        return eg_fail(err, ENGRAM_E_IO, "cannot write %s: the file was cut short", path);
    }
    const size_t size = mapping.size - EG_H5_USER_BLOCK;
    unsigned char block[EG_H5_USER_BLOCK] = {0};
    memcpy(block, magic, sizeof magic);
    block[10] = kind == EG_HDF5_NETWORK ? 'N' : 'R';
    eg_put_little(block + 16, EG_H5_SEAL_VERSION, 4);
    eg_put_little(block + 24, size, 8);
    body_digest(block + 32, mapping.data + EG_H5_USER_BLOCK, size);
    block_digest(block + 48, block);
    eg_mapping_close(&mapping);

    const int fd = open(path, O_WRONLY | O_CLOEXEC);
    ssize_t put = -1;
    if (fd >= 0)
        do
            put = pwrite(fd, block, sizeof block, 0);
        while (put < 0 && errno == EINTR);
    const int code = put == (ssize_t)sizeof block ? 0 : put >= 0 ? ENOSPC : errno;
    if (fd >= 0)
        close(fd);
    return code ? eg_fail(err, ENGRAM_E_IO, "cannot write %s: %s", path, strerror(code))
                : ENGRAM_OK;
}

static const char *kind_text(eg_hdf5_kind kind)
{
    switch (kind) {
    case EG_HDF5_NETWORK:
        return "an Engram archive of a network";
    case EG_HDF5_RESULTS:
        return "an Engram results file";
    case EG_HDF5_UNFINISHED:
        return "an unfinished results file (engram recover)";
    case EG_HDF5_FOREIGN:
        return "an HDF5 file, but not an Engram archive";
    case EG_HDF5_NOT:
        break;
    }
    return "no HDF5 file";
}

engram_status eg_h5_seal_check(const eg_mapping *mapping, eg_hdf5_kind wanted, unsigned flags,
                               const char *path, engram_error *err)
{
    const unsigned char *block = mapping->data;
    const bool force = flags & EG_HDF5_FORCE;
    const eg_hdf5_kind kind = eg_h5_seal_kind(block, mapping->size);
    if (kind != wanted)
        return eg_fail(err, ENGRAM_E_FORMAT, "%s is %s, wanted %s", path, kind_text(kind),
                       kind_text(wanted));
    if (mapping->size < EG_H5_USER_BLOCK)
        return eg_fail(err, ENGRAM_E_FORMAT, "%s is truncated: %zu bytes, wanted more than %d",
                       path, mapping->size, EG_H5_USER_BLOCK);
    unsigned char digest[16];
    block_digest(digest, block);
    bool same = !memcmp(digest, block + 48, 8);
    for (size_t k = 56; k < EG_H5_USER_BLOCK; k++)
        same = same && !block[k];
    if (!same && !force)
        return eg_fail(err, ENGRAM_E_DIGEST,
                       "%s: the first 512 bytes do not match their digest: damaged", path);
    const uint64_t version = eg_get_little(block + 16, 4);
    if (version != EG_H5_SEAL_VERSION)
        return eg_fail(err, ENGRAM_E_VERSION,
                       "%s has a user block of version %llu, this library reads %d", path,
                       (unsigned long long)version, EG_H5_SEAL_VERSION);
    const uint64_t length = eg_get_little(block + 24, 8);
    const size_t size = mapping->size - EG_H5_USER_BLOCK;
    if (size < length && !force)
        return eg_fail(err, ENGRAM_E_FORMAT, "%s is truncated: %zu bytes, wanted %llu", path,
                       mapping->size, (unsigned long long)length + EG_H5_USER_BLOCK);
    if (size > length && !force)
        return eg_fail(err, ENGRAM_E_DIGEST, "%s: %zu bytes, wanted %llu: something was added",
                       path, mapping->size, (unsigned long long)length + EG_H5_USER_BLOCK);
    if (force)
        return ENGRAM_OK;
    body_digest(digest, block + EG_H5_USER_BLOCK, size);
    if (memcmp(digest, block + 32, 16)) {
        char found[33], stored[33];
        eg_h5_hex(found, digest);
        eg_h5_hex(stored, block + 32);
        return eg_fail(err, ENGRAM_E_DIGEST, "%s: the digest is %s, wanted %s: damaged", path,
                       found, stored);
    }
    return ENGRAM_OK;
}
