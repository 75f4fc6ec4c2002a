/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "minutes-line.h"

#include <stdlib.h>
#include <string.h>

#include "arpent/text.h"

enum { LINE_NAME_WORDS = 5, LINE_FITS = 2 };

/* A mark with what it names, in the bytes of a line. */
struct line_mark {
	enum minutes_type type;
	size_t start, len; /* with the mark */
	const char *name;  /* bare */
	size_t name_len;
	struct id who;
	size_t fits;
};

static bool line_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* A capital of Latin script, which is all that names in notes need: ASCII, Latin-1 (C3 80..9E) and Latin Extended-A,
 * where letters come in pairs, the even one a capital. */
static bool line_upper(const char *s, size_t n)
{
	unsigned char a = (unsigned char)s[0], b = n > 1 ? (unsigned char)s[1] : 0;

	if (a < 0x80)
		return a >= 'A' && a <= 'Z';
	return a == 0xC3 ? b <= 0x9E : (a == 0xC4 || a == 0xC5) && b % 2 == 0;
}

/* The next word of a name at or after *at: where it starts and ends; its closing punctuation is left out and ends the
 * name. */
static bool line_next_word(const char *s, size_t n, size_t *at, size_t *end, bool *last)
{
	size_t i = *at;

	while (i < n && line_blank(s[i]))
		i++;
	if (i == n || strchr("@#^!>?(-,;:", s[i]) != NULL)
		return false;
	size_t j = i;
	while (j < n && !line_blank(s[j]) && strchr(",;:()!?", s[j]) == NULL)
		j++;
	*last = j < n && !line_blank(s[j]);
	/* A full stop ends a name, unless it follows an initial or a short title. */
	if (j > i && s[j - 1] == '.' && j - i > 4) {
		j--;
		*last = true;
	}
	*at = i;
	*end = j;
	return j > i;
}

static bool line_particle(const char *s, size_t n)
{
	static const char *const particles[] = {"de", "du", "des", "la", "le", "les", "et", "of", "the"};

	for (size_t i = 0; i < sizeof particles / sizeof particles[0]; i++) {
		if (strlen(particles[i]) == n && memcmp(particles[i], s, n) == 0)
			return true;
	}
	if (s[0] != 'd' && s[0] != 'l')
		return false;
	return (n > 1 && s[1] == '\'') || (n > 3 && memcmp(s + 1, "\xE2\x80\x99", 3) == 0);
}

static void line_fits(const struct named *names, size_t n, const char *s, size_t len, struct line_mark *mark)
{
	struct match best[LINE_FITS] = {{0, 0}, {0, 0}};
	char *typed = str_ndup(s, len);

	mark->fits = 0;
	memset(&mark->who, 0, sizeof mark->who);
	if (typed == NULL)
		return;
	size_t total = names_match(names, n, typed, best, LINE_FITS);
	if (total > 0) {
		mark->fits = total > 1 && best[1].rank == best[0].rank ? total : 1;
		if (mark->fits == 1)
			mark->who = names[best[0].index].id;
	}
	free(typed);
}

/* "@[Jean Bonnet]" or, where two have that name, "@[Jean Bonnet, éleveur]". */
static void line_exact(const struct named *names, size_t n, struct line_mark *mark)
{
	char *typed = str_ndup(mark->name, mark->name_len);
	char *want = typed ? text_folded(typed) : NULL;

	mark->fits = 0;
	for (size_t i = 0; want != NULL && i < n; i++) {
		struct buf whole = BUF_INIT;
		struct buf named = BUF_INIT;
		buf_printf(&named, "%s, %s", names[i].name, names[i].detail ? names[i].detail : "");
		text_fold(&whole, buf_str(&named), named.len);
		char *bare = text_folded(names[i].name);
		if (bare != NULL && (strcmp(bare, want) == 0 || strcmp(buf_str(&whole), want) == 0)) {
			mark->fits++;
			mark->who = names[i].id;
		}
		free(bare);
		buf_done(&whole);
		buf_done(&named);
	}
	if (mark->fits != 1)
		memset(&mark->who, 0, sizeof mark->who);
	free(want);
	free(typed);
}

/* How far a name reaches: as many words as fit somebody known, but never fewer than the capitalised words that follow:
 * "@Jean Bonnet" is not the Jean Dupont that is known. */
static size_t line_name(const char *s, size_t n, const struct named *names, size_t nnames, struct line_mark *mark)
{
	size_t ends[LINE_NAME_WORDS], count = 0, capitals = 0, at = 0, end;
	bool last = false, chain = true;

	while (count < LINE_NAME_WORDS && !last && line_next_word(s, n, &at, &end, &last)) {
		bool upper = line_upper(s + at, end - at);
		ends[count++] = end;
		if (upper && chain)
			capitals = count;
		else if (count > 1 && !line_particle(s + at, end - at))
			chain = false;
		at = end;
	}
	if (count == 0)
		return 0;
	mark->name = s;
	for (size_t k = count; k >= (capitals > 0 ? capitals : 1); k--) {
		line_fits(names, nnames, s, ends[k - 1], mark);
		if (mark->fits > 0) {
			mark->name_len = ends[k - 1];
			return mark->name_len;
		}
	}
	mark->name_len = ends[capitals > 0 ? capitals - 1 : 0];
	return mark->name_len;
}

static size_t line_tag(const char *s, size_t n)
{
	size_t i = 0;

	while (i < n && !line_blank(s[i]) && strchr("#@^,;:()[]{}!?\"", s[i]) == NULL)
		i++;
	while (i > 0 && (s[i - 1] == '.' || s[i - 1] == '\''))
		i--;
	return i;
}

/* Is there a mark at byte i? Fills it. */
static bool line_mark_at(const char *s, size_t n, size_t i, const struct minutes_names *known, struct line_mark *mark)
{
	size_t skip = 1, len;

	if (i > 0 && !line_blank(s[i - 1]) && strchr("(,;", s[i - 1]) == NULL)
		return false;
	memset(mark, 0, sizeof *mark);
	mark->start = i;
	if (s[i] == '-' && i + 1 < n && s[i + 1] == '@') {
		mark->type = MINUTES_EXCUSED;
		skip = 2;
	} else if (s[i] == '@') {
		mark->type = MINUTES_PRESENT;
	} else if (s[i] == '^') {
		mark->type = MINUTES_SITE;
	} else if (s[i] == '#') {
		mark->type = MINUTES_TAG;
	} else {
		return false;
	}
	const char *name = s + i + skip;
	size_t left = n - i - skip;
	if (left == 0 || line_blank(name[0]))
		return false;
	if (mark->type == MINUTES_TAG) {
		len = line_tag(name, left);
		mark->name = name;
		mark->name_len = len;
		mark->len = skip + len;
		return len > 0 && (name[0] < '0' || name[0] > '9');
	}
	bool site = mark->type == MINUTES_SITE;
	const struct named *names = site ? known->sites : known->people;
	size_t count = site ? known->nsites : known->npeople;
	const char *close = name[0] == '[' ? memchr(name, ']', left) : NULL;
	if (close != NULL) {
		mark->name = name + 1;
		mark->name_len = (size_t)(close - name) - 1;
		mark->len = skip + mark->name_len + 2;
		line_exact(names, count, mark);
		return mark->name_len > 0;
	}
	len = line_name(name, left, names, count, mark);
	mark->len = skip + len;
	return len > 0;
}

static bool line_known_already(const struct minutes *m, const struct line_mark *mark)
{
	for (size_t i = 0; i < m->n; i++) {
		const struct minutes_item *item = &m->items[i];
		if (item->type != mark->type)
			continue;
		if (!id_is_zero(&mark->who)
			? id_eq(&item->who, &mark->who)
			: strlen(item->text) == mark->name_len && !memcmp(item->text, mark->name, mark->name_len))
			return true;
	}
	return false;
}

bool minutes_marks(const char *s, size_t n, size_t at, size_t line, bool people, const struct minutes_names *known,
		   struct minutes *out)
{
	struct line_mark mark;

	for (size_t i = 0; i < n; i++) {
		if (!line_mark_at(s, n, i, known, &mark))
			continue;
		i += mark.len - 1;
		bool person = mark.type == MINUTES_PRESENT || mark.type == MINUTES_EXCUSED;
		if ((person && !people) || line_known_already(out, &mark))
			continue;
		struct minutes_item item = {.type = mark.type, .line = line, .start = at + mark.start, .len = mark.len};
		item.text = str_ndup(mark.name, mark.name_len);
		item.owner = str_dup("");
		item.who = mark.who;
		item.fits = mark.type == MINUTES_TAG ? 1 : mark.fits;
		item.vote_for = item.vote_against = item.vote_abstain = -1;
		if (item.text == NULL || item.owner == NULL || minutes_add(out, &item) == NULL) {
			free(item.text);
			free(item.owner);
			return false;
		}
	}
	return true;
}

static void line_trim(struct buf *b)
{
	size_t lead = 0;

	while (lead < b->len && line_blank(b->p[lead]))
		lead++;
	buf_remove(b, 0, lead);
	while (b->len > 0 && line_blank(b->p[b->len - 1]))
		buf_truncate(b, b->len - 1);
}

void minutes_wording(const char *s, size_t n, const struct minutes_names *known, bool keep_people, struct buf *out)
{
	struct line_mark mark;
	size_t from = out->len, solid = from; /* solid: the end of the last word that stays whatever follows */

	for (size_t i = 0; i < n;) {
		if (!line_mark_at(s, n, i, known, &mark)) {
			buf_char(out, s[i]);
			if (!line_blank(s[i++]))
				solid = out->len;
			continue;
		}
		bool person = mark.type == MINUTES_PRESENT || mark.type == MINUTES_EXCUSED;
		i += mark.len;
		if (person && !keep_people && solid == from) {
			while (i < n && line_blank(s[i]))
				i++;
			continue;
		}
		/* A tag or a person that ends the line, or stands before a place that does, is not part of the
		 * sentence; in the middle of one its word stays. */
		bool stays = mark.type == MINUTES_SITE || (person && keep_people);
		if (stays && out->len > solid && !out->oom) {
			buf_truncate(out, solid);
			buf_str_add(out, solid > from ? " " : "");
		}
		buf_add(out, mark.name, mark.name_len);
		if (stays)
			solid = out->len;
	}
	if (!out->oom) {
		buf_truncate(out, solid);
		line_trim(out);
	}
}

/* Where `s` ends without a joining word such as "avant le", looked for just before byte `end`. */
static size_t line_before_date(const char *s, size_t end)
{
	static const char *const joins[] = {"le",      "la", "pour", "avant",  "d'ici",
					    "d'ici à", "by", "on",   "before", "due"};
	bool again = true;

	while (again) {
		again = false;
		while (end > 0 && (line_blank(s[end - 1]) || strchr(",:(", s[end - 1]) != NULL))
			end--;
		for (size_t i = 0; i < sizeof joins / sizeof joins[0]; i++) {
			size_t n = strlen(joins[i]);
			if (end >= n && memcmp(s + end - n, joins[i], n) == 0 &&
			    (end == n || line_blank(s[end - n - 1]))) {
				end -= n;
				again = true;
				break;
			}
		}
	}
	return end;
}

/* Words that need what they stand beside: a date next to one of them is part of the sentence ("la réunion du 12 mars").
 */
static bool line_holds(const char *word, size_t n)
{
	static const char *const words[] = {"du",      "de",    "des",    "au",    "aux",      "et",    "ou",
					    "à",       "entre", "depuis", "dès",   "jusqu'au", "après", "dont",
					    "of",      "from",  "until",  "since", "and",      "or",    "to",
					    "between", "the",   "after",  "-"};

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (strlen(words[i]) == n && memcmp(words[i], word, n) == 0)
			return true;
	return false;
}

/* May bytes start..end, a date, be taken out and the sentence be whole? */
static bool line_loose(const struct buf *s, size_t start, size_t end)
{
	size_t word = start, after = end;

	while (start > 0 && line_blank(s->p[start - 1]))
		start--;
	for (word = start; word > 0 && !line_blank(s->p[word - 1]);)
		word--;
	if (start > word && line_holds(s->p + word, start - word))
		return false;
	while (end < s->len && line_blank(s->p[end]))
		end++;
	for (after = end; after < s->len && !line_blank(s->p[after]);)
		after++;
	return !line_holds(s->p + end, after - end);
}

bool minutes_take_date(struct buf *s, const struct moment *now, struct moment *out)
{
	size_t start = 0, len = 0;

	for (size_t i = 0; i < s->len; i++) {
		if (i > 0 && !line_blank(s->p[i - 1]) && s->p[i - 1] != '(')
			continue;
		struct moment found;
		size_t took = date_scan(s->p + i, now, true, &found);
		if (took == 0)
			continue;
		*out = found;
		start = i;
		len = took;
		i += took - 1;
	}
	if (len == 0)
		return false;
	size_t after = start + len;
	while (after < s->len && strchr(" \t.,;)", s->p[after]) != NULL)
		after++;
	size_t before = line_before_date(s->p, start);
	if (!line_loose(s, before, start + len))
		return true;
	if (after == s->len) {
		buf_truncate(s, before);
	} else if (s->p[start + len] == ' ' && (before == 0 || line_blank(s->p[before]))) {
		/* In the middle: the blank before it goes too, or at the start the one after. */
		buf_remove(s, before, start + len - before + (before == 0));
	}
	return true;
}

static int line_vote_kind(const char *word, size_t n)
{
	static const struct {
		const char *start;
		int kind;
	} kinds[] = {{"pour", 0}, {"for", 0},     {"oui", 0}, {"contre", 1},
		     {"ctr", 1},  {"against", 1}, {"non", 1}, {"abst", 2}};

	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		size_t k = strlen(kinds[i].start);
		if (n >= k && memcmp(word, kinds[i].start, k) == 0)
			return kinds[i].kind;
	}
	return -1;
}

/* "7 pour 1 contre 2 abst", "7/1/2", "unanimité"; false when the brackets hold something else. */
static bool line_vote(const char *folded, struct minutes_item *item)
{
	int counts[3] = {-1, -1, -1}, number = -1, next = 0;
	size_t at = 0, n;
	const char *word;

	while ((n = text_word(folded, &at, &word)) > 0) {
		if (word[0] >= '0' && word[0] <= '9') {
			if (number >= 0 && next < 3)
				counts[next++] = number;
			number = 0;
			for (size_t i = 0; i < n && number < 100000; i++) {
				if (word[i] < '0' || word[i] > '9')
					return false;
				number = number * 10 + (word[i] - '0');
			}
		} else if (n >= 6 && (!memcmp(word, "unanim", 6))) {
			counts[0] = -2;
			next = 1;
		} else {
			int kind = line_vote_kind(word, n);
			if (kind < 0 && n > 2)
				return false;
			if (kind >= 0 && number >= 0) {
				counts[kind] = number;
				number = -1;
				next = kind + 1;
			}
		}
	}
	if (number >= 0 && next > 0 && next < 3)
		counts[next] = number;
	if (counts[0] == -1 && counts[1] == -1 && counts[2] == -1)
		return false;
	item->vote_for = counts[0];
	item->vote_against = counts[1];
	item->vote_abstain = counts[2];
	return true;
}

static void line_take_vote(struct buf *s, struct minutes_item *item)
{
	for (size_t i = s->len; i-- > 0;) {
		if (s->p[i] != '(')
			continue;
		const char *close = memchr(s->p + i, ')', s->len - i);
		if (close == NULL)
			continue;
		size_t n = (size_t)(close - s->p) - i + 1;
		struct buf folded = BUF_INIT;
		text_fold(&folded, s->p + i + 1, n - 2);
		bool vote = line_vote(buf_str(&folded), item);
		buf_done(&folded);
		if (vote) {
			while (i > 0 && line_blank(s->p[i - 1])) {
				i--;
				n++;
			}
			buf_remove(s, i, n);
			return;
		}
	}
}

/* "moi", "me", "je" and the like begin a follow-up of one's own. */
static size_t line_oneself(const char *s, size_t n)
{
	static const char *const words[] = {"moi", "je", "me", "Moi", "Je", "Me", "myself"};

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		size_t k = strlen(words[i]);
		if (n > k && memcmp(s, words[i], k) == 0 && (line_blank(s[k]) || s[k] == ':'))
			return k;
	}
	return 0;
}

static bool line_set_owner(struct minutes_item *item, const char *s, size_t n, const struct line_mark *mark)
{
	free(item->owner);
	item->owner = str_ndup(s, n);
	if (mark != NULL) {
		item->who = mark->who;
		item->fits = mark->fits;
	}
	return item->owner != NULL;
}

/* Whose it is: the first "@name" of the line, else, for a follow-up, the words it begins with when they are somebody's
 * whole name or names.  Returns how many bytes of the line to leave out of the wording. */
static size_t line_owner(const char *s, size_t n, const struct minutes_names *known, struct minutes_item *item,
			 bool *oom)
{
	struct line_mark mark;

	for (size_t i = 0; i < n; i++) {
		if (!line_mark_at(s, n, i, known, &mark))
			continue;
		if (mark.type == MINUTES_PRESENT) {
			*oom = !line_set_owner(item, mark.name, mark.name_len, &mark);
			return 0;
		}
		i += mark.len - 1;
	}
	if (item->type != MINUTES_TASK)
		return 0;
	size_t self = line_oneself(s, n);
	if (self > 0) {
		*oom = !line_set_owner(item, s, self, NULL);
		return self + strspn(s + self, ": ");
	}
	size_t ends[LINE_NAME_WORDS], count = 0, at = 0, end;
	bool last = false;
	while (count < LINE_NAME_WORDS && !last && line_next_word(s, n, &at, &end, &last)) {
		ends[count++] = end;
		at = end;
	}
	for (size_t k = count; k > 0; k--) {
		struct match best = {0, 0};
		char *typed = str_ndup(s, ends[k - 1]);
		size_t total = typed ? names_match(known->people, known->npeople, typed, &best, 1) : 0;
		free(typed);
		/* Unmarked words must be whole names: a verb is not the start of one. */
		if (total == 0 || best.rank < 3 || ends[k - 1] >= n)
			continue;
		line_fits(known->people, known->npeople, s, ends[k - 1], &mark);
		*oom = !line_set_owner(item, s, ends[k - 1], &mark);
		size_t skip = ends[k - 1];
		while (skip < n && (line_blank(s[skip]) || s[skip] == ':' || s[skip] == ','))
			skip++;
		return skip;
	}
	return 0;
}

static bool line_item(const char *s, size_t n, const struct minutes_names *known, const struct moment *now,
		      struct minutes_item *item, struct minutes *out)
{
	struct buf text = BUF_INIT;
	bool oom = false;
	size_t skip = 0;

	item->owner = str_dup("");
	item->vote_for = item->vote_against = item->vote_abstain = -1;
	if (item->owner == NULL)
		return false;
	if (item->type != MINUTES_QUESTION)
		skip = line_owner(s, n, known, item, &oom);
	minutes_wording(s + skip, n - skip, known, item->type == MINUTES_QUESTION, &text);
	if (!text.oom && item->type == MINUTES_DECISION)
		line_take_vote(&text, item);
	if (!text.oom && item->type == MINUTES_TASK)
		item->has_due = minutes_take_date(&text, now, &item->due);
	if (!text.oom)
		line_trim(&text);
	/* Nothing said yet: a mark alone is no decision. */
	if (text.len == 0 && !text.oom && !oom) {
		buf_done(&text);
		free(item->owner);
		return true;
	}
	item->text = buf_steal(&text);
	if (item->text == NULL || oom || minutes_add(out, item) == NULL) {
		free(item->text);
		free(item->owner);
		return false;
	}
	return true;
}

bool minutes_line(const char *s, size_t n, size_t at, size_t line, const struct minutes_names *known,
		  const struct moment *now, struct minutes *out)
{
	size_t blank = 0;
	struct minutes_item item = {.line = line};

	while (blank < n && line_blank(s[blank]))
		blank++;
	while (n > blank && (line_blank(s[n - 1]) || s[n - 1] == '\r'))
		n--;
	const char *p = s + blank;
	size_t left = n - blank;
	size_t ref = minutes_ref_length(p, left);
	if (left == 0)
		return true;
	item.start = at + blank;
	item.len = left;
	item.type = p[0] == '!' ? MINUTES_DECISION : p[0] == '>' ? MINUTES_TASK : MINUTES_QUESTION;
	if (ref > 0) {
		char digits[9];
		struct id high;
		memcpy(digits, p + 2, 8);
		digits[8] = '\0';
		item.text = str_dup("");
		item.owner = str_dup("");
		item.vote_for = item.vote_against = item.vote_abstain = -1;
		if (item.text == NULL || item.owner == NULL || !id_prefix(digits, &item.ref, &high) ||
		    minutes_add(out, &item) == NULL) {
			free(item.text);
			free(item.owner);
			return false;
		}
		return true;
	}
	if (p[0] != '!' && p[0] != '>' && p[0] != '?')
		return minutes_marks(p, left, at + blank, line, true, known, out);
	size_t lead = 1;
	while (lead < left && line_blank(p[lead]))
		lead++;
	return line_item(p + lead, left - lead, known, now, &item, out) &&
	       minutes_marks(p + lead, left - lead, at + blank + lead, line, item.type == MINUTES_QUESTION, known, out);
}
