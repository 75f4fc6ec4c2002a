/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * import - records from foreign files, previewed, then taken in as one step.
 *
 * A reader (format.h) turns bytes into foreign records; import_plan() compares them with the notebook and writes
 * nothing; import_apply() does what the plan says in one step, undone as one.
 *
 * A foreign record is the same as one of ours by, in this order: id; UID; for people and organisations the folded name
 * with an e-mail in common, or the folded name alone when one side has no e-mail and exactly one of ours fits; for
 * sites and observations the folded title at the same point.  One without a UID gets one from its content ("sum:HEX"),
 * so that the same file read twice changes nothing.
 *
 * A merge only adds: empty fields are filled, sets united, lines of `extra` added.  Where a single value differs, ours
 * stays and the difference is listed, unless .overwrite; what a person has emptied or taken out of a set stays so, and
 * is listed, unless .overwrite.  A match in the bin comes back out of it.
 */
#ifndef ARPENT_IMPORT_H
#define ARPENT_IMPORT_H

#include "arpent/store.h"

#define IMPORT_FILE_MAX 67108864 /* bytes of a file */
#define IMPORT_RECORDS_MAX 200000
#define IMPORT_FIELDS_MAX 512 /* of one record: they are looked for one after another, */
#define IMPORT_SET_MAX 10000  /* and so are the elements of a set */

struct foreign_field {
	char *key;
	struct buf text; /* canonical; a set's elements one a line */
	size_t elements; /* added by foreign_element() */
	bool set;        /* said by the file, for a field this version does not know */
};

struct foreign {
	char *kind;
	struct id id;                 /* zero unless the file says which record of ours it is */
	struct foreign_field *fields; /* "uid" and "extra" among them */
	size_t n, cap;
	size_t line;  /* where it starts in the file, from 1; 0: not known */
	bool deleted; /* it says that it is in the bin */
};

struct foreign_list {
	struct foreign *v;
	size_t n, cap;
	size_t left_out; /* pieces that could not be kept at all (over a limit); 0 in any sane file */
};

void foreign_list_done(struct foreign_list *l);
/* A new empty record at the end, borrowed until the next call; NULL when out of memory or over IMPORT_RECORDS_MAX. */
struct foreign *foreign_add(struct foreign_list *l, const char *kind, size_t line, struct err *e) MUST_USE;
/* The field's text, made empty when it is not there yet; NULL when out of memory. */
struct buf *foreign_text(struct foreign *f, const char *key, struct err *e) MUST_USE;
const char *foreign_get(const struct foreign *f, const char *key); /* "" when absent */
/* One more element of a set, or line of a text; one that is there already adds nothing. */
bool foreign_element(struct foreign *f, const char *key, const char *text, size_t n, struct err *e) MUST_USE;

/* Appends s as a field keeps it: NFC, no control characters, no blanks around; one line unless `lines`. */
void foreign_clean(const char *s, bool lines, struct buf *out);
/* Appends what counts when two values are compared: a telephone's digits, a mailbox without case, else the text. */
void foreign_same_key(const struct field *f, const char *text, struct buf *out);
/* Makes the text of f's last added or named field canonical, as typed text is read; ERR_FORMAT with the line when it
 * cannot be. A code or a reference not known here stays as it is. field NULL: nothing to do. */
bool foreign_canonical(struct foreign *f, const struct field *field, struct err *e) MUST_USE;
/* Is one of the lines exactly this? */
bool foreign_has_line(const char *lines, const char *s, size_t n);

struct import_options {
	const char *format; /* key; NULL: recognised */
	const char *as; /* kind that places become: "site", "observation"; kind of a CSV's rows; NULL: the format's own
			   choice */
	bool overwrite;
};

enum import_what { IMPORT_NEW, IMPORT_CHANGED, IMPORT_SAME, IMPORT_BACK /* out of the bin, and changed */ };

enum import_kept { IMPORT_DIFFERS, IMPORT_EMPTIED /* by a person, here */ };
struct import_diff { /* what the file has and the plan does not take */
	enum import_kept why;
	char *key;           /* field */
	char *ours, *theirs; /* canonical */
};

struct import_row {
	enum import_what what;
	const char *kind; /* borrowed from the plan */
	char *title;
	struct id id;                /* of ours; zero while it is new; set by import_apply() */
	struct foreign_field *takes; /* whole new values of the fields that change */
	size_t ntakes;
	struct import_diff *diffs;
	size_t ndiffs;
	size_t twin; /* for the second of two equal records in the file: 1 + the row of the first; else 0 */
};

struct import_plan {
	struct foreign_list list;
	struct import_row *rows; /* one for each foreign record, in the file's order */
	size_t n;
	size_t count[4];    /* by import_what */
	const char *format; /* key of what it was read as */
};

/* Reads a file ("-": standard input) of at most IMPORT_FILE_MAX, recognises it, plans.  ERR_FORMAT with the line when
 * malformed, ERR_INPUT when no format fits, ERR_LIMIT. */
bool import_file(struct store *s, const char *path, const struct import_options *o, struct import_plan *out,
		 struct err *e) MUST_USE;
/* The same of bytes; path only helps to recognise them, may be NULL. */
bool import_bytes(struct store *s, const char *p, size_t n, const char *path, const struct import_options *o,
		  struct import_plan *out, struct err *e) MUST_USE;
/* Of foreign records, which the plan takes over (also on failure). */
bool import_plan(struct store *s, struct foreign_list *list, const struct import_options *o, struct import_plan *out,
		 struct err *e) MUST_USE;
/* All of it in one step labelled N_("Import"), or nothing.  A plan with nothing new or changed makes no step. */
bool import_apply(struct store *s, struct import_plan *plan, struct err *e) MUST_USE;
void import_plan_done(struct import_plan *p);

#endif
