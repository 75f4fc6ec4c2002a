/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * vfs - a SQLite VFS that seals every page with XChaCha20-Poly1305 (libsodium).  An ordinary registered VFS over
 * another one.
 *
 * Must be used with WAL, locking_mode=EXCLUSIVE, synchronous=FULL, temp_store=MEMORY: vfs_open() sees to it.  It never
 * has plaintext on disk: a file type it does not know is refused.
 */
#ifndef ARPENT_VFS_H
#define ARPENT_VFS_H

#include "arpent/vault.h"

struct sqlite3; /* so that floors above the store can call what needs no database */

/* Before sqlite3_initialize: SQLite's page cache on a sodium_malloc arena of `cache_bytes` (less where less may be
 * locked, RLIMIT_MEMLOCK), and settings that every connection needs; SQLite may then be used in one thread only.  Once;
 * vfs_open() does it with VFS_CACHE. */
#define VFS_CACHE (3 << 19) /* bytes: small, locked, while browsing */
#define VFS_CACHE_WIDE \
	(16 << 20) /* while much is written: in blocks given back afterwards, less where memory is short */
bool vfs_start(size_t cache_bytes, struct err *e) MUST_USE;
/* With every connection closed: shuts SQLite down and wipes the page cache.  vfs_start() may follow. */
void vfs_stop(void);

/* Registers a VFS named `name` over the VFS named `under` (NULL: the default), for files opened with `v`'s key.  An
 * empty file gets v's header; one whose header is not under v's key and id is refused (SQLITE_AUTH). */
bool vfs_register(const char *name, const char *under, struct vault *v, struct err *e) MUST_USE;
/* For tests and for programs of SQLite's own: a raw key instead of a vault.  Empty files get a header without slots,
 * and temporary files go to `under` as they are. */
bool vfs_register_raw(const char *name, const char *under, const uint8_t key[32], const uint8_t file_id[16],
		      struct err *e) MUST_USE;
void vfs_unregister(const char *name);

/* Opens the vault's database through its VFS with every pragma of the house, reserve bytes set, ready for a schema. */
bool vfs_open(struct vault *v, const char *under, struct sqlite3 **db, struct err *e) MUST_USE;
void vfs_close(struct vault *v, struct sqlite3 *db); /* checkpoint, close, freshness */
/* When vfs_open() found a log that was damaged, or that is not the notebook's own (stray; of the latter nothing was
 * taken): the copy of it that was kept beside it; else NULL.  Borrowed, till the close. */
const char *vfs_log_kept(const struct vault *v);
bool vfs_log_stray(const struct vault *v);

/* For PRAGMA cache_size: as vfs_open() sets it, or for much work, as far as there is memory.  After that, the old size
 * and sqlite3_db_release_memory(): what was beyond it is wiped and given back. */
size_t vfs_cache_pages(bool wide);
size_t vfs_cache_bytes(void); /* held for pages now, by every connection */

/* A whole, verified, sealed copy while in use (VACUUM INTO under the same data key and slots; then every page is
 * opened).  Refuses an existing file. */
bool vfs_backup(struct vault *v, struct sqlite3 *db, const char *to, struct err *e) MUST_USE;

/* When the key itself may be known to someone: a new file under a new data key, id, slots and recovery words, read
 * back, then put in the place of the old. *v and *db are closed and become the new ones.  Take in the inbox first: its
 * key changes.  On failure the old ones are open as before (*db is NULL if even that failed); but when there are words
 * all the same, the new ones are in force, and only what came after failed. */
bool vfs_rekey(struct vault **v, struct sqlite3 **db, const struct vault_key *key, const struct vault_cost *cost,
	       const char *lang, struct secret *words, struct err *e) MUST_USE;

/* Reads the file directly, page by page, without SQLite.  Calls `bad` for what does not open: a copy of the header
 * ("header copy A", "header copy B"; n is 0), a page ("page"), the log's own header ("log"; 0), a frame of it ("frame";
 * "torn" at its end, where a power cut may have done it).  Returns false only when the check could not be made.  pages
 * and frames count what was read. */
struct vfs_check {
	uint64_t pages, bad_pages, frames, bad_frames;
	uint64_t torn_frames;       /* at the end of the log, after its last whole commit */
	bool stray_log;             /* one beside a notebook that was closed properly ("stray", 0) */
	bool stray_journal;         /* a rollback journal, which a notebook never has ("journal", 0) */
	bool bad_log;               /* the header of the log */
	unsigned bad_copies;        /* of the header */
	bool fresh_known, fresh_ok; /* the freshness sum, see arpent-notebook(5) */
};
bool vfs_check(struct vault *v, void (*bad)(void *ctx, const char *what, uint64_t n), void *ctx, struct vfs_check *out,
	       struct err *e) MUST_USE;

/* The freshness sum of an open notebook, compared a few pages at a time: call it while *more.  ERR_STALE ("fresh") when
 * they are not those of the last close.  Where it is not known, nothing is said. */
bool vfs_scan(struct vault *v, bool *more, struct err *e) MUST_USE;

/* Takes the pages as they are now for what they should be: a person says so.  The notebook is not open. */
bool vfs_check_accept(struct vault *v, struct err *e) MUST_USE;

/* For rescue: pages one by one, straight from the files.  The newest committed WAL frame of a page wins; one that is
 * damaged is passed over. log: "", or ".damaged-1" for such a copy. *pages: how many there are.  vfs_reader_page: opens
 * page n (1-based) into out[VAULT_PAGE]; ERR_DAMAGED when it does not open, ERR_NOT_FOUND when there is none. */
#define VFS_LOGS_KEPT 99 /* ".damaged-1" to ".damaged-99" */
struct vfs_reader;
bool vfs_reader_open(const struct vault *v, const char *log, struct vfs_reader **out, uint64_t *pages,
		     struct err *e) MUST_USE;
bool vfs_reader_page(struct vfs_reader *r, uint64_t n, uint8_t *out, struct err *e) MUST_USE;
/* From now on what the log holds after its last whole commit counts too, or no longer.  Is there any? */
bool vfs_reader_tail(struct vfs_reader *r, bool on);
bool vfs_reader_in_log(const struct vfs_reader *r, uint64_t n);
uint64_t vfs_reader_lost(const struct vfs_reader *r); /* frames of the log whose page does not open */
void vfs_reader_close(struct vfs_reader *r);          /* NULL is fine */
bool vfs_read_page(struct vault *v, uint64_t n, uint8_t *out, struct err *e) MUST_USE; /* one page alone */

/* The error a SQLite result stands for; busy, full, I/O, damaged told apart. */
bool vfs_err(struct err *e, struct sqlite3 *db, int rc, const char *where);

#endif
