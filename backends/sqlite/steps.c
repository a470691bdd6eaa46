/* Statements that a code has to be run before its own: each as any other is, its rows going into a
 * temporary table, from which those after it read them. */
#include "sl.h"
#include <string.h>

static bool run_text(const sl_stmt *stmt, const char *text, amph_error *err)
{
	sl_conn *conn = (sl_conn *)stmt->base.conn;
	int rc = amph__sl_run(conn, text);

	return rc == SQLITE_OK ? true : amph__sl_error(conn, rc, stmt, err);
}

static bool take_rows(const sl_stmt *step, const char *into, amph_error *err)
{
	sl_conn *conn = (sl_conn *)step->base.conn;
	sqlite3_stmt *native = NULL;
	int rc = into && step->kept ? sqlite3_prepare_v2(conn->db, into, -1, &native, NULL) : SQLITE_OK;

	for (const struct sl_kept *row = step->kept; native && row && rc == SQLITE_OK; row = row->next) {
		for (size_t i = 0; i < step->n_columns && rc == SQLITE_OK; i++)
			rc = amph__sl_bind_cell(native, (int)i + 1, &row->cells[i]);
		if (rc == SQLITE_OK && sqlite3_step(native) == SQLITE_DONE)
			rc = sqlite3_reset(native);
		else
			rc = rc == SQLITE_OK ? sqlite3_reset(native) : rc;
	}
	sqlite3_finalize(native);
	return rc == SQLITE_OK ? true : amph__sl_error(conn, rc, step, err);
}

/* A key may be in order again by what is still to come. */
static void say_why(const sl_stmt *stmt, size_t i, amph_error *err)
{
	bool last = i + 1 == stmt->base.code->n_steps && !strcmp(stmt->tag, "SELECT");

	if (err && !last && !strcmp(err->sqlstate, "23503"))
		amph__error(err, "0A000", "a foreign key between statements of one WITH is not supported "
			    "on SQLite");
}

static bool run_step(const sl_stmt *stmt, size_t i, const amph_arg *args, amph_error *err)
{
	const amph_code_step *step = &stmt->base.code->steps[i];
	amph_code code = *step->code;
	sl_stmt one = { .base = { .conn = stmt->base.conn, .code = &code } };
	amph_result result = { 0 };
	bool ok;

	code.flags |= AMPH_CODE_ONCE | (stmt->base.code->flags & AMPH_CODE_WRITTEN);
	code.flags &= ~(uint32_t)AMPH_CODE_STREAM;
	ok = amph__sl_prepare(&one.base, err) && amph__sl_run_stmt(&one, args, &result, err) &&
	     take_rows(&one, step->into, err);
	amph__sl_finish(one.base.conn, &result);
	amph__sl_finalize(&one.base);
	if (!ok)
		say_why(stmt, i, err);
	return ok;
}

/* Whether what is done to rows of ?1 (?3) makes a foreign key change rows of ?2. */
static const char acts[] =
	"WITH RECURSIVE acted (name, first) AS (VALUES (?1, 1) UNION SELECT m.name, 0 FROM acted "
	"JOIN (SELECT name FROM main.sqlite_schema WHERE type = 'table' UNION "
	"SELECT name FROM temp.sqlite_schema WHERE type = 'table') m "
	"JOIN pragma_foreign_key_list(m.name) f ON f.\"table\" = acted.name COLLATE NOCASE "
	"WHERE (f.on_update NOT IN ('NO ACTION', 'RESTRICT') AND NOT (first AND ?3 = 'd')) "
	"OR (f.on_delete NOT IN ('NO ACTION', 'RESTRICT') AND NOT (first AND ?3 = 'u'))) "
	"SELECT 1 FROM acted WHERE NOT first AND name = ?2";

static bool acts_on(const sl_stmt *stmt, const amph_code_step *step, const char *table, amph_error *err)
{
	sl_conn *conn = (sl_conn *)stmt->base.conn;
	sqlite3_stmt *native = NULL;
	int rc = sqlite3_prepare_v2(conn->db, acts, -1, &native, NULL);

	if (rc == SQLITE_OK)
		rc = sqlite3_bind_text(native, 1, step->code->table, -1, SQLITE_STATIC);
	if (rc == SQLITE_OK)
		rc = sqlite3_bind_text(native, 2, table, -1, SQLITE_STATIC);
	if (rc == SQLITE_OK)
		rc = sqlite3_bind_text(native, 3, &step->changes, 1, SQLITE_STATIC);
	if (rc == SQLITE_OK)
		rc = sqlite3_step(native);
	sqlite3_finalize(native);
	if (rc == SQLITE_ROW)
		amph__error(err, "0A000", "a statement of WITH whose foreign keys change rows of \"%s\", "
			    "which another writes, is not supported on SQLite", table);
	else if (rc != SQLITE_DONE)
		amph__sl_error(conn, rc, stmt, err);
	return rc != SQLITE_DONE;
}

/* PostgreSQL's statements all see the rows before foreign keys act. */
static bool check_keys(const sl_stmt *stmt, amph_error *err)
{
	const amph_code *code = stmt->base.code;
	bool writes = strcmp(stmt->tag, "SELECT") != 0;

	for (size_t i = 0; i < code->n_steps; i++)
		for (size_t k = i + 1; code->steps[i].changes && k < code->n_steps + writes; k++) {
			const amph_code *later = k < code->n_steps ? code->steps[k].code : code;

			if (acts_on(stmt, &code->steps[i], later->table, err))
				return false;
		}
	return true;
}

bool amph__sl_run_steps(const sl_stmt *stmt, const amph_arg *args, amph_error *err)
{
	const amph_code *code = stmt->base.code;

	amph__sl_stop_going((sl_conn *)stmt->base.conn);
	if (!check_keys(stmt, err) || !run_text(stmt, code->setup, err))
		return false;
	for (size_t i = 0; i < code->n_steps; i++)
		if (!run_step(stmt, i, args, err))
			return false;
	return true;
}

bool amph__sl_clean_steps(const sl_stmt *stmt, amph_error *err)
{
	return run_text(stmt, stmt->base.code->cleanup, err);
}
