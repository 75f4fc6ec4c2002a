/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tui.h"

#include <stdlib.h>
#include <string.h>

#include "arpent/text.h"
#include "form.h"
#include "settle.h"

#define FORM_TEXT_ROWS 6 /* of a text of many lines */

struct form_view {
	struct form form;
	struct settle settle;
	size_t at, top; /* fields */
	bool typed;     /* since the draft was last kept */
	bool fresh;     /* the field was entered and not typed into */
	bool touched;   /* since it was opened: what stood in it from the start is no draft */
	int height, cols;
};

static bool view_form_open(struct tui *t, void *state, const struct view_arg *arg, struct err *e)
{
	struct form_view *v = state;

	v->height = 20;
	v->cols = draw_cols();
	v->touched = arg->draft != NULL;
	if (arg->draft)
		return form_resume(&v->form, t, arg->draft, e);
	if (arg->more)
		return form_like(&v->form, t, arg->more, e);
	if (!form_open(&v->form, t, arg->kind, arg->id, e))
		return false;
	if (!arg->id)
		form_begin(&v->form, t);
	return true;
}

static void view_form_close(struct tui *t, void *state)
{
	struct form_view *v = state;

	(void)t;
	form_done(&v->form);
	settle_done(&v->settle);
}

static struct form_field *view_form_field(struct form_view *v)
{
	return &v->form.v[v->at];
}

static int view_form_label(const struct form_view *v)
{
	return v->cols >= 60 ? 26 : v->cols / 3;
}

static int view_form_rows(const struct form_view *v, size_t i)
{
	const struct form_field *ff = &v->form.v[i];
	int most = v->height / 2 < FORM_TEXT_ROWS ? v->height / 2 : FORM_TEXT_ROWS;

	if (ff->f->type != FIELD_TEXT)
		return 1;
	return editor_height(&ff->text, v->cols - view_form_label(v) - 1, most > 1 ? most : 1);
}

/* The first field drawn, so that the one with the caret is whole in sight. */
static void view_form_scroll(struct form_view *v)
{
	int used = 0;

	if (v->at < v->top)
		v->top = v->at;
	for (size_t i = v->top; i <= v->at; i++)
		used += view_form_rows(v, i);
	while (used > v->height && v->top < v->at)
		used -= view_form_rows(v, v->top++);
}

static void view_form_draw_field(struct form_view *v, size_t i, int row, int rows)
{
	struct form_field *ff = &v->form.v[i];
	int label = view_form_label(v), width = v->cols - label - 1;
	bool here = i == v->at;

	if (ff->wrong || ff->settle)
		draw_text(row, 1, 1, ff->wrong ? "!" : draw_sign_settle(), ff->wrong ? DRAW_LATE : DRAW_SETTLE);
	else if (form_field_edited(ff))
		draw_text(row, 1, 1, "~", DRAW_DRAFT);
	if (here)
		draw_text(row, 0, 1, ">", DRAW_STRONG);
	draw_text(row, 3, label - 4, _(ff->f->label), here ? DRAW_STRONG : DRAW_PLAIN);
	if (ff->f->type == FIELD_TEXT)
		editor_draw(&ff->text, row, label, rows, width, here);
	else
		line_draw(&ff->line, row, label, width, here);
}

static void view_form_hint(struct form_view *v, struct buf *out)
{
	const struct form_field *ff = view_form_field(v);
	const struct vocabulary *voc = ff->f->vocab ? vocab_find(ff->f->vocab) : NULL;
	const char *hint = value_hint(ff->f);

	if (ff->hint)
		buf_str_add(out, ff->hint);
	else if (ff->settle)
		buf_printf(out, _("%s Several values: ^O chooses."), draw_sign_settle());
	else if (voc && !(ff->f->flags & FIELD_SET))
		buf_str_add(out, _("Left and Right go through the choices; or type one."));
	else if (ff->f->type == FIELD_REF)
		buf_str_add(out, _("A name, or a part of one; ^N shows those that fit."));
	else if (hint)
		buf_str_add(out, hint);
}

static void view_form_draw(struct tui *t, void *state, struct page *p)
{
	struct form_view *v = state;
	int row = p->top;

	(void)t;
	v->cols = p->cols;
	v->height = p->end - p->top;
	view_form_scroll(v);
	for (size_t i = v->top; i < v->form.n && row < p->end; i++) {
		int rows = view_form_rows(v, i);
		if (rows > p->end - row)
			rows = p->end - row;
		view_form_draw_field(v, i, row, rows);
		row += rows;
	}
	buf_printf(&p->title, id_is_zero(&v->form.id) ? _("%s, new") : "%s", _(v->form.kind->label));
	for (size_t i = 0; i < v->form.n; i++) {
		const char *s = form_typed(&v->form.v[i]);
		if ((v->form.v[i].f->flags & FIELD_TITLE) && *s) {
			buf_str_add(&p->title, _(": "));
			buf_add(&p->title, s, strcspn(s, "\n"));
			break;
		}
	}
	v->touched = v->touched || v->typed;
	if (v->touched && form_edited(&v->form))
		buf_str_add(&p->right, v->typed ? _("~ draft") : _("~ draft kept"));
	view_form_hint(v, &p->hint);
}

/* What is wrong with a field is said when it is left, and stops nobody. */
static void view_form_go(struct tui *t, struct form_view *v, size_t to)
{
	const struct form_field *ff = view_form_field(v);

	form_check(&v->form, t, view_form_field(v));
	if (ff->wrong && ff->hint) {
		tui_say(t, _("%s: %s"), _(ff->f->label), ff->hint);
		t->message_bad = true;
	}
	if (to < v->form.n) {
		v->fresh = to != v->at;
		v->at = to;
	}
}

static void view_form_save(struct tui *t, struct form_view *v, bool again)
{
	struct err e = ERR_INIT;
	size_t wrong = v->at;

	form_check(&v->form, t, view_form_field(v));
	if (!again && !form_edited(&v->form)) {
		tui_pop(t);
		return;
	}
	if (form_save(&v->form, t, &wrong, &e)) {
		struct id saved = v->form.id;
		/* What is typed is now what was: nothing is left to keep. */
		form_done(&v->form);
		tui_pop(t);
		tui_changed(t);
		if (again)
			tui_push(t, &view_form, &(struct view_arg){.more = &saved});
		tui_say(t, "%s", again ? _("Saved. Change what differs.") : _("Saved. u undoes it."));
		return;
	}
	if (e.code != ERR_INPUT) {
		tui_fail(t, &e);
		return;
	}
	v->at = wrong;
	form_check(&v->form, t, view_form_field(v));
	if (*form_typed(view_form_field(v)))
		tui_say(t, "%s", view_form_field(v)->hint ? view_form_field(v)->hint : _("This is not understood."));
	else
		tui_say(t, _("Not saved yet: “%s” is needed. What is typed is kept."), _(view_form_field(v)->f->label));
	t->message_bad = true;
}

static void view_form_picked(struct tui *t, void *ctx, size_t i)
{
	struct form_view *v = ctx;
	struct form_fit *fits;
	size_t n = form_fits(t, view_form_field(v), &fits);
	struct form_field *ff = view_form_field(v);

	if (i < n && fits[i].title) {
		struct buf b = BUF_INIT;
		const char *s = form_typed(ff), *semi = ff->f->flags & FIELD_SET ? strrchr(s, ';') : NULL;
		if (semi) {
			buf_add(&b, s, (size_t)(semi - s) + 1);
			buf_char(&b, ' ');
		}
		buf_str_add(&b, fits[i].title);
		form_set(ff, buf_str(&b));
		buf_done(&b);
		v->typed = true;
		free(ff->hint);
		ff->hint = fits[i].detail && *fits[i].detail ? str_dup(fits[i].detail) : NULL;
		ff->wrong = false;
	}
	form_fits_done(fits, n);
}

static void view_form_pick(struct tui *t, struct form_view *v)
{
	struct form_field *ff = view_form_field(v);
	const char *labels[16], *details[16];
	struct form_fit *fits;
	size_t n = form_fits(t, ff, &fits), shown = n < 16 ? n : 16;

	for (size_t i = 0; i < shown; i++) {
		labels[i] = fits[i].title ? fits[i].title : "";
		details[i] = fits[i].detail ? fits[i].detail : "";
	}
	if (shown)
		tui_choose(t, &(struct choice){_(ff->f->label), labels, details, shown, view_form_picked, v});
	else
		tui_say(t, "%s", _("Nothing fits what is typed here."));
	form_fits_done(fits, n);
}

static void view_form_settled(struct tui *t, void *ctx)
{
	struct form_view *v = ctx;
	struct err e = ERR_INIT;

	v->typed = true;
	if (!form_again(&v->form, t, view_form_field(v), &e))
		tui_fail(t, &e);
}

static void view_form_settle(struct tui *t, struct form_view *v)
{
	struct record r;
	struct err e = ERR_INIT;

	record_init(&r);
	if (id_is_zero(&v->form.id) || store_get(t->store, &v->form.id, &r, &e))
		settle_ask(&v->settle, t, &r, view_form_field(v)->f, view_form_settled, v);
	else
		tui_fail(t, &e);
	record_done(&r);
}

static bool view_form_act(struct tui *t, void *state, enum action a)
{
	struct form_view *v = state;
	struct form_field *ff = view_form_field(v);
	bool text = ff->f->type == FIELD_TEXT;

	switch (a) {
	case DO_save:
	case DO_again:
		view_form_save(t, v, a == DO_again);
		return true;
	case DO_untype:
		if (!(text ? editor_undo(&ff->text) : line_undo(&ff->line)))
			tui_say(t, "%s", _("Nothing to take back in this field."));
		v->typed = true;
		return true;
	case DO_retype:
		(void)(text ? editor_redo(&ff->text) : line_redo(&ff->line));
		v->typed = true;
		return true;
	case DO_pick:
		view_form_pick(t, v);
		return true;
	case DO_decide:
		view_form_settle(t, v);
		return true;
	default:
		return false;
	}
}

static bool view_form_leaves(const struct form_field *ff, const struct event *ev)
{
	size_t at = ff->text.at;

	if (ff->f->type != FIELD_TEXT)
		return true;
	/* In a text of many lines, up and down leave at its ends only. */
	return ev->key == INPUT_UP ? at == 0 : ev->key == INPUT_DOWN ? at == ff->text.text.len : ev->key != INPUT_ENTER;
}

static bool view_form_move(struct tui *t, struct form_view *v, const struct event *ev)
{
	const struct form_field *ff = view_form_field(v);
	size_t last = v->form.n - 1;

	if (ev->key == INPUT_BACKTAB || (ev->key == INPUT_UP && view_form_leaves(ff, ev)))
		view_form_go(t, v, v->at ? v->at - 1 : 0);
	else if (ev->key == INPUT_TAB ||
		 ((ev->key == INPUT_DOWN || ev->key == INPUT_ENTER) && view_form_leaves(ff, ev)))
		view_form_go(t, v, v->at < last ? v->at + 1 : last);
	else if (ev->key == INPUT_PAGE_UP && ff->f->type != FIELD_TEXT)
		view_form_go(t, v, v->at > 8 ? v->at - 8 : 0);
	else if (ev->key == INPUT_PAGE_DOWN && ff->f->type != FIELD_TEXT)
		view_form_go(t, v, v->at + 8 < last ? v->at + 8 : last);
	else
		return false;
	return true;
}

static bool view_form_key(struct tui *t, void *state, const struct event *ev)
{
	struct form_view *v = state;
	struct form_field *ff = view_form_field(v);
	bool changed = false, mine;

	if (view_form_move(t, v, ev))
		return true;
	if ((ev->key == INPUT_LEFT || ev->key == INPUT_RIGHT) && !ev->mods &&
	    form_cycle(ff, ev->key == INPUT_RIGHT ? 1 : -1)) {
		v->typed = true;
		return true;
	}
	/* A date is more often typed anew than corrected; ^U brings the old one back. */
	bool date = ff->f->type == FIELD_MOMENT || ff->f->type == FIELD_DAY;
	if (v->fresh && date && ev->key == INPUT_TEXT && !ev->mods)
		line_clear(&ff->line);
	v->fresh = false;
	mine = ff->f->type == FIELD_TEXT ? editor_key(&ff->text, ev, &changed) : line_key(&ff->line, ev, &changed);
	if (changed) {
		v->typed = true;
		ff->wrong = false;
		free(ff->hint);
		ff->hint = NULL;
	}
	return mine;
}

static bool view_form_keep(struct tui *t, void *state, struct err *e)
{
	struct form_view *v = state;

	if (!v->typed || v->form.n == 0)
		return true;
	if (!form_keep(&v->form, t, e))
		return false;
	v->typed = false;
	return true;
}

const struct view view_form = {
    .id = VIEW_form,
    .size = sizeof(struct form_view),
    .draft = "form/",
    .open = view_form_open,
    .draw = view_form_draw,
    .act = view_form_act,
    .key = view_form_key,
    .keep = view_form_keep,
    .close = view_form_close,
};
