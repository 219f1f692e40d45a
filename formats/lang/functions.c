#include "lang/sema.h"

#include <string.h>

bool eg_dialect_parse(eg_dialect *out, const char *name)
{
    if (!strcmp(name, "brian2-runtime"))
        *out = EG_DIALECT_RUNTIME;
    else if (!strcmp(name, "brian2-standalone"))
        *out = EG_DIALECT_STANDALONE;
    else
        return false;
    return true;
}

const eg_function_info *eg_function_find(const char *name)
{
    static const eg_function_info functions[] = {
        {"sin", 1, EG_RESULT_FLOAT, EG_DIMS_NONE, false},
        {"cos", 1, EG_RESULT_FLOAT, EG_DIMS_NONE, false},
        {"tan", 1, EG_RESULT_FLOAT, EG_DIMS_NONE, false},
        {"sinh", 1, EG_RESULT_FLOAT, EG_DIMS_NONE, false},
        {"cosh", 1, EG_RESULT_FLOAT, EG_DIMS_NONE, false},
        {"tanh", 1, EG_RESULT_FLOAT, EG_DIMS_NONE, false},
        {"arcsin", 1, EG_RESULT_FLOAT, EG_DIMS_NONE, false},
        {"arccos", 1, EG_RESULT_FLOAT, EG_DIMS_NONE, false},
        {"arctan", 1, EG_RESULT_FLOAT, EG_DIMS_NONE, false},
        {"exp", 1, EG_RESULT_FLOAT, EG_DIMS_NONE, false},
        {"log", 1, EG_RESULT_FLOAT, EG_DIMS_NONE, false},
        {"log10", 1, EG_RESULT_FLOAT, EG_DIMS_NONE, false},
        {"expm1", 1, EG_RESULT_FLOAT, EG_DIMS_NONE, false},
        {"log1p", 1, EG_RESULT_FLOAT, EG_DIMS_NONE, false},
        {"exprel", 1, EG_RESULT_F64, EG_DIMS_NONE, false},
        {"sqrt", 1, EG_RESULT_FLOAT, EG_DIMS_SQRT, false},
        {"ceil", 1, EG_RESULT_FLOAT, EG_DIMS_KEEP, false},
        {"floor", 1, EG_RESULT_FLOAT, EG_DIMS_KEEP, false},
        {"abs", 1, EG_RESULT_HIGHEST, EG_DIMS_KEEP, false},
        {"clip", 3, EG_RESULT_HIGHEST, EG_DIMS_KEEP, false},
        {"sign", 1, EG_RESULT_INT, EG_DIMS_SIGN, false},
        {"int", 1, EG_RESULT_INT, EG_DIMS_NONE, false},
        {"timestep", 2, EG_RESULT_INT64, EG_DIMS_TIMESTEP, false},
        {"rand", 0, EG_RESULT_F64, EG_DIMS_NONE, true},
        {"randn", 0, EG_RESULT_F64, EG_DIMS_NONE, true},
        {"poisson", 1, EG_RESULT_INT, EG_DIMS_NONE, true},
    };
    for (size_t k = 0; k < sizeof functions / sizeof *functions; k++)
        if (!strcmp(name, functions[k].name))
            return &functions[k];
    return NULL;
}

const eg_function_info *eg_function_find_in_body(const char *name)
{
    static const eg_function_info where = {"where", 3, EG_RESULT_WIDEST, EG_DIMS_WHERE, false};
    return strcmp(name, where.name) == 0 ? &where : eg_function_find(name);
}
