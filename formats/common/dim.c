#include "common/dim.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

const eg_dim eg_dim_none = {{0, 0, 0, 0, 0, 0, 0}};

static const char *const base_name[7] = {"metre",  "kilogram", "second", "ampere",
                                         "kelvin", "mole",     "candela"};

/* The derived units that print as themselves (SI brochure, table 4; Brian2 allunits). */
static const struct {
    const char *name;
    eg_dim dim;
} named[] = {
    {"volt", {{2, 1, -3, -1, 0, 0, 0}}},  {"siemens", {{-2, -1, 3, 2, 0, 0, 0}}},
    {"ohm", {{2, 1, -3, -2, 0, 0, 0}}},   {"farad", {{-2, -1, 4, 2, 0, 0, 0}}},
    {"coulomb", {{0, 0, 1, 1, 0, 0, 0}}}, {"hertz", {{0, 0, -1, 0, 0, 0, 0}}},
    {"joule", {{2, 1, -2, 0, 0, 0, 0}}},  {"watt", {{2, 1, -3, 0, 0, 0, 0}}},
    {"newton", {{1, 1, -2, 0, 0, 0, 0}}}, {"pascal", {{-1, 1, -2, 0, 0, 0, 0}}},
    {"weber", {{2, 1, -2, -1, 0, 0, 0}}}, {"tesla", {{0, 1, -2, -1, 0, 0, 0}}},
    {"henry", {{2, 1, -2, -2, 0, 0, 0}}},
};

bool eg_dim_exponent(double *exponent)
{
    if (*exponent == 0)
        *exponent = 0;
    return *exponent >= -1e6 && *exponent <= 1e6;
}

bool eg_dim_equal(eg_dim a, eg_dim b)
{
    for (int k = 0; k < 7; k++)
        if (!(fabs(a.exponent[k] - b.exponent[k]) < 1e-8))
            return false;
    return true;
}

bool eg_dim_is_none(eg_dim a)
{
    return eg_dim_equal(a, eg_dim_none);
}

eg_dim eg_dim_multiply(eg_dim a, eg_dim b)
{
    for (int k = 0; k < 7; k++)
        a.exponent[k] += b.exponent[k];
    return a;
}

eg_dim eg_dim_divide(eg_dim a, eg_dim b)
{
    for (int k = 0; k < 7; k++)
        a.exponent[k] -= b.exponent[k];
    return a;
}

eg_dim eg_dim_power(eg_dim a, double exponent)
{
    for (int k = 0; k < 7; k++)
        a.exponent[k] *= exponent;
    return a;
}

const char *eg_dim_print(eg_dim a, char *text, size_t size)
{
    if (!size)
        return text;
    if (eg_dim_is_none(a)) {
        snprintf(text, size, "1");
        return text;
    }
    for (size_t k = 0; k < sizeof named / sizeof *named; k++)
        if (eg_dim_equal(a, named[k].dim)) {
            snprintf(text, size, "%s", named[k].name);
            return text;
        }
    size_t used = 0;
    text[0] = '\0';
    for (int k = 0; k < 7 && used < size; k++) {
        const double e = a.exponent[k];
        if (fabs(e) < 1e-8)
            continue;
        char part[48];
        if (fabs(e - 1) < 1e-8)
            snprintf(part, sizeof part, "%s", base_name[k]);
        else if (fabs(e - round(e)) < 1e-8)
            snprintf(part, sizeof part, "%s**%.0f", base_name[k], e);
        else
            snprintf(part, sizeof part, "%s**%g", base_name[k], e);
        const int wrote = snprintf(text + used, size - used, "%s%s", used ? " " : "", part);
        if (wrote < 0)
            break;
        used += (size_t)wrote;
    }
    return text;
}
