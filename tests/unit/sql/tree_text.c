/* Trees as text. Names are written as they are, constants with their type, what is unset not at
 * all. */
#include "tests/unit/sql/tree_text.h"
#include "src/base/buf.h"
#include <string.h>

static const char *const kinds[] = {
	[SQL_COLUMN] = "column", [SQL_STAR] = "*", [SQL_PARAM] = "$", [SQL_CONST] = "const",
	[SQL_CALL] = "call", [SQL_CAST] = "cast", [SQL_AND] = "and", [SQL_OR] = "or",
	[SQL_NOT] = "not", [SQL_IS_NULL] = "is-null", [SQL_IS_NOT_NULL] = "is-not-null",
	[SQL_IS_TRUE] = "is-true", [SQL_IS_NOT_TRUE] = "is-not-true", [SQL_IS_FALSE] = "is-false",
	[SQL_IS_NOT_FALSE] = "is-not-false", [SQL_IS_UNKNOWN] = "is-unknown",
	[SQL_IS_NOT_UNKNOWN] = "is-not-unknown", [SQL_DISTINCT_FROM] = "distinct-from",
	[SQL_NOT_DISTINCT_FROM] = "not-distinct-from", [SQL_BETWEEN] = "between",
	[SQL_CASE] = "case", [SQL_COALESCE] = "coalesce", [SQL_NULLIF] = "nullif",
	[SQL_GREATEST] = "greatest", [SQL_LEAST] = "least", [SQL_IN_LIST] = "in",
	[SQL_IN_ROWS] = "in-rows", [SQL_IN_SELECT] = "in-select", [SQL_EXISTS] = "exists",
	[SQL_SCALAR] = "scalar", [SQL_ARRAY_SELECT] = "array-select", [SQL_QUANTIFIED] = "quantified",
	[SQL_ROW] = "row", [SQL_ARRAY] = "array", [SQL_SUBSCRIPT] = "subscript",
	[SQL_COLLATE] = "collate", [SQL_EXCLUDED] = "excluded", [SQL_DEFAULT] = "default",
	[SQL_GROUPING] = "grouping"
};

static const char *const types[] = {
	"unknown", "bool", "int2", "int4", "int8", "float4", "float8", "numeric", "text", "bytea",
	"uuid", "jsonb", "date", "time", "timestamp", "timestamptz", "interval", "enum", "tsvector",
	"tsquery"
};

static void put_expr(amph_buf *b, const sql_expr *e);
static void put_select(amph_buf *b, const sql_select *s);
static void put_stmt(amph_buf *b, const sql_stmt *s);

static void put_type(amph_buf *b, const amph_sqltype *t, const char *name)
{
	amph__buf_puts(b, name ? name : types[t->type & ~AMPH_T_ARRAY]);
	if (t->length || t->scale)
		amph__buf_printf(b, "(%d,%d)", t->length, t->scale);
	if (t->type & AMPH_T_ARRAY)
		amph__buf_puts(b, "[]");
}

static void put_label(amph_buf *b, const char *label, const sql_expr *e)
{
	if (!e)
		return;
	amph__buf_printf(b, " %s ", label);
	put_expr(b, e);
}

static void put_list(amph_buf *b, const char *label, const sql_list *list)
{
	if (!list->n)
		return;
	amph__buf_printf(b, " %s", label);
	for (size_t i = 0; i < list->n; i++) {
		amph__buf_putc(b, ' ');
		put_expr(b, list->items[i]);
	}
}

static void put_names(amph_buf *b, const char *label, const char *const *names)
{
	if (!names)
		return;
	amph__buf_printf(b, " %s", label);
	for (; *names; names++)
		amph__buf_printf(b, " %s", *names);
}

static void put_order(amph_buf *b, const char *label, const sql_order *o)
{
	static const char *const nulls[] = { "", " nulls-first", " nulls-last" };

	if (!o)
		return;
	amph__buf_printf(b, " %s", label);
	for (; o; o = o->next) {
		amph__buf_putc(b, ' ');
		put_expr(b, o->expr);
		amph__buf_puts(b, o->direction == SQL_DESC ? " desc" : "");
		amph__buf_puts(b, nulls[o->nulls]);
	}
}

static void put_bound(amph_buf *b, sql_bound_kind bound, const sql_expr *offset)
{
	static const char *const bounds[] = { "first", "preceding", "current", "following", "last" };

	amph__buf_printf(b, " %s", bounds[bound]);
	if (offset) {
		amph__buf_putc(b, ':');
		put_expr(b, offset);
	}
}

static void put_window(amph_buf *b, const sql_window *w)
{
	static const char *const units[] = { "", " rows", " range", " groups" };
	static const char *const excludes[] = { "", " -current", " -group", " -ties" };

	amph__buf_printf(b, "{%s", w->name ? w->name : "");
	put_list(b, "partition", &w->partition);
	put_order(b, "order", w->order);
	amph__buf_puts(b, units[w->unit]);
	if (w->unit) {
		put_bound(b, w->start, w->start_offset);
		put_bound(b, w->end, w->end_offset);
	}
	amph__buf_printf(b, "%s}", excludes[w->exclude]);
}

static void put_flags(amph_buf *b, const sql_expr *e)
{
	amph__buf_puts(b, e->negated ? " negated" : "");
	amph__buf_puts(b, e->distinct ? " distinct" : "");
	amph__buf_puts(b, e->all ? " all" : "");
	amph__buf_puts(b, e->within_group ? " within-group" : "");
}

static void put_head(amph_buf *b, const sql_expr *e)
{
	switch (e->kind) {
	case SQL_CALL:
		amph__buf_printf(b, "%s%s", e->name, e->is_operator ? "" : "()");
		break;
	case SQL_CAST:
		amph__buf_puts(b, e->explicit_cast ? "cast " : "implicit ");
		put_type(b, &e->type, e->name);
		break;
	case SQL_QUANTIFIED:
		amph__buf_printf(b, "quantified %s", e->name);
		break;
	case SQL_COLLATE:
		amph__buf_printf(b, "collate %s", e->text);
		break;
	default:
		amph__buf_puts(b, kinds[e->kind]);
	}
}

static bool put_leaf(amph_buf *b, const sql_expr *e)
{
	switch (e->kind) {
	case SQL_COLUMN:
		amph__buf_printf(b, "%s%s%s", e->range ? e->range : "", e->range ? "." : "", e->name);
		return true;
	case SQL_STAR:
		amph__buf_printf(b, "%s%s*", e->range ? e->range : "", e->range ? "." : "");
		return true;
	case SQL_PARAM:
		amph__buf_printf(b, "$%zu", e->param + 1);
		return true;
	case SQL_CONST:
		amph__buf_printf(b, "%s%s%s:", e->text ? "'" : "", e->text ? e->text : "NULL",
				 e->text ? "'" : "");
		put_type(b, &e->type, NULL);
		return true;
	case SQL_EXCLUDED:
		amph__buf_printf(b, "excluded.%s", e->name);
		return true;
	default:
		return false;
	}
}

static void put_expr(amph_buf *b, const sql_expr *e)
{
	if (!e) {
		amph__buf_puts(b, "?");
		return;
	}
	if (put_leaf(b, e))
		return;
	amph__buf_putc(b, '(');
	put_head(b, e);
	put_flags(b, e);
	put_label(b, "of", e->operand);
	for (size_t i = 0; i < e->args.n; i++) {
		amph__buf_putc(b, ' ');
		if (e->arg_names && e->arg_names[i])
			amph__buf_printf(b, "%s=>", e->arg_names[i]);
		put_expr(b, e->args.items[i]);
	}
	put_order(b, "order", e->order);
	put_label(b, "filter", e->filter);
	if (e->over) {
		amph__buf_puts(b, " over ");
		put_window(b, e->over);
	}
	if (e->select) {
		amph__buf_putc(b, ' ');
		put_select(b, e->select);
	}
	amph__buf_putc(b, ')');
}

static void put_range(amph_buf *b, const sql_range *r)
{
	static const char *const joins[] = { "inner", "left", "right", "full", "cross" };

	amph__buf_puts(b, r->lateral ? "lateral " : "");
	switch (r->kind) {
	case SQL_JOIN:
		amph__buf_printf(b, "(%s%s ", r->natural ? "natural-" : "", joins[r->join]);
		put_range(b, r->left);
		amph__buf_putc(b, ' ');
		put_range(b, r->right);
		put_label(b, "on", r->on);
		put_names(b, "using", r->using_columns);
		amph__buf_putc(b, ')');
		break;
	case SQL_SUBQUERY:
		put_select(b, r->select);
		break;
	case SQL_FUNCTION:
		put_expr(b, r->function);
		break;
	default:
		amph__buf_printf(b, "%s%s%s", r->schema ? r->schema : "", r->schema ? "." : "", r->name);
	}
	amph__buf_puts(b, r->with_ordinality ? " ordinality" : "");
	if (r->alias)
		amph__buf_printf(b, " as %s", r->alias);
	put_names(b, "columns", r->column_aliases);
}

static void put_from(amph_buf *b, const char *label, const sql_range *r)
{
	if (!r)
		return;
	amph__buf_printf(b, " %s", label);
	for (; r; r = r->next) {
		amph__buf_putc(b, ' ');
		put_range(b, r);
		amph__buf_puts(b, r->next ? "," : "");
	}
}

static void put_with(amph_buf *b, const sql_cte *c, bool recursive)
{
	if (!c)
		return;
	amph__buf_puts(b, recursive ? "with-recursive" : "with");
	for (; c; c = c->next) {
		amph__buf_printf(b, " %s", c->name);
		put_names(b, "columns", c->column_names);
		amph__buf_printf(b, "%s ", c->materialized ? c->materialized > 0
				 ? " materialized" : " not-materialized" : "");
		put_stmt(b, c->stmt);
	}
	amph__buf_putc(b, ' ');
}

static void put_targets(amph_buf *b, const char *label, const sql_target *t)
{
	if (!t)
		return;
	amph__buf_puts(b, label);
	for (; t; t = t->next) {
		amph__buf_putc(b, ' ');
		put_expr(b, t->expr);
		if (t->name)
			amph__buf_printf(b, " as %s", t->name);
	}
}

static void put_lock(amph_buf *b, const sql_select *s)
{
	static const char *const locks[] = { "", " for-share", " for-update" };
	static const char *const waits[] = { "", " nowait", " skip" };

	amph__buf_printf(b, "%s%s", locks[s->lock], waits[s->lock_wait]);
	if (s->lock_of)
		amph__buf_printf(b, " of %s", s->lock_of);
}

static void put_body(amph_buf *b, const sql_select *s)
{
	static const char *const ops[] = { "", "union", "intersect", "except" };

	if (s->set_op) {
		amph__buf_printf(b, "%s%s ", ops[s->set_op], s->set_all ? "-all" : "");
		put_select(b, s->left);
		amph__buf_putc(b, ' ');
		put_select(b, s->right);
	}
	for (size_t i = 0; i < s->n_values; i++)
		put_list(b, i ? "," : "values", &s->values[i]);
	put_targets(b, s->distinct ? "select-distinct" : "select", s->targets);
	put_list(b, "distinct-on", &s->distinct_on);
	put_from(b, "from", s->from);
	put_label(b, "where", s->where);
	put_list(b, "group", &s->group_by);
	put_label(b, "having", s->having);
	for (const sql_window *w = s->windows; w; w = w->next) {
		amph__buf_puts(b, " window ");
		put_window(b, w);
	}
}

static void put_select(amph_buf *b, const sql_select *s)
{
	amph__buf_putc(b, '[');
	put_with(b, s->with, s->with_recursive);
	put_body(b, s);
	put_order(b, "order", s->order);
	put_label(b, "limit", s->limit);
	amph__buf_puts(b, s->with_ties ? " with-ties" : "");
	put_label(b, "offset", s->offset);
	put_lock(b, s);
	amph__buf_putc(b, ']');
}

static void put_set(amph_buf *b, const sql_assign *a)
{
	if (a)
		amph__buf_puts(b, " set");
	for (; a; a = a->next) {
		amph__buf_printf(b, " %s=", a->column);
		put_expr(b, a->value);
	}
}

static void put_conflict(amph_buf *b, const sql_conflict *c)
{
	if (!c)
		return;
	amph__buf_puts(b, " conflict");
	put_names(b, "on", c->columns);
	if (c->constraint)
		amph__buf_printf(b, " constraint %s", c->constraint);
	put_label(b, "columns-where", c->columns_where);
	put_set(b, c->set);
	put_label(b, "where", c->where);
}

static void put_stmt(amph_buf *b, const sql_stmt *s)
{
	static const char *const names[] = {
		[SQL_STMT_INSERT] = "insert", [SQL_STMT_UPDATE] = "update", [SQL_STMT_DELETE] = "delete"
	};

	if (s->kind == SQL_STMT_SELECT) {
		put_select(b, s->select);
		return;
	}
	amph__buf_putc(b, '[');
	put_with(b, s->with, s->with_recursive);
	amph__buf_printf(b, "%s ", names[s->kind]);
	put_range(b, s->target);
	put_names(b, "columns", s->columns);
	amph__buf_puts(b, s->overriding_system ? " overriding-system" : "");
	if (s->select) {
		amph__buf_putc(b, ' ');
		put_select(b, s->select);
	}
	put_conflict(b, s->conflict);
	put_set(b, s->set);
	put_from(b, "from", s->from);
	put_label(b, "where", s->where);
	put_targets(b, " returning", s->returning);
	amph__buf_putc(b, ']');
}

char *tree_text_expr(const sql_expr *e)
{
	amph_buf b;

	amph__buf_init(&b, &amph__libc_allocator);
	put_expr(&b, e);
	return b.text;
}

char *tree_text_stmt(const sql_stmt *s)
{
	amph_buf b;

	amph__buf_init(&b, &amph__libc_allocator);
	put_stmt(&b, s);
	return b.text;
}
