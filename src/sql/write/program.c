/* INSERT, UPDATE and DELETE within WITH, where the database has none: statements one after another.
 * The rows that each gives go to a temporary table, which the others read in its place; a table that
 * is changed and read as well, also by queries of RETURNING, is read from a copy of what it was. */
#include "../refers.h"
#include "../walk.h"
#include "write.h"
#include <string.h>

enum { STMTS_MAX = 64 };

bool amph__is_writing(const sql_cte *c)
{
	return c->stmt && c->stmt->kind != SQL_STMT_SELECT;
}

static const sql_cte *queries_of(const sql_stmt *stmt)
{
	return stmt->kind == SQL_STMT_SELECT ? stmt->select ? stmt->select->with : NULL : stmt->with;
}

static bool find_select(void *ctx, sql_expr *e)
{
	bool *found = ctx;

	*found |= e->select != NULL;
	return !*found && amph__expr_children(e, find_select, ctx);
}

static bool returns_query(const sql_stmt *stmt)
{
	bool found = false;

	for (const sql_target *t = stmt->returning; t && !found; t = t->next)
		if (t->expr)
			find_select(&found, t->expr);
	return found;
}

bool amph__is_program(const amph_dialect *dialect, const sql_stmt *stmt)
{
	if (dialect->flags & AMPH_DIALECT_WRITING_CTES || stmt->kind > SQL_STMT_DELETE)
		return false;
	if (stmt->kind != SQL_STMT_SELECT && returns_query(stmt))
		return true;
	for (const sql_cte *c = queries_of(stmt); c; c = c->next)
		if (amph__is_writing(c))
			return true;
	return false;
}

/* ---- what the writer asks ---- */

static size_t number_of(const amph_program *p, const sql_cte *cte)
{
	size_t i = 0;

	while (i < p->n_writers && p->writers[i]->stmt != cte->stmt)
		i++;
	return i;
}

bool amph__write_rows_of(amph_writer *w, const sql_cte *cte)
{
	size_t i = w->program ? number_of(w->program, cte) : 0;

	if (!w->program || i == w->program->n_writers)
		return false;
	amph_write_format(w, "SELECT * FROM temp.\"amphora_with_%zu\"", i);
	return true;
}

static bool same_table(const sql_table *a, const sql_table *b)
{
	return a == b || (a && b && a->temporary == b->temporary && !strcmp(a->name, b->name) &&
			  !strcmp(a->schema ? a->schema : "", b->schema ? b->schema : ""));
}

static size_t before_of(const amph_program *p, const sql_table *table)
{
	size_t i = 0;

	while (i < p->n_befores && !same_table(p->befores[i], table))
		i++;
	return i;
}

/* Whether rows that were there change: foreign keys may do something then. */
static bool changes_rows(const sql_stmt *s)
{
	return s->kind != SQL_STMT_INSERT || (s->conflict && s->conflict->set);
}

static bool is_changed(const amph_program *p, const sql_table *table)
{
	for (size_t i = 0; i < p->n_writers; i++)
		if (changes_rows(p->writers[i]->stmt) ||
		    same_table(p->writers[i]->stmt->target->table, table))
			return true;
	return false;
}

static bool is_among(const char *const *names, const char *name)
{
	while (names && *names && strcmp(*names, name) != 0)
		names++;
	return names && *names;
}

static bool sets_key(const sql_table *t, const sql_assign *set)
{
	for (; t && set; set = set->next) {
		if (is_among(t->primary_key, set->column))
			return true;
		for (size_t i = 0; t->uniques && t->uniques[i]; i++)
			if (is_among(t->uniques[i], set->column))
				return true;
	}
	return false;
}

/* What a query of RETURNING reads and the statement changes: its table, and others where a foreign key may
 * act. */
static bool is_changed_by_its_own(const amph_writer *w, const sql_table *table)
{
	const sql_stmt *s = w->stmt;

	if (!w->returns || !s->target)
		return false;
	return same_table(s->target->table, table) || s->kind == SQL_STMT_DELETE ||
	       sets_key(s->target->table, s->conflict ? s->conflict->set : s->set);
}

static void note_read(amph_writer *w, const sql_table *table)
{
	amph_program *p = w->program;
	const sql_table **all;

	if (!is_changed_by_its_own(w, table) && (p->before_first || !is_changed(p, table)))
		return;
	if (before_of(p, table) < p->n_befores)
		return;
	all = AMPH_NEWS(w->arena, const sql_table *, p->n_befores + 1);
	if (!all)
		return;
	if (p->n_befores)
		memcpy(all, p->befores, p->n_befores * sizeof *all);
	all[p->n_befores++] = table;
	p->befores = all;
}

/* true: the table's copy has been named. */
bool amph__write_table_before(amph_writer *w, const sql_table *table)
{
	amph_program *p = w->program;
	size_t i;

	if (!p || !table)
		return false;
	if (p->notes) {
		note_read(w, table);
		return false;
	}
	i = before_of(p, table);
	if (i == p->n_befores)
		return false;
	amph_write_format(w, "temp.\"amphora_before_%zu\"", i);
	return true;
}

/* ---- which queries a statement needs, and in what order those that write run ---- */

/* Those that stmt names, and of queries among them those that they name in turn. */
static void find_needed(const sql_stmt *stmt, const sql_cte *all, bool *needed)
{
	size_t i = 0;

	for (const sql_cte *c = all; c; c = c->next, i++) {
		if (needed[i] || c->stmt == stmt || !amph__stmt_refers(stmt, c->name))
			continue;
		needed[i] = true;
		if (!amph__is_writing(c))
			find_needed(c->stmt, all, needed);
	}
}

static size_t count_queries(const sql_cte *c)
{
	size_t n = 0;

	for (; c; c = c->next)
		n++;
	return n;
}

static bool is_run(const amph_program *p, const sql_cte *c)
{
	return !amph__is_writing(c) || number_of(p, c) < p->n_writers;
}

static bool may_run(const amph_program *p, const sql_cte *all, const sql_cte *next)
{
	bool needed[STMTS_MAX] = { false };
	size_t i = 0;

	find_needed(next->stmt, all, needed);
	for (const sql_cte *c = all; c; c = c->next, i++)
		if (needed[i] && !is_run(p, c))
			return false;
	return true;
}

static bool order_writers(amph_writer *w, amph_program *p, const sql_cte *all)
{
	size_t before;

	p->writers = AMPH_NEWS(w->arena, const sql_cte *, count_queries(all) + 1);
	if (!p->writers)
		return false;
	do {
		before = p->n_writers;
		for (const sql_cte *c = all; c; c = c->next)
			if (!is_run(p, c) && may_run(p, all, c))
				p->writers[p->n_writers++] = c;
	} while (p->n_writers > before);
	for (const sql_cte *c = all; c; c = c->next)
		if (!is_run(p, c))
			return false;
	return true;
}

/* The queries that stmt needs, before those of its own. */
static sql_cte *list_needed(amph_writer *w, const sql_stmt *stmt, const sql_cte *all, const sql_cte *own)
{
	bool needed[STMTS_MAX] = { false };
	sql_cte *first = NULL, **next = &first;
	size_t i = 0;

	find_needed(stmt, all, needed);
	for (const sql_cte *c = all; c; c = c->next, i++) {
		if (!needed[i])
			continue;
		*next = amph__arena_copy(w->arena, c, sizeof *c);
		if (!*next)
			return NULL;
		next = &(*next)->next;
	}
	*next = (sql_cte *)(uintptr_t)own;
	for (const sql_cte *c = own; c; c = c->next)
		for (const sql_cte *o = first; o != own; o = o->next)
			if (!strcmp(c->name, o->name))
				amph_write_refuse(w, stmt->location, "A WITH query that hides another beside "
						  "a statement that writes");
	return first;
}

/* ---- what is not the same one after another ---- */

static bool numbers_itself(const sql_table *t)
{
	for (size_t i = 0; t && i < t->n_columns; i++)
		if (t->columns[i].identity || t->columns[i].serial ||
		    (t->columns[i].default_sql && strstr(t->columns[i].default_sql, "nextval")))
			return true;
	return !t || t->primary_key || (t->uniques && t->uniques[0]);
}

static const sql_stmt *nth(const amph_program *p, size_t i)
{
	return i < p->n_writers ? p->writers[i]->stmt : p->main;
}

/* Statements that write one table: what is updated or deleted comes first and sees no row that is new;
 * with keys it would matter which row comes when. */
static bool may_share(const sql_stmt *first, const sql_stmt *second)
{
	return !numbers_itself(first->target->table) && second->kind == SQL_STMT_INSERT &&
	       !second->conflict && !first->conflict;
}

static bool check_targets(amph_writer *w, const amph_program *p)
{
	for (size_t i = 0; i <= p->n_writers; i++)
		for (size_t k = i + 1; k <= p->n_writers; k++) {
			const sql_stmt *a = nth(p, i), *b = nth(p, k);

			if (b->kind == SQL_STMT_SELECT || may_share(a, b) ||
			    !same_table(a->target->table, b->target->table))
				continue;
			amph_write_refuse(w, b->location, "A table that two statements of WITH write");
			return false;
		}
	return true;
}

static bool find_volatile(void *ctx, sql_expr *e)
{
	bool *found = ctx;

	*found |= e->row && e->row->flags & AMPH_CAT_VOLATILE;
	return !*found && amph__expr_children(e, find_volatile, ctx);
}

/* A query that several statements read is run for each of them. */
static bool check_queries(amph_writer *w, const sql_cte *all)
{
	for (const sql_cte *c = all; c; c = c->next) {
		bool found = false;

		if (!amph__is_writing(c) && c->stmt->select)
			amph__select_exprs(c->stmt->select, find_volatile, &found);
		if (found) {
			amph_write_refuse(w, c->stmt->location, "A volatile function in WITH beside a "
					  "statement that writes");
			return false;
		}
	}
	return true;
}

/* ---- the text ---- */

static const char *taken(amph_writer *w)
{
	const char *text = w->buf.failed ? NULL : amph__arena_text(w->arena, w->buf.text, w->buf.len);

	amph__buf_clear(&w->buf);
	amph__buf_init(&w->buf, w->arena->allocator);
	return text;
}

static void write_drop(amph_writer *w, const char *name, size_t i)
{
	amph_write_format(w, "DROP TABLE IF EXISTS temp.\"amphora_%s_%zu\";", name, i);
}

static void write_drops(amph_writer *w, const amph_program *p)
{
	for (size_t i = 0; i < p->n_writers; i++)
		write_drop(w, "with", i);
	for (size_t i = 0; i < p->n_befores; i++)
		write_drop(w, "before", i);
}

static void write_setup(amph_writer *w, const amph_program *p)
{
	write_drops(w, p);
	for (size_t i = 0; i < p->n_writers; i++) {
		const sql_stmt *s = p->writers[i]->stmt;

		amph_write_format(w, "CREATE TEMP TABLE \"amphora_with_%zu\" (", i);
		for (size_t k = 0; k < s->n_result; k++)
			amph_write_format(w, "%s\"c%zu\"", k ? ", " : "", k);
		amph_write_text(w, s->n_result ? ");" : "\"none\");");
	}
	for (size_t i = 0; i < p->n_befores; i++) {
		amph_write_format(w, "CREATE TEMP TABLE \"amphora_before_%zu\" AS SELECT * FROM ", i);
		amph_write_text(w, p->befores[i]->temporary ? "temp." : "main.");
		amph__write_object(w, p->befores[i]->schema, p->befores[i]->name);
		amph_write_text(w, ";");
	}
}

static const char *into_of(amph_writer *w, const amph_program *p, size_t i)
{
	amph_write_format(w, "INSERT INTO temp.\"amphora_with_%zu\" VALUES (", i);
	for (size_t k = 0; k < p->writers[i]->stmt->n_result; k++)
		amph_write_text(w, k ? ", ?" : "?");
	amph_write_text(w, ")");
	return p->writers[i]->stmt->n_result ? taken(w) : (taken(w), NULL);
}

/* Statement i as it is run: with the queries that it needs, and the parameters of all. */
static sql_stmt *runnable(amph_writer *w, const amph_program *p, size_t i, const sql_cte *all)
{
	sql_stmt *s = amph__arena_copy(w->arena, nth(p, i), sizeof *s);
	sql_select *q = s && s->kind == SQL_STMT_SELECT
				? amph__arena_copy(w->arena, s->select, sizeof *q) : NULL;
	sql_stmt bare;

	if (!s || (s->kind == SQL_STMT_SELECT && !q))
		return NULL;
	s->params = p->main->params;
	s->n_params = p->main->n_params;
	bare = *s;
	if (i == p->n_writers)
		bare.with = NULL;
	if (q) {
		q->with = NULL;
		bare.select = s->select = q;
		q->with = list_needed(w, &bare, all, NULL);
	} else {
		s->with = list_needed(w, &bare, all, bare.with);
	}
	return s;
}

/* In which order numbers of a sequence are taken depends on how the rows are asked for. */
static amph_code *write_numbered(amph_writer *w, amph_program *p, const sql_stmt *s)
{
	bool others = p->numbers;

	p->numbers = false;
	amph_code *code = amph__write_one(w->arena, w->dialect, s, w->names, p, w->err);
	if (others && p->numbers) {
		amph_write_refuse(w, s->location, "Numbers of sequences in two statements of WITH");
		return NULL;
	}
	p->numbers |= others;
	return code;
}

static bool write_steps(amph_writer *w, amph_program *p, const sql_cte *all, amph_code_step *steps)
{
	for (size_t i = 0; i < p->n_writers; i++) {
		const sql_stmt *s = runnable(w, p, i, all);

		p->before_first = i == 0;
		steps[i].code = s ? write_numbered(w, p, s) : NULL;
		p->before_first = false;
		if (!steps[i].code)
			return false;
		steps[i].into = into_of(w, p, i);
		steps[i].changes = s->kind == SQL_STMT_DELETE ? 'd' : changes_rows(s) ? 'u' : 0;
	}
	return true;
}

/* Once to see what is read, once to write it. */
static amph_code *write_all(amph_writer *w, amph_program *p, const sql_cte *all)
{
	amph_code_step *steps = AMPH_NEWS(w->arena, amph_code_step, p->n_writers + 1);
	amph_code *code = NULL;
	const sql_stmt *s;

	if (!steps)
		return NULL;
	for (int pass = 0; pass < 2; pass++) {
		p->notes = pass == 0;
		p->numbers = false;
		if (!write_steps(w, p, all, steps) || !(s = runnable(w, p, p->n_writers, all)) || w->failed)
			return NULL;
		if (pass == 1 && (p->n_writers || p->n_befores)) {
			write_setup(w, p);
			p->setup = taken(w);
			write_drops(w, p);
			p->cleanup = taken(w);
			p->steps = steps;
		}
		code = write_numbered(w, p, s);
		if (!code)
			return NULL;
	}
	return !p->steps || (p->setup && p->cleanup) ? code : NULL;
}

amph_code *amph__write_program(amph_arena *arena, const amph_dialect *dialect, const sql_stmt *stmt,
			       const sql_names *names, amph_error *err)
{
	const sql_cte *all = queries_of(stmt);
	amph_program p = { .main = stmt };
	amph_code *code = NULL;
	amph_writer w;

	amph__writer_init(&w, arena, dialect, err);
	w.names = names;
	if (count_queries(all) > STMTS_MAX || !order_writers(&w, &p, all))
		amph_write_refuse(&w, stmt->location, "This order of statements in WITH");
	else if (check_targets(&w, &p) && check_queries(&w, all))
		code = write_all(&w, &p, all);
	if (!code && !w.failed && err && !err->sqlstate[0])
		amph__error_nomem(err);
	amph__buf_clear(&w.buf);
	return code;
}
