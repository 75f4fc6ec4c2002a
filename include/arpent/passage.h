/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * passage - the line of a text that a search found, and where in it.  Pure; for src/store.
 *
 * The index has folded text only; what is shown is the text itself, so that a match is sought again in it, folded the
 * same way.
 */
#ifndef ARPENT_PASSAGE_H
#define ARPENT_PASSAGE_H

#include "arpent/query.h"

#define PASSAGE_COLUMNS 80

struct passage {
	struct buf text; /* one line, safe for a terminal */
	size_t mark, mark_len;
};

/* The bytes a term takes at `at` of folded text, at the start of a word; 0 when it is not there. */
size_t passage_match(const char *folded, size_t at, const struct query_term *t);
bool passage_has(const char *folded, const struct query_term *t);

/* Writes the passage around the first match in s when there is one. */
bool passage_try(const char *s, size_t n, const struct query *q, struct passage *p, bool *found,
		 struct err *e) MUST_USE;
/* The beginning of s, nothing marked. */
void passage_start(const char *s, size_t n, struct passage *p);

#endif
