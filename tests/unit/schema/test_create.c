/* src/schema/create.c on a database: the server of DATABASE_URL, or SQLite in memory. */
#include "src/base/clock.h"
#include "src/driver/link.h"
#include "src/schema/schema.h"
#include "tests/support/suite.h"
#include "tests/unit/model/shop.h"
#include <stdlib.h>
#include <string.h>

extern const amph_driver amph__pg_driver, amph__sl_driver;

/* ---- a connection ---- */

static amph_arena arena;
static const amph_driver *driver;
static amph_driver_engine *engine;
static amph_conn *conn;
static amph_registry *registry;
static amph_error err;

#define OK(call) do {                                                                     \
	amph__error_clear(&err);                                                          \
	if (!(call))                                                                      \
		ck_abort_msg("%s: %s %s", #call, err.sqlstate, err.message);              \
	} while (0)

static bool is_postgresql(void)
{
	return (driver->dialect->flags & AMPH_DIALECT_SCHEMAS) != 0;
}

static void run(const char *sql)
{
	OK(amph__run_text(conn, sql, &err));
}

static void setup(void)
{
	static const amph_driver *const drivers[] = {
#ifdef AMPH_HAVE_POSTGRESQL
		&amph__pg_driver,
#endif
#ifdef AMPH_HAVE_SQLITE
		&amph__sl_driver,
#endif
		NULL
	};
	const char *url = getenv("DATABASE_URL");
	static const amph_conn_config config = { .max_statements = 10 };
	amph_url_options options = { .driver = { .prepare = true, .fast_paths = true } };
	amph_address address;

	amph__arena_init(&arena, &amph__libc_allocator);
	OK(driver = amph__url_parse(&arena, url ? url : "sqlite::memory:", drivers, &address, &options,
				    &err));
	OK(registry = amph__registry_open(&amph__libc_allocator, shop_models, &err));
	OK(engine = amph__driver_engine_open(driver, &amph__libc_allocator, &amph__system_clock,
					     &address, &options.driver, &registry->schema, &err));
	OK(conn = amph__conn_open(engine, &config, AMPH_NO_DEADLINE, &err));
	if (!is_postgresql())
		return;
	run("SET client_min_messages = warning");
	run("DROP SCHEMA IF EXISTS amph_create, amph_other CASCADE");
	run("CREATE SCHEMA amph_create");
	run("SET search_path = amph_create");
}

static void teardown(void)
{
	if (is_postgresql()) {
		amph__tx_rollback(conn, NULL);
		run("DROP SCHEMA IF EXISTS amph_create, amph_other CASCADE");
	}
	amph__conn_close(conn, false);
	amph__driver_engine_close(engine);
	amph__registry_close(registry);
	amph__arena_clear(&arena);
}

static bool create(void)
{
	return amph__schema_create(conn, registry, driver->dialect, &err);
}

static bool drop(void)
{
	return amph__schema_drop(conn, registry, driver->dialect, &err);
}

/* ---- what is there: "kind table name type" of each object ---- */

#define MAX_SEEN 200
typedef struct seen_list { size_t n; char *lines[MAX_SEEN]; } seen_list;

static bool see(void *ctx, const amph_inspected *o)
{
	static const char *const kinds[] = {
		[AMPH_INSPECTED_TABLE] = "table", [AMPH_INSPECTED_COLUMN] = "column",
		[AMPH_INSPECTED_CONSTRAINT] = "constraint", [AMPH_INSPECTED_INDEX] = "index",
		[AMPH_INSPECTED_ENUM] = "enum"
	};
	seen_list *l = ctx;

	if (o->kind == AMPH_INSPECTED_SEQUENCE || (o->schema && strcmp(o->schema, "amph_other") != 0))
		return true;
	ck_assert_uint_lt(l->n, MAX_SEEN);
	l->lines[l->n++] = amph__arena_printf(&arena, "%s %s%s%s %s %s%s%s", kinds[o->kind],
		o->schema ? o->schema : "", o->schema ? "." : "", o->table ? o->table : "-", o->name,
		o->kind == AMPH_INSPECTED_COLUMN ? o->type : "",
		o->not_null ? " not null" : "", o->identity ? " identity" : "");
	return true;
}

static int order_of_lines(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static seen_list look(void)
{
	seen_list l = { 0 };

	OK(amph__inspect(conn, see, &l, &err));
	qsort(l.lines, l.n, sizeof(l.lines[0]), order_of_lines);
	return l;
}

static bool has_line(const seen_list *l, const char *line)
{
	for (size_t i = 0; i < l->n; i++)
		if (!strcmp(l->lines[i], line))
			return true;
	return false;
}

/* The same on every database. */
static const char *const expected[] = {
	"column chickens egg_id bigint not null",
	"column chickens id bigint not null identity",
	"column eggs chicken_id bigint",
	"column eggs id bigint not null identity",
	"column order_tags order_id uuid not null",
	"column order_tags place smallint not null",
	"column order_tags tag_id integer not null",
	"column orders deleted_at timestamp with time zone",
	"column orders id uuid not null",
	"column orders metadata jsonb",
	"column orders status character varying(20)",
	"column orders user_id bigint not null",
	"column orders version integer not null",
	"column tags id integer not null identity",
	"column tags name character varying(50) not null",
	"column tags synonyms text[]",
	"column users balance numeric(10,2) not null",
	"column users created_at timestamp with time zone not null",
	"column users email character varying(120) not null",
	"column users id bigint not null identity",
	"column users is_active boolean not null",
	"column users lower_email text",
	"column users manager_id bigint",
	"column users mood users_mood not null",
	"column users username character varying(80) not null",
	"constraint chickens chickens_egg_id_fkey ",
	"constraint chickens chickens_pkey ",
	"constraint eggs eggs_chicken_id_fkey ",
	"constraint eggs eggs_pkey ",
	"constraint order_tags order_tags_order_id_fkey ",
	"constraint order_tags order_tags_pkey ",
	"constraint order_tags order_tags_tag_id_fkey ",
	"constraint order_tags uq_place ",
	"constraint orders orders_pkey ",
	"constraint orders orders_status_check ",
	"constraint orders orders_user_id_fkey ",
	"constraint tags tags_name_key ",
	"constraint tags tags_pkey ",
	"constraint users users_balance_check ",
	"constraint users users_check ",
	"constraint users users_email_check ",
	"constraint users users_email_key ",
	"constraint users users_manager_id_fkey ",
	"constraint users users_pkey ",
	"constraint users users_sane ",
	"enum - users_mood ",
	"index orders ix_orders_user_id ",
	"index users idx_user_created ",
	"index users ix_users_expr ",
	"index users ix_users_username ",
	"table chickens chickens ",
	"table eggs eggs ",
	"table order_tags order_tags ",
	"table orders orders ",
	"table tags tags ",
	"table users users "
};

static void expect_all(void)
{
	static const char gin[] = "index orders ix_orders_meta ";
	seen_list l = look();
	size_t n = sizeof(expected) / sizeof(expected[0]);

	for (size_t i = 0; i < n; i++)
		ck_assert_msg(has_line(&l, expected[i]), "no %s", expected[i]);
	/* an index that only makes faster what SQLite cannot make faster */
	ck_assert_int_eq(has_line(&l, gin), is_postgresql());
	ck_assert_uint_eq(l.n, n + is_postgresql());
}

START_TEST(everything_is_made)
{
	OK(create());
	ck_assert(!amph__tx_is_open(conn));
	expect_all();
}
END_TEST

START_TEST(what_is_there_is_left_alone)
{
	seen_list l;

	OK(create());
	OK(create());
	expect_all();
	OK(drop());
	run("CREATE TABLE tags (id INTEGER NOT NULL PRIMARY KEY)");
	OK(create());
	l = look();
	ck_assert(has_line(&l, "table tags tags "));
	ck_assert(!has_line(&l, "constraint tags tags_name_key "));
	ck_assert(has_line(&l, "constraint order_tags order_tags_tag_id_fkey "));
}
END_TEST

START_TEST(everything_is_dropped_rows_in_cycles_too)
{
	seen_list l;

	OK(create());
	run("INSERT INTO eggs (id) VALUES (1)");
	run("INSERT INTO chickens (id, egg_id) VALUES (2, 1)");
	run("UPDATE eggs SET chicken_id = 2");
	OK(drop());
	l = look();
	ck_assert_msg(l.n == 0, "left: %s", l.n ? l.lines[0] : "");
	OK(drop());
	OK(create());
	expect_all();
}
END_TEST

START_TEST(a_transaction_that_is_open_stays_so)
{
	seen_list l;

	amph__tx_begin(conn, AMPH_BEGIN_WRITE);
	OK(create());
	ck_assert(amph__tx_is_open(conn));
	OK(amph__tx_rollback(conn, &err));
	l = look();
	ck_assert_uint_eq(l.n, 0);
}
END_TEST

START_TEST(a_failure_leaves_nothing)
{
	seen_list l;

	if (!is_postgresql())
		return;         /* SQLite looks at a foreign key's target when it is used */
	run("CREATE TABLE tags (name text)");
	ck_assert(!create());
	ck_assert_str_eq(err.sqlstate, "42703");
	ck_assert_msg(strstr(err.message, "creating table \"order_tags\": ") == err.message, "%s",
		      err.message);
	ck_assert(!amph__tx_is_open(conn));
	l = look();
	ck_assert_uint_eq(l.n, 2);
	ck_assert_str_eq(l.lines[1], "table tags tags ");
}
END_TEST

/* ---- schemas ---- */

typedef struct Parcel { int64_t id, box_id; unsigned state; } Parcel;
AMPH_DECLARE(Parcel);
typedef struct Box { int64_t id; amph_opt_int64 parcel_id; } Box;
AMPH_DECLARE(Box);
AMPH_MODEL(Parcel, "parcels", .schema = "amph_other", .columns = AMPH_COLUMNS(
	AMPH_COLUMN(Parcel, id, .primary_key = true),
	AMPH_COLUMN(Parcel, box_id, .references = AMPH_REF(Box, id), .index = true),
	AMPH_COLUMN(Parcel, state, .labels = AMPH_LABELS("here", "there"))));
AMPH_MODEL(Box, "boxes", .schema = "amph_other", .columns = AMPH_COLUMNS(
	AMPH_COLUMN(Box, id, .primary_key = true),
	AMPH_COLUMN(Box, parcel_id, .references = AMPH_REF(Parcel, id))));

static bool has_table(const seen_list *l, const char *name)
{
	for (size_t i = 0; i < l->n; i++)
		if (!strncmp(l->lines[i], "table ", 6) && strstr(l->lines[i], name))
			return true;
	return false;
}

START_TEST(schemas_are_made_and_kept)
{
	static const amph_model *const models[] = { &amph_model_Parcel, &amph_model_Box, NULL };
	seen_list l;

	amph__registry_close(registry);
	OK(registry = amph__registry_open(&amph__libc_allocator, models, &err));
	OK(create());
	OK(create());
	l = look();
	ck_assert(has_table(&l, "parcels") && has_table(&l, "boxes"));
	if (is_postgresql())
		run("CREATE TABLE amph_other.mine (id int)");
	OK(drop());
	l = look();
	ck_assert(!has_table(&l, "parcels") && !has_table(&l, "boxes"));
	if (!is_postgresql())
		return;
	ck_assert(has_table(&l, "mine"));
	run("DROP TABLE amph_other.mine");
	OK(drop());
	/* who made it cannot be told */
	run("DROP SCHEMA amph_other");
}
END_TEST

/* ---- names: PostgreSQL's own choice is the one made here ---- */

static bool is_given(const char *name)
{
	return !strcmp(name, "users_sane") || !strcmp(name, "uq_place");
}

static void take_names_away(amph_plan *plan)
{
	for (size_t i = 0; i < plan->n; i++)
		for (sql_constraint *k = plan->stmts[i]->constraints; k; k = k->next)
			if (!is_given(k->name))
				k->name = NULL;
}

START_TEST(names_are_those_of_the_server)
{
	amph_plan plan = { .arena = &arena, .registry = registry, .dialect = driver->dialect };

	if (!is_postgresql())
		return;
	amph__plan_create(&plan);
	ck_assert(!plan.failed);
	take_names_away(&plan);
	for (size_t i = 0; i < plan.n; i++) {
		amph_code *code = NULL;

		OK(code = amph__compile(&arena, plan.dialect, plan.stmts[i], &registry->names, &err));
		OK(amph__run(conn, code, NULL, NULL, &err));
	}
	expect_all();
}
END_TEST

/* Their code is gone, and a connection finds statements by the address of the code. */
static void expect_own_statements_only(void)
{
	const char *link = (const char *)conn->link;

	for (const amph_cached_stmt *e = conn->link->newest; e; e = e->older)
		ck_assert_msg((const char *)e->code >= link &&
				      (const char *)e->code < link + sizeof *conn->link,
			      "a statement of the run is kept");
}

START_TEST(the_connection_keeps_no_statements_of_a_run)
{
	OK(create());
	expect_own_statements_only();
	OK(drop());
	expect_own_statements_only();
}
END_TEST

SUITE_MAIN_WITH("create", setup, teardown, everything_is_made, what_is_there_is_left_alone,
		everything_is_dropped_rows_in_cycles_too, a_transaction_that_is_open_stays_so,
		a_failure_leaves_nothing, schemas_are_made_and_kept,
		names_are_those_of_the_server, the_connection_keeps_no_statements_of_a_run)
