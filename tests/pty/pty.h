/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * pty - the program on a real pseudo-terminal.  Waiting is always for something, with a limit.
 */
#ifndef ARPENT_PTY_H
#define ARPENT_PTY_H

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

#include <linux/filter.h>
#include <linux/seccomp.h>

#include "../unit/check.h"
#include "arpent/buf.h"
#include "arpent/io.h"
#include "arpent/store.h"

#define QUIET_MS 350 /* nothing for so long: it has said what it had to say */
#define LIMIT_MS 20000
#define ESC "\033"

struct pty {
	int fd;
	pid_t pid;
	struct buf out; /* since the last pty_type() */
};

/* How the program is started. */
struct pty_how {
	const char *program;         /* NULL: $ARPENT */
	const char *notebook, *pass; /* pass NULL: the lock screen asks for it */
	const char *option[2];       /* more of the command line, or NULL */
	const char *term, *locale;
	unsigned short rows, cols;
	bool no_inotify; /* as on a kernel that has none */
	bool readable;   /* its memory can be read by its parent: PR_SET_DUMPABLE does nothing */
};

static inline int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* Reads until nothing came for `quiet` ms; gives the bytes. */
static inline size_t pty_read(struct pty *p, int quiet)
{
	int64_t start = now_ms();
	size_t before = p->out.len;
	char bytes[4096];

	while (now_ms() - start < LIMIT_MS) {
		struct pollfd fd = {p->fd, POLLIN, 0};
		if (poll(&fd, 1, quiet) <= 0)
			break;
		ssize_t n = read(p->fd, bytes, sizeof bytes);
		if (n <= 0)
			break;
		buf_add(&p->out, bytes, (size_t)n);
	}
	return p->out.len - before;
}

/* Reads until `text` was sent. */
static inline bool pty_expect(struct pty *p, const char *text)
{
	int64_t start = now_ms();

	while (!strstr(buf_str(&p->out), text) && now_ms() - start < LIMIT_MS) {
		char bytes[4096];
		struct pollfd fd = {p->fd, POLLIN, 0};
		if (poll(&fd, 1, 1000) <= 0)
			continue;
		ssize_t n = read(p->fd, bytes, sizeof bytes);
		if (n <= 0)
			break;
		buf_add(&p->out, bytes, (size_t)n);
	}
	return strstr(buf_str(&p->out), text) != NULL;
}

static inline void pty_type(struct pty *p, const char *keys)
{
	buf_clear(&p->out);
	CHECK(write(p->fd, keys, strlen(keys)) == (ssize_t)strlen(keys));
}

static inline size_t pty_after(struct pty *p, const char *keys)
{
	pty_type(p, keys);
	return pty_read(p, QUIET_MS);
}

/* ^Q, and its exit status. */
static inline int pty_quit(struct pty *p)
{
	int status = -1;

	if (p->fd >= 0) {
		pty_type(p, "\x11");
		pty_read(p, 1000);
		close(p->fd);
	}
	waitpid(p->pid, &status, 0);
	buf_done(&p->out);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static inline void pty_log(const char *notebook, const char *text)
{
	const char *program = getenv("ARPENT");
	int status = -1;
	pid_t pid = fork();

	if (pid == 0) {
		setenv("HOME", check_dir(), 1);
		execl(program ? program : "arpent", "arpent", "log", "--notebook", notebook, text, (char *)NULL);
		_exit(127);
	}
	waitpid(pid, &status, 0);
	CHECK_EQ_INT(status, 0);
}

/* The system calls that this program is to find missing, or without effect. */
static inline void pty_filter(const struct pty_how *how)
{
	struct sock_filter code[] = {
	    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
	    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, how->no_inotify ? __NR_inotify_init1 : UINT32_MAX, 0, 1),
	    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
	    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, how->readable ? __NR_prctl : UINT32_MAX, 0, 3),
	    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[0])),
	    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PR_SET_DUMPABLE, 0, 1),
	    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | 0),
	    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	const struct sock_fprog filter = {sizeof code / sizeof *code, code};

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) != 0)
		_exit(126);
}

static inline void pty_child(const struct pty_how *how, int pass)
{
	char fd[16];
	const char *program = how->program ? how->program : getenv("ARPENT");
	const char *argv[8] = {"arpent", "--notebook", how->notebook};
	size_t n = 3;

	snprintf(fd, sizeof fd, "%d", pass);
	for (size_t i = 0; i < 2 && how->option[i]; i++)
		argv[n++] = how->option[i];
	if (how->pass) {
		argv[n++] = "--passphrase-fd";
		argv[n++] = fd;
	}
	setenv("TERM", how->term, 1);
	setenv("LC_ALL", how->locale, 1);
	setenv("LANGUAGE", "en", 1);
	unsetenv("NO_COLOR");
	unsetenv("ARPENT_ASCII");
	setenv("HOME", check_dir(), 1);
	if (how->no_inotify || how->readable)
		pty_filter(how);
	execv(program ? program : "arpent", (char **)argv);
	_exit(127);
}

/* Till its first screen, or the lock screen. */
static inline bool pty_run(struct pty *p, const struct pty_how *how)
{
	struct winsize ws = {.ws_row = how->rows, .ws_col = how->cols};
	int pass[2];

	memset(p, 0, sizeof *p);
	if (!CHECK(pipe(pass) == 0))
		return false;
	if (how->pass)
		dprintf(pass[1], "%s\n", how->pass);
	close(pass[1]);
	p->pid = forkpty(&p->fd, NULL, NULL, &ws);
	if (p->pid == 0)
		pty_child(how, pass[0]);
	close(pass[0]);
	REQUIRE(p->pid > 0);
	if (pty_expect(p, "Help")) {
		pty_read(p, QUIET_MS);
		return true;
	}
	kill(p->pid, SIGKILL);
	waitpid(p->pid, NULL, 0);
	close(p->fd);
	return CHECK_FAIL("no first screen: %s", p->out.len > 200 ? p->out.p + p->out.len - 200 : buf_str(&p->out));
}

#endif
