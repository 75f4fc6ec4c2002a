/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * text - UTF-8 as people see it.  Unicode's tables come from utf8proc.
 *
 * Strings are UTF-8.  Functions that take outside text accept any bytes: what is not UTF-8 is handled as U+FFFD, and
 * never read past the end.
 */
#ifndef ARPENT_TEXT_H
#define ARPENT_TEXT_H

#include <stddef.h>
#include <stdint.h>

#include "arpent/buf.h"

/* Decodes one code point at s (n bytes left, n > 0) into *cp; returns its length in bytes (1 for a bad byte, with
 * U+FFFD). */
size_t text_decode(const char *s, size_t n, uint32_t *cp);
void text_encode(struct buf *out, uint32_t cp);

bool text_is_utf8(const char *s, size_t n);

/* Length in bytes of the grapheme cluster at s (UAX #29): an accent, a joiner or a variation selector stays with its
 * letter. */
size_t text_cluster(const char *s, size_t n);
/* The start of the cluster before byte `at`. */
size_t text_cluster_before(const char *s, size_t at);

/* Columns on a terminal.  A cluster is 0, 1 or 2; control characters 0, ambiguous width 1, joined emoji, flags and
 * emoji with U+FE0F 2. */
int text_cluster_width(const char *s, size_t n);
int text_width(const char *s);
int text_width_n(const char *s, size_t n);
/* The longest prefix, in bytes and whole clusters, that fits in `columns`. */
size_t text_fit(const char *s, size_t n, int columns);

/* Where a soft-wrapped line of `columns` breaks: after the last blank (one may hang past the edge), else after the last
 * cluster that fits.  Returns the bytes in this row, its trailing blank included; stops after '\n'; 0 only when n is 0.
 * No-break blanks (U+00A0, U+202F) do not break. */
size_t text_wrap(const char *s, size_t n, int columns);

/* For comparing as a person would: compatibility-decomposed, marks removed, case folded, œ→oe, æ→ae, ø→o, ł→l,
 * typographic apostrophes and dashes to ASCII, blanks folded to one and trimmed.  Appends to out. */
void text_fold(struct buf *out, const char *s, size_t n);
/* The same into an array, cut where it is full: for what is short and must not fail. */
#define TEXT_FOLD_CUT 512
void text_fold_cut(char out[TEXT_FOLD_CUT], const char *s, size_t n);
char *text_folded(const char *s); /* the caller frees; NULL when out of memory */

/* Normalisation form C.  Appends. */
void text_nfc(struct buf *out, const char *s, size_t n);

/* Outside text made safe for a terminal: C0, C1, DEL, bidirectional controls (U+202A-202E, 2066-2069, 200E-F, 061C),
 * line and paragraph separators and bad bytes become U+FFFD; a tab, and a newline when !multiline, a blank; CR LF is a
 * newline.  Appends. */
void text_safe(struct buf *out, const char *s, size_t n, bool multiline);

/* Words, for matching names: iterates over runs of letters and digits of folded text.  *at is moved on; returns the
 * word's length or 0 at the end, its start in *word. */
size_t text_word(const char *folded, size_t *at, const char **word);

#endif
