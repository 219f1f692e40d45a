#include "target.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static engram_status refuse(engram_error *err, engram_status code, const char *out,
                            const char *reason)
{
    memset(err, 0, sizeof *err);
    err->code = code;
    snprintf(err->message, sizeof err->message, "cannot write %.400s: %s", out, reason);
    return code;
}

bool cli_same_file(const char *a, const char *b)
{
    struct stat one, other;
    return stat(a, &one) == 0 && stat(b, &other) == 0 && one.st_dev == other.st_dev &&
           one.st_ino == other.st_ino;
}

/* Whether the folder that `out` lies in takes new files. */
static engram_status judge_folder(const char *out, engram_error *err)
{
    char folder[4096] = ".";
    const char *slash = strrchr(out, '/');
    if (slash && !slash[1])
        return refuse(err, ENGRAM_E_IO, out, "it is a folder, wanted the name of a file");
    if (slash && (size_t)(slash - out) + 1 < sizeof folder) {
        memcpy(folder, out, (size_t)(slash - out) + 1);
        folder[slash - out + 1] = '\0';
    }
    return access(folder, W_OK | X_OK) ? refuse(err, ENGRAM_E_IO, out, strerror(errno))
                                       : ENGRAM_OK;
}

engram_status cli_target(const char *out, const char *in, engram_error *err)
{
    char partial[4096 + sizeof ".partial"];
    struct stat there;
    if (stat(out, &there) == 0 && S_ISDIR(there.st_mode))
        return refuse(err, ENGRAM_E_IO, out, "it is a folder");
    if (stat(out, &there) == 0 && !S_ISREG(there.st_mode))
        return refuse(err, ENGRAM_E_IO, out, "it is not a regular file");
    snprintf(partial, sizeof partial, "%s.partial", out);
    if (in && (cli_same_file(in, out) || cli_same_file(in, partial)))
        return refuse(err, ENGRAM_E_ARGUMENT, out, "that would replace the file that is read");
    return judge_folder(out, err);
}
