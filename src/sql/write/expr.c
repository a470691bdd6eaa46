/* Expressions as text: a table of one function for each kind of node. */
#include "../names.h"
#include "../../model/value.h"
#include "write.h"
#include <string.h>

/* The spelling of a form that is no function; false where the dialect has none of its own. */
static bool write_form(amph_writer *w, const char *key, const amph_template *t, int location,
		       const char *construct)
{
	bool listed;
	const char *text = amph__spelling_find(w->dialect, key, &listed);

	if (text)
		amph__write_template(w, text, t);
	else if (listed || amph__dialect_has(w, AMPH_DIALECT_LISTED_ONLY))
		amph_write_refuse(w, location, construct);
	else
		return false;
	return true;
}

/* varchar(n) as text, as it is compared: the server takes the two for different keys of DISTINCT. */
void amph__write_operand(amph_writer *w, const sql_expr *e, amph_use use)
{
	const amph_sqltype *type = amph_expr_type(e);
	amph_sqltype plain = *type;
	bool text = (type->type & ~(AMPH_T_NULLABLE | AMPH_T_ARRAY)) == AMPH_T_TEXT;

	if (w->failed)
		return;
	if (w->dialect->write_operand) {
		w->dialect->write_operand(w, e, use);
	} else if (w->dialect->text_collation && text && use != AMPH_USE_EQUAL) {
		amph_write_text(w, "(");
		amph_write_expr(w, e);
		if (type->length) {
			plain.length = 0;
			amph_write_text(w, "::");
			amph_write_type(w, &plain);
		}
		amph_write_text(w, " COLLATE ");
		amph_write_name(w, w->dialect->text_collation);
		amph_write_text(w, ")");
	} else {
		amph_write_expr(w, e);
	}
}

bool amph_expr_inherits(const sql_expr *e, bool (*is)(const amph_sqltype *type))
{
	if (e->kind == SQL_COLUMN)
		return e->source && e->source->kind != SQL_TABLE;
	for (size_t i = 0; i < e->args.n; i++)
		if (is(&e->args.items[i]->type) || amph_expr_inherits(e->args.items[i], is))
			return true;
	return e->operand && (is(&e->operand->type) || amph_expr_inherits(e->operand, is));
}

/* ---- names and values ---- */

static const char *column_name(const sql_expr *e)
{
	const sql_range *r = e->source;

	if (r && r->kind == SQL_TABLE && r->table && e->column < r->table->n_columns)
		return r->table->columns[e->column].name;
	if (r && r->names && e->column < r->n_columns)
		return r->names[e->column];
	return e->name;
}

static void write_column(amph_writer *w, const sql_expr *e)
{
	const sql_range *r = e->source;
	const char *alias = e->range;

	if (r)
		alias = r->alias || r->kind != SQL_TABLE ? r->alias : r->name;
	if (w->bare_columns && w->returns && w->stmt && w->stmt->target && r && r != w->stmt->target &&
	    (r->kind != SQL_SUBQUERY || amph__is_joined(w->stmt, r))) {
		amph__write_joined(w, e);
		return;
	}
	/* in a subquery there */
	if (w->returns && w->stmt && r && r == w->stmt->target && r->table)
		alias = r->table->name;
	if (alias && !w->bare_columns) {
		amph_write_name(w, alias);
		amph_write_text(w, ".");
	}
	if (r && (r->kind == SQL_ROWS || r->kind == SQL_FUNCTION ||
		  (r->kind == SQL_SUBQUERY && r->lateral)) &&
	    amph__dialect_has(w, AMPH_DIALECT_NUMBERED_COLUMNS))
		amph_write_format(w, "\"c%zu\"", e->column);
	else
		amph_write_name(w, column_name(e));
}

static void write_star(amph_writer *w, const sql_expr *e)
{
	if (e->range && !w->bare_columns) {
		amph_write_name(w, e->range);
		amph_write_text(w, ".");
	}
	amph_write_text(w, "*");
}

static void write_param(amph_writer *w, const sql_expr *e)
{
	amph_write_placeholder(w, e->param, 0);
}

static bool is_plain_integer(const char *text)
{
	size_t n = strspn(text, "0123456789");

	return n > 0 && !text[n];
}

/* PostgreSQL's form: every constant has its type, so that no overload is chosen anew. */
static void write_typed_const(amph_writer *w, const char *text, const amph_sqltype *type)
{
	if (text && type->type == AMPH_T_BOOL && (!strcmp(text, "true") || !strcmp(text, "t"))) {
		amph_write_text(w, "TRUE");
	} else if (text && type->type == AMPH_T_BOOL &&
		   (!strcmp(text, "false") || !strcmp(text, "f"))) {
		amph_write_text(w, "FALSE");
	} else if (text && type->type == AMPH_T_INT32 && is_plain_integer(text)) {
		amph_write_text(w, text);
	} else {
		amph_write_text(w, "(");
		if (text)
			amph_write_literal(w, text);
		else
			amph_write_text(w, "NULL");
		/* others are known by the function whose argument they are */
		if (type->type != AMPH_T_NONE && (type->type & ~AMPH_T_ARRAY) < AMPH_T_COUNT) {
			amph_write_text(w, "::");
			amph__write_type(w, type, false);
		}
		amph_write_text(w, ")");
	}
}

void amph__write_value(amph_writer *w, const char *text, const amph_sqltype *type)
{
	if (w->failed)
		return;
	if (w->dialect->write_const)
		w->dialect->write_const(w, text, type);
	else
		write_typed_const(w, text, type);
}

static void write_const(amph_writer *w, const sql_expr *e)
{
	amph__write_value(w, e->text, &e->type);
}

static void write_excluded(amph_writer *w, const sql_expr *e)
{
	amph_write_text(w, "excluded.");
	amph_write_name(w, e->name);
}

static void write_default_word(amph_writer *w, const sql_expr *e)
{
	(void)e;
	amph_write_text(w, "DEFAULT");
}

/* ---- conditions ---- */

/* A chain of n conditions as a tree of log n levels: databases limit the depth. */
static void write_chain(amph_writer *w, sql_expr *const *items, size_t n, const char *op)
{
	if (n == 1) {
		amph_write_expr(w, items[0]);
		return;
	}
	amph_write_text(w, "(");
	write_chain(w, items, n / 2, op);
	amph_write_text(w, op);
	write_chain(w, items + n / 2, n - n / 2, op);
	amph_write_text(w, ")");
}

static void write_and(amph_writer *w, const sql_expr *e)
{
	if (e->args.n == 0)
		amph_write_text(w, "TRUE");
	else
		write_chain(w, e->args.items, e->args.n, " AND ");
}

static void write_or(amph_writer *w, const sql_expr *e)
{
	if (e->args.n == 0)
		amph_write_text(w, "FALSE");
	else
		write_chain(w, e->args.items, e->args.n, " OR ");
}

static void write_not(amph_writer *w, const sql_expr *e)
{
	amph_write_text(w, "(NOT ");
	amph_write_expr(w, e->args.items[0]);
	amph_write_text(w, ")");
}

static const char *test_words(sql_kind kind)
{
	switch (kind) {
	case SQL_IS_NULL:
	case SQL_IS_UNKNOWN:
		return " IS NULL";
	case SQL_IS_NOT_NULL:
	case SQL_IS_NOT_UNKNOWN:
		return " IS NOT NULL";
	case SQL_IS_TRUE:
		return " IS TRUE";
	case SQL_IS_NOT_TRUE:
		return " IS NOT TRUE";
	case SQL_IS_FALSE:
		return " IS FALSE";
	default:
		return " IS NOT FALSE";
	}
}

/* A row is NULL where all of its members are, and not NULL where none is. */
void amph_write_tested(amph_writer *w, const sql_expr *e)
{
	bool returned = w->returns && e->kind == SQL_COLUMN;

	amph_write_text(w, returned ? "likely(" : "");
	amph_write_expr(w, e);
	amph_write_text(w, returned ? ")" : "");
}

static void write_test(amph_writer *w, const sql_expr *e)
{
	const sql_expr *arg = e->args.items[0];
	bool row = arg->kind == SQL_ROW && arg->args.n > 0;

	amph_write_text(w, "(");
	for (size_t i = 0; i < (row ? arg->args.n : 1); i++) {
		if (i)
			amph_write_text(w, " AND ");
		amph_write_tested(w, row ? arg->args.items[i] : arg);
		amph_write_text(w, test_words(e->kind));
	}
	amph_write_text(w, ")");
}

static void write_distinct_from(amph_writer *w, const sql_expr *e)
{
	amph_write_text(w, "(");
	amph__write_operand(w, e->args.items[0], AMPH_USE_EQUAL);
	amph_write_text(w, e->kind == SQL_DISTINCT_FROM ? " IS DISTINCT FROM "
							: " IS NOT DISTINCT FROM ");
	amph__write_operand(w, e->args.items[1], AMPH_USE_EQUAL);
	amph_write_text(w, ")");
}

static void write_between(amph_writer *w, const sql_expr *e)
{
	amph_write_text(w, "(");
	amph__write_operand(w, e->args.items[0], AMPH_USE_ORDER);
	amph_write_text(w, e->negated ? " NOT BETWEEN " : " BETWEEN ");
	amph__write_operand(w, e->args.items[1], AMPH_USE_ORDER);
	amph_write_text(w, " AND ");
	amph__write_operand(w, e->args.items[2], AMPH_USE_ORDER);
	amph_write_text(w, ")");
}

static void write_case(amph_writer *w, const sql_expr *e)
{
	size_t i = 0;

	amph_write_text(w, "(CASE");
	if (e->operand) {
		amph_write_text(w, " ");
		amph__write_operand(w, e->operand, AMPH_USE_EQUAL);
	}
	for (; i + 1 < e->args.n; i += 2) {
		amph_write_text(w, " WHEN ");
		amph_write_expr(w, e->args.items[i]);
		amph_write_text(w, " THEN ");
		amph_write_expr(w, e->args.items[i + 1]);
	}
	if (i < e->args.n) {
		amph_write_text(w, " ELSE ");
		amph_write_expr(w, e->args.items[i]);
	}
	amph_write_text(w, " END)");
}

/* COALESCE of one value is that value; SQLite wants two. */
static void write_coalesce(amph_writer *w, const sql_expr *e)
{
	if (e->args.n == 1) {
		amph_write_expr(w, e->args.items[0]);
		return;
	}
	amph_write_text(w, "COALESCE(");
	amph__write_list(w, &e->args);
	amph_write_text(w, ")");
}

static void write_nullif(amph_writer *w, const sql_expr *e)
{
	amph_write_text(w, "NULLIF(");
	amph__write_operand(w, e->args.items[0], AMPH_USE_EQUAL);
	amph_write_text(w, ", ");
	amph_write_expr(w, e->args.items[1]);
	amph_write_text(w, ")");
}

static void write_extreme(amph_writer *w, const sql_expr *e)
{
	bool greatest = e->kind == SQL_GREATEST;
	const amph_template t = { .args = &e->args, .type = &e->type };

	amph__write_check_order(w, e, "a comparison function");
	if (write_form(w, greatest ? "greatest" : "least", &t, e->location,
		       greatest ? "GREATEST" : "LEAST"))
		return;
	for (size_t i = 0; i < e->args.n; i++) {
		amph_write_text(w, i ? ", " : greatest ? "GREATEST(" : "LEAST(");
		amph__write_operand(w, e->args.items[i], AMPH_USE_ORDER);
	}
	amph_write_text(w, ")");
}

/* ---- sets ---- */

static void write_left(amph_writer *w, const sql_expr *left)
{
	if (left->kind == SQL_ROW)
		amph_write_expr(w, left);
	else
		amph__write_operand(w, left, AMPH_USE_EQUAL);
}

static void write_in_list(amph_writer *w, const sql_expr *e)
{
	if (e->args.n == 1) {
		amph_write_text(w, e->negated ? "TRUE" : "FALSE");
		return;
	}
	amph_write_text(w, "(");
	write_left(w, e->args.items[0]);
	amph_write_text(w, e->negated ? " NOT IN (" : " IN (");
	for (size_t i = 1; i < e->args.n; i++) {
		if (i > 1)
			amph_write_text(w, ", ");
		amph_write_expr(w, e->args.items[i]);
	}
	amph_write_text(w, "))");
}

static void write_in_rows(amph_writer *w, const sql_expr *e)
{
	if (w->failed)
		return;
	if (w->dialect->write_in_rows) {
		w->dialect->write_in_rows(w, e->args.items[0], e->param, e->negated);
		return;
	}
	amph_write_text(w, "(");
	amph_write_expr(w, e->args.items[0]);
	amph_write_text(w, e->negated ? " <> ALL (" : " = ANY (");
	amph_write_placeholder(w, e->param, 0);
	amph_write_text(w, "))");
}

static void write_in_select(amph_writer *w, const sql_expr *e)
{
	amph_write_text(w, "(");
	write_left(w, e->args.items[0]);
	amph_write_text(w, e->negated ? " NOT IN " : " IN ");
	amph__write_subselect(w, e->select);
	amph_write_text(w, ")");
}

static void write_exists(amph_writer *w, const sql_expr *e)
{
	amph_write_text(w, e->negated ? "(NOT EXISTS " : "(EXISTS ");
	amph__write_subselect(w, e->select);
	amph_write_text(w, ")");
}

static bool is_one(const sql_expr *limit)
{
	return limit && limit->kind == SQL_CONST && limit->text &&
	       (!strcmp(limit->text, "0") || !strcmp(limit->text, "1"));
}

static bool has_aggregate(const sql_select *s)
{
	if (s->group_sets)
		return false;
	for (const sql_target *t = s->targets; t; t = t->next)
		if (t->expr && t->expr->kind == SQL_CALL && t->expr->row && !t->expr->over &&
		    t->expr->row->kind == AMPH_CAT_AGGREGATE)
			return true;
	return false;
}

/* Whether a query cannot give more than one row, whatever is in the tables. */
static bool is_single(const sql_select *s)
{
	if (is_one(s->limit) && !s->with_ties)
		return true;
	if (s->set_op != SQL_SET_NONE || s->group_by.n)
		return false;
	if (s->n_values)
		return s->n_values == 1;
	return has_aggregate(s);
}

/* Where the database takes the first of several rows, a function that refuses the second. */
static void write_scalar(amph_writer *w, const sql_expr *e)
{
	static const char *const name = "value";
	bool listed, bare = w->bare_columns;
	const char *single = amph__spelling_find(w->dialect, "single", &listed);

	if (!single || is_single(e->select)) {
		amph__write_subselect(w, e->select);
		return;
	}
	w->bare_columns = false;
	amph_write_format(w, "(SELECT %s(\"value\") FROM (", single);
	amph__write_select(w, e->select, &name, 1);
	amph_write_text(w, ") AS \"single\")");
	w->bare_columns = bare;
}

/* By an aggregate over the query, whose order it keeps. */
static void write_collected(amph_writer *w, const sql_expr *e)
{
	static const char *const name = "value";
	amph_sqltype element = e->type;
	bool bare = w->bare_columns;
	bool nested = e->select->n_columns && (e->select->columns[0].type.type & AMPH_T_ARRAY);

	element.type &= (uint8_t)~AMPH_T_ARRAY;
	w->bare_columns = false;
	amph_write_format(w, nested ? "COALESCE((SELECT %sarray_nest(" : "COALESCE((SELECT %sarray_agg(",
			  w->dialect->function_prefix);
	if (!nested) {
		amph_write_literal(w, amph__write_descriptor(w, &element));
		amph_write_text(w, ", ");
	}
	amph_write_text(w, "\"value\") FROM (");
	amph__write_select(w, e->select, &name, 1);
	amph_write_text(w, ") AS \"array\"), '{}')");
	w->bare_columns = bare;
}

static void write_array_select(amph_writer *w, const sql_expr *e)
{
	if (!amph__dialect_has(w, AMPH_DIALECT_ARRAYS)) {
		write_collected(w, e);
		return;
	}
	amph_write_text(w, "ARRAY");
	amph__write_subselect(w, e->select);
}

/* x = ANY (select) is x IN (select), x <> ALL (select) is x NOT IN (select). */
static bool write_quantified_in(amph_writer *w, const sql_expr *e)
{
	bool equal = !strcmp(e->name, "="), unequal = !strcmp(e->name, "<>");
	sql_expr in = { .kind = SQL_IN_SELECT, .location = e->location, .args = e->args,
			.select = e->select, .negated = unequal };

	if (!(equal && !e->all) && !(unequal && e->all))
		return false;
	write_in_select(w, &in);
	return true;
}

static void write_quantified(amph_writer *w, const sql_expr *e)
{
	const amph_template t = { .args = &e->args, .type = &e->args.items[0]->type, .op = e->name };

	if (e->select && write_quantified_in(w, e))
		return;
	if (e->select && !amph__dialect_has(w, AMPH_DIALECT_ARRAYS)) {
		amph__write_quantified_query(w, e);
		return;
	}
	if (!e->select && write_form(w, e->all ? "all" : "any", &t, e->location,
				     "ANY or ALL of an array"))
		return;
	amph_write_text(w, "(");
	amph__write_operand(w, e->args.items[0],
			    amph__is_comparison(e->name) ? amph__use_of(e->name) : AMPH_USE_EQUAL);
	amph_write_format(w, " %s %s ", e->name, e->all ? "ALL" : "ANY");
	if (e->select) {
		amph__write_subselect(w, e->select);
	} else {
		amph_write_text(w, "(");
		amph_write_expr(w, e->args.items[1]);
		amph_write_text(w, ")");
	}
	amph_write_text(w, ")");
}

/* ---- rows and arrays ---- */

static void write_row(amph_writer *w, const sql_expr *e)
{
	amph_write_text(w, e->args.n > 1 ? "(" : "ROW(");
	for (size_t i = 0; i < e->args.n; i++) {
		if (i)
			amph_write_text(w, ", ");
		amph__write_operand(w, e->args.items[i], AMPH_USE_EQUAL);
	}
	amph_write_text(w, ")");
}

static void write_array(amph_writer *w, const sql_expr *e)
{
	const amph_template t = { .args = &e->args, .type = &e->type };

	bool nested = e->args.n && (e->args.items[0]->type.type & AMPH_T_ARRAY) &&
		      !amph__dialect_has(w, AMPH_DIALECT_ARRAYS);

	if (write_form(w, nested ? "array_nested" : "array", &t, e->location, "ARRAY"))
		return;
	amph_write_text(w, "(ARRAY[");
	amph__write_list(w, &e->args);
	amph_write_text(w, "]::");
	amph__write_type(w, &e->type, false);
	amph_write_text(w, ")");
}

/* A limit of a slice that the parser has put in. */
static bool is_left_out(const sql_expr *e)
{
	return e->kind == SQL_CONST && e->location < 0 && e->text &&
	       (!strcmp(e->text, "2147483647") || !strcmp(e->text, "-2147483648"));
}

static void write_part(amph_writer *w, const sql_expr *e)
{
	if (amph__dialect_has(w, AMPH_DIALECT_ARRAYS)) {
		amph_write_refuse(w, e->location, "An assignment to a part of a column");
		return;
	}
	amph_write_text(w, w->dialect->function_prefix);
	amph_write_text(w, e->type.type == AMPH_T_JSON ? "jsonb_assign(" : "array_set(");
	if (e->type.type == AMPH_T_JSON) {
		amph_write_text(w, e->args.items[1]->type.type == AMPH_T_INT32 ? "'[]'" : "'{}'");
	} else {
		amph_write_literal(w, amph__write_descriptor(w, &e->type));
	}
	amph_write_text(w, ", ");
	amph_write_expr(w, e->operand);
	amph_write_text(w, ", ");
	amph_write_expr(w, e->args.items[0]);
	if (e->type.type != AMPH_T_JSON)
		amph_write_text(w, e->all ? ", 1" : ", 0");
	for (size_t i = 1; i < e->args.n; i++) {
		amph_write_text(w, ", ");
		if (e->all && is_left_out(e->args.items[i]))
			amph_write_text(w, "''");
		else
			amph_write_expr(w, e->args.items[i]);
	}
	amph_write_text(w, ")");
}

static void write_subscript(amph_writer *w, const sql_expr *e)
{
	bool slice = e->all;
	const amph_template t = { .args = &e->args, .type = &e->args.items[0]->type };

	if (e->operand) {
		write_part(w, e);
		return;
	}
	const char *key = slice ? "slice" : t.type->type == AMPH_T_JSON ? "jsonb_subscript" : "subscript";
	bool bare = e->args.items[0]->kind == SQL_COLUMN;

	if (write_form(w, key, &t, e->location, "A subscript"))
		return;
	amph_write_text(w, bare ? "(" : "((");
	amph_write_expr(w, e->args.items[0]);
	amph_write_text(w, bare ? "" : ")");
	for (size_t i = 1; i < e->args.n; i++) {
		amph_write_text(w, slice && i % 2 == 0 ? ":" : "[");
		amph_write_expr(w, e->args.items[i]);
		amph_write_text(w, slice && i % 2 ? "" : "]");
	}
	amph_write_text(w, ")");
}

static void write_collate(amph_writer *w, const sql_expr *e)
{
	if (amph__dialect_has(w, AMPH_DIALECT_COLLATIONS)) {
		amph_write_text(w, "(");
		amph_write_expr(w, e->args.items[0]);
		amph_write_text(w, " COLLATE ");
		amph_write_name(w, e->text);
		amph_write_text(w, ")");
	} else if (strcmp(e->text, "C") && strcmp(e->text, "POSIX") && strcmp(e->text, "default")) {
		amph_write_refuse(w, e->location, "COLLATE with another collation than \"C\"");
	} else {
		amph_write_expr(w, e->args.items[0]);
	}
}

static void (*const writers[])(amph_writer *w, const sql_expr *e) = {
	[SQL_COLUMN] = write_column, [SQL_STAR] = write_star, [SQL_PARAM] = write_param,
	[SQL_CONST] = write_const, [SQL_CALL] = amph__write_call, [SQL_CAST] = amph__write_cast,
	[SQL_AND] = write_and, [SQL_OR] = write_or, [SQL_NOT] = write_not,
	[SQL_IS_NULL] = write_test, [SQL_IS_NOT_NULL] = write_test, [SQL_IS_TRUE] = write_test,
	[SQL_IS_NOT_TRUE] = write_test, [SQL_IS_FALSE] = write_test,
	[SQL_IS_NOT_FALSE] = write_test, [SQL_IS_UNKNOWN] = write_test,
	[SQL_IS_NOT_UNKNOWN] = write_test, [SQL_DISTINCT_FROM] = write_distinct_from,
	[SQL_NOT_DISTINCT_FROM] = write_distinct_from, [SQL_BETWEEN] = write_between,
	[SQL_CASE] = write_case, [SQL_COALESCE] = write_coalesce, [SQL_NULLIF] = write_nullif,
	[SQL_GREATEST] = write_extreme, [SQL_LEAST] = write_extreme,
	[SQL_IN_LIST] = write_in_list, [SQL_IN_ROWS] = write_in_rows,
	[SQL_IN_SELECT] = write_in_select, [SQL_EXISTS] = write_exists,
	[SQL_SCALAR] = write_scalar, [SQL_ARRAY_SELECT] = write_array_select,
	[SQL_QUANTIFIED] = write_quantified, [SQL_ROW] = write_row, [SQL_ARRAY] = write_array,
	[SQL_SUBSCRIPT] = write_subscript, [SQL_COLLATE] = write_collate,
	[SQL_GROUPING] = amph__write_grouping, [SQL_EXCLUDED] = write_excluded,
	[SQL_DEFAULT] = write_default_word
};

void amph_write_expr(amph_writer *w, const sql_expr *e)
{
	if (w->failed)
		return;
	if (!e) {
		w->buf.failed = true;   /* of a failed allocation while the tree was made */
		return;
	}
	if (++w->depth > AMPH_WRITE_MAX_DEPTH) {
		w->failed = true;
		amph__error(w->err, "54001", "The expression is nested too deeply (limit %d)",
			    AMPH_WRITE_MAX_DEPTH);
		return;
	}
	if (!w->group_set || !amph__write_group_member(w, e))
		writers[e->kind](w, e);
	w->depth--;
}

/* ---- sort keys and windows ---- */

static void write_nulls(amph_writer *w, const sql_order *o)
{
	bool first = o->nulls == SQL_NULLS_DEFAULT ? o->direction == SQL_DESC
						   : o->nulls == SQL_NULLS_FIRST;

	if (o->nulls == SQL_NULLS_DEFAULT && !amph__dialect_has(w, AMPH_DIALECT_WRITE_NULLS))
		return;
	amph_write_text(w, first ? " NULLS FIRST" : " NULLS LAST");
}

/* A constant does not sort, and its text could be taken for the number of a column. */
static bool is_constant_key(const sql_expr *e)
{
	while (e && e->args.n == 1 &&
	       (e->kind == SQL_CAST || e->kind == SQL_COALESCE || (e->kind == SQL_CALL && e->is_operator)))
		e = e->args.items[0];
	return e && (e->kind == SQL_CONST || e->kind == SQL_PARAM);
}

void amph__write_check_order(amph_writer *w, const sql_expr *e, const char *what)
{
	int base = e->type.type & ~AMPH_T_ARRAY;
	amph_error err;
	char name[64];

	if (base != AMPH_T_PLAIN_JSON && base != AMPH_T_JSONPATH)
		return;
	amph__error(&err, "42883", "could not identify %s for type %s", what,
		    amph__type_name(e->type, name, sizeof(name)));
	amph_write_fail(w, &err);
}

void amph__write_order(amph_writer *w, const sql_order *order)
{
	for (const sql_order *o = order; o && !w->failed; o = o->next) {
		amph__write_check_order(w, o->expr, "an ordering operator");
		if (o != order)
			amph_write_text(w, ", ");
		if (is_constant_key(o->expr))
			amph_write_text(w, "(SELECT 0)");
		else
			amph__write_operand(w, o->expr, AMPH_USE_ORDER);
		if (o->direction == SQL_DESC)
			amph_write_text(w, " DESC");
		write_nulls(w, o);
	}
}

void amph__write_group_keys(amph_writer *w, const sql_list *keys)
{
	for (size_t i = 0; i < keys->n && !w->failed; i++) {
		amph__write_check_order(w, keys->items[i], "an equality operator");
		if (i)
			amph_write_text(w, ", ");
		if (is_constant_key(keys->items[i]))
			amph_write_text(w, "(SELECT 0)");
		else
			amph__write_operand(w, keys->items[i], AMPH_USE_EQUAL);
	}
}

static bool is_number(int type)
{
	return type >= AMPH_T_INT16 && type <= AMPH_T_DOUBLE;
}

/* A cast of a number that fits for sure: of four digits every one into every integer. */
static bool is_same_number(const sql_expr *e)
{
	const sql_expr *from = e->kind == SQL_CAST ? e->args.items[0] : e;

	if (from == e || e->type.type > AMPH_T_INT64 || !is_number(e->type.type) ||
	    !is_number(from->type.type) || from->type.type > AMPH_T_INT64)
		return false;
	return from->type.type <= e->type.type ||
	       (from->kind == SQL_CONST && from->text && strlen(from->text) <= 4);
}

/* Where functions are no constants, the offset is a number or a parameter, without its casts. */
static void write_offset(amph_writer *w, const sql_expr *e)
{
	if (amph__dialect_has(w, AMPH_DIALECT_NATIVE_TEXT)) {
		amph_write_expr(w, e);
		return;
	}
	while (is_same_number(e))
		e = e->args.items[0];
	if ((is_number(e->type.type) && e->kind == SQL_CONST) || e->kind == SQL_PARAM)
		amph_write_expr(w, e);
	else
		amph_write_refuse(w, e->location, is_number(e->type.type)
				  ? "An offset of a frame that is no plain number"
				  : "An offset of a frame in this type");
}

static void write_bound(amph_writer *w, sql_bound_kind kind, const sql_expr *offset)
{
	static const char *const words[] = {
		[SQL_UNBOUNDED_PRECEDING] = "UNBOUNDED PRECEDING", [SQL_PRECEDING] = " PRECEDING",
		[SQL_CURRENT_ROW] = "CURRENT ROW", [SQL_FOLLOWING] = " FOLLOWING",
		[SQL_UNBOUNDED_FOLLOWING] = "UNBOUNDED FOLLOWING"
	};

	if (kind == SQL_PRECEDING || kind == SQL_FOLLOWING)
		write_offset(w, offset);
	amph_write_text(w, words[kind]);
}

static void write_frame(amph_writer *w, const sql_window *window)
{
	static const char *const units[] = {
		[SQL_FRAME_NONE] = "", [SQL_FRAME_ROWS] = " ROWS", [SQL_FRAME_RANGE] = " RANGE",
		[SQL_FRAME_GROUPS] = " GROUPS"
	};
	static const char *const exclude[] = {
		[SQL_EXCLUDE_NONE] = "", [SQL_EXCLUDE_CURRENT] = " EXCLUDE CURRENT ROW",
		[SQL_EXCLUDE_GROUP] = " EXCLUDE GROUP", [SQL_EXCLUDE_TIES] = " EXCLUDE TIES"
	};

	if (window->unit == SQL_FRAME_NONE)
		return;
	amph_write_text(w, units[window->unit]);
	amph_write_text(w, " BETWEEN ");
	write_bound(w, window->start, window->start_offset);
	amph_write_text(w, " AND ");
	write_bound(w, window->end, window->end_offset);
	amph_write_text(w, exclude[window->exclude]);
}

void amph__write_window(amph_writer *w, const sql_window *window)
{
	bool plain = window->partition.n == 0 && !window->order && window->unit == SQL_FRAME_NONE;

	if (window->name && plain) {
		amph_write_name(w, window->name);
		return;
	}
	amph_write_text(w, "(");
	if (window->name) {
		amph_write_name(w, window->name);
		amph_write_text(w, " ");
	}
	if (window->partition.n) {
		amph_write_text(w, "PARTITION BY ");
		amph__write_group_keys(w, &window->partition);
	}
	if (window->order) {
		amph_write_text(w, window->partition.n ? " ORDER BY " : "ORDER BY ");
		amph__write_order(w, window->order);
	}
	write_frame(w, window);
	amph_write_text(w, ")");
}
