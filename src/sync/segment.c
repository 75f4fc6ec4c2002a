/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "segment.h"

#include <string.h>

#include "arpent/cbor.h"
#include "handoff-in.h"
#include "snapshot.h"

#define SEGMENT_VERSION 1
#define OFFSET_MAX 1439 /* minutes */

void segment_begin(struct buf *body)
{
	cbor_w_uint(body, SEGMENT_VERSION);
}

static void segment_item(struct buf *body, enum segment_type type, size_t parts)
{
	cbor_w_array(body, parts + 1);
	cbor_w_uint(body, type);
}

void segment_change(struct buf *body, const void *change, size_t n)
{
	segment_item(body, ITEM_CHANGE, 1);
	buf_add(body, change, n);
}

void segment_state(struct buf *body, const struct record *state, const struct stamp *st, const struct clock *clock)
{
	segment_item(body, ITEM_STATE, 5);
	cbor_w_bytes(body, st->device.b, ID_BYTES);
	cbor_w_uint(body, st->n);
	cbor_w_uint(body, clock->hlc);
	cbor_w_int(body, clock->offset);
	record_encode(state, body);
}

void segment_moved(struct buf *body, const struct id *stream)
{
	segment_item(body, ITEM_MOVED, 1);
	cbor_w_bytes(body, stream->b, ID_BYTES);
}

void segment_snapshot(struct buf *body, const struct snapshot *s, bool vector)
{
	static const struct snapshot none;

	segment_item(body, ITEM_SNAPSHOT, 5);
	cbor_w_bytes(body, s->maker.b, ID_BYTES);
	cbor_w_uint(body, s->first);
	cbor_w_uint(body, s->last);
	cbor_w_bytes(body, s->hash, BUNDLE_HASH);
	snapshot_vector_write(vector ? s : &none, body);
}

void segment_parked(struct buf *body, const struct id *stream, uint64_t n)
{
	segment_item(body, ITEM_PARKED, 2);
	cbor_w_bytes(body, stream->b, ID_BYTES);
	cbor_w_uint(body, n);
}

void segment_stream(struct buf *body, const struct id *stream, bool ended, const struct identity *who,
		    const char *label)
{
	segment_item(body, ITEM_STREAM, 6);
	cbor_w_bytes(body, stream->b, ID_BYTES);
	cbor_w_bool(body, ended);
	cbor_w_text(body, label, strlen(label));
	cbor_w_text(body, who->name, strlen(who->name));
	cbor_w_bytes(body, who->sign, IDENTITY_KEY);
	cbor_w_bytes(body, who->box, IDENTITY_KEY);
}

void segment_end(struct buf *body, const struct snapshot *s)
{
	segment_item(body, ITEM_END, 3);
	cbor_w_uint(body, s->first);
	cbor_w_bytes(body, s->hash, BUNDLE_HASH);
	snapshot_vector_write(s, body);
}

static bool name_read(struct cbor_r *r, char out[IDENTITY_NAME + 1], struct err *e)
{
	size_t n;
	const char *s = cbor_text(r, &n);

	if (!cbor_ok(r, e))
		return false;
	if (n > IDENTITY_NAME)
		return err_set(e, ERR_DAMAGED, "segment", "name");
	memset(out, 0, IDENTITY_NAME + 1);
	if (n > 0)
		memcpy(out, s, n);
	if (strlen(out) != n || (n > 0 && !identity_name_ok(out)))
		return err_set(e, ERR_DAMAGED, "segment", "name");
	return true;
}

static bool device_read(struct cbor_r *r, struct segment_item *it, struct err *e)
{
	if (!name_read(r, it->label, e) || !name_read(r, it->who.name, e))
		return false;
	cbor_fixed(r, it->who.sign, IDENTITY_KEY);
	cbor_fixed(r, it->who.box, IDENTITY_KEY);
	identity_device(it->who.sign, &it->who.device);
	return cbor_ok(r, e);
}

static bool state_read(struct cbor_r *r, struct segment_item *it, struct err *e)
{
	const uint8_t *p;
	int64_t offset;
	size_t n;

	cbor_fixed(r, it->stamp.device.b, ID_BYTES);
	it->stamp.n = cbor_uint(r);
	it->clock.hlc = cbor_uint(r);
	offset = cbor_int(r);
	if (offset < -OFFSET_MAX || offset > OFFSET_MAX)
		return err_set(e, ERR_DAMAGED, "segment", "clock");
	it->clock.offset = (int16_t)offset;
	cbor_skip(r, &p, &n);
	if (!cbor_ok(r, e) || !record_decode(p, n, &it->state, e))
		return false;
	if (it->stamp.n > INT64_MAX || it->clock.hlc > INT64_MAX || !handoff_claims_hold(&it->state))
		return err_set(e, ERR_DAMAGED, "segment", "state");
	return true;
}

static bool item_read(struct cbor_r *r, struct segment_item *it, struct err *e)
{
	static const size_t parts[] = {[ITEM_CHANGE] = 2, [ITEM_STATE] = 6,  [ITEM_MOVED] = 2, [ITEM_SNAPSHOT] = 6,
				       [ITEM_PARKED] = 3, [ITEM_STREAM] = 7, [ITEM_END] = 4};
	const uint8_t *p;
	size_t n = cbor_array(r), len;
	uint64_t type = cbor_uint(r);

	if (!cbor_ok(r, e))
		return false;
	if (type > ITEM_END)
		return err_set(e, ERR_NEWER, "segment", "item of type %llu", (unsigned long long)type);
	if (n != parts[type])
		return err_set(e, ERR_DAMAGED, "segment", "item");
	it->type = (enum segment_type)type;
	switch (it->type) {
	case ITEM_CHANGE:
		cbor_skip(r, &p, &len);
		return cbor_ok(r, e) && change_decode(p, len, &it->change, e);
	case ITEM_STATE:
		return state_read(r, it, e);
	case ITEM_MOVED:
		cbor_fixed(r, it->stream.b, ID_BYTES);
		break;
	case ITEM_STREAM:
		cbor_fixed(r, it->stream.b, ID_BYTES);
		it->ended = cbor_bool(r);
		return device_read(r, it, e);
	case ITEM_PARKED:
		cbor_fixed(r, it->stream.b, ID_BYTES);
		it->n = cbor_uint(r);
		break;
	case ITEM_SNAPSHOT:
		cbor_fixed(r, it->stream.b, ID_BYTES);
		it->n = cbor_uint(r);
		it->last = cbor_uint(r);
		cbor_fixed(r, it->hash, sizeof it->hash);
		cbor_skip(r, &it->vector, &it->nvector);
		break;
	case ITEM_END:
		it->n = cbor_uint(r);
		cbor_fixed(r, it->hash, sizeof it->hash);
		cbor_skip(r, &it->vector, &it->nvector);
		break;
	}
	return cbor_ok(r, e);
}

bool segment_each(const void *body, size_t n, uint32_t count,
		  bool (*cb)(void *ctx, const struct segment_item *item, struct err *e), void *ctx, struct err *e)
{
	struct cbor_r r;
	bool ok;

	cbor_r_init(&r, body, n);
	if (cbor_uint(&r) != SEGMENT_VERSION && !r.bad)
		return err_set(e, ERR_NEWER, "segment", "body");
	ok = cbor_ok(&r, e);
	for (uint32_t i = 0; ok && i < count; i++) {
		struct segment_item it;
		memset(&it, 0, sizeof it);
		ok = item_read(&r, &it, e) && cb(ctx, &it, e);
		change_done(&it.change);
		record_done(&it.state);
	}
	return ok && cbor_done(&r, e);
}
