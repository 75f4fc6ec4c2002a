/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tui.h"

#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "arpent/identity.h"
#include "arpent/io.h"
#include "arpent/text.h"
#include "arpent/words.h"
#include "cli/cli.h"
#include "flow.h"
#include "line.h"
#include "pass.h"
#include "strength.h"

#define FIRST_TARGET_MS 1000 /* of the key derivation */
#define FIRST_WORD 12        /* columns of "24 abcdefgh" and what keeps it apart */

enum first_step { FIRST_LANGUAGE, FIRST_PASSPHRASE, FIRST_WORDS, FIRST_CHECK, FIRST_NEXT };
/* The name comes last: what is typed first, often without looking, is the passphrase, and it must not show. */
enum first_field { FIRST_PASS, FIRST_AGAIN, FIRST_NAME, FIRST_FIELDS };

struct first {
	enum first_step step;
	int at; /* the language, the field, what comes next */
	struct line name;
	struct pass pass, again, answer;
	bool working;
	struct store *store; /* once made, till the words are checked */
	struct secret words;
	unsigned asked[2]; /* words, from 1 */
	int answered;
};

static const struct {
	const char *code, *name;
} first_languages[] = {{"fr", "Français"}, {"en", "English"}};

static const char *const first_next[] = {N_("A tour, in five screens"), N_("Note something down"),
					 N_("Go to the notebook")};

static void first_close(struct tui *t, void *state)
{
	struct first *f = state;

	(void)t;
	line_done(&f->name);
	pass_done(&f->pass);
	pass_done(&f->again);
	pass_done(&f->answer);
	secret_free(&f->words);
	store_close(f->store);
}

static bool first_open(struct tui *t, void *state, const struct view_arg *arg, struct err *e)
{
	struct first *f = state;

	(void)arg;
	line_init(&f->name);
	f->at = t->lang == DATE_FR ? 0 : 1;
	if (pass_init(&f->pass, e) && pass_init(&f->again, e) && pass_init(&f->answer, e))
		return true;
	first_close(t, f);
	return false;
}

/* Drawing. */

static void first_option(int row, bool chosen, const char *s, int cols)
{
	if (chosen) {
		draw_text(row, 2, 1, ">", DRAW_STRONG);
		draw_cursor(row, 2);
	}
	draw_text(row, 4, cols - 5, s, DRAW_PLAIN);
}

static void first_draw_language(struct first *f, struct page *p)
{
	int row = p->top + 1;

	draw_text(row++, 4, p->cols - 5, "Langue / Language", DRAW_STRONG);
	for (int i = 0; i < 2; i++)
		first_option(++row, i == f->at, first_languages[i].name, p->cols);
	buf_printf(&p->right, "1/3");
}

static const char *first_strength(const struct pass *p)
{
	switch (strength_of((const char *)p->s.p, p->s.len)) {
	case STRENGTH_NONE:
		return "";
	case STRENGTH_SHORT:
		return _("Very short: four or five words hold much better.");
	case STRENGTH_WEAK:
		return _("Weak: add a word or two.");
	case STRENGTH_FAIR:
		return _("Fair: one more word makes it strong.");
	default:
		return _("Strong.");
	}
}

/* A path under one's own folder is "~/..." */
static void first_draw_path(const struct tui *t, int row, int cols)
{
	const char *home = getenv("HOME");
	size_t n = home ? strlen(home) : 0;
	bool own = n > 1 && strncmp(t->path, home, n) == 0 && t->path[n] == '/';

	draw_printf(row, 3, cols - 4, DRAW_PLAIN, _("The notebook: %s%s"), own ? "~" : "", t->path + (own ? n : 0));
}

static void first_draw_passphrase(struct tui *t, struct first *f, struct page *p)
{
	static const char *const labels[FIRST_FIELDS] = {N_("Passphrase"), N_("Once more"), N_("Your name")};
	const char *intro =
	    _("The passphrase opens your notebook, and nobody can find it again for you: take several words that "
	      "you will remember. Your name is what colleagues will see; it can be left empty.");
	int wide = 0, width = p->cols - 6 < 66 ? p->cols - 6 : 66, row = p->top;

	for (int i = 0; i < FIRST_FIELDS; i++) {
		int w = text_width(_(labels[i]));
		wide = w > wide ? w : wide;
	}
	/* What is typed into comes first where there is no room for all. */
	int room = p->end - p->top - FIRST_FIELDS - 2;
	row = flow_draw(intro, 0, row, row + (room > 0 ? room : 0), 3, width, DRAW_PLAIN) + 1;
	for (int i = 0; i < FIRST_FIELDS; i++, row++) {
		bool focus = i == f->at && !f->working;
		int col = 3 + wide + 2;
		draw_text(row, 3, wide, _(labels[i]), DRAW_STRONG);
		if (i == FIRST_NAME)
			line_draw(&f->name, row, col, p->cols - col - 1, focus);
		else
			pass_draw(i == FIRST_PASS ? &f->pass : &f->again, row, col, p->cols - col - 1, focus);
	}
	if (row < p->end)
		draw_text(row, 3, p->cols - 4, first_strength(&f->pass), DRAW_PLAIN);
	if (row + 2 < p->end)
		first_draw_path(t, row + 2, p->cols);
	buf_str_add(&p->right, "2/3");
	if (f->working)
		buf_str_add(&p->hint, _("Making the notebook, a few seconds..."));
}

static void first_draw_words(struct first *f, struct page *p)
{
	const char *intro =
	    _("Recovery words: they open the notebook when the passphrase is forgotten. Write them on paper, keep it "
	      "away from this machine. They are not shown again.");
	int per = (p->cols - 2) / FIRST_WORD, n = 0;
	const char *s = (const char *)f->words.p;

	per = per > 6 ? 6 : per < 1 ? 1 : per;
	int rows = (VAULT_WORDS + per - 1) / per, room = p->end - p->top - rows, row = p->top;
	if (room >= 2)
		row = flow_draw(intro, 0, row, row + room - 1, 3, p->cols - 6, DRAW_PLAIN) + 1;
	else
		buf_str_add(&p->hint, _("Recovery words: write them on paper now."));
	for (; *s; n++) {
		size_t len = strcspn(s, " ");
		int col = 2 + n % per * FIRST_WORD;
		draw_printf(row + n / per, col, 2, DRAW_PLAIN, "%2d", n + 1);
		draw_text_n(row + n / per, col + 3, FIRST_WORD - 4, s, len, DRAW_STRONG);
		s += len + strspn(s + len, " ");
	}
	buf_str_add(&p->right, "3/3");
}

static void first_draw_check(struct first *f, struct page *p)
{
	int row, col = 3, width = p->cols - 6 < 66 ? p->cols - 6 : 66;

	row =
	    flow_draw(_("To be sure they are on paper, two of them:"), 0, p->top, p->end - 1, 3, width, DRAW_PLAIN) + 1;
	col += draw_printf(row, col, p->cols - 4, DRAW_STRONG, _("Word %u"), f->asked[f->answered]) + 2;
	draw_text_n(row, col, p->cols - col - 1, (const char *)f->answer.s.p, f->answer.s.len, DRAW_PLAIN);
	draw_cursor(row, col + text_width_n((const char *)f->answer.s.p, f->answer.s.len));
	buf_str_add(&p->right, "3/3");
}

static void first_draw_next(struct first *f, struct page *p)
{
	int row = p->top;

	row = flow_draw(_("The notebook is ready, and sealed. What now?"), 0, row, p->end - 3, 3, p->cols - 6,
			DRAW_PLAIN) +
	      1;
	for (int i = 0; i < 3; i++)
		first_option(row + i, i == f->at, _(first_next[i]), p->cols);
}

static void first_draw(struct tui *t, void *state, struct page *p)
{
	struct first *f = state;

	buf_str_add(&p->title, _("A new notebook"));
	switch (f->step) {
	case FIRST_LANGUAGE:
		first_draw_language(f, p);
		break;
	case FIRST_PASSPHRASE:
		first_draw_passphrase(t, f, p);
		break;
	case FIRST_WORDS:
		first_draw_words(f, p);
		break;
	case FIRST_CHECK:
		first_draw_check(f, p);
		break;
	case FIRST_NEXT:
		first_draw_next(f, p);
		break;
	}
}

/* Steps. */

static bool first_folder(const char *path, struct err *e)
{
	const char *slash = strrchr(path, '/');
	char *dir = slash && slash != path ? str_ndup(path, (size_t)(slash - path)) : NULL;
	bool ok = !dir || io_make_dirs(dir, e);

	free(dir);
	return ok;
}

static bool first_store(struct tui *t, struct first *f, struct err *e)
{
	const struct vault_key key = {.passphrase = &f->pass.s};
	struct vault_cost cost = t->cost;

	if (cost.mem_kib == 0 && !vault_calibrate(FIRST_TARGET_MS, &cost, e))
		return false;
	if (!first_folder(t->path, e) || !store_create(t->path, &key, &cost, lang_code(), &f->store, &f->words, e))
		return false;
	const char *name = line_text(&f->name);
	return !name[0] || identity_set_name(f->store, name, e);
}

static void first_make(struct tui *t, struct first *f)
{
	struct err e = ERR_INIT;

	if (f->pass.s.len < CLI_PASSPHRASE_MIN) {
		f->at = FIRST_PASS;
		tui_say(t, "%s",
			_("This passphrase is too short: take at least 8 characters, several words are best."));
		return;
	}
	if (f->pass.s.len != f->again.s.len || sodium_memcmp(f->pass.s.p, f->again.s.p, f->pass.s.len) != 0) {
		pass_clear(&f->again);
		f->at = FIRST_AGAIN;
		tui_say(t, "%s", _("The two are not the same. Type the second again, or go up to the first."));
		return;
	}
	f->working = true;
	tui_draw(t);
	f->working = false;
	if (!first_store(t, f, &e)) {
		tui_fail(t, &e);
		return;
	}
	pass_clear(&f->pass);
	pass_clear(&f->again);
	f->step = FIRST_WORDS;
	f->asked[0] = 1 + randombytes_uniform(VAULT_WORDS / 2);
	f->asked[1] = 1 + VAULT_WORDS / 2 + randombytes_uniform(VAULT_WORDS / 2);
}

static void first_answer(struct tui *t, struct first *f)
{
	const char *want = (const char *)f->words.p;

	for (unsigned i = 1; i < f->asked[f->answered]; i++)
		want += strcspn(want, " ") + 1;
	int index = words_find(lang_code(), want, strcspn(want, " "));
	bool same = words_find(lang_code(), (const char *)f->answer.s.p, f->answer.s.len) == index;
	pass_clear(&f->answer);
	if (!same) {
		tui_say(t, "%s", _("That is not this word. Esc shows the words again."));
	} else if (++f->answered == 2) {
		secret_free(&f->words);
		f->step = FIRST_NEXT;
		f->at = 0;
	}
}

static void first_finish(struct tui *t, struct first *f)
{
	struct store *s = f->store;
	int next = f->at;

	/* This view closes when the notebook's own take its place. */
	f->store = NULL;
	tui_set_store(t, s);
	if (next == 0)
		tui_push(t, &view_tour, NULL);
	else if (next == 1)
		tui_push(t, &view_quick, NULL);
}

static void first_forward(struct tui *t, struct first *f)
{
	switch (f->step) {
	case FIRST_LANGUAGE:
		tui_set_lang(t, first_languages[f->at].code);
		f->step = FIRST_PASSPHRASE;
		f->at = FIRST_PASS;
		break;
	case FIRST_PASSPHRASE:
		if (f->at + 1 < FIRST_FIELDS)
			f->at++;
		else
			first_make(t, f);
		break;
	case FIRST_WORDS:
		f->step = FIRST_CHECK;
		f->answered = 0;
		break;
	case FIRST_CHECK:
		first_answer(t, f);
		break;
	case FIRST_NEXT:
		first_finish(t, f);
		break;
	}
}

static void first_before(struct first *f)
{
	if (f->step == FIRST_PASSPHRASE) {
		f->step = FIRST_LANGUAGE;
		f->at = strcmp(lang_code(), "fr") == 0 ? 0 : 1;
	} else if (f->step == FIRST_CHECK) {
		pass_clear(&f->answer);
		f->step = FIRST_WORDS;
	}
}

static bool first_act(struct tui *t, void *state, enum action a)
{
	if (a == DO_next)
		first_forward(t, state);
	else if (a == DO_before)
		first_before(state);
	else
		return false;
	return true;
}

static bool first_move(struct first *f, const struct event *ev)
{
	int n = f->step == FIRST_LANGUAGE ? 2 : f->step == FIRST_PASSPHRASE || f->step == FIRST_NEXT ? 3 : 1;

	if (ev->key == INPUT_DOWN || ev->key == INPUT_TAB)
		f->at = f->at + 1 < n ? f->at + 1 : ev->key == INPUT_TAB ? 0 : f->at;
	else if (ev->key == INPUT_UP || ev->key == INPUT_BACKTAB)
		f->at = f->at > 0 ? f->at - 1 : ev->key == INPUT_BACKTAB ? n - 1 : 0;
	else
		return false;
	return true;
}

static bool first_key(struct tui *t, void *state, const struct event *ev)
{
	struct first *f = state;
	bool changed;

	(void)t;
	if (first_move(f, ev))
		return true;
	if (f->step == FIRST_CHECK)
		return pass_key(&f->answer, ev);
	if (f->step != FIRST_PASSPHRASE)
		return false;
	if (f->at == FIRST_NAME)
		return line_key(&f->name, ev, &changed);
	return pass_key(f->at == FIRST_PASS ? &f->pass : &f->again, ev);
}

const struct view view_first = {
    .id = VIEW_first,
    .size = sizeof(struct first),
    .open = first_open,
    .draw = first_draw,
    .act = first_act,
    .key = first_key,
    .close = first_close,
};
