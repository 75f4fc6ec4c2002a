/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "arpent/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char *const err_names[] = {
    [ERR_NONE] = "none",
    [ERR_NOMEM] = "nomem",
    [ERR_IO] = "io",
    [ERR_FULL] = "full",
    [ERR_EXISTS] = "exists",
    [ERR_NOT_FOUND] = "not_found",
    [ERR_AMBIGUOUS] = "ambiguous",
    [ERR_INPUT] = "input",
    [ERR_BUSY] = "busy",
    [ERR_LOCKED] = "locked",
    [ERR_WRONG_KEY] = "wrong_key",
    [ERR_DAMAGED] = "damaged",
    [ERR_NEWER] = "newer",
    [ERR_NOT_NOTEBOOK] = "not_notebook",
    [ERR_STALE] = "stale",
    [ERR_NOT_BUNDLE] = "not_bundle",
    [ERR_TRUNCATED] = "truncated",
    [ERR_FOREIGN] = "foreign",
    [ERR_UNTRUSTED] = "untrusted",
    [ERR_REPLAY] = "replay",
    [ERR_LIMIT] = "limit",
    [ERR_FORMAT] = "format",
    [ERR_CANCELLED] = "cancelled",
    [ERR_USAGE] = "usage",
    [ERR_INTERNAL] = "internal",
};

/* Drops a character that was cut in two at the end of a full buffer. */
static void err_trim(char *s)
{
	size_t n = strlen(s), start = n;

	while (start > 0 && ((unsigned char)s[start - 1] & 0xC0) == 0x80)
		start--;
	if (start == 0)
		return;
	unsigned char lead = (unsigned char)s[start - 1];
	size_t want = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
	if (n - (start - 1) < want)
		s[start - 1] = '\0';
}

static unsigned long err_losses;

unsigned long err_lost(void)
{
	return err_losses;
}

void err_lost_one(void)
{
	err_losses++;
}

bool err_lost_none(unsigned long since, struct err *e)
{
	return err_losses == since || err_nomem(e, "err_lost_none");
}

static void PRINTF_LIKE(5, 0)
    err_fill(struct err *e, enum err_code code, int sys, const char *where, const char *fmt, va_list ap)
{
	if (code == ERR_NOMEM)
		err_lost_one();
	if (!e)
		return;
	e->code = code;
	e->sys = sys;
	e->where = where;
	int n = vsnprintf(e->detail, sizeof e->detail, fmt, ap);
	if (n < 0)
		e->detail[0] = '\0';
	else if ((size_t)n >= sizeof e->detail)
		err_trim(e->detail);
}

bool err_set(struct err *e, enum err_code code, const char *where, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	err_fill(e, code, 0, where, fmt, ap);
	va_end(ap);
	return false;
}

bool err_sys(struct err *e, int sys, const char *where, const char *fmt, ...)
{
	enum err_code code = ERR_IO;
	va_list ap;

	if (sys == ENOSPC || sys == EDQUOT)
		code = ERR_FULL;
	else if (sys == ENOENT)
		code = ERR_NOT_FOUND;
	else if (sys == EEXIST)
		code = ERR_EXISTS;
	else if (sys == ENOMEM)
		code = ERR_NOMEM;
	va_start(ap, fmt);
	err_fill(e, code, sys, where, fmt, ap);
	va_end(ap);
	return false;
}

bool err_nomem(struct err *e, const char *where)
{
	return err_set(e, ERR_NOMEM, where, "out of memory");
}

const char *err_name(enum err_code code)
{
	size_t i = (size_t)code;

	return i < sizeof err_names / sizeof err_names[0] ? err_names[i] : "unknown";
}
