/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * store DIR: one notebook-like database in plain SQLite, in ours and in SQLCipher, step by step in turns; prints a
 * table of medians and ratios (Markdown).
 *
 * The engines are the programs work-ours and work-cipher beside this one, speedtest1 and speedtest1-cipher are looked
 * for in DIR; what is not there is left out.  RUNS=, RECORDS= and BENCH_WALL= (wall time instead of processor time) in
 * the environment.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define LEN(a) (sizeof(a) / sizeof *(a))
#define MAX_RUNS 25

enum { PLAIN, OURS, BARE, CIPHER, ENGINES };
static const char *const engine_name[ENGINES] = {"plain", "ours", "bare", "cipher"};

/* An aim of 0: there is none. */
static const struct step {
	const char *name, *label, *unit;
	double per;           /* of microseconds in one of the unit */
	double aim_2, aim_16; /* to plain, with 2 and 16 MB of cache */
	double aim_cipher;
} steps[] = {
    {"bulk", "bulk insert", "s", 1e6, 0, 1.15, 1.0},
    {"commits", "1,000 commits", "ms", 1e3, 0, 1.20, 0.65},
    {"hot", "hot point, 100,000", "ms", 1e3, 0, 1.05, 1.0},
    {"any", "random point, 20,000", "ms", 1e3, 1.7, 0, 1.0},
    {"list", "list page of 50, 2,000", "ms", 1e3, 0, 1.3, 1.0},
    {"fts", "full text, 500", "ms", 1e3, 0, 1.2, 1.0},
    {"scan", "full scan", "ms", 1e3, 0, 2.3, 0.65},
    {"open", "opening, 20", "ms", 1e3, 0, 0, 1.0},
    {NULL, "speedtest1, WAL", "s", 1e6, 0, 1.3, 1.0},
};
enum { COMMITS = 1, SCAN = 6, OPEN, SPEEDTEST, ROWS };

struct answer {
	double us;
	long n, syncs, sealed, opened, peak;
};

static const long cache_mb[] = {2, 16};
static struct answer got[LEN(cache_mb)][ROWS][ENGINES][MAX_RUNS];
static double aead[2][MAX_RUNS * LEN(cache_mb)];
static int runs = 5, aeads;
static long records = 100000;
static const char *dir;
static char work_program[2][4096];

static double store_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static double store_us(const struct timeval *t)
{
	return (double)t->tv_sec * 1e6 + (double)t->tv_usec;
}

struct worker {
	pid_t pid;
	FILE *to, *from;
	char path[4096];
};

static const char *worker_program(int engine)
{
	return work_program[engine == CIPHER];
}

static void worker_remove(const char *path)
{
	static const char *const ends[] = {"", "-wal", "-journal", "-shm", ".lock"};
	char name[4200];

	for (size_t i = 0; i < LEN(ends); i++) {
		snprintf(name, sizeof name, "%s%s", path, ends[i]);
		(void)unlink(name);
	}
}

static void worker_start(struct worker *w, int engine, long mb)
{
	int to[2], from[2];
	char cache[24], n[24];

	memset(w, 0, sizeof *w);
	if (access(worker_program(engine), X_OK) != 0)
		return;
	snprintf(w->path, sizeof w->path, "%s/bench-%d.%s", dir, (int)getpid(), engine_name[engine]);
	worker_remove(w->path);
	snprintf(cache, sizeof cache, "%ld", mb << 20);
	snprintf(n, sizeof n, "%ld", records);
	if (pipe2(to, O_CLOEXEC) != 0 || pipe2(from, O_CLOEXEC) != 0 || (w->pid = fork()) < 0)
		exit(1);
	if (w->pid == 0) {
		dup2(to[0], 0);
		dup2(from[1], 1);
		execl(worker_program(engine), "work", engine_name[engine], w->path, cache, n, (char *)NULL);
		_exit(127);
	}
	close(to[0]);
	close(from[1]);
	w->to = fdopen(to[1], "w");
	w->from = fdopen(from[0], "r");
}

static void worker_stop(struct worker *w)
{
	if (w->pid == 0)
		return;
	fclose(w->to);
	fclose(w->from);
	(void)waitpid(w->pid, NULL, 0);
	worker_remove(w->path);
}

static void worker_ask(struct worker *w, const char *step, struct answer *a)
{
	if (step != NULL) {
		fprintf(w->to, "%s\n", step);
		fflush(w->to);
	}
	if (fscanf(w->from, "%lf %ld %ld %ld %ld %ld", &a->us, &a->n, &a->syncs, &a->sealed, &a->opened, &a->peak) !=
	    6) {
		fprintf(stderr, "store: %s: no answer\n", w->path);
		exit(1);
	}
}

/* One after the other, another one first each time. */
static void run_steps(int run, size_t cache)
{
	struct worker w[ENGINES];
	struct answer a;

	for (int i = 0; i < ENGINES; i++)
		worker_start(&w[i], i, cache_mb[cache]);
	for (size_t s = 0; s < SPEEDTEST; s++)
		for (int i = 0; i < ENGINES; i++) {
			int e = (i + run) % ENGINES;

			if (w[e].pid != 0)
				worker_ask(&w[e], steps[s].name, &got[cache][s][e][run]);
		}
	worker_ask(&w[OURS], "aead", &a);
	aead[0][aeads] = a.us;
	worker_ask(&w[OURS], NULL, &a);
	aead[1][aeads++] = a.us;
	for (int i = 0; i < ENGINES; i++)
		worker_stop(&w[i]);
}

/* SQLite's own speedtest1, from a folder where ./dev bench has built it; the shim comes to it by sealed.so. */
static void run_speedtest(int run, int engine, size_t cache)
{
	struct answer *a = &got[cache][SPEEDTEST][engine][run];
	char program[4200], file[4200], lib[4200], size[24];
	struct rusage use;
	double t = store_now();
	int status;
	pid_t pid;

	snprintf(program, sizeof program, "%s/speedtest1%s", dir, engine == CIPHER ? "-cipher" : "");
	snprintf(file, sizeof file, "%s/bench-%d.speedtest1", dir, (int)getpid());
	snprintf(lib, sizeof lib, "%s/sealed.so", dir);
	if (engine == BARE || access(program, X_OK) != 0 || (engine == OURS && access(lib, R_OK) != 0))
		return;
	worker_remove(file);
	snprintf(size, sizeof size, "-%ld", cache_mb[cache] * 1024);
	if ((pid = fork()) == 0) {
		if (engine == OURS)
			setenv("LD_PRELOAD", lib, 1);
		if (freopen("/dev/null", "w", stdout) != NULL)
			execl(program, "speedtest1", "--exclusive", "--journal", "wal", "--cachesize", size, "--size",
			      records < 100000 ? "5" : "40", file, (char *)NULL);
		_exit(127);
	}
	if (pid < 0 || wait4(pid, &status, 0, &use) != pid || status != 0) {
		fprintf(stderr, "store: speedtest1, %s: failed\n", engine_name[engine]);
		exit(1);
	}
	a->us = getenv("BENCH_WALL") != NULL ? store_now() - t : store_us(&use.ru_utime) + store_us(&use.ru_stime);
	a->n = 1;
	worker_remove(file);
}

static int store_compare(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static double median(double *v, int n)
{
	qsort(v, (size_t)n, sizeof *v, store_compare);
	return n % 2 ? v[n / 2] : (v[n / 2 - 1] + v[n / 2]) / 2;
}

static double median_us(size_t cache, size_t row, int engine)
{
	double v[MAX_RUNS];

	for (int r = 0; r < runs; r++)
		v[r] = got[cache][row][engine][r].us;
	return median(v, runs);
}

/* The median of the ratios, each of one run: what slows a run down slows both. */
static double ratio(size_t cache, size_t row, int engine, int to)
{
	double v[MAX_RUNS];

	for (int r = 0; r < runs; r++) {
		if (got[cache][row][to][r].us <= 0)
			return 0;
		v[r] = got[cache][row][engine][r].us / got[cache][row][to][r].us;
	}
	return median(v, runs);
}

static void print_ratio(double r)
{
	if (r > 0)
		printf(" %.2f |", r);
	else
		printf(" - |");
}

static void print_aim(double aim, double is)
{
	if (aim > 0 && is > 0)
		printf(" %.2f: %s |", aim, is <= aim ? "met" : "**not met**");
	else
		printf(" |");
}

static void print_row(size_t cache, size_t row)
{
	const struct step *s = &steps[row];
	double aim = cache == 0 ? s->aim_2 : s->aim_16, plain = ratio(cache, row, OURS, PLAIN);
	double cipher = ratio(cache, row, OURS, CIPHER);

	if (plain <= 0)
		return;
	printf("| %s, %s |", s->label, s->unit);
	for (int e = 0; e < ENGINES; e++)
		if (e != BARE && median_us(cache, row, e) > 0)
			printf(" %.2f |", median_us(cache, row, e) / s->per);
		else if (e != BARE)
			printf(" - |");
	print_ratio(plain);
	print_ratio(cipher);
	print_aim(aim, plain);
	print_aim(s->aim_cipher, cipher);
	putchar('\n');
}

/* What is not a time: memory, and what opening and syncing cost beside plain SQLite. */
static void print_others(size_t cache)
{
	const struct answer *p = got[cache][COMMITS][PLAIN], *o = got[cache][COMMITS][OURS];
	const struct answer *c = got[cache][COMMITS][CIPHER];
	double more[MAX_RUNS], peak[ENGINES][MAX_RUNS], syncs = (double)o->syncs / (double)p->syncs, rss, open;

	for (int r = 0; r < runs; r++) {
		more[r] = (got[cache][OPEN][OURS][r].us - got[cache][OPEN][PLAIN][r].us) / 1e3 /
			  (double)got[cache][OPEN][OURS][r].n;
		for (int e = 0; e < ENGINES; e++)
			peak[e][r] = (double)got[cache][SCAN][e][r].peak / 1024;
	}
	open = median(more, runs);
	rss = median(peak[OURS], runs) - median(peak[PLAIN], runs);
	printf("| opening once, more than plain, ms | | %.2f | | | | +0.20: %s | |\n", open,
	       open <= 0.2 ? "met" : "**not met**");
	printf("| fdatasync a commit | %.3f | %.3f | %.3f | %.2f | | 1.05: %s | |\n", (double)p->syncs / (double)p->n,
	       (double)o->syncs / (double)o->n, c->n > 0 ? (double)c->syncs / (double)c->n : 0, syncs,
	       syncs <= 1.05 ? "met" : "**not met**");
	printf("| peak memory, MB | %.1f | %.1f | %.1f | %+.1f MB | | +4: %s | |\n", median(peak[PLAIN], runs),
	       median(peak[OURS], runs), median(peak[CIPHER], runs), rss, rss <= 4 ? "met" : "**not met**");
}

static void print_where(size_t cache)
{
	double seal = median(aead[0], aeads), open = median(aead[1], aeads);

	printf(
	    "\nSealing a page takes libsodium %.2f µs here, opening one %.2f µs. With %ld MB, ours spends, in ms:\n\n"
	    "| | pages sealed | opened | sealing and opening | SQLite and the shim | plain | limit | measured |\n"
	    "|---|--:|--:|--:|--:|--:|--:|--:|\n",
	    seal, open, cache_mb[cache]);
	for (size_t s = 0; s < SPEEDTEST; s++) {
		const struct answer *a = &got[cache][s][OURS][0];
		double crypto = ((double)a->sealed * seal + (double)a->opened * open) / 1e3;
		double plain = median_us(cache, s, PLAIN) / 1e3;

		printf("| %s | %ld | %ld | %.1f | %.1f | %.1f | %.2f | %.2f |\n", steps[s].label, a->sealed, a->opened,
		       crypto, median_us(cache, s, BARE) / 1e3, plain, (plain + crypto) / plain,
		       ratio(cache, s, OURS, PLAIN));
	}
	printf("\nThe limit is plain SQLite's time and the sealing and opening of those pages, with a shim that costs "
	       "nothing.\n\"SQLite and the shim\" is measured with sealing and opening taken out.\n");
}

static void print_all(void)
{
	printf("%ld records, medians of %d interleaved runs, %s, in %s.\n", records, runs,
	       getenv("BENCH_WALL") != NULL ? "wall time" : "processor time", dir);
	for (size_t c = 0; c < LEN(cache_mb); c++) {
		printf("\n%ld MB of cache:\n\n| | plain | ours | SQLCipher | to plain | to SQLCipher | aim to plain | "
		       "aim to "
		       "SQLCipher |\n|---|--:|--:|--:|--:|--:|---|---|\n",
		       cache_mb[c]);
		for (size_t s = 0; s < ROWS; s++)
			print_row(c, s);
		print_others(c);
	}
	for (size_t c = 0; c < LEN(cache_mb); c++)
		print_where(c);
}

static long store_number(const char *name, long otherwise, long min, long max)
{
	const char *v = getenv(name);
	long n = v != NULL ? atol(v) : otherwise;

	return n < min ? min : n > max ? max : n;
}

int main(int argc, char **argv)
{
	char *at = argc == 2 ? strrchr(argv[0], '/') : NULL;

	if (at == NULL) {
		fprintf(stderr, "usage: /path/to/store FOLDER\n");
		return 2;
	}
	dir = argv[1];
	runs = (int)store_number("RUNS", 5, 1, MAX_RUNS);
	records = store_number("RECORDS", 100000, 1000, 10000000);
	for (int i = 0; i < 2; i++)
		snprintf(work_program[i], sizeof work_program[i], "%.*s/work-%s", (int)(at - argv[0]), argv[0],
			 i == 0 ? "ours" : "cipher");
	for (int r = 0; r < runs; r++)
		for (size_t c = 0; c < LEN(cache_mb); c++) {
			fprintf(stderr, "run %d of %d, %ld MB\n", r + 1, runs, cache_mb[c]);
			run_steps(r, c);
			for (int e = 0; e < ENGINES; e++)
				run_speedtest(r, e, c);
		}
	print_all();
	return 0;
}
