/* pool.h - a few threads that stay, and do one piece of work each when told
 *
 * Between two pieces a thread spins for some microseconds, then sleeps. Its floating-point
 * environment is the default one but for exec/flush.h, where it follows the caller; and it
 * takes no signals.
 */
#ifndef EG_SIM_POOL_H
#define EG_SIM_POOL_H

#include "common/memory.h"

typedef struct eg_pool eg_pool;
typedef void eg_pool_work(void *context, uint32_t worker);

enum { EG_POOL_MAX = 64 };

/* `threads` workers, 1 to EG_POOL_MAX, of which number 0 is whoever calls eg_pool_run.
 * E_MEMORY, also where the system gives no thread. */
engram_status eg_pool_new(eg_pool **out, uint32_t threads, const engram_alloc *alloc,
                          engram_error *err);
void eg_pool_free(eg_pool *pool); /* NULL allowed */
/* Call `work` once by each worker, at the same time; return when all have. */
void eg_pool_run(eg_pool *pool, eg_pool_work *work, void *context);

#endif
