/* Two connections and a table for each test, and the one statement that most of them run. */
#ifndef TESTS_PG_CONNS_H
#define TESTS_PG_CONNS_H
#include "clean.h"
#include "harness.h"

static amph_driver_engine *engine;
static amph_conn *conn, *other;

static inline void open_conns(void)
{
	live_blocks = 0;
	engine = engine_new();
	conn = conn_new(engine);
	other = conn_new(engine);
	run(other, "DROP SCHEMA public CASCADE");
	run(other, "CREATE SCHEMA public");
	run(other, "CREATE TABLE things(id int8 PRIMARY KEY, name text UNIQUE, n int4 CHECK (n > 0))");
}

static inline void close_conns(void)
{
	if (conn)
		conn_free(conn);
	if (other)
		conn_free(other);
	engine_free(engine);
	ck_assert_int_eq(live_blocks, 0);
}

static const amph_sqltype int8_type = { .type = AMPH_T_INT64 }, text_type = { .type = AMPH_T_TEXT };
static const amph_param int8_param = { AMPH_PARAM_VALUE, 1, &int8_type };
static const amph_result_column int8_column = { "n", { .type = AMPH_T_INT64 } };
static const amph_slot int8_slot = { .type = AMPH_T_INT64, .name = "n" };
static const amph_shape int8_shape = { 1, &int8_slot };

static inline int64_t soon(int ms)
{
	return amph__monotonic_usec() + (int64_t)ms * 1000;
}

/* The int8 that a collected result has in its first row. */
static inline int64_t take_int(amph_conn *c, amph_result *r)
{
	int64_t out = -1;
	size_t n;

	OK(c->driver->fetch(c, r, &int8_shape, &out, sizeof out, 1, NULL, &n, &err));
	ck_assert_uint_eq(n, 1);
	c->driver->finish(c, r);
	return out;
}

static inline int64_t call(amph_stmt *s, int64_t value)
{
	amph_arg arg = value_arg(&int8_slot, &value);
	amph_result r;

	OK(execute(s, &arg, &r));
	return take_int(s->conn, &r);
}

static inline amph_code things_code(void)
{
	return code_of("SELECT count(*) FROM things WHERE id > $1", AMPH_CODE_ROWS, 1, &int8_param, 1,
		       &int8_column);
}
#endif
