/* BEGIN, COMMIT and their like, SET and SHOW: said, not carried out, by the tree. */
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
		c->isolation = amph__parse_text(p, text_of(o->arg));
		c->serializable = !strcmp(text_of(o->arg), "serializable");
		c->repeatable = !strcmp(text_of(o->arg), "repeatable read");
	} else if (!strcmp(o->defname, "transaction_read_only")) {
		c->read_only = is_true(o->arg);
		c->has_access = true;
	} else if (!strcmp(o->defname, "transaction_deferrable")) {
		c->deferrable = is_true(o->arg);
		c->has_deferrable = true;
	} else {
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

/* ---- settings ---- */

static sql_stmt *setting(sql_parser *p, sql_control_kind kind, const char *name)
{
	sql_stmt *s = amph__parse_new_stmt(p, SQL_STMT_CONTROL);
	sql_control *c = s ? AMPH_NEW(p->arena, sql_control) : NULL;

	if (!c)
		return NULL;
	c->kind = kind;
	c->name = amph__parse_text(p, name);
	s->control = c;
	return s;
}

sql_stmt *amph__parse_show(sql_parser *p, const pg_node *n)
{
	return setting(p, SQL_SHOW, n->variable_show_stmt->name);
}

/* SET name TO value, of one value that is a word or a number. */
static const char *value_of(sql_parser *p, const pg_node *n)
{
	const PgQuery__AConst *c = n->node_case == PG_QUERY__NODE__NODE_A_CONST ? n->a_const : NULL;

	if (c && c->val_case == PG_QUERY__A__CONST__VAL_IVAL)
		return amph__arena_printf(p->arena, "%d", c->ival->ival);
	if (c && c->val_case == PG_QUERY__A__CONST__VAL_SVAL)
		return amph__arena_text(p->arena, c->sval->sval, strlen(c->sval->sval));
	return amph__parse_refuse(p, -1, "SET to such a value");
}

sql_stmt *amph__parse_set_setting(sql_parser *p, const pg_node *n)
{
	const PgQuery__VariableSetStmt *v = n->variable_set_stmt;
	bool transaction = v->kind == PG_QUERY__VARIABLE_SET_KIND__VAR_SET_MULTI &&
			   !strcmp(v->name, "TRANSACTION");
	sql_stmt *s;
	sql_control *c;

	if (!transaction && v->kind != PG_QUERY__VARIABLE_SET_KIND__VAR_SET_VALUE &&
	    v->kind != PG_QUERY__VARIABLE_SET_KIND__VAR_SET_DEFAULT &&
	    v->kind != PG_QUERY__VARIABLE_SET_KIND__VAR_RESET)
		return amph__parse_refuse_node(p, n);
	s = setting(p, transaction ? SQL_SET_TRANSACTION : v->kind == PG_QUERY__VARIABLE_SET_KIND__VAR_RESET
		    ? SQL_RESET : SQL_SET, v->name);
	c = s ? (sql_control *)(uintptr_t)s->control : NULL;
	for (size_t i = 0; c && transaction && i < v->n_args; i++)
		set_mode(p, c, v->args[i]->def_elem);
	if (c && v->kind == PG_QUERY__VARIABLE_SET_KIND__VAR_SET_VALUE && v->n_args == 1)
		c->value = value_of(p, v->args[0]);
	else if (c && v->kind == PG_QUERY__VARIABLE_SET_KIND__VAR_SET_VALUE)
		return amph__parse_refuse_node(p, n);
	return p->failed ? NULL : s;
}
