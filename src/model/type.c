/* The types: one row each. */
#include "type.h"
#include <stdio.h>
#include <string.h>

/* A type that says NULL by its has, and one that says it by its pointer. */
#define SCALAR_(T, name)                                                                       \
	.size = sizeof(T), .opt_size = sizeof(amph_opt_##name),                                \
	.has_offset = offsetof(amph_opt_##name, has), .compare = amph__##name##_order
#define POINTER_(T, name)                                                                      \
	.size = sizeof(T), .opt_size = sizeof(T), .is_pointer = true,                          \
	.compare = amph__##name##_order
#define TEXT_FORM_(name) .parse = amph__##name##_read, .format = amph__##name##_write

const amph_type_info amph__types[AMPH_T_COUNT] = {
	[AMPH_T_NONE] = { "unknown", "unknown", 705, 0, .size = 0 },
	[AMPH_T_BOOL] = { "boolean", "bool", 16, 1000, SCALAR_(bool, bool), TEXT_FORM_(bool) },
	[AMPH_T_INT16] = { "smallint", "int2", 21, 1005, SCALAR_(int16_t, int16),
			   TEXT_FORM_(int16) },
	[AMPH_T_INT32] = { "integer", "int4", 23, 1007, SCALAR_(int32_t, int32),
			   TEXT_FORM_(int32) },
	[AMPH_T_INT64] = { "bigint", "int8", 20, 1016, SCALAR_(int64_t, int64),
			   TEXT_FORM_(int64) },
	[AMPH_T_FLOAT] = { "real", "float4", 700, 1021, SCALAR_(float, float),
			   TEXT_FORM_(float) },
	[AMPH_T_DOUBLE] = { "double precision", "float8", 701, 1022, SCALAR_(double, double),
			    TEXT_FORM_(double) },
	[AMPH_T_NUMERIC] = { "numeric", "numeric", 1700, 1231, SCALAR_(amph_numeric, numeric),
			     TEXT_FORM_(numeric) },
	[AMPH_T_TEXT] = { "text", "text", 25, 1009, POINTER_(const char *, text),
			  TEXT_FORM_(text) },
	[AMPH_T_BYTES] = { "bytea", "bytea", 17, 1001, POINTER_(amph_bytes, bytes),
			   TEXT_FORM_(bytes) },
	[AMPH_T_UUID] = { "uuid", "uuid", 2950, 2951, SCALAR_(amph_uuid, uuid),
			  TEXT_FORM_(uuid) },
	[AMPH_T_JSON] = { "jsonb", "jsonb", 3802, 3807, POINTER_(amph_json, json),
			  TEXT_FORM_(json) },
	[AMPH_T_DATE] = { "date", "date", 1082, 1182, SCALAR_(amph_date, date),
			  TEXT_FORM_(date) },
	[AMPH_T_TIME] = { "time without time zone", "time", 1083, 1183, SCALAR_(amph_time, time),
			  TEXT_FORM_(time) },
	[AMPH_T_TIMESTAMP] = { "timestamp without time zone", "timestamp", 1114, 1115,
			       SCALAR_(amph_timestamp, timestamp), TEXT_FORM_(timestamp) },
	[AMPH_T_TIMESTAMPTZ] = { "timestamp with time zone", "timestamptz", 1184, 1185,
				 SCALAR_(amph_timestamptz, timestamptz),
				 TEXT_FORM_(timestamptz) },
	[AMPH_T_INTERVAL] = { "interval", "interval", 1186, 1187,
			      SCALAR_(amph_interval, interval), TEXT_FORM_(interval) },
	[AMPH_T_ENUM] = { "enum", "enum", 0, 0, SCALAR_(unsigned, enum) },
	[AMPH_T_TSVECTOR] = { "tsvector", "tsvector", 3614, 3643, .size = 0 },
	[AMPH_T_TSQUERY] = { "tsquery", "tsquery", 3615, 3645, .size = 0 },
	[AMPH_T_PLAIN_JSON] = { "json", "json", 114, 199, .size = 0 },
	[AMPH_T_JSONPATH] = { "jsonpath", "jsonpath", 4072, 4073, .size = 0 },
};

size_t amph_type_size(int type, bool nullable)
{
	int element = type & ~(AMPH_T_ARRAY | AMPH_T_NULLABLE);
	if ((type & AMPH_T_ARRAY) != 0)
		return sizeof(amph_text_array);
	if (element < 0 || element >= AMPH_T_COUNT)
		return 0;
	bool has = nullable || (type & AMPH_T_NULLABLE) != 0;
	return has ? amph__types[element].opt_size : amph__types[element].size;
}

size_t amph_type_has_offset(int type)
{
	int element = type & ~(AMPH_T_ARRAY | AMPH_T_NULLABLE);
	bool scalar = (type & AMPH_T_ARRAY) == 0 && element >= 0 && element < AMPH_T_COUNT;
	return scalar ? amph__types[element].has_offset : 0;
}

const char *amph__type_name(amph_sqltype type, char *buf, size_t size)
{
	int element = type.type & ~(AMPH_T_ARRAY | AMPH_T_NULLABLE);
	const char *array = (type.type & AMPH_T_ARRAY) != 0 ? "[]" : "";
	const char *name = element < AMPH_T_COUNT ? amph__types[element].name : "unknown";
	if (element == AMPH_T_ROW_VALUE)
		name = "record";
	if (element == AMPH_T_REGTYPE)
		name = "regtype";
	if (element == AMPH_T_ENUM && type.enumeration != NULL)
		name = type.enumeration->name;
	if (element == AMPH_T_TEXT && type.length > 0 && type.scale == 1)
		snprintf(buf, size, "character(%d)%s", (int)type.length, array);
	else if (element == AMPH_T_TEXT && type.length > 0)
		snprintf(buf, size, "character varying(%d)%s", (int)type.length, array);
	else if (element == AMPH_T_NUMERIC && type.length > 0)
		snprintf(buf, size, "numeric(%d,%d)%s", (int)type.length, type.scale, array);
	else
		snprintf(buf, size, "%s%s", name, array);
	return buf;
}

const char *amph__type_identifier(amph_sqltype type, char buf[AMPH_TYPE_NAME_SIZE])
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz_";
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz_0123456789$";
	int element = type.type & ~(AMPH_T_ARRAY | AMPH_T_NULLABLE);
	const char *array = type.type & AMPH_T_ARRAY ? "[]" : "";
	char name[AMPH_TYPE_NAME_SIZE - 8];
	const char *text = "unknown";

	if (element == AMPH_T_TEXT && type.length)
		text = type.scale == 1 ? "character" : "character varying";
	else if (element != AMPH_T_NONE)
		text = amph__type_name((amph_sqltype){ .type = (uint8_t)element,
						       .enumeration = type.enumeration }, name, sizeof name);
	bool quoted = element == AMPH_T_ENUM && (!strchr(letters, text[0]) || text[strspn(text, plain)]);
	snprintf(buf, AMPH_TYPE_NAME_SIZE, quoted ? "\"%s\"%s" : "%s%s", text, array);
	return buf;
}
