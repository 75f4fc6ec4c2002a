/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * settle - values of one field that people wrote without having seen each other's: shown, and one of them chosen.
 */
#ifndef ARPENT_TUI_SETTLE_H
#define ARPENT_TUI_SETTLE_H

#include "tui.h"

#define SETTLE_MOST 16 /* values to choose among */

/* Do several values stand in this field?  Those of a set never do. */
bool settle_needed(const struct record *r, const struct field *f);
/* The first field that needs it, or NULL. */
const struct field *settle_first(const struct record *r);

/* Calls back for each value, the one that is shown first: in words, on one line, and who wrote it when. */
void settle_each(struct tui *t, const struct record *r, const struct field *f,
		 void (*cb)(void *ctx, const struct value *v, bool shown, const char *words, const char *who),
		 void *ctx);

/* A choice that is open; all zero when none is. */
struct settle {
	struct id id;
	const struct field *f;
	char *texts[SETTLE_MOST]; /* canonical */
	char *words[SETTLE_MOST], *who[SETTLE_MOST];
	size_t n;
	void (*done)(struct tui *t, void *ctx); /* after it was written; may be NULL */
	void *ctx;
};
void settle_done(struct settle *s); /* wipes */
/* Asks which value stays and writes it, as one step.  `s` and `ctx` outlive the choice. */
void settle_ask(struct settle *s, struct tui *t, const struct record *r, const struct field *f,
		void (*done)(struct tui *t, void *ctx), void *ctx);

#endif
