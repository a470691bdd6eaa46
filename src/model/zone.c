/* Reading time zones and asking them. */
#include "zone.h"
#include "../base/ascii.h"
#include "calendar.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DAY = 86400, LOCAL_TYPE = 6 };
/* What PostgreSQL takes for a zone with a name for daylight time and no rule. */
#define USUAL_RULE ",M3.2.0,M11.1.0"

/* ---- rules: "CET-1CEST,M3.5.0,M10.5.0/3" ---- */

static const char *rule_name(const char *p)
{
	if (*p == '<') {
		p = strchr(p, '>');
		return p ? p + 1 : NULL;
	}
	while (*p && !amph__is_digit(*p) && !strchr(",-+", *p))
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
		if (!amph__is_digit(*p))
			return NULL;
		while (amph__is_digit(*p) && parts[i] <= most[i])
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

static const char *rule_date(const char *p, amph_zone_rule *out)
{
	char *end;

	*out = (amph_zone_rule){ .seconds = 2 * 3600 };
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

static bool in_range(const amph_zone_rule *r)
{
	if (r->kind == 'M')
		return r->month >= 1 && r->month <= 12 && r->week >= 1 && r->week <= 5 && r->day >= 0 &&
		       r->day <= 6;
	return r->day >= (r->kind == 'J') && r->day <= 365;
}

static bool read_rule(const char *p, amph_zone *z)
{
	int32_t west;

	p = rule_name(p);
	if (!p || !(p = rule_time(p, &west)))
		return false;
	z->has_rule = true;
	z->standard = z->daylight = -west;
	if (!*p)
		return true;
	const char *name = p;
	p = rule_name(p);
	if (!p || p == name || !strncmp(name, "<>", 2))
		return false;           /* only the first name may be empty */
	z->daylight = z->standard + 3600;
	if (*p && *p != ',') {
		p = rule_time(p, &west);
		if (!p)
			return false;
		z->daylight = -west;
	}
	if (!*p)
		p = USUAL_RULE;
	return *p == ',' && (p = rule_date(p + 1, &z->start)) != NULL && *p == ',' &&
	       (p = rule_date(p + 1, &z->end)) != NULL && !*p && in_range(&z->start) && in_range(&z->end);
}

/* The second of a year, counted from 1970 by the local clock, at which a rule takes effect. */
static int64_t rule_seconds(const amph_zone_rule *r, int64_t year)
{
	int64_t first = amph__days_of(year, 1, 1), day;
	bool leap = amph__days_in_month(year, 2) == 29;

	if (r->kind == 'M') {
		int64_t month = amph__days_of(year, (unsigned)r->month, 1);
		int64_t weekday = ((month + 4) % 7 + 7) % 7;

		day = month + (r->day - weekday + 7) % 7 + 7 * (r->week - 1);
		if (day >= month + amph__days_in_month(year, (unsigned)r->month))
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
	return n->times * (time_size + 1) + n->types * LOCAL_TYPE + n->chars +
	       n->leap * (time_size + 4) + n->standard + n->utc;
}

static bool read_times(const uint8_t *p, const counts *n, amph_zone *z)
{
	z->n = n->times;
	z->times = p;
	z->index = p + n->times * 8;
	z->types = z->index + n->times;
	z->names = (const char *)z->types + n->types * LOCAL_TYPE;
	z->n_names = n->chars;
	z->first = (int32_t)big_endian(z->types, 4);
	for (size_t i = 0; i < n->times; i++)
		if (z->index[i] >= n->types)
			return false;
	for (size_t i = 0; i < n->types; i++)
		if (z->types[i * LOCAL_TYPE + 5] >= n->chars)
			return false;
	return n->chars > 0 && z->names[n->chars - 1] == '\0';
}

/* Version 2 repeats everything with times of 64 bits, and ends in a rule between new lines. */
static bool parse_file(size_t len, amph_zone *z)
{
	uint8_t *data = z->data, *end;
	counts n;
	size_t at, rule;

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

static bool read_file(const char *path, amph_zone *z)
{
	FILE *file = fopen(path, "re");
	bool ok = file && parse_file(fread(z->data, 1, sizeof(z->data), file), z);

	if (file)
		fclose(file);
	return ok;
}

amph_zone_state amph__zone_open(const char *name, const char *abbreviation, amph_zone *out)
{
	char path[512];
	amph_zone_state state = amph__zone_named(name, path, sizeof(path));

	amph__zone_fixed(out, 0);
	if (abbreviation)
		(void)snprintf(out->abbreviation, sizeof(out->abbreviation), "%s", abbreviation);
	if (state == AMPH_ZONE_KNOWN && read_file(path, out))
		return AMPH_ZONE_KNOWN;
	amph__zone_fixed(out, 0);
	return read_rule(name, out) ? AMPH_ZONE_KNOWN
				    : state == AMPH_ZONE_NO_FILES ? state : AMPH_ZONE_UNKNOWN;
}

void amph__zone_fixed(amph_zone *out, int32_t offset)
{
	memset(out, 0, offsetof(amph_zone, data));
	out->first = offset;
}

/* ---- questions ---- */

static int64_t moment(const amph_zone *z, size_t i)
{
	return big_endian(z->times + i * 8, 8);
}

static const uint8_t *type_of(const amph_zone *z, size_t i)
{
	return z->types + (size_t)z->index[i] * LOCAL_TYPE;
}

static int32_t offset_of(const amph_zone *z, size_t i)
{
	return (int32_t)big_endian(type_of(z, i), 4);
}

/* How many changes are not after a moment. */
static size_t count_until(const amph_zone *z, int64_t seconds)
{
	size_t lo = 0, hi = z->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (moment(z, mid) > seconds)
			hi = mid;
		else
			lo = mid + 1;
	}
	return lo;
}

/* By the rule: the next change after a moment, and the offset before and after it. */
static bool next_by_rule(const amph_zone *z, int64_t seconds, int64_t *at, int32_t *before,
			 int32_t *after)
{
	int64_t days = (seconds + z->standard) / DAY, year;
	bool found = false;

	*before = *after = z->standard;
	if (!z->start.kind)
		return false;
	year = amph__civil_of(days).year;
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
static bool next_change(const amph_zone *z, int64_t seconds, int64_t *at, int32_t *before,
			int32_t *after)
{
	size_t i = count_until(z, seconds);

	if (i == z->n && z->has_rule)
		return next_by_rule(z, seconds, at, before, after);
	*before = *after = i ? offset_of(z, i - 1) : z->first;
	if (i == z->n)
		return false;
	*at = moment(z, i);
	*after = offset_of(z, i);
	return true;
}

static bool is_named(const amph_zone *z, size_t i)
{
	return amph__ascii_same(z->names + type_of(z, i)[5], z->abbreviation);
}

/* What the abbreviation last meant before a moment, else what it first meant after it. */
static bool meant(const amph_zone *z, int64_t seconds, int32_t *out)
{
	size_t until = z->abbreviation[0] ? count_until(z, seconds) : 0;

	for (size_t i = until; z->abbreviation[0] && i-- > 0; ) {
		if (is_named(z, i)) {
			*out = offset_of(z, i);
			return true;
		}
	}
	for (size_t i = until; z->abbreviation[0] && i < z->n; i++) {
		if (is_named(z, i)) {
			*out = offset_of(z, i);
			return true;
		}
	}
	return false;
}

int32_t amph__zone_offset(const amph_zone *z, int64_t seconds)
{
	int64_t at;
	int32_t before, after;

	if (meant(z, seconds, &before))
		return before;
	next_change(z, seconds, &at, &before, &after);
	return before;
}

static int32_t local_offset(const amph_zone *z, int64_t local)
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

int32_t amph__zone_local_offset(const amph_zone *z, int64_t local)
{
	int32_t offset = local_offset(z, local), own;

	return meant(z, local - offset, &own) ? own : offset;
}
