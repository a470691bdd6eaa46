/* src/sql/names.c: what a name tells by itself. */
#include "src/sql/names.h"
#include "tests/support/failing_alloc.h"
#include "tests/support/suite.h"
#include <string.h>

START_TEST(postgresqls_own_tables_and_columns)
{
	ck_assert(amph__is_catalog(NULL, "pg_class"));
	ck_assert(amph__is_catalog("pg_catalog", "anything"));
	ck_assert(amph__is_catalog("information_schema", "tables"));
	ck_assert(!amph__is_catalog(NULL, "pgclass"));
	ck_assert(!amph__is_catalog("public", "pg_mine"));
	ck_assert(!amph__is_catalog(NULL, ""));
	ck_assert(amph__is_system_column("ctid") && amph__is_system_column("xmax"));
	ck_assert(!amph__is_system_column("CTID") && !amph__is_system_column("oid"));
	ck_assert(amph__is_comparison("<>") && amph__is_comparison("!="));
	ck_assert(!amph__is_comparison("=>") && !amph__is_comparison("") && !amph__is_comparison("<=>"));
}
END_TEST

static bool split(const amph_allocator *allocator, void *ctx)
{
	amph_arena a;
	const char *schema, *object;

	(void)ctx;
	amph__arena_init(&a, allocator);
	bool ok = amph__own_name(&a, "app.fläche", &schema, &object);

	ck_assert(!ok || (!strcmp(schema, "app") && !strcmp(object, "fläche")));
	amph__arena_clear(&a);
	return ok;
}

START_TEST(names_within_schemas)
{
	static const char *const none[] = { "area", ".area", "app.", ".", "" };
	const char *schema, *object;
	amph_arena a;

	amph__arena_init(&a, &amph__libc_allocator);
	for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
		ck_assert(!amph__is_own_name(none[i]));
		ck_assert(!amph__own_name(&a, none[i], &schema, &object));
		ck_assert_ptr_null(schema);
	}
	amph__arena_clear(&a);
	ck_assert(amph__is_own_name("app.area"));
	ck_assert_uint_ge(failing_alloc_sweep(split, NULL), 1);
}
END_TEST

static bool fold(const amph_allocator *allocator, void *ctx)
{
	static const char *const cases[][2] = {
		{ "Orders_ID", "orders_id" }, { "\"Orders\"", "Orders" }, { "public.Orders", "orders" },
		{ "public.\"Orders\"", "Orders" }, { "pg_temp.t", "t" }, { "É", "É" }, { "", "" },
		{ "\"", "\"" }
	};
	amph_arena a;
	bool ok = true;

	(void)ctx;
	amph__arena_init(&a, allocator);
	for (size_t i = 0; i < sizeof cases / sizeof *cases && ok; i++) {
		const char *name = amph__relation_name(&a, cases[i][0]);

		ok = name != NULL;
		ck_assert_msg(!ok || !strcmp(name, cases[i][1]), "%s is %s", cases[i][0], name);
	}
	amph__arena_clear(&a);
	return ok;
}

START_TEST(relations_are_folded_unless_they_are_quoted)
{
	ck_assert_uint_ge(failing_alloc_sweep(fold, NULL), 1);
}
END_TEST

SUITE_MAIN("names", postgresqls_own_tables_and_columns, names_within_schemas,
	   relations_are_folded_unless_they_are_quoted)
