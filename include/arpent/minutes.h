/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * minutes - the grammar of meeting notes: typed once, understood live.  Pure.
 *
 * A mark at the start of a line: "!" decision, ">" follow-up, "?" open question.  Marks anywhere: "@name" present, "-@name" excused,
 * "#tag", "^site".  Names may be several words: the longest run after the mark that matches a known name, else one word; "@[Any Name]" and "^[Any Place]"
 * are exact.  Reference lines: once saved, a decision or follow-up line is kept in the notes as "!{id8}" or ">{id8}" (eight hexadecimal digits of its
 * record's id), and the record keeps the wording; minutes_expand() shows it, minutes_reduce() takes it back.
 */
#ifndef ARPENT_MINUTES_H
#define ARPENT_MINUTES_H

#include "arpent/buf.h"
#include "arpent/date.h"
#include "arpent/id.h"

/* Someone or somewhere that can be meant. */
struct named {
	struct id id;
	const char *name;   /* "Jean Bonnet" */
	const char *detail; /* "éleveur", or "" */
	const char *fold;   /* text_folded(name), or NULL: then it is folded at each match */
};

/* Who fits what was typed: all words of `typed`, folded, must each begin a different word of the name ("j bonnet"), or one word is its initials ("jb").  Whole
 * words before prefixes before initials; results best first into out[max]; returns how many fit in all.  Two results with the same
 * `rank` are equally likely: ask. */
struct match {
	size_t index; /* into names */
	int rank;     /* 4 the whole name, 3 whole words, 2 prefixes, 1 initials */
};
size_t names_match(const struct named *names, size_t n, const char *typed, struct match *out, size_t max);

enum minutes_type { MINUTES_PRESENT, MINUTES_EXCUSED, MINUTES_DECISION, MINUTES_TASK, MINUTES_QUESTION, MINUTES_TAG, MINUTES_SITE };

struct minutes_item {
	enum minutes_type type;
	size_t line;	   /* 0-based */
	size_t start, len; /* bytes of the source that gave it */
	char *text;	   /* wording, without marks, owner, date and vote; the typed name for people and sites */
	struct id ref;	   /* from a reference line; zero otherwise: still to be made */
	char *owner;	   /* follow-up: typed name, "" when none; "moi", "me" stand for oneself */
	struct id who;	   /* matched person, site or owner; zero when unknown or ambiguous */
	size_t fits;	   /* how many fit best: 0 unknown, 1 sure, more: ask */
	bool has_due;
	struct moment due;
	int vote_for, vote_against, vote_abstain; /* -1 when not given: "(7 pour 1 contre 2 abst)", "(7/1)", "(unanimité)" is vote_for -2 */
};

struct minutes {
	struct minutes_item *items;
	size_t n;
};

struct minutes_names {
	const struct named *people, *sites;
	size_t npeople, nsites;
};

/* One letter a type, the mark that is typed: '@' '-' '!' '>' '?' '#' '^'. */
char minutes_mark(enum minutes_type type);

/* Reads the whole notes.  Linear in their length; called at each key of an open editor (up to 200 lines, under a millisecond). */
bool minutes_read(const char *notes, const struct minutes_names *known, const struct moment *now, struct minutes *out, struct err *e) MUST_USE;
void minutes_done(struct minutes *m);

/* Reference lines and wording, both ways.  `word` gives the text of output line `line` for a record ("! Report accepté (7 pour)"), or NULL when it is
 * gone: then the line is dropped. */
bool minutes_expand(const char *kept,
		    const char *(*word)(void *ctx, size_t line, char mark, const struct id *low, const struct id *high), void *ctx,
		    struct buf *out, struct err *e) MUST_USE;

/* After an edit of the expanded text: pairs each decision and follow-up line of `after` with a line of `before` (whose records are known), exact wording first, then
 * most words in common in order, so that a changed wording stays the same record.  Fills ref of items of `after`; *gone lists refs of before that have no line any more. */
bool minutes_pair(const struct minutes *before, struct minutes *after, struct id *gone, size_t *ngone, struct err *e) MUST_USE;
/* The notes to keep: each paired line as its reference. Items must all have a ref. */
bool minutes_reduce(const char *expanded, const struct minutes *m, struct buf *out, struct err *e) MUST_USE;

/* Quick capture: "appeler la bergerie ven 10h @bonnet #pastoralisme": what kind, its fields.  A date makes it a task, "!" or a verb does not;
 * a first mark "!" ">" "?" decides; else a note. */
struct quick {
	const char *kind; /* "task", "note", "observation", "meeting" */
	char *text;	  /* wording left over */
	bool has_when;
	struct moment when;
	struct minutes items; /* people, tags, site found in it */
};
bool quick_read(const char *typed, const char *kind_or_null, const struct minutes_names *known, const struct moment *now, struct quick *out, struct err *e) MUST_USE;
void quick_done(struct quick *q);

#endif
