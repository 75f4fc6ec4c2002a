/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Remotes on the network: real servers on loopback (serve.sh), and between them and us a proxy (proxy.h) that cuts,
 * lies, is full, slow or busy.  Whatever it does, a round fails with the right words or does its work, nothing is lost
 * or half believed, and the round after it, without the fault, brings both devices to the same.
 *
 * REMOTE_CUTS says at how many places a connection is cut (0: at every byte).
 */
#include <sys/resource.h>

#include "check.h"
#include "devices_fixture.h"
#include "servers.h"

static char where[1024], called[16]; /* this test's remote; through the proxy */
static struct remote_access access_now;
static bool tls; /* WebDAV over https:// */

static void access_set(const char *user, const char *password)
{
	struct err e = ERR_INIT;

	remote_access_done(&access_now);
	snprintf(access_now.user, sizeof access_now.user, "%s", user);
	if (password)
		CHECK_OK(secret_set(&access_now.password, password, strlen(password), &e), &e);
}

/* Another folder of the server, as reached through that port. */
static void place(const struct server *s, int port)
{
	static int turn;
	char user[REMOTE_USER_MAX];
	struct remote_server who;
	struct err e = ERR_INIT;

	snprintf(called, sizeof called, "t%d", ++turn);
	if (s == &webdav && tls) {
		access_set("camille", "un mot de passe");
		snprintf(where, sizeof where, "https://127.0.0.1:%d/dav/t%d", port, turn);
		if (CHECK_OK(remote_meet(where, NULL, &who, &e), &e))
			memcpy(access_now.trust, who.trust, sizeof who.trust);
	} else if (s == &webdav) {
		access_set("camille", "un mot de passe");
		snprintf(where, sizeof where, "http://127.0.0.1:%d/dav/t%d", port, turn);
	} else if (s == &s3) {
		access_set("S3RVER", "S3RVER");
		snprintf(where, sizeof where, "s3+http://127.0.0.1:%d/team/t%d", port, turn);
	} else {
		snprintf(user, sizeof user, "%s", getenv("USER") ? getenv("USER") : "root");
		access_set(geteuid() == 0 ? "root" : user, NULL);
		snprintf(access_now.key_file, sizeof access_now.key_file, "%s", server_file(s, "id"));
		snprintf(where, sizeof where, "sftp://127.0.0.1:%d%s/t%d", port, server_file(s, "files"), turn);
		if (CHECK_OK(remote_meet(where, NULL, &who, &e), &e))
			memcpy(access_now.trust, who.trust, sizeof who.trust);
	}
}

static struct remote at;

static bool once(size_t i, struct err *e)
{
	bool ok = remote_open(where, &access_now, &at, e) && devices_sync(of[i], called, &at, NULL, &report, e);

	remote_close(&at);
	return ok;
}

static void must(size_t i)
{
	struct err e = ERR_INIT;

	CHECK_OK(once(i, &e), &e);
}

static void prepare(void)
{
	struct err e = ERR_INIT;

	CHECK_OK(remote_open(where, &access_now, &at, &e) && remote_prepare(&at, &e), &e);
	remote_close(&at);
}

/* Two devices that have met there once, and something new on the first. */
static struct id begin(struct server *s)
{
	struct id id;

	place(s, s->proxy->port);
	start(2);
	prepare();
	must(0);
	must(1);
	id = note(of[0], "Clôture à reprendre au col, avant la neige");
	proxy_calm(s->proxy);
	return id;
}

/* Without the fault all is done, whatever the rounds before have left; nothing was found amiss that is not. */
static void finish(struct server *s, const struct id *id)
{
	proxy_calm(s->proxy);
	access_now.patience = 0;
	must(0);
	CHECK_EQ_INT(report.nfindings, 0);
	must(1);
	CHECK_EQ_INT(report.nfindings, 0);
	sync_is(of[1], id, "text", "Clôture à reprendre au col, avant la neige");
	must(0);
	must(1);
	all_same(2);
	CHECK_EQ_INT(s->proxy->badly_signed, 0);
}

static void is_error(const struct err *e, enum err_code code, const char *why)
{
	if (e->code != code || strcmp(e->where, why) != 0)
		CHECK_FAIL("got %s at %s (%s), want %s", err_name(e->code), e->where, e->detail, why);
}

/* ---- what all kinds do */

static void goes(struct server *s)
{
	struct id id;

	if (!server_up(s))
		return;
	id = begin(s);
	finish(s, &id);
	struct err e = ERR_INIT;
	bool found, made;
	uint64_t size;
	struct buf got = BUF_INIT;
	CHECK_OK(remote_open(where, &access_now, &at, &e), &e);
	const struct id stream = *store_device(of[0]);
	char name[REMOTE_NAME_MAX];
	remote_name('s', &stream, 7777, name);
	CHECK(remote_has(&at, name, &found, &size, &e) && !found);
	CHECK_OK(remote_put(&at, name, "some bytes", 10, &made, &e), &e);
	CHECK(made);
	CHECK_OK(remote_put(&at, name, "other bytes", 11, &made, &e), &e);
	CHECK(!made);
	CHECK_OK(remote_has(&at, name, &found, &size, &e), &e);
	CHECK(found);
	CHECK_EQ_INT(size, 10);
	CHECK_OK(remote_get(&at, name, 100, &got, &found, &e), &e);
	CHECK_MEM(got.p, got.len, "some bytes", 10);
	buf_clear(&got);
	CHECK_OK(remote_get(&at, name, 4, &got, &found, &e), &e);
	CHECK(found && got.len <= 4);
	CHECK_OK(remote_remove(&at, name, &e), &e);
	CHECK_OK(remote_remove(&at, name, &e), &e);
	CHECK_OK(remote_has(&at, name, &found, &size, &e), &e);
	CHECK(!found);
	buf_done(&got);
	remote_close(&at);
}

static bool seen(void *with, const char *path, uint64_t size)
{
	(void)size;
	buf_printf(with, "%s\n", path);
	return true;
}

static void lists(struct server *s)
{
	struct err e = ERR_INIT;
	struct buf names = BUF_INIT;
	char want[REMOTE_NAME_MAX];
	bool made;
	struct id id;

	if (!server_up(s))
		return;
	id = begin(s);
	finish(s, &id);
	CHECK_OK(remote_open(where, &access_now, &at, &e), &e);
	CHECK_OK(remote_put(&at, "r\303\251union.txt", "x", 1, &made, &e), &e);
	CHECK_OK(remote_list(&at, seen, &names, &e), &e);
	remote_name('s', store_device(of[0]), 1, want);
	CHECK(strstr(buf_str(&names), want) != NULL);
	CHECK(strstr(buf_str(&names), "arpent.id\n") != NULL);
	CHECK(strstr(buf_str(&names), "r\303\251union.txt\n") != NULL);
	CHECK(strstr(buf_str(&names), ".tmp") == NULL);
	CHECK_EQ_INT(s->proxy->badly_signed, 0);
	buf_done(&names);
	remote_close(&at);
}

/* Eight devices that have all met: what a round with one edit costs, and one with nothing new. */
static void costs(struct server *s)
{
	if (!server_up(s))
		return;
	place(s, s->proxy->port);
	start(8);
	prepare();
	for (int turn = 0; turn < 2; turn++)
		for (size_t i = 0; i < 8; i++)
			must(i);
	must(0);
	must(0);
	printf("# %s, nothing new among 8: %llu requests, %llu bytes up, %llu down\n", s->kind,
	       (unsigned long long)at.requests, (unsigned long long)at.up, (unsigned long long)at.down);
	CHECK(at.requests <= 8);
	note(of[0], "Clôture à reprendre au col, avant la neige");
	must(0);
	printf("# %s, one edit among 8: %llu requests, %llu bytes up, %llu down\n", s->kind,
	       (unsigned long long)at.requests, (unsigned long long)at.up, (unsigned long long)at.down);
	CHECK(at.requests <= 12);
	/* The signatures of S3 alone take 3 KiB of headers. */
	CHECK(at.up + at.down <= (s == &s3 ? 10240 : 8192));
}

/* Cut after so many bytes: the first connection, or each. */
static void cut_at(struct server *s, long n, bool each)
{
	struct id id = begin(s);
	struct err e = ERR_INIT;
	bool ok;

	atomic_store(&s->proxy->cut, n);
	atomic_store(&s->proxy->cuts, each ? 1000000 : 1);
	ok = once(0, &e);
	/* Of SSH that is cut for good while it logs in nothing else can be known. */
	if (!ok && strcmp(e.where, "net_cut") != 0 && strcmp(e.where, "net_tls") != 0 &&
	    !(s == &sftp && strcmp(e.where, "net_login") == 0))
		CHECK_FAIL("cut at %ld: %s at %s (%s)", n, err_name(e.code), e.where, e.detail);
	if (!ok && !each)
		CHECK_FAIL("one cut at %ld was not got over: %s (%s)", n, e.where, e.detail);
	CHECK_EQ_INT(report.nfindings, 0);
	finish(s, &id);
}

/* The proxy of an HTTP server is another for this: it knows bytes alone. */
static void cuts(struct server *s, int port, long sample)
{
	const char *asked = getenv("REMOTE_CUTS");
	struct proxy *kept;
	struct id id;
	long most, step;

	kept = s->proxy;
	s->proxy = proxy_start(port, false, NULL);
	id = begin(s);
	must(0);
	most = atomic_load(&s->proxy->most);
	finish(s, &id);
	sample = asked ? strtol(asked, NULL, 10) : sample;
	step = sample > 0 && most / sample > 1 ? most / sample : 1;
	for (long n = step / 2 + 1, turn = 0; n < most; n += step, turn++)
		cut_at(s, n, turn % 2 == 0);
	proxy_stop(s->proxy);
	s->proxy = kept;
}

static void slow(struct server *s)
{
	struct err e = ERR_INIT;
	struct id id;

	if (!server_up(s))
		return;
	id = begin(s);
	access_now.patience = 10;
	atomic_store(&s->proxy->slow, 128);
	CHECK_OK(once(0, &e), &e);
	finish(s, &id);
}

static void deaf(struct server *s)
{
	struct err e = ERR_INIT;
	struct id id;

	if (!server_up(s))
		return;
	id = begin(s);
	access_now.patience = 1;
	atomic_store(&s->proxy->deaf, 1);
	CHECK(!once(0, &e));
	is_error(&e, ERR_IO, "net_slow");
	finish(s, &id);
}

static void gone(struct server *s)
{
	struct err e = ERR_INIT;
	int fd, port;
	struct id id;
	char real[sizeof where];

	if (!server_up(s))
		return;
	id = begin(s);
	memcpy(real, where, sizeof where);
	fd = proxy_socket(0, true);
	port = proxy_port_of(fd);
	close(fd);
	char *colon = strstr(strstr(where, "://") + 3, ":");
	snprintf(colon, sizeof where - (size_t)(colon - where), ":%d%s", port, strchr(strstr(real, "127."), '/'));
	CHECK(!remote_open(where, &access_now, &at, &e) || !devices_sync(of[0], called, &at, NULL, &report, &e));
	is_error(&e, ERR_IO, "net_reach");
	remote_close(&at);
	memcpy(where, real, sizeof where);
	finish(s, &id);
}

static bool stop(void *ctx, bool up, uint64_t now, uint64_t all)
{
	(void)up;
	(void)now;
	(void)all;
	return --*(int *)ctx > 0;
}

static void cancelled(struct server *s)
{
	struct err e = ERR_INIT;
	struct id id;

	if (!server_up(s))
		return;
	for (int after = 1; after < 12; after += 3) {
		int left = after;
		id = begin(s);
		CHECK_OK(remote_open(where, &access_now, &at, &e), &e);
		*at.watch = (struct remote_watch){stop, &left};
		CHECK(!devices_sync(of[0], called, &at, NULL, &report, &e));
		is_error(&e, ERR_CANCELLED, "exchange_round");
		remote_close(&at);
		finish(s, &id);
	}
}

/* No file of the server may grow longer: its disk is full. */
static void room(struct server *s, rlim_t bytes)
{
	struct rlimit was;

	CHECK(prlimit(s->pid, RLIMIT_FSIZE, NULL, &was) == 0);
	was.rlim_cur = bytes;
	CHECK(prlimit(s->pid, RLIMIT_FSIZE, &was, NULL) == 0);
}

static void full(struct server *s)
{
	struct err e = ERR_INIT;
	struct buf text = BUF_INIT;
	struct id id;

	if (!server_up(s))
		return;
	id = begin(s);
	for (int i = 0; i < 30000; i++)
		buf_char(&text, (char)('a' + check_random() % 26));
	note(of[0], text.p);
	room(s, 8192);
	CHECK(!once(0, &e));
	if (e.code != ERR_FULL && e.code != ERR_IO)
		CHECK_FAIL("full: %s at %s (%s)", err_name(e.code), e.where, e.detail);
	if (waitpid(s->pid, NULL, WNOHANG) == s->pid) {
		/* s3rver does not survive it. */
		s->pid = fork();
		if (s->pid == 0)
			server_exec(s);
		CHECK(server_wait(s));
	} else {
		room(s, RLIM_INFINITY);
	}
	finish(s, &id);
	buf_done(&text);
}

/* ---- what is asked of HTTP */

static const struct {
	int status;
	const char *header;
	enum err_code code;
	const char *why;
} statuses[] = {
    {401, NULL, ERR_WRONG_KEY, "net_login"},
    {403, NULL, ERR_IO, "net_denied"},
    {302, "Location: http://elsewhere.example/x\r\n", ERR_IO, "net_moved"},
    {423, NULL, ERR_BUSY, "net_locked"},
    {429, "Retry-After: 3600\r\n", ERR_BUSY, "net_wait_for"},
    {500, NULL, ERR_IO, "net_server"},
    {503, "Retry-After: 7200\r\n", ERR_BUSY, "net_wait_for"},
    {507, NULL, ERR_FULL, "net_full"},
};

/* Each status to each kind of request, as long as it lasts. */
static void says(struct server *s, const char *method)
{
	if (!server_up(s))
		return;
	for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++) {
		struct err e = ERR_INIT;
		struct id id = begin(s);
		proxy_rule(s->proxy, 0, method, "", PROXY_ANSWER, statuses[i].status, 1000);
		s->proxy->rule[0].header = statuses[i].header;
		CHECK(!once(0, &e));
		is_error(&e, statuses[i].code, statuses[i].why);
		finish(s, &id);
	}
}

/* A server that says when to come back is waited for. */
static void busy(struct server *s, int status)
{
	struct err e = ERR_INIT;
	struct id id;

	if (!server_up(s))
		return;
	id = begin(s);
	proxy_rule(s->proxy, 0, "PUT", "", PROXY_ANSWER, status, 2);
	s->proxy->rule[0].header = "Retry-After: 0\r\n";
	proxy_rule(s->proxy, 1, "GET", "", PROXY_ANSWER, status, 1);
	s->proxy->rule[1].header = "Retry-After: 1\r\n";
	CHECK_OK(once(0, &e), &e);
	finish(s, &id);
}

/* What was put a moment ago is not shown yet. */
static void stale(struct server *s)
{
	struct err e = ERR_INIT;
	struct id id;

	if (!server_up(s))
		return;
	id = begin(s);
	proxy_rule(s->proxy, 0, "GET", "/s/", PROXY_ANSWER, 404, 1000);
	CHECK_OK(once(0, &e), &e);
	CHECK_OK(once(1, &e), &e);
	CHECK_EQ_INT(report.nfindings, 0);
	CHECK_EQ_INT(report.taken, 0);
	finish(s, &id);
}

static void torn(struct server *s, enum proxy_act act, const char *method)
{
	struct err e = ERR_INIT;
	struct id id;

	if (!server_up(s))
		return;
	id = begin(s);
	proxy_rule(s->proxy, 0, method, "/s/", act, 0, 1000);
	CHECK(!once(0, &e) || report.nfindings > 0);
	finish(s, &id);
	id = begin(s);
	proxy_rule(s->proxy, 0, method, "/s/", act, 0, 1);
	CHECK_OK(once(0, &e), &e);
	finish(s, &id);
}

TEST(webdav_goes)
{
	goes(&webdav);
}
TEST(webdav_costs)
{
	costs(&webdav);
}
TEST(webdav_lists)
{
	lists(&webdav);
}
TEST(webdav_cut_anywhere)
{
	if (server_up(&webdav))
		cuts(&webdav, webdav.port, 12);
}
TEST(webdav_cut_anywhere_in_tls)
{
	tls = true;
	if (server_up(&webdav))
		cuts(&webdav, webdav.port + 1, 6);
	tls = false;
}

static void fails(enum err_code code, const char *why)
{
	struct err e = ERR_INIT;

	if (remote_open(where, &access_now, &at, &e))
		CHECK(!remote_prepare(&at, &e));
	is_error(&e, code, why);
	remote_close(&at);
}

TEST(webdav_certificate)
{
	static const char other[] = "sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
	struct remote_server who;
	struct err e = ERR_INIT;
	char text[512], want[128] = "";

	if (!server_up(&webdav))
		return;
	tls = true;
	place(&webdav, webdav.port + 1);
	tls = false;
	prepare();
	CHECK_OK(remote_meet(where, NULL, &who, &e), &e);
	CHECK_EQ_INT(who.known, REMOTE_SHOWN);
	snprintf(text, sizeof text, "openssl x509 -noout -fingerprint -sha256 -in %s",
		 server_file(&webdav, "cert.pem"));
	FILE *f = popen(text, "r");
	if (CHECK(f && fgets(text, sizeof text, f) && strchr(text, '=')))
		snprintf(want, sizeof want, "%.95s", strchr(text, '=') + 1);
	if (f)
		pclose(f);
	CHECK_STR(who.fingerprint, want);
	memcpy(access_now.trust, other, sizeof other);
	fails(ERR_UNTRUSTED, "net_changed");
	access_now.trust[0] = '\0';
	fails(ERR_UNTRUSTED, "net_new");
}

TEST(webdav_who_and_where)
{
	struct err e = ERR_INIT;

	if (!server_up(&webdav))
		return;
	place(&webdav, webdav.port);
	access_set("camille", "faux");
	fails(ERR_WRONG_KEY, "net_login");
	access_set("camille", "un mot de passe");
	snprintf(where, sizeof where, "http://127.0.0.1:%d/ro/x", webdav.port);
	fails(ERR_IO, "net_denied");
	snprintf(where, sizeof where, "http://127.0.0.1:%d/dav/a/b/c", webdav.port);
	fails(ERR_NOT_FOUND, "net_folder");
	CHECK(!remote_open("http://192.0.2.1/dav", &access_now, &at, &e));
	is_error(&e, ERR_UNTRUSTED, "net_clear");
}

TEST(webdav_put_that_is_refused)
{
	says(&webdav, "PUT");
}
TEST(webdav_move_that_is_refused)
{
	says(&webdav, "MOVE");
}
TEST(webdav_get_that_is_refused)
{
	says(&webdav, "GET");
}
TEST(webdav_too_many_requests)
{
	busy(&webdav, 429);
}
TEST(webdav_not_shown_yet)
{
	stale(&webdav);
}
TEST(webdav_half_of_a_put_is_kept)
{
	torn(&webdav, PROXY_TORN, "PUT");
}
TEST(webdav_answers_get_lost)
{
	torn(&webdav, PROXY_DEAF, "PUT");
	torn(&webdav, PROXY_DEAF, "MOVE");
	torn(&webdav, PROXY_HALF, "GET");
}
TEST(webdav_disk_full)
{
	full(&webdav);
}
TEST(webdav_slow_line)
{
	slow(&webdav);
}
TEST(webdav_silent)
{
	deaf(&webdav);
}
TEST(webdav_no_server)
{
	gone(&webdav);
}
TEST(webdav_broken_off)
{
	cancelled(&webdav);
}

TEST(sftp_goes)
{
	goes(&sftp);
}
TEST(sftp_costs)
{
	costs(&sftp);
}
TEST(sftp_lists)
{
	lists(&sftp);
}
TEST(sftp_cut_anywhere)
{
	if (server_up(&sftp))
		cuts(&sftp, sftp.port, 4);
}
TEST(sftp_who_and_where)
{
	struct remote_server who;
	struct err e = ERR_INIT;
	char text[512], want[128] = "";

	if (!server_up(&sftp))
		return;
	place(&sftp, sftp.port);
	prepare();
	CHECK_OK(remote_meet(where, NULL, &who, &e), &e);
	snprintf(text, sizeof text, "ssh-keygen -lf %s", server_file(&sftp, "host.pub"));
	FILE *f = popen(text, "r");
	if (CHECK(f && fgets(text, sizeof text, f) && strstr(text, "SHA256:")))
		snprintf(want, sizeof want, "%.50s", strstr(text, "SHA256:"));
	if (f)
		pclose(f);
	CHECK_STR(who.fingerprint, want);
	access_now.trust[10] = access_now.trust[10] == 'A' ? 'B' : 'A';
	fails(ERR_UNTRUSTED, "net_changed");
	access_now.trust[0] = '\0';
	fails(ERR_UNTRUSTED, "net_new");
	memcpy(access_now.trust, who.trust, sizeof who.trust);
	snprintf(access_now.key_file, sizeof access_now.key_file, "%s", server_file(&sftp, "host"));
	fails(ERR_WRONG_KEY, "net_login");
	snprintf(access_now.key_file, sizeof access_now.key_file, "%s", server_file(&sftp, "id_none"));
	fails(ERR_NOT_FOUND, "io_key_file");
}
TEST(sftp_read_only)
{
	struct err e = ERR_INIT;
	struct id id;

	if (!server_up(&sftp))
		return;
	id = begin(&sftp);
	snprintf(access_now.key_file, sizeof access_now.key_file, "%s", server_file(&sftp, "id_ro"));
	CHECK(!once(0, &e));
	is_error(&e, ERR_IO, "net_denied");
	snprintf(access_now.key_file, sizeof access_now.key_file, "%s", server_file(&sftp, "id"));
	finish(&sftp, &id);
}
TEST(sftp_disk_full)
{
	full(&sftp);
}
TEST(sftp_slow_line)
{
	slow(&sftp);
}
TEST(sftp_silent)
{
	deaf(&sftp);
}
TEST(sftp_no_server)
{
	gone(&sftp);
}

TEST(s3_goes)
{
	goes(&s3);
}
TEST(s3_costs)
{
	costs(&s3);
}
TEST(s3_lists)
{
	lists(&s3);
}
TEST(s3_cut_anywhere)
{
	if (server_up(&s3))
		cuts(&s3, s3.port, 12);
}
TEST(s3_who_and_where)
{
	if (!server_up(&s3))
		return;
	place(&s3, s3.port);
	access_set("Quelqu'un", "S3RVER");
	fails(ERR_WRONG_KEY, "net_login");
	access_set("S3RVER", "S3RVER");
	snprintf(where, sizeof where, "s3+http://127.0.0.1:%d/nobucket/x", s3.port);
	fails(ERR_NOT_FOUND, "net_folder");
}
TEST(s3_put_that_is_refused)
{
	says(&s3, "PUT");
}
TEST(s3_get_that_is_refused)
{
	says(&s3, "GET");
}
TEST(s3_slow_down)
{
	busy(&s3, 503);
}
TEST(s3_not_shown_yet)
{
	stale(&s3);
}
TEST(s3_answers_get_lost)
{
	torn(&s3, PROXY_DEAF, "PUT");
	torn(&s3, PROXY_HALF, "GET");
}
TEST(s3_disk_full)
{
	full(&s3);
}
