/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "format_fixture.h"

static bool read_text(const char *s, const char *as, struct foreign_list *out, struct err *e)
{
	struct import_options o = {.as = as};

	*out = (struct foreign_list){0};
	return format_find("gpx")->read(s, strlen(s), &o, out, e);
}

#define GPX(inner) \
	"<?xml version=\"1.0\"?><gpx version=\"1.1\" xmlns=\"http://www.topografix.com/GPX/1/1\" " \
	"xmlns:m=\"urn:m\">" inner "</gpx>"

static const char sample[] = GPX(
    "<metadata><name>Sortie</name></metadata>"
    "<wpt lat=\"44.1\" lon=\"3.4\"><ele>1210.50</ele><time>2026-05-02T08:30:00Z</time><name>Source &amp; lavogne</name>"
    "<cmt>trouble</cmt><desc>Eau</desc><sym>Drinking Water</sym><extensions><m:p "
    "m:q=\"1\">7\n8</m:p></extensions></wpt>"
    "<rte><name>Boucle</name><rtept lat=\"44\" lon=\"3\"/><rtept lat=\"44\" lon=\"3\"/><rtept lat=\"44.5\" "
    "lon=\"3.5\"><name>Gu&#233;</name></rtept></rte>"
    "<trk><name>Trace</name><number>2</number><trkseg><trkpt lat=\"1\" lon=\"2\"/><trkpt lat=\"1.5\" "
    "lon=\"2.5\"/></trkseg>"
    "<trkseg><trkpt lat=\"3\" lon=\"4\"/></trkseg></trk>");

TEST(fields_and_extra)
{
	struct foreign_list l;
	struct err e = ERR_INIT;

	CHECK_OK(read_text(sample, NULL, &l, &e), &e);
	REQUIRE(l.n == 3);
	CHECK_STR(l.v[0].kind, "site");
	CHECK_STR(foreign_get(&l.v[0], "name"), "Source & lavogne");
	CHECK_STR(foreign_get(&l.v[0], "point"), "44.1,3.4");
	CHECK_STR(foreign_get(&l.v[0], "elevation"), "1210.5");
	CHECK_STR(foreign_get(&l.v[0], "notes"), "Eau\n\ntrouble");
	CHECK_STR(foreign_get(&l.v[0], "extra"),
		  "<sym>Drinking Water</sym>\n<m:p xmlns:m=\"urn:m\" m:q=\"1\">7&#10;8</m:p>\n"
		  "<cmt>trouble</cmt>\n<time>2026-05-02T08:30:00Z</time>");
	CHECK_STR(foreign_get(&l.v[1], "outline"), "44,3 44,3 44.5,3.5");
	CHECK(fixture_has_line(foreign_get(&l.v[1], "extra"),
			       "<rtept lat=\"44.5\" lon=\"3.5\"><name>Gué</name></rtept>"));
	CHECK_STR(foreign_get(&l.v[2], "outline"), "1,2 1.5,2.5\n\n3,4");
	CHECK_STR(foreign_get(&l.v[2], "extra"), "<number>2</number>");
	foreign_list_done(&l);
}

TEST(as_observations)
{
	struct foreign_list l;
	struct err e = ERR_INIT;

	CHECK_OK(read_text(sample, "observation", &l, &e), &e);
	REQUIRE(l.n == 3);
	CHECK_STR(l.v[0].kind, "observation");
	CHECK_STR(foreign_get(&l.v[0], "subject"), "Source & lavogne");
	CHECK_STR(foreign_get(&l.v[0], "date"), "2026-05-02T08:30:00+00:00");
	CHECK_STR(foreign_get(&l.v[0], "comment"), "Eau\n\ntrouble");
	CHECK_STR(l.v[1].kind, "site");
	foreign_list_done(&l);
	CHECK_ERR(read_text(sample, "person", &l, &e), &e, ERR_USAGE);
}

TEST(refusals)
{
	static const char *const bad[] = {
	    "",
	    "<gpx>",
	    "<kml></kml>",
	    GPX("<wpt lat=\"91\" lon=\"0\"/>"),
	    GPX("<wpt lat=\"x\" lon=\"0\"/>"),
	    GPX("<wpt lon=\"0\"/>"),
	    GPX("<wpt lat=\"nan\" lon=\"0\"/>"),
	    "<!DOCTYPE gpx SYSTEM \"file:///etc/passwd\"><gpx/>",
	    ("<!DOCTYPE gpx [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;\">]><gpx><wpt lat=\"1\" "
	     "lon=\"1\"><name>&b;</name></wpt></gpx>"),
	};
	struct foreign_list l;
	struct err e = ERR_INIT;

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		CHECK_ERR(read_text(bad[i], NULL, &l, &e), &e, ERR_FORMAT);
		foreign_list_done(&l);
	}
	struct buf deep = BUF_INIT;
	buf_str_add(&deep, "<gpx><wpt lat=\"1\" lon=\"1\">");
	for (int i = 0; i < 100000; i++)
		buf_str_add(&deep, "<a>");
	CHECK_ERR(read_text(buf_str(&deep), NULL, &l, &e), &e, ERR_LIMIT);
	foreign_list_done(&l);
	buf_done(&deep);
}

TEST(encodings)
{
	struct foreign_list l;
	struct err e = ERR_INIT;

	CHECK_OK(
	    read_text("<?xml version=\"1.0\" encoding=\"windows-1252\"?><gpx><wpt lat=\"1\" lon=\"1\"><name>Bori\x9C "
		      "d'\xE9t\xE9</name></wpt></gpx>",
		      NULL, &l, &e),
	    &e);
	CHECK_STR(foreign_get(&l.v[0], "name"), "Boriœ d'été");
	foreign_list_done(&l);
}

/* Out, in to another notebook, out: the same. */
static void round_trip(const char *bytes, const char *path, const char *as)
{
	struct import_options o = {.as = as}, plain = {0};
	struct export_options whole = {.whole = true};
	struct export_report report;
	struct buf first = BUF_INIT, second = BUF_INIT;
	struct store *a = fixture_new("a.arp"), *b = fixture_new("b.arp");

	fixture_import(a, bytes, path, &o);
	fixture_export(a, "gpx", NULL, &whole, &first, &report);
	size_t n = report.records;
	CHECK(n > 0 && report.skipped == 0);
	fixture_import(b, buf_str(&first), "x.gpx", &plain);
	fixture_export(b, "gpx", NULL, &whole, &second, &report);
	CHECK_STR(buf_str(&second), buf_str(&first));
	CHECK_EQ_INT(report.records, n);
	CHECK_EQ_INT(fixture_count(b, NULL), n);
	CHECK(strncmp(fixture_import(a, buf_str(&first), "x.gpx", &plain), "0 0 ", 4) == 0);
	store_close(a);
	store_close(b);
	remove(check_path("a.arp"));
	remove(check_path("b.arp"));
	buf_done(&first);
	buf_done(&second);
}

TEST(round_trips)
{
	static const char *const files[] = {"gpx/garmin_gpi.gpx", "gpx/geonet-sample.gpx", "gpx/ignrando-sample.gpx",
					    "gpx/unicsv.gpx"};

	round_trip(sample, "x.gpx", NULL);
	round_trip(sample, "x.gpx", "observation");
	for (size_t i = 0; i < sizeof files / sizeof *files; i++)
		if (fixture_shared(files[i]))
			round_trip(NULL, fixture_shared(files[i]), NULL);
}

/* Points with heights come out with them until the outline is edited. */
TEST(edited_outline)
{
	static const char track[] =
	    GPX("<trk><name>T</name><trkseg><trkpt lat=\"1\" lon=\"2\"><ele>5</ele></trkpt></trkseg></trk>");
	struct import_options plain = {0};
	struct export_options share = {0};
	struct export_report report;
	struct want w = {.key = "outline", .text = "1,2 3,4\n\n5,6 7,8"};
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;
	struct id id;
	struct store *s = fixture_new("edited.arp");

	fixture_import(s, track, "x.gpx", &plain);
	fixture_export(s, "gpx", "site", &share, &b, &report);
	CHECK(strstr(buf_str(&b), "<trkseg><trkpt lat=\"1\" lon=\"2\"><ele>5</ele></trkpt></trkseg>"));
	CHECK_OK(store_resolve(s, "T", "site", &id, &e) && store_edit(s, &id, &w, 1, &e), &e);
	fixture_export(s, "gpx", "site", &share, &b, &report);
	CHECK(strstr(buf_str(&b),
		     "<trkseg><trkpt lat=\"1\" lon=\"2\"/><trkpt lat=\"3\" lon=\"4\"/></trkseg>\n<trkseg><trkpt "
		     "lat=\"5\" lon=\"6\"/><trkpt lat=\"7\" lon=\"8\"/></trkseg>"));
	buf_done(&b);
	store_close(s);
}
