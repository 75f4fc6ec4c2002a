/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "check.h"

#include <sodium.h>

#include "arpent/words.h"

static void check_list(const char *lang, const char *sha256)
{
	crypto_hash_sha256_state st;
	uint8_t hash[32];
	char hex[65];

	crypto_hash_sha256_init(&st);
	for (unsigned i = 0; i < WORDS; i++) {
		const char *word = words_get(lang, i);

		crypto_hash_sha256_update(&st, (const uint8_t *)word, strlen(word));
		crypto_hash_sha256_update(&st, (const uint8_t *)"\n", 1);
		CHECK_EQ_INT(words_find(lang, word, strlen(word)), i);
	}
	crypto_hash_sha256_final(&st, hash);
	CHECK_STR(sodium_bin2hex(hex, sizeof hex, hash, sizeof hash), sha256);
}

TEST(lists_are_those_of_bip39)
{
	check_list("en", "2f5eed53a4727b4bf8880d8f3f199efc90e58503646d9ff8eff3a2ed3b24dbda");
	check_list("fr", "431c1d074225d2b7e82db857d7c3ea58051df546e7c8b74c1f6dcab36351fd56");
}

static int find(const char *lang, const char *word)
{
	return words_find(lang, word, strlen(word));
}

TEST(what_people_type_is_found)
{
	int arpenter = find("fr", "arpenter"), eleve = find("fr", "élève");

	CHECK(arpenter >= 0 && eleve >= 0);
	CHECK_EQ_INT(find("fr", "ARPE"), arpenter);
	CHECK_EQ_INT(find("fr", "arpent"), arpenter);
	CHECK_EQ_INT(find("fr", "eleve"), eleve);
	CHECK_EQ_INT(find("fr", "ÉLÈVE"), eleve);
	CHECK_EQ_INT(find("fr", "e\xcc\x81le\xcc\x80ve"), eleve); /* decomposed */
	CHECK_EQ_INT(find("en", "Zoo"), WORDS - 1);
	CHECK_EQ_INT(find("en", "zo"), -1);
	CHECK_EQ_INT(find("en", "zoology"), -1);
	CHECK_EQ_INT(find("fr", "arpenteur"), -1);
	CHECK_EQ_INT(find("fr", ""), -1);
	CHECK_EQ_INT(find("fr", "\xc3"), -1);
	CHECK_EQ_INT(find("fr", "a very long word that is none"), -1);
	CHECK_EQ_INT(words_find("fr", "arpenter plus loin", 8), arpenter);
}
