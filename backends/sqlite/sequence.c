/* Sequences behind identity columns. As PostgreSQL's they never give a number twice, not even
 * after a rollback, and know nothing of numbers that a program chose itself.
 *
 * The table amphora_sequence holds the last number of each, written within the transaction that
 * uses it: other processes see it with the rows. A rollback undoes that, so the engine remembers
 * what it gave out, and the higher of the two counts. Only a writer takes numbers, so there is
 * one at a time, in this process and in others. */
#include "sl.h"
#include <string.h>

static const char create_sql[] = "CREATE TABLE IF NOT EXISTS main.amphora_sequence "
				 "(name TEXT NOT NULL PRIMARY KEY, last INTEGER NOT NULL)";

/* ---- what the engine remembers ---- */

static sl_sequence *find_sequence(sl_engine *engine, const char *table, const char *column)
{
	size_t len = strlen(table);

	for (sl_sequence *s = engine->sequences; s; s = s->next)
		if (!strncmp(s->name, table, len) && s->name[len] == '.' &&
		    !strcmp(s->name + len + 1, column))
			return s;
	return NULL;
}

static sl_sequence *new_sequence(sl_engine *engine, const char *table, const char *column)
{
	const amph_allocator *a = engine->base.allocator;
	size_t len = strlen(table), column_len = strlen(column);
	sl_sequence *s = amph__alloc_zero(a, sizeof *s + len + column_len + 2);

	if (!s)
		return NULL;
	memcpy(s->name, table, len);
	s->name[len] = '.';
	memcpy(s->name + len + 1, column, column_len + 1);
	s->table_len = len;
	s->next = engine->sequences;
	engine->sequences = s;
	return s;
}

/* Entries stay as long as the engine: a connection may keep the pointer. */
static sl_sequence *sequence_of(sl_engine *engine, const char *table, const char *column)
{
	pthread_mutex_lock(&engine->lock);
	sl_sequence *s = find_sequence(engine, table, column);
	if (!s)
		s = new_sequence(engine, table, column);
	pthread_mutex_unlock(&engine->lock);
	return s;
}

void amph__sl_sequences_free(sl_engine *engine)
{
	for (sl_sequence *s = engine->sequences, *next; s; s = next) {
		next = s->next;
		amph__free(engine->base.allocator, s);
	}
	engine->sequences = NULL;
	amph__sl_numbers_free(engine->base.allocator, &engine->numbers);
}

static int64_t remembered(sl_engine *engine, const sl_sequence *s)
{
	pthread_mutex_lock(&engine->lock);
	int64_t last = s->last;
	pthread_mutex_unlock(&engine->lock);
	return last;
}

static void remember(sl_engine *engine, sl_sequence *s, int64_t last)
{
	pthread_mutex_lock(&engine->lock);
	s->last = last;
	pthread_mutex_unlock(&engine->lock);
}

/* ---- what the file says ---- */

static bool has_no_table(sl_conn *conn, int rc)
{
	return rc == SQLITE_ERROR && !strncmp(sqlite3_errmsg(conn->db), "no such table", 13);
}

static int write_once(sl_conn *conn, const sl_taken *t)
{
	sqlite3_stmt *stmt;
	int rc = amph__sl_own_prepare(conn, SL_SEQUENCE_WRITE, &stmt);

	if (rc != SQLITE_OK)
		return rc;
	sqlite3_bind_text(stmt, 1, t->sequence->name, -1, SQLITE_STATIC);
	sqlite3_bind_int64(stmt, 2, t->last);
	sqlite3_step(stmt);
	return sqlite3_reset(stmt);
}

static int write_sequence(sl_conn *conn, sl_taken *t)
{
	int rc = write_once(conn, t);

	if (has_no_table(conn, rc)) {
		rc = amph__sl_run(conn, create_sql);
		if (rc == SQLITE_OK)
			rc = write_once(conn, t);
	}
	t->dirty = rc != SQLITE_OK;
	return rc;
}

/* One integer of a query; *found false where it gives none, or where what it asks is not there. */
static int query_integer(sl_conn *conn, sqlite3_stmt *stmt, int64_t *out, bool *found)
{
	int rc = sqlite3_step(stmt);

	*found = rc == SQLITE_ROW && sqlite3_column_type(stmt, 0) == SQLITE_INTEGER;
	if (*found)
		*out = sqlite3_column_int64(stmt, 0);
	rc = sqlite3_reset(stmt);
	return has_no_table(conn, rc) ? SQLITE_OK : rc;
}

static int read_last(sl_conn *conn, const char *name, int64_t *last, bool *found)
{
	sqlite3_stmt *stmt;
	int rc = amph__sl_own_prepare(conn, SL_SEQUENCE_READ, &stmt);

	*found = false;
	if (rc != SQLITE_OK)
		return has_no_table(conn, rc) ? SQLITE_OK : rc;
	sqlite3_bind_text(stmt, 1, name, -1, SQLITE_STATIC);
	return query_integer(conn, stmt, last, found);
}

static int query_text(sl_conn *conn, char *sql, int64_t *out, bool *found)
{
	sqlite3_stmt *stmt = NULL;
	int rc = sql ? sqlite3_prepare_v2(conn->db, sql, -1, &stmt, NULL) : SQLITE_NOMEM;

	sqlite3_free(sql);
	*found = false;
	if (rc == SQLITE_OK)
		rc = query_integer(conn, stmt, out, found);
	sqlite3_finalize(stmt);
	return rc;
}

/* Where a sequence starts that the file does not know: at 0 for a table that Amphora made, behind
 * the rows of one that came from elsewhere. */
static int start_of(sl_conn *conn, const char *table, const char *column, int64_t *last)
{
	int64_t one;
	bool found;
	int rc = query_text(conn, sqlite3_mprintf("SELECT 1 FROM main.amphora_catalog WHERE tbl = %Q "
						  "LIMIT 1", table), &one, &found);

	*last = 0;
	if (found || (rc != SQLITE_OK && !has_no_table(conn, rc)))
		return rc;
	return query_text(conn, sqlite3_mprintf("SELECT max(\"%w\") FROM main.\"%w\"", column, table),
			  last, &found);
}

/* ---- what a transaction took ---- */

static sl_taken *taken_of(sl_conn *conn, sl_sequence *s)
{
	for (sl_taken *t = conn->taken; t; t = t->next)
		if (t->sequence == s)
			return t;
	sl_taken *t = amph__alloc_zero(conn->base.engine->allocator, sizeof *t);
	if (t) {
		t->sequence = s;
		t->next = conn->taken;
		conn->taken = t;
	}
	return t;
}

static int learn(sl_conn *conn, sl_taken *t, const char *table, const char *column)
{
	int64_t last = 0, mine = remembered((sl_engine *)conn->base.engine, t->sequence);
	bool found;
	int rc = read_last(conn, t->sequence->name, &last, &found);

	if (rc == SQLITE_OK && !found)
		rc = start_of(conn, table, column, &last);
	t->last = !t->fresh && mine > last ? mine : last;
	return rc;
}

static bool take(sl_conn *conn, const char *table, const char *column, size_t n, int64_t *ids,
		 amph_error *err)
{
	sl_engine *engine = (sl_engine *)conn->base.engine;
	sl_sequence *s = sequence_of(engine, table, column);
	sl_taken *t = s ? taken_of(conn, s) : NULL;
	int rc = SQLITE_OK;

	if (!t)
		return amph__error_nomem(err);
	if (!t->known)
		rc = learn(conn, t, table, column);
	if (rc == SQLITE_OK && (uint64_t)(INT64_MAX - t->last) < n)
		return amph__error(err, "2200H", "nextval: reached maximum value of sequence \"%s\"",
				   s->name);
	if (rc == SQLITE_OK) {
		int64_t first = t->last + 1;

		for (size_t i = 0; i < n; i++)
			ids[i] = first + (int64_t)i;
		t->last += (int64_t)n;
		if (!t->fresh)
			remember(engine, s, t->last);
		/* the first write makes sure that this is the writer, on the newest snapshot */
		if (!t->known)
			rc = write_sequence(conn, t);
		else
			t->dirty = true;
		t->known = true;
	}
	return rc == SQLITE_OK ? true : amph__sl_error(conn, rc, NULL, err);
}

int amph__sl_sequences_prepare(sl_conn *conn)
{
	return amph__sl_run(conn, create_sql);
}

bool amph__sl_take_next(sl_conn *conn, const char *table, const char *column, int64_t max,
			int64_t *out, amph_error *err)
{
	if (!take(conn, table, column, 1, out, err))
		return false;
	if (*out > max)
		return amph__error(err, "2200H", "nextval: reached maximum value of the sequence of "
				   "\"%s\".\"%s\"", table, column);
	/* outside a transaction nothing else would write it */
	for (sl_taken *t = conn->taken; t && !conn->in_tx; t = t->next)
		if (t->dirty && write_sequence(conn, t) != SQLITE_OK)
			return amph__sl_error(conn, SQLITE_ERROR, NULL, err);
	return true;
}

/* Forward only: what was given out once may be in use. */
bool amph__sl_set_last(sl_conn *conn, const char *table, const char *column, int64_t last,
		       amph_error *err)
{
	sl_sequence *s = sequence_of((sl_engine *)conn->base.engine, table, column);
	sl_taken *t = s ? taken_of(conn, s) : NULL;
	int rc = SQLITE_OK;

	if (!t)
		return amph__error_nomem(err);
	if (!t->known)
		rc = learn(conn, t, table, column);
	if (rc == SQLITE_OK && last < t->last)
		return amph__error(err, "0A000", "setval() of the sequence of a column to a lower number "
				   "is not supported on SQLite");
	t->last = last;
	if (!t->fresh)
		remember((sl_engine *)conn->base.engine, s, last);
	if (rc == SQLITE_OK)
		rc = write_sequence(conn, t);
	t->known |= rc == SQLITE_OK;
	return rc == SQLITE_OK ? true : amph__sl_error(conn, rc, NULL, err);
}

bool amph__sl_take_ids(amph_conn *base, const char *table, const char *column, size_t n,
		       int64_t *ids, amph_error *err)
{
	sl_conn *conn = (sl_conn *)base;
	bool alone = !conn->in_tx, rolled_back;

	if (!amph__sl_same_process((const sl_engine *)base->engine))
		return amph__sl_wrong_process(err);
	if (conn->failed)
		return amph__error(err, "25P02", "current transaction is aborted, commands are ignored "
				   "until end of transaction block");
	amph__sl_begin_statement(conn);
	if (n > INT64_MAX)
		return amph__error_misuse(err, "too many numbers are asked of a sequence");
	/* they are for an insert */
	bool ok = (!alone || amph__sl_begin_write(conn, err)) && amph__sl_may_write(conn, "INSERT", err) &&
		  take(conn, table, column, n, ids, err);
	if (alone && ok)
		return amph__sl_commit(conn, &rolled_back, err);
	if (alone)
		amph__sl_rollback(conn, NULL);
	else if (!ok)
		amph__sl_fail(conn);
	return ok;
}

static void forget_taken(sl_conn *conn)
{
	for (sl_taken *t = conn->taken, *next; t; t = next) {
		next = t->next;
		amph__free(conn->base.engine->allocator, t);
	}
	conn->taken = NULL;
}

int amph__sl_sequences_write(sl_conn *conn)
{
	int rc = SQLITE_OK;

	for (sl_taken *t = conn->taken; t && rc == SQLITE_OK; t = t->next)
		if (t->dirty)
			rc = write_sequence(conn, t);
	return rc;
}

void amph__sl_sequences_committed(sl_conn *conn)
{
	for (sl_taken *t = conn->taken; t; t = t->next)
		if (t->fresh)
			remember((sl_engine *)conn->base.engine, t->sequence, t->last);
	forget_taken(conn);
}

void amph__sl_sequences_rolled_back(sl_conn *conn)
{
	forget_taken(conn);
}

/* With the savepoint a DROP TABLE may have been undone: then both numbers count, the old and
 * the new, and the higher is written. */
void amph__sl_sequences_touch(sl_conn *conn)
{
	for (sl_taken *t = conn->taken; t; t = t->next) {
		int64_t mine = remembered((sl_engine *)conn->base.engine, t->sequence);

		if (t->fresh && mine > t->last)
			t->last = mine;
		t->fresh = false;
		t->dirty = t->known;
	}
}

/* Sequences of the table that the engine remembers begin anew, but only if the drop lasts. */
static bool start_anew(sl_conn *conn, const char *table)
{
	sl_engine *engine = (sl_engine *)conn->base.engine;
	size_t len = strlen(table);
	bool ok = true;

	pthread_mutex_lock(&engine->lock);
	for (sl_sequence *s = engine->sequences; s && ok; s = s->next) {
		if (s->table_len != len || strncmp(s->name, table, len))
			continue;
		sl_taken *t = conn->in_tx ? taken_of(conn, s) : NULL;

		if (t)
			*t = (sl_taken){ .next = t->next, .sequence = s, .fresh = true };
		else if (!conn->in_tx)
			s->last = 0;
		ok = t || !conn->in_tx;
	}
	pthread_mutex_unlock(&engine->lock);
	return ok;
}

int amph__sl_sequences_drop(sl_conn *conn, const char *table)
{
	char *sql = sqlite3_mprintf("DELETE FROM main.amphora_sequence WHERE name LIKE '%%.%%' AND "
				    "substr(name, 1, length(%Q) + 1) = %Q || '.' AND "
				    "instr(substr(name, length(%Q) + 2), '.') = 0", table, table, table);
	int rc = sql && start_anew(conn, table) ? amph__sl_run(conn, sql) : SQLITE_NOMEM;

	sqlite3_free(sql);
	return has_no_table(conn, rc) ? SQLITE_OK : rc;
}
