/* Making jsonb: of values, with a path set or inserted, without nulls, printed for people. */
#include "../compare.h"
#include "jsontext.h"
#include "../array/matrix.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- of values ---- */

static void add_moment(int type, const char *text, size_t len, amph_buf *out)
{
	char plain[64];
	size_t start = out->len;

	text = amph__sl_plain_text(type, text, &len, plain);
	amph__sl_json_quote(text, len, out);
	/* ISO 8601: a T before the time, minutes in the zone */
	for (size_t i = start; type != AMPH_T_DATE && i < out->len; i++) {
		if (out->text[i] != ' ')
			continue;
		out->text[i] = 'T';
		break;
	}
	if (type != AMPH_T_TIMESTAMPTZ || len < 3 || text[len - 3] != '+')
		return;
	out->len--;
	amph__buf_puts(out, ":00\"");
}

static void add_real(int type, double d, amph_buf *out)
{
	float f = (float)d;
	bool quoted = !isfinite(d);

	amph__buf_puts(out, quoted ? "\"" : "");
	amph__types[type].format(type == AMPH_T_FLOAT ? (const void *)&f : &d, out);
	amph__buf_puts(out, quoted ? "\"" : "");
}

static bool add_array(sl_call *c, const char *type, size_t type_len, sqlite3_value *v, amph_buf *out);

static void add_text(int type, sqlite3_value *v, amph_buf *out)
{
	const char *text = (const char *)sqlite3_value_text(v);
	size_t len = (size_t)sqlite3_value_bytes(v);

	if (!text)
		out->failed = true;
	else if (type == AMPH_T_JSON || type == AMPH_T_PLAIN_JSON ||
		 (type == AMPH_T_NUMERIC && strchr("-0123456789", *text) && !strchr(text, 'I')))
		amph__buf_add(out, text, len);
	else if (type == AMPH_T_DATE || type == AMPH_T_TIMESTAMP || type == AMPH_T_TIMESTAMPTZ)
		add_moment(type, text, len, out);
	else
		amph__sl_json_quote(text, len, out);
}

static void add_bytes(sqlite3_value *v, amph_buf *out)
{
	const void *data = sqlite3_value_blob(v);
	amph_bytes bytes = { data ? data : "", (size_t)sqlite3_value_bytes(v) };
	amph_buf text;

	amph__buf_init(&text, out->allocator);
	amph__types[AMPH_T_BYTES].format(&bytes, &text);
	amph__sl_json_quote(amph__buf_text(&text), text.len, out);
	out->failed |= text.failed;
	amph__buf_clear(&text);
}

bool amph__sl_json_of(sl_call *c, const char *type, size_t type_len, sqlite3_value *v, amph_buf *out)
{
	bool record = type_len == 6 && !memcmp(type, "record", 6);
	int kind = sqlite3_value_type(v);
	int base = record ? AMPH_T_PLAIN_JSON : amph__sl_type_named(type, type_len);

	if (kind == SQLITE_NULL)
		amph__buf_puts(out, "null");
	else if (type_len > 2 && !memcmp(type + type_len - 2, "[]", 2))
		return add_array(c, type, type_len - 2, v, out);
	else if (kind == SQLITE_INTEGER && base == AMPH_T_BOOL)
		amph__buf_puts(out, sqlite3_value_int(v) ? "true" : "false");
	else if (kind == SQLITE_INTEGER)
		amph__buf_printf(out, "%lld", (long long)sqlite3_value_int64(v));
	else if (kind == SQLITE_FLOAT)
		add_real(base == AMPH_T_FLOAT ? AMPH_T_FLOAT : AMPH_T_DOUBLE, sqlite3_value_double(v),
			 out);
	else if (kind == SQLITE_BLOB)
		add_bytes(v, out);
	else
		add_text(base, v, out);
	return true;
}

/* An element of an array is its text. */
static void add_element(int base, const char *text, amph_buf *out)
{
	size_t len = strlen(text);

	if (base == AMPH_T_BOOL)
		amph__buf_puts(out, *text == 't' ? "true" : "false");
	else if (base == AMPH_T_DATE || base == AMPH_T_TIMESTAMP || base == AMPH_T_TIMESTAMPTZ)
		add_moment(base, text, len, out);
	else if (base == AMPH_T_JSON || base == AMPH_T_PLAIN_JSON ||
		 (base >= AMPH_T_INT16 && base <= AMPH_T_NUMERIC && strchr("-0123456789", *text) &&
		  !strchr(text, 'I')))
		amph__buf_add(out, text, len);
	else
		amph__sl_json_quote(text, len, out);
}

typedef struct array_writer {
	amph_matrix m;
	const char **at;                /* the next item */
	int base;
	const char *between;            /* of the outermost dimension */
	amph_buf *out;
} array_writer;

static void add_dimension(array_writer *w, int dim)
{
	int32_t n = w->m.n_dims ? w->m.size[dim] : 0;

	amph__buf_putc(w->out, '[');
	for (int32_t i = 0; i < n; i++) {
		amph__buf_puts(w->out, !i ? "" : dim ? "," : w->between);
		if (dim + 1 < w->m.n_dims)
			add_dimension(w, dim + 1);
		else if (*w->at)
			add_element(w->base, *w->at++, w->out);
		else
			amph__buf_puts(w->out, (w->at++, "null"));
	}
	amph__buf_putc(w->out, ']');
}

static bool add_array(sl_call *c, const char *type, size_t type_len, sqlite3_value *v, amph_buf *out)
{
	const char *text = (const char *)sqlite3_value_text(v);
	array_writer w = { .base = amph__sl_type_named(type, type_len), .between = ",", .out = out };
	amph_error err;

	if (!amph__matrix_parse(text ? text : "{}", text ? (size_t)sqlite3_value_bytes(v) : 2, &w.m,
				c->arena, &err)) {
		amph__sl_raise_error(c, &err);
		return false;
	}
	w.at = w.m.items;
	add_dimension(&w, 0);
	return true;
}

static bool add_pair_value(sl_call *c, int i, amph_buf *b)
{
	size_t len;
	const char *type = amph__sl_text(c, i, &len);

	return amph__sl_json_of(c, type, len, c->argv[i + 1], b);
}

/* arg of the functions that make jsonb and json. */
enum { NORMAL, PLAIN };

static void finish(sl_call *c, bool ok, amph_buf *b)
{
	if (ok && c->arg == PLAIN)
		amph__sl_result_buf(c, b);
	else if (ok)
		amph__sl_json_result(c, b);
	else
		amph__buf_clear(b);
}

static void to_jsonb(sl_call *c)
{
	amph_buf b;

	if (amph__sl_is_null(c, 1))
		return;
	amph__buf_init(&b, c->env->allocator);
	finish(c, add_pair_value(c, 0, &b), &b);
}

static void build_array(sl_call *c)
{
	bool ok = true;
	amph_buf b;

	amph__buf_init(&b, c->env->allocator);
	amph__buf_putc(&b, '[');
	for (int i = 0; i + 1 < c->argc && ok; i += 2) {
		amph__buf_puts(&b, i ? ", " : "");
		ok = add_pair_value(c, i, &b);
	}
	amph__buf_putc(&b, ']');
	finish(c, ok, &b);
}

bool amph__sl_json_add_key(sl_call *c, int i, amph_buf *b)
{
	size_t len;
	const char *type = amph__sl_text(c, i, &len);
	amph_buf text;
	bool ok;

	if ((len > 2 && !memcmp(type + len - 2, "[]", 2)) || (len == 5 && !memcmp(type, "jsonb", 5)) ||
	    (len == 6 && !memcmp(type, "record", 6)) ||
	    (len == 4 && !memcmp(type, "json", 4))) {
		amph__sl_raise(c, "22023", "key value must be scalar, not array, composite, or json");
		return false;
	}
	amph__buf_init(&text, c->env->allocator);
	ok = amph__sl_json_of(c, type, len, c->argv[i + 1], &text);
	if (text.len && text.text[0] == '"')
		amph__buf_add(b, text.text, text.len);
	else
		amph__sl_json_quote(amph__buf_text(&text), text.len, b);
	b->failed |= text.failed;
	amph__buf_clear(&text);
	return ok;
}

static void build_object(sl_call *c)
{
	bool ok = true;
	amph_buf b;

	if (c->argc % 4 != 0) {
		amph__sl_raise(c, "22023", "argument list must have even number of elements");
		return;
	}
	amph__buf_init(&b, c->env->allocator);
	amph__buf_putc(&b, '{');
	for (int i = 0; i < c->argc && ok; i += 4) {
		if (amph__sl_is_null(c, i + 1)) {
			amph__sl_raise(c, "22023", "argument %d: key must not be null", i / 2 + 1);
			ok = false;
			break;
		}
		amph__buf_puts(&b, i ? ", " : "");
		ok = amph__sl_json_add_key(c, i, &b);
		amph__buf_puts(&b, " : ");
		ok = ok && add_pair_value(c, i + 2, &b);
	}
	amph__buf_putc(&b, '}');
	finish(c, ok, &b);
}

/* row_to_json(lines, 'text', key, type, value ...) */
static void row_to_json(sl_call *c)
{
	bool ok = true, lines = sqlite3_value_int(c->argv[0]);
	amph_buf b;

	amph__buf_init(&b, c->env->allocator);
	amph__buf_putc(&b, '{');
	for (int i = 1; i + 3 < c->argc && ok; i += 4) {
		amph__buf_puts(&b, i == 1 ? "" : lines ? ",\n " : ",");
		ok = amph__sl_json_add_key(c, i, &b);
		amph__buf_puts(&b, ":");
		ok = ok && add_pair_value(c, i + 2, &b);
	}
	amph__buf_putc(&b, '}');
	finish(c, ok, &b);
}

static bool add_text_pair(sl_call *c, const char *key, const char *value, amph_buf *b)
{
	if (!key) {
		amph__sl_raise(c, "22004", "null value not allowed for object key");
		return false;
	}
	if (b->len > 1)
		amph__buf_puts(b, ", ");
	amph__sl_json_quote(key, strlen(key), b);
	amph__buf_puts(b, " : ");
	if (value)
		amph__sl_json_quote(value, strlen(value), b);
	else
		amph__buf_puts(b, "null");
	return true;
}

static bool check_pairs(sl_call *c, const amph_matrix *keys, const amph_matrix *values)
{
	const char *wrong = NULL;

	if (values && (keys->n_dims > 1 || keys->n_dims != values->n_dims))
		wrong = "wrong number of array subscripts";
	else if (values && keys->n != values->n)
		wrong = "mismatched array dimensions";
	else if (!values && keys->n_dims > 2)
		wrong = "wrong number of array subscripts";
	else if (!values && keys->n_dims == 2 && keys->size[1] != 2)
		wrong = "array must have two columns";
	else if (!values && keys->n % 2)
		wrong = "array must have even number of elements";
	if (wrong)
		amph__sl_raise(c, "2202E", "%s", wrong);
	return !wrong;
}

/* jsonb_object of one array of pairs, or of keys and values. */
static void object_of_texts(sl_call *c)
{
	amph_matrix keys, values;
	bool ok = true, two = c->argc == 2;
	amph_buf b;

	if (!amph__sl_matrix_arg(c, 0, &keys) || (two && !amph__sl_matrix_arg(c, 1, &values)) ||
	    !check_pairs(c, &keys, two ? &values : NULL))
		return;
	amph__buf_init(&b, c->env->allocator);
	amph__buf_putc(&b, '{');
	for (size_t i = 0; i < keys.n && ok; i += two ? 1 : 2)
		ok = add_text_pair(c, keys.items[i], two ? values.items[i] : keys.items[i + 1], &b);
	amph__buf_putc(&b, '}');
	finish(c, ok, &b);
}

/* array_to_json(type, array, lines) */
static void array_to_json(sl_call *c)
{
	size_t len;
	const char *type = amph__sl_text(c, 0, &len);
	array_writer w = { .base = amph__sl_type_named(type, len - 2),
			   .between = amph__sl_int(c, 2) ? ",\n " : "," };
	const char *text = amph__sl_text(c, 1, &len);
	amph_error err;
	amph_buf b;

	if (!amph__matrix_parse(text, len, &w.m, c->arena, &err)) {
		amph__sl_raise_error(c, &err);
		return;
	}
	amph__buf_init(&b, c->env->allocator);
	w.out = &b;
	w.at = w.m.items;
	add_dimension(&w, 0);
	amph__sl_result_buf(c, &b);
}

/* ---- set, insert, delete at a path ---- */

typedef enum set_op { SET, SET_OR_CREATE, INSERT_BEFORE, INSERT_AFTER, REMOVE } set_op;

typedef struct setter {
	sl_call *c;
	amph_text_array path;
	sl_json value;
	set_op op;
	amph_buf *out;
	bool failed, first;
} setter;

static bool creates(const setter *s)
{
	return s->op == SET_OR_CREATE || s->op == INSERT_BEFORE || s->op == INSERT_AFTER;
}

static void add(setter *s, const sl_json *key, sl_json value, bool *first)
{
	if (!*first)
		amph__buf_puts(s->out, ", ");
	*first = false;
	if (key) {
		amph__buf_add(s->out, key->at, key->len);
		amph__buf_puts(s->out, ": ");
	}
	amph__buf_add(s->out, value.at, value.len);
}

static void set_at(setter *s, sl_json v, size_t level);

static void descend(setter *s, const sl_json *key, sl_json value, size_t level, bool *first)
{
	const sl_json nothing = { "", 0 };

	add(s, key, nothing, first);
	set_at(s, value, level + 1);
}

static void set_in_object(setter *s, sl_json v, size_t level)
{
	sl_json_iter it = amph__sl_json_begin(v);
	const char *name = s->path.items[level];
	bool last = level + 1 == s->path.n, found = false, first = true;

	amph__buf_putc(s->out, '{');
	while (amph__sl_json_next(&it) && !s->failed) {
		if (!amph__sl_json_is_text(it.key, name, strlen(name))) {
			add(s, &it.key, it.value, &first);
			continue;
		}
		found = true;
		if (!last) {
			descend(s, &it.key, it.value, level, &first);
		} else if (s->op == INSERT_BEFORE || s->op == INSERT_AFTER) {
			amph__sl_raise(s->c, "22023", "cannot replace existing key");
			s->failed = true;
		} else if (s->op != REMOVE) {
			add(s, &it.key, s->value, &first);
		}
	}
	if (!found && last && creates(s)) {
		if (!first)
			amph__buf_puts(s->out, ", ");
		amph__sl_json_quote(name, strlen(name), s->out);
		amph__buf_puts(s->out, ": ");
		amph__buf_add(s->out, s->value.at, s->value.len);
	}
	amph__buf_putc(s->out, '}');
}

static bool index_of(setter *s, size_t level, int64_t n, int64_t *out)
{
	const char *text = s->path.items[level];
	char *end;

	*out = strtol(text, &end, 10);
	if (end == text || *end || *out != (int32_t)*out) {
		amph__sl_raise(s->c, "22P02", "path element at position %zu is not an integer: \"%s\"",
			       level + 1, text);
		s->failed = true;
		return false;
	}
	if (*out < 0)
		*out = -*out > n ? INT64_MIN : n + *out;
	else if (*out > n)
		*out = n;
	return true;
}

static void set_element(setter *s, sl_json value, bool *first)
{
	if (s->op == SET_OR_CREATE || s->op == INSERT_BEFORE || s->op == SET)
		add(s, NULL, s->value, first);
	if (s->op == INSERT_BEFORE || s->op == INSERT_AFTER)
		add(s, NULL, value, first);
	if (s->op == INSERT_AFTER)
		add(s, NULL, s->value, first);
}

static void set_in_array(setter *s, sl_json v, size_t level)
{
	sl_json_iter it = amph__sl_json_begin(v);
	int64_t n = (int64_t)amph__sl_json_count(v), at;
	bool last = level + 1 == s->path.n, done = false, first = true;

	if (!index_of(s, level, n, &at))
		return;
	amph__buf_putc(s->out, '[');
	if ((at == INT64_MIN || n == 0) && last && creates(s)) {
		add(s, NULL, s->value, &first);
		done = true;
	}
	for (int64_t i = 0; amph__sl_json_next(&it) && !s->failed; i++) {
		if (i != at) {
			add(s, NULL, it.value, &first);
		} else if (last) {
			set_element(s, it.value, &first);
			done = true;
		} else {
			descend(s, NULL, it.value, level, &first);
		}
	}
	if (!done && last && creates(s))
		add(s, NULL, s->value, &first);
	amph__buf_putc(s->out, ']');
}

static void set_at(setter *s, sl_json v, size_t level)
{
	sl_json_kind kind = amph__sl_json_kind(v);

	if (level < s->path.n && !s->path.items[level]) {
		amph__sl_raise(s->c, "22004", "path element at position %zu is null", level + 1);
		s->failed = true;
	} else if (kind == SL_JSON_OBJECT) {
		set_in_object(s, v, level);
	} else if (kind == SL_JSON_ARRAY) {
		set_in_array(s, v, level);
	} else {
		amph__buf_add(s->out, v.at, v.len);
	}
}

static void run_setter_with(sl_call *c, set_op op, sl_json value)
{
	sl_json v = amph__sl_json_arg(c, 0);
	amph_buf b;
	setter s = { .c = c, .op = op, .value = value, .out = &b };

	if (!amph__sl_array_arg(c, 1, &s.path))
		return;
	if (amph__sl_json_kind(v) < SL_JSON_ARRAY) {
		amph__sl_raise(c, "22023", op == REMOVE ? "cannot delete path in scalar"
							: "cannot set path in scalar");
		return;
	}
	if (s.path.n == 0 || (!creates(&s) && amph__sl_json_count(v) == 0)) {
		amph__sl_result_text(c, v.at, v.len);
		return;
	}
	amph__buf_init(&b, c->env->allocator);
	set_at(&s, v, 0);
	finish(c, !s.failed, &b);
}

/* value: the argument that the new value is; 0: there is none. */
static void run_setter(sl_call *c, set_op op, int value)
{
	const sl_json none = { NULL, 0 };

	run_setter_with(c, op, value ? amph__sl_json_arg(c, value) : none);
}

static void set_path(sl_call *c)
{
	run_setter(c, amph__sl_int(c, 3) ? SET_OR_CREATE : SET, 2);
}

static void insert_path(sl_call *c)
{
	run_setter(c, amph__sl_int(c, 3) ? INSERT_AFTER : INSERT_BEFORE, 2);
}

static void delete_path(sl_call *c)
{
	run_setter(c, REMOVE, 0);
}

static sl_json null_json(void)
{
	static const char text[] = "null";

	return (sl_json){ text, sizeof(text) - 1 };
}

/* jsonb_set where the new value may be NULL: the fifth argument says what that means. */
static void set_lax(sl_call *c)
{
	size_t len;
	const char *how = amph__sl_text(c, 4, &len);
	sl_json v = amph__sl_json_arg(c, 0);

	if (amph__sl_is_null(c, 0) || amph__sl_is_null(c, 1) || amph__sl_is_null(c, 3))
		return;
	if (amph__sl_is_null(c, 4))
		how = "";
	else if (!amph__sl_is_null(c, 2)) {
		set_path(c);
		return;
	}
	if (!strcmp(how, "raise_exception"))
		amph__sl_raise(c, "22004", "JSON value must not be null");
	else if (!strcmp(how, "use_json_null"))
		run_setter_with(c, amph__sl_int(c, 3) ? SET_OR_CREATE : SET, null_json());
	else if (!strcmp(how, "delete_key"))
		delete_path(c);
	else if (!strcmp(how, "return_target"))
		amph__sl_result_text(c, v.at, v.len);
	else
		amph__sl_raise(c, "22023", "null_value_treatment must be \"delete_key\", "
			       "\"return_target\", \"use_json_null\", or \"raise_exception\"");
}

/* ---- nulls, printing ---- */

static void strip(sl_json v, amph_buf *out)
{
	sl_json_iter it = amph__sl_json_begin(v);
	sl_json_kind kind = amph__sl_json_kind(v);
	bool first = true;

	if (kind < SL_JSON_ARRAY) {
		amph__buf_add(out, v.at, v.len);
		return;
	}
	amph__buf_putc(out, it.object ? '{' : '[');
	while (amph__sl_json_next(&it)) {
		if (it.object && amph__sl_json_kind(it.value) == SL_JSON_NULL)
			continue;
		amph__buf_puts(out, first ? "" : ", ");
		first = false;
		if (it.object) {
			amph__buf_add(out, it.key.at, it.key.len);
			amph__buf_puts(out, ": ");
		}
		strip(it.value, out);
	}
	amph__buf_putc(out, kind == SL_JSON_OBJECT ? '}' : ']');
}

static void strip_nulls(sl_call *c)
{
	amph_buf b;

	amph__buf_init(&b, c->env->allocator);
	strip(amph__sl_json_arg(c, 0), &b);
	amph__sl_result_buf(c, &b);
}

static void new_line(amph_buf *out, int depth)
{
	amph__buf_putc(out, '\n');
	for (int i = 0; i < depth; i++)
		amph__buf_puts(out, "    ");
}

static void print(sl_json v, amph_buf *out, int depth)
{
	sl_json_iter it = amph__sl_json_begin(v);
	bool first = true, object = it.object;

	if (amph__sl_json_kind(v) < SL_JSON_ARRAY) {
		amph__buf_add(out, v.at, v.len);
		return;
	}
	amph__buf_putc(out, object ? '{' : '[');
	while (amph__sl_json_next(&it)) {
		amph__buf_puts(out, first ? "" : ",");
		first = false;
		new_line(out, depth + 1);
		if (object) {
			amph__buf_add(out, it.key.at, it.key.len);
			amph__buf_puts(out, ": ");
		}
		print(it.value, out, depth + 1);
	}
	new_line(out, depth);
	amph__buf_putc(out, object ? '}' : ']');
}

static void pretty(sl_call *c)
{
	amph_buf b;

	amph__buf_init(&b, c->env->allocator);
	print(amph__sl_json_arg(c, 0), &b, 0);
	amph__sl_result_buf(c, &b);
}

static const sl_function rows[] = {
	{ "array_to_json", 3, 0, array_to_json, 0 },
	{ "json_build_array", -1, SL_FN_NULLS, build_array, PLAIN },
	{ "json_build_object", -1, SL_FN_NULLS, build_object, PLAIN },
	{ "json_object_text_array", 1, 0, object_of_texts, PLAIN },
	{ "json_object_text_array_text_array", 2, 0, object_of_texts, PLAIN },
	{ "jsonb_build_array", -1, SL_FN_NULLS, build_array, 0 },
	{ "jsonb_build_object", -1, SL_FN_NULLS, build_object, 0 },
	{ "jsonb_delete_path", 2, 0, delete_path, 0 },
	{ "jsonb_insert_jsonb_text_array_jsonb_bool", 4, 0, insert_path, 0 },
	{ "jsonb_object_text_array", 1, 0, object_of_texts, 0 },
	{ "jsonb_object_text_array_text_array", 2, 0, object_of_texts, 0 },
	{ "jsonb_pretty_jsonb", 1, 0, pretty, 0 },
	{ "jsonb_set_jsonb_text_array_jsonb_bool", 4, 0, set_path, 0 },
	{ "jsonb_set_lax_jsonb_text_array_jsonb_bool_text", 5, SL_FN_NULLS, set_lax, 0 },
	{ "jsonb_strip_nulls_jsonb", 1, 0, strip_nulls, 0 },
	{ "row_to_json", -1, SL_FN_NULLS, row_to_json, PLAIN },
	{ "to_json", 2, SL_FN_NULLS, to_jsonb, PLAIN },
	{ "to_jsonb", 2, SL_FN_NULLS, to_jsonb, NORMAL }
};
const sl_functions amph__sl_jsonbuild_functions = { rows, sizeof(rows) / sizeof(rows[0]) };
