/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The store without memory: see oom.h. */
#include "oom.h"

#include "arpent/inbox.h"
#include "arpent/vfs.h"

/* The only record of a kind whose title begins so. */
static struct id find(struct oom_run *r, const char *kind, const char *words)
{
	struct err e = ERR_INIT;
	struct id id = {{0}};

	oom_pause();
	CHECK_OK(store_resolve(r->s, words, kind, &id, &e), &e);
	oom_resume();
	return id;
}

OOM(create, OOM_EMPTY, NULL)
{
	return oom_create(r->path, &r->s, e);
}

OOM(open, OOM_CLOSED, NULL)
{
	struct store *s = NULL;
	bool ok = oom_open(r->path, &s, e);

	store_close(s);
	return ok;
}

/* What was saved before the notebook was closed for want of memory is there. */
OOM(session, OOM_CLOSED | OOM_PARTS, NULL)
{
	struct want w[] = {want_line("name", "Paul Marty"), want_line("function", "berger")};
	struct store *s = NULL;
	struct id id;
	struct err none = ERR_INIT;
	bool ok = oom_open(r->path, &s, e) &&
		  (store_resolve(s, "Paul Marty", "person", &id, &none) || store_new(s, "person", w, 2, &id, e));

	store_close(s);
	return ok;
}

OOM(new_record, 0, NULL)
{
	struct want w[] = {want_line("name", "Paul Marty"), want_line("function", "berger")};
	struct id id;

	return store_new(r->s, "person", w, 2, &id, e);
}

OOM(edit, 0, NULL)
{
	struct want w[] = {want_line("place", "École"),
			   want_text("notes", "Le berger est venu.\nIl neige."),
			   {.key = "tags", .text = "eau\nneige", .is_set = true}};
	struct id id = find(r, "meeting", "Convention");

	return store_edit(r->s, &id, w, 3, e);
}

OOM(delete, 0, NULL)
{
	struct id id = find(r, "person", "Anne Roux");

	return store_delete(r->s, &id, e);
}

static bool binned(struct oom_run *r, struct err *e)
{
	struct id id = find(r, "meeting", "Convention");
	struct want w = want_line("subject", "Estive");

	return store_edit(r->s, &id, &w, 1, e) && store_delete(r->s, &id, e);
}

OOM(restore, 0, binned)
{
	return store_undo(r->s, &(struct step_info){{0}, 0}, e);
}

OOM(step, 0, NULL)
{
	struct want w = want_line("name", "Paul Marty"), x = want_line("function", "bergère");
	struct id id = find(r, "person", "Anne Roux");
	struct store *s = r->s;

	if (!store_step_begin(s, "Test", e))
		return false;
	if (store_new(s, "person", &w, 1, NULL, e) && store_edit(s, &id, &x, 1, e) && store_delete(s, &id, e))
		return store_step_end(s, e);
	store_step_cancel(s);
	return false;
}

static bool many(struct oom_run *r, struct err *e)
{
	struct id id = find(r, "meeting", "Convention");
	struct want w[] = {want_line("place", "École"),
			   want_text("notes", "Le berger est venu.\nIl neige."),
			   {.key = "tags", .text = "eau\nneige", .is_set = true}};

	return store_edit(r->s, &id, w, 3, e);
}

OOM(undo, 0, many)
{
	struct step_info info;

	if (!store_undo(r->s, &info, e))
		return false;
	oom_say(r, "%s %u", info.label, info.changes);
	return true;
}

static bool undone(struct oom_run *r, struct err *e)
{
	return many(r, e) && store_undo(r->s, &(struct step_info){{0}, 0}, e);
}

OOM(redo, 0, undone)
{
	struct step_info info;

	if (!store_redo(r->s, &info, e))
		return false;
	oom_say(r, "%s %u", info.label, info.changes);
	return true;
}

static bool say_history(void *ctx, const struct history *h)
{
	oom_say(ctx, "%s %s %zu", h->who, h->label, h->change ? h->change->n : 0);
	return true;
}

OOM(history, 0, many)
{
	struct id id = find(r, "meeting", "Convention");

	return store_history(r->s, &id, say_history, r, e);
}

OOM(get, 0, many)
{
	struct id id = find(r, "meeting", "Convention");
	struct buf text = BUF_INIT;
	struct record rec;
	bool ok;

	record_init(&rec);
	ok = store_get(r->s, &id, &rec, e);
	if (ok) {
		store_show(r->s, &rec, kind_field(kind_find("meeting"), "site"), DATE_FR, &text);
		if ((ok = buf_ok(&text, e)))
			oom_say(r, "%s %s", record_get(&rec, "notes"), buf_str(&text));
	}
	buf_done(&text);
	record_done(&rec);
	return ok;
}

static bool say_row(void *ctx, const struct row *row, const struct list_key *at)
{
	(void)at;
	oom_say(ctx, "%s %s %s %s %x", row->kind, row->title, row->day, row->owner, row->flags);
	return true;
}

OOM(list, 0, NULL)
{
	return store_list(r->s, &(struct list_spec){.order = LIST_BY_DAY}, NULL, false, 100, say_row, r, e);
}

OOM(list_filtered, 0, NULL)
{
	struct list_spec spec = {
	    .kind = "meeting", .order = LIST_BY_TITLE, .filter = "berge", .day_from = "2026-01-01"};
	size_t n;

	if (!store_list(r->s, &spec, NULL, false, 100, say_row, r, e) || !store_count(r->s, &spec, 100, &n, e))
		return false;
	oom_say(r, "%zu", n);
	return true;
}

OOM(list_linked, 0, NULL)
{
	struct id id = find(r, "site", "Bergerie");
	struct list_box box = {44, 6, 45, 7};

	return store_list(r->s, &(struct list_spec){.linked = &id}, NULL, false, 100, say_row, r, e) &&
	       store_list(r->s, &(struct list_spec){.box = &box}, NULL, true, 100, say_row, r, e);
}

static bool say_hit(void *ctx, const struct hit *h)
{
	oom_say(ctx, "%s: %s %zu %zu", h->row.title, h->passage, h->mark, h->mark_len);
	return true;
}

OOM(find, 0, NULL)
{
	size_t total;

	if (!store_find(r->s, "bergerie", 20, say_hit, r, &total, e))
		return false;
	oom_say(r, "%zu", total);
	return true;
}

OOM(find_field, 0, NULL)
{
	size_t total;

	if (!store_find(r->s, "kind:meeting site:\"bergerie du\" -chien", 20, say_hit, r, &total, e))
		return false;
	oom_say(r, "%zu", total);
	return true;
}

OOM(resolve, 0, NULL)
{
	struct id id;
	char text[ID_TEXT + 1];

	if (!store_resolve(r->s, "roux", "person", &id, e))
		return false;
	id_text(&id, text);
	oom_say(r, "%s", text);
	return true;
}

OOM(names, 0, NULL)
{
	const struct named *v;
	size_t n;

	if (!store_names(r->s, "person", &v, &n, e))
		return false;
	for (size_t i = 0; i < n; i++)
		oom_say(r, "%s (%s)", v[i].name, v[i].detail);
	return true;
}

OOM(meta, OOM_PARTS, NULL)
{
	struct buf b = BUF_INIT;
	bool ok = store_meta_set(r->s, "test", "un deux", 7, e) && store_meta_get(r->s, "test", &b, e);

	if (ok)
		oom_say(r, "%s", buf_str(&b));
	buf_done(&b);
	return ok;
}

static bool say_draft(void *ctx, const char *key, const char *title, int64_t edited_ms)
{
	(void)edited_ms;
	oom_say(ctx, "%s %s", key, title);
	return true;
}

OOM(draft, OOM_PARTS, NULL)
{
	struct buf b = BUF_INIT;
	bool ok = store_draft_set(r->s, "new/note", "Une note", "abc", 3, e) &&
		  store_draft_set(r->s, "quick", "Vite", "def", 3, e) && store_draft_get(r->s, "quick", &b, e) &&
		  store_draft_each(r->s, say_draft, r, e);

	if (ok)
		oom_say(r, "%s", buf_str(&b));
	buf_done(&b);
	return ok;
}

static bool inbox_two(struct oom_run *r, struct err *e)
{
	struct moment now;

	fixture_now(NULL, &now);
	return inbox_put(r->path, "Une", 3, &now, e) && inbox_put(r->path, "Deux @Roux", 10, &now, e);
}

OOM(inbox_put, 0, inbox_two)
{
	struct moment now;

	fixture_now(NULL, &now);
	return inbox_put(r->path, "Rappeler", 8, &now, e);
}

OOM(inbox_take, OOM_PARTS, inbox_two)
{
	size_t taken, bad;

	if (!inbox_take(r->s, &taken, &bad, e))
		return false;
	if (bad > 0)
		oom_say(r, "%zu bad", bad);
	return true;
}

static bool photo(struct oom_run *r, struct err *e)
{
	static char bytes[100000];

	(void)r;
	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (char)(i * i >> 7);
	return io_write_file(check_join(oom_dir(), "photo.jpg"), bytes, sizeof bytes, true, e);
}

OOM(attach, 0, photo)
{
	struct id id = find(r, "meeting", "Convention"), file;

	return store_file_add(r->s, &id, check_join(oom_dir(), "photo.jpg"), &file, e);
}

static bool attached(struct oom_run *r, struct err *e)
{
	struct id id = find(r, "meeting", "Convention"), file;

	return photo(r, e) && store_file_add(r->s, &id, check_join(oom_dir(), "photo.jpg"), &file, e);
}

OOM(extract, 0, attached)
{
	struct id file = find(r, "file", "photo");
	struct buf name = BUF_INIT;
	int64_t size;
	bool ok = store_file_name(r->s, &file, &name, e) && store_file_size(r->s, &file, &size, e) &&
		  store_file_extract(r->s, &file, check_join(oom_dir(), "copie.jpg"), e);

	if (ok)
		oom_say(r, "%s %lld", buf_str(&name), (long long)size);
	buf_done(&name);
	return ok;
}

OOM(backup, 0, attached)
{
	char to[512];

	/* So named, it is not compared by its bytes: it is sealed anew too. */
	snprintf(to, sizeof to, "%s.copy", r->path);
	return store_backup(r->s, to, e);
}

static bool say_rescued(void *ctx, const struct record *rec)
{
	oom_say(ctx, "%s %s%s%s", rec->kind, record_get(rec, "name"), record_get(rec, "subject"),
		record_get(rec, "wording"));
	return true;
}

static bool vault(struct oom_run *r, bool write, const char *typed, struct vault **out, struct err *e)
{
	struct secret pass = SECRET_INIT;
	bool ok = secret_set(&pass, typed, strlen(typed), e) &&
		  vault_open(r->path, &(struct vault_key){.passphrase = &pass}, write, out, e);

	secret_free(&pass);
	return ok;
}

OOM(rescue, OOM_CLOSED, NULL)
{
	struct vault *v = NULL;
	uint64_t lost;
	bool ok = vault(r, false, OOM_PASS, &v, e) && store_rescue(v, say_rescued, r, &lost, e);

	vault_close(v);
	if (ok)
		oom_say(r, "%llu", (unsigned long long)lost);
	return ok;
}

static void say_bad(void *ctx, const char *what, uint64_t n)
{
	oom_say(ctx, "%s %llu", what, (unsigned long long)n);
}

OOM(check, OOM_CLOSED, NULL)
{
	struct vault *v = NULL;
	struct vfs_check c;
	bool ok = vault(r, false, OOM_PASS, &v, e) && vfs_check(v, say_bad, r, &c, e);

	vault_close(v);
	if (ok)
		oom_say(r, "%llu %llu %d %d", (unsigned long long)c.pages, (unsigned long long)c.bad_pages,
			c.fresh_known, c.fresh_ok);
	return ok;
}

/* To the same passphrase, so that what looks after it can open it. */
OOM(passphrase, 0, NULL)
{
	struct secret pass = SECRET_INIT;
	bool ok = secret_set(&pass, OOM_PASS, sizeof OOM_PASS - 1, e) &&
		  vault_rekey(store_vault(r->s), &(struct vault_key){.passphrase = &pass}, &VAULT_COST_TEST, e);

	secret_free(&pass);
	return ok;
}

OOM(new_words, OOM_CLOSED, NULL)
{
	struct secret words = SECRET_INIT;
	struct vault *v = NULL;
	bool ok = vault(r, true, OOM_PASS, &v, e) && vault_new_words(v, "fr", &words, e);

	vault_close(v);
	if (ok)
		oom_say(r, "%s", (const char *)words.p);
	secret_free(&words);
	return ok;
}

OOM(wrong_passphrase, OOM_CLOSED, NULL)
{
	struct vault *v = NULL;

	if (vault(r, true, "pin", &v, e)) {
		vault_close(v);
		return true;
	}
	if (e->code != ERR_WRONG_KEY)
		return false;
	oom_say(r, "wrong");
	return true;
}
