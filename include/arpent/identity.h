/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * identity - who is who: a person's name with the two public keys of one of their devices; and the colleagues one
 * knows.
 *
 * A card is an identity as one line of text, signed by itself so that the key to seal to belongs to the key that signs.
 * It proves that its maker holds the signing key, never that the maker is the person named: six words compared by voice
 * do. A colleague is first `seen`, then `verified`; what is shown never hides which.
 */
#ifndef ARPENT_IDENTITY_H
#define ARPENT_IDENTITY_H

#include <stddef.h>
#include <stdint.h>

#include "arpent/buf.h"
#include "arpent/id.h"
#include "arpent/secret.h"
#include "arpent/store.h"

#define IDENTITY_KEY 32
#define IDENTITY_NAME 80 /* bytes of a name at most */
#define IDENTITY_WORDS 6 /* 66 bits */

struct identity {
	char name[IDENTITY_NAME + 1];
	uint8_t sign[IDENTITY_KEY]; /* Ed25519 */
	uint8_t box[IDENTITY_KEY];  /* X25519 */
	struct id device;           /* the first 16 bytes of the BLAKE2b-256 of sign */
};

struct identity_self {
	struct identity who;
	struct secret sign; /* Ed25519 secret key as libsodium keeps it, 64 bytes */
	struct secret box;  /* X25519 secret key, 32 bytes */
};

void identity_device(const uint8_t sign[IDENTITY_KEY], struct id *out);
bool identity_name_ok(const char *name); /* as identity_set_name() leaves one: 1 to 80 bytes, no control characters */
bool identity_same(const struct identity *a, const struct identity *b); /* the same two keys */

/* This notebook's own, from store_self().  Its name is "" until it has been set. */
bool identity_self(struct store *s, struct identity_self *out, struct err *e) MUST_USE;
/* The same from two seeds of 32 bytes, without a notebook. */
bool identity_from_seeds(const struct secret *sign_seed, const struct secret *box_seed, const char *name,
			 struct identity_self *out, struct err *e) MUST_USE;
void identity_self_done(struct identity_self *self);
/* ERR_INPUT when empty, longer than IDENTITY_NAME bytes once tidied, or holding what is no letter of a name (control
 * characters). */
bool identity_set_name(struct store *s, const char *name, struct err *e) MUST_USE;

/* "ARPENT1:..." : one line of base32 in capitals.  ERR_INPUT without a name.  Appends. */
bool identity_card(const struct identity_self *self, struct buf *out, struct err *e) MUST_USE;
/* Finds the card anywhere in the text (a mail, a file); case, line breaks and quoting marks in it do not matter.
 * ERR_NOT_FOUND: no card; ERR_TRUNCATED: cut short; ERR_DAMAGED: mistyped or altered; ERR_NEWER. */
bool identity_card_read(const char *text, size_t n, struct identity *out, struct err *e) MUST_USE;

/* The card as a QR code, two rows of squares a line in half blocks, or two characters a square in ASCII; a quiet border
 * is included.  Light squares are inked, as terminals are dark; `dark_on_light` inks the others.  Appends.  *rows and
 * *columns (may be NULL) are what it takes on the screen. */
bool identity_qr(const char *card, bool ascii, bool dark_on_light, struct buf *out, int *rows, int *columns,
		 struct err *e) MUST_USE;

/* Six indexes into words.h, from a hash of both keys: the same in every language. */
void identity_fingerprint(const struct identity *who, unsigned out[IDENTITY_WORDS]);
/* As words, "fr" or "en", blank separated.  Appends. */
void identity_words(const struct identity *who, const char *lang, struct buf *out);

/* Colleagues. */
struct peer {
	struct identity who;
	bool verified;       /* the six words were compared */
	int64_t seen_ms;     /* when the card was taken, Unix milliseconds */
	int64_t verified_ms; /* 0 until then */
};

enum peer_how {
	PEER_ADD,    /* ERR_EXISTS when the name, or one of the keys, is already known with another key */
	PEER_DEVICE, /* one more device of a person already known by that name */
	PEER_REPLACE /* the devices known by that name are forgotten first */
};

/* Takes a card, unverified.  One already known with the same keys changes nothing (*added false).  ERR_INPUT for one's
 * own. */
bool peer_add(struct store *s, const struct identity *who, enum peer_how how, bool *added, struct err *e) MUST_USE;
bool peer_get(struct store *s, const struct id *device, struct peer *out, struct err *e) MUST_USE; /* ERR_NOT_FOUND */
bool peer_verify(struct store *s, const struct id *device,
		 struct err *e) MUST_USE; /* the words were compared, and agree */
bool peer_forget(struct store *s, const struct id *device, struct err *e) MUST_USE;
bool peer_each(struct store *s, bool (*cb)(void *ctx, const struct peer *p), void *ctx, struct err *e) MUST_USE;

/* The devices of the one person meant: the whole name, or words of it or their beginnings, accents and case aside; or
 * the start of a device id (4 digits or more). The caller frees *out.  ERR_NOT_FOUND, ERR_AMBIGUOUS (detail has up to
 * three names). */
bool peer_named(struct store *s, const char *typed, struct peer **out, size_t *n, struct err *e) MUST_USE;

#endif
