/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "arpent/devices.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "arpent/cbor.h"
#include "arpent/journal.h"
#include "devices-in.h"
#include "past.h"

#define INVITATION_VERSION 2
#define INVITATION_PARTS 9

bool devices_space(struct store *s, struct space *out, struct err *e)
{
	return book_space(s, NULL, out, e) &&
	       (!id_is_zero(&out->id) || err_set(e, ERR_NOT_FOUND, "sync_space", "space"));
}

bool devices_ask(struct store *s, struct space *sp, const struct roster_item *it, struct err *e)
{
	roster_item_write(&sp->pending, it);
	sp->npending++;
	return buf_ok(&sp->pending, e) && book_space_save(s, sp, e);
}

bool devices_found(struct store *s, const struct identity *self, bool team, const char *name, struct space *out,
		   struct err *e)
{
	struct roster_item found = {.type = ROSTER_FOUND, .who = *self};
	struct id key;

	id_new(&out->id);
	out->team = team;
	out->device = out->founder = self->device;
	space_first(out, &self->device, &out->own);
	if (!team)
		out->own = *store_device(s);
	memcpy(out->name, name, strnlen(name, IDENTITY_NAME));
	memcpy(found.name, name, strnlen(name, IDENTITY_NAME));
	return space_add(out, &out->own, self, "", e) && book_secret_make(s, &key, e) &&
	       space_key_add(out, 1, &key, e) && book_space_put(s, out, e) && devices_ask(s, out, &found, e);
}

static bool space_or_make(struct store *s, const struct identity *self, struct space *out, struct err *e)
{
	return book_space(s, NULL, out, e) && (!id_is_zero(&out->id) || devices_found(s, self, false, "", out, e));
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
	cbor_w_array(b, 7);
	cbor_w_bytes(b, st->id.b, ID_BYTES);
	cbor_w_text(b, st->who.name, strlen(st->who.name));
	cbor_w_text(b, st->label, strlen(st->label));
	cbor_w_bytes(b, st->who.sign, IDENTITY_KEY);
	cbor_w_bytes(b, st->who.box, IDENTITY_KEY);
	cbor_w_uint(b, st->roster ? st->n : 0);
	cbor_w_bytes(b, st->hash, BUNDLE_HASH);
}

/* Keys are sealed once more, so that they are never in memory that is not wiped. */
static bool invitation_write(struct store *s, const struct space *sp, const struct identity *to, struct buf *b,
			     struct err *e)
{
	struct buf sealed = BUF_INIT;
	bool ok = true;

	cbor_w_array(b, INVITATION_PARTS);
	cbor_w_uint(b, INVITATION_VERSION);
	cbor_w_bytes(b, sp->id.b, ID_BYTES);
	cbor_w_bool(b, sp->team);
	cbor_w_text(b, sp->name, strlen(sp->name));
	cbor_w_bytes(b, sp->founder.b, ID_BYTES);
	cbor_w_array(b, 3 * sp->nkeys);
	for (size_t i = 0; ok && i < sp->nkeys; i++) {
		buf_clear(&sealed);
		ok = book_secret_give(s, &sp->keys[i].id, to, &sealed, e);
		cbor_w_uint(b, sp->keys[i].epoch);
		cbor_w_bytes(b, sp->keys[i].id.b, ID_BYTES);
		cbor_w_bytes(b, buf_str(&sealed), sealed.len);
	}
	buf_done(&sealed);
	cbor_w_array(b, sp->n);
	for (size_t i = 0; i < sp->n; i++)
		identity_write(b, &sp->streams[i]);
	cbor_w_array(b, sp->nrosters);
	for (size_t i = 0; i < sp->nrosters; i++)
		identity_write(b, &sp->rosters[i]);
	cbor_w_bytes(b, buf_str(&sp->log), sp->log.len);
	return ok && buf_ok(b, e);
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
	ok = invitation_write(s, sp, to, &body, e) && bundle_seal(&b, body.p, body.len, self, &who, out, NULL, e);
	bundle_done(&b);
	buf_done(&body);
	return ok;
}

struct asking {
	const struct identity *who;
	bool found;
};

static bool asking_item(void *ctx, const struct roster_item *it, struct err *e)
{
	struct asking *a = ctx;

	(void)e;
	a->found |= it->type == ROSTER_ADD && identity_same(&it->who, a->who);
	return true;
}

/* Once: who is in it, or is about to be, gets another invitation. */
static bool admit_ask(struct store *s, struct space *sp, const struct identity *who, const char *label, bool admin,
		      struct err *e)
{
	const struct member *m = roster_member(&sp->roster, &who->device);
	struct roster_item add = {.type = ROSTER_ADD, .who = *who, .admin = admin};
	struct asking asking = {.who = who};
	bool ok;

	if (m && m->in)
		return true;
	if (!roster_items(buf_str(&sp->pending), sp->pending.len, sp->npending, asking_item, &asking, e))
		return false;
	if (asking.found)
		return true;
	memcpy(add.label, label, strnlen(label, IDENTITY_NAME));
	if (!(add.given = calloc(sp->nkeys + 1, sizeof *add.given)))
		return err_nomem(e, "devices_add");
	for (; add.ngiven < sp->nkeys; add.ngiven++)
		add.given[add.ngiven] = sp->keys[add.ngiven].id;
	ok = devices_ask(s, sp, &add, e);
	free(add.given);
	return ok;
}

static bool admit_stream(struct space *sp, const struct identity *who, const char *label, struct err *e)
{
	struct stream *st;
	struct id first;

	space_first(sp, &who->device, &first);
	st = space_stream(sp, &first);
	if (st)
		return identity_same(&st->who, who) || err_set(e, ERR_INPUT, "devices_add", "%s", who->name);
	return space_add(sp, &first, who, label, e) != NULL;
}

bool devices_admit(struct store *s, const struct identity_self *self, struct space *sp, const struct identity *who,
		   const char *label, bool admin, struct buf *invitation, struct err *e)
{
	if (!space_admin(sp) && !(sp->roster.n == 0 && id_eq(&sp->founder, &sp->device)))
		return err_set(e, ERR_UNTRUSTED, "roster", "admin");
	return admit_stream(sp, who, label, e) && admit_ask(s, sp, who, label, admin, e) &&
	       invitation_seal(s, self, sp, who, invitation, e);
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
		ok = space_or_make(s, &self.who, &sp, e) &&
		     devices_admit(s, &self, &sp, who, label, true, invitation, e);
		if (ok)
			ok = store_step_end(s, e);
		else
			store_step_cancel(s);
	}
	identity_self_done(&self);
	space_done(&sp);
	return ok;
}

bool devices_remove(struct store *s, const struct id *device, struct err *e)
{
	const struct roster_item it = {.type = ROSTER_REMOVE, .device = *device};
	struct space sp;
	bool ok = devices_space(s, &sp, e);

	if (ok && id_eq(device, &sp.device))
		ok = err_set(e, ERR_INPUT, "devices_remove", "this device");
	ok = ok && store_step_begin(s, "", e);
	if (ok && devices_ask(s, &sp, &it, e)) {
		ok = store_step_end(s, e);
	} else if (ok) {
		store_step_cancel(s);
		ok = false;
	}
	space_done(&sp);
	return ok;
}

static int64_t device_days(struct store *s, const struct space *sp, const struct stream *st)
{
	const struct member *m = roster_member(&sp->roster, &st->who.device);
	int64_t heard = st->heard_ms;
	struct moment now;

	if (m && m->since_ms > heard)
		heard = m->since_ms;
	store_now(s, &now);
	return (moment_unix(&now) - heard) / (24 * 3600 * 1000);
}

static bool park_one(struct store *s, struct space *sp, struct stream *st, struct err *e)
{
	int64_t days = device_days(s, sp, st);

	if (st->parked)
		return true;
	if (days < DEVICES_SILENT_DAYS)
		return err_set(e, ERR_INPUT, "devices_silent", "%lld", days > 0 ? (long long)days : 0);
	st->parked = st->park = true;
	return book_space_save(s, sp, e);
}

bool devices_park(struct store *s, const struct id *device, struct err *e)
{
	struct space sp;
	bool ok = devices_space(s, &sp, e), found = false;

	if (ok && id_eq(device, &sp.device))
		ok = err_set(e, ERR_INPUT, "devices_park", "this device");
	ok = ok && space_follow(&sp, e) && store_step_begin(s, "", e);
	for (size_t i = 0; ok && i < sp.n; i++) {
		struct stream *st = &sp.streams[i];
		if (!id_eq(&st->who.device, device) || st->ended || st->removed)
			continue;
		found = true;
		ok = park_one(s, &sp, st, e);
	}
	if (ok && !found)
		ok = err_set(e, ERR_NOT_FOUND, "member", "device");
	if (ok)
		ok = store_step_end(s, e);
	else if (store_in_step(s))
		store_step_cancel(s);
	space_done(&sp);
	return ok;
}

static bool name_read(struct cbor_r *r, char out[IDENTITY_NAME + 1], struct err *e)
{
	size_t n;
	const char *text = cbor_text(r, &n);

	memset(out, 0, IDENTITY_NAME + 1);
	if (!cbor_ok(r, e))
		return false;
	if (n > IDENTITY_NAME)
		return err_set(e, ERR_DAMAGED, "bundle", "invitation");
	if (n > 0)
		memcpy(out, text, n);
	return n == 0 || identity_name_ok(out) || err_set(e, ERR_DAMAGED, "bundle", "invitation");
}

static bool streams_read(struct cbor_r *r, struct space *sp, bool rosters, struct err *e)
{
	size_t n = cbor_array(r);

	for (size_t i = 0; i < n; i++) {
		struct stream got = {.n = 0}, *st;
		if (cbor_array(r) != 7)
			return err_set(e, ERR_DAMAGED, "bundle", "invitation");
		cbor_fixed(r, got.id.b, ID_BYTES);
		if (!name_read(r, got.who.name, e) || !name_read(r, got.label, e))
			return false;
		cbor_fixed(r, got.who.sign, IDENTITY_KEY);
		cbor_fixed(r, got.who.box, IDENTITY_KEY);
		got.n = cbor_uint(r);
		cbor_fixed(r, got.hash, BUNDLE_HASH);
		if (!cbor_ok(r, e))
			return false;
		identity_device(got.who.sign, &got.who.device);
		if (rosters ? space_roster(sp, &got.id) : space_stream(sp, &got.id))
			return err_set(e, ERR_DAMAGED, "bundle", "invitation");
		st = rosters ? space_roster_add(sp, &got.who, e) : space_add(sp, &got.id, &got.who, got.label, e);
		if (!st)
			return false;
		if (rosters && !id_eq(&st->id, &got.id))
			return err_set(e, ERR_DAMAGED, "bundle", "invitation");
		st->n = rosters ? got.n : 0;
		memcpy(st->hash, rosters ? got.hash : (uint8_t[BUNDLE_HASH]){0}, BUNDLE_HASH);
	}
	return cbor_ok(r, e);
}

/* They are kept from now on: a key by itself says nothing, and whose invitation it is, is asked before it is used. */
static bool keys_read(struct store *s, const struct identity_self *self, struct cbor_r *r, struct space *sp,
		      struct err *e)
{
	size_t n = cbor_array(r) / 3;

	for (size_t i = 0; i < n; i++) {
		uint32_t epoch = (uint32_t)cbor_uint(r);
		const uint8_t *sealed;
		struct id key;
		bool opened = false;
		size_t len;
		cbor_fixed(r, key.b, ID_BYTES);
		sealed = cbor_bytes(r, &len);
		if (!cbor_ok(r, e) || !book_secret_take(s, self, &key, sealed, len, &opened, e))
			return false;
		if (!opened)
			return err_set(e, ERR_DAMAGED, "bundle", "invitation");
		if (!space_key_add(sp, epoch, &key, e))
			return false;
	}
	return (sp->nkeys > 0 || err_set(e, ERR_DAMAGED, "bundle", "invitation")) && cbor_ok(r, e);
}

static bool invitation_read(struct store *s, const struct identity_self *self, const struct buf *body, struct space *sp,
			    struct err *e)
{
	const uint8_t *log;
	struct cbor_r r;
	size_t n;

	cbor_r_init(&r, buf_str(body), body->len);
	if (cbor_array(&r) != INVITATION_PARTS || cbor_uint(&r) != INVITATION_VERSION)
		return err_set(e, r.bad ? ERR_DAMAGED : ERR_NEWER, "bundle", "invitation");
	cbor_fixed(&r, sp->id.b, ID_BYTES);
	sp->team = cbor_bool(&r);
	if (!name_read(&r, sp->name, e))
		return false;
	cbor_fixed(&r, sp->founder.b, ID_BYTES);
	if (!keys_read(s, self, &r, sp, e) || !streams_read(&r, sp, false, e) || !streams_read(&r, sp, true, e))
		return false;
	log = cbor_bytes(&r, &n);
	if (n > 0)
		buf_add(&sp->log, log, n);
	if (!cbor_done(&r, e) || !buf_ok(&sp->log, e))
		return false;
	sp->device = self->who.device;
	space_first(sp, &sp->device, &sp->own);
	if (!space_stream(sp, &sp->own))
		return err_set(e, ERR_FOREIGN, "bundle", "invitation");
	return space_follow(sp, e);
}

/* A notebook that is with others already stays with them, and so does one that wrote more than one stream; one that is
 * alone may go.  Teams may be many. */
static bool invitation_fits(struct store *s, struct invitation *in, struct err *e)
{
	struct space have;
	bool ok = book_space(s, in->space.team ? &in->space.id : NULL, &have, e);

	in->known = ok && id_eq(&have.id, &in->space.id);
	if (ok && !in->known && !in->space.team && (have.n > 1 || !id_eq(store_device(s), &in->space.own)))
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
	ok = bundle_unpack(&b, &body, e) && invitation_read(s, &self, &body, &out->space, e) &&
	     invitation_fits(s, out, e);
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

/* One that was in it and comes back takes up where it was, with the keys and the roster it did not have. */
static bool join_again(struct store *s, const struct space *in, struct err *e)
{
	struct space have;
	bool ok = book_space(s, in->team ? &in->id : NULL, &have, e);

	for (size_t i = 0; ok && i < in->nkeys; i++)
		ok = space_key_add(&have, in->keys[i].epoch, &in->keys[i].id, e);
	for (size_t i = 0; ok && i < in->n; i++)
		ok = space_stream(&have, &in->streams[i].id) ||
		     space_add(&have, &in->streams[i].id, &in->streams[i].who, in->streams[i].label, e);
	/* The others' log is at least as long as one that ends with one's removal. */
	if (ok && in->log.len > have.log.len) {
		buf_clear(&have.log);
		buf_add(&have.log, buf_str(&in->log), in->log.len);
		ok = buf_ok(&have.log, e);
		for (size_t i = 0; ok && i < in->nrosters; i++) {
			struct stream *st = space_roster(&have, &in->rosters[i].id);
			st = st ? st : space_roster_add(&have, &in->rosters[i].who, e);
			ok = st != NULL;
			if (ok && st->n < in->rosters[i].n) {
				st->n = in->rosters[i].n;
				memcpy(st->hash, in->rosters[i].hash, BUNDLE_HASH);
			}
		}
	}
	ok = ok && book_space_save(s, &have, e);
	space_done(&have);
	return ok;
}

/* All of the journal is to go: what is here becomes the space's. */
bool devices_join(struct store *s, const struct invitation *in, struct err *e)
{
	bool ok;

	if (!store_step_begin(s, "", e))
		return false;
	ok = in->known ? join_again(s, &in->space, e) : book_space_put(s, &in->space, e);
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
		if (stream_active(st) && !id_eq(&st->id, &sp.own))
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
	bool ok = journal_last(s, &after, e) && book_open(&bs, s, NULL, name, &book, e);

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
	bool ok = book_open(&bs, s, NULL, name, &book, e);

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
	bool ok = book_open(&bs, s, NULL, name, &book, e) && exchange_check(&book, remote, NULL, report, e);

	book_done(&bs);
	return ok;
}
