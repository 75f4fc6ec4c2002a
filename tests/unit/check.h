/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * check - the unit tests' frame.  A test program is one file that includes this once and writes
 *
 *	TEST(name) { CHECK(cond); CHECK_EQ_INT(got, want); CHECK_STR(got, want); CHECK_MEM(got, n, want, m); }
 *
 * main is here.  Each TEST prints one line, "ok FILE/NAME" or "not ok FILE/NAME: why".  A failed CHECK is noted and
 * the test goes on; a failed REQUIRE leaves the test.  Arguments of the program are the names of the tests to run.
 */
#ifndef ARPENT_CHECK_H
#define ARPENT_CHECK_H

#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct check_test {
	const char *name;
	void (*run)(void);
	struct check_test *next;
};

static struct check_test *check_first, **check_end = &check_first;
static int check_failures; /* in the running test */
static char check_why[512];
static jmp_buf check_leave;
static char check_dir_path[256];

#define TEST(id) \
	static void test_##id(void); \
	__attribute__((constructor)) static void check_add_##id(void) \
	{ \
		static struct check_test t = {#id, test_##id, NULL}; \
		*check_end = &t; \
		check_end = &t.next; \
	} \
	static void test_##id(void)

__attribute__((format(printf, 3, 4))) static inline bool check_fail(const char *file, int line, const char *fmt, ...)
{
	char why[400];
	va_list ap;
	const char *slash = strrchr(file, '/');

	va_start(ap, fmt);
	vsnprintf(why, sizeof why, fmt, ap);
	va_end(ap);
	if (check_failures++ == 0)
		snprintf(check_why, sizeof check_why, "%s:%d: %s", slash ? slash + 1 : file, line, why);
	else if (check_failures < 10)
		printf("# %s:%d: %s\n", slash ? slash + 1 : file, line, why);
	return false;
}

static inline bool check_int(const char *file, int line, const char *what, long long got, long long want)
{
	return got == want ? true : check_fail(file, line, "%s: got %lld, want %lld", what, got, want);
}

static inline bool check_str(const char *file, int line, const char *what, const char *got, const char *want)
{
	if (got == want || (got && want && strcmp(got, want) == 0))
		return true;
	return check_fail(file, line, "%s: got \"%s\", want \"%s\"", what, got ? got : "(NULL)",
			  want ? want : "(NULL)");
}

static inline bool check_mem(const char *file, int line, const void *got, size_t n, const void *want, size_t m)
{
	const unsigned char *g = got, *w = want;
	size_t i = 0;

	while (i < n && i < m && g[i] == w[i])
		i++;
	if (i == n && i == m)
		return true;
	return check_fail(file, line, "bytes differ at %zu (got %zu of them, want %zu)", i, n, m);
}

#define CHECK(cond) ((cond) ? true : check_fail(__FILE__, __LINE__, "%s", #cond))
#define CHECK_EQ_INT(got, want) check_int(__FILE__, __LINE__, #got, (long long)(got), (long long)(want))
#define CHECK_STR(got, want) check_str(__FILE__, __LINE__, #got, got, want)
#define CHECK_MEM(got, n, want, m) check_mem(__FILE__, __LINE__, got, n, want, m)
#define CHECK_FAIL(...) check_fail(__FILE__, __LINE__, __VA_ARGS__)
/* The call must succeed, and says why when it does not: CHECK_OK(io_make_dirs(path, &e), &e). */
#define CHECK_OK(call, e) \
	((call) ? true \
		: check_fail(__FILE__, __LINE__, "%s: error %d in %s: %s", #call, (int)(e)->code, (e)->where, \
			     (e)->detail))
/* The call must fail with this code. */
#define CHECK_ERR(call, e, want) \
	((call) ? check_fail(__FILE__, __LINE__, "%s: succeeded", #call) \
		: check_int(__FILE__, __LINE__, #call, (long long)(e)->code, (long long)(want)))
#define REQUIRE(cond) \
	do { \
		if (!CHECK(cond)) \
			longjmp(check_leave, 1); \
	} while (0)

static inline int check_unlink(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path);
}

static inline void check_dir_remove(void)
{
	nftw(check_dir_path, check_unlink, 16, FTW_DEPTH | FTW_PHYS);
}

/* A scratch folder of this program, removed at its end. */
static inline const char *check_dir(void)
{
	if (!check_dir_path[0]) {
		const char *tmp = getenv("TMPDIR");
		snprintf(check_dir_path, sizeof check_dir_path, "%s/arpent-test-XXXXXX", tmp ? tmp : "/tmp");
		if (!mkdtemp(check_dir_path)) {
			perror(check_dir_path);
			exit(99);
		}
		atexit(check_dir_remove);
	}
	return check_dir_path;
}

/* "DIR/name" in the scratch folder, or "SRCDIR/name" of the source tree; in one of eight buffers used in turn. */
static inline const char *check_join(const char *dir, const char *name)
{
	static char paths[8][512];
	static unsigned turn;
	char joined[512];

	if (snprintf(joined, sizeof joined, "%s/%s", dir, name) >= (int)sizeof joined)
		exit(99);
	return memcpy(paths[turn++ % 8], joined, sizeof joined);
}

static inline const char *check_path(const char *name)
{
	return check_join(check_dir(), name);
}

static inline const char *check_source(const char *name)
{
	const char *dir = getenv("SRCDIR");

	return check_join(dir ? dir : ".", name);
}

/* Numbers that look random and are the same on every run (splitmix64); $SEED changes them. */
static inline uint64_t check_random(void)
{
	static uint64_t state;

	if (state == 0) {
		const char *seed = getenv("SEED");
		state = seed ? strtoull(seed, NULL, 10) : 20261123;
		printf("# seed %llu\n", (unsigned long long)state);
	}
	state += 0x9E3779B97F4A7C15u;
	uint64_t z = state;
	z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
	z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
	return z ^ (z >> 31);
}

static inline bool check_wanted(const char *name, int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (strcmp(argv[i], name) == 0)
			return true;
	return argc < 2;
}

/* Apart from main, so that setjmp has no local variable to lose. */
static inline void check_run(const struct check_test *t)
{
	check_failures = 0;
	if (setjmp(check_leave) == 0)
		t->run();
}

int main(int argc, char **argv)
{
	const char *slash = strrchr(argv[0], '/');
	const char *file = slash ? slash + 1 : argv[0];
	int failed = 0;

	setvbuf(stdout, NULL, _IOLBF, 0);
	for (struct check_test *t = check_first; t; t = t->next) {
		if (!check_wanted(t->name, argc, argv))
			continue;
		check_run(t);
		if (check_failures == 0)
			printf("ok %s/%s\n", file, t->name);
		else
			printf("not ok %s/%s: %s\n", file, t->name, check_why);
		if (check_failures > 0)
			failed++;
	}
	return failed > 0;
}

#endif
