/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Several programs and one notebook: the second says who has it, and of fifty notes logged at once each arrives, once,
 * whether the notebook is open, locked or closed meanwhile.  Waiting is always for something, with a limit.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>

#include "../unit/check.h"
#include "arpent/buf.h"
#include "arpent/inbox.h"
#include "arpent/io.h"

#define LIMIT_MS 20000
#define SWARM 50

struct screen {
	int fd;
	pid_t pid;
	struct buf out; /* since the last screen_type() */
};

static char notebook[256];

static int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* Reads what there is, or comes within a quarter of a second. */
static bool screen_read(struct screen *s)
{
	struct pollfd fd = {s->fd, POLLIN, 0};
	char bytes[4096];
	ssize_t n = poll(&fd, 1, 250) > 0 ? read(s->fd, bytes, sizeof bytes) : 0;

	if (n > 0)
		buf_add(&s->out, bytes, (size_t)n);
	return n > 0;
}

static bool screen_expect(struct screen *s, const char *text)
{
	int64_t start = now_ms();

	while (!strstr(buf_str(&s->out), text) && now_ms() - start < LIMIT_MS)
		screen_read(s);
	return strstr(buf_str(&s->out), text) != NULL;
}

static void screen_type(struct screen *s, const char *keys)
{
	buf_clear(&s->out);
	CHECK(write(s->fd, keys, strlen(keys)) == (ssize_t)strlen(keys));
}

/* Runs the program with the passphrase to read from descriptor 3. */
static void run_program(char *const argv[])
{
	const char *program = getenv("ARPENT");
	int pass[2];

	if (pipe(pass) != 0 || write(pass[1], "sapin\n", 6) != 6 || (pass[0] != 3 && dup2(pass[0], 3) < 0))
		_exit(126);
	setenv("LANGUAGE", "en", 1);
	setenv("LC_ALL", "C.UTF-8", 1);
	setenv("HOME", check_dir(), 1);
	setenv("TERM", "xterm-256color", 1);
	execv(program ? program : "arpent", argv);
	_exit(127);
}

static struct store *open_here(bool create)
{
	struct secret pass = SECRET_INIT, words = SECRET_INIT;
	const struct vault_key key = {.passphrase = &pass};
	struct store *s = NULL;
	struct err e = ERR_INIT;
	bool ok = secret_start(&e) && secret_set(&pass, "sapin", 5, &e) &&
		  (create ? store_create(notebook, &key, &VAULT_COST_TEST, "en", &s, &words, &e)
			  : store_open(notebook, &key, &s, &e));

	secret_free(&pass);
	secret_free(&words);
	CHECK_OK(ok, &e);
	REQUIRE(ok);
	return s;
}

/* A new notebook for each test. */
static void begin(const char *name)
{
	snprintf(notebook, sizeof notebook, "%s", check_path(name));
	store_close(open_here(true));
}

/* The terminal is tall enough for all notes. */
static void screen_start(struct screen *s, const char *expect)
{
	struct winsize ws = {.ws_row = 80, .ws_col = 80};

	*s = (struct screen){.fd = -1};
	s->pid = forkpty(&s->fd, NULL, NULL, &ws);
	if (s->pid == 0)
		run_program((char *[]){"arpent", "--notebook", notebook, "--passphrase-fd", "3", NULL});
	REQUIRE(s->pid > 0);
	if (!screen_expect(s, expect))
		CHECK_FAIL("no \"%s\" on the screen: %s", expect,
			   s->out.len > 200 ? s->out.p + s->out.len - 200 : buf_str(&s->out));
}

/* Waits for its end; its exit code. */
static int screen_end(struct screen *s)
{
	int status = -1;
	char bytes[4096];

	while (read(s->fd, bytes, sizeof bytes) > 0)
		continue;
	close(s->fd);
	waitpid(s->pid, &status, 0);
	buf_done(&s->out);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void screen_quit(struct screen *s)
{
	screen_type(s, "\x11");
	CHECK_EQ_INT(screen_end(s), 0);
}

/* Its exit code, and what it said on either output. */
static int command(char *const argv[], struct buf *said)
{
	int status = -1, out[2];
	char bytes[4096];
	pid_t pid;
	ssize_t n;

	REQUIRE(pipe2(out, O_CLOEXEC) == 0);
	pid = fork();
	if (pid == 0) {
		dup2(out[1], STDOUT_FILENO);
		dup2(out[1], STDERR_FILENO);
		run_program(argv);
	}
	close(out[1]);
	while ((n = read(out[0], bytes, sizeof bytes)) > 0)
		buf_add(said, bytes, (size_t)n);
	close(out[0]);
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static pid_t log_start(const char *prefix, int i)
{
	char text[64];
	pid_t pid = fork();

	if (pid == 0) {
		snprintf(text, sizeof text, "%s%02d", prefix, i);
		dup2(open("/dev/null", O_WRONLY | O_CLOEXEC), STDOUT_FILENO);
		run_program((char *[]){"arpent", "--notebook", notebook, "log", text, NULL});
	}
	return pid;
}

static void log_end(pid_t pid)
{
	int status = -1;

	waitpid(pid, &status, 0);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void swarm(const char *prefix)
{
	pid_t pids[SWARM];

	for (int i = 0; i < SWARM; i++)
		pids[i] = log_start(prefix, i);
	for (int i = 0; i < SWARM; i++)
		log_end(pids[i]);
}

struct count {
	const char *prefix;
	int n, total;
	int of[SWARM];
};

static bool count_row(void *ctx, const struct row *row, const struct list_key *at)
{
	struct count *c = ctx;
	size_t n = strlen(c->prefix);

	(void)at;
	if (strncmp(row->title, c->prefix, n) == 0) {
		int i = atoi(row->title + n);
		c->total++;
		if (i >= 0 && i < SWARM && c->of[i]++ == 0)
			c->n++;
	}
	return true;
}

/* With nothing else open: all of them are there, each once, and none still waits. */
static void all_there(const char *prefix, int want)
{
	struct count c = {.prefix = prefix};
	struct store *s = open_here(false);
	struct err e = ERR_INIT;
	size_t taken, bad;

	CHECK_OK(inbox_take(s, &taken, &bad, &e), &e);
	CHECK_EQ_INT(bad, 0);
	CHECK_OK(store_list(s, &(struct list_spec){.kind = "note"}, NULL, false, 1000, count_row, &c, &e), &e);
	CHECK_EQ_INT(c.n, want);
	CHECK_EQ_INT(c.total, want);
	store_close(s);
}

static int shown(const struct screen *s, const char *prefix)
{
	char text[64];
	int n = 0;

	for (int i = 0; i < SWARM; i++) {
		snprintf(text, sizeof text, "%s%02d", prefix, i);
		n += strstr(buf_str(&s->out), text) != NULL;
	}
	return n;
}

/* In the list of notes, which is taller than they are many, drawn whole (^L) until all of them are in it. */
static void all_shown(struct screen *s, const char *prefix)
{
	int64_t start = now_ms();
	int n;

	do {
		screen_type(s, "\f");
		do
			n = shown(s, prefix);
		while (n < SWARM && screen_read(s));
	} while (n < SWARM && now_ms() - start < LIMIT_MS);
	CHECK_EQ_INT(n, SWARM);
}

TEST(the_second_says_who_has_it)
{
	struct screen first, second;
	struct buf said = BUF_INIT;
	char pid[32], host[65] = "";

	begin("second.arpent");
	screen_start(&first, "Help");
	snprintf(pid, sizeof pid, "%d", (int)first.pid);
	gethostname(host, sizeof host - 1);
	CHECK_EQ_INT(command((char *[]){"arpent", "--notebook", notebook, "--passphrase-fd", "3", "list", NULL}, &said),
		     5);
	CHECK(strstr(buf_str(&said), pid) && strstr(buf_str(&said), host));
	CHECK(strstr(buf_str(&said), "Another program has the notebook open") && strstr(buf_str(&said), "arpent log"));
	screen_start(&second, "Another program");
	CHECK(screen_expect(&second, pid));
	CHECK_EQ_INT(screen_end(&second), 5);
	screen_quit(&first);
	buf_done(&said);
}

TEST(fifty_notes_while_the_notebook_is_open)
{
	struct screen s;

	begin("open.arpent");
	screen_start(&s, "Help");
	screen_type(&s, "gnotes\r");
	swarm("Swarm");
	all_shown(&s, "Swarm");
	screen_quit(&s);
	all_there("Swarm", SWARM);
}

TEST(fifty_notes_while_no_program_has_it)
{
	begin("closed.arpent");
	swarm("Rain");
	all_there("Rain", SWARM);
	all_there("Rain", SWARM);
}

TEST(fifty_notes_while_it_is_locked)
{
	struct screen s;

	begin("locked.arpent");
	screen_start(&s, "Help");
	buf_clear(&s.out);
	kill(s.pid, SIGUSR1); /* as arpent lock does */
	CHECK(screen_expect(&s, "Passphrase"));
	swarm("Snow");
	screen_type(&s, "sapin\r");
	CHECK(screen_expect(&s, "Help"));
	screen_type(&s, "gnotes\r");
	all_shown(&s, "Snow");
	screen_quit(&s);
	all_there("Snow", SWARM);
}

TEST(notes_while_the_program_comes_and_goes)
{
	begin("comes.arpent");
	for (int i = 0; i < 8; i += 4) {
		struct screen s;
		pid_t a = log_start("Wind", i), b = log_start("Wind", i + 1);
		screen_start(&s, "Help");
		pid_t c = log_start("Wind", i + 2), d = log_start("Wind", i + 3);
		screen_quit(&s);
		log_end(a), log_end(b), log_end(c), log_end(d);
	}
	all_there("Wind", 8);
}

static void left_over(const char *who)
{
	struct buf said = BUF_INIT;
	struct err e = ERR_INIT;
	char lock[300];

	snprintf(lock, sizeof lock, "%s.lock", notebook);
	CHECK_OK(io_write_file(lock, who, strlen(who), true, &e), &e);
	CHECK_EQ_INT(command((char *[]){"arpent", "--notebook", notebook, "--passphrase-fd", "3", "list", NULL}, &said),
		     0);
	CHECK(access(lock, F_OK) != 0);
	buf_done(&said);
}

TEST(a_lock_left_over_bars_nobody)
{
	char line[64];
	pid_t dead = fork();

	if (dead == 0)
		_exit(0);
	waitpid(dead, NULL, 0);
	begin("stale.arpent");
	snprintf(line, sizeof line, "%d somewhere\n", (int)dead);
	left_over(line);
	snprintf(line, sizeof line, "%d another-host\n", (int)getpid());
	left_over(line);
	left_over("");
}
