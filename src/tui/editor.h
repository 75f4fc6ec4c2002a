/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * editor - a text of many lines: soft wrap, undo and redo, paste in one piece.
 */
#ifndef ARPENT_TUI_EDITOR_H
#define ARPENT_TUI_EDITOR_H

#include "draw.h"
#include "input.h"
#include "undo.h"

struct editor {
	struct buf text;
	size_t at;      /* the caret */
	size_t top;     /* first byte drawn: the start of a row as wrapped */
	int want;       /* column that up and down try to keep, -1: where the caret is */
	int cols, rows; /* as last drawn */
	struct undo undo;
};

void editor_init(struct editor *ed);
void editor_done(struct editor *ed);               /* wipes */
void editor_set(struct editor *ed, const char *s); /* caret at the end; forgets undo */
const char *editor_text(const struct editor *ed);
bool editor_key(struct editor *ed, const struct event *ev, bool *changed); /* Enter is a new line */
bool editor_undo(struct editor *ed);
bool editor_redo(struct editor *ed);
/* Replaces bytes, as one undo entry: for completion. */
void editor_replace(struct editor *ed, size_t at, size_t n, const char *s);
void editor_draw(struct editor *ed, int row, int col, int rows, int cols, bool focus);
/* Rows the text takes when wrapped at cols, at most `most`. */
int editor_height(const struct editor *ed, int cols, int most);

#endif
