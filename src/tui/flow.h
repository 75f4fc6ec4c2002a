/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * flow - paragraphs for reading, wrapped at words.
 */
#ifndef ARPENT_TUI_FLOW_H
#define ARPENT_TUI_FLOW_H

#include "draw.h"

/* Rows that text takes at this width; an empty line is a row. */
int flow_rows(const char *text, int width);
/* Draws it from its `skip`th row on, into rows `row` to before `end`.  Returns the row after the last one drawn. */
int flow_draw(const char *text, int skip, int row, int end, int col, int width, enum draw_style style);

#endif
