/* engine.h - find and open engram_plugin.so, as any host would
 *
 * Looked for, in this order: the file that the environment variable ENGRAM_PLUGIN names (then
 * nowhere else); <libdir>/engram, lib/engram and lib64/engram beside the folder of the
 * command, which finds it in a build tree, in an installed prefix and in one that was moved;
 * the folder that Engram was configured to be installed to.
 */
#ifndef EG_CLI_ENGINE_H
#define EG_CLI_ENGINE_H

#include "engram/plugin_abi.h"

/* *out is the plugin's table, static; the shared object is never closed. E_PROVIDER: not
 * there (with the paths tried), cannot be loaded, no plugin, or of another version: both are
 * named. *out is NULL on failure. */
engram_status cli_engine(const engram_plugin **out, engram_error *err) ENGRAM_MUST_USE;

#endif
