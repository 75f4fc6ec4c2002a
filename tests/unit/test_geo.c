/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "arpent/geo.h"

#include <math.h>

#include "check.h"

/* EPSG:4171 to EPSG:2154 by PROJ 9.1.1; the first by the projection's own definition. */
static const struct {
	double lat, lon, e, n;
} known[] = {
    {46.5, 3, 700000, 6600000},
    {44, 3, 700000, 6322333.139456},
    {49, 3, 700000, 6877786.700666},
    {48.3, -5, 107755.489873, 6829990.648106},
    {42.1, 9.5, 1238122.854910, 6133229.244429},
    {44.123456, 3.456789, 736557.751547, 6336155.879261},
    {48.8534, 2.3488, 652216.625996, 6861681.499969},
    {48.58, 7.75, 1050163.943557, 6841622.715488},
    {43.4, -1.5, 335469.492624, 6266043.123808},
    {51.08, 2.5, 664880.843943, 7109495.743880},
    {41.4, 9.2, 1219451.840056, 6053535.877512},
    {44.597924859480, 3.708559055271, 756234, 6389012},
    {41.829506139858, 9.010871731777, 1200000, 6100000},
};

TEST(lambert93)
{
	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
		struct geo_point p = {known[i].lat, known[i].lon}, back;
		double e, n;
		geo_to_lambert93(&p, &e, &n);
		CHECK(fabs(e - known[i].e) < 0.00001 && fabs(n - known[i].n) < 0.00001);
		geo_from_lambert93(known[i].e, known[i].n, &back);
		CHECK(fabs(back.lat - p.lat) < 1e-10 && fabs(back.lon - p.lon) < 1e-10);
	}
}

TEST(lambert93_there_and_back)
{
	for (double e = 0; e <= 1300000; e += 50000) {
		for (double n = 6000000; n <= 7200000; n += 50000) {
			struct geo_point p;
			double e2, n2;
			geo_from_lambert93(e, n, &p);
			geo_to_lambert93(&p, &e2, &n2);
			CHECK(fabs(e - e2) < 0.0001 && fabs(n - n2) < 0.0001);
		}
	}
}

TEST(parse)
{
	static const struct {
		const char *s, *text;
	} rows[] = {
	    {"44.123, 3.456", "44.123,3.456"},
	    {"44.123,3.456", "44.123,3.456"},
	    {"  44.123 3.456 ", "44.123,3.456"},
	    {"44,123; 3,456", "44.123,3.456"},
	    {"44,123 3,456", "44.123,3.456"},
	    {"44,123, 3,456", "44.123,3.456"},
	    {"44,123,3,456", "44.123,3.456"},
	    {"44,3", "44,3"},
	    {"44 3", "44,3"},
	    {"-44.5, -3.25", "-44.5,-3.25"},
	    {"\xE2\x88\x92"
	     "44.5 +3.25",
	     "-44.5,3.25"},
	    {"44.5N 3.25E", "44.5,3.25"},
	    {"44.5 N, 3.25 W", "44.5,-3.25"},
	    {"N44.5 O3.25", "44.5,-3.25"},
	    {"3.25 E 44.5 S", "-44.5,3.25"},
	    {"44,5° Nord 3,25° Ouest", "44.5,-3.25"},
	    {"lat: 44.5 lon: -3.25", "44.5,-3.25"},
	    {"longitude=3.25, latitude=44.5", "44.5,3.25"},
	    {"44°30'N 3°15'E", "44.5,3.25"},
	    {"44° 30' N, 3° 15' O", "44.5,-3.25"},
	    {"44°30.6' 3°15,6'", NULL}, /* a point and a comma */
	    {"44°30,6' 3°15,6'", "44.51,3.26"},
	    {"N 44 30.6 E 3 15.6", "44.51,3.26"},
	    {"44°07'24.4\"N 3°27'24.4\"E", "44.1234444,3.4567778"},
	    {"44°07′24.4″N 3°27′24.4″E", "44.1234444,3.4567778"},
	    {"44º07’24,4”N 3º27’24,4”O", "44.1234444,-3.4567778"},
	    {"44°07''N 3°27'E", NULL}, /* seconds in the place of minutes */
	    {"44d07'24.4''N 3d27'24.4''E", "44.1234444,3.4567778"},
	    {"44 07 24.4 N 3 27 24.4 E", "44.1234444,3.4567778"},
	    {"44 07 24.4, 3 27 24.4", "44.1234444,3.4567778"},
	    {"-0°30' 0°30'", "-0.5,0.5"},
	    {"geo:44.5,3.25", "44.5,3.25"},
	    {"GEO:44.5,-3.25,1024;u=10", "44.5,-3.25"},
	    {"geo:44.5,3.25;crs=wgs84", "44.5,3.25"},
	    {"geo:44.5,3.25?z=12", "44.5,3.25"},
	    {"geo:44.5,3.25;crs=nad27", NULL},
	    {"geo:44.5", NULL},
	    {"geo:", NULL},
	    {"700000 6600000", "46.5,3"},
	    {"700000,0 6600000,0", "46.5,3"},
	    {"700000;6600000", "46.5,3"},
	    {"700000,6600000", "46.5,3"},
	    {"L93 700000 6600000", "46.5,3"},
	    {"Lambert-93: 700000 m, 6600000 m", "46.5,3"},
	    {"lambert 93 700000 6600000", "46.5,3"},
	    {"EPSG:2154 700000 6600000", "46.5,3"},
	    {"700000 6600000 L93", "46.5,3"},
	    {"X=700000 Y=6600000", "46.5,3"},
	    {"Y : 6600000 ; X : 700000", "46.5,3"},
	    {"X=700000 m, Y=6600000 m", "46.5,3"},
	    {"6600000 700000", NULL},
	    {"L93 44.5 3.25", NULL},
	    {"X=3 Y=44", NULL},
	    {"X=700000 X=6600000", NULL},
	    {"90.0001 3", NULL},
	    {"44 180.5", NULL},
	    {"90 -180", "90,-180"},
	    {"44", NULL},
	    {"44.5N", NULL},
	    {"44N 45N", NULL},
	    {"44N 3", NULL},
	    {"-44N 3E", NULL},
	    {"44°60'N 3°E", NULL},
	    {"44.5°30'N 3°E", NULL},
	    {"44 7 3", NULL},
	    {"44 7 3 5 6 7 8", NULL},
	    {"44,,3", NULL},
	    {"44,3,", NULL},
	    {"N S", NULL},
	    {"", NULL},
	    {"Mairie de Saint-Étienne", NULL},
	    {"12/12", "12,12"},
	    {"1e5 3", NULL},
	    {"inf nan", NULL},
	    {"0x10 3", NULL},
	    {"99999999999999999999 3", NULL},
	    {"44.12345678901234567890 3.5", "44.1234568,3.5"},
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct geo_point p;
		struct buf b = BUF_INIT;
		buf_printf(&b, "%s: ", rows[i].s);
		if (geo_parse(rows[i].s, &p))
			geo_text(&p, &b);
		struct buf want = BUF_INIT;
		buf_printf(&want, "%s: %s", rows[i].s, rows[i].text != NULL ? rows[i].text : "");
		CHECK_STR(buf_str(&b), buf_str(&want));
		buf_done(&b);
		buf_done(&want);
	}
}

TEST(text)
{
	static const struct {
		struct geo_point p;
		const char *text, *dms;
	} rows[] = {
	    {{44.123456, 3.456789}, "44.123456,3.456789", "44°07'24.4\"N 3°27'24.4\"E"},
	    {{-0.00000004, 0.00000005}, "0,0.0000001", "0°00'00.0\"S 0°00'00.0\"E"},
	    {{-0.5, -180}, "-0.5,-180", "0°30'00.0\"S 180°00'00.0\"W"},
	    {{44.99999999, 3.05}, "45,3.05", "45°00'00.0\"N 3°03'00.0\"E"},
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct buf b = BUF_INIT;
		geo_text(&rows[i].p, &b);
		CHECK_STR(buf_str(&b), rows[i].text);
		buf_clear(&b);
		geo_dms(&rows[i].p, &b);
		CHECK_STR(buf_str(&b), rows[i].dms);
		buf_done(&b);
	}
}

TEST(canonical)
{
	static const char *const good[] = {"44.123456,3.456789", "44,3", "-0.5,-180", "0,0", "90,180", "0.0000001,3"};
	static const char *const bad[] = {"",     "44",    "44,",  "44.0,3", "44, 3",         " 44,3",  "44,3 ",
					  "-0,3", "044,3", "91,3", "44,181", "44.12345678,3", "44,3,5", "44,3;u=1",
					  "44;3", "44.,3", ".5,3", "+44,3",  "44,3?"};
	struct geo_point p;

	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
		struct buf b = BUF_INIT;
		CHECK(geo_canonical(good[i], &p));
		geo_text(&p, &b);
		CHECK_STR(buf_str(&b), good[i]);
		CHECK(geo_parse(good[i], &p)); /* people may paste it back */
		buf_done(&b);
	}
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		if (geo_canonical(bad[i], &p))
			CHECK_STR(bad[i], "not canonical");
}

TEST(written_points_are_read_back)
{
	for (int i = 0; i < 5000; i++) {
		struct geo_point p = {(double)(check_random() % 1800000001) / 1e7 - 90,
				      (double)(check_random() % 3600000001) / 1e7 - 180},
				 back;
		struct buf a = BUF_INIT, b = BUF_INIT;
		geo_text(&p, &a);
		CHECK(geo_canonical(buf_str(&a), &back));
		CHECK(geo_parse(buf_str(&a), &back));
		geo_text(&back, &b);
		CHECK_STR(buf_str(&b), buf_str(&a));
		buf_clear(&b);
		geo_dms(&p, &b);
		CHECK(geo_parse(buf_str(&b), &back));
		CHECK(geo_metres(&p, &back) < 3); /* a twentieth of a second of arc, both ways */
		buf_done(&a);
		buf_done(&b);
	}
}

TEST(metres)
{
	struct geo_point a = {48.8534, 2.3488}, b = {43.2965, 5.3698}, c = {-48.8534, -177.6512};

	CHECK(geo_metres(&a, &a) < 0.001);
	CHECK(fabs(geo_metres(&a, &b) - 660480) < 1000);
	CHECK(fabs(geo_metres(&a, &c) - 20015114) < 10); /* half way round */
}

TEST(any_bytes)
{
	static const char *const bits[] = {"44",      "3",   ",", ".",  " ",    "°", "'",   "\"", "N",    "E",
					   "O",       "-",   ";", "X",  "Y",    "=", "L93", "m",  "geo:", "700000",
					   "6600000", "lat", "d", "60", "\xFF", "é", "+",   "S"};

	for (int i = 0; i < 20000; i++) {
		struct buf b = BUF_INIT;
		struct geo_point p;
		do {
			if (check_random() % 16 == 0)
				buf_char(&b, (char)(1 + check_random() % 255));
			else
				buf_str_add(&b, bits[check_random() % (sizeof bits / sizeof bits[0])]);
		} while (check_random() % 12 != 0);
		char *s = str_dup(buf_str(&b));
		REQUIRE(s != NULL);
		if (geo_parse(s, &p))
			CHECK(p.lat >= -90 && p.lat <= 90 && p.lon >= -180 && p.lon <= 180);
		if (geo_canonical(s, &p))
			CHECK(p.lat >= -90 && p.lat <= 90);
		free(s);
		buf_done(&b);
	}
}
