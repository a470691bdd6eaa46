/* Words and numbers as the C locale has them. */
#include "ascii.h"

bool amph__ascii_same(const char *a, const char *b)
{
	while (*a && amph__ascii_lower(*a) == amph__ascii_lower(*b)) {
		a++;
		b++;
	}
	return amph__ascii_lower(*a) == amph__ascii_lower(*b);
}

bool amph__ascii_begins(const char *text, const char *word, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (amph__ascii_lower(text[i]) != amph__ascii_lower(word[i]))
			return false;
		if (!text[i])
			break;
	}
	return true;
}

static bool is_of_number(char c)
{
	return amph__is_digit(c) || amph__is_alpha(c) || c == '+' || c == '-';
}

size_t amph__ascii_point(char *text)
{
	char *out = text;

	for (const char *from = text; *from;) {
		if (is_of_number(*from)) {
			*out++ = *from++;
			continue;
		}
		while (*from && !is_of_number(*from))
			from++;
		*out++ = '.';
	}
	*out = '\0';
	return (size_t)(out - text);
}
