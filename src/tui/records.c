/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tui.h"

#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "arpent/text.h"

#define ROW_DAY 7 /* columns: "18 nov", "hier" */

enum draw_style tui_sign_style(char sign)
{
	switch (sign) {
	case '!':
		return DRAW_LATE;
	case '~':
		return DRAW_DRAFT;
	case '*':
		return DRAW_UNSENT;
	case '=':
		return DRAW_SETTLE;
	default:
		return DRAW_PLAIN;
	}
}

char tui_sign(unsigned flags)
{
	return flags & ROW_CONFLICT ? '='
	       : flags & ROW_LATE   ? '!'
	       : flags & ROW_UNSENT ? '*'
	       : flags & ROW_OPEN   ? '.'
				    : ' ';
}

void tui_row(int row, int col, int end, bool chosen, char sign, const char *day, const char *title, const char *right)
{
	const char mark[2] = {sign, 0};
	int width = end - col, beside = *right && width >= 46 ? width / 5 : 0;
	int text = col + 4 + ROW_DAY + 2;

	if (chosen) {
		draw_text(row, col, 1, ">", DRAW_STRONG);
		draw_cursor(row, col);
	}
	draw_text(row, col + 2, 1, sign == '=' ? draw_sign_settle() : mark, tui_sign_style(sign));
	draw_text(row, col + 4, ROW_DAY + 1, day, DRAW_PLAIN);
	draw_text(row, text, end - text - (beside ? beside + 2 : 1), title, DRAW_PLAIN);
	if (beside)
		draw_text(row, end - beside, beside - 1, right, DRAW_PLAIN);
}

char *tui_beside(struct tui *t, const struct id *id, const char *owner)
{
	const unsigned shown = FIELD_TITLE | FIELD_DATE_OF | FIELD_STATE;
	struct buf out = BUF_INIT;
	struct err e = ERR_INIT;
	struct record r;

	buf_str_add(&out, owner);
	record_init(&r);
	if (out.len == 0 && store_get(t->store, id, &r, &e)) {
		const struct kind *k = kind_find(r.kind);
		for (size_t i = 0; k && out.len == 0 && i < k->n; i++)
			if ((k->fields[i].flags & FIELD_LIST) && !(k->fields[i].flags & shown))
				store_show(t->store, &r, &k->fields[i], t->lang, &out);
		record_done(&r);
	}
	return buf_steal(&out);
}

void tui_day(const struct tui *t, const char *canonical, struct buf *out)
{
	struct moment m;

	if (!*canonical)
		return;
	if (!moment_parse(canonical, &m)) {
		buf_str_add(out, canonical);
		return;
	}
	int64_t ago = date_days(&t->now.date) - date_days(&m.date);
	if (ago == 0 && m.has_time) {
		buf_printf(out, "%02d:%02d", m.hour, m.minute);
	} else if (ago == 0) {
		buf_str_add(out, _("today"));
	} else if (ago == 1) {
		buf_str_add(out, _("yest."));
	} else if (m.date.year != t->now.date.year) {
		/* A column has no room for the month's name and the year. */
		buf_printf(out, "%02d/%02d/%02d", m.date.day, m.date.month, m.date.year % 100);
	} else {
		m.has_time = false;
		date_short(&m, &t->now, t->lang, out);
	}
}

static const char *tui_state_field(const struct kind *k)
{
	const struct field *f = k ? kind_field_flag(k, FIELD_STATE) : NULL;

	return f ? f->key : NULL;
}

void tui_toggle_done(struct tui *t, const struct id *id)
{
	struct record r;
	struct err e = ERR_INIT;

	if (!id)
		return;
	record_init(&r);
	if (!store_get(t->store, id, &r, &e)) {
		tui_fail(t, &e);
		return;
	}
	const char *key = tui_state_field(kind_find(r.kind));
	bool done = key && strcmp(record_get(&r, key), "done") == 0;
	struct want w = {.key = key, .text = done ? "open" : "done"};
	if (!key) {
		tui_say(t, "%s", _("Only follow-ups and decisions can be done."));
	} else if (!store_step_begin(t->store, done ? N_("Opened again") : N_("Done"), &e)) {
		tui_fail(t, &e);
	} else if (!store_edit(t->store, id, &w, 1, &e)) {
		store_step_cancel(t->store);
		tui_fail(t, &e);
	} else if (!store_step_end(t->store, &e)) {
		tui_fail(t, &e);
	} else {
		tui_say(t, "%s", done ? _("Opened again. u undoes it.") : _("Done. u undoes it."));
		tui_changed(t);
	}
	record_done(&r);
}

static bool tui_each(struct tui *t, const struct id *ids, size_t n, const char *label,
		     bool (*write)(struct store *s, const struct id *id, struct err *e))
{
	struct err e = ERR_INIT;
	bool ok = store_step_begin(t->store, label, &e);

	for (size_t i = 0; ok && i < n; i++)
		ok = write(t->store, &ids[i], &e);
	if (ok)
		ok = store_step_end(t->store, &e);
	else if (store_in_step(t->store))
		store_step_cancel(t->store);
	if (!ok)
		tui_fail(t, &e);
	tui_changed(t);
	return ok;
}

static bool tui_write_delete(struct store *s, const struct id *id, struct err *e)
{
	return store_delete(s, id, e);
}

static bool tui_write_restore(struct store *s, const struct id *id, struct err *e)
{
	return store_restore(s, id, e);
}

void tui_remove(struct tui *t, const struct id *ids, size_t n)
{
	if (ids && n && tui_each(t, ids, n, N_("Deleted"), tui_write_delete))
		tui_say(t, P_("Deleted. u brings it back.", "%zu deleted. u brings them back.", n), n);
}

void tui_restore(struct tui *t, const struct id *ids, size_t n)
{
	if (ids && n && tui_each(t, ids, n, N_("Brought back"), tui_write_restore))
		tui_say(t, P_("Brought back from the bin.", "%zu brought back from the bin.", n), n);
}

void tui_forget_dropped(struct tui *t)
{
	if (t->dropped.body.p)
		sodium_memzero(t->dropped.body.p, t->dropped.body.cap);
	buf_done(&t->dropped.body);
	free(t->dropped.key);
	free(t->dropped.title);
	t->dropped.key = t->dropped.title = NULL;
}

void tui_drop_draft(struct tui *t, const char *key, const char *title)
{
	struct err e = ERR_INIT;

	tui_forget_dropped(t);
	t->dropped.key = str_dup(key);
	t->dropped.title = str_dup(title);
	if (t->dropped.key && t->dropped.title && store_draft_get(t->store, key, &t->dropped.body, &e) &&
	    store_draft_set(t->store, key, "", NULL, 0, &e)) {
		tui_say(t, "%s", _("Draft thrown away. u brings it back."));
		tui_changed(t);
	} else {
		tui_fail(t, &e);
		tui_forget_dropped(t);
	}
}

bool tui_undrop_draft(struct tui *t)
{
	struct err e = ERR_INIT;

	if (!t->dropped.key)
		return false;
	if (store_draft_set(t->store, t->dropped.key, t->dropped.title, t->dropped.body.p, t->dropped.body.len, &e))
		tui_say(t, "%s", _("The draft is back."));
	else
		tui_fail(t, &e);
	tui_forget_dropped(t);
	tui_changed(t);
	return true;
}
