/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tui.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include <sodium.h>

#include "cli/cli.h"
#include "renew.h"
#include "round.h"
#include "setting.h"
#include "term.h"

#define LOOP_ESC_MS 100   /* a lone Esc is told from a sequence; 25 splits the arrows of a slow link */
#define LOOP_RESIZE_MS 60 /* after the last of a storm */
#define LOOP_PUMP_MS 200  /* between two frames of a round */
#define LOOP_NEVER INT64_MAX

struct loop {
	struct tui t;
	struct input in;
	int64_t key_at;    /* of the last key */
	int64_t resize_at; /* LOOP_NEVER: none waits */
	int64_t timer_at;  /* what the timer is set to */
	int timer;         /* wakes for the lock as soon as the machine does, where poll() would go on waiting; or -1 */
	bool idle_due, keep_due, draw_due;
	bool typed; /* since it was locked: a piece of a passphrase, recovery words */
	bool gone;  /* the terminal hung up */
	int64_t drawn_at;
};

/* The time a machine sleeps counts: a notebook left open on a closed laptop locks. */
static int64_t loop_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_BOOTTIME, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* When the notebook locks itself. */
static int64_t loop_lock_at(const struct loop *l)
{
	unsigned minutes = l->t.store ? l->t.lock_minutes : l->typed ? SETTING_LOCK_MINUTES : 0;

	return minutes ? l->key_at + (int64_t)minutes * 60000 : LOOP_NEVER;
}

static void loop_timer(struct loop *l)
{
	int64_t at = loop_lock_at(l);
	struct itimerspec when = {.it_value = {0, 0}}; /* stands still */

	if (at == l->timer_at)
		return;
	if (at != LOOP_NEVER)
		when.it_value = (struct timespec){at / 1000, at % 1000 * 1000000};
	timerfd_settime(l->timer, TFD_TIMER_ABSTIME, &when, NULL);
	l->timer_at = at;
}

static void loop_lock(struct loop *l)
{
	/* Tried again only after as long: when it cannot be locked, that is said meanwhile. */
	l->key_at = loop_ms();
	l->typed = false;
	tui_lock(&l->t);
	input_forget(&l->in);
	l->draw_due = true;
}

/* When something has to be done though nothing comes; -1: never. */
static int loop_wait(const struct loop *l, int64_t now)
{
	int64_t due = l->resize_at;

	if (input_pending(&l->in) && l->key_at + LOOP_ESC_MS < due)
		due = l->key_at + LOOP_ESC_MS;
	if (l->idle_due && l->key_at + TUI_IDLE_MS < due)
		due = l->key_at + TUI_IDLE_MS;
	if (l->keep_due && l->key_at + TUI_KEEP_MS < due)
		due = l->key_at + TUI_KEEP_MS;
	if (loop_lock_at(l) < due)
		due = loop_lock_at(l);
	if (tui_spare(&l->t) && l->key_at + TUI_IDLE_MS < due)
		due = l->key_at + TUI_IDLE_MS;
	if (due == LOOP_NEVER)
		return -1;
	return due > now ? (int)(due - now) : 0;
}

static void loop_events(struct loop *l, bool waited)
{
	struct event ev;

	while (!l->t.quit && !l->t.locked && input_next(&l->in, waited, &ev)) {
		tui_event(&l->t, &ev);
		l->draw_due = l->idle_due = l->keep_due = l->typed = true;
	}
}

/* Reads all that waits, so that a burst of keys is one repaint. */
static void loop_read(struct loop *l)
{
	struct pollfd more = {STDIN_FILENO, POLLIN, 0};
	char bytes[4096];

	do {
		ssize_t n = read(STDIN_FILENO, bytes, sizeof bytes);
		if (n <= 0) {
			l->gone = n == 0 || (errno != EINTR && errno != EAGAIN);
			break;
		}
		input_feed(&l->in, bytes, (size_t)n);
		sodium_memzero(bytes, (size_t)n);
		l->key_at = loop_ms();
		loop_events(l, false);
		input_forget(&l->in);
	} while (!l->t.quit && !l->t.locked && poll(&more, 1, 0) > 0);
	/* Where the system cannot watch the inbox, a key is the time to look. */
	if (!l->t.quit && !l->t.locked && !l->gone && l->t.inbox < 0)
		tui_inbox(&l->t);
}

static void loop_signals(struct loop *l)
{
	enum term_signal s;

	while ((s = term_signal()) != TERM_NONE) {
		if (s == TERM_RESIZED) {
			l->resize_at = loop_ms() + LOOP_RESIZE_MS;
		} else if (s == TERM_SUSPEND) {
			tui_suspend(&l->t);
			l->draw_due = true;
		} else if (s == TERM_LOCK) {
			loop_lock(l);
		} else {
			l->gone = true;
		}
	}
}

static void loop_timers(struct loop *l, int64_t now)
{
	if (now >= l->resize_at) {
		l->resize_at = LOOP_NEVER;
		term_resize();
		l->draw_due = true;
	}
	if (input_pending(&l->in) && now >= l->key_at + LOOP_ESC_MS)
		loop_events(l, true);
	if (l->idle_due && now >= l->key_at + TUI_IDLE_MS) {
		l->idle_due = false;
		tui_idle(&l->t);
		l->draw_due = true;
	}
	if (l->keep_due && now >= l->key_at + TUI_KEEP_MS) {
		l->keep_due = false;
		tui_keep(&l->t);
	}
	if (now >= loop_lock_at(l))
		loop_lock(l);
	/* A little each time around: a key that comes meanwhile waits for no more than that. */
	if (tui_spare(&l->t) && now >= l->key_at + TUI_IDLE_MS) {
		size_t said = l->t.warning.len;
		tui_use_spare(&l->t);
		l->draw_due = l->draw_due || l->t.warning.len != said;
	}
}

/* Where it cannot start anew, what is locked is closed and its keys are wiped all the same. */
static void loop_renew(struct loop *l)
{
	input_done(&l->in);
	input_init(&l->in);
	renew(&l->t, l->t.suspend);
	l->t.locked = l->t.suspend = false;
	l->draw_due = true;
}

/* Waits for what comes, at most `wait` ms, and does what it asks for. */
static bool loop_turn(struct loop *l, int wait)
{
	struct pollfd fds[] = {
	    {STDIN_FILENO, POLLIN, 0}, {term_signals(), POLLIN, 0}, {l->t.inbox, POLLIN, 0}, {l->timer, POLLIN, 0}};

	loop_timer(l);
	if (poll(fds, 4, wait) < 0 && errno != EINTR)
		return false;
	loop_signals(l);
	/* The first key after a long sleep finds it locked. */
	if (loop_ms() >= loop_lock_at(l))
		loop_lock(l);
	if (fds[0].revents)
		loop_read(l);
	if (fds[2].revents) {
		tui_inbox(&l->t);
		l->draw_due = true;
	}
	loop_timers(l, loop_ms());
	return true;
}

static void loop_draw(struct loop *l)
{
	if (l->draw_due)
		tui_draw(&l->t);
	l->draw_due = false;
	l->drawn_at = loop_ms();
}

/* Between two requests of a round: what came is done, and how far it is is shown now and then. */
static bool loop_pump(void *ctx)
{
	struct loop *l = ctx;
	bool ok = loop_turn(l, 0);

	l->draw_due = l->draw_due || loop_ms() - l->drawn_at >= LOOP_PUMP_MS;
	if (l->draw_due && !l->gone && !l->t.quit)
		loop_draw(l);
	return ok && !l->gone;
}

static void loop_run(struct loop *l)
{
	l->draw_due = l->idle_due = true;
	while (!l->t.quit && !l->gone) {
		if (l->t.locked)
			loop_renew(l);
		if (round_due(&l->t)) {
			l->draw_due = true;
			loop_draw(l);
			round_run(&l->t);
			l->draw_due = l->idle_due = true;
			continue;
		}
		loop_draw(l);
		if (!loop_turn(l, loop_wait(l, loop_ms())))
			break;
	}
}

static bool loop_open(struct cli *c, struct store **s, struct err *e)
{
	/* A key on the command line opens at once; else the lock screen asks, or the first start makes a notebook. */
	if (c->locked || (c->passphrase_fd < 0 && !c->key_file) || access(c->notebook, F_OK) != 0)
		return true;
	if (!cli_open(c, e))
		return false;
	*s = c->store;
	c->store = NULL;
	/* The program started anew is to ask for the passphrase. */
	if (c->passphrase_fd > STDERR_FILENO)
		fcntl(c->passphrase_fd, F_SETFD, FD_CLOEXEC);
	return true;
}

int tui_run(struct cli *c, const char *at)
{
	struct term_options o = {0};
	struct loop l = {.resize_at = LOOP_NEVER, .timer_at = LOOP_NEVER, .key_at = loop_ms()};
	struct store *s = NULL;
	struct err e = ERR_INIT;

	if (c->locked)
		prctl(PR_SET_NAME, "arpent"); /* else ps(1) calls it "exe" after renew() */
	if (!loop_open(c, &s, &e))
		return cli_say(c, &e);
	if (!term_start(&o, &e)) {
		store_close(s);
		return cli_say(c, &e);
	}
	l.timer = timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK);
	input_init(&l.in);
	tui_init(&l.t, c->notebook);
	l.t.key_file = c->key_file;
	l.t.begin = at;
	l.t.pump = loop_pump;
	l.t.pump_ctx = &l;
	tui_start(&l.t, s);
	loop_run(&l);
	tui_done(&l.t);
	term_stop();
	input_done(&l.in);
	if (l.timer >= 0)
		close(l.timer);
	return EXIT_OK;
}
