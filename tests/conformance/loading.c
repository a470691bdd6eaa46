/* Loading relationships: how many statements it takes, what is refused, parts of rows. */
#include "conformance.h"
#include <stdio.h>
#include <stdlib.h>

#define COUNT(list) ((int)amph_length(list))

static void shelves(int authors, int each)
{
	Author *a = calloc((size_t)authors, sizeof *a);
	Book *b = calloc((size_t)authors * (size_t)each, sizeof *b);

	for (int i = 0; i < authors; i++) {
		a[i] = (Author){ .id = i + 1, .name = "a" };
		for (int k = 0; k < each; k++)
			b[i * each + k] = (Book){ .id = i * each + k + 1, .title = "t",
						  .author_id = AMPH_SOME(i + 1) };
	}
	DO(amph_insert_many(s, Author, a, (size_t)authors) >= 0);
	DO(amph_insert_many(s, Book, b, (size_t)authors * (size_t)each) >= 0);
	DO(amph_commit(s));
	free(a);
	free(b);
}

START_TEST(touching_takes_a_statement_for_each_thousand)
{
	int n = 0;

	shelves(2500, 1);
	Author **authors = amph_all(s, Author);
	amph_expect_statements(s, 3);
	amph_each(Author, a, authors)
		n += COUNT(amph_rel(a, books));
	DO(!amph_failed(s));
	ck_assert_int_eq(n, 2500);
	amph_session_clear(s);
	amph_expect_statements(s, -1);
	Book **books = amph_all(s, Book);
	amph_expect_statements(s, 3);
	amph_each(Book, b, books)
		n += amph_rel(b, author)->id == b->author_id.value;
	DO(!amph_failed(s));
	ck_assert_int_eq(n, 5000);
	/* the next would be the fourth */
	Author *fresh = amph_new(s, Author, .name = "fresh");
	FAILS("HV010", amph_flush(s));
	(void)fresh;
	amph_rollback(s);
	amph_expect_statements(s, -1);
}
END_TEST

/* Of all rows of a table and of some of them the collections are the same; what has no parent, or one
 * that was not asked for, is not read with them. */
START_TEST(collections_of_a_whole_table_and_of_a_part)
{
	shelves(4, 3);
	Book more[] = { { .id = 100, .title = "nobody's" },
			{ .id = 101, .title = "b", .author_id = AMPH_SOME(2) } };
	DO(amph_insert_many(s, Book, more, 2) == 2);
	DO(amph_commit(s));
	amph_expect_statements(s, 2);
	Author **authors = amph_all(s, Author, .order_by = by(desc(col(Author, id))),
				    .load = with(selectin(Author, books)));
	DO(authors != NULL);
	ck_assert_int_eq(COUNT(authors), 4);
	ck_assert_int_eq(COUNT(authors[2]->books), 4);
	ck_assert_int_eq(authors[2]->books[0]->id, 4);
	ck_assert_int_eq(authors[2]->books[3]->id, 101);
	amph_each(Author, a, authors)
		ck_assert_int_eq(COUNT(a->books), a->id == 2 ? 4 : 3);
	amph_expect_statements(s, 1);
	DO(amph_get(s, Book, 100) != NULL);     /* takes a statement: it was not read */
	amph_session_clear(s);
	amph_expect_statements(s, 2);
	authors = amph_all(s, Author, .where = ne(col(Author, id), 2), .load = with(selectin(Author, books)));
	DO(authors != NULL);
	ck_assert_int_eq(COUNT(authors[1]->books), 3);
	amph_expect_statements(s, 0);
	ck_assert_ptr_null(amph_get(s, Book, 101));
	ck_assert_str_eq(amph_session_error(s)->sqlstate, "HV010");
	amph_rollback(s);
	amph_expect_statements(s, -1);
	amph_session_clear(s);
	authors = amph_all(s, Author, .order_by = by(col(Author, id)), .limit = 1,
			   .load = with(selectin(Author, books)));
	DO(authors != NULL);
	ck_assert_int_eq(COUNT(authors[0]->books), 3);
	amph_expect_statements(s, 0);
	ck_assert_ptr_null(amph_get(s, Book, 4));
	amph_rollback(s);
	amph_expect_statements(s, -1);
}
END_TEST

/* Rows read by key in one transaction, with all that may come between two of them. */
START_TEST(rows_by_key_one_after_another)
{
	shelves(3, 2);
	ck_assert_int_eq(amph_get(s, Book, 1)->author_id.value, 1);
	ck_assert_int_eq(amph_get(s, Author, 1)->id, 1);
	ck_assert_int_eq(amph_get(s, Book, 3)->author_id.value, 2);
	ck_assert_int_eq(amph_get(s, Author, 3)->id, 3);
	ck_assert_ptr_null(amph_get(s, Book, 999));
	ck_assert_ptr_null(amph_get(s, Author, 999));
	ck_assert_int_eq(amph_get(s, Book, 6)->author_id.value, 3);
	/* work of its own is seen, and is not when it is undone */
	DO(amph_savepoint(s));
	DO(amph_insert_many(s, Book, ((Book[]){ { .id = 50, .title = "new" } }), 1) == 1);
	ck_assert_str_eq(amph_get(s, Book, 50)->title, "new");
	ck_assert_int_eq(amph_get(s, Book, 5)->author_id.value, 3);
	DO(amph_rollback_to(s));
	amph_session_clear(s);
	ck_assert_ptr_null(amph_get(s, Book, 50));
	ck_assert_int_eq(amph_get(s, Book, 5)->id, 5);
	DO(amph_update(s, Book, .set = sets(set(Book, title, "other")), .where = eq(col(Book, id), 2)) == 1);
	ck_assert_str_eq(amph_get(s, Book, 2)->title, "other");
	ck_assert_str_eq(amph_get(s, Book, 4)->title, "t");
	DO(amph_commit(s));
	/* what others commit is seen by the next transaction */
	ck_assert_str_eq(amph_get(s, Book, 1)->title, "t");
	ck_assert_str_eq(amph_get(s, Book, 3)->title, "t");
	amph_rollback(s);
	amph_session *other = amph_session_open(db);
	amph_get(other, Book, 1)->title = "theirs";
	OK_(other, amph_commit(other));
	amph_session_close(other);
	amph_session_clear(s);
	ck_assert_str_eq(amph_get(s, Book, 3)->title, "t");
	ck_assert_str_eq(amph_get(s, Book, 1)->title, "theirs");
	DO(!amph_failed(s));
	/* a failure leaves nothing under way */
	FAILS("23505", amph_insert_many(s, Book, ((Book[]){ { .id = 1, .title = "twice" } }), 1) == 1);
	ck_assert_ptr_null(amph_get(s, Book, 4));
	amph_rollback(s);
	amph_session_clear(s);
	ck_assert_int_eq(amph_get(s, Book, 4)->id, 4);
	ck_assert_int_eq(amph_get(s, Book, 5)->id, 5);
	DO(amph_commit(s));
}
END_TEST

#define BY_KEYS(...) amph_all(s, Book, .where = in(col(Book, id), ints(__VA_ARGS__)))
#define FLUSHES() ((int)amph_session_statistics(s).flushes)

/* A list of keys asks for objects, which are what the program made of them: only where keys have changed,
 * or rows come and go, is there something to be written before. */
START_TEST(a_list_of_keys_and_what_is_not_flushed)
{
	shelves(1, 6);
	Book *one = amph_get(s, Book, 1), *two = amph_get(s, Book, 2);
	int before = FLUSHES();
	one->title = "ours";
	ck_assert_int_eq(COUNT(BY_KEYS(1, 3)), 2);
	ck_assert_ptr_eq(BY_KEYS(1)[0], one);
	ck_assert_int_eq(COUNT(BY_KEYS(1, 999, 1)), 1);
	ck_assert_str_eq(one->title, "ours");
	ck_assert_int_eq(FLUSHES(), before);
	/* more than keys */
	ck_assert_int_eq(COUNT(amph_all(s, Book, .where = all_of(in(col(Book, id), ints(1, 2)),
							      eq(col(Book, title), "ours")))), 1);
	ck_assert_int_eq(FLUSHES(), before + 1);
	one->title = "again";
	ck_assert_int_eq(amph_count(s, Book, .where = in(col(Book, id), ints(1, 2))), 2);
	ck_assert_int_eq(FLUSHES(), before + 2);
	/* changed keys: the old is not found, the new is */
	two->id = 20;
	ck_assert_int_eq(COUNT(BY_KEYS(2)), 0);
	two->id = 2;
	ck_assert_ptr_eq(BY_KEYS(2)[0], two);
	two->id = 20;
	ck_assert_int_eq(COUNT(BY_KEYS(20, 1)), 2);
	two->id = 2;
	ck_assert_ptr_eq(amph_first(s, Book, .where = eq(col(Book, id), 2)), two);
	one->id = 30;
	two->id = 31;
	Book **found = amph_all(s, Book, .where = eq(col(Book, id), 31));
	ck_assert_int_eq(COUNT(found), 1);
	ck_assert_ptr_eq(found[0], two);
	/* an expired object is as its row, but for what was assigned */
	amph_session *other = amph_session_open(db);
	DO(amph_commit(s));
	amph_get(other, Book, 3)->author_id = (amph_opt_int64){ 0 };
	OK_(other, amph_commit(other));
	amph_session_close(other);
	Book *three = amph_get(s, Book, 3);
	DO(amph_update(s, Book, .set = sets(set(Book, title, "x")), .where = eq(col(Book, id), 4),
		       .sync = AMPH_SYNC_EXPIRE) == 1);
	three->title = "ours";
	ck_assert_ptr_eq(BY_KEYS(3)[0], three);
	ck_assert(!three->author_id.has);
	ck_assert_str_eq(three->title, "ours");
	/* new and deleted ones */
	amph_new(s, Book, .id = 50, .title = "new");
	ck_assert_int_eq(COUNT(BY_KEYS(50)), 1);
	DO(amph_delete(s, three));
	ck_assert_int_eq(COUNT(BY_KEYS(3, 50)), 1);
	DO(amph_commit(s));
}
END_TEST

/* Whoever lost its parent by assignment goes with the flush; who has another one may have another key. */
START_TEST(a_list_of_keys_and_assigned_parents)
{
	shelves(2, 2);
	Book *one = amph_get(s, Book, 1), *two = amph_get(s, Book, 2);
	Author *second = amph_get(s, Author, 2);
	ck_assert_int_eq((int)amph_rel(one, author)->id, 1);
	int before = FLUSHES();
	ck_assert_int_eq(COUNT(BY_KEYS(1, 2)), 2);
	ck_assert_int_eq(FLUSHES(), before);
	one->author = NULL;
	Book **found = BY_KEYS(1, 2);
	ck_assert_int_eq(COUNT(found), 1);
	ck_assert_ptr_eq(found[0], two);
	two->author = second;
	ck_assert_ptr_eq(BY_KEYS(2)[0], two);
	ck_assert_int_eq((int)two->author_id.value, 2);
	DO(amph_commit(s));
	ck_assert_int_eq(amph_count(s, Book), 3);
}
END_TEST

/* However the keys of rows are chosen, it takes no longer to find their objects. */
START_TEST(keys_that_are_chosen_to_collide)
{
	enum { ROWS = 30000 };
	Section *rows = calloc(ROWS, sizeof *rows), *before = NULL;
	char (*names)[8] = calloc(ROWS, sizeof *names);

	for (uint32_t i = 0; i < ROWS; i++) {
		snprintf(names[i], sizeof *names, "%u", (unsigned)i);
		rows[i] = (Section){ .id = (int64_t)((uint64_t)(i + 1) << 32 | ((i + 1) * 0x9e3779b1u ^ 5u)),
				     .name = names[i] };
	}
	DO(amph_insert_many(s, Section, rows, ROWS) == ROWS);
	DO(amph_commit(s));
	for (int i = 0; i < 2; i++) {
		Section **all = amph_all(s, Section, .order_by = by(col(Section, id)));
		ck_assert_int_eq(COUNT(all), ROWS);
		ck_assert(!before || all[ROWS - 1] == before);
		before = all[ROWS - 1];
		ck_assert_ptr_eq(amph_get(s, Section, before->id), before);
		ck_assert_ptr_null(amph_get(s, Section, 5));
		/* some go, and come again as others */
		for (int k = 0; k < ROWS / 2; k++)
			DO(amph_expunge(s, all[k]));
	}
	free(rows);
	free(names);
}
END_TEST

/* SQLite's transactions see one state, also while they are no more than a read by key. */
START_TEST(a_lone_read_keeps_its_snapshot)
{
	if (strncmp(test_url(), "sqlite", 6) != 0)
		return;
	shelves(1, 2);
	amph_session *other = amph_session_open(db);
	ck_assert_str_eq(amph_get(s, Book, 1)->title, "t");
	amph_get(other, Book, 2)->title = "theirs";
	OK_(other, amph_commit(other));
	ck_assert_str_eq(amph_get(s, Book, 2)->title, "t");
	DO(amph_commit(s));
	ck_assert_ptr_null(amph_get(s, Book, 50));
	amph_new(other, Book, .id = 50, .title = "new");
	OK_(other, amph_commit(other));
	ck_assert_ptr_null(amph_get(s, Book, 50));
	DO(amph_commit(s));
	ck_assert_str_eq(amph_get(s, Book, 50)->title, "new");
	/* what would be written over their work is done again */
	amph_get(other, Book, 1)->title = "theirs";
	OK_(other, amph_commit(other));
	amph_get(s, Book, 50)->title = "ours";
	FAILS("40001", amph_commit(s));
	amph_rollback(s);
	amph_session_close(other);
}
END_TEST

static size_t in_use, most;

static void *count_resize(void *ctx, void *old, size_t size)
{
	size_t *p = old ? (size_t *)old - 2 : NULL, before = p ? *p : 0;

	(void)ctx;
	p = realloc(p, size + 2 * sizeof *p);
	if (!p)
		return NULL;
	*p = size;
	in_use += size - before;
	if (in_use > most)
		most = in_use;
	return p + 2;
}

static void count_release(void *ctx, void *old)
{
	size_t *p = old ? (size_t *)old - 2 : NULL;

	(void)ctx;
	if (p)
		in_use -= *p;
	free(p);
}

START_TEST(pages_stay_in_flat_memory)
{
	static const amph_model *const models[] = {
		&amph_model_Author, &amph_model_Book, &amph_model_Label, &amph_model_BookLabel, NULL
	};
	static const amph_allocator counting = { count_resize, count_release, NULL };
	size_t second = 0;
	int64_t last = 0;
	amph_error err;
	int n = 0;

	if (on_memory())
		return;         /* another engine has another database there */
	shelves(8000, 1);
	amph_engine *other = amph_open(test_url(), AMPH_OPTIONS(.models = models,
							       .allocator = &counting), &err);
	ck_assert_msg(other != NULL, "%s", err.message);
	amph_session *page = amph_session_open(other);
	for (int i = 0; i < 8; i++) {
		most = in_use;
		amph_expect_statements(page, 2);
		Author **authors = amph_all(page, Author, .where = gt(col(Author, id), last),
					    .order_by = by(col(Author, id)), .limit = 1000);
		OK_(page, authors != NULL);
		amph_each(Author, a, authors) {
			n += COUNT(amph_rel(a, books));
			last = a->id;
		}
		OK_(page, !amph_failed(page));
		amph_session_clear(page);
		if (i == 1)
			second = most;
	}
	ck_assert_int_eq(n, 8000);
	ck_assert_uint_le(most, second + second / 20);
	amph_session_close(page);
	amph_close(other);
}
END_TEST

/* The items' own rows take memory, the collection's former lists do not. */
START_TEST(a_flush_after_each_append_keeps_one_list)
{
	enum { N = 4000 };
	static const amph_model *const models[] = {
		&amph_model_Author, &amph_model_Book, &amph_model_Label, &amph_model_BookLabel, NULL
	};
	static const amph_allocator counting = { count_resize, count_release, NULL };
	amph_error err;

	if (on_memory())
		return;
	shelves(1, 1);
	amph_engine *other = amph_open(test_url(), AMPH_OPTIONS(.models = models,
							       .allocator = &counting), &err);
	ck_assert_msg(other != NULL, "%s", err.message);
	amph_session *page = amph_session_open(other);
	Author *a = amph_first(page, Author);
	OK_(page, amph_rel(a, books) != NULL);
	most = in_use;
	for (int i = 0; i < N; i++) {
		OK_(page, amph_append(a, books, amph_new(page, Book, .id = 100 + i, .title = "t")));
		OK_(page, amph_flush(page));
	}
	ck_assert_uint_eq(amph_length(a->books), N + 1);
	ck_assert_msg(most <= (size_t)8 << 20, "%zu bytes", most);
	OK_(page, amph_commit(page));
	amph_session_close(page);
	amph_close(other);
}
END_TEST

/* Nor do those of a collection that loses its items one by one, in a walk or as they are deleted. */
START_TEST(a_removal_of_each_keeps_few_lists)
{
	enum { N = 6000 };
	static const amph_model *const models[] = {
		&amph_model_Author, &amph_model_Book, &amph_model_Label, &amph_model_BookLabel, NULL
	};
	static const amph_allocator counting = { count_resize, count_release, NULL };
	size_t n = 0;
	amph_error err;

	if (on_memory())
		return;
	shelves(1, N);
	amph_engine *other = amph_open(test_url(), AMPH_OPTIONS(.models = models,
							       .allocator = &counting), &err);
	ck_assert_msg(other != NULL, "%s", err.message);
	amph_session *page = amph_session_open(other);
	Author *a = amph_first(page, Author);
	Book *const *books = amph_rel(a, books);
	ck_assert_uint_eq(amph_length(books), N);
	most = in_use;
	amph_each(Book, b, books) {
		OK_(page, amph_remove(a, books, b));
		n++;
	}
	ck_assert_uint_eq(n, N);
	ck_assert_uint_eq(amph_length(a->books), 0);
	amph_rollback(page);
	books = amph_rel(a, books);
	ck_assert_uint_eq(amph_length(books), N);
	amph_each(Book, b, books)
		OK_(page, amph_delete(page, b));
	OK_(page, amph_flush(page));
	ck_assert_uint_eq(amph_length(a->books), 0);
	ck_assert_msg(most <= (size_t)16 << 20, "%zu bytes", most);
	amph_rollback(page);
	amph_session_close(page);
	amph_close(other);
}
END_TEST

/* A list of a collection that was changed before, and is changed by the walk. */
START_TEST(a_walk_sees_what_was_there)
{
	enum { N = 1500 };
	size_t n = 0;

	shelves(1, N);
	Author *a = amph_first(s, Author);
	DO(amph_remove(a, books, amph_rel(a, books)[0]));
	amph_each(Book, b, amph_rel(a, books)) {
		DO(amph_remove(a, books, b));
		n++;
	}
	ck_assert_uint_eq(n, N - 1);
	ck_assert_uint_eq(amph_length(a->books), 0);
	amph_rollback(s);
	n = 0;
	DO(amph_remove(a, books, amph_rel(a, books)[0]));
	DO(amph_append(a, books, amph_new(s, Book, .id = 9000, .title = "one")));
	amph_each(Book, b, amph_rel(a, books)) {
		DO(amph_append(a, books, amph_new(s, Book, .id = 9001 + (int64_t)n, .title = "t")));
		n++;
	}
	ck_assert_uint_eq(n, N);
	ck_assert_uint_eq(amph_length(amph_rel(a, books)), 2 * N);
	amph_rollback(s);
}
END_TEST

/* ---- what may not be loaded ---- */

START_TEST(touching_can_be_refused)
{
	shelves(3, 2);
	Author **authors = amph_all(s, Author, .load = with(raises(Author, books)));
	DO(authors != NULL);
	ck_assert_ptr_null(amph_rel(authors[1], books));
	ck_assert_str_eq(amph_session_error(s)->sqlstate, "HV010");
	ck_assert_msg(strstr(amph_session_error(s)->message, "Author.books"), "%s",
		      amph_session_error(s)->message);
	amph_rollback(s);
	/* a query may load it all the same */
	authors = amph_all(s, Author, .load = with(selectin(Author, books)));
	ck_assert_int_eq(COUNT(amph_rel(authors[1], books)), 2);
	ck_assert_str_eq(amph_rel(authors[1]->books[0], author)->name, "a");
	DO(!amph_failed(s));

	amph_session *strict = amph_session_open_with(db, AMPH_SESSION_OPTIONS(.raise_on_touch = true));
	Book *b = amph_get(strict, Book, 1);
	ck_assert_ptr_null(amph_rel(b, previous));
	ck_assert(!amph_failed(strict));        /* a key that is NULL has nothing to load */
	ck_assert_ptr_null(amph_rel(b, author));
	ck_assert(amph_failed(strict));
	amph_rollback(strict);
	Book **books = amph_all(strict, Book, .load = with(selectin(Book, author)));
	OK_(strict, books != NULL);
	ck_assert_int_eq(amph_rel(books[0], author)->id, 1);
	ck_assert(!amph_failed(strict));
	amph_session_close(strict);
}
END_TEST

/* Models whose relationships are never loaded by a touch. */
typedef struct Vault Vault;
typedef struct Coin Coin;
struct Vault { int64_t id; const char *name; AMPH_MANY(Coin) coins; };
struct Coin { int64_t id; int64_t vault_id; Vault *vault; };
AMPH_DECLARE(Vault);
AMPH_DECLARE(Coin);
AMPH_MODEL(Vault, "raise_vaults",
	.columns = AMPH_COLUMNS(AMPH_COLUMN(Vault, id, .primary_key = true), AMPH_COLUMN(Vault, name)),
	.relations = AMPH_RELATIONS(
		AMPH_HAS_MANY(Vault, coins, Coin, vault_id, .lazy = AMPH_LAZY_RAISE,
			      .back = AMPH_MEMBER(Coin, vault), .cascade = AMPH_CASCADE_ALL)));
AMPH_MODEL(Coin, "raise_coins",
	.columns = AMPH_COLUMNS(AMPH_COLUMN(Coin, id, .primary_key = true),
				AMPH_COLUMN(Coin, vault_id, .references = AMPH_REF(Vault, id))),
	.relations = AMPH_RELATIONS(AMPH_BELONGS_TO(Coin, vault, Vault, vault_id, .lazy = AMPH_LAZY_RAISE,
						    .back = AMPH_MEMBER(Vault, coins))));

#define RAISES(own, touch, name) do {                                                           \
	ck_assert_ptr_null(touch);                                                               \
	ck_assert_int_eq(amph_session_error(own)->status, AMPH_E_MISUSE);                        \
	ck_assert_ptr_nonnull(strstr(amph_session_error(own)->message, name));                   \
	amph_rollback(own);                                                                      \
} while (0)
START_TEST(a_relationship_can_refuse_to_be_touched)
{
	const amph_model *const strict[] = { &amph_model_Vault, &amph_model_Coin, NULL };
	amph_error err;
	amph_engine *vaults = amph_open(test_url(), AMPH_OPTIONS(.models = strict), &err);
	ck_assert_msg(vaults && amph_drop_all(vaults, &err) && amph_create_all(vaults, &err), "%s",
		      err.message);
	amph_session *own = amph_session_open(vaults);
	Vault *v = amph_new(own, Vault, .name = "v");
	/* of a new object nothing is there to be loaded */
	ck_assert_ptr_null(amph_rel(v, coins));
	OK_(own, amph_flush(own));
	Coin *c = amph_new(own, Coin, .vault_id = v->id);
	OK_(own, c && amph_commit(own));
	amph_session_clear(own);
	v = amph_get(own, Vault, 1);
	RAISES(own, amph_rel(v, coins), "Vault.coins");
	c = amph_get(own, Coin, 1);     /* also where the other side is in the session */
	RAISES(own, amph_rel(c, vault), "Coin.vault");
	/* what a query loads is there; its own cascades work on what they have to read */
	Vault **list = amph_all(own, Vault, .load = with(selectin(Vault, coins)));
	OK_(own, list != NULL);
	ck_assert_int_eq(COUNT(amph_rel(list[0], coins)), 1);
	amph_session_clear(own);
	v = amph_get(own, Vault, 1);
	OK_(own, amph_delete(own, v) && amph_commit(own));
	ck_assert_int_eq(amph_count(own, Coin), 0);
	amph_session_close(own);
	ck_assert(amph_drop_all(vaults, &err));
	amph_close(vaults);
}
END_TEST

START_TEST(rows_of_a_stream_have_no_relationships)
{
	shelves(1, 1);
	amph_stream *stream = amph_stream_open(s, Book);
	const Book *b = amph_stream_next(stream);
	ck_assert_ptr_nonnull(b);
	ck_assert_ptr_null(amph_rel(b, author));
	ck_assert_int_eq(amph_session_error(s)->status, AMPH_E_MISUSE);
	amph_stream_close(stream);
	amph_rollback(s);
	ck_assert_int_eq(amph_count(s, Book), 1);
}
END_TEST

/* ---- parts of rows ---- */

START_TEST(a_part_of_a_row_is_completed)
{
	amph_new(s, Person, .username = "p", .email = "e", .age = 44);
	DO(amph_commit(s));
	amph_session_clear(s);
	Person *p = amph_first(s, Person, .only = by(col(Person, username)));
	ck_assert_str_eq(p->username, "p");
	ck_assert_ptr_null(p->email);
	ck_assert_int_eq(p->age, 0);
	ck_assert(!amph_is_modified(s, p));
	/* what is assigned is written, loaded or not, and nothing else */
	p->age = 50;
	DO(amph_commit(s));
	ck_assert_int_eq(amph_count(s, Person, .where = all_of(eq(col(Person, email), "e"),
							       eq(col(Person, age), 50))), 1);
	p->username = "q";
	ck_assert_ptr_eq(amph_get(s, Person, 1), p);
	ck_assert_str_eq(p->email, "e");
	ck_assert_int_eq(p->age, 50);
	ck_assert_str_eq(p->username, "q");
	DO(amph_commit(s));
	amph_expect_statements(s, 0);
	ck_assert_ptr_eq(amph_get(s, Person, 1), p);
	amph_expect_statements(s, -1);

	amph_session_clear(s);
	p = amph_first(s, Person, .only = by(col(Person, age)));
	ck_assert_ptr_null(p->username);
	ck_assert_ptr_eq(amph_first(s, Person), p);
	ck_assert_str_eq(p->username, "q");
	amph_session_clear(s);
	p = amph_first(s, Person, .only = by(col(Person, age)));
	p->age = 51;
	DO(amph_refresh(s, p));
	ck_assert_int_eq(p->age, 50);
	ck_assert_str_eq(p->email, "e");
}
END_TEST

/* What was not read must not look like values. */
START_TEST(columns_left_out_by_name)
{
	new_person("ann")->age = 30;
	DO(amph_commit(s));
	amph_session_clear(s);
	Person *p = amph_first(s, Person, .defer = by(col(Person, username), col(Person, age)));
	DO(p != NULL);
	ck_assert_ptr_null(p->username);
	ck_assert_int_eq(p->age, 0);
	ck_assert(p->is_active && p->created_at.usec);
	/* what is assigned is written, the rest stays; the key comes in any case */
	p->is_active = false;
	DO(amph_commit(s));
	DO(amph_refresh(s, p));
	ck_assert_str_eq(p->username, "ann");
	ck_assert(!p->is_active && p->age == 30);
	amph_session_clear(s);
	p = amph_first(s, Person, .defer = by(col(Person, id)));
	ck_assert_int_ne(p->id, 0);
	ck_assert_str_eq(p->username, "ann");
	/* counts heed no columns */
	ck_assert_int_eq(amph_count(s, Person, .defer = by(col(Person, age))), 1);
	amph_query *q = amph_query_new(s, &amph_model_Person);
	amph_session_clear(s);
	amph_defer(q, col(Person, age).n);
	amph_query_defer(q, amph_expr_column(q, "email"));
	p = amph_query_first(q);
	ck_assert_int_eq(p->age, 0);
	ck_assert_str_eq(p->username, "ann");
	amph_query_free(q);
}
END_TEST

START_TEST(columns_are_left_out_where_they_are_read)
{
	Person one = { .id = 1, .username = "ann" };

	SAYS("HV010", ".only and .defer", amph_all(s, Person, .only = by(col(Person, id)),
						   .defer = by(col(Person, age))));
	SAYS("HV010", ".defer takes columns",
	     amph_all(s, Person, .defer = by(fn_lower(col(Person, username)))));
	SAYS("42P01", "Section", amph_all(s, Person, .defer = by(col(Section, name))));
	SAYS("HV010", "amph_update has no use for .defer",
	     amph_update(s, Person, .all_rows = true, .set = sets(set(Person, age, 1)),
			 .defer = by(col(Person, age))) >= 0);
	SAYS("HV010", "amph_update_many has no use for .defer",
	     amph_update_many(s, Person, &one, 1, .defer = by(col(Person, age))) >= 0);
	SAYS("HV010", "amph_delete_many has no use for .where",
	     amph_delete_many(s, Person, &one, 1, .where = eq(col(Person, age), 1)) >= 0);
}
END_TEST

START_TEST(a_part_of_a_row_is_completed_for_json)
{
	amph_new(s, Person, .username = "p", .email = "e", .age = 44);
	amph_new(s, Person, .username = "gone", .email = "g", .age = 1);
	DO(amph_commit(s));
	amph_session_clear(s);
	Person *p = amph_first(s, Person, .only = by(col(Person, username)), .order_by = by(col(Person, id)));
	p->username = "q";
	const char *json = amph_to_json(s, p);
	ck_assert_ptr_nonnull(json);
	ck_assert_ptr_nonnull(strstr(json, "\"username\": \"q\""));
	ck_assert_ptr_nonnull(strstr(json, "\"email\": \"e\""));
	ck_assert_ptr_nonnull(strstr(json, "\"age\": 44"));
	p = amph_first(s, Person, .only = by(col(Person, username)),
		       .where = eq(col(Person, username), "gone"));
	DO(amph_rows_close(amph_sql(s, "DELETE FROM people WHERE username = 'gone'")));
	ck_assert_ptr_null(amph_to_json(s, p));
	ck_assert_str_eq(amph_session_error(s)->sqlstate, "P0002");
	ck_assert_int_eq(amph_count(s, Person), 1);
	amph_rollback(s);
	ck_assert_ptr_null(amph_to_json(NULL, p));
}
END_TEST

START_TEST(a_part_of_a_row_with_a_version)
{
	amph_new(s, Seat, .row = "A", .number = 1, .holder = "ann");
	DO(amph_commit(s));
	Seat *seat = amph_first(s, Seat);
	seat->holder = "bob";
	DO(amph_commit(s));
	amph_session_clear(s);
	seat = amph_first(s, Seat, .only = by(col(Seat, number)));
	seat->holder = "cyd";
	DO(amph_commit(s));
	ck_assert_int_eq(amph_count(s, Seat, .where = eq(col(Seat, holder), "cyd")), 1);
	amph_new(s, Ticket);
	DO(amph_commit(s));
	amph_session_clear(s);
	Ticket *t = amph_first(s, Ticket, .only = by(col(Ticket, status)));
	amph_uuid id = t->id;
	DO(amph_delete(s, t));
	DO(amph_commit(s));
	ck_assert_ptr_null(amph_get(s, Ticket, id));
}
END_TEST

START_TEST(a_completed_row_is_rolled_back)
{
	amph_new(s, Person, .username = "p", .email = "e");
	DO(amph_commit(s));
	amph_session_clear(s);
	Person *p = amph_first(s, Person, .only = by(col(Person, username)));
	ck_assert_ptr_eq(amph_get(s, Person, 1), p);
	ck_assert_str_eq(p->email, "e");
	amph_rollback(s);
	/* a part again, and completed again */
	ck_assert_str_eq(p->username, "p");
	ck_assert_ptr_eq(amph_get(s, Person, 1), p);
	ck_assert_str_eq(p->email, "e");
}
END_TEST

/* ---- collections that are not loaded ---- */

START_TEST(changes_do_not_load_a_collection)
{
	shelves(2, 30);
	Author *a = amph_get(s, Author, 1), *b = amph_get(s, Author, 2);
	Book *book = amph_get(s, Book, 1), *fresh = amph_new(s, Book, .id = 9000, .title = "fresh");

	amph_expect_statements(s, 2);
	DO(amph_append(b, books, book));
	DO(amph_append(a, books, fresh));
	DO(amph_commit(s));
	/* an orphan; its links are looked for */
	amph_expect_statements(s, 2);
	DO(amph_remove(b, books, book));
	DO(amph_commit(s));
	amph_expect_statements(s, -1);
	ck_assert_ptr_null(a->books);
	ck_assert_ptr_null(b->books);
	ck_assert_int_eq(amph_count(s, Book, .of = children(Author, a, books)), 30);
	ck_assert_int_eq(amph_count(s, Book, .of = children(Author, b, books)), 30);
	Book **few = amph_all(s, Book, .of = children(Author, a, books),
			      .where = gt(col(Book, id), 29), .order_by = by(desc(col(Book, id))));
	ck_assert_int_eq(COUNT(few), 2);
	ck_assert_ptr_eq(few[0], fresh);
}
END_TEST

/* ---- tables that are in use ---- */

START_TEST(tables_in_use_by_this_thread_stay_as_they_are)
{
	amph_error err;

	shelves(1, 1);
	ck_assert_int_eq(amph_count(s, Book), 1);
	ck_assert(!amph_create_all(db, &err));
	ck_assert_str_eq(err.sqlstate, "55006");
	ck_assert_msg(strstr(err.message, "amph_create_all would wait"), "%s", err.message);
	ck_assert(!amph_drop_all(db, &err));
	ck_assert_str_eq(err.sqlstate, "55006");
	ck_assert_msg(strstr(err.message, "in a transaction"), "%s", err.message);
	ck_assert_int_eq(amph_count(s, Book), 1);
	amph_rollback(s);
	ck_assert_msg(amph_create_all(db, &err), "%s", err.message);
	ck_assert_msg(amph_drop_all(db, &err), "%s", err.message);
}
END_TEST

SUITE(loading_suite, "loading",
      touching_takes_a_statement_for_each_thousand, collections_of_a_whole_table_and_of_a_part,
      rows_by_key_one_after_another, a_list_of_keys_and_what_is_not_flushed,
      a_list_of_keys_and_assigned_parents, keys_that_are_chosen_to_collide,
      a_lone_read_keeps_its_snapshot,
      pages_stay_in_flat_memory, a_flush_after_each_append_keeps_one_list,
      a_removal_of_each_keeps_few_lists, a_walk_sees_what_was_there, touching_can_be_refused,
      a_relationship_can_refuse_to_be_touched,
      rows_of_a_stream_have_no_relationships, a_part_of_a_row_is_completed,
      a_part_of_a_row_is_completed_for_json,
      columns_left_out_by_name, columns_are_left_out_where_they_are_read,
      a_part_of_a_row_with_a_version, a_completed_row_is_rolled_back,
      changes_do_not_load_a_collection, tables_in_use_by_this_thread_stay_as_they_are)
