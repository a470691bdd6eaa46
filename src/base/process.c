/* Processes told apart: a page that the kernel wipes in a child costs a look, where getpid() costs a
 * call of the kernel each time. */
#include "process.h"
#include <sched.h>
#include <stddef.h>
#include <sys/mman.h>
#include <unistd.h>

enum { WIPED, OURS, CLAIMED };

void amph__process_note(amph_process *p)
{
	p->pid = getpid();
#ifdef MADV_WIPEONFORK
	size_t size = (size_t)sysconf(_SC_PAGESIZE);
	void *page = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (page != MAP_FAILED && madvise(page, size, MADV_WIPEONFORK) == 0) {
		p->own = page;
		*p->own = OURS;
	} else if (page != MAP_FAILED) {
		munmap(page, size);
	}
#endif
}

bool amph__process_is_same(const amph_process *p)
{
	return p->own ? *p->own == OURS : p->pid == getpid();
}

bool amph__process_claim(amph_process *p)
{
	pid_t self = getpid(), before = p->pid;
	char wiped = WIPED;
	bool first = p->own ? atomic_compare_exchange_strong(p->own, &wiped, CLAIMED)
			    : before != self && before != -self &&
			      atomic_compare_exchange_strong(&p->pid, &before, -self);

	while (!first && !amph__process_is_same(p))
		sched_yield();
	return first;
}

void amph__process_claimed(amph_process *p)
{
	p->pid = getpid();
	if (p->own)
		*p->own = OURS;
}

void amph__process_forget(amph_process *p)
{
	if (p->own)
		munmap(p->own, (size_t)sysconf(_SC_PAGESIZE));
	p->own = NULL;
	p->pid = 0;
}
