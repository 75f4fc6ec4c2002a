/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sheet - a record as lines to read: its fields, then what refers to it.  For the record view and the previews.
 */
#ifndef ARPENT_TUI_SHEET_H
#define ARPENT_TUI_SHEET_H

#include "tui.h"

struct sheet_line {
	char *text;
	enum draw_style style;
	char sign;                  /* before it, as in tui_row(); 0: none */
	const struct field *settle; /* the field, where several values stand; else NULL */
	bool link;                  /* .id is a record that can be opened */
	struct id id;
};

struct sheet {
	struct sheet_line *v;
	size_t n, cap;
	int cols;   /* they are wrapped to */
	char *kind; /* of the record */
	struct buf title;
	bool deleted;
};

void sheet_done(struct sheet *s); /* wipes */
/* Lines of at most `cols`; brief leaves out what a preview has no room for.  Replaces what was there. */
bool sheet_load(struct sheet *s, struct tui *t, const struct id *id, int cols, bool brief, struct err *e) MUST_USE;
void sheet_draw_line(const struct sheet *s, size_t i, int row, int col, int end);

#endif
