/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tui.h"

#include <string.h>

#include "cli/cli.h"
#include "flow.h"
#include "pass.h"

struct lock {
	struct pass pass;
	struct buf why; /* the last try did not open it */
	bool working;
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
	buf_done(&l->why);
}

static void lock_draw(struct tui *t, void *state, struct page *p)
{
	struct lock *l = state;
	const char *slash = strrchr(t->path, '/');
	int row = p->end - p->top < 14 ? p->top : p->top + (p->end - p->top) / 4, at;

	buf_str_add(&p->title, _("Locked"));
	draw_text(row, 4, p->cols - 5, slash ? slash + 1 : t->path, DRAW_PLAIN);
	row += 2;
	at = 4 + draw_text(row, 4, p->cols / 2, _("Passphrase: "), DRAW_STRONG);
	pass_draw(&l->pass, row, at, p->cols - at - 1, !l->working);
	row += 2;
	if (l->working)
		draw_text(row, 4, p->cols - 5, _("Opening, about a second..."), DRAW_PLAIN);
	else
		flow_draw(buf_str(&l->why), 0, row, p->end, 4, p->cols - 6, DRAW_ERROR);
}

static bool lock_store(struct tui *t, struct lock *l, struct store **s, struct err *e)
{
	struct secret file = SECRET_INIT;
	struct vault_key key = {.passphrase = l->pass.s.len ? &l->pass.s : NULL};

	if (t->key_file) {
		if (!secret_read_file(&file, t->key_file, e))
			return false;
		key.key_file = &file;
	}
	bool ok = store_open(t->path, &key, s, e);
	secret_free(&file);
	return ok;
}

static void lock_try(struct tui *t, struct lock *l)
{
	struct store *s = NULL;
	struct err e = ERR_INIT;

	if (l->pass.s.len == 0 && !t->key_file)
		return;
	/* The key derivation takes about a second on purpose: say so before. */
	l->working = true;
	buf_clear(&l->why);
	tui_draw(t);
	l->working = false;
	bool ok = lock_store(t, l, &s, &e);
	pass_clear(&l->pass);
	if (ok)
		tui_set_store(t, s);
	else
		err_sentence(&e, &l->why);
}

static bool lock_act(struct tui *t, void *state, enum action a)
{
	struct lock *l = state;

	if (a == DO_unlock)
		lock_try(t, l);
	else if (a == DO_clear)
		pass_clear(&l->pass);
	else
		return false;
	return true;
}

static bool lock_key(struct tui *t, void *state, const struct event *ev)
{
	struct lock *l = state;

	(void)t;
	buf_clear(&l->why);
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
