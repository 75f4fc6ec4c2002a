/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "format_fixture.h"

#define CARD(lines) "BEGIN:VCARD\r\n" lines "END:VCARD\r\n"

static const struct import_options plain = {0};

static bool read_bytes(const char *p, size_t n, struct foreign_list *out)
{
	struct err e = ERR_INIT;

	*out = (struct foreign_list){0};
	/* A copy of just that size, so that a checker sees a read past the end. */
	char *copy = malloc(n ? n : 1);
	memcpy(copy, p, n);
	bool ok = format_find("vcard")->read(copy, n, &plain, out, &e);
	free(copy);
	return ok;
}

static bool read_text(const char *s, struct foreign_list *out)
{
	return read_bytes(s, strlen(s), out);
}

static bool read_path(const char *path, struct foreign_list *out)
{
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;
	bool ok = CHECK_OK(io_read_file(path, IMPORT_FILE_MAX, &b, &e), &e) && CHECK(read_bytes(b.p, b.len, out));

	buf_done(&b);
	return ok;
}

static bool has_line(const struct foreign *f, const char *key, const char *line)
{
	return foreign_has_line(foreign_get(f, key), line, strlen(line));
}

TEST(old_cards)
{
	struct foreign_list l;

	REQUIRE(read_path(check_source("tests/data/old.vcf"), &l));
	REQUIRE(l.n == 1);
	const struct foreign *f = &l.v[0];
	CHECK_STR(f->kind, "person");
	CHECK_STR(foreign_get(f, "name"), "Anaïs Lempérèze");
	CHECK_STR(foreign_get(f, "family"), "Lempérèze");
	CHECK_STR(foreign_get(f, "given"), "Anaïs");
	CHECK_STR(foreign_get(f, "phone"), "06 12 34 56 78");
	CHECK_STR(foreign_get(f, "notes"), "Présente le lundi\nrappeler après 18 h");
	CHECK(has_line(f, "extra", "TEL;TYPE=WORK;TYPE=CELL:06 12 34 56 78"));
	CHECK(has_line(f, "extra",
		       "AGENT:BEGIN:VCARD\\nVERSION:2.1\\nFN:Michèle Aubin\\nTEL:04 66 00 00 00\\nEND:VCARD\\n"));
	CHECK(has_line(f, "extra", "X-TRUC;FOO=bar:a\\,b;c"));
	CHECK(has_line(f, "extra", "PHOTO;TYPE=GIF;ENCODING=b:R0lGODdhAQABAIAAAAAAAP///ywAAAAA"));
	CHECK(has_line(f, "extra", "X-UNREADABLE:line without sense"));
	foreign_list_done(&l);
}

TEST(new_cards_and_names)
{
	struct foreign_list l;

	REQUIRE(read_path(check_source("tests/data/lower.vcf"), &l));
	REQUIRE(l.n == 5);
	const struct foreign *f = &l.v[0];
	CHECK_STR(f->kind, "organisation");
	CHECK_STR(foreign_get(f, "name"), "Groupement pastoral du Haut-Vallon");
	CHECK_STR(foreign_get(f, "phone"), "+33-4-66-00-00-01");
	CHECK_STR(foreign_get(f, "tags"), "pastoralisme\ncharte");
	CHECK_STR(foreign_get(f, "notes"), "Trois lignes\nd'une note, avec virgule; et point-virgule");
	CHECK(has_line(f, "extra", "item1.tel;value=uri;type=\"voice,work\":tel:+33-4-66-00-00-01"));
	CHECK(has_line(f, "extra", "item1.x-ablabel:bergerie"));
	CHECK_STR(foreign_get(&l.v[1], "name"), "Roux");
	CHECK_STR(foreign_get(&l.v[2], "name"), "seul@exemple.example");
	CHECK(has_line(&l.v[2], "extra", "BDAY:--0412"));
	CHECK_STR(foreign_get(&l.v[3], "name"), "+33 4 66 00 00 09");
	CHECK_STR(foreign_get(&l.v[4], "name"), "Mairie de Valbrune");
	CHECK(has_line(&l.v[4], "extra", "ORG:Mairie de Valbrune;Urbanisme"));
	foreign_list_done(&l);
}

TEST(folding)
{
	struct foreign_list l;

	/* 3.0 drops the blank that folds, 2.1 keeps it; a character may be cut in two. */
	REQUIRE(read_text(CARD("VERSION:3.0\nFN:Jean\n  Bon\n\tnet\n"), &l));
	CHECK_STR(foreign_get(&l.v[0], "name"), "Jean Bonnet");
	foreign_list_done(&l);
	REQUIRE(read_text(CARD("VERSION:2.1\r\nFN:Jean\r\n Bonnet\r\n"), &l));
	CHECK_STR(foreign_get(&l.v[0], "name"), "Jean Bonnet");
	foreign_list_done(&l);
	REQUIRE(read_text(CARD("VERSION:3.0\nFN:Ren\xC3\n \xA9\n"), &l));
	CHECK_STR(foreign_get(&l.v[0], "name"), "René");
	foreign_list_done(&l);
	/* A soft break before the end of the card does not eat it. */
	REQUIRE(read_text(CARD("VERSION:2.1\nFN;QUOTED-PRINTABLE:Ren=C3=A9=\n") CARD("FN:B\n"), &l));
	CHECK_EQ_INT(l.n, 2);
	CHECK_STR(foreign_get(&l.v[0], "name"), "René");
	foreign_list_done(&l);
}

/* As in a real export of a telephone: sent as text twice. */
TEST(line_ends_twice)
{
	static const char card[] = "BEGIN:VCARD\r\r\nVERSION:3.0\r\r\nFN:A B\r\r\nPHOTO;ENCODING=b;TYPE=JPEG:AAAA\r\r\n"
				   " BBBB\r\r\n CCCC\r\r\nEND:VCARD\r\r\n";
	struct foreign_list l;

	REQUIRE(read_bytes(card, sizeof card - 1, &l));
	REQUIRE(l.n == 1);
	CHECK_STR(foreign_get(&l.v[0], "name"), "A B");
	CHECK_STR(foreign_get(&l.v[0], "extra"), "PHOTO;TYPE=JPEG;ENCODING=b:AAAABBBBCCCC");
	foreign_list_done(&l);
}

TEST(charsets)
{
	static const char utf16[] = "\xFF\xFE"
				    "B\0E\0G\0I\0N\0:\0V\0C\0A\0R\0D\0\n\0F\0N\0:\0\xC9\0v\0e\0\n\0"
				    "E\0N\0D\0:\0V\0C\0A\0R\0D\0";
	struct foreign_list l;

	REQUIRE(read_bytes(utf16, sizeof utf16 - 1, &l));
	CHECK_STR(foreign_get(&l.v[0], "name"), "Éve");
	foreign_list_done(&l);
	CHECK(format_of_bytes(utf16, sizeof utf16 - 1, NULL) == format_find("vcard"));
	REQUIRE(read_text("\xEF\xBB\xBF" CARD("VERSION:3.0\nFN:Andr\xE9 \x93"
					      "Dd\x94\n"),
			  &l));
	CHECK_STR(foreign_get(&l.v[0], "name"), "André “Dd”");
	foreign_list_done(&l);
	REQUIRE(read_text(CARD("VERSION:3.0\nFN;CHARSET=iso-8859-15:Philippe \xBC\n"), &l));
	CHECK_STR(foreign_get(&l.v[0], "name"), "Philippe Œ");
	foreign_list_done(&l);
	/* Decomposed accents are composed; what is broken is marked, not guessed. */
	REQUIRE(read_text(CARD("VERSION:3.0\nFN;CHARSET=UTF-8:Re\xCC\x81mi \x80\n"), &l));
	CHECK_STR(foreign_get(&l.v[0], "name"), "R\xC3\xA9mi \xEF\xBF\xBD");
	foreign_list_done(&l);
}

/* Bytes that are no name do not make a property, and are kept as text. */
TEST(broken_names)
{
	struct foreign_list l;

	REQUIRE(read_text(CARD("FN:A\nX\xE9:b\nTEL ;X=1:5\nX-A;P\xE9=\xE9:c\n.X:d\n"), &l));
	CHECK_STR(foreign_get(&l.v[0], "extra"), "X-UNREADABLE:Xé:b\nX-UNREADABLE:TEL \\;X=1:5\nX-A;Pé=é:c\n.X:d");
	foreign_list_done(&l);
}

/* Of several values for a field of one, the preferred; all of them stay. */
TEST(several)
{
	struct foreign_list l;

	REQUIRE(read_text(CARD("VERSION:3.0\nFN:A\nURL:http://a.example\nURL;TYPE=PREF:http://b.example\n"
			       "TEL:01\nTEL:01\nNOTE:x\nNOTE:y\n"),
			  &l));
	CHECK_STR(foreign_get(&l.v[0], "web"), "http://b.example");
	CHECK(has_line(&l.v[0], "extra", "URL:http://a.example"));
	CHECK(has_line(&l.v[0], "extra", "URL;TYPE=PREF:http://b.example"));
	CHECK_STR(foreign_get(&l.v[0], "phone"), "01");
	CHECK_STR(foreign_get(&l.v[0], "notes"), "x\n\ny");
	foreign_list_done(&l);
}

TEST(agent_on_its_line)
{
	struct foreign_list l;

	REQUIRE(read_text(CARD("VERSION:2.1\nFN:A\nAGENT:BEGIN:VCARD\nFN:B\nEND:VCARD\nTITLE:maire\n"), &l));
	REQUIRE(l.n == 1);
	CHECK_STR(foreign_get(&l.v[0], "function"), "maire");
	CHECK(has_line(&l.v[0], "extra", "AGENT:BEGIN:VCARD\\nFN:B\\nEND:VCARD\\n"));
	foreign_list_done(&l);
}

TEST(not_a_card)
{
	struct foreign_list l;

	CHECK(!read_text("", &l));
	foreign_list_done(&l);
	CHECK(!read_text("hello\n", &l));
	foreign_list_done(&l);
	CHECK(read_text("BEGIN:VCARD\nFN:cut", &l));
	CHECK_EQ_INT(l.n, 1);
	CHECK_STR(foreign_get(&l.v[0], "name"), "cut");
	foreign_list_done(&l);
}

/* Files of telephones and mail programs, where they are at hand. */
TEST(shared_files)
{
	static const struct {
		const char *file;
		size_t cards, last;
		const char *name, *extra;
	} rows[] = {
	    {"vcard/ANDROID.vcf", 6, 5, "ÑÑÑÑ", "EMAIL;TYPE=PREF:henry@company.com"},
	    {"vcard/EVOLUTION.vcf", 1, 0, "Mr. John Richter, James Doe Sr.", "X-EVOLUTION-FILE-AS:Doe\\, John"},
	    {"vcard/IPHONE.vcf", 1, 0, "Mr. John Richter James Doe Sr.", "item2.X-ABLabel:_$!<AssistantPhone>!$_"},
	    {"vcard/MS_OUTLOOK.vcf", 1, 0, "Mr. John Richter James Doe Sr.", "X-MS-MANAGER:Big Blue"},
	    {"vcard/rfc2426.vcf", 2, 1, "Tim Howes", "TEL;TYPE=FAX,WORK:+1-415-528-4164"},
	};
	struct foreign_list l;

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const char *path = fixture_shared(rows[i].file);
		if (!path || !read_path(path, &l))
			continue;
		CHECK_EQ_INT(l.n, rows[i].cards);
		REQUIRE(l.n > rows[i].last);
		CHECK_STR(foreign_get(&l.v[rows[i].last], "name"), rows[i].name);
		CHECK(has_line(&l.v[rows[i].last], "extra", rows[i].extra));
		foreign_list_done(&l);
	}
}
