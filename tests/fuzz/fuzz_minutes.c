/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Notes of a meeting, before and after an edit (a form feed parts them), and quick capture.  What is read lies in the
 * text; notes kept as references come out as they were typed; an edit loses no record and gives none to two lines.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "arpent/kind.h"
#include "arpent/minutes.h"
#include "arpent/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct named people[] = {
    {{{1}}, "Alain Roux", "maire", NULL},
    {{{2}}, "Jean Bonnet", "", NULL},
    {{{3}}, "Jeanne Bonnet", "", NULL},
    {{{4}}, "Hélène Le Goff", "", NULL},
};
static const struct named sites[] = {{{{21}}, "Bergerie Haute", "", NULL}, {{{22}}, "Col du Four", "", NULL}};
static const struct minutes_names known = {people, sites, 4, 2};
static const struct moment now = {{2026, 11, 16}, true, 14, 0, 0, false, 0};

static void must(bool ok)
{
	if (!ok)
		abort();
}

static bool has_record(const struct minutes_item *item)
{
	return item->type == MINUTES_DECISION || item->type == MINUTES_TASK;
}

/* Names each decision and follow-up by its line: the first digits of its id. */
static void read_notes(const char *text, uint8_t mark, struct minutes *m)
{
	struct err e = ERR_INIT;
	size_t line = 0, len = strlen(text);

	must(minutes_read(text, &known, &now, m, &e));
	for (size_t i = 0; i < m->n; i++) {
		struct minutes_item *item = &m->items[i];
		must(item->line >= line && item->start <= len && item->len <= len - item->start);
		must(text_is_utf8(item->text, strlen(item->text)) || !text_is_utf8(text, len));
		line = item->line;
		if (has_record(item))
			item->ref = (struct id){{(uint8_t)(line >> 16), (uint8_t)(line >> 8), (uint8_t)line, mark}};
	}
}

struct lines {
	const char *text;
	struct buf line;
};

static const char *line_of(void *ctx, size_t line, char mark, const struct id *low, const struct id *high)
{
	struct lines *l = ctx;
	const char *p = l->text;

	(void)line, (void)mark, (void)high;
	for (size_t n = (size_t)low->b[0] << 16 | (size_t)low->b[1] << 8 | low->b[2]; n > 0; n--)
		p += strcspn(p, "\n") + 1;
	buf_clear(&l->line);
	buf_add(&l->line, p, strcspn(p, "\n"));
	return buf_str(&l->line);
}

static void there_and_back(const char *text, const struct minutes *m)
{
	struct lines l = {.text = text, .line = BUF_INIT};
	struct buf kept = BUF_INIT, shown = BUF_INIT;
	struct err e = ERR_INIT;

	must(minutes_reduce(text, m, &kept, &e));
	must(minutes_expand(buf_str(&kept), line_of, &l, &shown, &e));
	must(strcmp(buf_str(&shown), text) == 0);
	buf_done(&kept);
	buf_done(&shown);
	buf_done(&l.line);
}

static void edited(const char *old, const char *text)
{
	struct minutes before, after;
	struct err e = ERR_INIT;
	size_t ngone = 0;

	read_notes(old, 1, &before);
	must(minutes_read(text, &known, &now, &after, &e));
	for (size_t i = 0; i < after.n; i++)
		memset(&after.items[i].ref, 0, sizeof after.items[i].ref);
	struct id *gone = calloc(before.n + 1, sizeof *gone);
	must(gone && minutes_pair(&before, &after, gone, &ngone, &e));
	for (size_t i = 0; i < before.n; i++) {
		size_t seen = 0;
		if (!has_record(&before.items[i]))
			continue;
		for (size_t k = 0; k < ngone; k++)
			seen += id_eq(&gone[k], &before.items[i].ref);
		for (size_t k = 0; k < after.n; k++)
			seen += id_eq(&after.items[k].ref, &before.items[i].ref);
		must(seen == 1);
	}
	free(gone);
	minutes_done(&before);
	minutes_done(&after);
}

static void quick(const char *text)
{
	struct quick q;
	struct err e = ERR_INIT;

	must(quick_read(text, NULL, &known, &now, &q, &e));
	must(kind_find(q.kind) && q.text);
	quick_done(&q);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1), *second;
	struct minutes m;

	if (!text)
		return 0;
	if (size > 0)
		memcpy(text, data, size);
	text[size] = '\0';
	if ((second = strchr(text, '\f')))
		*second++ = '\0';
	read_notes(text, 1, &m);
	there_and_back(text, &m);
	minutes_done(&m);
	if (second)
		edited(text, second);
	quick(text);
	free(text);
	return 0;
}
