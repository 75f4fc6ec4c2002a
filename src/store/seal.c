/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "arpent/seal.h"

#include <string.h>

#include <sodium.h>

#include "arpent/bytes.h"

enum { SEAL_AD = 20, SEAL_BLOCK = 64 };

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
	if (!seal_alloc(s, vault_file_id(v), e))
		return false;
	vault_subkey_put(v, VAULT_SUB_PAGE, s->k->page);
	vault_subkey_put(v, VAULT_SUB_MASK, s->k->mask);
	vault_subkey_put(v, VAULT_SUB_SUM, s->k->sum);
	vault_subkey_put(v, VAULT_SUB_HEADER, s->k->mac);
	vault_subkey_put(v, VAULT_SUB_LINK, s->k->link);
	crypto_core_hchacha20(s->k->stream, s->prefix, s->k->page, NULL);
	return true;
}

bool seal_init_raw(struct seal *s, const uint8_t key[32], const uint8_t file_id[16], struct err *e)
{
	if (!seal_alloc(s, file_id, e))
		return false;
	crypto_kdf_derive_from_key(s->k->page, 32, VAULT_SUB_PAGE, VAULT_KDF_CONTEXT, key);
	crypto_kdf_derive_from_key(s->k->mask, 32, VAULT_SUB_MASK, VAULT_KDF_CONTEXT, key);
	crypto_kdf_derive_from_key(s->k->sum, 32, VAULT_SUB_SUM, VAULT_KDF_CONTEXT, key);
	crypto_kdf_derive_from_key(s->k->mac, 32, VAULT_SUB_HEADER, VAULT_KDF_CONTEXT, key);
	crypto_kdf_derive_from_key(s->k->link, 32, VAULT_SUB_LINK, VAULT_KDF_CONTEXT, key);
	crypto_core_hchacha20(s->k->stream, s->prefix, s->k->page, NULL);
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

/* The tag of RFC 8439, section 2.8, over additional data and ciphertext. */
static void seal_tag(const uint8_t ad[SEAL_AD], const uint8_t *text, const uint8_t key[32], uint8_t tag[SEAL_TAG])
{
	enum { PAD_AD = 32, PAD = 16 - SEAL_TEXT % 16 };
	uint8_t first[PAD_AD] = {0}, last[PAD + 16] = {0};
	crypto_onetimeauth_state st;

	memcpy(first, ad, SEAL_AD);
	le_put(last + PAD, 8, SEAL_AD);
	le_put(last + PAD + 8, 8, SEAL_TEXT);
	crypto_onetimeauth_init(&st, key);
	crypto_onetimeauth_update(&st, first, sizeof first);
	crypto_onetimeauth_update(&st, text, SEAL_TEXT);
	crypto_onetimeauth_update(&st, last, sizeof last);
	crypto_onetimeauth_final(&st, tag);
}

/* ChaCha20 from block 0 on: a block of zeros gives the tag's key, and the text follows in the same call, which takes
 * less than one call for each.  The key of a nonce whose first half is `prefix` is known. */
static void seal_stream(const struct seal *s, const uint8_t nonce[SEAL_NONCE], const uint8_t *text, uint8_t *out)
{
	uint8_t key[32], rest[12] = {0};
	bool own = memcmp(nonce, s->prefix, sizeof s->prefix) == 0;

	if (!own)
		crypto_core_hchacha20(key, nonce, s->k->page, NULL);
	memcpy(rest + 4, nonce + sizeof s->prefix, 8);
	memset(out, 0, SEAL_BLOCK);
	memcpy(out + SEAL_BLOCK, text, SEAL_TEXT);
	crypto_stream_chacha20_ietf_xor(out, out, SEAL_BLOCK + SEAL_TEXT, rest, own ? s->k->stream : key);
	if (!own)
		sodium_memzero(key, sizeof key);
}

/* Byte for byte crypto_aead_xchacha20poly1305_ietf_encrypt_detached(). */
void seal_page(struct seal *s, uint32_t pgno, const uint8_t *page, uint8_t out[VAULT_PAGE])
{
	uint8_t ad[SEAL_AD], *nonce = out + SEAL_TEXT, stream[SEAL_BLOCK + SEAL_TEXT];

	seal_ad(s, pgno, ad);
	memcpy(nonce, s->prefix, sizeof s->prefix);
	le_put(nonce + sizeof s->prefix, 8, atomic_fetch_add(&s->count, 1));
	seal_stream(s, nonce, page, stream);
	memcpy(out, stream + SEAL_BLOCK, SEAL_TEXT);
	seal_tag(ad, out, stream, nonce + SEAL_NONCE);
	sodium_memzero(stream, SEAL_BLOCK);
}

/* What does not verify is never handed on, deciphered as it may be already. */
bool seal_open(const struct seal *s, uint32_t pgno, const uint8_t in[VAULT_PAGE], uint8_t out[VAULT_PAGE])
{
	const uint8_t *nonce = in + SEAL_TEXT;
	uint8_t ad[SEAL_AD], tag[SEAL_TAG], stream[SEAL_BLOCK + SEAL_TEXT];
	bool ok;

	seal_ad(s, pgno, ad);
	seal_stream(s, nonce, in, stream);
	seal_tag(ad, in, stream, tag);
	ok = crypto_verify_16(tag, nonce + SEAL_NONCE) == 0;
	if (ok) {
		memcpy(out, stream + SEAL_BLOCK, SEAL_TEXT);
		memset(out + SEAL_TEXT, 0, VAULT_RESERVE);
	} else {
		memset(out, 0, VAULT_PAGE);
	}
	sodium_memzero(stream, sizeof stream);
	return ok;
}

void seal_mask(const struct seal *s, const uint8_t sealed[VAULT_PAGE], uint8_t p[4])
{
	uint8_t mask[16];

	crypto_generichash(mask, sizeof mask, sealed + SEAL_TEXT, SEAL_NONCE, s->k->mask, sizeof s->k->mask);
	for (size_t i = 0; i < 4; i++)
		p[i] ^= mask[i];
}

void seal_link(const struct seal *s, uint8_t link[SEAL_LINK], const uint8_t head[16], const uint8_t tag[SEAL_TAG])
{
	uint8_t in[SEAL_LINK + 16 + SEAL_TAG];

	memcpy(in, link, SEAL_LINK);
	memcpy(in + SEAL_LINK, head, 16);
	memcpy(in + SEAL_LINK + 16, tag, SEAL_TAG);
	crypto_shorthash(link, in, sizeof in, s->k->link);
}

void seal_link_first(const struct seal *s, uint8_t link[SEAL_LINK], const uint8_t header[32])
{
	memset(link, 0, SEAL_LINK);
	seal_link(s, link, header, header + 16);
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
