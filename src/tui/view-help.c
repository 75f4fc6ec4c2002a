/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tui.h"

/* Every key of the view below, printed from the table. */
struct help {
	enum view_id of;
	int top, height, n;
};

static bool help_open(struct tui *t, void *state, const struct view_arg *arg, struct err *e)
{
	struct help *h = state;

	(void)arg, (void)e;
	h->of = tui_top(t)->view->id;
	for (int a = 1; a < DO_COUNT; a++)
		h->n += (action_info((enum action)a)->where & 1u << h->of) != 0;
	return true;
}

static const char *help_motion(const struct help *h)
{
	return (1u << h->of) & IN_READ ? _("Arrows, PgUp, PgDn, Home and End move; j and k too.")
				       : _("Arrows move, with Ctrl by words; ^W deletes a word, ^K to the end.");
}

static const char *help_title(enum view_id id)
{
	static const char *const labels[] = {
#define VIEW(id, label) label,
#include "views.def"
#undef VIEW
	};

	return _(labels[id]);
}

static void help_draw(struct tui *t, void *state, struct page *p)
{
	struct help *h = state;
	int row = p->top, skip = h->top, wide = 9;

	(void)t;
	buf_printf(&p->title, _("Help: %s"), help_title(h->of));
	h->height = p->end - p->top;
	for (int a = 1; a < DO_COUNT && row < p->end; a++) {
		const struct action_info *info = action_info((enum action)a);
		struct buf key = BUF_INIT;
		if (!(info->where & 1u << h->of) || skip-- > 0)
			continue;
		keys_show((enum action)a, &key);
		draw_text(row, 1, wide, buf_str(&key), DRAW_STRONG);
		draw_text(row++, wide + 2, p->cols - wide - 3, _(info->does), DRAW_PLAIN);
		buf_done(&key);
	}
	buf_str_add(&p->hint, help_motion(h));
}

static bool help_key(struct tui *t, void *state, const struct event *ev)
{
	struct help *h = state;
	int most = h->n > h->height ? h->n - h->height : 0;
	int by = ev->key == INPUT_DOWN ? 1 : ev->key == INPUT_UP ? -1 : 0;

	(void)t;
	if (ev->key == INPUT_PAGE_DOWN || ev->key == INPUT_SPACE)
		by = h->height - 1;
	if (ev->key == INPUT_PAGE_UP)
		by = 1 - h->height;
	h->top += by;
	h->top = h->top > most ? most : h->top < 0 ? 0 : h->top;
	return by != 0;
}

const struct view view_help = {
    .id = VIEW_help,
    .size = sizeof(struct help),
    .open = help_open,
    .draw = help_draw,
    .key = help_key,
};
