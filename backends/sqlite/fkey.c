/* Which foreign key is violated. SQLite only says that one is, when the statement is undone.
 *
 * So the statement is run again within a savepoint with the checks put off, and the rows that it
 * touches are noted. A row that it wrote without its parent is seen then; for a parent that it
 * removed, the rows that referred to it are looked for in the state before, and those of them that
 * have lost it in a second run. Of several the one is reported that PostgreSQL comes to first: it
 * checks the rows of the statement itself in their order, the keys of each in that of their creation,
 * and then what ON DELETE and ON UPDATE did for them, one table after the other. */
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

/* A row: its place among all that are touched, and that of the row of the statement itself for whose
 * sake it is. */
typedef struct touched_row {
	int64_t rowid;
	size_t place, root;
} touched_row;

/* Rows of one table: those that are new or changed, or those that were changed or removed. */
typedef struct touched {
	struct touched *next;
	const char *schema, *table;
	bool is_new, deleted;
	touched_row *rows;
	size_t n, cap;
	size_t level, number;           /* of its table: how many actions away, and in which order */
} touched;

/* Rows that referred to touched ones in the state before. */
typedef struct referrers {
	struct referrers *next;
	const fkey *key;
	const touched *of;
	struct referrer { int64_t rowid; size_t parent; } *rows;
	size_t n, cap;
} referrers;

/* What PostgreSQL would come to, and when. */
typedef struct violation {
	const fkey *key;
	bool from_child;
	size_t when[6];
} violation;

typedef struct search {
	sl_conn *conn;
	amph_arena arena;
	touched *touched;
	size_t n_touched, root;
	touched *first;                 /* what the statement touched first is of its own table */
	fkey *keys;
	referrers *referrers;
	violation found;
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

static bool is_same_table(const touched *t, const char *schema, const char *table)
{
	return !strcmp(t->table, table) && !strcmp(t->schema, schema);
}

static void add_row(search *s, touched *t, int64_t rowid)
{
	void *rows = t ? t->rows : NULL;

	if (!t || !amph__grow(s->arena.allocator, &rows, &t->cap, t->n + 1, sizeof *t->rows)) {
		s->failed = true;
		return;
	}
	t->rows = rows;
	if (!s->first)
		s->first = t;
	if (is_same_table(t, s->first->schema, s->first->table))
		s->root = s->n_touched;
	t->rows[t->n++] = (touched_row){ .rowid = rowid, .place = s->n_touched, .root = s->root };
}

static void note(void *ctx, int op, const char *schema, const char *table, sqlite3_int64 rowid)
{
	search *s = ctx;

	if (op != SQLITE_DELETE)
		add_row(s, touched_of(s, schema, table, true, false), rowid);
	if (op != SQLITE_INSERT)
		add_row(s, touched_of(s, schema, table, false, op == SQLITE_DELETE), rowid);
	s->n_touched++;
}

static void clear_rows(search *s)
{
	for (touched *t = s->touched; t; t = t->next)
		amph__free(s->arena.allocator, t->rows);
	for (referrers *r = s->referrers; r; r = r->next)
		amph__free(s->arena.allocator, r->rows);
}

static bool forbids(const fkey *k, bool deleted)
{
	const char *action = deleted ? k->on_delete : k->on_update;

	return !strcmp(action, "NO ACTION") || !strcmp(action, "RESTRICT");
}

static bool acts(const fkey *k)
{
	return !forbids(k, true) || !forbids(k, false);
}

/* Whether an action of k starts from a table that is so many actions away. */
static bool leads_on(const search *s, const fkey *k, size_t level)
{
	for (const touched *t = s->touched; t && acts(k); t = t->next)
		if (t->level == level && is_same_table(t, k->schema, k->target))
			return true;
	return false;
}

static void rank_tables(search *s)
{
	size_t number = 0;
	bool found = s->first != NULL;

	if (!found)
		return;
	for (touched *t = s->touched; t; t = t->next)
		t->level = is_same_table(t, s->first->schema, s->first->table) ? 0 : SIZE_MAX;
	for (size_t level = 0; found; level++) {
		found = false;
		for (const fkey *k = s->keys; k; k = k->next) {
			bool leads = leads_on(s, k, level);

			number++;
			for (touched *t = s->touched; t && leads; t = t->next) {
				if (t->level != SIZE_MAX || !is_same_table(t, k->schema, k->table))
					continue;
				t->level = level + 1;
				t->number = number;
				found = true;
			}
		}
	}
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

/* A query over arrays of structs that begin with a row's number. */
typedef struct row_query {
	sqlite3_stmt *stmt;
	amph_arg args[2];
	sl_rowset sets[2];
} row_query;

static bool open_query(search *s, row_query *q, sqlite3_str *sql)
{
	char *text = sqlite3_str_finish(sql);

	*q = (row_query){ 0 };
	if (text)
		sqlite3_prepare_v2(s->conn->db, text, -1, &q->stmt, NULL);
	sqlite3_free(text);
	return q->stmt != NULL;
}

static void give_rows(search *s, row_query *q, int i, const void *rows, size_t n, size_t stride)
{
	static const amph_slot slot = { .type = AMPH_T_INT64 };

	q->args[i] = (amph_arg){ .n_slots = 1, .slots = &slot, .base = rows, .n_rows = n,
				 .stride = stride };
	q->sets[i] = (sl_rowset){ .arg = &q->args[i], .n_slots = 1, .n_rows = n,
				  .allocator = s->arena.allocator };
	sqlite3_bind_pointer(q->stmt, i + 1, &q->sets[i], SL_ROWS_TYPE, NULL);
}

/* Ends the query: whether it gave a row, whose first value *out is then. */
static bool first_of(row_query *q, size_t *out)
{
	bool found = q->stmt && sqlite3_step(q->stmt) == SQLITE_ROW;

	if (found && out)
		*out = (size_t)sqlite3_column_int64(q->stmt, 0);
	sqlite3_finalize(q->stmt);
	return found;
}

static void consider(search *s, const fkey *k, const touched *t, size_t row, bool from_child)
{
	const touched_row *r = &t->rows[row];
	violation v = { .key = k, .from_child = from_child,
			.when = { t->level, r->root, t->number, r->place, from_child, k->rank } };

	for (size_t i = 0; s->found.key && i < sizeof v.when / sizeof *v.when; i++) {
		if (v.when[i] > s->found.when[i])
			return;
		if (v.when[i] < s->found.when[i])
			break;
	}
	s->found = v;
}

static const referrers *referrers_of(const search *s, const fkey *k)
{
	for (const referrers *r = s->referrers; r; r = r->next)
		if (r->key == k)
			return r;
	return NULL;
}

/* The first of the rows that the statement left without the parent that k asks for. One that had a parent
 * which the statement removed is that one's. CROSS JOIN: rows come as they were touched. */
static void look_for_orphans(search *s, const fkey *k, const touched *t)
{
	const referrers *known = referrers_of(s, k);
	sqlite3_str *sql = sqlite3_str_new(s->conn->db);
	row_query q;
	size_t row;

	sqlite3_str_appendf(sql, "SELECT r.rowid FROM amph_rows(?1) r CROSS JOIN %s.\"%w\" c "
			    "ON c.rowid = r.c0 WHERE ", k->schema, k->table);
	if (known)
		sqlite3_str_appendall(sql, "c.rowid NOT IN (SELECT c0 FROM amph_rows(?2)) AND ");
	write_orphan(sql, k);
	if (!open_query(s, &q, sql))
		return;
	give_rows(s, &q, 0, t->rows, t->n, sizeof *t->rows);
	if (known)
		give_rows(s, &q, 1, known->rows, known->n, sizeof *known->rows);
	if (first_of(&q, &row))
		consider(s, k, t, row, true);
}

/* The first touched row whose loss leaves one that referred to it without a parent. */
static void look_for_lost(search *s, const referrers *of)
{
	const fkey *k = of->key;
	sqlite3_str *sql = sqlite3_str_new(s->conn->db);
	row_query q;
	size_t row;

	sqlite3_str_appendf(sql, "SELECT r.rowid FROM amph_rows(?1) r CROSS JOIN %s.\"%w\" c "
			    "ON c.rowid = r.c0 WHERE ", k->schema, k->table);
	write_orphan(sql, k);
	if (!open_query(s, &q, sql))
		return;
	give_rows(s, &q, 0, of->rows, of->n, sizeof *of->rows);
	if (first_of(&q, &row))
		consider(s, k, of->of, of->rows[row].parent, false);
}

/* In the state after the statement. */
static void look(search *s)
{
	for (const touched *t = s->touched; t; t = t->next)
		for (const fkey *k = s->keys; t->is_new && k; k = k->next)
			if (is_same_table(t, k->schema, k->table))
				look_for_orphans(s, k, t);
	for (const referrers *r = s->referrers; r; r = r->next)
		look_for_lost(s, r);
}

static void add_referrer(search *s, referrers *to, int64_t rowid, size_t parent)
{
	void *rows = to->rows;

	if (!amph__grow(s->arena.allocator, &rows, &to->cap, to->n + 1, sizeof *to->rows)) {
		s->failed = true;
		return;
	}
	to->rows = rows;
	to->rows[to->n++] = (struct referrer){ .rowid = rowid, .parent = parent };
}

/* Before the statement: the rows that refer by k to those that it touches. */
static void add_referrers(search *s, const fkey *k, const touched *t)
{
	referrers *to = AMPH_NEW(&s->arena, referrers);
	sqlite3_str *sql = sqlite3_str_new(s->conn->db);
	row_query q;

	sqlite3_str_appendf(sql, "SELECT c.rowid, r.rowid FROM amph_rows(?1) r CROSS JOIN %s.\"%w\" p "
			    "ON p.rowid = r.c0 CROSS JOIN %s.\"%w\" c WHERE ", k->schema, k->target,
			    k->schema, k->table);
	for (size_t i = 0; i < k->n; i++)
		sqlite3_str_appendf(sql, "%sp.\"%w\" = c.\"%w\"", i ? " AND " : "",
				    k->target_columns[i], k->columns[i]);
	s->failed |= !to;
	if (!open_query(s, &q, sql) || !to) {
		sqlite3_finalize(q.stmt);
		return;
	}
	*to = (referrers){ .next = s->referrers, .key = k, .of = t };
	s->referrers = to;
	give_rows(s, &q, 0, t->rows, t->n, sizeof *t->rows);
	while (!s->failed && sqlite3_step(q.stmt) == SQLITE_ROW)
		add_referrer(s, to, sqlite3_column_int64(q.stmt, 0),
			     (size_t)sqlite3_column_int64(q.stmt, 1));
	sqlite3_finalize(q.stmt);
}

static void load_referrers(search *s)
{
	for (const touched *t = s->touched; t; t = t->next)
		for (const fkey *k = s->keys; !t->is_new && k; k = k->next)
			if (is_same_table(t, k->schema, k->target) && forbids(k, t->deleted))
				add_referrers(s, k, t);
}

/* Any row without its parent, wherever: reads whole tables. */
static const fkey *any_orphan(search *s)
{
	for (const fkey *k = s->keys; k; k = k->next) {
		sqlite3_str *sql = sqlite3_str_new(s->conn->db);
		row_query q;

		sqlite3_str_appendf(sql, "SELECT 1 FROM %s.\"%w\" c WHERE ", k->schema, k->table);
		write_orphan(sql, k);
		if (open_query(s, &q, sql) && first_of(&q, NULL))
			return k;
	}
	return NULL;
}

static bool touches_old(const search *s)
{
	for (const touched *t = s->touched; t; t = t->next)
		if (!t->is_new)
			return true;
	return false;
}

static void find_key(search *s, sl_stmt *stmt)
{
	int rc = amph__sl_probe(s->conn, stmt->native, note, s);

	rank_tables(s);
	if (!s->failed && touches_old(s)) {
		amph__sl_probe_end(s->conn);
		load_referrers(s);
		rc = amph__sl_probe(s->conn, stmt->native, NULL, NULL);
	}
	if (rc == SQLITE_DONE && !s->failed) {
		look(s);
		if (!s->found.key)
			s->found.key = any_orphan(s);
	}
	amph__sl_probe_end(s->conn);
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

	amph__arena_init(&s.arena, conn->base.engine->allocator);
	if (load_keys(&s))
		find_key(&s, stmt);
	if (s.found.key)
		set_foreign_key(s.found.key, s.found.from_child, err);
	clear_rows(&s);
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
