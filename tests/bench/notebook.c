/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * notebook FOLDER [ROW]: what a person does all day, in notebooks of 1,000, 10,000 and 100,000 records made by gen as
 * FOLDER/1000.arpent and so on: medians of processor time in microseconds, as others may be using this machine.  A page
 * or an answer is as long in all three, but where a word is said to be common.  ROW: only those that begin so.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "arpent/minutes.h"
#include "arpent/store.h"
#include "arpent/vfs.h"
#include "store/db.h"

#define BENCH_RUNS 101
#define BENCH_SAVES 1000
#define BENCH_SIZES 3
#define BENCH_LEN(a) (sizeof(a) / sizeof *(a))

static const int bench_sizes[BENCH_SIZES] = {1000, 10000, 100000};

struct bench {
	struct store *s;
	struct err e;
	struct id ids[BENCH_RUNS];
	size_t nids;
	struct list_key key;
	int run;
	size_t total;
};

static double bench_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static int bench_cmp(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static bool bench_take(void *ctx, const struct row *row, const struct list_key *at)
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

static bool bench_rows_of(struct bench *b, const struct list_spec *spec, size_t n)
{
	if (b->run % 3 == 0)
		b->key.set = false;
	return store_list(b->s, spec, &b->key, false, n, bench_take, b, &b->e);
}

static bool bench_page(struct bench *b, const struct list_spec *spec)
{
	return bench_rows_of(b, spec, 40);
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
	b->key.set = false;
	return bench_rows_of(b, &(struct list_spec){.kind = "task", .order = LIST_BY_DAY_UP, .open_only = true}, 20);
}

static bool list_filtered(struct bench *b)
{
	b->key.set = false;
	return bench_page(b, &(struct list_spec){.kind = "meeting", .filter = b->run % 2 ? "loup" : "compt vote"});
}

static bool list_rare(struct bench *b)
{
	b->key.set = false;
	return bench_page(b, &(struct list_spec){.kind = "meeting", .filter = "chouette"});
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
	return bench_find(b, b->run % 2 ? "chouette" : "chouette kind:meeting");
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
	return store_edit(b->s, &b->ids[(size_t)b->run % b->nids], &w, 1, &b->e);
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

	names_forget(b->s, NULL);
	return store_names(b->s, "person", &v, &n, &b->e);
}

static bool count(struct bench *b)
{
	size_t n;

	return store_count(b->s, &(struct list_spec){.kind = "meeting"}, SIZE_MAX - 1, &n, &b->e);
}

/* What is left of a save for a moment without keys. */
static bool tidy(struct bench *b)
{
	return store_tidy(b->s, &b->e);
}

/* Meetings to edit. */
static bool meetings(struct bench *b)
{
	b->nids = 0;
	b->key.set = false;
	b->run = 0;
	return store_list(b->s, &(struct list_spec){.kind = "meeting"}, NULL, false, BENCH_RUNS, bench_take, b, &b->e);
}

static const struct bench_row {
	const char *name;
	bool (*f)(struct bench *b);
	int runs;
} bench_rows[] = {
    {"list of meetings by day", list_meetings, BENCH_RUNS},
    {"list of people by name", list_people, BENCH_RUNS},
    {"list by edit", list_edited, BENCH_RUNS},
    {"list of open tasks", list_late, BENCH_RUNS},
    {"list, common filter", list_filtered, BENCH_RUNS},
    {"list, rare filter", list_rare, BENCH_RUNS},
    {"count of a kind", count, BENCH_RUNS},
    {"search: a word", find_word, BENCH_RUNS},
    {"search: a beginning", find_prefix, BENCH_RUNS},
    {"search: two words", find_two, BENCH_RUNS},
    {"search: a rare word", find_rare, BENCH_RUNS},
    {"search: in a kind", find_kind, BENCH_RUNS},
    {"names of all people", names, 11},
    {"save: an edit", save, BENCH_SAVES},
    {"save: a new note", save_new, BENCH_SAVES},
    {"undo", undo, BENCH_SAVES},
    {"tidying after a save", tidy, BENCH_SAVES},
    {"search: a word, after", find_word, BENCH_RUNS},
};

#define BENCH_ROWS BENCH_LEN(bench_rows)

struct bench_result {
	struct {
		double median, slowest;
	} rows[BENCH_ROWS];
	long rss, anon; /* KiB, after all that only reads */
};

static bool bench_run(struct bench *b, const struct bench_row *row, double *median, double *slowest)
{
	double us[BENCH_SAVES];

	b->key.set = false;
	for (b->run = 0; b->run < row->runs; b->run++) {
		double start;
		if (row->f == tidy && !save_new(b))
			return false;
		start = bench_us();
		if (!row->f(b))
			return false;
		us[b->run] = bench_us() - start;
		/* as the screen does while a person thinks of what comes next */
		while (row->f != tidy && store_untidy(b->s))
			if (!store_tidy(b->s, &b->e))
				return false;
	}
	qsort(us, (size_t)row->runs, sizeof *us, bench_cmp);
	*median = us[row->runs / 2];
	*slowest = us[row->runs - 1];
	return true;
}

static void bench_rss(struct bench_result *out)
{
	FILE *f = fopen("/proc/self/status", "r");
	char line[128];

	while (f && fgets(line, sizeof line, f)) {
		if (strncmp(line, "VmRSS:", 6) == 0)
			out->rss = strtol(line + 6, NULL, 10);
		if (strncmp(line, "RssAnon:", 8) == 0)
			out->anon = strtol(line + 8, NULL, 10);
	}
	if (f)
		fclose(f);
}

static bool bench_open(struct bench *b, const char *path)
{
	struct secret pass = SECRET_INIT;
	struct vault_key key = {.passphrase = &pass};
	bool ok =
	    vfs_start(VFS_CACHE, &b->e) && secret_set(&pass, "essai", 5, &b->e) && store_open(path, &key, &b->s, &b->e);

	secret_free(&pass);
	return ok;
}

/* In a process of its own, so that memory is what this one notebook needs. */
static bool bench_notebook(const char *path, const char *only, struct bench_result *out)
{
	static struct bench b;
	bool ok = bench_open(&b, path);

	for (size_t i = 0; ok && i < BENCH_ROWS; i++) {
		if (strncmp(bench_rows[i].name, only, strlen(only)) != 0)
			continue;
		if (bench_rows[i].f == save) {
			bench_rss(out);
			ok = meetings(&b);
		}
		ok = ok && bench_run(&b, &bench_rows[i], &out->rows[i].median, &out->rows[i].slowest);
		if (!ok)
			fprintf(stderr, "notebook: %s: ", bench_rows[i].name);
	}
	if (!ok)
		fprintf(stderr, "notebook: %s: %s %s %s\n", path, err_name(b.e.code), b.e.where, b.e.detail);
	store_close(b.s);
	return ok;
}

static bool bench_apart(const char *path, const char *only, struct bench_result *out)
{
	int fds[2], status = -1;
	pid_t pid;

	if (pipe(fds) != 0 || (pid = fork()) < 0)
		return false;
	if (pid == 0)
		_exit(bench_notebook(path, only, out) && write(fds[1], out, sizeof *out) == (ssize_t)sizeof *out ? 0
														 : 1);
	close(fds[1]);
	bool ok = read(fds[0], out, sizeof *out) == (ssize_t)sizeof *out;
	close(fds[0]);
	return waitpid(pid, &status, 0) == pid && status == 0 && ok;
}

static void bench_table(const struct bench_result *r, const char *only)
{
	printf("microseconds of processor time%30s%10s%10s  100,000 to 1,000  slowest\n", "1,000", "10,000", "100,000");
	for (size_t i = 0; i < BENCH_ROWS; i++) {
		if (strncmp(bench_rows[i].name, only, strlen(only)) != 0)
			continue;
		printf("%-24s (median of %4d runs)", bench_rows[i].name, bench_rows[i].runs);
		for (size_t k = 0; k < BENCH_SIZES; k++)
			printf("%10.0f", r[k].rows[i].median);
		printf("%14.2f    ", r[2].rows[i].median / r[0].rows[i].median);
		for (size_t k = 0; k < BENCH_SIZES; k++)
			printf(" %.0f", r[k].rows[i].slowest);
		printf("\n");
	}
	printf("%-50s%10ld%10ld%10ld\n", "resident after browsing, KiB", r[0].rss, r[1].rss, r[2].rss);
	printf("%-50s%10ld%10ld%10ld\n", "of which its own (RssAnon)", r[0].anon, r[1].anon, r[2].anon);
}

int main(int argc, char **argv)
{
	static struct bench_result results[BENCH_SIZES];
	char path[4096];

	const char *only = argc == 3 ? argv[2] : "";

	if (argc != 2 && argc != 3) {
		fprintf(stderr, "usage: notebook FOLDER [ROW]\n");
		return 2;
	}
	for (size_t k = 0; k < BENCH_SIZES; k++) {
		snprintf(path, sizeof path, "%s/%d.arpent", argv[1], bench_sizes[k]);
		if (!bench_apart(path, only, &results[k]))
			return 1;
	}
	bench_table(results, only);
	return 0;
}
