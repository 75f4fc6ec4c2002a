/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "book.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "arpent/cbor.h"
#include "arpent/journal.h"

#define SPACE_KEY "space"
#define EPOCH_KEY "space/key"
#define STREAM_PREFIX "stream/"
#define MARK_PREFIX "mark/"
#define KEY_MAX 96
#define BOOK_VERSION 1

static void stream_key(const struct id *id, char out[KEY_MAX])
{
	memcpy(out, STREAM_PREFIX, sizeof STREAM_PREFIX - 1);
	sodium_bin2hex(out + sizeof STREAM_PREFIX - 1, 2 * ID_BYTES + 1, id->b, ID_BYTES);
}

static bool mark_key(const char *remote, char out[KEY_MAX], struct err *e)
{
	size_t n = strlen(remote);

	if (n + sizeof MARK_PREFIX > KEY_MAX)
		return err_set(e, ERR_LIMIT, "sync_remote", "%.40s", remote);
	memcpy(out, MARK_PREFIX, sizeof MARK_PREFIX - 1);
	memcpy(out + sizeof MARK_PREFIX - 1, remote, n + 1);
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

static bool stream_write(struct store *s, const struct stream *st, struct err *e)
{
	struct buf b = BUF_INIT;
	char key[KEY_MAX];
	bool ok;

	cbor_w_array(&b, 12);
	cbor_w_uint(&b, BOOK_VERSION);
	cbor_w_text(&b, st->who.name, strlen(st->who.name));
	cbor_w_text(&b, st->label, strlen(st->label));
	cbor_w_bytes(&b, st->who.sign, IDENTITY_KEY);
	cbor_w_bytes(&b, st->who.box, IDENTITY_KEY);
	cbor_w_uint(&b, st->n);
	cbor_w_bytes(&b, st->hash, BUNDLE_HASH);
	cbor_w_bool(&b, st->ended);
	cbor_w_bool(&b, st->announce);
	cbor_w_int(&b, st->since_ms);
	cbor_w_int(&b, st->heard_ms);
	cbor_w_array(&b, 2 * st->nseen);
	for (size_t i = 0; i < st->nseen; i++) {
		cbor_w_bytes(&b, st->seen[i].id.b, ID_BYTES);
		cbor_w_uint(&b, st->seen[i].n);
	}
	stream_key(&st->id, key);
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

static bool stream_read(struct space *sp, const struct id *id, const void *p, size_t n, struct err *e)
{
	static const struct identity nobody;
	struct stream *st = space_add(sp, id, &nobody, "", e);
	struct cbor_r r;
	size_t seen;

	if (!st)
		return false;
	cbor_r_init(&r, p, n);
	if (cbor_array(&r) != 12 || cbor_uint(&r) != BOOK_VERSION)
		return err_set(e, ERR_NEWER, "book", "stream");
	name_read(&r, st->who.name);
	name_read(&r, st->label);
	cbor_fixed(&r, st->who.sign, IDENTITY_KEY);
	cbor_fixed(&r, st->who.box, IDENTITY_KEY);
	identity_device(st->who.sign, &st->who.device);
	st->n = cbor_uint(&r);
	cbor_fixed(&r, st->hash, BUNDLE_HASH);
	st->ended = cbor_bool(&r);
	st->announce = cbor_bool(&r);
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
	bool ok;

	cbor_w_array(&b, 7);
	cbor_w_uint(&b, BOOK_VERSION);
	cbor_w_bytes(&b, sp->id.b, ID_BYTES);
	cbor_w_uint(&b, sp->epoch);
	cbor_w_bytes(&b, sp->own.b, ID_BYTES);
	cbor_w_uint(&b, sp->sent);
	cbor_w_int(&b, sp->last);
	cbor_w_int(&b, sp->unacked_ms);
	ok = meta_write(s, SPACE_KEY, &b, e);
	buf_done(&b);
	return ok;
}

static bool space_read(struct space *sp, const struct buf *b, struct err *e)
{
	struct cbor_r r;

	cbor_r_init(&r, buf_str(b), b->len);
	if (cbor_array(&r) != 7 || cbor_uint(&r) != BOOK_VERSION)
		return err_set(e, ERR_NEWER, "book", "space");
	cbor_fixed(&r, sp->id.b, ID_BYTES);
	sp->epoch = (uint32_t)cbor_uint(&r);
	cbor_fixed(&r, sp->own.b, ID_BYTES);
	sp->sent = cbor_uint(&r);
	sp->last = cbor_int(&r);
	sp->unacked_ms = cbor_int(&r);
	return cbor_done(&r, e);
}

struct reading_streams {
	struct space *sp;
	struct err e;
};

static bool streams_one(void *ctx, const char *key, const void *p, size_t n)
{
	struct reading_streams *rs = ctx;
	struct id id;

	if (sodium_hex2bin(id.b, ID_BYTES, key + sizeof STREAM_PREFIX - 1, 2 * ID_BYTES, NULL, NULL, NULL) != 0)
		return err_set(&rs->e, ERR_DAMAGED, "book", "stream");
	return stream_read(rs->sp, &id, p, n, &rs->e);
}

bool book_space(struct store *s, struct space *out, struct err *e)
{
	struct reading_streams rs = {out, ERR_INIT};
	struct buf b = BUF_INIT;
	bool found = false, ok;

	space_init(out);
	ok = meta_read(s, SPACE_KEY, &b, &found, e) && (!found || space_read(out, &b, e));
	buf_done(&b);
	if (!ok || !found)
		return ok;
	ok = store_meta_secret(s, EPOCH_KEY, &out->key, e) && store_meta_each(s, STREAM_PREFIX, streams_one, &rs, e);
	if (ok && rs.e.code != ERR_NONE) {
		if (e)
			*e = rs.e;
		ok = false;
	}
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

bool book_space_put(struct store *s, const struct space *sp, struct err *e)
{
	if (!drop_all(s, STREAM_PREFIX, e) || !drop_all(s, MARK_PREFIX, e) || !space_write(s, sp, e) ||
	    !store_meta_set(s, EPOCH_KEY, sp->key.p, sp->key.len, e))
		return false;
	for (size_t i = 0; i < sp->n; i++)
		if (!stream_write(s, &sp->streams[i], e))
			return false;
	return true;
}

bool book_mark(struct store *s, const char *remote, struct mark *out, struct err *e)
{
	struct buf b = BUF_INIT;
	char key[KEY_MAX];
	struct cbor_r r;
	bool found = false, ok;

	memset(out, 0, sizeof *out);
	if (!mark_key(remote, key, e))
		return false;
	ok = meta_read(s, key, &b, &found, e);
	if (ok && found) {
		cbor_r_init(&r, buf_str(&b), b.len);
		cbor_array(&r);
		cbor_fixed(&r, out->stream.b, ID_BYTES);
		out->sent = cbor_uint(&r);
		out->turn = cbor_uint(&r);
		out->known = cbor_bool(&r);
		ok = cbor_done(&r, e);
	}
	buf_done(&b);
	return ok;
}

bool book_mark_drop(struct store *s, const char *remote, struct err *e)
{
	char key[KEY_MAX];

	return mark_key(remote, key, e) && store_meta_set(s, key, NULL, 0, e);
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

	return book_space(b->s, out, e) &&
	       (!id_is_zero(&out->id) || err_set(e, ERR_NOT_FOUND, "sync_space", "space")) &&
	       book_mark(b->s, b->remote, mark, e);
}

static bool op_save(void *ctx, const struct space *sp, const struct stream *st, struct err *e)
{
	struct book_store *b = ctx;

	return space_write(b->s, sp, e) && (!st || stream_write(b->s, st, e));
}

static bool op_save_mark(void *ctx, const struct mark *m, struct err *e)
{
	struct book_store *b = ctx;
	struct buf out = BUF_INIT;
	char key[KEY_MAX];
	bool ok;

	cbor_w_array(&out, 4);
	cbor_w_bytes(&out, m->stream.b, ID_BYTES);
	cbor_w_uint(&out, m->sent);
	cbor_w_uint(&out, m->turn);
	cbor_w_bool(&out, m->known);
	ok = mark_key(b->remote, key, e) && meta_write(b->s, key, &out, e);
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

/* Segments lie under their space, whose id is asked of the notebook each time: they are few. */
static bool segment_of(struct book_store *b, const struct id *stream, uint64_t n, struct journal_segment *g,
		       struct err *e)
{
	struct buf raw = BUF_INIT;
	struct space sp;
	bool ok;

	space_init(&sp);
	ok = store_meta_get(b->s, SPACE_KEY, &raw, e) && space_read(&sp, &raw, e);
	buf_done(&raw);
	*g = (struct journal_segment){.space = sp.id, .stream = *stream, .n = n};
	return ok;
}

static bool op_put(void *ctx, const struct id *stream, uint64_t n, const uint8_t hash[BUNDLE_HASH], int64_t last,
		   const struct buf *sealed, struct err *e)
{
	struct book_store *b = ctx;
	struct journal_segment g;

	if (!segment_of(b, stream, n, &g, e))
		return false;
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
	struct journal_segment g;
	struct err none = ERR_INIT;

	*found = false;
	if (!segment_of(b, stream, n, &g, e))
		return false;
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
	struct journal_segment g;

	return segment_of(b, stream, from, &g, e) && journal_segment_drop(b->s, &g, e);
}

static bool op_seal(void *ctx, const struct space *sp, struct bundle *b, const struct buf *body, struct buf *out,
		    struct err *e)
{
	struct book_store *bs = ctx;
	const struct bundle_to to = {.epoch_key = &sp->key, .epoch = sp->epoch};

	return bundle_seal(b, body->p, body->len, &bs->self, &to, out, NULL, e);
}

static bool op_open(void *ctx, const struct space *sp, const struct buf *file, struct bundle *b, struct err *e)
{
	const struct bundle_keys keys = {.epoch_key = &sp->key, .epoch = sp->epoch};

	(void)ctx;
	return bundle_open(buf_str(file), file->len, &keys, b, e);
}

static bool op_unpack(void *ctx, const struct bundle *b, struct buf *body, struct err *e)
{
	(void)ctx;
	return bundle_unpack(b, body, e);
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

bool book_open(struct book_store *b, struct store *s, const char *remote, struct book *out, struct err *e)
{
	static const struct book_ops ops = {.begin = op_begin,
					    .commit = op_commit,
					    .cancel = op_cancel,
					    .load = op_load,
					    .save = op_save,
					    .save_mark = op_save_mark,
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
					    .now = op_now,
					    .random = op_random};

	memset(b, 0, sizeof *b);
	b->s = s;
	b->remote = remote;
	out->ops = &ops;
	out->ctx = b;
	return identity_self(s, &b->self, e);
}

void book_done(struct book_store *b)
{
	identity_self_done(&b->self);
}
