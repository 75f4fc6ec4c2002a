/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * meeting-who - the people and places that notes name: found, asked for, or made; and who was there.  For meeting.c and
 * quick-save.c.
 */
#ifndef ARPENT_MEETING_WHO_H
#define ARPENT_MEETING_WHO_H

#include "arpent/meeting.h"

struct meeting_who {
	struct store *s;
	meeting_ask *ask;
	void *ctx;
	const struct id *meeting; /* its attendees are meant first; NULL for none */
};

/* Reads `text` with every name settled: unknown ones become records, ambiguous ones are asked for and their mark in the
 * text becomes exact ("@[Jean Bonnet, éleveur]"). */
bool meeting_who(const struct meeting_who *w, struct buf *text, struct minutes *out, struct err *e) MUST_USE;

/* Settles one item's name into item->who (zero when it stays text). */
bool meeting_who_item(const struct meeting_who *w, struct minutes_item *item, struct err *e) MUST_USE;

/* Attendance records, from what changed between the notes before and now. */
bool meeting_attendance(const struct meeting_who *w, const struct minutes *before, const struct minutes *after,
			struct err *e) MUST_USE;

#endif
