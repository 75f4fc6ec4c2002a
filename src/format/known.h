/* SPDX-License-Identifier: GPL-3.0-or-later */
/* known - the records of a kind that a notebook has, to find the one that a foreign record is. */
#ifndef ARPENT_KNOWN_H
#define ARPENT_KNOWN_H

#include "arpent/import.h"

struct known_one {
	struct id id;
	char *uid;   /* "" when none */
	char *title; /* folded; NULL where names do not tell records of this kind apart */
	char *proof; /* folded e-mails, one a line; the point of a place */
	bool bin;
	bool claimed;
};

struct known {
	const char *kind; /* borrowed */
	struct known_one *v;
	size_t n, cap;
	size_t *by_uid, *by_title; /* indexes, sorted */
};

/* Reads them all, the bin included. */
bool known_read(struct known *k, struct store *s, const char *kind, struct err *e) MUST_USE;
void known_done(struct known *k);

struct known_one *known_by_uid(struct known *k, const char *uid); /* NULL when none, or uid is "" */
/* By title and proof, as import.h says; never one that is claimed or in the bin. */
struct known_one *known_by_title(struct known *k, const char *title, const char *proof);

/* What tells records of this kind apart besides a UID, of a foreign record; false when nothing does. Both are the
 * caller's. */
bool known_keys(const char *kind, const char *title, const char *emails, const char *point, char **folded,
		char **proof);

#endif
