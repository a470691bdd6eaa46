/* Output columns: stars, names as PostgreSQL gives them, types, and casts of a whole column. */
#include "../../model/value.h"
#include "resolve.h"
#include <string.h>

/* ---- names ---- */

static const char *type_word(const amph_sqltype *type)
{
	int base = type->type & ~(AMPH_T_ARRAY | AMPH_T_NULLABLE);

	if (base == AMPH_T_TEXT && type->length)
		return type->scale == 1 ? "bpchar" : "varchar";
	if (base == AMPH_T_ENUM)
		return type->enumeration ? type->enumeration->name : NULL;
	if (base == AMPH_T_REGTYPE)
		return "regtype";
	return base < AMPH_T_COUNT ? amph__types[base].short_name : NULL;
}

/* How much a name says: 2 is one of its own, 1 that of a type, 0 none. */
static int figure(const sql_expr *e, const char **name, const sql_select **of);

static int fixed(const char **name, const char *text)
{
	*name = text;
	return 2;
}

static int figure_cast(const sql_expr *e, const char **name, const sql_select **of)
{
	const char *word;
	int strength = e->args.items[0] ? figure(e->args.items[0], name, of) : 0;

	if (strength > 1)
		return strength;
	word = e->name ? e->name : type_word(&e->type);
	if (!word)
		return strength;
	*name = word;
	return 1;
}

static int figure_case(const sql_expr *e, const char **name, const sql_select **of)
{
	int strength = e->args.n % 2 && e->args.items[e->args.n - 1]
			       ? figure(e->args.items[e->args.n - 1], name, of)
			       : 0;

	if (strength > 1)
		return strength;
	*name = "case";
	return 1;
}

static int figure(const sql_expr *e, const char **name, const sql_select **of)
{
	switch (e->kind) {
	case SQL_COLUMN:
	case SQL_EXCLUDED:
		return fixed(name, e->name);
	case SQL_STAR:
		return e->range ? fixed(name, e->range) : 0;
	case SQL_CALL:
		return e->is_operator ? 0 : fixed(name, e->name);
	case SQL_CAST:
		return figure_cast(e, name, of);
	case SQL_COLLATE:
	case SQL_SUBSCRIPT:
		return e->args.items[0] ? figure(e->args.items[0], name, of) : 0;
	case SQL_CASE:
		return figure_case(e, name, of);
	case SQL_COALESCE:
		return fixed(name, "coalesce");
	case SQL_NULLIF:
		return fixed(name, "nullif");
	case SQL_GREATEST:
		return fixed(name, "greatest");
	case SQL_LEAST:
		return fixed(name, "least");
	case SQL_GROUPING:
		return fixed(name, "grouping");
	case SQL_EXISTS:
		return e->negated ? 0 : fixed(name, "exists");
	case SQL_ARRAY:
	case SQL_ARRAY_SELECT:
		return fixed(name, "array");
	case SQL_ROW:
		return fixed(name, "row");
	case SQL_SCALAR:
		*of = e->select;
		return fixed(name, "?column?");
	default:
		return 0;
	}
}

/* *of: it is called as the one column of that, which may have to be resolved first. */
static const char *figure_name(const sql_expr *e, const sql_select **of)
{
	const char *name = NULL;

	*of = NULL;
	return figure(e, &name, of) && name ? name : "?column?";
}

const char *amph__figure_name(const sql_expr *e)
{
	const sql_select *of;

	return figure_name(e, &of);
}

/* ---- targets ---- */

/* Puts the columns of a star in the place of its target; *t is then the last of them. */
static bool replace_star(sql_resolver *r, sql_target **place, sql_target ***next)
{
	sql_target *star = *place, *first, **tail;

	if (!amph__expand_star(r, star->expr, &first, &tail))
		return false;
	*tail = star->next;
	*place = first;
	*next = tail;
	return true;
}

bool amph__resolve_targets(sql_resolver *r, sql_target **targets, sql_clause clause)
{
	sql_target **place = targets;

	while (*place) {
		sql_target *t = *place;
		const sql_select *of = NULL;

		if (!t->expr)
			return amph__resolve_nomem(r);
		if (t->expr->kind == SQL_STAR) {
			if (!replace_star(r, place, &place))
				return false;
			continue;
		}
		if (!t->name)
			t->name = figure_name(t->expr, &of);
		if (!amph__resolve_in(r, &t->expr, clause))
			return false;
		if (of && of->n_columns)
			t->name = of->columns[0].name;
		if (!amph__row_as_value(r, &t->expr))
			return false;
		if (t->expr->type.type == AMPH_T_RECORD)
			return amph__resolve_refuse(r, t->expr->location, "a row as a value");
		place = &t->next;
	}
	return true;
}

bool amph__targets_to_columns(sql_resolver *r, const sql_target *targets,
			      const amph_result_column **columns, size_t *n)
{
	amph_result_column *out;
	size_t count = 0;

	for (const sql_target *t = targets; t; t = t->next)
		count++;
	if (count > 1664)
		return amph__resolve_fail(r, -1, "54011",
					  "target lists can have at most 1664 entries");
	out = AMPH_NEWS(r->arena, amph_result_column, count + 1);
	if (!out)
		return amph__resolve_nomem(r);
	*columns = out;
	*n = count;
	for (const sql_target *t = targets; t; t = t->next, out++) {
		out->name = t->name;
		out->type = t->expr->type;
	}
	return true;
}

/* ---- casts of output columns ---- */

static bool is_plain(const sql_select *s)
{
	return s->set_op == SQL_SET_NONE && !s->n_values && !s->distinct && !s->distinct_on.n;
}

/* Of the same type, and not character(n) that has to become text. */
static bool is_same(const amph_sqltype *from, const amph_sqltype *to)
{
	return amph__type_same(from, to) && (!amph__is_bpchar(from) || amph__is_bpchar(to));
}

static bool needs_cast(const sql_select *s, const amph_sqltype *to, size_t n)
{
	for (size_t i = 0; i < n && i < s->n_columns; i++)
		if (!is_same(&s->columns[i].type, &to[i]))
			return true;
	return false;
}

bool amph__wrap_select(sql_resolver *r, sql_select **s)
{
	sql_select *outer = AMPH_NEW(r->arena, sql_select);
	sql_range *range = AMPH_NEW(r->arena, sql_range);
	const char **names = AMPH_NEWS(r->arena, const char *, (*s)->n_columns + 1);
	amph_sqltype *types = AMPH_NEWS(r->arena, amph_sqltype, (*s)->n_columns + 1);
	sql_target **tail;

	if (!outer || !range || !names || !types)
		return amph__resolve_nomem(r);
	outer->location = (*s)->location;
	*range = (sql_range){ .kind = SQL_SUBQUERY, .location = -1, .alias = "cast", .select = *s };
	tail = &outer->targets;
	for (size_t i = 0; i < (*s)->n_columns; i++) {
		sql_target *t = AMPH_NEW(r->arena, sql_target);

		names[i] = amph__arena_printf(r->arena, "c%zu", i + 1);
		types[i] = (*s)->columns[i].type;
		if (!t || !names[i])
			return amph__resolve_nomem(r);
		t->expr = sql_column(r->arena, range->alias, names[i]);
		if (!t->expr)
			return amph__resolve_nomem(r);
		t->expr->source = range;
		t->expr->column = i;
		t->expr->type = types[i];
		t->name = (*s)->columns[i].name;
		*tail = t;
		tail = &t->next;
	}
	range->names = names;
	range->types = types;
	range->n_columns = (*s)->n_columns;
	outer->from = range;
	*s = outer;
	return amph__targets_to_columns(r, outer->targets, &outer->columns, &outer->n_columns);
}

static bool cast_values(sql_resolver *r, sql_select *s, const amph_sqltype *to, size_t n)
{
	for (size_t i = 0; i < s->n_values; i++)
		for (size_t k = 0; k < n && k < s->values[i].n; k++)
			if (!amph__coerce(r, &s->values[i].items[k], &to[k]))
				return false;
	return true;
}

static bool set_types(sql_resolver *r, sql_select *s, const amph_sqltype *to, size_t n)
{
	amph_result_column *columns =
		amph__arena_copy(r->arena, s->columns, s->n_columns * sizeof(*columns));

	if (!columns)
		return amph__resolve_nomem(r);
	for (size_t i = 0; i < n && i < s->n_columns; i++) {
		bool nullable = columns[i].type.nullable;

		if (!is_same(&columns[i].type, &to[i]))
			columns[i].type = to[i];
		columns[i].type.nullable = nullable;
	}
	s->columns = columns;
	return true;
}

bool amph__coerce_output(sql_resolver *r, sql_select **s, const amph_sqltype *to, size_t n)
{
	size_t i = 0;

	if (!needs_cast(*s, to, n))
		return true;
	if ((*s)->n_values && !(*s)->set_op)
		return cast_values(r, *s, to, n) && set_types(r, *s, to, n);
	if (!is_plain(*s) && !amph__wrap_select(r, s))
		return false;
	for (sql_target *t = (*s)->targets; t && i < n; t = t->next, i++)
		if (!amph__coerce(r, &t->expr, &to[i]))
			return false;
	return amph__targets_to_columns(r, (*s)->targets, &(*s)->columns, &(*s)->n_columns);
}
