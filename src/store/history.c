/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who said what, and when: the journal of one record. */
#include "store/db.h"

#include <string.h>

/* The name in a peer ("peer/HEX") and in a stream of one's own devices ("stream/HEX"): both are CBOR arrays whose
 * second item it is; what its person calls the device follows in a stream. */
static void who_kept(struct store *s, const char *prefix, const struct id *device, bool labelled, struct buf *out)
{
	static const char digits[] = "0123456789abcdef";
	struct err none = ERR_INIT;
	struct buf key = BUF_INIT, kept = BUF_INIT;
	struct cbor_r r;
	const char *name, *label;
	size_t n, nlabel = 0;

	buf_str_add(&key, prefix);
	for (size_t i = 0; i < ID_BYTES; i++) {
		buf_char(&key, digits[device->b[i] >> 4]);
		buf_char(&key, digits[device->b[i] & 15]);
	}
	if (!key.oom && store_meta_get(s, buf_str(&key), &kept, &none)) {
		cbor_r_init(&r, buf_str(&kept), kept.len);
		cbor_array(&r);
		cbor_uint(&r);
		name = cbor_text(&r, &n);
		label = labelled ? cbor_text(&r, &nlabel) : "";
		if (!r.bad)
			buf_add(out, name, n);
		if (!r.bad && nlabel > 0)
			buf_printf(out, " (%.*s)", (int)nlabel, label);
	}
	buf_done(&key);
	buf_done(&kept);
}

/* One's own name is kept as it is. */
void store_who(struct store *s, const struct id *device, struct buf *out)
{
	struct err none = ERR_INIT;

	buf_clear(out);
	if (id_eq(device, &s->device)) {
		if (!store_meta_get(s, "identity/name", out, &none))
			buf_clear(out);
		return;
	}
	who_kept(s, "peer/", device, false, out);
	if (out->len == 0)
		who_kept(s, "stream/", device, true, out);
}

static bool history_one(struct store *s, sqlite3_stmt *st, struct history *h, struct change *c, struct buf *who,
			struct err *e)
{
	const void *body = sqlite3_column_blob(st, 0);
	struct id device;

	h->change = NULL;
	if (body) {
		if (!change_decode(body, (size_t)sqlite3_column_bytes(st, 0), c, e))
			return false;
		h->change = c;
	}
	(void)db_id(st, 1, &device);
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
