/* The catalogue: sorted, found by name, casts as PostgreSQL has them. */
#include "../../../support/suite.h"
#include "src/sql/catalog/catalog.h"
#include <string.h>

typedef void row_fn(const amph_catalog_row *row);

static void each_row(row_fn *fn)
{
	size_t n;
	const amph_catalog_area *areas = amph__catalog_areas(&n);

	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < *areas[i].n_rows; k++)
			fn(&areas[i].rows[k]);
}

static void check_row(const amph_catalog_row *row)
{
	ck_assert_uint_le(row->n_args, AMPH_CAT_MAX_ARGS);
	ck_assert_uint_gt(strlen(row->name), 0);
	ck_assert_uint_gt(strlen(row->impl), 0);
	for (size_t i = 0; i < AMPH_CAT_MAX_ARGS; i++)
		ck_assert((row->args[i] != 0) == (i < row->n_args));
	if (row->kind == AMPH_CAT_OPERATOR)
		ck_assert(row->n_args == 1 || row->n_args == 2);
	if (row->flags & AMPH_CAT_ORDERS)
		ck_assert(row->flags & AMPH_CAT_COMPARES);
}

START_TEST(rows_are_sound)
{
	each_row(check_row);
}
END_TEST

START_TEST(areas_are_sorted)
{
	size_t n;
	const amph_catalog_area *areas = amph__catalog_areas(&n);

	for (size_t i = 0; i < n; i++)
		for (size_t k = 1; k < *areas[i].n_rows; k++) {
			const amph_catalog_row *a = &areas[i].rows[k - 1], *b = a + 1;

			ck_assert_msg(strcmp(a->name, b->name) <= 0, "%s: %s before %s",
				      areas[i].name, a->name, b->name);
		}
}
END_TEST

static void check_found(const amph_catalog_row *row)
{
	amph_catalog_found found;
	bool operator= row->kind == AMPH_CAT_OPERATOR, seen = false;

	ck_assert(operator? amph__find_operators(row->name, &found)
			  : amph__find_functions(row->name, &found));
	for (size_t i = 0; i < found.n_runs; i++)
		seen |= row >= found.runs[i].rows && row < found.runs[i].rows + found.runs[i].n;
	ck_assert_msg(seen, "%s", row->impl);
}

START_TEST(each_row_is_found_by_its_name)
{
	each_row(check_found);
}
END_TEST

START_TEST(names_that_are_not_there)
{
	amph_catalog_found found;

	ck_assert(!amph__find_operators("===", &found));
	ck_assert(!amph__find_operators("", &found));
	ck_assert(!amph__find_functions("ifnull", &found));
	ck_assert(!amph__find_functions("LOWER", &found));
	ck_assert(amph__find_functions("int4pl", &found));
	ck_assert(amph__catalog_is_foreign("json_populate_record", false));
	ck_assert(amph__catalog_is_foreign("pg_table_size", false));
	ck_assert(!amph__catalog_is_foreign("ifnull", false));
	ck_assert(amph__catalog_is_foreign("-|-", true));
	ck_assert(!amph__catalog_is_foreign("**", true));
}
END_TEST

static const amph_catalog_row *row_of(const char *impl)
{
	size_t n;
	const amph_catalog_area *areas = amph__catalog_areas(&n);

	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < *areas[i].n_rows; k++)
			if (!strcmp(areas[i].rows[k].impl, impl))
				return &areas[i].rows[k];
	return NULL;
}

START_TEST(arguments_and_columns_have_rows)
{
	const amph_catalog_row *row = row_of("make_interval_int4_int4_int4_int4_int4_int4_float8");
	const amph_catalog_args *args;
	const amph_catalog_columns *columns;

	ck_assert_ptr_nonnull(row);
	args = amph__catalog_args_of(row);
	ck_assert_ptr_nonnull(args);
	ck_assert_uint_eq(args->n_defaults, 7);
	ck_assert_str_eq(args->names[6], "secs");
	ck_assert_ptr_null(amph__catalog_args_of(row_of("lower_text")));
	columns = amph__catalog_columns_of(row_of("jsonb_each_jsonb"));
	ck_assert_ptr_nonnull(columns);
	ck_assert_str_eq(columns->names[1], "value");
	ck_assert_ptr_null(amph__catalog_columns_of(row_of("unnest_anyarray")));
}
END_TEST

START_TEST(casts)
{
	ck_assert_int_eq(amph__cast_context(AMPH_T_INT32, AMPH_T_INT64), AMPH_CAST_IMPLICIT);
	ck_assert_int_eq(amph__cast_context(AMPH_T_INT64, AMPH_T_INT32), AMPH_CAST_ASSIGNMENT);
	ck_assert_int_eq(amph__cast_context(AMPH_T_INT32, AMPH_T_BOOL), AMPH_CAST_EXPLICIT);
	ck_assert_int_eq(amph__cast_context(AMPH_T_BOOL, AMPH_T_INT64), AMPH_CAST_NONE);
	ck_assert_int_eq(amph__cast_context(AMPH_T_BOOL, AMPH_T_TEXT), AMPH_CAST_ASSIGNMENT);
	ck_assert_int_eq(amph__cast_context(AMPH_T_TEXT, AMPH_T_DATE), AMPH_CAST_EXPLICIT);
	ck_assert_int_eq(amph__cast_context(AMPH_T_NONE, AMPH_T_DATE), AMPH_CAST_IMPLICIT);
	ck_assert_int_eq(
		amph__cast_context(AMPH_T_INT32 | AMPH_T_ARRAY, AMPH_T_INT64 | AMPH_T_ARRAY),
		AMPH_CAST_IMPLICIT);
	ck_assert_int_eq(amph__cast_context(AMPH_T_INT32 | AMPH_T_ARRAY, AMPH_T_INT32),
			 AMPH_CAST_NONE);
	ck_assert_int_eq(amph__cast_context(AMPH_T_TEXT | AMPH_T_ARRAY, AMPH_T_TEXT),
			 AMPH_CAST_ASSIGNMENT);
	ck_assert_int_eq(amph__cast_context(AMPH_T_ENUM, AMPH_T_TEXT), AMPH_CAST_ASSIGNMENT);
}
END_TEST

START_TEST(categories)
{
	ck_assert_int_eq(amph__type_category(AMPH_T_NUMERIC), 'N');
	ck_assert_int_eq(amph__type_category(AMPH_T_TEXT | AMPH_T_ARRAY), 'A');
	ck_assert_int_eq(amph__type_category(AMPH_T_ANYARRAY), 'P');
	ck_assert_int_eq(amph__type_category(AMPH_T_NONE), 'X');
	ck_assert(amph__type_is_preferred(AMPH_T_DOUBLE));
	ck_assert(!amph__type_is_preferred(AMPH_T_NUMERIC));
}
END_TEST

SUITE_MAIN("catalog", rows_are_sound, areas_are_sorted, each_row_is_found_by_its_name,
	   names_that_are_not_there, arguments_and_columns_have_rows, casts, categories)
