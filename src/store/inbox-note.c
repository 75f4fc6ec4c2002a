/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/inbox-note.h"

#include <sodium.h>
#include <string.h>

#include "arpent/cbor.h"
#include "arpent/inbox.h"

#define INBOX_VERSION 1

/* [version, file id, record id, moment, text], padded. */
bool inbox_note_write(const struct inbox_note *note, const uint8_t file_id[16], struct buf *out, struct err *e)
{
	struct buf moment = BUF_INIT;
	size_t n, padded;

	moment_text(&note->when, &moment);
	cbor_w_array(out, 5);
	cbor_w_uint(out, INBOX_VERSION);
	cbor_w_bytes(out, file_id, 16);
	cbor_w_bytes(out, note->id.b, ID_BYTES);
	cbor_w_text(out, buf_str(&moment), moment.len);
	cbor_w_text(out, note->text, note->n);
	out->oom = out->oom || moment.oom;
	buf_done(&moment);
	n = out->len;
	buf_fill(out, 0, INBOX_BLOCK);
	if (!buf_ok(out, e))
		return false;
	if (sodium_pad(&padded, (unsigned char *)out->p, n, INBOX_BLOCK, out->len) != 0)
		return err_set(e, ERR_INTERNAL, __func__, "padding");
	buf_truncate(out, padded);
	return true;
}

/* Whoever has read the header can seal a note: what is in it is anyone's. */
static bool inbox_note_sound(const struct inbox_note *note, const struct buf *moment, struct moment *when)
{
	return note->n <= INBOX_NOTE_MAX && !memchr(note->text, '\0', note->n) && !id_is_zero(&note->id) &&
	       strlen(buf_str(moment)) == moment->len && moment_parse(buf_str(moment), when);
}

bool inbox_note_read(const void *plain, size_t n, const uint8_t file_id[16], struct inbox_note *out, struct err *e)
{
	struct buf moment = BUF_INIT;
	uint8_t of[16];
	struct cbor_r r;
	const char *when;
	bool ok;

	if (sodium_unpad(&n, plain, n, INBOX_BLOCK) != 0)
		return err_set(e, ERR_DAMAGED, __func__, "padding");
	cbor_r_init(&r, plain, n);
	if (cbor_array(&r) != 5)
		return err_set(e, ERR_DAMAGED, __func__, "note");
	if (cbor_uint(&r) != INBOX_VERSION)
		return err_set(e, ERR_NEWER, __func__, "note");
	cbor_fixed(&r, of, sizeof of);
	cbor_fixed(&r, out->id.b, ID_BYTES);
	when = cbor_text(&r, &n);
	buf_add(&moment, when, n);
	out->text = cbor_text(&r, &out->n);
	ok = cbor_done(&r, e) && buf_ok(&moment, e);
	if (ok && (memcmp(of, file_id, sizeof of) != 0 || !inbox_note_sound(out, &moment, &out->when)))
		ok = err_set(e, ERR_DAMAGED, __func__, "note");
	buf_done(&moment);
	return ok;
}
