/* Inserting an array of structs: straight from the program's memory where every column comes
 * from it; through copies, block by block, where defaults are to be filled in. */
#include "bulk.h"
#include <string.h>

static bool named_columns(amph_bulk *b, const amph_node *only)
{
	for (; only->op != AMPH_OP_NONE; only++) {
		const amph_mapped_column *c =
			only->op == AMPH_OP_COLUMN ? amph__column_at(b->m, only->n) : NULL;
		const amph_mapper *m = only->op == AMPH_OP_COLUMN
			? amph__mapper_of(b->s->engine->registry, only->of.model, b->err) : NULL;

		if (!c || m != b->m)
			return amph__error_misuse(b->err, "%s of %s: .only takes columns of that model",
						  b->call, b->m->model->name);
		amph__set_add(&b->given, c->number);
	}
	return true;
}

/* What a call on an array would not heed; NULL: nothing. */
static const char *useless(const amph_select *q)
{
	const struct { const char *name; bool has; } members[] = {
		{ "where", q->where.n.op != AMPH_OP_NONE }, { "having", q->having.n.op != AMPH_OP_NONE },
		{ "order_by", q->order_by }, { "group_by", q->group_by }, { "distinct_on", q->distinct_on },
		{ "defer", q->defer }, { "ctes", q->ctes }, { "combine", q->combine }, { "joins", q->joins },
		{ "load", q->load }, { "fields", q->fields }, { "set", q->set },
		{ "returning", q->returning }, { "keyset", q->keyset.how }, { "of", q->of.member.model },
		{ "limit", q->limit }, { "offset", q->offset }, { "sync", q->sync },
		{ "distinct", q->distinct }, { "hybrids", q->hybrids },
		{ "for_update", q->for_update || q->for_share || q->skip_locked || q->nowait }
	};

	for (size_t i = 0; i < sizeof members / sizeof *members; i++)
		if (members[i].has)
			return members[i].name;
	return NULL;
}

bool amph__bulk_open(amph_bulk *b, const amph_model *model, const void *rows, size_t n,
		     amph_error *err)
{
	b->err = err;
	if (!amph__session_may_run(b->s, err))
		return false;
	if (n && !rows)
		return amph__error_misuse(err, "%s: the array is NULL", b->call);
	b->m = amph__mapper_of(b->s->engine->registry, model, err);
	if (!b->m || !amph__filter_of(&b->s->query, b->m, &b->filter, err))
		return false;
	if (!amph__lists_hold(b->how))
		return amph__misuse_of_seal(err);
	if (b->how->write_back && b->how->write_back != rows)
		return amph__error_misuse(err, "%s of %s: .write_back is not the array of the rows", b->call,
					  model->name);
	if (useless(b->how))
		return amph__error_misuse(err, "%s has no use for .%s", b->call, useless(b->how));
	if (b->how->only)
		return named_columns(b, b->how->only);
	for (size_t i = 0; i < b->m->n_columns; i++)
		if ((int)i != b->m->discriminator)
			amph__set_add(&b->given, i);
	return true;
}

static bool has_default(const amph_mapped_column *c)
{
	return c->decl->default_fn || c->decl->default_value.type != AMPH_T_NONE;
}

/* Of all rows; most arrays are. */
static bool are_plain(const amph_bulk *b, const char *rows, size_t n)
{
	const amph_mapper *m = b->m;

	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < m->n_checked; k++) {
			const amph_mapped_column *c = &m->columns[m->checked[k]];

			if (amph__set_has(&b->columns, c->number) &&
			    !amph__slot_is_plain(&c->slot, &c->type, rows + i * m->size))
				return false;
		}
	return true;
}

bool amph__bulk_unfit(amph_bulk *b, const char *rows, size_t n)
{
	const amph_mapper *m = b->m;

	b->plain = are_plain(b, rows, n);
	for (size_t c = 0; !b->plain && c < m->n_columns; c++) {
		const amph_mapped_column *column = &m->columns[c];

		if (!amph__set_has(&b->columns, c) || !amph__slot_needs_fit(&column->slot, &column->type))
			continue;
		for (size_t i = 0; i < n; i++)
			if (!amph__slot_is_fit(&column->slot, &column->type, rows + i * m->size))
				return true;
	}
	return false;
}

/* ---- rows that are equal ---- */

static bool has_null(const amph_mapper *m, const amph_column_set *columns, const char *row)
{
	for (size_t i = 0; i < m->n_columns; i++)
		if (amph__set_has(columns, i) && amph__slot_is_null(&m->columns[i].slot, row))
			return true;
	return false;
}

static uint64_t hash_row(const amph_mapper *m, const amph_column_set *columns, const char *row)
{
	uint64_t h = 0;

	for (size_t i = 0; i < m->n_columns; i++)
		if (amph__set_has(columns, i))
			h = amph__member_hash(&m->columns[i].slot, row, h);
	return h;
}

static bool same_row(const amph_mapper *m, const amph_column_set *columns, const char *a, const char *b)
{
	for (size_t i = 0; i < m->n_columns; i++)
		if (amph__set_has(columns, i) && !amph__slot_equal(&m->columns[i].slot, a, b))
			return false;
	return true;
}

/* A part of the key that is the database's to give. */
static bool has_unset(const amph_bulk *b, const amph_column_set *columns, const char *row)
{
	for (size_t i = 0; i < b->m->n_keys; i++)
		if (amph__set_has(&b->unset, b->m->keys[i]) && amph__set_has(columns, b->m->keys[i]) &&
		    amph__is_unset(&b->m->columns[b->m->keys[i]], row))
			return true;
	return false;
}

bool amph__bulk_differ(amph_bulk *b, const amph_column_set *columns, const char *rows, size_t n)
{
	size_t cap = 4, size = b->m->size;
	const char **table;

	while (cap < n * 2)
		cap *= 2;
	table = AMPH_NEWS(&b->s->flush_arena, const char *, cap);
	if (!table)
		return amph__error_nomem(b->err);
	for (size_t i = 0; i < n; i++) {
		const char *row = rows + i * size;
		size_t at;

		if (has_null(b->m, columns, row) || has_unset(b, columns, row))
			continue;
		for (at = hash_row(b->m, columns, row) & (cap - 1); table[at]; at = (at + 1) & (cap - 1))
			if (same_row(b->m, columns, table[at], row))
				return amph__error(b->err, "21000", "%s of %s: the same key is in the array "
						   "twice", b->call, b->m->model->name);
		table[at] = row;
	}
	return true;
}

void amph__bulk_back(const amph_bulk *b, const char *copies, size_t n, size_t at)
{
	const amph_mapper *m = b->m;

	for (size_t i = 0; b->how->write_back && i < n; i++) {
		char *to = (char *)b->how->write_back + (at + i) * m->size;

		for (size_t c = 0; c < m->n_columns; c++) {
			const amph_slot *slot = &m->columns[c].slot;

			if (amph__set_has(&b->back, c))
				memcpy(to + slot->offset, copies + i * m->size + slot->offset,
				       amph_type_size(slot->type, slot->nullable));
		}
	}
}

static bool has_own_ids(const amph_mapper *m)
{
	return m->identity >= 0 && m->columns[m->identity].decl->identity == AMPH_IDENTITY_ALWAYS;
}

static bool is_made(const amph_mapped_column *c)
{
	return c->identity || c->server_default;
}

/* Keys of 0 are numbered, and made where they have a default, unless .only names the key. */
static void plan_keys(amph_bulk *b, const char *rows, size_t n)
{
	const amph_mapper *m = b->m;

	for (size_t k = 0; k < m->n_keys && !b->how->only; k++) {
		const amph_mapped_column *c = &m->columns[m->keys[k]];
		size_t unset = 0;

		for (size_t i = 0; i < n && is_made(c); i++)
			unset += amph__is_unset(c, rows + i * m->size);
		if (!unset)
			continue;
		amph__set_add(&b->unset, c->number);
		if (unset == n)
			amph__set_remove(&b->given, c->number);
		else if (c->identity)
			b->copies = b->ids = true;
		else
			amph__set_add(&b->made, c->number);
	}
}

/* A version that the array does not give begins as that of a new object. */
static bool begins_version(const amph_bulk *b, const amph_mapped_column *c)
{
	return c->version && !c->server_default && !amph__set_has(&b->given, c->number);
}

/* Which columns are sent, and whether rows must be completed first. */
static void plan(amph_bulk *b, const char *rows, size_t n)
{
	const amph_mapper *m = b->m;

	plan_keys(b, rows, n);
	for (size_t i = 0; i < m->n_columns; i++) {
		const amph_mapped_column *c = &m->columns[i];
		bool given = amph__set_has(&b->given, i);

		if (c->computed)
			continue;
		if (given) {
			amph__set_add(&b->columns, i);
		} else if (has_default(c) || begins_version(b, c) ||
			   (b->filter && amph__set_has(&b->filter->columns, i))) {
			amph__set_add(&b->columns, i);
			b->copies = true;
		} else if (c->identity &&
			   (b->how->write_back || !(b->s->conn->caps & AMPH_CAP_SERVER_IDS))) {
			amph__set_add(&b->columns, i);
			b->copies = b->ids = true;
		} else if (c->primary_key && c->server_default && b->how->write_back &&
			   !b->how->on_conflict) {
			/* rows that come back are told apart by it */
			amph__set_add(&b->columns, i);
			amph__set_add(&b->made, i);
		}
	}
	b->copies |= !amph__set_is_empty(&b->made);
	if (m->discriminator >= 0) {
		amph__set_add(&b->columns, (size_t)m->discriminator);
		b->copies = true;
	}
	b->copies |= amph__has_event(b->s, m, AMPH_BEFORE_INSERT) || b->how->write_back;
	b->copies = b->copies || amph__bulk_unfit(b, rows, n);
}

/* What is checked beside the values themselves. */
static bool is_allowed(const amph_bulk *b, const char *row, amph_event_kind kind)
{
	return (!b->m->validates || amph__validate(b->s, b->m, &b->columns, row, kind, b->err)) &&
	       (!b->filter || amph__filter_allows(b->s, b->m, row, b->err));
}

static bool check_value(const amph_bulk *b, const amph_mapped_column *c, const char *row)
{
	return amph__slot_check(&c->slot, &c->type, row, b->m->table->name, c->name, b->err) ||
	       amph__error_of_member(c, b->err);
}

bool amph__bulk_check(const amph_bulk *b, const char *row, amph_event_kind kind)
{
	const amph_mapper *m = b->m;

	if (!is_allowed(b, row, kind))
		return false;
	for (size_t i = 0; !b->plain && i < m->n_checked; i++) {
		const amph_mapped_column *c = &m->columns[m->checked[i]];

		if (amph__set_has(&b->columns, c->number) && !check_value(b, c, row))
			return false;
	}
	return true;
}

static bool check_rows(const amph_bulk *b, const char *rows, size_t n)
{
	bool needed = !b->plain || b->m->validates || b->filter;

	for (size_t i = 0; needed && i < n; i++)
		if (!amph__bulk_check(b, rows + i * b->m->size, AMPH_BEFORE_INSERT))
			return false;
	return true;
}

bool amph__bulk_take(const amph_bulk *b, char *row, amph_event_kind kind)
{
	const amph_mapper *m = b->m;

	if (!is_allowed(b, row, kind))
		return false;
	for (size_t i = 0; i < m->n_checked; i++) {
		const amph_mapped_column *c = &m->columns[m->checked[i]];

		if (!amph__set_has(&b->columns, c->number) || amph__slot_is_plain(&c->slot, &c->type, row))
			continue;
		if (!check_value(b, c, row) ||
		    (amph__slot_needs_fit(&c->slot, &c->type) &&
		     !amph__slot_fit(&c->slot, &c->type, row, &b->s->flush_arena, b->err)))
			return false;
	}
	return true;
}

/* Rows that have a key keep it, where others of the array have none. */
static bool number_rows(amph_bulk *b, char *rows, size_t n)
{
	const amph_mapper *m = b->m;
	int64_t *ids = AMPH_NEWS(&b->s->flush_arena, int64_t, n);
	const char *table = amph__table_name(&b->s->flush_arena, m);
	bool all = !amph__set_has(&b->given, (size_t)m->identity);
	size_t need = all ? n : 0;

	if (!ids || !table)
		return amph__error_nomem(b->err);
	for (size_t i = 0; i < n && !all; i++)
		need += amph__is_unset(&m->columns[m->identity], rows + i * m->size);
	if (need && !amph__take_ids(b->s->conn, table, m->columns[m->identity].name, need, ids, b->err))
		return false;
	for (size_t i = 0, at = 0; i < n; i++) {
		char *row = rows + i * m->size;

		if ((all || amph__is_unset(&m->columns[m->identity], row)) &&
		    !amph__put_id(m, row, ids[at++], b->err))
			return false;
	}
	return true;
}

static bool make_keys(amph_bulk *b, char *rows, size_t n)
{
	const amph_mapper *m = b->m;
	void **need = AMPH_NEWS(&b->s->flush_arena, void *, n);

	if (!need)
		return amph__error_nomem(b->err);
	for (size_t k = 0; k < m->n_keys; k++) {
		const amph_mapped_column *c = &m->columns[m->keys[k]];
		bool all = !amph__set_has(&b->given, c->number);
		size_t some = 0;

		if (!amph__set_has(&b->made, c->number))
			continue;
		for (size_t i = 0; i < n; i++)
			if (all || amph__is_unset(c, rows + i * m->size))
				need[some++] = rows + i * m->size;
		if (!amph__take_defaults(b->s, c, need, some, b->err))
			return false;
	}
	return true;
}

static void begin_version(const amph_bulk *b, char *row)
{
	const amph_mapped_column *c = b->m->version >= 0 ? &b->m->columns[b->m->version] : NULL;

	if (c && begins_version(b, c) && !has_default(c))
		memset(row + c->slot.offset, 0, amph_type_size(c->slot.type, c->slot.nullable));
}

static bool complete(amph_bulk *b, char *rows, size_t n)
{
	const amph_mapper *m = b->m;
	bool heard = amph__has_event(b->s, m, AMPH_BEFORE_INSERT);

	if ((b->ids && !number_rows(b, rows, n)) ||
	    (!amph__set_is_empty(&b->made) && !make_keys(b, rows, n)))
		return false;
	for (size_t i = 0; i < n; i++) {
		char *row = rows + i * m->size;

		begin_version(b, row);
		if (!amph__apply_defaults(b->s, m, &b->given, row, b->err) ||
		    !amph__kind_fill(m, &b->given, row, b->err) ||
		    !amph__filter_fill(b->s, m, &b->given, row, b->err))
			return false;
		if ((heard && !amph__run_bulk_event(b->s, m, AMPH_BEFORE_INSERT, row, b->err)) ||
		    !amph__bulk_take(b, row, AMPH_BEFORE_INSERT))
			return false;
	}
	return true;
}

static bool load(amph_bulk *b, const amph_arg *arg, bool *done)
{
	const amph_mapper *m = b->m;
	const char **names = AMPH_NEWS(&b->s->flush_arena, const char *, m->n_columns + 1);
	amph_sqltype *types = AMPH_NEWS(&b->s->flush_arena, amph_sqltype, m->n_columns);
	int64_t affected;
	size_t n = 0;

	*done = false;
	if (arg->n_rows < 20)
		return true;
	const char *table = amph__table_name(&b->s->flush_arena, m);
	if (!names || !types || !table)
		return amph__error_nomem(b->err);
	for (size_t i = 0; i < m->n_columns; i++) {
		if (!amph__set_has(&b->columns, i))
			continue;
		names[n] = m->columns[i].name;
		types[n++] = m->columns[i].type;
	}
	return amph__load(b->s->conn, table, names, types, arg, done, &affected, b->err);
}

/* The statement is a query's, whose conditions and values come after the rows. */
static bool insert_in_conflict(amph_bulk *b, const amph_arg *arg)
{
	amph_session *s = b->s;
	const amph_compiled *c;
	int64_t affected = 0;

	if (!amph__shape_insert_rows(&s->query, b->m, &b->columns, b->how, b->err))
		return false;
	c = amph__session_compile(s, NULL, b->err);
	if (!c)
		return false;
	s->query.args[0] = *arg;
	bool ok = amph__run(s->conn, c->code, s->query.args, &affected, b->err);
	amph__query_release(c);
	b->affected += affected;
	return ok;
}

/* Conditions of a conflict that no row could meet are refused before ids are taken for any. */
static bool check_conflict(amph_bulk *b)
{
	const amph_compiled *c;

	if (!b->how->on_conflict || !b->ids)
		return true;
	c = amph__shape_insert_rows(&b->s->query, b->m, &b->columns, b->how, b->err)
		? amph__session_compile(b->s, NULL, b->err) : NULL;
	if (c)
		amph__query_release(c);
	return c != NULL;
}

static bool insert_rows(amph_bulk *b, const char *rows, size_t n)
{
	const amph_mapper *m = b->m;
	amph_slot *slots = AMPH_NEWS(&b->s->flush_arena, amph_slot, m->n_columns);
	amph_arg arg = { .n_rows = n, .stride = m->size, .slots = slots, .base = rows, .checked = true };
	amph_dml_key key;
	bool done;

	if (!slots)
		return amph__error_nomem(b->err);
	for (size_t i = 0; i < m->n_columns; i++)
		if (amph__set_has(&b->columns, i))
			slots[arg.n_slots++] = m->columns[i].slot;
	if (!b->copies && !check_rows(b, rows, n))
		return false;
	if (b->how->on_conflict)
		return insert_in_conflict(b, &arg);
	if (!load(b, &arg, &done))
		return false;
	if (done)
		return true;
	memset(&key, 0, sizeof key);
	key.mapper = m->ordinal;
	key.op = AMPH_DML_INSERT;
	key.rows = 1;
	key.columns = b->columns;
	amph__name_identity(m, &b->columns, &arg);
	key.counts = has_own_ids(m) ? AMPH_DML_NUMBERED : 0;
	const amph_code *code = amph__dml_code_in(b->s, &key, &b->s->flush_arena, b->err);
	return code && amph__run(b->s->conn, code, &arg, NULL, b->err);
}

bool amph__bulk_copies(amph_bulk *b, const char *rows, size_t n, amph_bulk_fn *work)
{
	const amph_mapper *m = b->m;
	char *copy = amph__alloc(b->s->allocator, AMPH_BULK_ROWS * m->size);
	bool ok = copy || amph__error_nomem(b->err);

	for (size_t at = 0; ok && at < n; at += AMPH_BULK_ROWS) {
		size_t some = n - at < AMPH_BULK_ROWS ? n - at : AMPH_BULK_ROWS;

		memcpy(copy, rows + at * m->size, some * m->size);
		ok = work(b, copy, some, at);
		amph__arena_reset(&b->s->flush_arena);
	}
	amph__free(b->s->allocator, copy);
	return ok;
}

/* Keys that the database makes, and no sequence tells beforehand. */
static bool makes_keys(const amph_bulk *b)
{
	for (size_t i = 0; i < b->m->n_keys; i++)
		if (!amph__set_has(&b->columns, b->m->keys[i]))
			return true;
	return false;
}

/* What the database makes of rows is read where it is asked for: what it fills itself, and all of a
 * row that was there before. */
static bool insert_copies(amph_bulk *b, char *rows, size_t n, size_t at)
{
	amph_column_set wanted = { { 0 } };

	for (size_t i = 0; b->how->write_back && i < b->m->n_columns; i++)
		if (amph__set_has(&b->back, i) && (b->how->on_conflict || !amph__set_has(&b->columns, i)))
			amph__set_add(&wanted, i);
	if (!complete(b, rows, n))
		return false;
	if (!b->how->on_conflict && !amph__set_is_empty(&wanted) && makes_keys(b)) {
		if (!amph__bulk_make(b, rows, n, &wanted))
			return false;
		amph__bulk_back(b, rows, n, at);
		return true;
	}
	if (!insert_rows(b, rows, n) ||
	    (!amph__set_is_empty(&wanted) && !amph__bulk_read(b, rows, n, &wanted)))
		return false;
	amph__bulk_back(b, rows, n, at);
	return true;
}

/* As they are, in chunks that one statement may have; COPY takes all at once. */
static bool insert_straight(amph_bulk *b, const char *rows, size_t n)
{
	bool chunks = b->how->on_conflict ||
		      (b->s->conn->caps & AMPH_CAP_PIPELINE && !(b->s->conn->caps & AMPH_CAP_LOAD));
	size_t most = chunks ? AMPH_BULK_ROWS : n;

	for (size_t at = 0; at < n; at += most) {
		size_t some = n - at < most ? n - at : most;

		if (!insert_rows(b, rows + at * b->m->size, some))
			return false;
		amph__arena_reset(&b->s->flush_arena);
	}
	return true;
}

/* What is not given is filled; with a conflict, whatever may differ from the row that was there. */
static bool plan_back(amph_bulk *b)
{
	const amph_mapper *m = b->m;
	const amph_conflict *c = b->how->on_conflict;

	if (!b->how->write_back)
		return true;
	for (size_t i = 0; i < m->n_columns; i++)
		if (!amph__set_has(&b->given, i) || m->columns[i].computed ||
		    (c && (m->columns[i].primary_key || m->columns[i].version)))
			amph__set_add(&b->back, i);
	for (size_t i = 0; i < m->n_keys; i++)
		if (amph__set_has(&b->unset, m->keys[i]))
			amph__set_add(&b->back, m->keys[i]);
	return !c || !amph__set_is_empty(&b->match) ||
	       amph__error_misuse(b->err, "%s of %s: .write_back needs to know by .on of which key rows "
				  "are in conflict", b->call, m->model->name);
}

/* The columns of .on; rows that are updated must differ in them. */
static bool plan_conflict(amph_bulk *b, const char *rows, size_t n)
{
	const amph_conflict *c = b->how->on_conflict;

	for (const amph_node *on = c ? c->on : NULL; on && on->op != AMPH_OP_NONE; on++) {
		const amph_mapped_column *column =
			on->op == AMPH_OP_COLUMN ? amph__column_at(b->m, on->n) : NULL;

		if (!column)
			return amph__error_misuse(b->err, "%s of %s: .on of a conflict takes columns of that "
						  "model", b->call, b->m->model->name);
		amph__set_add(&b->match, column->number);
	}
	return !c || (!c->update && !c->set) || amph__set_is_empty(&b->match) ||
	       amph__bulk_differ(b, &b->match, rows, n);
}

static bool insert_planned(amph_bulk *b, const void *rows, size_t n)
{
	amph_session *s = b->s;
	bool ok;

	/* rows that wait may be those that these refer to */
	if (!n)
		return true;
	if (!amph__run_bulk_event(s, b->m, AMPH_BEFORE_BULK_INSERT, NULL, b->err) ||
	    !amph__flush(s, b->err) || !amph__session_conn(s, b->err))
		return false;
	plan(b, rows, n);
	if (amph__set_is_empty(&b->columns))
		return amph__error_misuse(b->err, "%s of %s: no column is given", b->call, b->m->model->name);
	if (has_own_ids(b->m) && amph__set_has(&b->given, (size_t)b->m->identity))
		return amph__refuse_id(b->m, b->err);
	if (!plan_conflict(b, rows, n) || !plan_back(b) || !check_conflict(b))
		return false;
	s->wrote = true;
	ok = b->copies ? amph__bulk_copies(b, rows, n, insert_copies) : insert_straight(b, rows, n);
	if (b->how->on_conflict)
		amph__expire_model(s, b->m);
	return ok && amph__run_bulk_event(s, b->m, AMPH_AFTER_BULK_INSERT, NULL, b->err);
}

static bool insert_many(amph_bulk *b, const amph_model *m, const void *rows, size_t n, amph_error *err)
{
	bool ok = amph__bulk_open(b, m, rows, n, err) && insert_planned(b, rows, n);

	if (b->m)
		amph__arena_reset(&b->s->flush_arena);
	return ok;
}

static int64_t failed(amph_bulk *b, const char *rows, size_t n, amph_error *err)
{
	for (size_t i = 0; i < n && b->m; i++)
		if (amph__error_blame(b->s, b->m, &b->given, rows + i * b->m->size, err))
			break;
	amph__session_error(b->s, err);
	return -1;
}

static const amph_select nothing = { .abi = AMPH_ABI };

int64_t amph_do_insert_many(amph_session *s, const amph_model *m, const void *rows, size_t n,
			    const amph_select *how)
{
	amph_bulk b = { .s = s, .how = how ? how : &nothing, .call = "amph_insert_many" };
	amph_error err;

	if (insert_many(&b, m, rows, n, &err))
		return b.how->on_conflict ? b.affected : (int64_t)n;
	return failed(&b, rows, n, &err);
}

/* ---- upserts ---- */

static bool is_in(const amph_node *list, const amph_mapped_column *c)
{
	for (; list && list->op != AMPH_OP_NONE; list++)
		if (list->n == c->slot.offset)
			return true;
	return false;
}

static const amph_node *column_nodes(amph_bulk *b, const amph_node *but)
{
	const amph_mapper *m = b->m;
	amph_node *list = AMPH_NEWS(&b->s->scratch, amph_node, m->n_columns + 1);
	size_t n = 0;

	for (size_t i = 0; list && i < m->n_columns; i++) {
		const amph_mapped_column *c = &m->columns[i];
		bool takes = c->primary_key;

		if (but)
			takes = amph__set_has(&b->given, i) && !is_in(but, c) && !c->computed && !c->version;
		if (but && b->filter && amph__set_has(&b->filter->columns, i))
			takes = false;
		if (takes)
			list[n++] = (amph_node){ .op = AMPH_OP_COLUMN, .n = c->slot.offset,
						 .of = { .model = m->model } };
	}
	return list ? amph_nodes_of(list) : NULL;
}

/* The primary key, and all that is given, where the program names nothing else. */
static bool plan_upsert(amph_bulk *b, amph_select *how, amph_conflict *conflict)
{
	if (how->on_conflict)
		*conflict = *how->on_conflict;
	how->on_conflict = conflict;
	amph__arena_reset(&b->s->scratch);
	if (!conflict->on)
		conflict->on = column_nodes(b, NULL);
	if (!conflict->on)
		return amph__error_nomem(b->err);
	for (const amph_node *on = conflict->on; on->op != AMPH_OP_NONE; on++) {
		const amph_mapped_column *c = amph__column_at(b->m, on->n);

		if (c && !amph__set_has(&b->given, c->number))
			return amph__error_misuse(b->err, "%s of %s: the key \"%s\" is not given: name "
						  "another by .on_conflict", b->call, b->m->model->name,
						  c->decl->member);
	}
	if (conflict->update || conflict->set)
		return true;
	conflict->update = column_nodes(b, conflict->on);
	if (!conflict->update)
		return amph__error_nomem(b->err);
	if (conflict->update->op == AMPH_OP_NONE)
		conflict->update = NULL;
	return true;
}

int64_t amph_do_upsert_many(amph_session *s, const amph_model *m, const void *rows, size_t n,
			    const amph_select *how)
{
	amph_conflict conflict = { .on = NULL };
	amph_select full = how ? *how : nothing;
	amph_bulk b = { .s = s, .how = &full, .call = "amph_upsert_many" };
	amph_error err;

	if (amph__bulk_open(&b, m, rows, n, &err) && plan_upsert(&b, &full, &conflict) &&
	    insert_planned(&b, rows, n)) {
		amph__arena_reset(&s->flush_arena);
		return b.affected;
	}
	return failed(&b, rows, n, &err);
}
