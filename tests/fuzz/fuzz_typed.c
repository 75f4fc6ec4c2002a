/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is typed into a field: dates, places, numbers, codes.  What is understood is written in a canonical form that
 * is valid and is understood as the same.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "arpent/date.h"
#include "arpent/geo.h"
#include "arpent/kind.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct moment now = {{2026, 11, 16}, true, 14, 0, 0, false, 0};

static void must(bool ok)
{
	if (!ok)
		abort();
}

static void fuzz_date(const char *s, bool future)
{
	struct moment m, again;
	struct buf text = BUF_INIT;

	for (const char *p = s; *p; p++) {
		size_t took = date_scan(p, &now, future, &m);
		must(took <= strlen(p) && (took == 0 || date_valid(&m.date)));
	}
	if (date_parse(s, &now, future, &m)) {
		must(date_valid(&m.date));
		moment_text(&m, &text);
		must(moment_parse(buf_str(&text), &again));
		must(moment_unix(&m) == moment_unix(&again));
		for (enum date_lang lang = DATE_FR; m.date.year >= 1000 && lang <= DATE_EN; lang++) {
			buf_clear(&text);
			date_long(&m, lang, &text);
			must(date_parse(buf_str(&text), &now, future, &again));
			must(date_days(&m.date) == date_days(&again.date));
		}
	}
	buf_done(&text);
}

static void fuzz_place(const char *s)
{
	struct geo_point p, again;
	struct buf text = BUF_INIT;
	double e, n;

	if (geo_parse(s, &p)) {
		must(p.lat >= -90 && p.lat <= 90 && p.lon >= -180 && p.lon <= 180);
		geo_text(&p, &text);
		must(geo_canonical(buf_str(&text), &again) && geo_metres(&p, &again) < 0.1);
		buf_clear(&text);
		geo_dms(&p, &text);
		must(geo_parse(buf_str(&text), &again) && geo_metres(&p, &again) < 3);
		geo_to_lambert93(&p, &e, &n);
	}
	buf_done(&text);
}

/* One field of each type. */
static void fuzz_fields(const char *s)
{
	struct buf out = BUF_INIT;
	struct err e = ERR_INIT;
	bool seen[FIELD_HASH + 1][2] = {{false}};

	for (size_t i = 0; i < kind_count(); i++) {
		const struct kind *k = kind_at(i);
		for (size_t j = 0; j < kind_fields(k); j++) {
			const struct field *f = kind_field_at(k, j);
			bool *again = &seen[f->type][(f->flags & FIELD_SET) != 0];
			if (*again)
				continue;
			*again = true;
			buf_clear(&out);
			if (value_parse(f, s, &now, &out, &e) && out.len > 0)
				must(value_valid(f, buf_str(&out)));
			buf_clear(&out);
			value_show(f, s, &now, DATE_FR, &out);
		}
	}
	buf_done(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *s = malloc(size + 1);

	if (!s)
		return 0;
	if (size > 0)
		memcpy(s, data, size);
	s[size] = '\0';
	fuzz_date(s, true);
	fuzz_date(s, false);
	fuzz_place(s);
	fuzz_fields(s);
	free(s);
	return 0;
}
