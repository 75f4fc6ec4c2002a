/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A hand-off as a sealed file: written, read, taken in. */
#include "handoff-in.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "arpent/cbor.h"
#include "arpent/i18n.h"
#include "arpent/io.h"
#include "arpent/kind.h"

#define BODY_VERSION 1
#define TAKEN_PREFIX "taken/"
#define TAKEN_KEY_LEN (sizeof TAKEN_PREFIX + 2 * BUNDLE_HASH)

static int item_by_id(const void *a, const void *b)
{
	const struct handoff_item *const *x = a, *const *y = b;

	return id_cmp(&(*x)->state.id, &(*y)->state.id);
}

static int item_for_reading(const void *a, const void *b)
{
	const struct handoff_item *x = a, *y = b;

	return x->why != y->why ? (int)x->why - (int)y->why : id_cmp(&x->state.id, &y->state.id);
}

/* [version, [places of those named], [states], {place: content}]; the states by id, the places counted from 0, rising.
 */
static bool body_write(const struct handoff *h, struct buf *out, uint32_t *count, struct err *e)
{
	const struct handoff_item **going = calloc(h->n + 1, sizeof *going);
	size_t n = 0, named = 0, contents = 0;

	if (!going)
		return err_nomem(e, "handoff_seal");
	for (size_t i = 0; i < h->n; i++)
		if (!h->items[i].stays) {
			going[n++] = &h->items[i];
			named += h->items[i].why == HANDOFF_NAMED;
			contents += h->items[i].content == HANDOFF_CONTENT;
		}
	qsort(going, n, sizeof(const struct handoff_item *), item_by_id);
	cbor_w_array(out, 4);
	cbor_w_uint(out, BODY_VERSION);
	cbor_w_array(out, named);
	for (size_t i = 0; i < n; i++)
		if (going[i]->why == HANDOFF_NAMED)
			cbor_w_uint(out, i);
	cbor_w_array(out, n);
	for (size_t i = 0; i < n; i++)
		record_encode(&going[i]->state, out);
	cbor_w_map(out, contents);
	for (size_t i = 0; i < n; i++)
		if (going[i]->content == HANDOFF_CONTENT) {
			cbor_w_uint(out, i);
			cbor_w_bytes(out, going[i]->bytes.p, going[i]->bytes.len);
		}
	free(going);
	*count = (uint32_t)n;
	return buf_ok(out, e);
}

static bool recipients(const struct peer *peers, size_t n, const struct secret *passphrase, struct bundle_to *to,
		       struct identity **who, struct err *e)
{
	memset(to, 0, sizeof *to);
	to->passphrase = passphrase;
	to->n = n;
	*who = calloc(n + 1, sizeof **who);
	if (!*who)
		return err_nomem(e, "handoff_seal");
	for (size_t i = 0; i < n; i++)
		(*who)[i] = peers[i].who;
	to->who = *who;
	return true;
}

bool handoff_seal_buf(struct store *s, struct handoff *h, const struct peer *peers, size_t npeers,
		      const struct secret *passphrase, struct buf *out, struct err *e)
{
	struct identity_self self = {0};
	struct identity *who = NULL;
	struct bundle b;
	struct bundle_to to;
	struct buf body = BUF_INIT;
	struct moment now;
	size_t start = out->len;
	unsigned long lost = err_lost();
	bool ok = false;

	bundle_init(&b, BUNDLE_HANDOFF);
	if (!identity_self(s, &self, e))
		goto out;
	if (!identity_name_ok(self.who.name)) {
		err_set(e, ERR_INPUT, "handoff_seal", "no name is set");
		goto out;
	}
	store_now(s, &now);
	b.clock = (uint64_t)moment_unix(&now) << 16;
	ok = recipients(peers, npeers, passphrase, &to, &who, e) && body_write(h, &body, &b.count, e) &&
	     bundle_seal(&b, body.p, body.len, &self, &to, out, NULL, e);
	if (ok) {
		memcpy(h->hash, b.hash, BUNDLE_HASH);
		h->size = out->len - start;
	}
out:
	identity_self_done(&self);
	bundle_done(&b);
	buf_done(&body);
	free(who);
	return err_lost_none(lost, e) && ok;
}

bool handoff_seal(struct store *s, struct handoff *h, const struct peer *peers, size_t npeers,
		  const struct secret *passphrase, const char *path, bool replace, struct err *e)
{
	struct buf out = BUF_INIT;
	bool ok = handoff_seal_buf(s, h, peers, npeers, passphrase, &out, e) &&
		  io_write_file(path, out.p, out.len, replace, e);

	buf_done(&out);
	return ok;
}

static void taken_key(const uint8_t hash[BUNDLE_HASH], char out[TAKEN_KEY_LEN])
{
	memcpy(out, TAKEN_PREFIX, sizeof TAKEN_PREFIX - 1);
	sodium_bin2hex(out + sizeof TAKEN_PREFIX - 1, 2 * BUNDLE_HASH + 1, hash, BUNDLE_HASH);
}

static bool taken_read(struct store *s, struct handoff *h, struct err *e)
{
	char key[TAKEN_KEY_LEN];
	struct buf b = BUF_INIT;
	struct err why = ERR_INIT;
	struct cbor_r r;
	bool ok;

	taken_key(h->hash, key);
	h->taken_before = store_meta_get(s, key, &b, &why);
	ok = h->taken_before || why.code == ERR_NOT_FOUND;
	if (!ok && e)
		*e = why;
	cbor_r_init(&r, buf_str(&b), b.len);
	h->taken_ms = h->taken_before ? cbor_int(&r) : 0;
	buf_done(&b);
	return ok;
}

/* Who is it from, and do we know them?  Their name is then the one that this notebook's person knows them by. */
static bool author_check(struct store *s, const struct identity *from, const struct identity *self, struct handoff *h,
			 struct err *e)
{
	struct peer p;
	struct err why = ERR_INIT;
	struct id device;

	identity_device(from->sign, &device);
	if (!id_eq(&device, &from->device) || from->name[0] == 0)
		return err_set(e, ERR_DAMAGED, "handoff_read", "author");
	h->from = *from;
	h->known = h->verified = identity_same(from, self);
	if (h->known)
		return true;
	if (peer_get(s, &from->device, &p, &why)) {
		h->known = identity_same(&p.who, from);
		h->verified = h->known && p.verified;
		if (h->known)
			h->from = p.who;
		return true;
	}
	if (why.code != ERR_NOT_FOUND && e)
		*e = why;
	return why.code == ERR_NOT_FOUND;
}

/* Marks those named; the list of places comes before the states, and is read again when they are there. */
static bool named_read(struct cbor_r *r, struct handoff *h, struct err *e)
{
	size_t n = cbor_array(r);
	uint64_t at, next = 0;

	for (size_t i = 0; i < n; i++, next = at + 1) {
		at = cbor_uint(r);
		if (at < next || at >= h->n)
			return err_set(e, ERR_DAMAGED, "handoff_read", "place of a name");
		h->items[at].why = HANDOFF_NAMED;
	}
	return cbor_done(r, e);
}

static bool content_is_of(const struct record *r, const uint8_t *p, size_t n)
{
	uint8_t hash[BUNDLE_HASH];
	char hex[2 * BUNDLE_HASH + 1];

	crypto_generichash(hash, sizeof hash, p, n, NULL, 0);
	sodium_bin2hex(hex, sizeof hex, hash, sizeof hash);
	return strcmp(r->kind, "file") == 0 && strcmp(record_get(r, "hash"), hex) == 0;
}

/* Each belongs to one record, so that no more is filed than was sent. */
static bool contents_read(struct cbor_r *r, struct handoff *h, struct err *e)
{
	size_t pairs = cbor_map(r), n;
	uint64_t at, next = 0;

	for (size_t i = 0; i < pairs; i++, next = at + 1) {
		struct handoff_item *it;
		const uint8_t *p;

		at = cbor_uint(r);
		p = cbor_bytes(r, &n);
		if (!cbor_ok(r, e))
			return false;
		if (at < next || at >= h->n || !content_is_of(&h->items[at].state, p, n))
			return err_set(e, ERR_DAMAGED, "handoff_read", "content of a file");
		it = &h->items[at];
		if (it->content != HANDOFF_CONTENT_AWAY)
			continue;
		it->content = HANDOFF_CONTENT;
		h->contents++;
		buf_add(&it->bytes, p, n);
		if (!buf_ok(&it->bytes, e))
			return false;
	}
	return cbor_done(r, e);
}

static struct handoff_item *item_find(const struct handoff *h, const struct id *id)
{
	for (size_t low = 0, high = h->n; low < high;) {
		size_t mid = low + (high - low) / 2;
		int c = id_cmp(id, &h->items[mid].state.id);

		if (c == 0)
			return &h->items[mid];
		if (c < 0)
			high = mid;
		else
			low = mid + 1;
	}
	return NULL;
}

/* A title may be made of what it refers to: looked up in the hand-off, else here. */
static bool item_title(struct store *s, const struct handoff *h, struct handoff_item *it, struct err *e)
{
	const struct kind *k = kind_find(it->state.kind);
	struct buf title = BUF_INIT;
	struct id id;

	for (size_t i = 0; k && i < kind_fields(k); i++) {
		const struct field *f = kind_field_at(k, i);
		const struct handoff_item *other;
		struct buf part = BUF_INIT;

		if (!(f->flags & FIELD_TITLE))
			continue;
		if (f->type != FIELD_REF) {
			buf_str_add(&part, record_get(&it->state, f->key));
		} else if (id_parse(record_get(&it->state, f->key), &id)) {
			other = item_find(h, &id);
			if (other)
				(void)record_title(&other->state, &part);
			else
				(void)store_title(s, &id, &part);
		}
		if (part.len > 0 && title.len > 0)
			buf_str_add(&title, " · ");
		buf_str_add(&title, buf_str(&part));
		title.oom |= part.oom;
		buf_done(&part);
	}
	it->title = str_dup(buf_str(&title));
	buf_done(&title);
	return it->title || err_nomem(e, "handoff_read");
}

bool handoff_claims_hold(const struct record *r)
{
	for (size_t i = 0; i < r->nlimits; i++)
		for (size_t k = 0; k < r->limits[i].known.n; k++) {
			const struct span *sp = &r->limits[i].known.v[k];

			if (sp->to > seen_count(&r->seen, &sp->device))
				return false;
		}
	return true;
}

static bool item_content(struct store *s, struct handoff_item *it, struct err *e)
{
	struct err why = ERR_INIT;
	int64_t size;

	if (strcmp(it->state.kind, "file") != 0)
		return true;
	it->content = HANDOFF_CONTENT_HERE;
	if (store_file_size(s, &it->state.id, &size, &why))
		return true;
	it->content = HANDOFF_CONTENT_AWAY;
	if (why.code != ERR_NOT_FOUND && e)
		*e = why;
	return why.code == ERR_NOT_FOUND;
}

static bool item_read(struct store *s, struct cbor_r *r, struct handoff *h, struct err *e)
{
	struct handoff_item *it = handoff_item_add(h, e);
	const uint8_t *p;
	size_t n;

	if (!it)
		return false;
	cbor_skip(r, &p, &n);
	if (!cbor_ok(r, e) || !record_decode(p, n, &it->state, e))
		return false;
	if (h->n > 1 && id_cmp(&it[-1].state.id, &it->state.id) >= 0)
		return err_set(e, ERR_DAMAGED, "handoff_read", "order of the records");
	if (!handoff_claims_hold(&it->state))
		return err_set(e, ERR_DAMAGED, "handoff_read", "changes seen");
	it->why = HANDOFF_NEEDED;
	it->withheld = it->state.nlimits;
	if (!item_content(s, it, e) || !store_preview(s, &it->state, &it->take, e))
		return false;
	h->counts[it->take]++;
	return true;
}

static bool body_read(struct store *s, const struct buf *raw, uint32_t count, struct handoff *h, struct err *e)
{
	struct cbor_r r, named;
	const uint8_t *p = NULL;
	size_t n = 0;

	cbor_r_init(&r, buf_str(raw), raw->len);
	if (cbor_array(&r) != 4)
		return err_set(e, ERR_DAMAGED, "handoff_read", "body");
	if (cbor_uint(&r) != BODY_VERSION && !r.bad)
		return err_set(e, ERR_NEWER, "handoff_read", "body");
	cbor_skip(&r, &p, &n);
	cbor_r_init(&named, p, n);
	n = cbor_array(&r);
	if (n != count)
		return err_set(e, ERR_DAMAGED, "handoff_read", "%zu records, %u announced", n, count);
	for (size_t i = 0; i < n; i++)
		if (!item_read(s, &r, h, e))
			return false;
	if (!contents_read(&r, h, e) || !named_read(&named, h, e))
		return false;
	for (size_t i = 0; i < h->n; i++)
		if (!item_title(s, h, &h->items[i], e))
			return false;
	qsort(h->items, h->n, sizeof *h->items, item_for_reading);
	return true;
}

bool handoff_read_buf(struct store *s, const void *p, size_t n, const struct secret *passphrase, bool accept,
		      struct handoff *out, struct err *e)
{
	struct identity_self self = {0};
	struct bundle b;
	struct bundle_keys keys = {.passphrase = passphrase};
	struct buf raw = BUF_INIT;
	unsigned long lost = err_lost();
	bool ok = false;

	handoff_init(out);
	bundle_init(&b, BUNDLE_HANDOFF);
	if (!identity_self(s, &self, e))
		goto out;
	keys.box = self.who.box;
	keys.box_secret = &self.box;
	if (!bundle_open(p, n, &keys, &b, e))
		goto out;
	if (b.kind != BUNDLE_HANDOFF) {
		err_set(e, ERR_FOREIGN, "handoff_read", "a bundle of kind %d", (int)b.kind);
		goto out;
	}
	out->size = n;
	memcpy(out->hash, b.hash, BUNDLE_HASH);
	if (!author_check(s, &b.from, &self.who, out, e) || !taken_read(s, out, e))
		goto out;
	if (!out->known && !accept) {
		err_set(e, ERR_UNTRUSTED, "handoff_read", "%s", out->from.name);
		goto out;
	}
	ok = bundle_unpack(&b, &raw, e) && body_read(s, &raw, b.count, out, e);
out:
	ok = err_lost_none(lost, e) && ok;
	if (!ok) {
		struct identity from = out->from;

		handoff_done(out);
		out->from = from;
	}
	identity_self_done(&self);
	bundle_done(&b);
	buf_done(&raw);
	return ok;
}

bool handoff_read(struct store *s, const char *path, const struct secret *passphrase, bool accept, struct handoff *out,
		  struct err *e)
{
	struct buf file = BUF_INIT;
	bool ok;

	handoff_init(out);
	ok = io_read_file(path, BUNDLE_FILE_MAX, &file, e) &&
	     handoff_read_buf(s, buf_str(&file), file.len, passphrase, accept, out, e);
	buf_done(&file);
	return ok;
}

static bool taken_write(struct store *s, const struct handoff *h, struct err *e)
{
	char key[TAKEN_KEY_LEN];
	struct buf b = BUF_INIT;
	struct moment now;
	bool ok;

	store_now(s, &now);
	cbor_w_int(&b, moment_unix(&now));
	taken_key(h->hash, key);
	ok = buf_ok(&b, e) && store_meta_set(s, key, b.p, b.len, e);
	buf_done(&b);
	return ok;
}

bool handoff_take(struct store *s, const struct handoff *h, struct err *e)
{
	size_t changed = 0;
	enum take take;

	if (!store_step_begin(s, N_("Hand-off taken in"), e))
		return false;
	for (size_t i = 0; i < h->n; i++) {
		if (!store_take(s, &h->items[i].state, &take, e))
			goto cancel;
		changed += take != TAKE_SAME;
		if (h->items[i].content == HANDOFF_CONTENT &&
		    !store_file_put(s, &h->items[i].state.id, h->items[i].bytes.p, h->items[i].bytes.len, e))
			goto cancel;
	}
	if (changed + h->contents == 0 && h->taken_before) {
		err_set(e, ERR_REPLAY, "handoff_take", "%zu records", h->n);
		goto cancel;
	}
	if (!taken_write(s, h, e))
		goto cancel;
	return store_step_end(s, e);
cancel:
	store_step_cancel(s);
	return false;
}
