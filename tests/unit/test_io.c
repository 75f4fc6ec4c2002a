/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "arpent/io.h"

#include <sys/stat.h>

#include "check.h"

static void write_text(const char *path, const char *text)
{
	struct err e = ERR_INIT;

	CHECK_OK(io_write_file(path, text, strlen(text), true, &e), &e);
}

static void check_file(const char *path, const char *text)
{
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;

	if (CHECK_OK(io_read_file(path, 1 << 20, &b, &e), &e))
		CHECK_STR(buf_str(&b), text);
	buf_done(&b);
}

TEST(writes_and_reads)
{
	const char *path = check_path("a");
	struct stat st;

	write_text(path, "milan royal");
	check_file(path, "milan royal");
	REQUIRE(stat(path, &st) == 0);
	CHECK_EQ_INT(st.st_mode & 0777, 0600);
	write_text(path, "");
	check_file(path, "");
}

TEST(never_overwrites_unless_told)
{
	const char *path = check_path("b");
	struct err e = ERR_INIT;

	CHECK_OK(io_write_file(path, "one", 3, false, &e), &e);
	CHECK_ERR(io_write_file(path, "two", 3, false, &e), &e, ERR_EXISTS);
	check_file(path, "one");
}

TEST(leaves_no_temporary_file_behind)
{
	const char *dir = check_path("clean");
	struct err e = ERR_INIT;

	REQUIRE(mkdir(dir, 0700) == 0);
	write_text(check_join(dir, "x"), "x");
	CHECK_ERR(io_write_file(check_join(dir, "x"), "y", 1, false, &e), &e, ERR_EXISTS);
	REQUIRE(mkdir(check_join(dir, "folder"), 0700) == 0);
	CHECK(!io_write_file(check_join(dir, "folder"), "y", 1, true, &e));
	CHECK(unlink(check_join(dir, "x")) == 0 && rmdir(check_join(dir, "folder")) == 0);
	CHECK(rmdir(dir) == 0);
}

TEST(limit_is_exact)
{
	const char *path = check_path("c");
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;

	write_text(path, "12345");
	CHECK_OK(io_read_file(path, 5, &b, &e), &e);
	CHECK_EQ_INT(b.len, 5);
	CHECK_ERR(io_read_file(path, 4, &b, &e), &e, ERR_LIMIT);
	buf_done(&b);
}

TEST(refuses_what_is_no_file)
{
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;

	CHECK_ERR(io_read_file(check_dir(), 10, &b, &e), &e, ERR_INPUT);
	CHECK_ERR(io_read_file("/dev/zero", 10, &b, &e), &e, ERR_INPUT);
	CHECK_ERR(io_read_file(check_path("none"), 10, &b, &e), &e, ERR_NOT_FOUND);
	CHECK_ERR(io_write_file(check_path("no/such/folder"), "x", 1, true, &e), &e, ERR_NOT_FOUND);
	CHECK_ERR(io_sync_dir(check_path("no/such/folder"), &e), &e, ERR_NOT_FOUND);
	buf_done(&b);
}

TEST(reads_a_pipe)
{
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;
	int fd[2];

	REQUIRE(pipe(fd) == 0);
	CHECK_OK(io_write_fd(fd[1], "ab\0c", 4, &e), &e);
	close(fd[1]);
	CHECK_OK(io_read_fd(fd[0], 4, &b, &e), &e);
	CHECK_MEM(buf_str(&b), b.len, "ab\0c", 4);
	close(fd[0]);
	CHECK_ERR(io_read_fd(fd[0], 4, &b, &e), &e, ERR_IO);
	CHECK_ERR(io_write_fd(fd[0], "x", 1, &e), &e, ERR_IO);
	buf_done(&b);
}

TEST(full_device_is_told_apart)
{
	struct err e = ERR_INIT;
	FILE *f = fopen("/dev/full", "w");

	if (!f)
		return;
	CHECK_ERR(io_write_fd(fileno(f), "x", 1, &e), &e, ERR_FULL);
	fclose(f);
}

TEST(makes_folders)
{
	const char *path = check_path("d/e/f");
	struct err e = ERR_INIT;
	struct stat st;

	CHECK_OK(io_make_dirs(path, &e), &e);
	CHECK_OK(io_make_dirs(path, &e), &e);
	REQUIRE(stat(path, &st) == 0);
	CHECK_EQ_INT(st.st_mode & 0777, 0700);
	write_text(check_path("d/file"), "x");
	CHECK(!io_make_dirs(check_path("d/file"), &e));
	CHECK(!io_make_dirs(check_path("d/file/g"), &e));
}

static void check_xdg(const char *variable, char *(*dir)(void), const char *fallback)
{
	char *s;

	setenv(variable, "/somewhere", 1);
	CHECK_STR(s = dir(), "/somewhere/arpent");
	free(s);
	setenv(variable, "relative", 1);
	CHECK_STR(s = dir(), fallback);
	free(s);
	unsetenv(variable);
	CHECK_STR(s = dir(), fallback);
	free(s);
}

TEST(folders_of_xdg)
{
	setenv("HOME", "/home/ana", 1);
	check_xdg("XDG_DATA_HOME", io_data_dir, "/home/ana/.local/share/arpent");
	check_xdg("XDG_STATE_HOME", io_state_dir, "/home/ana/.local/state/arpent");
	check_xdg("XDG_CONFIG_HOME", io_config_dir, "/home/ana/.config/arpent");
	unsetenv("HOME");
	CHECK(io_data_dir() == NULL);
}
