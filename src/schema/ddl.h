/* Running DDL of text: what its files share. */
#ifndef AMPH_SCHEMA_DDL_H
#define AMPH_SCHEMA_DDL_H
#include "names.h"

typedef struct ddl_run {
	amph_names *names;
	amph_conn *conn;
	const amph_dialect *dialect;
	sql_stmt *stmt;                 /* as parsed */
	amph_arena *arena;
	amph_plan plan;                 /* what is to be done */
	const char *command;            /* its tag */
	amph_error *err;
	int64_t affected;               /* rows, of MERGE; -1: it does not say */
} ddl_run;

/* ddl.c */
bool amph__ddl_do(ddl_run *r);          /* runs what was planned, and plans anew */
bool amph__ddl_touch(ddl_run *r);       /* the same, and other connections learn of it */
/* The first table with a row of the catalogue that uses what has the name; NULL: none has. */
typedef bool amph__uses_fn(ddl_run *r, const amph_known_row *row, const char *name);
const amph_known_table *amph__ddl_user(ddl_run *r, amph__uses_fn *uses, const char *name);
/* The table of a name: 42P01 where there is none, unless missing_ok; then *out is NULL. */
bool amph__ddl_table(ddl_run *r, const char *schema, const char *name, bool missing_ok,
		     amph_known_table **out);
/* "table", "view", "relation" ... that there is not: 42P01 or 42704, of its schema 3F000; false. */
bool amph__ddl_missing(ddl_run *r, const char *what, const char *schema, const char *name);
bool amph__ddl_is_known(const ddl_run *r, const char *name);    /* a table, index, key ... */
/* Another table's foreign key to this one, not of those listed; NULL: none. *of has it. */
const sql_constraint *amph__ddl_referrer(ddl_run *r, const char *name, const sql_object *but,
					 const amph_known_table **of);

bool amph__ddl_is_clear(const ddl_run *r, const char *name);    /* of names that differ in case: 0A000 */
/* A foreign key to this key, of any table but one (or NULL); NULL: none. */
const sql_constraint *amph__ddl_key_user(ddl_run *r, const char *name, const char *const *columns,
					 const char *but, const amph_known_table **of);

amph_known_table *amph__ddl_with_key(const ddl_run *r, const char *name);      /* of the name; or NULL */

/* ddl_rename.c */
bool amph__ddl_rename_index(ddl_run *r, const amph_known_index *known, const char *to);

/* ddl_rebuild.c: whether an expression names a column; false: it cannot be read. The same with another
 * name instead. */
bool amph__expr_mentions(amph_arena *arena, const char *text, const char *column, bool *found,
			 amph_error *err);
bool amph__expr_rename(amph_arena *arena, const char **text, const char *column, const char *to,
		       amph_error *err);

/* define_text.c: the texts of a table that is defined, and of an index: types, and what they may not
 * have. */
bool amph__define_texts(ddl_run *r, const sql_stmt *create);
bool amph__define_key(ddl_run *r, const sql_table *table, const char *text, amph_sqltype *type);
bool amph__define_predicate(ddl_run *r, const sql_table *table, const char *text);
/* define_like.c: puts the columns of LIKE among those of a CREATE TABLE. */
bool amph__define_likes(ddl_run *r);
/* define_index.c */
bool amph__define_index(ddl_run *r, const sql_table *table, const sql_index *index);

/* ddl_sequence.c */
bool amph__ddl_create_sequence(ddl_run *r);
bool amph__ddl_drop_sequences(ddl_run *r);
/* Whether a default takes numbers of the sequence. */
bool amph__takes_numbers_of(ddl_run *r, const char *text, const char *sequence);
bool amph__ddl_alter_sequence(ddl_run *r);
/* If it is an identity; any: also one whose numbers the backend keeps with the table's. */
void amph__ddl_restart(ddl_run *r, const sql_table *table, size_t column, bool any);

/* ddl_view.c */
bool amph__ddl_create_view(ddl_run *r);
bool amph__ddl_drop_views(ddl_run *r);
bool amph__ddl_create_as(ddl_run *r);
/* Drops the views that need a table or view, or says which; what is its kind. */
bool amph__ddl_drop_users(ddl_run *r, const char *what, const char *name);
void amph__ddl_drop_view(ddl_run *r, const char *name);
/* A view that could not be made were the table of the name another; NULL: were it gone. */
const char *amph__view_broken(ddl_run *r, const char *name, const sql_table *table);

const char *amph__view_text(ddl_run *r, const sql_view *view);  /* as the catalogue keeps it */

/* ddl_view_alter.c */
bool amph__ddl_alter_view(ddl_run *r, amph_known_sequence *known);
/* Plans that the catalogue has the view, instead of the old one. */
void amph__view_keep(ddl_run *r, const amph_known_sequence *old, const amph_known_sequence *view);
/* 0A000 where no rows can be written to the view that text would make. */
bool amph__view_may_check(ddl_run *r, const char *name, bool temporary, const char *text);

/* merge.c */
bool amph__ddl_merge(ddl_run *r);

/* ddl_comment.c */
bool amph__ddl_comment(ddl_run *r);

/* ddl_domain.c */
bool amph__ddl_create_domain(ddl_run *r);
bool amph__ddl_drop_domains(ddl_run *r);
bool amph__ddl_alter_domain(ddl_run *r);
bool amph__ddl_drop_domain(ddl_run *r, const sql_object *o);    /* plans it */

/* ddl_enum.c */
bool amph__ddl_alter_enum(ddl_run *r);

/* ddl_cascade.c: drops, before what it is of goes, foreign keys of other tables to those that DROP TABLE
 * names, and to keys that ALTER TABLE drops; defaults of a table that take numbers of a sequence, and its
 * columns of a type. What is known of tables is read anew. */
bool amph__cascade_tables(ddl_run *r);
bool amph__cascade_keys(ddl_run *r, const char *schema, const char *name);
bool amph__cascade_default(ddl_run *r, const amph_known_table *of, const char *sequence);
bool amph__cascade_type(ddl_run *r, const amph_known_table *of, const char *type);

/* ddl_alter.c */
/* Alters another table, before what the statement does. */
bool amph__alter_other(ddl_run *r, const char *table, sql_alter *alters);
/* Makes the table anew with another label in its columns of an enum. */
bool amph__alter_label(ddl_run *r, const amph_known_table *known, const char *type, const char *from,
		       const char *to);
/* Makes the table anew as it is. */
bool amph__alter_nothing(ddl_run *r, const amph_known_table *known);
bool amph__ddl_alter(ddl_run *r);
#endif
