/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * pane - what was understood of a meeting's notes, as lines beside them.
 */
#ifndef ARPENT_TUI_PANE_H
#define ARPENT_TUI_PANE_H

#include "arpent/minutes.h"
#include "tui.h"

struct pane_counts {
	size_t present, excused, decisions, tasks, questions;
	size_t open; /* names that have to be settled */
};

void pane_count(const struct minutes *m, struct pane_counts *out);
/* Who a meeting has attendance of that its saved notes `m` do not name: recorded by hand, or taken in from elsewhere.
 */
bool pane_attendance(struct tui *t, const struct id *meeting, const struct minutes *m, struct minutes *out,
		     struct err *e) MUST_USE;
/* Draws it into `width` columns, with those of `also`; where it is higher than there is room, the part that line `at`
 * of the notes gave. */
void pane_draw(struct tui *t, const struct minutes *m, const struct minutes *also, size_t at, int row, int end, int col,
	       int width);

#endif
