/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * renew - the program started anew in its own place, once the notebook is locked: nothing of what it had read is left
 * in its memory, whatever library had kept a copy.  It keeps its process, its terminal and its folder, and begins at
 * the lock screen.
 */
#ifndef ARPENT_TUI_RENEW_H
#define ARPENT_TUI_RENEW_H

#include "tui.h"

/* The notebook is closed.  `suspend`: the new program stops itself at once, as with ^Z.  Comes back only where the
 * system cannot do it; the terminal then is as it was. */
void renew(const struct tui *t, bool suspend);

#endif
