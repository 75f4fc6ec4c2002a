/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tui.h"

#include <string.h>

#include "arpent/format.h"
#include "arpent/text.h"
#include "flow.h"

#define MINUTES_NAME 40 /* columns of a proposed file name */

struct minutes_view {
	struct id id;
	struct buf text;
	int top, rows, all; /* as last drawn */
};

static bool minutes_open(struct tui *t, void *state, const struct view_arg *arg, struct err *e)
{
	struct minutes_view *v = state;
	struct export_options o = {.lang = t->lang};
	struct export_report report = {0};
	const struct format *f = format_of_name("minutes.txt");

	v->id = *arg->id;
	if (f && f->document && export_bytes(t->store, f, &v->id, 1, &o, &v->text, &report, e))
		return true;
	buf_done(&v->text);
	return f && f->document ? false : err_set(e, ERR_USAGE, "minutes_open", "minutes.txt");
}

static void minutes_close(struct tui *t, void *state)
{
	(void)t;
	buf_done(&((struct minutes_view *)state)->text);
}

static void minutes_draw(struct tui *t, void *state, struct page *p)
{
	struct minutes_view *v = state;
	int width = p->cols - 2 < 76 ? p->cols - 2 : 76;

	(void)t;
	v->rows = p->end - p->top;
	v->all = flow_rows(buf_str(&v->text), width);
	v->top = v->top > v->all - v->rows ? v->all - v->rows : v->top;
	v->top = v->top < 0 ? 0 : v->top;
	buf_str_add(&p->title, _("Minutes"));
	if (v->all > v->rows)
		buf_printf(&p->right, "%d-%d / %d", v->top + 1, v->top + v->rows < v->all ? v->top + v->rows : v->all,
			   v->all);
	flow_draw(buf_str(&v->text), v->top, p->top, p->end, 1, width, DRAW_PLAIN);
	buf_str_add(&p->hint, _("As a file: .md, .txt or .html. Confidential notes stay out."));
}

/* "~/reunion-2026-11-16-convention.md": readable anywhere. */
static void minutes_name(struct tui *t, const struct minutes_view *v, struct buf *out)
{
	struct buf title = BUF_INIT, fold = BUF_INIT;
	struct record r;
	struct err e = ERR_INIT;
	const char *word;
	size_t at = 0, n;

	record_init(&r);
	if (store_get(t->store, &v->id, &r, &e))
		buf_printf(out, "%.10s", record_get(&r, "start"));
	record_done(&r);
	store_title(t->store, &v->id, &title);
	text_fold(&fold, buf_str(&title), title.len);
	while ((n = text_word(buf_str(&fold), &at, &word)) > 0 && out->len + n < MINUTES_NAME) {
		if (out->len)
			buf_char(out, '-');
		buf_add(out, word, n);
	}
	buf_str_add(out, ".md");
	buf_done(&title);
	buf_done(&fold);
}

static void minutes_write(struct tui *t, void *ctx, const char *path)
{
	struct minutes_view *v = ctx;
	struct export_options o = {.lang = t->lang};
	struct export_report report = {0};
	struct err e = ERR_INIT;

	if (!path[strspn(path, " ")])
		return;
	if (export_file(t->store, path, &v->id, 1, &o, &report, &e))
		tui_say(t, _("Written, in clear text: %s"), path);
	else
		tui_fail(t, &e);
}

static bool minutes_act(struct tui *t, void *state, enum action a)
{
	struct minutes_view *v = state;
	struct buf name = BUF_INIT;

	if (a != DO_write)
		return false;
	minutes_name(t, v, &name);
	tui_prompt(t, &(struct prompt){
			  .label = _("Write to the file:"), .text = buf_str(&name), .taken = minutes_write, .ctx = v});
	buf_done(&name);
	return true;
}

static bool minutes_key(struct tui *t, void *state, const struct event *ev)
{
	struct minutes_view *v = state;
	char c = ev->key == INPUT_TEXT && !ev->mods ? ev->text[0] : 0;

	(void)t;
	if (ev->key == INPUT_DOWN || c == 'j')
		v->top++;
	else if (ev->key == INPUT_UP || c == 'k')
		v->top--;
	else if (ev->key == INPUT_PAGE_DOWN || ev->key == INPUT_SPACE)
		v->top += v->rows - 1;
	else if (ev->key == INPUT_PAGE_UP)
		v->top -= v->rows - 1;
	else if (ev->key == INPUT_HOME)
		v->top = 0;
	else if (ev->key == INPUT_END)
		v->top = v->all;
	else
		return false;
	return true;
}

const struct view view_minutes = {
    .id = VIEW_minutes,
    .size = sizeof(struct minutes_view),
    .open = minutes_open,
    .draw = minutes_draw,
    .act = minutes_act,
    .key = minutes_key,
    .close = minutes_close,
};
