/* Making, reading and printing values: numerics, JSON, UUIDs, dates and times.
 *
 * Text is what PostgreSQL reads and writes with DateStyle ISO, MDY and TimeZone UTC. The format
 * functions have snprintf's contract: they return the length of the whole text and write as much
 * of it as fits in size bytes, NUL included; buf may be NULL where size is 0. The parse functions
 * return false and fill err (which may be NULL) for text that PostgreSQL would refuse, and then
 * leave *out as it was; out may be NULL. None of them allocates.
 *
 *	char text[AMPH_TIMESTAMP_TEXT_MAX];
 *	order->total = amph_dec(99.90);
 *	order->extra = AMPH_JSON({"priority": "high"});
 *	order->due = amph_date_ymd(2025, 3, 31);
 *	amph_timestamptz_format(order->created_at, text, sizeof(text));
 *
 * Nothing here has a state: any thread may use it. */
#ifndef AMPHORA_VALUE_H
#define AMPHORA_VALUE_H
#include "error.h"
#include "types.h"
#ifdef __cplusplus
extern "C" {
#define AMPH_LITERAL_(T, ...) T{ __VA_ARGS__ }
#else
#define AMPH_LITERAL_(T, ...) ((T){ __VA_ARGS__ })
#endif

/* Room for the longest text of each type, with its NUL. A numeric may be longer than any of
 * these; amph_numeric_format says how long. */
#define AMPH_UUID_TEXT_MAX 37
#define AMPH_DATE_TEXT_MAX 20
#define AMPH_TIME_TEXT_MAX 16
#define AMPH_TIMESTAMP_TEXT_MAX 40
#define AMPH_INTERVAL_TEXT_MAX 96

/* ---- numeric ----
 * Up to 18 digits are held in the struct. Of a longer number the struct points into the text,
 * which must then be plain decimal, without an exponent, and outlive it. What is no number, has
 * an exponent and does not fit 18 digits, or exceeds PostgreSQL's limits (131072 digits before
 * the point, 16383 after it) becomes AMPH_NUMERIC_INVALID, and binding it fails with 22P02. */
amph_numeric amph_numeric_parse(const char *text);      /* NULL is invalid */
amph_numeric amph_numeric_from_int64(int64_t n);
/* To the nearest, halves away from zero; 22003 out of range, 0A000 for NaN and infinities. */
bool amph_numeric_to_int64(amph_numeric n, int64_t *out, amph_error *err);
double amph_numeric_to_double(amph_numeric n);          /* the nearest; NaN where invalid */
/* <0, 0, >0: by value, so that 1.0 is 1.00; NaN is the greatest and equal to itself. */
int amph_numeric_compare(amph_numeric a, amph_numeric b);
size_t amph_numeric_format(amph_numeric n, char *buf, size_t size);
/* A number written in C source: amph_dec(99.90), amph_dec(-1e-3). */
#define amph_dec(...) amph_numeric_parse(#__VA_ARGS__)

/* ---- JSON ---- checked by the database when it is bound. */
amph_json amph_json_text(const char *text);             /* text is borrowed */
#define AMPH_JSON(...) amph_json_text(#__VA_ARGS__)

/* ---- UUID ---- */
bool amph_uuid_parse(const char *text, amph_uuid *out, amph_error *err);
int amph_uuid_compare(amph_uuid a, amph_uuid b);
size_t amph_uuid_format(amph_uuid u, char *buf, size_t size);

/* ---- dates and times ----
 * The functions that make one of numbers carry fields beyond their range over, as timegm does
 * (month 13 is January of the next year); year 0 is 1 BC, -1 is 2 BC. A result that PostgreSQL
 * cannot hold is infinity or -infinity. Parsing knows zones as PostgreSQL does: offsets, abbreviations,
 * POSIX rules, and names such as Europe/Paris (0A000 where the machine has no zone files). What depends
 * on the clock is refused with 0A000: now, today, tomorrow, yesterday. */
#define AMPH_INFINITY_DATE AMPH_LITERAL_(amph_date, INT32_MAX)
#define AMPH_NEG_INFINITY_DATE AMPH_LITERAL_(amph_date, INT32_MIN)
#define AMPH_INFINITY_TIMESTAMP AMPH_LITERAL_(amph_timestamp, INT64_MAX)
#define AMPH_NEG_INFINITY_TIMESTAMP AMPH_LITERAL_(amph_timestamp, INT64_MIN)
#define AMPH_INFINITY_TIMESTAMPTZ AMPH_LITERAL_(amph_timestamptz, INT64_MAX)
#define AMPH_NEG_INFINITY_TIMESTAMPTZ AMPH_LITERAL_(amph_timestamptz, INT64_MIN)

amph_date amph_date_ymd(int year, int month, int day);
/* The calendar day of a finite date; false for an infinite one. Any pointer may be NULL. */
bool amph_date_split(amph_date d, int *year, int *month, int *day);
bool amph_date_parse(const char *text, amph_date *out, amph_error *err);
size_t amph_date_format(amph_date d, char *buf, size_t size);

amph_time amph_time_hms(int hour, int minute, double second);   /* within 0 to 24:00:00 */
bool amph_time_parse(const char *text, amph_time *out, amph_error *err);
size_t amph_time_format(amph_time t, char *buf, size_t size);

amph_timestamp amph_timestamp_at(int year, int month, int day, int hour, int minute, double second);
bool amph_timestamp_parse(const char *text, amph_timestamp *out, amph_error *err);
size_t amph_timestamp_format(amph_timestamp t, char *buf, size_t size);

amph_timestamptz amph_timestamptz_utc(int year, int month, int day, int hour, int minute,
				      double second);
bool amph_timestamptz_parse(const char *text, amph_timestamptz *out, amph_error *err);
size_t amph_timestamptz_format(amph_timestamptz t, char *buf, size_t size);     /* in UTC, "+00" */

bool amph_interval_parse(const char *text, amph_interval *out, amph_error *err);
/* As PostgreSQL orders them: a month is 30 days, a day is 24 hours. */
int amph_interval_compare(amph_interval a, amph_interval b);
size_t amph_interval_format(amph_interval i, char *buf, size_t size);

#ifdef __cplusplus
}
#endif
#endif
