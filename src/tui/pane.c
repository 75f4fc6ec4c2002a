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
	const struct minutes *m, *also;
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

static bool pane_names(const struct minutes *m, const struct id *person)
{
	for (size_t i = 0; i < m->n; i++)
		if ((m->items[i].type == MINUTES_PRESENT || m->items[i].type == MINUTES_EXCUSED) &&
		    id_eq(&m->items[i].who, person))
			return true;
	return false;
}

struct pane_attendance {
	struct tui *t;
	const struct minutes *m;
	struct minutes *out;
	bool ok;
	struct err *e;
};

static bool pane_attends(void *ctx, const struct row *row, const struct list_key *at)
{
	struct pane_attendance *a = ctx;
	struct minutes_item item = {.type = MINUTES_EXCUSED, .line = SIZE_MAX, .fits = 1}, *v;
	struct buf name = BUF_INIT;
	struct record r;

	(void)at;
	record_init(&r);
	if (!(a->ok = store_get(a->t->store, &row->id, &r, a->e)))
		return false;
	bool known = id_parse(record_get(&r, "person"), &item.who) && store_title(a->t->store, &item.who, &name);
	if (strcmp(record_get(&r, "status"), "present") == 0)
		item.type = MINUTES_PRESENT;
	record_done(&r);
	if (!known || pane_names(a->m, &item.who) || pane_names(a->out, &item.who)) {
		buf_done(&name);
		return true;
	}
	item.vote_for = item.vote_against = item.vote_abstain = -1;
	item.text = buf_steal(&name);
	item.owner = str_dup("");
	if (item.text && item.owner && (v = reallocarray(a->out->items, a->out->n + 1, sizeof *v))) {
		a->out->items = v;
		v[a->out->n++] = item;
		return true;
	}
	free(item.text);
	free(item.owner);
	a->ok = err_nomem(a->e, "pane_attendance");
	return false;
}

bool pane_attendance(struct tui *t, const struct id *meeting, const struct minutes *m, struct minutes *out,
		     struct err *e)
{
	struct pane_attendance a = {.t = t, .m = m, .out = out, .ok = true, .e = e};
	struct list_spec spec = {.kind = "attendance", .order = LIST_BY_EDITED, .linked = meeting};
	struct list_key key = {0};

	return store_list(t->store, &spec, &key, false, SIZE_MAX, pane_attends, &a, e) && a.ok;
}

/* Those of the notes, then those who are known otherwise. */
static void pane_people(struct pane *p, size_t present, size_t excused)
{
	const struct minutes *const from[] = {p->m, p->also};

	pane_heading(p, _("PRESENT"), present, excused);
	for (int away = 0; away < 2; away++)
		for (size_t k = 0; k < 2; k++)
			for (size_t i = 0; i < from[k]->n; i++)
				if (from[k]->items[i].type == (away ? MINUTES_EXCUSED : MINUTES_PRESENT) &&
				    (k == 0 || !pane_names(p->m, &from[k]->items[i].who)))
					pane_who(p, &from[k]->items[i]);
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
	for (size_t i = 0; i < p->also->n; i++) {
		const struct minutes_item *item = &p->also->items[i];
		if (!pane_names(p->m, &item->who)) {
			c.present += item->type == MINUTES_PRESENT;
			c.excused += item->type == MINUTES_EXCUSED;
		}
	}
	if (c.present || c.excused)
		pane_people(p, c.present, c.excused);
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

void pane_draw(struct tui *t, const struct minutes *m, const struct minutes *also, size_t at, int row, int end, int col,
	       int width)
{
	struct pane p = {.t = t, .m = m, .also = also};

	if (m->n == 0 && also->n == 0)
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
