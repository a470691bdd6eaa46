/* What the lives of alloc_sweep are made of. Each part is one transaction; where it failed it is
 * begun anew in the same session. */
#include "alloc_life.h"
#include <stdio.h>

typedef struct Account Account;
typedef struct Entry Entry;
struct Account {
	int64_t id;
	const char *name;
	amph_numeric balance;
	AMPH_MANY(Entry) entries;
};
struct Entry {
	int64_t id;
	int64_t account_id;
	amph_numeric amount;
	const char *note;
	amph_timestamptz made_at;
	amph_json meta;
	Account *account;
};
AMPH_DECLARE(Account);
AMPH_DECLARE(Entry);
AMPH_MODEL(Account, "accounts",
	.columns = AMPH_COLUMNS(
		AMPH_COLUMN(Account, id, .primary_key = true),
		AMPH_COLUMN(Account, name, .length = 20, .not_null = true, .unique = true),
		AMPH_COLUMN(Account, balance, .precision = 10, .scale = 2, .check = "balance >= 0")),
	.relations = AMPH_RELATIONS(
		AMPH_HAS_MANY(Account, entries, Entry, account_id, .back = AMPH_MEMBER(Entry, account),
			      .cascade = AMPH_CASCADE_ALL | AMPH_DELETE_ORPHAN)));
AMPH_MODEL(Entry, "entries",
	.columns = AMPH_COLUMNS(
		AMPH_COLUMN(Entry, id, .primary_key = true),
		AMPH_COLUMN(Entry, account_id, .references = AMPH_REF(Account, id), .index = true),
		AMPH_COLUMN(Entry, amount, .precision = 10, .scale = 2),
		AMPH_COLUMN(Entry, note),
		AMPH_COLUMN(Entry, made_at, .default_fn = amph_now), AMPH_COLUMN(Entry, meta)),
	.relations = AMPH_RELATIONS(AMPH_BELONGS_TO(Entry, account, Account, account_id,
						    .back = AMPH_MEMBER(Account, entries))));
const amph_model *const life_models[] = { &amph_model_Account, &amph_model_Entry, NULL };


static bool insert(amph_session *s)
{
	static char names[LIFE_ACCOUNTS][24];
	Account *accounts[LIFE_ACCOUNTS];

	for (int i = 0; i < LIFE_ACCOUNTS; i++) {
		snprintf(names[i], sizeof names[i], "account %d", i);
		accounts[i] = amph_new(s, Account, .name = names[i], .balance = amph_numeric_from_int64(100));
	}
	if (!amph_flush(s))
		return false;
	for (int i = 0; i < LIFE_ACCOUNTS; i++)
		amph_new(s, Entry, .account_id = accounts[i]->id, .amount = amph_numeric_from_int64(100),
			 .note = "opened", .meta = AMPH_JSON({ "kinds": [ "first", 2 ] }));
	return amph_commit(s);
}

typedef struct Total { int64_t account_id; amph_opt_numeric sum; } Total;
AMPH_ROW(Total);

/* Statements of several parts, which leave all as it is. */
static bool ask(amph_session *s, Account *first)
{
	Account again[] = { *first };
	Total *totals = amph_project(s, Total, Total,
		.ctes = amph_ctes(amph_cte(Total, Entry, .group_by = amph_by(amph_col(Entry, account_id)),
			.fields = amph_fields(amph_into(Total, account_id, amph_col(Entry, account_id)),
					      amph_into(Total, sum, amph_fn_sum(amph_col(Entry, amount)))))),
		.combine = amph_combine(amph_union(Account, .fields = amph_fields(
			amph_into(Total, account_id, amph_col(Account, id)),
			amph_into(Total, sum, amph_col(Account, balance))))),
		.fields = amph_fields(amph_into(Total, account_id, amph_col(Total, account_id)),
				      amph_into(Total, sum, amph_col(Total, sum))));

	return totals && amph_all(s, Account, .keyset = amph_after(Account, first), .limit = 2) &&
	       amph_upsert_many(s, Account, again, 1, .write_back = again) == 1 &&
	       amph_update_many(s, Account, again, 1) == 1 && amph_json_of(s, Account) &&
	       amph_update(s, Account, .where = amph_eq(amph_col(Account, id), first->id),
			   .set = amph_sets(amph_set(Account, balance, first->balance)),
			   .sync = AMPH_SYNC_REFRESH) == 1;
}

static bool change(amph_session *s)
{
	Account **accounts =
		amph_all(s, Account, .where = amph_starts_with(amph_col(Account, name), "account"),
			 .order_by = amph_by(amph_col(Account, id)));

	if (!accounts || amph_length(accounts) != LIFE_ACCOUNTS)
		return false;
	for (size_t i = 0; i < LIFE_ACCOUNTS; i += 2) {
		accounts[i]->balance = amph_numeric_from_int64(90);
		accounts[i + 1]->balance = amph_numeric_from_int64(110);
	}
	Entry *first = amph_first(s, Entry, .where = amph_eq(amph_col(Entry, account_id), accounts[0]->id));
	if (!first || !amph_delete(s, first))
		return false;
	amph_new(s, Entry, .account_id = accounts[0]->id, .amount = amph_numeric_from_int64(90),
		 .note = "moved");
	return ask(s, accounts[0]) &&
	       amph_update(s, Entry, .where = amph_eq(amph_col(Entry, account_id), accounts[1]->id),
			   .set = amph_sets(amph_set(Entry, note, "received"))) == 1 &&
	       amph_commit(s);
}

/* Relationships read eagerly and where they are touched. */
static bool read_related(amph_session *s)
{
	size_t n = 0;
	Account **accounts = amph_all(s, Account, .load = amph_with(amph_selectin(Account, entries)));

	if (!accounts)
		return false;
	amph_each(Account, a, accounts)
		n += amph_length(a->entries);
	amph_session_clear(s);
	Entry **entries = amph_all(s, Entry, .load = amph_with(amph_joined(Entry, account)),
				   .order_by = amph_by(amph_col(Entry, id)), .limit = 3);
	if (!entries)
		return false;
	amph_session_clear(s);
	entries = amph_all(s, Entry);
	if (!entries)
		return false;
	amph_each(Entry, e, entries) {
		if (!amph_rel(e, account))
			return false;
		n += amph_length(amph_rel(e->account, entries)) == 1;
		if (amph_failed(s))
			return false;
	}
	return n == 2 * LIFE_ACCOUNTS;
}

static bool run_sql(amph_session *s)
{
	amph_rows *r = amph_sql(s, "UPDATE entries SET note = note WHERE note = :note",
				amph_bind("note", "moved"));

	if (!amph_rows_close(r))
		return false;
	r = amph_sql(s, "SELECT a.name, count(*) AS n, sum(e.amount) AS total FROM accounts a "
			"JOIN entries e ON e.account_id = a.id GROUP BY a.name HAVING count(*) > :least "
			"ORDER BY 1", amph_bind("least", 0));
	while (amph_next(r))
		;
	return amph_rows_close(r);
}

/* Relationships, SQL of the program's own, and a family in a savepoint that is rolled back: what it
 * leaves is what it found. */
static bool relate(amph_session *s)
{
	if (!read_related(s) || !run_sql(s) || !amph_savepoint(s))
		return false;
	Account *other = amph_first(s, Account, .where = amph_eq(amph_col(Account, name), "account 1"));
	Account *a = amph_new(s, Account, .name = "family", .balance = amph_numeric_from_int64(1));
	Entry *e = amph_new(s, Entry, .amount = amph_numeric_from_int64(1), .note = "child");
	if (!a || !e || !other || !amph_append(a, entries, e) || !amph_flush(s) ||
	    !amph_delete(s, other) || !amph_flush(s) || !amph_rollback_to(s))
		return false;
	return amph_commit(s);
}

bool life_was_applied(amph_engine *db, const char *note)
{
	amph_session *s = amph_session_open(db);
	bool applied = s && amph_count(s, Entry, .where = amph_eq(amph_col(Entry, note), note)) > 0;

	amph_session_close(s);
	return applied;
}

/* ---- all kinds of queries: they leave what they found ---- */
static bool count_event(amph_event *event, void *object)
{
	++*(int *)amph_event_ctx(event);
	return object || amph_event_kind_of(event) == AMPH_BEFORE_FLUSH;
}

/* Handlers and filters of the session's own; those of an attempt that failed go first. */
static bool listen_and_filter(amph_session *s)
{
	static int events;
	Account *a;
	bool ok;

	events = 0;
	ok = amph_listen(s, AMPH_BEFORE_FLUSH, NULL, count_event, &events) &&
	     amph_listen(s, AMPH_AFTER_LOAD, &amph_model_Account, count_event, &events) &&
	     amph_listen(s, AMPH_BEFORE_UPDATE, &amph_model_Account, count_event, &events);
	if (!ok || !amph_filter(s, Entry, note, "opened") || amph_count(s, Entry) < 1)
		return false;
	a = amph_first(s, Account, .where = amph_eq(amph_col(Account, name), "account 3"));
	if (!a || amph_length(amph_rel(a, entries)) > 1 || !amph_unfilter(s, Entry, note))
		return false;
	a->name = "another name";
	if (!amph_flush(s))
		return false;
	a->name = "account 3";
	ok = amph_flush(s) && events >= 3;
	while (amph_unlisten(s, AMPH_BEFORE_FLUSH, NULL, count_event, &events) ||
	       amph_unlisten(s, AMPH_AFTER_LOAD, &amph_model_Account, count_event, &events) ||
	       amph_unlisten(s, AMPH_BEFORE_UPDATE, &amph_model_Account, count_event, &events))
		;
	return ok;
}

static bool read_json(amph_session *s)
{
	Entry *e = amph_first(s, Entry, .order_by = amph_by(amph_col(Entry, id)),
			      .where = amph_json_contains(amph_col(Entry, meta),
							  AMPH_JSON({ "kinds": [ 2 ] })));
	amph_rows *r;

	if (!e || !amph_to_json(s, e) || !amph_repr(s, e))
		return false;
	r = amph_rows_of(s, Entry, .limit = 3, .fields = amph_fields(
			amph_as("kind", amph_call(text, "jsonb_extract_path_text", amph_col(Entry, meta),
						  "kinds", "0")),
			amph_as("all", amph_call(json, "||", amph_col(Entry, meta),
						 AMPH_JSON({ "more": true })))));
	while (amph_next(r))
		if (!amph_cell_text(r, "kind"))
			break;
	return amph_rows_close(r);
}

typedef struct Ranked { int64_t id; int64_t place; amph_opt_numeric before; } Ranked;
AMPH_ROW(Ranked);

static bool read_windows(amph_session *s)
{
	amph_stream *stream;
	Ranked *list = amph_project(s, Ranked, Account,
		.where = amph_any(Account, entries, amph_not_null(amph_col(Entry, note))),
		.order_by = amph_by(amph_label(Ranked, place)), .fields = amph_fields(
			amph_into(Ranked, id, amph_col(Account, id)),
			amph_into(Ranked, place, amph_over(amph_fn_row_number(),
				.order_by = amph_by(amph_desc(amph_col(Account, id))))),
			amph_into(Ranked, before, amph_over(amph_fn_sum(amph_col(Account, balance)),
				.order_by = amph_by(amph_col(Account, id)),
				.partition_by = amph_by(amph_col(Account, balance))))));
	size_t n = 0;

	if (!list || amph_length(list) != LIFE_ACCOUNTS)
		return false;
	stream = amph_stream_open(s, Account, .order_by = amph_by(amph_col(Account, id)));
	while (amph_stream_next(stream))
		n++;
	return amph_stream_close(stream) && n == LIFE_ACCOUNTS;
}

typedef struct Step { int64_t n; const char *note; } Step;
AMPH_ROW(Step);

/* Rows of a function, and of a query beside each row. */
static bool read_sources(amph_session *s)
{
	Step *steps = amph_project(s, Step, Account, .joins = amph_joins(amph_cross_join(Step)),
		.ctes = amph_ctes(amph_set_of(Step, amph_call(int, "generate_series", 1, 3),
					      amph_given(Step, n))),
		.fields = amph_fields(amph_into(Step, n, amph_col(Step, n))));
	Step *last = steps ? amph_project(s, Step, Account, .joins = amph_joins(amph_cross_join(Step)),
		.ctes = amph_ctes(amph_lateral(Step, Entry, .limit = 1,
			.where = amph_eq(amph_col(Entry, account_id), amph_col(Account, id)),
			.order_by = amph_by(amph_desc(amph_col(Entry, id))),
			.fields = amph_fields(amph_into(Step, n, amph_col(Entry, id)),
					      amph_into(Step, note, amph_col(Entry, note))))),
		.where = amph_any_select("=", amph_col(Account, id), amph_col(Entry, account_id), Entry),
		.fields = amph_fields(amph_into(Step, n, amph_col(Step, n)),
				      amph_into(Step, note, amph_col(Step, note)))) : NULL;

	return last && amph_length(steps) == 3 * LIFE_ACCOUNTS && amph_length(last) == LIFE_ACCOUNTS;
}

/* Parts of collections and of rows, JSON of both, and a change that is evaluated in memory. */
static bool read_parts(amph_session *s)
{
	Account **list, *first;
	amph_query *q;
	Step *steps;

	amph_session_clear(s);
	list = amph_all(s, Account, .defer = amph_by(amph_col(Account, balance)),
		.order_by = amph_by(amph_col(Account, id)),
		.load = amph_with(amph_selectin_of(Account, entries,
			.where = amph_not_null(amph_col(Entry, note)),
			.order_by = amph_by(amph_desc(amph_col(Entry, id))))));
	first = list ? list[0] : NULL;
	if (!first || !amph_refresh(s, first) ||
	    !amph_to_json_with(s, first, amph_with(amph_selectin(Account, entries))) || !amph_savepoint(s) ||
	    amph_update(s, Account, .where = amph_eq(amph_col(Account, id), first->id),
			.set = amph_sets(amph_set(Account, balance, amph_dec(7))),
			.sync = AMPH_SYNC_EVALUATE) != 1 || !amph_rollback_to(s))
		return false;
	q = amph_query_new(s, &amph_model_Account);
	if (!q)
		return false;
	amph_source_add(q, AMPH_CTE_SET, &amph_model_Step,
			amph_expr_call(q, "generate_series", (const amph_expr *[]){
				amph_expr_value(q, (amph_value){ .type = AMPH_T_INT64, .v = { .i = 1 } }),
				amph_expr_column(q, "id") }, 2), amph_fields(amph_given(Step, n)));
	amph_join_with(q, amph_cross_join(Step));
	amph_query_field(q, "n", offsetof(Step, n), AMPH_TYPE_OF_(Step, n),
			 amph_expr_given(q, &amph_model_Step, (amph_field)amph_given(Step, n)));
	steps = amph_query_project(q, sizeof *steps);
	amph_query_free(q);
	return steps && amph_length(steps) >= LIFE_ACCOUNTS;
}

static bool read_pages(amph_session *s)
{
	const amph_page *page = amph_paginate(s, Account, .order_by = amph_by(amph_col(Account, id)),
					      .page = 2, .per_page = 5);
	amph_query *q = page ? amph_query_new(s, &amph_model_Entry) : NULL;
	const amph_expr *args[2];
	void **found;

	if (!q)
		return false;
	args[0] = amph_expr_call(q, "lower", (const amph_expr *[]){ amph_expr_column(q, "note") }, 1);
	args[1] = amph_expr_value(q, (amph_value){ .type = AMPH_T_TEXT, .v = { .s = "opened" } });
	amph_query_where(q, amph_expr_call(q, "=", args, 2));
	amph_query_where(q, amph_expr_related(q, "account", NULL));
	amph_query_load(q, AMPH_LOAD_SUBQUERY, "account");
	amph_query_order_by(q, amph_expr_column(q, "id"), AMPH_NODE_DESC);
	found = amph_query_all(q);
	amph_query_free(q);
	return found && amph_length(found) == LIFE_ACCOUNTS - 2;
}

/* Rows written in every way, within a savepoint that is rolled back. */
static bool write_in_bulk(amph_session *s)
{
	Account many[] = { { .id = 901, .name = "many 1", .balance = amph_numeric_from_int64(1) },
			   { .id = 902, .name = "account 1", .balance = amph_numeric_from_int64(2) } };
	Ranked *written;

	if (!amph_savepoint(s) ||
	    amph_insert_many(s, Account, many, 2, .on_conflict = amph_on_conflict(
			.on = amph_by(amph_col(Account, name)),
			.update = amph_by(amph_col(Account, balance)))) < 0 ||
	    amph_insert_from(s, Entry, Account,
			     .where = amph_starts_with(amph_col(Account, name), "account 1"),
			     .fields = amph_fields(amph_into(Entry, account_id, amph_col(Account, id)),
						   amph_into(Entry, note, amph_col(Account, name)),
						   amph_into(Entry, amount, amph_col(Account, balance)),
						   amph_into(Entry, meta, amph_json_text("1")))) < 1)
		return false;
	written = amph_update_returning(s, Ranked, Account,
		.where = amph_starts_with(amph_col(Account, name), "account 1"),
		.set = amph_sets(amph_set(Account, balance, amph_add(amph_col(Account, balance), 1))),
		.returning = amph_fields(amph_into(Ranked, id, amph_col(Account, id)),
					 amph_into(Ranked, before, amph_col(Account, balance))));
	return written && amph_delete_many(s, Account, many, 1) == 1 && amph_rollback_to(s);
}

static bool query(amph_session *s)
{
	Account *first = amph_first(s, Account, .where = amph_eq(amph_col(Account, name), "account 0"));
	Account values = { .name = "account 0", .balance = amph_numeric_from_int64(90) };

	values.id = first ? first->id : 0;
	return first && listen_and_filter(s) && read_json(s) && read_windows(s) && read_pages(s) &&
	       read_sources(s) && read_parts(s) &&
	       write_in_bulk(s) && amph_get(s, Account, values.id) && amph_merge(s, Account, &values) &&
	       amph_commit(s);
}

const life_part life_parts[] = {
	{ "insert", insert, "opened" }, { "change", change, "moved" },
	{ "relationships", relate, "moved" }, { "queries", query, "moved" }, { NULL, NULL, NULL }
};
