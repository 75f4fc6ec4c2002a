/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tui.h"

#include <string.h>

#include <sodium.h>

#include "arpent/text.h"
#include "arpent/vault.h"
#include "cli/cli.h"
#include "flow.h"
#include "pass.h"

#define LOCK_TARGET_MS 1000 /* of the key derivation of a new passphrase */

enum lock_step { LOCK_PASS, LOCK_WORDS, LOCK_NEW, LOCK_AGAIN };

struct lock {
	enum lock_step step;
	struct pass pass, fresh; /* what is typed; the new passphrase, while it is typed again */
	struct vault *vault;     /* that the words opened, till there is a new passphrase */
	struct buf why;          /* the last try did not open it */
	bool working;
};

static bool lock_open(struct tui *t, void *state, const struct view_arg *arg, struct err *e)
{
	struct lock *l = state;

	(void)t, (void)arg;
	if (pass_init(&l->pass, e) && pass_init(&l->fresh, e))
		return true;
	pass_done(&l->pass);
	return false;
}

static void lock_begin(struct lock *l, enum lock_step step)
{
	pass_clear(&l->pass);
	if (step != LOCK_AGAIN)
		pass_clear(&l->fresh);
	if (step < LOCK_NEW) {
		vault_close(l->vault);
		l->vault = NULL;
	}
	l->step = step;
}

static void lock_close(struct tui *t, void *state)
{
	struct lock *l = state;

	(void)t;
	pass_done(&l->pass);
	pass_done(&l->fresh);
	vault_close(l->vault);
	buf_done(&l->why);
}

/* Two dozen words typed blind would be a trial: they are seen, as they are on paper.  Returns the last row. */
static int lock_draw_words(const struct lock *l, int row, const struct page *p)
{
	const char *s = (const char *)l->pass.s.p;
	int width = p->cols - 6, end = row + 1;
	size_t n = l->pass.s.len, at = 0, took = 0;

	for (; at < n && end <= p->end; at += took, end++) {
		took = text_wrap(s + at, n - at, width);
		draw_text_n(end - 1, 4, width + 1, s + at, took, DRAW_PLAIN);
	}
	int last = n ? end - 2 : row;
	draw_cursor(last, 4 + (n ? text_width_n(s + n - took, took) : 0));
	return last;
}

static void lock_draw(struct tui *t, void *state, struct page *p)
{
	static const char *const labels[] = {N_("Passphrase: "), N_("Recovery words, with blanks between: "),
					     N_("New passphrase: "), N_("Once more: ")};
	struct lock *l = state;
	const char *slash = strrchr(t->path, '/');
	int row = p->end - p->top < 14 ? p->top : p->top + (p->end - p->top) / 4, at;

	buf_str_add(&p->title, _("Locked"));
	draw_text(row, 4, p->cols - 5, slash ? slash + 1 : t->path, DRAW_PLAIN);
	row += 2;
	at = 4 + draw_text(row, 4, p->cols - 12, _(labels[l->step]), DRAW_STRONG);
	if (l->step == LOCK_WORDS)
		row = lock_draw_words(l, row + 1, p);
	else
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

static bool lock_words(const struct tui *t, struct lock *l, struct err *e)
{
	struct vault_key key = {.words = &l->pass.s};

	vault_close(l->vault);
	l->vault = NULL;
	return vault_open(t->path, &key, true, &l->vault, e);
}

/* The new passphrase takes the place of the forgotten one. */
static bool lock_rekey(struct tui *t, struct lock *l, bool *changed, struct store **s, struct err *e)
{
	struct vault_key key = {.passphrase = &l->fresh.s};
	struct vault_cost cost = t->cost;

	*changed = (cost.mem_kib || vault_calibrate(LOCK_TARGET_MS, &cost, e)) && vault_rekey(l->vault, &key, &cost, e);
	vault_close(l->vault);
	l->vault = NULL;
	return *changed && store_open(t->path, &key, s, e);
}

static void lock_recover(struct tui *t, struct lock *l)
{
	struct store *s = NULL;
	struct err e = ERR_INIT;
	bool ok = true, changed = false;

	if (l->pass.s.len == 0)
		return;
	if (l->step == LOCK_WORDS && (ok = lock_words(t, l, &e))) {
		lock_begin(l, LOCK_NEW);
	} else if (l->step == LOCK_NEW) {
		struct pass typed = l->fresh;
		l->fresh = l->pass;
		l->pass = typed;
		lock_begin(l, LOCK_AGAIN);
	} else if (l->step == LOCK_AGAIN &&
		   (l->pass.s.len != l->fresh.s.len || sodium_memcmp(l->pass.s.p, l->fresh.s.p, l->pass.s.len) != 0)) {
		lock_begin(l, LOCK_NEW);
		buf_str_add(&l->why, _("The two are not the same. Type the new one again."));
	} else if (l->step == LOCK_AGAIN) {
		l->working = true;
		tui_draw(t);
		l->working = false;
		ok = lock_rekey(t, l, &changed, &s, &e);
		lock_begin(l, LOCK_PASS);
	}
	if (!ok && e.code == ERR_INPUT)
		buf_printf(&l->why, _("These are not the recovery words: %d of them, in order, as on paper."),
			   VAULT_WORDS);
	else if (!ok)
		err_sentence(&e, &l->why);
	if (!ok && changed)
		buf_printf(&l->why, " %s",
			   _("The passphrase is changed. Keep the recovery words: they still open the notebook."));
	if (ok && s) {
		tui_set_store(t, s);
		tui_say(t, "%s",
			_("The passphrase is changed. Keep the recovery words: they still open the notebook."));
	}
}

static bool lock_act(struct tui *t, void *state, enum action a)
{
	struct lock *l = state;

	if (a == DO_unlock && l->step == LOCK_PASS)
		lock_try(t, l);
	else if (a == DO_unlock)
		lock_recover(t, l);
	else if (a == DO_recover)
		lock_begin(l, LOCK_WORDS);
	else if (a == DO_clear)
		lock_begin(l, LOCK_PASS);
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
