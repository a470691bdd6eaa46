/* to_date and to_timestamp: text read by a template, as leniently as PostgreSQL does it; and for paths
 * of SQL/JSON to the letter. */
#include "moment.h"
#include "template.h"
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ANY_DATES, GREGORIAN, ISO_WEEKS };

typedef struct fields {
	int convention, hour, minute, second, seconds, day_of_week, day_of_month, day_of_year, month, ms, us,
		year, century, julian, week, month_week, year_size, bc, pm, zone_sign, zone_hour, zone_minute,
		digits;                 /* of the fraction, one more; 0: all */
	bool clock12;
} fields;

typedef struct reader {
	sl_call *c;
	const sl_template *t;
	const char *text, *at;
	fields f;
	int skipped;                    /* spaces beyond those of the template */
	bool fixed;                     /* FX */
	bool exact;                     /* template and text agree in every character */
	amph_error *err;
} reader;

static void skip_char(reader *r)
{
	uint32_t ch;

	if (*r->at)
		r->at += amph__utf8_next(r->at, &ch);
}

static bool set_field(reader *r, const sl_node *n, int *field, int value)
{
	if (*field != 0 && *field != value) {
		amph__error(r->err, "22007", "conflicting values for \"%.*s\" field in formatting string",
			       n->len, n->text);
		return false;
	}
	*field = value;
	return true;
}

/* Whether what follows the field cannot be a digit. */
static bool ends_number(const reader *r, const sl_node *n)
{
	const sl_node *next = n + 1;

	if (n->th || next == r->t->nodes + r->t->n)
		return true;
	if (next->kind == SL_NODE_FIELD)
		return !next->digits;
	return !(next->len == 1 && amph__is_digit(*next->text));
}

/* Reads an integer of so many digits; *used: the characters it took. field NULL: it is not kept. */
static bool read_int(reader *r, const sl_node *n, size_t size, int *field, int *used)
{
	const char *start = r->at;
	char copy[16], *end;
	long value;
	size_t have;

	while (amph__is_space(*r->at))
		r->at++;
	have = strlen(r->at);
	errno = 0;
	if (n->fill || ends_number(r, n)) {
		value = strtol(start, &end, 10);
		r->at = end;
	} else {
		if (have < size) {
			amph__error(r->err, "22007", "source string too short for \"%.*s\" formatting field",
				       n->len, n->text);
			return false;
		}
		snprintf(copy, sizeof(copy), "%.*s", (int)size, r->at);
		value = strtol(copy, &end, 10);
		if (end > copy && (size_t)(end - copy) < size) {
			amph__error(r->err, "22007", "invalid value \"%s\" for \"%.*s\"", copy, n->len,
				       n->text);
			return false;
		}
		r->at += end - copy;
		if (end == copy)
			r->at = start;
	}
	if (r->at == start) {
		amph__error(r->err, "22007", "invalid value \"%.*s\" for \"%.*s\"", (int)size, start, n->len,
			       n->text);
		return false;
	}
	if (errno == ERANGE || value < INT_MIN || value > INT_MAX) {
		amph__error(r->err, "22008", "value for \"%.*s\" in source string is out of range", n->len,
			       n->text);
		return false;
	}
	*used = (int)(r->at - start);
	return !field || set_field(r, n, field, (int)value);
}

static void skip_th(reader *r, const sl_node *n)
{
	if (n->th) {
		skip_char(r);
		skip_char(r);
	}
}

static bool read_number(reader *r, const sl_node *n, int *field)
{
	int used;

	if (!read_int(r, n, n->field == SL_F_HOUR12 || n->field == SL_F_HOUR24 ? 2 : n->len, field, &used))
		return false;
	skip_th(r, n);
	return true;
}

/* Parts of a second: ".5" is half of one whatever the size of the field. */
static bool read_fraction(reader *r, const sl_node *n, size_t size, int *field)
{
	int used, digits = (int)size < 6 && n->field == SL_F_MS ? 3 : 6;

	if (!read_int(r, n, size, field, &used))
		return false;
	for (; used < digits; used++)
		*field *= 10;
	skip_th(r, n);
	return true;
}

/* The first of the words that the text begins with, whatever its letters. */
static bool read_word(reader *r, const sl_node *n, const char *const *words, size_t count, size_t size,
		      int *out)
{
	for (size_t i = 0; i < count; i++) {
		size_t len = size ? size : strlen(words[i]);

		if (*r->at && amph__ascii_begins(r->at, words[i], len)) {
			r->at += len;
			*out = (int)i;
			return true;
		}
	}
	amph__error(r->err, "22007", "invalid value \"%.*s\" for \"%.*s\"", (int)strcspn(r->at, " "), r->at,
		       n->len, n->text);
	return false;
}

static bool read_half(reader *r, const sl_node *n)
{
	static const char *const words[] = { "am", "pm" }, *const dotted[] = { "a.m.", "p.m." };
	static const char *const eras[] = { "ad", "bc" }, *const dotted_eras[] = { "a.d.", "b.c." };
	bool era = n->field == SL_F_AD || n->field == SL_F_AD_DOTS;
	bool dots = n->field == SL_F_AM_DOTS || n->field == SL_F_AD_DOTS;
	int value;

	if (!read_word(r, n, era ? dots ? dotted_eras : eras : dots ? dotted : words, 2, 0, &value))
		return false;
	r->f.clock12 |= !era;
	return set_field(r, n, era ? &r->f.bc : &r->f.pm, value);
}

static bool read_name(reader *r, const sl_node *n)
{
	int value;

	switch (n->field) {
	case SL_F_DAY_NAME:
	case SL_F_DAY_SHORT:
		return read_word(r, n, amph__sl_weekdays, 7, n->field == SL_F_DAY_NAME ? 0 : 3, &value) &&
		       set_field(r, n, &r->f.day_of_week, value) && ++r->f.day_of_week;
	case SL_F_ROMAN_MONTH:
		return read_word(r, n, amph__sl_roman_months, 12, 0, &value) &&
		       set_field(r, n, &r->f.month, 12 - value);
	default:
		return read_word(r, n, amph__sl_months, 12, n->field == SL_F_MONTH_NAME ? 0 : 3, &value) &&
		       set_field(r, n, &r->f.month, value + 1);
	}
}

/* Years of less than four digits are those near 2020. */
static int full_year(int year)
{
	if (year < 70)
		return year + 2000;
	if (year < 100)
		return year + 1900;
	if (year < 520)
		return year + 2000;
	return year < 1000 ? year + 1000 : year;
}

static bool read_year(reader *r, const sl_node *n)
{
	int used, thousands, rest;

	if (n->field == SL_F_YEAR_COMMA) {
		if (sscanf(r->at, "%d,%03d%n", &thousands, &rest, &used) < 2) {
			amph__error(r->err, "22007", "invalid input string for \"Y,YYY\"");
			return false;
		}
		if (!set_field(r, n, &r->f.year, rest + thousands * 1000))
			return false;
		r->at += used;
		r->f.year_size = 4;
	} else {
		if (!read_int(r, n, n->len, &r->f.year, &used))
			return false;
		if (n->size < 4 && used < 4)
			r->f.year = full_year(r->f.year);
		r->f.year_size = n->size;
	}
	skip_th(r, n);
	return true;
}

static bool read_zone(reader *r, const sl_node *n)
{
	int used;

	if (n->field == SL_F_ZONE_MINUTE) {
		r->f.zone_sign = r->f.zone_sign ? r->f.zone_sign : 1;
		return read_int(r, n, 2, &r->f.zone_minute, &used);
	}
	if (n->field != SL_F_ZONE_HOUR) {
		amph__error(r->err, "0A000", "formatting field \"%.*s\" is only supported in to_char",
			       n->len, n->text);
		return false;
	}
	/* a minus sign may have been taken for a separator */
	if (*r->at == '+' || *r->at == '-' || *r->at == ' ')
		r->f.zone_sign = *r->at++ == '-' ? -1 : 1;
	else
		r->f.zone_sign = r->skipped > 0 && r->at > r->text && r->at[-1] == '-' ? -1 : 1;
	return read_int(r, n, 2, &r->f.zone_hour, &used);
}

static int convention_of(sl_field f)
{
	switch (f) {
	case SL_F_ISO_DOY: case SL_F_ISO_DOW: case SL_F_ISO_WEEK: case SL_F_ISO_YEAR:
		return ISO_WEEKS;
	case SL_F_DOY: case SL_F_DAY: case SL_F_DOW: case SL_F_MONTH: case SL_F_MONTH_NAME:
	case SL_F_MONTH_SHORT: case SL_F_ROMAN_MONTH: case SL_F_WEEK: case SL_F_MONTH_WEEK:
	case SL_F_YEAR: case SL_F_YEAR_COMMA:
		return GREGORIAN;
	default:
		return ANY_DATES;
	}
}

static bool check_convention(reader *r, const sl_node *n)
{
	int convention = convention_of(n->field);

	if (!convention || r->f.convention == convention)
		return true;
	if (r->f.convention) {
		amph__error(r->err, "22007", "invalid combination of date conventions");
		return false;
	}
	r->f.convention = convention;
	return true;
}

static bool read_date_field(reader *r, const sl_node *n)
{
	fields *f = &r->f;
	int used;

	switch (n->field) {
	case SL_F_CENTURY: return read_number(r, n, &f->century);
	case SL_F_DOY: return read_number(r, n, &f->day_of_year);
	case SL_F_ISO_DOY:
		if (!read_int(r, n, 3, &f->day_of_year, &used))
			return false;
		skip_th(r, n);
		return true;
	case SL_F_DAY: return read_number(r, n, &f->day_of_month);
	case SL_F_DOW: return read_number(r, n, &f->day_of_week);
	case SL_F_ISO_DOW:
		if (!read_int(r, n, 1, &f->day_of_week, &used))
			return false;
		f->day_of_week = f->day_of_week + 1 > 7 ? 1 : f->day_of_week + 1;
		skip_th(r, n);
		return true;
	case SL_F_WEEK:
	case SL_F_ISO_WEEK: return read_number(r, n, &f->week);
	case SL_F_MONTH_WEEK: return read_number(r, n, &f->month_week);
	case SL_F_MONTH: return read_number(r, n, &f->month);
	case SL_F_QUARTER: return read_number(r, n, NULL);
	case SL_F_JULIAN: return read_number(r, n, &f->julian);
	case SL_F_YEAR: case SL_F_ISO_YEAR: case SL_F_YEAR_COMMA: return read_year(r, n);
	case SL_F_AD: case SL_F_AD_DOTS: return read_half(r, n);
	default: return read_name(r, n);
	}
}

static bool read_field(reader *r, const sl_node *n)
{
	fields *f = &r->f;

	switch (n->field) {
	case SL_F_FX:
		r->fixed = true;
		return true;
	case SL_F_AM: case SL_F_AM_DOTS: return read_half(r, n);
	case SL_F_HOUR12:
		f->clock12 = true;
		return read_number(r, n, &f->hour);
	case SL_F_HOUR24: return read_number(r, n, &f->hour);
	case SL_F_MINUTE: return read_number(r, n, &f->minute);
	case SL_F_SECOND: return read_number(r, n, &f->second);
	case SL_F_SECONDS: return read_number(r, n, &f->seconds);
	case SL_F_MS: return read_fraction(r, n, 3, &f->ms);
	case SL_F_FRACTION:
		f->digits = n->size + 1;
		return read_fraction(r, n, n->size, &f->us);
	case SL_F_US: return read_fraction(r, n, 6, &f->us);
	case SL_F_ZONE: case SL_F_OFFSET: case SL_F_ZONE_HOUR: case SL_F_ZONE_MINUTE:
		return read_zone(r, n);
	default: return read_date_field(r, n);
	}
}

static void skip_spaces(reader *r)
{
	for (; amph__is_space(*r->at); r->at++)
		r->skipped++;
}

static bool is_separator(char ch)
{
	if ((unsigned char)ch <= 0x20 || (unsigned char)ch >= 0x7f || amph__is_digit(ch))
		return false;
	return !((ch | 32) >= 'a' && (ch | 32) <= 'z');
}

static bool match_literal(reader *r, const sl_node *n)
{
	if (strncmp(r->at, n->text, n->len))
		return amph__error(r->err, "22007", "unmatched format %s \"%.*s\"",
				   n->kind == SL_NODE_CHAR ? "character" : "separator", n->len, n->text);
	r->at += n->len;
	return true;
}

/* One character of the template that is no field takes one of the text. */
static void skip_literal(reader *r, const sl_node *n)
{
	if (r->fixed) {
		skip_char(r);
	} else if (n->kind == SL_NODE_CHAR) {
		if (r->skipped > 0)
			r->skipped--;
		else
			skip_char(r);
	} else {
		r->skipped--;
		if (amph__is_space(*r->at) || is_separator(*r->at)) {
			r->at++;
			r->skipped++;
		}
	}
}

static bool check_end(reader *r, size_t i)
{
	if (!r->exact)
		return true;
	if (i < r->t->n)
		return amph__error(r->err, "22007", "input string is too short for datetime format");
	skip_spaces(r);
	if (*r->at)
		return amph__error(r->err, "22007", "trailing characters remain in input string after "
				   "datetime format");
	return true;
}

static bool read_all(reader *r)
{
	size_t i = 0;

	for (; i < r->t->n && *r->at; i++) {
		const sl_node *n = &r->t->nodes[i];
		bool field = n->kind == SL_NODE_FIELD;

		if (!r->fixed && (field ? n->field != SL_F_FX : i == 0))
			skip_spaces(r);
		if (!field && r->exact) {
			if (!match_literal(r, n))
				return false;
			continue;
		}
		if (!field) {
			skip_literal(r, n);
			continue;
		}
		if (!check_convention(r, n) || !read_field(r, n))
			return false;
		if (!r->fixed) {
			r->skipped = 0;
			skip_spaces(r);
		}
	}
	return check_end(r, i);
}

/* ---- what the fields mean ---- */

enum { HAS_YEAR = 1, HAS_MONTH = 2, HAS_DAY = 4, HAS_DATE = 7 };

typedef struct result {
	int64_t year, month, day;
	int hour, minute, second, usec;
	int has;
} result;

static bool out_of_range(reader *r)
{
	amph__error(r->err, "22008", "date/time field value out of range: \"%s\"", r->text);
	return false;
}

static bool set_clock(reader *r, result *out)
{
	const fields *f = &r->f;

	if (f->seconds) {
		out->hour = f->seconds / 3600;
		out->minute = f->seconds % 3600 / 60;
		out->second = f->seconds % 60;
	}
	out->second = f->second ? f->second : out->second;
	out->minute = f->minute ? f->minute : out->minute;
	out->hour = f->hour ? f->hour : out->hour;
	if (f->clock12) {
		if (out->hour < 1 || out->hour > 12) {
			amph__error(r->err, "22007", "hour \"%d\" is invalid for the 12-hour clock",
				       out->hour);
			return false;
		}
		if (f->pm && out->hour < 12)
			out->hour += 12;
		else if (!f->pm && out->hour == 12)
			out->hour = 0;
	}
	out->usec = f->ms * 1000 + f->us;
	return true;
}

static void set_year(const fields *f, result *out)
{
	int64_t century = f->bc ? -(int64_t)f->century : f->century;

	if (f->year && f->century && f->year_size <= 2) {
		out->year = f->year % 100;
		if (!out->year)
			out->year = century * 100 + (century < 0);
		else
			out->year = century >= 0 ? out->year + (century - 1) * 100
						 : (century + 1) * 100 - out->year + 1;
	} else if (f->year) {
		out->year = f->bc ? -(int64_t)f->year : f->year;
		out->year += out->year < 0;
	} else if (f->century) {
		out->year = century >= 0 ? (century - 1) * 100 + 1 : century * 100 + 1;
	} else {
		return;
	}
	out->has |= HAS_YEAR;
}

static void set_date(int64_t days, result *out)
{
	sl_civil date = amph__sl_civil_of(days);

	out->year = date.year;
	out->month = date.month;
	out->day = date.day;
	out->has |= HAS_DATE;
}

/* The Monday of an ISO year's first week. */
static int64_t iso_start(int64_t year)
{
	int64_t days = amph__sl_days_of((sl_civil){ year, 1, 4 });

	return days - (days + 3 - 7 * amph__sl_floor_div(days + 3, 7));
}

static void set_week(fields *f, result *out)
{
	int64_t start;

	if (f->convention != ISO_WEEKS) {
		f->day_of_year = (f->week - 1) * 7 + 1;
		return;
	}
	start = iso_start(out->year) + (int64_t)(f->week - 1) * 7;
	if (f->day_of_week)
		start += f->day_of_week > 1 ? f->day_of_week - 2 : 6;
	set_date(start, out);
}

static bool set_day_of_year(reader *r, result *out)
{
	const fields *f = &r->f;
	int64_t month = 1, rest = f->day_of_year;

	if (!out->year && !f->bc) {
		amph__error(r->err, "22007", "cannot calculate day of year without year information");
		return false;
	}
	if (f->convention == ISO_WEEKS) {
		set_date(iso_start(out->year) + f->day_of_year - 1, out);
		return true;
	}
	for (; month <= 12 && rest > amph__sl_month_days(out->year, (int)month); month++)
		rest -= amph__sl_month_days(out->year, (int)month);
	if (out->month <= 1)
		out->month = month;
	if (out->day <= 1)
		out->day = rest;
	out->has |= HAS_MONTH | HAS_DAY;
	return true;
}

static bool is_valid(const result *t)
{
	if (t->has & HAS_MONTH && (t->month < 1 || t->month > 12))
		return false;
	if (t->has & HAS_DAY && (t->day < 1 || t->day > 31))
		return false;
	if (t->has == HAS_DATE && t->day > amph__sl_month_days(t->year, (int)t->month))
		return false;
	return t->hour >= 0 && t->hour < 24 && t->minute >= 0 && t->minute < 60 && t->second >= 0 &&
	       t->second < 60 && t->usec >= 0 && t->usec < 1000000;
}

static bool set_fields(reader *r, result *out)
{
	fields *f = &r->f;

	*out = (result){ .month = 1, .day = 1 };
	if (!set_clock(r, out))
		return false;
	set_year(f, out);
	if (f->julian)
		set_date((int64_t)f->julian - 2440588, out);
	if (f->week)
		set_week(f, out);
	if (f->month_week)
		f->day_of_month = (f->month_week - 1) * 7 + 1;
	if (f->day_of_month) {
		out->day = f->day_of_month;
		out->has |= HAS_DAY;
	}
	if (f->month) {
		out->month = f->month;
		out->has |= HAS_MONTH;
	}
	if (f->day_of_year && (out->month <= 1 || out->day <= 1) && !set_day_of_year(r, out))
		return false;
	if (!is_valid(out))
		return out_of_range(r);
	if (f->zone_sign && (f->zone_hour < 0 || f->zone_hour > 15 || f->zone_minute < 0 ||
			     f->zone_minute > 59)) {
		amph__error(r->err, "22009", "time zone displacement out of range: \"%s\"", r->text);
		return false;
	}
	return true;
}

/* ---- functions ---- */

static void convert(sl_call *c)
{
	amph_error err;
	reader r = { .c = c, .err = &err };
	sl_template t;
	result out;
	size_t len;
	const char *text = amph__sl_text(c, 1, &len);
	int64_t days, usec;

	r.t = &t;
	if (!amph__sl_template_read(c, text, len, false, &t))
		return;
	text = amph__sl_text(c, 0, &len);
	r.text = r.at = amph__arena_text(c->arena, text, len);
	if (!r.text)
		return;
	if (!read_all(&r) || !set_fields(&r, &out)) {
		amph__sl_raise_error(c, &err);
		return;
	}
	days = amph__sl_days_of((sl_civil){ out.year, (int)out.month, (int)out.day });
	if (c->arg == AMPH_T_DATE) {
		if (days < -2440588 || days > INT64_C(2145031948)) {
			amph__sl_raise(c, "22008", "date out of range: \"%s\"", r.text);
			return;
		}
		amph__sl_result_of(c, AMPH_T_DATE, &(amph_date){ (int32_t)days });
		return;
	}
	usec = ((int64_t)out.hour * 3600 + out.minute * 60 + out.second) * USEC_PER_SEC + out.usec;
	usec -= r.f.zone_sign * (r.f.zone_hour * USEC_PER_HOUR + r.f.zone_minute * USEC_PER_MINUTE);
	if (days < -2440588 || days > 106741035) {
		amph__sl_raise(c, "22008", "timestamp out of range");
		return;
	}
	usec += days * USEC_PER_DAY;
	amph__sl_result_usec(c, AMPH_T_TIMESTAMPTZ,
			     r.f.digits ? amph__sl_round_moment(usec, r.f.digits - 1) : usec);
}

/* ---- moments of SQL/JSON ---- */

enum { DATED = 1, TIMED = 2, ZONED = 4 };

static unsigned parts_of(const sl_template *t)
{
	unsigned parts = 0;

	for (size_t i = 0; i < t->n; i++)
		switch (t->nodes[i].field) {
		case SL_F_NONE: case SL_F_FX: case SL_F_ISO_WEEK: break; /* a week alone is no date */
		case SL_F_AM: case SL_F_AM_DOTS: case SL_F_HOUR12: case SL_F_HOUR24: case SL_F_MINUTE:
		case SL_F_SECOND: case SL_F_SECONDS: case SL_F_MS: case SL_F_US: case SL_F_FRACTION:
			parts |= TIMED;
			break;
		case SL_F_ZONE_HOUR: case SL_F_ZONE_MINUTE: parts |= ZONED; break;
		default: parts |= DATED;
		}
	return parts;
}

static bool set_moment_day(const reader *r, int64_t days, sl_moment *out)
{
	if (out->type == AMPH_T_DATE) {
		if (days < -2440588 || days > INT64_C(2145031948))
			return amph__error(r->err, "22008", "date out of range: \"%s\"", r->text);
		out->days = days;
	} else if (out->type == AMPH_T_TIMESTAMP || out->type == AMPH_T_TIMESTAMPTZ) {
		if (days < -2440588 || days > 106741035)
			return amph__error(r->err, "22008", "timestamp out of range");
		out->usec += days * USEC_PER_DAY;
	}
	return true;
}

/* To so many digits of a second, half away from zero. */
static int64_t rounded(int64_t usec, int digits)
{
	int64_t unit = 1, rest;

	for (; digits < 6; digits++)
		unit *= 10;
	rest = usec % unit;
	return usec - rest + (rest * 2 >= unit ? unit : rest * 2 <= -unit ? -unit : 0);
}

static bool set_moment(const reader *r, unsigned parts, const result *t, sl_moment *out)
{
	const fields *f = &r->f;
	int64_t days = amph__sl_days_of((sl_civil){ t->year, (int)t->month, (int)t->day });
	int digits = 0;

	if (!(parts & (DATED | TIMED)))
		return amph__error(r->err, "22007", parts & ZONED
				   ? "datetime format is zoned but not timed"
				   : "datetime format is not dated and not timed");
	if (parts == (DATED | ZONED))
		return amph__error(r->err, "22007", "datetime format is zoned but not timed");
	for (size_t i = 0; i < r->t->n; i++)
		if (r->t->nodes[i].field == SL_F_FRACTION)
			digits = r->t->nodes[i].size;
	*out = (sl_moment){ .zoned = parts & ZONED };
	out->type = !(parts & TIMED) ? AMPH_T_DATE : !(parts & DATED) ? AMPH_T_TIME
		    : parts & ZONED ? AMPH_T_TIMESTAMPTZ : AMPH_T_TIMESTAMP;
	out->zone = f->zone_sign * (f->zone_hour * 60 + f->zone_minute);
	out->usec = ((int64_t)t->hour * 3600 + t->minute * 60 + t->second) * USEC_PER_SEC + t->usec;
	if (!set_moment_day(r, days, out))
		return false;
	if (out->type == AMPH_T_TIMESTAMPTZ)
		out->usec -= out->zone * USEC_PER_MINUTE;
	if (digits)
		out->usec = rounded(out->usec, digits);
	return true;
}

/* Between fields stand separators, other characters only in quotes. */
static bool check_separators(sl_call *c, const char *text, size_t len)
{
	sl_template t;

	if (!amph__sl_template_read(c, text, len, false, &t))
		return false;
	for (size_t i = 0; i < t.n; i++)
		if (!t.nodes[i].field && !t.nodes[i].quoted &&
		    (t.nodes[i].len != 1 || !strchr("-./,':; ", *t.nodes[i].text))) {
			amph__sl_raise(c, "22007", "invalid datetime format separator: \"%.*s\"",
				       t.nodes[i].len, t.nodes[i].text);
			return false;
		}
	return true;
}

bool amph__sl_moment_read(sl_call *c, const char *text, const char *template, size_t len, sl_moment *out,
			  amph_error *err)
{
	reader r = { .c = c, .text = text, .at = text, .fixed = true, .exact = true, .err = err };
	sl_template t;
	result said;

	amph__error_clear(err);
	if (!check_separators(c, template, len) || !amph__sl_template_read(c, template, len, false, &t))
		return false;
	r.t = &t;
	return read_all(&r) && set_fields(&r, &said) && set_moment(&r, parts_of(&t), &said, out);
}

static const sl_function rows[] = {
	{ "to_date_text_text", 2, 0, convert, AMPH_T_DATE },
	{ "to_timestamp_text_text", 2, 0, convert, AMPH_T_TIMESTAMPTZ }
};
const sl_functions amph__sl_fromchar_functions = { rows, sizeof(rows) / sizeof(rows[0]) };
