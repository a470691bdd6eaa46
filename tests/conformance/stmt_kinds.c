/* Arrays of derived models; locks that others hold; filters in joins and calls on arrays; objects that a
 * commit has expired. */
#include "conformance.h"

static Manager *bob;
static Engineer *eve;
static void company(void)
{
	bob = amph_new(s, Manager, .base = { .name = "bob" }, .motto = "go", .reports = 1);
	eve = amph_new(s, Engineer, .base = { .name = "eve" }, .language = "C");
	DO(amph_commit(s));
}

START_TEST(arrays_of_a_derived_model)
{
	company();
	Manager rows[] = {
		{ .base = { .id = bob->base.id, .name = "bob" }, .reports = 7, .motto = "stay" },
		{ .base = { .id = eve->base.id, .name = "eve" }, .reports = 9, .motto = "none" }
	};
	/* a row of another kind is none of the model's */
	WRITES(1, amph_update_many(s, Manager, rows, 2,
				   .only = by(col(Manager, reports), col(Manager, motto))));
	DO(amph_refresh(s, bob) && amph_refresh(s, eve));
	ck_assert_int_eq(bob->reports, 7);
	ck_assert_str_eq(bob->motto, "stay");
	ck_assert_str_eq(eve->language, "C");
	ck_assert_int_eq(amph_count(s, Manager), 1);
	WRITES(1, amph_delete_many(s, Manager, rows, 2, .with_deleted = true));
	DO(amph_commit(s));
	ck_assert_int_eq(amph_count(s, Employee), 1);
	ck_assert_int_eq(amph_count(s, Engineer), 1);
}
END_TEST

START_TEST(upserts_of_a_derived_model)
{
	company();
	Manager rows[] = {
		{ .base = { .name = "bob" }, .reports = 8, .motto = "b" },
		{ .base = { .name = "new" }, .reports = 9, .motto = "n" },
	};
	WRITES(2, amph_upsert_many(s, Manager, rows, 2,
		.on_conflict = on_conflict(.on = by(col(Manager, base.name))),
		.only = by(col(Manager, base.name), col(Manager, reports), col(Manager, motto))));
	DO(amph_refresh(s, bob));
	ck_assert_int_eq(bob->reports, 8);
	ck_assert_int_eq(amph_count(s, Manager), 2);
	/* a row of another kind stays what it is */
	rows[0].base.name = "eve";
	WRITES(0, amph_upsert_many(s, Manager, rows, 1,
		.on_conflict = on_conflict(.on = by(col(Manager, base.name))),
		.only = by(col(Manager, base.name), col(Manager, reports), col(Manager, motto))));
	ck_assert_int_eq(amph_count(s, Engineer), 1);
	ck_assert_int_eq(amph_count(s, Manager), 2);
}
END_TEST

/* ---- locks that another session holds ---- */

START_TEST(rows_that_others_lock)
{
	amph_new(s, Section, .name = "a");
	DO(amph_flush(s));
	amph_new(s, Section, .name = "b");
	DO(amph_commit(s));
	amph_engine *own = strncmp(test_url(), "sqlite", 6) ? open_another() : NULL;
	if (!own)
		return;         /* SQLite locks the whole database: nobody else gets as far */
	amph_session *other = amph_session_open(own);
	Section *locked = amph_first(other, Section, .where = eq(col(Section, name), "a"),
				     .for_update = true);
	OK_(other, locked != NULL);
	Section **free_ones = amph_all(s, Section, .for_update = true, .skip_locked = true);
	DO(free_ones != NULL);
	ck_assert_uint_eq(amph_length(free_ones), 1);
	ck_assert_str_eq(free_ones[0]->name, "b");
	FAILS("55P03", amph_all(s, Section, .for_update = true, .nowait = true));
	amph_rollback(s);
	DO(amph_first(s, Section, .where = eq(col(Section, name), "b"), .for_share = true,
		      .nowait = true) != NULL);
	/* what is locked for reading may be read by others as well */
	OK_(other, amph_first(other, Section, .where = eq(col(Section, name), "b"), .for_share = true,
			      .nowait = true) != NULL);
	OK_(other, amph_commit(other));
	free_ones = amph_all(s, Section, .for_update = true, .nowait = true);
	DO(free_ones != NULL);
	ck_assert_uint_eq(amph_length(free_ones), 2);
	amph_rollback(s);
	amph_session_close(other);
	amph_close(own);
}
END_TEST

/* ---- filters ---- */

static Firm *red;
static void tenants(void)
{
	red = amph_new(s, Firm, .tenant = "red", .name = "r");
	Firm *blue = amph_new(s, Firm, .tenant = "blue", .name = "b");

	DO(amph_flush(s));
	amph_new(s, Ware, .tenant = "red", .name = "rw", .firm_id = red->id);
	amph_new(s, Ware, .tenant = "blue", .name = "bw", .firm_id = blue->id);
	/* of another tenant than its firm */
	amph_new(s, Ware, .tenant = "blue", .name = "xw", .firm_id = red->id);
	DO(amph_commit(s));
	amph_session_clear(s);
	DO(amph_filter_every(s, "tenant", "red"));
}

typedef struct Both { const char *firm, *ware; } Both;
#define BOTH .fields = fields(into(Both, firm, col(Firm, name)), into(Both, ware, col(Ware, name))), \
	.order_by = by(nulls_last(asc(col(Firm, name))), col(Ware, name))

START_TEST(filters_in_joins_that_keep_rows)
{
	tenants();
	Both *rows = amph_project(s, Both, Firm, BOTH, .joins = joins(left_join(Firm, wares)));
	DO(rows != NULL);
	ck_assert_uint_eq(amph_length(rows), 1);
	ck_assert_str_eq(rows[0].ware, "rw");
	rows = amph_project(s, Both, Firm, BOTH, .joins = joins(right_join(Firm, wares)));
	DO(rows != NULL);
	ck_assert_uint_eq(amph_length(rows), 1);
	rows = amph_project(s, Both, Firm, BOTH, .joins = joins(full_join(Firm, wares)));
	DO(rows != NULL);
	ck_assert_uint_eq(amph_length(rows), 1);
	ck_assert_str_eq(rows[0].firm, "r");
	/* all of it where the filter is lifted */
	rows = amph_project(s, Both, Firm, BOTH, .joins = joins(full_join(Firm, wares)), .unfiltered = true);
	DO(rows != NULL);
	ck_assert_uint_eq(amph_length(rows), 3);
}
END_TEST

START_TEST(filters_in_calls_on_arrays)
{
	tenants();
	Ware rows[] = { { .id = 1, .tenant = "red", .name = "one", .firm_id = 1 },
			{ .id = 2, .tenant = "red", .name = "two", .firm_id = 1 } };
	/* the second is another tenant's: it is not there */
	WRITES(1, amph_update_many(s, Ware, rows, 2, .only = by(col(Ware, name))));
	WRITES(0, amph_upsert_many(s, Ware, rows + 1, 1, .only = by(col(Ware, id), col(Ware, name),
								   col(Ware, firm_id))));
	WRITES(1, amph_delete_many(s, Ware, rows, 2));
	DO(amph_commit(s));
	ck_assert_int_eq(amph_count(s, Ware, .unfiltered = true), 2);
	ck_assert_int_eq(amph_count(s, Ware, .unfiltered = true, .where = eq(col(Ware, name), "two")), 0);
	const Ware foreign[] = { { .id = 9, .tenant = "blue", .name = "no", .firm_id = 1 } };
	SAYS("428C9", "tenant", amph_update_many(s, Ware, foreign, 1, .only = by(col(Ware, tenant))) >= 0);
	/* what is evaluated in memory heeds it too */
	Ware **all = amph_all(s, Ware, .unfiltered = true);
	DO(all != NULL);
	WRITES(0, amph_update(s, Ware, .where = eq(col(Ware, name), "bw"), .sync = AMPH_SYNC_EVALUATE,
			      .set = sets(set(Ware, place, 7))));
	amph_each(Ware, w, all)
		ck_assert(!w->place.has);
}
END_TEST

/* ---- expired by a commit ---- */

START_TEST(expired_objects_that_are_touched)
{
	amph_session *own = amph_session_open_with(db, AMPH_SESSION_OPTIONS(.expire_on_commit = true));
	Author *a = amph_new(own, Author, .name = "ann");
	Book *b = amph_new(own, Book, .title = "one", .author = a);
	OK_(own, amph_commit(own));
	amph_new(s, Book, .title = "two", .author_id = AMPH_SOME(a->id));
	DO(amph_commit(s));
	/* loaded after the commit: with what others wrote */
	Author *found = amph_get(own, Author, a->id);
	ck_assert_ptr_eq(found, a);
	ck_assert_uint_ge(amph_length(amph_rel(a, books)), 1);
	ck_assert_ptr_eq(amph_rel(b, author), a);
	OK_(own, !amph_failed(own));
	OK_(own, amph_refresh(own, a));
	ck_assert_uint_eq(amph_length(amph_rel(a, books)), 2);
	amph_session_close(own);
}
END_TEST

SUITE(stmt_kinds_suite, "statements: kinds", arrays_of_a_derived_model, upserts_of_a_derived_model,
      rows_that_others_lock, filters_in_joins_that_keep_rows, filters_in_calls_on_arrays,
      expired_objects_that_are_touched)
