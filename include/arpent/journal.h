/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * journal - what this device has to tell the others, and what they wrote taken in.
 *
 * A stream is the journal of one device, under the id that its stamps bear; segments are its pieces, numbered from 1,
 * as they travel (arpent-bundle.5).  What comes from other devices is written in a sync step: a transaction that is no
 * entry of undo, and that journal_own() passes over.
 */
#ifndef ARPENT_JOURNAL_H
#define ARPENT_JOURNAL_H

#include "arpent/store.h"

bool journal_begin(struct store *s, struct err *e) MUST_USE; /* a sync step; then store_step_end() or _cancel() */

/* A change made elsewhere: into its record, and once into the journal, whether or not a state brought it before.
 * ERR_FORMAT when it cannot be: it claims to be our own, or that its writer had seen what we have not written, or the
 * record is of another kind. */
bool journal_change(struct store *s, const struct change *c, enum take *out, struct err *e) MUST_USE;
/* A state that another device took in whole, under the stamp and clock its journal has it. */
bool journal_state(struct store *s, const struct record *state, const struct stamp *stamp, const struct clock *clock,
		   enum take *out, struct err *e) MUST_USE;

struct journal_entry {
	int64_t seq; /* its place in this journal */
	struct id record;
	const void *change; /* its bytes, borrowed; NULL for a state taken in whole */
	size_t n;
	struct stamp stamp;
	struct clock clock;
};
/* This device's own entries after `after`, in order: its changes, and states taken in here.  cb false stops it. */
bool journal_own(struct store *s, int64_t after, bool (*cb)(void *ctx, const struct journal_entry *j), void *ctx,
		 struct err *e) MUST_USE;
/* All of it, whoever's. */
bool journal_all(struct store *s, int64_t after, bool (*cb)(void *ctx, const struct journal_entry *j), void *ctx,
		 struct err *e) MUST_USE;
bool journal_last(struct store *s, int64_t *seq, struct err *e) MUST_USE; /* 0 when it is empty */

/* From now on this device writes the stream `id`; its own changes after `after` whose count is `from` or more become
 * changes of that stream.  Within a sync step.  See struct restamp. */
bool journal_restamp(struct store *s, const struct id *id, int64_t after, uint64_t from, struct err *e) MUST_USE;

struct journal_segment {
	struct id space, stream;
	uint64_t n;
	uint8_t hash[32];
	int64_t last; /* our journal's last entry when it was made or taken in */
};
/* `sealed` (the file itself) is kept of one's own; NULL for the others. */
bool journal_segment_put(struct store *s, const struct journal_segment *g, const void *sealed, size_t n,
			 struct err *e) MUST_USE;
/* Fills the rest of *g; appends the file when `sealed` is not NULL.  ERR_NOT_FOUND. */
bool journal_segment_get(struct store *s, struct journal_segment *g, struct buf *sealed, struct err *e) MUST_USE;
bool journal_segment_drop(struct store *s, const struct journal_segment *from,
			  struct err *e) MUST_USE; /* n and above */

/* The segment of g->space that a record's last entry is in: g->n is 0 while it is in none. */
bool journal_record_last(struct store *s, const struct id *record, struct journal_segment *g, struct err *e) MUST_USE;

/* All of the own journal up to `seq` has been on some remote: what has later entries is unsent.  Nothing is before this
 * is called for the first time. */
bool journal_sent(struct store *s, int64_t seq, struct err *e) MUST_USE;
/* Is anything?  `after` (may be NULL) is that seq. */
bool journal_unsent_any(struct store *s, int64_t *after, bool *any, struct err *e) MUST_USE;
/* How many records are, exact up to cap, else cap + 1. */
bool journal_unsent_count(struct store *s, size_t cap, size_t *out, struct err *e) MUST_USE;
/* Up to `limit` of them, the last written first. */
bool journal_unsent(struct store *s, size_t limit, bool (*cb)(void *ctx, const struct id *record), void *ctx,
		    struct err *e) MUST_USE;

/* Up to `limit` records that sync brought or changed in the entries after `after` and up to `upto`, the latest first,
 * each once: who wrote it last, and when. */
struct journal_came {
	struct id record, device;
	struct clock clock;
};
bool journal_came(struct store *s, int64_t after, int64_t upto, size_t limit,
		  bool (*cb)(void *ctx, const struct journal_came *j), void *ctx, struct err *e) MUST_USE;

#endif
