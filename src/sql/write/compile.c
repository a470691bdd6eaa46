/* A tree becomes a statement that drivers take: resolved, written, hashed, and everything it
 * points to copied into the arena of whoever keeps it. */
#include "../../base/map.h"
#include "write.h"
#include <string.h>

static const amph_param *copy_params(amph_arena *a, const amph_param *params, size_t n)
{
	amph_param *copy = AMPH_NEWS(a, amph_param, n ? n : 1);

	for (size_t i = 0; copy && i < n; i++) {
		size_t size;
		amph_sqltype *types = NULL;

		if (amph__size_mul(params[i].n_types, sizeof(*types), &size))
			types = amph__arena_copy(a, params[i].types, size ? size : 1);
		if (!types)
			return NULL;
		copy[i] = params[i];
		copy[i].types = types;
	}
	return copy;
}

static const amph_result_column *copy_columns(amph_arena *a, const amph_result_column *columns,
					      size_t n)
{
	amph_result_column *copy = AMPH_NEWS(a, amph_result_column, n ? n : 1);

	for (size_t i = 0; copy && i < n; i++) {
		copy[i] = columns[i];
		if (!copy[i].name)
			continue;
		copy[i].name = amph__arena_text(a, copy[i].name, strlen(copy[i].name));
		if (!copy[i].name)
			return NULL;
	}
	return copy;
}

/* Text and parameter types together are what makes two statements the same. */
static bool hash_code(amph_code *code, const amph_allocator *a)
{
	amph_buf key;
	amph_hash128 hash;

	amph__buf_init(&key, a);
	amph__buf_add(&key, code->sql, code->sql_len + 1);
	amph__buf_puts(&key, code->setup ? code->setup : "");
	for (size_t i = 0; i < code->n_steps; i++)
		amph__buf_add(&key, code->steps[i].code->sql, code->steps[i].code->sql_len + 1);
	for (size_t i = 0; i < code->n_params; i++) {
		amph__buf_putc(&key, code->params[i].kind == AMPH_PARAM_ROWS ? 'r' : 'v');
		for (size_t k = 0; k < code->params[i].n_types; k++) {
			const amph_sqltype *t = &code->params[i].types[k];

			amph__buf_putc(&key, (char)t->type);
			amph__buf_puts(&key, t->enumeration ? t->enumeration->name : "");
			amph__buf_putc(&key, '\0');
		}
	}
	if (!key.failed) {
		hash = amph__hash128(key.text, key.len);
		code->hash[0] = hash.lo;
		code->hash[1] = hash.hi;
	}
	bool ok = !key.failed;

	amph__buf_clear(&key);
	return ok;
}

static bool cte_writes(const sql_cte *with)
{
	for (const sql_cte *c = with; c; c = c->next)
		if (c->stmt && c->stmt->kind != SQL_STMT_SELECT)
			return true;
	return false;
}

/* A lock on rows is taken by the transactions that write. */
static uint32_t flags_of(const sql_stmt *stmt)
{
	const sql_select *s = stmt->select;

	if (stmt->kind == SQL_STMT_SELECT)
		return AMPH_CODE_ROWS |
		       (s && (s->lock != SQL_LOCK_NONE || cte_writes(s->with)) ? AMPH_CODE_WRITES : 0);
	if (stmt->kind >= SQL_STMT_CREATE_TABLE)
		return AMPH_CODE_WRITES | AMPH_CODE_ONCE;
	return AMPH_CODE_WRITES | (stmt->returning ? AMPH_CODE_ROWS : 0);
}

static const char *table_of(const sql_stmt *stmt)
{
	const sql_range *r = stmt->target;

	if (r)
		return r->table ? r->table->name : r->name;
	if (stmt->table)
		return stmt->table->name;
	r = stmt->select ? stmt->select->from : NULL;
	return r && r->kind == SQL_TABLE && !r->next ? r->table ? r->table->name : r->name : NULL;
}

static bool fill_code(amph_code *code, amph_arena *a, const amph_writer *w, const sql_stmt *stmt)
{
	bool select = stmt->kind == SQL_STMT_SELECT && stmt->select;
	const char *table = table_of(stmt);

	code->sql = amph__arena_text(a, w->buf.text, w->buf.len);
	code->sql_len = w->buf.len;
	code->flags = flags_of(stmt) | (w->takes_numbers ? AMPH_CODE_WRITES | AMPH_CODE_NUMBERS : 0) |
		      (w->upserts ? AMPH_CODE_UPSERT : 0);
	code->n_params = stmt->n_params;
	code->params = copy_params(a, stmt->params, stmt->n_params);
	code->n_columns = select ? stmt->select->n_columns : stmt->n_result;
	code->columns = copy_columns(a, select ? stmt->select->columns : stmt->result,
				     code->n_columns);
	if (w->program && w->program->steps) {
		code->steps = w->program->steps;
		code->n_steps = w->program->n_writers;
		code->setup = w->program->setup;
		code->cleanup = w->program->cleanup;
		code->flags |= AMPH_CODE_WRITES;
	}
	if (table)
		code->table = amph__arena_text(a, table, strlen(table));
	return code->sql && code->params && code->columns && !a->failed &&
	       hash_code(code, a->allocator);
}

void amph__write_stmt(amph_writer *w, const sql_stmt *stmt)
{
	if (stmt->kind == SQL_STMT_SELECT && stmt->select && !stmt->select->n_columns &&
	    !amph__dialect_has(w, AMPH_DIALECT_NATIVE_TEXT))
		amph_write_refuse(w, stmt->location, "A query without columns");
	else if (stmt->kind == SQL_STMT_SELECT)
		amph__write_select(w, stmt->select, NULL, 0);
	else if (stmt->kind == SQL_STMT_INSERT)
		amph__write_insert(w, stmt);
	else if (stmt->kind == SQL_STMT_UPDATE)
		amph__write_update(w, stmt);
	else if (stmt->kind == SQL_STMT_DELETE)
		amph__write_delete(w, stmt);
	else
		amph__write_ddl(w, stmt);
}

/* The placeholders of a row set count each for themselves where the dialect numbers them so. */
static bool check_params(const amph_dialect *d, const sql_stmt *stmt, amph_error *err)
{
	bool columns = (d->flags & AMPH_DIALECT_ROW_COLUMNS) != 0;
	size_t n = 0;

	for (size_t i = 0; i < stmt->n_params; i++)
		n += columns ? stmt->params[i].n_types : 1;
	if (d->max_params == 0 || n <= d->max_params)
		return true;
	return amph__error(err, "54000", "The statement has %zu parameters, the limit is %zu", n,
			   d->max_params);
}

amph_code *amph__write_one(amph_arena *arena, const amph_dialect *dialect, const sql_stmt *stmt,
			   const sql_names *names, amph_program *program, amph_error *err)
{
	amph_writer w;
	amph_code *code = NULL;

	amph__writer_init(&w, arena, dialect, err);
	const amph_withs withs = { stmt->with, NULL };
	w.stmt = stmt;
	w.withs = stmt->with ? &withs : NULL;
	w.names = names;
	w.program = program;
	amph__write_stmt(&w, stmt);
	if (amph__writer_ok(&w)) {
		code = AMPH_NEW(arena, amph_code);
		if (!code || !fill_code(code, arena, &w, stmt)) {
			amph__error_nomem(err);
			code = NULL;
		}
	}
	amph__buf_clear(&w.buf);
	return code;
}

amph_code *amph__write_with_names(amph_arena *arena, const amph_dialect *dialect,
				  const sql_stmt *stmt, const sql_names *names, amph_error *err)
{
	if (!check_params(dialect, stmt, err))
		return NULL;
	return amph__is_program(dialect, stmt) ? amph__write_program(arena, dialect, stmt, names, err)
					       : amph__write_one(arena, dialect, stmt, names, NULL, err);
}

amph_code *amph__write(amph_arena *arena, const amph_dialect *dialect, const sql_stmt *stmt,
		       amph_error *err)
{
	return amph__write_with_names(arena, dialect, stmt, NULL, err);
}

const char *amph__write_expr(amph_arena *arena, const amph_dialect *dialect, const sql_expr *expr,
			     amph_error *err)
{
	amph_writer w;
	const char *text = NULL;

	amph__writer_init(&w, arena, dialect, err);
	w.bare_columns = true;
	amph_write_expr(&w, expr);
	if (amph__writer_ok(&w)) {
		text = amph__arena_text(arena, w.buf.text, w.buf.len);
		if (!text)
			amph__error_nomem(err);
	}
	amph__buf_clear(&w.buf);
	return text;
}

amph_code *amph__compile(amph_arena *arena, const amph_dialect *dialect, sql_stmt *stmt,
			 const sql_names *names, amph_error *err)
{
	if (arena->failed || !stmt) {
		amph__error_nomem(err);
		return NULL;
	}
	if (stmt->kind < SQL_STMT_CREATE_TABLE && !amph__resolve(arena, stmt, names, err))
		return NULL;
	if (!(dialect->flags & AMPH_DIALECT_NATIVE_TEXT) && !amph__fold(arena, stmt, err))
		return NULL;
	return amph__write_with_names(arena, dialect, stmt, names, err);
}

amph_code *amph__code_of_text(amph_arena *arena, const char *sql, uint32_t flags, amph_error *err)
{
	amph_code *code = AMPH_NEW(arena, amph_code);

	if (code) {
		code->sql_len = strlen(sql);
		code->sql = amph__arena_text(arena, sql, code->sql_len);
		code->flags = flags;
	}
	if (code && code->sql && hash_code(code, arena->allocator))
		return code;
	amph__error_nomem(err);
	return NULL;
}
