/* The PostgreSQL driver's slots, called as src/driver would, with codes made by hand. For the tests
 * in this folder: the server is DATABASE_URL, or AMPHORA_TEST_PG_URL. */
#ifndef TESTS_PG_HARNESS_H
#define TESTS_PG_HARNESS_H
#include "../../src/base/arena.h"
#include "../../src/base/clock.h"
#include "../../src/base/error.h"
#include "../../src/base/map.h"
#include "../../src/model/value.h"
#include "../support/suite.h"
#include "amphora/sys/driver.h"
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern const amph_driver amph__pg_driver;

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* ---- memory that is counted, so that each test ends with none ---- */
static atomic_long live_blocks;

static inline void *counting_resize(void *ctx, void *p, size_t size)
{
	void *out = realloc(p, size);

	(void)ctx;
	live_blocks += !p && out;
	return out;
}

static inline void counting_release(void *ctx, void *p)
{
	(void)ctx;
	live_blocks--;
	free(p);
}

static const amph_allocator counting = { counting_resize, counting_release, NULL };

static inline const char *test_url(void)
{
	const char *url = getenv("DATABASE_URL");

	if (!url)
		url = getenv("AMPHORA_TEST_PG_URL");
	ck_assert_msg(url != NULL, "DATABASE_URL is not set");
	return url;
}

/* ---- engines and connections ---- */
#define OK(call) do { amph_error *e_ = &err; e_->message[0] = '\0';                        \
	if (!(call)) ck_abort_msg("%s: %s %s [%s]", #call, e_->sqlstate, e_->message, e_->detail); \
	} while (0)
#define FAILS(state, call) do { amph_error *e_ = &err;                                     \
	if (call) ck_abort_msg("%s: succeeded", #call);                                    \
	ck_assert_msg(!strcmp(e_->sqlstate, state), "%s: %s %s", #call, e_->sqlstate, e_->message); \
	} while (0)

static _Thread_local amph_error err;

static inline amph_driver_engine *engine_with(const char *url, amph_driver_options options)
{
	amph_driver_engine *e = amph__alloc_zero(&counting, amph__pg_driver.engine_size);

	e->driver = &amph__pg_driver;
	e->allocator = &counting;
	e->clock = &amph__system_clock;
	e->address = (amph_address){ .scheme = "postgresql", .url = url, .display = "postgresql://***" };
	e->options = options;
	return e;
}

static inline amph_driver_engine *engine_new(void)
{
	amph_driver_engine *e = engine_with(test_url(), (amph_driver_options){
		.prepare = true, .fast_paths = true });

	OK(e->driver->engine_open(e, &err));
	return e;
}

static inline void engine_free(amph_driver_engine *e)
{
	e->driver->engine_close(e);
	amph__free(&counting, e);
}

static inline amph_conn *conn_try(amph_driver_engine *e, int64_t deadline)
{
	amph_conn *c = amph__alloc_zero(&counting, e->driver->conn_size);

	c->driver = e->driver;
	c->engine = e;
	c->caps = e->driver->caps;
	c->deadline_usec = deadline;
	if (e->driver->open(c, &err)) {
		c->deadline_usec = AMPH_NO_DEADLINE;
		return c;
	}
	e->driver->close(c, false);
	amph__free(&counting, c);
	return NULL;
}

static inline amph_conn *conn_new(amph_driver_engine *e)
{
	amph_conn *c = conn_try(e, AMPH_NO_DEADLINE);

	ck_assert_msg(c != NULL, "%s %s", err.sqlstate, err.message);
	return c;
}

static inline void conn_free(amph_conn *c)
{
	c->driver->close(c, false);
	amph__free(&counting, c);
}

/* ---- codes and statements ---- */
static inline amph_code code_of(const char *sql, uint32_t flags, size_t n_params,
				const amph_param *params, size_t n_columns,
				const amph_result_column *columns)
{
	char key[4096];
	int len = snprintf(key, sizeof key, "%s", sql);

	for (size_t i = 0; i < n_params; i++)
		for (size_t k = 0; k < params[i].n_types; k++)
			len += snprintf(key + len, sizeof key - (size_t)len, "/%d", params[i].types[k].type);
	amph_hash128 h = amph__hash128(key, (size_t)len);
	return (amph_code){ .sql = sql, .sql_len = strlen(sql), .hash = { h.lo, h.hi }, .flags = flags,
			    .n_params = n_params, .params = params, .n_columns = n_columns,
			    .columns = columns };
}

static inline amph_stmt *stmt_new(amph_conn *c, const amph_code *code)
{
	amph_stmt *s = amph__alloc_zero(&counting, c->driver->stmt_size);

	s->conn = c;
	s->code = code;
	OK(c->driver->prepare(s, &err));
	return s;
}

static inline void stmt_free(amph_stmt *s)
{
	s->conn->driver->finalize(s);
	amph__free(&counting, s);
}

/* Submits and collects. */
static inline bool execute(amph_stmt *s, const amph_arg *args, amph_result *r)
{
	return s->conn->driver->submit(s, args, false, &err) &&
	       s->conn->driver->collect(s->conn, r, &err);
}

/* Runs text that is used once; *affected and tag of it where not NULL. */
static inline bool try_run(amph_conn *c, const char *sql, uint32_t flags, int64_t *affected, char *tag)
{
	amph_code code = code_of(sql, flags, 0, NULL, 0, NULL);
	amph_stmt *s = stmt_new(c, &code);
	amph_result r;
	bool ok = execute(s, NULL, &r);

	if (ok) {
		if (affected)
			*affected = r.affected;
		if (tag)
			memcpy(tag, r.tag, sizeof r.tag);
		c->driver->finish(c, &r);
	}
	stmt_free(s);
	return ok;
}

static inline void run(amph_conn *c, const char *sql)
{
	if (!try_run(c, sql, AMPH_CODE_ONCE | AMPH_CODE_WRITES, NULL, NULL))
		ck_abort_msg("%s: %s %s", sql, err.sqlstate, err.message);
}

static inline void control(amph_conn *c, const char *sql)
{
	if (!try_run(c, sql, AMPH_CODE_CONTROL, NULL, NULL))
		ck_abort_msg("%s: %s %s", sql, err.sqlstate, err.message);
}

static inline void *store_malloc(void *ctx, size_t size)
{
	return amph__arena_alloc(ctx, size);
}

/* The first column of the first row, as text; "NULL" and "" of no rows. In a ring of buffers. */
static inline const char *text_of(amph_conn *c, const char *sql)
{
	static _Thread_local char ring[8][4096];
	static _Thread_local int next;
	static const amph_slot slot = { .type = AMPH_T_TEXT, .name = "text" };
	static const amph_shape shape = { 1, &slot };
	amph_code code = code_of(sql, AMPH_CODE_ONCE | AMPH_CODE_DESCRIBE | AMPH_CODE_ROWS, 0, NULL, 0,
				 NULL);
	amph_stmt *s = stmt_new(c, &code);
	char *out = ring[next++ % 8];
	const char *text = NULL;
	amph_result r;
	amph_arena arena;
	size_t n = 0;

	amph__arena_init(&arena, &counting);
	if (!execute(s, NULL, &r))
		ck_abort_msg("%s: %s %s", sql, err.sqlstate, err.message);
	OK(c->driver->fetch(c, &r, &shape, &text, sizeof text, 1,
			    &(amph_store){ store_malloc, &arena }, &n, &err));
	snprintf(out, sizeof ring[0], "%s", n ? text ? text : "NULL" : "");
	c->driver->finish(c, &r);
	stmt_free(s);
	amph__arena_clear(&arena);
	return out;
}

static inline amph_arg value_arg(const amph_slot *slot, const void *base)
{
	return (amph_arg){ .n_slots = 1, .n_rows = 1, .slots = slot, .base = base };
}
#endif
