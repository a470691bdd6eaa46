/* What refusals call the parts of a statement that we do not have: SQL's words for libpg_query's nodes. */
#include "parse.h"
#include "../../base/ascii.h"
#include "pg_query.h"
#include <string.h>

/* Of statements the words are those of the node's name, as in create_role_stmt, where nothing else is said
 * here; of other nodes the name itself. */
static const struct { PgQuery__Node__NodeCase kind; const char *name; } names[] = {
	{ PG_QUERY__NODE__NODE_XML_EXPR, "XML" },
	{ PG_QUERY__NODE__NODE_XML_SERIALIZE, "XMLSERIALIZE" },
	{ PG_QUERY__NODE__NODE_GROUPING_FUNC, "GROUPING" },
	{ PG_QUERY__NODE__NODE_GROUPING_SET, "GROUPING SETS, ROLLUP or CUBE" },
	{ PG_QUERY__NODE__NODE_CURRENT_OF_EXPR, "CURRENT OF" },
	{ PG_QUERY__NODE__NODE_NAMED_ARG_EXPR, "a named argument" },
	{ PG_QUERY__NODE__NODE_MULTI_ASSIGN_REF, "an assignment to several columns" },
	{ PG_QUERY__NODE__NODE_SET_TO_DEFAULT, "DEFAULT here" },
	{ PG_QUERY__NODE__NODE_RANGE_TABLE_SAMPLE, "TABLESAMPLE" },
	{ PG_QUERY__NODE__NODE_RANGE_TABLE_FUNC, "XMLTABLE" },
	{ PG_QUERY__NODE__NODE_TRANSACTION_STMT, "a transaction statement" },
	{ PG_QUERY__NODE__NODE_VARIABLE_SET_STMT, "SET" },
	{ PG_QUERY__NODE__NODE_VARIABLE_SHOW_STMT, "SHOW" },
	{ PG_QUERY__NODE__NODE_CREATE_STMT, "CREATE TABLE" },
	{ PG_QUERY__NODE__NODE_INDEX_STMT, "CREATE INDEX" },
	{ PG_QUERY__NODE__NODE_GRANT_ROLE_STMT, "GRANT of a role" },
	{ PG_QUERY__NODE__NODE_CLOSE_PORTAL_STMT, "CLOSE" },
	{ PG_QUERY__NODE__NODE_DEFINE_STMT, "CREATE AGGREGATE, OPERATOR, TYPE or the like" },
	{ PG_QUERY__NODE__NODE_RENAME_STMT, "ALTER ... RENAME" },
	{ PG_QUERY__NODE__NODE_RULE_STMT, "CREATE RULE" },
	{ PG_QUERY__NODE__NODE_VIEW_STMT, "CREATE VIEW" },
	{ PG_QUERY__NODE__NODE_CREATEDB_STMT, "CREATE DATABASE" },
	{ PG_QUERY__NODE__NODE_DROPDB_STMT, "DROP DATABASE" },
	{ PG_QUERY__NODE__NODE_CREATE_SEQ_STMT, "CREATE SEQUENCE" },
	{ PG_QUERY__NODE__NODE_ALTER_SEQ_STMT, "ALTER SEQUENCE" },
	{ PG_QUERY__NODE__NODE_CREATE_TRIG_STMT, "CREATE TRIGGER" },
	{ PG_QUERY__NODE__NODE_CREATE_PLANG_STMT, "CREATE LANGUAGE" },
	{ PG_QUERY__NODE__NODE_CONSTRAINTS_SET_STMT, "SET CONSTRAINTS" },
	{ PG_QUERY__NODE__NODE_CHECK_POINT_STMT, "CHECKPOINT" },
	{ PG_QUERY__NODE__NODE_ALTER_DATABASE_REFRESH_COLL_STMT, "ALTER DATABASE" },
	{ PG_QUERY__NODE__NODE_ALTER_DATABASE_SET_STMT, "ALTER DATABASE" },
	{ PG_QUERY__NODE__NODE_ALTER_ROLE_SET_STMT, "ALTER ROLE" },
	{ PG_QUERY__NODE__NODE_CREATE_OP_CLASS_STMT, "CREATE OPERATOR CLASS" },
	{ PG_QUERY__NODE__NODE_CREATE_OP_FAMILY_STMT, "CREATE OPERATOR FAMILY" },
	{ PG_QUERY__NODE__NODE_ALTER_OP_FAMILY_STMT, "ALTER OPERATOR FAMILY" },
	{ PG_QUERY__NODE__NODE_DECLARE_CURSOR_STMT, "DECLARE" },
	{ PG_QUERY__NODE__NODE_CREATE_TABLE_SPACE_STMT, "CREATE TABLESPACE" },
	{ PG_QUERY__NODE__NODE_DROP_TABLE_SPACE_STMT, "DROP TABLESPACE" },
	{ PG_QUERY__NODE__NODE_ALTER_OBJECT_DEPENDS_STMT, "ALTER ... DEPENDS ON EXTENSION" },
	{ PG_QUERY__NODE__NODE_ALTER_OBJECT_SCHEMA_STMT, "ALTER ... SET SCHEMA" },
	{ PG_QUERY__NODE__NODE_ALTER_OWNER_STMT, "ALTER ... OWNER TO" },
	{ PG_QUERY__NODE__NODE_COMPOSITE_TYPE_STMT, "CREATE TYPE of fields" },
	{ PG_QUERY__NODE__NODE_CREATE_ENUM_STMT, "CREATE TYPE ... AS ENUM" },
	{ PG_QUERY__NODE__NODE_CREATE_RANGE_STMT, "CREATE TYPE ... AS RANGE" },
	{ PG_QUERY__NODE__NODE_ALTER_ENUM_STMT, "ALTER TYPE of an enum" },
	{ PG_QUERY__NODE__NODE_ALTER_TSDICTIONARY_STMT, "ALTER TEXT SEARCH DICTIONARY" },
	{ PG_QUERY__NODE__NODE_ALTER_TSCONFIGURATION_STMT, "ALTER TEXT SEARCH CONFIGURATION" },
	{ PG_QUERY__NODE__NODE_CREATE_FDW_STMT, "CREATE FOREIGN DATA WRAPPER" },
	{ PG_QUERY__NODE__NODE_ALTER_FDW_STMT, "ALTER FOREIGN DATA WRAPPER" },
	{ PG_QUERY__NODE__NODE_CREATE_FOREIGN_SERVER_STMT, "CREATE SERVER" },
	{ PG_QUERY__NODE__NODE_ALTER_FOREIGN_SERVER_STMT, "ALTER SERVER" },
	{ PG_QUERY__NODE__NODE_ALTER_TABLE_SPACE_OPTIONS_STMT, "ALTER TABLESPACE" },
	{ PG_QUERY__NODE__NODE_ALTER_TABLE_MOVE_ALL_STMT, "ALTER TABLE ALL IN TABLESPACE" },
	{ PG_QUERY__NODE__NODE_SEC_LABEL_STMT, "SECURITY LABEL" },
	{ PG_QUERY__NODE__NODE_ALTER_EXTENSION_CONTENTS_STMT, "ALTER EXTENSION" },
	{ PG_QUERY__NODE__NODE_CREATE_EVENT_TRIG_STMT, "CREATE EVENT TRIGGER" },
	{ PG_QUERY__NODE__NODE_ALTER_EVENT_TRIG_STMT, "ALTER EVENT TRIGGER" },
	{ PG_QUERY__NODE__NODE_REFRESH_MAT_VIEW_STMT, "REFRESH MATERIALIZED VIEW" },
	{ PG_QUERY__NODE__NODE_CREATE_AM_STMT, "CREATE ACCESS METHOD" },
	{ PG_QUERY__NODE__NODE_CREATE_STATS_STMT, "CREATE STATISTICS" },
	{ PG_QUERY__NODE__NODE_ALTER_STATS_STMT, "ALTER STATISTICS" },
	{ PG_QUERY__NODE__NODE_PLASSIGN_STMT, "an assignment of PL/pgSQL" }
};

static int node_location(const pg_node *n)
{
	const ProtobufCMessage *m = (const ProtobufCMessage *)n->alias;
	const ProtobufCFieldDescriptor *f;

	if (!m)
		return -1;
	f = protobuf_c_message_descriptor_get_field_by_name(m->descriptor, "location");
	return f ? *(const int32_t *)((const char *)m + f->offset) : -1;
}

/* "create_role_stmt" is CREATE ROLE. */
static const char *spell(const char *field, char *to, size_t size)
{
	static const char end[] = "_stmt";
	size_t len = strlen(field), n = len < sizeof end ? 0 : len - (sizeof end - 1);

	if (!n || n >= size || strcmp(field + n, end) != 0)
		return field;
	for (size_t i = 0; i < n; i++)
		to[i] = field[i] == '_' ? ' ' : amph__ascii_upper(field[i]);
	to[n] = '\0';
	return to;
}

static const char *name_of(const pg_node *n, char *to, size_t size)
{
	const ProtobufCFieldDescriptor *f;

	if (n->node_case == PG_QUERY__NODE__NODE_GRANT_STMT && !n->grant_stmt->is_grant)
		return "REVOKE";
	if (n->node_case == PG_QUERY__NODE__NODE_GRANT_ROLE_STMT && !n->grant_role_stmt->is_grant)
		return "REVOKE of a role";
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (names[i].kind == n->node_case)
			return names[i].name;
	f = protobuf_c_message_descriptor_get_field(&pg_query__node__descriptor, (unsigned)n->node_case);
	return f ? spell(f->name, to, size) : "an empty statement";
}

void *amph__parse_refuse_node(sql_parser *p, const pg_node *n)
{
	char words[64];

	if (p->failed || !n)
		return NULL;
	return amph__parse_refuse(p, node_location(n), name_of(n, words, sizeof words));
}
