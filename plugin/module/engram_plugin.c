/* engram_plugin.c - the one symbol of engram_plugin.so: libengram's functions as a table
 *
 * The rules of the table stand in engram/plugin_abi.h, the reasons in docs/abi.md. A function
 * is added at the table's end, here and there, together with the version.
 */
#include "engram/plugin_abi.h"
#include "engram/version.h"

#include <stdio.h>
#include <string.h>

ENGRAM_API engram_plugin_entry engram_plugin_table;

static void refuse(uint32_t wanted, engram_error *err)
{
    if (!err)
        return;
    memset(err, 0, sizeof *err);
    err->code = ENGRAM_E_PROVIDER;
    snprintf(err->message, sizeof err->message,
             "the host wants version %u.%03u of the plugin interface, engram %s has %u.%03u",
             wanted / 1000, wanted % 1000, ENGRAM_VERSION, ENGRAM_PLUGIN_ABI / 1000,
             ENGRAM_PLUGIN_ABI % 1000);
}

const engram_plugin *engram_plugin_table(uint32_t abi, engram_error *err)
{
    static const engram_plugin table = {
        .abi = ENGRAM_PLUGIN_ABI,
        .size = sizeof(engram_plugin),
        .engine = "engram " ENGRAM_VERSION,
        .open = engram_model_open,
        .close = engram_model_close,
        .describe = engram_model_describe,
        .object = engram_model_object,
        .build = engram_sim_build,
        .free = engram_sim_free,
        .advance = engram_sim_advance,
        .spikes = engram_sim_spikes,
        .variable_count = engram_sim_variable_count,
        .variable_at = engram_sim_variable_at,
        .variable = engram_sim_variable,
        .finish = engram_sim_finish,
        .status_text = engram_status_text,
        .status_exit_code = engram_status_exit_code,
        .ignored = engram_model_ignored,
        .store = engram_sim_store,
        .restore = engram_sim_restore,
        .checkpoint = engram_sim_checkpoint,
        .checkpoint_open = engram_checkpoint_open,
        .checkpoint_close = engram_checkpoint_close,
        .checkpoint_describe = engram_checkpoint_describe,
        .need = engram_model_need,
        .function = engram_model_function,
    };
    /* Major 0: only equal versions match. From 1 on, a lower minor gets a table of its own. */
    if (abi == ENGRAM_PLUGIN_ABI)
        return &table;
    refuse(abi, err);
    return NULL;
}
