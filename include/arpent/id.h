/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * id - the name of a record: 16 random bytes, laid out as a version 4 UUID (RFC 9562) so that exports can use it as it is.
 */
#ifndef ARPENT_ID_H
#define ARPENT_ID_H

#include <stddef.h>
#include <stdint.h>

#include "arpent/err.h"

#define ID_BYTES 16
#define ID_TEXT 36 /* characters of the dashed form; a buffer needs ID_TEXT + 1 */
#define ID_SHORT 4 /* fewest hexadecimal digits accepted as a short id */

struct id {
	uint8_t b[ID_BYTES];
};

void id_new(struct id *id); /* from libsodium's randombytes */
bool id_is_zero(const struct id *id);
int id_cmp(const struct id *a, const struct id *b);
bool id_eq(const struct id *a, const struct id *b);

void id_text(const struct id *id, char out[ID_TEXT + 1]); /* lower-case, dashed */
/* Accepts the whole form with or without dashes, any case. False for anything else. */
bool id_parse(const char *s, struct id *out) MUST_USE;
/* A prefix of at least ID_SHORT digits gives the lowest and highest ids it may stand for. */
bool id_prefix(const char *s, struct id *low, struct id *high) MUST_USE;

#endif
