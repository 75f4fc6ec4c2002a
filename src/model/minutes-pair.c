/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "arpent/minutes.h"

#include <stdlib.h>
#include <string.h>

#include "arpent/text.h"

/* A reworded line is the same record when at least this share of its words stayed, in hundredths. */
enum { PAIR_LEAST = 34, PAIR_WORDS = 64 };

static bool pair_has_record(const struct minutes_item *item)
{
	return item->type == MINUTES_DECISION || item->type == MINUTES_TASK;
}

/* Hundredths of the words of both that they have in common, in order (longest common subsequence). */
static int pair_likeness(const char *a, const char *b)
{
	const char *wa[PAIR_WORDS], *wb[PAIR_WORDS];
	size_t la[PAIR_WORDS], lb[PAIR_WORDS], na = 0, nb = 0, at;
	int row[PAIR_WORDS + 1] = {0};

	for (at = 0; na < PAIR_WORDS && (la[na] = text_word(a, &at, &wa[na])) > 0; na++)
		continue;
	for (at = 0; nb < PAIR_WORDS && (lb[nb] = text_word(b, &at, &wb[nb])) > 0; nb++)
		continue;
	if (na + nb == 0)
		return 0;
	for (size_t i = 0; i < na; i++) {
		int corner = 0;
		for (size_t j = 0; j < nb; j++) {
			int up = row[j + 1];
			bool same = la[i] == lb[j] && memcmp(wa[i], wb[j], la[i]) == 0;
			if (same)
				row[j + 1] = corner + 1;
			else if (row[j] > up)
				row[j + 1] = row[j];
			corner = up;
		}
	}
	return 200 * row[nb] / (int)(na + nb);
}

struct pair_side {
	size_t *index; /* of decisions and follow-ups in the minutes' items */
	char **fold;
	bool *done;
	size_t n;
};

static void pair_side_done(struct pair_side *side)
{
	for (size_t i = 0; side->fold != NULL && i < side->n; i++)
		free(side->fold[i]);
	free(side->index);
	free(side->fold);
	free(side->done);
}

static bool pair_side_init(struct pair_side *side, const struct minutes *m)
{
	memset(side, 0, sizeof *side);
	side->index = calloc(m->n + 1, sizeof *side->index);
	side->fold = calloc(m->n + 1, sizeof *side->fold);
	side->done = calloc(m->n + 1, sizeof *side->done);
	if (side->index == NULL || side->fold == NULL || side->done == NULL)
		return false;
	for (size_t i = 0; i < m->n; i++) {
		if (!pair_has_record(&m->items[i]))
			continue;
		side->index[side->n] = i;
		side->fold[side->n] = text_folded(m->items[i].text);
		if (side->fold[side->n++] == NULL)
			return false;
	}
	return true;
}

/* Joins old i and new j: the new line is the old record. */
static void pair_join(const struct minutes *before, struct minutes *after, struct pair_side *old, struct pair_side *now,
		      size_t i, size_t j)
{
	after->items[now->index[j]].ref = before->items[old->index[i]].ref;
	old->done[i] = now->done[j] = true;
}

static bool pair_may(const struct minutes *before, const struct minutes *after, const struct pair_side *old,
		     const struct pair_side *now, size_t i, size_t j)
{
	return !old->done[i] && !now->done[j] && before->items[old->index[i]].type == after->items[now->index[j]].type;
}

static void pair_exact(const struct minutes *before, struct minutes *after, struct pair_side *old,
		       struct pair_side *now)
{
	for (size_t j = 0; j < now->n; j++) {
		for (size_t i = 0; i < old->n; i++) {
			if (pair_may(before, after, old, now, i, j) && strcmp(old->fold[i], now->fold[j]) == 0) {
				pair_join(before, after, old, now, i, j);
				break;
			}
		}
	}
}

static void pair_alike(const struct minutes *before, struct minutes *after, struct pair_side *old,
		       struct pair_side *now)
{
	for (;;) {
		int best = PAIR_LEAST - 1;
		size_t bi = 0, bj = 0;
		for (size_t j = 0; j < now->n; j++) {
			for (size_t i = 0; i < old->n; i++) {
				if (!pair_may(before, after, old, now, i, j))
					continue;
				int like = pair_likeness(old->fold[i], now->fold[j]);
				if (like > best) {
					best = like;
					bi = i;
					bj = j;
				}
			}
		}
		if (best < PAIR_LEAST)
			return;
		pair_join(before, after, old, now, bi, bj);
	}
}

/* A line written anew in its old place, its neighbours being the same, is the same record with another wording. */
static void pair_in_place(const struct minutes *before, struct minutes *after, struct pair_side *old,
			  struct pair_side *now)
{
	for (size_t j = 0; j < now->n; j++) {
		size_t line = after->items[now->index[j]].line;
		for (size_t i = 0; i < old->n; i++) {
			if (pair_may(before, after, old, now, i, j) && before->items[old->index[i]].line == line &&
			    old->n == now->n)
				pair_join(before, after, old, now, i, j);
		}
	}
}

bool minutes_pair(const struct minutes *before, struct minutes *after, struct id *gone, size_t *ngone, struct err *e)
{
	struct pair_side old = {NULL, NULL, NULL, 0}, now = {NULL, NULL, NULL, 0};
	bool ok = pair_side_init(&old, before) && pair_side_init(&now, after);

	*ngone = 0;
	if (ok) {
		pair_exact(before, after, &old, &now);
		pair_alike(before, after, &old, &now);
		pair_in_place(before, after, &old, &now);
		for (size_t i = 0; i < old.n; i++) {
			if (!old.done[i])
				gone[(*ngone)++] = before->items[old.index[i]].ref;
		}
	} else {
		err_nomem(e, "minutes_pair");
	}
	pair_side_done(&old);
	pair_side_done(&now);
	return ok;
}
