/* Splitting the text of a date, time or interval into fields, and the words that are known. */
#include "datetime.h"
#include "float.h"

typedef struct scanner {
	const char *at, *end;
	char *put, *limit;
} scanner;

static char peek(const scanner *s)
{
	return s->at < s->end ? *s->at : '\0';
}

/* Takes one character over, in lower case. */
static bool take(scanner *s)
{
	if (s->put == s->limit)
		return false;
	*s->put++ = amph__ascii_lower(*s->at++);
	return true;
}

static bool take_digits_and(scanner *s, const char *more)
{
	while (amph__is_digit(peek(s)) || (peek(s) != '\0' && strchr(more, peek(s)) != NULL)) {
		if (!take(s))
			return false;
	}
	return true;
}

static bool is_word_char(char c)
{
	return amph__is_alpha(c) || amph__is_digit(c);
}

/* After a number and - / or . */
static bool take_date(scanner *s, amph_field *field)
{
	char delimiter[2] = { peek(s), '\0' };
	if (!take(s))
		return false;
	if (amph__is_digit(peek(s))) {
		field->kind = delimiter[0] == '.' ? AMPH_FIELD_NUMBER : AMPH_FIELD_DATE;
		if (!take_digits_and(s, ""))
			return false;
		if (peek(s) != delimiter[0] || s->at == s->end)
			return true;
		field->kind = AMPH_FIELD_DATE;
		return take_digits_and(s, delimiter);
	}
	field->kind = AMPH_FIELD_DATE;
	while (s->at < s->end && (is_word_char(*s->at) || *s->at == delimiter[0])) {
		if (!take(s))
			return false;
	}
	return true;
}

static bool take_number(scanner *s, amph_field *field)
{
	if (!take_digits_and(s, ""))
		return false;
	char next = peek(s);
	field->kind = AMPH_FIELD_NUMBER;
	if (next == ':') {
		field->kind = AMPH_FIELD_TIME;
		return take_digits_and(s, ":.");
	}
	return next == '-' || next == '/' || next == '.' ? take_date(s, field) : true;
}

/* A word; with punctuation or digits in it a date (jan-02-2024) or the name of a zone. */
static bool take_word(scanner *s, amph_field *field)
{
	field->kind = AMPH_FIELD_WORD;
	while (amph__is_alpha(peek(s))) {
		if (!take(s))
			return false;
	}
	char next = peek(s);
	bool date = next == '-' || next == '/' || next == '.';
	if (next == '+' || amph__is_digit(next))
		date = !amph__is_date_token(field->text, (size_t)(s->put - field->text));
	if (!date)
		return true;
	field->kind = AMPH_FIELD_DATE;
	while (s->at < s->end && *s->at != '\0' &&
	       (is_word_char(*s->at) || strchr("+-/_.:", *s->at))) {
		if (!take(s))
			return false;
	}
	return true;
}

static bool take_signed(scanner *s, amph_field *field)
{
	if (!take(s))
		return false;
	while (amph__is_space(peek(s)))
		s->at++;
	if (amph__is_digit(peek(s))) {
		field->kind = AMPH_FIELD_ZONE;
		return take_digits_and(s, ":.-");
	}
	field->kind = AMPH_FIELD_SIGNED_WORD;
	if (!amph__is_alpha(peek(s)))
		return false;
	while (amph__is_alpha(peek(s))) {
		if (!take(s))
			return false;
	}
	return true;
}

static bool take_field(scanner *s, amph_field *field)
{
	char c = *s->at;
	if (amph__is_digit(c))
		return take_number(s, field);
	if (amph__is_alpha(c))
		return take_word(s, field);
	if (c == '+' || c == '-')
		return take_signed(s, field);
	field->kind = AMPH_FIELD_NUMBER;        /* a leading point */
	return take(s) && take_digits_and(s, "");
}

/* Punctuation without a meaning of its own parts fields. */
bool amph__fields_split(const char *text, size_t len, amph_fields *out)
{
	scanner s = { text, text + len, out->text, out->text + sizeof(out->text) };
	out->n = 0;
	while (s.at < s.end) {
		char c = *s.at;
		if (amph__is_space(c) || (c > ' ' && c < 127 && !is_word_char(c) &&
					  c != '+' && c != '-' && c != '.')) {
			s.at++;
			continue;
		}
		if (c <= ' ' || c == 127 || out->n == AMPH_FIELDS_MAX)
			return false;
		amph_field *field = &out->field[out->n++];
		field->text = s.put;
		if (!take_field(&s, field) || s.put == s.limit)
			return false;
		*s.put++ = '\0';
	}
	return true;
}

typedef struct word { char text[11]; uint8_t kind; int32_t value; } word;
static const word words[] = {
	{ "jan", AMPH_WORD_MONTH, 1 }, { "january", AMPH_WORD_MONTH, 1 },
	{ "feb", AMPH_WORD_MONTH, 2 }, { "february", AMPH_WORD_MONTH, 2 },
	{ "mar", AMPH_WORD_MONTH, 3 }, { "march", AMPH_WORD_MONTH, 3 },
	{ "apr", AMPH_WORD_MONTH, 4 }, { "april", AMPH_WORD_MONTH, 4 },
	{ "may", AMPH_WORD_MONTH, 5 },
	{ "jun", AMPH_WORD_MONTH, 6 }, { "june", AMPH_WORD_MONTH, 6 },
	{ "jul", AMPH_WORD_MONTH, 7 }, { "july", AMPH_WORD_MONTH, 7 },
	{ "aug", AMPH_WORD_MONTH, 8 }, { "august", AMPH_WORD_MONTH, 8 },
	{ "sep", AMPH_WORD_MONTH, 9 }, { "sept", AMPH_WORD_MONTH, 9 },
	{ "september", AMPH_WORD_MONTH, 9 },
	{ "oct", AMPH_WORD_MONTH, 10 }, { "october", AMPH_WORD_MONTH, 10 },
	{ "nov", AMPH_WORD_MONTH, 11 }, { "november", AMPH_WORD_MONTH, 11 },
	{ "dec", AMPH_WORD_MONTH, 12 }, { "december", AMPH_WORD_MONTH, 12 },
	{ "sun", AMPH_WORD_WEEKDAY, 0 }, { "sunday", AMPH_WORD_WEEKDAY, 0 },
	{ "mon", AMPH_WORD_WEEKDAY, 1 }, { "monday", AMPH_WORD_WEEKDAY, 1 },
	{ "tue", AMPH_WORD_WEEKDAY, 2 }, { "tues", AMPH_WORD_WEEKDAY, 2 },
	{ "tuesday", AMPH_WORD_WEEKDAY, 2 },
	{ "wed", AMPH_WORD_WEEKDAY, 3 }, { "weds", AMPH_WORD_WEEKDAY, 3 },
	{ "wednesday", AMPH_WORD_WEEKDAY, 3 },
	{ "thu", AMPH_WORD_WEEKDAY, 4 }, { "thur", AMPH_WORD_WEEKDAY, 4 },
	{ "thurs", AMPH_WORD_WEEKDAY, 4 }, { "thursday", AMPH_WORD_WEEKDAY, 4 },
	{ "fri", AMPH_WORD_WEEKDAY, 5 }, { "friday", AMPH_WORD_WEEKDAY, 5 },
	{ "sat", AMPH_WORD_WEEKDAY, 6 }, { "saturday", AMPH_WORD_WEEKDAY, 6 },
	{ "ad", AMPH_WORD_ERA, 0 }, { "bc", AMPH_WORD_ERA, 1 },
	{ "am", AMPH_WORD_MERIDIEM, 1 }, { "pm", AMPH_WORD_MERIDIEM, 2 },
	{ "at", AMPH_WORD_IGNORED, 0 }, { "on", AMPH_WORD_IGNORED, 0 },
	{ "t", AMPH_WORD_TIME, AMPH_UNIT_TIME },
	{ "y", AMPH_WORD_UNIT, AMPH_UNIT_YEAR }, { "m", AMPH_WORD_UNIT, AMPH_UNIT_MONTH },
	{ "d", AMPH_WORD_UNIT, AMPH_UNIT_DAY }, { "h", AMPH_WORD_UNIT, AMPH_UNIT_HOUR },
	{ "mm", AMPH_WORD_UNIT, AMPH_UNIT_MINUTE }, { "s", AMPH_WORD_UNIT, AMPH_UNIT_SECOND },
	{ "j", AMPH_WORD_UNIT, AMPH_UNIT_JULIAN }, { "jd", AMPH_WORD_UNIT, AMPH_UNIT_JULIAN },
	{ "julian", AMPH_WORD_UNIT, AMPH_UNIT_JULIAN },
	{ "dow", AMPH_WORD_UNIT, AMPH_UNIT_OTHER }, { "doy", AMPH_WORD_UNIT, AMPH_UNIT_OTHER },
	{ "isodow", AMPH_WORD_UNIT, AMPH_UNIT_OTHER },
	{ "isoyear", AMPH_WORD_UNIT, AMPH_UNIT_OTHER },
	{ "epoch", AMPH_WORD_SPECIAL, AMPH_SPECIAL_EPOCH },
	{ "infinity", AMPH_WORD_SPECIAL, AMPH_SPECIAL_INFINITY },
	{ "-infinity", AMPH_WORD_SPECIAL, AMPH_SPECIAL_NEG_INFINITY },
	{ "allballs", AMPH_WORD_SPECIAL, AMPH_SPECIAL_MIDNIGHT },
	{ "now", AMPH_WORD_CLOCK, 0 }, { "today", AMPH_WORD_CLOCK, 0 },
	{ "tomorrow", AMPH_WORD_CLOCK, 0 }, { "yesterday", AMPH_WORD_CLOCK, 0 },
	{ "dst", AMPH_WORD_DAYLIGHT, 3600 },
};

/* Abbreviations of zones that mean one offset always, and of daylight saving time. */
static const word zones[] = {
	{ "acdt", AMPH_WORD_DAYLIGHT_ZONE, 37800 }, { "acsst", AMPH_WORD_DAYLIGHT_ZONE, 37800 },
	{ "acst", AMPH_WORD_ZONE, 34200 }, { "act", AMPH_WORD_ZONE, -18000 },
	{ "acwst", AMPH_WORD_ZONE, 31500 }, { "adt", AMPH_WORD_DAYLIGHT_ZONE, -10800 },
	{ "aedt", AMPH_WORD_DAYLIGHT_ZONE, 39600 }, { "aesst", AMPH_WORD_DAYLIGHT_ZONE, 39600 },
	{ "aest", AMPH_WORD_ZONE, 36000 }, { "aft", AMPH_WORD_ZONE, 16200 },
	{ "akdt", AMPH_WORD_DAYLIGHT_ZONE, -28800 }, { "akst", AMPH_WORD_ZONE, -32400 },
	{ "almst", AMPH_WORD_DAYLIGHT_ZONE, 25200 }, { "almt", AMPH_WORD_ZONE, 21600 },
	{ "amt", AMPH_WORD_ZONE, -14400 }, { "ast", AMPH_WORD_ZONE, -14400 },
	{ "awsst", AMPH_WORD_DAYLIGHT_ZONE, 32400 }, { "awst", AMPH_WORD_ZONE, 28800 },
	{ "azost", AMPH_WORD_DAYLIGHT_ZONE, 0 }, { "azot", AMPH_WORD_ZONE, -3600 },
	{ "bdst", AMPH_WORD_DAYLIGHT_ZONE, 7200 }, { "bdt", AMPH_WORD_ZONE, 21600 },
	{ "bnt", AMPH_WORD_ZONE, 28800 }, { "bort", AMPH_WORD_ZONE, 28800 },
	{ "bot", AMPH_WORD_ZONE, -14400 }, { "bra", AMPH_WORD_ZONE, -10800 },
	{ "brst", AMPH_WORD_DAYLIGHT_ZONE, -7200 }, { "brt", AMPH_WORD_ZONE, -10800 },
	{ "bst", AMPH_WORD_DAYLIGHT_ZONE, 3600 }, { "btt", AMPH_WORD_ZONE, 21600 },
	{ "cadt", AMPH_WORD_DAYLIGHT_ZONE, 37800 }, { "cast", AMPH_WORD_ZONE, 34200 },
	{ "cct", AMPH_WORD_ZONE, 28800 }, { "cdt", AMPH_WORD_DAYLIGHT_ZONE, -18000 },
	{ "cest", AMPH_WORD_DAYLIGHT_ZONE, 7200 }, { "cet", AMPH_WORD_ZONE, 3600 },
	{ "cetdst", AMPH_WORD_DAYLIGHT_ZONE, 7200 }, { "chadt", AMPH_WORD_DAYLIGHT_ZONE, 49500 },
	{ "chast", AMPH_WORD_ZONE, 45900 }, { "chut", AMPH_WORD_ZONE, 36000 },
	{ "clst", AMPH_WORD_DAYLIGHT_ZONE, -10800 }, { "cot", AMPH_WORD_ZONE, -18000 },
	{ "cst", AMPH_WORD_ZONE, -21600 }, { "cxt", AMPH_WORD_ZONE, 25200 },
	{ "ddut", AMPH_WORD_ZONE, 36000 }, { "eat", AMPH_WORD_ZONE, 10800 },
	{ "edt", AMPH_WORD_DAYLIGHT_ZONE, -14400 }, { "eest", AMPH_WORD_DAYLIGHT_ZONE, 10800 },
	{ "eet", AMPH_WORD_ZONE, 7200 }, { "eetdst", AMPH_WORD_DAYLIGHT_ZONE, 10800 },
	{ "egst", AMPH_WORD_DAYLIGHT_ZONE, 0 }, { "egt", AMPH_WORD_ZONE, -3600 },
	{ "est", AMPH_WORD_ZONE, -18000 }, { "fet", AMPH_WORD_ZONE, 10800 },
	{ "fjst", AMPH_WORD_DAYLIGHT_ZONE, 46800 }, { "fjt", AMPH_WORD_ZONE, 43200 },
	{ "fnst", AMPH_WORD_DAYLIGHT_ZONE, -3600 }, { "fnt", AMPH_WORD_ZONE, -7200 },
	{ "galt", AMPH_WORD_ZONE, -21600 }, { "gamt", AMPH_WORD_ZONE, -32400 },
	{ "gft", AMPH_WORD_ZONE, -10800 }, { "gilt", AMPH_WORD_ZONE, 43200 },
	{ "gmt", AMPH_WORD_ZONE, 0 }, { "hkt", AMPH_WORD_ZONE, 28800 },
	{ "hst", AMPH_WORD_ZONE, -36000 }, { "ict", AMPH_WORD_ZONE, 25200 },
	{ "idt", AMPH_WORD_DAYLIGHT_ZONE, 10800 }, { "irt", AMPH_WORD_ZONE, 12600 },
	{ "ist", AMPH_WORD_ZONE, 7200 }, { "jayt", AMPH_WORD_ZONE, 32400 },
	{ "jst", AMPH_WORD_ZONE, 32400 }, { "kdt", AMPH_WORD_DAYLIGHT_ZONE, 36000 },
	{ "kgst", AMPH_WORD_DAYLIGHT_ZONE, 21600 }, { "kst", AMPH_WORD_ZONE, 32400 },
	{ "lhst", AMPH_WORD_ZONE, 37800 }, { "ligt", AMPH_WORD_ZONE, 36000 },
	{ "mart", AMPH_WORD_ZONE, -34200 }, { "mdt", AMPH_WORD_DAYLIGHT_ZONE, -21600 },
	{ "mest", AMPH_WORD_DAYLIGHT_ZONE, 7200 }, { "mesz", AMPH_WORD_DAYLIGHT_ZONE, 7200 },
	{ "met", AMPH_WORD_ZONE, 3600 }, { "metdst", AMPH_WORD_DAYLIGHT_ZONE, 7200 },
	{ "mez", AMPH_WORD_ZONE, 3600 }, { "mht", AMPH_WORD_ZONE, 43200 },
	{ "mmt", AMPH_WORD_ZONE, 23400 }, { "mpt", AMPH_WORD_ZONE, 36000 },
	{ "msd", AMPH_WORD_DAYLIGHT_ZONE, 14400 }, { "mst", AMPH_WORD_ZONE, -25200 },
	{ "must", AMPH_WORD_DAYLIGHT_ZONE, 18000 }, { "mut", AMPH_WORD_ZONE, 14400 },
	{ "mvt", AMPH_WORD_ZONE, 18000 }, { "myt", AMPH_WORD_ZONE, 28800 },
	{ "ndt", AMPH_WORD_DAYLIGHT_ZONE, -9000 }, { "nft", AMPH_WORD_ZONE, -12600 },
	{ "npt", AMPH_WORD_ZONE, 20700 }, { "nst", AMPH_WORD_ZONE, -12600 },
	{ "nzdt", AMPH_WORD_DAYLIGHT_ZONE, 46800 }, { "nzst", AMPH_WORD_ZONE, 43200 },
	{ "nzt", AMPH_WORD_ZONE, 43200 }, { "pdt", AMPH_WORD_DAYLIGHT_ZONE, -25200 },
	{ "pet", AMPH_WORD_ZONE, -18000 }, { "pgt", AMPH_WORD_ZONE, 36000 },
	{ "pht", AMPH_WORD_ZONE, 28800 }, { "pkst", AMPH_WORD_DAYLIGHT_ZONE, 21600 },
	{ "pkt", AMPH_WORD_ZONE, 18000 }, { "pmdt", AMPH_WORD_DAYLIGHT_ZONE, -7200 },
	{ "pmst", AMPH_WORD_ZONE, -10800 }, { "pont", AMPH_WORD_ZONE, 39600 },
	{ "pst", AMPH_WORD_ZONE, -28800 }, { "pwt", AMPH_WORD_ZONE, 32400 },
	{ "pyst", AMPH_WORD_DAYLIGHT_ZONE, -10800 }, { "ret", AMPH_WORD_ZONE, 14400 },
	{ "sadt", AMPH_WORD_DAYLIGHT_ZONE, 37800 }, { "sast", AMPH_WORD_ZONE, 7200 },
	{ "sct", AMPH_WORD_ZONE, 14400 }, { "taht", AMPH_WORD_ZONE, -36000 },
	{ "tft", AMPH_WORD_ZONE, 18000 }, { "tjt", AMPH_WORD_ZONE, 18000 },
	{ "tot", AMPH_WORD_ZONE, 46800 }, { "trut", AMPH_WORD_ZONE, 36000 },
	{ "tvt", AMPH_WORD_ZONE, 43200 }, { "uct", AMPH_WORD_ZONE, 0 },
	{ "ulast", AMPH_WORD_DAYLIGHT_ZONE, 32400 }, { "ut", AMPH_WORD_ZONE, 0 },
	{ "utc", AMPH_WORD_ZONE, 0 }, { "uyst", AMPH_WORD_DAYLIGHT_ZONE, -7200 },
	{ "uyt", AMPH_WORD_ZONE, -10800 }, { "uzst", AMPH_WORD_DAYLIGHT_ZONE, 21600 },
	{ "uzt", AMPH_WORD_ZONE, 18000 }, { "vut", AMPH_WORD_ZONE, 39600 },
	{ "wadt", AMPH_WORD_DAYLIGHT_ZONE, 28800 }, { "wakt", AMPH_WORD_ZONE, 43200 },
	{ "wast", AMPH_WORD_ZONE, 25200 }, { "wat", AMPH_WORD_ZONE, 3600 },
	{ "wdt", AMPH_WORD_DAYLIGHT_ZONE, 32400 }, { "wet", AMPH_WORD_ZONE, 0 },
	{ "wetdst", AMPH_WORD_DAYLIGHT_ZONE, 3600 }, { "wft", AMPH_WORD_ZONE, 43200 },
	{ "wgst", AMPH_WORD_DAYLIGHT_ZONE, -7200 }, { "wgt", AMPH_WORD_ZONE, -10800 },
	{ "xjt", AMPH_WORD_ZONE, 21600 }, { "yapt", AMPH_WORD_ZONE, 36000 },
	{ "yekst", AMPH_WORD_DAYLIGHT_ZONE, 21600 }, { "z", AMPH_WORD_ZONE, 0 },
	{ "zulu", AMPH_WORD_ZONE, 0 },
};

/* Abbreviations whose offset depends on the date, with the zone that says on which, and names of zones
 * that are one word. */
static const struct named_zone { char text[11], place[32]; } named_zones[] = {
	{ "amst", "Asia/Yerevan" }, { "anast", "Asia/Anadyr" }, { "anat", "Asia/Anadyr" },
	{ "arst", "America/Argentina/Buenos_Aires" }, { "art", "America/Argentina/Buenos_Aires" },
	{ "azst", "Asia/Baku" }, { "azt", "Asia/Baku" }, { "ckt", "Pacific/Rarotonga" },
	{ "clt", "America/Santiago" }, { "cuba", "" }, { "davt", "Antarctica/Davis" },
	{ "easst", "Pacific/Easter" }, { "east", "Pacific/Easter" }, { "egypt", "" }, { "eire", "" },
	{ "fkst", "Atlantic/Stanley" }, { "fkt", "Atlantic/Stanley" }, { "gb", "" },
	{ "gest", "Asia/Tbilisi" }, { "get", "Asia/Tbilisi" }, { "greenwich", "" },
	{ "gyt", "America/Guyana" }, { "hongkong", "" }, { "iceland", "" },
	{ "iot", "Indian/Chagos" }, { "iran", "" }, { "irkst", "Asia/Irkutsk" },
	{ "irkt", "Asia/Irkutsk" }, { "israel", "" }, { "jamaica", "" }, { "japan", "" },
	{ "kgt", "Asia/Bishkek" }, { "kost", "Pacific/Kosrae" }, { "krast", "Asia/Krasnoyarsk" },
	{ "krat", "Asia/Krasnoyarsk" }, { "kwajalein", "" }, { "lhdt", "Australia/Lord_Howe" },
	{ "libya", "" }, { "lint", "Pacific/Kiritimati" }, { "lkt", "Asia/Colombo" },
	{ "magst", "Asia/Magadan" }, { "magt", "Asia/Magadan" }, { "mawt", "Antarctica/Mawson" },
	{ "msk", "Europe/Moscow" }, { "navajo", "" }, { "novst", "Asia/Novosibirsk" },
	{ "novt", "Asia/Novosibirsk" }, { "nut", "Pacific/Niue" }, { "nz", "" },
	{ "omsst", "Asia/Omsk" }, { "omst", "Asia/Omsk" }, { "petst", "Asia/Kamchatka" },
	{ "pett", "Asia/Kamchatka" }, { "poland", "" }, { "portugal", "" }, { "prc", "" },
	{ "pyt", "America/Asuncion" }, { "roc", "" }, { "rok", "" }, { "sgt", "Asia/Singapore" },
	{ "singapore", "" }, { "tkt", "Pacific/Fakaofo" }, { "tmt", "Asia/Ashgabat" },
	{ "turkey", "" }, { "ulat", "Asia/Ulaanbaatar" }, { "universal", "" },
	{ "vet", "America/Caracas" }, { "vlast", "Asia/Vladivostok" }, { "vlat", "Asia/Vladivostok" },
	{ "volt", "Europe/Volgograd" }, { "yakst", "Asia/Yakutsk" }, { "yakt", "Asia/Yakutsk" },
	{ "yekt", "Asia/Yekaterinburg" },
};

static const word *find(const word *list, size_t n, const char *text)
{
	for (size_t i = 0; i < n; i++) {
		if (list[i].text[0] == text[0] && strcmp(list[i].text, text) == 0)
			return &list[i];
	}
	return NULL;
}

static const struct named_zone *find_zone(const char *text)
{
	for (size_t i = 0; i < sizeof(named_zones) / sizeof(named_zones[0]); i++) {
		if (strcmp(named_zones[i].text, text) == 0)
			return &named_zones[i];
	}
	return NULL;
}

/* Abbreviations of zones come before other words, as on the server. */
amph_word_kind amph__date_word(const char *text, int *value)
{
	const word *found = find(zones, sizeof(zones) / sizeof(zones[0]), text);
	if (found == NULL)
		found = find(words, sizeof(words) / sizeof(words[0]), text);
	if (found != NULL) {
		*value = found->value;
		return found->kind;
	}
	return find_zone(text) ? AMPH_WORD_NAMED_ZONE : AMPH_WORD_UNKNOWN;
}

const char *amph__zone_place(const char *abbreviation)
{
	const struct named_zone *z = find_zone(abbreviation);

	return z && z->place[0] ? z->place : NULL;
}

bool amph__is_date_token(const char *text, size_t len)
{
	char token[11];
	if (len >= sizeof(token))
		return false;
	memcpy(token, text, len);
	token[len] = '\0';
	return find(words, sizeof(words) / sizeof(words[0]), token) != NULL;
}

bool amph__read_int(const char **at, int *out)
{
	int n = 0;
	bool fits = true, minus = **at == '-';
	if ((minus || **at == '+') && amph__is_digit((*at)[1]))
		++*at;
	for (; amph__is_digit(**at); ++*at)
		fits = fits && !__builtin_mul_overflow(n, 10, &n) &&
		       !__builtin_add_overflow(n, **at - '0', &n);
	*out = minus ? -n : n;
	return fits;
}

double amph__read_decimal(const char *text, size_t len)
{
	amph_numeral n;
	if (amph__numeral_scan(text, len, &n) != AMPH_NUMERAL_OK)
		return 0;
	return amph__numeral_to_double(&n);
}

double amph__round_even(double value)
{
	double magnitude = value < 0 ? -value : value;
	if (!(magnitude < 4503599627370496.0))  /* 2^52: whole from here on */
		return value;
	int64_t whole = (int64_t)magnitude;
	double rest = magnitude - (double)whole;
	whole += rest > 0.5 || (rest == 0.5 && whole % 2 == 1);
	return value < 0 ? -(double)whole : (double)whole;
}

bool amph__read_fraction(const char *at, int *usec)
{
	const char *end = at + 1;
	while (amph__is_digit(*end))
		end++;
	*usec = (int)amph__round_even(amph__read_decimal(at, (size_t)(end - at)) * 1000000);
	return *end == '\0';
}
