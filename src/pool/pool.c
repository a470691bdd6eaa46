/* The pool: connections in one list for each state, waiters in order of arrival. Who runs may take
 * an idle connection before one who sleeps, as handing each over would cost a switch of threads for
 * each; but whoever has waited for PATIENCE_USEC gets the next by direct hand-over, so that nobody
 * starves. Where those who run take theirs back at once, a waiter is woken in vain: then it is called
 * ever more seldom, and looks itself every WATCH_USEC, so that no connection is idle for longer while
 * somebody waits. The lock covers list moves only; connecting, pinging, resetting and closing happen
 * outside it, on connections that are in no list but their owner's. */
#include "pool.h"
#include "../base/clock.h"
#include "../base/map.h"
#include "../base/process.h"
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define PATIENCE_USEC 5000
#define WATCH_USEC 1000
#define VAIN_MOST 6u                    /* then every 64th idle connection calls */

typedef struct pooled {
	struct pooled *next, *prev;     /* in idle or busy */
	amph_conn *conn;
	int64_t created_usec, recycle_usec, taken_usec;
	pid_t pid;
	pthread_t taker;
	const char *site;               /* who has it */
} pooled;

typedef struct list { pooled *first, *last; size_t n; } list;

/* On the stack of the thread that waits. */
typedef struct waiter {
	struct waiter *next;
	pthread_cond_t wake;
	int64_t since_usec;
	pooled *given;          /* a connection, or */
	bool may_open;          /* leave to open one: it is counted as open already */
	bool watches;           /* it was called in vain, and looks itself */
} waiter;

struct amph_pool {
	pthread_mutex_t lock;
	amph_driver_engine *engine;
	amph_conn_config config;
	amph_url_options options;
	list idle;              /* most recently used first */
	list busy;
	size_t opening;         /* counted against the limit while their owner connects */
	waiter *first_waiter, *last_waiter;
	waiter *called;         /* who is waking up to an idle connection */
	unsigned vain, skip;    /* calls in a row for nothing; idle connections that are to call nobody */
	int64_t invalid_before; /* a connection older than this was open when one was found dead */
	bool closed;
	amph_process process;
	uint64_t seed;
	amph_pool_stats stats;
};

static void push(list *l, pooled *p)
{
	p->prev = NULL;
	p->next = l->first;
	*(l->first ? &l->first->prev : &l->last) = p;
	l->first = p;
	l->n++;
}

static void take_out(list *l, pooled *p)
{
	*(p->prev ? &p->prev->next : &l->first) = p->next;
	*(p->next ? &p->next->prev : &l->last) = p->prev;
	p->next = p->prev = NULL;
	l->n--;
}

static size_t limit_of(const amph_pool *pool)
{
	if (pool->options.max_overflow < 0)
		return SIZE_MAX;
	return (size_t)pool->options.pool_size + (size_t)pool->options.max_overflow;
}

static size_t open_count(const amph_pool *pool)
{
	return pool->idle.n + pool->busy.n + pool->opening;
}

static void destroy(amph_pool *pool, pooled *p)
{
	if (!p)
		return;
	amph__conn_close(p->conn, p->pid != getpid());  /* seldom, and any process may ask */
	amph__free(pool->engine->allocator, p);
}

/* Of this process, and not of one that it was forked from. */
static bool is_ours(const amph_pool *pool, const pooled *p)
{
	return amph__process_is_same(&pool->process) && p->pid == pool->process.pid;
}

/* It is held for some list moves only: who finds it taken looks again for a moment before it sleeps. */
static void init_lock(amph_pool *pool)
{
	pthread_mutexattr_t attr;

	pthread_mutexattr_init(&attr);
#ifdef PTHREAD_ADAPTIVE_MUTEX_INITIALIZER_NP
	pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_ADAPTIVE_NP);
#endif
	pthread_mutex_init(&pool->lock, &attr);
	pthread_mutexattr_destroy(&attr);
}

amph_pool *amph__pool_open(amph_driver_engine *engine, const amph_conn_config *config,
			   const amph_url_options *options, amph_error *err)
{
	amph_pool *pool = amph__alloc_zero(engine->allocator, sizeof *pool);

	if (!pool) {
		amph__error_nomem(err);
		return NULL;
	}
	init_lock(pool);
	pool->engine = engine;
	pool->config = *config;
	pool->options = *options;
	amph__process_note(&pool->process);
	pool->seed = (uint64_t)(uintptr_t)pool ^ (uint64_t)amph__monotonic_usec();
	return pool;
}

/* A child of fork has the parent's connections in its memory but must not speak on them: it
 * forgets them without a word and starts with none. The lock's state is that of whichever thread held
 * it when the process forked. Several threads of the child may be the first to come here. */
static void after_fork(amph_pool *pool)
{
	if (!amph__process_claim(&pool->process))
		return;
	init_lock(pool);
	for (pooled *p = pool->idle.first, *next; p; p = next) {
		next = p->next;
		destroy(pool, p);
	}
	pool->idle = (list){ 0 };
	pool->busy = (list){ 0 };
	pool->opening = 0;
	pool->first_waiter = pool->last_waiter = pool->called = NULL;
	pool->vain = pool->skip = 0;
	amph__process_claimed(&pool->process);
}

static void lock(amph_pool *pool)
{
	if (!amph__process_is_same(&pool->process))
		after_fork(pool);
	pthread_mutex_lock(&pool->lock);
}

static void free_pool(amph_pool *pool)
{
	pthread_mutex_destroy(&pool->lock);
	amph__process_forget(&pool->process);
	amph__free(pool->engine->allocator, pool);
}

void amph__pool_close(amph_pool *pool)
{
	if (!pool)
		return;
	lock(pool);
	pool->closed = true;
	list idle = pool->idle;
	pool->idle = (list){ 0 };
	for (waiter *w = pool->first_waiter; w; w = w->next)
		pthread_cond_signal(&w->wake);
	bool last = !pool->busy.n && !pool->opening && !pool->first_waiter;
	pthread_mutex_unlock(&pool->lock);

	for (pooled *p = idle.first, *next; p; p = next) {
		next = p->next;
		destroy(pool, p);
	}
	if (last)
		free_pool(pool);
}

/* With the lock held: the first who waits is to look for an idle connection, and then to call the
 * next if there is another. */
static void call_one(amph_pool *pool)
{
	waiter *w = pool->first_waiter;

	if (!w || !pool->idle.n || pool->called)
		return;
	if (w->watches && pool->skip) {
		pool->skip--;
		return;
	}
	pool->called = w;
	pthread_cond_signal(&w->wake);
}

/* Whether it had been called. */
static bool is_awake(amph_pool *pool, const waiter *w)
{
	if (pool->called != w)
		return false;
	pool->called = NULL;
	return true;
}

/* With the lock held: the first who waits, who is to be served and waits no more. */
static waiter *serve_first(amph_pool *pool)
{
	waiter *w = pool->first_waiter;

	pool->first_waiter = w->next;
	if (!w->next)
		pool->last_waiter = NULL;
	is_awake(pool, w);
	call_one(pool);
	pthread_cond_signal(&w->wake);
	return w;
}

/* With the lock held. Somebody may open a connection now: the first who waits. */
static void wake_to_open(amph_pool *pool)
{
	if (!pool->first_waiter || open_count(pool) >= limit_of(pool))
		return;
	serve_first(pool)->may_open = true;
	pool->opening++;
}

static bool too_old(const amph_pool *pool, const pooled *p, int64_t now)
{
	return p->created_usec <= pool->invalid_before || (p->recycle_usec && now >= p->recycle_usec);
}

/* With the lock held, as others read it. */
static void note_holder(pooled *p, const char *site, int64_t now)
{
	p->taken_usec = now;
	p->taker = pthread_self();
	p->conn->holder = (unsigned long)p->taker;
	p->site = site ? site : "a session";
}

/* Connects; on failure the place that was counted is given back. */
static pooled *open_one(amph_pool *pool, const char *site, amph_error *err)
{
	int ms = pool->options.driver.connect_timeout_ms;
	int64_t now = amph__monotonic_usec();
	pooled *p = amph__alloc_zero(pool->engine->allocator, sizeof *p);

	if (p)
		p->conn = amph__conn_open(pool->engine, &pool->config,
					  ms ? now + (int64_t)ms * 1000 : AMPH_NO_DEADLINE, err);
	else
		amph__error_nomem(err);
	bool ok = p && p->conn;
	if (!ok) {
		amph__free(pool->engine->allocator, p);
		p = NULL;
	} else {
		/* up to 5 % of the time earlier, so that they do not all go in one second */
		int64_t life = (int64_t)pool->options.pool_recycle_s * 1000000;
		uint64_t r = amph__hash64(&p, sizeof p, pool->seed ^ (uint64_t)now);

		p->created_usec = amph__monotonic_usec();
		p->recycle_usec = life > 0 ? p->created_usec + life -
				  (int64_t)(r % (uint64_t)(life / 20 + 1)) : 0;
		p->pid = pool->process.pid;
	}
	pthread_mutex_lock(&pool->lock);
	pool->opening--;
	if (ok) {
		push(&pool->busy, p);
		note_holder(p, site, p->created_usec);
		pool->stats.opened++;
	} else {
		wake_to_open(pool);
	}
	pthread_mutex_unlock(&pool->lock);
	return p;
}

static void describe_holders(const amph_pool *pool, int64_t now, char *out, size_t size)
{
	size_t at = 0;

	for (const pooled *p = pool->busy.last; p && at < size; p = p->prev) {
		int n = snprintf(out + at, size - at, "%s%s for %.1f s", at ? ", " : "", p->site,
				 (double)(now - p->taken_usec) / 1e6);
		at += n > 0 ? (size_t)n : 0;
	}
}

static bool timed_out(amph_pool *pool, amph_error *err)
{
	char holders[200] = "";

	pool->stats.timeouts++;
	describe_holders(pool, amph__monotonic_usec(), holders, sizeof holders);
	amph__error(err, "53300", "no connection within %.1f s: pool_size %d and max_overflow %d are "
		    "in use; held by %s", (double)pool->options.pool_timeout_ms / 1000,
		    pool->options.pool_size, pool->options.max_overflow,
		    *holders ? holders : "connections being opened");
	if (err)
		err->status = AMPH_E_TIMEOUT;
	return false;
}

static void enqueue(amph_pool *pool, waiter *w)
{
	if (pool->last_waiter)
		pool->last_waiter->next = w;
	else
		pool->first_waiter = w;
	pool->last_waiter = w;
	pool->stats.waiting++;
}

static void dequeue(amph_pool *pool, waiter *w)
{
	waiter *before = NULL;

	for (waiter *p = pool->first_waiter; p; before = p, p = p->next) {
		if (p != w)
			continue;
		*(before ? &before->next : &pool->first_waiter) = w->next;
		if (!w->next)
			pool->last_waiter = before;
		return;
	}
}

static pooled *take_idle(amph_pool *pool)
{
	pooled *p = pool->idle.first;

	if (p) {
		take_out(&pool->idle, p);
		push(&pool->busy, p);
	}
	return p;
}

/* Until it is woken, or it is time to look again. */
static void sleep_on(amph_pool *pool, waiter *w, int64_t deadline)
{
	int64_t until = deadline;

	if (w->watches)
		until = amph__monotonic_usec() + WATCH_USEC;
	if (until > deadline)
		until = deadline;
	pthread_cond_timedwait(&w->wake, &pool->lock,
			       &(struct timespec){ .tv_sec = (time_t)(until / 1000000),
						   .tv_nsec = (long)(until % 1000000 * 1000) });
}

static bool is_served(const amph_pool *pool, const waiter *w)
{
	return w->given || w->may_open || pool->closed;
}

/* Who was woken and not served looks for an idle connection. */
static void look(amph_pool *pool, waiter *w)
{
	bool called = is_awake(pool, w);

	if (is_served(pool, w))
		return;
	w->given = take_idle(pool);
	if (w->given) {
		dequeue(pool, w);
		pool->vain = pool->skip = 0;
	} else if (called) {
		pool->vain += pool->vain < VAIN_MOST;
		pool->skip = (1u << pool->vain) - 1;
		w->watches = true;
	}
}

static void init_wake(waiter *w)
{
	pthread_condattr_t attr;

	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&w->wake, &attr);
	pthread_condattr_destroy(&attr);
}

/* With the lock held: waits until a connection or the leave to open one is handed over, or a
 * connection is idle. */
static bool wait_for(amph_pool *pool, waiter *w, amph_error *err)
{
	int64_t start = amph__monotonic_usec();
	int64_t deadline = start + (int64_t)pool->options.pool_timeout_ms * 1000;

	init_wake(w);
	w->since_usec = start;
	enqueue(pool, w);
	do {
		sleep_on(pool, w, deadline);
		look(pool, w);
	} while (!is_served(pool, w) && amph__monotonic_usec() < deadline);
	call_one(pool);
	int64_t waited = amph__monotonic_usec() - start;
	if (waited > pool->stats.longest_wait_usec)
		pool->stats.longest_wait_usec = waited;
	pool->stats.waiting--;
	bool served = w->given || w->may_open;
	if (!served)
		dequeue(pool, w);
	pthread_cond_destroy(&w->wake);
	if (served)
		return true;
	if (pool->closed)
		return amph__error_misuse(err, "the engine was closed");
	return timed_out(pool, err);
}

/* An idle connection, which may be too old (*old), leave to open one (*open), or neither after the
 * timeout. */
static pooled *acquire(amph_pool *pool, const char *site, bool *open, bool *old, amph_error *err)
{
	waiter w = { 0 };
	pooled *p;
	int64_t now = amph__monotonic_coarse_usec();

	*open = false;
	lock(pool);
	pool->stats.checkouts++;
	p = pool->closed ? NULL : take_idle(pool);
	if (pool->closed) {
		amph__error_misuse(err, "the engine was closed");
	} else if (p) {
		/* it is in busy now */
	} else if (open_count(pool) < limit_of(pool)) {
		pool->opening++;
		*open = true;
	} else if (wait_for(pool, &w, err)) {
		p = w.given;
		*open = w.may_open;
		now = amph__monotonic_coarse_usec();
	}
	*old = p && too_old(pool, p, now);
	if (p)
		note_holder(p, site, now);
	pthread_mutex_unlock(&pool->lock);
	return p;
}

static bool usable(amph_pool *pool, pooled *p)
{
	amph_error ignored;     /* a dead one is replaced; the failure to replace it is reported */

	if (p->conn->broken)
		return false;
	if (!pool->options.pool_pre_ping)
		return true;
	p->conn->deadline_usec = amph__monotonic_usec() + (int64_t)5 * 1000000;
	bool alive = amph__conn_ping(p->conn, &ignored);
	p->conn->deadline_usec = AMPH_NO_DEADLINE;
	if (alive)
		return true;
	pthread_mutex_lock(&pool->lock);
	pool->invalid_before = amph__monotonic_usec();
	pool->stats.invalidated++;
	pthread_mutex_unlock(&pool->lock);
	return false;
}

/* Closes one that is in busy and keeps its place for a new one. */
static void replace(amph_pool *pool, pooled *p)
{
	pthread_mutex_lock(&pool->lock);
	take_out(&pool->busy, p);
	pool->opening++;
	pool->stats.closed++;
	pthread_mutex_unlock(&pool->lock);
	destroy(pool, p);
}

amph_conn *amph__pool_take(amph_pool *pool, const char *site, amph_error *err)
{
	bool open, old;

	pooled *p = acquire(pool, site, &open, &old, err);
	if (p && (old || !usable(pool, p))) {
		replace(pool, p);
		p = NULL;
		open = true;
	}
	if (open)
		p = open_one(pool, site, err);
	if (!p)
		return NULL;
	p->conn->owner = p;
	return p->conn;
}

/* With the lock held: to the first who waits, to the idle, or (false) to be closed. One more than
 * the pool keeps never becomes idle. */
static bool place(amph_pool *pool, pooled *p, int64_t now)
{
	waiter *w = pool->first_waiter;
	bool surplus = open_count(pool) > (size_t)pool->options.pool_size;

	if (w && (surplus || now - w->since_usec >= PATIENCE_USEC)) {
		serve_first(pool)->given = p;
		return true;
	}
	take_out(&pool->busy, p);
	if (surplus)
		return false;
	push(&pool->idle, p);
	call_one(pool);
	return true;
}

void amph__pool_give(amph_pool *pool, amph_conn *conn)
{
	pooled *p = conn->owner;
	amph_error ignored;     /* a connection that cannot be reset is closed */

	if (!is_ours(pool, p)) {
		/* the parent's: it still uses it */
		destroy(pool, p);
		return;
	}
	bool sound = amph__conn_reset(conn, &ignored) && !conn->broken;

	pthread_mutex_lock(&pool->lock);
	if (conn->broken && !pool->closed) {
		pool->invalid_before = amph__monotonic_usec();
		pool->stats.invalidated++;
	}
	int64_t now = amph__monotonic_coarse_usec();
	bool keep = sound && !pool->closed && !too_old(pool, p, now);
	if (!keep)
		take_out(&pool->busy, p);
	else
		keep = place(pool, p, now);
	if (!keep) {
		pool->stats.closed++;
		wake_to_open(pool);
	}
	bool last = pool->closed && !pool->busy.n && !pool->opening && !pool->first_waiter;
	pthread_mutex_unlock(&pool->lock);
	if (!keep)
		destroy(pool, p);
	if (last)
		free_pool(pool);
}

void amph__pool_stats(amph_pool *pool, amph_pool_stats *out)
{
	lock(pool);
	*out = pool->stats;
	out->idle = (int)pool->idle.n;
	out->in_use = (int)(pool->busy.n + pool->opening);
	out->size = out->idle + out->in_use;
	pthread_mutex_unlock(&pool->lock);
}

bool amph__pool_is_held(amph_pool *pool, char *site, size_t size)
{
	bool held = false;

	lock(pool);
	for (pooled *p = pool->busy.first; p && !held; p = p->next) {
		/* of another thread's connection nothing may be looked at */
		held = is_ours(pool, p) && pthread_equal(p->taker, pthread_self()) &&
		       amph__tx_is_sent(p->conn);
		if (held)
			amph__copy_text(site, size, p->site);
	}
	pthread_mutex_unlock(&pool->lock);
	return held;
}
