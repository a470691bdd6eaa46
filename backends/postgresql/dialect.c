/* How PostgreSQL spells the SQL tree: nearly everything is the writer's own way. */
#include "dialect.h"
#include <string.h>

static const amph_type_spelling type_names[AMPH_T_COUNT] = {
	[AMPH_T_BOOL] = { .name = "bool" },
	[AMPH_T_INT16] = { .name = "int2" },
	[AMPH_T_INT32] = { .name = "int4" },
	[AMPH_T_INT64] = { .name = "int8" },
	[AMPH_T_FLOAT] = { .name = "float4" },
	[AMPH_T_DOUBLE] = { .name = "float8" },
	[AMPH_T_NUMERIC] = { .name = "numeric", .sized = "numeric($l,$s)" },
	[AMPH_T_TEXT] = { .name = "text", .sized = "varchar($l)" },
	[AMPH_T_BYTES] = { .name = "bytea" },
	[AMPH_T_UUID] = { .name = "uuid" },
	[AMPH_T_JSON] = { .name = "jsonb" },
	[AMPH_T_DATE] = { .name = "date" },
	[AMPH_T_TIME] = { .name = "time", .sized = "time($q)" },
	[AMPH_T_TIMESTAMP] = { .name = "timestamp", .sized = "timestamp($q)" },
	[AMPH_T_TIMESTAMPTZ] = { .name = "timestamptz", .sized = "timestamptz($q)" },
	[AMPH_T_INTERVAL] = { .name = "interval", .sized = "interval$f" },
	[AMPH_T_ENUM] = { .name = "%s" },
	[AMPH_T_TSVECTOR] = { .name = "tsvector" },
	[AMPH_T_TSQUERY] = { .name = "tsquery" },
	[AMPH_T_PLAIN_JSON] = { .name = "json" },
	[AMPH_T_JSONPATH] = { .name = "jsonpath" }
};

static const amph_method_spelling methods[] = {
	{ "gin_trgm", "gin", "gin_trgm_ops", false },
	{ "gist_trgm", "gist", "gist_trgm_ops", false }
};

/* Names that the grammar does not take as those of functions. */
static const amph_spelling spellings[] = {
	{ "current_date", "CURRENT_DATE" },
	{ "current_time", "CURRENT_TIME" },
	{ "current_timestamp", "CURRENT_TIMESTAMP" },
	{ "localtime", "LOCALTIME" },
	{ "localtimestamp", "LOCALTIMESTAMP" },
	{ "record_make", "ROW($*)" }
};

static void write_placeholder(amph_writer *w, size_t number, const amph_sqltype *type)
{
	amph_write_format(w, "$%zu", number);
	if (type->type == AMPH_T_NONE)
		return;
	amph_write_text(w, "::");
	amph_write_type(w, type);
}

static bool has_array(const amph_sqltype *types, size_t n)
{
	for (size_t k = 0; k < n; k++)
		if (types[k].type & AMPH_T_ARRAY)
			return true;
	return false;
}

static void write_unnest(amph_writer *w, size_t param, const char *alias, const char *const *names,
			 size_t n)
{
	amph_write_text(w, "unnest(");
	for (size_t k = 0; k < n; k++) {
		if (k)
			amph_write_text(w, ", ");
		amph_write_placeholder(w, param, k);
	}
	amph_write_text(w, ") AS ");
	amph_write_name(w, alias);
	amph_write_text(w, "(");
	for (size_t k = 0; k < n; k++) {
		if (k)
			amph_write_text(w, ", ");
		amph_write_name(w, names[k]);
	}
	amph_write_text(w, ")");
}

/* unnest would flatten arrays of arrays: these come as their texts. */
static void write_rows(amph_writer *w, size_t param, const char *alias, const amph_sqltype *types,
		       const char *const *names, size_t n)
{
	if (!has_array(types, n)) {
		write_unnest(w, param, alias, names, n);
		return;
	}
	amph_write_text(w, "(SELECT ");
	for (size_t k = 0; k < n; k++) {
		if (k)
			amph_write_text(w, ", ");
		amph_write_name(w, names[k]);
		if (!(types[k].type & AMPH_T_ARRAY))
			continue;
		amph_write_text(w, "::");
		amph_write_type(w, &types[k]);
		amph_write_text(w, " AS ");
		amph_write_name(w, names[k]);
	}
	amph_write_text(w, " FROM ");
	write_unnest(w, param, alias, names, n);
	amph_write_text(w, ") AS ");
	amph_write_name(w, alias);
}

#define FLAGS                                                                                     \
	(AMPH_DIALECT_ENUM_TYPES | AMPH_DIALECT_FOR_UPDATE | AMPH_DIALECT_TYPED_PARAMS |          \
	 AMPH_DIALECT_EXPRESSION_DEFAULTS | AMPH_DIALECT_ROW_COLUMNS | AMPH_DIALECT_NATIVE_TEXT | \
	 AMPH_DIALECT_SCHEMAS | AMPH_DIALECT_CASCADE | AMPH_DIALECT_DELETE_USING |                \
	 AMPH_DIALECT_DEFAULT_WORD | AMPH_DIALECT_AGGREGATE_ORDER | AMPH_DIALECT_DISTINCT_ON |    \
	 AMPH_DIALECT_COLLATIONS | AMPH_DIALECT_LATERAL | AMPH_DIALECT_WRITING_CTES |             \
	 AMPH_DIALECT_ARRAYS | AMPH_DIALECT_NAMED_CONFLICTS | AMPH_DIALECT_SET_ALL)

/* All but the hook that adds collations. */
#define COMMON                                                                                    \
	.name = "PostgreSQL", .flags = FLAGS, .max_params = 65535, .types = type_names,              \
	.spellings = spellings, .n_spellings = sizeof(spellings) / sizeof(spellings[0]),          \
	.methods = methods, .n_methods = sizeof(methods) / sizeof(methods[0]),                    \
	.begin_read = "BEGIN", .begin_write = "BEGIN",                                            \
	.begin_serializable = "BEGIN ISOLATION LEVEL SERIALIZABLE",                               \
	.begin_repeatable = "BEGIN ISOLATION LEVEL REPEATABLE READ",                              \
	.begin_committed = "BEGIN ISOLATION LEVEL READ COMMITTED",                                \
	.begin_read_only = "BEGIN READ ONLY", .commit = "COMMIT", .rollback = "ROLLBACK",         \
	.savepoint = "SAVEPOINT amph_%u", .release = "RELEASE SAVEPOINT amph_%u",                 \
	.rollback_to = "ROLLBACK TO SAVEPOINT amph_%u",                                           \
	.write_placeholder = write_placeholder, .write_rows = write_rows

const amph_dialect amph__pg_dialect = { COMMON };

/* Without a collation that knows letters and sorts by bytes, columns keep that of the database. */
static const amph_dialect bare = { COMMON, .text_collation = "C" };
#define COLLATED(name)                                                                            \
	{ COMMON, .text_collation = name, .column_collation = name }
static const amph_dialect collated[] = { COLLATED("pg_c_utf8"), COLLATED("C.utf8"), COLLATED("C.UTF-8") };

const amph_dialect *amph__pg_dialect_with(const char *collation)
{
	for (size_t i = 0; i < sizeof collated / sizeof *collated; i++)
		if (!strcmp(collated[i].text_collation, collation))
			return &collated[i];
	return &bare;
}
