/* dim.h - physical dimensions as exponents of the seven SI base units
 *
 * Order: metre, kilogram, second, ampere, kelvin, mole, candela (as Brian2 prints them).
 * Exponents are doubles since noise has second**-0.5.
 */
#ifndef EG_COMMON_DIM_H
#define EG_COMMON_DIM_H

#include <stdbool.h>
#include <stddef.h>

typedef struct eg_dim {
    double exponent[7];
} eg_dim;

/* All seven zero: dimensionless. */
extern const eg_dim eg_dim_none;

/* Equal up to 1e-8 in each exponent (Brian2's rule for powers). */
bool eg_dim_equal(eg_dim a, eg_dim b);
bool eg_dim_is_none(eg_dim a);
eg_dim eg_dim_multiply(eg_dim a, eg_dim b);
eg_dim eg_dim_divide(eg_dim a, eg_dim b);
eg_dim eg_dim_power(eg_dim a, double exponent);
/* Can this number, from a file, be an exponent? -0 becomes 0: they are one dimension. */
bool eg_dim_exponent(double *exponent);
/* "metre**2 kilogram second**-3 ampere**-1", "1" for none, or a named unit where one fits
 * exactly ("volt"). Always terminated; cut at `size`. Returns `text`. */
const char *eg_dim_print(eg_dim a, char *text, size_t size);

#endif
