/* Models that are wrong, and what is said of each. */
#include "src/model/model.h"
#include "tests/support/suite.h"
#include <string.h>

typedef struct Thing {
	int64_t id, other;
	int32_t count;
	amph_opt_int32 maybe;
	int16_t small;
	const char *name, *name2;
	bool flag;
	double ratio;
	amph_numeric price;
	unsigned mood;
	amph_opt_timestamptz deleted;
	amph_timestamptz at;
	amph_date day;
	amph_uuid uid;
	amph_json doc;
	amph_text_array list;
	struct Thing *parent;
	struct Thing *const *children;
} Thing;
AMPH_DECLARE(Thing);
typedef struct Other { int64_t id; const char *code, *text; unsigned mood; int64_t thing_id; } Other;
AMPH_DECLARE(Other);

/* Parents that are in order. */
AMPH_MODEL(Thing, "things", .columns = AMPH_COLUMNS(
	AMPH_COLUMN(Thing, id, .primary_key = true), AMPH_COLUMN(Thing, name, .unique = true),
	AMPH_COLUMN(Thing, other), AMPH_COLUMN(Thing, count)));
AMPH_MODEL(Other, "others", .columns = AMPH_COLUMNS(
	AMPH_COLUMN(Other, id, .primary_key = true),
	AMPH_COLUMN(Other, mood, .labels = AMPH_LABELS("a", "b"), .enum_name = "mood")));
typedef struct Unknown { int64_t id; } Unknown;
AMPH_MODEL(Unknown, "unknowns", .columns = AMPH_COLUMNS(AMPH_COLUMN(Unknown, id, .primary_key = true)));

static bool give_nothing(amph_session *s, void *member)
{
	(void)s;
	(void)member;
	return false;
}

#define ID AMPH_COLUMN(Thing, id, .primary_key = true)
#define LONG64 "a234567890123456789012345678901234567890123456789012345678901234"
#define MODEL_(n, ...)                                                                         \
	static const amph_model n = { .abi = AMPH_ABI, .name = "Wrong", .table = "wrongs",     \
				      .size = sizeof(Thing), __VA_ARGS__ }
#define COLUMN_(n, ...) MODEL_(n, .columns = AMPH_COLUMNS(ID, AMPH_COLUMN(Thing, __VA_ARGS__)))
#define TABLE_(n, ...) MODEL_(n, .columns = AMPH_COLUMNS(ID, AMPH_COLUMN(Thing, name),         \
	AMPH_COLUMN(Thing, count), AMPH_COLUMN(Thing, other)), __VA_ARGS__)
#define HERE(m, f) { .model = &m, .offset = offsetof(Thing, f) }

/* ---- tables ---- */
MODEL_(no_columns, .columns = NULL);
MODEL_(no_key, .columns = AMPH_COLUMNS(AMPH_COLUMN(Thing, name)));
static const amph_model no_table = { .abi = AMPH_ABI, .name = "Wrong", .size = sizeof(Thing),
				     .columns = AMPH_COLUMNS(ID) };
static const amph_model empty_table = { .abi = AMPH_ABI, .name = "Wrong", .table = "",
					.size = sizeof(Thing), .columns = AMPH_COLUMNS(ID) };
static const amph_model long_table = { .abi = AMPH_ABI, .name = "Wrong", .table = LONG64,
				       .size = sizeof(Thing), .columns = AMPH_COLUMNS(ID) };
static const amph_model bad_utf8_table = { .abi = AMPH_ABI, .name = "Wrong", .table = "a\xff",
					   .size = sizeof(Thing), .columns = AMPH_COLUMNS(ID) };
static const amph_model reserved_table = { .abi = AMPH_ABI, .name = "Wrong", .table = "sqlite_x",
					   .size = sizeof(Thing), .columns = AMPH_COLUMNS(ID) };
static const amph_model dotted_table = { .abi = AMPH_ABI, .name = "Wrong", .table = "a.b",
					 .size = sizeof(Thing), .columns = AMPH_COLUMNS(ID) };
static const amph_model same_table = { .abi = AMPH_ABI, .name = "Wrong", .table = "Things",
				       .size = sizeof(Thing), .columns = AMPH_COLUMNS(ID) };
static const amph_model old_abi = { .abi = AMPH_ABI + 1, .name = "Wrong", .table = "wrongs" };
MODEL_(bad_schema, .schema = "pg_x", .columns = AMPH_COLUMNS(ID));
AMPH_ALIAS(SecondThing, Thing);

/* ---- columns ---- */
COLUMN_(same_column, name, .name = "id");
COLUMN_(same_but_case, name, .name = "ID");
COLUMN_(same_member, id, .name = "other");
COLUMN_(long_column, name, .name = LONG64);
COLUMN_(empty_column, name, .name = "");
COLUMN_(system_column, name, .name = "xmin");
MODEL_(outside, .columns = AMPH_COLUMNS(ID, { .member = "far", .offset = sizeof(Thing),
					       .type = AMPH_T_INT64 }));
MODEL_(no_type, .columns = AMPH_COLUMNS(ID, { .member = "odd", .type = AMPH_T_TSVECTOR }));
COLUMN_(length_of_integer, count, .length = 3);
COLUMN_(length_of_array, list, .length = 3);
COLUMN_(negative_length, name, .length = -1);
COLUMN_(huge_length, name, .length = 10485761);
COLUMN_(precision_of_text, name, .precision = 3);
COLUMN_(scale_of_double, ratio, .scale = 3);
COLUMN_(huge_precision, price, .precision = 1001);
COLUMN_(huge_scale, price, .precision = 5, .scale = 1001);
COLUMN_(scale_alone, price, .scale = 2);
COLUMN_(labels_of_text, name, .labels = AMPH_LABELS("a"));
COLUMN_(no_labels, mood);
COLUMN_(twin_labels, mood, .labels = AMPH_LABELS("a", "b", "a"));
COLUMN_(long_label, mood, .labels = AMPH_LABELS(LONG64));
COLUMN_(other_labels, mood, .labels = AMPH_LABELS("b", "a"), .enum_name = "mood");
COLUMN_(enum_name_of_text, name, .enum_name = "x");
COLUMN_(choices_of_integer, count, .choices = AMPH_CHOICES("a"));
COLUMN_(no_choices, name, .choices = AMPH_CHOICES(NULL));
COLUMN_(long_choice, name, .length = 3, .choices = AMPH_CHOICES("äöü", "abcd"));
COLUMN_(version_of_text, name, .version = true);
COLUMN_(version_nullable, maybe, .version = true);
COLUMN_(version_default, count, .version = true, .default_value = AMPH_DEFAULT_INT(1));
MODEL_(two_versions, .columns = AMPH_COLUMNS(ID, AMPH_COLUMN(Thing, count, .version = true),
					      AMPH_COLUMN(Thing, small, .version = true)));
COLUMN_(computed_not_null, name, .computed = "'x'", .not_null = true);
COLUMN_(computed_default, name, .computed = "'x'", .default_fn = give_nothing);
COLUMN_(computed_server_default, name, .computed = "'x'", .server_default = "'y'");
MODEL_(computed_key, .columns = AMPH_COLUMNS(
	AMPH_COLUMN(Thing, id, .primary_key = true, .computed = "1")));
COLUMN_(identity_not_key, count, .identity = AMPH_IDENTITY_BY_DEFAULT);
MODEL_(identity_of_text, .columns = AMPH_COLUMNS(
	AMPH_COLUMN(Thing, name, .primary_key = true, .identity = AMPH_IDENTITY_ALWAYS)));
MODEL_(identity_default, .columns = AMPH_COLUMNS(
	AMPH_COLUMN(Thing, id, .primary_key = true, .identity = AMPH_IDENTITY_ALWAYS,
		    .default_fn = give_nothing)));
COLUMN_(comment_utf8, name, .comment = "\xff");

/* ---- defaults ---- */
COLUMN_(two_defaults, count, .default_value = AMPH_DEFAULT_INT(1), .default_fn = give_nothing);
COLUMN_(default_bool_of_int, count, .default_value = AMPH_DEFAULT_BOOL(true));
COLUMN_(default_int_of_text, name, .default_value = AMPH_DEFAULT_INT(1));
COLUMN_(default_double_of_int, count, .default_value = AMPH_DEFAULT_DOUBLE(1));
COLUMN_(default_double_of_numeric, price, .default_value = AMPH_DEFAULT_DOUBLE(1));
COLUMN_(default_out_of_range, small, .default_value = AMPH_DEFAULT_INT(40000));
COLUMN_(default_no_number, count, .default_value = AMPH_DEFAULT_TEXT("x"));
COLUMN_(default_too_long, name, .length = 3, .default_value = AMPH_DEFAULT_TEXT("abcd"));
COLUMN_(default_no_choice, name, .choices = AMPH_CHOICES("a"), .default_value = AMPH_DEFAULT_TEXT("b"));
COLUMN_(default_no_label, mood, .labels = AMPH_LABELS("a"), .default_value = AMPH_DEFAULT_TEXT("b"));
COLUMN_(default_label_number, mood, .labels = AMPH_LABELS("a"), .default_value = AMPH_DEFAULT_INT(1));
COLUMN_(default_overflow, price, .precision = 4, .scale = 2,
	.default_value = AMPH_DEFAULT_NUMERIC(123.4));
COLUMN_(default_no_date, day, .default_value = AMPH_DEFAULT_TEXT("2023-02-29"));
COLUMN_(default_no_uuid, uid, .default_value = AMPH_DEFAULT_TEXT("1234"));
COLUMN_(default_no_json, doc, .default_value = AMPH_DEFAULT_JSON({"a"));
COLUMN_(default_no_array, list, .default_value = AMPH_DEFAULT_TEXT("{a"));
COLUMN_(default_null_text, name, .default_value = { .type = AMPH_T_TEXT });

/* ---- references ---- */
COLUMN_(ref_unknown, other, .references = AMPH_REF(Unknown, id));
COLUMN_(ref_no_column, other, .references = AMPH_REF(Thing, ratio));
COLUMN_(ref_not_unique, other, .references = AMPH_REF(Thing, other));
COLUMN_(ref_type, name, .references = AMPH_REF(Thing, id));
COLUMN_(ref_type_numeric, price, .references = AMPH_REF(Thing, id));
COLUMN_(set_null_not_null, other, .references = AMPH_REF(Thing, id), .on_delete = AMPH_SET_NULL);
COLUMN_(update_null, other, .references = AMPH_REF(Thing, id), .on_key_update = AMPH_SET_NULL);
COLUMN_(set_default, other, .references = AMPH_REF(Thing, id), .on_delete = AMPH_SET_DEFAULT);
COLUMN_(action_alone, other, .on_delete = AMPH_CASCADE);
COLUMN_(deferred_alone, other, .deferred = true);
static const amph_model fk_count, fk_far, fk_none, fk_null;
TABLE_(fk_count, .foreign_keys = AMPH_FOREIGN_KEYS({ .on = (const amph_member[]){
	HERE(fk_count, other), HERE(fk_count, count), { 0 } }, .references = AMPH_ON(AMPH_REF(Thing, id)) }));
TABLE_(fk_far, .foreign_keys = AMPH_FOREIGN_KEYS({ .on = AMPH_ON(AMPH_REF(Thing, other)),
	.references = AMPH_ON(AMPH_REF(Thing, id)) }));
TABLE_(fk_none, .foreign_keys = AMPH_FOREIGN_KEYS({ .on = (const amph_member[]){
	HERE(fk_none, other), { 0 } } }));
TABLE_(fk_null, .foreign_keys = AMPH_FOREIGN_KEYS({ .on = (const amph_member[]){
	HERE(fk_null, other), { 0 } }, .references = AMPH_ON(AMPH_REF(Thing, id)),
	.on_delete = AMPH_SET_NULL }));

/* ---- keys and indexes ---- */
static const amph_model empty_unique, twin_in_unique, far_index, empty_index, twin_index, bad_method,
	unique_gin, desc_gin, hash_two, gin_text, gist_json, brin_json, trgm_int, gin_lower, index_of_row,
	index_names_table, twin_names, twin_checks, long_index;
TABLE_(empty_unique, .uniques = AMPH_UNIQUES({ .on = (const amph_member[]){ { 0 } } }));
TABLE_(twin_in_unique, .uniques = AMPH_UNIQUES({ .on = (const amph_member[]){
	HERE(twin_in_unique, name), HERE(twin_in_unique, name), { 0 } } }));
TABLE_(far_index, .indexes = AMPH_INDEXES({ .name = "ix", .on = (const amph_member[]){
	HERE(far_index, ratio), { 0 } } }));
TABLE_(empty_index, .indexes = AMPH_INDEXES({ .name = "ix", .on = (const amph_member[]){ { 0 } } }));
TABLE_(twin_index, .indexes = AMPH_INDEXES(
	{ .on = (const amph_member[]){ HERE(twin_index, name), { 0 } } },
	{ .on = (const amph_member[]){ HERE(twin_index, name), { 0 } } }));
TABLE_(bad_method, .indexes = AMPH_INDEXES({ .method = "btrie", .on = (const amph_member[]){
	HERE(bad_method, name), { 0 } } }));
TABLE_(unique_gin, .indexes = AMPH_INDEXES({ .method = "gin", .unique = true,
	.on = (const amph_member[]){ HERE(unique_gin, name), { 0 } } }));
TABLE_(desc_gin, .indexes = AMPH_INDEXES({ .method = "gin", .on = (const amph_member[]){
	{ .model = &desc_gin, .offset = offsetof(Thing, name), .flags = AMPH_MEMBER_DESC }, { 0 } } }));
TABLE_(hash_two, .indexes = AMPH_INDEXES({ .method = "hash", .on = (const amph_member[]){
	HERE(hash_two, name), HERE(hash_two, count), { 0 } } }));
TABLE_(gin_text, .indexes = AMPH_INDEXES({ .name = "ix", .method = "gin", .on = (const amph_member[]){
	HERE(gin_text, name), { 0 } } }));
#define DOC_(n, m) MODEL_(n, .columns = AMPH_COLUMNS(ID, AMPH_COLUMN(Thing, doc)), .indexes = AMPH_INDEXES( \
	{ .method = m, .on = (const amph_member[]){ HERE(n, doc), { 0 } } }))
DOC_(gist_json, "gist");
DOC_(brin_json, "brin");
TABLE_(trgm_int, .indexes = AMPH_INDEXES({ .name = "ix", .method = "gin_trgm",
	.on = (const amph_member[]){ HERE(trgm_int, count), { 0 } } }));
TABLE_(gin_lower, .indexes = AMPH_INDEXES({ .name = "ix", .expression = "lower(name)", .method = "gin" }));
TABLE_(index_of_row, .indexes = AMPH_INDEXES({ .name = "ix", .expression = "lower(name), count" }));
TABLE_(index_names_table, .indexes = AMPH_INDEXES({ .name = "things", .on = (const amph_member[]){
	HERE(index_names_table, name), { 0 } } }));
TABLE_(long_index, .indexes = AMPH_INDEXES({ .name = LONG64, .on = (const amph_member[]){
	HERE(long_index, name), { 0 } } }));
TABLE_(twin_names, .uniques = AMPH_UNIQUES({ .name = "u", .on = (const amph_member[]){
	HERE(twin_names, name), { 0 } } }, { .name = "u", .on = (const amph_member[]){
	HERE(twin_names, count), { 0 } } }));
TABLE_(twin_checks, .checks = AMPH_CHECKS(AMPH_CHECK("c", "count > 1"), AMPH_CHECK("c", "count > 2")));

/* ---- SQL ---- */
COLUMN_(check_syntax, count, .check = "count >");
COLUMN_(check_column, count, .check = "amount > 0");
COLUMN_(check_not_bool, count, .check = "count + 1");
COLUMN_(check_volatile, ratio, .check = "ratio > random()");
COLUMN_(check_aggregate, count, .check = "sum(count) > 0");
COLUMN_(check_subquery, count, .check = "count > (SELECT 1)");
COLUMN_(check_param, count, .check = "count > $1");
MODEL_(check_types, .columns = AMPH_COLUMNS(ID, AMPH_COLUMN(Thing, name),
	AMPH_COLUMN(Thing, count, .check = "count > name")));
COLUMN_(default_column, count, .server_default = "id + 1");
COLUMN_(default_type, count, .server_default = "now()");
COLUMN_(default_text, count, .server_default = "'x'");
COLUMN_(computed_mutable, name, .computed = "now()::text");
MODEL_(computed_stable_cast, .columns = AMPH_COLUMNS(ID, AMPH_COLUMN(Thing, deleted),
	AMPH_COLUMN(Thing, day, .computed = "deleted::date")));
MODEL_(computed_of_computed, .columns = AMPH_COLUMNS(ID,
	AMPH_COLUMN(Thing, count, .computed = "1"), AMPH_COLUMN(Thing, small, .computed = "count")));
static const amph_model index_expr, index_mutable, index_where, index_aggregate, index_subquery;
TABLE_(index_expr, .indexes = AMPH_INDEXES({ .expression = "lower(nam)" }));
TABLE_(index_mutable, .indexes = AMPH_INDEXES({ .expression = "name || now()" }));
TABLE_(index_where, .indexes = AMPH_INDEXES({ .on = (const amph_member[]){
	HERE(index_where, name), { 0 } }, .where = "count" }));
TABLE_(index_aggregate, .indexes = AMPH_INDEXES({ .expression = "max(name)" }));
TABLE_(index_subquery, .indexes = AMPH_INDEXES({ .on = (const amph_member[]){
	HERE(index_subquery, name), { 0 } }, .where = "count > (SELECT 1)" }));
COLUMN_(computed_window, count, .computed = "rank() OVER ()");
static const amph_model hybrid_aggregate;
TABLE_(hybrid_aggregate, .hybrids = AMPH_HYBRIDS(AMPH_HYBRID(Thing, small, "sum(count)")));

/* ---- soft delete, relationships ---- */
static const amph_model soft_far, soft_type;
TABLE_(soft_far, .soft_delete = HERE(soft_far, deleted));
TABLE_(soft_type, .soft_delete = HERE(soft_type, count));
#define RELATION_(n, ...) TABLE_(n, .relations = AMPH_RELATIONS({ .member = "rel",             \
	.offset = offsetof(Thing, parent), __VA_ARGS__ }))
RELATION_(rel_unknown, .kind = AMPH_REL_ONE, .target = &amph_model_Unknown,
	  .key = offsetof(Thing, other));
RELATION_(rel_no_column, .kind = AMPH_REL_ONE, .target = &amph_model_Thing,
	  .key = offsetof(Thing, ratio));
RELATION_(rel_no_reference, .kind = AMPH_REL_ONE, .target = &amph_model_Thing,
	  .key = offsetof(Thing, other));
RELATION_(rel_many, .kind = AMPH_REL_MANY, .target = &amph_model_Thing, .key = offsetof(Thing, other));
RELATION_(rel_through, .kind = AMPH_REL_THROUGH, .target = &amph_model_Thing,
	  .through = &amph_model_Unknown);
MODEL_(rel_back, .columns = AMPH_COLUMNS(ID,
	AMPH_COLUMN(Thing, other, .references = AMPH_REF(Thing, id))),
	.relations = AMPH_RELATIONS({ .member = "rel", .kind = AMPH_REL_ONE,
		.offset = offsetof(Thing, parent), .target = &amph_model_Thing,
		.key = offsetof(Thing, other), .back = AMPH_MEMBER(Thing, children) }));

/* ---- several at once ---- */
MODEL_(several, .columns = AMPH_COLUMNS(
	AMPH_COLUMN(Thing, name, .precision = 3), AMPH_COLUMN(Thing, count, .length = 2),
	AMPH_COLUMN(Thing, mood), AMPH_COLUMN(Thing, other, .references = AMPH_REF(Unknown, id)),
	AMPH_COLUMN(Thing, small, .check = "smal > 1"), AMPH_COLUMN(Thing, ratio, .scale = 3)));

static const struct wrong {
	const amph_model *model;
	const char *sqlstate, *column, *message;
} wrongs[] = {
	{ &no_columns, "42P16", "",
	  "model \"Wrong\": has no columns: list them in .columns = AMPH_COLUMNS(...)" },
	{ &no_key, "42P16", "",
	  "model \"Wrong\": has no primary key: give a column .primary_key = true" },
	{ &no_table, "42601", "",
	  "model \"Wrong\": table has no name" },
	{ &empty_table, "42601", "",
	  "model \"Wrong\": table has no name" },
	{ &long_table, "42622", "",
	  "model \"Wrong\": table name "
	  "\"a23456789012345678901234567890123456789012345678901234567890123...\" is longer "
	  "than 63 bytes" },
	{ &bad_utf8_table, "22021", "",
	  "model \"Wrong\": table name is not valid UTF-8" },
	{ &reserved_table, "42939", "",
	  "model \"Wrong\": table name \"sqlite_x\" is reserved" },
	{ &dotted_table, "0A000", "",
	  "model \"Wrong\": table name \"a.b\" has a dot in it; a schema is given as .schema" },
	{ &same_table, "42P07", "",
	  "model \"Wrong\": table \"Things\" has the name of a table or index of model "
	  "\"Thing\"; constraint \"Things_pkey\" has the name of a table or index of model "
	  "\"Thing\"" },
	{ &old_abi, "HV00L", "",
	  "model \"Wrong\" was compiled for another version of the library, or without AMPH_MODEL" },
	{ &bad_schema, "42939", "",
	  "model \"Wrong\": schema name \"pg_x\" is reserved" },
	{ &same_column, "42701", "id",
	  "model \"Wrong\": column \"id\": is there twice" },
	{ &same_but_case, "0A000", "ID",
	  "model \"Wrong\": column \"ID\": differs from \"id\" by case only, which SQLite does not see" },
	{ &same_member, "42701", "other",
	  "model \"Wrong\": column \"other\": is the same member as column \"id\"" },
	{ &long_column, "42622", "",
	  "model \"Wrong\": column name "
	  "\"a23456789012345678901234567890123456789012345678901234567890123...\" is longer "
	  "than 63 bytes" },
	{ &empty_column, "42601", "",
	  "model \"Wrong\": column has no name" },
	{ &system_column, "42701", "xmin",
	  "model \"Wrong\": column \"xmin\": is the name of a system column of PostgreSQL" },
	{ &outside, "42P16", "far",
	  "model \"Wrong\": column \"far\": is not within the struct" },
	{ &no_type, "42804", "odd",
	  "model \"Wrong\": column \"odd\": has no type that a member can have; column "
	  "\"odd\": is the same member as column \"id\"" },
	{ &length_of_integer, "42601", "count",
	  "model \"Wrong\": column \"count\": length is for text only" },
	{ &length_of_array, "42601", "list",
	  "model \"Wrong\": column \"list\": length is for text only" },
	{ &negative_length, "22023", "name",
	  "model \"Wrong\": column \"name\": length must be between 1 and 10485760" },
	{ &huge_length, "22023", "name",
	  "model \"Wrong\": column \"name\": length must be between 1 and 10485760" },
	{ &precision_of_text, "42601", "name",
	  "model \"Wrong\": column \"name\": precision and scale are for numeric only, not for "
	  "arrays of it" },
	{ &scale_of_double, "42601", "ratio",
	  "model \"Wrong\": column \"ratio\": precision and scale are for numeric only, not for "
	  "arrays of it" },
	{ &huge_precision, "22023", "price",
	  "model \"Wrong\": column \"price\": precision must be between 1 and 1000" },
	{ &huge_scale, "22023", "price",
	  "model \"Wrong\": column \"price\": scale must be between -1000 and 1000" },
	{ &scale_alone, "22023", "price",
	  "model \"Wrong\": column \"price\": scale needs a precision" },
	{ &labels_of_text, "42804", "name",
	  "model \"Wrong\": column \"name\": labels are for enums only, members of type "
	  "unsigned or amph_opt_enum" },
	{ &no_labels, "42P16", "mood",
	  "model \"Wrong\": column \"mood\": an enum needs .labels" },
	{ &twin_labels, "42710", "mood",
	  "model \"Wrong\": column \"mood\": label \"a\" is there twice" },
	{ &long_label, "42602", "mood",
	  "model \"Wrong\": column \"mood\": label "
	  "\"a234567890123456789012345678901234567890123456789012345678901234\" is longer than "
	  "63 bytes" },
	{ &other_labels, "42710", "mood",
	  "model \"Wrong\": column \"mood\": enum \"mood\" has other labels elsewhere" },
	{ &enum_name_of_text, "42804", "name",
	  "model \"Wrong\": column \"name\": enum_name is for enums only" },
	{ &choices_of_integer, "42804", "count",
	  "model \"Wrong\": column \"count\": choices are for text only; an enum has labels" },
	{ &no_choices, "42P16", "name",
	  "model \"Wrong\": column \"name\": choices are an empty list: name them in "
	  "AMPH_CHOICES, or leave .choices out" },
	{ &long_choice, "22001", "name",
	  "model \"Wrong\": column \"name\": choice \"abcd\" is longer than 3 characters" },
	{ &version_of_text, "42804", "name",
	  "model \"Wrong\": column \"name\": a version column is an integer: make the member "
	  "int32_t or int64_t" },
	{ &version_nullable, "42P16", "maybe",
	  "model \"Wrong\": column \"maybe\": a version column must be not null: make the "
	  "member a plain integer" },
	{ &version_default, "42P16", "count",
	  "model \"Wrong\": column \"count\": a version column cannot be a key, a reference or "
	  "computed, or have a default" },
	{ &two_versions, "42P16", "small",
	  "model \"Wrong\": column \"small\": is a second version column: a model has one" },
	{ &computed_not_null, "42P16", "name",
	  "model \"Wrong\": column \"name\": a computed column cannot be declared not null: "
	  "leave .not_null out" },
	{ &computed_default, "42601", "name",
	  "model \"Wrong\": column \"name\": a computed column cannot have a default or on_update" },
	{ &computed_server_default, "42601", "name",
	  "model \"Wrong\": column \"name\": a computed column cannot have a default or on_update" },
	{ &computed_key, "0A000", "id",
	  "model \"Wrong\": column \"id\": a computed column cannot be part of the primary key" },
	{ &identity_not_key, "0A000", "count",
	  "model \"Wrong\": column \"count\": only the sole column of a primary key can be an "
	  "identity: number it by a server_default" },
	{ &identity_of_text, "22023", "name",
	  "model \"Wrong\": column \"name\": an identity column is an integer" },
	{ &identity_default, "42601", "id",
	  "model \"Wrong\": column \"id\": is both identity and has a default: leave one of them out" },
	{ &comment_utf8, "22021", "name",
	  "model \"Wrong\": column \"name\": the comment is not valid UTF-8" },
	{ &two_defaults, "42P16", "count",
	  "model \"Wrong\": column \"count\": has both default_value and default_fn: give one of them" },
	{ &default_bool_of_int, "42804", "count",
	  "model \"Wrong\": column \"count\": default_value is of another type: "
	  "give one of type integer, or its text" },
	{ &default_int_of_text, "42804", "name",
	  "model \"Wrong\": column \"name\": default_value is of another type: "
	  "give one of type text, or its text" },
	{ &default_double_of_int, "42804", "count",
	  "model \"Wrong\": column \"count\": default_value is of another type: "
	  "give one of type integer, or its text" },
	{ &default_double_of_numeric, "42804", "price",
	  "model \"Wrong\": column \"price\": default_value is of another type: "
	  "give one of type numeric, or its text" },
	{ &default_out_of_range, "22003", "small",
	  "model \"Wrong\": column \"small\": default_value: smallint out of range" },
	{ &default_no_number, "22P02", "count",
	  "model \"Wrong\": column \"count\": default_value: invalid input syntax for type integer" },
	{ &default_too_long, "22001", "name",
	  "model \"Wrong\": column \"name\": default_value: value too long for type character "
	  "varying(3)" },
	{ &default_no_choice, "23514", "name",
	  "model \"Wrong\": column \"name\": default_value: \"b\" is none of the choices" },
	{ &default_no_label, "22P02", "mood",
	  "model \"Wrong\": column \"mood\": default_value: \"b\" is none of the labels" },
	{ &default_label_number, "22P02", "mood",
	  "model \"Wrong\": column \"mood\": default_value: 1 is not the number of a label" },
	{ &default_overflow, "22003", "price",
	  "model \"Wrong\": column \"price\": default_value: numeric field overflow: "
	  "numeric(4,2) holds absolute values below 10^2" },
	{ &default_no_date, "22008", "day",
	  "model \"Wrong\": column \"day\": default_value: date/time field value out of range" },
	{ &default_no_uuid, "22P02", "uid",
	  "model \"Wrong\": column \"uid\": default_value: invalid input syntax for type uuid" },
	{ &default_no_json, "22P02", "doc",
	  "model \"Wrong\": column \"doc\": default_value: invalid input syntax for type json" },
	{ &default_no_array, "22P02", "list",
	  "model \"Wrong\": column \"list\": default_value: malformed array literal" },
	{ &default_null_text, "22004", "name",
	  "model \"Wrong\": column \"name\": default_value: the text is NULL" },
	{ &ref_unknown, "42P01", "other",
	  "model \"Wrong\": column \"other\": refers to model \"Unknown\", which is not among "
	  "the models given: "
	  "add it to .models" },
	{ &ref_no_column, "42703", "other",
	  "model \"Wrong\": column \"other\": refers to a member of model \"Thing\" that is no column" },
	{ &ref_not_unique, "42830", "other",
	  "model \"Wrong\": column \"other\": refers to what is no key of model \"Thing\": "
	  "neither its primary key nor unique" },
	{ &ref_type, "42804", "name",
	  "model \"Wrong\": column \"name\": refers to column \"id\" of model \"Thing\", which "
	  "is of another type: "
	  "give both members the same one" },
	{ &ref_type_numeric, "42804", "price",
	  "model \"Wrong\": column \"price\": refers to column \"id\" of model \"Thing\", "
	  "which is of another type: "
	  "give both members the same one" },
	{ &set_null_not_null, "42P16", "other",
	  "model \"Wrong\": column \"other\": SET NULL on a column that is not null: make the "
	  "member amph_opt_*, or choose another action" },
	{ &update_null, "42P16", "other",
	  "model \"Wrong\": column \"other\": SET NULL on a column that is not null: make the "
	  "member amph_opt_*, or choose another action" },
	{ &set_default, "42P16", "other",
	  "model \"Wrong\": column \"other\": SET DEFAULT on a column that is not null and has "
	  "no server_default" },
	{ &action_alone, "42P16", "other",
	  "model \"Wrong\": column \"other\": on_delete, on_key_update and deferred need references" },
	{ &deferred_alone, "42P16", "other",
	  "model \"Wrong\": column \"other\": on_delete, on_key_update and deferred need references" },
	{ &fk_count, "42830", "",
	  "model \"Wrong\": a foreign key has 2 columns and refers to 1" },
	{ &fk_far, "42703", "",
	  "model \"Wrong\": a foreign key is on a member that is no column of model \"Wrong\": "
	  "number 1 of its list" },
	{ &fk_none, "42P16", "",
	  "model \"Wrong\": a foreign key refers to no members" },
	{ &fk_null, "42P16", "other",
	  "model \"Wrong\": column \"other\": SET NULL on a column that is not null: make the "
	  "member amph_opt_*, or choose another action" },
	{ &empty_unique, "42P16", "",
	  "model \"Wrong\": a unique constraint is on no members" },
	{ &twin_in_unique, "42701", "name",
	  "model \"Wrong\": column \"name\": is twice in a unique constraint" },
	{ &far_index, "42703", "",
	  "model \"Wrong\": index \"ix\" is on a member that is no column of model \"Wrong\": number 1 "
	  "of its list" },
	{ &empty_index, "42P16", "",
	  "model \"Wrong\": index \"ix\" is on no members" },
	{ &twin_index, "42P07", "",
	  "model \"Wrong\": index \"ix_wrongs_name\" has the name of a table or index of model "
	  "\"Wrong\"" },
	{ &bad_method, "42704", "",
	  "model \"Wrong\": access method \"btrie\" does not exist" },
	{ &unique_gin, "0A000", "",
	  "model \"Wrong\": access method \"gin\" does not support unique indexes" },
	{ &desc_gin, "0A000", "",
	  "model \"Wrong\": access method \"gin\" does not support ASC/DESC options" },
	{ &hash_two, "0A000", "",
	  "model \"Wrong\": access method \"hash\" does not support multicolumn indexes" },
	{ &gin_text, "42704", "name",
	  "model \"Wrong\": column \"name\": index \"ix\": data type text has no default operator class "
	  "for access method \"gin\"" },
	{ &gist_json, "42704", "doc",
	  "model \"Wrong\": column \"doc\": index: data type jsonb has no default operator class for "
	  "access method \"gist\"" },
	{ &brin_json, "42704", "doc",
	  "model \"Wrong\": column \"doc\": index: data type jsonb has no default operator class for "
	  "access method \"brin\"" },
	{ &trgm_int, "42804", "count",
	  "model \"Wrong\": column \"count\": index \"ix\": operator class \"gin_trgm_ops\" does not accept "
	  "data type integer" },
	{ &gin_lower, "42704", "",
	  "model \"Wrong\": index \"ix\": data type text has no default operator class for access method "
	  "\"gin\"" },
	{ &index_of_row, "42P16", "",
	  "model \"Wrong\": index \"ix\": its expression is a row; an index has one expression, besides the "
	  "columns of .on" },
	{ &index_names_table, "42P07", "",
	  "model \"Wrong\": index \"things\" has the name of a table or index of model \"Thing\"" },
	{ &long_index, "42622", "",
	  "model \"Wrong\": index name "
	  "\"a23456789012345678901234567890123456789012345678901234567890123...\" is longer "
	  "than 63 bytes" },
	{ &twin_names, "42710", "",
	  "model \"Wrong\": constraint \"u\" is there twice; constraint \"u\" has the name of "
	  "a table or index of model \"Wrong\"" },
	{ &twin_checks, "42710", "",
	  "model \"Wrong\": check \"c\" is there twice" },
	{ &check_syntax, "42601", "count",
	  "model \"Wrong\": column \"count\": check: syntax error at end of input" },
	{ &check_column, "42703", "count",
	  "model \"Wrong\": column \"count\": check: column \"amount\" does not exist" },
	{ &check_not_bool, "42804", "count",
	  "model \"Wrong\": column \"count\": check: argument of CHECK must be type boolean, not "
	  "type integer" },
	{ &check_volatile, "0A000", "ratio",
	  "model \"Wrong\": column \"ratio\": check: a volatile function is not supported here" },
	{ &check_aggregate, "42803", "count",
	  "model \"Wrong\": column \"count\": check: aggregate functions are not allowed in "
	  "check constraints" },
	{ &check_subquery, "0A000", "count",
	  "model \"Wrong\": column \"count\": check: cannot use subquery in check constraint" },
	{ &check_param, "42P02", "count",
	  "model \"Wrong\": column \"count\": check: there is no parameter $1" },
	{ &check_types, "42883", "count",
	  "model \"Wrong\": column \"count\": check: operator does not exist: integer > text" },
	{ &default_column, "0A000", "count",
	  "model \"Wrong\": column \"count\": server_default: cannot use column reference in "
	  "DEFAULT expression" },
	{ &default_type, "42804", "count",
	  "model \"Wrong\": column \"count\": server_default: expression is of type timestamp "
	  "with time zone but integer is needed" },
	{ &default_text, "22P02", "count",
	  "model \"Wrong\": column \"count\": server_default: invalid input syntax for type integer" },
	{ &computed_mutable, "42P17", "name",
	  "model \"Wrong\": column \"name\": computed: generation expression is not immutable" },
	{ &computed_stable_cast, "42P17", "day",
	  "model \"Wrong\": column \"day\": computed: generation expression is not immutable" },
	{ &computed_of_computed, "42P17", "small",
	  "model \"Wrong\": column \"small\": computed: cannot use a computed column in another" },
	{ &index_expr, "42703", "",
	  "model \"Wrong\": expression of an index: column \"nam\" does not exist" },
	{ &index_mutable, "42P17", "",
	  "model \"Wrong\": expression of an index: functions in index expression must be "
	  "marked IMMUTABLE" },
	{ &index_where, "42804", "",
	  "model \"Wrong\": where of an index: argument of WHERE must be type boolean, "
	  "not type integer" },
	{ &index_aggregate, "42803", "",
	  "model \"Wrong\": expression of an index: aggregate functions are not allowed in "
	  "index expressions" },
	{ &index_subquery, "0A000", "",
	  "model \"Wrong\": where of an index: cannot use subquery in index predicate" },
	{ &computed_window, "42P20", "count",
	  "model \"Wrong\": column \"count\": computed: window functions are not allowed in "
	  "column generation expressions" },
	{ &hybrid_aggregate, "42803", "small",
	  "model \"Wrong\": column \"small\": hybrid: aggregate functions are not allowed in hybrids" },
	{ &soft_far, "42703", "",
	  "model \"Wrong\": soft_delete is no column of the model" },
	{ &soft_type, "42804", "count",
	  "model \"Wrong\": column \"count\": soft_delete is a member of type "
	  "amph_opt_timestamptz that may be NULL" },
	{ &rel_unknown, "42P01", "",
	  "model \"Wrong\": relation \"rel\" leads to model \"Unknown\", which is not among "
	  "the models given: "
	  "add it to .models" },
	{ &rel_no_column, "42703", "",
	  "model \"Wrong\": relation \"rel\": its key is no column of model \"Wrong\"" },
	{ &rel_no_reference, "42830", "",
	  "model \"Wrong\": relation \"rel\": column \"other\" of model \"Wrong\" does not "
	  "refer to model \"Thing\": "
	  "give it .references" },
	{ &rel_many, "42830", "",
	  "model \"Wrong\": relation \"rel\": column \"other\" of model \"Thing\" does not "
	  "refer to model \"Wrong\": "
	  "give it .references" },
	{ &rel_through, "42P01", "",
	  "model \"Wrong\": relation \"rel\" leads to model \"Unknown\", which is not among "
	  "the models given: "
	  "add it to .models" },
	{ &rel_back, "42703", "",
	  "model \"Wrong\": relation \"rel\": its back is no relation of model \"Thing\"" },
	{ &several, "42601", "name",
	  "model \"Wrong\": column \"name\": precision and scale are for numeric only, not for arrays "
	  "of it; column "
	  "\"count\": length is for text only; column \"mood\": an enum needs .labels; and more" },
	{ &amph_model_SecondThing, "42P16", "",
	  "model \"SecondThing\" is an alias; give the model that it is an alias of" }
};

START_TEST(wrong_models_are_refused)
{
	for (size_t i = 0; i < sizeof(wrongs) / sizeof(wrongs[0]); i++) {
		const struct wrong *w = &wrongs[i];
		const amph_model *const models[] = { &amph_model_Thing, &amph_model_Other, w->model, NULL };
		amph_error err = { 0 };
		amph_registry *r = amph__registry_open(&amph__libc_allocator, models, &err);

		ck_assert_msg(!r, "accepted, not %s", w->message);
		ck_assert_msg(!strcmp(err.sqlstate, w->sqlstate) && !strcmp(err.message, w->message) &&
			      !strcmp(err.column, w->column), "is %s %s: %s\nnot %s %s: %s",
			      err.sqlstate, err.column, err.message, w->sqlstate, w->column, w->message);
		ck_assert_ptr_null(amph__registry_open(&amph__libc_allocator, models, NULL));
	}
}
END_TEST

START_TEST(a_model_is_given_once)
{
	const amph_model *const models[] = { &amph_model_Thing, &amph_model_Thing, NULL };
	amph_error err = { 0 };

	ck_assert_ptr_null(amph__registry_open(&amph__libc_allocator, models, &err));
	ck_assert_str_eq(err.sqlstate, "42710");
	ck_assert_str_eq(err.message, "model \"Thing\" is given twice");
}
END_TEST

START_TEST(there_is_a_limit_of_columns)
{
	static char names[AMPH_COLUMNS_MAX + 1][8];
	static amph_column columns[AMPH_COLUMNS_MAX + 2];
	amph_model wide = { .abi = AMPH_ABI, .name = "Wide", .table = "wides", .columns = columns,
			    .size = sizeof(int64_t) * (AMPH_COLUMNS_MAX + 1) };
	const amph_model *const models[] = { &wide, NULL };
	amph_error err = { 0 };
	amph_registry *r;

	for (size_t i = 0; i < AMPH_COLUMNS_MAX + 1; i++) {
		names[i][0] = 'c';
		names[i][1] = (char)('0' + i / 100);
		names[i][2] = (char)('0' + i / 10 % 10);
		names[i][3] = (char)('0' + i % 10);
		columns[i] = (amph_column){ .member = names[i], .type = AMPH_T_INT64,
					    .offset = (uint32_t)(i * sizeof(int64_t)),
					    .primary_key = i == 0 };
	}
	ck_assert_ptr_null(amph__registry_open(&amph__libc_allocator, models, &err));
	ck_assert_str_eq(err.sqlstate, "54011");
	columns[AMPH_COLUMNS_MAX].member = NULL;
	r = amph__registry_open(&amph__libc_allocator, models, &err);
	ck_assert_msg(r != NULL, "%s", err.message);
	amph__registry_close(r);
}
END_TEST

SUITE_MAIN("wrong models", wrong_models_are_refused, a_model_is_given_once,
	   there_is_a_limit_of_columns)
