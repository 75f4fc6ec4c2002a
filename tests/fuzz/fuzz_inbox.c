/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is inside a note of the inbox once it is unsealed.  The first byte says what is mended before it is read: 1 the
 * padding, 2 the front of the item up to the notebook's id.  What is read as sound is written, and read, the same.
 */
#include "fuzz.h"

#include "arpent/inbox.h"
#include "arpent/text.h"
#include "store/inbox-note.h"

static const uint8_t file_id[16] = {7};

static void sound(const struct inbox_note *note)
{
	struct inbox_note again;
	struct buf out = BUF_INIT;
	struct err e = ERR_INIT;

	must(note->n <= INBOX_NOTE_MAX && text_is_utf8(note->text, note->n));
	must(!memchr(note->text, 0, note->n) && !id_is_zero(&note->id));
	must(inbox_note_write(note, file_id, &out, &e) && out.len % INBOX_BLOCK == 0);
	must(inbox_note_read(out.p, out.len, file_id, &again, &e));
	must(id_eq(&again.id, &note->id) && again.n == note->n && memcmp(again.text, note->text, note->n) == 0);
	must(moment_unix(&again.when) == moment_unix(&note->when));
	must(!inbox_note_read(out.p, out.len, (const uint8_t[16]){8}, &again, &e));
	buf_done(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t front[] = {0x85, 0x01, 0x50};
	struct inbox_note note;
	struct buf plain = BUF_INIT;
	struct err e = ERR_INIT;
	size_t n;

	if (size == 0)
		return 0;
	if (data[0] & 2) {
		buf_add(&plain, front, sizeof front);
		buf_add(&plain, file_id, sizeof file_id);
	}
	buf_add(&plain, data + 1, size - 1);
	n = plain.len;
	if (data[0] & 1) {
		buf_fill(&plain, 0, INBOX_BLOCK);
		must(sodium_pad(&n, (unsigned char *)plain.p, n, INBOX_BLOCK, plain.len) == 0);
	}
	if (plain.p && inbox_note_read(plain.p, n, file_id, &note, &e))
		sound(&note);
	buf_done(&plain);
	return 0;
}
