/* Compiling models: drafts of mappers, what is wrong with them, and the passes in which they are
 * filled. A mistake does not end a pass, so that all of a model are found at once; only a failed
 * allocation does. */
#ifndef AMPH_MODEL_COMPILE_H
#define AMPH_MODEL_COMPILE_H
#include "../sql/sql.h"
#include "model.h"

typedef struct amph_mistake {
	const char *sqlstate, *column, *text;
	struct amph_mistake *next;
} amph_mistake;

/* A primary key, unique constraint or index of one table. */
typedef struct amph_draft_key {
	char kind;                      /* p u i, as amph_constraint_name */
	bool unique, partial, expression;
	const char *name;
	size_t n;
	const uint16_t *columns;
	const amph_index *decl;         /* of an index that the model lists */
	struct amph_draft_key *next;
} amph_draft_key;

/* A check: the columns in it tell its name. */
typedef struct amph_draft_check {
	const char *name, *sql;
	const char *column;             /* that it was declared with; NULL: with the model */
	struct amph_draft_check *next;
} amph_draft_check;

typedef struct amph_draft_reference {
	amph_mapped_reference reference;
	const char *name;
	bool deferred;
	struct amph_draft_reference *next;
} amph_draft_reference;

typedef struct amph_draft {
	const amph_model *model;
	amph_mapper *mapper;
	amph_mapped_column *columns;
	sql_table *table;
	sql_column_def *defs;
	amph_draft_key *keys, *indexes; /* constraints and indexes apart, both in order of creation */
	amph_draft_check *checks;
	amph_draft_reference *references;
	const char **constraint_names;  /* taken in this table; NULL-terminated */
	amph_mistake *mistakes, **last_mistake;
	struct amph_draft *root, *parent;       /* of models with one table; root may be itself */
	const amph_column **decls;      /* of its columns; of a root, those of all derived models too */
	size_t n_decls;
} amph_draft;

typedef struct amph_compiler {
	amph_arena *arena;              /* the registry's */
	amph_registry *registry;
	amph_draft *drafts;
	size_t n;
	amph_map relations;             /* names of tables and indexes, to their table's draft */
	bool failed;                    /* an allocation */
} amph_compiler;

/* check.c */
void amph__mistake(amph_compiler *c, amph_draft *d, const char *column, const char *sqlstate,
		   const char *format, ...) __attribute__((format(printf, 5, 6)));
/* As the message of err says; "check: ..." with what before it. */
void amph__mistake_error(amph_compiler *c, amph_draft *d, const char *column, const char *what,
			 const amph_error *err);
bool amph__mistakes_report(const amph_draft *d, amph_error *err);       /* false, and in err */
bool amph__check_name(amph_compiler *c, amph_draft *d, const char *column, const char *what,
		      const char *name);
void amph__check_model(amph_compiler *c, amph_draft *d);        /* what is not about a column */
void amph__check_column(amph_compiler *c, amph_draft *d, const amph_mapped_column *col);

/* default.c */
void amph__check_default(amph_compiler *c, amph_draft *d, const amph_mapped_column *col);

/* columns.c: columns, types, primary key, identity */
void amph__draft_columns(amph_compiler *c, amph_draft *d);
amph_draft *amph__draft_of(const amph_compiler *c, const amph_model *model);    /* NULL: not given */

/* text.c: SQL within models */
void amph__draft_texts(amph_compiler *c, amph_draft *d);
/* The number of the only column in a check's text; -1 where there are none or several. */
int amph__check_only_column(amph_compiler *c, const amph_draft *d, const char *sql);

/* keys.c: unique constraints, indexes, checks, their names */
void amph__draft_keys(amph_compiler *c, amph_draft *d);
void amph__draft_names(amph_compiler *c, amph_draft *d);        /* needs references */
/* NULL-terminated names of columns. */
const char *const *amph__column_names(amph_compiler *c, const amph_draft *d, size_t n,
				      const uint16_t *columns);
/* Numbers of listed members of a model; NULL where one is no column of it, a mistake of d. */
const uint16_t *amph__member_columns(amph_compiler *c, amph_draft *d, const amph_draft *of,
				     const amph_member *on, const char *what, size_t *n);

/* references.c: foreign keys */
void amph__draft_references(amph_compiler *c, amph_draft *d);

/* relations.c: relationships, which need foreign keys */
void amph__check_relations(amph_compiler *c, amph_draft *d);

/* finish.c: what of a draft the mapper has */
void amph__draft_finish(amph_compiler *c, amph_draft *d);
bool amph__schema_finish(amph_compiler *c);     /* constraints of all tables */

/* hybrid.c */
void amph__draft_hybrids(amph_compiler *c, amph_draft *d);

/* inherit.c: models derived from others */
void amph__draft_parents(amph_compiler *c);
bool amph__draft_decls(amph_compiler *c, amph_draft *d);
void amph__check_inheritance(amph_compiler *c, amph_draft *d);
bool amph__inherit(amph_compiler *c);           /* needs ranks */

/* rank.c: the order that foreign keys make */
bool amph__rank(amph_compiler *c);
#endif
