/* The condition that a row comes after an object, in an order of columns. */
#include "lower.h"

typedef struct page_column {
	const amph_mapped_column *column;
	unsigned flags;
	size_t param;                   /* of those that are not NULL */
} page_column;

typedef struct page {
	amph_lowerer *l;
	size_t range, n;
	page_column *columns;
} page;

static sql_expr *column_of(const page *p, size_t i)
{
	return amph__lower_column(p->l, p->range, p->columns[i].column->number);
}

static sql_expr *value_of(const page *p, size_t i)
{
	amph_sqltype type = p->columns[i].column->type;

	type.nullable = true;
	type.length = type.scale = 0;
	return sql_param(p->l->arena, p->columns[i].param, type);
}

static sql_expr *test(const page *p, size_t i, sql_kind kind)
{
	sql_expr *e = sql_new(p->l->arena, kind, 1);

	if (e)
		e->args.items[0] = column_of(p, i);
	return e;
}

static const char *beyond(const page *p, size_t i)
{
	return p->columns[i].flags & KEY_PAGE_DESC ? "<" : ">";
}

static sql_expr *equals(const page *p, size_t i)
{
	if (p->columns[i].flags & KEY_PAGE_AT_NULL)
		return test(p, i, SQL_IS_NULL);
	return sql_op(p->l->arena, "=", column_of(p, i), value_of(p, i));
}

static sql_expr *either(const page *p, sql_expr *a, sql_expr *b)
{
	sql_expr *e = a && b ? sql_new(p->l->arena, SQL_OR, 2) : NULL;

	if (!a)
		return b;
	if (e) {
		e->args.items[0] = a;
		e->args.items[1] = b;
	}
	return e;
}

/* NULL: nothing comes after in this column. */
static sql_expr *comes_after(const page *p, size_t i)
{
	unsigned flags = p->columns[i].flags;
	bool first = flags & KEY_PAGE_NULLS_FIRST;
	sql_expr *e;

	if (flags & KEY_PAGE_AT_NULL)
		return first ? test(p, i, SQL_IS_NOT_NULL) : NULL;
	e = sql_op(p->l->arena, beyond(p, i), column_of(p, i), value_of(p, i));
	if (first || !p->columns[i].column->type.nullable)
		return e;
	return either(p, e, test(p, i, SQL_IS_NULL));
}

/* Columns without NULLs, in one direction, are compared as rows are, which an index serves. */
static bool is_row(const page *p)
{
	for (size_t i = 0; i < p->n; i++) {
		if (p->columns[i].column->type.nullable ||
		    (p->columns[i].flags ^ p->columns[0].flags) & KEY_PAGE_DESC)
			return false;
	}
	return true;
}

static sql_expr *compare_rows(const page *p)
{
	sql_expr *left = sql_new(p->l->arena, SQL_ROW, p->n);
	sql_expr *right = sql_new(p->l->arena, SQL_ROW, p->n);

	if (!left || !right)
		return NULL;
	for (size_t i = 0; i < p->n; i++) {
		left->args.items[i] = column_of(p, i);
		right->args.items[i] = value_of(p, i);
	}
	return p->n == 1 ? sql_op(p->l->arena, beyond(p, 0), left->args.items[0], right->args.items[0]) :
			   sql_op(p->l->arena, beyond(p, 0), left, right);
}

/* Equal in the first columns, and after in the next. */
static sql_expr *compare_columns(const page *p)
{
	sql_expr *any = NULL;

	for (size_t i = 0; i < p->n; i++) {
		sql_expr *e = comes_after(p, i), *equal = NULL;
		if (!e)
			continue;
		for (size_t k = 0; k < i; k++)
			equal = sql_and(p->l->arena, equal, equals(p, k));
		any = either(p, any, equal ? sql_and(p->l->arena, equal, e) : e);
	}
	return any;
}

sql_expr *amph__lower_page(amph_lowerer *l, size_t range)
{
	const amph_mapper *m = l->ranges[range].mapper;
	page p = { .l = l, .range = range, .n = key_get_number(&l->key) };

	if (p.n > m->n_columns + m->n_hybrids) {
		l->key.bad = true;
		return NULL;
	}
	p.columns = AMPH_NEWS(l->arena, page_column, p.n + 1);
	for (size_t i = 0; p.columns && i < p.n; i++) {
		size_t number = key_get_number(&l->key);
		if (number >= m->n_columns + m->n_hybrids) {
			l->key.bad = true;
			return NULL;
		}
		const amph_mapped_column *column = number < m->n_columns ? &m->columns[number]
									 : &m->hybrids[number - m->n_columns];
		p.columns[i] = (page_column){ column, key_get(&l->key), l->n_params };
		if (!(p.columns[i].flags & KEY_PAGE_AT_NULL)) {
			amph_sqltype type = column->type;
			type.nullable = true;
			type.length = type.scale = 0;
			amph__lower_param(l, type);
		}
	}
	if (!p.columns || !p.n)
		return NULL;
	return is_row(&p) ? compare_rows(&p) : compare_columns(&p);
}
