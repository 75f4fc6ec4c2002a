/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Whole commands without memory: see oom.h.  A command that ends with 0 has printed all that it prints; one that fails
 * says that memory ran out, and has done nothing, or all and not told it.  (What differs by its random numbers is
 * called carnet.arpent.x: oom.h looks at its name alone.)
 */
#include "oom.h"

#include <fcntl.h>
#include <sys/mman.h>

#include "arpent/handoff.h"
#include "arpent/identity.h"
#include "arpent/inbox.h"
#include "cli/cli.h"
#include "tui/tui.h"

/* The time stands still. */
void __wrap_moment_now(struct moment *out);
void __wrap_moment_now(struct moment *out)
{
	fixture_now(NULL, out);
}

#define ARGS_MAX 16

/* What a descriptor was given meanwhile. */
static void take_back(int fd, int was, int file, struct buf *out)
{
	struct err e = ERR_INIT;

	dup2(was, fd);
	close(was);
	lseek(file, 0, SEEK_SET);
	CHECK_OK(io_read_fd(file, 1 << 24, out, &e), &e);
	close(file);
}

/* With the passphrase, and the new one, to read from a descriptor. */
static bool command(struct oom_run *r, struct err *e, const char *const *typed)
{
	char fd[16], *argv[ARGS_MAX] = {"arpent", "-n", (char *)(uintptr_t)r->path, "--passphrase-fd", fd};
	int argc = 5, pass[2], out, err, out_was, err_was, status;
	struct buf said = BUF_INIT, wrong = BUF_INIT;

	oom_pause();
	for (; *typed; typed++)
		argv[argc++] = (char *)(uintptr_t)*typed;
	REQUIRE(pipe(pass) == 0 && write(pass[1], OOM_PASS "\n" OOM_PASS "\n", 2 * sizeof OOM_PASS) > 0);
	snprintf(fd, sizeof fd, "%d", pass[0]);
	fflush(stdout);
	out = memfd_create("out", MFD_CLOEXEC), err = memfd_create("err", MFD_CLOEXEC);
	out_was = dup(STDOUT_FILENO), err_was = dup(STDERR_FILENO);
	dup2(out, STDOUT_FILENO), dup2(err, STDERR_FILENO);
	oom_resume();
	status = cli_main(argc, argv, tui_run);
	oom_pause();
	fflush(stdout);
	take_back(STDOUT_FILENO, out_was, out, &said);
	take_back(STDERR_FILENO, err_was, err, &wrong);
	close(pass[0]), close(pass[1]);
	if (status == EXIT_OK)
		oom_say(r, "%s|%s", buf_str(&said), buf_str(&wrong));
	else
		err_set(e, strstr(buf_str(&wrong), "Out of memory") ? ERR_NOMEM : ERR_INTERNAL, "command", "%d: %.120s",
			status, buf_str(&wrong));
	buf_done(&said);
	buf_done(&wrong);
	oom_resume();
	return status == EXIT_OK;
}

#define COMMAND(name, flags, before, ...) \
	OOM(name, (flags) | OOM_EITHER | OOM_PARTS, before) \
	{ \
		return command(r, e, (const char *const[]){__VA_ARGS__, NULL}); \
	}

static bool in_english(struct oom_run *r, struct err *e)
{
	(void)r, (void)e;
	lang_start("en");
	return true;
}

static bool files(struct oom_run *r, struct err *e)
{
	static const char card[] = "BEGIN:VCARD\nVERSION:3.0\nFN:Paul Marty\nTEL:06 12 34 56 78\nEND:VCARD\n";
	static const char notes[] = "@Roux\n! Report accepté\n> Roux rédiger l'avenant 30 nov\n#eau\n";

	return in_english(r, e) && io_write_file(check_join(r->dir, "a.vcf"), card, sizeof card - 1, true, e) &&
	       io_write_file(check_join(r->dir, "notes"), notes, sizeof notes - 1, true, e) && chdir(r->dir) == 0;
}

/* There is an inbox. */
static bool noted(struct oom_run *r, struct err *e)
{
	struct moment now;

	moment_now(&now);
	return in_english(r, e) && inbox_put(r->path, "une", 3, &now, e);
}

static bool named(struct oom_run *r, struct err *e)
{
	struct store *s = NULL;
	bool ok = files(r, e) && oom_open(r->path, &s, e) && identity_set_name(s, "Anne Lefèvre", e);

	store_close(s);
	return ok;
}

/* In the bin; and a step to undo. */
static bool binned(struct oom_run *r, struct err *e)
{
	struct store *s = NULL;
	struct id id;
	bool ok = in_english(r, e) && oom_open(r->path, &s, e) && store_resolve(s, "Marc Duval", "person", &id, e) &&
		  store_delete(s, &id, e);

	store_close(s);
	return ok;
}

static bool undone(struct oom_run *r, struct err *e)
{
	struct store *s = NULL;
	bool ok = binned(r, e) && oom_open(r->path, &s, e) && store_undo(s, &(struct step_info){{0}, 0}, e);

	store_close(s);
	return ok;
}

/* A colleague's card, and what she has sealed with the passphrase. */
static bool sent(struct oom_run *r, struct err *e)
{
	struct identity_self self;
	struct buf card = BUF_INIT;
	struct secret pass = SECRET_INIT;
	struct store *s = NULL, *claire = NULL;
	struct handoff h;
	struct identity who;
	struct id id;
	bool added, ok = named(r, e) && oom_create(check_join(r->dir, "carnet.arpent.claire"), &claire, e) &&
			 identity_set_name(claire, "Claire Vidal", e) && identity_self(claire, &self, e);

	if (!ok)
		goto out;
	handoff_init(&h);
	ok = identity_card(&self, &card, e) && identity_card_read(card.p, card.len, &who, e) &&
	     io_write_file(check_join(r->dir, "carnet.arpent.card"), card.p, card.len, true, e) &&
	     oom_open(r->path, &s, e) && peer_add(s, &who, PEER_ADD, &added, e) &&
	     store_new(claire, "meeting", (const struct want[]){want_line("subject", "Estive")}, 1, &id, e) &&
	     secret_set(&pass, OOM_PASS, sizeof OOM_PASS - 1, e) &&
	     handoff_plan(claire, &id, 1, &(struct handoff_options){false, false}, &h, e) &&
	     handoff_seal(claire, &h, NULL, 0, &pass, check_join(r->dir, "carnet.arpent.arpb"), true, e);
	handoff_done(&h);
	identity_self_done(&self);
out:
	store_close(s);
	store_close(claire);
	secret_free(&pass);
	buf_done(&card);
	return ok;
}

/* Who is not known yet. */
static bool carded(struct oom_run *r, struct err *e)
{
	struct store *s = NULL;
	struct peer *v = NULL;
	size_t n;
	bool ok = sent(r, e) && oom_open(r->path, &s, e) && peer_named(s, "vidal", &v, &n, e) &&
		  peer_forget(s, &v[0].who.device, e);

	free(v);
	store_close(s);
	return ok;
}

static bool attached(struct oom_run *r, struct err *e)
{
	return files(r, e) && command(r, e, (const char *const[]){"attach", "Bilan d'estive", "notes", NULL});
}

/* A remote beside the notebook's folder, anew each time. */
static bool on_a_key(struct oom_run *r, struct err *e)
{
	const char *key = check_path("cle");

	nftw(key, check_unlink, 16, FTW_DEPTH | FTW_PHYS);
	return named(r, e) && io_make_dirs(key, e) &&
	       command(r, e, (const char *const[]){"remote", "add", "cle", key, NULL});
}

COMMAND(init, OOM_EMPTY, in_english, "init", "--no-words", "--name", "Anne Roux")
COMMAND(new_record, OOM_CLOSED, in_english, "new", "person", "name=Paul Marty", "tags=eau", "--function", "berger")
COMMAND(new_meeting, OOM_CLOSED, files, "new", "meeting", "subject=Estive", "start=hier 14h",
	"notes=@/proc/self/cwd/notes")
COMMAND(log, OOM_CLOSED, noted, "log", "appeler", "la bergerie")
COMMAND(list, OOM_CLOSED, in_english, "list", "task", "--open")
COMMAND(list_json, OOM_CLOSED, in_english, "--json", "list", "meeting")
COMMAND(find, OOM_CLOSED, in_english, "find", "bergerie")
COMMAND(show, OOM_CLOSED, in_english, "show", "Convention de pâturage")
COMMAND(set, OOM_CLOSED, in_english, "set", "Anne Roux", "function=maire honoraire", "tags=eau")
COMMAND(rm, OOM_CLOSED, in_english, "rm", "Anne Roux")
COMMAND(restore, OOM_CLOSED, binned, "restore", "Marc Duval")
COMMAND(history, OOM_CLOSED, in_english, "history", "Clôture de la bergerie")
COMMAND(undo, OOM_CLOSED, binned, "undo")
COMMAND(redo, OOM_CLOSED, undone, "redo")
COMMAND(attach, OOM_CLOSED, files, "attach", "Bilan d'estive", "notes")
COMMAND(extract, OOM_CLOSED, attached, "extract", "notes", "out")
COMMAND(import, OOM_CLOSED, files, "import", "--yes", "a.vcf")
COMMAND(export_minutes, OOM_CLOSED, files, "export", "Bilan d'estive", "-o", "cr.md")
COMMAND(export_all, OOM_CLOSED, files, "export", "--whole", "-o", "all.jsonl")
COMMAND(id, OOM_CLOSED, named, "id")
COMMAND(id_name, OOM_CLOSED, files, "id", "--name", "Anne Lefèvre")
COMMAND(trust, OOM_CLOSED, sent, "trust")
COMMAND(trust_card, OOM_CLOSED, carded, "--json", "trust", "carnet.arpent.card")
COMMAND(trust_verify, OOM_CLOSED, sent, "trust", "--verify", "Claire Vidal")
COMMAND(trust_forget, OOM_CLOSED, sent, "trust", "--forget", "Claire Vidal")
COMMAND(open, OOM_CLOSED, sent, "open", "--yes", "--passphrase", "carnet.arpent.arpb")
COMMAND(seal, OOM_CLOSED, named, "seal", "--yes", "--passphrase", "Bilan d'estive", "-o", "carnet.arpent.arpb")
COMMAND(passwd, OOM_CLOSED, in_english, "passwd")
COMMAND(new_words, OOM_CLOSED, in_english, "recover", "--new-words")
COMMAND(check, OOM_CLOSED, in_english, "check")
COMMAND(backup, OOM_CLOSED, files, "backup", "carnet.arpent.copy")
COMMAND(rescue, OOM_CLOSED, files, "rescue", "rescued.jsonl")
COMMAND(completion, OOM_CLOSED, in_english, "completion", "bash")
COMMAND(status, OOM_CLOSED, on_a_key, "status")
COMMAND(device, OOM_CLOSED, on_a_key, "device")
COMMAND(remote, OOM_CLOSED, on_a_key, "remote")
COMMAND(settle, OOM_CLOSED, in_english, "settle")
COMMAND(lock, OOM_CLOSED, in_english, "lock")
COMMAND(sync, OOM_CLOSED, on_a_key, "sync", "cle")
COMMAND(register_all, OOM_CLOSED, in_english, "register")
COMMAND(register_one, OOM_CLOSED, in_english, "register", "Anne Roux")
COMMAND(help, OOM_CLOSED, in_english, "new", "person", "--help")
