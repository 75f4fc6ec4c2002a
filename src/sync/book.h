/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A notebook as the exchange sees it, and how a space is kept in it. */
#ifndef ARPENT_BOOK_H
#define ARPENT_BOOK_H

#include "arpent/exchange.h"
#include "arpent/identity.h"
#include "arpent/store.h"

struct book_store {
	struct store *s;
	const char *remote; /* the name of the one that is exchanged with, or NULL */
	struct identity_self self;
};

bool book_open(struct book_store *b, struct store *s, const char *remote, struct book *out, struct err *e) MUST_USE;
void book_done(struct book_store *b);

/* The space without a mark.  Its id is zero when there is none. */
bool book_space(struct store *s, struct space *out, struct err *e) MUST_USE;
/* All of it anew, in place of what there was. */
bool book_space_put(struct store *s, const struct space *sp, struct err *e) MUST_USE;
bool book_mark(struct store *s, const char *remote, struct mark *out, struct err *e) MUST_USE;
bool book_mark_drop(struct store *s, const char *remote, struct err *e) MUST_USE;

#endif
