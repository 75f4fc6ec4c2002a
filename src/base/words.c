/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "arpent/words.h"

#include <string.h>

#include <sodium.h>

static const char *const *words_list(const char *lang)
{
	return lang != NULL && strncmp(lang, "fr", 2) == 0 ? words_fr : words_en;
}

/* The letters that accents sit on, for U+00C0 to U+00FF: all that the French list needs. */
static char words_latin1(unsigned c)
{
	static const char base[] = "aaaaaaaceeeeiiiidnooooo*ouuuuy*saaaaaaaceeeeiiiidnooooo/ouuuuy*y";

	return base[c & 63];
}

/* Folds to plain lower-case letters; 0 when it cannot be a word of a list. */
static size_t words_fold(char out[WORDS_LONGEST], const char *text, size_t n)
{
	const unsigned char *s = (const unsigned char *)text;
	size_t len = 0;

	for (size_t i = 0; i < n; i++) {
		unsigned c = s[i];

		if (c >= 0xc2 && c <= 0xcd && i + 1 < n && (s[i + 1] & 0xc0) == 0x80) {
			unsigned cp = (c & 31) << 6 | (s[++i] & 63);

			if (cp >= 0x300 && cp < 0x370)
				continue;
			c = cp >= 0xc0 && cp <= 0xff ? (unsigned char)words_latin1(cp) : 0;
		} else if (c >= 'A' && c <= 'Z') {
			c += 'a' - 'A';
		}
		if (c < 'a' || c > 'z' || len + 1 >= WORDS_LONGEST)
			return 0;
		out[len++] = (char)c;
	}
	out[len] = '\0';
	return len;
}

const char *words_get(const char *lang, unsigned index)
{
	return words_list(lang)[index & (WORDS - 1)];
}

int words_find(const char *lang, const char *text, size_t n)
{
	const char *const *list = words_list(lang);
	char want[WORDS_LONGEST], have[WORDS_LONGEST];
	size_t len = words_fold(want, text, n);
	int found = -1;

	for (int i = 0; i < WORDS && len > 0; i++) {
		size_t whole = words_fold(have, list[i], strlen(list[i]));

		if (len <= whole && (len >= 4 || len == whole) && memcmp(have, want, len) == 0) {
			found = i;
			break;
		}
	}
	sodium_memzero(want, sizeof want);
	sodium_memzero(have, sizeof have);
	return found;
}
