/* equation.h - an equation of a float, made in memory; texts are borrowed */
#ifndef EG_TEST_EQUATION_H
#define EG_TEST_EQUATION_H

#include "network/net.h"

static inline eg_equation eq(const char *name, const char *kind, const char *expr,
                             const char *flags)
{
    return (eg_equation){.name = name,
                         .kind = kind,
                         .type = "float",
                         .expr = expr,
                         .flags = flags,
                         .unit = "",
                         .dtype = ""};
}

#endif
