#include "network/spikes.h"

#include <string.h>

void eg_train_begin(eg_train *train)
{
    eg_hash_begin(&train->hash);
    train->events = 0;
}

/* Twelve bytes an event: element, then time, little endian. */
void eg_train_add(eg_train *train, uint64_t count, const int32_t *i, const double *t)
{
    enum { EVENT = 12, BLOCK = 64 };
    unsigned char block[BLOCK * EVENT];
    for (uint64_t done = 0; done < count;) {
        size_t n = 0;
        for (; n < BLOCK && done < count; n++, done++) {
            unsigned char *to = block + n * EVENT;
            const uint32_t element = (uint32_t)i[done];
            uint64_t time;
            memcpy(&time, &t[done], sizeof time);
            for (int k = 0; k < 4; k++)
                to[k] = (unsigned char)(element >> (8 * k));
            for (int k = 0; k < 8; k++)
                to[4 + k] = (unsigned char)(time >> (8 * k));
        }
        eg_hash_add(&train->hash, block, n * EVENT);
    }
    train->events += count;
}

void eg_trains_begin(eg_hash *run)
{
    eg_hash_begin(run);
}

void eg_trains_add(eg_hash *run, const char *monitor, const eg_train *train)
{
    eg_digest digest;
    eg_hash_end(&digest, &train->hash);
    eg_hash_add_text(run, monitor);
    eg_hash_add_count(run, train->events);
    eg_hash_add(run, digest.byte, sizeof digest.byte);
}

void eg_trains_end(eg_digest *out, const eg_hash *run)
{
    eg_hash_end(out, run);
}
