/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tui.h"

#include <stdlib.h>
#include <string.h>

#include "arpent/meeting.h"

/* Who said what when, oldest first. */
struct history_view {
	char **v;
	size_t n, top;
	int height;
	struct buf title;
	const struct kind *kind;
};

struct history_ctx {
	struct tui *t;
	struct history_view *v;
	struct record r;
};

static void history_close(struct tui *t, void *state)
{
	struct history_view *v = state;

	(void)t;
	for (size_t i = 0; i < v->n; i++)
		free(v->v[i]);
	free(v->v);
	buf_done(&v->title);
}

static bool history_add(struct history_view *v, struct buf *line)
{
	char **all = reallocarray(v->v, v->n + 1, sizeof *all);
	char *s = buf_steal(line);

	if (all)
		v->v = all;
	if (!all || !s) {
		free(s);
		return false;
	}
	v->v[v->n++] = s;
	return true;
}

static void history_edit(struct history_ctx *c, const struct edit *ed, struct buf *line)
{
	const char *eq = strchr(ed->key, '=');
	char *key = str_ndup(ed->key, eq ? (size_t)(eq - ed->key) : strlen(ed->key));
	const struct field *f = key && c->v->kind ? kind_field(c->v->kind, key) : NULL;
	struct buf text = BUF_INIT;
	struct err e = ERR_INIT;
	struct id id;

	buf_printf(line, "    %s%s", f ? _(f->label) : key ? key : "", _(": "));
	if (eq)
		buf_printf(line, "%c %s", ed->len ? '+' : '-', eq + 1);
	else if (f && f->type == FIELD_REF && id_parse(ed->text, &id))
		store_title(c->t->store, &id, line);
	else if (f && f->type == FIELD_TEXT && meeting_titles(c->t->store, ed->text, &text, &e))
		buf_add(line, buf_str(&text), text.len);
	else if (f)
		value_show(f, ed->text, &c->t->now, c->t->lang, line);
	else
		buf_add(line, ed->text, ed->len);
	buf_done(&text);
	free(key);
}

static bool history_take(void *ctx, const struct history *h)
{
	struct history_ctx *c = ctx;
	struct buf line = BUF_INIT;
	bool ok;

	date_long(&h->when, c->t->lang, &line);
	if (*h->who)
		buf_printf(&line, ", %s", h->who);
	if (*h->label)
		buf_printf(&line, "%s%s", _(": "), _(h->label));
	else if (!h->change)
		buf_printf(&line, "%s%s", _(": "), _("taken in whole"));
	ok = history_add(c->v, &line);
	for (size_t i = 0; ok && h->change && i < h->change->n; i++) {
		const struct edit *ed = &h->change->edits[i];
		if (strcmp(ed->key, RECORD_ALIVE) == 0 && ed->len)
			continue;
		buf_init(&line);
		if (strcmp(ed->key, RECORD_ALIVE) == 0)
			buf_printf(&line, "    %s", _("deleted"));
		else
			history_edit(c, ed, &line);
		ok = history_add(c->v, &line);
	}
	return ok;
}

static bool history_open(struct tui *t, void *state, const struct view_arg *arg, struct err *e)
{
	struct history_view *v = state;
	struct history_ctx c = {.t = t, .v = v};

	record_init(&c.r);
	if (!store_get(t->store, arg->id, &c.r, e))
		return false;
	v->kind = kind_find(c.r.kind);
	store_title(t->store, arg->id, &v->title);
	record_done(&c.r);
	if (store_history(t->store, arg->id, history_take, &c, e))
		return true;
	history_close(t, v);
	return false;
}

static void history_draw(struct tui *t, void *state, struct page *p)
{
	struct history_view *v = state;

	(void)t;
	v->height = p->end - p->top;
	for (size_t i = v->top; i < v->n && p->top + (int)(i - v->top) < p->end; i++)
		draw_text(p->top + (int)(i - v->top), 1, p->cols - 2, v->v[i],
			  v->v[i][0] == ' ' ? DRAW_PLAIN : DRAW_STRONG);
	draw_cursor(p->top, 0);
	buf_printf(&p->title, _("History: %s"), buf_str(&v->title));
}

static bool history_key(struct tui *t, void *state, const struct event *ev)
{
	struct history_view *v = state;
	char c = ev->key == INPUT_TEXT && !ev->mods ? ev->text[0] : 0;
	size_t page = v->height > 1 ? (size_t)v->height - 1 : 1;
	size_t last = v->n > (size_t)v->height ? v->n - (size_t)v->height : 0, to = v->top;

	(void)t;
	if (ev->key == INPUT_DOWN || c == 'j')
		to++;
	else if (ev->key == INPUT_UP || c == 'k')
		to -= to > 0;
	else if (ev->key == INPUT_PAGE_DOWN || ev->key == INPUT_SPACE)
		to += page;
	else if (ev->key == INPUT_PAGE_UP)
		to -= to > page ? page : to;
	else if (ev->key == INPUT_HOME)
		to = 0;
	else if (ev->key == INPUT_END)
		to = last;
	else
		return false;
	v->top = to > last ? last : to;
	return true;
}

const struct view view_history = {
    .id = VIEW_history,
    .size = sizeof(struct history_view),
    .open = history_open,
    .draw = history_draw,
    .key = history_key,
    .close = history_close,
};
