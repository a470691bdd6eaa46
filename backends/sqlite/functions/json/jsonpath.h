/* SQL/JSON paths: what a path is when it is read. */
#ifndef AMPH_SQLITE_JSONPATH_H
#define AMPH_SQLITE_JSONPATH_H
#include "jsontext.h"

typedef enum sl_path_kind {
	/* values, and steps from one value to others */
	SL_PATH_LITERAL, SL_PATH_VARIABLE, SL_PATH_ROOT, SL_PATH_CURRENT, SL_PATH_LAST, SL_PATH_KEY,
	SL_PATH_ANY_KEY, SL_PATH_ANY_ELEMENT, SL_PATH_SUBSCRIPTS, SL_PATH_DEEP, SL_PATH_FILTER,
	SL_PATH_TYPE, SL_PATH_SIZE, SL_PATH_ABS, SL_PATH_FLOOR, SL_PATH_CEILING, SL_PATH_DOUBLE,
	SL_PATH_KEYVALUE, SL_PATH_DATETIME,
	SL_PATH_ADD, SL_PATH_SUB, SL_PATH_MUL, SL_PATH_DIV, SL_PATH_MOD, SL_PATH_PLUS, SL_PATH_MINUS,
	/* conditions */
	SL_PATH_AND, SL_PATH_OR, SL_PATH_NOT, SL_PATH_UNKNOWN, SL_PATH_EXISTS, SL_PATH_EQ, SL_PATH_NE,
	SL_PATH_LT, SL_PATH_LE, SL_PATH_GT, SL_PATH_GE, SL_PATH_STARTS, SL_PATH_REGEX
} sl_path_kind;

typedef struct sl_path sl_path;
typedef struct sl_path_range {
	sl_path *from, *to;             /* to NULL: the one element */
} sl_path_range;
struct sl_path {
	sl_path_kind kind;
	sl_path *left, *right;          /* operands; left of a filter, too */
	sl_path *next;                  /* the step that follows */
	sl_json value;                  /* of LITERAL */
	const char *text;               /* of KEY, VARIABLE, REGEX; of DATETIME the template or NULL */
	size_t len;
	const char *flags;              /* of REGEX, as functions of regular expressions have them */
	const char *flags_written;      /* and as the path has them */
	uint32_t first, last;           /* of DEEP: levels; UINT32_MAX: the last */
	sl_path_range *ranges;
	size_t n_ranges;
};
enum { SL_PATH_DEPTH_MAX = 1000 };

static inline bool amph__sl_path_is_condition(const sl_path *p)
{
	return p->kind >= SL_PATH_AND;
}

/* NULL: the error is raised. */
sl_path *amph__sl_path_read(sl_call *c, const char *text, size_t len, bool *strict);
/* The path as PostgreSQL prints it. */
bool amph__sl_path_format(sl_call *c, const char *text, size_t len, amph_buf *out);
#endif
