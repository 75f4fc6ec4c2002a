/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SFTP, as OpenSSH has it (draft-ietf-secsh-filexfer-02). */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "remotes.h"
#include "transport.h"

#define LIST_BYTES (16u << 20)
#define LIST_DEPTH 3

bool remote_sftp_takes(const char *where)
{
	return strncmp(where, "sftp://", 7) == 0;
}

/* A path in a command: not encoded, in quotes, and from the person's own folder when it begins with /~/. */
static bool sftp_path(const struct network *n, const char *name, const char *end, struct buf *out, struct err *e)
{
	struct buf path = BUF_INIT;
	const char *p;
	bool ok = remote_url_decode(n->url.path, strlen(n->url.path), &path, e);

	p = buf_str(&path);
	if (strncmp(p, "/~/", 3) == 0)
		p += 3;
	buf_char(out, '"');
	for (; *p; p++) {
		if (*p == '"' || *p == '\\')
			buf_char(out, '\\');
		buf_char(out, *p);
	}
	buf_printf(out, "%s%s%s\"", name[0] ? "/" : "", name, end);
	buf_done(&path);
	return ok && buf_ok(out, e);
}

/* Commands by themselves; one that begins with * may fail. */
static bool sftp_do(struct network *n, const char *first, const char *second, struct err *e)
{
	struct buf url = BUF_INIT;
	struct call c = {.method = "DO", .command = {first, second}};
	bool ok = network_url(n, "", "", &url, e);

	buf_char(&url, '/');
	c.url = buf_str(&url);
	ok = ok && buf_ok(&url, e) && transport_call(&n->t, &c, NULL, e);
	buf_done(&url);
	return ok;
}

static bool sftp_command(struct network *n, const char *what, const char *name, const char *end, struct err *e)
{
	struct buf command = BUF_INIT;
	bool ok;

	buf_str_add(&command, what);
	ok = sftp_path(n, name, end, &command, e) && sftp_do(n, command.p, NULL, e);
	buf_done(&command);
	return ok;
}

static bool sftp_folders(struct network *n, const char *name, struct err *e)
{
	char part[REMOTE_NAME_MAX];
	bool ok = true;

	for (const char *slash = strchr(name, '/'); ok && slash; slash = strchr(slash + 1, '/')) {
		snprintf(part, sizeof part, "%.*s", (int)(slash - name), name);
		ok = sftp_command(n, "*mkdir ", part, "", e);
	}
	return ok;
}

static bool sftp_upload(struct network *n, const char *name, const void *p, size_t size, long *status, struct err *e)
{
	static const long expected[] = {STATUS_MISSING, STATUS_CONFLICT, 0};
	struct buf url = BUF_INIT, command = BUF_INIT;
	struct call c = {.method = "PUT", .body = p, .nbody = size};
	bool ok;

	buf_str_add(&command, "rename ");
	ok = sftp_path(n, name, ".tmp", &command, e);
	buf_char(&command, ' ');
	ok = ok && sftp_path(n, name, "", &command, e) && network_url(n, name, ".tmp", &url, e);
	c.url = buf_str(&url);
	c.command[0] = buf_str(&command);
	ok = ok && transport_call(&n->t, &c, expected, e);
	*status = c.status;
	buf_done(&url);
	buf_done(&command);
	return ok;
}

/* The rename of OpenSSH replaces nothing; other servers' may, so it is asked before. */
static bool sftp_put(void *ctx, const char *name, const void *p, size_t size, bool *made, struct err *e)
{
	struct network *n = ctx;
	uint64_t there;
	bool found;
	long status = 0;

	if (!network_has(ctx, name, &found, &there, e))
		return false;
	if (found)
		return true;
	if (!sftp_upload(n, name, p, size, &status, e))
		return false;
	if (status == STATUS_MISSING && (!sftp_folders(n, name, e) || !sftp_upload(n, name, p, size, &status, e)))
		return false;
	if (status == STATUS_MISSING)
		return err_set(e, ERR_NOT_FOUND, "net_folder", "%s", n->url.path);
	*made = status < 300;
	return *made || sftp_command(n, "*rm ", name, ".tmp", e);
}

static bool sftp_remove(void *ctx, const char *name, struct err *e)
{
	uint64_t size;
	bool found;

	return network_has(ctx, name, &found, &size, e) && (!found || sftp_command(ctx, "rm ", name, "", e));
}

/* The names in a folder, one a line; *found false when it is none. */
static bool sftp_names(struct network *n, const char *folder, struct buf *out, bool *found, struct err *e)
{
	static const long expected[] = {STATUS_MISSING, 0};
	struct buf url = BUF_INIT;
	struct call c = {.method = "LIST", .limit = LIST_BYTES, .in = out};
	bool ok = network_url(n, folder, "/", &url, e);

	c.url = buf_str(&url);
	ok = ok && transport_call(&n->t, &c, expected, e);
	if (ok && c.over)
		ok = err_set(e, ERR_LIMIT, "net_odd", "%s", n->url.host);
	*found = ok && c.status < 300;
	buf_done(&url);
	return ok;
}

struct listing {
	struct network *n;
	bool (*cb)(void *with, const char *path, uint64_t size);
	void *with;
	bool go;
};

/* Sizes are not among what libcurl tells. */
static bool sftp_folder(struct listing *l, const char *folder, int depth, bool *found, struct err *e)
{
	struct buf names = BUF_INIT, path = BUF_INIT;
	bool ok = sftp_names(l->n, folder, &names, found, e), deeper;
	char *next = names.p;

	for (char *p = names.p; ok && l->go && p && *p; p = next) {
		next = p + strcspn(p, "\n");
		if (*next)
			*next++ = '\0';
		if (!*p || strcmp(p, ".") == 0 || strcmp(p, "..") == 0 || strchr(p, '/'))
			continue;
		buf_clear(&path);
		buf_printf(&path, "%s%s%s", folder, folder[0] ? "/" : "", p);
		ok = buf_ok(&path, e);
		deeper = false;
		if (ok && depth < LIST_DEPTH && remote_name_folder(path.p))
			ok = sftp_folder(l, path.p, depth + 1, &deeper, e);
		if (ok && !deeper && !remote_name_temp(path.p))
			l->go = l->cb(l->with, path.p, 0);
	}
	buf_done(&names);
	buf_done(&path);
	return ok;
}

static bool sftp_list(void *ctx, bool (*cb)(void *with, const char *path, uint64_t size), void *with, struct err *e)
{
	struct listing l = {ctx, cb, with, true};
	bool found;

	return sftp_folder(&l, "", 1, &found, e);
}

static bool sftp_prepare(void *ctx, struct err *e)
{
	struct buf names = BUF_INIT;
	bool found, ok = sftp_names(ctx, "", &names, &found, e) && (found || sftp_command(ctx, "mkdir ", "", "", e));

	buf_done(&names);
	return ok;
}

bool remote_sftp_over(struct network *n, struct remote *out, struct err *e)
{
	static const struct remote_ops ops = {.get = network_get,
					      .put = sftp_put,
					      .has = network_has,
					      .list = sftp_list,
					      .remove = sftp_remove,
					      .prepare = sftp_prepare,
					      .close = network_close};

	if (n->url.query[0])
		return err_set(e, ERR_INPUT, "net_url", "?%s", n->url.query);
	if (n->access.key_file[0] && access(n->access.key_file, R_OK) != 0)
		return err_sys(e, errno, "io_key_file", "%s", n->access.key_file);
	network_remote(n, &ops, out);
	return true;
}

bool remote_sftp_open(const char *where, const struct remote_access *access, struct remote *out, struct err *e)
{
	return network_open(where, access, remote_sftp_over, out, e);
}
