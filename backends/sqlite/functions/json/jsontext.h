/* Walking over JSON in PostgreSQL's normal form, which is known to be well formed: nothing is
 * parsed into a tree, values are places in the text. */
#ifndef AMPH_SQLITE_JSONTEXT_H
#define AMPH_SQLITE_JSONTEXT_H
#include "../functions.h"

typedef struct sl_json {
	const char *at;
	size_t len;
} sl_json;

typedef enum sl_json_kind {
	SL_JSON_NULL, SL_JSON_BOOL, SL_JSON_NUMBER, SL_JSON_STRING, SL_JSON_ARRAY, SL_JSON_OBJECT
} sl_json_kind;
sl_json_kind amph__sl_json_kind(sl_json v);

/* What may stand between two tokens. */
static inline bool amph__sl_json_is_space(char ch)
{
	return ch == ' ' || ch == '\t' || ch == '\n' || ch == '\r';
}

/* The members of an object or array: for (it = begin(v); next(&it);) */
typedef struct sl_json_iter {
	const char *at, *end;
	bool object;
	sl_json key, value;             /* key: the string with its quotes */
} sl_json_iter;
sl_json_iter amph__sl_json_begin(sl_json v);
bool amph__sl_json_next(sl_json_iter *it);
size_t amph__sl_json_count(sl_json v);

/* The text that a string stands for; also of a key. */
void amph__sl_json_unquote(sl_json string, amph_buf *out);
void amph__sl_json_quote(const char *text, size_t len, amph_buf *out);
bool amph__sl_json_is_text(sl_json string, const char *text, size_t len);

bool amph__sl_json_field(sl_json object, const char *key, size_t len, sl_json *out);
bool amph__sl_json_element(sl_json array, int64_t i, sl_json *out);     /* negative: from the end */
/* A step of a path as the number of an element; false: it is none. */
bool amph__sl_json_index(const char *step, int64_t *out);
bool amph__sl_json_equal(sl_json a, sl_json b);
bool amph__sl_json_contains(sl_json a, sl_json b);

static inline sl_json amph__sl_json_arg(const sl_call *c, int i)
{
	sl_json v;

	v.at = amph__sl_text(c, i, &v.len);
	return v;
}
/* Brings text that was put together to the normal form and gives it as the result. */
void amph__sl_json_result(sl_call *c, amph_buf *b);
/* ---- json: jsonplain.c ---- */
bool amph__sl_plain_check(amph_arena *arena, const char *text, size_t len, amph_error *err);
sl_json amph__sl_plain_arg(const sl_call *c, int i);            /* without space around it */
/* json.c: functions of json and jsonb alike. */
void amph__sl_json_type_of(sl_call *c);
void amph__sl_json_length(sl_call *c);
bool amph__sl_plain_readable(sl_call *c, sl_json v);            /* false: the error is raised */
void amph__sl_plain_value(sl_call *c, sl_json v, bool as_text);

/* The key of an object made of the type and the value at i and i + 1. */
bool amph__sl_json_add_key(sl_call *c, int i, amph_buf *b);
/* A value of a type named as $d has it, as JSON. */
bool amph__sl_json_of(sl_call *c, const char *type, size_t type_len, sqlite3_value *v, amph_buf *out);
#endif
