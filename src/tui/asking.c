/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "asking.h"

#include <stdlib.h>
#include <string.h>

#include "arpent/text.h"

void asking_done(struct asking *a)
{
	for (size_t i = 0; i < a->n; i++)
		free(a->v[i].typed);
	free(a->v);
	memset(a, 0, sizeof *a);
}

static bool asking_oneself(const char *typed)
{
	static const char *const words[] = {"moi", "je", "me", "myself"};
	char *fold = text_folded(typed);
	bool me = false;

	for (size_t i = 0; fold && i < sizeof words / sizeof *words; i++)
		me = me || strcmp(fold, words[i]) == 0;
	free(fold);
	return me;
}

const char *asking_name(const struct minutes_item *item)
{
	const char *name = NULL;

	if (item->type == MINUTES_PRESENT || item->type == MINUTES_EXCUSED || item->type == MINUTES_SITE)
		name = item->text;
	else if (item->type == MINUTES_TASK)
		name = item->owner;
	if (!name || !name[0] || !id_is_zero(&item->who) || (item->type != MINUTES_SITE && asking_oneself(name)))
		return NULL;
	return name;
}

static bool asking_same(const char *a, const char *b)
{
	char *x = text_folded(a), *y = text_folded(b);
	bool same = x && y && strcmp(x, y) == 0;

	free(x);
	free(y);
	return same;
}

static struct asking_answer *asking_find(const struct asking *a, const char *typed, bool site)
{
	for (size_t i = 0; i < a->n; i++)
		if (a->v[i].site == site && asking_same(a->v[i].typed, typed))
			return &a->v[i];
	return NULL;
}

static bool asking_add(struct asking *a, const char *typed, bool site)
{
	struct asking_answer *v;

	if (asking_find(a, typed, site))
		return true;
	if (!(v = reallocarray(a->v, a->n + 1, sizeof *v)))
		return false;
	a->v = v;
	v += a->n;
	*v = (struct asking_answer){.typed = str_dup(typed), .site = site};
	return v->typed && ++a->n;
}

/* The first that is not settled is the question that stands. */
static struct asking_answer *asking_open(const struct asking *a)
{
	for (size_t i = 0; i < a->n; i++)
		if (!a->v[i].settled)
			return &a->v[i];
	return NULL;
}

static size_t asking_fits(struct tui *t, const struct asking_answer *v, const struct named **names, struct match *m,
			  size_t max)
{
	struct err e = ERR_INIT;
	size_t n;

	if (!store_names(t->store, v->site ? "site" : "person", names, &n, &e)) {
		tui_fail(t, &e);
		return 0;
	}
	n = names_match(*names, n, v->typed, m, max);
	return n < max ? n : max;
}

/* Those that fit nobody at all can be created together.  Returns how many there are. */
static size_t asking_new(struct asking *a, struct tui *t, bool settle)
{
	const struct named *names;
	struct match m;
	size_t n = 0;

	for (size_t i = 0; i < a->n; i++) {
		if (a->v[i].settled || asking_fits(t, &a->v[i], &names, &m, 1))
			continue;
		a->v[i].settled = settle;
		n++;
	}
	return n;
}

static void asking_next(struct asking *a, struct tui *t);

static void asking_taken(struct tui *t, void *ctx, size_t i)
{
	struct asking *a = ctx;
	struct asking_answer *v = asking_open(a);

	if (a->lines[i].what == ASKING_CREATE_ALL)
		asking_new(a, t, true);
	v->id = a->lines[i].id;
	v->leave = a->lines[i].what == ASKING_LEAVE;
	v->settled = true;
	asking_next(a, t);
}

static void asking_line(struct asking *a, size_t *n, enum asking_what what, const struct id *id)
{
	a->lines[*n].what = what;
	a->lines[*n].id = id ? *id : (struct id){{0}};
	(*n)++;
}

static void asking_title(const struct asking_answer *v, size_t fits, struct buf *out)
{
	if (!fits)
		buf_printf(out, _("Nobody known: %s"), v->typed);
	else if (v->site)
		buf_printf(out, _("Which site is %s"), v->typed);
	else
		buf_printf(out, _("Who is %s"), v->typed);
}

static void asking_ask(struct asking *a, struct tui *t, const struct asking_answer *v)
{
	const char *labels[ASKING_FITS + 3], *details[ASKING_FITS + 3] = {NULL};
	struct buf title = BUF_INIT, create = BUF_INIT, all = BUF_INIT;
	const struct named *names;
	struct match m[ASKING_FITS];
	size_t fits = asking_fits(t, v, &names, m, ASKING_FITS), unknown = asking_new(a, t, false), n = 0;

	asking_title(v, fits, &title);
	buf_printf(&create, _("Create %s"), v->typed);
	buf_printf(&all, P_("Create %zu new name", "Create all %zu new names", unknown), unknown);
	for (size_t i = 0; i < fits; i++) {
		const struct named *who = &names[m[i].index];
		labels[n] = who->name;
		details[n] = who->detail;
		asking_line(a, &n, ASKING_FIT, &who->id);
	}
	if (!fits && unknown > 1) {
		labels[n] = buf_str(&all);
		asking_line(a, &n, ASKING_CREATE_ALL, NULL);
	}
	labels[n] = buf_str(&create);
	asking_line(a, &n, ASKING_CREATE, NULL);
	labels[n] = _("Leave it as text");
	asking_line(a, &n, ASKING_LEAVE, NULL);
	tui_choose(t, &(struct choice){buf_str(&title), labels, details, n, asking_taken, a});
	buf_done(&title);
	buf_done(&create);
	buf_done(&all);
}

static void asking_next(struct asking *a, struct tui *t)
{
	const struct asking_answer *v = asking_open(a);

	if (v)
		asking_ask(a, t, v);
	else
		a->done(t, a->ctx);
}

void asking_start(struct asking *a, struct tui *t, const struct minutes *m, void (*done)(struct tui *t, void *ctx),
		  void *ctx)
{
	struct err e = ERR_INIT;

	asking_done(a);
	a->done = done;
	a->ctx = ctx;
	for (size_t i = 0; i < m->n; i++) {
		const char *name = asking_name(&m->items[i]);
		if (name && !asking_add(a, name, m->items[i].type == MINUTES_SITE)) {
			err_nomem(&e, "asking_start");
			tui_fail(t, &e);
			return;
		}
	}
	asking_next(a, t);
}

bool asking_tell(void *ctx, const struct minutes_item *item, const struct match *fits, size_t n, struct id *chosen)
{
	const char *name = item->type == MINUTES_TASK ? item->owner : item->text;
	const struct asking_answer *v = asking_find(ctx, name, item->type == MINUTES_SITE);

	(void)fits, (void)n;
	memset(chosen, 0, sizeof *chosen);
	if (!v || v->leave)
		return false;
	*chosen = v->id;
	return true;
}
