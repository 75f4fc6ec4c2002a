/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the files of the bundle share: little-endian numbers, and the stanzas.
 */
#ifndef ARPENT_BUNDLE_IN_H
#define ARPENT_BUNDLE_IN_H

#include "arpent/bundle.h"

#define BUNDLE_CONTENT_KEY 32
#define BUNDLE_HEAD_MIN 40 /* bytes before the stanzas */

/* A reader that never passes its end: what is missing reads as zero and is remembered in .short_of. */
struct bundle_cut {
	const uint8_t *p;
	size_t left;
	bool short_of;
};
void bundle_cut_bytes(struct bundle_cut *c, void *out, size_t n);
const uint8_t *bundle_cut_span(struct bundle_cut *c, size_t n); /* borrowed; NULL when there are fewer */
uint64_t bundle_cut_uint(struct bundle_cut *c, unsigned bytes);
void bundle_put_uint(struct buf *b, uint64_t v, unsigned bytes);

/* Appends one stanza for each that may open. */
bool bundle_stanzas_write(const struct bundle_to *to, const struct secret *content, struct buf *out,
			  struct err *e) MUST_USE;
/* Finds the content key with the keys at hand: ERR_FOREIGN, ERR_WRONG_KEY, ERR_NEWER, ERR_LIMIT, ERR_DAMAGED. */
bool bundle_stanzas_read(const uint8_t *p, size_t n, const struct bundle_keys *keys, struct secret *content,
			 struct err *e) MUST_USE;

#endif
