/* The operators and functions of expression nodes, one row each: how many arguments they take,
 * what they are in SQL, what they are called in amph_expr_call. */
#ifndef AMPH_QUERY_OPS_H
#define AMPH_QUERY_OPS_H
#include "amphora/node.h"

typedef enum amph_op_form {
	FORM_NONE,              /* no call: columns, values ... */
	FORM_OPERATOR,          /* args 0 op args 1 */
	FORM_ARITHMETIC,        /* the same; a value beside it keeps a type of its own */
	FORM_FUNCTION,
	FORM_STAR,              /* count(*) */
	FORM_KIND,              /* a node of the SQL tree that has arguments only: IS NULL, BETWEEN ... */
	FORM_JUNCTION,          /* AND, OR, NOT (... OR ...) */
	FORM_IN,
	FORM_PATTERN,           /* plain text within a text */
	FORM_CASE,              /* condition, result, condition, result ... [else] */
	FORM_PATH,              /* JSON along a path */
	FORM_DISTINCT,          /* an aggregate over different values */
	FORM_FILTER,            /* an aggregate, its condition */
	FORM_ORDERED,           /* an aggregate, a list */
	FORM_OVER,              /* a function, a window */
	FORM_EXISTS,
	FORM_RELATED,           /* EXISTS along a relationship */
	FORM_SELECT,            /* a query as a value */
	FORM_IN_SELECT,
	FORM_QUANTIFIED,        /* a value, by an operator beside those of a query */
	FORM_EXCLUDED,          /* a column of the row proposed */
	FORM_CALL,              /* by name */
	FORM_RAW                /* a text, and what its $1, $2 ... are */
} amph_op_form;
typedef struct amph_op_info {
	const char *name;               /* for amph_expr_call, and in messages */
	const char *sql;                /* operator or function */
	uint8_t form;
	uint8_t min, max;               /* arguments; UINT8_MAX: any number */
	uint8_t type;                   /* amph_type of the result; NONE: follows the arguments */
	uint8_t kind;                   /* FORM_KIND: sql_kind */
} amph_op_info;

extern const amph_op_info amph__ops[AMPH_OP_LAST];
/* AMPH_OP_NONE where there is none of that name and number of arguments. */
amph_op amph__op_find(const char *name, size_t n_args);
#endif
