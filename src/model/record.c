/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The parts of a state, and applying a change to it. */
#include "arpent/record.h"

#include <stdlib.h>
#include <string.h>

#include "state.h"

size_t key_field_len(const char *key)
{
	return strcspn(key, "=");
}

bool key_same_field(const char *a, const char *b)
{
	size_t n = key_field_len(a);

	return n == key_field_len(b) && memcmp(a, b, n) == 0;
}

void backs_done(struct back *b, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(b[i].mid);
	free(b);
}

bool backs_copy(const struct back *from, size_t n, struct back **to, struct err *e)
{
	struct back *v;

	*to = NULL;
	if (n == 0)
		return true;
	if (!(v = calloc(n, sizeof *v)))
		return err_nomem(e, __func__);
	for (size_t i = 0; i < n; i++) {
		v[i] = from[i];
		if (!(v[i].mid = str_ndup(from[i].mid, from[i].mid_len))) {
			backs_done(v, n);
			return err_nomem(e, __func__);
		}
	}
	*to = v;
	return true;
}

static int bytes_cmp(const char *a, size_t na, const char *b, size_t nb)
{
	int c = memcmp(a, b, na < nb ? na : nb);

	return c ? c : (na > nb) - (na < nb);
}

static int back_cmp(const struct back *a, const struct back *b)
{
	int c = stamp_cmp(&a->stamp, &b->stamp);

	if (c == 0)
		c = (a->head > b->head) - (a->head < b->head);
	if (c == 0)
		c = (a->tail > b->tail) - (a->tail < b->tail);
	return c ? c : bytes_cmp(a->mid, a->mid_len, b->mid, b->mid_len);
}

int value_cmp(const struct value *a, const struct value *b)
{
	int c = stamp_cmp(&a->stamp, &b->stamp);

	if (c == 0)
		c = (a->clock.hlc > b->clock.hlc) - (a->clock.hlc < b->clock.hlc);
	if (c == 0)
		c = (a->clock.offset > b->clock.offset) - (a->clock.offset < b->clock.offset);
	if (c == 0)
		c = bytes_cmp(a->text, a->len, b->text, b->len);
	if (c == 0)
		c = (a->nbacks > b->nbacks) - (a->nbacks < b->nbacks);
	for (size_t i = 0; c == 0 && i < a->nbacks; i++)
		c = back_cmp(&a->backs[i], &b->backs[i]);
	return c;
}

bool value_later(const struct value *a, const struct value *b)
{
	if (a->clock.hlc != b->clock.hlc)
		return a->clock.hlc > b->clock.hlc;
	return stamp_cmp(&a->stamp, &b->stamp) > 0;
}

void value_done(struct value *v)
{
	free(v->text);
	backs_done(v->backs, v->nbacks);
	*v = (struct value){0};
}

bool value_copy(const struct value *from, struct value *to, struct err *e)
{
	*to = *from;
	to->backs = NULL;
	to->nbacks = 0;
	if (!(to->text = str_ndup(from->text, from->len)))
		return err_nomem(e, __func__);
	if (!backs_copy(from->backs, from->nbacks, &to->backs, e))
		return false;
	to->nbacks = from->nbacks;
	return true;
}

void entry_done(struct entry *en)
{
	for (size_t i = 0; i < en->n; i++)
		value_done(&en->values[i]);
	free(en->values);
	free(en->key);
	*en = (struct entry){0};
}

void limit_done(struct limit *l)
{
	free(l->key);
	spans_done(&l->known);
}

void record_init(struct record *r)
{
	*r = (struct record){0};
}

void record_done(struct record *r)
{
	for (size_t i = 0; i < r->n; i++)
		entry_done(&r->entries[i]);
	for (size_t i = 0; i < r->nlimits; i++)
		limit_done(&r->limits[i]);
	free(r->entries);
	free(r->limits);
	free(r->kind);
	seen_done(&r->seen);
	record_init(r);
}

static bool record_copy_into(const struct record *from, struct record *to, struct err *e)
{
	to->id = from->id;
	if (from->kind && !(to->kind = str_dup(from->kind)))
		return err_nomem(e, __func__);
	if (!seen_copy(&from->seen, &to->seen, e))
		return false;
	for (size_t i = 0; i < from->n; i++) {
		const struct entry *en = &from->entries[i];
		struct entry *copy = record_entry_put(to, en->key, e);
		if (!copy)
			return false;
		if (!(copy->values = calloc(en->n ? en->n : 1, sizeof *copy->values)))
			return err_nomem(e, __func__);
		for (; copy->n < en->n; copy->n++)
			if (!value_copy(&en->values[copy->n], &copy->values[copy->n], e))
				return false;
	}
	for (size_t i = 0; i < from->nlimits; i++) {
		struct limit *l = record_limit_put(to, from->limits[i].key, e);
		if (!l || !spans_join(&l->known, &from->limits[i].known, e))
			return false;
	}
	return true;
}

bool record_copy(const struct record *from, struct record *to, struct err *e)
{
	record_init(to);
	if (record_copy_into(from, to, e))
		return true;
	record_done(to);
	return false;
}

static bool entry_equal(const struct entry *a, const struct entry *b)
{
	if (a->n != b->n || strcmp(a->key, b->key) != 0)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (value_cmp(&a->values[i], &b->values[i]) != 0)
			return false;
	return true;
}

bool record_equal(const struct record *a, const struct record *b)
{
	if (!id_eq(&a->id, &b->id) || !a->kind != !b->kind || (a->kind && strcmp(a->kind, b->kind) != 0))
		return false;
	if (a->n != b->n || a->nlimits != b->nlimits || !seen_equal(&a->seen, &b->seen))
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (!entry_equal(&a->entries[i], &b->entries[i]))
			return false;
	for (size_t i = 0; i < a->nlimits; i++)
		if (strcmp(a->limits[i].key, b->limits[i].key) != 0 ||
		    !spans_equal(&a->limits[i].known, &b->limits[i].known))
			return false;
	return true;
}

static size_t entry_at(const struct record *r, const char *key, bool *found)
{
	size_t low = 0, high = r->n;

	*found = false;
	/* Copying and decoding add keys in order. */
	if (r->n > 0 && strcmp(r->entries[r->n - 1].key, key) < 0)
		return r->n;
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int c = strcmp(r->entries[mid].key, key);
		if (c == 0) {
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

struct entry *record_entry(const struct record *r, const char *key)
{
	bool found;
	size_t i = entry_at(r, key, &found);

	return found ? &r->entries[i] : NULL;
}

struct entry *record_entry_put(struct record *r, const char *key, struct err *e)
{
	bool found;
	size_t i = entry_at(r, key, &found);
	char *copy;

	if (found)
		return &r->entries[i];
	if (!state_grow(&r->entries, &r->cap, r->n + 1, sizeof *r->entries, e))
		return NULL;
	if (!(copy = str_dup(key))) {
		err_nomem(e, __func__);
		return NULL;
	}
	memmove(r->entries + i + 1, r->entries + i, (r->n - i) * sizeof *r->entries);
	r->entries[i] = (struct entry){.key = copy};
	r->n++;
	return &r->entries[i];
}

void change_init(struct change *c)
{
	*c = (struct change){0};
}

void change_done(struct change *c)
{
	for (size_t i = 0; i < c->n; i++) {
		struct edit *ed = &c->edits[i];
		free(ed->key);
		free(ed->text);
		backs_done(ed->backs, ed->nbacks);
		if (ed->context)
			spans_done(ed->context);
		free(ed->context);
	}
	free(c->edits);
	free(c->kind);
	seen_done(&c->context);
	change_init(c);
}

static bool edit_covers(const struct change *c, const struct edit *ed, const struct stamp *st)
{
	return ed->context ? spans_covers(ed->context, st) : seen_covers(&c->context, st);
}

/* Drops what the edit had seen, adds its own.  Room is made first: a failure leaves the entry as it was. */
static bool entry_replace(struct entry *en, const struct change *c, const struct edit *ed, struct err *e)
{
	struct value v = {.stamp = c->stamp, .clock = c->clock, .text = ed->text, .len = ed->len};
	struct value own;
	size_t kept = 0, at;
	void *p;

	v.backs = ed->backs;
	v.nbacks = ed->nbacks;
	if (!(p = realloc(en->values, (en->n + 1) * sizeof *en->values)))
		return err_nomem(e, __func__);
	en->values = p;
	if (!value_copy(&v, &own, e)) {
		value_done(&own);
		return false;
	}
	for (size_t i = 0; i < en->n; i++) {
		if (edit_covers(c, ed, &en->values[i].stamp))
			value_done(&en->values[i]);
		else
			en->values[kept++] = en->values[i];
	}
	/* Concurrent values are few: moved up one by one. */
	for (at = kept; at > 0 && value_cmp(&en->values[at - 1], &own) > 0; at--)
		en->values[at] = en->values[at - 1];
	en->values[at] = own;
	en->n = kept + 1;
	return true;
}

/* The edit replaces all of its key that its context covers: with its own value in place, the state vouches for that. */
static bool limit_widen(struct record *r, const struct change *c, const struct edit *ed, struct err *e)
{
	const struct spans *inherited = record_limit(r, ed->key);
	struct spans known;
	struct limit *l;

	if (!inherited)
		return true;
	if (!spans_copy(inherited, &known, e) || !(l = record_limit_put(r, ed->key, e))) {
		spans_done(&known);
		return false;
	}
	spans_done(&l->known);
	l->known = known;
	return ed->context ? spans_join(&l->known, ed->context, e) : spans_join_seen(&l->known, &c->context, e);
}

static bool record_apply_edit(struct record *r, const struct change *c, const struct edit *ed, struct err *e)
{
	struct entry *en;

	if (record_covers(r, ed->key, &c->stamp))
		return true;
	en = record_entry_put(r, ed->key, e);
	return en && entry_replace(en, c, ed, e) && limit_widen(r, c, ed, e);
}

/* The device wrote nothing in this record between the last of its own that it had seen and this. */
static bool record_saw(struct record *r, const struct change *c, struct err *e)
{
	uint64_t before = seen_count(&c->context, &c->stamp.device);

	for (size_t i = 0; i < r->nlimits; i++)
		if (!spans_add(&r->limits[i].known, &c->stamp.device, before, c->stamp.n, e))
			return false;
	if (!seen_add(&r->seen, &c->stamp, e))
		return false;
	record_limits_trim(r);
	return true;
}

bool record_apply(struct record *r, const struct change *c, struct err *e)
{
	static char one[] = "1", alive_key[] = RECORD_ALIVE;
	const struct edit touched = {.key = alive_key, .text = one, .len = 1};
	bool alive = false;

	/* Made by its first change, whichever comes first. */
	if (!r->kind) {
		r->id = c->id;
		if (!(r->kind = str_dup(c->kind)))
			return err_nomem(e, __func__);
	}
	if (!id_eq(&r->id, &c->id) || strcmp(r->kind, c->kind) != 0)
		return err_set(e, ERR_FORMAT, __func__, "a change of another record");
	/* Where fields are limited, a change already counted may still hold what was withheld of it. */
	if (r->nlimits == 0 && seen_covers(&r->seen, &c->stamp))
		return true;
	for (size_t i = 0; i < c->n; i++) {
		if (!record_apply_edit(r, c, &c->edits[i], e))
			return false;
		if (strcmp(c->edits[i].key, RECORD_ALIVE) == 0)
			alive = true;
	}
	return (alive || record_apply_edit(r, c, &touched, e)) && record_saw(r, c, e);
}
