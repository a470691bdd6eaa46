/* Characters of ASCII, whatever the program's locale says: bytes beyond are none of them. */
#ifndef AMPH_BASE_ASCII_H
#define AMPH_BASE_ASCII_H
#include <stdbool.h>

static inline bool amph__is_digit(char c)
{
	return (unsigned char)(c - '0') < 10;
}

/* The white space of the C locale, as isspace has it. */
static inline bool amph__is_space(char c)
{
	return c == ' ' || (unsigned char)(c - '\t') < 5;
}

static inline char amph__lower(char c)
{
	return (unsigned char)(c - 'A') < 26 ? (char)(c + 32) : c;
}

static inline bool amph__is_alpha(char c)
{
	return (unsigned char)(amph__lower(c) - 'a') < 26;
}

/* The value of a hexadecimal digit of either case; -1: it is none. */
static inline int amph__hex_of(char c)
{
	char lower = amph__lower(c);

	if (amph__is_digit(c))
		return c - '0';
	return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}
#endif
