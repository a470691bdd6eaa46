/* amph_error: filling it, and what each SQLSTATE means to a program. */
#include "error.h"
#include <stddef.h>
#include <stdio.h>
#include <string.h>

/* A state of five characters, or a class of two: the longest match counts. */
static const struct state_row {
	const char *state;
	amph_status status;
} states[] = {
	{ "00", AMPH_OK },
	{ "01", AMPH_OK },                      /* warnings */
	{ "02", AMPH_E_NOTFOUND },
	{ "07", AMPH_E_MISUSE },                /* a statement used with wrong parameters */
	{ "08", AMPH_E_CONNECTION },
	{ "08007", AMPH_E_UNKNOWN_OUTCOME },
	{ "09", AMPH_E_REFUSED },               /* a triggered action said no */
	{ "0A", AMPH_E_UNSUPPORTED },
	{ "0B", AMPH_E_MISUSE },
	{ "21", AMPH_E_DATA },                  /* more than one row from a scalar subquery */
	{ "22", AMPH_E_DATA },
	{ "23", AMPH_E_CHECK },
	{ "23001", AMPH_E_FOREIGN_KEY },
	{ "23502", AMPH_E_NOT_NULL },
	{ "23503", AMPH_E_FOREIGN_KEY },
	{ "23505", AMPH_E_UNIQUE },
	{ "23514", AMPH_E_CHECK },
	{ "23P01", AMPH_E_UNIQUE },             /* an exclusion constraint */
	{ "24", AMPH_E_MISUSE },
	{ "25", AMPH_E_MISUSE },                /* not in this state of the transaction */
	{ "25006", AMPH_E_READ_ONLY },
	{ "25P02", AMPH_E_ABORTED },
	{ "25P03", AMPH_E_CONNECTION },         /* the server closed an idle transaction */
	{ "28", AMPH_E_CONNECTION },
	{ "2D", AMPH_E_MISUSE },
	{ "34", AMPH_E_SYNTAX },
	{ "3B", AMPH_E_MISUSE },                /* no such savepoint */
	{ "3D", AMPH_E_CONNECTION },            /* no such database */
	{ "3F", AMPH_E_SYNTAX },
	{ "40001", AMPH_E_SERIALIZATION },
	{ "40002", AMPH_E_CHECK },
	{ "40003", AMPH_E_UNKNOWN_OUTCOME },
	{ "40P01", AMPH_E_SERIALIZATION },
	{ "42", AMPH_E_SYNTAX },
	{ "42501", AMPH_E_OTHER },              /* no privilege: the statement is well */
	{ "42804", AMPH_E_TYPE },
	{ "42846", AMPH_E_TYPE },
	{ "42P18", AMPH_E_TYPE },
	{ "42P21", AMPH_E_TYPE },
	{ "42P22", AMPH_E_TYPE },
	{ "44", AMPH_E_CHECK },                 /* check option of a view */
	{ "53", AMPH_E_RESOURCE },
	{ "53200", AMPH_E_NOMEM },
	{ "54", AMPH_E_RESOURCE },
	{ "55006", AMPH_E_BUSY },
	{ "55P03", AMPH_E_BUSY },
	{ "57014", AMPH_E_TIMEOUT },
	{ "57P01", AMPH_E_CONNECTION },
	{ "57P02", AMPH_E_CONNECTION },
	{ "57P03", AMPH_E_CONNECTION },
	{ "57P04", AMPH_E_CONNECTION },
	{ "57P05", AMPH_E_CONNECTION },
	{ "58030", AMPH_E_RESOURCE },           /* input or output failed */
	{ "HV001", AMPH_E_NOMEM },
	{ "HV00D", AMPH_E_MISUSE },             /* no such option */
	{ "HV00N", AMPH_E_CONNECTION },
	{ "HV010", AMPH_E_MISUSE },
	{ "P0001", AMPH_E_REFUSED },            /* RAISE in a trigger */
	{ "P0002", AMPH_E_NOTFOUND },
	{ "P0003", AMPH_E_DATA },
	{ "XX001", AMPH_E_CORRUPT },
	{ "XX002", AMPH_E_CORRUPT },
};

amph_status amph__status_of(const char *sqlstate)
{
	amph_status status = AMPH_E_OTHER;
	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
		const char *state = states[i].state;
		if (strcmp(state, sqlstate) == 0)
			return states[i].status;
		if (state[2] == '\0' && strncmp(state, sqlstate, 2) == 0)
			status = states[i].status;
	}
	return status;
}

const char *amph_status_name(amph_status status)
{
	static const char *const names[] = {
		"AMPH_OK", "AMPH_E_NOTFOUND", "AMPH_E_UNIQUE", "AMPH_E_FOREIGN_KEY",
		"AMPH_E_CHECK", "AMPH_E_NOT_NULL", "AMPH_E_DATA", "AMPH_E_TYPE",
		"AMPH_E_SYNTAX", "AMPH_E_UNSUPPORTED", "AMPH_E_SERIALIZATION", "AMPH_E_ABORTED",
		"AMPH_E_STALE", "AMPH_E_BUSY", "AMPH_E_TIMEOUT", "AMPH_E_CONNECTION",
		"AMPH_E_UNKNOWN_OUTCOME", "AMPH_E_REFUSED", "AMPH_E_MISUSE", "AMPH_E_NOMEM",
		"AMPH_E_RESOURCE", "AMPH_E_READ_ONLY", "AMPH_E_CORRUPT", "AMPH_E_OTHER",
		"AMPH_E_MANY",
	};
	int n = (int)(sizeof(names) / sizeof(names[0]));
	if (status > 0 || status <= -n)
		return "AMPH_E_OTHER";
	return names[-(int)status];
}

/* Takes the bytes of a character that was cut in the middle off the end of text. */
static void drop_partial_char(char *text, size_t len)
{
	size_t start = len;
	while (start > 0 && len - start < 4 && ((unsigned char)text[start - 1] & 0xC0) == 0x80)
		start--;
	if (start == 0)
		return;
	unsigned char lead = (unsigned char)text[start - 1];
	size_t have = len - start + 1;
	size_t want = lead < 0xC0 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
	if (have < want)
		text[start - 1] = '\0';
}

void amph__copy_text(char *dst, size_t size, const char *src)
{
	if (size == 0)
		return;
	size_t len = strnlen(src, size);
	bool cut = len == size;
	if (cut)
		len = size - 1;
	memmove(dst, src, len);
	dst[len] = '\0';
	if (cut)
		drop_partial_char(dst, len);
}

static void __attribute__((format(printf, 3, 0)))
format_text(char *dst, size_t size, const char *format, va_list args)
{
	int len = vsnprintf(dst, size, format, args);
	if (len < 0)
		dst[0] = '\0';
	else if ((size_t)len >= size)
		drop_partial_char(dst, size - 1);
}

/* The arguments may point into *err, so the message is made before it is reset. */
static void __attribute__((format(printf, 3, 0)))
set_error(amph_error *err, const char *sqlstate, const char *format, va_list args)
{
	char message[sizeof(err->message)];
	amph_error made = { .status = amph__status_of(sqlstate) };
	format_text(message, sizeof(message), format, args);
	memcpy(made.message, message, sizeof(message));
	amph__copy_text(made.sqlstate, sizeof(made.sqlstate), sqlstate);
	made.retryable = made.status == AMPH_E_SERIALIZATION;
	made.outcome = made.status == AMPH_E_UNKNOWN_OUTCOME ? AMPH_UNKNOWN : AMPH_NOT_APPLIED;
	*err = made;
}

bool amph__error(amph_error *err, const char *sqlstate, const char *format, ...)
{
	if (err == NULL)
		return false;
	va_list args;
	va_start(args, format);
	set_error(err, sqlstate, format, args);
	va_end(args);
	return false;
}

bool amph__error_nomem(amph_error *err)
{
	return amph__error(err, "53200", "out of memory");
}

bool amph__error_misuse(amph_error *err, const char *format, ...)
{
	if (err == NULL)
		return false;
	va_list args;
	va_start(args, format);
	set_error(err, "HV010", format, args);
	va_end(args);
	return false;
}

void amph__error_context(amph_error *err, const char *format, ...)
{
	if (err == NULL)
		return;
	char message[sizeof(err->message)];
	va_list args;
	va_start(args, format);
	format_text(message, sizeof(message), format, args);
	va_end(args);
	size_t len = strlen(message);
	amph__copy_text(message + len, sizeof(message) - len, ": ");
	len = strlen(message);
	amph__copy_text(message + len, sizeof(message) - len, err->message);
	memcpy(err->message, message, sizeof(message));
}

void amph__error_hint(amph_error *err, const char *hint)
{
	if (err == NULL)
		return;
	size_t len = strlen(err->message);
	amph__copy_text(err->message + len, sizeof(err->message) - len, ": ");
	len = strlen(err->message);
	amph__copy_text(err->message + len, sizeof(err->message) - len, hint);
}

/* Messages that have the text within: what is before it, and what is after. */
static const struct around { const char *before, *after; } texts_within[] = {
	{ "value \"", "\" is out of range" },
	{ "\"", "\" is out of range" },
	{ "numeric time zone \"", "\" out of range" },
	{ "invalid value \"", "\" for \"" },
	{ "invalid symbol \"", "\" found while" },
	{ "\"", "\" is not a number" },
};

#define CUT_MOST 8              /* bytes that a message that was cut may be shorter than its room */

static const char *last_in(const char *text, const char *part)
{
	const char *last = NULL;

	for (const char *at = strstr(text, part); at; at = strstr(at + 1, part))
		last = at;
	return last;
}

/* Where the text of a message begins and ends, with its quotes; begin NULL: it has none. */
static void find_text(const char *message, const char **begin, const char **end)
{
	*begin = *end = NULL;
	for (size_t i = 0; i < sizeof(texts_within) / sizeof(texts_within[0]) && !*begin; i++) {
		const struct around *row = &texts_within[i];
		const char *after = last_in(message, row->after);

		if (after && !strncmp(message, row->before, strlen(row->before))) {
			*begin = message + strlen(row->before) - 1;
			*end = after + 1;
		}
	}
	const char *colon = *begin ? NULL : strstr(message, ": \"");
	if (colon) {
		*begin = colon + 2;
		*end = message + strlen(message);
	} else if (!*begin && strlen(message) + CUT_MOST >= sizeof(((amph_error *)0)->message)) {
		/* it was cut before its end */
		*begin = strchr(message, '"');
		*end = message + strlen(message);
	}
}

void amph__error_withhold(amph_error *err)
{
	char whole[sizeof(err->message)];
	const char *begin, *end;

	if (err == NULL || (strncmp(err->sqlstate, "22", 2) != 0 && !strstr(err->message, "tsquery: \"") &&
			    !strstr(err->message, "tsvector: \"")))
		return;
	memcpy(whole, err->message, sizeof(whole));
	find_text(whole, &begin, &end);
	if (begin == NULL)
		return;
	size_t before = (size_t)(begin - whole);
	if (*end == '\0' && before >= 2 && whole[before - 2] == ':')
		before -= 2;
	else if (before == 0)
		before = (size_t)snprintf(err->message, sizeof(err->message), "value");
	else if ((*end == ' ' || *end == '\0') && whole[before - 1] == ' ')
		before--;
	amph__copy_text(err->message + before, sizeof(err->message) - before, end);
	if (err->detail[0] == '\0')
		(void)snprintf(err->detail, sizeof(err->detail), "the text is %.*s", (int)(end - begin),
			       begin);
}

void amph__error_names(amph_error *err, const char *table, const char *column,
		       const char *constraint)
{
	if (err == NULL)
		return;
	if (table != NULL)
		amph__copy_text(err->table, sizeof(err->table), table);
	if (column != NULL)
		amph__copy_text(err->column, sizeof(err->column), column);
	if (constraint != NULL)
		amph__copy_text(err->constraint, sizeof(err->constraint), constraint);
}

void amph__error_clear(amph_error *err)
{
	if (err == NULL)
		return;
	/* of the texts the first characters: all would be most of what opening a session writes */
	memset(err, 0, offsetof(amph_error, constraint));
	err->constraint[0] = err->table[0] = err->column[0] = '\0';
	err->message[0] = err->detail[0] = '\0';
}
