/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tui.h"

#include <stdlib.h>
#include <string.h>

#include "arpent/text.h"
#include "line.h"

#define SEARCH_HITS 200

struct search_hit {
	struct id id;
	char *title, *day, *passage;
	const char *kind; /* label, or "" */
	unsigned flags;
	size_t mark, mark_len;
};

struct search {
	struct line line;
	struct search_hit v[SEARCH_HITS];
	size_t n, total, at, top;
	bool stale; /* what is typed was not looked for yet */
	bool lost;  /* for want of memory, not all hits are there */
};

static void search_drop(struct search_hit *h)
{
	free(h->title);
	free(h->day);
	free(h->passage);
}

static void search_empty(struct search *s)
{
	for (size_t i = 0; i < s->n; i++)
		search_drop(&s->v[i]);
	s->n = s->total = 0;
	s->lost = false;
}

static bool search_take(void *ctx, const struct hit *hit)
{
	struct search *s = ctx;
	const struct kind *k = kind_find(hit->row.kind);
	struct search_hit *h = &s->v[s->n];

	*h = (struct search_hit){hit->row.id,
				 str_dup(hit->row.title),
				 str_dup(hit->row.day),
				 str_dup(hit->passage),
				 k ? k->label : "",
				 hit->row.flags,
				 hit->mark,
				 hit->mark_len};
	s->n++;
	if (!h->title || !h->day || !h->passage) {
		s->lost = true;
		search_drop(h);
		s->n--;
	}
	return !s->lost && s->n < SEARCH_HITS;
}

/* Looked for when drawn: a burst of letters is one search. */
static void search_run(struct tui *t, struct search *s)
{
	const char *typed = line_text(&s->line);
	struct err e = ERR_INIT;
	size_t at = s->at;

	s->stale = false;
	search_empty(s);
	if (typed[strspn(typed, " ")] && !store_find(t->store, typed, SEARCH_HITS, search_take, s, &s->total, &e))
		tui_fail(t, &e);
	else if (s->lost && !err_nomem(&e, "shown"))
		tui_fail(t, &e);
	s->at = at < s->n ? at : s->n ? s->n - 1 : 0;
}

static bool search_open(struct tui *t, void *state, const struct view_arg *arg, struct err *e)
{
	struct search *s = state;

	(void)t, (void)e;
	line_init(&s->line);
	line_set(&s->line, arg->text ? arg->text : "");
	s->stale = true;
	return true;
}

static void search_close(struct tui *t, void *state)
{
	struct search *s = state;

	(void)t;
	search_empty(s);
	line_done(&s->line);
}

/* The passage with its match underlined; where it is narrow, from a word before the match on. */
static void search_passage(const struct search_hit *h, int row, int col, int width)
{
	const char *s = h->passage;
	size_t n = strlen(s), mark = h->mark < n ? h->mark : n;
	size_t len = h->mark_len < n - mark ? h->mark_len : n - mark, from = 0;

	while (from < mark && text_width_n(s + from, mark - from) > width / 2) {
		size_t blank = strcspn(s + from, " ");
		if (from + blank >= mark)
			break;
		from += blank + 1;
	}
	int end = col + width;
	col += draw_text_n(row, col, end - col, s + from, mark - from, DRAW_PLAIN);
	col += draw_text_n(row, col, end - col, s + mark, len, DRAW_MATCH);
	draw_text(row, col, end - col, s + mark + len, DRAW_PLAIN);
}

static void search_hits(struct tui *t, struct search *s, int row, int end, int cols)
{
	size_t each = end - row < 2 ? 1 : 2, room = end > row ? (size_t)(end - row) / each : 0;
	struct buf day = BUF_INIT;

	if (s->at < s->top)
		s->top = s->at;
	if (room && s->at >= s->top + room)
		s->top = s->at - room + 1;
	for (size_t i = s->top; i < s->n && row + (int)each <= end; i++, row += (int)each) {
		const struct search_hit *h = &s->v[i];
		buf_clear(&day);
		tui_day(t, h->day, &day);
		tui_row(row, 0, cols, i == s->at, tui_sign(h->flags), buf_str(&day), h->title, _(h->kind));
		if (each > 1)
			search_passage(h, row + 1, 13, cols - 15);
	}
	buf_done(&day);
}

static void search_draw(struct tui *t, void *state, struct page *p)
{
	struct search *s = state;
	struct buf count = BUF_INIT;
	int row = p->end - 1;

	if (s->stale)
		search_run(t, s);
	buf_str_add(&p->title, _("Search"));
	if (line_text(&s->line)[0] && s->total > FIND_TOTAL)
		buf_printf(&count, _("more than %d"), FIND_TOTAL);
	else if (line_text(&s->line)[0])
		buf_printf(&count, P_("%zu found", "%zu found", s->total), s->total);
	search_hits(t, s, p->top, row, p->cols);
	int wide = text_width(buf_str(&count));
	draw_right(row, p->cols - 1, wide, buf_str(&count), DRAW_PLAIN);
	draw_text(row, 1, 1, "/", DRAW_STRONG);
	line_draw(&s->line, row, 2, p->cols - wide - 5, true);
	if (!line_text(&s->line)[0])
		buf_str_add(&p->hint,
			    _("Words or their beginnings, accents or not; \"two words\", -without, kind:meeting"));
	else if (s->total > s->n)
		buf_printf(&p->hint, _("The first %zu are shown; a word more narrows it."), s->n);
	buf_done(&count);
}

static bool search_act(struct tui *t, void *state, enum action a)
{
	struct search *s = state;

	if (a != DO_open && a != DO_untype && a != DO_retype)
		return false;
	if (s->stale)
		search_run(t, s);
	if (a == DO_untype || a == DO_retype)
		s->stale = a == DO_untype ? line_undo(&s->line) : line_redo(&s->line);
	else if (s->at < s->n)
		tui_open_record(t, &s->v[s->at].id);
	return true;
}

static bool search_key(struct tui *t, void *state, const struct event *ev)
{
	struct search *s = state;
	size_t last = s->n ? s->n - 1 : 0;
	bool changed = false;

	(void)t;
	switch (ev->key) {
	case INPUT_UP:
		s->at -= s->at > 0;
		return true;
	case INPUT_DOWN:
		s->at += s->at < last;
		return true;
	case INPUT_PAGE_UP:
		s->at = s->at > 8 ? s->at - 8 : 0;
		return true;
	case INPUT_PAGE_DOWN:
		s->at = s->at + 8 < last ? s->at + 8 : last;
		return true;
	default:
		break;
	}
	if (!line_key(&s->line, ev, &changed))
		return false;
	if (changed) {
		s->stale = true;
		s->at = s->top = 0;
	}
	return true;
}

static void search_changed(struct tui *t, void *state)
{
	(void)t;
	((struct search *)state)->stale = true;
}

const struct view view_search = {
    .id = VIEW_search,
    .size = sizeof(struct search),
    .open = search_open,
    .draw = search_draw,
    .act = search_act,
    .key = search_key,
    .changed = search_changed,
    .close = search_close,
};
