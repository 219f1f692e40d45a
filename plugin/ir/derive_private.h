/* derive_private.h - the parts of derive and how they fit
 *
 *   derive.c         the order of things: variables tables, then every executable
 *   derive_tables.c  slices, and what objects store, where the document does not say
 *   derive_scope.c   what names mean in a group, in synapses
 *   derive_import.c  names of one scope in another, under a prefix
 *   derive_block.c   a block of abstract code -> statements and bindings (semantics 3.5)
 *   derive_update.c  methods.def: equations + method -> abstract code (semantics 4)
 *   algebra.c        linear forms of expressions
 *
 * Abstract code is the meeting point, as in Brian2: integrators print it, resets and
 * pathways are it, and one function makes statements of it.
 */
#ifndef EG_IR_DERIVE_PRIVATE_H
#define EG_IR_DERIVE_PRIVATE_H

#include "common/buf.h"
#include "common/map.h"
#include "ir/adaptive.h"
#include "ir/algebra.h"
#include "ir/derive.h"
#include "lang/sema.h"
#include "network/net_find.h"

typedef enum symbol_kind {
    SYMBOL_ARRAY,
    SYMBOL_CONSTANT,
    SYMBOL_SUBEXPRESSION, /* computed where it is read */
    SYMBOL_FUNCTION,      /* a TimedArray, a custom function */
    SYMBOL_OUTPUT         /* _cond, _to_record_x */
} symbol_kind;

/* What a name means in one scope. Texts and trees live in the net's arena. */
typedef struct symbol {
    const char *name;
    symbol_kind kind;
    eg_dtype dtype;
    eg_dim dim;
    bool scalar;          /* one value for all elements */
    bool fixed;           /* ARRAY: elements' numbers, which no code writes */
    const char *owner;    /* ARRAY: stored by; FUNCTION: name in network/functions */
    const char *variable; /* ARRAY: stored as */
    const char *index;    /* ARRAY: "_idx", "0" or the name of an index array */
    const char *guard;    /* ARRAY: name of the boolean that allows writing, or "" */
    const eg_constant *constant;
    const eg_function *function;
    eg_expr *expr; /* SUBEXPRESSION */
} symbol;

typedef struct scope {
    const eg_net *net;
    eg_arena *arena;   /* of names, trees and code made */
    const char *owner; /* object whose elements the code runs over */
    const char *clock; /* whose t and dt it reads */
    eg_dialect dialect;
    unsigned depth; /* of synapses whose ends are synapses */
    symbol *item;
    size_t count, capacity;
    eg_map *place; /* of each name; NULL: there is none yet */
} scope;

/* Nodes of one expression after substitution: x1 = x0 + x0, x2 = x1 + x1 ... doubles each time.
 */
enum { DERIVE_NODES_MAX = 200000, DERIVE_DEPTH_MAX = 100 };

/* ---- derive_scope.c --------------------------------------------------------------------- */

engram_status scope_of_group(scope *out, const eg_net *net, eg_arena *arena,
                             const eg_group *group, engram_error *err);
engram_status scope_of_synapses(scope *out, const eg_net *net, eg_arena *arena,
                                const eg_synapses *synapses, engram_error *err);
void scope_free(scope *s);
/* NULL if the name means nothing here (a unit, a default constant, or unknown). The pointer
 * holds until the next scope_add. */
symbol *scope_find(const scope *s, const char *name);
/* Enter a symbol; a name that is there already is kept. */
engram_status scope_add(scope *s, const symbol *added, engram_error *err);
/* Leave only the first `count` symbols, which the caller has put there. */
engram_status scope_keep(scope *s, size_t count, engram_error *err);
/* Enter a function without arguments that draws what `input` says (a PoissonInput's). */
engram_status scope_add_draw(scope *s, const char *name, const char *input, engram_error *err);
engram_status scope_add_functions(scope *s, engram_error *err);
engram_status scope_add_constants(scope *s, const eg_constant_list *table, engram_error *err);
bool scope_lookup(void *scope_as_context, const char *name, eg_symbol *out); /* eg_lookup */

/* Find by name; NULL if there is none. */
const eg_group *derive_group(const eg_network *network, const char *name);
const eg_synapses *derive_synapses(const eg_network *network, const char *name);
/* Whether calls with equal arguments may give different results. */
bool derive_is_stateful(const eg_function *function);
/* The symbol of a function of the network's. */
symbol derive_function(const eg_function *function);
const eg_clock *derive_clock(const eg_network *network, const char *name);
/* Name of the clock of an object, `wanted` or, where an export lost it, the default one. */
engram_status derive_clock_name(const char **out, const eg_network *network, const char *wanted,
                                const char *object, engram_error *err);
bool derive_has_flag(const eg_equation *equation, const char *flag);
eg_dtype derive_equation_type(const eg_network *network, const eg_equation *equation);

/* ---- derive_import.c -------------------------------------------------------------------- */

/* Enter `from`'s symbol `name` as `as`, its per-element index replaced by `index`, along with
 * whatever a subexpression needs (as __<as>_<inner name>). `guards`: writing it is guarded by
 * the symbol of that name, "" for none. */
engram_status scope_import(scope *to, const scope *from, const char *name, const char *as,
                           const char *index, const char *guard, engram_error *err);

/* ---- derive_tables.c -------------------------------------------------------------------- */

/* Add the slices that inputs and state monitors take of groups and that are no groups yet. */
engram_status derive_slices(eg_net *net, engram_error *err);
/* The group that is these elements of another, or all of it; NULL if there is none. */
const eg_group *derive_range(const eg_network *network, const char *name, int64_t start,
                             int64_t stop);
/* Fill the tables of variables of groups and synapses that have none; those that are there
 * become what they were before the first synapse, if the network is made `from_rules`. */
engram_status derive_tables(eg_net *net, bool from_rules, engram_error *err);

/* ---- derive_block.c --------------------------------------------------------------------- */

typedef struct block_options {
    bool unguarded;             /* resets: conditional writes do not apply */
    const char *const *outputs; /* names that go to the caller, with `output_types` */
    const eg_dtype *output_types;
    size_t output_count;
    const char *also_bind; /* a name bound even if unused, or NULL */
} block_options;

/* Fill statements, bindings and abstract of `out`. `where` names the text in errors. */
engram_status block_derive(eg_executable *out, scope *s, const char *code,
                           const block_options *options, const char *where, engram_error *err);

/* ---- derive_update.c -------------------------------------------------------------------- */

/* The equations that one updater integrates together. */
typedef struct system {
    scope *scope;
    const char *object;           /* name, for errors */
    const eg_equation **equation; /* differential, by name */
    size_t count;
    const eg_equation_list *table; /* whose subexpressions draw, read or not; or NULL */
    bool refractory;               /* flags `unless refractory` act */
    const eg_strs *noise;          /* xi_* that are drawn first, in this order; or NULL */
    const char *step; /* name that holds the step: "dt", or "__h" of event-driven code */
} system_of;

/* What a method of GSL calls the derivative of variable number k; NULL when memory is out. */
const char *derive_rate_name(eg_arena *arena, const char *variable, size_t k);
/* Abstract code of one step, or for a method of GSL the derivatives; `*used` names the method
 * taken. method "" chooses as Brian2. */
engram_status update_derive(const char **code, const char **used, const system_of *system,
                            const char *method, engram_error *err);

#endif
