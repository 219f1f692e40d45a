/* mp_read.h - a MessagePack document as network tables
 *
 * Reads in five steps, each of which may only refuse:
 *   1. version   format, major and minor are found in the top map and judged first
 *   2. digest    the bytes are held against the digest that ends them, if one does
 *   3. scan      mp_scan bounds depth, counts and number of values; trailing bytes refused
 *   4. unpack    msgpack-c makes an object tree whose texts and binaries point into the bytes
 *   5. tables    the tree is matched with the schema's descriptors; texts are checked as
 *                UTF-8 and copied, arrays become sources that read the bytes by range
 * Arrays are never copied: the bytes (or the mapping of the file) must outlive the network.
 *
 * Errors name the path in the document and the byte: E_IO, E_FORMAT, E_VERSION, E_LIMIT,
 * E_SCHEMA (missing, unknown or repeated field, wrong type, bad UTF-8), E_DIGEST, E_MEMORY.
 */
#ifndef EG_MSGPACK_MP_READ_H
#define EG_MSGPACK_MP_READ_H

#include "msgpack/mp_scan.h"
#include "network/net.h"

/* Largest piece of an array (docs/format.md). */
#define EG_MP_PIECE (UINT64_C(64) << 20)
/* The field of the top map that ends a document: xxh3-128 of all bytes before its digits. It
 * belongs to the bytes, not to the network: the tables do not have it. */
#define EG_MP_DIGEST "digest"

/* The file is mapped until eg_net_free. Lists come out in canonical order. */
engram_status eg_mp_read_net(eg_net **out, const char *path, const engram_alloc *alloc,
                             engram_error *err);
/* The same within `limits`; NULL: default. */
engram_status eg_mp_read_net_within(eg_net **out, const char *path, const eg_mp_limits *limits,
                                    const engram_alloc *alloc, engram_error *err);

/* The caller keeps `bytes` alive and unchanged until eg_net_free. `limits` NULL: default. */
engram_status eg_mp_read_net_bytes(eg_net **out, const void *bytes, size_t size,
                                   const eg_mp_limits *limits, const engram_alloc *alloc,
                                   engram_error *err);

/* Whether bytes begin like a document: a map with the key "format" first. Needs only the
 * first 64 bytes or so of a file. */
bool eg_mp_looks_like(const unsigned char *bytes, size_t size);

#endif
