/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "arpent/seal.h"

#include <string.h>

#include <sodium.h>

#include "arpent/bytes.h"

enum { SEAL_AD = 20 };

static bool seal_alloc(struct seal *s, const uint8_t file_id[16], struct err *e)
{
	memset(s, 0, sizeof *s);
	s->k = sodium_malloc(sizeof *s->k);
	if (s->k == NULL)
		return err_nomem(e, "seal_init");
	memcpy(s->file_id, file_id, sizeof s->file_id);
	randombytes_buf(s->prefix, sizeof s->prefix);
	return true;
}

bool seal_init(struct seal *s, const struct vault *v, struct err *e)
{
	static const enum vault_subkey which[] = {VAULT_SUB_PAGE, VAULT_SUB_MASK, VAULT_SUB_SUM, VAULT_SUB_HEADER};
	uint8_t *to[4];
	bool ok = seal_alloc(s, vault_file_id(v), e);

	if (!ok)
		return false;
	to[0] = s->k->page, to[1] = s->k->mask, to[2] = s->k->sum, to[3] = s->k->mac;
	for (size_t i = 0; i < 4 && ok; i++) {
		struct secret sub = SECRET_INIT;

		ok = vault_subkey(v, which[i], &sub, e);
		if (ok)
			memcpy(to[i], sub.p, 32);
		secret_free(&sub);
	}
	if (!ok)
		seal_done(s);
	return ok;
}

bool seal_init_raw(struct seal *s, const uint8_t key[32], const uint8_t file_id[16], struct err *e)
{
	if (!seal_alloc(s, file_id, e))
		return false;
	crypto_kdf_derive_from_key(s->k->page, 32, VAULT_SUB_PAGE, VAULT_KDF_CONTEXT, key);
	crypto_kdf_derive_from_key(s->k->mask, 32, VAULT_SUB_MASK, VAULT_KDF_CONTEXT, key);
	crypto_kdf_derive_from_key(s->k->sum, 32, VAULT_SUB_SUM, VAULT_KDF_CONTEXT, key);
	crypto_kdf_derive_from_key(s->k->mac, 32, VAULT_SUB_HEADER, VAULT_KDF_CONTEXT, key);
	return true;
}

void seal_done(struct seal *s)
{
	sodium_free(s->k);
	s->k = NULL;
}

static void seal_ad(const struct seal *s, uint32_t pgno, uint8_t ad[SEAL_AD])
{
	memcpy(ad, s->file_id, sizeof s->file_id);
	le_put(ad + 16, 4, pgno);
}

void seal_page(struct seal *s, uint32_t pgno, const uint8_t *page, uint8_t out[VAULT_PAGE])
{
	uint8_t ad[SEAL_AD], *nonce = out + SEAL_TEXT;

	seal_ad(s, pgno, ad);
	memcpy(nonce, s->prefix, sizeof s->prefix);
	le_put(nonce + sizeof s->prefix, 8, atomic_fetch_add(&s->count, 1));
	crypto_aead_xchacha20poly1305_ietf_encrypt_detached(out, nonce + SEAL_NONCE, NULL, page, SEAL_TEXT, ad,
							    sizeof ad, NULL, nonce, s->k->page);
}

bool seal_open(const struct seal *s, uint32_t pgno, const uint8_t in[VAULT_PAGE], uint8_t out[VAULT_PAGE])
{
	const uint8_t *nonce = in + SEAL_TEXT;
	uint8_t ad[SEAL_AD];
	bool ok;

	seal_ad(s, pgno, ad);
	ok = crypto_aead_xchacha20poly1305_ietf_decrypt_detached(out, NULL, in, SEAL_TEXT, nonce + SEAL_NONCE, ad,
								 sizeof ad, nonce, s->k->page) == 0;
	if (ok)
		memset(out + SEAL_TEXT, 0, VAULT_RESERVE);
	else
		memset(out, 0, VAULT_PAGE);
	return ok;
}

void seal_mask(const struct seal *s, const uint8_t sealed[VAULT_PAGE], const uint8_t *bound, size_t n, uint8_t *p,
	       size_t len)
{
	crypto_generichash_state st;
	uint8_t mask[16];

	crypto_generichash_init(&st, s->k->mask, sizeof s->k->mask, sizeof mask);
	crypto_generichash_update(&st, sealed + SEAL_TEXT, SEAL_NONCE);
	crypto_generichash_update(&st, bound, n);
	crypto_generichash_final(&st, mask, sizeof mask);
	for (size_t i = 0; i < len && i < sizeof mask; i++)
		p[i] ^= mask[i];
}

void seal_sum(const struct seal *s, uint8_t sum[SEAL_SUM], uint32_t pgno, const uint8_t trailer[VAULT_RESERVE],
	      bool add)
{
	uint8_t in[4 + VAULT_RESERVE], term[SEAL_SUM];

	le_put(in, 4, pgno);
	memcpy(in + 4, trailer, VAULT_RESERVE);
	crypto_generichash(term, sizeof term, in, sizeof in, s->k->sum, sizeof s->k->sum);
	if (add)
		sodium_add(sum, term, sizeof term);
	else
		sodium_sub(sum, term, sizeof term);
}
