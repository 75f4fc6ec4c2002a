/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sync DIR: 10,000 notes sent at once, then ten more, by a round of sync to a folder and by what else people use: their
 * JSON through tar | gzip | age, git bundle, restic.  Then segments of 1 to 50 notes, with the preset dictionary and
 * without.  Prints tables (Markdown) of bytes and medians of processor time, taken in turns; a program that is not
 * there has no row.
 *
 * RUNS=, NOTES= and BENCH_WALL= (wall time instead of processor time) in the environment.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <zlib.h>

#include "arpent/devices.h"
#include "arpent/export.h"
#include "arpent/io.h"
#include "arpent/journal.h"
#include "arpent/vfs.h"
#include "arpent/words.h"
#include "sync/segment.h"

#define LEN(a) (sizeof(a) / sizeof *(a))
#define MAX_RUNS 25
#define MORE 10

enum { OURS, AGE, GIT, RESTIC, WAYS };
static const char *const way_name[WAYS] = {"arpent", "tar \\| gzip \\| age", "git bundle", "restic"};

struct cost {
	double s[MAX_RUNS];
	uint64_t bytes;
};
static struct cost all[WAYS], more[WAYS];

static const char *dir;
static struct store *store;
static struct secret pass = SECRET_INIT;
static uint64_t seed = 4;
static struct err e;

static void must(bool ok)
{
	if (ok)
		return;
	fprintf(stderr, "sync: %s: %s %s\n", err_name(e.code), e.where, e.detail);
	exit(1);
}

static uint64_t pick(uint64_t n)
{
	uint64_t z = seed += 0x9E3779B97F4A7C15u;

	z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
	z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
	return (z ^ (z >> 31)) % n;
}

/* Rank r one r-th as often as rank 1, as words are in a language. */
static size_t zipf(size_t n)
{
	double top = 1, u = (double)pick(1u << 30) / (double)(1u << 30), x = 1;

	for (size_t k = n; k > 1; k /= 2)
		top *= 2;
	while (u > 0 && x < top) /* about exp(u ln n), in steps of 2 % */
		x *= 1.02, u -= 0.0198 / (0.6931 * (double)__builtin_ctzl((unsigned long)top));
	return (size_t)x % n;
}

static const char *const small[] = {
    "de",    "la",    "le",   "les",  "et",    "à",    "en",    "un",     "des",    "du",        "est",    "une",
    "pour",  "dans",  "sur",  "que",  "par",   "avec", "il",    "pas",    "plus",   "qui",       "sera",   "au",
    "ont",   "se",    "elle", "nous", "ne",    "près", "deux",  "depuis", "sans",   "mais",      "entre",  "après",
    "avant", "trois", "vers", "sous", "quand", "leur", "cette", "aussi",  "encore", "plusieurs", "chaque", "hier"};

/* Half of it the small words of the language, half of it any: 2,048 words, none of them chosen for the dictionary. */
static struct buf written = BUF_INIT;
static size_t written_next;

static void note_text(struct buf *out, size_t bytes)
{
	size_t sentence = 0;

	while (out->len < bytes) {
		const char *word = pick(2) ? small[zipf(LEN(small))] : words_fr[zipf(WORDS) * 977 % WORDS];
		buf_printf(out, "%s%s", sentence == 0 ? "" : " ", word);
		if (sentence++ > 8 && pick(6) == 0) {
			buf_str_add(out, ". ");
			sentence = 0;
		}
	}
}

/* A note of some hundred bytes: the next of notes.txt, which a person wrote, or, past those, made up. */
static struct id note_make(bool real)
{
	static const char *const tags[] = {"estive", "prédation", "sentier", "eau", "chasse", "loup", "forêt"};
	struct buf text = BUF_INIT;
	char day[24], point[40], two[64];
	struct id id;

	if (real && written_next < written.len) {
		size_t n = strcspn(written.p + written_next, "\n");
		buf_add(&text, written.p + written_next, n);
		written_next += n + 1;
	} else {
		note_text(&text, 545);
	}
	snprintf(day, sizeof day, "2026-%02d-%02dT%02d:%02d", (int)pick(11) + 1, (int)pick(28) + 1, (int)pick(12) + 7,
		 (int)pick(60));
	snprintf(point, sizeof point, "44.%05d,3.%05d", (int)pick(99999), (int)pick(99999));
	snprintf(two, sizeof two, "%s\n%s", tags[pick(3)], tags[3 + pick(4)]);
	const struct want w[] = {{.key = "text", .text = buf_str(&text), .is_text = true},
				 {.key = "date", .text = day},
				 {.key = "tags", .text = two, .is_set = true},
				 {.key = "share", .text = "partner"},
				 {.key = "point", .text = point}};
	must(store_new(store, "note", w, LEN(w), &id, &e));
	buf_done(&text);
	return id;
}

/* As a file of its own, which is what the other programs take. */
static size_t note_json(const struct id *id, const char *folder)
{
	struct buf out = BUF_INIT;
	struct json j;
	struct record r;
	char path[4200], name[ID_TEXT + 1];
	size_t n;

	id_text(id, name);
	must(store_get(store, id, &r, &e));
	json_init(&j, &out);
	must(export_json(store, &r, &j, &e));
	record_done(&r);
	snprintf(path, sizeof path, "%s/%s/%s.json", dir, folder, name);
	must(io_write_file(path, out.p, out.len, false, &e));
	n = out.len;
	buf_done(&out);
	return n;
}

static double seconds(int who)
{
	struct timespec t;
	struct rusage u;

	clock_gettime(CLOCK_MONOTONIC, &t);
	if (getenv("BENCH_WALL"))
		return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
	getrusage(who, &u);
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
	       (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static uint64_t weighs(const char *path)
{
	char name[8400];
	uint64_t n = 0;
	struct dirent *d;
	struct stat st;
	DIR *at = opendir(path);

	if (!at)
		return stat(path, &st) == 0 ? (uint64_t)st.st_size : 0;
	while ((d = readdir(at))) {
		if (strcmp(d->d_name, ".") == 0 || strcmp(d->d_name, "..") == 0)
			continue;
		snprintf(name, sizeof name, "%s/%s", path, d->d_name);
		n += weighs(name);
	}
	closedir(at);
	return n;
}

/* In DIR; what it writes is in its log there. */
static bool shell(const char *command)
{
	char all_of_it[8400];

	snprintf(all_of_it, sizeof all_of_it, "cd %s && { %s; } >log 2>&1 </dev/null", dir, command);
	return system(all_of_it) == 0;
}

static void shell_must(const char *command)
{
	if (shell(command))
		return;
	fprintf(stderr, "sync: this failed, see %s/log: %s\n", dir, command);
	exit(1);
}

static double shell_timed(const char *command)
{
	double start = seconds(RUSAGE_CHILDREN);

	shell_must(command);
	return seconds(RUSAGE_CHILDREN) - start;
}

static struct store *notebook(const char *name)
{
	struct vault_key key = {.passphrase = &pass};
	struct secret words = SECRET_INIT;
	struct store *s = NULL;
	char path[4200];

	snprintf(path, sizeof path, "%s/%s", dir, name);
	if (access(path, F_OK) == 0)
		must(store_open(path, &key, &s, &e));
	else
		must(store_create(path, &key, &VAULT_COST_TEST, "fr", &s, &words, &e) &&
		     identity_set_name(s, "Camille Astruc", &e));
	secret_free(&words);
	return s;
}

/* A second device, so that there is somebody to send to. */
static void pair(void)
{
	struct store *other = notebook("other.arpent");
	struct identity_self self;
	struct buf invitation = BUF_INIT;

	must(identity_self(other, &self, &e) && devices_add(store, &self.who, "portable", &invitation, &e));
	identity_self_done(&self);
	buf_done(&invitation);
	store_close(other);
}

static double ours_round(uint64_t *bytes)
{
	struct exchange_report report;
	struct remote remote;
	char path[4200];
	double start;

	snprintf(path, sizeof path, "%s/remote", dir);
	must(remote_open(path, NULL, &remote, &e));
	start = seconds(RUSAGE_SELF);
	must(devices_sync(store, "folder", &remote, NULL, &report, &e));
	start = seconds(RUSAGE_SELF) - start;
	*bytes = remote.up;
	remote_close(&remote);
	return start;
}

static void ours(int run)
{
	shell_must("rm -rf remote one.arpent*; mkdir remote; cp base.arpent one.arpent");
	store = notebook("one.arpent");
	all[OURS].s[run] = ours_round(&all[OURS].bytes);
	written_next = 0;
	for (int i = 0; i < MORE; i++) {
		struct id id = note_make(true);
		if (run == 0)
			note_json(&id, "more");
	}
	more[OURS].s[run] = ours_round(&more[OURS].bytes);
	store_close(store);
}

static void theirs(int run)
{
	static const struct {
		int way;
		const char *ready, *first, *then, *second, *made;
	} how[] = {
	    {AGE, "rm -rf out; mkdir out", "tar -C notes -c . | gzip | age -r $(cat key) >out/all", "true",
	     "tar -C more -c . | gzip | age -r $(cat key) >out/more", "out"},
	    {GIT, "rm -rf out git; mkdir out git; cp -r notes git; git init -q git",
	     "cd git && git add -A && git commit -qm all && git bundle create -q ../out/all HEAD",
	     "cp more/* git/notes",
	     "cd git && git add -A && git commit -qm more && git bundle create -q ../out/more HEAD~1..HEAD", "out"},
	    {RESTIC, "rm -rf restic both; cp -r notes both; restic -r restic init", "restic -r restic backup both",
	     "cp more/* both", "restic -r restic backup both", "restic"},
	};
	char path[4200];

	for (size_t i = 0; i < LEN(how); i++) {
		uint64_t before;
		if (!shell(how[i].way == GIT ? "which git" : how[i].way == AGE ? "which age" : "which restic"))
			continue;
		shell_must(how[i].ready);
		snprintf(path, sizeof path, "%s/%s", dir, how[i].made);
		before = weighs(path);
		all[how[i].way].s[run] = shell_timed(how[i].first);
		all[how[i].way].bytes = weighs(path) - before;
		shell_must(how[i].then);
		before = weighs(path);
		more[how[i].way].s[run] = shell_timed(how[i].second);
		more[how[i].way].bytes = weighs(path) - before;
	}
}

static int double_cmp(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static void table(const char *title, struct cost *c, int runs)
{
	printf("\n| %s | bytes | s | ours to it, bytes | seconds |\n|---|--:|--:|--:|--:|\n", title);
	for (int w = 0; w < WAYS; w++)
		qsort(c[w].s, (size_t)runs, sizeof *c[w].s, double_cmp);
	for (int w = 0; w < WAYS; w++) {
		if (c[w].bytes == 0)
			continue;
		printf("| %s | %llu | %.3f ", way_name[w], (unsigned long long)c[w].bytes, c[w].s[runs / 2]);
		if (w == OURS)
			puts("| | |");
		else
			printf("| %.3f | %.2f |\n", (double)c[OURS].bytes / (double)c[w].bytes,
			       c[OURS].s[runs / 2] / c[w].s[runs / 2]);
	}
}

static void deflate_bare(const struct buf *raw, size_t *n)
{
	static uint8_t room[1 << 20];
	z_stream z = {
	    .next_in = (z_const Bytef *)raw->p, .avail_in = (uInt)raw->len, .next_out = room, .avail_out = sizeof room};

	if (deflateInit2(&z, Z_BEST_COMPRESSION, Z_DEFLATED, -15, MAX_MEM_LEVEL, Z_DEFAULT_STRATEGY) != Z_OK ||
	    deflate(&z, Z_FINISH) != Z_STREAM_END)
		exit(1);
	*n = z.total_out;
	deflateEnd(&z);
}

struct few {
	struct buf body;
	size_t n, want;
};

static bool few_one(void *ctx, const struct journal_entry *j)
{
	struct few *f = ctx;

	segment_change(&f->body, j->change, j->n);
	return ++f->n < f->want;
}

/* Bodies of a few notes, and the same notes as JSON. */
static void few_notes(void)
{
	static const size_t sizes[] = {1, 2, 5, 10, 20, 50};

	printf("\n| notes | JSON | changes | packed | without the dictionary | segment | tar \\| gzip \\| age |\n"
	       "|--:|--:|--:|--:|--:|--:|--:|\n");
	for (size_t i = 0; i < LEN(sizes); i++) {
		struct few f = {.body = BUF_INIT, .want = sizes[i]};
		struct buf packed = BUF_INIT;
		uint64_t up, age;
		size_t json = 0, bare;
		int64_t last;
		char path[4200];
		shell_must("rm -rf remote one.arpent* few; mkdir remote few; cp empty.arpent one.arpent");
		store = notebook("one.arpent");
		ours_round(&up);
		must(journal_last(store, &last, &e));
		written_next = 0;
		for (size_t k = 0; k < sizes[i]; k++) {
			struct id id = note_make(true);
			json += note_json(&id, "few");
		}
		segment_begin(&f.body);
		must(journal_own(store, last, few_one, &f, &e) && bundle_deflate(f.body.p, f.body.len, &packed, &e));
		deflate_bare(&f.body, &bare);
		ours_round(&up);
		store_close(store);
		shell_must("tar -C few -c . | gzip | age -r $(cat key) >few.age || true");
		snprintf(path, sizeof path, "%s/few.age", dir);
		age = weighs(path);
		printf("| %zu | %zu | %zu | %zu | %zu | %llu | %llu |\n", sizes[i], json, f.body.len, packed.len, bare,
		       (unsigned long long)up, (unsigned long long)age);
		buf_done(&f.body);
		buf_done(&packed);
	}
}

static long number(const char *name, long otherwise)
{
	const char *s = getenv(name);

	return s ? strtol(s, NULL, 10) : otherwise;
}

static void prepare(long notes)
{
	uint64_t json = 0;
	char path[4200];

	setenv("RESTIC_PASSWORD", "essai", 1);
	setenv("XDG_CACHE_HOME", dir, 1);
	setenv("HOME", dir, 1);
	shell_must("mkdir notes more; git config --global user.name essai; git config --global user.email essai; "
		   "age-keygen -o secret && age-keygen -y secret >key || true");
	snprintf(path, sizeof path, "%s/tests/bench/notes.txt", getenv("SRCDIR") ? getenv("SRCDIR") : ".");
	must(secret_set(&pass, "essai", 5, &e) && io_read_file(path, 1 << 20, &written, &e));
	store = notebook("empty.arpent");
	pair();
	store_close(store);
	shell_must("cp empty.arpent base.arpent");
	store = notebook("base.arpent");
	must(store_step_begin(store, "Made up", &e));
	for (long i = 0; i < notes; i++) {
		struct id id = note_make(false);
		json += note_json(&id, "notes");
	}
	must(store_step_end(store, &e));
	store_close(store);
	printf("%ld notes of %llu bytes of JSON each, on average.\n", notes,
	       (unsigned long long)json / (uint64_t)notes);
}

int main(int argc, char **argv)
{
	long runs = number("RUNS", 5), notes = number("NOTES", 10000);
	char title[64];

	if (argc != 2 || runs < 1 || runs > MAX_RUNS || notes < 1) {
		fprintf(stderr, "usage: sync DIR\n");
		return 2;
	}
	dir = argv[1];
	must(vfs_start(2 << 20, &e));
	prepare(notes);
	for (int run = 0; run < runs; run++) {
		ours(run);
		theirs(run);
	}
	snprintf(title, sizeof title, "%ld notes", notes);
	table(title, all, (int)runs);
	snprintf(title, sizeof title, "%d more", MORE);
	table(title, more, (int)runs);
	few_notes();
	secret_free(&pass);
	buf_done(&written);
	return 0;
}
