/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What one's own devices and teams share: how a space is made, invited to and joined. */
#ifndef ARPENT_DEVICES_IN_H
#define ARPENT_DEVICES_IN_H

#include "arpent/devices.h"
#include "book.h"

/* The device by itself, its founder.  Within a step. */
bool devices_found(struct store *s, const struct identity *self, bool team, const char *name, struct space *out,
		   struct err *e) MUST_USE;
/* What is to be signed with the next round. */
bool devices_ask(struct store *s, struct space *sp, const struct roster_item *it, struct err *e) MUST_USE;
/* In a step of its own: admits a device to the space, and appends the invitation. */
bool devices_admit(struct store *s, const struct identity_self *self, struct space *sp, const struct identity *who,
		   const char *label, bool admin, struct buf *invitation, struct err *e) MUST_USE;

#endif
