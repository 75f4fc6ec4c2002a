/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bundle-in.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "arpent/text.h"

#define MAGIC "ARPBNDL1"
#define MAGIC_LEN 8
#define SUITE 1
#define HEAD_MAX 65536
#define MAC_LEN 32
#define CHUNK 65536
#define SEAL_LEN crypto_secretstream_xchacha20poly1305_ABYTES
#define STREAM_HEAD crypto_secretstream_xchacha20poly1305_HEADERBYTES
#define SIGNATURE crypto_sign_BYTES
#define SIGNED_AS "arpent-bundle-v1"

enum { CODEC_STORED = 0, CODEC_DEFLATE_1 = 1 };
enum { SUB_MAC = 1, SUB_STREAM = 2 };

void bundle_cut_bytes(struct bundle_cut *c, void *out, size_t n)
{
	const uint8_t *p = bundle_cut_span(c, n);

	if (p)
		memcpy(out, p, n);
	else
		memset(out, 0, n);
}

const uint8_t *bundle_cut_span(struct bundle_cut *c, size_t n)
{
	const uint8_t *p = c->p;

	if (n > c->left) {
		c->short_of = true;
		c->left = 0;
		return NULL;
	}
	c->p += n;
	c->left -= n;
	return p;
}

uint64_t bundle_cut_uint(struct bundle_cut *c, unsigned bytes)
{
	uint8_t le[8];
	uint64_t v = 0;

	bundle_cut_bytes(c, le, bytes);
	while (bytes-- > 0)
		v = v << 8 | le[bytes];
	return v;
}

void bundle_put_uint(struct buf *b, uint64_t v, unsigned bytes)
{
	for (; bytes > 0; bytes--, v >>= 8)
		buf_char(b, (char)(v & 0xFF));
}

void bundle_init(struct bundle *b, enum bundle_kind kind)
{
	memset(b, 0, sizeof *b);
	b->kind = kind;
}

void bundle_done(struct bundle *b)
{
	if (b->inner.p)
		sodium_memzero(b->inner.p, b->inner.len);
	buf_done(&b->inner);
	free(b->seen);
	bundle_init(b, b->kind);
}

/* Padmé: at most 12 % more, and sizes tell only as much as their few first bits. */
static uint64_t padded(uint64_t n)
{
	unsigned e = 63 - (unsigned)__builtin_clzll(n | 2), s = 64 - (unsigned)__builtin_clzll(e);
	uint64_t mask = ((uint64_t)1 << (e > s ? e - s : 0)) - 1;

	return (n + mask) & ~mask;
}

static uint64_t whole_size(size_t head, uint64_t inner)
{
	return head + MAC_LEN + STREAM_HEAD + inner + (inner + CHUNK - 1) / CHUNK * SEAL_LEN;
}

static bool subkey(const struct secret *content, uint64_t which, struct secret *out, struct err *e)
{
	if (!secret_alloc(out, 32, e))
		return false;
	crypto_kdf_derive_from_key(out->p, 32, which, "arpbndl1", content->p);
	out->len = 32;
	return true;
}

static bool head_mac(const struct secret *content, const void *head, size_t n, uint8_t mac[MAC_LEN], struct err *e)
{
	struct secret key = SECRET_INIT;

	if (!subkey(content, SUB_MAC, &key, e))
		return false;
	crypto_generichash(mac, MAC_LEN, head, n, key.p, key.len);
	secret_free(&key);
	return true;
}

/* What is signed: a name for the purpose, then a hash of the header (so of the recipients) and of the inside up to the
 * end of the packed body. */
static void signed_text(const void *head, size_t nhead, const void *inner, size_t ninner, uint8_t out[16 + 64])
{
	crypto_generichash_state h;

	memcpy(out, SIGNED_AS, 16);
	crypto_generichash_init(&h, NULL, 0, 64);
	crypto_generichash_update(&h, head, nhead);
	crypto_generichash_update(&h, inner, ninner);
	crypto_generichash_final(&h, out + 16, 64);
}

/* Sealing. */

static bool inner_write(struct bundle *b, const void *raw, size_t n, size_t *packed, struct err *e)
{
	struct buf body = BUF_INIT, *out = &b->inner;
	bool deflated, ok = false;

	if (!bundle_deflate(raw, n, &body, e))
		goto out;
	deflated = body.len < n && n / BUNDLE_RATIO_MAX <= body.len;
	b->codec = deflated ? CODEC_DEFLATE_1 : CODEC_STORED;
	b->raw = n;
	b->packed_len = deflated ? body.len : n;
	buf_add(out, b->from.sign, IDENTITY_KEY);
	buf_add(out, b->from.box, IDENTITY_KEY);
	buf_add(out, b->from.device.b, ID_BYTES);
	bundle_put_uint(out, b->n, 8);
	buf_add(out, b->previous, BUNDLE_HASH);
	bundle_put_uint(out, b->epoch, 4);
	bundle_put_uint(out, b->clock, 8);
	bundle_put_uint(out, strlen(b->from.name), 1);
	buf_str_add(out, b->from.name);
	bundle_put_uint(out, b->nseen, 2);
	for (size_t i = 0; i < b->nseen; i++) {
		buf_add(out, b->seen[i].device.b, ID_BYTES);
		bundle_put_uint(out, b->seen[i].n, 8);
		buf_add(out, b->seen[i].hash, BUNDLE_HASH);
	}
	bundle_put_uint(out, b->codec, 1);
	bundle_put_uint(out, b->packed_len, 8);
	bundle_put_uint(out, b->raw, 8);
	bundle_put_uint(out, b->count, 4);
	b->packed_at = out->len;
	buf_add(out, deflated ? body.p : raw, b->packed_len);
	if (packed)
		*packed = b->packed_len;
	ok = buf_ok(out, e);
out:
	buf_done(&body);
	return ok;
}

static bool head_write(const struct bundle *b, const struct bundle_to *to, const struct secret *content, uint64_t inner,
		       struct buf *head, struct err *e)
{
	struct buf stanzas = BUF_INIT;
	bool ok = false;

	if (!bundle_stanzas_write(to, content, &stanzas, e) || !buf_ok(&stanzas, e))
		goto out;
	buf_str_add(head, MAGIC);
	bundle_put_uint(head, b->kind, 1);
	bundle_put_uint(head, SUITE, 1);
	bundle_put_uint(head, 0, 2);
	bundle_put_uint(head, BUNDLE_HEAD_MIN + stanzas.len, 4);
	buf_add(head, b->team, BUNDLE_TEAM);
	bundle_put_uint(head, whole_size(BUNDLE_HEAD_MIN + stanzas.len, inner), 8);
	buf_add(head, stanzas.p, stanzas.len);
	ok = buf_ok(head, e);
out:
	buf_done(&stanzas);
	return ok;
}

static bool chunks_write(const struct secret *content, const struct buf *inner, const uint8_t mac[MAC_LEN],
			 struct buf *out, struct err *e)
{
	crypto_secretstream_xchacha20poly1305_state st;
	struct secret key = SECRET_INIT;
	uint8_t head[STREAM_HEAD], sealed[CHUNK + SEAL_LEN];
	const uint8_t *p = (const uint8_t *)inner->p;

	if (!subkey(content, SUB_STREAM, &key, e))
		return false;
	crypto_secretstream_xchacha20poly1305_init_push(&st, head, key.p);
	buf_add(out, head, sizeof head);
	for (size_t at = 0; at < inner->len; at += CHUNK) {
		size_t n = inner->len - at < CHUNK ? inner->len - at : CHUNK;
		unsigned long long got;

		crypto_secretstream_xchacha20poly1305_push(
		    &st, sealed, &got, p + at, n, at == 0 ? mac : NULL, at == 0 ? MAC_LEN : 0,
		    at + n == inner->len ? crypto_secretstream_xchacha20poly1305_TAG_FINAL
					 : crypto_secretstream_xchacha20poly1305_TAG_MESSAGE);
		buf_add(out, sealed, (size_t)got);
	}
	sodium_memzero(&st, sizeof st);
	secret_free(&key);
	return buf_ok(out, e);
}

static bool seal_whole(struct bundle *b, const struct identity_self *self, const struct bundle_to *to,
		       const struct secret *content, struct buf *out, struct err *e)
{
	struct buf head = BUF_INIT;
	uint8_t signature[SIGNATURE], text[16 + 64], mac[MAC_LEN];
	size_t signed_len = b->inner.len, start = out->len;
	uint64_t whole = padded(signed_len + SIGNATURE);
	bool ok = false;

	if (!head_write(b, to, content, whole, &head, e))
		goto out;
	if (whole_size(head.len, whole) > BUNDLE_FILE_MAX) {
		err_set(e, ERR_LIMIT, "bundle_seal", "%zu bytes", signed_len);
		goto out;
	}
	signed_text(head.p, head.len, b->inner.p, signed_len, text);
	crypto_sign_detached(signature, NULL, text, sizeof text, self->sign.p);
	buf_fill(&b->inner, 0, (size_t)whole - SIGNATURE - signed_len);
	buf_add(&b->inner, signature, SIGNATURE);
	if (!buf_ok(&b->inner, e) || !head_mac(content, head.p, head.len, mac, e))
		goto out;
	buf_add(out, head.p, head.len);
	buf_add(out, mac, sizeof mac);
	ok = chunks_write(content, &b->inner, mac, out, e);
	if (ok)
		crypto_generichash(b->hash, BUNDLE_HASH, (const uint8_t *)out->p + start, out->len - start, NULL, 0);
out:
	buf_done(&head);
	return ok;
}

bool bundle_seal(struct bundle *b, const void *raw, size_t n, const struct identity_self *self,
		 const struct bundle_to *to, struct buf *out, size_t *packed, struct err *e)
{
	struct secret content = SECRET_INIT;
	struct id stream = b->from.device;
	bool ok = false;

	if (n > BUNDLE_RAW_MAX || b->count > BUNDLE_COUNT_MAX || b->nseen > BUNDLE_SEEN_MAX)
		return err_set(e, ERR_LIMIT, "bundle_seal", "%zu bytes, %u records", n, b->count);
	b->from = self->who;
	if (!id_is_zero(&stream))
		b->from.device = stream;
	if (!secret_alloc(&content, BUNDLE_CONTENT_KEY, e))
		return false;
	randombytes_buf(content.p, BUNDLE_CONTENT_KEY);
	content.len = BUNDLE_CONTENT_KEY;
	ok = inner_write(b, raw, n, packed, e) && seal_whole(b, self, to, &content, out, e);
	secret_free(&content);
	return ok;
}

/* Opening. */

struct head {
	const uint8_t *p, *stanzas, *mac;
	size_t len, nstanzas;
	const uint8_t *stream; /* the stream header, then the chunks */
	size_t nstream;
};

static bool head_magic(const uint8_t *p, size_t n, struct err *e)
{
	size_t have = n < MAGIC_LEN ? n : MAGIC_LEN;

	if (have < MAGIC_LEN && memcmp(p, MAGIC, have) == 0)
		return err_set(e, ERR_TRUNCATED, "bundle_open", "%zu bytes", n);
	if (have < MAGIC_LEN || memcmp(p, MAGIC, MAGIC_LEN - 1) != 0)
		return err_set(e, ERR_NOT_BUNDLE, "bundle_open", "magic");
	if (p[MAGIC_LEN - 1] != MAGIC[MAGIC_LEN - 1])
		return err_set(e, ERR_NEWER, "bundle_open", "format");
	return true;
}

static bool head_read(const uint8_t *p, size_t n, struct bundle *b, struct head *h, struct err *e)
{
	struct bundle_cut c = {p, n, false};
	uint64_t kind, suite, flags, len, whole;

	if (!head_magic(p, n, e))
		return false;
	bundle_cut_span(&c, MAGIC_LEN);
	kind = bundle_cut_uint(&c, 1);
	suite = bundle_cut_uint(&c, 1);
	flags = bundle_cut_uint(&c, 2);
	len = bundle_cut_uint(&c, 4);
	bundle_cut_bytes(&c, b->team, BUNDLE_TEAM);
	whole = bundle_cut_uint(&c, 8);
	if (c.short_of)
		return err_set(e, ERR_TRUNCATED, "bundle_open", "%zu bytes", n);
	if (kind < BUNDLE_SEGMENT || kind > BUNDLE_BACKUP || suite != SUITE || flags != 0)
		return err_set(e, ERR_NEWER, "bundle_open", "kind %u suite %u flags %u", (unsigned)kind,
			       (unsigned)suite, (unsigned)flags);
	if (len > HEAD_MAX || whole > BUNDLE_FILE_MAX)
		return err_set(e, ERR_LIMIT, "bundle_open", "header of %u bytes", (unsigned)len);
	if (len < BUNDLE_HEAD_MIN || whole < whole_size((size_t)len, SIGNATURE))
		return err_set(e, ERR_DAMAGED, "bundle_open", "sizes");
	if (n < whole)
		return err_set(e, ERR_TRUNCATED, "bundle_open", "%zu of %llu bytes", n, (unsigned long long)whole);
	if (n > whole)
		return err_set(e, ERR_DAMAGED, "bundle_open", "%zu bytes after the end", n - (size_t)whole);
	b->kind = (enum bundle_kind)kind;
	h->p = p;
	h->len = (size_t)len;
	h->stanzas = p + BUNDLE_HEAD_MIN;
	h->nstanzas = (size_t)len - BUNDLE_HEAD_MIN;
	h->mac = p + len;
	h->stream = p + len + MAC_LEN;
	h->nstream = n - (size_t)len - MAC_LEN;
	return true;
}

static bool chunks_read(const struct secret *content, const struct head *h, struct buf *inner, struct err *e)
{
	crypto_secretstream_xchacha20poly1305_state st;
	struct secret key = SECRET_INIT;
	struct bundle_cut c = {h->stream, h->nstream, false};
	uint8_t plain[CHUNK], tag = 0;
	bool first = true, ok = false;

	if (!subkey(content, SUB_STREAM, &key, e))
		return false;
	if (crypto_secretstream_xchacha20poly1305_init_pull(&st, bundle_cut_span(&c, STREAM_HEAD), key.p) != 0)
		goto damaged;
	while (tag != crypto_secretstream_xchacha20poly1305_TAG_FINAL) {
		size_t n = c.left < CHUNK + SEAL_LEN ? c.left : CHUNK + SEAL_LEN;
		const uint8_t *sealed = bundle_cut_span(&c, n);

		if (n <= SEAL_LEN ||
		    crypto_secretstream_xchacha20poly1305_pull(&st, plain, NULL, &tag, sealed, n, first ? h->mac : NULL,
							       first ? MAC_LEN : 0) != 0)
			goto damaged;
		if (tag != crypto_secretstream_xchacha20poly1305_TAG_FINAL &&
		    tag != crypto_secretstream_xchacha20poly1305_TAG_MESSAGE)
			goto damaged;
		buf_add(inner, plain, n - SEAL_LEN);
		first = false;
	}
	if (c.left > 0)
		goto damaged;
	ok = buf_ok(inner, e);
	goto out;
damaged:
	err_set(e, ERR_DAMAGED, "bundle_open", "chunks");
out:
	sodium_memzero(&st, sizeof st);
	sodium_memzero(plain, sizeof plain);
	secret_free(&key);
	return ok;
}

static bool seen_read(struct bundle_cut *c, struct bundle *b, struct err *e)
{
	size_t n = (size_t)bundle_cut_uint(c, 2);

	if (n > BUNDLE_SEEN_MAX)
		return err_set(e, ERR_LIMIT, "bundle_open", "%zu devices seen", n);
	b->seen = n > 0 ? calloc(n, sizeof *b->seen) : NULL;
	if (n > 0 && !b->seen)
		return err_nomem(e, "bundle_open");
	b->nseen = n;
	for (size_t i = 0; i < n; i++) {
		bundle_cut_bytes(c, b->seen[i].device.b, ID_BYTES);
		b->seen[i].n = bundle_cut_uint(c, 8);
		bundle_cut_bytes(c, b->seen[i].hash, BUNDLE_HASH);
	}
	return true;
}

static bool inner_read(struct bundle *b, struct bundle_cut *c, struct err *e)
{
	size_t name;

	bundle_cut_bytes(c, b->from.sign, IDENTITY_KEY);
	bundle_cut_bytes(c, b->from.box, IDENTITY_KEY);
	bundle_cut_bytes(c, b->from.device.b, ID_BYTES);
	b->n = bundle_cut_uint(c, 8);
	bundle_cut_bytes(c, b->previous, BUNDLE_HASH);
	b->epoch = (uint32_t)bundle_cut_uint(c, 4);
	b->clock = bundle_cut_uint(c, 8);
	name = (size_t)bundle_cut_uint(c, 1);
	if (name > IDENTITY_NAME)
		return err_set(e, ERR_DAMAGED, "bundle_open", "author's name");
	bundle_cut_bytes(c, b->from.name, name);
	if (name > 0 && (strlen(b->from.name) != name || !identity_name_ok(b->from.name)))
		return err_set(e, ERR_DAMAGED, "bundle_open", "author's name");
	if (!seen_read(c, b, e))
		return false;
	b->codec = (uint8_t)bundle_cut_uint(c, 1);
	uint64_t packed = bundle_cut_uint(c, 8);
	b->raw = bundle_cut_uint(c, 8);
	b->count = (uint32_t)bundle_cut_uint(c, 4);
	b->packed_at = b->inner.len - c->left;
	if (packed > c->left || !bundle_cut_span(c, (size_t)packed) || c->short_of)
		return err_set(e, ERR_DAMAGED, "bundle_open", "sizes of the body");
	b->packed_len = (size_t)packed;
	return true;
}

/* The signature is the first thing read of the inside that anyone but a recipient could have written; nothing read
 * before it has been acted upon. */
static bool inner_check(struct bundle *b, const struct head *h, struct err *e)
{
	struct bundle_cut c = {(const uint8_t *)b->inner.p, b->inner.len, false};
	uint8_t text[16 + 64];
	size_t signed_len;

	if (!inner_read(b, &c, e))
		return false;
	signed_len = b->inner.len - c.left;
	if (c.left < SIGNATURE || padded(signed_len + SIGNATURE) != b->inner.len ||
	    (c.left > SIGNATURE && !sodium_is_zero(c.p, c.left - SIGNATURE)))
		return err_set(e, ERR_DAMAGED, "bundle_open", "padding");
	signed_text(h->p, h->len, b->inner.p, signed_len, text);
	if (crypto_sign_verify_detached(c.p + c.left - SIGNATURE, text, sizeof text, b->from.sign) != 0)
		return err_set(e, ERR_DAMAGED, "bundle_open", "signature");
	if (b->codec > CODEC_DEFLATE_1)
		return err_set(e, ERR_NEWER, "bundle_open", "codec %u", b->codec);
	if (b->raw > BUNDLE_RAW_MAX || b->count > BUNDLE_COUNT_MAX || b->raw / BUNDLE_RATIO_MAX > b->packed_len)
		return err_set(e, ERR_LIMIT, "bundle_open", "a body of %llu bytes, %u records",
			       (unsigned long long)b->raw, b->count);
	return true;
}

bool bundle_open(const void *p, size_t n, const struct bundle_keys *keys, struct bundle *b, struct err *e)
{
	struct secret content = SECRET_INIT;
	struct head h = {0};
	uint8_t mac[MAC_LEN];
	bool ok = false;

	bundle_init(b, BUNDLE_HANDOFF);
	if (!head_read(p, n, b, &h, e) || !bundle_stanzas_read(h.stanzas, h.nstanzas, keys, &content, e) ||
	    !head_mac(&content, h.p, h.len, mac, e))
		goto out;
	if (sodium_memcmp(mac, h.mac, MAC_LEN) != 0) {
		err_set(e, ERR_DAMAGED, "bundle_open", "header");
		goto out;
	}
	ok = chunks_read(&content, &h, &b->inner, e) && inner_check(b, &h, e);
	if (ok)
		crypto_generichash(b->hash, BUNDLE_HASH, p, n, NULL, 0);
out:
	secret_free(&content);
	if (!ok)
		bundle_done(b);
	return ok;
}

bool bundle_unpack(const struct bundle *b, struct buf *raw, struct err *e)
{
	const char *packed = b->inner.p + b->packed_at;

	if (b->codec == CODEC_DEFLATE_1)
		return bundle_inflate(packed, b->packed_len, (size_t)b->raw, raw, e);
	if (b->raw != b->packed_len)
		return err_set(e, ERR_DAMAGED, "bundle_unpack", "sizes of the body");
	buf_add(raw, packed, b->packed_len);
	return buf_ok(raw, e);
}
