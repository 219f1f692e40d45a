/* status.h - how every call of Engram reports failure
 *
 * A function that can fail returns engram_status and takes a caller-owned engram_error as
 * its last argument, which may be NULL. Whoever returns non-zero has filled the error.
 * Nothing is allocated for it. Tier: stable.
 */
#ifndef ENGRAM_STATUS_H
#define ENGRAM_STATUS_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__) || defined(__clang__)
#define ENGRAM_API __attribute__((visibility("default")))
#define ENGRAM_MUST_USE __attribute__((warn_unused_result))
#define ENGRAM_PRINTF(text, first) __attribute__((__format__(__printf__, text, first)))
#else
#define ENGRAM_API
#define ENGRAM_MUST_USE
#define ENGRAM_PRINTF(text, first)
#endif

/* The codes are listed with their meaning in formats/common/status.def; a unit test holds
 * the two together. */
typedef enum engram_status {
    ENGRAM_OK = 0,
    ENGRAM_E_MEMORY = 1,
    ENGRAM_E_IO = 2,
    ENGRAM_E_FORMAT = 3,
    ENGRAM_E_VERSION = 4,
    ENGRAM_E_LIMIT = 5,
    ENGRAM_E_SCHEMA = 6,
    ENGRAM_E_REFERENCE = 7,
    ENGRAM_E_SYNTAX = 8,
    ENGRAM_E_DIMENSION = 9,
    ENGRAM_E_UNSUPPORTED = 10,
    ENGRAM_E_ARGUMENT = 11,
    ENGRAM_E_STATE = 12,
    ENGRAM_E_NUMERIC = 13,
    ENGRAM_E_INTERRUPTED = 14,
    ENGRAM_E_PROVIDER = 15,
    ENGRAM_E_DIGEST = 16
} engram_status;

/* What went wrong. `message` is one line: what was found, what was wanted, where (file,
 * path in the archive or document, byte offset). For equation and statement text `line`
 * and `column` (from 1, in bytes) are set and `source` holds the offending line, so that a
 * caller can print a caret; else both are 0 and `source` is empty. */
typedef struct engram_error {
    engram_status code;
    uint32_t line;
    uint32_t column;
    char message[512];
    char source[256];
} engram_error;

/* Name ("ENGRAM_E_IO"), one-line meaning, and the exit code that the command line gives. The
 * strings are static. Unknown codes give "unknown status" and 7. */
ENGRAM_API const char *engram_status_name(engram_status status);
ENGRAM_API const char *engram_status_text(engram_status status);
ENGRAM_API int engram_status_exit_code(engram_status status);

#ifdef __cplusplus
}
#endif
#endif
