/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * buf - a growing run of bytes, always followed by a NUL.
 *
 * Out of memory is remembered in .oom and makes every later addition a no-op, so that a writer adds without checking
 * and asks buf_ok() once at its end.  Freed memory is not wiped: what is secret lives in struct secret (secret.h).
 */
#ifndef ARPENT_BUF_H
#define ARPENT_BUF_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "arpent/err.h"

struct buf {
	char *p; /* NULL only while nothing was ever added; use buf_str() for a string */
	size_t len;
	size_t cap;
	bool oom;
	bool fixed; /* p is the caller's storage: what does not fit is .oom */
};

#define BUF_INIT {NULL, 0, 0, false, false}
/* In an array of the caller's, for what is short and must not fail for want of memory; buf_steal() is not for it. */
#define BUF_IN(array) {array, 0, sizeof(array), false, true}

void buf_init(struct buf *b);
void buf_done(struct buf *b);  /* frees; the buffer may be used again */
void buf_clear(struct buf *b); /* empties, keeps the memory and clears .oom */

void buf_add(struct buf *b, const void *p, size_t n);
void buf_str_add(struct buf *b, const char *s); /* NULL adds nothing */
void buf_char(struct buf *b, char c);
void buf_fill(struct buf *b, char c, size_t n);
void buf_printf(struct buf *b, const char *fmt, ...) PRINTF_LIKE(2, 3);
void buf_vprintf(struct buf *b, const char *fmt, va_list ap) PRINTF_LIKE(2, 0);
void buf_insert(struct buf *b, size_t at, const void *p, size_t n);
void buf_remove(struct buf *b, size_t at, size_t n);
void buf_truncate(struct buf *b, size_t len); /* no effect when already shorter */

const char *buf_str(const struct buf *b); /* "" when empty; borrowed */
char *buf_steal(struct buf *b);		  /* the caller frees; NULL on .oom; empties b */
bool buf_ok(const struct buf *b, struct err *e) MUST_USE; /* false with ERR_NOMEM when anything was lost */

/* A copy on the heap, NULL when out of memory. */
char *str_dup(const char *s);
char *str_ndup(const char *s, size_t n);

#endif
