/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * CSV (RFC 4180) of records of one kind: a header of field keys, one record a row, a set's elements one a line inside
 * quotes.
 *
 * The round trip is exact, so nothing is put before a cell that a spreadsheet would take for a formula ("=", "+", "-",
 * "@"): open such a file there by importing its columns as text.
 */
#include <stdlib.h>
#include <string.h>

#include "charset.h"
#include "formats.h"

#define CSV_COLUMNS 512

struct csv {
	struct buf text;
	size_t at, line;
	char separator;
};

/* One cell; *last tells that the row ends with it.  False at the end of the file. */
static bool csv_cell(struct csv *c, struct buf *out, bool *last)
{
	const char *s = buf_str(&c->text);
	bool quoted = s[c->at] == '"';

	buf_clear(out);
	c->at += quoted;
	for (; c->at < c->text.len; c->at++) {
		char ch = s[c->at];
		if (quoted && ch == '"' && s[c->at + 1] == '"')
			c->at++;
		else if (quoted && ch == '"') {
			quoted = false;
			continue;
		} else if (!quoted && (ch == c->separator || ch == '\n' || (ch == '\r' && s[c->at + 1] == '\n')))
			break;
		c->line += ch == '\n';
		buf_char(out, ch);
	}
	*last = c->at >= c->text.len || s[c->at] != c->separator;
	if (c->at < c->text.len)
		c->at += s[c->at] == '\r' ? 2 : 1;
	c->line += *last;
	return !quoted;
}

/* By the first row: the one of ';', ',' and tab that is there most, outside quotes. */
static char csv_separator(const char *s)
{
	static const char all[] = ";,\t";
	size_t count[3] = {0}, best = 0;

	for (bool quoted = false; *s && (quoted || *s != '\n'); s++) {
		quoted ^= *s == '"';
		const char *hit = quoted ? NULL : strchr(all, *s);
		if (hit)
			count[hit - all]++;
	}
	for (size_t i = 1; i < 3; i++)
		if (count[i] > count[best])
			best = i;
	return all[best];
}

struct csv_head {
	char *names[CSV_COLUMNS];
	const struct field *fields[CSV_COLUMNS];
	size_t n;
};

static bool csv_head(struct csv *c, struct csv_head *h, struct err *e)
{
	struct buf cell = BUF_INIT;
	bool last = c->text.len == 0, ok = !last;

	while (ok && !last) {
		ok = csv_cell(c, &cell, &last) && h->n < CSV_COLUMNS && buf_ok(&cell, e);
		if (ok && !(h->names[h->n++] = str_dup(buf_str(&cell))))
			ok = err_nomem(e, "csv_read");
	}
	buf_done(&cell);
	return ok || err_set(e, ERR_FORMAT, "csv_read", "line 1: no header");
}

/* The columns by key or label; those of no field keep their name. */
static void csv_columns(struct csv_head *h, const struct kind *k)
{
	for (size_t i = 0; i < h->n; i++) {
		h->fields[i] = k ? kind_field(k, h->names[i]) : NULL;
		if (k && !h->fields[i] && strcmp(h->names[i], "id") != 0 && strcmp(h->names[i], "kind") != 0)
			h->fields[i] = kind_field_named(k, h->names[i]);
	}
}

/* A column whose name can be no key of ours ("Nom complet") is kept as lines of extra, "name: value". */
static bool csv_keep(struct foreign *f, const char *name, const char *value, struct err *e)
{
	struct buf line = BUF_INIT, *b = foreign_text(f, "extra", e);

	if (!b)
		return false;
	foreign_clean(name, false, &line);
	for (size_t i = 0; i < line.len; i++)
		if (line.p[i] == ':')
			line.p[i] = ' ';
	buf_str_add(&line, ": ");
	foreign_clean(value, false, &line);
	buf_printf(b, "%s%s", b->len > 0 ? "\n" : "", buf_str(&line));
	b->oom |= line.oom;
	buf_done(&line);
	return buf_ok(b, e);
}

static bool csv_set(struct foreign *f, const struct csv_head *h, size_t column, const struct buf *cell, struct err *e)
{
	const struct field *field = h->fields[column];
	const char *name = field ? field->key : h->names[column], *s = buf_str(cell);

	if (!name[0] || strcmp(name, "kind") == 0 || strcmp(name, "created") == 0 || strcmp(name, "edited") == 0)
		return true;
	if (strcmp(name, "id") == 0)
		return id_parse(s, &f->id) || err_set(e, ERR_FORMAT, "csv_read", "line %zu: id", f->line);
	if (strcmp(name, "deleted") == 0) {
		f->deleted = true;
		return true;
	}
	if (!record_key_valid(name, strlen(name)) || strchr(name, '=') || strcmp(name, RECORD_ALIVE) == 0)
		return csv_keep(f, name, s, e);
	struct buf *b = foreign_text(f, name, e);
	if (!b)
		return false;
	buf_add(b, s, cell->len);
	return buf_ok(b, e) && foreign_canonical(f, field, e);
}

static bool csv_row(struct csv *c, const struct csv_head *h, const char *kind, struct foreign_list *out, struct err *e)
{
	struct buf cells[CSV_COLUMNS] = {{0}};
	size_t n = 0, line = c->line;
	bool last = false, ok = true, any = false;

	while (ok && !last) {
		if (n == CSV_COLUMNS || !csv_cell(c, &cells[n], &last))
			ok = err_set(e, ERR_FORMAT, "csv_read", "line %zu: a quote is not closed, or too many columns",
				     line);
		else
			any |= cells[n].len > 0;
		n += n < CSV_COLUMNS;
	}
	if (ok && any) {
		for (size_t i = 0; i < n && i < h->n; i++)
			if (strcmp(h->names[i], "kind") == 0 && cells[i].len > 0)
				kind = buf_str(&cells[i]);
		struct foreign *f = kind ? foreign_add(out, kind, line, e) : NULL;
		if (!kind)
			(void)err_set(e, ERR_INPUT, "csv_read", "kind");
		ok = f != NULL;
		for (size_t i = 0; ok && i < n && i < h->n; i++)
			if (cells[i].len > 0)
				ok = csv_set(f, h, i, &cells[i], e);
	}
	for (size_t i = 0; i < n; i++)
		buf_done(&cells[i]);
	return ok;
}

/* The kind: as asked, else what the first row's "kind" says. */
static const char *csv_kind(struct csv *c, const struct csv_head *h, const struct import_options *o, struct buf *cell)
{
	struct csv look = *c;
	bool last = false;

	if (o->as)
		return o->as;
	for (size_t i = 0; !last && i < h->n && look.at < look.text.len; i++)
		if (csv_cell(&look, cell, &last) && strcmp(h->names[i], "kind") == 0)
			return buf_str(cell);
	return NULL;
}

bool csv_read(const char *p, size_t n, const struct import_options *o, struct foreign_list *out, struct err *e)
{
	struct csv c = {.text = BUF_INIT, .line = 1};
	struct csv_head h = {.n = 0};
	struct buf bytes = BUF_INIT, cell = BUF_INIT;

	charset_file(&bytes, p, n);
	charset_text(&c.text, buf_str(&bytes), bytes.len, NULL);
	buf_done(&bytes);
	c.separator = csv_separator(buf_str(&c.text));
	bool ok = buf_ok(&c.text, e) && csv_head(&c, &h, e);
	const char *kind = ok ? csv_kind(&c, &h, o, &cell) : NULL;
	if (kind)
		csv_columns(&h, kind_find(kind));
	while (ok && c.at < c.text.len)
		ok = csv_row(&c, &h, kind, out, e);
	for (size_t i = 0; i < h.n; i++)
		free(h.names[i]);
	buf_done(&cell);
	buf_done(&c.text);
	return ok;
}

static void csv_put(struct buf *out, const char *s, char separator)
{
	bool quote = strpbrk(s, "\"\r\n") || strchr(s, separator) || strchr(" \t", s[0]);

	if (!quote) {
		buf_str_add(out, s);
		return;
	}
	buf_char(out, '"');
	for (; *s; s++) {
		if (*s == '"')
			buf_char(out, '"');
		buf_char(out, *s);
	}
	buf_char(out, '"');
}

struct csv_out {
	const struct kind *kind;
	struct buf unknown; /* keys this version does not know, one a line */
	bool deleted;       /* a column says which are in the bin */
	char separator;
};

/* A field that is a set holds only elements; others are single values. */
static void csv_put_field(struct csv_out *w, const struct record *r, const char *key, size_t n, struct buf *out)
{
	struct buf name = BUF_INIT, value = BUF_INIT, merged = BUF_INIT;
	struct shown shown;

	buf_add(&name, key, n);
	const struct field *f = w->kind ? kind_field(w->kind, buf_str(&name)) : NULL;
	record_set(r, buf_str(&name), &value);
	if (value.len == 0) {
		record_shown(r, buf_str(&name), f && f->type == FIELD_TEXT, &merged, &shown);
		buf_str_add(&value, shown.text);
	}
	buf_char(out, w->separator);
	csv_put(out, buf_str(&value), w->separator);
	out->oom |= name.oom || value.oom || merged.oom;
	buf_done(&name);
	buf_done(&value);
	buf_done(&merged);
}

static void csv_put_row(struct csv_out *w, const struct record *r, struct buf *out)
{
	char id[ID_TEXT + 1];
	bool again;

	id_text(&r->id, id);
	buf_printf(out, "%s%c%s", id, w->separator, r->kind);
	if (w->deleted)
		buf_printf(out, "%c%s", w->separator, record_deleted(r, &again) ? "1" : "");
	for (size_t i = 0; w->kind && i < kind_fields(w->kind); i++) {
		const char *key = kind_field_at(w->kind, i)->key;
		csv_put_field(w, r, key, strlen(key), out);
	}
	for (const char *s = buf_str(&w->unknown); *s; s += strcspn(s, "\n") + 1)
		csv_put_field(w, r, s, strcspn(s, "\n"), out);
	buf_str_add(out, "\r\n");
}

static void csv_put_header(struct csv_out *w, struct buf *out)
{
	buf_printf(out, "id%ckind", w->separator);
	if (w->deleted)
		buf_printf(out, "%cdeleted", w->separator);
	for (size_t i = 0; w->kind && i < kind_fields(w->kind); i++)
		buf_printf(out, "%c%s", w->separator, kind_field_at(w->kind, i)->key);
	for (const char *s = buf_str(&w->unknown); *s; s += strcspn(s, "\n") + 1)
		buf_printf(out, "%c%.*s", w->separator, (int)strcspn(s, "\n"), s);
	buf_str_add(out, "\r\n");
}

static void csv_add_unknown(struct csv_out *w, const struct record *r)
{
	struct buf name = BUF_INIT;

	for (size_t i = 0; i < r->n; i++) {
		const char *key = r->entries[i].key;
		size_t n = strcspn(key, "=");
		buf_clear(&name);
		buf_add(&name, key, n);
		if (strcmp(key, RECORD_ALIVE) == 0 || (w->kind && kind_field(w->kind, buf_str(&name))) ||
		    foreign_has_line(buf_str(&w->unknown), key, n))
			continue;
		buf_add(&w->unknown, key, n);
		buf_char(&w->unknown, '\n');
	}
	w->unknown.oom |= name.oom;
	buf_done(&name);
}

/* The first pass finds the kind and the columns, the second writes. */
static bool csv_pass(const struct export_job *job, struct csv_out *w, char **kind, struct buf *out, struct err *e)
{
	bool ok = true, again;

	for (size_t i = 0; ok && i < job->n; i++) {
		struct record r;
		record_init(&r);
		ok = export_load(job, i, &r, e);
		bool bin = ok && record_deleted(&r, &again);
		if (ok && !*kind && !(*kind = str_dup(r.kind)))
			ok = err_nomem(e, "csv_write");
		if (!ok || strcmp(r.kind, *kind) != 0 || (bin && !job->options->whole)) {
			job->report->skipped += ok;
		} else if (out) {
			csv_put_row(w, &r, out);
			job->report->records++;
		} else {
			w->kind = kind_find(r.kind);
			csv_add_unknown(w, &r);
		}
		record_done(&r);
	}
	return ok;
}

bool csv_write(const struct export_job *job, struct buf *out, struct err *e)
{
	struct csv_out w = {.separator = job->options->separator ? job->options->separator : ';'};
	struct export_report first = {0};
	struct export_job look = *job;
	char *kind = NULL;

	look.report = &first;
	w.deleted = job->options->whole;
	bool ok = csv_pass(&look, &w, &kind, NULL, e);
	if (ok && kind) {
		csv_put_header(&w, out);
		ok = csv_pass(job, &w, &kind, out, e);
	}
	free(kind);
	ok = ok && buf_ok(&w.unknown, e);
	buf_done(&w.unknown);
	return ok;
}
