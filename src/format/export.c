/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "arpent/export.h"

#include <stdlib.h>
#include <string.h>

#include "arpent/format.h"
#include "arpent/io.h"
#include "formats.h"

#define EXPORT_PAGE 512

struct export_ids {
	struct id *v;
	size_t n, cap;
	struct list_key last;
};

static bool export_row(void *ctx, const struct row *row, const struct list_key *at)
{
	struct export_ids *ids = ctx;

	if (ids->n == ids->cap)
		return false;
	ids->v[ids->n++] = row->id;
	ids->last = *at;
	return true;
}

static bool export_list(struct store *s, const char *kind, bool bin, struct export_ids *ids, struct err *e)
{
	struct list_spec spec = {.kind = kind, .order = LIST_BY_TITLE, .bin = bin};
	size_t before;

	ids->last = (struct list_key){0};
	do {
		struct id *grown = realloc(ids->v, (ids->n + EXPORT_PAGE) * sizeof *grown);
		if (!grown)
			return err_nomem(e, "export_all");
		ids->v = grown;
		ids->cap = ids->n + EXPORT_PAGE;
		before = ids->n;
		struct list_key from = ids->last;
		if (!store_list(s, &spec, &from, false, EXPORT_PAGE, export_row, ids, e))
			return false;
	} while (ids->n == before + EXPORT_PAGE);
	return true;
}

bool export_all(struct store *s, const char *kind, bool bin_too, struct id **out, size_t *n, struct err *e)
{
	struct export_ids ids = {0};
	bool ok = export_list(s, kind, false, &ids, e) && (!bin_too || export_list(s, kind, true, &ids, e));

	if (!ok) {
		free(ids.v);
		ids = (struct export_ids){0};
	}
	*out = ids.v;
	*n = ids.n;
	return ok;
}

bool export_shareable(struct store *s, struct id *ids, size_t *n, size_t *personal, struct err *e)
{
	size_t kept = 0;

	for (size_t i = 0; i < *n; i++) {
		struct record r;
		record_init(&r);
		if (!store_get(s, &ids[i], &r, e)) {
			record_done(&r);
			return false;
		}
		if (strcmp(record_get(&r, "share"), "personal") != 0)
			ids[kept++] = ids[i];
		record_done(&r);
	}
	*personal = *n - kept;
	*n = kept;
	return true;
}

struct export_keep {
	const struct kind *kind;
	const struct export_options *options;
};

/* Confidential fields only when asked; and a field that is not known here might be one. */
static bool export_keep(void *ctx, const char *key)
{
	const struct export_keep *k = ctx;
	const struct field *f = k->kind ? kind_field(k->kind, key) : NULL;

	return k->options->with_private || k->options->whole || (f && !(f->flags & FIELD_PRIVATE));
}

/* Fields with a value that are not in the copy; the entries of a set follow one another. */
static size_t export_withheld(const struct record *all, struct export_keep *keep)
{
	struct buf key = BUF_INIT, last = BUF_INIT;
	size_t count = 0;

	for (size_t i = 0; i < all->n; i++) {
		const char *entry = all->entries[i].key;
		buf_clear(&key);
		buf_add(&key, entry, strcspn(entry, "="));
		if (strcmp(entry, RECORD_ALIVE) == 0 || !record_get(all, entry)[0] ||
		    strcmp(buf_str(&key), buf_str(&last)) == 0 || export_keep(keep, buf_str(&key)))
			continue;
		count++;
		buf_clear(&last);
		buf_str_add(&last, buf_str(&key));
	}
	buf_done(&key);
	buf_done(&last);
	return count;
}

bool export_load(const struct export_job *job, size_t i, struct record *r, struct err *e)
{
	struct record all;

	record_init(&all);
	bool ok = store_get(job->store, &job->ids[i], &all, e);
	if (ok) {
		struct export_keep keep = {kind_find(all.kind), job->options};
		size_t withheld = export_withheld(&all, &keep);
		ok = record_withhold(&all, export_keep, &keep, r, e);
		job->report->fields += withheld;
		job->report->withheld += withheld > 0;
	}
	record_done(&all);
	return ok;
}

bool export_bytes(struct store *s, const struct format *f, const struct id *ids, size_t n,
		  const struct export_options *o, struct buf *out, struct export_report *report, struct err *e)
{
	struct export_job job = {s, ids, n, o, report};
	unsigned long lost = err_lost();

	*report = (struct export_report){0};
	if (!f->write || (f->document && n != 1))
		return err_set(e, ERR_USAGE, "export_bytes", "%s", f->key);
	bool ok = f->write(&job, out, e);
	return err_lost_none(lost, e) && ok;
}

bool export_file(struct store *s, const char *path, const struct id *ids, size_t n, const struct export_options *o,
		 struct export_report *report, struct err *e)
{
	const struct format *f = o->format ? format_find(o->format) : format_of_name(path);
	struct buf b = BUF_INIT;

	if (!f)
		return err_set(e, o->format ? ERR_USAGE : ERR_INPUT, "export_file", "%s", o->format ? o->format : path);
	bool ok =
	    export_bytes(s, f, ids, n, o, &b, report, e) && io_write_file(path, buf_str(&b), b.len, o->replace, e);
	buf_done(&b);
	return ok;
}

/* A UID as a file name: anything but letters, digits, '-' and '_' might be a path. */
static void export_name(const struct record *r, struct buf *out)
{
	char id[ID_TEXT + 1];
	const char *uid = record_get(r, "uid");
	size_t n = strlen(uid);
	bool plain = n > 0 && n <= 100 && strncmp(uid, "sum:", 4) != 0;

	for (size_t i = 0; plain && i < n; i++)
		plain = (uid[i] >= '0' && uid[i] <= '9') || ((uid[i] | 0x20) >= 'a' && (uid[i] | 0x20) <= 'z') ||
			uid[i] == '-' || uid[i] == '_';
	id_text(&r->id, id);
	buf_printf(out, "%s.vcf", plain ? uid : id);
}

bool export_folder(struct store *s, const char *dir, const struct id *ids, size_t n, const struct export_options *o,
		   struct export_report *report, struct err *e)
{
	struct buf card = BUF_INIT, path = BUF_INIT;
	struct export_job job = {s, NULL, 1, o, report};
	unsigned long lost = err_lost();
	bool ok = io_make_dirs(dir, e);

	*report = (struct export_report){0};
	for (size_t i = 0; ok && i < n; i++) {
		struct record r;
		struct export_report aside = {0};
		struct export_job look = {s, &ids[i], 1, o, &aside};
		buf_clear(&card);
		buf_clear(&path);
		job.ids = &ids[i];
		record_init(&r);
		ok = vcard_write(&job, &card, e) && export_load(&look, 0, &r, e);
		if (ok && card.len > 0) {
			buf_printf(&path, "%s/", dir);
			export_name(&r, &path);
			ok = err_lost_none(lost, e) &&
			     io_write_file(buf_str(&path), buf_str(&card), card.len, o->replace, e);
		}
		record_done(&r);
	}
	buf_done(&card);
	buf_done(&path);
	return ok;
}
