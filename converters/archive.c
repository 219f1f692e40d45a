/* archive.c - the HDF5 archive, through the provider (which is loaded when needed only) */
#include "converter.h"
#include "hdf5/provider.h"

#include <string.h>

/* HDF5's signature stands at 0 or, behind a user block, at 512, 1024, ... Our archives have a
 * user block that begins with its own mark, or is not filled yet; the provider judges it. */
static bool claims(const unsigned char *head, size_t size, const char *path)
{
    static const unsigned char signature[8] = {0x89, 'H', 'D', 'F', '\r', '\n', 0x1a, '\n'};
    enum { MARK = 6, BLOCK = 512 };
    (void)path;
    if (size > MARK && memcmp(head, "ENGRAM", MARK) == 0)
        return head[MARK] != '-'; /* a checkpoint */
    return (size >= sizeof signature && memcmp(head, signature, sizeof signature) == 0) ||
           (size >= BLOCK + sizeof signature &&
            memcmp(head + BLOCK, signature, sizeof signature) == 0);
}

static engram_status read_archive(eg_net **out, const char *path, unsigned flags,
                                  const engram_alloc *alloc, engram_error *err)
{
    const eg_hdf5_provider *h5;
    *out = NULL;
    engram_status status = eg_hdf5_provider_get(&h5, err);
    if (status)
        return status;
    return h5->read_net(out, path, flags & ENGRAM_CONVERT_FORCE ? EG_HDF5_FORCE : 0, alloc,
                        err);
}

static engram_status write_archive(const eg_net *net, const char *path, unsigned flags,
                                   engram_convert_report *report, const engram_alloc *alloc,
                                   engram_error *err)
{
    (void)report; /* an archive holds everything that the tables do */
    const eg_hdf5_provider *h5;
    engram_status status = eg_hdf5_provider_get(&h5, err);
    if (status)
        return status;
    return h5->write_net(net, path, flags & ENGRAM_CONVERT_COMPRESS ? EG_HDF5_COMPRESS : 0,
                         alloc, err);
}

const eg_converter eg_converter_hdf5 = {
    .about = {"hdf5", "network archive (HDF5)", "h5 hdf5 he5", 1, 1},
    .claims = claims,
    .read = read_archive,
    .write = write_archive};
