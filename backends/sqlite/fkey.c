/* Which foreign key is violated. SQLite only says that one is, when the statement is undone.
 *
 * So the statement is run again within a savepoint with the checks put off, and the rows that it
 * touches are noted. A row that it left without its parent is seen then; for a parent that it
 * removed, the rows that refer to it are looked for in the state before. Among several the key that
 * the first row violates is reported, and of those the first created, as PostgreSQL does. */
#include "constraint.h"
#include <stdio.h>
#include <string.h>

typedef struct fkey {
	struct fkey *next;
	const char *schema;             /* main or temp: of both its tables */
	const char *table, *target;
	const char *on_delete, *on_update;
	size_t n;
	const char **columns, **target_columns;
	size_t rank;                    /* in the order of creation */
	const char *name;
} fkey;

/* Rows of one table: those that are new or changed, or those that were changed or removed. */
typedef struct touched {
	struct touched *next;
	const char *schema, *table;
	bool is_new, deleted;
	int64_t *rowids;
	size_t n, cap;
} touched;

typedef struct search {
	sl_conn *conn;
	amph_arena arena;
	touched *touched;
	fkey *keys;
	bool failed;
} search;

/* ---- the foreign keys of the database ---- */

#define KEYS_OF(schema, tables, place) \
	"SELECT m.name, f.id, f.\"table\", f.\"from\", " \
	"coalesce(f.\"to\", (SELECT p.name FROM pragma_table_info(f.\"table\", '" schema "') p " \
	"WHERE p.pk = f.seq + 1)), " \
	"f.on_delete, f.on_update, f.seq, '" schema "', " place ", m.rowid " \
	"FROM " tables " m, pragma_foreign_key_list(m.name, '" schema "') f WHERE m.type = 'table'"
static const char keys_sql[] =
	KEYS_OF("main", "main.sqlite_schema", "1") " UNION ALL "
	KEYS_OF("temp", "temp.sqlite_schema", "2") " ORDER BY 10, 11, 2 DESC, 8";

static const char *column_text(search *s, sqlite3_stmt *stmt, int i)
{
	const char *text = (const char *)sqlite3_column_text(stmt, i);

	return amph__arena_text(&s->arena, text ? text : "",
				(size_t)sqlite3_column_bytes(stmt, i));
}

static bool add_column(search *s, fkey *k, sqlite3_stmt *stmt)
{
	const char **columns = AMPH_NEWS(&s->arena, const char *, 2 * (k->n + 1));

	if (!columns)
		return false;
	for (size_t i = 0; i < k->n; i++) {
		columns[i] = k->columns[i];
		columns[k->n + 1 + i] = k->target_columns[i];
	}
	k->columns = columns;
	k->target_columns = columns + k->n + 1;
	k->columns[k->n] = column_text(s, stmt, 3);
	k->target_columns[k->n++] = column_text(s, stmt, 4);
	return !s->arena.failed;
}

/* The name that the models give it and its place among theirs; else the default one. */
static void identify(search *s, fkey *k, size_t rank)
{
	const amph_schema *schema = amph__sl_schema(s->conn);
	char name[160], columns[128] = "";

	for (size_t i = 0; schema && i < schema->n; i++) {
		const amph_constraint_name *c = &schema->constraints[i];
		size_t same = 0;

		if (c->kind != 'f' || !amph__sl_is_table(k->table, c->schema, c->table))
			continue;
		while (same < k->n && c->columns[same] && !strcmp(c->columns[same], k->columns[same]))
			same++;
		if (same == k->n && !c->columns[same] &&
		    (!c->target || amph__sl_is_table(k->target, c->target_schema, c->target))) {
			k->rank = i;
			k->name = c->name;
			return;
		}
	}
	for (size_t i = 0, at = 0; i < k->n && at < sizeof columns; i++)
		at += (size_t)snprintf(columns + at, sizeof columns - at, "%s%s", i ? "_" : "",
				       k->columns[i]);
	amph__sl_default_name(name, sizeof name, amph__sl_plain_table(k->table), columns, "fkey");
	k->rank = (schema ? schema->n : 0) + rank;
	k->name = amph__arena_text(&s->arena, name, strlen(name));
}

static void insert_sorted(search *s, fkey *k)
{
	fkey **at = &s->keys;

	while (*at && (*at)->rank <= k->rank)
		at = &(*at)->next;
	k->next = *at;
	*at = k;
}

static fkey *new_key(search *s, sqlite3_stmt *stmt)
{
	fkey *k = AMPH_NEW(&s->arena, fkey);

	if (!k)
		return NULL;
	k->schema = column_text(s, stmt, 8);
	k->table = column_text(s, stmt, 0);
	k->target = column_text(s, stmt, 2);
	k->on_delete = column_text(s, stmt, 5);
	k->on_update = column_text(s, stmt, 6);
	return s->arena.failed ? NULL : k;
}

static bool load_keys(search *s)
{
	sqlite3_stmt *stmt = NULL;
	fkey *k = NULL;
	size_t rank = 0;
	int rc = sqlite3_prepare_v2(s->conn->db, keys_sql, -1, &stmt, NULL);
	bool ok = rc == SQLITE_OK;

	while (ok && sqlite3_step(stmt) == SQLITE_ROW) {
		if (sqlite3_column_int(stmt, 7) == 0) {
			if (k)
				identify(s, k, rank++);
			if (k)
				insert_sorted(s, k);
			k = new_key(s, stmt);
		}
		ok = k && add_column(s, k, stmt);
	}
	if (ok && k) {
		identify(s, k, rank);
		insert_sorted(s, k);
	}
	return sqlite3_finalize(stmt) == SQLITE_OK && ok && !s->arena.failed;
}

/* ---- the rows that the statement touches ---- */

static touched *touched_of(search *s, const char *schema, const char *table, bool is_new, bool deleted)
{
	for (touched *t = s->touched; t; t = t->next)
		if (t->is_new == is_new && t->deleted == deleted && !strcmp(t->table, table) &&
		    !strcmp(t->schema, schema))
			return t;
	touched *t = AMPH_NEW(&s->arena, touched);
	if (!t)
		return NULL;
	*t = (touched){ .next = s->touched, .is_new = is_new, .deleted = deleted,
			.schema = amph__arena_text(&s->arena, schema, strlen(schema)),
			.table = amph__arena_text(&s->arena, table, strlen(table)) };
	if (t->table && t->schema)
		s->touched = t;
	return s->touched == t ? t : NULL;
}

static void add_row(search *s, touched *t, int64_t rowid)
{
	void *rowids = t ? t->rowids : NULL;

	if (!t || !amph__grow(s->arena.allocator, &rowids, &t->cap, t->n + 1, sizeof *t->rowids)) {
		s->failed = true;
		return;
	}
	t->rowids = rowids;
	t->rowids[t->n++] = rowid;
}

static void note(void *ctx, int op, const char *schema, const char *table, sqlite3_int64 rowid)
{
	search *s = ctx;

	if (op != SQLITE_DELETE)
		add_row(s, touched_of(s, schema, table, true, false), rowid);
	if (op != SQLITE_INSERT)
		add_row(s, touched_of(s, schema, table, false, op == SQLITE_DELETE), rowid);
}

static void clear_touched(search *s)
{
	for (touched *t = s->touched; t; t = t->next)
		amph__free(s->arena.allocator, t->rowids);
	s->touched = NULL;
}

/* ---- looking ---- */

static void write_orphan(sqlite3_str *sql, const fkey *k)
{
	for (size_t i = 0; i < k->n; i++)
		sqlite3_str_appendf(sql, "c.\"%w\" IS NOT NULL AND ", k->columns[i]);
	sqlite3_str_appendf(sql, "NOT EXISTS (SELECT 1 FROM %s.\"%w\" p WHERE ", k->schema, k->target);
	for (size_t i = 0; i < k->n; i++)
		sqlite3_str_appendf(sql, "%sp.\"%w\" = c.\"%w\"", i ? " AND " : "",
				    k->target_columns[i], k->columns[i]);
	sqlite3_str_appendall(sql, ")");
}

/* Takes sql. Whether it gives a row, and that row's number; its parameter is the row set of rowids. */
static bool finds(search *s, sqlite3_str *sql, const touched *t, int64_t *rowid)
{
	static const amph_slot slot = { .type = AMPH_T_INT64 };
	sqlite3_stmt *stmt = NULL;
	char *text = sqlite3_str_finish(sql);
	amph_arg arg = { .n_slots = 1, .slots = &slot, .stride = sizeof(int64_t) };
	sl_rowset set = { .arg = &arg, .n_slots = 1, .allocator = s->arena.allocator };
	bool found = false;

	if (text)
		sqlite3_prepare_v2(s->conn->db, text, -1, &stmt, NULL);
	sqlite3_free(text);
	if (t) {
		arg.base = t->rowids;
		arg.n_rows = set.n_rows = t->n;
		sqlite3_bind_pointer(stmt, 1, &set, SL_ROWS_TYPE, NULL);
	}
	if (stmt)
		found = sqlite3_step(stmt) == SQLITE_ROW;
	if (found && rowid)
		*rowid = sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	return found;
}

/* The place, among those touched, of the first row that a key leaves without its parent; n: none.
 * The outer loop of CROSS JOIN is the row set, so that rows come as they were touched. */
static size_t place_of_orphan(search *s, const fkey *k, const touched *t)
{
	sqlite3_str *sql = sqlite3_str_new(s->conn->db);
	int64_t rowid;
	size_t i = 0;

	sqlite3_str_appendf(sql, "SELECT c.rowid FROM amph_rows(?1) r CROSS JOIN %s.\"%w\" c "
			    "ON c.rowid = r.c0 WHERE ", k->schema, k->table);
	write_orphan(sql, k);
	if (!finds(s, sql, t, &rowid))
		return t->n;
	while (i < t->n - 1 && t->rowids[i] != rowid)
		i++;
	return i;
}

static bool is_of(const touched *t, const fkey *k, const char *table)
{
	return !strcmp(t->table, table) && !strcmp(t->schema, k->schema);
}

/* A new or changed row without its parent: in the state after the statement. Of several rows the
 * first touched counts, of several keys of one row the first created. */
static const fkey *orphan_among_touched(search *s)
{
	for (const touched *t = s->touched; t; t = t->next) {
		const fkey *first = NULL;
		size_t place = t->n;

		for (const fkey *k = s->keys; t->is_new && k; k = k->next) {
			size_t i = !is_of(t, k, k->table) ? t->n : place_of_orphan(s, k, t);
			if (i < place) {
				first = k;
				place = i;
			}
		}
		if (first)
			return first;
	}
	return NULL;
}

static bool forbids(const fkey *k, bool deleted)
{
	const char *action = deleted ? k->on_delete : k->on_update;

	return !strcmp(action, "NO ACTION") || !strcmp(action, "RESTRICT");
}

/* A row that refers to one which the statement removes or changes: in the state before it. */
static const fkey *referrer_of_touched(search *s)
{
	for (const fkey *k = s->keys; k; k = k->next) {
		for (const touched *t = s->touched; t; t = t->next) {
			if (t->is_new || !is_of(t, k, k->target) || !forbids(k, t->deleted))
				continue;
			sqlite3_str *sql = sqlite3_str_new(s->conn->db);
			sqlite3_str_appendf(sql, "SELECT 1 FROM %s.\"%w\" p, %s.\"%w\" c WHERE "
					    "p.rowid IN (SELECT c0 FROM amph_rows(?1))", k->schema,
					    k->target, k->schema, k->table);
			for (size_t i = 0; i < k->n; i++)
				sqlite3_str_appendf(sql, " AND p.\"%w\" = c.\"%w\"",
						    k->target_columns[i], k->columns[i]);
			if (finds(s, sql, t, NULL))
				return k;
		}
	}
	return NULL;
}

/* Any row without its parent, wherever: reads whole tables. */
static const fkey *any_orphan(search *s)
{
	for (const fkey *k = s->keys; k; k = k->next) {
		sqlite3_str *sql = sqlite3_str_new(s->conn->db);

		sqlite3_str_appendf(sql, "SELECT 1 FROM %s.\"%w\" c WHERE ", k->schema, k->table);
		write_orphan(sql, k);
		if (finds(s, sql, NULL, NULL))
			return k;
	}
	return NULL;
}

static const fkey *find_key(search *s, sl_stmt *stmt, bool *from_child)
{
	sl_conn *conn = s->conn;

	int rc = amph__sl_probe(conn, stmt->native, note, s);
	const fkey *k = rc == SQLITE_DONE ? orphan_among_touched(s) : NULL;
	amph__sl_probe_end(conn);
	*from_child = k != NULL;
	if (!k)
		k = referrer_of_touched(s);
	if (!k && rc == SQLITE_DONE) {
		amph__sl_probe(conn, stmt->native, NULL, NULL);
		k = any_orphan(s);
		amph__sl_probe_end(conn);
	}
	return k;
}

static void set_foreign_key(const fkey *k, bool from_child, amph_error *err)
{
	const char *table = amph__sl_plain_table(k->table);
	int native_code = err->native_code;

	if (from_child)
		amph__error(err, "23503", "insert or update on table \"%s\" violates foreign key "
			    "constraint \"%s\"", table, k->name);
	else
		amph__error(err, "23503", "update or delete on table \"%s\" violates foreign key "
			    "constraint \"%s\" on table \"%s\"", amph__sl_plain_table(k->target),
			    k->name, table);
	amph__error_names(err, table, NULL, k->name);
	err->native_code = native_code;
}

void amph__sl_name_foreign_key(sl_conn *conn, sl_stmt *stmt, amph_error *err)
{
	search s = { .conn = conn };
	bool from_child = false;

	amph__arena_init(&s.arena, conn->base.engine->allocator);
	const fkey *k = load_keys(&s) ? find_key(&s, stmt, &from_child) : NULL;
	if (k)
		set_foreign_key(k, from_child, err);
	clear_touched(&s);
	amph__arena_clear(&s.arena);
}

void amph__sl_name_deferred(sl_conn *conn, amph_error *err)
{
	search s = { .conn = conn };

	if (!err)
		return;
	amph__arena_init(&s.arena, conn->base.engine->allocator);
	const fkey *k = load_keys(&s) ? any_orphan(&s) : NULL;
	if (k)
		set_foreign_key(k, true, err);
	amph__arena_clear(&s.arena);
}
