/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tui.h"

#include <stdlib.h>
#include <string.h>

#include "arpent/text.h"
#include "rows.h"
#include "sheet.h"

#define LIST_COUNT 100000 /* counted exactly up to here */
#define LIST_FITS 1000    /* and with a filter up to here */

struct list {
	struct rows rows;
	char *kind; /* owned; NULL: every kind */
	struct buf filter;
	struct id *marks; /* rows marked by hand */
	size_t nmarks;
	size_t total, fits; /* without and with the filter */
	bool
	    narrowed; /* the filter has changed: rows are loaded before they are drawn, and counted when no key comes */
	bool counted;
	struct sheet sheet; /* the preview */
	struct id previewed;
};

static void list_failed(struct tui *t, bool ok, const struct err *e)
{
	if (!ok)
		tui_fail(t, e);
}

static bool list_count(struct tui *t, struct list *l, struct err *e)
{
	struct list_spec all = l->rows.spec;

	all.filter = NULL;
	l->counted = !l->rows.spec.filter;
	return store_count(t->store, &all, LIST_COUNT, &l->total, e);
}

/* The rows of the filter as it is now: keys of one burst may follow its typing. */
static void list_ready(struct tui *t, struct list *l)
{
	struct err e = ERR_INIT;

	if (l->narrowed)
		list_failed(t, rows_load(&l->rows, t->store, &e), &e);
	l->narrowed = false;
}

static void list_close(struct tui *t, void *state)
{
	struct list *l = state;

	(void)t;
	rows_done(&l->rows);
	sheet_done(&l->sheet);
	buf_done(&l->filter);
	free(l->kind);
	free(l->marks);
}

static bool list_open(struct tui *t, void *state, const struct view_arg *arg, struct err *e)
{
	struct list *l = state;
	struct list_spec spec = {.order = LIST_BY_DAY};
	const struct kind *k = arg->kind ? kind_find(arg->kind) : NULL;

	if (arg->more)
		spec = *(const struct list_spec *)arg->more;
	if (k && !(l->kind = str_dup(k->key)))
		return err_nomem(e, "list_open");
	spec.kind = l->kind;
	if (k && !kind_field_flag(k, FIELD_DATE_OF))
		spec.order = LIST_BY_TITLE;
	rows_init(&l->rows, &spec);
	if (rows_load(&l->rows, t->store, e) && list_count(t, l, e))
		return true;
	list_close(t, l);
	return false;
}

static void list_changed(struct tui *t, void *state)
{
	struct list *l = state;
	struct err e = ERR_INIT;

	memset(&l->previewed, 0, sizeof l->previewed);
	list_failed(t, rows_reload(&l->rows, t->store, &e) && list_count(t, l, &e), &e);
}

static bool list_marked(const struct list *l, const struct id *id)
{
	for (size_t i = 0; i < l->nmarks; i++)
		if (id_eq(&l->marks[i], id))
			return true;
	return false;
}

static void list_title(struct list *l, struct page *p)
{
	const struct kind *k = l->kind ? kind_find(l->kind) : NULL;

	buf_str_add(&p->title, l->rows.spec.bin ? _("Bin") : k ? _(k->plural) : _("Everything"));
	if (l->total > LIST_COUNT)
		buf_printf(&p->right, "%d+", LIST_COUNT);
	else
		buf_printf(&p->right, "%zu", l->total);
	if (l->rows.spec.filter)
		buf_printf(&p->right, _(", filter: %s"), l->rows.spec.filter);
	if (l->rows.spec.filter && l->counted)
		buf_printf(&p->right, l->fits > LIST_FITS ? " -> %zu+" : " -> %zu",
			   l->fits > LIST_FITS ? (size_t)LIST_FITS : l->fits);
	if (l->rows.spec.bin)
		buf_str_add(&p->hint, _("r brings back what was deleted."));
	if (l->nmarks)
		buf_printf(&p->right, P_(", %zu marked", ", %zu marked", l->nmarks), l->nmarks);
}

static void list_preview(struct list *l, int top, int bottom, int col, int end)
{
	const struct rows_item *it = rows_chosen(&l->rows);

	draw_rule(top, bottom, col);
	if (!it || !id_eq(&it->id, &l->previewed))
		return;
	draw_text(top, col + 2, end - col - 2, buf_str(&l->sheet.title), DRAW_STRONG);
	for (size_t i = 0; i < l->sheet.n && top + 1 + (int)i < bottom; i++)
		sheet_draw_line(&l->sheet, i, top + 1 + (int)i, col + 2, end);
}

static void list_draw(struct tui *t, void *state, struct page *p)
{
	struct list *l = state;
	bool preview = p->cols >= TUI_PREVIEW_COLUMNS;
	int end = preview ? p->cols * 3 / 5 : p->cols;
	struct err e = ERR_INIT;
	struct buf day = BUF_INIT;

	list_ready(t, l);
	list_failed(t, rows_fit(&l->rows, t->store, (size_t)(p->end - p->top), &e), &e);
	for (int i = 0; i < p->end - p->top && l->rows.top + (size_t)i < l->rows.n; i++) {
		size_t at = l->rows.top + (size_t)i;
		struct rows_item *it = &l->rows.v[at];
		if (!it->beside)
			it->beside = tui_beside(t, &it->id, it->owner);
		buf_clear(&day);
		tui_day(t, it->day, &day);
		tui_row(p->top + i, 0, end, at == l->rows.at, tui_sign(it->flags), buf_str(&day), it->title,
			it->beside ? it->beside : "");
		if (list_marked(l, &it->id))
			draw_text(p->top + i, 1, 1, "+", DRAW_STRONG);
	}
	if (l->rows.n == 0)
		draw_text(p->top, 4, end - 4,
			  l->rows.spec.filter ? _("Nothing fits.")
			  : l->rows.spec.bin  ? _("The bin is empty.")
					      : _("Nothing here yet: n makes a new one."),
			  DRAW_PLAIN);
	if (preview)
		list_preview(l, p->top, p->end, end, p->cols);
	list_title(l, p);
	buf_done(&day);
}

static void list_idle(struct tui *t, void *state)
{
	struct list *l = state;
	const struct rows_item *it = rows_chosen(&l->rows);
	int cols = draw_cols();
	struct err e = ERR_INIT;

	if (!l->counted) {
		l->counted = true;
		list_failed(t, store_count(t->store, &l->rows.spec, LIST_FITS, &l->fits, &e), &e);
	}
	if (!it || cols < TUI_PREVIEW_COLUMNS || id_eq(&it->id, &l->previewed))
		return;
	l->previewed = it->id;
	list_failed(t, sheet_load(&l->sheet, t, &it->id, cols - cols * 3 / 5 - 3, true, &e), &e);
}

static void list_filter_typed(struct tui *t, void *ctx, const char *text)
{
	struct list *l = ctx;

	(void)t;
	buf_clear(&l->filter);
	buf_str_add(&l->filter, text);
	l->rows.spec.filter = l->filter.len ? buf_str(&l->filter) : NULL;
	l->narrowed = true;
	l->counted = !l->rows.spec.filter;
}

static void list_sort(struct tui *t, struct list *l)
{
	static const char *const names[] = {N_("By day, newest first."), N_("By day, oldest first."), N_("By title."),
					    N_("By last edit.")};
	struct err e = ERR_INIT;

	l->rows.spec.order = (enum list_order)((l->rows.spec.order + 1) % 4);
	list_failed(t, rows_load(&l->rows, t->store, &e), &e);
	tui_say(t, "%s", _(names[l->rows.spec.order]));
}

static void list_mark(struct list *l)
{
	const struct rows_item *it = rows_chosen(&l->rows);
	struct id *marks;

	if (!it)
		return;
	for (size_t i = 0; i < l->nmarks; i++) {
		if (id_eq(&l->marks[i], &it->id)) {
			l->marks[i] = l->marks[--l->nmarks];
			l->rows.at++;
			return;
		}
	}
	if ((marks = reallocarray(l->marks, l->nmarks + 1, sizeof *marks))) {
		l->marks = marks;
		l->marks[l->nmarks++] = it->id;
		l->rows.at++;
	}
}

/* Those marked, else the chosen one. */
static void list_several(struct tui *t, struct list *l, void (*todo)(struct tui *t, const struct id *ids, size_t n))
{
	const struct rows_item *it = rows_chosen(&l->rows);

	if (l->nmarks)
		todo(t, l->marks, l->nmarks);
	else if (it)
		todo(t, &it->id, 1);
	l->nmarks = 0;
}

static bool list_act(struct tui *t, void *state, enum action a)
{
	struct list *l = state;

	list_ready(t, l);
	const struct rows_item *it = rows_chosen(&l->rows);
	switch (a) {
	case DO_open:
		if (it)
			tui_open_record(t, &it->id);
		return true;
	case DO_edit:
		if (it)
			tui_edit(t, &it->id);
		return true;
	case DO_new:
		if (!l->kind)
			return false;
		tui_new(t, l->kind);
		return true;
	case DO_done:
		tui_toggle_done(t, it ? &it->id : NULL);
		return true;
	case DO_filter:
		tui_prompt(t, &(struct prompt){.label = _("Filter:"), buf_str(&l->filter), list_filter_typed, NULL, l});
		return true;
	case DO_sort:
		list_sort(t, l);
		return true;
	case DO_mark:
		list_mark(l);
		return true;
	case DO_remove:
		list_several(t, l, tui_remove);
		return true;
	case DO_restore:
		list_several(t, l, tui_restore);
		return true;
	case DO_like:
		tui_like(t, it ? &it->id : NULL);
		return true;
	case DO_history:
		if (it)
			tui_push(t, &view_history, &(struct view_arg){.id = &it->id});
		return true;
	default:
		return false;
	}
}

static bool list_key(struct tui *t, void *state, const struct event *ev)
{
	struct list *l = state;
	struct err e = ERR_INIT;

	list_ready(t, l);
	bool mine = rows_key(&l->rows, t->store, ev, &e);

	list_failed(t, e.code == ERR_NONE, &e);
	return mine;
}

const struct view view_list = {
    .id = VIEW_list,
    .size = sizeof(struct list),
    .open = list_open,
    .draw = list_draw,
    .act = list_act,
    .key = list_key,
    .changed = list_changed,
    .idle = list_idle,
    .close = list_close,
};
