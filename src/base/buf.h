/* A growing text that remembers its first failure: appends after it do nothing, and the one
 * check is at the end. A buffer never exceeds max bytes. */
#ifndef AMPH_BASE_BUF_H
#define AMPH_BASE_BUF_H
#include "alloc.h"
#include <stdarg.h>

typedef struct amph_buf {
	const amph_allocator *allocator;
	char *text;             /* NUL-terminated once something was appended; else NULL */
	size_t len, cap, max;
	bool failed;
} amph_buf;

#define AMPH_BUF_MAX ((size_t)1 << 30)

void amph__buf_init(amph_buf *b, const amph_allocator *a);      /* max is AMPH_BUF_MAX */
void amph__buf_clear(amph_buf *b);      /* frees; usable again */
void amph__buf_reset(amph_buf *b);      /* keeps the memory; failed is false again */
void amph__buf_add(amph_buf *b, const char *data, size_t len);
void amph__buf_puts(amph_buf *b, const char *text);
void amph__buf_putc(amph_buf *b, char c);
void amph__buf_printf(amph_buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
char *amph__buf_reserve(amph_buf *b, size_t len);       /* room for len more; NULL on failure */
/* Text in quotes, each of which is doubled within; and text in double quotes, with a backslash before each
 * of them and before each backslash within. */
void amph__buf_quote(amph_buf *b, const char *text, char quote);
void amph__buf_escape(amph_buf *b, const char *text);
const char *amph__buf_text(const amph_buf *b);          /* "" where empty */
#endif
