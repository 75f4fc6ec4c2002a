/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "plan.h"

#include <stdlib.h>
#include <string.h>

static bool plan_take(struct import_row *row, const char *key, struct buf *text, bool set, struct err *e)
{
	struct foreign_field *grown = realloc(row->takes, (row->ntakes + 1) * sizeof *grown);

	if (grown)
		row->takes = grown;
	char *copy = str_dup(key);
	if (!grown || !copy || !buf_ok(text, e)) {
		free(copy);
		return err_nomem(e, "plan_take");
	}
	row->takes[row->ntakes++] = (struct foreign_field){.key = copy, .text = *text, .set = set};
	buf_init(text);
	return true;
}

static bool plan_diff(struct import_row *row, enum import_kept why, const char *key, const char *ours,
		      const char *theirs, size_t n, struct err *e)
{
	struct import_diff *grown = realloc(row->diffs, (row->ndiffs + 1) * sizeof *grown);

	if (!grown)
		return err_nomem(e, "plan_diff");
	row->diffs = grown;
	struct import_diff *d = &row->diffs[row->ndiffs++];
	*d = (struct import_diff){why, str_dup(key), str_dup(ours), str_ndup(theirs, n)};
	return (d->key && d->ours && d->theirs) || err_nomem(e, "plan_diff");
}

/* Was the field, or with n > 0 this element of it, written here once and emptied since? */
static bool plan_emptied(const struct record *r, const char *key, const char *element, size_t n)
{
	size_t len = strlen(key);

	for (size_t i = 0; i < r->n; i++) {
		const char *k = r->entries[i].key;
		if (strncmp(k, key, len) != 0 || (n == 0 ? k[len] != '\0' : k[len] != '='))
			continue;
		if (n == 0 || (strlen(k + len + 1) == n && memcmp(k + len + 1, element, n) == 0))
			return record_get(r, k)[0] == '\0';
	}
	return false;
}

/* The same to a person, though written otherwise? */
static bool plan_has(const struct field *f, const char *lines, const char *s, size_t n)
{
	struct buf a = BUF_INIT, b = BUF_INIT, piece = BUF_INIT;
	bool has = foreign_has_line(lines, s, n);

	if (!has && f && (f->type == FIELD_PHONE || f->type == FIELD_EMAIL)) {
		buf_add(&piece, s, n);
		foreign_same_key(f, buf_str(&piece), &a);
		for (; !has && *lines; lines += strcspn(lines, "\n") + (lines[strcspn(lines, "\n")] != 0)) {
			buf_clear(&piece);
			buf_clear(&b);
			buf_add(&piece, lines, strcspn(lines, "\n"));
			foreign_same_key(f, buf_str(&piece), &b);
			has = strcmp(buf_str(&a), buf_str(&b)) == 0;
		}
	}
	buf_done(&a);
	buf_done(&b);
	buf_done(&piece);
	return has;
}

struct plan_how {
	const struct record *ours;
	const struct field *field; /* NULL: unknown here */
	const char *key;
	bool emptied_too, overwrite;
	struct import_row *row;
};

/* Sets, and the lines of `extra`: what is missing is added. */
static bool plan_union(const struct plan_how *h, bool set, const char *theirs, struct err *e)
{
	struct buf all = BUF_INIT;
	bool ok = true, news = false;

	if (set)
		record_set(h->ours, h->key, &all);
	else
		buf_str_add(&all, record_get(h->ours, h->key));
	if (strcmp(buf_str(&all), theirs) == 0)
		theirs = "";
	while (ok && *theirs) {
		size_t n = strcspn(theirs, "\n");
		if (n > 0 && !plan_has(h->field, buf_str(&all), theirs, n)) {
			if (set && !h->emptied_too && plan_emptied(h->ours, h->key, theirs, n)) {
				ok = plan_diff(h->row, IMPORT_EMPTIED, h->key, "", theirs, n, e);
			} else {
				if (all.len > 0)
					buf_char(&all, '\n');
				buf_add(&all, theirs, n);
				news = true;
			}
		}
		theirs += n + (theirs[n] != '\0');
	}
	if (ok && news)
		ok = plan_take(h->row, h->key, &all, set, e);
	buf_done(&all);
	return ok;
}

static bool plan_single(const struct plan_how *h, const char *theirs, struct err *e)
{
	struct buf merged = BUF_INIT, text = BUF_INIT;
	struct shown shown;
	bool ok = true, is_text = h->field && h->field->type == FIELD_TEXT;

	record_shown(h->ours, h->key, is_text, &merged, &shown);
	const char *ours = shown.text ? shown.text : "";
	bool same = strcmp(ours, theirs) == 0 || (is_text && strstr(ours, theirs)) ||
		    plan_has(h->field, ours, theirs, strlen(theirs));
	if (!same && !h->overwrite && ours[0]) {
		ok = plan_diff(h->row, IMPORT_DIFFERS, h->key, ours, theirs, strlen(theirs), e);
	} else if (!same && !h->emptied_too && !ours[0] && plan_emptied(h->ours, h->key, NULL, 0)) {
		ok = plan_diff(h->row, IMPORT_EMPTIED, h->key, "", theirs, strlen(theirs), e);
	} else if (!same) {
		buf_str_add(&text, theirs);
		ok = plan_take(h->row, h->key, &text, false, e);
	}
	buf_done(&merged);
	buf_done(&text);
	return ok;
}

/* One of its own, its id as our vCards have it, or a name made up for a record that had none. */
static bool plan_uid_known(const struct record *ours, const char *uid)
{
	char id[ID_TEXT + 1];

	id_text(&ours->id, id);
	return record_get(ours, "uid")[0] || strncmp(uid, "sum:", 4) == 0 ||
	       (strncmp(uid, "urn:uuid:", 9) == 0 && strcmp(uid + 9, id) == 0);
}

/* A new record takes what the file says, as it lies there: a file of many is held once, not twice. */
static void plan_new(struct foreign *f, struct import_row *row)
{
	size_t n = 0;

	for (size_t i = 0; i < f->n; i++) {
		struct foreign_field t = f->fields[i];
		if (t.text.len > 0) {
			f->fields[n++] = t;
			continue;
		}
		free(t.key);
		buf_done(&t.text);
	}
	row->takes = f->fields;
	row->ntakes = n;
	f->fields = NULL;
	f->n = f->cap = 0;
}

bool plan_row(struct foreign *f, const struct record *ours, bool back, bool overwrite, struct import_row *row,
	      struct err *e)
{
	const struct kind *k = kind_find(f->kind);
	bool ok = true;

	if (!ours) {
		plan_new(f, row);
		return true;
	}
	for (size_t i = 0; ok && i < f->n; i++) {
		const struct foreign_field *t = &f->fields[i];
		struct plan_how h = {ours, k ? kind_field(k, t->key) : NULL, t->key, back || overwrite, overwrite, row};
		bool set = h.field ? (h.field->flags & FIELD_SET) != 0 : t->set;
		if (t->text.len == 0)
			continue;
		if (strcmp(t->key, "uid") == 0 && plan_uid_known(ours, buf_str(&t->text)))
			continue; /* how it is found, not what it says */
		if (set || strcmp(t->key, "extra") == 0)
			ok = plan_union(&h, set, buf_str(&t->text), e);
		else
			ok = plan_single(&h, buf_str(&t->text), e);
	}
	return ok;
}

bool plan_twin(struct foreign *first, const struct foreign *f, struct import_row *row, struct err *e)
{
	const struct kind *k = kind_find(f->kind);

	for (size_t i = 0; i < f->n; i++) {
		const struct foreign_field *t = &f->fields[i];
		const struct field *field = k ? kind_field(k, t->key) : NULL;
		const char *theirs = buf_str(&t->text), *ours = foreign_get(first, t->key);
		bool lines = (field ? (field->flags & FIELD_SET) != 0 : t->set) || strcmp(t->key, "extra") == 0;
		if (!lines && ours[0] && theirs[0] && strcmp(ours, theirs) != 0) {
			if (!plan_diff(row, IMPORT_DIFFERS, t->key, ours, theirs, t->text.len, e))
				return false;
			continue;
		}
		if (!lines && ours[0])
			continue;
		for (size_t n; *theirs; theirs += n + (theirs[n] != '\0')) {
			n = lines ? strcspn(theirs, "\n") : strlen(theirs);
			if (!foreign_element(first, t->key, theirs, n, e))
				return false;
		}
	}
	return true;
}
