/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * meeting - a meeting's notes and the records that come from them: attendance, decisions, follow-ups, site and tags.
 *
 * The notes keep reference lines ("!{id8}"), the records keep the wording, and a person sees the wording: one way, so that the two never disagree.
 */
#ifndef ARPENT_MEETING_H
#define ARPENT_MEETING_H

#include "arpent/minutes.h"
#include "arpent/store.h"

/* The notes as a person edits them, reference lines replaced by their records' present wording. */
bool meeting_text(struct store *s, const struct record *meeting, struct buf *out, struct err *e) MUST_USE;
/* Notes as they were kept at some time, reference lines replaced by what their records are called now (in the bin or not): for histories. */
bool meeting_titles(struct store *s, const char *kept, struct buf *out, struct err *e) MUST_USE;
/* Reads typed notes against the notebook's people and sites. */
bool meeting_read(struct store *s, const char *text, struct minutes *out, struct err *e) MUST_USE;

/* What to do with a name that fits several or none; asked once per item. Return the chosen id, zero to create it, false to leave it as text. NULL: creates unknown
 * ones, ambiguous ones give ERR_AMBIGUOUS with the name in detail. */
typedef bool meeting_ask(void *ctx, const struct minutes_item *item, const struct match *fits, size_t n, struct id *chosen);

/* Saves as one step: creates the meeting when *id is zero; creates, rewords, re-dates or bins the records behind its lines; `wants` are the other fields. */
bool meeting_save(struct store *s, struct id *id, const char *text, const struct want *wants, size_t n, meeting_ask *ask, void *ctx, struct err *e) MUST_USE;

/* Saves quick capture as the record it stands for, one step. */
bool quick_save(struct store *s, const struct quick *q, meeting_ask *ask, void *ctx, struct id *out, struct err *e) MUST_USE;

#endif
