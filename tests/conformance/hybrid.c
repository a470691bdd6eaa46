/* Hybrids: members that are what an expression over the columns gives. */
#include "conformance.h"

static void invoices(void)
{
	amph_new(s, Invoice, .first = "Ann", .last = "Bee", .net = amph_dec(100.00),
		 .tax = { .has = true, .value = amph_dec(19.00) });
	amph_new(s, Invoice, .first = "Cleo", .last = NULL, .net = amph_dec(50.50),
		 .paid = AMPH_SOME(true));
	amph_new(s, Invoice, .first = "\xc3\x84nn", .last = "Z", .net = amph_dec(1.00),
		 .tax = { .has = true, .value = amph_dec(0.07) });
	DO(amph_commit(s));
	amph_session_clear(s);
}

typedef struct { const char *name; amph_opt_numeric most; } Most;

START_TEST(hybrids_are_expressions_of_queries)
{
	invoices();
	ck_assert_int_eq(amph_count(s, Invoice, .where = eq(col(Invoice, full_name), "Ann Bee")), 1);
	ck_assert_int_eq(amph_count(s, Invoice, .where = is_null(col(Invoice, full_name))), 1);
	ck_assert_int_eq(amph_count(s, Invoice, .where = gt(col(Invoice, gross), amph_dec(1.06))), 2);
	ck_assert_int_eq(amph_count(s, Invoice, .where = eq(col(Invoice, length), 3)), 2);
	Invoice **list = amph_all(s, Invoice, .order_by = by(desc(nulls_last(col(Invoice, gross)))),
				  .where = not_null(col(Invoice, gross)));
	DO(amph_length(list) == 2);
	ck_assert_str_eq(list[0]->first, "Ann");
	ck_assert_ptr_null(list[0]->full_name);
	ck_assert(!list[0]->gross.has);
	Most *rows = amph_project(s, Most, Invoice,
		.fields = fields(into(Most, name, col(Invoice, full_name)),
				 into(Most, most, fn_max(col(Invoice, gross)))),
		.group_by = by(col(Invoice, full_name)), .order_by = by(label(Most, name)));
	DO(amph_length(rows) == 3);
	ck_assert_str_eq(rows[0].name, "Ann Bee");
	ck_assert_int_eq(rows[0].most.value.v.units, 11900);
	ck_assert_str_eq(rows[1].name, "\xc3\x84nn Z");
	ck_assert_ptr_null(rows[2].name);
	AMPH_ALIAS(Other, Invoice);
	ck_assert_int_eq(amph_count(s, Invoice, .joins = joins(join_on(Other,
				gt(col(Other, gross), col(Invoice, gross))))), 1);
	ck_assert_int_eq(amph_update(s, Invoice, .where = eq(col(Invoice, full_name), "Ann Bee"),
				     .set = sets(set(Invoice, last, "B"))), 1);
	ck_assert(amph_exists(s, Invoice, .where = eq(col(Invoice, full_name), "Ann B")));
}
END_TEST

START_TEST(hybrids_are_loaded_where_they_are_asked_for)
{
	invoices();
	Invoice **list = amph_all(s, Invoice, .hybrids = true, .order_by = by(col(Invoice, id)));

	DO(amph_length(list) == 3);
	ck_assert_str_eq(list[0]->full_name, "Ann Bee");
	ck_assert_int_eq(list[0]->gross.value.v.units, 11900);
	ck_assert_int_eq(list[0]->length, 3);
	ck_assert_ptr_null(list[1]->full_name);
	ck_assert(!list[1]->gross.has);
	ck_assert_int_eq(list[1]->length, 0);
	ck_assert(!amph_is_modified(s, list[0]));
	/* an object that is there gets them too, and those of its row now */
	list[0]->last = "Changed";
	DO(amph_flush(s));
	ck_assert_str_eq(list[0]->full_name, "Ann Bee");
	Invoice *one = amph_first(s, Invoice, .hybrids = true, .where = eq(col(Invoice, last), "Changed"));
	ck_assert_ptr_eq(one, list[0]);
	ck_assert_str_eq(one->full_name, "Ann Changed");
	DO(amph_refresh(s, one));
	ck_assert_ptr_null(one->full_name);
	ck_assert_str_eq(one->last, "Changed");
	/* beside some columns only, in pages and streams */
	amph_session_clear(s);
	one = amph_first(s, Invoice, .hybrids = true, .only = by(col(Invoice, id), col(Invoice, first),
				col(Invoice, net)), .order_by = by(col(Invoice, id)));
	ck_assert_str_eq(one->full_name, "Ann Changed");
	ck_assert_ptr_null(one->last);
	const amph_page *page = amph_paginate(s, Invoice, .hybrids = true, .order_by = by(col(Invoice, id)));
	ck_assert_str_eq((*(Invoice **)page->items)->full_name, "Ann Changed");
	amph_stream *stream = amph_stream_open(s, Invoice, .hybrids = true,
					       .order_by = by(col(Invoice, id)));
	const Invoice *row = amph_stream_next(stream);
	ck_assert_str_eq(row->full_name, "Ann Changed");
	ck_assert(amph_stream_close(stream));
	DO(amph_commit(s));
}
END_TEST

START_TEST(hybrids_are_not_written)
{
	invoices();
	Invoice *one = amph_first(s, Invoice, .hybrids = true);

	one->full_name = "nobody";
	amph_expect_statements(s, 0);
	DO(amph_flush(s));
	amph_expect_statements(s, -1);
	FAILS("42703", amph_update(s, Invoice, .all_rows = true,
				   .set = sets(set(Invoice, full_name, "x"))) >= 0);
	amph_rollback(s);
	FAILS("HV010", amph_delete_where(s, Invoice, .all_rows = true, .hybrids = true) >= 0);
	amph_rollback(s);
}
END_TEST

typedef struct Wrong { int64_t id; const char *name, *twice; int32_t n; } Wrong;
AMPH_DECLARE(Wrong);

static void refused(const char *state, const char *part, const amph_column *hybrids)
{
	static const amph_column columns[] = {
		AMPH_COLUMN(Wrong, id, .primary_key = true), AMPH_COLUMN(Wrong, name), { .member = NULL }
	};
	const amph_model model = { .abi = AMPH_ABI, .name = "Wrong", .table = "wrongs", .size = sizeof(Wrong),
				   .columns = columns, .hybrids = hybrids };
	amph_error err;

	ck_assert_ptr_null(amph_open("sqlite::memory:", AMPH_OPTIONS(
		.models = (const amph_model *const[]){ &model, NULL }), &err));
	ck_assert_str_eq(err.sqlstate, state);
	ck_assert_msg(strstr(err.message, part) != NULL, "%s", err.message);
}

START_TEST(wrong_hybrids_are_refused)
{
	refused("42703", "column \"twice\": hybrid: column \"nam\" does not exist",
		AMPH_HYBRIDS(AMPH_HYBRID(Wrong, twice, "nam || nam")));
	refused("42601", "\"twice\": hybrid: syntax error", AMPH_HYBRIDS(AMPH_HYBRID(Wrong, twice,
			"name ||")));
	refused("42804", "is of type", AMPH_HYBRIDS(AMPH_HYBRID(Wrong, n, "name || 'x'")));
	refused("42701", "is a column and a hybrid", AMPH_HYBRIDS(AMPH_HYBRID(Wrong, name, "name")));
	refused("0A000", "volatile", AMPH_HYBRIDS(AMPH_HYBRID(Wrong, twice, "random()::text")));
	refused("0A000", "subquery", AMPH_HYBRIDS(AMPH_HYBRID(Wrong, n, "(SELECT 1)")));
}
END_TEST

START_TEST(what_is_no_column_is_not_filtered_by)
{
	SAYS("42703", "Invoice.gross", amph_filter(s, Invoice, gross, (amph_opt_numeric){ .has = false }));
	for (int wanted = 0; wanted < 2; wanted++)
		ck_assert_int_eq(amph_count(s, Invoice, .where = wanted ? gt(col(Invoice, id), 0)
									: no_condition()), 0);
}
END_TEST

SUITE(hybrid_suite, "hybrids", what_is_no_column_is_not_filtered_by, hybrids_are_expressions_of_queries,
      hybrids_are_loaded_where_they_are_asked_for, hybrids_are_not_written, wrong_hybrids_are_refused)
