/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "format_fixture.h"

static const struct import_options plain = {0};

#define CARD(lines) "BEGIN:VCARD\nVERSION:3.0\n" lines "END:VCARD\n"

static void field_of(struct store *s, const char *typed, const char *key, struct buf *out)
{
	struct record r;
	struct id id;
	struct err e = ERR_INIT;

	buf_clear(out);
	record_init(&r);
	if (CHECK_OK(store_resolve(s, typed, NULL, &id, &e) && store_get(s, &id, &r, &e), &e)) {
		record_set(&r, key, out);
		if (out->len == 0)
			buf_str_add(out, record_get(&r, key));
	}
	record_done(&r);
}

TEST(shared_files_twice)
{
	static const struct {
		const char *file, *first, *again;
	} rows[] = {
	    {"vcard/ANDROID.vcf", "6 0 0 0", "0 0 6 0"},     {"vcard/EVOLUTION.vcf", "1 0 0 0", "0 0 1 0"},
	    {"vcard/IPHONE.vcf", "1 0 0 0", "0 0 1 0"},      {"vcard/MS_OUTLOOK.vcf", "1 0 0 0", "0 0 1 0"},
	    {"vcard/rfc2426.vcf", "2 0 0 0", "0 0 2 0"},     {"gpx/garmin_gpi.gpx", NULL, NULL},
	    {"gpx/geonet-sample.gpx", "9 0 0 0", "0 0 9 0"}, {"gpx/ignrando-sample.gpx", "1 0 0 0", "0 0 1 0"},
	    {"gpx/unicsv.gpx", "9 0 0 0", "0 0 9 0"},
	};
	struct store *s = fixture_new("shared.arp");
	size_t before;

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const char *path = fixture_shared(rows[i].file);
		if (!path)
			continue;
		const char *counts = fixture_import(s, NULL, path, &plain);
		if (rows[i].first)
			CHECK_STR(counts, rows[i].first);
		before = fixture_count(s, NULL);
		counts = fixture_import(s, NULL, path, &plain);
		if (rows[i].again)
			CHECK_STR(counts, rows[i].again);
		CHECK_EQ_INT(fixture_count(s, NULL), before);
	}
	store_close(s);
}

TEST(one_step_of_undo)
{
	struct store *s = fixture_new("undo.arp");
	struct step_info step;
	struct err e = ERR_INIT;
	static const char cards[] = CARD("FN:A\n") CARD("FN:B\n") CARD("FN:C\n");

	CHECK_STR(fixture_import(s, cards, "x.vcf", &plain), "3 0 0 0");
	CHECK_EQ_INT(fixture_count(s, "person"), 3);
	CHECK_OK(store_undo(s, &step, &e), &e);
	CHECK_STR(step.label, "Import");
	CHECK_EQ_INT(fixture_count(s, "person"), 0);
	/* Once more after an undo: the same records, whole, none twice. */
	fixture_import(s, cards, "x.vcf", &plain);
	CHECK_EQ_INT(fixture_count(s, "person"), 3);
	CHECK_STR(fixture_import(s, cards, "x.vcf", &plain), "0 0 3 0");
	store_close(s);
}

TEST(a_plan_writes_nothing)
{
	struct store *s = fixture_new("plan.arp");
	struct import_plan p;

	fixture_plan(s, CARD("FN:A\nTEL:0466000000\n"), "x.vcf", &plain, &p);
	CHECK_EQ_INT(p.count[IMPORT_NEW], 1);
	CHECK_STR(p.rows[0].title, "A");
	CHECK_STR(p.format, "vcard");
	CHECK_EQ_INT(fixture_count(s, NULL), 0);
	import_plan_done(&p);
	store_close(s);
}

/* By name and e-mail, and by name alone where that is sure. */
TEST(matching)
{
	struct store *s = fixture_new("match.arp");

	fixture_person(s, "Hélène Aubin");
	CHECK_STR(fixture_import(s, CARD("FN:helene AUBIN\nEMAIL:ha@x.example\n"), "x.vcf", &plain), "0 1 0 0");
	/* The same name with another mailbox is someone else; with the same one, not. */
	CHECK_STR(fixture_import(s, CARD("FN:Hélène Aubin\nEMAIL:other@x.example\n"), "x.vcf", &plain), "1 0 0 0");
	CHECK_STR(fixture_import(s, CARD("FN:Hélène Aubin\nEMAIL:HA@x.example\nTITLE:maire\n"), "x.vcf", &plain),
		  "0 1 0 0");
	/* Now two fit the bare name: neither is taken. */
	CHECK_STR(fixture_import(s, CARD("FN:Hélène Aubin\nTEL:0466111111\n"), "x.vcf", &plain), "1 0 0 0");
	/* By UID whatever the name. */
	CHECK_STR(fixture_import(s, CARD("FN:Jean Bon\nUID:abc-1\n"), "x.vcf", &plain), "1 0 0 0");
	CHECK_STR(fixture_import(s, CARD("FN:Jean Bonnet\nUID:abc-1\nTEL:0466222222\n"), "x.vcf", &plain), "0 1 0 0");
	/* Two cards for one name take one record each. */
	CHECK_STR(fixture_import(s, CARD("FN:Paul Roux\nTEL:01\n") CARD("FN:Paul Roux\nTEL:02\n"), "x.vcf", &plain),
		  "2 0 0 0");
	/* Twice the same in a file is once. */
	CHECK_STR(fixture_import(s, CARD("FN:Zoé Mas\nUID:z\n") CARD("FN:Zoé Mas\nUID:z\nTEL:03\n"), "x.vcf", &plain),
		  "1 0 1 0");
	struct buf b = BUF_INIT;
	field_of(s, "Zoé Mas", "phone", &b);
	CHECK_STR(buf_str(&b), "03");
	buf_done(&b);
	store_close(s);
}

/* What a person has edited stays: filled where empty, listed where not. */
TEST(merging)
{
	struct store *s = fixture_new("merge.arp");
	struct want edits[] = {{.key = "function", .text = "présidente"},
			       {.key = "phone", .text = "0466000002", .is_set = true}};
	struct import_plan p;
	struct err e = ERR_INIT;
	struct buf b = BUF_INIT;
	struct id id;

	fixture_import(s, CARD("FN:Anne Mas\nUID:u1\nTITLE:maire\nTEL:0466000001\nTEL:0466000002\n"), "x.vcf", &plain);
	CHECK_OK(store_resolve(s, "Anne Mas", "person", &id, &e), &e);
	CHECK_OK(store_edit(s, &id, edits, 2, &e), &e);
	static const char card[] =
	    CARD("FN:Anne Mas\nUID:u1\nTITLE:maire\nTEL:0466000001\nTEL:0466000003\nURL:http://m.example\n");
	fixture_plan(s, card, "x.vcf", &plain, &p);
	CHECK_EQ_INT(p.count[IMPORT_CHANGED], 1);
	REQUIRE(p.rows[0].ndiffs == 2);
	CHECK_STR(p.rows[0].diffs[0].key, "function");
	CHECK_EQ_INT(p.rows[0].diffs[0].why, IMPORT_DIFFERS);
	CHECK_STR(p.rows[0].diffs[0].ours, "présidente");
	CHECK_STR(p.rows[0].diffs[1].key, "phone");
	CHECK_EQ_INT(p.rows[0].diffs[1].why, IMPORT_EMPTIED);
	CHECK_OK(import_apply(s, &p, &e), &e);
	import_plan_done(&p);
	field_of(s, "Anne Mas", "function", &b);
	CHECK_STR(buf_str(&b), "présidente");
	field_of(s, "Anne Mas", "phone", &b);
	CHECK_STR(buf_str(&b), "0466000002\n0466000003");
	field_of(s, "Anne Mas", "web", &b);
	CHECK_STR(buf_str(&b), "http://m.example");
	/* Only when asked. */
	struct import_options over = {.overwrite = true};
	CHECK_STR(fixture_import(s, card, "x.vcf", &over), "0 1 0 0");
	field_of(s, "Anne Mas", "function", &b);
	CHECK_STR(buf_str(&b), "maire");
	buf_done(&b);
	store_close(s);
}

TEST(out_of_the_bin)
{
	struct store *s = fixture_new("bin.arp");
	static const char card[] = CARD("FN:Anne Mas\nUID:u1\n");
	struct err e = ERR_INIT;
	struct id id;

	fixture_import(s, card, "x.vcf", &plain);
	CHECK_OK(store_resolve(s, "Anne Mas", "person", &id, &e) && store_delete(s, &id, &e), &e);
	CHECK_STR(fixture_import(s, card, "x.vcf", &plain), "0 0 0 1");
	CHECK_EQ_INT(fixture_count(s, "person"), 1);
	store_close(s);
}

/* A reference to a record of the file that is here under another id goes to the one here. */
TEST(references_follow)
{
	struct store *s = fixture_new("refs.arp");
	struct id anne = fixture_person(s, "Anne Mas");
	char text[ID_TEXT + 1];
	struct buf b = BUF_INIT;

	CHECK_STR(fixture_import(s,
				 "{\"id\":\"00000000-0000-4000-8000-000000000001\",\"kind\":\"person\",\"name\":\"Anne "
				 "Mas\"}\n{\"kind\":\"task\",\"wording\":\"Relire\",\"owner\":\"00000000-0000-4000-"
				 "8000-000000000001\"}\n{\"kind\":\"task\",\"wording\":\"Signer\",\"owner\":\"Anne "
				 "Mas\"}\n{\"kind\":\"task\",\"wording\":\"Perdre\",\"owner\":\"Personne X\"}\n",
				 "x.jsonl", &plain),
		  "3 0 1 0");
	id_text(&anne, text);
	field_of(s, "Relire", "owner", &b);
	CHECK_STR(buf_str(&b), text);
	field_of(s, "Signer", "owner", &b);
	CHECK_STR(buf_str(&b), text);
	field_of(s, "Perdre", "extra", &b);
	CHECK_STR(buf_str(&b), "owner: Personne X");
	buf_done(&b);
	store_close(s);
}

TEST(refusals)
{
	struct store *s = fixture_new("refuse.arp");
	struct import_options unknown = {.format = "doc"};
	struct import_plan p;
	struct err e = ERR_INIT;

	CHECK_ERR(import_bytes(s, "?", 1, "x.bin", &plain, &p, &e), &e, ERR_INPUT);
	CHECK_ERR(import_bytes(s, "?", 1, "x.bin", &unknown, &p, &e), &e, ERR_USAGE);
	CHECK_ERR(import_bytes(s, "<gpx>", 5, NULL, &plain, &p, &e), &e, ERR_FORMAT);
	CHECK_ERR(import_file(s, check_path("none.vcf"), &plain, &p, &e), &e, ERR_NOT_FOUND);
	CHECK_EQ_INT(fixture_count(s, NULL), 0);
	store_close(s);
}
