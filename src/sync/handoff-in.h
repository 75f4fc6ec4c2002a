/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the two files of the hand-off share. */
#ifndef ARPENT_HANDOFF_IN_H
#define ARPENT_HANDOFF_IN_H

#include "arpent/handoff.h"

#define HANDOFF_PERSONAL "personal" /* code of the sharing level that leaves only by name */

/* A blank one at the end; NULL, with *e filled, when there is no room. */
struct handoff_item *handoff_item_add(struct handoff *h, struct err *e);

#endif
