/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * io - whole files, read with a limit and written so that a power cut leaves the old one or the new one.
 */
#ifndef ARPENT_IO_H
#define ARPENT_IO_H

#include <stddef.h>
#include <sys/types.h>

#include "arpent/buf.h"

/* Appends at most `limit` bytes; ERR_LIMIT beyond.  Refuses what is not a regular file or a pipe.  "-" is standard input. */
bool io_read_file(const char *path, size_t limit, struct buf *out, struct err *e) MUST_USE;
bool io_read_fd(int fd, size_t limit, struct buf *out, struct err *e) MUST_USE;

/* Writes all of it, retrying EINTR and short writes. */
/* The same of a file that anyone may have put there: a regular one, or ERR_INPUT at once; no link is followed. */
bool io_read_regular(const char *path, size_t limit, struct buf *out, struct err *e) MUST_USE;
bool io_write_fd(int fd, const void *p, size_t n, struct err *e) MUST_USE;

/* A temporary name in the same folder, mode 0600, fsync, rename, fsync of the folder.  With replace false an existing file is
 * ERR_EXISTS and stays as it was.  "-" is standard output. */
bool io_write_file(const char *path, const void *p, size_t n, bool replace, struct err *e) MUST_USE;

/* A signal stops none of these.  open() with mode 0600; mkostemp(), close-on-exec; all of n bytes, fewer only at the end of the file; fsync(). */
int io_open(const char *path, int flags);
int io_temp(char *path_with_six_x);
ssize_t io_pread(int fd, void *p, size_t n, off_t at);
bool io_pwrite(int fd, const void *p, size_t n, off_t at);
bool io_sync(int fd);

/* Gives a file its name, without replacing what has come there meanwhile unless `replace`, and syncs the folder.  *moved
 * (may be NULL): it has left its old name, though after a failed sync a power cut may take it back there.  What has
 * replaced nothing is then removed. */
bool io_rename(const char *from, const char *to, bool replace, bool *moved, struct err *e) MUST_USE;

bool io_sync_dir(const char *path_of_a_file_in_it, struct err *e) MUST_USE;
bool io_make_dirs(const char *path, struct err *e) MUST_USE; /* like mkdir -p, mode 0700 */

/* $XDG_DATA_HOME/arpent, $XDG_STATE_HOME/arpent, $XDG_CONFIG_HOME/arpent, or their defaults under $HOME.  The caller frees; NULL when out
 * of memory or neither variable is set. */
char *io_data_dir(void);
char *io_state_dir(void);
char *io_config_dir(void);

#endif
