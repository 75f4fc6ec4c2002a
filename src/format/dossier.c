/* SPDX-License-Identifier: GPL-3.0-or-later */
/* All that is held on one person. */
#include <stdlib.h>
#include <string.h>

#include "arpent/devices.h"
#include "arpent/export.h"
#include "arpent/format.h"
#include "arpent/i18n.h"
#include "arpent/io.h"
#include "arpent/meeting.h"
#include "arpent/register.h"
#include "arpent/text.h"
#include "lines.h"

#define DOSSIER_PASSAGES 200

void lines_heading(struct buf *out, const char *title)
{
	buf_printf(out, "\n%s\n", title);
	buf_fill(out, '-', (size_t)text_width(title));
	buf_char(out, '\n');
}

static void lines_value(struct store *s, const struct record *r, const struct field *f, enum date_lang lang,
			struct buf *out)
{
	struct err none = ERR_INIT;

	if (strcmp(r->kind, "meeting") == 0 && strcmp(f->key, "notes") == 0 && meeting_text(s, r, out, &none))
		return;
	store_show(s, r, f, lang, out);
}

void lines_record(struct store *s, const struct record *r, enum date_lang lang, struct buf *out)
{
	const struct kind *k = kind_find(r->kind);
	struct buf value = BUF_INIT, safe = BUF_INIT;

	for (size_t i = 0; k && i < kind_fields(k); i++) {
		const struct field *f = kind_field_at(k, i);
		buf_clear(&value);
		buf_clear(&safe);
		lines_value(s, r, f, lang, &value);
		if (value.len == 0)
			continue;
		text_safe(&safe, buf_str(&value), value.len, true);
		buf_printf(out, "  %s%s", _(f->label), _(": "));
		for (const char *p = buf_str(&safe); *p;) {
			size_t n = strcspn(p, "\n");
			buf_add(out, p, n);
			buf_char(out, '\n');
			p += n + (p[n] == '\n');
			if (*p)
				buf_str_add(out, "    ");
		}
	}
	out->oom |= value.oom || safe.oom;
	buf_done(&value);
	buf_done(&safe);
}

struct held {
	struct id *v;
	size_t n, cap;
	bool oom;
};

static bool held_add(struct held *h, const struct id *id)
{
	for (size_t i = 0; i < h->n; i++)
		if (id_eq(&h->v[i], id))
			return true;
	if (h->n == h->cap) {
		size_t cap = h->cap ? h->cap * 2 : 16;
		struct id *v = reallocarray(h->v, cap, sizeof *v);
		h->oom = !v;
		if (!v)
			return false;
		h->v = v;
		h->cap = cap;
	}
	h->v[h->n++] = *id;
	return true;
}

static bool held_row(void *ctx, const struct row *row, const struct list_key *at)
{
	(void)at;
	return held_add(ctx, &row->id);
}

bool register_held(struct store *s, const struct id *person, struct id **ids, size_t *n, struct err *e)
{
	struct held h = {NULL, 0, 0, false};
	bool ok = held_add(&h, person);

	for (size_t i = 0; ok && i < kind_count(); i++) {
		const struct list_spec spec = {.kind = kind_at(i)->key, .order = LIST_BY_DAY_UP, .linked = person};
		if (!store_list(s, &spec, NULL, false, SIZE_MAX, held_row, &h, e)) {
			free(h.v);
			return false;
		}
		ok = !h.oom;
	}
	if (!ok) {
		free(h.v);
		return err_nomem(e, "register_held");
	}
	*ids = h.v;
	*n = h.n;
	return true;
}

struct dossier {
	struct store *s;
	enum date_lang lang;
	struct moment now;
	struct buf *out;
	const struct kind *kind;
	const struct id *held;
	size_t n;
	size_t passages;
};

static bool dossier_record(struct dossier *d, const struct id *id, struct err *e)
{
	struct buf title = BUF_INIT;
	struct record r;
	bool ok;

	record_init(&r);
	ok = store_get(d->s, id, &r, e);
	if (ok) {
		const struct kind *k = kind_find(r.kind);
		store_title(d->s, id, &title);
		buf_printf(d->out, "\n%s%s%s\n", k ? _(k->label) : r.kind, _(": "), buf_str(&title));
		lines_record(d->s, &r, d->lang, d->out);
	}
	record_done(&r);
	buf_done(&title);
	return ok;
}

/* What was written and replaced is held still. */
static bool dossier_change(void *ctx, const struct history *h)
{
	struct dossier *d = ctx;

	buf_str_add(d->out, "- ");
	date_short(&h->when, NULL, d->lang, d->out);
	buf_printf(d->out, "%s%s\n", h->who[0] ? ", " : "", h->who);
	for (size_t i = 0; h->change && i < h->change->n; i++) {
		const struct edit *ed = &h->change->edits[i];
		const char *eq = strchr(ed->key, '=');
		char *key = str_ndup(ed->key, eq ? (size_t)(eq - ed->key) : strlen(ed->key));
		const struct field *f = key && d->kind ? kind_field(d->kind, key) : NULL;
		struct buf value = BUF_INIT, safe = BUF_INIT;
		struct id to;
		if (strcmp(ed->key, RECORD_ALIVE) != 0) {
			if (eq)
				buf_printf(&value, "%c ", ed->len ? '+' : '-');
			if (f && f->type == FIELD_REF && id_parse(eq ? eq + 1 : ed->text, &to))
				store_title(d->s, &to, &value);
			else if (eq)
				buf_str_add(&value, eq + 1);
			else if (f && f->type != FIELD_REF)
				value_show(f, ed->text, &d->now, d->lang, &value);
			else
				buf_add(&value, ed->text, ed->len);
			text_safe(&safe, buf_str(&value), value.len, false);
			buf_printf(d->out, "    %s%s%s\n", f ? _(f->label) : key ? key : "", _(": "), buf_str(&safe));
		}
		buf_done(&value);
		buf_done(&safe);
		free(key);
	}
	return true;
}

static bool dossier_receipt(void *ctx, const struct stream *st, bool has)
{
	struct dossier *d = ctx;

	buf_printf(d->out, "- %s%s%s\n", st->label[0] ? st->label : st->who.name, _(": "),
		   has ? _("has it") : _("has not said yet to have it"));
	return true;
}

static bool dossier_who_has(struct dossier *d, const struct id *person, struct err *e)
{
	struct err none = ERR_INIT;
	bool sent = false;

	lines_heading(d->out, _("Who has it besides"));
	if (devices_receipts(d->s, person, &sent, dossier_receipt, d, &none))
		return true;
	if (none.code != ERR_NOT_FOUND) {
		*e = none;
		return false;
	}
	buf_printf(d->out, "%s\n", _("Nobody: this notebook is on this device alone."));
	return true;
}

/* Others may be in the same text: only the passage is shown. */
static bool dossier_hit(void *ctx, const struct hit *hit)
{
	struct dossier *d = ctx;
	const struct kind *k = kind_find(hit->row.kind);
	struct moment m;

	for (size_t i = 0; i < d->n; i++)
		if (id_eq(&d->held[i], &hit->row.id))
			return true;
	buf_printf(d->out, "- %s", k ? _(k->label) : hit->row.kind);
	if (moment_parse(hit->row.day, &m)) {
		buf_char(d->out, ' ');
		date_short(&m, NULL, d->lang, d->out);
	}
	buf_printf(d->out, "%s%s\n    %s\n", _(": "), hit->row.title, hit->passage);
	d->passages++;
	return true;
}

static bool dossier_named(struct dossier *d, const struct id *person, struct err *e)
{
	struct buf query = BUF_INIT, title = BUF_INIT;
	bool ok = true;

	lines_heading(d->out, _("Texts of other records that name them"));
	buf_char(&query, '"');
	store_title(d->s, person, &title);
	for (size_t i = 0; i < title.len; i++)
		buf_char(&query, title.p[i] == '"' ? ' ' : title.p[i]);
	buf_char(&query, '"');
	if (title.len > 0)
		ok = buf_ok(&query, e) && store_find(d->s, buf_str(&query), DOSSIER_PASSAGES, dossier_hit, d, NULL, e);
	if (d->passages == 0)
		buf_printf(d->out, "%s\n", _("None."));
	buf_done(&query);
	buf_done(&title);
	return ok;
}

bool register_dossier(struct store *s, const struct id *person, enum date_lang lang, struct buf *out, struct err *e)
{
	struct dossier d = {.s = s, .lang = lang, .out = out, .kind = kind_find("person")};
	struct buf title = BUF_INIT;
	struct moment today;
	struct id *ids;
	bool ok;

	if (!register_held(s, person, &ids, &d.n, e))
		return false;
	d.held = ids;
	store_now(s, &d.now);
	today = d.now;
	today.has_time = today.has_offset = false;
	store_title(s, person, &title);
	buf_printf(out, _("All that this notebook holds on %s"), buf_str(&title));
	buf_printf(out, "\n%s%s", _("Date"), _(": "));
	date_long(&today, lang, out);
	buf_char(out, '\n');
	ok = dossier_record(&d, person, e);
	if (ok && d.n > 1)
		lines_heading(out, _("What refers to them"));
	for (size_t i = 1; ok && i < d.n; i++)
		ok = dossier_record(&d, &ids[i], e);
	ok = ok && dossier_named(&d, person, e) && dossier_who_has(&d, person, e);
	if (ok) {
		lines_heading(out, _("What was written, when and by whom"));
		ok = store_history(s, person, dossier_change, &d, e);
	}
	ok = ok && buf_ok(out, e);
	free(ids);
	buf_done(&title);
	return ok;
}

/* The folder. */

static bool export_to(const char *folder, const char *name, const struct buf *b, struct err *e)
{
	struct buf path = BUF_INIT;
	bool ok;

	buf_printf(&path, "%s/%s", folder, name);
	ok = buf_ok(b, e) && buf_ok(&path, e) && io_write_file(buf_str(&path), buf_str(b), b->len, false, e);
	buf_done(&path);
	return ok;
}

static bool export_as(struct store *s, const char *folder, const char *name, const char *format, const struct id *ids,
		      size_t n, enum date_lang lang, struct err *e)
{
	const struct export_options o = {.with_private = true, .lang = lang};
	struct export_report report;
	struct buf b = BUF_INIT;
	bool ok = export_bytes(s, format_find(format), ids, n, &o, &b, &report, e) && export_to(folder, name, &b, e);

	buf_done(&b);
	return ok;
}

/* Two of one name: the second goes by its id too. */
static bool export_file_out(struct store *s, const char *folder, const struct id *file, struct register_export *out,
			    struct err *e)
{
	struct buf path = BUF_INIT, name = BUF_INIT;
	struct err why = ERR_INIT;
	char id[ID_TEXT + 1];
	bool ok;

	id_text(file, id);
	ok = store_file_name(s, file, &name, e);
	buf_printf(&path, "%s/files/%s", folder, buf_str(&name));
	ok = ok && buf_ok(&path, e) && !name.oom;
	if (ok && !store_file_extract(s, file, buf_str(&path), &why)) {
		if (why.code == ERR_EXISTS) {
			buf_clear(&path);
			buf_printf(&path, "%s/files/%.8s-%s", folder, id, buf_str(&name));
			why = (struct err)ERR_INIT;
			ok = store_file_extract(s, file, buf_str(&path), &why);
		} else {
			ok = false;
		}
	}
	if (ok)
		out->files++;
	else if (why.code == ERR_NOT_FOUND && strcmp(why.where, STORE_CONTENT) == 0)
		out->away++;
	else if (why.code != ERR_NONE)
		*e = why;
	ok = ok || (why.code == ERR_NOT_FOUND && strcmp(why.where, STORE_CONTENT) == 0);
	buf_done(&path);
	buf_done(&name);
	return ok;
}

static bool export_files(struct store *s, const char *folder, const struct id *ids, size_t n,
			 struct register_export *out, struct err *e)
{
	struct buf dir = BUF_INIT, set = BUF_INIT;
	bool ok = true, made = false;

	buf_printf(&dir, "%s/files", folder);
	for (size_t i = 0; ok && i < n; i++) {
		struct record r;
		record_init(&r);
		ok = store_get(s, &ids[i], &r, e);
		buf_clear(&set);
		if (ok)
			record_set(&r, "files", &set);
		record_done(&r);
		for (char *line = set.len ? set.p : NULL, *end; ok && line && *line; line = end) {
			struct id file;
			size_t len = strcspn(line, "\n");
			end = line + len + (line[len] == '\n');
			line[len] = '\0';
			if (!id_parse(line, &file))
				continue;
			ok = (made || io_make_dirs(buf_str(&dir), e)) && export_file_out(s, folder, &file, out, e);
			made = true;
		}
	}
	buf_done(&dir);
	buf_done(&set);
	return ok;
}

bool register_export(struct store *s, const struct id *person, const char *folder, enum date_lang lang,
		     struct register_export *out, struct err *e)
{
	struct buf text = BUF_INIT;
	struct id *ids = NULL;
	size_t n = 0;
	bool ok = register_held(s, person, &ids, &n, e) && register_dossier(s, person, lang, &text, e) &&
		  io_make_dirs(folder, e) && export_to(folder, "dossier.txt", &text, e) &&
		  export_as(s, folder, "data.jsonl", "jsonl", ids, n, lang, e) &&
		  export_as(s, folder, "contact.vcf", "vcard", person, 1, lang, e);

	*out = (struct register_export){.records = n};
	ok = ok && export_files(s, folder, ids, n, out, e);
	free(ids);
	buf_done(&text);
	return ok;
}
