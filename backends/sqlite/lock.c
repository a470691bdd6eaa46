/* The single writer of an engine. SQLite's own lock is polled: a thread that sleeps longer loses
 * to one that has just come. So the threads of an engine first queue here, in order, and only
 * the one whose turn it is meets other processes at the file. */
#include "sl.h"
#include <errno.h>
#include <time.h>

static void enqueue(sl_engine *engine, sl_waiter *w)
{
	w->next = NULL;
	w->granted = false;
	if (engine->last)
		engine->last->next = w;
	else
		engine->first = w;
	engine->last = w;
}

static void leave_queue(sl_engine *engine, sl_waiter *w)
{
	sl_waiter *before = NULL;

	for (sl_waiter *at = engine->first; at != w; at = at->next)
		before = at;
	if (before)
		before->next = w->next;
	else
		engine->first = w->next;
	if (engine->last == w)
		engine->last = before;
}

static void wait_once(sl_engine *engine, sl_waiter *w, int64_t until)
{
	if (until == AMPH_NO_DEADLINE) {
		pthread_cond_wait(&w->wake, &engine->lock);
		return;
	}
	struct timespec t = { .tv_sec = (time_t)(until / 1000000),
			      .tv_nsec = (long)(until % 1000000) * 1000 };
	pthread_cond_timedwait(&w->wake, &engine->lock, &t);
}

/* With the lock held. Who holds a connection is the same thread for as long as it is the writer, and
 * only that thread could end the wait. */
static bool waits_for_itself(const sl_engine *engine, const sl_conn *conn)
{
	return engine->writer && conn->base.holder &&
	       pthread_equal((pthread_t)engine->writer->base.holder, (pthread_t)conn->base.holder);
}

bool amph__sl_writer_take(sl_conn *conn)
{
	sl_engine *engine = (sl_engine *)conn->base.engine;
	sl_stop why = SL_GO_ON;

	if (conn->is_writer)
		return true;
	pthread_mutex_lock(&engine->lock);
	if (!engine->writer && !engine->first) {
		engine->writer = conn;
		conn->is_writer = true;
	} else if (waits_for_itself(engine, conn)) {
		conn->stop = SL_STOP_SELF;
	} else {
		int64_t until = amph__sl_wait_until(conn, &why);

		enqueue(engine, &conn->waiter);
		while (!conn->waiter.granted && !atomic_load(&conn->cancelled) &&
		       amph__monotonic_usec() < until)
			wait_once(engine, &conn->waiter, until);
		conn->is_writer = conn->waiter.granted;
		if (!conn->is_writer) {
			leave_queue(engine, &conn->waiter);
			conn->stop = atomic_load(&conn->cancelled) ? SL_STOP_CANCEL : why;
		}
	}
	pthread_mutex_unlock(&engine->lock);
	return conn->is_writer;
}

void amph__sl_writer_give(sl_conn *conn)
{
	sl_engine *engine = (sl_engine *)conn->base.engine;

	if (!conn->is_writer)
		return;
	conn->is_writer = false;
	pthread_mutex_lock(&engine->lock);
	sl_waiter *next = engine->first;
	if (next) {
		engine->first = next->next;
		if (!engine->first)
			engine->last = NULL;
		next->granted = true;
		engine->writer = next->conn;
		pthread_cond_signal(&next->wake);
	} else {
		engine->writer = NULL;
	}
	pthread_mutex_unlock(&engine->lock);
}
