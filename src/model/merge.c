/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whole states: what each vouches for, merging two, withholding from one. */
#include "arpent/record.h"

#include <stdlib.h>
#include <string.h>

#include "state.h"

static size_t limit_at(const struct record *r, const char *key, size_t len, bool *found)
{
	size_t low = 0, high = r->nlimits;

	*found = false;
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		const char *k = r->limits[mid].key;
		int c = strncmp(k, key, len);
		if (c == 0 && !k[len]) {
			*found = true;
			return mid;
		}
		if (c < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

const struct spans *record_limit(const struct record *r, const char *key)
{
	size_t field = key_field_len(key), i;
	bool found;

	if (r->nlimits == 0)
		return NULL;
	i = limit_at(r, key, strlen(key), &found);
	if (!found && key[field])
		i = limit_at(r, key, field, &found);
	return found ? &r->limits[i].known : NULL;
}

bool record_covers(const struct record *r, const char *key, const struct stamp *st)
{
	const struct spans *known = record_limit(r, key);

	return known ? spans_covers(known, st) : seen_covers(&r->seen, st);
}

struct limit *record_limit_put(struct record *r, const char *key, struct err *e)
{
	bool found;
	size_t i = limit_at(r, key, strlen(key), &found);
	char *copy;

	if (found)
		return &r->limits[i];
	if (r->nlimits == LIMITS_MAX) {
		err_set(e, ERR_LIMIT, __func__, "limits");
		return NULL;
	}
	if (!state_grow(&r->limits, &r->limits_cap, r->nlimits + 1, sizeof *r->limits, e))
		return NULL;
	if (!(copy = str_dup(key))) {
		err_nomem(e, __func__);
		return NULL;
	}
	memmove(r->limits + i + 1, r->limits + i, (r->nlimits - i) * sizeof *r->limits);
	r->limits[i] = (struct limit){.key = copy};
	r->nlimits++;
	return &r->limits[i];
}

#define BOUND_DEVICES 1024
#define BOUND_LIMITS 4096
#define BOUND_SPANS 65536
#define MERGE_SPANS_MAX (4 * BOUND_SPANS)

bool record_bounded(const struct record *r)
{
	size_t spans = 0;

	for (size_t i = 0; i < r->nlimits; i++)
		spans += r->limits[i].known.n;
	return r->seen.n <= BOUND_DEVICES && r->nlimits <= BOUND_LIMITS && spans <= BOUND_SPANS;
}

/* What the limit at i would inherit if it were not there: its field's limit, or NULL for r->seen. */
static const struct spans *limit_parent(const struct record *r, size_t i)
{
	const char *key = r->limits[i].key;
	size_t field = key_field_len(key), j;
	bool found;

	if (!key[field])
		return NULL;
	j = limit_at(r, key, field, &found);
	return found ? &r->limits[j].known : NULL;
}

void record_limits_trim(struct record *r)
{
	/* From the end: an element's limit comes after its field's, and is judged by it. */
	for (size_t i = r->nlimits; i-- > 0;) {
		const struct spans *parent = limit_parent(r, i);
		bool same =
		    parent ? spans_equal(&r->limits[i].known, parent) : spans_equal_seen(&r->limits[i].known, &r->seen);
		if (!same)
			continue;
		limit_done(&r->limits[i]);
		r->nlimits--;
		memmove(r->limits + i, r->limits + i + 1, (r->nlimits - i) * sizeof *r->limits);
	}
}

static bool spans_join_limit(struct spans *s, const struct record *r, const char *key, struct err *e)
{
	const struct spans *known = record_limit(r, key);

	return known ? spans_join(s, known, e) : spans_join_seen(s, &r->seen, e);
}

/* The limits of the merge, at every key where either has one; into out, whose seen is joined already. */
static bool merge_limits(const struct record *a, const struct record *b, struct record *out, struct err *e)
{
	const struct record *both[] = {a, b};
	size_t spans = 0;

	for (size_t s = 0; s < 2; s++) {
		for (size_t i = 0; i < both[s]->nlimits; i++) {
			const char *key = both[s]->limits[i].key;
			struct limit *l = record_limit_put(out, key, e);
			if (!l || !spans_join_limit(&l->known, a, key, e) || !spans_join_limit(&l->known, b, key, e))
				return false;
			/* An element's is a copy of its field's: a few large ones could fill the memory. */
			spans += l->known.n;
			if (spans > MERGE_SPANS_MAX)
				return err_set(e, ERR_LIMIT, __func__, "limits");
		}
	}
	record_limits_trim(out);
	return true;
}

static bool entry_add(struct entry *en, const struct value *v, struct err *e)
{
	if (!value_copy(v, &en->values[en->n], e)) {
		value_done(&en->values[en->n]);
		return false;
	}
	en->n++;
	return true;
}

/* Either of x and y may be NULL. */
static bool merge_entry(const struct record *a, const struct entry *x, const struct record *b, const struct entry *y,
			struct entry *to, struct err *e)
{
	static const struct entry none;
	size_t i = 0, j = 0;

	if (!x)
		x = &none;
	if (!y)
		y = &none;
	if (!(to->key = str_dup(x->key ? x->key : y->key)) ||
	    !(to->values = calloc(x->n + y->n + 1, sizeof *to->values)))
		return err_nomem(e, __func__);
	while (i < x->n || j < y->n) {
		int c = i == x->n ? 1 : j == y->n ? -1 : stamp_cmp(&x->values[i].stamp, &y->values[j].stamp);
		const struct value *v = c > 0 ? &y->values[j] : &x->values[i];
		bool keep = true;
		/* Under one stamp only a forger has two values; the greater, so that all come to the same. */
		if (c == 0)
			v = value_cmp(v, &y->values[j]) >= 0 ? v : &y->values[j];
		else
			keep = !record_covers(c < 0 ? b : a, to->key, &v->stamp);
		if (keep && !entry_add(to, v, e))
			return false;
		i += c <= 0;
		j += c >= 0;
	}
	return true;
}

static bool merge_entries(const struct record *a, const struct record *b, struct record *out, struct err *e)
{
	size_t i = 0, j = 0;

	if (!state_grow(&out->entries, &out->cap, a->n + b->n, sizeof *out->entries, e))
		return false;
	while (i < a->n || j < b->n) {
		int c = i == a->n ? 1 : j == b->n ? -1 : strcmp(a->entries[i].key, b->entries[j].key);
		struct entry *to = &out->entries[out->n];
		*to = (struct entry){0};
		if (!merge_entry(a, c <= 0 ? &a->entries[i] : NULL, b, c >= 0 ? &b->entries[j] : NULL, to, e)) {
			entry_done(to);
			return false;
		}
		/* All of it dropped: an entry is never empty. */
		if (to->n > 0)
			out->n++;
		else
			entry_done(to);
		i += c <= 0;
		j += c >= 0;
	}
	return true;
}

bool record_merge(struct record *a, const struct record *b, struct err *e)
{
	struct record out;

	if (!b->kind)
		return true;
	if (a->kind && (!id_eq(&a->id, &b->id) || strcmp(a->kind, b->kind) != 0))
		return err_set(e, ERR_FORMAT, __func__, "states of two records");
	record_init(&out);
	out.id = b->id;
	if (!(out.kind = str_dup(b->kind))) {
		err_nomem(e, __func__);
		goto fail;
	}
	if (!seen_copy(&a->seen, &out.seen, e) || !seen_join(&out.seen, &b->seen, e) || !merge_entries(a, b, &out, e) ||
	    !merge_limits(a, b, &out, e))
		goto fail;
	record_done(a);
	*a = out;
	return true;
fail:
	record_done(&out);
	return false;
}

struct keeper {
	bool (*keep)(void *ctx, const char *field);
	void *ctx;
	char field[RECORD_KEY_MAX + 1]; /* asked last */
	bool keeps;
};

static bool keeper_hides(struct keeper *k, const char *key)
{
	size_t len = key_field_len(key);

	if (strlen(k->field) != len || memcmp(k->field, key, len) != 0) {
		memcpy(k->field, key, len);
		k->field[len] = '\0';
		k->keeps = strcmp(k->field, RECORD_ALIVE) == 0 || k->keep(k->ctx, k->field);
	}
	return !k->keeps;
}

/* Every hidden field gets an empty limit, and its elements' own go. */
static bool withhold_limits(const struct record *r, struct keeper *k, struct record *out, struct err *e)
{
	size_t n = 0;

	for (size_t i = 0; i < r->n; i++)
		if (keeper_hides(k, r->entries[i].key) && !record_limit_put(out, k->field, e))
			return false;
	for (size_t i = 0; i < r->nlimits; i++)
		if (keeper_hides(k, r->limits[i].key) && !record_limit_put(out, k->field, e))
			return false;
	for (size_t i = 0; i < out->nlimits; i++) {
		struct limit *l = &out->limits[i];
		bool hide = keeper_hides(k, l->key);
		if (hide && l->key[strlen(k->field)]) {
			limit_done(l);
			continue;
		}
		if (hide)
			l->known.n = 0;
		out->limits[n++] = *l;
	}
	out->nlimits = n;
	return true;
}

bool record_withhold(const struct record *r, bool (*keep)(void *ctx, const char *field), void *ctx, struct record *out,
		     struct err *e)
{
	struct keeper k = {keep, ctx, "", true};
	size_t n = 0;

	if (!record_copy(r, out, e))
		return false;
	if (!withhold_limits(r, &k, out, e)) {
		record_done(out);
		return false;
	}
	for (size_t i = 0; i < out->n; i++) {
		if (keeper_hides(&k, out->entries[i].key))
			entry_done(&out->entries[i]);
		else
			out->entries[n++] = out->entries[i];
	}
	out->n = n;
	record_limits_trim(out);
	return true;
}
