/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * meeting-line - the line of notes that stands for a decision or a follow-up, for meeting.c alone.
 */
#ifndef ARPENT_MEETING_LINE_H
#define ARPENT_MEETING_LINE_H

#include "arpent/meeting.h"

/* "! Report accepté (7 for, 1 against)", "> Roux rédiger l'avenant 30 nov #bail": written so that reading it gives the
 * record's fields back. */
bool meeting_line(struct store *s, const struct record *r, struct buf *out, struct err *e) MUST_USE;

/* People and sites of the notebook, borrowed from the store until its next write. */
bool meeting_known(struct store *s, struct minutes_names *out, struct err *e) MUST_USE;

/* The person that stands for oneself; zero until there is one. */
void meeting_me(struct store *s, struct id *out);
/* The same, made when there is none yet, with the name colleagues see. */
bool meeting_make_me(struct store *s, struct id *out, struct err *e) MUST_USE;
bool meeting_is_me(const char *typed); /* "moi", "me", ... */

/* "7/1/2", "unanimous", or "" for none. */
void meeting_vote(const struct minutes_item *item, struct buf *out);

#endif
