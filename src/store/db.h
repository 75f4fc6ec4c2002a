/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * db - what the files of src/store share: the open database, its statements, and the rows behind a record.
 *
 * Not for other floors: include store.h there.
 */
#ifndef ARPENT_DB_H
#define ARPENT_DB_H

#include <sqlite3.h>

#include "arpent/buf.h"
#include "arpent/minutes.h"
#include "arpent/latest.h"
#include "arpent/store.h"

#define DB_STATEMENTS 64
#define DB_FOLD_MAX 64      /* bytes of a title's sort key */
#define DB_UNDATED "~"      /* sorts after every day; shown as "" */
#define DB_INDEX_VERSION 2u /* raise it when what is derived from a state changes: the index is then made anew */

struct db_statement {
	sqlite3_stmt *st;
	const char *sql;  /* sqlite3_sql(st) */
	const char *from; /* the address it was asked for by; never followed */
	bool used;
	unsigned turn; /* when last asked for */
};

struct db_names { /* the names of one kind, as store_names() gives them */
	char kind[32];
	struct named *v;
	size_t n;
	char *text; /* all names and details, one after the other */
};

enum step_type { STEP_NORMAL, STEP_UNDO, STEP_REDO, STEP_SYNC };

struct db_step {
	bool open;
	bool broken;    /* a write failed half way: nothing of it may be kept */
	struct err why; /* the first statement of it that failed */
	int64_t id;     /* 0 until the first change */
	enum step_type type;
	int64_t of; /* the step an undo or a redo puts back */
	char label[64];
	int64_t first; /* seq of its first change */
	unsigned changes;
	struct id device; /* as they were before it */
	uint64_t count, hlc;
	unsigned long lost; /* err_lost() then */
	int64_t cache;      /* PRAGMA cache_size to go back to; 0 when it was not widened */
};

struct store {
	struct vault *vault;
	sqlite3 *db;
	bool failed;            /* a statement did, since the schema was read */
	sqlite3_stmt *rollback; /* made ready at opening: without memory it is needed most */
	struct latest newer;    /* seen here before, if `older` */
	bool older;
	struct db_statement statements[DB_STATEMENTS];
	unsigned turn;
	struct id device; /* whose changes are made here: the identity's, or a later stream of it */
	uint64_t count;   /* of this device's changes */
	uint64_t hlc;
	void (*now)(void *ctx, struct moment *out);
	void *now_ctx;
	struct db_step step;
	bool untidy; /* the full-text index has pieces to merge */
	struct db_names names[4];
	unsigned names_turn;
};

/* Statements.  Arguments follow the letters of `types`: i int64_t, d double, t const char *, b const void * and size_t
 * (bound where they are: they must live until db_end()), 0 NULL. */
bool db_query(struct store *s, sqlite3_stmt **st, struct err *e, const char *sql, const char *types, ...) MUST_USE;
bool db_next(struct store *s, sqlite3_stmt *st, bool *row,
	     struct err *e) MUST_USE;           /* false: failed; *row false: no more */
void db_end(struct store *s, sqlite3_stmt *st); /* NULL is fine */
bool db_run(struct store *s, struct err *e, const char *sql, const char *types, ...) MUST_USE;
/* The first column of the only row; *out is left as it was when there is none. */
bool db_int(struct store *s, int64_t *out, struct err *e, const char *sql, const char *types, ...) MUST_USE;
/* At opening. */
bool db_start(struct store *s, struct err *e) MUST_USE;
/* Ends the open transaction, if there is one, with nothing of it kept. */
void db_rollback(struct store *s);
bool db_exec(struct store *s, const char *sql, struct err *e) MUST_USE; /* several statements, nothing to bind */
void db_statements_free(struct store *s);
const char *db_text(sqlite3_stmt *st, int column); /* never NULL; until the next db_next() */
/* False, and *out zero, for what is no id. */
bool db_id(sqlite3_stmt *st, int column, struct id *out);

bool schema_make(struct store *s, struct err *e) MUST_USE;
bool schema_check(struct store *s, struct err *e) MUST_USE; /* ERR_NEWER, ERR_DAMAGED; makes an old index anew */

/* What is derived from a state: all that lists, searches and links are made of. */
struct derived_ref {
	struct id to;
	const struct field *field;
};
struct derived {
	bool bin, open, has_point;
	unsigned flags;
	struct buf title; /* references shown by their titles */
	struct buf fold;
	struct buf day, until, detail;
	struct id owner;
	int64_t edited;
	double lat, lon;
	struct buf folded_title, body; /* what the full-text index has */
	struct derived_ref *refs;      /* sorted, each once */
	size_t nrefs;
};
void derived_init(struct derived *d);
void derived_done(struct derived *d);
/* Without a title: derived_title() gives that, as it needs other records. */
bool derive(const struct record *r, struct derived *d, struct err *e) MUST_USE;
bool derive_title(struct store *s, const struct record *r, struct derived *d, struct err *e) MUST_USE;
/* Sets fold and folded_title from title. */
bool derive_fold(struct derived *d, struct err *e) MUST_USE;

/* Puts the rows of `r` in place of those of `old` (NULL, and *row 0, for a new one: *row is then set).  old's title is
 * read from its row. */
bool index_put(struct store *s, int64_t *row, const struct derived *old, const struct record *r,
	       struct err *e) MUST_USE;
bool index_options(struct store *s, struct err *e) MUST_USE; /* of a full-text index just made, or made anew */
bool index_rebuild(struct store *s, struct err *e) MUST_USE;

/* A record and its row; ERR_NOT_FOUND. */
bool db_load(struct store *s, const struct id *id, struct record *out, int64_t *row, struct err *e) MUST_USE;
bool db_load_row(struct store *s, int64_t row, struct record *out, struct err *e) MUST_USE;

/* Writing: each is within an open step. */
bool write_begin(struct store *s, const char *label, bool *own, struct err *e) MUST_USE; /* opens one when none is */
bool write_end(struct store *s, bool own, bool ok,
	       struct err *e) MUST_USE; /* closes it, or rolls it back when !ok; gives ok */
/* Applies c to r (from the row `row`; 0 for a new record) and writes all that follows from it.  c gets its stamp and
 * clock here. */
bool write_change(struct store *s, struct record *r, int64_t row, struct change *c, struct err *e) MUST_USE;
bool write_new(struct store *s, const struct id *id, const char *kind, const struct want *wants, size_t n,
	       struct err *e) MUST_USE;
/* The parts of it.  Derived from a record before it changes; the state and what is derived from it; one entry of the
 * journal, with c NULL for a state taken in whole. */
bool write_old(struct store *s, const struct record *r, struct derived *old, struct err *e) MUST_USE;
bool write_state(struct store *s, int64_t *row, const struct derived *old, const struct record *r,
		 struct err *e) MUST_USE;
bool write_journal(struct store *s, int64_t row, const struct change *c, const struct stamp *stamp,
		   const struct clock *clock, const struct buf *before, struct err *e) MUST_USE;
/* Merges `state` into what is here, into new; writes nothing.  *row is 0 when there is nothing yet. */
bool take_merge(struct store *s, const struct record *state, struct record *old, struct record *new, int64_t *row,
		enum take *out, struct err *e) MUST_USE;
void take_counts(struct store *s, const struct record *new, uint64_t hlc); /* clock and count, before that is written */
bool write_step_row(struct store *s, struct err *e) MUST_USE; /* gives the step its row when it has none yet */
bool step_grown(struct store *s, struct err *e) MUST_USE;     /* after each change */
bool step_wide(struct store *s, struct err *e) MUST_USE;      /* a wide page cache, */
void step_narrow(struct store *s);                            /* until here */

/* The undo part of a journal entry: what was shown before of each field touched. */
struct before {
	bool existed, deleted;
	struct want *wants; /* borrowed from the entry's bytes */
	size_t n;
};
bool before_make(const struct record *r, const char *const *keys, size_t n, bool existed, struct buf *out,
		 struct err *e) MUST_USE;
bool before_read(const struct record *r, const void *p, size_t n, struct before *out, struct err *e) MUST_USE;
void before_done(struct before *b);

void names_forget(struct store *s, const char *kind);
bool field_is_text(const char *kind, const char *key);

/* Has the row of a record entries of this device after `after`? */
bool unsent_row(struct store *s, int64_t row, int64_t after, bool *out, struct err *e) MUST_USE;

/* Fills a row from a statement whose columns are ROW_COLUMNS.  Borrowed from st and from *owner. */
#define ROW_COLUMNS "r.id, r.kind, r.title, r.day, r.owner, r.flags, r.row, r.fold, r.edited"
bool row_fill(struct store *s, sqlite3_stmt *st, const char *today, struct row *row, struct buf *owner,
	      struct err *e) MUST_USE;

void row_today(struct store *s, char out[16]);

#endif
