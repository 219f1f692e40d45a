/* resolve.h - names to symbols, shared by the passes of sema
 *
 * Order: the caller's names, constants, units, default functions (semantics 3.7).
 */
#ifndef EG_LANG_RESOLVE_H
#define EG_LANG_RESOLVE_H

#include "lang/lex.h"
#include "lang/sema.h"

/* A NAME node as a value. E_REFERENCE unknown, E_SYNTAX if it is a function. */
engram_status eg_resolve_name(eg_symbol *out, const eg_expr *node, const eg_scope *scope,
                              const char *text, engram_error *err);
/* A CALL node: *info is a default function, or NULL and *symbol the caller's. Checks the
 * number of arguments. E_REFERENCE unknown, E_SYNTAX. */
engram_status eg_resolve_call(const eg_function_info **info, eg_symbol *symbol,
                              const eg_expr *node, const eg_scope *scope, const char *text,
                              engram_error *err);

#endif
