/* Names of types, as casts have them. */
#include "parse.h"
#include <string.h>

/* What may stand in parentheses after a type's name. */
typedef enum modifier_kind {
	MODIFIER_NONE, MODIFIER_LENGTH, MODIFIER_NUMERIC, MODIFIER_SECONDS
} modifier_kind;

typedef struct type_name {
	const char *name;               /* PostgreSQL's own, as its grammar makes them */
	amph_type type;
	modifier_kind modifier;
} type_name;

static const type_name type_names[] = {
	{ "bool", AMPH_T_BOOL, MODIFIER_NONE },
	{ "int2", AMPH_T_INT16, MODIFIER_NONE },
	{ "int4", AMPH_T_INT32, MODIFIER_NONE },
	{ "int8", AMPH_T_INT64, MODIFIER_NONE },
	{ "float4", AMPH_T_FLOAT, MODIFIER_NONE },
	{ "float8", AMPH_T_DOUBLE, MODIFIER_NONE },
	{ "numeric", AMPH_T_NUMERIC, MODIFIER_NUMERIC },
	{ "text", AMPH_T_TEXT, MODIFIER_NONE },
	{ "varchar", AMPH_T_TEXT, MODIFIER_LENGTH },
	{ "bpchar", AMPH_T_TEXT, MODIFIER_LENGTH },
	{ "bytea", AMPH_T_BYTES, MODIFIER_NONE },
	{ "uuid", AMPH_T_UUID, MODIFIER_NONE },
	{ "jsonb", AMPH_T_JSON, MODIFIER_NONE },
	{ "date", AMPH_T_DATE, MODIFIER_NONE },
	{ "time", AMPH_T_TIME, MODIFIER_SECONDS },
	{ "timestamp", AMPH_T_TIMESTAMP, MODIFIER_SECONDS },
	{ "timestamptz", AMPH_T_TIMESTAMPTZ, MODIFIER_SECONDS },
	{ "interval", AMPH_T_INTERVAL, MODIFIER_SECONDS },
	{ "tsvector", AMPH_T_TSVECTOR, MODIFIER_NONE },
	{ "tsquery", AMPH_T_TSQUERY, MODIFIER_NONE },
	{ "json", AMPH_T_PLAIN_JSON, MODIFIER_NONE },
	{ "jsonpath", AMPH_T_JSONPATH, MODIFIER_NONE }
};

/* PostgreSQL's types that we do not have; any other name can only be an enum. */
static const char *const other_types[] = {
	"aclitem", "any", "anyarray", "anyelement", "anyenum", "bit", "box", "char", "cid",
	"cidr", "circle", "cstring", "datemultirange", "daterange", "inet", "int2vector",
	"int4multirange", "int4range", "int8multirange", "int8range", "line",
	"lseg", "macaddr", "macaddr8", "money", "name", "nummultirange", "numrange", "oid",
	"oidvector", "path", "pg_lsn", "pg_snapshot", "point", "polygon", "record", "refcursor",
	"regclass", "regcollation", "regconfig", "regdictionary", "regnamespace", "regoper",
	"regoperator", "regproc", "regprocedure", "regrole", "regtype", "tid", "timetz",
	"tsmultirange", "tsrange", "tstzmultirange", "tstzrange", "txid_snapshot", "unknown",
	"varbit", "void", "xid", "xid8", "xml"
};

enum { MAX_LENGTH = 10485760, MAX_PRECISION = 1000, ALL_FIELDS = 0x7FFF, MAX_SECONDS = 6 };

static const type_name *find_type(const char *name)
{
	for (size_t i = 0; i < sizeof(type_names) / sizeof(type_names[0]); i++)
		if (!strcmp(type_names[i].name, name))
			return &type_names[i];
	return NULL;
}

static bool is_other_type(const char *name)
{
	for (size_t i = 0; i < sizeof(other_types) / sizeof(other_types[0]); i++)
		if (!strcmp(other_types[i], name))
			return true;
	return false;
}

static bool read_modifiers(sql_parser *p, const PgQuery__TypeName *t, int *values)
{
	if (t->n_typmods > 2)
		return amph__parse_fail(p, t->location, "22023", "invalid type modifier");
	for (size_t i = 0; i < t->n_typmods; i++) {
		const pg_node *n = t->typmods[i];

		if (n->node_case != PG_QUERY__NODE__NODE_A_CONST ||
		    n->a_const->val_case != PG_QUERY__A__CONST__VAL_IVAL)
			return amph__parse_fail(p, t->location, "42601",
						"type modifiers must be simple constants");
		values[i] = n->a_const->ival->ival;
	}
	return true;
}

static bool set_length(sql_parser *p, const PgQuery__TypeName *t, const int *values,
		       amph_sqltype *type)
{
	if (t->n_typmods != 1 || values[0] < 1)
		return amph__parse_fail(p, t->location, "22023",
					"length for type varchar must be at least 1");
	if (values[0] > MAX_LENGTH)
		return amph__parse_fail(p, t->location, "22023",
					"length for type varchar cannot exceed %d", (int)MAX_LENGTH);
	type->length = values[0];
	return true;
}

static bool set_precision(sql_parser *p, const PgQuery__TypeName *t, const int *values,
			  amph_sqltype *type)
{
	int scale = t->n_typmods == 2 ? values[1] : 0;

	if (values[0] < 1 || values[0] > MAX_PRECISION)
		return amph__parse_fail(p, t->location, "22023",
					"NUMERIC precision %d must be between 1 and %d", values[0],
					(int)MAX_PRECISION);
	if (scale < -MAX_PRECISION || scale > MAX_PRECISION)
		return amph__parse_fail(p, t->location, "22023",
					"NUMERIC scale %d must be between -%d and %d", scale,
					(int)MAX_PRECISION, (int)MAX_PRECISION);
	type->length = values[0];
	type->scale = (int16_t)scale;
	return true;
}

/* The length is the number of digits and one, of an interval of certain fields, which are its scale, at
 * least all digits. */
static bool set_seconds(sql_parser *p, const PgQuery__TypeName *t, const int *values,
			const type_name *name, amph_sqltype *type)
{
	size_t i = 0;

	if (name->type == AMPH_T_INTERVAL) {
		i = 1;
		if (values[0] != ALL_FIELDS) {
			type->scale = (int16_t)values[0];
			type->length = MAX_SECONDS + 1;
		}
	}
	if (i >= t->n_typmods || values[i] >= MAX_SECONDS)
		return true;
	if (values[i] < 0)
		return amph__parse_fail(p, t->location, "22023", "the precision of seconds must not be "
					"negative");
	type->length = values[i] + 1;
	return true;
}

static bool set_modifiers(sql_parser *p, const PgQuery__TypeName *t, const type_name *name,
			  amph_sqltype *type)
{
	int values[2] = { 0, 0 };

	if (t->n_typmods == 0)
		return true;
	if (!read_modifiers(p, t, values))
		return false;
	if (t->n_array_bounds && name->modifier == MODIFIER_SECONDS)
		return amph__parse_refuse(p, t->location, "a precision of an array's elements");
	switch (name->modifier) {
	case MODIFIER_LENGTH:
		return set_length(p, t, values, type);
	case MODIFIER_NUMERIC:
		return set_precision(p, t, values, type);
	case MODIFIER_SECONDS:
		return set_seconds(p, t, values, name, type);
	case MODIFIER_NONE:
		break;
	}
	return amph__parse_fail(p, t->location, "42601",
				"type modifier is not allowed for type \"%s\"", name->name);
}

static bool parse_name(sql_parser *p, const PgQuery__TypeName *t, const char *name,
		       amph_sqltype *type, const char **enum_name)
{
	bool array = name[0] == '_' && find_type(name + 1);
	const type_name *known = find_type(name + array);

	if (known) {
		type->type = (uint8_t)known->type;
		type->length = known->modifier == MODIFIER_LENGTH ? -1 : 0;
		type->scale = !strcmp(known->name, "bpchar");
		type->type |= array ? AMPH_T_ARRAY : 0;
		return set_modifiers(p, t, known, type);
	}
	if (is_other_type(name) || (name[0] == '_' && is_other_type(name + 1)) || t->n_names > 1)
		return amph__parse_refuse(p, t->location,
					  amph__arena_printf(p->arena, "the type \"%s\"", name));
	type->type = AMPH_T_ENUM;
	*enum_name = name;
	return true;
}

const char *amph__array_type_name(sql_parser *p, const PgQuery__TypeName *t)
{
	const char *name = t->n_array_bounds ? NULL
		: amph__parse_system_name(p, t->n_names, t->names, t->location);

	return name && name[0] == '_' ? name : NULL;
}

bool amph__parse_type(sql_parser *p, const PgQuery__TypeName *t, amph_sqltype *type,
		      const char **enum_name)
{
	const char *name = amph__parse_system_name(p, t->n_names, t->names, t->location);

	*type = (amph_sqltype){ .nullable = true };
	*enum_name = NULL;
	if (!name)
		return false;
	if (t->setof || t->pct_type)
		return amph__parse_refuse(p, t->location, t->setof ? "SETOF" : "%TYPE");
	if (!parse_name(p, t, name, type, enum_name))
		return false;
	if (t->n_array_bounds > 0)
		type->type |= AMPH_T_ARRAY;
	return true;
}
