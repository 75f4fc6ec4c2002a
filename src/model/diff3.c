/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Three-way merge by lines. */
#include <stdlib.h>
#include <string.h>

#include "arpent/record.h"

/* Past this many changed lines the trimmed middle counts as one change: the table below stays under 2 MiB. */
#define DIFF_MOST 700

struct line {
	const char *p;
	size_t n;
};

struct lines {
	struct line *v;
	size_t n;
};

/* Base lines [from, to) became lines [with_from, with_to). */
struct hunk {
	size_t from, to, with_from, with_to;
};

struct hunks {
	struct hunk *v;
	size_t n, cap;
};

/* Between newlines: a text without one is one line, and joining gives the very same bytes. */
static bool lines_split(const char *p, size_t n, struct lines *out)
{
	size_t count = 1;

	for (size_t i = 0; i < n; i++)
		count += p[i] == '\n';
	if (!(out->v = malloc(count * sizeof *out->v)))
		return false;
	for (const char *end = p + n, *nl;; p = nl + 1) {
		nl = p < end ? memchr(p, '\n', (size_t)(end - p)) : NULL;
		out->v[out->n++] = (struct line){p, (size_t)((nl ? nl : end) - p)};
		if (!nl)
			return true;
	}
}

static bool line_same(const struct line *a, const struct line *b)
{
	return a->n == b->n && (a->p == b->p || memcmp(a->p, b->p, a->n) == 0);
}

static bool hunks_add(struct hunks *h, size_t from, size_t to, size_t with_from, size_t with_to)
{
	struct hunk *last = h->n > 0 ? &h->v[h->n - 1] : NULL;

	if (from == to && with_from == with_to)
		return true;
	if (last && last->to == from && last->with_to == with_from) {
		last->to = to;
		last->with_to = with_to;
		return true;
	}
	if (h->n == h->cap) {
		size_t cap = h->cap ? h->cap * 2 : 16;
		struct hunk *v = realloc(h->v, cap * sizeof *v);
		if (!v)
			return false;
		h->v = v;
		h->cap = cap;
	}
	h->v[h->n++] = (struct hunk){from, to, with_from, with_to};
	return true;
}

struct diff {
	const struct line *a, *b;
	long n, m, most; /* lines of each, differences to look for */
	size_t skip;
	int *far; /* for d = 0, 1, ...: the furthest line of a reached on each diagonal -d, -d + 2, ... d */
};

static int *diff_row(const struct diff *f, long d)
{
	return f->far + d * (d + 1) / 2;
}

/* Row d holds d + 1 values, that of diagonal k at (k + d) / 2.  Returns the d that reaches both ends, or -1. */
static long diff_search(const struct diff *f)
{
	for (long d = 0; d <= f->most; d++) {
		int *row = diff_row(f, d);
		const int *before = d > 0 ? diff_row(f, d - 1) : NULL;
		for (long k = -d; k <= d; k += 2) {
			long i = (k + d) / 2, x;
			if (!before)
				x = 0;
			else if (k == -d || (k != d && before[i - 1] < before[i]))
				x = before[i];
			else
				x = before[i - 1] + 1;
			while (x < f->n && x - k < f->m && line_same(&f->a[x], &f->b[x - k]))
				x++;
			row[i] = (int)x;
			if (x == f->n && x - k == f->m)
				return d;
		}
	}
	return -1;
}

/* Walks back from the end; hunks come out last first. */
static bool diff_path(const struct diff *f, long d, struct hunks *out)
{
	long x = f->n, y = f->m;
	size_t half;

	for (; d > 0; d--) {
		const int *before = diff_row(f, d - 1);
		long k = x - y, i = (k + d) / 2, px;
		bool down = k == -d || (k != d && before[i - 1] < before[i]);
		px = down ? before[i] : before[i - 1];
		long py = px - (down ? k + 1 : k - 1);
		size_t from = f->skip + (size_t)px, with = f->skip + (size_t)py;
		if (!hunks_add(out, from, from + !down, with, with + down))
			return false;
		x = px;
		y = py;
	}
	half = out->n / 2;
	for (size_t i = 0; i < half; i++) {
		struct hunk h = out->v[i];
		out->v[i] = out->v[out->n - 1 - i];
		out->v[out->n - 1 - i] = h;
	}
	return true;
}

/* Joins neighbours that touch: they were made one line at a time. */
static void hunks_join(struct hunks *h)
{
	size_t n = 0;

	for (size_t i = 0; i < h->n; i++) {
		if (n > 0 && h->v[n - 1].to == h->v[i].from && h->v[n - 1].with_to == h->v[i].with_from) {
			h->v[n - 1].to = h->v[i].to;
			h->v[n - 1].with_to = h->v[i].with_to;
		} else {
			h->v[n++] = h->v[i];
		}
	}
	h->n = n;
}

static bool diff_lines(const struct lines *a, const struct lines *b, struct hunks *out)
{
	size_t shorter = a->n < b->n ? a->n : b->n, head = 0, tail = 0;
	struct diff f;
	bool ok = true;
	long d = -1;

	while (head < shorter && line_same(&a->v[head], &b->v[head]))
		head++;
	while (tail < shorter - head && line_same(&a->v[a->n - 1 - tail], &b->v[b->n - 1 - tail]))
		tail++;
	f = (struct diff){.a = a->v + head, .b = b->v + head, .skip = head};
	f.n = (long)(a->n - head - tail);
	f.m = (long)(b->n - head - tail);
	f.most = f.n + f.m < DIFF_MOST ? f.n + f.m : DIFF_MOST;
	/* Only additions or only removals need no search. */
	if (f.n > 0 && f.m > 0) {
		if (!(f.far = malloc((size_t)((f.most + 1) * (f.most + 2) / 2) * sizeof *f.far)))
			return false;
		d = diff_search(&f);
	}
	if (d >= 0) {
		ok = diff_path(&f, d, out);
		hunks_join(out);
	} else {
		ok = hunks_add(out, head, a->n - tail, head, b->n - tail);
	}
	free(f.far);
	return ok;
}

struct side {
	struct lines lines;
	struct hunks hunks;
	size_t at;    /* next hunk */
	size_t start; /* the line that stands for base line `done` */
};

struct merger {
	struct lines base;
	struct side side[2];
	size_t done; /* base lines merged */
	struct buf *out;
	bool begun;
};

static void merger_lines(struct merger *m, const struct lines *l, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++) {
		if (m->begun)
			buf_char(m->out, '\n');
		buf_add(m->out, l->v[i].p, l->v[i].n);
		m->begun = true;
	}
}

/* Whether a hunk that begins at `from` belongs with a run of base lines [low, high). */
static bool hunk_meets(const struct hunk *h, size_t low, size_t high)
{
	return h->from < high || (h->from == high && (h->from == h->to || low == high));
}

/* Takes the next hunks of both sides that meet, as one: [low, high) of the base. */
static size_t merger_gather(struct merger *m, size_t low, bool took[2])
{
	size_t high = low;
	bool more = true;

	took[0] = took[1] = false;
	while (more) {
		more = false;
		for (size_t s = 0; s < 2; s++) {
			struct side *side = &m->side[s];
			const struct hunk *h = side->at < side->hunks.n ? &side->hunks.v[side->at] : NULL;
			if (!h || !(h->from == low || hunk_meets(h, low, high)))
				continue;
			if (h->to > high)
				high = h->to;
			side->at++;
			took[s] = more = true;
		}
	}
	return high;
}

static bool lines_equal(const struct lines *a, size_t i, size_t ni, const struct lines *b, size_t j, size_t nj)
{
	if (ni - i != nj - j)
		return false;
	for (; i < ni; i++, j++)
		if (!line_same(&a->v[i], &b->v[j]))
			return false;
	return true;
}

/* The line of this side after base line `high`, where all hunks before it have been taken. */
static size_t side_line(const struct side *s, size_t high)
{
	const struct hunk *last = s->at > 0 ? &s->hunks.v[s->at - 1] : NULL;

	return last ? last->with_to + (high - last->to) : high;
}

static bool merger_step(struct merger *m, size_t low)
{
	size_t start[2], stop[2], high;
	bool took[2];

	merger_lines(m, &m->base, m->done, low);
	for (size_t s = 0; s < 2; s++)
		start[s] = side_line(&m->side[s], low);
	high = merger_gather(m, low, took);
	for (size_t s = 0; s < 2; s++)
		stop[s] = side_line(&m->side[s], high);
	if (took[0] && took[1] &&
	    !lines_equal(&m->side[0].lines, start[0], stop[0], &m->side[1].lines, start[1], stop[1]))
		return false;
	merger_lines(m, &m->side[took[0] ? 0 : 1].lines, start[took[0] ? 0 : 1], stop[took[0] ? 0 : 1]);
	m->done = high;
	return true;
}

static bool merger_run(struct merger *m)
{
	for (;;) {
		size_t low = SIZE_MAX;
		for (size_t s = 0; s < 2; s++) {
			const struct side *side = &m->side[s];
			if (side->at < side->hunks.n && side->hunks.v[side->at].from < low)
				low = side->hunks.v[side->at].from;
		}
		if (low == SIZE_MAX)
			break;
		if (!merger_step(m, low))
			return false;
	}
	merger_lines(m, &m->base, m->done, m->base.n);
	return true;
}

bool merge_text(const char *base, size_t nb, const char *a, size_t na, const char *b, size_t nbb, struct buf *out)
{
	struct merger m = {.out = out};
	size_t len = out->len;
	bool ok = false;

	if (lines_split(base, nb, &m.base) && lines_split(a, na, &m.side[0].lines) &&
	    lines_split(b, nbb, &m.side[1].lines))
		ok = diff_lines(&m.base, &m.side[0].lines, &m.side[0].hunks) &&
		     diff_lines(&m.base, &m.side[1].lines, &m.side[1].hunks) && merger_run(&m);
	free(m.base.v);
	for (size_t s = 0; s < 2; s++) {
		free(m.side[s].lines.v);
		free(m.side[s].hunks.v);
	}
	if (!ok)
		buf_truncate(out, len);
	return ok;
}
