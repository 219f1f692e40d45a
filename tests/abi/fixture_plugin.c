/* fixture_plugin.c - plugins as they should not be, each a shared object of its own
 *
 * FIXTURE selects one: a plugin of another version that refuses as it should; one that hands
 * out its table whatever was asked for; one whose table ends too early; none at all.
 */
#include "engram/plugin_abi.h"

#include <stdio.h>
#include <string.h>

#define OTHER 2
#define CARELESS 3
#define SHORT 4
#define SILENT 5
#define NAMELESS 6

#if FIXTURE == NAMELESS
ENGRAM_API int engram_plugin_tables(void);
int engram_plugin_tables(void)
{
    return 0;
}
#else
enum { VERSION = 7 }; /* 0.007 */

ENGRAM_API engram_plugin_entry engram_plugin_table;

const engram_plugin *engram_plugin_table(uint32_t abi, engram_error *err)
{
    static const engram_plugin table = {
        .abi = FIXTURE == SHORT ? ENGRAM_PLUGIN_ABI : VERSION,
        .size = FIXTURE == SHORT ? offsetof(engram_plugin, finish) : sizeof(engram_plugin),
        .engine = "engram 0.7.0",
    };
    if (FIXTURE == CARELESS || FIXTURE == SHORT || abi == VERSION)
        return &table;
    if (FIXTURE == OTHER && err) {
        memset(err, 0, sizeof *err);
        err->code = ENGRAM_E_PROVIDER;
        snprintf(
            err->message, sizeof err->message,
            "the host wants version %u.%03u of the plugin interface, engram 0.7.0 has 0.007",
            abi / 1000, abi % 1000);
    }
    return NULL;
}
#endif
