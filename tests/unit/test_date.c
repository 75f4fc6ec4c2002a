/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "arpent/date.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"

/* Monday 23 November 2026, 14:02, as on the screens of the design. */
static const struct moment now = {{2026, 11, 23}, true, 14, 2, 0, true, 60};

struct row {
	const char *s;
	size_t bytes; /* SIZE_MAX: all of s */
	const char *text;
};
#define ALL SIZE_MAX

static void check_rows(const struct row *rows, size_t n, bool future)
{
	for (size_t i = 0; i < n; i++) {
		struct moment m = {0};
		struct buf b = BUF_INIT;
		size_t want = rows[i].bytes == ALL ? strlen(rows[i].s) : rows[i].bytes;
		size_t got = date_scan(rows[i].s, &now, future, &m);
		buf_printf(&b, "%s: %zu ", rows[i].s, got);
		if (got > 0)
			moment_text(&m, &b);
		struct buf expected = BUF_INIT;
		buf_printf(&expected, "%s: %zu %s", rows[i].s, want, want > 0 ? rows[i].text : "");
		CHECK_STR(buf_str(&b), buf_str(&expected));
		buf_done(&b);
		buf_done(&expected);
	}
}
#define ROWS(rows, future) check_rows(rows, sizeof(rows) / sizeof(rows)[0], future)

TEST(calendar)
{
	struct date d = {1970, 1, 1}, last = {9999, 12, 31}, first = {1, 1, 1}, back;

	CHECK_EQ_INT(date_days(&d), 0);
	CHECK_EQ_INT(date_weekday(&d), 3);
	CHECK_EQ_INT(date_days(&first), -719162);
	CHECK_EQ_INT(date_weekday(&first), 0);
	CHECK_EQ_INT(date_days(&last), 2932896);
	d = (struct date){2026, 11, 23};
	CHECK_EQ_INT(date_weekday(&d), 0);
	for (int64_t day = -719162; day <= 2932896; day += 13) {
		date_from_days(day, &back);
		if (!date_valid(&back) || date_days(&back) != day)
			CHECK_EQ_INT(date_days(&back), day);
	}
	date_from_days(INT64_MAX, &back);
	CHECK_EQ_INT(back.year, 9999);
	date_from_days(INT64_MIN, &back);
	CHECK_EQ_INT(back.year, 1);
}

TEST(valid)
{
	static const struct {
		struct date d;
		bool valid;
	} rows[] = {
	    {{2024, 2, 29}, true},  {{2023, 2, 29}, false}, {{2000, 2, 29}, true},  {{1900, 2, 29}, false},
	    {{2026, 4, 31}, false}, {{2026, 13, 1}, false}, {{2026, 0, 1}, false},  {{2026, 1, 0}, false},
	    {{0, 1, 1}, false},     {{10000, 1, 1}, false}, {{2026, 12, 31}, true},
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		CHECK_EQ_INT(date_valid(&rows[i].d), rows[i].valid);
}

TEST(add)
{
	struct date d = {2026, 12, 31};

	date_add_days(&d, 1);
	CHECK(d.year == 2027 && d.month == 1 && d.day == 1);
	date_add_days(&d, -366);
	CHECK(d.year == 2025 && d.month == 12 && d.day == 31);
	d = (struct date){2024, 1, 31};
	date_add_months(&d, 1);
	CHECK(d.month == 2 && d.day == 29);
	date_add_months(&d, -2);
	CHECK(d.year == 2023 && d.month == 12 && d.day == 29);
	date_add_months(&d, INT32_MAX);
	CHECK(d.year == 9999);
	date_add_months(&d, INT32_MIN);
	CHECK(d.year == 1);
}

TEST(canonical)
{
	static const char *const good[] = {
	    "2026-12-12",
	    "2026-12-12T14:00",
	    "2026-12-12T14:00:05",
	    "2026-12-12T14:00:00+01:00",
	    "2026-12-12T14:00:05-09:30",
	    "2026-12-12T00:00:00+00:00",
	    "0001-01-01",
	    "9999-12-31T23:59",
	};
	static const char *const bad[] = {
	    "",
	    "2026",
	    "2026-12",
	    "2026-12-1",
	    "2026-2-12",
	    "2026-02-30",
	    "2026-12-12 14:00",
	    "2026-12-12T",
	    "2026-12-12T14",
	    "2026-12-12T24:00",
	    "2026-12-12T14:60",
	    "2026-12-12T14:00:00",
	    "2026-12-12T14:00+01:00",
	    "2026-12-12T14:00:05Z",
	    "2026-12-12T14:00:05-00:00",
	    "2026-12-12T14:00:05+0100",
	    "2026-12-12T14:00:05+01:00 ",
	    "2026-12-12T14:00:05+24:00",
	    " 2026-12-12",
	    "0000-01-01",
	    "2026-12-12T14:00:5",
	    "+026-12-12",
	};

	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
		struct moment m;
		struct buf b = BUF_INIT;
		CHECK(moment_parse(good[i], &m));
		moment_text(&m, &b);
		CHECK_STR(buf_str(&b), good[i]);
		buf_done(&b);
	}
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct moment m;
		CHECK(!moment_parse(bad[i], &m));
	}
}

TEST(unix_time)
{
	static const struct {
		int64_t ms;
		int offset;
		const char *text;
	} rows[] = {
	    {0, 0, "1970-01-01T00:00:00+00:00"},
	    {-1, 0, "1969-12-31T23:59:59+00:00"},
	    {-86400001, 0, "1969-12-30T23:59:59+00:00"},
	    {1795442525000, 60, "2026-11-23T15:02:05+01:00"},
	    {1795442525000, -570, "2026-11-23T04:32:05-09:30"},
	    {1798757999999, 60, "2026-12-31T23:59:59+01:00"},
	    {1798758000000, 60, "2027-01-01T00:00:00+01:00"},
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct moment m;
		struct buf b = BUF_INIT;
		moment_from_unix(rows[i].ms, rows[i].offset, &m);
		moment_text(&m, &b);
		CHECK_STR(buf_str(&b), rows[i].text);
		int64_t whole = rows[i].ms - (rows[i].ms % 1000 + 1000) % 1000;
		CHECK_EQ_INT(moment_unix(&m), whole);
		buf_done(&b);
	}
	struct moment m;
	moment_from_unix(INT64_MAX, 0, &m);
	CHECK(date_valid(&m.date));
	moment_from_unix(INT64_MIN, -1439, &m);
	CHECK(date_valid(&m.date));
	moment_now(&m);
	CHECK(date_valid(&m.date) && m.has_time && m.has_offset);
}

TEST(days_to_come)
{
	static const struct row rows[] = {
	    {"12/12", ALL, "2026-12-12"},
	    {"12/12/26", ALL, "2026-12-12"},
	    {"12/12/98", ALL, "1998-12-12"},
	    {"12.12.2026", ALL, "2026-12-12"},
	    {"12-12-2026", ALL, "2026-12-12"},
	    {"2026-12-12", ALL, "2026-12-12"},
	    {"1/2", ALL, "2027-02-01"},
	    {"7/1", ALL, "2027-01-07"},
	    {"22/11", ALL, "2027-11-22"},
	    {"23/11", ALL, "2026-11-23"},
	    {"29/2", ALL, "2028-02-29"},
	    {"29/02/2024", ALL, "2024-02-29"},
	    {"12 déc", ALL, "2026-12-12"},
	    {"12 DÉC. à 9h", ALL, "2026-12-12T09:00"},
	    {"12 de\xCC\x81"
	     "c",
	     ALL, "2026-12-12"},
	    {"12déc", ALL, "2026-12-12"},
	    {"12 déc.", 7, "2026-12-12"}, /* a full stop */
	    {"1er juin 2027", ALL, "2027-06-01"},
	    {"15 juin", ALL, "2027-06-15"},
	    {"15 juin 14h", ALL, "2027-06-15T14:00"},
	    {"15 août", ALL, "2027-08-15"},
	    {"le 15 juin", ALL, "2027-06-15"},
	    {"le 15", ALL, "2026-12-15"},
	    {"le 30, au plus tard", 5, "2026-11-30"},
	    {"le 1er", ALL, "2026-12-01"},
	    {"3rd of june", ALL, "2027-06-03"},
	    {"june 3rd, 2028", ALL, "2028-06-03"},
	    {"december 12", ALL, "2026-12-12"},
	    {"lundi", ALL, "2026-11-30"},
	    {"vendredi", ALL, "2026-11-27"},
	    {"vendredi prochain", ALL, "2026-11-27"},
	    {"vendredi en huit", ALL, "2026-12-04"},
	    {"vendredi de la semaine prochaine", ALL, "2026-12-04"},
	    {"vendredi dernier", ALL, "2026-11-20"},
	    {"next friday", ALL, "2026-11-27"},
	    {"last friday", ALL, "2026-11-20"},
	    {"ce vendredi", ALL, "2026-11-27"},
	    {"ven", ALL, "2026-11-27"},
	    {"ven 10h", ALL, "2026-11-27T10:00"},
	    {"ven 10h @bonnet", 7, "2026-11-27T10:00"},
	    {"ven. 10h", ALL, "2026-11-27T10:00"},
	    {"ven @bonnet", 3, "2026-11-27"},
	    {"lun 14h", ALL, "2026-11-30T14:00"},
	    {"mer 14h", ALL, "2026-11-25T14:00"},
	    {"mar 24/11", ALL, "2026-11-24"},
	    {"vendredi 27 nov, 10:00", ALL, "2026-11-27T10:00"},
	    {"vendredi 27", ALL, "2026-11-27"},
	    {"vendredi 25 à 9h", ALL, "2026-12-25T09:00"},
	    {"vendredi 27 personnes", 8, "2026-11-27"},
	    {"demain", ALL, "2026-11-24"},
	    {"demain 14h30", ALL, "2026-11-24T14:30"},
	    {"demain à midi", ALL, "2026-11-24T12:00"},
	    {"Demain matin", 6, "2026-11-24"},
	    {"après-demain", ALL, "2026-11-25"},
	    {"aujourd’hui", ALL, "2026-11-23"},
	    {"hier", ALL, "2026-11-22"},
	    {"avant-hier", ALL, "2026-11-21"},
	    {"tomorrow 2pm", ALL, "2026-11-24T14:00"},
	    {"tomorrow at 2:30 pm", ALL, "2026-11-24T14:30"},
	    {"the day after tomorrow", ALL, "2026-11-25"},
	    {"dans 3 jours", ALL, "2026-11-26"},
	    {"dans 2 semaines", ALL, "2026-12-07"},
	    {"dans quinze jours", ALL, "2026-12-08"},
	    {"dans un mois", ALL, "2026-12-23"},
	    {"d'ici 2 semaines", ALL, "2026-12-07"},
	    {"in a week", ALL, "2026-11-30"},
	    {"dans 2 heures", ALL, "2026-11-23T16:02"},
	    {"dans 12 h", ALL, "2026-11-24T02:02"},
	    {"il y a 3 jours", ALL, "2026-11-20"},
	    {"2 weeks ago", ALL, "2026-11-09"},
	    {"+3j", ALL, "2026-11-26"},
	    {"+2s", ALL, "2026-12-07"},
	    {"+1m", ALL, "2026-12-23"},
	    {"fin mai", ALL, "2027-05-31"},
	    {"fin février", ALL, "2027-02-28"},
	    {"fin nov", ALL, "2026-11-30"},
	    {"mi-juin 2028", ALL, "2028-06-15"},
	    {"fin du mois", ALL, "2026-11-30"},
	    {"d'ici la fin du mois", ALL, "2026-11-30"},
	    {"end of february 2028", ALL, "2028-02-29"},
	    {"fin de l'année", ALL, "2026-12-31"},
	    {"fin de semaine", ALL, "2026-11-27"},
	    {"la semaine prochaine", ALL, "2026-11-30"},
	    {"le mois prochain", ALL, "2026-12-01"},
	    {"avant le 15/12", ALL, "2026-12-15"},
	    {"avant vendredi", ALL, "2026-11-27"},
	    {"jusqu'au 15 juin", ALL, "2027-06-15"},
	    {"30 nov", ALL, "2026-11-30"},
	    {"30 nov et la suite", 6, "2026-11-30"},
	    {"14:00-15:30", 5, "2026-11-24T14:00"},
	};

	ROWS(rows, true);
}

TEST(times)
{
	static const struct row rows[] = {
	    {"14:00", ALL, "2026-11-24T14:00"}, /* it is 14:02 */
	    {"14:05", ALL, "2026-11-23T14:05"},
	    {"14:00:05", ALL, "2026-11-24T14:00:05"},
	    {"à 9 h", ALL, "2026-11-24T09:00"},
	    {"à 16 h 30", ALL, "2026-11-23T16:30"},
	    {"16h", ALL, "2026-11-23T16:00"},
	    {"16h30", ALL, "2026-11-23T16:30"},
	    {"16h de route", 0, NULL},
	    {"à midi", ALL, "2026-11-24T12:00"},
	    {"9h vendredi", ALL, "2026-11-27T09:00"},
	    {"à 9h le 15/12", ALL, "2026-12-15T09:00"},
	    {"12am", ALL, "2026-11-24T00:00"},
	    {"12 pm", ALL, "2026-11-24T12:00"},
	    {"13pm", 0, NULL},
	    {"24:00", 0, NULL},
	    {"14:60", 0, NULL},
	    {"lundi 9 h 30 nov", 9, "2026-11-30T09:00"},
	    {"2026-12-12T14:00", ALL, "2026-12-12T14:00"},
	    {"2026-12-12 14:00", ALL, "2026-12-12T14:00"},
	    {"2026-12-12T14:00:05Z", ALL, "2026-12-12T14:00:05+00:00"},
	    {"2026-12-12T14:00:05.250-09:30", ALL, "2026-12-12T14:00:05-09:30"},
	    {"2026-12-12T14:00:05+0100", ALL, "2026-12-12T14:00:05+01:00"},
	};

	ROWS(rows, true);
}

TEST(past)
{
	static const struct row rows[] = {
	    {"22/11", ALL, "2026-11-22"},
	    {"12 déc", ALL, "2026-12-12"}, /* the nearest */
	    {"15 juin", ALL, "2026-06-15"},
	    {"1/2", ALL, "2027-02-01"},
	    {"29/2", ALL, "2028-02-29"},
	    {"vendredi", ALL, "2026-11-20"},
	    {"lundi", ALL, "2026-11-16"},
	    {"vendredi prochain", ALL, "2026-11-27"},
	    {"le 20", ALL, "2026-11-20"},
	    {"14:05", ALL, "2026-11-23T14:05"},
	    {"hier 18h42", ALL, "2026-11-22T18:42"},
	};

	ROWS(rows, false);
}

TEST(not_dates)
{
	static const char *const rows[] = {
	    "",
	    " ",
	    "12",
	    "2026",
	    "mai",
	    "mars",
	    "sam",
	    "mer",
	    "mer.",
	    "en mer",
	    "sam pense",
	    "mar",
	    "ven pour",
	    "mon",
	    "12.12",
	    "8-12",
	    "3.5",
	    "3,5 km",
	    "32/12",
	    "31/02",
	    "12/13",
	    "1/2/3/4",
	    "12/12/2",
	    "12/12%",
	    "30/2",
	    "31 avril",
	    "12 décalages",
	    "12 mairie",
	    "midi",
	    "le 7 reste",
	    "le chemin",
	    "7 pour 1",
	    "dans la",
	    "dans 3 communes",
	    "+3 personnes",
	    "3j",
	    "vendredis",
	    "demainx",
	    "1er",
	    "12 mai2",
	    "-3j",
	    "du",
	    "à",
	    "a 25h",
	    "2h de travail",
	    "fin",
	    "fin de",
	    "mi-temps",
	    "le",
	    "avant",
	    "avant 3",
	    "pour 5",
	    "9 h",
	    "24h/24",
	    "2h/jour",
	    "14h30x",
	    "12/12/20266",
	    "15/12abc",
	    "Jan Dupuis",
	    "may help",
	    "\xFF\xFE",
	    "²",
	    "½/12",
	    "dimx",
	    "on",
	    "a",
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct moment m;
		if (date_scan(rows[i], &now, true, &m) != 0)
			CHECK_STR(rows[i], "not a date");
	}
}

TEST(minutes_line)
{
	/* Scanned from each word, as a line of minutes is: only the date is found. */
	static const struct {
		const char *line, *found;
	} rows[] = {
	    {"Roux rédiger l'avenant 30 nov", "30 nov"},
	    {"moi poser deux panneaux 15 déc", "15 déc"},
	    {"M. Bonnet demande 3 reports pour 12 bêtes, chemin n° 7", ""},
	    {"Report accepté (7 pour 1 ctr)", ""},
	    {"appeler la bergerie ven 10h @bonnet", "ven 10h"},
	    {"relire la convention avant le 15/12, sans faute", "avant le 15/12"},
	    {"la mer de nuages, sam et dim sont venus en mars", ""},
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct moment m;
		struct buf b = BUF_INIT;
		size_t took = 0;
		for (const char *s = rows[i].line; *s != '\0' && took == 0;) {
			took = date_scan(s, &now, true, &m);
			if (took > 0)
				buf_add(&b, s, took);
			s += strcspn(s, " ");
			s += strspn(s, " ");
		}
		CHECK_STR(buf_str(&b), rows[i].found);
		buf_done(&b);
	}
}

TEST(parse_is_the_whole)
{
	struct moment m;

	CHECK(date_parse("  demain 14h ", &now, true, &m));
	CHECK_EQ_INT(m.hour, 14);
	CHECK(date_parse("mer", &now, true, &m));
	CHECK_EQ_INT(m.date.day, 25);
	CHECK(date_parse("midi", &now, true, &m));
	CHECK(date_parse("9 h", &now, true, &m));
	CHECK(date_parse("12 déc.", &now, true, &m));
	CHECK(date_parse("-3j", &now, true, &m));
	CHECK_EQ_INT(m.date.day, 20);
	CHECK(!date_parse("demain ou lundi", &now, true, &m));
	CHECK(!date_parse("", &now, true, &m));
	CHECK(!date_parse("12", &now, true, &m));
}

TEST(printed_dates_are_read_back)
{
	for (int64_t day = 20000; day < 22000; day += 3) {
		struct moment m = {.has_time = day % 2 == 0, .hour = (int)(day % 24), .minute = (int)(day % 60)}, back;
		struct buf want = BUF_INIT, b = BUF_INIT, got = BUF_INIT;
		date_from_days(day, &m.date);
		moment_text(&m, &want);
		for (int form = 0; form < 4; form++) {
			buf_clear(&b);
			buf_clear(&got);
			if (form < 2)
				date_long(&m, form == 0 ? DATE_FR : DATE_EN, &b);
			else
				date_short(&m, NULL, form == 2 ? DATE_FR : DATE_EN, &b);
			CHECK(date_parse(buf_str(&b), &now, true, &back));
			moment_text(&back, &got);
			CHECK_STR(buf_str(&got), buf_str(&want));
		}
		buf_done(&want);
		buf_done(&b);
		buf_done(&got);
	}
}

TEST(for_people)
{
	struct moment m = {{2026, 12, 1}, true, 9, 5, 0, false, 0};
	struct buf b = BUF_INIT;

	date_short(&m, &now, DATE_FR, &b);
	CHECK_STR(buf_str(&b), "01 déc 09:05");
	buf_clear(&b);
	m.date.year = 2025;
	m.has_time = false;
	date_short(&m, &now, DATE_EN, &b);
	CHECK_STR(buf_str(&b), "01 Dec 2025");
	buf_clear(&b);
	date_long(&m, DATE_FR, &b);
	CHECK_STR(buf_str(&b), "lundi 1er décembre 2025");
	buf_clear(&b);
	date_long(&now, DATE_EN, &b);
	CHECK_STR(buf_str(&b), "Monday 23 November 2026 14:02");
	buf_done(&b);
}

TEST(around_new_year)
{
	struct moment eve = {{2026, 12, 31}, true, 10, 0, 0, false, 0}, m;

	CHECK(date_parse("1/1", &eve, true, &m) && m.date.year == 2027);
	CHECK(date_parse("vendredi", &eve, true, &m) && m.date.year == 2027 && m.date.day == 1);
	CHECK(date_parse("3 jan", &eve, false, &m) && m.date.year == 2027);
	CHECK(date_parse("28 déc", &eve, true, &m) && m.date.year == 2027);
	CHECK(date_parse("28 déc", &eve, false, &m) && m.date.year == 2026);
	CHECK(date_parse("semaine prochaine", &eve, true, &m) && m.date.month == 1 && m.date.day == 4);
	CHECK(date_parse("fin du mois", &eve, true, &m) && m.date.day == 31);
}

TEST(any_bytes)
{
	static const char *const bits[] = {
	    "12", "/",  "lundi", " ",   "h",  "30",   ":", "déc",  "avant",    "le", "d'ici", "+",
	    "3j", "-",  "2026",  "fin", "T",  "ven",  ".", ",",    "prochain", "à",  "midi",  "999999999999",
	    "mi", "in", "\xFF",  "é",   "\n", "next", "Z", "dans", "mois",
	};
	uint32_t state = 20261123;

	for (int i = 0; i < 20000; i++) {
		struct buf b = BUF_INIT;
		struct moment m;
		do {
			state ^= state << 13;
			state ^= state >> 17;
			state ^= state << 5;
			if (state % 8 == 0)
				buf_char(&b, (char)(1 + (state >> 8) % 255));
			else
				buf_str_add(&b, bits[(state >> 8) % (sizeof bits / sizeof bits[0])]);
		} while ((state >> 24) % 9 != 0);
		char *s = str_dup(buf_str(&b));
		CHECK(s != NULL);
		size_t took = date_scan(s, &now, i % 2 == 0, &m);
		CHECK(took <= strlen(s));
		if (took > 0)
			CHECK(date_valid(&m.date) && m.hour >= 0 && m.hour < 24 && m.minute >= 0 && m.minute < 60);
		free(s);
		buf_done(&b);
	}
}
