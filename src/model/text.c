/* SQL within models: checks, defaults, computed columns, indexes. Parsed and resolved here, so that
 * a mistake in it is found when the engine opens and is the same on every database. */
#include "compile.h"
#include "opclass.h"
#include "value.h"
#include <stdio.h>
#include <string.h>

typedef bool visit_fn(const sql_expr *e, void *ctx);    /* true: found, ends the walk */

static bool walk(const sql_expr *e, visit_fn *visit, void *ctx)
{
	if (!e)
		return false;
	if (visit(e, ctx) || walk(e->operand, visit, ctx))
		return true;
	for (size_t i = 0; i < e->args.n; i++)
		if (walk(e->args.items[i], visit, ctx))
			return true;
	return false;
}

/* ---- what may not be in a text ---- */

static bool is_column(const sql_expr *e, void *ctx)
{
	(void)ctx;
	return e->kind == SQL_COLUMN;
}

static bool is_computed(const sql_expr *e, void *ctx)
{
	const amph_draft *d = ctx;

	if (e->kind != SQL_COLUMN)
		return false;
	for (size_t i = 0; i < d->mapper->n_columns; i++)
		if (d->columns[i].computed && !strcmp(d->columns[i].name, e->name))
			return true;
	return false;
}

/* ---- one text ---- */

typedef struct text_kind {
	sql_text_kind kind;
	const char *what;               /* for messages */
	visit_fn *before;               /* what the text as written may not have */
	const char *before_state, *before_text;
	bool (*after)(const sql_expr *e);       /* and once resolved */
	const char *after_state, *after_text;
} text_kind;

static const text_kind check_text = {
	SQL_TEXT_CHECK, "check", NULL, NULL, NULL, amph__expr_is_volatile,
	"0A000", "a volatile function is not supported here"
};
static const text_kind default_text = {
	SQL_TEXT_DEFAULT, "server_default", is_column, "0A000",
	"cannot use column reference in DEFAULT expression",
	NULL, NULL, NULL
};
static const text_kind computed_text = {
	SQL_TEXT_COMPUTED, "computed", is_computed, "42P17", "cannot use a computed column in another",
	amph__expr_is_mutable, "42P17", "generation expression is not immutable"
};
static const text_kind hybrid_text = {
	SQL_TEXT_HYBRID, "hybrid", NULL, NULL, NULL, amph__expr_is_volatile,
	"0A000", "a volatile function is not supported here"
};
static const text_kind where_text = {
	SQL_TEXT_PREDICATE, "where of an index", NULL, NULL, NULL,
	amph__expr_is_mutable, "42P17", "functions in index predicate must be marked IMMUTABLE"
};
static const text_kind index_text = {
	SQL_TEXT_INDEX, "expression of an index", NULL, NULL, NULL,
	amph__expr_is_mutable, "42P17", "functions in index expression must be marked IMMUTABLE"
};

/* A default may not name a column, and is resolved beside none. */
static const sql_table no_columns = { .name = "" };

static sql_expr *resolve_text(amph_compiler *c, amph_draft *d, const text_kind *kind, const char *sql,
			      const amph_sqltype *want, amph_arena *arena, amph_error *err)
{
	const sql_text text = { .kind = kind->kind, .names = &c->registry->names, .want = want,
				.table = kind == &default_text ? &no_columns : d->table };
	sql_expr *e = amph__parse_expr(arena, sql, err);

	if (!e)
		return NULL;
	if (kind->before && walk(e, kind->before, d)) {
		amph__error(err, kind->before_state, "%s", kind->before_text);
		return NULL;
	}
	if (!amph__resolve_text(arena, &e, &text, err))
		return NULL;
	if (kind->after && kind->after(e)) {
		amph__error(err, kind->after_state, "%s", kind->after_text);
		return NULL;
	}
	return e;
}

/* The type that it has; none where there is no text, or a mistake in it. */
static amph_sqltype try_text(amph_compiler *c, amph_draft *d, const char *column,
			     const text_kind *kind, const char *sql, const amph_sqltype *want)
{
	amph_arena scratch;
	amph_sqltype type = { .type = AMPH_T_NONE };
	amph_error err;

	if (!sql || c->failed)
		return type;
	amph__error_clear(&err);
	amph__arena_init(&scratch, c->arena->allocator);
	const sql_expr *e = resolve_text(c, d, kind, sql, want, &scratch, &err);
	if (e)
		type = e->type;
	else
		amph__mistake_error(c, d, column, kind->what, &err);
	amph__arena_clear(&scratch);
	return type;
}

/* ---- keys of indexes ---- */

/* The message names the index, as the mistake names model and column. */
static void check_key(amph_compiler *c, amph_draft *d, const amph_index *index, const char *column,
		      const amph_sqltype *type)
{
	const char *method = index->method ? index->method : "btree";
	bool named = index->name != NULL, trgm = strstr(method, "_trgm") != NULL;
	char text[128], what[96];

	if (type->type == AMPH_T_NONE)
		return;
	amph__type_name(*type, text, sizeof text);
	(void)snprintf(what, sizeof what, "index%s%s%s", named ? " \"" : "", named ? index->name : "",
		       named ? "\"" : "");
	if (type->type == AMPH_T_RECORD)
		amph__mistake(c, d, column, "42P16", "%s: its expression is a row; an index has one "
			      "expression, besides the columns of .on", what);
	else if (trgm && type->type != AMPH_T_TEXT)
		amph__mistake(c, d, column, "42804", "%s: operator class \"%s_ops\" does not accept data "
			      "type %s", what, method, text);
	else if (!trgm && !amph__has_opclass(amph__access_method(method), type))
		amph__mistake(c, d, column, "42704", "%s: data type %s has no default operator class for "
			      "access method \"%s\"", what, text, method);
}

static void check_index(amph_compiler *c, amph_draft *d, const amph_index *index)
{
	static const amph_sqltype any = { .type = AMPH_T_NONE, .nullable = true };
	amph_sqltype type = try_text(c, d, NULL, &index_text, index->expression, &any);
	const amph_draft_key *key = d->indexes;

	while (key && key->decl != index)
		key = key->next;
	if (!key)
		return;         /* a mistake already */
	for (size_t i = 0; i < key->n; i++)
		check_key(c, d, index, d->columns[key->columns[i]].name, &d->columns[key->columns[i]].type);
	check_key(c, d, index, NULL, &type);
}


void amph__draft_texts(amph_compiler *c, amph_draft *d)
{
	static const amph_sqltype boolean = { .type = AMPH_T_BOOL, .nullable = true };
	const amph_check *check = d->model->checks;
	const amph_index *index = d->model->indexes;

	for (size_t i = 0; i < d->mapper->n_columns; i++) {
		const amph_mapped_column *col = &d->columns[i];

		try_text(c, d, col->name, &check_text, col->decl->check, &boolean);
		try_text(c, d, col->name, &computed_text, col->decl->computed, &col->type);
		try_text(c, d, col->name, &default_text, col->decl->server_default, &col->type);
	}
	for (size_t i = 0; i < d->mapper->n_hybrids; i++)
		try_text(c, d, d->mapper->hybrids[i].name, &hybrid_text, d->mapper->hybrids[i].decl->computed,
			 &d->mapper->hybrids[i].type);
	for (; check && check->sql; check++)
		try_text(c, d, NULL, &check_text, check->sql, &boolean);
	for (; index && (index->on || index->expression); index++) {
		check_index(c, d, index);
		try_text(c, d, NULL, &where_text, index->where, &boolean);
	}
}

/* ---- the columns of a check ---- */

typedef struct only_column {
	const amph_draft *draft;
	int number;                     /* -1: none yet */
} only_column;

/* Found: a second column. */
static bool is_another_column(const sql_expr *e, void *ctx)
{
	only_column *o = ctx;

	if (e->kind != SQL_COLUMN)
		return false;
	for (size_t i = 0; i < o->draft->mapper->n_columns; i++) {
		if (strcmp(o->draft->columns[i].name, e->name) != 0)
			continue;
		if (o->number >= 0 && o->number != (int)i)
			return true;
		o->number = (int)i;
	}
	return false;
}

int amph__check_only_column(amph_compiler *c, const amph_draft *d, const char *sql)
{
	only_column only = { .draft = d, .number = -1 };
	amph_arena scratch;
	amph_error err;
	sql_expr *e;
	bool several;

	amph__error_clear(&err);
	amph__arena_init(&scratch, c->arena->allocator);
	e = amph__parse_expr(&scratch, sql, &err);
	c->failed |= !e && err.status == AMPH_E_NOMEM;
	several = walk(e, is_another_column, &only);
	amph__arena_clear(&scratch);
	return several ? -1 : only.number;
}
