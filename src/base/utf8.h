/* UTF-8 as PostgreSQL checks it: no NUL, no overlong forms, no surrogates, up to U+10FFFF. */
#ifndef AMPH_BASE_UTF8_H
#define AMPH_BASE_UTF8_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

bool amph__utf8_valid(const char *text, size_t len);    /* false for a NUL among len bytes */
size_t amph__utf8_count(const char *text, size_t len);  /* characters of valid text */
/* Decodes one character of valid text and returns its bytes. */
size_t amph__utf8_next(const char *text, uint32_t *c);
size_t amph__utf8_put(char *out, uint32_t c);           /* up to 4 bytes, no NUL added */
#endif
