/* Raw SQL: PostgreSQL's dialect on every backend.
 *
 *	amph_rows *r = amph_sql(s, "SELECT id FROM orders WHERE data @> :want AND name ILIKE :n",
 *				amph_bind("want", AMPH_JSON({"priority": "high"})),
 *				amph_bind("n", "%x%"));
 *
 * :name and $1 are binds, never text put together; ::casts, strings, comments and dollar quotes
 * are left alone. Waiting changes of the session are flushed first. */
#ifndef AMPHORA_SQL_H
#define AMPHORA_SQL_H
#include "expr.h"
#include "rows.h"
#ifdef __cplusplus
extern "C" {
#endif

typedef struct amph_bound { const char *name; amph_node value; } amph_bound;

/* binds end in one without a name; NULL is none. Of $1, $2 ... in their order, any name. NULL on
 * failure. */
amph_rows *amph_do_sql(amph_session *s, const char *sql, const amph_bound *binds);

#ifndef __cplusplus
#define amph_bind(name_, x) ((amph_bound){ .name = name_, .value = AMPH_NODE_(x) })
#define amph_sql(s, ...) AMPH_CAT_(AMPH_SQL_, AMPH_MORE_(__VA_ARGS__))(s, __VA_ARGS__)
#define AMPH_SQL_ONE(s, text) amph_do_sql((s), text, NULL)
#define AMPH_SQL_MORE(s, text, ...)                                                              \
	amph_do_sql((s), text, (const amph_bound[]){ __VA_ARGS__, { .name = NULL } })
#endif

#ifdef __cplusplus
}
#endif
#endif
