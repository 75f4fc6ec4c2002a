/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tui.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arpent/journal.h"
#include "arpent/text.h"
#include "flow.h"

#define HOME_ITEMS 24 /* of a section */
#define HOME_AHEAD 7  /* days of appointments */
#define HOME_COUNT 999

struct home_item {
	struct id id;
	char *draft; /* its key, NULL for a record */
	char *title, *day, *owner;
	unsigned flags;
};

struct home_section {
	const char *label;
	struct home_item v[HOME_ITEMS];
	size_t n, total, shown;
};

enum { HOME_TASKS, HOME_MEETINGS, HOME_SEEN, HOME_NOTES, HOME_DRAFTS, HOME_SECTIONS };

struct home {
	struct home_section s[HOME_SECTIONS];
	size_t at;     /* among those shown */
	size_t unsent; /* records */
};

static const char *const home_labels[HOME_SECTIONS] = {N_("TO DO"), N_("APPOINTMENTS"), N_("RECENT OBSERVATIONS"),
						       N_("RECENT NOTES"), N_("TO TAKE UP AGAIN")};

static void home_item_done(struct home_item *it)
{
	free(it->draft);
	free(it->title);
	free(it->day);
	free(it->owner);
	memset(it, 0, sizeof *it);
}

static void home_empty(struct home *h)
{
	for (int i = 0; i < HOME_SECTIONS; i++) {
		for (size_t j = 0; j < h->s[i].n; j++)
			home_item_done(&h->s[i].v[j]);
		h->s[i].n = h->s[i].total = 0;
	}
}

static bool home_add(struct home_section *s, const struct home_item *it)
{
	if (s->n < HOME_ITEMS && it->title && it->day && it->owner) {
		s->v[s->n++] = *it;
	} else {
		struct home_item gone = *it;
		home_item_done(&gone);
	}
	return s->n < HOME_ITEMS;
}

static bool home_take(void *ctx, const struct row *row, const struct list_key *at)
{
	struct home_item it = {row->id, NULL, str_dup(row->title), str_dup(row->day), str_dup(row->owner), row->flags};

	(void)at;
	return home_add(ctx, &it);
}

struct home_ctx {
	struct tui *t;
	struct home_section *s;
};

static bool home_draft(void *ctx, const char *key, const char *title, int64_t edited_ms)
{
	struct home_ctx *c = ctx;
	struct buf day = BUF_INIT;
	struct moment m;

	moment_from_unix(edited_ms, c->t->now.offset, &m);
	moment_text(&m, &day);
	struct home_item it = {
	    .draft = str_dup(key), .title = str_dup(title), .day = buf_steal(&day), .owner = str_dup("")};
	c->s->total++;
	home_add(c->s, &it);
	return true;
}

static bool home_list(struct tui *t, struct home_section *s, const struct list_spec *spec, size_t most, struct err *e)
{
	const struct list_key start = {.set = false};

	if (!store_list(t->store, spec, &start, false, most < HOME_ITEMS ? most : HOME_ITEMS, home_take, s, e))
		return false;
	for (size_t i = 0; i < s->n; i++) {
		char *beside = tui_beside(t, &s->v[i].id, s->v[i].owner);
		if (!beside)
			return err_nomem(e, "home_list");
		free(s->v[i].owner);
		s->v[i].owner = beside;
	}
	return store_count(t->store, spec, HOME_COUNT, &s->total, e);
}

static bool home_load(struct tui *t, struct home *h, struct err *e)
{
	struct moment until = t->now;
	struct buf from = BUF_INIT, to = BUF_INIT;

	home_empty(h);
	until.has_time = until.has_offset = false;
	moment_text(&until, &from);
	date_add_days(&until.date, HOME_AHEAD);
	moment_text(&until, &to);
	const struct list_spec tasks = {.kind = "task", .order = LIST_BY_DAY_UP, .open_only = true};
	const struct list_spec met = {
	    .kind = "meeting", .order = LIST_BY_DAY_UP, .day_from = buf_str(&from), .day_to = buf_str(&to)};
	const struct list_spec seen = {.kind = "observation", .order = LIST_BY_DAY};
	struct home_ctx drafts = {t, &h->s[HOME_DRAFTS]};
	const struct list_spec notes = {.kind = "note", .order = LIST_BY_EDITED};
	bool ok = home_list(t, &h->s[HOME_TASKS], &tasks, HOME_ITEMS, e) &&
		  home_list(t, &h->s[HOME_MEETINGS], &met, HOME_ITEMS, e) &&
		  home_list(t, &h->s[HOME_SEEN], &seen, 4, e) && home_list(t, &h->s[HOME_NOTES], &notes, 4, e) &&
		  store_draft_each(t->store, home_draft, &drafts, e) &&
		  journal_unsent_count(t->store, HOME_COUNT, &h->unsent, e);
	buf_done(&from);
	buf_done(&to);
	return ok;
}

static void home_changed(struct tui *t, void *state)
{
	struct err e = ERR_INIT;

	if (!home_load(t, state, &e))
		tui_fail(t, &e);
}

static bool home_open(struct tui *t, void *state, const struct view_arg *arg, struct err *e)
{
	struct home *h = state;

	(void)arg;
	for (int i = 0; i < HOME_SECTIONS; i++)
		h->s[i].label = home_labels[i];
	if (home_load(t, h, e))
		return true;
	home_empty(h);
	return false;
}

static void home_close(struct tui *t, void *state)
{
	(void)t;
	home_empty(state);
}

/* How many of each section are shown: one of each first, then in turn, while there is room. */
static void home_share(struct home *h, int room, bool airy)
{
	bool more = true;

	/* What was begun and not finished is never left out. */
	for (int i = 0; i < HOME_SECTIONS; i++) {
		struct home_section *s = &h->s[(i + HOME_DRAFTS) % HOME_SECTIONS];
		s->shown = s->n > 0 && room >= 2;
		room -= s->shown ? (airy ? 3 : 2) : 0;
	}
	while (more && room > 0) {
		more = false;
		for (int i = 0; i < HOME_SECTIONS && room > 0; i++) {
			if (h->s[i].shown > 0 && h->s[i].shown < h->s[i].n) {
				h->s[i].shown++;
				room--;
				more = true;
			}
		}
	}
}

static struct home_item *home_chosen(struct home *h)
{
	size_t at = h->at;

	for (int i = 0; i < HOME_SECTIONS; i++) {
		if (at < h->s[i].shown)
			return &h->s[i].v[at];
		at -= h->s[i].shown;
	}
	return NULL;
}

static size_t home_shown(const struct home *h)
{
	size_t n = 0;

	for (int i = 0; i < HOME_SECTIONS; i++)
		n += h->s[i].shown;
	return n;
}

static void home_hint(struct tui *t, struct home *h, struct buf *out)
{
	const struct home_item *it = home_chosen(h);
	struct moment due;

	if (!it) {
		buf_str_add(out, _("Nothing to do. + notes something down, n makes a new record, ? helps."));
	} else if ((it->flags & ROW_LATE) && moment_parse(it->day, &due)) {
		int64_t days = date_days(&t->now.date) - date_days(&due.date);
		buf_printf(out, P_("Overdue by %d day.", "Overdue by %d days.", days), (int)days);
	}
}

static void home_title(struct tui *t, struct page *p)
{
	struct moment today = t->now;
	struct buf day = BUF_INIT;

	today.has_time = false;
	date_long(&today, t->lang, &day);
	/* The year says nothing to someone who reads today's page. */
	if (day.len > 5 && strspn(day.p + day.len - 4, "0123456789") == 4)
		buf_truncate(&day, day.len - 5);
	buf_printf(&p->title, _("Today, %s"), buf_str(&day));
	buf_done(&day);
}

static void home_section(struct tui *t, const struct home_section *s, int *row, size_t chosen, int cols)
{
	struct buf b = BUF_INIT;

	buf_printf(&b, s->total > HOME_COUNT ? "%d+" : "%d", (int)(s->total > HOME_COUNT ? HOME_COUNT : s->total));
	draw_text(*row, 1, cols - 8, _(s->label), DRAW_STRONG);
	draw_right(*row, cols - 1, 5, buf_str(&b), DRAW_PLAIN);
	for (size_t i = 0; i < s->shown; i++) {
		const struct home_item *it = &s->v[i];
		buf_clear(&b);
		tui_day(t, it->day, &b);
		tui_row(++*row, 0, cols, i == chosen, it->draft ? '~' : tui_sign(it->flags), buf_str(&b), it->title,
			it->owner);
	}
	++*row;
	buf_done(&b);
}

/* What a person must read before anything else: down to the row after it. */
static int home_warning(const struct tui *t, const struct page *p)
{
	int end = p->end - p->top > 5 ? p->end - 3 : p->end, row = p->top;

	if (t->warning.len)
		row = flow_draw(buf_str(&t->warning), 0, row, end, 2, p->cols - 4, DRAW_ERROR);
	return row > p->top && row < end ? row + 1 : row;
}

static void home_draw(struct tui *t, void *state, struct page *p)
{
	struct home *h = state;
	int row = home_warning(t, p), room = p->end - row, sections = 0, want = 0;
	size_t before = 0;

	for (int i = 0; i < HOME_SECTIONS; i++) {
		sections += h->s[i].n > 0;
		want += h->s[i].n > 0 ? (int)(h->s[i].n > 3 ? 3 : h->s[i].n) + 2 : 0;
	}
	bool airy = want <= room + 1;
	home_share(h, room + (airy && sections ? 1 : 0), airy);
	if (h->at >= home_shown(h))
		h->at = home_shown(h) ? home_shown(h) - 1 : 0;
	for (int i = 0; i < HOME_SECTIONS; i++) {
		const struct home_section *s = &h->s[i];
		if (!s->shown)
			continue;
		home_section(t, s, &row, h->at - before, p->cols);
		before += s->shown;
		row += airy;
	}
	home_title(t, p);
	if (h->unsent > HOME_COUNT)
		buf_printf(&p->right, _("* over %d unsent"), HOME_COUNT);
	else if (h->unsent > 0)
		buf_printf(&p->right, P_("* %zu unsent", "* %zu unsent", h->unsent), h->unsent);
	home_hint(t, h, &p->hint);
}

static bool home_act(struct tui *t, void *state, enum action a)
{
	struct home *h = state;
	const struct home_item *it = home_chosen(h);

	if (a != DO_open && a != DO_change && a != DO_done && a != DO_remove)
		return false;
	if (!it)
		return true;
	if (it->draft && (a == DO_open || a == DO_change))
		tui_draft(t, it->draft);
	else if (it->draft && a == DO_remove)
		tui_drop_draft(t, it->draft, it->title);
	else if (it->draft)
		tui_say(t, "%s", _("A draft is not saved yet: open it first."));
	else if (a == DO_open)
		tui_open_record(t, &it->id);
	else if (a == DO_change)
		tui_edit(t, &it->id);
	else if (a == DO_done)
		tui_toggle_done(t, &it->id);
	else
		tui_remove(t, &it->id, 1);
	return true;
}

static bool home_key(struct tui *t, void *state, const struct event *ev)
{
	struct home *h = state;
	char c = ev->key == INPUT_TEXT && !ev->mods ? ev->text[0] : 0;
	size_t last = home_shown(h) ? home_shown(h) - 1 : 0;

	(void)t;
	if (ev->key == INPUT_DOWN || c == 'j')
		h->at = h->at < last ? h->at + 1 : last;
	else if (ev->key == INPUT_UP || c == 'k')
		h->at -= h->at > 0;
	else if (ev->key == INPUT_HOME || ev->key == INPUT_PAGE_UP)
		h->at = 0;
	else if (ev->key == INPUT_END || ev->key == INPUT_PAGE_DOWN)
		h->at = last;
	else
		return false;
	return true;
}

const struct view view_home = {
    .id = VIEW_home,
    .size = sizeof(struct home),
    .open = home_open,
    .draw = home_draw,
    .act = home_act,
    .key = home_key,
    .changed = home_changed,
    .close = home_close,
};
