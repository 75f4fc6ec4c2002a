/* SPDX-License-Identifier: GPL-3.0-or-later */

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "arpent/devices.h"
#include "arpent/i18n.h"
#include "arpent/json.h"
#include "arpent/text.h"
#include "cli.h"

#define SYNC_SHOWN 10 /* records of a preview */

static volatile sig_atomic_t sync_stopped;

static void sync_stop(int sig)
{
	(void)sig;
	sync_stopped = 1;
}

/* What goes, as far as a screen has room. */
struct preview {
	struct cli *c;
	struct id last;
	size_t n;
};

static bool preview_one(void *ctx, const struct id *record)
{
	struct preview *p = ctx;
	struct buf title = BUF_INIT, safe = BUF_INIT;

	if (p->n > 0 && id_eq(record, &p->last))
		return true;
	p->last = *record;
	if (p->n++ < SYNC_SHOWN && !p->c->json) {
		if (!store_title(p->c->store, record, &title))
			buf_clear(&title);
		text_safe(&safe, buf_str(&title), title.len, false);
		printf("  > %s\n", buf_str(&safe));
	}
	buf_done(&title);
	buf_done(&safe);
	return true;
}

static bool sync_preview(struct cli *c, size_t *n, struct err *e)
{
	struct preview p = {.c = c};
	bool ok = devices_pending(c->store, preview_one, &p, e);

	*n = p.n;
	if (ok && !c->json && p.n > SYNC_SHOWN)
		printf(P_("    and %zu more\n", "    and %zu more\n", p.n - SYNC_SHOWN), p.n - SYNC_SHOWN);
	if (ok && !c->json && p.n == 0)
		puts(_("Nothing new to send."));
	return ok;
}

static bool sync_go_on(void *ctx, const struct exchange_report *r)
{
	const struct cli *c = ctx;

	if (!c->json && isatty(STDERR_FILENO))
		fprintf(stderr, "\r%s %zu, %s %zu ", _("came:"), r->taken, _("went:"), r->sent);
	return !sync_stopped;
}

static const char *sync_device(const struct space *sp, const struct id *id, struct buf *out)
{
	const struct stream *st = space_stream(sp, id);

	buf_clear(out);
	if (st)
		cli_device(st, out);
	else
		buf_str_add(out, _("another device"));
	return buf_str(out);
}

static void sync_json(const char *remote, const struct remote *at, const struct exchange_report *r)
{
	struct buf out = BUF_INIT;
	struct json j;
	char id[ID_TEXT + 1];

	json_init(&j, &out);
	json_map(&j);
	json_pair(&j, "remote", remote);
	json_pair_int(&j, "taken", (int64_t)r->taken);
	json_pair_int(&j, "news", (int64_t)r->news);
	json_pair_int(&j, "sent", (int64_t)r->sent);
	json_pair_int(&j, "entries", (int64_t)r->entries);
	json_pair_int(&j, "waiting", (int64_t)r->waiting);
	json_pair_int(&j, "requests", (int64_t)at->requests);
	json_pair_int(&j, "up", (int64_t)at->up);
	json_pair_int(&j, "down", (int64_t)at->down);
	json_key(&j, "findings");
	json_list(&j);
	for (size_t i = 0; i < r->nfindings; i++) {
		id_text(&r->findings[i].stream, id);
		json_map(&j);
		json_pair(&j, "finding", cli_finding_name(r->findings[i].kind));
		json_pair(&j, "device", id);
		json_pair_int(&j, "segment", (int64_t)r->findings[i].n);
		json_map_end(&j);
	}
	json_list_end(&j);
	json_map_end(&j);
	puts(buf_str(&out));
	buf_done(&out);
}

static void sync_findings(const struct space *sp, const struct exchange_report *r)
{
	struct buf name = BUF_INIT, text = BUF_INIT;

	for (size_t i = 0; i < r->nfindings; i++) {
		const struct finding *f = &r->findings[i];
		const struct stream *st = space_stream(sp, &f->stream), *own = space_stream(sp, &sp->own);
		buf_clear(&text);
		cli_finding(f, sync_device(sp, &f->stream, &name), st && own && identity_same(&st->who, &own->who),
			    &text);
		printf("! %s\n", buf_str(&text));
	}
	buf_done(&name);
	buf_done(&text);
}

static void sync_say(const struct remote *at, const struct exchange_report *r)
{
	printf(P_("Came: %zu change or record.\n", "Came: %zu changes and records.\n", r->news), r->news);
	printf(P_("Went: %zu change or record.\n", "Went: %zu changes and records.\n", r->sent ? r->entries : 0),
	       r->sent ? r->entries : 0);
	if (r->waiting > 0)
		printf(P_("%zu piece waits for what it builds upon.\n", "%zu pieces wait for what they build upon.\n",
			  r->waiting),
		       r->waiting);
	printf(_("%llu requests, %llu bytes up, %llu down.\n"), (unsigned long long)at->requests,
	       (unsigned long long)at->up, (unsigned long long)at->down);
}

/* What was amiss and is not mended by the round itself. */
static bool sync_alarming(const struct exchange_report *r)
{
	for (size_t i = 0; i < r->nfindings; i++)
		if (r->findings[i].kind != FINDING_RESTORED && r->findings[i].kind != FINDING_ROLLED_BACK)
			return true;
	return false;
}

static int sync_round(struct cli *c, const char *used, struct remote *at)
{
	const struct exchange_watch watch = {sync_go_on, c};
	struct sigaction stop = {.sa_handler = sync_stop}, before;
	struct exchange_report r;
	struct err e = ERR_INIT;
	struct space sp;

	sync_stopped = 0;
	sigaction(SIGINT, &stop, &before);
	bool ok = devices_sync(c->store, used, at, &watch, &r, &e);
	sigaction(SIGINT, &before, NULL);
	if (!c->json && isatty(STDERR_FILENO))
		fputs("\r\033[K", stderr);
	if (!ok && e.code != ERR_CANCELLED)
		return cli_say(c, &e);
	if (c->json) {
		sync_json(used, at, &r);
	} else {
		sync_say(at, &r);
		space_init(&sp);
		if (devices_space(c->store, &sp, &e))
			sync_findings(&sp, &r);
		space_done(&sp);
	}
	if (!ok) {
		puts(_("Broken off: what came and went is kept, the rest goes on with the next arpent sync."));
		return EXIT_REFUSED;
	}
	return sync_alarming(&r) ? EXIT_DAMAGED : EXIT_OK;
}

static int sync_run(struct cli *c, const struct args *a)
{
	char used[REMOTE_LABEL_MAX + 1];
	struct err e = ERR_INIT;
	struct remote at;
	size_t n = 0;

	if (a->n > 1)
		return cli_bad_usage(a, "%s", _("which remote?"));
	if (!sync_preview(c, &n, &e))
		return cli_say(c, &e);
	if (args_has(a, "dry-run")) {
		if (c->json)
			printf("{\"pending\":%zu}\n", n);
		return EXIT_OK;
	}
	if (!devices_remote_open(c->store, a->n ? a->v[0] : NULL, used, &at, &e))
		return cli_say(c, &e);
	int status = sync_round(c, used, &at);
	remote_close(&at);
	return status;
}

static const struct cli_option sync_options[] = {
    {"dry-run", 0, NULL, N_("only show what would go")},
    {NULL, 0, NULL, NULL},
};

const struct cli_command cmd_sync = {
    .name = "sync",
    .synopsis = N_("[REMOTE]"),
    .summary = N_("bring this notebook and your other devices to the same"),
    .detail =
	N_("Takes in what your other devices have put there and puts there what is new here. It may be broken off at "
	   "any time with ^C, and goes on from there."),
    .flags = CLI_OPEN,
    .options = sync_options,
    .run = sync_run,
};
