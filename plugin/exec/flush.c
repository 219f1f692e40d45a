#include "exec/flush.h"

#include <stdint.h>

#if defined(__SSE2__)
#include <immintrin.h>

/* MXCSR: results below the normal numbers become zero (FTZ), and such operands are (DAZ). */
enum { FLUSH = 0x8000 | 0x0040 };

bool eg_flush_get(void)
{
    return (_mm_getcsr() & FLUSH) == FLUSH;
}

static void set(bool on)
{
    const uint32_t others = _mm_getcsr() & ~(uint32_t)FLUSH;
    _mm_setcsr(on ? others | FLUSH : others);
}

#elif defined(__aarch64__) && defined(__GNUC__)

/* FPCR.FZ: operands and results. */
static const uint64_t FLUSH = UINT64_C(1) << 24;

static uint64_t control(void)
{
    uint64_t value;
    __asm__ volatile("mrs %0, fpcr" : "=r"(value));
    return value;
}

bool eg_flush_get(void)
{
    return control() & FLUSH;
}

static void set(bool on)
{
    const uint64_t others = control() & ~FLUSH;
    __asm__ volatile("msr fpcr, %0" : : "r"(on ? others | FLUSH : others));
}

#else

bool eg_flush_get(void)
{
    return false;
}

static void set(bool on)
{
    (void)on;
}

#endif

bool eg_flush_set(bool on)
{
    const bool before = eg_flush_get();
    if (before != on)
        set(on);
    return before;
}
