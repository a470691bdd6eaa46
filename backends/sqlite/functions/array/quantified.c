/* x op ANY (array) and x op ALL (array): true, false or unknown. */
#include "array.h"
#include <string.h>

typedef enum verdict { NO, YES, UNKNOWN, FAILED } verdict;

typedef struct operation {
	bool less, equal, greater;      /* a comparison is true where the order is one of these */
	bool like, fold, negated;
} operation;

static bool operation_of(const char *name, operation *out)
{
	static const struct {
		const char *name;
		operation op;
	} known[] = {
		{ "=", { .equal = true } }, { "<>", { .less = true, .greater = true } },
		{ "!=", { .less = true, .greater = true } }, { "<", { .less = true } },
		{ "<=", { .less = true, .equal = true } }, { ">", { .greater = true } },
		{ ">=", { .greater = true, .equal = true } }, { "~~", { .like = true } },
		{ "!~~", { .like = true, .negated = true } },
		{ "~~*", { .like = true, .fold = true } },
		{ "!~~*", { .like = true, .fold = true, .negated = true } }
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (strcmp(known[i].name, name))
			continue;
		*out = known[i].op;
		return true;
	}
	return false;
}

static verdict holds(const operation *op, const sl_comparer *by, const char *x, const char *item)
{
	int order;

	if (!item)
		return UNKNOWN;
	if (op->like) {
		int match = amph__sl_like(x, strlen(x), item, strlen(item), op->fold);

		return match < 0 ? FAILED : (match == 1) != op->negated ? YES : NO;
	}
	order = amph__sl_compare_texts(by, x, strlen(x), item, strlen(item));
	return (order < 0 ? op->less : order > 0 ? op->greater : op->equal) ? YES : NO;
}

/* quantified(op, type, x, array); c->arg: ALL */
static void quantified(sl_call *c)
{
	size_t len, type_len;
	const char *name = amph__sl_text(c, 0, &len), *type = amph__sl_text(c, 1, &type_len), *x;
	verdict decisive = c->arg ? NO : YES, result = c->arg ? YES : NO;
	operation op;
	sl_comparer by;
	amph_text_array a;

	if (amph__sl_is_null(c, 3) || !amph__sl_items_arg(c, 3, &a) ||
	    !amph__sl_comparer_of(c, type, type_len, &by))
		return;
	if (!operation_of(name, &op)) {
		amph__sl_raise(c, "0A000", "%s %s of an array is not supported on SQLite", name,
			       c->arg ? "ALL" : "ANY");
		return;
	}
	x = amph__sl_element_text(c, type, type_len, c->argv[2]);
	if (!x && a.n)
		result = UNKNOWN;
	for (size_t i = 0; x && i < a.n && result != decisive; i++) {
		verdict v = holds(&op, &by, x, a.items[i]);

		if (v == FAILED) {
			amph__sl_raise(c, "22025", "LIKE pattern must not end with escape character");
			return;
		}
		if (v != UNKNOWN && v != decisive)
			continue;
		result = v;
	}
	if (result != UNKNOWN)
		amph__sl_result_bool(c, result == YES);
}

static const sl_function rows[] = {
	{ "all", 4, SL_FN_NULLS, quantified, 1 },
	{ "any", 4, SL_FN_NULLS, quantified, 0 }
};
const sl_functions amph__sl_quantified_functions = { rows, sizeof(rows) / sizeof(rows[0]) };
