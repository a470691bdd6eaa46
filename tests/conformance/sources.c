/* Rows of functions and of queries beside each row, as tables of a query. */
#include "conformance.h"

typedef struct Number { int64_t n; } Number;
typedef struct Tag { const char *name; int64_t place; } Tag;
typedef struct Pair { const char *key; amph_json value; } Pair;
typedef struct Day { amph_timestamp day; } Day;
typedef struct Newest { int64_t id; const char *title; } Newest;
typedef struct Line { const char *a, *b; int64_t n; } Line;
AMPH_ROW(Number);
AMPH_ROW(Tag);
AMPH_ROW(Pair);
AMPH_ROW(Day);
AMPH_ROW(Newest);
AMPH_ALIAS(Other, Number);

static void tickets(void)
{
	amph_new(s, Ticket, .status = "open", .meta = AMPH_JSON({"tags": ["b", "a"], "n": 1}));
	amph_new(s, Ticket, .status = "closed", .meta = AMPH_JSON({"tags": []}));
	DO(amph_commit(s));
}

START_TEST(numbers_in_a_row)
{
	Number *n = amph_project(s, Number, Number,
		.ctes = ctes(set_of(Number, call(int, "generate_series", 2, 10, 4), given(Number, n))),
		.fields = fields(into(Number, n, col(Number, n))), .order_by = by(desc(col(Number, n))));
	DO(n != NULL);
	ck_assert_uint_eq(amph_length(n), 3);
	ck_assert(n[0].n == 10 && n[1].n == 6 && n[2].n == 2);
	/* a condition, an aggregate, and the same twice */
	n = amph_project(s, Number, Number,
		.ctes = ctes(set_of(Number, call(int, "generate_series", 1, 4), given(Number, n))),
		.joins = joins(join_on(Other, lt(col(Number, n), col(Other, n)))),
		.where = ne(col(Number, n), 2), .fields = fields(into(Number, n, fn_count_all())));
	DO(n != NULL);
	ck_assert_int_eq(n->n, 4);
	ck_assert_int_eq(amph_count(s, Number, .where = gt(col(Number, n), 5),
		.ctes = ctes(set_of(Number, call(int, "generate_series", 1, 9), given(Number, n)))), 4);
	Day *d = amph_project(s, Day, Day, .ctes = ctes(set_of(Day, call(timestamp, "generate_series",
			amph_timestamp_at(2024, 2, 28, 0, 0, 0), amph_timestamp_at(2024, 3, 1, 0, 0, 0),
			(amph_interval){ .days = 1 }), given(Day, day))),
		.fields = fields(into(Day, day, col(Day, day))), .order_by = by(col(Day, day)));
	DO(d != NULL);
	ck_assert_uint_eq(amph_length(d), 3);
	ck_assert_int_eq(d[2].day.usec, amph_timestamp_at(2024, 3, 1, 0, 0, 0).usec);
}
END_TEST

START_TEST(an_array_of_the_program)
{
	const amph_opt_int64 items[] = { AMPH_SOME(7), { .has = false }, AMPH_SOME(9) };
	amph_int64_array array = { .items = items, .n = 3 };
	Number *n = amph_project(s, Number, Number,
		.ctes = ctes(set_of(Number, call(int, "unnest", amph_array(array)), given(Number, n))),
		.fields = fields(into(Number, n, coalesce(col(Number, n), 0))),
		.order_by = by(col(Number, n)));
	DO(n != NULL);
	ck_assert_uint_eq(amph_length(n), 3);
	ck_assert(n[0].n == 7 && n[1].n == 9 && n[2].n == 0);
}
END_TEST

START_TEST(elements_beside_their_rows)
{
	tickets();
	Tag *t = amph_project(s, Tag, Ticket,
		.ctes = ctes(set_numbered(Tag, call(text, "jsonb_array_elements_text",
				json_at(col(Ticket, meta), "tags")), given(Tag, name), given(Tag, place))),
		.joins = joins(cross_join(Tag)), .order_by = by(col(Tag, name)),
		.fields = fields(into(Tag, name, col(Tag, name)), into(Tag, place, col(Tag, place))));
	DO(t != NULL);
	ck_assert_uint_eq(amph_length(t), 2);
	ck_assert_str_eq(t[0].name, "a");
	ck_assert(t[0].place == 2 && t[1].place == 1);
	/* rows without any stay */
	Line *l = amph_project(s, Line, Ticket,
		.ctes = ctes(set_of(Tag, fn_jsonb_array_elements_text(json_at(col(Ticket, meta), "tags")),
				    given(Tag, name))),
		.joins = joins(left_join_on(Tag, ne(col(Tag, name), "b"))),
		.order_by = by(col(Ticket, status)),
		.fields = fields(into(Line, a, col(Ticket, status)), into(Line, b, col(Tag, name))));
	DO(l != NULL);
	ck_assert_uint_eq(amph_length(l), 2);
	ck_assert_str_eq(l[0].a, "closed");
	ck_assert_ptr_null(l[0].b);
	ck_assert_str_eq(l[1].b, "a");
	/* objects by a condition on elements; grouped */
	Ticket **found = amph_all(s, Ticket, .ctes = ctes(set_of(Tag,
			call(text, "jsonb_array_elements_text", json_at(col(Ticket, meta), "tags")),
			given(Tag, name))), .joins = joins(cross_join(Tag)),
		.where = eq(col(Tag, name), "b"));
	DO(found != NULL);
	ck_assert_uint_eq(amph_length(found), 1);
	l = amph_project(s, Line, Ticket, .ctes = ctes(set_of(Pair,
			call(json, "jsonb_each", col(Ticket, meta)), given(Pair, key), given(Pair, value))),
		.joins = joins(cross_join(Pair)),
		.group_by = by(col(Pair, key)), .order_by = by(col(Pair, key)),
		.fields = fields(into(Line, a, col(Pair, key)), into(Line, n, fn_count_all())));
	DO(l != NULL);
	ck_assert_uint_eq(amph_length(l), 2);
	ck_assert_str_eq(l[0].a, "n");
	ck_assert(l[0].n == 1 && l[1].n == 2);
	Pair *p = amph_project(s, Pair, Ticket, .ctes = ctes(set_of(Pair,
			call(json, "jsonb_each", col(Ticket, meta)), given(Pair, key), given(Pair, value))),
		.joins = joins(cross_join(Pair)),
		.where = eq(col(Pair, key), "n"), .fields = fields(into(Pair, value, col(Pair, value))));
	DO(p != NULL);
	ck_assert_str_eq(p->value.text, "1");
}
END_TEST

static void authors(void)
{
	for (int i = 0; i < 3; i++) {
		static const char *const names[] = { "ann", "bob", "cid" };
		static const char *const titles[] = { "one", "two", "six" };
		Author *a = amph_new(s, Author, .name = names[i]);
		for (int k = 0; k < 3 && i < 2; k++)
			amph_new(s, Book, .title = titles[k], .author = a);
	}
	DO(amph_commit(s));
}

#define NEWEST lateral(Newest, Book, .where = eq(col(Book, author_id), col(Author, id)),         \
		       .order_by = by(desc(col(Book, id))), .limit = 2,                            \
		       .fields = fields(into(Newest, id, col(Book, id)),                                   \
					into(Newest, title, col(Book, title))))
START_TEST(a_query_beside_each_row)
{
	authors();
	Line *l = amph_project(s, Line, Author, .ctes = ctes(NEWEST), .joins = joins(cross_join(Newest)),
		.order_by = by(col(Author, id), col(Newest, id)),
		.fields = fields(into(Line, a, col(Author, name)), into(Line, b, col(Newest, title))));
	DO(l != NULL);
	ck_assert_uint_eq(amph_length(l), 4);
	ck_assert_str_eq(l[0].b, "two");
	ck_assert_str_eq(l[1].b, "six");
	l = amph_project(s, Line, Author, .ctes = ctes(NEWEST),
		.joins = joins(left_join_on(Newest, ne(col(Newest, title), "two"))),
		.order_by = by(col(Author, id)),
		.fields = fields(into(Line, a, col(Author, name)), into(Line, b, col(Newest, title))));
	DO(l != NULL);
	ck_assert_uint_eq(amph_length(l), 3);
	ck_assert_str_eq(l[1].b, "six");
	ck_assert_ptr_null(l[2].b);
	/* the same statement again, with another value */
	for (int i = 1; i < 3; i++)
		ck_assert_int_eq(amph_count(s, Author, .where = le(col(Author, id), i),
					    .ctes = ctes(NEWEST), .joins = joins(cross_join(Newest))), 2 * i);
}
END_TEST

START_TEST(dynamic_queries_name_functions)
{
	amph_query *q = amph_query_new(s, &amph_model_Ticket);
	const amph_expr *path = amph_expr_path(q, (const char *const[]){ "tags" }, 1);
	const amph_expr *of[] = { amph_expr_column(q, "meta"), path };
	const amph_expr *tags = amph_expr_call(q, "#>", of, 2);

	tickets();
	DO(amph_source_add(q, AMPH_CTE_SET_NUMBERED, &amph_model_Tag,
			   amph_expr_call(q, "jsonb_array_elements_text", &tags, 1),
			   fields(given(Tag, name), given(Tag, place))));
	amph_join_with(q, cross_join(Tag));
	amph_order_by(q, desc(col(Tag, place)));
	amph_field_add(q, into(Tag, name, col(Tag, name)));
	Tag *t = amph_query_project(q, sizeof(Tag));
	DO(t != NULL);
	ck_assert_uint_eq(amph_length(t), 2);
	ck_assert_str_eq(t->name, "a");
	amph_query_free(q);
}
END_TEST

START_TEST(wrong_sources_are_refused)
{
	tickets();
	SAYS("42883", "no_such", amph_count(s, Number, .ctes = ctes(set_of(Number, call(int, "no_such", 1, 2),
		given(Number, n)))) >= 0);
	SAYS("42P10", "", amph_count(s, Tag, .ctes = ctes(set_of(Tag, call(int, "generate_series", 1, 2),
		given(Tag, name), given(Tag, place)))) >= 0);
	SAYS("HV010", "a call by name", amph_count(s, Number, .ctes = ctes(set_of(Number, col(Ticket, id),
		given(Number, n)))) >= 0);
	/* what is joined later is not there yet */
	SAYS("42P01", "Ticket", amph_count(s, Tag, .ctes = ctes(set_of(Tag,
		call(text, "jsonb_object_keys", col(Ticket, meta)), given(Tag, name))),
		.joins = joins(cross_join(Ticket))) >= 0);
	SAYS("42809", "Section", amph_count(s, Section, .ctes = ctes(((amph_cte_item){
		.model = &amph_model_Section, .kind = AMPH_CTE_SET,
		.query = &(const amph_select){ .abi = AMPH_ABI } }))) >= 0);
}
END_TEST

SUITE(sources_suite, "sources", numbers_in_a_row, an_array_of_the_program, elements_beside_their_rows,
      a_query_beside_each_row, dynamic_queries_name_functions, wrong_sources_are_refused)
