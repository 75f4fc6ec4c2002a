/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fields - a few one-line fields of a record above something else: filled, checked on leaving, given as wants.
 */
#ifndef ARPENT_TUI_FIELDS_H
#define ARPENT_TUI_FIELDS_H

#include "arpent/kind.h"
#include "arpent/store.h"
#include "line.h"

#define FIELDS_MAX 8

struct fields_row {
	const struct field *f;
	struct line line;
	char *was; /* as filled: what is the same is not written */
	bool bad;  /* cannot be understood */
};

struct fields {
	struct fields_row v[FIELDS_MAX];
	size_t n, at;
};

/* keys: blank-separated, at most FIELDS_MAX, of one-line fields that refer to nothing. */
void fields_init(struct fields *f, const struct kind *k, const char *keys);
void fields_done(struct fields *f); /* wipes */
/* Shows the record's values; NULL: empty. */
bool fields_fill(struct fields *f, const struct record *r, enum date_lang lang, struct err *e) MUST_USE;
struct fields_row *fields_row(struct fields *f, const char *key);
/* A row's value as kept ("" when empty), or false when it cannot be understood. */
bool fields_value(const struct fields_row *r, const struct moment *now, struct buf *out);
void fields_check(struct fields_row *r, const struct moment *now); /* sets bad; on leaving it */
/* Checks all and appends those that changed; the texts are in *store, one after the other, NUL between.  False at the
 * first that cannot be understood: it is the row at f->at then. */
bool fields_wants(struct fields *f, const struct moment *now, struct want *wants, size_t *n, struct buf *store);
/* What a row takes: examples, or the words of its vocabulary; and that what is there was not understood. */
void fields_hint(const struct fields_row *r, struct buf *out);
/* Drafts: "key\tvalue\n" for what changed. */
void fields_put(const struct fields *f, struct buf *out);
void fields_take(struct fields *f, const char *line, size_t n);
void fields_draw(struct fields *f, int row, int end, int col, int width, bool focus);

#endif
