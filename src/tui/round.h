/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * round - a round of sync from the screen, which goes on meanwhile: keys are taken between two requests.
 *
 * A round is begun by the loop once the event that asked for it is over, so that the view that asked may close.  What
 * would close the notebook first breaks it off, which costs nothing.
 */
#ifndef ARPENT_TUI_ROUND_H
#define ARPENT_TUI_ROUND_H

#include "tui.h"

void round_ask(struct tui *t, const char *remote, bool dry); /* says so when one is under way already */
bool round_due(const struct tui *t);
void round_run(struct tui *t);
/* True when one is under way: it will stop, and what is asked for is done after it. */
bool round_stop(struct tui *t);
/* What it has done so far, for the row of messages. */
void round_says(const struct tui *t, struct buf *out);

#endif
