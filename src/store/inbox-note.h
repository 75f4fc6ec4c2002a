/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * inbox-note - what is inside a sealed note: a padded CBOR item, see arpent-notebook(5).  Pure: no files, no keys.
 */
#ifndef ARPENT_INBOX_NOTE_H
#define ARPENT_INBOX_NOTE_H

#include "arpent/buf.h"
#include "arpent/date.h"
#include "arpent/id.h"

#define INBOX_BLOCK 256 /* a note's length shows in the file's only by so much */

struct inbox_note {
	struct id id;
	struct moment when;
	const char *text; /* borrowed from what was read */
	size_t n;
};

bool inbox_note_write(const struct inbox_note *note, const uint8_t file_id[16], struct buf *out,
		      struct err *e) MUST_USE;
/* ERR_NEWER; ERR_DAMAGED for anything that inbox_put() would not have written, and for another notebook's note. */
bool inbox_note_read(const void *plain, size_t n, const uint8_t file_id[16], struct inbox_note *out,
		     struct err *e) MUST_USE;

#endif
