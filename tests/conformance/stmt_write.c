/* Statements that write: updates and deletes over joins, rows that they return, inserts of what a
 * query gives, rows in conflict; pages by the place of an object. */
#include "company.h"

static void company_kept(void)
{
	company();
	DO(amph_commit(s));
}

#define AGES Person, .order_by = by(col(Person, id)), .fields = fields(                             \
		into(Line, name, col(Person, username)), into(Line, n, col(Person, age)))

/* A column that is NULL, beside a key that cannot be. */
START_TEST(nulls_in_what_is_returned)
{
	company();
	amph_rows *r;
	Line *list = amph_update_returning(s, Line, Person, .where = eq(col(Person, username), "ann"),
		.set = sets(set(Person, age, 61)), .returning = fields(
			into(Line, name, case_when(is_null(col(Person, boss_id)), col(Person, username),
						   "?")),
			into(Line, n, case_when(in(col(Person, boss_id), ints(7, 8)), col(Person, id), -1))));

	ck_assert_str_eq(lines(list), "ann:-1");
	list = amph_update_returning(s, Line, Person, .where = eq(col(Person, username), "eve"),
		.set = sets(set(Person, age, 41)), .returning = fields(into(Line, n, case_when(
			not_in(col(Person, boss_id), ints(7)), col(Person, age), 9))));
	ck_assert_str_eq(lines(list), "-:9");
	r = amph_sql(s, "UPDATE people SET age = 1 WHERE boss_id IS NULL "
			"RETURNING (ARRAY[boss_id, 5])[1] AS a, (string_to_array(username, 'n'))[1] AS b, "
			"boss_id IS NULL AS c");
	DO(amph_next(r) && amph_cell_is_null(r, "a") && amph_cell_bool(r, "c"));
	DO(amph_rows_close(r));
}
END_TEST

START_TEST(an_update_from_another_table)
{
	company_kept();
	WRITES(3, amph_update(s, Person,
			      .joins = joins(join_on(Boss, eq(col(Boss, id), col(Person, boss_id)))),
			      .where = gt(col(Boss, age), 45),
			      .set = sets(set(Person, age, add(col(Boss, age), 1)))));
	IS("ann:60,bob:61,cid:61,dan:51,eve:40", AGES);
	WRITES(1, amph_update(s, Person, .joins = joins(cross_join(Section)), .all_rows = true,
			      .set = sets(set(Person, email, col(Section, name)))) + 1);
	SAYS("0A000", "outer join", amph_update(s, Person, .all_rows = true, .joins = joins(
			left_join_on(Boss, eq(col(Boss, id), col(Person, boss_id)))),
			.set = sets(set(Person, age, 1))) != -1);
	SAYS("HV010", ".where", amph_update(s, Person, .joins = joins(cross_join(Section)),
			.set = sets(set(Person, age, 1))) != -1);
}
END_TEST

START_TEST(an_update_from_rows_of_the_program)
{
	const Line ages[] = { { "ann", { .value = 1, .has = true } },
			      { "dan", { .value = 2, .has = true } } };

	company_kept();
	WRITES(2, amph_update(s, Person, .all_rows = true,
			      .ctes = ctes(values(Line, ages, 2, given(Line, name), given(Line, n))),
			      .joins = joins(join_on(Line, eq(col(Line, name), col(Person, username)))),
			      .set = sets(set(Person, age, col(Line, n)))));
	IS("ann:1,bob:50,cid:40,dan:2,eve:40", AGES);
}
END_TEST

START_TEST(a_delete_using_another_table)
{
	company_kept();
	WRITES(1, amph_delete_where(s, Person, .joins = joins(join_on(Boss, eq(col(Boss, id),
				col(Person, boss_id)))), .where = eq(col(Boss, username), "bob")));
	IS("ann:60,bob:50,cid:40,eve:40", AGES);
	Author *a = amph_new(s, Author, .name = "ann");
	amph_new(s, Book, .title = "one", .author = a);
	amph_new(s, Book, .title = "two");
	WRITES(1, amph_delete_where(s, Book, .joins = joins(join(Book, author)), .all_rows = true));
	WRITES(1, amph_count(s, Book));
}
END_TEST

START_TEST(rows_that_were_written_are_returned)
{
	company_kept();
	Line *l = amph_update_returning(s, Line, Person, .where = eq(col(Person, age), 40),
			.set = sets(set(Person, age, add(col(Person, age), 1))),
			.returning = fields(into(Line, name, fn_upper(col(Person, username))),
					    into(Line, n, mul(col(Person, age), 2))));
	ck_assert_str_eq(lines(l), "CID:82,EVE:82");
	l = amph_delete_returning(s, Line, Person, .where = gt(col(Person, id), 3),
			.returning = fields(into(Line, name, col(Person, username))));
	ck_assert_str_eq(lines(l), "dan,eve");
	l = amph_delete_returning(s, Line, Person, .where = gt(col(Person, id), 30),
			.returning = fields(into(Line, name, col(Person, username))));
	ck_assert_uint_eq(amph_length(l), 0);
	SAYS("42P01", "\"Boss\"", amph_update_returning(s, Line, Person, .all_rows = true,
			.set = sets(set(Person, age, 1)),
			.returning = fields(into(Line, name, col(Boss, username)))));
	SAYS("HV010", ".returning", amph_delete_returning(s, Line, Person, .all_rows = true));
	SAYS("HV010", ".returning", amph_all(s, Person, .returning = fields(
			into(Line, name, col(Person, username)))));
	SAYS("HV010", "amph_update_returning", amph_update(s, Person, .all_rows = true,
			.set = sets(set(Person, age, 1)),
			.returning = fields(into(Line, name, col(Person, username)))) != -1);
}
END_TEST

START_TEST(a_soft_delete_returns_what_it_marks)
{
	amph_new(s, Ticket, .status = "open");
	amph_new(s, Ticket, .status = "closed");
	DO(amph_flush(s));
	Line *l = amph_delete_returning(s, Line, Ticket, .where = eq(col(Ticket, status), "open"),
			.returning = fields(into(Line, name, col(Ticket, status))));
	ck_assert_str_eq(lines(l), "open");
	WRITES(1, amph_count(s, Ticket));
	WRITES(2, amph_count(s, Ticket, .with_deleted = true));
}
END_TEST

START_TEST(rows_of_a_query_are_inserted)
{
	company_kept();
	WRITES(3, amph_insert_from(s, Section, Person, .where = le(col(Person, age), 40),
			.order_by = by(col(Person, id)),
			.fields = fields(into(Section, name, fn_upper(col(Person, username))))));
	IS("CID:1,DAN:2,EVE:3", Section, .order_by = by(col(Section, id)), .fields = fields(
			into(Line, name, col(Section, name)), into(Line, n, col(Section, id))));
	/* defaults of the program and of the database */
	WRITES(2, amph_insert_from(s, Person, Section, .where = gt(col(Section, id), 1),
			.fields = fields(into(Person, username, col(Section, name)))));
	WRITES(2, amph_count(s, Person, .where = all_of(eq(col(Person, age), 18),
			eq(col(Person, is_active), true), gt(col(Person, id), 5))));
	WRITES(2, amph_insert_from(s, Account, Person, .where = lt(col(Person, id), 3),
			.fields = fields(into(Account, code, col(Person, username)),
					 into(Account, balance, mul(col(Person, age), 1)))));
	WRITES(2, amph_count(s, Account, .where = all_of(eq(col(Account, rank), 7),
			eq(col(Account, twice), mul(col(Account, balance), 2)))));
	SAYS("428C9", "Account.twice", amph_insert_from(s, Account, Person,
			.fields = fields(into(Account, twice, mul(col(Person, age), 1)))) != -1);
	SAYS("42703", "username", amph_insert_from(s, Section, Person,
			.fields = fields(into(Person, username, col(Person, username)))) != -1);
	SAYS("23502", "code", amph_insert_from(s, Account, Person,
			.fields = fields(into(Account, balance, mul(col(Person, age), 1)))) != -1);
	SAYS("22001", "", amph_insert_from(s, Account, Person,
			.fields = fields(into(Account, balance, mul(col(Person, age), 1)),
					 into(Account, code, fn_lower("much too long")))) != -1);
}
END_TEST

START_TEST(inserted_rows_are_returned)
{
	company_kept();
	Line *l = amph_insert_from_returning(s, Line, Section, Person, .where = eq(col(Person, age), 30),
			.combine = combine(union_all_of(Person, .where = eq(col(Person, age), 60),
				.fields = fields(into(Section, name, col(Person, username))))),
			.fields = fields(into(Section, name, col(Person, username))),
			.returning = fields(into(Line, name, col(Section, name)),
					    into(Line, n, col(Section, id))));
	ck_assert_str_eq(lines(l), "dan:1,ann:2");
}
END_TEST

#define BY_NAME .fields = fields(into(Section, name, col(Person, username)))
START_TEST(an_insert_in_conflict)
{
	company_kept();
	WRITES(5, amph_insert_from(s, Section, Person, BY_NAME));
	SAYS("23505", "", amph_insert_from(s, Section, Person, BY_NAME) != -1);
	WRITES(5, amph_insert_from(s, Section, Person, BY_NAME));
	WRITES(0, amph_insert_from(s, Section, Person, BY_NAME, .on_conflict = do_nothing()));
	WRITES(0, amph_insert_from(s, Section, Person, BY_NAME,
				   .on_conflict = on_conflict(.on = by(col(Section, name)))));
	WRITES(2, amph_insert_from(s, Section, Person, BY_NAME, .on_conflict = on_conflict(
			.on = by(col(Section, name)), .where = gt(excluded(Section, name), "cid"),
			.set = sets(set(Section, name, fn_upper(excluded(Section, name)))))));
	IS("ann,bob,cid,DAN,EVE", Section, .order_by = by(fn_lower(col(Section, name))),
	   .fields = fields(into(Line, name, col(Section, name))));
	SAYS("42601", "", amph_insert_from(s, Section, Person, BY_NAME, .on_conflict = on_conflict(
			.update = by(col(Section, name)))) != -1);
	SAYS("42P10", "", amph_insert_from(s, Person, Section, .on_conflict = on_conflict(
			.on = by(col(Person, age)), .update = by(col(Person, age))),
			.fields = fields(into(Person, username, col(Section, name)))) != -1);
	SAYS("HV010", ".on_conflict", amph_all(s, Person, .on_conflict = do_nothing()));
	SAYS("HV010", ".on_conflict", amph_all(s, Section, .where = eq(excluded(Section, name), "x")));
}
END_TEST

START_TEST(a_conflict_counts_the_version)
{
	amph_new(s, Seat, .row = "A", .number = 1, .holder = "ann");
	person("bob", 1, NULL);
	DO(amph_commit(s));
	int64_t before = amph_get(s, Seat, "A", 1)->version;
	WRITES(1, amph_insert_from(s, Seat, Person, .fields = fields(into(Seat, row, fn_upper("a")),
			into(Seat, number, col(Person, age)), into(Seat, holder, col(Person, username))),
			.on_conflict = on_conflict(.on = by(col(Seat, row), col(Seat, number)),
						   .update = by(col(Seat, holder)))));
	amph_commit(s);
	Seat *seat = amph_one(s, Seat);
	ck_assert_str_eq(seat->holder, "bob");
	ck_assert_int_eq(seat->version, before + 1);
}
END_TEST

static const char *names(Person **list)
{
	static char text[256];
	size_t at = 0;

	ck_assert_msg(list != NULL, "%s %s", amph_session_error(s)->sqlstate,
		      amph_session_error(s)->message);
	text[0] = '\0';
	amph_each(Person, p, list)
		at += (size_t)snprintf(text + at, sizeof text - at, "%s%s", at ? "," : "", p->username);
	return text;
}

/* All pages of two, forward from the first and backward from its end. */
#define WALKS(expected, order)                                                                      \
	do {                                                                                        \
		char all_[256] = "";                                                                \
		size_t at_ = 0;                                                                     \
		Person *last_ = NULL;                                                               \
		for (int i_ = 0; i_ < 9; i_++) {                                                    \
			Person **p_ = amph_all(s, Person, .order_by = order, .limit = 2,            \
					       .keyset = after(Person, last_));                     \
			if (!p_ || !amph_length(p_))                                                \
				break;                                                              \
			at_ += (size_t)snprintf(all_ + at_, sizeof all_ - at_, "%s%s", i_ ? "|" : "", \
						names(p_));                                         \
			last_ = p_[amph_length(p_) - 1];                                            \
		}                                                                                   \
		ck_assert_str_eq(all_, expected);                                                   \
		Person **b_ = amph_all(s, Person, .order_by = order, .keyset = before(Person, last_)); \
		const char *back_ = names(b_);                                                      \
		size_t n_ = 0;                                                                      \
		for (char *c_ = all_; *c_; c_++)                                                    \
			*c_ = *c_ == '|' ? ',' : *c_, n_++;                                         \
		ck_assert(n_ > strlen(back_) && !strncmp(all_, back_, strlen(back_)));              \
		ck_assert_uint_eq(amph_length(b_), 5);                                              \
	} while (0)

START_TEST(pages_after_an_object)
{
	static const struct { const char *name, *email; int age; } people[] = {
		{ "a", "x", 1 }, { "b", NULL, 2 }, { "c", "y", 1 }, { "d", NULL, 1 }, { "e", "w", 2 },
		{ "f", NULL, 2 }
	};

	for (int i = 0; i < 6; i++)
		amph_new(s, Person, .username = people[i].name, .email = people[i].email,
			 .age = people[i].age);
	DO(amph_commit(s));
	WALKS("a,b|c,d|e,f", by(col(Person, id)));
	WALKS("f,e|d,c|b,a", by(desc(col(Person, id))));
	WALKS("a,c|d,b|e,f", by(col(Person, age)));
	WALKS("b,e|f,a|c,d", by(desc(col(Person, age)), col(Person, id)));
	WALKS("d,c|a,f|e,b", by(col(Person, age), desc(col(Person, id))));
	/* NULLs come last, or first, or as they are told to */
	WALKS("e,a|c,b|d,f", by(col(Person, email)));
	WALKS("f,d|b,c|a,e", by(desc(col(Person, email))));
	WALKS("b,d|f,e|a,c", by(nulls_first(asc(col(Person, email))), col(Person, id)));
	WALKS("c,a|e,b|d,f", by(nulls_last(desc(col(Person, email))), col(Person, id)));
	WALKS("c,a|d,e|b,f", by(col(Person, age), nulls_last(desc(col(Person, email))), col(Person, id)));
	Person *d = amph_get(s, Person, 4);
	ck_assert_str_eq(names(amph_all(s, Person, .order_by = by(col(Person, age)), .limit = 1,
				       .keyset = before(Person, d))), "c");
	Person *next = amph_first(s, Person, .order_by = by(col(Person, age)), .keyset = after(Person, d),
				  .where = not_null(col(Person, email)));
	ck_assert_str_eq(next->username, "e");
	SAYS("42P10", "\"Person\"", amph_all(s, Person, .order_by = by(fn_lower(col(Person, email))),
					     .keyset = after(Person, d)));
	SAYS("HV010", ".keyset", amph_count(s, Person, .keyset = after(Person, NULL)) != -1);
}
END_TEST

SUITE(stmt_write_suite, "statements: writes", nulls_in_what_is_returned, an_update_from_another_table,
      an_update_from_rows_of_the_program, a_delete_using_another_table,
      rows_that_were_written_are_returned, a_soft_delete_returns_what_it_marks,
      rows_of_a_query_are_inserted, inserted_rows_are_returned, an_insert_in_conflict,
      a_conflict_counts_the_version, pages_after_an_object)
