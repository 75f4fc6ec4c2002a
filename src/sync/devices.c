/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "arpent/devices.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "arpent/cbor.h"
#include "arpent/journal.h"
#include "book.h"
#include "past.h"

#define INVITATION_VERSION 1
#define EPOCH_KEY_LEN 32
#define SEALED_KEY_LEN (EPOCH_KEY_LEN + crypto_box_SEALBYTES)

bool devices_space(struct store *s, struct space *out, struct err *e)
{
	return book_space(s, out, e) && (!id_is_zero(&out->id) || err_set(e, ERR_NOT_FOUND, "sync_space", "space"));
}

/* The device by itself, in a space of its own. */
static bool space_make(struct store *s, const struct identity *self, struct space *out, struct err *e)
{
	id_new(&out->id);
	out->epoch = 1;
	out->own = *store_device(s);
	if (!secret_alloc(&out->key, EPOCH_KEY_LEN, e) || !space_add(out, &out->own, self, "", e))
		return false;
	randombytes_buf(out->key.p, EPOCH_KEY_LEN);
	out->key.len = EPOCH_KEY_LEN;
	return book_space_put(s, out, e);
}

static bool space_or_make(struct store *s, const struct identity *self, struct space *out, struct err *e)
{
	return book_space(s, out, e) && (!id_is_zero(&out->id) || space_make(s, self, out, e));
}

bool devices_alone(struct store *s, struct err *e)
{
	struct identity_self self = {0};
	struct space sp;
	bool ok = identity_self(s, &self, e) && store_step_begin(s, "", e);

	space_init(&sp);
	if (ok && space_or_make(s, &self.who, &sp, e)) {
		ok = store_step_end(s, e);
	} else if (ok) {
		store_step_cancel(s);
		ok = false;
	}
	identity_self_done(&self);
	space_done(&sp);
	return ok;
}

static void identity_write(struct buf *b, const struct stream *st)
{
	cbor_w_array(b, 5);
	cbor_w_bytes(b, st->id.b, ID_BYTES);
	cbor_w_text(b, st->who.name, strlen(st->who.name));
	cbor_w_text(b, st->label, strlen(st->label));
	cbor_w_bytes(b, st->who.sign, IDENTITY_KEY);
	cbor_w_bytes(b, st->who.box, IDENTITY_KEY);
}

/* The key is sealed once more, so that it is never in memory that is not wiped. */
static bool invitation_write(const struct space *sp, const struct identity *to, struct buf *b, struct err *e)
{
	uint8_t sealed[SEALED_KEY_LEN];

	if (crypto_box_seal(sealed, sp->key.p, EPOCH_KEY_LEN, to->box) != 0)
		return err_set(e, ERR_INPUT, "devices_add", "not a key to seal to");
	cbor_w_array(b, 5);
	cbor_w_uint(b, INVITATION_VERSION);
	cbor_w_bytes(b, sp->id.b, ID_BYTES);
	cbor_w_uint(b, sp->epoch);
	cbor_w_bytes(b, sealed, sizeof sealed);
	cbor_w_array(b, sp->n);
	for (size_t i = 0; i < sp->n; i++)
		identity_write(b, &sp->streams[i]);
	return buf_ok(b, e);
}

static bool invitation_seal(struct store *s, const struct identity_self *self, const struct space *sp,
			    const struct identity *to, struct buf *out, struct err *e)
{
	const struct bundle_to who = {.who = to, .n = 1};
	struct buf body = BUF_INIT;
	struct bundle b;
	struct moment now;
	bool ok;

	bundle_init(&b, BUNDLE_INVITATION);
	store_now(s, &now);
	b.clock = (uint64_t)moment_unix(&now) << 16;
	b.count = 1;
	memcpy(b.team, sp->id.b, BUNDLE_TEAM);
	ok = invitation_write(sp, to, &body, e) && bundle_seal(&b, body.p, body.len, self, &who, out, NULL, e);
	bundle_done(&b);
	buf_done(&body);
	return ok;
}

static bool add_stream(struct store *s, struct space *sp, const struct identity *who, const char *label, struct err *e)
{
	struct stream *st = space_stream(sp, &who->device);

	if (st)
		return identity_same(&st->who, who) || err_set(e, ERR_INPUT, "devices_add", "%s", who->name);
	st = space_add(sp, &who->device, who, label, e);
	if (!st)
		return false;
	st->announce = true;
	return book_space_put(s, sp, e);
}

bool devices_add(struct store *s, const struct identity *who, const char *label, struct buf *invitation, struct err *e)
{
	struct identity_self self = {0};
	struct space sp;
	bool ok = false;

	space_init(&sp);
	if (!identity_self(s, &self, e))
		return false;
	if (!identity_name_ok(self.who.name))
		err_set(e, ERR_INPUT, "identity_card", "no name is set");
	else if (identity_same(&self.who, who))
		err_set(e, ERR_INPUT, "devices_add", "%s", who->name);
	else if (label[0] && !identity_name_ok(label))
		err_set(e, ERR_INPUT, "label", "%.60s", label);
	else
		ok = store_step_begin(s, "", e);
	if (ok) {
		ok = space_or_make(s, &self.who, &sp, e) && add_stream(s, &sp, who, label, e) &&
		     invitation_seal(s, &self, &sp, who, invitation, e);
		if (ok)
			ok = store_step_end(s, e);
		else
			store_step_cancel(s);
	}
	identity_self_done(&self);
	space_done(&sp);
	return ok;
}

static bool streams_read(struct cbor_r *r, struct space *sp, struct err *e)
{
	size_t n = cbor_array(r), len[2];
	const char *text[2];

	for (size_t i = 0; i < n; i++) {
		struct identity who = {.name = ""};
		char label[IDENTITY_NAME + 1] = "";
		struct id id;
		if (cbor_array(r) != 5)
			return err_set(e, ERR_DAMAGED, "bundle", "invitation");
		cbor_fixed(r, id.b, ID_BYTES);
		text[0] = cbor_text(r, &len[0]);
		text[1] = cbor_text(r, &len[1]);
		cbor_fixed(r, who.sign, IDENTITY_KEY);
		cbor_fixed(r, who.box, IDENTITY_KEY);
		if (!cbor_ok(r, e))
			return false;
		if (len[0] > IDENTITY_NAME || len[1] > IDENTITY_NAME || space_stream(sp, &id))
			return err_set(e, ERR_DAMAGED, "bundle", "invitation");
		memcpy(who.name, len[0] ? text[0] : "", len[0]);
		memcpy(label, len[1] ? text[1] : "", len[1]);
		identity_device(who.sign, &who.device);
		if ((who.name[0] && !identity_name_ok(who.name)) || (label[0] && !identity_name_ok(label)))
			return err_set(e, ERR_DAMAGED, "bundle", "invitation");
		if (!space_add(sp, &id, &who, label, e))
			return false;
	}
	return cbor_ok(r, e);
}

static bool invitation_read(const struct identity_self *self, const struct buf *body, struct space *sp, struct err *e)
{
	struct cbor_r r;
	const uint8_t *sealed;
	size_t n;

	cbor_r_init(&r, buf_str(body), body->len);
	if (cbor_array(&r) != 5 || cbor_uint(&r) != INVITATION_VERSION)
		return err_set(e, r.bad ? ERR_DAMAGED : ERR_NEWER, "bundle", "invitation");
	cbor_fixed(&r, sp->id.b, ID_BYTES);
	sp->epoch = (uint32_t)cbor_uint(&r);
	sealed = cbor_bytes(&r, &n);
	if (!cbor_ok(&r, e) || !secret_alloc(&sp->key, EPOCH_KEY_LEN, e))
		return false;
	if (n != SEALED_KEY_LEN || crypto_box_seal_open(sp->key.p, sealed, n, self->who.box, self->box.p) != 0)
		return err_set(e, ERR_DAMAGED, "bundle", "invitation");
	sp->key.len = EPOCH_KEY_LEN;
	sp->own = self->who.device;
	if (!streams_read(&r, sp, e) || !cbor_done(&r, e))
		return false;
	return space_stream(sp, &sp->own) || err_set(e, ERR_FOREIGN, "bundle", "invitation");
}

/* A notebook that is with others already stays with them, and so does one that wrote more than one stream; one that is
 * alone may go. */
static bool invitation_fits(struct store *s, struct invitation *in, struct err *e)
{
	struct space have;
	bool ok = book_space(s, &have, e);

	in->known = ok && id_eq(&have.id, &in->space.id);
	if (ok && !in->known && (have.n > 1 || !id_eq(store_device(s), &in->space.own)))
		ok = err_set(e, ERR_EXISTS, "devices_join", "%zu", have.n);
	space_done(&have);
	return ok;
}

bool devices_invitation(struct store *s, const void *p, size_t n, struct invitation *out, struct err *e)
{
	struct identity_self self = {0};
	struct bundle_keys keys = {.box = NULL};
	struct buf body = BUF_INIT;
	struct bundle b;
	bool ok = false;

	memset(out, 0, sizeof *out);
	bundle_init(&b, BUNDLE_INVITATION);
	if (!identity_self(s, &self, e))
		goto out;
	keys.box = self.who.box;
	keys.box_secret = &self.box;
	if (!bundle_open(p, n, &keys, &b, e))
		goto out;
	if (b.kind != BUNDLE_INVITATION) {
		err_set(e, ERR_FOREIGN, "devices_invitation", "a bundle of kind %d", (int)b.kind);
		goto out;
	}
	out->from = b.from;
	identity_device(b.from.sign, &out->from.device);
	ok = bundle_unpack(&b, &body, e) && invitation_read(&self, &body, &out->space, e) && invitation_fits(s, out, e);
out:
	if (!ok)
		invitation_done(out);
	identity_self_done(&self);
	bundle_done(&b);
	buf_done(&body);
	return ok;
}

void invitation_done(struct invitation *in)
{
	space_done(&in->space);
}

/* All of the journal is to go: what is here becomes the space's. */
bool devices_join(struct store *s, const struct invitation *in, struct err *e)
{
	bool ok;

	if (in->known)
		return true;
	if (!store_step_begin(s, "", e))
		return false;
	ok = book_space_put(s, &in->space, e);
	if (ok)
		return store_step_end(s, e);
	store_step_cancel(s);
	return false;
}

static bool pending_one(void *ctx, const struct journal_entry *j)
{
	void **with = ctx;
	bool (*cb)(void *, const struct id *);

	memcpy(&cb, with[0], sizeof cb);
	return cb(with[1], &j->record);
}

bool devices_pending(struct store *s, bool (*cb)(void *ctx, const struct id *record), void *ctx, struct err *e)
{
	void *with[2] = {&cb, ctx};
	struct space sp;
	bool ok = devices_space(s, &sp, e) && journal_own(s, sp.last, pending_one, with, e);

	space_done(&sp);
	return ok;
}

bool devices_receipts(struct store *s, const struct id *record, bool *sent,
		      bool (*cb)(void *ctx, const struct stream *st, bool has), void *ctx, struct err *e)
{
	struct journal_segment g = {.n = 0};
	struct space sp;
	bool ok = devices_space(s, &sp, e), go = true;

	g.space = sp.id;
	ok = ok && journal_record_last(s, record, &g, e);
	*sent = ok && g.n > 0 && (!id_eq(&g.stream, &sp.own) || g.n <= sp.sent);
	for (size_t i = 0; ok && go && i < sp.n; i++) {
		const struct stream *st = &sp.streams[i];
		if (!st->ended && !id_eq(&st->id, &sp.own))
			go = cb(ctx, st, g.n > 0 && (id_eq(&st->id, &g.stream) || stream_saw(st, &g.stream) >= g.n));
	}
	space_done(&sp);
	return ok;
}

bool devices_sync(struct store *s, const char *name, struct remote *remote, const struct exchange_watch *watch,
		  struct exchange_report *report, struct err *e)
{
	struct book_store bs;
	struct book book;
	int64_t after;
	bool ok = journal_last(s, &after, e) && book_open(&bs, s, name, &book, e);

	if (!ok)
		return false;
	ok = exchange_round(&book, remote, watch, report, e);
	book_done(&bs);
	/* What came and went until it was broken off is there. */
	return past_write(s, name, after, report, ok, ok ? e : &(struct err){.code = ERR_NONE}) && ok;
}

bool devices_outlook(struct store *s, const char *name, struct remote *remote, const struct exchange_watch *watch,
		     struct exchange_outlook *out, struct err *e)
{
	struct book_store bs;
	struct book book;
	bool ok = book_open(&bs, s, name, &book, e);

	*out = (struct exchange_outlook){.entries = 0};
	if (!ok)
		return false;
	ok = exchange_weigh(&book, out, e) && (!remote || exchange_ask(&book, remote, watch, out, e));
	book_done(&bs);
	return ok;
}

bool devices_check(struct store *s, const char *name, struct remote *remote, struct exchange_report *report,
		   struct err *e)
{
	struct book_store bs;
	struct book book;
	bool ok = book_open(&bs, s, name, &book, e) && exchange_check(&book, remote, NULL, report, e);

	book_done(&bs);
	return ok;
}
