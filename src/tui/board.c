/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "board.h"

#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "arpent/text.h"

#define BOARD_DAY 9 /* columns of a day and the blank after it */

static void board_free(char *s)
{
	if (s)
		sodium_memzero(s, strlen(s));
	free(s);
}

void board_cut(struct board *b, size_t n)
{
	for (; b->n > n; b->n--) {
		board_free(b->v[b->n - 1].day);
		board_free(b->v[b->n - 1].text);
		board_free(b->v[b->n - 1].right);
	}
}

void board_clear(struct board *b)
{
	board_cut(b, 0);
	b->oom = false;
}

void board_right(struct board *b, size_t i, const char *right)
{
	char *copy = i < b->n ? str_dup(right) : NULL;

	b->oom |= i < b->n && !copy;
	if (!copy)
		return;
	board_free(b->v[i].right);
	b->v[i].right = copy;
}

void board_done(struct board *b)
{
	board_clear(b);
	free(b->v);
	memset(b, 0, sizeof *b);
}

static struct board_line *board_add(struct board *b, const char *day, const char *text, size_t n, const char *right)
{
	struct board_line *l;

	if (b->n == b->cap) {
		size_t cap = b->cap ? b->cap * 2 : 32;
		struct board_line *v = reallocarray(b->v, cap, sizeof *v);
		if (!v) {
			b->oom = true;
			return NULL;
		}
		b->v = v;
		b->cap = cap;
	}
	l = &b->v[b->n++];
	*l = (struct board_line){.day = str_dup(day), .text = str_ndup(text, n), .right = str_dup(right)};
	if (l->day && l->text && l->right)
		return l;
	board_cut(b, b->n - 1);
	b->oom = true;
	return NULL;
}

void board_gap(struct board *b)
{
	if (b->n > 0)
		board_add(b, "", "", 0, "");
}

void board_heading(struct board *b, const char *text, const char *right)
{
	struct board_line *l = board_add(b, "", text, strlen(text), right);

	if (l)
		l->style = DRAW_STRONG;
}

void board_text(struct board *b, char sign, const char *text, int cols, enum draw_style style)
{
	size_t n = strlen(text);

	for (size_t at = 0; at < n;) {
		size_t took = text_wrap(text + at, n - at, cols > 10 ? cols - 5 : 5), len = took;
		struct board_line *l;
		while (len > 0 && (text[at + len - 1] == '\n' || text[at + len - 1] == ' '))
			len--;
		l = board_add(b, "", text + at, len, "");
		if (!l)
			return;
		l->sign = at == 0 && sign ? sign : ' ';
		l->stop = at == 0;
		l->style = style;
		at += took;
	}
}

struct board_line *board_row(struct board *b, char sign, const char *day, const char *text, const char *right)
{
	struct board_line *l = board_add(b, day, text, strlen(text), right);

	if (l) {
		l->sign = sign ? sign : ' ';
		l->stop = true;
	}
	return l;
}

const struct board_line *board_chosen(const struct board *b)
{
	return b->at < b->n && b->v[b->at].stop ? &b->v[b->at] : NULL;
}

/* The nearest line that can be chosen, from `at` on in the direction of travel, else behind. */
static size_t board_stop(const struct board *b, size_t at, bool up)
{
	for (size_t i = at; i < b->n; i += up ? (size_t)-1 : 1)
		if (b->v[i].stop)
			return i;
	for (size_t i = at; i < b->n; i += up ? 1 : (size_t)-1)
		if (b->v[i].stop)
			return i;
	return at;
}

bool board_key(struct board *b, const struct event *ev)
{
	char c = ev->key == INPUT_TEXT && !ev->mods ? ev->text[0] : 0;
	size_t page = b->height > 1 ? (size_t)b->height - 1 : 1, last = b->n ? b->n - 1 : 0, to = b->at;
	bool up = ev->key == INPUT_UP || c == 'k' || ev->key == INPUT_PAGE_UP || ev->key == INPUT_END;

	if (ev->key == INPUT_DOWN || c == 'j')
		to = b->at < last ? b->at + 1 : last;
	else if (ev->key == INPUT_UP || c == 'k')
		to -= to > 0;
	else if (ev->key == INPUT_PAGE_DOWN || ev->key == INPUT_SPACE)
		to = b->at + page < last ? b->at + page : last;
	else if (ev->key == INPUT_PAGE_UP)
		to -= to > page ? page : to;
	else if (ev->key == INPUT_HOME)
		to = 0;
	else if (ev->key == INPUT_END)
		to = last;
	else
		return false;
	b->at = board_stop(b, to, up);
	return true;
}

static void board_line(const struct board_line *l, int row, int cols, bool chosen)
{
	const char mark[2] = {l->sign, 0};
	int from = l->sign ? 4 : 1, right = text_width(l->right), room;

	if (chosen) {
		draw_text(row, 0, 1, ">", DRAW_STRONG);
		draw_cursor(row, 0);
	}
	if (l->sign)
		draw_text(row, 2, 1, l->sign == '=' ? draw_sign_settle() : mark, tui_sign_style(l->sign));
	if (l->day && *l->day) {
		draw_text(row, from, BOARD_DAY - 1, l->day, DRAW_PLAIN);
		from += BOARD_DAY;
	}
	/* The text first; what is beside it has the rest, and never less than a third. */
	room = cols - from - 1;
	if (right > room - text_width(l->text) - 2) {
		int rest = room - text_width(l->text) - 2;
		right = rest > room / 3 ? rest : right < room / 3 ? right : room / 3;
	}
	draw_text(row, from, room - (right ? right + 2 : 0), l->text, l->style);
	if (right)
		draw_right(row, cols - 1, right, l->right, l->style == DRAW_STRONG ? DRAW_PLAIN : l->style);
}

/* The headings right above the first that can be chosen are in sight with it. */
static void board_scroll(struct board *b)
{
	size_t height = b->height > 0 ? (size_t)b->height : 1;

	if (b->at >= b->n || !b->v[b->at].stop)
		b->at = b->n ? board_stop(b, b->at < b->n ? b->at : b->n - 1, false) : 0;
	if (b->at < b->top || b->at >= b->top + height)
		b->top = b->at > height / 2 ? b->at - height / 2 : 0;
	/* A text whose first row is chosen is read on below it. */
	if (b->top + height > b->n)
		b->top = b->n > height ? b->n - height : 0;
	if (board_stop(b, 0, false) == b->at && b->at < height)
		b->top = 0;
}

void board_draw(struct board *b, const struct page *p)
{
	b->height = p->end - p->top;
	board_scroll(b);
	for (size_t i = b->top; i < b->n && i < b->top + (size_t)b->height; i++)
		board_line(&b->v[i], p->top + (int)(i - b->top), p->cols, i == b->at && b->v[i].stop);
}
