/* Functions and operators over regular expressions. A compiled pattern stays with its statement. */
#include "../array/array.h"
#include "regex.h"
#include "../tables.h"
#include <string.h>

/* ---- patterns ---- */

typedef struct pattern {
	amph_arena arena;
	amph_regex *re;
	const char *text, *flags;       /* that it was made of */
	bool global;
} pattern;

static void pattern_free(void *ctx)
{
	pattern *p = ctx;
	const amph_allocator *a = p->arena.allocator;

	amph__arena_clear(&p->arena);
	amph__free(a, p);
}

static pattern *pattern_make(sl_call *c, const char *text, size_t len, const char *flags)
{
	pattern *p = amph__alloc_zero(c->env->allocator, sizeof(*p));
	const char *g = strchr(flags, 'g');
	amph_error err;
	char *plain;

	if (!p) {
		amph__sl_raise_nomem(c);
		return NULL;
	}
	amph__arena_init(&p->arena, c->env->allocator);
	p->global = g != NULL;
	p->text = amph__arena_text(&p->arena, text, len);
	p->flags = amph__arena_text(&p->arena, flags, strlen(flags));
	plain = amph__arena_text(&p->arena, flags, strlen(flags));
	while (plain && (g = strchr(plain, 'g')) != NULL)
		memmove(plain + (g - plain), g + 1, strlen(g));
	if (p->arena.failed)
		amph__error_nomem(&err);
	else
		p->re = amph__regex_parse(text, len, plain, &p->arena, &err);
	if (p->re)
		return p;
	amph__sl_raise_error(c, &err);
	pattern_free(p);
	return NULL;
}

/* What a call works on. done frees what does not stay with the statement. */
typedef struct work {
	sl_call *c;
	pattern *p, *own;
	amph_re_text text;
	amph_re_span *spans;
	bool failed;                    /* the error is raised: no result may follow */
} work;

static void done(work *w)
{
	if (w->own)
		pattern_free(w->own);
}

static pattern *kept_pattern(work *w, int i, const char *text, const char *flags)
{
	pattern *p = w->c->ctx ? sqlite3_get_auxdata(w->c->ctx, i) : NULL;

	return p && !strcmp(p->text, text) && !strcmp(p->flags, flags) ? p : NULL;
}

/* The text in argument 0, the pattern in argument 1, flags. false: the error is raised. */
static bool begin(work *w, sl_call *c, const char *flags)
{
	size_t len, pattern_len;
	const char *text = amph__sl_text(c, 0, &len), *source = amph__sl_text(c, 1, &pattern_len);

	*w = (work){ .c = c };
	w->p = kept_pattern(w, 1, source, flags);
	if (!w->p) {
		w->p = pattern_make(c, source, pattern_len, flags);
		if (!w->p)
			return false;
		if (c->ctx) {
			sqlite3_set_auxdata(c->ctx, 1, w->p, pattern_free);
			w->p = kept_pattern(w, 1, source, flags);
		} else {
			w->own = w->p;
		}
	}
	w->spans = w->p ? AMPH_NEWS(c->arena, amph_re_span, (size_t)w->p->re->n_groups + 1) : NULL;
	if (w->spans && amph__re_text(text, len, &w->text, c->arena))
		return true;
	amph__sl_raise_nomem(c);
	done(w);
	return false;
}

static const char *flags_arg(const sl_call *c, int i)
{
	size_t len;

	return i < c->argc ? amph__sl_text(c, i, &len) : "";
}

static bool refuse_global(sl_call *c, const char *flags, const char *function)
{
	if (!strchr(flags, 'g'))
		return true;
	amph__sl_raise(c, "22023", "%s() does not support the \"global\" option", function);
	return false;
}

static bool search(work *w, int64_t from)
{
	int found = w->failed ? 0 : amph__regex_search(w->p->re, &w->text, from, w->spans, w->c->arena);

	if (found >= 0)
		return found > 0;
	w->failed = true;
	if (w->c->arena->failed || w->p->arena.failed)
		amph__sl_raise_nomem(w->c);
	else
		amph__sl_raise(w->c, "2201B",
			       "invalid regular expression: regular expression is too complex");
	return false;
}

/* Where to look for the match after one that was found. */
static int64_t after(const amph_re_span *match)
{
	return match->end + (match->start == match->end);
}

static void add_span(const work *w, int64_t start, int64_t end, amph_buf *b)
{
	char bytes[4];

	for (int64_t i = start; i < end; i++)
		amph__buf_add(b, bytes, amph__utf8_put(bytes, w->text.at[i]));
}

static const char *span_text(work *w, amph_re_span s)
{
	amph_buf b;
	const char *text;

	if (s.start < 0)
		return NULL;
	amph__buf_init(&b, w->c->env->allocator);
	add_span(w, s.start, s.end, &b);
	text = b.failed ? NULL : amph__arena_text(w->c->arena, amph__buf_text(&b), b.len);
	w->c->arena->failed |= !text;
	amph__buf_clear(&b);
	return text;
}

static void put_span(work *w, amph_re_span s)
{
	amph_buf b;

	if (s.start < 0)
		return;
	amph__buf_init(&b, w->c->env->allocator);
	add_span(w, s.start, s.end, &b);
	amph__sl_result_buf(w->c, &b);
}

/* ---- does it match ---- */

static void put_found(work *w)
{
	bool found = search(w, 0);

	if (!w->failed)
		amph__sl_result_bool(w->c, found);
}

static void matches(sl_call *c)
{
	work w;

	if (!begin(&w, c, c->arg ? "i" : ""))
		return;
	put_found(&w);
	done(&w);
}

static void like(sl_call *c)
{
	const char *flags = flags_arg(c, 2);
	work w;

	if (!refuse_global(c, flags, "regexp_like") || !begin(&w, c, flags))
		return;
	put_found(&w);
	done(&w);
}

/* ---- the nth match from a place on ---- */

static bool check_parameter(sl_call *c, const char *name, int64_t value, int64_t least, int64_t most)
{
	if (value >= least && value <= most)
		return true;
	amph__sl_raise(c, "22023", "invalid value for parameter \"%s\": %lld", name, (long long)value);
	return false;
}

static int64_t int_arg(const sl_call *c, int i, int64_t otherwise)
{
	return i < c->argc ? amph__sl_int(c, i) : otherwise;
}

static bool nth(work *w, int64_t start, int64_t n)
{
	for (int64_t from = start - 1; from <= w->text.n && search(w, from); from = after(w->spans))
		if (--n == 0)
			return true;
	return false;
}

static void count(sl_call *c)
{
	const char *flags = flags_arg(c, 3);
	int64_t start = int_arg(c, 2, 1), n = 0;
	work w;

	if (!check_parameter(c, "start", start, 1, INT32_MAX) ||
	    !refuse_global(c, flags, "regexp_count") || !begin(&w, c, flags))
		return;
	for (int64_t from = start - 1; from <= w.text.n && search(&w, from); from = after(w.spans))
		n++;
	if (!w.failed)
		amph__sl_result_int(c, n);
	done(&w);
}

/* Without parentheses in the pattern the whole match is the first group. */
static int64_t group_of(const work *w, int64_t group)
{
	return w->p->re->n_groups == 0 && group == 1 ? 0 : group;
}

static void instr(sl_call *c)
{
	const char *flags = flags_arg(c, 5);
	int64_t start = int_arg(c, 2, 1), n = int_arg(c, 3, 1), end = int_arg(c, 4, 0);
	int64_t group = int_arg(c, 6, 0), place = 0;
	work w;

	if (!check_parameter(c, "start", start, 1, INT32_MAX) ||
	    !check_parameter(c, "n", n, 1, INT32_MAX) || !check_parameter(c, "endoption", end, 0, 1) ||
	    !check_parameter(c, "subexpr", group, 0, INT32_MAX) ||
	    !refuse_global(c, flags, "regexp_instr") || !begin(&w, c, flags))
		return;
	group = group_of(&w, group);
	if (nth(&w, start, n) && group <= w.p->re->n_groups && w.spans[group].start >= 0)
		place = (end ? w.spans[group].end : w.spans[group].start) + 1;
	if (!w.failed)
		amph__sl_result_int(c, place);
	done(&w);
}

static void substr(sl_call *c)
{
	const char *flags = flags_arg(c, 4);
	int64_t start = int_arg(c, 2, 1), n = int_arg(c, 3, 1), group = int_arg(c, 5, 0);
	work w;

	if (!check_parameter(c, "start", start, 1, INT32_MAX) ||
	    !check_parameter(c, "n", n, 1, INT32_MAX) ||
	    !check_parameter(c, "subexpr", group, 0, INT32_MAX) ||
	    !refuse_global(c, flags, "regexp_substr") || !begin(&w, c, flags))
		return;
	group = group_of(&w, group);
	if (nth(&w, start, n) && group <= w.p->re->n_groups)
		put_span(&w, w.spans[group]);
	done(&w);
}

/* substring(text from pattern): the first parenthesis, or all. */
static void substring(sl_call *c)
{
	work w;

	if (!begin(&w, c, ""))
		return;
	if (search(&w, 0))
		put_span(&w, w.spans[w.p->re->n_groups ? 1 : 0]);
	done(&w);
}

/* ---- arrays and sets of matches ---- */

static const char **match_items(work *w, size_t *n)
{
	size_t groups = (size_t)w->p->re->n_groups;
	const char **items = AMPH_NEWS(w->c->arena, const char *, groups + 1);

	*n = groups ? groups : 1;
	for (size_t i = 0; items && i < *n; i++)
		items[i] = span_text(w, w->spans[groups ? i + 1 : 0]);
	return w->c->arena->failed ? NULL : items;
}

static void match(sl_call *c)
{
	const char *flags = flags_arg(c, 2), **items;
	size_t n;
	work w;

	if (!refuse_global(c, flags, "regexp_match") || !begin(&w, c, flags))
		return;
	if (search(&w, 0)) {
		items = match_items(&w, &n);
		if (items)
			amph__sl_array_result(c, items, n);
	}
	done(&w);
}

void amph__sl_regexp_matches(sl_call *c, sl_set *set)
{
	work w;

	if (!begin(&w, c, flags_arg(c, 2)))
		return;
	for (int64_t from = 0; from <= w.text.n && !c->nomem && search(&w, from); from = after(w.spans)) {
		size_t n;
		const char **items = match_items(&w, &n);
		amph_buf b;

		if (!items)
			break;
		amph__buf_init(&b, c->env->allocator);
		amph__sl_array_put(items, n, &b);
		amph__sl_set_text(c, set, amph__buf_text(&b), b.len);
		c->nomem |= b.failed;
		amph__buf_clear(&b);
		if (!w.p->global)
			break;
	}
	done(&w);
}

/* ---- splitting: matches of nothing at the ends or right after another do not split ---- */

typedef struct splitter {
	int64_t from, previous, piece;
	bool over;
} splitter;

static bool next_piece(work *w, splitter *s, amph_re_span *out)
{
	if (s->over)
		return false;
	while (s->from <= w->text.n && search(w, s->from)) {
		amph_re_span m = w->spans[0];
		bool splits = m.start < w->text.n && m.end > s->previous;

		s->from = after(&m);
		s->previous = m.end;
		if (!splits)
			continue;
		*out = (amph_re_span){ s->piece, m.start };
		s->piece = m.end;
		return true;
	}
	s->over = true;
	*out = (amph_re_span){ s->piece, w->text.n };
	return true;
}

static void split_to_array(sl_call *c)
{
	const char *flags = flags_arg(c, 2), **items;
	splitter s = { 0 };
	amph_re_span piece;
	size_t n = 0;
	work w;

	if (!refuse_global(c, flags, "regexp_split_to_array") || !begin(&w, c, flags))
		return;
	items = AMPH_NEWS(c->arena, const char *, (size_t)w.text.n + 2);
	while (items && !c->arena->failed && next_piece(&w, &s, &piece))
		items[n++] = span_text(&w, piece);
	if (items && !c->arena->failed && !w.failed)
		amph__sl_array_result(c, items, n);
	done(&w);
}

void amph__sl_regexp_split(sl_call *c, sl_set *set)
{
	const char *flags = flags_arg(c, 2), *text;
	splitter s = { 0 };
	amph_re_span piece;
	work w;

	if (!refuse_global(c, flags, "regexp_split_to_table") || !begin(&w, c, flags))
		return;
	while (!c->nomem && next_piece(&w, &s, &piece)) {
		text = span_text(&w, piece);
		if (text)
			amph__sl_set_text(c, set, text, strlen(text));
		c->nomem |= !text;
	}
	done(&w);
}

/* ---- replacing ---- */

/* \1 to \9 are parentheses, \& is the match, \\ a backslash. */
static void add_replacement(const work *w, const char *with, size_t len, amph_buf *b)
{
	for (const char *p = with, *end = with + len; p < end; p++) {
		bool escape = *p == '\\' && p + 1 < end;

		if (escape && p[1] >= '1' && p[1] <= '9') {
			int i = *++p - '0';

			if (i <= w->p->re->n_groups && w->spans[i].start >= 0)
				add_span(w, w->spans[i].start, w->spans[i].end, b);
		} else if (escape && p[1] == '&') {
			add_span(w, w->spans[0].start, w->spans[0].end, b);
			p++;
		} else {
			amph__buf_putc(b, *p);
			p += escape && p[1] == '\\';
		}
	}
}

static void replace_from(sl_call *c, int64_t start, int64_t n, const char *flags)
{
	size_t len;
	const char *with = amph__sl_text(c, 2, &len);
	int64_t copied = 0, found = 0;
	amph_buf b;
	work w;

	if (!begin(&w, c, flags))
		return;
	if (n < 0)
		n = w.p->global ? 0 : 1;
	amph__buf_init(&b, c->env->allocator);
	for (int64_t from = start - 1; from <= w.text.n && !b.failed && search(&w, from);
	     from = after(w.spans)) {
		if (n > 0 && ++found != n)
			continue;
		add_span(&w, copied, w.spans[0].start, &b);
		add_replacement(&w, with, len, &b);
		copied = w.spans[0].end;
		if (n > 0)
			break;
	}
	add_span(&w, copied, w.text.n, &b);
	if (w.failed)
		amph__buf_clear(&b);
	else
		amph__sl_result_buf(c, &b);
	done(&w);
}

/* replace(text, pattern, with [, flags]) */
static void replace(sl_call *c)
{
	const char *flags = flags_arg(c, 3);

	if (amph__is_digit(*flags))
		amph__sl_raise(c, "22023", "invalid regular expression option: \"%c\"", *flags);
	else
		replace_from(c, 1, -1, flags);
}

/* replace(text, pattern, with, start [, n [, flags]]); n 0 is all. */
static void replace_nth(sl_call *c)
{
	int64_t start = amph__sl_int(c, 3), n = int_arg(c, 4, 1);

	if (check_parameter(c, "start", start, 1, INT32_MAX) && check_parameter(c, "n", n, 0, INT32_MAX))
		replace_from(c, start, n, flags_arg(c, 5));
}

/* ---- SIMILAR TO ---- */

typedef struct similar {
	bool in_brackets, after_escape;
	int quotes;
} similar;

static void add_char(amph_buf *b, uint32_t ch)
{
	char bytes[4];

	amph__buf_add(b, bytes, amph__utf8_put(bytes, ch));
}

static bool add_escaped(sl_call *c, similar *s, uint32_t ch, amph_buf *b)
{
	s->after_escape = false;
	if (ch == '"' && !s->in_brackets) {
		/* escape and quote twice mark the part that substring() gives */
		if (s->quotes > 1) {
			amph__sl_raise(c, "2200C", "SQL regular expression may not contain more than two "
				       "escape-double-quote separators");
			return false;
		}
		amph__buf_puts(b, s->quotes++ == 0 ? "){1,1}?(" : "){1,1}(?:");
		return true;
	}
	amph__buf_putc(b, '\\');
	add_char(b, ch);
	return true;
}

static void add_plain(similar *s, uint32_t ch, amph_buf *b)
{
	if (s->in_brackets) {
		if (ch == '\\')
			amph__buf_putc(b, '\\');
		add_char(b, ch);
		s->in_brackets = ch != ']';
	} else if (ch == '[') {
		amph__buf_putc(b, '[');
		s->in_brackets = true;
	} else if (ch == '%') {
		amph__buf_puts(b, ".*");
	} else if (ch == '_') {
		amph__buf_putc(b, '.');
	} else if (ch == '(') {
		amph__buf_puts(b, "(?:");
	} else {
		if (ch == '\\' || ch == '.' || ch == '^' || ch == '$')
			amph__buf_putc(b, '\\');
		add_char(b, ch);
	}
}

/* The pattern of SIMILAR TO as a regular expression; 0 for the escape is that there is none. */
static bool translate(sl_call *c, const char *text, size_t len, uint32_t escape, amph_buf *b)
{
	similar s = { 0 };

	amph__buf_puts(b, "^(?:");
	for (const char *p = text, *end = text + len; p < end;) {
		uint32_t ch;

		p += amph__utf8_next(p, &ch);
		if (s.after_escape) {
			if (!add_escaped(c, &s, ch, b))
				return false;
		} else if (escape && ch == escape) {
			s.after_escape = true;
		} else {
			add_plain(&s, ch, b);
		}
	}
	amph__buf_puts(b, ")$");
	return true;
}

/* The escape in an argument: a backslash where there is none. */
static bool escape_arg(sl_call *c, int i, uint32_t *out)
{
	size_t len;
	const char *text;

	*out = '\\';
	if (i >= c->argc || amph__sl_is_null(c, i))
		return true;
	text = amph__sl_text(c, i, &len);
	*out = 0;
	if (len && amph__utf8_next(text, out) != len) {
		amph__sl_raise(c, "22025", "invalid escape string");
		return false;
	}
	return true;
}

static void similar_escape(sl_call *c)
{
	size_t len;
	const char *text = amph__sl_text(c, 0, &len);
	uint32_t escape;
	amph_buf b;

	if (amph__sl_is_null(c, 0) || !escape_arg(c, 1, &escape))
		return;
	amph__buf_init(&b, c->env->allocator);
	if (translate(c, text, len, escape, &b))
		amph__sl_result_buf(c, &b);
	else
		amph__buf_clear(&b);
}

static const sl_function rows[] = {
	{ "regexp_count_text_text", 2, 0, count, 0 },
	{ "regexp_count_text_text_int4", 3, 0, count, 0 },
	{ "regexp_count_text_text_int4_text", 4, 0, count, 0 },
	{ "regexp_instr_text_text", 2, 0, instr, 0 },
	{ "regexp_instr_text_text_int4", 3, 0, instr, 0 },
	{ "regexp_instr_text_text_int4_int4", 4, 0, instr, 0 },
	{ "regexp_instr_text_text_int4_int4_int4", 5, 0, instr, 0 },
	{ "regexp_instr_text_text_int4_int4_int4_text", 6, 0, instr, 0 },
	{ "regexp_instr_text_text_int4_int4_int4_text_int4", 7, 0, instr, 0 },
	{ "regexp_like_text_text", 2, 0, like, 0 },
	{ "regexp_like_text_text_text", 3, 0, like, 0 },
	{ "regexp_match_text_text", 2, 0, match, 0 },
	{ "regexp_match_text_text_text", 3, 0, match, 0 },
	{ "regexp_replace_text_text_text", 3, 0, replace, 0 },
	{ "regexp_replace_text_text_text_int4", 4, 0, replace_nth, 0 },
	{ "regexp_replace_text_text_text_int4_int4", 5, 0, replace_nth, 0 },
	{ "regexp_replace_text_text_text_int4_int4_text", 6, 0, replace_nth, 0 },
	{ "regexp_replace_text_text_text_text", 4, 0, replace, 0 },
	{ "regexp_split_to_array_text_text", 2, 0, split_to_array, 0 },
	{ "regexp_split_to_array_text_text_text", 3, 0, split_to_array, 0 },
	{ "regexp_substr_text_text", 2, 0, substr, 0 },
	{ "regexp_substr_text_text_int4", 3, 0, substr, 0 },
	{ "regexp_substr_text_text_int4_int4", 4, 0, substr, 0 },
	{ "regexp_substr_text_text_int4_int4_text", 5, 0, substr, 0 },
	{ "regexp_substr_text_text_int4_int4_text_int4", 6, 0, substr, 0 },
	{ "similar_escape_text_text", 2, SL_FN_NULLS, similar_escape, 0 },
	{ "similar_to_escape_text", 1, 0, similar_escape, 0 },
	{ "similar_to_escape_text_text", 2, 0, similar_escape, 0 },
	{ "substring_text_text", 2, 0, substring, 0 },
	{ "texticregexeq", 2, 0, matches, 1 },
	{ "textregexeq", 2, 0, matches, 0 }
};
const sl_functions amph__sl_regexp_functions = { rows, sizeof(rows) / sizeof(rows[0]) };
