/* format() and the quoting that it shares with quote_ident and its like. */
#include "../array/array.h"
#include "span.h"
#include <stdlib.h>
#include <string.h>

/* Adds n spaces. */
static void add_spaces(amph_buf *b, int64_t n)
{
	for (; n > 0 && !b->failed; n--)
		amph__buf_putc(b, ' ');
}

static void add_literal(amph_buf *b, span s)
{
	bool escapes = memchr(s.at, '\\', span_len(s)) != NULL;

	amph__buf_puts(b, escapes ? "E'" : "'");
	for (; s.at < s.end; s.at++) {
		if (*s.at == '\'' || *s.at == '\\')
			amph__buf_putc(b, *s.at);
		amph__buf_putc(b, *s.at);
	}
	amph__buf_putc(b, '\'');
}

/* NULL is the word, or what it was: c->arg says which. */
static void quote_literal(sl_call *c)
{
	amph_buf b;

	if (amph__sl_is_null(c, 0)) {
		amph__sl_result_text(c, "NULL", 4);
		return;
	}
	amph__buf_init(&b, c->env->allocator);
	add_literal(&b, arg_span(c, 0));
	amph__sl_result_buf(c, &b);
}

/* PostgreSQL 15's words that cannot be used as a column's name, and those that could but are
 * quoted all the same. Sorted. */
static const char *const keywords[] = {
	"all", "analyse", "analyze", "and", "any", "array", "as", "asc", "asymmetric",
	"authorization", "between", "bigint", "binary", "bit", "boolean", "both", "case", "cast",
	"char", "character", "check", "coalesce", "collate", "collation", "column", "concurrently",
	"constraint", "create", "cross", "current_catalog", "current_date", "current_role",
	"current_schema", "current_time", "current_timestamp", "current_user", "dec", "decimal",
	"default", "deferrable", "desc", "distinct", "do", "else", "end", "except", "exists",
	"extract", "false", "fetch", "float", "for", "foreign", "freeze", "from", "full", "grant",
	"greatest", "group", "grouping", "having", "ilike", "in", "initially", "inner", "inout",
	"int", "integer", "intersect", "interval", "into", "is", "isnull", "join", "lateral",
	"leading", "least", "left", "like", "limit", "localtime", "localtimestamp", "national",
	"natural", "nchar", "none", "normalize", "not", "notnull", "null", "nullif", "numeric",
	"offset", "on", "only", "or", "order", "out", "outer", "overlaps", "overlay", "placing",
	"position", "precision", "primary", "real", "references", "returning", "right", "row",
	"select", "session_user", "setof", "similar", "smallint", "some", "substring", "symmetric",
	"table", "tablesample", "then", "time", "timestamp", "to", "trailing", "treat", "trim",
	"true", "union", "unique", "user", "using", "values", "varchar", "variadic", "verbose",
	"when", "where", "window", "with", "xmlattributes", "xmlconcat", "xmlelement", "xmlexists",
	"xmlforest", "xmlnamespaces", "xmlparse", "xmlpi", "xmlroot", "xmlserialize", "xmltable"
};

static int compare_keyword(const void *a, const void *b)
{
	const span *s = a;
	const char *word = *(const char *const *)b;
	int order = strncmp(s->at, word, span_len(*s));

	return order ? order : word[span_len(*s)] ? -1 : 0;
}

static bool is_plain_name(span s)
{
	if (s.at == s.end || amph__is_digit(*s.at))
		return false;
	for (const char *p = s.at; p < s.end; p++)
		if (!((*p >= 'a' && *p <= 'z') || amph__is_digit(*p) || *p == '_'))
			return false;
	return !bsearch(&s, keywords, sizeof(keywords) / sizeof(keywords[0]), sizeof(keywords[0]),
			compare_keyword);
}

static void add_identifier(amph_buf *b, span s)
{
	if (is_plain_name(s)) {
		amph__buf_add(b, s.at, span_len(s));
		return;
	}
	amph__buf_putc(b, '"');
	for (; s.at < s.end; s.at++) {
		if (*s.at == '"')
			amph__buf_putc(b, '"');
		amph__buf_putc(b, *s.at);
	}
	amph__buf_putc(b, '"');
}

static void quote_ident(sl_call *c)
{
	amph_buf b;

	amph__buf_init(&b, c->env->allocator);
	add_identifier(&b, arg_span(c, 0));
	amph__sl_result_buf(c, &b);
}

/* ---- format() ---- */

typedef struct directive {
	int64_t position, width;        /* position 0: the next argument */
	bool left;
	char kind;
} directive;

/* The arguments as texts; NULL at is NULL. The first is the format. */
typedef struct inputs {
	sl_call *c;
	span *texts;
	size_t n;
} inputs;

static bool read_digits(span *s, int64_t *n)
{
	const char *start = s->at;

	for (*n = 0; s->at < s->end && amph__is_digit(*s->at) && *n < INT32_MAX; s->at++)
		*n = *n * 10 + *s->at - '0';
	return s->at > start;
}

static bool format_error(sl_call *c, const char *message)
{
	amph__sl_raise(c, "22023", "%s", message);
	return false;
}

static bool read_width(const inputs *in, size_t i, int64_t *out)
{
	int32_t width = 0;
	amph_error err;
	span s = in->texts[i];

	if (s.at && !amph__types[AMPH_T_INT32].parse(s.at, span_len(s), &width, in->c->arena, &err)) {
		amph__sl_raise_error(in->c, &err);
		return false;
	}
	*out = width;
	return true;
}

/* The width of a directive that is an argument: "*" or "*3$". */
static bool read_width_argument(const inputs *in, span *s, directive *d, size_t *next)
{
	int64_t n = 0;
	size_t i;

	s->at++;
	if (read_digits(s, &n)) {
		if (s->at == s->end || *s->at++ != '$')
			return format_error(in->c, "width argument position must be ended by \"$\"");
		if (n == 0)
			return format_error(in->c, "format specifies argument 0, but arguments are "
					       "numbered from 1");
	}
	*next = i = n ? (size_t)n : *next + 1;
	if (i >= in->n)
		return format_error(in->c, "too few arguments for format()");
	if (!read_width(in, i, &d->width))
		return false;
	if (d->width < 0) {
		d->width = -d->width;
		d->left = true;
	}
	return true;
}

static bool read_directive(const inputs *in, span *s, directive *d, size_t *next)
{
	span start = *s;
	int64_t n;

	*d = (directive){ 0 };
	if (read_digits(s, &n) && s->at < s->end && *s->at == '$') {
		if (n == 0)
			return format_error(in->c, "format specifies argument 0, but arguments are "
					       "numbered from 1");
		d->position = n;
		s->at++;
	} else {
		*s = start;
	}
	for (; s->at < s->end && *s->at == '-'; s->at++)
		d->left = true;
	if (s->at < s->end && *s->at == '*') {
		if (!read_width_argument(in, s, d, next))
			return false;
	} else {
		read_digits(s, &d->width);
	}
	if (s->at == s->end)
		return format_error(in->c, "unterminated format() type specifier");
	d->kind = *s->at++;
	if (!strchr("sIL", d->kind)) {
		amph__sl_raise(in->c, "22023", "unrecognized format() type specifier \"%.*s\"",
			       (int)char_len(s->at - 1), s->at - 1);
		return false;
	}
	return true;
}

static bool add_directive(const inputs *in, amph_buf *b, const directive *d, span given)
{
	amph_buf text;
	int64_t missing;

	amph__buf_init(&text, in->c->env->allocator);
	if (!given.at) {
		if (d->kind == 'I') {
			amph__sl_raise(in->c, "22004",
				       "null values cannot be formatted as an SQL identifier");
			return false;
		}
		amph__buf_puts(&text, d->kind == 'L' ? "NULL" : "");
	} else if (d->kind == 's') {
		amph__buf_add(&text, given.at, span_len(given));
	} else if (d->kind == 'I') {
		add_identifier(&text, given);
	} else {
		add_literal(&text, given);
	}
	missing = d->width - (int64_t)amph__utf8_count(amph__buf_text(&text), text.len);
	if (!d->left)
		add_spaces(b, missing);
	amph__buf_add(b, amph__buf_text(&text), text.len);
	if (d->left)
		add_spaces(b, missing);
	b->failed |= text.failed;
	amph__buf_clear(&text);
	return true;
}

static bool format_all(const inputs *in, amph_buf *b)
{
	span s = in->texts[0];
	directive d;
	size_t next = 0;

	while (s.at < s.end && !b->failed) {
		if (*s.at != '%' || (s.at + 1 < s.end && s.at[1] == '%')) {
			size_t step = *s.at == '%' ? 2 : 1;

			amph__buf_putc(b, *s.at);
			s.at += step;
			continue;
		}
		s.at++;
		if (s.at == s.end)
			return format_error(in->c, "unterminated format() type specifier");
		if (!read_directive(in, &s, &d, &next))
			return false;
		next = d.position ? (size_t)d.position : next + 1;
		if (next >= in->n)
			return format_error(in->c, "too few arguments for format()");
		if (!add_directive(in, b, &d, in->texts[next]))
			return false;
	}
	return true;
}

static void format_inputs(const inputs *in)
{
	amph_buf b;

	amph__buf_init(&b, in->c->env->allocator);
	if (format_all(in, &b))
		amph__sl_result_buf(in->c, &b);
	else
		amph__buf_clear(&b);
}

static void format(sl_call *c)
{
	inputs in = { c, AMPH_NEWS(c->arena, span, (size_t)c->argc + 1), (size_t)c->argc };

	if (amph__sl_is_null(c, 0))
		return;
	for (int i = 0; in.texts && i < c->argc; i++)
		in.texts[i] = amph__sl_is_null(c, i) ? (span){ NULL, NULL } : arg_span(c, i);
	if (in.texts)
		format_inputs(&in);
	else
		amph__sl_raise_nomem(c);
}

/* Its arguments are the elements of an array. */
static void format_variadic(sl_call *c)
{
	inputs in = { .c = c };
	amph_text_array array = { 0 };

	if (amph__sl_is_null(c, 0) || (!amph__sl_is_null(c, 1) && !amph__sl_items_arg(c, 1, &array)))
		return;
	in.texts = AMPH_NEWS(c->arena, span, array.n + 1);
	if (!in.texts) {
		amph__sl_raise_nomem(c);
		return;
	}
	in.texts[in.n++] = arg_span(c, 0);
	for (size_t i = 0; i < array.n; i++) {
		const char *text = array.items[i];

		in.texts[in.n++] = (span){ text, text ? text + strlen(text) : NULL };
	}
	format_inputs(&in);
}

static const sl_function rows[] = {
	{ "format", -1, SL_FN_NULLS, format, 0 },
	{ "format_variadic", 2, SL_FN_NULLS, format_variadic, 0 },
	{ "quote_ident_text", 1, 0, quote_ident, 0 },
	{ "quote_literal_text", 1, 0, quote_literal, 0 },
	{ "quote_nullable_text", 1, SL_FN_NULLS, quote_literal, 0 }
};
const sl_functions amph__sl_format_functions = { rows, sizeof(rows) / sizeof(rows[0]) };
