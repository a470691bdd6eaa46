/* Rows of raw SQL and of queries read cell by cell.
 *
 *	amph_rows *r = amph_sql(s, "SELECT id, name FROM users WHERE id < :n", amph_bind("n", 10));
 *	while (amph_next(r))
 *		printf("%lld %s\n", (long long)amph_cell_int64(r, "id"), amph_cell_text(r, "name"));
 *	if (!amph_rows_close(r))
 *		fprintf(stderr, "%s\n", amph_session_error(s)->message);
 *
 * Every function takes a NULL amph_rows, as a failed call returns it, and acts as on no rows.
 * A cell is valid until the next amph_next; rows belong to their session and its thread. What was
 * not read when the transaction ends is kept by the session until amph_rows_close, or until the
 * session is closed. */
#ifndef AMPHORA_ROWS_H
#define AMPHORA_ROWS_H
#include "error.h"
#include "types.h"
#ifdef __cplusplus
extern "C" {
#endif

typedef struct amph_rows amph_rows;

bool amph_next(amph_rows *r);                   /* false: no more rows, or failure (amph_ok) */
bool amph_ok(const amph_rows *r);               /* no failure so far; false for NULL */
bool amph_rows_close(amph_rows *r);             /* amph_ok as it was */
int64_t amph_rows_affected(const amph_rows *r); /* by INSERT, UPDATE, DELETE; -1 else */
const char *amph_rows_command(const amph_rows *r);      /* what was done: "UPDATE", "CREATE TABLE" */
size_t amph_rows_columns(const amph_rows *r);
const char *amph_rows_name(const amph_rows *r, size_t column);  /* NULL beyond the last */
amph_type amph_rows_type(const amph_rows *r, size_t column);
/* As SQL calls it: "character varying", "integer[]", an enum's own name. */
const char *amph_rows_type_name(const amph_rows *r, size_t column);

/* Cells by the column's name. A NULL is the all-zero value; a name that is not there, or a type
 * that the column's does not convert to without loss, fails the rows with 42703 or 42804; so does, as
 * AMPH_E_MISUSE, a cell before the first amph_next and after one that was false. */
bool amph_cell_is_null(const amph_rows *r, const char *column);
bool amph_cell_bool(const amph_rows *r, const char *column);
int64_t amph_cell_int64(const amph_rows *r, const char *column);
double amph_cell_double(const amph_rows *r, const char *column);
amph_numeric amph_cell_numeric(const amph_rows *r, const char *column);
const char *amph_cell_text(const amph_rows *r, const char *column);     /* of any type */
const char *amph_cell_text_at(const amph_rows *r, size_t column);       /* by number, from 0 */
amph_bytes amph_cell_bytes(const amph_rows *r, const char *column);
amph_json amph_cell_json(const amph_rows *r, const char *column);
amph_uuid amph_cell_uuid(const amph_rows *r, const char *column);
amph_date amph_cell_date(const amph_rows *r, const char *column);
amph_time amph_cell_time(const amph_rows *r, const char *column);
amph_timestamp amph_cell_timestamp(const amph_rows *r, const char *column);
amph_timestamptz amph_cell_timestamptz(const amph_rows *r, const char *column);
amph_interval amph_cell_interval(const amph_rows *r, const char *column);

#ifdef __cplusplus
}
#endif
#endif
