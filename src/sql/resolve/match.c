/* Which operator or function a name and argument types mean: chapter 10 of PostgreSQL's manual,
 * sections 10.2 and 10.3, with its rules for literals of unknown type and polymorphic arguments. */
#include "resolve.h"
#include <string.h>

#define MAX_CANDIDATES 64
#define MAX_MATCH_ARGS 100

/* One way to call a row: of a variadic one the last argument as often as it is given. */
typedef struct candidate {
	const amph_catalog_row *row;
} candidate;

typedef struct matcher {
	sql_resolver *r;
	const amph_sqltype *args;
	size_t n;
	candidate list[MAX_CANDIDATES];
	size_t count;
} matcher;

/* The type that row declares for argument i. */
static int declared(const amph_catalog_row *row, size_t i)
{
	int last;

	if (!(row->flags & AMPH_CAT_VARIADIC) || i + 1 < row->n_args)
		return row->args[i];
	last = row->args[row->n_args - 1];
	return last & ~AMPH_T_ARRAY;
}

static bool is_polymorphic(int type)
{
	return type >= AMPH_T_ANYELEMENT && type <= AMPH_T_ANYCOMPATIBLENONARRAY;
}

static bool is_compatible_family(int type)
{
	return type >= AMPH_T_ANYCOMPATIBLE && type <= AMPH_T_ANYCOMPATIBLENONARRAY;
}

/* ---- polymorphic arguments ---- */

/* What the polymorphic arguments of a row stand for. */
typedef struct binding {
	amph_sqltype element; /* anyelement and its like; NONE: not known */
	amph_sqltype common;  /* anycompatible and its like */
	bool has_element, has_common;
} binding;

/* One argument of the anyelement family; false where it contradicts those before. */
static bool bind_element(binding *b, int want, const amph_sqltype *arg)
{
	amph_sqltype element = *arg;

	b->has_element = true;
	if (arg->type == AMPH_T_NONE)
		return true;
	if (want == AMPH_T_ANYARRAY) {
		if (!(arg->type & AMPH_T_ARRAY))
			return false;
		element = amph__element_type(*arg);
	}
	if (want == AMPH_T_ANYNONARRAY && (arg->type & AMPH_T_ARRAY))
		return false;
	if (want == AMPH_T_ANYENUM && arg->type != AMPH_T_ENUM)
		return false;
	if (element.type == AMPH_T_RECORD)
		return false;
	/* to polymorphic arguments varchar is another type than text */
	if (b->element.type != AMPH_T_NONE)
		return amph__type_same(&b->element, &element) &&
		       (b->element.type != AMPH_T_TEXT || !b->element.length == !element.length);
	b->element = amph__without_length(element);
	return true;
}

static bool bind_common(binding *b, int want, const amph_sqltype *arg)
{
	amph_sqltype element = *arg;

	b->has_common = true;
	if (arg->type == AMPH_T_NONE)
		return true;
	if (want == AMPH_T_ANYCOMPATIBLEARRAY) {
		if (!(arg->type & AMPH_T_ARRAY))
			return false;
		element = amph__element_type(*arg);
	}
	if (want == AMPH_T_ANYCOMPATIBLENONARRAY && (arg->type & AMPH_T_ARRAY))
		return false;
	if (element.type == AMPH_T_RECORD)
		return false;
	element = amph__without_length(element);
	return amph__common_step(&b->common, &element);
}

/* An array of arrays is no type of its own. */
static bool common_holds(const binding *b, const amph_catalog_row *row, const amph_sqltype *args,
			 size_t n)
{
	for (size_t i = 0; i < n; i++) {
		int want = declared(row, i);
		amph_sqltype to = b->common;

		if (!is_compatible_family(want) || args[i].type == AMPH_T_NONE)
			continue;
		if (want == AMPH_T_ANYCOMPATIBLEARRAY) {
			if (to.type & AMPH_T_ARRAY)
				return false;
			to = amph__array_type(to);
		}
		if (!amph__can_coerce(&args[i], &to, AMPH_CAST_IMPLICIT))
			return false;
	}
	return true;
}

static bool bind(binding *b, const amph_catalog_row *row, const amph_sqltype *args, size_t n)
{
	*b = (binding){ .has_element = false };
	for (size_t i = 0; i < n; i++) {
		int want = declared(row, i);

		if (is_compatible_family(want) ? !bind_common(b, want, &args[i])
		    : is_polymorphic(want)     ? !bind_element(b, want, &args[i])
					       : false)
			return false;
	}
	for (size_t i = 0; i < n && b->element.type == AMPH_T_NONE; i++)
		if (declared(row, i) == AMPH_T_ANYENUM)
			return false;
	return !b->has_common || b->common.type == AMPH_T_NONE || common_holds(b, row, args, n);
}

/* The actual type of a declared one. */
static amph_sqltype actual(const binding *b, int want, const amph_sqltype *arg)
{
	switch (want) {
	case AMPH_T_ANY:
		return arg && arg->type != AMPH_T_NONE ? *arg : amph__plain_type(AMPH_T_TEXT);
	case AMPH_T_ANYELEMENT:
	case AMPH_T_ANYNONARRAY:
	case AMPH_T_ANYENUM:
		return b->element;
	case AMPH_T_ANYARRAY:
		return amph__array_type(b->element);
	case AMPH_T_ANYCOMPATIBLE:
	case AMPH_T_ANYCOMPATIBLENONARRAY:
		return b->common;
	case AMPH_T_ANYCOMPATIBLEARRAY:
		return amph__array_type(b->common);
	default:
		return amph__plain_type(want);
	}
}

/* ---- candidates ---- */

static bool fits(const amph_catalog_row *row, const amph_sqltype *args, size_t n)
{
	binding b;

	for (size_t i = 0; i < n; i++) {
		int want = declared(row, i);
		amph_sqltype to = amph__plain_type(want);

		if (want == AMPH_T_ANY || is_polymorphic(want) || args[i].type == AMPH_T_NONE)
			continue;
		if (!amph__can_coerce(&args[i], &to, AMPH_CAST_IMPLICIT))
			return false;
	}
	return bind(&b, row, args, n);
}

static bool takes(const amph_catalog_row *row, size_t n)
{
	const amph_catalog_args *args;

	if (row->flags & AMPH_CAT_VARIADIC)
		return n >= row->n_args;
	if (n >= row->n_args)
		return n == row->n_args;
	args = amph__catalog_args_of(row);
	return args && n + args->n_defaults >= row->n_args;
}

static bool is_exact(const amph_catalog_row *row, const amph_sqltype *args, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (args[i].type == AMPH_T_NONE || declared(row, i) != args[i].type)
			return false;
	return true;
}

static void collect(matcher *m, const amph_catalog_found *found, bool within_group)
{
	const sql_names *names = m->r->names;
	bool extended = !names || !names->extension || names->extension(names->ctx, "pg_trgm");

	m->count = 0;
	for (size_t k = 0; k < found->n_runs; k++)
		for (size_t i = 0; i < found->runs[k].n; i++) {
			const amph_catalog_row *row = &found->runs[k].rows[i];

			if ((row->flags & AMPH_CAT_EXTENSION) && !extended)
				continue;
			if (m->count < MAX_CANDIDATES && takes(row, m->n) &&
			    within_group == ((row->flags & AMPH_CAT_WITHIN_GROUP) != 0))
				m->list[m->count++].row = row;
		}
}

static bool same_signature(const matcher *m, const amph_catalog_row *a, const amph_catalog_row *b)
{
	for (size_t i = 0; i < m->n; i++)
		if (declared(a, i) != declared(b, i))
			return false;
	return true;
}

/* A variadic form gives way to a plain one of the same arguments. */
static void drop_variadic(matcher *m)
{
	size_t kept = 0;

	for (size_t i = 0; i < m->count; i++) {
		bool drop = false;

		for (size_t k = 0; k < m->count && (m->list[i].row->flags & AMPH_CAT_VARIADIC); k++)
			drop |= !(m->list[k].row->flags & AMPH_CAT_VARIADIC) &&
				same_signature(m, m->list[i].row, m->list[k].row);
		if (!drop)
			m->list[kept++] = m->list[i];
	}
	m->count = kept;
}

static const amph_catalog_row *find_exact(const matcher *m, const amph_sqltype *args)
{
	for (size_t i = 0; i < m->count; i++)
		if (is_exact(m->list[i].row, args, m->n))
			return m->list[i].row;
	return NULL;
}

static void drop_unfit(matcher *m, const amph_sqltype *args)
{
	size_t kept = 0;

	for (size_t i = 0; i < m->count; i++)
		if (fits(m->list[i].row, args, m->n))
			m->list[kept++] = m->list[i];
	m->count = kept;
}

static bool is_preferred_for(int declared_type, const amph_sqltype *arg)
{
	return amph__type_is_preferred(declared_type) &&
	       amph__type_category(declared_type) == amph__type_category(arg->type);
}

/* Keeps the candidates that match most arguments exactly, or as a preferred type too. */
static void keep_best(matcher *m, bool preferred)
{
	size_t kept = 0, best = 0;

	for (size_t i = 0; i < m->count; i++) {
		size_t hits = 0;

		for (size_t k = 0; k < m->n; k++) {
			int type = declared(m->list[i].row, k);

			if (m->args[k].type != AMPH_T_NONE &&
			    (type == m->args[k].type ||
			     (preferred && is_preferred_for(type, &m->args[k]))))
				hits++;
		}
		if (hits > best || kept == 0) {
			best = hits;
			kept = 0;
		}
		if (hits == best)
			m->list[kept++] = m->list[i];
	}
	m->count = kept;
}

/* The category that the candidates agree on for a literal; text wins. 0: they do not agree. */
static char slot_category(const matcher *m, size_t k, bool *preferred)
{
	char category = 0;
	bool conflict = false;

	*preferred = false;
	for (size_t i = 0; i < m->count; i++) {
		int type = declared(m->list[i].row, k);
		char c = amph__type_category(type);

		if (c == category) {
			*preferred |= amph__type_is_preferred(type);
		} else if (!category || c == 'S') {
			category = c;
			*preferred = amph__type_is_preferred(type);
		} else {
			conflict = true;
		}
	}
	return conflict && category != 'S' ? 0 : category;
}

static void keep_categories(matcher *m)
{
	char categories[MAX_MATCH_ARGS];
	bool preferred[MAX_MATCH_ARGS];
	candidate kept[MAX_CANDIDATES];
	size_t n = 0;

	for (size_t k = 0; k < m->n; k++) {
		if (m->args[k].type != AMPH_T_NONE)
			continue;
		categories[k] = slot_category(m, k, &preferred[k]);
		if (!categories[k])
			return;
	}
	for (size_t i = 0; i < m->count; i++) {
		bool keep = true;

		for (size_t k = 0; k < m->n && keep; k++) {
			int type = declared(m->list[i].row, k);

			if (m->args[k].type == AMPH_T_NONE)
				keep = amph__type_category(type) == categories[k] &&
				       (!preferred[k] || amph__type_is_preferred(type));
		}
		if (keep)
			kept[n++] = m->list[i];
	}
	if (n == 0)
		return;
	memcpy(m->list, kept, n * sizeof(kept[0]));
	m->count = n;
}

/* Last, all literals are taken to be of the one type that the other arguments have. */
static const amph_catalog_row *by_known_type(matcher *m)
{
	amph_sqltype same[MAX_MATCH_ARGS];
	const amph_sqltype *known = NULL;
	const amph_catalog_row *found = NULL;

	for (size_t k = 0; k < m->n; k++) {
		if (m->args[k].type == AMPH_T_NONE)
			continue;
		if (known && !amph__type_same(known, &m->args[k]))
			return NULL;
		known = &m->args[k];
	}
	if (!known)
		return NULL;
	for (size_t k = 0; k < m->n; k++)
		same[k] = *known;
	for (size_t i = 0; i < m->count; i++) {
		if (!fits(m->list[i].row, same, m->n))
			continue;
		if (found)
			return NULL;
		found = m->list[i].row;
	}
	return found;
}

/* The one candidate left; NULL where there is none, or *ambiguous more than one. */
static const amph_catalog_row *select_candidate(matcher *m, bool *ambiguous)
{
	const amph_catalog_row *row;
	size_t unknown = 0;

	*ambiguous = false;
	drop_unfit(m, m->args);
	if (m->count > 1)
		keep_best(m, false);
	if (m->count > 1)
		keep_best(m, true);
	if (m->count <= 1)
		return m->count ? m->list[0].row : NULL;
	for (size_t k = 0; k < m->n; k++)
		unknown += m->args[k].type == AMPH_T_NONE;
	if (unknown > 0) {
		keep_categories(m);
		if (m->count == 1)
			return m->list[0].row;
		row = unknown < m->n ? by_known_type(m) : NULL;
		if (row)
			return row;
	}
	*ambiguous = true;
	return NULL;
}

/* ---- results ---- */

static bool fail_binding(sql_resolver *r, int location)
{
	return amph__resolve_fail(
		r, location, "42804",
		"could not determine polymorphic type because input has type unknown");
}

/* An array whose elements are arrays. */
static bool nests_arrays(const amph_catalog_row *row, const binding *b)
{
	for (size_t i = 0; i <= row->n_args; i++) {
		int type = i < row->n_args ? row->args[i] : row->result;

		if ((type == AMPH_T_ANYARRAY && (b->element.type & AMPH_T_ARRAY)) ||
		    (type == AMPH_T_ANYCOMPATIBLEARRAY && (b->common.type & AMPH_T_ARRAY)))
			return true;
	}
	return false;
}

/* What PostgreSQL has for character(n) itself, which then keeps the spaces behind. */
static bool keeps_spaces(const amph_catalog_row *row)
{
	static const char *const impls[] = {
		"like_text_text", "max_text", "min_text", "notlike_text_text", "octet_length_text",
		"texticlike", "texticnlike", "texticregexeq", "texticregexne", "textlike", "textnlike",
		"textregexeq", "textregexne"
	};

	for (size_t i = 0; i < sizeof(impls) / sizeof(impls[0]); i++)
		if (!strcmp(row->impl, impls[i]))
			return true;
	return false;
}

static bool fill_match(sql_resolver *r, const amph_catalog_row *row, const amph_sqltype *args,
		       size_t n, int location, sql_match *out)
{
	binding b;

	if (!bind(&b, row, args, n))
		return fail_binding(r, location);
	if (b.has_element && b.element.type == AMPH_T_NONE)
		return fail_binding(r, location);
	for (size_t i = 0; i < row->n_args; i++)
		if (row->args[i] >= AMPH_T_BIT && row->args[i] <= AMPH_T_ANYMULTIRANGE) {
			const amph_sqltype foreign = amph__plain_type(row->args[i]);

			return amph__resolve_refuse(
				r, location,
				amph__arena_printf(r->arena, "the type %s",
						   amph__type_text(r, &foreign)));
		}
	if (b.has_common && b.common.type == AMPH_T_NONE)
		b.common = amph__plain_type(AMPH_T_TEXT);
	if (nests_arrays(row, &b))
		return amph__resolve_fail(
			r, location, "42704", "could not find array type for data type %s",
			amph__type_text(r, b.has_element ? &b.element : &b.common));
	out->row = row;
	out->args = AMPH_NEWS(r->arena, amph_sqltype, n ? n : 1);
	if (!out->args)
		return amph__resolve_nomem(r);
	for (size_t i = 0; i < n; i++)
		out->args[i] = actual(&b, declared(row, i), &args[i]);
	out->result = actual(&b, row->result, NULL);
	if (n > 0 && amph__is_bpchar(&args[0]) && keeps_spaces(row)) {
		out->args[0] = args[0];
		if (row->result == AMPH_T_TEXT)
			out->result = amph__without_length(args[0]);
	}
	return true;
}

static const char *operands_text(sql_resolver *r, const char *name, const amph_sqltype *left,
				 const amph_sqltype *right)
{
	const char *text =
		amph__arena_printf(r->arena, "%s%s%s %s", left ? amph__type_text(r, left) : "",
				   left ? " " : "", name, amph__type_text(r, right));

	return text ? text : name;
}

static bool match_operator(sql_resolver *r, const char *name, const amph_sqltype *left,
			  const amph_sqltype *right, int location, sql_match *out)
{
	amph_sqltype args[2] = { left ? *left : *right, *right };
	amph_sqltype assumed[2] = { args[0], args[1] };
	amph_catalog_found found;
	matcher m = { .r = r, .args = args, .n = left ? 2 : 1 };
	const amph_catalog_row *row;
	bool ambiguous = false;

	if (!amph__find_operators(name, &found)) {
		if (amph__catalog_is_foreign(name, true))
			return amph__resolve_refuse(
				r, location, amph__arena_printf(r->arena, "the operator %s", name));
		return amph__resolve_fail(r, location, "42883", "operator does not exist: %s",
					  operands_text(r, name, left, right));
	}
	collect(&m, &found, false);
	/* a literal is first taken to be of the other operand's type */
	if (left && args[0].type == AMPH_T_NONE)
		assumed[0] = args[1];
	if (left && args[1].type == AMPH_T_NONE)
		assumed[1] = args[0];
	row = find_exact(&m, assumed);
	if (!row)
		row = select_candidate(&m, &ambiguous);
	if (!row)
		return amph__resolve_fail(r, location, ambiguous ? "42725" : "42883",
					  ambiguous ? "operator is not unique: %s"
						    : "operator does not exist: %s",
					  operands_text(r, name, left, right));
	return fill_match(r, row, args, m.n, location, out);
}

static bool are(const amph_sqltype *left, const amph_sqltype *right, int type)
{
	return left && left->type == type && right->type == type;
}

/* Records compare as arrays do, whose elements they are; types are equal where their names are. */
bool amph__match_operator(sql_resolver *r, const char *name, const amph_sqltype *left,
			  const amph_sqltype *right, int location, sql_match *out)
{
	const amph_sqltype text = amph__plain_type(AMPH_T_TEXT);

	if (are(left, right, AMPH_T_REGTYPE) && (!strcmp(name, "=") || !strcmp(name, "<>")))
		return match_operator(r, name, &text, &text, location, out);
	if (left && left->type == AMPH_T_REGTYPE && right->type == AMPH_T_NONE && !strcmp(name, "="))
		return amph__resolve_fail(r, location, "22P02", "a type and a literal that is none: cast "
					  "it to regtype");
	/* beside one, what is of no type yet is another */
	if (left && left->type == AMPH_T_ROW_VALUE && right->type == AMPH_T_NONE)
		right = left;
	else if (left && left->type == AMPH_T_NONE && right->type == AMPH_T_ROW_VALUE)
		left = right;
	if (strcmp(name, "||") != 0 && (!amph__rows_ordered(r, right, location) ||
					(left && !amph__rows_ordered(r, left, location))))
		return false;
	if (are(left, right, AMPH_T_ROW_VALUE) && !amph__type_same(left, right))
		return amph__resolve_refuse(r, location, "a comparison of rows of different columns");
	if (are(left, right, AMPH_T_ROW_VALUE)) {
		const amph_sqltype as[2] = { amph__array_type(*left), amph__array_type(*right) };

		if (!match_operator(r, name, &as[0], &as[1], location, out))
			return false;
		out->args[0] = *left;
		out->args[1] = *right;
		return true;
	}
	return match_operator(r, name, left, right, location, out);
}

bool amph__match_function(sql_resolver *r, const char *name, const amph_sqltype *args, size_t n,
			  bool within_group, int location, sql_match *out)
{
	amph_catalog_found found;
	matcher m = { .r = r, .args = args, .n = n };
	const amph_catalog_row *row;
	bool ambiguous = false;

	out->row = NULL;
	if (n > MAX_MATCH_ARGS)
		return amph__resolve_fail(r, location, "54023",
					  "cannot pass more than %d arguments to a function",
					  MAX_MATCH_ARGS);
	if (!amph__find_functions(name, &found))
		return true;
	collect(&m, &found, within_group);
	drop_variadic(&m);
	row = find_exact(&m, args);
	if (!row)
		row = select_candidate(&m, &ambiguous);
	if (ambiguous)
		return amph__resolve_fail(r, location, "42725", "function %s is not unique", name);
	return !row || fill_match(r, row, args, n, location, out);
}
