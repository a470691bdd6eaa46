/* The words of SQL/JSON paths. Private to jsonpathlex.c and jsonpath.c. */
#ifndef AMPH_SQLITE_JSONPATHLEX_H
#define AMPH_SQLITE_JSONPATHLEX_H
#include "jsonpath.h"

typedef enum sl_path_token {
	SL_T_END, SL_T_NAME, SL_T_STRING, SL_T_VARIABLE, SL_T_NUMBER, SL_T_AND, SL_T_OR, SL_T_NOT,
	SL_T_EQ, SL_T_NE, SL_T_LT, SL_T_LE, SL_T_GT, SL_T_GE, SL_T_DEEP, SL_T_CHAR
} sl_path_token;

typedef struct sl_path_parser {
	sl_call *c;
	const char *text, *at, *end;
	sl_path_token token;            /* the one at hand, and its text */
	char ch;                        /* of SL_T_CHAR */
	const char *value;
	size_t len;
	bool integer;                   /* of SL_T_NUMBER: no point and no exponent */
	int depth, subscripts, filters; /* how deep in what */
	bool failed;
} sl_path_parser;

/* Raises the syntax error, once; NULL. */
void *amph__sl_path_syntax(sl_path_parser *p, const char *what);
/* Reads the next word; false: the error is raised, or memory has failed. */
bool amph__sl_path_next(sl_path_parser *p);
#endif
