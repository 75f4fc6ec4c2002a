/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "term.h"

#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <curses.h>
#include <term.h>

#include "arpent/i18n.h"
#include "screen.h"

bool screen_ascii, screen_colours;

static SCREEN *term_screen;
static FILE *term_null;
static bool term_mock;
static int term_pipe[2] = {-1, -1};
static struct buf term_said;

static void term_handler(int sig)
{
	int saved = errno;
	char c = sig == SIGWINCH ? 'w' : sig == SIGTSTP ? 'z' : sig == SIGUSR1 ? 'l' : 'h';

	if (write(term_pipe[1], &c, 1) < 0)
		errno = saved; /* full: earlier ones are still there to be read */
	errno = saved;
}

static const int term_caught[] = {SIGWINCH, SIGTSTP, SIGUSR1, SIGHUP, SIGTERM, SIGINT, SIGQUIT};
#define TERM_CAUGHT (sizeof term_caught / sizeof *term_caught)

void term_signals_hold(bool hold)
{
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < TERM_CAUGHT; i++)
		sigaddset(&set, term_caught[i]);
	sigprocmask(hold ? SIG_BLOCK : SIG_UNBLOCK, &set, NULL);
}

static void term_signals_set(bool ours)
{
	struct sigaction sa;

	memset(&sa, 0, sizeof sa);
	sa.sa_handler = ours ? term_handler : SIG_DFL;
	sa.sa_flags = SA_RESTART;
	for (size_t i = 0; i < TERM_CAUGHT; i++)
		sigaction(term_caught[i], &sa, NULL);
	sa.sa_handler = ours ? SIG_IGN : SIG_DFL;
	sigaction(SIGPIPE, &sa, NULL);
}

int term_signals(void)
{
	return term_pipe[0];
}

enum term_signal term_signal(void)
{
	char c;

	if (term_pipe[0] < 0 || read(term_pipe[0], &c, 1) != 1)
		return TERM_NONE;
	return c == 'w' ? TERM_RESIZED : c == 'z' ? TERM_SUSPEND : c == 'l' ? TERM_LOCK : TERM_HANGUP;
}

/* Whether or not the command line has put C.UTF-8 in its place, what counts is what the person's own locale is. */
static void term_locale(void)
{
	if (setlocale(LC_CTYPE, "") && strcmp(nl_langinfo(CODESET), "UTF-8") == 0)
		return;
	if (!setlocale(LC_CTYPE, "C.UTF-8"))
		screen_ascii = true;
	else if (!term_mock)
		buf_str_add(&term_said, _("This locale has no UTF-8: C.UTF-8 is used instead. "));
}

/* A terminal that cannot place its cursor is of no use here. */
static bool term_try(const char *name, FILE *out, FILE *in)
{
	term_screen = newterm(name, out, in);
	if (!term_screen)
		return false;
	const char *cup = tigetstr("cup");
	if (cup && cup != (const char *)-1)
		return true;
	endwin();
	delscreen(term_screen);
	term_screen = NULL;
	return false;
}

static bool term_open(FILE *out, FILE *in, struct err *e)
{
	const char *name = getenv("TERM");
	static const char *const others[] = {"xterm-256color", "vt100"};

	if (term_mock)
		name = "xterm-256color";
	if (name && *name && term_try(name, out, in)) {
		screen_ascii = screen_ascii || strncmp(name, "vt1", 3) == 0 || strncmp(name, "vt2", 3) == 0;
		return true;
	}
	for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
		if (!term_try(others[i], out, in))
			continue;
		screen_ascii = screen_ascii || i == 1;
		buf_printf(&term_said, _("The terminal “%s” is not known here: %s is used instead."), name ? name : "",
			   others[i]);
		return true;
	}
	return err_set(e, ERR_IO, "term_start", "TERM %s", name ? name : "");
}

/* Bracketed paste has no place in terminfo; who does not know the mode ignores it. */
static void term_paste(bool on)
{
	if (!term_mock && write(STDOUT_FILENO, on ? "\033[?2004h" : "\033[?2004l", 8) < 0)
		return;
}

static void term_modes(void)
{
	raw();
	noecho();
	nonl();
	scrollok(stdscr, FALSE);
}

bool term_start(const struct term_options *o, struct err *e)
{
	const char *ascii = getenv("ARPENT_ASCII"), *mono = getenv("NO_COLOR");
	FILE *out = stdout, *in = stdin;

	buf_clear(&term_said);
	term_mock = o->mock;
	screen_ascii = o->ascii || (ascii && *ascii);
	screen_colours = false;
	if (term_mock) {
		if (!(term_null = fopen("/dev/null", "r+")))
			return err_sys(e, errno, "term_start", "/dev/null");
		out = in = term_null;
	} else {
		if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
			return err_set(e, ERR_IO, "term_start", "no terminal");
		if (term_pipe[0] < 0 && pipe2(term_pipe, O_CLOEXEC | O_NONBLOCK) < 0)
			return err_sys(e, errno, "term_start", "pipe");
		term_signals_set(true);
	}
	term_locale();
	if (!term_open(out, in, e))
		return false;
	if (term_mock)
		resizeterm(o->rows, o->cols);
	term_modes();
	if (!o->mono && !(mono && *mono) && has_colors() && start_color() == OK && use_default_colors() == OK) {
		screen_colours = true;
		draw_start_colours();
	}
	term_paste(true);
	if (!term_mock)
		term_signals_hold(false);
	return true;
}

void term_stop(void)
{
	if (!term_screen)
		return;
	term_wipe();
	term_paste(false);
	endwin();
	delscreen(term_screen);
	term_screen = NULL;
	if (term_null)
		fclose(term_null);
	term_null = NULL;
	if (!term_mock)
		term_signals_set(false);
}

const char *term_notice(void)
{
	return buf_str(&term_said);
}

void term_set_size(int rows, int cols)
{
	if (rows > 0 && cols > 0)
		resizeterm(rows, cols);
}

void term_resize(void)
{
	struct winsize ws;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &ws) == 0)
		term_set_size(ws.ws_row, ws.ws_col);
}

void term_suspend(void)
{
	if (term_mock)
		return;
	term_wipe();
	term_paste(false);
	endwin();
	signal(SIGTSTP, SIG_DFL);
	kill(0, SIGTSTP); /* the whole job, as the terminal's own key would */
	term_signals_set(true);
	term_resize();
	term_paste(true);
	clearok(curscr, TRUE);
}

void term_wipe(void)
{
	if (!term_screen)
		return;
	erase();
	refresh();
}
