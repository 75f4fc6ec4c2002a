/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * vcard - the properties of vCard files: 2.1 (versit, 1996), 3.0 (RFC 2425, 2426), 4.0 (RFC 6350).
 *
 * Whatever the version read, a property is held as 3.0 writes it: unfolded, UTF-8, "\n" "\," "\;" "\\" escaped,
 * parameters with names, binary as ENCODING=b.  So it can be kept as one line of `extra` and come out again.
 */
#ifndef ARPENT_VCARD_H
#define ARPENT_VCARD_H

#include "arpent/buf.h"
#include "arpent/import.h"

struct vcard_param {
	char *name;
	char *value; /* as written, quotes included */
};

struct vcard_prop {
	char *group; /* "item1", or NULL */
	char *name;  /* as written; NULL: a line that is no property, whole in value */
	struct vcard_param *params;
	size_t nparams;
	struct buf value;
};

struct vcard {
	struct vcard_prop *props; /* without BEGIN, END and VERSION */
	size_t n, cap;
	size_t line; /* of its BEGIN, from 1 */
};

struct vcard_reader {
	struct buf text;
	size_t at;
	size_t line; /* of the next physical line, from 1 */
	bool old;    /* inside a 2.1 card */
};

void vcard_reader_init(struct vcard_reader *r, const char *p, size_t n);
void vcard_reader_done(struct vcard_reader *r);
/* The next card; false with ERR_NONE in *e at the end.  A card that is not ended ends with the file. */
bool vcard_next(struct vcard_reader *r, struct vcard *out, struct err *e) MUST_USE;
void vcard_done(struct vcard *c);

/* One property from a line as vcard_prop_line() writes it. */
bool vcard_prop_parse(const char *line, size_t n, struct vcard_prop *out, struct err *e) MUST_USE;
void vcard_prop_line(const struct vcard_prop *p, struct buf *out); /* without a line end */
void vcard_prop_done(struct vcard_prop *p);

bool vcard_is(const struct vcard_prop *p, const char *name); /* case aside */
/* Does a parameter have this value, alone or in a list (TYPE=WORK,FAX)? Case aside. */
bool vcard_param_has(const struct vcard_prop *p, const char *param, const char *value);
bool vcard_preferred(const struct vcard_prop *p); /* TYPE=PREF, or PREF=1 */

/* Component i of a structured value, unescaped; false when there is none such.  The separator is ';' or ','. */
bool vcard_part(const struct vcard_prop *p, char separator, size_t i, struct buf *out);
void vcard_unescape(struct buf *out, const char *s, size_t n);
void vcard_escape(struct buf *out, const char *s);
/* The postal address as people write it, from ADR. */
void vcard_address(const struct vcard_prop *adr, struct buf *out);

/* The field a property goes to, by the names in the table of kinds; NULL: none, it is kept in `extra`. */
const struct field *vcard_field(const struct kind *k, const struct vcard_prop *p);
/* Appends what the field would hold; false when that is empty or not valid there. */
bool vcard_prop_text(const struct field *f, const struct vcard_prop *p, struct buf *out);
/* Does `text` say all that the property says? */
bool vcard_prop_plain(const struct vcard_prop *p, const char *text);
/* Of several properties for a field of one value, the one it takes: preferred, else first. */
const struct vcard_prop *vcard_chosen(const struct vcard *c, const struct field *f);

#endif
