/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "arpent/header.h"

#include <string.h>

#include <sodium.h>

#include "arpent/bytes.h"
#include "arpent/vault.h"

static const uint8_t header_magic[8] = {'A', 'R', 'P', 'E', 'N', 'T', 'D', 'B'};

enum {
	AT_VERSION = 8,
	AT_PAGE_SIZE = 10,
	AT_NSLOTS = 12,
	AT_GEN = 16,
	AT_FILE_ID = 24,
	AT_INBOX = 40,
	AT_FRESH = 72,
	AT_SLOTS = 160,
	SLOT_BYTES = 132,
	SLOT_BOUND = 28, /* type, parameters and salt: bound to the wrapped key */
	AT_CHECK = 4032,
	AT_MAC = 4064
};

static void header_slot_encode(const struct header_slot *s, uint8_t p[SLOT_BYTES])
{
	memset(p, 0, SLOT_BYTES);
	p[0] = s->type;
	le_put(p + 4, 4, s->opslimit);
	le_put(p + 8, 4, s->mem_kib);
	memcpy(p + 12, s->salt, sizeof s->salt);
	memcpy(p + 28, s->nonce, sizeof s->nonce);
	memcpy(p + 52, s->wrapped, sizeof s->wrapped);
	memcpy(p + 100, s->label, sizeof s->label);
}

static void header_slot_decode(const uint8_t p[SLOT_BYTES], struct header_slot *s)
{
	s->type = p[0];
	s->opslimit = (uint32_t)le_get(p + 4, 4);
	s->mem_kib = (uint32_t)le_get(p + 8, 4);
	memcpy(s->salt, p + 12, sizeof s->salt);
	memcpy(s->nonce, p + 28, sizeof s->nonce);
	memcpy(s->wrapped, p + 52, sizeof s->wrapped);
	memcpy(s->label, p + 100, sizeof s->label);
	s->label[sizeof s->label - 1] = '\0';
}

void header_encode(const struct header *h, const uint8_t mac_key[HEADER_KEY], uint8_t out[HEADER_COPY])
{
	memset(out, 0, HEADER_COPY);
	memcpy(out, header_magic, sizeof header_magic);
	le_put(out + AT_VERSION, 2, h->version);
	le_put(out + AT_PAGE_SIZE, 2, VAULT_PAGE);
	le_put(out + AT_NSLOTS, 2, h->nslots);
	le_put(out + AT_GEN, 8, h->gen);
	memcpy(out + AT_FILE_ID, h->file_id, sizeof h->file_id);
	memcpy(out + AT_INBOX, h->inbox, sizeof h->inbox);
	memcpy(out + AT_FRESH, h->fresh, sizeof h->fresh);
	for (size_t i = 0; i < h->nslots; i++)
		header_slot_encode(&h->slot[i], out + AT_SLOTS + i * SLOT_BYTES);
	crypto_generichash(out + AT_CHECK, 32, out, AT_CHECK, NULL, 0);
	crypto_auth(out + AT_MAC, out, AT_MAC, mac_key);
}

enum err_code header_decode(const uint8_t in[HEADER_COPY], struct header *h)
{
	uint8_t check[32];

	memset(h, 0, sizeof *h);
	if (memcmp(in, header_magic, sizeof header_magic) != 0)
		return ERR_NOT_NOTEBOOK;
	crypto_generichash(check, sizeof check, in, AT_CHECK, NULL, 0);
	if (memcmp(check, in + AT_CHECK, sizeof check) != 0)
		return ERR_DAMAGED;
	h->version = (uint16_t)le_get(in + AT_VERSION, 2);
	if (h->version > HEADER_VERSION)
		return ERR_NEWER;
	h->nslots = (uint16_t)le_get(in + AT_NSLOTS, 2);
	if (h->version == 0 || le_get(in + AT_PAGE_SIZE, 2) != VAULT_PAGE || h->nslots > HEADER_SLOTS)
		return ERR_DAMAGED;
	h->gen = le_get(in + AT_GEN, 8);
	memcpy(h->file_id, in + AT_FILE_ID, sizeof h->file_id);
	memcpy(h->inbox, in + AT_INBOX, sizeof h->inbox);
	memcpy(h->fresh, in + AT_FRESH, sizeof h->fresh);
	for (size_t i = 0; i < h->nslots; i++)
		header_slot_decode(in + AT_SLOTS + i * SLOT_BYTES, &h->slot[i]);
	return ERR_NONE;
}

bool header_mac_ok(const uint8_t in[HEADER_COPY], const uint8_t mac_key[HEADER_KEY])
{
	return crypto_auth_verify(in + AT_MAC, in, AT_MAC, mac_key) == 0;
}

/* The place of the MAC is the same in every version, so that an older program can tell that a newer one wrote a copy
 * and not go back to the other. */
bool header_choose(const uint8_t copies[2 * HEADER_COPY], const uint8_t mac_key[HEADER_KEY], struct header *h,
		   unsigned *which, struct err *e)
{
	bool found = false;

	for (unsigned i = 0; i < 2; i++) {
		const uint8_t *in = copies + (size_t)i * HEADER_COPY;
		struct header copy;
		enum err_code code;

		if (!header_mac_ok(in, mac_key))
			continue;
		code = header_decode(in, &copy);
		if (code == ERR_NEWER)
			return err_set(e, ERR_NEWER, "header_choose", "version %u", copy.version);
		if (code == ERR_NONE && (!found || copy.gen > h->gen)) {
			*h = copy;
			*which = i;
			found = true;
		}
	}
	return found || err_set(e, ERR_DAMAGED, "header_choose", "no header copy is authentic");
}

static void header_slot_bound(const struct header *h, const struct header_slot *s, uint8_t ad[16 + SLOT_BOUND])
{
	uint8_t slot[SLOT_BYTES];

	header_slot_encode(s, slot);
	memcpy(ad, h->file_id, 16);
	memcpy(ad + 16, slot, SLOT_BOUND);
}

void header_wrap(const struct header *h, struct header_slot *s, const uint8_t kek[HEADER_KEY],
		 const uint8_t data_key[HEADER_KEY])
{
	uint8_t ad[16 + SLOT_BOUND];

	header_slot_bound(h, s, ad);
	randombytes_buf(s->nonce, sizeof s->nonce);
	crypto_aead_xchacha20poly1305_ietf_encrypt(s->wrapped, NULL, data_key, HEADER_KEY, ad, sizeof ad, NULL,
						   s->nonce, kek);
}

bool header_unwrap(const struct header *h, const struct header_slot *s, const uint8_t kek[HEADER_KEY],
		   uint8_t data_key[HEADER_KEY])
{
	uint8_t ad[16 + SLOT_BOUND];

	header_slot_bound(h, s, ad);
	return crypto_aead_xchacha20poly1305_ietf_decrypt(data_key, NULL, NULL, s->wrapped, sizeof s->wrapped, ad,
							  sizeof ad, s->nonce, kek) == 0;
}
