/* Statements: prepared when they first run, bound from structs without copying where SQLite is
 * done with them before collect returns, and read row by row into structs. */
#include "constraint.h"
#include "../../src/base/ascii.h"
#include "words.h"
#include <limits.h>
#include <string.h>

static const char aborted[] = "current transaction is aborted, commands are ignored until end of "
			      "transaction block";

static sl_conn *conn_of(const sl_stmt *stmt)
{
	return (sl_conn *)stmt->base.conn;
}

/* ---- preparing ---- */

bool amph__sl_prepare(amph_stmt *base, amph_error *err)
{
	sl_stmt *stmt = (sl_stmt *)base;
	const amph_code *code = base->code;
	const amph_allocator *a = base->conn->engine->allocator;

	amph__buf_init(&stmt->scratch, a);
	amph__arena_init(&stmt->rows, a);
	amph__sl_tag(code->sql, stmt->tag, sizeof stmt->tag);
	if (code->flags & AMPH_CODE_CONTROL) {
		stmt->verb = amph__sl_verb(code->sql);
		return true;
	}
	if (strcmp(stmt->tag, "DROP TABLE"))
		return true;
	stmt->dropped = amph__sl_dropped_table(a, code->sql);
	return stmt->dropped ? true : amph__error_nomem(err);
}

/* A statement that has read the row of one key stays where it is until the next is asked for, or
 * something else than a read is run: most of what a run costs is its begin and its end. */
static void leave_going(sl_stmt *stmt)
{
	sl_stmt **at = &conn_of(stmt)->going;

	while (*at != stmt)
		at = &(*at)->next_going;
	*at = stmt->next_going;
	stmt->goes_on = false;
}

void amph__sl_finalize(amph_stmt *base)
{
	sl_stmt *stmt = (sl_stmt *)base;
	const amph_allocator *a = base->conn->engine->allocator;

	if (stmt->goes_on)
		leave_going(stmt);

	/* in a forked process even this would reach for the parent's locks */
	if (amph__sl_same_process((const sl_engine *)base->conn->engine)) {
		sqlite3_finalize(stmt->native);
		sqlite3_finalize(stmt->highest);
	}
	amph__buf_clear(&stmt->scratch);
	amph__arena_clear(&stmt->rows);
	amph__free(a, stmt->cells);
	amph__free(a, stmt->described);
	amph__free(a, stmt->dropped);
}

static bool is_blank(const char *text)
{
	while (amph__is_space(*text) || *text == ';')
		text++;
	return !*text;
}

static size_t count_rowsets(const amph_code *code)
{
	size_t n = 0;

	for (size_t i = 0; i < code->n_params; i++)
		n += code->params[i].kind == AMPH_PARAM_ROWS;
	return n;
}

/* One allocation: the cells of a row, of the bound values, and the row sets. */
static bool make_room(sl_stmt *stmt, amph_error *err)
{
	const amph_code *code = stmt->base.code;
	size_t cells = stmt->n_columns + code->n_params;

	stmt->n_rowsets = count_rowsets(code);
	char *room = amph__alloc_zero(stmt->base.conn->engine->allocator, cells * sizeof(sl_cell) +
				      stmt->n_rowsets * sizeof(sl_rowset) + 1);
	if (!room)
		return amph__error_nomem(err);
	stmt->cells = (sl_cell *)(void *)room;
	stmt->bound = stmt->cells + stmt->n_columns;
	stmt->rowsets = (sl_rowset *)(void *)(stmt->cells + cells);
	return true;
}

static bool check_prepared(sl_stmt *stmt, const char *tail, amph_error *err)
{
	const amph_code *code = stmt->base.code;
	int placeholders = sqlite3_bind_parameter_count(stmt->native);

	if (!stmt->native)
		return amph__error(err, "42601", "the statement is empty");
	if (!is_blank(tail))
		return amph__error(err, "42601", "cannot insert multiple commands into a prepared "
				   "statement");
	if ((size_t)placeholders > code->n_params)
		return amph__error(err, "07001", "the statement has %d placeholders, but %zu parameters "
				   "are given", placeholders, code->n_params);
	if (code->n_columns && code->n_columns != stmt->n_columns)
		return amph__error(err, "0A000", "cached plan must not change result type");
	return true;
}

/* Of a statement that was right in PostgreSQL's dialect, but for a table that is not there. */
static bool prepare_failed(sl_stmt *stmt, int rc, amph_error *err)
{
	char message[160];

	amph__sl_error(conn_of(stmt), rc, stmt, err);
	if (rc != SQLITE_ERROR || !err || !(stmt->base.code->flags & AMPH_CODE_WRITTEN) ||
	    !strcmp(err->sqlstate, "42P01"))
		return false;
	amph__copy_text(message, sizeof message, err->message);
	amph__error(err, "0A000", "this statement is not supported on SQLite: %s", message);
	return false;
}

static bool prepare_native(sl_stmt *stmt, amph_error *err)
{
	sl_conn *conn = conn_of(stmt);
	const amph_code *code = stmt->base.code;
	const char *tail = "";

	if (stmt->native)
		return true;
	if (code->sql_len > INT_MAX - 1)
		return amph__error(err, "54000", "the statement is too long");
	int rc = sqlite3_prepare_v3(conn->db, code->sql, (int)code->sql_len,
				    code->flags & AMPH_CODE_ONCE ? 0 : SQLITE_PREPARE_PERSISTENT,
				    &stmt->native, &tail);
	if (rc != SQLITE_OK)
		return prepare_failed(stmt, rc, err);
	stmt->n_columns = (size_t)sqlite3_column_count(stmt->native);
	/* nextval() writes, though SQLite does not know */
	stmt->reads = sqlite3_stmt_readonly(stmt->native) && !(code->flags & AMPH_CODE_NUMBERS) &&
		      !code->setup;
	stmt->columns = code->columns;
	if (check_prepared(stmt, tail, err) && make_room(stmt, err))
		return true;
	sqlite3_finalize(stmt->native);
	stmt->native = NULL;
	return false;
}

/* ---- arguments ---- */

/* Results of statements that write are read to the end at once and kept: only then is it known
 * that no constraint fails and how many rows there are. Others, and those streamed, run on after
 * collect, when the program's arguments may be gone. */
static bool runs_on(const sl_stmt *stmt)
{
	uint32_t flags = stmt->base.code->flags;

	return flags & AMPH_CODE_ROWS && (stmt->reads || flags & AMPH_CODE_STREAM);
}

static const void *row_of(const amph_arg *arg, size_t i)
{
	return arg->rows ? arg->rows[i] : (const char *)arg->base + i * arg->stride;
}

static bool copy_rowset(sl_stmt *stmt, const sl_encoder *to, sl_rowset *set, amph_error *err)
{
	const amph_arg *arg = set->arg;
	size_t n;

	if (!amph__size_mul(arg->n_rows, arg->n_slots, &n))
		return amph__error_nomem(err);
	sl_cell *cells = AMPH_NEWS(&stmt->rows, sl_cell, n ? n : 1);
	if (!cells)
		return amph__error_nomem(err);
	set->cells = cells;
	for (size_t i = 0; i < arg->n_rows; i++)
		for (size_t k = 0; k < arg->n_slots; k++)
			if (!amph__sl_encode(to, &arg->slots[k], row_of(arg, i),
					     &cells[i * arg->n_slots + k], err))
				return false;
	return true;
}

static void settle_rowset(const sl_rowset *set, const amph_buf *scratch)
{
	sl_cell *cells = (sl_cell *)(uintptr_t)set->cells;

	for (size_t i = 0; cells && i < set->n_rows * set->n_slots; i++)
		amph__sl_settle(&cells[i], scratch);
}

int amph__sl_bind_cell(sqlite3_stmt *native, int at, const sl_cell *cell)
{
	switch (cell->kind) {
	case SQLITE_INTEGER:
		return sqlite3_bind_int64(native, at, cell->v.integer);
	case SQLITE_FLOAT:
		return sqlite3_bind_double(native, at, cell->v.real);
	case SQLITE_TEXT:
		return cell->ended ? sqlite3_bind_text(native, at, cell->v.text, -1, SQLITE_STATIC)
			: sqlite3_bind_text64(native, at, cell->v.text, cell->len, SQLITE_STATIC,
					   SQLITE_UTF8);
	case SQLITE_BLOB:
		return sqlite3_bind_blob64(native, at, cell->len ? cell->v.text : "", cell->len,
					   SQLITE_STATIC);
	default:
		return sqlite3_bind_null(native, at);
	}
}

static bool encode_args(sl_stmt *stmt, const amph_arg *args, amph_error *err)
{
	const amph_code *code = stmt->base.code;
	sl_encoder to = { .scratch = &stmt->scratch, .copy = runs_on(stmt), .writes = !stmt->reads };
	sl_rowset *set = stmt->rowsets;

	for (size_t i = 0; i < code->n_params; i++) {
		const amph_arg *arg = &args[i];

		if (code->params[i].kind == AMPH_PARAM_VALUE) {
			if (!amph__sl_encode(&to, &arg->slots[0], row_of(arg, 0), &stmt->bound[i], err))
				return false;
			continue;
		}
		*set = (sl_rowset){ .arg = arg, .n_rows = arg->n_rows, .n_slots = arg->n_slots,
				    .allocator = stmt->scratch.allocator, .writes = to.writes,
				    .straight = !to.copy && stmt->base.conn->engine->options.fast_paths };
		if (to.copy && !copy_rowset(stmt, &to, set, err))
			return false;
		amph__sl_append_plan(stmt, set);
		set++;
	}
	return true;
}

int amph__sl_rebind(const sl_stmt *stmt, sqlite3_stmt *native)
{
	int rc = SQLITE_OK, n = sqlite3_bind_parameter_count(native);
	sl_rowset *set = stmt->rowsets;

	for (int i = 0; i < n && rc == SQLITE_OK; i++)
		rc = stmt->base.code->params[i].kind == AMPH_PARAM_ROWS
			     ? sqlite3_bind_pointer(native, i + 1, set++, SL_ROWS_TYPE, NULL)
			     : amph__sl_bind_cell(native, i + 1, &stmt->bound[i]);
	return rc;
}

static bool bind_args(sl_stmt *stmt, const amph_arg *args, amph_error *err)
{
	const amph_code *code = stmt->base.code;

	if (!code->n_params)
		return true;
	if (!args)
		return amph__error_misuse(err, "a statement with parameters is run without arguments");
	amph__buf_reset(&stmt->scratch);
	if (!encode_args(stmt, args, err))
		return false;
	for (size_t i = 0; i < code->n_params; i++)
		amph__sl_settle(&stmt->bound[i], &stmt->scratch);
	for (size_t i = 0; i < stmt->n_rowsets; i++)
		settle_rowset(&stmt->rowsets[i], &stmt->scratch);
	int rc = amph__sl_rebind(stmt, stmt->native);
	return rc == SQLITE_OK ? true : amph__sl_error(conn_of(stmt), rc, stmt, err);
}

/* ---- running ---- */

static bool load_row(sl_stmt *stmt, amph_error *err)
{
	return amph__sl_load_row(stmt->native, stmt->n_columns, stmt->cells) || amph__error_nomem(err);
}

/* The row at hand goes to the end of the kept ones. */
static bool keep_row(sl_stmt *stmt, amph_error *err)
{
	size_t size = sizeof(struct sl_kept) + stmt->n_columns * sizeof(sl_cell);
	struct sl_kept *row = load_row(stmt, err) ? amph__arena_zero(&stmt->rows, size) : NULL;

	if (!row)
		return amph__error_nomem(err);
	for (size_t i = 0; i < stmt->n_columns; i++) {
		sl_cell *cell = &row->cells[i];

		*cell = stmt->cells[i];
		if (cell->kind == SQLITE_TEXT || cell->kind == SQLITE_BLOB)
			cell->v.text = amph__arena_text(&stmt->rows, cell->v.text, cell->len);
	}
	if (stmt->rows.failed)
		return amph__error_nomem(err);
	if (stmt->kept_last)
		stmt->kept_last->next = row;
	else
		stmt->kept = row;
	stmt->kept_last = row;
	return true;
}

/* Ends the run: gives back what it holds of the database. */
static void end_run(sl_stmt *stmt)
{
	if (stmt->goes_on)
		leave_going(stmt);
	sqlite3_reset(stmt->native);
	stmt->active = stmt->has_row = false;
}

void amph__sl_stop_going(sl_conn *conn)
{
	while (conn->going)
		end_run(conn->going);
}

/* A statement outside a transaction was its own COMMIT. */
static bool run_failed(sl_stmt *stmt, int rc, amph_error *err)
{
	sl_conn *conn = conn_of(stmt);

	amph__sl_stmt_error(conn, rc, stmt, err);
	stmt->active = stmt->has_row = false;
	if (!conn->in_tx && !stmt->reads)
		amph__sl_commit_failed(conn, rc, err);
	amph__sl_fail(conn);
	return false;
}

static bool own_failure(sl_stmt *stmt)
{
	end_run(stmt);
	amph__sl_fail(conn_of(stmt));
	return false;
}

/* SQLite waits for no lock where a transaction that has read begins to write, since a writer might
 * wait for it in turn. Nobody does here, and even a reader may hold that lock for a moment. */
static int first_step(sl_stmt *stmt)
{
	sl_conn *conn = conn_of(stmt);
	int rc, count = 0;

	while ((rc = sqlite3_step(stmt->native)) == SQLITE_BUSY && conn->in_tx && !stmt->reads &&
	       conn->stop == SL_GO_ON && amph__sl_wait_busy(conn, count++))
		sqlite3_reset(stmt->native);
	return rc;
}

static bool counts_rows(const char *tag)
{
	return !strcmp(tag, "INSERT") || !strcmp(tag, "UPDATE") || !strcmp(tag, "DELETE");
}

static bool run_to_end(sl_stmt *stmt, amph_result *result, amph_error *err)
{
	sl_conn *conn = conn_of(stmt);
	bool keep = stmt->base.code->flags & AMPH_CODE_ROWS;
	bool upserts = stmt->base.code->flags & AMPH_CODE_UPSERT, kept = true;
	int rc;

	if (upserts)
		amph__sl_seen_begin(conn, stmt->base.code->table);
	for (rc = first_step(stmt); rc == SQLITE_ROW && kept; rc = sqlite3_step(stmt->native))
		kept = !keep || keep_row(stmt, err);
	if (upserts)
		amph__sl_seen_end(conn);
	if (!kept)
		return own_failure(stmt);
	if (rc != SQLITE_DONE)
		return run_failed(stmt, rc, err);
	for (size_t i = 0; i < stmt->n_rowsets; i++)
		if (!amph__sl_append_held(stmt, &stmt->rowsets[i], err))
			return own_failure(stmt);
	if (counts_rows(stmt->tag))
		result->affected = sqlite3_changes64(conn->db);
	else
		conn->defined |= !stmt->reads;
	end_run(stmt);
	if (stmt->dropped && (rc = amph__sl_sequences_drop(conn, stmt->dropped)) != SQLITE_OK)
		return run_failed(stmt, rc, err);
	if (stmt->base.code->setup && !amph__sl_clean_steps(stmt, err))
		return own_failure(stmt);
	amph__sl_autocommitted(conn);
	return true;
}

static bool step(sl_stmt *stmt, amph_error *err)
{
	int rc = sqlite3_step(stmt->native);

	stmt->has_row = rc == SQLITE_ROW;
	if (rc == SQLITE_ROW)
		return true;
	if (rc != SQLITE_DONE)
		return run_failed(stmt, rc, err);
	end_run(stmt);
	amph__sl_autocommitted(conn_of(stmt));
	return true;
}

static bool run_first(sl_stmt *stmt, amph_error *err)
{
	stmt->active = true;
	if (!step(stmt, err))
		return false;
	/* another connection may have changed the schema: SQLite prepared anew by itself */
	if ((size_t)sqlite3_column_count(stmt->native) != stmt->n_columns) {
		amph__error(err, "0A000", "cached plan must not change result type");
		return own_failure(stmt);
	}
	return true;
}

/* Result columns as SQLite sees them, for text that the library did not write. */
static amph_type described_type(const sl_stmt *stmt, int i)
{
	switch (stmt->kept ? stmt->kept->cells[i].kind : sqlite3_column_type(stmt->native, i)) {
	case SQLITE_INTEGER:
		return AMPH_T_INT64;
	case SQLITE_FLOAT:
		return AMPH_T_DOUBLE;
	case SQLITE_BLOB:
		return AMPH_T_BYTES;
	default:
		return AMPH_T_TEXT;
	}
}

static bool describe(sl_stmt *stmt, amph_error *err)
{
	const amph_allocator *a = stmt->base.conn->engine->allocator;

	if (stmt->base.code->n_columns || !stmt->n_columns)
		return true;
	amph__free(a, stmt->described);
	stmt->described = amph__alloc_zero(a, stmt->n_columns * sizeof *stmt->described);
	if (!stmt->described)
		return amph__error_nomem(err);
	for (int i = 0; i < (int)stmt->n_columns; i++)
		stmt->described[i] = (amph_result_column){
			.name = sqlite3_column_name(stmt->native, i),
			.type = { .type = (uint8_t)described_type(stmt, i), .nullable = true } };
	stmt->columns = stmt->described;
	return true;
}

static bool fill_result(sl_stmt *stmt, amph_result *result, amph_error *err)
{
	bool rows = stmt->base.code->flags & AMPH_CODE_ROWS;

	if (rows && !describe(stmt, err)) {
		end_run(stmt);
		return false;
	}
	result->has_rows = rows;
	result->n_columns = rows ? stmt->n_columns : 0;
	result->columns = rows ? stmt->columns : NULL;
	return true;
}

/* What changes data or schema finds nothing that is still read. */
static void stop_others(sl_stmt *stmt)
{
	if (!stmt->reads || stmt->base.code->flags & AMPH_CODE_ONCE)
		amph__sl_stop_going(conn_of(stmt));
}

static bool start(sl_stmt *stmt, const amph_arg *args, amph_error *err)
{
	sl_conn *conn = conn_of(stmt);

	if (conn->failed)
		return amph__error(err, "25P02", "%s", aborted);
	if (stmt->active && sqlite3_stmt_busy(stmt->native))
		return amph__error_misuse(err, "a statement is run while its rows are still read");
	if (!conn->in_tx)
		conn->env.now_usec = 0;
	stmt->kept = stmt->kept_last = NULL;
	if (stmt->rows.used || stmt->rows.failed)
		amph__arena_reset(&stmt->rows);
	bool ok = (!stmt->base.code->setup || amph__sl_run_steps(stmt, args, err)) &&
		  prepare_native(stmt, err);
	if (ok)
		stop_others(stmt);
	if (ok && (stmt->reads || amph__sl_may_write(conn, stmt->tag, err)) && bind_args(stmt, args, err))
		return true;
	amph__sl_fail(conn);
	return false;
}

static bool may_go_on(const sl_stmt *stmt)
{
	const sl_conn *conn = conn_of(stmt);

	if (!stmt->active || stmt->has_row || conn->failed || !conn->base.engine->options.fast_paths)
		return false;
	if (!conn->in_tx)
		return stmt->base.code->flags & AMPH_CODE_ALONE;
	return stmt->base.code->flags & AMPH_CODE_NEXT && stmt->rowsets->cells &&
	       stmt->rowsets->n_rows == 1;
}

static void keep_going(sl_stmt *stmt)
{
	sl_conn *conn = conn_of(stmt);

	stmt->active = false;
	stmt->goes_on = true;
	stmt->next_going = conn->going;
	conn->going = stmt;
}

/* The next key takes the place of the one whose row was read. */
static bool go_on(sl_stmt *stmt, const amph_arg *args, amph_error *err)
{
	const sl_encoder to = { .scratch = &stmt->scratch, .copy = true };
	sl_rowset *set = stmt->rowsets;
	sl_cell *cells = (sl_cell *)(uintptr_t)set->cells;

	leave_going(stmt);
	stmt->active = true;
	amph__buf_reset(&stmt->scratch);
	for (size_t i = 0; i < set->n_slots; i++)
		if (!amph__sl_encode(&to, &args->slots[i], row_of(args, 0), &cells[i], err))
			return own_failure(stmt);
	settle_rowset(set, &stmt->scratch);
	set->anew = true;
	return step(stmt, err);
}

/* A lone read of a row holds its snapshot by being under way until BEGIN or reset; one of no row has
 * ended, so that it is done again within a transaction. */
static bool run_alone(sl_stmt *stmt, amph_error *err)
{
	if (!run_first(stmt, err))
		return false;
	if (stmt->has_row)
		return true;
	if (!amph__sl_begin_read(conn_of(stmt), err))
		return own_failure(stmt);
	return run_first(stmt, err);
}

static bool run_rows(sl_stmt *stmt, const amph_arg *args, amph_result *result, amph_error *err)
{
	const sl_conn *conn = conn_of(stmt);
	uint32_t flags = stmt->base.code->flags;

	if (stmt->goes_on && !conn->failed && flags & AMPH_CODE_NEXT)
		return go_on(stmt, args, err);
	if (!start(stmt, args, err))
		return false;
	if (flags & AMPH_CODE_ALONE && !conn->in_tx && conn->base.engine->options.fast_paths)
		return run_alone(stmt, err);
	return runs_on(stmt) ? run_first(stmt, err) : run_to_end(stmt, result, err);
}

bool amph__sl_run_stmt(sl_stmt *stmt, const amph_arg *args, amph_result *result, amph_error *err)
{
	sl_conn *conn = conn_of(stmt);
	const char *tag = stmt->tag;

	amph__sl_begin_statement(conn);
	result->stmt = &stmt->base;
	result->affected = -1;
	result->native = stmt;
	if (stmt->base.code->flags & AMPH_CODE_CONTROL) {
		/* BEGIN takes over the snapshot of what is under way */
		if (conn->in_tx)
			amph__sl_stop_going(conn);
		bool ok = amph__sl_control(stmt, &tag, err);
		amph__sl_stop_going(conn);
		if (!ok)
			return false;
	} else if (!run_rows(stmt, args, result, err) || !fill_result(stmt, result, err)) {
		return false;
	}
	memcpy(result->tag, tag, strlen(tag) + 1);
	return true;
}

/* ---- the queue of a flight ---- */

bool amph__sl_submit(amph_stmt *base, const amph_arg *args, bool more, amph_error *err)
{
	sl_conn *conn = (sl_conn *)base->conn;
	void *queue = conn->queue;

	(void)more;
	if (!amph__grow(base->conn->engine->allocator, &queue, &conn->queue_cap, conn->queue_end + 1,
			sizeof *conn->queue))
		return amph__error_nomem(err);
	conn->queue = queue;
	conn->queue[conn->queue_end++] = (sl_queued){ (sl_stmt *)base, args };
	return true;
}

bool amph__sl_collect(amph_conn *base, amph_result *result, amph_error *err)
{
	sl_conn *conn = (sl_conn *)base;

	if (conn->queue_first == conn->queue_end)
		return amph__error_misuse(err, "a result is collected that no statement was sent for");
	sl_queued next = conn->queue[conn->queue_first++];
	bool last = conn->queue_first == conn->queue_end, ok = false;
	if (last)
		conn->queue_first = conn->queue_end = 0;
	if (!amph__sl_same_process((const sl_engine *)base->engine))
		amph__sl_wrong_process(err);
	else if (conn->flight_failed)
		amph__error(err, "25P02", "%s", aborted);
	else
		ok = amph__sl_run_stmt(next.stmt, next.args, result, err);
	conn->flight_failed = !ok && !last;
	return ok;
}

/* ---- rows ---- */

/* Steps to the next row; false: there is none, or err says what failed. */
static bool next_row(sl_stmt *stmt, bool *ok, amph_error *err)
{
	*ok = true;
	if (stmt->kept)
		return true;
	if (stmt->active && !stmt->has_row)
		*ok = step(stmt, err);
	return stmt->has_row;
}

/* The row at hand as cells; it is used up then. */
static const sl_cell *row_cells(sl_stmt *stmt, amph_error *err)
{
	if (stmt->kept) {
		const sl_cell *cells = stmt->kept->cells;

		stmt->kept = stmt->kept->next;
		return cells;
	}
	return load_row(stmt, err) ? stmt->cells : NULL;
}

static bool take_row(sl_stmt *stmt, const amph_shape *shape, char *dest, const amph_store *store,
		     amph_error *err)
{
	sl_conn *conn = conn_of(stmt);
	sl_read done = SL_READ_OTHER;

	if (!stmt->kept && conn->base.engine->options.fast_paths && shape->n_slots <= stmt->n_columns)
		done = amph__sl_read_row(stmt->native, shape, dest, store);
	if (done == SL_READ_NOMEM)
		return amph__error_nomem(err);
	if (done == SL_READ_OTHER) {
		const sl_cell *cells = row_cells(stmt, err);

		if (!cells || !amph__sl_decode_row(cells, stmt->n_columns, stmt->columns,
						   stmt->base.code, shape, dest, store,
						   &conn->scratch, err))
			return false;
	}
	stmt->has_row = false;
	return true;
}

bool amph__sl_fetch(amph_conn *base, amph_result *result, const amph_shape *shape, void *dest,
		    size_t stride, size_t max, const amph_store *store, size_t *n_rows,
		    amph_error *err)
{
	sl_stmt *stmt = result->native;
	size_t n = 0;
	bool ok = true;

	*n_rows = 0;
	if (!amph__sl_same_process((const sl_engine *)base->engine))
		return amph__sl_wrong_process(err);
	while (n < max && next_row(stmt, &ok, err)) {
		ok = take_row(stmt, shape, (char *)dest + n * stride, store, err);
		if (!ok)
			break;
		n++;
	}
	if (!ok && stmt->active)
		end_run(stmt);
	if (!ok) {
		amph__sl_fail((sl_conn *)base);
		return false;
	}
	*n_rows = n;
	return true;
}

/* SQLite checks foreign keys at the end of a statement, so one that writes has to get there; what
 * fails then can only fail the transaction. */
static void drain(sl_stmt *stmt)
{
	int rc = SQLITE_ROW;

	while (!stmt->reads && rc == SQLITE_ROW)
		rc = sqlite3_step(stmt->native);
	end_run(stmt);
	if (rc == SQLITE_ROW || rc == SQLITE_DONE)
		amph__sl_autocommitted(conn_of(stmt));
	else
		amph__sl_fail(conn_of(stmt));
}

void amph__sl_finish(amph_conn *base, amph_result *result)
{
	sl_stmt *stmt = result->native;

	result->native = NULL;
	if (!stmt || !amph__sl_same_process((const sl_engine *)base->engine))
		return;
	stmt->kept = stmt->kept_last = NULL;
	if (may_go_on(stmt))
		keep_going(stmt);
	else if (stmt->active)
		drain(stmt);
}
