/* Processes told apart: a page that the kernel wipes in a child costs a look, where getpid() costs a
 * call of the kernel each time. */
#include "process.h"
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

void amph__process_note(amph_process *p)
{
	p->pid = getpid();
#ifdef MADV_WIPEONFORK
	size_t size = (size_t)sysconf(_SC_PAGESIZE);
	void *page = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (page != MAP_FAILED && madvise(page, size, MADV_WIPEONFORK) == 0) {
		p->own = page;
		*p->own = 1;
	} else if (page != MAP_FAILED) {
		munmap(page, size);
	}
#endif
}

bool amph__process_is_same(const amph_process *p)
{
	return p->own ? *p->own : p->pid == getpid();
}

void amph__process_forget(amph_process *p)
{
	if (p->own)
		munmap((void *)(uintptr_t)p->own, (size_t)sysconf(_SC_PAGESIZE));
	*p = (amph_process){ 0 };
}
