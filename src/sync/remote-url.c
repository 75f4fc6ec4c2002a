/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <string.h>

#include "arpent/text.h"
#include "transport.h"

static bool url_bad(struct err *e, const char *where)
{
	return err_set(e, ERR_INPUT, "net_url", "%.120s", where);
}

/* Copies what is before `end`; false when there is no room. */
static bool url_part(char *out, size_t room, const char *p, size_t n)
{
	if (n >= room)
		return false;
	memcpy(out, p, n);
	out[n] = '\0';
	return true;
}

static bool url_loopback(const char *host)
{
	size_t n = strcspn(host, ":");

	if (strncmp(host, "[::1]", 5) == 0 && (host[5] == '\0' || host[5] == ':'))
		return true;
	return (n == 9 && strncmp(host, "localhost", 9) == 0) ||
	       (strncmp(host, "127.", 4) == 0 && strspn(host, "0123456789.") == n);
}

static bool url_host_ok(const char *host)
{
	size_t n = host[0] == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":");

	if (n == 0 || n > strlen(host) || (host[0] != '[' && host[0] == '-'))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!strchr("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-._[]:", host[i]))
			return false;
	return host[n] == '\0' ||
	       (host[n] == ':' && host[n + 1] && strspn(host + n + 1, "0123456789") == strlen(host + n + 1));
}

/* What RFC 3986 does not let stand in a path is encoded, so that a name may be typed as it is read. */
static bool url_path(const char *p, size_t n, char *out, size_t room)
{
	size_t len = 0;

	while (n > 0 && p[n - 1] == '/')
		n--;
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)p[i];
		bool plain = c > 0x20 && c < 0x7F && !strchr("\"<>\\^`{|}", c);
		if (c < 0x20 || c == 0x7F || len + 4 > room)
			return false;
		len += (size_t)snprintf(out + len, 4, plain ? "%c" : "%%%02X", c);
	}
	out[len] = '\0';
	return strstr(out, "/../") == NULL && strstr(out, "//") == NULL &&
	       (len < 3 || strcmp(out + len - 3, "/..") != 0);
}

bool remote_url_read(const char *where, struct remote_url *out, struct err *e)
{
	const char *p = strstr(where, "://"), *end, *at, *path, *query;

	memset(out, 0, sizeof *out);
	if (!p || !url_part(out->scheme, sizeof out->scheme, where, (size_t)(p - where)))
		return url_bad(e, where);
	p += 3;
	end = p + strcspn(p, "/?#");
	at = memchr(p, '@', (size_t)(end - p));
	if (at && memchr(p, ':', (size_t)(at - p)))
		return err_set(e, ERR_INPUT, "net_password", "%s", out->scheme);
	if (at && !url_part(out->user, sizeof out->user, p, (size_t)(at - p)))
		return url_bad(e, where);
	p = at ? at + 1 : p;
	path = end;
	query = path + strcspn(path, "?#");
	if (!url_part(out->host, sizeof out->host, p, (size_t)(end - p)) || !url_host_ok(out->host) || *query == '#' ||
	    !url_path(path, (size_t)(query - path), out->path, sizeof out->path) ||
	    (*query == '?' &&
	     (strchr(query, '#') || !url_part(out->query, sizeof out->query, query + 1, strlen(query + 1)))))
		return url_bad(e, where);
	out->loopback = url_loopback(out->host);
	return true;
}

bool remote_url_web(struct remote_url *url, struct err *e)
{
	static const char *const names[][2] = {
	    {"http", "http"}, {"https", "https"}, {"s3", "https"}, {"s3+http", "http"}, {"sftp", "sftp"}};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strcmp(url->scheme, names[i][0]) == 0) {
			snprintf(url->scheme, sizeof url->scheme, "%s", names[i][1]);
			return true;
		}
	return err_set(e, ERR_INPUT, "net_scheme", "%s", url->scheme);
}

static int url_digit(char c)
{
	const char *digits = "0123456789abcdef", *at = c ? strchr(digits, c >= 'A' && c <= 'F' ? c + 32 : c) : NULL;

	return at ? (int)(at - digits) : -1;
}

bool remote_url_decode(const char *path, size_t n, struct buf *out, struct err *e)
{
	size_t had = out->len;

	for (size_t i = 0; i < n; i++) {
		int c = (unsigned char)path[i];
		if (c == '%' && i + 2 < n && url_digit(path[i + 1]) >= 0 && url_digit(path[i + 2]) >= 0) {
			c = url_digit(path[i + 1]) * 16 + url_digit(path[i + 2]);
			i += 2;
		}
		if (c < 0x20 || c == 0x7F)
			return err_set(e, ERR_INPUT, "net_url", "a control character");
		buf_char(out, (char)c);
	}
	return buf_ok(out, e) &&
	       (text_is_utf8(buf_str(out) + had, out->len - had) || err_set(e, ERR_INPUT, "net_url", "not UTF-8"));
}
