/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who said what, and when: the journal of one record. */
#include "store/db.h"

#include <string.h>

/* A peer is kept as a CBOR array whose second item is the name; one's own name is kept as it is. */
void store_who(struct store *s, const struct id *device, struct buf *out)
{
	static const char digits[] = "0123456789abcdef";
	char key[5 + 2 * ID_BYTES + 1] = "peer/";
	struct err none = ERR_INIT;
	struct buf peer = BUF_INIT;
	struct cbor_r r;
	const char *name;
	size_t n;

	buf_clear(out);
	if (id_eq(device, &s->device)) {
		if (!store_meta_get(s, "identity/name", out, &none))
			buf_clear(out);
		return;
	}
	for (size_t i = 0; i < ID_BYTES; i++) {
		key[5 + 2 * i] = digits[device->b[i] >> 4];
		key[6 + 2 * i] = digits[device->b[i] & 15];
	}
	if (store_meta_get(s, key, &peer, &none)) {
		cbor_r_init(&r, buf_str(&peer), peer.len);
		cbor_array(&r);
		cbor_uint(&r);
		name = cbor_text(&r, &n);
		if (!r.bad)
			buf_add(out, name, n);
	}
	buf_done(&peer);
}

static bool history_one(struct store *s, sqlite3_stmt *st, struct history *h, struct change *c, struct buf *who,
			struct err *e)
{
	const void *body = sqlite3_column_blob(st, 0);
	struct id device = {{0}};

	h->change = NULL;
	if (body) {
		if (!change_decode(body, (size_t)sqlite3_column_bytes(st, 0), c, e))
			return false;
		h->change = c;
	}
	if (sqlite3_column_bytes(st, 1) == ID_BYTES)
		memcpy(device.b, sqlite3_column_blob(st, 1), ID_BYTES);
	store_who(s, &device, who);
	h->who = buf_str(who);
	moment_from_unix(CLOCK_MS((uint64_t)sqlite3_column_int64(st, 2)), sqlite3_column_int(st, 3), &h->when);
	h->label = db_text(st, 4);
	return true;
}

bool store_history(struct store *s, const struct id *id, bool (*cb)(void *ctx, const struct history *h), void *ctx,
		   struct err *e)
{
	struct buf who = BUF_INIT;
	struct history h;
	sqlite3_stmt *st;
	int64_t row = 0;
	bool ok, found, go = true;

	if (!db_int(s, &row, e, "SELECT row FROM record WHERE id = ?", "b", id->b, (size_t)ID_BYTES))
		return false;
	if (row == 0)
		return err_set(e, ERR_NOT_FOUND, __func__, "record");
	if (!db_query(s, &st, e,
		      "SELECT c.body, c.device, c.hlc, c.off, s.label FROM change c JOIN step s ON s.id = c.step WHERE "
		      "c.record = ? ORDER BY c.seq",
		      "i", row))
		return false;
	while (go && (ok = db_next(s, st, &found, e)) && found) {
		struct change c;
		change_init(&c);
		ok = history_one(s, st, &h, &c, &who, e);
		if (ok)
			go = cb(ctx, &h);
		change_done(&c);
		if (!ok)
			break;
	}
	db_end(s, st);
	buf_done(&who);
	return ok;
}
