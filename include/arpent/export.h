/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * export - records out of the notebook in a format of the register (format.h).
 *
 * Safe to share by construction: confidential fields (FIELD_PRIVATE) and fields this version does not know are left out
 * before a writer sees the record, and counted in the report, unless asked for.
 */
#ifndef ARPENT_EXPORT_H
#define ARPENT_EXPORT_H

#include "arpent/json.h"
#include "arpent/store.h"

struct format;

struct export_options {
	const char *format; /* key; NULL: by the ending of the path */
	bool with_private;  /* confidential fields too */
	bool whole; /* a copy of everything: confidential and unknown fields, and the bin (jsonl and csv say which) */
	enum date_lang lang; /* of documents */
	char separator;      /* of CSV: ';' or ','; 0: ';' */
	bool replace;        /* an existing file */
};

struct export_report {
	size_t records;  /* written */
	size_t fields;   /* values withheld, all records together */
	size_t withheld; /* records with at least one of them */
	size_t skipped;  /* records of a kind the format cannot take, or without a place for GPX */
};

/* What a writer works from. */
struct export_job {
	struct store *store;
	const struct id *ids;
	size_t n;
	const struct export_options *options;
	struct export_report *report;
};

/* Every record of a kind (NULL: of all kinds), title order, to hand to export_*; the caller frees *ids. */
bool export_all(struct store *s, const char *kind, bool bin_too, struct id **ids, size_t *n, struct err *e) MUST_USE;
/* Takes out of such a list the records whose level of sharing is "personal", counted in *personal: what is not named one by one leaves only when it may. */
bool export_shareable(struct store *s, struct id *ids, size_t *n, size_t *personal, struct err *e) MUST_USE;

/* Appends to out. ERR_USAGE when the format cannot be written, or is a document and n is not 1. */
bool export_bytes(struct store *s, const struct format *f, const struct id *ids, size_t n,
		  const struct export_options *o, struct buf *out, struct export_report *report,
		  struct err *e) MUST_USE;
/* The same into a file, whole or not at all ("-": standard output). ERR_EXISTS unless .replace; ERR_INPUT when no
 * format fits the path. */
bool export_file(struct store *s, const char *path, const struct id *ids, size_t n, const struct export_options *o,
		 struct export_report *report, struct err *e) MUST_USE;
/* vCard only: UID.vcf for each, in a folder that is made when missing. */
bool export_folder(struct store *s, const char *dir, const struct id *ids, size_t n, const struct export_options *o,
		   struct export_report *report, struct err *e) MUST_USE;

/* For writers: record i, withheld fields already out and counted. */
bool export_load(const struct export_job *job, size_t i, struct record *r, struct err *e) MUST_USE;

/* One record as a JSON object: "id", "kind", "created", "edited" (ISO 8601), "deleted" when it is, then its
 * fields in the table's order, then those this version does not know.  Sets are lists; numbers are numbers when that
 * loses nothing. */
bool export_json(struct store *s, const struct record *r, struct json *j, struct err *e) MUST_USE;

#endif
