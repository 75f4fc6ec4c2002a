/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rows.h"

#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#define ROWS_PAGE 64  /* records asked for at a time */
#define ROWS_MOST 512 /* kept at a time */

void rows_init(struct rows *r, const struct list_spec *spec)
{
	memset(r, 0, sizeof *r);
	r->spec = *spec;
	r->height = 20;
}

static void rows_wipe(char *s)
{
	if (s)
		sodium_memzero(s, strlen(s));
	free(s);
}

static void rows_item_done(struct rows_item *it)
{
	rows_wipe(it->title);
	rows_wipe(it->day);
	rows_wipe(it->owner);
	rows_wipe(it->beside);
}

static void rows_drop(struct rows *r, size_t from, size_t n)
{
	if (n == 0)
		return;
	for (size_t i = from; i < from + n; i++)
		rows_item_done(&r->v[i]);
	if (from + n < r->n)
		memmove(r->v + from, r->v + from + n, (r->n - from - n) * sizeof *r->v);
	r->n -= n;
}

void rows_done(struct rows *r)
{
	rows_drop(r, 0, r->n);
	free(r->v);
	r->v = NULL;
	r->at = r->top = 0;
}

const struct rows_item *rows_chosen(const struct rows *r)
{
	return r->at < r->n ? &r->v[r->at] : NULL;
}

struct rows_page {
	struct rows_item v[ROWS_PAGE];
	size_t n;
	bool oom;
};

static bool rows_take(void *ctx, const struct row *row, const struct list_key *at)
{
	struct rows_page *p = ctx;
	struct rows_item *it = &p->v[p->n];

	*it = (struct rows_item){.id = row->id,
				 .kind = kind_find(row->kind),
				 .title = str_dup(row->title),
				 .day = str_dup(row->day),
				 .owner = str_dup(row->owner),
				 .flags = row->flags,
				 .key = *at};
	if (!it->title || !it->day || !it->owner) {
		rows_item_done(it);
		p->oom = true;
		return false;
	}
	return ++p->n < ROWS_PAGE;
}

/* One page more at an end. */
static bool rows_more(struct rows *r, struct store *s, bool backwards, struct err *e)
{
	struct rows_page *p = calloc(1, sizeof *p);
	struct list_key start;
	bool ok = false;

	if (!p)
		return err_nomem(e, "rows_more");
	memset(&start, 0, sizeof start);
	const struct list_key *from = r->n == 0 ? &start : backwards ? &r->v[0].key : &r->v[r->n - 1].key;
	if (!store_list(s, &r->spec, from, backwards, ROWS_PAGE, rows_take, p, e))
		goto out;
	struct rows_item *v = p->oom ? NULL : reallocarray(r->v, r->n + p->n + 1, sizeof *v);
	if (!v) {
		err_nomem(e, "rows_more");
		goto out;
	}
	r->v = v;
	*(backwards ? &r->first : &r->last) = p->n < ROWS_PAGE;
	if (backwards) {
		memmove(v + p->n, v, r->n * sizeof *v);
		for (size_t i = 0; i < p->n; i++)
			v[i] = p->v[p->n - 1 - i];
		r->at += p->n;
		r->top += p->n;
	} else {
		memcpy(v + r->n, p->v, p->n * sizeof *v);
	}
	r->n += p->n;
	p->n = 0;
	ok = true;
out:
	for (size_t i = 0; i < p->n; i++)
		rows_item_done(&p->v[i]);
	free(p);
	return ok;
}

bool rows_load(struct rows *r, struct store *s, struct err *e)
{
	rows_drop(r, 0, r->n);
	r->at = r->top = 0;
	r->first = true;
	r->last = false;
	return rows_more(r, s, false, e);
}

static bool rows_end(struct rows *r, struct store *s, struct err *e)
{
	if (!r->last) {
		rows_drop(r, 0, r->n);
		r->first = false;
		r->last = true;
		if (!rows_more(r, s, true, e))
			return false;
	}
	r->at = r->n ? r->n - 1 : 0;
	return true;
}

bool rows_reload(struct rows *r, struct store *s, struct err *e)
{
	struct list_key key;
	struct id id;
	size_t above = r->at - r->top;
	const struct rows_item *was = rows_chosen(r);

	if (!was || (r->first && r->at < ROWS_PAGE - 1)) {
		size_t at = r->at, top = r->top;
		if (was)
			id = was->id;
		if (!rows_load(r, s, e))
			return false;
		r->at = at < r->n ? at : r->n ? r->n - 1 : 0;
		r->top = top;
		for (size_t i = 0; was && i < r->n; i++)
			if (id_eq(&r->v[i].id, &id))
				r->at = i;
		return true;
	}
	/* Deep in the list: from the key of the row before the chosen one. */
	id = was->id;
	key = r->v[r->at ? r->at - 1 : 0].key;
	rows_drop(r, 0, r->n);
	r->first = false;
	r->last = false;
	struct rows_item *v = reallocarray(r->v, 1, sizeof *v);
	if (!v)
		return err_nomem(e, "rows_reload");
	r->v = v;
	memset(v, 0, sizeof *v);
	v->key = key;
	r->n = 1;
	r->at = r->top = 0;
	if (!rows_more(r, s, false, e) || !rows_more(r, s, true, e))
		return false;
	/* The place-holder is not a row of its own: the key's row comes again from above. */
	size_t hold = r->at;
	rows_drop(r, hold, 1);
	r->at = hold < r->n ? hold : r->n ? r->n - 1 : 0;
	for (size_t i = 0; i < r->n; i++)
		if (id_eq(&r->v[i].id, &id))
			r->at = i;
	r->top = r->at > above ? r->at - above : 0;
	return true;
}

/* Forgets what is far away, so that a long walk holds no more than a short one. */
static void rows_forget(struct rows *r)
{
	if (r->n <= ROWS_MOST)
		return;
	if (r->at > r->n / 2) {
		size_t n = r->n - ROWS_MOST;
		if (n > r->top)
			n = r->top;
		rows_drop(r, 0, n);
		r->at -= n;
		r->top -= n;
		r->first = r->first && n == 0;
	} else {
		size_t keep = r->at + 2 * r->height > ROWS_MOST ? r->at + 2 * r->height : ROWS_MOST;
		if (keep < r->n) {
			rows_drop(r, keep, r->n - keep);
			r->last = false;
		}
	}
}

bool rows_fit(struct rows *r, struct store *s, size_t height, struct err *e)
{
	r->height = height ? height : 1;
	while (!r->last && r->at + r->height >= r->n)
		if (!rows_more(r, s, false, e))
			return false;
	while (!r->first && r->at < r->height)
		if (!rows_more(r, s, true, e))
			return false;
	rows_forget(r);
	if (r->at >= r->n)
		r->at = r->n ? r->n - 1 : 0;
	/* Half a screen at a time: scrolling by one row would repaint it all for each key. */
	if (r->at < r->top || r->at >= r->top + r->height)
		r->top = r->at > r->height / 2 ? r->at - r->height / 2 : 0;
	if (r->top + r->height > r->n)
		r->top = r->n > r->height ? r->n - r->height : 0;
	return true;
}

bool rows_key(struct rows *r, struct store *s, const struct event *ev, struct err *e)
{
	char c = ev->key == INPUT_TEXT && !ev->mods ? ev->text[0] : 0;
	bool ok = true;

	if (ev->key == INPUT_DOWN || c == 'j')
		r->at += 1;
	else if (ev->key == INPUT_UP || c == 'k')
		r->at -= r->at > 0;
	else if (ev->key == INPUT_PAGE_DOWN)
		r->at += r->height;
	else if (ev->key == INPUT_PAGE_UP)
		r->at -= r->at > r->height ? r->height : r->at;
	else if (ev->key == INPUT_HOME && r->first)
		r->at = 0;
	else if (ev->key == INPUT_HOME)
		ok = rows_load(r, s, e);
	else if (ev->key == INPUT_END)
		ok = rows_end(r, s, e);
	else
		return false;
	/* Loads as it goes, so that a burst of keys is not held at the end of a page. */
	if (ok && !rows_fit(r, s, r->height, e))
		return true;
	return true;
}
