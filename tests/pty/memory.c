/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is in the program's memory, read from outside: open, keys and passphrase lie in locked pages alone; locked,
 * there is nothing, be it what was typed, shown, searched or kept as a draft.
 *
 * A word is looked for in either case, as bytes, as UTF-16 and UTF-32 and in the cells of curses.
 */
#include <ctype.h>
#include <curses.h>

#include "arpent/header.h"
#include "arpent/slot.h"
#include "pty.h"

#ifdef __SANITIZE_ADDRESS__ /* most of the address space is its own */
#define SANITIZED true
#else
#define SANITIZED false
#endif

#define PASS "Brouettes Violettes 77"
#define WORD "Zibelinequartz" /* in a record, and typed */
#define NEEDLES 16

struct needle {
	const char *name;
	unsigned char bytes[96];
	size_t n;
	bool word;  /* in any case, in wide letters too */
	bool shown; /* read and drawn, so that it is in ordinary memory while the notebook is open */
	size_t locked, ordinary;
	char where[160]; /* the last in ordinary memory */
};

struct region {
	unsigned long long start, end;
	bool locked;
	char name[80];
};

static char notebook[256];
static struct needle needles[NEEDLES];
static size_t needle_count;
static bool pages_locked; /* the system lets the program lock its memory */

static void needle_add(const char *name, const void *p, size_t n, bool word)
{
	struct needle *k = &needles[needle_count++];

	memset(k, 0, sizeof *k);
	k->name = name;
	k->word = word;
	memcpy(k->bytes, p, n);
	k->n = n;
}

static void add_subkeys(const struct vault *v)
{
	static const char *const names[] = {"key of pages", "key of masks", "key of header", "key of freshness",
					    "key of inbox", "key of sums",  "key of latest", "key of latest's name"};
	struct secret key = SECRET_INIT;
	struct err e = ERR_INIT;

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		CHECK_OK(vault_subkey(v, (enum vault_subkey)(VAULT_SUB_PAGE + i), &key, &e), &e);
		needle_add(names[i], key.p, key.len, false);
	}
	secret_free(&key);
}

/* What the header hides, opened here with the passphrase. */
static void add_data_key(const struct secret *pass)
{
	struct vault_key with = {.passphrase = pass};
	struct secret kek = SECRET_INIT;
	struct header h;
	struct buf file = BUF_INIT;
	struct err e = ERR_INIT;
	unsigned char key[HEADER_KEY];

	REQUIRE(CHECK_OK(io_read_file(notebook, 1 << 24, &file, &e), &e));
	REQUIRE(header_decode((const uint8_t *)file.p, &h) == ERR_NONE);
	for (unsigned i = 0; i < h.nslots; i++) {
		if (!slot_fits(h.slot[i].type, &with))
			continue;
		CHECK_OK(slot_kek(&h.slot[i], &with, &kek, &e), &e);
		CHECK(header_unwrap(&h, &h.slot[i], kek.p, key));
		needle_add("key from the passphrase", kek.p, kek.len, false);
		needle_add("data key", key, sizeof key, false);
	}
	secret_free(&kek);
	buf_done(&file);
}

static void make_notebook(void)
{
	struct secret pass = SECRET_INIT, words = SECRET_INIT, sign = SECRET_INIT, box = SECRET_INIT;
	struct store *s = NULL;
	struct err e = ERR_INIT;
	struct id id;
	const struct want note[] = {{.key = "text", .text = WORD " under the bridge", .is_text = true}};
	const struct want person[] = {{.key = "name", .text = "Anne " WORD}, {.key = "phone", .text = "0400000001"}};

	CHECK_OK(secret_start(&e), &e);
	snprintf(notebook, sizeof notebook, "%s", check_path("memory.arpent"));
	unlink(notebook);
	CHECK_OK(secret_set(&pass, PASS, strlen(PASS), &e), &e);
	REQUIRE(CHECK_OK(
	    store_create(notebook, &(struct vault_key){.passphrase = &pass}, &VAULT_COST_TEST, "en", &s, &words, &e),
	    &e));
	CHECK_OK(store_new(s, "note", note, 1, &id, &e), &e);
	CHECK_OK(store_new(s, "person", person, 2, &id, &e), &e);
	CHECK_OK(store_self(s, &sign, &box, &e), &e);
	needle_count = 0;
	needle_add("word", WORD, strlen(WORD), true);
	needles[0].shown = true;
	needle_add("signing seed", sign.p, sign.len, false);
	needle_add("box seed", box.p, box.len, false);
	needle_add("passphrase", PASS, strlen(PASS), true);
	add_subkeys(store_vault(s));
	store_close(s);
	add_data_key(&pass);
	secret_free(&sign);
	secret_free(&box);
	secret_free(&pass);
	secret_free(&words);
}

static bool is_at(const struct needle *k, const unsigned char *p, size_t stride)
{
	if ((p[0] ^ k->bytes[0]) & ~0x20)
		return false;
	for (size_t i = 0; i < k->n; i++)
		if (k->word ? tolower(p[i * stride]) != tolower(k->bytes[i]) : p[i] != k->bytes[i])
			return false;
	return true;
}

static void scan_piece(const struct region *r, const unsigned char *p, size_t n, size_t from)
{
	static const size_t strides[] = {1, 2, 4, sizeof(cchar_t)};

	for (size_t i = 0; i < needle_count; i++) {
		struct needle *k = &needles[i];
		for (size_t s = 0; s < (k->word ? 4 : 1); s++) {
			size_t span = k->n * strides[s];
			for (size_t at = 0; at + span <= n; at++) {
				/* what ends before `from` was seen with the piece before */
				if (at + span <= from || !is_at(k, p + at, strides[s]))
					continue;
				if (r->locked) {
					k->locked++;
					continue;
				}
				k->ordinary++;
				snprintf(k->where, sizeof k->where, "%s %llx+%zx", r->name, r->start, at);
			}
		}
	}
}

static size_t scan_region(int mem, const struct region *r)
{
	enum { PIECE = 1 << 20, OVERLAP = 96 * sizeof(cchar_t) };
	static unsigned char bytes[PIECE + OVERLAP];
	size_t kept = 0, total = 0;

	for (unsigned long long at = r->start; at < r->end;) {
		size_t want = r->end - at < PIECE ? (size_t)(r->end - at) : PIECE;
		ssize_t n = pread(mem, bytes + kept, want, (off_t)at);
		if (n <= 0)
			break;
		scan_piece(r, bytes, kept + (size_t)n, kept);
		total += (size_t)n;
		at += (unsigned long long)n;
		size_t have = kept + (size_t)n, keep = have < OVERLAP ? have : OVERLAP;
		memmove(bytes, bytes + have - keep, keep);
		kept = keep;
	}
	return total;
}

/* Reads all that the process has mapped; false where the system does not let it. */
static bool scan(pid_t pid)
{
	char path[64], line[512], perms[8];
	struct region r = {0};
	size_t total = 0;

	for (size_t i = 0; i < needle_count; i++)
		needles[i].locked = needles[i].ordinary = 0;
	snprintf(path, sizeof path, "/proc/%d/mem", (int)pid);
	int mem = open(path, O_RDONLY | O_CLOEXEC);
	snprintf(path, sizeof path, "/proc/%d/smaps", (int)pid);
	FILE *f = fopen(path, "re");
	while (mem >= 0 && f && fgets(line, sizeof line, f)) {
		unsigned long long start, end;
		if (sscanf(line, "%llx-%llx %7s %*s %*s %*s %79[^\n]", &start, &end, perms, r.name) >= 3) {
			r.start = start;
			r.end = end;
			if (!strchr(line, '/') && !strchr(line, '['))
				snprintf(r.name, sizeof r.name, "anonymous");
		} else if (strncmp(line, "VmFlags:", 8) == 0) {
			r.locked = strstr(line, " lo") != NULL || (!pages_locked && strstr(line, " dd") != NULL);
			total += scan_region(mem, &r);
		}
	}
	if (f)
		fclose(f);
	if (mem >= 0)
		close(mem);
	printf("# read %zu KiB of its memory\n", total / 1024);
	return total > 0;
}

static void check_nothing(const char *when)
{
	for (size_t i = 0; i < needle_count; i++)
		if (needles[i].locked + needles[i].ordinary > 0)
			CHECK_FAIL("%s: the %s is there %zu times, %zu in ordinary memory (%s)", when, needles[i].name,
				   needles[i].locked + needles[i].ordinary, needles[i].ordinary, needles[i].where);
}

/* Words of the notebook are in ordinary memory while it is open; keys and passphrase never. */
static void check_keys_locked(const char *when)
{
	for (size_t i = 0; i < needle_count; i++) {
		const struct needle *k = &needles[i];
		printf("# %s: %s: %zu in locked memory, %zu in ordinary\n", when, k->name, k->locked, k->ordinary);
		if (!k->shown && k->ordinary > 0)
			CHECK_FAIL("%s: the %s is %zu times in ordinary memory (%s)", when, k->name, k->ordinary,
				   k->where);
	}
}

static bool begin(struct pty *p, const char *pass)
{
	struct rlimit most;
	const struct pty_how how = {.notebook = notebook,
				    .pass = pass,
				    .term = "xterm-256color",
				    .locale = "C.UTF-8",
				    .rows = 24,
				    .cols = 80,
				    .readable = true};

	if (SANITIZED) {
		printf("# skipped: the sanitizer has most of the memory\n");
		return false;
	}
	pages_locked = getrlimit(RLIMIT_MEMLOCK, &most) == 0 && (most.rlim_cur >= 4 << 20 || geteuid() == 0);
	make_notebook();
	REQUIRE(pty_run(p, &how));
	if (scan(p->pid))
		return true;
	printf("# skipped: the system does not let a parent read its child's memory\n");
	pty_quit(p);
	return false;
}

static void expect(struct pty *p, const char *keys, const char *text)
{
	pty_type(p, keys);
	if (!pty_expect(p, text))
		CHECK_FAIL("no %s", text);
	pty_read(p, QUIET_MS);
}

TEST(a_session_and_its_lock)
{
	struct pty p;

	if (!begin(&p, NULL))
		return;
	check_nothing("before");
	pty_after(&p, "Brouettes Viol");
	needle_add("part of the passphrase", PASS, 14, true);
	scan(p.pid);
	check_keys_locked("half a passphrase");
	expect(&p, "\x15" PASS "\r", "Today");
	scan(p.pid);
	check_keys_locked("open");
	expect(&p, "/zibelineq", "Anne");
	pty_after(&p, "\r");
	pty_after(&p, ESC);
	expect(&p, ESC, "Today");
	expect(&p, "n\r" WORD " was said, and\r! " WORD " decided", "decided");
	expect(&p, "\t" WORD, WORD);
	scan(p.pid);
	check_keys_locked("at work");
	CHECK(needles[0].ordinary > 0); /* or it is not found where it is */
	kill(p.pid, SIGUSR1);
	CHECK(pty_expect(&p, "Passphrase:"));
	pty_read(&p, QUIET_MS);
	scan(p.pid);
	check_nothing("locked");
	expect(&p, PASS "\r", WORD); /* the draft */
	expect(&p, "z", "Passphrase:");
	scan(p.pid);
	check_nothing("locked again");
	CHECK_EQ_INT(pty_quit(&p), 0);
}

TEST(a_passphrase_by_descriptor)
{
	struct pty p;

	if (!begin(&p, PASS))
		return;
	check_keys_locked("open");
	expect(&p, "z", "Passphrase:");
	scan(p.pid);
	check_nothing("locked");
	CHECK_EQ_INT(pty_quit(&p), 0);
}

TEST(no_core_is_left)
{
	struct pty p;
	int status = 0;
	const struct rlimit most = {RLIM_INFINITY, RLIM_INFINITY};
	const struct pty_how how = {
	    .notebook = notebook, .pass = PASS, .term = "xterm-256color", .locale = "C.UTF-8", .rows = 24, .cols = 80};

	make_notebook();
	setrlimit(RLIMIT_CORE, &most); /* where that may be raised again */
	REQUIRE(pty_run(&p, &how));
	kill(p.pid, SIGABRT);
	pty_read(&p, 1000);
	waitpid(p.pid, &status, 0);
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT && !WCOREDUMP(status));
	close(p.fd);
	buf_done(&p.out);
}
