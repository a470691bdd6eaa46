/* Configurations of text search: which tokens are words, and the lexeme of each. */
#include "../text/ctype.h"
#include "../tables.h"
#include "../json/jsontext.h"
#include "textsearch.h"
#include <libstemmer.h>
#include <string.h>

#include "tsstop.inc"

/* Configurations whose words of ASCII letters are English. */
enum { ENGLISH_ASCII = 1 };

struct sl_config {
	const char *name, *stop_words;
	int flags;
};

static const sl_config configs[] = {
	{ "arabic", NULL, 0 }, { "armenian", NULL, 0 }, { "basque", NULL, 0 }, { "catalan", NULL, 0 },
	{ "danish", danish_words, 0 }, { "dutch", dutch_words, 0 }, { "english", english_words, 0 },
	{ "finnish", finnish_words, 0 }, { "french", french_words, 0 }, { "german", german_words, 0 },
	{ "greek", NULL, 0 }, { "hindi", NULL, ENGLISH_ASCII }, { "hungarian", hungarian_words, 0 },
	{ "indonesian", NULL, 0 }, { "irish", NULL, 0 }, { "italian", italian_words, 0 },
	{ "lithuanian", NULL, 0 }, { "nepali", nepali_words, 0 }, { "norwegian", norwegian_words, 0 },
	{ "portuguese", portuguese_words, 0 }, { "romanian", NULL, 0 },
	{ "russian", russian_words, ENGLISH_ASCII }, { "serbian", NULL, 0 }, { "simple", NULL, 0 },
	{ "spanish", spanish_words, 0 }, { "swedish", swedish_words, 0 }, { "tamil", NULL, 0 },
	{ "turkish", turkish_words, 0 }, { "yiddish", NULL, 0 }
};
static const sl_config english = { "english", english_words, 0 };

enum { STEM_MAX = 1000 };

static bool is_name(const char *name, size_t len, const char *config)
{
	static const char schema[] = "pg_catalog.";
	size_t skip = sizeof(schema) - 1;

	if (len > skip && !memcmp(name, schema, skip)) {
		name += skip;
		len -= skip;
	}
	return strlen(config) == len && !memcmp(name, config, len);
}

const sl_config *amph__sl_config_named(sl_call *c, const char *name, size_t len)
{
	for (size_t i = 0; i < sizeof(configs) / sizeof(configs[0]); i++)
		if (is_name(name, len, configs[i].name))
			return &configs[i];
	amph__sl_raise(c, "42704", "text search configuration \"%.*s\" does not exist", (int)len, name);
	return NULL;
}

bool amph__sl_config_takes(const sl_config *config, sl_token token)
{
	(void)config;
	return token != SL_TOKEN_NONE && token != SL_TOKEN_BLANK && token != SL_TOKEN_TAG &&
	       token != SL_TOKEN_PROTOCOL && token != SL_TOKEN_ENTITY;
}

static bool is_stemmed(sl_token token)
{
	return token == SL_TOKEN_ASCIIWORD || token == SL_TOKEN_WORD || token == SL_TOKEN_HWORD ||
	       token == SL_TOKEN_ASCIIHWORD || token == SL_TOKEN_HWORD_PART ||
	       token == SL_TOKEN_HWORD_ASCIIPART;
}

static bool is_ascii(sl_token token)
{
	return token == SL_TOKEN_ASCIIWORD || token == SL_TOKEN_ASCIIHWORD ||
	       token == SL_TOKEN_HWORD_ASCIIPART;
}

static char *fold(sl_call *c, const char *text, size_t len, size_t *out_len)
{
	char *out = amph__arena_alloc(c->arena, len * 2 + 5);
	uint32_t ch;

	*out_len = 0;
	for (size_t at = 0; out && at < len;) {
		at += amph__utf8_next(text + at, &ch);
		*out_len += amph__utf8_put(out + *out_len, amph__to_lower(ch));
	}
	if (out)
		out[*out_len] = '\0';
	return out;
}

static bool is_stop_word(const sl_config *config, const char *word, size_t len)
{
	const char *words = config->stop_words, *at = words;

	if (!words || memchr(word, ' ', len))
		return false;
	while ((at = memmem(at, strlen(at), word, len))) {
		if (at[-1] == ' ' && at[len] == ' ')
			return true;
		at++;
	}
	return false;
}

static bool stem(sl_call *c, const sl_config *config, const char *word, const char **out, size_t *len)
{
	struct sb_stemmer *s = sb_stemmer_new(config->name, NULL);
	const sb_symbol *stemmed = s ? sb_stemmer_stem(s, (const sb_symbol *)word, (int)*len) : NULL;

	if (stemmed) {
		*len = (size_t)sb_stemmer_length(s);
		*out = amph__arena_text(c->arena, (const char *)stemmed, *len);
	} else {
		amph__sl_raise_nomem(c);
	}
	if (s)
		sb_stemmer_delete(s);
	return stemmed && *out;
}

bool amph__sl_config_lexeme(sl_call *c, const sl_config *config, sl_token token, const char *text,
			    size_t len, const char **out, size_t *out_len)
{
	*out = fold(c, text, len, out_len);
	if (!*out)
		return false;
	if (!is_stemmed(token) || !strcmp(config->name, "simple"))
		return true;
	if (is_ascii(token) && config->flags & ENGLISH_ASCII)
		config = &english;
	if (*out_len > STEM_MAX)
		return true;
	if (!*out_len || is_stop_word(config, *out, *out_len)) {
		*out = NULL;
		return true;
	}
	return stem(c, config, *out, out, out_len);
}

/* ---- documents ---- */

typedef struct words {
	sl_vector v;
	unsigned pos;                   /* of the last word */
} words;

static bool add_words(sl_call *c, const sl_config *config, const char *text, size_t len, words *out)
{
	sl_document *d = amph__sl_document(c->arena, text, len);
	sl_token token;
	const char *word;
	size_t n;

	while (d && (token = amph__sl_document_next(d, &word, &n)) != SL_TOKEN_NONE) {
		sl_lexeme l = { 0 };

		if (!amph__sl_config_takes(config, token) || n > SL_TS_WORD_MAX)
			continue;
		if (!amph__sl_config_lexeme(c, config, token, word, n, &l.text, &l.len))
			return false;
		out->pos++;
		if (!l.text)
			continue;
		l.places = AMPH_NEW(c->arena, sl_place);
		l.n_places = 1;
		if (!l.places || !amph__sl_vector_add(c->arena, &out->v, &l))
			return false;
		*l.places = amph__sl_place(out->pos, 0);
	}
	return d && !c->arena->failed;
}

static void put_words(sl_call *c, words *w)
{
	amph__sl_vector_settle(c->arena, &w->v, SL_TS_POSITIONS_MAX - 1);
	if (!c->arena->failed)
		amph__sl_vector_result(c, &w->v);
}

/* The configuration is the first of argc arguments; without, it is english. */
static const sl_config *config_arg(sl_call *c, int argc, int *next)
{
	size_t len;
	const char *name;

	*next = c->argc == argc;
	if (!*next)
		return &english;
	name = amph__sl_text(c, 0, &len);
	return amph__sl_config_named(c, name, len);
}

static void to_vector(sl_call *c)
{
	int at;
	const sl_config *config = config_arg(c, 2, &at);
	words w = { .pos = 0 };
	const char *text;
	size_t len;

	if (!config)
		return;
	text = amph__sl_text(c, at, &len);
	if (add_words(c, config, text, len, &w))
		put_words(c, &w);
}

/* ---- JSON ---- */

enum { STRINGS = 1, NUMBERS = 2, BOOLEANS = 4, KEYS = 8 };

/* Between two values is a place, so that no phrase is of both; words that are too common are none. */
static bool add_value(sl_call *c, const sl_config *config, sl_json v, words *out)
{
	size_t before = out->v.n;
	amph_buf b;
	bool ok;

	amph__buf_init(&b, c->env->allocator);
	if (amph__sl_json_kind(v) == SL_JSON_STRING)
		amph__sl_json_unquote(v, &b);
	else
		amph__buf_add(&b, v.at, v.len);
	if (b.failed) {
		amph__sl_raise_nomem(c);
		return false;
	}
	ok = add_words(c, config, amph__buf_text(&b), b.len, out);
	amph__buf_clear(&b);
	out->pos += out->v.n > before;
	return ok;
}

static bool add_json(sl_call *c, const sl_config *config, sl_json v, unsigned what, words *out)
{
	static const unsigned kinds[] = { 0, BOOLEANS, NUMBERS, STRINGS };
	sl_json_kind kind = amph__sl_json_kind(v);
	sl_json_iter it;

	if (kind < SL_JSON_ARRAY)
		return !(what & kinds[kind]) || add_value(c, config, v, out);
	it = amph__sl_json_begin(v);
	while (amph__sl_json_next(&it)) {
		if (kind == SL_JSON_OBJECT && what & KEYS && !add_value(c, config, it.key, out))
			return false;
		if (!add_json(c, config, it.value, what, out))
			return false;
	}
	return true;
}

static bool what_named(sl_call *c, sl_json name, unsigned *what)
{
	static const struct { const char *name; unsigned what; } names[] = {
		{ "all", STRINGS | NUMBERS | BOOLEANS | KEYS }, { "key", KEYS }, { "string", STRINGS },
		{ "numeric", NUMBERS }, { "boolean", BOOLEANS }
	};

	if (amph__sl_json_kind(name) != SL_JSON_STRING) {
		amph__sl_raise(c, "22023", "flag array element is not a string");
		return false;
	}
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (name.len == strlen(names[i].name) + 2 &&
		    amph__ascii_begins(name.at + 1, names[i].name, name.len - 2)) {
			*what |= names[i].what;
			return true;
		}
	amph__sl_raise(c, "22023", "wrong flag in flag array: \"%.*s\"", (int)name.len - 2, name.at + 1);
	return false;
}

static bool what_arg(sl_call *c, int i, unsigned *what)
{
	sl_json v = amph__sl_json_arg(c, i);
	sl_json_iter it;

	*what = 0;
	if (amph__sl_json_kind(v) == SL_JSON_STRING)
		return what_named(c, v, what);
	if (amph__sl_json_kind(v) != SL_JSON_ARRAY) {
		amph__sl_raise(c, "22023", "wrong flag type, only arrays and scalars are allowed");
		return false;
	}
	it = amph__sl_json_begin(v);
	while (amph__sl_json_next(&it))
		if (!what_named(c, it.value, what))
			return false;
	return true;
}

enum { CHOSEN = 1, PLAIN_JSON = 2 };

static void json_to_vector(sl_call *c)
{
	sl_json v;
	int at;
	bool chosen = c->arg & CHOSEN, plain = c->arg & PLAIN_JSON;
	const sl_config *config = config_arg(c, chosen ? 3 : 2, &at);
	unsigned what = STRINGS;
	words w = { .pos = 0 };

	if (!config || (chosen && !what_arg(c, at + 1, &what)))
		return;
	v = plain ? amph__sl_plain_arg(c, at) : amph__sl_json_arg(c, at);
	if (plain && !amph__sl_plain_readable(c, v))
		return;
	if (add_json(c, config, v, what, &w))
		put_words(c, &w);
}

/* ---- queries ---- */

static sl_query *stop(sl_query_source *s)
{
	return amph__sl_query_node(s->c->arena, SL_QUERY_STOP, NULL, NULL);
}

static sl_query *join_word(sl_query_source *s, sl_query *left, sl_query *right)
{
	return left && right ? amph__sl_query_node(s->c->arena, s->between, left, right) : right;
}

/* A word of the query is a document of its own; what it becomes is joined, with places kept for words
 * that are too common. */
static sl_query *push_words(sl_query_source *s, const char *text, size_t len, uint8_t weights, bool prefix)
{
	words w = { .pos = 0 };
	sl_query *all = NULL;
	unsigned pos = 0;

	if (!add_words(s->c, s->config, text, len, &w)) {
		s->failed = true;
		return NULL;
	}
	for (size_t i = 0; i < w.v.n; i++) {
		const sl_lexeme *l = &w.v.items[i];
		sl_query *q = amph__sl_query_node(s->c->arena, SL_QUERY_WORD, NULL, NULL);

		if (!q)
			return NULL;
		for (; pos > 0 && pos + 1 < amph__sl_pos(l->places[0]); pos++)
			all = join_word(s, all, stop(s));
		pos = amph__sl_pos(l->places[0]);
		q->text = l->text;
		q->len = l->len;
		q->weights = weights;
		q->prefix = prefix;
		all = join_word(s, all, q);
	}
	return all ? all : stop(s);
}

enum { STANDARD, PLAIN, PHRASE, WEB };

static bool query_of(sl_call *c, const sl_config *config, const char *text, size_t len, int notation,
		     sl_query **out)
{
	sl_query_source s = { .c = c, .push = push_words, .between = SL_QUERY_PHRASE };

	s.config = (void *)(uintptr_t)config;
	s.text = amph__arena_text(c->arena, text, len);
	if (!s.text)
		return false;
	s.web = notation == WEB;
	if (notation == STANDARD || notation == WEB) {
		if (!amph__sl_query_read(&s, out))
			return false;
	} else {
		s.between = notation == PLAIN ? SL_QUERY_AND : SL_QUERY_PHRASE;
		*out = push_words(&s, text, len, 0, false);
	}
	*out = amph__sl_query_clean(*out);
	return !s.failed && !c->arena->failed;
}

static void to_query(sl_call *c)
{
	int at;
	const sl_config *config = config_arg(c, 2, &at);
	sl_query *q;
	const char *text;
	size_t len;

	if (!config)
		return;
	text = amph__sl_text(c, at, &len);
	if (query_of(c, config, text, len, (int)c->arg, &q))
		amph__sl_query_result(c, q);
}

/* text @@ tsquery and text @@ text: what to_tsvector and plainto_tsquery make of the texts. */
static void match_text(sl_call *c)
{
	words w = { .pos = 0 };
	sl_query *q;
	sl_matcher m = { .arena = c->arena, .find = amph__sl_vector_find, .data = &w.v };
	size_t len;
	const char *text = amph__sl_text(c, 0, &len);

	if (!add_words(c, &english, text, len, &w))
		return;
	amph__sl_vector_settle(c->arena, &w.v, SL_TS_POSITIONS_MAX - 1);
	text = amph__sl_text(c, 1, &len);
	if (c->arg ? !amph__sl_query_arg(c, 1, &q) : !query_of(c, &english, text, len, PLAIN, &q))
		return;
	amph__sl_result_bool(c, amph__sl_query_matches(&m, q));
}

static const sl_function rows[] = {
	{ "json_to_tsvector_json_jsonb", 2, 0, json_to_vector, CHOSEN | PLAIN_JSON },
	{ "json_to_tsvector_regconfig_json_jsonb", 3, 0, json_to_vector, CHOSEN | PLAIN_JSON },
	{ "jsonb_to_tsvector_jsonb_jsonb", 2, 0, json_to_vector, CHOSEN },
	{ "jsonb_to_tsvector_regconfig_jsonb_jsonb", 3, 0, json_to_vector, CHOSEN },
	{ "phraseto_tsquery_regconfig_text", 2, 0, to_query, PHRASE },
	{ "phraseto_tsquery_text", 1, 0, to_query, PHRASE },
	{ "plainto_tsquery_regconfig_text", 2, 0, to_query, PLAIN },
	{ "plainto_tsquery_text", 1, 0, to_query, PLAIN },
	{ "to_tsquery_regconfig_text", 2, 0, to_query, STANDARD },
	{ "to_tsquery_text", 1, 0, to_query, STANDARD },
	{ "to_tsvector_json", 1, 0, json_to_vector, PLAIN_JSON },
	{ "to_tsvector_jsonb", 1, 0, json_to_vector, 0 },
	{ "to_tsvector_regconfig_json", 2, 0, json_to_vector, PLAIN_JSON },
	{ "to_tsvector_regconfig_jsonb", 2, 0, json_to_vector, 0 },
	{ "to_tsvector_regconfig_text", 2, 0, to_vector, 0 },
	{ "to_tsvector_text", 1, 0, to_vector, 0 },
	{ "ts_match_tq", 2, 0, match_text, 1 },
	{ "ts_match_tt", 2, 0, match_text, 0 },
	{ "websearch_to_tsquery_regconfig_text", 2, 0, to_query, WEB },
	{ "websearch_to_tsquery_text", 1, 0, to_query, WEB }
};
const sl_functions amph__sl_tsconfig_functions = { rows, sizeof(rows) / sizeof(rows[0]) };

/* ts_parse: every token as it stands. */
void amph__sl_document_tokens(sl_call *c, sl_set *set)
{
	sl_document *d;
	const char *text;
	size_t len;
	sl_token token;

	text = amph__sl_text(c, 0, &len);
	if (len != 7 || memcmp(text, "default", 7)) {
		amph__sl_raise(c, "42704", "text search parser \"%.*s\" does not exist", (int)len, text);
		return;
	}
	text = amph__sl_text(c, 1, &len);
	d = amph__sl_document(c->arena, text, len);
	while (d && !c->nomem && (token = amph__sl_document_next(d, &text, &len)) != SL_TOKEN_NONE) {
		amph__sl_set_int(c, set, token);
		amph__sl_set_text(c, set, text, len);
	}
}
