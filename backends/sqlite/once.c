/* ON CONFLICT DO UPDATE changes no row twice, nor one that the same statement has inserted: the rows
 * that it touches are noted while it runs, and once(row) refuses those. */
#include "sl.h"
#include <string.h>

enum { KEPT_ROWS = 1024 };      /* of memory that stays for the next statement */

static size_t place_of(const sl_rows_seen *s, int64_t rowid)
{
	uint64_t hash = (uint64_t)rowid * UINT64_C(0x9E3779B97F4A7C15);
	size_t at = (size_t)(hash >> 32) & (s->cap - 1);

	while (s->used[at] && s->rowids[at] != rowid)
		at = (at + 1) & (s->cap - 1);
	return at;
}

static void forget(sl_conn *conn)
{
	sl_rows_seen *s = &conn->seen;

	amph__free(conn->base.engine->allocator, s->rowids);
	amph__free(conn->base.engine->allocator, s->used);
	*s = (sl_rows_seen){ .n = 0 };
}

static bool grow(sl_conn *conn)
{
	const amph_allocator *a = conn->base.engine->allocator;
	sl_rows_seen *s = &conn->seen, old = *s;
	size_t cap = old.cap ? old.cap * 2 : 16, size;

	if (!amph__size_mul(cap, sizeof *s->rowids, &size))
		return false;
	*s = (sl_rows_seen){ .table = old.table, .cap = cap, .rowids = amph__alloc(a, size),
			     .used = amph__alloc_zero(a, cap) };
	if (!s->rowids || !s->used) {
		forget(conn);
		*s = old;
		return false;
	}
	for (size_t i = 0; i < old.cap; i++)
		if (old.used[i]) {
			size_t at = place_of(s, old.rowids[i]);

			s->rowids[at] = old.rowids[i];
			s->used[at] = true;
			s->n++;
		}
	amph__free(a, old.rowids);
	amph__free(a, old.used);
	return true;
}

static void note(void *ctx, int op, const char *schema, const char *table, sqlite3_int64 rowid)
{
	sl_conn *conn = ctx;
	sl_rows_seen *s = &conn->seen;

	(void)schema;
	/* numbers of sequences and rows that follow by a foreign key are others' */
	if (op == SQLITE_DELETE || s->failed || !s->table || strcmp(table, s->table) != 0)
		return;
	if ((s->n + 1) * 2 > s->cap && !grow(conn)) {
		s->failed = true;
		return;
	}
	size_t at = place_of(s, rowid);
	s->n += !s->used[at];
	s->used[at] = true;
	s->rowids[at] = rowid;
}

void amph__sl_seen_begin(sl_conn *conn, const char *table)
{
	sl_rows_seen *s = &conn->seen;

	if (s->cap > KEPT_ROWS)
		forget(conn);
	if (s->n)
		memset(s->used, 0, s->cap);
	s->n = 0;
	s->failed = false;
	s->table = table;
	sqlite3_update_hook(conn->db, note, conn);
}

void amph__sl_seen_end(sl_conn *conn)
{
	sqlite3_update_hook(conn->db, NULL, NULL);
}

void amph__sl_seen_free(sl_conn *conn)
{
	forget(conn);
}

static void once(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
	sl_conn *conn = sqlite3_user_data(ctx);
	const sl_rows_seen *s = &conn->seen;
	int64_t rowid = sqlite3_value_int64(argv[0]);

	(void)argc;
	if (s->failed)
		sqlite3_result_error_nomem(ctx);
	else if (!conn->probing && s->n && s->used[place_of(s, rowid)])
		sqlite3_result_error(ctx, "21000:ON CONFLICT DO UPDATE command cannot affect row a second "
				     "time", -1);
	else
		sqlite3_result_int(ctx, 1);
}

int amph__sl_seen_register(sl_conn *conn)
{
	return sqlite3_create_function_v2(conn->db, "amph_once", 1, SQLITE_UTF8 | SQLITE_DIRECTONLY, conn,
					  once, NULL, NULL, NULL);
}
