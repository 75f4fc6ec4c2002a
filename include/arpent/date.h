/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * date - days and moments as people type them and as files keep them.
 *
 * Canonical forms are ISO 8601: "2026-12-12" for a day, "2026-12-12T14:00" for a local moment without an offset,
 * "2026-12-12T14:00:05+01:00" with one.  Pure: "now" is always given, never asked of the clock here.
 */
#ifndef ARPENT_DATE_H
#define ARPENT_DATE_H

#include <stdint.h>

#include "arpent/buf.h"

struct date {
	int year, month, day; /* 1..; proleptic Gregorian */
};

struct moment {
	struct date date;
	bool has_time;
	int hour, minute, second;
	bool has_offset;
	int offset; /* minutes east of UTC */
};

enum date_lang { DATE_FR, DATE_EN };

bool date_valid(const struct date *d);
int64_t date_days(const struct date *d);             /* days since 1970-01-01 */
void date_from_days(int64_t days, struct date *out); /* kept within the years 1 to 9999, as all sums are */
int date_weekday(const struct date *d);              /* 0 Monday .. 6 Sunday */
void date_add_days(struct date *d, int days);
void date_add_months(struct date *d, int months); /* clipped to the month's last day */

/* The wall clock of this machine with its offset: the one impure function, for the faces. */
void moment_now(struct moment *out);
/* Milliseconds since 1970 and an offset, both ways. */
void moment_from_unix(int64_t ms, int offset_minutes, struct moment *out);
int64_t moment_unix(const struct moment *m); /* ms; without an offset it is taken as UTC */

/*
 * What people type, French or English whatever the language of the screen, case and accents aside:
 *
 *	12/12  12/12/26  12.12.2026  2026-12-12  "12 déc"  "1er juin 2027"  "june 3rd"  "vendredi 27"  "le 15"
 *	"vendredi"  "vendredi prochain"  "vendredi en huit"  "friday next week"  "demain"  "après-demain"  "hier"
 *	"dans 3 jours"  "+2s"  "il y a un mois"  "fin du mois"  "fin mai"  "mi-juin"  "la semaine prochaine"
 *	"14:00"  "16h30"  "à 9 h"  "2pm"; a day and a time: "lundi 14h"  "demain à midi"  "27 nov, 10:00"  "9h vendredi"
 *	before any of them: "avant", "d'ici", "pour", "jusqu'à", "by", "before", "on", and an article.
 *
 * ISO 8601 with Z or an offset is read too, fractions of a second dropped.
 *
 * Day before month, always.  A day without a year is the next such day on or after now when `future`, else the nearest
 * to now; two digits of a year are within 80 years past and 20 to come.  A weekday alone is the next one (today
 * excluded), or the last one when !future; "prochain" and "next" are the next one, "en huit" a week later.  A time
 * alone is today's, or tomorrow's when it is past and `future`.  The end of a week is its Friday.
 *
 * Reads the longest such phrase at the start of s, on one line, and returns the bytes it took, 0 when there is none; so
 * that a line can be scanned from each word, it is careful: never a bare number, a month without a day, 12.12 or 8-12.
 * "lun", "ven", "tue", "thu", "fri" count before a time or a number and where the clause ends; "mar", "mer", "jeu",
 * "sam", "dim", "mon", "wed", "sat", "sun", which are other words too, only before a time or a number.  A day number
 * after an article or a weekday counts where the clause ends or a time follows.  Hours alone, "9 h" or "2h de", may be
 * a duration and need an "à" or a day.
 */
size_t date_scan(const char *s, const struct moment *now, bool future, struct moment *out);

/* The whole of s must be such a phrase, blanks and a full stop aside.  Nothing else being around, "mer", "midi", "9 h"
 * and "-3j" are taken too. */
bool date_parse(const char *s, const struct moment *now, bool future, struct moment *out) MUST_USE;

/* Canonical text in; false when it is not canonical.  Each moment has one text: seconds are written with an offset, or
 * when they are not 0. */
bool moment_parse(const char *s, struct moment *out) MUST_USE;
void moment_text(const struct moment *m, struct buf *out);

/* For people: short "23 nov", "02 oct 2025" (with the year when it is not now's, or now is NULL), long "lundi 23
 * novembre 2026", each with " 14:00" when there is a time (" à 14:00" after the French long one).  date_parse reads
 * them back, from the year 1000 on. */
void date_short(const struct moment *m, const struct moment *now, enum date_lang lang, struct buf *out);
void date_long(const struct moment *m, enum date_lang lang, struct buf *out);

#endif
