/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * err - errors as values.
 *
 * A function that can fail returns bool and takes a last `struct err *`, which it fills only on failure.  Nothing here
 * allocates.  The detail is for a developer or a log; the sentences people read are made from the code at the top
 * floor (cli/say.c), through gettext, and say what to do next.
 */
#ifndef ARPENT_ERR_H
#define ARPENT_ERR_H

#include <stdbool.h>
#include <stdint.h>

#define MUST_USE __attribute__((warn_unused_result))
#define PRINTF_LIKE(f, a) __attribute__((format(printf, f, a)))

enum err_code {
	ERR_NONE = 0,
	ERR_NOMEM,	  /* out of memory */
	ERR_IO,		  /* a system call failed; .sys is errno */
	ERR_FULL,	  /* no space left on the device, or over quota */
	ERR_EXISTS,	  /* would overwrite something */
	ERR_NOT_FOUND,	  /* no such file, record, person, field */
	ERR_AMBIGUOUS,	  /* a short id or a name fits more than one */
	ERR_INPUT,	  /* a person's input cannot be understood; detail names the field or the text */
	ERR_BUSY,	  /* another program has the notebook open; detail says who (pid, host) */
	ERR_LOCKED,	  /* the notebook is locked; a passphrase is needed */
	ERR_WRONG_KEY,	  /* passphrase, words or key file open no slot */
	ERR_DAMAGED,	  /* authentication failed: altered or damaged */
	ERR_NEWER,	  /* made by a newer version of the format */
	ERR_NOT_NOTEBOOK, /* this file is not an arpent notebook */
	ERR_STALE,	  /* older than what was last seen */
	ERR_NOT_BUNDLE,	  /* this file is not an arpent bundle */
	ERR_TRUNCATED,	  /* ends too early */
	ERR_FOREIGN,	  /* a bundle that is not for us */
	ERR_UNTRUSTED,	  /* signed by someone we do not know */
	ERR_REPLAY,	  /* already taken in */
	ERR_LIMIT,	  /* over a limit on size, ratio, count or nesting */
	ERR_FORMAT,	  /* a file to import is malformed; detail has the line */
	ERR_CANCELLED,	  /* the person said no */
	ERR_USAGE,	  /* wrong command line */
	ERR_INTERNAL	  /* a fault of ours */
};

struct err {
	enum err_code code;
	int sys;	   /* errno, or 0 */
	const char *where; /* static: the function that failed */
	char detail[160];  /* UTF-8, cut at a character; may hold outside text: sanitise before showing */
};

#define ERR_INIT {ERR_NONE, 0, "", ""}

/* Fills *e (which may be NULL) and returns false, so that `return err_set(e, ...)` reads as it acts.  An overlong
 * detail is cut at a character boundary. */
bool err_set(struct err *e, enum err_code code, const char *where, const char *fmt, ...) PRINTF_LIKE(4, 5);

/* The same from errno: ENOSPC and EDQUOT give ERR_FULL, ENOENT gives ERR_NOT_FOUND, EEXIST gives ERR_EXISTS, ENOMEM
 * gives ERR_NOMEM, all others ERR_IO. */
bool err_sys(struct err *e, int sys, const char *where, const char *fmt, ...) PRINTF_LIKE(4, 5);

/* ERR_NOMEM, in short. */
bool err_nomem(struct err *e, const char *where);

/* How many times memory has run out so far: each ERR_NOMEM, each buffer or copy that got none (buf.h), and what
 * err_lost_one() was told.  Many functions make do with less then: a text for the screen, a word that fits nothing.  What
 * keeps or gives away what they made looks before and after, and fails as a whole rather than lose a part in silence. */
unsigned long err_lost(void);
void err_lost_one(void);
/* ERR_NOMEM, whatever else *e says, when memory has run out since then. */
bool err_lost_none(unsigned long since, struct err *e) MUST_USE;

/* The code's name in lower case ("wrong_key"): stable, for --json and tests. */
const char *err_name(enum err_code code);

#endif
