/* Parameters: C values to PostgreSQL's binary formats, straight from the caller's structs into
 * one buffer of the connection. Text and bytes are not copied at all. */
#include "pg.h"
#include <endian.h>
#include <stdio.h>
#include <string.h>

enum { EPOCH_DAYS = 10957 };                            /* from 1970 to 2000 */
#define EPOCH_USEC ((int64_t)EPOCH_DAYS * 86400000000)

static size_t put16(char *at, uint16_t v)
{
	v = htobe16(v);
	memcpy(at, &v, sizeof v);
	return sizeof v;
}

static size_t put32(char *at, uint32_t v)
{
	v = htobe32(v);
	memcpy(at, &v, sizeof v);
	return sizeof v;
}

static size_t put64(char *at, uint64_t v)
{
	v = htobe64(v);
	memcpy(at, &v, sizeof v);
	return sizeof v;
}

static size_t put_bool(char *at, const void *value)
{
	*at = *(const bool *)value ? 1 : 0;
	return 1;
}

static size_t put_int16(char *at, const void *value)
{
	return put16(at, (uint16_t)*(const int16_t *)value);
}

static size_t put_int32(char *at, const void *value)
{
	return put32(at, (uint32_t)*(const int32_t *)value);
}

static size_t put_int64(char *at, const void *value)
{
	return put64(at, (uint64_t)*(const int64_t *)value);
}

static size_t put_float(char *at, const void *value)
{
	uint32_t bits;

	memcpy(&bits, value, sizeof bits);
	return put32(at, bits);
}

static size_t put_double(char *at, const void *value)
{
	uint64_t bits;

	memcpy(&bits, value, sizeof bits);
	return put64(at, bits);
}

static size_t put_uuid(char *at, const void *value)
{
	memcpy(at, value, 16);
	return 16;
}

/* The extremes are infinities there as here. */
static size_t put_date(char *at, const void *value)
{
	int32_t days = ((const amph_date *)value)->days;

	if (days == INT32_MIN || days == INT32_MAX)
		return put32(at, (uint32_t)days);
	if (days < INT32_MIN + 1 + EPOCH_DAYS)
		return 0;
	return put32(at, (uint32_t)(days - EPOCH_DAYS));
}

static size_t put_time(char *at, const void *value)
{
	int64_t usec = ((const amph_time *)value)->usec;

	return usec < 0 || usec > 86400000000 ? 0 : put64(at, (uint64_t)usec);
}

static size_t put_timestamp(char *at, const void *value)
{
	int64_t usec = ((const amph_timestamp *)value)->usec;

	if (usec == INT64_MIN || usec == INT64_MAX)
		return put64(at, (uint64_t)usec);
	if (usec < INT64_MIN + 1 + EPOCH_USEC)
		return 0;
	return put64(at, (uint64_t)(usec - EPOCH_USEC));
}

static size_t put_interval(char *at, const void *value)
{
	const amph_interval *v = value;

	put64(at, (uint64_t)v->usec);
	put32(at + 8, (uint32_t)v->days);
	put32(at + 12, (uint32_t)v->months);
	return 16;
}

/* ---- types of variable length: the length comes first ---- */

const char *amph__pg_slot_name(const amph_slot *slot)
{
	return slot->name ? slot->name : "parameter";
}

bool amph__pg_too_long(const amph_slot *slot, amph_error *err)
{
	return amph__error(err, "54000", "the value of \"%s\" is longer than a value may be, "
			   "1 GiB less 64 KiB", amph__pg_slot_name(slot));
}

bool amph__pg_check_text(const amph_slot *slot, const char *text, size_t len, amph_error *err)
{
	if (len > PG_VALUE_MAX)
		return amph__pg_too_long(slot, err);
	if (!amph__utf8_valid(text, len))
		return amph__error(err, "22021", "the text of \"%s\" is not valid UTF-8",
				   amph__pg_slot_name(slot));
	return true;
}

/* Length, one byte where version is not 0, the data. */
static bool add(pg_conn *c, char version, const void *data, size_t len, amph_error *err)
{
	size_t all = len + (version != 0);
	char *at = amph__pg_room(c, 4 + all);

	if (!at)
		return amph__error_nomem(err);
	at += put32(at, (uint32_t)all);
	if (version)
		*at++ = version;
	if (len)
		memcpy(at, data, len);
	c->out.len += 4 + all;
	return true;
}

static bool append_text(pg_conn *c, const amph_slot *slot, const void *value, amph_error *err)
{
	const char *text = *(const char *const *)value;
	size_t len = strlen(text);

	return amph__pg_check_text(slot, text, len, err) && add(c, 0, text, len, err);
}

static bool append_json(pg_conn *c, const amph_slot *slot, const void *value, amph_error *err)
{
	const char *text = ((const amph_json *)value)->text;
	size_t len = strlen(text);

	return amph__pg_check_text(slot, text, len, err) && add(c, 1, text, len, err);
}

static bool append_bytes(pg_conn *c, const amph_slot *slot, const void *value, amph_error *err)
{
	const amph_bytes *v = value;

	return v->size > PG_VALUE_MAX ? amph__pg_too_long(slot, err)
				      : add(c, 0, v->data, v->size, err);
}

const char *amph__pg_label(const amph_slot *slot, const void *value, amph_error *err)
{
	unsigned i = *(const unsigned *)value;

	if (slot->enumeration && i < slot->enumeration->n_labels)
		return slot->enumeration->labels[i];
	amph__error(err, "22P02", "%u is no label of enum \"%s\", which \"%s\" is of", i,
		    slot->enumeration ? slot->enumeration->name : "?", amph__pg_slot_name(slot));
	return NULL;
}

static bool append_enum(pg_conn *c, const amph_slot *slot, const void *value, amph_error *err)
{
	const char *label = amph__pg_label(slot, value, err);

	return label && add(c, 0, label, strlen(label), err);
}

/* ---- numeric ---- */

enum { NUMERIC_NEGATIVE = 0x4000, NUMERIC_NAN = 0xC000, NUMERIC_INF = 0xD000, NUMERIC_NINF = 0xF000 };

static bool add_numeric(pg_conn *c, const uint16_t head[4], const int16_t *digits, amph_error *err)
{
	size_t n = head[0];
	char *at = amph__pg_room(c, 12 + 2 * n);

	if (!at)
		return amph__error_nomem(err);
	at += put32(at, (uint32_t)(8 + 2 * n));
	for (int i = 0; i < 4; i++)
		at += put16(at, head[i]);
	for (size_t i = 0; i < n; i++)
		at += put16(at, (uint16_t)digits[i]);
	c->out.len += 12 + 2 * n;
	return true;
}

static const uint64_t pow10[] = {
	1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000, 1000000000, 10000000000,
	100000000000, 1000000000000, 10000000000000, 100000000000000, 1000000000000000,
	10000000000000000, 100000000000000000, 1000000000000000000
};

/* units / 10^scale as digits to the base of 10000: those before the point, then groups of four
 * behind it. *weight is the power of the first. Returns their number, at most 10. */
static int small_digits(uint64_t units, int scale, int16_t *digits, int *weight)
{
	uint64_t whole = units / pow10[scale], part = units - whole * pow10[scale];
	int16_t back[5];
	int n_back = 0, n = 0, skip = 0;

	for (; whole; whole /= 10000)
		back[n_back++] = (int16_t)(whole % 10000);
	*weight = n_back - 1;
	while (n_back > 0)
		digits[n++] = back[--n_back];
	for (int left = scale; left > 4; left -= 4) {
		digits[n++] = (int16_t)(part / pow10[left - 4]);
		part %= pow10[left - 4];
	}
	if (scale)
		digits[n++] = (int16_t)(part * pow10[3 - (scale - 1) % 4]);
	while (n > 0 && !digits[n - 1])
		n--;
	while (skip < n && !digits[skip])
		skip++;
	if (skip) {
		*weight -= skip;
		memmove(digits, digits + skip, (size_t)(n - skip) * sizeof *digits);
	}
	return n - skip;
}

static bool append_small(pg_conn *c, const amph_slot *slot, amph_numeric v, amph_error *err)
{
	bool negative = v.v.units < 0;
	uint64_t units = negative ? 0 - (uint64_t)v.v.units : (uint64_t)v.v.units;
	int16_t digits[10];
	int weight;

	if (v.scale < 0 || v.scale > 18)
		return amph__error(err, "22003", "a small numeric has a scale of 0 to 18, that of \"%s\" "
				   "is %d", amph__pg_slot_name(slot), v.scale);
	int n = small_digits(units, v.scale, digits, &weight);
	uint16_t head[4] = { (uint16_t)n, (uint16_t)(n ? weight : 0),
			     n && negative ? NUMERIC_NEGATIVE : 0, (uint16_t)v.scale };
	return add_numeric(c, head, digits, err);
}

static bool append_large(pg_conn *c, const amph_slot *slot, amph_numeric v, amph_error *err)
{
	amph_decimal d;

	if (!amph__decimal_of(v, &d, &c->scratch, err))
		return false;
	if (d.n_digits > 40000 || d.weight > 32767 || d.weight < -32768 || d.dscale > 0x3FFF)
		return amph__error(err, "22003", "the value of \"%s\" overflows numeric format",
				   amph__pg_slot_name(slot));
	uint16_t head[4] = { (uint16_t)d.n_digits, (uint16_t)(int16_t)d.weight,
			     d.sign && d.n_digits ? NUMERIC_NEGATIVE : 0, (uint16_t)d.dscale };
	return add_numeric(c, head, d.digits, err);
}

static bool append_numeric(pg_conn *c, const amph_slot *slot, const void *value, amph_error *err)
{
	amph_numeric v = *(const amph_numeric *)value;

	switch ((amph_numeric_kind)v.kind) {
	case AMPH_NUMERIC_SMALL:
		return append_small(c, slot, v, err);
	case AMPH_NUMERIC_DIGITS:
		return append_large(c, slot, v, err);
	case AMPH_NUMERIC_NAN:
		return add_numeric(c, (const uint16_t[]){ 0, 0, NUMERIC_NAN, 0 }, NULL, err);
	case AMPH_NUMERIC_INFINITY:
		return add_numeric(c, (const uint16_t[]){ 0, 0, NUMERIC_INF, 0 }, NULL, err);
	case AMPH_NUMERIC_NEG_INFINITY:
		return add_numeric(c, (const uint16_t[]){ 0, 0, NUMERIC_NINF, 0 }, NULL, err);
	case AMPH_NUMERIC_INVALID:
		break;
	}
	return amph__error(err, "22P02", "the numeric of \"%s\" was made of text that is no number",
			   amph__pg_slot_name(slot));
}

/* ---- the table ---- */

#define OPT(name) sizeof(amph_opt_##name), offsetof(amph_opt_##name, has), false
#define POINTER(T) sizeof(T), 0, true

const pg_type amph__pg_types[AMPH_T_COUNT] = {
	[AMPH_T_BOOL] = { 16, 1000, 1, sizeof(bool), OPT(bool), put_bool, NULL },
	[AMPH_T_INT16] = { 21, 1005, 2, sizeof(int16_t), OPT(int16), put_int16, NULL },
	[AMPH_T_INT32] = { 23, 1007, 4, sizeof(int32_t), OPT(int32), put_int32, NULL },
	[AMPH_T_INT64] = { 20, 1016, 8, sizeof(int64_t), OPT(int64), put_int64, NULL },
	[AMPH_T_FLOAT] = { 700, 1021, 4, sizeof(float), OPT(float), put_float, NULL },
	[AMPH_T_DOUBLE] = { 701, 1022, 8, sizeof(double), OPT(double), put_double, NULL },
	[AMPH_T_NUMERIC] = { 1700, 1231, 0, sizeof(amph_numeric), OPT(numeric), NULL, append_numeric },
	[AMPH_T_TEXT] = { 25, 1009, 0, sizeof(char *), POINTER(char *), NULL, append_text },
	[AMPH_T_BYTES] = { 17, 1001, 0, sizeof(amph_bytes), POINTER(amph_bytes), NULL, append_bytes },
	[AMPH_T_UUID] = { 2950, 2951, 16, sizeof(amph_uuid), OPT(uuid), put_uuid, NULL },
	[AMPH_T_JSON] = { 3802, 3807, 0, sizeof(amph_json), POINTER(amph_json), NULL, append_json },
	[AMPH_T_DATE] = { 1082, 1182, 4, sizeof(amph_date), OPT(date), put_date, NULL },
	[AMPH_T_TIME] = { 1083, 1183, 8, sizeof(amph_time), OPT(time), put_time, NULL },
	[AMPH_T_TIMESTAMP] = { 1114, 1115, 8, sizeof(amph_timestamp), OPT(timestamp), put_timestamp,
			       NULL },
	[AMPH_T_TIMESTAMPTZ] = { 1184, 1185, 8, sizeof(amph_timestamptz), OPT(timestamptz),
				 put_timestamp, NULL },
	[AMPH_T_INTERVAL] = { 1186, 1187, 16, sizeof(amph_interval), OPT(interval), put_interval,
			      NULL },
	/* the database numbers an enum's type as it likes: the server finds it by the context */
	[AMPH_T_ENUM] = { 0, 0, 0, sizeof(unsigned), OPT(enum), NULL, append_enum },
	[AMPH_T_TSVECTOR] = { 3614, 3643, 0, 0, 0, 0, false, NULL, NULL },
	[AMPH_T_TSQUERY] = { 3615, 3645, 0, 0, 0, 0, false, NULL, NULL },
	[AMPH_T_PLAIN_JSON] = { 114, 199, 0, 0, 0, 0, false, NULL, NULL },
	[AMPH_T_JSONPATH] = { 4072, 4073, 0, 0, 0, 0, false, NULL, NULL }
};

int amph__pg_type_of_oid(uint32_t oid)
{
	static const struct { uint32_t oid; uint8_t type; } others[] = {
		{ 1043, AMPH_T_TEXT }, { 1042, AMPH_T_TEXT }, { 19, AMPH_T_TEXT }, { 18, AMPH_T_TEXT },
		{ 705, AMPH_T_TEXT }, { 114, AMPH_T_JSON }, { 26, AMPH_T_INT64 },
		{ 1015, AMPH_T_TEXT | AMPH_T_ARRAY }, { 1003, AMPH_T_TEXT | AMPH_T_ARRAY },
		{ 1014, AMPH_T_TEXT | AMPH_T_ARRAY }
	};

	for (int i = 1; i < AMPH_T_COUNT; i++) {
		const pg_type *t = &amph__pg_types[i];

		if (!t->size || !t->oid)
			continue;
		if (t->oid == oid)
			return i;
		if (t->array_oid == oid)
			return i | AMPH_T_ARRAY;
	}
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		if (others[i].oid == oid)
			return others[i].type;
	return AMPH_T_NONE;
}
