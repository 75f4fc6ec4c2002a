/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tui.h"

#include "files.h"
#include "settle.h"
#include "sheet.h"

/* A record to read.  The cursor goes from line to line; Enter opens what a line refers to. */
struct page_view {
	struct id id;
	struct sheet sheet;
	struct settle settle;
	size_t at, top;
	int height;
	struct files files;
};

static bool record_load(struct tui *t, struct page_view *v, struct err *e)
{
	return sheet_load(&v->sheet, t, &v->id, draw_cols() - 3, false, e);
}

static bool record_open(struct tui *t, void *state, const struct view_arg *arg, struct err *e)
{
	struct page_view *v = state;

	v->id = *arg->id;
	if (record_load(t, v, e))
		return true;
	sheet_done(&v->sheet);
	return false;
}

static void record_close(struct tui *t, void *state)
{
	struct page_view *v = state;

	(void)t;
	sheet_done(&v->sheet);
	settle_done(&v->settle);
}

static void record_changed(struct tui *t, void *state)
{
	struct err e = ERR_INIT;

	if (!record_load(t, state, &e))
		tui_fail(t, &e);
}

/* The field of the chosen line, else the first that needs it. */
static void record_settle(struct tui *t, struct page_view *v)
{
	const struct field *f = v->at < v->sheet.n ? v->sheet.v[v->at].settle : NULL;
	struct record r;
	struct err e = ERR_INIT;

	record_init(&r);
	if (store_get(t->store, &v->id, &r, &e))
		settle_ask(&v->settle, t, &r, f ? f : settle_first(&r), NULL, NULL);
	else
		tui_fail(t, &e);
	record_done(&r);
}

static void record_draw(struct tui *t, void *state, struct page *p)
{
	struct page_view *v = state;
	const struct kind *k;

	v->height = p->end - p->top;
	if (v->sheet.cols != p->cols - 3)
		record_changed(t, v);
	k = v->sheet.kind ? kind_find(v->sheet.kind) : NULL;
	if (v->at >= v->sheet.n)
		v->at = v->sheet.n ? v->sheet.n - 1 : 0;
	if (v->at < v->top || v->at >= v->top + (size_t)v->height)
		v->top = v->at > (size_t)v->height / 2 ? v->at - (size_t)v->height / 2 : 0;
	for (size_t i = v->top; i < v->sheet.n && i < v->top + (size_t)v->height; i++) {
		int row = p->top + (int)(i - v->top);
		sheet_draw_line(&v->sheet, i, row, 2, p->cols);
		if (i == v->at) {
			draw_text(row, 0, 1, v->sheet.v[i].link ? ">" : "", DRAW_STRONG);
			draw_cursor(row, 0);
		}
	}
	buf_printf(&p->title, _("%s: %s"),
		   k               ? _(k->label)
		   : v->sheet.kind ? v->sheet.kind
				   : "",
		   buf_str(&v->sheet.title));
	if (v->sheet.deleted)
		buf_str_add(&p->right, _("in the bin"));
	for (size_t i = 0; i < v->sheet.n && !p->hint.len; i++)
		if (v->sheet.v[i].settle)
			buf_printf(&p->hint, _("%s Several values: c chooses."), draw_sign_settle());
}

/* What the chosen line leads to, or NULL. */
static const struct id *record_link(const struct page_view *v)
{
	return v->at < v->sheet.n && v->sheet.v[v->at].link ? &v->sheet.v[v->at].id : NULL;
}

static bool record_act(struct tui *t, void *state, enum action a)
{
	struct page_view *v = state;

	switch (a) {
	case DO_open:
		if (record_link(v))
			tui_open_record(t, record_link(v));
		else
			tui_edit(t, &v->id);
		return true;
	case DO_edit:
		tui_edit(t, &v->id);
		return true;
	case DO_every_field:
		tui_push(t, &view_form, &(struct view_arg){.id = &v->id});
		return true;
	case DO_done:
		tui_toggle_done(t, &v->id);
		return true;
	case DO_attach:
		files_attach(t, &v->files, &v->id);
		return true;
	case DO_extract:
		files_extract(t, &v->files, &v->id, record_link(v));
		return true;
	case DO_remove:
		tui_remove(t, &v->id, 1);
		tui_pop(t);
		return true;
	case DO_restore:
		tui_restore(t, &v->id, 1);
		return true;
	case DO_like:
		tui_like(t, &v->id);
		return true;
	case DO_settle:
		record_settle(t, v);
		return true;
	case DO_history:
		tui_push(t, &view_history, &(struct view_arg){.id = &v->id});
		return true;
	default:
		return false;
	}
}

static bool record_key(struct tui *t, void *state, const struct event *ev)
{
	struct page_view *v = state;
	char c = ev->key == INPUT_TEXT && !ev->mods ? ev->text[0] : 0;
	size_t last = v->sheet.n ? v->sheet.n - 1 : 0, page = v->height > 1 ? (size_t)v->height - 1 : 1;

	(void)t;
	if (ev->key == INPUT_DOWN || c == 'j')
		v->at = v->at < last ? v->at + 1 : last;
	else if (ev->key == INPUT_UP || c == 'k')
		v->at -= v->at > 0;
	else if (ev->key == INPUT_PAGE_DOWN || ev->key == INPUT_SPACE)
		v->at = v->at + page < last ? v->at + page : last;
	else if (ev->key == INPUT_PAGE_UP)
		v->at -= v->at > page ? page : v->at;
	else if (ev->key == INPUT_HOME)
		v->at = 0;
	else if (ev->key == INPUT_END)
		v->at = last;
	else
		return false;
	return true;
}

const struct view view_record = {
    .id = VIEW_record,
    .size = sizeof(struct page_view),
    .open = record_open,
    .draw = record_draw,
    .act = record_act,
    .key = record_key,
    .changed = record_changed,
    .close = record_close,
};
