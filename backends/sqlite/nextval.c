/* nextval and its like as SQL functions. The numbers of identity columns are those of sequence.c;
 * sequences of their own are here: they may go down, start again, or be set.
 *
 * The file has the last number of each, written with the transaction. A rollback undoes that, so the
 * engine remembers what it gave out, and whichever is further in the sequence's direction counts; a
 * number that was set counts as long as the file has what it had before. Sequences of temporary
 * tables are the connection's alone. */
#include "sl.h"
#include <string.h>

#define TEMPORARY "pg_temp."

static const char write_sql[] = "INSERT INTO main.amphora_sequence (name, last) VALUES (?1, ?2) "
				"ON CONFLICT (name) DO UPDATE SET last = excluded.last";

/* What a call of nextval gives as arguments. */
typedef struct rules {
	const char *key;
	int64_t increment, min, max, start;
	bool cycle;
} rules;

static bool is_temporary(const char *key)
{
	return !strncmp(key, TEMPORARY, sizeof TEMPORARY - 1);
}

static sl_number *find_number(sl_number *list, const char *name)
{
	for (; list; list = list->next)
		if (!strcmp(list->name, name))
			return list;
	return NULL;
}

/* NULL: no memory. */
static sl_number *number_of(const amph_allocator *a, sl_number **list, const char *name)
{
	sl_number *n = find_number(*list, name);
	size_t len = strlen(name);

	if (n)
		return n;
	n = amph__alloc_zero(a, sizeof *n + len + 1);
	if (!n)
		return NULL;
	memcpy(n->name, name, len + 1);
	n->next = *list;
	*list = n;
	return n;
}

void amph__sl_numbers_free(const amph_allocator *a, sl_number **list)
{
	for (sl_number *n = *list, *next; n; n = next) {
		next = n->next;
		amph__free(a, n);
	}
	*list = NULL;
}

/* ---- results ---- */

__attribute__((format(printf, 3, 4)))
static void raise(sqlite3_context *ctx, const char *sqlstate, const char *format, ...)
{
	va_list args;
	char *message, *text;

	va_start(args, format);
	message = sqlite3_vmprintf(format, args);
	va_end(args);
	text = message ? sqlite3_mprintf("%s:%s", sqlstate, message) : NULL;
	if (text)
		sqlite3_result_error(ctx, text, -1);
	else
		sqlite3_result_error_nomem(ctx);
	sqlite3_free(text);
	sqlite3_free(message);
}

/* The name that PostgreSQL gives to the sequence of a column. */
static char *shown_name(const char *key)
{
	const char *dot;

	if (is_temporary(key))
		key += sizeof TEMPORARY - 1;
	dot = strchr(key, '.');
	return dot ? sqlite3_mprintf("%.*s_%s_seq", (int)(dot - key), key, dot + 1)
		   : sqlite3_mprintf("%s", key);
}

static void raise_named(sqlite3_context *ctx, const char *sqlstate, const char *format, const char *key)
{
	char *name = shown_name(key);
	char *message = name ? sqlite3_mprintf(format, name) : NULL;

	if (message)
		raise(ctx, sqlstate, "%s", message);
	else
		sqlite3_result_error_nomem(ctx);
	sqlite3_free(message);
	sqlite3_free(name);
}

/* ---- the file ---- */

static int write_number(sl_conn *conn, const char *key, int64_t last)
{
	sqlite3_stmt *stmt = NULL;
	int rc = sqlite3_prepare_v2(conn->db, write_sql, -1, &stmt, NULL);

	if (rc == SQLITE_OK) {
		sqlite3_bind_text(stmt, 1, key, -1, SQLITE_STATIC);
		sqlite3_bind_int64(stmt, 2, last);
		sqlite3_step(stmt);
	}
	int end = sqlite3_finalize(stmt);
	return rc != SQLITE_OK ? rc : end;
}

static int read_number(sl_conn *conn, const char *key, int64_t *last, bool *found)
{
	sqlite3_stmt *stmt;
	int rc = amph__sl_own_prepare(conn, SL_SEQUENCE_READ, &stmt);

	*found = false;
	if (rc != SQLITE_OK)
		return rc;
	sqlite3_bind_text(stmt, 1, key, -1, SQLITE_STATIC);
	if (sqlite3_step(stmt) == SQLITE_ROW) {
		*found = true;
		*last = sqlite3_column_int64(stmt, 0);
	}
	return sqlite3_reset(stmt);
}

/* ---- nextval ---- */

static bool step(const rules *r, int64_t *last)
{
	bool up = r->increment > 0;
	bool ends = up ? *last > r->max - r->increment : *last < r->min - r->increment;

	if (ends && !r->cycle)
		return false;
	*last = !ends ? *last + r->increment : up ? r->min : r->max;
	return true;
}

static sl_number *shared_number(sl_engine *engine, const char *key)
{
	pthread_mutex_lock(&engine->lock);
	sl_number *n = number_of(engine->base.allocator, &engine->numbers, key);
	pthread_mutex_unlock(&engine->lock);
	return n;
}

/* What counts: the file's number, or the one that is remembered. Only the writer is here. */
static int64_t current(const rules *r, const sl_number *n, int64_t file)
{
	if (!n->known)
		return file;
	if (n->was_set && file == n->set_from)
		return n->last;
	return (r->increment > 0) == (n->last > file) ? n->last : file;
}

static int next_shared(sl_conn *conn, const rules *r, int64_t *out, bool *ended)
{
	sl_number *n = shared_number((sl_engine *)conn->base.engine, r->key);
	int64_t file = r->start - r->increment;
	bool found;
	int rc = n ? amph__sl_sequences_prepare(conn) : SQLITE_NOMEM;

	if (rc == SQLITE_OK)
		rc = read_number(conn, r->key, &file, &found);
	if (rc != SQLITE_OK)
		return rc;
	*out = current(r, n, file);
	*ended = !step(r, out);
	if (*ended)
		return SQLITE_OK;
	n->was_set = n->was_set ? file == n->set_from : r->cycle;
	n->set_from = file;
	n->last = *out;
	n->known = true;
	return write_number(conn, r->key, *out);
}

static int next_temporary(sl_conn *conn, const rules *r, int64_t *out, bool *ended)
{
	sl_number *n = number_of(conn->base.engine->allocator, &conn->temporary, r->key);

	if (!n)
		return SQLITE_NOMEM;
	*out = n->known ? n->last : r->start - r->increment;
	*ended = !step(r, out);
	if (!*ended) {
		n->last = *out;
		n->known = true;
	}
	return SQLITE_OK;
}

/* Of an identity column of a lasting table: as objects get them. */
static bool next_identity(sqlite3_context *ctx, sl_conn *conn, const rules *r, int64_t *out)
{
	const char *dot = strrchr(r->key, '.');
	char *table = sqlite3_mprintf("%.*s", (int)(dot - r->key), r->key);
	amph_error err;
	bool ok = table && amph__sl_take_next(conn, table, dot + 1, r->max, out, &err);

	if (!table)
		sqlite3_result_error_nomem(ctx);
	else if (!ok && !strcmp(err.sqlstate, "2200H"))
		raise_named(ctx, "2200H", "nextval: reached maximum value of sequence \"%s\"", r->key);
	else if (!ok)
		raise(ctx, err.sqlstate, "%s", err.message);
	sqlite3_free(table);
	return ok;
}

/* Of a column: those of sequence.c know no options. */
static bool is_plain_identity(const rules *r)
{
	return strchr(r->key, '.') && r->increment == 1 && r->min == 1 && r->start == 1 && !r->cycle;
}

/* currval and lastval see it. */
static void note(sqlite3_context *ctx, sl_conn *conn, const char *key, int64_t value)
{
	sl_number *n = number_of(conn->base.engine->allocator, &conn->numbers, key);

	if (!n) {
		sqlite3_result_error_nomem(ctx);
		return;
	}
	n->last = value;
	n->known = true;
	conn->last_number = n;
	sqlite3_result_int64(ctx, value);
}

/* A statement that failed is run again to see why: it takes no more numbers then. */
static bool keep_given(sl_conn *conn, int64_t value)
{
	enum { GIVEN_MAX = 65536 };
	size_t cap = conn->cap_given ? conn->cap_given * 2 : 16;
	int64_t *given;

	if (conn->n_given == conn->cap_given && cap <= GIVEN_MAX) {
		given = amph__realloc(conn->base.engine->allocator, conn->given, cap * sizeof *given);
		if (!given)
			return false;
		conn->given = given;
		conn->cap_given = cap;
	}
	if (conn->n_given < conn->cap_given)
		conn->given[conn->n_given++] = value;
	return true;
}

static int64_t replayed(sl_conn *conn)
{
	size_t i = conn->replayed++;

	return i < conn->n_given ? conn->given[i] : conn->n_given ? conn->given[conn->n_given - 1] + 1 : 1;
}

static rules rules_of(sqlite3_value **argv)
{
	return (rules){ .key = (const char *)sqlite3_value_text(argv[0]),
			.increment = sqlite3_value_int64(argv[1]), .min = sqlite3_value_int64(argv[2]),
			.max = sqlite3_value_int64(argv[3]), .start = sqlite3_value_int64(argv[4]),
			.cycle = sqlite3_value_int(argv[5]) };
}

static void nextval(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
	sl_conn *conn = sqlite3_user_data(ctx);
	const rules r = rules_of(argv);
	bool ended = false;
	int64_t value = 0;
	int rc = SQLITE_OK;

	(void)argc;
	if (!r.key) {
		sqlite3_result_error_nomem(ctx);
		return;
	}
	if (conn->probing) {
		sqlite3_result_int64(ctx, replayed(conn));
		return;
	}
	if (is_temporary(r.key))
		rc = next_temporary(conn, &r, &value, &ended);
	else if (!is_plain_identity(&r))
		rc = next_shared(conn, &r, &value, &ended);
	else if (!next_identity(ctx, conn, &r, &value))
		return;
	if (rc != SQLITE_OK)
		sqlite3_result_error_code(ctx, rc);
	else if (ended && r.increment > 0)
		raise_named(ctx, "2200H", "nextval: reached maximum value of sequence \"%s\"", r.key);
	else if (ended)
		raise_named(ctx, "2200H", "nextval: reached minimum value of sequence \"%s\"", r.key);
	else if (keep_given(conn, value))
		note(ctx, conn, r.key, value);
	else
		sqlite3_result_error_nomem(ctx);
}

/* ---- the others ---- */

static void currval(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
	const sl_conn *conn = sqlite3_user_data(ctx);
	const char *key = (const char *)sqlite3_value_text(argv[0]);
	const sl_number *n = key ? find_number(conn->numbers, key) : NULL;

	(void)argc;
	if (n && n->known)
		sqlite3_result_int64(ctx, n->last);
	else if (key)
		raise_named(ctx, "55000", "currval of sequence \"%s\" is not yet defined in this session",
			    key);
}

static void lastval(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
	const sl_conn *conn = sqlite3_user_data(ctx);

	(void)argc, (void)argv;
	if (conn->last_number && conn->last_number->known)
		sqlite3_result_int64(ctx, conn->last_number->last);
	else
		raise(ctx, "55000", "lastval is not yet defined in this session");
}

static int set_shared(sl_conn *conn, const rules *r, int64_t last)
{
	sl_number *n = shared_number((sl_engine *)conn->base.engine, r->key);
	int64_t file = r->start - r->increment;
	bool found;
	int rc = n ? read_number(conn, r->key, &file, &found) : SQLITE_NOMEM;

	if (rc != SQLITE_OK)
		return rc;
	n->set_from = file;
	n->was_set = n->known = true;
	n->last = last;
	return write_number(conn, r->key, last);
}

static int set_temporary(sl_conn *conn, const rules *r, int64_t last)
{
	sl_number *n = number_of(conn->base.engine->allocator, &conn->temporary, r->key);

	if (!n)
		return SQLITE_NOMEM;
	n->last = last;
	n->known = true;
	return SQLITE_OK;
}

static bool set_identity(sqlite3_context *ctx, sl_conn *conn, const rules *r, int64_t last)
{
	const char *dot = strrchr(r->key, '.');
	char *table = sqlite3_mprintf("%.*s", (int)(dot - r->key), r->key);
	amph_error err;
	bool ok = table && amph__sl_set_last(conn, table, dot + 1, last, &err);

	if (!table)
		sqlite3_result_error_nomem(ctx);
	else if (!ok)
		raise(ctx, err.sqlstate, "%s", err.message);
	sqlite3_free(table);
	return ok;
}

/* setval(the rules, value, whether it was given out already) */
static void setval(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
	sl_conn *conn = sqlite3_user_data(ctx);
	const rules r = rules_of(argv);
	int64_t value = sqlite3_value_int64(argv[6]);
	bool called = sqlite3_value_int(argv[7]);
	int64_t last = called ? value : value - r.increment;
	int rc = SQLITE_OK;

	(void)argc;
	if (conn->probing || !r.key || sqlite3_value_type(argv[6]) == SQLITE_NULL ||
	    sqlite3_value_type(argv[7]) == SQLITE_NULL)
		return;
	if (value < r.min || value > r.max) {
		raise(ctx, "22003", "setval: value %lld is out of bounds for sequence (%lld..%lld)",
		      (long long)value, (long long)r.min, (long long)r.max);
		return;
	}
	if (is_temporary(r.key))
		rc = set_temporary(conn, &r, last);
	else if (!is_plain_identity(&r))
		rc = set_shared(conn, &r, last);
	else if (!set_identity(ctx, conn, &r, last))
		return;
	if (rc != SQLITE_OK)
		sqlite3_result_error_code(ctx, rc);
	else if (called)
		note(ctx, conn, r.key, value);
	else
		sqlite3_result_int64(ctx, value);
}

/* Those of sequence.c, all of the table's. */
static int restart_columns(sl_conn *conn, const char *key)
{
	const char *dot = strrchr(key, '.');
	char *table = dot ? sqlite3_mprintf("%.*s", (int)(dot - key), key) : NULL;
	int rc = !dot ? SQLITE_OK : table ? amph__sl_sequences_drop(conn, table) : SQLITE_NOMEM;

	sqlite3_free(table);
	return rc;
}

/* Forgets a sequence: one that was just made, or is to go. */
static void restart(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
	sl_conn *conn = sqlite3_user_data(ctx);
	sl_engine *engine = (sl_engine *)conn->base.engine;
	const char *key = (const char *)sqlite3_value_text(argv[0]);
	sl_number *n;
	char *sql;

	(void)argc;
	if (!key)
		return;
	if ((n = find_number(conn->numbers, key)) != NULL)
		n->known = false;
	if ((n = find_number(conn->temporary, key)) != NULL)
		n->known = false;
	if (is_temporary(key))
		return;
	pthread_mutex_lock(&engine->lock);
	if ((n = find_number(engine->numbers, key)) != NULL)
		n->known = n->was_set = false;
	pthread_mutex_unlock(&engine->lock);
	sql = sqlite3_mprintf("DELETE FROM main.amphora_sequence WHERE name = %Q", key);
	int rc = amph__sl_sequences_prepare(conn);
	if (rc == SQLITE_OK)
		rc = restart_columns(conn, key);
	if (rc == SQLITE_OK)
		rc = sql ? amph__sl_run(conn, sql) : SQLITE_NOMEM;
	sqlite3_free(sql);
	if (rc != SQLITE_OK)
		sqlite3_result_error_code(ctx, rc);
}

/* not_null(value, column, table) */
static void not_null(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
	(void)argc;
	if (sqlite3_value_type(argv[0]) != SQLITE_NULL)
		sqlite3_result_value(ctx, argv[0]);
	else
		raise(ctx, "23502", "null value in column \"%s\" of relation \"%s\" violates not-null "
		      "constraint", sqlite3_value_text(argv[1]), sqlite3_value_text(argv[2]));
}

/* checked(condition, view, value) */
static void checked(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
	(void)argc;
	if (sqlite3_value_int(argv[0]))
		sqlite3_result_value(ctx, argv[2]);
	else
		raise(ctx, "44000", "new row violates check option for view \"%s\"",
		      sqlite3_value_text(argv[1]));
}

int amph__sl_numbers_register(sl_conn *conn)
{
	static const struct {
		const char *name;
		int argc;
		void (*call)(sqlite3_context *ctx, int argc, sqlite3_value **argv);
	} functions[] = {
		{ "amph_nextval", 6, nextval }, { "amph_currval", 1, currval },
		{ "amph_lastval", 0, lastval }, { "amph_setval", 8, setval },
		{ "amph_restart", 1, restart }, { "amph_not_null", 3, not_null },
		{ "amph_checked", 3, checked }
	};
	int rc = SQLITE_OK;

	for (size_t i = 0; i < sizeof functions / sizeof *functions && rc == SQLITE_OK; i++)
		rc = sqlite3_create_function_v2(conn->db, functions[i].name, functions[i].argc,
						SQLITE_UTF8 | SQLITE_DIRECTONLY, conn,
						functions[i].call, NULL, NULL, NULL);
	return rc;
}
