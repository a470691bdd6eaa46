/* Making sense of the fields of a date or time, as PostgreSQL does with DateStyle ISO, MDY: which
 * number is the year, the month or the day follows from its length, from what was seen before it
 * and from words beside it. */
#include "datetime.h"

enum {
	HAS_YEAR = 1, HAS_MONTH = 2, HAS_DAY = 4, HAS_DAY_OF_YEAR = 8,
	HAS_HOUR = 16, HAS_MINUTE = 32, HAS_SECOND = 64, HAS_FRACTION = 128,
	HAS_ZONE = 256, HAS_DAYLIGHT_ZONE = 512, HAS_DAYLIGHT = 1024, HAS_MERIDIEM = 2048,
	HAS_ERA = 4096, HAS_WEEKDAY = 8192, HAS_SPECIAL = 16384,
	HAS_DATE = HAS_YEAR | HAS_MONTH | HAS_DAY,
	HAS_SECONDS = HAS_SECOND | HAS_FRACTION,
	HAS_TIME = HAS_HOUR | HAS_MINUTE | HAS_SECONDS
};

typedef struct decoder {
	amph_fields *fields;
	size_t at;                      /* the field in hand */
	bool time_only;
	unsigned seen, got;             /* by all fields before; by this one */
	int unit;                       /* of a label whose number is yet to come */
	int day_of_year, meridiem;
	bool text_month, short_year, julian, bc;
	amph_moment m;
} decoder;

static unsigned got_date(const decoder *d)
{
	return d->seen & HAS_DATE;
}

/* The digits of at, up to end, as a number. */
static int number_of(const char *at, const char *end)
{
	int64_t n = 0;
	for (; at < end && amph__is_digit(*at) && n < INT32_MAX; at++)
		n = n * 10 + (*at - '0');
	return n < INT32_MAX ? (int)n : INT32_MAX;
}

/* Digits run together: yymmdd or more before the date is known, hhmmss or hhmm after; a fraction
 * is of the seconds. */
static amph_moment_state take_run(decoder *d, char *text, size_t len, unsigned seen)
{
	char *point = memchr(text, '.', len), *end = point != NULL ? point : text + len;
	if (point != NULL) {
		size_t n = 1;
		while (amph__is_digit(point[n]))
			n++;
		d->m.usec = (int)amph__round_even(amph__read_decimal(point, n) * 1000000);
		len = (size_t)(point - text);
	} else if ((seen & HAS_DATE) != HAS_DATE && len >= 6) {
		d->got = HAS_DATE;
		d->m.day = number_of(end - 2, end);
		d->m.month = number_of(end - 4, end - 2);
		d->m.year = number_of(text, end - 4);
		d->short_year = d->short_year || len == 6;
		return AMPH_MOMENT_OK;
	}
	if ((seen & HAS_TIME) == HAS_TIME || (len != 6 && len != 4))
		return AMPH_MOMENT_SYNTAX;
	d->got = HAS_TIME;
	d->m.hour = number_of(text, text + 2);
	d->m.minute = number_of(text + 2, text + 4);
	d->m.second = len == 6 ? number_of(text + 4, end) : 0;
	return AMPH_MOMENT_OK;
}

/* What a number is, going by what is known of the date. */
static unsigned role_of_number(size_t len, unsigned seen, bool text_month)
{
	switch (seen & HAS_DATE) {
	case 0:
		return len >= 3 ? HAS_YEAR : HAS_MONTH;
	case HAS_YEAR:
		return HAS_MONTH;
	case HAS_MONTH:
		return text_month && len >= 3 ? HAS_YEAR : HAS_DAY;
	case HAS_YEAR | HAS_MONTH:
		return HAS_DAY;
	case HAS_DAY:
		return HAS_MONTH;
	case HAS_MONTH | HAS_DAY:
		return HAS_YEAR;
	default:
		return 0;
	}
}

static void set_role(decoder *d, unsigned role, int value, size_t len)
{
	if (role == HAS_DAY && d->text_month && len >= 3 && d->short_year) {
		/* 24-jan-2024: what was taken for a year is the day */
		d->m.day = (int)d->m.year;
		d->m.year = value;
		d->short_year = false;
	} else if (role == HAS_DAY) {
		d->m.day = value;
	} else if (role == HAS_MONTH) {
		d->m.month = value;
	} else {
		d->m.year = value;
		d->short_year = len <= 2;
	}
	d->got = role;
}

static amph_moment_state take_number(decoder *d, char *text, unsigned seen)
{
	const char *at = text;
	size_t len = strlen(text);
	int value;
	d->got = 0;
	if (!amph__read_int(&at, &value))
		return AMPH_MOMENT_RANGE;
	if (at == text)
		return AMPH_MOMENT_SYNTAX;
	if (*at == '.') {
		if (at - text > 2)
			return take_run(d, text, len, seen | HAS_DATE);
		if (!amph__read_fraction(at, &d->m.usec))
			return AMPH_MOMENT_SYNTAX;
	} else if (*at != '\0') {
		return AMPH_MOMENT_SYNTAX;
	}
	if (len == 3 && (seen & HAS_DATE) == HAS_YEAR && value >= 1 && value <= 366) {
		d->day_of_year = value;
		d->got = HAS_DAY_OF_YEAR | HAS_MONTH | HAS_DAY;
		return AMPH_MOMENT_OK;
	}
	unsigned role = role_of_number(len, seen, d->text_month);
	if (role == 0)
		return (seen & HAS_DATE) == HAS_DATE ? take_run(d, text, len, seen)
						     : AMPH_MOMENT_SYNTAX;
	set_role(d, role, value, len);
	return AMPH_MOMENT_OK;
}

/* The parts of a date: at most AMPH_FIELDS_MAX runs of digits or of letters, whatever is between
 * them. 0: not that. */
static size_t split_date(char *at, char *parts[AMPH_FIELDS_MAX])
{
	size_t n = 0;
	while (*at != '\0' && n < AMPH_FIELDS_MAX) {
		while (*at != '\0' && !amph__is_digit(*at) && !amph__is_alpha(*at))
			at++;
		if (*at == '\0')
			return 0;
		parts[n++] = at;
		bool digits = amph__is_digit(*at);
		while (digits ? amph__is_digit(*at) : amph__is_alpha(*at))
			at++;
		if (*at != '\0')
			*at++ = '\0';
	}
	return n;
}

/* The name of a month first, which settles what the numbers are. */
static amph_moment_state take_date(decoder *d, char *text)
{
	char *parts[AMPH_FIELDS_MAX];
	unsigned seen = d->seen, all = 0;
	bool text_month = d->text_month;
	size_t n = split_date(text, parts);
	if (n == 0)
		return AMPH_MOMENT_SYNTAX;
	d->text_month = false;          /* only one within the date counts there */
	for (size_t i = 0; i < n; i++) {
		int value;
		if (!amph__is_alpha(*parts[i]))
			continue;
		amph_word_kind kind = amph__date_word(parts[i], &value);
		if (kind == AMPH_WORD_IGNORED)
			continue;
		if (kind != AMPH_WORD_MONTH || (seen & HAS_MONTH) != 0)
			return AMPH_MOMENT_SYNTAX;
		d->m.month = value;
		d->text_month = true;
		seen |= HAS_MONTH;
		all |= HAS_MONTH;
		parts[i] = NULL;
	}
	for (size_t i = 0; i < n; i++) {
		if (parts[i] == NULL)
			continue;
		amph_moment_state state = take_number(d, parts[i], seen);
		if (state != AMPH_MOMENT_OK)
			return state;
		if ((seen & d->got) != 0)
			return AMPH_MOMENT_SYNTAX;
		seen |= d->got;
		all |= d->got;
	}
	d->got = all;
	d->text_month = text_month;
	return (seen & ~(unsigned)(HAS_DAY_OF_YEAR | HAS_ZONE)) == HAS_DATE ? AMPH_MOMENT_OK
									    : AMPH_MOMENT_SYNTAX;
}

/* hh:mm, hh:mm:ss.fff and mm:ss.fff */
static amph_moment_state take_time(decoder *d, const char *at)
{
	amph_moment *m = &d->m;
	d->got = HAS_TIME;
	if (!amph__read_int(&at, &m->hour))
		return AMPH_MOMENT_RANGE;
	if (*at != ':')
		return AMPH_MOMENT_SYNTAX;
	at++;
	if (!amph__read_int(&at, &m->minute))
		return AMPH_MOMENT_RANGE;
	m->second = m->usec = 0;
	if (*at == '.') {
		m->second = m->minute;
		m->minute = m->hour;
		m->hour = 0;
	} else if (*at == ':') {
		at++;
		if (!amph__read_int(&at, &m->second))
			return AMPH_MOMENT_RANGE;
	}
	if (*at == '.' ? !amph__read_fraction(at, &m->usec) : *at != '\0')
		return AMPH_MOMENT_SYNTAX;
	return m->minute > 59 || m->second > 60 ? AMPH_MOMENT_RANGE : AMPH_MOMENT_OK;
}

static bool is_past_day(const amph_moment *m)
{
	return m->hour > 24 || m->minute > 59 || m->second > 60 ||
	       m->hour * AMPH_USEC_HOUR + m->minute * AMPH_USEC_MINUTE +
	       m->second * AMPH_USEC_SECOND + m->usec > AMPH_USEC_DAY;
}

amph_moment_state amph__offset_read(const char *text, int *out)
{
	const char *at = text + 1;
	int hour, minute = 0, second = 0;
	if (*text != '+' && *text != '-')
		return AMPH_MOMENT_SYNTAX;
	bool fits = amph__read_int(&at, &hour);
	if (fits && *at == ':') {
		at++;
		fits = amph__read_int(&at, &minute);
		if (fits && *at == ':') {
			at++;
			fits = amph__read_int(&at, &second);
		}
	} else if (fits && *at == '\0' && strlen(text) > 3) {
		minute = hour % 100;
		hour /= 100;
	}
	if (!fits || hour < 0 || hour > 15 || minute < 0 || minute > 59 || second < 0 ||
	    second > 59)
		return AMPH_MOMENT_ZONE_RANGE;
	*out = (hour * 60 + minute) * 60 + second;
	if (*text == '-')
		*out = -*out;
	return *at == '\0' ? AMPH_MOMENT_OK : AMPH_MOMENT_SYNTAX;
}

static amph_moment_state take_offset(decoder *d, const char *text)
{
	d->got = HAS_ZONE;
	return amph__offset_read(text, &d->m.zone);
}

static amph_moment_state take_named(decoder *d, const char *name, bool abbreviated)
{
	d->m.named = true;
	d->m.abbreviated = abbreviated;
	(void)amph__copy_out(d->m.name, sizeof(d->m.name), name, strlen(name));
	d->got = HAS_ZONE;
	return AMPH_MOMENT_OK;
}

amph_moment_state amph__moment_zone(const char *name, const char *abbreviation, amph_zone *out)
{
	static const amph_moment_state states[] = {
		[AMPH_ZONE_KNOWN] = AMPH_MOMENT_OK, [AMPH_ZONE_UNKNOWN] = AMPH_MOMENT_ZONE_UNKNOWN,
		[AMPH_ZONE_NO_FILES] = AMPH_MOMENT_ZONE_NAMED
	};

	return states[amph__zone_open(name, abbreviation, out)];
}

/* What has punctuation in it and is no date: the name of a zone ("europe/paris", "est5edt",
 * "foo-03:30"), or none. */
static amph_moment_state take_zone_name(decoder *d, const char *text)
{
	amph_zone zone;

	if (strlen(text) >= AMPH_ZONE_NAME_MAX)
		return AMPH_MOMENT_ZONE_UNKNOWN;
	amph_moment_state state = amph__moment_zone(text, NULL, &zone);
	if (state != AMPH_MOMENT_OK)
		return state;
	if (zone.n > 0 || zone.start.kind)
		return take_named(d, text, false);
	/* one offset for ever: a time needs no date for it */
	d->m.zone = amph__zone_offset(&zone, 0);
	d->got = HAS_ZONE;
	return AMPH_MOMENT_OK;
}

/* hhmmss-08 */
static amph_moment_state take_run_with_zone(decoder *d, char *text, unsigned seen)
{
	char *minus = strchr(text, '-');
	if ((d->seen & HAS_TIME) == HAS_TIME || minus == NULL)
		return AMPH_MOMENT_SYNTAX;
	amph_moment_state state = take_offset(d, minus);
	if (state != AMPH_MOMENT_OK)
		return state;
	state = take_run(d, text, (size_t)(minus - text), seen);
	d->got |= HAS_ZONE;
	return state;
}

static amph_moment_state take_julian_day(decoder *d, int value)
{
	amph_civil c = amph__civil_of(value + AMPH_DATE_MIN);
	d->m.year = c.year;
	d->m.month = (int)c.month;
	d->m.day = (int)c.day;
	d->julian = true;
	d->got = HAS_DATE;
	return AMPH_MOMENT_OK;
}

/* The fraction of a Julian day. */
static amph_moment_state take_day_fraction(decoder *d, const char *at)
{
	size_t n = 1;
	while (amph__is_digit(at[n]))
		n++;
	if (at[n] != '\0')
		return AMPH_MOMENT_SYNTAX;
	int64_t usec = (int64_t)(amph__read_decimal(at, n) * (double)AMPH_USEC_DAY);
	d->m.hour = (int)(usec / AMPH_USEC_HOUR);
	d->m.minute = (int)(usec / AMPH_USEC_MINUTE % 60);
	d->m.second = (int)(usec / AMPH_USEC_SECOND % 60);
	d->m.usec = (int)(usec % AMPH_USEC_SECOND);
	d->got |= HAS_TIME;
	return AMPH_MOMENT_OK;
}

static amph_moment_state take_date_field(decoder *d, char *text)
{
	const amph_fields *f = d->fields;
	if (d->time_only) {
		bool date = d->at == 0 && f->n >= 2 && (f->field[f->n - 1].kind == AMPH_FIELD_DATE ||
							f->field[1].kind == AMPH_FIELD_TIME);
		if (date)
			return take_date(d, text);
		return amph__is_digit(*text) ? take_run_with_zone(d, text, d->seen | HAS_DATE)
					     : take_zone_name(d, text);
	}
	if (d->unit == AMPH_UNIT_JULIAN) {
		const char *at = text;
		int value;
		d->unit = 0;
		if (!amph__read_int(&at, &value))
			return AMPH_MOMENT_RANGE;
		amph_moment_state state = take_offset(d, at);
		if (state != AMPH_MOMENT_OK)
			return state;
		take_julian_day(d, value);
		d->got |= HAS_TIME | HAS_ZONE;
		return AMPH_MOMENT_OK;
	}
	unsigned month_day = HAS_MONTH | HAS_DAY;       /* as in "Jan 2 030405-08 2024" */
	if ((d->seen & month_day) != month_day && d->unit == 0)
		return take_date(d, text);
	if (!amph__is_digit(*text) && d->unit == 0)
		return take_zone_name(d, text);
	if (d->unit != 0 && d->unit != AMPH_UNIT_TIME)
		return AMPH_MOMENT_SYNTAX;
	d->unit = 0;
	return take_run_with_zone(d, text, d->seen);
}

static amph_moment_state take_time_field(decoder *d, char *text)
{
	if (!d->time_only && d->unit != 0 && d->unit != AMPH_UNIT_TIME)
		return AMPH_MOMENT_SYNTAX;
	if (!d->time_only)
		d->unit = 0;
	amph_moment_state state = take_time(d, text);
	if (state == AMPH_MOMENT_OK && !d->time_only && is_past_day(&d->m))
		return AMPH_MOMENT_RANGE;
	return state;
}

static amph_moment_state take_zone_field(decoder *d, char *text)
{
	return take_offset(d, text);
}

/* A number that a word before it has labelled: y2024 m1 d2, j2451187, t040506. */
static amph_moment_state take_labelled(decoder *d, char *text)
{
	const char *at = text;
	int value, unit = d->unit;
	d->unit = 0;
	d->m.special = AMPH_SPECIAL_NONE;
	if (!amph__read_int(&at, &value))
		return AMPH_MOMENT_RANGE;
	bool point = *at == '.';
	bool may_have_point = unit == AMPH_UNIT_JULIAN || unit == AMPH_UNIT_TIME ||
			      unit == AMPH_UNIT_SECOND;
	if ((*at != '\0' && !point) || (point && !may_have_point))
		return AMPH_MOMENT_SYNTAX;
	switch (unit) {
	case AMPH_UNIT_YEAR:
		d->m.year = value;
		d->got = HAS_YEAR;
		return AMPH_MOMENT_OK;
	case AMPH_UNIT_MONTH:
		if ((d->seen & HAS_MONTH) != 0 && (d->seen & HAS_HOUR) != 0) {
			d->m.minute = value;
			d->got = HAS_MINUTE;
		} else {
			d->m.month = value;
			d->got = HAS_MONTH;
		}
		return AMPH_MOMENT_OK;
	case AMPH_UNIT_DAY:
		d->m.day = value;
		d->got = HAS_DAY;
		return AMPH_MOMENT_OK;
	case AMPH_UNIT_HOUR:
		d->m.hour = value;
		d->got = HAS_HOUR;
		return AMPH_MOMENT_OK;
	case AMPH_UNIT_MINUTE:
		d->m.minute = value;
		d->got = HAS_MINUTE;
		return AMPH_MOMENT_OK;
	case AMPH_UNIT_SECOND:
		d->m.second = value;
		d->got = point ? HAS_SECONDS : HAS_SECOND;
		return !point || amph__read_fraction(at, &d->m.usec) ? AMPH_MOMENT_OK
								     : AMPH_MOMENT_SYNTAX;
	case AMPH_UNIT_JULIAN:
		take_julian_day(d, value);
		return point ? take_day_fraction(d, at) : AMPH_MOMENT_OK;
	case AMPH_UNIT_TIME: {
		amph_moment_state state = take_run(d, text, strlen(text), d->seen | HAS_DATE);
		return state == AMPH_MOMENT_OK && d->got != HAS_TIME ? AMPH_MOMENT_SYNTAX : state;
	}
	default:
		return AMPH_MOMENT_SYNTAX;
	}
}

static amph_moment_state take_number_of_time(decoder *d, char *text, size_t len, const char *point)
{
	const amph_fields *f = d->fields;
	unsigned seen = d->seen | HAS_DATE;
	if (point == NULL)
		return len > 4 ? take_run(d, text, len, seen) : take_number(d, text, seen);
	if (d->at == 0 && f->n >= 2 && f->field[f->n - 1].kind == AMPH_FIELD_DATE)
		return take_date(d, text);
	return point - text > 2 ? take_run(d, text, len, seen) : AMPH_MOMENT_SYNTAX;
}

/* Six digits or more are a date or a time run together, fewer are one field. */
static amph_moment_state take_number_field(decoder *d, char *text)
{
	size_t len = strlen(text);
	const char *point = strchr(text, '.');
	if (d->unit != 0)
		return take_labelled(d, text);
	if (d->time_only)
		return take_number_of_time(d, text, len, point);
	if (point != NULL && got_date(d) == 0)
		return take_date(d, text);
	bool run = (point != NULL && point - text > 2) ||
		   (len >= 6 && (got_date(d) == 0 || (d->seen & HAS_TIME) == 0));
	return run ? take_run(d, text, len, d->seen) : take_number(d, text, d->seen);
}

static amph_moment_state take_special(decoder *d, int value)
{
	if (value == AMPH_SPECIAL_MIDNIGHT) {
		d->m.hour = d->m.minute = d->m.second = d->m.usec = 0;
		d->m.zone = 0;
		d->m.special = AMPH_SPECIAL_NONE;
		d->got = HAS_TIME | HAS_ZONE;
		return AMPH_MOMENT_OK;
	}
	if (d->time_only)
		return AMPH_MOMENT_SYNTAX;
	d->m.special = value;
	d->got = HAS_SPECIAL;
	return AMPH_MOMENT_OK;
}

/* A month in letters: a number that was taken for the month is the day then. */
static amph_moment_state take_month(decoder *d, int value)
{
	d->got = HAS_MONTH;
	if ((d->seen & HAS_MONTH) != 0 && !d->text_month && (d->seen & HAS_DAY) == 0 &&
	    d->m.month >= 1 && d->m.month <= 31) {
		d->m.day = d->m.month;
		d->got = HAS_DAY;
	}
	d->text_month = true;
	d->m.month = value;
	return AMPH_MOMENT_OK;
}

/* The T of ISO 8601: a time has to follow, a date to be there. */
static amph_moment_state take_time_label(decoder *d, int value)
{
	const amph_fields *f = d->fields;
	if (!d->time_only && got_date(d) != HAS_DATE)
		return AMPH_MOMENT_SYNTAX;
	amph_field_kind next = d->at + 1 < f->n ? f->field[d->at + 1].kind : AMPH_FIELD_WORD;
	if (next != AMPH_FIELD_NUMBER && next != AMPH_FIELD_TIME && next != AMPH_FIELD_DATE)
		return AMPH_MOMENT_SYNTAX;
	d->unit = value;
	return AMPH_MOMENT_OK;
}

static amph_moment_state take_zone_word(decoder *d, amph_word_kind kind, int value)
{
	if (kind == AMPH_WORD_DAYLIGHT) {
		d->m.zone += value;
		d->got = HAS_DAYLIGHT | HAS_DAYLIGHT_ZONE;
		return AMPH_MOMENT_OK;
	}
	d->m.zone = value;
	d->got = kind == AMPH_WORD_ZONE ? HAS_ZONE : HAS_ZONE | HAS_DAYLIGHT_ZONE;
	return AMPH_MOMENT_OK;
}

static amph_moment_state take_word_field(decoder *d, char *text)
{
	int value = 0;
	char path[512];
	amph_word_kind kind = amph__date_word(text, &value);
	switch (kind) {
	case AMPH_WORD_IGNORED:
		return AMPH_MOMENT_OK;
	case AMPH_WORD_CLOCK:
		return d->time_only && strcmp(text, "now") != 0 ? AMPH_MOMENT_SYNTAX
								: AMPH_MOMENT_CLOCK;
	case AMPH_WORD_SPECIAL:
		return take_special(d, value);
	case AMPH_WORD_MONTH:
		return d->time_only ? AMPH_MOMENT_SYNTAX : take_month(d, value);
	case AMPH_WORD_WEEKDAY:
		d->got = HAS_WEEKDAY;
		return d->time_only ? AMPH_MOMENT_SYNTAX : AMPH_MOMENT_OK;
	case AMPH_WORD_ZONE:
	case AMPH_WORD_DAYLIGHT_ZONE:
	case AMPH_WORD_DAYLIGHT:
		return take_zone_word(d, kind, value);
	case AMPH_WORD_MERIDIEM:
		d->meridiem = value;
		d->got = HAS_MERIDIEM;
		return AMPH_MOMENT_OK;
	case AMPH_WORD_ERA:
		d->bc = value == 1;
		d->got = HAS_ERA;
		return AMPH_MOMENT_OK;
	case AMPH_WORD_UNIT:
		d->unit = value;
		return AMPH_MOMENT_OK;
	case AMPH_WORD_TIME:
		return take_time_label(d, value);
	case AMPH_WORD_NAMED_ZONE:
		take_named(d, text, amph__zone_place(text) != NULL);
		d->m.named = !d->time_only;     /* a time takes an abbreviation for what it is */
		return AMPH_MOMENT_OK;
	case AMPH_WORD_UNKNOWN:
		break;
	}
	if (amph__zone_named(text, path, sizeof(path)) != AMPH_ZONE_KNOWN)
		return AMPH_MOMENT_SYNTAX;
	return take_named(d, text, false);
}

static amph_moment_state check_year(decoder *d)
{
	amph_moment *m = &d->m;
	if ((d->seen & HAS_YEAR) == 0 || d->julian)
		return AMPH_MOMENT_OK;
	if (d->bc) {
		if (m->year <= 0)
			return AMPH_MOMENT_RANGE;
		m->year = 1 - m->year;
	} else if (d->short_year) {
		m->year += m->year < 70 ? 2000 : m->year < 100 ? 1900 : 0;
	} else if (m->year <= 0) {
		return AMPH_MOMENT_RANGE;
	}
	return AMPH_MOMENT_OK;
}

static amph_moment_state check_date(decoder *d)
{
	amph_moment *m = &d->m;
	amph_moment_state state = check_year(d);
	if (state != AMPH_MOMENT_OK)
		return state;
	if ((d->seen & HAS_DAY_OF_YEAR) != 0) {
		int day = d->day_of_year;
		bool leap = amph__days_in_month(m->year, 2) == 29;
		m->year += day > 365 + leap;
		day -= day > 365 + leap ? 365 + leap : 0;
		m->month = 1;
		while (day > (int)amph__days_in_month(m->year, (unsigned)m->month))
			day -= (int)amph__days_in_month(m->year, (unsigned)m->month++);
		m->day = day;
	}
	if ((d->seen & HAS_MONTH) != 0 && (m->month < 1 || m->month > 12))
		return AMPH_MOMENT_RANGE;
	if ((d->seen & HAS_DAY) != 0 && (m->day < 1 || m->day > 31))
		return AMPH_MOMENT_RANGE;
	if (got_date(d) == HAS_DATE &&
	    m->day > (int)amph__days_in_month(m->year, (unsigned)m->month))
		return AMPH_MOMENT_RANGE;
	return AMPH_MOMENT_OK;
}

static amph_moment_state check_all(decoder *d)
{
	amph_moment *m = &d->m;
	amph_moment_state state = check_date(d);
	if (state != AMPH_MOMENT_OK)
		return state;
	if (d->meridiem != 0 && m->hour > 12)
		return AMPH_MOMENT_RANGE;
	if (d->meridiem != 0)
		m->hour = m->hour % 12 + (d->meridiem == 2 ? 12 : 0);
	if (d->time_only && is_past_day(m))
		return AMPH_MOMENT_RANGE;
	if (m->special != AMPH_SPECIAL_NONE)
		return AMPH_MOMENT_OK;
	unsigned need = d->time_only ? HAS_TIME : HAS_DATE;
	bool stray_daylight = (d->seen & (HAS_DAYLIGHT | HAS_ZONE)) == HAS_DAYLIGHT;
	bool half_a_date = d->time_only && (d->seen & HAS_ZONE) == 0 && got_date(d) != 0 &&
			   got_date(d) != HAS_DATE;
	/* the offset of a place depends on the day */
	half_a_date |= d->time_only && m->named && got_date(d) != HAS_DATE;
	bool whole = (d->seen & need) == need && !stray_daylight && !half_a_date;
	return whole ? AMPH_MOMENT_OK : AMPH_MOMENT_SYNTAX;
}

amph_moment_state amph__moment_read(const char *text, size_t len, bool time_only, amph_moment *out)
{
	static amph_moment_state (*const takers[])(decoder *, char *) = {
		[AMPH_FIELD_NUMBER] = take_number_field, [AMPH_FIELD_DATE] = take_date_field,
		[AMPH_FIELD_TIME] = take_time_field, [AMPH_FIELD_ZONE] = take_zone_field,
		[AMPH_FIELD_WORD] = take_word_field, [AMPH_FIELD_SIGNED_WORD] = take_word_field,
	};
	amph_fields fields;
	decoder d = { .fields = &fields, .time_only = time_only };
	if (!amph__fields_split(text, len, &fields))
		return AMPH_MOMENT_SYNTAX;
	for (; d.at < fields.n; d.at++) {
		amph_field *field = &fields.field[d.at];
		d.got = 0;
		amph_moment_state state = takers[field->kind](&d, field->text);
		if (state != AMPH_MOMENT_OK)
			return state;
		if ((d.seen & d.got) != 0)
			return AMPH_MOMENT_SYNTAX;
		d.seen |= d.got;
	}
	amph_moment_state state = check_all(&d);
	*out = d.m;
	return state;
}
