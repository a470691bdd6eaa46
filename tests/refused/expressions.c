/* Functions, casts, windows with operands that they do not have. */
#include "shop.h"
#include <amphora/short.h>

void refused(amph_session *s, amph_interval day);
void refused(amph_session *s, amph_interval day)
{
	/* what is right */
	amph_count(s, User, .where = eq(fn_lower(col(User, name)), "john"));
	amph_count(s, Order, .where = eq(add(col(Order, day), 1), sub(col(Order, day), 1)));
	amph_count(s, Order, .where = gt(cast(int, col(Order, total)), 3));
	amph_count(s, User, .where = eq(case_of(text, when(col(User, is_active), "a"), otherwise("b")), "a"));
	(void)day;
#if CASE == 1 /* refused: _Generic */
	amph_count(s, User, .where = eq(fn_lower(col(User, id)), "john"));
#endif
#if CASE == 2 /* refused: amph_no_arithmetic_on_these_sql_types */
	amph_count(s, Order, .where = eq(add(col(Order, day), col(Order, day)), 1));
#endif
#if CASE == 3 /* refused: amph_no_arithmetic_on_these_sql_types */
	amph_count(s, Order, .where = eq(mul(col(Order, day), 2), 1));
#endif
#if CASE == 4 /* refused: amph_these_sql_types_do_not_match */
	amph_count(s, Order, .where = eq(add(col(Order, day), day), 1));
#endif
#if CASE == 5 /* refused: amph_these_sql_types_do_not_match */
	amph_count(s, Order, .where = eq(sub(col(Order, day), col(Order, day)), day));
#endif
#if CASE == 6 /* refused: amph_these_sql_types_do_not_match */
	amph_count(s, User, .where = eq(amph_call(text, "lower", col(User, name)), 5));
#endif
#if CASE == 7 /* refused: amph_these_sql_types_do_not_match */
	amph_count(s, User, .where = eq(raw(int, "char_length($1)", col(User, name)), "5"));
#endif
#if CASE == 8 /* refused: amph_these_sql_types_do_not_match */
	amph_count(s, Order, .where = eq(cast(date, col(Order, total)), 5));
#endif
#if CASE == 9 /* refused: amph_named_number */
	amph_count(s, Order, .where = eq(cast_as(number, "integer", col(Order, total)), 5));
#endif
#if CASE == 10 /* refused: amph_bool_expr */
	amph_count(s, User, .having = gt(agg_filter(fn_count_all(), col(User, name)), 1));
#endif
#if CASE == 11 /* refused: amph_these_sql_types_do_not_match */
	amph_count(s, User, .where = eq(nullif(col(User, id), "x"), 1));
#endif
#if CASE == 12 /* refused: frames */
	amph_count(s, User, .where = eq(over(fn_rank(), .frames = range_between(preceding(1),
		current_row())), 1));
#endif
#if CASE == 13 /* refused: amph_window */
	amph_count(s, User, .where = eq(over(fn_rank(), .limit = 3), 1));
#endif
#if CASE == 14 /* refused: amph_tsquery_expr */
	amph_count(s, User, .where = match(fn_to_tsvector("english", col(User, name)), col(User, name)));
#endif
#if CASE == 15 /* refused: _Generic */
	amph_count(s, User, .where = gt(fn_round_to(col(User, score), 2), 1));
#endif
#if CASE == 16 /* refused: _Generic */
	amph_count(s, Order, .where = eq(extract("year", col(Order, total)), 1));
#endif
#if CASE == 17 /* refused: amph_json_expr */
	amph_count(s, User, .where = eq(json_int(col(User, name), "a"), 1));
#endif
#if CASE == 18 /* refused: amph_these_sql_types_do_not_match */
	amph_count(s, User, .where = eq(over(fn_lag(col(User, id), 1, "none")), 1));
#endif
#if CASE == 19 /* refused: amph_no_arithmetic_on_these_sql_types */
	amph_count(s, User, .where = eq(neg(col(User, name)), "x"));
#endif
#if CASE == 20 /* refused: amph_no_arithmetic_on_these_sql_types */
	amph_count(s, User, .where = eq(mod(col(User, score), 2), 1));
#endif
}
