#include "say.h"

#include "cli.h"

#include <ctype.h>
#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

void cli_put(const char *format, ...)
{
    char text[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    cli_text(stdout, text);
}

void cli_put_code(const char *code)
{
    bool blank = false, newline = false;
    char last = '\0';
    for (; *code; code++) {
        if (isspace((unsigned char)*code)) {
            blank = true;
            newline = newline || *code == '\n';
            continue;
        }
        if (last && newline && last != ';')
            putchar(';');
        if (last && blank)
            putchar(' ');
        putchar((unsigned char)*code < 0x20 || *code == 0x7f ? '?' : *code);
        last = *code;
        blank = newline = false;
    }
}

static const char *symbol_of(const char *dim)
{
    static const char *const symbols[][2] = {
        {"volt", "V"},   {"siemens", "S"}, {"ohm", "ohm"},  {"farad", "F"},   {"coulomb", "C"},
        {"hertz", "Hz"}, {"joule", "J"},   {"watt", "W"},   {"newton", "N"},  {"pascal", "Pa"},
        {"weber", "Wb"}, {"tesla", "T"},   {"henry", "H"},  {"metre", "m"},   {"second", "s"},
        {"ampere", "A"}, {"kelvin", "K"},  {"mole", "mol"}, {"candela", "cd"}};
    for (size_t k = 0; k < sizeof symbols / sizeof *symbols; k++)
        if (strcmp(symbols[k][0], dim) == 0)
            return symbols[k][1];
    return NULL;
}

void cli_put_number(double value, const char *dim)
{
    static const char prefix[] = "fpnum kMG";
    const char *symbol = symbol_of(dim);
    value = value == 0 ? 0 : value; /* without the sign that zero may have */
    if (!symbol) {
        cli_put("%.6g%s%s", value, *dim && strcmp(dim, "1") != 0 ? " " : "",
                strcmp(dim, "1") != 0 ? dim : "");
        return;
    }
    int power = 0;
    if (value != 0 && isfinite(value))
        power = (int)floor(log10(fabs(value) * (1 + 1e-9)) / 3);
    power = power < -5 ? -5 : power > 3 ? 3 : power;
    const char letter = prefix[power + 5];
    cli_put("%.6g %s%s", value * pow(10, -3 * power),
            letter == ' ' ? "" : (const char[]){letter, '\0'}, symbol);
}
