/* The tables of a key: FROM, joins along relationships and on conditions, what is left out of them. */
#include "lower.h"

static bool alias_taken(const amph_lowerer *l, const char *alias)
{
	for (size_t i = 0; i < l->n_ranges; i++) {
		if (strcmp(l->ranges[i].alias, alias) == 0)
			return true;
	}
	return false;
}

/* The table's name where no other range has it, else numbered: users, users_2 ... */
static const char *alias_for(amph_lowerer *l, const char *table)
{
	const char *alias = table;

	for (unsigned i = 2; alias && alias_taken(l, alias); i++)
		alias = amph__arena_printf(l->arena, "%.50s_%u", table, i);
	return alias;
}

static sql_range *add_range(amph_lowerer *l, const amph_mapper *mapper)
{
	const char *alias = alias_for(l, mapper->table->name);

	if (!alias)
		return NULL;
	if (l->n_ranges == AMPH_QUERY_RANGES_MAX) {
		l->key.bad = true;
		return NULL;
	}
	l->ranges[l->n_ranges++] = (amph_lower_range){ mapper, alias };
	return sql_range_table(l->arena, mapper->table, alias);
}

static const amph_mapper *read_mapper(amph_lowerer *l)
{
	size_t ordinal = key_get_number(&l->key);

	if (ordinal < l->registry->n_mappers)
		return l->registry->mappers[ordinal];
	l->key.bad = true;
	return NULL;
}

static sql_expr *is_null(amph_lowerer *l, sql_expr *column)
{
	sql_expr *e = column ? sql_new(l->arena, SQL_IS_NULL, 1) : NULL;

	if (e)
		e->args.items[0] = column;
	return e;
}

/* e, and that the row of the range is not softly deleted. */
static sql_expr *and_alive(amph_lowerer *l, sql_expr *e, size_t range, unsigned flags)
{
	int column = l->ranges[range].mapper->soft_delete;

	if (column < 0 || flags & KEY_WITH_DELETED)
		return e;
	return sql_and(l->arena, e, is_null(l, amph__lower_column(l, range, (size_t)column)));
}

/* e, and that the row has the values that it is filtered by. */
static sql_expr *and_filtered(amph_lowerer *l, sql_expr *e, size_t range)
{
	const amph_mapper *m = l->ranges[range].mapper;
	size_t n = key_get_number(&l->key);

	for (size_t i = 0; i < n && !l->key.bad; i++) {
		size_t number = key_get_number(&l->key), column = number >> 1;
		sql_expr *left = amph__lower_column(l, range, column);

		if (!left)
			return NULL;
		amph_sqltype type = m->columns[column].type;
		type.nullable = true;
		type.length = type.scale = 0;
		e = sql_and(l->arena, e, number & 1 ? is_null(l, left)
				: sql_op(l->arena, "=", left, amph__lower_param(l, type)));
	}
	return e;
}

static sql_range *join(amph_lowerer *l, sql_range *left, sql_range *right, unsigned kind, sql_expr *on)
{
	sql_range *r = left && right ? AMPH_NEW(l->arena, sql_range) : NULL;

	if (!r)
		return NULL;
	r->kind = SQL_JOIN;
	r->location = -1;
	r->join = kind == AMPH_JOIN_LEFT ? SQL_LEFT : SQL_INNER;
	r->left = left;
	r->right = right;
	r->on = on;
	return r;
}

static sql_expr *equal_pairs(amph_lowerer *l, const amph_key_pair *pairs, size_t n, size_t from,
			     size_t to)
{
	sql_expr *e = NULL;

	for (size_t i = 0; i < n; i++)
		e = sql_and(l->arena, e, sql_op(l->arena, "=",
				amph__lower_column(l, from, pairs[i].from),
				amph__lower_column(l, to, pairs[i].to)));
	return e;
}

static bool read_path(amph_lowerer *l, const amph_mapper *from, amph_path *path)
{
	size_t number = key_get_number(&l->key);
	const amph_relation *relations = from->model->relations;
	size_t n = 0;

	while (relations && relations[n].member)
		n++;
	if (number < n && amph__path_of(l->registry, from, &relations[number], path, NULL))
		return true;
	l->key.bad = true;
	return false;
}

/* Through a link, a left join must not drop rows whose link leads nowhere that counts: the link and
 * the target are joined first. */
static sql_range *join_along(amph_lowerer *l, sql_range *left, unsigned kind, unsigned flags)
{
	size_t from = key_get_number(&l->key), link, to;
	sql_range *link_range, *target;
	amph_path path;
	sql_expr *on;

	if (from >= l->n_ranges || !read_path(l, l->ranges[from].mapper, &path)) {
		l->key.bad = true;
		return NULL;
	}
	link = l->n_ranges;
	link_range = path.link ? add_range(l, path.link) : NULL;
	to = l->n_ranges;
	target = add_range(l, path.to);
	if (!target || (path.link && !link_range))
		return NULL;
	if (!path.link) {
		on = equal_pairs(l, path.pairs, path.n, from, to);
		on = and_filtered(l, and_alive(l, on, to, flags), to);
		return join(l, left, target, kind, on);
	}
	on = equal_pairs(l, path.link_pairs, path.n_link, link, to);
	on = and_alive(l, and_alive(l, on, link, flags), to, flags);
	on = and_filtered(l, on, link);
	on = and_filtered(l, on, to);
	target = join(l, link_range, target, AMPH_JOIN_INNER, on);
	return join(l, left, target, kind, equal_pairs(l, path.pairs, path.n, from, link));
}

static sql_range *join_on(amph_lowerer *l, sql_range *left, unsigned kind, unsigned flags)
{
	const amph_mapper *mapper = read_mapper(l);
	size_t to = l->n_ranges;
	sql_range *target = mapper ? add_range(l, mapper) : NULL;
	sql_expr *on = target ? amph__lower_expr(l) : NULL;

	if (!on)
		return NULL;
	on = and_filtered(l, and_alive(l, on, to, flags), to);
	return join(l, left, target, kind, on);
}

/* Rows of the collection of one object, whose key columns are parameters. */
static sql_expr *children(amph_lowerer *l, amph_lower_from *from)
{
	const amph_mapper *parent = read_mapper(l);
	size_t side = from->main;
	sql_expr *e = NULL;
	amph_path path;

	if (!parent || !read_path(l, parent, &path))
		return NULL;
	if (path.link) {
		side = l->n_ranges;
		sql_range *link = add_range(l, path.link);
		if (!link)
			return NULL;
		from->range = join(l, from->range, link, AMPH_JOIN_INNER,
				   equal_pairs(l, path.link_pairs, path.n_link, side, from->main));
	}
	for (size_t i = 0; i < path.n; i++) {
		amph_sqltype type = parent->columns[path.pairs[i].from].type;
		type.nullable = true;
		type.length = type.scale = 0;
		e = sql_and(l->arena, e, sql_op(l->arena, "=",
				amph__lower_column(l, side, path.pairs[i].to),
				amph__lower_param(l, type)));
	}
	return path.link ? and_filtered(l, and_alive(l, e, side, from->flags), side) : e;
}

bool amph__lower_from(amph_lowerer *l, amph_lower_from *from)
{
	const amph_mapper *mapper = read_mapper(l);
	sql_expr *e;
	size_t n;

	*from = (amph_lower_from){ .main = l->n_ranges };
	from->range = mapper ? add_range(l, mapper) : NULL;
	if (!from->range)
		return false;
	from->flags = key_get(&l->key);
	n = key_get_number(&l->key);
	for (size_t i = 0; i < n && from->range; i++) {
		unsigned kind = key_get(&l->key);
		from->range = key_get(&l->key) == KEY_JOIN_ALONG ?
			join_along(l, from->range, kind, from->flags) :
			join_on(l, from->range, kind, from->flags);
	}
	if (from->flags & KEY_CHILDREN && from->range)
		from->where = children(l, from);
	e = from->range ? amph__lower_condition(l) : NULL;
	if (e)
		from->where = sql_and(l->arena, from->where, e);
	from->where = and_alive(l, from->where, from->main, from->flags);
	if (from->range)
		from->where = and_filtered(l, from->where, from->main);
	return from->range && !l->key.bad && !l->arena->failed;
}
