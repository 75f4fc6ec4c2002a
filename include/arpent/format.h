/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * format - the register of file formats (src/format/formats.def): what can be imported and exported, and how each is
 * recognised.  One line there and one file beside it make a new one.
 */
#ifndef ARPENT_FORMAT_H
#define ARPENT_FORMAT_H

#include "arpent/export.h"
#include "arpent/import.h"

struct format {
	const char *key;     /* "vcard": as typed after --format; kept */
	const char *label;   /* N_("vCard contacts") */
	const char *endings; /* of file names, lower case: ".vcf .vcard" */
	/* Do these first bytes (up to 4096) look like it?  NULL: only the ending tells. */
	bool (*sniff)(const char *p, size_t n);
	/* NULL: cannot be imported. */
	bool (*read)(const char *p, size_t n, const struct import_options *o, struct foreign_list *out, struct err *e);
	/* NULL: cannot be exported. */
	bool (*write)(const struct export_job *job, struct buf *out, struct err *e);
	bool document;     /* of one record, a meeting: minutes; else of any number */
	const char *kinds; /* kinds it can take, blank between ("person organisation"); NULL: every kind */
};

size_t format_count(void);
const struct format *format_at(size_t i);
const struct format *format_find(const char *key); /* NULL when unknown */
/* By the file's name; NULL when no ending fits. */
const struct format *format_of_name(const char *path);
/* By the first bytes, then by the name, among those that can be imported; NULL when nothing fits. */
const struct format *format_of_bytes(const char *p, size_t n, const char *path);
bool format_takes(const struct format *f, const char *kind);

#endif
