/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * menu - a list of words narrowed by typing: what palette and choice have in common.
 */
#ifndef ARPENT_TUI_MENU_H
#define ARPENT_TUI_MENU_H

#include "line.h"

struct menu_item {
	char *label, *right, *folded;
	size_t value; /* the caller's */
	int score;    /* for what is typed: 0 does not fit */
};

struct menu {
	struct line line;
	struct menu_item *v; /* sorted: those that fit first, best first */
	size_t n, fits;
	size_t at, top;
};

void menu_init(struct menu *m);
void menu_done(struct menu *m);
bool menu_add(struct menu *m, const char *label, const char *right, size_t value, struct err *e) MUST_USE;
bool menu_key(struct menu *m, const struct event *ev); /* motion and typing */
const struct menu_item *menu_chosen(const struct menu *m);
/* A row left free where there is room, the typed line after `mark`, then the rows; `count` at the right of the line. */
void menu_draw(struct menu *m, int row, int end, const char *mark, const char *count);

/* How well typed letters fit a label, both folded: 0 not, more is better: from a word's start, in one piece, else in
 * order. */
int menu_score(const char *label, const char *typed);

#endif
