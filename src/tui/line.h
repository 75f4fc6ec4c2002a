/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * line - a one-line text field: whole grapheme clusters, words, undo, paste.
 */
#ifndef ARPENT_TUI_LINE_H
#define ARPENT_TUI_LINE_H

#include "draw.h"
#include "input.h"
#include "undo.h"

struct line {
	struct buf text;
	size_t at; /* the caret, a byte at a cluster's start */
	int skip;  /* columns hidden at the left, kept between frames */
	struct undo undo;
};

void line_init(struct line *l);
void line_done(struct line *l); /* wipes */
const char *line_text(const struct line *l);
void line_set(struct line *l, const char *s); /* caret at the end; forgets undo */
/* Takes text, paste (newlines become blanks), motion, deletion.  True when the key was for it; *changed when the text
 * is not the same. */
bool line_key(struct line *l, const struct event *ev, bool *changed);
void line_clear(struct line *l); /* an edit that undo takes back */
bool line_undo(struct line *l);
bool line_redo(struct line *l);
/* Draws in `width` columns; the caret is the cursor when focus. */
void line_draw(struct line *l, int row, int col, int width, bool focus);

#endif
