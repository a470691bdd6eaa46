/* Days of the Gregorian calendar without end in both directions, and the text of dates and times
 * that both PostgreSQL's output and the storage of SQLite are made of. Year 0 is 1 BC. */
#ifndef AMPH_MODEL_CALENDAR_H
#define AMPH_MODEL_CALENDAR_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define AMPH_USEC_SECOND INT64_C(1000000)
#define AMPH_USEC_MINUTE (60 * AMPH_USEC_SECOND)
#define AMPH_USEC_HOUR (60 * AMPH_USEC_MINUTE)
#define AMPH_USEC_DAY (24 * AMPH_USEC_HOUR)

/* What PostgreSQL holds: 4714-11-24 BC to 5874897-12-31 as a date. Its timestamps end in 294276;
 * microseconds from 1970 end in January 294247. */
#define AMPH_DATE_MIN (-2440588)
#define AMPH_DATE_MAX 2145042905
#define AMPH_TIMESTAMP_MIN (AMPH_DATE_MIN * AMPH_USEC_DAY)
#define AMPH_TIMESTAMP_MAX (INT64_MAX - 1)
#define AMPH_LAST_YEAR 294247
#define AMPH_TIMESTAMP_LAST_YEAR 294276         /* of PostgreSQL */

typedef struct amph_civil { int32_t year; unsigned month, day; } amph_civil;

int64_t amph__days_of(int64_t year, unsigned month, unsigned day);
amph_civil amph__civil_of(int64_t days);        /* whose year fits 32 bits */
unsigned amph__days_in_month(int64_t year, unsigned month);
/* A moment's day, and its microseconds in it. */
int32_t amph__split_moment(int64_t usec, int64_t *of_day);

/* Write no NUL, return the end. */
char *amph__put_time(char *out, int64_t of_day);        /* 03:04:05.25 */
char *amph__put_month_day(char *out, const amph_civil *c);      /* -01-02 */
#endif
