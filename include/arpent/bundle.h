/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * bundle - the one sealed container: hand-offs, sync segments, snapshots, roster entries, invitations, backups.
 *
 * man/arpent-bundle.5 has the layout, byte by byte.  Believing is done in order: authenticity of the header and of
 * every chunk, the end marked as the end, the author's signature; these are bundle_open().  Then the caller decides
 * whether the author may send this, and only then bundle_unpack() inflates, under hard limits.  Recipients are not
 * named in the file. libsodium: crypto_box_seal, crypto_pwhash (Argon2id), crypto_aead_xchacha20poly1305_ietf,
 * crypto_secretstream_xchacha20poly1305, crypto_generichash (BLAKE2b), crypto_sign (Ed25519).  Padding: Padmé (Nikitin
 * et al. 2019).  Deflate: RFC 1951.
 */
#ifndef ARPENT_BUNDLE_H
#define ARPENT_BUNDLE_H

#include <stddef.h>
#include <stdint.h>

#include "arpent/buf.h"
#include "arpent/id.h"
#include "arpent/identity.h"
#include "arpent/secret.h"

#define BUNDLE_FILE_MAX (16u << 20) /* bytes of a whole bundle */
#define BUNDLE_RAW_MAX (8u << 20)   /* bytes of a body once inflated */
#define BUNDLE_RATIO_MAX 100        /* a body inflates to at most this many times its packed size */
#define BUNDLE_COUNT_MAX 65536      /* records or changes in a body */
#define BUNDLE_TO_MAX 512           /* devices a bundle is sealed to */
#define BUNDLE_SEEN_MAX 1024
#define BUNDLE_TEAM 16
#define BUNDLE_HASH 32
#define BUNDLE_ASK "passphrase needed" /* detail of ERR_WRONG_KEY when none was given */

enum bundle_kind {
	BUNDLE_SEGMENT = 1,
	BUNDLE_SNAPSHOT = 2,
	BUNDLE_ROSTER = 3,
	BUNDLE_HANDOFF = 4,
	BUNDLE_INVITATION = 5,
	BUNDLE_BACKUP = 6
};

/* How hard a passphrase is to guess: Argon2id's passes and memory.  Read from a file, they are capped before they are
 * run. */
struct bundle_cost {
	uint32_t passes;  /* 1 to 8 */
	uint32_t mem_kib; /* 8 MiB to 256 MiB */
};
extern const struct bundle_cost BUNDLE_COST; /* for writing: 3 passes over 64 MiB */

/* Who can open it: devices, or an epoch key (both may be given), or a passphrase alone. */
struct bundle_to {
	const struct identity *who; /* devices */
	size_t n;
	const struct secret *epoch_key; /* 32 bytes, or NULL */
	uint32_t epoch;
	const struct secret *passphrase; /* or NULL */
	const struct bundle_cost *cost;  /* NULL: BUNDLE_COST */
};

/* What the reader has to open with; any may be NULL. */
struct bundle_keys {
	const uint8_t *box;              /* X25519 public key ... */
	const struct secret *box_secret; /* ... and secret key */
	const struct secret *epoch_key;
	uint32_t epoch;
	const struct secret *passphrase;
};

/* The highest segment of a device that the author had taken in, and that segment's hash. */
struct bundle_seen {
	struct id device;
	uint64_t n;
	uint8_t hash[BUNDLE_HASH];
};

struct bundle {
	enum bundle_kind kind;
	uint8_t team[BUNDLE_TEAM]; /* zero for a hand-off */
	struct identity from;      /* what it says of its author, signed; .device is the stream it belongs to */
	uint64_t n;                /* place in that stream; 0 outside one */
	uint8_t previous[BUNDLE_HASH];
	uint32_t epoch;
	uint64_t clock; /* hybrid logical clock of the author */
	struct bundle_seen *seen;
	size_t nseen;
	uint32_t count; /* records or changes in the body */

	/* Filled by bundle_open(). */
	uint8_t hash[BUNDLE_HASH]; /* BLAKE2b-256 of the whole file: its name */
	uint64_t raw;              /* size of the body once inflated, as the author says */
	size_t packed_len;
	struct buf inner; /* the opened inside; private to bundle.c */
	size_t packed_at;
	uint8_t codec;
};

void bundle_init(struct bundle *b, enum bundle_kind kind);
void bundle_done(struct bundle *b); /* wipes the opened inside */

/* Appends the sealed bundle to out.  b->from is set from `self`.  ERR_LIMIT over a limit above; ERR_INPUT when nobody
 * could open it, or when a passphrase comes with other recipients.  *packed (may be NULL) is what the body weighs
 * deflated. */
bool bundle_seal(struct bundle *b, const void *raw, size_t n, const struct identity_self *self,
		 const struct bundle_to *to, struct buf *out, size_t *packed, struct err *e) MUST_USE;

/* Opens and checks everything up to the signature; inflates nothing.  On failure *b is as after bundle_init().
 * ERR_NOT_BUNDLE; ERR_NEWER (format, suite, flag, kind, recipient type, codec); ERR_TRUNCATED; ERR_LIMIT; ERR_FOREIGN
 * (none of the keys opens it); ERR_WRONG_KEY (a passphrase is needed: detail BUNDLE_ASK; or it does not open it);
 * ERR_DAMAGED (altered, or the signature is not its author's). */
bool bundle_open(const void *p, size_t n, const struct bundle_keys *keys, struct bundle *b, struct err *e) MUST_USE;

/* The epoch of the key that it asks for, without opening it; 0 for none, or no bundle. */
uint32_t bundle_epoch(const void *p, size_t n);

/* The body.  Only after the author is believed.  Appends.  ERR_LIMIT for a bomb, ERR_DAMAGED for a body that is not
 * what its signed sizes say. */
bool bundle_unpack(const struct bundle *b, struct buf *raw, struct err *e) MUST_USE;

/* Deflate under the preset dictionary alone: for measuring, and for those who need a small text smaller.  Append. */
bool bundle_deflate(const void *raw, size_t n, struct buf *out, struct err *e) MUST_USE;
bool bundle_inflate(const void *packed, size_t n, size_t raw, struct buf *out, struct err *e) MUST_USE;

#endif
