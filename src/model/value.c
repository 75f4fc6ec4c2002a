/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Typed text to canonical text, and back to what a person reads. */
#include <string.h>

#include "arpent/geo.h"
#include "arpent/i18n.h"
#include "arpent/id.h"
#include "arpent/record.h"
#include "arpent/text.h"
#include "kinds.h"

#define DIGITS_MAX 15
#define PREFIX_MIN 4 /* letters that stand for a longer term where any text is accepted */

static bool value_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Blanks as people and spreadsheets use them between digits: also U+00A0, U+2009 and U+202F. */
static size_t value_blank_len(const char *s)
{
	if (*s == ' ' || *s == '\t' || *s == '\n' || *s == '\r')
		return 1;
	if (strncmp(s, "\xc2\xa0", 2) == 0)
		return 2;
	if (strncmp(s, "\xe2\x80\x89", 3) == 0 || strncmp(s, "\xe2\x80\xaf", 3) == 0)
		return 3;
	return 0;
}

static void value_trim_end(struct buf *b, size_t from)
{
	while (b->len > from && (b->p[b->len - 1] == ' ' || b->p[b->len - 1] == '\n'))
		buf_truncate(b, b->len - 1);
}

/* Composed; one line, without control characters, trimmed. */
static void value_put_line(struct buf *out, const char *s)
{
	struct buf nfc = BUF_INIT;
	size_t from = out->len;

	text_nfc(&nfc, s, strlen(s));
	for (size_t i = 0; i < nfc.len; i++) {
		unsigned char c = (unsigned char)nfc.p[i];
		bool blank = c <= 0x20 || c == 0x7f;
		if (!blank || out->len > from)
			buf_char(out, blank ? ' ' : (char)c);
	}
	value_trim_end(out, from);
	out->oom = out->oom || nfc.oom;
	buf_done(&nfc);
}

/* Composed; lines end in '\n'; tabs stay, other control characters go. */
static void value_put_text(struct buf *out, const char *s)
{
	struct buf nfc = BUF_INIT;

	text_nfc(&nfc, s, strlen(s));
	for (size_t i = 0; i < nfc.len; i++) {
		unsigned char c = (unsigned char)nfc.p[i];
		if (c == '\r')
			buf_char(out, '\n');
		if (c == '\r' && i + 1 < nfc.len && nfc.p[i + 1] == '\n')
			i++;
		else if ((c >= 0x20 && c != 0x7f) || c == '\t' || c == '\n')
			buf_char(out, (char)c);
	}
	out->oom = out->oom || nfc.oom;
	buf_done(&nfc);
}

/* "1 234,50" is 1234.5.  False when it is no number, or has a fraction and must not. */
static bool value_put_number(struct buf *out, const char *s, bool whole)
{
	size_t from = out->len, digits = 0, step;
	bool point = false, minus = false;

	if (strncmp(s, "\xe2\x88\x92", 3) == 0 || *s == '-') /* U+2212 */
		minus = true;
	s += minus ? (*s == '-' ? 1 : 3) : *s == '+';
	/* By text and not by strtod(): no rounding, no locale. */
	for (; *s; s += step ? step : 1) {
		step = value_blank_len(s);
		if (step)
			continue;
		if (value_is_digit(*s)) {
			digits++;
			if (out->len == from + 1 && out->p[from] == '0')
				buf_truncate(out, from);
			buf_char(out, *s);
		} else if ((*s == ',' || *s == '.') && !point && !whole && digits > 0) {
			point = true;
			buf_char(out, '.');
		} else {
			return false;
		}
	}
	if (digits == 0 || digits > DIGITS_MAX)
		return false;
	while (point && out->len > from && (out->p[out->len - 1] == '0' || out->p[out->len - 1] == '.')) {
		point = out->p[out->len - 1] != '.';
		buf_truncate(out, out->len - 1);
	}
	if (minus && strcmp(buf_str(out) + from, "0") != 0)
		buf_insert(out, from, "-", 1);
	return true;
}

static bool value_word_in(const char *folded, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(folded, words[i]) == 0)
			return true;
	return false;
}

static bool value_put_bool(struct buf *out, const char *s)
{
	static const char *const yes[] = {"1", "oui", "o", "yes", "y", "vrai", "true", "x", "v", "ok"};
	static const char *const no[] = {"0", "non", "n", "no", "faux", "false", "-"};
	char folded[TEXT_FOLD_CUT];
	bool is;

	text_fold_cut(folded, s, strlen(s));
	is = value_word_in(folded, yes, sizeof yes / sizeof *yes);
	if (is)
		buf_char(out, '1');
	return is || value_word_in(folded, no, sizeof no / sizeof *no);
}

static bool value_put_moment(struct buf *out, const char *s, const struct field *f, const struct moment *now)
{
	struct moment m;

	if (!moment_parse(s, &m) && !date_parse(s, now, f->flags & FIELD_FUTURE, &m))
		return false;
	if (f->type == FIELD_DAY)
		m.has_time = m.has_offset = false;
	moment_text(&m, out);
	return true;
}

static bool value_put_point(struct buf *out, const char *s)
{
	struct geo_point p;

	if (!geo_parse(s, &p))
		return false;
	geo_text(&p, out);
	return true;
}

/* Points apart by blanks; an empty line begins another part. */
static bool value_put_shape(struct buf *out, const char *s)
{
	struct buf point = BUF_INIT;
	size_t from = out->len;
	bool ok = true;

	while (ok && *s) {
		size_t n = strcspn(s, " \t\r\n"), newlines = 0;
		buf_clear(&point);
		buf_add(&point, s, n);
		ok = value_put_point(out, buf_str(&point));
		s += n;
		for (; *s && strchr(" \t\r\n", *s); s++)
			newlines += *s == '\n';
		if (*s)
			buf_str_add(out, newlines > 1 ? "\n\n" : " ");
	}
	value_trim_end(out, from);
	out->oom = out->oom || point.oom;
	buf_done(&point);
	return ok;
}

static bool value_put_ref(struct buf *out, const char *s)
{
	char text[ID_TEXT + 1];
	struct id id;

	if (!id_parse(s, &id))
		return false;
	id_text(&id, text);
	buf_str_add(out, text);
	return true;
}

static bool value_put_code(struct buf *out, const char *s, const struct field *f)
{
	const struct vocabulary *v = vocab_find(f->vocab);
	const struct term *t = v ? vocab_named(v, s, v->open ? PREFIX_MIN : 1) : NULL;

	if (!t && v && !v->open)
		return false;
	buf_str_add(out, t ? t->code : s);
	return true;
}

/* Dots become blanks; ten digits in one piece are set in pairs, as they are in France. */
static bool value_put_phone(struct buf *out, const char *s)
{
	size_t digits = strspn(s, "0123456789"), any = 0, from = out->len;

	if (digits == 10 && !s[10] && s[0] == '0') {
		buf_printf(out, "%.2s %.2s %.2s %.2s %.2s", s, s + 2, s + 4, s + 6, s + 8);
		return true;
	}
	for (size_t step; *s; s += step ? step : 1) {
		bool blank = (step = value_blank_len(s)) > 0 || *s == '.';
		any += value_is_digit(*s);
		if (!blank)
			buf_char(out, *s);
		else if (out->len > from && out->p[out->len - 1] != ' ')
			buf_char(out, ' ');
	}
	value_trim_end(out, from);
	return any >= 2;
}

static bool value_put_email(struct buf *out, const char *s)
{
	const char *at;

	if (strncmp(s, "mailto:", 7) == 0)
		s += 7;
	/* RFC 5321 allows much more than any pattern: only what is surely no address is refused. */
	at = strrchr(s, '@');
	buf_str_add(out, s);
	return at && at > s && at[1] && !strpbrk(s, " ,;<>");
}

static bool value_put_url(struct buf *out, const char *s)
{
	size_t scheme = strcspn(s, ":/?#. ");

	if (strchr(s, ' ') || !strpbrk(s, ".:"))
		return false;
	if (s[scheme] != ':')
		buf_str_add(out, "https://");
	buf_str_add(out, s);
	return true;
}

static bool value_put_hash(struct buf *out, const char *s)
{
	size_t n = strspn(s, "0123456789abcdefABCDEF");

	if (s[n] || n < 32 || n > 128 || n % 2 != 0)
		return false;
	for (; *s; s++)
		buf_char(out, *s >= 'A' && *s <= 'F' ? (char)(*s - 'A' + 'a') : *s);
	return true;
}

/* One value, trimmed and on one line. */
static bool value_put_one(struct buf *out, const char *s, const struct field *f, const struct moment *now)
{
	switch (f->type) {
	case FIELD_INT:
	case FIELD_NUMBER:
		return value_put_number(out, s, f->type == FIELD_INT);
	case FIELD_BOOL:
		return value_put_bool(out, s);
	case FIELD_DAY:
	case FIELD_MOMENT:
		return value_put_moment(out, s, f, now);
	case FIELD_POINT:
		return value_put_point(out, s);
	case FIELD_REF:
		return value_put_ref(out, s);
	case FIELD_CODE:
		return value_put_code(out, s, f);
	case FIELD_PHONE:
		return value_put_phone(out, s);
	case FIELD_EMAIL:
		return value_put_email(out, s);
	case FIELD_URL:
		return value_put_url(out, s);
	case FIELD_HASH:
		return value_put_hash(out, s);
	case FIELD_LINE:
	case FIELD_TEXT:
	case FIELD_SHAPE:
		break;
	}
	buf_str_add(out, s);
	return true;
}

static bool value_put_lined(struct buf *out, const char *s, const struct field *f, const struct moment *now)
{
	struct buf line = BUF_INIT;
	size_t from = out->len;
	bool ok;

	value_put_line(&line, s);
	ok = line.len == 0 || value_put_one(out, buf_str(&line), f, now);
	if (f->flags & FIELD_SET)
		ok = ok && strlen(f->key) + 1 + out->len - from <= RECORD_KEY_MAX;
	out->oom = out->oom || line.oom;
	buf_done(&line);
	return ok;
}

/* Is the line that starts at `at` in out there already, since `from`? */
static bool value_set_has(const struct buf *out, size_t from, size_t at)
{
	const char *p = out->p + from;
	size_t n = out->len - at;

	for (const char *end; p < out->p + at; p = end + 1) {
		end = memchr(p, '\n', (size_t)(out->p + at - p));
		if (!end)
			return false;
		if ((size_t)(end - p) == n && memcmp(p, out->p + at, n) == 0)
			return true;
	}
	return false;
}

static bool value_put_set(struct buf *out, const char *s, const struct field *f, const struct moment *now)
{
	struct buf element = BUF_INIT;
	size_t from = out->len, at;
	bool ok = true;

	while (ok && *s) {
		size_t n = strcspn(s, "\n;");
		buf_clear(&element);
		buf_add(&element, s, n);
		s += n + (s[n] != '\0');
		if (out->len > from)
			buf_char(out, '\n');
		at = out->len;
		ok = value_put_lined(out, buf_str(&element), f, now);
		if (out->len == at || (!out->oom && value_set_has(out, from, at)))
			buf_truncate(out, at > from ? at - 1 : at);
	}
	out->oom = out->oom || element.oom;
	buf_done(&element);
	return ok;
}

bool value_parse(const struct field *f, const char *typed, const struct moment *now, struct buf *out, struct err *e)
{
	size_t from = out->len;
	bool ok = true;

	if (f->flags & FIELD_SET)
		ok = value_put_set(out, typed, f, now);
	else if (f->type == FIELD_TEXT)
		value_put_text(out, typed);
	else if (f->type == FIELD_SHAPE)
		ok = value_put_shape(out, typed + strspn(typed, " \t\r\n"));
	else
		ok = value_put_lined(out, typed, f, now);
	if (ok && out->len - from > RECORD_VALUE_MAX)
		ok = err_set(e, ERR_LIMIT, __func__, "%s", f->key);
	else if (!ok)
		err_set(e, ERR_INPUT, __func__, "%s: %.80s", f->key, typed);
	if (!ok)
		buf_truncate(out, from);
	return ok && buf_ok(out, e);
}

static bool value_moment_valid(const struct field *f, const char *s)
{
	struct moment m;

	return moment_parse(s, &m) && (f->type == FIELD_MOMENT || !m.has_time);
}

static bool value_code_valid(const struct field *f, const char *s)
{
	const struct vocabulary *v = vocab_find(f->vocab);

	for (size_t i = 0; v && i < v->n; i++)
		if (strcmp(v->terms[i].code, s) == 0)
			return true;
	return !v || v->open;
}

/* Canonical is what parsing leaves as it is, where that does not depend on the day or on a person's habits. */
static bool value_one_valid(const struct field *f, const char *s)
{
	struct buf again = BUF_INIT;
	bool ok;

	switch (f->type) {
	case FIELD_DAY:
	case FIELD_MOMENT:
		return value_moment_valid(f, s);
	/* What comes from outside is not lost for the form of a number or an address. */
	case FIELD_CODE:
	case FIELD_PHONE:
	case FIELD_EMAIL:
	case FIELD_URL:
	case FIELD_LINE:
		value_put_line(&again, s);
		ok = f->type != FIELD_CODE || value_code_valid(f, s);
		break;
	case FIELD_TEXT:
		value_put_text(&again, s);
		ok = true;
		break;
	case FIELD_SHAPE:
		ok = value_put_shape(&again, s);
		break;
	default:
		ok = value_put_one(&again, s, f, NULL);
		break;
	}
	ok = ok && strcmp(buf_str(&again), s) == 0;
	buf_done(&again);
	return ok;
}

bool value_valid(const struct field *f, const char *canonical)
{
	struct buf element = BUF_INIT;
	bool ok = true;

	if (!*canonical)
		return true;
	if (!(f->flags & FIELD_SET))
		return strlen(canonical) <= RECORD_VALUE_MAX && value_one_valid(f, canonical);
	for (const char *s = canonical; ok && s;) {
		size_t n = strcspn(s, "\n");
		buf_clear(&element);
		buf_add(&element, s, n);
		ok = n > 0 && strlen(f->key) + 1 + n <= RECORD_KEY_MAX && value_one_valid(f, buf_str(&element));
		s = s[n] ? s + n + 1 : NULL;
	}
	buf_done(&element);
	return ok;
}

static void value_show_number(struct buf *out, const char *s, enum date_lang lang)
{
	for (; *s; s++)
		buf_char(out, *s == '.' && lang == DATE_FR ? ',' : *s);
}

static void value_show_moment(struct buf *out, const char *s, const struct moment *now, enum date_lang lang)
{
	struct moment m;

	if (moment_parse(s, &m))
		date_short(&m, now, lang, out);
	else
		buf_str_add(out, s);
}

static void value_show_shape(struct buf *out, const char *s)
{
	size_t n = 0;

	for (; *s; s++)
		n += *s == ',';
	buf_printf(out, P_("%zu point", "%zu points", n), n);
}

static void value_show_one(struct buf *out, const char *s, const struct field *f, const struct moment *now,
			   enum date_lang lang)
{
	const struct vocabulary *v;

	switch (f->type) {
	case FIELD_NUMBER:
		value_show_number(out, s, lang);
		break;
	case FIELD_BOOL:
		buf_str_add(out, strcmp(s, "1") == 0 ? _("yes") : s);
		break;
	case FIELD_DAY:
	case FIELD_MOMENT:
		value_show_moment(out, s, now, lang);
		break;
	case FIELD_SHAPE:
		value_show_shape(out, s);
		break;
	case FIELD_CODE:
		v = vocab_find(f->vocab);
		buf_str_add(out, v ? vocab_label(v, s) : s);
		break;
	default:
		buf_str_add(out, s);
	}
}

void value_show(const struct field *f, const char *canonical, const struct moment *now, enum date_lang lang,
		struct buf *out)
{
	struct buf element = BUF_INIT;

	if (!*canonical)
		return;
	if (!(f->flags & FIELD_SET)) {
		value_show_one(out, canonical, f, now, lang);
		return;
	}
	for (const char *s = canonical; s;) {
		size_t n = strcspn(s, "\n");
		buf_clear(&element);
		buf_add(&element, s, n);
		if (s != canonical)
			buf_str_add(out, ", ");
		value_show_one(out, buf_str(&element), f, now, lang);
		s = s[n] ? s + n + 1 : NULL;
	}
	out->oom = out->oom || element.oom;
	buf_done(&element);
}

const char *value_hint(const struct field *f)
{
	switch (f->type) {
	case FIELD_INT:
		return _("a whole number: 12");
	case FIELD_NUMBER:
		return _("a number: 12.5");
	case FIELD_BOOL:
		return _("yes or no");
	case FIELD_DAY:
		return _("a day: 12/12, Friday, tomorrow");
	case FIELD_MOMENT:
		return _("a day and a time: 12/12, Friday, tomorrow 2pm");
	case FIELD_POINT:
		return _("coordinates: 44.123, 3.456 or Lambert-93");
	case FIELD_SHAPE:
		return _("points: 44.123,3.456 44.124,3.457");
	case FIELD_REF:
		return _("a name or a short id");
	case FIELD_PHONE:
		return _("a phone number: 04 66 12 34 56");
	case FIELD_EMAIL:
		return _("an e-mail address: name@example.org");
	case FIELD_URL:
		return _("a web address: https://example.org");
	default:
		return f->flags & FIELD_SET ? _("several: one a line, or with ';' between") : NULL;
	}
}
