/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What was typed into a form, read: values, vocabularies, references. */
#include "form.h"

#include <stdlib.h>
#include <string.h>

#include "arpent/minutes.h"
#include "arpent/text.h"

#define FORM_FITS 12 /* offered at most */

static void form_hint(struct form_field *ff, bool wrong, char *hint)
{
	free(ff->hint);
	ff->hint = hint;
	ff->wrong = wrong;
}

void form_fits_done(struct form_fit *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		free(v[i].title);
		free(v[i].detail);
	}
	free(v);
}

/* One name of a reference against the notebook: how many fit, best first. */
static size_t form_match(struct tui *t, const char *refers, const char *typed, struct form_fit *out, size_t max)
{
	const struct named *names;
	struct match fits[FORM_FITS];
	struct err e = ERR_INIT;
	size_t n, found;

	if (!store_names(t->store, refers, &names, &n, &e))
		return 0;
	found = names_match(names, n, typed, fits, FORM_FITS);
	for (size_t i = 0; i < found && i < FORM_FITS && i < max; i++) {
		const struct named *who = &names[fits[i].index];
		out[i] = (struct form_fit){who->id, str_dup(who->name), str_dup(who->detail ? who->detail : "")};
	}
	return found;
}

/* The element of a list of names that is being typed: the last one. */
static const char *form_last(const struct form_field *ff)
{
	const char *s = form_typed(ff), *semi;

	if (ff->f->flags & FIELD_SET)
		while ((semi = strpbrk(s, ";,")))
			s = semi + 1;
	return s + strspn(s, " ");
}

size_t form_fits(struct tui *t, const struct form_field *ff, struct form_fit **out)
{
	const char *typed = form_last(ff);
	size_t n;

	*out = NULL;
	if (ff->f->type != FIELD_REF || !ff->f->refers)
		return 0;
	struct form_fit *v = calloc(FORM_FITS, sizeof *v);
	if (!v)
		return 0;
	n = form_match(t, ff->f->refers, typed, v, FORM_FITS);
	*out = v;
	return n < FORM_FITS ? n : FORM_FITS;
}

/* Can a record of this kind be made from a name alone? */
static bool form_makes(const char *kind)
{
	return kind && (strcmp(kind, "person") == 0 || strcmp(kind, "organisation") == 0 || strcmp(kind, "site") == 0);
}

static char *form_say(const char *fmt, const char *s)
{
	struct buf b = BUF_INIT;
	const char *at = strstr(fmt, "%s");

	buf_add(&b, fmt, at ? (size_t)(at - fmt) : strlen(fmt));
	if (at) {
		buf_str_add(&b, s);
		buf_str_add(&b, at + 2);
	}
	return buf_steal(&b);
}

static void form_check_ref(struct tui *t, struct form_field *ff)
{
	struct form_fit fits[2] = {{.title = NULL}};
	struct buf n = BUF_INIT;
	const char *typed = form_typed(ff);
	size_t found;

	if (!*typed || !ff->f->refers || (ff->f->flags & FIELD_SET))
		return;
	found = form_match(t, ff->f->refers, typed, fits, 2);
	if (found == 1 && fits[0].title) {
		line_set(&ff->line, fits[0].title);
		if (fits[0].detail && *fits[0].detail)
			form_hint(ff, false, str_dup(fits[0].detail));
	} else if (found > 1 && !(fits[0].title && fits[1].title && strcmp(fits[0].title, typed) == 0 &&
				  strcmp(fits[1].title, typed) != 0)) {
		buf_printf(&n, _("%zu fit: ^N chooses."), found);
		form_hint(ff, true, buf_steal(&n));
	} else if (found == 0 && form_makes(ff->f->refers)) {
		form_hint(ff, false, str_dup(_("Not known yet: made on saving.")));
	} else if (found == 0) {
		form_hint(ff, true, str_dup(_("No such record.")));
	}
	for (size_t i = 0; i < 2; i++) {
		free(fits[i].title);
		free(fits[i].detail);
	}
}

/* Puts the whole reading in the place of what was typed, if that reads the same again. */
static void form_complete(struct tui *t, struct form_field *ff, const char *canonical)
{
	struct buf shown = BUF_INIT, again = BUF_INIT;
	struct err e = ERR_INIT;

	value_show(ff->f, canonical, &t->now, t->lang, &shown);
	for (size_t i = 0; i < shown.len; i++)
		if (shown.p[i] == '\n')
			shown.p[i] = ';';
	if (value_parse(ff->f, buf_str(&shown), &t->now, &again, &e) && strcmp(buf_str(&again), canonical) == 0)
		form_set(ff, buf_str(&shown));
	else if (!(ff->f->flags & FIELD_SET))
		form_set(ff, canonical);
	buf_done(&shown);
	buf_done(&again);
}

void form_check(struct form *fm, struct tui *t, struct form_field *ff)
{
	struct buf canonical = BUF_INIT;
	struct err e = ERR_INIT;
	const char *hint;

	(void)fm;
	form_hint(ff, false, NULL);
	if (!form_field_edited(ff))
		return;
	if (ff->f->type == FIELD_REF) {
		form_check_ref(t, ff);
	} else if (!value_parse(ff->f, form_typed(ff), &t->now, &canonical, &e)) {
		hint = value_hint(ff->f);
		form_hint(ff, true,
			  hint ? form_say(_("Not understood. Expected: %s"), hint) : str_dup(_("Not understood.")));
	} else if (ff->f->type != FIELD_TEXT && ff->f->type != FIELD_LINE) {
		form_complete(t, ff, buf_str(&canonical));
	}
	buf_done(&canonical);
}

static bool form_make(struct tui *t, const char *kind, const char *name, struct id *out, struct err *e)
{
	const struct field *f = kind_field_flag(kind_find(kind), FIELD_TITLE);
	struct want w = {.key = f->key, .text = name};

	return store_new(t->store, kind, &w, 1, out, e);
}

/* One name to an id: the record it had, the only one that fits or bears exactly this name, or a new one. */
static bool form_resolve(struct tui *t, const struct form_field *ff, const char *name, struct id *out, struct err *e)
{
	struct form_fit fits[FORM_FITS] = {{.title = NULL}};
	size_t found, exact = 0;

	if (!ff->f->refers)
		return store_resolve(t->store, name, NULL, out, e);
	found = form_match(t, ff->f->refers, name, fits, FORM_FITS);
	for (size_t i = 0; i < FORM_FITS && i < found; i++) {
		if (fits[i].title && strcmp(fits[i].title, name) == 0 && exact++ == 0)
			*out = fits[i].id;
		if (found == 1)
			*out = fits[i].id;
	}
	for (size_t i = 0; i < FORM_FITS; i++) {
		free(fits[i].title);
		free(fits[i].detail);
	}
	if (found == 1 || exact == 1)
		return true;
	if (found == 0 && form_makes(ff->f->refers))
		return form_make(t, ff->f->refers, name, out, e);
	return err_set(e, ERR_INPUT, "form_resolve", "%s", name);
}

static bool form_refs(struct tui *t, const struct form_field *ff, struct buf *out, struct err *e)
{
	const char *s = form_typed(ff);
	bool ok = true;

	while (ok && *s) {
		size_t len = ff->f->flags & FIELD_SET ? strcspn(s, ";") : strlen(s);
		const char *from = s + strspn(s, " ");
		size_t n = from < s + len ? (size_t)(s + len - from) : 0;
		while (n && from[n - 1] == ' ')
			n--;
		char *name = n ? str_ndup(from, n) : NULL;
		char text[ID_TEXT + 1];
		struct id id;
		if (name && (ok = form_resolve(t, ff, name, &id, e))) {
			id_text(&id, text);
			if (out->len)
				buf_char(out, '\n');
			buf_str_add(out, text);
		}
		free(name);
		s += len;
		s += *s == ';';
	}
	return ok;
}

/* The canonical text of every edited field.  The store is in a step: what a reference makes is part of it. */
static bool form_wants(struct form *fm, struct tui *t, struct want *w, struct buf *texts, size_t *n, size_t *wrong,
		       struct err *e)
{
	for (size_t i = 0; i < fm->n; i++) {
		struct form_field *ff = &fm->v[i];
		*wrong = i;
		if (!form_field_edited(ff)) {
			if ((ff->f->flags & FIELD_REQUIRED) && !*form_typed(ff))
				return err_set(e, ERR_INPUT, "form_save", "%s", ff->f->key);
			continue;
		}
		if ((ff->f->flags & FIELD_REQUIRED) && !*form_typed(ff))
			return err_set(e, ERR_INPUT, "form_save", "%s", ff->f->key);
		if (ff->f->type == FIELD_REF ? !form_refs(t, ff, &texts[i], e)
					     : !value_parse(ff->f, form_typed(ff), &t->now, &texts[i], e))
			return false;
		w[(*n)++] = (struct want){.key = ff->f->key,
					  .text = buf_str(&texts[i]),
					  .is_set = (ff->f->flags & FIELD_SET) != 0,
					  .is_text = ff->f->type == FIELD_TEXT};
	}
	return true;
}

bool form_save(struct form *fm, struct tui *t, size_t *wrong, struct err *e)
{
	bool fresh = id_is_zero(&fm->id), ok;
	struct want *w = calloc(fm->n, sizeof *w);
	struct buf *texts = calloc(fm->n, sizeof *texts);
	size_t n = 0;

	ok = (w && texts) || err_nomem(e, "form_save");
	ok = ok && store_step_begin(t->store, fresh ? N_("New record") : N_("Edited"), e);
	if (ok) {
		ok = form_wants(fm, t, w, texts, &n, wrong, e) &&
		     (fresh ? store_new(t->store, fm->kind->key, w, n, &fm->id, e)
			    : store_edit(t->store, &fm->id, w, n, e));
		if (!ok && fresh)
			memset(&fm->id, 0, sizeof fm->id);
		if (!ok)
			store_step_cancel(t->store);
		else
			ok = store_step_end(t->store, e) && store_draft_set(t->store, fm->draft, "", NULL, 0, e);
	}
	for (size_t i = 0; texts && i < fm->n; i++)
		buf_done(&texts[i]);
	free(texts);
	free(w);
	return ok;
}
