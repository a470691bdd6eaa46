/* Arrays and their text: as C values those of one dimension, as texts all. */
#include "array.h"

amph_slot amph__element_slot(int type, const amph_enum_type *e)
{
	int element = type & ~(AMPH_T_ARRAY | AMPH_T_NULLABLE);
	return (amph_slot){ .type = (uint8_t)element, .enumeration = e,
			    .nullable = !amph__types[element].is_pointer };
}

amph_items amph__array_items(const void *value)
{
	amph_items items;
	memcpy(&items, value, sizeof(items));
	return items;
}

static bool needs_quotes(const char *text, size_t len)
{
	if (len == 0 || amph__text_is(text, len, "null"))
		return true;
	for (size_t i = 0; i < len; i++) {
		char c = text[i];
		if (c == '"' || c == '\\' || c == '{' || c == '}' || c == ',' || amph__is_space(c))
			return true;
	}
	return false;
}

/* Puts quotes around what was appended from start on, and backslashes where they are due. */
static void quote(amph_buf *out, size_t start)
{
	size_t len = out->len - start, more = 2;
	for (size_t i = start; i < out->len; i++)
		more += out->text[i] == '"' || out->text[i] == '\\';
	if (amph__buf_reserve(out, more) == NULL)
		return;
	char *from = out->text + out->len, *to = from + more;
	*to = '\0';
	*--to = '"';
	for (; len > 0; len--) {
		*--to = *--from;
		if (*from == '"' || *from == '\\')
			*--to = '\\';
	}
	*--to = '"';
	out->len += more;
}

void amph__array_write(int type, const amph_enum_type *e, const void *value, amph_buf *out)
{
	amph_slot slot = amph__element_slot(type, e);
	amph_items array = amph__array_items(value);
	size_t stride = amph__types[slot.type].opt_size;
	amph__buf_putc(out, '{');
	for (size_t i = 0; i < array.n && !out->failed; i++) {
		const char *item = (const char *)array.items + i * stride;
		if (i > 0)
			amph__buf_putc(out, ',');
		size_t start = out->len;
		if (amph__slot_is_null(&slot, item)) {
			amph__buf_puts(out, "NULL");
			continue;
		}
		amph__slot_format(&slot, item, out);
		if (!out->failed && needs_quotes(amph__buf_text(out) + start, out->len - start))
			quote(out, start);
	}
	amph__buf_putc(out, '}');
}

/* The text of an array, an element at a time. */
typedef struct reader {
	const char *at, *end;
	char *put;              /* where the element's own text goes; NULL: it is only counted */
	size_t len;             /* of it */
	bool null;
} reader;
typedef enum element_state { ELEMENT, LAST_ELEMENT, MALFORMED, NESTED } element_state;

static void skip_space(reader *r)
{
	while (r->at < r->end && amph__is_space(*r->at))
		r->at++;
}

static void keep(reader *r, char c)
{
	if (r->put != NULL)
		r->put[r->len] = c;
	r->len++;
}

static bool read_quoted(reader *r)
{
	for (r->at++; r->at < r->end && *r->at != '"'; r->at++) {
		if (*r->at == '\\' && ++r->at == r->end)
			return false;
		keep(r, *r->at);
	}
	if (r->at == r->end)
		return false;
	r->at++;
	skip_space(r);
	return true;
}

/* White space at the end does not count, unless a backslash was before it. */
static bool read_bare(reader *r)
{
	const char *start = r->at;
	size_t solid = 0;
	bool escaped = false;
	for (; r->at < r->end && *r->at != ',' && *r->at != '}'; r->at++) {
		if (*r->at == '"' || *r->at == '{')
			return false;
		bool backslash = *r->at == '\\';
		if (backslash && ++r->at == r->end)
			return false;
		escaped = escaped || backslash;
		keep(r, *r->at);
		if (backslash || !amph__is_space(*r->at))
			solid = r->len;
	}
	r->len = solid;
	r->null = !escaped && amph__text_is(start, solid, "null");
	return solid > 0;
}

/* Reads one element and the delimiter behind it. */
static element_state read_element(reader *r)
{
	r->len = 0;
	r->null = false;
	skip_space(r);
	if (r->at == r->end)
		return MALFORMED;
	if (*r->at == '{')
		return NESTED;
	bool read = *r->at == '"' ? read_quoted(r) : read_bare(r);
	if (!read || r->at == r->end || (*r->at != ',' && *r->at != '}'))
		return MALFORMED;
	return *r->at++ == ',' ? ELEMENT : LAST_ELEMENT;
}

static bool malformed(const char *text, size_t len, amph_error *err)
{
	amph__error(err, "22P02", "malformed array literal");
	amph__error_text(err, text, len);
	return false;
}

/* As PostgreSQL reads it: of digits and signs what atoi makes of them, wrapped at 32 bits. */
static bool read_bound(reader *r, int64_t *out)
{
	const char *start = r->at;
	while (r->at < r->end && (amph__is_digit(*r->at) || *r->at == '-' || *r->at == '+'))
		r->at++;
	if (r->at == start)
		return false;
	const char *digit = start + (*start == '-' || *start == '+');
	uint64_t n = 0;
	for (; digit < r->at && amph__is_digit(*digit); digit++)
		n = n > INT64_MAX / 10 ? INT64_MAX : n * 10 + (uint64_t)(*digit - '0');
	n = n > INT64_MAX ? INT64_MAX : n;
	if (*start == '-')
		n = n == INT64_MAX ? (uint64_t)INT64_MIN : 0 - n;
	*out = (int32_t)(uint32_t)n;
	return true;
}

/* "[3]" or "[1:3]". */
static bool read_range(reader *r, int64_t *lower, int64_t *upper, const char *text, size_t len,
		       amph_error *err)
{
	r->at++;
	*lower = 1;
	if (!read_bound(r, upper))
		return malformed(text, len, err);
	if (r->at < r->end && *r->at == ':') {
		r->at++;
		*lower = *upper;
		if (!read_bound(r, upper))
			return malformed(text, len, err);
	}
	if (r->at == r->end || *r->at++ != ']')
		return malformed(text, len, err);
	if (*upper < *lower)
		return amph__error(err, "2202E", "upper bound of an array cannot be less than "
				   "its lower bound");
	return true;
}

/* "[1:3]=" in front; n is -1 where it is not there. */
static bool read_dimension(reader *r, int64_t *n, const char *text, size_t len, amph_error *err)
{
	int64_t lower, upper;
	*n = -1;
	skip_space(r);
	if (r->at == r->end || *r->at != '[')
		return true;
	if (!read_range(r, &lower, &upper, text, len, err))
		return false;
	skip_space(r);
	if (r->at < r->end && *r->at == '[')
		return amph__error(err, "0A000", "arrays of more than one dimension are not "
				   "supported");
	if (r->at == r->end || *r->at++ != '=')
		return malformed(text, len, err);
	if (lower != 1)
		return amph__error(err, "0A000", "arrays whose lower bound is not 1 are not "
				   "supported");
	*n = upper;
	return true;
}

/* Counts the elements; leaves r at the first. */
static bool count_elements(reader *r, size_t *n, const char *text, size_t len, amph_error *err)
{
	reader p = *r;
	element_state state = ELEMENT;
	*n = 0;
	skip_space(&p);
	if (p.at < p.end && *p.at == '}') {
		p.at++;
		state = LAST_ELEMENT;
	}
	while (state == ELEMENT) {
		state = read_element(&p);
		++*n;
	}
	if (state == NESTED)
		return amph__error(err, "0A000", "arrays of more than one dimension are not "
				   "supported");
	skip_space(&p);
	return (state == LAST_ELEMENT && p.at == p.end) || malformed(text, len, err);
}

static bool read_item(const amph_slot *slot, const reader *r, char *item, amph_arena *arena,
		      amph_error *err)
{
	const amph_type_info *info = &amph__types[slot->type];
	if (r->null)
		return true;
	if (!info->is_pointer)
		*(bool *)(item + info->has_offset) = true;
	if (slot->type == AMPH_T_ENUM)
		return amph__enum_parse(slot->enumeration, r->put, r->len, (unsigned *)item, err);
	return info->parse(r->put, r->len, item, arena, err);
}

bool amph__array_parse(int element, const amph_enum_type *e, const char *text, size_t len,
		       void *out, amph_arena *arena, amph_error *err)
{
	amph_slot slot = amph__element_slot(element, e);
	const amph_type_info *info = &amph__types[slot.type];
	reader r = { .at = text, .end = text + len };
	int64_t declared;
	size_t n;
	if (slot.type == AMPH_T_ENUM ? e == NULL : info->parse == NULL)
		return amph__error(err, "0A000", "arrays of %s are not supported", info->name);
	if (!read_dimension(&r, &declared, text, len, err))
		return false;
	skip_space(&r);
	if (r.at == r.end || *r.at++ != '{')
		return malformed(text, len, err);
	if (!count_elements(&r, &n, text, len, err))
		return false;
	if (declared >= 0 && declared != (int64_t)n)
		return malformed(text, len, err);
	char *items = amph__arena_array(arena, n > 0 ? n : 1, info->opt_size);
	r.put = amph__arena_alloc(arena, len + 1);
	if (items == NULL || r.put == NULL)
		return amph__error_nomem(err);
	for (size_t i = 0; i < n; i++) {
		read_element(&r);
		if (!read_item(&slot, &r, items + i * info->opt_size, arena, err))
			return false;
	}
	amph_items array = { items, n };
	memcpy(out, &array, sizeof(array));
	return true;
}

/* ---- texts of any dimensions ---- */

typedef struct collector {
	reader r;
	amph_matrix *out;
	char *room;
	int leaf;               /* the depth at which values stand; -1: none yet */
	int32_t seen[AMPH_MATRIX_DIMS];         /* how many each level has; -1: not known yet */
} collector;

static bool too_deep(amph_error *err)
{
	return amph__error(err, "54000", "number of array dimensions exceeds the maximum allowed (%d)",
			   AMPH_MATRIX_DIMS);
}

/* A value and the delimiter behind it. */
static element_state collect_value(collector *c, int depth)
{
	element_state state;

	c->r.put = c->room;
	state = read_element(&c->r);
	if (c->leaf < 0)
		c->leaf = depth;
	if (state == MALFORMED || c->leaf != depth)
		return MALFORMED;
	c->room[c->r.len] = '\0';
	c->out->items[c->out->n++] = c->r.null ? NULL : c->room;
	c->room += c->r.len + 1;
	return state;
}

static element_state skip_delimiter(reader *r)
{
	skip_space(r);
	if (r->at == r->end || (*r->at != ',' && *r->at != '}'))
		return MALFORMED;
	return *r->at++ == ',' ? ELEMENT : LAST_ELEMENT;
}

/* After an opening brace. false without an error in err: malformed. */
static bool collect_level(collector *c, int depth, bool *deep)
{
	element_state state = ELEMENT;
	int32_t n = 0;

	skip_space(&c->r);
	if (c->r.at < c->r.end && *c->r.at == '}') {
		if (depth > 0)
			return false;
		c->r.at++;
		state = LAST_ELEMENT;
	}
	for (; state == ELEMENT; n++) {
		skip_space(&c->r);
		if (c->r.at == c->r.end || *c->r.at != '{') {
			state = collect_value(c, depth);
			continue;
		}
		*deep = depth + 1 == AMPH_MATRIX_DIMS;
		c->r.at++;
		if (*deep || !collect_level(c, depth + 1, deep))
			return false;
		state = skip_delimiter(&c->r);
	}
	if (state != LAST_ELEMENT || (c->seen[depth] >= 0 && c->seen[depth] != n))
		return false;
	c->seen[depth] = n;
	return true;
}

/* "[1:2][0:3]=" in front. */
static bool read_bounds(reader *r, amph_matrix *out, const char *text, size_t len, amph_error *err)
{
	for (skip_space(r); r->at < r->end && *r->at == '['; skip_space(r)) {
		int64_t lower, upper;

		if (out->n_dims == AMPH_MATRIX_DIMS)
			return too_deep(err);
		if (!read_range(r, &lower, &upper, text, len, err))
			return false;
		out->lower[out->n_dims] = (int32_t)lower;
		out->size[out->n_dims++] = (int32_t)(upper - lower + 1);
	}
	if (out->n_dims && (r->at == r->end || *r->at++ != '='))
		return malformed(text, len, err);
	return true;
}

static size_t count_commas(const char *text, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++)
		n += text[i] == ',';
	return n;
}

static bool settle_dimensions(collector *c, const amph_matrix *declared)
{
	amph_matrix *out = c->out;

	out->n_dims = out->n ? c->leaf + 1 : 0;
	if (declared->n_dims && declared->n_dims != out->n_dims)
		return false;
	for (int i = 0; i < out->n_dims; i++) {
		out->size[i] = c->seen[i];
		out->lower[i] = declared->n_dims ? declared->lower[i] : 1;
		if (declared->n_dims && declared->size[i] != c->seen[i])
			return false;
	}
	return true;
}

bool amph__matrix_parse(const char *text, size_t len, amph_matrix *out, amph_arena *arena,
			amph_error *err)
{
	collector c = { .r = { .at = text, .end = text + len }, .out = out, .leaf = -1 };
	amph_matrix declared = { 0 };
	bool deep = false;

	*out = (amph_matrix){ 0 };
	for (int i = 0; i < AMPH_MATRIX_DIMS; i++)
		c.seen[i] = -1;
	if (!read_bounds(&c.r, &declared, text, len, err))
		return false;
	skip_space(&c.r);
	if (c.r.at == c.r.end || *c.r.at++ != '{')
		return malformed(text, len, err);
	c.room = amph__arena_alloc(arena, len + 2);
	out->items = amph__arena_array(arena, count_commas(text, len) + 1, sizeof(*out->items));
	if (!c.room || !out->items)
		return amph__error_nomem(err);
	if (!collect_level(&c, 0, &deep))
		return deep ? too_deep(err) : malformed(text, len, err);
	skip_space(&c.r);
	return (c.r.at == c.r.end && settle_dimensions(&c, &declared)) || malformed(text, len, err);
}

static void put_item(const char *item, amph_buf *out)
{
	size_t start = out->len;

	amph__buf_puts(out, item ? item : "NULL");
	if (item && !out->failed && needs_quotes(item, strlen(item)))
		quote(out, start);
}

static const char **put_level(const amph_matrix *m, int depth, const char **item, amph_buf *out)
{
	amph__buf_putc(out, '{');
	for (int32_t i = 0; i < m->size[depth] && !out->failed; i++) {
		if (i > 0)
			amph__buf_putc(out, ',');
		if (depth + 1 < m->n_dims)
			item = put_level(m, depth + 1, item, out);
		else
			put_item(*item++, out);
	}
	amph__buf_putc(out, '}');
	return item;
}

void amph__matrix_bounds(const amph_matrix *m, amph_buf *out)
{
	for (int i = 0; i < m->n_dims; i++)
		amph__buf_printf(out, "[%d:%d]", m->lower[i], m->lower[i] + m->size[i] - 1);
}

void amph__matrix_format(const amph_matrix *m, amph_buf *out)
{
	bool shifted = false;

	for (int i = 0; i < m->n_dims; i++)
		shifted |= m->lower[i] != 1;
	if (shifted) {
		amph__matrix_bounds(m, out);
		amph__buf_putc(out, '=');
	}
	if (m->n_dims)
		put_level(m, 0, m->items, out);
	else
		amph__buf_puts(out, "{}");
}

static const char *normal_item(const amph_slot *slot, const char *text, amph_arena *arena,
			       amph_error *err)
{
	reader r = { .put = (char *)(uintptr_t)text, .len = strlen(text) };
	char *value = amph__arena_zero(arena, amph__types[slot->type].opt_size);
	const char *out = NULL;
	amph_buf b;

	if (value && !read_item(slot, &r, value, arena, err))
		return NULL;
	amph__buf_init(&b, arena->allocator);
	if (value)
		amph__slot_format(slot, value, &b);
	if (value && !b.failed)
		out = amph__arena_text(arena, amph__buf_text(&b), b.len);
	amph__buf_clear(&b);
	if (!out)
		amph__error_nomem(err);
	return out;
}

bool amph__matrix_normal(const amph_sqltype *type, const char *text, size_t len, amph_buf *out,
			 amph_arena *arena, amph_error *err)
{
	amph_slot slot = amph__element_slot(type->type, type->enumeration);
	amph_matrix m;

	if (slot.type == AMPH_T_ENUM ? !slot.enumeration : !amph__types[slot.type].parse)
		return amph__error(err, "0A000", "arrays of %s are not supported",
				   amph__types[slot.type].name);
	if (!amph__matrix_parse(text, len, &m, arena, err))
		return false;
	for (size_t i = 0; i < m.n; i++) {
		if (!m.items[i])
			continue;
		m.items[i] = normal_item(&slot, m.items[i], arena, err);
		if (!m.items[i])
			return false;
	}
	amph__matrix_format(&m, out);
	return !out->failed || amph__error_nomem(err);
}
