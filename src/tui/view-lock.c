/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tui.h"

#include <string.h>

#include "pass.h"

struct lock {
	struct pass pass;
};

static bool lock_open(struct tui *t, void *state, const struct view_arg *arg, struct err *e)
{
	struct lock *l = state;

	(void)t, (void)arg;
	return pass_init(&l->pass, e);
}

static void lock_close(struct tui *t, void *state)
{
	struct lock *l = state;

	(void)t;
	pass_done(&l->pass);
}

static void lock_draw(struct tui *t, void *state, struct page *p)
{
	struct lock *l = state;
	const char *slash = strrchr(t->path, '/');
	int row = p->top + (p->end - p->top) / 3, at;

	buf_str_add(&p->title, _("Locked"));
	draw_text(row, 4, p->cols - 5, slash ? slash + 1 : t->path, DRAW_PLAIN);
	at = 4 + draw_text(row + 2, 4, p->cols / 2, _("Passphrase: "), DRAW_PLAIN);
	pass_draw(&l->pass, row + 2, at, p->cols - at - 1, true);
}

static void lock_try(struct tui *t, struct lock *l)
{
	struct vault_key key = {.passphrase = &l->pass.s};
	struct store *s = NULL;
	struct err e = ERR_INIT;

	/* The key derivation takes about a second on purpose: say so before. */
	tui_say(t, "%s", _("Opening..."));
	tui_draw(t);
	bool ok = store_open(t->path, &key, &s, &e);
	pass_clear(&l->pass);
	if (!ok) {
		tui_fail(t, &e);
		return;
	}
	buf_clear(&t->message);
	tui_set_store(t, s);
}

static bool lock_act(struct tui *t, void *state, enum action a)
{
	if (a != DO_unlock)
		return false;
	lock_try(t, state);
	return true;
}

static bool lock_key(struct tui *t, void *state, const struct event *ev)
{
	struct lock *l = state;

	(void)t;
	return pass_key(&l->pass, ev);
}

const struct view view_lock = {
    .id = VIEW_lock,
    .size = sizeof(struct lock),
    .open = lock_open,
    .draw = lock_draw,
    .act = lock_act,
    .key = lock_key,
    .close = lock_close,
};
