/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What comes in a file, a mail or a QR code.  The first byte says what the rest is: 0 a whole bundle, 1 an opened
 * inside (sealed and signed here, so that what follows the cryptography is reached), 2 a deflated body, 3 a text with a
 * card.
 */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "arpent/bundle.h"

#define INNER_MAX 8192
#define HEAD 124 /* 40 and one stanza of 84 */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct identity_self self;

static void start(void)
{
	static const uint8_t seed[32] = "arpent fuzz, one fixed identity";
	struct secret s = SECRET_INIT;
	struct err e;

	if (self.sign.p)
		return;
	if (sodium_init() < 0 || !secret_set(&s, seed, sizeof seed, &e) ||
	    !identity_from_seeds(&s, &s, "Fuzz", &self, &e))
		abort();
	secret_free(&s);
}

static void fuzz_open(const void *p, size_t n)
{
	struct bundle_keys keys = {.box = self.who.box, .box_secret = &self.box};
	struct bundle b;
	struct buf raw = BUF_INIT;
	struct err e;

	if (bundle_open(p, n, &keys, &b, &e) && bundle_unpack(&b, &raw, &e) && raw.len != b.raw)
		abort();
	bundle_done(&b);
	buf_done(&raw);
}

/* Ours as author, signed over as much as the sizes in it say, when they say so soundly. */
static void sign(const uint8_t head[HEAD], uint8_t *inner, size_t n)
{
	crypto_generichash_state h;
	uint8_t text[16 + 64] = "arpent-bundle-v1";
	size_t at = 132, seen;
	uint64_t packed = 0;

	if (n < 160)
		return;
	memcpy(inner, self.who.sign, 32);
	at += 1u + inner[at];
	if (at + 2 > n)
		return;
	seen = inner[at] | (size_t)inner[at + 1] << 8;
	at += 2 + 56 * seen;
	if (at + 21 + 64 > n)
		return;
	for (int i = 8; i >= 1; i--)
		packed = packed << 8 | inner[at + (size_t)i];
	at += 21;
	if (packed > n - at - 64)
		return;
	crypto_generichash_init(&h, NULL, 0, 64);
	crypto_generichash_update(&h, head, HEAD);
	crypto_generichash_update(&h, inner, at + packed);
	crypto_generichash_final(&h, text + 16, 64);
	crypto_sign_detached(inner + n - 64, NULL, text, sizeof text, self.sign.p);
}

static void fuzz_inner(const uint8_t *data, size_t n)
{
	crypto_secretstream_xchacha20poly1305_state st;
	uint8_t inner[INNER_MAX], whole[HEAD + 32 + 24 + INNER_MAX + 17], content[32] = {1}, key[32];
	size_t size = HEAD + 32 + 24 + n + 17;

	if (n == 0 || n > INNER_MAX)
		return;
	memcpy(inner, data, n);
	memset(whole, 0, HEAD);
	memcpy(whole, "ARPBNDL1\4\1", 10);
	whole[12] = HEAD;
	for (int i = 0; i < 8; i++)
		whole[32 + i] = (uint8_t)(size >> 8 * i);
	whole[40] = 2;
	whole[42] = 80;
	crypto_box_seal(whole + 44, content, 32, self.who.box);
	sign(whole, inner, n);
	crypto_kdf_derive_from_key(key, 32, 1, "arpbndl1", content);
	crypto_generichash(whole + HEAD, 32, whole, HEAD, key, 32);
	crypto_kdf_derive_from_key(key, 32, 2, "arpbndl1", content);
	crypto_secretstream_xchacha20poly1305_init_push(&st, whole + HEAD + 32, key);
	crypto_secretstream_xchacha20poly1305_push(&st, whole + HEAD + 56, NULL, inner, n, whole + HEAD, 32,
						   crypto_secretstream_xchacha20poly1305_TAG_FINAL);
	fuzz_open(whole, size);
}

static void fuzz_inflate(const uint8_t *data, size_t n)
{
	struct buf raw = BUF_INIT;
	struct err e;
	size_t want;

	if (n < 3)
		return;
	want = data[0] | (size_t)data[1] << 8 | (size_t)(data[2] & 15) << 16;
	if (bundle_inflate(data + 3, n - 3, want, &raw, &e) && raw.len != want)
		abort();
	if (raw.len > want)
		abort();
	buf_done(&raw);
}

static void fuzz_card(const uint8_t *data, size_t n)
{
	struct identity who;
	struct err e;

	if (identity_card_read((const char *)data, n, &who, &e) && !identity_name_ok(who.name))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	start();
	if (size == 0)
		return 0;
	switch (data[0]) {
	case 0:
		fuzz_open(data + 1, size - 1);
		break;
	case 1:
		fuzz_inner(data + 1, size - 1);
		break;
	case 2:
		fuzz_inflate(data + 1, size - 1);
		break;
	default:
		fuzz_card(data + 1, size - 1);
	}
	return 0;
}
