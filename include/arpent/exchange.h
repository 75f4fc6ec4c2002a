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
	bool announce;                 /* admitted here, and no segment says so yet */
	int64_t since_ms;              /* since when its next segment is missing or does not open; 0 */
	int64_t heard_ms;              /* by its writer's clock, when its last segment was made; 0 */
	struct stream_seen *seen;      /* sorted by id */
	size_t nseen;
};

/* Those who have one epoch key, and their streams. */
struct space {
	struct id id; /* zero: none yet */
	uint32_t epoch;
	struct secret key;
	struct id own; /* the stream written here */
	struct stream *streams;
	size_t n, cap;
	uint64_t sent;      /* the own segments up to here have been on some remote */
	int64_t last;       /* of the own journal, all up to here is in segments */
	int64_t unacked_ms; /* something came then, and no segment of ours says so yet; 0 */
};
void space_init(struct space *s);
void space_done(struct space *s);
struct stream *space_stream(const struct space *s,
			    const struct id *id); /* NULL when there is none; until one is added */
struct stream *space_add(struct space *s, const struct id *id, const struct identity *who, const char *label,
			 struct err *e);                              /* NULL, *e filled */
uint64_t stream_saw(const struct stream *st, const struct id *other); /* 0 for nothing */
bool stream_sees(struct stream *st, const struct id *other, uint64_t n, struct err *e) MUST_USE;

/* What is kept of one remote. */
struct mark {
	struct id stream; /* the own stream that `sent` is of */
	uint64_t sent;    /* put there and read back, up to here */
	uint64_t turn;    /* rounds so far */
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
	bool (*save_mark)(void *ctx, const struct mark *m, struct err *e);
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
	/* Bundles under the space's key: b->from, n, previous, seen and count are the caller's. */
	bool (*seal)(void *ctx, const struct space *s, struct bundle *b, const struct buf *body, struct buf *out,
		     struct err *e);
	bool (*open)(void *ctx, const struct space *s, const struct buf *file, struct bundle *b, struct err *e);
	bool (*unpack)(void *ctx, const struct bundle *b, struct buf *body, struct err *e);
	int64_t (*now)(void *ctx); /* Unix milliseconds */
	void (*random)(void *ctx, void *p, size_t n);
};
struct book {
	const struct book_ops *ops;
	void *ctx;
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
