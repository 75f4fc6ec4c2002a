/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "line.h"

#include <string.h>

#include <sodium.h>

#include "arpent/text.h"
#include "motion.h"

void line_init(struct line *l)
{
	memset(l, 0, sizeof *l);
}

void line_done(struct line *l)
{
	if (l->text.p)
		sodium_memzero(l->text.p, l->text.cap);
	buf_done(&l->text);
	undo_done(&l->undo);
	line_init(l);
}

const char *line_text(const struct line *l)
{
	return buf_str(&l->text);
}

void line_set(struct line *l, const char *s)
{
	undo_done(&l->undo);
	buf_clear(&l->text);
	buf_str_add(&l->text, s);
	l->at = l->text.len;
	l->skip = 0;
}

static void line_replace(struct line *l, size_t at, size_t n, const char *s, size_t m, bool *changed)
{
	if ((n == 0 && m == 0) || !undo_replace(&l->undo, &l->text, at, n, s, m, l->at))
		return;
	l->at = at + m;
	*changed = true;
}

void line_clear(struct line *l)
{
	bool changed;

	line_replace(l, 0, l->text.len, "", 0, &changed);
}

static void line_paste(struct line *l, const struct event *ev, bool *changed)
{
	struct buf one = BUF_INIT;

	text_safe(&one, ev->paste, ev->n, false);
	undo_close(&l->undo);
	if (buf_str(&one)[0])
		line_replace(l, l->at, 0, one.p, one.len, changed);
	undo_close(&l->undo);
	buf_done(&one);
}

bool line_key(struct line *l, const struct event *ev, bool *changed)
{
	const char *s = buf_str(&l->text);
	size_t to;

	*changed = false;
	if (ev->key == INPUT_PASTE) {
		line_paste(l, ev, changed);
		return true;
	}
	if ((ev->key == INPUT_TEXT || ev->key == INPUT_SPACE) && !ev->mods) {
		if (ev->key == INPUT_SPACE)
			undo_close(&l->undo); /* a word is an entry */
		line_replace(l, l->at, 0, ev->text, strlen(ev->text), changed);
		return true;
	}
	if (motion_delete(s, l->text.len, l->at, ev, &to)) {
		size_t from = to < l->at ? to : l->at, end = to < l->at ? l->at : to;
		line_replace(l, from, end - from, NULL, 0, changed);
		return true;
	}
	if (motion_move(s, l->text.len, l->at, ev, &to)) {
		undo_close(&l->undo);
		l->at = to;
		return true;
	}
	return false;
}

bool line_undo(struct line *l)
{
	return undo_back(&l->undo, &l->text, &l->at);
}

bool line_redo(struct line *l)
{
	return undo_again(&l->undo, &l->text, &l->at);
}

void line_draw(struct line *l, int row, int col, int width, bool focus)
{
	const char *s = buf_str(&l->text);
	int caret = text_width_n(s, l->at);

	if (!focus) {
		draw_text_n(row, col, width, s, l->text.len, DRAW_PLAIN);
		return;
	}
	if (caret < l->skip)
		l->skip = caret > width / 4 ? caret - width / 4 : 0;
	if (caret - l->skip >= width)
		l->skip = caret - width + 1 + width / 4;
	draw_part(row, col, width, s, l->text.len, l->skip, DRAW_PLAIN);
	draw_cursor(row, col + caret - l->skip);
}
