/* Relationships of every kind: one to one, through links with a key of their own, composite keys,
 * keys of other widths, passive deletes, circles; the cascades; wrong declarations. */
#include "conformance.h"
#include <stdio.h>

typedef struct Firma Firma;
typedef struct Desk Desk;
typedef struct Badge Badge;
typedef struct Node Node;
typedef struct Student Student;
typedef struct Course Course;
typedef struct Bill Bill;
typedef struct Line Line;
typedef struct Crate Crate;
typedef struct Jar Jar;
struct Firma {
	int64_t id;
	const char *name;
	AMPH_MANY(Desk) desks;
	Badge *badge;
};
struct Desk {
	int64_t id;
	const char *name;
	amph_opt_int32 firm_id;
	int32_t guard;
	Firma *firm;
};
struct Badge {
	int64_t id;
	const char *code;
	amph_opt_int64 firm_id;
	Firma *firm;
};
struct Node {
	int64_t id;
	const char *name;
	amph_opt_int64 parent_id;
	amph_opt_int64 best_id;
	Node *parent, *best;
	AMPH_MANY(Node) children;
};
struct Student {
	int64_t id;
	const char *name;
	AMPH_MANY(Course) courses;
};
struct Course {
	int64_t id;
	const char *name;
	AMPH_MANY(Student) students;
};
typedef struct Enrolment {
	int64_t id;
	int64_t student_id, course_id;
	amph_opt_int32 grade;
	Student *student;
	Course *course;
} Enrolment;
struct Bill {
	int32_t tenant, number;
	const char *note;
	AMPH_MANY(Line) lines;
};
struct Line {
	int64_t id;
	int32_t tenant;
	amph_opt_int32 invoice;
	const char *text;
	Bill *of;
};
struct Crate {
	int64_t id;
	AMPH_MANY(Jar) jars;
};
struct Jar {
	int64_t id;
	int64_t crate_id;
	const char *label;
};
AMPH_DECLARE(Firma);
AMPH_DECLARE(Desk);
AMPH_DECLARE(Badge);
AMPH_DECLARE(Node);
AMPH_DECLARE(Student);
AMPH_DECLARE(Course);
AMPH_DECLARE(Enrolment);
AMPH_DECLARE(Bill);
AMPH_DECLARE(Line);
AMPH_DECLARE(Crate);
AMPH_DECLARE(Jar);

AMPH_MODEL(Firma, "f_firms",
	.columns = AMPH_COLUMNS(AMPH_COLUMN(Firma, id, .primary_key = true),
				AMPH_COLUMN(Firma, name)),
	.relations = AMPH_RELATIONS(
		AMPH_HAS_MANY(Firma, desks, Desk, firm_id, .cascade =
			      AMPH_CASCADE_MERGE | AMPH_CASCADE_REFRESH | AMPH_CASCADE_EXPUNGE),
		AMPH_HAS_ONE(Firma, badge, Badge, firm_id, .back = AMPH_MEMBER(Badge, firm),
			     .cascade = AMPH_CASCADE_ALL | AMPH_DELETE_ORPHAN)));
/* the key is narrower than what it refers to; the back is named on this side */
AMPH_MODEL(Desk, "f_desks",
	.columns = AMPH_COLUMNS(AMPH_COLUMN(Desk, id, .primary_key = true), AMPH_COLUMN(Desk, name),
				AMPH_COLUMN(Desk, firm_id, .references = AMPH_REF(Firma, id)),
				AMPH_COLUMN(Desk, guard, .default_value = AMPH_DEFAULT_INT(77))),
	.relations = AMPH_RELATIONS(
		AMPH_BELONGS_TO(Desk, firm, Firma, firm_id, .back = AMPH_MEMBER(Firma, desks))));
AMPH_MODEL(Badge, "f_badges",
	.columns = AMPH_COLUMNS(AMPH_COLUMN(Badge, id, .primary_key = true),
				AMPH_COLUMN(Badge, code, .length = 20),
				AMPH_COLUMN(Badge, firm_id, .references = AMPH_REF(Firma, id),
					    .unique = true)),
	.relations = AMPH_RELATIONS(AMPH_BELONGS_TO(Badge, firm, Firma, firm_id)));
AMPH_MODEL(Node, "f_nodes",
	.columns = AMPH_COLUMNS(AMPH_COLUMN(Node, id, .primary_key = true), AMPH_COLUMN(Node, name),
				AMPH_COLUMN(Node, parent_id, .references = AMPH_REF(Node, id)),
				AMPH_COLUMN(Node, best_id, .references = AMPH_REF(Node, id))),
	.relations = AMPH_RELATIONS(
		AMPH_BELONGS_TO(Node, parent, Node, parent_id),
		AMPH_BELONGS_TO(Node, best, Node, best_id),
		AMPH_HAS_MANY(Node, children, Node, parent_id, .back = AMPH_MEMBER(Node, parent),
			      .cascade = AMPH_CASCADE_ALL)));
AMPH_MODEL(Student, "f_students",
	.columns = AMPH_COLUMNS(AMPH_COLUMN(Student, id, .primary_key = true),
				AMPH_COLUMN(Student, name)),
	.relations = AMPH_RELATIONS(
		AMPH_MANY_TO_MANY(Student, courses, Course, Enrolment, student_id, course_id,
				  .back = AMPH_MEMBER(Course, students))));
AMPH_MODEL(Course, "f_courses",
	.columns = AMPH_COLUMNS(AMPH_COLUMN(Course, id, .primary_key = true),
				AMPH_COLUMN(Course, name)),
	.relations = AMPH_RELATIONS(
		AMPH_MANY_TO_MANY(Course, students, Student, Enrolment, course_id, student_id)));
AMPH_MODEL(Enrolment, "f_enrolments",
	.columns = AMPH_COLUMNS(
		AMPH_COLUMN(Enrolment, id, .primary_key = true),
		AMPH_COLUMN(Enrolment, student_id, .references = AMPH_REF(Student, id)),
		AMPH_COLUMN(Enrolment, course_id, .references = AMPH_REF(Course, id)),
		AMPH_COLUMN(Enrolment, grade)),
	.relations = AMPH_RELATIONS(AMPH_BELONGS_TO(Enrolment, student, Student, student_id),
				    AMPH_BELONGS_TO(Enrolment, course, Course, course_id)));
AMPH_MODEL(Bill, "f_invoices",
	.columns = AMPH_COLUMNS(AMPH_COLUMN(Bill, tenant, .primary_key = true),
				AMPH_COLUMN(Bill, number, .primary_key = true),
				AMPH_COLUMN(Bill, note)),
	.relations = AMPH_RELATIONS(
		AMPH_HAS_MANY(Bill, lines, Line, invoice, .back = AMPH_MEMBER(Line, of))));
AMPH_MODEL(Line, "f_lines",
	.columns = AMPH_COLUMNS(AMPH_COLUMN(Line, id, .primary_key = true), AMPH_COLUMN(Line, tenant),
				AMPH_COLUMN(Line, invoice), AMPH_COLUMN(Line, text)),
	.foreign_keys = AMPH_FOREIGN_KEYS(
		AMPH_FOREIGN_KEY(NULL, AMPH_ON(AMPH_MEMBER(Line, tenant), AMPH_MEMBER(Line, invoice)),
				 AMPH_ON(AMPH_MEMBER(Bill, tenant), AMPH_MEMBER(Bill, number)))),
	.relations = AMPH_RELATIONS(
		AMPH_BELONGS_TO(Line, of, Bill, invoice, .back = AMPH_MEMBER(Bill, lines))));
AMPH_MODEL(Crate, "f_crates",
	.columns = AMPH_COLUMNS(AMPH_COLUMN(Crate, id, .primary_key = true)),
	.relations = AMPH_RELATIONS(
		AMPH_HAS_MANY(Crate, jars, Jar, crate_id,
			      .cascade = AMPH_CASCADE_ALL | AMPH_PASSIVE_DELETES)));
AMPH_MODEL(Jar, "f_jars",
	.columns = AMPH_COLUMNS(AMPH_COLUMN(Jar, id, .primary_key = true),
				AMPH_COLUMN(Jar, crate_id, .references = AMPH_REF(Crate, id),
					    .on_delete = AMPH_CASCADE),
				AMPH_COLUMN(Jar, label)));

static const amph_model *const family[] = {
	&amph_model_Firma, &amph_model_Desk, &amph_model_Badge, &amph_model_Node, &amph_model_Student,
	&amph_model_Course, &amph_model_Enrolment, &amph_model_Bill, &amph_model_Line,
	&amph_model_Crate, &amph_model_Jar, NULL
};

static void set_up(void)
{
	begin_with(family);
}

#define COUNT(list) ((int)amph_length(list))

/* ---- one to many, all of it ---- */

/* Jars must have a crate: those of all crates are all jars. */
START_TEST(what_all_parents_have)
{
	Crate crates[] = { { .id = 1 }, { .id = 2 }, { .id = 3 } };
	Jar jars[] = { { .id = 1, .crate_id = 3, .label = "a" }, { .id = 2, .crate_id = 1, .label = "b" },
		       { .id = 3, .crate_id = 3, .label = "c" } };

	DO(amph_insert_many(s, Crate, crates, 3) == 3 && amph_insert_many(s, Jar, jars, 3) == 3);
	DO(amph_commit(s));
	Jar *moved = amph_get(s, Jar, 3);
	moved->crate_id = 2;
	Crate *fourth = amph_new(s, Crate, .id = 9);
	DO(fourth && amph_delete(s, amph_get(s, Crate, 1)));
	Crate **all = amph_all(s, Crate, .order_by = by(col(Crate, id)), .load = with(selectin(Crate, jars)));
	DO(all != NULL);
	ck_assert_int_eq(COUNT(all), 3);
	ck_assert_ptr_eq(all[2], fourth);
	ck_assert_int_eq(COUNT(all[0]->jars), 1);
	ck_assert_ptr_eq(all[0]->jars[0], moved);
	ck_assert_int_eq(COUNT(all[1]->jars), 1);
	ck_assert_str_eq(all[1]->jars[0]->label, "a");
	ck_assert_int_eq(COUNT(fourth->jars), 0);
	amph_rollback(s);
	amph_session_clear(s);
	all = amph_all(s, Crate, .where = ne(col(Crate, id), 3), .load = with(selectin(Crate, jars)));
	DO(all != NULL);
	ck_assert_int_eq(COUNT(all), 2);
	ck_assert_int_eq(amph_count(s, Jar), 3);
	amph_expect_statements(s, 0);
	ck_assert_ptr_null(amph_get(s, Jar, 1));
	amph_rollback(s);
	amph_expect_statements(s, -1);
}
END_TEST

/* ---- one to one ---- */

START_TEST(one_to_one)
{
	Badge *b = amph_new(s, Badge, .code = "one");
	Firma *f = amph_new(s, Firma, .name = "f", .badge = b), *g = amph_new(s, Firma, .name = "g");

	DO(amph_commit(s));
	ck_assert_int_eq(b->firm_id.value, f->id);
	ck_assert_ptr_eq(b->firm, f);
	amph_session_clear(s);
	Firma **all = amph_all(s, Firma, .order_by = by(col(Firma, id)));
	amph_expect_statements(s, 1);
	ck_assert_str_eq(amph_rel(all[0], badge)->code, "one");
	ck_assert_ptr_null(amph_rel(all[1], badge));
	/* nobody on the other side is known as well */
	ck_assert_ptr_null(amph_rel(all[1], badge));
	ck_assert(!amph_failed(s));
	amph_expect_statements(s, -1);
	ck_assert_ptr_eq(all[0]->badge->firm, all[0]);

	/* a move by assignment */
	f = all[0], g = all[1], b = f->badge;
	g->badge = b;
	DO(amph_commit(s));
	ck_assert_ptr_null(f->badge);
	ck_assert_ptr_eq(b->firm, g);
	ck_assert_int_eq(b->firm_id.value, g->id);
	ck_assert_int_eq(amph_count(s, Badge), 1);
	/* and from the other side */
	b->firm = f;
	DO(amph_commit(s));
	ck_assert_ptr_eq(f->badge, b);
	ck_assert_ptr_null(g->badge);
	/* the former goes, also where nobody looked at it */
	amph_session_clear(s);
	f = amph_get(s, Firma, 1);
	f->badge = amph_new(s, Badge, .code = "two");
	DO(amph_commit(s));
	ck_assert_int_eq(amph_count(s, Badge), 1);
	ck_assert_str_eq(((Badge *)amph_first(s, Badge))->code, "two");
	f->badge = NULL;
	DO(amph_commit(s));
	ck_assert_int_eq(amph_count(s, Badge), 0);
}
END_TEST

START_TEST(one_to_one_goes_with_its_parent_and_comes_back)
{
	Firma *f = amph_new(s, Firma, .name = "f", .badge = amph_new(s, Badge, .code = "b"));

	DO(amph_commit(s));
	Badge *b = f->badge;
	DO(amph_delete(s, f));
	DO(amph_flush(s));
	ck_assert_int_eq(amph_count(s, Badge), 0);
	amph_rollback(s);
	ck_assert_ptr_eq(f->badge, b);
	f->badge = NULL;
	amph_rollback(s);
	ck_assert_ptr_eq(f->badge, b);
	f->badge = (Badge *)(void *)f;
	FAILS("HV010", amph_flush(s));
	amph_rollback(s);
	amph_session_clear(s);
	DO(amph_delete(s, amph_get(s, Firma, 1)));
	DO(amph_commit(s));
	ck_assert_int_eq(amph_count(s, Badge), 0);
}
END_TEST

/* ---- keys ---- */

START_TEST(a_key_narrower_than_its_parents)
{
	Firma *f = amph_new(s, Firma, .name = "f");
	Desk *d = amph_new(s, Desk, .name = "d", .firm = f);

	DO(amph_commit(s));
	ck_assert_int_eq(d->guard, 77);
	ck_assert_int_eq(d->firm_id.value, f->id);
	amph_session_clear(s);
	d = amph_get(s, Desk, 1);
	ck_assert_str_eq(amph_rel(d, firm)->name, "f");
	ck_assert_int_eq(COUNT(amph_rel(d->firm, desks)), 1);
	Firma *far = amph_new(s, Firma, .id = 3000000000, .name = "far");
	d->firm = far;
	FAILS("22003", amph_commit(s));
	amph_rollback(s);
	ck_assert_int_eq(d->guard, 77);
}
END_TEST

START_TEST(a_key_of_several_columns)
{
	Bill *a = amph_new(s, Bill, .tenant = 7, .number = 1);
	Bill *b = amph_new(s, Bill, .tenant = 7, .number = 2);
	Line *x = amph_new(s, Line, .text = "x");

	DO(amph_append(a, lines, x));
	amph_new(s, Line, .text = "y", .of = b);
	DO(amph_commit(s));
	ck_assert_int_eq(x->tenant, 7);
	ck_assert_int_eq(x->invoice.value, 1);
	amph_session_clear(s);
	Bill **all = amph_all(s, Bill, .load = with(selectin(Bill, lines)),
				 .order_by = by(col(Bill, number)));
	ck_assert_int_eq(COUNT(all[0]->lines), 1);
	ck_assert_str_eq(all[1]->lines[0]->text, "y");
	all = amph_all(s, Bill, .order_by = by(col(Bill, number)),
		       .load = with(selectin_of(Bill, lines, .where = eq(col(Line, text), "y"))));
	ck_assert_int_eq(COUNT(all[0]->lines), 0);
	ck_assert_int_eq(COUNT(all[1]->lines), 1);
	all = amph_all(s, Bill, .order_by = by(col(Bill, number)), .load = with(selectin(Bill, lines)));
	x = all[0]->lines[0];
	DO(amph_append(all[1], lines, x));
	DO(amph_commit(s));
	ck_assert_int_eq(x->invoice.value, 2);
	/* the part that cannot be NULL stays */
	DO(amph_remove(all[1], lines, x));
	DO(amph_commit(s));
	ck_assert_int_eq(x->tenant, 7);
	ck_assert(!x->invoice.has);
	DO(amph_delete(s, all[1]));
	DO(amph_commit(s));
	ck_assert_int_eq(amph_count(s, Line, .where = is_null(col(Line, invoice))), 2);
}
END_TEST

/* ---- self-reference ---- */

START_TEST(a_tree_is_made_moved_and_deleted)
{
	Node *root = amph_new(s, Node, .name = "root"), *kid, *grandkid;

	for (int i = 0; i < 3; i++) {
		kid = amph_new(s, Node, .name = "kid", .parent = root);
		grandkid = amph_new(s, Node, .name = "grandkid");
		DO(amph_append(kid, children, grandkid));
	}
	root->best = grandkid;
	DO(amph_commit(s));
	ck_assert_int_eq(root->best_id.value, grandkid->id);
	amph_session_clear(s);
	root = amph_first(s, Node, .where = eq(col(Node, name), "root"),
			  .load = with(selectin(Node, children, selectin(Node, children))));
	amph_expect_statements(s, 0);
	ck_assert_int_eq(COUNT(root->children), 3);
	ck_assert_str_eq(root->children[2]->children[0]->name, "grandkid");
	ck_assert_ptr_eq(root->children[2]->parent, root);
	amph_expect_statements(s, -1);
	DO(amph_append(root, children, root->children[0]->children[0]));
	DO(amph_commit(s));
	ck_assert_int_eq(COUNT(root->children), 4);
	ck_assert_int_eq(COUNT(root->children[0]->children), 0);
	DO(amph_delete(s, root));
	DO(amph_commit(s));
	ck_assert_int_eq(amph_count(s, Node), 0);
}
END_TEST

START_TEST(circles_are_closed_by_a_second_statement)
{
	Node *a = amph_new(s, Node, .name = "a"), *b = amph_new(s, Node, .name = "b", .best = a);

	a->best = b;
	DO(amph_commit(s));
	amph_session_clear(s);
	a = amph_get(s, Node, 1);
	ck_assert_ptr_eq(amph_rel(amph_rel(a, best), best), a);
	DO(amph_delete(s, a->best));
	DO(amph_delete(s, a));
	DO(amph_commit(s));
	ck_assert_int_eq(amph_count(s, Node), 0);
	Node *own = amph_new(s, Node, .name = "own");
	own->best = own;
	DO(amph_commit(s));
	ck_assert_int_eq(own->best_id.value, own->id);
}
END_TEST

/* ---- many to many ---- */

START_TEST(links_with_a_key_of_their_own)
{
	Student *x = amph_new(s, Student, .name = "x"), *y = amph_new(s, Student, .name = "y");
	Course *c = amph_new(s, Course, .name = "c"), *d = amph_new(s, Course, .name = "d");

	DO(amph_append(x, courses, c));
	DO(amph_append(d, students, x));
	DO(amph_append(y, courses, c));
	/* both sides, before any statement */
	ck_assert_int_eq(COUNT(c->students), 2);
	ck_assert_int_eq(COUNT(x->courses), 2);
	DO(amph_commit(s));
	ck_assert_int_eq(amph_count(s, Enrolment), 3);
	DO(amph_remove(x, courses, c));
	ck_assert_int_eq(COUNT(c->students), 1);
	DO(amph_commit(s));
	ck_assert_int_eq(amph_count(s, Enrolment), 2);
	amph_session_clear(s);
	c = amph_get(s, Course, 1);
	y = amph_get(s, Student, 2);
	/* not loaded, and not loaded by it */
	amph_expect_statements(s, 3);
	DO(amph_remove(c, students, y));
	DO(amph_commit(s));
	amph_expect_statements(s, -1);
	ck_assert_int_eq(amph_count(s, Enrolment), 1);
	x = amph_get(s, Student, 1);
	ck_assert_int_eq(COUNT(amph_rel(x, courses)), 1);
	d = x->courses[0];
	DO(amph_delete(s, d));
	DO(amph_commit(s));
	ck_assert_int_eq(COUNT(x->courses), 0);
	ck_assert_int_eq(amph_count(s, Enrolment), 0);
	ck_assert_int_eq(amph_count(s, Student), 2);
}
END_TEST

START_TEST(links_as_objects)
{
	Student *x = amph_new(s, Student, .name = "x");
	Course *c = amph_new(s, Course, .name = "c");

	amph_new(s, Enrolment, .student = x, .course = c, .grade = AMPH_SOME(2));
	DO(amph_commit(s));
	ck_assert_int_eq(COUNT(amph_rel(x, courses)), 1);
	Enrolment **of = amph_all(s, Enrolment, .where = eq(col(Enrolment, grade), 2),
				  .load = with(selectin(Enrolment, student), selectin(Enrolment, course)));
	ck_assert_ptr_eq(of[0]->student, x);
	ck_assert_ptr_eq(of[0]->course, c);
	/* two links of one pair are one member, and go together */
	amph_new(s, Enrolment, .student = x, .course = c, .grade = AMPH_SOME(3));
	DO(amph_commit(s));
	DO(amph_refresh(s, x));
	ck_assert_int_eq(COUNT(amph_rel(x, courses)), 1);
	DO(amph_remove(x, courses, c));
	DO(amph_commit(s));
	ck_assert_int_eq(amph_count(s, Enrolment), 0);
}
END_TEST

START_TEST(many_removals_take_one_look)
{
	enum { N = 60 };
	Student *x = amph_new(s, Student, .name = "x");

	for (int i = 0; i < N; i++)
		DO(amph_append(x, courses, amph_new(s, Course, .name = "c")));
	DO(amph_commit(s));
	Course *const *courses = x->courses;
	for (int i = 0; i < N; i++)
		DO(amph_remove(x, courses, courses[i]));
	uint64_t before = amph_session_statistics(s).round_trips;
	amph_expect_statements(s, N + 2);
	DO(amph_commit(s));
	ck_assert_uint_le(amph_session_statistics(s).round_trips - before, N + 3);
	amph_expect_statements(s, -1);
	ck_assert_int_eq(amph_count(s, Enrolment), 0);
}
END_TEST

/* ---- new objects with their relationships ---- */

START_TEST(lists_given_to_a_new_object)
{
	Desk *one = amph_new(s, Desk, .name = "one"), *two = amph_new(s, Desk, .name = "two");
	Firma *f = amph_new(s, Firma, .name = "f", .desks = (Desk *const[]){ one, two, NULL });

	DO(f != NULL);
	ck_assert_int_eq(COUNT(f->desks), 2);
	ck_assert_ptr_eq(one->firm, f);
	DO(amph_commit(s));
	ck_assert_int_eq(two->firm_id.value, f->id);
	Firma *g = amph_new(s, Firma, .name = "g", .desks = f->desks);
	ck_assert_int_eq(COUNT(f->desks), 0);
	DO(amph_commit(s));
	ck_assert_int_eq(two->firm_id.value, g->id);
	ck_assert(!amph_new(s, Firma, .desks = (Desk *const[]){ (Desk *)(void *)g, NULL }));
	ck_assert_int_eq(amph_session_error(s)->status, AMPH_E_MISUSE);
	amph_rollback(s);
}
END_TEST

/* ---- deletes ---- */

START_TEST(children_lose_their_parent)
{
	Firma *f = amph_new(s, Firma, .name = "f");
	Desk *loaded = amph_new(s, Desk, .name = "loaded", .firm = f);

	DO(amph_commit(s));
	DO(amph_delete(s, f));
	DO(amph_commit(s));
	ck_assert(!loaded->firm_id.has);
	ck_assert_ptr_null(loaded->firm);
	ck_assert_int_eq(amph_count(s, Desk, .where = is_null(col(Desk, firm_id))), 1);
}
END_TEST

START_TEST(deletes_of_many_look_once_for_all)
{
	enum { N = 50 };

	for (int i = 0; i < N; i++) {
		Firma *f = amph_new(s, Firma, .name = "f", .badge = amph_new(s, Badge, .code = "b"));
		DO(amph_append(f, desks, amph_new(s, Desk, .name = "d")));
	}
	DO(amph_commit(s));
	amph_session_clear(s);
	amph_each(Firma, f, amph_all(s, Firma))
		DO(amph_delete(s, f));
	/* two for the children; then deletes and updates, of many rows or one by one */
	amph_expect_statements(s, 2 + 3 * N);
	DO(amph_flush(s));
	ck_assert_uint_le(amph_session_statistics(s).flushes, 2);
	DO(amph_commit(s));
	amph_expect_statements(s, -1);
	ck_assert_int_eq(amph_count(s, Badge), 0);
	ck_assert_int_eq(amph_count(s, Desk, .where = is_null(col(Desk, firm_id))), N);
}
END_TEST

START_TEST(many_parents_and_new_children_at_once)
{
	enum { N = 3000 };

	for (int i = 0; i < N; i++)
		amph_new(s, Firma, .name = "f");
	DO(amph_commit(s));
	Firma **firms = amph_all(s, Firma);
	for (int i = 0; i < N; i++) {
		amph_new(s, Desk, .name = "d", .firm_id = AMPH_SOME((int32_t)firms[i]->id));
		DO(amph_delete(s, firms[i]));
	}
	DO(amph_commit(s));
	ck_assert_int_eq(amph_count(s, Firma), 0);
	ck_assert_int_eq(amph_count(s, Desk, .where = is_null(col(Desk, firm_id))), N);
}
END_TEST

START_TEST(passive_deletes_leave_it_to_the_database)
{
	Crate *c = amph_new(s, Crate, .id = 1), *d = amph_new(s, Crate, .id = 2);

	for (int i = 0; i < 3; i++) {
		DO(amph_append(c, jars, amph_new(s, Jar, .label = "j")));
		DO(amph_append(d, jars, amph_new(s, Jar, .label = "k")));
	}
	DO(amph_commit(s));
	Jar *first = c->jars[0];
	amph_session_clear(s);
	c = amph_get(s, Crate, 1);
	amph_expect_statements(s, 1);
	DO(amph_delete(s, c));
	DO(amph_commit(s));
	amph_expect_statements(s, -1);
	ck_assert_int_eq(amph_count(s, Jar), 3);
	/* those that are in memory are deleted one by one, so that they are known to be gone */
	d = amph_get(s, Crate, 2);
	first = amph_rel(d, jars)[0];
	DO(amph_delete(s, d));
	DO(amph_commit(s));
	ck_assert_int_eq(amph_state(s, first), AMPH_OBJECT_EXPUNGED);
	ck_assert_int_eq(amph_count(s, Jar), 0);
}
END_TEST

START_TEST(a_child_that_cannot_be_without_a_parent)
{
	Crate *c = amph_new(s, Crate, .id = 1);
	Jar *j = amph_new(s, Jar, .label = "j");

	DO(amph_append(c, jars, j));
	DO(amph_commit(s));
	DO(amph_remove(c, jars, j));
	FAILS("23502", amph_commit(s));
	ck_assert_str_eq(amph_session_error(s)->column, "crate_id");
	amph_rollback(s);
	ck_assert_int_eq(COUNT(c->jars), 1);
}
END_TEST

/* ---- the other cascades ---- */

START_TEST(merge_cascades)
{
	Firma *f = amph_new(s, Firma, .name = "f");
	Badge theirs = { .id = 5, .code = "merged" };

	DO(amph_append(f, desks, amph_new(s, Desk, .name = "old")));
	DO(amph_append(f, desks, amph_new(s, Desk, .name = "kept")));
	DO(amph_commit(s));
	Desk kept = { .id = 2, .name = "changed", .guard = 1 }, fresh = { .name = "fresh" };
	Desk *const desks[] = { &kept, &fresh, NULL };
	Firma values = { .id = f->id, .name = "g", .desks = desks, .badge = &theirs };
	theirs.firm = &values;
	kept.firm = &values;
	ck_assert_ptr_eq(amph_merge(s, Firma, &values), f);
	DO(amph_commit(s));
	ck_assert_str_eq(f->name, "g");
	ck_assert_int_eq(COUNT(f->desks), 2);
	ck_assert_int_eq(amph_count(s, Desk, .where = eq(col(Desk, firm_id), (int32_t)f->id)), 2);
	ck_assert_int_eq(amph_count(s, Desk, .where = eq(col(Desk, name), "changed")), 1);
	ck_assert_int_eq(amph_count(s, Desk), 3);
	ck_assert_str_eq(f->badge->code, "merged");
	ck_assert_ptr_eq(f->badge->firm, f);
	ck_assert_ptr_null(amph_merge(s, Firma, (Firma *)NULL));
	amph_rollback(s);
	f->desks = desks;       /* not the session's: nothing is before it */
	SAYS("HV010", "Firma.desks", amph_merge(s, Firma, &values));
	ck_assert_int_eq(COUNT(amph_rel(f, desks)), 2);
}
END_TEST

START_TEST(refresh_and_expunge_cascade)
{
	Firma *f = amph_new(s, Firma, .name = "f", .badge = amph_new(s, Badge, .code = "b"));
	Desk *d = amph_new(s, Desk, .name = "d");

	DO(amph_append(f, desks, d));
	DO(amph_commit(s));
	Badge *b = f->badge;
	d->name = "unflushed";
	b->code = "unflushed";
	DO(amph_refresh(s, f));
	ck_assert_str_eq(d->name, "d");
	ck_assert_str_eq(b->code, "b");
	ck_assert_ptr_eq(amph_rel(f, badge), b);
	ck_assert_ptr_eq(amph_rel(f, desks)[0], d);
	DO(amph_expunge(s, f));
	ck_assert_int_eq(amph_state(s, d), AMPH_OBJECT_EXPUNGED);
	ck_assert_int_eq(amph_state(s, b), AMPH_OBJECT_EXPUNGED);
	DO(amph_commit(s));
	ck_assert_int_eq(amph_count(s, Badge), 1);
}
END_TEST

/* ---- memory ---- */

START_TEST(collections_that_change_for_ever_stay_flat)
{
	Firma *f = amph_new(s, Firma, .name = "f");
	Desk *d = amph_new(s, Desk, .name = "d");

	for (int i = 0; i < 20; i++)
		DO(amph_append(f, desks, amph_new(s, Desk, .name = "x")));
	DO(amph_commit(s));
	for (int i = 0; i < 3000; i++) {
		DO(amph_append(f, desks, d));
		amph_rollback(s);
	}
	ck_assert_int_eq(COUNT(f->desks), 20);
	for (int i = 0; i < 300; i++) {
		DO(i % 2 ? amph_remove(f, desks, d) : amph_append(f, desks, d));
		DO(amph_commit(s));
		DO(amph_refresh(s, f));
		ck_assert_int_eq(COUNT(amph_rel(f, desks)), i % 2 ? 20 : 21);
	}
}
END_TEST

START_TEST(a_long_collection)
{
	enum { N = 20000 };
	Firma *f = amph_new(s, Firma, .name = "f");

	for (int i = 0; i < N; i++)
		DO(amph_append(f, desks, amph_new(s, Desk, .name = "x")));
	ck_assert_int_eq(COUNT(f->desks), N);
	DO(amph_commit(s));
	Desk *last = f->desks[N - 1];
	DO(amph_append(f, desks, last));
	ck_assert_int_eq(COUNT(f->desks), N);
	DO(amph_commit(s));
	ck_assert_int_eq(amph_count(s, Desk, .of = children(Firma, f, desks)), N);
}
END_TEST

START_TEST(a_thousand_parents_and_their_children_take_two_statements)
{
	enum { N = 1000, EACH = 20 };
	static Firma firms[N];
	static Desk desks[N * EACH];
	int n = 0;

	for (int i = 0; i < N; i++)
		firms[i] = (Firma){ .id = i + 1, .name = "f" };
	for (int i = 0; i < N * EACH; i++)
		desks[i] = (Desk){ .id = i + 1, .name = "d", .firm_id = AMPH_SOME(i / EACH + 1) };
	DO(amph_insert_many(s, Firma, firms, N) >= 0);
	DO(amph_insert_many(s, Desk, desks, N * EACH) >= 0);
	DO(amph_commit(s));
	amph_expect_statements(s, 2);
	Firma **all = amph_all(s, Firma, .load = with(selectin(Firma, desks)));
	DO(all != NULL);
	amph_each(Firma, f, all)
		amph_each(Desk, d, amph_rel(f, desks))
			n += amph_rel(d, firm) == f;
	ck_assert_int_eq(n, N * EACH);
	DO(!amph_failed(s));
	amph_session_clear(s);
	/* a limit is one of parents, however they are loaded */
	amph_expect_statements(s, 2);
	all = amph_all(s, Firma, .load = with(joined(Firma, desks)), .limit = 7,
		       .order_by = by(col(Firma, id)));
	ck_assert_int_eq(COUNT(all), 7);
	ck_assert_int_eq(COUNT(all[6]->desks), EACH);
	DO(!amph_failed(s));
}
END_TEST

/* ---- wrong declarations ---- */

typedef struct Wrong Wrong;
struct Wrong {
	int64_t id, firm_id, other_id;
	int32_t tenant, number, other;
	const char *text;
	Firma *firm;
	Bill *invoice;
	AMPH_MANY(Wrong) wrongs;
	AMPH_MANY(Course) courses;
	Wrong *up;
};
AMPH_DECLARE(Wrong);

static void refused(const amph_model *model, const char *sqlstate, const char *says)
{
	const amph_model *const models[] = {
		model, &amph_model_Firma, &amph_model_Desk, &amph_model_Badge, &amph_model_Bill,
		&amph_model_Line, &amph_model_Student, &amph_model_Course, &amph_model_Enrolment, NULL
	};
	amph_error err;

	ck_assert_ptr_null(amph_open("sqlite::memory:", AMPH_OPTIONS(.models = models), &err));
	ck_assert_str_eq(err.sqlstate, sqlstate);
	ck_assert_msg(strstr(err.message, says), "%s", err.message);
}

#define WRONG(...)                                                                                \
	(&(const amph_model){ .abi = AMPH_ABI, .name = "Wrong", .table = "wrong",                 \
			      .size = sizeof(Wrong), __VA_ARGS__ })
#define OWN_REL(f, k, ...)                                                                        \
	(const amph_relation[]){ { .member = #f, .kind = (k), .offset = offsetof(Wrong, f), __VA_ARGS__ }, \
				 { .member = NULL } }
#define TO_FIRM                                                                                   \
	AMPH_COLUMNS(AMPH_COLUMN(Wrong, id, .primary_key = true),                                 \
		     AMPH_COLUMN(Wrong, firm_id, .references = AMPH_REF(Firma, id)),              \
		     AMPH_COLUMN(Wrong, other_id))

START_TEST(wrong_declarations_are_refused)
{
	refused(WRONG(.columns = TO_FIRM,
		      .relations = OWN_REL(firm, AMPH_REL_ONE, .target = &amph_model_Firma,
					   .key = offsetof(Wrong, text))),
		"42703", "is no column");
	refused(WRONG(.columns = TO_FIRM,
		      .relations = OWN_REL(firm, AMPH_REL_ONE, .target = &amph_model_Firma,
					   .key = offsetof(Wrong, other_id))),
		"42830", "does not refer");
	refused(WRONG(.columns = TO_FIRM,
		      .relations = OWN_REL(firm, AMPH_REL_ONE, .target = &amph_model_Firma,
					   .key = offsetof(Wrong, firm_id),
					   .back = AMPH_MEMBER(Firma, name))),
		"42703", "back");
	refused(WRONG(.columns = TO_FIRM,
		      .relations = OWN_REL(firm, AMPH_REL_ONE, .target = &amph_model_Firma,
					   .key = offsetof(Wrong, firm_id),
					   .back = AMPH_MEMBER(Firma, desks))),
		"42804", "does not lead back");
	refused(WRONG(.columns = TO_FIRM,
		      .relations = OWN_REL(firm, AMPH_REL_ONE, .target = &amph_model_Firma,
					   .key = offsetof(Wrong, firm_id),
					   .cascade = AMPH_CASCADE_DELETE)),
		"0A000", "only children");
	refused(WRONG(.columns = AMPH_COLUMNS(
			      AMPH_COLUMN(Wrong, id, .primary_key = true),
			      AMPH_COLUMN(Wrong, text, .references = AMPH_REF(Firma, id)))),
		"42804", "another type");
}
END_TEST

AMPH_MODEL(Wrong, "f_wrong", .columns = AMPH_COLUMNS(AMPH_COLUMN(Wrong, id, .primary_key = true),
					      AMPH_COLUMN(Wrong, tenant), AMPH_COLUMN(Wrong, number),
					      AMPH_COLUMN(Wrong, other)),
		      .foreign_keys = AMPH_FOREIGN_KEYS(
			      AMPH_FOREIGN_KEY(NULL, AMPH_ON(AMPH_MEMBER(Wrong, tenant),
							     AMPH_MEMBER(Wrong, number)),
					       AMPH_ON(AMPH_MEMBER(Bill, tenant),
						       AMPH_MEMBER(Bill, number))),
			      AMPH_FOREIGN_KEY(NULL, AMPH_ON(AMPH_MEMBER(Wrong, tenant),
							     AMPH_MEMBER(Wrong, other)),
					       AMPH_ON(AMPH_MEMBER(Bill, tenant),
						       AMPH_MEMBER(Bill, number)))),
		      .relations = OWN_REL(invoice, AMPH_REL_ONE, .target = &amph_model_Bill,
					   .key = offsetof(Wrong, tenant)));

START_TEST(ambiguous_and_dangerous_declarations_are_refused)
{
	refused(&amph_model_Wrong,
		"42702", "more than one foreign key");
	refused(WRONG(.columns = TO_FIRM,
		      .relations = OWN_REL(courses, AMPH_REL_THROUGH, .target = &amph_model_Course,
					   .through = &amph_model_Enrolment,
					   .key = offsetof(Enrolment, student_id),
					   .through_key = offsetof(Enrolment, course_id))),
		"42830", "does not refer");
	refused(WRONG(.columns = TO_FIRM,
		      .relations = OWN_REL(courses, AMPH_REL_THROUGH, .target = &amph_model_Course,
					   .through = &amph_model_Jar)),
		"42P01", "not among the models");
}
END_TEST

typedef struct Pot Pot;
typedef struct Lid Lid;
struct Pot { int64_t id; AMPH_MANY(Lid) lids; };
struct Lid { int64_t id, pot_id; };
AMPH_DECLARE(Pot);
AMPH_DECLARE(Lid);
AMPH_MODEL(Pot, "f_pots",
	.columns = AMPH_COLUMNS(AMPH_COLUMN(Pot, id, .primary_key = true)),
	.relations = AMPH_RELATIONS(AMPH_HAS_MANY(Pot, lids, Lid, pot_id)));
AMPH_MODEL(Lid, "f_lids",
	.columns = AMPH_COLUMNS(AMPH_COLUMN(Lid, id, .primary_key = true),
				AMPH_COLUMN(Lid, pot_id, .references = AMPH_REF(Pot, id))));

START_TEST(children_that_nobody_deletes_are_refused)
{
	static const amph_model *const models[] = { &amph_model_Pot, &amph_model_Lid, NULL };
	amph_error err;

	ck_assert_ptr_null(amph_open("sqlite::memory:", AMPH_OPTIONS(.models = models), &err));
	ck_assert_str_eq(err.sqlstate, "42P16");
	ck_assert_msg(strstr(err.message, "cannot be NULL"), "%s", err.message);
}
END_TEST

/* What one side took out the other put in again, and the other way round. */
START_TEST(both_sides_of_a_link_are_told)
{
	Student *ann = amph_new(s, Student, .name = "ann"), *bob = amph_new(s, Student, .name = "bob");
	Course *art = amph_new(s, Course, .name = "art");

	DO(amph_append(ann, courses, art) && amph_commit(s));
	int64_t id = amph_first(s, Enrolment)->id;
	for (int loaded = 0; loaded < 2; loaded++) {
		DO(amph_remove(ann, courses, art) && amph_append(art, students, ann));
		ck_assert_uint_eq(amph_length(ann->courses), loaded ? 0 : 1);
		DO(amph_commit(s));
		ck_assert_int_eq(amph_count(s, Enrolment), 1);
		ck_assert_int_eq(amph_first(s, Enrolment)->id, id);
		DO(amph_remove(art, students, ann) && amph_append(ann, courses, art) && amph_commit(s));
		ck_assert_int_eq(amph_first(s, Enrolment)->id, id);
		DO(amph_append(bob, courses, art) && amph_remove(art, students, bob) && amph_commit(s));
		ck_assert_int_eq(amph_count(s, Enrolment), 1);
		DO(amph_remove(ann, courses, art) && amph_append(art, students, ann) &&
		   amph_remove(ann, courses, art) && amph_commit(s));
		ck_assert_int_eq(amph_count(s, Enrolment), 0);
		DO(amph_append(art, students, ann) && amph_commit(s));
		id = amph_first(s, Enrolment)->id;
		amph_session_clear(s);
		ann = amph_first(s, Student, .where = eq(col(Student, name), "ann"));
		bob = amph_first(s, Student, .where = eq(col(Student, name), "bob"));
		art = amph_first(s, Course);
		DO(ann && bob && art);
	}
}
END_TEST

/* Where the child was in memory is told by its row, too. */
START_TEST(a_child_whose_parent_is_not_loaded_leaves_its_collection)
{
	Firma *one = amph_new(s, Firma, .name = "one"), *two = amph_new(s, Firma, .name = "two");
	Desk *d = amph_new(s, Desk, .name = "d", .firm = one);

	DO(amph_commit(s));
	amph_session_clear(s);
	d = amph_first(s, Desk);
	two = amph_first(s, Firma, .where = eq(col(Firma, name), "two"));
	DO(d && two && amph_append(two, desks, d));
	one = amph_first(s, Firma, .where = eq(col(Firma, name), "one"));
	amph_rel(one, desks);
	DO(amph_commit(s));
	ck_assert_uint_eq(amph_length(amph_rel(one, desks)), 0);
	ck_assert_uint_eq(amph_length(amph_rel(two, desks)), 1);
}
END_TEST

static SUITE(suite_of_family, "families", a_child_whose_parent_is_not_loaded_leaves_its_collection,
      both_sides_of_a_link_are_told, what_all_parents_have, one_to_one,
      one_to_one_goes_with_its_parent_and_comes_back,
      a_key_narrower_than_its_parents, a_key_of_several_columns, a_tree_is_made_moved_and_deleted,
      circles_are_closed_by_a_second_statement, links_with_a_key_of_their_own, links_as_objects,
      many_removals_take_one_look, lists_given_to_a_new_object, children_lose_their_parent,
      deletes_of_many_look_once_for_all, many_parents_and_new_children_at_once,
      passive_deletes_leave_it_to_the_database, a_child_that_cannot_be_without_a_parent,
      merge_cascades, refresh_and_expunge_cascade, collections_that_change_for_ever_stay_flat,
      a_long_collection, a_thousand_parents_and_their_children_take_two_statements,
      wrong_declarations_are_refused,
      ambiguous_and_dangerous_declarations_are_refused, children_that_nobody_deletes_are_refused)

suite family_suite(void)
{
	suite made = suite_of_family();

	made.setup = set_up;
	made.teardown = end_with_none;
	return made;
}
