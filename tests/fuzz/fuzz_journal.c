/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A hot journal, rolled back by SQLite through the shim.  Orders change the sealed records, the pages they are to mend
 * and the fields of the journal's header, put records of an older transaction there, or make records of any content and
 * number under the right key and with the right checksums.
 *
 * A journal that is whole gives back every page it has, however damaged that is; and no page comes out that was not
 * sealed.
 */
#define MEM_MAX (160u << 10)
#include "image.h"

#define PAGES 16
#define RECORDS 32
#define HEAD 512
#define RECORD (4 + VAULT_PAGE + 4)

static struct {
	bool started;
	uint8_t db[VAULT_HEADER + PAGES * VAULT_PAGE], journal[2][HEAD + RECORDS * RECORD]; /* [0] is the older */
	size_t db_n, journal_n[2];
	uint64_t rows; /* before the transaction */
	bool has[PAGES + 1];
} t;

static struct {
	bool journal, forged, pages; /* what was changed; pages: also such as the journal does not have */
	bool gaps;                   /* pages may be missing */
} run;

static void make_hot(sqlite3 *db, int which, const char *sql)
{
	struct mem_data *d = &mem_data[MEM_JOURNAL];
	size_t n;

	must(image_run(db, "BEGIN"));
	must(image_run(db, sql));
	must(sqlite3_db_cacheflush(db) == SQLITE_OK && d->there && d->n > HEAD);
	n = HEAD + be32_get(d->p + 8) * RECORD; /* without the header of what would have come next */
	must(n > HEAD && n <= d->n && n <= sizeof t.journal[0]);
	memcpy(t.journal[which], d->p, t.journal_n[which] = n);
	image_see_all(t.journal[which] + HEAD + 4, n - HEAD - 4, RECORD, 0);
}

static void start(void)
{
	sqlite3 *db;

	image_start();
	must((db = image_open(false)));
	must(image_run(db, "PRAGMA journal_mode=DELETE; CREATE TABLE t(a INTEGER PRIMARY KEY, b BLOB)"));
	for (int i = 0; i < 6; i++)
		must(image_run(db, "INSERT INTO t VALUES(NULL, randomblob(2000))"));
	make_hot(db, 0, "UPDATE t SET b = randomblob(2100) WHERE a % 4 = 1");
	must(image_run(db, "COMMIT"));
	t.rows = image_rows(db);
	must(t.rows != 0);
	image_see_all(mem_data[MEM_DB].p + VAULT_HEADER, mem_data[MEM_DB].n - VAULT_HEADER, VAULT_PAGE, 1);
	make_hot(db, 1, "UPDATE t SET b = randomblob(2200) WHERE a > 2; INSERT INTO t VALUES(NULL, randomblob(3000))");
	t.db_n = mem_data[MEM_DB].n;
	must(t.db_n <= sizeof t.db);
	memcpy(t.db, mem_data[MEM_DB].p, t.db_n);
	image.base = t.db, image.base_n = t.db_n;
	image_see_all(t.db + VAULT_HEADER, t.db_n - VAULT_HEADER, VAULT_PAGE, 1);
	for (size_t at = HEAD; at < t.journal_n[1]; at += RECORD)
		t.has[be32_get(t.journal[1] + at)] = true;
	must(image_run(db, "ROLLBACK"));
	must(image_rows(db) == t.rows);
	sqlite3_close(db);
	t.started = true;
}

static void put32(uint8_t *p, uint32_t v)
{
	for (int i = 3; i >= 0; i--, v >>= 8)
		p[i] = (uint8_t)v;
}

static uint8_t *record(struct orders *o)
{
	struct mem_data *d = &mem_data[MEM_JOURNAL];
	size_t n = d->n > HEAD ? (d->n - HEAD) / RECORD : 0;

	return d->p + HEAD + (n ? orders_take(o, 1) % n : 0) * RECORD;
}

/* SQLite's fields of the header: magic, records, what checksums begin with, pages at the start, sector, page size. */
static void header(struct orders *o)
{
	static const uint32_t some[] = {0, 1, 8, 512, 4096, 65536, 0x7fffffff, 0xffffffff};
	uint32_t how = orders_take(o, 1), field = how % 7, v = how & 128 ? orders_take(o, 4) : orders_take(o, 1);

	put32(mem_data[MEM_JOURNAL].p + field * 4, how & 64 ? some[v % 8] : v);
}

/* A record as the program would have written it. */
static void forge(struct orders *o)
{
	struct mem_data *d = &mem_data[MEM_JOURNAL];
	uint8_t *r = record(o), plain[VAULT_PAGE];
	uint32_t how = orders_take(o, 1), sum = be32_get(d->p + 12);

	run.forged = true;
	if (how & 1) { /* one more */
		if (d->n % RECORD == HEAD && d->n + RECORD <= HEAD + RECORDS * RECORD)
			mem_size_set(d, d->n + RECORD);
		r = d->p + HEAD + ((d->n > HEAD ? d->n - HEAD : 0) / RECORD - (d->n >= HEAD + RECORD)) * RECORD;
		put32(d->p + 8, be32_get(d->p + 8) + 1);
	}
	if (!seal_open(&image.seal, be32_get(r), r + 4, plain))
		memset(plain, 0, sizeof plain);
	if (how & 2)
		put32(r, how & 4 ? orders_take(o, 4) : orders_take(o, 1) % (PAGES + 4));
	for (uint32_t left = how >> 5; left > 0; left--) {
		uint32_t at = orders_take(o, 2) % SEAL_TEXT;
		plain[at] = (uint8_t)orders_take(o, 1);
	}
	if (be32_get(r) == 1)
		plain[20] = VAULT_RESERVE;
	seal_page(&image.seal, be32_get(r), plain, r + 4);
	image_see(be32_get(r), plain);
	for (int i = VAULT_PAGE - 200; i > 0; i -= 200)
		sum += plain[i];
	put32(r + 4 + VAULT_PAGE, sum);
	seal_mask(&image.seal, r + 4, r + 4 + VAULT_PAGE);
}

static void page(struct orders *o)
{
	struct mem_data *d = &mem_data[MEM_DB];
	size_t pages = (d->n - VAULT_HEADER) / VAULT_PAGE, n = orders_take(o, 1) % pages, b = orders_take(o, 1) % pages;
	size_t at = orders_take(o, 2) % VAULT_PAGE;
	uint8_t *p = d->p + VAULT_HEADER + n * VAULT_PAGE;

	run.pages = run.pages || !t.has[n + 1];
	if (at & 1)
		p[at] ^= (uint8_t)(at >> 1 | 1);
	else
		memmove(p + at, d->p + VAULT_HEADER + b * VAULT_PAGE + at, VAULT_PAGE - at);
}

static void change(struct orders *o, uint32_t what)
{
	struct mem_data *d = &mem_data[MEM_JOURNAL], *db = &mem_data[MEM_DB];
	uint8_t *a = record(o), *b = record(o);
	size_t at = orders_take(o, 2) % RECORD, n = orders_take(o, 2);

	run.journal = true;
	switch (what) {
	case 0:
		a[at] ^= (uint8_t)(n | 1);
		break;
	case 1:
		memmove(a, b, RECORD);
		break;
	case 2:
		memmove(a + at, b + at, RECORD - at);
		break;
	case 3:
		memcpy(a + at, t.journal[0] + HEAD + at, RECORD - at);
		break;
	case 4:
		run.gaps = true;
		mem_put(MEM_JOURNAL, t.journal[0], t.journal_n[0]);
		break;
	case 5:
		mem_size_set(d, (at << 4 ^ n) % (t.journal_n[1] + RECORD));
		break;
	case 6:
		mem_size_set(db, VAULT_HEADER + (at << 4 ^ n) % (t.db_n - VAULT_HEADER));
		run.pages = run.gaps = true;
		mem_size_set(db, db->n > VAULT_HEADER + VAULT_PAGE ? db->n : VAULT_HEADER + VAULT_PAGE);
		break;
	case 7: /* the name of a super-journal at the end */
		mem_size_set(d, d->n + 16);
		put32(d->p + d->n - 16, (uint32_t)n % 64);
		memcpy(d->p + d->n - 8, t.journal[1], 8);
		break;
	case 8: /* zeros would have this checksum */
		a[at] ^= (uint8_t)(n | 1);
		memcpy(a + 4 + VAULT_PAGE, d->p + 12, 4);
		break;
	default:
		run.gaps = true;
		header(o);
	}
}

static void check(void)
{
	sqlite3 *db = image_open(false);
	uint64_t rows = db ? image_rows(db) : 0;

	must(db);
	must(rows == t.rows || run.journal || run.forged || (run.pages && rows == 0));
	sqlite3_close(db);
	image_check(run.forged || run.gaps);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct orders o = {data, size};
	size_t seen;

	if (!t.started)
		start();
	seen = image.n;
	mem_put(MEM_DB, t.db, t.db_n);
	mem_put(MEM_JOURNAL, t.journal[1], t.journal_n[1]);
	mem_data[MEM_WAL].there = false;
	memset(&run, 0, sizeof run);
	for (int left = 12; o.n > 0 && left > 0; left--) {
		uint32_t what = orders_take(&o, 1) % 16;

		if (what < 10)
			change(&o, what);
		else if (what < 13)
			page(&o);
		else
			forge(&o);
	}
	check();
	image.n = seen;
	return 0;
}
