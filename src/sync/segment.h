/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The body of a segment: items one after the other (arpent-bundle.5). */
#ifndef ARPENT_SEGMENT_H
#define ARPENT_SEGMENT_H

#include "arpent/identity.h"
#include "arpent/record.h"

enum segment_type { ITEM_CHANGE = 0, ITEM_STATE = 1, ITEM_MOVED = 3 };

struct segment_item {
	enum segment_type type;
	struct change change;
	struct record state; /* taken in whole by the author, under this stamp and clock */
	struct stamp stamp;
	struct clock clock;
	struct id stream; /* where the author goes on */
};

/* Begin once, then append items; their number goes into the bundle's count. */
void segment_begin(struct buf *body);
void segment_change(struct buf *body, const void *change, size_t n);
void segment_state(struct buf *body, const struct record *state, const struct stamp *st, const struct clock *clock);
void segment_moved(struct buf *body, const struct id *stream);

/* Each in turn; the item is the callee's until it returns.  ERR_DAMAGED, ERR_LIMIT, or ERR_NEWER for an item or a body
 * of a newer version. */
bool segment_each(const void *body, size_t n, uint32_t count,
		  bool (*cb)(void *ctx, const struct segment_item *item, struct err *e), void *ctx,
		  struct err *e) MUST_USE;

#endif
