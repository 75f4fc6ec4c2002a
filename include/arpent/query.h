/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * query - what people type in a search, read once: words (beginnings), "phrases", kind:meeting, field:value, -word.
 *
 * Pure, and beside the store because only it has the index.  A word and what is indexed are folded alike (text_fold).
 */
#ifndef ARPENT_QUERY_H
#define ARPENT_QUERY_H

#include "arpent/buf.h"
#include "arpent/kind.h"

#define QUERY_TERMS 16
#define QUERY_FIELDS 4

enum query_type { QUERY_WORD, QUERY_PHRASE };

struct query_term {
	char *text; /* folded; words parted by one blank */
	enum query_type type;
	bool without;
};

struct query_field {
	char *key;  /* as typed, folded */
	char *text; /* folded */
};

struct query {
	struct query_term terms[QUERY_TERMS];
	size_t n;
	struct query_field fields[QUERY_FIELDS];
	size_t nfields;
	const struct kind *kind; /* or NULL */
	bool no_kind;            /* kind: names none: nothing can be found */
};

/* Terms past QUERY_TERMS are left out. */
bool query_read(const char *typed, struct query *out, struct err *e) MUST_USE;
void query_done(struct query *q);
/* For FTS5's MATCH over the columns title, body, kind.  Empty when nothing of it can be looked up there.  With `whole`,
 * words longer than QUERY_PREFIX must be whole ones: the beginnings of those have no index of their own, and FTS5 then
 * gathers every row there is. */
#define QUERY_PREFIX 6
bool query_match(const struct query *q, const char *kind, bool whole, struct buf *out, struct err *e) MUST_USE;
bool query_has_long(const struct query *q);

#endif
