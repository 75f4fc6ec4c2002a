/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * exchange - one round of sync between a notebook and a remote.
 *
 * Asks each stream of the space for its next segment, takes in whole what its causes allow, then publishes what is new
 * here.  A round in which nothing is new costs one request a stream.  It can be broken off at any request, and goes on
 * from there: a segment is taken in one step or not at all, and lies in the notebook before it goes up.
 *
 * The engine knows neither SQLite nor disks nor the clock: all of that is behind `struct book` and `struct remote`, so
 * that tests/sync-sim runs whole teams of it in one process.  How segments are chained and what is believed:
 * arpent-bundle.5.
 */
#ifndef ARPENT_EXCHANGE_H
#define ARPENT_EXCHANGE_H

#include "arpent/bundle.h"
#include "arpent/record.h"
#include "arpent/remote.h"
#include "arpent/roster.h"

/* How long something may be missing before it is said to be withheld: synchronised folders show files late. */
#define EXCHANGE_GRACE_MS (15 * 60000)

/* What a stream's segments have said to have seen of another: up to n. */
struct stream_seen {
	struct id id;
	uint64_t n;
};

struct stream {
	struct id id; /* of its first stream, the device's */
	struct identity who;
	char label[IDENTITY_NAME + 1]; /* what its person calls the device; may be empty */
	uint64_t n;                    /* taken in up to here; made, of one's own */
	uint8_t hash[BUNDLE_HASH];     /* of that segment */
	bool ended;                    /* its writer goes on in another */
	bool roster;                   /* what an admin changed in who is in the space; not a journal */
	bool removed;                  /* its writer is no longer in the space; taken in up to `cut`, */
	uint64_t cut;                  /* and as far as those who are in it had taken it in before they knew */
	bool stopped;                  /* of a roster: not read on in this round */
	bool parked;                   /* silent for long: nothing waits for it until it is heard of again */
	bool park;                     /* parked here, and no segment says so yet */
	int64_t since_ms;              /* since when its next segment is missing or does not open; 0 */
	int64_t heard_ms;              /* by its writer's clock, when its last segment was made; 0 */
	struct stream_seen *seen;      /* sorted by id */
	size_t nseen;
};

/* A key of the space that is here, under the number of its time. */
struct space_key {
	uint32_t epoch;
	struct id id;
};

/* Those who share records, and their streams. */
struct space {
	struct id id; /* zero: none yet */
	bool team;    /* else one's own devices */
	char name[IDENTITY_NAME + 1];
	struct id founder;
	struct space_key *keys; /* all that this device was given, by epoch */
	size_t nkeys;
	struct id device; /* this one */
	struct id own;    /* the stream written here */
	struct stream *streams;
	size_t n, cap;
	struct stream *rosters; /* of those who changed something of it */
	size_t nrosters, rosters_cap;
	struct buf log;       /* of the roster: see roster.h */
	struct buf pending;   /* items of it that are to be signed with the next round; removals without their cuts */
	uint32_t npending;    /* how many */
	struct roster roster; /* what follows from the log: space_follow() */
	bool out;             /* this device was removed, or has left */
	uint64_t sent;        /* the own segments up to here have been on some remote */
	int64_t last;         /* of the own journal, all up to here is in segments */
	int64_t unacked_ms;   /* something came then, and no segment of ours says so yet; 0 */
};
/* Does its writer go on in it, and do the others wait for what it says? */
bool stream_active(const struct stream *st);
void space_init(struct space *s);
void space_done(struct space *s);
struct stream *space_stream(const struct space *s,
			    const struct id *id); /* NULL when there is none; until one is added */
struct stream *space_add(struct space *s, const struct id *id, const struct identity *who, const char *label,
			 struct err *e);                                 /* NULL, *e filled */
struct stream *space_roster(const struct space *s, const struct id *id); /* the same of the rosters */
struct stream *space_roster_add(struct space *s, const struct identity *who, struct err *e);
/* Where a device begins to write: its own id in the space of one's own devices, another in each team. */
void space_first(const struct space *s, const struct id *device, struct id *out);
/* After the log changed: the roster anew, a stream for each who came, and the end of those who went. */
bool space_follow(struct space *s, struct err *e) MUST_USE;
const struct space_key *space_key(const struct space *s); /* to write under; NULL until it was given */
bool space_key_add(struct space *s, uint32_t epoch, const struct id *key, struct err *e) MUST_USE;
bool space_admin(const struct space *s);                              /* is this device one? */
uint64_t stream_saw(const struct stream *st, const struct id *other); /* 0 for nothing */
bool stream_sees(struct stream *st, const struct id *other, uint64_t n, struct err *e) MUST_USE;

/* What is kept of one remote. */
struct mark {
	struct id stream; /* the own stream that `sent` is of */
	uint64_t sent;    /* put there and read back, up to here */
	uint64_t rsent;   /* the same of the own roster's */
	uint64_t turn;    /* rounds so far */
	uint64_t cleared; /* own segments that left it, up to here: a snapshot there has them */
	uint64_t again;   /* of those after that, up to here go up again: one who was parked lacks them; 0 */
	uint64_t swept;   /* segments in the newest snapshot that was asked for there, to clear those below it */
	bool known;       /* its arpent.id is ours */
};

struct book_entry { /* of the own journal; see journal.h */
	int64_t seq;
	const void *change;
	size_t n;
	const struct record *state;
	struct stamp stamp;
	struct clock clock;
};

/* The notebook.  Writes are between begin and commit or cancel, and are there after commit or not at all. */
struct book_ops {
	bool (*begin)(void *ctx, struct err *e);
	bool (*commit)(void *ctx, struct err *e);
	void (*cancel)(void *ctx);
	bool (*load)(void *ctx, struct space *out, struct mark *mark, struct err *e);
	bool (*save)(void *ctx, const struct space *s, const struct stream *st, struct err *e); /* st NULL: only what is
												   common */
	bool (*save_log)(void *ctx, const struct space *s, struct err *e);
	bool (*save_mark)(void *ctx, const struct mark *m, struct err *e);
	/* The whole journal after `after`, whoever's; own: what was written or taken in here. */
	bool (*all)(void *ctx, int64_t after, bool (*cb)(void *with, const struct book_entry *en), void *with,
		    struct err *e);
	bool (*own)(void *ctx, int64_t after, bool (*cb)(void *with, const struct book_entry *en), void *with,
		    struct err *e);
	/* ERR_FORMAT or ERR_LIMIT for one that no honest device makes. */
	bool (*change)(void *ctx, const struct change *c, bool *news, struct err *e);
	bool (*state)(void *ctx, const struct record *state, const struct stamp *st, const struct clock *clock,
		      bool *news, struct err *e);
	bool (*restamp)(void *ctx, const struct id *stream, int64_t after, uint64_t from, struct err *e);
	/* Segments by stream and number: hash, and of one's own the whole file.  put: `sealed` NULL for others. */
	bool (*put)(void *ctx, const struct id *stream, uint64_t n, const uint8_t hash[BUNDLE_HASH], int64_t last,
		    const struct buf *sealed, struct err *e);
	bool (*get)(void *ctx, const struct id *stream, uint64_t n, uint8_t hash[BUNDLE_HASH], int64_t *last,
		    struct buf *sealed, bool *found, struct err *e);
	bool (*drop)(void *ctx, const struct id *stream, uint64_t from, struct err *e);
	/* Bundles under the key in force, and one of the roster for all devices that are in it too: b->from, n,
	 * previous, seen and count are the caller's. */
	bool (*seal)(void *ctx, const struct space *s, struct bundle *b, const struct buf *body, struct buf *out,
		     struct err *e);
	/* *epoch: that of the key it needs, when it is not here. */
	bool (*open)(void *ctx, const struct space *s, const struct buf *file, struct bundle *b, uint32_t *epoch,
		     struct err *e);
	bool (*unpack)(void *ctx, const struct bundle *b, struct buf *body, struct err *e);
	/* A new key under this id; one sealed to a device, appended; one that was sealed to this device, kept: *opened
	 * false when it is not for it. */
	bool (*key_make)(void *ctx, struct id *key, struct err *e);
	bool (*key_give)(void *ctx, const struct id *key, const struct identity *to, struct buf *sealed, struct err *e);
	bool (*key_take)(void *ctx, const struct id *key, const void *sealed, size_t n, bool *opened, struct err *e);
	/* A value of the exchange's own; empty when there is none. */
	bool (*note)(void *ctx, const char *name, const struct buf *value, struct err *e);
	bool (*noted)(void *ctx, const char *name, struct buf *out, struct err *e);
	int64_t (*now)(void *ctx); /* Unix milliseconds */
	void (*random)(void *ctx, void *p, size_t n);
};
struct book {
	const struct book_ops *ops;
	void *ctx;
	uint64_t snapshot_after; /* segments until another snapshot is made; 0: 256 */
};

enum finding_kind {
	FINDING_WITHHELD,    /* others have it, and the remote does not give it */
	FINDING_FORKED,      /* others have another segment under this number */
	FINDING_ROLLED_BACK, /* ours was there, and was gone: it was put there again */
	FINDING_ALTERED,     /* does not open */
	FINDING_CUT,         /* ends too early */
	FINDING_FOREIGN,     /* no segment of this space */
	FINDING_REPLAYED,    /* another segment of the same stream */
	FINDING_RENAMED,     /* a segment of another stream */
	FINDING_FORGED,      /* signed by another than whose stream it is */
	FINDING_NEWER,       /* of a newer version */
	FINDING_BAD,         /* opens, and holds what no arpent writes */
	FINDING_RESTORED,    /* ours, and this notebook does not know it: it is an older copy, and goes on in a new
				stream */
	FINDING_RIGHTS,      /* a change of the roster by one who may not */
	FINDING_REMOVED,     /* written by one who is no longer in the space */
	FINDING_LOCKED,      /* under a key that has not come */
	FINDING_KINDS
};
struct finding {
	enum finding_kind kind;
	struct id stream;
	uint64_t n;
	struct id by; /* whose segment tells of it, or zero */
};
#define FINDINGS_MAX 64

struct exchange_report {
	size_t taken, items, news; /* segments; changes and states in them; those that changed something here */
	size_t made, sent;         /* own segments */
	size_t entries;            /* own changes and states in those made */
	size_t waiting;            /* segments that are here and wait for others */
	size_t devices;            /* admitted by others */
	size_t roster;             /* changes of the roster that came */
	bool out;                  /* this device is no longer in the space: nothing came or went */
	size_t parts;              /* of snapshots, put up */
	size_t adopted;            /* of snapshots, taken in */
	size_t cleared;            /* own segments that left the remote: a snapshot there has them */
	struct finding findings[FINDINGS_MAX];
	size_t nfindings;
};

/* Asked before each request; false breaks off: ERR_CANCELLED. */
struct exchange_watch {
	bool (*go_on)(void *ctx, const struct exchange_report *so_far);
	void *ctx;
};

/* ERR_FOREIGN when the remote is another space's.  A failure leaves all that was done until then. */
bool exchange_round(const struct book *book, struct remote *remote, const struct exchange_watch *watch,
		    struct exchange_report *report, struct err *e) MUST_USE;

/* What a round would put up and take in: segments, and their bytes. */
struct exchange_outlook {
	size_t entries; /* own changes and states that are in no segment yet */
	size_t go;      /* segments, with those that are to be made of them */
	uint64_t up;
	bool asked; /* the rest is known */
	size_t come;
	uint64_t down;
};
/* Makes and seals what is new without keeping it. */
bool exchange_weigh(const struct book *book, struct exchange_outlook *out, struct err *e) MUST_USE;
/* Asks the remote what is there, and takes nothing.  ERR_FOREIGN as above. */
bool exchange_ask(const struct book *book, struct remote *remote, const struct exchange_watch *watch,
		  struct exchange_outlook *out, struct err *e) MUST_USE;

/* Reads back all of the own segments that were sent, and puts up again what is gone or does not open. */
bool exchange_check(const struct book *book, struct remote *remote, const struct exchange_watch *watch,
		    struct exchange_report *report, struct err *e) MUST_USE;

#endif
