/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tui.h"

#include <string.h>

#include "arpent/text.h"

/* Every key of the view below, printed from the table. */
struct help {
	enum view_id of;
	int top, height, n; /* rows: hidden above, of the screen, of it all */
};

static bool help_open(struct tui *t, void *state, const struct view_arg *arg, struct err *e)
{
	struct help *h = state;

	(void)arg, (void)e;
	h->of = tui_top(t)->view->id;
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

/* A sentence may take several rows where it is narrow. */
static int help_action(const struct page *p, enum action a, int row)
{
	const char *does = _(action_info(a)->does);
	int left = 12, width = p->cols - left - 1;
	struct buf key = BUF_INIT;

	keys_show(a, &key);
	if (row >= p->top && row < p->end)
		draw_text(row, 1, left - 2, buf_str(&key), DRAW_STRONG);
	for (size_t at = 0, n = strlen(does); at < n; row++) {
		size_t len = text_wrap(does + at, n - at, width);
		if (row >= p->top && row < p->end)
			draw_text_n(row, left, width, does + at, len - (does[at + len - 1] == ' '), DRAW_PLAIN);
		at += len;
	}
	buf_done(&key);
	return row;
}

static void help_draw(struct tui *t, void *state, struct page *p)
{
	struct help *h = state;
	int row = p->top - h->top;

	(void)t;
	buf_printf(&p->title, _("Help: %s"), help_title(h->of));
	for (int a = 1; a < DO_COUNT; a++)
		if (action_info((enum action)a)->where & 1u << h->of)
			row = help_action(p, (enum action)a, row);
	h->height = p->end - p->top;
	h->n = row - p->top + h->top;
	draw_cursor(p->top, 0);
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
