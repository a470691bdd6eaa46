/* The parser of documents: PostgreSQL's default text search parser, an automaton over characters that
 * remembers places to go back to. Its rules are in tsrules.inc. */
#include "../text/ctype.h"
#include "textsearch.h"
#include <string.h>

enum {
	S_SAME, S_BASE, S_NUM_WORD, S_ASCII_WORD, S_WORD, S_UNSIGNED, S_SIGNED_FIRST, S_SIGNED,
	S_SPACE, S_U_DECIMAL_FIRST, S_U_DECIMAL, S_DECIMAL_FIRST, S_DECIMAL, S_VER_VERSION,
	S_S_VER_VERSION, S_VERSION_FIRST, S_VERSION, S_MANTISSA_FIRST, S_MANTISSA_SIGN,
	S_MANTISSA, S_ENTITY_FIRST, S_ENTITY, S_ENTITY_NUM_FIRST, S_ENTITY_HEX_FIRST,
	S_ENTITY_NUM, S_ENTITY_HEX, S_ENTITY_END, S_TAG_FIRST, S_XML_BEGIN, S_TAG_CLOSE_FIRST,
	S_TAG_NAME, S_TAG_BEGIN_END, S_TAG, S_TAG_QUOTE, S_TAG_DOUBLE_QUOTE, S_TAG_ESCAPE,
	S_TAG_END, S_COMMENT_FIRST, S_COMMENT_LAST, S_COMMENT, S_COMMENT_CLOSE_FIRST,
	S_COMMENT_CLOSE_LAST, S_COMMENT_END, S_HOST_FIRST_DOMAIN, S_HOST_DOMAIN_SECOND,
	S_HOST_DOMAIN, S_PORT_FIRST, S_PORT, S_HOST_FIRST_AN, S_HOST, S_EMAIL, S_FILE_FIRST,
	S_FILE_TWIDDLE, S_PATH_FIRST, S_PATH_FIRST_FIRST, S_PATH_SECOND, S_FILE, S_FILE_NEXT,
	S_URL_PATH_FIRST, S_URL_PATH_START, S_URL_PATH, S_FURL, S_PROTOCOL_FIRST,
	S_PROTOCOL_SECOND, S_PROTOCOL_END, S_HYPHEN_ASCII_WORD_FIRST, S_HYPHEN_ASCII_WORD,
	S_HYPHEN_WORD_FIRST, S_HYPHEN_WORD, S_HYPHEN_NUM_WORD_FIRST, S_HYPHEN_NUM_WORD,
	S_HYPHEN_DIGIT, S_HYPHEN, S_HYPHEN_HYPHEN, S_HYPHEN_PART, S_HYPHEN_ASCII_PART,
	S_HYPHEN_NUM_PART, S_HYPHEN_UNSIGNED, S_COUNT
};
enum {
	T_ANY, T_EOF, T_CHAR, T_IGNORED, T_ASCII, T_ALPHA, T_DIGIT, T_ALNUM, T_NOTALNUM, T_SPACE, T_XDIGIT,
	T_SPECIAL, T_URLCHAR, T_STOPHOST, T_HOST, T_URLPATH
};
/* PUSH: the present place is one to go back to, where the next row is tried. DROP, DROP_ALL: it is
 * not any more. MERGE: back to it, but go on from here. TAKE: here a token ends. */
enum { PUSH = 1, POP = 2, DROP = 4, DROP_ALL = 8, MERGE = 16, TAKE = 32, AGAIN = 64 };
enum { DO_NOTHING, DO_REWIND, DO_TAGS, DO_FURL, DO_PARTS };

typedef struct rule {
	uint8_t state, test;
	char ch;
	uint8_t actions, to, token, more;
} rule;

static const rule rules[] = {
#include "tsrules.inc"
	{ S_COUNT, T_ANY, 0, POP, S_SAME, 0, 0 }
};
enum { N_RULES = sizeof(rules) / sizeof(rules[0]), DEPTH_MAX = 64 };

typedef struct place place;
struct place {
	place *below;
	size_t at, token_len, char_len;
	uint16_t pushed_at;             /* the rule that pushed, from 1 */
	uint8_t state;
};

struct sl_document {
	amph_arena *arena;
	const char *text;
	size_t len, token_len;
	const char *token;
	place *top, *unused;
	uint8_t type;
	unsigned depth;
	bool ignore, want_host;
	uint16_t first[S_COUNT + 1];
};

static bool push_place(sl_document *d)
{
	place *p = d->unused;

	if (p)
		d->unused = p->below;
	else
		p = AMPH_NEW(d->arena, place);
	if (!p)
		return false;
	*p = (place){ .state = S_BASE };
	if (d->top)
		*p = *d->top;
	p->pushed_at = 0;
	p->below = d->top;
	d->top = p;
	return true;
}

static void drop_place(sl_document *d, place **which)
{
	place *p = *which;

	*which = p->below;
	p->below = d->unused;
	d->unused = p;
}

static bool start(sl_document *d, amph_arena *arena, const char *text, size_t len)
{
	*d = (sl_document){ .arena = arena, .text = text, .len = len };
	for (size_t i = N_RULES; i-- > 0;)
		d->first[rules[i].state] = (uint16_t)i;
	return push_place(d);
}

sl_document *amph__sl_document(amph_arena *arena, const char *text, size_t len)
{
	sl_document *d = AMPH_NEW(arena, sl_document);

	return d && start(d, arena, text, len) ? d : NULL;
}

/* ---- tests ---- */

static uint32_t here(const sl_document *d)
{
	uint32_t ch;

	amph__utf8_next(d->text + d->top->at, &ch);
	return ch;
}

static bool is_space(uint32_t ch)
{
	amph_class_fn *space = amph__class_named("space", 5);

	return space(ch);
}

/* Marks are of a word, but none starts with them. */
static bool is_special(uint32_t ch)
{
	utf8proc_category_t category = ch < 128 ? UTF8PROC_CATEGORY_CN : utf8proc_category((int32_t)ch);

	return category == UTF8PROC_CATEGORY_MN || category == UTF8PROC_CATEGORY_ME ||
	       category == UTF8PROC_CATEGORY_MC;
}

static bool is_ascii_letter(uint32_t ch)
{
	return (ch | 32) >= 'a' && (ch | 32) <= 'z';
}

static bool is_digit(uint32_t ch)
{
	return ch >= '0' && ch <= '9';
}

static bool is_url_char(uint32_t ch)
{
	return ch > 0x20 && ch < 0x7f && !strchr("\"<>\\^`{|}", (int)ch);
}

/* What is read by a parser of its own from here on goes to the token. */
static void take_over(sl_document *d, const sl_document *other)
{
	d->top->at += other->token_len;
	d->top->token_len += other->token_len;
	d->top->char_len = other->top->char_len;
}

static sl_token next_token(sl_document *d);

static bool is_host(sl_document *d)
{
	sl_document other;

	if (d->depth >= DEPTH_MAX || !start(&other, d->arena, d->text + d->top->at, d->len - d->top->at))
		return false;
	other.want_host = true;
	other.depth = d->depth + 1;
	if (next_token(&other) != SL_TOKEN_HOST)
		return false;
	take_over(d, &other);
	return true;
}

static bool is_url_path(sl_document *d)
{
	sl_document other;
	sl_token token;

	if (d->depth >= DEPTH_MAX || !start(&other, d->arena, d->text + d->top->at, d->len - d->top->at) ||
	    !push_place(&other))
		return false;
	other.depth = d->depth + 1;
	other.top->state = S_URL_PATH_FIRST;
	token = next_token(&other);
	if (token != SL_TOKEN_URL_PATH && token != SL_TOKEN_FILE)
		return false;
	take_over(d, &other);
	return true;
}

static bool stops_host(sl_document *d)
{
	bool stops = d->want_host;

	d->want_host = false;
	return stops;
}

static bool holds(sl_document *d, const rule *r)
{
	bool end = d->top->char_len == 0;
	uint32_t ch = end ? 0 : here(d);

	switch (r->test) {
	case T_EOF: return end;
	case T_CHAR: return !end && ch == (uint32_t)(unsigned char)r->ch;
	case T_IGNORED: return d->ignore;
	case T_ASCII: return is_ascii_letter(ch);
	case T_ALPHA: return !end && amph__is_letter(ch);
	case T_DIGIT: return is_digit(ch);
	case T_ALNUM: return !end && amph__is_alnum(ch);
	case T_NOTALNUM: return !end && !amph__is_alnum(ch);
	case T_SPACE: return !end && is_space(ch);
	case T_XDIGIT: return is_digit(ch) || ((ch | 32) >= 'a' && (ch | 32) <= 'f');
	case T_SPECIAL: return !end && is_special(ch);
	case T_URLCHAR: return is_url_char(ch);
	case T_STOPHOST: return stops_host(d);
	case T_HOST: return is_host(d);
	case T_URLPATH: return is_url_path(d);
	default: return true;
	}
}

/* ---- moves ---- */

/* Nothing within scripts and styles is a word. */
static void see_tag(sl_document *d)
{
	static const struct { const char *text; bool ignore; } tags[] = {
		{ "</script", false }, { "</style", false }, { "<script", true }, { "<style", true }
	};

	for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++)
		if (d->top->token_len == strlen(tags[i].text) &&
		    amph__ascii_begins(d->token, tags[i].text, d->top->token_len))
			d->ignore = tags[i].ignore;
}

static void do_more(sl_document *d, const rule *r)
{
	if (r->more == DO_TAGS)
		see_tag(d);
	if (r->more == DO_FURL)
		d->want_host = true;
	if (r->more == DO_FURL || r->more == DO_PARTS || r->more == DO_REWIND)
		d->top->at -= d->top->token_len;
	if (r->more == DO_REWIND)
		d->top->token_len = 0;
}

static bool move(sl_document *d, const rule *r)
{
	if (r->actions & POP) {
		drop_place(d, &d->top);
	} else if (r->actions & PUSH) {
		d->top->pushed_at = (uint16_t)(r - rules + 1);
		if (!push_place(d))
			return false;
	} else if (r->actions & DROP) {
		drop_place(d, &d->top->below);
	} else if (r->actions & DROP_ALL) {
		while (d->top->below)
			drop_place(d, &d->top->below);
	} else if (r->actions & MERGE) {
		d->top->below->at = d->top->at;
		d->top->below->char_len = d->top->char_len;
		d->top->below->token_len = d->top->token_len;
		drop_place(d, &d->top);
	}
	if (r->to != S_SAME)
		d->top->state = r->to;
	return true;
}

static const rule *find_rule(sl_document *d)
{
	const rule *r = &rules[d->top->pushed_at ? d->top->pushed_at : d->first[d->top->state]];
	uint32_t ch;

	d->top->char_len = d->top->at < d->len ? amph__utf8_next(d->text + d->top->at, &ch) : 0;
	d->top->pushed_at = 0;
	while (!holds(d, r))
		r++;
	return r;
}

static sl_token next_token(sl_document *d)
{
	const rule *r = NULL;

	if (d->top->at >= d->len)
		return SL_TOKEN_NONE;
	d->token = d->text + d->top->at;
	d->top->pushed_at = 0;
	while (d->top->at <= d->len) {
		r = find_rule(d);
		do_more(d, r);
		if (r->actions & TAKE) {
			d->token_len = d->top->token_len;
			d->top->token_len = 0;
			d->type = r->token;
		}
		if (!move(d, r))
			return SL_TOKEN_NONE;
		if (r->actions & TAKE)
			return (sl_token)d->type;
		if (d->top->at >= d->len && !(r->actions & AGAIN))
			break;
		if (r->actions & (AGAIN | POP))
			continue;
		d->top->at += d->top->char_len;
		d->top->token_len += d->top->char_len;
	}
	return SL_TOKEN_NONE;
}

sl_token amph__sl_document_next(sl_document *d, const char **text, size_t *len)
{
	sl_token token = next_token(d);

	*text = d->token;
	*len = d->token_len;
	return token;
}
