/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Locking, on a real pseudo-terminal: by its key, by time, by a signal, by a terminal that goes; from another program.
 * What was being typed is there again afterwards.
 *
 * Time: this program is arpent as well, with a clock that a test moves ($ARPENT_TEST_CLOCK: the descriptor of the
 * milliseconds to add).
 */
#include <ctype.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/timerfd.h>

#include "cli/cli.h"
#include "pty.h"
#include "tui/tui.h"

#define PASS "brebis sous la neige"
#define MINUTE 60000

static char notebook[256];
static volatile int64_t *clock_ahead;

static volatile int64_t *clock_shared(const char *fd)
{
	void *p = mmap(NULL, sizeof(int64_t), PROT_READ | PROT_WRITE, MAP_SHARED, atoi(fd), 0);

	return p == MAP_FAILED ? NULL : p;
}

/* In the place of the C library's. */
int clock_gettime(clockid_t id, struct timespec *ts)
{
	int rc = (int)syscall(SYS_clock_gettime, id, ts);

	if (clock_ahead && id == CLOCK_BOOTTIME)
		ts->tv_sec += *clock_ahead / 1000;
	return rc;
}

__attribute__((constructor(200))) static void arpent(int argc, char **argv)
{
	const char *fd = getenv("ARPENT_TEST_CLOCK");
	struct err e = ERR_INIT;

	if (!fd)
		return;
	clock_ahead = clock_shared(fd);
	lang_start(NULL);
	exit(secret_start(&e) ? cli_main(argc, argv, tui_run) : 99);
}

static void make_notebook(void)
{
	struct secret pass = SECRET_INIT, words = SECRET_INIT;
	struct store *s = NULL;
	struct err e = ERR_INIT;

	if (notebook[0])
		return;
	CHECK_OK(secret_start(&e), &e);
	snprintf(notebook, sizeof notebook, "%s", check_path("lock.arpent"));
	CHECK_OK(secret_set(&pass, PASS, strlen(PASS), &e), &e);
	REQUIRE(CHECK_OK(
	    store_create(notebook, &(struct vault_key){.passphrase = &pass}, &VAULT_COST_TEST, "en", &s, &words, &e),
	    &e));
	const struct want w[] = {{.key = "text", .text = "Remark on the path", .is_text = true}};
	struct id id;
	CHECK_OK(store_new(s, "note", w, 1, &id, &e), &e);
	store_close(s);
	secret_free(&pass);
	secret_free(&words);
}

static const struct pty_how usual = {
    .notebook = notebook, .pass = PASS, .term = "xterm-256color", .locale = "C.UTF-8", .rows = 24, .cols = 80};

static void begin(struct pty *p)
{
	make_notebook();
	REQUIRE(pty_run(p, &usual));
}

static bool is_closed(void)
{
	int fd = open(notebook, O_RDONLY | O_CLOEXEC);
	bool closed = fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0;

	close(fd);
	return closed;
}

/* A file of /proc/PID; its NUL bytes as blanks. */
static void proc_file(pid_t pid, const char *name, struct buf *out)
{
	char path[64];
	struct err e = ERR_INIT;

	snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, name);
	buf_clear(out);
	CHECK_OK(io_read_file(path, 1 << 20, out, &e), &e);
	for (size_t i = 0; i < out->len; i++)
		if (out->p[i] == '\0')
			out->p[i] = ' ';
}

static void expect_locked(struct pty *p)
{
	if (!pty_expect(p, "Passphrase:"))
		CHECK_FAIL("not locked: %s", buf_str(&p->out));
	pty_read(p, QUIET_MS);
	CHECK(is_closed());
}

static void unlock(struct pty *p)
{
	pty_type(p, PASS "\r");
	CHECK(pty_expect(p, "Today"));
	pty_read(p, QUIET_MS);
}

/* Locked while `keys` were typed, the day's screen has `draft` when it is open again. */
static void locked_while(const char *keys, const char *draft)
{
	struct pty p;

	begin(&p);
	pty_after(&p, keys);
	kill(p.pid, SIGUSR1);
	expect_locked(&p);
	unlock(&p);
	if (!strstr(buf_str(&p.out), draft))
		CHECK_FAIL("no \"%s\" in %s", draft, buf_str(&p.out));
	CHECK_EQ_INT(pty_quit(&p), 0);
}

TEST(a_lock_starts_the_program_anew)
{
	struct pty p;
	struct buf b = BUF_INIT;

	begin(&p);
	pty_type(&p, "z");
	expect_locked(&p);
	proc_file(p.pid, "cmdline", &b);
	CHECK(strstr(buf_str(&b), "arpent --locked --notebook ") == b.p);
	CHECK(!strstr(buf_str(&b), "passphrase"));
	proc_file(p.pid, "comm", &b);
	CHECK_STR(buf_str(&b), "arpent\n");
	/* The screen was emptied before the terminal's other screen came back. */
	const char *left = strstr(buf_str(&p.out), ESC "[?1049l"), *wiped = strstr(buf_str(&p.out), ESC "[2J");
	CHECK(left && ((wiped && wiped < left) || strstr(buf_str(&p.out), ESC "[J") < left));
	unlock(&p);
	CHECK_EQ_INT(pty_quit(&p), 0);
	buf_done(&b);
}

TEST(what_is_typed_after_a_lock_is_no_key_of_the_notebook)
{
	struct pty p;

	begin(&p);
	pty_type(&p, "zjjj");
	expect_locked(&p);
	unlock(&p);
	CHECK_EQ_INT(pty_quit(&p), 0);
}

TEST(a_meeting_half_written)
{
	locked_while("n\r@Roux the herd is at the p", "@Roux the herd is at the p");
}

TEST(a_form_half_filled)
{
	locked_while("gnotes\rnA note about the dam", "A note about the dam");
}

TEST(a_capture_half_typed)
{
	locked_while("aCall the mayor about the wat", "Call the mayor about the wat");
}

TEST(a_dialog_over_a_form)
{
	locked_while("gnotes\rnUnder the dialog\x07", "Under the dialog");
}

TEST(a_search)
{
	locked_while("/remark", "Today");
}

TEST(a_key_half_sent)
{
	locked_while("aBefore the key" ESC "[1;", "Before the key");
}

static bool each_draft(void *ctx, const char *key, const char *title, int64_t edited_ms)
{
	const char **want = ctx;

	(void)key, (void)edited_ms;
	if (*want && strstr(title, *want))
		*want = NULL;
	return true;
}

static void check_draft(const char *text)
{
	struct secret pass = SECRET_INIT;
	struct store *s = NULL;
	struct err e = ERR_INIT;
	const char *left = text;

	CHECK_OK(secret_set(&pass, PASS, strlen(PASS), &e), &e);
	REQUIRE(CHECK_OK(store_open(notebook, &(struct vault_key){.passphrase = &pass}, &s, &e), &e));
	CHECK_OK(store_draft_each(s, each_draft, &left, &e), &e);
	CHECK(left == NULL);
	store_close(s);
	secret_free(&pass);
}

static void ended_by(int sig, const char *text)
{
	struct pty p;

	begin(&p);
	pty_type(&p, "a");
	pty_read(&p, QUIET_MS);
	pty_type(&p, text);
	CHECK(pty_expect(&p, text + strlen(text) - 1));
	pty_read(&p, 50);
	if (sig) {
		kill(p.pid, sig);
		pty_read(&p, 1000);
	}
	close(p.fd);
	p.fd = -1;
	CHECK_EQ_INT(pty_quit(&p), 0);
	check_draft(text);
}

TEST(a_terminal_that_goes)
{
	ended_by(0, "Said at the gate");
}

TEST(a_hang_up)
{
	ended_by(SIGHUP, "Said at the ford");
}

TEST(a_termination)
{
	ended_by(SIGTERM, "Said at the mill");
}

TEST(a_signal_on_the_lock_screen)
{
	struct pty p;
	struct pty_how how = usual;

	make_notebook();
	how.pass = NULL;
	REQUIRE(pty_run(&p, &how));
	pty_type(&p, "brebis sou");
	kill(p.pid, SIGUSR1);
	pty_read(&p, QUIET_MS);
	kill(p.pid, SIGTERM);
	CHECK_EQ_INT(pty_quit(&p), 0);
}

/* Runs arpent lock; its exit status. */
static int lock_from_elsewhere(struct buf *said)
{
	const char *program = getenv("ARPENT");
	int status = -1, out[2];
	struct err e = ERR_INIT;

	REQUIRE(CHECK(pipe(out) == 0));
	pid_t pid = fork();
	if (pid == 0) {
		setsid();
		setenv("HOME", check_dir(), 1);
		setenv("LANGUAGE", "en", 1);
		dup2(out[1], STDOUT_FILENO);
		dup2(out[1], STDERR_FILENO);
		execl(program ? program : "arpent", "arpent", "lock", "--notebook", notebook, (char *)NULL);
		_exit(127);
	}
	close(out[1]);
	buf_clear(said);
	CHECK_OK(io_read_fd(out[0], 4096, said, &e), &e);
	close(out[0]);
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(from_another_session)
{
	struct pty p;
	struct buf said = BUF_INIT;

	begin(&p);
	pty_after(&p, "aFrom elsewh");
	CHECK_EQ_INT(lock_from_elsewhere(&said), EXIT_OK);
	CHECK(strstr(buf_str(&said), "The notebook is locked; what was being typed"));
	CHECK(is_closed()); /* at once: the command has waited for it */
	expect_locked(&p);
	CHECK_EQ_INT(lock_from_elsewhere(&said), EXIT_OK);
	CHECK(strstr(buf_str(&said), "No program has the notebook open"));
	unlock(&p);
	CHECK(strstr(buf_str(&p.out), "From elsewh") != NULL);
	CHECK_EQ_INT(pty_quit(&p), 0);
	buf_done(&said);
}

/* A number in NAME.lock that is not the holder's is not sent a signal: it may be anyone's by now. */
TEST(a_lock_file_that_is_not_true)
{
	struct pty p;
	struct buf said = BUF_INIT;
	char name[300], line[128], host[65] = "";
	struct err e = ERR_INIT;
	int status;
	pid_t other;

	begin(&p);
	if ((other = fork()) == 0)
		for (;;)
			pause();
	gethostname(host, sizeof host - 1);
	snprintf(name, sizeof name, "%s.lock", notebook);
	snprintf(line, sizeof line, "%d %s\n", (int)other, host);
	CHECK_OK(io_write_file(name, line, strlen(line), true, &e), &e);
	CHECK_EQ_INT(lock_from_elsewhere(&said), EXIT_BUSY);
	CHECK_EQ_INT(waitpid(other, &status, WNOHANG), 0);
	kill(other, SIGKILL);
	waitpid(other, &status, 0);
	CHECK_EQ_INT(pty_quit(&p), 0);
	buf_done(&said);
}

/* A shell that runs the program as a job, waits till it stops, says so and takes it to the foreground again. */
static void job_shell(int pass)
{
	char fd[16];
	const char *program = getenv("ARPENT");
	int status;

	snprintf(fd, sizeof fd, "%d", pass);
	setenv("TERM", "xterm-256color", 1);
	setenv("LC_ALL", "C.UTF-8", 1);
	setenv("LANGUAGE", "en", 1);
	setenv("HOME", check_dir(), 1);
	signal(SIGTTOU, SIG_IGN);
	pid_t pid = fork();
	if (pid == 0) {
		setpgid(0, 0);
		tcsetpgrp(0, getpid());
		signal(SIGTTOU, SIG_DFL);
		execl(program, "arpent", "--notebook", notebook, "--passphrase-fd", fd, (char *)NULL);
		_exit(127);
	}
	close(pass);
	waitpid(pid, &status, WUNTRACED);
	tcsetpgrp(0, getpid());
	bool closed = is_closed();
	dprintf(1, "job %s, %s\n", WIFSTOPPED(status) ? "stopped" : "ended", closed ? "locked" : "open");
	tcsetpgrp(0, pid);
	kill(-pid, SIGCONT);
	waitpid(pid, &status, 0);
	_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 1);
}

TEST(a_program_that_is_stopped)
{
	struct pty p = {.fd = -1};
	struct winsize ws = {.ws_row = 24, .ws_col = 80};
	int pass[2];

	make_notebook();
	REQUIRE(CHECK(pipe(pass) == 0));
	dprintf(pass[1], "%s\n", PASS);
	close(pass[1]);
	p.pid = forkpty(&p.fd, NULL, NULL, &ws);
	if (p.pid == 0)
		job_shell(pass[0]);
	close(pass[0]);
	CHECK(pty_expect(&p, "Help"));
	pty_read(&p, QUIET_MS);
	pty_after(&p, "aBefore the stop");
	pty_type(&p, "\x1a");
	CHECK(pty_expect(&p, "job stopped, locked"));
	CHECK(pty_expect(&p, "Passphrase:"));
	pty_read(&p, QUIET_MS);
	unlock(&p);
	CHECK(strstr(buf_str(&p.out), "Before the stop") != NULL);
	CHECK_EQ_INT(pty_quit(&p), 0);
}

/* Milliseconds till the timer of the machine's whole time, sleep included, wakes it; -1: there is none. */
static int64_t lock_timer(pid_t pid)
{
	struct buf b = BUF_INIT;
	int64_t ms = -1;
	char name[32];

	for (int fd = 3; fd < 16 && ms < 0; fd++) {
		long long s = 0, ns = 0;
		snprintf(name, sizeof name, "/proc/%d/fdinfo/%d", (int)pid, fd);
		if (access(name, R_OK) != 0)
			continue;
		proc_file(pid, name + strlen(name) - strlen(strstr(name, "fdinfo")), &b);
		const char *clock = strstr(buf_str(&b), "clockid: 7"), *left = strstr(buf_str(&b), "it_value: (");
		if (clock && left && sscanf(left, "it_value: (%lld, %lld)", &s, &ns) == 2)
			ms = s * 1000 + ns / 1000000;
	}
	buf_done(&b);
	return ms;
}

TEST(the_time_the_machine_sleeps_counts)
{
	struct pty p;
	struct pty_how how = usual;
	int64_t ms;

	make_notebook();
	how.readable = true;
	REQUIRE(pty_run(&p, &how));
	ms = lock_timer(p.pid);
	CHECK(ms > 9 * MINUTE && ms <= 10 * MINUTE);
	pty_type(&p, "z");
	expect_locked(&p);
	CHECK(lock_timer(p.pid) <= 0);
	CHECK_EQ_INT(pty_quit(&p), 0);
}

/* Locked at first when `pass` is NULL.  The milliseconds to put its clock ahead; this program's own stays. */
static volatile int64_t *begin_with_clock(struct pty *p, const char *pass)
{
	int fd = memfd_create("clock", 0);
	char number[16];
	struct pty_how how = usual;

	make_notebook();
	REQUIRE(CHECK(fd >= 0 && ftruncate(fd, sizeof(int64_t)) == 0));
	snprintf(number, sizeof number, "%d", fd);
	volatile int64_t *ahead = clock_shared(number);
	REQUIRE(ahead);
	how.program = "/proc/self/exe";
	how.pass = pass;
	setenv("ARPENT_TEST_CLOCK", number, 1);
	bool ok = pty_run(p, &how);
	unsetenv("ARPENT_TEST_CLOCK");
	close(fd);
	REQUIRE(ok);
	return ahead;
}

TEST(left_alone_for_ten_minutes)
{
	struct pty p;

	volatile int64_t *ahead = begin_with_clock(&p, PASS);
	pty_after(&p, "aLeft al");
	*ahead = 10 * MINUTE - 4000;
	kill(p.pid, SIGWINCH);
	pty_read(&p, QUIET_MS);
	CHECK(!is_closed());
	/* The rest of the time passes by itself. */
	expect_locked(&p);
	unlock(&p);
	CHECK(strstr(buf_str(&p.out), "Left al") != NULL);
	CHECK_EQ_INT(pty_quit(&p), 0);
	munmap((void *)ahead, sizeof *ahead);
}

TEST(a_key_after_a_long_sleep)
{
	struct pty p;

	volatile int64_t *ahead = begin_with_clock(&p, PASS);
	pty_after(&p, "j");
	*ahead = 8 * 60 * MINUTE;
	pty_type(&p, "aRead by none");
	expect_locked(&p);
	unlock(&p);
	CHECK(!strstr(buf_str(&p.out), "Read by none"));
	CHECK_EQ_INT(pty_quit(&p), 0);
	munmap((void *)ahead, sizeof *ahead);
}

TEST(words_left_on_the_lock_screen)
{
	struct pty p;
	volatile int64_t *ahead = begin_with_clock(&p, NULL);

	pty_type(&p, "\x12"
		     "abandon ability able");
	CHECK(pty_expect(&p, "able"));
	pty_read(&p, QUIET_MS);
	buf_clear(&p.out);
	*ahead = 10 * MINUTE;
	kill(p.pid, SIGWINCH);
	CHECK(pty_expect(&p, "Passphrase:"));
	pty_read(&p, QUIET_MS);
	CHECK(!strstr(buf_str(&p.out), "ability"));
	CHECK_EQ_INT(pty_quit(&p), 0);
	munmap((void *)ahead, sizeof *ahead);
}
