/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "view-meeting.h"

#include <stdlib.h>
#include <string.h>

#include "arpent/text.h"

#define MEETING_FITS 12
#define MEETING_SUBJECT 60 /* columns of a proposed subject */

static void meeting_then(struct tui *t, struct meeting_view *v)
{
	tui_push(t, v->then, &(struct view_arg){.id = &v->id});
}

static void meeting_said(struct tui *t, const struct meeting_view *v)
{
	struct pane_counts c;

	pane_count(&v->m, &c);
	tui_say(t, _("Saved: %zu present, %zu decided, %zu to do."), c.present, c.decisions, c.tasks);
}

/* Every name is settled. */
static void meeting_store(struct tui *t, void *ctx)
{
	struct meeting_view *v = ctx;
	struct want wants[FIELDS_MAX];
	struct buf store = BUF_INIT;
	struct err e = ERR_INIT;
	size_t n = 0;
	bool ok = fields_wants(&v->fields, &t->now, wants, &n, &store) && buf_ok(&store, &e) &&
		  meeting_save(t->store, &v->id, editor_text(&v->ed), wants, n, asking_tell, &v->asking, &e) &&
		  store_draft_set(t->store, v->key, "", NULL, 0, &e);

	buf_done(&store);
	if (ok) {
		meeting_said(t, v);
		v->kept = false;
		ok = meeting_view_reload(t, v, &e);
		tui_changed(t);
	}
	if (!ok)
		tui_fail(t, &e);
	else if (v->then)
		meeting_then(t, v);
}

/* The first line that is a sentence and not marks alone; else the first decision, question or follow-up. */
static void meeting_propose(const struct meeting_view *v, struct buf *out)
{
	const char *s = editor_text(&v->ed);

	while (*s && strchr("@-!>?#^\n ", *s)) {
		s += strcspn(s, "\n");
		s += *s == '\n';
	}
	for (size_t i = 0; !*s && i < v->m.n; i++) {
		enum minutes_type type = v->m.items[i].type;
		if (type == MINUTES_DECISION || type == MINUTES_QUESTION || type == MINUTES_TASK)
			s = v->m.items[i].text;
	}
	if (!*s)
		s = _("Meeting");
	buf_add(out, s, text_fit(s, strcspn(s, "\n"), MEETING_SUBJECT));
}

static void meeting_go_on(struct tui *t, struct meeting_view *v)
{
	asking_start(&v->asking, t, &v->m, meeting_store, v);
}

static void meeting_subject_taken(struct tui *t, void *ctx, const char *text)
{
	struct meeting_view *v = ctx;

	if (!text[strspn(text, " ")]) {
		tui_say(t, "%s", _("Not saved yet: a subject is needed. What is typed is kept."));
		return;
	}
	line_set(&fields_row(&v->fields, "subject")->line, text);
	v->typed = true;
	meeting_go_on(t, v);
}

static bool meeting_check(struct tui *t, struct meeting_view *v)
{
	struct want wants[FIELDS_MAX];
	struct buf store = BUF_INIT;
	size_t n = 0;
	bool ok = fields_wants(&v->fields, &t->now, wants, &n, &store);

	buf_done(&store);
	if (!ok) {
		v->in_fields = true;
		tui_say(t, _("Not saved yet: %s is not understood."), _(v->fields.v[v->fields.at].f->label));
	}
	return ok;
}

void meeting_view_save(struct tui *t, struct meeting_view *v, const struct view *then)
{
	struct err e = ERR_INIT;

	v->then = then;
	v->pane = false;
	if (!v->dirty && !id_is_zero(&v->id)) {
		if (then)
			meeting_then(t, v);
		else
			tui_say(t, "%s", _("Nothing has changed since it was saved."));
		return;
	}
	if (!meeting_check(t, v))
		return;
	minutes_done(&v->m);
	v->stale = false;
	if (!meeting_read(t->store, editor_text(&v->ed), &v->m, &e)) {
		tui_fail(t, &e);
		return;
	}
	if (line_text(&fields_row(&v->fields, "subject")->line)[0]) {
		meeting_go_on(t, v);
		return;
	}
	struct buf propose = BUF_INIT;
	meeting_propose(v, &propose);
	tui_prompt(t, &(struct prompt){.label = _("Subject:"),
				       .text = buf_str(&propose),
				       .proposal = true,
				       .taken = meeting_subject_taken,
				       .ctx = v});
	buf_done(&propose);
}

/* Names. */

/* The name begun before the caret: from after its mark, at most a line back. */
static bool meeting_begun(const struct meeting_view *v, size_t *start, bool *site)
{
	const char *s = editor_text(&v->ed);

	for (size_t i = v->ed.at; i-- > 0 && s[i] != '\n';) {
		if (s[i] != '@' && s[i] != '^')
			continue;
		*start = i + 1;
		*site = s[i] == '^';
		return true;
	}
	return false;
}

/* As it is written after a mark: in brackets, with the function, where the name alone could be someone else. */
static void meeting_mark(const struct named *names, size_t n, const struct named *who, struct buf *out)
{
	struct match m[2];
	size_t fits = names_match(names, n, who->name, m, 2);

	if (fits > 1 && m[1].rank == m[0].rank)
		buf_printf(out, "[%s%s%s]", who->name, who->detail[0] ? ", " : "", who->detail);
	else
		buf_str_add(out, who->name);
	buf_char(out, ' ');
}

static bool meeting_names(struct tui *t, struct meeting_view *v, const struct named **names, size_t *n)
{
	struct err e = ERR_INIT;
	bool site = editor_text(&v->ed)[v->pick_at - 1] == '^';

	if (store_names(t->store, site ? "site" : "person", names, n, &e))
		return true;
	tui_fail(t, &e);
	return false;
}

static size_t meeting_fits(struct meeting_view *v, const struct named *names, size_t n, struct match *m)
{
	char *typed = str_ndup(editor_text(&v->ed) + v->pick_at, v->pick_len);
	size_t fits = typed ? names_match(names, n, typed, m, MEETING_FITS) : 0;

	free(typed);
	return fits < MEETING_FITS ? fits : MEETING_FITS;
}

static void meeting_picked(struct tui *t, void *ctx, size_t i)
{
	struct meeting_view *v = ctx;
	const struct named *names;
	struct match m[MEETING_FITS];
	struct buf mark = BUF_INIT;
	size_t n;

	if (!meeting_names(t, v, &names, &n) || i >= meeting_fits(v, names, n, m))
		return;
	meeting_mark(names, n, &names[m[i].index], &mark);
	editor_replace(&v->ed, v->pick_at, v->pick_len, buf_str(&mark));
	buf_done(&mark);
	v->stale = v->dirty = v->typed = true;
}

void meeting_view_pick(struct tui *t, struct meeting_view *v)
{
	const char *labels[MEETING_FITS], *details[MEETING_FITS];
	struct match m[MEETING_FITS];
	const struct named *names;
	size_t n, fits;
	bool site;

	if (v->in_fields || !meeting_begun(v, &v->pick_at, &site)) {
		tui_say(t, "%s", _("Type @ and the beginning of a name first, or ^ and that of a site."));
		return;
	}
	v->pick_len = v->ed.at - v->pick_at;
	if (!meeting_names(t, v, &names, &n))
		return;
	fits = meeting_fits(v, names, n, m);
	for (size_t i = 0; i < fits; i++) {
		labels[i] = names[m[i].index].name;
		details[i] = names[m[i].index].detail;
	}
	if (fits == 1)
		meeting_picked(t, v, 0);
	else if (fits == 0)
		tui_say(t, "%s", _("Nobody known by that name; saving will offer to create it."));
	else
		tui_choose(t,
			   &(struct choice){site ? _("Site") : _("Person"), labels, details, fits, meeting_picked, v});
}
