/* src/schema/plan.c and catalog.c: every statement of the shop's tables, as text of each database.
 * What is expected is in the files create.<dialect>.sql here. */
#include "src/base/buf.h"
#include "src/schema/schema.h"
#include "tests/support/failing_alloc.h"
#include "tests/support/suite.h"
#include "tests/unit/model/shop.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern const amph_driver amph__pg_driver, amph__sl_driver;

static amph_registry *open_shop(const amph_allocator *a, amph_error *err)
{
	return amph__registry_open(a, shop_models, err);
}

static bool add_statements(amph_buf *out, amph_plan *plan, amph_error *err)
{
	for (size_t i = 0; i < plan->n; i++) {
		amph_code *code = amph__compile(plan->arena, plan->dialect, plan->stmts[i],
						&plan->registry->names, err);

		if (!code)
			return false;
		amph__buf_printf(out, "%s;\n", code->sql);
	}
	return (!plan->failed && !out->failed) || amph__error_nomem(err);
}

/* Both plans: in an empty database, and to drop what is there. */
static bool add_plans(amph_buf *out, amph_arena *arena, const amph_registry *r,
		      const amph_dialect *dialect, amph_error *err)
{
	amph_plan make = { .arena = arena, .registry = r, .dialect = dialect };
	amph_plan drop = make;

	amph__plan_create(&make);
	amph__plan_drop(&drop);
	return add_statements(out, &make, err) && add_statements(out, &drop, err);
}

static char *read_file(const char *name)
{
	const char *srcdir = getenv("AMPH_SRCDIR");
	amph_buf path, text;
	char part[4096];
	size_t n;
	FILE *f;

	amph__buf_init(&path, &amph__libc_allocator);
	amph__buf_init(&text, &amph__libc_allocator);
	amph__buf_printf(&path, "%s/tests/unit/schema/%s", srcdir ? srcdir : ".", name);
	f = fopen(path.text, "r");
	ck_assert_msg(f != NULL, "%s cannot be read", path.text);
	while ((n = fread(part, 1, sizeof(part), f)) > 0)
		amph__buf_add(&text, part, n);
	fclose(f);
	amph__buf_clear(&path);
	ck_assert_msg(text.text != NULL, "%s is empty", name);
	return text.text;
}

static void expect_text(const char *got, const char *want)
{
	size_t line = 0;

	while (*got && *want) {
		size_t a = strcspn(got, "\n"), b = strcspn(want, "\n");

		line++;
		ck_assert_msg(a == b && !strncmp(got, want, a), "line %zu is\n%.*s\nand not\n%.*s",
			      line, (int)a, got, (int)b, want);
		got += a + (got[a] != '\0');
		want += b + (want[b] != '\0');
	}
	ck_assert_msg(!*got && !*want, "after line %zu comes\n%s\nand not\n%s", line, got, want);
}

static void expect_plans(const amph_dialect *dialect, const char *file)
{
	amph_error err = { 0 };
	amph_registry *r = open_shop(&amph__libc_allocator, &err);
	char *want = read_file(file);
	amph_arena arena;
	amph_buf got;

	ck_assert_msg(r != NULL, "%s", err.message);
	amph__arena_init(&arena, &amph__libc_allocator);
	amph__buf_init(&got, &amph__libc_allocator);
	ck_assert_msg(add_plans(&got, &arena, r, dialect, &err), "%s", err.message);
	expect_text(got.text, want);
	amph__buf_clear(&got);
	amph__arena_clear(&arena);
	amph__registry_close(r);
	free(want);
}

START_TEST(postgresql_has_its_own_words)
{
#ifdef AMPH_HAVE_POSTGRESQL
	expect_plans(amph__pg_driver.dialect, "create.postgresql.sql");
#endif
}
END_TEST

START_TEST(sqlite_has_guards_and_a_catalogue)
{
#ifdef AMPH_HAVE_SQLITE
	expect_plans(amph__sl_driver.dialect, "create.sqlite.sql");
#endif
}
END_TEST

/* ---- memory ---- */

static bool plan_with(const amph_allocator *a, void *ctx)
{
	amph_error err = { 0 };
	amph_registry *r = open_shop(&amph__libc_allocator, &err);
	amph_arena arena;
	amph_buf out;
	bool ok;

	amph__arena_init(&arena, a);
	amph__buf_init(&out, a);
	ok = add_plans(&out, &arena, r, ctx, &err);
	ck_assert_msg(ok || err.status == AMPH_E_NOMEM, "%s %s", err.sqlstate, err.message);
	amph__buf_clear(&out);
	amph__arena_clear(&arena);
	amph__registry_close(r);
	return ok;
}

START_TEST(memory_may_run_out)
{
#ifdef AMPH_HAVE_POSTGRESQL
	failing_alloc_sweep(plan_with, (void *)(uintptr_t)amph__pg_driver.dialect);
#endif
#ifdef AMPH_HAVE_SQLITE
	failing_alloc_sweep(plan_with, (void *)(uintptr_t)amph__sl_driver.dialect);
#endif
}
END_TEST

SUITE_MAIN("plan", postgresql_has_its_own_words, sqlite_has_guards_and_a_catalogue,
	   memory_may_run_out)
