/* Rows of raw SQL and of queries read cell by cell. Private to src/session. */
#ifndef AMPH_SESSION_ROWS_H
#define AMPH_SESSION_ROWS_H
#include "state.h"
#include "amphora/sql.h"

struct amph_rows {
	amph_session *session;
	amph_rows *next, *prev;         /* of the session's */
	amph_arena arena;               /* names, slots, what cells point to */
	amph_arena cells;               /* texts made for the row that is shown */
	size_t n_columns;
	amph_result_column *columns;
	const char **type_names;        /* of those that have a native_type */
	amph_slot *slots;
	char *rows;
	size_t n, at, row_size;
	const char *row;                /* the one that is shown */
	int64_t affected;
	char command[24];
	bool ended;                     /* amph_next has said so */
	bool failed;
};

amph_rows *amph__rows_new(amph_session *s, amph_error *err);
/* All rows of a result; raw: of SQL that the program wrote. */
bool amph__rows_take(amph_rows *r, amph_result *result, bool raw, amph_error *err);
/* Asks for the names of types that the database alone knows. */
bool amph__rows_name_types(amph_rows *r, amph_error *err);
/* All rows of a query; NULL: failure. */
amph_rows *amph__query_rows(amph_session *s, amph_query_op op, const amph_select *q, amph_error *err);
void amph__rows_free(amph_rows *r);     /* NULL is fine */
#endif
