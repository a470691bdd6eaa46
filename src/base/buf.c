/* Growing texts. */
#include "buf.h"
#include <stdint.h>
#include <stdio.h>
#include <string.h>

void amph__buf_init(amph_buf *b, const amph_allocator *a)
{
	*b = (amph_buf){ .allocator = a, .max = AMPH_BUF_MAX };
}

void amph__buf_clear(amph_buf *b)
{
	size_t max = b->max;
	amph__free(b->allocator, b->text);
	amph__buf_init(b, b->allocator);
	b->max = max;
}

void amph__buf_reset(amph_buf *b)
{
	b->len = 0;
	b->failed = false;
	if (b->text != NULL)
		b->text[0] = '\0';
}

static bool grow(amph_buf *b, size_t len)
{
	size_t need;
	if (!amph__size_add(b->len, len, &need) || need > b->max)
		return false;
	void *text = b->text;
	if (!amph__grow(b->allocator, &text, &b->cap, need < 63 ? 64 : need + 1, 1))
		return false;
	b->text = text;
	return true;
}

/* The NUL behind the reserved bytes is there already, for a caller that fills them all. */
char *amph__buf_reserve(amph_buf *b, size_t len)
{
	if (b->failed)
		return NULL;
	if ((b->cap <= b->len || len >= b->cap - b->len || len > b->max - b->len) &&
	    !grow(b, len)) {
		b->failed = true;
		return NULL;
	}
	b->text[b->len] = '\0';
	b->text[b->len + len] = '\0';
	return b->text + b->len;
}

void amph__buf_add(amph_buf *b, const char *data, size_t len)
{
	char *at = amph__buf_reserve(b, len);
	if (at == NULL)
		return;
	if (len > 0)
		memcpy(at, data, len);
	b->len += len;
}

void amph__buf_puts(amph_buf *b, const char *text)
{
	amph__buf_add(b, text, strlen(text));
}

void amph__buf_putc(amph_buf *b, char c)
{
	amph__buf_add(b, &c, 1);
}

void amph__buf_quote(amph_buf *b, const char *text, char quote)
{
	amph__buf_putc(b, quote);
	for (const char *end; (end = strchr(text, quote)) != NULL; text = end + 1) {
		amph__buf_add(b, text, (size_t)(end - text) + 1);
		amph__buf_putc(b, quote);
	}
	amph__buf_puts(b, text);
	amph__buf_putc(b, quote);
}

void amph__buf_escape(amph_buf *b, const char *text)
{
	amph__buf_putc(b, '"');
	for (const char *end; (end = strpbrk(text, "\"\\")) != NULL; text = end + 1) {
		amph__buf_add(b, text, (size_t)(end - text));
		amph__buf_putc(b, '\\');
		amph__buf_putc(b, *end);
	}
	amph__buf_puts(b, text);
	amph__buf_putc(b, '"');
}

/* Most of what is printed is short: it is tried in the room that is left. */
void amph__buf_printf(amph_buf *b, const char *format, ...)
{
	va_list args, again;
	va_start(args, format);
	va_copy(again, args);
	char *at = amph__buf_reserve(b, 0);
	if (at != NULL) {
		size_t room = b->cap - b->len;
		int len = vsnprintf(at, room, format, args);
		if (len < 0) {
			b->failed = true;
			at = NULL;
		} else if ((size_t)len >= room || (size_t)len > b->max - b->len) {
			*at = '\0';
			at = amph__buf_reserve(b, (size_t)len);
			if (at != NULL)
				vsnprintf(at, (size_t)len + 1, format, again);
		}
		if (at != NULL)
			b->len += (size_t)len;
		else if (b->text != NULL)
			b->text[b->len] = '\0';
	}
	va_end(again);
	va_end(args);
}

const char *amph__buf_text(const amph_buf *b)
{
	return b->text == NULL ? "" : b->text;
}
