/* SPDX-License-Identifier: GPL-3.0-or-later */

#include <errno.h>
#include <limits.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "arpent/devices.h"
#include "arpent/i18n.h"
#include "arpent/json.h"
#include "arpent/text.h"
#include "cli.h"

static bool remote_show(void *ctx, const struct remote_entry *r)
{
	struct cli *c = ctx;
	struct buf out = BUF_INIT;
	struct json j;

	if (c->json) {
		json_init(&j, &out);
		json_map(&j);
		json_pair(&j, "name", r->name);
		json_pair(&j, "where", r->where);
		json_pair_int(&j, "sent", (int64_t)r->mark.sent);
		json_map_end(&j);
		puts(buf_str(&out));
	} else {
		cli_column(r->name, 16);
		fputs("  ", stdout);
		cli_print(r->where);
		puts("");
	}
	buf_done(&out);
	return true;
}

static bool remote_foreign(void *with, const char *path, uint64_t size)
{
	size_t *n = with;
	struct buf safe = BUF_INIT;

	(void)size;
	if (!remote_name_ours(path)) {
		text_safe(&safe, path, strlen(path), false);
		printf("  %s\n", buf_str(&safe));
		++*n;
	}
	buf_done(&safe);
	return true;
}

/* What is there and not ours, by name; and is all there that this device has put? */
static int remote_check(struct cli *c, const char *name)
{
	char used[REMOTE_LABEL_MAX + 1];
	struct exchange_report report = {.taken = 0};
	struct err e = ERR_INIT;
	struct buf text = BUF_INIT;
	struct remote r;
	size_t n = 0;
	bool ok = devices_remote_open(c->store, name, used, &r, &e) && remote_list(&r, remote_foreign, &n, &e) &&
		  devices_check(c->store, used, &r, &report, &e);

	remote_close(&r);
	if (!ok)
		return cli_say(c, &e);
	if (n > 0)
		printf(P_("%zu file is not arpent's; it is left alone.\n",
			  "%zu files are not arpent's; they are left alone.\n", n),
		       n);
	for (size_t i = 0; i < report.nfindings; i++) {
		buf_clear(&text);
		cli_finding(&report.findings[i], "", true, &text);
		printf("! %s\n", buf_str(&text));
	}
	if (report.nfindings == 0)
		puts(_("All that this device has put there is there, and unaltered."));
	buf_done(&text);
	return report.nfindings > 0 ? EXIT_DAMAGED : EXIT_OK;
}

/* Who answers there is shown, and compared by a person, or with what the command line says. */
static bool remote_compare(const struct args *a, const char *host, const struct remote_server *server, struct err *e)
{
	const char *given = args_get(a, "fingerprint");

	if (given)
		return strcmp(given, server->fingerprint) == 0 ||
		       err_set(e, ERR_UNTRUSTED, "net_differs", "%s", server->fingerprint);
	if (!isatty(STDIN_FILENO))
		return err_set(e, ERR_UNTRUSTED, "net_unasked", "%s", server->fingerprint);
	printf(_("No authority vouches for %s. The fingerprint of its key is\n\n  %s\n\nAsk whoever runs it for "
		 "theirs, by "
		 "another way than this network, and compare. For SSH: ssh-keygen -lf on its host key; for a "
		 "certificate: openssl x509 -noout -fingerprint -sha256.\n"),
	       host, server->fingerprint);
	fflush(stdout);
	return cli_confirm(_("The same?")) || err_set(e, ERR_CANCELLED, "remote_compare", "%s", host);
}

/* To be said in words, so that it is not agreed to by habit. */
static bool remote_clear(const struct args *a, const char *host, struct err *e)
{
	char typed[32];
	struct buf prompt = BUF_INIT;
	bool same;

	if (args_has(a, "clear"))
		return true;
	if (!isatty(STDIN_FILENO))
		return err_set(e, ERR_UNTRUSTED, "net_clear", "%s", host);
	printf(
	    _("http:// protects nothing: whoever is on the way to %s reads your password there, and can hold back what "
	      "you send. What arpent puts there is sealed all the same.\n"),
	    host);
	fflush(stdout);
	buf_printf(&prompt, _("If that is what you want, type \"%s\": "), _("in the clear"));
	same = cli_ask_line(buf_str(&prompt), typed, sizeof typed) && strcmp(typed, _("in the clear")) == 0;
	buf_done(&prompt);
	return same || err_set(e, ERR_UNTRUSTED, "net_clear", "%s", host);
}

/* Before anything goes out that is not protected. */
static bool remote_know(const struct args *a, const char *where, struct remote_access *access, struct err *e)
{
	struct remote_server server;
	struct remote_url url;

	if (!remote_url_read(where, &url, e))
		return false;
	bool clear = (strcmp(url.scheme, "http") == 0 || strcmp(url.scheme, "s3+http") == 0) && !url.loopback;
	if (clear && !remote_clear(a, url.host, e))
		return false;
	if (!remote_meet(where, access, &server, e))
		return false;
	if (server.known == REMOTE_SHOWN && !remote_compare(a, url.host, &server, e))
		return false;
	access->clear = clear;
	memcpy(access->trust, server.trust, sizeof access->trust);
	return true;
}

static bool remote_fits(char *out, size_t room, const char *text, struct err *e)
{
	if (strlen(text) >= room)
		return err_set(e, ERR_LIMIT, "remote_access", "%.60s", text);
	memcpy(out, text, strlen(text) + 1);
	return true;
}

/* Where ssh would look for it too: from the folder that it is now. */
static bool remote_key_file(const char *typed, struct remote_access *access, struct err *e)
{
	char *real = realpath(typed, NULL);
	bool ok = real ? remote_fits(access->key_file, sizeof access->key_file, real, e)
		       : err_sys(e, errno, "io_key_file", "%s", typed);

	free(real);
	return ok;
}

static bool remote_user(const struct args *a, const char *where, struct remote_access *access, struct err *e)
{
	const struct passwd *self = getpwuid(getuid());
	const char *user = args_get(a, "user");
	struct remote_url url;

	if (!remote_url_read(where, &url, e))
		return false;
	if (!user && url.user[0])
		user = url.user;
	if (!user && access->user[0])
		return true;
	if (!user && strcmp(url.scheme, "sftp") == 0 && self)
		user = self->pw_name;
	if (user)
		return remote_fits(access->user, sizeof access->user, user, e);
	if (isatty(STDIN_FILENO))
		(void)cli_ask_line(strncmp(url.scheme, "s3", 2) == 0 ? _("Access key ID: ") : _("User name there: "),
				   access->user, sizeof access->user);
	return true;
}

static bool remote_password(const struct args *a, struct remote_access *access, struct err *e)
{
	const char *fd = args_get(a, "password-fd");
	char *end = NULL;
	long n = fd ? strtol(fd, &end, 10) : -1;
	bool ok = true;

	secret_free(&access->password);
	if (fd && (end == fd || *end || n < 0 || n > INT_MAX))
		return err_set(e, ERR_USAGE, "fd", "%s", fd);
	if (fd)
		ok = secret_read_fd(&access->password, (int)n, e);
	else if (isatty(STDIN_FILENO))
		ok = secret_read_tty(&access->password,
				     access->key_file[0] ? _("Passphrase of the key (empty for none): ")
							 : _("Password there (empty for the SSH agent, or none): "),
				     e);
	if (!ok || access->password.len == 0)
		secret_free(&access->password);
	return ok;
}

/* Before anything of ours goes there it is known who answers. */
static bool remote_login(const struct args *a, const char *where, struct remote_access *access, struct err *e)
{
	const char *key = args_get(a, "ssh-key");
	size_t patience = 0;

	if (args_has(a, "timeout") && !args_number(a, "timeout", 0, &patience, e))
		return false;
	access->patience = patience > 0 ? (unsigned)(patience < 3600 ? patience : 3600) : access->patience;
	if (!strstr(where, "://"))
		return true;
	return remote_know(a, where, access, e) && remote_user(a, where, access, e) &&
	       (!key || remote_key_file(key, access, e)) && remote_password(a, access, e);
}

static bool remote_add(struct cli *c, const struct args *a, struct err *e)
{
	struct remote_access access = {.user = ""};
	bool net = strstr(a->v[2], "://") && strncmp(a->v[2], "file://", 7) != 0;
	bool ok = (!net || remote_login(a, a->v[2], &access, e)) &&
		  devices_remote_add(c->store, a->v[1], a->v[2], net ? &access : NULL, e);

	remote_access_done(&access);
	return ok;
}

/* The server has another key now, or there is another password. */
static bool remote_again(struct cli *c, const struct args *a, bool login, struct err *e)
{
	struct remote_access access;
	struct buf where = BUF_INIT;
	bool ok = devices_remote_access(c->store, a->v[1], &where, &access, e);

	if (ok && !strstr(buf_str(&where), "://"))
		ok = err_set(e, ERR_INPUT, "remote_folder", "%s", a->v[1]);
	ok = ok &&
	     (login ? remote_login(a, buf_str(&where), &access, e) : remote_know(a, buf_str(&where), &access, e)) &&
	     devices_remote_change(c->store, a->v[1], &access, e);
	if (ok && !c->json)
		puts(_("Kept."));
	remote_access_done(&access);
	buf_done(&where);
	return ok;
}

static int remote_run(struct cli *c, const struct args *a)
{
	const char *what = a->n > 0 ? a->v[0] : "list";
	struct err e = ERR_INIT;
	bool ok;

	if (strcmp(what, "check") == 0 && a->n <= 2)
		return remote_check(c, a->n == 2 ? a->v[1] : NULL);
	if (strcmp(what, "list") == 0 && a->n <= 1)
		ok = devices_remote_each(c->store, remote_show, c, &e);
	else if (strcmp(what, "add") == 0 && a->n == 3)
		ok = remote_add(c, a, &e);
	else if (strcmp(what, "remove") == 0 && a->n == 2)
		ok = devices_remote_remove(c->store, a->v[1], &e);
	else if ((strcmp(what, "trust") == 0 || strcmp(what, "login") == 0) && a->n == 2)
		ok = remote_again(c, a, what[0] == 'l', &e);
	else
		return cli_bad_usage(a, "%s", _("list, add NAME PLACE, remove, check, trust or login NAME?"));
	return ok ? EXIT_OK : cli_say(c, &e);
}

static const struct cli_option remote_options[] = {
    {"user", 'u', N_("NAME"), N_("who you are there; for S3 the access key ID")},
    {"password-fd", 0, N_("N"), N_("read the password from this file descriptor, not from the terminal")},
    {"ssh-key", 0, N_("FILE"), N_("SFTP: a private key instead of a password")},
    {"fingerprint", 0, N_("TEXT"), N_("the server's, as whoever runs it says: it is not asked")},
    {"clear", 0, NULL, N_("over http://, although anybody on the way reads the password")},
    {"timeout", 0, N_("SECONDS"), N_("how long nothing may come before it is given up; else 60")},
    {NULL, 0, NULL, NULL},
};

const struct cli_command cmd_remote = {
    .name = "remote",
    .synopsis = N_("[list | add NAME PLACE | remove NAME | check NAME | trust NAME | login NAME]"),
    .summary = N_("where your devices meet: a USB key, a folder, SFTP, WebDAV, S3"),
    .detail =
	N_("A place is a folder, sftp://USER@HOST/FOLDER, https://HOST/FOLDER (WebDAV, as Nextcloud has it) or "
	   "s3://HOST/BUCKET/FOLDER?region=REGION. All that is put there is sealed. remove forgets it here and leaves "
	   "what is there; check names the files there that are not arpent's, and puts back what this device had put "
	   "there and was altered since. trust is for a server that has another key than before, login for another "
	   "password: both are kept in the notebook alone."),
    .flags = CLI_OPEN,
    .options = remote_options,
    .run = remote_run,
};
