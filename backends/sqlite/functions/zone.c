/* Reading time zones and asking them. */
#include "zone.h"
#include "../../../src/model/datetime.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_MAX = 1 << 17, DAY = 86400 };

/* ---- rules: "CET-1CEST,M3.5.0,M10.5.0/3" ---- */

static const char *rule_name(const char *p)
{
	if (*p == '<') {
		p = strchr(p, '>');
		return p ? p + 1 : NULL;
	}
	while ((*p | 32) >= 'a' && (*p | 32) <= 'z')
		p++;
	return p;
}

/* [+-]hh[:mm[:ss]] in seconds; NULL: not that. */
static const char *rule_time(const char *p, int32_t *out)
{
	static const int most[3] = { 167, 59, 60 };
	int sign = *p == '-' ? -1 : 1;
	int32_t parts[3] = { 0 };

	if (*p == '+' || *p == '-')
		p++;
	for (int i = 0; i < 3; i++) {
		if (*p < '0' || *p > '9')
			return NULL;
		while (*p >= '0' && *p <= '9' && parts[i] <= most[i])
			parts[i] = parts[i] * 10 + *p++ - '0';
		if (parts[i] > most[i])
			return NULL;
		if (*p != ':' || i == 2)
			break;
		p++;
	}
	*out = sign * (parts[0] * 3600 + parts[1] * 60 + parts[2]);
	return p;
}

static const char *rule_date(const char *p, sl_zone_rule *out)
{
	char *end;

	*out = (sl_zone_rule){ .seconds = 2 * 3600 };
	out->kind = *p == 'M' ? 'M' : *p == 'J' ? 'J' : 'N';
	p += *p == 'M' || *p == 'J';
	out->day = (int)strtol(p, &end, 10);
	if (end == p)
		return NULL;
	if (out->kind == 'M') {
		out->month = out->day;
		if (*end != '.')
			return NULL;
		out->week = (int)strtol(end + 1, &end, 10);
		if (*end != '.')
			return NULL;
		out->day = (int)strtol(end + 1, &end, 10);
	}
	return *end == '/' ? rule_time(end + 1, &out->seconds) : end;
}

static bool read_rule(const char *p, sl_zone *z)
{
	int32_t west;

	p = rule_name(p);
	if (!p || !(p = rule_time(p, &west)))
		return false;
	z->has_rule = true;
	z->standard = z->daylight = -west;
	if (!*p)
		return true;
	p = rule_name(p);
	if (!p)
		return false;
	z->daylight = z->standard + 3600;
	if (*p && *p != ',') {
		p = rule_time(p, &west);
		if (!p)
			return false;
		z->daylight = -west;
	}
	return *p == ',' && (p = rule_date(p + 1, &z->start)) != NULL && *p == ',' &&
	       (p = rule_date(p + 1, &z->end)) != NULL && !*p;
}

/* The second of a year, counted from 1970 by the local clock, at which a rule takes effect. */
static int64_t rule_seconds(const sl_zone_rule *r, int64_t year)
{
	int64_t first = amph__sl_days_of((sl_civil){ year, 1, 1 }), day;
	bool leap = amph__sl_month_days(year, 2) == 29;

	if (r->kind == 'M') {
		int64_t month = amph__sl_days_of((sl_civil){ year, r->month, 1 });
		int64_t weekday = month + 4 - 7 * amph__sl_floor_div(month + 4, 7);

		day = month + (r->day - weekday + 7) % 7 + 7 * (r->week - 1);
		if (day >= month + amph__sl_month_days(year, r->month))
			day -= 7;
	} else {
		day = first + r->day - (r->kind == 'J');
		day += r->kind == 'J' && leap && r->day >= 60;
	}
	return day * DAY + r->seconds;
}

/* ---- files ---- */

static int64_t big_endian(const uint8_t *p, int size)
{
	uint64_t n = p[0] & 0x80 ? ~UINT64_C(0) : 0;

	for (int i = 0; i < size; i++)
		n = n << 8 | p[i];
	return (int64_t)n;
}

typedef struct counts { size_t utc, standard, leap, times, types, chars; } counts;

static bool read_counts(const uint8_t *p, size_t left, counts *out)
{
	if (left < 44 || memcmp(p, "TZif", 4))
		return false;
	*out = (counts){ (size_t)big_endian(p + 20, 4), (size_t)big_endian(p + 24, 4),
			 (size_t)big_endian(p + 28, 4), (size_t)big_endian(p + 32, 4),
			 (size_t)big_endian(p + 36, 4), (size_t)big_endian(p + 40, 4) };
	return out->times < 10000 && out->types > 0 && out->types < 256 && out->chars < 10000 &&
	       out->leap < 1000 && out->utc < 256 && out->standard < 256;
}

static size_t block_size(const counts *n, size_t time_size)
{
	return n->times * (time_size + 1) + n->types * 6 + n->chars + n->leap * (time_size + 4) +
	       n->standard + n->utc;
}

static bool read_times(const uint8_t *p, const counts *n, sl_zone *z)
{
	const uint8_t *index = p + n->times * 8, *types = index + n->times;
	int64_t *at = AMPH_NEWS(&z->arena, int64_t, n->times + 1);
	int32_t *offset = AMPH_NEWS(&z->arena, int32_t, n->times + 1);

	if (!at || !offset)
		return false;
	for (size_t i = 0; i < n->times; i++) {
		if (index[i] >= n->types)
			return false;
		at[i] = big_endian(p + i * 8, 8);
		offset[i] = (int32_t)big_endian(types + index[i] * 6, 4);
	}
	z->first = (int32_t)big_endian(types, 4);
	z->n = n->times;
	z->at = at;
	z->offset = offset;
	return true;
}

/* Version 2 repeats everything with times of 64 bits, and ends in a rule between new lines. */
static bool parse_file(uint8_t *data, size_t len, sl_zone *z)
{
	counts n;
	size_t at, rule;
	uint8_t *end;

	if (!read_counts(data, len, &n) || data[4] < '2')
		return false;
	at = 44 + block_size(&n, 4);
	if (at > len || !read_counts(data + at, len - at, &n))
		return false;
	rule = at + 44 + block_size(&n, 8);
	if (rule >= len || data[rule] != '\n' || !read_times(data + at + 44, &n, z))
		return false;
	end = memchr(data + rule + 1, '\n', len - rule - 1);
	if (!end)
		return false;
	*end = '\0';
	return end == data + rule + 1 || read_rule((char *)data + rule + 1, z);
}

static bool read_file(sl_call *c, const char *name, sl_zone *z)
{
	uint8_t *data = amph__arena_alloc(c->arena, FILE_MAX);
	char path[512];
	FILE *file;

	if (!data || amph__zone_named(name, path, sizeof(path)) != AMPH_ZONE_KNOWN)
		return false;
	file = fopen(path, "re");
	if (!file)
		return false;
	bool ok = parse_file(data, fread(data, 1, FILE_MAX, file), z);
	fclose(file);
	return ok;
}

static void fixed(sl_zone *z, int32_t offset)
{
	z->first = offset;
}

static amph_word_kind read_abbreviation(const char *name, size_t len, sl_zone *z)
{
	char lower[16];
	int value;
	amph_word_kind kind;

	if (len >= sizeof(lower))
		return AMPH_WORD_UNKNOWN;
	for (size_t i = 0; i <= len; i++)
		lower[i] = name[i] >= 'A' && name[i] <= 'Z' ? (char)(name[i] + 32) : name[i];
	kind = amph__date_word(lower, &value);
	if (kind == AMPH_WORD_DAYLIGHT_ZONE)
		kind = AMPH_WORD_ZONE;
	if (kind == AMPH_WORD_ZONE)
		fixed(z, value);
	return kind;
}

/* "XYZ-8": an abbreviation of one's own and its offset. */
static bool is_posix(const char *name)
{
	size_t letters = 0;

	while ((name[letters] | 32) >= 'a' && (name[letters] | 32) <= 'z')
		letters++;
	name += letters;
	name += *name == '+' || *name == '-';
	return letters >= 3 && *name >= '0' && *name <= '9';
}

bool amph__sl_zone_read(sl_call *c, const char *name, size_t len, sl_zone *out)
{
	int32_t west;
	const char *end;
	amph_word_kind kind = AMPH_WORD_UNKNOWN;

	*out = (sl_zone){ 0 };
	amph__arena_init(&out->arena, c->env->allocator);
	if (*name == '+' || *name == '-' || (*name >= '0' && *name <= '9')) {
		end = rule_time(name, &west);
		if (end && !*end) {
			fixed(out, -west);
			return true;
		}
	} else {
		kind = read_abbreviation(name, len, out);
		if (kind == AMPH_WORD_ZONE || read_file(c, name, out))
			return true;
	}
	if (out->arena.failed || c->arena->failed) {
		amph__arena_clear(&out->arena);
		amph__sl_raise_nomem(c);
		return false;
	}
	amph__arena_clear(&out->arena);
	/* some abbreviations have meant one thing at a time and another at another */
	if (kind == AMPH_WORD_NAMED_ZONE)
		amph__sl_raise(c, "0A000", "the time zone abbreviation \"%s\" is not supported on SQLite",
			       name);
	else if (is_posix(name))
		amph__sl_raise(c, "0A000", "the time zone specification \"%s\" is not supported on SQLite",
			       name);
	else
		amph__sl_raise(c, "22023", "time zone \"%s\" not recognized", name);
	return false;
}

/* ---- questions ---- */

/* By the rule: the next change after a moment, and the offset before and after it. */
static bool next_by_rule(const sl_zone *z, int64_t seconds, int64_t *at, int32_t *before, int32_t *after)
{
	int64_t year;
	bool found = false;

	*before = *after = z->standard;
	if (!z->start.kind)
		return false;
	year = amph__sl_civil_of(amph__sl_floor_div(seconds + z->standard, DAY)).year;
	for (int64_t y = year - 1; y <= year + 1; y++) {
		int64_t start = rule_seconds(&z->start, y) - z->standard;
		int64_t end = rule_seconds(&z->end, y) - z->daylight;

		if (start > seconds && (!found || start < *at)) {
			*at = start;
			*before = z->standard;
			*after = z->daylight;
			found = true;
		}
		if (end > seconds && (!found || end < *at)) {
			*at = end;
			*before = z->daylight;
			*after = z->standard;
			found = true;
		}
	}
	return found;
}

/* The offset at a moment, and the change after it, if there is one. */
static bool next_change(const sl_zone *z, int64_t seconds, int64_t *at, int32_t *before, int32_t *after)
{
	size_t lo = 0, hi = z->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (z->at[mid] > seconds)
			hi = mid;
		else
			lo = mid + 1;
	}
	if (lo == z->n && z->has_rule)
		return next_by_rule(z, seconds, at, before, after);
	*before = *after = lo ? z->offset[lo - 1] : z->first;
	if (lo == z->n)
		return false;
	*at = z->at[lo];
	*after = z->offset[lo];
	return true;
}

int32_t amph__sl_zone_offset(const sl_zone *z, int64_t seconds)
{
	int64_t at;
	int32_t before, after;

	next_change(z, seconds, &at, &before, &after);
	return before;
}

int32_t amph__sl_zone_local_offset(const sl_zone *z, int64_t local)
{
	int64_t at, by_before, by_after;
	int32_t before, after;

	if (!next_change(z, local - DAY, &at, &before, &after))
		return before;
	by_before = local - before;
	by_after = local - after;
	if (by_before < at && by_after < at)
		return before;
	if (by_before > at && by_after >= at)
		return after;
	return by_before > by_after ? before : after;
}

/* ---- AT TIME ZONE ---- */

static int64_t second_of(int64_t usec)
{
	return amph__sl_floor_div(usec, USEC_PER_SEC);
}

static void put_shifted(sl_call *c, int type, int64_t usec, int64_t by_seconds)
{
	int64_t out = 0;
	bool ok = !__builtin_add_overflow(usec, by_seconds * USEC_PER_SEC, &out);

	if (amph__sl_check_usec(c, ok, out))
		amph__sl_result_usec(c, type, out);
}

/* timezone(zone, moment): a moment becomes the local time there; a local time there a moment. */
static void at_zone(sl_call *c)
{
	int from = (int)c->arg, to = from == AMPH_T_TIMESTAMP ? AMPH_T_TIMESTAMPTZ : AMPH_T_TIMESTAMP;
	size_t len;
	const char *name = amph__sl_text(c, 0, &len);
	int64_t usec;
	sl_zone z;

	if (!amph__sl_arg_usec(c, 1, from, &usec))
		return;
	if (amph__sl_is_infinite(usec)) {
		amph__sl_result_usec(c, to, usec);
		return;
	}
	if (!amph__sl_zone_read(c, name, len, &z))
		return;
	if (from == AMPH_T_TIMESTAMPTZ)
		put_shifted(c, to, usec, amph__sl_zone_offset(&z, second_of(usec)));
	else
		put_shifted(c, to, usec, -(int64_t)amph__sl_zone_local_offset(&z, second_of(usec)));
	amph__arena_clear(&z.arena);
}

static void at_interval(sl_call *c)
{
	int from = (int)c->arg, to = from == AMPH_T_TIMESTAMP ? AMPH_T_TIMESTAMPTZ : AMPH_T_TIMESTAMP;
	amph_interval zone;
	int64_t usec;

	if (!amph__sl_arg(c, 0, AMPH_T_INTERVAL, &zone) || !amph__sl_arg_usec(c, 1, from, &usec))
		return;
	if (amph__sl_is_infinite(usec))
		amph__sl_result_usec(c, to, usec);
	else if (zone.months || zone.days)
		amph__sl_raise(c, "22023", "interval time zone must not include months or days");
	else
		put_shifted(c, to, usec, (from == AMPH_T_TIMESTAMPTZ ? 1 : -1) * (zone.usec / USEC_PER_SEC));
}

static const sl_function rows[] = {
	{ "timezone_interval_timestamp", 2, 0, at_interval, AMPH_T_TIMESTAMP },
	{ "timezone_interval_timestamptz", 2, 0, at_interval, AMPH_T_TIMESTAMPTZ },
	{ "timezone_text_timestamp", 2, 0, at_zone, AMPH_T_TIMESTAMP },
	{ "timezone_text_timestamptz", 2, 0, at_zone, AMPH_T_TIMESTAMPTZ }
};
const sl_functions amph__sl_zone_functions = { rows, sizeof(rows) / sizeof(rows[0]) };
