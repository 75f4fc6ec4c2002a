/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "charset.h"

#include <ctype.h>
#include <iconv.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "arpent/text.h"

static void charset_utf16(struct buf *out, const unsigned char *p, size_t n, bool big)
{
	for (size_t i = 0; i + 1 < n; i += 2) {
		uint32_t u = big ? (uint32_t)(p[i] << 8 | p[i + 1]) : (uint32_t)(p[i + 1] << 8 | p[i]);
		if (u >= 0xD800 && u < 0xDC00 && i + 3 < n) {
			uint32_t v = big ? (uint32_t)(p[i + 2] << 8 | p[i + 3]) : (uint32_t)(p[i + 3] << 8 | p[i + 2]);
			if (v >= 0xDC00 && v < 0xE000) {
				u = 0x10000 + ((u - 0xD800) << 10) + (v - 0xDC00);
				i += 2;
			}
		}
		if (u == 0xFEFF && i == 0)
			continue;
		text_encode(out, u); /* a lone surrogate gives U+FFFD */
	}
}

void charset_file(struct buf *out, const char *p, size_t n)
{
	const unsigned char *u = (const unsigned char *)p;

	if (n >= 2 && ((u[0] == 0xFE && u[1] == 0xFF) || (u[0] == 0 && u[1] != 0)))
		charset_utf16(out, u, n, true);
	else if (n >= 2 && ((u[0] == 0xFF && u[1] == 0xFE) || (u[0] != 0 && u[1] == 0)))
		charset_utf16(out, u, n, false);
	else if (n >= 3 && memcmp(p, "\xEF\xBB\xBF", 3) == 0)
		buf_add(out, p + 3, n - 3);
	else
		buf_add(out, p, n);
}

static void charset_utf8(struct buf *out, const char *p, size_t n)
{
	uint32_t cp;

	for (size_t i = 0; i < n;) {
		i += text_decode(p + i, n - i, &cp);
		text_encode(out, cp ? cp : 0xFFFD);
	}
}

static void charset_1252(struct buf *out, const char *p, size_t n)
{
	static const uint16_t high[32] = {
	    0x20AC, 0xFFFD, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
	    0x2039, 0x0152, 0xFFFD, 0x017D, 0xFFFD, 0xFFFD, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
	    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0xFFFD, 0x017E, 0x0178,
	};

	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)p[i];
		text_encode(out, c == 0 ? 0xFFFD : c >= 0x80 && c < 0xA0 ? high[c - 0x80] : c);
	}
}

/* Only a plain name goes to iconv: "//TRANSLIT" and paths are none. */
static bool charset_named(const char *name)
{
	size_t n = strlen(name);

	for (size_t i = 0; i < n; i++)
		if (!isalnum((unsigned char)name[i]) && !strchr("-_.:", name[i]))
			return false;
	return n > 0 && n < 40;
}

static bool charset_iconv(struct buf *out, const char *p, size_t n, const char *name)
{
	char *copy = str_ndup(p, n), *from = copy, room[512];
	iconv_t cd = charset_named(name) ? iconv_open("UTF-8", name) : (iconv_t)-1;
	struct buf got = BUF_INIT;
	bool ok = copy && cd != (iconv_t)-1;

	while (ok && n > 0) {
		char *to = room;
		size_t left = sizeof room;
		size_t rc = iconv(cd, &from, &n, &to, &left);
		buf_add(&got, room, sizeof room - left);
		ok = rc != (size_t)-1 || left < sizeof room;
	}
	if (ok)
		charset_utf8(out, buf_str(&got), got.len);
	if (cd != (iconv_t)-1)
		iconv_close(cd);
	buf_done(&got);
	free(copy);
	return ok;
}

void charset_text(struct buf *out, const char *p, size_t n, const char *declared)
{
	bool utf8 = text_is_utf8(p, n);

	if (declared && (strcasecmp(declared, "UTF-8") == 0 || strcasecmp(declared, "UTF8") == 0))
		charset_utf8(out, p, n);
	else if (declared && (strcasecmp(declared, "ISO-8859-1") == 0 || strcasecmp(declared, "WINDOWS-1252") == 0))
		charset_1252(out, p, n);
	else if (declared && declared[0] && charset_iconv(out, p, n, declared))
		return;
	else if (utf8)
		charset_utf8(out, p, n);
	else
		charset_1252(out, p, n);
}
