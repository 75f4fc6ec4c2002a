/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "format_fixture.h"

#include "arpent/meeting.h"
#include "arpent/text.h"

static const struct import_options plain = {0};
static const struct export_options share = {.lang = DATE_EN}, whole = {.whole = true};

#define CARD(lines) "BEGIN:VCARD\r\nVERSION:3.0\r\n" lines "END:VCARD\r\n"

static void edit(struct store *s, const char *typed, const char *key, const char *text, bool is_set)
{
	struct want w = {.key = key, .text = text, .is_set = is_set};
	struct err e = ERR_INIT;
	struct id id;

	CHECK_OK(store_resolve(s, typed, NULL, &id, &e) && store_edit(s, &id, &w, 1, &e), &e);
}

/* Every line at most 75 octets, CRLF, whole characters. */
static void check_lines(const struct buf *b)
{
	size_t len = 0;

	CHECK(text_is_utf8(buf_str(b), b->len));
	for (size_t i = 0; i < b->len; i++) {
		if (b->p[i] != '\n') {
			len++;
			continue;
		}
		CHECK(i > 0 && b->p[i - 1] == '\r' && len - 1 <= 75);
		if (i + 1 < b->len && b->p[i + 1] == ' ')
			CHECK(((unsigned char)b->p[i + 2] & 0xC0) != 0x80); /* not inside a character */
		len = 0;
	}
}

static bool unfolded_has(const struct buf *b, const char *want)
{
	struct buf u = BUF_INIT;
	bool has;

	for (size_t i = 0; i < b->len; i++) {
		if (b->p[i] == '\r' && i + 2 < b->len && b->p[i + 2] == ' ')
			i += 2;
		else
			buf_char(&u, b->p[i]);
	}
	has = strstr(buf_str(&u), want) != NULL;
	buf_done(&u);
	return has;
}

TEST(vcard_of_ours)
{
	struct store *s = fixture_new("vcard.arp");
	struct export_report report;
	struct buf b = BUF_INIT, urn = BUF_INIT;
	char text[ID_TEXT + 1];
	struct id id =
	    fixture_person(s, "Ghislaine Évrard-Beauséjour, dite « Gigi » ; conseillère à l'écologie et à la forêt");

	edit(s, "Ghislaine", "tags", "charte\nélus", true);
	edit(s, "Ghislaine", "notes", "une ligne\nune autre, avec virgule", false);
	edit(s, "Ghislaine", "confidential", "à ne pas dire", false);
	fixture_record(s, "site", "name", "Col");
	fixture_export(s, "vcard", NULL, &share, &b, &report);
	check_lines(&b);
	CHECK_EQ_INT(report.records, 1);
	CHECK_EQ_INT(report.skipped, 1);
	CHECK_EQ_INT(report.fields, 1);
	CHECK_EQ_INT(report.withheld, 1);
	id_text(&id, text);
	buf_printf(&urn, "UID:urn:uuid:%s\r\n", text);
	CHECK(unfolded_has(&b, buf_str(&urn)));
	CHECK(unfolded_has(&b, "CATEGORIES:charte,élus\r\n"));
	CHECK(unfolded_has(&b, "NOTE:une ligne\\nune autre\\, avec virgule\r\n"));
	CHECK(unfolded_has(&b, "\r\nN:Ghislaine"));
	CHECK(!strstr(buf_str(&b), "ne pas dire"));
	/* Ours read back is ours. */
	CHECK_STR(fixture_import(s, buf_str(&b), "x.vcf", &plain), "0 0 1 0");
	buf_done(&b);
	buf_done(&urn);
	store_close(s);
}

/* What came in comes out, but for what was changed here. */
TEST(vcard_extra)
{
	struct store *s = fixture_new("extra.arp");
	struct export_report report;
	struct buf b = BUF_INIT;
	static const char card[] =
	    CARD("FN:Anne Mas\r\nN:Mas;Anne;Marie;Mme;\r\nUID:u1\r\nTEL;TYPE=FAX:0466000001\r\n"
		 "item1.TEL:0466000002\r\nitem1.X-ABLABEL:bergerie\r\nURL:http://a.example\r\n"
		 "URL;TYPE=WORK:http://b.example\r\nBDAY:--0412\r\nX-SKYPE:anne\r\nx-late: 18 h\r\n");

	fixture_import(s, card, "x.vcf", &plain);
	edit(s, "Anne Mas", "phone", "0466000002\n0466000009", true);
	edit(s, "Anne Mas", "web", "http://c.example", false);
	edit(s, "Anne Mas", "family", "Mas-Roux", false);
	fixture_export(s, "vcard", "person", &share, &b, &report);
	check_lines(&b);
	CHECK(unfolded_has(&b, "\r\nUID:u1\r\n"));
	CHECK(unfolded_has(&b, "\r\nN:Mas-Roux;Anne;Marie;Mme;\r\n"));
	CHECK(unfolded_has(&b, "\r\nitem1.TEL:0466000002\r\n"));
	CHECK(unfolded_has(&b, "\r\nitem1.X-ABLABEL:bergerie\r\n"));
	CHECK(unfolded_has(&b, "\r\nTEL:0466000009\r\n"));
	CHECK(!unfolded_has(&b, "0466000001"));
	CHECK(unfolded_has(&b, "\r\nURL:http://c.example\r\n"));
	CHECK(unfolded_has(&b, "\r\nURL;TYPE=WORK:http://b.example\r\n"));
	CHECK(!unfolded_has(&b, "http://a.example"));
	CHECK(unfolded_has(&b, "\r\nX-SKYPE:anne\r\n"));
	CHECK(unfolded_has(&b, "\r\nx-late: 18 h\r\n"));
	CHECK(!unfolded_has(&b, "BDAY")); /* a birthday is confidential */
	fixture_export(s, "vcard", "person", &whole, &b, &report);
	CHECK(unfolded_has(&b, "\r\nBDAY:--0412\r\n"));
	buf_done(&b);
	store_close(s);
}

TEST(vcard_folder)
{
	struct store *s = fixture_new("folder.arp");
	struct export_report report;
	struct err e = ERR_INIT;
	struct buf b = BUF_INIT, path = BUF_INIT;
	struct id id = fixture_person(s, "Anne Mas"), *ids;
	char text[ID_TEXT + 1];
	size_t n;

	fixture_import(s, CARD("FN:B\r\nUID:plain-1\r\n") CARD("FN:C\r\nUID:../../evil\r\n"), "x.vcf", &plain);
	CHECK_OK(export_all(s, "person", false, &ids, &n, &e), &e);
	CHECK_EQ_INT(n, 3);
	CHECK_OK(export_folder(s, check_path("cards"), ids, n, &share, &report, &e), &e);
	CHECK_EQ_INT(report.records, 3);
	id_text(&id, text);
	buf_printf(&path, "%s/%s.vcf", check_path("cards"), text);
	CHECK_OK(io_read_file(buf_str(&path), 4096, &b, &e), &e);
	CHECK(unfolded_has(&b, "FN:Anne Mas\r\n"));
	buf_clear(&b);
	CHECK_OK(io_read_file(check_path("cards/plain-1.vcf"), 4096, &b, &e), &e);
	CHECK_ERR(export_folder(s, check_path("cards"), ids, n, &share, &report, &e), &e, ERR_EXISTS);
	free(ids);
	buf_done(&b);
	buf_done(&path);
	store_close(s);
}

/* Out and in again in an empty notebook gives the same file. */
static void round_trip(const char *format, const char *kind, const char *in, const char *in_path)
{
	struct store *a = fixture_new("a.arp"), *b;
	struct export_report report;
	struct buf first = BUF_INIT, second = BUF_INIT;
	struct import_options o = {.format = format};

	fixture_import(a, in, in_path, &plain);
	fixture_export(a, format, kind, &whole, &first, &report);
	b = fixture_new("b.arp");
	fixture_import(b, buf_str(&first), NULL, &o);
	fixture_export(b, format, kind, &whole, &second, &report);
	CHECK(report.records > 0);
	CHECK_MEM(second.p, second.len, first.p, first.len);
	store_close(a);
	store_close(b);
	remove(check_path("a.arp"));
	remove(check_path("b.arp"));
	buf_done(&first);
	buf_done(&second);
}

TEST(vcard_round_trip)
{
	static const char *const files[] = {"vcard/ANDROID.vcf", "vcard/EVOLUTION.vcf", "vcard/IPHONE.vcf",
					    "vcard/MS_OUTLOOK.vcf", "vcard/rfc2426.vcf"};

	round_trip("vcard", "person", NULL, check_source("tests/data/old.vcf"));
	round_trip("vcard", "person", NULL, check_source("tests/data/lower.vcf"));
	round_trip("vcard", "organisation", NULL, check_source("tests/data/lower.vcf"));
	for (size_t i = 0; i < sizeof files / sizeof *files; i++)
		if (fixture_shared(files[i]))
			round_trip("vcard", "person", NULL, fixture_shared(files[i]));
}

/* Nothing of the fields is lost, invented or rearranged; only the times of writing differ. */
static void strip_times(struct buf *b)
{
	static const char *const keys[] = {"\"created\":\"", "\"edited\":\""};

	for (size_t k = 0; k < 2; k++)
		for (char *at; b->p && (at = strstr(b->p, keys[k])) != NULL;) {
			size_t from = (size_t)(at - b->p), n = strlen(keys[k]);
			buf_remove(b, from, n + strcspn(at + n, "\"") + 2);
		}
}

static const char records[] =
    "{\"id\":\"00000000-0000-4000-8000-000000000001\",\"kind\":\"site\",\"name\":\"Col « 1 »\",\"point\":\"44.1,3.4\","
    "\"elevation\":1210.5,\"tags\":[\"a;b\",\"c, d\",\"é\\\"\"],\"notes\":\"\\nx\\n\\n y\\t\\\\\\u0001\"}\n"
    "{\"id\":\"00000000-0000-4000-8000-000000000002\",\"kind\":\"observation\",\"subject\":\"=1+1\",\"count_min\":3,"
    "\"site\":\"00000000-0000-4000-8000-000000000001\",\"later\":\"x\",\"more\":[\"q\",\"r\"]}\n"
    "{\"id\":\"00000000-0000-4000-8000-000000000003\",\"kind\":\"attendance\",\"signed\":true}\n"
    "{\"id\":\"00000000-0000-4000-8000-000000000004\",\"kind\":\"balloon\",\"colour\":\"red\",\"list\":[\"1\"]}\n"
    "{\"id\":\"00000000-0000-4000-8000-000000000005\",\"kind\":\"site\",\"deleted\":true,\"name\":\"Gone\"}\n";

TEST(jsonl_round_trip)
{
	struct store *a = fixture_new("ja.arp"), *b = fixture_new("jb.arp");
	struct export_report report;
	struct buf first = BUF_INIT, second = BUF_INIT;

	CHECK_STR(fixture_import(a, records, "x.jsonl", &plain), "5 0 0 0");
	fixture_export(a, "jsonl", NULL, &whole, &first, &report);
	CHECK_EQ_INT(report.records, 5);
	CHECK(strstr(buf_str(&first), "\"elevation\":1210.5,"));
	CHECK(strstr(buf_str(&first), "\"count_min\":3,"));
	CHECK(strstr(buf_str(&first), "\"signed\":true"));
	CHECK(strstr(buf_str(&first), "\"tags\":[\"a;b\",\"c, d\",\"é\\\"\"]"));
	CHECK(strstr(buf_str(&first), "\"later\":\"x\",\"more\":[\"q\",\"r\"]"));
	CHECK(strstr(buf_str(&first), "\"kind\":\"balloon\""));
	CHECK(strstr(buf_str(&first), "\"deleted\":true"));
	CHECK_STR(fixture_import(a, buf_str(&first), "x.jsonl", &plain), "0 0 5 0");
	CHECK_STR(fixture_import(b, buf_str(&first), "x.jsonl", &plain), "5 0 0 0");
	fixture_export(b, "jsonl", NULL, &whole, &second, &report);
	strip_times(&first);
	strip_times(&second);
	CHECK_STR(buf_str(&second), buf_str(&first));
	/* What is shared has neither the bin nor what is not understood. */
	fixture_export(a, "jsonl", NULL, &share, &first, &report);
	CHECK(!strstr(buf_str(&first), "later") && !strstr(buf_str(&first), "Gone"));
	CHECK_EQ_INT(report.fields, 4);
	buf_done(&first);
	buf_done(&second);
	store_close(a);
	store_close(b);
}

TEST(csv_round_trip)
{
	static const char *const kinds[] = {"site", "observation", "attendance"};
	static const char separators[] = ";,";
	struct store *a = fixture_new("ca.arp");
	struct export_report report;
	struct buf first = BUF_INIT, second = BUF_INIT;

	fixture_import(a, records, "x.jsonl", &plain);
	for (size_t i = 0; i < 3; i++)
		for (size_t k = 0; k < 2; k++) {
			struct store *b = fixture_new("cb.arp");
			struct export_options o = {.whole = true, .separator = separators[k]};
			fixture_export(a, "csv", kinds[i], &o, &first, &report);
			CHECK_EQ_INT(report.skipped, 0);
			fixture_import(b, buf_str(&first), "x.csv", &plain);
			fixture_export(b, "csv", kinds[i], &o, &second, &report);
			CHECK_STR(buf_str(&second), buf_str(&first));
			CHECK_STR(fixture_import(b, buf_str(&first), "x.csv", &plain), i == 0 ? "0 0 2 0" : "0 0 1 0");
			store_close(b);
			remove(check_path("cb.arp"));
		}
	CHECK(strstr(buf_str(&second), "signed"));
	buf_done(&first);
	buf_done(&second);
	store_close(a);
}

TEST(jsonl_refusals)
{
	static const char *const bad[] = {
	    "{\"kind\":\"site\",\"name\":\"x\"}\n{broken\n", "{\"name\":\"no kind\"}\n",
	    "{\"kind\":\"site\",\"name\":{\"a\":1}}\n",      "{\"kind\":\"site\",\"id\":\"12\"}\n",
	    "{\"kind\":\"site\",\"point\":\"nowhere\"}\n",   "{\"kind\":\"site\",\"alive\":\"\"}\n",
	    "{\"kind\":\"site\",\"tags=x\":\"1\"}\n",
	};
	struct store *s = fixture_new("jr.arp");
	struct import_plan p;
	struct err e = ERR_INIT;

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		CHECK_ERR(import_bytes(s, bad[i], strlen(bad[i]), NULL, &plain, &p, &e), &e, ERR_FORMAT);
	CHECK_EQ_INT(fixture_count(s, NULL), 0);
	store_close(s);
}

/* A meeting as it is typed, and its minutes. */
static struct id meeting(struct store *s)
{
	static const char notes[] =
	    "@anne mas @Luc -@Paul Roux\n\nLe point d'eau <est> à sec, dit @anne mas. #eau\n- une ligne\n- "
	    "une autre\n! Creuser un puits (7 pour 1 contre)\n> Anne Mas demander un devis 12/12\n? "
	    "Qui paie ?\n1. rien";
	const struct want wants[] = {{.key = "subject", .text = "Comité * eau"},
				     {.key = "start", .text = "2026-11-20T14:00"},
				     {.key = "place", .text = "Valbrune"},
				     {.key = "confidential", .text = "tendu"}};
	struct err e = ERR_INIT;
	struct id id = {{0}};

	fixture_person(s, "Anne Mas");
	edit(s, "Anne Mas", "function", "maire", false);
	CHECK_OK(meeting_save(s, &id, notes, wants, 4, NULL, NULL, &e), &e);
	return id;
}

TEST(minutes)
{
	static const char *const formats[] = {"md", "txt", "html"};
	struct store *s = fixture_new("minutes.arp");
	struct export_report report;
	struct id id = meeting(s);
	struct err e = ERR_INIT;

	for (size_t i = 0; i < 3; i++) {
		struct buf b = BUF_INIT, want = BUF_INIT, name = BUF_INIT;
		buf_printf(&name, "tests/data/minutes.%s", formats[i]);
		CHECK_OK(io_read_file(check_source(buf_str(&name)), 65536, &want, &e), &e);
		CHECK_OK(export_bytes(s, format_find(formats[i]), &id, 1, &share, &b, &report, &e), &e);
		CHECK_STR(buf_str(&b), buf_str(&want));
		CHECK_EQ_INT(report.withheld, 1);
		buf_done(&b);
		buf_done(&want);
		buf_done(&name);
	}
	store_close(s);
}

TEST(documents_want_a_meeting)
{
	struct store *s = fixture_new("doc.arp");
	struct id id = fixture_person(s, "A");
	struct export_report report;
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;

	CHECK_ERR(export_bytes(s, format_find("md"), &id, 1, &share, &b, &report, &e), &e, ERR_USAGE);
	CHECK_ERR(export_bytes(s, format_find("md"), &id, 0, &share, &b, &report, &e), &e, ERR_USAGE);
	CHECK_ERR(export_file(s, check_path("x.doc"), &id, 1, &share, &report, &e), &e, ERR_INPUT);
	buf_done(&b);
	store_close(s);
}
