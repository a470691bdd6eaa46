/* Views, and tables that are made of queries. */
#include "parse.h"
#include "../../base/ascii.h"
#include <string.h>

/* Whether what was written for a query is one: FETCH FIRST (1 + 1) loses its parentheses. */
static bool is_query(sql_parser *p, const char *text)
{
	amph_error err = { .status = AMPH_OK };
	amph_arena scratch;
	bool ok;

	amph__arena_init(&scratch, p->arena->allocator);
	ok = amph__parse_expr(&scratch, text, &err) || strcmp(err.sqlstate, "42601") != 0;
	amph__arena_clear(&scratch);
	return ok;
}

/* A query as PostgreSQL's text, in parentheses. */
static const char *query_text(sql_parser *p, const pg_node *n)
{
	PgQuery__SubLink link = PG_QUERY__SUB_LINK__INIT;
	pg_node query = PG_QUERY__NODE__INIT;
	const char *text;

	link.sub_link_type = PG_QUERY__SUB_LINK_TYPE__EXPR_SUBLINK;
	link.subselect = (pg_node *)(uintptr_t)n;
	query.node_case = PG_QUERY__NODE__NODE_SUB_LINK;
	query.sub_link = &link;
	text = amph__parse_deparse(p, &query);
	return !text || is_query(p, text) ? text
					  : amph__parse_refuse(p, -1, "this query of a view or table");
}

/* ---- options ---- */

static const char *option_text(const PgQuery__DefElem *o)
{
	const pg_node *n = o->arg;

	if (!n)
		return "true";
	if (n->node_case == PG_QUERY__NODE__NODE_TYPE_NAME && n->type_name->n_names)
		return n->type_name->names[n->type_name->n_names - 1]->string->sval;
	return n->node_case == PG_QUERY__NODE__NODE_STRING ? n->string->sval
	     : n->node_case == PG_QUERY__NODE__NODE_INTEGER && n->integer->ival == 1 ? "1"
	     : n->node_case == PG_QUERY__NODE__NODE_INTEGER && n->integer->ival == 0 ? "0" : "";
}

/* As PostgreSQL reads a boolean: any beginning of a word that no other has. */
static bool is_boolean(const char *text)
{
	static const struct { const char *word; size_t least; } words[] = {
		{ "true", 1 }, { "false", 1 }, { "yes", 1 }, { "no", 1 }, { "on", 2 }, { "off", 2 },
		{ "1", 1 }, { "0", 1 }
	};
	size_t len = strlen(text);

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (len >= words[i].least && len <= strlen(words[i].word) &&
		    amph__ascii_begins(words[i].word, text, len))
			return true;
	return false;
}

static sql_view_check check_of(const char *text)
{
	return amph__ascii_same(text, "local") ? SQL_CHECK_LOCAL
		: amph__ascii_same(text, "cascaded") ? SQL_CHECK_CASCADED : SQL_CHECK_NONE;
}

/* What is wrong with an option, or NULL. security_barrier and security_invoker are about who may read
 * what, and here everybody may. */
static const char *read_option(sql_parser *p, const PgQuery__DefElem *o, sql_view_check *check)
{
	bool security = !strcmp(o->defname, "security_barrier") || !strcmp(o->defname, "security_invoker");

	if (!security && strcmp(o->defname, "check_option") != 0)
		return amph__arena_printf(p->arena, "unrecognized parameter \"%s\"", o->defname);
	if (security && !is_boolean(option_text(o)))
		return amph__arena_printf(p->arena, "invalid value for boolean option \"%s\": %s", o->defname,
					  option_text(o));
	if (security)
		return NULL;
	*check = check_of(option_text(o));
	return *check ? NULL : amph__arena_printf(p->arena, "invalid value for enum option \"check_option\": "
						  "%s", option_text(o));
}

const char *amph__parse_view_options(sql_parser *p, size_t n, pg_node *const *options, sql_view_check *check)
{
	const char *wrong = NULL;

	for (size_t i = 0; i < n && !wrong; i++)
		wrong = read_option(p, options[i]->def_elem, check);
	return wrong;
}

/* ---- CREATE VIEW ---- */

sql_stmt *amph__parse_view(sql_parser *p, const PgQuery__ViewStmt *v)
{
	sql_stmt *s = amph__parse_new_stmt(p, SQL_STMT_CREATE_VIEW);
	const char *wrong;

	if (!s)
		return NULL;
	wrong = amph__parse_view_options(p, v->n_options, v->options, &s->check);
	if (wrong)
		return amph__parse_fail(p, -1, "22023", "%s", wrong);
	if (v->with_check_option == PG_QUERY__VIEW_CHECK_OPTION__LOCAL_CHECK_OPTION)
		s->check = SQL_CHECK_LOCAL;
	if (v->with_check_option == PG_QUERY__VIEW_CHECK_OPTION__CASCADED_CHECK_OPTION)
		s->check = SQL_CHECK_CASCADED;
	s->target = amph__parse_table(p, v->view);
	s->columns = amph__parse_names(p, v->n_aliases, v->aliases);
	s->comment = query_text(p, v->query);
	s->restart = v->replace;
	return amph__parse_persistence(p, v->view, &s->temporary) && !p->failed ? s : NULL;
}

/* ---- CREATE TABLE AS, SELECT INTO ---- */

static sql_stmt *parse_into(sql_parser *p, const PgQuery__IntoClause *into, const pg_node *query)
{
	sql_stmt *s = amph__parse_new_stmt(p, SQL_STMT_CREATE_AS);

	if (!s)
		return NULL;
	if (into->on_commit > PG_QUERY__ON_COMMIT_ACTION__ONCOMMIT_PRESERVE_ROWS)
		return amph__parse_refuse(p, into->rel->location, "ON COMMIT");
	if (amph__parse_is_elsewhere(into->table_space_name))
		return amph__parse_refuse(p, into->rel->location, "TABLESPACE");
	if (query->node_case != PG_QUERY__NODE__NODE_SELECT_STMT)
		return amph__parse_refuse_node(p, query);
	s->target = amph__parse_table(p, into->rel);
	s->columns = amph__parse_names(p, into->n_col_names, into->col_names);
	s->comment = query_text(p, query);
	s->restart = !into->skip_data;
	if (!amph__parse_persistence(p, into->rel, &s->temporary) ||
	    !amph__parse_storage(p, into->n_options, into->options))
		return NULL;
	return p->failed ? NULL : s;
}

sql_stmt *amph__parse_create_as(sql_parser *p, const pg_node *n)
{
	const PgQuery__CreateTableAsStmt *c = n->create_table_as_stmt;
	sql_stmt *s;

	if (c->objtype != PG_QUERY__OBJECT_TYPE__OBJECT_TABLE)
		return amph__parse_refuse(p, -1, "a materialized view");
	s = parse_into(p, c->into, c->query);
	if (s)
		s->if_not_exists = c->if_not_exists;
	return s;
}

sql_stmt *amph__parse_select_into(sql_parser *p, const PgQuery__SelectStmt *select)
{
	PgQuery__SelectStmt plain = *select;
	pg_node query = PG_QUERY__NODE__INIT;

	plain.into_clause = NULL;
	query.node_case = PG_QUERY__NODE__NODE_SELECT_STMT;
	query.select_stmt = &plain;
	return parse_into(p, select->into_clause, &query);
}
