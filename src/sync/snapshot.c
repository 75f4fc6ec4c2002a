/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "snapshot.h"

#include <stdlib.h>
#include <string.h>

#include "arpent/cbor.h"

#define SNAPSHOTS_VERSION 1

void snapshot_done(struct snapshot *s)
{
	free(s->v);
	memset(s, 0, sizeof *s);
}

void snapshots_done(struct snapshots *s)
{
	snapshot_done(&s->told);
	snapshot_done(&s->making);
	snapshot_done(&s->taking);
	memset(s, 0, sizeof *s);
}

bool snapshot_copy(const struct snapshot *from, struct snapshot *to, struct err *e)
{
	struct snapshot_stream *v = calloc(from->n + 1, sizeof *v);

	if (!v)
		return err_nomem(e, "snapshot");
	if (from->n > 0)
		memcpy(v, from->v, from->n * sizeof *v);
	snapshot_done(to);
	*to = *from;
	to->v = v;
	return true;
}

const struct snapshot_stream *snapshot_of(const struct snapshot *s, const struct id *id)
{
	for (size_t i = 0; i < s->n; i++)
		if (id_eq(&s->v[i].id, id))
			return &s->v[i];
	return NULL;
}

struct snapshot_stream *snapshot_stream(struct snapshot *s, const struct id *id, struct err *e)
{
	struct snapshot_stream *v;

	for (size_t i = 0; i < s->n; i++)
		if (id_eq(&s->v[i].id, id))
			return &s->v[i];
	v = realloc(s->v, (s->n + 1) * sizeof *v);
	if (!v) {
		err_nomem(e, "snapshot");
		return NULL;
	}
	s->v = v;
	v[s->n] = (struct snapshot_stream){.id = *id};
	return &v[s->n++];
}

uint64_t snapshot_weight(const struct snapshot *s)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < s->n; i++)
		sum += s->v[i].n;
	return sum;
}

bool snapshot_same(const struct snapshot *a, const struct snapshot *b)
{
	return id_eq(&a->maker, &b->maker) && a->first == b->first && a->last == b->last &&
	       memcmp(a->hash, b->hash, BUNDLE_HASH) == 0;
}

void snapshot_vector_write(const struct snapshot *s, struct buf *out)
{
	size_t n = 0;

	for (size_t i = 0; i < s->n; i++)
		n += s->v[i].n > 0;
	cbor_w_array(out, 3 * n);
	for (size_t i = 0; i < s->n; i++) {
		if (s->v[i].n == 0)
			continue;
		cbor_w_bytes(out, s->v[i].id.b, ID_BYTES);
		cbor_w_uint(out, s->v[i].n);
		cbor_w_uint(out, s->v[i].count);
	}
}

bool snapshot_vector_read(const void *p, size_t n, struct snapshot *s, struct err *e)
{
	struct cbor_r r;
	size_t items;

	cbor_r_init(&r, p, n);
	items = cbor_array(&r);
	if (items % 3 != 0 || items / 3 > BUNDLE_SEEN_MAX)
		return err_set(e, ERR_DAMAGED, "snapshot", "vector");
	for (size_t i = 0; i < items / 3; i++) {
		struct snapshot_stream *v;
		struct id id;
		cbor_fixed(&r, id.b, ID_BYTES);
		if (!cbor_ok(&r, e) || !(v = snapshot_stream(s, &id, e)))
			return false;
		v->n = cbor_uint(&r);
		v->count = cbor_uint(&r);
		if (v->n == 0 || v->n > INT64_MAX || v->count > INT64_MAX)
			return err_set(e, ERR_DAMAGED, "snapshot", "vector");
	}
	return cbor_done(&r, e);
}

static void snapshot_write(const struct snapshot *s, struct buf *out)
{
	cbor_w_array(out, 5);
	cbor_w_bytes(out, s->maker.b, ID_BYTES);
	cbor_w_uint(out, s->first);
	cbor_w_uint(out, s->last);
	cbor_w_bytes(out, s->hash, BUNDLE_HASH);
	cbor_w_array(out, 4 * s->n);
	for (size_t i = 0; i < s->n; i++) {
		cbor_w_bytes(out, s->v[i].id.b, ID_BYTES);
		cbor_w_uint(out, s->v[i].n);
		cbor_w_uint(out, s->v[i].count);
		cbor_w_bool(out, s->v[i].said);
	}
}

static bool snapshot_read(struct cbor_r *r, struct snapshot *s, struct err *e)
{
	size_t n;

	cbor_array(r);
	cbor_fixed(r, s->maker.b, ID_BYTES);
	s->first = cbor_uint(r);
	s->last = cbor_uint(r);
	cbor_fixed(r, s->hash, BUNDLE_HASH);
	n = cbor_array(r) / 4;
	for (size_t i = 0; i < n && !r->bad; i++) {
		struct snapshot_stream *v;
		struct id id;
		cbor_fixed(r, id.b, ID_BYTES);
		v = snapshot_stream(s, &id, e);
		if (!v)
			return false;
		v->n = cbor_uint(r);
		v->count = cbor_uint(r);
		v->said = cbor_bool(r);
	}
	return cbor_ok(r, e);
}

void snapshots_write(const struct snapshots *s, struct buf *out)
{
	cbor_w_array(out, 12);
	cbor_w_uint(out, SNAPSHOTS_VERSION);
	snapshot_write(&s->told, out);
	cbor_w_bool(out, s->compared);
	cbor_w_bool(out, s->tell);
	snapshot_write(&s->making, out);
	cbor_w_bytes(out, s->by.b, ID_BYTES);
	cbor_w_uint(out, s->made);
	cbor_w_uint(out, s->gone);
	cbor_w_int(out, s->seq);
	cbor_w_int(out, s->upto);
	cbor_w_bytes(out, s->previous, BUNDLE_HASH);
	cbor_w_array(out, 3);
	snapshot_write(&s->taking, out);
	cbor_w_uint(out, s->part);
	cbor_w_int(out, s->suspect_ms);
}

bool snapshots_read(const struct buf *b, struct snapshots *s, struct err *e)
{
	struct cbor_r r;

	snapshots_done(s);
	if (b->len == 0)
		return true;
	cbor_r_init(&r, b->p, b->len);
	if (cbor_array(&r) != 12 || cbor_uint(&r) != SNAPSHOTS_VERSION)
		return err_set(e, ERR_NEWER, "book", "snapshots");
	if (!snapshot_read(&r, &s->told, e))
		return false;
	s->compared = cbor_bool(&r);
	s->tell = cbor_bool(&r);
	if (!snapshot_read(&r, &s->making, e))
		return false;
	cbor_fixed(&r, s->by.b, ID_BYTES);
	s->made = cbor_uint(&r);
	s->gone = cbor_uint(&r);
	s->seq = cbor_int(&r);
	s->upto = cbor_int(&r);
	cbor_fixed(&r, s->previous, BUNDLE_HASH);
	cbor_array(&r);
	if (!snapshot_read(&r, &s->taking, e))
		return false;
	s->part = cbor_uint(&r);
	s->suspect_ms = cbor_int(&r);
	return cbor_done(&r, e);
}
