/* Dates and times as SQLite stores them: PostgreSQL's own text for the years 1 to 9999, and for
 * the others a text whose order as bytes is the order in time.
 *
 *	2024-01-02 03:04:05.5+00        the offset for a timestamp with time zone only
 *	Y012024-01-02                   years from 10000 on, six digits; dates seven after Z
 *	/9955-03-15 BC                  44 BC: 9999 less the year
 *	-infinity, infinity
 */
#ifndef AMPH_MODEL_WIRE_H
#define AMPH_MODEL_WIRE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define AMPH_STORED_TIME_MAX 40

/* Return the length; no NUL. The value is one that PostgreSQL can hold. */
size_t amph__timestamp_store(int64_t usec, bool tz, char out[AMPH_STORED_TIME_MAX]);
size_t amph__date_store(int32_t days, char out[AMPH_STORED_TIME_MAX]);
size_t amph__time_store(int64_t usec, char out[AMPH_STORED_TIME_MAX]);

/* false: not such a text, or no such day; it may still be one that PostgreSQL can read. */
bool amph__timestamp_load(const char *text, size_t len, int64_t *usec);
bool amph__date_load(const char *text, size_t len, int32_t *days);
bool amph__time_load(const char *text, size_t len, int64_t *usec);
#endif
