/* net_digest.h - the digest of an element: equal contents, equal digest, in every form
 *
 * xxh3-128 over the fields that canonical files write (those that hold their default are left
 * out), in the order of the schema. Each gives its name and a zero byte, then
 *     text                 its bytes and a zero byte
 *     number               its eight bytes
 *     integer, flag        eight bytes
 *     dimension            seven numbers
 *     texts                their count, then each as a text
 *     array                type and a zero byte; dimensions, extents; the digest of its
 * elements one                  the digest of the element list, sequence, table   their count,
 * then the digest of each (a list by name) Counts, dimensions and extents are unsigned integers
 * of eight bytes; everything is little endian, digests are in canonical order. docs/format.md,
 * A12.
 *
 * So a network's digest is that of its parts, and two networks are compared from the root
 * down to where they differ. Readers and writers that walk an element anyway take the pieces.
 */
#ifndef EG_NETWORK_NET_DIGEST_H
#define EG_NETWORK_NET_DIGEST_H

#include "network/net.h"

/* Lists must be canonical. What sources state of themselves (eg_source.digest) is taken if
 * `stated`, else every array is read. E_IO, E_MEMORY. */
engram_status eg_element_digest(eg_digest *out, const eg_element_type *type,
                                const void *element, bool stated, const engram_alloc *alloc,
                                engram_error *err);

/* Whether a field of `element` takes part. */
bool eg_digest_has(const eg_field *field, const void *element);
/* A field from text to texts, whole. */
void eg_digest_value(eg_hash *hash, const eg_field *field, const void *element);
void eg_digest_array(eg_hash *hash, const eg_field *field, const eg_source *source,
                     const eg_digest *elements);
/* The begin of a field that holds elements; their digests follow with eg_digest_part. `count`
 * is not used for ONE. */
void eg_digest_begin(eg_hash *hash, const eg_field *field, size_t count);
void eg_digest_part(eg_hash *hash, const eg_digest *part);
/* A row of a table, whole. */
void eg_digest_row(eg_digest *out, const eg_element_type *type, const void *row);

#endif
