/* Opens the provider once. Includes no hdf5.h and links no HDF5. In sanitizer builds,
 * which refuse RTLD_DEEPBIND, the room is linked directly and there is nothing to find. */
#include "hdf5/provider.h"

#include "common/provider.h"

#include <pthread.h>
#include <string.h>

static engram_status judge(const eg_hdf5_provider **out, const eg_hdf5_provider *table,
                           const char *path, engram_error *err)
{
    if (!table)
        return eg_fail(
            err, ENGRAM_E_PROVIDER,
            "%.300s was built for another HDF5 than the one installed: rebuild Engram "
            "or install the HDF5 it was built with",
            path);
    if (table->abi != EG_HDF5_ABI || table->stamp != EG_HDF5_STAMP ||
        table->size < sizeof(eg_hdf5_provider))
        return eg_fail(
            err, ENGRAM_E_PROVIDER,
            "%.300s has interface %08x/%08x, wanted %08x/%08x: it belongs to another "
            "build of Engram; install both from one build",
            path, table->abi, table->stamp, EG_HDF5_ABI, EG_HDF5_STAMP);
    *out = table;
    return ENGRAM_OK;
}

#ifdef EG_SANITIZED

engram_status eg_hdf5_provider_get(const eg_hdf5_provider **out, engram_error *err)
{
    *out = NULL;
    return judge(out, engram_hdf5_provider(), "the HDF5 provider", err);
}

#else

/* The one mutable state: the table once found, under its lock. */
static pthread_mutex_t loader_lock = PTHREAD_MUTEX_INITIALIZER;
static const eg_hdf5_provider *loaded;

static engram_status load(const eg_hdf5_provider **out, engram_error *err)
{
    static const eg_provider_place place = {.what = "HDF5",
                                            .file = "libengram_hdf5.so",
                                            .environment = "ENGRAM_HDF5_PROVIDER",
                                            .symbol = EG_HDF5_SYMBOL,
                                            .libdir = ENGRAM_LIBDIR};
    char path[EG_PROVIDER_PATH];
    void *(*function)(void);
    const eg_hdf5_provider *(*get)(void);
    engram_status status = eg_provider_find(&function, path, &place, err);
    if (status)
        return status;
    memcpy(&get, &function, sizeof get);
    return judge(out, get(), path, err);
}

engram_status eg_hdf5_provider_get(const eg_hdf5_provider **out, engram_error *err)
{
    engram_status status = ENGRAM_OK;
    *out = NULL;
    pthread_mutex_lock(&loader_lock);
    if (!loaded)
        status = load(&loaded, err);
    *out = loaded;
    pthread_mutex_unlock(&loader_lock);
    return status;
}

#endif
