/* What json_to_record and its like read members of objects with. */
#include "jsontext.h"

/* An object as it is. */
static void fields(sl_call *c)
{
	if (amph__sl_json_kind(amph__sl_plain_arg(c, 0)) == SL_JSON_OBJECT)
		sqlite3_result_value(c->ctx, c->argv[0]);
	else
		amph__sl_raise(c, "22023", "cannot call json_to_record on what is no object");
}

static void add_items(sl_json v, amph_buf *out);

static void add_item(sl_json v, amph_buf *out)
{
	sl_json_kind kind = amph__sl_json_kind(v);
	amph_buf text;

	if (kind == SL_JSON_NULL) {
		amph__buf_puts(out, "NULL");
		return;
	}
	if (kind == SL_JSON_ARRAY) {
		add_items(v, out);
		return;
	}
	amph__buf_init(&text, out->allocator);
	if (kind == SL_JSON_STRING)
		amph__sl_json_unquote(v, &text);
	else
		amph__buf_add(&text, v.at, v.len);
	amph__buf_putc(out, '"');
	for (size_t i = 0; i < text.len; i++) {
		if (text.text[i] == '"' || text.text[i] == '\\')
			amph__buf_putc(out, '\\');
		amph__buf_putc(out, text.text[i]);
	}
	amph__buf_putc(out, '"');
	out->failed |= text.failed;
	amph__buf_clear(&text);
}

static void add_items(sl_json v, amph_buf *out)
{
	sl_json_iter it = amph__sl_json_begin(v);
	bool first = true;

	amph__buf_putc(out, '{');
	while (amph__sl_json_next(&it)) {
		amph__buf_puts(out, first ? "" : ",");
		first = false;
		add_item(it.value, out);
	}
	amph__buf_putc(out, '}');
}

/* The text of an array: of a string that, of a JSON array its items. */
static void items(sl_call *c)
{
	sl_json v = amph__sl_plain_arg(c, 0);
	sl_json_kind kind = amph__sl_json_kind(v);
	amph_buf b;

	if (kind == SL_JSON_NULL)
		return;
	if (kind != SL_JSON_STRING && kind != SL_JSON_ARRAY) {
		amph__sl_raise(c, "22P02", "expected JSON array");
		return;
	}
	amph__buf_init(&b, c->env->allocator);
	if (kind == SL_JSON_STRING)
		amph__sl_json_unquote(v, &b);
	else
		add_items(v, &b);
	amph__sl_result_buf(c, &b);
}

static const sl_function rows[] = {
	{ "json_fields_json", 1, 0, fields, 0 },
	{ "json_items_json", 1, 0, items, 0 },
	{ "jsonb_fields_jsonb", 1, 0, fields, 0 },
	{ "jsonb_items_jsonb", 1, 0, items, 0 }
};
const sl_functions amph__sl_jsonrecord_functions = { rows, sizeof(rows) / sizeof(rows[0]) };
