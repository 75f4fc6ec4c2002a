/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * notebook - a whole notebook for the targets that open one: its header, lock and inbox in a folder in memory, its
 * database in mem.h.  Its key derivation is the least that is allowed.
 */
#ifndef ARPENT_NOTEBOOK_H
#define ARPENT_NOTEBOOK_H

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mem.h"

#include "store/vfs-file.h"
#include "store/db.h"

#define NOTEBOOK_RECORDS 8

static struct notebook {
	char dir[64], path[96];
	struct secret pass;
	struct vault_key key;
	struct seal seal;
	struct id ids[NOTEBOOK_RECORDS];
	uint8_t *sealed, *plain; /* the pages of the database */
	uint32_t pages;
} nb;

static void notebook_now(void *ctx, struct moment *out)
{
	(void)ctx;
	moment_from_unix(1795000000000, 60, out);
}

static void notebook_remove(const char *dir)
{
	char path[512];
	DIR *d = opendir(dir);

	for (struct dirent *entry; d && (entry = readdir(d));) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		snprintf(path, sizeof path, "%s/%s", dir, entry->d_name);
		if (unlink(path) != 0)
			notebook_remove(path);
	}
	if (d)
		closedir(d);
	(void)rmdir(dir);
}

static void notebook_end(void)
{
	notebook_remove(nb.dir);
}

static inline bool notebook_open(struct store **s, struct err *e)
{
	if (!store_open(nb.path, &nb.key, s, e))
		return false;
	store_set_clock(*s, notebook_now, NULL);
	return true;
}

/* Texts of one line and of two pages, a person, a task that refers to it. */
static void notebook_fill(struct store *s)
{
	static char text[9000];
	struct err e = ERR_INIT;
	char ref[ID_TEXT + 1];

	memset(text, 'a', sizeof text - 1);
	for (size_t i = 0; i < NOTEBOOK_RECORDS; i++) {
		struct want w[2] = {
		    {.key = "text", .text = text + sizeof text - 1 - (i % 4 == 3 ? 8000 : 20 * i), .is_text = true},
		    {.key = "date", .text = "2026-11-23T14:10"}};

		if (i == 0)
			w[0] = (struct want){.key = "name", .text = "Maud Nom"}, w[1] = w[0];
		must(store_new(s, i == 0 ? "person" : "note", w, i == 0 ? 1 : 2, &nb.ids[i], &e));
	}
	id_text(&nb.ids[0], ref);
	must(store_edit(s, &nb.ids[1], &(struct want){.key = "text", .text = ref, .is_text = true}, 1, &e));
	must(store_draft_set(s, "new/task", "Brouillon", text, 300, &e));
}

static void notebook_pages(void)
{
	const struct mem_data *d = &mem_data[MEM_DB];
	struct err e = ERR_INIT;
	struct vault *v;

	must(vault_open(nb.path, &nb.key, false, &v, &e) && seal_init(&nb.seal, v, &e));
	vault_close(v);
	nb.pages = (uint32_t)((d->n - VAULT_HEADER) / VAULT_PAGE);
	must((nb.sealed = malloc(d->n)) && (nb.plain = malloc(nb.pages * (size_t)VAULT_PAGE)));
	memcpy(nb.sealed, d->p, d->n);
	for (uint32_t n = 1; n <= nb.pages; n++)
		must(seal_open(&nb.seal, n, nb.sealed + VAULT_HEADER + (size_t)(n - 1) * VAULT_PAGE,
			       nb.plain + (size_t)(n - 1) * VAULT_PAGE));
}

static inline void notebook_start(void)
{
	struct secret words = SECRET_INIT;
	struct err e = ERR_INIT;
	struct store *s;

	fuzz_start();
	must(vfs_start(VFS_CACHE, &e));
	mem_start(true);
	strcpy(nb.dir, access("/dev/shm", W_OK) == 0 ? "/dev/shm/arpent-fuzz-XXXXXX" : "/tmp/arpent-fuzz-XXXXXX");
	must(mkdtemp(nb.dir) && atexit(notebook_end) == 0);
	setenv("XDG_STATE_HOME", "/dev/null", 1); /* nothing is known of earlier runs */
	snprintf(nb.path, sizeof nb.path, "%s/n", nb.dir);
	nb.key.passphrase = &nb.pass;
	must(secret_set(&nb.pass, "essai", 5, &e));
	must(store_create(nb.path, &nb.key, &(struct vault_cost){1, 8}, "en", &s, &words, &e));
	secret_free(&words);
	store_set_clock(s, notebook_now, NULL);
	notebook_fill(s);
	store_close(s);
	notebook_pages();
}

/* One page of the base with other content: bytes of it, or all of another page.  Returns its number. */
static inline uint32_t notebook_alter(struct orders *o, uint8_t *plain)
{
	uint32_t page = orders_take(o, 1) % nb.pages, how = orders_take(o, 1), at;
	uint8_t *p = plain + (size_t)page * VAULT_PAGE;

	if (how & 1)
		memcpy(p, nb.plain + (size_t)(orders_take(o, 1) % nb.pages) * VAULT_PAGE, VAULT_PAGE);
	for (uint32_t left = how >> 4; left > 0; left--) {
		at = how & 2 ? orders_take(o, 1)
			     : orders_take(o, 2) % SEAL_TEXT; /* the front holds what is read first */
		p[at] = (uint8_t)orders_take(o, 1);
	}
	p[20] = page == 0 ? VAULT_RESERVE : p[20];
	return page;
}

#endif
