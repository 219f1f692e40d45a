/* network.h - look at a network description: open, walk, check
 *
 * For tools that show, compare or judge networks (`engram inspect`, `engram check`) without
 * running them. A network is opened from a MessagePack document or an HDF5 archive; which one
 * is found out from the bytes. Rules: docs/format.md.
 *
 *     engram_network *network;
 *     engram_network_options options = ENGRAM_NETWORK_OPTIONS_INIT;
 *     if (engram_network_open(&network, "cuba.h5", &options, &err) == ENGRAM_OK) {
 *         engram_network_visit(network, &visitor, &err);
 *         engram_network_close(network);
 *     }
 *
 * A network is immutable once open. It may be used by one thread at a time. Everything that
 * a call lends is valid until engram_network_close, but for what a visitor is given, which
 * says so itself. Tier: experimental.
 */
#ifndef ENGRAM_NETWORK_H
#define ENGRAM_NETWORK_H

#include "engram/alloc.h"
#include "engram/status.h"

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct engram_network engram_network;

/* ---- open and close ------------------------------------------------------------------- */

enum {
    ENGRAM_NETWORK_FORCE = 1 /* open an archive although its digest does not match */
};

/* Start from ENGRAM_NETWORK_OPTIONS_INIT; `size` tells which fields the caller knows. */
typedef struct engram_network_options {
    size_t size;
    unsigned flags;            /* ENGRAM_NETWORK_* */
    const engram_alloc *alloc; /* NULL: the C library's heap. Must outlive the network */
} engram_network_options;

#define ENGRAM_NETWORK_OPTIONS_INIT                                                            \
    {                                                                                          \
        sizeof(engram_network_options), 0, NULL                                                \
    }

/* Open the file at `path`. `options` may be NULL. The file stays mapped (or open) until the
 * network is closed and must not be changed meanwhile; renaming another over it is fine.
 * Errors: E_IO (missing, a folder, no permission), E_FORMAT (empty, another kind of file:
 * the message says what it looks like; truncated; damaged), E_VERSION, E_LIMIT, E_SCHEMA,
 * E_DIGEST, E_PROVIDER (an archive, but the HDF5 part is not installed), E_MEMORY. *out is
 * NULL on failure. Only the structure is judged here; engram_network_check judges the rest. */
ENGRAM_API engram_status engram_network_open(engram_network **out, const char *path,
                                             const engram_network_options *options,
                                             engram_error *err) ENGRAM_MUST_USE;

/* Close and free. NULL is allowed. */
ENGRAM_API void engram_network_close(engram_network *network);

/* Format version that the file states. */
ENGRAM_API int64_t engram_network_major(const engram_network *network);
ENGRAM_API int64_t engram_network_minor(const engram_network *network);

/* Fields that were met and not known (only in files of a newer minor version). Paths are
 * like "/network/groups/3/colour". engram_network_ignored gives NULL from the count on. */
ENGRAM_API size_t engram_network_ignored_count(const engram_network *network);
ENGRAM_API const char *engram_network_ignored(const engram_network *network, size_t index);

/* ---- walk ------------------------------------------------------------------------------ */

typedef enum engram_value_kind {
    ENGRAM_VALUE_TEXT,      /* text */
    ENGRAM_VALUE_NUMBER,    /* number, SI base units */
    ENGRAM_VALUE_INTEGER,   /* integer */
    ENGRAM_VALUE_FLAG,      /* integer: 0 or 1 */
    ENGRAM_VALUE_DIMENSION, /* exponents, and text: "volt", "1", "metre second**-1" */
    ENGRAM_VALUE_TEXTS,     /* texts, text_count */
    ENGRAM_VALUE_ARRAY      /* array: its contents are read with engram_array_read */
} engram_value_kind;

typedef struct engram_array engram_array;

/* One field. All pointers but `array` are lent for the duration of the call. */
typedef struct engram_value {
    engram_value_kind kind;
    int is_default; /* 1: holds the value it would have if it were left out (and is, in files)
                     */
    const char *text;
    double number;
    int64_t integer;
    const double *exponents; /* [7] metre kilogram second ampere kelvin mole candela */
    const char *const *texts;
    size_t text_count;
    const engram_array *array; /* lent until the network is closed; NULL: absent */
} engram_value;

/* How an element stands in the one around it. */
typedef enum engram_element_place {
    ENGRAM_PLACE_ONE,      /* the only one of its field (also the document itself) */
    ENGRAM_PLACE_NAMED,    /* one of a list whose order has no meaning: sorted by name */
    ENGRAM_PLACE_SEQUENCE, /* one of a list whose order has a meaning (setup, runs) */
    ENGRAM_PLACE_ROW       /* one of a table of flat records (equations, variables) */
} engram_element_place;

typedef struct engram_element {
    const char *type;  /* "group"; static */
    const char *field; /* field of the parent that holds it: "groups"; "" for the document */
    const char *name;  /* its name, "" if it has none */
    const char *path;  /* "/network/groups/P" */
    engram_element_place place;
    size_t index; /* in its list; 0 for ONE */
    size_t count; /* of that list; 1 for ONE */
} engram_element;

/* Any function may be NULL. A non-zero status stops the walk and is returned; the function
 * then fills *err. Depth first, fields and sub-elements in the order of the schema:
 *   begin(document) field field ... begin(network) field ... end(network) ... end(document)
 * Fields are reported whether they hold their default or not; absent sub-elements and empty
 * lists are not. */
typedef struct engram_visitor {
    void *context;
    engram_status (*begin)(void *context, const engram_element *element, engram_error *err);
    engram_status (*field)(void *context, const char *name, const char *path,
                           const engram_value *value, engram_error *err);
    engram_status (*end)(void *context, const engram_element *element, engram_error *err);
} engram_visitor;

/* Errors: what the visitor returns; E_MEMORY. */
ENGRAM_API engram_status engram_network_visit(const engram_network *network,
                                              const engram_visitor *visitor,
                                              engram_error *err) ENGRAM_MUST_USE;

/* ---- arrays ---------------------------------------------------------------------------- */

/* "bool" "int32" "int64" "float32" "float64" "uint8" "uint32" "uint64"; static. */
ENGRAM_API const char *engram_array_dtype(const engram_array *array);
/* Number of dimensions: 0 (one value), 1 or 2; extent of dimension `k` (0 from ndim on); number
 * of elements; bytes in one. */
ENGRAM_API uint32_t engram_array_ndim(const engram_array *array);
ENGRAM_API uint64_t engram_array_extent(const engram_array *array, uint32_t k);
ENGRAM_API uint64_t engram_array_count(const engram_array *array);
ENGRAM_API size_t engram_array_item_size(const engram_array *array);
/* Copy elements [first, first + count), C order, as stored, into `out`. E_LIMIT if the range
 * is not inside; E_IO from the medium. */
ENGRAM_API engram_status engram_array_read(const engram_array *array, void *out, uint64_t first,
                                           uint64_t count, engram_error *err) ENGRAM_MUST_USE;
/* The same converted to double. E_LIMIT names the first value that a double cannot hold. */
ENGRAM_API engram_status engram_array_read_doubles(const engram_array *array, double *out,
                                                   uint64_t first, uint64_t count,
                                                   engram_error *err) ENGRAM_MUST_USE;

/* xxh3-128 of the elements, little endian, C order, as 32 hexadecimal digits and a NUL
 * (docs/format.md, A12). All of them are read. E_IO, E_MEMORY. */
ENGRAM_API engram_status engram_array_digest(const engram_array *array, char digest[33],
                                             engram_error *err) ENGRAM_MUST_USE;

/* ---- check ----------------------------------------------------------------------------- */

typedef enum engram_severity {
    ENGRAM_SEVERITY_ERROR,   /* against a rule: such a network does not run */
    ENGRAM_SEVERITY_WARNING, /* allowed, but likely not meant, or lost on the way here */
    ENGRAM_SEVERITY_ADVICE   /* could be said better */
} engram_severity;

/* Lent for the duration of the call. */
typedef struct engram_finding {
    engram_severity severity;
    engram_status status; /* the code that a run would fail with; ENGRAM_OK below error */
    const char *rule;     /* "F12": its number in docs/format.md; static */
    const char *path;     /* "/network/synapses/Ce/target" */
    const char *message;  /* one line */
    uint32_t line;        /* from 1, for findings in equations and code; else 0 */
    uint32_t column;      /* from 1, in bytes */
    const char *source;   /* the offending line of text; "" where line is 0 */
} engram_finding;

/* Called for each finding, errors first, each severity in order of rule and path. */
typedef engram_status (*engram_finding_visitor)(void *context, const engram_finding *finding,
                                                engram_error *err);

/* Judge the network by every rule of docs/format.md. *errors (may be NULL) is the number of
 * findings that are errors: with 0 the network is sound. Findings do not make this call
 * fail; what `visit` returns does, and E_MEMORY, E_IO. */
ENGRAM_API engram_status engram_network_check(const engram_network *network,
                                              engram_finding_visitor visit, void *context,
                                              size_t *errors,
                                              engram_error *err) ENGRAM_MUST_USE;

/* ---- compare ---------------------------------------------------------------------------- */

typedef enum engram_change {
    ENGRAM_CHANGE_REMOVED, /* in a alone */
    ENGRAM_CHANGE_ADDED,   /* in b alone */
    ENGRAM_CHANGE_CHANGED
} engram_change;

/* Lent for the duration of the call. */
typedef struct engram_difference {
    engram_change change;
    const char
        *path; /* "/network/groups/P/equations/v/expr"; with names, where there are any */
    const char *type;   /* of the element that changed, came or went: "equation"; static */
    const char *object; /* that it belongs to: the innermost element with a unique name, "" */
    const char *a, *b;  /* the value in each, as text; "" where it is not */
    int64_t index;      /* arrays: the first element that differs (then a and b are its values),
                         * counted in C order; else -1 */
    uint64_t count;     /* arrays: how many elements differ; else 0 */
} engram_difference;

/* A non-zero status ends the comparison and is returned. */
typedef engram_status (*engram_difference_visitor)(void *context,
                                                   const engram_difference *difference,
                                                   engram_error *err);

/* What is different in b, in the order of the schema. Lists and tables with names are compared
 * name by name, whatever their order; sequences (setup, runs, statements) in order. Numbers are
 * equal if their bits are. Arrays are compared by digest where both archives state one, else
 * read. *count (may be NULL): of differences, also with `visit` NULL. Errors: E_IO, E_MEMORY,
 * what the visitor returns. */
ENGRAM_API engram_status engram_network_diff(const engram_network *a, const engram_network *b,
                                             engram_difference_visitor visit, void *context,
                                             size_t *count, engram_error *err) ENGRAM_MUST_USE;

/* ---- what it is expected to do ----------------------------------------------------------- */

/* The spikes of one run in one number mode; element `expectation` of docs/format.md. */
typedef struct engram_expectation {
    size_t size;
    uint64_t run;
    const char *math;   /* "strict" or "fast" */
    const char *libm;   /* strict: C library and FMA variant; "": whichever */
    const char *digest; /* 32 hexadecimal digits */
    uint64_t spikes;
    const char *engine; /* what ran it; "" */
} engram_expectation;

#define ENGRAM_EXPECTATION_INIT                                                                \
    {                                                                                          \
        sizeof(engram_expectation), 0, NULL, NULL, NULL, 0, NULL                               \
    }

/* Number `index` of what the file states; lent until the network is closed. E_ARGUMENT: there
 * are fewer. */
ENGRAM_API size_t engram_network_expected_count(const engram_network *network);
ENGRAM_API engram_status engram_network_expected(const engram_network *network, size_t index,
                                                 engram_expectation *out,
                                                 engram_error *err) ENGRAM_MUST_USE;

/* Write the network in file `path` to `out` (which may be the same), in its form, with these
 * expectations in the place of those of the same run, math and libm. Written beside and
 * renamed. Errors: those of engram_network_open; E_ARGUMENT; E_IO for `out`. */
ENGRAM_API engram_status engram_network_expect(const char *path, const char *out,
                                               const engram_expectation *expected, size_t count,
                                               engram_error *err) ENGRAM_MUST_USE;

#ifdef __cplusplus
}
#endif
#endif
