#include "hdf5/h5.h"

static const char *version(void)
{
    return &H5_VERS_INFO[sizeof "HDF5 library version: " - 1];
}

const eg_hdf5_provider *engram_hdf5_provider(void)
{
    static const eg_hdf5_provider table = {
        .abi = EG_HDF5_ABI,
        .stamp = EG_HDF5_STAMP,
        .size = sizeof(eg_hdf5_provider),
        .version = version,
        .read_net = eg_h5_read_net,
        .write_net = eg_h5_write_net,
        .seal = eg_h5_seal,
        .record_open = eg_h5_record_open,
        .record_events = eg_h5_record_events,
        .record_samples = eg_h5_record_samples,
        .record_flush = eg_h5_record_flush,
        .record_run = eg_h5_record_run,
        .record_finish = eg_h5_record_finish,
        .record_abandon = eg_h5_record_abandon,
        .check_results = eg_h5_check_results,
        .recover = eg_h5_recover,
        .record_mark = eg_h5_record_mark,
        .record_resume = eg_h5_record_resume,
    };
    /* HDF5 aborts the process when its headers and library differ: ask first. */
    unsigned major, minor, release;
    if (H5get_libversion(&major, &minor, &release) < 0 || major != H5_VERS_MAJOR ||
        minor != H5_VERS_MINOR || release != H5_VERS_RELEASE)
        return NULL;
    /* No file of ours needs a filter of others; none is looked for on the disk. */
    (void)H5PLset_loading_state(0);
    return &table;
}
