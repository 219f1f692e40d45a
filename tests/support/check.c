#include "support/check.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void check_ok(engram_status status, const engram_error *err, const char *file, int line)
{
    if (status == ENGRAM_OK)
        return;
    print_error("%s: %s\n", engram_status_name(status),
                err ? err->message : "(no error object)");
    _fail(file, line);
}

void check_contains(const char *text, const char *part, const char *file, int line)
{
    if (strstr(text, part))
        return;
    print_error("\"%s\" does not contain \"%s\"\n", text, part);
    _fail(file, line);
}

static void *check_resize(void *context, void *block, size_t old_size, size_t new_size)
{
    struct check_alloc *check = context;
    if (new_size && check->calls++ >= check->fail_at)
        return NULL;
    void *fresh = NULL;
    if (new_size) {
        fresh = realloc(block, new_size);
        if (!fresh)
            return NULL;
    } else {
        free(block);
    }
    check->live += (new_size != 0) - (block != NULL);
    check->live_bytes += new_size;
    check->live_bytes -= block ? old_size : 0;
    if (check->live_bytes > check->most_bytes)
        check->most_bytes = check->live_bytes;
    return fresh;
}

void check_alloc_init(struct check_alloc *check, size_t fail_at)
{
    memset(check, 0, sizeof *check);
    check->alloc.resize = check_resize;
    check->alloc.context = check;
    check->fail_at = fail_at;
}

const char *check_data_path(const char *relative)
{
    static char ring[4][1024];
    static unsigned next;
    char *path = ring[next++ % 4];
    const char *root = getenv("ENGRAM_TEST_DATA");
    snprintf(path, sizeof ring[0], "%s/%s", root ? root : "tests", relative);
    return path;
}

static char temp_dir[64];

static int remove_entry(const char *path, const struct stat *info, int kind, struct FTW *walk)
{
    (void)info;
    (void)kind;
    (void)walk;
    return remove(path);
}

static void remove_temp_dir(void)
{
    nftw(temp_dir, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

const char *check_temp_dir(void)
{
    if (!temp_dir[0]) {
        snprintf(temp_dir, sizeof temp_dir, "/tmp/engram-test-XXXXXX");
        if (!mkdtemp(temp_dir)) {
            perror("mkdtemp");
            abort();
        }
        atexit(remove_temp_dir);
    }
    return temp_dir;
}
