/* SPDX-License-Identifier: GPL-3.0-or-later */
/* WebDAV (RFC 4918): Nextcloud, Apache, lighttpd, a NAS. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "remotes.h"
#include "transport.h"

#define LIST_BYTES (16u << 20) /* of the answer about one folder */
#define LIST_DEPTH 3

bool remote_webdav_takes(const char *where)
{
	return strncmp(where, "https://", 8) == 0 || strncmp(where, "http://", 7) == 0;
}

static bool webdav_simple(struct network *n, const char *method, const char *name, const char *end,
			  const long *expected, long *status, struct err *e)
{
	struct buf url = BUF_INIT;
	struct call c = {.method = method};
	bool ok = network_url(n, name, end, &url, e);

	c.url = buf_str(&url);
	ok = ok && transport_call(&n->t, &c, expected, e);
	*status = c.status;
	buf_done(&url);
	return ok;
}

/* The folders above a name; not the remote's own, which is where it is only if it was put there. */
static bool webdav_folders(struct network *n, const char *name, struct err *e)
{
	static const long there[] = {405, 0};
	char part[REMOTE_NAME_MAX];
	long status;

	for (const char *slash = strchr(name, '/'); slash; slash = strchr(slash + 1, '/')) {
		snprintf(part, sizeof part, "%.*s", (int)(slash - name), name);
		if (!webdav_simple(n, "MKCOL", part, "/", there, &status, e))
			return false;
	}
	return true;
}

static bool webdav_upload(struct network *n, const char *url, const void *p, size_t size, const long *expected,
			  long *status, struct err *e)
{
	struct call c = {.method = "PUT", .url = url, .body = p, .nbody = size};
	bool ok;

	c.header[0] = "Content-Type: application/octet-stream";
	ok = transport_call(&n->t, &c, expected, e);
	*status = c.status;
	return ok;
}

static bool webdav_move(struct network *n, const char *from, const char *to, bool *made, struct err *e)
{
	/* Missing: an attempt that broke off has moved it. */
	static const long expected[] = {STATUS_THERE, STATUS_MISSING, 0};
	struct buf header = BUF_INIT;
	struct call c = {.method = "MOVE", .url = from};
	bool ok;

	buf_printf(&header, "Destination: %s", to);
	c.header[0] = buf_str(&header);
	c.header[1] = "Overwrite: F";
	ok = buf_ok(&header, e) && transport_call(&n->t, &c, expected, e);
	*made = ok && c.status < 300;
	if (ok && c.status == STATUS_THERE) {
		static const long gone[] = {STATUS_MISSING, 0};
		struct call drop = {.method = "DELETE", .url = from};
		ok = transport_call(&n->t, &drop, gone, e);
	}
	buf_done(&header);
	return ok;
}

/* Nextcloud keeps of a PUT that was cut short what had come of it: so first under another name. */
static bool webdav_put(void *ctx, const char *name, const void *p, size_t size, bool *made, struct err *e)
{
	static const long absent[] = {STATUS_MISSING, STATUS_CONFLICT, 0};
	struct network *n = ctx;
	struct buf temp = BUF_INIT, url = BUF_INIT;
	long status = 0;
	bool ok = network_url(n, name, ".tmp", &temp, e) && network_url(n, name, "", &url, e) &&
		  webdav_upload(n, temp.p, p, size, strchr(name, '/') ? absent : NULL, &status, e);

	if (ok && status >= 300)
		ok = webdav_folders(n, name, e) && webdav_upload(n, temp.p, p, size, NULL, &status, e);
	ok = ok && webdav_move(n, temp.p, url.p, made, e);
	buf_done(&temp);
	buf_done(&url);
	return ok;
}

static bool webdav_remove(void *ctx, const char *name, struct err *e)
{
	static const long gone[] = {STATUS_MISSING, 0};
	long status;

	return webdav_simple(ctx, "DELETE", name, "", gone, &status, e);
}

struct listing {
	struct network *n;
	bool (*cb)(void *with, const char *path, uint64_t size);
	void *with;
	const char *folder; /* what is listed, below the base; "" for the base */
	struct buf path;    /* of the base, decoded; ends with a slash */
	struct buf deeper;  /* folders to come, each with a NUL */
	struct err err;
	bool go;
	/* the entry being read */
	char href[XML_TEXT_MAX + 1];
	uint64_t size;
	bool is_folder;
};

/* An href is a path or a whole URL; what is not one name below the folder that was asked for is none of ours. */
static bool listing_name(struct listing *l, struct buf *out)
{
	const char *p = strstr(l->href, "://") ? strchr(strstr(l->href, "://") + 3, '/') : l->href;
	struct buf whole = BUF_INIT;
	struct err why = ERR_INIT;
	size_t n, folder = strlen(l->folder);
	bool ok = p && remote_url_decode(p, strlen(p), &whole, &why) && whole.len > l->path.len &&
		  strncmp(whole.p, l->path.p, l->path.len) == 0;

	if (ok) {
		buf_str_add(out, whole.p + l->path.len);
		n = out->len;
		buf_truncate(out, n > 0 && out->p[n - 1] == '/' ? n - 1 : n);
		ok = out->len > folder && strncmp(out->p, l->folder, folder) == 0 &&
		     (folder == 0 || out->p[folder] == '/');
		n = folder + (folder > 0);
		ok = ok && out->len > n && !strchr(out->p + n, '/') && strcmp(out->p + n, "..") != 0;
	}
	buf_done(&whole);
	return ok;
}

static void listing_entry(struct listing *l)
{
	struct buf name = BUF_INIT;
	bool ours = listing_name(l, &name) && !name.oom;

	if (ours && l->is_folder && remote_name_folder(name.p))
		buf_add(&l->deeper, name.p, name.len + 1);
	else if (ours && !remote_name_temp(name.p))
		l->go = l->cb(l->with, name.p, l->is_folder ? 0 : l->size);
	buf_done(&name);
}

static bool listing_element(void *ctx, const char *name, const char *text)
{
	struct listing *l = ctx;

	if (!text && strcmp(name, "response") == 0) {
		l->href[0] = '\0';
		l->size = 0;
		l->is_folder = false;
	} else if (!text) {
		return true;
	} else if (strcmp(name, "href") == 0 && !l->href[0]) {
		snprintf(l->href, sizeof l->href, "%s", text);
	} else if (strcmp(name, "getcontentlength") == 0) {
		l->size = strtoull(text, NULL, 10);
	} else if (strcmp(name, "collection") == 0) {
		l->is_folder = true;
	} else if (strcmp(name, "response") == 0) {
		listing_entry(l);
	}
	return l->go;
}

static bool listing_ask(struct network *n, const char *name, const char *depth, struct buf *out, long *status,
			struct err *e)
{
	static const char body[] = "<?xml version=\"1.0\"?><propfind xmlns=\"DAV:\"><prop><resourcetype/>"
				   "<getcontentlength/></prop></propfind>";
	static const long expected[] = {STATUS_MISSING, 0};
	struct buf url = BUF_INIT;
	struct call c = {.method = "PROPFIND", .body = body, .nbody = sizeof body - 1, .limit = LIST_BYTES, .in = out};
	bool ok = network_url(n, name, "/", &url, e);

	c.url = buf_str(&url);
	c.header[0] = depth;
	c.header[1] = "Content-Type: application/xml";
	ok = ok && transport_call(&n->t, &c, expected, e);
	*status = c.status;
	if (ok && c.over)
		ok = err_set(e, ERR_LIMIT, "net_odd", "%s", n->url.host);
	else if (ok && c.status < 300 && c.status != STATUS_MANY)
		ok = err_set(e, ERR_FORMAT, "net_odd", "PROPFIND %ld", c.status);
	buf_done(&url);
	return ok;
}

static bool listing_folder(struct listing *l, const char *folder, int depth, struct err *e)
{
	struct buf answer = BUF_INIT, deeper;
	struct err why = ERR_INIT;
	long status = 0;
	bool ok;

	l->folder = folder;
	ok = listing_ask(l->n, folder, "Depth: 1", &answer, &status, e);
	if (ok && status == STATUS_MANY && !remote_xml(&answer, listing_element, l, &why) && l->go) {
		if (e)
			*e = why;
		ok = false;
	}
	buf_done(&answer);
	deeper = l->deeper;
	buf_init(&l->deeper);
	ok = ok && buf_ok(&deeper, e);
	for (size_t at = 0; ok && l->go && depth < LIST_DEPTH && at < deeper.len; at += strlen(deeper.p + at) + 1)
		ok = listing_folder(l, deeper.p + at, depth + 1, e);
	buf_done(&deeper);
	return ok;
}

static bool webdav_list(void *ctx, bool (*cb)(void *with, const char *path, uint64_t size), void *with, struct err *e)
{
	struct network *n = ctx;
	struct listing *l = calloc(1, sizeof *l);
	bool ok;

	if (!l)
		return err_nomem(e, "remote_list");
	l->n = n;
	l->cb = cb;
	l->with = with;
	l->go = true;
	ok = remote_url_decode(n->url.path, strlen(n->url.path), &l->path, e);
	buf_char(&l->path, '/');
	ok = ok && buf_ok(&l->path, e) && listing_folder(l, "", 1, e);
	buf_done(&l->path);
	buf_done(&l->deeper);
	free(l);
	return ok;
}

static bool webdav_prepare(void *ctx, struct err *e)
{
	struct buf answer = BUF_INIT;
	long status = 0;
	bool ok = listing_ask(ctx, "", "Depth: 0", &answer, &status, e);

	if (ok && status == STATUS_MISSING)
		ok = webdav_simple(ctx, "MKCOL", "", "/", NULL, &status, e);
	buf_done(&answer);
	return ok;
}

bool remote_webdav_over(struct network *n, struct remote *out, struct err *e)
{
	static const struct remote_ops ops = {.get = network_get,
					      .put = webdav_put,
					      .has = network_has,
					      .list = webdav_list,
					      .remove = webdav_remove,
					      .prepare = webdav_prepare,
					      .close = network_close};

	if (strcmp(n->url.scheme, "http") == 0 && !n->url.loopback && !n->access.clear)
		return err_set(e, ERR_UNTRUSTED, "net_clear", "%s", n->url.host);
	if (n->url.query[0])
		return err_set(e, ERR_INPUT, "net_url", "?%s", n->url.query);
	network_remote(n, &ops, out);
	return true;
}

bool remote_webdav_open(const char *where, const struct remote_access *access, struct remote *out, struct err *e)
{
	return network_open(where, access, remote_webdav_over, out, e);
}
