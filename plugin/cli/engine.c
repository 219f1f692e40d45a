#include "engine.h"

#include <dlfcn.h>
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FILE_NAME "engram_plugin.so"

enum { TRIED_SIZE = 400 };

static engram_status refuse(engram_error *err, const char *format, ...) ENGRAM_PRINTF(2, 3);
static engram_status refuse(engram_error *err, const char *format, ...)
{
    va_list args;
    memset(err, 0, sizeof *err);
    err->code = ENGRAM_E_PROVIDER;
    va_start(args, format);
    vsnprintf(err->message, sizeof err->message, format, args);
    va_end(args);
    return ENGRAM_E_PROVIDER;
}

/* The table that the entry gave is not believed: another compiler, another Engram. */
static engram_status judge(const engram_plugin *table, const char *path, engram_error *err)
{
    if (table->abi != ENGRAM_PLUGIN_ABI)
        return refuse(err, "%.300s: version %u.%03u of the plugin interface, wanted %u.%03u",
                      path, table->abi / 1000, table->abi % 1000, ENGRAM_PLUGIN_ABI / 1000,
                      ENGRAM_PLUGIN_ABI % 1000);
    if (table->size < sizeof *table)
        return refuse(err, "%.300s: its table has %zu bytes, version %u.%03u has %zu", path,
                      table->size, ENGRAM_PLUGIN_ABI / 1000, ENGRAM_PLUGIN_ABI % 1000,
                      sizeof *table);
    return ENGRAM_OK;
}

static engram_status open_at(const engram_plugin **out, const char *path, engram_error *err)
{
    void *object = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!object)
        return refuse(err, "cannot load the plugin: %s", dlerror());
    void *symbol = dlsym(object, ENGRAM_PLUGIN_SYMBOL);
    if (!symbol)
        return refuse(err, "%.300s is no Engram plugin: it has no symbol " ENGRAM_PLUGIN_SYMBOL,
                      path);
    engram_plugin_entry *entry;
    memcpy(&entry, &symbol, sizeof entry); /* object to function pointer, as POSIX wants it */
    engram_error said = {.code = ENGRAM_OK};
    const engram_plugin *table = entry(ENGRAM_PLUGIN_ABI, &said);
    if (!table)
        return refuse(err, "%.200s: %.300s", path,
                      said.message[0] ? said.message : "refuses without a reason");
    const engram_status status = judge(table, path, err);
    if (!status)
        *out = table;
    return status;
}

static bool try_folder(char *found, const char *folder, const char *below, char *tried)
{
    const char *middle = below[0] ? "/../" : "";
    if (snprintf(found, PATH_MAX, "%s%s%s/engram/" FILE_NAME, folder, middle, below) >=
        PATH_MAX)
        return false;
    if (access(found, F_OK) == 0)
        return true;
    const size_t length = strlen(tried);
    if (!strstr(tried, found))
        snprintf(tried + length, TRIED_SIZE - length, "%s%s", length ? ", " : "", found);
    return false;
}

static bool find(char *found, char *tried)
{
    static const char *const below[] = {ENGRAM_LIBDIR_NAME, "lib", "lib64"};
    char folder[PATH_MAX];
    const ssize_t length = readlink("/proc/self/exe", folder, sizeof folder - 1);
    folder[length > 0 ? length : 0] = '\0';
    char *slash = strrchr(folder, '/');
    if (slash) {
        *slash = '\0';
        for (size_t k = 0; k < sizeof below / sizeof *below; k++)
            if (below[k][0] != '/' && try_folder(found, folder, below[k], tried))
                return true;
    }
    return try_folder(found, ENGRAM_LIBDIR, "", tried);
}

engram_status cli_engine(const engram_plugin **out, engram_error *err)
{
    char found[PATH_MAX], tried[TRIED_SIZE] = "";
    const char *named = getenv("ENGRAM_PLUGIN");
    *out = NULL;
    if (named && named[0])
        return open_at(out, named, err);
    if (!find(found, tried))
        return refuse(err,
                      "the engine " FILE_NAME " is not there; looked for %s (set ENGRAM_PLUGIN "
                      "to its path)",
                      tried);
    return open_at(out, found, err);
}
