/* Filters: a session sees and writes the rows of one tenant. */
#include "conformance.h"

/* Two tenants with a firm of two wares each; the second's wares are marked. */
static void two_tenants(void)
{
	static const char *const tenants[] = { "red", "blue" };
	Mark *mark = amph_new(s, Mark, .name = "good");

	for (int i = 0; i < 2; i++) {
		Firm *firm = amph_new(s, Firm, .tenant = tenants[i], .name = i ? "B" : "R");

		for (int k = 0; k < 2; k++) {
			Ware *w = amph_new(s, Ware, .tenant = tenants[i], .name = k ? "two" : "one",
					   .firm = firm);

			DO(amph_flush(s));
			amph_new(s, WareMark, .ware_id = w->id, .mark_id = mark->id, .tenant = tenants[i]);
		}
	}
	DO(amph_commit(s));
	amph_session_clear(s);
}

START_TEST(every_query_is_filtered)
{
	two_tenants();
	DO(amph_filter_every(s, "tenant", "blue"));
	ck_assert_int_eq(amph_count(s, Ware), 2);
	ck_assert_uint_eq(amph_length(amph_all(s, Ware)), 2);
	ck_assert(!amph_exists(s, Firm, .where = eq(col(Firm, name), "R")));
	ck_assert(amph_exists(s, Firm, .where = eq(col(Firm, name), "B")));
	ck_assert_ptr_null(amph_first(s, Firm, .where = eq(col(Firm, name), "R")));
	ck_assert_int_eq(amph_sum(s, Ware, id).value.v.units, 3 + 4);
	ck_assert_int_eq(amph_paginate(s, Ware)->total, 2);
	/* joins, subqueries, what has no such column */
	ck_assert_int_eq(amph_count(s, Mark, .where = exists(WareMark,
				.where = eq(col(WareMark, mark_id), col(Mark, id)))), 1);
	ck_assert_int_eq(amph_count(s, Firm, .joins = joins(join(Firm, wares))), 2);
	ck_assert_int_eq(amph_count(s, Ware, .joins = joins(join(Ware, marks))), 2);
	amph_stream *stream = amph_stream_open(s, Ware);
	int n = 0;
	for (const Ware *w; (w = amph_stream_next(stream)); n++)
		ck_assert_str_eq(w->tenant, "blue");
	ck_assert(amph_stream_close(stream));
	ck_assert_int_eq(n, 2);
	/* another value, the same statements */
	int64_t compiled = (int64_t)amph_session_statistics(s).compiled;
	DO(amph_filter_every(s, "tenant", "red"));
	ck_assert_int_eq(amph_sum(s, Ware, id).value.v.units, 1 + 2);
	DO(amph_filter_every(s, "tenant", "none"));
	ck_assert_int_eq(amph_count(s, Ware), 0);
	ck_assert_int_eq((int64_t)amph_session_statistics(s).compiled, compiled);
	DO(amph_unfilter_every(s, "tenant"));
	ck_assert_int_eq(amph_count(s, Ware), 4);
}
END_TEST

START_TEST(filters_can_be_lifted)
{
	two_tenants();
	DO(amph_filter(s, Ware, tenant, "blue"));
	ck_assert_int_eq(amph_count(s, Ware), 2);
	ck_assert_int_eq(amph_count(s, Firm), 2);
	ck_assert_int_eq(amph_count(s, Ware, .unfiltered = true), 4);
	/* a filter of a table that is joined from the left leaves the left one's rows */
	ck_assert_int_eq(amph_count(s, Firm, .joins = joins(left_join(Firm, wares))), 3);
	ck_assert_int_eq(amph_count(s, Firm, .joins = joins(left_join(Firm, wares)),
				    .unfiltered = true), 4);
	ck_assert_int_eq(amph_count(s, Firm, .where = exists(Ware, .unfiltered = true,
				.where = eq(col(Ware, firm_id), col(Firm, id)))), 2);
	ck_assert_int_eq(amph_count(s, Firm, .where = exists(Ware,
				.where = eq(col(Ware, firm_id), col(Firm, id)))), 1);
	ck_assert(!amph_lift_filters(s, true));
	ck_assert_int_eq(amph_count(s, Ware), 4);
	ck_assert(amph_lift_filters(s, false));
	ck_assert_int_eq(amph_count(s, Ware), 2);
	DO(amph_unfilter(s, Ware, tenant));
	ck_assert_int_eq(amph_count(s, Ware), 4);
}
END_TEST

START_TEST(relationships_are_filtered)
{
	two_tenants();
	DO(amph_filter(s, Ware, tenant, "blue"));
	Firm **firms = amph_all(s, Firm, .order_by = by(col(Firm, id)));
	DO(amph_length(firms) == 2);
	ck_assert_uint_eq(amph_length(amph_rel(firms[0], wares)), 0);
	ck_assert_uint_eq(amph_length(amph_rel(firms[1], wares)), 2);
	DO(amph_unfilter(s, Ware, tenant));
	DO(amph_filter(s, Firm, tenant, "red"));
	amph_session_clear(s);
	Ware **wares = amph_all(s, Ware, .order_by = by(col(Ware, id)), .load = with(selectin(Ware, firm)));
	DO(amph_length(wares) == 4);
	ck_assert_str_eq(wares[0]->firm->name, "R");
	ck_assert_ptr_null(wares[3]->firm);
	ck_assert_ptr_null(amph_rel(wares[3], firm));
	/* through a link that has the column */
	DO(amph_filter_every(s, "tenant", "red"));
	ck_assert(amph_lift_filters(s, true) == false);
	amph_session_clear(s);
	wares = amph_all(s, Ware, .order_by = by(col(Ware, id)));
	amph_lift_filters(s, false);
	ck_assert_uint_eq(amph_length(amph_rel(wares[0], marks)), 1);
	ck_assert_uint_eq(amph_length(amph_rel(wares[3], marks)), 0);
	/* what a query that is not filtered loads at once is not either */
	amph_session_clear(s);
	wares = amph_all(s, Ware, .order_by = by(col(Ware, id)), .unfiltered = true,
			 .load = with(joined(Ware, firm)));
	DO(amph_length(wares) == 4);
	ck_assert_str_eq(wares[3]->firm->name, "B");
	ck_assert_int_eq(amph_count(s, Ware, .of = children(Firm, wares[3]->firm, wares)), 0);
	ck_assert_int_eq(amph_count(s, Ware, .of = children(Firm, wares[0]->firm, wares)), 2);
}
END_TEST

START_TEST(a_row_of_others_is_not_there)
{
	two_tenants();
	ck_assert_ptr_nonnull(amph_get(s, Ware, 1));
	DO(amph_filter_every(s, "tenant", "blue"));
	ck_assert_ptr_null(amph_get(s, Ware, 1));
	ck_assert_ptr_null(amph_get(s, Ware, 2));
	ck_assert_ptr_nonnull(amph_get(s, Ware, 3));
	ck_assert_ptr_null(amph_require(s, Ware, 1));
	ck_assert_int_eq(amph_session_error(s)->status, AMPH_E_NOTFOUND);
	DO(amph_filter_every(s, "tenant", "red"));
	ck_assert_ptr_nonnull(amph_get(s, Ware, 1));
	ck_assert_ptr_null(amph_get(s, Ware, 3));
}
END_TEST

START_TEST(nothing_of_others_is_written)
{
	two_tenants();
	Ware *red = amph_get(s, Ware, 1);

	DO(amph_filter_every(s, "tenant", "blue"));
	Ware *blue = amph_get(s, Ware, 3);
	blue->name = "mine";
	DO(amph_flush(s));
	red->name = "not mine";
	FAILS("42501", amph_flush(s));
	ck_assert_str_eq(amph_session_error(s)->column, "tenant");
	amph_rollback(s);
	blue->tenant = "red";
	FAILS("42501", amph_flush(s));
	amph_rollback(s);
	DO(amph_delete(s, red));
	FAILS("42501", amph_flush(s));
	amph_rollback(s);
	amph_new(s, Firm, .tenant = "red", .name = "x");
	FAILS("42501", amph_flush(s));
	amph_rollback(s);
	/* by query */
	ck_assert_int_eq(amph_update(s, Ware, .all_rows = true, .set = sets(set(Ware, name, "x"))), 2);
	FAILS("42501", amph_update(s, Ware, .all_rows = true, .set = sets(set(Ware, tenant, "x"))) >= 0);
	amph_rollback(s);
	ck_assert_int_eq(amph_delete_where(s, WareMark, .all_rows = true), 2);
	amph_rollback(s);
	/* many rows */
	const Firm rows[] = { { .name = "x" }, { .name = "y", .tenant = "red" } };
	DO(amph_insert_many(s, Firm, rows, 1, .only = by(col(Firm, name))) >= 0);
	FAILS("42501", amph_insert_many(s, Firm, rows, 2,
				.only = by(col(Firm, name), col(Firm, tenant))) >= 0);
	amph_rollback(s);
	amph_lift_filters(s, true);
	red->name = "anybody's";
	DO(amph_commit(s));
	ck_assert_int_eq(amph_update(s, Ware, .all_rows = true, .set = sets(set(Ware, tenant, "x"))), 4);
}
END_TEST

START_TEST(new_rows_are_of_the_tenant)
{
	DO(amph_filter_every(s, "tenant", "blue"));
	Firm *firm = amph_new(s, Firm, .name = "x");
	const Firm rows[] = { { .name = "y" } };

	DO(amph_insert_many(s, Firm, rows, 1, .only = by(col(Firm, name))) >= 0);
	DO(amph_commit(s));
	ck_assert_str_eq(firm->tenant, "blue");
	ck_assert_int_eq(amph_count(s, Firm, .unfiltered = true,
				    .where = eq(col(Firm, tenant), "blue")), 2);
}
END_TEST

START_TEST(a_filter_can_ask_for_null)
{
	two_tenants();
	Ware *w = amph_get(s, Ware, 2);

	w->place = (amph_opt_int32)AMPH_SOME(5);
	DO(amph_commit(s));
	DO(amph_filter(s, Ware, place, (amph_opt_int32){ .has = false }));
	ck_assert_int_eq(amph_count(s, Ware), 3);
	ck_assert_ptr_null(amph_get(s, Ware, 2));
	ck_assert_uint_eq(amph_length(amph_rel(amph_get(s, Firm, 1), wares)), 1);
	DO(amph_filter(s, Ware, place, 5));
	ck_assert_int_eq(amph_count(s, Ware), 1);
	DO(amph_filter(s, Ware, tenant, "blue"));
	ck_assert_int_eq(amph_count(s, Ware), 0);
}
END_TEST

START_TEST(an_engine_filters_all_its_sessions)
{
	amph_engine *other;

	if (on_memory())
		return;
	two_tenants();
	other = open_with(AMPH_FILTERS(AMPH_FILTER_REQUIRED("tenant"),
				       AMPH_FILTER(Mark, name, "good")));
	amph_session *own = s;
	s = amph_session_open(other);
	ck_assert_int_eq(amph_count(s, Mark), 1);
	FAILS("42501", amph_count(s, Ware) >= 0);
	amph_rollback(s);
	FAILS("42501", amph_get(s, Ware, 1));
	amph_rollback(s);
	FAILS("42501", amph_new(s, Firm, .tenant = "red", .name = "x"));
	amph_rollback(s);
	ck_assert_int_eq(amph_count(s, Ware, .unfiltered = true), 4);
	DO(amph_filter_every(s, "tenant", "red"));
	ck_assert_int_eq(amph_count(s, Ware), 2);
	DO(amph_filter(s, Mark, name, "bad"));
	ck_assert_int_eq(amph_count(s, Mark), 0);
	DO(amph_unfilter_every(s, "tenant"));
	FAILS("42501", amph_count(s, Ware) >= 0);
	amph_session_close(s);
	s = amph_session_open(other);
	ck_assert_int_eq(amph_count(s, Mark), 1);
	amph_session_close(s);
	amph_close(other);
	s = own;
}
END_TEST

START_TEST(what_cannot_be_filtered_by_is_said)
{
	amph_error err;
	const amph_model *const models[] = { &amph_model_Item, &amph_model_Section, NULL };

	FAILS("42703", amph_filter_every(s, "no_such_column", 1));
	amph_rollback(s);
	FAILS("0A000", amph_filter(s, Item, price, amph_dec(1.00)));
	amph_rollback(s);
	FAILS("42804", amph_filter_every(s, "username", 7));
	amph_rollback(s);
	ck_assert_ptr_null(amph_open("sqlite::memory:", AMPH_OPTIONS(.models = models,
				     .filters = AMPH_FILTERS(AMPH_FILTER_EVERY("tenant", 1))), &err));
	ck_assert_str_eq(err.sqlstate, "42703");
	ck_assert_ptr_null(amph_open("sqlite::memory:", AMPH_OPTIONS(.models = models,
				     .filters = AMPH_FILTERS(AMPH_FILTER(Person, age, 1))), &err));
	ck_assert_str_eq(err.sqlstate, "HV010");
}
END_TEST

START_TEST(rows_softly_deleted_are_not_there)
{
	Ticket *t = amph_new(s, Ticket);

	DO(amph_commit(s));
	amph_uuid id = t->id;
	DO(amph_delete(s, t));
	DO(amph_commit(s));
	ck_assert_ptr_null(amph_get(s, Ticket, id));
	amph_session_clear(s);
	ck_assert_ptr_null(amph_get(s, Ticket, id));
	t = amph_first(s, Ticket, .with_deleted = true);
	DO(t != NULL);
	t->deleted_at = (amph_opt_timestamptz){ .has = false };
	DO(amph_commit(s));
	ck_assert_ptr_eq(amph_get(s, Ticket, id), t);
}
END_TEST

static int rows_read;

static bool count_row(amph_event *event, void *object)
{
	rows_read += event && object;
	return true;
}

START_TEST(what_is_hidden_is_not_read)
{
	two_tenants();
	DO(amph_listen(s, AMPH_AFTER_LOAD, NULL, count_row, NULL));
	DO(amph_filter_every(s, "tenant", "blue"));
	rows_read = 0;
	for (int i = 0; i < 3; i++) {
		/* the first statement of a transaction, and later ones */
		ck_assert_ptr_null(amph_get(s, Ware, 1));
		ck_assert_ptr_null(amph_get(s, Ware, 2));
		if (i == 1)
			amph_rollback(s);
	}
	ck_assert_int_eq(rows_read, 0);
	ck_assert_ptr_nonnull(amph_get(s, Ware, 3));
	ck_assert_int_eq(rows_read, 1);
	/* one that is known costs nothing, whoever may see it */
	DO(amph_filter_every(s, "tenant", "red"));
	amph_expect_statements(s, 0);
	ck_assert_ptr_null(amph_get(s, Ware, 3));
	amph_expect_statements(s, -1);
	/* a filter of the key, of NULL and of several columns */
	DO(amph_filter(s, Ware, id, 1));
	ck_assert_ptr_null(amph_get(s, Ware, 2));
	DO(amph_filter(s, Ware, place, (amph_opt_int32){ .has = false }));
	ck_assert_ptr_nonnull(amph_get(s, Ware, 1));
	amph_session_clear(s);
	DO(amph_filter(s, Ware, place, 7));
	ck_assert_ptr_null(amph_get(s, Ware, 1));
	DO(amph_filter(s, Ware, place, (amph_opt_int32){ .has = false }));
	ck_assert_ptr_nonnull(amph_get(s, Ware, 1));
	amph_session_clear(s);
	amph_lift_filters(s, true);
	ck_assert_ptr_nonnull(amph_get(s, Ware, 4));
}
END_TEST

START_TEST(nor_is_what_is_softly_deleted)
{
	Ticket *t[3];
	amph_uuid id[3];

	DO(amph_listen(s, AMPH_AFTER_LOAD, NULL, count_row, NULL));
	for (int i = 0; i < 3; i++)
		t[i] = amph_new(s, Ticket);
	DO(amph_commit(s));
	for (int i = 0; i < 3; i++)
		id[i] = t[i]->id;
	DO(amph_delete(s, t[1]) && amph_commit(s));
	amph_session_clear(s);
	for (int i = 0; i < 2; i++) {
		rows_read = 0;
		ck_assert_ptr_null(amph_get(s, Ticket, id[1]));
		ck_assert_int_eq(rows_read, 0);
		ck_assert_ptr_nonnull(amph_get(s, Ticket, id[0]));
		ck_assert_ptr_null(amph_get(s, Ticket, id[1]));
		ck_assert_ptr_nonnull(amph_get(s, Ticket, id[2]));
		ck_assert_int_eq(rows_read, 2);
		/* by those who want it */
		Ticket *gone = amph_get_deleted(s, Ticket, id[1]);
		DO(gone != NULL);
		ck_assert(gone->deleted_at.has);
		ck_assert_ptr_null(amph_get(s, Ticket, id[1]));
		DO(amph_commit(s));
		amph_session_clear(s);
	}
}
END_TEST

/* What a filter looks at is read with any part of a row. */
START_TEST(a_part_of_a_filtered_row_is_written)
{
	DO(amph_filter_every(s, "tenant", "one"));
	amph_new(s, Firm, .name = "a");
	DO(amph_commit(s));
	amph_session_clear(s);
	Firm *f = amph_first(s, Firm, .only = by(col(Firm, name)));
	f->name = "b";
	DO(amph_commit(s));
	ck_assert_str_eq(f->tenant, "one");
}
END_TEST

SUITE(filter_suite, "filters", what_is_hidden_is_not_read, nor_is_what_is_softly_deleted,
      a_part_of_a_filtered_row_is_written,
      every_query_is_filtered, filters_can_be_lifted,
      relationships_are_filtered, a_row_of_others_is_not_there, nothing_of_others_is_written,
      new_rows_are_of_the_tenant, a_filter_can_ask_for_null, an_engine_filters_all_its_sessions,
      what_cannot_be_filtered_by_is_said, rows_softly_deleted_are_not_there)
