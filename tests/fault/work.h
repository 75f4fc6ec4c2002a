/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * work - what a notebook goes through on the disk of disk.h, in steps that are each one commit or none.  power.c cuts
 * the power between any two writes of it, ioerr.c has each of its calls fail.
 */
#ifndef ARPENT_WORK_H
#define ARPENT_WORK_H

#include <limits.h>

#include "arpent/store.h"

enum { WORK_STEPS = 32, WORK_WHY = 300 };

struct sqlite3;
struct work;

struct work_run {
	const struct work *work;
	char folder[PATH_MAX - 64]; /* the watched one */
	char path[PATH_MAX];        /* of the notebook in it */
	int steps;                  /* of the work's, so many */
	bool small, again;          /* less of it; the step is tried once more */
	bool loose;                 /* what it holds is not compared */
	struct store *s;
	struct sqlite3 *db; /* of a work without a store */
	struct id id;
	int put;
	bool twice;  /* what failed may have been done all the same */
	bool either; /* it said that the new key or the old one may be in force */
	int64_t ms;  /* the clock */
	/* After so many steps: what the notebook holds, and what opens it. */
	uint64_t digest[WORK_STEPS + 1];
	int pass[WORK_STEPS + 1], words[WORK_STEPS + 1];
	struct secret word_text[4];
};

struct work {
	const char *name;
	const char *journal; /* of SQLite without a store; NULL: a notebook */
	int steps;
	bool (*step)(struct work_run *w, int i, struct err *e);
	/* What else must hold in w->s, which is open after a cut that came after `done` steps.  May be NULL. */
	bool (*verify)(struct work_run *w, int done, char why[WORK_WHY]);
	bool in_parts; /* a step may fail when a part of it has been committed */
	bool fresh;    /* begins without a notebook: the first step makes it */
	bool killed;   /* begins with what is left of one when the program is killed */
};

extern const struct work works[];
extern const size_t nworks;

/* The same random numbers and the same clock for the same seed: keys, ids and salts too. */
void work_seed(struct work_run *w, uint64_t seed);
/* The notebook that works begin with, in a folder of its own. */
void work_base(const char *folder);
void work_state(const char *folder);              /* what this program has seen of notebooks is kept in there */
void work_copy(const char *from, const char *to); /* of a folder's files */

bool work_open(struct work_run *w, struct err *e) MUST_USE; /* at the beginning, with the first passphrase */
/* After step i has failed, when there is one to open: with the key that is in force, as was said. */
bool work_reopen(struct work_run *w, int i, struct err *e) MUST_USE;
void work_close(struct work_run *w);
void work_done(struct work_run *w); /* for good */
bool work_step(struct work_run *w, int i, struct err *e) MUST_USE;
/* Notes what holds after so many steps. */
void work_note(struct work_run *w, int done);
uint64_t work_digest(struct sqlite3 *db); /* over all rows */

/* Opens what a cut left after `done` steps, and says what is wrong: a commit that is missing, half a step, a page that
 * does not open, the wrong key.  The run's folder and path say where. */
bool work_verify(struct work_run *w, int done, bool thorough, char why[WORK_WHY]);

#endif
