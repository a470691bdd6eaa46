/* ON CONFLICT: what the row proposed may be called, and the unique index that is meant, which
 * PostgreSQL finds by its keys and its condition. */
#include "resolve.h"
#include <stdlib.h>
#include <string.h>

static size_t find_column(const sql_table *t, const char *name)
{
	size_t i = 0;

	while (i < t->n_columns && strcmp(t->columns[i].name, name) != 0)
		i++;
	return i;
}

static bool has_name(const char *const *names, const char *name)
{
	for (; names && *names; names++)
		if (!strcmp(*names, name))
			return true;
	return false;
}

static bool is_set(const char *const *key, const char *const *columns)
{
	for (const char *const *k = key; *k; k++)
		if (!has_name(columns, *k))
			return false;
	for (const char *const *c = columns; *c; c++)
		if (!has_name(key, *c))
			return false;
	return true;
}

/* ---- the keys as they are written ---- */

/* ON CONFLICT (a, a) is ON CONFLICT (a); the names of a view are those of its table. */
static bool take_columns(sql_resolver *r, sql_stmt *stmt, const char **names, size_t *n)
{
	const sql_table *t = stmt->target->table;

	for (const char *const *c = stmt->conflict->columns; *c; c++) {
		const char *name = *c;

		if (!amph__view_column(r, stmt, &name, stmt->location))
			return false;
		if (find_column(t, name) == t->n_columns)
			return amph__resolve_fail(r, stmt->location, "42703",
						  "column \"%s\" does not exist", name);
		if (!amph__name_in(names, *n, name))
			names[(*n)++] = name;
	}
	return true;
}

/* Of what was written as an expression a column is no other than one that is named. */
static bool take_exprs(sql_resolver *r, sql_stmt *stmt, const char **names, size_t *n)
{
	sql_list *exprs = &stmt->conflict->exprs;
	size_t kept = 0;

	for (size_t i = 0; i < exprs->n; i++) {
		sql_expr *e = exprs->items[i];

		if (!e || !amph__resolve_in(r, &e, SQL_CLAUSE_INDEX))
			return e ? false : amph__resolve_nomem(r);
		if (e->kind != SQL_COLUMN)
			exprs->items[kept++] = e;
		else if (!amph__name_in(names, *n, stmt->target->table->columns[e->column].name))
			names[(*n)++] = stmt->target->table->columns[e->column].name;
	}
	exprs->n = kept;
	return true;
}

static bool resolve_keys(sql_resolver *r, sql_stmt *stmt)
{
	sql_conflict *c = stmt->conflict;
	size_t n = 0;
	const char **names;

	if (!c->columns)
		return true;
	while (c->columns[n])
		n++;
	names = AMPH_NEWS(r->arena, const char *, n + c->exprs.n + 1);
	if (!names)
		return amph__resolve_nomem(r);
	n = 0;
	if (!take_columns(r, stmt, names, &n) || !take_exprs(r, stmt, names, &n))
		return false;
	c->columns = (const char *const *)names;
	return true;
}

/* ---- whether one condition follows from another ---- */

typedef enum follows { FOLLOWS_NOT, FOLLOWS, FOLLOWS_PERHAPS } follows;

static bool share_operand(const sql_expr *a, const sql_expr *b)
{
	for (size_t i = 0; i < a->args.n; i++)
		for (size_t k = 0; k < b->args.n; k++)
			if (a->args.items[i]->kind != SQL_CONST &&
			    amph__expr_equal(a->args.items[i], b->args.items[k]))
				return true;
	return false;
}

static bool is_comparison(const sql_expr *e)
{
	return e->kind == SQL_IN_LIST || e->kind == SQL_BETWEEN || e->kind == SQL_QUANTIFIED ||
	       (e->kind == SQL_CALL && e->row && e->row->flags & AMPH_CAT_COMPARES);
}

/* column OP number; false: it is none. */
static bool take_bound(const sql_expr *e, int64_t *number)
{
	const sql_expr *c;
	char *end;

	if (!is_comparison(e) || e->kind != SQL_CALL || e->args.n != 2)
		return false;
	c = e->args.items[1];
	if (c->kind != SQL_CONST || !c->text || c->type.type < AMPH_T_INT16 ||
	    c->type.type > AMPH_T_INT64)
		return false;
	*number = strtoll(c->text, &end, 10);
	return !*end;
}

/* What x OP second has to be to first, that x OP first follows: -1, 0, 1 as bits. */
static unsigned bounds_that_do(const char *given, const char *wanted)
{
	enum { LESS = 1, SAME = 2, MORE = 4 };
	static const struct { const char *given, *wanted; unsigned second; } rules[] = {
		{ "=", "=", SAME }, { "=", "<", LESS }, { "=", "<=", LESS | SAME }, { "=", ">", MORE },
		{ "=", ">=", SAME | MORE }, { "=", "<>", LESS | MORE },
		{ "<", "<", LESS | SAME }, { "<", "<=", LESS | SAME }, { "<", "<>", LESS | SAME },
		{ "<=", "<=", LESS | SAME }, { "<=", "<", LESS }, { "<=", "<>", LESS },
		{ ">", ">", SAME | MORE }, { ">", ">=", SAME | MORE }, { ">", "<>", SAME | MORE },
		{ ">=", ">=", SAME | MORE }, { ">=", ">", MORE }, { ">=", "<>", MORE },
		{ "<>", "<>", SAME }
	};

	for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
		if (!strcmp(rules[i].given, given) && !strcmp(rules[i].wanted, wanted))
			return rules[i].second;
	return 0;
}

/* x > 3 follows from x > 5; of other values PostgreSQL knows so too, and this does not say. */
static follows atom_follows(const sql_expr *wanted, const sql_expr *given)
{
	int64_t first, second;

	if (amph__expr_equal(wanted, given))
		return FOLLOWS;
	if (wanted->kind >= SQL_IS_NULL && wanted->kind <= SQL_NOT_DISTINCT_FROM)
		return FOLLOWS_PERHAPS;
	if (!is_comparison(wanted) || !is_comparison(given) || !share_operand(wanted, given))
		return FOLLOWS_NOT;
	if (!take_bound(wanted, &first) || !take_bound(given, &second) ||
	    !amph__expr_equal(wanted->args.items[0], given->args.items[0]))
		return FOLLOWS_PERHAPS;
	return bounds_that_do(given->row->name, wanted->row->name) &
	       (second < first ? 1u : second == first ? 2u : 4u) ? FOLLOWS : FOLLOWS_NOT;
}

static follows follows_from(const sql_expr *wanted, const sql_expr *given);

/* From each of the parts, or from one of them: perhaps, where nothing more certain is found. */
static follows follows_from_parts(const sql_expr *wanted, const sql_expr *given, bool each)
{
	follows found = each ? FOLLOWS : FOLLOWS_NOT;

	for (size_t i = 0; i < given->args.n; i++) {
		follows f = follows_from(wanted, given->args.items[i]);

		if (f == (each ? FOLLOWS_NOT : FOLLOWS))
			return f;
		found = f == FOLLOWS_PERHAPS ? f : found;
	}
	return found;
}

static follows parts_follow(const sql_expr *wanted, const sql_expr *given, bool each)
{
	follows found = each ? FOLLOWS : FOLLOWS_NOT;

	for (size_t i = 0; i < wanted->args.n; i++) {
		follows f = follows_from(wanted->args.items[i], given);

		if (f == (each ? FOLLOWS_NOT : FOLLOWS))
			return f;
		found = f == FOLLOWS_PERHAPS ? f : found;
	}
	return found;
}

static follows follows_from(const sql_expr *wanted, const sql_expr *given)
{
	if (amph__expr_equal(wanted, given))
		return FOLLOWS;
	if (wanted->kind == SQL_AND)
		return parts_follow(wanted, given, true);
	if (given->kind == SQL_OR)
		return follows_from_parts(wanted, given, true);
	if (wanted->kind == SQL_OR)
		return parts_follow(wanted, given, false);
	if (given->kind == SQL_AND)
		return follows_from_parts(wanted, given, false);
	return atom_follows(wanted, given);
}

/* ---- the index ---- */

static sql_expr *of_index(sql_resolver *r, const sql_stmt *stmt, const char *text)
{
	sql_expr *e = amph__parse_expr(r->arena, text, r->err);
	sql_item *items = r->scope->items;
	bool ok;

	if (!e)
		return NULL;
	r->scope->items = amph__item_of_table(r, stmt->target);
	ok = r->scope->items && amph__resolve_in(r, &e, SQL_CLAUSE_INDEX);
	r->scope->items = items;
	return ok ? e : NULL;
}

static bool take_key(sql_resolver *r, const sql_stmt *stmt, const sql_index_key *key, size_t *exprs,
		     bool *has)
{
	const sql_conflict *c = stmt->conflict;
	sql_expr *e;

	*has = key->column && has_name(c->columns, key->column);
	if (key->column)
		return true;
	e = of_index(r, stmt, key->expr_sql);
	++*exprs;
	for (size_t i = 0; e && i < c->exprs.n && !*has; i++)
		*has = amph__expr_equal(e, c->exprs.items[i]);
	return e != NULL;
}

static bool is_key_of(sql_resolver *r, const sql_stmt *stmt, const sql_index *index, const sql_expr *e,
		      bool *is)
{
	for (size_t i = 0; i < index->n_keys && !*is; i++) {
		sql_expr *key = index->keys[i].column ? NULL
			: of_index(r, stmt, index->keys[i].expr_sql);

		if (!key && !index->keys[i].column)
			return false;
		*is = key && amph__expr_equal(key, e);
	}
	return true;
}

static bool has_column(const sql_index *index, const char *name)
{
	for (size_t i = 0; i < index->n_keys; i++)
		if (index->keys[i].column && !strcmp(index->keys[i].column, name))
			return true;
	return false;
}

static bool keys_match(sql_resolver *r, const sql_stmt *stmt, const sql_index *index, bool *match)
{
	const sql_conflict *c = stmt->conflict;
	size_t exprs = 0;

	*match = true;
	for (size_t i = 0; i < index->n_keys && *match; i++)
		if (!take_key(r, stmt, &index->keys[i], &exprs, match))
			return false;
	for (const char *const *name = c->columns; *name && *match; name++)
		*match = has_column(index, *name);
	for (size_t i = 0; i < c->exprs.n && *match; i++) {
		bool is = false;

		if (!is_key_of(r, stmt, index, c->exprs.items[i], &is))
			return false;
		*match = is;
	}
	return true;
}

static bool condition_follows(sql_resolver *r, const sql_stmt *stmt, const sql_index *index, bool *match)
{
	const sql_expr *given = stmt->conflict->columns_where;
	sql_expr *wanted;
	follows f;

	if (!index->where_sql || !given) {
		*match = !index->where_sql;
		return true;
	}
	wanted = of_index(r, stmt, index->where_sql);
	if (!wanted)
		return false;
	f = follows_from(wanted, given);
	*match = f == FOLLOWS;
	return f != FOLLOWS_PERHAPS ||
	       amph__resolve_refuse(r, stmt->location, "this condition in ON CONFLICT");
}

/* One that is of all rows stands for those that are of some. */
static bool search_indexes(sql_resolver *r, sql_stmt *stmt)
{
	sql_conflict *c = stmt->conflict;

	for (const sql_index *const *i = stmt->target->table->indexes; *i; i++) {
		bool match;

		if (!keys_match(r, stmt, *i, &match) || (match && !condition_follows(r, stmt, *i, &match)))
			return false;
		if (!match)
			continue;
		if (c->arbiter && c->arbiter->where_sql && (*i)->where_sql)
			return amph__resolve_refuse(r, stmt->location, "ON CONFLICT that means several "
						    "indexes");
		if (!c->arbiter || c->arbiter->where_sql)
			c->arbiter = *i;
	}
	return true;
}

static bool is_key(const sql_stmt *stmt)
{
	const sql_table *t = stmt->target->table;
	const sql_conflict *c = stmt->conflict;

	if (c->exprs.n)
		return false;
	if (t->primary_key && is_set(t->primary_key, c->columns))
		return true;
	for (size_t i = 0; t->uniques && t->uniques[i]; i++)
		if (is_set(t->uniques[i], c->columns))
			return true;
	return false;
}

/* PostgreSQL looks for the key when the names are all known. Of the indexes of a model's table only
 * the database knows. */
bool amph__find_arbiter(sql_resolver *r, sql_stmt *stmt)
{
	sql_conflict *c = stmt->conflict;

	if (!c || !c->columns || is_key(stmt))
		return true;
	if (!stmt->target->table->indexes && c->columns_where)
		return true;
	if (stmt->target->table->indexes && !search_indexes(r, stmt))
		return false;
	return c->arbiter ||
	       amph__resolve_fail(r, stmt->location, "42P10", "there is no unique or exclusion constraint "
				  "matching the ON CONFLICT specification");
}

/* ---- all of it ---- */

static sql_item *excluded_item(sql_resolver *r, const sql_stmt *stmt)
{
	sql_item *item = AMPH_NEW(r->arena, sql_item);

	if (!item) {
		amph__resolve_nomem(r);
		return NULL;
	}
	*item = *r->scope->items;
	item->range = stmt->target;
	item->alias = "excluded";
	item->excluded = true;
	item->next = NULL;
	return item;
}

bool amph__resolve_conflict(sql_resolver *r, sql_stmt *stmt)
{
	sql_conflict *c = stmt->conflict;
	sql_item *target = r->scope->items, *excluded;
	bool ok;

	if (!c)
		return true;
	if (c->set && !c->columns && !c->constraint)
		return amph__resolve_fail(
			r, stmt->location, "42601",
			"ON CONFLICT DO UPDATE requires inference specification or "
			"constraint name");
	if (!resolve_keys(r, stmt) ||
	    !amph__resolve_condition(r, &c->columns_where, SQL_CLAUSE_CONFLICT_WHERE))
		return false;
	if (!c->set)
		return true;
	excluded = excluded_item(r, stmt);
	if (!excluded)
		return false;
	target->next = excluded;
	ok = amph__resolve_assignments(r, stmt, c->set) &&
	     amph__resolve_condition(r, &c->where, SQL_CLAUSE_WHERE);
	target->next = NULL;
	return ok;
}
