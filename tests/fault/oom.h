/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * oom - runs a workload again and again, each time with another allocation refused (once, and from then on).
 *
 * A workload begins with the notebook of ../screens/fixture.h, anew each time, with random numbers and a clock that are
 * the same each time.  Whichever allocation is refused:
 *   - it fails with ERR_NOMEM, or does and tells all that it does and tells otherwise;
 *   - when it fails the notebook and its folder are as they were before it, and the same call made again, on what is
 *     still open, does what it would have done at once;
 *   - what is in the notebook then is there too when it is opened again;
 *   - no block is left over.
 *
 * An ordinary run takes OOM_SAMPLE places in our code that allocate, spread over the workload, and the first allocation
 * of each; OOM_SAMPLE=9999 takes all places, and OOM_ALL=1 all allocations (make check-long).  A failure says how to
 * replay it: OOM_AT=123 refuses number 123 alone and prints where it is, with OOM_ON=1 all after it too.
 */
#ifndef ARPENT_OOM_H
#define ARPENT_OOM_H

#include <dirent.h>
#include <sys/stat.h>
#include <time.h>

#include <sodium.h>

#include "../screens/fixture.h"
#include "../unit/check.h"
#include "arpent/buf.h"
#include "arpent/io.h"
#include "oom_alloc.h"
#include "store/db.h"

enum {
	OOM_CLOSED = 1, /* the notebook is closed when it begins; what it opens it closes */
	OOM_PARTS = 2,  /* several writes, acknowledged one by one: a failure may come after some of them */
	OOM_EMPTY = 4,  /* there is no notebook when it begins */
	OOM_EITHER = 8  /* when it fails it may also have done all of it, and failed to tell */
};

struct oom_run {
	struct store *s;  /* open, unless the workload is OOM_CLOSED */
	const char *path; /* of the notebook */
	const char *dir;  /* its folder: everything is written in it */
	struct buf said;  /* what the workload told: oom_say() */
};

struct oom_work {
	const char *name;
	unsigned flags;
	bool (*before)(struct oom_run *r, struct err *e); /* not counted; may be NULL */
	bool (*run)(struct oom_run *r, struct err *e);
};

#define OOM_PASS "sapin bleu"
#define OOM_SUM 32
#ifdef __SANITIZE_ADDRESS__
#define OOM_SAMPLE 6 /* each takes several times as long */
#else
#define OOM_SAMPLE 16
#endif

/* What the notebook, its folder and the workload's words were before and after it, nothing refused. */
struct oom_want {
	uint8_t before[OOM_SUM], after[OOM_SUM];
	struct buf said;
	long n;
};

/* A workload that is not counted but refused: `before`, then its body. */
#define OOM(id, flags, before) \
	static bool work_##id(struct oom_run *r, struct err *e); \
	TEST(id) \
	{ \
		oom_work(&(const struct oom_work){#id, flags, before, work_##id}); \
	} \
	static bool work_##id(struct oom_run *r, struct err *e)

static uint64_t oom_random_state;

static inline uint32_t oom_random(void)
{
	uint64_t z = oom_random_state += 0x9E3779B97F4A7C15u;

	z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
	return (uint32_t)(z >> 32);
}

static inline void oom_random_buf(void *buf, size_t n)
{
	for (size_t i = 0; i < n; i++)
		((unsigned char *)buf)[i] = (unsigned char)oom_random();
}

static inline const char *oom_random_name(void)
{
	return "test";
}

static inline const char *oom_dir(void)
{
	static char dir[512];

	if (!dir[0] && access("/dev/shm", W_OK) == 0)
		setenv("TMPDIR", "/dev/shm", 0); /* nothing is lost here that a disk would keep */
	if (!dir[0]) {
		snprintf(dir, sizeof dir, "%s/d", check_dir());
		setenv("HOME", dir, 1);
		unsetenv("XDG_STATE_HOME");
	}
	return dir;
}

static inline const char *oom_path(void)
{
	static char path[544];

	if (!path[0])
		snprintf(path, sizeof path, "%s/carnet.arpent", oom_dir());
	return path;
}

/* A line of what the workload learnt; it has to be the same each time. */
PRINTF_LIKE(2, 3) static inline void oom_say(struct oom_run *r, const char *fmt, ...)
{
	va_list ap;

	oom_pause();
	va_start(ap, fmt);
	buf_vprintf(&r->said, fmt, ap);
	va_end(ap);
	buf_char(&r->said, '\n');
	oom_resume();
}

static inline bool oom_open(const char *path, struct store **out, struct err *e)
{
	struct secret pass = SECRET_INIT;
	bool ok = secret_set(&pass, OOM_PASS, sizeof OOM_PASS - 1, e) &&
		  store_open(path, &(struct vault_key){.passphrase = &pass}, out, e);

	secret_free(&pass);
	if (ok)
		store_set_clock(*out, fixture_now, NULL);
	return ok;
}

static inline bool oom_create(const char *path, struct store **out, struct err *e)
{
	struct secret pass = SECRET_INIT, words = SECRET_INIT;
	bool ok = secret_set(&pass, OOM_PASS, sizeof OOM_PASS - 1, e) &&
		  store_create(path, &(struct vault_key){.passphrase = &pass}, &VAULT_COST_TEST, "fr", out, &words, e);

	secret_free(&pass);
	secret_free(&words);
	if (ok)
		store_set_clock(*out, fixture_now, NULL);
	return ok;
}

/* The bytes of a filled notebook, made once. */
static inline const struct buf *oom_template(void)
{
	static struct buf bytes;
	static randombytes_implementation random;
	struct store *s = NULL;
	struct err e = ERR_INIT;

	if (bytes.len > 0)
		return &bytes;
	oom_start();
	oom_dir();
	random = (randombytes_implementation){
	    .implementation_name = oom_random_name, .random = oom_random, .buf = oom_random_buf};
	randombytes_set_implementation(&random);
	if (!CHECK_OK(secret_start(&e), &e) || !CHECK_OK(oom_create(check_path("full.arpent"), &s, &e), &e) ||
	    !CHECK_OK(fixture_fill(s, &e), &e))
		exit(99);
	store_close(s);
	if (!CHECK_OK(io_read_file(check_path("full.arpent"), 1u << 30, &bytes, &e), &e))
		exit(99);
	return &bytes;
}

static inline void oom_hash_file(crypto_generichash_state *h, const char *path)
{
	struct buf bytes = BUF_INIT;
	struct err e = ERR_INIT;

	CHECK_OK(io_read_file(path, 1u << 30, &bytes, &e), &e);
	crypto_generichash_update(h, (const uint8_t *)buf_str(&bytes), bytes.len);
	buf_done(&bytes);
}

/* Names and bytes of what lies beside the notebook; the notebook itself has been sealed anew and is looked into. */
static inline void oom_hash_dir(crypto_generichash_state *h, const char *dir)
{
	struct dirent **list = NULL;
	int n = scandir(dir, &list, NULL, alphasort);

	for (int i = 0; i < n; i++) {
		const char *name = list[i]->d_name, *path = check_join(dir, name), *own = strrchr(oom_path(), '/') + 1;
		struct stat st;
		bool ours = strncmp(name, own, strlen(own)) == 0 && strcmp(name + strlen(own), ".inbox") != 0;
		if (strcmp(name, ".") != 0 && strcmp(name, "..") != 0 && strcmp(name, ".local") != 0 &&
		    !strstr(name, "-wal") && !strstr(name, ".lock")) {
			crypto_generichash_update(h, (const uint8_t *)name, strlen(name) + 1);
			if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
				oom_hash_dir(h, path);
			else if (!ours)
				oom_hash_file(h, path);
		}
		free(list[i]);
	}
	free(list);
}

static inline void oom_hash_rows(crypto_generichash_state *h, struct store *s, const char *sql)
{
	sqlite3_stmt *st = NULL;
	int rc = sqlite3_prepare_v2(s->db, sql, -1, &st, NULL);

	while (rc == SQLITE_OK && (rc = sqlite3_step(st)) == SQLITE_ROW) {
		for (int i = 0; i < sqlite3_column_count(st); i++) {
			const void *p = sqlite3_column_blob(st, i);
			int n = sqlite3_column_bytes(st, i);
			crypto_generichash_update(h, (const uint8_t *)&n, sizeof n);
			crypto_generichash_update(h, p ? (const uint8_t *)p : (const uint8_t *)"", (unsigned)n);
		}
		rc = SQLITE_OK;
	}
	if (rc != SQLITE_DONE)
		CHECK_FAIL("%s: %s", sql, sqlite3_errmsg(s->db));
	sqlite3_finalize(st);
}

/* `parts`: only what does not depend on when and in what order it was written. */
static inline void oom_sum(struct oom_run *r, unsigned flags, uint8_t out[OOM_SUM])
{
	static const char *const all[] = {"SELECT * FROM meta",
					  "SELECT * FROM record ORDER BY row",
					  "SELECT * FROM state ORDER BY row",
					  "SELECT * FROM kinds",
					  "SELECT * FROM link",
					  "SELECT * FROM step ORDER BY id",
					  "SELECT * FROM change ORDER BY seq",
					  "SELECT * FROM draft",
					  "SELECT * FROM chunk ORDER BY row",
					  "SELECT * FROM place ORDER BY row",
					  NULL};
	static const char *const some[] = {
	    "SELECT kind, bin, open, flags, day, title, detail FROM record ORDER BY kind, title", "SELECT * FROM kinds",
	    "SELECT key, title FROM draft", "SELECT data FROM chunk ORDER BY data", NULL};
	struct store *s = r->s;
	struct err e = ERR_INIT;
	crypto_generichash_state h;

	crypto_generichash_init(&h, NULL, 0, OOM_SUM);
	oom_hash_dir(&h, r->dir);
	if (!s && access(r->path, F_OK) == 0)
		CHECK_OK(oom_open(r->path, &s, &e), &e);
	for (const char *const *q = flags & OOM_PARTS ? some : all; s && *q; q++)
		oom_hash_rows(&h, s, *q);
	if (s)
		CHECK_OK(db_exec(s, "INSERT INTO fts(fts) VALUES('integrity-check')", &e), &e);
	if (s != r->s) { /* as though it had not been looked into: random numbers are counted */
		store_close(s);
		nftw(check_join(r->dir, ".local"), check_unlink, 16, FTW_DEPTH | FTW_PHYS);
	}
	crypto_generichash_final(&h, out, OOM_SUM);
}

static inline void oom_begin(struct oom_run *r, const struct oom_work *w)
{
	const struct buf *bytes = oom_template();
	struct err e = ERR_INIT;

	*r = (struct oom_run){.path = oom_path(), .dir = oom_dir()};
	nftw(r->dir, check_unlink, 16, FTW_DEPTH | FTW_PHYS);
	CHECK_OK(io_make_dirs(r->dir, &e), &e);
	oom_random_state = 1;
	if (!(w->flags & OOM_EMPTY))
		CHECK_OK(io_write_file(r->path, bytes->p, bytes->len, true, &e), &e);
	if (!(w->flags & (OOM_EMPTY | OOM_CLOSED)))
		REQUIRE(CHECK_OK(oom_open(r->path, &r->s, &e), &e));
	if (w->before)
		REQUIRE(CHECK_OK(w->before(r, &e), &e));
	buf_clear(&r->said);
	oom_random_state = 1000;
}

static inline void oom_end(struct oom_run *r)
{
	store_close(r->s);
	buf_done(&r->said);
}

static inline bool oom_same(const struct oom_work *w, struct oom_run *r, const uint8_t want[OOM_SUM], const char *when)
{
	uint8_t got[OOM_SUM];

	oom_sum(r, w->flags, got);
	return memcmp(got, want, OOM_SUM) == 0 || CHECK_FAIL("the notebook or its folder differs %s", when);
}

/* What is there after a success; then closed and opened once more. */
static inline bool oom_done_well(const struct oom_work *w, struct oom_run *r, const struct oom_want *want,
				 const char *when)
{
	struct err e = ERR_INIT;
	bool ok = oom_same(w, r, want->after, when);

	if (strcmp(buf_str(&r->said), buf_str(&want->said)) != 0)
		ok = CHECK_FAIL("it told \"%s\" instead of \"%s\" %s", buf_str(&r->said), buf_str(&want->said), when);
	if (!r->s)
		return ok;
	store_close(r->s);
	r->s = NULL;
	return CHECK_OK(oom_open(r->path, &r->s, &e), &e) && oom_same(w, r, want->after, "opened again") && ok;
}

/* It failed: nothing has changed, and the same call does now what it should have done. */
static inline void oom_again(const struct oom_work *w, struct oom_run *r, const struct oom_want *want)
{
	struct err e = ERR_INIT;

	if (!(w->flags & OOM_PARTS) || (w->flags & OOM_EITHER))
		oom_same(w, r, want->before, "after it failed");
	buf_clear(&r->said);
	oom_random_state = 1000;
	if (CHECK_OK(w->run(r, &e), &e))
		oom_done_well(w, r, want, "made again");
}

static inline bool oom_try(const struct oom_work *w, const struct oom_want *want, long at, bool on)
{
	long live = oom_live();
	struct oom_run r;
	struct err e = ERR_INIT;
	int failures = check_failures;
	uint8_t sum[OOM_SUM];
	bool ok;

	oom_begin(&r, w);
	oom_arm(at, on);
	ok = w->run(&r, &e);
	oom_disarm();
	if (ok) {
		oom_done_well(w, &r, want, "though it succeeded");
	} else {
		if (e.code != ERR_NOMEM)
			CHECK_FAIL("it says %s in %s: %s", err_name(e.code), e.where, e.detail);
		if (w->flags & OOM_EITHER)
			oom_sum(&r, w->flags, sum);
		if (!(w->flags & OOM_EITHER) || memcmp(sum, want->after, OOM_SUM) != 0)
			oom_again(w, &r, want);
	}
	oom_end(&r);
	if (oom_live() != live)
		CHECK_FAIL("%ld blocks left over, the first is number %ld", oom_live() - live, oom_leaked());
	if (check_failures > failures) {
		printf("# replay: OOM_AT=%ld %s%s\n", at, on ? "OOM_ON=1 " : "", w->name);
		oom_where();
	}
	return check_failures == failures;
}

/* Once to have met what is made at a first use, once to count and to know what is wanted. */
static inline void oom_count(const struct oom_work *w, struct oom_want *want)
{
	struct err e = ERR_INIT;
	struct oom_run r;

	for (int i = 0; i < 2; i++) {
		oom_begin(&r, w);
		oom_sum(&r, w->flags, want->before);
		oom_random_state = 1000;
		if (i == 1)
			oom_note_places();
		oom_arm(0, false);
		bool ok = w->run(&r, &e);
		want->n = oom_disarm();
		REQUIRE(CHECK_OK(ok, &e));
		oom_sum(&r, w->flags, want->after);
		buf_done(&want->said);
		want->said = r.said;
		r.said = (struct buf)BUF_INIT;
		oom_end(&r);
	}
}

static inline double oom_seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static inline void oom_work(const struct oom_work *w)
{
	const char *at = getenv("OOM_AT"), *some = getenv("OOM_SAMPLE");
	bool all = getenv("OOM_ALL") != NULL;
	struct oom_want want = {.said = BUF_INIT};
	double start = oom_seconds();
	size_t places, n, tried = 0;

	oom_template();
	oom_count(w, &want);
	const long *first = oom_places(&places);
	n = some ? strtoul(some, NULL, 10) : OOM_SAMPLE;
	n = all ? (size_t)want.n : n < places ? n : places;
	if (at) {
		oom_try(w, &want, atol(at), getenv("OOM_ON") != NULL);
		oom_where();
		n = 0;
	}
	for (size_t i = 0; i < n && check_failures < 10; i++, tried++) {
		long number = all ? (long)i + 1 : first[i * places / n];
		oom_try(w, &want, number, false);
		if (all || i % 4 == 0)
			oom_try(w, &want, number, true);
	}
	printf("# %s: %ld allocations in %zu places, %zu refused, %.2f s\n", w->name, want.n, places, tried,
	       oom_seconds() - start);
	buf_done(&want.said);
}

#endif
