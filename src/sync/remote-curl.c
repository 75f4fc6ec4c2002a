/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The transport of libcurl, and the only file that sees it.  It is loaded when a remote on the network is first used:
 * it brings thirty libraries along, and whoever stays on a folder neither waits for them nor has them in memory.
 */
#include <curl/curl.h>
#include <dlfcn.h>
#include <poll.h>
#include <sodium.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "remote-key.h"
#include "transport.h"

#define CURL_SONAME "libcurl.so.4"
#define SLOW_BYTES 1L /* a second: less than this for the whole patience is nothing */
#define WAIT_STEP_MS 200

#undef curl_easy_setopt
#undef curl_easy_getinfo

static struct curl_lib {
	void *so;
	CURLcode (*global_init_mem)(long flags, curl_malloc_callback m, curl_free_callback f, curl_realloc_callback r,
				    curl_strdup_callback s, curl_calloc_callback c);
	CURL *(*init)(void);
	CURLcode (*setopt)(CURL *h, CURLoption o, ...);
	CURLcode (*perform)(CURL *h);
	CURLcode (*getinfo)(CURL *h, CURLINFO i, ...);
	void (*reset)(CURL *h);
	void (*cleanup)(CURL *h);
	struct curl_slist *(*append)(struct curl_slist *l, const char *s);
	void (*free_all)(struct curl_slist *l);
} lib;

/* What libcurl and libssh2 allocate may have held the password: wiped when it is freed. */
#define WIPED_HEAD 16

static void *wiped_malloc(size_t n)
{
	char *p = n < SIZE_MAX - WIPED_HEAD ? malloc(n + WIPED_HEAD) : NULL;

	if (!p)
		return NULL;
	memcpy(p, &n, sizeof n);
	return p + WIPED_HEAD;
}

static size_t wiped_size(const void *p)
{
	size_t n;

	memcpy(&n, (const char *)p - WIPED_HEAD, sizeof n);
	return n;
}

static void wiped_free(void *p)
{
	if (!p)
		return;
	sodium_memzero(p, wiped_size(p));
	free((char *)p - WIPED_HEAD);
}

static void *wiped_realloc(void *p, size_t n)
{
	void *more = wiped_malloc(n);
	size_t had = p ? wiped_size(p) : 0;

	if (!more)
		return NULL;
	if (p)
		memcpy(more, p, had < n ? had : n);
	wiped_free(p);
	return more;
}

static char *wiped_strdup(const char *s)
{
	size_t n = strlen(s) + 1;
	char *p = wiped_malloc(n);

	return p ? memcpy(p, s, n) : NULL;
}

static void *wiped_calloc(size_t n, size_t size)
{
	void *p = size && n > SIZE_MAX / size ? NULL : wiped_malloc(n * size);

	return p ? memset(p, 0, n * size) : NULL;
}

static bool lib_load(struct err *e)
{
	static const struct {
		const char *name;
		size_t at;
	} names[] = {
	    {"curl_global_init_mem", offsetof(struct curl_lib, global_init_mem)},
	    {"curl_easy_init", offsetof(struct curl_lib, init)},
	    {"curl_easy_setopt", offsetof(struct curl_lib, setopt)},
	    {"curl_easy_perform", offsetof(struct curl_lib, perform)},
	    {"curl_easy_getinfo", offsetof(struct curl_lib, getinfo)},
	    {"curl_easy_reset", offsetof(struct curl_lib, reset)},
	    {"curl_easy_cleanup", offsetof(struct curl_lib, cleanup)},
	    {"curl_slist_append", offsetof(struct curl_lib, append)},
	    {"curl_slist_free_all", offsetof(struct curl_lib, free_all)},
	};
	void *so;

	if (lib.so)
		return true;
	so = dlopen(CURL_SONAME, RTLD_NOW | RTLD_LOCAL);
	if (!so)
		return err_set(e, ERR_NOT_FOUND, "net_library", CURL_SONAME);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		void *f = dlsym(so, names[i].name);
		if (!f) {
			dlclose(so);
			return err_set(e, ERR_NOT_FOUND, "net_library", CURL_SONAME);
		}
		memcpy((char *)&lib + names[i].at, &f, sizeof f);
	}
	/* It would have the keys of the connection written to a file. */
	unsetenv("SSLKEYLOGFILE");
	if (lib.global_init_mem(CURL_GLOBAL_DEFAULT, wiped_malloc, wiped_free, wiped_realloc, wiped_strdup,
				wiped_calloc) != CURLE_OK) {
		dlclose(so);
		return err_nomem(e, "remote_open");
	}
	lib.so = so;
	return true;
}

struct line {
	CURL *easy;
	struct transport *t;
	const struct remote_url *url;
	const struct remote_access *access;
	char sigv4[96];               /* of S3 */
	bool ssh, meeting, failed;    /* failed: an option was not taken */
	char shown[REMOTE_TRUST_MAX]; /* the fingerprint that an SSH server gave */
	struct call *call;
	size_t start, sent; /* where the answer begins in call->in; of call->body */
	bool begun, odd;    /* something of the body came; it is not the part that was asked for */
};

#define SET(line, option, value) \
	do { \
		if (lib.setopt((line)->easy, option, value) != CURLE_OK) \
			(line)->failed = true; \
	} while (0)

static long line_status(const struct line *l)
{
	long status = 0;

	if (l->ssh)
		return STATUS_OK;
	lib.getinfo(l->easy, CURLINFO_RESPONSE_CODE, &status);
	return status;
}

static size_t line_error(struct call *c, const char *p, size_t n)
{
	size_t had = strlen(c->error), room = sizeof c->error - 1 - had;

	memcpy(c->error + had, p, n < room ? n : room);
	c->error[had + (n < room ? n : room)] = '\0';
	return n;
}

static size_t line_take(char *p, size_t size, size_t count, void *ctx)
{
	struct line *l = ctx;
	struct call *c = l->call;
	size_t n = size * count, had;
	long status = line_status(l);

	if (status >= 300)
		return line_error(c, p, n);
	if (!c->in)
		return n;
	/* All of it from a server that does not know of parts. */
	if (!l->begun && c->from > 0 && status == STATUS_OK && !l->ssh)
		buf_truncate(c->in, l->start);
	l->begun = true;
	if (l->odd)
		return 0;
	had = c->in->len - l->start;
	if (n > c->limit - had) {
		buf_add(c->in, p, c->limit - had);
		c->over = true;
		return 0;
	}
	buf_add(c->in, p, n);
	return c->in->oom ? 0 : n;
}

static size_t line_header(char *p, size_t size, size_t count, void *ctx)
{
	static const char range[] = "content-range: bytes ";
	struct line *l = ctx;
	size_t n = size * count;
	char text[64];

	snprintf(text, sizeof text, "%.*s", (int)(n < 63 ? n : 63), p);
	if (strncmp(text, "HTTP/", 5) == 0)
		l->odd = false;
	if (strncasecmp(text, range, sizeof range - 1) == 0)
		l->odd = strtoull(text + sizeof range - 1, NULL, 10) != l->call->from;
	return n;
}

static size_t line_give(char *p, size_t size, size_t count, void *ctx)
{
	struct line *l = ctx;
	size_t n = size * count, left = l->call->nbody - l->sent;

	n = n < left ? n : left;
	if (n > 0)
		memcpy(p, (const char *)l->call->body + l->sent, n);
	l->sent += n;
	return n;
}

/* A request goes out again over a new connection when the one that was kept had been closed. */
static int line_seek(void *ctx, curl_off_t at, int origin)
{
	struct line *l = ctx;

	if (origin != SEEK_SET || at < 0 || (size_t)at > l->call->nbody)
		return CURL_SEEKFUNC_FAIL;
	l->sent = (size_t)at;
	return CURL_SEEKFUNC_OK;
}

static int line_progress(void *ctx, curl_off_t down_all, curl_off_t down, curl_off_t up_all, curl_off_t up)
{
	struct line *l = ctx;
	const struct remote_watch *w = &l->t->watch;
	bool sending = l->call && l->call->nbody > 0 && down == 0;

	if (!w->go_on)
		return 0;
	return w->go_on(w->ctx, sending, (uint64_t)(sending ? up : down), (uint64_t)(sending ? up_all : down_all)) ? 0
														   : 1;
}

/* Before anything that lets us in is sent. */
static int line_host_key(void *ctx, int type, const char *key, size_t n)
{
	struct line *l = ctx;

	(void)type;
	remote_key_ssh(key, n, l->shown);
	if (l->meeting || !l->access->trust[0] || strcmp(l->shown, l->access->trust) != 0)
		return CURLKHMATCH_MISMATCH;
	return CURLKHMATCH_OK;
}

/* Before each request all anew, so that the password is in libcurl's memory for no longer than one. */
static void line_base(struct line *l)
{
	long patience = l->access->patience ? (long)l->access->patience : REMOTE_PATIENCE;
	bool clear = strcmp(l->url->scheme, "http") == 0;

	l->failed = false;
	lib.reset(l->easy);
	SET(l, CURLOPT_PROTOCOLS_STR, l->ssh ? "sftp" : clear ? "http" : "https");
	SET(l, CURLOPT_FOLLOWLOCATION, 0L);
	SET(l, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	SET(l, CURLOPT_NOSIGNAL, 1L);
	SET(l, CURLOPT_USERAGENT, "arpent");
	SET(l, CURLOPT_CONNECTTIMEOUT, patience);
	SET(l, CURLOPT_LOW_SPEED_LIMIT, SLOW_BYTES);
	SET(l, CURLOPT_LOW_SPEED_TIME, patience);
	SET(l, CURLOPT_TCP_KEEPALIVE, 1L);
	SET(l, CURLOPT_NOPROGRESS, 0L);
	SET(l, CURLOPT_XFERINFOFUNCTION, line_progress);
	SET(l, CURLOPT_XFERINFODATA, l);
	SET(l, CURLOPT_WRITEFUNCTION, line_take);
	SET(l, CURLOPT_WRITEDATA, l);
	/* A proxy would carry what is not protected out of this machine. */
	if (clear && l->url->loopback)
		SET(l, CURLOPT_NOPROXY, "*");
	if (l->ssh) {
		SET(l, CURLOPT_SSH_HOSTKEYFUNCTION, line_host_key);
		SET(l, CURLOPT_SSH_HOSTKEYDATA, l);
	} else {
		SET(l, CURLOPT_HEADERFUNCTION, line_header);
		SET(l, CURLOPT_HEADERDATA, l);
		/* Of 2, servers cut the stream of a PUT that they refuse, before their answer is read. */
		SET(l, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
		SET(l, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	}
	if (!l->ssh && l->access->trust[0]) {
		SET(l, CURLOPT_PINNEDPUBLICKEY, l->access->trust);
		SET(l, CURLOPT_SSL_VERIFYPEER, 0L);
		SET(l, CURLOPT_SSL_VERIFYHOST, 0L);
	}
}

static void line_login(struct line *l)
{
	const struct remote_access *a = l->access;

	if (a->user[0])
		SET(l, CURLOPT_USERNAME, a->user);
	if (l->ssh && a->key_file[0]) {
		SET(l, CURLOPT_SSH_AUTH_TYPES, (long)CURLSSH_AUTH_PUBLICKEY);
		SET(l, CURLOPT_SSH_PRIVATE_KEYFILE, a->key_file);
		SET(l, CURLOPT_KEYPASSWD, a->password.p ? (const char *)a->password.p : "");
	} else if (l->ssh) {
		SET(l, CURLOPT_SSH_AUTH_TYPES,
		    a->password.p ? (long)(CURLSSH_AUTH_PASSWORD | CURLSSH_AUTH_KEYBOARD) : (long)CURLSSH_AUTH_AGENT);
	} else if (l->sigv4[0]) {
		SET(l, CURLOPT_AWS_SIGV4, l->sigv4);
	} else {
		SET(l, CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC);
	}
	if (a->password.p && !(l->ssh && a->key_file[0]))
		SET(l, CURLOPT_PASSWORD, (const char *)a->password.p);
}

static struct curl_slist *line_list(struct line *l, struct curl_slist *list, const char *text)
{
	struct curl_slist *more = lib.append(list, text);

	if (!more)
		l->failed = true;
	return more ? more : list;
}

static void line_body(struct line *l)
{
	SET(l, CURLOPT_UPLOAD, 1L);
	SET(l, CURLOPT_READFUNCTION, line_give);
	SET(l, CURLOPT_READDATA, l);
	SET(l, CURLOPT_SEEKFUNCTION, line_seek);
	SET(l, CURLOPT_SEEKDATA, l);
	SET(l, CURLOPT_INFILESIZE_LARGE, (curl_off_t)l->call->nbody);
}

/* Signed with what it sends, so that nothing of it is altered on the way. */
static struct curl_slist *line_sum(struct line *l, struct curl_slist *list)
{
	uint8_t hash[crypto_hash_sha256_BYTES];
	char hex[2 * sizeof hash + 1], text[96];

	crypto_hash_sha256(hash, l->call->nbody ? l->call->body : "", l->call->nbody);
	snprintf(text, sizeof text, "x-amz-content-sha256: %s", sodium_bin2hex(hex, sizeof hex, hash, sizeof hash));
	return line_list(l, list, text);
}

static struct curl_slist *line_http(struct line *l)
{
	const struct call *c = l->call;
	struct curl_slist *list = line_list(l, NULL, "Expect:");
	char range[32];

	for (size_t i = 0; i < CALL_HEADERS && c->header[i]; i++)
		list = line_list(l, list, c->header[i]);
	if (l->sigv4[0])
		list = line_sum(l, list);
	if (strcmp(c->method, "PUT") == 0)
		line_body(l);
	else if (strcmp(c->method, "HEAD") == 0)
		SET(l, CURLOPT_NOBODY, 1L);
	else if (strcmp(c->method, "GET") != 0)
		SET(l, CURLOPT_CUSTOMREQUEST, c->method);
	if (c->nbody > 0 && strcmp(c->method, "PUT") != 0) {
		SET(l, CURLOPT_POSTFIELDS, c->body);
		SET(l, CURLOPT_POSTFIELDSIZE, (long)c->nbody);
	}
	if (c->from > 0) {
		snprintf(range, sizeof range, "%llu-", (unsigned long long)c->from);
		SET(l, CURLOPT_RANGE, range);
	}
	SET(l, CURLOPT_HTTPHEADER, list);
	return list;
}

static struct curl_slist *line_sftp(struct line *l)
{
	const struct call *c = l->call;
	struct curl_slist *list = NULL;

	for (size_t i = 0; i < sizeof c->command / sizeof *c->command && c->command[i]; i++)
		list = line_list(l, list, c->command[i]);
	SET(l, CURLOPT_NEW_FILE_PERMS, 0664L);
	SET(l, CURLOPT_NEW_DIRECTORY_PERMS, 0775L);
	if (strcmp(c->method, "PUT") == 0) {
		line_body(l);
		SET(l, CURLOPT_POSTQUOTE, list);
	} else if (strcmp(c->method, "GET") == 0) {
		SET(l, CURLOPT_RESUME_FROM_LARGE, (curl_off_t)c->from);
	} else if (strcmp(c->method, "LIST") == 0) {
		SET(l, CURLOPT_DIRLISTONLY, 1L);
	} else {
		SET(l, CURLOPT_NOBODY, 1L);
		SET(l, CURLOPT_QUOTE, list);
	}
	return list;
}

static void line_count(struct line *l)
{
	long request = 0, header = 0;
	curl_off_t up = 0, down = 0;

	lib.getinfo(l->easy, CURLINFO_REQUEST_SIZE, &request);
	lib.getinfo(l->easy, CURLINFO_HEADER_SIZE, &header);
	lib.getinfo(l->easy, CURLINFO_SIZE_UPLOAD_T, &up);
	lib.getinfo(l->easy, CURLINFO_SIZE_DOWNLOAD_T, &down);
	l->t->cost.requests++;
	l->t->cost.up += (uint64_t)request + (uint64_t)up;
	l->t->cost.down += (uint64_t)header + (uint64_t)down;
}

static bool line_untrusted(const struct line *l, struct err *e)
{
	if (l->access->trust[0])
		return err_set(e, ERR_UNTRUSTED, "net_changed", "%s", l->url->host);
	return err_set(e, ERR_UNTRUSTED, "net_new", "%s", l->url->host);
}

static bool line_failure(const struct line *l, CURLcode r, struct err *e)
{
	const char *host = l->url->host;

	switch (r) {
	case CURLE_ABORTED_BY_CALLBACK:
		return err_set(e, ERR_CANCELLED, "exchange_round", "cancelled");
	case CURLE_OUT_OF_MEMORY:
		return err_nomem(e, "remote_curl");
	case CURLE_UNSUPPORTED_PROTOCOL:
	case CURLE_NOT_BUILT_IN:
	case CURLE_UNKNOWN_OPTION:
		return err_set(e, ERR_NOT_FOUND, "net_library", CURL_SONAME);
	case CURLE_COULDNT_RESOLVE_HOST:
	case CURLE_COULDNT_RESOLVE_PROXY:
	case CURLE_COULDNT_CONNECT:
	case CURLE_PROXY:
		return err_set(e, ERR_IO, "net_reach", "%s", host);
	case CURLE_OPERATION_TIMEDOUT:
		return err_set(e, ERR_IO, "net_slow", "%s", host);
	case CURLE_PEER_FAILED_VERIFICATION:
		/* Of SSH also when the connection was cut before a key came. */
		return l->ssh && !l->shown[0] ? err_set(e, ERR_IO, "net_cut", "%s", host) : line_untrusted(l, e);
	case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
		return line_untrusted(l, e);
	case CURLE_SSL_CONNECT_ERROR:
		return err_set(e, ERR_IO, "net_tls", "%s", host);
	case CURLE_LOGIN_DENIED:
		return err_set(e, ERR_WRONG_KEY, "net_login", "%s", host);
	case CURLE_URL_MALFORMAT:
		return err_set(e, ERR_INPUT, "net_url", "%s", l->call ? l->call->url : host);
	default:
		return err_set(e, ERR_IO, "net_cut", "%s (%d)", host, (int)r);
	}
}

/* SFTP's answers by the nearest of HTTP's; 0 when there was none. */
static long line_sftp_status(CURLcode r)
{
	switch (r) {
	case CURLE_OK:
		return STATUS_OK;
	case CURLE_REMOTE_FILE_NOT_FOUND:
		return STATUS_MISSING;
	case CURLE_REMOTE_ACCESS_DENIED:
		return 403;
	case CURLE_REMOTE_FILE_EXISTS:
		return STATUS_THERE;
	case CURLE_REMOTE_DISK_FULL:
		return 507;
	case CURLE_QUOTE_ERROR:
		return STATUS_CONFLICT;
	default:
		return 0;
	}
}

static bool line_answer(struct line *l, CURLcode r, struct err *e)
{
	struct call *c = l->call;
	curl_off_t size = 0, after = 0;
	char *to = NULL;

	c->status = l->ssh ? line_sftp_status(r) : line_status(l);
	if (c->in && c->in->oom)
		return err_nomem(e, "remote_curl");
	if (r == CURLE_WRITE_ERROR && c->over)
		r = CURLE_OK;
	if (l->ssh && c->over)
		c->status = STATUS_OK;
	if (l->odd)
		return err_set(e, ERR_FORMAT, "net_odd", "Content-Range");
	if (l->ssh ? c->status == 0 : r != CURLE_OK)
		return line_failure(l, r, e);
	lib.getinfo(l->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &size);
	c->size = size > 0 ? (uint64_t)size : 0;
	c->wait = -1;
	if (lib.getinfo(l->easy, CURLINFO_RETRY_AFTER, &after) == CURLE_OK && after > 0)
		c->wait = after < 1000000 ? (long)after : 1000000;
	c->location[0] = '\0';
	if (lib.getinfo(l->easy, CURLINFO_REDIRECT_URL, &to) == CURLE_OK && to)
		snprintf(c->location, sizeof c->location, "%s", to);
	return true;
}

static bool line_run(void *ctx, struct call *c, struct err *e)
{
	struct line *l = ctx;
	struct curl_slist *list;
	CURLcode r = CURLE_OUT_OF_MEMORY;
	bool ok;

	c->status = 0;
	c->over = false;
	c->size = 0;
	c->error[0] = '\0';
	l->call = c;
	l->start = c->in ? c->in->len - (size_t)c->from : 0;
	l->sent = 0;
	l->begun = l->odd = false;
	line_base(l);
	line_login(l);
	SET(l, CURLOPT_URL, c->url);
	list = l->ssh ? line_sftp(l) : line_http(l);
	if (!l->failed)
		r = lib.perform(l->easy);
	line_count(l);
	ok = line_answer(l, r, e);
	lib.reset(l->easy);
	lib.free_all(list);
	l->call = NULL;
	return ok;
}

static bool line_wait(void *ctx, long seconds, struct err *e)
{
	struct line *l = ctx;
	const struct remote_watch *w = &l->t->watch;

	for (long ms = 0; ms < seconds * 1000; ms += WAIT_STEP_MS) {
		if (w->go_on && !w->go_on(w->ctx, false, 0, 0))
			return err_set(e, ERR_CANCELLED, "exchange_round", "cancelled");
		poll(NULL, 0, WAIT_STEP_MS);
	}
	return true;
}

static void line_close(void *ctx)
{
	struct line *l = ctx;

	if (l->easy)
		lib.cleanup(l->easy);
	free(l);
}

bool transport_curl(const struct remote_url *url, const struct remote_access *access, const char *region,
		    struct transport *out, struct err *e)
{
	static const struct transport_ops ops = {line_run, line_wait, line_close};
	struct line *l;

	if (!lib_load(e))
		return false;
	l = calloc(1, sizeof *l);
	if (!l || !(l->easy = lib.init())) {
		free(l);
		return err_nomem(e, "remote_open");
	}
	*l = (struct line){.easy = l->easy, .t = out, .url = url, .access = access};
	l->ssh = strcmp(url->scheme, "sftp") == 0;
	if (region[0])
		snprintf(l->sigv4, sizeof l->sigv4, "aws:amz:%s:s3", region);
	out->ops = &ops;
	out->ctx = l;
	return true;
}

/* The first certificate that the server showed, in PEM. */
static bool meet_certificate(struct line *l, struct remote_server *out, struct err *e)
{
	struct curl_certinfo *info = NULL;
	const struct curl_slist *s;

	if (lib.getinfo(l->easy, CURLINFO_CERTINFO, &info) == CURLE_OK && info && info->num_of_certs > 0)
		for (s = info->certinfo[0]; s; s = s->next)
			if (strncmp(s->data, "Cert:", 5) == 0 &&
			    remote_key_tls(s->data + 5, out->fingerprint, out->trust))
				return true;
	return err_set(e, ERR_FORMAT, "net_odd", "certificate");
}

static CURLcode meet_tls(struct line *l, const char *url, bool verified)
{
	line_base(l);
	SET(l, CURLOPT_URL, url);
	SET(l, CURLOPT_NOBODY, 1L);
	if (!verified) {
		SET(l, CURLOPT_PINNEDPUBLICKEY, (char *)NULL);
		SET(l, CURLOPT_SSL_VERIFYPEER, 0L);
		SET(l, CURLOPT_SSL_VERIFYHOST, 0L);
		SET(l, CURLOPT_CERTINFO, 1L);
	}
	return l->failed ? CURLE_OUT_OF_MEMORY : lib.perform(l->easy);
}

static bool meet_run(struct line *l, struct remote_server *out, struct err *e)
{
	struct call c = {.method = "HEAD"};
	char url[300];
	CURLcode r;

	l->call = &c;
	l->meeting = true;
	snprintf(url, sizeof url, "%s://%s/", l->url->scheme, l->url->host);
	c.url = url;
	out->known = REMOTE_SHOWN;
	r = meet_tls(l, url, true);
	if (l->ssh) {
		memcpy(out->fingerprint, l->shown, sizeof out->fingerprint);
		memcpy(out->trust, l->shown, sizeof out->trust);
		return l->shown[0] || line_failure(l, r, e);
	}
	if (r == CURLE_OK) {
		out->known = strcmp(l->url->scheme, "http") == 0 ? REMOTE_CLEAR : REMOTE_VOUCHED;
		return true;
	}
	if (r != CURLE_PEER_FAILED_VERIFICATION)
		return line_failure(l, r, e);
	r = meet_tls(l, url, false);
	return r == CURLE_OK ? meet_certificate(l, out, e) : line_failure(l, r, e);
}

bool transport_meet(const struct remote_url *url, const struct remote_access *access, struct remote_server *out,
		    struct err *e)
{
	struct remote_access bare = {.patience = access ? access->patience : 0};
	struct transport t = {.ops = NULL};
	bool ok;

	memset(out, 0, sizeof *out);
	if (!transport_curl(url, &bare, "", &t, e))
		return false;
	ok = meet_run(t.ctx, out, e);
	t.ops->close(t.ctx);
	return ok;
}
