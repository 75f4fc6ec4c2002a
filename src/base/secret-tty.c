/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sodium.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "arpent/io.h"
#include "arpent/secret.h"

#define SECRET_LINE 1024

/* Signals that end the program: caught while echo is off, so that the terminal is put right, then raised again. */
static const int secret_signals[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM};
#define SECRET_SIGNALS (sizeof secret_signals / sizeof secret_signals[0])

static volatile sig_atomic_t secret_caught;

static void secret_on_signal(int sig)
{
	secret_caught = sig;
}

/* One byte; false at the end, on an error or on a signal.  Signals are delivered only within ppoll, so none is lost
 * between looking at secret_caught and waiting. */
static bool secret_byte(int fd, const sigset_t *mask, unsigned char *c)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};

	for (;;) {
		if (secret_caught)
			return false;
		if (ppoll(&p, 1, NULL, mask) < 0) {
			if (errno == EINTR)
				continue;
			return false;
		}
		ssize_t n = read(fd, c, 1);
		if (n == 1)
			return true;
		if (n == 0 || errno != EINTR)
			return false;
	}
}

static void secret_erase(struct secret *s, bool all)
{
	do {
		while (s->len > 0 && (s->p[s->len - 1] & 0xC0) == 0x80)
			s->len--;
		if (s->len > 0)
			s->len--;
	} while (all && s->len > 0);
	sodium_memzero(s->p + s->len, s->cap + 1 - s->len);
}

/* The line typed: backspace and ^U work, ^C and ^D cancel, arrows and other keys that send a sequence do nothing. */
static bool secret_line(struct secret *s, int fd, const sigset_t *mask, struct err *e)
{
	enum { TEXT, ESCAPE, SEQUENCE } state = TEXT;
	unsigned char c = 0;
	bool ok = false;

	while (secret_byte(fd, mask, &c)) {
		if (state == ESCAPE) {
			state = c == '[' || c == 'O' ? SEQUENCE : TEXT;
		} else if (state == SEQUENCE) {
			state = c >= 0x40 && c <= 0x7E ? TEXT : SEQUENCE;
		} else if (c == '\n' || c == '\r') {
			ok = true;
			break;
		} else if (c == 0x03 || c == 0x04) {
			break;
		} else if (c == 0x1B) {
			state = ESCAPE;
		} else if (c == 0x7F || c == '\b') {
			secret_erase(s, false);
		} else if (c == 0x15) {
			secret_erase(s, true);
		} else if (c >= 0x20 && s->len == s->cap) {
			return err_set(e, ERR_LIMIT, "secret_read_tty", "more than %d bytes", SECRET_LINE);
		} else if (c >= 0x20) {
			s->p[s->len++] = c;
			s->p[s->len] = '\0';
		}
	}
	sodium_memzero(&c, sizeof c);
	return ok ? true : err_set(e, ERR_CANCELLED, "secret_read_tty", "nothing given");
}

static bool secret_ask(struct secret *s, int fd, const char *prompt, const sigset_t *mask, struct err *e)
{
	struct termios was, quiet;

	if (tcgetattr(fd, &was) < 0)
		return err_sys(e, errno, "secret_read_tty", "/dev/tty");
	quiet = was;
	quiet.c_lflag &= ~(tcflag_t)(ECHO | ECHONL | ICANON | ISIG | IEXTEN);
	quiet.c_cc[VMIN] = 1;
	quiet.c_cc[VTIME] = 0;
	if (tcsetattr(fd, TCSAFLUSH, &quiet) < 0)
		return err_sys(e, errno, "secret_read_tty", "/dev/tty");
	bool ok = io_write_fd(fd, prompt, strlen(prompt), e) && secret_line(s, fd, mask, e);
	tcsetattr(fd, TCSANOW, &was);
	if (write(fd, "\n", 1) < 0 && ok)
		ok = err_sys(e, errno, "secret_read_tty", "/dev/tty");
	return ok;
}

bool secret_read_tty(struct secret *s, const char *prompt, struct err *e)
{
	struct sigaction act = {.sa_handler = secret_on_signal}, old[SECRET_SIGNALS];
	sigset_t block, mask;

	int fd = io_open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return err_set(e, ERR_IO, "secret_read_tty", "there is no terminal to ask on");
	if (!secret_alloc(s, SECRET_LINE, e)) {
		close(fd);
		return false;
	}
	sigemptyset(&act.sa_mask);
	sigemptyset(&block);
	sigaddset(&block, SIGTSTP);
	for (size_t i = 0; i < SECRET_SIGNALS; i++)
		sigaddset(&block, secret_signals[i]);
	sigprocmask(SIG_BLOCK, &block, &mask);
	secret_caught = 0;
	for (size_t i = 0; i < SECRET_SIGNALS; i++)
		sigaction(secret_signals[i], &act, &old[i]);
	sigset_t waiting = mask;
	sigaddset(&waiting, SIGTSTP);
	bool ok = secret_ask(s, fd, prompt, &waiting, e);
	close(fd);
	if (!ok)
		secret_free(s);
	for (size_t i = 0; i < SECRET_SIGNALS; i++)
		sigaction(secret_signals[i], &old[i], NULL);
	if (secret_caught)
		raise(secret_caught);
	sigprocmask(SIG_SETMASK, &mask, NULL);
	return ok;
}
