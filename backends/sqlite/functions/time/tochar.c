/* to_char of timestamps and intervals. */
#include "template.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct moment {
	int64_t year, hour;
	int month, day, minute, second, usec;
	int weekday;                    /* Sunday is 0 */
	int64_t day_of_year;
	int64_t days;                   /* from 1970, of a timestamp */
	bool interval;
	const char *zone;
} moment;

typedef struct writer {
	sl_call *c;
	const moment *m;
	amph_buf b;
	bool failed;
} writer;

static void put_number(writer *w, const sl_node *n, int width, int64_t value)
{
	amph__buf_printf(&w->b, "%0*lld", n->fill ? 0 : width, (long long)value);
}

/* A minus sign has room of its own. */
static void put_signed(writer *w, const sl_node *n, int width, int64_t value)
{
	put_number(w, n, value >= 0 ? width : width + 1, value);
}

static void put_word(writer *w, const sl_node *n, const char *word, size_t len, int pad)
{
	size_t from = w->b.len;

	amph__buf_add(&w->b, word, len);
	for (size_t i = from; i < w->b.len && !w->b.failed; i++) {
		char *ch = &w->b.text[i];

		if (n->letters == SL_UPPER && *ch >= 'a' && *ch <= 'z')
			*ch = (char)(*ch - 32);
		if (n->letters == SL_LOWER && *ch >= 'A' && *ch <= 'Z')
			*ch = (char)(*ch + 32);
	}
	for (int i = (int)len; i < pad && !n->fill; i++)
		amph__buf_putc(&w->b, ' ');
}

/* Words that stand in the table as they are written. */
static void put_plain(writer *w, const sl_node *n, const char *word)
{
	put_word(w, n, word, strlen(word), 0);
}

static int64_t shown_year(const moment *m, int64_t year)
{
	return m->interval || year > 0 ? year : 1 - year;
}

static void put_year(writer *w, const sl_node *n)
{
	int64_t year = w->m->year, divisor = 10;

	if (n->field == SL_F_ISO_YEAR)
		amph__sl_iso_week(w->m->days, &year);
	year = shown_year(w->m, year);
	if (n->size == 1) {
		amph__buf_printf(&w->b, "%1d", (int)(year % divisor));
		return;
	}
	for (int i = 1; i < n->size; i++)
		divisor *= 10;
	put_number(w, n, n->size + (shown_year(w->m, w->m->year) < 0),
		   n->size == 4 ? year : year % divisor);
}

static void put_century(writer *w, const sl_node *n)
{
	int64_t year = w->m->year;
	int64_t century = w->m->interval ? year / 100 : year > 0 ? (year - 1) / 100 + 1 : year / 100 - 1;

	if (century <= 99 && century >= -99)
		put_signed(w, n, 2, century);
	else
		amph__buf_printf(&w->b, "%lld", (long long)century);
}

static void put_roman_month(writer *w, const sl_node *n)
{
	const moment *m = w->m;
	int at;

	if (!m->month && !m->year)
		return;
	if (!m->month)
		at = m->year >= 0 ? 0 : 11;
	else
		at = m->month < 0 ? -1 * (m->month + 1) : 12 - m->month;
	put_word(w, n, amph__sl_roman_months[at], strlen(amph__sl_roman_months[at]), 4);
}

static void put_fraction(writer *w, const sl_node *n, int digits)
{
	int value = w->m->usec;

	(void)n;
	for (int i = digits; i < 6; i++)
		value /= 10;
	amph__buf_printf(&w->b, "%0*d", digits, value);
}

static int64_t iso_day_of_year(const moment *m)
{
	int64_t year;
	int week = amph__sl_iso_week(m->days, &year);
	int64_t weekday = m->days + 3 - 7 * amph__sl_floor_div(m->days + 3, 7);

	return (week - 1) * 7 + weekday + 1;
}

static void put_zone(writer *w, const sl_node *n)
{
	if (n->field == SL_F_ZONE)
		put_plain(w, n, w->m->zone);
	else if (n->field == SL_F_ZONE_MINUTE)
		amph__buf_puts(&w->b, "00");
	else
		amph__buf_printf(&w->b, "+%0*d", n->field == SL_F_OFFSET && n->fill ? 0 : 2, 0);
}

/* Names and eras say nothing of an interval. */
static bool is_of_dates(sl_field f)
{
	return f == SL_F_AD || f == SL_F_AD_DOTS || f == SL_F_DAY_NAME || f == SL_F_DAY_SHORT ||
	       f == SL_F_DOW || f == SL_F_ISO_DOW ||
	       f == SL_F_MONTH_NAME || f == SL_F_MONTH_SHORT || f == SL_F_ZONE ||
	       f == SL_F_ZONE_HOUR || f == SL_F_ZONE_MINUTE || f == SL_F_OFFSET;
}

static void put_name(writer *w, const sl_node *n)
{
	const moment *m = w->m;
	bool day = n->field == SL_F_DAY_NAME || n->field == SL_F_DAY_SHORT;
	bool full = n->field == SL_F_DAY_NAME || n->field == SL_F_MONTH_NAME;
	const char *month = m->month ? amph__sl_months[m->month - 1] : "";
	const char *name = day ? amph__sl_weekdays[m->weekday] : month;

	if (*name)
		put_word(w, n, name, full ? strlen(name) : 3, full && !n->local ? 9 : 0);
}

static void put_clock(writer *w, const sl_node *n)
{
	const moment *m = w->m;
	int64_t hour = m->hour;

	switch (n->field) {
	case SL_F_AM: put_plain(w, n, hour % 24 >= 12 ? "PM" : "AM"); break;
	case SL_F_AM_DOTS: put_plain(w, n, hour % 24 >= 12 ? "P.M." : "A.M."); break;
	case SL_F_HOUR12: put_number(w, n, hour >= 0 ? 2 : 3, hour % 12 ? hour % 12 : 12); break;
	case SL_F_HOUR24: put_signed(w, n, 2, hour); break;
	case SL_F_MINUTE: put_signed(w, n, 2, m->minute); break;
	case SL_F_SECOND: put_signed(w, n, 2, m->second); break;
	case SL_F_FRACTION: put_fraction(w, n, n->size); break;
	case SL_F_MS: put_fraction(w, n, 3); break;
	case SL_F_US: put_fraction(w, n, 6); break;
	default: amph__buf_printf(&w->b, "%lld", (long long)(hour * 3600 + m->minute * 60 + m->second));
	}
}

static bool is_clock(sl_field f)
{
	return f == SL_F_AM || f == SL_F_AM_DOTS || f == SL_F_HOUR12 || f == SL_F_HOUR24 ||
	       f == SL_F_MINUTE || f == SL_F_SECOND ||
	       f == SL_F_FRACTION || f == SL_F_MS || f == SL_F_US || f == SL_F_SECONDS;
}

static void put_date(writer *w, const sl_node *n)
{
	const moment *m = w->m;
	int64_t year = shown_year(m, m->year);

	switch (n->field) {
	case SL_F_AD: put_plain(w, n, m->year <= 0 ? "BC" : "AD"); break;
	case SL_F_AD_DOTS: put_plain(w, n, m->year <= 0 ? "B.C." : "A.D."); break;
	case SL_F_CENTURY: put_century(w, n); break;
	case SL_F_DOY: put_number(w, n, 3, m->day_of_year); break;
	case SL_F_ISO_DOY: put_number(w, n, 3, iso_day_of_year(m)); break;
	case SL_F_DAY: put_number(w, n, 2, m->day); break;
	case SL_F_DOW: amph__buf_printf(&w->b, "%d", m->weekday + 1); break;
	case SL_F_ISO_DOW: amph__buf_printf(&w->b, "%d", m->weekday ? m->weekday : 7); break;
	case SL_F_WEEK: put_number(w, n, 2, (m->day_of_year - 1) / 7 + 1); break;
	case SL_F_ISO_WEEK: put_number(w, n, 2, amph__sl_iso_week(m->days, &year)); break;
	case SL_F_MONTH_WEEK: amph__buf_printf(&w->b, "%d", (m->day - 1) / 7 + 1); break;
	case SL_F_MONTH: put_signed(w, n, 2, m->month); break;
	case SL_F_ROMAN_MONTH: put_roman_month(w, n); break;
	case SL_F_JULIAN: amph__buf_printf(&w->b, "%lld", (long long)(m->days + 2440588)); break;
	case SL_F_YEAR:
	case SL_F_ISO_YEAR: put_year(w, n); break;
	case SL_F_YEAR_COMMA:
		amph__buf_printf(&w->b, "%d,%03d", (int)(year / 1000), (int)(year % 1000));
		break;
	default:
		if (m->month)
			amph__buf_printf(&w->b, "%d", (m->month - 1) / 3 + 1);
	}
}

static bool put_field(writer *w, const sl_node *n)
{
	size_t from = w->b.len;
	const char *th;

	if (w->m->interval && is_of_dates(n->field)) {
		amph__sl_raise(w->c, "22007", "invalid format specification for an interval value");
		return false;
	}
	if (is_clock(n->field))
		put_clock(w, n);
	else if (n->field == SL_F_ZONE || n->field == SL_F_ZONE_HOUR || n->field == SL_F_ZONE_MINUTE ||
		 n->field == SL_F_OFFSET)
		put_zone(w, n);
	else if (n->field >= SL_F_DAY_NAME && n->field <= SL_F_DAY_SHORT)
		put_name(w, n);
	else if (n->field == SL_F_MONTH_NAME || n->field == SL_F_MONTH_SHORT)
		put_name(w, n);
	else if (n->field != SL_F_FX)
		put_date(w, n);
	if (n->th && n->digits && n->field != SL_F_ZONE_MINUTE && w->b.len > from) {
		th = amph__sl_ordinal(w->b.text + from, w->b.len - from, n->th_upper);
		amph__buf_puts(&w->b, th ? th : "");
	}
	return true;
}

static void write(sl_call *c, const moment *m)
{
	writer w = { .c = c, .m = m };
	sl_template t;
	size_t len;
	const char *text = amph__sl_text(c, 1, &len);
	bool ok = true;

	if (!amph__sl_template_read(c, text, len, false, &t))
		return;
	amph__buf_init(&w.b, c->env->allocator);
	amph__buf_add(&w.b, "", 0);
	for (size_t i = 0; ok && i < t.n; i++)
		if (t.nodes[i].kind == SL_NODE_FIELD)
			ok = put_field(&w, &t.nodes[i]);
		else
			amph__buf_add(&w.b, t.nodes[i].text, t.nodes[i].len);
	if (ok)
		amph__sl_result_buf(c, &w.b);
	else
		amph__buf_clear(&w.b);
}

static bool has_template(const sl_call *c)
{
	size_t len;

	amph__sl_text(c, 1, &len);
	return len > 0;
}

static void timestamp_to_char(sl_call *c)
{
	moment m = { .zone = c->arg == AMPH_T_TIMESTAMPTZ ? "UTC" : "" };
	int64_t usec, time;
	sl_civil date;

	if (!amph__sl_arg_usec(c, 0, (int)c->arg, &usec) || !has_template(c) || amph__sl_is_infinite(usec))
		return;
	m.days = amph__sl_floor_div(usec, USEC_PER_DAY);
	time = usec - m.days * USEC_PER_DAY;
	date = amph__sl_civil_of(m.days);
	m.year = date.year;
	m.month = date.month;
	m.day = date.day;
	m.hour = time / USEC_PER_HOUR;
	m.minute = (int)(time / USEC_PER_MINUTE % 60);
	m.second = (int)(time / USEC_PER_SEC % 60);
	m.usec = (int)(time % USEC_PER_SEC);
	m.weekday = (int)(m.days + 4 - 7 * amph__sl_floor_div(m.days + 4, 7));
	m.day_of_year = m.days - amph__sl_days_of((sl_civil){ date.year, 1, 1 }) + 1;
	write(c, &m);
}

/* PostgreSQL counts in 32 bits: days of hundreds of millions of years wrap around. */
static int64_t wrapped(int64_t n)
{
	return (int32_t)(uint32_t)(uint64_t)n;
}

/* PostgreSQL's formula, for months that are none of the calendar as well. */
static int64_t julian_of(int64_t year, int64_t month, int64_t day)
{
	int64_t century, julian;

	year += month > 2 ? 4800 : 4799;
	month += month > 2 ? 1 : 13;
	century = year / 100;
	julian = year * 365 - 32167 + year / 4 - century + century / 4;
	return wrapped(julian + 7834 * month / 256 + day);
}

static void interval_to_char(sl_call *c)
{
	moment m = { .interval = true, .zone = "" };
	amph_interval x;

	if (!amph__sl_arg(c, 0, AMPH_T_INTERVAL, &x) || !has_template(c))
		return;
	m.year = x.months / 12;
	m.month = x.months % 12;
	m.day = x.days;
	m.hour = x.usec / USEC_PER_HOUR;
	m.minute = (int)(x.usec / USEC_PER_MINUTE % 60);
	m.second = (int)(x.usec / USEC_PER_SEC % 60);
	m.usec = (int)(x.usec % USEC_PER_SEC);
	m.day_of_year = wrapped((m.year * 12 + m.month) * 30 + m.day);
	m.days = julian_of(m.year, m.month, m.day) - 2440588;
	write(c, &m);
}

static const sl_function rows[] = {
	{ "to_char_interval_text", 2, 0, interval_to_char, 0 },
	{ "to_char_timestamp_text", 2, 0, timestamp_to_char, AMPH_T_TIMESTAMP },
	{ "to_char_timestamptz_text", 2, 0, timestamp_to_char, AMPH_T_TIMESTAMPTZ }
};
const sl_functions amph__sl_tochar_functions = { rows, sizeof(rows) / sizeof(rows[0]) };
