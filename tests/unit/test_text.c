/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "arpent/text.h"

#include <stdlib.h>
#include <string.h>

#include "check.h"

#define FAMILY \
	"\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x91\xA7" /* two women and a girl, joined */
#define FLAG_FR "\xF0\x9F\x87\xAB\xF0\x9F\x87\xB7"
#define SUN_VS16 "\xE2\x98\x80\xEF\xB8\x8F"
#define SUN "\xE2\x98\x80"
#define ACUTE "\xCC\x81"
#define BAD "\xEF\xBF\xBD"

static uint32_t noise_state;

/* xorshift32: the same bytes on every machine. */
static uint32_t noise(void)
{
	noise_state ^= noise_state << 13;
	noise_state ^= noise_state >> 17;
	noise_state ^= noise_state << 5;
	return noise_state;
}

TEST(decode)
{
	uint32_t cp;

	CHECK_EQ_INT(text_decode("a", 1, &cp), 1);
	CHECK_EQ_INT(cp, 'a');
	CHECK_EQ_INT(text_decode("é", 2, &cp), 2);
	CHECK_EQ_INT(cp, 0xE9);
	CHECK_EQ_INT(text_decode("é", 1, &cp), 1);
	CHECK_EQ_INT(cp, 0xFFFD);
	CHECK_EQ_INT(text_decode("\xED\xA0\x80", 3, &cp), 1); /* a surrogate */
	CHECK_EQ_INT(cp, 0xFFFD);
	CHECK_EQ_INT(text_decode("\xC0\x80", 2, &cp), 1); /* overlong */
	CHECK_EQ_INT(cp, 0xFFFD);
	CHECK_EQ_INT(text_decode("\xF4\x90\x80\x80", 4, &cp), 1); /* past U+10FFFF */
	CHECK_EQ_INT(cp, 0xFFFD);
	CHECK_EQ_INT(text_decode("\xF0\x9F\x91\xA9", 4, &cp), 4);
	CHECK_EQ_INT(cp, 0x1F469);
}

TEST(encode_is_the_inverse)
{
	struct buf b = BUF_INIT;
	uint32_t cp;

	for (uint32_t c = 1; c <= 0x10FFFF; c += 7) {
		if (c >= 0xD800 && c <= 0xDFFF)
			continue;
		buf_clear(&b);
		text_encode(&b, c);
		CHECK_EQ_INT(text_decode(b.p, b.len, &cp), b.len);
		CHECK_EQ_INT(cp, c);
	}
	buf_clear(&b);
	text_encode(&b, 0xD800);
	text_encode(&b, 0x110000);
	text_encode(&b, UINT32_MAX);
	CHECK_STR(buf_str(&b), BAD BAD BAD);
	buf_done(&b);
}

TEST(is_utf8)
{
	CHECK(text_is_utf8("", 0));
	CHECK(text_is_utf8("pâturage", 9));
	CHECK(text_is_utf8(BAD, 3)); /* U+FFFD itself is well formed */
	CHECK(!text_is_utf8("p\xE2turage", 8));
	CHECK(!text_is_utf8("\xC3", 1));
}

TEST(clusters)
{
	static const struct {
		const char *s;
		size_t bytes;
		int width;
	} rows[] = {
	    {"a", 1, 1},
	    {"ab", 1, 1},
	    {"é", 2, 1},
	    {"e" ACUTE "t", 3, 1},
	    {"\r\n", 2, 0},
	    {"\n\n", 1, 0},
	    {"\033[", 1, 0},
	    {"\xFFx", 1, 1},
	    {"\xEF\xBF\xBDx", 3, 1},
	    {FAMILY "x", sizeof FAMILY - 1, 2},
	    {FLAG_FR FLAG_FR, 8, 2},
	    {SUN "x", 3, 1},
	    {SUN_VS16 "x", 6, 2},
	    {"1\xEF\xB8\x8F\xE2\x83\xA3", 7, 2},
	    {"a\xEF\xB8\x8F", 4, 1}, /* a selector does not widen a letter */
	    {"\xE6\xBC\xA2\xE5\xAD\x97", 3, 2},
	    {"\xE1\x84\x92\xE1\x85\xA1\xE1\x86\xAB", 9, 2}, /* Hangul in three letters */
	    {"\xC2\xA1", 2, 1},                             /* ambiguous width is 1 */
	    {"\xE2\x89\xA0", 3, 1},
	    {"\xC2\xA0", 2, 1},
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		size_t n = strlen(rows[i].s);
		CHECK_EQ_INT(text_cluster(rows[i].s, n), rows[i].bytes);
		CHECK_EQ_INT(text_cluster_width(rows[i].s, rows[i].bytes), rows[i].width);
	}
	CHECK_EQ_INT(text_cluster("", 0), 0);
}

TEST(cluster_before)
{
	static const char s[] = "ab\r\ne" ACUTE FAMILY FLAG_FR FLAG_FR "x" SUN_VS16;
	size_t starts[32], count = 0, n = sizeof s - 1;

	for (size_t at = 0; at < n; at += text_cluster(s + at, n - at))
		starts[count++] = at;
	CHECK_EQ_INT(count, 9);
	size_t at = n;
	while (at > 0) {
		at = text_cluster_before(s, at);
		CHECK_EQ_INT(at, starts[--count]);
	}
	CHECK_EQ_INT(count, 0);
	CHECK_EQ_INT(text_cluster_before("", 0), 0);
	CHECK_EQ_INT(text_cluster_before("\n\n", 2), 1);
	CHECK_EQ_INT(text_cluster_before("\r\n\r\n", 4), 2);
}

TEST(width_and_fit)
{
	CHECK_EQ_INT(text_width(""), 0);
	CHECK_EQ_INT(text_width("Réunion « Charte »"), 18);
	CHECK_EQ_INT(text_width("re" ACUTE "union"), 7);
	CHECK_EQ_INT(text_width(FAMILY FLAG_FR), 4);
	CHECK_EQ_INT(text_fit("réunion", 8, 3), 4);
	CHECK_EQ_INT(text_fit("réunion", 8, 40), 8);
	CHECK_EQ_INT(text_fit("réunion", 8, 0), 0);
	CHECK_EQ_INT(text_fit("re" ACUTE "union", 9, 2), 4); /* the accent stays */
	CHECK_EQ_INT(text_fit(FAMILY, sizeof FAMILY - 1, 1), 0);
}

TEST(wrap)
{
	static const struct {
		const char *s;
		int columns;
		size_t bytes;
	} rows[] = {
	    {"un report de la mise", 9, 10}, /* the blank hangs past the edge */
	    {"un report de la mise", 10, 10},
	    {"un report de la mise", 8, 3},
	    {"court", 10, 5},
	    {"deux\nlignes", 20, 5},
	    {"\n", 5, 1},
	    {"abcdefgh", 3, 3},
	    {"\xE6\xBC\xA2\xE5\xAD\x97", 3, 3},
	    {"\xE6\xBC\xA2", 1, 3}, /* always moves on */
	    {"mot\xC2\xA0!", 4, 5}, /* no break at a no-break blank, so after the last cluster */
	    {"", 5, 0},
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		CHECK_EQ_INT(text_wrap(rows[i].s, strlen(rows[i].s), rows[i].columns), rows[i].bytes);
}

TEST(fold)
{
	static const struct {
		const char *s, *folded;
	} rows[] = {
	    {"", ""},
	    {"Pâturage", "paturage"},
	    {"re" ACUTE "union", "reunion"},
	    {"ŒUVRE, Cœur", "oeuvre, coeur"},
	    {"Ægilops", "aegilops"},
	    {"L’avenant – n° 7", "l'avenant - n° 7"},
	    {"  deux \t\n mots\xC2\xA0\xE2\x80\xAF ", "deux mots"},
	    {"Straße", "strasse"},
	    {"ΑΘΗΝΆ", "αθηνα"},
	    {"ЁЛКА", "елка"},
	    {"ﬁche", "fiche"},
	    {"so\xC2\xADus", "sous"}, /* a soft hyphen */
	    {"Øystein Łódź", "oystein lodz"},
	    {"x\xFFy", "x" BAD "y"},
	    {"½", "1\xE2\x81\x84"
		  "2"},
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		char *f = text_folded(rows[i].s);
		CHECK_STR(f, rows[i].folded);
		free(f);
	}
	struct buf b = BUF_INIT;
	buf_str_add(&b, "a");
	text_fold(&b, " É ", 4); /* trimmed, whatever was there before */
	CHECK_STR(buf_str(&b), "ae");
	buf_done(&b);
}

TEST(nfc)
{
	struct buf b = BUF_INIT;

	text_nfc(&b, "re" ACUTE "union", 9);
	CHECK_STR(buf_str(&b), "réunion");
	buf_clear(&b);
	text_nfc(&b, "réunion\xFF", 9);
	CHECK_STR(buf_str(&b), "réunion" BAD);
	buf_clear(&b);
	text_nfc(&b, "œ ½", 6); /* nothing is lost: canonical only */
	CHECK_STR(buf_str(&b), "œ ½");
	buf_done(&b);
}

TEST(safe)
{
	static const struct {
		const char *s;
		bool multiline;
		const char *safe;
	} rows[] = {
	    {"Roux A.", false, "Roux A."},
	    {"\033[31mrouge", false, BAD "[31mrouge"},
	    {"a\xC2\x9B"
	     "31m",
	     false, "a" BAD "31m"},
	    {"a\x7F", false, "a" BAD},
	    {"a\tb\nc", false, "a b c"},
	    {"a\tb\nc", true, "a b\nc"},
	    {"a\r\nb\rc", true, "a\nb" BAD "c"},
	    {"\xE2\x80\xAEgnp", false, BAD "gnp"},
	    {"\xE2\x81\xA6x\xE2\x80\x8Fy", false, BAD "x" BAD "y"},
	    {"a\xE2\x80\xA8"
	     "b",
	     true, "a" BAD "b"},
	    {"\xFF\xFE", false, BAD BAD},
	    {FAMILY, false, FAMILY},
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct buf b = BUF_INIT;
		text_safe(&b, rows[i].s, strlen(rows[i].s), rows[i].multiline);
		CHECK_STR(buf_str(&b), rows[i].safe);
		buf_done(&b);
	}
	struct buf b = BUF_INIT;
	text_safe(&b, "a\0b", 3, false);
	CHECK_STR(buf_str(&b), "a" BAD "b");
	buf_done(&b);
}

TEST(words)
{
	static const char *const want[] = {"l", "avenant", "n", "7", "jean", "pierre", "елка"};
	const char *word;
	size_t at = 0, len, i = 0;

	while ((len = text_word("l'avenant (n° 7), jean-pierre елка!", &at, &word)) > 0) {
		CHECK(i < 7);
		CHECK_EQ_INT(len, strlen(want[i]));
		CHECK(memcmp(word, want[i], len) == 0);
		i++;
	}
	CHECK_EQ_INT(i, 7);
	at = 0;
	CHECK_EQ_INT(text_word(" ,;", &at, &word), 0);
}

/* A heap copy of exactly n bytes, so that a checker sees a read past the end. */
static void noise_one(size_t n)
{
	static const char *const bits[] = {ACUTE, FAMILY, FLAG_FR,    SUN_VS16,   "\r\n",
					   "é",   " ",    "\xD8\x80", "\xF0\x9F", BAD};
	struct buf mix = BUF_INIT, a = BUF_INIT, b = BUF_INIT;

	while (mix.len < n) {
		if (noise() % 2)
			buf_char(&mix, (char)noise());
		else
			buf_str_add(&mix, bits[noise() % (sizeof bits / sizeof bits[0])]);
	}
	char *s = malloc(mix.len);
	CHECK(s != NULL);
	n = mix.len;
	memcpy(s, mix.p, n);
	size_t last = 0;
	for (size_t at = 0; at < n;) {
		size_t len = text_cluster(s + at, n - at);
		int width = text_cluster_width(s + at, len);
		CHECK(len > 0 && len <= n - at);
		CHECK(width >= 0 && width <= 2);
		CHECK_EQ_INT(text_cluster_before(s, at), last);
		last = at;
		at += len;
	}
	int columns = (int)(noise() % 20);
	CHECK(text_width_n(s, text_fit(s, n, columns)) <= columns);
	for (size_t at = 0, len; at < n; at += len) {
		len = text_wrap(s + at, n - at, columns);
		CHECK(len > 0 && len <= n - at);
	}
	text_fold(&a, s, n);
	CHECK(text_is_utf8(buf_str(&a), a.len));
	text_fold(&b, buf_str(&a), a.len);
	CHECK(a.len == b.len && memcmp(buf_str(&a), buf_str(&b), a.len) == 0);
	buf_clear(&a);
	text_nfc(&a, s, n);
	CHECK(text_is_utf8(buf_str(&a), a.len));
	buf_clear(&a);
	text_safe(&a, s, n, true);
	CHECK(text_is_utf8(buf_str(&a), a.len));
	CHECK(memchr(buf_str(&a), '\033', a.len) == NULL);
	buf_clear(&b);
	text_safe(&b, buf_str(&a), a.len, true);
	CHECK_STR(buf_str(&b), buf_str(&a));
	free(s);
	buf_done(&mix);
	buf_done(&a);
	buf_done(&b);
}

TEST(any_bytes)
{
	noise_state = 20261123;
	for (int i = 0; i < 3000; i++)
		noise_one(1 + noise() % 60);
}

TEST(fold_cut_at_a_character)
{
	char folded[TEXT_FOLD_CUT], typed[2 * TEXT_FOLD_CUT + 1];

	text_fold_cut(folded, "Éleveur", strlen("Éleveur"));
	CHECK_STR(folded, "eleveur");
	for (size_t i = 0; i < sizeof typed - 1; i += 2)
		memcpy(typed + i, "\xd0\xb6", 2); /* a letter of two bytes */
	text_fold_cut(folded, typed, sizeof typed - 1);
	CHECK_EQ_INT(strlen(folded), TEXT_FOLD_CUT - 2);
}
