/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a change put away: the values shown before it, kept in the journal for undo.  Layout: [existed, deleted, [key,
 * text, key, text ...]], texts as bytes with their NUL. */
#include "store/db.h"

#include <stdlib.h>
#include <string.h>

bool before_make(const struct record *r, const char *const *keys, size_t n, bool existed, struct buf *out,
		 struct err *e)
{
	struct buf merged = BUF_INIT;
	struct shown shown;
	bool ok;

	cbor_w_array(out, 3);
	cbor_w_bool(out, existed);
	cbor_w_bool(out, existed && record_deleted(r, NULL));
	cbor_w_array(out, existed ? 2 * n : 0);
	for (size_t i = 0; existed && i < n; i++) {
		buf_clear(&merged);
		record_shown(r, keys[i], field_is_text(r->kind, keys[i]), &merged, &shown);
		cbor_w_bytes(out, keys[i], strlen(keys[i]) + 1);
		cbor_w_bytes(out, shown.text, shown.len + 1);
	}
	ok = buf_ok(&merged, e) && buf_ok(out, e);
	buf_done(&merged);
	return ok;
}

/* Terminated bytes, or NULL. */
static const char *before_text(struct cbor_r *in)
{
	size_t n;
	const uint8_t *p = cbor_bytes(in, &n);

	if (in->bad || n == 0 || p[n - 1] != '\0')
		in->bad = true;
	return in->bad ? NULL : (const char *)p;
}

bool before_read(const struct record *r, const void *p, size_t n, struct before *out, struct err *e)
{
	struct cbor_r in;
	size_t items;

	*out = (struct before){.existed = false};
	cbor_r_init(&in, p, n);
	if (cbor_array(&in) != 3)
		return err_set(e, ERR_DAMAGED, __func__, "undo");
	out->existed = cbor_bool(&in);
	out->deleted = cbor_bool(&in);
	items = cbor_array(&in);
	if (!(out->wants = calloc(items / 2 + 1, sizeof *out->wants)))
		return err_nomem(e, __func__);
	for (; out->n < items / 2 && !in.bad; out->n++) {
		struct want *w = &out->wants[out->n];
		w->key = before_text(&in);
		w->text = before_text(&in);
		w->is_text = !in.bad && field_is_text(r->kind, w->key);
	}
	return cbor_done(&in, e);
}

void before_done(struct before *b)
{
	free(b->wants);
	*b = (struct before){.existed = false};
}
