/* Queries of several parts: joins of all kinds, subqueries, CTEs, set operations, lists of values.
 * The answers are those of PostgreSQL. */
#include "company.h"

typedef struct Chart { int64_t id; const char *path; int32_t depth; } Chart;
AMPH_ROW(Chart);
AMPH_ALIAS(Upper, Chart);
AMPH_ALIAS(Peer, Person);

#define NAMED(alias) fields(into(Line, name, col(alias, username)))
#define COUNTS(expected, ...)                                                                       \
	do {                                                                                        \
		int64_t n_ = amph_count(s, __VA_ARGS__);                                            \
		ck_assert_msg(n_ == (expected), "%lld %s", (long long)n_,                           \
			      amph_session_error(s)->message);                                      \
	} while (0)

START_TEST(joins_of_every_kind)
{
	company();
	IS("bob:1,cid:1,dan:2", Person,
	   .joins = joins(join_on(Boss, eq(col(Boss, id), col(Person, boss_id)))),
	   .order_by = by(col(Person, id)),
	   .fields = fields(into(Line, name, col(Person, username)), into(Line, n, col(Boss, id))));
	IS("ann,bob:1,cid:1,dan:2,eve", Person,
	   .joins = joins(left_join_on(Boss, eq(col(Boss, id), col(Person, boss_id)))),
	   .order_by = by(col(Person, id)),
	   .fields = fields(into(Line, name, col(Person, username)), into(Line, n, col(Boss, id))));
	IS("bob:1,cid:1,dan:2,-:3,-:4,-:5", Person,
	   .joins = joins(right_join_on(Boss, eq(col(Boss, id), col(Person, boss_id)))),
	   .order_by = by(col(Person, id), col(Boss, id)),
	   .fields = fields(into(Line, name, col(Person, username)), into(Line, n, col(Boss, id))));
	IS("ann,bob:1,cid:1,dan:2,eve,-:3,-:4,-:5", Person,
	   .joins = joins(full_join_on(Boss, eq(col(Boss, id), col(Person, boss_id)))),
	   .order_by = by(col(Person, id), col(Boss, id)),
	   .fields = fields(into(Line, name, col(Person, username)), into(Line, n, col(Boss, id))));
	COUNTS(25, Person, .joins = joins(cross_join(Boss)));
}
END_TEST

START_TEST(joins_along_a_relationship_from_the_other_side)
{
	Author *a = amph_new(s, Author, .name = "ann");

	amph_new(s, Author, .name = "idle");
	amph_new(s, Book, .title = "one", .author = a);
	amph_new(s, Book, .title = "orphan");
	DO(amph_flush(s));
	IS("one:1,orphan,-:2", Book, .joins = joins(full_join(Book, author)),
	   .order_by = by(col(Book, id), col(Author, id)),
	   .fields = fields(into(Line, name, col(Book, title)), into(Line, n, col(Author, id))));
	IS("one:1,-:2", Book, .joins = joins(right_join(Book, author)),
	   .order_by = by(col(Book, id), col(Author, id)),
	   .fields = fields(into(Line, name, col(Book, title)), into(Line, n, col(Author, id))));
}
END_TEST

AMPH_ALIAS(Twin, Ticket);
START_TEST(softly_deleted_rows_are_left_out_of_every_join)
{
	Ticket *open = amph_new(s, Ticket, .status = "open"), *gone = amph_new(s, Ticket, .status = "open");

	DO(amph_flush(s) && amph_delete(s, gone) && amph_flush(s));
	COUNTS(1, Ticket, .joins = joins(cross_join(Twin)));
	COUNTS(1, Ticket, .joins = joins(full_join_on(Twin,
				eq(col(Ticket, status), col(Twin, status)))));
	/* the one that is deleted must not make another one's row vanish */
	COUNTS(1, Ticket, .joins = joins(right_join_on(Twin,
				ne(col(Ticket, id), col(Twin, id)))));
	COUNTS(4, Ticket, .with_deleted = true, .joins = joins(cross_join(Twin)));
	ck_assert_ptr_nonnull(open);
}
END_TEST

START_TEST(a_query_as_a_value)
{
	company();
	IS("ann:2,bob:1,cid:0,dan:0,eve:0", Person, .order_by = by(col(Person, id)),
	   .fields = fields(into(Line, name, col(Person, username)),
			    into(Line, n, scalar(fn_count_all(), Boss,
						 .where = eq(col(Boss, boss_id), col(Person, id))))));
	/* no row is NULL */
	IS("ann,bob:60,cid:60,dan:50,eve", Person, .order_by = by(col(Person, id)),
	   .fields = fields(into(Line, name, col(Person, username)),
			    into(Line, n, scalar(col(Boss, age), Boss,
						 .where = eq(col(Boss, id), col(Person, boss_id))))));
	IS("ann,bob", Person, .fields = NAMED(Person), .order_by = by(col(Person, id)),
	   .where = gt(col(Person, age), scalar(fn_avg(col(Boss, age)), Boss)));
	IS("ann", Person, .fields = NAMED(Person), .order_by = by(col(Person, id)),
	   .where = eq(scalar(fn_count_all(), Boss, .where = eq(col(Boss, boss_id), col(Person, id))), 2));
	SAYS("21000", "", amph_all(s, Person, .where = eq(col(Person, id), scalar(col(Boss, id), Boss))));
	company();
	IS("eve", Person, .fields = NAMED(Person), .where = eq(col(Person, id),
		scalar(col(Boss, id), Boss, .order_by = by(desc(col(Boss, id))), .limit = 1)));
}
END_TEST

START_TEST(membership_in_a_query)
{
	company();
	IS("ann,bob", Person, .fields = NAMED(Person), .order_by = by(col(Person, id)),
	   .where = in_select(col(Person, id), col(Boss, boss_id), Boss));
	IS("cid,dan,eve", Person, .fields = NAMED(Person), .order_by = by(col(Person, id)),
	   .where = not_in_select(col(Person, id), col(Boss, boss_id), Boss,
				  .where = not_null(col(Boss, boss_id))));
	/* a NULL among the values: nothing is known not to be among them */
	IS("", Person, .fields = NAMED(Person),
	   .where = not_in_select(col(Person, id), col(Boss, boss_id), Boss));
	IS("cid,eve", Person, .fields = NAMED(Person), .order_by = by(col(Person, id)),
	   .where = in_select(col(Person, age), col(Boss, age), Boss, .group_by = by(col(Boss, age)),
			      .having = gt(fn_count_all(), 1)));
}
END_TEST

START_TEST(existence_with_groups_and_limits)
{
	company();
	COUNTS(5, Person, .where = exists(Boss, .group_by = by(col(Boss, age)),
				.having = gt(fn_count_all(), 1)));
	COUNTS(0, Person, .where = exists(Boss, .group_by = by(col(Boss, age)),
				.having = gt(fn_count_all(), 2)));
	COUNTS(0, Person, .where = exists(Boss, .limit = 1, .offset = 5));
	COUNTS(1, Person, .where = exists(Boss,
				.where = all_of(eq(col(Boss, boss_id), col(Person, id)),
						exists(Peer, .where = eq(col(Peer, boss_id),
									 col(Boss, id))))));
}
END_TEST

START_TEST(any_and_has_along_relationships)
{
	Author *ann = amph_new(s, Author, .name = "ann"), *bob = amph_new(s, Author, .name = "bob");
	Label *war = amph_new(s, Label, .name = "war");
	Book *b = amph_new(s, Book, .title = "peace", .author = ann);

	amph_new(s, Book, .title = "pieces", .author = bob);
	amph_new(s, Author, .name = "idle");
	DO(amph_append(b, labels, war) && amph_flush(s));
#define AUTHORS(c) .fields = fields(into(Line, name, col(Author, name))), .where = c,              \
		.order_by = by(col(Author, id))
	IS("ann,bob", Author, AUTHORS(any(Author, books)));
	IS("idle", Author, AUTHORS(none_of(any(Author, books))));
	IS("ann", Author, AUTHORS(any(Author, books, eq(col(Book, title), "peace"))));
	IS("ann", Author, AUTHORS(any(Author, books, any(Book, labels, eq(col(Label, name), "war")))));
	IS("pieces", Book, .fields = fields(into(Line, name, col(Book, title))),
	   .where = has(Book, author, eq(col(Author, name), "bob")));
	IS("peace", Book, .fields = fields(into(Line, name, col(Book, title))), .where = any(Book, labels));
	COUNTS(0, Book, .where = has(Book, previous));
	SAYS("42P01", "", amph_all(s, Person, .where = any(Author, books)));
}
END_TEST

START_TEST(rows_of_a_query_as_a_table)
{
	company();
#define BY_AGE cte(Line, Person, .group_by = by(col(Person, age)), .fields = fields(                \
		into(Line, name, fn_min(col(Person, username))), into(Line, n, fn_count_all())))
	IS("cid:2", Line, .ctes = ctes(BY_AGE), .where = gt(col(Line, n), 1),
	   .fields = fields(into(Line, name, col(Line, name)), into(Line, n, col(Line, n))));
	IS("ann:1,bob:1,cid:2,dan:1", Person, .ctes = ctes(BY_AGE), .order_by = by(col(Person, id)),
	   .joins = joins(join_on(Line, eq(col(Line, name), col(Person, username)))),
	   .fields = fields(into(Line, name, col(Person, username)), into(Line, n, col(Line, n))));
	COUNTS(4, Line, .ctes = ctes(BY_AGE));
	ck_assert(amph_exists(s, Line, .ctes = ctes(BY_AGE), .where = eq(col(Line, n), 2)));
	/* objects that a CTE picks */
	Person **p = amph_all(s, Person, .ctes = ctes(BY_AGE), .where = exists(Line,
		.where = all_of(eq(col(Line, name), col(Person, username)), gt(col(Line, n), 1))));
	ck_assert_uint_eq(amph_length(p), 1);
	ck_assert_str_eq(p[0]->username, "cid");
	amph_rows *r = amph_rows_of(s, Line, .ctes = ctes(BY_AGE),
				    .fields = fields(as("total", fn_sum(col(Line, n)))));
	ck_assert(amph_next(r) && amph_cell_int64(r, "total") == 5);
	amph_rows_close(r);
}
END_TEST

START_TEST(each_cte_sees_those_before_it)
{
	company();
	Chart *c = amph_project(s, Chart, Chart,
		.ctes = ctes(cte(Line, Person, .where = gt(col(Person, age), 40), .fields = fields(
					into(Line, name, col(Person, username)),
					into(Line, n, col(Person, id)))),
			     cte(Chart, Line, .fields = fields(into(Chart, id, col(Line, n)),
					into(Chart, path, fn_upper(col(Line, name)))))),
		.order_by = by(desc(col(Chart, id))),
		.fields = fields(into(Chart, id, col(Chart, id)), into(Chart, path, col(Chart, path))));
	DO(c != NULL);
	ck_assert_uint_eq(amph_length(c), 2);
	ck_assert_str_eq(c[0].path, "BOB");
	ck_assert_int_eq(c[1].id, 1);
}
END_TEST

START_TEST(a_recursive_query_walks_a_tree)
{
	company();
	IS("ann:1,bob:2,cid:2,dan:3,eve:1", Chart,
	   .ctes = ctes(recursive(Chart, Person, .where = is_null(col(Person, boss_id)),
		.fields = fields(into(Chart, id, col(Person, id)), into(Chart, path, col(Person, username)),
				 into(Chart, depth, sub(col(Person, age), sub(col(Person, age), 1)))),
		.combine = combine(union_all_of(Person,
			.joins = joins(join_on(Chart, eq(col(Chart, id), col(Person, boss_id)))),
			.fields = fields(into(Chart, id, col(Person, id)),
				into(Chart, path, col(Person, username)),
				into(Chart, depth, add(col(Chart, depth), 1))))))),
	   .order_by = by(col(Chart, path)),
	   .fields = fields(into(Line, name, col(Chart, path)), into(Line, n, col(Chart, depth))));
}
END_TEST

START_TEST(a_cte_under_two_names)
{
	company();
	COUNTS(10, Chart,
		.ctes = ctes(cte(Chart, Person, .fields = fields(into(Chart, id, col(Person, id))))),
		.joins = joins(join_on(Upper, lt(col(Chart, id), col(Upper, id)))));
}
END_TEST

START_TEST(a_list_of_values)
{
	const Line given_lines[] = { { "ann", { 7, true } }, { "dan", { 0 } }, { "it's", { -1, true } } };

	company();
	IS("ann:7,dan,it's:-1", Line,
	   .ctes = ctes(values(Line, given_lines, 3, given(Line, name), given(Line, n))),
	   .order_by = by(col(Line, name)),
	   .fields = fields(into(Line, name, col(Line, name)), into(Line, n, col(Line, n))));
	IS("ann:67,dan", Person,
	   .ctes = ctes(values(Line, given_lines, 3, given(Line, name), given(Line, n))),
	   .joins = joins(join_on(Line, eq(col(Line, name), col(Person, username)))),
	   .order_by = by(col(Person, id)),
	   .fields = fields(into(Line, name, col(Line, name)),
			    into(Line, n, add(col(Person, age), col(Line, n)))));
	COUNTS(0, Line, .ctes = ctes(values(Line, given_lines, 0, given(Line, n))));
}
END_TEST

START_TEST(rows_put_together)
{
	company();
#define AGED(op, years) op(Person, .where = eq(col(Person, age), years),                            \
			   .fields = fields(into(Line, n, col(Person, age))))
#define AGES .fields = fields(into(Line, n, col(Person, age))), .order_by = by(label(Line, n))
	IS("-:40,-:60", Person, .where = eq(col(Person, age), 60), AGES,
	   .combine = combine(AGED(union_of, 40)));
	IS("-:40,-:40,-:60", Person, .where = eq(col(Person, age), 60), AGES,
	   .combine = combine(AGED(union_all_of, 40)));
	IS("-:40", Person, AGES, .combine = combine(AGED(intersect_of, 40)));
	IS("-:30,-:50,-:60", Person, AGES, .combine = combine(AGED(except_of, 40)));
	/* one after the other, as they stand */
	IS("-:60", Person, .where = eq(col(Person, age), 40), AGES,
	   .combine = combine(AGED(union_of, 60), AGED(except_of, 40)));
	IS("-:60", Person, .where = eq(col(Person, age), 40), AGES,
	   .combine = combine(AGED(union_of, 60), AGED(intersect_of, 60)));
	IS("-:50,-:40", Person, .fields = fields(into(Line, n, col(Person, age))),
	   .combine = combine(AGED(except_of, 60)), .order_by = by(desc(label(Line, n))), .limit = 2);
	/* a part with an order and a limit of its own */
	IS("-:30,-:60", Person, .where = eq(col(Person, age), 60), AGES, .combine = combine(
		union_of(Person, .order_by = by(col(Person, age)), .limit = 1,
			 .fields = fields(into(Line, n, col(Person, age))))));
}
END_TEST

START_TEST(objects_put_together)
{
	company();
	Person **p = amph_all(s, Person, .where = lt(col(Person, age), 40), .combine = combine(
				union_of(Person, .where = gt(col(Person, age), 45))),
			      .order_by = by(desc(col(Person, username))), .limit = 2);
	DO(p != NULL);
	ck_assert_uint_eq(amph_length(p), 2);
	ck_assert_str_eq(p[0]->username, "dan");
	ck_assert_str_eq(p[1]->username, "bob");
	ck_assert_ptr_eq(p[0], amph_get(s, Person, 4));
	COUNTS(6, Person, .where = lt(col(Person, age), 40), .combine = combine(
				union_all_of(Person)));
	COUNTS(3, Person, .combine = combine(except_of(Person,
				.where = gt(col(Person, age), 45))));
	ck_assert(!amph_exists(s, Person, .combine = combine(except_of(Person))));
	SAYS("42804", "", amph_all(s, Person, .combine = combine(union_of(Section))));
}
END_TEST

START_TEST(the_first_of_each)
{
	company();
	IS("dan,cid,bob,ann", Person, .distinct_on = by(col(Person, age)),
	   .order_by = by(col(Person, age), col(Person, username)), .fields = NAMED(Person));
	IS("dan,eve,bob", Person, .distinct_on = by(col(Person, age)), .limit = 3,
	   .order_by = by(col(Person, age), desc(col(Person, username))), .fields = NAMED(Person));
	Person **p = amph_all(s, Person, .distinct_on = by(col(Person, age)),
			      .order_by = by(col(Person, age), desc(col(Person, username))));
	ck_assert_uint_eq(amph_length(p), 4);
	ck_assert_str_eq(p[1]->username, "eve");
	/* counted as often as there are; pages of them */
	ck_assert_int_eq(amph_count(s, Person, .distinct_on = by(col(Person, age))), 4);
	ck_assert_int_eq(amph_count(s, Person, .distinct_on = by(col(Person, age)), .limit = 3), 3);
	ck_assert(amph_exists(s, Person, .distinct_on = by(col(Person, age))));
	const amph_page *page = amph_paginate(s, Person, .distinct_on = by(col(Person, age)),
		.order_by = by(col(Person, age), desc(col(Person, username))), .page = 2, .per_page = 3);
	DO(page != NULL);
	ck_assert(page->total == 4 && page->pages == 2 && amph_length(page->items) == 1);
	SAYS("42P10", "", amph_all(s, Person, .distinct_on = by(col(Person, age)),
				.order_by = by(col(Person, username))));
}
END_TEST

START_TEST(locks)
{
	company();
	DO(amph_commit(s));
	ck_assert_uint_eq(amph_length(amph_all(s, Person, .for_share = true, .nowait = true)), 5);
	ck_assert_uint_eq(amph_length(amph_all(s, Person, .for_update = true, .nowait = true)), 5);
	ck_assert_uint_eq(amph_length(amph_all(s, Person, .for_share = true, .skip_locked = true,
				.joins = joins(join_on(Boss, eq(col(Boss, id), col(Person, boss_id)))))), 3);
	DO(amph_commit(s));
	SAYS("HV010", "", amph_all(s, Person, .nowait = true));
	SAYS("HV010", "", amph_all(s, Person, .for_update = true, .nowait = true, .skip_locked = true));
	SAYS("HV010", "", amph_all(s, Person, .for_update = true, .for_share = true));
	SAYS("0A000", "", amph_all(s, Person, .for_update = true, .distinct = true));
}
END_TEST

START_TEST(wrong_queries_are_refused_by_name)
{
	SAYS("42P01", "\"Section\" is not in this query",
	     amph_all(s, Person, .where = eq(col(Section, name), "x")));
	SAYS("42P01", "\"Author\" is not in this query",
	     amph_all(s, Person, .joins = joins(join(Author, books))));
	SAYS("42P01", "\"Line\" in this query", amph_all(s, Person, .joins = joins(
		join_on(Line, eq(col(Line, name), col(Person, username))))));
	SAYS("42P01", "\"Line\" in this query",
	     amph_project(s, Line, Line, .fields = fields(into(Line, name, col(Line, name)))));
	SAYS("42809", "\"Line\" is a row struct", amph_all(s, Line, .ctes = ctes(
		cte(Line, Person, .fields = NAMED(Person)))));
	SAYS("42803", "GROUP BY", amph_all(s, Person, .having = gt(col(Person, age), 1)));
	SAYS("42803", "username", amph_project(s, Line, Person, .group_by = by(col(Person, age)),
		.fields = NAMED(Person)));
	SAYS("42803", "aggregate", amph_all(s, Person, .where = gt(fn_count_all(), 1)));
	SAYS("0A000", "\"Person\"", amph_all(s, Person, .joins = joins(right_join_on(Boss,
		eq(col(Boss, id), col(Person, boss_id))))));
	SAYS("42P19", "\"Chart\"", amph_count(s, Chart, .ctes = ctes(recursive(Chart, Person,
		.fields = fields(into(Chart, id, col(Person, id)))))) != -1);
	SAYS("42703", "Line", amph_project(s, Line, Line, .ctes = ctes(cte(Line, Person,
		.fields = NAMED(Person))), .fields = fields(into(Line, n, col(Line, n)))));
	SAYS("42601", "same number of columns", amph_project(s, Line, Person, .fields = NAMED(Person),
		.combine = combine(union_of(Person, .fields = fields(into(Line, name, col(Person, username)),
								     into(Line, n, col(Person, id)))))));
	SAYS("HV010", ".only", amph_project(s, Line, Person, .only = by(col(Person, id)),
		.fields = NAMED(Person)));
}
END_TEST

SUITE(stmt_query_suite, "statements: queries", joins_of_every_kind,
      joins_along_a_relationship_from_the_other_side, softly_deleted_rows_are_left_out_of_every_join,
      a_query_as_a_value, membership_in_a_query, existence_with_groups_and_limits,
      any_and_has_along_relationships, rows_of_a_query_as_a_table, each_cte_sees_those_before_it,
      a_recursive_query_walks_a_tree, a_cte_under_two_names, a_list_of_values, rows_put_together,
      objects_put_together, the_first_of_each, locks, wrong_queries_are_refused_by_name)
