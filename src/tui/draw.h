/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * draw - cells on the screen.  With term.c, the only place that knows ncurses.
 *
 * A frame is drawn whole between draw_begin() and draw_end(); ncurses sends the difference.  Rows and columns count
 * from 0.  Text is made safe here (arpent/text.h), cut at its width in whole clusters, and, where the terminal has no
 * UTF-8, brought down to ASCII.  Blank cells are left unpainted, and styles are few: each change of style costs bytes
 * on a slow line.
 */
#ifndef ARPENT_TUI_DRAW_H
#define ARPENT_TUI_DRAW_H

#include "arpent/buf.h"

enum draw_style {
	DRAW_PLAIN,
	DRAW_STRONG, /* titles, headings, key names: bold */
	DRAW_LATE,   /* "!": red */
	DRAW_DRAFT,  /* "~": yellow */
	DRAW_UNSENT, /* "*": cyan */
	DRAW_SETTLE, /* the sign of two values to settle: magenta */
	DRAW_ERROR,  /* a message of something that went wrong: red */
	DRAW_MATCH,  /* what a search found: underlined */
	DRAW_STYLES
};

int draw_rows(void);
int draw_cols(void);
bool draw_ascii(void);

void draw_begin(void); /* an empty screen, no cursor */
/* Puts s at (row, col) in at most `width` columns; a longer text ends in an ellipsis ("…", in ASCII ".").  Returns the
 * columns used. */
int draw_text(int row, int col, int width, const char *s, enum draw_style style);
int draw_text_n(int row, int col, int width, const char *s, size_t n, enum draw_style style);
/* The same, from its `skip`th column and without an ellipsis: for editors. */
int draw_part(int row, int col, int width, const char *s, size_t n, int skip, enum draw_style style);
/* Right-aligned: ends before column `end`. */
int draw_right(int row, int end, int width, const char *s, enum draw_style style);
int draw_printf(int row, int col, int width, enum draw_style style, const char *fmt, ...) PRINTF_LIKE(5, 6);
/* A column of '|' from row to before `end`. */
void draw_rule(int row, int end, int col);
void draw_cursor(int row, int col); /* where the chosen row or the caret is */
void draw_end(void);                /* sends the difference */

/* The sign for two values to settle: "≠", in ASCII "#". */
const char *draw_sign_settle(void);

/* The cells and the cursor as text, for the mock terminal: one line a row without trailing blanks, then "cursor
 * ROW,COL", then one line for each run of cells that is not plain. */
void draw_dump(struct buf *out);

#endif
