/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tui.h"

#include <stdlib.h>
#include <string.h>

#include "arpent/register.h"
#include "arpent/text.h"
#include "board.h"
#include "files.h"

/* Personal data: who is on file and why, what is past its review. */
struct register_view {
	struct register_book book;
	struct board board;
	struct id chosen; /* between a question and its answer */
	int cols;
};

static const char *const register_heads[REGISTER_DUES] = {N_("TO REVIEW NOW"), N_("TO REVIEW SOON"),
							  N_("WITHOUT A REVIEW DATE"), N_("LATER")};

static void register_item_line(struct tui *t, struct register_view *v, size_t i)
{
	const struct register_item *it = &v->book.v[i];
	bool person = it->kind && strcmp(it->kind->key, "person") == 0;
	struct buf day = BUF_INIT, right = BUF_INIT;
	struct board_line *l;

	tui_day(t, it->review, &day);
	if (!person && it->kind)
		buf_str_add(&right, _(it->kind->label));
	else if (!it->purpose[0] && !it->ground[0])
		buf_str_add(&right, _("why? not said"));
	else
		buf_printf(&right, "%s%s%s", it->purpose, it->purpose[0] && it->ground[0] ? ", " : "", it->ground);
	l = board_row(&v->board, it->due == REGISTER_PAST ? '!' : 0, buf_str(&day), it->title, buf_str(&right));
	if (l) {
		l->i = i;
		l->id = it->id;
	}
	buf_done(&day);
	buf_done(&right);
}

static bool register_lines(struct tui *t, struct register_view *v, struct err *e)
{
	size_t at = 0;

	v->cols = draw_cols();
	board_clear(&v->board);
	for (enum register_due due = REGISTER_PAST; due < REGISTER_DUES; due++) {
		struct buf n = BUF_INIT;
		if (v->book.counts[due] == 0)
			continue;
		board_gap(&v->board);
		buf_printf(&n, "%zu", v->book.counts[due]);
		board_heading(&v->board, _(register_heads[due]), buf_str(&n));
		for (; at < v->book.n && v->book.v[at].due == due; at++)
			register_item_line(t, v, at);
		buf_done(&n);
	}
	if (v->book.n == 0)
		board_text(&v->board, 0, _("Nobody is on file, and nothing has a review date."), v->cols, DRAW_PLAIN);
	return !v->board.oom || err_nomem(e, "register_lines");
}

static bool register_load(struct tui *t, struct register_view *v, struct err *e)
{
	register_done(&v->book);
	return register_read(t->store, &v->book, e) && register_lines(t, v, e);
}

static void register_close(struct tui *t, void *state)
{
	struct register_view *v = state;

	(void)t;
	register_done(&v->book);
	board_done(&v->board);
}

static bool register_open(struct tui *t, void *state, const struct view_arg *arg, struct err *e)
{
	(void)arg;
	if (register_load(t, state, e))
		return true;
	register_close(t, state);
	return false;
}

static void register_changed(struct tui *t, void *state)
{
	struct err e = ERR_INIT;

	if (!register_load(t, state, &e)) {
		board_clear(&((struct register_view *)state)->board);
		tui_fail(t, &e);
	}
}

static const struct register_item *register_chosen(const struct register_view *v)
{
	const struct board_line *l = board_chosen(&v->board);

	return l && l->i < v->book.n ? &v->book.v[l->i] : NULL;
}

static void register_draw(struct tui *t, void *state, struct page *p)
{
	struct register_view *v = state;
	const struct register_item *it;
	struct err e = ERR_INIT;

	if (v->cols != p->cols && !register_lines(t, v, &e))
		tui_fail(t, &e);
	board_draw(&v->board, p);
	buf_str_add(&p->title, _("Personal data"));
	buf_printf(&p->right, P_("%zu person", "%zu people", v->book.people), v->book.people);
	if (v->book.unsaid > 0 && p->cols >= TUI_PREVIEW_COLUMNS)
		buf_printf(&p->right, P_(", %zu without a why", ", %zu without a why", v->book.unsaid), v->book.unsaid);
	it = register_chosen(v);
	if (it && it->consent[0])
		buf_printf(&p->hint, _("Consent: %s."), it->consent);
	else if (it)
		buf_str_add(&p->hint, _("r sets a review date, x writes all out."));
}

static void register_review_taken(struct tui *t, void *ctx, const char *typed)
{
	struct register_view *v = ctx;
	const struct field *f = kind_field(kind_find("person"), "review");
	struct buf day = BUF_INIT, shown = BUF_INIT;
	struct err e = ERR_INIT;
	struct moment m;
	bool ok = !typed[strspn(typed, " ")] || value_parse(f, typed, &t->now, &day, &e);

	if (!ok || !register_review(t->store, &v->chosen, buf_str(&day), &e)) {
		tui_fail(t, &e);
	} else {
		if (moment_parse(buf_str(&day), &m))
			date_short(&m, &t->now, t->lang, &shown);
		tui_say(t, shown.len ? _("To be reviewed on %s. u undoes it.") : _("No review date. u undoes it."),
			buf_str(&shown));
		tui_changed(t);
	}
	buf_done(&day);
	buf_done(&shown);
}

/* In a year, as a proposal. */
static void register_ask_review(struct tui *t, struct register_view *v)
{
	struct moment m = t->now;
	struct buf day = BUF_INIT;

	m.has_time = m.has_offset = false;
	date_add_months(&m.date, 12);
	date_short(&m, &t->now, t->lang, &day);
	tui_prompt(t, &(struct prompt){.label = _("Review on:"),
				       .text = buf_str(&day),
				       .taken = register_review_taken,
				       .ctx = v,
				       .proposal = true});
	buf_done(&day);
}

static void register_write_taken(struct tui *t, void *ctx, const char *folder)
{
	struct register_view *v = ctx;
	struct register_export report;
	struct buf path = BUF_INIT;
	struct err e = ERR_INIT;

	if (!folder[strspn(folder, " ")])
		return;
	files_expand(folder, &path);
	if (buf_ok(&path, &e) && register_export(t->store, &v->chosen, buf_str(&path), t->lang, &report, &e))
		tui_say(t, _("Written, in clear text: %s"), folder);
	else
		tui_fail(t, &e);
	buf_done(&path);
}

static void register_ask_write(struct tui *t, struct register_view *v, const struct register_item *it)
{
	struct buf name = BUF_INIT, fold = BUF_INIT;
	const char *word;
	size_t at = 0, n;

	if (!it->kind || strcmp(it->kind->key, "person") != 0) {
		tui_say(t, "%s", _("Only what is held on a person is written out here."));
		return;
	}
	buf_str_add(&name, "~/");
	text_fold(&fold, it->title, strlen(it->title));
	while ((n = text_word(buf_str(&fold), &at, &word)) > 0) {
		buf_str_add(&name, name.len > 2 ? "-" : "");
		buf_add(&name, word, n);
	}
	tui_prompt(t, &(struct prompt){.label = _("Write into the folder:"),
				       .text = buf_str(&name),
				       .taken = register_write_taken,
				       .ctx = v,
				       .complete = files_complete});
	buf_done(&name);
	buf_done(&fold);
}

static bool register_act(struct tui *t, void *state, enum action a)
{
	struct register_view *v = state;
	const struct register_item *it = register_chosen(v);

	if (a != DO_open && a != DO_amend && a != DO_review && a != DO_dossier)
		return false;
	if (!it)
		return true;
	v->chosen = it->id;
	if (a == DO_open)
		tui_open_record(t, &it->id);
	else if (a == DO_amend)
		tui_edit(t, &it->id);
	else if (a == DO_review)
		register_ask_review(t, v);
	else
		register_ask_write(t, v, it);
	return true;
}

static bool register_key(struct tui *t, void *state, const struct event *ev)
{
	(void)t;
	return board_key(&((struct register_view *)state)->board, ev);
}

const struct view view_register = {
    .id = VIEW_register,
    .size = sizeof(struct register_view),
    .open = register_open,
    .draw = register_draw,
    .act = register_act,
    .key = register_key,
    .changed = register_changed,
    .close = register_close,
};
