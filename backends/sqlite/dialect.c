/* How SQLite spells the SQL tree so that the answer is PostgreSQL's: types as it stores them,
 * collations and orders put in, registered functions (functions/) for what its own do otherwise. */
#include "amphora/sys/dialect.h"
#include "functions/functions.h"
#include <stdio.h>
#include <string.h>

#define UUID_CHECK "length($1) = 36 AND $1 NOT GLOB '*[^0-9a-f-]*'"

static const amph_type_spelling type_names[AMPH_T_COUNT] = {
	[AMPH_T_BOOL] = { .name = "INTEGER", .check = "$1 IN (0, 1)", .check_state = "22P02" },
	[AMPH_T_INT16] = { .name = "INTEGER", .key = "INT", .check_state = "22003",
			   .check = "$1 BETWEEN -32768 AND 32767" },
	[AMPH_T_INT32] = { .name = "INTEGER", .key = "INT", .check_state = "22003",
			   .check = "$1 BETWEEN -2147483648 AND 2147483647" },
	[AMPH_T_INT64] = { .name = "INTEGER", .key = "INT" },
	[AMPH_T_FLOAT] = { .name = "REAL" },
	[AMPH_T_DOUBLE] = { .name = "REAL" },
	[AMPH_T_NUMERIC] = { .name = "TEXT", .collation = "amph_numeric" },
	[AMPH_T_TEXT] = { .name = "TEXT", .sized_check = "length($1) <= $l",
			  .sized_check_state = "22001" },
	[AMPH_T_BYTES] = { .name = "BLOB" },
	[AMPH_T_UUID] = { .name = "TEXT", .check = UUID_CHECK, .check_state = "22P02" },
	[AMPH_T_JSON] = { .name = "TEXT", .collation = "amph_jsonb" },
	[AMPH_T_DATE] = { .name = "TEXT" },
	[AMPH_T_TIME] = { .name = "TEXT" },
	[AMPH_T_TIMESTAMP] = { .name = "TEXT" },
	[AMPH_T_TIMESTAMPTZ] = { .name = "TEXT" },
	[AMPH_T_INTERVAL] = { .name = "TEXT", .collation = "amph_interval" },
	[AMPH_T_ENUM] = { .name = "TEXT", .check = "$1 IN ($v)", .check_state = "22P02" },
	[AMPH_T_TSVECTOR] = { .name = "TEXT", .collation = "amph_tsvector" },
	[AMPH_T_TSQUERY] = { .name = "TEXT", .collation = "amph_tsquery" },
	[AMPH_T_PLAIN_JSON] = { .name = "TEXT" },
	[AMPH_T_JSONPATH] = { .name = "TEXT" }
};

static const amph_type_spelling array_name = { .name = "TEXT" };

/* An index that SQLite cannot make would only be faster. */
static const amph_method_spelling methods[] = {
	{ "btree", NULL, NULL, false }, { "hash", NULL, NULL, false },
	{ "gin", NULL, NULL, true }, { "gin_trgm", NULL, NULL, true },
	{ "gist", NULL, NULL, true }, { "gist_trgm", NULL, NULL, true },
	{ "spgist", NULL, NULL, true }, { "brin", NULL, NULL, true }
};

/* Operators and functions that SQLite has itself, or that take other arguments here. Sorted by key.
 * What is not listed is a function registered under its key (functions/), or refused. */
static const amph_spelling spellings[] = {
	{ "all", "amph_all($o, $d, $1, $2)" },
	{ "any", "amph_any($o, $d, $1, $2)" },
	{ "anytextcat", "$t1 || $2" },
	{ "array", "amph_array($d, $*)" },
	{ "array_agg_anyarray", "amph_array_nest($1)" },
	{ "array_agg_anynonarray", "amph_array_agg($p1)" },
	{ "array_append", "amph_array_append($1, $p2)" },
	{ "array_bpchar", "amph_array_bpchar($1, $l, $e)" },
	{ "array_fill_anyelement_int4_array", "amph_array_fill($p1, $2)" },
	{ "array_fill_anyelement_int4_array_int4_array", "amph_array_fill($p1, $2, $3)" },
	{ "array_larger_anyarray_anyarray", "amph_array_larger($p1, $2)" },
	{ "array_nested", "amph_array_nested($*)" },
	{ "array_numeric", "amph_array_numeric_fit($1, $l, $s)" },
	{ "array_position_anycompatiblearray_anycompatible", "amph_array_position($1, $p2)" },
	{ "array_position_anycompatiblearray_anycompatible_int4",
	  "amph_array_position($1, $p2, $3)" },
	{ "array_positions_anycompatiblearray_anycompatible", "amph_array_positions($1, $p2)" },
	{ "array_prepend", "amph_array_prepend($p1, $2)" },
	{ "array_remove_anycompatiblearray_anycompatible", "amph_array_remove($1, $p2)" },
	{ "array_replace_anycompatiblearray_anycompatible_anycompatible",
	  "amph_array_replace($1, $p2, $3)" },
	{ "array_smaller_anyarray_anyarray", "amph_array_smaller($p1, $2)" },
	{ "array_to_json_anyarray", "amph_to_json($p1)" },
	{ "array_to_json_anyarray_bool", "amph_array_to_json($p1, $2)" },
	{ "array_varchar", "amph_array_varchar($1, $l, $e)" },
	{ "arraycontained", "amph_arraycontained($p1, $2)" },
	{ "arraycontains", "amph_arraycontains($p1, $2)" },
	{ "arrayoverlap", "amph_arrayoverlap($p1, $2)" },
	{ "bool_output", "amph_bool_char($1)" },
	{ "bpchar", "amph_bpchar($1, $l, $e)" },
	{ "byteanlike", "NOT amph_bytealike($1, $2)" },
	{ "concat_any", "amph_concat($u*)" },
	{ "concat_ws_text_any", "amph_concat_ws($1, $u*)" },
	{ "count", "count(*)" },
	{ "count_any", "count($1)" },
	{ "cume_dist", "cume_dist()" },
	{ "date_eq_timestamp", "amph_date_timestamp_compared($1) = $2" },
	{ "date_eq_timestamptz", "amph_date_timestamptz_compared($1) = $2" },
	{ "date_ge_timestamp", "amph_date_timestamp_compared($1) >= $2" },
	{ "date_ge_timestamptz", "amph_date_timestamptz_compared($1) >= $2" },
	{ "date_gt_timestamp", "amph_date_timestamp_compared($1) > $2" },
	{ "date_gt_timestamptz", "amph_date_timestamptz_compared($1) > $2" },
	{ "date_le_timestamp", "amph_date_timestamp_compared($1) <= $2" },
	{ "date_le_timestamptz", "amph_date_timestamptz_compared($1) <= $2" },
	{ "date_lt_timestamp", "amph_date_timestamp_compared($1) < $2" },
	{ "date_lt_timestamptz", "amph_date_timestamptz_compared($1) < $2" },
	{ "date_ne_timestamp", "amph_date_timestamp_compared($1) <> $2" },
	{ "date_ne_timestamptz", "amph_date_timestamptz_compared($1) <> $2" },
	{ "dense_rank", "dense_rank()" },
	{ "enum_first_anyenum", "amph_enum_first($d)" },
	{ "enum_last_anyenum", "amph_enum_last($d)" },
	{ "enum_range_anyenum", "amph_enum_range($d, NULL, NULL)" },
	{ "enum_range_anyenum_anyenum", "amph_enum_range($d, $1, $2)" },
	{ "first_value_anyelement", "first_value($1)" },
	{ "float4up", "$1" },
	{ "float8up", "$1" },
	{ "format_text", "amph_format($1)" },
	{ "format_text_any", "amph_format($1, $u*)" },
	{ "format_text_any_variadic", "amph_format_variadic($1, $2)" },
	{ "generate_series_int4_int4", "amph_generate_series_int($1, $2, 1)" },
	{ "generate_series_int4_int4_int4", "amph_generate_series_int($1, $2, $3)" },
	{ "generate_series_int8_int8", "amph_generate_series_int($1, $2, 1)" },
	{ "generate_series_int8_int8_int8", "amph_generate_series_int($1, $2, $3)" },
	{ "generate_series_numeric_numeric", "amph_generate_series_numeric($1, $2, '1')" },
	{ "generate_series_numeric_numeric_numeric", "amph_generate_series_numeric($1, $2, $3)" },
	{ "generate_series_timestamp_timestamp_interval",
	  "amph_generate_series_timestamp($1, $2, $3)" },
	{ "generate_series_timestamptz_timestamptz_interval",
	  "amph_generate_series_timestamptz($1, $2, $3)" },
	{ "generate_subscripts_anyarray_int4", "amph_generate_subscripts($1, $2)" },
	{ "generate_subscripts_anyarray_int4_bool",
	  "amph_generate_subscripts_reverse($1, $2, $3)" },
	{ "greatest", "amph_greatest($d, $*)" },
	{ "int2up", "$1" },
	{ "int4up", "$1" },
	{ "int8up", "$1" },
	{ "json_agg_anyelement", "amph_json_agg($p1)" },
	{ "json_array_elements_json", "amph_json_array_elements($1)" },
	{ "json_array_elements_text_json", "amph_json_array_elements_text($1)" },
	{ "json_build_array", "'[]'" },
	{ "json_build_array_any", "amph_json_build_array($p*)" },
	{ "json_build_object", "'{}'" },
	{ "json_build_object_any", "amph_json_build_object($p*)" },
	{ "json_each_json", "amph_json_each($1)" },
	{ "json_each_text_json", "amph_json_each_text($1)" },
	{ "json_object_agg_any_any", "amph_json_object_agg($p*)" },
	{ "json_object_keys_json", "amph_json_object_keys($1)" },
	{ "jsonb_agg_anyelement", "amph_jsonb_agg($p1)" },
	{ "jsonb_array_elements_jsonb", "amph_jsonb_array_elements($1)" },
	{ "jsonb_array_elements_text_jsonb", "amph_jsonb_array_elements_text($1)" },
	{ "jsonb_build_array", "'[]'" },
	{ "jsonb_build_array_any", "amph_jsonb_build_array($p*)" },
	{ "jsonb_build_object", "'{}'" },
	{ "jsonb_build_object_any", "amph_jsonb_build_object($p*)" },
	{ "jsonb_each_jsonb", "amph_jsonb_each($1)" },
	{ "jsonb_each_text_jsonb", "amph_jsonb_each_text($1)" },
	{ "jsonb_object_agg_any_any", "amph_jsonb_object_agg($p*)" },
	{ "jsonb_object_keys_jsonb", "amph_jsonb_object_keys($1)" },
	{ "jsonb_path_query_jsonb_jsonpath_jsonb_bool", "amph_jsonb_path_query($1, $2, $3, $4)" },
	{ "jsonb_path_query_tz_jsonb_jsonpath_jsonb_bool", "amph_jsonb_path_query_tz($1, $2, $3, $4)" },
	{ "jsonb_subscript", "amph_jsonb_subscript($*)" },
	{ "lag_anycompatible_int4_anycompatible", "lag($1, $2, $3)" },
	{ "lag_anyelement", "lag($1)" },
	{ "lag_anyelement_int4", "lag($1, $2)" },
	{ "last_value_anyelement", "last_value($1)" },
	{ "lastval", "amph_lastval()" },
	{ "lead_anycompatible_int4_anycompatible", "lead($1, $2, $3)" },
	{ "lead_anyelement", "lead($1)" },
	{ "lead_anyelement_int4", "lead($1, $2)" },
	{ "least", "amph_least($d, $*)" },
	{ "length_bytea", "length($1)" },
	{ "length_text", "length($1)" },
	{ "like_bytea_bytea", "amph_bytealike($1, $2)" },
	{ "like_text_text", "amph_textlike($1, $2)" },
	{ "limit", "amph_limit($1)" },
	{ "limit_all", " LIMIT -1" },
	{ "max_anyarray", "max($1)" },
	{ "max_anyenum", "amph_max_anyenum($1, $d)" },
	{ "max_date", "max($1)" },
	{ "max_float4", "max($1)" },
	{ "max_float8", "max($1)" },
	{ "max_int2", "max($1)" },
	{ "max_int4", "max($1)" },
	{ "max_int8", "max($1)" },
	{ "max_interval", "max($1)" },
	{ "max_numeric", "max($1)" },
	{ "max_text", "max($1)" },
	{ "max_time", "max($1)" },
	{ "max_timestamp", "max($1)" },
	{ "max_timestamptz", "max($1)" },
	{ "min_anyarray", "min($1)" },
	{ "min_anyenum", "amph_min_anyenum($1, $d)" },
	{ "min_date", "min($1)" },
	{ "min_float4", "min($1)" },
	{ "min_float8", "min($1)" },
	{ "min_int2", "min($1)" },
	{ "min_int4", "min($1)" },
	{ "min_int8", "min($1)" },
	{ "min_interval", "min($1)" },
	{ "min_numeric", "min($1)" },
	{ "min_text", "min($1)" },
	{ "min_time", "min($1)" },
	{ "min_timestamp", "min($1)" },
	{ "min_timestamptz", "min($1)" },
	{ "notlike_bytea_bytea", "NOT amph_bytealike($1, $2)" },
	{ "notlike_text_text", "NOT amph_textlike($1, $2)" },
	{ "nth_value_anyelement_int4", "nth_value($1, $2)" },
	{ "ntile_int4", "ntile($1)" },
	{ "num_nonnulls_any", "amph_num_nonnulls($*)" },
	{ "num_nonnulls_any_variadic", "amph_num_nonnulls_variadic($1)" },
	{ "num_nulls_any", "amph_num_nulls($*)" },
	{ "num_nulls_any_variadic", "amph_num_nulls_variadic($1)" },
	{ "numeric_uplus", "$1" },
	{ "octet_length_bytea", "length($1)" },
	{ "offset", "amph_offset($1)" },
	{ "overlaps_time_interval_time_interval",
	  "amph_overlaps($1, amph_time_pl_interval($1, $2), $3, amph_time_pl_interval($3, $4))" },
	{ "overlaps_time_interval_time_time",
	  "amph_overlaps($1, amph_time_pl_interval($1, $2), $3, $4)" },
	{ "overlaps_time_time_time_interval",
	  "amph_overlaps($1, $2, $3, amph_time_pl_interval($3, $4))" },
	{ "overlaps_time_time_time_time", "amph_overlaps($1, $2, $3, $4)" },
	{ "overlaps_timestamp_interval_timestamp_interval",
	  "amph_overlaps($1, amph_timestamp_pl_interval($1, $2), $3, "
	  "amph_timestamp_pl_interval($3, $4))" },
	{ "overlaps_timestamp_interval_timestamp_timestamp",
	  "amph_overlaps($1, amph_timestamp_pl_interval($1, $2), $3, $4)" },
	{ "overlaps_timestamp_timestamp_timestamp_interval",
	  "amph_overlaps($1, $2, $3, amph_timestamp_pl_interval($3, $4))" },
	{ "overlaps_timestamp_timestamp_timestamp_timestamp", "amph_overlaps($1, $2, $3, $4)" },
	{ "overlaps_timestamptz_interval_timestamptz_interval",
	  "amph_overlaps($1, amph_timestamptz_pl_interval($1, $2), $3, "
	  "amph_timestamptz_pl_interval($3, $4))" },
	{ "overlaps_timestamptz_interval_timestamptz_timestamptz",
	  "amph_overlaps($1, amph_timestamptz_pl_interval($1, $2), $3, $4)" },
	{ "overlaps_timestamptz_timestamptz_timestamptz_interval",
	  "amph_overlaps($1, $2, $3, amph_timestamptz_pl_interval($3, $4))" },
	{ "overlaps_timestamptz_timestamptz_timestamptz_timestamptz",
	  "amph_overlaps($1, $2, $3, $4)" },
	{ "percent_rank", "percent_rank()" },
	{ "pg_typeof_any", "amph_pg_typeof($n1)" },
	{ "pi", "3.141592653589793" },
	{ "quote_literal_anyelement", "amph_quote_literal_text($t1)" },
	{ "quote_nullable_anyelement", "amph_quote_nullable_text($t1)" },
	{ "rank", "rank()" },
	{ "record_among", "amph_record_among($1, $p*)" },
	{ "record_append", "amph_record_append($1, $p*)" },
	{ "record_array", "amph_record_array($p*)" },
	{ "record_first", "amph_record_first($p*)" },
	{ "record_make", "amph_record_make($p*)" },
	{ "record_next", "amph_record_next($1, $p*)" },
	{ "record_to_json_any", "amph_row_to_json($1, $p*)" },
	{ "regexp_matches_text_text", "amph_regexp_matches($1, $2, '')" },
	{ "regexp_matches_text_text_text", "amph_regexp_matches($1, $2, $3)" },
	{ "regexp_split_to_table_text_text", "amph_regexp_split_to_table($1, $2, '')" },
	{ "regexp_split_to_table_text_text_text", "amph_regexp_split_to_table($1, $2, $3)" },
	{ "row_number", "row_number()" },
	{ "row_to_json_any", "amph_row_to_json($1, $p*)" },
	{ "single", "amph_single" },
	{ "slice", "amph_slice($d, $*)" },
	{ "string_to_table_text_text", "amph_string_to_table($1, $2)" },
	{ "string_to_table_text_text_text", "amph_string_to_table_null($1, $2, $3)" },
	{ "subscript", "amph_subscript($d, $*)" },
	{ "substring_text_text_text",
	  "amph_substring_text_text($1, amph_similar_to_escape_text_text($2, $3))" },
	{ "text_pattern_ge", "$1 >= $2" },
	{ "text_pattern_gt", "$1 > $2" },
	{ "text_pattern_le", "$1 <= $2" },
	{ "text_pattern_lt", "$1 < $2" },
	{ "textanycat", "$1 || $t2" },
	{ "textcat", "$1 || $2" },
	{ "texticnlike", "NOT amph_texticlike($1, $2)" },
	{ "texticregexne", "NOT amph_texticregexeq($1, $2)" },
	{ "textnlike", "NOT amph_textlike($1, $2)" },
	{ "textregexne", "NOT amph_textregexeq($1, $2)" },
	{ "timestamp_eq_date", "$1 = amph_date_timestamp_compared($2)" },
	{ "timestamp_eq_timestamptz", "amph_timestamp_timestamptz($1) = $2" },
	{ "timestamp_ge_date", "$1 >= amph_date_timestamp_compared($2)" },
	{ "timestamp_ge_timestamptz", "amph_timestamp_timestamptz($1) >= $2" },
	{ "timestamp_gt_date", "$1 > amph_date_timestamp_compared($2)" },
	{ "timestamp_gt_timestamptz", "amph_timestamp_timestamptz($1) > $2" },
	{ "timestamp_le_date", "$1 <= amph_date_timestamp_compared($2)" },
	{ "timestamp_le_timestamptz", "amph_timestamp_timestamptz($1) <= $2" },
	{ "timestamp_lt_date", "$1 < amph_date_timestamp_compared($2)" },
	{ "timestamp_lt_timestamptz", "amph_timestamp_timestamptz($1) < $2" },
	{ "timestamp_ne_date", "$1 <> amph_date_timestamp_compared($2)" },
	{ "timestamp_ne_timestamptz", "amph_timestamp_timestamptz($1) <> $2" },
	{ "timestamptz_eq_date", "$1 = amph_date_timestamptz_compared($2)" },
	{ "timestamptz_eq_timestamp", "$1 = amph_timestamp_timestamptz($2)" },
	{ "timestamptz_ge_date", "$1 >= amph_date_timestamptz_compared($2)" },
	{ "timestamptz_ge_timestamp", "$1 >= amph_timestamp_timestamptz($2)" },
	{ "timestamptz_gt_date", "$1 > amph_date_timestamptz_compared($2)" },
	{ "timestamptz_gt_timestamp", "$1 > amph_timestamp_timestamptz($2)" },
	{ "timestamptz_le_date", "$1 <= amph_date_timestamptz_compared($2)" },
	{ "timestamptz_le_timestamp", "$1 <= amph_timestamp_timestamptz($2)" },
	{ "timestamptz_lt_date", "$1 < amph_date_timestamptz_compared($2)" },
	{ "timestamptz_lt_timestamp", "$1 < amph_timestamp_timestamptz($2)" },
	{ "timestamptz_ne_date", "$1 <> amph_date_timestamptz_compared($2)" },
	{ "timestamptz_ne_timestamp", "$1 <> amph_timestamp_timestamptz($2)" },
	{ "to_json_anyelement", "amph_to_json($p1)" },
	{ "to_jsonb_anyelement", "amph_to_jsonb($p1)" },
	{ "ts_parse_text_text", "amph_ts_parse($1, $2)" },
	{ "unnest_anyarray", "amph_unnest($p1)" },
	{ "unnest_tsvector", "amph_unnest_tsvector($1)" },
	{ "width_bucket_anycompatible_anycompatiblearray", "amph_width_bucket_array($p1, $2)" },
};

static const amph_cast_spelling casts[] = {
	{ AMPH_T_NONE, AMPH_T_BOOL, "amph_bool_in($1)" },
	{ AMPH_T_TEXT, AMPH_T_BOOL, "amph_bool_in($1)" },
	{ AMPH_T_NONE, AMPH_T_INT16, "amph_int2_in($1)" },
	{ AMPH_T_TEXT, AMPH_T_INT16, "amph_int2_in($1)" },
	{ AMPH_T_NONE, AMPH_T_INT32, "amph_int4_in($1)" },
	{ AMPH_T_TEXT, AMPH_T_INT32, "amph_int4_in($1)" },
	{ AMPH_T_NONE, AMPH_T_INT64, "amph_int8_in($1)" },
	{ AMPH_T_TEXT, AMPH_T_INT64, "amph_int8_in($1)" },
	{ AMPH_T_NONE, AMPH_T_FLOAT, "amph_float4_in($1)" },
	{ AMPH_T_TEXT, AMPH_T_FLOAT, "amph_float4_in($1)" },
	{ AMPH_T_NONE, AMPH_T_DOUBLE, "amph_float8_in($1)" },
	{ AMPH_T_TEXT, AMPH_T_DOUBLE, "amph_float8_in($1)" },
	{ AMPH_T_NONE, AMPH_T_NUMERIC, "amph_numeric_in($1)" },
	{ AMPH_T_TEXT, AMPH_T_NUMERIC, "amph_numeric_in($1)" },
	{ AMPH_T_NONE, AMPH_T_BYTES, "amph_bytea_in($1)" },
	{ AMPH_T_TEXT, AMPH_T_BYTES, "amph_bytea_in($1)" },
	{ AMPH_T_NONE, AMPH_T_UUID, "amph_uuid_in($1)" },
	{ AMPH_T_TEXT, AMPH_T_UUID, "amph_uuid_in($1)" },
	{ AMPH_T_NONE, AMPH_T_JSON, "amph_jsonb_in($1)" },
	{ AMPH_T_TEXT, AMPH_T_JSON, "amph_jsonb_in($1)" },
	{ AMPH_T_NONE, AMPH_T_DATE, "amph_date_in($1)" },
	{ AMPH_T_TEXT, AMPH_T_DATE, "amph_date_in($1)" },
	{ AMPH_T_NONE, AMPH_T_TIME, "amph_time_in($1)" },
	{ AMPH_T_TEXT, AMPH_T_TIME, "amph_time_in($1)" },
	{ AMPH_T_NONE, AMPH_T_TIMESTAMP, "amph_timestamp_in($1)" },
	{ AMPH_T_TEXT, AMPH_T_TIMESTAMP, "amph_timestamp_in($1)" },
	{ AMPH_T_NONE, AMPH_T_TIMESTAMPTZ, "amph_timestamptz_in($1)" },
	{ AMPH_T_TEXT, AMPH_T_TIMESTAMPTZ, "amph_timestamptz_in($1)" },
	{ AMPH_T_NONE, AMPH_T_INTERVAL, "amph_interval_in($1)" },
	{ AMPH_T_TEXT, AMPH_T_INTERVAL, "amph_interval_in($1)" },
	{ AMPH_T_NONE, AMPH_T_ENUM, "amph_enum_in($1, $d, $m)" },
	{ AMPH_T_TEXT, AMPH_T_ENUM, "amph_enum_in($1, $d, $m)" },
	{ AMPH_T_NONE, AMPH_T_TSVECTOR, "amph_tsvector_in($1)" },
	{ AMPH_T_TEXT, AMPH_T_TSVECTOR, "amph_tsvector_in($1)" },
	{ AMPH_T_NONE, AMPH_T_TSQUERY, "amph_tsquery_in($1)" },
	{ AMPH_T_TEXT, AMPH_T_TSQUERY, "amph_tsquery_in($1)" },
	{ AMPH_T_NONE, AMPH_T_PLAIN_JSON, "amph_json_in($1)" },
	{ AMPH_T_TEXT, AMPH_T_PLAIN_JSON, "amph_json_in($1)" },
	{ AMPH_T_NONE, AMPH_T_JSONPATH, "amph_jsonpath_in($1)" },
	{ AMPH_T_TEXT, AMPH_T_JSONPATH, "amph_jsonpath_in($1)" },
	{ AMPH_T_NONE, AMPH_T_TEXT, "amph_varchar($1, $l, $e)" },
	{ AMPH_T_TEXT, AMPH_T_TEXT, "amph_varchar($1, $l, $e)" },
	{ AMPH_T_NUMERIC, AMPH_T_NUMERIC, "amph_numeric_fit($1, $l, $s)" },
	{ AMPH_T_TIME, AMPH_T_TIME, "amph_time_round($1, $l)" },
	{ AMPH_T_TIMESTAMP, AMPH_T_TIMESTAMP, "amph_timestamp_round($1, $l)" },
	{ AMPH_T_TIMESTAMPTZ, AMPH_T_TIMESTAMPTZ, "amph_timestamptz_round($1, $l)" },
	{ AMPH_T_INTERVAL, AMPH_T_INTERVAL, "amph_interval_round($1, $l, $s)" },
	{ AMPH_T_BOOL, AMPH_T_TEXT, "amph_bool_out($1)" },
	{ AMPH_T_INT16, AMPH_T_TEXT, "CAST($1 AS TEXT)" },
	{ AMPH_T_INT32, AMPH_T_TEXT, "CAST($1 AS TEXT)" },
	{ AMPH_T_INT64, AMPH_T_TEXT, "CAST($1 AS TEXT)" },
	{ AMPH_T_FLOAT, AMPH_T_TEXT, "amph_float4_out($1)" },
	{ AMPH_T_DOUBLE, AMPH_T_TEXT, "amph_float8_out($1)" },
	{ AMPH_T_NUMERIC, AMPH_T_TEXT, "$1" },
	{ AMPH_T_BYTES, AMPH_T_TEXT, "amph_bytea_out($1)" },
	{ AMPH_T_UUID, AMPH_T_TEXT, "$1" },
	{ AMPH_T_JSON, AMPH_T_TEXT, "$1" },
	{ AMPH_T_DATE, AMPH_T_TEXT, "amph_date_out($1)" },
	{ AMPH_T_TIME, AMPH_T_TEXT, "$1" },
	{ AMPH_T_TIMESTAMP, AMPH_T_TEXT, "amph_timestamp_out($1)" },
	{ AMPH_T_TIMESTAMPTZ, AMPH_T_TEXT, "amph_timestamptz_out($1)" },
	{ AMPH_T_INTERVAL, AMPH_T_TEXT, "$1" },
	{ AMPH_T_ENUM, AMPH_T_TEXT, "$1" },
	{ AMPH_T_TSVECTOR, AMPH_T_TEXT, "$1" },
	{ AMPH_T_TSQUERY, AMPH_T_TEXT, "$1" },
	{ AMPH_T_PLAIN_JSON, AMPH_T_TEXT, "$1" },
	{ AMPH_T_PLAIN_JSON, AMPH_T_JSON, "amph_jsonb_in($1)" },
	{ AMPH_T_JSON, AMPH_T_PLAIN_JSON, "$1" },
	{ AMPH_T_JSONPATH, AMPH_T_TEXT, "$1" },
	{ AMPH_T_INT16, AMPH_T_INT32, "$1" },
	{ AMPH_T_INT16, AMPH_T_INT64, "$1" },
	{ AMPH_T_INT16, AMPH_T_FLOAT, "amph_float8_float4(CAST($1 AS REAL))" },
	{ AMPH_T_INT16, AMPH_T_DOUBLE, "CAST($1 AS REAL)" },
	{ AMPH_T_INT16, AMPH_T_NUMERIC, "CAST($1 AS TEXT)" },
	{ AMPH_T_FLOAT, AMPH_T_INT16, "amph_float8_int2($1)" },
	{ AMPH_T_DOUBLE, AMPH_T_INT16, "amph_float8_int2($1)" },
	{ AMPH_T_NUMERIC, AMPH_T_INT16, "amph_numeric_int2($1)" },
	{ AMPH_T_JSON, AMPH_T_INT16, "amph_jsonb_int2($1)" },
	{ AMPH_T_INT32, AMPH_T_INT16, "amph_int_int2($1)" },
	{ AMPH_T_INT32, AMPH_T_INT64, "$1" },
	{ AMPH_T_INT32, AMPH_T_FLOAT, "amph_float8_float4(CAST($1 AS REAL))" },
	{ AMPH_T_INT32, AMPH_T_DOUBLE, "CAST($1 AS REAL)" },
	{ AMPH_T_INT32, AMPH_T_NUMERIC, "CAST($1 AS TEXT)" },
	{ AMPH_T_FLOAT, AMPH_T_INT32, "amph_float8_int4($1)" },
	{ AMPH_T_DOUBLE, AMPH_T_INT32, "amph_float8_int4($1)" },
	{ AMPH_T_NUMERIC, AMPH_T_INT32, "amph_numeric_int4($1)" },
	{ AMPH_T_JSON, AMPH_T_INT32, "amph_jsonb_int4($1)" },
	{ AMPH_T_INT64, AMPH_T_INT16, "amph_int_int2($1)" },
	{ AMPH_T_INT64, AMPH_T_INT32, "amph_int_int4($1)" },
	{ AMPH_T_INT64, AMPH_T_FLOAT, "amph_float8_float4(CAST($1 AS REAL))" },
	{ AMPH_T_INT64, AMPH_T_DOUBLE, "CAST($1 AS REAL)" },
	{ AMPH_T_INT64, AMPH_T_NUMERIC, "CAST($1 AS TEXT)" },
	{ AMPH_T_FLOAT, AMPH_T_INT64, "amph_float8_int8($1)" },
	{ AMPH_T_DOUBLE, AMPH_T_INT64, "amph_float8_int8($1)" },
	{ AMPH_T_NUMERIC, AMPH_T_INT64, "amph_numeric_int8($1)" },
	{ AMPH_T_JSON, AMPH_T_INT64, "amph_jsonb_int8($1)" },
	{ AMPH_T_INT32, AMPH_T_BOOL, "$1 <> 0" },
	{ AMPH_T_BOOL, AMPH_T_INT32, "$1" },
	{ AMPH_T_FLOAT, AMPH_T_DOUBLE, "$1" },
	{ AMPH_T_FLOAT, AMPH_T_FLOAT, "amph_float8_stored($1)" },
	{ AMPH_T_DOUBLE, AMPH_T_DOUBLE, "amph_float8_stored($1)" },
	{ AMPH_T_DOUBLE, AMPH_T_FLOAT, "amph_float8_float4($1)" },
	{ AMPH_T_FLOAT, AMPH_T_NUMERIC, "amph_float4_numeric($1)" },
	{ AMPH_T_DOUBLE, AMPH_T_NUMERIC, "amph_float8_numeric($1)" },
	{ AMPH_T_NUMERIC, AMPH_T_FLOAT, "amph_numeric_float4($1)" },
	{ AMPH_T_NUMERIC, AMPH_T_DOUBLE, "amph_numeric_float8($1)" },
	{ AMPH_T_JSON, AMPH_T_BOOL, "amph_jsonb_bool($1)" },
	{ AMPH_T_JSON, AMPH_T_FLOAT, "amph_jsonb_float4($1)" },
	{ AMPH_T_JSON, AMPH_T_DOUBLE, "amph_jsonb_float8($1)" },
	{ AMPH_T_JSON, AMPH_T_NUMERIC, "amph_jsonb_numeric($1)" },
	{ AMPH_T_DATE, AMPH_T_TIMESTAMP, "amph_date_timestamp($1)" },
	{ AMPH_T_DATE, AMPH_T_TIMESTAMPTZ, "amph_date_timestamptz($1)" },
	{ AMPH_T_TIME, AMPH_T_INTERVAL, "amph_time_interval($1)" },
	{ AMPH_T_TIMESTAMP, AMPH_T_DATE, "amph_timestamp_date($1)" },
	{ AMPH_T_TIMESTAMP, AMPH_T_TIME, "amph_timestamp_time($1)" },
	{ AMPH_T_TIMESTAMP, AMPH_T_TIMESTAMPTZ, "amph_timestamp_timestamptz($1)" },
	{ AMPH_T_TIMESTAMPTZ, AMPH_T_DATE, "amph_timestamptz_date($1)" },
	{ AMPH_T_TIMESTAMPTZ, AMPH_T_TIME, "amph_timestamptz_time($1)" },
	{ AMPH_T_TIMESTAMPTZ, AMPH_T_TIMESTAMP, "amph_timestamptz_timestamp($1)" },
	{ AMPH_T_INTERVAL, AMPH_T_TIME, "amph_interval_time($1)" },
	{ AMPH_T_ROW_VALUE, AMPH_T_TEXT, "$1" },
	{ AMPH_T_REGTYPE, AMPH_T_TEXT, "$1" },
	{ AMPH_T_TEXT, AMPH_T_REGTYPE, "$1" },
	{ AMPH_T_NONE, AMPH_T_ARRAY, "amph_array_in($1, $d)" },
	{ AMPH_T_TEXT, AMPH_T_ARRAY, "amph_array_in($1, $d)" },
	{ AMPH_T_ARRAY, AMPH_T_TEXT, "$1" },
	{ AMPH_T_ARRAY, AMPH_T_ARRAY, "amph_array_cast($p1, $d)" }
};

static int base_type(const amph_sqltype *type)
{
	return type->type & ~(AMPH_T_ARRAY | AMPH_T_NULLABLE);
}

static void write_placeholder(amph_writer *w, size_t number, const amph_sqltype *type)
{
	(void)type;
	amph_write_format(w, "?%zu", number);
}

static void write_rows(amph_writer *w, size_t param, const char *alias, const amph_sqltype *types,
		       const char *const *names, size_t n)
{
	(void)types;
	(void)names;
	amph_write_text(w, n > 64 ? "amph_rows_wide(" : "amph_rows(");
	amph_write_placeholder(w, param, 0);
	amph_write_text(w, ") AS ");
	amph_write_name(w, alias);
}

static void write_enum_order(amph_writer *w, const sql_expr *e)
{
	const amph_enum_type *labels = amph_expr_type(e)->enumeration;

	amph_write_text(w, "(CASE ");
	amph_write_expr(w, e);
	for (size_t i = 0; labels && i < labels->n_labels; i++) {
		amph_write_text(w, " WHEN ");
		amph_write_literal(w, labels->labels[i]);
		amph_write_format(w, " THEN %zu", i);
	}
	amph_write_text(w, " END)");
}

/* Arrays compare element by element; the text of most is equal where they are, and no more. */
static const char *collation_of(const amph_sqltype *type, amph_use use)
{
	static const char *const arrays[AMPH_T_COUNT] = {
		[AMPH_T_BOOL] = "amph_array_bool", [AMPH_T_INT16] = "amph_array_int",
		[AMPH_T_INT32] = "amph_array_int", [AMPH_T_INT64] = "amph_array_int",
		[AMPH_T_FLOAT] = "amph_array_float", [AMPH_T_DOUBLE] = "amph_array_float",
		[AMPH_T_NUMERIC] = "amph_array_numeric", [AMPH_T_TEXT] = "amph_array_text",
		[AMPH_T_BYTES] = "amph_array_text", [AMPH_T_UUID] = "amph_array_text",
		[AMPH_T_JSON] = "amph_array_jsonb", [AMPH_T_DATE] = "amph_array_date",
		[AMPH_T_TIME] = "amph_array_text", [AMPH_T_TIMESTAMP] = "amph_array_timestamp",
		[AMPH_T_TIMESTAMPTZ] = "amph_array_timestamptz",
		[AMPH_T_INTERVAL] = "amph_array_interval"
	};
	int base = base_type(type);

	if (base >= AMPH_T_COUNT)
		return NULL;
	if (base == AMPH_T_TEXT && type->scale == 1 && type->length)
		return type->type & AMPH_T_ARRAY ? "amph_array_bpchar" : "RTRIM";
	if (!(type->type & AMPH_T_ARRAY))
		return type_names[base].collation;
	return use == AMPH_USE_ORDER || type_names[base].collation ? arrays[base] : NULL;
}

static bool is_text(const amph_sqltype *type)
{
	int base = base_type(type);

	return base < AMPH_T_COUNT && type_names[base].name && !strcmp(type_names[base].name, "TEXT");
}

static bool has_collation(const amph_sqltype *type)
{
	return collation_of(type, AMPH_USE_ORDER) != NULL;
}

static bool is_record(const amph_sqltype *type)
{
	return base_type(type) == AMPH_T_ROW_VALUE && type->enumeration;
}

/* Its name says what the columns of the record are, see functions/record.c. */
static void write_record_order(amph_writer *w, const sql_expr *e, amph_use use)
{
	const amph_sqltype *type = amph_expr_type(e);

	if (use == AMPH_USE_RESULT && strstr(type->enumeration->name, "\"unknown\"")) {
		amph_write_expr(w, e);
		return;
	}
	if (strstr(type->enumeration->name, "\"unknown\""))
		amph_write_refuse(w, -1, "Comparing rows that have literals without a type");
	amph_write_text(w, "(");
	amph_write_expr(w, e);
	amph_write_text(w, " COLLATE \"amph_record_");
	for (const char *p = type->enumeration->name; *p; p++)
		amph_write_format(w, "%02x", (unsigned char)*p);
	amph_write_text(w, type->type & AMPH_T_ARRAY ? "_array\")" : "\")");
}

/* A collation inside of an expression would become the expression's, and compare its text too. */
static void write_operand(amph_writer *w, const sql_expr *e, amph_use use)
{
	const amph_sqltype *type = amph_expr_type(e);
	const char *collation = collation_of(type, use);

	if (is_record(type)) {
		write_record_order(w, e, use);
		return;
	}
	if (!collation && is_text(type) && amph_expr_inherits(e, has_collation))
		collation = "binary";

	if (type->type == AMPH_T_ENUM && use == AMPH_USE_ORDER) {
		write_enum_order(w, e);
		return;
	}
	if (!collation) {
		amph_write_tested(w, e);
		return;
	}
	amph_write_text(w, "(");
	amph_write_expr(w, e);
	amph_write_format(w, " COLLATE \"%s\")", collation);
}

static void write_in_rows(amph_writer *w, const sql_expr *left, size_t param, bool negated)
{
	amph_write_text(w, "(");
	write_operand(w, left, AMPH_USE_EQUAL);
	amph_write_text(w, negated ? " NOT IN (SELECT \"c0\" FROM amph_rows("
				   : " IN (SELECT \"c0\" FROM amph_rows(");
	amph_write_placeholder(w, param, 0);
	amph_write_text(w, ")))");
}

/* An INTEGER PRIMARY KEY numbers itself. */
static void write_identity(amph_writer *w, bool always)
{
	(void)w;
	(void)always;
}

/* ---- constants: as SQLite stores the value that the text stands for ---- */

static void write_real(amph_writer *w, double value)
{
	char text[32];

	if (value - value != 0) {
		amph_write_text(w, value > 0 ? "9e999" : "(-9e999)");
		return;
	}
	snprintf(text, sizeof(text), "%.17g", value);
	amph__ascii_point(text);
	amph_write_text(w, value < 0 ? "(" : "");
	amph_write_text(w, text);
	if (!strpbrk(text, ".e"))
		amph_write_text(w, ".0");
	amph_write_text(w, value < 0 ? ")" : "");
}

static void write_blob(amph_writer *w, const sl_stored *v)
{
	amph_write_text(w, "x'");
	for (size_t i = 0; i < v->len; i++)
		amph_write_format(w, "%02x", (unsigned char)v->text[i]);
	amph_write_text(w, "'");
}

static void write_integer(amph_writer *w, int64_t n)
{
	amph_write_format(w, n < 0 ? "(%lld)" : "%lld", (long long)n);
}

static void write_const(amph_writer *w, const char *text, const amph_sqltype *type)
{
	sl_stored v;
	amph_error err;

	if (!text) {
		amph_write_text(w, "NULL");
		return;
	}
	if (!amph__sl_store(amph_write_arena(w), type, text, strlen(text), &v, &err)) {
		amph__error_withhold(&err);
		amph_write_fail(w, &err);
	} else if (v.kind == SQLITE_INTEGER)
		write_integer(w, v.integer);
	else if (v.kind == SQLITE_FLOAT)
		write_real(w, v.real);
	else if (v.kind == SQLITE_BLOB)
		write_blob(w, &v);
	else
		amph_write_literal(w, v.text);
}

const amph_dialect amph__sl_dialect = {
	.name = "SQLite",
	.flags = AMPH_DIALECT_WRITE_NULLS | AMPH_DIALECT_INLINE_FOREIGN_KEYS |
		 AMPH_DIALECT_EXPRESSION_DEFAULTS | AMPH_DIALECT_NUMBERED_COLUMNS |
		 AMPH_DIALECT_LISTED_ONLY | AMPH_DIALECT_BARE_RETURNING |
		 AMPH_DIALECT_CATALOG_TABLE,
	.max_params = 32766,
	.types = type_names,
	.array = &array_name,
	.spellings = spellings,
	.n_spellings = sizeof(spellings) / sizeof(spellings[0]),
	.casts = casts,
	.n_casts = sizeof(casts) / sizeof(casts[0]),
	.function_prefix = "amph_",
	.methods = methods,
	.n_methods = sizeof(methods) / sizeof(methods[0]),
	.main_schema = "main",
	.row_id = "_rowid_",
	.table_options = " STRICT",
	.begin_read = "BEGIN",
	.begin_write = "BEGIN IMMEDIATE",
	.begin_serializable = "BEGIN IMMEDIATE",
	.begin_read_only = "BEGIN READ ONLY",
	.begin_repeatable = "BEGIN",
	.commit = "COMMIT",
	.rollback = "ROLLBACK",
	.savepoint = "SAVEPOINT amph_%u",
	.release = "RELEASE amph_%u",
	.rollback_to = "ROLLBACK TO amph_%u",
	.touch_schema = { "CREATE TABLE main.amphora_changed (n INTEGER) STRICT",
			  "DROP TABLE main.amphora_changed" },
	.rebuild_begin = "SELECT amph_references(0)",
	.rebuild_end = "SELECT amph_references(1)",
	.defer_foreign_keys = "PRAGMA defer_foreign_keys = ON",
	.write_placeholder = write_placeholder,
	.write_rows = write_rows,
	.write_in_rows = write_in_rows,
	.write_operand = write_operand,
	.write_identity = write_identity,
	.write_const = write_const,
	.has_function = amph__sl_has_function
};
