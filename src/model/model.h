/* Models compiled for one engine: everything that the layers ask of a model, looked up once.
 * Made by amph__registry_open from the const data that programs declare, read-only afterwards
 * and so shared by all threads without a lock. */
#ifndef AMPH_MODEL_MODEL_H
#define AMPH_MODEL_MODEL_H
#include "../base/arena.h"
#include "../base/error.h"
#include "../base/map.h"
#include "../sql/tree.h"
#include "amphora/model.h"
#include <string.h>

/* Columns of one model at most; sets of them are bit masks. */
#define AMPH_COLUMNS_MAX 256
#define AMPH_KEY_COLUMNS_MAX 32  /* of a primary key, as in PostgreSQL's indexes */

/* Columns by number. */
typedef struct amph_column_set { uint64_t bits[AMPH_COLUMNS_MAX / 64]; } amph_column_set;

static inline bool amph__set_has(const amph_column_set *set, size_t i)
{
	return set->bits[i / 64] >> i % 64 & 1;
}
static inline void amph__set_add(amph_column_set *set, size_t i)
{
	set->bits[i / 64] |= (uint64_t)1 << i % 64;
}
static inline void amph__set_remove(amph_column_set *set, size_t i)
{
	set->bits[i / 64] &= ~((uint64_t)1 << i % 64);
}
static inline bool amph__set_is_empty(const amph_column_set *set)
{
	for (size_t i = 0; i < AMPH_COLUMNS_MAX / 64; i++)
		if (set->bits[i])
			return false;
	return true;
}

typedef struct amph_mapped_column {
	const amph_column *decl;
	const char *name;               /* in the database */
	amph_slot slot;                 /* in the struct */
	amph_sqltype type;              /* nullable: whether the database allows NULL */
	bool primary_key, identity;     /* identity: the sole integer key, numbered by the database */
	bool computed;                  /* never written */
	bool server_default;            /* a value comes back from the database where none is given */
	bool version;                   /* counts the updates of its row */
	uint16_t number;                /* in the mapper */
} amph_mapped_column;

/* Writes the column's .default_value, which was found right with the model, as the member has it;
 * texts stay where the declaration has them. */
bool amph__default_read(const amph_mapped_column *col, void *out, amph_arena *arena, amph_error *err);

/* A foreign key, for the order of a flush. */
typedef struct amph_mapped_reference {
	const struct amph_mapper *target;
	size_t n;
	const uint16_t *columns, *target_columns;       /* numbers */
	amph_on_delete on_delete, on_update;
	bool nullable;                  /* all its columns are: may be set later */
	const char *name;               /* of the constraint */
} amph_mapped_reference;

typedef struct amph_mapper {
	const amph_model *model;
	uint16_t ordinal;               /* among the engine's models */
	size_t size;                    /* of the struct */
	size_t n_columns;
	const amph_mapped_column *columns;
	size_t n_keys;
	const uint16_t *keys;           /* numbers of primary key columns, in declaration order */
	size_t n_references;
	const amph_mapped_reference *references;
	size_t n_uniques;               /* unique constraints and indexes without the primary key */
	const uint16_t *const *uniques; /* each: count, then column numbers */
	int version;                    /* number of the version column, -1: none */
	int identity;                   /* number of the identity column, -1: none */
	int soft_delete;                /* -1: none */
	const sql_table *table;
	sql_constraint *constraints;    /* named; the same names on every database */
	size_t n_indexes;
	const sql_index *indexes;
	amph_shape shape;               /* all columns, in order */
	amph_shape pointing;            /* those whose values may be elsewhere: texts, digits, items */
	amph_column_set written;        /* by every insert: neither computed nor filled */
	size_t n_filled, n_defaults, n_checked;
	const uint16_t *filled;         /* by the database where an insert leaves them out */
	const uint16_t *defaults;       /* those with a default of the program's */
	const uint16_t *checked;        /* those whose values may be refused before they are sent */
	const uint16_t *by_offset;      /* numbers of the columns in the order of the struct */
	bool validates;                 /* some column has a validator */
	uint16_t flush_rank;            /* parents before children; equal in a cycle */
	size_t n_hybrids;
	const amph_mapped_column *hybrids;      /* numbered after the columns */
	const amph_relation *relations; /* with those of the models that it is derived from */
	/* Of models with one table: the base, which is the root, and those derived from it. A root
	 * without any is alone. */
	const struct amph_mapper *root, *parent;        /* parent NULL: it is the root */
	size_t n_kinds;
	const struct amph_mapper *const *kinds; /* itself, and what is derived from it */
	int discriminator;              /* number of the column, -1: none */
	const char *kind;               /* NULL: no rows of its own */
	const uint16_t *to_wide;        /* of each column, its number among the root's wide ones */
	/* of the root: the columns of all kinds, each at a place of its own in a struct of wide_size;
	 * most_size is that of the largest kind */
	size_t n_wide;
	const amph_mapped_column *wide;
	amph_shape wide_shape;
	size_t wide_size, most_size;
} amph_mapper;

/* Whether m is of, or derived from it. */
static inline bool amph__is_kind_of(const amph_mapper *m, const amph_mapper *of)
{
	while (m && m != of)
		m = m->parent;
	return m;
}

/* Whether a program means the column by the name of a member: that of a base is written with the
 * member which the base is, as base.name. */
static inline bool amph__is_member(const amph_mapped_column *c, const char *member)
{
	const char *dot = strrchr(member, '.');

	return !strcmp(c->decl->member, member) || (dot && !strcmp(c->decl->member, dot + 1));
}

/* What rows of a model are read as: where others are derived from it, with the columns of all. */
static inline const amph_shape *amph__read_shape(const amph_mapper *m)
{
	return m->n_kinds > 1 ? &m->root->wide_shape : &m->shape;
}
static inline size_t amph__read_size(const amph_mapper *m)
{
	return m->n_kinds > 1 ? m->root->wide_size : m->size;
}
static inline const amph_mapped_column *amph__read_columns(const amph_mapper *m)
{
	return m->n_kinds > 1 ? m->root->wide : m->columns;
}

typedef struct amph_registry {
	amph_arena arena;
	size_t n_mappers;
	const amph_mapper *const *mappers;      /* by ordinal */
	const amph_mapper *const *by_rank;      /* in the order of creation */
	amph_map by_model;              /* const amph_model * to mapper */
	amph_map by_table;              /* "schema.table", or ".table", to sql_table */
	amph_map by_enum;               /* name to amph_enum_type */
	size_t n_enums;
	const amph_enum_type *const *enums;
	amph_schema schema;             /* for translating errors */
	sql_names names;                /* for the resolver */
	uint64_t version;               /* of the declarations: part of every query's shape */
} amph_registry;

/* Validates and compiles a NULL-terminated list of models. All mistakes of the first model that
 * has any are found; the message names model and column. */
amph_registry *amph__registry_open(const amph_allocator *a, const amph_model *const *models,
				   amph_error *err);
void amph__registry_close(amph_registry *r);    /* NULL is fine */
/* Of a model or of an alias of one; NULL and an error that names it where it is not known. */
const amph_mapper *amph__mapper_of(const amph_registry *r, const amph_model *model, amph_error *err);
const amph_mapped_column *amph__column_at(const amph_mapper *m, size_t offset); /* or NULL */

/* "users_username_key", "orders_user_id_fkey" ... as PostgreSQL would name them, cut to 63 bytes
 * as it cuts them. columns end in NULL; columns NULL: "users_pkey". */
const char *amph__object_name(amph_arena *a, const char *table, const char *const *columns,
			      const char *suffix);
/* "ix_users_username": of an index that the model gives no name; cut likewise. */
const char *amph__index_name(amph_arena *a, const char *table, const char *const *columns);
#endif
