/* Fragments of SQL text in expressions: parsed, and their $1, $2 ... replaced by the arguments that the
 * key has after the text. */
#include "../sql/sql.h"
#include "../sql/walk.h"
#include "lower.h"

/* Where an argument starts in the key, and the number of its first parameter: one that the text
 * names again is read again, since nodes of a tree are not shared; its parameters stay the same. */
typedef struct raw_arg {
	const unsigned char *at;
	size_t n_params;
	sql_expr *tree;
	bool used;
} raw_arg;
typedef struct raw {
	amph_lowerer *l;
	raw_arg *args;
	size_t n;
} raw;

static bool fail(amph_lowerer *l, const char *sqlstate, const char *what, size_t number, const char *end)
{
	if (!l->failed)
		amph__error(l->err, sqlstate, "%s $%zu%s", what, number, end);
	l->failed = true;
	return false;
}

sql_expr *amph__lower_again(amph_lowerer *l, const unsigned char *at, const unsigned char *end,
			    size_t n_params)
{
	amph_key_reader key = l->key;
	size_t n = l->n_params;
	sql_expr *e = NULL;

	if (at >= end || n_params > n) {
		l->key.bad = true;
		return NULL;
	}
	l->key.end = end;
	l->key.at = at;
	l->n_params = n_params;
	e = amph__lower_expr(l);
	key.bad |= l->key.bad || l->n_params > n;
	l->key = key;
	l->n_params = n;
	return e;
}

static bool put_args(void *ctx, sql_expr *e)
{
	raw *r = ctx;
	raw_arg *arg;
	sql_expr *tree;

	if (e->kind != SQL_PARAM)
		return amph__expr_children(e, put_args, ctx);
	if (e->param >= r->n)
		return fail(r->l, "42P02", "there is no parameter", e->param + 1, "");
	arg = &r->args[e->param];
	tree = arg->used ? amph__lower_again(r->l, arg->at, r->l->key.at, arg->n_params) : arg->tree;
	arg->used = true;
	if (!tree)
		return false;
	*e = *tree;
	return true;
}

static bool read_args(amph_lowerer *l, raw_arg *args, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		args[i] = (raw_arg){ .at = l->key.at, .n_params = l->n_params };
		args[i].tree = amph__lower_expr(l);
		if (!args[i].tree)
			return false;
	}
	return true;
}

sql_expr *amph__lower_raw(amph_lowerer *l)
{
	const char *text = key_get_text(&l->key, l->arena);
	raw r = { .l = l, .n = key_get_number(&l->key) };
	sql_expr *e;

	if (!text || r.n > (size_t)(l->key.end - l->key.at)) {
		l->key.bad = true;
		return NULL;
	}
	r.args = AMPH_NEWS(l->arena, raw_arg, r.n ? r.n : 1);
	if (!r.args || !read_args(l, r.args, r.n))
		return NULL;
	e = amph__parse_expr(l->arena, text, l->err);
	if (!e) {
		l->failed = true;
		return NULL;
	}
	if (!put_args(&r, e))
		return NULL;
	for (size_t i = 0; i < r.n; i++) {
		if (!r.args[i].used) {
			fail(l, "42P18", "the fragment has no", i + 1, " for an argument that it is given");
			return NULL;
		}
	}
	return e;
}
