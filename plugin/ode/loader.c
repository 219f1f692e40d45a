/* Opens the provider once. Includes no header of GSL and links none of it. */
#include "ode/provider.h"

#include "common/memory.h"

#ifndef EG_WITHOUT_GSL

#include "common/provider.h"

#include <pthread.h>
#include <string.h>

/* The one mutable state: the table once found, under its lock. */
static pthread_mutex_t loader_lock = PTHREAD_MUTEX_INITIALIZER;
static const eg_ode_provider *loaded;

static engram_status load(const eg_ode_provider **out, engram_error *err)
{
    static const eg_provider_place place = {.what = "GSL",
                                            .file = "libengram_gsl.so",
                                            .environment = "ENGRAM_GSL_PROVIDER",
                                            .symbol = EG_ODE_SYMBOL,
                                            .libdir = ENGRAM_LIBDIR};
    char path[EG_PROVIDER_PATH];
    void *(*function)(void);
    const eg_ode_provider *(*get)(void);
    engram_status status = eg_provider_find(&function, path, &place, err);
    if (status)
        return status;
    memcpy(&get, &function, sizeof get);
    const eg_ode_provider *table = get();
    if (table->abi != EG_ODE_ABI || table->size < sizeof *table)
        return eg_fail(err, ENGRAM_E_PROVIDER,
                       "%.300s has interface %08x, wanted %08x: it belongs to another build of "
                       "Engram; install both from one build",
                       path, table->abi, EG_ODE_ABI);
    *out = table;
    return ENGRAM_OK;
}

engram_status eg_ode_provider_get(const eg_ode_provider **out, engram_error *err)
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

#else

engram_status eg_ode_provider_get(const eg_ode_provider **out, engram_error *err)
{
    *out = NULL;
    return eg_fail(err, ENGRAM_E_PROVIDER, "this Engram was built without GSL");
}

#endif
