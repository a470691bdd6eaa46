/* Looking up the catalogue: rows by name, what a function's arguments and columns are called, and
 * the names that only PostgreSQL has. */
#include "catalog.h"
#include <string.h>

#define AREA(area) { #area, amph__catalog_##area, &amph__catalog_##area##_count }

static const amph_catalog_area areas[AMPH_CATALOG_AREAS] = {
	AREA(operators), AREA(aggregate), AREA(array), AREA(datetime), AREA(json),
	AREA(math), AREA(misc), AREA(search), AREA(text), AREA(window)
};

const amph_catalog_area *amph__catalog_areas(size_t *n)
{
	*n = AMPH_CATALOG_AREAS;
	return areas;
}

/* The first row whose name is not less than name. */
static size_t lower_bound(const amph_catalog_area *area, const char *name)
{
	size_t lo = 0, hi = *area->n_rows;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (strcmp(area->rows[mid].name, name) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static void add_run(const amph_catalog_area *area, const char *name, amph_catalog_found *found)
{
	size_t from = lower_bound(area, name), to = from;

	while (to < *area->n_rows && !strcmp(area->rows[to].name, name))
		to++;
	if (to > from)
		found->runs[found->n_runs++] = (amph_catalog_run){ &area->rows[from], to - from };
}

bool amph__find_operators(const char *name, amph_catalog_found *found)
{
	found->n_runs = 0;
	add_run(&areas[0], name, found);
	return found->n_runs > 0;
}

/* The functions behind operators are callable as well, but seldom called. */
static void add_operator_function(const char *name, amph_catalog_found *found)
{
	for (size_t i = 0; i < amph__catalog_operators_count; i++)
		if (!strcmp(amph__catalog_operators[i].impl, name)) {
			found->runs[found->n_runs++] =
				(amph_catalog_run){ &amph__catalog_operators[i], 1 };
			return;
		}
}

bool amph__find_functions(const char *name, amph_catalog_found *found)
{
	found->n_runs = 0;
	for (size_t i = 1; i < AMPH_CATALOG_AREAS; i++)
		add_run(&areas[i], name, found);
	if (found->n_runs == 0)
		add_operator_function(name, found);
	return found->n_runs > 0;
}

/* ---- what only PostgreSQL has ---- */

static const char *const foreign_operators[] = {
	"##", "&<", "&<|", "&>", "*<", "*<=", "*<>", "*=", "*>", "*>=", "-|-", "<<=", "<<|", "<^",
	">>=", ">^", "?#", "?-", "?-|", "?||", "@-@", "|&>", "|>>", "~=",
};

/* Of families of functions their common beginning, with a star. */
static const char *const foreign_functions[] = {
	"abbrev", "acl*", "any_value", "area", "bit", "bound_box", "box*", "bpchar", "broadcast",
	"cash*", "center", "charcmp", "cid*", "circle*", "close_*", "col_description", "convert",
	"current_catalog", "current_database", "current_query",
	"current_role", "current_schema", "current_schemas", "current_user", "cursor_to_xml*",
	"database_to_xml*", "date", "date_cmp*", "datemultirange", "daterange*", "diagonal",
	"diameter", "dist_*", "elem_contained*", "family", "format_type",
	"get_current_ts_config", "gin_*", "grouping", "has_*", "hash*", "height", "host",
	"hostmask", "in_range", "inet*", "int4multirange", "int4range*", "int8multirange",
	"int8range*", "inter_*", "interval", "isclosed", "isempty", "ishorizontal", "isopen",
	"isparallel", "isperp", "isvertical", "json_populate*", "json_to_record*", "jsonb_hash*",
	"jsonb_populate_*", "jsonb_to_record*", "line*", "lo_*", "loread", "lower_inc",
	"lower_inf", "lowrite", "lseg*", "macaddr*", "masklen", "multirange*", "mxid_age",
	"name", "netmask", "network*", "npoints", "numeric", "nummultirange", "numrange*",
	"obj_description", "oid*", "on_*", "path*", "pclose", "pg_*", "point*", "poly*", "popen",
	"query_to_xml*", "radius", "range_*", "record_*", "regclass*", "row_security_active",
	"row_to_json", "schema_to_xml*", "session_user", "set_masklen", "setseed",
	"shobj_description", "slope", "system_user", "table_to_xml*", "text", "time",
	"timestamp", "timestamptz", "timetz*", "to_ascii", "to_reg*", "ts_debug", "ts_lexize",
	"ts_stat", "ts_token_type", "tsmultirange", "tsrange*", "tstzmultirange", "tstzrange*",
	"tsvector_update_*", "txid_*", "upper_inc", "upper_inf", "user", "varbit*", "varchar",
	"width", "xid*", "xml*", "xpath*",
};

static bool matches(const char *pattern, const char *name)
{
	size_t n = strlen(pattern);

	if (pattern[n - 1] == '*')
		return !strncmp(pattern, name, n - 1);
	return !strcmp(pattern, name);
}

bool amph__catalog_is_foreign(const char *name, bool is_operator)
{
	const char *const *names = is_operator ? foreign_operators : foreign_functions;
	size_t n = is_operator ? sizeof(foreign_operators) / sizeof(foreign_operators[0])
			       : sizeof(foreign_functions) / sizeof(foreign_functions[0]);

	for (size_t i = 0; i < n; i++)
		if (matches(names[i], name))
			return true;
	return !is_operator && amph__is_foreign_function(name);
}

/* ---- arguments with names and defaults ---- */

static const char *const names_insert[] = { "jsonb_in", "path", "replacement", "insert_after",
					    NULL };
static const char *const names_set[] = { "jsonb_in", "path", "replacement", "create_if_missing",
					 "null_value_treatment", NULL };
static const char *const names_path[] = { "target", "path", "vars", "silent", NULL };
static const char *const names_interval[] = { "years", "months", "weeks", "days", "hours", "mins",
					      "secs", NULL };
static const char *const names_ident[] = { "str", "strict", NULL };
static const char *const names_date[] = { "year", "month", "day", NULL };
static const char *const names_time[] = { "hour", "min", "sec", NULL };
static const char *const names_timestamp[] = { "year", "month", "mday", "hour", "min", "sec",
					       "timezone", NULL };

static const char *const default_nfc[] = { "NFC" };
static const char *const default_false[] = { "false" };
static const char *const default_set[] = { "true", "use_json_null" };
static const char *const default_path[] = { "{}", "false" };
static const char *const default_interval[] = { "0", "0", "0", "0", "0", "0", "0" };

#define PATH(name) { name "_jsonb_jsonpath_jsonb_bool", names_path, default_path, 2 }

static const amph_catalog_args args_of[] = {
	{ "is_normalized_text_text", NULL, default_nfc, 1 },
	{ "jsonb_insert_jsonb_text_array_jsonb_bool", names_insert, default_false, 1 },
	PATH("jsonb_path_exists"), PATH("jsonb_path_exists_tz"), PATH("jsonb_path_match"),
	PATH("jsonb_path_match_tz"), PATH("jsonb_path_query"), PATH("jsonb_path_query_tz"),
	PATH("jsonb_path_query_array"), PATH("jsonb_path_query_array_tz"),
	PATH("jsonb_path_query_first"), PATH("jsonb_path_query_first_tz"),
	{ "jsonb_set_jsonb_text_array_jsonb_bool", names_set, default_set, 1 },
	{ "jsonb_set_lax_jsonb_text_array_jsonb_bool_text", names_set, default_set, 2 },
	{ "make_date_int4_int4_int4", names_date, NULL, 0 },
	{ "make_interval_int4_int4_int4_int4_int4_int4_float8", names_interval, default_interval, 7 },
	{ "make_time_int4_int4_float8", names_time, NULL, 0 },
	{ "make_timestamp_int4_int4_int4_int4_int4_float8", names_timestamp, NULL, 0 },
	{ "make_timestamptz_int4_int4_int4_int4_int4_float8", names_timestamp, NULL, 0 },
	{ "make_timestamptz_int4_int4_int4_int4_int4_float8_text", names_timestamp, NULL, 0 },
	{ "normalize_text_text", NULL, default_nfc, 1 },
	{ "parse_ident_text_bool", names_ident, default_set, 1 },
};

const amph_catalog_args *amph__catalog_args_of(const amph_catalog_row *row)
{
	for (size_t i = 0; i < sizeof(args_of) / sizeof(args_of[0]); i++)
		if (!strcmp(args_of[i].impl, row->impl))
			return &args_of[i];
	return NULL;
}

/* ---- columns of set-returning functions ---- */

static const amph_catalog_columns columns_of[] = {
	{ "json_array_elements_json", 1, { "value" }, { AMPH_T_PLAIN_JSON } },
	{ "json_array_elements_text_json", 1, { "value" }, { AMPH_T_TEXT } },
	{ "json_each_json", 2, { "key", "value" }, { AMPH_T_TEXT, AMPH_T_PLAIN_JSON } },
	{ "json_each_text_json", 2, { "key", "value" }, { AMPH_T_TEXT, AMPH_T_TEXT } },
	{ "jsonb_array_elements_jsonb", 1, { "value" }, { AMPH_T_JSON } },
	{ "jsonb_array_elements_text_jsonb", 1, { "value" }, { AMPH_T_TEXT } },
	{ "jsonb_each_jsonb", 2, { "key", "value" }, { AMPH_T_TEXT, AMPH_T_JSON } },
	{ "jsonb_each_text_jsonb", 2, { "key", "value" }, { AMPH_T_TEXT, AMPH_T_TEXT } },
	{ "ts_parse_text_text", 2, { "tokid", "token" }, { AMPH_T_INT32, AMPH_T_TEXT } },
	{ "unnest_tsvector", 3, { "lexeme", "positions", "weights" },
	  { AMPH_T_TEXT, AMPH_T_INT16 | AMPH_T_ARRAY, AMPH_T_TEXT | AMPH_T_ARRAY } },
};

const amph_catalog_columns *amph__catalog_columns_of(const amph_catalog_row *row)
{
	for (size_t i = 0; i < sizeof(columns_of) / sizeof(columns_of[0]); i++)
		if (!strcmp(columns_of[i].impl, row->impl))
			return &columns_of[i];
	return NULL;
}
