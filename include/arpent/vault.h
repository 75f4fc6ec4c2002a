/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * vault - the header of a notebook file: who can open it, and the keys it gives.  man/arpent-notebook.5 has the layout.
 *
 * A random 256-bit data key is wrapped once per slot; subkeys come from it by crypto_kdf.  Changing a passphrase
 * rewrites a slot, never the pages.  The header is two copies (slot areas A and B), the higher valid generation wins,
 * and an update writes the older copy, so that a torn write never locks anyone out.
 */
#ifndef ARPENT_VAULT_H
#define ARPENT_VAULT_H

#include <stddef.h>
#include <stdint.h>

#include "arpent/err.h"
#include "arpent/secret.h"

#define VAULT_HEADER 65536
#define VAULT_PAGE 4096
#define VAULT_RESERVE 40
#define VAULT_WORDS 24 /* recovery words: 256 bits and a checksum (11 bits a word) */

enum vault_slot_type {
	VAULT_SLOT_PASSPHRASE = 1,
	VAULT_SLOT_WORDS = 2,
	VAULT_SLOT_KEY_FILE = 3,
	VAULT_SLOT_BOTH = 4 /* passphrase and key file together */
};

struct vault_cost {
	uint32_t opslimit;
	uint32_t mem_kib;
};

/* Finds Argon2id parameters that take about `target_ms` on this machine: at least 19 MiB and t=2, at most min(25 % of
 * free memory, 256 MiB).  Tests pass VAULT_COST_TEST to vault_create instead. */
bool vault_calibrate(unsigned target_ms, struct vault_cost *out, struct err *e) MUST_USE;
extern const struct vault_cost VAULT_COST_TEST; /* the floor: 19 MiB, t=2 */

/* What a person offers.  Either may be NULL; `words` is the text of the recovery words, blank separated, case, accents
 * and prefixes of four letters accepted. */
struct vault_key {
	const struct secret *passphrase;
	const struct secret *key_file;
	const struct secret *words;
};

struct vault; /* an open header with its keys */

/* Makes the file with its header only (O_EXCL, 0600, fsync of file and folder): at least one slot from `key`, and one
 * for recovery whose words are given back in *words, for the caller to show once and free.  lang is "fr" or "en": the
 * language of the words. */
bool vault_create(const char *path, const struct vault_key *key, const struct vault_cost *cost, const char *lang,
		  struct vault **out, struct secret *words, struct err *e) MUST_USE;

/* Takes the lock on the file first (so that one process has it), reads the header, unwraps.  Errors: ERR_NOT_NOTEBOOK,
 * ERR_NEWER, ERR_DAMAGED (both copies), ERR_WRONG_KEY, ERR_BUSY (detail: pid and host), ERR_NOT_FOUND, ERR_LIMIT
 * (Argon2 parameters over the caps).  Read-only copies open too when `write` is false. */
bool vault_open(const char *path, const struct vault_key *key, bool write, struct vault **out, struct err *e) MUST_USE;
void vault_close(struct vault *v); /* wipes; releases the lock; NULL is fine */

const char *vault_path(const struct vault *v);
const uint8_t *vault_file_id(const struct vault *v); /* 16 bytes */
uint64_t vault_generation(const struct vault *v);    /* of the header in force */

#define VAULT_KDF_CONTEXT "arpentDB" /* of crypto_kdf */

/* A subkey for a purpose of another module; ids are listed in man/arpent-notebook.5. */
enum vault_subkey {
	VAULT_SUB_PAGE = 1,
	VAULT_SUB_MASK = 2,
	VAULT_SUB_HEADER = 3,
	VAULT_SUB_FRESH = 4,
	VAULT_SUB_INBOX = 5,
	VAULT_SUB_SUM = 6,
	VAULT_SUB_LATEST = 7,
	VAULT_SUB_LATEST_NAME = 8,
	VAULT_SUB_LINK = 9
};
bool vault_subkey(const struct vault *v, enum vault_subkey which, struct secret *out, struct err *e) MUST_USE;
void vault_subkey_put(const struct vault *v, enum vault_subkey which, uint8_t out[32]); /* out: sodium_malloc */

/* For the vfs, which keeps the database in the same file: its descriptor (not to be closed by others: closing any
 * descriptor of the file drops SQLite's locks), and the front of a copy of it: the same slots, and f as its freshness
 * (NULL: not known). */
int vault_fd(const struct vault *v);
/* Gives the file its name once it is whole (io_rename()), or another's place.  vault_say_who() writes NAME.lock for the
 * new name, once the vault that had it is closed. */
bool vault_rename(struct vault *v, const char *path, bool replace, bool *moved, struct err *e) MUST_USE;
void vault_say_who(struct vault *v);
bool vault_writable(const struct vault *v);
struct vault_fresh;
bool vault_header_image(const struct vault *v, const struct vault_fresh *f, uint8_t out[VAULT_HEADER],
			struct err *e) MUST_USE;

/* Slots. */
struct vault_slot_info {
	enum vault_slot_type type;
	struct vault_cost cost;
	char label[32];
};
size_t vault_slots(const struct vault *v, struct vault_slot_info *out, size_t max);
/* Replaces the passphrase slot(s) with one for `key`, header update only.  When it fails the old one is in force,
 * unless the disk also failed at taking the new one back: that is ERR_IO at VAULT_EITHER_KEY, and either may open until
 * the header is next written, at the latest at the close. */
#define VAULT_EITHER_KEY "vault_rekey, either"
bool vault_rekey(struct vault *v, const struct vault_key *key, const struct vault_cost *cost, struct err *e) MUST_USE;
/* New recovery words; the old ones open nothing any more.  When it fails the old ones are in force; after ERR_IO at
 * VAULT_EITHER_WORDS it may be that none are, in the same way. */
#define VAULT_EITHER_WORDS "vault_new_words, either"
bool vault_new_words(struct vault *v, const char *lang, struct secret *words, struct err *e) MUST_USE;

/* Freshness record (sealed in the header), see store.h. */
struct vault_fresh {
	bool known;       /* false after a crash */
	uint64_t counter; /* clean closes so far */
	uint8_t sum[32];  /* over all pages, of a PRF of page number, nonce and tag */
};
bool vault_fresh_get(const struct vault *v, struct vault_fresh *out, struct err *e) MUST_USE; /* ERR_DAMAGED */
bool vault_fresh_set(struct vault *v, const struct vault_fresh *f, struct err *e) MUST_USE;

/* The inbox: its public key is read from the header without any passphrase. */
bool vault_inbox_public(const char *path, uint8_t file_id[16], uint8_t key[32], struct err *e) MUST_USE;
/* Opens a sealed box made to that key (crypto_box_seal). out has room for n - crypto_box_SEALBYTES. */
bool vault_inbox_unseal(const struct vault *v, const uint8_t *sealed, size_t n, uint8_t *out, struct err *e) MUST_USE;

#endif
