/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/date-token.h"

#include <string.h>

#include "arpent/text.h"

#define SCAN_BYTES 256

static void scan_letters(struct scan_token *t, const char *s, size_t n)
{
	size_t len = strlen(t->text);

	t->kind = SCAN_WORD_KIND;
	if (len + n < SCAN_WORD)
		memcpy(t->text + len, s, n + 1);
	else
		t->kind = SCAN_OTHER;
}

static void scan_digit(struct scan_token *t, char c)
{
	t->kind = SCAN_NUMBER;
	t->digits++;
	t->value = t->value > SCAN_NUMBER_MAX ? t->value : t->value * 10 + (c - '0');
}

/* Adds one folded cluster to the tokens; returns the index of the token it went into. */
static int scan_cluster(struct scan *sc, int at, bool blank, const struct buf *folded)
{
	const char *s = folded->p, *word;
	struct scan_token *t = &sc->token[at];
	size_t from = 0;
	bool letter = s[0] >= 'a' && s[0] <= 'z', digit = s[0] >= '0' && s[0] <= '9' && folded->len == 1;
	bool goes_on =
	    !blank && ((letter && (t->kind == SCAN_WORD_KIND || (t->kind == SCAN_OTHER && t->text[0] != '\0'))) ||
		       (digit && t->kind == SCAN_NUMBER));

	if (!goes_on && t->kind != SCAN_END)
		t = &sc->token[++at];
	if (!goes_on)
		t->blank = blank;
	if (letter && !(goes_on && t->kind == SCAN_OTHER))
		scan_letters(t, s, folded->len);
	else if (digit)
		scan_digit(t, s[0]);
	else if (!letter) {
		t->kind = text_word(s, &from, &word) == 0 ? SCAN_PUNCT : SCAN_OTHER;
		t->text[0] = (unsigned char)s[0] < 0x80 ? s[0] : '\0';
	}
	return at;
}

void scan_cut(struct scan *sc, const char *s)
{
	char storage[128]; /* more than any cluster that means something */
	struct buf folded = BUF_IN(storage);
	size_t n = strnlen(s, SCAN_BYTES), len;
	bool blank = false;
	int at = 0;

	for (size_t i = 0; i < n && s[i] != '\n' && s[i] != '\r'; i += len) {
		len = text_cluster(s + i, n - i);
		buf_clear(&folded);
		text_fold(&folded, s + i, len);
		if (folded.len == 0) {
			blank = true;
			continue;
		}
		at = scan_cluster(sc, at, blank, &folded);
		if (at >= SCAN_TOKENS)
			break;
		blank = false;
		sc->token[at].end = i + len;
	}
	if (at >= SCAN_TOKENS)
		memset(&sc->token[SCAN_TOKENS], 0, sizeof sc->token[0]);
}

bool scan_is(const struct scan *sc, int i, const char *word)
{
	return sc->token[i].kind == SCAN_WORD_KIND && strcmp(sc->token[i].text, word) == 0;
}

bool scan_sign(const struct scan *sc, int i, char c)
{
	return sc->token[i].kind == SCAN_PUNCT && sc->token[i].text[0] == c;
}

bool scan_tight(const struct scan *sc, int i, char c)
{
	return scan_sign(sc, i, c) && !sc->token[i].blank && !sc->token[i + 1].blank;
}

bool scan_number(const struct scan *sc, int i, int low, int high)
{
	const struct scan_token *t = &sc->token[i];

	return t->kind == SCAN_NUMBER && t->digits <= 2 && t->value >= low && t->value <= high;
}

bool scan_boundary(const struct scan *sc, int i)
{
	const struct scan_token *t = &sc->token[i];

	if (t->kind == SCAN_END || t->blank)
		return true;
	if (t->kind != SCAN_PUNCT || strchr("/%_\\", t->text[0] != '\0' ? t->text[0] : ' ') != NULL)
		return false;
	return strchr(".,:", t->text[0] != '\0' ? t->text[0] : ' ') == NULL || sc->token[i + 1].blank ||
	       sc->token[i + 1].kind != SCAN_NUMBER;
}

bool scan_clause_end(const struct scan *sc, int i)
{
	const struct scan_token *t = &sc->token[i];

	if (t->kind == SCAN_END)
		return true;
	return t->kind == SCAN_PUNCT && (t->text[0] == '\0' || strchr(",;.!?)]:\"@#^(|>", t->text[0]) != NULL) &&
	       scan_boundary(sc, i);
}

int scan_match(const struct scan *sc, int i, const char *pattern)
{
	while (*pattern != '\0') {
		size_t n = strcspn(pattern, " ");
		const struct scan_token *t = &sc->token[i];
		if ((t->kind != SCAN_WORD_KIND && t->kind != SCAN_PUNCT) || strlen(t->text) != n ||
		    strncmp(t->text, pattern, n) != 0)
			return 0;
		i++;
		pattern += n + (pattern[n] == ' ');
	}
	return i;
}

int scan_find(const struct scan_word *table, size_t n, const char *text)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(table[i].text, text) == 0)
			return table[i].value;
	return -1;
}
