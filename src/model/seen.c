/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sets of stamps: version vectors, and runs where a vector is not enough. */
#include "arpent/record.h"

#include <stdlib.h>
#include <string.h>

#include "state.h"

#define CLOCK_AHEAD_MS 3600000

uint64_t clock_next(uint64_t last, int64_t now_ms)
{
	uint64_t now = now_ms > 0 ? (uint64_t)now_ms << 16 : 0;

	return now > last ? now : last + 1;
}

uint64_t clock_adopt(uint64_t last, uint64_t other, int64_t now_ms)
{
	if (CLOCK_MS(other) > now_ms && CLOCK_MS(other) - now_ms > CLOCK_AHEAD_MS)
		return last;
	return other > last ? other : last;
}

bool state_grow(void *v, size_t *cap, size_t want, size_t size, struct err *e)
{
	size_t more = *cap;
	void *old, *p;

	if (want <= *cap)
		return true;
	while (more < want)
		more = more ? more * 2 : 4;
	memcpy(&old, v, sizeof old);
	if (more > SIZE_MAX / size || !(p = realloc(old, more * size)))
		return err_nomem(e, __func__);
	memcpy(v, &p, sizeof p);
	*cap = more;
	return true;
}

int stamp_cmp(const struct stamp *a, const struct stamp *b)
{
	int c = id_cmp(&a->device, &b->device);

	return c ? c : (a->n > b->n) - (a->n < b->n);
}

/* The index of the device, or where it would go. */
static size_t seen_at(const struct seen *s, const struct id *device, bool *found)
{
	size_t low = 0, high = s->n;

	*found = false;
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int c = id_cmp(&s->v[mid].device, device);
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

uint64_t seen_count(const struct seen *s, const struct id *device)
{
	bool found;
	size_t i = seen_at(s, device, &found);

	return found ? s->v[i].n : 0;
}

bool seen_covers(const struct seen *s, const struct stamp *st)
{
	return seen_count(s, &st->device) >= st->n;
}

bool seen_add(struct seen *s, const struct stamp *st, struct err *e)
{
	bool found;
	size_t i = seen_at(s, &st->device, &found);

	if (found) {
		if (s->v[i].n < st->n)
			s->v[i].n = st->n;
		return true;
	}
	if (st->n == 0)
		return true;
	if (!state_grow(&s->v, &s->cap, s->n + 1, sizeof *s->v, e))
		return false;
	memmove(s->v + i + 1, s->v + i, (s->n - i) * sizeof *s->v);
	s->v[i] = *st;
	s->n++;
	return true;
}

bool seen_join(struct seen *s, const struct seen *other, struct err *e)
{
	for (size_t i = 0; i < other->n; i++)
		if (!seen_add(s, &other->v[i], e))
			return false;
	return true;
}

bool seen_equal(const struct seen *a, const struct seen *b)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (stamp_cmp(&a->v[i], &b->v[i]) != 0)
			return false;
	return true;
}

bool seen_copy(const struct seen *from, struct seen *to, struct err *e)
{
	*to = (struct seen){0};
	if (!state_grow(&to->v, &to->cap, from->n, sizeof *to->v, e))
		return false;
	if (from->n > 0)
		memcpy(to->v, from->v, from->n * sizeof *to->v);
	to->n = from->n;
	return true;
}

void seen_done(struct seen *s)
{
	free(s->v);
	*s = (struct seen){0};
}

/* The first run of the device that reaches `count` or beyond; s->n or one of a later device when there is none. */
static size_t spans_at(const struct spans *s, const struct id *device, uint64_t count)
{
	size_t low = 0, high = s->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int c = id_cmp(&s->v[mid].device, device);
		if (c < 0 || (c == 0 && s->v[mid].to < count))
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

bool spans_covers(const struct spans *s, const struct stamp *st)
{
	size_t i = spans_at(s, &st->device, st->n);

	return i < s->n && id_eq(&s->v[i].device, &st->device) && s->v[i].from < st->n;
}

bool spans_add(struct spans *s, const struct id *device, uint64_t from, uint64_t to, struct err *e)
{
	size_t i = spans_at(s, device, from), j = i;

	if (from >= to)
		return true;
	/* Runs i..j-1 touch the new one and become one with it. */
	for (; j < s->n && id_eq(&s->v[j].device, device) && s->v[j].from <= to; j++) {
		if (s->v[j].from < from)
			from = s->v[j].from;
		if (s->v[j].to > to)
			to = s->v[j].to;
	}
	if (i == j) {
		if (!state_grow(&s->v, &s->cap, s->n + 1, sizeof *s->v, e))
			return false;
		memmove(s->v + i + 1, s->v + i, (s->n - i) * sizeof *s->v);
		s->n++;
	} else {
		memmove(s->v + i + 1, s->v + j, (s->n - j) * sizeof *s->v);
		s->n -= j - i - 1;
	}
	s->v[i] = (struct span){*device, from, to};
	return true;
}

bool spans_join(struct spans *s, const struct spans *other, struct err *e)
{
	for (size_t i = 0; i < other->n; i++)
		if (!spans_add(s, &other->v[i].device, other->v[i].from, other->v[i].to, e))
			return false;
	return true;
}

bool spans_join_seen(struct spans *s, const struct seen *other, struct err *e)
{
	for (size_t i = 0; i < other->n; i++)
		if (!spans_add(s, &other->v[i].device, 0, other->v[i].n, e))
			return false;
	return true;
}

bool spans_equal(const struct spans *a, const struct spans *b)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (!id_eq(&a->v[i].device, &b->v[i].device) || a->v[i].from != b->v[i].from ||
		    a->v[i].to != b->v[i].to)
			return false;
	return true;
}

bool spans_equal_seen(const struct spans *a, const struct seen *b)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (!id_eq(&a->v[i].device, &b->v[i].device) || a->v[i].from != 0 || a->v[i].to != b->v[i].n)
			return false;
	return true;
}

bool spans_copy(const struct spans *from, struct spans *to, struct err *e)
{
	*to = (struct spans){0};
	return spans_join(to, from, e);
}

void spans_done(struct spans *s)
{
	free(s->v);
	*s = (struct spans){0};
}
