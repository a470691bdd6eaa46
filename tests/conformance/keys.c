/* Keys that the database makes, of rows that others refer to: they are there before those are written. */
#include "conformance.h"

typedef struct Kennel Kennel;
typedef struct Dog { int64_t id; amph_opt_int64 kennel_id; Kennel *kennel; } Dog;
struct Kennel { int64_t id; const char *name; AMPH_MANY(Dog) dogs; };
AMPH_DECLARE(Kennel);
AMPH_DECLARE(Dog);
AMPH_MODEL(Kennel, "keys_kennels", .columns = AMPH_COLUMNS(
	AMPH_COLUMN(Kennel, id, .primary_key = true, .identity = AMPH_IDENTITY_ALWAYS),
	AMPH_COLUMN(Kennel, name, .not_null = true)),
	.relations = AMPH_RELATIONS(AMPH_HAS_MANY(Kennel, dogs, Dog, kennel_id,
		.back = AMPH_MEMBER(Dog, kennel))));
AMPH_MODEL(Dog, "keys_dogs", .columns = AMPH_COLUMNS(
	AMPH_COLUMN(Dog, id, .primary_key = true),
	AMPH_COLUMN(Dog, kennel_id, .references = AMPH_REF(Kennel, id))),
	.relations = AMPH_RELATIONS(AMPH_BELONGS_TO(Dog, kennel, Kennel, kennel_id,
		.back = AMPH_MEMBER(Kennel, dogs))));

/* a uuid; a text of a sequence, in a tree; a key of two, one of which is made */
typedef struct Chest Chest;
typedef struct Piece { amph_uuid id; amph_uuid chest_id; const char *name; Chest *chest; } Piece;
struct Chest { amph_uuid id; const char *name; AMPH_MANY(Piece) pieces; };
typedef struct Folder Folder;
struct Folder { const char *code, *name, *parent_code; Folder *parent; AMPH_MANY(Folder) children; };
typedef struct Tray Tray;
typedef struct Pen {
	int64_t id;
	int32_t shelf;
	amph_opt_uuid mark;
	Tray *tray;
} Pen;
struct Tray { int32_t shelf; amph_uuid mark; const char *name; AMPH_MANY(Pen) pens; };
AMPH_DECLARE(Chest);
AMPH_DECLARE(Piece);
AMPH_DECLARE(Folder);
AMPH_DECLARE(Tray);
AMPH_DECLARE(Pen);
AMPH_MODEL(Chest, "keys_chests", .columns = AMPH_COLUMNS(
	AMPH_COLUMN(Chest, id, .primary_key = true, .server_default = "gen_random_uuid()"),
	AMPH_COLUMN(Chest, name)),
	.relations = AMPH_RELATIONS(AMPH_HAS_MANY(Chest, pieces, Piece, chest_id,
		.back = AMPH_MEMBER(Piece, chest), .cascade = AMPH_CASCADE_ALL | AMPH_DELETE_ORPHAN)));
AMPH_MODEL(Piece, "keys_pieces", .columns = AMPH_COLUMNS(
	AMPH_COLUMN(Piece, id, .primary_key = true, .server_default = "gen_random_uuid()"),
	AMPH_COLUMN(Piece, chest_id, .references = AMPH_REF(Chest, id)), AMPH_COLUMN(Piece, name)),
	.relations = AMPH_RELATIONS(AMPH_BELONGS_TO(Piece, chest, Chest, chest_id,
		.back = AMPH_MEMBER(Chest, pieces))));
AMPH_MODEL(Folder, "keys_folders", .columns = AMPH_COLUMNS(
	AMPH_COLUMN(Folder, code, .primary_key = true, .length = 10,
		    .server_default = "'F-' || nextval('keys_numbers') -- of all"),
	AMPH_COLUMN(Folder, name),
	AMPH_COLUMN(Folder, parent_code, .length = 10, .references = AMPH_REF(Folder, code))),
	.relations = AMPH_RELATIONS(
		AMPH_BELONGS_TO(Folder, parent, Folder, parent_code, .back = AMPH_MEMBER(Folder, children)),
		AMPH_HAS_MANY(Folder, children, Folder, parent_code, .back = AMPH_MEMBER(Folder, parent))));
AMPH_MODEL(Tray, "keys_trays", .columns = AMPH_COLUMNS(
	AMPH_COLUMN(Tray, shelf, .primary_key = true),
	AMPH_COLUMN(Tray, mark, .primary_key = true, .server_default = "gen_random_uuid()"),
	AMPH_COLUMN(Tray, name)),
	.relations = AMPH_RELATIONS(AMPH_HAS_MANY(Tray, pens, Pen, mark, .back = AMPH_MEMBER(Pen, tray))));
AMPH_MODEL(Pen, "keys_pens", .columns = AMPH_COLUMNS(
	AMPH_COLUMN(Pen, id, .primary_key = true),
	AMPH_COLUMN(Pen, shelf), AMPH_COLUMN(Pen, mark)),
	.foreign_keys = AMPH_FOREIGN_KEYS(
		AMPH_FOREIGN_KEY(NULL, AMPH_ON(AMPH_MEMBER(Pen, shelf), AMPH_MEMBER(Pen, mark)),
				 AMPH_ON(AMPH_MEMBER(Tray, shelf), AMPH_MEMBER(Tray, mark)))),
	.relations = AMPH_RELATIONS(AMPH_BELONGS_TO(Pen, tray, Tray, mark,
		.back = AMPH_MEMBER(Tray, pens))));
static const amph_model *const kennels[] = { &amph_model_Kennel, &amph_model_Dog, NULL };
static const amph_model *const made[] = { &amph_model_Chest, &amph_model_Piece, &amph_model_Tray,
					  &amph_model_Pen, NULL };
static const amph_model *const folders[] = { &amph_model_Folder, NULL };

static void start(const amph_model *const *list)
{
	end_with_none();
	begin_with(list);
}

static Kennel *numbered_and_rolled_back(void)
{
	Kennel *k = amph_new(s, Kennel, .name = "k");

	DO(amph_new(s, Dog, .kennel = k) && amph_flush(s));
	ck_assert_int_gt(k->id, 0);
	amph_rollback(s);
	ck_assert_int_eq(k->id, 0);
	return k;
}

START_TEST(a_number_that_was_rolled_back_is_nobody_s)
{
	start(kennels);
	Kennel *k = numbered_and_rolled_back();
	k->id = 90;
	DO(amph_attach(s, k));
	FAILS("428C9", amph_flush(s));
	amph_rollback(s);
	k = numbered_and_rolled_back();
	DO(amph_attach(s, k) && amph_commit(s));
	ck_assert_int_gt(k->id, 0);
	ck_assert_int_lt(k->id, 90);
}
END_TEST

START_TEST(nor_one_of_a_savepoint)
{
	start(kennels);
	Kennel *k = amph_new(s, Kennel, .name = "k");
	DO(amph_savepoint(s));
	Dog *d = amph_new(s, Dog, .kennel = k);
	DO(d && amph_flush(s));
	DO(amph_rollback_to(s));
	if (!k->id) {
		k->id = 91;
		DO(amph_attach(s, k));
		FAILS("428C9", amph_flush(s));
	}
}
END_TEST

START_TEST(parents_with_keys_that_defaults_make)
{
	start(made);
	Chest *c = amph_new(s, Chest, .name = "c"), *other = amph_new(s, Chest, .name = "d");
	Piece *p = amph_new(s, Piece, .name = "p", .chest = c);
	Piece *q = amph_new(s, Piece, .name = "q");
	DO(amph_append(c, pieces, q));
	Piece *r = amph_new(s, Piece, .name = "r", .chest = other);
	DO(amph_commit(s));
	ck_assert_mem_eq(&p->chest_id, &c->id, sizeof c->id);
	ck_assert_mem_eq(&q->chest_id, &c->id, sizeof c->id);
	ck_assert_mem_ne(&r->chest_id, &c->id, sizeof c->id);
	ck_assert_int_eq(amph_count(s, Piece, .where = eq(col(Piece, chest_id), c->id)), 2);
	ck_assert_ptr_eq(amph_get(s, Chest, other->id), other);
	Tray *t = amph_new(s, Tray, .shelf = 3);
	Pen *pen = amph_new(s, Pen, .tray = t);
	DO(amph_commit(s));
	ck_assert_int_eq(pen->shelf, 3);
	ck_assert(pen->mark.has);
	ck_assert_mem_eq(&pen->mark.value, &t->mark, sizeof t->mark);
	amph_session_clear(s);
	ck_assert_int_eq(amph_count(s, Tray), 1);
}
END_TEST

/* The sequence is there before the table, and also where the database went with the engine. */
static void start_with_numbers(void)
{
	for (int i = 0; i < 2; i++) {
		DO(amph_script(s, "CREATE SEQUENCE IF NOT EXISTS keys_numbers START 5") && amph_commit(s));
		if (i == 0)
			start(folders);
	}
}

static void stop_with_numbers(void)
{
	amph_error err;

	DO(amph_commit(s));
	ck_assert_msg(amph_drop_all(db, &err), "%s", err.message);
	DO(amph_script(s, "DROP SEQUENCE keys_numbers") && amph_commit(s));
}

START_TEST(a_tree_with_keys_of_a_sequence)
{
	start_with_numbers();
	Folder *top = amph_new(s, Folder, .name = "top");
	Folder *sub = amph_new(s, Folder, .name = "sub", .parent = top);
	Folder *own = amph_new(s, Folder, .name = "own", .code = "mine", .parent = sub);
	Folder *leaf = amph_new(s, Folder, .name = "leaf", .parent = own);
	DO(amph_commit(s));
	ck_assert_str_eq(sub->parent_code, top->code);
	ck_assert_str_eq(own->parent_code, sub->code);
	ck_assert_str_eq(own->code, "mine");
	ck_assert_str_eq(leaf->parent_code, "mine");
	amph_session_clear(s);
	ck_assert_int_eq(amph_count(s, Folder, .where = like(col(Folder, code), "F-%")), 3);
	/* what is rolled back has none */
	Folder *gone = amph_new(s, Folder, .name = "gone");
	Folder *child = amph_new(s, Folder, .name = "child", .parent = gone);
	DO(amph_flush(s));
	ck_assert_ptr_nonnull(gone->code);
	amph_rollback(s);
	ck_assert_ptr_null(gone->code);
	DO(amph_attach(s, child) && amph_commit(s));
	ck_assert_str_eq(child->parent_code, gone->code);
	stop_with_numbers();
}
END_TEST

static bool is_zero(const amph_uuid *id)
{
	static const amph_uuid zero;

	return !memcmp(id, &zero, sizeof zero);
}

START_TEST(arrays_of_rows_with_keys_that_defaults_make)
{
	static Chest many[2500];
	amph_uuid own = { { 1, 2, 3 } };

	start(made);
	DO(amph_count(s, Chest) == 0);
	/* a key that is not there is the database's to make, as an id is */
	Chest some[3] = { { .name = "a" }, { .name = "b", .id = own }, { .name = "c" } };
	WRITES(3, amph_insert_many(s, Chest, some, 3, .write_back = some));
	ck_assert(!is_zero(&some[0].id) && !is_zero(&some[2].id));
	ck_assert_mem_eq(&some[1].id, &own, sizeof own);
	ck_assert_mem_ne(&some[0].id, &some[2].id, sizeof own);
	Chest plain[2] = { { .name = "d" }, { .name = "e" } };
	WRITES(2, amph_insert_many(s, Chest, plain, 2));
	ck_assert(is_zero(&plain[0].id));
	plain[1].id = (amph_uuid){ { 9 } };
	WRITES(2, amph_insert_many(s, Chest, plain, 2));
	FAILS("23505", amph_insert_many(s, Chest, some, 3) >= 0);
	amph_rollback(s);
	WRITES(3, amph_insert_many(s, Chest, some, 3));
	amph_rollback(s);
	/* not a trip for each */
	for (int i = 0; i < 2500; i++)
		many[i].name = i % 2 ? "odd" : "even";
	uint64_t trips = amph_session_statistics(s).round_trips;
	WRITES(2500, amph_insert_many(s, Chest, many, 2500, .only = by(col(Chest, name)),
				      .write_back = many));
	ck_assert_uint_lt(amph_session_statistics(s).round_trips - trips, 20);
	DO(amph_commit(s));
	for (int i = 0; i < 2500; i += 499)
		ck_assert_str_eq(amph_get(s, Chest, many[i].id)->name, many[i].name);
	Tray trays[] = { { .shelf = 1, .name = "x" }, { .shelf = 1, .name = "y" } };
	WRITES(2, amph_insert_many(s, Tray, trays, 2, .write_back = trays));
	for (int i = 0; i < 2; i++)
		ck_assert_str_eq(amph_get(s, Tray, 1, trays[i].mark)->name, trays[i].name);
	/* a zero that .only names is one */
	WRITES(1, amph_insert_many(s, Chest, plain, 1, .only = by(col(Chest, id), col(Chest, name))));
	ck_assert_int_eq(amph_count(s, Chest, .where = eq(col(Chest, id), (amph_uuid){ { 0 } })), 1);
}
END_TEST

START_TEST(upserts_of_rows_with_keys_that_defaults_make)
{
	amph_uuid own = { { 1, 2, 3 } };
	Chest rows[] = { { .name = "a" }, { .name = "b" }, { .name = "c", .id = own } };

	start(made);
	WRITES(3, amph_upsert_many(s, Chest, rows, 3));
	ck_assert_int_eq(amph_count(s, Chest), 3);
	rows[2].name = "d";
	WRITES(1, amph_upsert_many(s, Chest, rows + 2, 1));
	ck_assert_int_eq(amph_count(s, Chest), 3);
	ck_assert_str_eq(amph_get(s, Chest, own)->name, "d");
}
END_TEST

START_TEST(numbers_of_sequences_in_statements_of_queries)
{
	start_with_numbers();
	const Folder rows[] = { { .name = "a" }, { .name = "b" }, { .name = "c", .code = "own" } };
	WRITES(3, amph_insert_many(s, Folder, rows, 3));
	ck_assert_int_eq(amph_count(s, Folder, .where = like(col(Folder, code), "F-%")), 2);
	ck_assert_ptr_nonnull(amph_get(s, Folder, "F-5"));
	WRITES(2, amph_insert_many(s, Folder, rows, 2, .only = by(col(Folder, name)),
				   .on_conflict = on_conflict(.on = by(col(Folder, code)))));
	ck_assert_ptr_nonnull(amph_get(s, Folder, "F-8"));
	WRITES(1, amph_insert_from(s, Folder, Folder, .where = eq(col(Folder, code), "own"),
				   .fields = fields(into(Folder, name, col(Folder, name)))));
	ck_assert_ptr_nonnull(amph_get(s, Folder, "F-9"));
	WRITES(1, amph_insert_from(s, Folder, Folder, .where = eq(col(Folder, code), "own"),
				   .fields = fields(into(Folder, name, col(Folder, name)))));
	ck_assert_ptr_nonnull(amph_get(s, Folder, "F-10"));
	Folder back[] = { { .name = "x" }, { .name = "y", .code = "mine" } };
	WRITES(2, amph_insert_many(s, Folder, back, 2, .write_back = back));
	ck_assert_str_eq(back[0].code, "F-11");
	ck_assert_str_eq(back[1].code, "mine");
	stop_with_numbers();
}
END_TEST

/* a key that is made of the parent's, which is made of its own parent's */
typedef struct Borough Borough;
typedef struct Street Street;
typedef struct House { int64_t town_id; int32_t street_no, no; Street *street; } House;
struct Street { int64_t town_id; int32_t no; Borough *town; AMPH_MANY(House) houses; };
struct Borough { int64_t id; AMPH_MANY(Street) streets; };
AMPH_DECLARE(Borough);
AMPH_DECLARE(Street);
AMPH_DECLARE(House);
AMPH_MODEL(Borough, "keys_boroughs", .columns = AMPH_COLUMNS(AMPH_COLUMN(Borough, id, .primary_key = true)),
	.relations = AMPH_RELATIONS(AMPH_HAS_MANY(Borough, streets, Street, town_id,
		.back = AMPH_MEMBER(Street, town), .cascade = AMPH_CASCADE_ALL)));
AMPH_MODEL(Street, "keys_streets", .columns = AMPH_COLUMNS(
	AMPH_COLUMN(Street, town_id, .primary_key = true, .references = AMPH_REF(Borough, id)),
	AMPH_COLUMN(Street, no, .primary_key = true)),
	.relations = AMPH_RELATIONS(
		AMPH_BELONGS_TO(Street, town, Borough, town_id, .back = AMPH_MEMBER(Borough, streets)),
		AMPH_HAS_MANY(Street, houses, House, street_no, .back = AMPH_MEMBER(House, street),
			      .cascade = AMPH_CASCADE_ALL)));
AMPH_MODEL(House, "keys_houses", .columns = AMPH_COLUMNS(
	AMPH_COLUMN(House, town_id, .primary_key = true), AMPH_COLUMN(House, street_no, .primary_key = true),
	AMPH_COLUMN(House, no, .primary_key = true)),
	.foreign_keys = AMPH_FOREIGN_KEYS(
		AMPH_FOREIGN_KEY(NULL, AMPH_ON(AMPH_MEMBER(House, town_id), AMPH_MEMBER(House, street_no)),
				 AMPH_ON(AMPH_MEMBER(Street, town_id), AMPH_MEMBER(Street, no)))),
	.relations = AMPH_RELATIONS(AMPH_BELONGS_TO(House, street, Street, street_no,
		.back = AMPH_MEMBER(Street, houses))));
static const amph_model *const towns[] = { &amph_model_Borough, &amph_model_Street, &amph_model_House, NULL };

START_TEST(keys_made_of_parents_keys_in_any_order)
{
	start(towns);
	for (int i = 0; i < 4; i++) {
		House *h = amph_new(s, House, .no = 1);
		Street *st = amph_new(s, Street, .no = 10 + i);
		Borough *t = amph_new(s, Borough);

		if (i & 1)
			DO(amph_append(st, houses, h));
		else
			h->street = st;
		if (i & 2)
			DO(amph_append(t, streets, st));
		else
			st->town = t;
		DO(amph_commit(s));
		ck_assert_int_eq(h->town_id, t->id);
		ck_assert_int_eq(h->street_no, 10 + i);
	}
	amph_session_clear(s);
	ck_assert_int_eq(amph_count(s, House), 4);
}
END_TEST

SUITE(keys_suite, "keys", a_number_that_was_rolled_back_is_nobody_s, nor_one_of_a_savepoint,
      parents_with_keys_that_defaults_make, a_tree_with_keys_of_a_sequence,
      arrays_of_rows_with_keys_that_defaults_make, upserts_of_rows_with_keys_that_defaults_make,
      numbers_of_sequences_in_statements_of_queries,
      keys_made_of_parents_keys_in_any_order)
