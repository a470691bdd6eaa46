/* Characters of ASCII, and words and numbers of them, whatever the program's locale says: bytes beyond are
 * like no other. In a Turkish locale strcasecmp takes "insert" and "INSERT" for two words, in a German one
 * printf writes 1,5. */
#ifndef AMPH_BASE_ASCII_H
#define AMPH_BASE_ASCII_H
#include <stdbool.h>
#include <stddef.h>

static inline bool amph__is_digit(char c)
{
	return (unsigned char)(c - '0') < 10;
}

/* The white space of the C locale, as isspace has it. */
static inline bool amph__is_space(char c)
{
	return c == ' ' || (unsigned char)(c - '\t') < 5;
}

static inline char amph__ascii_lower(char c)
{
	return (unsigned char)(c - 'A') < 26 ? (char)(c + 32) : c;
}

static inline char amph__ascii_upper(char c)
{
	return (unsigned char)(c - 'a') < 26 ? (char)(c - 32) : c;
}

static inline bool amph__is_alpha(char c)
{
	return (unsigned char)(amph__ascii_lower(c) - 'a') < 26;
}

static inline bool amph__ascii_is_alnum(char c)
{
	return amph__is_alpha(c) || amph__is_digit(c);
}

/* The value of a hexadecimal digit of either case; -1: it is none. */
static inline int amph__hex_of(char c)
{
	char lower = amph__ascii_lower(c);

	if (amph__is_digit(c))
		return c - '0';
	return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/* Equal but for case; and whether the first len bytes are. */
bool amph__ascii_same(const char *a, const char *b);
bool amph__ascii_begins(const char *text, const char *word, size_t len);
/* A number that printf wrote, with a point where the locale has put something else. The new length. */
size_t amph__ascii_point(char *text);
#endif
