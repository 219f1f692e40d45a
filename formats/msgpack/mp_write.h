/* mp_write.h - network tables as a MessagePack document
 *
 * Canonical: fields in schema order, optional fields that hold their default left out, lists
 * sorted by name (on an index: the network is not changed), smallest encodings, arrays in
 * pieces of 64 MiB, the digest of the bytes as the last field. So equal networks give equal
 * bytes, and reading and writing a canonical document gives it back byte for byte. Arrays
 * stream through a buffer of 256 KiB.
 *
 * Errors: E_IO; E_SCHEMA (two elements of one name), E_LIMIT (a text or list beyond 32 bits),
 * E_MEMORY, and what a source's medium gives.
 */
#ifndef EG_MSGPACK_MP_WRITE_H
#define EG_MSGPACK_MP_WRITE_H

#include "common/buf.h"
#include "network/net.h"

/* Written beside `path`, synced, renamed: on failure nothing changed there. */
engram_status eg_mp_write_net(const eg_net *net, const char *path, const engram_alloc *alloc,
                              engram_error *err);
/* Appended to `out`. */
engram_status eg_mp_write_net_bytes(eg_buf *out, const eg_net *net, const engram_alloc *alloc,
                                    engram_error *err);

#endif
