/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "arpent/io.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int io_open(const char *path, int flags)
{
	int fd;

	do
		fd = open(path, flags, 0600);
	while (fd < 0 && errno == EINTR);
	return fd;
}

int io_temp(char *path)
{
	char *x = path + strlen(path) - 6;
	int fd;

	do {
		memset(x, 'X', 6);
		fd = mkostemp(path, O_CLOEXEC); /* mode 0600 */
	} while (fd < 0 && errno == EINTR);
	return fd;
}

ssize_t io_pread(int fd, void *p, size_t n, off_t at)
{
	size_t got = 0;

	while (got < n) {
		ssize_t r = pread(fd, (char *)p + got, n - got, at + (off_t)got);
		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0)
			return -1;
		if (r == 0)
			break;
		got += (size_t)r;
	}
	return (ssize_t)got;
}

bool io_pwrite(int fd, const void *p, size_t n, off_t at)
{
	const char *s = p;

	while (n > 0) {
		ssize_t w = pwrite(fd, s, n, at);
		if (w < 0 && errno == EINTR)
			continue;
		if (w < 0)
			return false;
		s += w;
		n -= (size_t)w;
		at += w;
	}
	return true;
}

bool io_sync(int fd)
{
	int rc;

	do
		rc = fsync(fd);
	while (rc < 0 && errno == EINTR);
	return rc == 0;
}

bool io_read_fd(int fd, size_t limit, struct buf *out, struct err *e)
{
	char chunk[16384];
	size_t left = limit;

	for (;;) {
		ssize_t n = read(fd, chunk, sizeof chunk);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(e, errno, "io_read_fd", "read");
		if (n == 0)
			return buf_ok(out, e);
		if ((size_t)n > left)
			return err_set(e, ERR_LIMIT, "io_read_fd", "more than %zu bytes", limit);
		left -= (size_t)n;
		buf_add(out, chunk, (size_t)n);
		if (out->oom)
			return buf_ok(out, e);
	}
}

bool io_read_file(const char *path, size_t limit, struct buf *out, struct err *e)
{
	struct stat st;
	bool ok = false;

	if (strcmp(path, "-") == 0)
		return io_read_fd(STDIN_FILENO, limit, out, e);
	int fd = io_open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return err_sys(e, errno, "io_read_file", "%s", path);
	if (fstat(fd, &st) < 0)
		err_sys(e, errno, "io_read_file", "%s", path);
	else if (!S_ISREG(st.st_mode) && !S_ISFIFO(st.st_mode))
		err_set(e, ERR_INPUT, "io_read_file", "%s: neither a file nor a pipe", path);
	else
		ok = io_read_fd(fd, limit, out, e);
	close(fd);
	return ok;
}

bool io_read_regular(const char *path, size_t limit, struct buf *out, struct err *e)
{
	struct stat st;
	bool ok = false;
	int fd = io_open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW | O_NONBLOCK);

	if (fd < 0)
		return err_sys(e, errno, "io_read_regular", "%s", path);
	if (fstat(fd, &st) < 0)
		err_sys(e, errno, "io_read_regular", "%s", path);
	else if (!S_ISREG(st.st_mode))
		err_set(e, ERR_INPUT, "io_read_regular", "%s: not a file", path);
	else
		ok = io_read_fd(fd, limit, out, e);
	close(fd);
	return ok;
}

bool io_write_fd(int fd, const void *p, size_t n, struct err *e)
{
	const char *s = p;

	while (n > 0) {
		ssize_t w = write(fd, s, n);
		if (w < 0 && errno == EINTR)
			continue;
		if (w < 0)
			return err_sys(e, errno, "io_write_fd", "write");
		s += w;
		n -= (size_t)w;
	}
	return true;
}

/* Without an allocation: what is synced is done, and must not be said to have failed for want of memory. */
bool io_sync_dir(const char *path, struct err *e)
{
	const char *slash = strrchr(path, '/');
	char dir[PATH_MAX] = ".";
	bool ok = true;

	if (slash && slash - path >= (ptrdiff_t)sizeof dir)
		return err_sys(e, ENAMETOOLONG, "io_sync_dir", "%s", path);
	if (slash)
		snprintf(dir, sizeof dir, "%.*s", slash == path ? 1 : (int)(slash - path), path);
	int fd = io_open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	/* Some file systems cannot sync a folder, and say so with EINVAL: there is nothing more to do there. */
	if (fd < 0 || (!io_sync(fd) && errno != EINVAL))
		ok = err_sys(e, errno, "io_sync_dir", "%s", dir);
	if (fd >= 0)
		close(fd);
	return ok;
}

static bool io_move(const char *from, const char *to, bool replace)
{
	if (replace)
		return rename(from, to) == 0;
	if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0)
		return true;
	if (errno != EINVAL && errno != ENOSYS)
		return false;
	if (link(from, to) == 0) {
		(void)unlink(from);
		return true;
	}
	/* Some file systems have neither. */
	return errno != EEXIST && access(to, F_OK) != 0 && rename(from, to) == 0;
}

bool io_rename(const char *from, const char *to, bool replace, bool *moved, struct err *e)
{
	bool done = io_move(from, to, replace), ok;

	ok = done ? io_sync_dir(to, e) : err_sys(e, errno, "io_rename", "%s", to);
	if (done && !ok && !replace)
		(void)unlink(to);
	if (moved)
		*moved = done;
	return ok;
}

bool io_write_file(const char *path, const void *p, size_t n, bool replace, struct err *e)
{
	struct buf tmp = BUF_INIT;
	bool ok = false, moved;
	int fd = -1;

	if (strcmp(path, "-") == 0)
		return io_write_fd(STDOUT_FILENO, p, n, e);
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	buf_add(&tmp, path, (size_t)(name - path));
	buf_printf(&tmp, ".%s.XXXXXX", name);
	if (!buf_ok(&tmp, e))
		goto out;
	if (!replace && access(path, F_OK) == 0) {
		err_sys(e, EEXIST, "io_write_file", "%s", path);
		goto out;
	}
	fd = io_temp(tmp.p);
	if (fd < 0) {
		err_sys(e, errno, "io_write_file", "%s", path);
		goto out;
	}
	if (!io_write_fd(fd, p, n, e))
		goto out;
	if (!io_sync(fd)) {
		err_sys(e, errno, "io_write_file", "%s", path);
		goto out;
	}
	ok = io_rename(tmp.p, path, replace, &moved, e);
	if (moved)
		buf_clear(&tmp);
out:
	if (fd >= 0) {
		close(fd);
		if (tmp.len > 0)
			unlink(tmp.p);
	}
	buf_done(&tmp);
	return ok;
}

static bool io_make_dir(const char *path, struct err *e)
{
	struct stat st;

	if (mkdir(path, 0700) == 0)
		return true;
	int sys = errno;
	if (sys == EEXIST && stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		return true;
	return err_sys(e, sys, "io_make_dirs", "%s", path);
}

bool io_make_dirs(const char *path, struct err *e)
{
	char *copy = str_dup(path);
	bool ok = copy != NULL;

	if (!copy)
		return err_nomem(e, "io_make_dirs");
	for (char *p = copy; ok && *p; p++) {
		if (*p != '/' || p == copy)
			continue;
		*p = '\0';
		ok = io_make_dir(copy, e);
		*p = '/';
	}
	ok = ok && io_make_dir(copy, e);
	free(copy);
	return ok;
}

/* The XDG Base Directory Specification: a variable that is not an absolute path is as good as unset. */
static char *io_xdg_dir(const char *variable, const char *fallback)
{
	const char *base = getenv(variable), *home = getenv("HOME");
	struct buf b = BUF_INIT;

	if (base && base[0] == '/') {
		buf_str_add(&b, base);
	} else {
		if (!home || !home[0])
			return NULL;
		buf_str_add(&b, home);
		buf_str_add(&b, fallback);
	}
	buf_str_add(&b, "/arpent");
	return buf_steal(&b);
}

char *io_data_dir(void)
{
	return io_xdg_dir("XDG_DATA_HOME", "/.local/share");
}

char *io_state_dir(void)
{
	return io_xdg_dir("XDG_STATE_HOME", "/.local/state");
}

char *io_config_dir(void)
{
	return io_xdg_dir("XDG_CONFIG_HOME", "/.config");
}
