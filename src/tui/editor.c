/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "editor.h"

#include <string.h>

#include <sodium.h>

#include "arpent/text.h"
#include "motion.h"

void editor_init(struct editor *ed)
{
	memset(ed, 0, sizeof *ed);
	ed->want = -1;
	ed->cols = 80;
	ed->rows = 20;
}

void editor_done(struct editor *ed)
{
	if (ed->text.p)
		sodium_memzero(ed->text.p, ed->text.cap);
	buf_done(&ed->text);
	undo_done(&ed->undo);
	editor_init(ed);
}

void editor_set(struct editor *ed, const char *s)
{
	undo_done(&ed->undo);
	buf_clear(&ed->text);
	buf_str_add(&ed->text, s);
	ed->at = ed->text.len;
	ed->top = 0;
	ed->want = -1;
}

const char *editor_text(const struct editor *ed)
{
	return buf_str(&ed->text);
}

/* Only the paragraph around a place is ever wrapped, so that a long text costs what a short one does. */

static size_t editor_paragraph(const struct editor *ed, size_t at)
{
	const char *s = buf_str(&ed->text);

	while (at > 0 && s[at - 1] != '\n')
		at--;
	return at;
}

static size_t editor_wrap(const struct editor *ed, size_t at)
{
	return text_wrap(buf_str(&ed->text) + at, ed->text.len - at, ed->cols);
}

/* The start of the wrapped row that `at` is in.  After a last newline there is an empty row. */
static size_t editor_row(const struct editor *ed, size_t at)
{
	size_t row = editor_paragraph(ed, at);

	for (;;) {
		size_t len = editor_wrap(ed, row);
		if (len == 0 || at < row + len || row + len >= ed->text.len)
			break;
		row += len;
	}
	/* The caret at the very end, after a newline or a full row. */
	size_t len = editor_wrap(ed, row);
	if (len && at == row + len && buf_str(&ed->text)[at - 1] == '\n')
		row = at;
	return row;
}

static bool editor_row_before(const struct editor *ed, size_t row, size_t *out)
{
	if (row == 0)
		return false;
	*out = editor_row(ed, row - 1);
	return true;
}

static bool editor_row_after(const struct editor *ed, size_t row, size_t *out)
{
	size_t len = editor_wrap(ed, row);

	if (len == 0 || (row + len == ed->text.len && buf_str(&ed->text)[row + len - 1] != '\n'))
		return false;
	*out = row + len;
	return true;
}

static int editor_column(const struct editor *ed, size_t row, size_t at)
{
	return text_width_n(buf_str(&ed->text) + row, at - row);
}

/* The place in a row nearest to a column. */
static size_t editor_place(const struct editor *ed, size_t row, int column)
{
	const char *s = buf_str(&ed->text) + row;
	size_t len = editor_wrap(ed, row);

	if (len && s[len - 1] == '\n')
		len--;
	else if (len && row + len < ed->text.len)
		len = text_cluster_before(s, len); /* the end of a wrapped row is the start of the next */
	return row + text_fit(s, len, column);
}

static void editor_vertical(struct editor *ed, int by)
{
	size_t row = editor_row(ed, ed->at), next;
	bool up = by < 0;

	if (ed->want < 0)
		ed->want = editor_column(ed, row, ed->at);
	for (int n = up ? -by : by; n > 0; n--) {
		if (!(up ? editor_row_before(ed, row, &next) : editor_row_after(ed, row, &next)))
			break;
		row = next;
	}
	ed->at = editor_place(ed, row, ed->want);
}

static bool editor_change(struct editor *ed, size_t at, size_t n, const char *s, size_t m)
{
	if ((n == 0 && m == 0) || !undo_replace(&ed->undo, &ed->text, at, n, s, m, ed->at))
		return false;
	ed->at = at + m;
	ed->want = -1;
	if (ed->top > ed->text.len)
		ed->top = 0;
	return true;
}

void editor_replace(struct editor *ed, size_t at, size_t n, const char *s)
{
	undo_close(&ed->undo);
	editor_change(ed, at, n, s, strlen(s));
	undo_close(&ed->undo);
}

static bool editor_typed(struct editor *ed, const struct event *ev, bool *changed)
{
	if (ev->key == INPUT_PASTE) {
		undo_close(&ed->undo);
		*changed = editor_change(ed, ed->at, 0, ev->paste, ev->n);
		undo_close(&ed->undo);
	} else if (ev->key == INPUT_ENTER) {
		undo_close(&ed->undo);
		*changed = editor_change(ed, ed->at, 0, "\n", 1);
	} else if ((ev->key == INPUT_TEXT || ev->key == INPUT_SPACE) && !ev->mods) {
		if (ev->key == INPUT_SPACE)
			undo_close(&ed->undo);
		*changed = editor_change(ed, ed->at, 0, ev->text, strlen(ev->text));
	} else {
		return false;
	}
	return true;
}

static bool editor_move(struct editor *ed, const struct event *ev)
{
	size_t row, to;

	if (ev->key == INPUT_UP || ev->key == INPUT_DOWN) {
		editor_vertical(ed, ev->key == INPUT_UP ? -1 : 1);
	} else if (ev->key == INPUT_PAGE_UP || ev->key == INPUT_PAGE_DOWN) {
		int page = ed->rows > 2 ? ed->rows - 1 : 1;
		editor_vertical(ed, ev->key == INPUT_PAGE_UP ? -page : page);
	} else {
		bool whole = ev->mods & INPUT_CONTROL;
		row = editor_row(ed, ed->at);
		if (ev->key == INPUT_HOME)
			ed->at = whole ? 0 : row;
		else if (ev->key == INPUT_END)
			ed->at = whole ? ed->text.len : editor_place(ed, row, ed->cols);
		else if (motion_move(buf_str(&ed->text), ed->text.len, ed->at, ev, &to))
			ed->at = to;
		else
			return false;
		ed->want = -1;
	}
	undo_close(&ed->undo);
	return true;
}

bool editor_key(struct editor *ed, const struct event *ev, bool *changed)
{
	size_t to;

	*changed = false;
	if (editor_typed(ed, ev, changed) || editor_move(ed, ev))
		return true;
	if (!motion_delete(buf_str(&ed->text), ed->text.len, ed->at, ev, &to))
		return false;
	size_t from = to < ed->at ? to : ed->at, end = to < ed->at ? ed->at : to;
	*changed = editor_change(ed, from, end - from, NULL, 0);
	return true;
}

bool editor_undo(struct editor *ed)
{
	ed->want = -1;
	return undo_back(&ed->undo, &ed->text, &ed->at);
}

bool editor_redo(struct editor *ed)
{
	ed->want = -1;
	return undo_again(&ed->undo, &ed->text, &ed->at);
}

/* The first row drawn, so that the caret is in sight. */
static void editor_scroll(struct editor *ed)
{
	size_t caret = editor_row(ed, ed->at), row;

	ed->top = editor_row(ed, ed->top < ed->text.len ? ed->top : ed->text.len);
	if (caret < ed->top)
		ed->top = caret;
	row = ed->top;
	for (int n = 1; n < ed->rows && row < caret; n++)
		if (!editor_row_after(ed, row, &row))
			break;
	if (row >= caret)
		return;
	ed->top = caret;
	for (int n = 1; n < (ed->rows + 1) / 2; n++)
		if (!editor_row_before(ed, ed->top, &ed->top))
			break;
}

void editor_draw(struct editor *ed, int row, int col, int rows, int cols, bool focus)
{
	const char *s = buf_str(&ed->text);
	size_t at;

	if (rows <= 0 || cols < 2)
		return;
	ed->rows = rows;
	ed->cols = cols - 1; /* a column for the caret after a full row */
	if (focus)
		editor_scroll(ed);
	at = ed->top;
	size_t caret = editor_row(ed, ed->at);
	for (int n = 0; n < rows; n++) {
		size_t len = editor_wrap(ed, at), shown = len;
		if (shown && s[at + shown - 1] == '\n')
			shown--;
		draw_part(row + n, col, cols, s + at, shown, 0, DRAW_PLAIN);
		if (focus && at == caret)
			draw_cursor(row + n, col + editor_column(ed, at, ed->at));
		if (!editor_row_after(ed, at, &at))
			break;
	}
}

int editor_height(const struct editor *ed, int cols, int most)
{
	struct editor measured = *ed;
	size_t at = 0;
	int n = 1;

	measured.cols = cols > 2 ? cols - 1 : 1;
	while (n < most && editor_row_after(&measured, at, &at))
		n++;
	return n;
}
