/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * charset - foreign bytes to UTF-8.
 *
 * What comes out is well-formed UTF-8 without NUL: what cannot be read becomes U+FFFD, never something else.
 */
#ifndef ARPENT_CHARSET_H
#define ARPENT_CHARSET_H

#include "arpent/buf.h"

/* A whole file: UTF-16 (by its mark, or by an ASCII first character) is converted, the mark of UTF-8 dropped; other
 * bytes pass as they are, to be decoded piece by piece. */
void charset_file(struct buf *out, const char *p, size_t n);

/* A piece: by the charset it declares (NULL or "": none).  Without one, or with one unknown here, UTF-8 when it is
 * that, else Windows-1252, of which Latin-1 is a part. */
void charset_text(struct buf *out, const char *p, size_t n, const char *declared);

#endif
