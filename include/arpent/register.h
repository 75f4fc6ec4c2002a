/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * register - what personal data the notebook holds, why, until when it is to be looked at again; and all of it on one
 * person, for those who ask (right of access: GDPR, articles 15 and 30).
 *
 * A person's record says why it is kept (purpose, ground, consent) and when that is to be reviewed; any other record
 * may have a review date too, and is then in the register.
 */
#ifndef ARPENT_REGISTER_H
#define ARPENT_REGISTER_H

#include "arpent/store.h"

#define REGISTER_SOON_DAYS 30

enum register_due { REGISTER_PAST, REGISTER_SOON, REGISTER_UNDATED, REGISTER_LATER, REGISTER_DUES };

struct register_item {
	struct id id;
	const struct kind *kind;
	char *title;
	char *purpose;          /* "" when it is not said */
	char *ground, *consent; /* in words, "" when not said */
	char *review;           /* canonical day, or "" */
	enum register_due due;
};

struct register_book {
	struct register_item *v; /* past first, then soon, undated, later; by day, then title */
	size_t n;
	size_t counts[REGISTER_DUES];
	size_t people;
	size_t unsaid; /* people without a purpose or a ground */
};
bool register_read(struct store *s, struct register_book *out, struct err *e) MUST_USE;
void register_done(struct register_book *b);

/* Sets the review date of a record, or takes it away (""), as one step. */
bool register_review(struct store *s, const struct id *id, const char *day, struct err *e) MUST_USE;

/* The register as a document of plain text. */
bool register_document(struct store *s, enum date_lang lang, struct buf *out, struct err *e) MUST_USE;

/* The person's record and all that refers to it, in the table's order of kinds; the caller frees *ids. */
bool register_held(struct store *s, const struct id *person, struct id **ids, size_t *n, struct err *e) MUST_USE;
/* All that is held on a person as a document of plain text: confidential notes, what was replaced since, who has it.
 * Of the meetings they attended, which and when; where texts of other records name them, the passage. */
bool register_dossier(struct store *s, const struct id *person, enum date_lang lang, struct buf *out,
		      struct err *e) MUST_USE;

/* The same in a folder that is made when missing: dossier.txt; data.jsonl, what is held, for machines; contact.vcf; and
 * the attached files under files/.  ERR_EXISTS when one of them is there. */
struct register_export {
	size_t records, files;
	size_t away; /* files whose content is not here */
};
bool register_export(struct store *s, const struct id *person, const char *folder, enum date_lang lang,
		     struct register_export *out, struct err *e) MUST_USE;

#endif
