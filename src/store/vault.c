/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "arpent/vault.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

#include "arpent/bytes.h"
#include "arpent/header.h"
#include "arpent/io.h"
#include "arpent/slot.h"

#define VAULT_WHO_MAX 256

struct vault {
	char *path;      /* without symbolic links, so that NAME-wal and NAME.lock are beside the file itself */
	char *lock_path; /* who has it; NULL when it could not be written */
	int fd;          /* held for the vault's life: it carries the lock */
	bool write, locked;
	bool behind;    /* the older copy still has slots that were replaced */
	bool torn;      /* the older copy may hold what could not be written, nor be taken back */
	bool either;    /* and so new slots may be in force, or not */
	unsigned which; /* the copy in force */
	struct header h;
	uint8_t copies[2 * HEADER_COPY];
	struct secret data_key, mac_key;
};

static bool vault_read_copies(int fd, uint8_t copies[2 * HEADER_COPY], struct err *e)
{
	memset(copies, 0, 2 * HEADER_COPY);
	for (unsigned i = 0; i < 2; i++)
		if (io_pread(fd, copies + i * HEADER_COPY, HEADER_COPY, (off_t)(i * HEADER_COPY_B)) < 0)
			return err_sys(e, errno, "vault_read_copies", "header");
	return true;
}

static bool vault_pwrite(int fd, const uint8_t *p, size_t n, off_t at, struct err *e)
{
	return (io_pwrite(fd, p, n, at) && io_sync(fd)) || err_sys(e, errno, "vault_pwrite", "header");
}

/* The older copy is written, so that the one in force is whole whatever happens. */
static bool vault_write_header(struct vault *v, struct header *h, struct err *e)
{
	unsigned older = v->which ^ 1;
	uint8_t copy[HEADER_COPY];

	if (!v->write)
		return err_set(e, ERR_IO, "vault_write_header", "opened for reading");
	h->gen++;
	header_encode(h, v->mac_key.p, copy);
	if (!vault_pwrite(v->fd, copy, sizeof copy, (off_t)(older * HEADER_COPY_B), e)) {
		/* Some of it may be there, and would be in force at the next opening. */
		v->torn = !vault_pwrite(v->fd, v->copies + older * HEADER_COPY, HEADER_COPY,
					(off_t)(older * HEADER_COPY_B), NULL);
		return false;
	}
	memcpy(v->copies + older * HEADER_COPY, copy, HEADER_COPY);
	v->h = *h;
	v->which = older;
	v->behind = v->torn = v->either = false;
	return true;
}

/* The lock is flock() on the file itself, so that no second name of it opens a second time; NAME.lock only says who. */
static bool vault_busy(const char *path, struct err *e)
{
	struct buf who = BUF_INIT;
	struct err none = ERR_INIT;
	char name[PATH_MAX];

	if (snprintf(name, sizeof name, "%s.lock", path) >= (int)sizeof name ||
	    !io_read_regular(name, VAULT_WHO_MAX, &who, &none))
		buf_clear(&who);
	(void)err_set(e, ERR_BUSY, "vault_open", "%.*s", (int)strcspn(buf_str(&who), "\n"), buf_str(&who));
	buf_done(&who);
	return false;
}

void vault_say_who(struct vault *v)
{
	char host[65] = "", line[128];
	int fd, n;

	gethostname(host, sizeof host - 1);
	if (v->lock_path == NULL)
		return;
	n = snprintf(line, sizeof line, "%ld %s\n", (long)getpid(), host);
	fd = io_open(v->lock_path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || !io_write_fd(fd, line, (size_t)n, NULL)) {
		free(v->lock_path);
		v->lock_path = NULL;
	}
	if (fd >= 0)
		close(fd);
}

/* Opens and locks.  A file renamed over the path between the two is seen, and taken instead. */
static bool vault_lock(struct vault *v, int flags, struct err *e)
{
	struct stat held, named;
	int rc;

	for (;;) {
		v->fd = io_open(v->path, flags | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
		if (v->fd < 0)
			return err_sys(e, errno, "vault_open", "%s", v->path);
		do
			rc = flock(v->fd, LOCK_EX | LOCK_NB);
		while (rc != 0 && errno == EINTR);
		if (rc != 0)
			return errno == EWOULDBLOCK ? vault_busy(v->path, e) : err_sys(e, errno, "vault_open", "lock");
		if (fstat(v->fd, &held) != 0)
			return err_sys(e, errno, "vault_open", "%s", v->path);
		if (!S_ISREG(held.st_mode))
			return err_set(e, ERR_NOT_NOTEBOOK, "vault_open", "%s", v->path);
		if (stat(v->path, &named) == 0 && named.st_ino == held.st_ino && named.st_dev == held.st_dev)
			break;
		close(v->fd);
	}
	v->locked = true;
	vault_say_who(v);
	return true;
}

static bool vault_derive(const struct secret *data_key, uint64_t id, struct secret *out, struct err *e)
{
	if (!secret_alloc(out, HEADER_KEY, e))
		return false;
	out->len = HEADER_KEY;
	return crypto_kdf_derive_from_key(out->p, out->len, id, VAULT_KDF_CONTEXT, data_key->p) == 0 ||
	       err_set(e, ERR_INTERNAL, "vault_derive", "crypto_kdf");
}

bool vault_subkey(const struct vault *v, enum vault_subkey which, struct secret *out, struct err *e)
{
	return vault_derive(&v->data_key, which, out, e);
}

void vault_subkey_put(const struct vault *v, enum vault_subkey which, uint8_t out[32])
{
	crypto_kdf_derive_from_key(out, 32, which, VAULT_KDF_CONTEXT, v->data_key.p);
}

static struct vault *vault_new(const char *path, bool exists, struct err *e)
{
	struct vault *v = calloc(1, sizeof *v);

	if (v == NULL) {
		(void)err_nomem(e, "vault_open");
		return NULL;
	}
	v->fd = -1;
	v->path = exists ? realpath(path, NULL) : str_dup(path);
	if (v->path == NULL) {
		(void)err_sys(e, exists ? errno : ENOMEM, "vault_open", "%s", path);
		vault_close(v);
		return NULL;
	}
	if (asprintf(&v->lock_path, "%s.lock", v->path) < 0) {
		v->lock_path = NULL;
		(void)err_nomem(e, "vault_open");
		vault_close(v);
		return NULL;
	}
	return v;
}

void vault_close(struct vault *v)
{
	if (v == NULL)
		return;
	if (v->behind || v->either) {
		struct header h = v->h;

		(void)!vault_write_header(v, &h, NULL);
	}
	if (v->fd >= 0) {
		if (v->lock_path != NULL && v->locked)
			(void)unlink(v->lock_path);
		close(v->fd);
	}
	secret_free(&v->data_key);
	secret_free(&v->mac_key);
	free(v->lock_path);
	free(v->path);
	free(v);
}

/* Puts a slot for `key` at the end of h.  entropy: for a slot of recovery words. */
static bool vault_add_slot(struct vault *v, struct header *h, uint8_t type, const struct vault_key *key,
			   const struct vault_cost *cost, struct err *e)
{
	struct header_slot *s = &h->slot[h->nslots];
	struct secret kek = SECRET_INIT;
	bool ok;

	if (h->nslots == HEADER_SLOTS)
		return err_set(e, ERR_LIMIT, "vault_add_slot", "%u slots", h->nslots);
	memset(s, 0, sizeof *s);
	s->type = type;
	if (type != VAULT_SLOT_WORDS) {
		s->opslimit = cost->opslimit;
		s->mem_kib = cost->mem_kib;
	}
	randombytes_buf(s->salt, sizeof s->salt);
	ok = slot_kek(s, key, &kek, e);
	if (ok) {
		header_wrap(h, s, kek.p, v->data_key.p);
		h->nslots++;
	}
	secret_free(&kek);
	return ok;
}

static bool vault_add_words(struct vault *v, struct header *h, const char *lang, struct secret *words, struct err *e)
{
	struct secret entropy = SECRET_INIT;
	struct vault_key key = {NULL, NULL, words};
	bool ok = false;

	if (!secret_alloc(&entropy, 32, e))
		return false;
	randombytes_buf(entropy.p, 32);
	if (slot_words_text(entropy.p, lang, words, e))
		ok = vault_add_slot(v, h, VAULT_SLOT_WORDS, &key, NULL, e);
	secret_free(&entropy);
	return ok;
}

static void vault_drop_slots(struct header *h, bool words)
{
	uint16_t kept = 0;

	for (uint16_t i = 0; i < h->nslots; i++)
		if ((h->slot[i].type == VAULT_SLOT_WORDS) != words)
			h->slot[kept++] = h->slot[i];
	memset(&h->slot[kept], 0, sizeof h->slot[0] * (size_t)(HEADER_SLOTS - kept));
	h->nslots = kept;
}

static bool vault_seal_fresh(const struct vault *v, struct header *h, const struct vault_fresh *f, struct err *e)
{
	struct secret key = SECRET_INIT;
	uint8_t plain[48] = {0};

	if (!vault_subkey(v, VAULT_SUB_FRESH, &key, e)) {
		secret_free(&key);
		return false;
	}
	plain[0] = f->known;
	le_put(plain + 8, 8, f->counter);
	memcpy(plain + 16, f->sum, sizeof f->sum);
	randombytes_buf(h->fresh, 24);
	crypto_aead_xchacha20poly1305_ietf_encrypt(h->fresh + 24, NULL, plain, sizeof plain, h->file_id,
						   sizeof h->file_id, NULL, h->fresh, key.p);
	secret_free(&key);
	return true;
}

static bool vault_inbox_pair(const struct vault *v, uint8_t pk[32], struct secret *sk, struct err *e)
{
	struct secret seed = SECRET_INIT;
	bool ok = vault_subkey(v, VAULT_SUB_INBOX, &seed, e) && secret_alloc(sk, crypto_box_SECRETKEYBYTES, e);

	if (ok)
		crypto_box_seed_keypair(pk, sk->p, seed.p);
	secret_free(&seed);
	return ok;
}

/* Fills v->h and v->copies for a new notebook. */
static bool vault_make_header(struct vault *v, const struct vault_key *key, const struct vault_cost *cost,
			      const char *lang, struct secret *words, struct err *e)
{
	struct secret sk = SECRET_INIT;
	bool ok = false;

	if (!secret_alloc(&v->data_key, HEADER_KEY, e))
		return false;
	randombytes_buf(v->data_key.p, HEADER_KEY);
	v->data_key.len = HEADER_KEY;
	v->h.version = HEADER_VERSION;
	randombytes_buf(v->h.file_id, sizeof v->h.file_id);
	if (!vault_subkey(v, VAULT_SUB_HEADER, &v->mac_key, e) || !vault_inbox_pair(v, v->h.inbox, &sk, e) ||
	    !vault_add_slot(v, &v->h, slot_type_for(key), key, cost, e) || !vault_add_words(v, &v->h, lang, words, e))
		goto out;
	ok = true;
out:
	secret_free(&sk);
	return ok;
}

bool vault_create(const char *path, const struct vault_key *key, const struct vault_cost *cost, const char *lang,
		  struct vault **out, struct secret *words, struct err *e)
{
	const struct vault_fresh fresh = {true, 0, {0}}; /* the sum over no pages */
	uint8_t *image = calloc(1, VAULT_HEADER);
	struct vault *v = image == NULL ? NULL : vault_new(path, false, e);
	bool made = false;

	*out = NULL;
	if (image == NULL)
		return err_nomem(e, "vault_create");
	if (v == NULL)
		goto fail;
	v->write = true;
	if (slot_type_for(key) == 0) {
		(void)err_set(e, ERR_INPUT, "vault_create", "no passphrase and no key file");
		goto fail;
	}
	if (!vault_make_header(v, key, cost, lang, words, e) ||
	    !vault_lock(v, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, e))
		goto fail;
	made = true;
	free(v->path);
	v->path = realpath(path, NULL);
	if (v->path == NULL) {
		(void)err_sys(e, errno, "vault_create", "%s", path);
		goto fail;
	}
	if (!vault_header_image(v, &fresh, image, e) || !vault_pwrite(v->fd, image, VAULT_HEADER, 0, e) ||
	    !io_sync_dir(v->path, e))
		goto fail;
	memcpy(v->copies, image, HEADER_COPY);
	memcpy(v->copies + HEADER_COPY, image + HEADER_COPY_B, HEADER_COPY);
	if (!header_choose(v->copies, v->mac_key.p, &v->h, &v->which, e))
		goto fail;
	free(image);
	*out = v;
	return true;
fail:
	free(image);
	if (made)
		(void)unlink(path);
	secret_free(words);
	vault_close(v);
	return false;
}

/* Two copies that nobody has the key for yet: which of the four things is wrong, if no copy can be tried? */
static bool vault_judge(const char *path, const enum err_code code[2], struct err *e)
{
	if (code[0] == ERR_NONE || code[1] == ERR_NONE)
		return true;
	if (code[0] == ERR_NEWER || code[1] == ERR_NEWER)
		return err_set(e, ERR_NEWER, "vault_open", "header");
	if (code[0] == ERR_DAMAGED || code[1] == ERR_DAMAGED)
		return err_set(e, ERR_DAMAGED, "vault_open", "both header copies");
	return err_set(e, ERR_NOT_NOTEBOOK, "vault_open", "%s", path);
}

/* May another slot, or the other copy, open all the same?  Whoever writes to the file can put a slot there that is
 * refused: it must not be in the way of those that are sound. */
static bool vault_go_on(const struct err *e)
{
	return e->code == ERR_WRONG_KEY || e->code == ERR_LIMIT || e->code == ERR_DAMAGED;
}

/* Tries the slots of one copy.  ERR_WRONG_KEY when none opens; other errors win over it. */
static bool vault_unwrap(struct vault *v, const struct header *h, const struct header *tried,
			 const struct vault_key *key, struct err *e)
{
	struct err refused = ERR_INIT;

	for (uint16_t i = 0; i < h->nslots; i++) {
		const struct header_slot *s = &h->slot[i];
		struct secret kek = SECRET_INIT;
		bool ok;

		if (!slot_fits(s->type, key) || (tried != NULL && memcmp(s, &tried->slot[i], sizeof *s) == 0))
			continue;
		if (!slot_kek(s, key, &kek, &refused)) {
			secret_free(&kek);
			if (vault_go_on(&refused))
				continue;
			break;
		}
		ok = header_unwrap(h, s, kek.p, v->data_key.p);
		secret_free(&kek);
		if (ok) {
			v->data_key.len = HEADER_KEY;
			return true;
		}
	}
	if (refused.code == ERR_NONE)
		return err_set(e, ERR_WRONG_KEY, "vault_open", "no slot opens");
	*e = refused;
	return false;
}

/* The key may open a copy that is not the newest: it has to be a slot of the one in force too, or a changed passphrase
 * would go on opening the file. */
static bool vault_unlock(struct vault *v, const struct vault_key *key, struct err *e)
{
	enum err_code code[2];
	struct header h[2];
	unsigned first, opened;
	bool same_id;

	for (unsigned i = 0; i < 2; i++)
		code[i] = header_decode(v->copies + i * HEADER_COPY, &h[i]);
	if (!vault_judge(v->path, code, e) || !secret_alloc(&v->data_key, HEADER_KEY, e))
		return false;
	first = code[0] != ERR_NONE || (code[1] == ERR_NONE && h[1].gen > h[0].gen);
	opened = first;
	if (!vault_unwrap(v, &h[first], NULL, key, e)) {
		opened = first ^ 1;
		same_id = memcmp(h[0].file_id, h[1].file_id, sizeof h[0].file_id) == 0; /* bound to each slot */
		if (!vault_go_on(e) || code[opened] != ERR_NONE ||
		    (same_id && memcmp(h[0].slot, h[1].slot, sizeof h[0].slot) == 0) ||
		    !vault_unwrap(v, &h[opened], same_id ? &h[first] : NULL, key, e))
			return false;
	}
	if (!vault_subkey(v, VAULT_SUB_HEADER, &v->mac_key, e) ||
	    !header_choose(v->copies, v->mac_key.p, &v->h, &v->which, e))
		return false;
	return opened == v->which || memcmp(h[opened].slot, v->h.slot, sizeof v->h.slot) == 0 ||
	       vault_unwrap(v, &v->h, NULL, key, e);
}

bool vault_open(const char *path, const struct vault_key *key, bool write, struct vault **out, struct err *e)
{
	struct err own = ERR_INIT;
	struct vault *v;
	bool ok;

	e = e != NULL ? e : &own;
	*out = NULL;
	v = vault_new(path, true, e);
	if (v == NULL)
		return false;
	v->write = write;
	ok = vault_lock(v, write ? O_RDWR : O_RDONLY, e) && vault_read_copies(v->fd, v->copies, e) &&
	     vault_unlock(v, key, e);
	if (!ok) {
		vault_close(v);
		return false;
	}
	*out = v;
	return true;
}

const char *vault_path(const struct vault *v)
{
	return v->path;
}

const uint8_t *vault_file_id(const struct vault *v)
{
	return v->h.file_id;
}

uint64_t vault_generation(const struct vault *v)
{
	return v->h.gen;
}

int vault_fd(const struct vault *v)
{
	return v->fd;
}

bool vault_writable(const struct vault *v)
{
	return v->write;
}

bool vault_header_image(const struct vault *v, const struct vault_fresh *f, uint8_t out[VAULT_HEADER], struct err *e)
{
	const struct vault_fresh unknown = {.known = false};
	struct header h = v->h;

	if (!vault_seal_fresh(v, &h, f != NULL ? f : &unknown, e))
		return false;
	memset(out, 0, VAULT_HEADER);
	/* A copy of the file is not newer than the file. */
	h.gen -= h.gen > 0;
	header_encode(&h, v->mac_key.p, out);
	h.gen++;
	header_encode(&h, v->mac_key.p, out + HEADER_COPY_B);
	return true;
}

bool vault_rename(struct vault *v, const char *path, bool replace, bool *moved, struct err *e)
{
	char *name = str_dup(path), *lock = NULL;
	bool ok;

	*moved = false;
	if (name == NULL || asprintf(&lock, "%s.lock", path) < 0) {
		free(name);
		return err_nomem(e, "vault_rename");
	}
	ok = io_rename(v->path, path, replace, moved, e);
	if (!*moved) {
		free(name);
		free(lock);
		return false;
	}
	if (v->lock_path != NULL)
		(void)unlink(v->lock_path);
	free(v->path);
	free(v->lock_path);
	v->path = name;
	v->lock_path = lock;
	return ok;
}

size_t vault_slots(const struct vault *v, struct vault_slot_info *out, size_t max)
{
	for (size_t i = 0; i < v->h.nslots && i < max; i++) {
		const struct header_slot *s = &v->h.slot[i];

		out[i].type = (enum vault_slot_type)s->type;
		out[i].cost = (struct vault_cost){s->opslimit, s->mem_kib};
		memcpy(out[i].label, s->label, sizeof out[i].label);
	}
	return v->h.nslots;
}

/* Both copies are written: what was replaced is to be gone from the file.  The first puts the new slots in force; where
 * the second cannot be written, the next header does it, at the latest at the close. */
static bool vault_replace_slots(struct vault *v, struct header *h, struct err *e)
{
	if (!vault_write_header(v, h, e)) {
		v->either = v->either || v->torn;
		return false;
	}
	v->behind = !vault_write_header(v, h, NULL);
	return true;
}

/* After a failure: which slots are in force?  Those of before, where nothing else is said. */
static bool vault_told(const struct vault *v, const char *where, const char *either, struct err *e)
{
	if (e != NULL && v->either)
		e->code = ERR_IO;
	if (e != NULL && e->code == ERR_IO)
		e->where = v->either ? either : where;
	return false;
}

bool vault_rekey(struct vault *v, const struct vault_key *key, const struct vault_cost *cost, struct err *e)
{
	struct header h = v->h;

	if (slot_type_for(key) == 0)
		return err_set(e, ERR_INPUT, "vault_rekey", "no passphrase and no key file");
	vault_drop_slots(&h, false);
	return (vault_add_slot(v, &h, slot_type_for(key), key, cost, e) && vault_replace_slots(v, &h, e)) ||
	       vault_told(v, "vault_rekey", VAULT_EITHER_KEY, e);
}

bool vault_new_words(struct vault *v, const char *lang, struct secret *words, struct err *e)
{
	struct header h = v->h;

	vault_drop_slots(&h, true);
	if (vault_add_words(v, &h, lang, words, e) && vault_replace_slots(v, &h, e))
		return true;
	secret_free(words);
	return vault_told(v, "vault_new_words", VAULT_EITHER_WORDS, e);
}

bool vault_fresh_get(const struct vault *v, struct vault_fresh *out, struct err *e)
{
	struct secret key = SECRET_INIT;
	uint8_t plain[48];
	bool ok;

	memset(out, 0, sizeof *out);
	if (!vault_subkey(v, VAULT_SUB_FRESH, &key, e))
		return false;
	ok = crypto_aead_xchacha20poly1305_ietf_decrypt(plain, NULL, NULL, v->h.fresh + 24, HEADER_FRESH - 24,
							v->h.file_id, sizeof v->h.file_id, v->h.fresh, key.p) == 0;
	secret_free(&key);
	if (!ok)
		return err_set(e, ERR_DAMAGED, "vault_fresh_get", "freshness");
	out->known = plain[0] == 1;
	out->counter = le_get(plain + 8, 8);
	memcpy(out->sum, plain + 16, sizeof out->sum);
	return true;
}

bool vault_fresh_set(struct vault *v, const struct vault_fresh *f, struct err *e)
{
	struct header h = v->h;

	return vault_seal_fresh(v, &h, f, e) && vault_write_header(v, &h, e);
}

bool vault_inbox_public(const char *path, uint8_t file_id[16], uint8_t key[32], struct err *e)
{
	int fd = io_open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	uint8_t copies[2 * HEADER_COPY];
	enum err_code code[2];
	struct header h[2];
	const struct header *use;
	bool ok;

	if (fd < 0)
		return err_sys(e, errno, "vault_inbox_public", "%s", path);
	ok = vault_read_copies(fd, copies, e);
	close(fd);
	if (!ok)
		return false;
	for (unsigned i = 0; i < 2; i++)
		code[i] = header_decode(copies + i * HEADER_COPY, &h[i]);
	if (!vault_judge(path, code, e))
		return false;
	use = code[0] == ERR_NONE ? &h[0] : &h[1];
	memcpy(file_id, use->file_id, sizeof use->file_id);
	memcpy(key, use->inbox, sizeof use->inbox);
	return true;
}

bool vault_inbox_unseal(const struct vault *v, const uint8_t *sealed, size_t n, uint8_t *out, struct err *e)
{
	struct secret sk = SECRET_INIT;
	uint8_t pk[crypto_box_PUBLICKEYBYTES];
	bool ok = vault_inbox_pair(v, pk, &sk, e);

	if (ok && (n < crypto_box_SEALBYTES || crypto_box_seal_open(out, sealed, n, pk, sk.p) != 0))
		ok = err_set(e, ERR_DAMAGED, "vault_inbox_unseal", "does not open");
	secret_free(&sk);
	return ok;
}
