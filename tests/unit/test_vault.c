/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "check.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sodium.h>

#include "arpent/header.h"
#include "arpent/slot.h"
#include "arpent/vault.h"

static struct secret secret_of(const char *text)
{
	struct secret s = SECRET_INIT;
	struct err e = ERR_INIT;

	if (sodium_init() < 0 || !secret_set(&s, text, strlen(text), &e))
		exit(99);
	return s;
}

/* A notebook of passphrase "pass"; its words go to *words when that is not NULL. */
static const char *make(const char *name, struct secret *words)
{
	struct secret pass = secret_of("pass"), own = SECRET_INIT;
	struct vault_key key = {&pass, NULL, NULL};
	struct err e = ERR_INIT;
	struct vault *v = NULL;

	CHECK_OK(vault_create(check_path(name), &key, &VAULT_COST_TEST, "fr", &v, words != NULL ? words : &own, &e),
		 &e);
	vault_close(v);
	secret_free(&pass);
	secret_free(&own);
	return check_path(name);
}

/* The result of opening with a passphrase. */
static enum err_code try_pass(const char *path, const char *text)
{
	struct secret pass = secret_of(text);
	struct vault_key key = {&pass, NULL, NULL};
	struct err e = ERR_INIT;
	struct vault *v = NULL;
	bool ok = vault_open(path, &key, true, &v, &e);

	vault_close(v);
	secret_free(&pass);
	return ok ? ERR_NONE : e.code;
}

static enum err_code try_words(const char *path, const struct secret *words)
{
	struct vault_key key = {NULL, NULL, words};
	struct err e = ERR_INIT;
	struct vault *v = NULL;
	bool ok = vault_open(path, &key, true, &v, &e);

	vault_close(v);
	return ok ? ERR_NONE : e.code;
}

static void put(const char *path, off_t at, const void *p, size_t n)
{
	int fd = open(path, O_RDWR);

	CHECK(pwrite(fd, p, n, at) == (ssize_t)n);
	close(fd);
}

static void get(const char *path, off_t at, void *p, size_t n)
{
	int fd = open(path, O_RDONLY);

	CHECK(pread(fd, p, n, at) == (ssize_t)n);
	close(fd);
}

TEST(passphrase_and_words_open)
{
	struct secret words = SECRET_INIT;
	const char *path = make("a.arpent", &words);
	struct stat st;

	CHECK(stat(path, &st) == 0);
	CHECK_EQ_INT(st.st_size, VAULT_HEADER);
	CHECK_EQ_INT(st.st_mode & 0777, 0600);
	CHECK_EQ_INT(try_pass(path, "pass"), ERR_NONE);
	CHECK_EQ_INT(try_pass(path, "Pass"), ERR_WRONG_KEY);
	CHECK_EQ_INT(try_words(path, &words), ERR_NONE);
	CHECK(access(check_path("a.arpent.lock"), F_OK) != 0);
	secret_free(&words);
}

TEST(an_existing_file_stays)
{
	struct secret pass = secret_of("pass"), words = SECRET_INIT;
	struct vault_key key = {&pass, NULL, NULL};
	const char *path = check_path("there");
	struct err e = ERR_INIT;
	struct vault *v;
	char back[4];

	close(open(path, O_CREAT | O_WRONLY, 0600));
	put(path, 0, "mine", 4);
	CHECK_ERR(vault_create(path, &key, &VAULT_COST_TEST, "en", &v, &words, &e), &e, ERR_EXISTS);
	get(path, 0, back, 4);
	CHECK_MEM(back, 4, "mine", 4);
	secret_free(&pass);
}

TEST(passphrases_are_compared_in_nfc)
{
	struct secret pass = secret_of("e\xcc\x81t\xc3\xa9"), words = SECRET_INIT;
	struct vault_key key = {&pass, NULL, NULL};
	struct err e = ERR_INIT;
	struct vault *v = NULL;

	REQUIRE(CHECK_OK(vault_create(check_path("nfc.arpent"), &key, &VAULT_COST_TEST, "en", &v, &words, &e), &e));
	vault_close(v);
	CHECK_EQ_INT(try_pass(check_path("nfc.arpent"), "\xc3\xa9te\xcc\x81"), ERR_NONE);
	CHECK_EQ_INT(try_pass(check_path("nfc.arpent"), "\xc3\xa9te"), ERR_WRONG_KEY);
	CHECK_EQ_INT(try_pass(check_path("nfc.arpent"), "\xff\xfe"), ERR_WRONG_KEY);
	secret_free(&pass);
	secret_free(&words);
}

TEST(key_files)
{
	struct secret pass = secret_of("pass"), file = secret_of("0123456789abcdef0123456789abcdef"),
		      words = SECRET_INIT;
	struct vault_key both = {&pass, &file, NULL}, only = {NULL, &file, NULL}, none = {NULL, NULL, NULL};
	struct err e = ERR_INIT;
	struct vault *v = NULL;
	struct vault_slot_info slots[4];

	CHECK_ERR(vault_create(check_path("k0"), &none, &VAULT_COST_TEST, "en", &v, &words, &e), &e, ERR_INPUT);
	REQUIRE(CHECK_OK(vault_create(check_path("k.arpent"), &both, &VAULT_COST_TEST, "en", &v, &words, &e), &e));
	CHECK_EQ_INT(vault_slots(v, slots, 4), 2);
	CHECK_EQ_INT(slots[0].type, VAULT_SLOT_BOTH);
	CHECK_EQ_INT(slots[0].cost.mem_kib, VAULT_COST_TEST.mem_kib);
	CHECK_EQ_INT(slots[1].type, VAULT_SLOT_WORDS);
	vault_close(v);
	CHECK_EQ_INT(try_pass(check_path("k.arpent"), "pass"), ERR_WRONG_KEY);
	CHECK_ERR(vault_open(check_path("k.arpent"), &only, true, &v, &e), &e, ERR_WRONG_KEY);
	REQUIRE(CHECK_OK(vault_open(check_path("k.arpent"), &both, true, &v, &e), &e));
	CHECK_OK(vault_rekey(v, &only, &VAULT_COST_TEST, &e), &e);
	vault_close(v);
	CHECK_ERR(vault_open(check_path("k.arpent"), &(struct vault_key){&pass, NULL, NULL}, true, &v, &e), &e,
		  ERR_WRONG_KEY);
	CHECK_OK(vault_open(check_path("k.arpent"), &both, true, &v, &e), &e); /* what is not asked for does no harm */
	vault_close(v);
	secret_free(&pass);
	secret_free(&file);
	secret_free(&words);
}

TEST(four_different_errors)
{
	const char *path = make("four.arpent", NULL);
	uint8_t copy[HEADER_COPY], zeros[HEADER_COPY] = {0}, check[32];

	CHECK_EQ_INT(try_pass(path, "wrong"), ERR_WRONG_KEY);
	CHECK_EQ_INT(try_pass(check_path("nothing"), "pass"), ERR_NOT_FOUND);
	get(path, 0, copy, sizeof copy);
	put(path, 2000, "x", 1);
	CHECK_EQ_INT(try_pass(path, "pass"), ERR_NONE);
	put(path, HEADER_COPY_B + 2000, "x", 1);
	CHECK_EQ_INT(try_pass(path, "pass"), ERR_DAMAGED);
	put(path, 0, zeros, sizeof zeros);
	put(path, HEADER_COPY_B, zeros, sizeof zeros);
	CHECK_EQ_INT(try_pass(path, "pass"), ERR_NOT_NOTEBOOK);
	copy[8] = 2; /* the version; nothing else of a newer header can be known */
	crypto_generichash(check, sizeof check, copy, 4032, NULL, 0);
	memcpy(copy + 4032, check, sizeof check);
	put(path, 0, copy, sizeof copy);
	CHECK_EQ_INT(try_pass(path, "pass"), ERR_NEWER);
	CHECK(truncate(path, 100) == 0);
	CHECK_EQ_INT(try_pass(path, "pass"), ERR_DAMAGED);
	CHECK(truncate(path, 0) == 0);
	CHECK_EQ_INT(try_pass(path, "pass"), ERR_NOT_NOTEBOOK);
	CHECK_EQ_INT(try_pass(check_dir(), "pass"), ERR_IO);
}

/* A newer program has changed the header since: going back to the other copy would undo what it did. */
TEST(a_newer_copy_is_not_passed_over)
{
	struct secret pass = secret_of("pass"), mac = SECRET_INIT;
	struct vault_key key = {&pass, NULL, NULL};
	const char *path = make("newer.arpent", NULL);
	uint8_t copy[HEADER_COPY];
	struct err e = ERR_INIT;
	struct vault *v = NULL;

	REQUIRE(CHECK_OK(vault_open(path, &key, true, &v, &e), &e));
	REQUIRE(CHECK_OK(vault_subkey(v, VAULT_SUB_HEADER, &mac, &e), &e));
	vault_close(v);
	get(path, 0, copy, sizeof copy);
	copy[8] = 2;
	crypto_generichash(copy + 4032, 32, copy, 4032, NULL, 0);
	crypto_auth(copy + 4064, copy, 4064, mac.p);
	put(path, 0, copy, sizeof copy);
	CHECK_EQ_INT(try_pass(path, "pass"), ERR_NEWER);
	secret_free(&mac);
	secret_free(&pass);
}

TEST(any_damage_to_one_copy_is_survived)
{
	const char *path = make("flip.arpent", NULL);
	struct err e = ERR_INIT;

	/* Every byte, without the cost of opening; a few by opening. */
	for (unsigned which = 0; which < 2; which++) {
		uint8_t copy[HEADER_COPY];
		struct header h;

		get(path, (off_t)which * HEADER_COPY_B, copy, sizeof copy);
		REQUIRE(header_decode(copy, &h) == ERR_NONE);
		for (size_t i = 0; i < HEADER_COPY - 32; i++) {
			enum err_code code;

			copy[i] ^= (uint8_t)(1u << i % 8);
			code = header_decode(copy, &h);
			CHECK(code == ERR_DAMAGED || (i < 8 && code == ERR_NOT_NOTEBOOK));
			copy[i] ^= (uint8_t)(1u << i % 8);
		}
		for (int i = 0; i < 4; i++) {
			off_t at = (off_t)which * HEADER_COPY_B + (off_t)(check_random() % HEADER_COPY);
			uint8_t byte;

			get(path, at, &byte, 1);
			byte ^= 0x10;
			put(path, at, &byte, 1);
			CHECK_EQ_INT(try_pass(path, "pass"), ERR_NONE);
			byte ^= 0x10;
			put(path, at, &byte, 1);
		}
	}
	(void)e;
}

TEST(a_torn_header_write_locks_nobody_out)
{
	struct secret pass = secret_of("pass"), next = secret_of("next");
	struct vault_key key = {&pass, NULL, NULL}, new_key = {&next, NULL, NULL};
	const char *path = make("tear.arpent", NULL);
	uint8_t before[2][HEADER_COPY], after[2][HEADER_COPY];
	struct err e = ERR_INIT;
	struct vault *v = NULL;

	get(path, 0, before[0], HEADER_COPY);
	get(path, HEADER_COPY_B, before[1], HEADER_COPY);
	REQUIRE(CHECK_OK(vault_open(path, &key, true, &v, &e), &e));
	CHECK_OK(vault_rekey(v, &new_key, &VAULT_COST_TEST, &e), &e);
	vault_close(v);
	get(path, 0, after[0], HEADER_COPY);
	get(path, HEADER_COPY_B, after[1], HEADER_COPY);
	/* The first write goes to the older copy, A; cut it at every sector. */
	for (size_t cut = 0; cut <= HEADER_COPY; cut += 512) {
		put(path, 0, before[0], HEADER_COPY);
		put(path, HEADER_COPY_B, before[1], HEADER_COPY);
		put(path, 0, after[0], cut);
		CHECK_EQ_INT(try_pass(path, cut < HEADER_COPY ? "pass" : "next"), ERR_NONE);
		/* Then B, with A whole. */
		put(path, 0, after[0], HEADER_COPY);
		put(path, HEADER_COPY_B, after[1], cut);
		CHECK_EQ_INT(try_pass(path, "next"), ERR_NONE);
	}
	/* Between the two, the old passphrase still opens copy B, which is not in force any more. */
	put(path, HEADER_COPY_B, before[1], HEADER_COPY);
	CHECK_EQ_INT(try_pass(path, "pass"), ERR_WRONG_KEY);
	secret_free(&pass);
	secret_free(&next);
}

TEST(a_changed_passphrase_and_new_words)
{
	struct secret words = SECRET_INIT, newer = SECRET_INIT, pass = secret_of("pass"), next = secret_of("next");
	struct vault_key key = {&pass, NULL, NULL}, new_key = {&next, NULL, NULL};
	const char *path = make("change.arpent", &words);
	uint8_t id[16], slots[2][1056];
	struct err e = ERR_INIT;
	struct vault *v = NULL;

	REQUIRE(CHECK_OK(vault_open(path, &key, true, &v, &e), &e));
	memcpy(id, vault_file_id(v), 16);
	CHECK_OK(vault_rekey(v, &new_key, &VAULT_COST_TEST, &e), &e);
	CHECK_OK(vault_new_words(v, "en", &newer, &e), &e);
	CHECK_EQ_INT(vault_slots(v, NULL, 0), 2);
	vault_close(v);
	/* What was replaced is in neither copy any more. */
	get(path, 160, slots[0], sizeof slots[0]);
	get(path, HEADER_COPY_B + 160, slots[1], sizeof slots[1]);
	CHECK_MEM(slots[0], sizeof slots[0], slots[1], sizeof slots[1]);
	CHECK_EQ_INT(try_pass(path, "pass"), ERR_WRONG_KEY);
	CHECK_EQ_INT(try_pass(path, "next"), ERR_NONE);
	CHECK_EQ_INT(try_words(path, &words), ERR_WRONG_KEY);
	CHECK_EQ_INT(try_words(path, &newer), ERR_NONE);
	REQUIRE(CHECK_OK(vault_open(path, &new_key, false, &v, &e), &e));
	CHECK_MEM(vault_file_id(v), 16, id, 16);
	CHECK_ERR(vault_rekey(v, &new_key, &VAULT_COST_TEST, &e), &e, ERR_IO);
	vault_close(v);
	secret_free(&words);
	secret_free(&newer);
	secret_free(&pass);
	secret_free(&next);
}

/* Parameters over the caps are refused before they are run. */
TEST(costs_are_capped)
{
	struct secret pass = secret_of("pass"), kek = SECRET_INIT;
	struct vault_key key = {&pass, NULL, NULL};
	struct header_slot s = {.type = VAULT_SLOT_PASSPHRASE, .opslimit = 2, .mem_kib = SLOT_MEM_MAX + 1};
	struct err e = ERR_INIT;

	CHECK_ERR(slot_kek(&s, &key, &kek, &e), &e, ERR_LIMIT);
	s.mem_kib = 8;
	s.opslimit = SLOT_OPS_MAX + 1;
	CHECK_ERR(slot_kek(&s, &key, &kek, &e), &e, ERR_LIMIT);
	s.mem_kib = SLOT_MEM_MAX;
	s.opslimit = SLOT_OPS_MAX;
	CHECK_ERR(slot_kek(&s, &key, &kek, &e), &e, ERR_LIMIT);
	secret_free(&pass);
	secret_free(&kek);
}

TEST(calibration_keeps_to_its_bounds)
{
	struct vault_cost c;
	struct err e = ERR_INIT;

	CHECK_OK(vault_calibrate(1, &c, &e), &e);
	CHECK_EQ_INT(c.mem_kib, VAULT_COST_TEST.mem_kib);
	CHECK_EQ_INT(c.opslimit, VAULT_COST_TEST.opslimit);
	CHECK_OK(vault_calibrate(100000, &c, &e), &e);
	CHECK(c.mem_kib <= SLOT_MEM_MAX && c.opslimit <= SLOT_OPS_MAX);
	CHECK((uint64_t)c.mem_kib * c.opslimit <= SLOT_WORK_MAX);
}

TEST(words_both_ways)
{
	/* BIP-39's own vectors for 256 bits. */
	static const uint8_t zeros[32] = {0};
	uint8_t ones[32], back[32];
	struct secret text = SECRET_INIT;
	struct err e = ERR_INIT;

	memset(ones, 0xff, sizeof ones);
	CHECK_OK(slot_words_text(zeros, "en", &text, &e), &e);
	CHECK_STR((char *)text.p,
		  "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon "
		  "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon "
		  "abandon art");
	CHECK_OK(slot_words_text(ones, "en", &text, &e), &e);
	CHECK_STR((char *)text.p,
		  "zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo "
		  "zoo vote");
	CHECK_OK(slot_words_parse(&text, back, &e), &e);
	CHECK_MEM(back, 32, ones, 32);
	CHECK_OK(slot_words_text(ones, "fr", &text, &e), &e);
	CHECK_OK(slot_words_parse(&text, back, &e), &e);
	CHECK_MEM(back, 32, ones, 32);
	memcpy(text.p, "abaisser", 8); /* for "zoologie": a word all the same */
	CHECK_ERR(slot_words_parse(&text, back, &e), &e, ERR_INPUT);
	CHECK_STR(e.detail, "checksum");
	text.p[text.len - 1] = 'q';
	CHECK_ERR(slot_words_parse(&text, back, &e), &e, ERR_INPUT);
	CHECK_STR(e.detail, "word 24");
	REQUIRE(secret_set(&text, "zoo zoo", 7, &e));
	CHECK_ERR(slot_words_parse(&text, back, &e), &e, ERR_INPUT);
	secret_free(&text);
}

TEST(one_process_has_it)
{
	struct secret pass = secret_of("pass");
	struct vault_key key = {&pass, NULL, NULL};
	const char *path = make("lock.arpent", NULL);
	struct vault *v = NULL, *second = NULL;
	struct err e = ERR_INIT;
	char want[32];

	REQUIRE(CHECK_OK(vault_open(path, &key, true, &v, &e), &e));
	CHECK_ERR(vault_open(path, &key, true, &second, &e), &e, ERR_BUSY);
	snprintf(want, sizeof want, "%ld ", (long)getpid());
	CHECK(strncmp(e.detail, want, strlen(want)) == 0);
	/* By another name of the same file, too. */
	CHECK(link(path, check_path("alias.arpent")) == 0);
	CHECK_ERR(vault_open(check_path("alias.arpent"), &key, true, &second, &e), &e, ERR_BUSY);
	CHECK(symlink(path, check_path("soft.arpent")) == 0);
	CHECK_ERR(vault_open(check_path("soft.arpent"), &key, true, &second, &e), &e, ERR_BUSY);
	CHECK(strncmp(e.detail, want, strlen(want)) == 0);
	vault_close(v);
	CHECK_EQ_INT(try_pass(path, "pass"), ERR_NONE);
	/* A lock file left behind by a crash holds nobody up. */
	close(open(check_path("lock.arpent.lock"), O_CREAT | O_WRONLY, 0600));
	CHECK_EQ_INT(try_pass(path, "pass"), ERR_NONE);
	secret_free(&pass);
}

TEST(inbox)
{
	struct secret pass = secret_of("pass");
	struct vault_key key = {&pass, NULL, NULL};
	const char *path = make("inbox.arpent", NULL);
	uint8_t id[16], pk[32], sealed[5 + crypto_box_SEALBYTES], out[5];
	struct err e = ERR_INIT;
	struct vault *v = NULL;

	CHECK_OK(vault_inbox_public(path, id, pk, &e), &e);
	CHECK(crypto_box_seal(sealed, (const uint8_t *)"hello", 5, pk) == 0);
	REQUIRE(CHECK_OK(vault_open(path, &key, true, &v, &e), &e));
	CHECK_MEM(id, 16, vault_file_id(v), 16);
	CHECK_OK(vault_inbox_unseal(v, sealed, sizeof sealed, out, &e), &e);
	CHECK_MEM(out, 5, "hello", 5);
	sealed[3] ^= 1;
	CHECK_ERR(vault_inbox_unseal(v, sealed, sizeof sealed, out, &e), &e, ERR_DAMAGED);
	CHECK_ERR(vault_inbox_unseal(v, sealed, 3, out, &e), &e, ERR_DAMAGED);
	vault_close(v);
	secret_free(&pass);
}

TEST(freshness_record)
{
	struct secret pass = secret_of("pass");
	struct vault_key key = {&pass, NULL, NULL};
	const char *path = make("fresh.arpent", NULL);
	struct vault_fresh f = {true, 41, {1, 2, 3}}, back;
	struct err e = ERR_INIT;
	struct vault *v = NULL;

	REQUIRE(CHECK_OK(vault_open(path, &key, true, &v, &e), &e));
	CHECK(vault_fresh_get(v, &back, NULL) && back.known && back.counter == 0);
	CHECK_OK(vault_fresh_set(v, &f, &e), &e);
	vault_close(v);
	REQUIRE(CHECK_OK(vault_open(path, &key, true, &v, &e), &e));
	CHECK(vault_fresh_get(v, &back, NULL) && back.known && back.counter == 41);
	CHECK_MEM(back.sum, 32, f.sum, 32);
	vault_close(v);
	secret_free(&pass);
}
