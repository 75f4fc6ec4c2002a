/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A notebook in memory, for the exchange: records, their journal, streams and segments; no SQLite, no keys. */
#ifndef ARPENT_SYNC_SIM_MEM_H
#define ARPENT_SYNC_SIM_MEM_H

#include <sodium.h>

#include "arpent/exchange.h"
#include "../unit/check.h"

#define MEM_RECORDS 4

struct mem_entry {
	size_t record;
	bool own;
	char *change; /* NULL for a state */
	size_t n;
	struct stamp stamp;
	struct clock clock;
};

struct mem_segment {
	struct id stream;
	uint64_t n;
	uint8_t hash[BUNDLE_HASH];
	int64_t last;
	char *sealed;
	size_t len;
};

#define MEM_KEYS 64

struct mem_data { /* what a crash leaves and a backup has */
	struct record records[MEM_RECORDS];
	struct mem_entry *entries;
	size_t n;
	struct mem_segment *segments;
	size_t nsegments;
	struct space space;
	struct mark mark;
	struct id device;
	uint64_t count, hlc;
	struct id keys[MEM_KEYS]; /* of epochs: here a key is its name */
	size_t nkeys;
	struct buf note; /* there is only one */
};

struct mem {
	struct mem_data now, before; /* before: as the open step began */
	bool open;
	int64_t clock; /* ms, as this device has it */
	unsigned fail; /* writes until one fails; 0: none does */
};

/* The world's own random numbers (splitmix64), from the seed of its number. */
static uint64_t sim_state;

static inline uint64_t sim_random(void)
{
	uint64_t z = sim_state += 0x9E3779B97F4A7C15u;

	z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
	z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
	return z ^ (z >> 31);
}

static inline uint64_t sim_pick(uint64_t n)
{
	return sim_random() % n;
}

static inline struct id mem_record_id(size_t i)
{
	return (struct id){{0xA0, (uint8_t)i}};
}

static inline size_t mem_record_at(const struct id *id)
{
	return id->b[1];
}

static inline struct stream *mem_streams_copy(const struct stream *from, size_t n)
{
	struct stream *to = calloc(n + 1, sizeof *to);

	for (size_t i = 0; i < n; i++) {
		to[i] = from[i];
		to[i].seen = calloc(from[i].nseen + 1, sizeof *to[i].seen);
		if (from[i].nseen)
			memcpy(to[i].seen, from[i].seen, from[i].nseen * sizeof *to[i].seen);
	}
	return to;
}

static inline void mem_common_copy(const struct space *from, struct space *to)
{
	to->own = from->own;
	to->sent = from->sent;
	to->last = from->last;
	to->unacked_ms = from->unacked_ms;
	to->npending = from->npending;
	to->nkeys = from->nkeys;
	to->keys = calloc(from->nkeys + 1, sizeof *to->keys);
	if (from->nkeys)
		memcpy(to->keys, from->keys, from->nkeys * sizeof *to->keys);
	to->pending = (struct buf)BUF_INIT;
	buf_add(&to->pending, buf_str(&from->pending), from->pending.len);
}

static inline void mem_space_copy(const struct space *from, struct space *to)
{
	*to = *from;
	to->cap = from->n;
	to->streams = mem_streams_copy(from->streams, from->n);
	to->rosters_cap = from->nrosters;
	to->rosters = mem_streams_copy(from->rosters, from->nrosters);
	mem_common_copy(from, to);
	to->log = (struct buf)BUF_INIT;
	buf_add(&to->log, buf_str(&from->log), from->log.len);
	roster_init(&to->roster);
}

static inline void mem_copy(const struct mem_data *from, struct mem_data *to)
{
	struct err e;

	*to = *from;
	for (size_t i = 0; i < MEM_RECORDS; i++)
		if (!record_copy(&from->records[i], &to->records[i], &e))
			exit(99);
	to->entries = calloc(from->n + 1, sizeof *to->entries);
	for (size_t i = 0; i < from->n; i++) {
		to->entries[i] = from->entries[i];
		if (from->entries[i].change)
			to->entries[i].change = str_ndup(from->entries[i].change, from->entries[i].n);
	}
	to->segments = calloc(from->nsegments + 1, sizeof *to->segments);
	for (size_t i = 0; i < from->nsegments; i++) {
		to->segments[i] = from->segments[i];
		if (from->segments[i].sealed)
			to->segments[i].sealed = str_ndup(from->segments[i].sealed, from->segments[i].len);
	}
	mem_space_copy(&from->space, &to->space);
	to->note = (struct buf)BUF_INIT;
	buf_add(&to->note, buf_str(&from->note), from->note.len);
}

static inline void mem_data_done(struct mem_data *d)
{
	for (size_t i = 0; i < MEM_RECORDS; i++)
		record_done(&d->records[i]);
	for (size_t i = 0; i < d->n; i++)
		free(d->entries[i].change);
	for (size_t i = 0; i < d->nsegments; i++)
		free(d->segments[i].sealed);
	free(d->entries);
	free(d->segments);
	space_done(&d->space);
	buf_done(&d->note);
	memset(d, 0, sizeof *d);
}

static inline bool mem_begin(void *ctx, struct err *e)
{
	struct mem *m = ctx;

	if (!CHECK(!m->open))
		return err_set(e, ERR_INTERNAL, "mem", "a step is open");
	mem_copy(&m->now, &m->before);
	m->open = true;
	return true;
}

static inline void mem_cancel(void *ctx)
{
	struct mem *m = ctx;

	if (!CHECK(m->open))
		return;
	mem_data_done(&m->now);
	m->now = m->before;
	m->open = false;
}

/* A device may stop at any write: nothing of the step is left then. */
static inline bool mem_commit(void *ctx, struct err *e)
{
	struct mem *m = ctx;

	if (m->fail > 0 && --m->fail == 0) {
		mem_cancel(m);
		return err_set(e, ERR_IO, "mem", "stopped");
	}
	mem_data_done(&m->before);
	m->open = false;
	return true;
}

static inline bool mem_load(void *ctx, struct space *out, struct mark *mark, struct err *e)
{
	struct mem *m = ctx;

	(void)e;
	mem_space_copy(&m->now.space, out);
	*mark = m->now.mark;
	return true;
}

static inline bool mem_save(void *ctx, const struct space *s, const struct stream *st, struct err *e)
{
	struct mem *m = ctx;
	struct space *to = &m->now.space;
	struct stream *have;

	if (!CHECK(m->open))
		return err_set(e, ERR_INTERNAL, "mem", "no step");
	free(to->keys);
	buf_done(&to->pending);
	mem_common_copy(s, to);
	if (!st)
		return true;
	have = st->roster ? space_roster(to, &st->id) : space_stream(to, &st->id);
	if (!have)
		have = st->roster ? space_roster_add(to, &st->who, e) : space_add(to, &st->id, &st->who, st->label, e);
	if (!have)
		return false;
	free(have->seen);
	*have = *st;
	have->seen = calloc(st->nseen + 1, sizeof *have->seen);
	if (st->nseen)
		memcpy(have->seen, st->seen, st->nseen * sizeof *have->seen);
	return true;
}

static inline bool mem_save_log(void *ctx, const struct space *s, struct err *e)
{
	struct mem *m = ctx;

	buf_clear(&m->now.space.log);
	buf_add(&m->now.space.log, buf_str(&s->log), s->log.len);
	return buf_ok(&m->now.space.log, e);
}

static inline bool mem_save_mark(void *ctx, const struct mark *mark, struct err *e)
{
	(void)e;
	((struct mem *)ctx)->now.mark = *mark;
	return true;
}

static inline bool mem_read(const struct mem_data *d, int64_t after, bool own,
			    bool (*cb)(void *with, const struct book_entry *en), void *with)
{
	for (size_t i = (size_t)after; i < d->n; i++) {
		const struct mem_entry *m = &d->entries[i];
		const struct book_entry en = {.seq = (int64_t)i + 1,
					      .change = m->change,
					      .n = m->n,
					      .state = &d->records[m->record],
					      .stamp = m->stamp,
					      .clock = m->clock};
		if (own && (!m->own || (m->change && !id_eq(&m->stamp.device, &d->device))))
			continue;
		if (!cb(with, &en))
			break;
	}
	return true;
}

static inline bool mem_own(void *ctx, int64_t after, bool (*cb)(void *with, const struct book_entry *en), void *with,
			   struct err *e)
{
	(void)e;
	return mem_read(&((struct mem *)ctx)->now, after, true, cb, with);
}

static inline bool mem_all(void *ctx, int64_t after, bool (*cb)(void *with, const struct book_entry *en), void *with,
			   struct err *e)
{
	(void)e;
	return mem_read(&((struct mem *)ctx)->now, after, false, cb, with);
}

static inline bool mem_note(void *ctx, const char *name, const struct buf *value, struct err *e)
{
	struct mem *m = ctx;

	(void)name;
	if (!CHECK(m->open))
		return err_set(e, ERR_INTERNAL, "mem", "no step");
	buf_clear(&m->now.note);
	buf_add(&m->now.note, value->p, value->len);
	return buf_ok(&m->now.note, e);
}

static inline bool mem_noted(void *ctx, const char *name, struct buf *out, struct err *e)
{
	const struct mem *m = ctx;

	(void)name;
	buf_add(out, buf_str(&m->now.note), m->now.note.len);
	return buf_ok(out, e);
}

static inline void mem_journal(struct mem_data *d, size_t record, bool own, const struct buf *change,
			       const struct stamp *stamp, const struct clock *clock)
{
	d->entries = realloc(d->entries, (d->n + 1) * sizeof *d->entries);
	d->entries[d->n++] = (struct mem_entry){.record = record,
						.own = own,
						.change = change ? str_ndup(change->p, change->len) : NULL,
						.n = change ? change->len : 0,
						.stamp = *stamp,
						.clock = *clock};
}

static inline bool mem_has(const struct mem_data *d, const struct stamp *st)
{
	for (size_t i = 0; i < d->n; i++)
		if (d->entries[i].change && stamp_cmp(&d->entries[i].stamp, st) == 0)
			return true;
	return false;
}

static inline bool mem_change(void *ctx, const struct change *c, bool *news, struct err *e)
{
	struct mem *m = ctx;
	struct record *r = &m->now.records[mem_record_at(&c->id)], old;
	struct buf bytes = BUF_INIT;
	bool ok;

	if (id_eq(&c->stamp.device, &m->now.device) || seen_count(&c->context, &m->now.device) > m->now.count)
		return err_set(e, ERR_FORMAT, "mem", "our own");
	/* Causes come first: what the writer had seen of this record is here. */
	for (size_t i = 0; i < c->context.n; i++)
		CHECK(seen_covers(&r->seen, &c->context.v[i]));
	if (!record_copy(r, &old, e))
		return false;
	ok = record_apply(r, c, e);
	*news = ok && !record_equal(r, &old);
	record_done(&old);
	m->now.hlc = clock_adopt(m->now.hlc, c->clock.hlc, m->clock);
	if (ok && !mem_has(&m->now, &c->stamp)) {
		change_encode(c, &bytes);
		mem_journal(&m->now, mem_record_at(&c->id), false, &bytes, &c->stamp, &c->clock);
		buf_done(&bytes);
	}
	return ok;
}

static inline bool mem_state(void *ctx, const struct record *state, const struct stamp *st, const struct clock *clock,
			     bool *news, struct err *e)
{
	struct mem *m = ctx;
	struct record *r = &m->now.records[mem_record_at(&state->id)], old;
	bool ok;

	if (!record_copy(r, &old, e))
		return false;
	ok = record_merge(r, state, e);
	*news = ok && !record_equal(r, &old);
	record_done(&old);
	if (*news)
		mem_journal(&m->now, mem_record_at(&state->id), false, NULL, st, clock);
	return ok;
}

static inline bool mem_restamp(void *ctx, const struct id *stream, int64_t after, uint64_t from, struct err *e)
{
	struct mem_data *d = &((struct mem *)ctx)->now;
	struct restamp m = {.old = d->device, .new = *stream, .from = from};

	for (size_t r = 0; r < MEM_RECORDS; r++) {
		bool touched = false;
		m.kept = 0;
		for (size_t i = 0; i < d->n; i++) {
			const struct mem_entry *en = &d->entries[i];
			if (en->record != r || !en->change || !id_eq(&en->stamp.device, &m.old))
				continue;
			if (en->stamp.n < from)
				m.kept = en->stamp.n > m.kept ? en->stamp.n : m.kept;
			else
				touched |= (int64_t)i >= after;
		}
		if (!touched)
			continue;
		if (!record_restamp(&d->records[r], &m, e))
			return false;
		for (size_t i = (size_t)after; i < d->n; i++) {
			struct mem_entry *en = &d->entries[i];
			struct buf bytes = BUF_INIT;
			struct change c;
			if (en->record != r || !en->change || !id_eq(&en->stamp.device, &m.old))
				continue;
			if (!change_decode(en->change, en->n, &c, e) || !change_restamp(&c, &m, e))
				return false;
			change_encode(&c, &bytes);
			free(en->change);
			en->n = bytes.len;
			en->stamp = c.stamp;
			en->change = buf_steal(&bytes);
			change_done(&c);
		}
	}
	d->device = *stream;
	return true;
}

static inline struct mem_segment *mem_segment(struct mem_data *d, const struct id *stream, uint64_t n)
{
	for (size_t i = 0; i < d->nsegments; i++)
		if (d->segments[i].n == n && id_eq(&d->segments[i].stream, stream))
			return &d->segments[i];
	return NULL;
}

static inline bool mem_put(void *ctx, const struct id *stream, uint64_t n, const uint8_t hash[BUNDLE_HASH],
			   int64_t last, const struct buf *sealed, struct err *e)
{
	struct mem_data *d = &((struct mem *)ctx)->now;
	struct mem_segment *g = mem_segment(d, stream, n);

	(void)e;
	if (!g) {
		d->segments = realloc(d->segments, (d->nsegments + 1) * sizeof *d->segments);
		g = &d->segments[d->nsegments++];
	} else {
		free(g->sealed);
	}
	*g = (struct mem_segment){.stream = *stream, .n = n, .last = last < 0 ? (int64_t)d->n : last};
	memcpy(g->hash, hash, BUNDLE_HASH);
	if (sealed) {
		g->sealed = str_ndup(sealed->p, sealed->len);
		g->len = sealed->len;
	}
	return true;
}

static inline bool mem_get(void *ctx, const struct id *stream, uint64_t n, uint8_t hash[BUNDLE_HASH], int64_t *last,
			   struct buf *sealed, bool *found, struct err *e)
{
	const struct mem_segment *g = mem_segment(&((struct mem *)ctx)->now, stream, n);

	(void)e;
	*found = g != NULL;
	if (!g)
		return true;
	memcpy(hash, g->hash, BUNDLE_HASH);
	*last = g->last;
	if (sealed && g->sealed)
		buf_add(sealed, g->sealed, g->len);
	return true;
}

static inline bool mem_drop(void *ctx, const struct id *stream, uint64_t from, struct err *e)
{
	struct mem_data *d = &((struct mem *)ctx)->now;
	size_t n = 0;

	(void)e;
	for (size_t i = 0; i < d->nsegments; i++) {
		if (id_eq(&d->segments[i].stream, stream) && d->segments[i].n >= from)
			free(d->segments[i].sealed);
		else
			d->segments[n++] = d->segments[i];
	}
	d->nsegments = n;
	return true;
}

static inline bool mem_has_key(const struct mem_data *d, const struct id *key)
{
	for (size_t i = 0; i < d->nkeys; i++)
		if (id_eq(&d->keys[i], key))
			return true;
	return false;
}

static inline bool mem_key_make(void *ctx, struct id *key, struct err *e)
{
	struct mem_data *d = &((struct mem *)ctx)->now;

	for (size_t i = 0; i < ID_BYTES; i++)
		key->b[i] = (uint8_t)sim_random();
	if (!CHECK(d->nkeys < MEM_KEYS))
		return err_set(e, ERR_LIMIT, "mem", "keys");
	d->keys[d->nkeys++] = *key;
	return true;
}

/* "Sealed" is whom it is for. */
static inline bool mem_key_give(void *ctx, const struct id *key, const struct identity *to, struct buf *sealed,
				struct err *e)
{
	CHECK(mem_has_key(&((struct mem *)ctx)->now, key));
	buf_add(sealed, to->device.b, ID_BYTES);
	return buf_ok(sealed, e);
}

static inline bool mem_key_take(void *ctx, const struct id *key, const void *sealed, size_t n, bool *opened,
				struct err *e)
{
	struct mem_data *d = &((struct mem *)ctx)->now;

	(void)e;
	*opened = n == ID_BYTES && memcmp(sealed, d->space.device.b, ID_BYTES) == 0;
	if (*opened && !mem_has_key(d, key) && CHECK(d->nkeys < MEM_KEYS))
		d->keys[d->nkeys++] = *key;
	return true;
}

/* Instead of a bundle: the same fields one after the other, and a checksum.  Those who have the key named in it open
 * it, and of a roster all who are in it then. */
static inline bool mem_seal(void *ctx, const struct space *s, struct bundle *b, const struct buf *body, struct buf *out,
			    struct err *e)
{
	const struct stream *own = space_stream(s, &s->own);
	const struct space_key *key = space_key(s);
	uint8_t sum[BUNDLE_HASH];
	uint32_t len, to = 0;

	(void)ctx;
	buf_str_add(out, "SIM1");
	buf_add(out, "    ", 4); /* the whole length, below */
	CHECK(key || b->kind == BUNDLE_ROSTER);
	buf_add(out, key ? key->id.b : (struct id){{0}}.b, ID_BYTES);
	buf_add(out, &b->epoch, 4);
	for (size_t i = 0; b->kind == BUNDLE_ROSTER && i < s->roster.n; i++)
		to += s->roster.members[i].in;
	buf_add(out, &to, 4);
	for (size_t i = 0; to > 0 && i < s->roster.n; i++)
		if (s->roster.members[i].in)
			buf_add(out, s->roster.members[i].who.device.b, ID_BYTES);
	buf_add(out, &b->kind, sizeof b->kind);
	buf_add(out, b->team, BUNDLE_TEAM);
	buf_add(out, own->who.sign, IDENTITY_KEY);
	buf_add(out, b->from.device.b, ID_BYTES);
	buf_add(out, &b->n, 8);
	buf_add(out, b->previous, BUNDLE_HASH);
	buf_add(out, &b->clock, 8);
	buf_add(out, &b->count, 4);
	buf_add(out, &b->nseen, sizeof b->nseen);
	for (size_t i = 0; i < b->nseen; i++)
		buf_add(out, &b->seen[i], sizeof b->seen[i]);
	buf_add(out, body->p, body->len);
	len = (uint32_t)(out->len + sizeof sum);
	memcpy(out->p + 4, &len, 4);
	crypto_generichash(sum, sizeof sum, (uint8_t *)out->p, out->len, NULL, 0);
	buf_add(out, sum, sizeof sum);
	crypto_generichash(b->hash, sizeof b->hash, (uint8_t *)out->p, out->len, NULL, 0);
	return buf_ok(out, e);
}

static inline bool mem_open(void *ctx, const struct space *s, const struct buf *file, struct bundle *b, uint32_t *epoch,
			    struct err *e)
{
	const struct mem_data *d = &((struct mem *)ctx)->now;
	struct id key;
	uint32_t to;
	uint8_t sum[BUNDLE_HASH];
	const char *p = buf_str(file);
	uint32_t len = 0;

	bundle_init(b, BUNDLE_SEGMENT);
	if (file->len >= 4 && memcmp(p, "SIM1", 4) != 0)
		return err_set(e, ERR_NOT_BUNDLE, "mem", "magic");
	if (file->len >= 8)
		memcpy(&len, p + 4, 4);
	if (file->len < 8 || file->len < len)
		return err_set(e, ERR_TRUNCATED, "mem", "cut");
	crypto_generichash(sum, sizeof sum, (const uint8_t *)p, file->len - sizeof sum, NULL, 0);
	if (file->len != len || memcmp(sum, p + file->len - sizeof sum, sizeof sum) != 0)
		return err_set(e, ERR_DAMAGED, "mem", "checksum");
	crypto_generichash(b->hash, sizeof b->hash, (const uint8_t *)p, file->len, NULL, 0);
	p += 8;
#define MEM_TAKE(to, n) (memcpy((to), p, (n)), p += (n))
	MEM_TAKE(key.b, ID_BYTES);
	MEM_TAKE(&b->epoch, 4);
	MEM_TAKE(&to, 4);
	bool opens = mem_has_key(d, &key);
	for (; to > 0; to--) {
		opens |= memcmp(p, s->device.b, ID_BYTES) == 0;
		p += ID_BYTES;
	}
	*epoch = opens ? 0 : b->epoch;
	if (!opens)
		return err_set(e, ERR_FOREIGN, "mem", "key");
	MEM_TAKE(&b->kind, sizeof b->kind);
	MEM_TAKE(b->team, BUNDLE_TEAM);
	MEM_TAKE(b->from.sign, IDENTITY_KEY);
	MEM_TAKE(b->from.device.b, ID_BYTES);
	MEM_TAKE(&b->n, 8);
	MEM_TAKE(b->previous, BUNDLE_HASH);
	MEM_TAKE(&b->clock, 8);
	MEM_TAKE(&b->count, 4);
	MEM_TAKE(&b->nseen, sizeof b->nseen);
	b->seen = calloc(b->nseen + 1, sizeof *b->seen);
	MEM_TAKE(b->seen, b->nseen * sizeof *b->seen);
#undef MEM_TAKE
	b->packed_len = (size_t)(buf_str(file) + file->len - sizeof sum - p);
	buf_add(&b->inner, p, b->packed_len);
	return true;
}

static inline bool mem_unpack(void *ctx, const struct bundle *b, struct buf *body, struct err *e)
{
	(void)ctx;
	buf_add(body, b->inner.p, b->inner.len);
	return buf_ok(body, e);
}

static inline int64_t mem_now(void *ctx)
{
	return ((struct mem *)ctx)->clock;
}

static inline void mem_random(void *ctx, void *p, size_t n)
{
	uint8_t *b = p;

	(void)ctx;
	for (size_t i = 0; i < n; i++)
		b[i] = (uint8_t)sim_random();
}

static const struct book_ops mem_ops = {.begin = mem_begin,
					.commit = mem_commit,
					.cancel = mem_cancel,
					.load = mem_load,
					.save = mem_save,
					.save_log = mem_save_log,
					.save_mark = mem_save_mark,
					.all = mem_all,
					.own = mem_own,
					.change = mem_change,
					.state = mem_state,
					.restamp = mem_restamp,
					.put = mem_put,
					.get = mem_get,
					.drop = mem_drop,
					.seal = mem_seal,
					.open = mem_open,
					.unpack = mem_unpack,
					.key_make = mem_key_make,
					.key_give = mem_key_give,
					.key_take = mem_key_take,
					.note = mem_note,
					.noted = mem_noted,
					.now = mem_now,
					.random = mem_random};

#endif
