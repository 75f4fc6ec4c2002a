/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is kept of the rounds with a remote: see struct devices_past. */
#ifndef ARPENT_PAST_H
#define ARPENT_PAST_H

#include "arpent/devices.h"

/* After a round that began when the journal ended with `after`; `whole`: it came to its end. */
bool past_write(struct store *s, const char *remote, int64_t after, const struct exchange_report *r, bool whole,
		struct err *e) MUST_USE;
bool past_drop(struct store *s, const char *remote, struct err *e) MUST_USE;

/* Tells the journal what has been on a remote. */
bool past_sent(struct store *s, struct err *e) MUST_USE;

#endif
