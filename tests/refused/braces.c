/* A number for a member that is a struct. C lets the braces be left out, and fills the first member of the
 * struct alone; the macros do not hide it from the compiler that is asked to look. */
#include "shop.h"

#pragma GCC diagnostic error "-Wmissing-braces"

void program(amph_session *s);
void program(amph_session *s)
{
	(void)amph_new(s, User, .manager_id = AMPH_SOME(5));
#if CASE == 1 /* refused: braces around initia */
	(void)amph_new(s, User, .manager_id = 5);
#endif
}
