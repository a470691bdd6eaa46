/* Reads one JSON text into a tree, for the cases of tests/parity. */
#ifndef TESTS_PARITY_JSON_H
#define TESTS_PARITY_JSON_H
#include <stdbool.h>
#include <stddef.h>

typedef enum json_kind {
	JSON_NULL, JSON_FALSE, JSON_TRUE, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT
} json_kind;

/* Members and elements hang on next; a member has its name. */
typedef struct json {
	json_kind kind;
	char *name;
	char *text;                     /* of a string, or of a number as written */
	struct json *first, *next;
} json;

json *json_read(const char *text);      /* NULL: not one JSON value, or no memory */
void json_free(json *j);
const json *json_get(const json *object, const char *name);     /* NULL: not there */
const char *json_text(const json *object, const char *name);    /* NULL: not there, or no string */
bool json_true(const json *object, const char *name);
size_t json_length(const json *j);
#endif
