/* JSON as a tree in jsonb's normal form: members of objects in jsonb's order, the last of equal
 * keys, numbers as numeric. Nodes are in an arena; texts are there or in the text that was read. */
#ifndef AMPH_MODEL_JSON_H
#define AMPH_MODEL_JSON_H
#include "../base/arena.h"
#include "../base/buf.h"
#include "../base/error.h"
#include <stdint.h>

/* In jsonb's order of types. */
typedef enum amph_json_kind {
	AMPH_JSON_NULL, AMPH_JSON_STRING, AMPH_JSON_NUMBER, AMPH_JSON_BOOL, AMPH_JSON_ARRAY,
	AMPH_JSON_OBJECT
} amph_json_kind;

/* PostgreSQL's own limit hangs on the size of its stack; about this many by default. */
#define AMPH_JSON_DEPTH_MAX 10000

typedef struct amph_json_string {
	const char *text;       /* decoded; no NUL behind it */
	size_t len;
	bool escaped;           /* has a character that is written with a backslash */
} amph_json_string;

typedef struct amph_json_node amph_json_node;
struct amph_json_node {
	uint8_t kind;
	bool truth;             /* of a BOOL */
	uint32_t count;         /* of members or elements */
	amph_json_string key;   /* of a member */
	amph_json_string value; /* of a STRING; of a NUMBER its normal text */
	amph_json_node *parent, *first, *next;
};

/* NULL with 22P02, 22P05 (\u0000), 22003 (a number too large for numeric), 22021 (bad UTF-8) or
 * 54001 (nested too deep). */
amph_json_node *amph__json_parse(const char *text, size_t len, amph_arena *arena, amph_error *err);
/* Puts the members of an object into order; of equal keys the last stays. */
void amph__json_sort(amph_json_node *object);
int amph__json_key_order(const amph_json_string *a, const amph_json_string *b);
/* The tree's text, without recursion. */
void amph__json_put(const amph_json_node *root, amph_buf *out);
void amph__json_put_string(const amph_json_string *s, amph_buf *out);   /* quoted */
#endif
