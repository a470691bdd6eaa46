/* The conformance suite: the same tests on every backend, at AMPHORA_TEST_URL. */
#include "conformance.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

amph_engine *db;
amph_session *s;

static const amph_model *const models[] = {
	&amph_model_Person, &amph_model_Section, &amph_model_Item, &amph_model_Seat,
	&amph_model_Ticket, &amph_model_Account, &amph_model_Thing, &amph_model_Maybe,
	&amph_model_Lists, &amph_model_Author, &amph_model_Book, &amph_model_Label,
	&amph_model_BookLabel, &amph_model_Noted, &amph_model_Traced, &amph_model_Trail,
	&amph_model_Firm, &amph_model_Ware, &amph_model_Mark, &amph_model_WareMark,
	&amph_model_Engineer, &amph_model_Director, &amph_model_Manager, &amph_model_Employee,
	&amph_model_Office, &amph_model_Car, &amph_model_Invoice, NULL
};

const char *test_url(void)
{
	const char *url = getenv("AMPHORA_TEST_URL");

	return url ? url : "sqlite::memory:";
}

bool on_memory(void)
{
	return strstr(test_url(), ":memory:") != NULL;
}

amph_engine *open_with(const amph_filter *filters)
{
	amph_error err;
	amph_engine *other = amph_open(test_url(), AMPH_OPTIONS(.models = models, .filters = filters), &err);

	ck_assert_msg(other != NULL, "%s", err.message);
	return other;
}

amph_engine *open_another(void)
{
	return open_with(NULL);
}

void begin_with(const amph_model *const *list)
{
	amph_error err;

	db = amph_open(test_url(), AMPH_OPTIONS(.models = list), &err);
	ck_assert_msg(db != NULL, "amph_open: %s %s", err.sqlstate, err.message);
	ck_assert_msg(amph_drop_all(db, &err), "amph_drop_all: %s %s", err.sqlstate, err.message);
	ck_assert_msg(amph_create_all(db, &err), "amph_create_all: %s %s", err.sqlstate, err.message);
	s = amph_session_open(db);
	ck_assert_ptr_nonnull(s);
}

static void set_up(void)
{
	begin_with(models);
}

void end_with_none(void)
{
	amph_error err;

	amph_session_close(s);
	ck_assert_msg(amph_drop_all(db, &err), "amph_drop_all: %s %s", err.sqlstate, err.message);
	amph_close(db);
}

Person *new_person(const char *name)
{
	Person *p = amph_new(s, Person, .username = name);

	ck_assert_ptr_nonnull(p);
	return p;
}

Section *new_section(const char *name)
{
	Section *c = amph_new(s, Section, .name = name);

	DO(amph_flush(s));
	return c;
}

int main(int argc, char **argv)
{
	suite suites[] = {
		basic_suite(), query_suite(), flush_suite(), transaction_suite(),
		types_suite(), errors_suite(), bulk_suite(), schema_suite(), relation_suite(),
		event_suite(), unit_suite(), session_suite(), work_suite(), family_suite(),
		loading_suite(), expr_scalar_suite(), expr_data_suite(), expr_sets_suite(),
		filter_suite(), inherit_suite(), hybrid_suite(), stmt_query_suite(),
		stmt_write_suite(), stmt_bulk_suite(), stmt_result_suite(), choose_suite(),
		json_suite(), evaluate_suite(), sources_suite(), stmt_sets_suite(),
		stmt_beside_suite(), stmt_kinds_suite(), own_suite(), misuse_suite(), graph_suite(),
		merge_suite(), collation_suite(), server_suite(), keys_suite(), text_suite()
	};
	size_t n = sizeof suites / sizeof *suites;

	for (size_t i = 0; i < n; i++) {
		if (suites[i].setup)
			continue;
		suites[i].setup = set_up;
		suites[i].teardown = end_with_none;
	}
	return suite_run(suites, n, argc, argv);
}
