/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * vfs-file - inside the vfs: the three kinds of file it opens, and what they share.  Only src/store/vfs*.c include
 * this.
 *
 * Each kind has its own rules: vfs-db.c pages at their place, vfs-wal.c frames, vfs-journal.c records.
 */
#ifndef ARPENT_VFS_FILE_H
#define ARPENT_VFS_FILE_H

#include <sqlite3.h>

#include "arpent/seal.h"
#include "arpent/vfs.h"

#define VFS_FRAME (24 + VAULT_PAGE)
#define VFS_WAL_HEADER 32
#define VFS_AT_MODES 18 /* of page 1: the journal modes that may write and read the file; 2 is WAL */
#define VFS_SCAN 32     /* pages at a time: a few milliseconds, on a slow card */
#define VFS_GATHER 28   /* frames in one write: under 128 KiB, which is more than the unix VFS writes at once */

/* A registered VFS. */
struct vfs {
	sqlite3_vfs base; /* first: SQLite's pointer is ours */
	sqlite3_vfs *under;
	struct vault *v; /* NULL with a raw key */
	struct seal seal;
	char name[64];
	int failed; /* the last read or write that did, until vfs_err() has told of it */
	char *kept; /* the copy of a log that was damaged or, `stray`, not the notebook's own; or NULL */
	bool stray;
	/* Freshness of the vault's own file: the sum as of the last page written. */
	struct vfs_fresh {
		uint8_t sum[SEAL_SUM];
		bool known;
		bool dirty; /* pages were written: the header says "not known" until the close */
		uint64_t counter;
	} fresh;
	struct vfs_scan { /* vfs_scan() */
		uint8_t of[SEAL_SUM], sum[SEAL_SUM];
		uint32_t done; /* pages */
	} scan;
};

struct vfs_file {
	sqlite3_file base;
	struct vfs *vfs;
	sqlite3_file *real;
	uint8_t *sealed; /* one frame as on disk */
};

struct vfs_db {
	struct vfs_file f;
	bool own;       /* the vault's own file, whose freshness is kept */
	sqlite3 **conn; /* SQLite's, of the connection it is opened for, until its first lock */
	bool no_log;    /* opened for reading, and there is no WAL: none is to be made */
	bool ckpt;      /* between CKPT_START and CKPT_DONE */
	bool sized;     /* `pages` is how many there are: as long as the lock is held, nobody else adds any */
	uint32_t pages;
	uint32_t held; /* a page on its way from WAL to database, sealed as it is; 0 when none */
	uint8_t *page; /* that page */
};

struct vfs_wal {
	struct vfs_file f;
	struct vfs_db *db;              /* NULL when it is not ours */
	const char *name;               /* SQLite's */
	bool named;                     /* its name is on disk */
	sqlite3_int64 own_from, own_to; /* frames that this process wrote */
	uint8_t head[24];               /* a frame in the clear as far as SQLite has written it: its header, */
	uint8_t *part;                  /* and its page, sodium_malloc, when that comes in pieces */
	sqlite3_int64 part_at;
	int part_n;
	int sync_later; /* the flags of a sync that came before the rest of the frame */
	uint8_t *out;   /* sealed frames not yet put out */
	sqlite3_int64 out_at;
	int out_n;
	/* Offsets of frames; 0 is none. */
	sqlite3_int64 link_at; /* where `link` is of what is before */
	sqlite3_int64 again;   /* whose header SQLite may be about to write again */
	sqlite3_int64 sum_at;  /* up to where `sum` are SQLite's checksums, as recovery wants them, and `sum_link` is */
	uint8_t link[SEAL_LINK], sum_link[SEAL_LINK];
	uint8_t again_tag[SEAL_TAG]; /* of the page there, once it is read */
	bool again_read, sum_big;
	uint32_t sum[2];
};

struct vfs_journal {
	struct vfs_file f;
	sqlite3_int64 own_from, own_to;
	struct vfs_record {            /* the last page read, and the last written */
		sqlite3_int64 page_at; /* where a page is to follow its number */
		sqlite3_int64 sum_at;  /* where its checksum is to follow */
		uint32_t pgno;
		uint8_t mask[4];
	} r, w;
};

union vfs_any {
	struct vfs_file f;
	struct vfs_db db;
	struct vfs_wal wal;
	struct vfs_journal journal;
};

extern const sqlite3_io_methods vfs_db_methods, vfs_wal_methods, vfs_journal_methods;

/* Shared methods. */
int vfs_file_close(sqlite3_file *file);
int vfs_file_sync(sqlite3_file *file, int flags);
int vfs_file_lock(sqlite3_file *file, int level);
int vfs_file_unlock(sqlite3_file *file, int level);
int vfs_file_reserved(sqlite3_file *file, int *out);
int vfs_file_control(sqlite3_file *file, int op, void *arg);
int vfs_file_sector(sqlite3_file *file);
int vfs_file_device(sqlite3_file *file);
int vfs_file_size(sqlite3_file *file, sqlite3_int64 *out);

/* Underneath. */
int vfs_real_read(struct vfs_file *f, void *p, int n, sqlite3_int64 at);
int vfs_real_write(struct vfs_file *f, const void *p, int n, sqlite3_int64 at);

/* vfs-db.c: is this database under our key?  Writes the header of an empty file when `create`. */
int vfs_db_check(struct vfs_db *db, bool create);

/* vfs-wal.c: puts a log that was there before on disk for good, or SQLite would build on frames that are only in the
 * system's cache: after a failed sync Linux takes them for written. */
int vfs_wal_settle(struct vfs_wal *w);

/* vfs-log.c: what a WAL holds, frame by frame. */
struct vfs_log {
	int fd;                     /* -1 without one */
	bool bad_head;              /* the log's own header is damaged */
	bool lost;                  /* there is a commit that SQLite will not take, or not all of it */
	uint32_t frames, committed; /* of this log; those up to the last commit that is whole */
	struct vfs_log_frame {
		uint32_t pgno, size; /* 0: does not open; 0: no commit */
		uint8_t salts;       /* how many of the two are the log's */
		bool linked, bad;    /* its link goes on from the one before; damaged */
	} * v;
};
bool vfs_log_open(struct vfs_log *log, const struct seal *seal, const char *path, struct err *e) MUST_USE;
void vfs_log_close(struct vfs_log *log);
off_t vfs_log_at(uint32_t frame); /* where it is in the file */
/* The newest of the first `end` frames that holds a page, or -1. */
int64_t vfs_log_find(const struct vfs_log *log, uint64_t pgno, uint32_t end);
/* Copies a log that is damaged, before SQLite takes what it can of it and deletes it; and takes away one beside a
 * notebook that was `closed` properly, of which it cannot be, and a rollback journal.  *kept: where to, the caller's;
 * NULL when all is well. */
bool vfs_log_keep(const struct seal *seal, const char *db, bool closed, char **kept, bool *stray,
		  struct err *e) MUST_USE;
bool vfs_pread(int fd, void *p, size_t n, off_t at) MUST_USE;

/* vfs-fresh.c */
bool vfs_fresh_load(struct vfs *vfs, struct err *e) MUST_USE;
int vfs_fresh_begin(struct vfs *vfs); /* before the first page of a session is written */
bool vfs_fresh_scan(const struct seal *seal, int fd, uint8_t sum[SEAL_SUM], struct err *e) MUST_USE;
bool vfs_fresh_end(struct vfs *vfs, struct err *e) MUST_USE; /* at a clean close */

/* vfs.c: the registered VFS of a connection; NULL when it is none of ours. */
struct vfs *vfs_of(sqlite3 *db);
/* The one that vfs_open() registered for a vault; NULL when it is closed. */
struct vfs *vfs_of_vault(const struct vault *v);
void vfs_name_of(const struct vault *v, char name[64]);

#endif
