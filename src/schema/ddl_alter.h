/* What the files of ALTER TABLE share. */
#ifndef AMPH_SCHEMA_DDL_ALTER_H
#define AMPH_SCHEMA_DDL_ALTER_H
#include "ddl.h"

/* Where the value of a column comes from. */
typedef struct alter_value {
	const char *from;               /* a column of the old table; NULL: its default */
	const char *using_sql;
} alter_value;

typedef struct alteration {
	ddl_run *run;
	const sql_table *old;
	sql_table table;                /* as it is to be; columns and keys come at the end */
	sql_column_def *columns;
	alter_value *values;            /* of each */
	size_t n;
	sql_constraint *constraints;
	const char *renamed, *new_name; /* a column */
	bool rewrites;
} alteration;

sql_column_def *amph__alter_column(alteration *a, const char *name);

/* ddl_rebuild.c: makes it so. */
bool amph__alter_rebuild(alteration *a, const amph_known_table *known);
#endif
