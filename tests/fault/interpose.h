/* Stands before malloc and its family for the whole process, libraries included: counts, fails one
 * allocation, and knows which blocks have not been given back. For one thread. */
#ifndef TESTS_FAULT_INTERPOSE_H
#define TESTS_FAULT_INTERPOSE_H
#include <stdbool.h>
#include <stddef.h>

/* From now on allocations count, from 1; that with the number fail_at fails (0: none). With
 * places, where each block was made is remembered, and where the failure is, printed. */
void interpose_start(size_t fail_at, bool places);
void interpose_stop(void);
size_t interpose_count(void);           /* allocations since the start */
bool interpose_failed(void);            /* the one that was to fail has */
size_t interpose_live(void);            /* made since the start and not given back */
/* What is left, and where it was made, to the file descriptor. */
void interpose_print(int fd);
#endif
