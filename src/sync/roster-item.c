/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The items of a roster bundle, written and read. */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "arpent/cbor.h"
#include "arpent/roster.h"

#define ROSTER_LIST_MAX 4096 /* cuts, grants or keys in one item */
#define ROSTER_SEALED_MAX 256

static const size_t parts[] = {[ROSTER_FOUND] = 6, [ROSTER_ADD] = 7,    [ROSTER_REMOVE] = 4,
			       [ROSTER_ADMIN] = 2, [ROSTER_RESIGN] = 1, [ROSTER_KEY] = 4};

void roster_stream(const struct id *device, struct id *out)
{
	static const uint8_t key[16] = {'a', 'r', 'p', 'e', 'n', 't', '-', 'r', 'o', 's', 't', 'e', 'r', '-', 'v', '1'};

	crypto_generichash(out->b, ID_BYTES, device->b, ID_BYTES, key, sizeof key);
}

static void who_write(struct buf *b, const struct roster_item *it)
{
	cbor_w_text(b, it->label, strlen(it->label));
	cbor_w_text(b, it->who.name, strlen(it->who.name));
	cbor_w_bytes(b, it->who.sign, IDENTITY_KEY);
	cbor_w_bytes(b, it->who.box, IDENTITY_KEY);
}

void roster_item_write(struct buf *b, const struct roster_item *it)
{
	cbor_w_array(b, parts[it->type]);
	cbor_w_uint(b, it->type);
	switch (it->type) {
	case ROSTER_FOUND:
		cbor_w_text(b, it->name, strlen(it->name));
		who_write(b, it);
		break;
	case ROSTER_ADD:
		who_write(b, it);
		cbor_w_bool(b, it->admin);
		cbor_w_array(b, it->ngiven);
		for (size_t i = 0; i < it->ngiven; i++)
			cbor_w_bytes(b, it->given[i].b, ID_BYTES);
		break;
	case ROSTER_REMOVE:
		cbor_w_bytes(b, it->device.b, ID_BYTES);
		cbor_w_uint(b, it->n);
		cbor_w_array(b, 2 * it->ncuts);
		for (size_t i = 0; i < it->ncuts; i++) {
			cbor_w_bytes(b, it->cuts[i].stream.b, ID_BYTES);
			cbor_w_uint(b, it->cuts[i].n);
		}
		break;
	case ROSTER_ADMIN:
		cbor_w_bytes(b, it->device.b, ID_BYTES);
		break;
	case ROSTER_RESIGN:
		break;
	case ROSTER_KEY:
		cbor_w_uint(b, it->epoch);
		cbor_w_bytes(b, it->key.b, ID_BYTES);
		cbor_w_array(b, 2 * it->ngrants);
		for (size_t i = 0; i < it->ngrants; i++) {
			cbor_w_bytes(b, it->grants[i].device.b, ID_BYTES);
			cbor_w_bytes(b, it->grants[i].sealed, it->grants[i].n);
		}
		break;
	}
}

static bool text_read(struct cbor_r *r, char out[IDENTITY_NAME + 1], bool empty, struct err *e)
{
	size_t n;
	const char *s = cbor_text(r, &n);

	memset(out, 0, IDENTITY_NAME + 1);
	if (!cbor_ok(r, e))
		return false;
	if (n > IDENTITY_NAME || (n == 0 && !empty))
		return err_set(e, ERR_DAMAGED, "roster", "name");
	if (n > 0)
		memcpy(out, s, n);
	return (strlen(out) == n && (n == 0 || identity_name_ok(out))) || err_set(e, ERR_DAMAGED, "roster", "name");
}

static bool who_read(struct cbor_r *r, struct roster_item *it, struct err *e)
{
	if (!text_read(r, it->label, true, e) || !text_read(r, it->who.name, true, e))
		return false;
	cbor_fixed(r, it->who.sign, IDENTITY_KEY);
	cbor_fixed(r, it->who.box, IDENTITY_KEY);
	identity_device(it->who.sign, &it->who.device);
	return cbor_ok(r, e);
}

/* How many pairs or items a list announces; room for them in *out. */
static bool list_room(struct cbor_r *r, size_t each, size_t size, void *out, size_t *n, struct err *e)
{
	size_t have = cbor_array(r);
	void *v;

	if (!cbor_ok(r, e))
		return false;
	if (have % each != 0)
		return err_set(e, ERR_DAMAGED, "roster", "list");
	*n = have / each;
	if (*n > ROSTER_LIST_MAX)
		return err_set(e, ERR_LIMIT, "roster", "%zu", *n);
	v = calloc(*n + 1, size);
	memcpy(out, &v, sizeof v);
	return v || err_nomem(e, "roster");
}

static bool key_read(struct cbor_r *r, struct roster_item *it, struct err *e)
{
	uint64_t epoch = cbor_uint(r);

	cbor_fixed(r, it->key.b, ID_BYTES);
	if (!list_room(r, 2, sizeof *it->grants, &it->grants, &it->ngrants, e))
		return false;
	it->epoch = (uint32_t)epoch;
	for (size_t i = 0; i < it->ngrants; i++) {
		cbor_fixed(r, it->grants[i].device.b, ID_BYTES);
		it->grants[i].sealed = cbor_bytes(r, &it->grants[i].n);
		if (it->grants[i].n > ROSTER_SEALED_MAX)
			return err_set(e, ERR_LIMIT, "roster", "sealed key");
	}
	return epoch > 0 && epoch < UINT32_MAX ? cbor_ok(r, e) : err_set(e, ERR_DAMAGED, "roster", "epoch");
}

static bool remove_read(struct cbor_r *r, struct roster_item *it, struct err *e)
{
	cbor_fixed(r, it->device.b, ID_BYTES);
	it->n = cbor_uint(r);
	if (!list_room(r, 2, sizeof *it->cuts, &it->cuts, &it->ncuts, e))
		return false;
	for (size_t i = 0; i < it->ncuts; i++) {
		cbor_fixed(r, it->cuts[i].stream.b, ID_BYTES);
		it->cuts[i].n = cbor_uint(r);
	}
	return cbor_ok(r, e);
}

static bool add_read(struct cbor_r *r, struct roster_item *it, struct err *e)
{
	if (!who_read(r, it, e))
		return false;
	it->admin = cbor_bool(r);
	if (!list_room(r, 1, sizeof *it->given, &it->given, &it->ngiven, e))
		return false;
	for (size_t i = 0; i < it->ngiven; i++)
		cbor_fixed(r, it->given[i].b, ID_BYTES);
	return cbor_ok(r, e);
}

static bool item_read(struct cbor_r *r, struct roster_item *it, struct err *e)
{
	size_t n = cbor_array(r);
	uint64_t type = cbor_uint(r);

	if (!cbor_ok(r, e))
		return false;
	if (type > ROSTER_KEY)
		return err_set(e, ERR_NEWER, "roster", "item of type %llu", (unsigned long long)type);
	if (n != parts[type])
		return err_set(e, ERR_DAMAGED, "roster", "item");
	it->type = (enum roster_type)type;
	switch (it->type) {
	case ROSTER_FOUND:
		return text_read(r, it->name, true, e) && who_read(r, it, e);
	case ROSTER_ADD:
		return add_read(r, it, e);
	case ROSTER_REMOVE:
		return remove_read(r, it, e);
	case ROSTER_ADMIN:
		cbor_fixed(r, it->device.b, ID_BYTES);
		break;
	case ROSTER_RESIGN:
		break;
	case ROSTER_KEY:
		return key_read(r, it, e);
	}
	return cbor_ok(r, e);
}

bool roster_items(const void *body, size_t n, uint32_t count,
		  bool (*cb)(void *ctx, const struct roster_item *it, struct err *e), void *ctx, struct err *e)
{
	struct cbor_r r;
	bool ok = true;

	cbor_r_init(&r, body, n);
	for (uint32_t i = 0; ok && i < count; i++) {
		struct roster_item it = {.type = ROSTER_FOUND};
		ok = item_read(&r, &it, e) && cb(ctx, &it, e);
		free(it.cuts);
		free(it.grants);
		free(it.given);
	}
	return ok && cbor_done(&r, e);
}
