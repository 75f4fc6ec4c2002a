/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * work - one engine at the steps of the bench: plain SQLite, SQLite over the shim, or SQLCipher.
 *
 * A program of work.c and one engine-x.c; tests/bench/store.c starts several and has them take turns.
 */
#ifndef ARPENT_BENCH_WORK_H
#define ARPENT_BENCH_WORK_H

#include <stdbool.h>
#include <stdint.h>

#include <sqlite3.h>

/* Before the first connection.  `name` is the engine, `path` a file that is not there, cache the bytes of page cache.
 */
bool engine_start(const char *name, const char *path, long cache);
/* A connection in WAL with synchronous=FULL and locking_mode=EXCLUSIVE; NULL when it fails. */
sqlite3 *engine_open(void);
void engine_close(sqlite3 *db);

/* Pages sealed and opened so far; 0 where it is not known. */
void engine_pages(uint64_t *sealed, uint64_t *opened);
/* Microseconds that sealing and opening one page take here; false where there is nothing to measure. */
bool engine_aead(double *seal, double *open);

#endif
