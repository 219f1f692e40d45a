/* load.h - a network from whatever file holds one */
#ifndef EG_CONVERTERS_LOAD_H
#define EG_CONVERTERS_LOAD_H

#include "network/net.h"

/* Kind by content. flags: ENGRAM_CONVERT_FORCE. Structure, versions and digests are judged;
 * the rules of meaning are not (eg_check_net). Errors: E_IO (missing, a folder, no
 * permission), E_FORMAT (empty, another kind of file), and those of the reader. *out is NULL
 * on failure. Free with eg_net_free. */
engram_status eg_net_load(eg_net **out, const char *path, unsigned flags,
                          const engram_alloc *alloc, engram_error *err);

/* eg_net_load, then eg_check_net: the first error finding refuses the network. For running. */
engram_status eg_net_load_checked(eg_net **out, const char *path, unsigned flags,
                                  const engram_alloc *alloc, engram_error *err);

/* The same of a document in memory, which the caller keeps; `name` stands in errors. */
engram_status eg_net_bytes_checked(eg_net **out, const void *bytes, size_t size,
                                   const char *name, const engram_alloc *alloc,
                                   engram_error *err);

#endif
