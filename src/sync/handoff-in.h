/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the two files of the hand-off share. */
#ifndef ARPENT_HANDOFF_IN_H
#define ARPENT_HANDOFF_IN_H

#include "arpent/handoff.h"

#define HANDOFF_PERSONAL "personal" /* code of the sharing level that leaves only by name */

/* More than what a record, or a content, takes beside its own bytes in a body. */
#define HANDOFF_ITEM_ROOM 16

bool handoff_claims_hold(const struct record *r); /* a state vouches for no more than it has seen */

/* A blank one at the end; NULL, with *e filled, when there is no room. */
struct handoff_item *handoff_item_add(struct handoff *h, struct err *e);

#endif
