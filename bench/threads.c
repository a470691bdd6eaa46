/* Threads for W8, and the pool of the hand-written code. */
#include "threads.h"
#include "counters.h"

typedef struct worker {
	pthread_t thread;
	bench_thread_fn *fn;
	void *ctx;
	const int64_t *keys;
	size_t n;
	uint64_t sum;
	bench_counts counts;
} worker;

static void *work(void *arg)
{
	worker *w = arg;

	w->sum = w->fn(w->ctx, w->keys, w->n);
	w->counts = bench_counts_now();
	return NULL;
}

uint64_t bench_run_threads(int n, bench_thread_fn *fn, void *ctx)
{
	worker workers[64];
	size_t each = env.size.shared / (size_t)n;
	uint64_t sum = 0;

	bench_pin(false);
	for (int i = 0; i < n; i++) {
		workers[i] = (worker){ .fn = fn, .ctx = ctx, .keys = env.keys + (size_t)i * each, .n = each };
		if (i == n - 1)
			workers[i].n = env.size.shared - (size_t)i * each;
		if (pthread_create(&workers[i].thread, NULL, work, &workers[i]))
			bench_fail("a thread cannot be started");
	}
	for (int i = 0; i < n; i++) {
		pthread_join(workers[i].thread, NULL);
		sum += workers[i].sum;
		bench_counts_add(&workers[i].counts);
	}
	bench_pin(true);
	return sum;
}

void bench_pool_init(bench_pool *pool, int threads)
{
	pool->threads = threads;
	pthread_mutex_init(&pool->lock, NULL);
	pthread_cond_init(&pool->freed, NULL);
}

void *bench_pool_take(bench_pool *pool)
{
	pthread_mutex_lock(&pool->lock);
	while (!pool->n)
		pthread_cond_wait(&pool->freed, &pool->lock);
	void *conn = pool->conns[--pool->n];
	pthread_mutex_unlock(&pool->lock);
	return conn;
}

void bench_pool_give(bench_pool *pool, void *conn)
{
	pthread_mutex_lock(&pool->lock);
	pool->conns[pool->n++] = conn;
	pthread_cond_signal(&pool->freed);
	pthread_mutex_unlock(&pool->lock);
}
