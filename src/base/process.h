/* Whether this is still the process that made something, or a child of its fork. */
#ifndef AMPH_BASE_PROCESS_H
#define AMPH_BASE_PROCESS_H
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/types.h>

typedef struct amph_process {
	_Atomic pid_t pid;              /* 0: none was noted; negative: the child that is claiming it */
	_Atomic char *own;              /* a page with 1, which is 0 in a child; or NULL */
} amph_process;

void amph__process_note(amph_process *p);       /* after zero, or forget */
bool amph__process_is_same(const amph_process *p);
/* In a child: true for the one thread that is to make all its own, then says amph__process_claimed.
 * The others wait for that, and get false. */
bool amph__process_claim(amph_process *p);
void amph__process_claimed(amph_process *p);
void amph__process_forget(amph_process *p);
#endif
