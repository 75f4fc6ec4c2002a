/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * cut - the files of a recorded disk as a power cut may leave them.
 *
 * What was synced is there.  Of the rest each write, truncation and change of a name may be there or not, in whatever
 * order; a write may be torn at sectors of 512 or 4096 bytes; a file may have grown by garbage in place of what was
 * written.  Which of these is drawn from a seed.
 */
#ifndef ARPENT_CUT_H
#define ARPENT_CUT_H

#include "disk.h"

struct cut;

struct cut *cut_new(const struct disk_log *log); /* at its beginning */
void cut_free(struct cut *c);
/* Goes on by one operation: the cut is then after it.  NULL at the end. */
const struct disk_op *cut_next(struct cut *c);
/* Makes the files in an empty folder. */
void cut_make(struct cut *c, const char *folder, uint64_t seed);
/* Everything that was not synced is lost; or everything is there, as when the program is killed. */
void cut_make_worst(struct cut *c, const char *folder);
void cut_make_best(struct cut *c, const char *folder);
/* Removes all that is in a folder. */
void cut_clear(const char *folder);

uint64_t cut_random(uint64_t *state);

#endif
