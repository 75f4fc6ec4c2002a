/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Notebooks of people who hand records to one another, for the tests of the sync floor. */
#ifndef ARPENT_SYNC_FIXTURE_H
#define ARPENT_SYNC_FIXTURE_H

#include <sodium.h>

#include "arpent/handoff.h"
#include "check.h"

static inline void sync_now(void *ctx, struct moment *out)
{
	static int64_t ms = 1795000000000; /* 2026-11-18; a second goes by at each look */

	(void)ctx;
	ms += 1000;
	moment_from_unix(ms, 60, out);
}

static inline struct store *sync_notebook(const char *file, const char *name)
{
	struct secret pass = SECRET_INIT, words = SECRET_INIT;
	struct vault_key key = {.passphrase = &pass};
	struct err e = ERR_INIT;
	struct store *s = NULL;

	if (!CHECK_OK(secret_start(&e), &e) || !CHECK_OK(secret_set(&pass, "essai", 5, &e), &e))
		exit(99);
	unlink(check_path(file));
	if (!CHECK_OK(store_create(check_path(file), &key, &VAULT_COST_TEST, "fr", &s, &words, &e), &e))
		exit(99);
	secret_free(&pass);
	secret_free(&words);
	store_set_clock(s, sync_now, NULL);
	CHECK_OK(identity_set_name(s, name, &e), &e);
	return s;
}

static inline struct identity sync_who(struct store *s)
{
	struct identity_self self;
	struct identity who;
	struct err e = ERR_INIT;

	CHECK_OK(identity_self(s, &self, &e), &e);
	who = self.who;
	identity_self_done(&self);
	return who;
}

/* By card, as people do. */
static inline void sync_trust(struct store *s, struct store *other)
{
	struct identity_self self;
	struct identity who;
	struct buf card = BUF_INIT;
	struct err e = ERR_INIT;
	bool added;

	CHECK_OK(identity_self(other, &self, &e), &e);
	CHECK_OK(identity_card(&self, &card, &e), &e);
	CHECK_OK(identity_card_read(card.p, card.len, &who, &e), &e);
	CHECK_OK(peer_add(s, &who, PEER_ADD, &added, &e), &e);
	identity_self_done(&self);
	buf_done(&card);
}

static inline struct id sync_record(struct store *s, const char *kind, const struct want *wants, size_t n)
{
	struct err e = ERR_INIT;
	struct id id = {{0}};

	CHECK_OK(store_new(s, kind, wants, n, &id, &e), &e);
	return id;
}

static inline void sync_set(struct store *s, const struct id *id, const char *key, const char *text)
{
	struct want w = {
	    .key = key, .text = text, .is_text = strcmp(key, "notes") == 0, .is_set = strcmp(key, "tags") == 0};
	struct err e = ERR_INIT;

	CHECK_OK(store_edit(s, id, &w, 1, &e), &e);
}

static inline void sync_is(struct store *s, const struct id *id, const char *key, const char *want)
{
	struct record r;
	struct err e = ERR_INIT;

	if (!CHECK_OK(store_get(s, id, &r, &e), &e))
		return;
	CHECK_STR(record_get(&r, key), want);
	record_done(&r);
}

static inline bool sync_row(void *ctx, const struct row *row, const struct list_key *at)
{
	crypto_generichash_state *h = ((void **)ctx)[0];
	struct store *s = ((void **)ctx)[1];
	struct buf b = BUF_INIT;
	struct record r;
	struct err e = ERR_INIT;

	(void)at;
	if (CHECK_OK(store_get(s, &row->id, &r, &e), &e)) {
		record_encode(&r, &b);
		crypto_generichash_update(h, (uint8_t *)b.p, b.len);
		record_done(&r);
	}
	buf_done(&b);
	return true;
}

/* A hash of every record's whole state: equal when nothing has changed. */
static inline void sync_sum(struct store *s, uint8_t out[32])
{
	crypto_generichash_state h;
	void *ctx[2] = {&h, s};
	struct list_spec spec = {.order = LIST_BY_TITLE};
	struct err e = ERR_INIT;

	crypto_generichash_init(&h, NULL, 0, 32);
	CHECK_OK(store_list(s, &spec, NULL, false, 100000, sync_row, ctx, &e), &e);
	crypto_generichash_final(&h, out, 32);
}

#endif
