/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * view-meeting - the parts of the view of a meeting's notes: typing (view-meeting.c), and saving and names
 * (view-meeting-save.c).
 */
#ifndef ARPENT_TUI_VIEW_MEETING_H
#define ARPENT_TUI_VIEW_MEETING_H

#include "arpent/meeting.h"
#include "asking.h"
#include "editor.h"
#include "fields.h"
#include "pane.h"
#include "tui.h"

#define MEETING_DRAFT "meeting/"

struct meeting_view {
	struct id id; /* zero: not saved yet */
	char key[sizeof MEETING_DRAFT + ID_TEXT];
	struct editor ed;
	struct fields fields;
	struct minutes m;    /* of the notes, unless stale */
	struct minutes also; /* attendance that the notes do not name */
	bool stale;          /* the notes are not yet read again into m */
	bool typing;         /* ... nor shall be before a pause: a letter on a slow line is a letter */
	struct buf base;     /* the notes as they were read, to merge with what changes meanwhile */
	bool typed;          /* since the last draft */
	bool dirty; /* typed into since the last save */ /* typed into since the last save */
	bool kept;                                       /* as a draft, at kept_at */
	bool in_fields;                                  /* the caret is in a field, not in the notes */
	bool fresh;                                      /* a field was entered and not typed into */
	bool pane;                                       /* narrow: the pane instead of the notes */
	const struct view *then;                         /* that a save under way ends in, or NULL */
	struct moment kept_at;
	struct asking asking;
	size_t pick_at, pick_len; /* what a choice of names replaces */
};

/* Saves what is not saved, asking for a subject and for names first; then opens a view on it, unless NULL. */
void meeting_view_save(struct tui *t, struct meeting_view *v, const struct view *then);
/* Completes the name under the caret. */
void meeting_view_pick(struct tui *t, struct meeting_view *v);
bool meeting_view_reload(struct tui *t, struct meeting_view *v, struct err *e) MUST_USE;

#endif
