/* Comparisons of types that PostgreSQL would not compare, or only after a guess. */
#include "shop.h"
#include <amphora/short.h>

amph_bool_expr fine(void);
amph_bool_expr fine(void)
{
	return all_of(eq(col(User, name), "john"), gt(col(User, id), 7),
		      eq(col(User, is_active), true), lt(col(User, score), 0.5),
		      eq(col(Order, total), dec(9.99)), eq(col(Order, total), 3),
		      in(col(User, id), ints(1, 2)), between(col(User, id), 1, 9));
}

amph_bool_expr refused(const User *u, amph_uuid token, amph_date day);
amph_bool_expr refused(const User *u, amph_uuid token, amph_date day)
{
	(void)u, (void)token, (void)day;
#if CASE == 1 /* refused: amph_these_sql_types_do_not_match */
	return eq(col(User, name), 5);
#endif
#if CASE == 2 /* refused: amph_these_sql_types_do_not_match */
	return eq(col(User, id), "5");
#endif
#if CASE == 3 /* refused: amph_these_sql_types_do_not_match */
	return gt(col(Order, total), 9.99);
#endif
#if CASE == 4 /* refused: amph_these_sql_types_do_not_match */
	return lt(col(User, id), 0.5);
#endif
#if CASE == 5 /* refused: amph_these_sql_types_do_not_match */
	return eq(col(Order, token), "c3d6");
#endif
#if CASE == 6 /* refused: amph_these_sql_types_do_not_match */
	return eq(col(User, created_at), day);
#endif
#if CASE == 7 /* refused: amph_these_sql_types_do_not_match */
	return eq(col(User, name), col(User, id));
#endif
#if CASE == 8 /* refused: _Generic */
	return eq(col(User, manager_id), NULL);
#endif
#if CASE == 9 /* refused: no member named */
	return eq(col(User, nmae), "john");
#endif
#if CASE == 10 /* refused: amph_model_Usr */
	return eq(col(Usr, name), "john");
#endif
#if CASE == 11 /* refused: amph_int_list */
	return in(col(User, id), texts("1", "2"));
#endif
#if CASE == 12 /* refused: _Generic */
	return eq("john", col(User, name));
#endif
#if CASE == 13 /* refused: amph_these_sql_types_do_not_match */
	return between(col(User, id), 1, "9");
#endif
#if CASE == 14 /* refused: amph_text_expr */
	return like(col(User, id), "1%");
#endif
#if CASE == 15 /* refused: _Generic */
	return like(col(User, name), 5);
#endif
#if CASE == 16 /* refused: amph_bool_expr */
	return all_of(col(User, id));
#endif
#if CASE == 17 /* refused: amph_no_arithmetic_on_these_sql_types */
	return gt(add(col(User, name), 1), 2);
#endif
#if CASE == 18 /* refused: _Generic */
	return eq(col(User, id), *u);
#endif
#if CASE == 19 /* refused: amph_text_expr */
	return contains(col(User, id), "1");
#endif
#if CASE == 20 /* refused: amph_bool_expr */
	return any_of(eq(col(User, id), 1), true);
#endif
#if CASE == 21 /* refused: amph_these_sql_types_do_not_match */
	return eq(fn_coalesce(col(User, name), 0), "x");
#endif
#if CASE == 22 /* refused: amph_these_sql_types_do_not_match */
	return eq(col(User, name), ((amph_opt_int64)AMPH_SOME(1)));
#endif
#if CASE == 23 /* refused: _Generic */
	return in(col(User, orders), ints(1));
#endif
	return fine();
}
