/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "book.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arpent/cbor.h"
#include "arpent/devices.h"
#include "arpent/journal.h"

#define SPACE_KEY "space"
#define LOG_KEY "log"
#define STREAM_PREFIX "stream/"
#define ROSTER_PREFIX "roster/"
#define NOTE_PREFIX "exchange/"
#define MARK_PREFIX "mark/"
#define SECRET_PREFIX "key/"
#define KEY_MAX 96
#define BOOK_VERSION 1
#define EPOCH_KEY_LEN 32

/* What is kept of one's own devices' space has plain keys; of a team, under its id. */
static void book_key(const struct id *team, const char *prefix, const struct id *id, const char *name,
		     char out[KEY_MAX])
{
	size_t at = 0;

	if (team) {
		memcpy(out, BOOK_TEAM_PREFIX, sizeof BOOK_TEAM_PREFIX - 1);
		at = sizeof BOOK_TEAM_PREFIX - 1;
		sodium_bin2hex(out + at, 2 * ID_BYTES + 1, team->b, ID_BYTES);
		at += 2 * ID_BYTES;
		out[at++] = '/';
	}
	memcpy(out + at, prefix, strlen(prefix) + 1);
	at += strlen(prefix);
	if (id)
		sodium_bin2hex(out + at, 2 * ID_BYTES + 1, id->b, ID_BYTES);
	else
		memcpy(out + at, name, strnlen(name, KEY_MAX - 1 - at) + 1);
}

static bool mark_key(const struct id *team, const char *remote, char out[KEY_MAX], struct err *e)
{
	if (strlen(remote) > REMOTE_LABEL_MAX)
		return err_set(e, ERR_LIMIT, "sync_remote", "%.40s", remote);
	book_key(team, MARK_PREFIX, NULL, remote, out);
	return true;
}

static bool meta_write(struct store *s, const char *key, const struct buf *b, struct err *e)
{
	return buf_ok(b, e) && store_meta_set(s, key, b->p, b->len, e);
}

/* Is there such a value?  False also when the notebook fails, then with *e. */
static bool meta_read(struct store *s, const char *key, struct buf *b, bool *found, struct err *e)
{
	struct err none = ERR_INIT;

	*found = store_meta_get(s, key, b, &none);
	if (*found || none.code == ERR_NOT_FOUND)
		return true;
	if (e)
		*e = none;
	return false;
}

static bool stream_write(struct store *s, const struct id *team, const struct stream *st, struct err *e)
{
	struct buf b = BUF_INIT;
	char key[KEY_MAX];
	bool ok;

	cbor_w_array(&b, 13);
	cbor_w_uint(&b, BOOK_VERSION);
	cbor_w_text(&b, st->who.name, strlen(st->who.name));
	cbor_w_text(&b, st->label, strlen(st->label));
	cbor_w_bytes(&b, st->who.sign, IDENTITY_KEY);
	cbor_w_bytes(&b, st->who.box, IDENTITY_KEY);
	cbor_w_uint(&b, st->n);
	cbor_w_bytes(&b, st->hash, BUNDLE_HASH);
	cbor_w_bool(&b, st->ended);
	cbor_w_bool(&b, st->parked);
	cbor_w_bool(&b, st->park);
	cbor_w_int(&b, st->since_ms);
	cbor_w_int(&b, st->heard_ms);
	cbor_w_array(&b, 2 * st->nseen);
	for (size_t i = 0; i < st->nseen; i++) {
		cbor_w_bytes(&b, st->seen[i].id.b, ID_BYTES);
		cbor_w_uint(&b, st->seen[i].n);
	}
	book_key(team, st->roster ? ROSTER_PREFIX : STREAM_PREFIX, &st->id, NULL, key);
	ok = meta_write(s, key, &b, e);
	buf_done(&b);
	return ok;
}

static void name_read(struct cbor_r *r, char out[IDENTITY_NAME + 1])
{
	size_t n;
	const char *p = cbor_text(r, &n);

	memset(out, 0, IDENTITY_NAME + 1);
	if (n > 0 && n <= IDENTITY_NAME)
		memcpy(out, p, n);
}

static bool stream_read(struct space *sp, bool roster, const struct id *id, const void *p, size_t n, struct err *e)
{
	static const struct identity nobody;
	struct stream *st = roster ? space_roster_add(sp, &nobody, e) : space_add(sp, id, &nobody, "", e);
	struct cbor_r r;
	size_t seen;

	if (!st)
		return false;
	st->id = *id;
	cbor_r_init(&r, p, n);
	if (cbor_array(&r) != 13 || cbor_uint(&r) != BOOK_VERSION)
		return err_set(e, ERR_NEWER, "book", "stream");
	name_read(&r, st->who.name);
	name_read(&r, st->label);
	cbor_fixed(&r, st->who.sign, IDENTITY_KEY);
	cbor_fixed(&r, st->who.box, IDENTITY_KEY);
	identity_device(st->who.sign, &st->who.device);
	st->n = cbor_uint(&r);
	cbor_fixed(&r, st->hash, BUNDLE_HASH);
	st->ended = cbor_bool(&r);
	st->parked = cbor_bool(&r);
	st->park = cbor_bool(&r);
	st->since_ms = cbor_int(&r);
	st->heard_ms = cbor_int(&r);
	seen = cbor_array(&r) / 2;
	for (size_t i = 0; i < seen && !r.bad; i++) {
		struct id other;
		uint64_t upto;
		cbor_fixed(&r, other.b, ID_BYTES);
		upto = cbor_uint(&r);
		if (!stream_sees(st, &other, upto, e))
			return false;
	}
	return cbor_done(&r, e);
}

static bool space_write(struct store *s, const struct space *sp, struct err *e)
{
	struct buf b = BUF_INIT;
	char key[KEY_MAX];
	bool ok;

	cbor_w_array(&b, 12);
	cbor_w_uint(&b, BOOK_VERSION);
	cbor_w_bytes(&b, sp->id.b, ID_BYTES);
	cbor_w_bool(&b, sp->team);
	cbor_w_text(&b, sp->name, strlen(sp->name));
	cbor_w_bytes(&b, sp->founder.b, ID_BYTES);
	cbor_w_bytes(&b, sp->own.b, ID_BYTES);
	cbor_w_uint(&b, sp->sent);
	cbor_w_int(&b, sp->last);
	cbor_w_int(&b, sp->unacked_ms);
	cbor_w_uint(&b, sp->npending);
	cbor_w_bytes(&b, buf_str(&sp->pending), sp->pending.len);
	cbor_w_array(&b, 2 * sp->nkeys);
	for (size_t i = 0; i < sp->nkeys; i++) {
		cbor_w_uint(&b, sp->keys[i].epoch);
		cbor_w_bytes(&b, sp->keys[i].id.b, ID_BYTES);
	}
	book_key(sp->team ? &sp->id : NULL, SPACE_KEY, NULL, "", key);
	ok = meta_write(s, key, &b, e);
	buf_done(&b);
	return ok;
}

static bool log_write(struct store *s, const struct space *sp, struct err *e)
{
	char key[KEY_MAX];

	book_key(sp->team ? &sp->id : NULL, LOG_KEY, NULL, "", key);
	return store_meta_set(s, key, buf_str(&sp->log), sp->log.len, e);
}

static bool space_read(struct space *sp, const struct buf *b, struct err *e)
{
	const uint8_t *pending;
	struct cbor_r r;
	size_t n, keys;

	cbor_r_init(&r, buf_str(b), b->len);
	if (cbor_array(&r) != 12 || cbor_uint(&r) != BOOK_VERSION)
		return err_set(e, ERR_NEWER, "book", "space");
	cbor_fixed(&r, sp->id.b, ID_BYTES);
	sp->team = cbor_bool(&r);
	name_read(&r, sp->name);
	cbor_fixed(&r, sp->founder.b, ID_BYTES);
	cbor_fixed(&r, sp->own.b, ID_BYTES);
	sp->sent = cbor_uint(&r);
	sp->last = cbor_int(&r);
	sp->unacked_ms = cbor_int(&r);
	sp->npending = (uint32_t)cbor_uint(&r);
	pending = cbor_bytes(&r, &n);
	if (n > 0)
		buf_add(&sp->pending, pending, n);
	keys = cbor_array(&r) / 2;
	for (size_t i = 0; i < keys && !r.bad; i++) {
		uint32_t epoch = (uint32_t)cbor_uint(&r);
		struct id key;
		cbor_fixed(&r, key.b, ID_BYTES);
		if (!space_key_add(sp, epoch, &key, e))
			return false;
	}
	return buf_ok(&sp->pending, e) && cbor_done(&r, e);
}

struct reading_streams {
	struct space *sp;
	bool roster;
	struct err e;
};

static bool streams_one(void *ctx, const char *key, const void *p, size_t n)
{
	struct reading_streams *rs = ctx;
	const char *hex = strrchr(key, '/') + 1;
	struct id id;

	if (sodium_hex2bin(id.b, ID_BYTES, hex, 2 * ID_BYTES, NULL, NULL, NULL) != 0)
		return err_set(&rs->e, ERR_DAMAGED, "book", "stream");
	return stream_read(rs->sp, rs->roster, &id, p, n, &rs->e);
}

static bool streams_read(struct store *s, const struct id *team, bool roster, struct space *sp, struct err *e)
{
	struct reading_streams rs = {sp, roster, ERR_INIT};
	char prefix[KEY_MAX];

	book_key(team, roster ? ROSTER_PREFIX : STREAM_PREFIX, NULL, "", prefix);
	if (!store_meta_each(s, prefix, streams_one, &rs, e))
		return false;
	if (rs.e.code != ERR_NONE && e)
		*e = rs.e;
	return rs.e.code == ERR_NONE;
}

bool book_space(struct store *s, const struct id *team, struct space *out, struct err *e)
{
	const struct stream *own;
	struct buf b = BUF_INIT;
	char key[KEY_MAX];
	bool found = false, ok;

	space_init(out);
	book_key(team, SPACE_KEY, NULL, "", key);
	ok = meta_read(s, key, &b, &found, e) && (!found || space_read(out, &b, e));
	buf_done(&b);
	if (!ok || !found)
		goto out;
	book_key(team, LOG_KEY, NULL, "", key);
	ok = meta_read(s, key, &out->log, &found, e) && streams_read(s, team, false, out, e) &&
	     streams_read(s, team, true, out, e);
	own = space_stream(out, &out->own);
	if (ok && !own)
		ok = err_set(e, ERR_DAMAGED, "book", "no stream of our own");
	if (ok)
		out->device = own->who.device;
	ok = ok && space_follow(out, e);
out:
	if (!ok)
		space_done(out);
	return ok;
}

struct dropping {
	struct buf keys; /* each with its NUL */
};

static bool drop_gather(void *ctx, const char *key, const void *p, size_t n)
{
	struct dropping *d = ctx;

	(void)p, (void)n;
	buf_add(&d->keys, key, strlen(key) + 1);
	return !d->keys.oom;
}

static bool drop_all(struct store *s, const char *prefix, struct err *e)
{
	struct dropping d = {BUF_INIT};
	bool ok = store_meta_each(s, prefix, drop_gather, &d, e) && buf_ok(&d.keys, e);

	for (size_t at = 0; ok && at < d.keys.len; at += strlen(d.keys.p + at) + 1)
		ok = store_meta_set(s, d.keys.p + at, NULL, 0, e);
	buf_done(&d.keys);
	return ok;
}

static bool book_drop(struct store *s, const struct id *team, const char *prefix, struct err *e)
{
	char key[KEY_MAX];

	book_key(team, prefix, NULL, "", key);
	return drop_all(s, key, e);
}

bool book_space_put(struct store *s, const struct space *sp, struct err *e)
{
	const struct id *team = sp->team ? &sp->id : NULL;

	if (!book_drop(s, team, STREAM_PREFIX, e) || !book_drop(s, team, ROSTER_PREFIX, e) ||
	    !book_drop(s, team, MARK_PREFIX, e))
		return false;
	return book_space_save(s, sp, e);
}

bool book_space_save(struct store *s, const struct space *sp, struct err *e)
{
	const struct id *team = sp->team ? &sp->id : NULL;

	if (!space_write(s, sp, e) || !log_write(s, sp, e))
		return false;
	for (size_t i = 0; i < sp->n; i++)
		if (!stream_write(s, team, &sp->streams[i], e))
			return false;
	for (size_t i = 0; i < sp->nrosters; i++)
		if (!stream_write(s, team, &sp->rosters[i], e))
			return false;
	return true;
}

bool book_secret(struct store *s, const struct id *key, struct secret *out, struct err *e)
{
	char name[KEY_MAX];

	book_key(NULL, SECRET_PREFIX, key, NULL, name);
	return store_meta_secret(s, name, out, e);
}

bool book_secret_put(struct store *s, const struct id *key, const struct secret *secret, struct err *e)
{
	char name[KEY_MAX];

	book_key(NULL, SECRET_PREFIX, key, NULL, name);
	return store_meta_set(s, name, secret->p, secret->len, e);
}

bool book_secret_make(struct store *s, struct id *key, struct err *e)
{
	struct secret secret = SECRET_INIT;
	bool ok = secret_alloc(&secret, EPOCH_KEY_LEN, e);

	id_new(key);
	if (ok) {
		randombytes_buf(secret.p, EPOCH_KEY_LEN);
		secret.len = EPOCH_KEY_LEN;
		ok = book_secret_put(s, key, &secret, e);
	}
	secret_free(&secret);
	return ok;
}

bool book_secret_give(struct store *s, const struct id *key, const struct identity *to, struct buf *out, struct err *e)
{
	uint8_t sealed[EPOCH_KEY_LEN + crypto_box_SEALBYTES];
	struct secret secret = SECRET_INIT;
	bool ok = book_secret(s, key, &secret, e);

	if (ok && (secret.len != EPOCH_KEY_LEN || crypto_box_seal(sealed, secret.p, EPOCH_KEY_LEN, to->box) != 0))
		ok = err_set(e, ERR_INPUT, "devices_add", "not a key to seal to");
	if (ok)
		buf_add(out, sealed, sizeof sealed);
	secret_free(&secret);
	return ok && buf_ok(out, e);
}

bool book_secret_take(struct store *s, const struct identity_self *self, const struct id *key, const void *sealed,
		      size_t n, bool *opened, struct err *e)
{
	struct secret secret = SECRET_INIT;
	bool ok;

	*opened = false;
	if (n != EPOCH_KEY_LEN + crypto_box_SEALBYTES)
		return true;
	ok = secret_alloc(&secret, EPOCH_KEY_LEN, e);
	if (ok && crypto_box_seal_open(secret.p, sealed, n, self->who.box, self->box.p) == 0) {
		secret.len = EPOCH_KEY_LEN;
		*opened = true;
		ok = book_secret_put(s, key, &secret, e);
	}
	secret_free(&secret);
	return ok;
}

bool book_mark(struct store *s, const struct id *team, const char *remote, struct mark *out, struct err *e)
{
	struct buf b = BUF_INIT;
	char key[KEY_MAX];
	struct cbor_r r;
	bool found = false, ok;

	memset(out, 0, sizeof *out);
	if (!mark_key(team, remote, key, e))
		return false;
	ok = meta_read(s, key, &b, &found, e);
	if (ok && found) {
		cbor_r_init(&r, buf_str(&b), b.len);
		cbor_array(&r);
		cbor_fixed(&r, out->stream.b, ID_BYTES);
		out->sent = cbor_uint(&r);
		out->rsent = cbor_uint(&r);
		out->turn = cbor_uint(&r);
		out->cleared = cbor_uint(&r);
		out->again = cbor_uint(&r);
		out->swept = cbor_uint(&r);
		out->known = cbor_bool(&r);
		ok = cbor_done(&r, e);
	}
	buf_done(&b);
	return ok;
}

bool book_mark_drop(struct store *s, const struct id *team, const char *remote, struct err *e)
{
	char key[KEY_MAX];

	return mark_key(team, remote, key, e) && store_meta_set(s, key, NULL, 0, e);
}

static const struct id *book_team(const struct book_store *b)
{
	return id_is_zero(&b->team) ? NULL : &b->team;
}

static bool op_begin(void *ctx, struct err *e)
{
	struct book_store *b = ctx;

	return journal_begin(b->s, e);
}

static bool op_commit(void *ctx, struct err *e)
{
	struct book_store *b = ctx;

	return store_step_end(b->s, e);
}

static void op_cancel(void *ctx)
{
	struct book_store *b = ctx;

	store_step_cancel(b->s);
}

static bool op_load(void *ctx, struct space *out, struct mark *mark, struct err *e)
{
	struct book_store *b = ctx;

	if (!book_space(b->s, book_team(b), out, e))
		return false;
	b->space = out->id;
	return (!id_is_zero(&out->id) || err_set(e, ERR_NOT_FOUND, "sync_space", "space")) &&
	       book_mark(b->s, book_team(b), b->remote, mark, e);
}

static bool op_save(void *ctx, const struct space *sp, const struct stream *st, struct err *e)
{
	struct book_store *b = ctx;

	return space_write(b->s, sp, e) && (!st || stream_write(b->s, book_team(b), st, e));
}

static bool op_save_log(void *ctx, const struct space *sp, struct err *e)
{
	struct book_store *b = ctx;

	return log_write(b->s, sp, e);
}

static bool op_save_mark(void *ctx, const struct mark *m, struct err *e)
{
	struct book_store *b = ctx;
	struct buf out = BUF_INIT;
	char key[KEY_MAX];
	bool ok;

	cbor_w_array(&out, 8);
	cbor_w_bytes(&out, m->stream.b, ID_BYTES);
	cbor_w_uint(&out, m->sent);
	cbor_w_uint(&out, m->rsent);
	cbor_w_uint(&out, m->turn);
	cbor_w_uint(&out, m->cleared);
	cbor_w_uint(&out, m->again);
	cbor_w_uint(&out, m->swept);
	cbor_w_bool(&out, m->known);
	ok = mark_key(book_team(b), b->remote, key, e) && meta_write(b->s, key, &out, e);
	buf_done(&out);
	return ok;
}

struct owning {
	struct store *s;
	bool (*cb)(void *with, const struct book_entry *en);
	void *with;
	struct err e;
};

static bool own_one(void *ctx, const struct journal_entry *j)
{
	struct owning *o = ctx;
	struct book_entry en = {.seq = j->seq, .change = j->change, .n = j->n, .stamp = j->stamp, .clock = j->clock};
	struct record r;
	bool go;

	if (j->change)
		return o->cb(o->with, &en);
	if (!store_get(o->s, &j->record, &r, &o->e))
		return false;
	en.state = &r;
	go = o->cb(o->with, &en);
	record_done(&r);
	return go;
}

static bool op_all(void *ctx, int64_t after, bool (*cb)(void *with, const struct book_entry *en), void *with,
		   struct err *e)
{
	struct book_store *b = ctx;
	struct owning o = {b->s, cb, with, ERR_INIT};

	if (!journal_all(b->s, after, own_one, &o, e))
		return false;
	if (o.e.code != ERR_NONE && e)
		*e = o.e;
	return o.e.code == ERR_NONE;
}

static bool op_own(void *ctx, int64_t after, bool (*cb)(void *with, const struct book_entry *en), void *with,
		   struct err *e)
{
	struct book_store *b = ctx;
	struct owning o = {b->s, cb, with, ERR_INIT};

	if (!journal_own(b->s, after, own_one, &o, e))
		return false;
	if (o.e.code != ERR_NONE && e)
		*e = o.e;
	return o.e.code == ERR_NONE;
}

static bool op_change(void *ctx, const struct change *c, bool *news, struct err *e)
{
	struct book_store *b = ctx;
	enum take take = TAKE_SAME;
	bool ok = journal_change(b->s, c, &take, e);

	*news = take != TAKE_SAME;
	return ok;
}

static bool op_state(void *ctx, const struct record *state, const struct stamp *st, const struct clock *clock,
		     bool *news, struct err *e)
{
	struct book_store *b = ctx;
	enum take take = TAKE_SAME;
	bool ok = journal_state(b->s, state, st, clock, &take, e);

	*news = take != TAKE_SAME;
	return ok;
}

static bool op_restamp(void *ctx, const struct id *stream, int64_t after, uint64_t from, struct err *e)
{
	struct book_store *b = ctx;

	return journal_restamp(b->s, stream, after, from, e);
}

static struct journal_segment segment_of(const struct book_store *b, const struct id *stream, uint64_t n)
{
	return (struct journal_segment){.space = b->space, .stream = *stream, .n = n};
}

static bool op_put(void *ctx, const struct id *stream, uint64_t n, const uint8_t hash[BUNDLE_HASH], int64_t last,
		   const struct buf *sealed, struct err *e)
{
	struct book_store *b = ctx;
	struct journal_segment g = segment_of(b, stream, n);

	memcpy(g.hash, hash, sizeof g.hash);
	g.last = last;
	if (last < 0 && !journal_last(b->s, &g.last, e))
		return false;
	return journal_segment_put(b->s, &g, sealed ? sealed->p : NULL, sealed ? sealed->len : 0, e);
}

static bool op_get(void *ctx, const struct id *stream, uint64_t n, uint8_t hash[BUNDLE_HASH], int64_t *last,
		   struct buf *sealed, bool *found, struct err *e)
{
	struct book_store *b = ctx;
	struct journal_segment g = segment_of(b, stream, n);
	struct err none = ERR_INIT;

	*found = journal_segment_get(b->s, &g, sealed, &none);
	if (!*found && none.code != ERR_NOT_FOUND) {
		if (e)
			*e = none;
		return false;
	}
	memcpy(hash, g.hash, BUNDLE_HASH);
	*last = g.last;
	return true;
}

static bool op_drop(void *ctx, const struct id *stream, uint64_t from, struct err *e)
{
	struct book_store *b = ctx;
	const struct journal_segment g = segment_of(b, stream, from);

	return journal_segment_drop(b->s, &g, e);
}

/* Of the roster, those who are in the space: whichever keys they have, it opens to them. */
static bool seal_members(const struct space *sp, struct bundle_to *to, struct identity **who, struct err *e)
{
	*who = calloc(sp->roster.n + 1, sizeof **who);
	if (!*who)
		return err_nomem(e, "book");
	to->who = *who;
	for (size_t i = 0; i < sp->roster.n && to->n < BUNDLE_TO_MAX; i++)
		if (sp->roster.members[i].in)
			(*who)[to->n++] = sp->roster.members[i].who;
	return true;
}

static bool op_seal(void *ctx, const struct space *sp, struct bundle *b, const struct buf *body, struct buf *out,
		    struct err *e)
{
	struct book_store *bs = ctx;
	const struct space_key *key = space_key(sp);
	struct secret secret = SECRET_INIT;
	struct identity *who = NULL;
	struct bundle_to to = {.epoch = key ? key->epoch : 0};
	bool ok = !key || book_secret(bs->s, &key->id, &secret, e);

	if (key)
		to.epoch_key = &secret;
	ok = ok && (b->kind != BUNDLE_ROSTER || seal_members(sp, &to, &who, e)) &&
	     bundle_seal(b, body->p, body->len, &bs->self, &to, out, NULL, e);
	free(who);
	secret_free(&secret);
	return ok;
}

/* With each key of the time it was sealed in, two admins may have made one at once; else, as one of the devices it is
 * for. */
static bool op_open(void *ctx, const struct space *sp, const struct buf *file, struct bundle *b, uint32_t *epoch,
		    struct err *e)
{
	struct book_store *bs = ctx;
	struct bundle_keys keys = {.box = bs->self.who.box, .box_secret = &bs->self.box};
	uint32_t asked = bundle_epoch(buf_str(file), file->len);
	struct err why = ERR_INIT;
	bool ok = false;

	for (size_t i = 0; i <= sp->nkeys && !ok; i++) {
		struct secret secret = SECRET_INIT;
		if (i < sp->nkeys && sp->keys[i].epoch != asked)
			continue;
		if (i < sp->nkeys && !book_secret(bs->s, &sp->keys[i].id, &secret, e))
			return false;
		keys.epoch_key = i < sp->nkeys ? &secret : NULL;
		keys.epoch = asked;
		why = (struct err)ERR_INIT;
		ok = bundle_open(buf_str(file), file->len, &keys, b, &why);
		secret_free(&secret);
		if (!ok && why.code != ERR_FOREIGN)
			break;
	}
	*epoch = ok ? 0 : asked;
	if (!ok && e)
		*e = why;
	return ok;
}

static bool op_unpack(void *ctx, const struct bundle *b, struct buf *body, struct err *e)
{
	(void)ctx;
	return bundle_unpack(b, body, e);
}

static bool op_key_make(void *ctx, struct id *key, struct err *e)
{
	struct book_store *b = ctx;

	return book_secret_make(b->s, key, e);
}

static bool op_key_give(void *ctx, const struct id *key, const struct identity *to, struct buf *sealed, struct err *e)
{
	struct book_store *b = ctx;

	return book_secret_give(b->s, key, to, sealed, e);
}

static bool op_key_take(void *ctx, const struct id *key, const void *sealed, size_t n, bool *opened, struct err *e)
{
	struct book_store *b = ctx;

	return book_secret_take(b->s, &b->self, key, sealed, n, opened, e);
}

static bool op_note(void *ctx, const char *name, const struct buf *value, struct err *e)
{
	struct book_store *b = ctx;
	char key[KEY_MAX];

	book_key(book_team(b), NOTE_PREFIX, NULL, name, key);
	return meta_write(b->s, key, value, e);
}

static bool op_noted(void *ctx, const char *name, struct buf *out, struct err *e)
{
	struct book_store *b = ctx;
	char key[KEY_MAX];
	bool found;

	book_key(book_team(b), NOTE_PREFIX, NULL, name, key);
	return meta_read(b->s, key, out, &found, e);
}

static int64_t op_now(void *ctx)
{
	struct book_store *b = ctx;
	struct moment now;

	store_now(b->s, &now);
	return moment_unix(&now);
}

static void op_random(void *ctx, void *p, size_t n)
{
	(void)ctx;
	randombytes_buf(p, n);
}

bool book_open(struct book_store *b, struct store *s, const struct id *team, const char *remote, struct book *out,
	       struct err *e)
{
	static const struct book_ops ops = {.begin = op_begin,
					    .commit = op_commit,
					    .cancel = op_cancel,
					    .load = op_load,
					    .save = op_save,
					    .save_log = op_save_log,
					    .save_mark = op_save_mark,
					    .all = op_all,
					    .own = op_own,
					    .change = op_change,
					    .state = op_state,
					    .restamp = op_restamp,
					    .put = op_put,
					    .get = op_get,
					    .drop = op_drop,
					    .seal = op_seal,
					    .open = op_open,
					    .unpack = op_unpack,
					    .key_make = op_key_make,
					    .key_give = op_key_give,
					    .key_take = op_key_take,
					    .note = op_note,
					    .noted = op_noted,
					    .now = op_now,
					    .random = op_random};

	memset(b, 0, sizeof *b);
	b->s = s;
	b->remote = remote;
	b->team = team ? *team : (struct id){{0}};
	out->ops = &ops;
	out->ctx = b;
	out->snapshot_after = 0;
	return identity_self(s, &b->self, e);
}

void book_done(struct book_store *b)
{
	identity_self_done(&b->self);
}
