/* Operators, functions and casts as text: by the dialect's spelling, or as PostgreSQL's own. */
#include "../names.h"
#include "../walk.h"
#include "write.h"
#include <string.h>

amph_use amph__use_of(const char *op)
{
	bool ordered = op[0] == '<' ? op[1] != '>' : op[0] == '>';

	return ordered ? AMPH_USE_ORDER : AMPH_USE_EQUAL;
}

/* How the arguments of a call are compared; false: they are not. */
static bool compares(const sql_expr *e, amph_use *use)
{
	uint16_t flags = e->row ? e->row->flags : 0;

	*use = AMPH_USE_EQUAL;
	if (e->is_operator && amph__is_comparison(e->name))
		*use = amph__use_of(e->name);
	else if (flags & AMPH_CAT_ORDERS)
		*use = AMPH_USE_ORDER;
	else
		return (flags & AMPH_CAT_COMPARES) != 0;
	return true;
}

static void write_infix(amph_writer *w, const sql_expr *e)
{
	amph_use use;
	bool operands = compares(e, &use);

	amph_write_text(w, "(");
	for (size_t i = 0; i < e->args.n; i++) {
		if (i || e->args.n == 1)
			amph_write_format(w, i ? " %s " : "%s ", e->name);
		if (operands)
			amph__write_operand(w, e->args.items[i], use);
		else
			amph_write_expr(w, e->args.items[i]);
	}
	amph_write_text(w, ")");
}

static void write_arguments(amph_writer *w, const sql_expr *e)
{
	amph_use use;
	bool operands = compares(e, &use) || e->distinct;

	if (e->distinct && e->order)
		use = AMPH_USE_ORDER;   /* the keys must be among the arguments, as they are written */
	if (e->distinct)
		amph_write_text(w, "DISTINCT ");
	for (size_t i = 0; i < e->args.n; i++) {
		if (i)
			amph_write_text(w, ", ");
		if (e->distinct)
			amph__write_check_order(w, e->args.items[i], "an equality operator");
		if (e->variadic && i + 1 == e->args.n)
			amph_write_text(w, "VARIADIC ");
		if (operands)
			amph__write_operand(w, e->args.items[i], use);
		else
			amph_write_expr(w, e->args.items[i]);
	}
}

/* FILTER, OVER, ORDER BY of aggregates stand outside or inside of the parentheses of a call. */
static void write_aggregate_tail(amph_writer *w, const sql_expr *e)
{
	if (e->filter) {
		amph_write_text(w, " FILTER (WHERE ");
		amph_write_expr(w, e->filter);
		amph_write_text(w, ")");
	}
	if (e->over) {
		amph_write_text(w, " OVER ");
		amph__write_window(w, e->over);
	}
}

/* Functions with a grammar of their own, to which a plain call has to quote their names. */
static bool is_syntax(const char *name)
{
	static const char *const names[] = { "extract", "normalize", "overlay", "position" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcmp(names[i], name))
			return true;
	return false;
}

static void write_function(amph_writer *w, const sql_expr *e, const char *name)
{
	if (is_syntax(name))
		amph_write_name(w, name);
	else
		amph_write_text(w, name);
	amph_write_text(w, "(");
	write_arguments(w, e);
	if (e->order && !e->within_group) {
		amph_write_text(w, " ORDER BY ");
		amph__write_order(w, e->order);
	}
	amph_write_text(w, ")");
	if (e->order && e->within_group) {
		amph_write_text(w, " WITHIN GROUP (ORDER BY ");
		amph__write_order(w, e->order);
		amph_write_text(w, ")");
	}
	write_aggregate_tail(w, e);
}

/* SQLite's own max and min leave FILTER out of account where the frame of their window moves. */
static bool forgets_filter(const sql_expr *e, const char *text)
{
	return e->over && e->filter && (!strncmp(text, "max(", 4) || !strncmp(text, "min(", 4));
}

/* The function that a spelling of the form "()" or "name($*)" or "name($1, $2)" calls: where an
 * aggregate has DISTINCT or an order, its arguments are written here, not by the template. */
static void write_spelled(amph_writer *w, const sql_expr *e, const char *text)
{
	amph_template t = { .args = &e->args, .impl = e->row->impl, .type = &e->type, .op = e->name };
	size_t name_len = strcspn(text, "(");
	const char *name;

	t.compares = compares(e, &t.use);
	if (e->args.n > 0 && t.compares)
		t.type = &e->args.items[0]->type;
	if (!e->distinct) {
		amph__write_template(w, text, &t);
		write_aggregate_tail(w, e);
		return;
	}
	name = name_len ? amph__arena_text(w->arena, text, name_len)
			: amph__arena_printf(w->arena, "%s%s", w->dialect->function_prefix,
					     e->row->impl);
	if (name)
		write_function(w, e, name);
}

/* NULL, which they pass over, in place of what the filter leaves out. */
static void write_unfiltered(amph_writer *w, const sql_expr *e, const char *text)
{
	sql_expr *branch[] = { e->filter, e->args.items[0] };
	sql_expr kept = { .kind = SQL_CASE, .location = -1, .type = branch[1]->type, .args = { branch, 2 } };
	sql_expr *arg = &kept, plain = *e;

	plain.args.items = &arg;
	plain.filter = NULL;
	write_spelled(w, &plain, text);
}

static void write_row_comparison(amph_writer *w, const sql_expr *e)
{
	amph_write_text(w, "(");
	for (size_t i = 0; i < 2; i++) {
		const sql_expr *side = e->args.items[i];

		if (i)
			amph_write_format(w, " %s ", e->name);
		if (side->kind != SQL_ROW) {
			amph_write_expr(w, side);
			continue;
		}
		amph_write_text(w, "(");
		for (size_t k = 0; k < side->args.n; k++) {
			if (k)
				amph_write_text(w, ", ");
			amph__write_operand(w, side->args.items[k], amph__use_of(e->name));
		}
		amph_write_text(w, ")");
	}
	amph_write_text(w, ")");
}

static void write_plain_call(amph_writer *w, const sql_expr *e)
{
	const char *schema, *object;

	if (e->is_operator) {
		write_infix(w, e);
	} else if (amph__own_name(w->arena, e->name, &schema, &object)) {
		amph__write_object(w, schema, object);
		amph_write_text(w, "(");
		write_arguments(w, e);
		amph_write_text(w, ")");
	} else {
		write_function(w, e, e->name);
	}
}

static void refuse_call(amph_writer *w, const sql_expr *e)
{
	amph_write_refuse(w, e->location,
			  amph__arena_printf(w->arena, "%s \"%s\"%s%s%s",
					     e->is_operator ? "Operator" : "Function", e->name,
					     e->row ? " (" : "", e->row ? e->row->impl : "",
					     e->row ? ")" : ""));
}

/* A call with VARIADIC has a spelling of its own. */
static const char *find_spelling(amph_writer *w, const sql_expr *e, bool *listed)
{
	const char *impl = e->row ? e->row->impl : NULL;

	if (impl && e->variadic)
		impl = amph__arena_printf(w->arena, "%s_variadic", impl);
	return impl ? amph__spelling_find(w->dialect, impl, listed) : NULL;
}

/* int4eq(a, b) is a = b. */
static void write_as_operator(amph_writer *w, const sql_expr *e)
{
	sql_expr operator = *e;

	operator.name = e->row->name;
	operator.is_operator = true;
	write_plain_call(w, &operator);
}

/* Among no rows one that is only supposed is the first. */
static void write_sorted(amph_writer *w, const sql_expr *e, const char *text)
{
	bool supposed = e->within_group && (e->row->flags & AMPH_CAT_VARIADIC);

	if (supposed)
		amph_write_text(w, "coalesce(");
	amph__write_sorted_call(w, e, text);
	write_aggregate_tail(w, e);
	if (supposed)
		amph_write_text(w, !strcmp(e->name, "percent_rank") ? ", 0)" : ", 1)");
}

static void write_call_inner(amph_writer *w, const sql_expr *e)
{
	bool listed = false;
	const char *text = find_spelling(w, e, &listed);

	if (e->is_operator && e->args.n == 2 && amph__is_comparison(e->name) &&
	    e->args.items[0]->kind == SQL_ROW) {
		write_row_comparison(w, e);
		return;
	}
	if (amph__write_sequence_call(w, e))
		return;
	if (text && amph__write_is_sorted_call(w, e)) {
		write_sorted(w, e, text);
		return;
	}
	if (text && forgets_filter(e, text))
		write_unfiltered(w, e, text);
	else if (text)
		write_spelled(w, e, text);
	else if (listed)
		refuse_call(w, e);
	else if (!amph__dialect_has(w, AMPH_DIALECT_LISTED_ONLY) ||
		 (e->is_operator && e->args.n == 2 && amph__is_comparison(e->name)))
		write_plain_call(w, e);
	else if (!e->is_operator && e->row && e->row->kind == AMPH_CAT_OPERATOR && e->args.n == 2 &&
		 amph__is_comparison(e->row->name))
		write_as_operator(w, e);
	else
		refuse_call(w, e);
}

void amph__write_table_call(amph_writer *w, const sql_expr *e)
{
	if (!w->failed)
		write_call_inner(w, e);
}

/* Where sets are tables only, one that has not become a table cannot stand here. */
static bool is_set_column(amph_writer *w, const sql_expr *e)
{
	if (!e->row || e->row->kind != AMPH_CAT_SET ||
	    !amph__dialect_has(w, AMPH_DIALECT_NUMBERED_COLUMNS))
		return false;
	for (size_t i = 0; w->set_calls && i < w->set_calls->n; i++)
		if (amph__expr_equal(e, w->set_calls->items[i])) {
			amph_write_format(w, "\"set\".\"c%zu\"", i);
			return true;
		}
	amph_write_refuse(w, e->location, "A function that returns a set here");
	return true;
}

void amph__write_call(amph_writer *w, const sql_expr *e)
{
	if (is_set_column(w, e))
		return;
	if (e->negated)
		amph_write_text(w, "(NOT ");
	write_call_inner(w, e);
	if (e->negated)
		amph_write_text(w, ")");
}

const char *amph__cast_find(const amph_dialect *d, int from, int to)
{
	bool from_array = from & AMPH_T_ARRAY, to_array = to & AMPH_T_ARRAY;

	/* rows for arrays have the array bit and no element */
	for (int pass = 0; pass < 2; pass++) {
		for (size_t i = 0; i < d->n_casts; i++)
			if (d->casts[i].from == from && d->casts[i].to == to)
				return d->casts[i].text;
		from = from_array ? AMPH_T_ARRAY : from;
		to = to_array ? AMPH_T_ARRAY : to;
	}
	return NULL;
}

/* What amph__coerce_stored puts around a float. */
static bool is_stored(const sql_expr *e)
{
	return !e->explicit_cast && e->args.items[0]->type.type == e->type.type &&
	       (e->type.type == AMPH_T_FLOAT || e->type.type == AMPH_T_DOUBLE);
}

/* PostgreSQL's own cast. An assignment to varchar(n) or numeric(p,s) has no length: written out,
 * the length would cut a text that the column has to refuse. */
static void write_native_cast(amph_writer *w, const sql_expr *e)
{
	const char *schema, *object;

	if (is_stored(e)) {
		amph_write_expr(w, e->args.items[0]);
		return;
	}
	amph_write_text(w, "(");
	amph_write_expr(w, e->args.items[0]);
	amph_write_text(w, "::");
	if (e->type.type == AMPH_T_NONE && e->name && amph__own_name(w->arena, e->name, &schema, &object))
		amph__write_object(w, schema, object);
	else
		amph__write_type(w, &e->type, e->explicit_cast);
	amph_write_text(w, ")");
}

/* First to the type, then to its length. */
static void write_cast_in_two(amph_writer *w, const sql_expr *e)
{
	sql_expr inner = *e, outer = *e;
	sql_expr *arg = &inner;

	inner.type.length = 0;
	inner.type.scale = 0;
	outer.args.items = &arg;
	amph_write_expr(w, &outer);
}

/* What brings a value to the length of its type, where it is not the cast of the type to itself. */
static const char *fitting_name(const amph_sqltype *type)
{
	bool padded = type->scale == 1;

	if (type->type == AMPH_T_TEXT)
		return padded ? "bpchar" : NULL;
	if (!(type->type & AMPH_T_ARRAY) || type->length <= 0)
		return NULL;
	if ((type->type & ~AMPH_T_ARRAY) == AMPH_T_NUMERIC)
		return "array_numeric";
	return padded ? "array_bpchar" : "array_varchar";
}

void amph__write_cast(amph_writer *w, const sql_expr *e)
{
	const sql_expr *from = e->args.items[0];
	amph_template t = { .args = &e->args, .type = &e->type, .impl = "cast",
			    .explicit_cast = e->explicit_cast };
	const char *text;

	if (from->kind == SQL_CONST && from->type.type == AMPH_T_NONE && e->type.type != AMPH_T_NONE &&
	    e->type.length <= 0) {
		amph__write_value(w, from->text, &e->type);
		return;
	}
	if (!w->dialect->casts) {
		write_native_cast(w, e);
		return;
	}
	if (e->type.length > 0 && from->type.type != e->type.type &&
	    from->type.type != AMPH_T_NONE) {
		write_cast_in_two(w, e);
		return;
	}
	if (e->type.type == AMPH_T_NONE && e->name) {
		amph_write_refuse(w, e->location, amph__arena_printf(w->arena, "The type \"%s\"", e->name));
		return;
	}
	if (from->type.type == AMPH_T_NONE && (from->kind == SQL_CALL || from->kind == SQL_CAST)) {
		amph_write_expr(w, from);       /* it is refused by its name */
		return;
	}
	text = amph__cast_find(w->dialect, from->type.type, e->type.type);
	if (from->type.type == e->type.type && e->type.length <= 0 && (!text || !is_stored(e)) &&
	    !amph__unpads(&from->type, &e->type)) {
		amph_write_expr(w, from);
		return;
	}
	if (text && fitting_name(&e->type)) {
		bool listed;

		text = amph__spelling_find(w->dialect, fitting_name(&e->type), &listed);
	}
	if (text)
		amph__write_template(w, text, &t);
	else
		amph_write_refuse(w, e->location, "This cast");
}
