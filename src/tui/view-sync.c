/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tui.h"

#include <string.h>

#include "card.h"
#include "cli/cli.h"
#include "round.h"
#include "settle.h"
#include "sync-lines.h"

/* What goes and comes, to whom, and what is amiss. */
struct sync_view {
	struct sync_lines lines;
	struct settle settle;
	bool weigh; /* when no key comes */
};

static void sync_close(struct tui *t, void *state)
{
	struct sync_view *v = state;

	(void)t;
	sync_lines_done(&v->lines);
	settle_done(&v->settle);
}

static bool sync_open(struct tui *t, void *state, const struct view_arg *arg, struct err *e)
{
	struct sync_view *v = state;

	(void)arg;
	v->weigh = true;
	if (sync_lines_load(&v->lines, t, draw_cols(), e))
		return true;
	sync_close(t, v);
	return false;
}

static void sync_load(struct tui *t, struct sync_view *v)
{
	struct err e = ERR_INIT;

	v->weigh = true;
	if (!sync_lines_load(&v->lines, t, draw_cols(), &e)) {
		board_clear(&v->lines.board);
		tui_fail(t, &e);
	}
}

static void sync_changed(struct tui *t, void *state)
{
	sync_load(t, state);
}

static void sync_idle(struct tui *t, void *state)
{
	struct sync_view *v = state;
	struct err e = ERR_INIT;

	if (!v->weigh || t->round.running)
		return;
	v->weigh = false;
	if (!sync_lines_weigh(&v->lines, t, &e)) {
		board_clear(&v->lines.board);
		tui_fail(t, &e);
	}
}

/* What the chosen line is, and what its keys do. */
static void sync_hint(const struct sync_view *v, struct buf *out)
{
	const struct board_line *l = board_chosen(&v->lines.board);

	switch (l ? l->what : SYNC_NOTHING) {
	case SYNC_REMOTE:
		buf_str_add(out, _("e exchanges, y asks; nothing goes alone."));
		break;
	case SYNC_SETTLE:
		buf_printf(out, _("%s Several values: c chooses."), draw_sign_settle());
		break;
	case SYNC_PEER:
		buf_str_add(out, _("v shows the six words to compare."));
		break;
	default:
		break;
	}
}

static void sync_draw(struct tui *t, void *state, struct page *p)
{
	struct sync_view *v = state;

	if (v->lines.cols != p->cols)
		sync_load(t, v);
	board_draw(&v->lines.board, p);
	buf_str_add(&p->title, _("Sharing"));
	if (t->round.running)
		buf_str_add(&p->right, _("under way, Esc stops"));
	else if (v->lines.unsent > 0)
		buf_printf(&p->right, P_("* %zu to send", "* %zu to send", v->lines.unsent), v->lines.unsent);
	sync_hint(v, &p->hint);
}

static void sync_exchange(struct tui *t, struct sync_view *v, bool dry)
{
	const struct sync_remote *r = sync_lines_remote(&v->lines);

	if (r)
		round_ask(t, r->name, dry);
	else
		tui_say(t, "%s", _("There is no storage yet. In a shell: arpent remote add NAME FOLDER"));
}

static void sync_settle(struct tui *t, struct sync_view *v, const struct board_line *l)
{
	struct err e = ERR_INIT;
	struct record r;

	for (size_t i = 0; (!l || l->what != SYNC_SETTLE) && i < v->lines.board.n; i++)
		if (v->lines.board.v[i].what == SYNC_SETTLE)
			l = &v->lines.board.v[i];
	if (!l || l->what != SYNC_SETTLE) {
		tui_say(t, "%s", _("There is nothing to settle."));
		return;
	}
	record_init(&r);
	if (store_get(t->store, &l->id, &r, &e))
		settle_ask(&v->settle, t, &r, v->lines.fields[l->i], NULL, NULL);
	else
		tui_fail(t, &e);
	record_done(&r);
}

static void sync_own_card(struct tui *t)
{
	struct identity_self self = {0};
	struct card c = {.own = true};
	struct err e = ERR_INIT;

	if (identity_self(t->store, &self, &e)) {
		c.who = self.who;
		tui_push(t, &view_card, &(struct view_arg){.more = &c});
	} else {
		tui_fail(t, &e);
	}
	identity_self_done(&self);
}

static void sync_card(struct tui *t, const struct sync_view *v, const struct board_line *l)
{
	struct card c = {.own = false};

	if (!l || (l->what != SYNC_PEER && l->what != SYNC_DEVICE)) {
		sync_own_card(t);
		return;
	}
	c.peer = l->what == SYNC_PEER;
	c.who = c.peer ? v->lines.peers[l->i].who : v->lines.sp.streams[l->i].who;
	tui_push(t, &view_card, &(struct view_arg){.more = &c});
}

static void sync_enter(struct tui *t, struct sync_view *v, const struct board_line *l)
{
	switch (l ? l->what : SYNC_NOTHING) {
	case SYNC_REMOTE:
		sync_exchange(t, v, false);
		break;
	case SYNC_RECORD:
		tui_open_record(t, &l->id);
		break;
	case SYNC_SETTLE:
		sync_settle(t, v, l);
		break;
	case SYNC_NOTHING:
		break;
	default:
		sync_card(t, v, l);
	}
}

static bool sync_act(struct tui *t, void *state, enum action a)
{
	struct sync_view *v = state;
	const struct board_line *l = board_chosen(&v->lines.board);

	switch (a) {
	case DO_open:
		sync_enter(t, v, l);
		return true;
	case DO_exchange:
	case DO_ask:
		sync_exchange(t, v, a == DO_ask);
		return true;
	case DO_resolve:
		sync_settle(t, v, l);
		return true;
	case DO_verify:
		sync_card(t, v, l);
		return true;
	case DO_card:
		sync_own_card(t);
		return true;
	case DO_back:
		return round_stop(t);
	default:
		return false;
	}
}

static bool sync_key(struct tui *t, void *state, const struct event *ev)
{
	struct sync_view *v = state;

	(void)t;
	if (!board_key(&v->lines.board, ev))
		return false;
	sync_lines_remote(&v->lines);
	return true;
}

const struct view view_sync = {
    .id = VIEW_sync,
    .size = sizeof(struct sync_view),
    .open = sync_open,
    .draw = sync_draw,
    .act = sync_act,
    .key = sync_key,
    .changed = sync_changed,
    .idle = sync_idle,
    .close = sync_close,
};
