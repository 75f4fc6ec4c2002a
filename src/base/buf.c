/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "arpent/buf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void buf_init(struct buf *b)
{
	*b = (struct buf)BUF_INIT;
}

void buf_done(struct buf *b)
{
	if (!b->fixed)
		free(b->p);
	buf_init(b);
}

void buf_clear(struct buf *b)
{
	b->len = 0;
	b->oom = false;
	if (b->p)
		b->p[0] = '\0';
}

/* Room for n more bytes and the NUL. */
static bool buf_room(struct buf *b, size_t n)
{
	if (b->oom)
		return false;
	if (n >= SIZE_MAX / 2 - b->len) {
		b->oom = true;
		return false;
	}
	size_t need = b->len + n + 1;
	if (need <= b->cap)
		return true;
	if (b->fixed) {
		b->oom = true;
		return false;
	}
	size_t cap = b->cap ? b->cap : 32;
	while (cap < need)
		cap *= 2;
	char *p = realloc(b->p, cap);
	if (!p) {
		err_lost_one();
		b->oom = true;
		return false;
	}
	b->p = p;
	b->cap = cap;
	return true;
}

void buf_add(struct buf *b, const void *p, size_t n)
{
	if (!buf_room(b, n))
		return;
	if (n > 0)
		memcpy(b->p + b->len, p, n);
	b->len += n;
	b->p[b->len] = '\0';
}

void buf_str_add(struct buf *b, const char *s)
{
	if (s)
		buf_add(b, s, strlen(s));
}

void buf_char(struct buf *b, char c)
{
	if (!buf_room(b, 1))
		return;
	b->p[b->len++] = c;
	b->p[b->len] = '\0';
}

void buf_fill(struct buf *b, char c, size_t n)
{
	if (!buf_room(b, n))
		return;
	memset(b->p + b->len, c, n);
	b->len += n;
	b->p[b->len] = '\0';
}

void buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(b, fmt, ap);
	va_end(ap);
}

void buf_vprintf(struct buf *b, const char *fmt, va_list ap)
{
	va_list again;

	va_copy(again, ap);
	int n = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	if (n < 0) {
		b->oom = true;
		return;
	}
	if (!buf_room(b, (size_t)n))
		return;
	vsnprintf(b->p + b->len, (size_t)n + 1, fmt, ap);
	b->len += (size_t)n;
}

void buf_insert(struct buf *b, size_t at, const void *p, size_t n)
{
	if (at > b->len)
		at = b->len;
	if (!buf_room(b, n))
		return;
	memmove(b->p + at + n, b->p + at, b->len - at);
	if (n > 0)
		memcpy(b->p + at, p, n);
	b->len += n;
	b->p[b->len] = '\0';
}

void buf_remove(struct buf *b, size_t at, size_t n)
{
	if (at >= b->len)
		return;
	if (n > b->len - at)
		n = b->len - at;
	memmove(b->p + at, b->p + at + n, b->len - at - n);
	buf_truncate(b, b->len - n);
}

void buf_truncate(struct buf *b, size_t len)
{
	if (len >= b->len)
		return;
	b->len = len;
	b->p[len] = '\0';
}

const char *buf_str(const struct buf *b)
{
	return b->p ? b->p : "";
}

char *buf_steal(struct buf *b)
{
	char *p = NULL;

	if (buf_room(b, 0)) {
		p = b->p;
		p[b->len] = '\0';
		buf_init(b);
	} else {
		buf_done(b);
	}
	return p;
}

bool buf_ok(const struct buf *b, struct err *e)
{
	return b->oom ? err_nomem(e, "buf") : true;
}

char *str_dup(const char *s)
{
	return str_ndup(s, strlen(s));
}

char *str_ndup(const char *s, size_t n)
{
	char *p = malloc(n + 1);

	if (!p) {
		err_lost_one();
		return NULL;
	}
	memcpy(p, s, n);
	p[n] = '\0';
	return p;
}
