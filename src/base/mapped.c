/* Memory before a pointer: in its own page it is there; of the page before, the kernel knows. */
#include "mapped.h"
#include <errno.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE_LEAST 4096         /* pages are so large, or a multiple of it */

bool amph__mapped_before(const void *p, size_t n)
{
	uintptr_t at = (uintptr_t)p;
	unsigned char core;

	if (at % PAGE_LEAST >= n)
		return true;
	if (at < n)
		return false;
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
	uintptr_t first = (at - n) / page * page;
	return first == at / page * page || mincore((void *)first, 1, &core) == 0 || errno != ENOMEM;
}
