/* Models whose columns or relationships do not fit their structs. */
#include "shop.h"

typedef struct Wrong {
	int64_t id;
	char *text;
	char fixed[20];
	long double wide;
	void *pointer;
	Order *order;
	AMPH_MANY(Order) orders;
	int64_t order_id;
} Wrong;

AMPH_MODEL(User, "users",
	.columns = AMPH_COLUMNS(
		AMPH_COLUMN(User, id, .primary_key = true),
		AMPH_COLUMN(User, name, .length = 80, .not_null = true),
		AMPH_COLUMN(User, manager_id, .references = AMPH_REF(User, id))),
	.relations = AMPH_RELATIONS(
		AMPH_HAS_MANY(User, orders, Order, user_id, .back = AMPH_MEMBER(Order, user))));

AMPH_MODEL(Wrong, "wrong",
	.columns = AMPH_COLUMNS(
		AMPH_COLUMN(Wrong, id, .primary_key = true),
#if CASE == 1 /* refused: amph_text_members_must_be_const_char_pointers */
		AMPH_COLUMN(Wrong, text),
#endif
#if CASE == 2 /* refused: amph_text_members_must_be_const_char_pointers */
		AMPH_COLUMN(Wrong, fixed),
#endif
#if CASE == 3 /* refused: amph_no_sql_type_for_a_member_of_this_type */
		AMPH_COLUMN(Wrong, wide),
#endif
#if CASE == 4 /* refused: amph_no_sql_type_for_a_member_of_this_type */
		AMPH_COLUMN(Wrong, pointer),
#endif
#if CASE == 5 /* refused: no member named */
		AMPH_COLUMN(Wrong, missing),
#endif
#if CASE == 6 /* refused: uniqe */
		AMPH_COLUMN(Wrong, order_id, .uniqe = true),
#endif
#if CASE == 7 /* refused: no member named */
		AMPH_COLUMN(Wrong, order_id, .references = AMPH_REF(Order, missing)),
#endif
		AMPH_COLUMN(Wrong, order_id)),
	.relations = AMPH_RELATIONS(
#if CASE == 8 /* refused: _Generic */
		AMPH_HAS_MANY(Wrong, orders, User, id),
#endif
#if CASE == 9 /* refused: _Generic */
		AMPH_BELONGS_TO(Wrong, orders, Order, order_id),
#endif
#if CASE == 10 /* refused: _Generic */
		AMPH_BELONGS_TO(Wrong, order, User, order_id),
#endif
#if CASE == 11 /* refused: no member named */
		AMPH_BELONGS_TO(Wrong, order, Order, missing_id),
#endif
		AMPH_BELONGS_TO(Wrong, order, Order, order_id)));
