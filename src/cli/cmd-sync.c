/* SPDX-License-Identifier: GPL-3.0-or-later */

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "arpent/devices.h"
#include "arpent/i18n.h"
#include "arpent/journal.h"
#include "arpent/json.h"
#include "arpent/text.h"
#include "cli.h"

#define SYNC_SHOWN 10     /* records of a preview */
#define SYNC_COUNT 100000 /* counted exactly up to here */

static volatile sig_atomic_t sync_stopped;

static void sync_stop(int sig)
{
	(void)sig;
	sync_stopped = 1;
}

static const char *sync_device(const struct space *sp, const struct id *id, struct buf *out);

static void sync_title(struct cli *c, char mark, const struct id *record, const char *who)
{
	struct buf title = BUF_INIT, safe = BUF_INIT;

	if (!store_title(c->store, record, &title))
		buf_clear(&title);
	text_safe(&safe, buf_str(&title), title.len, false);
	printf("  %c %s%s%s%s\n", mark, buf_str(&safe), who[0] ? " (" : "", who, who[0] ? ")" : "");
	buf_done(&title);
	buf_done(&safe);
}

static bool preview_one(void *ctx, const struct id *record)
{
	sync_title(ctx, '>', record, "");
	return true;
}

static void sync_more(size_t n)
{
	if (n > SYNC_SHOWN)
		printf(P_("    and %zu more\n", "    and %zu more\n", n - SYNC_SHOWN), n - SYNC_SHOWN);
}

/* Who has the key: the devices of the space but this one. */
static void sync_readers(const struct space *sp, struct buf *out)
{
	for (size_t i = 0; i < sp->n; i++) {
		if (!stream_active(&sp->streams[i]) || id_eq(&sp->streams[i].id, &sp->own))
			continue;
		buf_str_add(out, out->len ? ", " : "");
		cli_device(&sp->streams[i], out);
	}
}

/* What goes, as far as a screen has room. */
static bool sync_preview(struct cli *c, struct err *e)
{
	struct space sp;
	size_t n = 0;
	bool ok = devices_space(c->store, &sp, e) && journal_unsent_count(c->store, SYNC_COUNT, &n, e);

	space_done(&sp);
	if (ok && !c->json && n == 0)
		puts(_("Nothing new to send."));
	else if (ok && !c->json)
		printf(P_("To be sent: %zu record.\n", "To be sent: %zu records.\n", n), n);
	if (ok && !c->json)
		ok = journal_unsent(c->store, SYNC_SHOWN, preview_one, c, e);
	if (ok && !c->json)
		sync_more(n);
	return ok;
}

struct sync_watch {
	const struct cli *c;
	const struct remote *at;
	struct exchange_report so_far;
};

static void sync_progress(const struct sync_watch *w, uint64_t up, uint64_t down)
{
	struct buf line = BUF_INIT;

	if (w->c->json || !isatty(STDERR_FILENO))
		return;
	buf_printf(&line, "\r%s %zu (", _("came:"), w->so_far.taken);
	words_size(w->at->down + down, &line);
	buf_printf(&line, "), %s %zu (", _("went:"), w->so_far.sent);
	words_size(w->at->up + up, &line);
	buf_char(&line, ')');
	if (w->so_far.waiting > 0)
		buf_printf(&line, ", %s %zu", _("waiting:"), w->so_far.waiting);
	fprintf(stderr, "%s\033[K", buf_str(&line));
	buf_done(&line);
}

static bool sync_go_on(void *ctx, const struct exchange_report *r)
{
	struct sync_watch *w = ctx;

	w->so_far = *r;
	sync_progress(w, 0, 0);
	return !sync_stopped;
}

/* Within a request that takes its time. */
static bool sync_bytes(void *ctx, bool up, uint64_t now, uint64_t all)
{
	(void)all;
	sync_progress(ctx, up ? now : 0, up ? 0 : now);
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
	json_pair_bool(&j, "out", r->out);
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

struct sync_came {
	struct cli *c;
	const struct space *sp;
	size_t n;
};

static bool sync_came_one(void *ctx, const struct journal_came *j)
{
	struct sync_came *came = ctx;
	struct buf who = BUF_INIT;

	if (came->n++ < SYNC_SHOWN)
		sync_title(came->c, '<', &j->record, sync_device(came->sp, &j->device, &who));
	buf_done(&who);
	return true;
}

/* The records that came with this round, and from where. */
static void sync_came(struct cli *c, const char *used, const struct space *sp)
{
	struct sync_came came = {c, sp, 0};
	struct devices_past past;
	struct err e = ERR_INIT;

	if (devices_past(c->store, used, &past, &e) &&
	    journal_came(c->store, past.after, past.upto, SYNC_COUNT, sync_came_one, &came, &e))
		sync_more(came.n);
}

static void sync_say(struct cli *c, const char *used, const struct space *sp, const struct remote *at,
		     const struct exchange_report *r)
{
	struct buf up = BUF_INIT, down = BUF_INIT;

	printf(P_("Came: %zu change or record.\n", "Came: %zu changes and records.\n", r->news), r->news);
	if (r->news > 0)
		sync_came(c, used, sp);
	printf(P_("Went: %zu change or record.\n", "Went: %zu changes and records.\n", r->sent ? r->entries : 0),
	       r->sent ? r->entries : 0);
	if (r->waiting > 0)
		printf(P_("%zu piece waits for what it builds upon.\n", "%zu pieces wait for what they build upon.\n",
			  r->waiting),
		       r->waiting);
	words_size(at->up, &up);
	words_size(at->down, &down);
	printf(P_("%llu request, %s up, %s down.\n", "%llu requests, %s up, %s down.\n", at->requests),
	       (unsigned long long)at->requests, buf_str(&up), buf_str(&down));
	buf_done(&up);
	buf_done(&down);
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
	struct sync_watch with = {.c = c, .at = at};
	const struct exchange_watch watch = {sync_go_on, &with};
	struct exchange_report r;
	struct err e = ERR_INIT, none = ERR_INIT;
	struct space sp;
	if (at->watch)
		*at->watch = (struct remote_watch){sync_bytes, &with};
	bool ok = devices_sync(c->store, used, at, &watch, &r, &e);

	if (!c->json && isatty(STDERR_FILENO))
		fputs("\r\033[K", stderr);
	if (!ok && e.code != ERR_CANCELLED)
		return cli_say(c, &e);
	if (c->json) {
		sync_json(used, at, &r);
	} else if (devices_space(c->store, &sp, &none)) {
		sync_say(c, used, &sp, at, &r);
		sync_findings(&sp, &r);
		space_done(&sp);
	}
	if (!ok) {
		if (!c->json)
			puts(_("Broken off: what came and went is kept, the rest goes on with the next arpent sync."));
		return EXIT_REFUSED;
	}
	if (r.out && !c->json)
		puts(_("This device is no longer in this space: it was removed, or has left. It keeps what it had; "
		       "nothing more comes or goes."));
	return r.out ? EXIT_REFUSED : sync_alarming(&r) ? EXIT_DAMAGED : EXIT_OK;
}

static void dry_json(const char *used, const struct exchange_outlook *o, size_t records)
{
	struct buf out = BUF_INIT;
	struct json j;

	json_init(&j, &out);
	json_map(&j);
	json_pair(&j, "remote", used);
	json_pair_int(&j, "records", (int64_t)records);
	json_pair_int(&j, "pending", (int64_t)o->entries);
	json_pair_int(&j, "segments", (int64_t)o->go);
	json_pair_int(&j, "up", (int64_t)o->up);
	if (o->asked) {
		json_pair_int(&j, "come", (int64_t)o->come);
		json_pair_int(&j, "down", (int64_t)o->down);
	}
	json_map_end(&j);
	puts(buf_str(&out));
	buf_done(&out);
}

static void dry_say(const struct space *sp, const char *used, const struct exchange_outlook *o)
{
	struct buf size = BUF_INIT, readers = BUF_INIT;

	if (o->go > 0) {
		words_size(o->up, &size);
		sync_readers(sp, &readers);
		printf(_("To %s: %s, sealed, to be read by: %s.\n"), used, buf_str(&size),
		       readers.len ? buf_str(&readers) : _("this device alone"));
	}
	buf_clear(&size);
	words_size(o->down, &size);
	if (o->asked && o->come == 0)
		puts(_("Nothing new is there."));
	else if (o->asked)
		printf(P_("%zu piece would come: %s.\n", "%zu pieces would come: %s.\n", o->come), o->come,
		       buf_str(&size));
	buf_done(&size);
	buf_done(&readers);
}

/* A storage that cannot be reached is no reason not to show what would go. */
static int sync_dry(struct cli *c, const char *used, struct remote *at)
{
	struct sync_watch with = {.c = c, .at = at};
	const struct exchange_watch watch = {sync_go_on, &with};
	struct exchange_outlook o;
	struct err e = ERR_INIT;
	struct space sp;
	size_t n = 0;
	bool ok = devices_outlook(c->store, used, at->ops ? at : NULL, &watch, &o, &e) &&
		  journal_unsent_count(c->store, SYNC_COUNT, &n, &e) && devices_space(c->store, &sp, &e);

	if (!c->json && isatty(STDERR_FILENO))
		fputs("\r\033[K", stderr);
	if (!ok)
		return cli_say(c, &e);
	if (c->json)
		dry_json(used, &o, n);
	else
		dry_say(&sp, used, &o);
	space_done(&sp);
	return EXIT_OK;
}

static int sync_run(struct cli *c, const struct args *a)
{
	struct sigaction stop = {.sa_handler = sync_stop}, before;
	char used[REMOTE_LABEL_MAX + 1] = "";
	struct err e = ERR_INIT;
	struct remote at;
	bool dry = args_has(a, "dry-run");

	if (a->n > 1)
		return cli_bad_usage(a, "%s", _("which remote?"));
	if (!sync_preview(c, &e))
		return cli_say(c, &e);
	sync_stopped = 0;
	sigaction(SIGINT, &stop, &before);
	bool there = devices_remote_open(c->store, a->n ? a->v[0] : NULL, used, &at, &e);
	int status = there ? dry ? sync_dry(c, used, &at) : sync_round(c, used, &at) : cli_say(c, &e);
	if (!there && dry && used[0])
		sync_dry(c, used, &at);
	remote_close(&at);
	sigaction(SIGINT, &before, NULL);
	return status;
}

static const struct cli_option sync_options[] = {
    {"dry-run", 0, NULL, N_("only show what would go and come")},
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
