/* Models: what a struct of the program is in the database.
 *
 * A model is const data. The compiler takes name, place and SQL type of each column from the
 * struct's member, so a misspelt member or one of a type that no column has does not compile.
 *
 *	typedef struct User { int64_t id; const char *name; amph_opt_int64 boss_id; } User;
 *	AMPH_DECLARE(User);
 *	AMPH_MODEL(User, "users", .columns = AMPH_COLUMNS(
 *		AMPH_COLUMN(User, id, .primary_key = true),
 *		AMPH_COLUMN(User, name, .length = 80, .not_null = true, .unique = true),
 *		AMPH_COLUMN(User, boss_id, .references = AMPH_REF(User, id))));
 *
 * A plain scalar is NOT NULL, an amph_opt_* is not; text, bytes, JSON and arrays may be NULL
 * unless .not_null. Members that no column and no relationship names are the program's own. Models are
 * checked once, when amph_open is given them, and are shared by all threads from then on. They must
 * outlive the engine. */
#ifndef AMPHORA_MODEL_H
#define AMPHORA_MODEL_H
#include "event.h"
#include "macro.h"
#include "types.h"
#ifdef __cplusplus
extern "C" {
#endif

/* A value whose type is known at run time. Of text, bytes, JSON and large numerics the memory
 * stays the program's. */
typedef struct amph_value {
	amph_type type;                 /* which of v; AMPH_T_NONE is NULL, or nothing given */
	union {
		bool b;
		int64_t i;              /* INT16, INT32, INT64, ENUM (number of the label) */
		double f;               /* FLOAT, DOUBLE */
		const char *s;          /* TEXT */
		amph_numeric numeric;
		amph_bytes bytes;
		amph_json json;
		amph_uuid uuid;
		amph_date date;
		amph_time time;
		amph_timestamp timestamp;
		amph_timestamptz timestamptz;
		amph_interval interval;
	} v;
} amph_value;

/* Gives a column its value where the program gave none: fills the member, which is all-zero.
 * Text that it points to must live until the flush. false fails the call or the flush. */
typedef bool amph_default_fn(amph_session *s, void *member);
bool amph_now(amph_session *s, void *member);           /* the transaction's time */
bool amph_uuid_v4(amph_session *s, void *member);
bool amph_uuid_v7(amph_session *s, void *member);

/* A collection is a NULL-terminated array that the session owns; NULL itself means not loaded.
 * Read it through amph_rel, change it with amph_append and amph_remove: a list that is assigned
 * to the member of an object is AMPH_E_MISUSE of the next flush. amph_new takes one to append. */
#define AMPH_MANY(T) T *const *

enum { AMPH_MEMBER_DESC = 1 };
typedef struct amph_member {
	const amph_model *model;
	uint32_t offset;
	uint32_t flags;                 /* AMPH_MEMBER_DESC, of a key of an index */
} amph_member;

/* What becomes of a row whose parent goes, or changes its key. */
typedef enum amph_on_delete {
	AMPH_NO_ACTION,
	AMPH_CASCADE,
	AMPH_SET_NULL,
	AMPH_RESTRICT,
	AMPH_SET_DEFAULT
} amph_on_delete;

/* An integer that is the whole primary key is numbered by the database, unless it has a default
 * or refers to another table. */
typedef enum amph_identity {
	AMPH_IDENTITY_AUTO,             /* as said above, and then BY DEFAULT */
	AMPH_IDENTITY_BY_DEFAULT,       /* a number that the program gives is taken */
	AMPH_IDENTITY_ALWAYS,           /* and here refused, 428C9 */
	AMPH_IDENTITY_NONE
} amph_identity;

/* SQL in texts (server_default, computed, check, where, expression) is PostgreSQL's, with the
 * columns' names, on every backend. */
typedef struct amph_column {
	const char *member;             /* put in by AMPH_COLUMN, as offset and type */
	const char *name;               /* where the column is not called as the member */
	uint32_t offset;
	int type;
	bool primary_key;               /* of several columns: in the order of declaration */
	bool not_null;
	bool unique;                    /* a constraint, table_column_key */
	bool index;                     /* ix_table_column; unique as well: one unique index */
	bool version;                   /* counts the row's updates; a lost race is AMPH_E_STALE */
	bool deferred;                  /* the reference is checked at COMMIT */
	amph_identity identity;
	int length;                     /* of text: varchar(length); 0 is text. Spaces beyond it are cut
					 * off, in the object too, when it is written; else 22001 */
	int precision, scale;           /* of numeric; 0 is unlimited */
	amph_value default_value;       /* text is read as a value of the column's type */
	amph_default_fn *default_fn;    /* for a new object; instead of default_value */
	amph_default_fn *on_update;     /* when another column of the row has changed */
	const char *server_default;     /* DEFAULT; read back after the insert */
	const char *computed;           /* GENERATED ALWAYS AS (...) STORED; never written */
	const char *check;              /* a CHECK constraint of its own */
	const char *comment;
	const char *renamed_from;       /* what it was called; amph_create_all does not read it */
	const char *const *choices;     /* of text: all that is allowed; also a CHECK constraint */
	const char *const *labels;      /* of enums: the member's value is the label's number */
	const char *enum_name;          /* of the enum's type; NULL is table_column */
	amph_member references;
	/* What the database does. Where the parent's model has the collection, amph_delete of the parent
	 * sets keys that may be NULL to NULL before (with AMPH_PASSIVE_DELETES those of children that are
	 * loaded), whatever is said here but AMPH_RESTRICT: that the database refuses then, 23503. */
	amph_on_delete on_delete;
	amph_on_delete on_key_update;   /* where the key referred to changes */
	amph_validate_fn *validate;     /* before a value is written; see event.h */
} amph_column;

typedef enum amph_relation_kind {
	AMPH_REL_MANY = 1,
	AMPH_REL_ONE,                   /* this side has the foreign key */
	AMPH_REL_THROUGH,
	AMPH_REL_HAS_ONE                /* the other side has it */
} amph_relation_kind;
/* What is done to an object is done to those of the relationship. New ones are always saved with it.
 * Without AMPH_CASCADE_DELETE the children of a deleted object lose their parent, which a foreign key
 * that cannot be NULL does not allow: then its .on_delete has to say what becomes of them. */
enum {
	AMPH_CASCADE_DELETE = 1,
	AMPH_DELETE_ORPHAN = 2,         /* and children that leave their parent are deleted, too */
	AMPH_PASSIVE_DELETES = 4,       /* the database does it by .on_delete: only children that are
					 * loaded are deleted one by one */
	AMPH_CASCADE_MERGE = 8,
	AMPH_CASCADE_REFRESH = 16,
	AMPH_CASCADE_EXPUNGE = 32,
	AMPH_CASCADE_ALL = 57
};
typedef enum amph_lazy {
	AMPH_LAZY_SELECT,               /* amph_rel loads, for all siblings at once */
	AMPH_LAZY_RAISE                 /* amph_rel of what .load did not load is AMPH_E_MISUSE */
} amph_lazy;
typedef struct amph_relation {
	const char *member;
	amph_relation_kind kind;
	uint32_t offset, cascade;
	const amph_model *target, *through;
	uint32_t key, through_key;      /* offsets of the foreign keys */
	amph_member back;               /* the other side, kept in step; one of the two names the other */
	int lazy;                       /* amph_lazy */
	int checked;                    /* only makes the compiler look */
} amph_relation;

typedef struct amph_index {
	const char *name;               /* NULL: ix_table_columns */
	const amph_member *on;          /* columns, AMPH_ON(...); ends in one without a model */
	const char *expression;         /* one more key, or the only one */
	bool unique;
	/* NULL is btree; hash, gin, gist, brin, spgist, gin_trgm, gist_trgm. It must have an operator class
	 * for the type of each key without any extension but pg_trgm: gin is for arrays and jsonb. */
	const char *method;
	const char *where;              /* only rows for which it holds */
} amph_index;
typedef struct amph_unique {
	const char *name;               /* NULL: table_columns_key */
	const amph_member *on;
} amph_unique;
typedef struct amph_check {
	const char *name;               /* NULL: table_check */
	const char *sql;
} amph_check;
typedef struct amph_foreign_key {
	const char *name;               /* NULL: table_columns_fkey */
	const amph_member *on;          /* columns here, and in the same order there */
	const amph_member *references;
	amph_on_delete on_delete, on_key_update;
	bool deferred;
} amph_foreign_key;

/* Lists end in an entry of all zeros, which the macros put in: an index without on and
 * expression, a column or relation without member, a check without sql. */
struct amph_model {
	uint32_t abi;
	const char *name;               /* of the struct */
	const char *table;
	size_t size;
	const char *schema;             /* NULL: that of the engine */
	const amph_column *columns;
	const amph_relation *relations;
	const amph_index *indexes;
	const amph_unique *uniques;
	const amph_check *checks;
	const amph_foreign_key *foreign_keys;
	/* amph_delete sets this member, of type amph_opt_timestamptz, to the transaction's time
	 * instead of deleting the row, and queries leave such rows out (see .with_deleted). To the database
	 * that is an UPDATE: no cascade follows it, neither .cascade nor .on_delete, so children stay
	 * (delete those that should go, too), and so do links and what is unique: a value that is to be free
	 * again needs an index of the rows that are left,
	 * AMPH_INDEX_WITH("users_email_key", AMPH_ON(AMPH_MEMBER(User, email)), .unique = true,
	 * .where = "deleted_at IS NULL"), instead of the column's .unique. */
	amph_member soft_delete;
	amph_event_fn *before_insert, *after_insert, *before_update, *after_update;
	amph_event_fn *before_delete, *after_delete, *after_load;
	const char *comment;
	const char *renamed_from;       /* what it was called, for a program that migrates:
					 * amph_create_all changes no table that is there */
	const amph_model *alias_of;     /* AMPH_ALIAS */
	/* Models derived from this one (AMPH_DERIVED) have their rows in its table too: this column, a
	 * text that is .not_null, says of which model a row is; kind is this model's own, NULL: it has
	 * no rows that are of no derived model. */
	amph_member discriminator;
	const char *kind;
	const amph_model *base;         /* put in by AMPH_DERIVED */
	int checked;                    /* only makes the compiler look */
	const amph_column *hybrids;     /* AMPH_HYBRIDS(...) */
};

/* Declares a model that is defined elsewhere; needed before another model or a query names it. */
#define AMPH_DECLARE(T) extern const amph_model amph_model_##T

/* Of the enum whose member is at offset: the label of a number, static, and NULL where it has none; the
 * number of a label, and -1 where there is none, or label is NULL. */
const char *amph_do_enum_label(const amph_model *m, size_t offset, unsigned number);
int amph_do_enum_number(const amph_model *m, size_t offset, const char *label);

#ifndef __cplusplus /* _Generic and designated initialisers: C only; C++ links to models in C */

/* A second name for a model within one query (self-join): a type and a model of its own. */
#define AMPH_ALIAS(A, T)                                                                         \
	typedef T A;                                                                             \
	static const amph_model amph_model_##A = {                                               \
		.abi = AMPH_ABI, .name = #A, .alias_of = &amph_model_##T                         \
	}

#define AMPH_MODEL(T, table_, ...)                                                               \
	const amph_model amph_model_##T = {                                                      \
		.abi = AMPH_ABI, .name = #T, .table = table_, .size = sizeof(T), __VA_ARGS__     \
	}

/* A model that is a kind of another: its struct begins with the other's, as a member, and its rows
 * are in the other's table, told by kind. It has the other's columns, relationships and event
 * handlers, and may have more; its own columns are NULL in the rows of other kinds.
 *
 *	typedef struct Manager { Employee base; int32_t reports; } Manager;
 *	AMPH_DERIVED(Manager, base, Employee, "manager", .columns = AMPH_COLUMNS(
 *		AMPH_COLUMN(Manager, reports)));
 *	amph_new(s, Manager, .base.name = "mary", .reports = 3);
 *	Employee **all = amph_all(s, Employee);         -- managers among them
 *	Manager *m = amph_object_as(Manager, all[0]);   -- NULL: another kind
 *
 * Queries about it see only rows of its kind, and of kinds derived from it. */
#define AMPH_DERIVED(T, member_, B, kind_, ...)                                                  \
	const amph_model amph_model_##T = {                                                      \
		.abi = AMPH_ABI, .name = #T, .size = sizeof(T), .base = &amph_model_##B,         \
		.kind = kind_,                                                                   \
		.checked = _Generic(((T *)0)->member_,                                           \
				    B: sizeof(char[offsetof(T, member_) == 0 ? 1 : -1])),        \
		__VA_ARGS__                                                                      \
	}

struct amph_text_members_must_be_const_char_pointers { int unused; };
struct amph_no_sql_type_for_a_member_of_this_type { int unused; };
#define AMPH_NULLABLE_(T) (AMPH_T_##T | AMPH_T_NULLABLE)
#define AMPH_ARRAY_(T) (AMPH_T_##T | AMPH_T_ARRAY | AMPH_T_NULLABLE)
/* The SQL type of a member, as amph_column.type. */
#define AMPH_TYPE_OF_(T, f) _Generic(((T *)0)->f, bool: AMPH_T_BOOL, int16_t: AMPH_T_INT16,      \
	int32_t: AMPH_T_INT32, int64_t: AMPH_T_INT64, float: AMPH_T_FLOAT, double: AMPH_T_DOUBLE, \
	amph_numeric: AMPH_T_NUMERIC, const char *: AMPH_NULLABLE_(TEXT),                        \
	amph_bytes: AMPH_NULLABLE_(BYTES), amph_json: AMPH_NULLABLE_(JSON),                      \
	amph_uuid: AMPH_T_UUID, amph_date: AMPH_T_DATE, amph_time: AMPH_T_TIME,                  \
	amph_timestamp: AMPH_T_TIMESTAMP, amph_timestamptz: AMPH_T_TIMESTAMPTZ,                  \
	amph_interval: AMPH_T_INTERVAL, unsigned: AMPH_T_ENUM,                                   \
	amph_opt_bool: AMPH_NULLABLE_(BOOL), amph_opt_int16: AMPH_NULLABLE_(INT16),              \
	amph_opt_int32: AMPH_NULLABLE_(INT32), amph_opt_int64: AMPH_NULLABLE_(INT64),            \
	amph_opt_float: AMPH_NULLABLE_(FLOAT), amph_opt_double: AMPH_NULLABLE_(DOUBLE),          \
	amph_opt_numeric: AMPH_NULLABLE_(NUMERIC), amph_opt_uuid: AMPH_NULLABLE_(UUID),          \
	amph_opt_date: AMPH_NULLABLE_(DATE), amph_opt_time: AMPH_NULLABLE_(TIME),                \
	amph_opt_timestamp: AMPH_NULLABLE_(TIMESTAMP),                                           \
	amph_opt_timestamptz: AMPH_NULLABLE_(TIMESTAMPTZ),                                       \
	amph_opt_interval: AMPH_NULLABLE_(INTERVAL), amph_opt_enum: AMPH_NULLABLE_(ENUM),        \
	amph_bool_array: AMPH_ARRAY_(BOOL), amph_int16_array: AMPH_ARRAY_(INT16),                \
	amph_int32_array: AMPH_ARRAY_(INT32), amph_int64_array: AMPH_ARRAY_(INT64),              \
	amph_float_array: AMPH_ARRAY_(FLOAT), amph_double_array: AMPH_ARRAY_(DOUBLE),            \
	amph_numeric_array: AMPH_ARRAY_(NUMERIC), amph_text_array: AMPH_ARRAY_(TEXT),            \
	amph_bytes_array: AMPH_ARRAY_(BYTES), amph_uuid_array: AMPH_ARRAY_(UUID),                \
	amph_json_array: AMPH_ARRAY_(JSON), amph_date_array: AMPH_ARRAY_(DATE),                  \
	amph_time_array: AMPH_ARRAY_(TIME), amph_timestamp_array: AMPH_ARRAY_(TIMESTAMP),        \
	amph_timestamptz_array: AMPH_ARRAY_(TIMESTAMPTZ),                                        \
	amph_interval_array: AMPH_ARRAY_(INTERVAL), amph_enum_array: AMPH_ARRAY_(ENUM),          \
	char *: (struct amph_text_members_must_be_const_char_pointers){ 0 },                     \
	default: (struct amph_no_sql_type_for_a_member_of_this_type){ 0 })

#define AMPH_MEMBER(T, f) { .model = &amph_model_##T, .offset = offsetof(T, f) }
#define AMPH_REF(T, f) AMPH_MEMBER(T, f)
#define AMPH_DESC(T, f)                                                                          \
	{ .model = &amph_model_##T, .offset = offsetof(T, f), .flags = AMPH_MEMBER_DESC }
#define AMPH_ON(...) (const amph_member[]){ __VA_ARGS__, { .model = NULL } }

/* (T, member, number) and (T, member, "label") of an enum with .labels: "happy" of 2, and back. */
#define amph_enum_label(T, f, number) amph_do_enum_label(&amph_model_##T, offsetof(T, f), (number))
#define amph_enum_number(T, f, label) amph_do_enum_number(&amph_model_##T, offsetof(T, f), (label))

#define AMPH_CHOICES(...) (const char *const[]){ __VA_ARGS__, NULL }
#define AMPH_LABELS(...) (const char *const[]){ __VA_ARGS__, NULL }
/* Of .default_value. A numeric and JSON are written as C source text: AMPH_DEFAULT_NUMERIC(9.99); an
 * enum as its label, or the label's number: AMPH_DEFAULT_TEXT("open"), AMPH_DEFAULT_INT(0). */
#define AMPH_DEFAULT_BOOL(x) { .type = AMPH_T_BOOL, .v = { .b = (x) } }
#define AMPH_DEFAULT_INT(x) { .type = AMPH_T_INT64, .v = { .i = (x) } }
#define AMPH_DEFAULT_DOUBLE(x) { .type = AMPH_T_DOUBLE, .v = { .f = (x) } }
#define AMPH_DEFAULT_TEXT(x) { .type = AMPH_T_TEXT, .v = { .s = (x) } }
#define AMPH_DEFAULT_NUMERIC(...) AMPH_DEFAULT_TEXT(#__VA_ARGS__)
#define AMPH_DEFAULT_JSON(...) AMPH_DEFAULT_TEXT(#__VA_ARGS__)

/* (T, member [, .option = ...]) */
#define AMPH_COLUMN(T, ...) AMPH_CAT_(AMPH_COLUMN_, AMPH_MORE_(__VA_ARGS__))(T, __VA_ARGS__)
#define AMPH_COLUMN_(T, f) .member = #f, .offset = offsetof(T, f), .type = AMPH_TYPE_OF_(T, f)
#define AMPH_COLUMN_ONE(T, f) { AMPH_COLUMN_(T, f) }
#define AMPH_COLUMN_MORE(T, f, ...) { AMPH_COLUMN_(T, f), __VA_ARGS__ }
#define AMPH_COLUMNS(...) (const amph_column[]){ __VA_ARGS__, { .member = NULL } }

/* (T, member, "SQL"): a member that is no column, but what an expression of PostgreSQL's SQL over the
 * columns of the row gives. In queries col(T, member) is that expression; .hybrids = true loads it
 * into the members of the objects, which are NULL or zero otherwise, and where the object is
 * refreshed. Nothing writes it.
 *
 *	.hybrids = AMPH_HYBRIDS(AMPH_HYBRID(User, full_name, "first_name || ' ' || last_name")) */
#define AMPH_HYBRID(T, f, sql_) { AMPH_COLUMN_(T, f), .computed = sql_ }
#define AMPH_HYBRIDS(...) (const amph_column[]){ __VA_ARGS__, { .member = NULL } }

/* A member that is not of the relationship's type does not compile. */
#define AMPH_REL_(T, f, U, shape, kind_)                                                         \
	.member = #f, .offset = offsetof(T, f), .kind = kind_, .target = &amph_model_##U,        \
	.checked = _Generic(((T *)0)->f, shape: 1)
/* (T, member, U, U's foreign key [, .back, .cascade]) */
#define AMPH_HAS_MANY(T, f, U, ...)                                                              \
	AMPH_CAT_(AMPH_HAS_MANY_, AMPH_MORE_(__VA_ARGS__))(T, f, U, __VA_ARGS__)
#define AMPH_HAS_MANY_ONE(T, f, U, k)                                                            \
	{ AMPH_REL_(T, f, U, U *const *, AMPH_REL_MANY), .key = offsetof(U, k) }
#define AMPH_HAS_MANY_MORE(T, f, U, k, ...)                                                      \
	{ AMPH_REL_(T, f, U, U *const *, AMPH_REL_MANY), .key = offsetof(U, k), __VA_ARGS__ }
/* (T, member, U, T's foreign key [, .back, .cascade]) */
#define AMPH_BELONGS_TO(T, f, U, ...)                                                            \
	AMPH_CAT_(AMPH_BELONGS_TO_, AMPH_MORE_(__VA_ARGS__))(T, f, U, __VA_ARGS__)
#define AMPH_BELONGS_TO_ONE(T, f, U, k)                                                          \
	{ AMPH_REL_(T, f, U, U *, AMPH_REL_ONE), .key = offsetof(T, k) }
#define AMPH_BELONGS_TO_MORE(T, f, U, k, ...)                                                    \
	{ AMPH_REL_(T, f, U, U *, AMPH_REL_ONE), .key = offsetof(T, k), __VA_ARGS__ }
/* (T, member, U, U's foreign key [, .back, .cascade]): at most one U has the key of a T */
#define AMPH_HAS_ONE(T, f, U, ...)                                                               \
	AMPH_CAT_(AMPH_HAS_ONE_, AMPH_MORE_(__VA_ARGS__))(T, f, U, __VA_ARGS__)
#define AMPH_HAS_ONE_ONE(T, f, U, k)                                                             \
	{ AMPH_REL_(T, f, U, U *, AMPH_REL_HAS_ONE), .key = offsetof(U, k) }
#define AMPH_HAS_ONE_MORE(T, f, U, k, ...)                                                       \
	{ AMPH_REL_(T, f, U, U *, AMPH_REL_HAS_ONE), .key = offsetof(U, k), __VA_ARGS__ }
/* (T, member, U, link model, its key to T, its key to U [, .back, .cascade]) */
#define AMPH_MANY_TO_MANY(T, f, U, L, k, ...)                                                    \
	AMPH_CAT_(AMPH_MANY_TO_MANY_, AMPH_MORE_(__VA_ARGS__))(T, f, U, L, k, __VA_ARGS__)
#define AMPH_MANY_TO_MANY_ONE(T, f, U, L, k, lk)                                                 \
	{ AMPH_REL_(T, f, U, U *const *, AMPH_REL_THROUGH), .through = &amph_model_##L,          \
	  .key = offsetof(L, k), .through_key = offsetof(L, lk) }
#define AMPH_MANY_TO_MANY_MORE(T, f, U, L, k, lk, ...)                                           \
	{ AMPH_REL_(T, f, U, U *const *, AMPH_REL_THROUGH), .through = &amph_model_##L,          \
	  .key = offsetof(L, k), .through_key = offsetof(L, lk), __VA_ARGS__ }
#define AMPH_RELATIONS(...) (const amph_relation[]){ __VA_ARGS__, { .member = NULL } }

/* Names may be NULL. AMPH_INDEX("name", members...); AMPH_INDEX_WITH("name", AMPH_ON(members...)
 * or NULL, .unique, .method, .where, .expression) */
#define AMPH_INDEX(name_, ...) { .name = name_, .on = AMPH_ON(__VA_ARGS__) }
#define AMPH_INDEX_WITH(name_, on_, ...) { .name = name_, .on = on_, __VA_ARGS__ }
#define AMPH_INDEXES(...) (const amph_index[]){ __VA_ARGS__, { .on = NULL } }
#define AMPH_UNIQUE(name_, ...) { .name = name_, .on = AMPH_ON(__VA_ARGS__) }
#define AMPH_UNIQUES(...) (const amph_unique[]){ __VA_ARGS__, { .on = NULL } }
#define AMPH_CHECK(name_, sql_) { .name = name_, .sql = sql_ }
#define AMPH_CHECKS(...) (const amph_check[]){ __VA_ARGS__, { .sql = NULL } }
/* ("name", AMPH_ON(members here), AMPH_ON(members there) [, .on_delete ...]) */
#define AMPH_FOREIGN_KEY(name_, on_, ...) { .name = name_, .on = on_, .references = __VA_ARGS__ }
#define AMPH_FOREIGN_KEYS(...) (const amph_foreign_key[]){ __VA_ARGS__, { .on = NULL } }

#endif /* C */

#ifdef __cplusplus
}
#endif
#endif
