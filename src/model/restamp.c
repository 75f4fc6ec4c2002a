/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Changes that were counted under numbers already used elsewhere, given to another stream. */
#include "arpent/record.h"

#include <stdlib.h>

#include "state.h"

static void restamp_stamp(struct stamp *st, const struct restamp *m)
{
	if (id_eq(&st->device, &m->old) && st->n >= m->from)
		st->device = m->new;
}

static bool restamp_seen(struct seen *s, const struct restamp *m, struct err *e)
{
	struct stamp moved = {m->new, seen_count(s, &m->old)};
	size_t n = 0;

	if (moved.n < m->from)
		return true;
	for (size_t i = 0; i < s->n; i++) {
		if (id_eq(&s->v[i].device, &m->old))
			s->v[i].n = m->kept;
		if (s->v[i].n > 0)
			s->v[n++] = s->v[i];
	}
	s->n = n;
	return seen_add(s, &moved, e);
}

/* As if the changes had been made in the new stream from the first: its counts below the first of them are none. */
static bool restamp_spans(struct spans *s, const struct restamp *m, struct err *e)
{
	struct spans out = {NULL, 0, 0};
	bool ok = true;

	for (size_t i = 0; ok && i < s->n; i++) {
		const struct span *sp = &s->v[i];
		if (!id_eq(&sp->device, &m->old) || sp->to < m->from)
			ok = spans_add(&out, &sp->device, sp->from, sp->to, e);
		else
			ok = spans_add(&out, &m->old, sp->from, m->kept, e) &&
			     spans_add(&out, &m->new, sp->from < m->from ? 0 : sp->from, sp->to, e);
	}
	if (!ok) {
		spans_done(&out);
		return false;
	}
	spans_done(s);
	*s = out;
	return true;
}

static void restamp_backs(struct back *b, size_t n, const struct restamp *m)
{
	for (size_t i = 0; i < n; i++)
		restamp_stamp(&b[i].stamp, m);
}

static int restamp_value_cmp(const void *a, const void *b)
{
	return value_cmp(a, b);
}

bool record_restamp(struct record *r, const struct restamp *m, struct err *e)
{
	for (size_t i = 0; i < r->n; i++) {
		struct entry *en = &r->entries[i];
		for (size_t k = 0; k < en->n; k++) {
			restamp_stamp(&en->values[k].stamp, m);
			restamp_backs(en->values[k].backs, en->values[k].nbacks, m);
		}
		qsort(en->values, en->n, sizeof *en->values, restamp_value_cmp);
	}
	for (size_t i = 0; i < r->nlimits; i++)
		if (!restamp_spans(&r->limits[i].known, m, e))
			return false;
	return restamp_seen(&r->seen, m, e);
}

bool change_restamp(struct change *c, const struct restamp *m, struct err *e)
{
	restamp_stamp(&c->stamp, m);
	for (size_t i = 0; i < c->n; i++) {
		restamp_backs(c->edits[i].backs, c->edits[i].nbacks, m);
		if (c->edits[i].context && !restamp_spans(c->edits[i].context, m, e))
			return false;
	}
	return restamp_seen(&c->context, m, e);
}
