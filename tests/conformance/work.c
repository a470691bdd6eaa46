/* Units of work that somebody might think of: what cascades reach, what moves, is exchanged, undone,
 * merged or counted; each is compared with what another session reads. */
#include "conformance.h"
#include <stdio.h>

typedef struct Cart Cart;
typedef struct Entry Entry;
typedef struct Tag Tag;
typedef struct Tree Tree;
typedef struct Spot Spot;
typedef struct Pin Pin;
struct Cart {
	int64_t id;
	const char *name;
	int32_t version;
	AMPH_MANY(Entry) entries;
};
struct Entry {
	int64_t id;
	const char *text;
	int64_t cart_id;
	amph_opt_int32 place;
	Cart *cart;
	AMPH_MANY(Tag) tags;
};
struct Tag {
	int64_t id;
	const char *name;
	AMPH_MANY(Entry) entries;
};
typedef struct EntryTag { int64_t entry_id, tag_id; int32_t weight; } EntryTag;
struct Tree {
	int64_t id;
	const char *name;
	amph_opt_int64 parent_id;
	Tree *parent;
	AMPH_MANY(Tree) children;
};
struct Spot {
	int32_t x, y;
	const char *name;
	AMPH_MANY(Pin) pins;
};
struct Pin {
	int64_t id;
	amph_opt_int32 x, y;
	const char *name;
	Spot *spot;
};
AMPH_DECLARE(Cart);
AMPH_DECLARE(Entry);
AMPH_DECLARE(Tag);
AMPH_DECLARE(EntryTag);
AMPH_DECLARE(Tree);
AMPH_DECLARE(Spot);
AMPH_DECLARE(Pin);
AMPH_MODEL(Cart, "w_carts",
	.columns = AMPH_COLUMNS(AMPH_COLUMN(Cart, id, .primary_key = true),
				AMPH_COLUMN(Cart, name, .length = 20, .unique = true, .not_null = true),
				AMPH_COLUMN(Cart, version, .version = true)),
	.relations = AMPH_RELATIONS(
		AMPH_HAS_MANY(Cart, entries, Entry, cart_id, .back = AMPH_MEMBER(Entry, cart),
			      .cascade = AMPH_CASCADE_ALL | AMPH_DELETE_ORPHAN)));
AMPH_MODEL(Entry, "w_entries",
	.columns = AMPH_COLUMNS(AMPH_COLUMN(Entry, id, .primary_key = true),
				AMPH_COLUMN(Entry, text, .length = 20, .not_null = true),
				AMPH_COLUMN(Entry, cart_id, .references = AMPH_REF(Cart, id)),
				AMPH_COLUMN(Entry, place)),
	.uniques = AMPH_UNIQUES(AMPH_UNIQUE("w_place", AMPH_MEMBER(Entry, cart_id),
					    AMPH_MEMBER(Entry, place))),
	.relations = AMPH_RELATIONS(
		AMPH_BELONGS_TO(Entry, cart, Cart, cart_id, .back = AMPH_MEMBER(Cart, entries)),
		AMPH_MANY_TO_MANY(Entry, tags, Tag, EntryTag, entry_id, tag_id,
				  .back = AMPH_MEMBER(Tag, entries))));
AMPH_MODEL(Tag, "w_tags",
	.columns = AMPH_COLUMNS(AMPH_COLUMN(Tag, id, .primary_key = true),
				AMPH_COLUMN(Tag, name, .length = 20, .unique = true, .not_null = true)),
	.relations = AMPH_RELATIONS(
		AMPH_MANY_TO_MANY(Tag, entries, Entry, EntryTag, tag_id, entry_id,
				  .back = AMPH_MEMBER(Entry, tags))));
AMPH_MODEL(EntryTag, "w_entry_tags",
	.columns = AMPH_COLUMNS(
		AMPH_COLUMN(EntryTag, entry_id, .primary_key = true, .references = AMPH_REF(Entry, id)),
		AMPH_COLUMN(EntryTag, tag_id, .primary_key = true, .references = AMPH_REF(Tag, id)),
		AMPH_COLUMN(EntryTag, weight, .default_value = AMPH_DEFAULT_INT(1))));
AMPH_MODEL(Tree, "w_trees",
	.columns = AMPH_COLUMNS(AMPH_COLUMN(Tree, id, .primary_key = true),
				AMPH_COLUMN(Tree, name, .length = 20, .not_null = true),
				AMPH_COLUMN(Tree, parent_id, .references = AMPH_REF(Tree, id))),
	.relations = AMPH_RELATIONS(
		AMPH_BELONGS_TO(Tree, parent, Tree, parent_id, .back = AMPH_MEMBER(Tree, children)),
		AMPH_HAS_MANY(Tree, children, Tree, parent_id, .back = AMPH_MEMBER(Tree, parent),
			      .cascade = AMPH_CASCADE_ALL)));
AMPH_MODEL(Spot, "w_spots",
	.columns = AMPH_COLUMNS(AMPH_COLUMN(Spot, x, .primary_key = true),
				AMPH_COLUMN(Spot, y, .primary_key = true), AMPH_COLUMN(Spot, name)),
	.relations = AMPH_RELATIONS(
		AMPH_HAS_MANY(Spot, pins, Pin, x, .back = AMPH_MEMBER(Pin, spot))));
AMPH_MODEL(Pin, "w_pins",
	.columns = AMPH_COLUMNS(AMPH_COLUMN(Pin, id, .primary_key = true), AMPH_COLUMN(Pin, x),
				AMPH_COLUMN(Pin, y), AMPH_COLUMN(Pin, name)),
	.foreign_keys = AMPH_FOREIGN_KEYS(
		AMPH_FOREIGN_KEY(NULL, AMPH_ON(AMPH_MEMBER(Pin, x), AMPH_MEMBER(Pin, y)),
				 AMPH_ON(AMPH_MEMBER(Spot, x), AMPH_MEMBER(Spot, y)))),
	.relations = AMPH_RELATIONS(
		AMPH_BELONGS_TO(Pin, spot, Spot, x, .back = AMPH_MEMBER(Spot, pins))));
/* Results of runners in races: neither goes while there are results. */
typedef struct Runner { int64_t id; } Runner;
typedef struct Race {
	int64_t id;
	AMPH_MANY(Runner) runners;
} Race;
typedef struct Result { int64_t id, race_id, runner_id; int32_t minutes; } Result;
AMPH_DECLARE(Runner);
AMPH_DECLARE(Race);
AMPH_DECLARE(Result);
AMPH_MODEL(Runner, "w_runners", .columns = AMPH_COLUMNS(AMPH_COLUMN(Runner, id, .primary_key = true)));
AMPH_MODEL(Race, "w_races",
	.columns = AMPH_COLUMNS(AMPH_COLUMN(Race, id, .primary_key = true)),
	.relations = AMPH_RELATIONS(AMPH_MANY_TO_MANY(Race, runners, Runner, Result, race_id, runner_id)));
AMPH_MODEL(Result, "w_results",
	.columns = AMPH_COLUMNS(
		AMPH_COLUMN(Result, id, .primary_key = true),
		AMPH_COLUMN(Result, race_id, .references = AMPH_REF(Race, id), .on_delete = AMPH_RESTRICT),
		AMPH_COLUMN(Result, runner_id, .references = AMPH_REF(Runner, id),
			    .on_delete = AMPH_RESTRICT),
		AMPH_COLUMN(Result, minutes)));

static const amph_model *const work[] = {
	&amph_model_Cart, &amph_model_Entry, &amph_model_Tag, &amph_model_EntryTag, &amph_model_Tree,
	&amph_model_Spot, &amph_model_Pin, &amph_model_Runner, &amph_model_Race, &amph_model_Result, NULL
};

static void set_up(void)
{
	begin_with(work);
}

/* What another session reads: one text of all rows, " | " between them. */
static void has_rows(const char *sql, const char *expected)
{
	amph_session *other = amph_session_open(db);
	char got[2048] = "";
	amph_rows *rows = amph_sql(other, sql);
	size_t n = 0;

	ck_assert_msg(rows != NULL, "%s", amph_session_error(other)->message);
	while (amph_next(rows)) {
		const char *text = amph_cell_text_at(rows, 0);

		n += (size_t)snprintf(got + n, sizeof got - n, "%s%s", n ? " | " : "", text ? text : "NULL");
	}
	amph_rows_close(rows);
	amph_session_close(other);
	ck_assert_str_eq(got, expected);
}
/* Sorted by bytes, whatever the database's collation is. */
#define CARTS "SELECT name || ':' || coalesce((SELECT string_agg(text, ',' ORDER BY text COLLATE \"C\") " \
	"FROM w_entries WHERE cart_id = w_carts.id), '') FROM w_carts ORDER BY name COLLATE \"C\""
#define TAGS "SELECT e.text || '-' || t.name || '*' || weight FROM w_entry_tags " \
	"JOIN w_entries e ON e.id = entry_id JOIN w_tags t ON t.id = tag_id " \
	"ORDER BY e.text COLLATE \"C\", t.name"
#define TREES "SELECT t.name || '<' || coalesce(p.name, '') FROM w_trees t " \
	"LEFT JOIN w_trees p ON p.id = t.parent_id ORDER BY t.name"
#define PINS "SELECT p.name || '@' || coalesce(s.name, '') FROM w_pins p " \
	"LEFT JOIN w_spots s ON s.x = p.x AND s.y = p.y ORDER BY p.name"

static Cart *cart(const char *name, const char *letters)
{
	static const char *const texts[] = { "a", "b", "c", "d", "e", "f", "g", "h" };
	Cart *c = amph_new(s, Cart, .name = name);

	for (; *letters; letters++)
		DO(amph_append(c, entries, amph_new(s, Entry, .text = texts[*letters - 'a'])));
	return c;
}

static Entry *entry(Cart *c, const char *text)
{
	amph_each(Entry, e, amph_rel(c, entries))
		if (!strcmp(e->text, text))
			return e;
	ck_abort_msg("no entry %s", text);
	return NULL;
}

/* ---- cascades and orphans ---- */

START_TEST(deletes_reach_children_and_their_links)
{
	Cart *c = cart("x", "abc");
	Tag *t = amph_new(s, Tag, .name = "t");

	DO(amph_append(entry(c, "a"), tags, t) && amph_append(t, entries, entry(c, "b")));
	DO(amph_commit(s));
	has_rows(TAGS, "a-t*1 | b-t*1");
	DO(amph_delete(s, c) && amph_commit(s));
	has_rows(TAGS, "");
	has_rows(CARTS, "");
	ck_assert_uint_eq(amph_length(amph_rel(t, entries)), 0);
}
END_TEST

START_TEST(an_orphan_goes_unless_somebody_takes_it)
{
	Cart *c = cart("x", "abc"), *d = cart("y", "d");

	DO(amph_commit(s));
	Entry *a = entry(c, "a"), *b = entry(c, "b");
	DO(amph_remove(c, entries, a) && amph_remove(c, entries, b) && amph_append(d, entries, b));
	DO(amph_commit(s));
	has_rows(CARTS, "x:c | y:b,d");
	ck_assert_int_ne(amph_state(s, a), AMPH_OBJECT_PERSISTENT);
	ck_assert_ptr_eq(b->cart, d);
	/* there and back again in one flush */
	DO(amph_remove(d, entries, b) && amph_append(c, entries, b) && amph_remove(c, entries, b) &&
	   amph_append(d, entries, b) && amph_commit(s));
	has_rows(CARTS, "x:c | y:b,d");
}
END_TEST

START_TEST(a_parent_is_deleted_while_a_child_moves)
{
	Cart *c = cart("x", "abc"), *d = cart("y", "");

	DO(amph_commit(s));
	entry(c, "a")->cart = d;
	DO(amph_append(d, entries, entry(c, "b")));
	DO(amph_delete(s, c) && amph_commit(s));
	has_rows(CARTS, "y:a,b");
	ck_assert_uint_eq(amph_length(amph_rel(d, entries)), 2);
}
END_TEST

START_TEST(a_new_child_of_a_deleted_parent)
{
	Cart *c = cart("x", "a");

	DO(amph_commit(s));
	DO(amph_append(c, entries, amph_new(s, Entry, .text = "b")));
	DO(amph_delete(s, c) && amph_commit(s));
	has_rows(CARTS, "");
	has_rows("SELECT count(*)::text FROM w_entries", "0");
}
END_TEST

START_TEST(a_child_is_deleted_and_its_parent_saved)
{
	Cart *c = cart("x", "ab");

	DO(amph_commit(s));
	DO(amph_delete(s, entry(c, "a")));
	c->name = "z";
	DO(amph_commit(s));
	has_rows(CARTS, "z:b");
	ck_assert_uint_eq(amph_length(amph_rel(c, entries)), 1);
	DO(amph_refresh(s, c));
	ck_assert_uint_eq(amph_length(amph_rel(c, entries)), 1);
}
END_TEST

START_TEST(everything_is_replaced)
{
	Cart *c = cart("x", "abc");

	DO(amph_commit(s));
	amph_each(Entry, e, amph_rel(c, entries))
		DO(amph_remove(c, entries, e));
	DO(amph_append(c, entries, amph_new(s, Entry, .text = "a", .place = AMPH_SOME(1))));
	DO(amph_commit(s));
	has_rows(CARTS, "x:a");
	DO(amph_delete(s, c));
	cart("x", "ef");
	DO(amph_commit(s));
	has_rows(CARTS, "x:e,f");
}
END_TEST

/* ---- trees ---- */

static Tree *tree(const char *name, Tree *parent)
{
	return amph_new(s, Tree, .name = name, .parent = parent);
}

START_TEST(branches_move_and_go)
{
	Tree *a = tree("a", NULL), *b = tree("b", a), *c = tree("c", b), *d = tree("d", c), *e = tree("e", a);

	DO(amph_commit(s));
	has_rows(TREES, "a< | b<a | c<b | d<c | e<a");
	c->parent = e;
	DO(amph_delete(s, b) && amph_commit(s));
	has_rows(TREES, "a< | c<e | d<c | e<a");
	/* upside down */
	d->parent = NULL;
	c->parent = d;
	DO(amph_commit(s));
	has_rows(TREES, "a< | c<d | d< | e<a");
	DO(amph_delete(s, a) && amph_delete(s, d) && amph_commit(s));
	has_rows(TREES, "");
}
END_TEST

START_TEST(a_circle_of_parents)
{
	Tree *a = tree("a", NULL), *b = tree("b", a), *c = tree("c", b), *self = tree("s", NULL);

	DO(amph_commit(s));
	a->parent = c;
	self->parent = self;
	DO(amph_commit(s));
	has_rows(TREES, "a<c | b<a | c<b | s<s");
	DO(amph_delete(s, b) && amph_delete(s, self) && amph_commit(s));
	has_rows(TREES, "");
}
END_TEST

START_TEST(a_new_circle)
{
	Tree *a = tree("a", NULL), *b = tree("b", a);

	a->parent = b;
	bool ok = amph_commit(s);
	ck_assert_msg(ok, "%s", amph_session_error(s)->message);
	has_rows(TREES, "a<b | b<a");
}
END_TEST

START_TEST(a_branch_that_is_not_loaded)
{
	Tree *a = tree("a", NULL), *b = tree("b", a), *c = tree("c", b);

	tree("d", c);
	tree("x", NULL);
	DO(amph_commit(s));
	int64_t id = b->id;
	amph_session_clear(s);
	DO(amph_delete(s, amph_get(s, Tree, id)) && amph_commit(s));
	has_rows(TREES, "a< | x<");
}
END_TEST

START_TEST(a_parent_and_its_child_in_any_order)
{
	Tree *a = tree("a", NULL), *b = tree("b", a);

	DO(amph_commit(s));
	DO(amph_delete(s, b) && amph_delete(s, a));
	tree("c", tree("d", NULL));
	DO(amph_commit(s));
	has_rows(TREES, "c<d | d<");
}
END_TEST

/* ---- unique values ---- */

START_TEST(places_are_exchanged)
{
	Cart *c = cart("x", "abc");

	amph_each(Entry, e, c->entries)
		e->place = (amph_opt_int32)AMPH_SOME(e->text[0] - 'a' + 1);
	DO(amph_commit(s));
	entry(c, "a")->place.value = 2;
	entry(c, "b")->place.value = 3;
	entry(c, "c")->place.value = 1;
	DO(amph_commit(s));
	has_rows("SELECT text || place FROM w_entries ORDER BY place", "c1 | a2 | b3");
	/* one goes, another takes its place, a new one the other's */
	entry(c, "a")->place.value = 3;
	DO(amph_remove(c, entries, entry(c, "b")));
	DO(amph_append(c, entries, amph_new(s, Entry, .text = "n", .place = AMPH_SOME(2))) && amph_commit(s));
	has_rows("SELECT text || place FROM w_entries ORDER BY place", "c1 | n2 | a3");
}
END_TEST

START_TEST(places_are_exchanged_between_carts)
{
	Cart *c = cart("x", "a"), *d = cart("y", "b");

	entry(c, "a")->place = entry(d, "b")->place = (amph_opt_int32)AMPH_SOME(1);
	DO(amph_commit(s));
	Entry *a = entry(c, "a"), *b = entry(d, "b");
	DO(amph_append(d, entries, a) && amph_append(c, entries, b) && amph_commit(s));
	has_rows(CARTS, "x:b | y:a");
	const char *name = c->name;
	c->name = d->name;
	d->name = name;
	a->cart = c;
	b->cart = d;
	DO(amph_commit(s));
	has_rows(CARTS, "x:b | y:a");
}
END_TEST

START_TEST(a_name_is_used_again)
{
	Tag *t = amph_new(s, Tag, .name = "t");

	DO(amph_commit(s));
	DO(amph_delete(s, t));
	Tag *u = amph_new(s, Tag, .name = "t");
	DO(amph_commit(s));
	has_rows("SELECT id || name FROM w_tags", "2t");
	u->name = "v";
	amph_new(s, Tag, .name = "t");
	DO(amph_commit(s));
	has_rows("SELECT name FROM w_tags ORDER BY name", "t | v");
	amph_new(s, Tag, .name = "t");
	FAILS("23505", amph_commit(s));
	amph_rollback(s);
	has_rows("SELECT name FROM w_tags ORDER BY name", "t | v");
}
END_TEST

/* ---- many to many ---- */

START_TEST(both_sides_append_the_same)
{
	Cart *c = cart("x", "ab");
	Tag *t = amph_new(s, Tag, .name = "t");
	Entry *a = entry(c, "a");

	DO(amph_append(a, tags, t) && amph_append(t, entries, a) && amph_append(a, tags, t));
	DO(amph_commit(s));
	has_rows(TAGS, "a-t*1");
	Entry *b = entry(c, "b");
	DO(amph_append(t, entries, b) && amph_append(b, tags, t) && amph_commit(s));
	has_rows(TAGS, "a-t*1 | b-t*1");
	DO(amph_remove(a, tags, t) && amph_remove(t, entries, a) && amph_commit(s));
	has_rows(TAGS, "b-t*1");
	amph_session_clear(s);
	t = amph_first(s, Tag);
	b = amph_first(s, Entry, .where = eq(col(Entry, text), "b"));
	DO(amph_remove(t, entries, b) && amph_append(b, tags, t) && amph_commit(s));
	has_rows(TAGS, "b-t*1");
}
END_TEST

START_TEST(links_are_found_by_queries_before_the_commit)
{
	Cart *c = cart("x", "a");
	Tag *t = amph_new(s, Tag, .name = "t");

	DO(amph_commit(s));
	Entry *a = entry(c, "a");
	DO(amph_append(a, tags, t));
	ck_assert_int_eq(amph_count(s, EntryTag), 1);
	DO(amph_remove(a, tags, t));
	ck_assert_int_eq(amph_count(s, Entry, .where = any(Entry, tags)), 0);
	DO(amph_append(t, entries, a));
	ck_assert_int_eq(amph_count(s, Tag, .joins = joins(join(Tag, entries))), 1);
	ck_assert_int_eq(amph_count(s, Entry, .of = children(Tag, t, entries)), 1);
	DO(amph_commit(s));
	has_rows(TAGS, "a-t*1");
}
END_TEST

START_TEST(a_link_with_data_is_kept)
{
	Cart *c = cart("x", "ab");
	Tag *t = amph_new(s, Tag, .name = "t");

	DO(amph_commit(s));
	Entry *a = entry(c, "a"), *b = entry(c, "b");
	amph_new(s, EntryTag, .entry_id = a->id, .tag_id = t->id, .weight = 7);
	DO(amph_flush(s));
	ck_assert_uint_eq(amph_length(amph_rel(a, tags)), 1);
	DO(amph_append(b, tags, t) && amph_append(a, tags, t) && amph_commit(s));
	has_rows(TAGS, "a-t*7 | b-t*1");
	DO(amph_delete(s, t) && amph_commit(s));
	has_rows(TAGS, "");
	ck_assert_uint_eq(amph_length(amph_rel(a, tags)), 0);
}
END_TEST

START_TEST(tags_are_exchanged_and_undone)
{
	Cart *c = cart("x", "ab");
	Tag *t = amph_new(s, Tag, .name = "t"), *u = amph_new(s, Tag, .name = "u");
	Entry *a = entry(c, "a"), *b = entry(c, "b");

	DO(amph_append(a, tags, t) && amph_append(b, tags, u) && amph_commit(s));
	DO(amph_savepoint(s) && amph_remove(a, tags, t) && amph_append(a, tags, u) && amph_flush(s));
	DO(amph_remove(b, tags, u) && amph_append(b, tags, t) && amph_flush(s));
	ck_assert_ptr_eq(a->tags[0], u);
	DO(amph_rollback_to(s));
	ck_assert_ptr_eq(amph_rel(a, tags)[0], t);
	ck_assert_ptr_eq(amph_rel(u, entries)[0], b);
	DO(amph_append(a, tags, u) && amph_commit(s));
	has_rows(TAGS, "a-t*1 | a-u*1 | b-u*1");
}
END_TEST

/* ---- merge, refresh, expunge ---- */

START_TEST(a_graph_is_merged)
{
	Cart *c = cart("x", "ab");

	DO(amph_commit(s));
	Entry one = { .id = entry(c, "a")->id, .text = "A", .cart_id = c->id }, two = { .text = "n" };
	Entry *const list[] = { &one, &two, NULL };
	Cart values = { .id = c->id, .name = "X", .version = c->version, .entries = list };
	Cart *merged = amph_merge(s, Cart, &values);
	ck_assert_ptr_eq(merged, c);
	DO(amph_commit(s));
	has_rows(CARTS, "X:A,n");
	ck_assert_uint_eq(amph_length(amph_rel(c, entries)), 2);
	/* once more, and nothing happens; its version is another by now */
	values.version = 0;
	ck_assert_ptr_null(amph_merge(s, Cart, &values));
	amph_rollback(s);
	Cart fresh = { .name = "new" };
	ck_assert_ptr_nonnull(amph_merge(s, Cart, &fresh));
	DO(amph_commit(s));
	has_rows(CARTS, "X:A,n | new:");
}
END_TEST

START_TEST(merging_what_is_gone_makes_it_again)
{
	Spot *p = amph_new(s, Spot, .x = 1, .y = 2, .name = "p");

	DO(amph_commit(s));
	DO(amph_delete(s, p) && amph_flush(s));
	Spot values = { .x = 1, .y = 2, .name = "q" };
	ck_assert_ptr_nonnull(amph_merge(s, Spot, &values));
	DO(amph_commit(s));
	has_rows("SELECT name FROM w_spots", "q");
	DO(amph_delete(s, amph_get(s, Spot, 1, 2)));
	Spot *again = amph_merge(s, Spot, &values);
	ck_assert_ptr_nonnull(again);
	DO(amph_commit(s));
	has_rows("SELECT name FROM w_spots", "q");
}
END_TEST

START_TEST(an_expunged_family_comes_back)
{
	Cart *c = cart("x", "ab");

	DO(amph_commit(s));
	Entry *a = entry(c, "a");
	DO(amph_expunge(s, c));
	ck_assert_int_eq(amph_state(s, a), AMPH_OBJECT_EXPUNGED);
	c->name = "no";
	DO(amph_commit(s));
	has_rows(CARTS, "x:a,b");
	Cart *other = amph_first(s, Cart);
	ck_assert_ptr_ne(other, c);
	FAILS("HV010", amph_attach(s, c));
	amph_rollback(s);
	DO(amph_expunge(s, other) && amph_attach(s, c) && amph_commit(s));
	has_rows(CARTS, "no:a,b");
}
END_TEST

START_TEST(refresh_drops_changes_and_reads_others)
{
	Cart *c = cart("x", "ab");

	DO(amph_commit(s));
	amph_session *other = amph_session_open(db);
	Cart *theirs = amph_get(other, Cart, c->id);
	theirs->name = "theirs";
	OK_(other, amph_delete(other, amph_first(other, Entry, .where = eq(col(Entry, text), "a"))));
	OK_(other, amph_commit(other));
	amph_session_close(other);
	c->name = "mine";
	DO(amph_refresh(s, c));
	ck_assert_str_eq(c->name, "theirs");
	ck_assert_uint_eq(amph_length(amph_rel(c, entries)), 1);
	c->name = "z";
	DO(amph_commit(s));
	has_rows(CARTS, "z:b");
}
END_TEST

/* ---- versions ---- */

START_TEST(versions_count_only_changes_of_the_row)
{
	Cart *c = cart("x", "a");

	DO(amph_commit(s));
	int32_t first = c->version;
	DO(amph_append(c, entries, amph_new(s, Entry, .text = "b")) && amph_commit(s));
	ck_assert_int_eq(c->version, first);
	c->name = "y";
	DO(amph_flush(s));
	c->name = "z";
	DO(amph_commit(s));
	ck_assert_int_eq(c->version, first + 2);
	c->name = "z";
	DO(amph_commit(s));
	ck_assert_int_eq(c->version, first + 2);
}
END_TEST

START_TEST(a_stale_object_neither_writes_nor_deletes)
{
	Cart *c = cart("x", "a");

	DO(amph_commit(s));
	amph_session *other = amph_session_open(db);
	((Cart *)amph_get(other, Cart, c->id))->name = "theirs";
	OK_(other, amph_commit(other));
	amph_session_close(other);
	c->name = "mine";
	FAILS("40001", amph_commit(s));
	amph_rollback(s);
	ck_assert_str_eq(c->name, "x");
	DO(amph_delete(s, c));
	FAILS("40001", amph_commit(s));
	amph_rollback(s);
	DO(amph_refresh(s, c) && amph_delete(s, c) && amph_commit(s));
	has_rows(CARTS, "");
}
END_TEST

/* ---- savepoints ---- */

START_TEST(savepoints_within_savepoints)
{
	Cart *c = cart("x", "a");

	DO(amph_commit(s));
	DO(amph_savepoint(s));
	c->name = "1";
	DO(amph_append(c, entries, amph_new(s, Entry, .text = "b")) && amph_savepoint(s));
	c->name = "2";
	DO(amph_delete(s, entry(c, "a")) && amph_savepoint(s));
	c->name = "3";
	DO(amph_append(c, entries, amph_new(s, Entry, .text = "c")) && amph_release_savepoint(s));
	ck_assert_uint_eq(amph_length(amph_rel(c, entries)), 2);
	DO(amph_rollback_to(s));
	ck_assert_str_eq(c->name, "1");
	ck_assert_uint_eq(amph_length(amph_rel(c, entries)), 2);
	ck_assert_str_eq(entry(c, "a")->text, "a");
	DO(amph_release_savepoint(s) && amph_commit(s));
	has_rows(CARTS, "1:a,b");
}
END_TEST

START_TEST(a_failure_within_a_savepoint)
{
	cart("x", "a");
	DO(amph_commit(s) && amph_savepoint(s));
	Cart *twice = cart("x", "b");
	FAILS("23505", amph_flush(s));
	DO(amph_rollback_to(s));
	ck_assert_int_eq(amph_state(s, twice), AMPH_OBJECT_EXPUNGED);
	twice->name = "y";
	DO(amph_attach(s, twice));
	DO(amph_commit(s));
	has_rows("SELECT name FROM w_carts ORDER BY name", "x | y");
}
END_TEST

START_TEST(a_rolled_back_delete_of_a_family)
{
	Cart *c = cart("x", "ab");
	Tag *t = amph_new(s, Tag, .name = "t");

	DO(amph_append(entry(c, "a"), tags, t) && amph_commit(s));
	DO(amph_delete(s, c) && amph_flush(s));
	amph_rollback(s);
	ck_assert_uint_eq(amph_length(amph_rel(c, entries)), 2);
	ck_assert_uint_eq(amph_length(amph_rel(t, entries)), 1);
	entry(c, "a")->text = "A";
	DO(amph_commit(s));
	has_rows(CARTS, "x:A,b");
	has_rows(TAGS, "A-t*1");
}
END_TEST

/* ---- composite keys ---- */

START_TEST(a_composite_key_changes_with_its_children)
{
	Spot *p = amph_new(s, Spot, .x = 1, .y = 2, .name = "p");
	Spot *q = amph_new(s, Spot, .x = 2, .y = 1, .name = "q");
	Pin *a = amph_new(s, Pin, .name = "a", .spot = p), *b = amph_new(s, Pin, .name = "b");

	DO(amph_append(q, pins, b) && amph_commit(s));
	has_rows(PINS, "a@p | b@q");
	a->spot = q;
	b->spot = NULL;
	DO(amph_commit(s));
	has_rows(PINS, "a@q | b@");
	ck_assert(!b->x.has && !b->y.has);
	DO(amph_remove(q, pins, a) && amph_append(p, pins, a) && amph_append(p, pins, b) && amph_commit(s));
	has_rows(PINS, "a@p | b@p");
	DO(amph_delete(s, p) && amph_commit(s));
	has_rows(PINS, "a@ | b@");
	ck_assert_ptr_null(amph_rel(a, spot));
}
END_TEST

START_TEST(composite_keys_are_exchanged)
{
	Spot *p = amph_new(s, Spot, .x = 1, .y = 2, .name = "p");
	Spot *q = amph_new(s, Spot, .x = 1, .y = 3, .name = "q");

	DO(amph_commit(s));
	p->y = 3;
	q->y = 2;
	DO(amph_commit(s));
	has_rows("SELECT name || y FROM w_spots ORDER BY y", "q2 | p3");
	ck_assert_ptr_eq(amph_get(s, Spot, 1, 2), q);
	p->x = 9;
	amph_new(s, Spot, .x = 1, .y = 3, .name = "n");
	DO(amph_commit(s));
	has_rows("SELECT name || x || y FROM w_spots ORDER BY x, y", "q12 | n13 | p93");
}
END_TEST

/* ---- events that change things in the flush ---- */

static bool retitle(amph_event *event, void *object)
{
	Entry *e = object;

	(void)event;
	if (e->text[0] == 'a')
		e->text = "changed";
	return true;
}
static bool adds_sibling(amph_event *event, void *object)
{
	Entry *e = object;
	amph_session *of = amph_event_session(event);

	if (!strcmp(e->text, "twin") || !e->cart)
		return true;
	return amph_append(e->cart, entries, amph_new(of, Entry, .text = "twin"));
}
static bool renames_cart(amph_event *event, void *object)
{
	Entry *e = object;

	(void)event;
	if (e->cart)
		e->cart->name = "renamed";
	return true;
}

START_TEST(an_event_changes_its_object)
{
	DO(amph_listen(s, AMPH_BEFORE_INSERT, &amph_model_Entry, retitle, NULL));
	cart("x", "ab");
	DO(amph_commit(s));
	has_rows(CARTS, "x:b,changed");
}
END_TEST

START_TEST(an_event_makes_objects)
{
	DO(amph_listen(s, AMPH_BEFORE_INSERT, &amph_model_Entry, adds_sibling, NULL));
	Cart *c = cart("x", "b");
	DO(amph_commit(s));
	has_rows(CARTS, "x:b,twin");
	ck_assert_uint_eq(amph_length(amph_rel(c, entries)), 2);
}
END_TEST

START_TEST(an_event_changes_another_object)
{
	Cart *c = cart("x", "b");

	DO(amph_commit(s));
	DO(amph_listen(s, AMPH_BEFORE_UPDATE, &amph_model_Entry, renames_cart, NULL));
	entry(c, "b")->text = "z";
	DO(amph_commit(s));
	has_rows(CARTS, "renamed:z");
	DO(amph_listen(s, AMPH_BEFORE_DELETE, &amph_model_Entry, renames_cart, NULL));
	c->name = "y";
	DO(amph_delete(s, entry(c, "z")) && amph_commit(s));
	has_rows(CARTS, "renamed:");
}
END_TEST

/* ---- beside statements ---- */

START_TEST(statements_between_changes)
{
	Cart *c = cart("x", "abc");

	DO(amph_commit(s));
	entry(c, "a")->text = "A";
	WRITES(1, amph_update(s, Entry, .where = eq(col(Entry, text), "A"),
			      .set = sets(set(Entry, place, 5))));
	ck_assert_int_eq(entry(c, "A")->place.value, 5);
	entry(c, "A")->place.value++;
	WRITES(1, amph_delete_where(s, Entry, .where = eq(col(Entry, place), 6)));
	ck_assert_int_eq(amph_count(s, Entry), 2);
	amph_all(s, Cart, .load = with(selectin(Cart, entries)));
	ck_assert_uint_eq(amph_length(c->entries), 2);
	DO(amph_commit(s));
	has_rows(CARTS, "x:b,c");
	/* of rows that a statement has deleted nothing is left to cascade to */
	DO(amph_delete(s, c) && amph_commit(s));
	has_rows(CARTS, "");
}
END_TEST

START_TEST(a_key_is_given_and_changed_before_the_flush)
{
	Cart *c = amph_new(s, Cart, .id = 40, .name = "x");

	DO(amph_append(c, entries, amph_new(s, Entry, .text = "a")));
	c->id = 41;
	DO(amph_commit(s));
	has_rows("SELECT id || text FROM w_carts "
		 "JOIN (SELECT cart_id, text FROM w_entries) e ON cart_id = id",
		 "41a");
	ck_assert_ptr_eq(amph_get(s, Cart, 41), c);
	ck_assert_ptr_null(amph_get(s, Cart, 40));
}
END_TEST

START_TEST(nothing_is_written_twice)
{
	Cart *c = cart("x", "ab");

	DO(amph_commit(s));
	c->name = "y";
	c->name = "x";
	DO(amph_remove(c, entries, entry(c, "a")) && amph_append(c, entries, c->entries[0]));
	amph_rollback(s);
	amph_expect_statements(s, 0);
	DO(amph_commit(s));
	amph_expect_statements(s, -1);
	has_rows(CARTS, "x:a,b");
}
END_TEST

START_TEST(links_that_restrict_keep_what_they_link)
{
	Race *race = amph_new(s, Race);
	Runner *ann = amph_new(s, Runner);

	DO(amph_flush(s));
	amph_new(s, Result, .race_id = race->id, .runner_id = ann->id, .minutes = 42);
	DO(amph_commit(s));
	DO(amph_delete(s, race));
	SAYS("23503", "w_results", amph_commit(s));
	has_rows("SELECT minutes FROM w_results", "42");
	DO(amph_remove(race, runners, ann) && amph_delete(s, race) && amph_commit(s));
	has_rows("SELECT minutes FROM w_results", "");
	has_rows("SELECT id FROM w_races", "");
}
END_TEST

static SUITE(suite_of_work, "units of work", links_that_restrict_keep_what_they_link,
      deletes_reach_children_and_their_links,
      an_orphan_goes_unless_somebody_takes_it, a_parent_is_deleted_while_a_child_moves,
      a_new_child_of_a_deleted_parent, a_child_is_deleted_and_its_parent_saved, everything_is_replaced,
      branches_move_and_go, a_circle_of_parents, a_new_circle, a_branch_that_is_not_loaded,
      a_parent_and_its_child_in_any_order, places_are_exchanged, places_are_exchanged_between_carts,
      a_name_is_used_again, both_sides_append_the_same, links_are_found_by_queries_before_the_commit,
      a_link_with_data_is_kept, tags_are_exchanged_and_undone, a_graph_is_merged,
      merging_what_is_gone_makes_it_again, an_expunged_family_comes_back,
      refresh_drops_changes_and_reads_others, versions_count_only_changes_of_the_row,
      a_stale_object_neither_writes_nor_deletes, savepoints_within_savepoints,
      a_failure_within_a_savepoint, a_rolled_back_delete_of_a_family,
      a_composite_key_changes_with_its_children, composite_keys_are_exchanged,
      an_event_changes_its_object, an_event_makes_objects, an_event_changes_another_object,
      statements_between_changes, a_key_is_given_and_changed_before_the_flush, nothing_is_written_twice)

suite work_suite(void)
{
	suite made = suite_of_work();

	made.setup = set_up;
	made.teardown = end_with_none;
	return made;
}
