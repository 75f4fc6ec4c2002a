/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tui.h"

#include <stdlib.h>

#include "line.h"

struct ask {
	struct line line;
	char *label, *was;
	struct prompt p;
};

static void ask_close(struct tui *t, void *state)
{
	struct ask *a = state;

	(void)t;
	line_done(&a->line);
	free(a->label);
	free(a->was);
}

static bool ask_open(struct tui *t, void *state, const struct view_arg *arg, struct err *e)
{
	struct ask *a = state;

	a->p = *(const struct prompt *)arg->more;
	line_init(&a->line);
	line_set(&a->line, a->p.text ? a->p.text : "");
	a->label = str_dup(a->p.label);
	a->was = str_dup(line_text(&a->line));
	if (a->label && a->was)
		return true;
	ask_close(t, a);
	return err_nomem(e, "ask_open");
}

static int ask_rows(struct tui *t, void *state, int room)
{
	(void)t, (void)state, (void)room;
	return 1;
}

static void ask_draw(struct tui *t, void *state, struct page *p)
{
	struct ask *a = state;
	int col = 1;

	(void)t;
	if (a->p.complete)
		buf_str_add(&p->hint, _("Tab completes the name of a file; ~ is your folder."));
	col += draw_text(p->top, col, p->cols / 2, a->label, DRAW_STRONG) + 1;
	line_draw(&a->line, p->top, col, p->cols - col - 1, true);
}

static bool ask_act(struct tui *t, void *state, enum action act)
{
	struct ask *a = state;
	struct prompt p = a->p;

	if (act == DO_close) {
		if (p.typed)
			p.typed(t, p.ctx, a->was);
		return false;
	}
	if (act != DO_accept)
		return false;
	char *text = str_dup(line_text(&a->line));
	tui_pop(t);
	if (p.taken && text)
		p.taken(t, p.ctx, text);
	free(text);
	return true;
}

static void ask_complete(struct tui *t, struct ask *a)
{
	struct buf out = BUF_INIT, said = BUF_INIT;

	a->p.complete(line_text(&a->line), &out, &said);
	if (!out.oom)
		line_set(&a->line, buf_str(&out));
	if (said.len > 0)
		tui_say(t, "%s", buf_str(&said));
	buf_done(&out);
	buf_done(&said);
}

static bool ask_key(struct tui *t, void *state, const struct event *ev)
{
	struct ask *a = state;
	bool changed;

	/* A motion or a correction takes the proposal up. */
	if (a->p.proposal && (ev->key == INPUT_TEXT || ev->key == INPUT_SPACE || ev->key == INPUT_PASTE))
		line_set(&a->line, "");
	a->p.proposal = false;
	if (ev->key == INPUT_TAB && a->p.complete) {
		ask_complete(t, a);
		return true;
	}
	if (!line_key(&a->line, ev, &changed))
		return false;
	if (changed && a->p.typed)
		a->p.typed(t, a->p.ctx, line_text(&a->line));
	return true;
}

void tui_prompt(struct tui *t, const struct prompt *p)
{
	tui_push(t, &view_prompt, &(struct view_arg){.more = p});
}

const struct view view_prompt = {
    .id = VIEW_prompt,
    .size = sizeof(struct ask),
    .overlay = true,
    .open = ask_open,
    .draw = ask_draw,
    .act = ask_act,
    .key = ask_key,
    .close = ask_close,
    .rows = ask_rows,
};
