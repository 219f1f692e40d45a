/* target.h - may a file of this name be written?
 *
 * Output is written beside its name and renamed over it, which would put a file in the place
 * of a device and is refused by a folder only when the work is done. So it is asked before.
 */
#ifndef EG_CLI_TARGET_H
#define EG_CLI_TARGET_H

#include "engram/status.h"

#include <stdbool.h>

/* Whether both are there and are one file, perhaps by two names. */
bool cli_same_file(const char *a, const char *b);

/* E_IO: `out` is there and no regular file, or its folder takes none. E_ARGUMENT: `out`, or the
 * "<out>.partial" that grows beside it, is the file `in`, perhaps by another name. `in` may be
 * NULL. */
engram_status cli_target(const char *out, const char *in, engram_error *err) ENGRAM_MUST_USE;

#endif
