/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tui.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arpent/text.h"
#include "asking.h"
#include "line.h"

#define QUICK_LABEL 12 /* columns */

static const char *const quick_kinds[] = {"task", "note", "observation", "meeting"};
#define QUICK_KINDS (sizeof quick_kinds / sizeof *quick_kinds)

/* A draft of it is the forced kind or nothing, a newline, and what is typed. */
struct quick_view {
	struct line line;
	const char *kind; /* chosen with Tab, or NULL: as understood */
	struct quick q;
	bool stale;  /* what is typed is not yet understood... */
	bool typing; /* ... nor shall be before a pause: a letter on a slow line is a letter */
	bool typed;  /* since the last draft */
	bool saved;
	char key[6 + ID_TEXT + 1];
	struct asking asking;
};

static void quick_close(struct tui *t, void *state)
{
	struct quick_view *v = state;

	(void)t;
	line_done(&v->line);
	quick_done(&v->q);
	asking_done(&v->asking);
}

static const char *quick_kind(const char *s, size_t n)
{
	for (size_t i = 0; i < QUICK_KINDS; i++)
		if (strlen(quick_kinds[i]) == n && memcmp(quick_kinds[i], s, n) == 0)
			return quick_kinds[i];
	return NULL;
}

static bool quick_take_up(struct tui *t, struct quick_view *v, const char *key, struct err *e)
{
	struct buf b = BUF_INIT;
	bool ok = store_draft_get(t->store, key, &b, e);

	if (ok) {
		size_t n = strcspn(buf_str(&b), "\n");
		v->kind = quick_kind(buf_str(&b), n);
		line_set(&v->line, buf_str(&b) + n + (buf_str(&b)[n] == '\n'));
		snprintf(v->key, sizeof v->key, "%s", key);
	}
	buf_done(&b);
	return ok;
}

static bool quick_open(struct tui *t, void *state, const struct view_arg *arg, struct err *e)
{
	struct quick_view *v = state;
	struct id id;

	line_init(&v->line);
	v->stale = true;
	id_new(&id);
	memcpy(v->key, "quick/", 6);
	id_text(&id, v->key + 6);
	if (arg->draft && !quick_take_up(t, v, arg->draft, e)) {
		quick_close(t, v);
		return false;
	}
	if (arg->text)
		line_set(&v->line, arg->text);
	return true;
}

static void quick_understand(struct tui *t, struct quick_view *v)
{
	struct minutes_names known;
	struct err e = ERR_INIT;

	if (!v->stale)
		return;
	v->stale = false;
	quick_done(&v->q);
	memset(&v->q, 0, sizeof v->q);
	if (!store_names(t->store, "person", &known.people, &known.npeople, &e) ||
	    !store_names(t->store, "site", &known.sites, &known.nsites, &e) ||
	    !quick_read(line_text(&v->line), v->kind, &known, &t->now, &v->q, &e))
		tui_fail(t, &e);
}

static int quick_count(const struct quick_view *v, enum minutes_type type)
{
	int n = 0;

	for (size_t i = 0; i < v->q.items.n; i++) {
		enum minutes_type is = v->q.items.items[i].type;
		n += is == type || (type == MINUTES_PRESENT && is == MINUTES_EXCUSED);
	}
	return n;
}

static int quick_rows(struct tui *t, void *state, int room)
{
	struct quick_view *v = state;

	if (!v->typing)
		quick_understand(t, v);
	int want = 3 + v->q.has_when + (quick_count(v, MINUTES_PRESENT) > 0) + (quick_count(v, MINUTES_SITE) > 0) +
		   (quick_count(v, MINUTES_TAG) > 0);
	return want < room ? want : room;
}

static const struct named *quick_named(struct tui *t, const struct minutes_item *item)
{
	const struct named *names = NULL;
	struct err e = ERR_INIT;
	size_t n = 0;

	if (id_is_zero(&item->who) ||
	    !store_names(t->store, item->type == MINUTES_SITE ? "site" : "person", &names, &n, &e))
		return NULL;
	for (size_t i = 0; i < n; i++)
		if (id_eq(&names[i].id, &item->who))
			return &names[i];
	return NULL;
}

/* "Jean Bonnet (éleveur)", or what is typed with how many it may be. */
static void quick_name(struct tui *t, const struct minutes_item *item, struct buf *out)
{
	const struct named *who = quick_named(t, item);

	if (out->len)
		buf_str_add(out, ", ");
	buf_str_add(out, who ? who->name : item->text);
	if (who && who->detail[0])
		buf_printf(out, " (%s)", who->detail);
	if (!who && item->type != MINUTES_TAG && item->fits > 1)
		buf_printf(out, P_(" (%zu possible)", " (%zu possible)", item->fits), item->fits);
	else if (!who && item->type != MINUTES_TAG && asking_name(item))
		buf_printf(out, " (%s)", _("new"));
}

static int quick_line(int row, const char *label, const char *value, int cols, enum draw_style style)
{
	draw_text(row, 1, QUICK_LABEL - 1, label, style);
	draw_text(row, 1 + QUICK_LABEL, cols - QUICK_LABEL - 2, value, DRAW_PLAIN);
	return row + 1;
}

static int quick_items(struct tui *t, struct quick_view *v, int row, const char *label, enum minutes_type type,
		       int cols)
{
	struct buf b = BUF_INIT;

	if (quick_count(v, type) == 0)
		return row;
	for (size_t i = 0; i < v->q.items.n; i++) {
		const struct minutes_item *item = &v->q.items.items[i];
		if (item->type == type || (type == MINUTES_PRESENT && item->type == MINUTES_EXCUSED))
			quick_name(t, item, &b);
	}
	row = quick_line(row, label, buf_str(&b), cols, DRAW_PLAIN);
	buf_done(&b);
	return row;
}

static void quick_draw(struct tui *t, void *state, struct page *p)
{
	struct quick_view *v = state;
	const struct kind *k;
	struct buf when = BUF_INIT;
	int row = p->top, end = p->end - 1;

	k = v->q.kind ? kind_find(v->q.kind) : NULL;
	if (k && row < end)
		row = quick_line(row, _(k->label), v->q.text, p->cols, DRAW_STRONG);
	if (v->q.has_when && row < end) {
		date_long(&v->q.when, t->lang, &when);
		row = quick_line(row, strcmp(v->q.kind, "task") == 0 ? _("Due") : _("When"), buf_str(&when), p->cols,
				 DRAW_PLAIN);
	}
	if (row < end)
		row = quick_items(t, v, row, _("People"), MINUTES_PRESENT, p->cols);
	if (row < end)
		row = quick_items(t, v, row, _("Site"), MINUTES_SITE, p->cols);
	if (row < end)
		quick_items(t, v, row, _("Tags"), MINUTES_TAG, p->cols);
	draw_text(end, 0, 1, "+", DRAW_STRONG);
	line_draw(&v->line, end, 2, p->cols - 3, true);
	buf_done(&when);
}

static void quick_type(struct quick_view *v, int by)
{
	size_t at = v->q.kind && by < 0 ? 0 : QUICK_KINDS - 1;

	for (size_t i = 0; i < QUICK_KINDS; i++)
		if (v->q.kind && strcmp(quick_kinds[i], v->q.kind) == 0)
			at = i;
	v->kind = quick_kinds[(at + QUICK_KINDS + (size_t)by) % QUICK_KINDS];
	v->stale = v->typed = true;
}

static bool quick_keep(struct tui *t, void *state, struct err *e)
{
	struct quick_view *v = state;
	const char *typed = line_text(&v->line);
	struct buf b = BUF_INIT;

	if (v->saved || !v->typed)
		return true;
	buf_printf(&b, "%s\n%s", v->kind ? v->kind : "", typed);
	bool ok =
	    buf_ok(&b, e) && store_draft_set(t->store, v->key, typed, typed[0] ? b.p : NULL, typed[0] ? b.len : 0, e);
	v->typed = !ok;
	buf_done(&b);
	return ok;
}

static void quick_store(struct tui *t, void *ctx)
{
	struct quick_view *v = ctx;
	const struct kind *k = kind_find(v->q.kind);
	struct err e = ERR_INIT;
	struct id id;

	if (!quick_save(t->store, &v->q, asking_tell, &v->asking, &id, &e) ||
	    !store_draft_set(t->store, v->key, "", NULL, 0, &e)) {
		tui_fail(t, &e);
		return;
	}
	v->saved = true;
	tui_pop(t);
	tui_say(t, _("Noted (%s). u undoes it."), k ? _(k->label) : "");
}

static bool quick_act(struct tui *t, void *state, enum action a)
{
	struct quick_view *v = state;

	v->typing = false;
	switch (a) {
	case DO_note:
		quick_understand(t, v);
		if (v->q.text && v->q.text[0])
			asking_start(&v->asking, t, &v->q.items, quick_store, v);
		else
			tui_say(t, "%s", _("Type what is to be noted, or Esc."));
		return true;
	case DO_type:
	case DO_type_back:
		quick_understand(t, v);
		quick_type(v, a == DO_type ? 1 : -1);
		return true;
	case DO_untype:
	case DO_retype:
		v->stale = v->typed = true;
		return a == DO_untype ? line_undo(&v->line) : line_redo(&v->line);
	default:
		return false;
	}
}

static bool quick_key(struct tui *t, void *state, const struct event *ev)
{
	struct quick_view *v = state;
	bool changed = false;

	(void)t;
	if (!line_key(&v->line, ev, &changed))
		return false;
	v->stale = v->stale || changed;
	v->typing = v->typing || changed;
	v->typed = v->typed || changed;
	return true;
}

static void quick_idle(struct tui *t, void *state)
{
	(void)t;
	((struct quick_view *)state)->typing = false;
}

static void quick_changed(struct tui *t, void *state)
{
	(void)t;
	((struct quick_view *)state)->stale = true;
}

const struct view view_quick = {
    .id = VIEW_quick,
    .size = sizeof(struct quick_view),
    .draft = "quick/",
    .overlay = true,
    .open = quick_open,
    .draw = quick_draw,
    .act = quick_act,
    .key = quick_key,
    .changed = quick_changed,
    .idle = quick_idle,
    .keep = quick_keep,
    .close = quick_close,
    .rows = quick_rows,
};
