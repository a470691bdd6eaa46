/* SQLite's result codes and messages as SQLSTATEs, names and words of PostgreSQL. The only place
 * where they are compared. */
#include "constraint.h"
#include "../../src/base/ascii.h"
#include "../../src/base/utf8.h"
#include <stdio.h>
#include <string.h>

typedef struct code_row { int code; const char *state; } code_row;
/* Extended codes before the primary ones that they belong to. */
static const code_row codes[] = {
	{ SQLITE_BUSY_SNAPSHOT, "40001" },
	{ SQLITE_IOERR_NOMEM, "53200" },
	{ SQLITE_CANTOPEN_ISDIR, "08001" },
	{ SQLITE_CONSTRAINT_UNIQUE, "23505" },
	{ SQLITE_CONSTRAINT_PRIMARYKEY, "23505" },
	{ SQLITE_CONSTRAINT_ROWID, "23505" },
	{ SQLITE_CONSTRAINT_NOTNULL, "23502" },
	{ SQLITE_CONSTRAINT_CHECK, "23514" },
	{ SQLITE_CONSTRAINT_FOREIGNKEY, "23503" },
	{ SQLITE_CONSTRAINT_DATATYPE, "42804" },
	{ SQLITE_CONSTRAINT, "23000" },
	{ SQLITE_PERM, "42501" },
	{ SQLITE_AUTH, "42501" },
	{ SQLITE_ABORT, "57014" },
	{ SQLITE_BUSY, "55P03" },
	{ SQLITE_LOCKED, "55P03" },
	{ SQLITE_PROTOCOL, "55P03" },
	{ SQLITE_NOMEM, "53200" },
	{ SQLITE_READONLY, "25006" },
	{ SQLITE_INTERRUPT, "57014" },
	{ SQLITE_IOERR, "58030" },
	{ SQLITE_CORRUPT, "XX001" },
	{ SQLITE_NOTADB, "XX001" },
	{ SQLITE_FULL, "53100" },
	{ SQLITE_CANTOPEN, "08001" },
	{ SQLITE_SCHEMA, "40001" },
	{ SQLITE_TOOBIG, "54000" },
	{ SQLITE_MISMATCH, "42804" },
	{ SQLITE_MISUSE, "HV010" },
	{ SQLITE_NOLFS, "54000" },
	{ SQLITE_RANGE, "07001" },
};

typedef struct text_row {
	const char *begins;             /* of SQLite's message */
	const char *state;
	const char *says;               /* %s is what follows; NULL: SQLite's own words */
} text_row;
static const text_row texts[] = {
	{ "no such column: ", "42703", "column %s does not exist" },
	{ "no such function: ", "42883", "function %s does not exist" },
	{ "no such index: ", "42704", "index \"%s\" does not exist" },
	{ "no such savepoint: ", "3B001", "savepoint \"%s\" does not exist" },
	{ "no such collation sequence: ", "42704", "collation \"%s\" does not exist" },
	{ "no such view: ", "42P01", "view \"%s\" does not exist" },
	{ "no such trigger: ", "42704", "trigger \"%s\" does not exist" },
	{ "ambiguous column name: ", "42702", "column reference \"%s\" is ambiguous" },
	{ "duplicate column name: ", "42701", "column \"%s\" specified more than once" },
	{ "wrong number of arguments to function ", "42883", NULL },
	{ "misuse of aggregate", "42803", NULL },
	{ "misuse of window function", "42P20", NULL },
	{ "foreign key mismatch", "42830", NULL },
	{ "cannot modify ", "55000", NULL },
	{ "cannot UPDATE generated column", "428C9", NULL },
	{ "cannot INSERT into generated column", "428C9", NULL },
	{ "cannot start a transaction within a transaction", "25001", NULL },
	{ "cannot commit - no transaction is active", "25P01", NULL },
	{ "cannot rollback - no transaction is active", "25P01", NULL },
	{ "incomplete input", "42601", NULL },
	{ "unrecognized token", "42601", NULL },
	{ "near ", "42601", NULL },
	{ "not authorized", "42501", NULL },
	{ "integer overflow", "22003", "bigint out of range" },
	{ "frame starting offset must be", "22013", "frame starting offset must not be negative" },
	{ "frame ending offset must be", "22013", "frame ending offset must not be negative" },
	{ "argument of ntile must be", "22014", "argument of ntile must be greater than zero" },
	{ "second argument to nth_value must be", "22016",
		"argument of nth_value must be greater than zero" },
	{ "too many arguments on function", "54023", NULL },
	{ "too many columns", "54011", NULL },
	{ "too many ", "54001", NULL },
	{ "at most ", "54001", NULL },
	{ "Expression tree is too large", "54001", NULL },
	{ "parser stack overflow", "54001", NULL },
};

/* Messages whose telling part does not come first. */
static const text_row endings[] = {
	{ " already exists", "42P07", NULL },
	{ " values for ", "42601", NULL },
	{ " columns but ", "42601", NULL },
	{ " may not be dropped", "42501", NULL },
	{ " may not be modified", "42501", NULL },
	{ " may not be altered", "42501", NULL },
	{ " may not be indexed", "42501", NULL },
};

static const char *state_of(int rc)
{
	for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
		if (codes[i].code == rc || codes[i].code == (rc & 0xff))
			return codes[i].state;
	return "XX000";
}

/* "22012:division by zero": what a registered function or a check of a type says. */
static bool has_state(const char *text)
{
	for (int i = 0; i < 5; i++)
		if (!amph__is_digit(text[i]) && (text[i] < 'A' || text[i] > 'Z'))
			return false;
	return text[5] == ':';
}

/* "... constraint "name"" */
static void name_check(const char *text, amph_error *err)
{
	static const char before[] = "violates check constraint \"";
	const char *at = strstr(text, before);
	char name[64];
	size_t len;

	if (!at)
		return;
	amph__copy_text(name, sizeof name, at + sizeof before - 1);
	len = strlen(name);
	if (len && name[len - 1] == '"')
		name[len - 1] = '\0';
	amph__error_names(err, NULL, NULL, name);
}

static void set_stated(const char *text, amph_error *err)
{
	char state[6];

	memcpy(state, text, 5);
	state[5] = '\0';
	amph__error(err, state, "%s", text + 6);
	if (!strcmp(state, "23514"))
		name_check(text, err);
	amph__error_withhold(err);
}

/* The schema is the library's own, not one that a program wrote. */
static void set_no_table(const char *name, const sl_stmt *stmt, amph_error *err)
{
	if (!strncmp(name, "main.", 5))
		name += 5;
	amph__error(err, "42P01", "relation \"%s\" does not exist", name);
	if (stmt && stmt->base.code->table)
		amph__error_names(err, stmt->base.code->table, NULL, NULL);
}

/* "table t has no column named c"; what it calls the table may be an alias. */
static bool set_no_column(const char *message, const sl_stmt *stmt, amph_error *err)
{
	static const char begins[] = "table ", part[] = " has no column named ";
	const char *at = strstr(message, part);
	char table[sizeof err->table];

	if (!at || strncmp(message, begins, sizeof begins - 1) != 0)
		return false;
	size_t n = (size_t)(at - message) - (sizeof begins - 1);
	snprintf(table, sizeof table, "%.*s", (int)(n < sizeof table ? n : sizeof table - 1),
		 message + sizeof begins - 1);
	if (stmt && stmt->base.code->table)
		amph__copy_text(table, sizeof table, stmt->base.code->table);
	amph__error(err, "42703", "column \"%s\" of relation \"%s\" does not exist",
		    at + sizeof part - 1, table);
	amph__error_names(err, table, NULL, NULL);
	return true;
}

static void set_plain(const char *message, const sl_stmt *stmt, amph_error *err)
{
	static const char no_table[] = "no such table: ";

	const text_row *row = NULL;

	for (size_t i = 0; !row && i < sizeof texts / sizeof *texts; i++)
		if (!strncmp(message, texts[i].begins, strlen(texts[i].begins)))
			row = &texts[i];
	for (size_t i = 0; !row && i < sizeof endings / sizeof *endings; i++)
		if (strstr(message, endings[i].begins))
			row = &endings[i];
	if (!strncmp(message, no_table, sizeof no_table - 1)) {
		set_no_table(message + sizeof no_table - 1, stmt, err);
		return;
	}
	if (!row && set_no_column(message, stmt, err))
		return;
	if (!row || !row->says) {
		amph__error(err, row ? row->state : "XX000", "%s", message);
		return;
	}
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	amph__error(err, row->state, row->says, message + strlen(row->begins));
#pragma GCC diagnostic pop
}

/* ---- constraints ---- */

typedef struct split_name { char table[64], column[64]; } split_name;

/* "table.column" or "schema.table.column". */
static split_name split(const char *text)
{
	split_name out = { "", "" };
	const char *dot = strrchr(text, '.'), *table = dot;

	if (!dot)
		return out;
	while (table > text && table[-1] != '.')
		table--;
	size_t len = (size_t)(dot - table);
	memcpy(out.table, table, len < sizeof out.table ? len : sizeof out.table - 1);
	amph__copy_text(out.column, sizeof out.column, dot + 1);
	return out;
}

static const char *after_colon(const char *message)
{
	const char *colon = strstr(message, ": ");

	return colon ? colon + 2 : message;
}

static void set_not_null(const char *what, amph_error *err)
{
	split_name n = split(what);

	amph__error(err, "23502", "null value in column \"%s\" of relation \"%s\" violates not-null "
		    "constraint", n.column, n.table);
	amph__error_names(err, n.table, n.column, NULL);
}

/* A check that guards a type is named with its SQLSTATE, "22001:users.name". */
static void set_type_check(const char *name, amph_error *err)
{
	split_name n = split(name + 6);
	char state[6];

	memcpy(state, name, 5);
	state[5] = '\0';
	if (!strcmp(state, "23503")) {
		/* MATCH FULL; the name is the constraint's */
		amph__error(err, state, "insert or update on table \"%s\" violates foreign key constraint "
			    "\"%s\": MATCH FULL does not allow mixing of null and nonnull key values",
			    n.table, n.column);
		amph__error_names(err, n.table, NULL, n.column);
		return;
	}
	if (!strcmp(state, "23514")) {
		amph__error(err, state, "value for domain %s violates check constraint \"%s\"", n.table,
			    n.column);
		amph__error_names(err, NULL, NULL, n.column);
		return;
	}
	amph__error(err, state, "%s in column \"%s\" of relation \"%s\"",
		    !strcmp(state, "22001") ? "value too long"
		    : !strcmp(state, "22003") ? "value out of range" : "value of the wrong form",
		    n.column, n.table);
	amph__error_names(err, n.table, n.column, NULL);
}

static const char *table_of_check(const amph_schema *schema, const char *name)
{
	for (size_t i = 0; schema && i < schema->n; i++)
		if (schema->constraints[i].kind == 'c' && !strcmp(schema->constraints[i].name, name))
			return schema->constraints[i].table;
	return NULL;
}

static void set_check(sl_conn *conn, const char *name, const sl_stmt *stmt, amph_error *err)
{
	const char *table = table_of_check(amph__sl_schema(conn), name);

	if (has_state(name)) {
		set_type_check(name, err);
		return;
	}
	if (!table && stmt)
		table = stmt->base.code->table;
	amph__error(err, "23514", "new row for relation \"%s\" violates check constraint \"%s\"",
		    table ? table : "?", name);
	amph__error_names(err, table, NULL, name);
}

/* ON DELETE RESTRICT is a trigger of SQLite's own. */
static bool is_foreign_key(int rc, const char *message)
{
	return rc == SQLITE_CONSTRAINT_FOREIGNKEY ||
	       (rc == SQLITE_CONSTRAINT_TRIGGER &&
		!strcmp(message, "FOREIGN KEY constraint failed"));
}

/* Of all that is typed as a floating-point number NaN alone is a text. */
static void set_datatype(const char *message, amph_error *err)
{
	static const char of_nan[] = "cannot store TEXT value in REAL column";

	if (strncmp(message, of_nan, sizeof of_nan - 1))
		amph__error(err, "42804", "%s", message);
	else
		amph__error(err, "0A000", "NaN in a double or float cannot be stored by SQLite; numeric can "
			    "hold it");
}

static void set_constraint(sl_conn *conn, int rc, const char *message, const sl_stmt *stmt,
			   amph_error *err)
{
	char *kept = sqlite3_mprintf("%s", message);    /* looking for names makes others */
	const char *what = after_colon(kept ? kept : "");

	switch (rc) {
	case SQLITE_CONSTRAINT_NOTNULL:
		set_not_null(what, err);
		break;
	case SQLITE_CONSTRAINT_CHECK:
		set_check(conn, what, stmt, err);
		break;
	case SQLITE_CONSTRAINT_UNIQUE:
	case SQLITE_CONSTRAINT_PRIMARYKEY:
	case SQLITE_CONSTRAINT_ROWID:
		amph__sl_set_unique(conn, rc, what, err);
		break;
	case SQLITE_CONSTRAINT_FOREIGNKEY:
	case SQLITE_CONSTRAINT_TRIGGER:
		if (!is_foreign_key(rc, message)) {
			amph__error(err, "P0001", "%s", message);
			break;
		}
		amph__error(err, "23503", "a foreign key constraint is violated");
		break;
	case SQLITE_CONSTRAINT_DATATYPE:
		set_datatype(message, err);
		break;
	default:
		amph__error(err, state_of(rc), "%s", message);
	}
	sqlite3_free(kept);
}

/* ---- */

static int position_of(sl_conn *conn, const sl_stmt *stmt)
{
	int offset = sqlite3_error_offset(conn->db);

	if (!stmt || offset < 0 || (size_t)offset > stmt->base.code->sql_len)
		return 0;
	return (int)amph__utf8_count(stmt->base.code->sql, (size_t)offset) + 1;
}

static bool was_stopped(int rc)
{
	return (rc & 0xff) == SQLITE_INTERRUPT ||
	       ((rc & 0xff) == SQLITE_BUSY && rc != SQLITE_BUSY_SNAPSHOT);
}

bool amph__sl_error(sl_conn *conn, int rc, const sl_stmt *stmt, amph_error *err)
{
	const char *message = sqlite3_errmsg(conn->db);

	if (!err)
		return false;
	if (was_stopped(rc)) {
		if ((rc & 0xff) == SQLITE_INTERRUPT && conn->stop == SL_GO_ON)
			conn->stop = SL_STOP_CANCEL;
		amph__sl_stop_error(conn, err);
	} else if ((rc & 0xff) == SQLITE_CONSTRAINT && !has_state(message)) {
		set_constraint(conn, rc, message, stmt, err);
	} else if (has_state(message) && (rc & 0xff) != SQLITE_NOMEM) {
		set_stated(message, err);
	} else if (rc == SQLITE_ERROR) {
		set_plain(message, stmt, err);
		err->position = position_of(conn, stmt);
	} else if (rc == SQLITE_BUSY_SNAPSHOT) {
		amph__error(err, "40001", "could not serialize access due to concurrent update");
	} else if (rc == SQLITE_NOMEM || rc == SQLITE_IOERR_NOMEM) {
		amph__error_nomem(err);
	} else if (rc == SQLITE_READONLY) {
		amph__error(err, "25006", "the database is read-only");
	} else {
		amph__error(err, state_of(rc), "%s (SQLite error %d)", message, rc);
	}
	err->native_code = rc;
	return false;
}

/* Naming a constraint may take as long as the statement took, some times over. A step of SQLite's
 * machine takes about a twentieth of a microsecond. */
static bool has_time(const sl_conn *conn, sl_stmt *stmt)
{
	int steps = sqlite3_stmt_status(stmt->native, SQLITE_STMTSTATUS_VM_STEP, 1);

	return conn->base.deadline_usec == AMPH_NO_DEADLINE ||
	       amph__monotonic_usec() + steps / 4 < conn->base.deadline_usec;
}

bool amph__sl_stmt_error(sl_conn *conn, int rc, sl_stmt *stmt, amph_error *err)
{
	amph_error own;

	amph__sl_error(conn, rc, stmt, &own);
	sqlite3_reset(stmt->native);
	bool may_look = (rc & 0xff) == SQLITE_CONSTRAINT && has_time(conn, stmt);
	if (may_look && !strcmp(own.sqlstate, "23503"))
		amph__sl_name_foreign_key(conn, stmt, &own);
	else if (may_look && !strcmp(own.sqlstate, "23505"))
		amph__sl_name_first_unique(conn, stmt, &own);
	if (err)
		*err = own;
	return false;
}
