/* The text of SQL/JSON paths as PostgreSQL prints them. */
#include "jsonpath.h"
#include <string.h>

static void put_path(const sl_path *p, bool in_key, bool brackets, amph_buf *out);

static void put_literal(const sl_path *p, amph_buf *out)
{
	bool number = amph__sl_json_kind(p->value) == SL_JSON_NUMBER;
	amph__buf_puts(out, number && p->next ? "(" : "");
	amph__buf_add(out, p->value.at, p->value.len);
	amph__buf_puts(out, number && p->next ? ")" : "");
}

static int strength(sl_path_kind kind)
{
	switch (kind) {
	case SL_PATH_OR: return 0;
	case SL_PATH_AND: return 1;
	case SL_PATH_EQ: case SL_PATH_NE: case SL_PATH_LT: case SL_PATH_LE: case SL_PATH_GT:
	case SL_PATH_GE: case SL_PATH_STARTS: return 2;
	case SL_PATH_ADD: case SL_PATH_SUB: return 3;
	case SL_PATH_MUL: case SL_PATH_DIV: case SL_PATH_MOD: return 4;
	case SL_PATH_PLUS: case SL_PATH_MINUS: return 5;
	default: return 6;
	}
}

static const char *operator_text(sl_path_kind kind)
{
	static const char *const texts[] = {
		[SL_PATH_ADD] = "+", [SL_PATH_SUB] = "-", [SL_PATH_MUL] = "*", [SL_PATH_DIV] = "/",
		[SL_PATH_MOD] = "%", [SL_PATH_PLUS] = "+", [SL_PATH_MINUS] = "-", [SL_PATH_AND] = "&&",
		[SL_PATH_OR] = "||", [SL_PATH_EQ] = "==", [SL_PATH_NE] = "!=", [SL_PATH_LT] = "<",
		[SL_PATH_LE] = "<=", [SL_PATH_GT] = ">", [SL_PATH_GE] = ">=",
		[SL_PATH_STARTS] = "starts with"
	};

	return texts[kind];
}

static void put_operand(const sl_path *operand, const sl_path *of, amph_buf *out)
{
	put_path(operand, false, strength(operand->kind) <= strength(of->kind), out);
}

static void put_operator(const sl_path *p, bool brackets, amph_buf *out)
{
	amph__buf_puts(out, brackets ? "(" : "");
	if (p->kind == SL_PATH_PLUS || p->kind == SL_PATH_MINUS) {
		amph__buf_puts(out, operator_text(p->kind));
		put_operand(p->left, p, out);
	} else if (p->kind == SL_PATH_REGEX) {
		put_operand(p->left, p, out);
		amph__buf_puts(out, " like_regex ");
		amph__sl_json_quote(p->text, p->len, out);
		if (*p->flags_written)
			amph__buf_printf(out, " flag \"%s\"", p->flags_written);
	} else {
		put_operand(p->left, p, out);
		amph__buf_printf(out, " %s ", operator_text(p->kind));
		put_operand(p->right, p, out);
	}
	amph__buf_puts(out, brackets ? ")" : "");
}

static void put_wrapped(const char *before, const sl_path *inside, const char *after, amph_buf *out)
{
	amph__buf_puts(out, before);
	put_path(inside, false, false, out);
	amph__buf_puts(out, after);
}

static void put_subscripts(const sl_path *p, amph_buf *out)
{
	for (size_t i = 0; i < p->n_ranges; i++) {
		put_wrapped(i ? "," : "[", p->ranges[i].from, "", out);
		if (p->ranges[i].to)
			put_wrapped(" to ", p->ranges[i].to, "", out);
	}
	amph__buf_putc(out, ']');
}

static void put_level(uint32_t level, amph_buf *out)
{
	if (level == UINT32_MAX)
		amph__buf_puts(out, "last");
	else
		amph__buf_printf(out, "%u", level);
}

static void put_deep(const sl_path *p, amph_buf *out)
{
	amph__buf_puts(out, "**");
	if (p->first == 0 && p->last == UINT32_MAX)
		return;
	amph__buf_putc(out, '{');
	put_level(p->first, out);
	if (p->first != p->last) {
		amph__buf_puts(out, " to ");
		put_level(p->last, out);
	}
	amph__buf_putc(out, '}');
}

static void put_method(const sl_path *p, amph_buf *out)
{
	static const char *const names[] = {
		[SL_PATH_TYPE] = "type", [SL_PATH_SIZE] = "size", [SL_PATH_ABS] = "abs",
		[SL_PATH_FLOOR] = "floor", [SL_PATH_CEILING] = "ceiling", [SL_PATH_DOUBLE] = "double",
		[SL_PATH_KEYVALUE] = "keyvalue", [SL_PATH_DATETIME] = "datetime"
	};

	amph__buf_printf(out, ".%s(", names[p->kind]);
	if (p->kind == SL_PATH_DATETIME && p->text)
		amph__sl_json_quote(p->text, p->len, out);
	amph__buf_putc(out, ')');
}

static void put_one(const sl_path *p, bool in_key, bool brackets, amph_buf *out)
{
	switch (p->kind) {
	case SL_PATH_LITERAL: put_literal(p, out); break;
	case SL_PATH_VARIABLE:
	case SL_PATH_KEY:
		amph__buf_puts(out, p->kind == SL_PATH_VARIABLE ? "$" : in_key ? "." : "");
		amph__sl_json_quote(p->text, p->len, out);
		break;
	case SL_PATH_ROOT: amph__buf_putc(out, '$'); break;
	case SL_PATH_CURRENT: amph__buf_putc(out, '@'); break;
	case SL_PATH_LAST: amph__buf_puts(out, "last"); break;
	case SL_PATH_ANY_KEY: amph__buf_puts(out, in_key ? ".*" : "*"); break;
	case SL_PATH_ANY_ELEMENT: amph__buf_puts(out, "[*]"); break;
	case SL_PATH_SUBSCRIPTS: put_subscripts(p, out); break;
	case SL_PATH_DEEP:
		amph__buf_puts(out, in_key ? "." : "");
		put_deep(p, out);
		break;
	case SL_PATH_FILTER: put_wrapped("?(", p->left, ")", out); break;
	case SL_PATH_NOT: put_wrapped("!(", p->left, ")", out); break;
	case SL_PATH_UNKNOWN: put_wrapped("(", p->left, ") is unknown", out); break;
	case SL_PATH_EXISTS: put_wrapped("exists (", p->left, ")", out); break;
	default:
		if (p->kind >= SL_PATH_TYPE && p->kind <= SL_PATH_DATETIME)
			put_method(p, out);
		else
			put_operator(p, brackets, out);
	}
}

static void put_path(const sl_path *p, bool in_key, bool brackets, amph_buf *out)
{
	put_one(p, in_key, brackets, out);
	for (p = p->next; p && !out->failed; p = p->next)
		put_one(p, true, true, out);
}

/* Whether the text means the path again: PostgreSQL leaves brackets out before a step. */
static bool reads_back(const sl_path *p, int of)
{
	for (bool first = true; p; p = p->next, first = false) {
		int own = strength(p->kind);

		if (first && p->next && own < 6 && own > of)
			return false;
		if (!reads_back(p->left, own < 6 ? own : -1) || !reads_back(p->right, own < 6 ? own : -1))
			return false;
		for (size_t i = 0; i < p->n_ranges; i++)
			if (!reads_back(p->ranges[i].from, -1) || !reads_back(p->ranges[i].to, -1))
				return false;
	}
	return true;
}

bool amph__sl_path_format(sl_call *c, const char *text, size_t len, amph_buf *out)
{
	bool strict;
	const sl_path *p = amph__sl_path_read(c, text, len, &strict);

	if (!p)
		return false;
	if (!reads_back(p, 6)) {
		amph__sl_raise(c, "0A000", "A path whose text means another is not supported on SQLite");
		return false;
	}
	amph__buf_puts(out, strict ? "strict " : "");
	put_path(p, false, true, out);
	return true;
}
