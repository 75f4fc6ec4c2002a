/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "check.h"

#include "arpent/kind.h"

static void add_key(struct buf *out, const char *kind, const char *key)
{
	buf_printf(out, "%s.%s\n", kind, key);
}

static void add_codes(struct buf *out, size_t *count)
{
	for (size_t i = 0; i < kind_count(); i++) {
		const struct kind *k = kind_at(i);
		for (size_t j = 0; j < k->n; j++) {
			const struct vocabulary *v = vocab_find(k->fields[j].vocab);
			for (size_t t = 0; v && t < v->n; t++, ++*count)
				buf_printf(out, "%s.%s=%s\n", k->key, k->fields[j].key, v->terms[t].code);
		}
	}
}

/* Keys and codes are in notebooks for good: lines may be added to kinds.keys, never changed or taken out. */
TEST(keys_are_kept)
{
	struct buf now = BUF_INIT;
	char line[128];
	FILE *f = fopen(check_source("tests/unit/kinds.keys"), "r");
	size_t lines = 0, fields = 0;

	for (size_t i = 0; i < kind_count(); i++) {
		const struct kind *k = kind_at(i);
		for (size_t j = 0; j < kind_fields(k); j++, fields++)
			add_key(&now, k->key, kind_field_at(k, j)->key);
	}
	add_codes(&now, &fields);
	if (getenv("PRINT_KEYS"))
		fputs(buf_str(&now), stdout);
	REQUIRE(f);
	for (; fgets(line, sizeof line, f); lines++)
		if (!strstr(buf_str(&now), line))
			CHECK_FAIL("gone: %.*s", (int)strcspn(line, "\n"), line);
	fclose(f);
	CHECK_EQ_INT(lines, fields); /* a new field is a new line in the file */
	buf_done(&now);
}

static bool key_good(const char *s)
{
	return *s && s[strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789_")] == '\0' && strlen(s) < 32;
}

static void check_field(const struct kind *k, const struct field *f, size_t at)
{
	const bool ok = key_good(f->key) && f->label && *f->label && f->schema >= 1 && f->schema <= KIND_SCHEMA;

	if (!ok || strcmp(f->key, "alive") == 0)
		CHECK_FAIL("%s.%s", k->key, f->key);
	if (kind_field(k, f->key) != f)
		CHECK_FAIL("%s.%s twice", k->key, f->key);
	if (f->type == FIELD_CODE ? !vocab_find(f->vocab) : f->vocab != NULL)
		CHECK_FAIL("%s.%s: vocabulary", k->key, f->key);
	if (f->refers && (f->type != FIELD_REF || !kind_find(f->refers)))
		CHECK_FAIL("%s.%s: refers", k->key, f->key);
	if ((f->flags & FIELD_LIST) && f->width == 0)
		CHECK_FAIL("%s.%s: a column without width", k->key, f->key);
	if (f->type == FIELD_TEXT && (f->flags & FIELD_SET))
		CHECK_FAIL("%s.%s: a set of texts", k->key, f->key);
	CHECK(at < kind_fields(k));
}

TEST(table_is_sound)
{
	for (size_t i = 0; i < kind_count(); i++) {
		const struct kind *k = kind_at(i);
		CHECK(key_good(k->key) && k->label && k->plural);
		CHECK(kind_find(k->key) == k);
		CHECK(kind_field_flag(k, FIELD_TITLE) != NULL);
		for (size_t j = 0; j < kind_fields(k); j++)
			check_field(k, kind_field_at(k, j), j);
		CHECK(kind_field_at(k, kind_fields(k)) == NULL);
	}
	CHECK(kind_at(kind_count()) == NULL);
	CHECK(kind_find("unicorn") == NULL);
}

TEST(own_field_stands_for_the_common_one)
{
	const struct kind *meeting = kind_find("meeting"), *task = kind_find("task");

	CHECK_STR(kind_field(meeting, "notes")->label, "Minutes");
	CHECK_STR(kind_field(task, "notes")->label, "Free notes");
	CHECK(kind_field(task, "minutes") == NULL);
	CHECK(kind_field_flag(task, FIELD_STATE) == kind_field(task, "state"));
	CHECK(kind_field_flag(kind_find("site"), FIELD_PLACE_OF) == kind_field(kind_find("site"), "point"));
}

TEST(names_as_typed)
{
	const struct kind *person = kind_find("person");

	CHECK(kind_named("person") == person);
	CHECK(kind_named("People") == person);
	CHECK(kind_named("PERS") == person);
	CHECK(kind_named("obs") == kind_find("observation"));
	CHECK(kind_named("me") == kind_find("meeting"));
	CHECK(kind_named("m") == NULL); /* meeting, mandate */
	CHECK(kind_named("") == NULL);
	CHECK(kind_named("zebra") == NULL);
	CHECK(kind_field_named(person, "Given name") == kind_field(person, "given"));
	CHECK(kind_field_named(person, "given n") == kind_field(person, "given"));
	CHECK(kind_field_named(person, "zebra") == NULL);
}

TEST(labels)
{
	const struct vocabulary *v = vocab_find("statut_obs");

	REQUIRE(v);
	CHECK_STR(vocab_label(v, "No"), "not seen");
	CHECK_STR(vocab_label(v, "??"), "??");
	CHECK_STR(vocab_label(NULL, "x"), "x");
	CHECK(vocab_find("zebra") == NULL);
	CHECK(vocab_find(NULL) == NULL);
}
