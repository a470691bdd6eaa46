/* Constraints as PostgreSQL names them: backends/sqlite/error.c, constraint.c, fkey.c. */
#include "harness.h"
#include "src/base/clock.h"
#include <string.h>

#define COLUMNS(...) (const char *const[]){ __VA_ARGS__, NULL }
#define KEY(k, t, n, ...) { .kind = (k), .table = (t), .name = (n), .columns = COLUMNS(__VA_ARGS__) }
#define FOREIGN(t, n, c, to) { .kind = 'f', .table = (t), .name = (n), .columns = COLUMNS(c),   \
			       .target = (to), .target_columns = COLUMNS("id") }
static const amph_constraint_name constraints[] = {
	KEY('p', "users", "users_pkey", "id"),
	KEY('u', "users", "users_username_key", "username"),
	KEY('u', "users", "users_email_key", "email"),
	{ .kind = 'c', .table = "users", .name = "users_age_check" },
	KEY('i', "users", "ix_users_pair", "age", "team_id"),
	{ .kind = 'i', .table = "users", .name = "ix_users_lower" },
	KEY('p', "teams", "teams_pkey", "id"),
	FOREIGN("users", "users_team_id_fkey", "team_id", "teams"),
	FOREIGN("users", "users_boss_id_fkey", "boss_id", "users"),
	KEY('p', "notes", "notes_pkey", "user_id", "n"),
	FOREIGN("notes", "notes_user_id_fkey", "user_id", "users"),
	FOREIGN("notes", "notes_author", "author_id", "users"),
	FOREIGN("notes", "notes_late", "late_id", "users"),
	{ .kind = 'p', .schema = "shop", .table = "users", .name = "shop_users_pkey",
	  .columns = COLUMNS("id") },
	{ .kind = 'u', .schema = "shop", .table = "users", .name = "shop_users_name",
	  .columns = COLUMNS("name") },
	{ .kind = 'f', .schema = "shop", .table = "users", .name = "shop_users_boss",
	  .columns = COLUMNS("boss_id"), .target_schema = "shop", .target = "users",
	  .target_columns = COLUMNS("id") },
};
static const amph_schema schema = { sizeof constraints / sizeof *constraints, constraints };

static amph_driver_engine *engine;
static amph_conn *conn;
static amph_error err;

static void setup(void)
{
	engine = db_open(NULL, &schema);
	conn = conn_open(engine);
	run_sql(conn, "CREATE TABLE teams (id INTEGER PRIMARY KEY, name TEXT)");
	run_sql(conn, "CREATE TABLE users (id INTEGER PRIMARY KEY, username TEXT NOT NULL UNIQUE "
		"CONSTRAINT \"22001:users.username\" CHECK (length(username) <= 10), email TEXT UNIQUE, "
		"age INT CONSTRAINT users_age_check CHECK (age >= 0), "
		"team_id INT REFERENCES teams (id), boss_id INT REFERENCES users (id)) STRICT");
	run_sql(conn, "CREATE UNIQUE INDEX ix_users_pair ON users (age, team_id)");
	run_sql(conn, "CREATE UNIQUE INDEX ix_users_lower ON users (lower(username))");
	run_sql(conn, "CREATE TABLE notes (user_id INT NOT NULL REFERENCES users (id) ON DELETE CASCADE, "
		"n INT NOT NULL, author_id INT REFERENCES users (id) ON DELETE RESTRICT, "
		"late_id INT REFERENCES users (id) DEFERRABLE INITIALLY DEFERRED, "
		"PRIMARY KEY (user_id, n))");
	run_sql(conn, "INSERT INTO teams VALUES (1, 'a'), (2, 'b')");
	run_sql(conn, "INSERT INTO users VALUES (1, 'one', 'one@x', 1, 1, NULL), "
		"(2, 'two', 'two@x', 2, NULL, 1), (3, 'three', 'three@x', 3, NULL, NULL)");
	run_sql(conn, "INSERT INTO notes VALUES (2, 1, NULL, NULL), (2, 2, 3, NULL)");
}

static void teardown(void)
{
	conn_close(conn);
	db_close(engine);
}

static void fails(const char *sql, const char *state, const char *table, const char *column,
		  const char *constraint)
{
	int64_t before = int_of(conn, "SELECT (SELECT count(*) FROM users) * 1000 + (SELECT count(*) "
				      "FROM notes) * 10 + (SELECT count(*) FROM teams)");

	ck_assert_msg(!try_sql(conn, sql, &err), "%s succeeded", sql);
	ck_assert_msg(!strcmp(err.sqlstate, state), "%s: %s %s", sql, err.sqlstate, err.message);
	ck_assert_msg(!strcmp(err.table, table) && !strcmp(err.column, column) &&
		      !strcmp(err.constraint, constraint), "%s: \"%s\" \"%s\" \"%s\" %s", sql,
		      err.table, err.column, err.constraint, err.message);
	ck_assert_int_eq(int_of(conn, "SELECT (SELECT count(*) FROM users) * 1000 + (SELECT count(*) FROM "
				      "notes) * 10 + (SELECT count(*) FROM teams)"), before);
	ck_assert_int_eq(err.outcome, AMPH_NOT_APPLIED);
}

START_TEST(not_null_and_check)
{
	fails("INSERT INTO users (username) VALUES (NULL)", "23502", "users", "username", "");
	ck_assert_str_eq(err.message, "null value in column \"username\" of relation \"users\" violates "
			 "not-null constraint");
	fails("INSERT INTO users (username, age) VALUES ('x', -1)", "23514", "users", "", "users_age_check");
	fails("UPDATE users SET age = -1", "23514", "users", "", "users_age_check");
	fails("INSERT INTO users (username) VALUES ('01234567890')", "22001", "users", "username", "");
	fails("INSERT INTO users (username, age) VALUES ('x', 'y')", "42804", "", "", "");
	ck_assert_int_eq(err.status, AMPH_E_TYPE);
}
END_TEST

START_TEST(unique)
{
	fails("INSERT INTO users (id, username) VALUES (1, 'x')", "23505", "users", "", "users_pkey");
	fails("INSERT INTO users (username, email) VALUES ('x', 'one@x')", "23505", "users", "",
	      "users_email_key");
	fails("UPDATE users SET email = 'one@x' WHERE id = 2", "23505", "users", "", "users_email_key");
	fails("INSERT INTO notes VALUES (2, 1, NULL, NULL)", "23505", "notes", "", "notes_pkey");
	fails("INSERT INTO users (username, age, team_id) VALUES ('x', 1, 1)", "23505", "users", "",
	      "ix_users_pair");
	fails("INSERT INTO users (username) VALUES ('ONE')", "23505", "users", "", "ix_users_lower");
	ck_assert_int_eq(err.status, AMPH_E_UNIQUE);
	ck_assert_str_eq(err.message, "duplicate key value violates unique constraint \"ix_users_lower\"");
}
END_TEST

/* PostgreSQL reports the first created of several violated keys, SQLite the last. */
START_TEST(the_first_of_several_keys)
{
	fails("INSERT INTO users (username, email) VALUES ('one', 'two@x')", "23505", "users", "",
	      "users_username_key");
	fails("INSERT INTO users (id, username, email) VALUES (1, 'one', 'two@x')", "23505", "users", "",
	      "users_pkey");
	fails("INSERT INTO users (username, email) VALUES ('one', 'two@x') RETURNING id", "23505", "users",
	      "", "users_username_key");
	fails("INSERT INTO users (username, email) SELECT 'one', 'two@x'", "23505", "users", "",
	      "users_username_key");
	fails("INSERT INTO users (username, email) SELECT username, email FROM users", "23505", "users",
	      "", "users_username_key");
	fails("INSERT INTO users (username, email) SELECT username, email FROM users WHERE id > 1", "23505",
	      "users", "", "users_username_key");
	fails("INSERT INTO users (id, username, email) VALUES (5, 'one', 'two@x') "
	      "ON CONFLICT (id) DO NOTHING",
	      "23505", "users", "", "users_username_key");
	fails("WITH x AS (SELECT 1) INSERT INTO users (username, email) SELECT 'one', 'two@x' "
	      "FROM x", "23505", "users", "", "users_username_key");
	fails("INSERT INTO users (username, email) SELECT a.username, a.email FROM users a "
	      "JOIN users b ON a.id = b.id", "23505", "users", "", "users_username_key");
	/* the first row that fails counts, whatever later ones do */
	fails("INSERT INTO users (username, email) VALUES ('x', 'one@x'), ('one', 'y')", "23505", "users",
	      "", "users_email_key");
	run_sql(conn, "BEGIN");
	run_sql(conn, "SAVEPOINT s");
	ck_assert(!try_sql(conn, "INSERT INTO users (username, email) VALUES ('one', 'two@x')", &err));
	ck_assert_str_eq(err.constraint, "users_username_key");
	run_sql(conn, "ROLLBACK TO s");
	run_sql(conn, "COMMIT");
}
END_TEST

START_TEST(the_first_of_several_keys_of_an_update)
{
	fails("UPDATE users SET username = 'one', email = 'two@x' WHERE id = 3", "23505", "users", "",
	      "users_username_key");
	fails("UPDATE users SET id = 1, username = 'one' WHERE id = 3", "23505", "users", "", "users_pkey");
	fails("UPDATE users SET id = 9, username = 'one' WHERE id = 3", "23505", "users", "",
	      "users_username_key");
	fails("UPDATE users AS u SET username = 'x' || id, email = 'one@x'", "23505", "users", "",
	      "users_email_key");
	fails("UPDATE users SET username = 'one' WHERE id = 3 RETURNING id", "23505", "users", "",
	      "users_username_key");
}
END_TEST

START_TEST(the_first_row_of_a_row_set)
{
	typedef struct row { const char *username, *email; } row;
	static const amph_slot slots[] = { { AMPH_T_TEXT, false, 0, NULL, "username" },
					   { AMPH_T_TEXT, false, 8, NULL, "email" } };
	static const amph_param param = { .kind = AMPH_PARAM_ROWS };
	row rows[] = { { "a", "a" }, { "b", "two@x" }, { "one", "c" }, { "one", "one@x" } };
	amph_arg arg = { .n_slots = 2, .n_rows = 4, .stride = sizeof *rows, .slots = slots, .base = rows };
	amph_code code = code_of("INSERT INTO users (username, email) SELECT c0, c1 FROM amph_rows(?1)",
				 &param, 1, 0);

	ck_assert(!run_code(conn, &code, &arg, NULL, &err));
	ck_assert_str_eq(err.constraint, "users_email_key");
	rows[1].email = "b";
	ck_assert(!run_code(conn, &code, &arg, NULL, &err));
	ck_assert_str_eq(err.constraint, "users_username_key");
	rows[2].username = "c";
	ck_assert(!run_code(conn, &code, &arg, NULL, &err));
	ck_assert_str_eq(err.constraint, "users_username_key");
	rows[3] = (row){ "a", "b" };
	ck_assert(!run_code(conn, &code, &arg, NULL, &err));
	ck_assert_str_eq(err.constraint, "users_username_key");
	rows[3] = (row){ "d", "d" };
	ck_assert(run_code(conn, &code, &arg, NULL, &err));
}
END_TEST

START_TEST(foreign_keys_of_a_child)
{
	fails("INSERT INTO users (username, team_id) VALUES ('x', 9)", "23503", "users", "",
	      "users_team_id_fkey");
	ck_assert_str_eq(err.message, "insert or update on table \"users\" violates foreign key constraint "
			 "\"users_team_id_fkey\"");
	fails("INSERT INTO users (username, boss_id) VALUES ('x', 9)", "23503", "users", "",
	      "users_boss_id_fkey");
	fails("INSERT INTO users (username, boss_id, team_id) VALUES ('x', 9, 9)", "23503", "users", "",
	      "users_team_id_fkey");
	fails("UPDATE users SET boss_id = 9 WHERE id = 3", "23503", "users", "", "users_boss_id_fkey");
	fails("INSERT INTO notes VALUES (9, 1, NULL, NULL)", "23503", "notes", "", "notes_user_id_fkey");
	fails("INSERT INTO notes VALUES (1, 1, 9, NULL) RETURNING n", "23503", "notes", "", "notes_author");
	ck_assert_int_eq(err.status, AMPH_E_FOREIGN_KEY);
	ck_assert_int_eq(err.native_code, 787);
}
END_TEST

START_TEST(foreign_keys_of_a_parent)
{
	fails("DELETE FROM teams WHERE id = 1", "23503", "users", "", "users_team_id_fkey");
	ck_assert_str_eq(err.message, "update or delete on table \"teams\" violates foreign key constraint "
			 "\"users_team_id_fkey\" on table \"users\"");
	fails("DELETE FROM users WHERE id = 1", "23503", "users", "", "users_boss_id_fkey");
	fails("DELETE FROM users WHERE id = 3", "23503", "notes", "", "notes_author");
	fails("UPDATE teams SET id = 5 WHERE id = 1", "23503", "users", "", "users_team_id_fkey");
	fails("UPDATE users SET id = 10 WHERE id = 1", "23503", "users", "", "users_boss_id_fkey");
	/* the rows of notes go along */
	run_sql(conn, "DELETE FROM users WHERE id = 2");
	ck_assert_int_eq(int_of(conn, "SELECT count(*) FROM notes"), 0);
	run_sql(conn, "DELETE FROM teams WHERE id = 2");
}
END_TEST

START_TEST(foreign_keys_within_a_transaction)
{
	run_sql(conn, "BEGIN");
	run_sql(conn, "INSERT INTO notes VALUES (1, 5, NULL, 77)");
	run_sql(conn, "SAVEPOINT s");
	ck_assert(!try_sql(conn, "INSERT INTO notes VALUES (1, 6, 9, NULL)", &err));
	ck_assert_str_eq(err.constraint, "notes_author");
	run_sql(conn, "ROLLBACK TO s");
	run_sql(conn, "DELETE FROM notes WHERE n = 5");
	run_sql(conn, "COMMIT");
	/* still checked at once afterwards */
	fails("INSERT INTO notes VALUES (1, 6, 9, NULL)", "23503", "notes", "", "notes_author");
	run_sql(conn, "BEGIN");
	ck_assert(!try_sql(conn, "INSERT INTO notes VALUES (1, 6, 9, NULL)", &err));
	ck_assert_int_eq(amph__sl_driver.tx_status(conn), AMPH_TX_FAILED);
	run_sql(conn, "ROLLBACK");
}
END_TEST

START_TEST(a_deferred_foreign_key_at_commit)
{
	run_sql(conn, "BEGIN");
	run_sql(conn, "INSERT INTO notes VALUES (1, 5, NULL, 77)");
	ck_assert(!try_sql(conn, "COMMIT", &err));
	ck_assert_str_eq(err.sqlstate, "23503");
	ck_assert_str_eq(err.table, "notes");
	ck_assert_str_eq(err.constraint, "notes_late");
	ck_assert_int_eq(err.outcome, AMPH_NOT_APPLIED);
	ck_assert_int_eq(amph__sl_driver.tx_status(conn), AMPH_TX_IDLE);
	ck_assert_int_eq(int_of(conn, "SELECT count(*) FROM notes WHERE n = 5"), 0);
	/* nothing of the writer's lock is left */
	amph_conn *other = conn_open(engine);
	run_sql(other, "INSERT INTO notes VALUES (1, 5, NULL, NULL)");
	conn_close(other);
}
END_TEST

START_TEST(a_row_set_with_one_bad_key)
{
	static const amph_slot slot = { .type = AMPH_T_INT64 };
	static const amph_param param = { .kind = AMPH_PARAM_ROWS };
	static int64_t ids[10000];
	amph_arg arg = { .n_slots = 1, .n_rows = 10000, .stride = 8, .slots = &slot, .base = ids };
	amph_code code = code_of("INSERT INTO notes (user_id, n, author_id) SELECT 1, ordinality, c0 "
				 "FROM amph_rows(?1)", &param, 1, 0);

	for (int i = 0; i < 10000; i++)
		ids[i] = i == 7777 ? 9 : 1 + i % 3;
	int64_t before = amph__monotonic_usec();
	ck_assert(!run_code(conn, &code, &arg, NULL, &err));
	ck_assert_str_eq(err.constraint, "notes_author");
	ck_assert_int_lt(amph__monotonic_usec() - before, 3000000);
}
END_TEST

/* A table in a schema is one name to SQLite; errors name it as PostgreSQL does. */
START_TEST(tables_in_schemas)
{
	run_sql(conn, "CREATE TABLE \"shop.users\" (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE "
		"CONSTRAINT \"22001:shop.users.name\" CHECK (length(name) < 5), "
		"boss_id INT REFERENCES \"shop.users\" (id))");
	run_sql(conn, "INSERT INTO \"shop.users\" VALUES (1, 'a', NULL)");
	fails("INSERT INTO \"shop.users\" VALUES (1, 'a', NULL)", "23505", "users", "", "shop_users_pkey");
	fails("INSERT INTO \"shop.users\" VALUES (2, 'a', NULL)", "23505", "users", "", "shop_users_name");
	fails("INSERT INTO \"shop.users\" VALUES (2, NULL, NULL)", "23502", "users", "name", "");
	fails("INSERT INTO \"shop.users\" VALUES (2, 'abcdef', NULL)", "22001", "users", "name", "");
	fails("INSERT INTO \"shop.users\" VALUES (2, 'b', 7)", "23503", "users", "", "shop_users_boss");
}
END_TEST

/* Without models the names are those that PostgreSQL would choose. */
START_TEST(names_without_a_schema)
{
	amph_driver_engine *e = db_open(NULL, NULL);
	amph_conn *c = conn_open(e);

	run_sql(c, "CREATE TABLE p (id INTEGER PRIMARY KEY, a, b, UNIQUE (a, b))");
	run_sql(c, "CREATE UNIQUE INDEX ib ON p (b)");
	run_sql(c, "CREATE TABLE c (x INT, y INT, FOREIGN KEY (x) REFERENCES p, "
		"FOREIGN KEY (y, x) REFERENCES p (a, b))");
	run_sql(c, "INSERT INTO p VALUES (1, 1, 1)");
	ck_assert(!try_sql(c, "INSERT INTO p VALUES (1, 2, 2)", &err));
	ck_assert_str_eq(err.constraint, "p_pkey");
	ck_assert(!try_sql(c, "INSERT INTO p VALUES (2, 2, 1)", &err));
	ck_assert_str_eq(err.constraint, "ib");
	run_sql(c, "DROP INDEX ib");
	ck_assert(!try_sql(c, "INSERT INTO p VALUES (2, 1, 1)", &err));
	ck_assert_str_eq(err.constraint, "p_a_b_key");
	ck_assert_str_eq(err.table, "p");
	ck_assert(!try_sql(c, "INSERT INTO c VALUES (2, NULL)", &err));
	ck_assert_str_eq(err.constraint, "c_x_fkey");
	ck_assert(!try_sql(c, "INSERT INTO c VALUES (1, 2)", &err));
	ck_assert_str_eq(err.constraint, "c_y_x_fkey");
	conn_close(c);
	db_close(e);
}
END_TEST

/* A statement on its own is its own COMMIT: afterwards the writer's lock is free. */
START_TEST(a_failure_outside_a_transaction_leaves_no_lock)
{
	amph_conn *other = conn_open(engine);

	fails("INSERT INTO users (username, team_id) VALUES ('x', 9)", "23503", "users", "",
	      "users_team_id_fkey");
	run_sql(other, "INSERT INTO teams VALUES (7, 'z')");
	fails("INSERT INTO users (username, email) VALUES ('one', 'two@x')", "23505", "users", "",
	      "users_username_key");
	run_sql(other, "INSERT INTO teams VALUES (8, 'z')");
	conn_close(other);
}
END_TEST

SUITE_MAIN_WITH("sqlite errors", setup, teardown, not_null_and_check, unique,
		the_first_of_several_keys,
		the_first_of_several_keys_of_an_update, the_first_row_of_a_row_set, foreign_keys_of_a_child,
		foreign_keys_of_a_parent, foreign_keys_within_a_transaction,
		a_deferred_foreign_key_at_commit, a_row_set_with_one_bad_key,
		tables_in_schemas, names_without_a_schema, a_failure_outside_a_transaction_leaves_no_lock)
