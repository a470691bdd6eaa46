/* MERGE, where the database has none: the rows of the source with what is to be done for each go to a
 * temporary table, and from there into a DELETE, UPDATE or INSERT for each clause. What is to be done
 * is known before anything is: a row that would be changed twice is a row there twice. */
#include "ddl.h"
#include "../base/ascii.h"
#include "../sql/walk.h"
#include <string.h>

#define ROW "amphora_row"
#define ACTION "amphora_action"
#define ALONE "amphora_alone"
enum { OWN_COLUMNS = 2 };

typedef struct merging {
	ddl_run *run;
	const sql_table *table;         /* that is changed */
	sql_table numbered;             /* the same, with its hidden column */
	sql_table rows;                 /* the temporary one */
	const char *source;             /* its name in the statement */
	int64_t count;
} merging;

/* The statement read anew: resolving changes a tree. */
static sql_stmt *again(const merging *m)
{
	const sql_stmt *stmt = m->run->stmt;
	sql_stmt *s = amph__parse_given(m->run->arena, stmt->comment, stmt->n_params ? &stmt->given : NULL,
					m->run->err);

	if (s)
		s->target->table = &m->numbered;
	return s;
}

static bool run_one(merging *m, sql_stmt *stmt, int64_t *affected)
{
	ddl_run *r = m->run;
	amph_code *code = stmt ? amph__compile(r->arena, r->dialect, stmt, &r->names->names, r->err) : NULL;

	if (!stmt && (!r->err || !r->err->sqlstate[0]))
		return amph__error_nomem(r->err);
	if (code)
		code->flags |= AMPH_CODE_ONCE;
	return code && amph__run(r->conn, code, NULL, affected, r->err);
}

static sql_expr *number(const merging *m, int value)
{
	return sql_const(m->run->arena, AMPH_T_INT32, amph__arena_printf(m->run->arena, "%d", value));
}

static sql_expr *row_id(const merging *m, const sql_stmt *s)
{
	return sql_column(m->run->arena, s->target->alias ? s->target->alias : s->target->name,
			  m->run->dialect->row_id);
}

/* What stands for clause i, from 0 on: rows that it changes are those above 0. */
static int number_of(const sql_merge *w, int i)
{
	return w->action == SQL_MERGE_NOTHING ? 0 : w->matched ? i + 1 : -i - 1;
}

/* ---- what is to be done ---- */

static sql_expr *case_of(const merging *m, const sql_merge *all, bool matched)
{
	sql_expr *e = sql_new(m->run->arena, SQL_CASE, 0);
	size_t n = 0, at = 0;
	int i = 0;

	for (const sql_merge *w = all; w; w = w->next)
		n++;
	if (!e || !(e->args.items = AMPH_NEWS(m->run->arena, sql_expr *, 2 * n + 1)))
		return NULL;
	for (const sql_merge *w = all; w; w = w->next, i++) {
		if (w->matched != matched)
			continue;
		e->args.items[at++] = w->where ? w->where : sql_const(m->run->arena, AMPH_T_BOOL, "true");
		e->args.items[at++] = number(m, number_of(w, i));
	}
	if (!at)
		return number(m, 0);
	e->args.items[at++] = number(m, 0);
	e->args.n = at;
	return e;
}

/* CASE WHEN a THEN b ELSE c END */
static sql_expr *choose(const merging *m, sql_expr *a, sql_expr *b, sql_expr *c)
{
	sql_expr *e = sql_new(m->run->arena, SQL_CASE, c ? 3 : 2);

	if (!e || !a || !b)
		return NULL;
	e->args.items[0] = a;
	e->args.items[1] = b;
	if (c)
		e->args.items[2] = c;
	return e;
}

static sql_expr *is_there(const merging *m, sql_expr *what)
{
	sql_expr *e = sql_new(m->run->arena, SQL_IS_NOT_NULL, 1);

	if (e)
		e->args.items[0] = what;
	return e;
}

static bool add_target(const merging *m, sql_target ***next, sql_expr *e, const char *name)
{
	sql_target *t = AMPH_NEW(m->run->arena, sql_target);

	if (!t || !e)
		return amph__error_nomem(m->run->err);
	t->expr = e;
	t->name = name;
	**next = t;
	*next = &t->next;
	return true;
}

/* The source, with the clause for a row that matches none: that knows the source only. */
static sql_range *source_of(const merging *m, sql_stmt *s)
{
	sql_range *source = AMPH_NEW(m->run->arena, sql_range);
	sql_select *q = AMPH_NEW(m->run->arena, sql_select);
	sql_target **next = q ? &q->targets : NULL;

	if (!source || !q || !add_target(m, &next, sql_new(m->run->arena, SQL_STAR, 0), NULL) ||
	    !add_target(m, &next, case_of(m, s->merge, false), ALONE))
		return NULL;
	q->location = -1;
	q->from = s->from;
	*source = (sql_range){ .kind = SQL_SUBQUERY, .location = -1, .alias = m->source, .select = q };
	return source;
}

static sql_range *join_of(const merging *m, sql_stmt *s)
{
	sql_range *join = AMPH_NEW(m->run->arena, sql_range);

	if (join)
		*join = (sql_range){ .kind = SQL_JOIN, .location = -1, .join = SQL_LEFT, .on = s->where,
				     .left = source_of(m, s), .right = s->target };
	return join && join->left ? join : NULL;
}

/* The source's rows, those of the table that they match, and the clause that is for each. */
static sql_select *joined(const merging *m)
{
	sql_stmt *s = again(m);
	sql_select *q = s ? AMPH_NEW(m->run->arena, sql_select) : NULL;
	sql_target **next = q ? &q->targets : NULL;

	if (!q)
		return NULL;
	q->location = -1;
	q->with = s->with;
	q->from = join_of(m, s);
	if (!q->from || !add_target(m, &next, row_id(m, s), ROW) ||
	    !add_target(m, &next, choose(m, is_there(m, row_id(m, s)), case_of(m, s->merge, true),
					 sql_column(m->run->arena, m->source, ALONE)), ACTION))
		return NULL;
	for (size_t i = OWN_COLUMNS; i < m->rows.n_columns; i++)
		if (!add_target(m, &next, sql_column(m->run->arena, m->source, m->rows.columns[i].name),
				m->rows.columns[i].name))
			return NULL;
	return q;
}

/* Only rows that are changed have to be there once. */
static sql_stmt *fill(const merging *m)
{
	amph_arena *arena = m->run->arena;
	sql_stmt *insert = AMPH_NEW(arena, sql_stmt);
	sql_select *q = AMPH_NEW(arena, sql_select);
	sql_range *from = AMPH_NEW(arena, sql_range);
	sql_target **next = q ? &q->targets : NULL;
	sql_expr *changes;

	if (!insert || !q || !from)
		return NULL;
	*from = (sql_range){ .kind = SQL_SUBQUERY, .location = -1, .alias = "joined", .select = joined(m) };
	if (!from->select)
		return NULL;
	q->location = -1;
	q->from = from;
	changes = sql_op(arena, ">", sql_column(arena, "joined", ACTION), number(m, 0));
	if (!add_target(m, &next, choose(m, changes, sql_column(arena, "joined", ROW), NULL), ROW))
		return NULL;
	for (size_t i = 1; i < m->rows.n_columns; i++)
		if (!add_target(m, &next, sql_column(arena, "joined", m->rows.columns[i].name), NULL))
			return NULL;
	*insert = (sql_stmt){ .kind = SQL_STMT_INSERT, .location = -1, .select = q,
			      .target = sql_range_table(arena, &m->rows, NULL) };
	return insert;
}

/* ---- the temporary table ---- */

static sql_select *read_source(const merging *m)
{
	amph_arena *arena = m->run->arena;
	sql_stmt *s = again(m), *stmt = AMPH_NEW(arena, sql_stmt);
	sql_select *q = AMPH_NEW(arena, sql_select);
	sql_target **next = q ? &q->targets : NULL;

	if (!s || !stmt || !q)
		return NULL;
	q->location = stmt->location = -1;
	q->with = s->with;
	q->from = s->from;
	if (!add_target(m, &next, sql_new(arena, SQL_STAR, 0), NULL))
		return NULL;
	stmt->kind = SQL_STMT_SELECT;
	stmt->select = q;
	return amph__resolve(arena, stmt, &m->run->names->names, m->run->err) ? q : NULL;
}

static bool define_rows(merging *m)
{
	sql_select *q = read_source(m);
	sql_column_def *c = q ? AMPH_NEWS(m->run->arena, sql_column_def, q->n_columns + OWN_COLUMNS) : NULL;

	if (!q || !c)
		return q ? amph__error_nomem(m->run->err) : false;
	c[0] = (sql_column_def){ .name = ROW, .type = { .type = AMPH_T_INT64, .nullable = true } };
	c[1] = (sql_column_def){ .name = ACTION, .type = { .type = AMPH_T_INT32, .nullable = true } };
	for (size_t i = 0; i < q->n_columns; i++) {
		c[i + OWN_COLUMNS].name = q->columns[i].name;
		c[i + OWN_COLUMNS].type = q->columns[i].type;
		c[i + OWN_COLUMNS].type.nullable = true;
		for (size_t k = 0; k < i; k++)
			if (amph__ascii_same(q->columns[i].name, q->columns[k].name))
				return amph__error(m->run->err, "0A000", "a source of MERGE with two columns "
						   "of one name (\"%s\") is not supported",
						   q->columns[i].name);
	}
	m->rows = (sql_table){ .name = "amphora_merge", .columns = c, .temporary = true,
			       .n_columns = q->n_columns + OWN_COLUMNS };
	return true;
}

static bool create_rows(merging *m)
{
	static const char *const key[] = { ROW, NULL };
	sql_constraint *unique = AMPH_NEW(m->run->arena, sql_constraint);
	sql_stmt *create = AMPH_NEW(m->run->arena, sql_stmt);

	if (!unique || !create)
		return amph__error_nomem(m->run->err);
	*unique = (sql_constraint){ .kind = 'u', .columns = key };
	*create = (sql_stmt){ .kind = SQL_STMT_CREATE_TABLE, .location = -1, .table = &m->rows,
			      .constraints = unique };
	return amph__define_table(m->run->arena, create, &m->run->names->names, m->run->err) &&
	       run_one(m, create, NULL);
}

static bool take_rows(merging *m)
{
	if (run_one(m, fill(m), NULL))
		return true;
	if (m->run->err && !strcmp(m->run->err->sqlstate, "23505"))
		amph__error(m->run->err, "21000", "MERGE command cannot affect row a second time");
	return false;
}

/* ---- doing it ---- */

static sql_expr *condition(const merging *m, const sql_stmt *s, int action)
{
	amph_arena *arena = m->run->arena;
	sql_expr *mine = sql_op(arena, "=", sql_column(arena, m->source, ACTION), number(m, action));

	return action < 0 ? mine
		: sql_and(arena, mine, sql_op(arena, "=", sql_column(arena, m->source, ROW), row_id(m, s)));
}

/* A row of defaults, of which a query has to write one. */
static bool insert_default(const merging *m, const char **names, sql_target **next)
{
	const sql_table *t = m->table;

	for (size_t i = 0; i < t->n_columns; i++) {
		const sql_column_def *c = &t->columns[i];
		sql_expr *e;

		if (c->identity || c->computed_sql || (c->default_sql && strstr(c->default_sql, "nextval(")))
			continue;
		e = c->default_sql ? amph__parse_expr(m->run->arena, c->default_sql, m->run->err)
				   : sql_const(m->run->arena, AMPH_T_NONE, NULL);
		names[0] = c->name;
		return e && add_target(m, &next, e, NULL);
	}
	return amph__error(m->run->err, "0A000", "INSERT of nothing but defaults in MERGE is not supported");
}

static bool is_identity(const sql_table *t, const char *name)
{
	for (size_t i = 0; i < t->n_columns; i++)
		if (t->columns[i].identity && !strcmp(t->columns[i].name, name))
			return true;
	return false;
}

/* DEFAULT is a column that is not written; OVERRIDING USER VALUE says so of an identity. */
static bool insert_columns(const merging *m, const sql_merge *w, sql_stmt *insert, sql_select *q)
{
	const sql_table *t = m->table;
	const char **names = AMPH_NEWS(m->run->arena, const char *, w->values.n + 2);
	sql_target **next = &q->targets;
	size_t n = 0, given = 0;

	while (w->columns && w->columns[given])
		given++;
	given = w->columns ? given : t->n_columns;
	if (!names)
		return amph__error_nomem(m->run->err);
	if (w->values.n > given || (w->columns && w->values.n < given))
		return amph__error(m->run->err, "42601", "INSERT has %s", w->values.n > given
				   ? "more expressions than target columns"
				   : "more target columns than expressions");
	for (size_t i = 0; i < w->values.n; i++) {
		const char *name = w->columns ? w->columns[i] : t->columns[i].name;

		if (w->values.items[i]->kind == SQL_STAR)
			return amph__error(m->run->err, "0A000", "all columns of a row in MERGE are not "
					   "supported");
		if (w->values.items[i]->kind == SQL_DEFAULT || (w->overriding_user && is_identity(t, name)))
			continue;
		names[n++] = name;
		if (!add_target(m, &next, w->values.items[i], NULL))
			return false;
	}
	insert->columns = names;
	return n || insert_default(m, names, next);
}

static sql_stmt *insert_of(const merging *m, const sql_merge *w, int action)
{
	sql_stmt *s = AMPH_NEW(m->run->arena, sql_stmt);
	sql_select *q = AMPH_NEW(m->run->arena, sql_select);

	if (!s || !q || !insert_columns(m, w, s, q))
		return NULL;
	q->location = -1;
	q->from = sql_range_table(m->run->arena, &m->rows, m->source);
	q->where = condition(m, s, action);
	s->kind = SQL_STMT_INSERT;
	s->location = -1;
	s->overriding_system = w->overriding_system;
	s->target = sql_range_table(m->run->arena, m->table, NULL);
	s->select = q;
	return s;
}

static sql_stmt *statement_of(const merging *m, int i)
{
	sql_stmt *all = again(m), *s = AMPH_NEW(m->run->arena, sql_stmt);
	const sql_merge *w = all ? all->merge : NULL;
	int action;

	for (int k = 0; w && k < i; k++)
		w = w->next;
	if (!w || !s)
		return NULL;
	action = number_of(w, i);
	if (w->action == SQL_MERGE_INSERT)
		return insert_of(m, w, action);
	*s = (sql_stmt){ .kind = w->action == SQL_MERGE_UPDATE ? SQL_STMT_UPDATE : SQL_STMT_DELETE,
			 .location = -1, .set = w->set, .target = all->target,
			 .from = sql_range_table(m->run->arena, &m->rows, m->source),
			 .where = condition(m, all, action) };
	return s;
}

/* What is wrong with a clause is said before anything is done. */
static bool check_actions(merging *m)
{
	int i = 0;

	for (const sql_merge *w = m->run->stmt->merge; w; w = w->next, i++) {
		sql_stmt *s;

		if (w->action == SQL_MERGE_NOTHING)
			continue;
		s = statement_of(m, i);
		if (!s || !amph__compile(m->run->arena, m->run->dialect, s, &m->run->names->names,
					 m->run->err))
			return false;
	}
	return true;
}

static bool run_actions(merging *m, sql_merge_action kind)
{
	int i = 0;

	for (const sql_merge *w = m->run->stmt->merge; w; w = w->next, i++) {
		int64_t affected = 0;

		if (w->action != kind)
			continue;
		if (!run_one(m, statement_of(m, i), &affected))
			return false;
		m->count += affected;
	}
	return true;
}

/* ---- what is not done ---- */

static bool find_select(void *ctx, sql_expr *e)
{
	*(bool *)ctx |= e->select != NULL;
	return amph__expr_children(e, find_select, ctx);
}

/* A query among the values would see what the clauses before have done. */
static bool values_have_queries(const sql_stmt *stmt)
{
	bool found = false;
	size_t clauses = 0;

	for (const sql_merge *w = stmt->merge; w; w = w->next) {
		clauses += w->action != SQL_MERGE_NOTHING;
		for (const sql_assign *a = w->set; a; a = a->next)
			find_select(&found, a->value);
		for (size_t i = 0; i < w->values.n; i++)
			find_select(&found, w->values.items[i]);
	}
	return found && (clauses > 1 || stmt->with);
}

static bool number_table(merging *m)
{
	size_t n = m->table->n_columns;
	sql_column_def *columns = AMPH_NEWS(m->run->arena, sql_column_def, n + 1);

	if (!columns)
		return amph__error_nomem(m->run->err);
	memcpy(columns, m->table->columns, n * sizeof *columns);
	columns[n] = (sql_column_def){ .name = m->run->dialect->row_id,
				       .type = { .type = AMPH_T_INT64, .nullable = true } };
	m->numbered = *m->table;
	m->numbered.columns = columns;
	m->numbered.n_columns = n + 1;
	return true;
}

static bool check(merging *m)
{
	const sql_stmt *stmt = m->run->stmt;
	const sql_range *from = stmt->from, *target = stmt->target;

	m->source = from->alias ? from->alias : from->kind == SQL_TABLE ? from->name : NULL;
	if (!m->source)
		return amph__error(m->run->err, "0A000", "a source of MERGE without a name is not supported");
	if (!strcmp(m->source, target->alias ? target->alias : target->name))
		return amph__error(m->run->err, "42712", "name \"%s\" specified more than once", m->source);
	return !values_have_queries(stmt) ||
	       amph__error(m->run->err, "0A000", "a query as a value in MERGE is not supported");
}

bool amph__ddl_merge(ddl_run *r)
{
	const sql_range *target = r->stmt->target;
	merging m = { .run = r, .table = r->names->names.table(r->names, target->schema, target->name) };
	sql_stmt *drop;

	if (!r->dialect->row_id)
		return amph__error(r->err, "0A000", "MERGE is not supported");
	if (!m.table && amph__map_get(&r->names->views, target->name, strlen(target->name)))
		return amph__error(r->err, "0A000", "cannot execute MERGE on relation \"%s\"", target->name);
	if (!m.table)
		return amph__error(r->err, "42P01", "relation \"%s\" does not exist", target->name);
	if (!check(&m) || !number_table(&m) || !define_rows(&m) || !check_actions(&m) ||
	    !create_rows(&m) || !take_rows(&m) ||
	    !run_actions(&m, SQL_MERGE_DELETE) || !run_actions(&m, SQL_MERGE_UPDATE) ||
	    !run_actions(&m, SQL_MERGE_INSERT))
		return false;
	drop = AMPH_NEW(r->arena, sql_stmt);
	if (drop)
		*drop = (sql_stmt){ .kind = SQL_STMT_DROP_TABLE, .location = -1, .table = &m.rows };
	r->affected = m.count;
	return run_one(&m, drop, NULL);
}
