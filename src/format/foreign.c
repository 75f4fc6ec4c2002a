/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "arpent/import.h"
#include "arpent/text.h"

static void foreign_done(struct foreign *f)
{
	for (size_t i = 0; i < f->n; i++) {
		free(f->fields[i].key);
		buf_done(&f->fields[i].text);
	}
	free(f->fields);
	free(f->kind);
}

void foreign_list_done(struct foreign_list *l)
{
	for (size_t i = 0; i < l->n; i++)
		foreign_done(&l->v[i]);
	free(l->v);
	*l = (struct foreign_list){0};
}

struct foreign *foreign_add(struct foreign_list *l, const char *kind, size_t line, struct err *e)
{
	if (l->n >= IMPORT_RECORDS_MAX) {
		(void)err_set(e, ERR_LIMIT, "foreign_add", "more than %d records", IMPORT_RECORDS_MAX);
		return NULL;
	}
	if (!record_kind_valid(kind, strlen(kind))) {
		(void)err_set(e, ERR_FORMAT, "foreign_add", "line %zu: kind %.40s", line, kind);
		return NULL;
	}
	if (l->n == l->cap) {
		size_t cap = l->cap ? l->cap * 2 : 16;
		struct foreign *grown = realloc(l->v, cap * sizeof *grown);
		if (!grown) {
			(void)err_nomem(e, "foreign_add");
			return NULL;
		}
		l->v = grown;
		l->cap = cap;
	}
	struct foreign *f = &l->v[l->n];
	*f = (struct foreign){.kind = str_dup(kind), .line = line};
	if (!f->kind) {
		(void)err_nomem(e, "foreign_add");
		return NULL;
	}
	l->n++;
	return f;
}

static struct foreign_field *foreign_find(const struct foreign *f, const char *key)
{
	for (size_t i = 0; i < f->n; i++)
		if (strcmp(f->fields[i].key, key) == 0)
			return &f->fields[i];
	return NULL;
}

static struct foreign_field *foreign_put(struct foreign *f, const char *key, struct err *e)
{
	struct foreign_field *field = foreign_find(f, key);

	if (field)
		return field;
	if (f->n >= IMPORT_FIELDS_MAX) {
		(void)err_set(e, ERR_LIMIT, "foreign_put", "line %zu: more than %d fields", f->line, IMPORT_FIELDS_MAX);
		return NULL;
	}
	if (f->n == f->cap) {
		size_t cap = f->cap ? f->cap * 2 : 8;
		struct foreign_field *grown = realloc(f->fields, cap * sizeof *grown);
		if (!grown) {
			(void)err_nomem(e, "foreign_put");
			return NULL;
		}
		f->fields = grown;
		f->cap = cap;
	}
	field = &f->fields[f->n];
	*field = (struct foreign_field){.key = str_dup(key), .text = BUF_INIT};
	if (!field->key) {
		(void)err_nomem(e, "foreign_put");
		return NULL;
	}
	f->n++;
	return field;
}

struct buf *foreign_text(struct foreign *f, const char *key, struct err *e)
{
	struct foreign_field *field = foreign_put(f, key, e);

	return field ? &field->text : NULL;
}

const char *foreign_get(const struct foreign *f, const char *key)
{
	const struct foreign_field *field = foreign_find(f, key);

	return field ? buf_str(&field->text) : "";
}

bool foreign_has_line(const char *lines, const char *s, size_t n)
{
	for (;;) {
		size_t len = strcspn(lines, "\n");
		if (len == n && memcmp(lines, s, n) == 0)
			return true;
		if (!lines[len])
			return false;
		lines += len + 1;
	}
}

bool foreign_element(struct foreign *f, const char *key, const char *text, size_t n, struct err *e)
{
	struct foreign_field *field = foreign_put(f, key, e);
	struct buf *b = field ? &field->text : NULL;

	if (!b)
		return false;
	if (n > 0 && !foreign_has_line(buf_str(b), text, n)) {
		if (field->elements++ >= IMPORT_SET_MAX)
			return err_set(e, ERR_LIMIT, "foreign_element", "line %zu: more than %d: %s", f->line,
				       IMPORT_SET_MAX, key);
		if (b->len > 0)
			buf_char(b, '\n');
		buf_add(b, text, n);
	}
	return buf_ok(b, e);
}

void foreign_clean(const char *s, bool lines, struct buf *out)
{
	struct buf b = BUF_INIT;
	size_t start = out->len;

	text_nfc(&b, s, strlen(s));
	for (const char *c = buf_str(&b); *c; c++) {
		bool blank = isspace((unsigned char)*c) && !(lines && *c == '\n');
		if (((unsigned char)*c < 0x20 && !isspace((unsigned char)*c)) || *c == 0x7f)
			continue;
		if ((blank || *c == '\n') && out->len == start)
			continue;
		buf_char(out, blank ? ' ' : *c);
	}
	while (out->len > start && strchr(" \n", out->p[out->len - 1]))
		buf_truncate(out, out->len - 1);
	buf_done(&b);
}

void foreign_same_key(const struct field *f, const char *text, struct buf *out)
{
	if (f->type == FIELD_PHONE) {
		for (const char *c = text; *c; c++)
			if (isdigit((unsigned char)*c) || *c == '+')
				buf_char(out, *c);
	}
	if (f->type == FIELD_EMAIL)
		text_fold(out, text, strlen(text));
	if (out->len == 0)
		buf_str_add(out, text);
}

bool foreign_canonical(struct foreign *f, const struct field *field, struct err *e)
{
	struct foreign_field *t = field ? foreign_find(f, field->key) : NULL;
	struct buf parsed = BUF_INIT;
	struct moment now;

	if (!t || t->text.len == 0 || value_valid(field, buf_str(&t->text)))
		return true;
	if (field->type == FIELD_REF) /* a name: import_plan() looks for it */
		return true;
	moment_now(&now);
	bool ok = value_parse(field, buf_str(&t->text), &now, &parsed, NULL);
	if (ok) {
		buf_clear(&t->text);
		buf_add(&t->text, buf_str(&parsed), parsed.len);
		ok = buf_ok(&t->text, e);
	} else if (field->type == FIELD_CODE) {
		ok = true;
	} else {
		(void)err_set(e, ERR_FORMAT, "foreign_canonical", "line %zu: %s: %.60s", f->line, field->key,
			      buf_str(&t->text));
	}
	buf_done(&parsed);
	return ok;
}
