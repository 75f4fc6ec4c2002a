/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * document - the minutes of a meeting, gathered from its records, before they are written as Markdown, text or HTML.
 *
 * All words are as people read them; lists are one entry a line.
 */
#ifndef ARPENT_DOCUMENT_H
#define ARPENT_DOCUMENT_H

#include "arpent/export.h"

struct document_item { /* a decision or a follow-up */
	struct buf wording, vote, who, due, state;
};

enum document_people { DOCUMENT_PRESENT, DOCUMENT_EXCUSED, DOCUMENT_ABSENT, DOCUMENT_REPRESENTED, DOCUMENT_PEOPLE };

struct document {
	struct buf title, when, place, body;
	struct buf people[DOCUMENT_PEOPLE];
	struct buf agenda, notes, questions;
	struct document_item *decisions, *tasks;
	size_t ndecisions, ntasks;
	enum date_lang lang;
};

/* ERR_USAGE when record 0 of the job is not a meeting. */
bool document_read(struct document *d, const struct export_job *job, struct err *e) MUST_USE;
void document_done(struct document *d);

#endif
