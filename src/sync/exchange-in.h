/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of the exchange share. */
#ifndef ARPENT_EXCHANGE_IN_H
#define ARPENT_EXCHANGE_IN_H

#include "arpent/exchange.h"
#include "segment.h"
#include "snapshot.h"

enum reading_at { READING_ASK, READING_HELD, READING_ABSENT, READING_LOCKED, READING_STOPPED };

/* How far this round has come in one stream, by its place in the space. */
struct reading {
	enum reading_at at;
	bool broken;     /* what is in the place of the next has not opened for longer than the grace */
	uint64_t wanted; /* of a stream whose writer was removed: others had seen it up to here */
	struct bundle b; /* of READING_HELD: opened, and the next of its stream */
};

struct exchange {
	const struct book_ops *op; /* the notebook's, with ctx */
	void *ctx;
	struct remote *remote;
	const struct exchange_watch *watch;
	struct exchange_report *report;
	struct space space;
	struct mark mark;
	struct reading *reading;
	size_t nreading;
	bool asked;  /* all rosters were, for a key */
	bool wanted; /* a held segment needs more of one who was removed */
	struct snapshots snaps;
	uint64_t after;         /* segments until another is made */
	bool listed;            /* snapshots were looked for in this round, */
	uint64_t below;         /* and the best has own segments up to here */
	bool again;             /* it was taken in while sending */
	struct snapshot source; /* one that has other own segments than this notebook: see x->conflict */
	uint64_t conflict;      /* the first of our segments of which the remote or others have another; 0 */
};

bool exchange_go_on(struct exchange *x, struct err *e) MUST_USE; /* before each request */
void exchange_find(struct exchange *x, enum finding_kind kind, const struct id *stream, uint64_t n,
		   const struct id *by);
/* Something is missing that should come: said to be so after the grace, in which case *over (may be NULL).  Saves when
 * it began. */
bool exchange_overdue(struct exchange *x, struct stream *st, enum finding_kind kind, const struct id *by, bool *over,
		      struct err *e) MUST_USE;
void exchange_name(const struct exchange *x, const struct id *stream, uint64_t n, char out[REMOTE_NAME_MAX]);
bool exchange_get(struct exchange *x, const struct id *stream, uint64_t n, struct buf *out, bool *found,
		  struct err *e) MUST_USE;

/* What does not open is in a place of ours: removed, when it is still the same at a second look.  A segment is never
 * removed, whoever's it is. */
bool exchange_clear(struct exchange *x, const struct id *stream, uint64_t n, const struct buf *seen,
		    struct err *e) MUST_USE;

/* What a writer had seen of a roster: *known when it is one, *have when it is here, or came now. */
bool exchange_roster_need(struct exchange *x, const struct bundle_seen *saw, bool *known, bool *have,
			  struct err *e) MUST_USE;
/* That of this device, read to its end. */
bool exchange_roster_own(struct exchange *x, struct stream **out, struct err *e) MUST_USE;
/* Notes that the next of a roster is here: en is what it says.  file: of one's own. */
bool exchange_roster_apply(struct exchange *x, const struct id *id, const struct bundle *b,
			   const struct roster_entry *en, const struct buf *file, struct err *e) MUST_USE;
/* All that there is of all of them. */
bool exchange_roster_all(struct exchange *x, struct err *e) MUST_USE;
/* What was signed here from n on is not what the remote or others have: it is taken back, to be signed anew. */
bool exchange_roster_again(struct exchange *x, uint64_t n, struct err *e) MUST_USE;
bool exchange_leaves(const struct exchange *x); /* is this device to leave with this round? */
/* Signs what is to be changed here, gives keys to those who lack them, and puts that up. */
bool exchange_roster_send(struct exchange *x, bool *kept, struct err *e) MUST_USE;
/* Is it still there?  What goes up next may tell of it. */
bool exchange_roster_look(struct exchange *x, bool *kept, struct err *e) MUST_USE;
/* Takes in all that there is. */
bool exchange_take(struct exchange *x, struct err *e) MUST_USE;
/* What the round would make and put up. */
bool exchange_make_dry(struct exchange *x, struct exchange_outlook *out, struct err *e) MUST_USE;
/* Makes segments of what is new here, puts them up; or looks whether ours are still there. */
bool exchange_send(struct exchange *x, struct err *e) MUST_USE;
/* Compares all that was sent. */
bool exchange_look(struct exchange *x, struct err *e) MUST_USE;
/* Goes on in a new stream: see x->conflict. */
bool exchange_restore(struct exchange *x, struct err *e) MUST_USE;
/* Opens what may be our own segment n after `previous`.  False without *e when it is not. */
bool exchange_is_own(struct exchange *x, const struct buf *file, uint64_t n, struct bundle *b);

bool exchange_save_mark(struct exchange *x, struct err *e) MUST_USE; /* in a step of its own */
/* All that was taken in of a stream has changed: it is asked anew. */
void exchange_reread(struct exchange *x, const struct stream *st);

/* Within a step: what a segment says of snapshots and of parking, what our next one is to say, that it was said. */
bool exchange_snapshot_told(struct exchange *x, const struct id *author, const struct segment_item *it,
			    struct err *e) MUST_USE;
bool exchange_parked(struct exchange *x, const struct segment_item *it, struct err *e) MUST_USE;
void exchange_tell(struct exchange *x, struct buf *body, uint32_t *count);
bool exchange_told(struct exchange *x, struct err *e) MUST_USE;
/* Anew from the notebook: after a step was taken back. */
bool exchange_snapshots_load(struct exchange *x, struct err *e) MUST_USE;
bool exchange_snapshots_save(struct exchange *x, struct err *e) MUST_USE; /* within a step */
bool exchange_snapshots_keep(struct exchange *x, struct err *e) MUST_USE; /* in a step of its own */
/* Compares the newest that was told of with what is here. */
bool exchange_compare(struct exchange *x, struct err *e) MUST_USE;
/* Makes one when it is due, or goes on with it; *made: it is to be told of. */
bool exchange_snapshot(struct exchange *x, bool *made, struct err *e) MUST_USE;
/* Ours is not on the remote: another is due. */
bool exchange_snapshot_lost(struct exchange *x, struct err *e) MUST_USE;
/* Removes own segments below one that all active devices have, and own snapshots before it. */
bool exchange_sweep(struct exchange *x, struct err *e) MUST_USE;
/* Looks for one that has more than is here, and takes it in: *news.  Once a round. */
bool exchange_adopt(struct exchange *x, bool *news, struct err *e) MUST_USE;
/* Each item of x->source, as far as it can be read. */
bool exchange_source(struct exchange *x, bool (*cb)(void *ctx, const struct segment_item *it, struct err *e), void *ctx,
		     struct err *e) MUST_USE;
/* Own segments were gone lately, and it may turn out to be for a snapshot that shows late: it is looked for, and
 * nothing new goes up before (hold). */
bool exchange_suspects(const struct exchange *x, bool hold);
/* The hash of the changes in it, of those that are here. */
bool exchange_tally(struct exchange *x, const struct snapshot *s, uint8_t out[BUNDLE_HASH], struct err *e) MUST_USE;

#endif
