/* flush.h - numbers too small to be normal count as zero, in what this thread computes
 *
 * A variable that decays passes 2.2e-308 after some 700 time constants, of float32 1.2e-38
 * after 87. From there on each operation on it takes many times as long (x86: about a hundred
 * cycles of assistance). The fast mode has no use for such numbers: operands and results are
 * taken for zero, as in programs that gcc links with -ffast-math. The strict mode keeps them.
 */
#ifndef EG_EXEC_FLUSH_H
#define EG_EXEC_FLUSH_H

#include <stdbool.h>

/* Begin or end it for the calling thread; what was before is given back. Always false where the
 * processor has no such mode. */
bool eg_flush_set(bool on);
bool eg_flush_get(void);

#endif
