/* Finds and opens the provider. Includes no hdf5.h and links no HDF5. In sanitizer builds,
 * which refuse RTLD_DEEPBIND, the room is linked directly and there is nothing to find. */
#include "hdf5/provider.h"

#include <dlfcn.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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

enum { TRIED_SIZE = 320 };

static engram_status open_at(const eg_hdf5_provider **out, const char *path, engram_error *err)
{
    void *object = dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_DEEPBIND);
    if (!object)
        return eg_fail(err, ENGRAM_E_PROVIDER, "cannot load the HDF5 provider: %s", dlerror());
    void *symbol = dlsym(object, EG_HDF5_SYMBOL);
    const eg_hdf5_provider *(*get)(void) = NULL;
    memcpy(&get, &symbol, sizeof get); /* object to function pointer, as POSIX wants it */
    engram_status status = ENGRAM_OK;
    if (!get)
        status = eg_fail(err, ENGRAM_E_PROVIDER, "%.300s has no symbol " EG_HDF5_SYMBOL, path);
    else
        status = judge(out, get(), path, err);
    return status; /* never dlclosed: HDF5 has an exit handler */
}

static bool try_folder(char *found, const char *folder, const char *below, char *tried)
{
    if (snprintf(found, PATH_MAX, "%s%slibengram_hdf5.so", folder, below) >= PATH_MAX)
        return false;
    if (access(found, F_OK) == 0)
        return true;
    const size_t length = strlen(tried);
    if (snprintf(tried + length, TRIED_SIZE - length, "%s%s", length ? ", " : "", found) < 0)
        tried[length] = '\0';
    return false;
}

/* Beside the object that holds this function, then where Engram was to be installed. */
static bool find(char *found, char *tried)
{
    static const char *const below[] = {"/../lib/engram/", "/engram/", "/",
                                        "/../../lib/engram/", "/../../../lib/engram/"};
    Dl_info info;
    char folder[PATH_MAX] = "", whole[PATH_MAX];
    void *self = NULL;
    engram_status (*here)(const eg_hdf5_provider **, engram_error *) = eg_hdf5_provider_get;
    memcpy(&self, &here, sizeof self);
    if (dladdr(self, &info) && info.dli_fname) {
        /* The program itself is named as it was called, which may be by PATH. */
        const char *name = strchr(info.dli_fname, '/') ? info.dli_fname : "/proc/self/exe";
        if (realpath(name, whole))
            memcpy(folder, whole, sizeof folder);
    }
    char *slash = strrchr(folder, '/');
    if (slash) {
        *slash = '\0';
        for (size_t k = 0; k < sizeof below / sizeof *below; k++)
            if (try_folder(found, folder, below[k], tried))
                return true;
    }
    return try_folder(found, ENGRAM_LIBDIR, "/engram/", tried);
}

static engram_status load(const eg_hdf5_provider **out, engram_error *err)
{
    char found[PATH_MAX], tried[TRIED_SIZE] = "";
    const char *named = getenv("ENGRAM_HDF5_PROVIDER");
    if (named && named[0])
        return open_at(out, named, err);
    if (!find(found, tried))
        return eg_fail(err, ENGRAM_E_PROVIDER,
                       "the HDF5 provider libengram_hdf5.so is not there; looked for %s (set "
                       "ENGRAM_HDF5_PROVIDER to its path)",
                       tried);
    return open_at(out, found, err);
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
