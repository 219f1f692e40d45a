/* converter.h - one kind of file, as the registry sees it
 *
 * To add a format: one file that fills an eg_converter, one row in registry.c, one loss
 * table in docs/format.md. Everything passes through eg_net, so every reader meets every
 * writer.
 */
#ifndef EG_CONVERTERS_CONVERTER_H
#define EG_CONVERTERS_CONVERTER_H

#include "engram/convert.h"
#include "network/net.h"

enum { EG_SNIFF = 520 }; /* bytes of a file that `claims` is shown */

typedef struct eg_converter {
    engram_converter about;
    /* Whether a file that begins like this is one. `path` serves kinds whose mark does not
     * stand at the very start. */
    bool (*claims)(const unsigned char *head, size_t size, const char *path);
    /* flags: ENGRAM_CONVERT_*. Lists come out canonical. Free with eg_net_free. */
    engram_status (*read)(eg_net **out, const char *path, unsigned flags,
                          const engram_alloc *alloc, engram_error *err);
    /* Written beside and renamed. Adds to report (never NULL) what it could not carry. */
    engram_status (*write)(const eg_net *net, const char *path, unsigned flags,
                           engram_convert_report *report, const engram_alloc *alloc,
                           engram_error *err);
} eg_converter;

/* The rows that registry.c lists. */
extern const eg_converter eg_converter_msgpack;
extern const eg_converter eg_converter_hdf5;

bool eg_from_msgpack_claims(const unsigned char *head, size_t size, const char *path);
engram_status eg_from_msgpack(eg_net **out, const char *path, unsigned flags,
                              const engram_alloc *alloc, engram_error *err);
engram_status eg_to_msgpack(const eg_net *net, const char *path, unsigned flags,
                            engram_convert_report *report, const engram_alloc *alloc,
                            engram_error *err);

/* The converter that reads the file, by its first bytes. E_IO; E_FORMAT says what the file
 * looks like instead. */
engram_status eg_converter_of(const eg_converter **out, const char *path, engram_error *err);
/* Note one loss. */
void eg_report_loss(engram_convert_report *report, const char *format, ...) ENGRAM_PRINTF(2, 3);

#endif
