/* Assignment to a part of a jsonb column: SET j['a'][2] = value. What lies on the way is made. */
#include "jsontext.h"
#include <string.h>

enum { ELEMENTS_MAX = 0x0FFFFFFF };

typedef struct assignment {
	sl_call *c;
	amph_text_array path;
	sl_json value;
	amph_buf *out;
	bool failed;
} assignment;

static void add_nulls(assignment *a, int64_t n, bool *first)
{
	if (n > ELEMENTS_MAX) {
		amph__sl_raise(a->c, "54000", "number of jsonb array elements exceeds the maximum "
			       "allowed (%d)", ELEMENTS_MAX);
		a->failed = true;
	}
	for (; n > 0 && !a->failed && !a->out->failed; n--, *first = false)
		amph__buf_puts(a->out, *first ? "null" : ", null");
}

/* What is new from this step on. */
static void add_new(assignment *a, size_t level)
{
	bool first = true;
	int64_t i;

	if (level == a->path.n) {
		amph__buf_add(a->out, a->value.at, a->value.len);
	} else if (amph__sl_json_index(a->path.items[level], &i)) {
		amph__buf_putc(a->out, '[');
		add_nulls(a, i, &first);
		amph__buf_puts(a->out, first ? "" : ", ");
		add_new(a, level + 1);
		amph__buf_putc(a->out, ']');
	} else {
		amph__buf_putc(a->out, '{');
		amph__sl_json_quote(a->path.items[level], strlen(a->path.items[level]), a->out);
		amph__buf_puts(a->out, ": ");
		add_new(a, level + 1);
		amph__buf_putc(a->out, '}');
	}
}

static void assign_at(assignment *a, sl_json v, size_t level);

static void assign_in_object(assignment *a, sl_json v, size_t level)
{
	const char *key = a->path.items[level];
	sl_json_iter it = amph__sl_json_begin(v);
	bool found = false, first = true;

	amph__buf_putc(a->out, '{');
	for (; amph__sl_json_next(&it) && !a->failed; first = false) {
		bool here = amph__sl_json_is_text(it.key, key, strlen(key));

		amph__buf_puts(a->out, first ? "" : ", ");
		amph__buf_add(a->out, it.key.at, it.key.len);
		amph__buf_puts(a->out, ": ");
		if (here)
			assign_at(a, it.value, level + 1);
		else
			amph__buf_add(a->out, it.value.at, it.value.len);
		found |= here;
	}
	if (!found) {
		amph__buf_puts(a->out, first ? "" : ", ");
		amph__sl_json_quote(key, strlen(key), a->out);
		amph__buf_puts(a->out, ": ");
		add_new(a, level + 1);
	}
	amph__buf_putc(a->out, '}');
}

static bool find_index(assignment *a, size_t level, int64_t n, int64_t *out)
{
	if (!amph__sl_json_index(a->path.items[level], out))
		amph__sl_raise(a->c, "22P02", "path element at position %zu is not an integer: \"%s\"",
			       level + 1, a->path.items[level]);
	else if (*out < -n)
		amph__sl_raise(a->c, "22023", "path element at position %zu is out of range: %lld", level + 1,
			       (long long)*out);
	else
		return true;
	a->failed = true;
	return false;
}

static void assign_in_array(assignment *a, sl_json v, size_t level)
{
	int64_t n = (int64_t)amph__sl_json_count(v), i, at = 0;
	sl_json_iter it = amph__sl_json_begin(v);
	bool first = true;

	if (!find_index(a, level, n, &i))
		return;
	i = i < 0 ? i + n : i;
	amph__buf_putc(a->out, '[');
	for (; amph__sl_json_next(&it) && !a->failed; first = false) {
		amph__buf_puts(a->out, first ? "" : ", ");
		if (at++ == i)
			assign_at(a, it.value, level + 1);
		else
			amph__buf_add(a->out, it.value.at, it.value.len);
	}
	if (i >= n) {
		add_nulls(a, i - n, &first);
		amph__buf_puts(a->out, first ? "" : ", ");
		add_new(a, level + 1);
	}
	amph__buf_putc(a->out, ']');
}

static void assign_at(assignment *a, sl_json v, size_t level)
{
	sl_json_kind kind = amph__sl_json_kind(v);

	if (level == a->path.n) {
		amph__buf_add(a->out, a->value.at, a->value.len);
	} else if (kind < SL_JSON_ARRAY) {
		amph__sl_raise(a->c, "22023", "cannot replace existing key");
		a->failed = true;
	} else if (kind == SL_JSON_OBJECT) {
		assign_in_object(a, v, level);
	} else {
		assign_in_array(a, v, level);
	}
}

/* (what NULL begins as, value, document, step, ...) */
static void assign(sl_call *c)
{
	size_t n = (size_t)c->argc - 3, len;
	const char **steps = AMPH_NEWS(c->arena, const char *, n + 1);
	amph_buf b;
	assignment a = { .c = c, .path = { steps, n }, .out = &b };

	for (size_t i = 0; steps && i < n; i++) {
		if (amph__sl_is_null(c, (int)i + 3)) {
			amph__sl_raise(c, "22004", "jsonb subscript in assignment must not be null");
			return;
		}
		steps[i] = amph__sl_text(c, (int)i + 3, &len);
	}
	if (!steps)
		return;
	a.value = amph__sl_is_null(c, 1) ? (sl_json){ "null", 4 } : amph__sl_json_arg(c, 1);
	amph__buf_init(&b, c->env->allocator);
	assign_at(&a, amph__sl_json_arg(c, amph__sl_is_null(c, 2) ? 0 : 2), 0);
	if (a.failed)
		amph__buf_clear(&b);
	else
		amph__sl_json_result(c, &b);
}

static const sl_function rows[] = {
	{ "jsonb_assign", -1, SL_FN_NULLS, assign, 0 }
};
const sl_functions amph__sl_jsonassign_functions = { rows, sizeof(rows) / sizeof(rows[0]) };
