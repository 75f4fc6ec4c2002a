/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "menu.h"

#include <stdlib.h>
#include <string.h>

#include "arpent/text.h"

void menu_init(struct menu *m)
{
	memset(m, 0, sizeof *m);
	line_init(&m->line);
}

void menu_done(struct menu *m)
{
	for (size_t i = 0; i < m->n; i++) {
		free(m->v[i].label);
		free(m->v[i].right);
		free(m->v[i].folded);
	}
	free(m->v);
	line_done(&m->line);
}

bool menu_add(struct menu *m, const char *label, const char *right, size_t value, struct err *e)
{
	struct menu_item *v = reallocarray(m->v, m->n + 1, sizeof *v);

	if (!v)
		return err_nomem(e, "menu_add");
	m->v = v;
	v += m->n;
	*v = (struct menu_item){str_dup(label), str_dup(right ? right : ""), text_folded(label), value, 1};
	if (!v->label || !v->right || !v->folded) {
		free(v->label);
		free(v->right);
		free(v->folded);
		return err_nomem(e, "menu_add");
	}
	m->fits = ++m->n;
	return true;
}

int menu_score(const char *label, const char *typed)
{
	const char *whole = strstr(label, typed);
	int score = 1;

	if (!*typed)
		return 1;
	for (const char *p = whole; p; p = strstr(p + 1, typed))
		if (p == label || p[-1] == ' ')
			return p == label ? 1000 : 500;
	if (whole)
		return 200;
	/* In order: letters at the start of words count, gaps cost nothing. */
	for (const char *p = label; *typed; p++) {
		if (!*p)
			return 0;
		if (*p != *typed)
			continue;
		score += p == label || p[-1] == ' ' ? 10 : 1;
		typed++;
	}
	return score;
}

static int menu_compare(const void *a, const void *b)
{
	const struct menu_item *x = a, *y = b;

	if (x->score != y->score)
		return x->score < y->score ? 1 : -1;
	return (x->value > y->value) - (x->value < y->value);
}

static void menu_narrow(struct menu *m)
{
	char *typed = text_folded(line_text(&m->line));

	m->fits = m->at = m->top = 0;
	for (size_t i = 0; i < m->n; i++) {
		m->v[i].score = menu_score(m->v[i].folded, typed ? typed : "");
		m->fits += m->v[i].score > 0;
	}
	qsort(m->v, m->n, sizeof *m->v, menu_compare);
	free(typed);
}

bool menu_key(struct menu *m, const struct event *ev)
{
	bool changed = false;
	size_t last = m->fits ? m->fits - 1 : 0;

	switch (ev->key) {
	case INPUT_UP:
		m->at = m->at ? m->at - 1 : 0;
		return true;
	case INPUT_DOWN:
		m->at = m->at < last ? m->at + 1 : last;
		return true;
	case INPUT_PAGE_UP:
		m->at = m->at > 8 ? m->at - 8 : 0;
		return true;
	case INPUT_PAGE_DOWN:
		m->at = m->at + 8 < last ? m->at + 8 : last;
		return true;
	default:
		break;
	}
	if (!line_key(&m->line, ev, &changed))
		return false;
	if (changed)
		menu_narrow(m);
	return true;
}

const struct menu_item *menu_chosen(const struct menu *m)
{
	return m->at < m->fits ? &m->v[m->at] : NULL;
}

void menu_draw(struct menu *m, int row, int end, const char *mark, const char *count)
{
	int cols = draw_cols(), wide = text_width(count), at;

	row += end - row > 3;
	wide = wide > cols / 2 ? 0 : wide;
	at = 1 + draw_text(row, 1, cols - 2, mark, DRAW_STRONG);
	if (wide)
		draw_right(row, cols - 1, wide, count, DRAW_PLAIN);
	line_draw(&m->line, row, at, cols - at - wide - 3, true);
	if (++row >= end)
		return;
	size_t height = (size_t)(end - row);
	if (m->at < m->top)
		m->top = m->at;
	if (m->at >= m->top + height)
		m->top = m->at - height + 1;
	for (size_t i = m->top; i < m->fits && row < end; i++, row++) {
		int right = text_width(m->v[i].right);
		right = right < cols / 2 ? right : cols / 2;
		if (i == m->at)
			draw_text(row, 0, 1, ">", DRAW_STRONG);
		draw_text(row, 2, cols - right - 5, m->v[i].label, DRAW_PLAIN);
		draw_right(row, cols - 1, right, m->v[i].right, DRAW_PLAIN);
	}
}
