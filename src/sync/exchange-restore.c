/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A notebook that was brought back from a backup has sent, once, what it does not know.  No number of a stream is used
 * twice: it reads what it wrote then as if it were another's, and what was written since the backup was made goes on in
 * a new stream, under new stamps.
 */
#include "exchange-in.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "segment.h"

/* A change that the remote has of ours. */
struct sent_change {
	uint64_t count;
	uint8_t hash[BUNDLE_HASH];
};

struct sent {
	struct sent_change *v;
	size_t n, cap;
	const struct id *own;
	uint64_t from; /* the first count here that differs */
};

static void change_hash(const void *p, size_t n, uint8_t out[BUNDLE_HASH])
{
	crypto_generichash(out, BUNDLE_HASH, p, n, NULL, 0);
}

static bool sent_add(void *ctx, const struct segment_item *it, struct err *e)
{
	struct sent *s = ctx;
	struct buf bytes = BUF_INIT;
	bool ok;

	if (it->type != ITEM_CHANGE || !id_eq(&it->change.stamp.device, s->own))
		return true;
	if (s->n == s->cap) {
		size_t cap = s->cap ? 2 * s->cap : 64;
		struct sent_change *v = realloc(s->v, cap * sizeof *v);
		if (!v)
			return err_nomem(e, "exchange_restore");
		s->v = v;
		s->cap = cap;
	}
	change_encode(&it->change, &bytes);
	ok = buf_ok(&bytes, e);
	s->v[s->n].count = it->change.stamp.n;
	change_hash(bytes.p, bytes.len, s->v[s->n++].hash);
	buf_done(&bytes);
	return ok;
}

/* Our segments on the remote from k on, as far as they go.  What they hold that cannot be read is read again, and said,
 * when they are taken in. */
static bool restore_gather(struct exchange *x, uint64_t k, struct sent *sent, struct err *e)
{
	struct buf file = BUF_INIT, body = BUF_INIT;
	struct err why = ERR_INIT;
	bool found = true, ok = true;

	for (; ok && found; k++) {
		struct bundle b;
		buf_clear(&file);
		buf_clear(&body);
		ok = exchange_get(x, &x->space.own, k, &file, &found, e);
		if (!ok || !found || !exchange_is_own(x, &file, k, &b))
			break;
		found = x->op->unpack(x->ctx, &b, &body, &why) &&
			segment_each(buf_str(&body), body.len, b.count, sent_add, sent, &why);
		bundle_done(&b);
		ok = why.code != ERR_NOMEM || err_nomem(e, "exchange_restore");
	}
	buf_done(&file);
	buf_done(&body);
	return ok;
}

static int sent_cmp(const void *a, const void *b)
{
	const struct sent_change *x = a, *y = b;

	return x->count < y->count ? -1 : x->count > y->count;
}

static bool sent_differs(void *with, const struct book_entry *en)
{
	struct sent *s = with;
	uint8_t hash[BUNDLE_HASH];
	size_t low = 0, high = s->n;

	if (!en->change)
		return true;
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		if (s->v[mid].count < en->stamp.n)
			low = mid + 1;
		else
			high = mid;
	}
	change_hash(en->change, en->n, hash);
	if (low < s->n && s->v[low].count == en->stamp.n && memcmp(s->v[low].hash, hash, BUNDLE_HASH) == 0)
		return true;
	s->from = en->stamp.n;
	return false;
}

/* The first segment from which on the remote has others than we: at k, or before. */
static bool restore_fork(struct exchange *x, uint64_t *k, struct err *e)
{
	struct buf file = BUF_INIT;
	uint8_t hash[BUNDLE_HASH];
	int64_t last;
	bool found = true, ok = true, same = false;

	for (; ok && found && !same && *k > 1; *k -= !same && found) {
		struct bundle b;
		buf_clear(&file);
		ok = exchange_get(x, &x->space.own, *k - 1, &file, &found, e);
		if (!ok || !found || !exchange_is_own(x, &file, *k - 1, &b))
			break;
		ok = x->op->get(x->ctx, &x->space.own, *k - 1, hash, &last, NULL, &found, e);
		same = found && memcmp(hash, b.hash, BUNDLE_HASH) == 0;
		bundle_done(&b);
	}
	buf_done(&file);
	return ok;
}

static bool restore_write(struct exchange *x, uint64_t k, const struct id *fresh, const uint8_t hash[BUNDLE_HASH],
			  int64_t last, uint64_t from, struct err *e)
{
	struct stream *old = space_stream(&x->space, &x->space.own), *new;

	if (!x->op->restamp(x->ctx, fresh, last, from, e) || !x->op->drop(x->ctx, &old->id, k, e))
		return false;
	old->n = k - 1;
	memcpy(old->hash, hash, BUNDLE_HASH);
	new = space_add(&x->space, fresh, &old->who, old->label, e);
	if (!new)
		return false;
	x->space.own = *fresh;
	x->snaps.compared = x->snaps.tell = false;
	x->space.sent = 0;
	x->space.last = last;
	for (size_t i = 0; i < x->space.n; i++)
		if (!x->op->save(x->ctx, &x->space, &x->space.streams[i], e))
			return false;
	x->mark = (struct mark){.stream = *fresh, .turn = x->mark.turn, .known = x->mark.known};
	return x->op->save_mark(x->ctx, &x->mark, e) && exchange_snapshots_save(x, e);
}

/* What no remote has had and nobody has seen is not agreed upon. */
static uint64_t restore_agreed(const struct exchange *x)
{
	uint64_t n = x->space.sent;

	for (size_t i = 0; i < x->space.n; i++) {
		uint64_t saw = stream_saw(&x->space.streams[i], &x->space.own);
		n = saw > n ? saw : n;
	}
	return n;
}

bool exchange_restore(struct exchange *x, struct err *e)
{
	const struct id own = x->space.own;
	struct sent sent = {.own = &own, .from = INT64_MAX};
	uint8_t hash[BUNDLE_HASH] = {0};
	uint64_t agreed = restore_agreed(x), k = x->conflict <= agreed ? x->conflict : agreed + 1;
	int64_t last = 0;
	struct id fresh;
	bool found = true, ok = false;

	/* Where segments left for a snapshot, all is compared with that. */
	if (x->source.last != 0) {
		const struct snapshot_stream *mine = snapshot_of(&x->source, &own);
		k = 1;
		if (!exchange_source(x, sent_add, &sent, e) || !restore_gather(x, mine ? mine->n + 1 : 1, &sent, e))
			goto out;
		qsort(sent.v, sent.n, sizeof *sent.v, sent_cmp);
		snapshot_done(&x->source);
	} else if (!restore_fork(x, &k, e) || !restore_gather(x, k, &sent, e)) {
		goto out;
	}
	if (k > 1 && !x->op->get(x->ctx, &own, k - 1, hash, &last, NULL, &found, e))
		goto out;
	if (!found) {
		err_set(e, ERR_INTERNAL, "exchange_restore", "no segment before the conflict");
		goto out;
	}
	if (!x->op->own(x->ctx, last, sent_differs, &sent, e))
		goto out;
	x->op->random(x->ctx, fresh.b, ID_BYTES);
	if (!x->op->begin(x->ctx, e))
		goto out;
	ok = restore_write(x, k, &fresh, hash, last, sent.from, e);
	if (ok)
		ok = x->op->commit(x->ctx, e);
	else
		x->op->cancel(x->ctx);
	exchange_find(x, FINDING_RESTORED, &own, k, NULL);
	x->conflict = 0;
out:
	free(sent.v);
	return ok;
}
