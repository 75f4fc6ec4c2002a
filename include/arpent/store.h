/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * store - the records of one open notebook: read, written, journalled, undone.
 *
 * The only floor that sees SQLite.  Every write is in a step: one transaction, one entry of undo.  A write outside
 * store_step_begin() makes a step of its own.  Lists page by key; a list, a save and a search cost the same at 100,000
 * records as at 1,000.
 */
#ifndef ARPENT_STORE_H
#define ARPENT_STORE_H

#include <stddef.h>
#include <stdint.h>

#include "arpent/date.h"
#include "arpent/kind.h"
#include "arpent/record.h"
#include "arpent/vault.h"

struct store;

/* Makes the notebook and opens it: vault_create(), the schema, and this device's identity (Ed25519 and X25519 seeds
 * from libsodium; the device id is the first 16 bytes of BLAKE2b of the signing public key). */
bool store_create(const char *path, const struct vault_key *key, const struct vault_cost *cost, const char *lang,
		  struct store **out, struct secret *words, struct err *e) MUST_USE;
bool store_open(const char *path, const struct vault_key *key, struct store **out, struct err *e) MUST_USE;
void store_close(struct store *s); /* checkpoints, wipes; NULL is fine */

/* Closes a notebook made just now that is not to be after all, and removes its file. */
void store_discard(struct store *s, const char *path);

struct vault *store_vault(struct store *s);
/* When the file that was opened is older than the one last seen on this machine: that one; else NULL. */
struct latest;
const struct latest *store_older_than(const struct store *s);
/* When the log left by a crash was damaged, or one lay there that is not the notebook's own (stray): the copy of it
 * that was kept, which `rescue` reads; else NULL. */
const char *store_log_kept(const struct store *s);
bool store_log_stray(const struct store *s);
/* Are the pages those of the last close?  A few at a time: called while *more, when there is nothing else to do.
 * ERR_STALE ("fresh") when they are not. */
bool store_scan(struct store *s, bool *more, struct err *e) MUST_USE;
const struct id *store_device(const struct store *s); /* whose changes are made here: this device's, see journal.h */
void store_now(struct store *s, struct moment *out);  /* the clock this store uses */
void store_set_clock(struct store *s, void (*now)(void *ctx, struct moment *out), void *ctx); /* for tests */

/* Small named values, kept out of the journal: settings, identity, peers ("peer/HEX"), bundles already taken in. */
bool store_meta_get(struct store *s, const char *key, struct buf *out, struct err *e) MUST_USE; /* ERR_NOT_FOUND */
bool store_meta_set(struct store *s, const char *key, const void *p, size_t n,
		    struct err *e) MUST_USE; /* p NULL removes */
/* The same for a key, into locked memory. */
bool store_meta_secret(struct store *s, const char *key, struct secret *out, struct err *e) MUST_USE;
bool store_meta_each(struct store *s, const char *prefix,
		     bool (*cb)(void *ctx, const char *key, const void *p, size_t n), void *ctx,
		     struct err *e) MUST_USE;
/* The identity's two seeds, 32 bytes each, in locked memory. */
bool store_self(struct store *s, struct secret *sign_seed, struct secret *box_seed, struct err *e) MUST_USE;

/* Steps.  `label` is an English N_() text kept for the undo list ("Meeting saved"). */
bool store_step_begin(struct store *s, const char *label, struct err *e) MUST_USE;
bool store_step_end(struct store *s,
		    struct err *e) MUST_USE; /* commits; on failure everything of the step is rolled back */
void store_step_cancel(struct store *s);
bool store_in_step(const struct store *s);

/* What saves put off until there is nothing else to do (merging the full-text index): some milliseconds of it, called
 * while store_untidy().  store_close() does one piece. */
bool store_untidy(const struct store *s);
bool store_tidy(struct store *s, struct err *e) MUST_USE;

struct step_info {
	char label[64];
	unsigned changes; /* records touched */
};
bool store_undo(struct store *s, struct step_info *out,
		struct err *e) MUST_USE; /* ERR_NOT_FOUND when there is nothing to undo */
bool store_redo(struct store *s, struct step_info *out, struct err *e) MUST_USE;

/* Records. wants: see change_make(); canonical text. */
bool store_new(struct store *s, const char *kind, const struct want *wants, size_t n, struct id *out,
	       struct err *e) MUST_USE;
/* The same under an id given from outside, of any kind, also one not known here (an import).  ERR_EXISTS when there is
 * one, the bin included. */
bool store_new_as(struct store *s, const char *kind, const struct id *id, const struct want *wants, size_t n,
		  struct err *e) MUST_USE;
bool store_edit(struct store *s, const struct id *id, const struct want *wants, size_t n, struct err *e) MUST_USE;
bool store_delete(struct store *s, const struct id *id, struct err *e) MUST_USE;  /* to the bin */
bool store_restore(struct store *s, const struct id *id, struct err *e) MUST_USE; /* from the bin */
bool store_get(struct store *s, const struct id *id, struct record *out,
	       struct err *e) MUST_USE; /* ERR_NOT_FOUND; the bin included */
/* Merging what a colleague sent. */
enum take { TAKE_NEW, TAKE_CHANGED, TAKE_SAME };
bool store_preview(struct store *s, const struct record *state, enum take *out,
		   struct err *e) MUST_USE; /* writes nothing */
bool store_take(struct store *s, const struct record *state, enum take *out, struct err *e) MUST_USE;

/* Names. */
/* A whole or short id, or words of a title (names_match). ERR_NOT_FOUND, ERR_AMBIGUOUS (detail lists up to three). kind
 * may be NULL. */
bool store_resolve(struct store *s, const char *typed, const char *kind, struct id *out, struct err *e) MUST_USE;
bool store_short_id(struct store *s, const struct id *id,
		    char out[ID_TEXT + 1]); /* shortest unambiguous prefix, at least ID_SHORT */
/* False when there is no such record, or no memory (out->oom). */
bool store_title(struct store *s, const struct id *id, struct buf *out);
bool record_title(const struct record *r, struct buf *out); /* from FIELD_TITLE fields; references not resolved */
/* A record's field as a person reads it: value_show(), with references shown by title. */
void store_show(struct store *s, const struct record *r, const struct field *f, enum date_lang lang, struct buf *out);
/* All living records of a kind as names for matching; cached until a write. Borrowed. Detail is a person's current
 * function, a site's commune. */
struct named;
bool store_names(struct store *s, const char *kind, const struct named **out, size_t *n, struct err *e) MUST_USE;

/* Lists. */
enum row_flags { ROW_DELETED = 1, ROW_CONFLICT = 2, ROW_OPEN = 4, ROW_DONE = 8, ROW_UNSENT = 16, ROW_LATE = 32 };
struct row {
	struct id id;
	const char *kind; /* borrowed until the callback returns, as all of these */
	const char *title;
	const char *day;   /* canonical date or moment, or "" */
	const char *owner; /* title of the record it belongs to (FIELD_OWNER), or "" */
	unsigned flags;
};
enum list_order { LIST_BY_DAY, LIST_BY_DAY_UP, LIST_BY_TITLE, LIST_BY_EDITED };
struct list_box {
	double south, west, north, east; /* degrees */
};
struct list_spec {
	const char *kind; /* NULL: every kind */
	enum list_order order;
	bool bin;                      /* the deleted ones instead */
	bool open_only;                /* tasks and decisions not done */
	bool conflict_only;            /* with values to settle */
	const char *filter;            /* words and prefixes (full text), or NULL */
	const char *day_from, *day_to; /* canonical days, inclusive, or NULL */
	const struct id *linked;       /* records that refer to this one, or NULL */
	const struct list_box *box;    /* records mapped in it, or NULL */
};
struct list_key { /* where a page ended; zeroed: the start */
	bool set;
	char sort[96];
	int64_t row;
};
/* Up to `limit` rows after (or, backwards, before) `*key`, in the list's order (backwards: reversed).
 * `at` is the key of that row.  cb false stops it; it may read, and must not write. */
bool store_list(struct store *s, const struct list_spec *spec, const struct list_key *key, bool backwards, size_t limit,
		bool (*cb)(void *ctx, const struct row *row, const struct list_key *at), void *ctx,
		struct err *e) MUST_USE;
/* Exact up to `cap`, else cap + 1; cheap for a bare kind. */
bool store_count(struct store *s, const struct list_spec *spec, size_t cap, size_t *out, struct err *e) MUST_USE;

/* Living records that have, or had once, a value in the field `key`. */
bool store_holding(struct store *s, const char *key, bool (*cb)(void *ctx, const struct id *id), void *ctx,
		   struct err *e) MUST_USE;

/* Full text.  Query: words (prefixes), "phrases", kind:meeting, field:value, -word.  Among the 200 newest that match,
 * the best first, then the newest.  *total (may be NULL) is how many match, exact up to FIND_TOTAL, else FIND_TOTAL +
 * 1; with a field:value, how many were given, sought among the 2,000 newest.  The bin is left out. */
#define FIND_TOTAL 1000
struct hit {
	struct row row;
	const char *passage;   /* about 80 columns around the first match, one line, safe for a terminal */
	size_t mark, mark_len; /* the match's bytes in passage */
};
bool store_find(struct store *s, const char *query, size_t limit, bool (*cb)(void *ctx, const struct hit *hit),
		void *ctx, size_t *total, struct err *e) MUST_USE;

/* A device's name: meta "identity/name" for one's own, the second item of "peer/HEX"; "" when unknown.  Replaces what
 * was in `out`. */
void store_who(struct store *s, const struct id *device, struct buf *out);

/* The journal of one record, oldest first. */
struct history {
	const struct change *change; /* NULL for a state taken in whole */
	const char *who;             /* store_who() */
	struct moment when;
	const char *label; /* of the step, English; "" from elsewhere */
};
bool store_history(struct store *s, const struct id *id, bool (*cb)(void *ctx, const struct history *h), void *ctx,
		   struct err *e) MUST_USE;

/* Drafts: what is typed and not yet saved. Keys: "meeting/UUID", "new/task", "quick" ... */
bool store_draft_set(struct store *s, const char *key, const char *title, const void *p, size_t n,
		     struct err *e) MUST_USE; /* p NULL drops it */
bool store_draft_get(struct store *s, const char *key, struct buf *out, struct err *e) MUST_USE;
bool store_draft_each(struct store *s, bool (*cb)(void *ctx, const char *key, const char *title, int64_t edited_ms),
		      void *ctx, struct err *e) MUST_USE;

/* Files, kept in 64 KiB chunks with a BLAKE2b-256 of the whole. */
bool store_file_add(struct store *s, const struct id *owner, const char *path, struct id *out,
		    struct err *e) MUST_USE; /* at most 512 MiB */
/* A file's record may be here without its content, when a colleague's hand-off had none: ERR_NOT_FOUND, where
 * STORE_CONTENT.  ERR_DAMAGED when its hash differs. */
#define STORE_CONTENT "content"
bool store_file_extract(struct store *s, const struct id *file, const char *to,
			struct err *e) MUST_USE; /* ERR_EXISTS */
bool store_file_read(struct store *s, const struct id *file, bool (*cb)(void *ctx, const void *p, size_t n), void *ctx,
		     struct err *e) MUST_USE;
/* Appends the file's name, safe to write it under: one name, whatever a colleague's record says. */
bool store_file_name(struct store *s, const struct id *file, struct buf *out, struct err *e) MUST_USE;
bool store_file_size(struct store *s, const struct id *file, int64_t *out, struct err *e) MUST_USE; /* of the content */
/* The content of a file whose record is here.  Nothing when there is some already; ERR_DAMAGED when it is not the one
 * the record tells the hash of. */
bool store_file_put(struct store *s, const struct id *file, const void *p, size_t n, struct err *e) MUST_USE;

bool store_backup(struct store *s, const char *to, struct err *e) MUST_USE;

/* Every record that can still be read from a damaged file, straight from its pages; needs no working database. Calls cb
 * per record, the newest state found of each. *lost counts pages that did not open. */
bool store_rescue(struct vault *v, bool (*cb)(void *ctx, const struct record *r), void *ctx, uint64_t *lost,
		  struct err *e) MUST_USE;

#endif
