/* Running SQL/JSON paths: what the walk (jsonpathrun.c), operators and methods (jsonpathmethod.c), conditions
 * (jsonpathtest.c) and the functions that SQL calls (jsonpathcall.c) share. */
#ifndef AMPH_SQLITE_JSONPATHRUN_H
#define AMPH_SQLITE_JSONPATHRUN_H
#include "../time/moment.h"
#include "../../../../src/model/decimal.h"
#include "jsonpath.h"

/* SL_NONE: no error, and nothing found. SL_FAILED: an error, raised or not, see sl_run. */
typedef enum sl_outcome { SL_OK, SL_NONE, SL_FAILED } sl_outcome;
typedef enum sl_truth { SL_NO, SL_YES, SL_UNKNOWN } sl_truth;

typedef struct sl_item sl_item;
struct sl_item {
	sl_json v;
	sl_item *next;
};
typedef struct sl_items {
	sl_item *first, *last;
	size_t n;
} sl_items;

/* What .datetime() gave: its text is that of the item at the same address. */
typedef struct sl_dated sl_dated;
struct sl_dated {
	const char *at;
	sl_moment moment;
	sl_dated *next;
};

/* One path over one document. All memory is the call's. */
typedef struct sl_run {
	sl_call *c;
	sl_dated *dates;
	bool zones;                     /* moments without a zone have the session's */
	sl_json root, vars, current;
	bool has_vars, strict, lenient; /* lenient: what is not there is no error */
	bool throws;
	bool raised;                    /* an error is with the caller; all ends */
	int64_t size;                   /* of the array in whose subscripts we are */
	int depth;
} sl_run;

/* In what follows found is where results go; NULL: only whether there are any is asked for, and the first
 * ends the search. unwrap: an array stands for its elements, as in lax mode. */

/* ---- jsonpathrun.c ---- */
/* Gives up: raises the error, or says only that there was one. */
sl_outcome amph__sl_path_fail(sl_run *r, const char *sqlstate, const char *message);
bool amph__sl_path_found(sl_run *r, sl_items *found, sl_json v);      /* adds it */
sl_outcome amph__sl_path_item(sl_run *r, const sl_path *p, sl_json v, sl_items *found, bool unwrap);
/* What follows p gets v; at the end it is a result. */
sl_outcome amph__sl_path_go_on(sl_run *r, const sl_path *p, sl_json v, sl_items *found);
/* All that p gives, with arrays among it taken apart in lax mode. */
sl_outcome amph__sl_path_all(sl_run *r, const sl_path *p, sl_json v, bool unwrap, sl_items *found);
sl_json amph__sl_path_json(const char *text);
const sl_moment *amph__sl_path_moment(const sl_run *r, sl_json v);      /* NULL: it is none */
bool amph__sl_path_is_string(const sl_run *r, sl_json v);
bool amph__sl_path_is_array(sl_json v);

/* ---- jsonpathmethod.c ---- */
bool amph__sl_path_number(sl_run *r, sl_json v, amph_decimal *out);
sl_json amph__sl_path_put_number(sl_run *r, const amph_decimal *d);
sl_outcome amph__sl_path_binary(sl_run *r, const sl_path *p, sl_json v, sl_items *found);
sl_outcome amph__sl_path_sign(sl_run *r, const sl_path *p, sl_json v, sl_items *found);
sl_outcome amph__sl_path_method(sl_run *r, const sl_path *p, sl_json v, sl_items *found);

/* ---- jsonpathtest.c ---- */
sl_truth amph__sl_path_condition(sl_run *r, const sl_path *p, sl_json v);
#endif
