#include "sim/pool.h"

#include "exec/flush.h"

#include <fenv.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <unistd.h>

enum { SPINS = 2000 };

typedef struct seat {
    eg_pool *pool;
    uint32_t worker;
    pthread_t thread;
} seat;

/* Who goes to sleep says so before looking for the last time, and who has news looks for
 * sleepers after giving it: one of the two sees the other (all in one total order). */
struct eg_pool {
    const engram_alloc *alloc;
    uint32_t threads, started;
    uint32_t spins;
    seat *seat; /* [threads]; 0 is the caller's and has no thread */
    eg_pool_work *work;
    void *context;
    bool flush;                    /* the caller's mode, for this piece */
    _Alignas(64) atomic_uint turn; /* counts the pieces of work */
    atomic_bool ended;
    _Alignas(64) atomic_uint left; /* workers that have not done this piece */
    _Alignas(64) atomic_uint sleeping;
    atomic_bool caller_sleeps;
    pthread_mutex_t mutex;
    pthread_cond_t begun, done;
};

static void pause_a_little(void)
{
#if defined(__x86_64__) && defined(__GNUC__)
    __builtin_ia32_pause();
#endif
}

/* False: no more work. */
static bool wait_for_turn(eg_pool *pool, unsigned seen)
{
    for (uint32_t k = 0; k < pool->spins; k++) {
        if (atomic_load(&pool->turn) != seen)
            return !atomic_load(&pool->ended);
        pause_a_little();
    }
    pthread_mutex_lock(&pool->mutex);
    atomic_fetch_add(&pool->sleeping, 1);
    while (atomic_load(&pool->turn) == seen)
        pthread_cond_wait(&pool->begun, &pool->mutex);
    atomic_fetch_sub(&pool->sleeping, 1);
    pthread_mutex_unlock(&pool->mutex);
    return !atomic_load(&pool->ended);
}

static void *live(void *context)
{
    const seat *own = context;
    eg_pool *pool = own->pool;
    fesetenv(FE_DFL_ENV);
    for (unsigned seen = 0; wait_for_turn(pool, seen); seen++) {
        eg_flush_set(pool->flush);
        pool->work(pool->context, own->worker);
        if (atomic_fetch_sub(&pool->left, 1) == 1 && atomic_load(&pool->caller_sleeps)) {
            pthread_mutex_lock(&pool->mutex);
            pthread_cond_signal(&pool->done);
            pthread_mutex_unlock(&pool->mutex);
        }
    }
    return NULL;
}

static void next_turn(eg_pool *pool)
{
    atomic_fetch_add(&pool->turn, 1);
    if (!atomic_load(&pool->sleeping))
        return;
    pthread_mutex_lock(&pool->mutex);
    pthread_cond_broadcast(&pool->begun);
    pthread_mutex_unlock(&pool->mutex);
}

static bool start(eg_pool *pool)
{
    sigset_t all, before;
    sigfillset(&all);
    if (pthread_sigmask(SIG_SETMASK, &all, &before))
        return false;
    pool->started = 1;
    for (bool good = true; good && pool->started < pool->threads; pool->started += good) {
        seat *s = &pool->seat[pool->started];
        *s = (seat){.pool = pool, .worker = pool->started};
        good = !pthread_create(&s->thread, NULL, live, s);
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return pool->started == pool->threads;
}

engram_status eg_pool_new(eg_pool **out, uint32_t threads, const engram_alloc *alloc,
                          engram_error *err)
{
    *out = NULL;
    eg_pool *pool = eg_calloc_aligned(alloc, sizeof *pool, 64);
    if (!pool)
        return eg_fail_memory(err, "threads");
    const long processors = sysconf(_SC_NPROCESSORS_ONLN);
    pool->alloc = alloc;
    pool->threads = threads;
    pool->spins = processors >= (long)threads ? SPINS : 0;
    pthread_mutex_init(&pool->mutex, NULL);
    pthread_cond_init(&pool->begun, NULL);
    pthread_cond_init(&pool->done, NULL);
    pool->seat = eg_calloc_array(alloc, threads, sizeof *pool->seat);
    if (!pool->seat || !start(pool)) {
        eg_pool_free(pool);
        return eg_fail(err, ENGRAM_E_MEMORY, "the system gives no %u threads", threads);
    }
    *out = pool;
    return ENGRAM_OK;
}

void eg_pool_free(eg_pool *pool)
{
    if (!pool)
        return;
    atomic_store(&pool->ended, true);
    next_turn(pool);
    for (uint32_t k = 1; k < pool->started; k++)
        pthread_join(pool->seat[k].thread, NULL);
    pthread_cond_destroy(&pool->done);
    pthread_cond_destroy(&pool->begun);
    pthread_mutex_destroy(&pool->mutex);
    eg_free(pool->alloc, pool->seat, pool->threads * sizeof *pool->seat);
    eg_free_aligned(pool->alloc, pool, sizeof *pool, 64);
}

void eg_pool_run(eg_pool *pool, eg_pool_work *work, void *context)
{
    pool->work = work;
    pool->context = context;
    pool->flush = eg_flush_get();
    atomic_store(&pool->left, pool->threads - 1);
    next_turn(pool);
    work(context, 0);
    for (uint32_t k = 0; k < pool->spins && atomic_load(&pool->left); k++)
        pause_a_little();
    if (!atomic_load(&pool->left))
        return;
    pthread_mutex_lock(&pool->mutex);
    atomic_store(&pool->caller_sleeps, true);
    while (atomic_load(&pool->left))
        pthread_cond_wait(&pool->done, &pool->mutex);
    atomic_store(&pool->caller_sleeps, false);
    pthread_mutex_unlock(&pool->mutex);
}
