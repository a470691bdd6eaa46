/* tsvector: reading and writing it, and the functions that change one. */
#include "../json/jsonpath.h"
#include "textsearch.h"
#include "../array/array.h"
#include "../tables.h"
#include <stdlib.h>
#include <string.h>

int amph__sl_word_compare(const char *a, size_t a_len, const char *b, size_t b_len)
{
	size_t n = a_len < b_len ? a_len : b_len;
	int order = n ? memcmp(a, b, n) : 0;

	if (order)
		return order;
	return a_len == b_len ? 0 : a_len < b_len ? -1 : 1;
}

/* ---- words ---- */

static bool fail_syntax(sl_word_reader *r)
{
	amph__sl_raise(r->c, "42601", "syntax error in %s: \"%s\"", r->query ? "tsquery" : "tsvector",
		       r->start);
	return false;
}

static bool ends_query_word(char ch)
{
	return strchr("!&|()<", ch) != NULL;    /* the NUL as well */
}

/* The character after a backslash, which must be there. */
static bool read_escaped(sl_word_reader *r, char *out, size_t *n)
{
	uint32_t ch;
	size_t len;

	r->at++;
	if (!*r->at) {
		amph__sl_raise(r->c, "42601", "there is no escaped character: \"%s\"", r->start);
		return false;
	}
	len = amph__utf8_next(r->at, &ch);
	memcpy(out + *n, r->at, len);
	*n += len;
	r->at += len;
	return true;
}

static bool read_quoted(sl_word_reader *r, char *out, size_t *n)
{
	for (r->at++; *r->at;) {
		if (*r->at == '\'' && r->at[1] != '\'') {
			r->at++;
			return *n ? true : fail_syntax(r);
		}
		if (*r->at == '\\' && !r->web) {
			if (!read_escaped(r, out, n))
				return false;
			continue;
		}
		r->at += *r->at == '\'';
		out[(*n)++] = *r->at++;
	}
	return fail_syntax(r);
}

static bool ends_bare_word(const sl_word_reader *r)
{
	if (amph__is_space(*r->at) || *r->at == ':' || (r->query && ends_query_word(*r->at)))
		return true;
	return r->web && *r->at == '"';
}

/* The first character is one of the word, whatever it is. */
static bool read_bare(sl_word_reader *r, char *out, size_t *n)
{
	while (*r->at && (!*n || !ends_bare_word(r))) {
		if (*r->at == '\\' && !r->web) {
			if (!read_escaped(r, out, n))
				return false;
			continue;
		}
		out[(*n)++] = *r->at++;
	}
	return true;
}

static int weight_of(char ch)
{
	switch (ch) {
	case 'a': case 'A': case '*': return 3;
	case 'b': case 'B': return 2;
	case 'c': case 'C': return 1;
	case 'd': case 'D': return 0;
	default: return -1;
	}
}

/* 1A, after the colon or a comma. Numbers too large wrap around as they do in PostgreSQL. */
static bool read_place(sl_word_reader *r, sl_place *out)
{
	int32_t pos;
	char *end;

	if (*r->at < '0' || *r->at > '9')
		return fail_syntax(r);
	pos = (int32_t)strtol(r->at, &end, 10);
	pos = pos > SL_TS_POS_MAX ? SL_TS_POS_MAX : pos & SL_TS_POS_MAX;
	if (!pos) {
		amph__sl_raise(r->c, "42601", "wrong position info in tsvector: \"%s\"", r->start);
		return false;
	}
	*out = amph__sl_place((unsigned)pos, 0);
	for (r->at = end; *r->at && *r->at != ',' && !amph__is_space(*r->at); r->at++) {
		int w = weight_of(*r->at);

		if (w < 0 ? *r->at < '0' || *r->at > '9' : amph__sl_weight(*out) > 0)
			return fail_syntax(r);
		if (w > 0)
			*out = amph__sl_place((unsigned)pos, (unsigned)w);
	}
	return true;
}

static bool read_places(sl_word_reader *r)
{
	size_t n = 1;

	for (const char *p = r->at; *p && !amph__is_space(*p); p++)
		n += *p == ',';
	r->places = AMPH_NEWS(r->c->arena, sl_place, n);
	if (!r->places)
		return false;
	do {
		r->at++;
		if (!read_place(r, &r->places[r->n_places]))
			return false;
		r->n_places++;
	} while (*r->at == ',');
	return true;
}

bool amph__sl_word_read(sl_word_reader *r)
{
	char *out;
	size_t n = 0;
	bool quoted;

	r->found = false;
	r->places = NULL;
	r->n_places = 0;
	while (amph__is_space(*r->at))
		r->at++;
	if (!*r->at)
		return true;
	if (r->query && ends_query_word(*r->at))
		return fail_syntax(r);
	quoted = *r->at == '\'' && !r->web;
	out = amph__arena_alloc(r->c->arena, strlen(r->at) + 1);
	if (!out)
		return false;
	if (!(quoted ? read_quoted(r, out, &n) : read_bare(r, out, &n)))
		return false;
	out[n] = '\0';
	r->text = out;
	r->len = n;
	r->found = true;
	return r->query || *r->at != ':' || read_places(r);
}

/* ---- vectors ---- */

bool amph__sl_vector_add(amph_arena *arena, sl_vector *v, const sl_lexeme *lexeme)
{
	if (v->n == v->cap) {
		size_t cap = v->cap ? v->cap * 2 : 16;
		sl_lexeme *items = AMPH_NEWS(arena, sl_lexeme, cap);

		if (!items)
			return false;
		if (v->n)
			memcpy(items, v->items, v->n * sizeof(*items));
		v->items = items;
		v->cap = cap;
	}
	v->items[v->n++] = *lexeme;
	return true;
}

static int by_text(const void *a, const void *b)
{
	const sl_lexeme *x = a, *y = b;

	return amph__sl_word_compare(x->text, x->len, y->text, y->len);
}

static int by_position(const void *a, const void *b)
{
	return (int)amph__sl_pos(*(const sl_place *)a) - (int)amph__sl_pos(*(const sl_place *)b);
}

static void settle_places(sl_lexeme *l, size_t max_places)
{
	size_t n = 0;

	if (l->n_places < 2)
		return;
	qsort(l->places, l->n_places, sizeof(*l->places), by_position);
	for (size_t i = 0; i < l->n_places; i++) {
		sl_place *last = n ? &l->places[n - 1] : NULL, p = l->places[i];

		if (last && amph__sl_pos(*last) == amph__sl_pos(p) && amph__sl_pos(p) < SL_TS_POS_MAX) {
			*last = amph__sl_weight(p) > amph__sl_weight(*last) ? p : *last;
			continue;
		}
		if (n == max_places || (last && amph__sl_pos(*last) == SL_TS_POS_MAX))
			break;
		l->places[n++] = p;
	}
	l->n_places = n;
}

static bool join_places(amph_arena *arena, sl_lexeme *to, const sl_lexeme *from)
{
	sl_place *places;

	if (!from->n_places ||
	    (to->n_places && amph__sl_pos(to->places[to->n_places - 1]) == SL_TS_POS_MAX))
		return true;
	places = AMPH_NEWS(arena, sl_place, to->n_places + from->n_places);
	if (!places)
		return false;
	if (to->n_places)
		memcpy(places, to->places, to->n_places * sizeof(*places));
	memcpy(places + to->n_places, from->places, from->n_places * sizeof(*places));
	to->places = places;
	to->n_places += from->n_places;
	return true;
}

/* The places of items from to the end, which have the same text. */
static bool join_run(amph_arena *arena, sl_lexeme *items, size_t n)
{
	size_t total = 0;
	sl_lexeme all = items[0];

	if (n == 1)
		return true;
	for (size_t i = 0; i < n; i++)
		total += items[i].n_places;
	all.places = AMPH_NEWS(arena, sl_place, total + 1);
	all.n_places = 0;
	if (!all.places)
		return false;
	for (size_t i = 0; i < n; i++) {
		if (items[i].n_places)
			memcpy(all.places + all.n_places, items[i].places,
			       items[i].n_places * sizeof(sl_place));
		all.n_places += items[i].n_places;
	}
	items[0] = all;
	return true;
}

void amph__sl_vector_settle(amph_arena *arena, sl_vector *v, size_t max_places)
{
	size_t n = 0;

	if (v->n > 1)
		qsort(v->items, v->n, sizeof(*v->items), by_text);
	for (size_t i = 0, end; i < v->n; i = end) {
		for (end = i + 1; end < v->n && !by_text(&v->items[i], &v->items[end]);)
			end++;
		if (!join_run(arena, &v->items[i], end - i))
			return;
		v->items[n] = v->items[i];
		settle_places(&v->items[n++], max_places);
	}
	v->n = n;
}

static bool check_word(sl_call *c, size_t len, size_t *total)
{
	if (len > SL_TS_WORD_MAX) {
		amph__sl_raise(c, "54000", "word is too long (%zu bytes, max %d bytes)", len, SL_TS_WORD_MAX);
		return false;
	}
	*total += len;
	if (*total > SL_TS_TEXT_MAX) {
		amph__sl_raise(c, "54000", "string is too long for tsvector (%zu bytes, max %d bytes)",
			       *total, SL_TS_TEXT_MAX);
		return false;
	}
	return true;
}

bool amph__sl_vector_of(sl_call *c, const char *text, size_t len, sl_vector *out)
{
	sl_word_reader r = { .c = c };
	size_t total = 0;

	*out = (sl_vector){ 0 };
	r.start = r.at = amph__arena_text(c->arena, text, len);
	if (!r.start)
		return false;
	while (amph__sl_word_read(&r)) {
		const sl_lexeme l = { r.text, r.len, r.places, r.n_places };

		if (!r.found) {
			amph__sl_vector_settle(c->arena, out, SL_TS_POSITIONS_MAX);
			return !c->arena->failed;
		}
		if (!check_word(c, r.len, &total) || !amph__sl_vector_add(c->arena, out, &l))
			return false;
	}
	return false;
}

bool amph__sl_vector_arg(sl_call *c, int i, sl_vector *out)
{
	size_t len;
	const char *text = amph__sl_text(c, i, &len);

	return amph__sl_vector_of(c, text, len, out);
}

static void put_places(const sl_lexeme *l, amph_buf *b)
{
	static const char letters[] = "DCBA";

	for (size_t i = 0; i < l->n_places; i++) {
		unsigned w = amph__sl_weight(l->places[i]);

		amph__buf_printf(b, "%c%u", i ? ',' : ':', amph__sl_pos(l->places[i]));
		if (w)
			amph__buf_putc(b, letters[w]);
	}
}

static void format_vector(const sl_vector *v, amph_buf *b)
{
	for (size_t i = 0; i < v->n; i++) {
		const sl_lexeme *l = &v->items[i];

		amph__buf_puts(b, i ? " '" : "'");
		for (size_t k = 0; k < l->len; k++) {
			if (l->text[k] == '\'' || l->text[k] == '\\')
				amph__buf_putc(b, l->text[k]);
			amph__buf_putc(b, l->text[k]);
		}
		amph__buf_putc(b, '\'');
		put_places(l, b);
	}
}

void amph__sl_vector_result(sl_call *c, const sl_vector *v)
{
	amph_buf b;

	amph__buf_init(&b, c->env->allocator);
	format_vector(v, &b);
	amph__sl_result_buf(c, &b);
}

bool amph__sl_search_format(int type, const char *text, size_t len, amph_buf *out, amph_error *err)
{
	amph_arena arena;
	char *message = NULL;
	sl_call c = { .message = &message, .arena = &arena };
	sl_vector v;
	sl_query *q;
	bool ok;

	amph__arena_init(&arena, out->allocator);
	if (type == AMPH_T_TSVECTOR) {
		ok = amph__sl_vector_of(&c, text, len, &v);
		if (ok)
			format_vector(&v, out);
	} else if (type == AMPH_T_JSONPATH) {
		const char *copy = amph__arena_text(&arena, text, len);

		ok = copy && amph__sl_path_format(&c, copy, len, out);
	} else if (type == AMPH_T_PLAIN_JSON) {
		ok = amph__sl_plain_check(&arena, text, len, err);
		amph__buf_add(out, text, len);
		if (!ok) {
			amph__arena_clear(&arena);
			return false;
		}
	} else {
		ok = amph__sl_query_of(&c, text, len, &q);
		if (ok)
			amph__sl_query_format(q, out);
	}
	if (arena.failed || c.nomem || out->failed || (!ok && !message))
		ok = amph__error_nomem(err);
	else if (!ok)
		amph__error(err, (char[6]){ message[0], message[1], message[2], message[3], message[4], 0 },
			    "%s", message + 6);
	sqlite3_free(message);
	amph__arena_clear(&arena);
	return ok;
}

/* ---- order: first by the size that PostgreSQL stores ---- */

static size_t stored_size(const sl_vector *v)
{
	size_t size = 0;

	for (size_t i = 0; i < v->n; i++) {
		size += v->items[i].len;
		if (v->items[i].n_places)
			size = ((size + 1) & ~(size_t)1) + 2 + 2 * v->items[i].n_places;
	}
	return size + 4 * v->n;
}

static int compare_lexemes(const sl_lexeme *a, const sl_lexeme *b)
{
	int order = (b->n_places > 0) - (a->n_places > 0);

	if (!order)
		order = by_text(a, b);
	if (!order && a->n_places != b->n_places)
		order = a->n_places > b->n_places ? -1 : 1;
	for (size_t i = 0; !order && i < a->n_places; i++) {
		order = (int)amph__sl_pos(b->places[i]) - (int)amph__sl_pos(a->places[i]);
		if (!order)
			order = (int)amph__sl_weight(b->places[i]) - (int)amph__sl_weight(a->places[i]);
	}
	return order;
}

int amph__sl_vector_compare(const sl_vector *a, const sl_vector *b)
{
	size_t x = stored_size(a), y = stored_size(b);
	int order = 0;

	if (x != y)
		return x < y ? -1 : 1;
	if (a->n != b->n)
		return a->n < b->n ? -1 : 1;
	for (size_t i = 0; !order && i < a->n; i++)
		order = compare_lexemes(&a->items[i], &b->items[i]);
	return order;
}

/* ---- functions ---- */

static void input(sl_call *c)
{
	sl_vector v;

	if (amph__sl_vector_arg(c, 0, &v))
		amph__sl_vector_result(c, &v);
}

static void length(sl_call *c)
{
	sl_vector v;

	if (amph__sl_vector_arg(c, 0, &v))
		amph__sl_result_int(c, (int64_t)v.n);
}

static void strip(sl_call *c)
{
	sl_vector v;

	if (!amph__sl_vector_arg(c, 0, &v))
		return;
	for (size_t i = 0; i < v.n; i++)
		v.items[i].n_places = 0;
	amph__sl_vector_result(c, &v);
}

static bool shift_places(amph_arena *arena, const sl_lexeme *from, unsigned by, sl_lexeme *out)
{
	size_t n = 0;

	*out = *from;
	out->places = AMPH_NEWS(arena, sl_place, from->n_places + 1);
	if (!out->places)
		return false;
	for (size_t i = 0; i < from->n_places; i++) {
		unsigned pos = amph__sl_pos(from->places[i]) + by;

		if (n && amph__sl_pos(out->places[n - 1]) == SL_TS_POS_MAX)
			break;
		out->places[n++] = amph__sl_place(pos, amph__sl_weight(from->places[i]));
	}
	out->n_places = n;
	return true;
}

static unsigned last_position(const sl_vector *v)
{
	unsigned last = 0;

	for (size_t i = 0; i < v->n; i++)
		if (v->items[i].n_places) {
			unsigned pos = amph__sl_pos(v->items[i].places[v->items[i].n_places - 1]);

			last = pos > last ? pos : last;
		}
	return last;
}

static void concat(sl_call *c)
{
	sl_vector a, b, out = { 0 };
	unsigned by;

	if (!amph__sl_vector_arg(c, 0, &a) || !amph__sl_vector_arg(c, 1, &b))
		return;
	by = last_position(&a);
	for (size_t i = 0, k = 0; i < a.n || k < b.n;) {
		int order = i == a.n ? 1 : k == b.n ? -1 : by_text(&a.items[i], &b.items[k]);
		sl_lexeme shifted = { 0 }, *last;

		if (order >= 0 && !shift_places(c->arena, &b.items[k++], by, &shifted))
			return;
		if (!amph__sl_vector_add(c->arena, &out, order <= 0 ? &a.items[i++] : &shifted))
			return;
		last = &out.items[out.n - 1];
		if (order == 0 && !join_places(c->arena, last, &shifted))
			return;
		if (last->n_places > SL_TS_POSITIONS_MAX)
			last->n_places = SL_TS_POSITIONS_MAX;
	}
	amph__sl_vector_result(c, &out);
}

static sl_lexeme *find_lexeme(const sl_vector *v, const char *text)
{
	const sl_lexeme wanted = { .text = text, .len = strlen(text) };

	return v->n ? bsearch(&wanted, v->items, v->n, sizeof(wanted), by_text) : NULL;
}

static void weigh(sl_lexeme *l, unsigned weight)
{
	for (size_t i = 0; i < l->n_places; i++)
		l->places[i] = amph__sl_place(amph__sl_pos(l->places[i]), weight);
}

/* "char" holds one byte. */
static bool read_weight(sl_call *c, const char *text, size_t len, unsigned *out)
{
	int weight = len && *text != '*' ? weight_of(*text) : -1;

	if (weight < 0)
		amph__sl_raise(c, "22023", "unrecognized weight: \"%.*s\"", len > 0, text);
	*out = (unsigned)weight;
	return weight >= 0;
}

static void set_weight(sl_call *c)
{
	sl_vector v;
	amph_text_array only;
	size_t len;
	const char *text = amph__sl_text(c, 1, &len);
	unsigned weight;

	if (!read_weight(c, text, len, &weight))
		return;
	if (!amph__sl_vector_arg(c, 0, &v) || (c->argc > 2 && !amph__sl_array_arg(c, 2, &only)))
		return;
	for (size_t i = 0; c->argc == 2 && i < v.n; i++)
		weigh(&v.items[i], weight);
	for (size_t i = 0; c->argc > 2 && i < only.n; i++) {
		sl_lexeme *l = only.items[i] ? find_lexeme(&v, only.items[i]) : NULL;

		if (l)
			weigh(l, weight);
	}
	amph__sl_vector_result(c, &v);
}

static void delete_words(sl_call *c)
{
	sl_vector v;
	amph_text_array words;
	const char *word;
	size_t len;

	if (!amph__sl_vector_arg(c, 0, &v))
		return;
	if (c->arg) {
		if (!amph__sl_array_arg(c, 1, &words))
			return;
	} else {
		word = amph__sl_text(c, 1, &len);
		words = (amph_text_array){ &word, 1 };
	}
	for (size_t i = 0; i < words.n; i++) {
		sl_lexeme *l = words.items[i] ? find_lexeme(&v, words.items[i]) : NULL;

		if (l && l->text)
			memmove(l, l + 1, (size_t)(v.items + v.n-- - (l + 1)) * sizeof(*l));
	}
	amph__sl_vector_result(c, &v);
}

static void filter(sl_call *c)
{
	sl_vector v;
	amph_text_array weights;
	unsigned mask = 0;
	size_t n = 0;

	if (!amph__sl_vector_arg(c, 0, &v) || !amph__sl_array_arg(c, 1, &weights))
		return;
	for (size_t i = 0; i < weights.n; i++) {
		unsigned weight;

		if (!weights.items[i]) {
			amph__sl_raise(c, "22004", "weight array may not contain nulls");
			return;
		}
		if (!read_weight(c, weights.items[i], strlen(weights.items[i]), &weight))
			return;
		mask |= 1u << weight;
	}
	for (size_t i = 0; i < v.n; i++) {
		sl_lexeme *l = &v.items[i];
		size_t k = 0;

		for (size_t p = 0; p < l->n_places; p++)
			if (mask & 1u << amph__sl_weight(l->places[p]))
				l->places[k++] = l->places[p];
		l->n_places = k;
		if (k)
			v.items[n++] = *l;
	}
	v.n = n;
	amph__sl_vector_result(c, &v);
}

static void from_array(sl_call *c)
{
	sl_vector v = { 0 };
	amph_text_array words;

	if (!amph__sl_array_arg(c, 0, &words))
		return;
	for (size_t i = 0; i < words.n; i++) {
		const char *word = words.items[i];
		const sl_lexeme l = { .text = word, .len = word ? strlen(word) : 0 };

		if (!l.text) {
			amph__sl_raise(c, "22004", "lexeme array may not contain nulls");
			return;
		}
		if (!l.len) {
			amph__sl_raise(c, "2200F", "lexeme array may not contain empty strings");
			return;
		}
		if (!amph__sl_vector_add(c->arena, &v, &l))
			return;
	}
	amph__sl_vector_settle(c->arena, &v, SL_TS_POSITIONS_MAX);
	amph__sl_vector_result(c, &v);
}

static void to_array(sl_call *c)
{
	sl_vector v;
	const char **items;

	if (!amph__sl_vector_arg(c, 0, &v))
		return;
	items = AMPH_NEWS(c->arena, const char *, v.n + 1);
	for (size_t i = 0; items && i < v.n; i++)
		items[i] = amph__arena_text(c->arena, v.items[i].text, v.items[i].len);
	if (items && !c->arena->failed)
		amph__sl_array_result(c, items, v.n);
}

/* ---- unnest ---- */

static void add_list(sl_call *c, sl_set *set, const char *const *items, size_t n)
{
	amph_buf b;

	amph__buf_init(&b, c->env->allocator);
	amph__sl_array_put(items, n, &b);
	amph__sl_set_text(c, set, amph__buf_text(&b), b.len);
	c->nomem |= b.failed;
	amph__buf_clear(&b);
}

void amph__sl_vector_unnest(sl_call *c, sl_set *set)
{
	static const char *const letters[] = { "D", "C", "B", "A" };
	sl_vector v;

	if (!amph__sl_vector_arg(c, 0, &v))
		return;
	for (size_t i = 0; i < v.n && !c->nomem; i++) {
		const sl_lexeme *l = &v.items[i];
		const char **pos = AMPH_NEWS(c->arena, const char *, l->n_places + 1);
		const char **weights = AMPH_NEWS(c->arena, const char *, l->n_places + 1);

		if (!pos || !weights)
			return;
		for (size_t p = 0; p < l->n_places; p++) {
			pos[p] = amph__arena_printf(c->arena, "%u", amph__sl_pos(l->places[p]));
			weights[p] = letters[amph__sl_weight(l->places[p])];
		}
		amph__sl_set_text(c, set, l->text, l->len);
		if (c->arena->failed)
			return;
		if (l->n_places) {
			add_list(c, set, pos, l->n_places);
			add_list(c, set, weights, l->n_places);
		} else {
			amph__sl_set_text(c, set, NULL, 0);
			amph__sl_set_text(c, set, NULL, 0);
		}
	}
}

static const sl_function rows[] = {
	{ "array_to_tsvector_text_array", 1, 0, from_array, 0 },
	{ "length_tsvector", 1, 0, length, 0 },
	{ "setweight_tsvector_char", 2, 0, set_weight, 0 },
	{ "setweight_tsvector_char_text_array", 3, 0, set_weight, 0 },
	{ "strip_tsvector", 1, 0, strip, 0 },
	{ "ts_delete_tsvector_text", 2, 0, delete_words, 0 },
	{ "ts_delete_tsvector_text_array", 2, 0, delete_words, 1 },
	{ "ts_filter_tsvector_char_array", 2, 0, filter, 0 },
	{ "tsvector_concat", 2, 0, concat, 0 },
	{ "tsvector_in", 1, 0, input, 0 },
	{ "tsvector_to_array_tsvector", 1, 0, to_array, 0 }
};
const sl_functions amph__sl_tsvector_functions = { rows, sizeof(rows) / sizeof(rows[0]) };
