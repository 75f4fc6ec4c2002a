/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "round.h"

#include <string.h>

#include "cli/cli.h"

void round_ask(struct tui *t, const char *remote, bool dry)
{
	struct round *r = &t->round;

	if (r->running || r->due) {
		tui_say(t, "%s", _("A round is under way: Esc on this screen stops it."));
		return;
	}
	memset(r, 0, sizeof *r);
	memcpy(r->remote, remote, strnlen(remote, sizeof r->remote - 1));
	r->dry = dry;
	r->due = true;
}

bool round_due(const struct tui *t)
{
	return t->round.due && t->store;
}

bool round_stop(struct tui *t)
{
	t->round.stop = t->round.running;
	return t->round.running;
}

static void round_size(const char *said, size_t n, uint64_t bytes, struct buf *out)
{
	buf_printf(out, "%s %zu (", said, n);
	words_size(bytes, out);
	buf_char(out, ')');
}

void round_says(const struct tui *t, struct buf *out)
{
	const struct round *r = &t->round;

	if (!r->running)
		return;
	buf_printf(out, "%s%s", r->remote, _(": "));
	if (r->dry) {
		buf_str_add(out, _("asking what is there..."));
		return;
	}
	round_size(_("came:"), r->so_far.taken, (r->at ? r->at->down : 0) + (r->now_up ? 0 : r->now), out);
	buf_str_add(out, ", ");
	round_size(_("went:"), r->so_far.sent, (r->at ? r->at->up : 0) + (r->now_up ? r->now : 0), out);
	if (r->so_far.waiting > 0)
		buf_printf(out, ", %s %zu", _("waiting:"), r->so_far.waiting);
}

static bool round_go_on(void *ctx, const struct exchange_report *so_far)
{
	struct tui *t = ctx;

	if (so_far != &t->round.so_far) {
		t->round.so_far = *so_far;
		t->round.now = 0;
	}
	if (t->pump && !store_in_step(t->store) && !t->pump(t->pump_ctx))
		t->round.stop = true;
	return !t->round.stop && !t->quit;
}

/* Within a request that takes its time. */
static bool round_bytes(void *ctx, bool up, uint64_t now, uint64_t all)
{
	struct tui *t = ctx;

	(void)all;
	t->round.now = now;
	t->round.now_up = up;
	return round_go_on(t, &t->round.so_far);
}

/* In one line; what is amiss stays to be read on the sync screen. */
static void round_told(struct tui *t, const struct exchange_report *r, const struct remote *at)
{
	struct buf up = BUF_INIT, down = BUF_INIT;

	words_size(at->up, &up);
	words_size(at->down, &down);
	if (r->nfindings == 0)
		tui_say(t, _("Came: %zu. Went: %zu. %s up, %s down."), r->news, r->sent ? r->entries : 0, buf_str(&up),
			buf_str(&down));
	else
		tui_say(t, "%s", _("Something is amiss: it is told at the top of the sync screen."));
	t->message_bad = r->nfindings > 0;
	buf_done(&up);
	buf_done(&down);
}

static void round_asked(struct tui *t)
{
	const struct exchange_outlook *o = &t->round.outlook;
	struct buf up = BUF_INIT, down = BUF_INIT;

	words_size(o->up, &up);
	words_size(o->down, &down);
	tui_say(t, _("To send: %s. To receive: %s."), o->go ? buf_str(&up) : _("nothing"),
		o->come ? buf_str(&down) : _("nothing"));
	buf_done(&up);
	buf_done(&down);
}

static bool round_do(struct tui *t, struct remote *at, struct err *e)
{
	const struct exchange_watch watch = {round_go_on, t};
	struct round *r = &t->round;
	struct exchange_report report = {.taken = 0};

	if (!devices_remote_open(t->store, r->remote, r->remote, at, e))
		return false;
	r->at = at;
	if (at->watch)
		*at->watch = (struct remote_watch){round_bytes, t};
	if (r->dry) {
		r->asked = devices_outlook(t->store, r->remote, at, &watch, &r->outlook, e);
		if (r->asked)
			round_asked(t);
		return r->asked;
	}
	if (!devices_sync(t->store, r->remote, at, &watch, &report, e))
		return false;
	round_told(t, &report, at);
	return true;
}

void round_run(struct tui *t)
{
	struct round *r = &t->round;
	struct remote at = {.ops = NULL};
	struct err e = ERR_INIT;

	r->due = false;
	r->running = true;
	if (!round_do(t, &at, &e) && !t->quit) {
		if (e.code == ERR_CANCELLED)
			tui_say(t, "%s", _("Broken off: what came and went is kept, the rest goes on next time."));
		else
			tui_fail(t, &e);
	}
	r->at = NULL;
	r->running = r->stop = false;
	remote_close(&at);
	tui_changed(t);
	if (r->lock)
		tui_lock(t);
	r->lock = false;
}
