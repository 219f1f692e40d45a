/* check_rules.h - what the rules share: where a finding goes, and the scopes of texts */
#ifndef EG_CHECK_CHECK_RULES_H
#define EG_CHECK_CHECK_RULES_H

#include "check/check.h"
#include "check/signature.h"
#include "common/map.h"
#include "lang/sema.h"
#include "lang/units.h"

typedef struct eg_checker {
    const eg_net *net;
    const eg_network *network; /* never NULL: an empty one stands in */
    eg_findings *out;
    eg_arena *kept;  /* of the findings */
    eg_arena *arena; /* of everything else: one for each round of the rules */
    eg_dialect dialect;
    struct eg_arrays *arrays;       /* check_arrays.h */
    struct object_names *names;     /* check_texts.c; of groups, then synapses */
    eg_known_signature *signatures; /* check_functions.c */
    void *block;                    /* check_arrays.h */
    unsigned char **use;            /* [executables][bindings] how the statements use each */
    const char *run;   /* "/network/runs/2" while a later run is judged, else NULL */
    engram_error *err; /* for want of memory */
} eg_checker;

/* Add a finding. Fails only for want of memory. */
engram_status eg_check_add(eg_checker *c, eg_severity severity, engram_status status,
                           const char *rule, const char *path, const char *format, ...)
    ENGRAM_PRINTF(6, 7);
/* Add what another room complained of, with its line and column; memory errors pass
 * through. */
engram_status eg_check_add_error(eg_checker *c, const char *rule, const char *path,
                                 const engram_error *found);
/* "/network/groups/P/<format>" in the round's arena; "" when memory is out. */
const char *eg_check_path(eg_checker *c, const char *format, ...) ENGRAM_PRINTF(2, 3);

void eg_check_names_free(eg_checker *c);
/* What a custom function wants and gives; NULL for another one, an unsound one, or no memory.
 */
const eg_signature *eg_check_signature(eg_checker *c, const eg_function *f);

/* The rules. Each looks at the whole network and adds its findings. */
engram_status eg_rule_kinds(eg_checker *c);       /* F10 */
engram_status eg_rule_numbers(eg_checker *c);     /* F11 */
engram_status eg_rule_shapes(eg_checker *c);      /* F12 */
engram_status eg_rule_names(eg_checker *c);       /* F13 */
engram_status eg_rule_references(eg_checker *c);  /* F14 */
engram_status eg_rule_slots(eg_checker *c);       /* F15 */
engram_status eg_rule_equations(eg_checker *c);   /* F16 */
engram_status eg_rule_code(eg_checker *c);        /* F17 */
engram_status eg_rule_statements(eg_checker *c);  /* F18 */
engram_status eg_rule_array_names(eg_checker *c); /* F19 */
engram_status eg_rule_indices(eg_checker *c);     /* F20 */
engram_status eg_rule_bindings(eg_checker *c);    /* F21 */
engram_status eg_rule_writes(eg_checker *c);      /* F22 */
engram_status eg_rule_digests(eg_checker *c);     /* F23 */
engram_status eg_rule_expected(eg_checker *c);    /* F24 */
engram_status eg_rule_functions(eg_checker *c);   /* F26 */

#endif
