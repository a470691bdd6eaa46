/* Expressions of a key as nodes of the SQL tree. */
#include "lower.h"
#include "ops.h"

sql_expr *amph__lower_column(amph_lowerer *l, size_t range, size_t column)
{
	if (range < l->n_ranges && column >= l->ranges[range].mapper->n_columns)
		return amph__lower_hybrid(l, range, column - l->ranges[range].mapper->n_columns);
	if (range >= l->n_ranges) {
		l->key.bad = true;
		return NULL;
	}
	const amph_mapper *m = l->ranges[range].mapper;
	const amph_lower_source *s = amph__lower_source_of(l, m);
	sql_expr *e = sql_column(l->arena, l->ranges[range].alias, m->columns[column].name);

	/* what a function gives is what its catalogue says, not what the member is */
	if (e && s && s->inlined && s->inlined != AMPH_CTE_LATERAL)
		e = sql_cast(l->arena, e, m->columns[column].type);
	if (e && e->kind == SQL_CAST)
		e->explicit_cast = true;
	return e;
}

/* ---- parameters ---- */
static size_t new_param(amph_lowerer *l, amph_param_kind kind, const amph_sqltype *types, size_t n)
{
	if (l->n_params == l->params_cap) {
		size_t cap = l->params_cap ? l->params_cap * 2 : 8;
		amph_param *params = AMPH_NEWS(l->arena, amph_param, cap);
		if (!params)
			return 0;
		if (l->n_params)
			memcpy(params, l->params, l->n_params * sizeof(*params));
		l->params = params;
		l->params_cap = cap;
	}
	l->params[l->n_params] = (amph_param){ .kind = kind, .n_types = n, .types = types };
	return l->n_params++;
}

sql_expr *amph__lower_param(amph_lowerer *l, amph_sqltype type)
{
	const amph_sqltype *types = amph__arena_copy(l->arena, &type, sizeof(type));

	return sql_param(l->arena, new_param(l, AMPH_PARAM_VALUE, types, 1), type);
}

size_t amph__lower_rows(amph_lowerer *l, const amph_sqltype *types, size_t n)
{
	return new_param(l, AMPH_PARAM_ROWS, types, n);
}

amph_sqltype amph__lower_type(amph_lowerer *l)
{
	amph_sqltype type = { .type = (uint8_t)key_get(&l->key), .nullable = true };
	size_t number;

	if ((type.type & ~AMPH_T_ARRAY) != AMPH_T_ENUM)
		return type;
	number = key_get_number(&l->key);
	if (number < l->registry->n_enums)
		type.enumeration = l->registry->enums[number];
	else
		l->key.bad = true;
	return type;
}

static sql_expr *param_of_column(amph_lowerer *l)
{
	const amph_mapper *m = l->ranges[0].mapper;
	size_t number = key_get_number(&l->key);
	amph_sqltype type;

	if (number >= m->n_columns) {
		l->key.bad = true;
		return NULL;
	}
	type = m->columns[number].type;
	type.nullable = true;
	return amph__lower_param(l, type);
}

/* ---- calls, by form ---- */
static sql_expr *node_of(amph_lowerer *l, sql_kind kind, size_t n)
{
	sql_expr *e = sql_new(l->arena, kind, n);

	for (size_t i = 0; e && i < n; i++)
		e->args.items[i] = amph__lower_expr(l);
	return e;
}

static sql_expr *operator_of(amph_lowerer *l, const char *name)
{
	sql_expr *left = amph__lower_expr(l);
	sql_expr *right = amph__lower_expr(l);

	return left && right ? sql_op(l->arena, name, left, right) : NULL;
}

static sql_expr *function_of(amph_lowerer *l, const char *name, size_t n)
{
	sql_expr *e = node_of(l, SQL_CALL, n);

	if (e)
		e->name = name;
	return e;
}

static sql_expr *star_of(amph_lowerer *l, const char *name)
{
	sql_expr *star = sql_new(l->arena, SQL_STAR, 0);

	return star ? sql_call(l->arena, name, 1, &star) : NULL;
}

/* A number of arguments: each takes a byte at the least. */
static size_t read_count(amph_lowerer *l)
{
	size_t n = key_get_number(&l->key);

	if (n <= (size_t)(l->key.end - l->key.at))
		return n;
	l->key.bad = true;
	return 0;
}

static sql_expr *negation(amph_lowerer *l, sql_expr *e)
{
	sql_expr *not = e ? sql_new(l->arena, SQL_NOT, 1) : NULL;

	if (not)
		not->args.items[0] = e;
	return not;
}

static sql_expr *junction_of(amph_lowerer *l, amph_op op)
{
	size_t n = read_count(l);
	sql_expr *e;

	e = n == 1 ? amph__lower_expr(l) : node_of(l, op == AMPH_OP_ALL ? SQL_AND : SQL_OR, n);
	return op == AMPH_OP_NONE_OF ? negation(l, e) : e;
}

static sql_expr *in_of(amph_lowerer *l, bool negated)
{
	sql_expr *e = node_of(l, SQL_IN_ROWS, 1);
	amph_sqltype type;

	if (key_get(&l->key) != KEY_LIST)
		l->key.bad = true;
	if (e) {
		type = amph__lower_type(l);
		e->param = amph__lower_rows(l, amph__arena_copy(l->arena, &type, sizeof(type)), 1);
		e->negated = negated;
	}
	return e;
}

/* Plain text within another, where the database computes it; a pattern of LIKE would need its
 * special characters escaped there. */
static sql_expr *pattern_of(amph_lowerer *l, amph_op op)
{
	amph_arena *a = l->arena;
	bool fold = op >= AMPH_OP_ICONTAINS;
	sql_expr *text = amph__lower_expr(l);
	sql_expr *part = amph__lower_expr(l);
	sql_expr *again, *call;

	if (!text || !part)
		return NULL;
	if (fold) {
		text = sql_call(a, "lower", 1, &text);
		part = sql_call(a, "lower", 1, &part);
	}
	if (op == AMPH_OP_STARTS_WITH || op == AMPH_OP_ISTARTS_WITH)
		return sql_call(a, "starts_with", 2, (sql_expr *[]){ text, part });
	if (op == AMPH_OP_CONTAINS || op == AMPH_OP_ICONTAINS) {
		call = sql_call(a, "strpos", 2, (sql_expr *[]){ text, part });
		return sql_op(a, ">", call, sql_const(a, AMPH_T_INT32, "0"));
	}
	call = sql_call(a, "length", 1, &part);
	again = sql_call(a, "right", 2, (sql_expr *[]){ text, call });
	return sql_op(a, "=", again, part);
}

static bool is_subscript(const char *text)
{
	if (*text == '-')
		text++;
	return *text && text[strspn(text, "0123456789")] == '\0';
}

/* One key is -> or ->>, which is how indexes on it are written; a longer path, or what may be a
 * subscript, is #> or #>>. */
static sql_expr *path_of(amph_lowerer *l, amph_op op)
{
	bool text = op == AMPH_OP_JSON_TEXT;
	sql_expr *json = amph__lower_expr(l), *path;
	size_t n = key_get_number(&l->key);
	const char *key = NULL;
	amph_buf array;

	amph__buf_init(&array, l->arena->allocator);
	amph__buf_putc(&array, '{');
	for (size_t i = 0; i < n && !l->key.bad; i++) {
		key = key_get_text(&l->key, l->arena);
		if (!key)
			break;
		amph__buf_puts(&array, array.len > 1 ? "," : "");
		amph__buf_escape(&array, key);
	}
	amph__buf_putc(&array, '}');
	if (n == 1 && key && !is_subscript(key)) {
		path = sql_const(l->arena, AMPH_T_TEXT, key);
		path = sql_op(l->arena, text ? "->>" : "->", json, path);
	} else {
		key = array.failed ? NULL : amph__arena_text(l->arena, array.text, array.len);
		path = key ? sql_const(l->arena, AMPH_T_TEXT | AMPH_T_ARRAY, key) : NULL;
		path = path ? sql_op(l->arena, text ? "#>>" : "#>", json, path) : NULL;
	}
	amph__buf_clear(&array);
	return path;
}

static bool is_operator_name(const char *name)
{
	return *name && strspn(name, "+-*/<>=~!@#%^&|`?") == strlen(name);
}

/* What a function of the program's own gives is cast to what its call says, where that is one type. */
static sql_expr *own_call(amph_lowerer *l, const char *name)
{
	amph_sqltype type = { .type = (uint8_t)key_get(&l->key), .nullable = true };
	sql_expr *e = function_of(l, name, read_count(l));

	if (!e || type.type == AMPH_T_NONE || type.type == AMPH_T_ENUM || type.type & AMPH_T_ARRAY)
		return e;
	e = sql_cast(l->arena, e, type);
	if (e)
		e->explicit_cast = true;
	return e;
}

static sql_expr *named_call(amph_lowerer *l)
{
	const char *name = key_get_text(&l->key, l->arena);

	if (name && key_is_own(name))
		return own_call(l, name);
	sql_expr *e = name ? function_of(l, name, read_count(l)) : NULL;

	if (e)
		e->is_operator = is_operator_name(name);
	return e;
}

/* ---- modifiers of aggregates and window functions ---- */
static sql_expr *modified_of(amph_lowerer *l, const char *clause)
{
	sql_expr *e = amph__lower_expr(l);

	if (!e || (e->kind == SQL_CALL && !e->is_operator))
		return e;
	l->failed = true;
	amph__error(l->err, "42809", "%s stands beside an aggregate or a window function", clause);
	return NULL;
}

static sql_expr *distinct_of(amph_lowerer *l)
{
	sql_expr *e = modified_of(l, "DISTINCT");

	if (e)
		e->distinct = true;
	return e;
}

static sql_expr *filtered_of(amph_lowerer *l)
{
	sql_expr *e = modified_of(l, "FILTER");
	sql_expr *condition = e ? amph__lower_expr(l) : NULL;

	if (condition)
		e->filter = e->filter ? sql_and(l->arena, e->filter, condition) : condition;
	return condition ? e : NULL;
}

static sql_expr *ordered_of(amph_lowerer *l, amph_op op)
{
	sql_expr *e = modified_of(l, op == AMPH_OP_WITHIN_GROUP ? "WITHIN GROUP" : "ORDER BY");

	if (e) {
		e->order = amph__lower_order(l);
		e->within_group = op == AMPH_OP_WITHIN_GROUP;
	}
	return e;
}

static sql_bound_kind read_edge(amph_lowerer *l, sql_expr **offset)
{
	static const sql_bound_kind kinds[] = {
		[AMPH_EDGE_UNBOUNDED_PRECEDING] = SQL_UNBOUNDED_PRECEDING,
		[AMPH_EDGE_PRECEDING] = SQL_PRECEDING,
		[AMPH_EDGE_CURRENT_ROW] = SQL_CURRENT_ROW,
		[AMPH_EDGE_FOLLOWING] = SQL_FOLLOWING,
		[AMPH_EDGE_UNBOUNDED_FOLLOWING] = SQL_UNBOUNDED_FOLLOWING,
	};
	unsigned kind = key_get(&l->key);

	if (kind >= sizeof(kinds) / sizeof(kinds[0]))
		l->key.bad = true;
	else if (kind == AMPH_EDGE_PRECEDING || kind == AMPH_EDGE_FOLLOWING)
		*offset = amph__lower_expr(l);
	return l->key.bad ? SQL_CURRENT_ROW : kinds[kind];
}

static void read_frame(amph_lowerer *l, sql_window *w)
{
	static const sql_frame_unit units[] = {
		[AMPH_FRAME_NONE] = SQL_FRAME_NONE, [AMPH_FRAME_ROWS] = SQL_FRAME_ROWS,
		[AMPH_FRAME_RANGE] = SQL_FRAME_RANGE, [AMPH_FRAME_GROUPS] = SQL_FRAME_GROUPS,
	};
	unsigned unit = key_get(&l->key), exclude;

	if (unit == AMPH_FRAME_NONE)
		return;
	exclude = key_get(&l->key);
	if (unit > AMPH_FRAME_GROUPS || exclude > AMPH_EXCLUDE_TIES) {
		l->key.bad = true;
		return;
	}
	w->unit = units[unit];
	w->exclude = exclude == AMPH_EXCLUDE_NONE ? SQL_EXCLUDE_NONE :
		     exclude == AMPH_EXCLUDE_CURRENT_ROW ? SQL_EXCLUDE_CURRENT :
		     exclude == AMPH_EXCLUDE_GROUP ? SQL_EXCLUDE_GROUP : SQL_EXCLUDE_TIES;
	w->start = read_edge(l, &w->start_offset);
	w->end = read_edge(l, &w->end_offset);
}

static sql_expr *over_of(amph_lowerer *l)
{
	sql_expr *e = modified_of(l, "OVER");
	sql_window *w = e ? AMPH_NEW(l->arena, sql_window) : NULL;

	if (!w)
		return NULL;
	amph__lower_list(l, &w->partition);
	w->order = amph__lower_order(l);
	read_frame(l, w);
	e->over = w;
	return e;
}

/* A query as an expression, with the argument that stands before it. */
static sql_expr *select_of(amph_lowerer *l, sql_kind kind, size_t n, amph_query_op op)
{
	sql_expr *e = node_of(l, kind, n);

	if (!e)
		return NULL;
	e->select = amph__lower_inner(l, op);
	return e->select ? e : NULL;
}

static sql_expr *in_select_of(amph_lowerer *l, bool negated)
{
	sql_expr *e = select_of(l, SQL_IN_SELECT, 1, AMPH_QUERY_VALUE);

	if (e)
		e->negated = negated;
	return e;
}

static sql_expr *quantified_of(amph_lowerer *l, bool all)
{
	const char *op = key_get_text(&l->key, l->arena);
	sql_expr *e = select_of(l, SQL_QUANTIFIED, 1, AMPH_QUERY_VALUE);

	if (e) {
		e->name = op;
		e->all = all;
	}
	return e;
}

static sql_expr *excluded_of(amph_lowerer *l)
{
	size_t number = key_get_number(&l->key);
	sql_expr *e = sql_new(l->arena, SQL_EXCLUDED, 0);

	if (!e || !l->target || number >= l->target->n_columns) {
		l->key.bad = true;
		return NULL;
	}
	e->name = l->target->columns[number].name;
	return e;
}

static sql_expr *call_of(amph_lowerer *l, amph_op op)
{
	const amph_op_info *info = &amph__ops[op];

	switch ((amph_op_form)info->form) {
	case FORM_OPERATOR: case FORM_ARITHMETIC: return operator_of(l, info->sql);
	case FORM_FUNCTION: return function_of(l, info->sql, info->min);
	case FORM_STAR: return star_of(l, info->sql);
	case FORM_KIND: return node_of(l, (sql_kind)info->kind, read_count(l));
	case FORM_JUNCTION: return junction_of(l, op);
	case FORM_IN: return in_of(l, op == AMPH_OP_NOT_IN);
	case FORM_PATTERN: return pattern_of(l, op);
	case FORM_CASE: return node_of(l, SQL_CASE, read_count(l));
	case FORM_PATH: return path_of(l, op);
	case FORM_DISTINCT: return distinct_of(l);
	case FORM_FILTER: return filtered_of(l);
	case FORM_ORDERED: return ordered_of(l, op);
	case FORM_OVER: return over_of(l);
	case FORM_EXISTS: return select_of(l, SQL_EXISTS, 0, AMPH_QUERY_EXISTS);
	case FORM_RELATED: return amph__lower_related(l);
	case FORM_SELECT: return select_of(l, SQL_SCALAR, 0, AMPH_QUERY_VALUE);
	case FORM_IN_SELECT: return in_select_of(l, op == AMPH_OP_NOT_IN_SELECT);
	case FORM_QUANTIFIED: return quantified_of(l, op == AMPH_OP_ALL_SELECT);
	case FORM_CALL: return named_call(l);
	case FORM_RAW: return amph__lower_raw(l);
	case FORM_EXCLUDED: return excluded_of(l);
	case FORM_NONE: break;
	}
	l->key.bad = true;
	return NULL;
}

static sql_expr *label_of(amph_lowerer *l)
{
	const char *name = key_get_text(&l->key, l->arena);

	return name ? sql_column(l->arena, NULL, name) : NULL;
}

/* Of no type, as a literal in SQL: what it stands for decides. */
static sql_expr *text_of(amph_lowerer *l)
{
	const char *text = key_get_text(&l->key, l->arena);

	return text ? sql_const(l->arena, AMPH_T_NONE, text) : NULL;
}

/* Only what comes before may be meant, so that a damaged key cannot lead around. */
static sql_expr *again(amph_lowerer *l)
{
	const unsigned char *end = l->key.at - 1;
	size_t at = key_get_number(&l->key), n_params = key_get_number(&l->key);

	if (at < (size_t)(end - l->key.start))
		return amph__lower_again(l, l->key.start + at, end, n_params);
	l->key.bad = true;
	return NULL;
}

sql_expr *amph__lower_expr(amph_lowerer *l)
{
	unsigned op = key_get(&l->key);
	size_t range;

	if (l->key.bad || l->arena->failed)
		return NULL;
	switch (op) {
	case KEY_PARAM: return amph__lower_param(l, amph__lower_type(l));
	case KEY_PARAM_OF: return param_of_column(l);
	case KEY_NULL: return sql_const(l->arena, AMPH_T_NONE, NULL);
	case KEY_TEXT: return text_of(l);
	case KEY_AGAIN: return again(l);
	case AMPH_OP_LABEL: return label_of(l);
	case AMPH_OP_COLUMN:
		range = key_get_number(&l->key);
		return amph__lower_column(l, range, key_get_number(&l->key));
	default: break;
	}
	if (op < AMPH_OP_LAST)
		return call_of(l, (amph_op)op);
	l->key.bad = true;
	return NULL;
}

sql_expr *amph__lower_condition(amph_lowerer *l)
{
	if (l->key.at < l->key.end && *l->key.at == KEY_NOTHING) {
		l->key.at++;
		return NULL;
	}
	return amph__lower_expr(l);
}

sql_order *amph__lower_order(amph_lowerer *l)
{
	size_t n = key_get_number(&l->key);
	sql_order *first = NULL, **next = &first;

	for (size_t i = 0; i < n && !l->key.bad && !l->arena->failed; i++) {
		unsigned flags = key_get(&l->key);
		sql_order *o = AMPH_NEW(l->arena, sql_order);
		if (!o)
			break;
		o->expr = amph__lower_expr(l);
		o->direction = flags & AMPH_NODE_DESC ? SQL_DESC : SQL_ASC;
		if (flags & AMPH_NODE_NULLS_FIRST)
			o->nulls = SQL_NULLS_FIRST;
		else if (flags & AMPH_NODE_NULLS_LAST)
			o->nulls = SQL_NULLS_LAST;
		*next = o;
		next = &o->next;
	}
	return first;
}

void amph__lower_list(amph_lowerer *l, sql_list *list)
{
	size_t n = key_get_number(&l->key);

	*list = (sql_list){ 0 };
	if (n == 0 || n > (size_t)(l->key.end - l->key.at))
		return;
	list->items = AMPH_NEWS(l->arena, sql_expr *, n);
	for (size_t i = 0; list->items && i < n; i++) {
		key_get(&l->key);
		list->items[i] = amph__lower_expr(l);
	}
	list->n = list->items ? n : 0;
}
