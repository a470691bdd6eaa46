/* Expressions as text: a table of one function for each kind of node. */
#include "write.h"
#include <string.h>

bool amph__write_form(amph_writer *w, const char *key, const amph_template *t, int location,
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
	if (amph__write_form(w, greatest ? "greatest" : "least", &t, e->location,
		       greatest ? "GREATEST" : "LEAST"))
		return;
	for (size_t i = 0; i < e->args.n; i++) {
		amph_write_text(w, i ? ", " : greatest ? "GREATEST(" : "LEAST(");
		amph__write_operand(w, e->args.items[i], AMPH_USE_ORDER);
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

	if (amph__write_form(w, nested ? "array_nested" : "array", &t, e->location, "ARRAY"))
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

	if (amph__write_form(w, key, &t, e->location, "A subscript"))
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
	[SQL_IN_LIST] = amph__write_in_list, [SQL_IN_ROWS] = amph__write_in_rows,
	[SQL_IN_SELECT] = amph__write_in_select, [SQL_EXISTS] = amph__write_exists,
	[SQL_SCALAR] = amph__write_scalar, [SQL_ARRAY_SELECT] = amph__write_array_select,
	[SQL_QUANTIFIED] = amph__write_quantified, [SQL_ROW] = write_row, [SQL_ARRAY] = write_array,
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
