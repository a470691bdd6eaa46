/* Names of constraints and indexes, chosen and cut as PostgreSQL does where none is given: see
 * makeObjectName and ChooseIndexNameAddition there. Whichever database makes the table, and
 * whichever tool, the name is the same. */
#include "model.h"
#include <string.h>

enum { NAME_MAX_BYTES = 63 };

/* The bytes of text that are whole characters, limit at the most. */
static size_t clip(const char *text, size_t limit)
{
	size_t len = strlen(text);

	if (len <= limit)
		return len;
	while (limit > 0 && ((unsigned char)text[limit] & 0xC0) == 0x80)
		limit--;
	return limit;
}

/* Joined with _, and no longer than it takes to be cut anyway. */
static void join_columns(char *out, size_t size, const char *const *columns)
{
	size_t len = 0;

	for (; *columns && len <= NAME_MAX_BYTES; columns++) {
		size_t room = size - len - 1, n = strlen(*columns);

		if (len > 0) {
			out[len++] = '_';
			room--;
		}
		n = n < room ? n : room;
		n = n < NAME_MAX_BYTES ? n : NAME_MAX_BYTES;
		memcpy(out + len, *columns, n);
		len += n;
	}
	out[len] = '\0';
}

/* first_second_label, or what of second and label is not NULL, within limit: the longer of the two
 * names gives way first. */
static const char *compose(amph_arena *a, const char *prefix, const char *first,
			   const char *second, const char *label)
{
	size_t overhead = strlen(prefix) + (second ? 1 : 0) + (label ? strlen(label) + 1 : 0);
	size_t room = overhead < NAME_MAX_BYTES ? NAME_MAX_BYTES - overhead : 0;
	size_t n1 = strlen(first), n2 = second ? strlen(second) : 0;

	while (n1 + n2 > room) {
		if (n1 > n2)
			n1--;
		else
			n2--;
	}
	n1 = clip(first, n1);
	n2 = second ? clip(second, n2) : 0;
	return amph__arena_printf(a, "%s%.*s%s%.*s%s%s", prefix, (int)n1, first, second ? "_" : "",
				  (int)n2, second ? second : "", label ? "_" : "",
				  label ? label : "");
}

const char *amph__object_name(amph_arena *a, const char *table, const char *const *columns,
			      const char *suffix)
{
	char joined[2 * NAME_MAX_BYTES + 4];

	if (!columns || !columns[0])
		return compose(a, "", table, NULL, suffix);
	join_columns(joined, sizeof(joined), columns);
	return compose(a, "", table, joined, suffix);
}

const char *amph__index_name(amph_arena *a, const char *table, const char *const *columns)
{
	char joined[2 * NAME_MAX_BYTES + 4];

	join_columns(joined, sizeof(joined), columns);
	return compose(a, "ix_", table, joined, NULL);
}
