/* check.h - cmocka plus what Engram's tests share */
#ifndef EG_TESTS_CHECK_H
#define EG_TESTS_CHECK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engram/alloc.h"

/* Fail with the error's message unless status is ENGRAM_OK. */
#define assert_ok(status, err) check_ok((status), (err), __FILE__, __LINE__)
void check_ok(engram_status status, const engram_error *err, const char *file, int line);

/* Fail unless `text` contains `part`. */
#define assert_string_contains(text, part) check_contains((text), (part), __FILE__, __LINE__)
void check_contains(const char *text, const char *part, const char *file, int line);

/* An allocator that fails the nth call that asks for memory (from 0; SIZE_MAX: never) and all
 * after it, and counts live blocks, checking that sizes given back are those asked for. */
struct check_alloc {
    engram_alloc alloc;
    size_t fail_at, calls;
    long live;
    size_t live_bytes, most_bytes; /* now; at any time */
};
void check_alloc_init(struct check_alloc *check, size_t fail_at);

/* Absolute path of a file under tests/ (ENGRAM_TEST_DATA), in a static ring of buffers. */
const char *check_data_path(const char *relative);
/* A fresh folder for this process, removed at exit. */
const char *check_temp_dir(void);

#endif
