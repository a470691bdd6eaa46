/* Aggregates with their modifiers, window functions, and the function twins of both. */
#include "expr.h"

static void add_items(void)
{
	static const struct { const char *name; int stock; } rows[] = {
		{ "a", 5 }, { "b", 3 }, { "c", 3 }, { "d", 8 }, { "e", 1 } };
	Section *first = new_section("first"), *second = new_section("second");

	for (size_t i = 0; i < 5; i++) {
		amph_new(s, Item, .name = rows[i].name, .note = i == 1 ? NULL : "n",
			 .stock = rows[i].stock, .price = amph_dec(2.50),
			 .section_id = i < 3 ? first->id : second->id);
		DO(amph_flush(s));
	}
	DO(amph_commit(s));
}

#define I(f) col(Item, f)
#define TOTAL(expected, type, x)                                                                 \
	check_cell(amph_rows_of(s, Item, .fields = fields(as("x", x))), expected, type, #x, __LINE__)
#define TOTAL_OF_NONE(expected, type, x)                                                         \
	check_cell(amph_rows_of(s, Item, .fields = fields(as("x", x)), .where = lt(I(stock), 0)), \
		   expected, type, #x, __LINE__)
#define NO_TOTAL(sqlstate, parts, x)                                                             \
	check_refusal(amph_rows_of(s, Item, .fields = fields(as("x", x))), sqlstate, parts, #x, __LINE__)

START_TEST(aggregates)
{
	add_items();
	TOTAL("5", "bigint", fn_count_all());
	TOTAL("4", "bigint", fn_count(I(note)));
	TOTAL("4", "bigint", fn_count_distinct(I(stock)));
	TOTAL("17", "bigint", agg_distinct(fn_sum(I(stock))));
	TOTAL("2", "bigint", agg_filter(fn_count_all(), gt(I(stock), 3)));
	TOTAL("20", "bigint", fn_sum(I(stock)));
	TOTAL("4.0000000000000000", "numeric", fn_avg(I(stock)));
	TOTAL("2.6457513110645906", "numeric", fn_stddev(I(stock)));
	TOTAL("8", "integer", fn_max(I(stock)));
	TOTAL("2.3664319132398464", "numeric", fn_stddev_pop(I(stock)));
	TOTAL("7.0000000000000000", "numeric", fn_variance(I(stock)));
	TOTAL("5.6000000000000000", "numeric", fn_var_pop(I(stock)));
	TOTAL("t", "boolean", fn_bool_and(gt(I(stock), 0)));
	TOTAL("f", "boolean", fn_bool_or(gt(I(stock), 10)));
	TOTAL("d-a-c-b-e", "text", agg_order(fn_string_agg(I(name), "-"), by(desc(I(stock)), desc(I(name)))));
	TOTAL("{a,b,c,d,e}", NULL, agg_order(fn_array_agg(I(name)), by(I(name))));
	TOTAL("[8, 5, 3, 1]", "jsonb", agg_order(agg_distinct(fn_jsonb_agg(I(stock))), by(desc(I(stock)))));
	TOTAL("{\"a\": 5, \"d\": 8}", "jsonb",
	      agg_filter(fn_jsonb_object_agg(I(name), I(stock)), gt(I(stock), 4)));
	TOTAL("3", "double precision", fn_percentile_cont(0.5, I(stock)));
	TOTAL("3", "integer", fn_percentile_disc(0.5, I(stock)));
	TOTAL("3", "integer", fn_mode(I(stock)));
	TOTAL("12", "integer", raw(int, "bit_xor($1)", I(stock)));
	TOTAL_OF_NONE("0", "bigint", fn_count_all());
	TOTAL_OF_NONE(NULL, "text", fn_string_agg(I(name), ","));
	TOTAL_OF_NONE(NULL, "numeric", fn_avg(I(stock)));
	TOTAL_OF_NONE(NULL, "jsonb", fn_jsonb_agg(I(stock)));
	NO_TOTAL("42803", "Item", add(fn_sum(I(stock)), I(stock)));
	NO_TOTAL("42803", "nested|Item", fn_sum(fn_sum(I(stock))));
	NO_TOTAL("42P10", "DISTINCT", agg_order(agg_distinct(fn_string_agg(I(name), "-")), by(I(stock))));
	NO_TOTAL("22023", "field name must not be null", fn_jsonb_object_agg(I(note), I(stock)));
	NO_TOTAL("42809", "lower", agg_filter(fn_lower(I(name)), gt(I(stock), 1)));
}
END_TEST

START_TEST(filters_in_groups)
{
	typedef struct Row { int64_t section_id, n, few; amph_opt_numeric worth; const char *names; } Row;

	add_items();
	Row *rows = amph_project(s, Row, Item, .group_by = by(I(section_id)),
		.fields = fields(into(Row, section_id, I(section_id)), into(Row, n, fn_count_all()),
				 into(Row, few, agg_filter(fn_count_all(), le(I(stock), 3))),
				 into(Row, worth, agg_filter(fn_sum(mul(I(price), I(stock))),
					gt(I(stock), 5))),
				 into(Row, names, agg_order(fn_string_agg(I(name), ","), by(desc(I(name)))))),
		.having = gt(agg_filter(fn_count_all(), not_null(I(note))), 0),
			.order_by = by(label(Row, n)));
	DO(rows);
	ck_assert_uint_eq(amph_length(rows), 2);
	ck_assert_int_eq(rows[0].n, 2);
	ck_assert_int_eq(rows[0].few, 1);
	ck_assert(rows[0].worth.has && !rows[1].worth.has);
	ck_assert_str_eq(rows[1].names, "c,b,a");
}
END_TEST

START_TEST(expressions_with_values_in_several_clauses)
{
	typedef struct Row { const char *first; int64_t n; } Row;
	typedef struct Pair { const char *first; int32_t n; } Pair;

	add_items();
	Row *rows = amph_project(s, Row, Item, .group_by = by(fn_left(concat(I(note), I(name)), 1),
		mod(I(stock), 2)),
		.fields = fields(into(Row, first, fn_upper(fn_left(concat(I(note), I(name)), 1))),
				 into(Row, n, add(mod(I(stock), 2), fn_count_all()))),
		.having = ge(mod(I(stock), 2), 0), .order_by = by(desc(mod(I(stock), 2))));
	DO(rows);
	ck_assert_uint_eq(amph_length(rows), 3);
	ck_assert_int_eq(rows[2].n, 1);
	Pair *pairs = amph_project(s, Pair, Item, .distinct = true,
		.fields = fields(into(Pair, first, fn_left(I(note), 1)), into(Pair, n, mod(I(stock), 5))),
		.order_by = by(desc(mod(I(stock), 5)), fn_left(I(note), 1)));
	DO(pairs);
	ck_assert_uint_eq(amph_length(pairs), 4);
	ck_assert_int_eq(pairs[0].n, 3);
	/* other values are another expression */
	FAILS("42803", amph_project(s, Row, Item, .group_by = by(mod(I(stock), 2)),
				    .fields = fields(into(Row, n, mod(I(stock), 3)))));
	amph_rollback(s);
}
END_TEST

/* The values of a window function in the order of the items' names, divided by blanks. */
static const char *line_of(amph_rows *r)
{
	static char line[256];

	line[0] = '\0';
	while (amph_next(r)) {
		const char *text = amph_cell_is_null(r, "x") ? "-" : amph_cell_text(r, "x");
		strncat(line, *line ? " " : "", 2);
		strncat(line, text, sizeof line - strlen(line) - 1);
	}
	DO(amph_rows_close(r));
	return line;
}
#define OVER(expected, x)                                                                        \
	ck_assert_str_eq(line_of(amph_rows_of(s, Item, .fields = fields(as("x", x)),             \
					      .order_by = by(I(name)))), expected)

START_TEST(windows)
{
	add_items();
	OVER("1 2 3 4 5", over(fn_row_number(), .order_by = by(I(name))));
	OVER("1 2 3 1 2", over(fn_row_number(), .partition_by = by(I(section_id)), .order_by = by(I(name))));
	OVER("4 2 2 5 1", over(fn_rank(), .order_by = by(I(stock))));
	OVER("3 2 2 4 1", over(fn_dense_rank(), .order_by = by(I(stock))));
	OVER("0.75 0.25 0.25 1 0", over(fn_percent_rank(), .order_by = by(I(stock))));
	OVER("0.8 0.6 0.6 1 0.2", over(fn_cume_dist(), .order_by = by(I(stock))));
	OVER("1 1 1 2 2", over(fn_ntile(2), .order_by = by(I(name))));
	OVER("- 5 3 3 8", over(fn_lag(I(stock)), .order_by = by(I(name))));
	OVER("0 0 5 3 3", over(fn_lag(I(stock), 2, 0), .order_by = by(I(name))));
	OVER("3 3 - 1 -", over(fn_lead(I(stock)), .partition_by = by(I(section_id)),
		.order_by = by(I(name))));
	OVER("e e e e e", over(fn_first_value(I(name)), .order_by = by(I(stock))));
	OVER("c c c e e", over(fn_last_value(I(name)), .partition_by = by(I(section_id)),
		.order_by = by(I(name)),
			       .frame = rows_between(current_row(), unbounded_following())));
	OVER("b b b b b", over(fn_nth_value(I(name), 2), .order_by = by(I(name)),
			       .frame = rows_between(unbounded_preceding(), unbounded_following())));
	OVER("20 20 20 20 20", over(fn_sum(I(stock))));
	OVER("5 8 11 19 20", over(fn_sum(I(stock)), .order_by = by(I(name))));
	OVER("5 8 6 11 9", over(fn_sum(I(stock)), .order_by = by(I(name)),
				.frame = rows_between(preceding(1), current_row())));
	OVER("3 8 11 4 8", over(fn_sum(I(stock)), .order_by = by(I(name)),
		.exclude = AMPH_EXCLUDE_CURRENT_ROW,
				.frame = rows_between(preceding(1), following(1))) );
	OVER("11 7 7 8 1", over(fn_sum(I(stock)), .order_by = by(I(stock)),
				.frame = range_between(preceding(2), current_row())));
	OVER("19 12 12 13 7", over(fn_sum(I(stock)), .order_by = by(I(stock)),
				   .frame = groups_between(preceding(1), following(1))));
	OVER("3 1 1 2 0", over(agg_filter(fn_count_all(), gt(I(stock), 2)), .order_by = by(I(stock)),
			       .frame = groups_between(preceding(1), current_row()),
				.exclude = AMPH_EXCLUDE_TIES));
	NO_TOTAL("42809", "", over(fn_lower(I(name)), .order_by = by(I(name))));
	NO_TOTAL("42809", "row_number", fn_row_number());
	NO_TOTAL("22014", "ntile", over(fn_ntile(0), .order_by = by(I(name))));
	NO_TOTAL("22016", "nth_value", over(fn_nth_value(I(name), 0), .order_by = by(I(name))));
	NO_TOTAL("22013", "must not be negative", over(fn_sum(I(stock)), .order_by = by(I(name)),
				   .frame = rows_between(preceding(-1), current_row())));
	NO_TOTAL("42601", ".exclude", over(fn_sum(I(stock)), .exclude = AMPH_EXCLUDE_TIES));
	NO_TOTAL("42P20", "", over(fn_sum(I(stock)), .order_by = by(I(name)),
				   .frame = rows_between(unbounded_following(), current_row())));
	FAILS("42P20", amph_all(s, Item, .where = gt(over(fn_row_number(), .order_by = by(I(name))), 1)));
	amph_rollback(s);
}
END_TEST

START_TEST(twins_of_modifiers_and_fragments)
{
	add_items();
	amph_query *q = amph_query_new(s, &amph_model_Item);
	const amph_expr *stock = amph_expr_column(q, "stock"), *name = amph_expr_column(q, "name");
	const amph_expr *section = amph_expr_column(q, "section_id");
	const amph_expr *three = amph_expr_value(q, (amph_value){ .type = AMPH_T_INT64, .v = { .i = 3 } });
	const amph_expr *sum = amph_expr_call(q, "sum", &stock, 1);
	const amph_expr *more = amph_expr_call(q, ">", (const amph_expr *[]){ stock, three }, 2);
	const amph_expr *filtered = amph_expr_call(q, "filter", (const amph_expr *[]){ sum, more }, 2);
	amph_window window = { .abi = AMPH_ABI, .partition_by = amph_expr_by(q, &section, NULL, 1),
		.order_by = amph_expr_by(q, &name, (const uint8_t[]){ AMPH_NODE_DESC }, 1),
		.frame = { .unit = AMPH_FRAME_ROWS, .end = { .kind = AMPH_EDGE_FOLLOWING,
			   .offset = amph_expr_node(three) } } };
	const amph_expr *field = amph_expr_over(q, filtered, &window);

	ck_assert(amph_query_field(q, "x", 0, 0, field));
	ck_assert(amph_query_where(q, amph_expr_raw(q, "$1 < char_length($2 || 'xxxxxxxx')",
						    (const amph_expr *[]){ stock, name }, 2)));
	ck_assert(amph_query_order_by(q, name, 0));
	ck_assert_str_eq(line_of(amph_query_rows(q)), "5 5 5 8 8");
	amph_query_free(q);

	q = amph_query_new(s, &amph_model_Item);
	name = amph_expr_column(q, "name");
	const amph_expr *comma = amph_expr_value(q, (amph_value){ .type = AMPH_T_TEXT, .v = { .s = "," } });
	const amph_expr *list = amph_expr_call(q, "string_agg", (const amph_expr *[]){ name, comma }, 2);
	list = amph_expr_agg_order(q, list, amph_expr_by(q, &name, (const uint8_t[]){ AMPH_NODE_DESC },
		1), false);
	ck_assert(amph_query_field(q, "x", 0, 0, list));
	ck_assert_str_eq(line_of(amph_query_rows(q)), "e,d,c,b,a");
	ck_assert_ptr_null(amph_expr_over(q, NULL, &window));
	ck_assert_ptr_null(amph_expr_agg_order(q, list, NULL, true));
	amph_query_free(q);
}
END_TEST

START_TEST(kept_modifiers_are_copies)
{
	amph_query *q = amph_query_new(s, &amph_model_Item);

	add_items();
	for (int i = 1; i < 3; i++)
		amph_field_add(q, amph_as(i == 1 ? "x" : "y", over(agg_filter(fn_sum(I(stock)),
			gt(I(stock), i)),
			.order_by = by(I(name)), .frame = rows_between(preceding(i), current_row()))));
	amph_order_by(q, asc(I(name)));
	ck_assert_str_eq(line_of(amph_query_rows(q)), "5 8 6 11 8");
	amph_query_free(q);
}
END_TEST

SUITE(expr_sets_suite, "aggregates and windows", aggregates, filters_in_groups,
      expressions_with_values_in_several_clauses, windows,
      twins_of_modifiers_and_fragments, kept_modifiers_are_copies)
