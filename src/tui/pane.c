/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pane.h"

#include <stdlib.h>
#include <string.h>

#include "arpent/text.h"
#include "asking.h"

struct pane_line {
	struct buf left, right;
	bool heading, open; /* open: a name to settle */
	size_t note;        /* line of the notes it came from */
};

struct pane {
	struct tui *t;
	const struct minutes *m;
	struct pane_line *v;
	size_t n;
};

void pane_count(const struct minutes *m, struct pane_counts *out)
{
	memset(out, 0, sizeof *out);
	for (size_t i = 0; i < m->n; i++) {
		out->present += m->items[i].type == MINUTES_PRESENT;
		out->excused += m->items[i].type == MINUTES_EXCUSED;
		out->decisions += m->items[i].type == MINUTES_DECISION;
		out->tasks += m->items[i].type == MINUTES_TASK;
		out->questions += m->items[i].type == MINUTES_QUESTION;
		out->open += asking_name(&m->items[i]) != NULL;
	}
}

static struct pane_line *pane_add(struct pane *p, size_t note)
{
	struct pane_line *v = reallocarray(p->v, p->n + 1, sizeof *v);

	if (!v)
		return NULL;
	p->v = v;
	memset(&v[p->n], 0, sizeof *v);
	v[p->n].note = note;
	return &v[p->n++];
}

static void pane_heading(struct pane *p, const char *label, size_t n, size_t excused)
{
	struct pane_line *l = pane_add(p, (size_t)-1);

	if (!l)
		return;
	l->heading = true;
	buf_str_add(&l->left, label);
	if (n)
		buf_printf(&l->left, " %zu", n);
	if (excused)
		buf_printf(&l->right, P_("excused %zu", "excused %zu", excused), excused);
}

static const struct named *pane_named(struct pane *p, const struct minutes_item *item)
{
	const struct named *names;
	struct err e = ERR_INIT;
	size_t n;

	if (id_is_zero(&item->who) ||
	    !store_names(p->t->store, item->type == MINUTES_SITE ? "site" : "person", &names, &n, &e))
		return NULL;
	for (size_t i = 0; i < n; i++)
		if (id_eq(&names[i].id, &item->who))
			return &names[i];
	return NULL;
}

/* A person or a site: the name as it is known, and at the right the function, or why it has to be settled. */
static void pane_who(struct pane *p, const struct minutes_item *item)
{
	const struct named *who = pane_named(p, item);
	struct pane_line *l = pane_add(p, item->line);

	if (!l)
		return;
	buf_str_add(&l->left, item->type == MINUTES_EXCUSED ? "- " : "");
	buf_str_add(&l->left, who ? who->name : item->text);
	l->open = asking_name(item) != NULL;
	if (who)
		buf_str_add(&l->right, who->detail);
	else if (l->open && item->fits > 1)
		buf_printf(&l->right, P_("%zu fits", "%zu fit", item->fits), item->fits);
	else if (l->open)
		buf_str_add(&l->right, _("new"));
}

static void pane_vote(const struct minutes_item *item, struct buf *out)
{
	if (item->vote_for == -2)
		buf_str_add(out, _("unanimous"));
	else if (item->vote_for >= 0 || item->vote_against >= 0)
		buf_printf(out, "%d/%d", item->vote_for > 0 ? item->vote_for : 0,
			   item->vote_against > 0 ? item->vote_against : 0);
	if (item->vote_abstain > 0)
		buf_printf(out, "/%d", item->vote_abstain);
}

static void pane_decision(struct pane *p, const struct minutes_item *item, size_t number)
{
	struct pane_line *l = pane_add(p, item->line);

	if (!l)
		return;
	buf_printf(&l->left, "%zu %s", number, item->text);
	pane_vote(item, &l->right);
}

static void pane_task(struct pane *p, const struct minutes_item *item)
{
	struct pane_line *l = pane_add(p, item->line);
	struct moment due = item->due;

	if (!l)
		return;
	if (item->has_due) {
		due.has_time = false;
		date_short(&due, &p->t->now, p->t->lang, &l->left);
		buf_char(&l->left, ' ');
	}
	l->open = asking_name(item) != NULL;
	if (item->owner[0])
		buf_printf(&l->left, _("%s: "), item->owner);
	buf_str_add(&l->left, item->text);
	if (l->open && item->fits > 1)
		buf_printf(&l->right, P_("%zu fits", "%zu fit", item->fits), item->fits);
	else if (l->open)
		buf_str_add(&l->right, _("new"));
}

static void pane_people(struct pane *p, const struct pane_counts *c)
{
	pane_heading(p, _("PRESENT"), c->present, c->excused);
	for (int excused = 0; excused < 2; excused++)
		for (size_t i = 0; i < p->m->n; i++)
			if (p->m->items[i].type == (excused ? MINUTES_EXCUSED : MINUTES_PRESENT))
				pane_who(p, &p->m->items[i]);
}

static void pane_items(struct pane *p, enum minutes_type type)
{
	size_t number = 0;

	for (size_t i = 0; i < p->m->n; i++) {
		const struct minutes_item *item = &p->m->items[i];
		struct pane_line *l;
		if (item->type != type)
			continue;
		if (type == MINUTES_DECISION)
			pane_decision(p, item, ++number);
		else if (type == MINUTES_TASK)
			pane_task(p, item);
		else if (type == MINUTES_SITE)
			pane_who(p, item);
		else if ((l = pane_add(p, item->line)))
			buf_printf(&l->left, "%s", item->text);
	}
}

static void pane_tags(struct pane *p)
{
	struct pane_line *l = NULL;

	for (size_t i = 0; i < p->m->n; i++) {
		if (p->m->items[i].type != MINUTES_TAG)
			continue;
		if (!l)
			pane_heading(p, _("TAGS"), 0, 0);
		if (!l && !(l = pane_add(p, p->m->items[i].line)))
			return;
		buf_printf(&l->left, "%s%s", l->left.len ? ", " : "", p->m->items[i].text);
	}
}

static size_t pane_of(const struct minutes *m, enum minutes_type type)
{
	size_t n = 0;

	for (size_t i = 0; i < m->n; i++)
		n += m->items[i].type == type;
	return n;
}

static void pane_fill(struct pane *p)
{
	struct pane_counts c;

	pane_count(p->m, &c);
	if (c.present || c.excused)
		pane_people(p, &c);
	if (c.decisions)
		pane_heading(p, _("DECISIONS"), c.decisions, 0);
	pane_items(p, MINUTES_DECISION);
	if (c.tasks)
		pane_heading(p, _("FOLLOW-UPS"), c.tasks, 0);
	pane_items(p, MINUTES_TASK);
	if (c.questions)
		pane_heading(p, _("QUESTIONS"), c.questions, 0);
	pane_items(p, MINUTES_QUESTION);
	if (pane_of(p->m, MINUTES_SITE))
		pane_heading(p, _("SITE"), 0, 0);
	pane_items(p, MINUTES_SITE);
	pane_tags(p);
}

/* The first line to draw, so that what the caret's line gave is in sight. */
static size_t pane_top(const struct pane *p, size_t at, size_t room)
{
	size_t last = 0;

	if (p->n <= room)
		return 0;
	for (size_t i = 0; i < p->n; i++)
		if (!p->v[i].heading && p->v[i].note == at)
			last = i;
	size_t top = last + 2 > room ? last + 2 - room : 0;
	return top > p->n - room ? p->n - room : top;
}

static void pane_line(const struct pane_line *l, int row, int col, int width)
{
	int right = text_width(buf_str(&l->right)), indent = l->heading ? 0 : 2;

	/* The name first; what is beside it has the rest, and never less than a third. */
	int rest = width - indent - text_width(buf_str(&l->left)) - 1;
	if (right > rest)
		right = rest > width / 3 ? rest : right < width / 3 ? right : width / 3;
	if (l->open)
		draw_text(row, col, 1, "?", DRAW_DRAFT);
	draw_text(row, col + indent, width - indent - (right ? right + 1 : 0), buf_str(&l->left),
		  l->heading ? DRAW_STRONG : DRAW_PLAIN);
	draw_right(row, col + width, right, buf_str(&l->right), l->open ? DRAW_DRAFT : DRAW_PLAIN);
}

/* Before anything is typed: what can be. */
static void pane_legend(int row, int end, int col, int width)
{
	static const char *const legend[][2] = {
	    {"@", N_("who is present")},
	    {"-@", N_("who is excused")},
	    {"!", N_("a decision, its vote (7/1)")},
	    {">", N_("who does what, and when")},
	    {"?", N_("an open question")},
	    {"#", N_("a theme")},
	    {"^", N_("a site")},
	};

	for (size_t i = 0; i < sizeof legend / sizeof *legend && row < end; i++, row++) {
		draw_text(row, col, 2, legend[i][0], DRAW_STRONG);
		draw_text(row, col + 3, width - 3, _(legend[i][1]), DRAW_PLAIN);
	}
}

void pane_draw(struct tui *t, const struct minutes *m, size_t at, int row, int end, int col, int width)
{
	struct pane p = {.t = t, .m = m};

	if (m->n == 0)
		pane_legend(row, end, col, width);
	pane_fill(&p);
	for (size_t i = pane_top(&p, at, (size_t)(end - row)); i < p.n && row < end; i++, row++)
		pane_line(&p.v[i], row, col, width);
	for (size_t i = 0; i < p.n; i++) {
		buf_done(&p.v[i].left);
		buf_done(&p.v[i].right);
	}
	free(p.v);
}
