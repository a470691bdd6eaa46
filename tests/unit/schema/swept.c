/* Statements of text whose allocations fail, one after the other. */
#include "swept.h"
#include "tests/support/failing_alloc.h"
#include <amphora.h>
#include <check.h>
#include <stdio.h>
#include <string.h>

static failing_alloc memory;

static void fail_at(size_t n)
{
	memory.fail_at = n;
	atomic_store(&memory.calls, 0);
}

static void expect(amph_session *s, const swept *t, const char *want, size_t failed_at)
{
	char got[200];
	amph_rows *r = amph_sql(s, t->question);

	if (amph_next(r))
		snprintf(got, sizeof got, "%s", amph_cell_text_at(r, 0));
	else
		snprintf(got, sizeof got, "no row");
	if (!amph_rows_close(r))
		snprintf(got, sizeof got, "!%s", amph_session_error(s)->sqlstate);
	ck_assert_msg(!strcmp(got, want), "%s: where allocation %zu failed: %s, expected %s", t->sql,
		      failed_at, got, want);
}

/* false: no allocation failed any more. */
static bool attempt(amph_session *s, const swept *t, size_t n)
{
	fail_at(n);
	bool ok = amph_script(s, t->sql);
	size_t calls = atomic_load(&memory.calls);

	fail_at(0);
	ck_assert_msg(ok || calls >= n, "%s: %s", t->sql, amph_session_error(s)->message);
	if (ok)
		expect(s, t, t->after, n);
	else
		ck_assert_msg(!strcmp(amph_session_error(s)->sqlstate, "53200"), "%s: %zu: %s %s", t->sql, n,
			      amph_session_error(s)->sqlstate, amph_session_error(s)->message);
	amph_rollback(s);
	expect(s, t, t->before, n);
	amph_rollback(s);
	return calls >= n;
}

void sweep_statements(const char *begin, const swept *statements, size_t n)
{
	static const amph_model *const none[] = { NULL };
	amph_error err;

	failing_alloc_init(&memory, 0);
	amph_engine *db = amph_open("sqlite::memory:",
				    AMPH_OPTIONS(.models = none, .allocator = &memory.allocator), &err);
	ck_assert_msg(db != NULL, "%s", err.message);
	amph_session *s = amph_session_open(db);
	ck_assert_msg(amph_script(s, begin) && amph_commit(s), "%s", amph_session_error(s)->message);
	for (size_t i = 0; i < n; i++) {
		size_t at = 1;

		while (attempt(s, &statements[i], at))
			at += 1 + at / 256;
		ck_assert_msg(at > 10, "%s: %zu allocations", statements[i].sql, at);
	}
	amph_session_close(s);
	amph_close(db);
	ck_assert_uint_eq(atomic_load(&memory.live), 0);
}
