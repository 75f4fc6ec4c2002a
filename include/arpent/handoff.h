/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * handoff - records given to colleagues in a sealed file, and taken in from one.
 *
 * Nothing leaves and nothing comes in without a list of it first: handoff_plan() or handoff_read() make the list,
 * handoff_seal() or handoff_take() act on it.
 *
 * What goes: the records named; what belongs to them (decisions, follow-ups, attendance of a meeting), all the way
 * down; the records that any of these refer to (people, site, organisation, file records), and what the titles of those
 * name. Of a record that one of these belongs to, only what names and places it goes, unless it is a person, an
 * organisation or a site.  A note about someone goes only by its own name. What stays: fields marked confidential, and
 * fields this version does not know, unless `confidential`; records whose sharing level is "personal", except those
 * named, for naming is saying so; what is in the bin; the contents of attached files that have no room, the largest
 * first.  What stays is listed, and is not marked as seen: it can still come later.
 */
#ifndef ARPENT_HANDOFF_H
#define ARPENT_HANDOFF_H

#include "arpent/bundle.h"
#include "arpent/identity.h"
#include "arpent/record.h"
#include "arpent/store.h"

enum handoff_why {
	HANDOFF_NAMED,   /* asked for */
	HANDOFF_BELONGS, /* belongs to one that goes */
	HANDOFF_NEEDED   /* referred to by one that goes */
};

#define HANDOFF_CONTENTS_MAX (6u << 20) /* bytes of attached contents in one hand-off */

enum handoff_content {
	HANDOFF_NO_CONTENT,      /* not the record of a file */
	HANDOFF_CONTENT,         /* goes; when read: has come, and is not here yet */
	HANDOFF_CONTENT_HERE,    /* when read: here already */
	HANDOFF_CONTENT_OUTLINE, /* stays: the file is only named */
	HANDOFF_CONTENT_BIG,     /* stays: no room */
	HANDOFF_CONTENT_AWAY,    /* not here; when read: has not come along either */
	HANDOFF_CONTENT_DAMAGED  /* stays: it is not what was attached */
};

struct handoff_item {
	struct record state;  /* as it goes or came: without what is withheld */
	char *title;          /* outside text when read: text_safe() before showing */
	enum handoff_why why; /* when read: HANDOFF_NAMED or HANDOFF_NEEDED */
	bool stays;           /* sharing level "personal": not in the file */
	bool outline;         /* only what names and places it goes: others belong to it */
	size_t withheld;      /* fields held back ... */
	char **fields;        /* ... their keys; NULL when read: only how many is told */
	enum handoff_content content;
	struct buf bytes; /* that content, for HANDOFF_CONTENT; private to handoff */
	enum take take;   /* when read: new, changed or same here */
};

struct handoff {
	struct handoff_item *items; /* named first, then in the order met; when read, by id */
	size_t n, cap;
	/* When read. */
	struct identity from;
	bool known, verified; /* by this notebook */
	bool taken_before;    /* this very file */
	int64_t taken_ms;     /* when */
	size_t counts[3];     /* by enum take */
	size_t contents;      /* how many of HANDOFF_CONTENT */
	uint8_t hash[BUNDLE_HASH];
	size_t size; /* bytes of the file */
};
void handoff_init(struct handoff *h);
void handoff_done(struct handoff *h);

struct handoff_options {
	bool confidential; /* confidential fields go too */
	bool alone;        /* only the records named */
};

/* ERR_NOT_FOUND with the id in detail; ERR_INPUT for one in the bin, or when nothing is left to go; ERR_LIMIT. */
bool handoff_plan(struct store *s, const struct id *ids, size_t n, const struct handoff_options *o, struct handoff *out,
		  struct err *e) MUST_USE;

/* Seals the plan to the peers, or to a passphrase (then npeers is 0), into a file.  With replace false an existing file
 * is ERR_EXISTS.  h->size and h->hash are set. */
bool handoff_seal(struct store *s, struct handoff *h, const struct peer *peers, size_t npeers,
		  const struct secret *passphrase, const char *path, bool replace, struct err *e) MUST_USE;
/* The same into memory. */
bool handoff_seal_buf(struct store *s, struct handoff *h, const struct peer *peers, size_t npeers,
		      const struct secret *passphrase, struct buf *out, struct err *e) MUST_USE;

/* Opens, checks, lists; writes nothing.  passphrase may be NULL.  When the author is not among the peers nothing is
 * inflated and it fails with ERR_UNTRUSTED, out->from filled so that the six words can be shown; `accept` reads it all
 * the same. Else the errors of bundle_open(), and ERR_FOREIGN for a bundle that is no hand-off. */
bool handoff_read(struct store *s, const char *path, const struct secret *passphrase, bool accept, struct handoff *out,
		  struct err *e) MUST_USE;
bool handoff_read_buf(struct store *s, const void *p, size_t n, const struct secret *passphrase, bool accept,
		      struct handoff *out, struct err *e) MUST_USE;

/* All of it in one step, or nothing.  ERR_REPLAY when it would change nothing and this very file was taken before. */
bool handoff_take(struct store *s, const struct handoff *h, struct err *e) MUST_USE;

#endif
