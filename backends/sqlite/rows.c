/* The row-set table: amph_rows(?) gives the rows of an array of structs, columns c0, c1 ... and
 * ordinality. It reads them where they are; nothing is copied or bound row by row.
 *
 *	INSERT INTO users (username, email) SELECT c0, c1 FROM amph_rows(?1)
 *
 * amph_rows has 64 columns, amph_rows_wide 1600, which costs more to set up. */
#include "../../src/model/value.h"
#include "sl.h"
#include <stdio.h>
#include <string.h>

typedef struct rows_table {
	sqlite3_vtab base;
	int n_columns;                  /* then come ordinality and the argument */
} rows_table;

typedef struct rows_cursor {
	sqlite3_vtab_cursor base;
	sl_rowset *set;
	size_t row;
	const void *at;                 /* the struct of the row; NULL: there is none, or a copy */
	sl_append append;
	amph_buf scratch;
} rows_cursor;

/* What is wrong with a value is told as functions tell it: SQLSTATE:message. */
static void report(sqlite3_context *ctx, const amph_error *err)
{
	char text[sizeof err->message + 8];

	if (err->status == AMPH_E_NOMEM) {
		sqlite3_result_error_nomem(ctx);
		return;
	}
	snprintf(text, sizeof text, "%s:%s", err->sqlstate, err->message);
	sqlite3_result_error(ctx, text, -1);
}

static int rows_connect(sqlite3 *db, void *aux, int argc, const char *const *argv,
			sqlite3_vtab **out, char **message)
{
	int n = *(const int *)aux;
	rows_table *table = sqlite3_malloc(sizeof *table);
	sqlite3_str *sql = sqlite3_str_new(db);

	(void)argc, (void)argv, (void)message;
	sqlite3_str_appendall(sql, "CREATE TABLE x(");
	for (int i = 0; i < n; i++)
		sqlite3_str_appendf(sql, "c%d,", i);
	sqlite3_str_appendall(sql, "ordinality INTEGER, rows HIDDEN)");
	char *text = sqlite3_str_finish(sql);
	int rc = table && text ? sqlite3_declare_vtab(db, text) : SQLITE_NOMEM;
	sqlite3_free(text);
	if (rc == SQLITE_OK) {
		*table = (rows_table){ .n_columns = n };
		*out = &table->base;
		sqlite3_vtab_config(db, SQLITE_VTAB_DIRECTONLY);
	} else {
		sqlite3_free(table);
	}
	return rc;
}

static int rows_disconnect(sqlite3_vtab *table)
{
	sqlite3_free(table);
	return SQLITE_OK;
}

/* Without its argument there are no rows to speak of, so a plan that has none is refused. A row
 * set is best read once and the other tables searched by it: it claims to be short. */
static int rows_best_index(sqlite3_vtab *base, sqlite3_index_info *info)
{
	const rows_table *table = (const rows_table *)base;

	for (int i = 0; i < info->nConstraint; i++) {
		const struct sqlite3_index_constraint *c = &info->aConstraint[i];

		if (c->iColumn != table->n_columns + 1 || c->op != SQLITE_INDEX_CONSTRAINT_EQ)
			continue;
		if (!c->usable)
			return SQLITE_CONSTRAINT;
		info->aConstraintUsage[i].argvIndex = 1;
		info->aConstraintUsage[i].omit = 1;
		info->estimatedCost = 50;
		info->estimatedRows = 50;
		return SQLITE_OK;
	}
	sqlite3_free(base->zErrMsg);
	base->zErrMsg = sqlite3_mprintf("HV010:a row set was read without its parameter");
	return SQLITE_ERROR;
}

static int rows_open(sqlite3_vtab *table, sqlite3_vtab_cursor **out)
{
	rows_cursor *cursor = sqlite3_malloc(sizeof *cursor);

	(void)table;
	if (!cursor)
		return SQLITE_NOMEM;
	memset(cursor, 0, sizeof *cursor);
	*out = &cursor->base;
	return SQLITE_OK;
}

static int rows_close(sqlite3_vtab_cursor *base)
{
	rows_cursor *cursor = (rows_cursor *)base;

	if (cursor->scratch.allocator)
		amph__buf_clear(&cursor->scratch);
	sqlite3_free(cursor);
	return SQLITE_OK;
}

static void go_to(rows_cursor *cursor, size_t row)
{
	const sl_rowset *set = cursor->set;
	const amph_arg *arg = set->arg;

	cursor->row = row;
	cursor->at = NULL;
	if (row < set->n_rows && !set->cells)
		cursor->at = arg->rows ? arg->rows[row] : (const char *)arg->base + row * arg->stride;
}

static int rows_filter(sqlite3_vtab_cursor *base, int index, const char *index_text, int argc,
		       sqlite3_value **argv)
{
	rows_cursor *cursor = (rows_cursor *)base;

	(void)index, (void)index_text;
	cursor->set = argc == 1 ? sqlite3_value_pointer(argv[0], SL_ROWS_TYPE) : NULL;
	if (!cursor->set) {
		sqlite3_free(base->pVtab->zErrMsg);
		base->pVtab->zErrMsg = sqlite3_mprintf("HV010:the argument of a row set is no row set");
		return SQLITE_ERROR;
	}
	if (!cursor->scratch.allocator)
		amph__buf_init(&cursor->scratch, cursor->set->allocator);
	cursor->append.decided = SIZE_MAX;
	go_to(cursor, 0);
	return SQLITE_OK;
}

static int rows_next(sqlite3_vtab_cursor *base)
{
	rows_cursor *cursor = (rows_cursor *)base;

	go_to(cursor, cursor->set->anew ? 0 : cursor->row + 1);
	cursor->set->anew = false;
	return SQLITE_OK;
}

static int rows_eof(sqlite3_vtab_cursor *base)
{
	const rows_cursor *cursor = (const rows_cursor *)base;

	return cursor->row >= cursor->set->n_rows;
}

static void give(sqlite3_context *ctx, const sl_cell *cell, sqlite3_destructor_type lifetime)
{
	switch (cell->kind) {
	case SQLITE_INTEGER:
		sqlite3_result_int64(ctx, cell->v.integer);
		break;
	case SQLITE_FLOAT:
		sqlite3_result_double(ctx, cell->v.real);
		break;
	case SQLITE_TEXT:
		if (cell->ended)
			sqlite3_result_text(ctx, cell->v.text, -1, lifetime);
		else
			sqlite3_result_text64(ctx, cell->v.text, cell->len, lifetime, SQLITE_UTF8);
		break;
	case SQLITE_BLOB:
		sqlite3_result_blob64(ctx, cell->len ? cell->v.text : "", cell->len, lifetime);
		break;
	default:
		sqlite3_result_null(ctx);
	}
}

/* The structs outlive the statement's run, text made in scratch only lasts until the next value. */
static void give_encoded(rows_cursor *cursor, sqlite3_context *ctx, size_t column)
{
	const sl_rowset *set = cursor->set;
	sl_encoder to = { .scratch = &cursor->scratch, .writes = set->writes };
	sl_cell cell;
	amph_error err;

	amph__buf_reset(&cursor->scratch);
	if (!amph__sl_encode(&to, &set->arg->slots[column], cursor->at, &cell, &err)) {
		report(ctx, &err);
		return;
	}
	bool made = cell.in_scratch;
	amph__sl_settle(&cell, &cursor->scratch);
	give(ctx, &cell, made ? SQLITE_TRANSIENT : SQLITE_STATIC);
}

/* What is not given straight from the structs. */
static int give_column(rows_cursor *cursor, sqlite3_context *ctx, int number)
{
	const sl_rowset *set = cursor->set;
	const rows_table *table = (const rows_table *)cursor->base.pVtab;
	size_t column = (size_t)number;

	if (number == table->n_columns)
		sqlite3_result_int64(ctx, (sqlite3_int64)cursor->row + 1);
	else if (number > table->n_columns || column >= set->n_slots)
		return SQLITE_OK;
	else if (set->cells)
		give(ctx, &set->cells[cursor->row * set->n_slots + column], SQLITE_STATIC);
	else
		give_encoded(cursor, ctx, column);
	return SQLITE_OK;
}

static inline bool give_straight(sqlite3_context *ctx, const amph_slot *slot, const void *row, bool checked)
{
	const char *value = (const char *)row + slot->offset;
	sl_give_fn *fn = slot->type < AMPH_T_COUNT ? amph__sl_givers[slot->type] : NULL;

	if (!fn)
		return false;
	return (slot->nullable && amph__slot_is_null(slot, row)) || fn(ctx, value, checked);
}

static int rows_column(sqlite3_vtab_cursor *base, sqlite3_context *ctx, int number)
{
	rows_cursor *cursor = (rows_cursor *)base;
	const sl_rowset *set = cursor->set;
	size_t column = (size_t)number;

	if (!set->straight || column >= set->n_slots)
		return give_column(cursor, ctx, number);
	if (set->appends && column == set->arg->identity_slot &&
	    amph__sl_append_skips(&cursor->append, set, cursor->row, cursor->at))
		return SQLITE_OK;
	return give_straight(ctx, &set->arg->slots[column], cursor->at, set->arg->checked)
		? SQLITE_OK : give_column(cursor, ctx, number);
}

static int rows_rowid(sqlite3_vtab_cursor *base, sqlite3_int64 *out)
{
	*out = (sqlite3_int64)((const rows_cursor *)base)->row;
	return SQLITE_OK;
}

/* No xCreate: the table is there in every database and needs no CREATE VIRTUAL TABLE. */
static const sqlite3_module rows_module = {
	.xConnect = rows_connect,
	.xDisconnect = rows_disconnect,
	.xBestIndex = rows_best_index,
	.xOpen = rows_open,
	.xClose = rows_close,
	.xFilter = rows_filter,
	.xNext = rows_next,
	.xEof = rows_eof,
	.xColumn = rows_column,
	.xRowid = rows_rowid,
};

int amph__sl_rows_register(sqlite3 *db)
{
	static const int narrow = SL_ROWS_COLUMNS, wide = SL_ROWS_WIDE_COLUMNS;
	int rc = sqlite3_create_module_v2(db, "amph_rows", &rows_module, (void *)(uintptr_t)&narrow,
					  NULL);

	return rc != SQLITE_OK ? rc : sqlite3_create_module_v2(db, "amph_rows_wide", &rows_module,
							       (void *)(uintptr_t)&wide, NULL);
}
