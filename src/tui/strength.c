/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "strength.h"

#include <string.h>

enum { STRENGTH_WORD = 10, STRENGTH_OTHER = 3, STRENGTH_LEAST = 8 };

static int strength_letter(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c >= 0x80;
}

enum strength strength_of(const char *s, size_t n)
{
	int bits = 0;

	for (size_t i = 0; i < n;) {
		size_t end = i;
		int letters = 0;
		for (; end < n && strength_letter((unsigned char)s[end]); end++)
			letters += ((unsigned char)s[end] & 0xC0) != 0x80;
		if (letters >= 4) {
			/* The same word twice is one word. */
			int again = 0;
			for (size_t j = 0; j + (end - i) <= i && !again; j++)
				again = memcmp(s + j, s + i, end - i) == 0;
			bits += again ? 0 : STRENGTH_WORD;
			i = end;
			continue;
		}
		bits += memchr(s, s[i], i) || s[i] == ' ' ? 0 : STRENGTH_OTHER;
		i++;
	}
	if (n == 0)
		return STRENGTH_NONE;
	if (n < STRENGTH_LEAST)
		return STRENGTH_SHORT;
	return bits < 25 ? STRENGTH_WEAK : bits < 40 ? STRENGTH_FAIR : STRENGTH_GOOD;
}
