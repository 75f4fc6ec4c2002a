/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * minutes-line - one line of meeting notes, for minutes.c and quick.c alone.
 */
#ifndef ARPENT_MINUTES_LINE_H
#define ARPENT_MINUTES_LINE_H

#include "arpent/minutes.h"

/* Takes the item over; NULL when out of memory (the item stays the caller's). */
struct minutes_item *minutes_add(struct minutes *m, const struct minutes_item *item);

/* Bytes of a reference ("!{0123abcd}") at s, or 0. */
size_t minutes_ref_length(const char *s, size_t n);

/* Reads s[0..n), which begins at byte `at` of the notes, and adds what it says.  False when out of memory. */
bool minutes_line(const char *s, size_t n, size_t at, size_t line, const struct minutes_names *known,
		  const struct moment *now, struct minutes *out);

/* Words without the marks in them: "#tag" and "^site" are cut out, "@[Jean Bonnet]" and "@Roux" become the bare name.
 */
void minutes_wording(const char *s, size_t n, const struct minutes_names *known, bool keep_people, struct buf *out);

/* Takes the last date phrase of s out of it (with "le", "avant", "pour", "d'ici" before it when it ends the line).
 * False when there is none. */
bool minutes_take_date(struct buf *s, const struct moment *now, struct moment *out);

/* Adds the people, sites and tags marked in s.  `people` false leaves the people out. */
bool minutes_marks(const char *s, size_t n, size_t at, size_t line, bool people, const struct minutes_names *known,
		   struct minutes *out);

#endif
