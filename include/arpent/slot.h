/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * slot - from what a person offers (passphrase, key file, recovery words) to the key that unwraps a slot.
 *
 * Argon2id (crypto_pwhash) for passphrases and key files.  Recovery words carry 256 random bits and need no stretching.
 */
#ifndef ARPENT_SLOT_H
#define ARPENT_SLOT_H

#include "arpent/header.h"
#include "arpent/vault.h"

/* More than this is refused before it is run: 256 MiB, 128 passes, and 8 GiB filled in all. */
#define SLOT_MEM_MAX 262144u
#define SLOT_OPS_MAX 128u
#define SLOT_WORK_MAX 8388608u

/* Does `key` hold what a slot of this type asks for? */
bool slot_fits(uint8_t type, const struct vault_key *key);
/* The type of slot that `key` makes; 0 when it is empty.  Words never make one here. */
uint8_t slot_type_for(const struct vault_key *key);

/* May Argon2id be run with a slot's parameters?  ERR_LIMIT (over the caps), ERR_DAMAGED (less than it takes). */
bool slot_cost_ok(const struct header_slot *s, struct err *e) MUST_USE;

/* The slot's key, 32 bytes, into an allocated kek. ERR_LIMIT (parameters over the caps), ERR_INPUT (not recovery
 * words), ERR_NOMEM. */
bool slot_kek(const struct header_slot *s, const struct vault_key *key, struct secret *kek, struct err *e) MUST_USE;

/* 32 random bytes as VAULT_WORDS words (BIP-39: SHA-256's first byte is the checksum), and back from what a person
 * typed, in either language.  ERR_INPUT: the detail is the first word that is not in the list, or empty for a wrong
 * checksum. */
bool slot_words_text(const uint8_t entropy[32], const char *lang, struct secret *out, struct err *e) MUST_USE;
bool slot_words_parse(const struct secret *text, uint8_t entropy[32], struct err *e) MUST_USE;

#endif
