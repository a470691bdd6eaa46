/* Functions of SQL/JSON paths: jsonb_path_query and its relatives. */
#include "jsonpathrun.h"
#include "../tables.h"

/* (target, path), or with vars and silent. found NULL: only whether there is anything. */
static bool run_path(sl_call *c, sl_items *found, bool *silent, sl_outcome *out)
{
	sl_run r = { .c = c, .zones = c->arg != 0, .size = -1, .throws = true };
	const sl_path *p;
	sl_items all = { 0 };
	size_t len;
	const char *text = amph__sl_text(c, 1, &len);

	*silent = c->argc < 4 || amph__sl_int(c, 3);
	text = amph__arena_text(c->arena, text, len);
	p = text ? amph__sl_path_read(c, text, len, &r.strict) : NULL;
	if (!p)
		return false;
	r.root = r.current = amph__sl_json_arg(c, 0);
	r.lenient = !r.strict;
	r.throws = !*silent;
	if (c->argc > 2) {
		r.vars = amph__sl_json_arg(c, 2);
		r.has_vars = true;
		if (amph__sl_json_kind(r.vars) != SL_JSON_OBJECT) {
			amph__sl_raise(c, "22023", "\"vars\" argument is not an object");
			return false;
		}
	}
	if (!found && r.strict)
		found = &all;
	*out = amph__sl_path_item(&r, p, r.root, found, !r.strict);
	if (found == &all && *out != SL_FAILED)
		*out = all.n ? SL_OK : SL_NONE;
	return !r.raised && !c->arena->failed;
}

static void path_exists(sl_call *c)
{
	bool silent;
	sl_outcome o;

	if (run_path(c, NULL, &silent, &o) && o != SL_FAILED)
		amph__sl_result_bool(c, o == SL_OK);
}

static void path_match(sl_call *c)
{
	sl_items found = { 0 };
	bool silent;
	sl_outcome o;

	if (!run_path(c, &found, &silent, &o))
		return;
	if (found.n == 1 && amph__sl_json_kind(found.first->v) == SL_JSON_BOOL)
		amph__sl_result_bool(c, *found.first->v.at == 't');
	else if (!silent && (found.n != 1 || amph__sl_json_kind(found.first->v) != SL_JSON_NULL))
		amph__sl_raise(c, "22038", "single boolean result is expected");
}

static void path_query_array(sl_call *c)
{
	sl_items found = { 0 };
	bool silent;
	sl_outcome o;
	amph_buf b;

	if (!run_path(c, &found, &silent, &o))
		return;
	amph__buf_init(&b, c->env->allocator);
	amph__buf_putc(&b, '[');
	for (sl_item *i = found.first; i; i = i->next) {
		amph__buf_puts(&b, i == found.first ? "" : ", ");
		amph__buf_add(&b, i->v.at, i->v.len);
	}
	amph__buf_putc(&b, ']');
	amph__sl_result_buf(c, &b);
}

static void path_query_first(sl_call *c)
{
	sl_items found = { 0 };
	bool silent;
	sl_outcome o;

	if (run_path(c, &found, &silent, &o) && found.n)
		amph__sl_result_text(c, found.first->v.at, found.first->v.len);
}

void amph__sl_path_query(sl_call *c, sl_set *set)
{
	sl_items found = { 0 };
	bool silent;
	sl_outcome o;

	if (!run_path(c, &found, &silent, &o))
		return;
	for (sl_item *i = found.first; i && !c->nomem; i = i->next)
		amph__sl_set_text(c, set, i->v.at, i->v.len);
}

static void path_in(sl_call *c)
{
	amph_buf b;
	size_t len;
	const char *text = amph__sl_text(c, 0, &len);

	amph__buf_init(&b, c->env->allocator);
	text = amph__arena_text(c->arena, text, len);
	if (text && amph__sl_path_format(c, text, len, &b))
		amph__sl_result_buf(c, &b);
	else
		amph__buf_clear(&b);
}

static const sl_function rows[] = {
	{ "jsonb_path_exists_jsonb_jsonpath_jsonb_bool", 4, 0, path_exists, 0 },
	{ "jsonb_path_exists_opr", 2, 0, path_exists, 0 },
	{ "jsonb_path_exists_tz_jsonb_jsonpath_jsonb_bool", 4, 0, path_exists, 1 },
	{ "jsonb_path_match_jsonb_jsonpath_jsonb_bool", 4, 0, path_match, 0 },
	{ "jsonb_path_match_opr", 2, 0, path_match, 0 },
	{ "jsonb_path_match_tz_jsonb_jsonpath_jsonb_bool", 4, 0, path_match, 1 },
	{ "jsonb_path_query_array_jsonb_jsonpath_jsonb_bool", 4, 0, path_query_array, 0 },
	{ "jsonb_path_query_array_tz_jsonb_jsonpath_jsonb_bool", 4, 0, path_query_array, 1 },
	{ "jsonb_path_query_first_jsonb_jsonpath_jsonb_bool", 4, 0, path_query_first, 0 },
	{ "jsonb_path_query_first_tz_jsonb_jsonpath_jsonb_bool", 4, 0, path_query_first, 1 },
	{ "jsonpath_in", 1, 0, path_in, 0 }
};
const sl_functions amph__sl_jsonpath_functions = { rows, sizeof(rows) / sizeof(rows[0]) };
