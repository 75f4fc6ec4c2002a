/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * board - lines under headings, some of which can be chosen: what the sync and the register screens are made of.
 */
#ifndef ARPENT_TUI_BOARD_H
#define ARPENT_TUI_BOARD_H

#include "tui.h"

struct board_line {
	char *day, *text, *right;
	char sign; /* as in tui_row(); 0: none */
	enum draw_style style;
	bool stop; /* the cursor rests on it */
	int what;  /* the caller's: which of its lists ... */
	size_t i;  /* ... and which item of it */
	struct id id;
};

struct board {
	struct board_line *v;
	size_t n, cap;
	size_t at, top;
	int height; /* as last drawn */
	bool oom;
};

void board_done(struct board *b); /* wipes */
/* Takes the lines away; the place of the cursor stays. */
void board_clear(struct board *b);
void board_gap(struct board *b); /* an empty line, but not at the top */
void board_heading(struct board *b, const char *text, const char *right);
/* Text to read, wrapped at `cols`; the cursor stops at its first row. */
void board_text(struct board *b, char sign, const char *text, int cols, enum draw_style style);
/* A row that can be chosen; NULL when there is no memory. */
struct board_line *board_row(struct board *b, char sign, const char *day, const char *text, const char *right);

void board_cut(struct board *b, size_t n); /* all from the nth line on goes */
/* Puts that at the right of the ith line. */
void board_right(struct board *b, size_t i, const char *right);

const struct board_line *board_chosen(const struct board *b); /* NULL when there is none */
bool board_key(struct board *b, const struct event *ev);
void board_draw(struct board *b, const struct page *p);

#endif
