/* The key of an expression, and its values. */
#include "ops.h"
#include "shape.h"

static const amph_sqltype no_type = { .type = AMPH_T_NONE };

const amph_mapped_column *amph__shape_find_column(amph_shaper *w, const amph_node *node,
						  size_t *range)
{
	amph_query_buf *b = w->b;
	const amph_mapped_column *column;

	if (!node->of.model) {
		amph__error_misuse(w->err, "a value of C is no condition (.where = true): leave .where out "
				   "for all rows, or compare with a column");
		return NULL;
	}
	const char *name = node->of.model->name;
	for (size_t i = b->n_ranges; i-- > 0; ) {
		if (b->ranges[i].model != node->of.model)
			continue;
		column = amph__column_at(b->ranges[i].mapper, node->n);
		if (!column)
			amph__error(w->err, "42703", "\"%s%s%s\" is no column of the model", name,
				    node->v.s ? "." : "", node->v.s ? node->v.s : "");
		if (range)
			*range = i;
		return column;
	}
	/* a column of the base, of a model that is derived from it; an alias is of its own range only */
	const amph_model *own = node->of.model && !node->of.model->alias_of ? node->of.model : NULL;
	const amph_mapper *base = own ? amph__mapper_of(b->registry, own, NULL) : NULL;
	for (size_t i = b->n_ranges; base && i-- > 0; ) {
		if (b->ranges[i].model == b->ranges[i].mapper->model &&
		    amph__is_kind_of(b->ranges[i].mapper, base)) {
			if (range)
				*range = i;
			return amph__column_at(b->ranges[i].mapper, node->n);
		}
	}
	amph__error(w->err, "42P01", "\"%s\" is not in this query: join it", name);
	return NULL;
}

/* ---- types ---- */
static amph_sqltype of_type(unsigned type)
{
	return (amph_sqltype){ .type = (uint8_t)type };
}

static bool is_value(const amph_node *node)
{
	return node->op == AMPH_OP_VALUE || node->op == AMPH_OP_LIST;
}

/* What values among the arguments stand beside: the first that is none. */
static amph_sqltype type_of_args(amph_shaper *w, const amph_node *args, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (!is_value(&args[i]) && args[i].op != AMPH_OP_NONE)
			return amph__type_of(w, &args[i]);
	}
	return no_type;
}

static unsigned rank(unsigned type)
{
	return type == AMPH_T_INT16 ? 1 : type == AMPH_T_INT32 ? 2 : type == AMPH_T_INT64 ? 3 : 0;
}

/* Integers: the wider. A value is what a literal of it would be, integer or bigint. */
static amph_sqltype type_of_arithmetic(amph_shaper *w, const amph_node *node)
{
	amph_sqltype widest = { .type = AMPH_T_NONE };

	for (size_t i = 0; i < node->n; i++) {
		const amph_node *arg = &node->args[i];
		amph_sqltype type = amph__type_of(w, arg);
		if (is_value(arg) && type.type == AMPH_T_INT64 && arg->v.i >= INT32_MIN &&
		    arg->v.i <= INT32_MAX)
			type.type = AMPH_T_INT32;
		if (!rank(type.type))
			return of_type(node->type == AMPH_T_INT64 ? AMPH_T_NONE : node->type);
		if (rank(type.type) > rank(widest.type))
			widest = type;
	}
	return widest;
}

static amph_sqltype type_of_total(amph_shaper *w, const amph_node *node)
{
	amph_sqltype arg = type_of_args(w, node->args, node->n);

	if (node->op == AMPH_OP_SUM) {
		if (arg.type == AMPH_T_INT64)
			return of_type(AMPH_T_NUMERIC);
		return rank(arg.type) ? of_type(AMPH_T_INT64) : of_type(arg.type);
	}
	if (rank(arg.type))
		return of_type(AMPH_T_NUMERIC);
	return arg.type == AMPH_T_FLOAT ? of_type(AMPH_T_DOUBLE) : of_type(arg.type);
}

/* The column, also of a table that the query around does not have. */
static const amph_mapped_column *column_of(amph_shaper *w, const amph_node *node)
{
	const amph_mapper *m = NULL;

	for (size_t i = w->b->n_ranges; i-- > 0 && !m; ) {
		if (w->b->ranges[i].model == node->of.model)
			m = w->b->ranges[i].mapper;
	}
	if (!m && node->of.model && (node->of.model->table || node->of.model->alias_of))
		m = amph__mapper_of(w->b->registry, node->of.model, NULL);
	const amph_mapped_column *column = m ? amph__column_at(m, node->n) : NULL;
	return !m || column ? column : amph__hybrid_at(m, node->n);
}

/* The first result that is no value says it. */
static amph_sqltype type_of_case(amph_shaper *w, const amph_node *node)
{
	for (size_t i = 0; i < node->n; i++) {
		bool result = i % 2 || (node->n % 2 && i + 1 == node->n);
		if (result && !is_value(&node->args[i]))
			return amph__type_of(w, &node->args[i]);
	}
	return no_type;
}

/* Of a function that returns an integer only the catalogue knows which. */
static amph_sqltype type_of_call(const amph_node *node)
{
	bool integer = node->type == AMPH_T_INT64 && node->op != AMPH_OP_COUNT_ALL;

	return of_type(integer || node->type == AMPH_T_ARRAY ? AMPH_T_NONE : node->type);
}

/* Of a list of labels: whose an element is. */
static amph_sqltype label_of(amph_shaper *w, const amph_node *args, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		amph_sqltype type = amph__type_of(w, &args[i]);

		if (type.type == (AMPH_T_ENUM | AMPH_T_ARRAY) && type.enumeration) {
			type.type = AMPH_T_ENUM;
			return type;
		}
	}
	return no_type;
}

amph_sqltype amph__type_of(amph_shaper *w, const amph_node *node)
{
	const amph_mapped_column *column;
	amph_sqltype type;

	if (node->op == AMPH_OP_COLUMN) {
		column = column_of(w, node);
		type = column ? column->type : no_type;
		type.length = type.scale = 0;
		return type;
	}
	if (is_value(node))
		return of_type(node->type);
	if (node->op == AMPH_OP_SELECT && amph__seal_holds(node))
		return amph__type_of(w, &((const amph_select *)(const void *)node->args)->value);
	/* What the seal does not vouch for is not followed; that is reported when it is written. */
	if (node->op >= AMPH_OP_LAST || node->n == 0 || !amph__seal_holds(node))
		return type_of_call(node);
	switch (node->op) {
	case AMPH_OP_ADD: case AMPH_OP_SUB: case AMPH_OP_MUL: case AMPH_OP_DIV: case AMPH_OP_MOD:
		return type_of_arithmetic(w, node);
	case AMPH_OP_COALESCE: case AMPH_OP_NULLIF: case AMPH_OP_GREATEST: case AMPH_OP_LEAST:
	case AMPH_OP_MIN: case AMPH_OP_MAX: case AMPH_OP_EXCLUDED:
		return type_of_args(w, node->args, node->n);
	case AMPH_OP_CASE:
		return type_of_case(w, node);
	case AMPH_OP_SUM: case AMPH_OP_AVG:
		return type_of_total(w, node);
	case AMPH_OP_DISTINCT: case AMPH_OP_FILTER: case AMPH_OP_AGG_ORDER: case AMPH_OP_OVER:
		return amph__type_of(w, &node->args[0]);
	case AMPH_OP_RAW:
		if (node->type == AMPH_T_ENUM && node->of.name && !strcmp(node->of.name, "($1)[$2]"))
			return label_of(w, node->args, 1);
		return type_of_call(node);
	case AMPH_OP_CALL: case AMPH_OP_WITHIN_GROUP:
		return type_of_call(node);
	default:
		type.type = amph__ops[node->op].type;
		return of_type(type.type ? type.type : node->type);
	}
}

/* ---- values ---- */
bool amph__shape_type(amph_shaper *w, const amph_sqltype *type)
{
	const amph_registry *r = w->b->registry;

	key_byte(&w->b->key, type->type);
	if ((type->type & ~AMPH_T_ARRAY) != AMPH_T_ENUM)
		return true;
	for (size_t i = 0; i < r->n_enums; i++) {
		if (r->enums[i] == type->enumeration) {
			key_number(&w->b->key, i);
			return true;
		}
	}
	return amph__error(w->err, "42704", "an enum type that is no model's");
}

static bool put_param(amph_shaper *w, unsigned kind, const amph_arg *arg, const amph_sqltype *type)
{
	key_byte(&w->b->key, kind);
	return amph__shape_type(w, type) && amph__bind_add(w->b, arg, w->err);
}

bool amph__shape_param(amph_shaper *w, const amph_arg *arg, const amph_sqltype *type)
{
	return put_param(w, KEY_PARAM, arg, type);
}

/* A text that becomes part of the statement. */
static bool put_constant(amph_shaper *w, const amph_node *node)
{
	if (node->type != AMPH_T_TEXT || !node->v.s)
		return amph__error_misuse(w->err, "a text that is part of the statement must not be NULL");
	key_byte(&w->b->key, KEY_TEXT);
	key_text(&w->b->key, node->v.s);
	return true;
}

static bool put_value(amph_shaper *w, const amph_node *node, const amph_sqltype *want)
{
	amph_sqltype type;
	amph_arg arg;

	if (node->type == AMPH_T_NONE) {
		key_byte(&w->b->key, KEY_NULL);
		return true;
	}
	if (node->flags & AMPH_NODE_CONSTANT)
		return put_constant(w, node);
	return amph__bind_value(w->b, node, want, &arg, &type, w->err) &&
	       put_param(w, KEY_PARAM, &arg, &type);
}

static bool put_list(amph_shaper *w, const amph_node *list, const amph_sqltype *want)
{
	amph_sqltype type;
	amph_arg arg;

	if (list->op != AMPH_OP_LIST)
		return amph__error_misuse(w->err, "IN needs a list of values");
	if (!amph__seal_holds(list))
		return amph__misuse_of_seal(w->err);
	if (!list->args && list->of.count)
		return amph__error_misuse(w->err, "a list of %zu values is NULL", (size_t)list->of.count);
	return amph__bind_list(w->b, list, want, &arg, &type, w->err) &&
	       put_param(w, KEY_LIST, &arg, &type);
}

/* A member that the model has an expression for; *range of those that have it. */
static const amph_mapped_column *find_hybrid(const amph_shaper *w, const amph_node *node, size_t *range)
{
	const amph_query_buf *b = w->b;

	for (*range = b->n_ranges; (*range)-- > 0; )
		if (b->ranges[*range].model == node->of.model)
			return amph__hybrid_at(b->ranges[*range].mapper, node->n);
	return NULL;
}

static bool put_column(amph_shaper *w, const amph_node *node)
{
	size_t range;
	const amph_mapped_column *column = find_hybrid(w, node, &range);

	if (!column)
		column = amph__shape_find_column(w, node, &range);
	if (!column)
		return false;
	key_byte(&w->b->key, AMPH_OP_COLUMN);
	key_number(&w->b->key, range);
	key_number(&w->b->key, column->number);
	return true;
}

static bool put_label(amph_shaper *w, const amph_node *node)
{
	key_byte(&w->b->key, AMPH_OP_LABEL);
	key_text(&w->b->key, node->of.name);
	return true;
}

/* ---- calls, by form ---- */
static bool put_args(amph_shaper *w, const amph_node *args, size_t n)
{
	amph_sqltype want = type_of_args(w, args, n);

	for (size_t i = 0; i < n; i++) {
		if (!amph__shape_expr(w, &args[i], &want))
			return false;
	}
	return true;
}

/* Values among the arguments have the types that literals of them would have. */
static bool put_literals(amph_shaper *w, const amph_node *args, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (!amph__shape_expr(w, &args[i], &no_type))
			return false;
	}
	return true;
}

static bool put_junction(amph_shaper *w, const amph_node *node)
{
	size_t n = 0;

	for (size_t i = 0; i < node->n; i++)
		n += node->args[i].op != AMPH_OP_NONE;
	key_number(&w->b->key, n);
	for (size_t i = 0; i < node->n; i++) {
		if (node->args[i].op != AMPH_OP_NONE && !amph__shape_expr(w, &node->args[i], &no_type))
			return false;
	}
	return true;
}

static bool put_in(amph_shaper *w, const amph_node *node)
{
	amph_sqltype want = amph__type_of(w, &node->args[0]);

	return amph__shape_expr(w, &node->args[0], &no_type) && put_list(w, &node->args[1], &want);
}

static bool put_path(amph_shaper *w, const amph_node *node)
{
	const amph_node *path = &node->args[1];
	const char *const *keys = (const void *)path->args;

	if (path->op != AMPH_OP_LIST || path->type != (AMPH_T_TEXT | AMPH_T_ARRAY))
		return amph__error_misuse(w->err, "a path into JSON must be a list of texts");
	if (!amph__seal_holds(path))
		return amph__misuse_of_seal(w->err);
	if (!amph__shape_expr(w, &node->args[0], &no_type))
		return false;
	key_number(&w->b->key, path->of.count);
	for (size_t i = 0; i < path->of.count; i++) {
		if (!keys[i])
			return amph__error_misuse(w->err, "a path into JSON must not have a NULL");
		key_text(&w->b->key, keys[i]);
	}
	return true;
}

/* A plain text beside another is LIKE with a pattern made here; one that the database computes
 * cannot be, and keeps its own operation. */
static bool put_pattern(amph_shaper *w, const amph_node *node)
{
	static const struct { uint8_t like; bool before, after; } how[] = {
		[AMPH_OP_CONTAINS] = { AMPH_OP_LIKE, true, true },
		[AMPH_OP_STARTS_WITH] = { AMPH_OP_LIKE, false, true },
		[AMPH_OP_ENDS_WITH] = { AMPH_OP_LIKE, true, false },
		[AMPH_OP_ICONTAINS] = { AMPH_OP_ILIKE, true, true },
		[AMPH_OP_ISTARTS_WITH] = { AMPH_OP_ILIKE, false, true },
		[AMPH_OP_IENDS_WITH] = { AMPH_OP_ILIKE, true, false },
	};
	static const amph_sqltype text = { .type = AMPH_T_TEXT, .nullable = true };
	const amph_node *part = &node->args[1];
	amph_arg arg;

	if (part->op != AMPH_OP_VALUE) {
		key_byte(&w->b->key, node->op);
		return put_args(w, node->args, 2);
	}
	if (part->type != AMPH_T_TEXT)
		return amph__error(w->err, "42804", "\"%s\" needs a text", amph__ops[node->op].name);
	key_byte(&w->b->key, how[node->op].like);
	return amph__shape_expr(w, &node->args[0], &text) &&
	       amph__bind_pattern(w->b, part->v.s, how[node->op].before, how[node->op].after, &arg,
				  w->err) &&
	       put_param(w, KEY_PARAM, &arg, &text);
}

/* Whether values beside the array are such as its elements: amph_any_element and the like. */
static bool takes_elements(const amph_node *node)
{
	static const char *const names[] = { "array_append", "array_prepend", "array_remove",
					     "array_replace", "array_position", "array_positions" };

	if (node->op != AMPH_OP_CALL)
		return strstr(node->of.name, " ANY ($2)") || strstr(node->of.name, " ALL ($2)");
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(names[i], node->of.name) == 0)
			return true;
	return false;
}

static bool put_elements(amph_shaper *w, const amph_node *node)
{
	amph_sqltype want = label_of(w, node->args, node->n);

	for (size_t i = 0; i < node->n; i++)
		if (!amph__shape_expr(w, &node->args[i], &want))
			return false;
	return true;
}

/* Name or text, then arguments. */
static bool put_named(amph_shaper *w, const amph_node *node)
{
	if (!node->of.name)
		return amph__error_misuse(w->err, "%s without a name", amph__ops[node->op].name);
	key_text(&w->b->key, node->of.name);
	if (node->op == AMPH_OP_CALL && key_is_own(node->of.name))
		key_byte(&w->b->key, node->type);
	key_number(&w->b->key, node->n);
	return takes_elements(node) ? put_elements(w, node) : put_literals(w, node->args, node->n);
}

/* A fragment with a query in it may read any table. */
static bool put_raw(amph_shaper *w, const amph_node *node)
{
	if (node->of.name && strcasestr(node->of.name, "select"))
		w->b->reads_all = true;
	return put_named(w, node);
}

static bool put_case(amph_shaper *w, const amph_node *node)
{
	amph_sqltype want = type_of_case(w, node);
	size_t n = node->n;
	/* amph_else has the place of a condition empty */
	bool empty = n % 2 == 0 && node->args[n - 2].op == AMPH_OP_NONE;

	if (n - empty < 2)
		return amph__error_misuse(w->err, "a case without a condition");
	key_number(&w->b->key, n - empty);
	for (size_t i = 0; i < n; i++) {
		bool result = i % 2 || (n % 2 && i + 1 == n);
		if (empty && i == n - 2)
			continue;
		if (!amph__shape_expr(w, &node->args[i], result ? &want : &no_type))
			return false;
	}
	return true;
}

/* A query within an expression: its tables are known there alone. */
static bool put_inner(amph_shaper *w, amph_query_op op, const amph_node *node)
{
	size_t ranges = w->b->n_ranges;
	const amph_select *q = (const void *)node->args;
	bool ok;

	if (!amph__seal_holds(node))
		return amph__misuse_of_seal(w->err);
	if (op == AMPH_QUERY_EXISTS && q->of.member.model && !q->of.parent)
		return amph__error_misuse(w->err, "EXISTS in the collection of no object");
	ok = amph__shape_select(w, op, q);
	w->b->n_ranges = ranges;
	return ok;
}

static bool put_in_select(amph_shaper *w, const amph_node *node)
{
	if (node->args[1].op != AMPH_OP_SELECT)
		return amph__error_misuse(w->err, "IN, ANY and ALL need a query that gives one "
					  "value of each row");
	return amph__shape_expr(w, &node->args[0], &no_type) &&
	       put_inner(w, AMPH_QUERY_VALUE, &node->args[1]);
}

static bool put_quantified(amph_shaper *w, const amph_node *node)
{
	if (!node->of.name)
		return amph__error_misuse(w->err, "%s without an operator", amph__ops[node->op].name);
	key_text(&w->b->key, node->of.name);
	return put_in_select(w, node);
}

static bool put_related(amph_shaper *w, const amph_node *node)
{
	const amph_select *q = (const void *)node->args;

	return amph__lists_hold(q) ? amph__shape_related(w, q) : amph__misuse_of_seal(w->err);
}

static bool put_excluded(amph_shaper *w, const amph_node *node)
{
	const amph_mapped_column *column;
	size_t range;

	if (!w->in_conflict || node->op != AMPH_OP_COLUMN)
		return amph__error_misuse(w->err, "a column of the new row stands only in .on_conflict");
	column = amph__shape_find_column(w, node, &range);
	if (!column)
		return false;
	if (range != w->main)
		return amph__error_misuse(w->err, "the new row is one of \"%s\"",
					  w->b->ranges[w->main].model->name);
	key_number(&w->b->key, column->number);
	return true;
}

static bool check_call(amph_shaper *w, const amph_node *node)
{
	const amph_op_info *info;

	if (node->op >= AMPH_OP_LAST || amph__ops[node->op].form == FORM_NONE)
		return amph__error_misuse(w->err, "an expression is empty, or used after the block "
					  "that it was written in");
	if (!amph__seal_holds(node))
		return amph__misuse_of_seal(w->err);
	info = &amph__ops[node->op];
	if (node->n < info->min || (node->n > info->max && info->max != UINT8_MAX))
		return amph__error_misuse(w->err, "%s with %u arguments", info->name, node->n);
	return true;
}

/* A value that cannot be sent is told with the column beside it. */
static void name_column(amph_shaper *w, const amph_node *node)
{
	const amph_error was = *w->err;

	for (uint32_t i = 0; i < node->n; i++) {
		const amph_node *arg = &node->args[i];
		const amph_mapped_column *c;
		size_t range;

		if (arg->op != AMPH_OP_COLUMN || find_hybrid(w, arg, &range))
			continue;
		c = amph__shape_find_column(w, arg, &range);
		*w->err = was;
		if (!c)
			break;
		amph__error_context(w->err, "a value beside \"%s.%s\"", arg->of.model->name, c->name);
		amph__error_names(w->err, w->b->ranges[range].mapper->table->name, c->name, NULL);
		break;
	}
}

static bool put_form(amph_shaper *w, const amph_node *node)
{
	if (amph__ops[node->op].form == FORM_PATTERN)
		return put_pattern(w, node);
	if (w->shared && amph__shape_again(w, node))
		return true;
	key_byte(&w->b->key, node->op);
	switch ((amph_op_form)amph__ops[node->op].form) {
	case FORM_ARITHMETIC:
		return put_literals(w, node->args, node->n);
	case FORM_OPERATOR: case FORM_FUNCTION:
		return put_args(w, node->args, node->n);
	case FORM_STAR:
		return true;
	case FORM_KIND:
		key_number(&w->b->key, node->n);
		return put_args(w, node->args, node->n);
	case FORM_JUNCTION:
		return put_junction(w, node);
	case FORM_IN:
		return put_in(w, node);
	case FORM_CASE:
		return put_case(w, node);
	case FORM_PATH:
		return put_path(w, node);
	case FORM_DISTINCT:
		return amph__shape_modified(w, node);
	case FORM_FILTER:
		return amph__shape_modified(w, node) && amph__shape_expr(w, &node->args[1], &no_type);
	case FORM_ORDERED:
		return amph__shape_ordered(w, node);
	case FORM_OVER:
		return amph__shape_over(w, node);
	case FORM_EXISTS:
		return put_inner(w, AMPH_QUERY_EXISTS, node);
	case FORM_RELATED:
		return put_related(w, node);
	case FORM_SELECT:
		return put_inner(w, AMPH_QUERY_VALUE, node);
	case FORM_IN_SELECT:
		return put_in_select(w, node);
	case FORM_QUANTIFIED:
		return put_quantified(w, node);
	case FORM_EXCLUDED:
		return put_excluded(w, &node->args[0]);
	case FORM_CALL:
		return put_named(w, node);
	case FORM_RAW:
		return put_raw(w, node);
	case FORM_PATTERN: case FORM_NONE:
		break;
	}
	return amph__error_misuse(w->err, "not an expression");
}

static bool put_call(amph_shaper *w, const amph_node *node)
{
	if (!check_call(w, node))
		return false;
	if (put_form(w, node))
		return true;
	if (!strncmp(w->err->sqlstate, "22", 2) && !w->err->column[0] &&
	    amph__ops[node->op].form != FORM_SELECT)
		name_column(w, node);
	return false;
}

bool amph__shape_expr(amph_shaper *w, const amph_node *node, const amph_sqltype *want)
{
	bool ok;

	switch (node->op) {
	case AMPH_OP_COLUMN:
		return put_column(w, node);
	case AMPH_OP_VALUE:
		return put_value(w, node, want);
	case AMPH_OP_LABEL:
		return put_label(w, node);
	case AMPH_OP_LIST:
		return amph__error_misuse(w->err, "a list stands only beside IN");
	default:
		break;
	}
	if (w->b->depth == AMPH_QUERY_DEPTH_MAX)
		return amph__error(w->err, "54001", "an expression is nested more than %d deep",
				   AMPH_QUERY_DEPTH_MAX);
	w->b->depth++;
	ok = put_call(w, node);
	w->b->depth--;
	return ok;
}

bool amph__shape_condition(amph_shaper *w, const amph_node *node)
{
	if (node->op != AMPH_OP_NONE)
		return amph__shape_expr(w, node, &no_type);
	key_byte(&w->b->key, KEY_NOTHING);
	return true;
}

bool amph__shape_list(amph_shaper *w, const amph_node *list)
{
	size_t n = 0;

	while (list && list[n].op != AMPH_OP_NONE)
		n++;
	key_number(&w->b->key, n);
	for (size_t i = 0; i < n; i++) {
		key_byte(&w->b->key, list[i].flags);
		if (!amph__shape_item(w, &list[i], &no_type))
			return false;
	}
	return true;
}
