/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * form - the fields of one record being typed, from the table of kinds: read, checked, kept as a draft, saved.
 * view-form.c draws it.
 */
#ifndef ARPENT_TUI_FORM_H
#define ARPENT_TUI_FORM_H

#include "editor.h"
#include "line.h"
#include "tui.h"

struct form_field {
	const struct field *f;
	struct line line;   /* every type but FIELD_TEXT */
	struct editor text; /* FIELD_TEXT */
	char *was;          /* as it was shown before anything was typed */
	char *kept;         /* canonical text of that */
	char *hint;         /* what is wrong, or how it was understood; NULL */
	bool wrong;
	bool settle; /* two values to settle */
};

struct form {
	const struct kind *kind;
	struct id id; /* zero: a new record */
	char *draft;  /* the key of its draft */
	struct form_field *v;
	size_t n;
};

bool form_open(struct form *fm, struct tui *t, const char *kind, const struct id *id, struct err *e) MUST_USE;
/* From a draft: the record as it is now, and over it what was typed. */
bool form_resume(struct form *fm, struct tui *t, const char *draft, struct err *e) MUST_USE;
void form_done(struct form *fm); /* wipes */

/* A new record: the moment it is written down, and by whom where that is asked. */
void form_begin(struct form *fm, struct tui *t);
/* A new record like another: all of it but its title, moment, texts and files. */
bool form_like(struct form *fm, struct tui *t, const struct id *id, struct err *e) MUST_USE;
const char *form_typed(const struct form_field *ff);
void form_set(struct form_field *ff, const char *s);
bool form_edited(const struct form *fm); /* is anything not as it was? */
bool form_field_edited(const struct form_field *ff);
/* Reads a field that was left: puts the full reading in its place ("vendredi" becomes "27 nov 2026"), or says what is
 * wrong. */
void form_check(struct form *fm, struct tui *t, struct form_field *ff);
/* Reads a field of a record again, in place of what is typed in it: it was settled. */
bool form_again(struct form *fm, struct tui *t, struct form_field *ff, struct err *e) MUST_USE;
/* Another term of its vocabulary, or yes and no; false when the field has none. */
bool form_cycle(struct form_field *ff, int by);
/* Records whose names fit what is typed in a reference; the caller frees the titles and the array. */
struct form_fit {
	struct id id;
	char *title, *detail;
};
size_t form_fits(struct tui *t, const struct form_field *ff, struct form_fit **out);
void form_fits_done(struct form_fit *v, size_t n);

bool form_keep(struct form *fm, struct tui *t, struct err *e) MUST_USE; /* the draft; dropped when nothing is edited */
/* One step: people, organisations and sites named for the first time are made too.  ERR_INPUT: *wrong is the first
 * field that is. */
bool form_save(struct form *fm, struct tui *t, size_t *wrong, struct err *e) MUST_USE;

#endif
