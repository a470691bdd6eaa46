/* Making an expression of another type: literals take it and are checked by its input function,
 * parameters without a type get it, everything else has a cast put around it. */
#include "../../model/value.h"
#include "resolve.h"
#include <string.h>

/* ---- literals ---- */

static bool find_label(const amph_enum_type *e, const char *text)
{
	for (size_t i = 0; i < e->n_labels; i++)
		if (!strcmp(e->labels[i], text))
			return true;
	return false;
}

static bool check_label(sql_resolver *r, const sql_expr *e, const amph_enum_type *type)
{
	if (!type || find_label(type, e->text))
		return true;
	amph__resolve_fail(r, e->location, "22P02", "invalid input value for enum %s: \"%s\"", type->name,
			   e->text);
	amph__error_withhold(r->err);
	return false;
}

/* The place of the literal goes with the error of the type's own parser. */
static bool at_literal(sql_resolver *r, const sql_expr *e)
{
	if (r->err && e->location >= 0)
		r->err->position = e->location + 1;
	return false;
}

typedef union any_value {
	amph_numeric numeric;
	amph_interval interval;
	amph_bytes bytes;
	amph_text_array array;
	int64_t number;
	double real;
	uint8_t room[64];
} any_value;

static bool keep_text(sql_resolver *r, sql_expr *e, amph_buf *text)
{
	const char *copy =
		text->failed ? NULL : amph__arena_text(r->arena, amph__buf_text(text), text->len);

	amph__buf_clear(text);
	if (!copy)
		return amph__resolve_nomem(r);
	e->text = copy;
	return true;
}

static bool read_value(sql_resolver *r, const char *text, const amph_sqltype *type, any_value *out)
{
	size_t len = strlen(text);

	if (type->type == AMPH_T_INTERVAL)
		return amph__interval_read_fields(text, len, (unsigned)type->scale, out, r->err);
	return amph__types[type->type].parse(text, len, out, r->arena, r->err);
}

/* The text becomes the one that the type prints, so that every database gets the same. */
static bool normalize_scalar(sql_resolver *r, sql_expr *e, const amph_sqltype *type)
{
	const amph_type_info *info = &amph__types[type->type];
	any_value value = { .room = { 0 } };
	amph_buf text;

	if (!info->parse || type->type == AMPH_T_TEXT)
		return true;
	if (!read_value(r, e->text, type, &value))
		return at_literal(r, e);
	if (!info->format)
		return true;
	amph__buf_init(&text, r->arena->allocator);
	info->format(&value, &text);
	return keep_text(r, e, &text);
}

static bool normalize_array(sql_resolver *r, sql_expr *e, const amph_sqltype *type)
{
	int element = type->type & ~AMPH_T_ARRAY;
	amph_buf text;

	if (element != AMPH_T_ENUM && !amph__types[element].parse)
		return true;
	amph__buf_init(&text, r->arena->allocator);
	if (!amph__matrix_normal(type, e->text, strlen(e->text), &text, r->arena, r->err)) {
		amph__buf_clear(&text);
		return at_literal(r, e);
	}
	return keep_text(r, e, &text);
}

/* Types that only constants have here stay unknown: the text is written as it is. */
static bool is_literal_type(int type)
{
	return (type & ~AMPH_T_ARRAY) >= AMPH_T_COUNT && (type & ~AMPH_T_ARRAY) < AMPH_T_ROW_VALUE;
}

/* Rows as values, which PostgreSQL reads none of either, and types: they are made, but not written. */
static bool has_no_literals(int type)
{
	return (type & ~AMPH_T_ARRAY) >= AMPH_T_ROW_VALUE;
}

static bool is_empty_array(int type, const char *text)
{
	return (type & AMPH_T_ARRAY) && !strcmp(text, "{}");
}

static bool refuse_literal(sql_resolver *r, const sql_expr *e, const amph_sqltype *to)
{
	return amph__resolve_refuse(r, e->location, amph__arena_printf(r->arena, "a value that the program "
					"gives as %s", amph__type_text(r, to)));
}

static bool coerce_literal(sql_resolver *r, sql_expr *e, const amph_sqltype *to)
{
	bool is_clock = false;

	if (is_literal_type(to->type))
		return true;
	if (e->text && !amph__clock_literal(r, e, to->type, &is_clock))
		return false;
	if (is_clock)
		return true;
	if (e->text && has_no_literals(to->type) && !is_empty_array(to->type, e->text))
		return refuse_literal(r, e, to);
	e->type = amph__without_length(*to);
	e->type.nullable = !e->text;
	if (!e->text || has_no_literals(to->type))
		return true;
	if (to->type & AMPH_T_ARRAY)
		return normalize_array(r, e, to);
	if (to->type == AMPH_T_ENUM)
		return check_label(r, e, to->enumeration);
	return normalize_scalar(r, e, to);
}

/* ---- parameters ---- */

static bool set_param_type(sql_resolver *r, sql_expr *e, const amph_sqltype *to)
{
	static const amph_sqltype text = { .type = AMPH_T_TEXT };
	amph_param *p = &r->stmt->params[e->param];
	amph_sqltype *type;

	if (has_no_literals(to->type))
		return refuse_literal(r, e, to);
	if (is_literal_type(to->type))
		to = &text;
	if (p->types[0].type != AMPH_T_NONE && !amph__type_same(&p->types[0], to))
		return amph__resolve_fail(
			r, e->location, "42P08",
			"inconsistent types deduced for parameter $%zu: %s and %s", e->param + 1,
			amph__type_text(r, &p->types[0]), amph__type_text(r, to));
	type = AMPH_NEW(r->arena, amph_sqltype);
	if (!type)
		return amph__resolve_nomem(r);
	*type = amph__without_length(*to);
	type->nullable = true;
	p->types = type;
	e->type = *type;
	return true;
}

/* ---- casts ---- */

static bool wrap(sql_resolver *r, sql_expr **e, const amph_sqltype *to)
{
	sql_expr *cast = sql_cast(r->arena, *e, *to);

	if (!cast)
		return amph__resolve_nomem(r);
	cast->location = (*e)->location;
	cast->type.nullable = (*e)->type.nullable;
	*e = cast;
	return true;
}

static bool is_integer(int type)
{
	return type == AMPH_T_INT16 || type == AMPH_T_INT32 || type == AMPH_T_INT64;
}

/* A number that is written in the text may as well be written in the other type. */
static bool is_rewritable(const sql_expr *e, const amph_sqltype *to)
{
	if (e->kind != SQL_CONST || !e->text)
		return false;
	if (is_integer(e->type.type))
		return is_integer(to->type) || to->type == AMPH_T_NUMERIC ||
		       to->type == AMPH_T_DOUBLE || to->type == AMPH_T_FLOAT;
	return e->type.type == AMPH_T_NUMERIC && to->type == AMPH_T_DOUBLE;
}

static bool rewrite(sql_resolver *r, sql_expr **e, const amph_sqltype *to)
{
	sql_expr *copy = amph__arena_copy(r->arena, *e, sizeof(**e));

	if (!copy)
		return amph__resolve_nomem(r);
	*e = copy;
	return coerce_literal(r, copy, to);
}

static const amph_catalog_row *find_function(const char *name, const char *impl)
{
	amph_catalog_found found;

	if (!amph__find_functions(name, &found))
		return NULL;
	for (size_t i = 0; i < found.n_runs; i++)
		for (size_t k = 0; k < found.runs[i].n; k++)
			if (!strcmp(found.runs[i].rows[k].impl, impl))
				return &found.runs[i].rows[k];
	return NULL;
}

/* character(n) as text is without the spaces behind. */
bool amph__strip_spaces(sql_resolver *r, sql_expr **e)
{
	sql_expr *call = sql_call(r->arena, "rtrim", 1, e);

	if (!call)
		return amph__resolve_nomem(r);
	call->row = find_function("rtrim", "rtrim_text");
	call->location = (*e)->location;
	call->type = (amph_sqltype){ .type = AMPH_T_TEXT, .nullable = (*e)->type.nullable };
	*e = call;
	return true;
}

/* The literal of a type of its own is a cast of the text that the type prints. */
static bool coerce_type_name(sql_resolver *r, sql_expr **e, const amph_sqltype *to)
{
	const amph_sqltype text = { .type = AMPH_T_TEXT };
	char name[AMPH_TYPE_NAME_SIZE];
	sql_expr *named = (*e)->text ? amph__parse_expr(r->arena, amph__arena_printf(r->arena, "NULL::%s",
									(*e)->text), r->err) : NULL;

	if (!(*e)->text)
		return coerce_literal(r, *e, &text) && wrap(r, e, to);
	if (!named || named->kind != SQL_CAST || named->args.items[0]->kind != SQL_CONST)
		return amph__resolve_refuse(r, (*e)->location, "this name of a type");
	if (!amph__resolve_node(r, &named))
		return false;
	amph__type_identifier(named->type, name);
	(*e)->text = amph__arena_text(r->arena, name, strlen(name));
	(*e)->type = text;
	return ((*e)->text || amph__resolve_nomem(r)) && wrap(r, e, to);
}

bool amph__coerce(sql_resolver *r, sql_expr **e, const amph_sqltype *to)
{
	amph_sqltype type = amph__without_length(*to);

	if (to->type == AMPH_T_REGTYPE && amph__is_unknown(*e) && (*e)->kind == SQL_CONST)
		return coerce_type_name(r, e, to);

	if (amph__is_bpchar(&(*e)->type) && to->type == AMPH_T_TEXT && !amph__is_bpchar(to))
		return amph__strip_spaces(r, e);
	if (amph__unpads(&(*e)->type, to))
		return wrap(r, e, &type);
	if (amph__is_unknown(*e) && (*e)->kind == SQL_CONST)
		return coerce_literal(r, *e, to);
	if (amph__is_unknown(*e) && (*e)->kind == SQL_PARAM)
		return set_param_type(r, *e, to);
	if (is_literal_type(to->type) && (*e)->type.type != AMPH_T_TEXT)
		return amph__resolve_refuse(
			r, (*e)->location,
			amph__arena_printf(r->arena, "a number as a %s", amph__type_text(r, to)));
	if (amph__type_same(&(*e)->type, to) || is_literal_type(to->type))
		return true;
	if (is_rewritable(*e, to))
		return rewrite(r, e, to);
	return wrap(r, e, &type);
}

static bool has_length(const amph_sqltype *type)
{
	return type->length > 0;
}

static bool same_length(const amph_sqltype *a, const amph_sqltype *b)
{
	return a->length == b->length && a->scale == b->scale;
}

/* A whole number is written as numeric only where it is too large for bigint. PostgreSQL says so before
 * the statement does anything. */
static bool check_whole(sql_resolver *r, const sql_expr *e, const amph_sqltype *to)
{
	const char *digits = e->text;

	if (e->kind != SQL_CONST || e->type.type != AMPH_T_NUMERIC || !digits || !is_integer(to->type))
		return true;
	digits += *digits == '-';
	if (!*digits || digits[strspn(digits, "0123456789")])
		return true;
	return amph__resolve_fail(r, e->location, "22003", "%s out of range", amph__type_text(r, to));
}

bool amph__coerce_assign(sql_resolver *r, sql_expr **e, const amph_sqltype *to,
			 amph_cast_context context, bool *possible)
{
	amph_sqltype type = *to;

	*possible = amph__can_coerce(&(*e)->type, to, context);
	if (!*possible)
		return true;
	if (!check_whole(r, *e, to) || !amph__coerce(r, e, to))
		return false;
	if (!has_length(to) || same_length(&(*e)->type, to))
		return true;
	if ((*e)->kind == SQL_CAST && !(*e)->explicit_cast && amph__type_same(&(*e)->type, to)) {
		(*e)->type.length = to->length;
		(*e)->type.scale = to->scale;
		return true;
	}
	type.nullable = (*e)->type.nullable;
	return wrap(r, e, &type);
}

/* Whether the value may be -0.0, which a column holds no more than it holds a number too large: what
 * comes from columns of tables, whole numbers and decimals is none, and parameters are looked at
 * where they are bound. */
static bool may_be_minus_zero(const sql_expr *e)
{
	switch (e->kind) {
	case SQL_PARAM: case SQL_EXCLUDED: case SQL_DEFAULT: return false;
	case SQL_COLUMN: return !e->source || e->source->kind != SQL_TABLE;
	case SQL_CONST: return e->text && e->text[0] == '-';
	case SQL_CAST: return e->args.items[0]->type.type != AMPH_T_NUMERIC &&
			      !is_integer(e->args.items[0]->type.type);
	default: return true;
	}
}

bool amph__coerce_stored(sql_resolver *r, sql_expr **e)
{
	int type = (*e)->type.type;

	if ((type != AMPH_T_FLOAT && type != AMPH_T_DOUBLE) || !may_be_minus_zero(*e))
		return true;
	return wrap(r, e, &(*e)->type);
}

bool amph__coerce_boolean(sql_resolver *r, sql_expr **e, const char *what)
{
	const amph_sqltype boolean = { .type = AMPH_T_BOOL };

	if (!amph__can_coerce(&(*e)->type, &boolean, AMPH_CAST_ASSIGNMENT))
		return amph__resolve_fail(r, (*e)->location, "42804",
					  "argument of %s must be type boolean, not type %s", what,
					  amph__type_text(r, &(*e)->type));
	return amph__coerce(r, e, &boolean);
}

bool amph__coerce_unknown_to_text(sql_resolver *r, sql_expr **e)
{
	const amph_sqltype text = { .type = AMPH_T_TEXT };

	return !amph__is_unknown(*e) || amph__coerce(r, e, &text);
}

/* ---- the common type of several expressions: UNION, CASE and related constructs ---- */

bool amph__common_step(amph_sqltype *common, const amph_sqltype *next)
{
	if (next->type == AMPH_T_NONE)
		return true;
	if (common->type == AMPH_T_NONE) {
		*common = *next;
		return true;
	}
	if (amph__type_same(common, next)) {
		if (!same_length(common, next))
			*common = amph__without_length(*common);
		return true;
	}
	if (amph__type_category(common->type) != amph__type_category(next->type))
		return false;
	if (!amph__type_is_preferred(common->type) &&
	    amph__can_coerce(common, next, AMPH_CAST_IMPLICIT) &&
	    !amph__can_coerce(next, common, AMPH_CAST_IMPLICIT))
		*common = *next;
	common->length = 0;
	common->scale = 0;
	return true;
}

bool amph__common_type(sql_resolver *r, sql_expr *const *items, size_t n, const char *what,
		       amph_sqltype *out)
{
	amph_sqltype common = { 0 };

	for (size_t i = 0; i < n; i++)
		if (!amph__common_step(&common, &items[i]->type))
			return amph__resolve_fail(r, items[i]->location, "42804",
						  "%s types %s and %s cannot be matched", what,
						  amph__type_text(r, &common),
						  amph__type_text(r, &items[i]->type));
	if (common.type == AMPH_T_NONE)
		common.type = AMPH_T_TEXT;
	common.nullable = false;
	*out = common;
	return true;
}

bool amph__coerce_all(sql_resolver *r, sql_expr **items, size_t n, const char *what,
		      const amph_sqltype *to)
{
	for (size_t i = 0; i < n; i++) {
		if (!amph__can_coerce(&items[i]->type, to, AMPH_CAST_IMPLICIT))
			return amph__resolve_fail(r, items[i]->location, "42846",
						  "%s could not convert type %s to %s", what,
						  amph__type_text(r, &items[i]->type),
						  amph__type_text(r, to));
		if (!amph__coerce(r, &items[i], to))
			return false;
	}
	return true;
}
