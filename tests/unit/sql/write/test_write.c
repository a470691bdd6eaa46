/* src/sql/write*.c and the dialects: PostgreSQL's text, parsed and resolved, as each database gets
 * it. "ERR" and the SQLSTATE stand for a refusal. */
#include "src/sql/sql.h"
#include "tests/support/failing_alloc.h"
#include "tests/support/suite.h"
#include <stdio.h>
#include <string.h>

extern const amph_dialect amph__pg_dialect, amph__sl_dialect;
extern const amph_dialect *amph__pg_dialect_with(const char *collation);

static const char *const labels[] = { "sad", "ok", "happy" };
static const amph_enum_type mood = { "mood", labels, 3 };

#define COLUMN(n, t, ...) { .name = n, .type = { .type = t, .nullable = true, __VA_ARGS__ } }
static const sql_column_def t_columns[] = {
	{ .name = "id", .type = { .type = AMPH_T_INT64 }, .identity = true },
	COLUMN("a", AMPH_T_INT32),
	COLUMN("b", AMPH_T_TEXT),
	COLUMN("n", AMPH_T_NUMERIC, .length = 10, .scale = 2),
	COLUMN("d", AMPH_T_TIMESTAMPTZ),
	COLUMN("j", AMPH_T_JSON),
	COLUMN("e", AMPH_T_ENUM, .enumeration = &mood),
	COLUMN("f", AMPH_T_DOUBLE),
	COLUMN("bo", AMPH_T_BOOL),
	COLUMN("iv", AMPH_T_INTERVAL),
	COLUMN("da", AMPH_T_DATE),
	COLUMN("ts", AMPH_T_TIMESTAMP),
	COLUMN("v", AMPH_T_TEXT, .length = 5),
	COLUMN("arr", AMPH_T_INT32 | AMPH_T_ARRAY)
};
static const char *const t_key[] = { "id", NULL }, *const t_unique[] = { "a", "b", NULL };
static const char *const *const t_uniques[] = { t_unique, NULL };
static const sql_table t_table = { .name = "t", .n_columns = sizeof(t_columns) / sizeof(t_columns[0]),
				   .columns = t_columns, .primary_key = t_key,
				   .uniques = t_uniques };
static const sql_column_def t2_columns[] = {
	{ .name = "id", .type = { .type = AMPH_T_INT64 }, .identity = true },
	COLUMN("t_id", AMPH_T_INT64),
	COLUMN("c", AMPH_T_TEXT)
};
static const sql_table t2_table = { .schema = "app", .name = "t2", .n_columns = 3,
				    .columns = t2_columns, .primary_key = t_key };

static const sql_table *find_table(void *ctx, const char *schema, const char *name)
{
	(void)ctx, (void)schema;
	return !strcmp(name, "t") ? &t_table : !strcmp(name, "t2") ? &t2_table : NULL;
}

static const amph_enum_type *find_enum(void *ctx, const char *name)
{
	(void)ctx;
	return !strcmp(name, "mood") ? &mood : NULL;
}

static const sql_names names = { .table = find_table, .enumeration = find_enum };

typedef struct golden { const char *text, *postgresql, *sqlite; } golden;

static const golden goldens[] = {
#include "golden.inc"
};

static amph_arena arena;

static void setup(void)
{
	amph__arena_init(&arena, &amph__libc_allocator);
}

static void teardown(void)
{
	amph__arena_clear(&arena);
}

static const char *written(const char *text, const amph_dialect *dialect)
{
	amph_error err = { 0 };
	sql_stmt *stmt = amph__parse_stmt(&arena, text, &err);
	amph_code *code = stmt ? amph__compile(&arena, dialect, stmt, &names, &err) : NULL;

	return code ? code->sql : amph__arena_printf(&arena, "ERR %s", err.sqlstate);
}

START_TEST(statements_are_written_for_both)
{
	for (size_t i = 0; i < sizeof(goldens) / sizeof(goldens[0]); i++) {
		ck_assert_str_eq(written(goldens[i].text, &amph__pg_dialect), goldens[i].postgresql);
		ck_assert_str_eq(written(goldens[i].text, &amph__sl_dialect), goldens[i].sqlite);
	}
}
END_TEST

/* Only what sorts or compares by order gets the collation. */
START_TEST(another_collation_is_named_where_it_matters)
{
	ck_assert_str_eq(written("SELECT b FROM t WHERE b = 'x' AND b > 'a' ORDER BY b",
				 amph__pg_dialect_with("")),
			 "SELECT \"t\".\"b\" AS \"b\" FROM \"t\" WHERE ((\"t\".\"b\" = "
			 "('x'::text)) AND ((\"t\".\"b\" COLLATE \"C\") > (('a'::text) COLLATE "
			 "\"C\"))) ORDER BY (\"t\".\"b\" COLLATE \"C\")");
	ck_assert_str_eq(written("SELECT DISTINCT b, a FROM t ORDER BY b", amph__pg_dialect_with("")),
			 "SELECT DISTINCT (\"t\".\"b\" COLLATE \"C\") AS \"b\", \"t\".\"a\" AS "
			 "\"a\" FROM \"t\" ORDER BY (\"t\".\"b\" COLLATE \"C\")");
	ck_assert_str_eq(written("SELECT max(b), max(a) FROM t", amph__pg_dialect_with("")),
			 "SELECT max((\"t\".\"b\" COLLATE \"C\")) AS \"max\", max(\"t\".\"a\") AS "
			 "\"max\" FROM \"t\"");
	ck_assert_str_eq(written("SELECT string_agg(DISTINCT b, ',' ORDER BY b) FROM t",
				 amph__pg_dialect_with("")),
			 "SELECT string_agg(DISTINCT (\"t\".\"b\" COLLATE \"C\"), "
			 "((','::text) COLLATE \"C\") "
			 "ORDER BY (\"t\".\"b\" COLLATE \"C\")) AS \"string_agg\" FROM \"t\"");
	ck_assert_str_eq(written("SELECT greatest(b, 'x') AS g FROM t", amph__pg_dialect_with("C.utf8")),
			 "SELECT GREATEST((\"t\".\"b\" COLLATE \"C.utf8\"), "
			 "(('x'::text) COLLATE \"C.utf8\")) AS \"g\" FROM \"t\"");
}
END_TEST

static sql_target *target(sql_expr *e, sql_target *next)
{
	sql_target *t = AMPH_NEW(&arena, sql_target);

	t->expr = e;
	t->next = next;
	return t;
}

static const char *written_tree(sql_stmt *stmt, const amph_dialect *dialect)
{
	amph_error err = { 0 };
	amph_code *code = amph__compile(&arena, dialect, stmt, &names, &err);

	return code ? code->sql : amph__arena_printf(&arena, "ERR %s %s", err.sqlstate, err.message);
}

static const amph_sqltype row_types[] = { { .type = AMPH_T_INT64 },
					  { .type = AMPH_T_TEXT },
					  { .type = AMPH_T_INT32 | AMPH_T_ARRAY } };
static const char *const row_names[] = { "k_id", "b", "arr" };

/* A row set of n columns as parameter 1, after a value. */
static sql_stmt *with_rows(sql_stmt_kind kind, size_t n)
{
	sql_stmt *stmt = AMPH_NEW(&arena, sql_stmt);

	stmt->kind = kind;
	stmt->location = -1;
	stmt->n_params = 2;
	stmt->params = AMPH_NEWS(&arena, amph_param, 2);
	stmt->params[0] = (amph_param){ AMPH_PARAM_VALUE, 1, &row_types[1] };
	stmt->params[1] = (amph_param){ AMPH_PARAM_ROWS, n, row_types };
	stmt->target = sql_range_table(&arena, &t_table, "t");
	return stmt;
}

static sql_stmt *insert_rows(size_t n)
{
	static const char *const columns[] = { "id", "b", NULL }, *const all[] = { "id", "b", "arr", NULL };
	sql_stmt *stmt = with_rows(SQL_STMT_INSERT, n);

	stmt->columns = n > 2 ? all : columns;
	stmt->select = AMPH_NEW(&arena, sql_select);
	stmt->select->from = sql_range_rows(&arena, 1, "r", row_names, n);
	for (size_t i = n; i > 0; i--)
		stmt->select->targets = target(sql_column(&arena, "r", row_names[i - 1]),
					       stmt->select->targets);
	return stmt;
}

START_TEST(a_row_set_is_a_table)
{
	ck_assert_str_eq(written_tree(insert_rows(2), &amph__pg_dialect),
			 "INSERT INTO \"t\" (\"id\", \"b\") SELECT \"r\".\"k_id\" AS \"k_id\", "
			 "\"r\".\"b\" AS \"b\" FROM unnest($2::int8[], $3::text[]) AS "
			 "\"r\"(\"k_id\", \"b\")");
	ck_assert_str_eq(written_tree(insert_rows(2), &amph__sl_dialect),
			 "INSERT INTO \"t\" (\"id\", \"b\") SELECT \"r\".\"c0\" AS \"k_id\", "
			 "\"r\".\"c1\" AS \"b\" FROM amph_rows(?2) AS \"r\"");
}
END_TEST

/* unnest flattens arrays of arrays, so they go as texts. */
START_TEST(arrays_in_a_row_set_are_texts)
{
	ck_assert_str_eq(written_tree(insert_rows(3), &amph__pg_dialect),
			 "INSERT INTO \"t\" (\"id\", \"b\", \"arr\") SELECT \"r\".\"k_id\" AS "
			 "\"k_id\", \"r\".\"b\" AS \"b\", \"r\".\"arr\" AS \"arr\" FROM (SELECT "
			 "\"k_id\", \"b\", \"arr\"::int4[] AS \"arr\" FROM unnest($2::int8[], "
			 "$3::text[], $4::text[]) AS \"r\"(\"k_id\", \"b\", \"arr\")) AS \"r\"");
}
END_TEST

static sql_expr *same_id(void)
{
	return sql_op(&arena, "=", sql_column(&arena, "t", "id"), sql_column(&arena, "r", "k_id"));
}

START_TEST(a_delete_by_rows_finds_them_by_key)
{
	sql_stmt *stmt = with_rows(SQL_STMT_DELETE, 1);

	stmt->from = sql_range_rows(&arena, 1, "r", row_names, 1);
	stmt->where = same_id();
	ck_assert_str_eq(written_tree(stmt, &amph__sl_dialect),
			 "DELETE FROM \"t\" WHERE \"t\"._rowid_ IN (SELECT \"t\"._rowid_ FROM \"t\", "
			 "amph_rows(?2) AS \"r\" WHERE (\"t\".\"id\" = \"r\".\"c0\"))");
}
END_TEST

START_TEST(a_list_of_any_length_is_one_parameter)
{
	sql_stmt *stmt = with_rows(SQL_STMT_DELETE, 1);
	sql_expr *in = sql_new(&arena, SQL_IN_ROWS, 1);

	in->args.items[0] = sql_column(&arena, "t", "id");
	in->param = 1;
	in->negated = true;
	stmt->where = in;
	ck_assert_str_eq(written_tree(stmt, &amph__pg_dialect),
			 "DELETE FROM \"t\" WHERE (\"t\".\"id\" <> ALL ($2::int8[]))");
	ck_assert_str_eq(written_tree(stmt, &amph__sl_dialect),
			 "DELETE FROM \"t\" WHERE (\"t\".\"id\" NOT IN (SELECT \"c0\" FROM "
			 "amph_rows(?2)))");
}
END_TEST

/* Databases limit the depth of expressions: a chain is written as a tree. */
START_TEST(a_chain_of_conditions_is_balanced)
{
	sql_expr *where = NULL;
	sql_stmt *stmt = with_rows(SQL_STMT_DELETE, 1);
	int depth = 0, deepest = 0;

	for (int i = 0; i < 5000; i++)
		where = sql_and(&arena, where,
				sql_op(&arena, "=", sql_column(&arena, "t", "id"),
				       sql_const(&arena, AMPH_T_INT64, "7")));
	stmt->where = where;
	for (const char *p = written_tree(stmt, &amph__sl_dialect); *p; p++) {
		depth += *p == '(' ? 1 : *p == ')' ? -1 : 0;
		deepest = depth > deepest ? depth : deepest;
	}
	ck_assert_int_eq(depth, 0);
	ck_assert_int_gt(deepest, 10);
	ck_assert_int_lt(deepest, 20);
}
END_TEST

/* Both keep their own end though they share the beginning. */
START_TEST(conjunctions_may_share_a_beginning)
{
	sql_expr *a = sql_const(&arena, AMPH_T_BOOL, "t"), *b = sql_const(&arena, AMPH_T_BOOL, "f");
	sql_expr *two = sql_and(&arena, sql_and(&arena, a, a), a);
	sql_expr *x = sql_and(&arena, two, a), *y = sql_and(&arena, two, b);

	ck_assert_ptr_eq(x->args.items[3], a);
	ck_assert_ptr_eq(y->args.items[3], b);
	ck_assert_uint_eq(two->args.n, 3);
}
END_TEST

static sql_stmt *create_table(void)
{
	static const char *const pair[] = { "b", "n", NULL }, *const n_only[] = { "n", NULL };
	static const char *const id[] = { "id", NULL };
	static sql_constraint list[] = {
		{ .kind = 'p', .name = "t_pkey", .columns = id },
		{ .kind = 'u', .name = "t_b_n_key", .columns = pair },
		{ .kind = 'f', .name = "t_n_fkey", .columns = n_only, .target = "t2",
		  .target_schema = "app", .target_columns = id, .on_delete = "CASCADE",
		  .deferrable = true, .deferred = true },
		{ .kind = 'c', .name = "t_z_check", .check_sql = "b <> ''" },
		{ .kind = 'c', .name = "t_a_check", .check_sql = "n > 0 AND e <> 'sad'" }
	};
	static const sql_column_def columns[] = {
		{ .name = "id", .type = { .type = AMPH_T_INT64 }, .identity = true },
		{ .name = "b", .type = { .type = AMPH_T_TEXT, .length = 80 }, .default_sql = "'x'" },
		COLUMN("n", AMPH_T_NUMERIC, .length = 10, .scale = 2),
		COLUMN("e", AMPH_T_ENUM, .enumeration = &mood),
		{ .name = "i2", .type = { .type = AMPH_T_INT16, .nullable = true },
		  .computed_sql = "length(b)::int2" }
	};
	static const sql_table table = { .name = "t", .n_columns = 5, .columns = columns,
					 .primary_key = id };
	sql_stmt *stmt = AMPH_NEW(&arena, sql_stmt);

	for (size_t i = 0; i + 1 < sizeof(list) / sizeof(list[0]); i++)
		list[i].next = &list[i + 1];
	stmt->kind = SQL_STMT_CREATE_TABLE;
	stmt->table = &table;
	stmt->constraints = list;
	return stmt;
}

START_TEST(tables_are_created_on_both)
{
	ck_assert_str_eq(written_tree(create_table(), &amph__pg_dialect),
			 "CREATE TABLE \"t\" (\n"
			 "\t\"id\" int8 GENERATED BY DEFAULT AS IDENTITY NOT NULL,\n"
			 "\t\"b\" varchar(80) NOT NULL DEFAULT ('x'),\n"
			 "\t\"n\" numeric(10,2),\n"
			 "\t\"e\" \"mood\",\n"
			 "\t\"i2\" int2 GENERATED ALWAYS AS (length(b)::int2) STORED,\n"
			 "\tCONSTRAINT \"t_pkey\" PRIMARY KEY (\"id\"),\n"
			 "\tCONSTRAINT \"t_b_n_key\" UNIQUE (\"b\", \"n\"),\n"
			 "\tCONSTRAINT \"t_n_fkey\" FOREIGN KEY (\"n\") REFERENCES \"app\".\"t2\" "
			 "(\"id\") ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,\n"
			 "\tCONSTRAINT \"t_a_check\" CHECK (n > 0 AND e <> 'sad'),\n"
			 "\tCONSTRAINT \"t_z_check\" CHECK (b <> '')\n)");
	ck_assert_str_eq(written_tree(create_table(), &amph__sl_dialect),
			 "CREATE TABLE \"t\" (\n"
			 "\t\"id\" INTEGER NOT NULL,\n"
			 "\t\"b\" TEXT NOT NULL DEFAULT (amph_varchar('x', 80, 0)),\n"
			 "\t\"n\" TEXT COLLATE \"amph_numeric\",\n"
			 "\t\"e\" TEXT,\n"
			 "\t\"i2\" INTEGER GENERATED ALWAYS AS (amph_int_int2(length(\"b\"))) STORED,\n"
			 "\tCONSTRAINT \"22001:t.b\" CHECK (length(\"b\") <= 80),\n"
			 "\tCONSTRAINT \"22P02:t.e\" CHECK (\"e\" IN ('sad', 'ok', 'happy')),\n"
			 "\tCONSTRAINT \"22003:t.i2\" CHECK (\"i2\" BETWEEN -32768 AND 32767),\n"
			 "\tCONSTRAINT \"t_pkey\" PRIMARY KEY (\"id\"),\n"
			 "\tCONSTRAINT \"t_b_n_key\" UNIQUE (\"b\", \"n\"),\n"
			 "\tCONSTRAINT \"t_n_fkey\" FOREIGN KEY (\"n\") REFERENCES \"app.t2\" "
			 "(\"id\") ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,\n"
			 "\tCONSTRAINT \"t_a_check\" CHECK ((((\"n\" COLLATE \"amph_numeric\") > "
			 "('0' COLLATE \"amph_numeric\")) AND (\"e\" <> 'sad'))),\n"
			 "\tCONSTRAINT \"t_z_check\" CHECK ((\"b\" <> ''))\n) STRICT");
}
END_TEST

static const char *index_on(const sql_index *index, const amph_dialect *dialect)
{
	sql_stmt *stmt = AMPH_NEW(&arena, sql_stmt);

	stmt->kind = SQL_STMT_CREATE_INDEX;
	stmt->table = &t_table;
	stmt->index = index;
	return written_tree(stmt, dialect);
}

START_TEST(indexes_are_created_on_both)
{
	static const sql_index_key keys[] = { { .column = "n", .desc = true },
					      { .expr_sql = "lower(b)" } };
	static const sql_index_key gin[] = { { .column = "b" } };
	const sql_index partial = { .name = "ix", .unique = true, .keys = keys, .n_keys = 2,
				    .where_sql = "bo" };
	const sql_index trigram = { .name = "ix", .method = "gin_trgm", .keys = gin, .n_keys = 1 };

	ck_assert_str_eq(index_on(&partial, &amph__pg_dialect),
			 "CREATE UNIQUE INDEX \"ix\" ON \"t\" (\"n\" DESC, (lower(b))) WHERE (bo)");
	ck_assert_str_eq(index_on(&partial, &amph__sl_dialect),
			 "CREATE UNIQUE INDEX \"ix\" ON \"t\" ((\"n\" COLLATE \"amph_numeric\") DESC, "
			 "(amph_lower_text(\"b\"))) WHERE (\"bo\")");
	ck_assert_str_eq(index_on(&trigram, &amph__pg_dialect),
			 "CREATE INDEX \"ix\" ON \"t\" USING gin (\"b\" gin_trgm_ops)");
	ck_assert_str_eq(index_on(&trigram, &amph__sl_dialect), "SELECT 1 WHERE 1 = 0");
}
END_TEST

START_TEST(a_code_knows_what_it_does)
{
	amph_error err;
	sql_stmt *stmt = amph__parse_stmt(&arena, "SELECT id, n FROM t WHERE b = $1 FOR UPDATE", &err);
	const amph_code *code = amph__compile(&arena, &amph__pg_dialect, stmt, &names, &err);
	const amph_code *text;

	ck_assert_ptr_nonnull(code);
	ck_assert_uint_eq(code->flags, AMPH_CODE_ROWS | AMPH_CODE_WRITES);
	ck_assert_uint_eq(code->n_columns, 2);
	ck_assert_str_eq(code->columns[1].name, "n");
	ck_assert_uint_eq(code->columns[1].type.type, AMPH_T_NUMERIC);
	ck_assert_uint_eq(code->n_params, 1);
	ck_assert_uint_eq(code->params[0].types[0].type, AMPH_T_TEXT);
	ck_assert_str_eq(code->table, "t");
	text = amph__code_of_text(&arena, "SELECT 1", AMPH_CODE_ONCE, &err);
	ck_assert_uint_eq(text->sql_len, 8);
	ck_assert(text->hash[0] != code->hash[0] || text->hash[1] != code->hash[1]);
}
END_TEST

START_TEST(what_is_too_much_is_refused)
{
	sql_stmt *stmt = with_rows(SQL_STMT_DELETE, 1);
	sql_expr *deep = sql_const(&arena, AMPH_T_BOOL, "t");
	amph_error err;

	for (int i = 0; i < 2500; i++) {
		sql_expr *not = sql_new(&arena, SQL_NOT, 1);

		not->args.items[0] = deep;
		not->type.type = AMPH_T_BOOL;
		deep = not;
	}
	stmt->where = deep;
	ck_assert_ptr_null(amph__write(&arena, &amph__sl_dialect, stmt, &err));
	ck_assert_str_eq(err.sqlstate, "54001");
	stmt->where = sql_param(&arena, 7, (amph_sqltype){ .type = AMPH_T_BOOL });
	ck_assert_ptr_null(amph__write(&arena, &amph__sl_dialect, stmt, &err));
	ck_assert_int_eq(err.status, AMPH_E_MISUSE);
}
END_TEST

static bool compile_with(const amph_allocator *a, void *ctx)
{
	const golden *g = ctx;
	amph_arena own;
	amph_error err = { 0 };
	sql_stmt *stmt;
	bool ok;

	amph__arena_init(&own, a);
	stmt = amph__parse_stmt(&own, g->text, &err);
	ok = stmt && amph__compile(&own, &amph__sl_dialect, stmt, &names, &err);
	ck_assert(ok || !strcmp(err.sqlstate, "53200"));
	amph__arena_clear(&own);
	return ok;
}

START_TEST(survives_each_failed_allocation)
{
	golden g = { "SELECT b || 'x' FROM t WHERE n > 1 ORDER BY e", NULL, NULL };

	ck_assert_uint_gt(failing_alloc_sweep(compile_with, &g), 3);
}
END_TEST

SUITE_MAIN_WITH("write", setup, teardown, statements_are_written_for_both,
		another_collation_is_named_where_it_matters, a_row_set_is_a_table,
		arrays_in_a_row_set_are_texts, a_delete_by_rows_finds_them_by_key,
		a_list_of_any_length_is_one_parameter, a_chain_of_conditions_is_balanced,
		conjunctions_may_share_a_beginning, tables_are_created_on_both,
		indexes_are_created_on_both, a_code_knows_what_it_does, what_is_too_much_is_refused,
		survives_each_failed_allocation)
