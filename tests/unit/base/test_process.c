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

START_TEST(without_the_page_the_id_tells)
{
	amph_process p = { .pid = getpid() };

	ck_assert(amph__process_is_same(&p));
	p.pid++;
	ck_assert(!amph__process_is_same(&p));
}
END_TEST

SUITE_MAIN("process", a_process_is_itself, a_child_is_another, without_the_page_the_id_tells)
