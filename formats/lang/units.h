/* units.h - the unit names that equations may use (semantics 3.8)
 *
 * Source: brian2/units/stdunits.py, allunits.py; the table of default unit names, which is
 * not all importable units (`mS` and c, d, da, h prefixes are missing from it).
 */
#ifndef EG_LANG_UNITS_H
#define EG_LANG_UNITS_H

#include "common/dim.h"

/* A unit of the default table: scale in SI base units (10.0**k) and dimension. False if
 * `name` is none. */
bool eg_unit_find(const char *name, double *scale, eg_dim *dim);
/* DEFAULT_CONSTANTS: pi, e, inf. */
bool eg_constant_find(const char *name, double *value);

#endif
