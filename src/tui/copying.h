/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * copying - a backup of the notebook that is open: no other program can make one meanwhile.
 */
#ifndef ARPENT_TUI_COPYING_H
#define ARPENT_TUI_COPYING_H

#include "tui.h"

void copying_ask(struct tui *t); /* where to, then store_backup() */

#endif
