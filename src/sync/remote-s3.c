/* SPDX-License-Identifier: GPL-3.0-or-later */
/* S3 and what speaks as it does (Amazon Simple Storage Service, API Reference): path style, signature of version 4. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "remotes.h"
#include "transport.h"

#define LIST_BYTES (16u << 20) /* of one page */
#define LIST_PAGES 10000
#define REGION_ELSE "us-east-1"

bool remote_s3_takes(const char *where)
{
	return strncmp(where, "s3://", 5) == 0 || strncmp(where, "s3+http://", 10) == 0;
}

/* Some stores know nothing of If-None-Match, and replace: so it is asked before. */
static bool s3_put(void *ctx, const char *name, const void *p, size_t size, bool *made, struct err *e)
{
	/* 409: another of the kind is under way. */
	static const long expected[] = {STATUS_THERE, STATUS_CONFLICT, 0};
	struct network *n = ctx;
	struct buf url = BUF_INIT;
	struct call c = {.method = "PUT", .body = p, .nbody = size};
	uint64_t there;
	bool found, ok = network_has(ctx, name, &found, &there, e);

	if (!ok || found)
		return ok;
	ok = network_url(n, name, "", &url, e);
	c.url = buf_str(&url);
	c.header[0] = "Content-Type: application/octet-stream";
	c.header[1] = "If-None-Match: *";
	ok = ok && transport_call(&n->t, &c, expected, e);
	*made = ok && c.status < 300;
	buf_done(&url);
	return ok;
}

static bool s3_remove(void *ctx, const char *name, struct err *e)
{
	static const long gone[] = {STATUS_MISSING, 0};
	struct network *n = ctx;
	struct buf url = BUF_INIT;
	struct call c = {.method = "DELETE"};
	bool ok = network_url(n, name, "", &url, e);

	c.url = buf_str(&url);
	ok = ok && transport_call(&n->t, &c, gone, e);
	buf_done(&url);
	return ok;
}

struct listing {
	bool (*cb)(void *with, const char *path, uint64_t size);
	void *with;
	struct buf prefix; /* decoded; what all keys begin with */
	bool go, bad, more, inside;
	char key[XML_TEXT_MAX + 1], next[1024];
	uint64_t size;
};

/* A key that is not below the prefix is none of ours, whatever the store says. */
static void listing_key(struct listing *l)
{
	struct buf key = BUF_INIT;
	struct err why = ERR_INIT;

	if (!remote_url_decode(l->key, strlen(l->key), &key, &why))
		l->bad = why.code == ERR_NOMEM;
	else if (key.len > l->prefix.len && strncmp(key.p, buf_str(&l->prefix), l->prefix.len) == 0)
		l->go = l->cb(l->with, key.p + l->prefix.len, l->size);
	buf_done(&key);
}

static bool listing_element(void *ctx, const char *name, const char *text)
{
	struct listing *l = ctx;

	if (strcmp(name, "Contents") == 0 && !text) {
		l->inside = true;
		l->key[0] = '\0';
		l->size = 0;
	} else if (!text) {
		return true;
	} else if (strcmp(name, "Contents") == 0) {
		l->inside = false;
		listing_key(l);
	} else if (l->inside && strcmp(name, "Key") == 0) {
		snprintf(l->key, sizeof l->key, "%s", text);
	} else if (l->inside && strcmp(name, "Size") == 0) {
		l->size = strtoull(text, NULL, 10);
	} else if (strcmp(name, "IsTruncated") == 0) {
		l->more = strcmp(text, "true") == 0;
	} else if (strcmp(name, "NextContinuationToken") == 0) {
		l->bad = strlen(text) >= sizeof l->next;
		snprintf(l->next, sizeof l->next, "%s", text);
	}
	return l->go && !l->bad;
}

/* All but what RFC 3986 calls unreserved, as the signature has it. */
static void s3_encode(const char *p, struct buf *out)
{
	for (; *p; p++)
		if (strchr("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-._~", *p))
			buf_char(out, *p);
		else
			buf_printf(out, "%%%02X", (unsigned char)*p);
}

/* The names in the query stand in the order in which they are signed. */
static bool s3_page(struct network *n, const struct listing *l, int max, struct buf *out, struct err *e)
{
	struct buf url = BUF_INIT;
	struct call c = {.method = "GET", .limit = LIST_BYTES, .in = out};
	bool ok;

	buf_printf(&url, "%s://%s%s?", n->url.scheme, n->url.host, n->bucket);
	if (l->next[0]) {
		buf_str_add(&url, "continuation-token=");
		s3_encode(l->next, &url);
		buf_char(&url, '&');
	}
	buf_printf(&url, "encoding-type=url&list-type=2&max-keys=%d&prefix=", max);
	s3_encode(buf_str(&l->prefix), &url);
	c.url = buf_str(&url);
	ok = buf_ok(&url, e) && transport_call(&n->t, &c, NULL, e);
	if (ok && c.over)
		ok = err_set(e, ERR_LIMIT, "net_odd", "%s", n->url.host);
	buf_done(&url);
	return ok;
}

static bool s3_prefix(const struct network *n, struct listing *l, struct err *e)
{
	const char *path = n->url.path + strlen(n->bucket);

	if (path[0] && !remote_url_decode(path + 1, strlen(path + 1), &l->prefix, e))
		return false;
	if (path[0])
		buf_char(&l->prefix, '/');
	return buf_ok(&l->prefix, e);
}

static bool s3_list(void *ctx, bool (*cb)(void *with, const char *path, uint64_t size), void *with, struct err *e)
{
	struct network *n = ctx;
	struct listing *l = calloc(1, sizeof *l);
	struct buf page = BUF_INIT;
	struct err why = ERR_INIT;
	bool ok;

	if (!l)
		return err_nomem(e, "remote_list");
	*l = (struct listing){.cb = cb, .with = with, .go = true, .more = true};
	ok = s3_prefix(n, l, e);
	for (int i = 0; ok && l->go && l->more; i++) {
		l->more = false;
		buf_clear(&page);
		ok = (i < LIST_PAGES || err_set(e, ERR_LIMIT, "net_odd", "%d", i)) && s3_page(n, l, 1000, &page, e);
		if (ok && !remote_xml(&page, listing_element, l, &why) && l->go) {
			if (e)
				*e = why;
			ok = false;
		}
		l->more = l->more && l->next[0];
	}
	buf_done(&page);
	buf_done(&l->prefix);
	free(l);
	return ok;
}

/* Folders are made by what is in them; a bucket has to be there. */
static bool s3_prepare(void *ctx, struct err *e)
{
	struct network *n = ctx;
	struct listing *l = calloc(1, sizeof *l);
	struct buf page = BUF_INIT;
	bool ok;

	if (!l)
		return err_nomem(e, "remote_prepare");
	ok = s3_prefix(n, l, e) && s3_page(n, l, 1, &page, e);
	if (ok && !strstr(buf_str(&page), "<ListBucketResult"))
		ok = err_set(e, ERR_FORMAT, "net_odd", "%s", n->url.host);
	buf_done(&page);
	buf_done(&l->prefix);
	free(l);
	return ok;
}

static bool s3_region(struct network *n, struct err *e)
{
	static const char name[] = "region=";
	const char *q = n->url.query;
	size_t len = strlen(q);

	if (len == 0) {
		memcpy(n->region, REGION_ELSE, sizeof REGION_ELSE);
		return true;
	}
	if (strncmp(q, name, sizeof name - 1) != 0 || len - (sizeof name - 1) >= sizeof n->region ||
	    len == sizeof name - 1 ||
	    strspn(q + sizeof name - 1, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") !=
		len - (sizeof name - 1))
		return err_set(e, ERR_INPUT, "net_url", "?%s", q);
	memcpy(n->region, q + sizeof name - 1, len - (sizeof name - 1) + 1);
	return true;
}

bool remote_s3_over(struct network *n, struct remote *out, struct err *e)
{
	static const struct remote_ops ops = {.get = network_get,
					      .put = s3_put,
					      .has = network_has,
					      .list = s3_list,
					      .remove = s3_remove,
					      .prepare = s3_prepare,
					      .close = network_close};
	size_t bucket = n->url.path[0] ? 1 + strcspn(n->url.path + 1, "/") : 0;

	if (bucket < 2 || bucket >= sizeof n->bucket)
		return err_set(e, ERR_INPUT, "net_url", "%s", n->url.path);
	if (strcmp(n->url.scheme, "http") == 0 && !n->url.loopback && !n->access.clear)
		return err_set(e, ERR_UNTRUSTED, "net_clear", "%s", n->url.host);
	memcpy(n->bucket, n->url.path, bucket);
	n->bucket[bucket] = '\0';
	network_remote(n, &ops, out);
	return s3_region(n, e);
}

bool remote_s3_open(const char *where, const struct remote_access *access, struct remote *out, struct err *e)
{
	return network_open(where, access, remote_s3_over, out, e);
}
