/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * seal - one page, sealed and opened: XChaCha20-Poly1305-IETF (libsodium), with the file's id and the page's number
 * bound in.
 *
 * A sealed page is ciphertext[4056] nonce[24] tag[16], and is the same in the database, the WAL and the journal.  Also
 * here: what is in the place of SQLite's checksums, and the freshness sum.  arpent-notebook(5) says why each is enough.
 */
#ifndef ARPENT_SEAL_H
#define ARPENT_SEAL_H

#include <stdatomic.h>
#include <stdint.h>

#include "arpent/vault.h"

#define SEAL_TEXT (VAULT_PAGE - VAULT_RESERVE)
#define SEAL_NONCE 24
#define SEAL_TAG 16
#define SEAL_SUM 32
#define SEAL_LINK 8

struct seal_keys {
	uint8_t page[32], mask[32], sum[32], mac[32], link[32];
	uint8_t stream[32]; /* what XChaCha20 makes of `page` and the first 16 bytes of a nonce, which are the prefix */
};

struct seal {
	struct seal_keys *k; /* sodium_malloc */
	uint8_t file_id[16];
	uint8_t prefix[16];     /* of every nonce drawn here: random, once */
	_Atomic uint64_t count; /* the other 8 bytes */
};

bool seal_init(struct seal *s, const struct vault *v, struct err *e) MUST_USE;
/* For tests: every key is derived from this one as a notebook's are from its data key. */
bool seal_init_raw(struct seal *s, const uint8_t key[32], const uint8_t file_id[16], struct err *e) MUST_USE;
void seal_done(struct seal *s); /* wipes */

/* Seals SEAL_TEXT bytes of page; the rest of it (SQLite's reserve) is not looked at. */
void seal_page(struct seal *s, uint32_t pgno, const uint8_t *page, uint8_t out[VAULT_PAGE]);
/* The reserve comes back as zeros; on failure all of out does. */
bool seal_open(const struct seal *s, uint32_t pgno, const uint8_t in[VAULT_PAGE], uint8_t out[VAULT_PAGE]) MUST_USE;

/* XORs 4 bytes at p with a pseudo-random function of a sealed page's nonce. */
void seal_mask(const struct seal *s, const uint8_t sealed[VAULT_PAGE], uint8_t p[4]);

/* The link of a frame of the WAL, in the place of `link`, that of the frame before: a pseudo-random function of that,
 * the first 16 bytes of the frame and the tag of its page.  The one before the first frame is of the log's header. */
void seal_link(const struct seal *s, uint8_t link[SEAL_LINK], const uint8_t head[16], const uint8_t tag[SEAL_TAG]);
void seal_link_first(const struct seal *s, uint8_t link[SEAL_LINK], const uint8_t header[32]);

/* Adds a sealed page to, or takes it from, a sum of which the order does not matter. trailer: its last VAULT_RESERVE
 * bytes. */
void seal_sum(const struct seal *s, uint8_t sum[SEAL_SUM], uint32_t pgno, const uint8_t trailer[VAULT_RESERVE],
	      bool add);

#endif
