/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * date-token - a typed phrase cut into words, numbers and signs, for date-scan.c alone.
 */
#ifndef BASE_DATE_TOKEN_H
#define BASE_DATE_TOKEN_H

#include <stdbool.h>
#include <stddef.h>

#include "arpent/date.h"

#define SCAN_TOKENS 24
#define SCAN_WORD 16
#define SCAN_NUMBER_MAX 9999 /* what is above counts nothing */

enum scan_kind { SCAN_END, SCAN_NUMBER, SCAN_WORD_KIND, SCAN_PUNCT, SCAN_OTHER };

struct scan_token {
	enum scan_kind kind;
	bool blank; /* before it */
	int value, digits;
	char text[SCAN_WORD]; /* a word, folded; or one ASCII sign */
	size_t end;
};

/* A phrase cut into words, numbers and signs.  Parsers take the index of a token and return the one after what they
 * read, or 0. */
struct scan {
	struct scan_token token[SCAN_TOKENS + 8]; /* the last ones stay SCAN_END, to look ahead without checks */
	const struct moment *now;
	bool future;
	bool whole; /* nothing else is around: ambiguous words may be dates */
};

struct scan_word {
	const char *text;
	int value;
};

/* Cuts the start of s, at most one line of it, into sc->token, which is all zeros before. */
void scan_cut(struct scan *sc, const char *s);

bool scan_is(const struct scan *sc, int i, const char *word);
bool scan_sign(const struct scan *sc, int i, char c);
/* A sign that touches what is on its left and right. */
bool scan_tight(const struct scan *sc, int i, char c);
/* A number of at most two digits, from `low` to `high`. */
bool scan_number(const struct scan *sc, int i, int low, int high);
/* May a phrase end before token i? */
bool scan_boundary(const struct scan *sc, int i);
/* Does the clause end before token i: the end, a sign, or the mark of something else? */
bool scan_clause_end(const struct scan *sc, int i);
/* Words and signs, with blanks between them in the pattern; the token after them, or 0. */
int scan_match(const struct scan *sc, int i, const char *pattern);

/* The value of a word in a table, or -1. */
int scan_find(const struct scan_word *table, size_t n, const char *text);
#define SCAN_FIND(table, text) scan_find(table, sizeof(table) / sizeof(table)[0], text)

#endif
