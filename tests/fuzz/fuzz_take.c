/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Files in the inbox of an open notebook: anyone may put them there, and whoever has read its header can seal them. The
 * input makes up to three, sealed or not.  However they are, the notes that can be read are filed, once, and the others
 * stay and are counted.
 */
#include "notebook.h"

#include "arpent/inbox.h"
#include "arpent/io.h"
#include "arpent/text.h"
#include "store/inbox-note.h"

#define NOTES 3
#define BYTES 1024

static struct {
	struct store *s;
	char dir[128];
	uint8_t file_id[16], pk[32];
} t;

static void reopen(void)
{
	struct err e = ERR_INIT;

	store_close(t.s);
	mem_put(MEM_DB, nb.sealed, VAULT_HEADER + nb.pages * (size_t)VAULT_PAGE);
	mem_data[MEM_WAL].there = mem_data[MEM_JOURNAL].there = false;
	must(notebook_open(&t.s, &e));
}

static void start(void)
{
	struct err e = ERR_INIT;

	notebook_start();
	snprintf(t.dir, sizeof t.dir, "%s.inbox", nb.path);
	must(mkdir(t.dir, 0700) == 0 && vault_inbox_public(nb.path, t.file_id, t.pk, &e));
	reopen();
}

/* Front and padding as they should be as often as not; the rest as it comes. */
static size_t plain_note(struct orders *o, uint32_t how, uint8_t *out, size_t n)
{
	static const uint8_t front[] = {0x85, 0x01, 0x50};
	size_t at = 0, padded;

	if (how & 1) {
		memcpy(out, front, sizeof front);
		memcpy(out + sizeof front, t.file_id, sizeof t.file_id);
		at = sizeof front + sizeof t.file_id;
	}
	while (at < n && o->n > 0)
		out[at++] = (uint8_t)orders_take(o, 1);
	if (how & 2) {
		must(sodium_pad(&padded, out, at, INBOX_BLOCK, BYTES) == 0);
		at = padded;
	}
	return at;
}

/* As inbox_put() would: the text and the id are the input's. */
static size_t whole_note(struct orders *o, uint32_t how, uint8_t out[BYTES])
{
	struct inbox_note note = {.when = {.date = {2026, 11, 23}, .has_time = true, .hour = 14}};
	struct buf plain = BUF_INIT;
	struct err e = ERR_INIT;
	char text[32];
	size_t n = orders_take(o, 1) % sizeof text;

	memset(note.id.b, (int)orders_take(o, 1) % 8, ID_BYTES);
	if (how & 16)
		note.id = nb.ids[orders_take(o, 1) % NOTEBOOK_RECORDS];
	for (size_t i = 0; i < n; i++)
		text[i] = (char)orders_take(o, 1);
	note.text = text;
	note.n = n;
	must(inbox_note_write(&note, t.file_id, &plain, &e) && plain.len <= BYTES);
	memcpy(out, plain.p, n = plain.len);
	buf_done(&plain);
	return n;
}

/* Is it one that has to be filed? */
static bool put(struct orders *o, unsigned which)
{
	uint8_t plain[BYTES], sealed[BYTES + crypto_box_SEALBYTES];
	uint32_t how = orders_take(o, 1), at;
	struct inbox_note note;
	struct err e = ERR_INIT;
	char path[160];
	size_t n = how & 4 ? whole_note(o, how, plain) : plain_note(o, how, plain, orders_take(o, 2) % 512);
	bool sound = inbox_note_read(plain, n, t.file_id, &note, &e);

	must(crypto_box_seal(sealed, plain, n, t.pk) == 0);
	n += crypto_box_SEALBYTES;
	if ((how & 0xe0) == 0xe0) {
		at = orders_take(o, 2);
		sound = false;
		sealed[at % n] ^= (uint8_t)(orders_take(o, 1) | 1);
		n = at & 0x8000 ? at % n : n;
	}
	snprintf(path, sizeof path, "%s/%u.note", t.dir, which);
	must(io_write_file(path, sealed, n, true, &e));
	return sound;
}

static int64_t records(void)
{
	struct err e = ERR_INIT;
	int64_t n = 0;

	must(db_int(t.s, &n, &e, "SELECT count(*) FROM record", ""));
	return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct orders o = {data, size};
	size_t sound = 0, n, taken, bad;
	struct err e = ERR_INIT;
	char path[160];

	if (!t.s)
		start();
	n = 1 + orders_take(&o, 1) % NOTES;
	for (unsigned i = 0; i < n; i++)
		sound += put(&o, i);
	must(inbox_take(t.s, &taken, &bad, &e));
	must(bad == n - sound && taken <= sound);
	must(records() == NOTEBOOK_RECORDS + (int64_t)taken);
	must(inbox_take(t.s, &n, &bad, &e) && n == 0);
	for (unsigned i = 0; i < NOTES; i++) {
		snprintf(path, sizeof path, "%s/%u.note", t.dir, i);
		(void)unlink(path);
	}
	if (taken > 0)
		reopen();
	return 0;
}
