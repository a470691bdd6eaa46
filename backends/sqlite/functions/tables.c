/* The virtual tables behind functions that return sets. */
#include "tables.h"
#include <stdio.h>
#include <string.h>

/* What a table function's module knows; freed with it. */
typedef struct module_data {
	const sl_table_function *function;
	sl_env *env;
	const amph_allocator *allocator;        /* env may be gone before the module */
} module_data;

typedef struct set_table {
	sqlite3_vtab base;
	const module_data *data;
} set_table;

typedef struct set_cursor {
	sqlite3_vtab_cursor base;
	sl_set set;
	size_t row;
} set_cursor;

static bool add_cell(sl_call *c, sl_set *set, const sl_stored *v)
{
	void *cells = set->cells;

	if (set->n == set->cap && !amph__grow(set->arena.allocator, &cells, &set->cap, set->n + 1,
					      sizeof(*set->cells))) {
		amph__sl_raise_nomem(c);
		return false;
	}
	set->cells = cells;
	set->cells[set->n++] = *v;
	return true;
}

void amph__sl_set_value(sl_call *c, sl_set *set, const sl_stored *v)
{
	sl_stored copy = *v;

	if (v->kind == SQLITE_TEXT || v->kind == SQLITE_BLOB) {
		copy.text = amph__arena_text(&set->arena, v->text, v->len);
		if (!copy.text) {
			amph__sl_raise_nomem(c);
			return;
		}
	}
	add_cell(c, set, &copy);
}

void amph__sl_set_text(sl_call *c, sl_set *set, const char *text, size_t len)
{
	const sl_stored v = { .kind = text ? SQLITE_TEXT : SQLITE_NULL, .text = text, .len = len };

	amph__sl_set_value(c, set, &v);
}

void amph__sl_set_int(sl_call *c, sl_set *set, int64_t n)
{
	const sl_stored v = { .kind = SQLITE_INTEGER, .integer = n };

	amph__sl_set_value(c, set, &v);
}

static void set_clear(sl_set *set)
{
	amph__free(set->arena.allocator, set->cells);
	amph__arena_clear(&set->arena);
	set->cells = NULL;
	set->n = set->cap = 0;
	set->counts = false;
	set->next = NULL;
	set->n_gone = 0;
}

/* ---- the module ---- */

static int set_connect(sqlite3 *db, void *aux, int argc, const char *const *argv, sqlite3_vtab **out,
		       char **message)
{
	const module_data *data = aux;
	set_table *table = sqlite3_malloc(sizeof(*table));
	sqlite3_str *sql = sqlite3_str_new(db);
	char *text;
	int rc;

	(void)argc, (void)argv, (void)message;
	sqlite3_str_appendall(sql, "CREATE TABLE x(");
	for (int i = 0; i <= data->function->n_columns; i++)
		sqlite3_str_appendf(sql, "%sc%d", i ? "," : "", i);
	for (int i = 0; i < data->function->argc; i++)
		sqlite3_str_appendf(sql, ",a%d HIDDEN", i);
	sqlite3_str_appendall(sql, ")");
	text = sqlite3_str_finish(sql);
	rc = table && text ? sqlite3_declare_vtab(db, text) : SQLITE_NOMEM;
	sqlite3_free(text);
	if (rc != SQLITE_OK) {
		sqlite3_free(table);
		return rc;
	}
	*table = (set_table){ .data = data };
	*out = &table->base;
	return sqlite3_vtab_config(db, SQLITE_VTAB_INNOCUOUS);
}

static int set_disconnect(sqlite3_vtab *base)
{
	sqlite3_free(base);
	return SQLITE_OK;
}

/* Every argument has to be known before the table is read. */
static int set_best_index(sqlite3_vtab *base, sqlite3_index_info *info)
{
	const sl_table_function *f = ((set_table *)base)->data->function;
	int first = f->n_columns + 1, found = 0;

	for (int i = 0; i < info->nConstraint; i++) {
		int arg = info->aConstraint[i].iColumn - first;

		if (arg < 0 || info->aConstraint[i].op != SQLITE_INDEX_CONSTRAINT_EQ)
			continue;
		if (!info->aConstraint[i].usable)
			return SQLITE_CONSTRAINT;
		info->aConstraintUsage[i].argvIndex = arg + 1;
		info->aConstraintUsage[i].omit = 1;
		found++;
	}
	info->estimatedCost = 100;
	info->estimatedRows = 100;
	return found >= f->argc ? SQLITE_OK : SQLITE_CONSTRAINT;
}

static int set_open(sqlite3_vtab *base, sqlite3_vtab_cursor **out)
{
	set_cursor *cursor = sqlite3_malloc(sizeof(*cursor));

	if (!cursor)
		return SQLITE_NOMEM;
	memset(cursor, 0, sizeof(*cursor));
	amph__arena_init(&cursor->set.arena, ((set_table *)base)->data->env->allocator);
	*out = &cursor->base;
	return SQLITE_OK;
}

static int set_close(sqlite3_vtab_cursor *base)
{
	set_clear(&((set_cursor *)base)->set);
	sqlite3_free(base);
	return SQLITE_OK;
}

static int set_filter(sqlite3_vtab_cursor *base, int number, const char *name, int argc,
		      sqlite3_value **argv)
{
	set_cursor *cursor = (set_cursor *)base;
	const module_data *data = ((set_table *)base->pVtab)->data;
	amph_arena scratch;
	sl_call c = { .argc = argc, .argv = argv, .env = data->env, .arena = &scratch,
		      .message = &base->pVtab->zErrMsg, .arg = data->function->arg };
	bool null = false;

	(void)number, (void)name;
	set_clear(&cursor->set);
	cursor->row = 0;
	cursor->set.n_columns = (size_t)data->function->n_columns;
	for (int i = 0; i < argc; i++)
		null |= amph__sl_is_null(&c, i);
	if (null && !data->function->nulls)
		return SQLITE_OK;
	sqlite3_free(base->pVtab->zErrMsg);
	base->pVtab->zErrMsg = NULL;
	amph__arena_init(&scratch, data->env->allocator);
	data->function->fill(&c, &cursor->set);
	if (scratch.failed)
		c.nomem = true;
	amph__arena_clear(&scratch);
	if (c.nomem)
		return SQLITE_NOMEM;
	return base->pVtab->zErrMsg ? SQLITE_ERROR : SQLITE_OK;
}

static int set_next(sqlite3_vtab_cursor *base)
{
	set_cursor *cursor = (set_cursor *)base;
	const module_data *data = ((set_table *)base->pVtab)->data;
	amph_arena scratch;
	sl_call c = { .env = data->env, .arena = &scratch, .message = &base->pVtab->zErrMsg };

	cursor->row++;
	if (!cursor->set.next)
		return SQLITE_OK;
	cursor->set.n = 0;
	cursor->set.n_gone = cursor->row;
	amph__arena_clear(&cursor->set.arena);
	amph__arena_init(&scratch, data->env->allocator);
	cursor->set.next(&c, &cursor->set);
	c.nomem |= scratch.failed;
	amph__arena_clear(&scratch);
	if (c.nomem)
		return SQLITE_NOMEM;
	return base->pVtab->zErrMsg ? SQLITE_ERROR : SQLITE_OK;
}

static int set_eof(sqlite3_vtab_cursor *base)
{
	const set_cursor *cursor = (const set_cursor *)base;
	const sl_set *set = &cursor->set;

	if (set->counts)
		return (int64_t)cursor->row >= set->n_counted;
	return (cursor->row - set->n_gone) * set->n_columns >= set->n;
}

static int set_column(sqlite3_vtab_cursor *base, sqlite3_context *ctx, int column)
{
	const set_cursor *cursor = (const set_cursor *)base;
	const sl_set *set = &cursor->set;
	const sl_stored *v;

	if ((size_t)column == set->n_columns) {
		sqlite3_result_int64(ctx, (int64_t)cursor->row + 1);
		return SQLITE_OK;
	}
	if ((size_t)column > set->n_columns)
		return SQLITE_OK;
	if (set->counts) {
		sqlite3_result_int64(ctx, set->first + (int64_t)cursor->row * set->step);
		return SQLITE_OK;
	}
	v = &set->cells[(cursor->row - set->n_gone) * set->n_columns + (size_t)column];
	if (v->kind == SQLITE_INTEGER)
		sqlite3_result_int64(ctx, v->integer);
	else if (v->kind == SQLITE_FLOAT)
		sqlite3_result_double(ctx, v->real);
	else if (v->kind == SQLITE_TEXT)
		sqlite3_result_text64(ctx, v->text, v->len, SQLITE_TRANSIENT, SQLITE_UTF8);
	else if (v->kind == SQLITE_BLOB)
		sqlite3_result_blob64(ctx, v->text, v->len, SQLITE_TRANSIENT);
	return SQLITE_OK;
}

static int set_rowid(sqlite3_vtab_cursor *base, sqlite3_int64 *out)
{
	*out = (sqlite3_int64)((set_cursor *)base)->row;
	return SQLITE_OK;
}

static const sqlite3_module module = {
	.iVersion = 0, .xConnect = set_connect, .xBestIndex = set_best_index,
	.xDisconnect = set_disconnect, .xOpen = set_open, .xClose = set_close, .xFilter = set_filter,
	.xNext = set_next, .xEof = set_eof, .xColumn = set_column, .xRowid = set_rowid
};

static void data_free(void *p)
{
	module_data *data = p;

	amph__free(data->allocator, data);
}

int amph__sl_tables_register(sqlite3 *db, sl_env *env)
{
	int rc = SQLITE_OK;

	for (size_t i = 0; i < amph__sl_n_table_functions && rc == SQLITE_OK; i++) {
		module_data *data = amph__alloc(env->allocator, sizeof(*data));
		char name[64];

		if (!data)
			return SQLITE_NOMEM;
		*data = (module_data){ &amph__sl_table_functions[i], env, env->allocator };
		snprintf(name, sizeof(name), "amph_%s", data->function->name);
		rc = sqlite3_create_module_v2(db, name, &module, data, data_free);
	}
	return rc;
}
