/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "arpent/inbox.h"

#include <dirent.h>
#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/db.h"
#include "store/inbox-note.h"
#include "arpent/i18n.h"
#include "arpent/io.h"
#include "arpent/text.h"

#define INBOX_SUFFIX ".note"
#define INBOX_GROUP 64
#define INBOX_FILE_MAX (INBOX_NOTE_MAX + 4096)

static bool inbox_dir(const char *notebook, struct buf *out, struct err *e)
{
	buf_printf(out, "%s.inbox", notebook);
	return buf_ok(out, e);
}

static bool inbox_make_dir(const char *dir, struct err *e)
{
	if (mkdir(dir, 0700) == 0)
		return io_sync_dir(dir, e);
	return errno == EEXIST || err_sys(e, errno, __func__, "%s", dir);
}

static void inbox_wipe(struct buf *plain)
{
	if (plain->p)
		sodium_memzero(plain->p, plain->cap);
	buf_done(plain);
}

bool inbox_put(const char *notebook, const char *text, size_t n, const struct moment *when, struct err *e)
{
	struct inbox_note note = {.when = *when, .text = text, .n = n};
	uint8_t file_id[16], key[crypto_box_PUBLICKEYBYTES], name[16];
	struct buf path = BUF_INIT, plain = BUF_INIT, sealed = BUF_INIT;
	char hex[2 * sizeof name + 1];
	bool ok = false;

	if (n > INBOX_NOTE_MAX)
		return err_set(e, ERR_LIMIT, __func__, "1 MiB");
	if (!text_is_utf8(text, n) || memchr(text, '\0', n)) /* a field's text ends at a NUL */
		return err_set(e, ERR_INPUT, __func__, "UTF-8");
	id_new(&note.id);
	if (!vault_inbox_public(notebook, file_id, key, e) || !inbox_dir(notebook, &path, e) ||
	    !inbox_make_dir(path.p, e) || !inbox_note_write(&note, file_id, &plain, e))
		goto out;
	buf_fill(&sealed, 0, plain.len + crypto_box_SEALBYTES);
	if (!buf_ok(&sealed, e))
		goto out;
	if (crypto_box_seal((unsigned char *)sealed.p, (const unsigned char *)plain.p, plain.len, key) != 0) {
		err_set(e, ERR_DAMAGED, __func__, "inbox key");
		goto out;
	}
	randombytes_buf(name, sizeof name);
	buf_printf(&path, "/%s" INBOX_SUFFIX, sodium_bin2hex(hex, sizeof hex, name, sizeof name));
	ok = buf_ok(&path, e) && io_write_file(path.p, sealed.p, sealed.len, false, e);
out:
	inbox_wipe(&plain);
	buf_done(&path);
	buf_done(&sealed);
	return ok;
}

/* *plain holds what *note borrows. */
static bool inbox_open(const struct vault *v, const char *path, struct buf *plain, struct inbox_note *note,
		       struct err *e)
{
	struct buf sealed = BUF_INIT;
	size_t n;
	bool ok = false;

	if (!io_read_regular(path, INBOX_FILE_MAX, &sealed, e))
		goto out;
	if (sealed.len <= crypto_box_SEALBYTES) {
		err_set(e, ERR_TRUNCATED, __func__, "note");
		goto out;
	}
	n = sealed.len - crypto_box_SEALBYTES;
	buf_fill(plain, 0, n);
	ok = buf_ok(plain, e) && vault_inbox_unseal(v, (const uint8_t *)sealed.p, sealed.len, (uint8_t *)plain->p, e) &&
	     inbox_note_read(plain->p, n, vault_file_id(v), note, e);
out:
	buf_done(&sealed);
	return ok;
}

struct inbox_file {
	char *path;
	int64_t ms;
};

struct inbox_files {
	struct inbox_file *v;
	size_t n, bad;
	void (*name)(void *ctx, const char *name); /* of those that do not open; NULL: they are only counted */
	void *ctx;
};

static int inbox_cmp(const void *a, const void *b)
{
	const struct inbox_file *x = a, *y = b;

	if (x->ms != y->ms)
		return x->ms < y->ms ? -1 : 1;
	return strcmp(x->path, y->path);
}

static void inbox_files_done(struct inbox_files *f)
{
	for (size_t i = 0; i < f->n; i++)
		free(f->v[i].path);
	free(f->v);
}

/* One that can be opened is listed by its time; one that cannot is counted and left there. */
static bool inbox_list_one(const struct vault *vault, const char *dir, const char *name, struct inbox_files *f,
			   struct err *e)
{
	struct buf path = BUF_INIT, plain = BUF_INIT;
	struct inbox_note note;
	struct err why = ERR_INIT;
	struct inbox_file *v;
	bool ok = false;

	buf_printf(&path, "%s/%s", dir, name);
	if (!buf_ok(&path, e))
		goto out;
	if (!inbox_open(vault, path.p, &plain, &note, &why)) {
		if (!(ok = why.code != ERR_NOMEM))
			*e = why;
		f->bad += ok;
		if (ok && f->name)
			f->name(f->ctx, name);
		goto out;
	}
	if (!(v = realloc(f->v, (f->n + 1) * sizeof *v))) {
		err_nomem(e, __func__);
		goto out;
	}
	f->v = v;
	v[f->n].ms = moment_unix(&note.when);
	if (!(v[f->n].path = buf_steal(&path))) {
		err_nomem(e, __func__);
		goto out;
	}
	f->n++;
	ok = true;
out:
	inbox_wipe(&plain);
	buf_done(&path);
	return ok;
}

static bool inbox_list(const struct vault *v, const char *dir, struct inbox_files *f, struct err *e)
{
	const size_t suffix = sizeof INBOX_SUFFIX - 1;
	DIR *d = opendir(dir);
	bool ok = true;

	if (!d)
		return errno == ENOENT || err_sys(e, errno, __func__, "%s", dir);
	for (struct dirent *entry; ok && (entry = readdir(d));) {
		size_t n = strlen(entry->d_name);
		if (n > suffix && entry->d_name[0] != '.' && strcmp(entry->d_name + n - suffix, INBOX_SUFFIX) == 0)
			ok = inbox_list_one(v, dir, entry->d_name, f, e);
	}
	closedir(d);
	if (f->n > 1)
		qsort(f->v, f->n, sizeof *f->v, inbox_cmp);
	return ok;
}

/* A record with that id means that a crash came between filing and removing. */
static bool inbox_file(struct store *s, const struct inbox_note *note, size_t *taken, struct err *e)
{
	struct buf text = BUF_INIT, when = BUF_INIT;
	int64_t there = 0;
	bool ok;

	if (!db_int(s, &there, e, "SELECT 1 FROM record WHERE id = ?", "b", note->id.b, (size_t)ID_BYTES))
		return false;
	if (there)
		return true;
	text_nfc(&text, note->text, note->n);
	moment_text(&note->when, &when);
	const struct want w[] = {{.key = "text", .text = buf_str(&text), .is_text = true},
				 {.key = "date", .text = buf_str(&when)}};
	ok = buf_ok(&text, e) && buf_ok(&when, e) && write_new(s, &note->id, "note", w, 2, e);
	*taken += ok;
	buf_done(&text);
	buf_done(&when);
	return ok;
}

/* Files the notes in one step, then removes them. */
static bool inbox_take_some(struct store *s, const struct inbox_file *v, size_t n, size_t *taken, struct err *e)
{
	size_t filed = 0;
	bool ok = store_step_begin(s, N_("Note taken from the inbox"), e);

	for (size_t i = 0; ok && i < n; i++) {
		struct buf plain = BUF_INIT;
		struct inbox_note note;
		ok = inbox_open(s->vault, v[i].path, &plain, &note, e) && inbox_file(s, &note, &filed, e);
		inbox_wipe(&plain);
	}
	if (!ok) {
		store_step_cancel(s);
		return false;
	}
	if (!store_step_end(s, e))
		return false;
	*taken += filed;
	for (size_t i = 0; i < n; i++)
		if (unlink(v[i].path) != 0)
			return err_sys(e, errno, __func__, "%s", v[i].path);
	return true;
}

bool inbox_take(struct store *s, size_t *taken, size_t *bad, struct err *e)
{
	struct inbox_files files = {.n = 0};
	struct buf dir = BUF_INIT;
	size_t group;
	bool ok;

	*taken = *bad = 0;
	if (s->step.open) /* a file may be removed only once its note is committed */
		return err_set(e, ERR_INTERNAL, __func__, "a step is open");
	ok = inbox_dir(vault_path(s->vault), &dir, e) && inbox_list(s->vault, dir.p, &files, e);
	*bad = files.bad;
	/* A few are a step each, so that each can be undone; of a flood, each commit takes some. */
	group = files.n > INBOX_GROUP ? INBOX_GROUP : 1;
	for (size_t i = 0; ok && i < files.n; i += group)
		ok = inbox_take_some(s, files.v + i, files.n - i < group ? files.n - i : group, taken, e);
	inbox_files_done(&files);
	buf_done(&dir);
	return ok;
}

bool inbox_check(const struct vault *v, void (*bad)(void *ctx, const char *name), void *ctx, size_t *notes,
		 size_t *bad_notes, struct err *e)
{
	struct inbox_files files = {.name = bad, .ctx = ctx};
	struct buf dir = BUF_INIT;
	bool ok = inbox_dir(vault_path(v), &dir, e) && inbox_list(v, dir.p, &files, e);

	*bad_notes = files.bad;
	*notes = files.n + files.bad;
	inbox_files_done(&files);
	buf_done(&dir);
	return ok;
}

int inbox_watch(const char *notebook)
{
	struct buf dir = BUF_INIT;
	struct err e = ERR_INIT;
	int fd = -1;

	if (inbox_dir(notebook, &dir, &e) && inbox_make_dir(dir.p, &e) &&
	    (fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) >= 0 &&
	    inotify_add_watch(fd, dir.p, IN_MOVED_TO | IN_CREATE) < 0) {
		close(fd);
		fd = -1;
	}
	buf_done(&dir);
	return fd;
}

void inbox_drain(int fd)
{
	_Alignas(struct inotify_event) char events[4096];

	while (read(fd, events, sizeof events) > 0)
		;
}
