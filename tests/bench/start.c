/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * start ARPENT FOLDER: from exec to the whole first screen, in notebooks of 1,000, 10,000 and 100,000 records made by
 * gen, on a pseudo-terminal of 80 columns and 24 rows; without the derivation of the key, which is measured beside it.
 * In milliseconds: the time that passed, and the processor's.  Medians of RUNS runs (11).  And what is resident then,
 * and after some browsing.
 */
#include <errno.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <sodium.h>

#include "arpent/vault.h"

#define START_RUNS_MAX 101
#define START_QUIET_MS 60 /* nothing for so long: the screen is whole */
#define START_LIMIT_MS 20000

static double start_ms(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* What the notebooks of gen ask for. */
static bool start_derive(double *wall, double *cpu)
{
	static const unsigned char salt[crypto_pwhash_SALTBYTES];
	unsigned char key[32];
	double w = start_ms(CLOCK_MONOTONIC), c = start_ms(CLOCK_PROCESS_CPUTIME_ID);
	bool ok = crypto_pwhash(key, sizeof key, "essai", 5, salt, VAULT_COST_TEST.opslimit,
				(size_t)VAULT_COST_TEST.mem_kib << 10, crypto_pwhash_ALG_ARGON2ID13) == 0;

	*wall = start_ms(CLOCK_MONOTONIC) - w;
	*cpu = start_ms(CLOCK_PROCESS_CPUTIME_ID) - c;
	return ok;
}

static void start_child(const char *program, const char *notebook, int pass)
{
	char fd[16];

	snprintf(fd, sizeof fd, "%d", pass);
	setenv("TERM", "xterm-256color", 1);
	setenv("LC_ALL", "C.UTF-8", 1);
	execl(program, "arpent", "--notebook", notebook, "--passphrase-fd", fd, (char *)NULL);
	_exit(127);
}

static double start_cpu(pid_t pid)
{
	struct timespec t = {0, 0};
	clockid_t clock;

	if (clock_getcpuclockid(pid, &clock) == 0)
		clock_gettime(clock, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* When the last bytes of the first screen came, which names what the keys do in its last row. */
static bool start_screen(int fd, pid_t pid, double *at, double *cpu)
{
	double begun = start_ms(CLOCK_MONOTONIC);
	struct pollfd p = {fd, POLLIN, 0};
	char text[16384] = "";
	size_t n = 0;

	while (start_ms(CLOCK_MONOTONIC) - begun < START_LIMIT_MS && n < sizeof text - 1) {
		bool whole = strstr(text, "Help") != NULL;
		if (poll(&p, 1, whole ? START_QUIET_MS : START_LIMIT_MS) <= 0)
			return whole;
		ssize_t got = read(fd, text + n, sizeof text - 1 - n);
		if (got <= 0)
			return false;
		n += (size_t)got;
		text[n] = '\0';
		*at = start_ms(CLOCK_MONOTONIC);
		*cpu = start_cpu(pid);
	}
	return false;
}

static long start_kib(pid_t pid)
{
	char path[64], line[128];
	long kib = 0;

	snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
	FILE *f = fopen(path, "r");
	while (f && fgets(line, sizeof line, f))
		if (strncmp(line, "VmRSS:", 6) == 0)
			kib = strtol(line + 6, NULL, 10);
	if (f)
		fclose(f);
	return kib;
}

/* A list walked down, a search, names typed: what a person does all day brings pages and names into memory. */
static long start_browse(int fd, pid_t pid)
{
	static const char *const keys[] = {
	    "gpeople\r", "\033[6~\033[6~\033[6~\033[6~", "\033", "/loup pat", "\033", "\033", "+appeler @bon", "\033"};
	struct pollfd p = {fd, POLLIN, 0};
	char text[4096];

	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
		if (write(fd, keys[i], strlen(keys[i])) < 0)
			break;
		while (poll(&p, 1, 4 * START_QUIET_MS) > 0 && read(fd, text, sizeof text) > 0)
			;
	}
	return start_kib(pid);
}

static bool start_one(const char *program, const char *notebook, bool last, double *wall, double *cpu, long kib[2])
{
	struct winsize ws = {.ws_row = 24, .ws_col = 80};
	double begun, at = 0;
	int pass[2], fd;
	pid_t pid;

	if (pipe(pass) != 0 || write(pass[1], "essai\n", 6) != 6)
		return false;
	*cpu = 0;
	close(pass[1]);
	begun = start_ms(CLOCK_MONOTONIC);
	if ((pid = forkpty(&fd, NULL, NULL, &ws)) == 0)
		start_child(program, notebook, pass[0]);
	close(pass[0]);
	bool ok = pid > 0 && start_screen(fd, pid, &at, cpu);
	*wall = at - begun;
	kib[0] = start_kib(pid);
	kib[1] = last && ok ? start_browse(fd, pid) : 0;
	if (pid > 0 && write(fd, "\x11", 1) != 1)
		kill(pid, SIGTERM);
	close(fd);
	waitpid(pid, NULL, 0);
	return ok;
}

static int start_cmp(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static double start_median(double *v, int n)
{
	qsort(v, (size_t)n, sizeof *v, start_cmp);
	return v[n / 2];
}

static bool start_size(const char *program, const char *folder, int size, int runs)
{
	double wall[START_RUNS_MAX], cpu[START_RUNS_MAX], key_wall[START_RUNS_MAX], key_cpu[START_RUNS_MAX];
	char path[4096];
	long kib[2] = {0, 0};

	snprintf(path, sizeof path, "%s/%d.arpent", folder, size);
	for (int i = 0; i < runs; i++)
		if (!start_derive(&key_wall[i], &key_cpu[i]) ||
		    !start_one(program, path, i == runs - 1, &wall[i], &cpu[i], kib))
			return false;
	double w = start_median(wall, runs), c = start_median(cpu, runs);
	double kw = start_median(key_wall, runs), kc = start_median(key_cpu, runs);
	printf("%7d records%26.1f%10.1f ms; the key %.1f, %.1f ms; resident %ld KiB, after browsing %ld KiB\n", size,
	       w - kw, c - kc, kw, kc, kib[0], kib[1]);
	return true;
}

int main(int argc, char **argv)
{
	int runs = getenv("RUNS") ? atoi(getenv("RUNS")) : 11;

	if (argc != 3 || runs < 1 || runs > START_RUNS_MAX || sodium_init() < 0) {
		fprintf(stderr, "usage: start ARPENT FOLDER\n");
		return 2;
	}
	printf("\nfrom exec to the whole first screen, without the derivation of the key: passed, processor\n");
	for (int size = 1000; size <= 100000; size *= 10) {
		if (start_size(argv[1], argv[2], size, runs))
			continue;
		fprintf(stderr, "start: no first screen of %d records\n", size);
		return 1;
	}
	return 0;
}
