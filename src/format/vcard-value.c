/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "vcard.h"

void vcard_unescape(struct buf *out, const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (s[i] == '\\' && i + 1 < n) {
			i++;
			buf_char(out, s[i] == 'n' || s[i] == 'N' ? '\n' : s[i]);
		} else {
			buf_char(out, s[i]);
		}
	}
}

void vcard_escape(struct buf *out, const char *s)
{
	for (; *s; s++) {
		if (*s == '\n') {
			buf_str_add(out, "\\n");
			continue;
		}
		if (*s == '\\' || *s == ',' || *s == ';')
			buf_char(out, '\\');
		buf_char(out, *s);
	}
}

bool vcard_part(const struct vcard_prop *p, char separator, size_t i, struct buf *out)
{
	const char *s = buf_str(&p->value);
	size_t from = 0, at = 0, n = p->value.len;

	for (;; at++) {
		if (at < n && s[at] == '\\') {
			at += at + 1 < n;
			continue;
		}
		if (at < n && s[at] != separator)
			continue;
		if (i-- == 0) {
			vcard_unescape(out, s + from, at - from);
			return true;
		}
		if (at >= n)
			return false;
		from = at + 1;
	}
}

static void vcard_address_add(struct buf *out, const struct vcard_prop *adr, size_t part, const char *before)
{
	struct buf b = BUF_INIT;

	if (vcard_part(adr, ';', part, &b)) {
		const char *s = buf_str(&b) + strspn(buf_str(&b), " \t\n");
		size_t n = strlen(s);
		while (n > 0 && strchr(" \t\n", s[n - 1]))
			n--;
		if (n > 0 && out->len > 0)
			buf_str_add(out, before);
		buf_add(out, s, n);
	}
	buf_done(&b);
}

/* Box, extended address and street, then code and town on a line as in France, region, country. */
void vcard_address(const struct vcard_prop *adr, struct buf *out)
{
	struct buf town = BUF_INIT;

	vcard_address_add(out, adr, 0, "\n");
	vcard_address_add(out, adr, 1, "\n");
	vcard_address_add(out, adr, 2, "\n");
	vcard_address_add(&town, adr, 5, "");
	vcard_address_add(&town, adr, 3, " ");
	if (town.len > 0 && out->len > 0)
		buf_char(out, '\n');
	buf_add(out, buf_str(&town), town.len);
	vcard_address_add(out, adr, 4, "\n");
	vcard_address_add(out, adr, 6, "\n");
	buf_done(&town);
}
