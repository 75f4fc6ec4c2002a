/* SPDX-License-Identifier: GPL-3.0-or-later */

#include <stdlib.h>

#include "menu.h"
#include "tui.h"

struct choose {
	struct menu menu;
	char *title;
	void (*taken)(struct tui *t, void *ctx, size_t i);
	void *ctx;
};

static void choose_close(struct tui *t, void *state)
{
	struct choose *c = state;

	(void)t;
	menu_done(&c->menu);
	free(c->title);
}

static bool choose_open(struct tui *t, void *state, const struct view_arg *arg, struct err *e)
{
	struct choose *c = state;
	const struct choice *from = arg->more;

	menu_init(&c->menu);
	c->taken = from->taken;
	c->ctx = from->ctx;
	bool ok = (c->title = str_dup(from->title)) || err_nomem(e, "choose_open");
	for (size_t i = 0; ok && i < from->n; i++)
		ok = menu_add(&c->menu, from->labels[i], from->details ? from->details[i] : NULL, i, e);
	if (!ok)
		choose_close(t, c);
	return ok;
}

static int choose_rows(struct tui *t, void *state, int room)
{
	struct choose *c = state;
	int want = (int)c->menu.n + 2;

	(void)t;
	return want < room ? want : room;
}

static void choose_draw(struct tui *t, void *state, struct page *p)
{
	struct choose *c = state;
	struct buf mark = BUF_INIT;

	(void)t;
	buf_printf(&mark, _("%s: "), c->title);
	menu_draw(&c->menu, p->top, p->end, buf_str(&mark), "");
	buf_done(&mark);
}

static bool choose_act(struct tui *t, void *state, enum action a)
{
	struct choose *c = state;
	const struct menu_item *chosen = menu_chosen(&c->menu);

	if (a != DO_choose)
		return false;
	if (chosen) {
		void (*taken)(struct tui *, void *, size_t) = c->taken;
		void *ctx = c->ctx;
		size_t value = chosen->value;
		tui_pop(t);
		taken(t, ctx, value);
	}
	return true;
}

static bool choose_key(struct tui *t, void *state, const struct event *ev)
{
	struct choose *c = state;

	(void)t;
	return menu_key(&c->menu, ev);
}

void tui_choose(struct tui *t, const struct choice *c)
{
	tui_push(t, &view_choose, &(struct view_arg){.more = c});
}

const struct view view_choose = {
    .id = VIEW_choose,
    .size = sizeof(struct choose),
    .overlay = true,
    .open = choose_open,
    .draw = choose_draw,
    .act = choose_act,
    .key = choose_key,
    .close = choose_close,
    .rows = choose_rows,
};
