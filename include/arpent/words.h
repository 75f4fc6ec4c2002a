/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * words - lists of 2048 words, 11 bits each, for what people write down (recovery words) or read aloud (fingerprints).
 *
 * The English and French lists of BIP-39: no two words of a list share their first four letters, accents left aside.
 */
#ifndef ARPENT_WORDS_H
#define ARPENT_WORDS_H

#include <stddef.h>

#define WORDS 2048
#define WORDS_LONGEST 16 /* bytes of the longest word, its NUL included, with room */

extern const char *const words_en[WORDS];
extern const char *const words_fr[WORDS];

/* The word of an index (its low 11 bits), in "fr" or (any other lang) English; static. */
const char *words_get(const char *lang, unsigned index);

/* The index of the word in text[n]: any case, with or without accents, whole or its first four letters or more.  -1
 * when there is none. Allocates nothing, so that recovery words leave no trace. */
int words_find(const char *lang, const char *text, size_t n);

#endif
