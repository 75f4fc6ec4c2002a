/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A folder: on a USB key, on a shared disk, or one that another program synchronises. */
#include "remotes.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "arpent/io.h"

#define FOLDER_URL "file://"
#define FOLDER_DEPTH 3

struct folder {
	char *path;
};

static const char *folder_path(const char *where)
{
	return strncmp(where, FOLDER_URL, strlen(FOLDER_URL)) == 0 ? where + strlen(FOLDER_URL) : where;
}

/* A name with a colon before the first slash is some other kind of remote, or a mistyped one. */
bool remote_folder_takes(const char *where)
{
	const char *path = folder_path(where);

	return path[0] && (path != where || path[strcspn(path, ":/")] != ':');
}

static bool folder_join(const struct folder *f, const char *name, struct buf *out, struct err *e)
{
	buf_printf(out, "%s/%s", f->path, name);
	return buf_ok(out, e);
}

/* What is there and is no file, or one larger than any of ours, is found all the same: it does not open. */
static bool folder_get(void *ctx, const char *name, size_t limit, struct buf *out, bool *found, struct err *e)
{
	struct buf path = BUF_INIT;
	struct err why = ERR_INIT;
	bool ok = folder_join(ctx, name, &path, e);

	if (ok) {
		*found = io_read_regular(path.p, limit, out, &why) || why.code == ERR_LIMIT || why.code == ERR_INPUT ||
			 why.sys == ELOOP;
		ok = *found || why.code == ERR_NOT_FOUND;
		if (!ok && e)
			*e = why;
	}
	buf_done(&path);
	return ok;
}

static bool folder_put(void *ctx, const char *name, const void *p, size_t n, bool *made, struct err *e)
{
	struct buf path = BUF_INIT;
	struct err why = ERR_INIT;
	char *slash;
	bool ok = folder_join(ctx, name, &path, e);

	if (ok && strchr(name, '/')) {
		slash = strrchr(path.p, '/');
		*slash = '\0';
		ok = io_make_dirs(path.p, e);
		*slash = '/';
	}
	if (ok) {
		*made = io_write_file(path.p, p, n, false, &why);
		ok = *made || why.code == ERR_EXISTS;
		if (!ok && e)
			*e = why;
	}
	buf_done(&path);
	return ok;
}

static bool folder_has(void *ctx, const char *name, bool *found, uint64_t *size, struct err *e)
{
	struct buf path = BUF_INIT;
	struct stat st;
	bool ok = folder_join(ctx, name, &path, e);

	if (ok) {
		*found = lstat(path.p, &st) == 0 && S_ISREG(st.st_mode);
		*size = *found ? (uint64_t)st.st_size : 0;
	}
	buf_done(&path);
	return ok;
}

struct walk {
	bool (*cb)(void *with, const char *path, uint64_t size);
	void *with;
	size_t skip; /* of a path, to have the name */
	bool go;
};

/* What cannot be read is passed over: someone else's. */
static bool folder_walk(struct walk *w, const char *path, int depth, struct err *e)
{
	struct buf at = BUF_INIT;
	struct dirent *d;
	struct stat st;
	DIR *dir = opendir(path);
	bool ok = true;

	if (!dir)
		return true;
	while (ok && w->go && (d = readdir(dir))) {
		if (strcmp(d->d_name, ".") == 0 || strcmp(d->d_name, "..") == 0)
			continue;
		buf_clear(&at);
		buf_printf(&at, "%s/%s", path, d->d_name);
		ok = buf_ok(&at, e);
		if (!ok || lstat(at.p, &st) != 0)
			continue;
		if (S_ISDIR(st.st_mode) && depth < FOLDER_DEPTH)
			ok = folder_walk(w, at.p, depth + 1, e);
		else
			w->go = w->cb(w->with, at.p + w->skip, S_ISREG(st.st_mode) ? (uint64_t)st.st_size : 0);
	}
	closedir(dir);
	buf_done(&at);
	return ok;
}

static bool folder_list(void *ctx, bool (*cb)(void *with, const char *path, uint64_t size), void *with, struct err *e)
{
	const struct folder *f = ctx;
	struct walk w = {cb, with, strlen(f->path) + 1, true};

	return folder_walk(&w, f->path, 1, e);
}

static bool folder_remove(void *ctx, const char *name, struct err *e)
{
	struct buf path = BUF_INIT;
	bool ok = folder_join(ctx, name, &path, e);

	if (ok && remove(path.p) != 0 && errno != ENOENT)
		ok = err_sys(e, errno, "remote_remove", "%s", name);
	buf_done(&path);
	return ok;
}

static void folder_close(void *ctx)
{
	struct folder *f = ctx;

	free(f->path);
	free(f);
}

/* The folder itself is never made: where a USB key is not plugged in, nothing may be written beside it. */
bool remote_folder_open(const char *where, const struct remote_access *access, struct remote *out, struct err *e)
{
	static const struct remote_ops ops = {.get = folder_get,
					      .put = folder_put,
					      .has = folder_has,
					      .list = folder_list,
					      .remove = folder_remove,
					      .close = folder_close};
	const char *path = folder_path(where);
	struct folder *f;
	struct stat st;
	size_t n = strlen(path);

	(void)access;
	if (stat(path, &st) != 0)
		return err_sys(e, errno, "remote_open", "%s", where);
	if (!S_ISDIR(st.st_mode))
		return err_set(e, ERR_INPUT, "remote_open", "%s", where);
	while (n > 1 && path[n - 1] == '/')
		n--;
	f = calloc(1, sizeof *f);
	if (!f || !(f->path = str_ndup(path, n))) {
		free(f);
		return err_nomem(e, "remote_open");
	}
	out->ops = &ops;
	out->ctx = f;
	return true;
}
