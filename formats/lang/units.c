#include "lang/units.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The table is not stored: a name is [prefix] base [2|3], and Brian2's 1500 entries follow
 * from which bases take which prefixes and suffixes. tests/golden holds the two equal. */

typedef enum prefixes { PLAIN, SCALED, LITRE } prefixes;

typedef struct base_unit {
    const char *name;
    int8_t scale; /* power of ten in SI base units */
    int8_t dim[7];
    uint8_t prefixes; /* PLAIN none; LITRE also c d da h, but no 2 and 3 */
} base_unit;

static const base_unit bases[] = {
    {"metre", 0, {1, 0, 0, 0, 0, 0, 0}, SCALED},
    {"meter", 0, {1, 0, 0, 0, 0, 0, 0}, SCALED},
    {"kilogram", 0, {0, 1, 0, 0, 0, 0, 0}, PLAIN},
    {"kilogramme", 0, {0, 1, 0, 0, 0, 0, 0}, PLAIN},
    {"gram", -3, {0, 1, 0, 0, 0, 0, 0}, SCALED},
    {"gramme", -3, {0, 1, 0, 0, 0, 0, 0}, SCALED},
    {"second", 0, {0, 0, 1, 0, 0, 0, 0}, SCALED},
    {"amp", 0, {0, 0, 0, 1, 0, 0, 0}, SCALED},
    {"ampere", 0, {0, 0, 0, 1, 0, 0, 0}, SCALED},
    {"kelvin", 0, {0, 0, 0, 0, 1, 0, 0}, PLAIN},
    {"mole", 0, {0, 0, 0, 0, 0, 1, 0}, SCALED},
    {"mol", 0, {0, 0, 0, 0, 0, 1, 0}, SCALED},
    {"molar", 3, {-3, 0, 0, 0, 0, 1, 0}, SCALED},
    {"candle", 0, {0, 0, 0, 0, 0, 0, 1}, SCALED},
    {"radian", 0, {0, 0, 0, 0, 0, 0, 0}, SCALED},
    {"steradian", 0, {0, 0, 0, 0, 0, 0, 0}, SCALED},
    {"hertz", 0, {0, 0, -1, 0, 0, 0, 0}, SCALED},
    {"newton", 0, {1, 1, -2, 0, 0, 0, 0}, SCALED},
    {"pascal", 0, {-1, 1, -2, 0, 0, 0, 0}, SCALED},
    {"joule", 0, {2, 1, -2, 0, 0, 0, 0}, SCALED},
    {"watt", 0, {2, 1, -3, 0, 0, 0, 0}, SCALED},
    {"coulomb", 0, {0, 0, 1, 1, 0, 0, 0}, SCALED},
    {"volt", 0, {2, 1, -3, -1, 0, 0, 0}, SCALED},
    {"farad", 0, {-2, -1, 4, 2, 0, 0, 0}, SCALED},
    {"ohm", 0, {2, 1, -3, -2, 0, 0, 0}, SCALED},
    {"siemens", 0, {-2, -1, 3, 2, 0, 0, 0}, SCALED},
    {"weber", 0, {2, 1, -2, -1, 0, 0, 0}, SCALED},
    {"tesla", 0, {0, 1, -2, -1, 0, 0, 0}, SCALED},
    {"henry", 0, {2, 1, -2, -2, 0, 0, 0}, SCALED},
    {"lumen", 0, {0, 0, 0, 0, 0, 0, 1}, SCALED},
    {"lux", 0, {-2, 0, 0, 0, 0, 0, 1}, SCALED},
    {"becquerel", 0, {0, 0, -1, 0, 0, 0, 0}, SCALED},
    {"gray", 0, {2, 0, -2, 0, 0, 0, 0}, SCALED},
    {"sievert", 0, {2, 0, -2, 0, 0, 0, 0}, SCALED},
    {"katal", 0, {0, 0, -1, 0, 0, 1, 0}, SCALED},
    {"liter", -3, {3, 0, 0, 0, 0, 0, 0}, LITRE},
    {"litre", -3, {3, 0, 0, 0, 0, 0, 0}, LITRE},
};

static const struct prefix {
    const char *text;
    int scale;
    bool litre_only;
} prefix[] = {
    {"y", -24, false}, {"z", -21, false}, {"a", -18, false}, {"f", -15, false},
    {"p", -12, false}, {"n", -9, false},  {"u", -6, false},  {"m", -3, false},
    {"k", 3, false},   {"M", 6, false},   {"G", 9, false},   {"T", 12, false},
    {"P", 15, false},  {"E", 18, false},  {"Z", 21, false},  {"Y", 24, false},
    {"c", -2, true},   {"da", 1, true},   {"d", -1, true},   {"h", 2, true},
};

/* stdunits.py, as far as DEFAULT_UNITS takes it over. */
static const struct {
    const char *name, *means;
} short_names[] = {
    {"mV", "mvolt"},    {"mA", "mamp"},     {"uA", "uamp"},    {"nA", "namp"},
    {"pA", "pamp"},     {"pF", "pfarad"},   {"uF", "ufarad"},  {"nF", "nfarad"},
    {"nS", "nsiemens"}, {"uS", "usiemens"}, {"ms", "msecond"}, {"us", "usecond"},
    {"Hz", "hertz"},    {"kHz", "khertz"},  {"MHz", "Mhertz"}, {"mm", "mmetre"},
    {"mm2", "mmetre2"}, {"mm3", "mmetre3"}, {"um", "umetre"},  {"um2", "umetre2"},
    {"um3", "umetre3"}, {"mM", "mmolar"},   {"uM", "umolar"},  {"nM", "nmolar"},
};

/* 10.0**k as Python computes it; decimal literals agree for every scale of the table, and
 * strtod of digits does not depend on the locale or on the last bit of libm's pow. */
static double power_of_ten(int k)
{
    char text[16];
    snprintf(text, sizeof text, "1e%d", k);
    return strtod(text, NULL);
}

static bool same(const char *text, size_t length, const char *word)
{
    return strlen(word) == length && !memcmp(text, word, length);
}

static void fill(double *scale, eg_dim *dim, int ten, const int8_t exponent[7], int power)
{
    if (scale)
        *scale = power_of_ten(ten * power);
    if (dim)
        for (int k = 0; k < 7; k++)
            dim->exponent[k] = exponent[k] * power;
}

/* `text` is a base or prefix base, without suffix. */
static bool find_single(const char *text, size_t length, int power, double *scale, eg_dim *dim)
{
    for (size_t k = 0; k < sizeof bases / sizeof *bases; k++) {
        const base_unit *unit = &bases[k];
        if (power > 1 && unit->prefixes == LITRE)
            continue;
        if (same(text, length, unit->name)) {
            fill(scale, dim, unit->scale, unit->dim, power);
            return true;
        }
        for (size_t j = 0; unit->prefixes != PLAIN && j < sizeof prefix / sizeof *prefix; j++) {
            const size_t skip = strlen(prefix[j].text);
            if ((prefix[j].litre_only && unit->prefixes != LITRE) || length <= skip ||
                memcmp(text, prefix[j].text, skip) != 0 ||
                !same(text + skip, length - skip, unit->name))
                continue;
            fill(scale, dim, unit->scale + prefix[j].scale, unit->dim, power);
            return true;
        }
    }
    return false;
}

bool eg_unit_find(const char *name, double *scale, eg_dim *dim)
{
    /* The only centimetres of the table; cmetre itself is not in it. */
    static const char *const centimetres[] = {"cm", "cm2", "cm3"};
    static const int8_t length_dim[7] = {1, 0, 0, 0, 0, 0, 0};
    for (int k = 0; k < 3; k++)
        if (!strcmp(name, centimetres[k])) {
            fill(scale, dim, -2, length_dim, k + 1);
            return true;
        }
    for (size_t k = 0; k < sizeof short_names / sizeof *short_names; k++)
        if (!strcmp(name, short_names[k].name)) {
            name = short_names[k].means;
            break;
        }
    const size_t length = strlen(name);
    const char last = length ? name[length - 1] : '\0';
    if (last == '2' || last == '3')
        return find_single(name, length - 1, last - '0', scale, dim);
    return find_single(name, length, 1, scale, dim);
}

bool eg_constant_find(const char *name, double *value)
{
    static const struct {
        const char *name;
        double value;
    } constants[] = {
        {"pi", 3.14159265358979323846}, {"e", 2.71828182845904523536}, {"inf", HUGE_VAL}};
    for (size_t k = 0; k < sizeof constants / sizeof *constants; k++)
        if (!strcmp(name, constants[k].name)) {
            if (value)
                *value = constants[k].value;
            return true;
        }
    return false;
}
