/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/date-token.h"

#include <string.h>

static const struct scan_word scan_months[] = {
    {"janvier", 1}, {"janv", 1},      {"jan", 1},       {"january", 1}, {"fevrier", 2},   {"fevr", 2},
    {"fev", 2},     {"february", 2},  {"feb", 2},       {"mars", 3},    {"mar", 3},       {"march", 3},
    {"avril", 4},   {"avr", 4},       {"april", 4},     {"apr", 4},     {"mai", 5},       {"may", 5},
    {"juin", 6},    {"june", 6},      {"jun", 6},       {"juillet", 7}, {"juil", 7},      {"july", 7},
    {"jul", 7},     {"aout", 8},      {"august", 8},    {"aug", 8},     {"septembre", 9}, {"sept", 9},
    {"sep", 9},     {"september", 9}, {"octobre", 10},  {"oct", 10},    {"october", 10},  {"novembre", 11},
    {"nov", 11},    {"november", 11}, {"decembre", 12}, {"dec", 12},    {"december", 12},
};

/* Those that may come before the day number: what is also a French month, weekday or number may not. */
static const struct scan_word scan_months_first[] = {
    {"january", 1}, {"february", 2},  {"feb", 2},  {"march", 3},     {"april", 4}, {"apr", 4},       {"may", 5},
    {"june", 6},    {"july", 7},      {"jul", 7},  {"august", 8},    {"aug", 8},   {"september", 9}, {"october", 10},
    {"oct", 10},    {"november", 11}, {"nov", 11}, {"december", 12}, {"dec", 12},
};

static const struct scan_word scan_weekdays[] = {
    {"lundi", 0},  {"mardi", 1},   {"mercredi", 2},  {"jeudi", 3},    {"vendredi", 4}, {"samedi", 5},   {"dimanche", 6},
    {"monday", 0}, {"tuesday", 1}, {"wednesday", 2}, {"thursday", 3}, {"friday", 4},   {"saturday", 5}, {"sunday", 6},
};

/* Taken at the end of a clause too. */
static const struct scan_word scan_weekdays_short[] = {
    {"lun", 0}, {"ven", 4}, {"tue", 1}, {"tues", 1}, {"thu", 3}, {"thur", 3}, {"thurs", 3}, {"fri", 4},
};

/* Other words in French or English ("en mer", "dim", "mon"): taken only before a number or a time. */
static const struct scan_word scan_weekdays_risky[] = {
    {"mar", 1}, {"mer", 2}, {"jeu", 3}, {"sam", 5}, {"dim", 6}, {"mon", 0}, {"wed", 2}, {"sat", 5}, {"sun", 6},
};

static const struct scan_word scan_numbers[] = {
    {"un", 1},      {"une", 1},    {"a", 1},       {"an", 1},      {"one", 1},     {"deux", 2},
    {"two", 2},     {"trois", 3},  {"three", 3},   {"quatre", 4},  {"four", 4},    {"cinq", 5},
    {"five", 5},    {"six", 6},    {"sept", 7},    {"seven", 7},   {"huit", 8},    {"eight", 8},
    {"neuf", 9},    {"nine", 9},   {"dix", 10},    {"ten", 10},    {"douze", 12},  {"twelve", 12},
    {"quinze", 15}, {"vingt", 20}, {"twenty", 20}, {"trente", 30}, {"thirty", 30},
};

enum scan_unit { SCAN_MINUTE = 1, SCAN_HOUR, SCAN_DAY, SCAN_WEEK, SCAN_MONTH, SCAN_YEAR };

static const struct scan_word scan_units[] = {
    {"min", SCAN_MINUTE},    {"minute", SCAN_MINUTE}, {"minutes", SCAN_MINUTE}, {"heure", SCAN_HOUR},
    {"heures", SCAN_HOUR},   {"hour", SCAN_HOUR},     {"hours", SCAN_HOUR},     {"jour", SCAN_DAY},
    {"jours", SCAN_DAY},     {"day", SCAN_DAY},       {"days", SCAN_DAY},       {"semaine", SCAN_WEEK},
    {"semaines", SCAN_WEEK}, {"sem", SCAN_WEEK},      {"week", SCAN_WEEK},      {"weeks", SCAN_WEEK},
    {"mois", SCAN_MONTH},    {"month", SCAN_MONTH},   {"months", SCAN_MONTH},   {"an", SCAN_YEAR},
    {"ans", SCAN_YEAR},      {"annee", SCAN_YEAR},    {"annees", SCAN_YEAR},    {"year", SCAN_YEAR},
    {"years", SCAN_YEAR},
};

/* Only right behind the number, as in "+3j". */
static const struct scan_word scan_units_short[] = {
    {"h", SCAN_HOUR}, {"j", SCAN_DAY},   {"d", SCAN_DAY},  {"s", SCAN_WEEK},
    {"w", SCAN_WEEK}, {"m", SCAN_MONTH}, {"a", SCAN_YEAR}, {"y", SCAN_YEAR},
};

/* --- which day is meant --------------------------------------------------------------------------------------------
 */

/* Takes d if it is nearer to what is meant than *best, which starts at INT64_MAX. */
static void scan_nearer(const struct scan *sc, const struct date *d, int64_t *best, struct date *out)
{
	int64_t away = date_days(d) - date_days(&sc->now->date);

	if (sc->future && away < 0)
		return;
	away = away < 0 ? -away : away;
	if (away >= *best)
		return;
	*best = away;
	*out = *d;
}

/* A day and a month without a year; day 0 is the month's last. */
static bool scan_near_year(const struct scan *sc, int day, int month, struct date *out)
{
	int64_t best = INT64_MAX;

	for (int y = -8; y <= 8; y++) {
		struct date d = {sc->now->date.year + y, month, day > 0 ? day : 31};
		while (day == 0 && d.day > 28 && !date_valid(&d))
			d.day--;
		if (date_valid(&d))
			scan_nearer(sc, &d, &best, out);
	}
	return best != INT64_MAX;
}

/* A day of the month, and its weekday unless -1, without the month. */
static bool scan_near_month(const struct scan *sc, int day, int weekday, struct date *out)
{
	int64_t best = INT64_MAX;

	for (int m = -60; m <= 60; m++) {
		struct date d = {sc->now->date.year, sc->now->date.month, 1};
		date_add_months(&d, m);
		d.day = day;
		if (date_valid(&d) && (weekday < 0 || date_weekday(&d) == weekday))
			scan_nearer(sc, &d, &best, out);
	}
	return best != INT64_MAX;
}

/* The weekday after today, or before. */
static void scan_weekday_near(const struct scan *sc, int weekday, bool after, struct date *out)
{
	int away = (weekday - date_weekday(&sc->now->date) + 7) % 7;

	*out = sc->now->date;
	if (after)
		date_add_days(out, away == 0 ? 7 : away);
	else
		date_add_days(out, away - 7);
}

static void scan_add(struct moment *m, int count, enum scan_unit unit)
{
	int64_t minutes = m->has_time ? m->hour * 60 + m->minute : 0;

	switch (unit) {
	case SCAN_MINUTE:
	case SCAN_HOUR:
		minutes += (int64_t)count * (unit == SCAN_HOUR ? 60 : 1);
		int64_t days = (minutes >= 0 ? minutes : minutes - 1439) / 1440;
		minutes -= days * 1440;
		date_add_days(&m->date, (int)days);
		m->has_time = true;
		m->hour = (int)(minutes / 60);
		m->minute = (int)(minutes % 60);
		return;
	case SCAN_DAY:
	case SCAN_WEEK:
		date_add_days(&m->date, count * (unit == SCAN_WEEK ? 7 : 1));
		break;
	case SCAN_MONTH:
	case SCAN_YEAR:
		date_add_months(&m->date, count * (unit == SCAN_YEAR ? 12 : 1));
		break;
	}
	m->has_time = false;
}

/* --- days ----------------------------------------------------------------------------------------------------------
 */

static int scan_full_year(const struct scan *sc, int i)
{
	const struct scan_token *t = &sc->token[i];

	return t->kind == SCAN_NUMBER && t->digits == 4 && t->value >= 1000 ? t->value : 0;
}

/* Two digits: within the 80 years past and the 20 to come. */
static int scan_short_year(const struct scan *sc, int i)
{
	int year = sc->now->date.year / 100 * 100 + sc->token[i].value;

	if (year > sc->now->date.year + 20)
		year -= 100;
	if (year < sc->now->date.year - 79)
		year += 100;
	return year;
}

/* 2026-12-12, 2026/12/12 */
static int scan_iso(const struct scan *sc, int i, struct date *out)
{
	char sign = sc->token[i + 1].text[0];

	out->year = scan_full_year(sc, i);
	if (out->year == 0 || (sign != '-' && sign != '/') || !scan_tight(sc, i + 1, sign) ||
	    !scan_number(sc, i + 2, 1, 12) || !scan_tight(sc, i + 3, sign) || !scan_number(sc, i + 4, 1, 31))
		return 0;
	out->month = sc->token[i + 2].value;
	out->day = sc->token[i + 4].value;
	return date_valid(out) ? i + 5 : 0;
}

/* 12/12, 12/12/26, 12.12.2026, 12-12-2026.  Only '/' may do without the year: 12.12 is a quantity, 8-12 a range. */
static int scan_numeric(const struct scan *sc, int i, struct date *out)
{
	char sign = sc->token[i + 1].text[0];

	if (!scan_number(sc, i, 1, 31) || sign == '\0' || strchr("/.-", sign) == NULL || !scan_tight(sc, i + 1, sign) ||
	    !scan_number(sc, i + 2, 1, 12))
		return 0;
	out->day = sc->token[i].value;
	out->month = sc->token[i + 2].value;
	if (scan_tight(sc, i + 3, sign)) {
		out->year = scan_full_year(sc, i + 4);
		if (out->year == 0 && sc->token[i + 4].digits == 2)
			out->year = scan_short_year(sc, i + 4);
		return date_valid(out) ? i + 5 : 0;
	}
	return sign == '/' && scan_near_year(sc, out->day, out->month, out) ? i + 3 : 0;
}

/* The ending of "1er", "2nd", if there is one. */
static int scan_ordinal(const struct scan *sc, int i)
{
	static const char *const endings[] = {"er", "e", "st", "nd", "rd", "th"};

	for (size_t k = 0; k < sizeof endings / sizeof endings[0]; k++)
		if (!sc->token[i].blank && scan_is(sc, i, endings[k]))
			return i + 1;
	return i;
}

/* "12 déc", "1er juin 2027", "3rd of june" */
static int scan_day_month(const struct scan *sc, int i, struct date *out)
{
	if (!scan_number(sc, i, 1, 31))
		return 0;
	out->day = sc->token[i].value;
	i = scan_ordinal(sc, i + 1);
	if (scan_is(sc, i, "of"))
		i++;
	if (sc->token[i].kind != SCAN_WORD_KIND)
		return 0;
	out->month = SCAN_FIND(scan_months, sc->token[i].text);
	if (out->month < 0)
		return 0;
	i++;
	int dot = scan_sign(sc, i, '.') && !sc->token[i].blank;
	out->year = scan_full_year(sc, i + dot);
	if (out->year != 0 && scan_boundary(sc, i + dot + 1) && date_valid(out))
		return i + dot + 1;
	return scan_near_year(sc, out->day, out->month, out) ? i : 0;
}

/* "june 15", "december 12th, 2026" */
static int scan_month_day(const struct scan *sc, int i, struct date *out)
{
	if (sc->token[i].kind != SCAN_WORD_KIND || !scan_number(sc, i + 1, 1, 31))
		return 0;
	out->month = SCAN_FIND(scan_months_first, sc->token[i].text);
	out->day = sc->token[i + 1].value;
	if (out->month < 0)
		return 0;
	i = scan_ordinal(sc, i + 2);
	int comma = scan_sign(sc, i, ',');
	out->year = scan_full_year(sc, i + comma);
	if (out->year != 0 && scan_boundary(sc, i + comma + 1) && date_valid(out))
		return i + comma + 1;
	return scan_near_year(sc, out->day, out->month, out) ? i : 0;
}

static int scan_any_date(const struct scan *sc, int i, struct date *out)
{
	static int (*const forms[])(const struct scan *, int, struct date *) = {scan_iso, scan_numeric, scan_day_month,
										scan_month_day};

	for (size_t k = 0; k < sizeof forms / sizeof forms[0]; k++) {
		struct date d = {0};
		int end = forms[k](sc, i, &d);
		if (end > 0 && scan_boundary(sc, end)) {
			*out = d;
			return end;
		}
	}
	return 0;
}

/* --- times ---------------------------------------------------------------------------------------------------------
 */

static int scan_set_time(struct moment *m, int hour, int minute, int second, int end)
{
	m->has_time = true;
	m->hour = hour;
	m->minute = minute;
	m->second = second;
	return end;
}

/* "2pm", "2:30 pm": i is after the digits. */
static int scan_am_pm(const struct scan *sc, int i, int hour, int minute, struct moment *m)
{
	bool pm = scan_is(sc, i, "pm");

	if ((!pm && !scan_is(sc, i, "am")) || hour < 1 || hour > 12 || !scan_boundary(sc, i + 1))
		return 0;
	return scan_set_time(m, hour % 12 + (pm ? 12 : 0), minute, 0, i + 1);
}

/* 14:00, 14:00:05 */
static int scan_colon_time(const struct scan *sc, int i, struct moment *m)
{
	int hour = sc->token[i].value, minute = sc->token[i + 2].value, end;

	if (!scan_tight(sc, i + 1, ':') || !scan_number(sc, i + 2, 0, 59) || sc->token[i + 2].digits != 2)
		return 0;
	if ((end = scan_am_pm(sc, i + 3, hour, minute, m)) > 0)
		return end;
	if (scan_tight(sc, i + 3, ':') && scan_number(sc, i + 4, 0, 59) && scan_boundary(sc, i + 5))
		return scan_set_time(m, hour, minute, sc->token[i + 4].value, i + 5);
	return scan_boundary(sc, i + 3) ? scan_set_time(m, hour, minute, 0, i + 3) : 0;
}

/* 14h, 14h30, "9 h 30", "9 heures".  When not firm, hours alone may be a duration: "2h de route", "9 h". */
static int scan_hour_time(const struct scan *sc, int i, bool firm, struct moment *m)
{
	bool apart = sc->token[i + 1].blank;
	const struct scan_token *minutes = &sc->token[i + 2];

	if (!scan_is(sc, i + 1, "h") && !scan_is(sc, i + 1, "heures") && !scan_is(sc, i + 1, "heure"))
		return 0;
	bool has_minutes = scan_number(sc, i + 2, 0, 59) && minutes->digits == 2 && (apart || !minutes->blank) &&
			   scan_boundary(sc, i + 3);
	if (has_minutes && minutes->blank && sc->token[i + 3].kind == SCAN_WORD_KIND)
		has_minutes = SCAN_FIND(scan_months, sc->token[i + 3].text) < 0;
	if (has_minutes)
		return scan_set_time(m, sc->token[i].value, minutes->value, 0, i + 3);
	if (!scan_boundary(sc, i + 2))
		return 0;
	if (!firm && (apart || scan_is(sc, i + 2, "de") || scan_is(sc, i + 2, "d") || scan_is(sc, i + 2, "of")))
		return 0;
	return scan_set_time(m, sc->token[i].value, 0, 0, i + 2);
}

/* `firm`: a day or an "à" says that a time is meant. */
static int scan_time(const struct scan *sc, int i, bool firm, struct moment *m)
{
	int end;

	if (scan_is(sc, i, "a") || scan_is(sc, i, "at")) {
		firm = true;
		i++;
	}
	if (firm && scan_boundary(sc, i + 1)) {
		if (scan_is(sc, i, "midi") || scan_is(sc, i, "noon"))
			return scan_set_time(m, 12, 0, 0, i + 1);
		if (scan_is(sc, i, "minuit") || scan_is(sc, i, "midnight"))
			return scan_set_time(m, 0, 0, 0, i + 1);
	}
	if (!scan_number(sc, i, 0, 23))
		return 0;
	if ((end = scan_colon_time(sc, i, m)) > 0 || (end = scan_hour_time(sc, i, firm, m)) > 0)
		return end;
	return scan_am_pm(sc, i + 1, sc->token[i].value, 0, m);
}

/* What follows an ISO day: T14:00, T14:00:05.250Z, T14:00+0100. */
static int scan_iso_time(const struct scan *sc, int i, struct moment *m)
{
	struct moment t = *m;

	if (!scan_is(sc, i, "t") || sc->token[i].blank || !scan_number(sc, i + 1, 0, 23) ||
	    !scan_tight(sc, i + 2, ':') || !scan_number(sc, i + 3, 0, 59))
		return 0;
	scan_set_time(&t, sc->token[i + 1].value, sc->token[i + 3].value, 0, 0);
	i += 4;
	if (scan_tight(sc, i, ':') && scan_number(sc, i + 1, 0, 59)) {
		t.second = sc->token[i + 1].value;
		i += 2;
		if (scan_tight(sc, i, '.') && sc->token[i + 1].kind == SCAN_NUMBER)
			i += 2;
	}
	bool west = scan_tight(sc, i, '-');
	if (scan_is(sc, i, "z") && !sc->token[i].blank) {
		t.has_offset = true;
		i++;
	} else if (west || scan_tight(sc, i, '+')) {
		const struct scan_token *hours = &sc->token[i + 1];
		bool colon = scan_tight(sc, i + 2, ':') && scan_number(sc, i + 3, 0, 59);
		int value =
		    hours->digits == 4 ? hours->value : hours->value * 100 + (colon ? sc->token[i + 3].value : 0);
		if (hours->kind != SCAN_NUMBER || (hours->digits != 4 && hours->digits != 2) || value % 100 > 59 ||
		    value / 100 > 23)
			return 0;
		t.has_offset = true;
		t.offset = (value / 100 * 60 + value % 100) * (west ? -1 : 1);
		i += colon && hours->digits == 2 ? 4 : 2;
	}
	if (!scan_boundary(sc, i))
		return 0;
	*m = t;
	return i;
}

/* --- phrases -------------------------------------------------------------------------------------------------------
 */

enum scan_what {
	SCAN_IS_DAY,
	SCAN_IS_WEEK,
	SCAN_IS_MONTH,
	SCAN_IS_YEAR,
	SCAN_IS_WEEK_END,
	SCAN_IS_MONTH_END,
	SCAN_IS_YEAR_END
};

/* Words, and signs, with blanks between them. */
static const struct {
	const char *pattern;
	enum scan_what what;
	int count;
} scan_phrases[] = {
    {"aujourd ' hui", SCAN_IS_DAY, 0},
    {"auj", SCAN_IS_DAY, 0},
    {"ce jour", SCAN_IS_DAY, 0},
    {"today", SCAN_IS_DAY, 0},
    {"demain", SCAN_IS_DAY, 1},
    {"tomorrow", SCAN_IS_DAY, 1},
    {"apres - demain", SCAN_IS_DAY, 2},
    {"apres demain", SCAN_IS_DAY, 2},
    {"day after tomorrow", SCAN_IS_DAY, 2},
    {"hier", SCAN_IS_DAY, -1},
    {"yesterday", SCAN_IS_DAY, -1},
    {"avant - hier", SCAN_IS_DAY, -2},
    {"avant hier", SCAN_IS_DAY, -2},
    {"day before yesterday", SCAN_IS_DAY, -2},
    {"semaine prochaine", SCAN_IS_WEEK, 1},
    {"next week", SCAN_IS_WEEK, 1},
    {"semaine derniere", SCAN_IS_WEEK, -1},
    {"last week", SCAN_IS_WEEK, -1},
    {"mois prochain", SCAN_IS_MONTH, 1},
    {"next month", SCAN_IS_MONTH, 1},
    {"mois dernier", SCAN_IS_MONTH, -1},
    {"last month", SCAN_IS_MONTH, -1},
    {"annee prochaine", SCAN_IS_YEAR, 1},
    {"an prochain", SCAN_IS_YEAR, 1},
    {"next year", SCAN_IS_YEAR, 1},
    {"fin de semaine", SCAN_IS_WEEK_END, 0},
    {"fin de la semaine", SCAN_IS_WEEK_END, 0},
    {"end of week", SCAN_IS_WEEK_END, 0},
    {"end of the week", SCAN_IS_WEEK_END, 0},
    {"fin du mois", SCAN_IS_MONTH_END, 0},
    {"fin de mois", SCAN_IS_MONTH_END, 0},
    {"end of month", SCAN_IS_MONTH_END, 0},
    {"end of the month", SCAN_IS_MONTH_END, 0},
    {"fin d ' annee", SCAN_IS_YEAR_END, 0},
    {"fin de l ' annee", SCAN_IS_YEAR_END, 0},
    {"end of year", SCAN_IS_YEAR_END, 0},
    {"end of the year", SCAN_IS_YEAR_END, 0},
};

/* The part of a month; 0 is its last day. */
static const struct scan_word scan_parts[] = {
    {"fin", 0},   {"fin de", 0}, {"end of", 0}, {"debut", 1}, {"debut de", 1},
    {"mi -", 15}, {"mi", 15},    {"mid -", 15}, {"mid", 15},
};

/* Before a number and a unit. */
static const struct scan_word scan_away[] = {
    {"dans", 1}, {"d ' ici", 1}, {"sous", 1}, {"in", 1}, {"within", 1}, {"il y a", -1},
};

/* Before a day, and part of the phrase. */
static const char *const scan_leads[] = {
    "avant",     "d ' ici",      "d ' ici a", "d ' ici au", "pour", "jusqu ' au",
    "jusqu ' a", "au plus tard", "by",        "before",     "on",   "until",
};
static const char *const scan_articles[] = {"le", "la", "l '", "ce", "cette", "the", "this"};

static void scan_phrase_day(const struct scan *sc, enum scan_what what, int count, struct date *d)
{
	int weekday = date_weekday(&sc->now->date);

	*d = sc->now->date;
	switch (what) {
	case SCAN_IS_DAY:
		date_add_days(d, count);
		break;
	case SCAN_IS_WEEK:
		date_add_days(d, count * 7 - weekday);
		break;
	case SCAN_IS_MONTH:
		date_add_months(d, count);
		d->day = 1;
		break;
	case SCAN_IS_YEAR:
		*d = (struct date){d->year + count, 1, 1};
		break;
	case SCAN_IS_WEEK_END:
		date_add_days(d, weekday <= 4 ? 4 - weekday : 11 - weekday);
		break;
	case SCAN_IS_MONTH_END:
		d->day = 1;
		date_add_months(d, 1);
		date_add_days(d, -1);
		break;
	case SCAN_IS_YEAR_END:
		*d = (struct date){d->year, 12, 31};
		break;
	}
}

static int scan_named(const struct scan *sc, int i, struct moment *m)
{
	int best = 0;

	for (size_t k = 0; k < sizeof scan_phrases / sizeof scan_phrases[0]; k++) {
		int end = scan_match(sc, i, scan_phrases[k].pattern);
		if (end <= best || !scan_boundary(sc, end))
			continue;
		best = end;
		scan_phrase_day(sc, scan_phrases[k].what, scan_phrases[k].count, &m->date);
	}
	return best;
}

/* "fin mai", "mi-juin 2027", "end of june" */
static int scan_part(const struct scan *sc, int i, struct moment *m)
{
	for (size_t k = 0; k < sizeof scan_parts / sizeof scan_parts[0]; k++) {
		int end = scan_match(sc, i, scan_parts[k].text);
		if (end == 0 || sc->token[end].kind != SCAN_WORD_KIND)
			continue;
		int month = SCAN_FIND(scan_months, sc->token[end].text), year = scan_full_year(sc, end + 1);
		if (month < 0 || !scan_boundary(sc, end + 1))
			continue;
		if (year == 0 || !scan_boundary(sc, end + 2))
			return scan_near_year(sc, scan_parts[k].value, month, &m->date) ? end + 1 : 0;
		m->date = (struct date){year, month, scan_parts[k].value};
		if (m->date.day == 0) {
			m->date.day = 1;
			date_add_months(&m->date, 1);
			date_add_days(&m->date, -1);
		}
		return end + 2;
	}
	return 0;
}

/* A number, in digits or in words, and a unit; the unit's index is the result's predecessor. */
static int scan_count(const struct scan *sc, int i, bool tight, int *count, int *unit)
{
	const struct scan_token *t = &sc->token[i];

	*count = t->kind == SCAN_NUMBER ? t->value : -1;
	if (t->kind == SCAN_WORD_KIND)
		*count = SCAN_FIND(scan_numbers, t->text);
	if (*count < 0 || *count > SCAN_NUMBER_MAX || sc->token[i + 1].kind != SCAN_WORD_KIND)
		return 0;
	*unit = SCAN_FIND(scan_units, sc->token[i + 1].text);
	if (*unit < 0 && t->kind == SCAN_NUMBER && (!tight || !sc->token[i + 1].blank))
		*unit = SCAN_FIND(scan_units_short, sc->token[i + 1].text);
	return *unit > 0 && scan_boundary(sc, i + 2) ? i + 2 : 0;
}

/* "dans 3 jours", "+2s", "il y a un mois", "2 days ago" */
static int scan_offset(const struct scan *sc, int i, struct moment *m)
{
	int count = 0, unit = 0, sign = 0, end = 0;

	for (size_t k = 0; k < sizeof scan_away / sizeof scan_away[0] && end == 0; k++) {
		int at = scan_match(sc, i, scan_away[k].text);
		if (at > 0 && (end = scan_count(sc, at, false, &count, &unit)) > 0)
			sign = scan_away[k].value;
	}
	if (end == 0 && (scan_sign(sc, i, '+') || (sc->whole && scan_sign(sc, i, '-'))) && !sc->token[i + 1].blank) {
		end = scan_count(sc, i + 1, true, &count, &unit);
		sign = scan_sign(sc, i, '+') ? 1 : -1;
	}
	if (end == 0) {
		end = scan_count(sc, i, true, &count, &unit);
		end = end > 0 && scan_is(sc, end, "ago") && scan_boundary(sc, end + 1) ? end + 1 : 0;
		sign = -1;
	}
	if (end == 0)
		return 0;
	m->date = sc->now->date;
	m->has_time = sc->now->has_time;
	m->hour = sc->now->hour;
	m->minute = sc->now->minute;
	scan_add(m, sign * count, (enum scan_unit)unit);
	return end;
}

/* What says which one, after a weekday; 0 when nothing does. */
static int scan_which(const struct scan *sc, int i, int weekday, struct date *d)
{
	static const struct scan_word which[] = {
	    {"prochain", 0},          {"dernier", -1},  {"passe", -1},
	    {"en huit", 1},           {"week", 1},      {"de la semaine prochaine", 2},
	    {"semaine prochaine", 2}, {"next week", 2}, {"of next week", 2},
	};

	for (size_t k = 0; k < sizeof which / sizeof which[0]; k++) {
		int end = scan_match(sc, i, which[k].text);
		if (end == 0 || !scan_boundary(sc, end))
			continue;
		if (which[k].value == 2) {
			scan_phrase_day(sc, SCAN_IS_WEEK, 1, d);
			date_add_days(d, weekday);
			return end;
		}
		scan_weekday_near(sc, weekday, which[k].value >= 0, d);
		date_add_days(d, which[k].value == 1 ? 7 : 0);
		return end;
	}
	return 0;
}

/* "15", "1er" after an article or a weekday: only where the clause ends or a time follows, as it may count something.
 */
static int scan_day_number(const struct scan *sc, int i, int weekday, struct date *d)
{
	struct moment ignored = {0};

	if (!scan_number(sc, i, 1, 31))
		return 0;
	int end = scan_ordinal(sc, i + 1);
	if (!scan_clause_end(sc, end) && scan_time(sc, end, true, &ignored) == 0)
		return 0;
	return scan_near_month(sc, sc->token[i].value, weekday, d) ? end : 0;
}

static int scan_weekday(const struct scan *sc, int i, struct moment *m)
{
	bool next = scan_is(sc, i, "next"), last = scan_is(sc, i, "last"), safe = true, any = true;
	struct moment time = {0};
	int end, at = next || last ? i + 1 : i;
	const char *word = sc->token[at].text;

	if (sc->token[at].kind != SCAN_WORD_KIND)
		return 0;
	int weekday = SCAN_FIND(scan_weekdays, word);
	if (weekday < 0) {
		any = sc->whole;
		weekday = SCAN_FIND(scan_weekdays_short, word);
		if (weekday < 0) {
			safe = false;
			weekday = SCAN_FIND(scan_weekdays_risky, word);
		}
	}
	if (weekday < 0)
		return 0;
	at++;
	int dot = scan_sign(sc, at, '.') && !sc->token[at].blank;
	if (next || last) {
		scan_weekday_near(sc, weekday, next, &m->date);
		return scan_boundary(sc, at) ? at : 0;
	}
	if ((end = scan_any_date(sc, at + dot, &m->date)) > 0 ||
	    (end = scan_day_number(sc, at + dot, weekday, &m->date)) > 0 ||
	    (end = scan_which(sc, at + dot, weekday, &m->date)) > 0)
		return end;
	if (!scan_boundary(sc, at))
		return 0;
	scan_weekday_near(sc, weekday, sc->future, &m->date);
	if (scan_time(sc, at + dot, true, &time) > 0)
		return at;
	return any || (safe && scan_clause_end(sc, at)) ? at : 0;
}

static int scan_date(const struct scan *sc, int i, struct moment *m)
{
	int end = scan_iso(sc, i, &m->date);

	if (end > 0 && (end = scan_iso_time(sc, end, m)) > 0)
		return end;
	return scan_any_date(sc, i, &m->date);
}

/* A day at token i, its article and what comes before aside. */
static int scan_bare_day(const struct scan *sc, int i, struct moment *m)
{
	static int (*const forms[])(const struct scan *, int, struct moment *) = {scan_date, scan_weekday, scan_named,
										  scan_offset, scan_part};
	int best = 0;

	for (size_t k = 0; k < sizeof forms / sizeof forms[0]; k++) {
		struct moment one = {0};
		int end = forms[k](sc, i, &one);
		if (end > best) {
			best = end;
			*m = one;
		}
	}
	return best;
}

static int scan_lead(const struct scan *sc, int i)
{
	int best = i;

	for (size_t k = 0; k < sizeof scan_leads / sizeof scan_leads[0]; k++) {
		int end = scan_match(sc, i, scan_leads[k]);
		best = end > best ? end : best;
	}
	return best;
}

static int scan_day(const struct scan *sc, int i, struct moment *m)
{
	int end = scan_bare_day(sc, i, m), lead, article = 0;

	if (end > 0)
		return end;
	lead = scan_lead(sc, i);
	if (lead > i && (end = scan_bare_day(sc, lead, m)) > 0)
		return end;
	for (size_t k = 0; k < sizeof scan_articles / sizeof scan_articles[0] && article == 0; k++)
		article = scan_match(sc, lead, scan_articles[k]);
	if (article == 0)
		return 0;
	if ((end = scan_bare_day(sc, article, m)) > 0)
		return end;
	*m = (struct moment){0};
	return scan_is(sc, article - 1, "le") ? scan_day_number(sc, article, -1, &m->date) : 0;
}

/* --- the whole -----------------------------------------------------------------------------------------------------
 */

/* "27 nov, 10:00"; "ven. 10h": the dot of an abbreviation is taken when the phrase goes on. */
static int scan_comma(const struct scan *sc, int i)
{
	return scan_sign(sc, i, ',') || scan_sign(sc, i, '.') ? i + 1 : i;
}

/* A time, then perhaps its day. */
static int scan_time_first(const struct scan *sc, int i, struct moment *m)
{
	struct moment time = {0};
	int end = scan_time(sc, scan_lead(sc, i), sc->whole, &time), day;

	if (end == 0)
		return 0;
	day = scan_day(sc, scan_comma(sc, end), m);
	if (day > 0 && !m->has_time) {
		scan_set_time(m, time.hour, time.minute, time.second, 0);
		return day;
	}
	*m = time;
	m->date = sc->now->date;
	if (sc->future && sc->now->has_time && time.hour * 60 + time.minute < sc->now->hour * 60 + sc->now->minute)
		date_add_days(&m->date, 1);
	return end;
}

static int scan_moment(const struct scan *sc, struct moment *m)
{
	struct moment day = {0}, time = {0};
	int end = scan_day(sc, 0, &day), end_time;

	if (end > 0 && !day.has_time) {
		end_time = scan_time(sc, scan_comma(sc, end), true, &day);
		end = end_time > 0 ? end_time : end;
	}
	end_time = scan_time_first(sc, 0, &time);
	*m = end_time > end ? time : day;
	return end_time > end ? end_time : end;
}

static size_t scan_start(const char *s, const struct moment *now, bool future, bool whole, struct moment *out)
{
	struct scan sc = {.now = now, .future = future, .whole = whole};
	struct moment m;

	scan_cut(&sc, s);
	int end = sc.token[0].blank ? 0 : scan_moment(&sc, &m);
	if (end == 0 || !date_valid(&m.date))
		return 0;
	*out = m;
	return sc.token[end - 1].end;
}

size_t date_scan(const char *s, const struct moment *now, bool future, struct moment *out)
{
	return scan_start(s, now, future, false, out);
}

bool date_parse(const char *s, const struct moment *now, bool future, struct moment *out)
{
	struct moment m;

	s += strspn(s, " \t");
	size_t n = scan_start(s, now, future, true, &m);
	if (n == 0)
		return false;
	s += n + (s[n] == '.');
	if (s[strspn(s, " \t\r\n")] != '\0')
		return false;
	*out = m;
	return true;
}
