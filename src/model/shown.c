/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is shown of a state. */
#include "arpent/record.h"

#include <stdlib.h>
#include <string.h>

#include "arpent/kind.h"
#include "state.h"

#define MERGE_MOST 16 /* texts; more are for a person to settle, and not a way to keep a machine busy */

static const struct value *entry_newest(const struct entry *en)
{
	const struct value *v = NULL;

	for (size_t i = 0; i < en->n; i++)
		if (!v || value_later(&en->values[i], v))
			v = &en->values[i];
	return v;
}

static bool value_same_text(const struct value *a, const struct value *b)
{
	return a->len == b->len && memcmp(a->text, b->text, a->len) == 0;
}

static bool entry_differs(const struct entry *en)
{
	for (size_t i = 1; i < en->n; i++)
		if (!value_same_text(&en->values[0], &en->values[i]))
			return true;
	return false;
}

/* How many steps back from v the text of that stamp is (0: v's own); -1 when it is not known. */
static int value_steps(const struct value *v, const struct stamp *st)
{
	if (stamp_cmp(&v->stamp, st) == 0)
		return 0;
	for (size_t i = 0; i < v->nbacks; i++)
		if (stamp_cmp(&v->backs[i].stamp, st) == 0)
			return (int)i + 1;
	return -1;
}

/* Steps from the first value to the newest text that all were edited from; -1 when there is none. */
static int entry_ancestor(const struct entry *en)
{
	const struct value *first = &en->values[0];

	for (int step = 0; step <= (int)first->nbacks; step++) {
		const struct stamp *st = step == 0 ? &first->stamp : &first->backs[step - 1].stamp;
		size_t i = 1;
		while (i < en->n && value_steps(&en->values[i], st) >= 0)
			i++;
		if (i == en->n)
			return step;
	}
	return -1;
}

/* False when the way back does not fit the text, which only a forged value can bring about. */
static bool value_rewind(const struct value *v, int steps, struct buf *out)
{
	buf_add(out, v->text, v->len);
	for (int i = 0; i < steps; i++) {
		const struct back *b = &v->backs[i];
		if (out->oom || b->head > out->len || b->tail > out->len - b->head)
			return false;
		buf_remove(out, b->head, out->len - b->head - b->tail);
		buf_insert(out, b->head, b->mid, b->mid_len);
	}
	return !out->oom;
}

static bool entry_merge_text(const struct entry *en, struct buf *merged)
{
	struct buf base = BUF_INIT, next = BUF_INIT, swap;
	int steps = entry_ancestor(en);
	bool ok;

	buf_clear(merged);
	/* One base for all, so that the values can be folded in one after the other. */
	ok = steps >= 0 && value_rewind(&en->values[0], steps, &base);
	buf_add(merged, en->values[0].text, en->values[0].len);
	for (size_t i = 1; ok && i < en->n; i++) {
		const struct value *v = &en->values[i];
		buf_clear(&next);
		ok = merge_text(buf_str(&base), base.len, buf_str(merged), merged->len, v->text, v->len, &next) &&
		     !next.oom;
		swap = *merged;
		*merged = next;
		next = swap;
	}
	buf_done(&base);
	buf_done(&next);
	return ok && !merged->oom;
}

void record_shown(const struct record *r, const char *key, bool is_text, struct buf *merged, struct shown *out)
{
	const struct entry *en = record_entry(r, key);
	const struct value *v;

	*out = (struct shown){.text = ""};
	if (!en || !(v = entry_newest(en)))
		return;
	*out = (struct shown){v->text, v->len, false, v};
	if (!entry_differs(en))
		return;
	/* An element of a set, or "alive": adding wins over removing, an edit over a deletion. */
	if (key[key_field_len(key)] || strcmp(key, RECORD_ALIVE) == 0) {
		out->text = "1";
		out->len = 1;
		return;
	}
	if (is_text && merged && en->n <= MERGE_MOST && entry_merge_text(en, merged)) {
		out->text = buf_str(merged);
		out->len = merged->len;
		return;
	}
	out->conflict = true;
}

const char *record_get(const struct record *r, const char *key)
{
	struct shown s;

	record_shown(r, key, false, NULL, &s);
	return s.text;
}

static bool entry_any(const struct entry *en)
{
	for (size_t i = 0; i < en->n; i++)
		if (en->values[i].len > 0)
			return true;
	return false;
}

void record_set(const struct record *r, const char *key, struct buf *out)
{
	size_t n = strlen(key);
	bool first = true;

	for (size_t i = 0; i < r->n; i++) {
		const struct entry *en = &r->entries[i];
		if (strncmp(en->key, key, n) != 0 || en->key[n] != '=' || !entry_any(en))
			continue;
		if (!first)
			buf_char(out, '\n');
		buf_str_add(out, en->key + n + 1);
		first = false;
	}
}

bool record_deleted(const struct record *r, bool *brought_back)
{
	const struct entry *en = record_entry(r, RECORD_ALIVE);
	bool any = en && entry_any(en);

	if (brought_back)
		*brought_back = any && entry_differs(en);
	return en && !any;
}

bool record_conflicts(const struct record *r)
{
	const struct kind *k = r->kind ? kind_find(r->kind) : NULL;
	struct buf merged = BUF_INIT;
	bool any = false;

	for (size_t i = 0; i < r->n && !any; i++) {
		const struct entry *en = &r->entries[i];
		const struct field *f;
		struct shown s;
		if (en->n < 2)
			continue;
		f = k ? kind_field(k, en->key) : NULL;
		record_shown(r, en->key, f && f->type == FIELD_TEXT, &merged, &s);
		any = s.conflict;
	}
	buf_done(&merged);
	return any;
}

const struct value *record_last(const struct record *r)
{
	const struct entry *en = record_entry(r, RECORD_ALIVE);

	return en ? entry_newest(en) : NULL;
}
