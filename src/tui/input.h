/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * input - bytes from a terminal made into events.  Pure: no terminal, no clock; tests and the fuzzer feed it.
 *
 * Understands what xterm, the VT family, rxvt, the Linux console and their kin send for keys (ECMA-48 control
 * sequences, SS3, the "modifyOtherKeys" parameters), and bracketed paste.  Any other sequence is swallowed whole,
 * wherever it is cut.  Text comes one code point an event; bad UTF-8 is dropped.
 */
#ifndef ARPENT_TUI_INPUT_H
#define ARPENT_TUI_INPUT_H

#include "arpent/buf.h"

enum input_key {
	INPUT_NONE,
	INPUT_TEXT,  /* .text: one code point */
	INPUT_CTRL,  /* .text: the letter in lower case: "s" for ^S */
	INPUT_PASTE, /* .paste, .n: safe text (text_safe), lines apart by '\n' */
	INPUT_ENTER,
	INPUT_ESC,
	INPUT_TAB,
	INPUT_BACKTAB,
	INPUT_SPACE, /* .text " " as well */
	INPUT_BACKSPACE,
	INPUT_DELETE,
	INPUT_INSERT,
	INPUT_UP,
	INPUT_DOWN,
	INPUT_LEFT,
	INPUT_RIGHT,
	INPUT_HOME,
	INPUT_END,
	INPUT_PAGE_UP,
	INPUT_PAGE_DOWN,
	INPUT_F1, /* .. F12 in order */
	INPUT_F12 = INPUT_F1 + 11
};

enum input_mods { INPUT_SHIFT = 1, INPUT_ALT = 2, INPUT_CONTROL = 4 };

struct event {
	enum input_key key;
	unsigned mods;     /* of a named key, and ALT of a text; a CTRL letter has none */
	char text[8];      /* UTF-8, NUL-terminated */
	const char *paste; /* borrowed until the next input_next() */
	size_t n;
};

struct input {
	struct buf bytes; /* not yet understood */
	struct buf paste; /* the text of an open bracketed paste, then of the last one */
	bool pasting;
	bool swallowing; /* in the middle of an unknown sequence too long to keep */
};

#define INPUT_PASTE_MAX 4194304 /* bytes; what is over is dropped */

void input_init(struct input *in);
void input_done(struct input *in); /* wipes what was typed */
void input_feed(struct input *in, const void *p, size_t n);
void input_forget(struct input *in); /* wipes what was understood; once its events are done with */

/* The next event, false when there is none yet.  `waited`: nothing came for ESCDELAY (100 ms), so that a lone Esc is
 * the Esc key and an unfinished sequence is dropped. */
bool input_next(struct input *in, bool waited, struct event *out);
/* True while an Esc waits to be told from a sequence: call input_next(.., true, ..) after ESCDELAY. */
bool input_pending(const struct input *in);

#endif
