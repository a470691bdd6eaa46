/* Raw SQL: PostgreSQL's dialect on every backend.
 *
 *	amph_rows *r = amph_sql(s, "SELECT id FROM orders WHERE data @> :want AND name ILIKE :n",
 *				amph_bind("want", AMPH_JSON({"priority": "high"})),
 *				amph_bind("n", "%x%"));
 *
 * :name and $1 are binds, never text put together; ::casts, strings, comments and dollar quotes
 * are left alone. A text bind is a literal in quotes: the statement says its type. A list is one bind,
 * an array: "id = ANY(:ids)" with amph_bind("ids", amph_array(a)), a an amph_int64_array; IN (:ids) would
 * compare with the array itself. Waiting changes of the session are flushed first.
 *
 * BEGIN, COMMIT, ROLLBACK, SAVEPOINT, ROLLBACK TO and RELEASE are the session's own: COMMIT does what
 * amph_commit does, and ROLLBACK what amph_rollback. The session is in a transaction with or
 * without BEGIN, except where it was opened with .autocommit. COMMIT of a failed transaction
 * rolls back and says so by its command. */
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

/* Several statements, divided by semicolons, one after the other; rows are dropped, and there are no
 * binds: :name is text like any other. Ends at the first that fails; the error's position is in
 * the whole text. All of them are in the session's transaction, or with .autocommit each in its
 * own but for those between BEGIN and COMMIT. */
bool amph_script(amph_session *s, const char *sql);

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
