/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "arpent/secret.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>

#include "arpent/io.h"
#include "check.h"

TEST(holds_a_copy)
{
	struct secret s = SECRET_INIT;
	struct err e = ERR_INIT;

	REQUIRE(secret_start(&e));
	CHECK_OK(secret_set(&s, "milvus", 6, &e), &e);
	CHECK_STR((char *)s.p, "milvus");
	CHECK_EQ_INT(s.len, 6);
	CHECK_OK(secret_set(&s, s.p + 1, 3, &e), &e);
	CHECK_STR((char *)s.p, "ilv");
	CHECK_OK(secret_set(&s, NULL, 0, &e), &e);
	CHECK_STR((char *)s.p, "");
	CHECK_OK(secret_alloc(&s, 32, &e), &e);
	CHECK(s.cap == 32 && s.len == 0);
	secret_free(&s);
	CHECK(s.p == NULL);
	secret_free(&s);
	CHECK_ERR(secret_alloc(&s, SIZE_MAX, &e), &e, ERR_NOMEM);
}

static int pipe_with(const void *p, size_t n)
{
	struct err e = ERR_INIT;
	int fd[2];

	REQUIRE(pipe(fd) == 0);
	CHECK_OK(io_write_fd(fd[1], p, n, &e), &e);
	close(fd[1]);
	return fd[0];
}

TEST(reads_one_line_and_no_more)
{
	struct secret s = SECRET_INIT;
	struct err e = ERR_INIT;
	int fd = pipe_with("first\n\nlast", 11);

	CHECK_OK(secret_read_fd(&s, fd, &e), &e);
	CHECK_STR((char *)s.p, "first");
	CHECK_OK(secret_read_fd(&s, fd, &e), &e);
	CHECK_EQ_INT(s.len, 0);
	CHECK_OK(secret_read_fd(&s, fd, &e), &e);
	CHECK_STR((char *)s.p, "last");
	CHECK_ERR(secret_read_fd(&s, fd, &e), &e, ERR_INPUT);
	CHECK(s.p == NULL);
	close(fd);
	CHECK_ERR(secret_read_fd(&s, fd, &e), &e, ERR_IO);
}

TEST(a_line_has_a_limit)
{
	struct secret s = SECRET_INIT;
	struct err e = ERR_INIT;
	char line[1026];

	memset(line, 'x', sizeof line);
	line[1024] = '\n';
	int fd = pipe_with(line, 1025);
	CHECK_OK(secret_read_fd(&s, fd, &e), &e);
	CHECK_EQ_INT(s.len, 1024);
	close(fd);
	line[1024] = 'x';
	line[1025] = '\n';
	fd = pipe_with(line, 1026);
	CHECK_ERR(secret_read_fd(&s, fd, &e), &e, ERR_LIMIT);
	CHECK(s.p == NULL);
	close(fd);
}

TEST(reads_a_key_file)
{
	const char *path = check_path("key");
	struct secret s = SECRET_INIT;
	struct err e = ERR_INIT;
	char key[4097];

	memset(key, 7, sizeof key);
	for (size_t i = 0; i < 4; i++) {
		static const size_t sizes[] = {31, 32, 4096, 4097};
		CHECK_OK(io_write_file(path, key, sizes[i], true, &e), &e);
		if (sizes[i] == 32 || sizes[i] == 4096)
			CHECK_OK(secret_read_file(&s, path, &e), &e);
		else
			CHECK_ERR(secret_read_file(&s, path, &e), &e, ERR_INPUT);
		CHECK_EQ_INT(s.len, sizes[i] == 32 || sizes[i] == 4096 ? sizes[i] : 0);
	}
	CHECK_OK(io_write_file(path, key, 40, true, &e), &e);
	CHECK_EQ_INT(chmod(path, 0640), 0);
	CHECK_ERR(secret_read_file(&s, path, &e), &e, ERR_INPUT);
	CHECK_EQ_INT(chmod(path, 0604), 0);
	CHECK_ERR(secret_read_file(&s, path, &e), &e, ERR_INPUT);
	CHECK_ERR(secret_read_file(&s, check_path("none"), &e), &e, ERR_NOT_FOUND);
	CHECK_ERR(secret_read_file(&s, check_dir(), &e), &e, ERR_INPUT);
	secret_free(&s);
}

/* A child on a terminal of its own that asks once; it exits with 100 plus the error, or 0 when it got `want`. */
struct asked {
	int master, slave;
	pid_t pid;
};

static void ask(struct asked *a, const char *want)
{
	a->master = posix_openpt(O_RDWR | O_NOCTTY);
	REQUIRE(a->master >= 0 && grantpt(a->master) == 0 && unlockpt(a->master) == 0);
	a->slave = open(ptsname(a->master), O_RDWR | O_NOCTTY);
	REQUIRE(a->slave >= 0);
	fflush(stdout);
	a->pid = fork();
	REQUIRE(a->pid >= 0);
	if (a->pid > 0)
		return;
	struct secret s = SECRET_INIT;
	struct err e = ERR_INIT;
	setsid();
	ioctl(a->slave, TIOCSCTTY, 0);
	bool ok = secret_read_tty(&s, "word? ", &e);
	int status = !ok ? 100 + (int)e.code : strcmp((char *)s.p, want) != 0;
	secret_free(&s);
	_exit(status);
}

/* What the terminal shows until `part` is in it; ends after five seconds. */
static void await(const struct asked *a, const char *part, struct buf *seen)
{
	struct pollfd p = {.fd = a->master, .events = POLLIN};

	while (!strstr(buf_str(seen), part) && poll(&p, 1, 5000) > 0) {
		char chunk[256];
		ssize_t n = read(a->master, chunk, sizeof chunk);
		if (n <= 0)
			break;
		buf_add(seen, chunk, (size_t)n);
	}
}

static int finish(struct asked *a, struct buf *seen)
{
	struct termios t = {0};
	int status = 0;

	await(a, "\n", seen);
	waitpid(a->pid, &status, 0);
	CHECK_EQ_INT(tcgetattr(a->slave, &t), 0);
	CHECK((t.c_lflag & (ECHO | ICANON | ISIG)) == (ECHO | ICANON | ISIG));
	CHECK_STR(buf_str(seen), "word? \r\n");
	close(a->master);
	close(a->slave);
	buf_done(seen);
	return status;
}

static int answer(const char *keys, const char *want)
{
	struct buf seen = BUF_INIT;
	struct err e = ERR_INIT;
	struct asked a;

	ask(&a, want);
	await(&a, "word? ", &seen);
	CHECK_OK(io_write_fd(a.master, keys, strlen(keys), &e), &e);
	int status = finish(&a, &seen);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(terminal_never_shows_what_is_typed)
{
	CHECK_EQ_INT(answer("circaète\r", "circaète"), 0);
	CHECK_EQ_INT(answer("abè\177c\r", "abc"), 0);
	CHECK_EQ_INT(answer("wrong\025right\r", "right"), 0);
	CHECK_EQ_INT(answer("a\033[D\033OPb\177\177\177c\r", "c"), 0);
	CHECK_EQ_INT(answer("\r", ""), 0);
}

TEST(terminal_can_be_left)
{
	CHECK_EQ_INT(answer("abc\003", ""), 100 + ERR_CANCELLED);
	CHECK_EQ_INT(answer("\004", ""), 100 + ERR_CANCELLED);
}

TEST(a_signal_restores_the_terminal_first)
{
	struct buf seen = BUF_INIT;
	struct asked a;

	ask(&a, "");
	await(&a, "word? ", &seen);
	CHECK_EQ_INT(kill(a.pid, SIGTERM), 0);
	int status = finish(&a, &seen);
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
}
