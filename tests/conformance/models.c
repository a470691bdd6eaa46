/* The models of the conformance tests. */
#include "conformance.h"

AMPH_MODEL(Person, "people",
	.columns = AMPH_COLUMNS(
		AMPH_COLUMN(Person, id, .primary_key = true),
		AMPH_COLUMN(Person, username, .length = 20, .not_null = true, .unique = true),
		AMPH_COLUMN(Person, email, .length = 120, .unique = true, .index = true),
		AMPH_COLUMN(Person, is_active, .default_value = AMPH_DEFAULT_BOOL(true)),
		AMPH_COLUMN(Person, age, .default_value = AMPH_DEFAULT_INT(18), .check = "age >= 0"),
		AMPH_COLUMN(Person, created_at, .default_fn = amph_now),
		AMPH_COLUMN(Person, updated_at, .on_update = amph_now),
		AMPH_COLUMN(Person, boss_id, .references = AMPH_REF(Person, id))),
	.indexes = AMPH_INDEXES(
		AMPH_INDEX("ix_people_age_name", AMPH_DESC(Person, age), AMPH_MEMBER(Person, username)),
		AMPH_INDEX_WITH("ix_people_lower", NULL, .expression = "lower(username)"),
		AMPH_INDEX_WITH("ix_people_active", AMPH_ON(AMPH_MEMBER(Person, created_at)),
				.where = "is_active")));

AMPH_MODEL(Section, "sections",
	.columns = AMPH_COLUMNS(
		AMPH_COLUMN(Section, id, .primary_key = true),
		AMPH_COLUMN(Section, name, .length = 100, .unique = true, .not_null = true)));

AMPH_MODEL(Item, "items",
	.columns = AMPH_COLUMNS(
		AMPH_COLUMN(Item, id, .primary_key = true),
		AMPH_COLUMN(Item, name, .length = 200, .not_null = true, .index = true),
		AMPH_COLUMN(Item, note),
		AMPH_COLUMN(Item, price, .precision = 10, .scale = 2),
		AMPH_COLUMN(Item, stock, .default_value = AMPH_DEFAULT_INT(0)),
		AMPH_COLUMN(Item, section_id, .references = AMPH_REF(Section, id),
			    .on_delete = AMPH_CASCADE)),
	.checks = AMPH_CHECKS(AMPH_CHECK("items_price_positive", "price >= 0 AND price < 1000000")));

AMPH_MODEL(Seat, "seats",
	.columns = AMPH_COLUMNS(
		AMPH_COLUMN(Seat, row, .primary_key = true, .length = 2),
		AMPH_COLUMN(Seat, number, .primary_key = true),
		AMPH_COLUMN(Seat, holder, .unique = true),
		AMPH_COLUMN(Seat, version, .version = true)));

AMPH_MODEL(Ticket, "tickets",
	.columns = AMPH_COLUMNS(
		AMPH_COLUMN(Ticket, id, .primary_key = true, .default_fn = amph_uuid_v4),
		AMPH_COLUMN(Ticket, status, .length = 20, .default_value = AMPH_DEFAULT_TEXT("open"),
			    .choices = AMPH_CHOICES("open", "closed")),
		AMPH_COLUMN(Ticket, meta, .name = "metadata", .default_value = AMPH_DEFAULT_TEXT("{}")),
		AMPH_COLUMN(Ticket, deleted_at)),
	.soft_delete = AMPH_MEMBER(Ticket, deleted_at));

AMPH_MODEL(Account, "accounts",
	.columns = AMPH_COLUMNS(
		AMPH_COLUMN(Account, id, .primary_key = true),
		AMPH_COLUMN(Account, code, .length = 8, .not_null = true, .unique = true),
		AMPH_COLUMN(Account, balance, .precision = 12, .scale = 2,
			    .check = "balance >= 0"),
		AMPH_COLUMN(Account, twice, .precision = 14, .scale = 2, .computed = "balance * 2"),
		AMPH_COLUMN(Account, rank, .server_default = "7")));

static const char *const moods[] = { "sad", "ok", "happy", NULL };
AMPH_MODEL(Thing, "things",
	.columns = AMPH_COLUMNS(
		AMPH_COLUMN(Thing, id, .primary_key = true), AMPH_COLUMN(Thing, b),
		AMPH_COLUMN(Thing, i16), AMPH_COLUMN(Thing, i32), AMPH_COLUMN(Thing, i64),
		AMPH_COLUMN(Thing, f32), AMPH_COLUMN(Thing, f64), AMPH_COLUMN(Thing, num),
		AMPH_COLUMN(Thing, text, .not_null = true), AMPH_COLUMN(Thing, bytes, .not_null = true),
		AMPH_COLUMN(Thing, uuid), AMPH_COLUMN(Thing, json, .not_null = true),
		AMPH_COLUMN(Thing, date), AMPH_COLUMN(Thing, time), AMPH_COLUMN(Thing, ts),
		AMPH_COLUMN(Thing, tstz), AMPH_COLUMN(Thing, span),
		AMPH_COLUMN(Thing, mood, .labels = moods, .enum_name = "mood")));
AMPH_MODEL(Maybe, "maybes",
	.columns = AMPH_COLUMNS(
		AMPH_COLUMN(Maybe, id, .primary_key = true), AMPH_COLUMN(Maybe, b),
		AMPH_COLUMN(Maybe, i16), AMPH_COLUMN(Maybe, i32), AMPH_COLUMN(Maybe, i64),
		AMPH_COLUMN(Maybe, f32), AMPH_COLUMN(Maybe, f64),
		AMPH_COLUMN(Maybe, num, .precision = 6, .scale = 3), AMPH_COLUMN(Maybe, text),
		AMPH_COLUMN(Maybe, bytes), AMPH_COLUMN(Maybe, uuid), AMPH_COLUMN(Maybe, json),
		AMPH_COLUMN(Maybe, date), AMPH_COLUMN(Maybe, time), AMPH_COLUMN(Maybe, ts),
		AMPH_COLUMN(Maybe, tstz), AMPH_COLUMN(Maybe, span),
		AMPH_COLUMN(Maybe, mood, .labels = moods, .enum_name = "mood")));
AMPH_MODEL(Lists, "lists",
	.columns = AMPH_COLUMNS(
		AMPH_COLUMN(Lists, id, .primary_key = true), AMPH_COLUMN(Lists, ints),
		AMPH_COLUMN(Lists, texts), AMPH_COLUMN(Lists, bools), AMPH_COLUMN(Lists, nums),
		AMPH_COLUMN(Lists, uuids), AMPH_COLUMN(Lists, times)));

AMPH_MODEL(Author, "authors",
	.columns = AMPH_COLUMNS(AMPH_COLUMN(Author, id, .primary_key = true),
				AMPH_COLUMN(Author, name, .length = 40, .not_null = true)),
	.relations = AMPH_RELATIONS(
		AMPH_HAS_MANY(Author, books, Book, author_id, .back = AMPH_MEMBER(Book, author),
			      .cascade = AMPH_CASCADE_ALL | AMPH_DELETE_ORPHAN)));
AMPH_MODEL(Book, "books",
	.columns = AMPH_COLUMNS(AMPH_COLUMN(Book, id, .primary_key = true),
				AMPH_COLUMN(Book, title, .length = 80, .not_null = true),
				AMPH_COLUMN(Book, author_id, .references = AMPH_REF(Author, id)),
				AMPH_COLUMN(Book, previous_id, .references = AMPH_REF(Book, id))),
	.relations = AMPH_RELATIONS(
		AMPH_BELONGS_TO(Book, author, Author, author_id, .back = AMPH_MEMBER(Author, books)),
		AMPH_BELONGS_TO(Book, previous, Book, previous_id),
		AMPH_MANY_TO_MANY(Book, labels, Label, BookLabel, book_id, label_id)));
AMPH_MODEL(Label, "labels",
	.columns = AMPH_COLUMNS(AMPH_COLUMN(Label, id, .primary_key = true),
				AMPH_COLUMN(Label, name, .length = 40, .unique = true, .not_null = true)),
	.relations = AMPH_RELATIONS(
		AMPH_MANY_TO_MANY(Label, books, Book, BookLabel, label_id, book_id)));
AMPH_MODEL(BookLabel, "book_labels",
	.columns = AMPH_COLUMNS(
		AMPH_COLUMN(BookLabel, book_id, .primary_key = true, .references = AMPH_REF(Book, id)),
		AMPH_COLUMN(BookLabel, label_id, .primary_key = true, .references = AMPH_REF(Label, id)),
		AMPH_COLUMN(BookLabel, since, .default_fn = amph_now)));

static bool note_insert(amph_event *event, void *object)
{
	Noted *n = object;

	n->inserts++;
	return strcmp(n->name, "refused") || amph_refuse(event, "this name is refused");
}

static bool note_update(amph_event *event, void *object)
{
	Noted *n = object;

	n->updates++;
	return strcmp(n->name, "refused") || amph_refuse(event, "this name is refused");
}

static bool note_delete(amph_event *event, void *object)
{
	const Noted *n = object;

	return strcmp(n->name, "keep") || amph_refuse(event, "%s is kept", n->name);
}

static bool note_load(amph_event *event, void *object)
{
	(void)event;
	((Noted *)object)->loads++;
	return true;
}

static bool check_grade(amph_event *event, const void *member)
{
	const amph_opt_int32 *grade = member;

	return !grade->has || (grade->value >= 1 && grade->value <= 6) ||
	       amph_refuse(event, "%d is no grade", grade->value);
}

AMPH_MODEL(Noted, "noted",
	.columns = AMPH_COLUMNS(
		AMPH_COLUMN(Noted, id, .primary_key = true),
		AMPH_COLUMN(Noted, name, .not_null = true),
		AMPH_COLUMN(Noted, inserts, .default_value = AMPH_DEFAULT_INT(0)),
		AMPH_COLUMN(Noted, updates, .default_value = AMPH_DEFAULT_INT(0)),
		AMPH_COLUMN(Noted, grade, .validate = check_grade)),
	.before_insert = note_insert, .before_update = note_update, .before_delete = note_delete,
	.after_load = note_load);

/* A row for each thing that was done to a Traced; "again" traces itself for ever. */
static bool trace(amph_event *event, void *object)
{
	static const char *const what[] = {
		[AMPH_AFTER_INSERT] = "insert", [AMPH_AFTER_UPDATE] = "update",
		[AMPH_AFTER_DELETE] = "delete"
	};
	const Traced *t = object;
	amph_session *session = amph_event_session(event);

	if (!strcmp(t->name, "again"))
		return amph_new(session, Traced, .name = "again") != NULL;
	return amph_new(session, Trail, .what = what[amph_event_kind_of(event)], .name = t->name) != NULL;
}

AMPH_MODEL(Traced, "traced",
	.columns = AMPH_COLUMNS(
		AMPH_COLUMN(Traced, id, .primary_key = true),
		AMPH_COLUMN(Traced, name, .not_null = true)),
	.after_insert = trace, .after_update = trace, .after_delete = trace);
AMPH_MODEL(Trail, "trails",
	.columns = AMPH_COLUMNS(
		AMPH_COLUMN(Trail, id, .primary_key = true),
		AMPH_COLUMN(Trail, what, .not_null = true),
		AMPH_COLUMN(Trail, name, .not_null = true)));

AMPH_MODEL(Firm, "firms",
	.columns = AMPH_COLUMNS(AMPH_COLUMN(Firm, id, .primary_key = true),
				AMPH_COLUMN(Firm, tenant, .not_null = true),
				AMPH_COLUMN(Firm, name, .not_null = true)),
	.relations = AMPH_RELATIONS(AMPH_HAS_MANY(Firm, wares, Ware, firm_id,
						  .back = AMPH_MEMBER(Ware, firm))));
AMPH_MODEL(Ware, "wares",
	.columns = AMPH_COLUMNS(AMPH_COLUMN(Ware, id, .primary_key = true),
				AMPH_COLUMN(Ware, tenant, .not_null = true),
				AMPH_COLUMN(Ware, name, .not_null = true),
				AMPH_COLUMN(Ware, firm_id, .references = AMPH_REF(Firm, id),
					    .on_delete = AMPH_RESTRICT),
				AMPH_COLUMN(Ware, place)),
	.relations = AMPH_RELATIONS(
		AMPH_BELONGS_TO(Ware, firm, Firm, firm_id, .back = AMPH_MEMBER(Firm, wares)),
		AMPH_MANY_TO_MANY(Ware, marks, Mark, WareMark, ware_id, mark_id)));
AMPH_MODEL(Mark, "marks",
	.columns = AMPH_COLUMNS(AMPH_COLUMN(Mark, id, .primary_key = true),
				AMPH_COLUMN(Mark, name, .not_null = true)));
AMPH_MODEL(WareMark, "ware_marks",
	.columns = AMPH_COLUMNS(
		AMPH_COLUMN(WareMark, ware_id, .primary_key = true, .references = AMPH_REF(Ware, id)),
		AMPH_COLUMN(WareMark, mark_id, .primary_key = true, .references = AMPH_REF(Mark, id)),
		AMPH_COLUMN(WareMark, tenant, .not_null = true)));

static bool count_event(amph_event *event, void *object)
{
	(void)event;
	((Employee *)object)->events++;
	return true;
}

static bool check_motto(amph_event *event, void *object)
{
	const Manager *m = object;

	return !m->motto || strcmp(m->motto, "none") || amph_refuse(event, "a manager has a motto");
}

AMPH_MODEL(Office, "offices",
	.columns = AMPH_COLUMNS(AMPH_COLUMN(Office, id, .primary_key = true),
				AMPH_COLUMN(Office, name, .not_null = true)),
	.relations = AMPH_RELATIONS(AMPH_HAS_MANY(Office, staff, Employee, office_id,
						  .back = AMPH_MEMBER(Employee, office))));
AMPH_MODEL(Car, "cars",
	.columns = AMPH_COLUMNS(AMPH_COLUMN(Car, id, .primary_key = true),
				AMPH_COLUMN(Car, plate, .not_null = true)));
AMPH_MODEL(Employee, "employees",
	.columns = AMPH_COLUMNS(AMPH_COLUMN(Employee, id, .primary_key = true),
				AMPH_COLUMN(Employee, kind, .length = 20, .not_null = true),
				AMPH_COLUMN(Employee, name, .length = 40, .not_null = true, .unique = true),
				AMPH_COLUMN(Employee, office_id, .references = AMPH_REF(Office, id)),
				AMPH_COLUMN(Employee, boss_id, .references = AMPH_REF(Employee, id)),
				AMPH_COLUMN(Employee, left_at)),
	.relations = AMPH_RELATIONS(
		AMPH_BELONGS_TO(Employee, office, Office, office_id, .back = AMPH_MEMBER(Office, staff)),
		AMPH_BELONGS_TO(Employee, boss, Employee, boss_id)),
	.before_insert = count_event, .after_load = count_event,
	.soft_delete = AMPH_MEMBER(Employee, left_at),
	.discriminator = AMPH_MEMBER(Employee, kind), .kind = "employee");
AMPH_DERIVED(Manager, base, Employee, "manager",
	.columns = AMPH_COLUMNS(AMPH_COLUMN(Manager, reports, .default_value = AMPH_DEFAULT_INT(1)),
				AMPH_COLUMN(Manager, motto, .length = 40),
				AMPH_COLUMN(Manager, car_id, .unique = true,
						.references = AMPH_REF(Car, id))),
	.relations = AMPH_RELATIONS(AMPH_BELONGS_TO(Manager, car, Car, car_id)),
	.before_insert = check_motto);
AMPH_DERIVED(Director, base, Manager, "director",
	.columns = AMPH_COLUMNS(AMPH_COLUMN(Director, bonus, .precision = 8, .scale = 2)));
AMPH_DERIVED(Engineer, base, Employee, "engineer",
	.columns = AMPH_COLUMNS(AMPH_COLUMN(Engineer, language, .check = "language <> ''"),
				AMPH_COLUMN(Engineer, remote, .default_value = AMPH_DEFAULT_BOOL(true))));

AMPH_MODEL(Invoice, "invoices",
	.columns = AMPH_COLUMNS(
		AMPH_COLUMN(Invoice, id, .primary_key = true),
		AMPH_COLUMN(Invoice, first, .name = "first_name", .not_null = true),
		AMPH_COLUMN(Invoice, last, .name = "last_name"),
		AMPH_COLUMN(Invoice, net, .precision = 10, .scale = 2),
		AMPH_COLUMN(Invoice, tax, .precision = 10, .scale = 2), AMPH_COLUMN(Invoice, paid)),
	.hybrids = AMPH_HYBRIDS(
		AMPH_HYBRID(Invoice, full_name, "first_name || ' ' || last_name"),
		AMPH_HYBRID(Invoice, gross, "net + tax"),
		AMPH_HYBRID(Invoice, length, "CASE WHEN paid THEN 0 ELSE length(first_name) END")));
