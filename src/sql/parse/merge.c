/* MERGE: its clauses, each of which will be a statement of its own. */
#include "parse.h"
#include <string.h>

static const struct { PgQuery__CmdType type; sql_merge_action action; } actions[] = {
	{ PG_QUERY__CMD_TYPE__CMD_UPDATE, SQL_MERGE_UPDATE },
	{ PG_QUERY__CMD_TYPE__CMD_DELETE, SQL_MERGE_DELETE },
	{ PG_QUERY__CMD_TYPE__CMD_INSERT, SQL_MERGE_INSERT },
	{ PG_QUERY__CMD_TYPE__CMD_NOTHING, SQL_MERGE_NOTHING }
};

static sql_merge *parse_when(sql_parser *p, const PgQuery__MergeWhenClause *c)
{
	sql_merge *m = AMPH_NEW(p->arena, sql_merge);

	if (!m)
		return NULL;
	m->matched = c->matched;
	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++)
		if (actions[i].type == c->command_type)
			m->action = actions[i].action;
	m->where = amph__parse_node(p, c->condition);
	if (m->action == SQL_MERGE_UPDATE)
		m->set = amph__parse_set(p, c->n_target_list, c->target_list);
	if (m->action == SQL_MERGE_INSERT)
		m->columns = amph__parse_columns(p, c->n_target_list, c->target_list);
	amph__parse_list(p, c->n_values, c->values, &m->values);
	m->overriding_user = c->override == PG_QUERY__OVERRIDING_KIND__OVERRIDING_USER_VALUE;
	m->overriding_system = c->override == PG_QUERY__OVERRIDING_KIND__OVERRIDING_SYSTEM_VALUE;
	return p->failed ? NULL : m;
}

static bool check_reachable(sql_parser *p, const sql_merge *all)
{
	for (const sql_merge *m = all; m; m = m->next)
		for (const sql_merge *later = m->next; later && !m->where; later = later->next)
			if (later->matched == m->matched)
				return amph__parse_fail(p, -1, "42601", "unreachable WHEN clause specified "
							"after unconditional WHEN clause");
	return true;
}

sql_stmt *amph__parse_merge(sql_parser *p, const pg_node *n)
{
	const PgQuery__MergeStmt *m = n->merge_stmt;
	sql_stmt *s = amph__parse_new_stmt(p, SQL_STMT_MERGE);
	sql_merge **next = s ? &s->merge : NULL;

	if (!s)
		return NULL;
	s->with = amph__parse_with(p, m->with_clause, &s->with_recursive);
	if (s->with_recursive)
		return amph__parse_refuse(p, -1, "WITH RECURSIVE of MERGE");
	s->target = amph__parse_table(p, m->relation);
	s->from = amph__parse_from(p, 1, (pg_node *const *)&m->source_relation);
	s->where = amph__parse_node(p, m->join_condition);
	s->comment = amph__parse_text(p, p->text);
	for (size_t i = 0; i < m->n_merge_when_clauses; i++) {
		*next = parse_when(p, m->merge_when_clauses[i]->merge_when_clause);
		if (!*next)
			return NULL;
		next = &(*next)->next;
	}
	return check_reachable(p, s->merge) && !p->failed ? s : NULL;
}
