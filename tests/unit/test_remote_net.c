/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Kinds of remote over a transport of ours: what hostile servers say. */
#include "sync/transport.h"
#include "check.h"

struct said {
	long status, wait;
	const char *body;
	bool cut;
};
static const struct said *said; /* one answer a request; the last again and again */
static size_t nsaid, asked;
static uint64_t from[64];
static long waited;
static char methods[256];

static bool fake_run(void *ctx, struct call *c, struct err *e)
{
	const struct said *s = &said[asked < nsaid ? asked : nsaid - 1];
	size_t n = strlen(methods);

	(void)ctx;
	snprintf(methods + n, sizeof methods - n, "%s ", c->method);
	from[asked++ % 64] = c->from;
	c->status = s->status;
	c->wait = s->wait;
	c->over = false;
	c->error[0] = c->location[0] = '\0';
	if (c->in && s->body) {
		if (s->status == STATUS_OK && c->from > 0)
			buf_truncate(c->in, c->in->len - (size_t)c->from);
		buf_str_add(c->in, s->body);
	}
	return !s->cut || err_set(e, ERR_IO, "net_cut", "fake");
}

static bool fake_wait(void *ctx, long seconds, struct err *e)
{
	(void)ctx;
	(void)e;
	waited += seconds;
	return true;
}

static void fake_close(void *ctx)
{
	(void)ctx;
}

static void fake(const char *where, bool (*over)(struct network *n, struct remote *out, struct err *e),
		 const struct said *answers, size_t n, struct remote *out)
{
	static const struct transport_ops ops = {fake_run, fake_wait, fake_close};
	struct network *net;
	struct err e = ERR_INIT;

	said = answers;
	nsaid = n;
	asked = 0;
	waited = 0;
	methods[0] = '\0';
	*out = (struct remote){.ops = NULL};
	if (!CHECK_OK(secret_start(&e), &e) || !CHECK_OK(network_new(where, NULL, &net, &e), &e))
		exit(99);
	net->t.ops = &ops;
	CHECK_OK(over(net, out, &e), &e);
}

#define FAKE(where, over, ...) \
	static const struct said answers[] = {__VA_ARGS__}; \
	fake(where, over, answers, sizeof answers / sizeof *answers, &r)

static bool add(void *with, const char *path, uint64_t size)
{
	(void)size;
	buf_printf(with, "%s|", path);
	return true;
}

#define ITEM(href) "<d:response><d:href>" href "</d:href></d:response>"
#define FOLDER(href) \
	"<d:response><d:href>" href \
	"</d:href><d:propstat><d:prop><d:resourcetype><d:collection/></d:resourcetype></d:prop>" \
	"</d:propstat></d:response>"
#define ALL(items) "<d:multistatus xmlns:d=\"DAV:\">" items "</d:multistatus>"

TEST(names_outside_the_folder_are_none)
{
	struct err e = ERR_INIT;
	struct buf names = BUF_INIT;
	struct remote r;
	FAKE("https://h/dav/x", remote_webdav_over,
	     {207, -1,
	      ALL(FOLDER("/dav/x/") ITEM("/dav/x/../../etc") ITEM("/etc/passwd") ITEM("/dav/x/a%00b") ITEM("/dav/xy/z")
		      ITEM("/dav/x/%2e%2e") ITEM("/dav/x/a%2Fb") ITEM("/dav/x/good%20one") FOLDER("/dav/x/other/")
			  FOLDER("https://h/dav/x/s/") ITEM("/dav/x/s/1/2")),
	      false},
	     {207, -1, ALL(FOLDER("/dav/x/s/") FOLDER("/dav/x/s/") ITEM("/dav/x/arpent.id") ITEM("/dav/x/s/mine")),
	      false});

	CHECK_OK(remote_list(&r, add, &names, &e), &e);
	CHECK_STR(buf_str(&names), "good one|other|s/mine|");
	CHECK_EQ_INT(asked, 2);
	buf_done(&names);
	remote_close(&r);
}

TEST(no_entities)
{
	struct err e = ERR_INIT;
	struct buf names = BUF_INIT;
	struct remote r;
	FAKE("https://h/dav/x", remote_webdav_over,
	     {207, -1, "<!DOCTYPE a [<!ENTITY b SYSTEM \"file:///etc/passwd\">]>" ALL(ITEM("/dav/x/&b;")), false});

	CHECK_ERR(remote_list(&r, add, &names, &e), &e, ERR_FORMAT);
	CHECK_EQ_INT(names.len, 0);
	buf_done(&names);
	remote_close(&r);
}

TEST(a_listing_without_an_end)
{
	struct err e = ERR_INIT;
	struct buf names = BUF_INIT;
	struct remote r;
	FAKE("s3://h/b/x", remote_s3_over,
	     {200, -1,
	      "<ListBucketResult><Contents><Key>other/y</Key></Contents><IsTruncated>true</IsTruncated>"
	      "<NextContinuationToken>again</NextContinuationToken></ListBucketResult>",
	      false});

	CHECK_ERR(remote_list(&r, add, &names, &e), &e, ERR_LIMIT);
	CHECK_EQ_INT(names.len, 0);
	buf_done(&names);
	remote_close(&r);
}

TEST(a_cut_download_goes_on)
{
	struct err e = ERR_INIT;
	struct buf got = BUF_INIT;
	struct remote r;
	bool found;
	FAKE("https://h/dav", remote_webdav_over, {200, -1, "abc", true}, {206, -1, "de", true},
	     {206, -1, "fgh", false});

	buf_str_add(&got, "before ");
	CHECK_OK(remote_get(&r, "s/x", 100, &got, &found, &e), &e);
	CHECK_STR(buf_str(&got), "before abcdefgh");
	CHECK_EQ_INT(from[1], 3);
	CHECK_EQ_INT(from[2], 5);
	buf_done(&got);
	remote_close(&r);
}

TEST(a_server_without_parts_begins_again)
{
	struct err e = ERR_INIT;
	struct buf got = BUF_INIT;
	struct remote r;
	bool found;
	FAKE("https://h/dav", remote_webdav_over, {200, -1, "abc", true}, {416, -1, NULL, false},
	     {200, -1, "abcdef", false});

	CHECK_OK(remote_get(&r, "s/x", 100, &got, &found, &e), &e);
	CHECK_STR(buf_str(&got), "abcdef");
	CHECK_EQ_INT(from[2], 0);
	buf_done(&got);
	remote_close(&r);
}

TEST(it_is_given_up)
{
	struct err e = ERR_INIT;
	struct buf got = BUF_INIT;
	struct remote r;
	bool found;
	FAKE("https://h/dav", remote_webdav_over, {200, -1, NULL, true});

	CHECK(!remote_get(&r, "s/x", 100, &got, &found, &e));
	CHECK_STR(e.where, "net_cut");
	CHECK_EQ_INT(asked, 3);
	buf_done(&got);
	remote_close(&r);
}

TEST(it_waits_for_a_while)
{
	struct err e = ERR_INIT;
	struct buf got = BUF_INIT;
	struct remote r;
	bool found;
	FAKE("https://h/dav", remote_webdav_over, {503, -1, NULL, false}, {429, 20, NULL, false},
	     {200, -1, "x", false});

	CHECK_OK(remote_get(&r, "s/x", 100, &got, &found, &e), &e);
	CHECK_EQ_INT(waited, 21);
	buf_done(&got);
	remote_close(&r);
}

TEST(a_put_is_moved_into_place)
{
	struct err e = ERR_INIT;
	struct remote r;
	bool made;
	FAKE("https://h/dav", remote_webdav_over, {201, -1, NULL, false}, {412, -1, NULL, false},
	     {204, -1, NULL, false});

	CHECK_OK(remote_put(&r, "s/x", "abc", 3, &made, &e), &e);
	CHECK(!made);
	CHECK_STR(methods, "PUT MOVE DELETE ");
	remote_close(&r);
}

TEST(addresses)
{
	static const char *const bad[] = {"https://",      "https:///x",     "https://h/../x", "https://h/x#y",
					  "https://h:x/",  "https://-h/",    "https://h h/",   "https://h/a//b",
					  "sftp://a:b@h/", "https://[::1/x", "https://h/\n",   "verylongscheme://h/"};
	struct remote_url u;
	struct err e = ERR_INIT;

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		if (remote_url_read(bad[i], &u, &e))
			CHECK_FAIL("%s was taken", bad[i]);
	CHECK_OK(remote_url_read("sftp://zoé@h:22/~/a b/é/", &u, &e), &e);
	CHECK_STR(u.user, "zoé");
	CHECK_STR(u.host, "h:22");
	CHECK_STR(u.path, "/~/a%20b/%C3%A9");
	CHECK(!u.loopback);
	CHECK(remote_url_read("http://127.0.0.1.evil.example/", &u, &e) && !u.loopback);
	CHECK(remote_url_read("http://localhost.evil/", &u, &e) && !u.loopback);
	CHECK(remote_url_read("http://[::1]:80/", &u, &e) && u.loopback);
	CHECK(remote_url_read("http://localhost", &u, &e) && u.loopback);
}
