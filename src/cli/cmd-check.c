/* SPDX-License-Identifier: GPL-3.0-or-later */

#include <inttypes.h>
#include <string.h>

#include "arpent/i18n.h"
#include "arpent/inbox.h"
#include "arpent/json.h"
#include "arpent/latest.h"
#include "arpent/vfs.h"
#include "cli.h"

struct check {
	struct cli *c;
	struct vfs_check found;
	size_t notes, bad_notes;
	struct latest last;
	bool known, older; /* is anything known of it here; is this one older */
	struct moment now;
};

static void check_bad(void *ctx, const char *what, uint64_t n)
{
	struct check *ck = ctx;

	if (ck->c->json)
		return;
	if (strcmp(what, "page") == 0)
		printf(_("damaged: page %" PRIu64 "\n"), n);
	else if (strcmp(what, "frame") == 0)
		printf(_("damaged: frame %" PRIu64 " of the log (-wal)\n"), n);
	else if (strcmp(what, "stray") == 0)
		puts(_("does not belong here: the log (-wal), beside a notebook that was closed properly"));
	else if (strcmp(what, "journal") == 0)
		puts(_("does not belong here: a rollback journal (-journal), which a notebook never has"));
	else if (strcmp(what, "torn") == 0)
		printf(_("torn by a power cut, or damaged: frame %" PRIu64 ", at the end of the log (-wal)\n"), n);
	else if (strcmp(what, "header copy A") == 0)
		puts(_("damaged: copy A of the header"));
	else if (strcmp(what, "header copy B") == 0)
		puts(_("damaged: copy B of the header"));
	else
		puts(_("damaged: the header of the log (-wal)"));
}

static void check_bad_note(void *ctx, const char *name)
{
	struct check *ck = ctx;

	if (ck->c->json)
		return;
	fputs(_("does not open: note of the inbox "), stdout);
	cli_print(name);
	putchar('\n');
}

static uint64_t check_damage(const struct check *ck)
{
	const struct vfs_check *f = &ck->found;

	return f->bad_copies + f->bad_pages + f->bad_frames + f->bad_log + f->stray_log + f->stray_journal +
	       ck->bad_notes;
}

static void check_json(const struct check *ck)
{
	const struct vfs_check *f = &ck->found;
	struct buf out = BUF_INIT;
	struct json j;

	json_init(&j, &out);
	json_map(&j);
	json_pair_int(&j, "pages", (int64_t)f->pages);
	json_pair_int(&j, "bad_pages", (int64_t)f->bad_pages);
	json_pair_int(&j, "frames", (int64_t)f->frames);
	json_pair_int(&j, "bad_frames", (int64_t)f->bad_frames);
	json_pair_int(&j, "torn_frames", (int64_t)f->torn_frames);
	json_pair_bool(&j, "bad_log", f->bad_log);
	json_pair_bool(&j, "stray_log", f->stray_log);
	json_pair_bool(&j, "stray_journal", f->stray_journal);
	json_pair_int(&j, "bad_header_copies", f->bad_copies);
	json_pair_int(&j, "notes", (int64_t)ck->notes);
	json_pair_int(&j, "bad_notes", (int64_t)ck->bad_notes);
	json_pair(&j, "fresh", !f->fresh_known ? "unknown" : f->fresh_ok ? "yes" : "no");
	json_pair(&j, "older", !ck->known ? "unknown" : ck->older ? "yes" : "no");
	json_map_end(&j);
	puts(buf_str(&out));
	buf_done(&out);
}

static void check_text(const struct check *ck)
{
	const struct vfs_check *f = &ck->found;

	printf(_("%" PRIu64 " pages read, %" PRIu64 " damaged.\n"), f->pages + f->frames, f->bad_pages + f->bad_frames);
	if (ck->notes > 0)
		printf(_("Notes in the inbox: %zu, of which %zu do not open.\n"), ck->notes, ck->bad_notes);
	if (!f->fresh_known)
		puts(_("Not known whether pages were put back: the notebook was not closed properly. The next close "
		       "sets that right."));
	else if (f->fresh_ok)
		puts(_("The pages are those of the last close."));
	if (!ck->known)
		puts(_("Not known whether this is the newest copy: it was not seen on this machine yet."));
	else if (!ck->older)
		puts(_("No newer copy was seen on this machine."));
}

/* What is wrong is taken for what is meant: only where all of it can be read. */
static bool check_accept(const struct check *ck, struct vault *v, struct err *e)
{
	if (ck->found.fresh_known && !ck->found.fresh_ok && !vfs_check_accept(v, e))
		return false;
	return latest_accept(v, moment_unix(&ck->now), e);
}

static bool check_made(struct check *ck, struct vault *v, struct err *e)
{
	struct err why = ERR_INIT;

	ck->known = latest_read(v, &ck->last, &why);
	if (why.code == ERR_NOMEM)
		return err_nomem(e, "check");
	ck->older = ck->known && latest_is_newer(&ck->last, v);
	return vfs_check(v, check_bad, ck, &ck->found, e) &&
	       inbox_check(v, check_bad_note, ck, &ck->notes, &ck->bad_notes, e);
}

static int check_run(struct cli *c, const struct args *a)
{
	struct err e = ERR_INIT;
	struct check ck = {.c = c};
	struct vault *v = NULL;
	bool accept = args_has(a, "accept");

	moment_now(&ck.now);
	bool ok = cli_open_vault(c, accept, &v, &e) && check_made(&ck, v, &e);
	if (ok && c->json)
		check_json(&ck);
	else if (ok)
		check_text(&ck);
	bool mixed = ck.found.fresh_known && !ck.found.fresh_ok;
	if (ok && check_damage(&ck) > 0) {
		ok = err_set(&e, ERR_DAMAGED, "check", "%s", c->notebook);
	} else if (ok && accept) {
		ok = check_accept(&ck, v, &e);
		if (ok && !c->json)
			puts(_("Accepted as it is: from now on this is the newest copy."));
	} else if (ok && mixed) {
		ok = err_set(&e, ERR_STALE, "fresh", "%s", c->notebook);
	} else if (ok && ck.older) {
		ok = cli_err_older(&ck.last, ck.now.offset, &e);
	}
	vault_close(v);
	return ok ? EXIT_OK : cli_say(c, &e);
}

static const struct cli_option check_options[] = {
    {"accept", 0, NULL, N_("take an older copy, or older pages, for what is meant")},
    {NULL, 0, NULL, NULL},
};

const struct cli_command cmd_check = {
    .name = "check",
    .summary = N_("read every page and name what is damaged"),
    .detail = N_("Says as well whether older pages, or an older copy of the whole file, were put back. If you did that "
		 "yourself, to\n"
		 "restore a backup, --accept ends the warning."),
    .options = check_options,
    .run = check_run,
};
