/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "arpent/date.h"

#include <time.h>

#define DATE_YEAR_MAX 9999
#define DATE_MS_A_DAY 86400000

static const char *const date_months[2][12] = {
    {"janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre",
     "décembre"},
    {"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
     "December"},
};
static const char *const date_months_short[2][12] = {
    {"jan", "fév", "mars", "avr", "mai", "juin", "juil", "août", "sep", "oct", "nov", "déc"},
    {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"},
};
static const char *const date_weekdays[2][7] = {
    {"lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"},
    {"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"},
};

static int date_month_length(int year, int month)
{
	static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return lengths[month - 1] + (month == 2 && leap);
}

bool date_valid(const struct date *d)
{
	return d->year >= 1 && d->year <= DATE_YEAR_MAX && d->month >= 1 && d->month <= 12 && d->day >= 1 &&
	       d->day <= date_month_length(d->year, d->month);
}

int64_t date_days(const struct date *d)
{
	/* The year begins in March here, so that the leap day is its last. */
	int64_t y = d->month <= 2 ? d->year - 1 : d->year;
	int64_t era = (y >= 0 ? y : y - 399) / 400;
	int64_t of_era = y - era * 400;
	int64_t of_year = (153 * (d->month + (d->month > 2 ? -3 : 9)) + 2) / 5 + d->day - 1;

	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

void date_from_days(int64_t days, struct date *out)
{
	static const struct date first = {1, 1, 1}, last = {DATE_YEAR_MAX, 12, 31};

	if (days <= date_days(&first)) {
		*out = first;
		return;
	}
	if (days >= date_days(&last)) {
		*out = last;
		return;
	}
	days += 719468;
	int64_t era = (days >= 0 ? days : days - 146096) / 146097;
	int64_t of_era = days - era * 146097;
	int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
	int64_t month = (5 * of_year + 2) / 153;
	out->day = (int)(of_year - (153 * month + 2) / 5 + 1);
	out->month = (int)(month < 10 ? month + 3 : month - 9);
	out->year = (int)(year + era * 400 + (out->month <= 2));
}

int date_weekday(const struct date *d)
{
	int64_t from_monday = (date_days(d) + 3) % 7; /* 1970-01-01 was a Thursday */

	return (int)(from_monday < 0 ? from_monday + 7 : from_monday);
}

void date_add_days(struct date *d, int days)
{
	date_from_days(date_days(d) + days, d);
}

void date_add_months(struct date *d, int months)
{
	int64_t total = (int64_t)d->year * 12 + d->month - 1 + months;

	if (total < 12 || total >= (DATE_YEAR_MAX + 1) * 12) {
		date_from_days(total < 12 ? INT64_MIN : INT64_MAX, d);
		return;
	}
	d->year = (int)(total / 12);
	d->month = (int)(total % 12) + 1;
	if (d->day > date_month_length(d->year, d->month))
		d->day = date_month_length(d->year, d->month);
}

void moment_now(struct moment *out)
{
	time_t now = time(NULL);
	struct tm tm;

	localtime_r(&now, &tm);
	/* $TZ may be a day and more from UTC; what is written down may not. */
	if (tm.tm_gmtoff <= -86400 || tm.tm_gmtoff >= 86400)
		tm.tm_gmtoff = 0;
	moment_from_unix((int64_t)now * 1000, (int)(tm.tm_gmtoff / 60), out);
}

void moment_from_unix(int64_t ms, int offset_minutes, struct moment *out)
{
	int64_t days = ms / DATE_MS_A_DAY, rest = ms % DATE_MS_A_DAY / 1000 + (int64_t)offset_minutes * 60;

	if (ms % 1000 < 0)
		rest--;
	days += rest / 86400;
	rest %= 86400;
	if (rest < 0) {
		rest += 86400;
		days--;
	}
	date_from_days(days, &out->date);
	out->has_time = true;
	out->hour = (int)(rest / 3600);
	out->minute = (int)(rest / 60 % 60);
	out->second = (int)(rest % 60);
	out->has_offset = true;
	out->offset = offset_minutes;
}

int64_t moment_unix(const struct moment *m)
{
	int64_t seconds = date_days(&m->date) * 86400;

	if (m->has_time)
		seconds += m->hour * 3600 + m->minute * 60 + m->second;
	if (m->has_offset)
		seconds -= (int64_t)m->offset * 60;
	return seconds * 1000;
}

/* Exactly n digits at *s, at most `max`; moves on. */
static bool date_digits(const char **s, int n, int max, int *out)
{
	*out = 0;
	for (; n > 0; n--, (*s)++) {
		if (**s < '0' || **s > '9')
			return false;
		*out = *out * 10 + (**s - '0');
	}
	return *out <= max;
}

static bool date_literal(const char **s, char c)
{
	if (**s != c)
		return false;
	(*s)++;
	return true;
}

bool moment_parse(const char *s, struct moment *out)
{
	struct moment m = {0};
	bool west = false, has_seconds = false;
	int hours;

	if (!date_digits(&s, 4, DATE_YEAR_MAX, &m.date.year) || !date_literal(&s, '-') ||
	    !date_digits(&s, 2, 12, &m.date.month) || !date_literal(&s, '-') || !date_digits(&s, 2, 31, &m.date.day) ||
	    !date_valid(&m.date))
		return false;
	if (*s != '\0') {
		m.has_time = true;
		if (!date_literal(&s, 'T') || !date_digits(&s, 2, 23, &m.hour) || !date_literal(&s, ':') ||
		    !date_digits(&s, 2, 59, &m.minute))
			return false;
	}
	if (*s != '\0') {
		has_seconds = true;
		if (!date_literal(&s, ':') || !date_digits(&s, 2, 59, &m.second))
			return false;
	}
	if (*s != '\0') {
		m.has_offset = true;
		west = *s == '-';
		s++;
		if ((s[-1] != '+' && !west) || !date_digits(&s, 2, 23, &hours) || !date_literal(&s, ':') ||
		    !date_digits(&s, 2, 59, &m.offset) || *s != '\0')
			return false;
		m.offset += hours * 60;
	}
	/* One moment, one text: no "-00:00", and ":00" only before an offset. */
	if ((west && m.offset == 0) || (has_seconds && !m.has_offset && m.second == 0))
		return false;
	if (west)
		m.offset = -m.offset;
	*out = m;
	return true;
}

void moment_text(const struct moment *m, struct buf *out)
{
	int offset = m->offset < 0 ? -m->offset : m->offset;

	buf_printf(out, "%04d-%02d-%02d", m->date.year, m->date.month, m->date.day);
	if (!m->has_time)
		return;
	buf_printf(out, "T%02d:%02d", m->hour, m->minute);
	if (m->has_offset || m->second != 0)
		buf_printf(out, ":%02d", m->second);
	if (m->has_offset)
		buf_printf(out, "%c%02d:%02d", m->offset < 0 ? '-' : '+', offset / 60, offset % 60);
}

void date_short(const struct moment *m, const struct moment *now, enum date_lang lang, struct buf *out)
{
	buf_printf(out, "%02d %s", m->date.day, date_months_short[lang][m->date.month - 1]);
	if (now == NULL || m->date.year != now->date.year)
		buf_printf(out, " %d", m->date.year);
	if (m->has_time)
		buf_printf(out, " %02d:%02d", m->hour, m->minute);
}

void date_long(const struct moment *m, enum date_lang lang, struct buf *out)
{
	const char *first = lang == DATE_FR && m->date.day == 1 ? "er" : "";

	buf_printf(out, "%s %d%s %s %d", date_weekdays[lang][date_weekday(&m->date)], m->date.day, first,
		   date_months[lang][m->date.month - 1], m->date.year);
	if (m->has_time)
		buf_printf(out, "%s %02d:%02d", lang == DATE_FR ? " à" : "", m->hour, m->minute);
}
