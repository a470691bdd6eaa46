/* Results: PostgreSQL's binary formats to C values. A reader is found once for each column of a
 * statement; text is read where the server has no binary form that is known here. */
#include "pg.h"
#include <endian.h>
#include <string.h>

enum { EPOCH_DAYS = 10957 };
#define EPOCH_USEC ((int64_t)EPOCH_DAYS * 86400000000)

static uint16_t get16(const char *p)
{
	uint16_t v;

	memcpy(&v, p, sizeof v);
	return be16toh(v);
}

static uint32_t get32(const char *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof v);
	return be32toh(v);
}

static uint64_t get64(const char *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof v);
	return be64toh(v);
}

static bool get_bool(const pg_column *col, const char *data, size_t len, void *out)
{
	(void)col;
	*(bool *)out = len == 1 && *data;
	return len == 1;
}

static bool get_int16(const pg_column *col, const char *data, size_t len, void *out)
{
	(void)col;
	if (len != 2)
		return false;
	*(int16_t *)out = (int16_t)get16(data);
	return true;
}

static bool get_int32(const pg_column *col, const char *data, size_t len, void *out)
{
	(void)col;
	if (len != 4)
		return false;
	*(int32_t *)out = (int32_t)get32(data);
	return true;
}

static bool get_int64(const pg_column *col, const char *data, size_t len, void *out)
{
	(void)col;
	if (len != 8)
		return false;
	*(int64_t *)out = (int64_t)get64(data);
	return true;
}

static bool get_int16_as_32(const pg_column *col, const char *data, size_t len, void *out)
{
	(void)col;
	if (len != 2)
		return false;
	*(int32_t *)out = (int16_t)get16(data);
	return true;
}

static bool get_int16_as_64(const pg_column *col, const char *data, size_t len, void *out)
{
	(void)col;
	if (len != 2)
		return false;
	*(int64_t *)out = (int16_t)get16(data);
	return true;
}

static bool get_int32_as_64(const pg_column *col, const char *data, size_t len, void *out)
{
	(void)col;
	if (len != 4)
		return false;
	*(int64_t *)out = (int32_t)get32(data);
	return true;
}

static bool get_oid_as_64(const pg_column *col, const char *data, size_t len, void *out)
{
	(void)col;
	if (len != 4)
		return false;
	*(int64_t *)out = get32(data);
	return true;
}

static bool get_float(const pg_column *col, const char *data, size_t len, void *out)
{
	(void)col;
	if (len != 4)
		return false;
	uint32_t bits = get32(data);
	memcpy(out, &bits, sizeof bits);
	return true;
}

static bool get_double(const pg_column *col, const char *data, size_t len, void *out)
{
	(void)col;
	if (len != 8)
		return false;
	uint64_t bits = get64(data);
	memcpy(out, &bits, sizeof bits);
	return true;
}

static bool get_float_as_double(const pg_column *col, const char *data, size_t len, void *out)
{
	float f;

	if (!get_float(col, data, len, &f))
		return false;
	*(double *)out = (double)f;
	return true;
}

static bool get_uuid(const pg_column *col, const char *data, size_t len, void *out)
{
	(void)col;
	if (len != 16)
		return false;
	memcpy(out, data, 16);
	return true;
}

static bool get_date(const pg_column *col, const char *data, size_t len, void *out)
{
	int32_t days;

	if (!get_int32(col, data, len, &days))
		return false;
	if (days != INT32_MIN && days != INT32_MAX)
		days += EPOCH_DAYS;             /* the server's range leaves room */
	((amph_date *)out)->days = days;
	return true;
}

static bool get_timestamp(const pg_column *col, const char *data, size_t len, void *out)
{
	int64_t usec;

	if (!get_int64(col, data, len, &usec))
		return false;
	if (usec != INT64_MIN && usec != INT64_MAX && __builtin_add_overflow(usec, EPOCH_USEC, &usec))
		return false;
	((amph_timestamp *)out)->usec = usec;
	return true;
}

static bool get_interval(const pg_column *col, const char *data, size_t len, void *out)
{
	(void)col;
	if (len != 16)
		return false;
	*(amph_interval *)out = (amph_interval){ .usec = (int64_t)get64(data),
						 .days = (int32_t)get32(data + 8),
						 .months = (int32_t)get32(data + 12) };
	return true;
}

static bool get_label(const pg_column *col, const char *data, size_t len, void *out)
{
	const amph_enum_type *e = col->slot.enumeration;

	for (size_t i = 0; e && i < e->n_labels; i++) {
		if (strncmp(e->labels[i], data, len) || e->labels[i][len])
			continue;
		*(unsigned *)out = (unsigned)i;
		return true;
	}
	return false;
}

/* ---- texts and bytes ---- */

static bool room_text(pg_column *col, const char *data, size_t len, size_t *room, amph_error *err)
{
	(void)col, (void)data, (void)err;
	*room = len + 1;
	return true;
}

char *amph__pg_fill_text(const pg_column *col, const char *data, size_t len, void *out, char *store)
{
	(void)col;
	memcpy(store, data, len);
	store[len] = '\0';
	*(const char **)out = store;
	return store + len + 1;
}

/* jsonb has its version before the text. */
static bool room_jsonb(pg_column *col, const char *data, size_t len, size_t *room, amph_error *err)
{
	if (len < 1 || *data != 1)
		return amph__error(err, "0A000", "column \"%s\" has jsonb of an unknown version", col->name);
	*room = len;
	return true;
}

static char *fill_jsonb(const pg_column *col, const char *data, size_t len, void *out, char *store)
{
	return amph__pg_fill_text(col, data + 1, len - 1, out, store);
}

/* Even no bytes are somewhere: NULL is no value. */
char *amph__pg_fill_bytes(const pg_column *col, const char *data, size_t len, void *out, char *store)
{
	(void)col;
	memcpy(store, data, len);
	*(amph_bytes *)out = (amph_bytes){ .data = store, .size = len };
	return store + len + 1;
}

/* Of the server's own digits. */
static unsigned hex_digit(char c)
{
	return (unsigned)(c >= 'a' ? c - 'a' + 10 : c - '0') & 15;
}

static bool room_hex(pg_column *col, const char *data, size_t len, size_t *room, amph_error *err)
{
	if (len < 2 || data[0] != '\\' || data[1] != 'x' || len % 2)
		return amph__error(err, "0A000", "column \"%s\" has bytea that is not in hex; "
				   "bytea_output must stay hex", col->name);
	*room = len / 2;
	return true;
}

static char *fill_hex(const pg_column *col, const char *data, size_t len, void *out, char *store)
{
	size_t n = len / 2 - 1;

	(void)col;
	for (size_t i = 0; i < n; i++)
		store[i] = (char)(hex_digit(data[2 + 2 * i]) << 4 | hex_digit(data[3 + 2 * i]));
	*(amph_bytes *)out = (amph_bytes){ .data = store, .size = n };
	return store + n + 1;
}

/* ---- numeric ---- */

enum { NUMERIC_NEGATIVE = 0x4000, NUMERIC_NAN = 0xC000, NUMERIC_INF = 0xD000, NUMERIC_NINF = 0xF000 };

typedef struct pg_numeric { int n, weight, sign, dscale; const char *digits; } pg_numeric;

static pg_numeric numeric_of(const char *data)
{
	return (pg_numeric){ .n = (int16_t)get16(data), .weight = (int16_t)get16(data + 2),
			     .sign = get16(data + 4), .dscale = get16(data + 6) & 0x3FFF,
			     .digits = data + 8 };
}

/* The digit to the base of 10000 whose power that is. */
static int digit_at(const pg_numeric *v, int power)
{
	int i = v->weight - power;

	return i >= 0 && i < v->n ? get16(v->digits + 2 * i) : 0;
}

/* Most fit in 64 bits with their scale: false for the others. */
static bool small_numeric(const pg_numeric *v, amph_numeric *out)
{
	static const int64_t pow10[] = { 1, 10, 100, 1000 };
	int64_t units = 0;
	int last = -(v->dscale + 3) / 4, cut = -last * 4 - v->dscale;

	if (v->dscale > 18 || v->weight > 4)
		return false;
	for (int power = v->weight > -1 ? v->weight : -1; power >= last; power--) {
		int64_t by = power == last && power < 0 ? 10000 / pow10[cut] : 10000;
		int64_t digit = digit_at(v, power) / (10000 / by);

		if (__builtin_mul_overflow(units, by, &units) ||
		    __builtin_add_overflow(units, digit, &units))
			return false;
	}
	*out = (amph_numeric){ .v.units = v->sign == NUMERIC_NEGATIVE ? -units : units,
			       .scale = (int16_t)v->dscale, .kind = AMPH_NUMERIC_SMALL };
	return true;
}

static bool is_special(int sign, amph_numeric *out)
{
	if (sign != NUMERIC_NAN && sign != NUMERIC_INF && sign != NUMERIC_NINF)
		return false;
	*out = (amph_numeric){ .kind = sign == NUMERIC_NAN ? AMPH_NUMERIC_NAN :
				       sign == NUMERIC_INF ? AMPH_NUMERIC_INFINITY :
							     AMPH_NUMERIC_NEG_INFINITY };
	return true;
}

static bool room_numeric(pg_column *col, const char *data, size_t len, size_t *room, amph_error *err)
{
	amph_numeric small;

	if (len < 8 || len != 8 + 2 * (size_t)get16(data))
		return amph__error(err, "08P01", "column \"%s\" has a malformed numeric", col->name);
	pg_numeric v = numeric_of(data);
	*room = 0;
	/* eighteen digits are small for sure */
	if (v.weight >= -1 && v.weight < 4 && 4 * (v.weight + 1) + v.dscale <= 18)
		return true;
	if (!is_special(v.sign, &small) && !small_numeric(&v, &small))
		*room = 8 + 4 * (size_t)(v.weight < 0 ? 1 : v.weight + 1) + (size_t)v.dscale;
	return true;
}

static char *put_digits(char *at, int digit, int from, int to)
{
	static const int pow10[] = { 1000, 100, 10, 1 };

	for (int i = from; i < to; i++)
		*at++ = (char)('0' + digit / pow10[i] % 10);
	return at;
}

/* Plain decimal text: the digits before the point without leading zeros, dscale behind it. */
static char *numeric_text(const pg_numeric *v, char *at)
{
	int first = v->weight > 0 ? v->weight : 0;

	if (v->sign == NUMERIC_NEGATIVE)
		*at++ = '-';
	for (int power = first; power >= 0; power--) {
		int digit = digit_at(v, power), from = 0;

		while (power == first && from < 3 && digit < (from == 0 ? 1000 : from == 1 ? 100 : 10))
			from++;
		at = put_digits(at, digit, from, 4);
	}
	if (v->dscale > 0)
		*at++ = '.';
	for (int done = 0, power = -1; done < v->dscale; done += 4, power--)
		at = put_digits(at, digit_at(v, power), 0, v->dscale - done < 4 ? v->dscale - done : 4);
	*at++ = '\0';
	return at;
}

static char *fill_numeric(const pg_column *col, const char *data, size_t len, void *out, char *store)
{
	amph_numeric *n = out;
	pg_numeric v = numeric_of(data);

	(void)col, (void)len;
	if (is_special(v.sign, n) || small_numeric(&v, n))
		return store;
	char *end = numeric_text(&v, store);
	*n = (amph_numeric){ .v.digits = store, .scale = (int16_t)v.dscale, .kind = AMPH_NUMERIC_DIGITS,
			     .n_digits = (uint32_t)(end - store - 1) };
	return end;
}

/* ---- what comes as text ---- */

static bool parse(const pg_column *col, const char *data, size_t len, void *out)
{
	const amph_type_info *t = &amph__types[col->reader.type];

	return t->parse && t->parse(data, len, out, col->scratch, NULL);
}

static bool get_parsed(const pg_column *col, const char *data, size_t len, void *out)
{
	return parse(col, data, len, out);
}

static bool room_numeric_text(pg_column *col, const char *data, size_t len, size_t *room,
			      amph_error *err)
{
	amph_numeric n;

	if (!parse(col, data, len, &n))
		return amph__error(err, "08P01", "column \"%s\" has a malformed numeric", col->name);
	*room = n.kind == AMPH_NUMERIC_DIGITS ? n.n_digits + (size_t)1 : 0;
	return true;
}

char *amph__pg_keep_digits(amph_numeric *n, char *store)
{
	if (n->kind != AMPH_NUMERIC_DIGITS)
		return store;
	memcpy(store, n->v.digits, n->n_digits);
	store[n->n_digits] = '\0';
	n->v.digits = store;
	return store + n->n_digits + 1;
}

static char *fill_numeric_text(const pg_column *col, const char *data, size_t len, void *out,
			       char *store)
{
	/* what did not fail in room fails here for want of memory at most */
	if (!parse(col, data, len, out))
		*(amph_numeric *)out = (amph_numeric){ .kind = AMPH_NUMERIC_INVALID };
	return amph__pg_keep_digits(out, store);
}

/* ---- which reader ---- */

/* Of one type the first is the usual one. Narrower integers and floats are widened. */
static const pg_reader readers[] = {
	{ AMPH_T_BOOL, 16, get_bool, NULL, NULL },
	{ AMPH_T_INT16, 21, get_int16, NULL, NULL },
	{ AMPH_T_INT32, 23, get_int32, NULL, NULL },
	{ AMPH_T_INT32, 21, get_int16_as_32, NULL, NULL },
	{ AMPH_T_INT64, 20, get_int64, NULL, NULL },
	{ AMPH_T_INT64, 23, get_int32_as_64, NULL, NULL },
	{ AMPH_T_INT64, 21, get_int16_as_64, NULL, NULL },
	{ AMPH_T_INT64, 26, get_oid_as_64, NULL, NULL },
	{ AMPH_T_FLOAT, 700, get_float, NULL, NULL },
	{ AMPH_T_DOUBLE, 701, get_double, NULL, NULL },
	{ AMPH_T_DOUBLE, 700, get_float_as_double, NULL, NULL },
	{ AMPH_T_NUMERIC, 1700, NULL, room_numeric, fill_numeric },
	{ AMPH_T_TEXT, 25, NULL, room_text, amph__pg_fill_text },
	{ AMPH_T_TEXT, 1043, NULL, room_text, amph__pg_fill_text },
	{ AMPH_T_TEXT, 1042, NULL, room_text, amph__pg_fill_text },
	{ AMPH_T_TEXT, 19, NULL, room_text, amph__pg_fill_text },
	{ AMPH_T_TEXT, 18, NULL, room_text, amph__pg_fill_text },
	{ AMPH_T_TEXT, 705, NULL, room_text, amph__pg_fill_text },
	{ AMPH_T_TEXT, 114, NULL, room_text, amph__pg_fill_text },
	{ AMPH_T_BYTES, 17, NULL, room_text, amph__pg_fill_bytes },
	{ AMPH_T_UUID, 2950, get_uuid, NULL, NULL },
	{ AMPH_T_JSON, 3802, NULL, room_jsonb, fill_jsonb },
	{ AMPH_T_JSON, 114, NULL, room_text, amph__pg_fill_text },
	{ AMPH_T_DATE, 1082, get_date, NULL, NULL },
	{ AMPH_T_TIME, 1083, get_int64, NULL, NULL },
	{ AMPH_T_TIMESTAMP, 1114, get_timestamp, NULL, NULL },
	{ AMPH_T_TIMESTAMPTZ, 1184, get_timestamp, NULL, NULL },
	{ AMPH_T_INTERVAL, 1186, get_interval, NULL, NULL },
};

enum { FIRST_USER_OID = 16384 };

static pg_reader binary_reader(int type, uint32_t oid)
{
	int element = amph__pg_type_of_oid(oid);

	for (size_t i = 0; i < sizeof readers / sizeof *readers; i++)
		if (readers[i].type == type && readers[i].oid == oid)
			return readers[i];
	/* the binary form of an enum, and of a domain, is its label or its base type's */
	if (type == AMPH_T_ENUM && (oid >= FIRST_USER_OID || element == AMPH_T_TEXT))
		return (pg_reader){ AMPH_T_ENUM, oid, get_label, NULL, NULL };
	if (type == AMPH_T_TEXT && oid >= FIRST_USER_OID)
		return (pg_reader){ AMPH_T_TEXT, oid, NULL, room_text, amph__pg_fill_text };
	if (type & AMPH_T_ARRAY && element & AMPH_T_ARRAY)
		return (pg_reader){ (uint8_t)type, oid, NULL, amph__pg_room_array, amph__pg_fill_array };
	return (pg_reader){ 0 };
}

/* What the server printed can be read as any type that may be printed so; a type that is known and
 * another one is refused, as it is in binary. */
static pg_reader text_reader(int type, uint32_t oid)
{
	bool known = amph__pg_type_of_oid(oid) != AMPH_T_NONE && type != AMPH_T_TEXT;

	if (known && !(type & AMPH_T_ARRAY) && !binary_reader(type, oid).type)
		return (pg_reader){ 0 };
	if (type & AMPH_T_ARRAY)
		return (pg_reader){ (uint8_t)type, oid, NULL, amph__pg_room_array_text,
				    amph__pg_fill_array_text };
	switch (type) {
	case AMPH_T_TEXT:
	case AMPH_T_JSON:
		return (pg_reader){ (uint8_t)type, oid, NULL, room_text, amph__pg_fill_text };
	case AMPH_T_BYTES:
		return (pg_reader){ (uint8_t)type, oid, NULL, room_hex, fill_hex };
	case AMPH_T_NUMERIC:
		return (pg_reader){ (uint8_t)type, oid, NULL, room_numeric_text, fill_numeric_text };
	case AMPH_T_ENUM:
		return (pg_reader){ (uint8_t)type, oid, get_label, NULL, NULL };
	default:
		return (pg_reader){ (uint8_t)type, oid, get_parsed, NULL, NULL };
	}
}

pg_reader amph__pg_reader(int type, uint32_t oid, bool text)
{
	return text ? text_reader(type, oid) : binary_reader(type, oid);
}
