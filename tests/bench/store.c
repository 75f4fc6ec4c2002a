/* SPDX-License-Identifier: GPL-3.0-or-later */
/* store FILE: medians of processor time of what a person does all day, in a notebook made by gen.  Microseconds. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "arpent/minutes.h"
#include "arpent/store.h"
#include "arpent/vfs.h"

#define BENCH_RUNS 101

struct bench {
	struct store *s;
	struct err e;
	struct id ids[BENCH_RUNS];
	size_t nids;
	struct list_key key;
	int run;
	size_t total;
};

static clockid_t bench_clock = CLOCK_PROCESS_CPUTIME_ID; /* others may be using this machine */

static double bench_us(void)
{
	struct timespec t;

	clock_gettime(bench_clock, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static int bench_cmp(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static void bench_run(struct bench *b, const char *name, bool (*f)(struct bench *b))
{
	double us[BENCH_RUNS];

	for (b->run = 0; b->run < BENCH_RUNS; b->run++) {
		double start = bench_us();
		if (!f(b)) {
			printf("%s failed: %s %s %s\n", name, err_name(b->e.code), b->e.where, b->e.detail);
			exit(1);
		}
		us[b->run] = bench_us() - start;
	}
	qsort(us, BENCH_RUNS, sizeof *us, bench_cmp);
	printf("%-22s %8.0f  (slowest %8.0f)\n", name, us[BENCH_RUNS / 2], us[BENCH_RUNS - 1]);
}

static bool bench_row(void *ctx, const struct row *row, const struct list_key *at)
{
	struct bench *b = ctx;

	b->key = *at;
	b->ids[b->nids++ % BENCH_RUNS] = row->id;
	return true;
}

static bool bench_hit(void *ctx, const struct hit *hit)
{
	struct bench *b = ctx;

	b->total += hit->mark_len;
	return true;
}

static bool bench_page(struct bench *b, const struct list_spec *spec)
{
	if (b->run % 3 == 0)
		b->key.set = false;
	return store_list(b->s, spec, &b->key, false, 40, bench_row, b, &b->e);
}

static bool list_meetings(struct bench *b)
{
	return bench_page(b, &(struct list_spec){.kind = "meeting", .order = LIST_BY_DAY});
}

static bool list_people(struct bench *b)
{
	return bench_page(b, &(struct list_spec){.kind = "person", .order = LIST_BY_TITLE});
}

static bool list_edited(struct bench *b)
{
	return bench_page(b, &(struct list_spec){.order = LIST_BY_EDITED});
}

static bool list_late(struct bench *b)
{
	return bench_page(b, &(struct list_spec){.kind = "task", .order = LIST_BY_DAY_UP, .open_only = true});
}

static bool list_filtered(struct bench *b)
{
	b->key.set = false;
	return bench_page(b, &(struct list_spec){.kind = "meeting", .filter = b->run % 2 ? "loup" : "compt vote"});
}

static bool list_rare(struct bench *b)
{
	b->key.set = false;
	return bench_page(b, &(struct list_spec){.kind = "meeting", .filter = "lieudit77"});
}

static bool bench_find(struct bench *b, const char *query)
{
	return store_find(b->s, query, 20, bench_hit, b, &b->total, &b->e);
}

static bool find_word(struct bench *b)
{
	return bench_find(b, b->run % 2 ? "loup" : "troupeau");
}

static bool find_prefix(struct bench *b)
{
	static const char *const typed[] = {"lo", "réu", "pasto", "conv", "indem"};

	return bench_find(b, typed[b->run % 5]);
}

static bool find_two(struct bench *b)
{
	return bench_find(b, "loup clôtu");
}

static bool find_rare(struct bench *b)
{
	char word[24];

	snprintf(word, sizeof word, "lieudit%d", 10 + b->run);
	return bench_find(b, word);
}

static bool find_kind(struct bench *b)
{
	return bench_find(b, "kind:meeting vautour");
}

static bool save(struct bench *b)
{
	char text[32];
	struct want w = {.key = "tags", .text = text, .is_set = true};

	snprintf(text, sizeof text, "essai%d", b->run);
	return store_edit(b->s, &b->ids[b->run], &w, 1, &b->e);
}

static bool save_new(struct bench *b)
{
	struct want w[] = {{.key = "text", .text = "Appeler la bergerie\nà propos du loup", .is_text = true},
			   {.key = "date", .text = "2026-11-23T14:00"}};

	return store_new(b->s, "note", w, 2, NULL, &b->e);
}

static bool undo(struct bench *b)
{
	return store_undo(b->s, NULL, &b->e);
}

static bool names(struct bench *b)
{
	const struct named *v;
	size_t n;

	return store_names(b->s, "person", &v, &n, &b->e);
}

static bool count(struct bench *b)
{
	size_t n;

	return store_count(b->s, &(struct list_spec){.kind = "meeting"}, SIZE_MAX - 1, &n, &b->e);
}

static void bench_rss(const char *when)
{
	FILE *f = fopen("/proc/self/status", "r");
	char line[128];

	while (f && fgets(line, sizeof line, f))
		if (strncmp(line, "VmRSS", 5) == 0 || strncmp(line, "RssAnon", 7) == 0)
			printf("%s %s", when, line);
	if (f)
		fclose(f);
}

int main(int argc, char **argv)
{
	static struct bench b;
	struct secret pass = SECRET_INIT;
	struct vault_key key = {.passphrase = &pass};
	double start;

	if (argc != 2) {
		fprintf(stderr, "usage: store FILE\n");
		return 2;
	}
	if (!vfs_start(2 << 20, &b.e) || !secret_set(&pass, "essai", 5, &b.e) ||
	    !store_open(argv[1], &key, &b.s, &b.e)) {
		fprintf(stderr, "store: %s: %s %s\n", err_name(b.e.code), b.e.where, b.e.detail);
		return 1;
	}
	bench_run(&b, "list meetings by day", list_meetings);
	b.key.set = false;
	bench_run(&b, "list people by name", list_people);
	b.key.set = false;
	bench_run(&b, "list by edit", list_edited);
	b.key.set = false;
	bench_run(&b, "list open tasks", list_late);
	bench_run(&b, "list filtered", list_filtered);
	bench_run(&b, "list filtered, rare", list_rare);
	bench_run(&b, "count a kind", count);
	bench_run(&b, "find a word", find_word);
	bench_run(&b, "find a beginning", find_prefix);
	bench_run(&b, "find two", find_two);
	bench_run(&b, "find a rare word", find_rare);
	bench_run(&b, "find in a kind", find_kind);
	bench_rss("browsing");
	b.nids = 0;
	b.key.set = false;
	for (b.run = 1; b.nids < BENCH_RUNS && list_meetings(&b);)
		;
	bench_run(&b, "save an edit", save);
	bench_run(&b, "save a new note", save_new);
	bench_run(&b, "undo", undo);
	start = bench_us();
	if (!names(&b))
		return 1;
	printf("%-22s %8.0f\n", "names of people", bench_us() - start);
	bench_rss("at the end");
	store_close(b.s);
	secret_free(&pass);
	return 0;
}
