/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A page is sealed byte for byte as libsodium's own call does it. */
#include "check.h"

#include <sodium.h>

#include "arpent/bytes.h"
#include "arpent/seal.h"

static const uint8_t key[32] = {7, 7, 7}, file_id[16] = {9, 9};

static void start(struct seal *s)
{
	struct err e = ERR_INIT;

	if (sodium_init() < 0)
		exit(99);
	CHECK_OK(seal_init_raw(s, key, file_id, &e), &e);
}

static void additional(uint32_t pgno, uint8_t ad[20])
{
	memcpy(ad, file_id, 16);
	le_put(ad + 16, 4, pgno);
}

TEST(bytes_are_those_of_the_aead)
{
	struct seal s;
	uint8_t page[VAULT_PAGE], sealed[VAULT_PAGE], want[VAULT_PAGE], back[VAULT_PAGE], ad[20];

	start(&s);
	for (uint32_t pgno = 1; pgno < 200; pgno++) {
		randombytes_buf(page, sizeof page);
		seal_page(&s, pgno, page, sealed);
		additional(pgno, ad);
		memcpy(want + SEAL_TEXT, sealed + SEAL_TEXT, SEAL_NONCE);
		crypto_aead_xchacha20poly1305_ietf_encrypt_detached(want, want + SEAL_TEXT + SEAL_NONCE, NULL, page,
								    SEAL_TEXT, ad, sizeof ad, NULL, want + SEAL_TEXT,
								    s.k->page);
		CHECK_MEM(sealed, VAULT_PAGE, want, VAULT_PAGE);
		CHECK(seal_open(&s, pgno, sealed, back));
		CHECK_MEM(back, SEAL_TEXT, page, SEAL_TEXT);
		CHECK(sodium_is_zero(back + SEAL_TEXT, VAULT_RESERVE));
	}
	seal_done(&s);
}

/* Pages of another opening have another prefix in their nonce, and pages of other programs any nonce. */
TEST(pages_sealed_elsewhere_open)
{
	struct seal s;
	uint8_t page[VAULT_PAGE], sealed[VAULT_PAGE], back[VAULT_PAGE], ad[20];

	start(&s);
	for (uint32_t pgno = 1; pgno < 100; pgno++) {
		uint8_t *nonce = sealed + SEAL_TEXT;

		randombytes_buf(page, sizeof page);
		randombytes_buf(nonce, SEAL_NONCE);
		if (pgno % 2)
			memcpy(nonce, s.prefix, sizeof s.prefix - 1);
		additional(pgno, ad);
		crypto_aead_xchacha20poly1305_ietf_encrypt_detached(sealed, nonce + SEAL_NONCE, NULL, page, SEAL_TEXT,
								    ad, sizeof ad, NULL, nonce, s.k->page);
		CHECK(seal_open(&s, pgno, sealed, back));
		CHECK_MEM(back, SEAL_TEXT, page, SEAL_TEXT);
	}
	seal_done(&s);
}

/* Every byte, and the page's number: and nothing of the page is in what is handed back. */
TEST(what_was_altered_does_not_open)
{
	struct seal s;
	uint8_t page[VAULT_PAGE], sealed[VAULT_PAGE], back[VAULT_PAGE];

	start(&s);
	memset(page, 'x', sizeof page);
	seal_page(&s, 5, page, sealed);
	for (size_t i = 0; i < VAULT_PAGE; i++) {
		sealed[i] ^= (uint8_t)(1u << i % 8);
		memset(back, 'y', sizeof back);
		CHECK(!seal_open(&s, 5, sealed, back));
		CHECK(sodium_is_zero(back, sizeof back));
		sealed[i] ^= (uint8_t)(1u << i % 8);
	}
	CHECK(!seal_open(&s, 6, sealed, back));
	CHECK(seal_open(&s, 5, sealed, back));
	seal_done(&s);
}

TEST(no_nonce_comes_twice)
{
	struct seal a, b;
	uint8_t page[VAULT_PAGE] = {0}, one[VAULT_PAGE], two[VAULT_PAGE];

	start(&a);
	start(&b);
	seal_page(&a, 1, page, one);
	seal_page(&a, 1, page, two);
	CHECK(memcmp(one + SEAL_TEXT, two + SEAL_TEXT, SEAL_NONCE) != 0);
	seal_page(&b, 1, page, two);
	CHECK(memcmp(one + SEAL_TEXT, two + SEAL_TEXT, 16) != 0);
	seal_done(&a);
	seal_done(&b);
}
