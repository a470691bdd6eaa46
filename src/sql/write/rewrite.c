/* Queries that a database cannot say as PostgreSQL does, said otherwise: DISTINCT ON by numbering
 * rows, INTERSECT ALL and EXCEPT ALL likewise, functions that return sets among the targets as
 * tables in FROM, aggregates over sorted rows by a function that sorts them. */
#include "../walk.h"
#include "write.h"
#include <string.h>

static sql_expr output_column(amph_writer *w, char prefix, size_t i, const amph_sqltype *type)
{
	sql_expr e = { .kind = SQL_COLUMN, .location = -1, .type = *type };

	e.name = amph__arena_printf(w->arena, "%c%zu", prefix, i);
	return e;
}

/* ---- DISTINCT ON ---- */

void amph__write_numbered_targets(amph_writer *w, const sql_select *s)
{
	size_t i = 0;

	amph_write_text(w, "SELECT ");
	for (const sql_target *t = s->targets; t && !w->failed; t = t->next) {
		amph_write_expr(w, t->expr);
		amph_write_format(w, " AS \"d%zu\", ", i++);
	}
	i = 0;
	for (const sql_order *o = s->order; o && !w->failed; o = o->next) {
		amph_write_expr(w, o->expr);
		amph_write_format(w, " AS \"o%zu\", ", i++);
	}
}

static void write_number(amph_writer *w, const char *function, const sql_window *window, const char *name)
{
	amph_write_format(w, "%s() OVER ", function);
	amph__write_window(w, window);
	amph_write_format(w, " AS \"%s\"", name);
}

static void write_numbered(amph_writer *w, const sql_select *s)
{
	sql_select inner = *s;
	sql_window window = { .partition = s->distinct_on, .order = s->order };

	amph__write_numbered_targets(w, s);
	write_number(w, "row_number", &window, "number");
	inner.order = NULL;
	amph__write_after_targets(w, &inner);
}

void amph__write_sorted_by_outputs(amph_writer *w, const sql_order *order)
{
	size_t i = 0;

	for (const sql_order *o = order; o && !w->failed; o = o->next, i++) {
		sql_expr key = output_column(w, 'o', i, &o->expr->type);
		sql_order one = *o;

		one.expr = &key;
		one.next = NULL;
		amph_write_text(w, i ? ", " : " ORDER BY ");
		amph__write_order(w, &one);
	}
}

void amph__write_named_outputs(amph_writer *w, const sql_select *s, const char *const *names, size_t n)
{
	size_t i = 0;

	amph_write_text(w, "SELECT ");
	for (const sql_target *t = s->targets; t && !w->failed; t = t->next, i++) {
		const char *name = names && i < n && names[i] ? names[i] : t->name;

		amph_write_format(w, "%s\"d%zu\"", i ? ", " : "", i);
		if (name) {
			amph_write_text(w, " AS ");
			amph_write_name(w, name);
		}
	}
}

/* The first row of each group, in the order that is asked for. */
void amph__write_distinct_on(amph_writer *w, const sql_select *s, const char *const *names, size_t n)
{
	amph__write_named_outputs(w, s, names, n);
	amph_write_text(w, " FROM (");
	write_numbered(w, s);
	amph_write_text(w, ") AS \"numbered\" WHERE (\"number\" = 1)");
	amph__write_sorted_by_outputs(w, s->order);
}

/* ---- FETCH FIRST n ROWS WITH TIES ---- */

bool amph__write_has_ties(const amph_writer *w, const sql_select *s)
{
	bool listed;

	return s->with_ties && s->limit && amph__spelling_find(w->dialect, "limit_all", &listed);
}

/* The rows whose rank is not beyond the last one's number, without those of the offset. */
void amph__write_with_ties(amph_writer *w, const sql_select *s, const char *const *names, size_t n)
{
	sql_select inner = *s;
	sql_window window = { .order = s->order };

	if (s->set_op != SQL_SET_NONE || s->n_values || s->distinct || s->distinct_on.n || s->group_sets ||
	    !s->order || s->limit->kind != SQL_CONST || !s->limit->text ||
	    (s->offset && (s->offset->kind != SQL_CONST || !s->offset->text))) {
		amph_write_refuse(w, s->location, "This FETCH FIRST WITH TIES");
		return;
	}
	amph__write_named_outputs(w, s, names, n);
	amph_write_text(w, " FROM (");
	amph__write_numbered_targets(w, s);
	write_number(w, "row_number", &window, "number");
	amph_write_text(w, ", ");
	write_number(w, "rank", &window, "rank");
	inner.order = NULL;
	amph__write_after_targets(w, &inner);
	amph_write_text(w, ") AS \"numbered\" WHERE (\"rank\" <= amph_limit(");
	amph_write_expr(w, s->limit);
	amph_write_text(w, ")");
	if (s->offset) {
		amph_write_text(w, " + amph_offset(");
		amph_write_expr(w, s->offset);
		amph_write_text(w, ") AND \"number\" > ");
		amph_write_expr(w, s->offset);
	}
	amph_write_text(w, ")");
	amph__write_sorted_by_outputs(w, s->order);
}

/* ---- LIMIT and OFFSET that refer to a query around ---- */

static bool find_column(void *ctx, sql_expr *e)
{
	*(bool *)ctx |= e->kind == SQL_COLUMN;
	return e->select || amph__expr_children(e, find_column, ctx);
}

static bool varies(const sql_expr *e)
{
	bool found = false;

	if (e) {
		sql_expr *items[] = { (sql_expr *)(uintptr_t)e };
		const sql_expr one = { .args = { items, 1 } };

		amph__expr_children(&one, find_column, &found);
	}
	return found;
}

bool amph__write_bounds_vary(const amph_writer *w, const sql_select *s)
{
	return !amph__dialect_has(w, AMPH_DIALECT_NATIVE_TEXT) && !s->with_ties &&
	       s->set_op == SQL_SET_NONE && !s->n_values && !s->distinct && !s->distinct_on.n &&
	       !s->group_sets &&
	       (varies(s->limit) || varies(s->offset));
}

/* The rows by their numbers. */
void amph__write_varying_bounds(amph_writer *w, const sql_select *s, const char *const *names, size_t n)
{
	sql_select inner = *s;
	sql_window window = { .order = s->order };

	amph__write_named_outputs(w, s, names, n);
	amph_write_text(w, " FROM (");
	amph__write_numbered_targets(w, s);
	write_number(w, "row_number", &window, "number");
	inner.order = NULL;
	amph__write_after_targets(w, &inner);
	amph_write_text(w, ") AS \"numbered\" WHERE (TRUE");
	if (s->offset) {
		amph_write_text(w, " AND \"number\" > amph_offset(");
		amph_write_expr(w, s->offset);
		amph_write_text(w, ")");
	}
	if (s->limit) {
		amph_write_text(w, " AND (");
		amph_write_expr(w, s->limit);
		amph_write_text(w, " IS NULL OR \"number\" <= amph_limit(");
		amph_write_expr(w, s->limit);
		amph_write_text(w, s->offset ? ") + amph_offset(" : "))");
		if (s->offset)
			amph_write_expr(w, s->offset);
		amph_write_text(w, s->offset ? "))" : "");
	}
	amph_write_text(w, ")");
	amph__write_sorted_by_outputs(w, s->order);
}

/* ---- INTERSECT ALL, EXCEPT ALL ---- */

static void write_numbered_side(amph_writer *w, const sql_select *side, const sql_select *set,
				const char *const *names)
{
	amph_write_text(w, "SELECT ");
	for (size_t i = 0; i < set->n_columns && !w->failed; i++) {
		sql_expr column = output_column(w, 's', i, &set->columns[i].type);

		amph__write_operand(w, &column, AMPH_USE_RESULT);
		amph_write_format(w, " AS \"s%zu\", ", i);
	}
	amph_write_text(w, "row_number() OVER (PARTITION BY ");
	for (size_t i = 0; i < set->n_columns && !w->failed; i++) {
		sql_expr column = output_column(w, 's', i, &set->columns[i].type);

		amph_write_text(w, i ? ", " : "");
		amph__write_operand(w, &column, AMPH_USE_EQUAL);
	}
	amph_write_text(w, ") AS \"number\" FROM (");
	amph__write_select(w, side, names, set->n_columns);
	amph_write_text(w, ") AS \"side\"");
}

/* The nth of equal rows on one side meets the nth on the other. */
void amph__write_set_all(amph_writer *w, const sql_select *s, const char *const *names, size_t n)
{
	const char **inner = AMPH_NEWS(w->arena, const char *, s->n_columns + 1);

	for (size_t i = 0; inner && i < s->n_columns; i++)
		inner[i] = amph__arena_printf(w->arena, "s%zu", i);
	if (!inner)
		return;
	amph_write_text(w, "SELECT ");
	for (size_t i = 0; i < s->n_columns; i++) {
		amph_write_format(w, "%s\"s%zu\" AS ", i ? ", " : "", i);
		amph_write_name(w, names && i < n && names[i] ? names[i] : s->columns[i].name);
	}
	amph_write_text(w, " FROM (");
	write_numbered_side(w, s->left, s, inner);
	amph_write_text(w, s->set_op == SQL_INTERSECT ? " INTERSECT " : " EXCEPT ");
	write_numbered_side(w, s->right, s, inner);
	amph_write_text(w, ") AS \"all\"");
}

/* ---- x op ANY (query), x op ALL (query) ---- */

static void write_exists_where(amph_writer *w, const sql_expr *e, const char *test)
{
	const amph_sqltype *type = e->select->n_columns ? &e->select->columns[0].type : &e->type;
	sql_expr column = output_column(w, 'q', 0, type);
	sql_expr *sides[] = { e->args.items[0], &column };
	sql_expr compare = { .kind = SQL_CALL, .location = e->location, .name = e->name, .row = e->row,
			     .is_operator = true, .args = { sides, 2 } };
	const char *const name = "q0";

	column.range = "quantified";
	compare.type = (amph_sqltype){ .type = AMPH_T_BOOL, .nullable = true };
	amph_write_text(w, "EXISTS (SELECT 1 FROM (");
	amph__write_select(w, e->select, &name, 1);
	amph_write_text(w, ") AS \"quantified\" WHERE (");
	amph_write_expr(w, &compare);
	amph_write_text(w, test);
	amph_write_text(w, "))");
}

/* True or false by the first row that says so, else unknown by a row that does not know. */
void amph__write_quantified_query(amph_writer *w, const sql_expr *e)
{
	amph_write_text(w, "(CASE WHEN ");
	write_exists_where(w, e, e->all ? " IS FALSE" : " IS TRUE");
	amph_write_text(w, e->all ? " THEN FALSE WHEN " : " THEN TRUE WHEN ");
	write_exists_where(w, e, " IS NULL");
	amph_write_text(w, e->all ? " THEN NULL ELSE TRUE END)" : " THEN NULL ELSE FALSE END)");
}

/* ---- sets among targets ---- */

typedef struct finder {
	amph_arena *arena;
	sql_list sets;                  /* the calls that were found */
	bool aggregates;
} finder;

static bool is_found(const finder *f, const sql_expr *e)
{
	for (size_t i = 0; i < f->sets.n; i++)
		if (amph__expr_equal(f->sets.items[i], e))
			return true;
	return false;
}

static bool find_sets(void *ctx, sql_expr *e)
{
	finder *f = ctx;
	int kind = e->kind == SQL_CALL && e->row ? e->row->kind : -1;
	sql_expr **items;

	if (e->select)
		return true;
	if (kind == AMPH_CAT_AGGREGATE || kind == AMPH_CAT_WINDOW || e->over)
		f->aggregates = true;
	if (kind != AMPH_CAT_SET)
		return amph__expr_children(e, find_sets, f);
	if (is_found(f, e))
		return true;
	items = AMPH_NEWS(f->arena, sql_expr *, f->sets.n + 1);
	for (size_t i = 0; items && i <= f->sets.n; i++)
		items[i] = i < f->sets.n ? f->sets.items[i] : e;
	if (items)
		f->sets = (sql_list){ items, f->sets.n + 1 };
	return true;
}

/* Sets that are keys of groups are rows before these are made, as those in FROM are. */
static bool are_keys(const finder *targets, const finder *keys)
{
	for (size_t i = 0; i < targets->sets.n; i++)
		if (!is_found(keys, targets->sets.items[i]))
			return false;
	return true;
}

/* The set-returning calls among the targets and keys of groups, which are to stand in FROM. */
const sql_list *amph__write_find_sets(amph_writer *w, const sql_select *s)
{
	finder targets = { .arena = w->arena }, keys = { .arena = w->arena };
	bool groups = s->group_by.n || s->having;
	sql_list *found;

	if (!amph__dialect_has(w, AMPH_DIALECT_NUMBERED_COLUMNS))
		return NULL;
	for (const sql_target *t = s->targets; t; t = t->next)
		find_sets(&targets, t->expr);
	for (const sql_order *o = s->set_op ? NULL : s->order; o; o = o->next)
		find_sets(&targets, o->expr);
	for (size_t i = 0; i < s->group_by.n; i++)
		find_sets(&keys, s->group_by.items[i]);
	if (!targets.sets.n && !keys.sets.n)
		return NULL;
	if (targets.sets.n && (targets.aggregates || groups) && !are_keys(&targets, &keys))
		amph_write_refuse(w, targets.sets.items[0]->location,
				  "A function that returns a set in a query with groups");
	if (keys.sets.n && s->group_sets)
		amph_write_refuse(w, s->location, "A function that returns a set among GROUPING SETS");
	found = amph__arena_copy(w->arena, keys.sets.n ? &keys.sets : &targets.sets, sizeof(*found));
	return found;
}

static bool find_aggregate(void *ctx, sql_expr *e)
{
	bool *found = ctx;

	*found |= e->kind == SQL_CALL && e->row && e->row->kind == AMPH_CAT_AGGREGATE && !e->over;
	return e->select || amph__expr_children(e, find_aggregate, ctx);
}

bool amph__write_has_aggregate(const sql_select *s)
{
	bool found = false;

	for (const sql_target *t = s->targets; t; t = t->next)
		find_aggregate(&found, t->expr);
	for (const sql_order *o = s->order; o; o = o->next)
		find_aggregate(&found, o->expr);
	if (s->having)
		find_aggregate(&found, s->having);
	return found;
}

/* ---- aggregates over sorted rows ---- */

static const char *key_spec(amph_writer *w, const sql_order *o)
{
	bool first = o->nulls == SQL_NULLS_DEFAULT ? o->direction == SQL_DESC
						   : o->nulls == SQL_NULLS_FIRST;
	const char *spec = amph__arena_printf(w->arena, "%c%c%s", o->direction == SQL_DESC ? 'd' : 'a',
					      first ? 'f' : 'l',
					      amph__write_descriptor(w, &o->expr->type));

	return spec ? spec : "";
}

static void write_key(amph_writer *w, const sql_order *o)
{
	amph_write_text(w, ", ");
	amph_write_literal(w, key_spec(w, o));
	amph_write_text(w, ", ");
	amph_write_expr(w, o->expr);
}

/* Aggregates to which the order of rows is all the same. */
static bool ignores_order(const sql_expr *e)
{
	static const char *const names[] = { "count", "min", "max", "bool_and", "bool_or", "every",
					     "bit_and", "bit_or", "bit_xor" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcmp(names[i], e->name))
			return true;
	return !strcmp(e->name, "sum") || !strcmp(e->name, "avg");
}

bool amph__write_is_sorted_call(const amph_writer *w, const sql_expr *e)
{
	if (amph__dialect_has(w, AMPH_DIALECT_AGGREGATE_ORDER) || !e->row ||
	    e->row->kind != AMPH_CAT_AGGREGATE)
		return false;
	return e->within_group || ((e->order || e->distinct) && !ignores_order(e));
}

/* ordered('base', distinct, number of arguments, arguments ..., spec, key, spec, key ...). With
 * WITHIN GROUP the keys are the base's last arguments as well. */
void amph__write_sorted_call(amph_writer *w, const sql_expr *e, const char *text)
{
	amph_template t = { .args = &e->args, .impl = e->row->impl, .type = &e->type };
	size_t prefix = strlen(w->dialect->function_prefix), name_len = strcspn(text, "(");
	const char *base = e->row->impl, *inner = "$*";
	size_t n_args = e->args.n;

	if (name_len > prefix && text[name_len] == '(') {
		base = amph__arena_text(w->arena, text + prefix, name_len - prefix);
		inner = amph__arena_text(w->arena, text + name_len + 1, strlen(text) - name_len - 2);
		n_args = strstr(text, "$p*") ? e->args.n * 2 : strstr(text, "$p1") ? e->args.n + 1 : n_args;
	}
	if (!base || !inner)
		return;
	amph_write_text(w, w->dialect->function_prefix);
	amph_write_text(w, "ordered(");
	amph_write_literal(w, base);
	amph_write_format(w, ", %d, %zu", e->distinct, n_args);
	if (n_args) {
		amph_write_text(w, ", ");
		amph__write_arguments_of(w, inner, &t);
	}
	for (const sql_order *o = e->order; o && !w->failed; o = o->next)
		write_key(w, o);
	for (size_t i = 0; !e->order && i < e->args.n && !w->failed; i++)
		write_key(w, &(sql_order){ .expr = e->args.items[i] });
	amph_write_text(w, ")");
}
