/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * header - the 4 KiB at the front of a notebook file, as bytes and as a struct.  arpent-notebook(5) has the layout.
 *
 * Pure: no files, no key derivation.  Whoever holds a copy can tell a damaged one (a checksum) before any passphrase is
 * asked for; whoever holds the data key can tell an altered one (a MAC).
 */
#ifndef ARPENT_HEADER_H
#define ARPENT_HEADER_H

#include <stddef.h>
#include <stdint.h>

#include "arpent/err.h"

#define HEADER_COPY 4096     /* bytes of one copy */
#define HEADER_COPY_B 0x8000 /* where the second is in the file; the first is at 0 */
#define HEADER_VERSION 1
#define HEADER_SLOTS 8
#define HEADER_KEY 32
#define HEADER_WRAPPED 48
#define HEADER_FRESH 88 /* nonce, 48 bytes sealed, tag */

struct header_slot {
	uint8_t type; /* enum vault_slot_type */
	uint32_t opslimit, mem_kib;
	uint8_t salt[16];
	uint8_t nonce[24];
	uint8_t wrapped[HEADER_WRAPPED];
	char label[32]; /* NUL-terminated */
};

struct header {
	uint16_t version;
	uint16_t nslots;
	uint64_t gen;
	uint8_t file_id[16];
	uint8_t inbox[32];
	uint8_t fresh[HEADER_FRESH];
	struct header_slot slot[HEADER_SLOTS];
};

/* Writes the checksum and the MAC too. */
void header_encode(const struct header *h, const uint8_t mac_key[HEADER_KEY], uint8_t out[HEADER_COPY]);

/* What a copy is before any key is known.  *h is filled for ERR_NONE; its version for ERR_NEWER. */
enum err_code header_decode(const uint8_t in[HEADER_COPY], struct header *h);

bool header_mac_ok(const uint8_t in[HEADER_COPY], const uint8_t mac_key[HEADER_KEY]);

/* Of two copies in a file, the one to go by: the valid MAC with the highest generation.  *which is 0 or 1. */
bool header_choose(const uint8_t copies[2 * HEADER_COPY], const uint8_t mac_key[HEADER_KEY], struct header *h,
		   unsigned *which, struct err *e) MUST_USE; /* ERR_DAMAGED, ERR_NEWER */

/* A slot's key: wraps or unwraps the data key.  The slot's parameters and the file's id are bound in. */
void header_wrap(const struct header *h, struct header_slot *s, const uint8_t kek[HEADER_KEY],
		 const uint8_t data_key[HEADER_KEY]); /* draws the nonce */
bool header_unwrap(const struct header *h, const struct header_slot *s, const uint8_t kek[HEADER_KEY],
		   uint8_t data_key[HEADER_KEY]) MUST_USE;

#endif
