/* net.h - the network tables in memory
 *
 * One struct per element of schema.def, named eg_<element>; lists are counted arrays. All
 * of it, texts included, lives in the arena of the eg_net that owns it. Optional texts are
 * "" when absent, never NULL; optional arrays and sub-elements are NULL.
 *
 *     eg_net *net;
 *     eg_net_new(&net, alloc, err);
 *     net->document.network->groups.item[0].name
 *
 * Readers (msgpack, hdf5) fill an eg_net through the descriptors below, so they know no
 * element by name; writers likewise.
 */
#ifndef EG_NETWORK_NET_H
#define EG_NETWORK_NET_H

#include "common/arena.h"
#include "common/dim.h"
#include "network/source.h"

typedef struct eg_strs {
    const char **item;
    size_t count;
} eg_strs;

/* Structs eg_clock, eg_constant, ... eg_document. A list field is {item, count}. */
#define EG_REQ
#define EG_OPT
#define EG_ELEMENT(element, doc)                                                               \
    typedef struct eg_##element eg_##element;                                                  \
    typedef struct eg_##element##_list {                                                       \
        eg_##element *item;                                                                    \
        size_t count;                                                                          \
    } eg_##element##_list;                                                                     \
    struct eg_##element {
#define EG_STR(element, name, presence, doc) const char *name;
#define EG_F64(element, name, presence, fallback, doc) double name;
#define EG_I64(element, name, presence, fallback, doc) int64_t name;
#define EG_FLAG(element, name, presence, fallback, doc) bool name;
#define EG_DIM(element, name, presence, doc) eg_dim name;
#define EG_STRS(element, name, presence, doc) eg_strs name;
#define EG_ARRAY(element, name, presence, doc) eg_source *name;
#define EG_ONE(element, name, sub, doc) eg_##sub *name;
#define EG_LIST(element, name, sub, doc) eg_##sub##_list name;
#define EG_SEQ(element, name, sub, doc) eg_##sub##_list name;
#define EG_TABLE(element, name, sub, doc) eg_##sub##_list name;
#define EG_END(element)                                                                        \
    }                                                                                          \
    ;
#include "network/schema.def"
#include "network/schema_undef.h"

/* ---- descriptors: the schema as data ------------------------------------------------ */

typedef enum eg_field_kind {
    EG_FIELD_STR,
    EG_FIELD_F64,
    EG_FIELD_I64,
    EG_FIELD_FLAG,
    EG_FIELD_DIM,
    EG_FIELD_STRS,
    EG_FIELD_ARRAY,
    EG_FIELD_ONE,
    EG_FIELD_LIST,
    EG_FIELD_SEQ,
    EG_FIELD_TABLE
} eg_field_kind;

typedef struct eg_element_type eg_element_type;

typedef struct eg_field {
    const char *name;
    const char *doc;
    eg_field_kind kind;
    bool required;
    size_t offset;                  /* in the element's struct */
    double fallback;                /* default of F64, I64, FLAG */
    const eg_element_type *element; /* ONE, LIST, SEQ, TABLE */
} eg_field;

struct eg_element_type {
    const char *name;
    const char *doc;
    size_t size; /* of the struct */
    size_t field_count;
    const eg_field *fields;
};

/* Generic view of any list field. */
typedef struct eg_any_list {
    void *item;
    size_t count;
} eg_any_list;

extern const eg_element_type eg_type_document;
/* Every element type, in the order of schema.def; *count of them. */
const eg_element_type *const *eg_element_types(size_t *count);
/* Field by name, NULL if there is none. */
const eg_field *eg_element_field(const eg_element_type *type, const char *name);
/* Set every optional field of a zeroed struct to its default ("" for texts). */
void eg_element_defaults(const eg_element_type *type, void *element);
/* Whether an optional field of `element` holds its default (writers leave it out). */
bool eg_field_is_default(const eg_field *field, const void *element);

/* ---- the owner ------------------------------------------------------------------------ */

/* What is known of the bytes that a network was read from. */
typedef enum eg_seal {
    EG_SEAL_NONE,    /* it was made in memory */
    EG_SEAL_MATCHED, /* their digest was right */
    EG_SEAL_ABSENT,  /* a document without a digest */
    EG_SEAL_FORCED   /* their digest was not looked at, or wrong: the caller wanted it so */
} eg_seal;

typedef struct eg_net {
    eg_arena *arena; /* owns everything reachable from `document` */
    eg_document document;
    eg_strs ignored; /* paths of unknown fields in a file of a newer minor version */
    eg_seal seal;
    eg_strs damaged; /* paths of elements that their own digests do not match (seal forced) */
    /* Called by eg_net_free before the arena goes: a mapping, an open HDF5 file. */
    void (*release)(void *content);
    void *content;
    const engram_alloc *alloc;
} eg_net;

enum { EG_FORMAT_MAJOR = 1, EG_FORMAT_MINOR = 0 };
#define EG_FORMAT_NAME "engram-network"

engram_status eg_net_new(eg_net **out, const engram_alloc *alloc, engram_error *err);
void eg_net_free(eg_net *net);

/* Bring every LIST into canonical order (by `name`, by code point); SEQ and TABLE keep
 * theirs. Two elements of one list with one name: E_SCHEMA naming both places. */
engram_status eg_net_canonical(eg_net *net, engram_error *err);

/* Walk every element and field, depth first, in schema order: for inspect, diff, check.
 * `path` is like "/network/groups/P/equations/2/expr" (names where elements have one). */
typedef struct eg_visit {
    engram_status (*field)(void *context, const char *path, const eg_field *field,
                           const void *element, engram_error *err);
    void *context;
} eg_visit;
engram_status eg_net_walk(const eg_net *net, const eg_visit *visit, engram_error *err);

#endif
