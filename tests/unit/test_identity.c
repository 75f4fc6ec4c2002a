/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "arpent/identity.h"

#include <sodium.h>

#include "arpent/words.h"
#include "sync_fixture.h"

static void make(struct identity_self *self, const char *name, uint8_t seed)
{
	struct secret sign = SECRET_INIT, box = SECRET_INIT;
	uint8_t bytes[32];
	struct err e = ERR_INIT;

	CHECK_OK(secret_start(&e), &e);
	memset(bytes, seed, sizeof bytes);
	CHECK_OK(secret_set(&sign, bytes, sizeof bytes, &e), &e);
	memset(bytes, seed + 1, sizeof bytes);
	CHECK_OK(secret_set(&box, bytes, sizeof bytes, &e), &e);
	CHECK_OK(identity_from_seeds(&sign, &box, name, self, &e), &e);
	secret_free(&sign);
	secret_free(&box);
}

static void card_of(const char *name, uint8_t seed, struct buf *out)
{
	struct identity_self self;
	struct err e = ERR_INIT;

	make(&self, name, seed);
	CHECK_OK(identity_card(&self, out, &e), &e);
	identity_self_done(&self);
}

TEST(card_round_trip)
{
	struct identity_self self;
	struct identity got;
	struct buf card = BUF_INIT;
	struct err e = ERR_INIT;

	make(&self, "Zoé Le Guennec", 1);
	CHECK_OK(identity_card(&self, &card, &e), &e);
	CHECK(strncmp(card.p, "ARPENT1:", 8) == 0);
	CHECK(!strchr(card.p, '\n'));
	CHECK_OK(identity_card_read(card.p, card.len, &got, &e), &e);
	CHECK_STR(got.name, "Zoé Le Guennec");
	CHECK(identity_same(&got, &self.who));
	CHECK(id_eq(&got.device, &self.who.device));
	buf_done(&card);
	strcpy(self.who.name, "");
	CHECK_ERR(identity_card(&self, &card, &e), &e, ERR_INPUT);
	identity_self_done(&self);
	buf_done(&card);
}

/* As it comes in a mail: among words, in lower case, broken in lines, quoted. */
TEST(card_in_a_mail)
{
	struct buf card = BUF_INIT, mail = BUF_INIT;
	struct identity got;
	struct err e = ERR_INIT;

	card_of("Anne Lefèvre", 1, &card);
	buf_str_add(&mail, "Bonjour,\r\nvoici ma carte d'arpent :\r\n> ");
	for (size_t i = 0; i < card.len; i++) {
		char c = card.p[i];

		buf_char(&mail, c >= 'A' && c <= 'Z' ? (char)(c + 32) : c);
		if (i % 60 == 59)
			buf_str_add(&mail, "\r\n> ");
	}
	buf_str_add(&mail, "\r\nBien cordialement, Anne\r\n");
	CHECK_OK(identity_card_read(mail.p, mail.len, &got, &e), &e);
	CHECK_STR(got.name, "Anne Lefèvre");
	buf_done(&card);
	buf_done(&mail);
}

TEST(card_refused)
{
	struct buf card = BUF_INIT;
	struct identity got;
	struct err e = ERR_INIT;

	card_of("Anne Lefèvre", 1, &card);
	for (size_t n = 8; n < card.len; n++) {
		char *cut = malloc(n);

		REQUIRE(cut);
		memcpy(cut, card.p, n);
		CHECK_ERR(identity_card_read(cut, n, &got, &e), &e, ERR_TRUNCATED);
		free(cut);
	}
	for (size_t i = 8; i < card.len - 1; i++) {
		char was = card.p[i];

		card.p[i] = was == 'A' ? 'B' : 'A';
		CHECK(!identity_card_read(card.p, card.len, &got, &e));
		CHECK(e.code == ERR_DAMAGED || e.code == ERR_TRUNCATED);
		CHECK_STR(got.name, "");
		card.p[i] = was;
	}
	card.p[6] = '2';
	CHECK_ERR(identity_card_read(card.p, card.len, &got, &e), &e, ERR_NEWER);
	CHECK_ERR(identity_card_read("ARPENT", 6, &got, &e), &e, ERR_NOT_FOUND);
	CHECK_ERR(identity_card_read("", 0, &got, &e), &e, ERR_NOT_FOUND);
	buf_done(&card);
}

static const char base32[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

static size_t letters_to_bytes(const char *p, uint8_t *out)
{
	unsigned acc = 0, bits = 0;
	size_t n = 0;

	for (; *p; p++) {
		acc = (acc << 5 | (unsigned)(strchr(base32, *p) - base32)) & 0xFFFF;
		bits += 5;
		if (bits >= 8) {
			bits -= 8;
			out[n++] = (uint8_t)(acc >> bits);
		}
	}
	return n;
}

static void bytes_to_letters(const uint8_t *p, size_t n, struct buf *out)
{
	unsigned acc = 0, bits = 0;

	for (size_t i = 0; i < n; i++) {
		acc = (acc << 8 | p[i]) & 0xFFFF;
		for (bits += 8; bits >= 5; bits -= 5)
			buf_char(out, base32[acc >> (bits - 5) & 31]);
	}
	if (bits)
		buf_char(out, base32[acc << (5 - bits) & 31]);
}

/* The key to seal to is exchanged for another, and the checksum made right again: the signature tells. */
TEST(card_with_another_box_key)
{
	struct buf card = BUF_INIT, forged = BUF_INIT;
	struct identity got;
	struct err e = ERR_INIT;
	uint8_t bytes[300], sum[32];
	size_t n;

	card_of("Anne", 1, &card);
	n = letters_to_bytes(card.p + 8, bytes);
	CHECK_EQ_INT(n, 1 + 4 + 32 + 32 + 64 + 4);
	bytes[1 + 4 + 32] ^= 1;
	crypto_generichash(sum, sizeof sum, bytes, n - 4, NULL, 0);
	memcpy(bytes + n - 4, sum, 4);
	buf_str_add(&forged, "ARPENT1:");
	bytes_to_letters(bytes, n, &forged);
	CHECK_ERR(identity_card_read(forged.p, forged.len, &got, &e), &e, ERR_DAMAGED);
	CHECK_STR(e.detail, "signature");
	buf_done(&card);
	buf_done(&forged);
}

TEST(six_words)
{
	struct identity_self a, b;
	struct identity other_box;
	unsigned index[IDENTITY_WORDS], again[IDENTITY_WORDS];
	struct buf fr = BUF_INIT, en = BUF_INIT;
	char *fp = NULL, *ep = NULL, *fword, *eword;
	int n = 0;

	make(&a, "Anne", 1);
	make(&b, "Anne", 5);
	identity_fingerprint(&a.who, index);
	identity_fingerprint(&b.who, again);
	CHECK(memcmp(index, again, sizeof index) != 0);
	/* Both keys count; the name does not. */
	other_box = a.who;
	other_box.box[31] ^= 1;
	identity_fingerprint(&other_box, again);
	CHECK(memcmp(index, again, sizeof index) != 0);
	other_box = a.who;
	strcpy(other_box.name, "Marc");
	identity_fingerprint(&other_box, again);
	CHECK(memcmp(index, again, sizeof index) == 0);

	identity_words(&a.who, "fr", &fr);
	identity_words(&a.who, "en", &en);
	fword = strtok_r(fr.p, " ", &fp);
	eword = strtok_r(en.p, " ", &ep);
	while (fword && eword) {
		CHECK_EQ_INT(words_find("fr", fword, strlen(fword)), index[n]);
		CHECK_EQ_INT(words_find("en", eword, strlen(eword)), index[n]);
		n++;
		fword = strtok_r(NULL, " ", &fp);
		eword = strtok_r(NULL, " ", &ep);
	}
	CHECK_EQ_INT(n, IDENTITY_WORDS);
	CHECK(!fword && !eword);
	buf_done(&fr);
	buf_done(&en);
	identity_self_done(&a);
	identity_self_done(&b);
}

static size_t lines_of(const struct buf *b, size_t *columns)
{
	size_t rows = 0, at = 0;

	*columns = 0;
	for (size_t i = 0; i < b->len; i++) {
		if (b->p[i] == '\n') {
			rows++;
			if (*columns == 0)
				*columns = at;
			CHECK_EQ_INT(at, *columns);
			at = 0;
		} else if (((unsigned char)b->p[i] & 0xC0) != 0x80) {
			at++;
		}
	}
	return rows;
}

TEST(qr)
{
	struct buf card = BUF_INIT, out = BUF_INIT;
	struct err e = ERR_INIT;
	int rows, columns;
	size_t wide;

	card_of("Anne Lefèvre", 1, &card);
	CHECK_OK(identity_qr(card.p, false, false, &out, &rows, &columns, &e), &e);
	CHECK_EQ_INT(lines_of(&out, &wide), rows);
	CHECK_EQ_INT(wide, columns);
	CHECK(columns <= 57);
	/* The border is light, and light is inked. */
	CHECK(strncmp(out.p, "████", 12) == 0);
	buf_clear(&out);
	CHECK_OK(identity_qr(card.p, true, false, &out, &rows, &columns, &e), &e);
	CHECK_EQ_INT(lines_of(&out, &wide), rows);
	CHECK_EQ_INT(wide, columns);
	CHECK_EQ_INT(strspn(out.p, "# \n"), out.len);
	buf_clear(&out);
	CHECK_OK(identity_qr(card.p, true, true, &out, NULL, NULL, &e), &e);
	CHECK(strncmp(out.p, "    ", 4) == 0);
	buf_done(&card);
	buf_done(&out);
}

TEST(names)
{
	CHECK(identity_name_ok("Zoé"));
	CHECK(!identity_name_ok(""));
	CHECK(!identity_name_ok(" Zoé"));
	CHECK(!identity_name_ok("Zoé\x1B[2J"));
	CHECK(!identity_name_ok("Zo\xE9"));
	CHECK(!identity_name_ok("Zoé\xE2\x80\xAE"));
	CHECK(!identity_name_ok("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"));
}

static enum err_code add(struct store *s, const char *name, uint8_t seed, enum peer_how how, bool *added)
{
	struct identity_self self;
	struct err e = ERR_INIT;
	bool ok;

	make(&self, name, seed);
	ok = peer_add(s, &self.who, how, added, &e);
	identity_self_done(&self);
	return ok ? ERR_NONE : e.code;
}

static bool count_one(void *ctx, const struct peer *p)
{
	(void)p;
	(*(int *)ctx)++;
	return true;
}

static int count(struct store *s)
{
	struct err e = ERR_INIT;
	int n = 0;

	CHECK_OK(peer_each(s, count_one, &n, &e), &e);
	return n;
}

TEST(own_name)
{
	struct store *s = sync_notebook("own", "  Zoe\xCC\x81 Martin ");
	struct identity who = sync_who(s);
	struct err e = ERR_INIT;

	CHECK_STR(who.name, "Zoé Martin");
	CHECK(id_eq(&who.device, store_device(s)));
	CHECK_ERR(identity_set_name(s, "   ", &e), &e, ERR_INPUT);
	CHECK_ERR(identity_set_name(s, "a\x1B[31m", &e), &e, ERR_INPUT);
	CHECK_STR(sync_who(s).name, "Zoé Martin");
	store_close(s);
}

TEST(colleagues)
{
	struct store *s = sync_notebook("peers", "Zoé Martin");
	struct identity own = sync_who(s);
	struct identity_self anne;
	struct peer p;
	struct err e = ERR_INIT;
	bool added;

	make(&anne, "Anne Lefèvre", 1);
	CHECK_EQ_INT(add(s, "Anne Lefèvre", 1, PEER_ADD, &added), ERR_NONE);
	CHECK(added);
	CHECK_OK(peer_get(s, &anne.who.device, &p, &e), &e);
	CHECK(!p.verified && p.seen_ms > 0 && p.verified_ms == 0);
	CHECK(identity_same(&p.who, &anne.who));
	CHECK_OK(peer_verify(s, &anne.who.device, &e), &e);
	CHECK_OK(peer_get(s, &anne.who.device, &p, &e), &e);
	CHECK(p.verified && p.verified_ms > p.seen_ms);
	/* The same card again changes nothing, nor what is verified. */
	CHECK_EQ_INT(add(s, "Anne Lefèvre", 1, PEER_ADD, &added), ERR_NONE);
	CHECK(!added);
	CHECK_OK(peer_get(s, &anne.who.device, &p, &e), &e);
	CHECK(p.verified);
	/* Another key under her name, written otherwise: never taken without a word. */
	CHECK_EQ_INT(add(s, "ANNE LEFEVRE", 40, PEER_ADD, &added), ERR_EXISTS);
	CHECK_EQ_INT(count(s), 1);
	CHECK_EQ_INT(add(s, "Anne Lefevre", 40, PEER_DEVICE, &added), ERR_NONE);
	CHECK_EQ_INT(count(s), 2);
	CHECK_EQ_INT(add(s, "Anne Lefèvre", 50, PEER_REPLACE, &added), ERR_NONE);
	CHECK_EQ_INT(count(s), 1);
	CHECK(!peer_get(s, &anne.who.device, &p, &e));
	/* A key to seal to that is another's, or one's own card. */
	anne.who.box[0] ^= 1;
	anne.who.sign[0] ^= 1;
	CHECK_ERR(peer_add(s, &own, PEER_ADD, &added, &e), &e, ERR_INPUT);
	own.sign[0] ^= 1;
	identity_device(own.sign, &own.device);
	CHECK_ERR(peer_add(s, &own, PEER_ADD, &added, &e), &e, ERR_INPUT);
	identity_self_done(&anne);
	store_close(s);
}

/* The same signing key with another key to seal to: a changed key too. */
TEST(changed_box_key)
{
	struct store *s = sync_notebook("changed", "Zoé Martin");
	struct identity_self anne;
	struct peer p;
	struct err e = ERR_INIT;
	bool added;

	make(&anne, "Anne", 1);
	CHECK_OK(peer_add(s, &anne.who, PEER_ADD, &added, &e), &e);
	CHECK_OK(peer_verify(s, &anne.who.device, &e), &e);
	anne.who.box[3] ^= 1;
	CHECK_ERR(peer_add(s, &anne.who, PEER_ADD, &added, &e), &e, ERR_EXISTS);
	CHECK_ERR(peer_add(s, &anne.who, PEER_DEVICE, &added, &e), &e, ERR_EXISTS);
	CHECK_OK(peer_add(s, &anne.who, PEER_REPLACE, &added, &e), &e);
	CHECK_OK(peer_get(s, &anne.who.device, &p, &e), &e);
	CHECK(!p.verified);
	CHECK(identity_same(&p.who, &anne.who));
	CHECK_EQ_INT(count(s), 1);
	identity_self_done(&anne);
	store_close(s);
}

static enum err_code named(struct store *s, const char *typed, const char **name, size_t *n)
{
	static char last[IDENTITY_NAME + 1];
	struct peer *v;
	struct err e = ERR_INIT;
	bool ok = peer_named(s, typed, &v, n, &e);

	if (ok)
		snprintf(last, sizeof last, "%s", v[0].who.name);
	*name = last;
	free(v);
	return ok ? ERR_NONE : e.code;
}

TEST(by_name)
{
	struct store *s = sync_notebook("named", "Zoé Martin");
	const char *name;
	char digits[9];
	struct identity_self anne;
	bool added;
	size_t n;

	CHECK_EQ_INT(named(s, "anne", &name, &n), ERR_NOT_FOUND);
	CHECK_EQ_INT(add(s, "Anne Lefèvre", 1, PEER_ADD, &added), ERR_NONE);
	CHECK_EQ_INT(add(s, "Anne Lefèvre", 9, PEER_DEVICE, &added), ERR_NONE);
	CHECK_EQ_INT(add(s, "Annette Roux", 20, PEER_ADD, &added), ERR_NONE);
	CHECK_EQ_INT(add(s, "Bruno Roux", 30, PEER_ADD, &added), ERR_NONE);
	CHECK_EQ_INT(named(s, "lefevre", &name, &n), ERR_NONE);
	CHECK_STR(name, "Anne Lefèvre");
	CHECK_EQ_INT(n, 2);
	CHECK_EQ_INT(named(s, "ANNE LEFÈVRE", &name, &n), ERR_NONE);
	CHECK_EQ_INT(named(s, "bru", &name, &n), ERR_NONE);
	CHECK_STR(name, "Bruno Roux");
	CHECK_EQ_INT(n, 1);
	CHECK_EQ_INT(named(s, "roux", &name, &n), ERR_AMBIGUOUS);
	CHECK_EQ_INT(named(s, "claire", &name, &n), ERR_NOT_FOUND);
	make(&anne, "Anne", 1);
	snprintf(digits, sizeof digits, "%02x%02x%02x%02x", anne.who.device.b[0], anne.who.device.b[1],
		 anne.who.device.b[2], anne.who.device.b[3]);
	CHECK_EQ_INT(named(s, digits, &name, &n), ERR_NONE);
	CHECK_EQ_INT(n, 1);
	identity_self_done(&anne);
	store_close(s);
}
