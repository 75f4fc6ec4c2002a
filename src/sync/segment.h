/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The body of a segment: items one after the other (arpent-bundle.5). */
#ifndef ARPENT_SEGMENT_H
#define ARPENT_SEGMENT_H

#include "arpent/identity.h"
#include "arpent/record.h"

enum segment_type {
	ITEM_CHANGE = 0,
	ITEM_STATE = 1,
	ITEM_MOVED = 3,
	ITEM_SNAPSHOT = 4, /* the author has all of it, and the same; its maker says what is in it */
	ITEM_PARKED = 5,
	ITEM_STREAM = 6, /* in a snapshot: one of those in it */
	ITEM_END = 7     /* of a snapshot: the last item of its last part */
};

struct segment_item {
	enum segment_type type;
	struct change change;
	struct record state; /* taken in whole by the author, under this stamp and clock */
	struct stamp stamp;
	struct clock clock;
	struct identity who; /* a device of the space; its stream is who.device */
	char label[IDENTITY_NAME + 1];
	struct id stream; /* where the author goes on; of parked, that of the device; of a snapshot, its maker's */
	uint64_t n, last; /* of parked, taken in up to there; of a snapshot, its parts */
	bool ended;
	uint8_t hash[32];
	const uint8_t *vector; /* snapshot_vector_read(), borrowed */
	size_t nvector;
};

/* Begin once, then append items; their number goes into the bundle's count. */
void segment_begin(struct buf *body);
void segment_change(struct buf *body, const void *change, size_t n);
void segment_state(struct buf *body, const struct record *state, const struct stamp *st, const struct clock *clock);
void segment_moved(struct buf *body, const struct id *stream);
struct snapshot;
void segment_snapshot(struct buf *body, const struct snapshot *s, bool vector);
void segment_parked(struct buf *body, const struct id *stream, uint64_t n);
void segment_stream(struct buf *body, const struct id *stream, bool ended, const struct identity *who,
		    const char *label);
void segment_end(struct buf *body, const struct snapshot *s);

/* Each in turn; the item is the callee's until it returns.  ERR_DAMAGED, ERR_LIMIT, or ERR_NEWER for an item or a body
 * of a newer version. */
bool segment_each(const void *body, size_t n, uint32_t count,
		  bool (*cb)(void *ctx, const struct segment_item *item, struct err *e), void *ctx,
		  struct err *e) MUST_USE;

#endif
