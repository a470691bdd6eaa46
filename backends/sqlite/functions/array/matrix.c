/* Arrays of any dimensions in their text form: measuring, taking parts, putting together. */
#include "matrix.h"
#include <string.h>

bool amph__sl_matrix_arg(sl_call *c, int i, amph_matrix *out)
{
	amph_error err;
	size_t len;
	const char *text = amph__sl_text(c, i, &len);

	if (amph__matrix_parse(text, len, out, c->arena, &err))
		return true;
	amph__sl_raise_error(c, &err);
	return false;
}

void amph__sl_matrix_result(sl_call *c, const amph_matrix *m)
{
	amph_buf b;

	amph__buf_init(&b, c->env->allocator);
	amph__matrix_format(m, &b);
	amph__sl_result_buf(c, &b);
}

static bool same_sizes(const amph_matrix *a, const amph_matrix *b, int from_a, int from_b)
{
	if (a->n_dims - from_a != b->n_dims - from_b)
		return false;
	for (int i = 0; from_a + i < a->n_dims; i++)
		if (a->size[from_a + i] != b->size[from_b + i])
			return false;
	return true;
}

static bool same_bounds(const amph_matrix *a, const amph_matrix *b, int from_a, int from_b)
{
	for (int i = 0; from_a + i < a->n_dims; i++)
		if (a->lower[from_a + i] != b->lower[from_b + i])
			return false;
	return true;
}

/* ---- measures ---- */

static void cardinality(sl_call *c)
{
	amph_matrix m;

	if (amph__sl_matrix_arg(c, 0, &m))
		amph__sl_result_int(c, (int64_t)m.n);
}

enum { LENGTH, UPPER, LOWER };

static void bound(sl_call *c)
{
	int64_t dim = amph__sl_int(c, 1);
	amph_matrix m;

	if (!amph__sl_matrix_arg(c, 0, &m) || dim < 1 || dim > m.n_dims)
		return;
	amph__sl_result_int(c, c->arg == LENGTH ? m.size[dim - 1]
			    : c->arg == LOWER ? m.lower[dim - 1]
			    : m.lower[dim - 1] + m.size[dim - 1] - 1);
}

static void dimensions(sl_call *c)
{
	amph_matrix m;
	amph_buf b;

	if (!amph__sl_matrix_arg(c, 0, &m) || m.n_dims == 0)
		return;
	if (c->arg) {
		amph__sl_result_int(c, m.n_dims);
		return;
	}
	amph__buf_init(&b, c->env->allocator);
	amph__matrix_bounds(&m, &b);
	amph__sl_result_buf(c, &b);
}

/* ---- parts ---- */

/* subscript(type, array, i ...): nothing where their number is not that of the dimensions. */
static void subscript(sl_call *c)
{
	sl_comparer type;
	amph_matrix m;
	int64_t at = 0;
	size_t len;
	const char *name = amph__sl_text(c, 0, &len);

	if (!amph__sl_comparer_of(c, name, len, &type) || !amph__sl_matrix_arg(c, 1, &m) ||
	    c->argc - 2 != m.n_dims)
		return;
	for (int i = 0; i < m.n_dims; i++) {
		int64_t k = amph__sl_int(c, i + 2) - m.lower[i];

		if (k < 0 || k >= m.size[i])
			return;
		at = at * m.size[i] + k;
	}
	amph__sl_element_result(c, &type, m.items[at]);
}

/* The bounds asked for, cut to those that are there. false: the part is empty. */
static bool part_bounds(sl_call *c, const amph_matrix *m, int64_t *from, amph_matrix *out)
{
	*out = (amph_matrix){ .n_dims = m->n_dims };
	for (int i = 0; i < m->n_dims; i++) {
		int64_t lower = m->lower[i], upper = lower + m->size[i] - 1;

		if (i * 2 + 3 < c->argc) {
			int64_t l = amph__sl_int(c, i * 2 + 2), u = amph__sl_int(c, i * 2 + 3);

			lower = l > lower ? l : lower;
			upper = u < upper ? u : upper;
		}
		if (lower > upper)
			return false;
		from[i] = lower - m->lower[i];
		out->size[i] = (int32_t)(upper - lower + 1);
		out->lower[i] = 1;
	}
	return true;
}

static void copy_part(const amph_matrix *m, const int64_t *from, amph_matrix *out)
{
	int64_t index[AMPH_MATRIX_DIMS] = { 0 };

	for (int last = m->n_dims - 1, d = last; d >= 0; ) {
		int64_t at = 0;

		for (int i = 0; i < m->n_dims; i++)
			at = at * m->size[i] + from[i] + index[i];
		out->items[out->n++] = m->items[at];
		for (d = last; d >= 0 && ++index[d] == out->size[d]; d--)
			index[d] = 0;
	}
}

/* slice(type, array, lower, upper, ...): its bounds begin at 1. */
static void slice(sl_call *c)
{
	int64_t from[AMPH_MATRIX_DIMS];
	amph_matrix m, out;

	for (int i = 1; i < c->argc; i++)
		if (amph__sl_is_null(c, i))
			return;
	if (!amph__sl_matrix_arg(c, 1, &m))
		return;
	if ((c->argc - 2) / 2 > m.n_dims || !part_bounds(c, &m, from, &out)) {
		amph__sl_result_text(c, "{}", 2);
		return;
	}
	out.items = AMPH_NEWS(c->arena, const char *, m.n + 1);
	if (!out.items)
		return;
	if (m.n)
		copy_part(&m, from, &out);
	amph__sl_matrix_result(c, &out);
}

/* ---- putting together ---- */

static bool no_match(sl_call *c)
{
	amph__sl_raise(c, "2202E", "multidimensional arrays must have array expressions with matching "
		       "dimensions");
	return false;
}

/* m becomes one more of the arrays in out. */
static bool add_array(sl_call *c, amph_matrix *out, const amph_matrix *m, bool first)
{
	const char **items;

	if (first) {
		*out = (amph_matrix){ .n_dims = m->n_dims + 1, .lower = { 1 } };
		for (int i = 0; i < m->n_dims; i++) {
			out->size[i + 1] = m->size[i];
			out->lower[i + 1] = m->lower[i];
		}
	} else if (!same_sizes(m, out, 0, 1) || !same_bounds(m, out, 0, 1)) {
		return no_match(c);
	}
	items = AMPH_NEWS(c->arena, const char *, out->n + m->n + 1);
	if (!items)
		return false;
	if (out->n)
		memcpy(items, out->items, out->n * sizeof(*items));
	if (m->n)
		memcpy(items + out->n, m->items, m->n * sizeof(*items));
	out->items = items;
	out->n += m->n;
	out->size[0]++;
	return true;
}

/* ARRAY[array, ...]; of empty ones alone an empty one. */
static void nested(sl_call *c)
{
	amph_matrix out = { 0 }, m;
	int empty = 0;

	for (int i = 0; i < c->argc; i++) {
		if (amph__sl_is_null(c, i)) {
			empty++;
			continue;
		}
		if (!amph__sl_matrix_arg(c, i, &m))
			return;
		if (m.n_dims == AMPH_MATRIX_DIMS) {
			amph__sl_raise(c, "54000", "number of array dimensions (%d) exceeds the maximum "
				       "allowed (%d)", AMPH_MATRIX_DIMS + 1, AMPH_MATRIX_DIMS);
			return;
		}
		empty += m.n_dims == 0;
		if (m.n_dims && !add_array(c, &out, &m, out.n_dims == 0))
			return;
	}
	if (empty && empty < c->argc)
		no_match(c);
	else
		amph__sl_matrix_result(c, &out);
}

static bool incompatible(sl_call *c)
{
	amph__sl_raise(c, "2202E", "cannot concatenate incompatible arrays");
	return false;
}

/* The dimensions of a || b: side by side, or one as an element of the other. */
static bool joined_shape(sl_call *c, const amph_matrix *a, const amph_matrix *b, amph_matrix *out)
{
	int more = a->n_dims - b->n_dims;

	if (more < -1 || more > 1 ||
	    !same_sizes(a, b, more >= 0, more <= 0) ||
	    (more == 0 && !same_bounds(a, b, 1, 1)) ||
	    (more == 1 && !same_bounds(a, b, 1, 0)) || (more == -1 && !same_bounds(a, b, 0, 1)))
		return incompatible(c);
	*out = more >= 0 ? *a : *b;
	out->size[0] += more == 0 ? b->size[0] : 1;
	return true;
}

static void concat(sl_call *c)
{
	amph_matrix a, b, out;

	if (amph__sl_is_null(c, 0) || amph__sl_is_null(c, 1)) {
		sqlite3_result_value(c->ctx, c->argv[amph__sl_is_null(c, 0) ? 1 : 0]);
		return;
	}
	if (!amph__sl_matrix_arg(c, 0, &a) || !amph__sl_matrix_arg(c, 1, &b))
		return;
	if (a.n_dims == 0 || b.n_dims == 0) {
		sqlite3_result_value(c->ctx, c->argv[a.n_dims == 0 ? 1 : 0]);
		return;
	}
	if (!joined_shape(c, &a, &b, &out))
		return;
	out.items = AMPH_NEWS(c->arena, const char *, a.n + b.n + 1);
	if (!out.items)
		return;
	memcpy(out.items, a.items, a.n * sizeof(*a.items));
	memcpy(out.items + a.n, b.items, b.n * sizeof(*b.items));
	out.n = a.n + b.n;
	amph__sl_matrix_result(c, &out);
}

/* append(array, type, value), prepend(type, value, array) */
static void add_element(sl_call *c)
{
	bool before = c->arg;
	int at = before ? 2 : 0, type_at = before ? 0 : 1;
	amph_matrix m = { 0 };
	const char **items;
	size_t len;
	const char *type = amph__sl_text(c, type_at, &len);

	if (!amph__sl_is_null(c, at) && !amph__sl_matrix_arg(c, at, &m))
		return;
	if (m.n_dims > 1) {
		amph__sl_raise(c, "22000", "argument must be empty or one-dimensional array");
		return;
	}
	items = AMPH_NEWS(c->arena, const char *, m.n + 2);
	if (!items)
		return;
	if (m.n)
		memcpy(items + before, m.items, m.n * sizeof(*items));
	items[before ? 0 : m.n] = amph__sl_element_text(c, type, len, c->argv[type_at + 1]);
	if (m.n_dims == 0)
		m.lower[0] = 1;
	m.n_dims = 1;
	m.items = items;
	m.size[0] = (int32_t)++m.n;
	amph__sl_matrix_result(c, &m);
}

/* ---- array_fill(type, value, dimensions [, lower bounds]) ---- */

/* The integers of an array of one dimension. */
static bool integers_arg(sl_call *c, int i, int32_t *out, int *n)
{
	amph_matrix m;

	if (amph__sl_is_null(c, i)) {
		amph__sl_raise(c, "22004", "dimension array or low bound array cannot be null");
		return false;
	}
	if (!amph__sl_matrix_arg(c, i, &m))
		return false;
	if (m.n_dims > 1) {
		amph__sl_raise(c, "2202E", "wrong number of array subscripts");
		return false;
	}
	if (m.n > AMPH_MATRIX_DIMS) {
		amph__sl_raise(c, "54000", "number of dimensions exceeds the maximum allowed (%d)",
			       AMPH_MATRIX_DIMS);
		return false;
	}
	*n = (int)m.n;
	for (size_t k = 0; k < m.n; k++) {
		amph_error err;

		if (!m.items[k]) {
			amph__sl_raise(c, "22004", "dimension values cannot be null");
			return false;
		}
		if (!amph__types[AMPH_T_INT32].parse(m.items[k], strlen(m.items[k]), &out[k], c->arena,
						     &err)) {
			amph__sl_raise_error(c, &err);
			return false;
		}
	}
	return true;
}

static void fill(sl_call *c)
{
	amph_matrix m = { 0 };
	int64_t n = 1;
	int n_bounds = 0;
	size_t len;
	const char *type = amph__sl_text(c, 0, &len), *value;

	if (!integers_arg(c, 2, m.size, &m.n_dims))
		return;
	n_bounds = m.n_dims;
	for (int i = 0; i < AMPH_MATRIX_DIMS; i++)
		m.lower[i] = 1;
	if (c->argc > 3 && !integers_arg(c, 3, m.lower, &n_bounds))
		return;
	if (n_bounds != m.n_dims) {
		amph__sl_raise(c, "2202E", "wrong number of array subscripts");
		return;
	}
	for (int i = 0; i < m.n_dims && n <= 10000000; i++)
		n = m.size[i] < 0 ? INT64_MAX : n * m.size[i];
	if (n > 10000000) {
		amph__sl_raise(c, "54000", "array size exceeds the maximum allowed");
		return;
	}
	if (n == 0)
		m.n_dims = 0;
	m.n = m.n_dims ? (size_t)n : 0;
	m.items = AMPH_NEWS(c->arena, const char *, m.n + 1);
	value = amph__sl_element_text(c, type, len, c->argv[1]);
	for (size_t i = 0; m.items && i < m.n; i++)
		m.items[i] = value;
	if (m.items)
		amph__sl_matrix_result(c, &m);
}

/* ---- assignment: set(type, value, array, slice, subscripts ...) ---- */

/* An element of a vector, which grows so that it has a place. */
static void set_element(sl_call *c, amph_matrix *m, const char *value)
{
	int64_t at = amph__sl_int(c, 4), upper;
	const char **items;
	int64_t lower;

	if (m->n_dims == 0)
		*m = (amph_matrix){ .n_dims = 1, .lower = { (int32_t)at }, .items = m->items };
	lower = at < m->lower[0] ? at : m->lower[0];
	upper = m->lower[0] + (int64_t)m->size[0] - 1;
	upper = at > upper ? at : upper;
	if (upper - lower >= 10000000) {
		amph__sl_raise(c, "54000", "array size exceeds the maximum allowed");
		return;
	}
	items = AMPH_NEWS(c->arena, const char *, (size_t)(upper - lower) + 2);
	if (!items)
		return;
	if (m->n)
		memcpy(items + (m->lower[0] - lower), m->items, m->n * sizeof(*items));
	items[at - lower] = value;
	m->items = items;
	m->n = (size_t)(upper - lower + 1);
	m->size[0] = (int32_t)m->n;
	m->lower[0] = (int32_t)lower;
	amph__sl_matrix_result(c, m);
}

static void set_in_dimensions(sl_call *c, amph_matrix *m, const char *value)
{
	int64_t at = 0;

	for (int i = 0; i < m->n_dims; i++) {
		int64_t k = amph__sl_int(c, i + 4) - m->lower[i];

		if (k < 0 || k >= m->size[i]) {
			amph__sl_raise(c, "2202E", "array subscript out of range");
			return;
		}
		at = at * m->size[i] + k;
	}
	m->items[at] = value;
	amph__sl_matrix_result(c, m);
}

/* A limit that is not written comes as an empty text. */
static bool is_left_out(const sl_call *c, int i)
{
	return sqlite3_value_type(c->argv[i]) == SQLITE_TEXT;
}

/* A part of a vector; limits left out are those of the array. */
static void set_part(sl_call *c, amph_matrix *m, const amph_matrix *from)
{
	int64_t lower = amph__sl_int(c, 4), upper = amph__sl_int(c, 5), first, last;
	const char **items;

	if (m->n_dims == 0 && (is_left_out(c, 4) || is_left_out(c, 5))) {
		amph__sl_raise(c, "2202E", "array slice subscript must provide both boundaries");
		return;
	}
	lower = is_left_out(c, 4) ? m->lower[0] : lower;
	upper = is_left_out(c, 5) ? m->lower[0] + (int64_t)m->size[0] - 1 : upper;
	if (lower > upper) {
		amph__sl_raise(c, "2202E", "upper bound cannot be less than lower bound");
		return;
	}
	first = m->n_dims && m->lower[0] < lower ? m->lower[0] : lower;
	if (upper == INT32_MAX || upper - first >= 10000000) {
		amph__sl_raise(c, "54000", "array size exceeds the maximum allowed");
		return;
	}
	if ((int64_t)from->n < upper - lower + 1) {
		amph__sl_raise(c, "2202E", "source array too small");
		return;
	}
	last = m->n_dims ? m->lower[0] + (int64_t)m->size[0] - 1 : upper;
	last = last > upper ? last : upper;
	items = AMPH_NEWS(c->arena, const char *, (size_t)(last - first) + 2);
	if (!items)
		return;
	if (m->n)
		memcpy(items + (m->lower[0] - first), m->items, m->n * sizeof(*items));
	memcpy(items + (lower - first), from->items, (size_t)(upper - lower + 1) * sizeof(*items));
	*m = (amph_matrix){ .n_dims = 1, .lower = { (int32_t)first }, .items = items,
			    .size = { (int32_t)(last - first + 1) }, .n = (size_t)(last - first + 1) };
	amph__sl_matrix_result(c, m);
}

static void set_subscript(sl_call *c)
{
	bool part = amph__sl_int(c, 3) != 0;
	int given = part ? (c->argc - 4) / 2 : c->argc - 4;
	amph_matrix m = { 0 }, from;
	size_t len;
	const char *type = amph__sl_text(c, 0, &len);

	for (int i = 4; i < c->argc; i++)
		if (amph__sl_is_null(c, i)) {
			amph__sl_raise(c, "22004", "array subscript in assignment must not be null");
			return;
		}
	if (!amph__sl_is_null(c, 2) && !amph__sl_matrix_arg(c, 2, &m))
		return;
	if (part ? given > 1 || m.n_dims > 1 : m.n_dims == 0 && given > 1) {
		amph__sl_raise(c, "0A000", "assignment to this part of an array is not supported on SQLite");
	} else if (part && amph__sl_is_null(c, 1)) {
		if (m.n_dims || !amph__sl_is_null(c, 2))
			amph__sl_matrix_result(c, &m);
	} else if (part) {
		if (amph__sl_matrix_arg(c, 1, &from))
			set_part(c, &m, &from);
	} else if (m.n_dims && given != m.n_dims) {
		amph__sl_raise(c, "2202E", "wrong number of array subscripts");
	} else if (given == 1) {
		set_element(c, &m, amph__sl_element_text(c, type, len, c->argv[1]));
	} else {
		set_in_dimensions(c, &m, amph__sl_element_text(c, type, len, c->argv[1]));
	}
}

static const sl_function rows[] = {
	{ "array_append", 3, SL_FN_NULLS, add_element, 0 },
	{ "array_cat", 2, SL_FN_NULLS, concat, 0 },
	{ "array_dims_anyarray", 1, 0, dimensions, 0 },
	{ "array_fill", -1, SL_FN_NULLS, fill, 0 },
	{ "array_length_anyarray_int4", 2, 0, bound, LENGTH },
	{ "array_lower_anyarray_int4", 2, 0, bound, LOWER },
	{ "array_ndims_anyarray", 1, 0, dimensions, 1 },
	{ "array_nested", -1, SL_FN_NULLS, nested, 0 },
	{ "array_prepend", 3, SL_FN_NULLS, add_element, 1 },
	{ "array_set", -1, SL_FN_NULLS, set_subscript, 0 },
	{ "array_upper_anyarray_int4", 2, 0, bound, UPPER },
	{ "cardinality_anyarray", 1, 0, cardinality, 0 },
	{ "slice", -1, SL_FN_NULLS, slice, 0 },
	{ "subscript", -1, 0, subscript, 0 }
};
const sl_functions amph__sl_matrix_functions = { rows, sizeof(rows) / sizeof(rows[0]) };
