/* SPDX-License-Identifier: GPL-3.0-or-later */
/* kinds - the tables behind kind.h.  Not for other modules. */
#ifndef ARPENT_MODEL_KINDS_H
#define ARPENT_MODEL_KINDS_H

#include "arpent/kind.h"

extern const struct kind *const kinds_table;
extern const size_t kinds_count;
extern const struct field *const kinds_common;
extern const size_t kinds_common_count;
/* Bit i: k, one of kinds_table, has a field of its own with the key of kinds_common[i]. */
unsigned kinds_own(const struct kind *k);

extern const struct vocabulary *const vocabs_table;
extern const size_t vocabs_count;

/* A term as people type it: code or label, folded, or the only one that begins so, with at least `prefix` bytes typed.
 */
const struct term *vocab_named(const struct vocabulary *v, const char *typed, size_t prefix);

#endif
