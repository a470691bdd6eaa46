/* The bytes of a query's key: written by shape.c, read by lower.c, and by nothing else. */
#ifndef AMPH_QUERY_KEY_H
#define AMPH_QUERY_KEY_H
#include "query.h"
#include <string.h>

/* Expressions are in prefix order: an amph_op and what its form has, or one of these. */
enum {
	KEY_NOTHING = 0,        /* no expression: no condition */
	KEY_PARAM = 200,        /* a value of a type */
	KEY_PARAM_OF = 201,     /* a value for a column of the query's model, by its number */
	KEY_LIST = 202,         /* a row set of one column of a type */
	KEY_NULL = 203,
	KEY_TEXT = 204,         /* a text of the statement */
	KEY_AGAIN = 205         /* what the key has before, at a place, from a parameter on */
};
/* Of an insert: where the rows are from, what becomes of those in conflict. */
enum { KEY_FROM_SELECT, KEY_FROM_ROWS };
enum { KEY_DO_NOTHING, KEY_DO_UPDATE };
/* Of the columns of a page's order. */
enum { KEY_PAGE_DESC = 1, KEY_PAGE_NULLS_FIRST = 2, KEY_PAGE_AT_NULL = 4 };
/* Joins. */
enum { KEY_JOIN_ON, KEY_JOIN_ALONG, KEY_JOIN_CROSS };
/* What a query has; its first number. */
enum {
	KEY_DISTINCT = 1,
	KEY_WITH_DELETED = 2,
	KEY_FOR_UPDATE = 4,
	KEY_SKIP_LOCKED = 8,
	KEY_LIMIT = 16,
	KEY_OFFSET = 32,
	KEY_CHILDREN = 64,
	KEY_ONLY = 128,
	KEY_FOR_SHARE = 256,
	KEY_NOWAIT = 512,
	KEY_CTES = 1024,
	KEY_COMBINE = 2048,
	KEY_DISTINCT_ON = 4096,
	KEY_KEYSET = 8192,
	KEY_RETURNING = 16384,
	KEY_CONFLICT = 32768,
	KEY_HYBRIDS = 65536,
	KEY_AMONG = 131072
};

static inline void key_byte(amph_buf *key, unsigned byte)
{
	char *at = key->len + 1 < key->cap ? key->text + key->len : amph__buf_reserve(key, 1);

	if (at) {
		*at = (char)byte;
		key->len++;
	}
}

static inline void key_number(amph_buf *key, uint64_t n)
{
	for (; n >= 0x80; n >>= 7)
		key_byte(key, (unsigned)(n & 0x7f) | 0x80);
	key_byte(key, (unsigned)n);
}

static inline void key_text(amph_buf *key, const char *text)
{
	size_t len = strlen(text);

	key_number(key, len);
	amph__buf_add(key, text, len);
}

/* Of a call: a function of the program's own, in a schema, as src/sql/resolve/own.c has them. */
static inline bool key_is_own(const char *name)
{
	const char *dot = strchr(name, '.');

	return dot && dot != name && dot[1];
}

/* Reading stops at the end: bad is set and all that follows is zero. */
typedef struct amph_key_reader {
	const unsigned char *at, *end;
	const unsigned char *start;     /* of the whole key */
	bool bad;
} amph_key_reader;

static inline unsigned key_get(amph_key_reader *r)
{
	if (r->at == r->end) {
		r->bad = true;
		return 0;
	}
	return *r->at++;
}

static inline size_t key_get_number(amph_key_reader *r)
{
	uint64_t n = 0;
	unsigned byte = 0x80;

	for (int shift = 0; shift < 64 && byte & 0x80; shift += 7) {
		byte = key_get(r);
		n |= (uint64_t)(byte & 0x7f) << shift;
	}
	return (size_t)n;
}

/* A copy with a NUL; NULL where memory is out or the key is cut. */
static inline const char *key_get_text(amph_key_reader *r, amph_arena *arena)
{
	size_t len = key_get_number(r);

	if (len > (size_t)(r->end - r->at)) {
		r->bad = true;
		return NULL;
	}
	r->at += len;
	return amph__arena_text(arena, (const char *)r->at - len, len);
}
#endif
