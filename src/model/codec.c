/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * States and changes as CBOR.  Ids of devices and clocks are written once, in tables, and meant by their index.
 *
 *	state   [1, id, kind, devices, seen, writes, entries, limits]
 *	change  [1, id, kind, devices, [device, n, clock, offset], seen, edits]
 *
 *	devices bytes, 16 each, rising              seen    [n, ...] of each device in turn, 0 for none
 *	writes  [device, n, clock, offset, ...]     entries {key: text | [write, text, backs, ...], ...}
 *	backs   [device, n, head, tail, mid, ...]   limits  {key: spans, ...}
 *	spans   [device, from, to, ...]             edits   {key: text | [text, backs, spans | null], ...}
 *
 * A bare text in `entries` is one value of write 0 without backs.  Keys rise bytewise; writes rise too.
 */
#include "arpent/record.h"

#include <stdlib.h>
#include <string.h>

#include "state.h"

/* What one value was written with. */
struct write {
	struct stamp stamp;
	struct clock clock;
};

struct tables {
	struct id *devices;
	size_t ndevices, devices_cap;
	struct write *writes;
	size_t nwrites, writes_cap;
};

static void tables_done(struct tables *t)
{
	free(t->devices);
	free(t->writes);
}

static int write_cmp(const void *a, const void *b)
{
	const struct write *x = a, *y = b;
	int c = stamp_cmp(&x->stamp, &y->stamp);

	if (c == 0)
		c = (x->clock.hlc > y->clock.hlc) - (x->clock.hlc < y->clock.hlc);
	return c ? c : (x->clock.offset > y->clock.offset) - (x->clock.offset < y->clock.offset);
}

static int device_cmp(const void *a, const void *b)
{
	return id_cmp(a, b);
}

static bool tables_device(struct tables *t, const struct id *device)
{
	/* Most are the same as the one before. */
	if (t->ndevices > 0 && id_eq(&t->devices[t->ndevices - 1], device))
		return true;
	if (!state_grow(&t->devices, &t->devices_cap, t->ndevices + 1, sizeof *t->devices, NULL))
		return false;
	t->devices[t->ndevices++] = *device;
	return true;
}

static bool tables_value(struct tables *t, const struct value *v)
{
	struct write w = {v->stamp, v->clock};

	if (t->nwrites == 0 || write_cmp(&t->writes[t->nwrites - 1], &w) != 0) {
		if (!state_grow(&t->writes, &t->writes_cap, t->nwrites + 1, sizeof w, NULL))
			return false;
		t->writes[t->nwrites++] = w;
	}
	for (size_t i = 0; i < v->nbacks; i++)
		if (!tables_device(t, &v->backs[i].stamp.device))
			return false;
	return tables_device(t, &v->stamp.device);
}

static bool tables_spans(struct tables *t, const struct spans *s)
{
	for (size_t i = 0; i < s->n; i++)
		if (!tables_device(t, &s->v[i].device))
			return false;
	return true;
}

static bool tables_seen(struct tables *t, const struct seen *s)
{
	for (size_t i = 0; i < s->n; i++)
		if (!tables_device(t, &s->v[i].device))
			return false;
	return true;
}

static size_t tables_sort_one(void *v, size_t n, size_t size, int (*cmp)(const void *, const void *))
{
	char *p = v;
	size_t out = 0;

	if (n > 1)
		qsort(p, n, size, cmp);
	for (size_t i = 0; i < n; i++)
		if (i == 0 || cmp(p + i * size, p + (out - 1) * size) != 0)
			memmove(p + out++ * size, p + i * size, size);
	return out;
}

static void tables_sort(struct tables *t)
{
	t->ndevices = tables_sort_one(t->devices, t->ndevices, sizeof *t->devices, device_cmp);
	t->nwrites = tables_sort_one(t->writes, t->nwrites, sizeof *t->writes, write_cmp);
}

static uint64_t device_index(const struct tables *t, const struct id *device)
{
	const struct id *p = bsearch(device, t->devices, t->ndevices, sizeof *p, device_cmp);

	return (uint64_t)(p - t->devices);
}

static uint64_t write_index(const struct tables *t, const struct value *v)
{
	const struct write w = {v->stamp, v->clock};
	const struct write *p = bsearch(&w, t->writes, t->nwrites, sizeof w, write_cmp);

	return (uint64_t)(p - t->writes);
}

static void devices_encode(const struct tables *t, struct buf *out)
{
	cbor_w_bytes(out, t->devices, t->ndevices * sizeof *t->devices);
}

static void seen_encode(const struct tables *t, const struct seen *s, struct buf *out)
{
	cbor_w_array(out, t->ndevices);
	for (size_t i = 0, j = 0; i < t->ndevices; i++) {
		bool has = j < s->n && id_eq(&s->v[j].device, &t->devices[i]);
		cbor_w_uint(out, has ? s->v[j].n : 0);
		j += has;
	}
}

static void backs_encode(const struct tables *t, const struct back *b, size_t n, struct buf *out)
{
	cbor_w_array(out, n * 5);
	for (size_t i = 0; i < n; i++) {
		cbor_w_uint(out, device_index(t, &b[i].stamp.device));
		cbor_w_uint(out, b[i].stamp.n);
		cbor_w_uint(out, b[i].head);
		cbor_w_uint(out, b[i].tail);
		cbor_w_bytes(out, b[i].mid, b[i].mid_len);
	}
}

static void spans_encode(const struct tables *t, const struct spans *s, struct buf *out)
{
	cbor_w_array(out, s->n * 3);
	for (size_t i = 0; i < s->n; i++) {
		cbor_w_uint(out, device_index(t, &s->v[i].device));
		cbor_w_uint(out, s->v[i].from);
		cbor_w_uint(out, s->v[i].to);
	}
}

static void entry_encode(const struct tables *t, const struct entry *en, struct buf *out)
{
	cbor_w_text(out, en->key, strlen(en->key));
	if (en->n == 1 && en->values[0].nbacks == 0 && write_index(t, &en->values[0]) == 0) {
		cbor_w_text(out, en->values[0].text, en->values[0].len);
		return;
	}
	cbor_w_array(out, en->n * 3);
	for (size_t i = 0; i < en->n; i++) {
		const struct value *v = &en->values[i];
		cbor_w_uint(out, write_index(t, v));
		cbor_w_text(out, v->text, v->len);
		backs_encode(t, v->backs, v->nbacks, out);
	}
}

static void head_encode(const struct id *id, const char *kind, const struct tables *t, size_t items, struct buf *out)
{
	cbor_w_array(out, items);
	cbor_w_uint(out, CODEC_VERSION);
	cbor_w_bytes(out, id->b, sizeof id->b);
	cbor_w_text(out, kind ? kind : "", kind ? strlen(kind) : 0);
	devices_encode(t, out);
}

static bool record_tables(const struct record *r, struct tables *t)
{
	for (size_t i = 0; i < r->n; i++)
		for (size_t j = 0; j < r->entries[i].n; j++)
			if (!tables_value(t, &r->entries[i].values[j]))
				return false;
	for (size_t i = 0; i < r->nlimits; i++)
		if (!tables_spans(t, &r->limits[i].known))
			return false;
	if (!tables_seen(t, &r->seen))
		return false;
	tables_sort(t);
	return true;
}

void record_encode(const struct record *r, struct buf *out)
{
	struct tables t = {0};

	if (!record_tables(r, &t)) {
		out->oom = true;
		tables_done(&t);
		return;
	}
	head_encode(&r->id, r->kind, &t, 8, out);
	seen_encode(&t, &r->seen, out);
	cbor_w_array(out, t.nwrites * 4);
	for (size_t i = 0; i < t.nwrites; i++) {
		cbor_w_uint(out, device_index(&t, &t.writes[i].stamp.device));
		cbor_w_uint(out, t.writes[i].stamp.n);
		cbor_w_uint(out, t.writes[i].clock.hlc);
		cbor_w_int(out, t.writes[i].clock.offset);
	}
	cbor_w_map(out, r->n);
	for (size_t i = 0; i < r->n; i++)
		entry_encode(&t, &r->entries[i], out);
	cbor_w_map(out, r->nlimits);
	for (size_t i = 0; i < r->nlimits; i++) {
		cbor_w_text(out, r->limits[i].key, strlen(r->limits[i].key));
		spans_encode(&t, &r->limits[i].known, out);
	}
	tables_done(&t);
}

static bool change_tables(const struct change *c, struct tables *t)
{
	if (!tables_device(t, &c->stamp.device) || !tables_seen(t, &c->context))
		return false;
	for (size_t i = 0; i < c->n; i++) {
		const struct edit *ed = &c->edits[i];
		for (size_t j = 0; j < ed->nbacks; j++)
			if (!tables_device(t, &ed->backs[j].stamp.device))
				return false;
		if (ed->context && !tables_spans(t, ed->context))
			return false;
	}
	tables_sort(t);
	return true;
}

static void edit_encode(const struct tables *t, const struct edit *ed, struct buf *out)
{
	cbor_w_text(out, ed->key, strlen(ed->key));
	if (!ed->context && ed->nbacks == 0) {
		cbor_w_text(out, ed->text, ed->len);
		return;
	}
	cbor_w_array(out, 3);
	cbor_w_text(out, ed->text, ed->len);
	backs_encode(t, ed->backs, ed->nbacks, out);
	if (ed->context)
		spans_encode(t, ed->context, out);
	else
		cbor_w_null(out);
}

void change_encode(const struct change *c, struct buf *out)
{
	struct tables t = {0};

	if (!change_tables(c, &t)) {
		out->oom = true;
		tables_done(&t);
		return;
	}
	head_encode(&c->id, c->kind, &t, 7, out);
	cbor_w_array(out, 4);
	cbor_w_uint(out, device_index(&t, &c->stamp.device));
	cbor_w_uint(out, c->stamp.n);
	cbor_w_uint(out, c->clock.hlc);
	cbor_w_int(out, c->clock.offset);
	seen_encode(&t, &c->context, out);
	cbor_w_map(out, c->n);
	for (size_t i = 0; i < c->n; i++)
		edit_encode(&t, &c->edits[i], out);
	tables_done(&t);
}
