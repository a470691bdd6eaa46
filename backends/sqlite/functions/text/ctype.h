/* Classes and case of characters, as PostgreSQL has them in the locale C.UTF-8. */
#ifndef AMPH_SQLITE_CTYPE_H
#define AMPH_SQLITE_CTYPE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <utf8proc.h>

bool amph__is_letter(uint32_t c);
bool amph__is_alnum(uint32_t c);
/* The classes of [[:name:]]; "word" is letters, digits and the underscore. */
typedef bool amph_class_fn(uint32_t c);
amph_class_fn *amph__class_named(const char *name, size_t len);        /* NULL: none */

static inline uint32_t amph__to_lower(uint32_t c)
{
	if (c < 128)
		return c >= 'A' && c <= 'Z' ? c + 32 : c;
	return (uint32_t)utf8proc_tolower((int32_t)c);
}
/* Sharp s has a capital form in Unicode, but none in that locale. */
static inline uint32_t amph__to_upper(uint32_t c)
{
	if (c < 128)
		return c >= 'a' && c <= 'z' ? c - 32 : c;
	return c == 0xdf ? c : (uint32_t)utf8proc_toupper((int32_t)c);
}
#endif
