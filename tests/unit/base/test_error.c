/* src/base/error.c */
#include "src/base/error.h"
#include "src/base/utf8.h"
#include "tests/support/suite.h"
#include <string.h>

START_TEST(error_fills_all)
{
	amph_error err;
	memset(&err, 0xAA, sizeof(err));
	ck_assert(!amph__error(&err, "23505", "key \"%s\" is there already", "x"));
	ck_assert_int_eq(err.status, AMPH_E_UNIQUE);
	ck_assert_str_eq(err.sqlstate, "23505");
	ck_assert_str_eq(err.message, "key \"x\" is there already");
	ck_assert_int_eq(err.outcome, AMPH_NOT_APPLIED);
	ck_assert(!err.retryable);
	ck_assert_str_eq(err.table, "");
	ck_assert_str_eq(err.detail, "");
	ck_assert_int_eq(err.position, 0);
}
END_TEST

START_TEST(error_takes_null)
{
	ck_assert(!amph__error(NULL, "22003", "out of range"));
	ck_assert(!amph__error_nomem(NULL));
	ck_assert(!amph__error_misuse(NULL, "x"));
	amph__error_context(NULL, "x");
	amph__error_names(NULL, "a", "b", "c");
	amph__error_clear(NULL);
}
END_TEST

START_TEST(error_may_quote_itself)
{
	amph_error err;
	amph__error(&err, "08006", "the server went away");
	amph__error(&err, "08007", "COMMIT: %s", err.message);
	ck_assert_str_eq(err.message, "COMMIT: the server went away");
	ck_assert_int_eq(err.outcome, AMPH_UNKNOWN);
}
END_TEST

START_TEST(misuse_and_nomem_have_their_states)
{
	amph_error err;
	amph__error_misuse(&err, "expression %d was used after its block", 3);
	ck_assert_int_eq(err.status, AMPH_E_MISUSE);
	ck_assert_str_eq(err.sqlstate, "HV010");
	ck_assert_str_eq(err.message, "expression 3 was used after its block");
	amph__error_nomem(&err);
	ck_assert_int_eq(err.status, AMPH_E_NOMEM);
	ck_assert_str_eq(err.sqlstate, "53200");
}
END_TEST

START_TEST(context_goes_before)
{
	amph_error err;
	amph__error(&err, "22003", "out of range");
	amph__error_context(&err, "member \"%s\"", "age");
	ck_assert_str_eq(err.message, "member \"age\": out of range");
	ck_assert_str_eq(err.sqlstate, "22003");
}
END_TEST

START_TEST(long_messages_are_cut_between_characters)
{
	char text[400];
	for (size_t start = 0; start < 4; start++) {
		memset(text, 'a', start);
		for (size_t i = start; i + 3 < sizeof(text); i += 3)
			memcpy(text + i, "€", 4);
		amph_error err;
		amph__error(&err, "22001", "%s", text);
		size_t len = strlen(err.message);
		ck_assert_uint_gt(len, 252);
		ck_assert_uint_le(len, 255);
		ck_assert(amph__utf8_valid(err.message, len));
		amph__error_context(&err, "in a place");
		ck_assert(amph__utf8_valid(err.message, strlen(err.message)));
		ck_assert_int_eq(strncmp(err.message, "in a place: ", 12), 0);
		amph__error_context(&err, "%s", text);
		ck_assert(amph__utf8_valid(err.message, strlen(err.message)));
	}
}
END_TEST

START_TEST(names_are_kept_where_not_given)
{
	amph_error err;
	amph__error(&err, "23505", "x");
	amph__error_names(&err, "users", NULL, "users_email_key");
	amph__error_names(&err, NULL, "email", NULL);
	ck_assert_str_eq(err.table, "users");
	ck_assert_str_eq(err.column, "email");
	ck_assert_str_eq(err.constraint, "users_email_key");
	amph__error_clear(&err);
	ck_assert_int_eq(err.status, AMPH_OK);
	ck_assert_str_eq(err.table, "");
}
END_TEST

START_TEST(copy_text_cuts_between_characters)
{
	char dst[6];
	amph__copy_text(dst, sizeof(dst), "abcde");
	ck_assert_str_eq(dst, "abcde");
	amph__copy_text(dst, sizeof(dst), "abcdef");
	ck_assert_str_eq(dst, "abcde");
	amph__copy_text(dst, sizeof(dst), "abcdé");
	ck_assert_str_eq(dst, "abcd");
	amph__copy_text(dst, sizeof(dst), "abé");
	ck_assert_str_eq(dst, "abé");
	amph__copy_text(dst, sizeof(dst), "ab😀");
	ck_assert_str_eq(dst, "ab");
	amph__copy_text(dst, sizeof(dst), "a😀b");
	ck_assert_str_eq(dst, "a😀");
	amph__copy_text(dst, sizeof(dst), "");
	ck_assert_str_eq(dst, "");
	amph__copy_text(dst, 1, "x");
	ck_assert_str_eq(dst, "");
	dst[0] = 'z';
	amph__copy_text(dst, 0, "x");
	ck_assert_int_eq(dst[0], 'z');
}
END_TEST

START_TEST(states_have_their_status)
{
	static const struct { const char *state; amph_status status; } rows[] = {
		{ "00000", AMPH_OK }, { "01000", AMPH_OK },
		{ "02000", AMPH_E_NOTFOUND }, { "23505", AMPH_E_UNIQUE },
		{ "23503", AMPH_E_FOREIGN_KEY }, { "23001", AMPH_E_FOREIGN_KEY },
		{ "23514", AMPH_E_CHECK }, { "23502", AMPH_E_NOT_NULL },
		{ "22003", AMPH_E_DATA }, { "22P02", AMPH_E_DATA }, { "21000", AMPH_E_DATA },
		{ "42804", AMPH_E_TYPE }, { "42883", AMPH_E_SYNTAX }, { "42703", AMPH_E_SYNTAX },
		{ "42P01", AMPH_E_SYNTAX }, { "42601", AMPH_E_SYNTAX },
		{ "0A000", AMPH_E_UNSUPPORTED }, { "40001", AMPH_E_SERIALIZATION },
		{ "40P01", AMPH_E_SERIALIZATION }, { "25P02", AMPH_E_ABORTED },
		{ "55P03", AMPH_E_BUSY }, { "57014", AMPH_E_TIMEOUT },
		{ "57P01", AMPH_E_CONNECTION }, { "57P05", AMPH_E_CONNECTION },
		{ "08006", AMPH_E_CONNECTION }, { "08001", AMPH_E_CONNECTION },
		{ "08007", AMPH_E_UNKNOWN_OUTCOME }, { "HV010", AMPH_E_MISUSE },
		{ "53200", AMPH_E_NOMEM }, { "53100", AMPH_E_RESOURCE },
		{ "54000", AMPH_E_RESOURCE }, { "25006", AMPH_E_READ_ONLY },
		{ "25001", AMPH_E_MISUSE }, { "XX001", AMPH_E_CORRUPT },
		{ "XX000", AMPH_E_OTHER }, { "57000", AMPH_E_OTHER }, { "ZZZZZ", AMPH_E_OTHER },
		{ "", AMPH_E_OTHER }, { "2", AMPH_E_OTHER },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		ck_assert_msg(amph__status_of(rows[i].state) == rows[i].status, "%s is %s",
			      rows[i].state, amph_status_name(amph__status_of(rows[i].state)));
	}
}
END_TEST

START_TEST(only_serialization_is_retryable)
{
	amph_error err;
	amph__error(&err, "40P01", "deadlock");
	ck_assert(err.retryable);
	amph__error(&err, "40003", "who knows");
	ck_assert(!err.retryable);
	amph__error(&err, "23505", "there already");
	ck_assert(!err.retryable);
}
END_TEST

START_TEST(every_status_has_a_name)
{
	ck_assert_str_eq(amph_status_name(AMPH_OK), "AMPH_OK");
	ck_assert_str_eq(amph_status_name(AMPH_E_UNIQUE), "AMPH_E_UNIQUE");
	ck_assert_str_eq(amph_status_name(AMPH_E_STALE), "AMPH_E_STALE");
	ck_assert_str_eq(amph_status_name(AMPH_E_UNKNOWN_OUTCOME), "AMPH_E_UNKNOWN_OUTCOME");
	ck_assert_str_eq(amph_status_name(AMPH_E_OTHER), "AMPH_E_OTHER");
	ck_assert_str_eq(amph_status_name(AMPH_E_MANY), "AMPH_E_MANY");
	ck_assert_str_eq(amph_status_name((amph_status)(AMPH_E_MANY - 1)), "AMPH_E_OTHER");
	ck_assert_str_eq(amph_status_name((amph_status)5), "AMPH_E_OTHER");
	ck_assert_str_eq(amph_status_name((amph_status)-100), "AMPH_E_OTHER");
}
END_TEST

static void withheld(const char *state, const char *message, const char *left, const char *detail)
{
	amph_error err;

	amph__error(&err, state, "%s", message);
	amph__error_withhold(&err);
	ck_assert_str_eq(err.message, left);
	ck_assert_str_eq(err.detail, detail);
}

START_TEST(texts_of_rows_go_to_detail)
{
	char long_text[400] = "\"";

	memset(long_text + 1, 'x', 300);
	withheld("22007", "invalid input syntax for type date: \"a: \"b\"",
		 "invalid input syntax for type date", "the text is \"a: \"b\"");
	withheld("22003", "value \"a\" is out of range for type integer",
		 "value is out of range for type integer", "the text is \"a\"");
	withheld("22003", "value \"\" is out of range for\" is out of range for type integer",
		 "value is out of range for type integer", "the text is \"\" is out of range for\"");
	withheld("22003", "\"1e999\" is out of range for type double precision",
		 "value is out of range for type double precision", "the text is \"1e999\"");
	withheld("22007", "invalid value \"ab\" for \"YYYY\"", "invalid value for \"YYYY\"",
		 "the text is \"ab\"");
	withheld("22P02", "\"x\" is not a number", "value is not a number", "the text is \"x\"");
	withheld("42601", "syntax error in tsquery: \"a &\"", "syntax error in tsquery",
		 "the text is \"a &\"");
	/* the program's own names stay */
	withheld("42703", "column \"a\" does not exist", "column \"a\" does not exist", "");
	withheld("42601", "syntax error at or near \"x\"", "syntax error at or near \"x\"", "");
	withheld("22012", "division by zero", "division by zero", "");
	amph_error err;
	amph__error(&err, "22003", "%s", long_text);
	amph__error_withhold(&err);
	ck_assert_str_eq(err.message, "value");
	memcpy(long_text, "value \"", 7);
	amph__error(&err, "22003", "%s", long_text);
	amph__error_withhold(&err);
	ck_assert_str_eq(err.message, "value");
	/* of the program, or of a trigger of its own */
	withheld("22023", "\"zz\" is not an existing enum label", "\"zz\" is not an existing enum label", "");
	amph__error_withhold(NULL);
}
END_TEST

SUITE_MAIN("error", texts_of_rows_go_to_detail, error_fills_all, error_takes_null, error_may_quote_itself,
	   misuse_and_nomem_have_their_states, context_goes_before,
	   long_messages_are_cut_between_characters, names_are_kept_where_not_given,
	   copy_text_cuts_between_characters, states_have_their_status,
	   only_serialization_is_retryable, every_status_has_a_name)
