/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * pass - a passphrase typed blind, in locked memory from its first byte on.
 */
#ifndef ARPENT_TUI_PASS_H
#define ARPENT_TUI_PASS_H

#include "arpent/secret.h"
#include "input.h"

#define PASS_MAX 1024 /* bytes */

struct pass {
	struct secret s;
	int typed; /* characters, for the stars */
};

bool pass_init(struct pass *p, struct err *e) MUST_USE;
void pass_done(struct pass *p); /* wipes */
void pass_clear(struct pass *p);
bool pass_key(struct pass *p, const struct event *ev); /* text, paste, Backspace, ^U to start over */
/* A star a character; the caret is the cursor when focus. */
void pass_draw(const struct pass *p, int row, int col, int width, bool focus);

#endif
