/* src/model/scalar.c, uuid.c, bytea.c */
#include "amphora/value.h"
#include "tests/unit/model/texts.h"

START_TEST(booleans)
{
	CHECK_PAIRS(AMPH_T_BOOL, { "t", "t" }, { "TRUE", "t" }, { " yes\n", "t" }, { "on", "t" },
		    { "1", "t" }, { "tru", "t" }, { "f", "f" }, { "fal", "f" }, { "no", "f" },
		    { "of", "f" }, { "0", "f" }, { "", "22P02" }, { "o", "22P02" },
		    { "truee", "22P02" }, { "2", "22P02" }, { "да", "22P02" });
}
END_TEST

START_TEST(integers)
{
	CHECK_PAIRS(AMPH_T_INT16, { "32767", "32767" }, { "-32768", "-32768" },
		    { "32768", "22003" }, { "-32769", "22003" });
	CHECK_PAIRS(AMPH_T_INT32, { " 12 ", "12" }, { "+5", "5" }, { "-0", "0" },
		    { "2147483647", "2147483647" }, { "2147483648", "22003" }, { "1.5", "22P02" },
		    { "1e2", "22P02" }, { "", "22P02" }, { "-", "22P02" }, { "1 2", "22P02" },
		    { "99999999999x", "22003" }, { "0x10", "22P02" });
	CHECK_PAIRS(AMPH_T_INT64, { "9223372036854775807", "9223372036854775807" },
		    { "-9223372036854775808", "-9223372036854775808" },
		    { "9223372036854775808", "22003" }, { "-9223372036854775809", "22003" },
		    { "00000000000000000000000007", "7" });
}
END_TEST

START_TEST(nul_bytes_are_no_part_of_a_number)
{
	ck_assert_str_eq(through_text(AMPH_T_INT32, "1\0", 2), "22P02");
	ck_assert_str_eq(through_text(AMPH_T_NUMERIC, "1\0", 2), "22P02");
	ck_assert_str_eq(through_text(AMPH_T_DATE, "2024-01-02\0", 11), "22007");
}
END_TEST

START_TEST(texts_are_utf8)
{
	CHECK_PAIRS(AMPH_T_TEXT, { "", "" }, { "größe 日本 😀", "größe 日本 😀" },
		    { "\xc3\x28", "22021" }, { "\xed\xa0\x80", "22021" }, { "\xff", "22021" });
	ck_assert_str_eq(through_text(AMPH_T_TEXT, "a\0b", 3), "22021");
}
END_TEST

START_TEST(uuids)
{
	const char *same = "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11";
	CHECK_PAIRS(AMPH_T_UUID, { "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", same },
		    { "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11", same },
		    { "{a0eebc999c0b4ef8bb6d6bb9bd380a11}", same },
		    { "a0ee-bc99-9c0b-4ef8-bb6d-6bb9-bd38-0a11", same },
		    { "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a1", "22P02" },
		    { "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a111", "22P02" },
		    { "{a0eebc999c0b4ef8bb6d6bb9bd380a11", "22P02" },
		    { "a0eebc99--9c0b-4ef8-bb6d-6bb9bd380a11", "22P02" },
		    { "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11-", "22P02" },
		    { " a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "22P02" }, { "", "22P02" },
		    { "{}", "22P02" });
	amph_uuid low, high;
	char text[AMPH_UUID_TEXT_MAX];
	ck_assert(amph_uuid_parse("00000000-ffff-ffff-ffff-ffffffffffff", &low, NULL));
	ck_assert(amph_uuid_parse("ffffffff-0000-0000-0000-000000000000", &high, NULL));
	ck_assert_int_lt(amph_uuid_compare(low, high), 0);
	ck_assert_uint_eq(amph_uuid_format(high, text, sizeof(text)), 36);
	ck_assert_str_eq(text, "ffffffff-0000-0000-0000-000000000000");
	ck_assert_uint_eq(amph_uuid_format(high, text, 5), 36);
	ck_assert_str_eq(text, "ffff");
	ck_assert_uint_eq(amph_uuid_format(high, NULL, 0), 36);
	amph_uuid before = low;
	ck_assert(!amph_uuid_parse("zz", &low, &error));
	ck_assert_int_eq(amph_uuid_compare(before, low), 0);
}
END_TEST

START_TEST(bytes)
{
	CHECK_PAIRS(AMPH_T_BYTES, { "\\xdeadBEEF", "\\xdeadbeef" }, { "\\x", "\\x" }, { "", "\\x" },
		    { "\\x de ad", "\\xdead" }, { "a\\001", "\\x6101" }, { "a\\\\b", "\\x615c62" },
		    { "\\377", "\\xff" }, { "\\x4", "22023" }, { "\\xzz", "22023" },
		    { "\\x1z", "22023" }, { "\\9", "22P02" }, { "\\400", "22P02" },
		    { "a\\", "22P02" });
	amph_bytes a = { "\1\1", 2 }, b = { "\2", 1 }, c = { "\2\0", 2 };
	ck_assert_int_lt(amph__bytes_order(&a, &b), 0);
	ck_assert_int_lt(amph__bytes_order(&b, &c), 0);
	ck_assert_int_eq(amph__bytes_order(&c, &c), 0);
}
END_TEST

START_TEST(enums)
{
	const char *const labels[] = { "sad", "ok", "happy" };
	const amph_enum_type mood = { "mood", labels, 3 };
	unsigned value = 7;
	ck_assert(amph__enum_parse(&mood, "happy", 5, &value, &error));
	ck_assert_uint_eq(value, 2);
	ck_assert(!amph__enum_parse(&mood, "Happy", 5, &value, &error));
	ck_assert_str_eq(error.sqlstate, "22P02");
	ck_assert_uint_eq(value, 2);
	ck_assert(!amph__enum_parse(&mood, "", 0, &value, NULL));
	ck_assert_str_eq(amph__enum_label(&mood, 0), "sad");
	ck_assert_ptr_null(amph__enum_label(&mood, 3));
	ck_assert_ptr_null(amph__enum_label(NULL, 0));
}
END_TEST

START_TEST(messages_name_the_type_and_details_the_text)
{
	through_text(AMPH_T_INT32, "secret", 6);
	ck_assert_str_eq(error.message, "invalid input syntax for type integer");
	ck_assert_str_eq(error.detail, "the text is \"secret\"");
	char long_text[1000];
	memset(long_text, 'x', sizeof(long_text));
	ck_assert_str_eq(through_text(AMPH_T_UUID, long_text, sizeof(long_text)), "22P02");
	ck_assert_uint_lt(strlen(error.detail), 160);
	ck_assert_ptr_nonnull(strstr(error.detail, "x...\""));
}
END_TEST

SUITE_MAIN_WITH("scalar", setup_texts, teardown_texts, booleans, integers,
		nul_bytes_are_no_part_of_a_number, texts_are_utf8, uuids, bytes, enums,
		messages_name_the_type_and_details_the_text)
