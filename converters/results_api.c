/* results_api.c - engram/results.h over the HDF5 provider */
#include "engram/results.h"

#include "common/file.h"
#include "hdf5/provider.h"

engram_status engram_results_kind_of(engram_results_kind *out, const char *path,
                                     engram_error *err)
{
    const eg_hdf5_provider *h5;
    unsigned char head[8];
    size_t size;
    char digest[33];
    eg_hdf5_kind kind = EG_HDF5_NOT;
    if (!out || !path)
        return eg_fail(err, ENGRAM_E_ARGUMENT, "results want a file name");
    *out = ENGRAM_RESULTS_NONE;
    engram_status status = eg_file_head(head, sizeof head, &size, path, err);
    /* A document needs no HDF5 to be told apart. */
    if (status || size < 8 || (head[0] != 'E' && head[0] != 0))
        return status;
    status = eg_hdf5_provider_get(&h5, err);
    if (!status)
        status = h5->seal(&kind, digest, path, err);
    if (kind == EG_HDF5_RESULTS)
        *out = ENGRAM_RESULTS_SEALED;
    else if (kind == EG_HDF5_UNFINISHED)
        *out = ENGRAM_RESULTS_UNFINISHED;
    return status;
}

engram_status engram_results_check(engram_results_info *info, const char *path, unsigned flags,
                                   engram_error *err)
{
    const eg_hdf5_provider *h5;
    if (!path)
        return eg_fail(err, ENGRAM_E_ARGUMENT, "results want a file name");
    const engram_status status = eg_hdf5_provider_get(&h5, err);
    return status ? status
                  : h5->check_results(info, path,
                                      flags & ENGRAM_RESULTS_FORCE ? EG_HDF5_FORCE : 0u, err);
}

engram_status engram_results_recover(engram_results_info *info, const char *partial,
                                     const char *target, engram_error *err)
{
    const eg_hdf5_provider *h5;
    if (!partial || !target)
        return eg_fail(err, ENGRAM_E_ARGUMENT, "recovering wants two file names");
    const engram_status status = eg_hdf5_provider_get(&h5, err);
    return status ? status : h5->recover(info, partial, target, engram_default_alloc(), err);
}
