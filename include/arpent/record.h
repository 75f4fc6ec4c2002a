/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * record - states and changes.  Pure: values in, values out.
 *
 * A state is, for each field, the set of values no later edit has replaced.  A change carries the `seen` vector of its
 * author, and drops only values that its author had seen.  One value is the normal case; several mean concurrent edits.
 * A value is canonical text (kind.h); "" is a cleared field.  An element of a FIELD_SET field is a field of its own,
 * with key "tags=pastoralisme" and value "1" or "".  The reserved key "alive" is written by every change: "1" by an
 * edit, "" by a deletion; it makes an edit that had not seen a deletion win over it, and tells when and by whom a
 * record was last touched. Kinds and fields this version does not know are kept and passed on.
 *
 * A copy that withholds fields must not speak for them: what it left out has to be able to come in later, and what the
 * receiver already has must not be taken as replaced.  So a state may carry, for some fields, a `limit`: the stamps it
 * vouches for in that field instead of `seen`.  A field's values arrive, and its limit grows, with each change and each
 * merge, until it equals `seen` and goes away.  A limit is named after a field; below it, one element of a set may have
 * a wider limit of its own.
 *
 * After a failure for want of memory a record or change is fit only for its _done().
 *
 * Conflict-free replicated data: multi-value registers under a dotted version vector (Preguiça et al. 2010; Shapiro et
 * al. 2011).
 */
#ifndef ARPENT_RECORD_H
#define ARPENT_RECORD_H

#include <stddef.h>
#include <stdint.h>

#include "arpent/buf.h"
#include "arpent/cbor.h"
#include "arpent/id.h"

#define RECORD_ALIVE "alive"
#define RECORD_KEY_MAX 255       /* bytes of a field key, an element included */
#define RECORD_VALUE_MAX 4194304 /* bytes of a value */

/* Can it be kept: a kind's name; a field's key, or an element's ("tags=loup")?  What is no such name or key, or no
 * UTF-8, is never written (ERR_INPUT), for it could not be read again. */
bool record_kind_valid(const char *kind, size_t n);
bool record_key_valid(const char *key, size_t n);

struct stamp {
	struct id device;
	uint64_t n; /* 1, 2, 3 ... */
};

/* Hybrid logical clock (Kulkarni et al. 2014): 48 bits of Unix milliseconds, 16 of counter; and the writer's offset
 * from UTC in minutes. */
struct clock {
	uint64_t hlc;
	int16_t offset;
};
#define CLOCK_MS(hlc) ((int64_t)((hlc) >> 16))
uint64_t clock_next(uint64_t last, int64_t now_ms); /* for a new change */
uint64_t clock_adopt(uint64_t last, uint64_t other,
		     int64_t now_ms); /* on taking one in: not when over an hour ahead of now */

struct seen { /* device -> highest count; sorted by device, one entry each */
	struct stamp *v;
	size_t n, cap;
};
uint64_t seen_count(const struct seen *s, const struct id *device); /* 0 when it has none of that device */
bool seen_covers(const struct seen *s, const struct stamp *st);
bool seen_add(struct seen *s, const struct stamp *st, struct err *e) MUST_USE; /* raises, never lowers */
bool seen_join(struct seen *s, const struct seen *other, struct err *e) MUST_USE;
bool seen_equal(const struct seen *a, const struct seen *b);
void seen_done(struct seen *s);
int stamp_cmp(const struct stamp *a, const struct stamp *b); /* by device, then count */

/* Any set of stamps, as runs: counts above `from` up to `to` of a device.  Sorted, apart from one another. */
struct span {
	struct id device;
	uint64_t from, to;
};
struct spans {
	struct span *v;
	size_t n, cap;
};

/* What a state vouches for in one field (key "phone") or one element of a set ("tags=loup"). */
struct limit {
	char *key;
	struct spans known;
};

/* How to get back from a long text to one it was edited from: keep the first `head` and last `tail` bytes, put `mid`
 * between. */
struct back {
	struct stamp stamp; /* of the older value */
	uint32_t head, tail;
	char *mid;
	size_t mid_len;
};

struct value {
	struct stamp stamp;
	struct clock clock;
	char *text; /* NUL-terminated canonical text */
	size_t len;
	struct back *backs; /* FIELD_TEXT only: newest first, each from the one before; at most RECORD_BACKS */
	size_t nbacks;
};
#define RECORD_BACKS 16

struct entry {
	char *key;
	struct value *values; /* sorted by stamp */
	size_t n;
};

struct record {
	struct id id;
	char *kind;
	struct seen seen;
	struct entry *entries; /* sorted by key, bytewise */
	size_t n, cap;
	struct limit *limits; /* sorted by key; none in a state that withholds nothing */
	size_t nlimits, limits_cap;
};

void record_init(struct record *r);
void record_done(struct record *r);
bool record_copy(const struct record *from, struct record *to, struct err *e) MUST_USE;
bool record_equal(const struct record *a, const struct record *b);

struct edit {
	char *key;
	char *text;
	size_t len;
	struct back *backs; /* see struct value */
	size_t nbacks;
	struct spans *context; /* where the writer's state was limited; NULL: the change's own context */
};

struct change {
	struct id id;
	char *kind;
	struct stamp stamp;
	struct clock clock;
	struct seen context;
	struct edit *edits;
	size_t n;
};
void change_init(struct change *c);
void change_done(struct change *c);

/* A change that takes `r` from what it shows now to the wanted value of each field given.  Fields already showing that
 * value are left out; sets are compared element by element.  When nothing changes, c->n is 0.  The caller fills in
 * stamp and clock.  "alive" need not be asked for: a change without it writes "1".  To bring a deleted record back with
 * no other edit, want "alive" to be "1".  An empty record (no kind) may be given: the caller sets c->id and c->kind. */
struct want {
	const char *key;
	const char *text; /* canonical; a set's elements one a line */
	bool is_set, is_text;
	bool settle; /* write it even when it is shown already, if several values stand: a person has chosen */
};

static inline struct want want_line(const char *key, const char *text)
{
	return (struct want){.key = key, .text = text};
}
static inline struct want want_text(const char *key, const char *text)
{
	return (struct want){.key = key, .text = text, .is_text = true};
}
static inline struct want want_set(const char *key, const char *text)
{
	return (struct want){.key = key, .text = text, .is_set = true};
}
bool change_make(const struct record *r, const struct want *wants, size_t n, struct change *c, struct err *e) MUST_USE;
bool change_delete(const struct record *r, struct change *c, struct err *e) MUST_USE; /* alive = "" */

/* Applies; idempotent.  ERR_FORMAT when the change is for another record or kind; an empty record takes both from the
 * change.  A change whose stamp r->seen covers changes nothing, but in limited fields.  Changes of one device must come
 * in its order, and after those in their context. */
bool record_apply(struct record *r, const struct change *c, struct err *e) MUST_USE;
/* a becomes the merge of a and b: a value stays if both have it, or if the other has not seen its stamp.  Commutative,
 * associative, idempotent. */
bool record_merge(struct record *a, const struct record *b, struct err *e) MUST_USE;
/* Are its devices and limits as few as in a state that people made?  One from elsewhere that is not bounded would cost
 * too much to merge. */
bool record_bounded(const struct record *r);
/* A copy for handing off without the given fields.  keep() is asked for whole fields, perhaps more than once, never for
 * one element of a set and never for "alive".  The copy tells that a field was withheld, and nothing of its values. */
bool record_withhold(const struct record *r, bool (*keep)(void *ctx, const char *field), void *ctx, struct record *out,
		     struct err *e) MUST_USE;

/* Changes of a device that counted on from an older copy of itself bear numbers that others know other changes by: from
 * the count `from` on they are given to another stream, the record's state and each change of it alike. */
struct restamp {
	struct id old, new;
	uint64_t from;
	uint64_t kept; /* the last count of `old` below `from` in this record; 0 for none */
};
bool record_restamp(struct record *r, const struct restamp *m, struct err *e) MUST_USE;
bool change_restamp(struct change *c, const struct restamp *m, struct err *e) MUST_USE;

/* What is shown: pure functions of the set of values. */
struct shown {
	const char *text; /* borrowed from the record or from `merged` */
	size_t len;
	bool conflict;             /* several values, not merged without loss: ≠ */
	const struct value *value; /* the newest, or NULL when there is none */
};
/* Newest by (clock, stamp).  A set as a whole has no value of its own: see record_set(); an element is shown as "1" or
 * "", adding wins.  `merged` is used only when texts were merged, and is cleared first. */
void record_shown(const struct record *r, const char *key, bool is_text, struct buf *merged, struct shown *out);
/* "" when absent. For line fields: no merge needed. Borrowed. */
const char *record_get(const struct record *r, const char *key);
/* Elements now in a set, sorted, one a line. Appends. */
void record_set(const struct record *r, const char *key, struct buf *out);
bool record_deleted(const struct record *r, bool *brought_back);
bool record_conflicts(const struct record *r);           /* any field with values to settle */
const struct value *record_last(const struct record *r); /* who and when last */

/* Three-way merge by lines (diff3, Khanna et al. 2007; Myers 1986 for the differences): false when edits overlap.
 * Changes of neighbouring lines do not overlap; two insertions at one place do, unless they are the same. */
bool merge_text(const char *base, size_t nb, const char *a, size_t na, const char *b, size_t nbb, struct buf *out);

/* CBOR, layout in man/arpent-bundle.5 and at the head of model/codec.c.  Equal states give equal bytes.  Decoding
 * checks every limit and order: ERR_DAMAGED, ERR_LIMIT, ERR_NEWER; on failure *out is empty.  A record with
 * no kind yet has no encoding that decodes.  There are no items to skip: a newer layout has a higher version. */
void record_encode(const struct record *r, struct buf *out);
bool record_decode(const void *p, size_t n, struct record *out, struct err *e) MUST_USE;
void change_encode(const struct change *c, struct buf *out);
bool change_decode(const void *p, size_t n, struct change *out, struct err *e) MUST_USE;

#endif
