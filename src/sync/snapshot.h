/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Snapshots: all of the journal of a space up to a vector, in a few large files instead of many small ones.
 *
 * One is made when there are many segments, told of in a segment, and compared by everyone with what they have.  Once
 * all active devices have said the same, segments below it leave the remote.  Who then lacks segments, because they are
 * new or were parked, takes it in and goes on from there.
 */
#ifndef ARPENT_SNAPSHOT_H
#define ARPENT_SNAPSHOT_H

#include "arpent/exchange.h"

#define SNAPSHOT_AFTER 256 /* segments since the one before */

struct snapshot_stream {
	struct id id;
	uint64_t n;     /* segments in it */
	uint64_t count; /* its last change in it */
	bool said;      /* its writer has all of it, and the same */
};

struct snapshot {
	struct id maker;
	uint64_t first, last; /* parts k/MAKER/first to last; 0: there is none */
	uint8_t hash[BUNDLE_HASH];
	struct snapshot_stream *v;
	size_t n;
};

/* What a notebook keeps of them. */
struct snapshots {
	struct snapshot told;   /* the newest that any segment told of */
	bool compared;          /* with what is here */
	bool tell;              /* with our next segment */
	struct snapshot making; /* first 0: none is */
	struct id by;           /* the own stream that these two are of: */
	uint64_t made, gone;    /* own parts so far, and those that left the remote again */
	int64_t seq, upto;      /* of our journal, what is in those of the one that is made; and what is to be */
	uint8_t previous[BUNDLE_HASH];
	struct snapshot taking; /* one that is taken in; its first part that was not yet */
	uint64_t part;
	int64_t suspect_ms; /* own segments were gone then, and no snapshot there told why; 0 */
};

void snapshot_done(struct snapshot *s);
void snapshots_done(struct snapshots *s);
bool snapshot_copy(const struct snapshot *from, struct snapshot *to, struct err *e) MUST_USE;
/* That of a stream; added when there is none.  NULL without memory. */
struct snapshot_stream *snapshot_stream(struct snapshot *s, const struct id *id, struct err *e);
const struct snapshot_stream *snapshot_of(const struct snapshot *s, const struct id *id); /* or NULL */
uint64_t snapshot_weight(const struct snapshot *s);                                       /* segments in it */
bool snapshot_same(const struct snapshot *a, const struct snapshot *b);

/* id, n and count of each, flat, as segments and snapshots tell it. */
void snapshot_vector_write(const struct snapshot *s, struct buf *out);
bool snapshot_vector_read(const void *p, size_t n, struct snapshot *s, struct err *e) MUST_USE;
void snapshots_write(const struct snapshots *s, struct buf *out);
bool snapshots_read(const struct buf *b, struct snapshots *s, struct err *e) MUST_USE;

#endif
