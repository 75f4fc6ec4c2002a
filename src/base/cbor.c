/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "arpent/cbor.h"

#include <cbor.h>
#include <string.h>

#include "arpent/text.h"

#define CBOR_HEAD 9
#define CBOR_DEPTH 16

#if CBOR_MAJOR_VERSION == 0 && CBOR_MINOR_VERSION < 10
typedef size_t cbor_length;
#else
typedef uint64_t cbor_length;
#endif

static void cbor_w_head(struct buf *b, size_t (*encode)(size_t, unsigned char *, size_t), size_t n)
{
	unsigned char head[CBOR_HEAD];

	buf_add(b, head, encode(n, head, sizeof head));
}

void cbor_w_uint(struct buf *b, uint64_t v)
{
	unsigned char head[CBOR_HEAD];

	buf_add(b, head, cbor_encode_uint(v, head, sizeof head));
}

void cbor_w_int(struct buf *b, int64_t v)
{
	unsigned char head[CBOR_HEAD];

	if (v >= 0)
		cbor_w_uint(b, (uint64_t)v);
	else
		buf_add(b, head, cbor_encode_negint((uint64_t)(-1 - v), head, sizeof head));
}

void cbor_w_bytes(struct buf *b, const void *p, size_t n)
{
	cbor_w_head(b, cbor_encode_bytestring_start, n);
	buf_add(b, p, n);
}

void cbor_w_text(struct buf *b, const char *s, size_t n)
{
	cbor_w_head(b, cbor_encode_string_start, n);
	buf_add(b, s, n);
}

void cbor_w_array(struct buf *b, size_t items)
{
	cbor_w_head(b, cbor_encode_array_start, items);
}

void cbor_w_map(struct buf *b, size_t pairs)
{
	cbor_w_head(b, cbor_encode_map_start, pairs);
}

void cbor_w_bool(struct buf *b, bool v)
{
	unsigned char head[CBOR_HEAD];

	buf_add(b, head, cbor_encode_bool(v, head, sizeof head));
}

void cbor_w_null(struct buf *b)
{
	unsigned char head[CBOR_HEAD];

	buf_add(b, head, cbor_encode_null(head, sizeof head));
}

/* What libcbor calls back with for one item. */
struct cbor_one {
	enum cbor_kind kind;
	bool tag;            /* another item follows that belongs to it */
	bool indefinite;     /* which we refuse */
	uint64_t v;          /* value, length or count; 0 or 1 */
	const uint8_t *data; /* of a string */
	size_t size;         /* in the input, a string's bytes included */
};

static void cbor_one_set(void *ctx, enum cbor_kind kind, uint64_t v)
{
	struct cbor_one *o = ctx;

	o->kind = kind;
	o->v = v;
}

static void cbor_on_uint8(void *ctx, uint8_t v)
{
	cbor_one_set(ctx, CBOR_UINT, v);
}

static void cbor_on_uint16(void *ctx, uint16_t v)
{
	cbor_one_set(ctx, CBOR_UINT, v);
}

static void cbor_on_uint32(void *ctx, uint32_t v)
{
	cbor_one_set(ctx, CBOR_UINT, v);
}

static void cbor_on_uint64(void *ctx, uint64_t v)
{
	cbor_one_set(ctx, CBOR_UINT, v);
}

static void cbor_on_negint8(void *ctx, uint8_t v)
{
	cbor_one_set(ctx, CBOR_NEGINT, v);
}

static void cbor_on_negint16(void *ctx, uint16_t v)
{
	cbor_one_set(ctx, CBOR_NEGINT, v);
}

static void cbor_on_negint32(void *ctx, uint32_t v)
{
	cbor_one_set(ctx, CBOR_NEGINT, v);
}

static void cbor_on_negint64(void *ctx, uint64_t v)
{
	cbor_one_set(ctx, CBOR_NEGINT, v);
}

static void cbor_on_bytes(void *ctx, cbor_data data, cbor_length n)
{
	cbor_one_set(ctx, CBOR_BYTES, n);
	((struct cbor_one *)ctx)->data = data;
}

static void cbor_on_text(void *ctx, cbor_data data, cbor_length n)
{
	cbor_one_set(ctx, CBOR_TEXT, n);
	((struct cbor_one *)ctx)->data = data;
}

static void cbor_on_array(void *ctx, cbor_length n)
{
	cbor_one_set(ctx, CBOR_ARRAY, n);
}

static void cbor_on_map(void *ctx, cbor_length n)
{
	cbor_one_set(ctx, CBOR_MAP, n);
}

static void cbor_on_tag(void *ctx, uint64_t v)
{
	cbor_one_set(ctx, CBOR_OTHER, v);
	((struct cbor_one *)ctx)->tag = true;
}

static void cbor_on_float(void *ctx, float v)
{
	(void)v;
	cbor_one_set(ctx, CBOR_OTHER, 0);
}

static void cbor_on_double(void *ctx, double v)
{
	(void)v;
	cbor_one_set(ctx, CBOR_OTHER, 0);
}

static void cbor_on_undefined(void *ctx)
{
	cbor_one_set(ctx, CBOR_OTHER, 0);
}

static void cbor_on_null(void *ctx)
{
	cbor_one_set(ctx, CBOR_NULL, 0);
}

static void cbor_on_bool(void *ctx, bool v)
{
	cbor_one_set(ctx, CBOR_BOOL, v);
}

static void cbor_on_indefinite(void *ctx)
{
	((struct cbor_one *)ctx)->indefinite = true;
}

static const struct cbor_callbacks cbor_calls = {
    .uint8 = cbor_on_uint8,
    .uint16 = cbor_on_uint16,
    .uint32 = cbor_on_uint32,
    .uint64 = cbor_on_uint64,
    .negint8 = cbor_on_negint8,
    .negint16 = cbor_on_negint16,
    .negint32 = cbor_on_negint32,
    .negint64 = cbor_on_negint64,
    .byte_string_start = cbor_on_indefinite,
    .byte_string = cbor_on_bytes,
    .string_start = cbor_on_indefinite,
    .string = cbor_on_text,
    .indef_array_start = cbor_on_indefinite,
    .array_start = cbor_on_array,
    .indef_map_start = cbor_on_indefinite,
    .map_start = cbor_on_map,
    .tag = cbor_on_tag,
    .float2 = cbor_on_float,
    .float4 = cbor_on_float,
    .float8 = cbor_on_double,
    .undefined = cbor_on_undefined,
    .null = cbor_on_null,
    .boolean = cbor_on_bool,
    .indef_break = cbor_on_indefinite,
};

/* Bytes of the shortest head for v (RFC 8949, 4.2.1). */
static size_t cbor_head_size(uint64_t v)
{
	return v < 24 ? 1 : v <= UINT8_MAX ? 2 : v <= UINT16_MAX ? 3 : v <= UINT32_MAX ? 5 : 9;
}

static bool cbor_look(const struct cbor_r *r, struct cbor_one *o)
{
	size_t left = (size_t)(r->end - r->p);

	*o = (struct cbor_one){.kind = CBOR_END};
	if (r->bad || left == 0)
		return false;
	struct cbor_decoder_result res = cbor_stream_decode(r->p, left, &cbor_calls, o);
	if (res.status != CBOR_DECODER_FINISHED || o->indefinite || o->kind == CBOR_END || res.read > left)
		return false;
	o->size = res.read;
	if (o->kind == CBOR_BYTES || o->kind == CBOR_TEXT)
		return cbor_head_size(o->v) + o->v == o->size;
	if (o->kind == CBOR_ARRAY && o->v > left - o->size)
		return false;
	if (o->kind == CBOR_MAP && o->v > (left - o->size) / 2)
		return false;
	if (o->kind == CBOR_OTHER && !o->tag)
		return true;
	return cbor_head_size(o->v) == o->size;
}

void cbor_r_init(struct cbor_r *r, const void *p, size_t n)
{
	static const uint8_t nothing[1];

	r->p = p ? p : nothing;
	r->end = r->p + (p ? n : 0);
	r->bad = false;
}

enum cbor_kind cbor_peek(const struct cbor_r *r)
{
	struct cbor_one o;

	return cbor_look(r, &o) ? o.kind : CBOR_END;
}

static bool cbor_take(struct cbor_r *r, enum cbor_kind kind, struct cbor_one *o)
{
	if (!cbor_look(r, o) || o->kind != kind) {
		r->bad = true;
		*o = (struct cbor_one){.kind = CBOR_END};
		return false;
	}
	r->p += o->size;
	return true;
}

uint64_t cbor_uint(struct cbor_r *r)
{
	struct cbor_one o;

	cbor_take(r, CBOR_UINT, &o);
	return o.v;
}

int64_t cbor_int(struct cbor_r *r)
{
	enum cbor_kind kind = cbor_peek(r) == CBOR_NEGINT ? CBOR_NEGINT : CBOR_UINT;
	struct cbor_one o;

	if (cbor_take(r, kind, &o) && o.v > INT64_MAX) {
		r->bad = true;
		return 0;
	}
	return kind == CBOR_NEGINT && !r->bad ? -1 - (int64_t)o.v : (int64_t)o.v;
}

size_t cbor_array(struct cbor_r *r)
{
	struct cbor_one o;

	cbor_take(r, CBOR_ARRAY, &o);
	return (size_t)o.v;
}

size_t cbor_map(struct cbor_r *r)
{
	struct cbor_one o;

	cbor_take(r, CBOR_MAP, &o);
	return (size_t)o.v;
}

bool cbor_bool(struct cbor_r *r)
{
	struct cbor_one o;

	cbor_take(r, CBOR_BOOL, &o);
	return o.v != 0;
}

void cbor_null(struct cbor_r *r)
{
	struct cbor_one o;

	cbor_take(r, CBOR_NULL, &o);
}

const char *cbor_text(struct cbor_r *r, size_t *n)
{
	struct cbor_one o;

	*n = 0;
	if (!cbor_take(r, CBOR_TEXT, &o))
		return "";
	if (!text_is_utf8((const char *)o.data, (size_t)o.v)) {
		r->bad = true;
		return "";
	}
	*n = (size_t)o.v;
	return (const char *)o.data;
}

const uint8_t *cbor_bytes(struct cbor_r *r, size_t *n)
{
	struct cbor_one o;

	if (!cbor_take(r, CBOR_BYTES, &o))
		o.data = (const uint8_t *)"";
	*n = (size_t)o.v;
	return o.data;
}

void cbor_fixed(struct cbor_r *r, void *out, size_t n)
{
	struct cbor_one o;

	if (cbor_take(r, CBOR_BYTES, &o) && o.v == n) {
		memcpy(out, o.data, n);
		return;
	}
	r->bad = true;
	memset(out, 0, n);
}

void cbor_skip(struct cbor_r *r, const uint8_t **p, size_t *n)
{
	uint64_t todo[CBOR_DEPTH + 1] = {1}; /* items to go at each depth */
	const uint8_t *start = r->p;
	struct cbor_one o;
	int depth = 0;

	while (depth >= 0) {
		if (todo[depth] == 0) {
			depth--;
			continue;
		}
		todo[depth]--;
		if (!cbor_look(r, &o)) {
			r->bad = true;
			break;
		}
		uint64_t inside = o.kind == CBOR_ARRAY ? o.v : o.kind == CBOR_MAP ? 2 * o.v : o.tag ? 1 : 0;
		if (inside > 0 && depth == CBOR_DEPTH) {
			r->bad = true;
			break;
		}
		r->p += o.size;
		if (inside > 0)
			todo[++depth] = inside;
	}
	if (p)
		*p = start;
	if (n)
		*n = r->bad ? 0 : (size_t)(r->p - start);
}

bool cbor_ok(const struct cbor_r *r, struct err *e)
{
	return r->bad ? err_set(e, ERR_DAMAGED, "cbor", "malformed CBOR") : true;
}

bool cbor_done(const struct cbor_r *r, struct err *e)
{
	if (cbor_ok(r, e) && r->p == r->end)
		return true;
	return err_set(e, ERR_DAMAGED, "cbor", "%s", r->bad ? "malformed CBOR" : "bytes left over");
}
