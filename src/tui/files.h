/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * files - files of the disk put into the notebook, with a record, and written out again.
 */
#ifndef ARPENT_TUI_FILES_H
#define ARPENT_TUI_FILES_H

#include "tui.h"

/* What was asked, between the question and its answer: kept by the view, which outlives both. */
struct files {
	struct id record, file;
};

/* Asks which file, and attaches it to the record. */
void files_attach(struct tui *t, struct files *f, const struct id *record);
/* Asks where to write a file of the notebook: the record itself when it is one, else `link` (may be NULL) when that is
 * one, else one of those the record has. */
void files_extract(struct tui *t, struct files *f, const struct id *record, const struct id *link);

/* "~/" is the home folder.  Appends. */
void files_expand(const char *typed, struct buf *out);
/* For struct prompt: the name of a file as far as it is sure. */
void files_complete(const char *typed, struct buf *out, struct buf *said);

#endif
