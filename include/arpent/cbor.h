/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * cbor - CBOR (RFC 8949) over libcbor's streaming functions: a writer into a buf, and a reader that pulls item by item.
 *
 * Only definite lengths are written and read, integers in their shortest form.  A reader never reads past its end, and keeps its first error: read on without
 * checking, ask cbor_ok() once.  After an error every read gives zero or empty.
 */
#ifndef ARPENT_CBOR_H
#define ARPENT_CBOR_H

#include "arpent/buf.h"

void cbor_w_uint(struct buf *b, uint64_t v);
void cbor_w_int(struct buf *b, int64_t v);
void cbor_w_bytes(struct buf *b, const void *p, size_t n);
void cbor_w_text(struct buf *b, const char *s, size_t n);
void cbor_w_array(struct buf *b, size_t items);
void cbor_w_map(struct buf *b, size_t pairs);
void cbor_w_bool(struct buf *b, bool v);
void cbor_w_null(struct buf *b);

struct cbor_r {
	const uint8_t *p, *end;
	bool bad;
};

enum cbor_kind { CBOR_END, CBOR_UINT, CBOR_NEGINT, CBOR_BYTES, CBOR_TEXT, CBOR_ARRAY, CBOR_MAP, CBOR_BOOL, CBOR_NULL, CBOR_OTHER };

void cbor_r_init(struct cbor_r *r, const void *p, size_t n);
enum cbor_kind cbor_peek(const struct cbor_r *r); /* CBOR_END at the end or after an error */
uint64_t cbor_uint(struct cbor_r *r);
int64_t cbor_int(struct cbor_r *r);
size_t cbor_array(struct cbor_r *r); /* item count, never more than the bytes left */
size_t cbor_map(struct cbor_r *r);
bool cbor_bool(struct cbor_r *r);
void cbor_null(struct cbor_r *r);
/* Borrowed from the input.  Text is checked to be UTF-8. */
const char *cbor_text(struct cbor_r *r, size_t *n);
const uint8_t *cbor_bytes(struct cbor_r *r, size_t *n);
/* Bytes of exactly n; copies; else an error. */
void cbor_fixed(struct cbor_r *r, void *out, size_t n);
/* Skips one whole item (at most 16 deep); its bytes are borrowed in *p, *n when not NULL. */
void cbor_skip(struct cbor_r *r, const uint8_t **p, size_t *n);

bool cbor_ok(const struct cbor_r *r, struct err *e) MUST_USE;   /* no error so far: else ERR_DAMAGED */
bool cbor_done(const struct cbor_r *r, struct err *e) MUST_USE; /* and nothing left over */

#endif
