/* What becomes of objects when rows are written by a query; rows as JSON and as a stream. */
#include "conformance.h"
#include <stdio.h>

static Person *ann, *bob;
static void two_people(void)
{
	ann = amph_new(s, Person, .username = "ann", .age = 30);
	bob = amph_new(s, Person, .username = "bob", .age = 40);
	amph_new(s, Author, .name = "x");
	DO(amph_commit(s));
}
#define OLDER .where = gt(col(Person, age), 35), .set = sets(set(Person, age, add(col(Person, age), 1)))

START_TEST(updated_objects_are_as_their_rows)
{
	two_people();
	WRITES(1, amph_update(s, Person, OLDER));
	ck_assert_int_eq(bob->age, 41);
	ck_assert(bob->updated_at.has && !ann->updated_at.has && !amph_is_modified(s, bob));
	/* an assignment is flushed first, and both are kept */
	bob->email = "b@x";
	WRITES(1, amph_update(s, Person, OLDER));
	bob->age += 1;
	DO(amph_commit(s));
	amph_session_clear(s);
	bob = amph_get(s, Person, 2);
	ck_assert_int_eq(bob->age, 43);
	ck_assert_str_eq(bob->email, "b@x");
	amph_rollback(s);
	WRITES(1, amph_update(s, Person, OLDER));
	ck_assert_int_eq(bob->age, 44);
	amph_rollback(s);
	ck_assert_int_eq(bob->age, 43);
}
END_TEST

START_TEST(updated_keys_and_deleted_rows_expire)
{
	two_people();
	WRITES(1, amph_update(s, Person, .where = eq(col(Person, id), bob->id),
			      .set = sets(set(Person, id, 7))));
	ck_assert_ptr_null(amph_get(s, Person, 2));
	ck_assert_int_eq(((Person *)amph_get(s, Person, 7))->age, 40);
}
END_TEST

START_TEST(objects_expire)
{
	two_people();
	WRITES(1, amph_update(s, Person, OLDER, .sync = AMPH_SYNC_EXPIRE));
	ck_assert_int_eq(bob->age, 40);
	ck_assert_ptr_eq(amph_get(s, Person, bob->id), bob);
	ck_assert_int_eq(bob->age, 41);
	WRITES(1, amph_delete_where(s, Person, .where = gt(col(Person, age), 35)));
	ck_assert_int_eq(amph_state(s, bob), AMPH_OBJECT_PERSISTENT);
	ck_assert_ptr_null(amph_get(s, Person, 2));
}
END_TEST

START_TEST(objects_are_refreshed)
{
	two_people();
	WRITES(1, amph_update(s, Person, OLDER, .sync = AMPH_SYNC_REFRESH));
	ck_assert_int_eq(bob->age, 41);
	ck_assert(bob->updated_at.has);
	ck_assert_int_eq(ann->age, 30);
	ck_assert(!amph_is_modified(s, bob));
	amph_rollback(s);
	ck_assert_int_eq(bob->age, 40);
	WRITES(1, amph_delete_where(s, Person, .where = gt(col(Person, age), 35), .sync = AMPH_SYNC_REFRESH));
	ck_assert_int_eq(amph_state(s, ann), AMPH_OBJECT_PERSISTENT);
	ck_assert_int_ne(amph_state(s, bob), AMPH_OBJECT_PERSISTENT);
	amph_rollback(s);
	ck_assert_int_eq(amph_state(s, bob), AMPH_OBJECT_PERSISTENT);
	ck_assert_ptr_eq(amph_get(s, Person, 2), bob);
	/* nothing to bring anything to: nothing is asked for */
	amph_session_clear(s);
	WRITES(1, amph_update(s, Person, OLDER, .sync = AMPH_SYNC_REFRESH));
	WRITES(2, amph_update(s, Person, .all_rows = true, .set = sets(set(Person, age, 3)),
			      .sync = AMPH_SYNC_REFRESH));
}
END_TEST

START_TEST(many_objects_are_refreshed)
{
	static char names[2500][8];

	for (int i = 0; i < 2500; i++) {
		snprintf(names[i], sizeof names[i], "s%d", i);
		amph_new(s, Section, .name = names[i]);
	}
	DO(amph_commit(s));
	Section **all = amph_all(s, Section, .order_by = by(col(Section, id)));
	WRITES(2499, amph_update(s, Section, .where = gt(col(Section, id), all[0]->id),
				 .set = sets(set(Section, name, fn_upper(col(Section, name)))),
				 .sync = AMPH_SYNC_REFRESH));
	ck_assert_str_eq(all[0]->name, "s0");
	ck_assert_str_eq(all[2499]->name, "S2499");
}
END_TEST

START_TEST(a_soft_delete_refreshes)
{
	Ticket *t = amph_new(s, Ticket, .status = "open");

	DO(amph_commit(s));
	WRITES(1, amph_delete_where(s, Ticket, .all_rows = true, .sync = AMPH_SYNC_REFRESH));
	ck_assert(t->deleted_at.has);
	ck_assert_int_eq(amph_state(s, t), AMPH_OBJECT_PERSISTENT);
}
END_TEST

START_TEST(objects_are_expunged)
{
	two_people();
	WRITES(1, amph_update(s, Person, OLDER, .sync = AMPH_SYNC_EXPUNGE));
	ck_assert_int_eq(amph_state(s, bob), AMPH_OBJECT_EXPUNGED);
	ck_assert_int_eq(amph_state(s, ann), AMPH_OBJECT_PERSISTENT);
	ck_assert_int_eq(bob->age, 40);
	ck_assert_ptr_ne(amph_get(s, Person, 2), bob);
}
END_TEST

START_TEST(objects_are_left_alone)
{
	two_people();
	WRITES(1, amph_update(s, Person, OLDER, .sync = AMPH_SYNC_NONE));
	ck_assert_ptr_eq(amph_get(s, Person, 2), bob);
	ck_assert_int_eq(bob->age, 40);
	SAYS("HV010", ".sync", amph_all(s, Person, .sync = AMPH_SYNC_NONE));
	SAYS("HV010", ".returning", amph_update_returning(s, Person, Person, OLDER,
		.sync = AMPH_SYNC_REFRESH, .returning = fields(into(Person, id, col(Person, id)))));
}
END_TEST

START_TEST(rows_as_json)
{
	amph_new(s, Section, .name = "a \"quoted\"\nname");
	amph_new(s, Section, .name = "é");
	ck_assert_str_eq(amph_json_of(s, Section, .order_by = by(col(Section, id))),
			 "[{\"id\": 1, \"name\": \"a \\\"quoted\\\"\\nname\"}, "
			 "{\"id\": 2, \"name\": \"é\"}]");
	ck_assert_str_eq(amph_json_of(s, Section, .where = eq(col(Section, id), 9)), "[]");
	amph_new(s, Person, .username = "ann", .age = 3);
	ck_assert_str_eq(amph_json_of(s, Person, .fields = fields(as("name", col(Person, username)),
				as("active", col(Person, is_active)), as("boss", col(Person, boss_id)),
				as("twice", mul(col(Person, age), 2)))),
			 "[{\"name\": \"ann\", \"active\": true, \"boss\": null, \"twice\": 6}]");
	SAYS("42P01", "\"Section\"", amph_json_of(s, Person, .where = eq(col(Section, id), 1)));
}
END_TEST

typedef struct Pair { const char *name; int64_t n; } Pair;
START_TEST(row_structs_in_a_stream)
{
	int64_t n = 0;

	two_people();
	amph_stream *stream = amph_stream_project(s, Pair, Person, .order_by = by(col(Person, id)),
			.fields = fields(into(Pair, name, fn_upper(col(Person, username))),
					 into(Pair, n, col(Person, age))));
	DO(stream != NULL);
	for (const Pair *p; (p = amph_stream_next(stream)); )
		n += p->n + p->name[0];
	ck_assert(amph_stream_close(stream));
	ck_assert_int_eq(n, 70 + 'A' + 'B');
	SAYS("HV010", ".fields", amph_stream_project(s, Pair, Person));
}
END_TEST

AMPH_ROW(Pair);
AMPH_ALIAS(Boss, Person);

/* Another query of the people's table, whose one field is a member of an alias. */
static amph_query *boss_ids(void)
{
	amph_query *q = amph_query_new(s, &amph_model_Boss);

	amph_field_add(q, amph_into(Pair, n, col(Boss, boss_id)));
	amph_where(q, not_null(col(Boss, boss_id)));
	return q;
}

START_TEST(statements_put_together_at_run_time)
{
	two_people();
	bob->boss_id = (amph_opt_int64){ .value = ann->id, .has = true };
	DO(amph_commit(s));
	amph_query *q = amph_query_new(s, &amph_model_Person), *inner = boss_ids();
	const amph_expr *in[2] = { amph_expr_column(q, "id"), amph_expr_select(q, inner) };
	amph_query_where(q, amph_expr_call(q, "in", in, 2));
	Person **p = amph_query_all(q);
	DO(p != NULL);
	ck_assert_uint_eq(amph_length(p), 1);
	ck_assert_ptr_eq(p[0], ann);
	amph_query_free(q);

	q = amph_query_new(s, &amph_model_Pair);
	amph_cte_add(q, AMPH_CTE, &amph_model_Pair, inner);
	amph_query_free(inner);
	amph_field_add(q, amph_as("n", col(Pair, n)));
	ck_assert_str_eq(amph_query_json(q), "[{\"n\": 1}]");
	amph_query_free(q);

	q = amph_query_new(s, &amph_model_Person);
	inner = amph_query_new(s, &amph_model_Person);
	amph_where(inner, eq(col(Person, age), 30));
	amph_combine_with(q, AMPH_EXCEPT, inner);
	ck_assert_int_eq(amph_query_count(q), 1);
	amph_query_free(inner);
	amph_query_free(q);

	q = amph_query_new(s, &amph_model_Person);
	amph_order_by(q, asc(col(Person, age)));
	amph_keyset_set(q, AMPH_KEYSET_AFTER, ann);
	ck_assert_ptr_eq(amph_query_first(q), bob);
	amph_query_free(q);

	q = amph_query_new(s, &amph_model_Author);
	amph_query_where(q, amph_expr_related(q, "books", NULL));
	ck_assert_int_eq(amph_query_count(q), 0);
	amph_query_free(q);

	q = amph_query_new(s, &amph_model_Person);
	amph_set_add(q, amph_set(Person, age, 5));
	amph_where(q, eq(col(Person, id), bob->id));
	amph_returning_add(q, amph_into(Pair, n, col(Person, age)));
	Pair *pairs = amph_query_update_returning(q, sizeof *pairs);
	DO(pairs != NULL);
	ck_assert_int_eq(pairs[0].n, 5);
	amph_query_free(q);

	q = amph_query_new(s, &amph_model_Person);
	inner = amph_query_new(s, &amph_model_Person);
	ck_assert_ptr_null(amph_expr_select(q, inner));
	SAYS("HV010", "one field", amph_query_all(q));
	amph_query_free(inner);
	amph_query_free(q);
}
END_TEST

SUITE(stmt_result_suite, "statements: results", updated_objects_are_as_their_rows,
      updated_keys_and_deleted_rows_expire, objects_expire, objects_are_refreshed,
      many_objects_are_refreshed, a_soft_delete_refreshes, objects_are_expunged, objects_are_left_alone,
      rows_as_json, row_structs_in_a_stream, statements_put_together_at_run_time)
