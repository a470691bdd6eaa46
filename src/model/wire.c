/* Dates and times as SQLite stores them. Every row of a table goes through here, so digits are
 * read and written by hand. */
#include "wire.h"
#include "calendar.h"
#include "digits.h"
#include <endian.h>

#define FAR_YEAR 10000          /* has no place in four digits */
#define FARTHEST_YEAR 1000000   /* nor in six; only dates get there */

static size_t store_infinity(bool minus, char *out)
{
	memcpy(out, minus ? "-infinity" : "infinity", minus ? 9 : 8);
	return minus ? 9 : 8;
}

static char *put_stored_day(char *out, const amph_civil *c)
{
	if (c->year >= 1 && c->year < FAR_YEAR) {
		out = amph__put_4(out, (unsigned)c->year);
	} else if (c->year <= 0) {
		*out++ = '/';
		out = amph__put_4(out, (unsigned)(9998 + c->year));
	} else {
		bool six = c->year < FARTHEST_YEAR;
		*out++ = six ? 'Y' : 'Z';
		out = amph__put_padded(out, (uint64_t)c->year, six ? 6 : 7);
	}
	return amph__put_month_day(out, c);
}

static char *put_era(char *out, const amph_civil *c)
{
	if (c->year > 0)
		return out;
	memcpy(out, " BC", 3);
	return out + 3;
}

size_t amph__timestamp_store(int64_t usec, bool tz, char out[AMPH_STORED_TIME_MAX])
{
	if (usec == INT64_MAX || usec == INT64_MIN)
		return store_infinity(usec < 0, out);
	int64_t of_day;
	amph_civil c = amph__civil_of(amph__split_moment(usec, &of_day));
	char *at = put_stored_day(out, &c);
	*at++ = ' ';
	at = amph__put_time(at, of_day);
	if (tz) {
		memcpy(at, "+00", 3);
		at += 3;
	}
	return (size_t)(put_era(at, &c) - out);
}

size_t amph__date_store(int32_t days, char out[AMPH_STORED_TIME_MAX])
{
	if (days == INT32_MAX || days == INT32_MIN)
		return store_infinity(days < 0, out);
	amph_civil c = amph__civil_of(days);
	return (size_t)(put_era(put_stored_day(out, &c), &c) - out);
}

size_t amph__time_store(int64_t usec, char out[AMPH_STORED_TIME_MAX])
{
	return (size_t)(amph__put_time(out, usec) - out);
}

/* The number in n digits; more than any of them could say where one is none. */
static unsigned take(const char *at, size_t n)
{
	unsigned value = 0, wrong = 0;
	for (size_t i = 0; i < n; i++) {
		unsigned digit = (unsigned)(unsigned char)at[i] - '0';
		wrong |= digit > 9;
		value = value * 10 + digit;
	}
	return wrong ? UINT32_MAX : value;
}

static bool load_infinity(const char *text, size_t len, bool *minus)
{
	*minus = len == 9 && memcmp(text, "-infinity", 9) == 0;
	return *minus || (len == 8 && memcmp(text, "infinity", 8) == 0);
}

/* The year and what follows it up to the day; NULL where it is none. */
static const char *load_day(const char *at, size_t len, int64_t *days)
{
	size_t width = 4;
	char era = '\0';
	if (len > 0 && !amph__is_digit(*at)) {
		era = *at++;
		len--;
		width = era == '/' ? 4 : era == 'Y' ? 6 : 7;
	}
	if (len < width + 6 || at[width] != '-' || at[width + 3] != '-' ||
	    (era != '\0' && era != '/' && era != 'Y' && era != 'Z'))
		return NULL;
	unsigned number = take(at, width);
	unsigned month = take(at + width + 1, 2), day = take(at + width + 4, 2);
	int64_t year = era == '/' ? (int64_t)number - 9998 : (int64_t)number;
	if (number == UINT32_MAX || (era == '/' ? year > 0 : year <= 0) || month - 1 > 11 ||
	    day == 0 || day > amph__days_in_month(year, month))
		return NULL;
	*days = amph__days_of(year, month, day);
	return at + width + 6;
}

static const char *load_time(const char *at, const char *end, int64_t *usec)
{
	if (end - at < 8 || at[2] != ':' || at[5] != ':')
		return NULL;
	unsigned hour = take(at, 2), minute = take(at + 3, 2), second = take(at + 6, 2);
	if (hour > 24 || minute > 59 || second > 59)
		return NULL;
	*usec = ((int64_t)hour * 60 + minute) * AMPH_USEC_MINUTE + second * AMPH_USEC_SECOND;
	at += 8;
	if (at < end && *at == '.') {
		unsigned unit = 1000000, fraction = 0;
		for (at++; at < end && amph__is_digit(*at) && unit > 1; at++) {
			unit /= 10;
			fraction += unit * (unsigned)(*at - '0');
		}
		if (unit == 1000000)
			return NULL;
		*usec += fraction;
	}
	return *usec > AMPH_USEC_DAY ? NULL : at;
}

/* Whether what is left is right for a text that began before or after year 1. */
static bool ends(const char *at, const char *end, bool bc)
{
	return bc ? end - at == 3 && memcmp(at, " BC", 3) == 0 : at == end;
}

/* Which bytes of eight are digits (a digit and 0x76 is at most 0x7f) and which are as they should
 * be (zero and 0x7f), from the last byte to the first. */
#define YEAR_MONTH UINT64_C(0x7f76767f76767676)
#define THREE_PAIRS UINT64_C(0x76767f76767f7676)
#define SIX_DIGITS UINT64_C(0x7676767676767f76)

/* Eight bytes like the pattern, which has 0 for digits: false, or the digits' values, first lowest. */
static inline bool take_8(const char *at, const char pattern[9], uint64_t limits, uint64_t *digits)
{
	const uint64_t high = UINT64_C(0x8080808080808080);
	uint64_t want;
	memcpy(digits, at, 8);
	memcpy(&want, pattern, 8);
	*digits = le64toh(*digits ^ want);
	return ((((*digits & ~high) + limits) | *digits) & high) == 0;
}

/* In each byte the number of two digits: its own and the next. */
static inline uint64_t pairs_of(uint64_t digits)
{
	return digits * 10 + (digits >> 8);
}

static inline unsigned pair(uint64_t pairs, int i)
{
	return (unsigned)(pairs >> 8 * i) & 255;
}

/* From the point on; NULL where it is none. All six digits are what most have, or none. */
static const char *load_fraction(const char *text, const char *at, const char *end, unsigned *usec)
{
	static const unsigned units[] = { 100000, 10000, 1000, 100, 10, 1 };
	unsigned n = 0;
	uint64_t digits;
	*usec = 0;
	if (at == end || *at != '.')
		return at;
	if (end - text >= 26 && take_8(text + 18, "0.000000", SIX_DIGITS, &digits)) {
		digits = pairs_of(digits);
		*usec = (pair(digits, 2) * 100 + pair(digits, 4)) * 100 + pair(digits, 6);
		return text + 26;
	}
	for (at++; at < end && n < 6 && amph__is_digit(*at); at++)
		*usec += (unsigned)(*at - '0') * units[n++];
	return n == 0 ? NULL : at;
}

/* What nearly all are: 2024-01-02 03:04:05, perhaps a fraction, perhaps +00. */
static bool load_usual(const char *text, size_t len, int64_t *usec)
{
	const char *end = text + len;
	unsigned fraction;
	uint64_t a, b, c;
	if (len < 19 || !take_8(text, "0000-00-", YEAR_MONTH, &a) ||
	    !take_8(text + 8, "00 00:00", THREE_PAIRS, &b) ||
	    !take_8(text + 11, "00:00:00", THREE_PAIRS, &c))
		return false;
	a = pairs_of(a);
	c = pairs_of(c);
	unsigned year = pair(a, 0) * 100 + pair(a, 2), month = pair(a, 5), day = pair(pairs_of(b), 0);
	unsigned hour = pair(c, 0), minute = pair(c, 3), second = pair(c, 6);
	if (year == 0 || month - 1 > 11 || day == 0 || hour > 23 || minute > 59 ||
	    second > 59 || (day > 28 && day > amph__days_in_month(year, month)))
		return false;
	const char *at = load_fraction(text, text + 19, end, &fraction);
	if (at == NULL || (at != end && (end - at != 3 || memcmp(at, "+00", 3) != 0)))
		return false;
	*usec = (amph__days_of(year, month, day) * 1440 + hour * 60 + minute) * AMPH_USEC_MINUTE +
		second * AMPH_USEC_SECOND + fraction;
	return true;
}

bool amph__timestamp_load(const char *text, size_t len, int64_t *usec)
{
	if (load_usual(text, len, usec))
		return true;
	const char *end = text + len;
	int64_t days, of_day;
	bool minus;
	const char *at = load_day(text, len, &days);
	if (at == NULL) {
		if (!load_infinity(text, len, &minus))
			return false;
		*usec = minus ? INT64_MIN : INT64_MAX;
		return true;
	}
	if (end - at < 9 || *at != ' ')
		return false;
	at = load_time(at + 1, end, &of_day);
	if (at == NULL)
		return false;
	if (end - at >= 3 && memcmp(at, "+00", 3) == 0)
		at += 3;
	return ends(at, end, *text == '/') && !__builtin_mul_overflow(days, AMPH_USEC_DAY, &days) &&
	       !__builtin_add_overflow(days, of_day, usec);
}

bool amph__date_load(const char *text, size_t len, int32_t *days)
{
	int64_t n;
	bool minus;
	const char *at = load_day(text, len, &n);
	if (at == NULL) {
		if (!load_infinity(text, len, &minus))
			return false;
		*days = minus ? INT32_MIN : INT32_MAX;
		return true;
	}
	*days = (int32_t)n;
	return ends(at, text + len, *text == '/') && n >= AMPH_DATE_MIN && n <= AMPH_DATE_MAX;
}

bool amph__time_load(const char *text, size_t len, int64_t *usec)
{
	return load_time(text, text + len, usec) == text + len;
}
