/* Tests of base/process: the process itself, its child, and what was forgotten. */
#include "src/base/process.h"
#include "tests/support/suite.h"
#include <sys/wait.h>
#include <unistd.h>

START_TEST(a_process_is_itself)
{
	amph_process p = { 0 };

	amph__process_note(&p);
	ck_assert(amph__process_is_same(&p));
	ck_assert_int_eq(p.pid, getpid());
	amph__process_forget(&p);
	ck_assert(!amph__process_is_same(&p));
	ck_assert_int_eq(p.pid, 0);
}
END_TEST

START_TEST(a_child_is_another)
{
	amph_process p = { 0 };
	int status = -1;

	amph__process_note(&p);
	pid_t child = fork();
	if (!child) {
		bool same = amph__process_is_same(&p);

		amph__process_forget(&p);
		amph__process_note(&p);
		_exit(same || !amph__process_is_same(&p));
	}
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_int_eq(status, 0);
	ck_assert(amph__process_is_same(&p));
	amph__process_forget(&p);
}
END_TEST

/* And its child yet another. */
static bool is_claimed_once(amph_process *p, int generations)
{
	int status = -1;

	if (amph__process_is_same(p) || !amph__process_claim(p) || amph__process_is_same(p))
		return false;
	amph__process_claimed(p);
	if (!amph__process_is_same(p) || p->pid != getpid() || amph__process_claim(p))
		return false;
	if (!generations)
		return true;
	pid_t child = fork();
	if (!child)
		_exit(!is_claimed_once(p, generations - 1));
	return waitpid(child, &status, 0) == child && status == 0;
}

START_TEST(one_of_a_child_claims_what_it_has)
{
	amph_process with_page = { 0 }, without = { .pid = getpid() };
	amph_process *const both[] = { &with_page, &without };
	int status = -1;

	amph__process_note(&with_page);
	for (int i = 0; i < 2; i++) {
		ck_assert(!amph__process_claim(both[i]));
		pid_t child = fork();
		if (!child)
			_exit(!is_claimed_once(both[i], 2));
		ck_assert_int_eq(waitpid(child, &status, 0), child);
		ck_assert_int_eq(status, 0);
		ck_assert(amph__process_is_same(both[i]));
	}
	amph__process_forget(&with_page);
}
END_TEST

START_TEST(without_the_page_the_id_tells)
{
	amph_process p = { .pid = getpid() };

	ck_assert(amph__process_is_same(&p));
	p.pid++;
	ck_assert(!amph__process_is_same(&p));
}
END_TEST

SUITE_MAIN("process", a_process_is_itself, a_child_is_another,
	   one_of_a_child_claims_what_it_has, without_the_page_the_id_tells)
