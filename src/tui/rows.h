/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * rows - a window on a list of the store, paged by key: at 100,000 records it holds a few screens of them.
 */
#ifndef ARPENT_TUI_ROWS_H
#define ARPENT_TUI_ROWS_H

#include "arpent/store.h"
#include "input.h"

struct rows_item {
	struct id id;
	const struct kind *kind; /* NULL: unknown to this version */
	char *title, *day, *owner;
	char *beside;   /* for the caller to fill when the row is first drawn (tui_beside); freed here */
	unsigned flags; /* enum row_flags */
	struct list_key key;
};

struct rows {
	struct list_spec spec; /* what it points to belongs to the caller */
	struct rows_item *v;
	size_t n;
	size_t at, top;   /* the chosen item, the first drawn */
	bool first, last; /* v begins, ends with the list's own */
	size_t height;    /* rows on the screen, as last asked */
};

void rows_init(struct rows *r, const struct list_spec *spec);
void rows_done(struct rows *r);                                          /* frees and wipes */
bool rows_load(struct rows *r, struct store *s, struct err *e) MUST_USE; /* from the start */
bool rows_reload(struct rows *r, struct store *s,
		 struct err *e) MUST_USE; /* after a write: stays at the same record, or near */
/* Up, down, page, home and end (and j, k): true when the key was one; a failure is in *e. */
bool rows_key(struct rows *r, struct store *s, const struct event *ev, struct err *e);
/* Call before drawing with the rows there is room for: keeps the chosen one in sight and enough rows loaded. */
bool rows_fit(struct rows *r, struct store *s, size_t height, struct err *e) MUST_USE;
const struct rows_item *rows_chosen(const struct rows *r); /* NULL when empty */

#endif
