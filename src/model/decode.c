/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading what codec.c describes.  The input is not to be trusted. */
#include "arpent/record.h"

#include <stdlib.h>
#include <string.h>

#include "state.h"

#define COUNT_MAX INT64_MAX /* so that a database can keep it */
#define NAME_MAX_BYTES 64   /* of a kind's or a field's key */
#define OFFSET_MAX 1439

struct decoder {
	struct cbor_r r;
	const uint8_t *devices; /* in the input */
	size_t ndevices;
	struct stamp *stamps; /* of the writes */
	struct clock *clocks;
	size_t nwrites;
	struct err *e;
	bool failed;
};

/* Keeps the first failure. */
static bool decode_bad(struct decoder *d, enum err_code code, const char *what)
{
	if (!d->failed && cbor_ok(&d->r, d->e))
		err_set(d->e, code, "record_decode", "%s", what);
	d->failed = true;
	return false;
}

static bool decode_good(struct decoder *d)
{
	if (!d->failed && !cbor_ok(&d->r, d->e))
		d->failed = true;
	return !d->failed;
}

bool record_kind_valid(const char *s, size_t n)
{
	if (n == 0 || n > NAME_MAX_BYTES)
		return false;
	for (size_t i = 0; i < n; i++)
		if (!((s[i] >= 'a' && s[i] <= 'z') || (s[i] >= '0' && s[i] <= '9') || s[i] == '_' || s[i] == '-' ||
		      s[i] == '.'))
			return false;
	return true;
}

bool record_key_valid(const char *s, size_t n)
{
	const char *eq = memchr(s, '=', n);
	size_t field = eq ? (size_t)(eq - s) : n;

	if (n > RECORD_KEY_MAX || !record_kind_valid(s, field) || (eq && field + 1 == n))
		return false;
	for (size_t i = field; i < n; i++)
		if ((unsigned char)s[i] < 0x20 || s[i] == 0x7f)
			return false;
	return true;
}

/* Keys must rise.  *last is the key before, or NULL. */
static bool decode_key(struct decoder *d, const char *last, char out[RECORD_KEY_MAX + 1])
{
	size_t n;
	const char *s = cbor_text(&d->r, &n);

	if (!decode_good(d))
		return false;
	if (!record_key_valid(s, n))
		return decode_bad(d, ERR_DAMAGED, "key");
	memcpy(out, s, n);
	out[n] = '\0';
	return !last || strcmp(last, out) < 0 || decode_bad(d, ERR_DAMAGED, "order of keys");
}

static char *decode_value(struct decoder *d, size_t *len)
{
	const char *s = cbor_text(&d->r, len);
	char *copy;

	if (!decode_good(d))
		return NULL;
	if (*len > RECORD_VALUE_MAX) {
		decode_bad(d, ERR_LIMIT, "long value");
		return NULL;
	}
	if (*len > 0 && memchr(s, '\0', *len)) {
		decode_bad(d, ERR_DAMAGED, "NUL in a value");
		return NULL;
	}
	if (!(copy = str_ndup(*len > 0 ? s : "", *len)))
		decode_bad(d, ERR_NOMEM, "");
	return copy;
}

static bool decode_stamp(struct decoder *d, struct stamp *st)
{
	uint64_t i = cbor_uint(&d->r);

	st->n = cbor_uint(&d->r);
	if (!decode_good(d))
		return false;
	if (i >= d->ndevices || st->n == 0 || st->n > COUNT_MAX)
		return decode_bad(d, ERR_DAMAGED, "stamp");
	memcpy(st->device.b, d->devices + i * ID_BYTES, ID_BYTES);
	return true;
}

static bool decode_clock(struct decoder *d, struct clock *c)
{
	int64_t offset;

	c->hlc = cbor_uint(&d->r);
	offset = cbor_int(&d->r);
	if (!decode_good(d))
		return false;
	if (c->hlc > COUNT_MAX || offset < -OFFSET_MAX || offset > OFFSET_MAX)
		return decode_bad(d, ERR_DAMAGED, "clock");
	c->offset = (int16_t)offset;
	return true;
}

static bool decode_seen(struct decoder *d, struct seen *s)
{
	size_t n = cbor_array(&d->r);

	if (!decode_good(d))
		return false;
	if (n != d->ndevices)
		return decode_bad(d, ERR_DAMAGED, "seen");
	if (!state_grow(&s->v, &s->cap, n, sizeof *s->v, d->e))
		return !(d->failed = true);
	for (size_t i = 0; i < n; i++) {
		struct stamp *st = &s->v[s->n];
		st->n = cbor_uint(&d->r);
		memcpy(st->device.b, d->devices + i * ID_BYTES, ID_BYTES);
		if (st->n > COUNT_MAX)
			return decode_bad(d, ERR_DAMAGED, "count");
		s->n += st->n > 0;
	}
	return decode_good(d);
}

static bool decode_backs(struct decoder *d, struct back **out, size_t *out_n)
{
	size_t n = cbor_array(&d->r), bytes = 0;

	if (!decode_good(d) || n == 0)
		return decode_good(d);
	/* Whether head and tail fit is seen when the way is gone: the text may be another back's. */
	if (n % 5 != 0 || n / 5 > RECORD_BACKS)
		return decode_bad(d, ERR_LIMIT, "backs");
	if (!(*out = calloc(n / 5, sizeof **out)))
		return decode_bad(d, ERR_NOMEM, "");
	for (; *out_n < n / 5; ++*out_n) {
		struct back *b = &(*out)[*out_n];
		const uint8_t *mid;
		uint64_t head, tail;
		if (!decode_stamp(d, &b->stamp))
			return false;
		head = cbor_uint(&d->r);
		tail = cbor_uint(&d->r);
		mid = cbor_bytes(&d->r, &b->mid_len);
		if (!decode_good(d))
			return false;
		bytes += b->mid_len;
		if (head > RECORD_VALUE_MAX || tail > RECORD_VALUE_MAX || bytes > BACKS_BYTES)
			return decode_bad(d, ERR_LIMIT, "backs");
		b->head = (uint32_t)head;
		b->tail = (uint32_t)tail;
		if (!(b->mid = str_ndup(b->mid_len ? (const char *)mid : "", b->mid_len)))
			return decode_bad(d, ERR_NOMEM, "");
	}
	return true;
}

static bool decode_spans(struct decoder *d, struct spans *s)
{
	size_t n = cbor_array(&d->r);

	if (!decode_good(d))
		return false;
	if (n % 3 != 0)
		return decode_bad(d, ERR_DAMAGED, "spans");
	for (size_t i = 0; i < n / 3; i++) {
		uint64_t device = cbor_uint(&d->r), from = cbor_uint(&d->r), to = cbor_uint(&d->r);
		struct id id;
		if (!decode_good(d))
			return false;
		if (device >= d->ndevices || from >= to || to > COUNT_MAX)
			return decode_bad(d, ERR_DAMAGED, "span");
		memcpy(id.b, d->devices + device * ID_BYTES, ID_BYTES);
		/* A run that does not come after all others would be joined with one, or moved. */
		if (s->n > 0 && (id_cmp(&s->v[s->n - 1].device, &id) > 0 ||
				 (id_eq(&s->v[s->n - 1].device, &id) && s->v[s->n - 1].to >= from)))
			return decode_bad(d, ERR_DAMAGED, "order of spans");
		if (!spans_add(s, &id, from, to, d->e))
			return !(d->failed = true);
	}
	return true;
}

static bool decode_head(struct decoder *d, size_t items, struct id *id, char **kind)
{
	size_t n = cbor_array(&d->r), len;
	uint64_t version = cbor_uint(&d->r);
	const char *name;

	if (!decode_good(d))
		return false;
	if (version != CODEC_VERSION)
		return decode_bad(d, version > CODEC_VERSION ? ERR_NEWER : ERR_DAMAGED, "version");
	if (n != items)
		return decode_bad(d, ERR_DAMAGED, "items");
	cbor_fixed(&d->r, id->b, sizeof id->b);
	name = cbor_text(&d->r, &len);
	d->devices = cbor_bytes(&d->r, &n);
	if (!decode_good(d))
		return false;
	if (!record_kind_valid(name, len))
		return decode_bad(d, ERR_DAMAGED, "kind");
	if (n % ID_BYTES != 0)
		return decode_bad(d, ERR_DAMAGED, "devices");
	d->ndevices = n / ID_BYTES;
	for (size_t i = 1; i < d->ndevices; i++)
		if (memcmp(d->devices + (i - 1) * ID_BYTES, d->devices + i * ID_BYTES, ID_BYTES) >= 0)
			return decode_bad(d, ERR_DAMAGED, "order of devices");
	*kind = str_ndup(name, len);
	return *kind || decode_bad(d, ERR_NOMEM, "");
}

static bool decode_writes(struct decoder *d)
{
	size_t n = cbor_array(&d->r);

	if (!decode_good(d))
		return false;
	if (n % 4 != 0)
		return decode_bad(d, ERR_DAMAGED, "writes");
	n /= 4;
	d->stamps = calloc(n + 1, sizeof *d->stamps);
	d->clocks = calloc(n + 1, sizeof *d->clocks);
	if (!d->stamps || !d->clocks)
		return decode_bad(d, ERR_NOMEM, "");
	for (; d->nwrites < n; d->nwrites++)
		if (!decode_stamp(d, &d->stamps[d->nwrites]) || !decode_clock(d, &d->clocks[d->nwrites]))
			return false;
	return true;
}

static bool decode_write(struct decoder *d, uint64_t i, struct value *v)
{
	if (!decode_good(d))
		return false;
	if (i >= d->nwrites)
		return decode_bad(d, ERR_DAMAGED, "write");
	v->stamp = d->stamps[i];
	v->clock = d->clocks[i];
	return true;
}

static bool decode_entry(struct decoder *d, struct entry *en)
{
	bool bare = cbor_peek(&d->r) == CBOR_TEXT;
	size_t n = bare ? 3 : cbor_array(&d->r);

	if (!decode_good(d))
		return false;
	if (n == 0 || n % 3 != 0)
		return decode_bad(d, ERR_DAMAGED, "values");
	if (!(en->values = calloc(n / 3, sizeof *en->values)))
		return decode_bad(d, ERR_NOMEM, "");
	while (en->n < n / 3) {
		struct value *v = &en->values[en->n++];
		if (!decode_write(d, bare ? 0 : cbor_uint(&d->r), v) || !(v->text = decode_value(d, &v->len)))
			return false;
		if (!bare && !decode_backs(d, &v->backs, &v->nbacks))
			return false;
		if (en->n > 1 && stamp_cmp(&en->values[en->n - 2].stamp, &v->stamp) >= 0)
			return decode_bad(d, ERR_DAMAGED, "order of values");
	}
	return true;
}

static bool decode_entries(struct decoder *d, struct record *r)
{
	char key[RECORD_KEY_MAX + 1];
	size_t n = cbor_map(&d->r);

	for (size_t i = 0; decode_good(d) && i < n; i++) {
		struct entry *en;
		if (!decode_key(d, i > 0 ? r->entries[i - 1].key : NULL, key))
			return false;
		if (!(en = record_entry_put(r, key, d->e)))
			return !(d->failed = true);
		if (!decode_entry(d, en))
			return false;
	}
	return decode_good(d);
}

static bool decode_limits(struct decoder *d, struct record *r)
{
	char key[RECORD_KEY_MAX + 1];
	size_t n = cbor_map(&d->r);

	if (n > LIMITS_MAX)
		return decode_bad(d, ERR_LIMIT, "limits");
	for (size_t i = 0; decode_good(d) && i < n; i++) {
		struct limit *l;
		if (!decode_key(d, i > 0 ? r->limits[i - 1].key : NULL, key))
			return false;
		if (!(l = record_limit_put(r, key, d->e)))
			return !(d->failed = true);
		if (!decode_spans(d, &l->known))
			return false;
	}
	return decode_good(d);
}

/* A state has seen every value that it holds. */
static bool decode_covered(struct decoder *d, const struct record *r)
{
	for (size_t i = 0; i < r->n; i++)
		for (size_t j = 0; j < r->entries[i].n; j++)
			if (!record_covers(r, r->entries[i].key, &r->entries[i].values[j].stamp))
				return decode_bad(d, ERR_DAMAGED, "a value not seen");
	return true;
}

static bool decode_end(struct decoder *d)
{
	if (!d->failed && !cbor_done(&d->r, d->e))
		d->failed = true;
	return !d->failed;
}

bool record_decode(const void *p, size_t n, struct record *out, struct err *e)
{
	struct decoder d = {.e = e};
	bool ok;

	record_init(out);
	cbor_r_init(&d.r, p, n);
	ok = decode_head(&d, 8, &out->id, &out->kind) && decode_seen(&d, &out->seen) && decode_writes(&d) &&
	     decode_entries(&d, out) && decode_limits(&d, out) && decode_end(&d) && decode_covered(&d, out);
	free(d.stamps);
	free(d.clocks);
	if (ok)
		record_limits_trim(out);
	else
		record_done(out);
	return ok;
}

static bool decode_edit(struct decoder *d, struct edit *ed)
{
	bool bare = cbor_peek(&d->r) == CBOR_TEXT;

	if (!bare && cbor_array(&d->r) != 3)
		return decode_bad(d, ERR_DAMAGED, "edit");
	if (!(ed->text = decode_value(d, &ed->len)))
		return false;
	if (bare)
		return true;
	if (!decode_backs(d, &ed->backs, &ed->nbacks))
		return false;
	if (cbor_peek(&d->r) == CBOR_NULL) {
		cbor_null(&d->r);
		return decode_good(d);
	}
	if (!(ed->context = calloc(1, sizeof *ed->context)))
		return decode_bad(d, ERR_NOMEM, "");
	return decode_spans(d, ed->context);
}

static bool decode_edits(struct decoder *d, struct change *c)
{
	char key[RECORD_KEY_MAX + 1];
	size_t n = cbor_map(&d->r), cap = 0;

	for (size_t i = 0; decode_good(d) && i < n; i++) {
		struct edit *ed;
		if (!decode_key(d, i > 0 ? c->edits[i - 1].key : NULL, key))
			return false;
		if (!state_grow(&c->edits, &cap, c->n + 1, sizeof *ed, d->e))
			return !(d->failed = true);
		ed = &c->edits[c->n++];
		*ed = (struct edit){.key = str_dup(key)};
		if (!ed->key)
			return decode_bad(d, ERR_NOMEM, "");
		if (!decode_edit(d, ed))
			return false;
	}
	return decode_good(d);
}

bool change_decode(const void *p, size_t n, struct change *out, struct err *e)
{
	struct decoder d = {.e = e};
	bool ok;

	change_init(out);
	cbor_r_init(&d.r, p, n);
	ok = decode_head(&d, 7, &out->id, &out->kind);
	if (ok && cbor_array(&d.r) != 4)
		ok = decode_bad(&d, ERR_DAMAGED, "change");
	ok = ok && decode_stamp(&d, &out->stamp) && decode_clock(&d, &out->clock) && decode_seen(&d, &out->context) &&
	     decode_edits(&d, out) && decode_end(&d);
	if (ok && seen_covers(&out->context, &out->stamp))
		ok = decode_bad(&d, ERR_DAMAGED, "a change that had seen itself");
	if (!ok)
		change_done(out);
	return ok;
}
