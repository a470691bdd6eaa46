/* A tree as text of one line, for tests to compare: (kind args ...). */
#ifndef TESTS_UNIT_SQL_TREE_TEXT_H
#define TESTS_UNIT_SQL_TREE_TEXT_H
#include "src/sql/tree.h"

/* Both in memory of their own; free them. */
char *tree_text_expr(const sql_expr *e);
char *tree_text_stmt(const sql_stmt *s);
#endif
