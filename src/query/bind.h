/* Values of expressions as arguments of statements. Private to src/query. */
#ifndef AMPH_QUERY_BIND_H
#define AMPH_QUERY_BIND_H
#include "query.h"

/* The type that the value takes beside something of type want (AMPH_T_NONE: beside nothing), and
 * its argument. Conversions fail with 22003 and their like; *type is not nullable only where no
 * value of the node's kind can be NULL. */
bool amph__bind_value(amph_query_buf *b, const amph_node *node, const amph_sqltype *want,
		      amph_arg *arg, amph_sqltype *type, amph_error *err);
/* The items of a list. */
bool amph__bind_list(amph_query_buf *b, const amph_node *list, const amph_sqltype *want,
		     amph_arg *arg, amph_sqltype *type, amph_error *err);
/* The pattern of LIKE for plain text within another. */
bool amph__bind_pattern(amph_query_buf *b, const char *text, bool before, bool after, amph_arg *arg,
			amph_error *err);
bool amph__bind_int64(amph_query_buf *b, int64_t n, amph_arg *arg, amph_error *err);
/* Adds one to the arguments of b. */
bool amph__bind_add(amph_query_buf *b, const amph_arg *arg, amph_error *err);
#endif
