/* Text sorts by the bytes of its characters and its letters are Unicode's, whatever the database's own
 * collation: in queries, checks, computed columns, arrays, aggregates and raw SQL on tables of models. */
#include "conformance.h"
#include <stdio.h>

typedef struct Word {
	int64_t id;
	const char *word;
	amph_text_array tags;
	bool early;
	const char *later;
} Word;
AMPH_DECLARE(Word);
AMPH_MODEL(Word, "collated_words",
	.columns = AMPH_COLUMNS(
		AMPH_COLUMN(Word, id, .primary_key = true),
		AMPH_COLUMN(Word, word, .length = 40, .not_null = true, .index = true,
			    .check = "word < 'zz'"),
		AMPH_COLUMN(Word, tags),
		AMPH_COLUMN(Word, early, .computed = "word < 'b'")),
	.hybrids = AMPH_HYBRIDS(AMPH_HYBRID(Word, later, "greatest(word, 'aa')")));
static const amph_model *const models[] = { &amph_model_Word, NULL };

typedef struct Found { const char *text; amph_text_array tags; } Found;
AMPH_ROW(Found);

static amph_engine *own;
static amph_session *w;

static void begin(void)
{
	static const char *const words[] = { "apple", "Apple", "Zoo", "zebra" };
	amph_error err;

	own = amph_open(test_url(), AMPH_OPTIONS(.models = models), &err);
	ck_assert_msg(own && amph_drop_all(own, &err) && amph_create_all(own, &err), "%s", err.message);
	w = amph_session_open(own);
	for (size_t i = 0; i < 4; i++)
		amph_new(w, Word, .word = words[i], .tags = { &words[i], 1 });
	ck_assert_msg(amph_commit(w), "%s", amph_session_error(w)->message);
}

static void end(void)
{
	amph_error err;

	amph_session_close(w);
	ck_assert_msg(amph_drop_all(own, &err), "%s", err.message);
	amph_close(own);
}

static const char *text_of(const char *sql)
{
	static char text[200];
	amph_rows *r = amph_sql(w, sql);

	ck_assert_msg(amph_next(r), "%s", amph_session_error(w)->message);
	snprintf(text, sizeof text, "%s", amph_cell_text(r, "text"));
	amph_rows_close(r);
	return text;
}

START_TEST(queries_compare_by_bytes)
{
	begin();
	Word **all = amph_all(w, Word, .order_by = by(array_col(Word, tags)), .hybrids = true);
	ck_assert_uint_eq(amph_length(all), 4);
	ck_assert_str_eq(all[0]->word, "Apple");
	ck_assert_str_eq(all[1]->word, "Zoo");
	ck_assert_str_eq(all[1]->later, "aa");
	ck_assert_str_eq(all[2]->word, "apple");
	ck_assert(all[1]->early && all[2]->early && !all[3]->early);
	ck_assert_int_eq(amph_count(w, Word, .where = gt(array_col(Word, tags), elements("a"))), 2);
	ck_assert_int_eq(amph_count(w, Word, .where = gt(greatest(col(Word, word), "Zz"), "Zz")), 2);
	Found *found = amph_project(w, Found, Word, .fields = fields(
		into(Found, text, agg_order(agg_distinct(fn_string_agg(col(Word, word), ",")),
					    by(col(Word, word)))),
		into(Found, tags, fn_max(array_col(Word, tags)))));
	ck_assert_msg(found != NULL, "%s", amph_session_error(w)->message);
	ck_assert_str_eq(found[0].text, "Apple,Zoo,apple,zebra");
	ck_assert_str_eq(found[0].tags.items[0], "zebra");
	end();
}
END_TEST

START_TEST(tables_compare_by_bytes)
{
	begin();
	ck_assert_str_eq(text_of("SELECT string_agg(word, ',' ORDER BY word) AS text FROM collated_words"),
			 "Apple,Zoo,apple,zebra");
	ck_assert_str_eq(text_of("SELECT max(word) AS text FROM collated_words WHERE word < 'a'"), "Zoo");
	ck_assert_str_eq(text_of("SELECT greatest(word, 'aa') AS text FROM collated_words "
				 "WHERE word = 'Zoo'"), "aa");
	amph_new(w, Word, .word = "\xc3\xa9");
	ck_assert(!amph_commit(w));
	ck_assert_str_eq(amph_session_error(w)->constraint, "collated_words_word_check");
	amph_rollback(w);
	end();
}
END_TEST

START_TEST(letters_are_those_of_unicode)
{
	begin();
	amph_new(w, Word, .word = "Stra\xc3\x9f" "e \xc3\x89");
	ck_assert(amph_flush(w));
	ck_assert_str_eq(text_of("SELECT upper(word) AS text FROM collated_words "
				 "WHERE word ILIKE '%\xc3\xa9'"), "STRA\xc3\x9f" "E \xc3\x89");
	end();
}
END_TEST

SUITE(collation_suite, "collation", queries_compare_by_bytes, tables_compare_by_bytes,
      letters_are_those_of_unicode)
