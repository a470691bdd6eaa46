/* A driver whose answers are scripted. */
#include "fake_driver.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define QUEUE_MAX 128

typedef struct fake_conn {
	amph_conn base;
	amph_stmt *queue[QUEUE_MAX];
	size_t first, count;
	bool flight_failed, in_tx, failed;
} fake_conn;

static fake_script *script;

static fake_conn *fake_of(amph_conn *conn)
{
	return (fake_conn *)(void *)conn;
}

void fake_reset(fake_script *s)
{
	memset(s, 0, sizeof *s);
	pthread_mutex_init(&s->lock, NULL);
}

void fake_expect(fake_script *s, fake_answer answer)
{
	if (s->n_answers < FAKE_ANSWERS)
		s->answers[s->n_answers++] = answer;
}

static bool fail(amph_conn *conn, const char *state, bool breaks, amph_error *err)
{
	memset(err, 0, sizeof *err);
	memcpy(err->sqlstate, state, 5);
	err->status = !strncmp(state, "08", 2) ? AMPH_E_CONNECTION
		      : !strcmp(state, "40001") ? AMPH_E_SERIALIZATION : AMPH_E_OTHER;
	err->retryable = err->status == AMPH_E_SERIALIZATION;
	snprintf(err->message, sizeof err->message, "scripted failure %s", state);
	if (breaks)
		conn->broken = true;
	return false;
}

/* The answer to a statement; one that is used once is taken out. */
static bool find_answer(const char *sql, bool on_submit, fake_answer *out)
{
	bool found = false;

	pthread_mutex_lock(&script->lock);
	for (size_t i = 0; i < script->n_answers && !found; i++) {
		fake_answer *a = &script->answers[i];

		if (a->on_submit != on_submit || (a->sql && strncmp(sql, a->sql, strlen(a->sql))))
			continue;
		*out = *a;
		found = true;
		if (!a->keep) {
			memmove(a, a + 1, (script->n_answers - i - 1) * sizeof *a);
			script->n_answers--;
		}
	}
	pthread_mutex_unlock(&script->lock);
	return found;
}

static void log_line(const char *sql)
{
	pthread_mutex_lock(&script->lock);
	size_t at = strlen(script->log);
	snprintf(script->log + at, sizeof script->log - at, "%s\n", sql);
	pthread_mutex_unlock(&script->lock);
}

static bool engine_open(amph_driver_engine *engine, amph_error *err)
{
	(void)engine;
	(void)err;
	return true;
}

static void engine_close(amph_driver_engine *engine)
{
	(void)engine;
}

static bool conn_open(amph_conn *conn, amph_error *err)
{
	if (script->refuse_open || (__atomic_load_n(&script->refused_opens, __ATOMIC_SEQ_CST) > 0 &&
				    __atomic_fetch_sub(&script->refused_opens, 1, __ATOMIC_SEQ_CST) > 0))
		return fail(conn, "08001", false, err);
	if (script->caps)
		conn->caps = script->caps;
	__atomic_add_fetch(&script->opened, 1, __ATOMIC_SEQ_CST);
	return true;
}

static void conn_close(amph_conn *conn, bool discard)
{
	(void)conn;
	(void)discard;
	__atomic_add_fetch(&script->closed, 1, __ATOMIC_SEQ_CST);
}

static bool ping(amph_conn *conn, amph_error *err)
{
	__atomic_add_fetch(&script->pings, 1, __ATOMIC_SEQ_CST);
	return script->refuse_ping ? fail(conn, "08006", true, err) : true;
}

static amph_tx_status tx_status(const amph_conn *conn)
{
	const fake_conn *c = (const fake_conn *)(const void *)conn;

	return !c->in_tx ? AMPH_TX_IDLE : c->failed ? AMPH_TX_FAILED : AMPH_TX_OPEN;
}

static bool reset(amph_conn *conn, amph_error *err)
{
	(void)err;
	fake_of(conn)->in_tx = fake_of(conn)->failed = false;
	return !conn->broken;
}

static bool prepare(amph_stmt *stmt, amph_error *err)
{
	(void)stmt;
	(void)err;
	__atomic_add_fetch(&script->prepared, 1, __ATOMIC_SEQ_CST);
	return true;
}

static void finalize(amph_stmt *stmt)
{
	(void)stmt;
	__atomic_add_fetch(&script->finalized, 1, __ATOMIC_SEQ_CST);
}

static bool submit(amph_stmt *stmt, const amph_arg *args, bool more, amph_error *err)
{
	fake_conn *c = fake_of(stmt->conn);
	fake_answer a;

	(void)args;
	(void)more;
	if (find_answer(stmt->code->sql, true, &a))
		return fail(stmt->conn, a.sqlstate, a.breaks, err);
	if (c->count == QUEUE_MAX)
		return fail(stmt->conn, "54000", false, err);
	c->queue[(c->first + c->count++) % QUEUE_MAX] = stmt;
	return true;
}

static void set_tag(amph_result *result, const char *text)
{
	size_t n = strcspn(text, " ");

	if (n >= sizeof result->tag)
		n = sizeof result->tag - 1;
	memcpy(result->tag, text, n);
	result->tag[n] = '\0';
}

static void track(fake_conn *c, const char *sql)
{
	if (!strncmp(sql, "BEGIN", 5))
		c->in_tx = true;
	if (!strncmp(sql, "COMMIT", 6) || !strcmp(sql, "ROLLBACK"))
		c->in_tx = c->failed = false;
	if (!strncmp(sql, "ROLLBACK TO", 11))
		c->failed = false;
}

static bool collect(amph_conn *conn, amph_result *result, amph_error *err)
{
	fake_conn *c = fake_of(conn);
	fake_answer *a = malloc(sizeof *a);

	if (!a || !c->count) {
		free(a);
		return fail(conn, "HV010", false, err);
	}
	amph_stmt *stmt = c->queue[c->first];
	c->first = (c->first + 1) % QUEUE_MAX;
	if (--c->count == 0 && c->flight_failed) {
		c->flight_failed = false;
		free(a);
		return fail(conn, "25P02", false, err);
	}
	if (c->flight_failed) {
		free(a);
		return fail(conn, "25P02", false, err);
	}
	log_line(stmt->code->sql);
	if (!find_answer(stmt->code->sql, false, a))
		*a = (fake_answer){ 0 };
	if (a->sqlstate) {
		c->flight_failed = c->count > 0;
		c->failed = true;
		bool ok = fail(conn, a->sqlstate, a->breaks, err);
		free(a);
		return ok;
	}
	track(c, stmt->code->sql);
	result->stmt = stmt;
	result->affected = a->affected;
	result->has_rows = a->n_rows > 0;
	set_tag(result, a->tag ? a->tag : stmt->code->sql);
	result->native = a;
	result->at = 0;
	return true;
}

static bool fetch(amph_conn *conn, amph_result *result, const amph_shape *shape, void *dest,
		  size_t stride, size_t max, const amph_store *store, size_t *n_rows, amph_error *err)
{
	const fake_answer *a = result->native;

	*n_rows = 0;
	while (*n_rows < max && result->at < a->n_rows && shape->n_slots) {
		char *at = (char *)dest + *n_rows * stride + shape->slots[0].offset;

		if (a->texts) {
			size_t len = strlen(a->texts[result->at]) + 1;
			char *copy = store->alloc(store->ctx, len);

			if (!copy)
				return fail(conn, "53200", false, err);
			memcpy(copy, a->texts[result->at], len);
			memcpy(at, &copy, sizeof copy);
		} else {
			memcpy(at, &a->rows[result->at], sizeof(int64_t));
		}
		result->at++;
		++*n_rows;
	}
	return true;
}

static void finish(amph_conn *conn, amph_result *result)
{
	(void)conn;
	free(result->native);
	result->native = NULL;
}

static bool take_ids(amph_conn *conn, const char *table, const char *column, size_t n, int64_t *ids,
		     amph_error *err)
{
	(void)conn;
	(void)table;
	(void)column;
	(void)err;
	for (size_t i = 0; i < n; i++)
		ids[i] = (int64_t)i + 1;
	return true;
}

static bool inspect(amph_conn *conn, amph_inspect_fn *each, void *ctx, amph_error *err)
{
	(void)conn;
	(void)each;
	(void)ctx;
	(void)err;
	return true;
}

static bool tx_outcome(amph_conn *conn, const amph_tx_mark *mark, amph_outcome *outcome,
		       amph_error *err)
{
	script->asks++;
	if (script->unanswered-- > 0)
		return fail(conn, "08006", true, err);
	if (strcmp(mark->text, "mark-7"))
		return fail(conn, "XX000", false, err);
	*outcome = script->outcome;
	if (*outcome == AMPH_UNKNOWN)
		fail(conn, "08007", false, err);
	return true;
}

static const amph_type_spelling types[AMPH_T_COUNT];
static const amph_dialect dialect = {
	.name = "fake", .flags = AMPH_DIALECT_TYPED_PARAMS, .max_params = 65535, .types = types,
	.begin_read = "BEGIN", .begin_write = "BEGIN WRITE",
	.begin_serializable = "BEGIN SERIALIZABLE", .begin_read_only = "BEGIN READ ONLY",
	.begin_repeatable = "BEGIN REPEATABLE", .commit = "COMMIT", .rollback = "ROLLBACK",
	.savepoint = "SAVEPOINT s%u", .release = "RELEASE s%u", .rollback_to = "ROLLBACK TO s%u"
};
static const char *const schemes[] = { "fake", NULL };
static const char *const no_keys[] = { NULL };
static const amph_driver fake_driver = {
	.version = AMPH_DRIVER_VERSION, .name = "fake", .schemes = schemes, .url_keys = no_keys,
	.caps = AMPH_CAP_PIPELINE | AMPH_CAP_XACT_STATUS, .dialect = &dialect,
	.engine_size = sizeof(amph_driver_engine), .conn_size = sizeof(fake_conn),
	.stmt_size = sizeof(amph_stmt), .engine_open = engine_open, .engine_close = engine_close,
	.open = conn_open, .close = conn_close, .ping = ping, .tx_status = tx_status,
	.reset = reset, .prepare = prepare, .finalize = finalize, .submit = submit,
	.collect = collect, .fetch = fetch, .finish = finish, .take_ids = take_ids,
	.inspect = inspect, .tx_mark_sql = "SELECT mark", .tx_outcome = tx_outcome
};

const amph_driver *const *fake_drivers(fake_script *s)
{
	static const amph_driver *const list[] = { &fake_driver, NULL };

	script = s;
	return list;
}
