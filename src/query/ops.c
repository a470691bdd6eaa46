/* The table of expression operators. */
#include "ops.h"
#include "../sql/tree.h"
#include <string.h>

#define ANY_NUMBER UINT8_MAX

const amph_op_info amph__ops[AMPH_OP_LAST] = {
	[AMPH_OP_EQ] = { "=", "=", FORM_OPERATOR, 2, 2, AMPH_T_BOOL, 0 },
	[AMPH_OP_NE] = { "<>", "<>", FORM_OPERATOR, 2, 2, AMPH_T_BOOL, 0 },
	[AMPH_OP_LT] = { "<", "<", FORM_OPERATOR, 2, 2, AMPH_T_BOOL, 0 },
	[AMPH_OP_LE] = { "<=", "<=", FORM_OPERATOR, 2, 2, AMPH_T_BOOL, 0 },
	[AMPH_OP_GT] = { ">", ">", FORM_OPERATOR, 2, 2, AMPH_T_BOOL, 0 },
	[AMPH_OP_GE] = { ">=", ">=", FORM_OPERATOR, 2, 2, AMPH_T_BOOL, 0 },
	[AMPH_OP_BETWEEN] = { "between", NULL, FORM_KIND, 3, 3, AMPH_T_BOOL, SQL_BETWEEN },
	[AMPH_OP_IN] = { "in", NULL, FORM_IN, 2, 2, AMPH_T_BOOL, 0 },
	[AMPH_OP_NOT_IN] = { "not in", NULL, FORM_IN, 2, 2, AMPH_T_BOOL, 0 },
	[AMPH_OP_IS_NULL] = { "is null", NULL, FORM_KIND, 1, 1, AMPH_T_BOOL, SQL_IS_NULL },
	[AMPH_OP_NOT_NULL] = { "is not null", NULL, FORM_KIND, 1, 1, AMPH_T_BOOL, SQL_IS_NOT_NULL },
	[AMPH_OP_DISTINCT_FROM] = { "is distinct from", NULL, FORM_KIND, 2, 2, AMPH_T_BOOL,
		SQL_DISTINCT_FROM },
	[AMPH_OP_NOT_DISTINCT_FROM] = { "is not distinct from", NULL, FORM_KIND, 2, 2, AMPH_T_BOOL,
		SQL_NOT_DISTINCT_FROM },
	[AMPH_OP_LIKE] = { "like", "~~", FORM_OPERATOR, 2, 2, AMPH_T_BOOL, 0 },
	[AMPH_OP_ILIKE] = { "ilike", "~~*", FORM_OPERATOR, 2, 2, AMPH_T_BOOL, 0 },
	[AMPH_OP_CONTAINS] = { "contains", NULL, FORM_PATTERN, 2, 2, AMPH_T_BOOL, 0 },
	[AMPH_OP_STARTS_WITH] = { "starts with", NULL, FORM_PATTERN, 2, 2, AMPH_T_BOOL, 0 },
	[AMPH_OP_ENDS_WITH] = { "ends with", NULL, FORM_PATTERN, 2, 2, AMPH_T_BOOL, 0 },
	[AMPH_OP_ICONTAINS] = { "icontains", NULL, FORM_PATTERN, 2, 2, AMPH_T_BOOL, 0 },
	[AMPH_OP_ISTARTS_WITH] = { "istarts with", NULL, FORM_PATTERN, 2, 2, AMPH_T_BOOL, 0 },
	[AMPH_OP_IENDS_WITH] = { "iends with", NULL, FORM_PATTERN, 2, 2, AMPH_T_BOOL, 0 },
	[AMPH_OP_ALL] = { "and", NULL, FORM_JUNCTION, 1, ANY_NUMBER, AMPH_T_BOOL, 0 },
	[AMPH_OP_ANY] = { "or", NULL, FORM_JUNCTION, 1, ANY_NUMBER, AMPH_T_BOOL, 0 },
	[AMPH_OP_NONE_OF] = { "not", NULL, FORM_JUNCTION, 1, ANY_NUMBER, AMPH_T_BOOL, 0 },
	[AMPH_OP_ADD] = { "+", "+", FORM_ARITHMETIC, 2, 2, AMPH_T_NONE, 0 },
	[AMPH_OP_SUB] = { "-", "-", FORM_ARITHMETIC, 2, 2, AMPH_T_NONE, 0 },
	[AMPH_OP_MUL] = { "*", "*", FORM_ARITHMETIC, 2, 2, AMPH_T_NONE, 0 },
	[AMPH_OP_DIV] = { "/", "/", FORM_ARITHMETIC, 2, 2, AMPH_T_NONE, 0 },
	[AMPH_OP_MOD] = { "%", "%", FORM_ARITHMETIC, 2, 2, AMPH_T_NONE, 0 },
	[AMPH_OP_COALESCE] = { "coalesce", NULL, FORM_KIND, 1, ANY_NUMBER, AMPH_T_NONE, SQL_COALESCE },
	[AMPH_OP_NULLIF] = { "nullif", NULL, FORM_KIND, 2, 2, AMPH_T_NONE, SQL_NULLIF },
	[AMPH_OP_GREATEST] = { "greatest", NULL, FORM_KIND, 1, ANY_NUMBER, AMPH_T_NONE, SQL_GREATEST },
	[AMPH_OP_LEAST] = { "least", NULL, FORM_KIND, 1, ANY_NUMBER, AMPH_T_NONE, SQL_LEAST },
	[AMPH_OP_CASE] = { "case", NULL, FORM_CASE, 2, ANY_NUMBER, AMPH_T_NONE, 0 },
	[AMPH_OP_ARRAY] = { "array", NULL, FORM_KIND, 1, ANY_NUMBER, AMPH_T_ARRAY, SQL_ARRAY },
	[AMPH_OP_COUNT] = { "count", "count", FORM_FUNCTION, 1, 1, AMPH_T_INT64, 0 },
	[AMPH_OP_COUNT_ALL] = { "count", "count", FORM_STAR, 0, 0, AMPH_T_INT64, 0 },
	[AMPH_OP_SUM] = { "sum", "sum", FORM_FUNCTION, 1, 1, AMPH_T_NONE, 0 },
	[AMPH_OP_AVG] = { "avg", "avg", FORM_FUNCTION, 1, 1, AMPH_T_NONE, 0 },
	[AMPH_OP_MIN] = { "min", "min", FORM_FUNCTION, 1, 1, AMPH_T_NONE, 0 },
	[AMPH_OP_MAX] = { "max", "max", FORM_FUNCTION, 1, 1, AMPH_T_NONE, 0 },
	[AMPH_OP_DISTINCT] = { "distinct", NULL, FORM_DISTINCT, 1, 1, AMPH_T_NONE, 0 },
	[AMPH_OP_FILTER] = { "filter", NULL, FORM_FILTER, 2, 2, AMPH_T_NONE, 0 },
	[AMPH_OP_AGG_ORDER] = { "order by", NULL, FORM_ORDERED, 2, 2, AMPH_T_NONE, 0 },
	[AMPH_OP_WITHIN_GROUP] = { "within group", NULL, FORM_ORDERED, 2, 2, AMPH_T_NONE, 0 },
	[AMPH_OP_OVER] = { "over", NULL, FORM_OVER, 2, 2, AMPH_T_NONE, 0 },
	[AMPH_OP_JSON_AT] = { "#>", "#>", FORM_PATH, 2, 2, AMPH_T_JSON, 0 },
	[AMPH_OP_JSON_TEXT] = { "#>>", "#>>", FORM_PATH, 2, 2, AMPH_T_TEXT, 0 },
	[AMPH_OP_EXISTS] = { "exists", NULL, FORM_EXISTS, 0, 0, AMPH_T_BOOL, 0 },
	[AMPH_OP_SELECT] = { "a query as a value", NULL, FORM_SELECT, 0, 0, AMPH_T_NONE, 0 },
	[AMPH_OP_RELATED] = { "any", NULL, FORM_RELATED, 0, 0, AMPH_T_BOOL, 0 },
	[AMPH_OP_IN_SELECT] = { "in query", NULL, FORM_IN_SELECT, 2, 2, AMPH_T_BOOL, 0 },
	[AMPH_OP_NOT_IN_SELECT] = { "not in query", NULL, FORM_IN_SELECT, 2, 2, AMPH_T_BOOL, 0 },
	[AMPH_OP_EXCLUDED] = { "excluded", NULL, FORM_EXCLUDED, 1, 1, AMPH_T_NONE, 0 },
	[AMPH_OP_CALL] = { "a call", NULL, FORM_CALL, 0, ANY_NUMBER, AMPH_T_NONE, 0 },
	[AMPH_OP_RAW] = { "a fragment", NULL, FORM_RAW, 0, ANY_NUMBER, AMPH_T_NONE, 0 },
	[AMPH_OP_ANY_SELECT] = { "any query", NULL, FORM_QUANTIFIED, 2, 2, AMPH_T_BOOL, 0 },
	[AMPH_OP_ALL_SELECT] = { "all query", NULL, FORM_QUANTIFIED, 2, 2, AMPH_T_BOOL, 0 },
};

amph_op amph__op_find(const char *name, size_t n_args)
{
	if (strcmp(name, "!=") == 0)
		name = "<>";
	for (int op = AMPH_OP_EQ; op < AMPH_OP_LAST; op++) {
		const amph_op_info *info = &amph__ops[op];
		if (op >= AMPH_OP_EXISTS || strcmp(info->name, name) != 0)
			continue;
		if (n_args >= info->min && (n_args <= info->max || info->max == ANY_NUMBER))
			return (amph_op)op;
	}
	return AMPH_OP_NONE;
}
