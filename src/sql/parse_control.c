/* BEGIN, COMMIT and their like: said, not carried out, by the tree. */
#include "parse.h"
#include <string.h>

static const char *text_of(const pg_node *n)
{
	const PgQuery__AConst *c = n && n->node_case == PG_QUERY__NODE__NODE_A_CONST ? n->a_const : NULL;

	return c && c->val_case == PG_QUERY__A__CONST__VAL_SVAL ? c->sval->sval : "";
}

static bool is_true(const pg_node *n)
{
	const PgQuery__AConst *c = n && n->node_case == PG_QUERY__NODE__NODE_A_CONST ? n->a_const : NULL;

	return c && c->val_case == PG_QUERY__A__CONST__VAL_IVAL && c->ival->ival != 0;
}

static void set_mode(sql_parser *p, sql_control *c, const PgQuery__DefElem *o)
{
	if (!strcmp(o->defname, "transaction_isolation")) {
		c->serializable = !strcmp(text_of(o->arg), "serializable");
		c->repeatable = !strcmp(text_of(o->arg), "repeatable read");
	} else if (!strcmp(o->defname, "transaction_read_only")) {
		c->read_only = is_true(o->arg);
	} else if (strcmp(o->defname, "transaction_deferrable") != 0) {
		amph__parse_refuse(p, o->location, o->defname);
	}
}

static const struct { PgQuery__TransactionStmtKind from; sql_control_kind to; } kinds[] = {
	{ PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_BEGIN, SQL_BEGIN },
	{ PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_START, SQL_START },
	{ PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_COMMIT, SQL_COMMIT },
	{ PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_ROLLBACK, SQL_ROLLBACK },
	{ PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_SAVEPOINT, SQL_SAVEPOINT },
	{ PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_RELEASE, SQL_RELEASE },
	{ PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_ROLLBACK_TO, SQL_ROLLBACK_TO }
};

static bool set_kind(sql_parser *p, sql_control *c, PgQuery__TransactionStmtKind kind)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (kinds[i].from != kind)
			continue;
		c->kind = kinds[i].to;
		return true;
	}
	return amph__parse_refuse(p, -1, "two-phase commit");
}

sql_stmt *amph__parse_control(sql_parser *p, const PgQuery__TransactionStmt *t)
{
	sql_stmt *s = amph__parse_new_stmt(p, SQL_STMT_CONTROL);
	sql_control *c = s ? AMPH_NEW(p->arena, sql_control) : NULL;

	if (!c || !set_kind(p, c, t->kind))
		return NULL;
	for (size_t i = 0; i < t->n_options; i++)
		set_mode(p, c, t->options[i]->def_elem);
	c->name = amph__parse_text(p, t->savepoint_name);
	c->chain = t->chain;
	s->control = c;
	return s;
}
