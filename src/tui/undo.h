/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * undo - what was typed into a text, to take it back and to type it again.  Typing in one go is one entry.
 */
#ifndef ARPENT_TUI_UNDO_H
#define ARPENT_TUI_UNDO_H

#include "arpent/buf.h"

struct undo_op {
	size_t at;
	char *gone, *come; /* bytes that were there; bytes that took their place */
	size_t ngone, ncome;
	size_t caret; /* before */
};

struct undo {
	struct undo_op *ops;
	size_t n, cap;
	size_t done; /* ops[done..n) were taken back */
	bool open;   /* the last entry may grow */
};

void undo_done(struct undo *u); /* frees and wipes; may be used again */
/* Replaces n bytes of *text at `at` by m bytes of s, and remembers it.  True unless out of memory (then nothing has
 * changed). */
bool undo_replace(struct undo *u, struct buf *text, size_t at, size_t n, const char *s, size_t m, size_t caret);
void undo_close(struct undo *u); /* the next change is an entry of its own */
/* False when there is nothing; *caret is where the change was. */
bool undo_back(struct undo *u, struct buf *text, size_t *caret);
bool undo_again(struct undo *u, struct buf *text, size_t *caret);

#endif
