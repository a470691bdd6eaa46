/* Dates and times as items of SQL/JSON paths: what .datetime() gives. */
#ifndef AMPH_SQLITE_MOMENT_H
#define AMPH_SQLITE_MOMENT_H
#include "datetime.h"

typedef struct sl_moment {
	int type;                       /* DATE, TIME, TIMESTAMP, TIMESTAMPTZ; a TIME may be zoned */
	bool zoned;
	int64_t days;                   /* of a DATE */
	int64_t usec;                   /* of the others; of TIMESTAMPTZ in UTC, of TIME as written */
	int zone;                       /* minutes east of UTC */
} sl_moment;

/* false: the text does not fit, and err says why; where the template is none, the error is raised and
 * err is empty. */
bool amph__sl_moment_read(sl_call *c, const char *text, const char *template, size_t len, sl_moment *out,
			  amph_error *err);
/* The same by the templates of ISO 8601; 22031 where none fits. */
bool amph__sl_moment_read_iso(sl_call *c, const char *text, sl_moment *out, amph_error *err);
const char *amph__sl_moment_type(const sl_moment *m);   /* "time with time zone" */
void amph__sl_moment_put(const sl_moment *m, amph_buf *out);    /* a JSON string */
/* How two compare; false: they do not. *needs_zone: only with a time zone for the one without. */
bool amph__sl_moment_compare(const sl_moment *a, const sl_moment *b, int *order, bool *needs_zone);
#endif
