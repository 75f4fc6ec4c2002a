/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sync-lines - what the sync screen shows, as lines: what is amiss, the remotes, what goes, what came, what is to be
 * settled, the devices, the people.
 */
#ifndef ARPENT_TUI_SYNC_LINES_H
#define ARPENT_TUI_SYNC_LINES_H

#include "arpent/identity.h"
#include "board.h"

enum sync_what { SYNC_NOTHING, SYNC_REMOTE, SYNC_RECORD, SYNC_SETTLE, SYNC_DEVICE, SYNC_PEER, SYNC_SELF };

struct sync_remote {
	char name[REMOTE_LABEL_MAX + 1];
	struct devices_past past;
	struct exchange_outlook outlook;
	bool weighed;
};

struct sync_lines {
	struct board board;
	struct space sp;
	size_t unsent;
	struct sync_remote *remotes;
	size_t nremotes;
	size_t at; /* the remote that the rest of the screen is about */
	struct peer *peers;
	size_t npeers;
	const struct field **fields; /* of the lines to settle */
	size_t nfields;
	int cols; /* the lines are made for */
};

void sync_lines_done(struct sync_lines *v);
/* Reads all of it anew, and makes the lines. */
bool sync_lines_load(struct sync_lines *v, struct tui *t, int cols, struct err *e) MUST_USE;
/* What a round with each remote would send; then makes the lines again. */
bool sync_lines_weigh(struct sync_lines *v, struct tui *t, struct err *e) MUST_USE;
/* The remote that is meant: the chosen line's, else the last one that was; NULL when there is none. */
struct sync_remote *sync_lines_remote(struct sync_lines *v);

#endif
