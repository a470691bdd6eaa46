/* Statements that write: updates, deletes, inserts. Reads what shape_write.c writes. */
#include "lower.h"

static sql_assign *add_assignment(amph_lowerer *l, sql_assign ***next, const char *column, sql_expr *e)
{
	sql_assign *a = e ? AMPH_NEW(l->arena, sql_assign) : NULL;

	if (!a)
		return NULL;
	a->column = column;
	a->value = e;
	a->location = -1;
	**next = a;
	*next = &a->next;
	return a;
}

static bool assigns(const sql_assign *set, const char *column)
{
	for (; set; set = set->next) {
		if (strcmp(set->column, column) == 0)
			return true;
	}
	return false;
}

static bool count_version(amph_lowerer *l, const sql_assign *set, sql_assign ***next)
{
	const amph_mapper *m = l->ranges[0].mapper;
	const char *name;
	sql_expr *e;

	if (m->version < 0)
		return true;
	name = m->columns[m->version].name;
	if (assigns(set, name))
		return true;
	e = sql_op(l->arena, "+", amph__lower_column(l, 0, (size_t)m->version),
		   sql_const(l->arena, AMPH_T_INT16, "1"));
	return add_assignment(l, next, name, e);
}

/* What is set, and the version that counts it. */
static bool read_assignments(amph_lowerer *l, sql_assign **set)
{
	sql_assign **next = set;
	const amph_mapper *m = l->ranges[0].mapper;
	size_t n = key_get_number(&l->key);

	for (size_t i = 0; i < n; i++) {
		size_t number = key_get_number(&l->key);
		sql_expr *e = amph__lower_expr(l);
		if (number >= m->n_columns || !add_assignment(l, &next, m->columns[number].name, e))
			return false;
	}
	return count_version(l, *set, &next);
}

/* A model with .soft_delete only marks its rows, at the transaction's time. */
static bool lower_delete(amph_lowerer *l, sql_stmt *stmt, unsigned flags)
{
	sql_assign **next = &stmt->set;
	const amph_mapper *m = l->ranges[0].mapper;

	if (m->soft_delete < 0 || flags & KEY_WITH_DELETED) {
		stmt->kind = SQL_STMT_DELETE;
		return true;
	}
	stmt->kind = SQL_STMT_UPDATE;
	return add_assignment(l, &next, m->columns[m->soft_delete].name,
			      sql_call(l->arena, "now", 0, NULL)) &&
	       count_version(l, stmt->set, &next);
}

/* Of the collection of an object behind a link: the rows of the link decide, in an EXISTS. */
static sql_expr *link_exists(amph_lowerer *l, amph_lower_from *from)
{
	sql_expr *e = sql_new(l->arena, SQL_EXISTS, 0);
	amph_lower_from link = { .range = from->range->right, .where = from->range->on };

	if (!e)
		return NULL;
	if (from->where)
		link.where = sql_and(l->arena, link.where, from->where);
	e->select = amph__lower_probe(l, &link);
	from->range = from->range->left;
	return e;
}

/* The table that is written alone, the others beside it: their conditions are the statement's. */
static void take_apart(amph_lowerer *l, amph_lower_from *from, sql_stmt *stmt)
{
	sql_expr *on = NULL;
	sql_range *r = from->range;

	for (; r->kind == SQL_JOIN; r = r->left) {
		if (r->on)
			on = on ? sql_and(l->arena, r->on, on) : r->on;
		r->right->next = stmt->from;
		stmt->from = r->right;
	}
	from->range = r;
	if (on)
		from->where = from->where ? sql_and(l->arena, on, from->where) : on;
}

/* The rows that were written, as the fields have them. */
static bool read_returning(amph_lowerer *l, sql_stmt *stmt)
{
	sql_select *s = AMPH_NEW(l->arena, sql_select);

	if (!s || !amph__lower_fields(l, s))
		return false;
	stmt->returning = s->targets;
	return true;
}

static bool return_keys(amph_lowerer *l, sql_stmt *stmt)
{
	const amph_mapper *m = l->ranges[0].mapper;
	sql_select *s = AMPH_NEW(l->arena, sql_select);
	amph_slot *slots = AMPH_NEWS(l->arena, amph_slot, m->n_keys + 1);

	for (size_t i = 0; s && slots && i < m->n_keys; i++) {
		if (!amph__lower_target(l, s, amph__lower_column(l, 0, m->keys[i]), NULL))
			return false;
		slots[i] = m->columns[m->keys[i]].slot;
	}
	if (!s || !slots)
		return false;
	l->out->shape = (amph_shape){ m->n_keys, slots };
	stmt->returning = s->targets;
	return true;
}

bool amph__lower_write(amph_lowerer *l, amph_query_op op, sql_stmt *stmt)
{
	amph_lower_source *filling = l->filling;
	amph_lower_from from;
	sql_list no_groups;
	bool ok, keys;

	l->filling = NULL;
	if (!amph__lower_from(l, &from))
		return false;
	if (from.range->kind == SQL_JOIN && !from.n_joins)
		from.where = link_exists(l, &from);
	take_apart(l, &from, stmt);
	stmt->target = from.range;
	stmt->where = from.where;
	stmt->with = from.with;
	stmt->with_recursive = from.with_recursive;
	amph__lower_list(l, &no_groups);
	amph__lower_condition(l);
	if (op == AMPH_QUERY_UPDATE) {
		stmt->kind = SQL_STMT_UPDATE;
		ok = read_assignments(l, &stmt->set);
	} else {
		ok = lower_delete(l, stmt, from.flags);
	}
	keys = key_get(&l->key);
	amph__lower_order(l);
	l->filling = filling;
	if (from.flags & KEY_RETURNING)
		return ok && read_returning(l, stmt);
	return ok && (!keys || return_keys(l, stmt));
}

/* ---- inserts ---- */
/* The columns of the first query are those of the statement, in its order. */
bool amph__lower_insert_columns(amph_lowerer *l, sql_select *s)
{
	const amph_mapper *m = l->target;
	size_t n = key_get_number(&l->key);
	const char **names = AMPH_NEWS(l->arena, const char *, n + 1);

	if (!names)
		return false;
	for (size_t i = 0; i < n; i++) {
		size_t number = key_get_number(&l->key);
		if (number >= m->n_columns || !amph__lower_target(l, s, amph__lower_expr(l), NULL)) {
			l->key.bad = true;
			return false;
		}
		names[i] = m->columns[number].name;
	}
	if (!l->target_columns)
		l->target_columns = names;
	return true;
}

static sql_select *select_of_rows(amph_lowerer *l)
{
	const amph_mapper *m = l->target;
	size_t n = key_get_number(&l->key);
	const char **names = AMPH_NEWS(l->arena, const char *, n + 1);
	amph_sqltype *types = AMPH_NEWS(l->arena, amph_sqltype, n + 1);
	sql_select *s = AMPH_NEW(l->arena, sql_select);

	if (!names || !types || !s)
		return NULL;
	for (size_t i = 0; i < n; i++) {
		size_t number = key_get_number(&l->key);
		if (number >= m->n_columns) {
			l->key.bad = true;
			return NULL;
		}
		names[i] = m->columns[number].name;
		types[i] = m->columns[number].type;
		if (!amph__lower_target(l, s, sql_column(l->arena, "r", names[i]), NULL))
			return NULL;
	}
	s->location = -1;
	s->from = sql_range_rows(l->arena, amph__lower_rows(l, types, n), "r", names, n);
	l->target_columns = names;
	return s;
}

static bool read_conflict(amph_lowerer *l, sql_stmt *stmt)
{
	const amph_mapper *m = l->target;
	sql_conflict *c = AMPH_NEW(l->arena, sql_conflict);
	unsigned form = key_get(&l->key);
	size_t n = key_get_number(&l->key);
	const char **names = AMPH_NEWS(l->arena, const char *, n + 1);

	if (!c || !names)
		return false;
	for (size_t i = 0; i < n; i++) {
		size_t number = key_get_number(&l->key);
		if (number >= m->n_columns) {
			l->key.bad = true;
			return false;
		}
		names[i] = m->columns[number].name;
	}
	c->columns = n ? names : NULL;
	c->columns_where = amph__lower_condition(l);
	stmt->conflict = c;
	if (form == KEY_DO_NOTHING)
		return true;
	if (!read_assignments(l, &c->set))
		return false;
	c->where = amph__lower_filtered(l, amph__lower_condition(l), 0);
	c->where = amph__and_kind(l->arena, c->where, m, l->ranges[0].alias);
	return true;
}

bool amph__lower_insert(amph_lowerer *l, sql_stmt *stmt)
{
	amph_lower_source *filling = l->filling;
	unsigned flags;

	l->filling = NULL;
	stmt->kind = SQL_STMT_INSERT;
	l->target = amph__lower_mapper(l);
	if (!l->target)
		return false;
	if (key_get(&l->key) == KEY_FROM_ROWS) {
		/* ids that the program gave were refused: those are of the sequence */
		stmt->overriding_system = l->target->identity >= 0 &&
			l->target->columns[l->target->identity].decl->identity == AMPH_IDENTITY_ALWAYS;
		stmt->select = select_of_rows(l);
	} else {
		stmt->select = amph__lower_inner(l, AMPH_QUERY_INSERT);
	}
	if (!stmt->select)
		return false;
	/* a query that writes is to stand beside the statement */
	stmt->with = stmt->select->with;
	stmt->with_recursive = stmt->select->with_recursive;
	stmt->select->with = NULL;
	stmt->columns = l->target_columns;
	flags = (unsigned)key_get_number(&l->key);
	l->n_ranges = 0;
	stmt->target = amph__lower_range(l, l->target);
	if (!stmt->target || (flags & KEY_CONFLICT && !read_conflict(l, stmt)))
		return false;
	l->filling = filling;
	return !(flags & KEY_RETURNING) || read_returning(l, stmt);
}
