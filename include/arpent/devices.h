/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * devices - one's own devices, which all have the whole private space; and the remotes they meet on.
 *
 * A device is added on one that is in the space: its card is taken, six words are compared, and an invitation sealed to
 * it brings it the space's key and who else is there.  What the space holds comes with its first sync.
 */
#ifndef ARPENT_DEVICES_H
#define ARPENT_DEVICES_H

#include "arpent/exchange.h"
#include "arpent/store.h"

/* ERR_NOT_FOUND, where "sync_space", while there is none. */
bool devices_space(struct store *s, struct space *out, struct err *e) MUST_USE;

/* Makes the space, of this device alone, when there is none. */
bool devices_alone(struct store *s, struct err *e) MUST_USE;

/* Admits it, under what its person calls it, and appends the invitation.  One that is known gets another invitation.
 * Makes the space too.  ERR_INPUT for this device itself, a label that is no name, or while its own name is not set. */
bool devices_add(struct store *s, const struct identity *who, const char *label, struct buf *invitation,
		 struct err *e) MUST_USE;

/* Removes one with the next round, for all; it keeps what it had.  ERR_INPUT for this one. */
bool devices_remove(struct store *s, const struct id *device, struct err *e) MUST_USE;

/* Parks one that was silent for DEVICES_SILENT_DAYS, with the next round: nothing is kept waiting for it; when it comes
 * back it goes on from a snapshot and sends what it had not sent.  ERR_INPUT for this one, and for one that was heard of
 * since (where "devices_silent"). */
#define DEVICES_SILENT_DAYS 180
bool devices_park(struct store *s, const struct id *device, struct err *e) MUST_USE;

struct invitation {
	struct identity from; /* who signed it: their six words are to be compared before it is accepted */
	struct space space;
	bool known; /* this notebook is in that space already */
};
/* The errors of bundle_open(); ERR_FOREIGN for a bundle that is no invitation; ERR_EXISTS when this notebook has other
 * devices of its own. */
bool devices_invitation(struct store *s, const void *p, size_t n, struct invitation *out, struct err *e) MUST_USE;
void invitation_done(struct invitation *in);
/* Goes into that space with all that is here. */
bool devices_join(struct store *s, const struct invitation *in, struct err *e) MUST_USE;

/* Remotes have names: 1 to 40 of a-z 0-9 - _. */
#define REMOTE_LABEL_MAX 40
struct remote_entry {
	char name[REMOTE_LABEL_MAX + 1];
	const char *where; /* borrowed until the callback returns */
	struct mark mark;
};
/* Makes the space too.  `access` may be NULL, and is kept.  ERR_EXISTS by that name; ERR_INPUT; the errors of
 * remote_open() and remote_prepare(), which are tried. */
bool devices_remote_add(struct store *s, const char *name, const char *where, const struct remote_access *access,
			struct err *e) MUST_USE;
/* What is kept of how it is reached, and where it is (appended); to be changed once remote_prepare() went well. */
bool devices_remote_access(struct store *s, const char *name, struct buf *where, struct remote_access *out,
			   struct err *e) MUST_USE;
bool devices_remote_change(struct store *s, const char *name, const struct remote_access *access,
			   struct err *e) MUST_USE;
bool devices_remote_remove(struct store *s, const char *name, struct err *e) MUST_USE; /* here; nothing there */
bool devices_remote_each(struct store *s, bool (*cb)(void *ctx, const struct remote_entry *r), void *ctx,
			 struct err *e) MUST_USE;
/* The one by that name, or the only one when name is NULL: ERR_NOT_FOUND, ERR_AMBIGUOUS, where "remote".  `used` is its
 * name also when it cannot be reached. */
bool devices_remote_open(struct store *s, const char *name, char used[REMOTE_LABEL_MAX + 1], struct remote *out,
			 struct err *e) MUST_USE;

/* exchange_round() and exchange_check() with the remote of that name; of a round it is kept how it went. */
bool devices_sync(struct store *s, const char *name, struct remote *remote, const struct exchange_watch *watch,
		  struct exchange_report *report, struct err *e) MUST_USE;
bool devices_check(struct store *s, const char *name, struct remote *remote, struct exchange_report *report,
		   struct err *e) MUST_USE;

/* What a round with the remote of that name would do; `remote` NULL: without asking what is there. */
bool devices_outlook(struct store *s, const char *name, struct remote *remote, const struct exchange_watch *watch,
		     struct exchange_outlook *out, struct err *e) MUST_USE;

/* How the last rounds with a remote went. */
struct devices_past {
	int64_t ended_ms;    /* when one last came to its end; 0: none has */
	int64_t after, upto; /* the journal's entries that the last one wrote which brought something */
	int64_t came_ms;     /* when that was; 0: none has */
	size_t waiting;      /* segments that wait for others, of the last one of all */
	struct finding findings[FINDINGS_MAX]; /* and what it found amiss */
	size_t nfindings;
};
/* All zero when there was none. */
bool devices_past(struct store *s, const char *name, struct devices_past *out, struct err *e) MUST_USE;

/* What the next round would make a segment of: each of its own entries, in order. */
bool devices_pending(struct store *s, bool (*cb)(void *ctx, const struct id *record), void *ctx,
		     struct err *e) MUST_USE;
/* Which devices are known to have a record as it is here: *sent false while no remote has its last change. */
bool devices_receipts(struct store *s, const struct id *record, bool *sent,
		      bool (*cb)(void *ctx, const struct stream *st, bool has), void *ctx, struct err *e) MUST_USE;

#endif
