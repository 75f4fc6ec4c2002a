/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * term - the terminal: taken, given back, resized, suspended.
 *
 * Unknown TERM: tried as xterm-256color, then vt100.  A locale without UTF-8 is replaced by C.UTF-8.  Both are said
 * once, in term_notice().  NO_COLOR (no-color.org) and ARPENT_ASCII are obeyed.  Signals become bytes on a pipe, so
 * that nothing happens inside a handler.
 */
#ifndef ARPENT_TUI_TERM_H
#define ARPENT_TUI_TERM_H

#include "arpent/buf.h"

struct term_options {
	bool mock;        /* on /dev/null, no signals, no bytes: keys come from a script */
	int rows, cols;   /* of a mock */
	bool ascii, mono; /* asked for, besides the environment */
};

/* ERR_IO when there is no terminal (detail: why). */
bool term_start(const struct term_options *o, struct err *e) MUST_USE;
void term_stop(void); /* the screen as it was; safe twice */
/* What had to be replaced, for people, translated; "" when nothing. */
const char *term_notice(void);

void term_signals_hold(bool hold); /* they wait; term_start() lets them come */
int term_signals(void);            /* readable when a signal came */
enum term_signal { TERM_NONE, TERM_RESIZED, TERM_HANGUP, TERM_SUSPEND, TERM_LOCK };
enum term_signal term_signal(void); /* the next one; hang-up stands for SIGHUP and SIGTERM, lock for SIGUSR1 */

void term_resize(void);                 /* asks the terminal for its size; call it debounced */
void term_set_size(int rows, int cols); /* a mock's */
void term_suspend(void);                /* gives the terminal back, stops this process, takes it again */
void term_wipe(void);                   /* no cell of the last frame is left in memory or on the screen */

#endif
