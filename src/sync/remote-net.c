/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the kinds of remote on the network share. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "transport.h"

#define CALL_TRIES 3    /* without a byte more than before */
#define CALL_CUTS 10000 /* in all */
#define CALL_WAITS 3
#define CALL_WAIT_MAX 30 /* seconds */

/* The <Code> of an error of S3, or "". */
static const char *call_code(const struct call *c, char out[48])
{
	const char *at = strstr(c->error, "<Code>");
	size_t n = at ? strspn(at + 6, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") : 0;

	snprintf(out, 48, "%.*s", (int)(n < 48 ? n : 0), at ? at + 6 : "");
	return out;
}

static bool call_expected(const struct call *c, const long *expected)
{
	for (; expected && *expected; expected++)
		if (*expected == c->status)
			return true;
	return c->status >= 200 && c->status < 300;
}

/* What S3 says better than the status does. */
static bool call_judge_code(const char *code, struct err *e)
{
	if (strcmp(code, "NoSuchBucket") == 0)
		return err_set(e, ERR_NOT_FOUND, "net_folder", "%s", code);
	if (strcmp(code, "InvalidAccessKeyId") == 0 || strcmp(code, "SignatureDoesNotMatch") == 0)
		return err_set(e, ERR_WRONG_KEY, "net_login", "%s", code);
	if (strcmp(code, "RequestTimeTooSkewed") == 0)
		return err_set(e, ERR_IO, "net_clock", "%s", code);
	return true;
}

static bool call_judge(const struct call *c, const long *expected, struct err *e)
{
	char code[48];

	if (c->status >= 400 && !call_judge_code(call_code(c, code), e))
		return false;
	if (call_expected(c, expected))
		return true;
	if (c->status >= 300 && c->status < 400)
		return err_set(e, ERR_IO, "net_moved", "%.150s", c->location);
	switch (c->status) {
	case 401:
		return err_set(e, ERR_WRONG_KEY, "net_login", "%s %ld", c->method, c->status);
	case 403:
	case 405:
		return err_set(e, ERR_IO, "net_denied", "%s %ld %s", c->method, c->status, code);
	case 404:
	case 409:
		return err_set(e, ERR_NOT_FOUND, "net_folder", "%s %ld", c->method, c->status);
	case 423:
		return err_set(e, ERR_BUSY, "net_locked", "%s %ld", c->method, c->status);
	case 413:
	case 507:
		return err_set(e, ERR_FULL, "net_full", "%s %ld", c->method, c->status);
	case 429:
	case 503:
		if (c->wait > 0)
			return err_set(e, ERR_BUSY, "net_wait_for", "%ld", c->wait);
		return err_set(e, ERR_BUSY, "net_wait", "%ld", c->status);
	default:
		return err_set(e, ERR_IO, "net_server", "%s %ld %s", c->method, c->status, code);
	}
}

static bool call_is_cut(const struct err *e)
{
	return e->code == ERR_IO && (strcmp(e->where, "net_cut") == 0 || strcmp(e->where, "net_tls") == 0);
}

static bool call_waits(struct transport *t, const struct call *c, int *waits, bool *again, struct err *e)
{
	long seconds = c->wait >= 0 ? c->wait : 1L << *waits;

	*again = (c->status == 429 || c->status == 503) && *waits < CALL_WAITS && seconds <= CALL_WAIT_MAX;
	++*waits;
	return !*again || t->ops->wait(t->ctx, seconds, e);
}

bool transport_call(struct transport *t, struct call *c, const long *expected, struct err *e)
{
	const size_t start = c->in ? c->in->len : 0;
	int tries = 0, cuts = 0, waits = 0;
	bool again = true;

	while (again) {
		struct err why = ERR_INIT;
		size_t had = c->in ? c->in->len : 0;
		c->from = had - start;
		if (t->ops->run(t->ctx, c, &why)) {
			again = c->status == STATUS_RANGE && c->from > 0 && ++tries < CALL_TRIES;
			if (c->in && (again || c->status >= 300))
				buf_truncate(c->in, start);
			if (!again && !call_waits(t, c, &waits, &again, e))
				return false;
			continue;
		}
		tries = c->in && c->in->len > had ? 0 : tries + 1;
		/* A connection of SSH that is cut while it logs in looks like a refusal: asked once more. */
		if (why.code == ERR_WRONG_KEY && tries == 1)
			continue;
		if (!call_is_cut(&why) || tries >= CALL_TRIES || ++cuts >= CALL_CUTS) {
			if (e)
				*e = why;
			return false;
		}
	}
	return (!c->in || buf_ok(c->in, e)) && call_judge(c, expected, e);
}

void remote_access_done(struct remote_access *a)
{
	secret_free(&a->password);
	memset(a, 0, sizeof *a);
}

bool network_new(const char *where, const struct remote_access *access, struct network **out, struct err *e)
{
	struct network *n = calloc(1, sizeof *n);
	bool ok;

	if (!n)
		return err_nomem(e, "remote_open");
	ok = remote_url_read(where, &n->url, e) && remote_url_web(&n->url, e);
	if (ok && access) {
		memcpy(n->access.user, access->user, sizeof n->access.user);
		memcpy(n->access.key_file, access->key_file, sizeof n->access.key_file);
		memcpy(n->access.trust, access->trust, sizeof n->access.trust);
		n->access.clear = access->clear;
		n->access.patience = access->patience;
		ok =
		    !access->password.p || secret_set(&n->access.password, access->password.p, access->password.len, e);
	}
	if (ok && !n->access.user[0])
		memcpy(n->access.user, n->url.user, sizeof n->access.user);
	snprintf(n->base, sizeof n->base, "%s://%s%s", n->url.scheme, n->url.host, n->url.path);
	if (ok) {
		*out = n;
		return true;
	}
	network_close(n);
	return false;
}

bool network_open(const char *where, const struct remote_access *access,
		  bool (*over)(struct network *n, struct remote *out, struct err *e), struct remote *out, struct err *e)
{
	struct network *n;

	if (!network_new(where, access, &n, e))
		return false;
	if (over(n, out, e) && transport_curl(&n->url, &n->access, n->region, &n->t, e))
		return true;
	*out = (struct remote){.ops = NULL};
	network_close(n);
	return false;
}

void network_close(void *ctx)
{
	struct network *n = ctx;

	if (n->t.ops)
		n->t.ops->close(n->t.ctx);
	remote_access_done(&n->access);
	free(n);
}

bool network_url(const struct network *n, const char *name, const char *end, struct buf *out, struct err *e)
{
	buf_printf(out, "%s%s%s%s", n->base, name[0] ? "/" : "", name, end);
	return buf_ok(out, e);
}

void network_remote(struct network *n, const struct remote_ops *ops, struct remote *out)
{
	out->ops = ops;
	out->ctx = n;
	out->cost = &n->t.cost;
	out->watch = &n->t.watch;
}

/* What is longer than any of ours is found all the same: it does not open. */
bool network_get(void *ctx, const char *name, size_t limit, struct buf *out, bool *found, struct err *e)
{
	static const long expected[] = {STATUS_MISSING, 410, 0};
	struct network *n = ctx;
	struct buf url = BUF_INIT;
	struct call c = {.method = "GET", .limit = limit, .in = out};
	bool ok = network_url(n, name, "", &url, e);

	c.url = buf_str(&url);
	ok = ok && transport_call(&n->t, &c, expected, e);
	*found = ok && c.status < 300;
	buf_done(&url);
	return ok;
}

bool network_has(void *ctx, const char *name, bool *found, uint64_t *size, struct err *e)
{
	static const long expected[] = {STATUS_MISSING, 410, 0};
	struct network *n = ctx;
	struct buf url = BUF_INIT;
	struct call c = {.method = "HEAD"};
	bool ok = network_url(n, name, "", &url, e);

	c.url = buf_str(&url);
	ok = ok && transport_call(&n->t, &c, expected, e);
	*found = ok && c.status < 300;
	*size = *found ? c.size : 0;
	buf_done(&url);
	return ok;
}
