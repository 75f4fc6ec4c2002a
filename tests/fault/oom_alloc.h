/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * oom_alloc - every allocation of the program counted, and one refused, or all from one on.
 *
 * The linker sends our calls of malloc() and its like here (--wrap), and SQLite, jansson, expat and zlib are given
 * these functions; so it works the same under the sanitizers, which keep the real malloc().  ncurses and libc are left
 * alone. Argon2 is replaced by a plain hash: what is tried here is memory, some thousand times.
 */
#ifndef ARPENT_OOM_ALLOC_H
#define ARPENT_OOM_ALLOC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* To be called first: it configures SQLite. */
void oom_start(void);

/* Counts from now; refuses number `at` (from 1; 0: none), and all after it with `on`. */
void oom_arm(long at, bool on);
/* Stops; gives how many there were. */
long oom_disarm(void);
long oom_refused(void); /* since oom_arm() */

/* Between these the test's own allocations are neither counted nor refused. */
void oom_pause(void);
void oom_resume(void);

/* Remembers, until the next oom_disarm(), which allocations come from a place in our code not met before. */
void oom_note_places(void);
/* Their numbers, in order; borrowed. */
const long *oom_places(size_t *n);

/* Blocks that live now, and the number of the first one allocated since oom_arm() that still does; 0: none. */
long oom_live(void);
long oom_leaked(void);

/* Prints where in our code the first refusal was. */
void oom_where(void);

#endif
