/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * state - what the files of record.h share.  Not for other modules.
 */
#ifndef ARPENT_MODEL_STATE_H
#define ARPENT_MODEL_STATE_H

#include "arpent/record.h"

#define CODEC_VERSION 1
#define LIMITS_MAX 16384  /* of a state that can be read: every change walks them all */
#define BACKS_BYTES 65536 /* all that the ways back of one text may hold */

/* Grows *v, of elements of `size` bytes, so that it holds at least `want`. */
bool state_grow(void *v, size_t *cap, size_t want, size_t size, struct err *e) MUST_USE;

bool seen_copy(const struct seen *from, struct seen *to, struct err *e) MUST_USE;

bool spans_covers(const struct spans *s, const struct stamp *st);
bool spans_add(struct spans *s, const struct id *device, uint64_t from, uint64_t to, struct err *e) MUST_USE;
bool spans_join(struct spans *s, const struct spans *other, struct err *e) MUST_USE;
bool spans_join_seen(struct spans *s, const struct seen *other, struct err *e) MUST_USE;
bool spans_equal(const struct spans *a, const struct spans *b);
bool spans_equal_seen(const struct spans *a, const struct seen *b);
bool spans_copy(const struct spans *from, struct spans *to, struct err *e) MUST_USE;
void spans_done(struct spans *s);

/* "tags=loup" belongs to the field "tags", of this length. */
size_t key_field_len(const char *key);
bool key_same_field(const char *a, const char *b);

/* What a state vouches for at a key: a limit's stamps, or all of r->seen when NULL. */
const struct spans *record_limit(const struct record *r, const char *key);
bool record_covers(const struct record *r, const char *key, const struct stamp *st);
/* The limit with exactly this key; made, empty, when there is none. */
struct limit *record_limit_put(struct record *r, const char *key, struct err *e) MUST_USE;
/* Removes limits that say no more than what they would inherit. */
void record_limits_trim(struct record *r);
void limit_done(struct limit *l);

struct entry *record_entry(const struct record *r, const char *key); /* NULL when there is none */
struct entry *record_entry_put(struct record *r, const char *key, struct err *e) MUST_USE;
void entry_done(struct entry *en);

/* By stamp alone; by stamp and then everything, so that two values under one stamp (a forged history) have one order
 * too. */
int value_cmp(const struct value *a, const struct value *b);
bool value_later(const struct value *a, const struct value *b); /* a was written after b, by clock and stamp */
bool value_copy(const struct value *from, struct value *to, struct err *e) MUST_USE;
void value_done(struct value *v);
bool backs_copy(const struct back *from, size_t n, struct back **to, struct err *e) MUST_USE;
void backs_done(struct back *b, size_t n);

#endif
