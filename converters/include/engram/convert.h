/* convert.h - from one description of a network to another
 *
 *     engram_convert_options options = ENGRAM_CONVERT_OPTIONS_INIT;
 *     engram_convert_report report;
 *     status = engram_convert_file("cuba.mpk", "cuba.h5", &options, &report, &err);
 *
 * The input's kind is found from its bytes, the output's from `options.to` or the name's
 * ending. Every conversion passes through the same tables, so "from" and "to" combine
 * freely. Conversions between a document (.mpk) and an archive (.h5) lose nothing: there and
 * back gives the same bytes. Tier: experimental.
 */
#ifndef ENGRAM_CONVERT_H
#define ENGRAM_CONVERT_H

#include "engram/alloc.h"
#include "engram/status.h"

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* One kind of file. All texts are static. */
typedef struct engram_converter {
    const char *name;        /* "msgpack", "hdf5" */
    const char *description; /* one line */
    const char *extensions;  /* "mpk msgpack": separated by blanks, without dots */
    int reads;               /* 1: can be converted from */
    int writes;              /* 1: can be converted to */
} engram_converter;

/* The converters, in the order in which input is tried. engram_converter_at gives NULL from
 * the count on; engram_converter_find NULL for an unknown name. */
ENGRAM_API size_t engram_converter_count(void);
ENGRAM_API const engram_converter *engram_converter_at(size_t index);
ENGRAM_API const engram_converter *engram_converter_find(const char *name);
/* By the ending of a file name, without regard to case. NULL if none claims it. */
ENGRAM_API const engram_converter *engram_converter_by_path(const char *path);
/* By the first bytes of a file. E_IO; E_FORMAT if none claims it: the message says what the
 * file looks like. *out is NULL on failure. */
ENGRAM_API engram_status engram_converter_by_content(const engram_converter **out,
                                                     const char *path,
                                                     engram_error *err) ENGRAM_MUST_USE;

enum {
    ENGRAM_CONVERT_FORCE = 1,   /* read an archive although its digest does not match */
    ENGRAM_CONVERT_COMPRESS = 2 /* write arrays compressed where the kind can */
};

/* Start from ENGRAM_CONVERT_OPTIONS_INIT; `size` tells which fields the caller knows. */
typedef struct engram_convert_options {
    size_t size;
    unsigned flags;            /* ENGRAM_CONVERT_* */
    const char *from;          /* name of a converter; NULL: by content */
    const char *to;            /* name of a converter; NULL: by the ending of the output */
    const engram_alloc *alloc; /* NULL: the C library's heap */
} engram_convert_options;

#define ENGRAM_CONVERT_OPTIONS_INIT                                                            \
    {                                                                                          \
        sizeof(engram_convert_options), 0, NULL, NULL, NULL                                    \
    }

/* What was lost: things of the input that the output does not hold. Filled also when nothing
 * was (`count` 0). Texts are inside, nothing is to be freed. */
enum { ENGRAM_CONVERT_LOSSES = 32 };
typedef struct engram_convert_report {
    const char *from; /* names of the converters used; static, NULL before known */
    const char *to;
    size_t count; /* of losses; may be larger than what is kept here */
    char losses[ENGRAM_CONVERT_LOSSES][256]; /* one line each: path and reason */
} engram_convert_report;

/* Convert file `in` to file `out`, which is written beside and renamed: on failure whatever
 * stood there is untouched. `out` may name the input file. `options` and `report` may be
 * NULL. Errors: those of engram_network_open for `in`; E_ARGUMENT (no kind claims the output's
 * ending, unknown converter name, kind that cannot be written); E_IO for `out`; E_MEMORY. */
ENGRAM_API engram_status engram_convert_file(const char *in, const char *out,
                                             const engram_convert_options *options,
                                             engram_convert_report *report,
                                             engram_error *err) ENGRAM_MUST_USE;

#ifdef __cplusplus
}
#endif
#endif
