/* Booleans, integers, texts, enums. */
#include "type.h"
#include "../base/utf8.h"
#include <stdio.h>

void amph__error_text(amph_error *err, const char *text, size_t len)
{
	if (err == NULL)
		return;
	char copy[121], shown[120];
	size_t n = len < sizeof(copy) ? len : sizeof(copy) - 1;
	memcpy(copy, text, n);
	copy[n] = '\0';
	amph__copy_text(shown, sizeof(shown), copy);
	snprintf(err->detail, sizeof(err->detail), "the text is \"%s%s\"", shown,
		 n < sizeof(shown) ? "" : "...");
}

bool amph__syntax_error(amph_error *err, const char *sqlstate, const char *type, const char *text,
			size_t len)
{
	amph__error(err, sqlstate, "invalid input syntax for type %s", type);
	amph__error_text(err, text, len);
	return false;
}

bool amph__range_error(amph_error *err, const char *type, const char *text, size_t len)
{
	amph__error(err, "22003", "value is out of range for type %s", type);
	amph__error_text(err, text, len);
	return false;
}

/* Any beginning of these words, where it is of one only. */
bool amph__bool_read(const char *text, size_t len, void *out, amph_arena *arena, amph_error *err)
{
	static const struct { const char *word; size_t least; bool value; } words[] = {
		{ "true", 1, true }, { "false", 1, false }, { "yes", 1, true }, { "no", 1, false },
		{ "on", 2, true }, { "off", 2, false }, { "1", 1, true }, { "0", 1, false },
	};
	(void)arena;
	const char *word = text;
	size_t n = len;
	amph__trim(&word, &n);
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		size_t at = 0;
		while (at < n && words[i].word[at] != '\0' &&
		       amph__ascii_lower(word[at]) == words[i].word[at])
			at++;
		if (at == n && n >= words[i].least) {
			*(bool *)out = words[i].value;
			return true;
		}
	}
	return amph__syntax_error(err, "22P02", "boolean", text, len);
}

void amph__bool_write(const void *value, amph_buf *out)
{
	amph__buf_putc(out, *(const bool *)value ? 't' : 'f');
}

typedef struct integer_type {
	const char *name;
	uint64_t limit;         /* the greatest value; one more below zero */
} integer_type;
static const integer_type int16_type = { "smallint", INT16_MAX };
static const integer_type int32_type = { "integer", INT32_MAX };
static const integer_type int64_type = { "bigint", INT64_MAX };

/* As PostgreSQL: a number that is too large is out of range even where rubbish follows. */
static bool read_integer(const integer_type *type, const char *text, size_t len, int64_t *out,
			 amph_error *err)
{
	const char *at = text, *end = text + len;
	while (at < end && amph__is_space(*at))
		at++;
	bool minus = at < end && *at == '-';
	if (at < end && (*at == '-' || *at == '+'))
		at++;
	const char *first = at;
	uint64_t n = 0, limit = type->limit + minus;
	for (; at < end && amph__is_digit(*at); at++) {
		unsigned digit = (unsigned)(*at - '0');
		if (n > (limit - digit) / 10)
			return amph__range_error(err, type->name, text, len);
		n = n * 10 + digit;
	}
	bool any = at > first;
	while (at < end && amph__is_space(*at))
		at++;
	if (!any || at < end)
		return amph__syntax_error(err, "22P02", type->name, text, len);
	*out = (int64_t)(minus ? 0 - n : n);
	return true;
}

static void write_integer(int64_t n, amph_buf *out)
{
	char *at = amph__buf_reserve(out, AMPH_INT64_TEXT_MAX);
	if (at == NULL)
		return;
	char *end = amph__put_int(at, n);
	*end = '\0';
	out->len += (size_t)(end - at);
}

#define INTEGER_FUNCTIONS(name, T)                                                             \
	bool amph__##name##_read(const char *text, size_t len, void *out, amph_arena *arena,   \
				 amph_error *err)                                              \
	{                                                                                      \
		int64_t n;                                                                     \
		(void)arena;                                                                   \
		if (!read_integer(&name##_type, text, len, &n, err))                           \
			return false;                                                          \
		*(T *)out = (T)n;                                                              \
		return true;                                                                   \
	}                                                                                      \
	void amph__##name##_write(const void *value, amph_buf *out)                            \
	{                                                                                      \
		write_integer(*(const T *)value, out);                                         \
	}
INTEGER_FUNCTIONS(int16, int16_t)
INTEGER_FUNCTIONS(int32, int32_t)
INTEGER_FUNCTIONS(int64, int64_t)

#define ORDER_FUNCTION(name, T)                                                                \
	int amph__##name##_order(const void *a, const void *b)                                 \
	{                                                                                      \
		return AMPH_ORDER_(*(const T *)a, *(const T *)b);                              \
	}
ORDER_FUNCTION(bool, bool)
ORDER_FUNCTION(int16, int16_t)
ORDER_FUNCTION(int32, int32_t)
ORDER_FUNCTION(int64, int64_t)
ORDER_FUNCTION(enum, unsigned)

bool amph__text_read(const char *text, size_t len, void *out, amph_arena *arena, amph_error *err)
{
	if (!amph__utf8_valid(text, len))
		return amph__error(err, "22021",
				   "invalid byte sequence for encoding \"UTF8\" in a text");
	char *copy = amph__arena_text(arena, text, len);
	if (copy == NULL)
		return amph__error_nomem(err);
	*(const char **)out = copy;
	return true;
}

void amph__text_write(const void *value, amph_buf *out)
{
	amph__buf_puts(out, *(const char *const *)value);
}

int amph__text_order(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

bool amph__enum_parse(const amph_enum_type *e, const char *text, size_t len, unsigned *out,
		      amph_error *err)
{
	for (size_t i = 0; i < e->n_labels; i++) {
		if (strlen(e->labels[i]) == len && memcmp(e->labels[i], text, len) == 0) {
			*out = (unsigned)i;
			return true;
		}
	}
	amph__error(err, "22P02", "invalid input value for enum %s", e->name);
	amph__error_text(err, text, len);
	return false;
}

const char *amph__enum_label(const amph_enum_type *e, unsigned value)
{
	return e != NULL && value < e->n_labels ? e->labels[value] : NULL;
}
