#include "engram/status.h"

#include <stddef.h>

static const struct {
    const char *name, *text;
    int exit_code;
} table[] = {
#define EG_STATUS(number, name, exit_code, text) [number] = {"ENGRAM_" #name, text, exit_code},
#include "common/status.def"
#undef EG_STATUS
};

enum { KNOWN = sizeof table / sizeof *table };

static int known(engram_status status)
{
    return (int)status >= 0 && (int)status < KNOWN && table[status].name;
}

const char *engram_status_name(engram_status status)
{
    return known(status) ? table[status].name : "unknown status";
}

const char *engram_status_text(engram_status status)
{
    return known(status) ? table[status].text : "unknown status";
}

int engram_status_exit_code(engram_status status)
{
    return known(status) ? table[status].exit_code : 7;
}
