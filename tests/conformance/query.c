/* Queries of one model: conditions, order, limits, pages, aggregates, changes by query. */
#include "conformance.h"
#include <stdlib.h>
#include <string.h>

static void add_people(void)
{
	amph_new(s, Person, .username = "john", .email = "john@example.com", .age = 30);
	amph_new(s, Person, .username = "Johnny", .email = "j%@example.com", .age = 20);
	amph_new(s, Person, .username = "ÉCOLE", .email = "e@example.com", .age = 40, .is_active = false);
	amph_new(s, Person, .username = "mary", .age = 50);
	amph_new(s, Person, .username = "a_b", .email = "under@example.com", .age = 20);
	DO(amph_flush(s));
}

/* The names of a list in its order, separated by commas; to be freed by nobody. */
static const char *names(Person **list)
{
	static char text[512];

	ck_assert_msg(list != NULL, "%s %s", amph_session_error(s)->sqlstate,
		      amph_session_error(s)->message);
	text[0] = '\0';
	amph_each(Person, p, list) {
		if (*text)
			strncat(text, ",", sizeof text - strlen(text) - 1);
		strncat(text, p->username, sizeof text - strlen(text) - 1);
	}
	return text;
}

/* The text of a query after preprocessing is longer than a message of Check may be. */
#define FINDS(expected, condition)                                                        \
	do {                                                                              \
		Person **found_ = amph_all(s, Person, .where = condition,                 \
					   .order_by = by(col(Person, id)));              \
		ck_assert_str_eq(names(found_), expected);                                \
	} while (0)

START_TEST(comparisons)
{
	add_people();
	FINDS("john", eq(col(Person, username), "john"));
	FINDS("Johnny,a_b", lt(col(Person, age), 30));
	FINDS("john,Johnny,a_b", le(col(Person, age), 30));
	FINDS("ÉCOLE,mary", gt(col(Person, age), 30));
	FINDS("john,ÉCOLE,mary", ge(col(Person, age), 30));
	FINDS("Johnny,ÉCOLE,mary,a_b", ne(col(Person, age), 30));
	FINDS("john,ÉCOLE", between(col(Person, age), 30, 40));
	FINDS("ÉCOLE", eq(col(Person, is_active), false));
	FINDS("mary", is_null(col(Person, email)));
	FINDS("john,Johnny,ÉCOLE,a_b", not_null(col(Person, email)));
	FINDS("john,ÉCOLE,mary,a_b", ge(col(Person, username), "a"));
}
END_TEST

START_TEST(junctions)
{
	add_people();
	FINDS("john", all_of(gt(col(Person, age), 20), lt(col(Person, age), 35)));
	FINDS("john,mary", any_of(eq(col(Person, username), "john"), eq(col(Person, age), 50)));
	FINDS("Johnny,a_b", none_of(gt(col(Person, age), 25), is_null(col(Person, email))));
	/* three-valued: the NULL email is neither equal nor unequal */
	FINDS("Johnny,ÉCOLE,a_b", ne(col(Person, email), "john@example.com"));
}
END_TEST

START_TEST(patterns)
{
	add_people();
	FINDS("john", like(col(Person, username), "john%"));
	FINDS("john,Johnny", ilike(col(Person, username), "%JOHN%"));
	FINDS("ÉCOLE", ilike(col(Person, username), "%école%"));
	FINDS("Johnny", like(col(Person, email), "j\\%%"));
	FINDS("a_b", contains(col(Person, username), "_"));
	FINDS("Johnny", starts_with(col(Person, email), "j%"));
	FINDS("john,Johnny,ÉCOLE,a_b", ends_with(col(Person, email), "@example.com"));
	FINDS("john,Johnny", istarts_with(col(Person, username), "JOHN"));
	FINDS("", like(col(Person, username), ""));
}
END_TEST

START_TEST(a_pattern_that_ends_in_the_escape_is_an_error)
{
	add_people();
	FAILS("22025", amph_all(s, Person, .where = like(col(Person, username), "%o\\")));
	amph_rollback(s);
}
END_TEST

START_TEST(lists)
{
	static int64_t many[5000];

	add_people();
	FINDS("john,ÉCOLE", in(col(Person, id), ints(1, 3, 99)));
	FINDS("Johnny,mary,a_b", not_in(col(Person, id), ints(1, 3)));
	FINDS("mary", in(col(Person, username), texts("mary", "nobody", "it's")));
	for (int64_t i = 0; i < 5000; i++)
		many[i] = i + 2;
	FINDS("Johnny,ÉCOLE,mary,a_b", in(col(Person, id), ((amph_int_list){ many, 5000 })));
	FINDS("", in(col(Person, id), ((amph_int_list){ many, 0 })));
	FINDS("john,Johnny,ÉCOLE,mary,a_b", not_in(col(Person, id), ((amph_int_list){ many, 0 })));
}
END_TEST

START_TEST(order_and_nulls)
{
	add_people();
	ck_assert_str_eq(names(amph_all(s, Person, .order_by = by(asc(col(Person, email))))),
			 "ÉCOLE,Johnny,john,a_b,mary");
	ck_assert_str_eq(names(amph_all(s, Person, .order_by = by(desc(col(Person, email))))),
			 "mary,a_b,john,Johnny,ÉCOLE");
	ck_assert_str_eq(names(amph_all(s, Person,
				.order_by = by(nulls_first(asc(col(Person, email)))))),
			 "mary,ÉCOLE,Johnny,john,a_b");
	ck_assert_str_eq(names(amph_all(s, Person,
				.order_by = by(col(Person, age), desc(col(Person, username))))),
			 "a_b,Johnny,john,ÉCOLE,mary");
	/* bytes, not a language's order */
	ck_assert_str_eq(names(amph_all(s, Person, .order_by = by(col(Person, username)))),
			 "Johnny,a_b,john,mary,ÉCOLE");
}
END_TEST

START_TEST(limit_and_offset)
{
	add_people();
	ck_assert_str_eq(names(amph_all(s, Person, .order_by = by(col(Person, id)), .limit = 2)),
			 "john,Johnny");
	ck_assert_str_eq(names(amph_all(s, Person, .order_by = by(col(Person, id)), .limit = 2,
					.offset = 3)), "mary,a_b");
	ck_assert_str_eq(names(amph_all(s, Person, .order_by = by(col(Person, id)), .offset = 4)),
			 "a_b");
	ck_assert_uint_eq(amph_length(amph_all(s, Person, .offset = 9)), 0);
	FAILS("2201W", amph_all(s, Person, .limit = -1));
	amph_rollback(s);
}
END_TEST

START_TEST(first_one_exists_count)
{
	add_people();
	ck_assert_str_eq(((Person *)amph_first(s, Person, .order_by = by(desc(col(Person, age)))))->username,
			 "mary");
	ck_assert_ptr_null(amph_first(s, Person, .where = eq(col(Person, age), 1)));
	ck_assert(!amph_failed(s));
	ck_assert_str_eq(((Person *)amph_one(s, Person, .where = eq(col(Person, age), 50)))->username,
			 "mary");
	FAILS("P0002", amph_one(s, Person, .where = eq(col(Person, age), 1)));
	ck_assert_int_eq(amph_session_error(s)->status, AMPH_E_NOTFOUND);
	FAILS("P0003", amph_one(s, Person, .where = eq(col(Person, age), 20)));
	ck_assert_int_eq(amph_session_error(s)->status, AMPH_E_MANY);
	ck_assert(!amph_failed(s));
	ck_assert_int_eq(amph_count(s, Person), 5);
	ck_assert_int_eq(amph_count(s, Person, .where = eq(col(Person, age), 20)), 2);
	ck_assert(amph_exists(s, Person, .where = eq(col(Person, age), 20)));
	ck_assert(!amph_exists(s, Person, .where = eq(col(Person, age), 21)));
}
END_TEST

START_TEST(pages)
{
	add_people();
	const amph_page *page = amph_paginate(s, Person, .page = 2, .per_page = 2,
					      .order_by = by(col(Person, id)));

	ck_assert_ptr_nonnull(page);
	ck_assert_str_eq(names(page->items), "ÉCOLE,mary");
	ck_assert_int_eq(page->total, 5);
	ck_assert_int_eq(page->pages, 3);
	ck_assert(page->has_prev && page->has_next);
	ck_assert_int_eq(page->prev_num, 1);
	ck_assert_int_eq(page->next_num, 3);
	page = amph_paginate(s, Person, .page = 4, .per_page = 2, .order_by = by(col(Person, id)));
	ck_assert_uint_eq(amph_length(page->items), 0);
	ck_assert(!page->has_next);
	FAILS("22023", amph_paginate(s, Person, .page = -1));
	amph_rollback(s);
}
END_TEST

START_TEST(sums_and_averages_have_postgresqls_types)
{
	char text[64];
	Section *c = new_section("all");

	amph_opt_numeric none = amph_sum(s, Item, price);
	ck_assert(!none.has);
	amph_new(s, Item, .name = "a", .price = amph_dec(0.10), .stock = 3, .section_id = c->id);
	amph_new(s, Item, .name = "b", .price = amph_dec(0.20), .stock = 4, .section_id = c->id);
	amph_new(s, Item, .name = "c", .price = amph_dec(0.05), .stock = 4, .section_id = c->id);
	amph_opt_numeric sum = amph_sum(s, Item, price);
	DO(sum.has);
	amph_numeric_format(sum.value, text, sizeof text);
	ck_assert_str_eq(text, "0.35");
	amph_opt_numeric mean = amph_avg(s, Item, price);
	amph_numeric_format(mean.value, text, sizeof text);
	ck_assert_str_eq(text, "0.11666666666666666667");
	amph_opt_int64 stock = amph_sum(s, Item, stock);
	ck_assert(stock.has);
	ck_assert_int_eq(stock.value, 11);
	mean = amph_avg(s, Item, stock, .where = gt(col(Item, stock), 3));
	amph_numeric_format(mean.value, text, sizeof text);
	ck_assert_str_eq(text, "4.0000000000000000");
}
END_TEST

typedef struct NamePrice { const char *name; amph_numeric price; amph_opt_int64 boss; } NamePrice;

START_TEST(projections)
{
	char text[32];
	Section *c = new_section("all");

	amph_new(s, Item, .name = "pen", .price = amph_dec(1.50), .section_id = c->id);
	amph_new(s, Item, .name = "cup", .price = amph_dec(4), .section_id = c->id);
	NamePrice *rows = amph_project(s, NamePrice, Item,
		.fields = fields(into(NamePrice, name, col(Item, name)),
				 into(NamePrice, price, mul(col(Item, price), 2))),
		.order_by = by(col(Item, name)));
	DO(rows != NULL);
	ck_assert_uint_eq(amph_length(rows), 2);
	ck_assert_str_eq(rows[0].name, "cup");
	amph_numeric_format(rows[0].price, text, sizeof text);
	ck_assert_str_eq(text, "8.00");
	ck_assert_str_eq(rows[1].name, "pen");
	ck_assert(!rows[1].boss.has);
	amph_release(s, rows);
}
END_TEST

START_TEST(update_by_query)
{
	add_people();
	ck_assert_int_eq(amph_update(s, Person, .where = eq(col(Person, age), 20),
				     .set = sets(set(Person, age, add(col(Person, age), 1)),
						 set_null(Person, email))), 2);
	Person *p = amph_first(s, Person, .where = eq(col(Person, username), "a_b"));
	ck_assert_int_eq(p->age, 21);
	ck_assert_ptr_null(p->email);
	ck_assert_int_eq(amph_update(s, Person, .where = eq(col(Person, age), 999),
				     .set = sets(set(Person, age, 1))), 0);
	ck_assert_int_eq(amph_update(s, Person, .all_rows = true, .set = sets(set(Person, age, 1))), 5);
	DO(amph_commit(s));
}
END_TEST

START_TEST(delete_by_query)
{
	add_people();
	ck_assert_int_eq(amph_delete_where(s, Person, .where = lt(col(Person, age), 31)), 3);
	ck_assert_int_eq(amph_count(s, Person), 2);
	ck_assert_int_eq(amph_delete_where(s, Person, .all_rows = true), 2);
	DO(amph_commit(s));
}
END_TEST

START_TEST(changes_without_a_condition_are_misuse)
{
	FAILS("HV010", amph_update(s, Person, .set = sets(set(Person, age, 1))) >= 0);
	amph_rollback(s);
	FAILS("HV010", amph_delete_where(s, Person) >= 0);
	amph_rollback(s);
}
END_TEST

START_TEST(an_expression_whose_parts_were_overwritten_is_misuse)
{
	amph_node parts[] = { amph_col(Person, age).n, amph_v_int(20) };
	amph_bool_expr kept = amph_compare(AMPH_OP_EQ, 1, 2, parts);

	add_people();
	ck_assert_int_eq(amph_count(s, Person, .where = kept), 2);
	/* as a later block does with the stack of the one that is left */
	parts[1] = amph_v_int(30);
	FAILS("HV010", amph_all(s, Person, .where = kept));
	ck_assert_int_eq(amph_session_error(s)->status, AMPH_E_MISUSE);
	amph_rollback(s);
}
END_TEST

START_TEST(streams_give_every_row)
{
	int n = 0;
	int64_t ages = 0;

	add_people();
	amph_stream *stream = amph_stream_open(s, Person, .order_by = by(col(Person, id)));
	DO(stream != NULL);
	for (const Person *p; (p = amph_stream_next(stream)); n++)
		ages += p->age;
	ck_assert(amph_stream_close(stream));
	ck_assert_int_eq(n, 5);
	ck_assert_int_eq(ages, 160);
}
END_TEST

/* Streams and inserts that are prepared already: what came row by row leaves no trace. */
START_TEST(a_flush_after_streams)
{
	int64_t seen[4] = { 0 };

	for (size_t i = 0; i < 4; i++) {
		amph_stream *stream = amph_stream_open(s, Person, .order_by = by(col(Person, id)));
		while (amph_stream_next(stream))
			seen[i]++;
		DO(amph_stream_close(stream));
		Person *p = amph_new(s, Person, .username = i % 2 ? "x" : "y", .age = (int)i);
		Section *section = amph_new(s, Section, .name = i % 2 ? "a" : "b");
		DO(amph_flush(s));
		ck_assert_int_gt(p->id, 0);
		ck_assert_int_gt(section->id, 0);
		DO(amph_delete(s, p) && amph_delete(s, section) && amph_flush(s));
		new_person(i == 0 ? "1" : i == 1 ? "2" : i == 2 ? "3" : "4");
	}
	ck_assert(seen[0] == 0 && seen[1] == 1 && seen[2] == 2 && seen[3] == 3);
	DO(amph_commit(s));
}
END_TEST

START_TEST(a_session_that_streams_does_nothing_else)
{
	add_people();
	amph_stream *stream = amph_stream_open(s, Person);
	DO(stream != NULL);
	ck_assert_ptr_nonnull(amph_stream_next(stream));
	FAILS("HV010", amph_all(s, Person));
	ck_assert(amph_stream_close(stream));
	amph_rollback(s);
}
END_TEST

START_TEST(dynamic_queries)
{
	const char *const wanted[] = { "john", "%ar%" };

	add_people();
	amph_query *q = amph_query_new(s, &amph_model_Person);
	amph_bool_expr any = eq(col(Person, id), 0);
	for (int i = 0; i < 2; i++)
		any = amph_keep(q, any_of(any, ilike(col(Person, username), wanted[i])));
	amph_where(q, any);
	amph_order_by(q, desc(col(Person, age)));
	amph_limit(q, 10);
	ck_assert_str_eq(names(amph_query_all(q)), "mary,john");
	ck_assert_int_eq(amph_query_count(q), 2);
	amph_query_free(q);
}
END_TEST

START_TEST(functions_instead_of_macros)
{
	add_people();
	amph_query *q = amph_query_new(s, &amph_model_Person);
	const amph_expr *args[] = {
		amph_expr_column(q, "age"),
		amph_expr_value(q, (amph_value){ .type = AMPH_T_INT64, .v = { .i = 45 } })
	};
	DO(amph_query_where(q, amph_expr_call(q, ">", args, 2)));
	ck_assert_str_eq(names(amph_query_all(q)), "mary");
	amph_query_free(q);
	q = amph_query_new(s, &amph_model_Person);
	amph_query_where(q, amph_expr_column(q, "nosuch"));
	ck_assert_ptr_null(amph_query_all(q));
	ck_assert_str_eq(amph_session_error(s)->sqlstate, "42703");
	amph_query_free(q);
	amph_rollback(s);
}
END_TEST

START_TEST(a_query_is_compiled_once)
{
	add_people();
	amph_all(s, Person, .where = eq(col(Person, age), 1));
	uint64_t before = amph_session_statistics(s).compiled;
	for (int i = 0; i < 100; i++)
		amph_all(s, Person, .where = eq(col(Person, age), i));
	ck_assert_uint_eq(amph_session_statistics(s).compiled, before);
}
END_TEST

START_TEST(a_number_beyond_the_column_is_out_of_range)
{
	add_people();
	FAILS("22003", amph_all(s, Person, .where = eq(col(Person, age), 3000000000)));
	amph_rollback(s);
}
END_TEST

START_TEST(only_some_columns)
{
	add_people();
	DO(amph_commit(s));
	amph_session_clear(s);
	Person **list = amph_all(s, Person, .only = by(col(Person, username)),
				 .order_by = by(col(Person, id)), .limit = 1);
	DO(list != NULL);
	ck_assert_str_eq(list[0]->username, "john");
	ck_assert_ptr_null(list[0]->email);
	ck_assert_int_eq(list[0]->id, 1);
	amph_expect_statements(s, 0);
	DO(amph_commit(s));
}
END_TEST

/* A condition on numbers inside of an expression of text: the text still compares as text. */
START_TEST(text_compares_as_text_beside_numbers)
{
	Section *c = new_section("toys");

	amph_new(s, Item, .name = "infinity", .price = amph_numeric_from_int64(2), .section_id = c->id);
	amph_new(s, Item, .name = "20", .price = amph_numeric_from_int64(3), .section_id = c->id);
	DO(amph_flush(s));
	ck_assert_int_eq(amph_count(s, Item, .where = gt(case_when(eq(col(Item, price), col(Item, price)),
								  col(Item, name), col(Item, note)),
							"3")), 1);
}
END_TEST

/* labels, and lists of them */
typedef struct Tagged { int64_t id; unsigned rubric; amph_enum_array rubrics; } Tagged;
AMPH_DECLARE(Tagged);
AMPH_MODEL(Tagged, "query_tagged", .columns = AMPH_COLUMNS(
	AMPH_COLUMN(Tagged, id, .primary_key = true),
	AMPH_COLUMN(Tagged, rubric, .labels = AMPH_LABELS("news", "sport", "arts"), .enum_name = "rubric"),
	AMPH_COLUMN(Tagged, rubrics, .labels = AMPH_LABELS("news", "sport", "arts"), .enum_name = "rubric")));

START_TEST(elements_of_lists_of_labels)
{
	static const amph_model *const models[] = { &amph_model_Tagged, NULL };
	const amph_opt_enum two[] = { AMPH_SOME(1), AMPH_SOME(2) };

	end_with_none();
	begin_with(models);
	amph_new(s, Tagged, .rubric = 1, .rubrics = { two, 2 });
	amph_new(s, Tagged, .rubric = 0);
	DO(amph_commit(s));
	ck_assert_int_eq(amph_count(s, Tagged, .where = any_element("=", 2, array_col(Tagged, rubrics))), 1);
	ck_assert_int_eq(amph_count(s, Tagged, .where = any_element("=", "arts",
		array_col(Tagged, rubrics))), 1);
	ck_assert_int_eq(amph_count(s, Tagged, .where = every_element("=", 2,
		array_col(Tagged, rubrics))), 0);
	ck_assert_int_eq(amph_count(s, Tagged, .where = any_element("=", col(Tagged, rubric),
		array_col(Tagged, rubrics))), 1);
	ck_assert_int_eq(amph_count(s, Tagged, .where = eq(array_at(enum,
		array_col(Tagged, rubrics), 1), 1)), 1);
	ck_assert_int_eq(amph_count(s, Tagged, .where = eq(array_at(enum,
		array_col(Tagged, rubrics), 2), 2)), 1);
	ck_assert_int_eq(amph_count(s, Tagged, .where = eq(array_at(enum, array_col(Tagged, rubrics), 1),
		col(Tagged, rubric))), 1);
	ck_assert_int_eq(amph_count(s, Tagged, .where = eq(fn_array_position(
		array_col(Tagged, rubrics), 2), 2)), 1);
	ck_assert_int_eq(amph_count(s, Tagged, .where = eq(fn_cardinality(fn_array_append(
		array_col(Tagged, rubrics), 0)), 3)), 1);
	ck_assert_int_eq(amph_count(s, Tagged, .where = eq(fn_cardinality(fn_array_remove(
		array_col(Tagged, rubrics), "sport")), 1)), 1);
	SAYS("22P02", "rubric", amph_count(s, Tagged, .where = any_element("=", 7,
		array_col(Tagged, rubrics))) >= 0);
	SAYS("22P02", "rubric", amph_count(s, Tagged, .where = any_element("=", "none",
		array_col(Tagged, rubrics))) >= 0);
}
END_TEST

SUITE(query_suite, "queries",
      comparisons, junctions, patterns, a_pattern_that_ends_in_the_escape_is_an_error, lists,
      order_and_nulls, limit_and_offset, first_one_exists_count, pages,
      sums_and_averages_have_postgresqls_types, projections, update_by_query, delete_by_query,
      changes_without_a_condition_are_misuse, an_expression_whose_parts_were_overwritten_is_misuse,
      streams_give_every_row, a_flush_after_streams, a_session_that_streams_does_nothing_else,
      dynamic_queries,
      functions_instead_of_macros, a_query_is_compiled_once,
      a_number_beyond_the_column_is_out_of_range, only_some_columns, elements_of_lists_of_labels,
      text_compares_as_text_beside_numbers)
