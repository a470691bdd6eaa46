/* Collections take items of their type only. */
#include "shop.h"

void program(User *u, Order *o, User *other);
void program(User *u, Order *o, User *other)
{
	amph_append(u, orders, o);
	amph_remove(u, orders, o);
	amph_each(Order, each, amph_rel(u, orders))
		(void)each;
	(void)other;
#if CASE == 1 /* refused: amph_wrong_item_for_this_collection */
	amph_append(u, orders, other);
#endif
#if CASE == 2 /* refused: no member named */
	amph_append(u, oders, o);
#endif
#if CASE == 3 /* refused: orders */
	amph_rel(o, orders);
#endif
#if CASE == 4 /* refused: read-only */
	u->orders[0] = o;
#endif
}
