/* The resolver over parsed statements: what it makes of them is what PostgreSQL makes of them. */
#include "../../../support/failing_alloc.h"
#include "../../../support/suite.h"
#include "schema.h"
#include <stdio.h>
#include <string.h>

static size_t wrong_answers(const resolve_case *cases, size_t n)
{
	char answer[4096];
	amph_error err;
	size_t wrong = 0;

	for (size_t i = 0; i < n; i++) {
		resolve_answer(cases[i].sql, answer, sizeof(answer), &err);
		if (!strcmp(answer, cases[i].answer))
			continue;
		fprintf(stderr, "%s\n\texpected %s\n\tgot      %s %s\n", cases[i].sql,
			cases[i].answer, answer, err.sqlstate[0] ? err.message : "");
		wrong++;
	}
	return wrong;
}

START_TEST(resolve_scalars)
{
	ck_assert_uint_eq(wrong_answers(resolve_cases_scalar, resolve_cases_scalar_count), 0);
}
END_TEST

START_TEST(resolve_selects)
{
	ck_assert_uint_eq(wrong_answers(resolve_cases_select, resolve_cases_select_count), 0);
}
END_TEST

START_TEST(resolve_queries)
{
	ck_assert_uint_eq(wrong_answers(resolve_cases_query, resolve_cases_query_count), 0);
}
END_TEST

START_TEST(resolve_writes)
{
	ck_assert_uint_eq(wrong_answers(resolve_cases_write, resolve_cases_write_count), 0);
}
END_TEST

START_TEST(resolve_refuses_by_name)
{
	ck_assert_uint_eq(wrong_answers(resolve_cases_own, resolve_cases_own_count), 0);
}
END_TEST

/* ---- trees ---- */

static sql_stmt *parsed(amph_arena *arena, const char *sql)
{
	amph_error err;
	sql_stmt *stmt = amph__parse_stmt(arena, sql, &err);

	ck_assert_msg(stmt != NULL, "%s: %s", sql, err.message);
	ck_assert_msg(amph__resolve(arena, stmt, &resolve_names, &err), "%s: %s", sql, err.message);
	return stmt;
}

START_TEST(literals_take_the_type_that_is_needed)
{
	amph_arena arena;
	const sql_expr *where;

	amph__arena_init(&arena, &amph__libc_allocator);
	where = parsed(&arena, "SELECT 1 FROM users WHERE born = ' 2020-1-4'")->select->where;
	ck_assert_int_eq(where->args.items[1]->kind, SQL_CONST);
	ck_assert_int_eq(where->args.items[1]->type.type, AMPH_T_DATE);
	ck_assert_str_eq(where->args.items[1]->text, "2020-01-04");
	ck_assert_str_eq(where->row->impl, "date_eq");
	amph__arena_clear(&arena);
}
END_TEST

START_TEST(assignments_get_casts_with_length)
{
	amph_arena arena;
	const sql_assign *set;

	amph__arena_init(&arena, &amph__libc_allocator);
	set = parsed(&arena, "UPDATE users SET balance = age, username = note, age = 1")->set;
	ck_assert_int_eq(set->value->kind, SQL_CAST);
	ck_assert(!set->value->explicit_cast);
	ck_assert_int_eq(set->value->type.length, 10);
	ck_assert_int_eq(set->value->type.scale, 2);
	set = set->next;
	ck_assert_int_eq(set->value->kind, SQL_CAST);
	ck_assert_int_eq(set->value->type.length, 80);
	ck_assert_int_eq(set->next->value->kind, SQL_CONST);
	amph__arena_clear(&arena);
}
END_TEST

START_TEST(outer_joins_make_columns_nullable)
{
	amph_arena arena;
	const sql_select *s;

	amph__arena_init(&arena, &amph__libc_allocator);
	s = parsed(&arena, "SELECT u.id, o.id, coalesce(o.id, 0), o.total + 1, count(*) OVER () "
			   "FROM users u LEFT JOIN orders o ON o.user_id = u.id")
		    ->select;
	ck_assert(!s->columns[0].type.nullable);
	ck_assert(s->columns[1].type.nullable);
	ck_assert(!s->columns[2].type.nullable);
	ck_assert(s->columns[3].type.nullable);
	ck_assert(!s->columns[4].type.nullable);
	amph__arena_clear(&arena);
}
END_TEST

START_TEST(a_position_is_the_column_itself)
{
	amph_arena arena;
	const sql_select *s;

	amph__arena_init(&arena, &amph__libc_allocator);
	s = parsed(&arena, "SELECT lower(note) AS n FROM users GROUP BY 1 ORDER BY n")->select;
	ck_assert_ptr_eq(s->group_by.items[0], s->targets->expr);
	ck_assert_ptr_eq(s->order->expr, s->targets->expr);
	amph__arena_clear(&arena);
}
END_TEST

START_TEST(lists_of_mixed_types_are_written_out)
{
	amph_arena arena;
	const sql_expr *where;

	amph__arena_init(&arena, &amph__libc_allocator);
	where = parsed(&arena, "SELECT 1 FROM users WHERE age IN (1, 2, 3)")->select->where;
	ck_assert_int_eq(where->kind, SQL_IN_LIST);
	where = parsed(&arena, "SELECT 1 FROM users WHERE age IN (id, balance)")->select->where;
	ck_assert_int_eq(where->kind, SQL_OR);
	ck_assert_str_eq(where->args.items[0]->row->impl, "int48eq");
	ck_assert_str_eq(where->args.items[1]->row->impl, "numeric_eq");
	amph__arena_clear(&arena);
}
END_TEST

START_TEST(using_becomes_a_condition)
{
	amph_arena arena;
	const sql_range *join;

	amph__arena_init(&arena, &amph__libc_allocator);
	join = parsed(&arena, "SELECT * FROM log a JOIN orders b USING (id)")->select->from;
	ck_assert_ptr_null(join->using_columns);
	ck_assert_ptr_nonnull(join->on);
	amph__arena_clear(&arena);
}
END_TEST

START_TEST(row_sets_have_the_types_of_their_parameter)
{
	static const char *const names[] = { "k", "v" };
	static const amph_sqltype types[] = { { .type = AMPH_T_INT64 }, { .type = AMPH_T_TEXT } };
	amph_param param = { AMPH_PARAM_ROWS, 2, types };
	amph_arena arena;
	amph_error err;
	sql_stmt *stmt;
	sql_expr *left, *right;

	amph__arena_init(&arena, &amph__libc_allocator);
	stmt = AMPH_NEW(&arena, sql_stmt);
	stmt->kind = SQL_STMT_UPDATE;
	stmt->params = &param;
	stmt->n_params = 1;
	stmt->target = sql_range_table(&arena, resolve_table("users"), "t");
	stmt->from = sql_range_rows(&arena, 0, "r", names, 2);
	stmt->set = AMPH_NEW(&arena, sql_assign);
	stmt->set->column = "note";
	stmt->set->value = sql_column(&arena, "r", "v");
	left = sql_column(&arena, "t", "id");
	right = sql_column(&arena, "r", "k");
	stmt->where = sql_op(&arena, "=", left, right);
	ck_assert_msg(amph__resolve(&arena, stmt, &resolve_names, &err), "%s", err.message);
	ck_assert_str_eq(stmt->where->row->impl, "int8eq");
	ck_assert_int_eq(stmt->set->value->type.type, AMPH_T_TEXT);
	stmt->from->n_columns = 3;
	stmt->from->types = NULL;
	ck_assert(!amph__resolve(&arena, stmt, &resolve_names, &err));
	amph__arena_clear(&arena);
}
END_TEST

/* ---- lone expressions ---- */

static bool resolve_text(const char *text, const sql_table *table, int want, amph_error *err)
{
	const amph_sqltype type = { .type = (uint8_t)want };
	amph_arena arena;
	sql_expr *e;
	bool ok;

	amph__arena_init(&arena, &amph__libc_allocator);
	amph__error_clear(err);
	e = amph__parse_expr(&arena, text, err);
	ok = e && amph__resolve_expr(&arena, &e, table, &resolve_names, &type, err);
	amph__arena_clear(&arena);
	return ok;
}

START_TEST(expressions_of_schemas)
{
	const sql_table *users = resolve_table("users");
	amph_error err;

	ck_assert(resolve_text("age > 0 AND length(username) > 2", users, AMPH_T_BOOL, &err));
	ck_assert(resolve_text("lower(username)", users, AMPH_T_NONE, &err));
	ck_assert(resolve_text("now()", NULL, AMPH_T_TIMESTAMPTZ, &err));
	ck_assert(resolve_text("'{}'", NULL, AMPH_T_JSON, &err));
	ck_assert(!resolve_text("age + 1", users, AMPH_T_BOOL, &err));
	ck_assert_str_eq(err.sqlstate, "42804");
	ck_assert(!resolve_text("age > nope", users, AMPH_T_BOOL, &err));
	ck_assert_str_eq(err.sqlstate, "42703");
	ck_assert(!resolve_text("age", NULL, AMPH_T_INT32, &err));
	ck_assert_str_eq(err.sqlstate, "0A000");
	ck_assert(!resolve_text("(SELECT true)", users, AMPH_T_BOOL, &err));
	ck_assert_str_eq(err.sqlstate, "0A000");
	ck_assert(!resolve_text("age > $1", users, AMPH_T_BOOL, &err));
	ck_assert_str_eq(err.sqlstate, "42P02");
	ck_assert(!resolve_text("count(*) > 1", users, AMPH_T_BOOL, &err));
	ck_assert_str_eq(err.sqlstate, "42803");
	ck_assert(!resolve_text("row_number() OVER () > 1", users, AMPH_T_BOOL, &err));
	ck_assert_str_eq(err.sqlstate, "42P20");
}
END_TEST

START_TEST(errors_have_a_place)
{
	char answer[100];
	amph_error err;

	resolve_answer("SELECT id, nope FROM users", answer, sizeof(answer), &err);
	ck_assert_str_eq(err.sqlstate, "42703");
	ck_assert_int_eq(err.position, 12);
	ck_assert_str_eq(err.message, "column \"nope\" does not exist");
}
END_TEST

/* A tree of which a constructor had no memory for a part. */
START_TEST(missing_nodes_are_no_memory)
{
	amph_arena arena;
	amph_error err;
	sql_stmt *stmt;

	amph__arena_init(&arena, &amph__libc_allocator);
	stmt = parsed(&arena, "SELECT 1");
	stmt->select->columns = NULL;
	stmt->select->targets->expr = sql_new(&arena, SQL_NOT, 1);
	ck_assert(!amph__resolve(&arena, stmt, &resolve_names, &err));
	ck_assert_str_eq(err.sqlstate, "53200");
	amph__arena_clear(&arena);
}
END_TEST

START_TEST(deep_expressions_are_refused)
{
	amph_arena arena;
	amph_error err;
	sql_stmt *stmt;
	sql_expr *e;

	amph__arena_init(&arena, &amph__libc_allocator);
	stmt = parsed(&arena, "SELECT 1");
	e = sql_const(&arena, AMPH_T_BOOL, "t");
	for (int i = 0; i < 100000; i++) {
		sql_expr *not = sql_new(&arena, SQL_NOT, 1);

		not ->args.items[0] = e;
		e = not ;
	}
	stmt->select->columns = NULL;
	stmt->select->targets->expr = e;
	ck_assert(!amph__resolve(&arena, stmt, &resolve_names, &err));
	ck_assert_str_eq(err.sqlstate, "54001");
	amph__arena_clear(&arena);
}
END_TEST

/* ---- memory ---- */

static bool resolves(const amph_allocator *a, void *ctx)
{
	const char *sql = ctx;
	amph_arena trees, arena;
	amph_error err;
	sql_stmt *stmt;
	bool ok;

	amph__arena_init(&trees, &amph__libc_allocator);
	amph__arena_init(&arena, a);
	amph__error_clear(&err);
	stmt = amph__parse_stmt(&trees, sql, &err);
	ck_assert_ptr_nonnull(stmt);
	ok = amph__resolve(&arena, stmt, &resolve_names, &err);
	if (!ok)
		ck_assert_str_eq(err.sqlstate, "53200");
	amph__arena_clear(&arena);
	amph__arena_clear(&trees);
	return ok;
}

START_TEST(failed_allocations_are_reported)
{
	static char statements[][200] = {
		"SELECT u.id, count(*), sum(o.total) FROM users u JOIN orders o USING (id) "
		"WHERE u.age IN (1, 2.5, $1) AND u.data @> '{\"a\": 1}' GROUP BY u.id ORDER BY 2",
		"WITH RECURSIVE t(n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM t) SELECT * FROM t",
		"INSERT INTO items SELECT DISTINCT 1, 2, 'x' UNION SELECT 3, 4, 'y' RETURNING *",
		"UPDATE users SET age = $1, tags = tags || 'x'::text, balance = age WHERE id = "
		"ANY($2)",
	};

	for (size_t i = 0; i < sizeof(statements) / sizeof(statements[0]); i++)
		ck_assert_uint_gt(failing_alloc_sweep(resolves, statements[i]), 0);
}
END_TEST

SUITE_MAIN("resolve", resolve_scalars, resolve_selects, resolve_queries, resolve_writes,
	   resolve_refuses_by_name, literals_take_the_type_that_is_needed,
	   assignments_get_casts_with_length, outer_joins_make_columns_nullable,
	   a_position_is_the_column_itself, lists_of_mixed_types_are_written_out,
	   using_becomes_a_condition, row_sets_have_the_types_of_their_parameter,
	   expressions_of_schemas, errors_have_a_place, missing_nodes_are_no_memory,
	   deep_expressions_are_refused, failed_allocations_are_reported)
