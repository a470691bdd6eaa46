/* Expressions over JSON, arrays, full text and trigrams. */
#include "expr.h"

START_TEST(json_paths_and_nulls)
{
	add_maybes();
	IS("[1, 2.5, null, \"x\"]", "jsonb", json_at(C(json), "a", "b"));
	IS("2.5", "jsonb", json_at(C(json), "a", "b", "1"));
	IS("x", "text", json_text(C(json), "a", "b", "-1"));
	IS("12", "bigint", json_int(C(json), "n"));
	IS("7", "bigint", json_int(C(json), "s"));
	IS("2.5", "numeric", json_numeric(C(json), "a", "b", "1"));
	IS("2.5", "double precision", json_float(C(json), "a", "b", "1"));
	IS("t", "boolean", json_bool(C(json), "t"));
	/* JSON's null is a value, SQL's is none */
	IS("null", "jsonb", json_at(C(json), "z"));
	IS(NULL, "text", json_text(C(json), "z"));
	IS(NULL, "jsonb", json_at(C(json), "nowhere"));
	IS(NULL, "bigint", json_int(C(json), "z"));
	IS("t", "boolean", eq(json_at(C(json), "z"), AMPH_JSON(null)));
	IS("f", "boolean", is_null(json_at(C(json), "z")));
	IS("t", "boolean", is_null(json_at(C(json), "nowhere")));
	IS("null", "text", fn_jsonb_typeof(json_at(C(json), "z")));
	IS("array", "text", fn_jsonb_typeof(json_at(C(json), "a", "b")));
	IS("4", "integer", fn_jsonb_array_length(json_at(C(json), "a", "b")));
	IS("t", "boolean", gt(json_at(C(json), "n"), AMPH_JSON(2)));
	IS_NULL_("jsonb", json_at(C(json), "a"));
	REFUSED("22P02", "bigint", json_int(C(json), "a"));
	REFUSED("22023", "array length", fn_jsonb_array_length(json_at(C(json), "n")));
}
END_TEST

START_TEST(json_containment_and_keys)
{
	add_maybes();
	IS("t", "boolean", json_contains(C(json), AMPH_JSON({"a": {"b": ["x"]}})));
	IS("f", "boolean", json_contains(C(json), AMPH_JSON({"n": "12"})));
	IS("t", "boolean", json_contained(AMPH_JSON({"n": 12}), C(json)));
	IS("t", "boolean", json_has_key(C(json), "z"));
	IS("f", "boolean", json_has_key(C(json), "b"));
	IS("t", "boolean", json_has_any(C(json), elements("b", "t")));
	IS("f", "boolean", json_has_all(C(json), elements("b", "t")));
	IS("t", "boolean", json_has_all(C(json), elements("n", "t")));
	IS_OR_LACKS("t", "boolean", "@?", json_path_exists(C(json), "$.a.b[*] ? (@ > 2)"));
	IS_OR_LACKS("t", "boolean", "@@", json_path_match(C(json), "$.n == 12"));
	IS_OR_LACKS("[1, 2.5]", "jsonb", "jsonb_path_query_array", fn_jsonb_path_query_array(C(json),
		"$.a.b[*] ? (@ > 0)"));
	IS_NULL_("boolean", json_has_key(C(json), "z"));
}
END_TEST

START_TEST(json_changes)
{
	add_maybes();
	IS("{\"n\": 12, \"y\": [1]}", "jsonb",
	   json_concat(AMPH_JSON({"n": 11}), amph_call(json, "||", AMPH_JSON({"n": 12}),
		AMPH_JSON({"y": [1]}))));
	IS("{\"a\": 1}", "jsonb", json_delete(cast(json, "{\"a\": 1, \"b\": 2}"), "b"));
	IS("[1, 3]", "jsonb", json_delete_at(cast(json, "[1, 2, 3]"), 1));
	IS("{\"a\": {\"c\": 2}}", "jsonb", json_delete_path(cast(json, "{\"a\": {\"b\": 1, \"c\": 2}}"),
		elements("a", "b")));
	IS("{\"b\": [1, 2.5, true, \"x\"]}", "jsonb",
	   json_at(json_set(C(json), elements("a", "b", "2"), AMPH_JSON(true)), "a"));
	IS("[0, 1]", "jsonb", json_insert(cast(json, "[1]"), elements("0"), AMPH_JSON(0)));
	IS("{\"a\": 1}", "jsonb", fn_jsonb_strip_nulls(cast(json, "{\"a\": 1, \"b\": null}")));
	IS("{\"id\": 1, \"of\": [7, \"x\", null]}", "jsonb",
	   fn_jsonb_build_object("id", C(id), "of", fn_jsonb_build_array(C(i16), "x", C(uuid))));
	IS("[\n    1\n]", "text", fn_jsonb_pretty(cast(json, "[1]")));
	IS("1", "jsonb", fn_jsonb_array_elements(cast(json, "[1]")));
	IS("\"2024-02-29\"", "jsonb", fn_to_jsonb(C(date)));
	IS("12.345", "jsonb", fn_to_jsonb(C(num)));
	ck_assert_int_eq(amph_update(s, Maybe, .where = eq(C(id), FULL),
				     .set = sets(set(Maybe, json, json_set(C(json), elements("n"),
					AMPH_JSON(13))))), 1);
	IS("13", "bigint", json_int(C(json), "n"));
	IS_NULL_("jsonb", json_concat(C(json), AMPH_JSON({})));
	REFUSED("22023", "cannot delete", json_delete_at(C(json), 1));
}
END_TEST

START_TEST(json_sets)
{
	amph_rows *r;
	int n = 0;

	add_maybes();
	r = amph_rows_of(s, Maybe, .where = eq(C(id), FULL),
			 .fields = fields(as("x", fn_jsonb_array_elements_text(json_at(C(json), "a", "b")))));
	while (amph_next(r))
		n += amph_cell_is_null(r, "x") ? 10 : 1;
	DO(amph_rows_close(r));
	ck_assert_int_eq(n, 13);
	r = amph_rows_of(s, Maybe, .where = eq(C(id), FULL),
			 .fields = fields(as("x", fn_jsonb_object_keys(C(json)))));
	for (n = 0; amph_next(r); n++)
		ck_assert_str_eq(amph_cell_text(r, "x"), ((const char *[]){ "a", "n", "s", "t", "z" })[n]);
	DO(amph_rows_close(r));
	ck_assert_int_eq(n, 5);
}
END_TEST

#define L(f) amph_array_col(Lists, f)
#define LISTS(condition) (int)amph_count(s, Lists, .where = condition)

START_TEST(arrays)
{
	const amph_opt_int64 numbers[] = { AMPH_SOME(1), AMPH_SOME(2), { .has = false } };
	amph_int64_array ints = { numbers, 3 }, two = { numbers, 2 };
	const char *const words[] = { "a", "ß" };

	amph_new(s, Lists, .ints = ints, .texts = { words, 2 });
	amph_new(s, Lists, .ints = { numbers, 0 });
	DO(amph_flush(s));
	ck_assert_int_eq(LISTS(array_contains(L(ints), amph_array(two))), 1);
	ck_assert_int_eq(LISTS(array_contained(L(ints), amph_array(two))), 1);
	ck_assert_int_eq(LISTS(array_overlaps(L(texts), elements("ß", "z"))), 1);
	ck_assert_int_eq(LISTS(any_element("=", "ß", L(texts))), 1);
	ck_assert_int_eq(LISTS(any_element("<", 1, L(ints))), 1);
	ck_assert_int_eq(LISTS(every_element(">", 3, L(ints))), 1);
	ck_assert_int_eq(LISTS(eq(amph_array_at(int, L(ints), 2), 2)), 1);
	ck_assert_int_eq(LISTS(is_null(amph_array_at(int, L(ints), 9))), 2);
	ck_assert_int_eq(LISTS(eq(fn_cardinality(L(ints)), 3)), 1);
	ck_assert_int_eq(LISTS(eq(fn_array_position(L(texts), "ß"), 2)), 1);
	ck_assert_int_eq(LISTS(eq(fn_array_append(L(texts), "c"), elements("a", "ß", "c"))), 1);
	ck_assert_int_eq(LISTS(eq(fn_array_remove(L(texts), "a"), elements("ß"))), 1);
	ck_assert_int_eq(LISTS(eq(array_concat(L(texts), elements("c")), elements("a", "ß", "c"))), 1);
	ck_assert_int_eq(LISTS(eq(fn_array_to_string(L(texts), "-"), "a-ß")), 1);
	ck_assert_int_eq(LISTS(eq(fn_string_to_array("a-ß", "-") , L(texts))), 1);
	FAILS("42883", amph_all(s, Lists, .where = any_element("=", 1, L(texts))));
	ck_assert_ptr_nonnull(strstr(amph_session_error(s)->message, "Lists"));
	amph_rollback(s);
}
END_TEST

START_TEST(arrays_and_json_in_members)
{
	typedef struct Row {
		amph_text_array names;
		amph_int64_array ids;
		amph_json doc;
		amph_opt_date day;
	} Row;

	add_maybes();
	Row *rows = amph_project(s, Row, Maybe, .order_by = by(C(id)), .group_by = by(C(id), C(date)),
		.fields = fields(into(Row, names, elements(cast(text, C(id)), "b")),
				 into(Row, ids, fn_array_agg(add(C(id), 1))),
				 into(Row, doc, fn_jsonb_agg(C(i16))), into(Row, day, add(C(date), 1))));
	DO(rows);
	ck_assert_uint_eq(rows[0].names.n, 2);
	ck_assert_str_eq(rows[0].names.items[0], "1");
	ck_assert_str_eq(rows[1].names.items[1], "b");
	ck_assert_int_eq(rows[1].ids.items[0].value, 3);
	ck_assert_str_eq(rows[0].doc.text, "[7]");
	ck_assert_str_eq(rows[1].doc.text, "[null]");
	ck_assert(rows[0].day.has && !rows[1].day.has);
}
END_TEST

#define VECTOR(a) fn_to_tsvector("english", a)

START_TEST(full_text)
{
	Section *c = new_section("all");

	amph_new(s, Item, .name = "The quick brown foxes", .note = "jumped", .price = amph_dec(1),
		.section_id = c->id);
	amph_new(s, Item, .name = "A lazy dog", .note = "quick quick", .price = amph_dec(1),
		.section_id = c->id);
	amph_new(s, Item, .name = "Nothing", .price = amph_dec(1), .section_id = c->id);
	DO(amph_commit(s));
#define FOUND(query) (int)amph_count(s, Item, .where = match(VECTOR(col(Item, name)), query))
	ck_assert_int_eq(FOUND(fn_to_tsquery("english", "fox & quick")), 1);
	ck_assert_int_eq(FOUND(fn_plainto_tsquery("english", "lazy dogs")), 1);
	ck_assert_int_eq(FOUND(fn_phraseto_tsquery("english", "brown fox")), 1);
	ck_assert_int_eq(FOUND(fn_phraseto_tsquery("english", "fox brown")), 0);
	ck_assert_int_eq(FOUND(fn_websearch_to_tsquery("english", "fox or dog -lazy")), 1);
	ck_assert_int_eq(FOUND(tsquery_or(fn_to_tsquery("english", "fox"), fn_to_tsquery("english",
		"dog"))), 2);
	ck_assert_int_eq(FOUND(tsquery_and(fn_to_tsquery("english", "fox"), fn_to_tsquery("english",
		"dog"))), 0);
	ck_assert_int_eq(FOUND(tsquery_not(fn_to_tsquery("english", "fox"))), 2);
	Item *best = amph_first(s, Item, .where = match(tsvector_concat(
			fn_setweight(VECTOR(col(Item, name)), "A"),
			fn_setweight(VECTOR(coalesce(col(Item, note), "")), "D")),
		fn_to_tsquery("english", "quick")),
		.order_by = by(desc(fn_ts_rank(tsvector_concat(
			fn_setweight(VECTOR(col(Item, name)), "A"),
			fn_setweight(VECTOR(coalesce(col(Item, note), "")), "D")),
			fn_to_tsquery("english", "quick")))));
	DO(best);
	ck_assert_str_eq(best->name, "The quick brown foxes");
	FAILS("42601", amph_all(s, Item, .where = match(VECTOR(col(Item, name)),
		fn_to_tsquery("english", "a b"))));
	amph_rollback(s);
	FAILS("42704", amph_all(s, Item, .where = match(fn_to_tsvector("elvish", col(Item, name)),
							fn_to_tsquery("english", "a"))));
	amph_rollback(s);
}
END_TEST

START_TEST(headlines)
{
	add_maybes();
	IS_OR_LACKS("The quick brown <b>foxes</b>", "text", "ts_headline",
	   fn_ts_headline("english", "The quick brown foxes", fn_to_tsquery("english", "fox")));
	IS("0.05", "real", fn_ts_rank_cd(VECTOR("The quick brown foxes"), fn_to_tsquery("english",
		"fox & quick")));
}
END_TEST

START_TEST(trigrams)
{
	if (strncmp(test_url(), "sqlite", 6) == 0)
		FAILS("42883", amph_sql(s, "SELECT similarity('word', 'two words')"));
	amph_rollback(s);
	FAILS("0A000", amph_sql(s, "CREATE EXTENSION no_such_thing"));
	amph_rollback(s);
	DO(amph_rows_close(amph_sql(s, "CREATE EXTENSION IF NOT EXISTS pg_trgm")));
	DO(amph_rows_close(amph_sql(s, "CREATE EXTENSION IF NOT EXISTS pg_trgm")));
	DO(amph_rows_close(amph_sql(s, "SELECT similarity('word', 'two words'), 'a' % 'b'")));
	DO(amph_rows_close(amph_sql(s, "CREATE INDEX maybes_trgm ON maybes USING gin (text gin_trgm_ops)")));
	DO(amph_savepoint(s));
	FAILS("42710", amph_sql(s, "CREATE EXTENSION pg_trgm"));
	DO(amph_rollback_to(s));
	add_maybes();
	IS("1", "real", fn_similarity("word", "Word"));
	IS("0.36363637", "real", fn_similarity("word", "two words"));
	IS("0.8", "real", fn_word_similarity("word", "two words"));
	IS("0.5714286", "real", fn_strict_word_similarity("word", "two words"));
	IS("0.19999999", "real", word_distance("word", "two words"));
	IS("t", "boolean", similar("word", "words"));
	IS("f", "boolean", similar("word", "sentence"));
	IS("t", "boolean", word_similar("word", "two words"));
	IS("0", "real", distance("word", "word"));
	ck_assert_str_eq(((Maybe *)amph_first(s, Maybe, .where = not_null(C(text)),
			  .order_by = by(distance(C(text), "strasse"))))->text, "Straße éa");
	IS_NULL_("real", fn_similarity(C(text), "x"));
}
END_TEST

SUITE(expr_data_suite, "JSON, arrays, search", json_paths_and_nulls, json_containment_and_keys, json_changes,
      json_sets, arrays, arrays_and_json_in_members, full_text, headlines,
      trigrams)
