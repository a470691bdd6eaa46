/* src/model/slot.c, type.c */
#include "amphora/value.h"
#include "tests/unit/model/texts.h"
#include <math.h>

typedef struct row {
	int32_t id;
	amph_opt_int64 manager;
	const char *name;
	amph_numeric price;
	double rate;
	amph_opt_double limit;
	amph_bytes data;
	amph_json extra;
	unsigned mood;
	amph_date day;
	amph_time time;
	amph_timestamp at;
	amph_interval span;
	amph_text_array tags;
	amph_int32_array counts;
} row;
#define SLOT(member, t) { .type = (t) & 0x7F, .nullable = ((t) & AMPH_T_NULLABLE) != 0,       \
			  .offset = offsetof(row, member), .name = #member }
static const amph_slot id = SLOT(id, AMPH_T_INT32);
static const amph_slot manager = SLOT(manager, AMPH_T_INT64 | AMPH_T_NULLABLE);
static const amph_slot name = SLOT(name, AMPH_T_TEXT);
static const amph_slot price = SLOT(price, AMPH_T_NUMERIC);
static const amph_slot rate = SLOT(rate, AMPH_T_DOUBLE);
static const amph_slot data = SLOT(data, AMPH_T_BYTES);
static const amph_slot extra = SLOT(extra, AMPH_T_JSON);
static const amph_slot day = SLOT(day, AMPH_T_DATE);
static const amph_slot time_of_day = SLOT(time, AMPH_T_TIME);
static const amph_slot at = SLOT(at, AMPH_T_TIMESTAMP);
static const amph_slot tags = SLOT(tags, AMPH_T_TEXT | AMPH_T_ARRAY);
static const amph_slot counts = SLOT(counts, AMPH_T_INT32 | AMPH_T_ARRAY);

START_TEST(null_is_said_by_has_or_pointer)
{
	row r = { 0 };
	ck_assert(!amph__slot_is_null(&id, &r));
	ck_assert(amph__slot_is_null(&manager, &r));
	ck_assert(amph__slot_is_null(&name, &r));
	ck_assert(amph__slot_is_null(&data, &r));
	ck_assert(amph__slot_is_null(&extra, &r));
	ck_assert(amph__slot_is_null(&tags, &r));
	r.manager.has = true;
	r.name = "";
	r.data.data = "";
	r.extra = AMPH_JSON(null);
	r.tags.items = &r.name;
	ck_assert(!amph__slot_is_null(&manager, &r));
	ck_assert(!amph__slot_is_null(&name, &r));
	ck_assert(!amph__slot_is_null(&data, &r));
	ck_assert(!amph__slot_is_null(&extra, &r));
	ck_assert(!amph__slot_is_null(&tags, &r));
}
END_TEST

START_TEST(equal_values)
{
	char other_text[] = "ada";
	const char *const some[] = { "x", NULL }, *const same[] = { "x", NULL };
	row a = { .id = 1, .manager = AMPH_SOME(7), .name = "ada", .price = amph_dec(9.50),
		  .rate = NAN, .data = { "\1\0", 2 }, .extra = { "{\"a\": [1, \"b c\"]}" },
		  .tags = { some, 2 } };
	row b = a;
	b.name = other_text;
	b.price = amph_dec(9.5);
	b.extra.text = "{ \"a\":[1,\"b c\"] }";
	b.tags.items = same;
	const amph_slot *const slots[] = { &id, &manager, &name, &price, &rate, &data, &extra, &tags };
	for (size_t i = 0; i < sizeof(slots) / sizeof(slots[0]); i++)
		ck_assert_msg(amph__slot_equal(slots[i], &a, &b), "%s", slots[i]->name);
}
END_TEST

START_TEST(different_values)
{
	const char *const some[] = { "x", NULL }, *const others[] = { "x", "" };
	row a = { .id = 1, .name = "ada", .price = amph_dec(9.50), .rate = 0.0, .data = { "\1", 1 },
		  .extra = { "{\"a\": \"b c\"}" }, .tags = { some, 2 } };
	row b = { .id = 2, .manager = AMPH_SOME(0), .name = "adam", .price = amph_dec(9.51),
		  .rate = -0.0, .data = { "\1\0", 2 }, .extra = { "{\"a\": \"bc\"}" },
		  .tags = { others, 2 } };
	const amph_slot *const slots[] = { &id, &manager, &name, &price, &rate, &data, &extra, &tags };
	for (size_t i = 0; i < sizeof(slots) / sizeof(slots[0]); i++) {
		ck_assert_msg(!amph__slot_equal(slots[i], &a, &b), "%s", slots[i]->name);
		ck_assert_msg(!amph__slot_equal(slots[i], &b, &a), "%s", slots[i]->name);
	}
	b = a;
	b.name = NULL;
	b.data.data = NULL;
	b.extra.text = NULL;
	b.tags.items = NULL;
	ck_assert(!amph__slot_equal(&name, &a, &b));
	ck_assert(!amph__slot_equal(&data, &b, &a));
	ck_assert(!amph__slot_equal(&extra, &a, &b));
	ck_assert(!amph__slot_equal(&tags, &b, &a));
	ck_assert(amph__slot_equal(&name, &b, &b));
}
END_TEST

static const char *checked(const amph_slot *slot, amph_sqltype type, const row *r)
{
	amph__error_clear(&error);
	type.type = slot->type;
	bool ok = amph__slot_check(slot, &type, r, "orders", slot->name, &error);
	ck_assert(ok == (error.status == AMPH_OK));
	ck_assert(!amph__slot_is_plain(slot, &type, r) || (ok && amph__slot_is_fit(slot, &type, r)));
	ck_assert(ok || (strcmp(error.table, "orders") == 0 && strcmp(error.column, slot->name) == 0));
	return ok ? "" : error.sqlstate;
}

static bool is_plain(const amph_slot *slot, amph_sqltype type, const row *r)
{
	return amph__slot_is_plain(slot, &type, r);
}

/* What is not plain is looked at in full, whether it is right or not. */
START_TEST(plain_values)
{
	const amph_sqltype open = { .nullable = true }, not_null = { .nullable = false };
	row r = { .name = "größe", .price = amph_dec(99.99) };
	ck_assert(is_plain(&name, open, &r) && is_plain(&name, (amph_sqltype){ .length = 7 }, &r));
	ck_assert(!is_plain(&name, (amph_sqltype){ .length = 6 }, &r));
	ck_assert(is_plain(&price, (amph_sqltype){ .length = 4, .scale = 2 }, &r));
	ck_assert(!is_plain(&price, (amph_sqltype){ .length = 3, .scale = 2 }, &r));
	ck_assert(!is_plain(&price, (amph_sqltype){ .length = 5, .scale = 3 }, &r));
	ck_assert(is_plain(&manager, open, &r) && !is_plain(&manager, not_null, &r));
	ck_assert(is_plain(&extra, open, &r) && !is_plain(&extra, not_null, &r));
	ck_assert(is_plain(&at, not_null, &r) && !is_plain(&tags, open, &r));
	r.manager.value = 3;
	ck_assert(!is_plain(&manager, open, &r));
	r.manager.has = true;
	ck_assert(is_plain(&manager, not_null, &r));
	r.at.usec = INT64_MIN + 1;
	r.name = "a longer text of ASCII that ends in \xc3";
	ck_assert(!is_plain(&at, open, &r) && !is_plain(&name, open, &r));
}
END_TEST

START_TEST(checks_of_columns)
{
	row r = { .name = "größe", .price = amph_dec(99.994) };
	const amph_sqltype open = { .nullable = true }, not_null = { .nullable = false };
	ck_assert_str_eq(checked(&manager, open, &r), "");
	ck_assert_str_eq(checked(&manager, not_null, &r), "23502");
	ck_assert_str_eq(checked(&tags, not_null, &r), "23502");
	r.manager.value = 3;
	ck_assert_str_eq(checked(&manager, open, &r), "HV010");
	ck_assert_int_eq(error.status, AMPH_E_MISUSE);
	ck_assert_str_eq(checked(&name, (amph_sqltype){ .length = 5 }, &r), "");
	ck_assert_str_eq(checked(&name, (amph_sqltype){ .length = 4 }, &r), "22001");
	r.name = "ab   ";
	ck_assert_str_eq(checked(&name, (amph_sqltype){ .length = 2 }, &r), "");
	r.name = "\xc3";
	ck_assert_str_eq(checked(&name, open, &r), "22021");
	r.extra.text = "\"\xff\"";
	ck_assert_str_eq(checked(&extra, open, &r), "22021");
	ck_assert_str_eq(checked(&price, (amph_sqltype){ .length = 4, .scale = 2 }, &r), "");
	ck_assert_str_eq(checked(&price, (amph_sqltype){ .length = 3, .scale = 2 }, &r), "22003");
	r.price = amph_dec(nonsense);
	ck_assert_str_eq(checked(&price, open, &r), "22P02");
}
END_TEST

START_TEST(checks_of_ranges)
{
	const amph_sqltype open = { .nullable = true };
	row r = { .day = { AMPH_INFINITY_DATE.days }, .at = AMPH_NEG_INFINITY_TIMESTAMP };
	ck_assert_str_eq(checked(&day, open, &r), "");
	ck_assert_str_eq(checked(&at, open, &r), "");
	r.day.days = INT32_MAX - 1;
	r.at.usec = INT64_MIN + 1;
	r.time.usec = -1;
	ck_assert_str_eq(checked(&day, open, &r), "22008");
	ck_assert_str_eq(checked(&at, open, &r), "22008");
	ck_assert_str_eq(checked(&time_of_day, open, &r), "22008");
	const char *const labels[] = { "sad", "ok" };
	const amph_enum_type mood_type = { "mood", labels, 2 };
	amph_slot mood = SLOT(mood, AMPH_T_ENUM);
	mood.enumeration = &mood_type;
	r.mood = 1;
	ck_assert_str_eq(checked(&mood, open, &r), "");
	r.mood = 2;
	ck_assert_str_eq(checked(&mood, open, &r), "22P02");
	const char *const texts[] = { "ok", NULL, "\xff" };
	r.tags = (amph_text_array){ texts, 2 };
	ck_assert_str_eq(checked(&tags, open, &r), "");
	r.tags.n = 3;
	ck_assert_str_eq(checked(&tags, open, &r), "22021");
	const amph_opt_int32 numbers[] = { AMPH_SOME(1), { .has = false } };
	r.counts = (amph_int32_array){ numbers, 2 };
	ck_assert_str_eq(checked(&counts, open, &r), "");
}
END_TEST

START_TEST(sizes_of_types)
{
	ck_assert_uint_eq(amph_type_size(AMPH_T_INT64, false), sizeof(int64_t));
	ck_assert_uint_eq(amph_type_size(AMPH_T_INT64, true), sizeof(amph_opt_int64));
	ck_assert_uint_eq(amph_type_size(AMPH_T_INT64 | AMPH_T_NULLABLE, false), sizeof(amph_opt_int64));
	ck_assert_uint_eq(amph_type_size(AMPH_T_TEXT, true), sizeof(char *));
	ck_assert_uint_eq(amph_type_size(AMPH_T_INT16 | AMPH_T_ARRAY, true), sizeof(amph_int16_array));
	ck_assert_uint_eq(amph_type_size(63, false), 0);
	ck_assert_uint_eq(amph_type_has_offset(AMPH_T_UUID), offsetof(amph_opt_uuid, has));
	ck_assert_uint_eq(amph_type_has_offset(AMPH_T_TEXT), 0);
	for (int t = AMPH_T_BOOL; t < AMPH_T_COUNT; t++) {
		ck_assert_ptr_nonnull(amph__types[t].name);
		ck_assert(amph__types[t].parse == NULL || amph__types[t].format != NULL);
	}
}
END_TEST

START_TEST(names_of_types)
{
	char text[64];
	const amph_enum_type mood = { "mood", NULL, 0 };
	ck_assert_str_eq(amph__type_name((amph_sqltype){ .type = AMPH_T_TEXT, .length = 80 }, text, 64),
			 "character varying(80)");
	ck_assert_str_eq(amph__type_name((amph_sqltype){ .type = AMPH_T_NUMERIC, .length = 10,
							 .scale = 2 }, text, 64), "numeric(10,2)");
	ck_assert_str_eq(amph__type_name((amph_sqltype){ .type = AMPH_T_INT32 | AMPH_T_ARRAY }, text, 64),
			 "integer[]");
	ck_assert_str_eq(amph__type_name((amph_sqltype){ .type = AMPH_T_ENUM | AMPH_T_ARRAY,
							 .enumeration = &mood }, text, 64), "mood[]");
	ck_assert_str_eq(amph__type_name((amph_sqltype){ .type = AMPH_T_TIMESTAMPTZ }, text, 64),
			 "timestamp with time zone");
	ck_assert_str_eq(amph__type_name((amph_sqltype){ .type = AMPH_T_INT32 }, text, 4), "int");
}
END_TEST

SUITE_MAIN_WITH("slot", setup_texts, teardown_texts, null_is_said_by_has_or_pointer, equal_values,
		different_values, plain_values, checks_of_columns, checks_of_ranges,
		sizes_of_types, names_of_types)
