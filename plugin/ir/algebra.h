/* algebra.h - the little computer algebra that integrators need, on expression trees
 *
 * Brian2 asks sympy for three things: whether an expression is linear in some names, the
 * factors if so, and sums and products without the trivial terms. Here these work on the
 * tree as written: nothing is reordered, so that results stay within rounding of what the
 * author wrote.
 *
 * In this module NULL is the number zero, not a failure: memory running out is kept in
 * eg_algebra.failed (sticky) and asked for once at the end.
 */
#ifndef EG_IR_ALGEBRA_H
#define EG_IR_ALGEBRA_H

#include "lang/ast.h"

typedef struct eg_algebra {
    eg_arena *arena; /* of every tree made */
    bool failed;     /* memory ran out: the last results are not to be used */
} eg_algebra;

/* a + b and so on without trivial terms (0 + x, 1 * x, 0 * x, x / 1); literals of both sides
 * fold where the result is exact, and integer / integer becomes the double that Brian2
 * prints for it. NULL in and out: zero. */
eg_expr *eg_algebra_add(eg_algebra *algebra, eg_expr *a, eg_expr *b);
eg_expr *eg_algebra_sub(eg_algebra *algebra, eg_expr *a, eg_expr *b);
eg_expr *eg_algebra_mul(eg_algebra *algebra, eg_expr *a, eg_expr *b);
eg_expr *eg_algebra_div(eg_algebra *algebra, eg_expr *a, eg_expr *b);
eg_expr *eg_algebra_neg(eg_algebra *algebra, eg_expr *a);
eg_expr *eg_algebra_name(eg_algebra *algebra, const char *name);
eg_expr *eg_algebra_number(eg_algebra *algebra, double value);
/* f(a); NULL `a` is 0.0 here. */
eg_expr *eg_algebra_call(eg_algebra *algebra, const char *name, eg_expr *a);

/* Apply the rules above to a whole tree (exponents and arguments of calls too). */
eg_expr *eg_algebra_simplify(eg_algebra *algebra, const eg_expr *expr);

/* Whether `name` occurs; `in_calls` false: outside of the arguments of calls only. NULL has
 * no names. */
bool eg_algebra_has(const eg_expr *expr, const char *name, bool in_calls);

/* Split expr = sum of factor[k] * names[k] + rest. False if it is not of this form. With
 * `opaque_calls`, names inside of calls do not count (conditionally linear systems,
 * semantics 4.4); without, a call that has one of the names is not linear. */
bool eg_algebra_linear(eg_algebra *algebra, eg_expr **factor, eg_expr **rest,
                       const eg_expr *expr, const char *const *names, size_t count,
                       bool opaque_calls);

#endif
