/* Models derived from another, in one table. */
#include "conformance.h"

static void staff(void)
{
	Office *office = amph_new(s, Office, .name = "north");
	Car *car = amph_new(s, Car, .plate = "A 1");
	Director *d = amph_new(s, Director, .bonus = amph_dec(1000.50),
			       .base = { .base = { .name = "dora", .office = office }, .car = car });
	Manager *m = amph_new(s, Manager, .base.name = "mary", .base.office = office, .reports = 7,
			      .motto = "go", .base.boss = &d->base.base);

	amph_new(s, Engineer, .base = { .name = "ed", .boss = &m->base }, .language = "C");
	amph_new(s, Employee, .name = "eve", .office = office);
	DO(amph_commit(s));
	amph_session_clear(s);
}

START_TEST(a_query_about_the_base_gives_each_its_kind)
{
	staff();
	Employee **all = amph_all(s, Employee, .order_by = by(col(Employee, name)));

	DO(amph_length(all) == 4);
	ck_assert_str_eq(all[0]->name, "dora");
	ck_assert_ptr_eq(amph_model_of(all[0]), &amph_model_Director);
	Director *d = amph_object_as(Director, all[0]);
	ck_assert_ptr_nonnull(d);
	ck_assert_int_eq(d->bonus.v.units, 100050);
	ck_assert_int_eq(d->base.reports, 1);
	ck_assert_str_eq(d->base.base.kind, "director");
	ck_assert_ptr_eq(amph_object_as(Manager, all[0]), (void *)d);
	Engineer *e = amph_object_as(Engineer, all[1]);
	ck_assert_ptr_nonnull(e);
	ck_assert_str_eq(e->language, "C");
	ck_assert(e->remote);
	ck_assert_ptr_null(amph_object_as(Manager, all[1]));
	ck_assert_ptr_null(amph_object_as(Director, all[3]));
	ck_assert_str_eq(amph_object_as(Manager, all[3])->motto, "go");
	ck_assert_ptr_eq(amph_model_of(all[2]), &amph_model_Employee);
	ck_assert_int_eq(all[2]->events, 1);
	ck_assert_int_eq(d->base.base.events, 1);
	ck_assert_str_eq(amph_repr(s, e), "<Engineer 4>");
	ck_assert_ptr_nonnull(strstr(amph_to_json(s, e), "\"language\": \"C\""));
	ck_assert_ptr_null(strstr(amph_to_json(s, e), "bonus"));
}
END_TEST

START_TEST(a_query_about_a_derived_model_filters)
{
	staff();
	Manager **managers = amph_all(s, Manager, .order_by = by(col(Manager, base.name)));

	DO(amph_length(managers) == 2);
	ck_assert_ptr_eq(amph_model_of(managers[0]), &amph_model_Director);
	ck_assert_int_eq(managers[1]->reports, 7);
	ck_assert_int_eq(amph_count(s, Director), 1);
	ck_assert_int_eq(amph_count(s, Engineer), 1);
	ck_assert_int_eq(amph_count(s, Employee), 4);
	/* columns of the base by its own name too */
	ck_assert_int_eq(amph_count(s, Manager, .where = eq(col(Employee, name), "mary")), 1);
	ck_assert_int_eq(amph_count(s, Manager, .where = eq(col(Employee, name), "ed")), 0);
	ck_assert_int_eq(amph_count(s, Manager, .where = all_of(gt(col(Manager, reports), 5),
								eq(col(Manager, base.name), "mary"))), 1);
	ck_assert(!amph_exists(s, Engineer, .where = eq(col(Engineer, base.name), "mary")));
	ck_assert_int_eq(amph_sum(s, Manager, reports).value, 8);
	/* joins, on either side */
	ck_assert_int_eq(amph_count(s, Office, .joins = joins(join(Office, staff))), 3);
	ck_assert_int_eq(amph_count(s, Manager, .joins = joins(join(Manager, car)),
				    .where = eq(col(Car, plate), "A 1")), 1);
	ck_assert_int_eq(amph_count(s, Office, .joins = joins(join_on(Manager,
				eq(col(Manager, base.office_id), col(Office, id))))), 2);
	ck_assert_int_eq(amph_count(s, Office, .joins = joins(left_join_on(Engineer,
				eq(col(Engineer, base.office_id), col(Office, id))))), 1);
}
END_TEST

START_TEST(one_identity_for_all_kinds)
{
	staff();
	Employee *mary = amph_first(s, Employee, .where = eq(col(Employee, name), "mary"));
	int64_t id = mary->id;

	ck_assert_ptr_eq(amph_get(s, Manager, id), (Manager *)(void *)mary);
	ck_assert_ptr_eq(amph_get(s, Employee, id), mary);
	ck_assert_ptr_null(amph_get(s, Engineer, id));
	ck_assert_ptr_null(amph_get(s, Director, id));
	amph_session_clear(s);
	ck_assert_ptr_null(amph_get(s, Engineer, id));
	Employee *again = amph_get(s, Employee, id);
	ck_assert_ptr_nonnull(again);
	ck_assert_int_eq(amph_object_as(Manager, again)->reports, 7);
	ck_assert_ptr_eq(amph_first(s, Manager, .where = eq(col(Manager, motto), "go")),
			 (Manager *)(void *)again);
	/* changed elsewhere, read again as what it is */
	ck_assert_int_eq(amph_update(s, Manager, .where = eq(col(Manager, motto), "go"),
				     .set = sets(set(Manager, reports, 9), set(Manager, base.name,
						"mia"))), 1);
	DO(amph_refresh(s, again));
	ck_assert_int_eq(amph_object_as(Manager, again)->reports, 9);
	ck_assert_str_eq(again->name, "mia");
	ck_assert_int_eq(amph_update(s, Employee, .all_rows = true,
				     .set = sets(set(Employee, office_id, 1))), 4);
	ck_assert_int_eq(amph_update(s, Engineer, .all_rows = true,
				     .set = sets(set(Engineer, language, "D"))), 1);
	ck_assert_int_eq(amph_count(s, Engineer, .where = eq(col(Engineer, language), "D")), 1);
}
END_TEST

START_TEST(objects_of_all_kinds_are_written)
{
	staff();
	Employee **all = amph_all(s, Employee, .order_by = by(col(Employee, name)));
	Engineer *e = amph_object_as(Engineer, all[1]);

	e->language = "Rust";
	e->base.name = "edith";
	amph_object_as(Manager, all[3])->motto = NULL;
	all[2]->name = "eva";
	DO(amph_commit(s));
	amph_session_clear(s);
	e = amph_first(s, Engineer);
	ck_assert_str_eq(e->language, "Rust");
	ck_assert_str_eq(e->base.name, "edith");
	ck_assert_ptr_null(((Manager *)amph_first(s, Manager, .where = is_null(col(Manager, motto)),
				.order_by = by(desc(col(Manager, base.name)))))->motto);
	/* names are unique over all kinds; what is given up can be taken, also by another kind */
	amph_new(s, Engineer, .base.name = "eva");
	FAILS("23505", amph_flush(s));
	amph_rollback(s);
	all = amph_all(s, Employee, .order_by = by(col(Employee, name)));
	DO(amph_length(all) == 4);
	const char *name = all[1]->name;
	all[1]->name = all[3]->name;
	all[3]->name = name;
	DO(amph_commit(s));
	/* softly deleted, as its base says */
	DO(amph_delete(s, all[0]));
	DO(amph_commit(s));
	ck_assert_int_eq(amph_count(s, Director), 0);
	ck_assert_int_eq(amph_count(s, Director, .with_deleted = true), 1);
	ck_assert_int_eq(amph_update(s, Employee, .all_rows = true, .with_deleted = true,
				     .set = sets(set_null(Employee, boss_id))), 4);
	ck_assert_int_eq(amph_delete_where(s, Manager, .all_rows = true, .with_deleted = true), 2);
	ck_assert_int_eq(amph_count(s, Employee, .with_deleted = true), 2);
}
END_TEST

START_TEST(nothing_leads_to_what_was_softly_deleted)
{
	Engineer *boss = amph_new(s, Engineer, .base = { .name = "ann" }, .language = "C");
	Engineer *one = amph_new(s, Engineer, .base = { .name = "bob", .boss = &boss->base },
				 .language = "C");

	DO(amph_commit(s));
	DO(amph_delete(s, boss));
	DO(amph_flush(s));
	ck_assert_ptr_null(amph_rel(&one->base, boss));
	amph_rollback(s);
	ck_assert_ptr_eq(amph_rel(&one->base, boss), boss);
	DO(amph_delete(s, boss));
	DO(amph_commit(s));
	ck_assert_ptr_null(amph_rel(&one->base, boss));
	ck_assert(one->base.boss_id.has);
	DO(amph_refresh(s, one));
	ck_assert_ptr_null(amph_rel(&one->base, boss));
	boss->base.left_at = (amph_opt_timestamptz){ .has = false };
	DO(amph_commit(s));
	ck_assert_ptr_eq(amph_rel(&one->base, boss), boss);
}
END_TEST

START_TEST(relationships_lead_to_every_kind)
{
	staff();
	Office *office = amph_first(s, Office);

	ck_assert_uint_eq(amph_length(amph_rel(office, staff)), 3);
	ck_assert_ptr_eq(amph_model_of(office->staff[0]), &amph_model_Director);
	ck_assert_ptr_eq(office->staff[0]->office, office);
	Employee **all = amph_all(s, Employee, .order_by = by(col(Employee, id)));
	Manager *mary = amph_object_as(Manager, all[1]);
	ck_assert_ptr_eq(amph_rel(all[3], boss), &mary->base);
	ck_assert_ptr_eq(amph_rel(&mary->base, boss), all[0]);
	/* a relationship of a derived model, among objects of others */
	Director *d = amph_object_as(Director, all[0]);
	ck_assert_str_eq(amph_rel(&d->base, car)->plate, "A 1");
	ck_assert_ptr_null(amph_rel(mary, car));
	Engineer *ed = amph_object_as(Engineer, all[3]);
	DO(amph_append(office, staff, &ed->base));
	DO(amph_commit(s));
	ck_assert_int_eq(ed->base.office_id.value, office->id);
	amph_session_clear(s);
	all = amph_all(s, Employee, .load = with(selectin(Employee, office), selectin(Employee, boss)),
		       .order_by = by(col(Employee, id)));
	DO(amph_length(all) == 4);
	ck_assert_ptr_eq(all[3]->boss, all[1]);
	ck_assert_ptr_eq(all[3]->office, all[0]->office);
	Manager **managers = amph_all(s, Manager, .load = with(joined(Manager, car),
			joined(Employee, office)),
				      .order_by = by(col(Manager, base.id)));
	DO(amph_length(managers) == 2);
	ck_assert_ptr_nonnull(managers[0]->car);
	ck_assert_ptr_nonnull(managers[0]->base.office);
}
END_TEST

START_TEST(some_columns_and_streams)
{
	staff();
	Employee **all = amph_all(s, Employee, .only = by(col(Employee, name)),
			.order_by = by(col(Employee, id)));

	DO(amph_length(all) == 4);
	ck_assert_ptr_eq(amph_model_of(all[1]), &amph_model_Manager);
	ck_assert_str_eq(all[1]->name, "mary");
	amph_session_clear(s);
	amph_stream *stream = amph_stream_open(s, Employee, .order_by = by(col(Employee, id)));
	int n = 0;
	for (const Employee *e; (e = amph_stream_next(stream)); n++)
		ck_assert_ptr_nonnull(strstr("dora mary ed eve", e->name));
	ck_assert(amph_stream_close(stream));
	ck_assert_int_eq(n, 4);
}
END_TEST

START_TEST(events_of_the_base_are_those_of_its_kinds)
{
	Manager *m = amph_new(s, Manager, .base.name = "x", .motto = "none");

	FAILS("45000", amph_flush(s));
	ck_assert_int_eq(m->base.events, 1);
	amph_rollback(s);
	DO(amph_filter(s, Employee, name, "x"));
	amph_new(s, Engineer);
	DO(amph_commit(s));
	ck_assert_str_eq(((Engineer *)amph_first(s, Engineer))->base.name, "x");
}
END_TEST

START_TEST(the_kind_is_not_the_programs_to_say)
{
	Engineer *e = amph_new(s, Engineer, .base.name = "x", .language = "C");

	DO(amph_commit(s));
	e->base.kind = "manager";
	FAILS("428C9", amph_flush(s));
	amph_rollback(s);
	FAILS("428C9", amph_update(s, Employee, .all_rows = true, .set = sets(set(Employee, kind,
			"x"))) >= 0);
	amph_rollback(s);
	FAILS("HV010", amph_new(s, Manager, .base.name = "y", .base.kind = "engineer"));
	amph_rollback(s);
	FAILS("23514", amph_update(s, Engineer, .all_rows = true, .set = sets(set(Engineer,
			language, ""))) >= 0);
	amph_rollback(s);
	const Manager rows[] = { { .base.name = "a", .reports = 2 }, { .base.name = "b", .motto = "m" } };
	DO(amph_insert_many(s, Manager, rows, 2,
				.only = by(col(Manager, base.name), col(Manager, motto))) >= 0);
	DO(amph_commit(s));
	ck_assert_int_eq(amph_count(s, Manager, .where = eq(col(Manager, reports), 1)), 2);
	amph_rows_close(amph_sql(s, "UPDATE employees SET kind = 'pirate' WHERE name = 'a'"));
	FAILS("22023", amph_all(s, Employee));
	amph_rollback(s);
}
END_TEST

/* ---- declarations that are wrong ---- */

typedef struct Ship { int64_t id; const char *kind, *name; } Ship;
typedef struct Boat { Ship base; int32_t oars; } Boat;
typedef struct Raft { Ship base; int32_t logs; } Raft;
AMPH_DECLARE(Ship);
AMPH_DECLARE(Boat);
AMPH_DECLARE(Raft);
#define SHIP_COLUMNS                                                                              \
	AMPH_COLUMNS(AMPH_COLUMN(Ship, id, .primary_key = true), AMPH_COLUMN(Ship, name),         \
		     AMPH_COLUMN(Ship, kind, .not_null = true))
static amph_model ship(void)
{
	static const amph_member kind = AMPH_MEMBER(Ship, kind);
	static const amph_column columns[] = {
		AMPH_COLUMN(Ship, id, .primary_key = true), AMPH_COLUMN(Ship, name),
		AMPH_COLUMN(Ship, kind, .not_null = true), { .member = NULL }
	};

	return (amph_model){ .abi = AMPH_ABI, .name = "Ship", .table = "ships", .size = sizeof(Ship),
			     .columns = columns, .discriminator = kind };
}
AMPH_MODEL(Ship, "ships", .columns = SHIP_COLUMNS, .discriminator = AMPH_MEMBER(Ship, kind));
AMPH_DERIVED(Boat, base, Ship, "boat", .columns = AMPH_COLUMNS(AMPH_COLUMN(Boat, oars)));
AMPH_DERIVED(Raft, base, Ship, "boat", .columns = AMPH_COLUMNS(AMPH_COLUMN(Raft, logs)));

static void refused(const amph_model *const *models, const char *state, const char *part)
{
	amph_error err;
	amph_engine *e = amph_open("sqlite::memory:", AMPH_OPTIONS(.models = models), &err);

	ck_assert_msg(!e, "opened where it should not: %s", part);
	ck_assert_str_eq(err.sqlstate, state);
	ck_assert_msg(strstr(err.message, part) != NULL, "%s", err.message);
}

#define REFUSED(state, part, ...) refused((const amph_model *const[]){ __VA_ARGS__, NULL }, state, part)

START_TEST(wrong_derivations_are_refused)
{
	amph_model plain = ship(), key = ship(), derived = amph_model_Boat;
	static const amph_column pk[] = { AMPH_COLUMN(Boat, oars, .primary_key = true), { .member = NULL } };
	static const amph_column of_base[] = { AMPH_COLUMN(Boat, base.id), { .member = NULL } };
	static const amph_column twin[] = { AMPH_COLUMN(Raft, logs, .name = "name"), { .member = NULL } };
	amph_error err;

	REFUSED("42P01", "is derived from model \"Ship\"", &amph_model_Boat);
	REFUSED("42710", "told by \"boat\" as those of model \"Boat\"", &amph_model_Ship, &amph_model_Boat,
		&amph_model_Raft);
	plain.discriminator.model = NULL;
	derived.base = &plain;
	REFUSED("42P16", "in .discriminator", &plain, &derived);
	derived.base = &amph_model_Ship;
	derived.columns = pk;
	REFUSED("42P16", "are the base's", &amph_model_Ship, &derived);
	derived.columns = of_base;
	REFUSED("42701", "is the same member as column \"id\"", &amph_model_Ship, &derived);
	derived = amph_model_Raft;
	derived.columns = twin;
	derived.kind = "raft";
	REFUSED("42701", "\"name\": is there twice", &amph_model_Ship, &derived);
	derived.columns = NULL;
	derived.table = "rafts";
	REFUSED("42P16", "has a table", &amph_model_Ship, &derived);
	derived.table = NULL;
	derived.kind = NULL;
	REFUSED("42P16", "has no .kind", &amph_model_Ship, &derived);
	key.discriminator.offset = offsetof(Ship, id);
	key.discriminator.model = &key;
	REFUSED("42804", "a discriminator is a text", &key);
	/* a base without a kind has no rows of its own */
	const amph_model *const models[] = { &amph_model_Boat, &amph_model_Ship, NULL };
	amph_engine *e = amph_open("sqlite::memory:", AMPH_OPTIONS(.models = models), &err);
	ck_assert_msg(e && amph_create_all(e, &err), "%s", err.message);
	amph_session *own = amph_session_open(e);
	ck_assert_ptr_null(amph_new(own, Ship, .name = "x"));
	ck_assert_ptr_nonnull(strstr(amph_session_error(own)->message, "has no rows of its own"));
	amph_rollback(own);
	ck_assert_ptr_nonnull(amph_new(own, Boat, .base.name = "x"));
	OK_(own, amph_commit(own));
	ck_assert_int_eq(amph_count(own, Ship), 1);
	amph_session_close(own);
	amph_close(e);
}
END_TEST

/* Also where they say different columns. */
START_TEST(rows_of_one_table_are_made_in_order)
{
	Engineer *a = amph_new(s, Engineer, .base.name = "a", .language = "C");
	Employee *b = amph_new(s, Employee, .name = "b");
	Manager *c = amph_new(s, Manager, .base.name = "c");
	Engineer *d = amph_new(s, Engineer, .base.name = "d", .language = "C");

	DO(amph_flush(s));
	ck_assert_int_eq(b->id, a->base.id + 1);
	ck_assert_int_eq(c->base.id, a->base.id + 2);
	ck_assert_int_eq(d->base.id, a->base.id + 3);
	/* but for those that others refer to */
	Employee *later = amph_new(s, Employee, .name = "boss");
	Employee *first = amph_new(s, Employee, .name = "of", .boss = later);
	DO(amph_flush(s));
	ck_assert_int_eq(first->id, later->id + 1);
}
END_TEST

SUITE(inherit_suite, "inheritance", a_query_about_the_base_gives_each_its_kind,
      a_query_about_a_derived_model_filters, one_identity_for_all_kinds,
      objects_of_all_kinds_are_written, nothing_leads_to_what_was_softly_deleted,
      relationships_lead_to_every_kind, some_columns_and_streams,
      events_of_the_base_are_those_of_its_kinds, the_kind_is_not_the_programs_to_say,
      wrong_derivations_are_refused, rows_of_one_table_are_made_in_order)
