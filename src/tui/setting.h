/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * setting - what a person can set, kept in the notebook.
 */
#ifndef ARPENT_TUI_SETTING_H
#define ARPENT_TUI_SETTING_H

#include "tui.h"

#define SETTING_LOCK_MINUTES 10

unsigned setting_lock_minutes(struct store *s); /* SETTING_LOCK_MINUTES unless set; 0: never */
void setting_ask_lock(struct tui *t);           /* a choice, then kept */

#endif
