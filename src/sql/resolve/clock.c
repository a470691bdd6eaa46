/* Literals that name a time: 'now', 'today', 'tomorrow 16:00'. They become what they mean, an expression
 * of the session's clock; where a definition keeps them (defaults, checks, keys of indexes) they stay
 * what they are, for there PostgreSQL takes the time of the definition. */
#include "resolve.h"
#include "../../base/ascii.h"
#include <string.h>

enum { WORD_MAX = 31 };

typedef struct literal { char word[WORD_MAX + 1], clock[WORD_MAX + 1]; } literal;

static bool is_clock(const char *text, size_t len)
{
	return len > 2 && memchr(text, ':', len) && strspn(text, "0123456789:.") >= len;
}

/* One word, or one and a time of the day in either order. */
static bool split(const char *text, literal *out)
{
	static const char blanks[] = " \t\n\v\f\r";

	*out = (literal){ "", "" };
	for (text += strspn(text, blanks); *text; text += strspn(text, blanks)) {
		size_t len = strcspn(text, blanks);
		char *to = is_clock(text, len) ? out->clock : out->word;

		if (*to || len > WORD_MAX)
			return false;
		memcpy(to, text, len);
		to[len] = '\0';
		text += len;
	}
	return out->word[0] != '\0';
}

typedef struct clock_word { const char *word; int days; bool whole; } clock_word;

static const clock_word *find_word(const literal *l, int type)
{
	static const clock_word words[] = {
		{ "now", 0, false }, { "today", 0, true }, { "tomorrow", 1, true }, { "yesterday", -1, true }
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		const clock_word *w = &words[i];

		if (amph__ascii_same(w->word, l->word))
			return (w->whole ? type != AMPH_T_TIME : !l->clock[0]) ? w : NULL;
	}
	return NULL;
}

static bool is_kept(const sql_resolver *r)
{
	switch (r->scope ? r->scope->clause : SQL_CLAUSE_DEFAULT) {
	case SQL_CLAUSE_CHECK:
	case SQL_CLAUSE_DEFAULT:
	case SQL_CLAUSE_COMPUTED:
	case SQL_CLAUSE_INDEX:
	case SQL_CLAUSE_PREDICATE:
	case SQL_CLAUSE_HYBRID:
		return true;
	default:
		return false;
	}
}

static sql_expr *cast_to(sql_resolver *r, sql_expr *e, int type)
{
	sql_expr *cast = e ? sql_cast(r->arena, e, amph__plain_type(type)) : NULL;

	if (cast)
		cast->explicit_cast = true;
	return cast;
}

static sql_expr *meaning(sql_resolver *r, const literal *l, const clock_word *w, int type)
{
	sql_expr *e = sql_call(r->arena, "now", 0, NULL);
	const char *step = w->days < 0 ? "-" : "+";

	if (!w->whole)
		return cast_to(r, e, type);
	e = cast_to(r, e, AMPH_T_DATE);
	if (e && w->days)
		e = sql_op(r->arena, step, e, sql_const(r->arena, AMPH_T_INT32, "1"));
	if (e && l->clock[0])
		e = sql_op(r->arena, "+", e, cast_to(r, sql_const(r->arena, AMPH_T_NONE,
				amph__arena_text(r->arena, l->clock, strlen(l->clock))), AMPH_T_TIME));
	return cast_to(r, e, type);
}

bool amph__clock_literal(sql_resolver *r, sql_expr *e, int type, bool *is)
{
	const clock_word *w;
	sql_expr *made;
	literal l;

	*is = false;
	if (type != AMPH_T_DATE && type != AMPH_T_TIME && type != AMPH_T_TIMESTAMP &&
	    type != AMPH_T_TIMESTAMPTZ)
		return true;
	if (is_kept(r) || !split(e->text, &l) || !(w = find_word(&l, type)))
		return true;
	made = meaning(r, &l, w, type);
	if (!made)
		return amph__resolve_nomem(r);
	if (!amph__resolve_node(r, &made))
		return false;
	made->location = e->location;
	*e = *made;
	*is = true;
	return true;
}
