/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "form.h"

#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "arpent/cbor.h"
#include "arpent/minutes.h"
#include "arpent/text.h"

#define FORM_DRAFT "form/"

const char *form_typed(const struct form_field *ff)
{
	return ff->f->type == FIELD_TEXT ? editor_text(&ff->text) : line_text(&ff->line);
}

void form_set(struct form_field *ff, const char *s)
{
	if (ff->f->type == FIELD_TEXT)
		editor_set(&ff->text, s);
	else
		line_set(&ff->line, s);
}

bool form_field_edited(const struct form_field *ff)
{
	return strcmp(form_typed(ff), ff->was ? ff->was : "") != 0;
}

bool form_edited(const struct form *fm)
{
	for (size_t i = 0; i < fm->n; i++)
		if (form_field_edited(&fm->v[i]))
			return true;
	return false;
}

static void form_forget(struct form_field *ff)
{
	char **all[] = {&ff->was, &ff->kept, &ff->hint};

	for (size_t j = 0; j < sizeof all / sizeof *all; j++) {
		if (*all[j])
			sodium_memzero(*all[j], strlen(*all[j]));
		free(*all[j]);
		*all[j] = NULL;
	}
}

void form_done(struct form *fm)
{
	for (size_t i = 0; i < fm->n; i++) {
		struct form_field *ff = &fm->v[i];
		line_done(&ff->line);
		editor_done(&ff->text);
		form_forget(ff);
	}
	free(fm->v);
	free(fm->draft);
	memset(fm, 0, sizeof *fm);
}

/* The value as it can be typed again: sets on one line. */
static bool form_show(struct form_field *ff, struct tui *t, const struct record *r)
{
	struct buf shown = BUF_INIT, kept = BUF_INIT, merged = BUF_INIT;
	struct shown s;

	if (ff->f->flags & FIELD_SET) {
		record_set(r, ff->f->key, &kept);
	} else {
		record_shown(r, ff->f->key, ff->f->type == FIELD_TEXT, &merged, &s);
		buf_add(&kept, s.text ? s.text : "", s.len);
		ff->settle = s.conflict;
	}
	if (ff->f->type == FIELD_TEXT)
		buf_add(&shown, buf_str(&kept), kept.len);
	else
		store_show(t->store, r, ff->f, t->lang, &shown);
	for (size_t i = 0; ff->f->type != FIELD_TEXT && i < shown.len; i++)
		if (shown.p[i] == '\n')
			shown.p[i] = ';';
	form_set(ff, buf_str(&shown));
	if (ff->f->type == FIELD_TEXT)
		ff->text.at = 0;
	ff->was = str_dup(buf_str(&shown));
	ff->kept = str_dup(buf_str(&kept));
	buf_done(&merged);
	buf_done(&shown);
	buf_done(&kept);
	return ff->was && ff->kept;
}

bool form_again(struct form *fm, struct tui *t, struct form_field *ff, struct err *e)
{
	struct record r;

	record_init(&r);
	if (!store_get(t->store, &fm->id, &r, e))
		return false;
	form_forget(ff);
	ff->wrong = ff->settle = false;
	bool ok = form_show(ff, t, &r) || err_nomem(e, "form_again");
	record_done(&r);
	return ok;
}

/* A meeting's minutes are kept with references in them: they are edited as notes (view-meeting.c). */
static bool form_elsewhere(const struct kind *k, const struct field *f)
{
	return strcmp(k->key, "meeting") == 0 && strcmp(f->key, "notes") == 0;
}

static bool form_fields(struct form *fm, struct tui *t, const struct record *r, struct err *e)
{
	bool ok = (fm->v = calloc(kind_fields(fm->kind), sizeof *fm->v)) != NULL;

	for (size_t i = 0; ok && i < kind_fields(fm->kind); i++) {
		const struct field *f = kind_field_at(fm->kind, i);
		if ((f->flags & FIELD_HIDDEN) || f->type == FIELD_HASH || form_elsewhere(fm->kind, f))
			continue;
		struct form_field *ff = &fm->v[fm->n++];
		ff->f = f;
		line_init(&ff->line);
		editor_init(&ff->text);
		ok = form_show(ff, t, r);
	}
	return ok || err_nomem(e, "form_fields");
}

bool form_open(struct form *fm, struct tui *t, const char *kind, const struct id *id, struct err *e)
{
	struct record r;
	struct buf key = BUF_INIT;
	char text[ID_TEXT + 1];
	struct id fresh;

	memset(fm, 0, sizeof *fm);
	record_init(&r);
	if (id && !store_get(t->store, id, &r, e))
		return false;
	if (id)
		fm->id = *id;
	fm->kind = kind_find(id ? r.kind : kind);
	if (!id)
		id_new(&fresh);
	id_text(id ? id : &fresh, text);
	buf_printf(&key, id ? FORM_DRAFT "%s" : FORM_DRAFT "new/%s", text);
	fm->draft = buf_steal(&key);
	bool ok = fm->kind || err_set(e, ERR_NEWER, "form_open", "%s", id ? r.kind : kind);
	ok = ok && (fm->draft || err_nomem(e, "form_open")) && form_fields(fm, t, &r, e);
	record_done(&r);
	if (!ok)
		form_done(fm);
	return ok;
}

static bool form_is_moment(const struct field *f)
{
	return f->type == FIELD_MOMENT && (f->flags & FIELD_DATE_OF) && !(f->flags & FIELD_FUTURE);
}

void form_begin(struct form *fm, struct tui *t)
{
	struct buf b = BUF_INIT;
	struct moment now = t->now;

	now.has_offset = false;
	now.second = 0;
	for (size_t i = 0; i < fm->n; i++) {
		struct form_field *ff = &fm->v[i];
		buf_clear(&b);
		if (form_is_moment(ff->f))
			date_short(&now, NULL, t->lang, &b);
		else if (strcmp(ff->f->key, "observer") == 0)
			store_who(t->store, store_device(t->store), &b);
		if (b.len)
			form_set(ff, buf_str(&b));
	}
	buf_done(&b);
}

bool form_like(struct form *fm, struct tui *t, const struct id *id, struct err *e)
{
	struct record r;
	bool ok = true;

	record_init(&r);
	if (!store_get(t->store, id, &r, e))
		return false;
	if (!form_open(fm, t, r.kind, NULL, e)) {
		record_done(&r);
		return false;
	}
	for (size_t i = 0; ok && i < fm->n; i++) {
		struct form_field *ff = &fm->v[i];
		bool files = ff->f->refers && strcmp(ff->f->refers, "file") == 0;
		if ((ff->f->flags & FIELD_TITLE) || ff->f->type == FIELD_TEXT || files)
			continue;
		form_forget(ff);
		ok = form_show(ff, t, &r);
		/* Nothing of it is saved yet. */
		free(ff->was);
		free(ff->kept);
		ff->was = str_dup("");
		ff->kept = str_dup("");
		ff->settle = false;
	}
	form_begin(fm, t);
	record_done(&r);
	if (!ok) {
		form_done(fm);
		return err_nomem(e, "form_like");
	}
	return true;
}

/* Drafts: {"kind": text, "id": bytes or null, "typed": {key: text}}, in that order. */

bool form_keep(struct form *fm, struct tui *t, struct err *e)
{
	struct buf body = BUF_INIT, title = BUF_INIT;
	size_t edited = 0;

	for (size_t i = 0; i < fm->n; i++)
		edited += form_field_edited(&fm->v[i]);
	if (edited == 0)
		return store_draft_set(t->store, fm->draft, "", NULL, 0, e);
	cbor_w_array(&body, 3);
	cbor_w_text(&body, fm->kind->key, strlen(fm->kind->key));
	if (id_is_zero(&fm->id))
		cbor_w_null(&body);
	else
		cbor_w_bytes(&body, fm->id.b, ID_BYTES);
	cbor_w_map(&body, edited);
	buf_printf(&title, "%s", _(fm->kind->label));
	for (size_t i = 0, titled = 0; i < fm->n; i++) {
		const struct form_field *ff = &fm->v[i];
		const char *s = form_typed(ff);
		if (!titled && (ff->f->flags & FIELD_TITLE) && *s) {
			buf_str_add(&title, t->lang == DATE_FR ? " « " : ": ");
			buf_add(&title, s, text_fit(s, strcspn(s, "\n"), 50));
			buf_str_add(&title, t->lang == DATE_FR ? " »" : "");
			titled = 1;
		}
		if (form_field_edited(ff)) {
			cbor_w_text(&body, ff->f->key, strlen(ff->f->key));
			cbor_w_text(&body, s, strlen(s));
		}
	}
	bool ok = buf_ok(&body, e) && buf_ok(&title, e) &&
		  store_draft_set(t->store, fm->draft, buf_str(&title), body.p, body.len, e);
	if (body.p)
		sodium_memzero(body.p, body.cap);
	buf_done(&body);
	buf_done(&title);
	return ok;
}

static void form_fill(struct form *fm, struct cbor_r *r)
{
	for (size_t n = cbor_map(r); n > 0 && !r->bad; n--) {
		size_t nkey, ntext;
		const char *key = cbor_text(r, &nkey), *text = cbor_text(r, &ntext);
		for (size_t i = 0; !r->bad && i < fm->n; i++) {
			struct form_field *ff = &fm->v[i];
			char *s;
			if (strlen(ff->f->key) != nkey || memcmp(ff->f->key, key, nkey) != 0 ||
			    !(s = str_ndup(text, ntext)))
				continue;
			form_set(ff, s);
			sodium_memzero(s, ntext);
			free(s);
		}
	}
}

bool form_resume(struct form *fm, struct tui *t, const char *draft, struct err *e)
{
	struct buf body = BUF_INIT;
	struct cbor_r r;
	struct id id;
	bool fresh, ok = false;
	char *kind = NULL;
	size_t n;

	if (!store_draft_get(t->store, draft, &body, e))
		return false;
	cbor_r_init(&r, body.p, body.len);
	cbor_array(&r);
	const char *key = cbor_text(&r, &n);
	if (!(kind = str_ndup(key ? key : "", key ? n : 0)))
		goto out;
	if ((fresh = cbor_peek(&r) == CBOR_NULL))
		cbor_null(&r);
	else
		cbor_fixed(&r, id.b, ID_BYTES);
	if (!cbor_ok(&r, e) || !form_open(fm, t, kind, fresh ? NULL : &id, e))
		goto out;
	free(fm->draft);
	fm->draft = str_dup(draft);
	form_fill(fm, &r);
	if (!(ok = fm->draft && cbor_ok(&r, e)))
		form_done(fm);
out:
	free(kind);
	buf_done(&body);
	return ok;
}

/* Vocabularies. */

bool form_cycle(struct form_field *ff, int by)
{
	const struct vocabulary *v = ff->f->vocab ? vocab_find(ff->f->vocab) : NULL;
	size_t n, at = 0;

	if (ff->f->type == FIELD_BOOL) {
		form_set(ff, *form_typed(ff) && strcmp(form_typed(ff), _("no")) != 0 ? "" : _("yes"));
		return true;
	}
	if (!v || (ff->f->flags & FIELD_SET))
		return false;
	/* 0 is the empty value, then the terms in order. */
	n = v->n + 1;
	for (size_t i = 0; i < v->n; i++)
		if (strcmp(form_typed(ff), _(v->terms[i].label)) == 0)
			at = i + 1;
	at = (at + n + (size_t)(by > 0 ? 1 : n - 1)) % n;
	form_set(ff, at ? _(v->terms[at - 1].label) : "");
	return true;
}
