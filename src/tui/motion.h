/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * motion - where the caret goes, for line and editor: by clusters and words, in one line of text.
 */
#ifndef ARPENT_TUI_MOTION_H
#define ARPENT_TUI_MOTION_H

#include "input.h"

/* A word is a run of what is neither blank nor ASCII punctuation. */
size_t motion_word_before(const char *s, size_t at);
size_t motion_word_after(const char *s, size_t n, size_t at);

/* Left, Right, Home, End; by words with Control or Alt; ^A ^E ^B ^F, M-b, M-f. False: no motion. */
bool motion_move(const char *s, size_t n, size_t at, const struct event *ev, size_t *to);
/* Backspace, Delete; a word with ^W, M-Backspace, M-d, C-Delete; to the end with ^K. *to is the other end of what goes.
 */
bool motion_delete(const char *s, size_t n, size_t at, const struct event *ev, size_t *to);

#endif
