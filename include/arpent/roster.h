/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * roster - who is in a space, and under which key its segments are: what follows from changes that admins have signed.
 * Pure.
 *
 * A change travels as a bundle of its author's roster stream (arpent-bundle.5); what was taken in is kept in a log.
 * All who have the same changes come to the same roster, in whatever order they came: who was added and not removed
 * since is in, so that a removal wins over an addition that had not seen it; what an admin wrote beyond what their
 * removal names counts for nothing; of two admins who remove one another, the one who was made admin by fewer others in
 * a row stays.
 */
#ifndef ARPENT_ROSTER_H
#define ARPENT_ROSTER_H

#include "arpent/bundle.h"
#include "arpent/identity.h"

enum roster_type {
	ROSTER_FOUND = 0, /* by the founder, who is its first admin */
	ROSTER_ADD = 1,
	ROSTER_REMOVE = 2, /* anyone may remove themselves */
	ROSTER_ADMIN = 3,  /* is an admin from now on */
	ROSTER_RESIGN = 4, /* the author is none from now on */
	ROSTER_KEY = 5     /* a key, for those it is sealed to */
};

struct roster_cut { /* what was taken in of a stream before its writer was removed */
	struct id stream;
	uint64_t n;
};

struct roster_grant { /* a key, sealed to one device */
	struct id device;
	const uint8_t *sealed; /* borrowed */
	size_t n;
};

struct roster_item {
	enum roster_type type;
	char name[IDENTITY_NAME + 1];  /* of the space: FOUND; may be empty */
	struct identity who;           /* FOUND, ADD */
	char label[IDENTITY_NAME + 1]; /* FOUND, ADD: what its person calls the device; may be empty */
	bool admin;                    /* ADD */
	struct id device;              /* REMOVE, ADMIN */
	uint64_t n;                    /* REMOVE: of their roster stream, what counts */
	struct roster_cut *cuts;       /* REMOVE */
	size_t ncuts;
	uint32_t epoch; /* KEY */
	struct id key;  /* KEY */
	struct roster_grant *grants;
	size_t ngrants;
	struct id *given; /* ADD: the keys in their invitation */
	size_t ngiven;
};
void roster_item_write(struct buf *body, const struct roster_item *it);
/* Each item of a body in turn; what it points to is gone after.  ERR_DAMAGED, ERR_LIMIT, ERR_NEWER. */
bool roster_items(const void *body, size_t n, uint32_t count,
		  bool (*cb)(void *ctx, const struct roster_item *it, struct err *e), void *ctx,
		  struct err *e) MUST_USE;

/* One bundle in the log: what its author's roster stream is numbered, and what of the others its author had seen. */
struct roster_entry {
	struct id author; /* a device */
	uint64_t n;
	int64_t ms;               /* by the author's clock */
	const struct stamp *seen; /* other authors, by device */
	size_t nseen;
	uint32_t count;
	const void *body;
	size_t len;
};
void roster_log_add(struct buf *log, const struct roster_entry *en);
/* Takes what `author` wrote from n on out of it; what a person asked for in that is appended to `asked`, as items. */
bool roster_log_cut(struct buf *log, const struct id *author, uint64_t n, struct buf *asked, uint32_t *count,
		    struct err *e) MUST_USE;

struct member { /* a device that is, or was, in the space */
	struct identity who;
	char label[IDENTITY_NAME + 1];
	bool in, admin;
	struct id by; /* the device that added it; its own for the founder */
	int64_t since_ms;
	struct id removed_by; /* once it is no longer in; its own when it left */
	int64_t removed_ms;
	uint64_t roster_cut;
	struct roster_cut *cuts;
	size_t ncuts;
};
struct roster_lack {
	struct id device, key;
	uint32_t epoch;
};
struct roster {
	char name[IDENTITY_NAME + 1];
	struct member *members;
	size_t n;
	uint32_t epoch; /* of the key in force; 0 while there is none */
	struct id key;
	bool rekey;               /* someone who was removed may have that key */
	struct roster_lack *lack; /* members who were not given a key */
	size_t nlack;
};
void roster_init(struct roster *r);
void roster_done(struct roster *r);
/* `before` (NULL: the whole log) keeps to what was seen there: an author's right to write it. */
bool roster_resolve(const struct buf *log, const struct roster_entry *before, struct roster *out,
		    struct err *e) MUST_USE;
struct member *roster_member(const struct roster *r, const struct id *device); /* NULL */
uint64_t member_cut(const struct member *m, const struct id *stream);

/* The roster stream of a device. */
void roster_stream(const struct id *device, struct id *out);

#endif
