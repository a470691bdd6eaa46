/* What PostgreSQL's planner knows of constants before a statement runs: a division of constants by zero
 * is an error though there may be no row, and what is NULL or decided whatever its other operands say
 * is not computed. For databases that compute what they come to. */
#include "resolve.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define REAL_EXACT ((int64_t)1 << 24)  /* whole numbers below it are what they are as real, too */

typedef struct folder {
	amph_arena *arena;
	amph_error *err;
	const sql_select *whole;        /* the statement's query; NULL: it has none */
	unsigned quiet;                 /* in what may not be computed by PostgreSQL either */
	bool failed;
} folder;

/* What is known of an expression. */
typedef struct fact {
	bool constant, null;
	bool valued;                    /* a whole number or a truth value: n */
	int64_t n;
} fact;

static fact fold(folder *f, sql_expr *e);
static void fold_select(folder *f, const sql_select *s, bool targets);

static fact constant_null(void)
{
	return (fact){ .constant = true, .null = true };
}

static fact constant_of(int64_t n)
{
	return (fact){ .constant = true, .valued = true, .n = n };
}

static bool is_true(fact x)
{
	return x.valued && x.n;
}

static bool is_false(fact x)
{
	return x.valued && !x.n;
}

/* A constant whose value is not known here, nor whether it is NULL: what depends on it may go either
 * way. */
static bool is_unclear(fact x)
{
	return x.constant && !x.null && !x.valued;
}

static bool is_integer(int type)
{
	return type >= AMPH_T_INT16 && type <= AMPH_T_INT64;
}

static bool is_real(int type)
{
	return type == AMPH_T_FLOAT || type == AMPH_T_DOUBLE;
}

static bool is_number(int type)
{
	return type >= AMPH_T_INT16 && type <= AMPH_T_NUMERIC;
}

static fact fail(folder *f, const char *sqlstate, const char *message)
{
	if (!f->quiet && !f->failed) {
		amph__error(f->err, sqlstate, "%s", message);
		f->failed = true;
	}
	return (fact){ .constant = true };
}

static bool find_aggregate(void *ctx, sql_expr *e)
{
	bool *found = ctx;

	*found |= e->kind == SQL_CALL && e->row && e->row->kind == AMPH_CAT_AGGREGATE;
	return !*found && (e->select || amph__expr_children(e, find_aggregate, ctx));
}

/* With an aggregate a query gives one row: it stays, whatever becomes of it. */
static bool counts(sql_expr *e)
{
	bool found = false;

	find_aggregate(&found, e);
	return found;
}

static fact become_null(sql_expr *e)
{
	const amph_sqltype type = e->type;
	int location = e->location;

	if (counts(e))
		return constant_null();
	*e = (sql_expr){ .kind = SQL_CONST, .location = location, .type = type };
	e->type.nullable = true;
	return constant_null();
}

static fact become_truth(sql_expr *e, fact x)
{
	int location = e->location;

	if (x.null)
		return become_null(e);
	if (e->kind != SQL_CONST && !counts(e))
		*e = (sql_expr){ .kind = SQL_CONST, .location = location, .text = x.n ? "true" : "false",
				 .type = { .type = AMPH_T_BOOL } };
	return x;
}

static fact fold_const(const sql_expr *e)
{
	fact out = { .constant = true, .null = !e->text };
	char *end;

	if (out.null)
		return out;
	if (e->type.type == AMPH_T_BOOL)
		return constant_of(*e->text == 't');
	errno = 0;
	out.n = strtoll(e->text, &end, 10);
	if (*end == '.' && e->type.type == AMPH_T_NUMERIC)
		end += 1 + strspn(end + 1, "0");
	out.valued = is_number(e->type.type) && !errno && end != e->text && !*end &&
		     (!is_real(e->type.type) || (out.n > -REAL_EXACT && out.n < REAL_EXACT));
	return out;
}

/* ---- calls ---- */

static fact in_range(folder *f, int type, bool overflow, int64_t n)
{
	if (type == AMPH_T_INT16 && (overflow || n != (int16_t)n))
		return fail(f, "22003", "smallint out of range");
	if (type == AMPH_T_INT32 && (overflow || n != (int32_t)n))
		return fail(f, "22003", "integer out of range");
	return overflow ? fail(f, "22003", "bigint out of range") : constant_of(n);
}

static fact calculate(folder *f, const sql_expr *e, fact a, fact b)
{
	int64_t n = 0;
	bool overflow = false;

	switch (*e->row->name) {
	case '+': overflow = __builtin_add_overflow(a.n, b.n, &n); break;
	case '-': overflow = __builtin_sub_overflow(a.n, b.n, &n); break;
	case '*': overflow = __builtin_mul_overflow(a.n, b.n, &n); break;
	case '/':
		overflow = b.n == -1 && a.n == INT64_MIN;
		n = overflow ? 0 : a.n / b.n;
		break;
	default: n = b.n == -1 ? 0 : a.n % b.n;
	}
	return in_range(f, e->type.type, overflow, n);
}

static fact compare(const char *op, fact a, fact b)
{
	int order = (a.n > b.n) - (a.n < b.n);

	if (!strcmp(op, "="))
		return constant_of(order == 0);
	if (!strcmp(op, "<>"))
		return constant_of(order != 0);
	if (*op == '<')
		return constant_of(op[1] ? order <= 0 : order < 0);
	return constant_of(op[1] ? order >= 0 : order > 0);
}

static bool compares(const amph_catalog_row *row)
{
	static const char *const ops[] = { "=", "<>", "<", "<=", ">", ">=" };

	for (size_t i = 0; i < sizeof(ops) / sizeof(ops[0]); i++)
		if (!strcmp(ops[i], row->name))
			return true;
	return false;
}

/* NaN may be divided by zero. */
static bool may_be_nan(const sql_expr *e, fact x)
{
	while (e->kind == SQL_CAST)
		e = e->args.items[0];
	bool written = e->kind == SQL_CONST && e->text;
	return !x.valued && !is_integer(e->type.type) &&
	       !(written && e->text[strspn(e->text, " +-.0123456789eE")] == '\0');
}

static bool divides_by_zero(const sql_expr *e, const fact *x)
{
	const char *op = e->row->name;

	return (!strcmp(op, "/") || !strcmp(op, "%")) && is_number(e->type.type) && e->args.n == 2 &&
	       x[1].valued && !x[1].n && !may_be_nan(e->args.items[0], x[0]);
}

/* Of constants none of which is NULL. */
static fact evaluate(folder *f, const sql_expr *e, const fact *x)
{
	const char *op = e->row->name;
	bool valued = e->args.n && x[0].valued && (e->args.n < 2 || x[1].valued);

	if (valued && e->args.n == 1 && is_integer(e->type.type) && !strcmp(op, "abs") && x[0].n != INT64_MIN)
		return constant_of(x[0].n < 0 ? -x[0].n : x[0].n);
	if (e->row->kind != AMPH_CAT_OPERATOR || e->args.n > 2)
		return (fact){ .constant = true };
	if (divides_by_zero(e, x))
		return fail(f, "22012", "division by zero");
	if (valued && e->args.n == 2 && compares(e->row))
		return compare(op, x[0], x[1]);
	if (!valued || !is_integer(e->type.type) || strlen(op) != 1 || !strchr("+-*/%", *op))
		return (fact){ .constant = true };
	if (e->args.n == 2)
		return calculate(f, e, x[0], x[1]);
	return *op == '-' ? in_range(f, e->type.type, x[0].n == INT64_MIN, x[0].n == INT64_MIN ? 0 : -x[0].n)
			  : x[0];
}

static bool is_plain_call(const sql_expr *e)
{
	return e->row && (e->row->kind == AMPH_CAT_OPERATOR || e->row->kind == AMPH_CAT_FUNCTION) &&
	       !e->over && e->type.type != AMPH_T_RECORD;
}

static void fold_list(folder *f, const sql_list *list)
{
	for (size_t i = 0; i < list->n; i++)
		if (list->items[i])
			fold(f, list->items[i]);
}

static fact fold_call(folder *f, sql_expr *e)
{
	fact x[2] = { { .constant = true }, { .constant = true } };
	bool constant = true, null = false;

	for (size_t i = 0; i < e->args.n; i++) {
		fact a = fold(f, e->args.items[i]);

		constant &= a.constant;
		null |= a.null;
		if (i < 2)
			x[i] = a;
	}
	for (sql_order *o = e->order; o; o = o->next)
		fold(f, o->expr);
	if (e->filter)
		fold(f, e->filter);
	if (!is_plain_call(e))
		return (fact){ .constant = false };
	if (null && !(e->row->flags & AMPH_CAT_NULL_SAFE))
		return become_null(e);
	if (!constant || e->row->flags & (AMPH_CAT_VOLATILE | AMPH_CAT_STABLE))
		return (fact){ .constant = false };
	return null ? (fact){ .constant = true } : evaluate(f, e, x);
}

static fact fold_cast(folder *f, sql_expr *e)
{
	fact x = fold(f, e->args.items[0]);

	if (x.null)
		return become_null(e);
	if (!is_number(e->type.type) || is_real(e->type.type) ||
	    (is_integer(e->type.type) && x.valued && x.n != (int16_t)x.n))
		x.valued = false;
	return x;
}

/* ---- truth ---- */

/* AND until one is false, OR until one is true. */
static fact fold_junction(folder *f, sql_expr *e)
{
	bool all = e->kind == SQL_AND, null = false, open = false;
	unsigned quiet = f->quiet;

	for (size_t i = 0; i < e->args.n; i++) {
		fact x = fold(f, e->args.items[i]);

		if (all ? is_false(x) : is_true(x)) {
			f->quiet = quiet;
			return become_truth(e, x);
		}
		f->quiet += is_unclear(x);
		null |= x.null;
		open |= !x.constant || is_unclear(x);
	}
	f->quiet = quiet;
	if (open)
		return (fact){ .constant = false };
	return become_truth(e, null ? constant_null() : constant_of(all));
}

static fact fold_not(folder *f, sql_expr *e)
{
	fact x = fold(f, e->args.items[0]);

	if (x.null || x.valued)
		return become_truth(e, x.null ? x : constant_of(!x.n));
	return x;
}

static fact fold_null_test(folder *f, sql_expr *e)
{
	fact x = fold(f, e->args.items[0]);

	if ((!x.null && !x.valued) || e->args.items[0]->type.type == AMPH_T_RECORD)
		return (fact){ .constant = x.constant };
	return become_truth(e, constant_of(x.null == (e->kind == SQL_IS_NULL)));
}

static fact compare_facts(const char *op, fact a, fact b)
{
	if (a.null || b.null)
		return constant_null();
	if (a.valued && b.valued)
		return compare(op, a, b);
	return (fact){ .constant = a.constant && b.constant };
}

static fact fold_between(folder *f, sql_expr *e)
{
	fact x = fold(f, e->args.items[0]), low = fold(f, e->args.items[1]), high, first, second;
	bool negated = e->negated;

	first = compare_facts(negated ? "<" : ">=", x, low);
	if (negated ? is_true(first) : is_false(first))
		return become_truth(e, first);
	f->quiet += is_unclear(first);
	high = fold(f, e->args.items[2]);
	f->quiet -= is_unclear(first);
	second = compare_facts(negated ? ">" : "<=", x, high);
	if (negated ? is_true(second) : is_false(second))
		return become_truth(e, second);
	if ((!first.null && !first.valued) || (!second.null && !second.valued))
		return (fact){ .constant = false };
	return become_truth(e, first.null || second.null ? constant_null() : constant_of(!negated));
}

static fact fold_in_list(folder *f, sql_expr *e)
{
	fact left = fold(f, e->args.items[0]);
	bool null = left.null, found = false, open = !left.null && !left.valued;

	for (size_t i = 1; i < e->args.n; i++) {
		fact x = fold(f, e->args.items[i]);

		null |= x.null;
		open |= !left.null && !x.null && !x.valued;
		found |= left.valued && x.valued && left.n == x.n;
	}
	if (open)
		return (fact){ .constant = false };
	if (!found && null)
		return become_truth(e, constant_null());
	return become_truth(e, constant_of(found != e->negated));
}

/* ---- choices ---- */

static fact become_other(folder *f, sql_expr *e, const sql_expr *other)
{
	const amph_sqltype type = e->type;

	*e = *other;
	if (e->kind == SQL_CONST)
		e->type = type;
	return fold(f, e);
}

/* The truth of a branch's condition; with an operand it is to be equal. */
static fact fold_condition(folder *f, const sql_expr *e, fact operand, sql_expr *when)
{
	fact x = fold(f, when);

	return e->operand ? compare_facts("=", operand, x) : x;
}

static fact fold_case(folder *f, sql_expr *e)
{
	fact operand = e->operand ? fold(f, e->operand) : (fact){ .constant = false };
	size_t n = e->args.n & ~(size_t)1, kept = 0;
	unsigned quiet = f->quiet;
	sql_expr *otherwise = e->args.n & 1 ? e->args.items[n] : NULL;
	sql_list left = { AMPH_NEWS(f->arena, sql_expr *, e->args.n + 1), 0 };
	bool stays = counts(e);

	if (!left.items)
		return (fact){ .constant = false };

	for (size_t i = 0; i < n; i += 2) {
		fact x = fold_condition(f, e, operand, e->args.items[i]);

		if (x.null || is_false(x))
			continue;
		if (is_true(x)) {
			otherwise = e->args.items[i + 1];
			break;
		}
		f->quiet += is_unclear(x);
		fold(f, e->args.items[i + 1]);
		left.items[kept++] = e->args.items[i];
		left.items[kept++] = e->args.items[i + 1];
	}
	if (!kept && otherwise) {
		f->quiet = quiet;
		return stays ? fold(f, otherwise) : become_other(f, e, otherwise);
	}
	if (otherwise) {
		fold(f, otherwise);
		left.items[kept] = otherwise;
	}
	f->quiet = quiet;
	left.n = kept + (otherwise != NULL);
	if (!kept)
		return become_null(e);
	if (!stays)
		e->args = left;
	return (fact){ .constant = false };
}

static fact fold_coalesce(folder *f, sql_expr *e)
{
	size_t kept = 0;
	sql_list left = { AMPH_NEWS(f->arena, sql_expr *, e->args.n + 1), 0 };
	bool stays = counts(e);
	unsigned quiet = f->quiet;
	fact x = { .constant = false };

	for (size_t i = 0; left.items && i < e->args.n && !x.valued; i++) {
		x = fold(f, e->args.items[i]);
		if (!x.null)
			left.items[kept++] = e->args.items[i];
		f->quiet += is_unclear(x);
	}
	f->quiet = quiet;
	left.n = kept;
	if (!left.items || (stays && kept))
		return kept == 1 ? x : (fact){ .constant = false };
	if (!kept)
		return become_null(e);
	e->args = left;
	return kept == 1 ? become_other(f, e, e->args.items[0]) : (fact){ .constant = false };
}

static fact fold_nullif(folder *f, sql_expr *e)
{
	fact a = fold(f, e->args.items[0]), b = fold(f, e->args.items[1]);

	if (a.null || b.null)
		return a;
	if (a.valued && b.valued)
		return a.n == b.n ? become_null(e) : a;
	return (fact){ .constant = a.constant && b.constant };
}

/* Rows and arrays and whatever else: their parts alone. */
static fact fold_parts(folder *f, sql_expr *e)
{
	fold_list(f, &e->args);
	if (e->operand)
		fold(f, e->operand);
	return (fact){ .constant = false };
}

static fact fold_collate(folder *f, sql_expr *e)
{
	return fold(f, e->args.items[0]);
}

static fact fold(folder *f, sql_expr *e)
{
	static fact (*const kinds[])(folder *, sql_expr *) = {
		[SQL_CALL] = fold_call, [SQL_CAST] = fold_cast, [SQL_AND] = fold_junction,
		[SQL_OR] = fold_junction, [SQL_NOT] = fold_not, [SQL_IS_NULL] = fold_null_test,
		[SQL_IS_NOT_NULL] = fold_null_test, [SQL_BETWEEN] = fold_between, [SQL_CASE] = fold_case,
		[SQL_COALESCE] = fold_coalesce, [SQL_NULLIF] = fold_nullif,
		[SQL_IN_LIST] = fold_in_list, [SQL_COLLATE] = fold_collate
	};

	if (f->failed)
		return (fact){ .constant = false };
	if (e->kind == SQL_CONST)
		return fold_const(e);
	if ((size_t)e->kind < sizeof(kinds) / sizeof(kinds[0]) && kinds[e->kind])
		return kinds[e->kind](f, e);
	return fold_parts(f, e);
}

/* ---- queries ---- */

/* Queries within what is left. */
static bool fold_within(void *ctx, sql_expr *e)
{
	folder *f = ctx;

	if (e->select) {
		fold_select(f, e->select, e->kind != SQL_EXISTS);
		for (size_t i = 0; i < e->args.n; i++)
			fold_within(f, e->args.items[i]);
		return !f->failed;
	}
	return amph__expr_children(e, fold_within, f) && !f->failed;
}

static void fold_root(folder *f, sql_expr *e)
{
	if (!e || f->failed)
		return;
	fold(f, e);
	fold_within(f, e);
}

static void fold_roots(folder *f, const sql_list *list)
{
	for (size_t i = 0; i < list->n; i++)
		fold_root(f, list->items[i]);
}

static void fold_targets(folder *f, const sql_target *t)
{
	for (; t; t = t->next)
		fold_root(f, t->expr);
}

/* ---- output columns that nobody reads: PostgreSQL does not even look at them ---- */

typedef struct reading {
	const sql_range *range;         /* whose columns, or NULL: ... */
	const char *name;               /* ... those of a WITH query */
	size_t column;
	bool found;
} reading;

static bool find_reading(void *ctx, sql_expr *e)
{
	reading *r = ctx;

	r->found |= e->kind == SQL_COLUMN && e->source && e->column == r->column &&
		    (r->range ? e->source == r->range
			      : e->source->kind == SQL_CTE && !strcmp(e->source->name, r->name));
	return !r->found && amph__expr_children(e, find_reading, r);
}

static bool fails(folder *f, const sql_expr *e)
{
	sql_expr copy = *e;
	amph_error err;
	folder probe = { .arena = f->arena, .err = &err };

	if (e->kind != SQL_CALL && e->kind != SQL_CAST)
		return false;
	copy.args.items = amph__arena_copy(f->arena, e->args.items, e->args.n * sizeof(*e->args.items));
	if (copy.args.items)
		fold(&probe, &copy);
	return probe.failed;
}

/* Columns of s that fail and that nobody reads become NULL. */
static void leave_out(folder *f, const sql_select *s, reading r)
{
	if (!f->whole || s->set_op != SQL_SET_NONE || s->distinct || s->distinct_on.n)
		return;
	for (sql_target *t = s->targets; t; t = t->next, r.column++) {
		r.found = false;
		if (!fails(f, t->expr) || counts(t->expr))
			continue;
		amph__select_exprs(f->whole, find_reading, &r);
		if (!r.found)
			become_null(t->expr);
	}
}

static void fold_range(folder *f, const sql_range *r)
{
	if (!r)
		return;
	if (r->select && r->kind == SQL_SUBQUERY)
		leave_out(f, r->select, (reading){ .range = r });
	fold_root(f, r->function);
	fold_roots(f, &r->others);
	fold_root(f, r->on);
	if (r->select && r->kind == SQL_SUBQUERY)
		fold_select(f, r->select, false);
	fold_range(f, r->left);
	fold_range(f, r->right);
}

/* targets: they are computed in any case. */
static void fold_select(folder *f, const sql_select *s, bool targets)
{
	if (f->failed)
		return;
	for (const sql_cte *c = s->with; c; c = c->next)
		if (c->stmt->kind == SQL_STMT_SELECT && c->stmt->select)
			leave_out(f, c->stmt->select, (reading){ .name = c->name });
	f->quiet += !targets;
	fold_targets(f, s->targets);
	for (size_t i = 0; i < s->n_values; i++)
		fold_roots(f, &s->values[i]);
	f->quiet -= !targets;
	for (const sql_range *r = s->from; r; r = r->next)
		fold_range(f, r);
	fold_root(f, s->where);
	fold_root(f, s->having);
	fold_root(f, s->limit);
	fold_root(f, s->offset);
	for (sql_order *o = s->order; o; o = o->next)
		fold_root(f, o->expr);
	if (s->set_op != SQL_SET_NONE) {
		fold_select(f, s->left, targets);
		fold_select(f, s->right, targets);
	}
}

bool amph__fold(amph_arena *arena, sql_stmt *stmt, amph_error *err)
{
	folder f = { .arena = arena, .err = err,
		     .whole = stmt->kind == SQL_STMT_SELECT ? stmt->select : NULL };

	if (stmt->kind > SQL_STMT_DELETE)
		return true;
	if (stmt->select)
		fold_select(&f, stmt->select, true);
	for (sql_assign *a = stmt->set; a; a = a->next)
		fold_root(&f, a->value);
	for (const sql_range *r = stmt->from; r; r = r->next)
		fold_range(&f, r);
	fold_root(&f, stmt->where);
	fold_targets(&f, stmt->returning);
	return !f.failed;
}
