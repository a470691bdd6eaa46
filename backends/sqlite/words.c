/* What the text of a statement says. The text is the library's own, or went through its parser: a
 * full lexer is not needed, but quotes and parentheses are minded. */
#include "words.h"
#include "../../src/base/ascii.h"
#include <string.h>

typedef struct verb_row { const char *words; sl_verb verb; } verb_row;
/* The longer of two with the same beginning comes first. */
static const verb_row verbs[] = {
	{ "BEGIN IMMEDIATE", SL_VERB_BEGIN_WRITE },
	{ "BEGIN READ ONLY", SL_VERB_BEGIN_READ_ONLY },
	{ "BEGIN", SL_VERB_BEGIN },
	{ "COMMIT", SL_VERB_COMMIT },
	{ "ROLLBACK TO", SL_VERB_ROLLBACK_TO },
	{ "ROLLBACK", SL_VERB_ROLLBACK },
	{ "SAVEPOINT", SL_VERB_SAVEPOINT },
	{ "RELEASE", SL_VERB_RELEASE },
};

sl_verb amph__sl_verb(const char *sql)
{
	for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++) {
		size_t len = strlen(verbs[i].words);

		if (amph__ascii_begins(sql, verbs[i].words, len) && !amph__ascii_is_alnum(sql[len]))
			return verbs[i].verb;
	}
	return SL_VERB_NONE;
}

static const char *end_of_quoted(const char *at, char quote)
{
	for (at++; *at; at++)
		if (*at == quote && *++at != quote)
			break;
	return at;
}

const char *amph__sl_next_word(const char *at, size_t *len)
{
	while (amph__is_space(*at))
		at++;
	const char *end = at;
	if (*at == '"')
		end = end_of_quoted(at, '"');
	else
		while (amph__ascii_is_alnum(*end) || *end == '_')
			end++;
	*len = (size_t)(end - at);
	return at;
}

bool amph__sl_word_is(const char *word, size_t len, const char *what)
{
	return strlen(what) == len && amph__ascii_begins(word, what, len);
}

const char *amph__sl_find_word(const char *at, const char *const *words, size_t n, size_t *which)
{
	int depth = 0;

	while (*at) {
		size_t len;
		const char *word = amph__sl_next_word(at, &len);

		for (size_t i = 0; !depth && i < n; i++) {
			if (!amph__sl_word_is(word, len, words[i]))
				continue;
			if (which)
				*which = i;
			return word;
		}
		depth += *word == '(' ? 1 : *word == ')' ? -1 : 0;
		if (*word == '\'')
			at = end_of_quoted(word, '\'');
		else
			at = word + (len ? len : *word != '\0');
	}
	return NULL;
}

/* What a common table expression leads to. */
static const char *after_with(const char *sql)
{
	static const char *const words[] = { "SELECT", "INSERT", "UPDATE", "DELETE" };
	size_t which = 0;

	amph__sl_find_word(sql, words, 4, &which);
	return words[which];
}

static bool is_skipped(const char *word, size_t len)
{
	static const char *const skipped[] = { "UNIQUE", "TEMP", "TEMPORARY", "VIRTUAL" };

	for (size_t i = 0; i < sizeof skipped / sizeof *skipped; i++)
		if (amph__sl_word_is(word, len, skipped[i]))
			return true;
	return false;
}

static size_t add_capitals(char *out, size_t at, size_t size, const char *word, size_t len)
{
	if (at + len + 2 > size)
		return at;
	if (at)
		out[at++] = ' ';
	for (size_t i = 0; i < len; i++)
		out[at++] = amph__ascii_upper(word[i]);
	return at;
}

void amph__sl_tag(const char *sql, char *out, size_t size)
{
	size_t len, at;
	const char *word = amph__sl_next_word(sql, &len);
	bool two = amph__sl_word_is(word, len, "CREATE") || amph__sl_word_is(word, len, "DROP") ||
		   amph__sl_word_is(word, len, "ALTER");

	if (amph__sl_word_is(word, len, "WITH")) {
		amph__copy_text(out, size, after_with(sql));
		return;
	}
	if (amph__sl_word_is(word, len, "VALUES")) {
		amph__copy_text(out, size, "SELECT");
		return;
	}
	at = add_capitals(out, 0, size, word, len);
	if (two) {
		do
			word = amph__sl_next_word(word + len, &len);
		while (is_skipped(word, len));
		at = add_capitals(out, at, size, word, len);
	}
	out[at] = '\0';
}

/* A name without its quotes. */
static void copy_name(char *to, const char *word, size_t len)
{
	size_t quoted = *word == '"';

	for (size_t i = quoted; i + quoted < len; i++) {
		*to++ = word[i];
		i += quoted && word[i] == '"';
	}
	*to = '\0';
}

char *amph__sl_dropped_table(const amph_allocator *a, const char *sql)
{
	size_t len;
	const char *word = amph__sl_next_word(sql, &len);

	word = amph__sl_next_word(word + len, &len);
	word = amph__sl_next_word(word + len, &len);
	while (amph__sl_word_is(word, len, "IF") || amph__sl_word_is(word, len, "EXISTS"))
		word = amph__sl_next_word(word + len, &len);
	char *name = amph__alloc(a, len + 1);
	if (name)
		copy_name(name, word, len);
	return name;
}
