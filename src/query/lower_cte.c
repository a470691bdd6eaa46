/* Queries beside a query: WITH, and UNION and its like. Reads what shape_cte.c writes. */
#include "lower.h"

enum { FIRST_COLUMNS = 8 };

static amph_lower_source *new_source(amph_lowerer *l, const char *name, bool recursive)
{
	amph_lower_source *s = AMPH_NEW(l->arena, amph_lower_source);
	sql_table *table = AMPH_NEW(l->arena, sql_table);

	if (!s || !table || !name)
		return NULL;
	table->name = name;
	s->recursive = recursive;
	s->mapper = (amph_mapper){
		.ordinal = UINT16_MAX, .version = -1, .identity = -1, .soft_delete = -1, .table = table
	};
	return s;
}

void amph__lower_fill(amph_lowerer *l, const char *name, unsigned type)
{
	amph_lower_source *s = l->filling;
	size_t n = s->mapper.n_columns;

	if (n == s->cap) {
		size_t cap = n ? n * 2 : FIRST_COLUMNS;
		amph_mapped_column *columns = AMPH_NEWS(l->arena, amph_mapped_column, cap);
		if (!columns)
			return;
		if (n)
			memcpy(columns, s->columns, n * sizeof(*columns));
		s->columns = columns;
		s->cap = cap;
		s->mapper.columns = columns;
	}
	s->columns[n] = (amph_mapped_column){
		.name = name, .number = (uint16_t)n,
		.type = { .type = (uint8_t)(type & ~(unsigned)AMPH_T_NULLABLE), .nullable = true }
	};
	s->mapper.n_columns++;
}

void amph__lower_filled(amph_lowerer *l)
{
	l->filling->outer = l->sources;
	l->filling->number = l->sources ? l->sources->number + 1 : 0;
	l->sources = l->filling;
	l->filling = NULL;
}

/* SELECT of all columns of a row set. */
static sql_select *read_values(amph_lowerer *l)
{
	size_t n = key_get_number(&l->key);
	const char **names = AMPH_NEWS(l->arena, const char *, n + 1);
	amph_sqltype *types = AMPH_NEWS(l->arena, amph_sqltype, n + 1);
	sql_select *s = AMPH_NEW(l->arena, sql_select);

	if (!names || !types || !s)
		return NULL;
	for (size_t i = 0; i < n && !l->key.bad; i++) {
		names[i] = key_get_text(&l->key, l->arena);
		types[i] = amph__lower_type(l);
		if (!names[i] || !amph__lower_target(l, s, sql_column(l->arena, "v", names[i]), names[i]))
			return NULL;
		amph__lower_fill(l, names[i], types[i].type);
	}
	s->location = -1;
	s->from = sql_range_rows(l->arena, amph__lower_rows(l, types, n), "v", names, n);
	amph__lower_filled(l);
	return s;
}

/* The columns of what is read where it is named. */
static void read_columns(amph_lowerer *l, unsigned kind)
{
	size_t n = key_get_number(&l->key);

	for (size_t i = 0; i < n && !l->key.bad; i++) {
		const char *name = key_get_text(&l->key, l->arena);
		amph_sqltype type = { .type = AMPH_T_NONE };
		if (kind == AMPH_CTE_LATERAL)
			type.type = (uint8_t)key_get(&l->key);
		else
			type = amph__lower_type(l);
		amph__lower_fill(l, name, type.type);
		if (type.enumeration && l->filling->mapper.n_columns)
			l->filling->columns[l->filling->mapper.n_columns - 1].type = type;
	}
	l->filling->inlined = kind;
	amph__lower_filled(l);
}

/* Of a function a subquery would hide the columns beside it on SQLite: it stands alone, and its columns are
 * cast where they are named. */
bool amph__lower_inlined(amph_lowerer *l, const amph_mapper *mapper, sql_range *r)
{
	const amph_lower_source *s = amph__lower_source_of(l, mapper);
	const char **names;

	if (!s || !s->inlined)
		return s;
	r->lateral = true;
	if (s->inlined == AMPH_CTE_LATERAL) {
		r->kind = SQL_SUBQUERY;
		r->select = amph__lower_inner(l, AMPH_QUERY_PROJECT);
		return r->select;
	}
	names = AMPH_NEWS(l->arena, const char *, mapper->n_columns + 1);
	if (!names)
		return false;
	for (size_t i = 0; i < mapper->n_columns; i++)
		names[i] = mapper->columns[i].name;
	r->kind = SQL_FUNCTION;
	r->column_aliases = names;
	r->n_column_aliases = mapper->n_columns;
	r->with_ordinality = s->inlined == AMPH_CTE_SET_NUMBERED;
	r->function = amph__lower_expr(l);
	if (r->function && r->function->kind == SQL_CAST)
		r->function = r->function->args.items[0];       /* one of the program's own: refused */
	return r->function;
}

/* The statement around may be one, too. */
static bool read_insert(amph_lowerer *l, sql_stmt *stmt)
{
	const char *const *columns = l->target_columns;
	const amph_mapper *target = l->target;
	bool ok;

	l->target_columns = NULL;
	ok = amph__lower_insert(l, stmt);
	l->target = target;
	l->target_columns = columns;
	return ok;
}

/* A statement that writes: its tables are the first. */
static bool read_writing(amph_lowerer *l, amph_query_op op, sql_stmt *stmt)
{
	amph_lower_source *sources = l->sources;
	amph_compiled *out = l->out;
	bool ok = l->n_ranges == 0;

	l->key.bad |= !ok;
	l->out = NULL;
	ok = ok && (op == AMPH_QUERY_INSERT ? read_insert(l, stmt) : amph__lower_write(l, op, stmt));
	l->out = out;
	l->n_ranges = 0;
	l->sources = sources;
	if (ok)
		amph__lower_filled(l);
	return ok;
}

static sql_cte *read_cte(amph_lowerer *l, unsigned kind, bool *recursive)
{
	sql_cte *cte = AMPH_NEW(l->arena, sql_cte);
	sql_stmt *stmt = AMPH_NEW(l->arena, sql_stmt);
	const char *name = key_get_text(&l->key, l->arena);

	l->filling = new_source(l, name, kind == AMPH_CTE_RECURSIVE);
	if (!cte || !stmt || !l->filling)
		return NULL;
	stmt->location = -1;
	cte->name = name;
	cte->stmt = stmt;
	if (kind == AMPH_CTE_UPDATE || kind == AMPH_CTE_DELETE || kind == AMPH_CTE_INSERT)
		return read_writing(l, kind == AMPH_CTE_UPDATE ? AMPH_QUERY_UPDATE
				       : kind == AMPH_CTE_DELETE ? AMPH_QUERY_DELETE
								  : AMPH_QUERY_INSERT, stmt) ? cte : NULL;
	stmt->kind = SQL_STMT_SELECT;
	stmt->select = kind == AMPH_CTE_VALUES ? read_values(l) : amph__lower_inner(l, AMPH_QUERY_PROJECT);
	cte->recursive = kind == AMPH_CTE_RECURSIVE;
	cte->materialized = kind == AMPH_CTE_MATERIALIZED;
	*recursive = *recursive || cte->recursive;
	return stmt->select ? cte : NULL;
}

const amph_lower_source *amph__lower_source_of(const amph_lowerer *l, const amph_mapper *mapper)
{
	const amph_lower_source *s = mapper->ordinal == UINT16_MAX ? l->sources : NULL;

	while (s && &s->mapper != mapper)
		s = s->outer;
	return s;
}

bool amph__lower_ctes(amph_lowerer *l, amph_lower_from *from)
{
	size_t n = key_get_number(&l->key);
	amph_lower_source *filling = l->filling;
	sql_cte **next = &from->with;

	for (size_t i = 0; i < n; i++) {
		unsigned kind = key_get(&l->key);
		if (kind >= AMPH_CTE_SET && kind <= AMPH_CTE_LATERAL) {
			l->filling = new_source(l, key_get_text(&l->key, l->arena), false);
			if (!l->filling)
				return false;
			read_columns(l, kind);
			continue;
		}
		*next = read_cte(l, kind, &from->with_recursive);
		if (!*next)
			return false;
		next = &(*next)->next;
	}
	l->filling = filling;
	return true;
}

sql_select *amph__lower_combine(amph_lowerer *l, amph_query_op op, sql_select *first)
{
	static const struct { sql_set_op op; bool all; } how[] = {
		[AMPH_UNION] = { SQL_UNION, false }, [AMPH_UNION_ALL] = { SQL_UNION, true },
		[AMPH_INTERSECT] = { SQL_INTERSECT, false }, [AMPH_INTERSECT_ALL] = { SQL_INTERSECT, true },
		[AMPH_EXCEPT] = { SQL_EXCEPT, false }, [AMPH_EXCEPT_ALL] = { SQL_EXCEPT, true }
	};
	size_t n = key_get_number(&l->key);

	for (size_t i = 0; first && i < n; i++) {
		unsigned kind = key_get(&l->key);
		sql_select *s = AMPH_NEW(l->arena, sql_select);
		if (!s || kind < AMPH_UNION || kind > AMPH_EXCEPT_ALL) {
			l->key.bad = true;
			return NULL;
		}
		s->location = -1;
		s->set_op = how[kind].op;
		s->set_all = how[kind].all;
		s->left = first;
		s->right = amph__lower_inner(l, op);
		first = s->right ? s : NULL;
	}
	return first;
}
