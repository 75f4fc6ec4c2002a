/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who can open a bundle: the content key, wrapped once for each. */
#include "bundle-in.h"

#include <sodium.h>

enum { STANZA_EPOCH = 1, STANZA_DEVICE = 2, STANZA_PASSPHRASE = 3, STANZA_IGNORED = 128 };

#define STANZA_HEAD 4
#define SALT crypto_pwhash_SALTBYTES
#define NONCE crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define WRAPPED (BUNDLE_CONTENT_KEY + crypto_aead_xchacha20poly1305_ietf_ABYTES)
#define DEVICE_BODY (BUNDLE_CONTENT_KEY + crypto_box_SEALBYTES)
#define EPOCH_BODY (4 + NONCE + WRAPPED)
#define PASSPHRASE_BODY (4 + 4 + SALT + NONCE + WRAPPED)

#define PASSES_MAX 8
#define MEM_MIN 8192 /* KiB */
#define MEM_MAX 262144

const struct bundle_cost BUNDLE_COST = {3, 65536};

struct stanza {
	uint8_t type;
	const uint8_t *head; /* where it begins: what its AEAD binds runs from here to the nonce */
	struct bundle_cut body;
};

static void stanza_head(struct buf *out, uint8_t type, size_t body)
{
	bundle_put_uint(out, type, 1);
	bundle_put_uint(out, 0, 1);
	bundle_put_uint(out, body, 2);
}

static bool stanza_write_device(const uint8_t *box, const struct secret *content, struct buf *out, struct err *e)
{
	uint8_t body[DEVICE_BODY];

	if (crypto_box_seal(body, content->p, BUNDLE_CONTENT_KEY, box) != 0)
		return err_set(e, ERR_INPUT, "bundle_seal", "not a key to seal to");
	stanza_head(out, STANZA_DEVICE, DEVICE_BODY);
	buf_add(out, body, sizeof body);
	return true;
}

/* Wraps under `key`, binding the bytes of the stanza written so far (from `at`). */
static void stanza_wrap(struct buf *out, size_t at, const uint8_t *key, const struct secret *content)
{
	uint8_t nonce[NONCE], wrapped[WRAPPED];

	if (out->oom)
		return;
	randombytes_buf(nonce, sizeof nonce);
	crypto_aead_xchacha20poly1305_ietf_encrypt(wrapped, NULL, content->p, BUNDLE_CONTENT_KEY,
						   (const uint8_t *)out->p + at, out->len - at, NULL, nonce, key);
	buf_add(out, nonce, sizeof nonce);
	buf_add(out, wrapped, sizeof wrapped);
}

static bool cost_allowed(const struct bundle_cost *c)
{
	return c->passes >= 1 && c->passes <= PASSES_MAX && c->mem_kib >= MEM_MIN && c->mem_kib <= MEM_MAX;
}

static bool passphrase_key(const struct secret *passphrase, const struct bundle_cost *cost, const uint8_t salt[SALT],
			   struct secret *key, struct err *e)
{
	if (!secret_alloc(key, BUNDLE_CONTENT_KEY, e))
		return false;
	if (crypto_pwhash(key->p, BUNDLE_CONTENT_KEY, (const char *)passphrase->p, passphrase->len, salt, cost->passes,
			  (size_t)cost->mem_kib * 1024, crypto_pwhash_ALG_ARGON2ID13) != 0)
		return err_nomem(e, "crypto_pwhash");
	key->len = BUNDLE_CONTENT_KEY;
	return true;
}

static bool stanza_write_passphrase(const struct bundle_to *to, const struct secret *content, struct buf *out,
				    struct err *e)
{
	const struct bundle_cost *cost = to->cost ? to->cost : &BUNDLE_COST;
	struct secret key = SECRET_INIT;
	uint8_t salt[SALT];
	size_t at = out->len;
	bool ok = false;

	if (!cost_allowed(cost))
		return err_set(e, ERR_LIMIT, "bundle_seal", "Argon2id parameters");
	randombytes_buf(salt, sizeof salt);
	if (!passphrase_key(to->passphrase, cost, salt, &key, e))
		goto out;
	stanza_head(out, STANZA_PASSPHRASE, PASSPHRASE_BODY);
	bundle_put_uint(out, cost->passes, 4);
	bundle_put_uint(out, cost->mem_kib, 4);
	buf_add(out, salt, sizeof salt);
	stanza_wrap(out, at, key.p, content);
	ok = true;
out:
	secret_free(&key);
	return ok;
}

bool bundle_stanzas_write(const struct bundle_to *to, const struct secret *content, struct buf *out, struct err *e)
{
	size_t at = out->len;

	if (to->passphrase) {
		if (to->n > 0 || to->epoch_key)
			return err_set(e, ERR_INPUT, "bundle_seal", "a passphrase comes alone");
		return stanza_write_passphrase(to, content, out, e);
	}
	if (to->n == 0 && !to->epoch_key)
		return err_set(e, ERR_INPUT, "bundle_seal", "nobody to seal to");
	if (to->n > BUNDLE_TO_MAX)
		return err_set(e, ERR_LIMIT, "bundle_seal", "%zu recipients", to->n);
	if (to->epoch_key) {
		stanza_head(out, STANZA_EPOCH, EPOCH_BODY);
		bundle_put_uint(out, to->epoch, 4);
		stanza_wrap(out, at, to->epoch_key->p, content);
	}
	for (size_t i = 0; i < to->n; i++)
		if (!stanza_write_device(to->who[i].box, content, out, e))
			return false;
	return true;
}

static bool stanza_next(struct bundle_cut *c, struct stanza *s)
{
	uint8_t reserved;
	size_t n;

	s->head = c->p;
	s->type = (uint8_t)bundle_cut_uint(c, 1);
	reserved = (uint8_t)bundle_cut_uint(c, 1);
	n = (size_t)bundle_cut_uint(c, 2);
	s->body = (struct bundle_cut){bundle_cut_span(c, n), n, false};
	return !c->short_of && reserved == 0;
}

/* All are looked at before any is tried: their forms, and that a passphrase comes alone. */
static bool stanzas_check(const uint8_t *p, size_t n, struct err *e)
{
	static const size_t sizes[] = {
	    [STANZA_EPOCH] = EPOCH_BODY, [STANZA_DEVICE] = DEVICE_BODY, [STANZA_PASSPHRASE] = PASSPHRASE_BODY};
	struct bundle_cut c = {p, n, false};
	struct stanza s;
	size_t devices = 0, passphrases = 0, others = 0;

	while (c.left > 0) {
		if (!stanza_next(&c, &s))
			return err_set(e, ERR_DAMAGED, "bundle_open", "recipient list");
		if (s.type >= STANZA_IGNORED)
			continue;
		if (s.type == 0 || s.type > STANZA_PASSPHRASE)
			return err_set(e, ERR_NEWER, "bundle_open", "recipient type %u", s.type);
		if (s.body.left != sizes[s.type])
			return err_set(e, ERR_DAMAGED, "bundle_open", "recipient of %zu bytes", s.body.left);
		devices += s.type == STANZA_DEVICE;
		passphrases += s.type == STANZA_PASSPHRASE;
		others += s.type != STANZA_PASSPHRASE;
	}
	if (devices > BUNDLE_TO_MAX)
		return err_set(e, ERR_LIMIT, "bundle_open", "%zu recipients", devices);
	if (passphrases > 1 || (passphrases == 1 && others > 0))
		return err_set(e, ERR_DAMAGED, "bundle_open", "a passphrase comes alone");
	return true;
}

/* The rest of the body is nonce and wrapped key. */
static bool stanza_unwrap(struct stanza *s, const uint8_t *key, struct secret *content)
{
	size_t bound = (size_t)(s->body.p - s->head);
	const uint8_t *nonce = bundle_cut_span(&s->body, NONCE), *wrapped = bundle_cut_span(&s->body, WRAPPED);

	return crypto_aead_xchacha20poly1305_ietf_decrypt(content->p, NULL, NULL, wrapped, WRAPPED, s->head, bound,
							  nonce, key) == 0;
}

static bool stanza_read_passphrase(struct stanza *s, const struct secret *passphrase, struct secret *content,
				   struct err *e)
{
	struct secret key = SECRET_INIT;
	struct bundle_cost cost;
	const uint8_t *salt;
	bool ok;

	if (!passphrase)
		return err_set(e, ERR_WRONG_KEY, "bundle_open", BUNDLE_ASK);
	cost.passes = (uint32_t)bundle_cut_uint(&s->body, 4);
	cost.mem_kib = (uint32_t)bundle_cut_uint(&s->body, 4);
	salt = bundle_cut_span(&s->body, SALT);
	if (!cost_allowed(&cost))
		return err_set(e, ERR_LIMIT, "bundle_open", "Argon2id parameters");
	ok = passphrase_key(passphrase, &cost, salt, &key, e) &&
	     (stanza_unwrap(s, key.p, content) || err_set(e, ERR_WRONG_KEY, "bundle_open", "wrong passphrase"));
	secret_free(&key);
	return ok;
}

bool bundle_stanzas_read(const uint8_t *p, size_t n, const struct bundle_keys *keys, struct secret *content,
			 struct err *e)
{
	struct bundle_cut c = {p, n, false};
	struct stanza s;

	if (!stanzas_check(p, n, e) || !secret_alloc(content, BUNDLE_CONTENT_KEY, e))
		return false;
	content->len = BUNDLE_CONTENT_KEY;
	while (c.left > 0 && stanza_next(&c, &s)) {
		if (s.type == STANZA_PASSPHRASE)
			return stanza_read_passphrase(&s, keys->passphrase, content, e);
		if (s.type == STANZA_EPOCH && keys->epoch_key && bundle_cut_uint(&s.body, 4) == keys->epoch &&
		    stanza_unwrap(&s, keys->epoch_key->p, content))
			return true;
		if (s.type == STANZA_DEVICE && keys->box && keys->box_secret &&
		    crypto_box_seal_open(content->p, s.body.p, DEVICE_BODY, keys->box, keys->box_secret->p) == 0)
			return true;
	}
	return err_set(e, ERR_FOREIGN, "bundle_open", "not sealed to these keys");
}

uint32_t bundle_epoch(const void *p, size_t n)
{
	const uint8_t *bytes = p;
	struct bundle_cut c;
	struct stanza s;
	uint64_t header;

	if (n < BUNDLE_HEAD_MIN)
		return 0;
	c = (struct bundle_cut){bytes + 12, 4, false};
	header = bundle_cut_uint(&c, 4);
	if (header < BUNDLE_HEAD_MIN || header > n)
		return 0;
	c = (struct bundle_cut){bytes + BUNDLE_HEAD_MIN, (size_t)header - BUNDLE_HEAD_MIN, false};
	while (c.left > 0 && stanza_next(&c, &s))
		if (s.type == STANZA_EPOCH && s.body.left == EPOCH_BODY)
			return (uint32_t)bundle_cut_uint(&s.body, 4);
	return 0;
}
