/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "arpent/slot.h"

#include <string.h>
#include <time.h>
#include <unistd.h>

#include <sodium.h>
#include <utf8proc.h>

#include "arpent/words.h"

#define SLOT_MEM_MIN 19456u
#define SLOT_OPS_MIN 2u

const struct vault_cost VAULT_COST_TEST = {SLOT_OPS_MIN, SLOT_MEM_MIN};

static bool slot_has(const struct secret *s)
{
	return s != NULL && s->p != NULL && s->len > 0;
}

bool slot_fits(uint8_t type, const struct vault_key *key)
{
	switch (type) {
	case VAULT_SLOT_PASSPHRASE:
		return slot_has(key->passphrase);
	case VAULT_SLOT_WORDS:
		return slot_has(key->words);
	case VAULT_SLOT_KEY_FILE:
		return slot_has(key->key_file);
	case VAULT_SLOT_BOTH:
		return slot_has(key->passphrase) && slot_has(key->key_file);
	default:
		return false;
	}
}

uint8_t slot_type_for(const struct vault_key *key)
{
	if (slot_fits(VAULT_SLOT_BOTH, key))
		return VAULT_SLOT_BOTH;
	if (slot_has(key->passphrase))
		return VAULT_SLOT_PASSPHRASE;
	return slot_has(key->key_file) ? VAULT_SLOT_KEY_FILE : 0;
}

/* utf8proc works in the caller's buffers here: text_nfc() would leave the passphrase in freed memory. */
static bool slot_nfc(const struct secret *in, struct secret *out, struct err *e)
{
	const utf8proc_option_t how = UTF8PROC_STABLE | UTF8PROC_COMPOSE;
	const utf8proc_uint8_t *s = in->p;
	utf8proc_ssize_t n = (utf8proc_ssize_t)in->len, cps = utf8proc_decompose(s, n, NULL, 0, how);

	if (cps < 0) /* not UTF-8: some other keyboard; its bytes are the passphrase */
		return secret_set(out, in->p, in->len, e);
	if (!secret_alloc(out, ((size_t)cps + 1) * sizeof(utf8proc_int32_t), e))
		return false;
	cps = utf8proc_decompose(s, n, (utf8proc_int32_t *)(void *)out->p, cps, how);
	n = cps < 0 ? cps : utf8proc_reencode((utf8proc_int32_t *)(void *)out->p, cps, how);
	if (n < 0)
		return err_set(e, ERR_INTERNAL, "slot_nfc", "%s", utf8proc_errmsg(n));
	out->len = (size_t)n;
	return true;
}

/* What Argon2id is fed: the passphrase in NFC, the hash of the key file, or the hash and then the passphrase. */
static bool slot_input(uint8_t type, const struct vault_key *key, struct secret *out, struct err *e)
{
	struct secret nfc = SECRET_INIT;
	size_t hash = type == VAULT_SLOT_PASSPHRASE ? 0 : 32;
	bool ok = false;

	if (type != VAULT_SLOT_KEY_FILE && !slot_nfc(key->passphrase, &nfc, e))
		goto out;
	if (!secret_alloc(out, hash + nfc.len, e))
		goto out;
	if (hash > 0)
		crypto_generichash(out->p, hash, key->key_file->p, key->key_file->len, NULL, 0);
	if (nfc.len > 0)
		memcpy(out->p + hash, nfc.p, nfc.len);
	out->len = hash + nfc.len;
	ok = true;
out:
	secret_free(&nfc);
	return ok;
}

static bool slot_kek_words(const struct header_slot *s, const struct secret *words, struct secret *kek, struct err *e)
{
	struct secret entropy = SECRET_INIT;
	bool ok = secret_alloc(&entropy, 32, e) && slot_words_parse(words, entropy.p, e);

	if (ok)
		crypto_generichash(kek->p, HEADER_KEY, s->salt, sizeof s->salt, entropy.p, 32);
	secret_free(&entropy);
	return ok;
}

bool slot_cost_ok(const struct header_slot *s, struct err *e)
{
	if (s->mem_kib > SLOT_MEM_MAX || s->opslimit > SLOT_OPS_MAX ||
	    (uint64_t)s->mem_kib * s->opslimit > SLOT_WORK_MAX)
		return err_set(e, ERR_LIMIT, "slot_kek", "%u KiB, %u passes", s->mem_kib, s->opslimit);
	if (s->opslimit < crypto_pwhash_OPSLIMIT_MIN || s->mem_kib < crypto_pwhash_MEMLIMIT_MIN / 1024)
		return err_set(e, ERR_DAMAGED, "slot_kek", "%u KiB, %u passes", s->mem_kib, s->opslimit);
	return true;
}

bool slot_kek(const struct header_slot *s, const struct vault_key *key, struct secret *kek, struct err *e)
{
	struct secret input = SECRET_INIT;
	bool ok = false;

	if (!secret_alloc(kek, HEADER_KEY, e))
		return false;
	kek->len = HEADER_KEY;
	if (s->type == VAULT_SLOT_WORDS)
		return slot_kek_words(s, key->words, kek, e);
	if (!slot_cost_ok(s, e) || !slot_input(s->type, key, &input, e))
		goto out;
	ok = crypto_pwhash(kek->p, HEADER_KEY, (const char *)input.p, input.len, s->salt, s->opslimit,
			   (size_t)s->mem_kib * 1024, crypto_pwhash_ALG_ARGON2ID13) == 0;
	if (!ok)
		(void)err_nomem(e, "slot_kek");
out:
	secret_free(&input);
	return ok;
}

/* 11 bits at bit 11*i of the entropy followed by its checksum byte. */
static unsigned slot_bits(const uint8_t bytes[33], unsigned i)
{
	unsigned v = 0;

	for (unsigned bit = i * 11; bit < i * 11 + 11; bit++)
		v = v << 1 | ((unsigned)bytes[bit / 8] >> (7 - bit % 8) & 1u);
	return v;
}

bool slot_words_text(const uint8_t entropy[32], const char *lang, struct secret *out, struct err *e)
{
	struct secret b = SECRET_INIT;
	uint8_t hash[crypto_hash_sha256_BYTES];

	if (!secret_alloc(out, VAULT_WORDS * WORDS_LONGEST, e) || !secret_alloc(&b, 33, e))
		return false;
	memcpy(b.p, entropy, 32);
	crypto_hash_sha256(hash, entropy, 32);
	b.p[32] = hash[0];
	out->len = 0;
	for (unsigned i = 0; i < VAULT_WORDS; i++) {
		const char *word = words_get(lang, slot_bits(b.p, i));
		size_t n = strlen(word);

		if (i > 0)
			out->p[out->len++] = ' ';
		memcpy(out->p + out->len, word, n);
		out->len += n;
	}
	out->p[out->len] = '\0';
	sodium_memzero(hash, sizeof hash);
	secret_free(&b);
	return true;
}

static bool slot_blank(unsigned char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == ',';
}

/* Reads VAULT_WORDS words of one language; *word is the first that fails. */
static bool slot_words_read(const struct secret *text, const char *lang, uint8_t b[33], unsigned *word)
{
	size_t at = 0;

	memset(b, 0, 33);
	for (*word = 0; *word < VAULT_WORDS; ++*word) {
		size_t from;
		int v;

		while (at < text->len && slot_blank(text->p[at]))
			at++;
		for (from = at; at < text->len && !slot_blank(text->p[at]);)
			at++;
		v = words_find(lang, (const char *)text->p + from, at - from);
		if (v < 0)
			return false;
		for (unsigned bit = 0; bit < 11; bit++)
			if ((unsigned)v >> (10 - bit) & 1u)
				b[(*word * 11 + bit) / 8] |= (uint8_t)(0x80u >> (*word * 11 + bit) % 8);
	}
	while (at < text->len && slot_blank(text->p[at]))
		at++;
	return at == text->len;
}

bool slot_words_parse(const struct secret *text, uint8_t entropy[32], struct err *e)
{
	static const char *const langs[] = {"en", "fr"};
	struct secret b = SECRET_INIT;
	uint8_t hash[crypto_hash_sha256_BYTES];
	unsigned word, furthest = 0;
	bool ok = false;

	if (!secret_alloc(&b, 33, e))
		return false;
	for (size_t i = 0; i < 2 && !ok; i++) {
		ok = slot_words_read(text, langs[i], b.p, &word);
		furthest = word > furthest ? word : furthest;
		crypto_hash_sha256(hash, b.p, 32);
		ok = ok && hash[0] == b.p[32];
	}
	if (ok)
		memcpy(entropy, b.p, 32);
	else if (furthest < VAULT_WORDS)
		(void)err_set(e, ERR_INPUT, "slot_words_parse", "word %u", furthest + 1);
	else
		(void)err_set(e, ERR_INPUT, "slot_words_parse", "checksum");
	sodium_memzero(hash, sizeof hash);
	secret_free(&b);
	return ok;
}

static double slot_seconds(uint32_t mem_kib)
{
	const uint8_t salt[crypto_pwhash_SALTBYTES] = {0};
	uint8_t out[HEADER_KEY];
	struct timespec a, b;

	clock_gettime(CLOCK_MONOTONIC, &a);
	if (crypto_pwhash(out, sizeof out, "calibrate", 9, salt, SLOT_OPS_MIN, (size_t)mem_kib * 1024,
			  crypto_pwhash_ALG_ARGON2ID13) != 0)
		return -1;
	clock_gettime(CLOCK_MONOTONIC, &b);
	return (double)(b.tv_sec - a.tv_sec) + (double)(b.tv_nsec - a.tv_nsec) / 1e9;
}

bool vault_calibrate(unsigned target_ms, struct vault_cost *out, struct err *e)
{
	double free_kib = (double)sysconf(_SC_AVPHYS_PAGES) * (double)sysconf(_SC_PAGESIZE) / 1024;
	double cap = free_kib / 4 < SLOT_MEM_MAX ? free_kib / 4 : SLOT_MEM_MAX, took, passes;

	cap = cap < SLOT_MEM_MIN ? SLOT_MEM_MIN : cap;
	took = slot_seconds(SLOT_MEM_MIN);
	if (took <= 0)
		return err_nomem(e, "vault_calibrate");
	/* Time grows with memory times passes: first memory, then passes. */
	passes = target_ms / 1000.0 / (took / ((double)SLOT_MEM_MIN * SLOT_OPS_MIN));
	out->mem_kib = SLOT_MEM_MIN;
	if (passes / SLOT_OPS_MIN > SLOT_MEM_MIN)
		out->mem_kib = (uint32_t)(passes / SLOT_OPS_MIN < cap ? passes / SLOT_OPS_MIN : cap);
	passes /= out->mem_kib;
	if (passes > SLOT_OPS_MAX)
		passes = SLOT_OPS_MAX;
	if (passes * out->mem_kib > SLOT_WORK_MAX)
		passes = (double)SLOT_WORK_MAX / out->mem_kib;
	out->opslimit = passes > SLOT_OPS_MIN ? (uint32_t)passes : SLOT_OPS_MIN;
	return true;
}
