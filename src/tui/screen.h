/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * screen - what term.c and draw.c share about ncurses; for no one else.
 */
#ifndef ARPENT_TUI_SCREEN_H
#define ARPENT_TUI_SCREEN_H

#include <curses.h>

#include "draw.h"

extern bool screen_ascii;   /* the terminal takes no UTF-8 */
extern bool screen_colours; /* it has colours, and they are wanted */

void draw_start_colours(void);
attr_t screen_attr(enum draw_style s);
short screen_pair(enum draw_style s);

#endif
