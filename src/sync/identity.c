/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "arpent/identity.h"

#include <sodium.h>
#include <string.h>

#include "arpent/text.h"

/* A card's bytes: length of the name, name, signing key, key to seal to, signature of all that, 4 bytes of checksum. */
#define CARD_PREFIX "ARPENT1:"
#define CARD_PREFIX_LEN 8
#define CARD_SUM 4
#define CARD_MAX (1 + IDENTITY_NAME + 2 * IDENTITY_KEY + crypto_sign_BYTES + CARD_SUM)
#define CARD_SIGNED_AS "arpent-card-v1"

static const char base32[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"; /* RFC 4648 */

void identity_device(const uint8_t sign[IDENTITY_KEY], struct id *out)
{
	uint8_t hash[32];

	crypto_generichash(hash, sizeof hash, sign, IDENTITY_KEY, NULL, 0);
	memcpy(out->b, hash, ID_BYTES);
}

bool identity_name_ok(const char *name)
{
	struct buf safe = BUF_INIT;
	size_t n = strlen(name);
	bool ok;

	if (n == 0 || n > IDENTITY_NAME || name[0] == ' ' || name[n - 1] == ' ')
		return false;
	text_safe(&safe, name, n, false);
	ok = !safe.oom && strcmp(buf_str(&safe), name) == 0;
	buf_done(&safe);
	return ok;
}

bool identity_same(const struct identity *a, const struct identity *b)
{
	return memcmp(a->sign, b->sign, IDENTITY_KEY) == 0 && memcmp(a->box, b->box, IDENTITY_KEY) == 0;
}

bool identity_from_seeds(const struct secret *sign_seed, const struct secret *box_seed, const char *name,
			 struct identity_self *out, struct err *e)
{
	memset(out, 0, sizeof *out);
	if (sign_seed->len != crypto_sign_SEEDBYTES || box_seed->len != crypto_box_SEEDBYTES ||
	    strlen(name) > IDENTITY_NAME)
		return err_set(e, ERR_INTERNAL, "identity_from_seeds", "sizes");
	if (!secret_alloc(&out->sign, crypto_sign_SECRETKEYBYTES, e) ||
	    !secret_alloc(&out->box, crypto_box_SECRETKEYBYTES, e)) {
		identity_self_done(out);
		return false;
	}
	memcpy(out->who.name, name, strlen(name));
	crypto_sign_seed_keypair(out->who.sign, out->sign.p, sign_seed->p);
	crypto_box_seed_keypair(out->who.box, out->box.p, box_seed->p);
	out->sign.len = crypto_sign_SECRETKEYBYTES;
	out->box.len = crypto_box_SECRETKEYBYTES;
	identity_device(out->who.sign, &out->who.device);
	return true;
}

void identity_self_done(struct identity_self *self)
{
	secret_free(&self->sign);
	secret_free(&self->box);
	memset(self, 0, sizeof *self);
}

static void base32_write(struct buf *out, const uint8_t *p, size_t n)
{
	unsigned bits = 0, acc = 0;

	for (size_t i = 0; i < n; i++) {
		acc = (acc << 8 | p[i]) & 0xFFFF;
		for (bits += 8; bits >= 5; bits -= 5)
			buf_char(out, base32[acc >> (bits - 5) & 31]);
	}
	if (bits > 0)
		buf_char(out, base32[acc << (5 - bits) & 31]);
}

/* Signed under a name of its own, so that no card can pass for another signed text. */
static size_t card_signed_text(const uint8_t *card, size_t n, uint8_t out[sizeof CARD_SIGNED_AS + CARD_MAX])
{
	memcpy(out, CARD_SIGNED_AS, sizeof CARD_SIGNED_AS);
	memcpy(out + sizeof CARD_SIGNED_AS, card, n);
	return sizeof CARD_SIGNED_AS + n;
}

bool identity_card(const struct identity_self *self, struct buf *out, struct err *e)
{
	uint8_t card[CARD_MAX], text[sizeof CARD_SIGNED_AS + CARD_MAX], sum[crypto_generichash_BYTES];
	size_t name = strlen(self->who.name), n = 0, ntext;
	unsigned long lost = err_lost();

	if (!identity_name_ok(self->who.name))
		return err_lost_none(lost, e) && err_set(e, ERR_INPUT, "identity_card", "no name is set");
	card[n++] = (uint8_t)name;
	memcpy(card + n, self->who.name, name);
	n += name;
	memcpy(card + n, self->who.sign, IDENTITY_KEY);
	n += IDENTITY_KEY;
	memcpy(card + n, self->who.box, IDENTITY_KEY);
	n += IDENTITY_KEY;
	ntext = card_signed_text(card, n, text);
	crypto_sign_detached(card + n, NULL, text, ntext, self->sign.p);
	n += crypto_sign_BYTES;
	crypto_generichash(sum, sizeof sum, card, n, NULL, 0);
	memcpy(card + n, sum, CARD_SUM);
	n += CARD_SUM;
	buf_str_add(out, CARD_PREFIX);
	base32_write(out, card, n);
	return buf_ok(out, e);
}

static char upper(char c)
{
	return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

/* Where a card's letters begin, or NULL; *version is its digit. */
static const char *card_find(const char *text, size_t n, char *version)
{
	static const char word[] = "ARPENT";

	for (size_t i = 0; i + CARD_PREFIX_LEN <= n; i++) {
		size_t k = 0;

		while (word[k] && upper(text[i + k]) == word[k])
			k++;
		if (word[k] == 0 && text[i + k] >= '1' && text[i + k] <= '9' && text[i + k + 1] == ':') {
			*version = text[i + k];
			return text + i + CARD_PREFIX_LEN;
		}
	}
	return NULL;
}

/* Reads bytes until the card is whole, by the length its first byte gives.  What a mail may put between letters is
 * passed over; anything else ends it.  Returns the bytes read; *want is how many there should be. */
static size_t card_letters(const char *p, const char *end, uint8_t card[CARD_MAX], size_t *want)
{
	unsigned acc = 0, bits = 0;
	size_t n = 0;

	*want = CARD_MAX;
	for (; p < end && n < *want; p++) {
		const char *at = *p ? strchr(base32, upper(*p)) : NULL;

		if (!at && (!*p || !strchr(" \t\r\n>|=-", *p)))
			break;
		if (!at)
			continue;
		acc = (acc << 5 | (unsigned)(at - base32)) & 0xFFFF;
		bits += 5;
		if (bits >= 8) {
			bits -= 8;
			card[n++] = (uint8_t)(acc >> bits & 0xFF);
		}
		if (n == 1)
			*want = CARD_MAX - (card[0] < IDENTITY_NAME ? (size_t)(IDENTITY_NAME - card[0]) : 0);
	}
	return n;
}

bool identity_card_read(const char *text, size_t n, struct identity *out, struct err *e)
{
	uint8_t card[CARD_MAX], signed_text[sizeof CARD_SIGNED_AS + CARD_MAX], sum[crypto_generichash_BYTES];
	char version = 0;
	const char *p = card_find(text, n, &version);
	size_t have, want, body, ntext;

	memset(out, 0, sizeof *out);
	if (!p)
		return err_set(e, ERR_NOT_FOUND, "identity_card_read", "no card");
	if (version != '1')
		return err_set(e, ERR_NEWER, "identity_card_read", "card version %c", version);
	have = card_letters(p, text + n, card, &want);
	if (have < want)
		return err_set(e, ERR_TRUNCATED, "identity_card_read", "%zu of %zu bytes", have, want);
	body = want - CARD_SUM - crypto_sign_BYTES;
	crypto_generichash(sum, sizeof sum, card, want - CARD_SUM, NULL, 0);
	if (card[0] > IDENTITY_NAME || memcmp(sum, card + want - CARD_SUM, CARD_SUM) != 0)
		return err_set(e, ERR_DAMAGED, "identity_card_read", "checksum");
	memcpy(out->name, card + 1, card[0]);
	memcpy(out->sign, card + 1 + card[0], IDENTITY_KEY);
	memcpy(out->box, card + 1 + card[0] + IDENTITY_KEY, IDENTITY_KEY);
	ntext = card_signed_text(card, body, signed_text);
	if (crypto_sign_verify_detached(card + body, signed_text, ntext, out->sign) != 0 ||
	    strlen(out->name) != card[0] || !identity_name_ok(out->name)) {
		memset(out, 0, sizeof *out);
		return err_set(e, ERR_DAMAGED, "identity_card_read", "signature");
	}
	identity_device(out->sign, &out->device);
	return true;
}
