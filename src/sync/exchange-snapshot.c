/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Snapshots: made, told of, compared; and what leaves the remote once all have them. */
#include "exchange-in.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define SNAPSHOT_NAME "snapshots"
#define SNAPSHOT_RAW (1u << 20) /* bytes of a part, about */
#define SUM_BYTES 64

bool exchange_snapshots_load(struct exchange *x, struct err *e)
{
	struct buf b = BUF_INIT;
	bool ok = x->op->noted(x->ctx, SNAPSHOT_NAME, &b, e) && snapshots_read(&b, &x->snaps, e);

	buf_done(&b);
	return ok;
}

bool exchange_snapshots_save(struct exchange *x, struct err *e)
{
	struct buf b = BUF_INIT;
	bool ok;

	snapshots_write(&x->snaps, &b);
	ok = buf_ok(&b, e) && x->op->note(x->ctx, SNAPSHOT_NAME, &b, e);
	buf_done(&b);
	return ok;
}

bool exchange_snapshots_keep(struct exchange *x, struct err *e)
{
	if (!x->op->begin(x->ctx, e))
		return false;
	if (exchange_snapshots_save(x, e))
		return x->op->commit(x->ctx, e);
	x->op->cancel(x->ctx);
	return false;
}

/* The one that has more; of two makers at once, all take the same. */
static bool snapshot_newer(const struct snapshot *a, const struct snapshot *b)
{
	uint64_t wa = snapshot_weight(a), wb = snapshot_weight(b);

	if (b->last == 0 || wa != wb)
		return b->last == 0 || wa > wb;
	return id_eq(&a->maker, &b->maker) ? a->last > b->last : id_cmp(&a->maker, &b->maker) > 0;
}

bool exchange_snapshot_told(struct exchange *x, const struct id *author, const struct segment_item *it, struct err *e)
{
	struct snapshot s = {.maker = it->stream, .first = it->n, .last = it->last};
	struct snapshot_stream *v;
	bool ok;

	memcpy(s.hash, it->hash, sizeof s.hash);
	ok = it->n > 0 && it->n <= it->last && it->last <= INT64_MAX;
	ok = ok || err_set(e, ERR_FORMAT, "exchange_take", "snapshot");
	ok = ok && snapshot_vector_read(it->vector, it->nvector, &s, e);
	if (ok && s.n > 0 && id_eq(author, &s.maker) && snapshot_newer(&s, &x->snaps.told)) {
		ok = snapshot_copy(&s, &x->snaps.told, e);
		x->snaps.compared = x->snaps.tell = false;
	}
	if (ok && snapshot_same(&s, &x->snaps.told)) {
		v = snapshot_stream(&x->snaps.told, author, e);
		ok = v != NULL;
		if (ok)
			v->said = true;
	}
	snapshot_done(&s);
	return ok && exchange_snapshots_save(x, e);
}

/* Who was heard of since is not.  A device that reads so of itself speaks. */
bool exchange_parked(struct exchange *x, const struct segment_item *it, struct err *e)
{
	struct stream *st = space_stream(&x->space, &it->stream);

	if (!st || st->ended || st->n > it->n)
		return true;
	if (id_eq(&st->id, &x->space.own)) {
		x->space.unacked_ms = 1;
		return true;
	}
	st->parked = true;
	return x->op->save(x->ctx, &x->space, st, e);
}

void exchange_tell(struct exchange *x, struct buf *body, uint32_t *count)
{
	const struct snapshot *s = &x->snaps.told;

	if (x->snaps.tell) {
		segment_snapshot(body, s, id_eq(&s->maker, &x->space.own));
		++*count;
	}
	for (size_t i = 0; i < x->space.n; i++) {
		const struct stream *st = &x->space.streams[i];
		if (!st->park)
			continue;
		segment_parked(body, &st->id, st->n);
		++*count;
	}
}

bool exchange_told(struct exchange *x, struct err *e)
{
	for (size_t i = 0; i < x->space.n; i++) {
		struct stream *st = &x->space.streams[i];
		if (!st->park)
			continue;
		st->park = false;
		if (!x->op->save(x->ctx, &x->space, st, e))
			return false;
	}
	if (!x->snaps.tell)
		return true;
	x->snaps.tell = false;
	return exchange_snapshots_save(x, e);
}

/* The sum of the 64-byte hashes of all changes, as numbers modulo 2^512: in whatever order they are read. */
struct tally {
	const struct snapshot *of;
	uint8_t sum[SUM_BYTES];
	uint64_t n;
};

static bool tally_one(void *with, const struct book_entry *en)
{
	struct tally *t = with;
	const struct snapshot_stream *v = en->change ? snapshot_of(t->of, &en->stamp.device) : NULL;
	uint8_t hash[SUM_BYTES];

	if (!v || en->stamp.n > v->count)
		return true;
	crypto_generichash(hash, sizeof hash, en->change, en->n, NULL, 0);
	sodium_add(t->sum, hash, sizeof hash);
	t->n++;
	return true;
}

bool exchange_tally(struct exchange *x, const struct snapshot *s, uint8_t out[BUNDLE_HASH], struct err *e)
{
	struct tally t = {.of = s};
	crypto_generichash_state h;
	uint8_t n[8];

	if (!x->op->all(x->ctx, 0, tally_one, &t, e))
		return false;
	for (size_t i = 0; i < sizeof n; i++)
		n[i] = (uint8_t)(t.n >> (8 * i));
	crypto_generichash_init(&h, NULL, 0, BUNDLE_HASH);
	crypto_generichash_update(&h, t.sum, sizeof t.sum);
	crypto_generichash_update(&h, n, sizeof n);
	crypto_generichash_final(&h, out, BUNDLE_HASH);
	return true;
}

bool exchange_compare(struct exchange *x, struct err *e)
{
	struct snapshot *s = &x->snaps.told;
	struct snapshot_stream *own;
	uint8_t hash[BUNDLE_HASH];

	if (s->last == 0 || x->snaps.compared)
		return true;
	for (size_t i = 0; i < s->n; i++) {
		const struct stream *st = space_stream(&x->space, &s->v[i].id);
		if (s->v[i].n > 0 && (!st || st->n < s->v[i].n))
			return true;
	}
	if (!exchange_tally(x, s, hash, e))
		return false;
	x->snaps.compared = true;
	if (memcmp(hash, s->hash, sizeof hash) == 0) {
		own = snapshot_stream(s, &x->space.own, e);
		if (!own)
			return false;
		own->said = x->snaps.tell = true;
	}
	return exchange_snapshots_keep(x, e);
}

/* Making one. */

static bool snapshot_due(const struct exchange *x)
{
	uint64_t have = 0, rank = 0;

	if (x->snaps.taking.last != 0)
		return false;
	for (size_t i = 0; i < x->space.n; i++) {
		const struct stream *st = &x->space.streams[i];
		have += st->n;
		rank += stream_active(st) && id_cmp(&st->id, &x->space.own) < 0;
	}
	/* Not everyone at once: the first in the order of ids, then the next when that one does not come by.  That all
	 * have it is said in segments, too. */
	return have >= snapshot_weight(&x->snaps.told) + x->after + 4 * x->space.n + rank * (x->after / 8 + 1);
}

struct counting {
	struct snapshot *s;
	int64_t last;
	struct err *e;
	bool ok;
};

static bool count_one(void *with, const struct book_entry *en)
{
	struct counting *c = with;
	struct snapshot_stream *v;

	c->last = en->seq;
	for (size_t i = 0; en->change && i < c->s->n; i++) {
		v = &c->s->v[i];
		if (id_eq(&v->id, &en->stamp.device) && v->count < en->stamp.n)
			v->count = en->stamp.n;
	}
	return true;
}

static bool making_start(struct exchange *x, struct err *e)
{
	struct snapshot *s = &x->snaps.making;
	struct counting c = {.s = s};

	s->maker = x->space.own;
	s->first = x->snaps.made + 1;
	for (size_t i = 0; i < x->space.n; i++) {
		struct snapshot_stream *v = snapshot_stream(s, &x->space.streams[i].id, e);
		if (!v)
			return false;
		v->n = x->space.streams[i].n;
	}
	if (!x->op->all(x->ctx, 0, count_one, &c, e) || !exchange_tally(x, s, s->hash, e))
		return false;
	x->snaps.seq = 0;
	x->snaps.upto = c.last;
	memset(x->snaps.previous, 0, BUNDLE_HASH);
	return exchange_snapshots_keep(x, e);
}

struct part {
	struct buf body;
	uint32_t count;
	int64_t last, upto;
	bool more;
};

static bool part_entry(void *with, const struct book_entry *en)
{
	struct part *p = with;
	size_t had = p->body.len;

	if (en->seq > p->upto)
		return false;
	p->more = p->count == BUNDLE_COUNT_MAX || had >= SNAPSHOT_RAW;
	if (p->more)
		return false;
	if (en->change)
		segment_change(&p->body, en->change, en->n);
	else
		segment_state(&p->body, en->state, &en->stamp, &en->clock);
	if (p->body.len > BUNDLE_RAW_MAX && p->count > 0) {
		buf_truncate(&p->body, had);
		p->more = true;
		return false;
	}
	p->count++;
	p->last = en->seq;
	return !p->body.oom;
}

/* The last part: whose streams are in it, and how far. */
static bool part_end(struct exchange *x, struct part *p, struct bundle *b, struct err *e)
{
	const struct snapshot *s = &x->snaps.making;
	int64_t last;
	bool found;

	b->seen = calloc(s->n + 1, sizeof *b->seen);
	if (!b->seen)
		return err_nomem(e, "exchange_snapshot");
	for (size_t i = 0; i < s->n; i++) {
		const struct stream *st = space_stream(&x->space, &s->v[i].id);
		struct bundle_seen *saw = &b->seen[b->nseen];
		segment_stream(&p->body, &st->id, st->ended && st->n == s->v[i].n, &st->who, st->label);
		p->count++;
		if (s->v[i].n == 0)
			continue;
		saw->device = st->id;
		saw->n = s->v[i].n;
		if (!x->op->get(x->ctx, &st->id, saw->n, saw->hash, &last, NULL, &found, e))
			return false;
		if (!found)
			return err_set(e, ERR_INTERNAL, "exchange_snapshot", "segment");
		b->nseen++;
	}
	segment_end(&p->body, s);
	p->count++;
	return true;
}

/* What is in its place is from an attempt that broke off: nobody was told of it. */
static bool part_put(struct exchange *x, const struct buf *file, bool *kept, struct err *e)
{
	struct buf back = BUF_INIT;
	char name[REMOTE_NAME_MAX];
	bool made, found = false, ok = true;

	*kept = false;
	remote_name('k', &x->space.own, x->snaps.made + 1, name);
	for (int attempt = 0; ok && !*kept && attempt < 2; attempt++) {
		buf_clear(&back);
		ok = exchange_go_on(x, e) && remote_put(x->remote, name, file->p, file->len, &made, e) &&
		     exchange_go_on(x, e) && remote_get(x->remote, name, BUNDLE_FILE_MAX, &back, &found, e);
		*kept = ok && found && back.len == file->len && memcmp(back.p, file->p, file->len) == 0;
		if (ok && !*kept && (found || !made))
			ok = exchange_go_on(x, e) && remote_remove(x->remote, name, e);
	}
	buf_done(&back);
	return ok;
}

static bool part_made(struct exchange *x, const struct part *p, const struct bundle *b, bool end, struct err *e)
{
	struct snapshot_stream *own;

	x->snaps.seq = p->last;
	memcpy(x->snaps.previous, b->hash, BUNDLE_HASH);
	x->snaps.made++;
	x->report->parts++;
	if (end) {
		x->snaps.making.last = x->snaps.made;
		if (snapshot_newer(&x->snaps.making, &x->snaps.told)) {
			if (!snapshot_copy(&x->snaps.making, &x->snaps.told, e))
				return false;
			own = snapshot_stream(&x->snaps.told, &x->space.own, e);
			if (!own)
				return false;
			x->snaps.tell = x->snaps.compared = own->said = true;
		}
		snapshot_done(&x->snaps.making);
	}
	return exchange_snapshots_keep(x, e);
}

static bool making_part(struct exchange *x, bool *kept, bool *end, struct err *e)
{
	struct part p = {.body = BUF_INIT, .last = x->snaps.seq, .upto = x->snaps.upto};
	struct buf file = BUF_INIT;
	struct bundle b;
	bool ok;

	bundle_init(&b, BUNDLE_SNAPSHOT);
	segment_begin(&p.body);
	ok = x->op->all(x->ctx, x->snaps.seq, part_entry, &p, e) && buf_ok(&p.body, e);
	*end = ok && !p.more;
	/* The end has a part of its own, small: it is what is looked for. */
	if (*end && p.count > 0)
		*end = false;
	else if (*end)
		ok = part_end(x, &p, &b, e);
	memcpy(b.team, x->space.id.b, BUNDLE_TEAM);
	memcpy(b.previous, x->snaps.previous, BUNDLE_HASH);
	b.from.device = x->space.own;
	b.n = x->snaps.made + 1;
	b.epoch = space_key(&x->space)->epoch;
	b.clock = (uint64_t)x->op->now(x->ctx) << 16;
	b.count = p.count;
	ok = ok && buf_ok(&p.body, e) && x->op->seal(x->ctx, &x->space, &b, &p.body, &file, e) &&
	     part_put(x, &file, kept, e) && (!*kept || part_made(x, &p, &b, *end, e));
	bundle_done(&b);
	buf_done(&p.body);
	buf_done(&file);
	return ok;
}

bool exchange_snapshot(struct exchange *x, bool *made, struct err *e)
{
	const struct stream *own = space_stream(&x->space, &x->space.own);
	bool kept = true, end = false;

	*made = false;
	if (x->mark.sent != own->n || !space_key(&x->space))
		return true;
	/* Begun by another stream of this device: a backup was put back since. */
	if (x->snaps.making.first != 0 && !id_eq(&x->snaps.making.maker, &own->id))
		snapshot_done(&x->snaps.making);
	if (!id_eq(&x->snaps.by, &own->id)) {
		x->snaps.by = own->id;
		x->snaps.made = x->snaps.gone = 0;
	}
	if (x->snaps.making.first == 0) {
		if (!snapshot_due(x))
			return true;
		if (!making_start(x, e))
			return false;
	}
	while (kept && !end)
		if (!making_part(x, &kept, &end, e))
			return false;
	*made = kept && end;
	return true;
}

bool exchange_snapshot_lost(struct exchange *x, struct err *e)
{
	snapshot_done(&x->snaps.told);
	x->snaps.tell = x->snaps.compared = false;
	return exchange_snapshots_keep(x, e);
}

/* What leaves the remote. */

/* All that wait for one another have it, and the same. */
static bool sweep_agreed(const struct exchange *x)
{
	if (x->snaps.told.last == 0)
		return false;
	for (size_t i = 0; i < x->space.n; i++) {
		const struct stream *st = &x->space.streams[i];
		const struct snapshot_stream *v = snapshot_of(&x->snaps.told, &st->id);
		if (stream_active(st) && (!v || !v->said))
			return false;
	}
	return true;
}

static bool sweep_range(struct exchange *x, char letter, const struct id *id, uint64_t from, uint64_t to, struct err *e)
{
	char name[REMOTE_NAME_MAX];

	for (uint64_t n = from; n <= to; n++) {
		remote_name(letter, id, n, name);
		if (!exchange_go_on(x, e) || !remote_remove(x->remote, name, e))
			return false;
	}
	return true;
}

/* Of those that are not active, whoever made the snapshot sees to it; they notice by it that there is one. */
static bool sweep_others(struct exchange *x, struct err *e)
{
	char name[REMOTE_NAME_MAX];
	uint64_t size;
	bool there;

	for (size_t i = 0; i < x->space.n; i++) {
		const struct stream *st = &x->space.streams[i], *own = space_stream(&x->space, &x->space.own);
		const struct snapshot_stream *v = snapshot_of(&x->snaps.told, &st->id);
		bool mine = st->ended && identity_same(&st->who, &own->who);
		if (st == own || !v || v->n == 0 || (!mine && !(st->parked && id_eq(&x->snaps.told.maker, &own->id))))
			continue;
		/* The last one goes last: by it one sees that the others went. */
		remote_name('s', &st->id, v->n, name);
		if (!exchange_go_on(x, e) || !remote_has(x->remote, name, &there, &size, e))
			return false;
		if (there && !sweep_range(x, 's', &st->id, 1, v->n, e))
			return false;
	}
	return true;
}

/* Own segments below it, and own snapshots before it. */
static bool sweep_own(struct exchange *x, uint64_t upto, struct err *e)
{
	const struct snapshot *s = &x->snaps.told;
	uint64_t parts = x->snaps.making.first == 0 ? x->snaps.made : 0;

	if (id_eq(&s->maker, &x->space.own))
		parts = s->first - 1;
	if (upto > x->mark.cleared) {
		if (!sweep_range(x, 's', &x->space.own, x->mark.cleared + 1, upto, e))
			return false;
		x->report->cleared += upto - x->mark.cleared;
		x->mark.cleared = upto;
	}
	if (parts > x->snaps.gone) {
		if (!sweep_range(x, 'k', &x->space.own, x->snaps.gone + 1, parts, e))
			return false;
		x->snaps.gone = parts;
	}
	return true;
}

static bool sweep_keep(struct exchange *x, struct err *e)
{
	if (!x->op->begin(x->ctx, e))
		return false;
	if (x->op->save_mark(x->ctx, &x->mark, e) && exchange_snapshots_save(x, e))
		return x->op->commit(x->ctx, e);
	x->op->cancel(x->ctx);
	return false;
}

/* Tried once for each snapshot: where it is not there, it may be on another remote, and the next one will do. */
bool exchange_sweep(struct exchange *x, struct err *e)
{
	const struct snapshot *s = &x->snaps.told;
	const struct snapshot_stream *own = snapshot_of(s, &x->space.own);
	char name[REMOTE_NAME_MAX];
	uint64_t size;
	bool there;

	if (x->mark.swept >= snapshot_weight(s) || !sweep_agreed(x))
		return true;
	remote_name('k', &s->maker, s->last, name);
	if (!exchange_go_on(x, e) || !remote_has(x->remote, name, &there, &size, e))
		return false;
	/* The last of the own segments stays: by it one sees that the remote is not an older copy. */
	if (there && (!sweep_others(x, e) || !sweep_own(x, own && own->n > 0 ? own->n - 1 : 0, e)))
		return false;
	x->mark.swept = snapshot_weight(s);
	return sweep_keep(x, e) && (there || !id_eq(&s->maker, &x->space.own) || exchange_snapshot_lost(x, e));
}
