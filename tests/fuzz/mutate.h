/* mutate.h - damaged documents, the same for the same seed
 *
 * A document is cut at the bytes where its MessagePack values begin, so that a mutation may
 * damage bytes blindly or put one well-formed value in the place of another: the first kind
 * tries the reader, the second gets past it to the rules.
 */
#ifndef EG_TESTS_MUTATE_H
#define EG_TESTS_MUTATE_H

#include <stddef.h>
#include <stdint.h>

typedef struct document {
    unsigned char *bytes; /* owned */
    size_t size;
    size_t *value; /* [values] where each begins; owned */
    size_t values;
} document;

/* Read a file and find its values. Stops the program if that fails. */
void document_load(document *out, const char *path);
void document_free(document *d);

typedef struct dice {
    uint64_t state;
} dice;
/* 0 to below - 1 (splitmix64; the bias is no matter). */
uint64_t dice_below(dice *r, uint64_t below);

/* A damaged copy of one of the documents, with one to four mutations; *size is its length.
 * The caller frees it. */
unsigned char *mutate(size_t *size, const document *from, size_t count, dice *r);

#endif
