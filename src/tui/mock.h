/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * mock - the terminal face on no terminal: keys from a script, screens as text.
 *
 * A script has one order a line; '#' starts a comment:
 *	keys NAME...   named keys (keys.h): Down ^S M-b é
 *	type TEXT      the rest of the line, letter by letter
 *	paste TEXT     the same in one piece; \n is a new line
 *	bytes TEXT     as they are; \e is Esc
 *	wait           100 ms without a key, so that an Esc is one
 *	idle           150 ms, then a second: previews, drafts; the whole scan
 *	during N KEY   typed when what the next key begins asks for the Nth time whether it is to go on
 *	size COLSxROWS
 *	dump NAME      the cells and the cursor, under a headline
 */
#ifndef ARPENT_TUI_MOCK_H
#define ARPENT_TUI_MOCK_H

#include "tui.h"

struct mock {
	struct tui t;
	struct input in;
	const char *label; /* of the headlines: "80x24 fr" */
	int during;
	char key[16];
};

/* ERR_INPUT when the order is not understood. */
bool mock_order(struct mock *m, const char *line, struct buf *out, struct err *e) MUST_USE;

#endif
