/* Queries within queries and calls on arrays that do not fit their models. */
#include "shop.h"
#include <amphora/short.h>

typedef struct Row { const char *name; int64_t n; } Row;
AMPH_ROW(Row);

void program(amph_session *s);
void program(amph_session *s)
{
	Row *rows = amph_project(s, Row, Row, .ctes = ctes(cte(Row, User, .fields = fields(
			into(Row, name, col(User, name)), into(Row, n, scalar(fn_count_all(), Order))))),
		.fields = fields(into(Row, n, col(Row, n))));
	int64_t n = amph_count(s, User, .where = all_of(any(User, orders),
		in_select(col(User, id), col(Order, user_id), Order)));
	User **users = amph_all(s, User, .keyset = after(User, NULL));
	Row *sets = amph_project(s, Row, User, .ctes = ctes(set_of(Row, call(int, "generate_series", 1, 2),
		given(Row, n))), .joins = joins(cross_join(Row)), .fields = fields(into(Row, n, col(Row, n))),
		.where = any_select("=", col(User, id), col(Order, user_id), Order));
	users = amph_all(s, User, .defer = by(col(User, name)), .load = with(selectin_of(User, orders,
		.where = gt(col(Order, id), 1))));
	rows = amph_project(s, Row, Row, .ctes = ctes(cte_insert(Row, User, User,
		.fields = fields(into(User, name, col(User, name))),
		.returning = fields(into(Row, n, col(User, id))))),
		.fields = fields(into(Row, n, col(Row, n))));
	(void)users, (void)rows, (void)n, (void)sets;
#if CASE == 1 /* refused: amph_these_sql_types_do_not_match */
	n = amph_count(s, User, .where = in_select(col(User, name), col(Order, user_id), Order));
#endif
#if CASE == 2 /* refused: amph_this_member_is_not_a_relationship */
	n = amph_count(s, User, .where = any(User, name));
#endif
#if CASE == 3 /* refused: amph_these_sql_types_do_not_match */
	n = amph_count(s, User, .where = eq(col(User, name), scalar(fn_count_all(), Order)));
#endif
#if CASE == 4 /* refused: amph_the_member_cannot_hold_this_sql_type */
	n = amph_insert_from(s, User, Order, .fields = fields(into(User, name, col(Order, id))));
#endif
#if CASE == 6 /* refused: incompatible type */
	(void)amph_new(s, Order, .total = 1.5);
#endif
#if CASE == 7 /* refused: amph_these_sql_types_do_not_match */
	n = amph_count(s, User, .where = any_select("=", col(User, name), col(Order, user_id), Order));
#endif
#if CASE == 8 /* refused: no member named */
	sets = amph_project(s, Row, User, .ctes = ctes(set_of(Row, call(int, "generate_series", 1, 2),
		given(Row, m))), .fields = fields(into(Row, n, col(Row, n))));
#endif
#if CASE == 9 /* refused: amph_this_member_is_not_a_relationship */
	users = amph_all(s, User, .load = with(selectin_of(User, name, .order_by = by(col(Order, id)))));
#endif
#if CASE == 10 /* refused: amph_the_member_cannot_hold_this_sql_type */
	rows = amph_project(s, Row, Row, .ctes = ctes(cte_insert(Row, User, User,
		.fields = fields(into(User, name, col(User, id))),
		.returning = fields(into(Row, n, col(User, id))))),
		.fields = fields(into(Row, n, col(Row, n))));
#endif
#if CASE == 11 /* refused: amph_the_member_cannot_hold_this_sql_type */
	rows = amph_project(s, Row, Row, .ctes = ctes(lateral(Row, User, .fields = fields(
		into(Row, n, col(User, name))))), .fields = fields(into(Row, n, col(Row, n))));
#endif
#if CASE == 12 /* refused: no member named */
	users = amph_all(s, User, .defer = by(col(User, nam)));
#endif
#if CASE == 5 /* refused: _Generic */
	n = amph_update_many(s, User, (const Order[]){ { .id = 1 } }, 1);
#endif
}
