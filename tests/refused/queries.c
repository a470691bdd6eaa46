/* Queries, assignments and projections that do not fit their models. */
#include "shop.h"
#include <amphora/short.h>

typedef struct Row {
	const char *name;
	int64_t n;
	amph_opt_numeric total;
} Row;

void program(amph_session *s);
void program(amph_session *s)
{
	User **users = amph_all(s, User, .where = eq(col(User, is_active), true),
				.order_by = by(desc(col(User, created_at))), .limit = 20,
				.load = with(selectin(User, orders)));
	Row *rows = amph_project(s, Row, User,
				 .fields = fields(into(Row, name, col(User, name)),
						  into(Row, n, fn_count(col(Order, id))),
						  into(Row, total, fn_sum(col(Order, total)))),
				 .joins = joins(join(User, orders)),
				 .group_by = by(col(User, name)));
	int64_t n = amph_update(s, User, .where = eq(col(User, id), 1),
				.set = sets(set(User, name, "x")));
	(void)users, (void)rows, (void)n;
#if CASE == 1 /* refused: amph_the_member_cannot_hold_this_sql_type */
	n = amph_update(s, User, .all_rows = true, .set = sets(set(User, name, 5)));
#endif
#if CASE == 2 /* refused: amph_the_member_cannot_hold_this_sql_type */
	n = amph_update(s, User, .all_rows = true, .set = sets(set(User, id, "5")));
#endif
#if CASE == 3 /* refused: amph_the_member_cannot_hold_this_sql_type */
	n = amph_update(s, Order, .all_rows = true, .set = sets(set(Order, total, 9.99)));
#endif
#if CASE == 4 /* refused: amph_the_member_cannot_hold_this_sql_type */
	rows = amph_project(s, Row, User, .fields = fields(into(Row, n, col(User, name))));
#endif
#if CASE == 5 /* refused: amph_the_member_cannot_hold_this_sql_type */
	rows = amph_project(s, Row, User, .fields = fields(into(Row, n, col(Order, total))));
#endif
#if CASE == 6 /* refused: amph_this_member_is_not_a_relationship */
	users = amph_all(s, User, .load = with(selectin(User, name)));
#endif
#if CASE == 7 /* refused: wehre */
	users = amph_all(s, User, .wehre = eq(col(User, id), 1));
#endif
#if CASE == 8 /* refused: amph_int_expr */
	users = amph_all(s, User, .where = col(User, id));
#endif
#if CASE == 9 /* refused: no member named */
	n = amph_update(s, User, .all_rows = true, .set = sets(set(User, nmae, "x")));
#endif
#if CASE == 10 /* refused: amph_opt_int64 */
	users = amph_all(s, User, .joins = joins(join(User, manager_id)));
#endif
#if CASE == 11 /* refused: amph_this_member_is_not_a_relationship */
	users = amph_all(s, User, .joins = joins(join(User, name)));
#endif
#if CASE == 12 /* refused: no member named */
	users = amph_all(s, User, .joins = joins(join(User, products)));
#endif
#if CASE == 13 /* refused: _Generic */
	amph_opt_numeric sum = amph_sum(s, User, name);
#endif
#if CASE == 14 /* refused: _Generic */
	rows = amph_project(s, Row, User, .fields = fields(into(Row, total, fn_sum(col(User, name)))));
#endif
#if CASE == 15 /* refused: _Generic */
	amph_insert_many(s, Order, (const User[]){ { .id = 1 } }, 1);
#endif
#if CASE == 16 /* refused: amph_json_expr */
	users = amph_all(s, User, .where = eq(json_text(col(User, name), "a"), "x"));
#endif
#if CASE == 17 /* refused: amph_int_expr */
	n = amph_count(s, User, .having = fn_count(col(User, id)));
#endif
#if CASE == 18 /* refused: _Generic */
	users = amph_all(s, User, .order_by = by(desc(col(User, orders))));
#endif
#if CASE == 19 /* refused: amph_the_member_cannot_hold_this_sql_type */
	n = amph_update(s, User, .all_rows = true, .set = sets(set(User, id, fn_avg(col(User, id)))));
#endif
#if CASE == 20 /* refused: _Generic */
	User *merged = amph_merge(s, User, (const Order *)rows);
#endif
}
