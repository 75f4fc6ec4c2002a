/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "arpent/minutes.h"

#include <string.h>

#include "arpent/text.h"

enum { NAMES_WORDS = 8 };
enum { NAMES_NONE, NAMES_INITIALS, NAMES_PREFIX, NAMES_WHOLE_WORDS, NAMES_EXACT };

struct words {
	const char *at[NAMES_WORDS];
	size_t len[NAMES_WORDS];
	size_t n;
};

static void names_split(const char *folded, struct words *w)
{
	size_t at = 0, len;
	const char *word;

	w->n = 0;
	while (w->n < NAMES_WORDS && (len = text_word(folded, &at, &word)) > 0) {
		w->at[w->n] = word;
		w->len[w->n++] = len;
	}
}

/* Each typed word takes the first free word it begins, whole words preferred, so that "ma martin" finds "Martin Marie".
 */
static int names_by_words(const struct words *typed, const struct words *name)
{
	bool used[NAMES_WORDS] = {false};
	bool whole = true;

	for (size_t i = 0; i < typed->n; i++) {
		size_t found = NAMES_WORDS;
		for (size_t j = 0; j < name->n; j++) {
			if (used[j] || name->len[j] < typed->len[i] || memcmp(name->at[j], typed->at[i], typed->len[i]))
				continue;
			if (name->len[j] == typed->len[i]) {
				found = j;
				break;
			}
			if (found == NAMES_WORDS)
				found = j;
		}
		if (found == NAMES_WORDS)
			return NAMES_NONE;
		used[found] = true;
		whole = whole && name->len[found] == typed->len[i];
	}
	if (!whole)
		return NAMES_PREFIX;
	return typed->n == name->n ? NAMES_EXACT : NAMES_WHOLE_WORDS;
}

static bool names_by_initials(const struct words *typed, const struct words *name)
{
	if (typed->n != 1 || name->n < 2 || typed->len[0] != name->n)
		return false;
	for (size_t j = 0; j < name->n; j++) {
		if (name->at[j][0] != typed->at[0][j])
			return false;
	}
	return true;
}

static int names_rank(const struct words *typed, const struct named *who)
{
	struct words name;
	char own[TEXT_FOLD_CUT];
	int rank;

	if (who->fold == NULL)
		text_fold_cut(own, who->name, strlen(who->name));
	names_split(who->fold ? who->fold : own, &name);
	rank = names_by_words(typed, &name);
	if (rank == NAMES_NONE && names_by_initials(typed, &name))
		rank = NAMES_INITIALS;
	return rank;
}

/* Keeps out[] sorted by rank; among equals the order of the list stands. */
static void names_keep(struct match *out, size_t *kept, size_t max, size_t index, int rank)
{
	size_t at = *kept;

	while (at > 0 && out[at - 1].rank < rank)
		at--;
	if (at >= max)
		return;
	size_t move = (*kept < max ? *kept : max - 1) - at;
	memmove(&out[at + 1], &out[at], move * sizeof out[0]);
	out[at].index = index;
	out[at].rank = rank;
	if (*kept < max)
		(*kept)++;
}

size_t names_match(const struct named *names, size_t n, const char *typed, struct match *out, size_t max)
{
	struct words words;
	size_t total = 0, kept = 0;
	char folded[TEXT_FOLD_CUT];

	text_fold_cut(folded, typed, strlen(typed));
	names_split(folded, &words);
	for (size_t i = 0; words.n > 0 && i < n; i++) {
		int rank = names_rank(&words, &names[i]);
		if (rank == NAMES_NONE)
			continue;
		total++;
		names_keep(out, &kept, max, i, rank);
	}
	return total;
}
