/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A notebook for the tests of the store: in the scratch folder, with a clock that moves a second at each look. */
#ifndef ARPENT_STORE_FIXTURE_H
#define ARPENT_STORE_FIXTURE_H

#include <sodium.h>

#include "store/db.h"

static inline void fixture_now(void *ctx, struct moment *out)
{
	static int64_t ms = 1795000000000; /* 2026-11-18 */

	(void)ctx;
	ms += 1000;
	moment_from_unix(ms, 60, out);
}

static inline void fixture_key(struct secret *pass)
{
	struct err e = ERR_INIT;

	if (sodium_init() < 0 || !secret_set(pass, "essai", 5, &e))
		exit(99);
}

static inline bool fixture_try(const char *name, struct store **out, struct err *e)
{
	struct secret pass = SECRET_INIT;
	struct vault_key key = {.passphrase = &pass};
	bool ok;

	fixture_key(&pass);
	ok = store_open(check_path(name), &key, out, e);
	secret_free(&pass);
	if (ok)
		store_set_clock(*out, fixture_now, NULL);
	return ok;
}

static inline struct store *fixture_open(const char *name)
{
	struct err e = ERR_INIT;
	struct store *s = NULL;

	if (!CHECK_OK(fixture_try(name, &s, &e), &e))
		exit(99);
	return s;
}

static inline struct store *fixture_new(const char *name)
{
	struct secret pass = SECRET_INIT, words = SECRET_INIT;
	struct vault_key key = {.passphrase = &pass};
	struct err e = ERR_INIT;
	struct store *s = NULL;

	fixture_key(&pass);
	if (!CHECK_OK(store_create(check_path(name), &key, &VAULT_COST_TEST, "fr", &s, &words, &e), &e))
		exit(99);
	secret_free(&pass);
	secret_free(&words);
	store_set_clock(s, fixture_now, NULL);
	return s;
}

static inline struct id fixture_record(struct store *s, const char *kind, const char *key, const char *text)
{
	const struct field *f = kind_field(kind_find(kind), key);
	struct want w = {.key = key, .text = text, .is_text = f && f->type == FIELD_TEXT};
	struct err e = ERR_INIT;
	struct id id = {{0}};

	CHECK_OK(store_new(s, kind, &w, 1, &id, &e), &e);
	return id;
}

static inline struct id fixture_person(struct store *s, const char *name)
{
	return fixture_record(s, "person", "name", name);
}

static inline void fixture_exec(struct store *s, const char *sql)
{
	struct err e = ERR_INIT;

	CHECK_OK(db_exec(s, sql, &e), &e);
}

static inline long long fixture_int(struct store *s, const char *sql)
{
	struct err e = ERR_INIT;
	int64_t v = -1;

	CHECK_OK(db_int(s, &v, &e, sql, ""), &e);
	return v;
}

/* All that is derived agrees with the states: nothing is left over, nothing is missing. */
static inline void fixture_check_index(struct store *s)
{
	fixture_exec(s, "INSERT INTO fts(fts) VALUES('integrity-check')");
	CHECK_EQ_INT(fixture_int(s, "SELECT count(*) FROM record"), fixture_int(s, "SELECT count(*) FROM state"));
	CHECK_EQ_INT(
	    fixture_int(s, "SELECT count(*) FROM record WHERE bin = 0"),
	    fixture_int(s, "SELECT count(*) FROM fts WHERE fts MATCH 'kind : (person OR note OR meeting OR task OR "
			   "decision OR site OR observation OR attendance OR mandate OR file OR organisation)'"));
	CHECK_EQ_INT(
	    fixture_int(s,
			"SELECT count(*) FROM (SELECT kind, bin, count(*) c FROM record GROUP BY kind, bin) LEFT JOIN "
			"kinds USING (kind, bin) WHERE c IS NOT n"),
	    0);
	CHECK_EQ_INT(fixture_int(s, "SELECT count(*) FROM record WHERE ord <> row"), 0);
}

#endif
