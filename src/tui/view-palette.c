/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tui.h"

#include "menu.h"

/* Values below DO_COUNT are actions; then, for each kind, "new" and "go to". */
#define PALETTE_NEW(i) (DO_COUNT + 2 * (i))
#define PALETTE_LIST(i) (DO_COUNT + 2 * (i) + 1)

struct palette {
	struct menu menu;
};

static void palette_close(struct tui *t, void *state)
{
	struct palette *p = state;

	(void)t;
	menu_done(&p->menu);
}

static bool palette_actions(struct palette *p, enum view_id view, struct err *e)
{
	bool ok = true;

	for (int a = 1; ok && a < DO_COUNT; a++) {
		const struct action_info *info = action_info((enum action)a);
		struct buf key = BUF_INIT;
		if (!(info->where & 1u << view) || a == DO_palette)
			continue;
		keys_show((enum action)a, &key);
		ok = menu_add(&p->menu, _(info->does), buf_str(&key), (size_t)a, e);
		buf_done(&key);
	}
	return ok;
}

static bool palette_kinds(struct palette *p, struct err *e)
{
	struct buf label = BUF_INIT;
	bool ok = true;

	for (size_t i = 0; ok && i < kind_count(); i++) {
		buf_clear(&label);
		buf_printf(&label, _("New: %s"), _(kind_at(i)->label));
		ok = menu_add(&p->menu, buf_str(&label), "", PALETTE_NEW(i), e);
	}
	for (size_t i = 0; ok && i < kind_count(); i++) {
		buf_clear(&label);
		buf_printf(&label, _("Go to: %s"), _(kind_at(i)->plural));
		ok = menu_add(&p->menu, buf_str(&label), "", PALETTE_LIST(i), e);
	}
	buf_done(&label);
	return ok;
}

static bool palette_open(struct tui *t, void *state, const struct view_arg *arg, struct err *e)
{
	struct palette *p = state;

	(void)arg;
	menu_init(&p->menu);
	bool ok = palette_actions(p, tui_top(t)->view->id, e) && palette_kinds(p, e) &&
		  menu_add(&p->menu, _("Language: français"), "", PALETTE_NEW(kind_count()), e) &&
		  menu_add(&p->menu, _("Language: English"), "", PALETTE_LIST(kind_count()), e);
	if (!ok)
		palette_close(t, p);
	return ok;
}

static int palette_rows(struct tui *t, void *state, int room)
{
	(void)t, (void)state;
	return room < 12 ? room : 12;
}

static void palette_draw(struct tui *t, void *state, struct page *p)
{
	struct palette *pal = state;
	struct buf count = BUF_INIT;

	(void)t;
	buf_printf(&count, _("%zu of %zu actions"), pal->menu.fits, pal->menu.n);
	menu_draw(&pal->menu, p->top, p->end, ":", buf_str(&count));
	buf_done(&count);
}

static bool palette_act(struct tui *t, void *state, enum action a)
{
	struct palette *p = state;
	const struct menu_item *chosen = menu_chosen(&p->menu);

	if (a != DO_run)
		return false;
	if (!chosen)
		return true;
	size_t v = chosen->value;
	tui_pop(t);
	if (v < DO_COUNT)
		tui_act(t, (enum action)v);
	else if ((v - DO_COUNT) / 2 == kind_count())
		tui_set_lang(t, v == PALETTE_NEW(kind_count()) ? "fr" : "en");
	else if ((v - DO_COUNT) % 2 == 0)
		tui_new(t, kind_at((v - DO_COUNT) / 2)->key);
	else
		tui_push(t, &view_list, &(struct view_arg){.kind = kind_at((v - DO_COUNT) / 2)->key});
	return true;
}

static bool palette_key(struct tui *t, void *state, const struct event *ev)
{
	struct palette *p = state;

	(void)t;
	return menu_key(&p->menu, ev);
}

const struct view view_palette = {
    .id = VIEW_palette,
    .size = sizeof(struct palette),
    .overlay = true,
    .open = palette_open,
    .draw = palette_draw,
    .act = palette_act,
    .key = palette_key,
    .close = palette_close,
    .rows = palette_rows,
};
