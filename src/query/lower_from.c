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

sql_range *amph__lower_range(amph_lowerer *l, const amph_mapper *mapper)
{
	const char *alias = alias_for(l, mapper->table->name);
	sql_range *r;

	if (!alias)
		return NULL;
	if (l->n_ranges == AMPH_QUERY_RANGES_MAX) {
		l->key.bad = true;
		return NULL;
	}
	l->ranges[l->n_ranges++] = (amph_lower_range){ mapper, alias };
	if (mapper->ordinal != UINT16_MAX)
		return sql_range_table(l->arena, mapper->table, alias);
	r = AMPH_NEW(l->arena, sql_range);
	if (r) {
		r->kind = SQL_CTE;
		r->location = -1;
		r->name = mapper->table->name;
		r->alias = alias;
	}
	return r && amph__lower_inlined(l, mapper, r) ? r : NULL;
}

const amph_mapper *amph__lower_mapper(amph_lowerer *l)
{
	size_t ordinal = key_get_number(&l->key);

	if (ordinal < l->registry->n_mappers)
		return l->registry->mappers[ordinal];
	for (const amph_lower_source *s = l->sources; s; s = s->outer) {
		if (s->number == ordinal - l->registry->n_mappers)
			return &s->mapper;
	}
	l->key.bad = true;
	return NULL;
}

static sql_expr *and_maybe(amph_lowerer *l, sql_expr *left, sql_expr *right)
{
	return right ? sql_and(l->arena, left, right) : left;
}

static sql_expr *is_null(amph_lowerer *l, sql_expr *column)
{
	sql_expr *e = column ? sql_new(l->arena, SQL_IS_NULL, 1) : NULL;

	if (e)
		e->args.items[0] = column;
	return e;
}

sql_expr *amph__and_kind(amph_arena *arena, sql_expr *e, const amph_mapper *m, const char *alias)
{
	sql_expr *kinds = m->parent ? sql_new(arena, SQL_OR, m->n_kinds) : NULL;

	if (!kinds)
		return e;
	kinds->args.n = 0;
	for (size_t i = 0; i < m->n_kinds; i++)
		if (m->kinds[i]->kind)
			kinds->args.items[kinds->args.n++] =
				sql_op(arena, "=", sql_column(arena, alias,
						m->columns[m->discriminator].name),
				       sql_const(arena, AMPH_T_TEXT, m->kinds[i]->kind));
	if (kinds->args.n == 1)
		kinds = kinds->args.items[0];
	return e ? sql_and(arena, e, kinds) : kinds;
}

/* e, and that the row of the range is of the model's kind and not softly deleted. */
static sql_expr *and_alive(amph_lowerer *l, sql_expr *e, size_t range, unsigned flags)
{
	e = amph__and_kind(l->arena, e, l->ranges[range].mapper, l->ranges[range].alias);
	int column = l->ranges[range].mapper->soft_delete;

	if (column < 0 || flags & KEY_WITH_DELETED)
		return e;
	return sql_and(l->arena, e, is_null(l, amph__lower_column(l, range, (size_t)column)));
}

/* e, and that the row has the values that it is filtered by. */
sql_expr *amph__lower_filtered(amph_lowerer *l, sql_expr *e, size_t range)
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

static bool keeps_right(unsigned kind)
{
	return kind == AMPH_JOIN_RIGHT || kind == AMPH_JOIN_FULL;
}

/* Rows of the right side stay where no row of the left matches: rows that do not count must not match. */
static sql_expr *and_left_counts(amph_lowerer *l, sql_expr *on, const amph_lower_from *f, unsigned kind)
{
	if (keeps_right(kind))
		on = amph__lower_filtered(l, and_alive(l, on, f->main, f->flags), f->main);
	return on;
}

static sql_range *join(amph_lowerer *l, sql_range *left, sql_range *right, unsigned kind, sql_expr *on)
{
	static const sql_join_kind kinds[] = {
		[AMPH_JOIN_INNER] = SQL_INNER, [AMPH_JOIN_LEFT] = SQL_LEFT, [AMPH_JOIN_RIGHT] = SQL_RIGHT,
		[AMPH_JOIN_FULL] = SQL_FULL, [AMPH_JOIN_CROSS] = SQL_CROSS
	};
	sql_range *r = left && right ? AMPH_NEW(l->arena, sql_range) : NULL;

	if (!r)
		return NULL;
	r->kind = SQL_JOIN;
	r->location = -1;
	r->join = kinds[kind];
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
	const amph_relation *relations = from->relations;
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
static sql_range *join_along(amph_lowerer *l, const amph_lower_from *f, unsigned kind)
{
	unsigned flags = f->flags;
	sql_range *left = f->range;
	size_t from = key_get_number(&l->key), link, to;
	sql_range *link_range, *target;
	amph_path path;
	sql_expr *on;

	if (from >= l->n_ranges || !read_path(l, l->ranges[from].mapper, &path)) {
		l->key.bad = true;
		return NULL;
	}
	link = l->n_ranges;
	link_range = path.link ? amph__lower_range(l, path.link) : NULL;
	to = l->n_ranges;
	target = amph__lower_range(l, path.to);
	if (!target || (path.link && !link_range))
		return NULL;
	if (!path.link) {
		on = equal_pairs(l, path.pairs, path.n, from, to);
		on = amph__lower_filtered(l, and_alive(l, on, to, flags), to);
		return join(l, left, target, kind, and_left_counts(l, on, f, kind));
	}
	on = equal_pairs(l, path.link_pairs, path.n_link, link, to);
	on = and_alive(l, and_alive(l, on, link, flags), to, flags);
	on = amph__lower_filtered(l, on, link);
	on = amph__lower_filtered(l, on, to);
	target = join(l, link_range, target, AMPH_JOIN_INNER, on);
	on = equal_pairs(l, path.pairs, path.n, from, link);
	return join(l, left, target, kind, and_left_counts(l, on, f, kind));
}

static sql_range *join_on(amph_lowerer *l, const amph_lower_from *f, unsigned kind)
{
	const amph_mapper *mapper = amph__lower_mapper(l);
	size_t to = l->n_ranges;
	sql_range *target = mapper ? amph__lower_range(l, mapper) : NULL;
	sql_expr *on = target ? amph__lower_expr(l) : NULL;

	if (!on)
		return NULL;
	on = amph__lower_filtered(l, and_alive(l, on, to, f->flags), to);
	return join(l, f->range, target, kind, and_left_counts(l, on, f, kind));
}

static sql_range *cross_join(amph_lowerer *l, amph_lower_from *f)
{
	const amph_mapper *mapper = amph__lower_mapper(l);
	size_t to = l->n_ranges;
	sql_range *target = mapper ? amph__lower_range(l, mapper) : NULL;

	if (target)
		f->where = amph__lower_filtered(l, and_alive(l, f->where, to, f->flags), to);
	return join(l, f->range, target, AMPH_JOIN_CROSS, NULL);
}

/* Rows of the collection of one object, whose key columns are parameters. */
static sql_expr *children(amph_lowerer *l, amph_lower_from *from)
{
	const amph_mapper *parent = amph__lower_mapper(l);
	size_t side = from->main;
	sql_expr *e = NULL;
	amph_path path;

	if (!parent || !read_path(l, parent, &path))
		return NULL;
	if (path.link) {
		side = l->n_ranges;
		sql_range *link = amph__lower_range(l, path.link);
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
	return path.link ? amph__lower_filtered(l, and_alive(l, e, side, from->flags), side) : e;
}

/* Rows whose columns have the values of a row of a row set. */
static sql_expr *among(amph_lowerer *l, amph_lower_from *from)
{
	const amph_mapper *side = amph__lower_mapper(l);
	size_t n = key_get_number(&l->key), columns[AMPH_KEY_PAIRS_MAX], param;
	amph_sqltype *types = AMPH_NEWS(l->arena, amph_sqltype, AMPH_KEY_PAIRS_MAX);
	const char **names = AMPH_NEWS(l->arena, const char *, AMPH_KEY_PAIRS_MAX), *alias;
	sql_expr *e = NULL;

	if (!side || !names || !types || n == 0 || n > AMPH_KEY_PAIRS_MAX) {
		l->key.bad = true;
		return NULL;
	}
	for (size_t i = 0; i < n; i++) {
		size_t column = key_get_number(&l->key);
		types[i] = side->columns[column < side->n_columns ? column : 0].type;
		columns[i] = key_get_number(&l->key);
		names[i] = amph__arena_printf(l->arena, "k%zu", i);
	}
	param = amph__lower_rows(l, types, n);
	if (n == 1) {
		e = sql_new(l->arena, SQL_IN_ROWS, 1);
		if (e) {
			e->param = param;
			e->args.items[0] = amph__lower_column(l, from->main, columns[0]);
		}
		return e;
	}
	alias = alias_for(l, "among");
	from->range->next = alias ? sql_range_rows(l->arena, param, alias, names, n) : NULL;
	for (size_t i = 0; i < n; i++)
		e = sql_and(l->arena, e, sql_op(l->arena, "=", amph__lower_column(l, from->main, columns[i]),
						sql_column(l->arena, alias, names[i])));
	return from->range->next ? e : NULL;
}

/* Of the right side of a right or full join every row stays that counts. */
static bool read_join(amph_lowerer *l, amph_lower_from *f)
{
	unsigned kind = key_get(&l->key), form = key_get(&l->key);

	if (kind < AMPH_JOIN_INNER || kind > AMPH_JOIN_CROSS) {
		l->key.bad = true;
		return false;
	}
	if (form == KEY_JOIN_CROSS)
		f->range = cross_join(l, f);
	else
		f->range = form == KEY_JOIN_ALONG ? join_along(l, f, kind) : join_on(l, f, kind);
	if (f->range && keeps_right(kind))
		f->where = amph__lower_filtered(l, and_alive(l, f->where, l->n_ranges - 1, f->flags),
					l->n_ranges - 1);
	return f->range;
}

bool amph__lower_from(amph_lowerer *l, amph_lower_from *from)
{
	const amph_mapper *mapper;
	sql_expr *e;
	size_t n;

	*from = (amph_lower_from){ .flags = (unsigned)key_get_number(&l->key) };
	if (from->flags & KEY_CTES && !amph__lower_ctes(l, from))
		return false;
	from->main = l->n_ranges;
	mapper = amph__lower_mapper(l);
	from->range = mapper ? amph__lower_range(l, mapper) : NULL;
	if (!from->range)
		return false;
	n = key_get_number(&l->key);
	from->n_joins = n;
	for (size_t i = 0; i < n; i++) {
		if (!read_join(l, from))
			return false;
	}
	if (from->flags & KEY_AMONG)
		from->where = and_maybe(l, from->where, among(l, from));
	if (from->flags & KEY_CHILDREN)
		from->where = and_maybe(l, from->where, children(l, from));
	e = from->range ? amph__lower_condition(l) : NULL;
	from->where = and_maybe(l, from->where, e);
	from->where = and_alive(l, from->where, from->main, from->flags);
	if (from->range)
		from->where = amph__lower_filtered(l, from->where, from->main);
	if (from->range && from->flags & KEY_KEYSET)
		from->where = and_maybe(l, from->where, amph__lower_page(l, from->main));
	return from->range && !l->key.bad && !l->arena->failed;
}

/* EXISTS of a row that the relationship leads to. */
sql_expr *amph__lower_related(amph_lowerer *l)
{
	size_t from = key_get_number(&l->key), ranges = l->n_ranges, to, side;
	sql_expr *e = sql_new(l->arena, SQL_EXISTS, 0);
	amph_lower_from inner = { .main = ranges };
	amph_path path;

	if (!e || from >= ranges || !read_path(l, l->ranges[from].mapper, &path)) {
		l->key.bad = true;
		return NULL;
	}
	side = to = l->n_ranges;
	inner.range = amph__lower_range(l, path.link ? path.link : path.to);
	if (path.link) {
		sql_range *target;
		to = l->n_ranges;
		target = amph__lower_range(l, path.to);
		inner.range = join(l, inner.range, target, AMPH_JOIN_INNER,
				   equal_pairs(l, path.link_pairs, path.n_link, side, to));
	}
	if (!inner.range)
		return NULL;
	inner.where = equal_pairs(l, path.pairs, path.n, from, side);
	inner.where = and_alive(l, and_alive(l, inner.where, side, 0), to, path.link ? 0 : KEY_WITH_DELETED);
	inner.where = and_maybe(l, inner.where, amph__lower_condition(l));
	if (path.link)
		inner.where = amph__lower_filtered(l, inner.where, side);
	inner.where = amph__lower_filtered(l, inner.where, to);
	e->select = amph__lower_probe(l, &inner);
	l->n_ranges = ranges;
	return e;
}
