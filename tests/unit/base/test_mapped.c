/* Tests of base/mapped: within a page, across to one that is there, and to one that is not. */
#include "src/base/mapped.h"
#include "tests/support/suite.h"
#include <sys/mman.h>
#include <unistd.h>

START_TEST(memory_before_a_pointer)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *two = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	ck_assert(two != MAP_FAILED);
	ck_assert(amph__mapped_before(two + page, 32));
	ck_assert(amph__mapped_before(two + page + 8, 32));
	ck_assert_int_eq(munmap(two, page), 0);
	ck_assert(!amph__mapped_before(two + page, 32));
	ck_assert(!amph__mapped_before(two + page + 31, 32));
	ck_assert(amph__mapped_before(two + page + 32, 32));
	ck_assert(amph__mapped_before(two + page, 0));
	ck_assert_int_eq(munmap(two + page, page), 0);
}
END_TEST

START_TEST(memory_before_the_first)
{
	ck_assert(!amph__mapped_before((void *)8, 32));
	ck_assert(!amph__mapped_before(NULL, 1));
}
END_TEST

SUITE_MAIN("mapped", memory_before_a_pointer, memory_before_the_first)
