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
int64_t date_days(const struct date *d);	 /* days since 1970-01-01 */
void date_from_days(int64_t days, struct date *out);
int date_weekday(const struct date *d);		 /* 0 Monday .. 6 Sunday */
void date_add_days(struct date *d, int days);
void date_add_months(struct date *d, int months); /* clipped to the month's last day */

/* The wall clock of this machine with its offset: the one impure function, for the faces. */
void moment_now(struct moment *out);
/* Milliseconds since 1970 and an offset, both ways. */
void moment_from_unix(int64_t ms, int offset_minutes, struct moment *out);
int64_t moment_unix(const struct moment *m); /* ms; without an offset it is taken as UTC */

/* What people type, French or English whatever the language of the screen: 12/12, 12/12/26, 12.12.2026, 2026-12-12, "12 déc",
 * "1er juin 2027", "vendredi", "vendredi prochain", "demain", "après-demain", "hier", "dans 3 jours", "+2s", "fin du mois", "lundi 14h",
 * "demain 14h30", "14:00", "à 9 h", "next friday", "tomorrow 2pm".  Day before month, always.  A day without a year
 * is the next such day on or after now when `future`, else the nearest to now.  A weekday alone is the next one (today excluded), or the
 * last one when !future.  Reads the longest such phrase at the start of s, case and accents aside, and returns the bytes it took, 0
 * when there is none. */
size_t date_scan(const char *s, const struct moment *now, bool future, struct moment *out);

/* The whole of s must be such a phrase. */
bool date_parse(const char *s, const struct moment *now, bool future, struct moment *out) MUST_USE;

/* Canonical text in; false when it is not canonical. */
bool moment_parse(const char *s, struct moment *out) MUST_USE;
void moment_text(const struct moment *m, struct buf *out);

/* For people: short "23 nov" (with the year when it is not now's), long "lundi 23 novembre 2026", each with " 14:00" when there is a time. */
void date_short(const struct moment *m, const struct moment *now, enum date_lang lang, struct buf *out);
void date_long(const struct moment *m, enum date_lang lang, struct buf *out);

#endif
