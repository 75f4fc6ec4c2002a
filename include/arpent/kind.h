/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * kind - the one table: every kind of record and every field, described once (src/model/kinds.c).
 *
 * Forms, list columns, option names, JSON and CSV keys, the full-text index, validation, privacy, merge and the
 * manual's tables are read from here.  Keys are never renamed or reused.
 */
#ifndef ARPENT_KIND_H
#define ARPENT_KIND_H

#include <stddef.h>

#include "arpent/buf.h"
#include "arpent/date.h"

enum field_type {
	FIELD_LINE,   /* one line of text */
	FIELD_TEXT,   /* several lines; merged by lines */
	FIELD_INT,    /* whole number */
	FIELD_NUMBER, /* decimal number */
	FIELD_BOOL,   /* "1" or "" */
	FIELD_DAY,    /* 2026-12-12 */
	FIELD_MOMENT, /* 2026-12-12T14:00, or a day */
	FIELD_POINT,  /* lat,lon */
	FIELD_SHAPE,  /* an outline or a track: "lat,lon lat,lon ..." ; a blank line between parts */
	FIELD_REF,    /* the id of another record */
	FIELD_CODE,   /* a code of a vocabulary */
	FIELD_PHONE,
	FIELD_EMAIL,
	FIELD_URL,
	FIELD_HASH /* hexadecimal BLAKE2b of a file's content */
};

enum field_flags {
	FIELD_SET = 1 << 0,      /* several values, one a line of the canonical text; merged by union */
	FIELD_TITLE = 1 << 1,    /* part of the title, in table order */
	FIELD_REQUIRED = 1 << 2, /* a form asks for it; import does not insist */
	FIELD_FTS = 1 << 3,      /* in the full-text index */
	FIELD_LIST = 1 << 4,     /* a list column */
	FIELD_DATE_OF = 1 << 5,  /* the day a record is listed under */
	FIELD_PLACE_OF = 1 << 6, /* the point it is mapped at */
	FIELD_PRIVATE = 1 << 7,  /* confidential: never leaves the notebook unless its author says so */
	FIELD_HIDDEN = 1 << 8,   /* kept and exported, not on the form */
	FIELD_FUTURE = 1 << 9,   /* a date typed without a year lies ahead */
	FIELD_STATE = 1 << 10,   /* open or done: what lists mark as late or finished */
	FIELD_OWNER =
	    1 << 11 /* a reference to the record this one belongs to (a decision's meeting): sealed along with it */
};

struct term {
	const char *code;  /* kept */
	const char *label; /* N_() English; shown through gettext */
};

struct vocabulary {
	const char *key;
	const struct term *terms;
	size_t n;
	bool open; /* other values than these are accepted */
};

struct field {
	const char *key;   /* "start" */
	const char *label; /* N_("Start") */
	enum field_type type;
	unsigned flags;
	unsigned width;                        /* list columns */
	unsigned schema;                       /* the schema number that brought it */
	const char *vocab;                     /* vocabulary key, or NULL */
	const char *refers;                    /* kind of record a FIELD_REF names, or NULL for any */
	const char *dwc, *sinp, *vcard, *ical; /* export names, or NULL */
};

struct kind {
	const char *key;    /* "meeting" */
	const char *label;  /* N_("Meeting") */
	const char *plural; /* N_("Meetings") */
	const struct field *fields;
	size_t n;
	unsigned schema;
};

#define KIND_SCHEMA 1 /* this program's */

size_t kind_count(void);
const struct kind *kind_at(size_t i);
const struct kind *kind_find(const char *key); /* by key; NULL when unknown */
/* As people type it: key, label or plural in any loaded language, accents and case aside, unique prefix.  NULL when
 * none or several. */
const struct kind *kind_named(const char *typed);

/* Fields of every kind (tags, notes, share, review, uid, extra, files) come after a kind's own, but for those whose key
 * it has itself (a meeting's notes are its minutes).  Indexes run over both. */
size_t kind_fields(const struct kind *k);
const struct field *kind_field_at(const struct kind *k, size_t i);
const struct field *kind_field(const struct kind *k, const char *key);
const struct field *kind_field_named(const struct kind *k, const char *typed); /* key or label, folded */
const struct field *kind_field_flag(const struct kind *k, unsigned flag);      /* the first with it, or NULL */

const struct vocabulary *vocab_find(const char *key);
const char *vocab_label(const struct vocabulary *v, const char *code); /* translated; the code itself when unknown */

/* Typed text to canonical text, appended.  ERR_INPUT with the detail "key: what was typed" when it is not understood:
 * value_hint() says what would be. Sets: one element a line or separated by ';', each at most RECORD_KEY_MAX less the
 * key and '='.  Codes by code or label, folded, or the only one that begins so; vocabularies that are open take
 * anything.  References are resolved by the store, not here: a whole id passes. */
bool value_parse(const struct field *f, const char *typed, const struct moment *now, struct buf *out,
		 struct err *e) MUST_USE;
/* Canonical text to what a person reads ("12 déc 2026", "oui", a vocabulary's label).  Unknown forms pass as they are.
 */
void value_show(const struct field *f, const char *canonical, const struct moment *now, enum date_lang lang,
		struct buf *out);
/* Is it canonical? Used on what comes from outside. */
bool value_valid(const struct field *f, const char *canonical);
/* A short translated example for the form: "12/12, vendredi, demain 14h". NULL when nothing to say. */
const char *value_hint(const struct field *f);

#endif
