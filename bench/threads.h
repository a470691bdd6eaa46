/* W8: threads that take connections of a pool. */
#ifndef BENCH_THREADS_H
#define BENCH_THREADS_H
#include "bench.h"
#include <pthread.h>

/* n threads share the keys; each gets its part of them. Returns the sum of what they return;
 * both cores may be used. */
typedef uint64_t bench_thread_fn(void *ctx, const int64_t *keys, size_t n);
uint64_t bench_run_threads(int n, bench_thread_fn *fn, void *ctx);

/* What a C programmer writes: a stack of connections, a mutex, a condition variable. */
typedef struct bench_pool {
	pthread_mutex_t lock;
	pthread_cond_t freed;
	void *conns[32];
	int n;
	int threads;            /* that use it */
} bench_pool;
void bench_pool_init(bench_pool *pool, int threads);
void *bench_pool_take(bench_pool *pool);
void bench_pool_give(bench_pool *pool, void *conn);
#endif
