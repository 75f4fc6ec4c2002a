/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "arpent/text.h"

#include <stdlib.h>
#include <string.h>

#include <utf8proc.h>

#define TEXT_BAD 0xFFFDu
#define TEXT_VS16 0xFE0Fu
#define TEXT_KEYCAP 0x20E3u

/* U+FDFA, the longest decomposition there is, gives 18 code points. */
#define TEXT_DECOMPOSED_MAX 32

static bool text_is_print(char c)
{
	return c >= 0x20 && c < 0x7F;
}

size_t text_decode(const char *s, size_t n, uint32_t *cp)
{
	unsigned char c = (unsigned char)s[0];
	utf8proc_int32_t wide;

	if (c < 0x80) {
		*cp = c;
		return 1;
	}
	utf8proc_ssize_t len = utf8proc_iterate((const utf8proc_uint8_t *)s, n < 4 ? (utf8proc_ssize_t)n : 4, &wide);
	if (len <= 0) {
		*cp = TEXT_BAD;
		return 1;
	}
	*cp = (uint32_t)wide;
	return (size_t)len;
}

void text_encode(struct buf *out, uint32_t cp)
{
	utf8proc_uint8_t bytes[4];

	if (cp > 0x10FFFF || !utf8proc_codepoint_valid((utf8proc_int32_t)cp))
		cp = TEXT_BAD;
	utf8proc_ssize_t len = utf8proc_encode_char((utf8proc_int32_t)cp, bytes);
	buf_add(out, bytes, (size_t)len);
}

bool text_is_utf8(const char *s, size_t n)
{
	uint32_t cp;

	for (size_t at = 0; at < n;) {
		size_t len = text_decode(s + at, n - at, &cp);
		if (cp == TEXT_BAD && len == 1)
			return false;
		at += len;
	}
	return true;
}

size_t text_cluster(const char *s, size_t n)
{
	uint32_t before, cp;
	utf8proc_int32_t state = 0;

	if (n == 0)
		return 0;
	if (text_is_print(s[0]) && (n == 1 || (unsigned char)s[1] < 0x80))
		return 1;
	size_t at = text_decode(s, n, &before);
	while (at < n) {
		size_t len = text_decode(s + at, n - at, &cp);
		if (utf8proc_grapheme_break_stateful((utf8proc_int32_t)before, (utf8proc_int32_t)cp, &state))
			break;
		at += len;
		before = cp;
	}
	return at;
}

size_t text_cluster_before(const char *s, size_t at)
{
	size_t start = at, next;

	if (at == 0)
		return 0;
	/* Only what follows can change where a cluster starts, but for ASCII after ASCII nothing can. */
	if (text_is_print(s[at - 1]) && (at == 1 || (unsigned char)s[at - 2] < 0x80))
		return at - 1;
	/* There is always a break after a line feed: a run of flags cannot be read backwards, a line can be read again.
	 */
	start--;
	while (start > 0 && s[start - 1] != '\n')
		start--;
	if (start == at - 1 && s[start] == '\n' && start > 0 && s[start - 1] == '\r')
		return start - 1;
	while ((next = start + text_cluster(s + start, at - start)) < at)
		start = next;
	return start;
}

static bool text_is_pictograph(uint32_t cp)
{
	return utf8proc_get_property((utf8proc_int32_t)cp)->boundclass == UTF8PROC_BOUNDCLASS_EXTENDED_PICTOGRAPHIC;
}

int text_cluster_width(const char *s, size_t n)
{
	uint32_t first = 0, cp;
	int width = 0;

	if (n == 1)
		return text_is_print(s[0]) || (unsigned char)s[0] >= 0x80;
	for (size_t at = 0; at < n;) {
		size_t len = text_decode(s + at, n - at, &cp);
		if (at == 0)
			first = cp;
		else if (cp == TEXT_KEYCAP || (cp == TEXT_VS16 && text_is_pictograph(first)))
			return 2;
		width += utf8proc_charwidth((utf8proc_int32_t)cp);
		at += len;
	}
	return width > 2 ? 2 : width;
}

int text_width_n(const char *s, size_t n)
{
	int width = 0;

	for (size_t at = 0; at < n;) {
		size_t len = text_cluster(s + at, n - at);
		width += text_cluster_width(s + at, len);
		at += len;
	}
	return width;
}

int text_width(const char *s)
{
	return text_width_n(s, strlen(s));
}

size_t text_fit(const char *s, size_t n, int columns)
{
	size_t at = 0;

	while (at < n) {
		size_t len = text_cluster(s + at, n - at);
		columns -= text_cluster_width(s + at, len);
		if (columns < 0)
			break;
		at += len;
	}
	return at;
}

size_t text_wrap(const char *s, size_t n, int columns)
{
	size_t at = 0, blank = 0;

	while (at < n) {
		size_t len = text_cluster(s + at, n - at);
		bool is_blank = s[at] == ' ' || s[at] == '\t';
		columns -= text_cluster_width(s + at, len);
		if (columns < 0 && is_blank)
			return at + len;
		if (columns < 0)
			return blank > 0 ? blank : (at > 0 ? at : len);
		at += len;
		if (s[at - 1] == '\n')
			break;
		if (is_blank)
			blank = at;
	}
	return at;
}

/* What Unicode does not decompose, but people type as plain letters. */
static void text_fold_letter(struct buf *out, uint32_t cp)
{
	switch (cp) {
	case 0x0153: /* œ */
		buf_add(out, "oe", 2);
		break;
	case 0x00E6: /* æ */
		buf_add(out, "ae", 2);
		break;
	case 0x00F8: /* ø */
		buf_char(out, 'o');
		break;
	case 0x0142: /* ł */
		buf_char(out, 'l');
		break;
	case 0x0111: /* đ */
		buf_char(out, 'd');
		break;
	case 0x0131: /* dotless i */
		buf_char(out, 'i');
		break;
	case 0x2018:
	case 0x2019:
	case 0x201B:
	case 0x02BC:
	case 0x2032:
		buf_char(out, '\'');
		break;
	case 0x2010:
	case 0x2012:
	case 0x2013:
	case 0x2014:
	case 0x2015:
	case 0x2212:
		buf_char(out, '-');
		break;
	default:
		text_encode(out, cp);
	}
}

static bool text_is_blank(uint32_t cp)
{
	utf8proc_category_t c;

	if (cp < 0x80)
		return cp <= ' ' || cp == 0x7f;
	c = utf8proc_category((utf8proc_int32_t)cp);
	return c == UTF8PROC_CATEGORY_ZS || c == UTF8PROC_CATEGORY_ZL || c == UTF8PROC_CATEGORY_ZP ||
	       c == UTF8PROC_CATEGORY_CC;
}

/* Folds one code point; *blank is a blank seen and not yet written, which a later letter will want. */
static void text_fold_one(struct buf *out, uint32_t cp, size_t start, bool *blank)
{
	utf8proc_int32_t wide[TEXT_DECOMPOSED_MAX];
	int boundary = UTF8PROC_BOUNDCLASS_START;
	utf8proc_option_t how =
	    UTF8PROC_COMPAT | UTF8PROC_DECOMPOSE | UTF8PROC_CASEFOLD | UTF8PROC_IGNORE | UTF8PROC_STRIPMARK;
	utf8proc_ssize_t n = 1;

	wide[0] = (utf8proc_int32_t)cp;
	if (cp == 0x00B4) /* a spacing acute is typed for an apostrophe; decomposed it would be a blank */
		wide[0] = '\'';
	else if (cp >= 0x80)
		n = utf8proc_decompose_char((utf8proc_int32_t)cp, wide, TEXT_DECOMPOSED_MAX, how, &boundary);
	else if (cp >= 'A' && cp <= 'Z')
		wide[0] += 'a' - 'A';
	for (utf8proc_ssize_t i = 0; i < n && i < TEXT_DECOMPOSED_MAX; i++) {
		uint32_t c = (uint32_t)wide[i];
		if (c == ' ' || text_is_blank(c)) {
			*blank = true;
			continue;
		}
		if (*blank && out->len > start)
			buf_char(out, ' ');
		*blank = false;
		if (c < 0x80)
			buf_char(out, (char)c);
		else
			text_fold_letter(out, c);
	}
}

void text_fold(struct buf *out, const char *s, size_t n)
{
	size_t start = out->len;
	bool blank = false;
	uint32_t cp;

	for (size_t at = 0; at < n;) {
		unsigned char c = (unsigned char)s[at];
		if ((c > ' ' && c < 'A') || (c > 'Z' && c < 0x7f)) { /* as it is: most of a text */
			if (blank && out->len > start)
				buf_char(out, ' ');
			blank = false;
			buf_char(out, (char)c);
			at++;
			continue;
		}
		at += text_decode(s + at, n - at, &cp);
		text_fold_one(out, cp, start, &blank);
	}
}

void text_fold_cut(char out[TEXT_FOLD_CUT], const char *s, size_t n)
{
	struct buf b = {.p = out, .cap = TEXT_FOLD_CUT, .fixed = true};

	out[0] = '\0';
	text_fold(&b, s, n);
}

char *text_folded(const char *s)
{
	struct buf b = BUF_INIT;

	text_fold(&b, s, strlen(s));
	if (b.len == 0 && !b.oom)
		return str_dup("");
	return buf_steal(&b);
}

void text_nfc(struct buf *out, const char *s, size_t n)
{
	struct buf clean = BUF_INIT;
	utf8proc_uint8_t *composed = NULL;
	uint32_t cp, highest = 0;

	for (size_t at = 0; at < n;) {
		at += text_decode(s + at, n - at, &cp);
		text_encode(&clean, cp);
		highest = cp > highest ? cp : highest;
	}
	if (clean.oom) {
		out->oom = true;
	} else if (highest < 0x0300) { /* below the first combining mark everything is already composed */
		buf_add(out, buf_str(&clean), clean.len);
	} else {
		utf8proc_ssize_t len = utf8proc_map((const utf8proc_uint8_t *)clean.p, (utf8proc_ssize_t)clean.len,
						    &composed, UTF8PROC_STABLE | UTF8PROC_COMPOSE);
		if (len < 0) {
			err_lost_one();
			out->oom = true;
		} else {
			buf_add(out, composed, (size_t)len);
		}
		free(composed);
	}
	buf_done(&clean);
}

static bool text_is_unsafe(uint32_t cp)
{
	return cp < 0x20 || (cp >= 0x7F && cp < 0xA0) || (cp >= 0x200E && cp <= 0x200F) ||
	       (cp >= 0x2028 && cp <= 0x202E) || (cp >= 0x2066 && cp <= 0x2069) || cp == 0x061C;
}

void text_safe(struct buf *out, const char *s, size_t n, bool multiline)
{
	uint32_t cp;

	for (size_t at = 0; at < n;) {
		at += text_decode(s + at, n - at, &cp);
		if (cp == '\r' && at < n && s[at] == '\n')
			continue;
		if (cp == '\n')
			buf_char(out, multiline ? '\n' : ' ');
		else if (cp == '\t')
			buf_char(out, ' ');
		else
			text_encode(out, text_is_unsafe(cp) ? TEXT_BAD : cp);
	}
}

static bool text_is_word(uint32_t cp)
{
	utf8proc_category_t c;

	if (cp < 0x80)
		return (cp >= 'a' && cp <= 'z') || (cp >= '0' && cp <= '9') || (cp >= 'A' && cp <= 'Z');
	c = utf8proc_category((utf8proc_int32_t)cp);
	return c >= UTF8PROC_CATEGORY_LU && c <= UTF8PROC_CATEGORY_NO;
}

size_t text_word(const char *folded, size_t *at, const char **word)
{
	const char *s = folded + *at;
	size_t from = 0, to, len;
	uint32_t cp;

	while (s[from] != '\0') {
		len = text_decode(s + from, strnlen(s + from, 4), &cp);
		if (text_is_word(cp))
			break;
		from += len;
	}
	for (to = from; s[to] != '\0'; to += len) {
		len = text_decode(s + to, strnlen(s + to, 4), &cp);
		if (!text_is_word(cp))
			break;
	}
	*at += to;
	*word = s + from;
	return to - from;
}
