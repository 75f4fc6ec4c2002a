/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Notebooks of one person that meet on a folder. */
#include "devices_fixture.h"
#include "../../src/sync/book.h"

TEST(a_second_device_has_it_all)
{
	struct id first, second;

	start(2);
	first = note(of[0], "avant");
	second = note(of[1], "sur le portable");
	sync_one(0);
	CHECK_EQ_INT(report.sent, 1); /* what there is, and that of the roster */
	sync_one(1);
	CHECK_EQ_INT(report.news, 1);
	sync_is(of[1], &first, "text", "avant");
	sync_one(0);
	sync_is(of[0], &second, "text", "sur le portable");
	all_same(2);
	sync_set(of[1], &first, "text", "après");
	sync_one(1);
	sync_one(0);
	sync_is(of[0], &first, "text", "après");
	all_same(2);
}

struct told {
	struct buf text;
};

static bool tell(void *ctx, const struct history *h)
{
	struct told *t = ctx;

	buf_printf(&t->text, "%s/%d:%d/%s;", h->who, h->when.minute, h->when.second, h->change ? "" : "whole");
	return true;
}

static void history_is(struct store *s, const struct id *id, struct store *as, const struct id *id_there)
{
	struct told a = {BUF_INIT}, b = {BUF_INIT};
	struct err e = ERR_INIT;

	CHECK_OK(store_history(s, id, tell, &a, &e), &e);
	CHECK_OK(store_history(as, id_there, tell, &b, &e), &e);
	CHECK(a.text.len > 0);
	if (s == as)
		CHECK_STR(buf_str(&a.text), buf_str(&b.text));
	/* The same moments; one's own name goes without what the device is called. */
	CHECK(strstr(buf_str(&a.text), "Camille") != NULL && strstr(buf_str(&b.text), "Camille") != NULL);
	buf_done(&a.text);
	buf_done(&b.text);
}

TEST(who_said_what_and_when_is_told)
{
	struct told t = {BUF_INIT};
	struct err e = ERR_INIT;
	struct id id;

	start(2);
	id = note(of[0], "un");
	sync_one(0);
	sync_one(1);
	sync_set(of[1], &id, "text", "deux");
	sync_one(1);
	sync_one(0);
	sync_one(1);
	history_is(of[0], &id, of[1], &id);
	CHECK_OK(store_history(of[0], &id, tell, &t, &e), &e);
	CHECK(strstr(buf_str(&t.text), "Camille (portable)") != NULL);
	buf_done(&t.text);
}

TEST(undo_takes_back_what_was_done_here)
{
	struct step_info info;
	struct err e = ERR_INIT;
	struct id mine, theirs;

	start(2);
	mine = note(of[0], "à moi");
	theirs = note(of[1], "à l'autre");
	sync_one(0);
	sync_one(1);
	sync_one(0);
	CHECK_OK(store_undo(of[0], &info, &e), &e);
	CHECK_ERR(store_undo(of[0], &info, &e), &e, ERR_NOT_FOUND);
	sync_is(of[0], &theirs, "text", "à l'autre");
	sync_one(0);
	sync_one(1);
	all_same(2);
	struct record r;
	CHECK_OK(store_get(of[1], &mine, &r, &e), &e);
	CHECK(record_deleted(&r, NULL));
	record_done(&r);
}

TEST(undo_leaves_what_another_device_wrote_over_it)
{
	struct step_info info;
	struct err e = ERR_INIT;
	struct id id;

	start(2);
	id = note(of[0], "un");
	sync_set(of[0], &id, "text", "deux");
	sync_set(of[0], &id, "share", "team");
	sync_one(0);
	sync_one(1);
	sync_set(of[1], &id, "text", "trois");
	sync_one(1);
	sync_one(0);
	CHECK_OK(store_undo(of[0], &info, &e), &e);
	sync_is(of[0], &id, "share", "");
	CHECK_OK(store_undo(of[0], &info, &e), &e);
	sync_is(of[0], &id, "text", "trois");
}

/* A kind and a field of a newer version, and edits side by side. */
TEST(what_is_not_known_here_passes)
{
	const struct want w = {.key = "new.field", .text = "x"};
	struct err e = ERR_INIT;
	struct id id;

	start(3);
	id_new(&id);
	CHECK_OK(store_new_as(of[0], "new.kind", &id, &w, 1, &e), &e);
	sync_one(0);
	sync_one(1);
	sync_one(2);
	sync_set(of[1], &id, "new.field", "y");
	sync_set(of[2], &id, "new.field", "z");
	for (int round = 0; round < 2; round++)
		for (size_t i = 0; i < 3; i++)
			sync_one(i);
	all_same(3);
	struct record r;
	CHECK_OK(store_get(of[0], &id, &r, &e), &e);
	CHECK(record_conflicts(&r));
	record_done(&r);
}

struct receipts {
	size_t n, have;
};

static bool receipt(void *ctx, const struct stream *st, bool has)
{
	struct receipts *r = ctx;

	(void)st;
	r->n++;
	r->have += has;
	return true;
}

static void receipts_are(size_t i, const struct id *id, bool sent, size_t have)
{
	struct receipts r = {0, 0};
	struct err e = ERR_INIT;
	bool is_sent = false;

	CHECK_OK(devices_receipts(of[i], id, &is_sent, receipt, &r, &e), &e);
	CHECK_EQ_INT(is_sent, sent);
	CHECK_EQ_INT(r.n, 1);
	CHECK_EQ_INT(r.have, have);
}

TEST(receipts_tell_who_has_it)
{
	struct id id;

	start(2);
	sync_one(0);
	sync_one(1);
	id = note(of[0], "reçu ?");
	receipts_are(0, &id, false, 0);
	sync_one(0);
	receipts_are(0, &id, true, 0);
	sync_one(1);
	receipts_are(1, &id, true, 1);
	sync_one(0); /* the other has acknowledged it, having nothing else to say */
	receipts_are(0, &id, true, 1);
	sync_set(of[1], &id, "text", "plus");
	receipts_are(1, &id, false, 0);
}

TEST(a_hand_off_goes_on_with_what_was_withheld)
{
	struct store *anne = sync_notebook("anne", "Anne");
	const struct want w[] = {want_line("name", "Jean"), want_text("confidential", "canari")};
	const struct handoff_options open = {true, false}, plain = {false, false};
	struct id id = sync_record(anne, "person", w, 2);
	struct handoff h;
	struct err e = ERR_INIT;
	struct buf file = BUF_INIT;
	struct peer peer;

	start(2);
	sync_trust(of[0], anne);
	peer = (struct peer){.who = sync_who(of[0])};
	for (int turn = 0; turn < 2; turn++) {
		buf_clear(&file);
		CHECK_OK(handoff_plan(anne, &id, 1, turn ? &open : &plain, &h, &e), &e);
		CHECK_OK(handoff_seal_buf(anne, &h, &peer, 1, NULL, &file, &e), &e);
		handoff_done(&h);
		CHECK_OK(handoff_read_buf(of[0], file.p, file.len, NULL, false, &h, &e), &e);
		CHECK_OK(handoff_take(of[0], &h, &e), &e);
		handoff_done(&h);
		sync_set(of[0], &id, "phone", turn ? "04 2" : "04 1");
		sync_one(0);
		sync_one(1);
		all_same(2);
		sync_is(of[1], &id, "confidential", turn ? "canari" : "");
	}
	buf_done(&file);
	store_close(anne);
}

static struct store *reopened(const char *file)
{
	struct secret pass = SECRET_INIT;
	struct vault_key key = {.passphrase = &pass};
	struct err e = ERR_INIT;
	struct store *s = NULL;

	CHECK_OK(secret_set(&pass, "essai", 5, &e), &e);
	if (!CHECK_OK(store_open(check_path(file), &key, &s, &e), &e))
		exit(99);
	secret_free(&pass);
	store_set_clock(s, clock_now, NULL);
	return s;
}

TEST(a_backup_put_back_goes_on_in_a_new_stream)
{
	struct err e = ERR_INIT;
	struct id before, lost, after, old;

	start(2);
	before = note(of[0], "avant la sauvegarde");
	sync_one(0);
	sync_one(1);
	unlink(check_path("backup"));
	CHECK_OK(store_backup(of[0], check_path("backup"), &e), &e);
	lost = note(of[0], "envoyé, puis perdu ici");
	sync_one(0);
	sync_one(1);
	store_close(of[0]);
	of[0] = reopened("backup");
	old = *store_device(of[0]);
	after = note(of[0], "écrit après");
	sync_set(of[0], &before, "text", "changé après");
	sync_one(0);
	CHECK_EQ_INT(report.nfindings, 1);
	CHECK_EQ_INT(report.findings[0].kind, FINDING_RESTORED);
	CHECK(!id_eq(store_device(of[0]), &old));
	sync_one(1);
	sync_one(0);
	sync_is(of[0], &lost, "text", "envoyé, puis perdu ici");
	sync_is(of[1], &after, "text", "écrit après");
	sync_is(of[1], &before, "text", "changé après");
	all_same(2);
	store_close(of[0]);
	of[0] = reopened("backup"); /* its new stream is known at the next opening */
	note(of[0], "encore");
	sync_one(0);
	CHECK_EQ_INT(report.nfindings, 0);
	sync_one(1);
	all_same(2);
}

static bool stop_at(void *ctx, const struct exchange_report *so_far)
{
	unsigned *left = ctx;

	(void)so_far;
	return (*left)-- > 0;
}

/* Broken off at every request in turn, a round loses nothing and sends nothing twice. */
TEST(a_round_may_be_broken_off_anywhere)
{
	struct err e = ERR_INIT;

	for (unsigned at = 0; at < 12; at++) {
		unsigned left = at;
		const struct exchange_watch watch = {stop_at, &left};
		bool ended;
		start(2);
		note(of[0], "un");
		note(of[1], "deux");
		sync_one(1);
		ended = devices_sync(of[0], "folder", &folder, &watch, &report, &e);
		CHECK(ended || e.code == ERR_CANCELLED);
		sync_one(0);
		CHECK_EQ_INT(report.nfindings, 0);
		sync_one(1);
		sync_one(0);
		all_same(2);
		if (ended)
			break;
		CHECK(at < 11);
	}
}

/* What test_sim does with notebooks in memory, on real ones: $WORLDS of them. */

#define RECORDS 4

static size_t pick(size_t n)
{
	return (size_t)(check_random() % n);
}

static void world_edit(size_t d, const struct id *id)
{
	static unsigned turn;
	static const char *const keys[] = {"text", "share", "new.field"};
	struct want made = {.key = keys[pick(3)]};
	char text[32];
	struct step_info info;
	struct record r;
	struct err e = ERR_INIT;
	bool here;

	snprintf(text, sizeof text, "valeur %u", turn++);
	made.text = text;
	made.is_text = strcmp(made.key, "text") == 0;
	record_init(&r);
	here = store_get(of[d], id, &r, &e);
	record_done(&r);
	if (!here)
		CHECK_OK(store_new_as(of[d], "note", id, &made, 1, &e), &e);
	else if (pick(8) == 0)
		CHECK_OK(store_delete(of[d], id, &e), &e);
	else if (pick(8) == 0)
		CHECK(store_undo(of[d], &info, &e) || e.code == ERR_NOT_FOUND);
	else
		CHECK_OK(store_edit(of[d], id, &made, 1, &e), &e);
}

static bool count_changes(void *ctx, const struct history *h)
{
	*(size_t *)ctx += h->change != NULL;
	return true;
}

static void journals_agree(size_t n, const struct id *ids)
{
	for (size_t k = 0; k < RECORDS; k++) {
		size_t want = 0;
		for (size_t d = 0; d < n; d++) {
			struct err e = ERR_INIT;
			size_t got = 0;
			CHECK(store_history(of[d], &ids[k], count_changes, &got, &e) || e.code == ERR_NOT_FOUND);
			want = d == 0 ? got : want;
			CHECK_EQ_INT(got, want);
		}
	}
}

/* Byte for byte. */
static void states_agree(size_t n, const struct id *ids)
{
	struct buf want = BUF_INIT, got = BUF_INIT;

	for (size_t k = 0; k < RECORDS; k++)
		for (size_t d = 0; d < n; d++) {
			struct record r;
			struct err e = ERR_INIT;
			buf_clear(d ? &got : &want);
			if (store_get(of[d], &ids[k], &r, &e)) {
				record_encode(&r, d ? &got : &want);
				record_done(&r);
			}
			if (d > 0)
				CHECK_MEM(got.p, got.len, want.p, want.len);
		}
	buf_done(&want);
	buf_done(&got);
}

static void world(size_t n)
{
	char backup[MAX][16];
	bool backed[MAX] = {false};
	struct id ids[RECORDS];
	struct err e = ERR_INIT;

	start(n);
	for (size_t k = 0; k < RECORDS; k++)
		id_new(&ids[k]);
	for (int step = 0; step < 40; step++) {
		size_t d = pick(n), what = pick(20);
		now_ms += (int64_t)pick(3600000);
		if (what < 10) {
			world_edit(d, &ids[pick(RECORDS)]);
		} else if (what == 18 && !backed[d]) {
			snprintf(backup[d], sizeof backup[d], "backup%zu", d);
			unlink(check_path(backup[d]));
			CHECK_OK(store_backup(of[d], check_path(backup[d]), &e), &e);
			backed[d] = true;
		} else if (what == 19 && backed[d]) {
			store_close(of[d]);
			CHECK(rename(check_path(backup[d]), check_path(files[d])) == 0);
			of[d] = reopened(files[d]);
			backed[d] = false;
		} else {
			sync_one(d);
		}
	}
	for (int cycle = 0; cycle < 5; cycle++)
		for (size_t d = 0; d < n; d++) {
			now_ms += 3600000;
			sync_one(d);
		}
	states_agree(n, ids);
	journals_agree(n, ids);
	for (size_t d = 0; d < n; d++) {
		sync_one(d);
		CHECK_EQ_INT(report.waiting + report.nfindings + report.sent + report.taken, 0);
		CHECK_EQ_INT(folder.requests, n);
	}
}

TEST(real_notebooks_come_to_the_same)
{
	const char *s = getenv("WORLDS");

	for (size_t i = s ? strtoul(s, NULL, 10) : 4; i > 0 && check_failures == 0; i--)
		world(2 + i % 2);
}

/* $NOTES of them, 20 when unset. */
TEST(what_a_round_costs)
{
	const char *notes = getenv("NOTES");
	struct err e = ERR_INIT;
	char text[700];
	struct id id = {{0}};

	start(MAX);
	CHECK_OK(store_step_begin(of[0], "", &e), &e);
	for (unsigned long i = notes ? strtoul(notes, NULL, 10) : 20; i > 0; i--) {
		snprintf(text, sizeof text, "note %lu, telle qu'on la prend sur le terrain", i);
		id = note(of[0], text);
	}
	CHECK_OK(store_step_end(of[0], &e), &e);
	for (int round = 0; round < 4; round++)
		for (size_t i = 0; i < MAX; i++)
			sync_one(i);
	all_same(MAX);
	sync_set(of[3], &id, "text", "une correction");
	sync_one(3);
	printf("# one edit, %d devices: %llu requests, %llu bytes\n", MAX, (unsigned long long)folder.requests,
	       (unsigned long long)(folder.up + folder.down));
	CHECK(folder.requests <= 12);
	CHECK(folder.up + folder.down <= 8192);
	sync_one(3);
	CHECK_EQ_INT(folder.requests, MAX);
	CHECK_EQ_INT(folder.up + folder.down, 0);
	sync_one(5);
	CHECK_EQ_INT(report.news, 1);
	CHECK(folder.requests <= 12);
	CHECK(folder.up + folder.down <= 8192);
}

TEST(a_note_travels_small)
{
	/* 800 bytes as JSON: the note of test_handoff. */
	const struct want w[] = {
	    want_text(
		"text",
		"Réunion avec les éleveurs et le maire au sujet de la clôture du pâturage communal. La commune est "
		"d'accord pour prendre en charge une partie des travaux avant la montée en estive. Deux brebis ont "
		"disparu la semaine dernière près de la source ; le constat sera fait demain avec le garde. Ils "
		"demandent que le sentier soit fermé pendant la traite et que la barrière soit réparée. Je dois "
		"rappeler la fédération dès lundi."),
	    want_line("date", "2026-10-07T18:40"), want_set("tags", "prédation\nestive\npanneaux"),
	    want_line("share", "partner"), want_line("point", "44.91027,5.98113")};
	struct buf file = BUF_INIT, body = BUF_INIT;
	struct journal_segment g;
	struct bundle b;
	struct space sp;
	struct err e = ERR_INIT;

	start(1);
	CHECK_OK(devices_alone(of[0], &e), &e);
	sync_one(0);
	sync_record(of[0], "note", w, 5);
	sync_one(0);
	CHECK_OK(devices_space(of[0], &sp, &e), &e);
	g = (struct journal_segment){.space = sp.id, .stream = sp.own, .n = sp.streams[0].n};
	CHECK_OK(journal_segment_get(of[0], &g, &file, &e), &e);
	struct secret key = SECRET_INIT;
	CHECK_OK(book_secret(of[0], &sp.keys[0].id, &key, &e), &e);
	const struct bundle_keys keys = {.epoch_key = &key, .epoch = sp.keys[0].epoch};
	if (CHECK_OK(bundle_open(file.p, file.len, &keys, &b, &e), &e)) {
		CHECK_OK(bundle_unpack(&b, &body, &e), &e);
		printf("# a note: %zu bytes, %zu packed, %zu sealed\n", body.len, b.packed_len, file.len);
		CHECK(b.packed_len <= 300);
		bundle_done(&b);
	}
	secret_free(&key);
	space_done(&sp);
	buf_done(&file);
	buf_done(&body);
}

TEST(the_end)
{
	start(0);
	remote_close(&folder);
}
