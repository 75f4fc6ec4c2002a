/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * inbox - notes sealed to the notebook without its passphrase.
 *
 * A folder beside the file (NAME.inbox, 0700), one file a note, written under a temporary name, fsynced, renamed.  Each is a crypto_box_seal of
 * a padded CBOR item to the header's inbox key; man/arpent-notebook.5 has it.
 */
#ifndef ARPENT_INBOX_H
#define ARPENT_INBOX_H

#include "arpent/date.h"
#include "arpent/store.h"

#define INBOX_NOTE_MAX 1048576 /* bytes */

bool inbox_put(const char *notebook, const char *text, size_t n, const struct moment *when, struct err *e) MUST_USE;
/* Files what waits into note records (one step a note; the note's id comes from the sealed item, so that a crash between filing and removing never gives two).
 * What does not open is left there and counted in *bad. */
bool inbox_take(struct store *s, size_t *taken, size_t *bad, struct err *e) MUST_USE;
/* Opens each and files none.  Calls `bad` with the file's name for each that does not open. */
bool inbox_check(const struct vault *v, void (*bad)(void *ctx, const char *name), void *ctx, size_t *notes,
		 size_t *bad_notes, struct err *e) MUST_USE;
/* An inotify descriptor that becomes readable when a note arrives, or -1. inbox_drain() empties it. */
int inbox_watch(const char *notebook);
void inbox_drain(int fd);

#endif
