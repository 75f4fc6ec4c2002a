/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A notebook as the exchange sees it, and how spaces are kept in it: one's own devices' (team NULL), and teams'. */
#ifndef ARPENT_BOOK_H
#define ARPENT_BOOK_H

#include "arpent/exchange.h"
#include "arpent/identity.h"
#include "arpent/store.h"

#define BOOK_TEAM_PREFIX "team/"

struct book_store {
	struct store *s;
	struct id team;     /* zero: one's own devices */
	struct id space;    /* its id, once loaded */
	const char *remote; /* the name of the one that is exchanged with, or NULL */
	struct identity_self self;
};

bool book_open(struct book_store *b, struct store *s, const struct id *team, const char *remote, struct book *out,
	       struct err *e) MUST_USE;
void book_done(struct book_store *b);

/* The space without a mark.  Its id is zero when there is none. */
bool book_space(struct store *s, const struct id *team, struct space *out, struct err *e) MUST_USE;
/* All of it anew, in place of what there was; or over what there is. */
bool book_space_put(struct store *s, const struct space *sp, struct err *e) MUST_USE;
bool book_space_save(struct store *s, const struct space *sp, struct err *e) MUST_USE;
bool book_mark(struct store *s, const struct id *team, const char *remote, struct mark *out, struct err *e) MUST_USE;
bool book_mark_drop(struct store *s, const struct id *team, const char *remote, struct err *e) MUST_USE;

/* The keys of all spaces, by their ids. */
bool book_secret(struct store *s, const struct id *key, struct secret *out, struct err *e) MUST_USE;
bool book_secret_put(struct store *s, const struct id *key, const struct secret *secret, struct err *e) MUST_USE;
bool book_secret_make(struct store *s, struct id *key, struct err *e) MUST_USE;
bool book_secret_give(struct store *s, const struct id *key, const struct identity *to, struct buf *out,
		      struct err *e) MUST_USE; /* sealed to a device */
bool book_secret_take(struct store *s, const struct identity_self *self, const struct id *key, const void *sealed,
		      size_t n, bool *opened, struct err *e) MUST_USE;

#endif
