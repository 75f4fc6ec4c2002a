/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * asking - names in typed notes that fit nobody or several: asked for one by one before saving, in a short list.
 */
#ifndef ARPENT_TUI_ASKING_H
#define ARPENT_TUI_ASKING_H

#include "arpent/meeting.h"
#include "tui.h"

#define ASKING_FITS 12 /* candidates shown; where more fit, more of the name has to be typed */

enum asking_what { ASKING_FIT, ASKING_CREATE, ASKING_CREATE_ALL, ASKING_LEAVE };

struct asking_answer {
	char *typed;
	bool site, settled;
	bool leave;   /* as text */
	struct id id; /* zero: to be created */
};

struct asking {
	struct asking_answer *v;
	size_t n;
	struct { /* the lines of the question that stands */
		enum asking_what what;
		struct id id;
	} lines[ASKING_FITS + 3];
	void (*done)(struct tui *t, void *ctx);
	void *ctx;
};

void asking_done(struct asking *a); /* frees; may be used again */
/* The name in an item that has to be settled, or NULL when it is sure, stands for oneself or names nobody. */
const char *asking_name(const struct minutes_item *item);
/* Asks for what `m` leaves open; done(t, ctx) is called when all is settled, at once when nothing is open.  Closing a
 * list without a choice stops there, and nothing is saved.  `a` stays where it is until then. */
void asking_start(struct asking *a, struct tui *t, const struct minutes *m, void (*done)(struct tui *t, void *ctx),
		  void *ctx);
/* A meeting_ask for meeting_save() and quick_save(); its ctx is the struct asking. */
bool asking_tell(void *ctx, const struct minutes_item *item, const struct match *fits, size_t n, struct id *chosen);

#endif
