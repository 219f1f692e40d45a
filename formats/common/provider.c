/* Includes no header of the libraries that it looks for. */
#include "common/provider.h"

#include "common/memory.h"

#include <dlfcn.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TRIED_SIZE = 320 };

/* Sanitizers refuse DEEPBIND; their builds link what it is for. */
#ifdef EG_SANITIZED
#define OPEN_FLAGS (RTLD_NOW | RTLD_LOCAL)
#else
#define OPEN_FLAGS (RTLD_NOW | RTLD_LOCAL | RTLD_DEEPBIND)
#endif

static engram_status open_at(void *(**out)(void), const eg_provider_place *place,
                             const char *path, engram_error *err)
{
    void *object = dlopen(path, OPEN_FLAGS);
    if (!object)
        return eg_fail(err, ENGRAM_E_PROVIDER, "cannot load the %s provider: %s", place->what,
                       dlerror());
    void *symbol = dlsym(object, place->symbol);
    memcpy(out, &symbol, sizeof *out); /* object to function pointer, as POSIX wants it */
    return symbol ? ENGRAM_OK
                  : eg_fail(err, ENGRAM_E_PROVIDER, "%.300s has no symbol %s", path,
                            place->symbol);
}

static bool try_folder(char *found, const char *folder, const char *below, const char *file,
                       char *tried)
{
    if (snprintf(found, PATH_MAX, "%s%s%s", folder, below, file) >= PATH_MAX)
        return false;
    if (access(found, F_OK) == 0)
        return true;
    const size_t length = strlen(tried);
    if (snprintf(tried + length, TRIED_SIZE - length, "%s%s", length ? ", " : "", found) < 0)
        tried[length] = '\0';
    return false;
}

/* Beside the object that holds this function, then where Engram was to be installed. */
static bool find(char *found, const eg_provider_place *place, char *tried)
{
    static const char *const below[] = {"/../lib/engram/", "/engram/", "/",
                                        "/../../lib/engram/", "/../../../lib/engram/"};
    Dl_info info;
    char folder[PATH_MAX] = "", whole[PATH_MAX];
    void *self = NULL;
    engram_status (*here)(void *(**)(void), char *, const eg_provider_place *, engram_error *) =
        eg_provider_find;
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
            if (try_folder(found, folder, below[k], place->file, tried))
                return true;
    }
    return try_folder(found, place->libdir, "/engram/", place->file, tried);
}

engram_status eg_provider_find(void *(**out)(void), char *path, const eg_provider_place *place,
                               engram_error *err)
{
    char found[PATH_MAX], tried[TRIED_SIZE] = "";
    const char *named = getenv(place->environment);
    *out = NULL;
    if (!named || !named[0]) {
        if (!find(found, place, tried))
            return eg_fail(
                err, ENGRAM_E_PROVIDER,
                "the %s provider %s is not there; looked for %s (set %s to its path)",
                place->what, place->file, tried, place->environment);
        named = found;
    }
    snprintf(path, EG_PROVIDER_PATH, "%s", named);
    return open_at(out, place, path, err);
}
