/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "arpent/geo.h"

#include <math.h>
#include <string.h>
#include <strings.h>

#include "arpent/text.h"

#define GEO_PI 3.14159265358979323846
#define GEO_RADIANS (GEO_PI / 180)
#define GEO_MEAN_RADIUS 6371008.8 /* metres, IUGG */
#define GEO_TEXT_MAX 160
#define GEO_NUMBERS 6

/* GRS 80 and the definition of Lambert-93 (IGN, EPSG:2154). */
static const double geo_a = 6378137.0, geo_flattening = 1 / 298.257222101;
static const double geo_lat0 = 46.5, geo_lon0 = 3.0, geo_lat1 = 44.0, geo_lat2 = 49.0;
static const double geo_x0 = 700000.0, geo_y0 = 6600000.0;

/* What a person's text is reduced to; the marks of struct geo_number. */
#define GEO_DEGREE '*'
#define GEO_MINUTE '\''
#define GEO_SECOND '"'

struct geo_number {
	double value;
	bool negative, whole;
	char mark; /* GEO_DEGREE, GEO_MINUTE, GEO_SECOND or 0 */
	char axis; /* N S E W, X Y, or a g for "lat" and "lon": said before it; 0 */
	char axis_after;
	bool hard; /* a comma or a semicolon before it */
};

struct geo_reading {
	struct geo_number number[GEO_NUMBERS];
	int count;
	bool comma; /* is a decimal point */
	bool lambert;
};

/* --- Lambert-93 -------------------------------------------------------------------------------------------------- */

struct geo_cone {
	double e, n, c, ys;
};

/* Algorithm 1: the isometric latitude. */
static double geo_isometric(double phi, double e)
{
	return atanh(sin(phi)) - e * atanh(e * sin(phi));
}

/* Algorithm 2: the latitude back. */
static double geo_latitude(double iso, double e)
{
	double phi = 2 * atan(exp(iso)) - GEO_PI / 2, before;
	int rounds = 0;

	do {
		before = phi;
		phi = 2 * atan(exp(iso + e * atanh(e * sin(before)))) - GEO_PI / 2;
	} while (fabs(phi - before) > 1e-13 && ++rounds < 30);
	return phi;
}

static struct geo_cone geo_cone(void)
{
	struct geo_cone cone;
	double phi1 = geo_lat1 * GEO_RADIANS, phi2 = geo_lat2 * GEO_RADIANS, phi0 = geo_lat0 * GEO_RADIANS;

	cone.e = sqrt(geo_flattening * (2 - geo_flattening));
	double iso1 = geo_isometric(phi1, cone.e), iso2 = geo_isometric(phi2, cone.e);
	double n1 = geo_a / sqrt(1 - pow(cone.e * sin(phi1), 2)), n2 = geo_a / sqrt(1 - pow(cone.e * sin(phi2), 2));
	cone.n = log((n2 * cos(phi2)) / (n1 * cos(phi1))) / (iso1 - iso2);
	cone.c = n1 * cos(phi1) / cone.n * exp(cone.n * iso1);
	cone.ys = geo_y0 + cone.c * exp(-cone.n * geo_isometric(phi0, cone.e));
	return cone;
}

void geo_to_lambert93(const struct geo_point *p, double *e, double *n)
{
	struct geo_cone cone = geo_cone();
	double r = cone.c * exp(-cone.n * geo_isometric(p->lat * GEO_RADIANS, cone.e));
	double gamma = cone.n * (p->lon - geo_lon0) * GEO_RADIANS;

	*e = geo_x0 + r * sin(gamma);
	*n = cone.ys - r * cos(gamma);
}

void geo_from_lambert93(double e, double n, struct geo_point *out)
{
	struct geo_cone cone = geo_cone();
	double r = hypot(e - geo_x0, n - cone.ys), gamma = atan2(e - geo_x0, cone.ys - n);

	out->lon = geo_lon0 + gamma / cone.n / GEO_RADIANS;
	out->lat = geo_latitude(-log(r / cone.c) / cone.n, cone.e) / GEO_RADIANS;
}

double geo_metres(const struct geo_point *a, const struct geo_point *b)
{
	double lat1 = a->lat * GEO_RADIANS, lat2 = b->lat * GEO_RADIANS;
	double half_lat = sin((lat2 - lat1) / 2), half_lon = sin((b->lon - a->lon) * GEO_RADIANS / 2);
	double h = half_lat * half_lat + cos(lat1) * cos(lat2) * half_lon * half_lon;

	return 2 * GEO_MEAN_RADIUS * asin(sqrt(h < 1 ? h : 1));
}

/* --- writing ----------------------------------------------------------------------------------------------------- */

static void geo_degrees(double degrees, struct buf *out)
{
	long long scaled = llround(degrees * 1e7);
	unsigned long long size = scaled < 0 ? (unsigned long long)-scaled : (unsigned long long)scaled;
	int digits = 7;

	buf_printf(out, "%s%llu", scaled < 0 ? "-" : "", size / 10000000);
	size %= 10000000;
	if (size == 0)
		return;
	for (; size % 10 == 0; size /= 10)
		digits--;
	buf_printf(out, ".%0*llu", digits, size);
}

void geo_text(const struct geo_point *p, struct buf *out)
{
	geo_degrees(p->lat, out);
	buf_char(out, ',');
	geo_degrees(p->lon, out);
}

static void geo_sexagesimal(double degrees, const char *axis, struct buf *out)
{
	long long tenths = llround(fabs(degrees) * 36000);

	buf_printf(out, "%lld°%02lld'%02lld.%lld\"%c", tenths / 36000, tenths / 600 % 60, tenths / 10 % 60, tenths % 10,
		   axis[degrees < 0]);
}

void geo_dms(const struct geo_point *p, struct buf *out)
{
	geo_sexagesimal(p->lat, "NS", out);
	buf_char(out, ' ');
	geo_sexagesimal(p->lon, "EW", out);
}

/* --- reading ----------------------------------------------------------------------------------------------------- */

static bool geo_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Unsigned digits and a fraction after '.' (or ',' when so); strtod would ask the locale. */
static bool geo_decimal(const char **s, bool comma, double *value, bool *whole)
{
	double scale = 1, v = 0;
	int digits = 0;

	if (!geo_is_digit(**s))
		return false;
	for (; geo_is_digit(**s); (*s)++)
		v = digits++ < 15 ? v * 10 + (**s - '0') : INFINITY;
	*whole = !(((*s)[0] == '.' || (comma && (*s)[0] == ',')) && geo_is_digit((*s)[1]));
	if (!*whole) {
		for ((*s)++; geo_is_digit(**s); (*s)++) {
			if (digits++ >= 15)
				continue;
			v = v * 10 + (**s - '0');
			scale *= 10;
		}
	}
	*value = v / scale;
	return true;
}

/* One code point as one ASCII char: letters in capitals, degree, minute and second signs; 0 for what has no place here.
 */
static char geo_plain(uint32_t cp)
{
	switch (cp) {
	case 0xB0: /* degree */
	case 0xBA: /* masculine ordinal, next to it on a French keyboard */
	case 0x2DA:
		return GEO_DEGREE;
	case 0xB4:
	case 0x2019:
	case 0x2032:
		return GEO_MINUTE;
	case 0x201D:
	case 0x2033:
		return GEO_SECOND;
	case 0x2212:
	case 0x2013:
		return '-';
	case 0xA0:
	case 0x2009:
	case 0x202F:
	case '\t':
	case '=':
	case ':':
	case ' ':
		return ' ';
	case '/':
	case ';':
		return ';';
	case '\'':
	case '"':
	case '+':
	case '-':
	case '.':
	case ',':
		return (char)cp;
	default:
		if (cp >= 'a' && cp <= 'z')
			return (char)(cp - 'a' + 'A');
		return (cp >= '0' && cp <= '9') || (cp >= 'A' && cp <= 'Z') ? (char)cp : '\0';
	}
}

static bool geo_reduce(const char *s, char *out, size_t size)
{
	size_t n = strlen(s), len = 0;
	uint32_t cp;

	for (size_t at = 0; at < n;) {
		at += text_decode(s + at, n - at, &cp);
		char c = geo_plain(cp);
		if (c == '\0' || len + 1 >= size)
			return false;
		if (c == GEO_MINUTE && len > 0 && out[len - 1] == GEO_MINUTE)
			out[len - 1] = GEO_SECOND;
		else
			out[len++] = c;
	}
	out[len] = '\0';
	return true;
}

/* A word's meaning: an axis (see struct geo_number), GEO_DEGREE, 'L' for Lambert-93, 'm' for nothing; 0 when unknown.
 */
static char geo_word(const char *s, size_t n)
{
	static const struct {
		const char *word;
		char means;
	} words[] = {
	    {"N", 'N'},         {"NORD", 'N'},       {"NORTH", 'N'},      {"S", 'S'},          {"SUD", 'S'},
	    {"SOUTH", 'S'},     {"E", 'E'},          {"EST", 'E'},        {"EAST", 'E'},       {"W", 'W'},
	    {"WEST", 'W'},      {"O", 'W'},          {"OUEST", 'W'},      {"LAT", 'a'},        {"LATITUDE", 'a'},
	    {"LON", 'g'},       {"LONG", 'g'},       {"LNG", 'g'},        {"X", 'X'},          {"Y", 'Y'},
	    {"LONGITUDE", 'g'}, {"M", 'm'},          {"D", GEO_DEGREE},   {"DEG", GEO_DEGREE}, {"L93", 'L'},
	    {"LAMBERT93", 'L'}, {"LAMBERT 93", 'L'}, {"LAMBERT-93", 'L'}, {"EPSG 2154", 'L'},
	};

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (strlen(words[i].word) == n && memcmp(words[i].word, s, n) == 0)
			return words[i].means;
	return '\0';
}

/* The longest known word at *s: "LAMBERT 93" is one, the N of "N44" too. */
static char geo_next_word(const char **s)
{
	char means;
	size_t n = strspn(*s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789- ");

	for (n = n > 12 ? 12 : n; n > 0; n--) {
		bool cut = (*s)[n] >= 'A' && (*s)[n] <= 'Z' && (*s)[n - 1] >= 'A' && (*s)[n - 1] <= 'Z';
		if (!cut && (means = geo_word(*s, n)) != '\0') {
			*s += n;
			return means;
		}
	}
	return '\0';
}

static bool geo_read_number(struct geo_reading *r, const char **s, char axis, bool hard)
{
	struct geo_number *x = &r->number[r->count];

	if (r->count == GEO_NUMBERS)
		return false;
	*x = (struct geo_number){.axis = axis, .hard = hard};
	if (**s == '-' || **s == '+')
		x->negative = *(*s)++ == '-';
	if (!geo_decimal(s, r->comma, &x->value, &x->whole))
		return false;
	r->count++;
	return true;
}

/* A word's meaning, given to the number before it, or to the next one through *axis when the first word came first. */
static bool geo_say(struct geo_reading *r, char means, char *axis)
{
	struct geo_number *last = r->count > 0 ? &r->number[r->count - 1] : NULL;

	if (means == '\0' || *axis != '\0')
		return false;
	if (means == GEO_DEGREE || means == 'm') {
		if (last == NULL || last->mark != '\0')
			return false;
		last->mark = means == 'm' ? '\0' : means;
	} else if (last == NULL || r->number[0].axis != '\0') {
		*axis = means;
	} else {
		if (last->axis_after != '\0')
			return false;
		last->axis_after = means;
	}
	return true;
}

/* Fills r from reduced text. */
static bool geo_read(struct geo_reading *r, const char *s)
{
	char axis = '\0', c;
	bool hard = false;

	while (*s != '\0') {
		struct geo_number *last = r->count > 0 ? &r->number[r->count - 1] : NULL;
		if (*s == ' ') {
			s++;
		} else if (*s == ',' || *s == ';') {
			if (hard || last == NULL)
				return false;
			hard = true;
			s++;
		} else if (*s == GEO_DEGREE || *s == GEO_MINUTE || *s == GEO_SECOND) {
			if (last == NULL || last->mark != '\0' || last->axis_after != '\0' || hard)
				return false;
			last->mark = *s++;
		} else if (*s >= 'A' && *s <= 'Z') {
			c = geo_next_word(&s);
			if (c == 'L')
				r->lambert = true;
			else if (!geo_say(r, c, &axis))
				return false;
		} else {
			if (!geo_read_number(r, &s, axis, hard))
				return false;
			axis = '\0';
			hard = false;
		}
	}
	return axis == '\0' && !hard;
}

/* Degrees, minutes, seconds from n numbers. */
static bool geo_angle(const struct geo_number *x, int n, double *out)
{
	static const char marks[] = {GEO_DEGREE, GEO_MINUTE, GEO_SECOND};
	double scale = 1;

	if (n < 1 || n > 3)
		return false;
	*out = 0;
	for (int i = 0; i < n; i++, scale *= 60) {
		if ((x[i].mark != '\0' && x[i].mark != marks[i]) || (i < n - 1 && !x[i].whole) ||
		    (i > 0 && (x[i].value >= 60 || x[i].negative || x[i].hard || x[i].axis != '\0')) ||
		    (i < n - 1 && x[i].axis_after != '\0'))
			return false;
		*out += x[i].value / scale;
	}
	if (x[0].negative)
		*out = -*out;
	return true;
}

/* Where the second coordinate begins, or 0. */
static int geo_second(const struct geo_reading *r)
{
	int second = 0;

	for (int i = 1; i < r->count && second == 0; i++)
		if (r->number[i].axis != '\0' || r->number[i - 1].axis_after != '\0' ||
		    (r->number[i].mark == GEO_DEGREE && r->number[0].mark == GEO_DEGREE))
			second = i;
	for (int i = 1; i < r->count && second == 0; i++)
		if (r->number[i].hard)
			second = i;
	return second == 0 && r->count % 2 == 0 ? r->count / 2 : second;
}

static bool geo_in_range(const struct geo_point *p)
{
	return p->lat >= -90 && p->lat <= 90 && p->lon >= -180 && p->lon <= 180;
}

/* Puts two values in their order: a has the first, b the second axis, both or neither said. */
static bool geo_place(double v[2], const char axis[2], struct geo_point *out)
{
	static const char *const known[] = {"NSa", "EWg"};
	bool swapped = axis[0] != '\0' && strchr(known[1], axis[0]) != NULL;

	for (int i = 0; i < 2; i++) {
		if (axis[i] == '\0' && axis[1 - i] == '\0')
			continue;
		if (axis[i] == '\0' || strchr(known[swapped ? 1 - i : i], axis[i]) == NULL)
			return false;
		if (v[i] < 0 && axis[i] != 'a' && axis[i] != 'g')
			return false;
		if (axis[i] == 'S' || axis[i] == 'W')
			v[i] = -v[i];
	}
	*out = (struct geo_point){v[swapped], v[!swapped]};
	return geo_in_range(out);
}

/* Metropolitan France and its waters. */
static bool geo_place_lambert(const double v[2], const char axis[2], struct geo_point *out)
{
	bool swapped = axis[0] == 'Y';
	double e = v[swapped], n = v[!swapped];

	if (e < 0 || e > 1300000 || n < 6000000 || n > 7300000)
		return false;
	geo_from_lambert93(e, n, out);
	return true;
}

static bool geo_try(const char *plain, bool comma, struct geo_point *out)
{
	struct geo_reading r = {.comma = comma};
	double v[2];
	char axis[2];

	if (!geo_read(&r, plain))
		return false;
	int second = geo_second(&r), starts[] = {0, second, r.count};
	if (second == 0)
		return false;
	for (int i = 0; i < 2; i++) {
		const struct geo_number *first = &r.number[starts[i]], *last = &r.number[starts[i + 1] - 1];
		if (!geo_angle(first, starts[i + 1] - starts[i], &v[i]))
			return false;
		axis[i] = first->axis != '\0' ? first->axis : last->axis_after;
		if (first->axis != '\0' && last->axis_after != '\0')
			return false;
	}
	bool metric = axis[0] == 'X' || axis[0] == 'Y' || axis[1] == 'X' || axis[1] == 'Y';
	if (metric && (axis[0] == axis[1] || axis[0] + axis[1] != 'X' + 'Y'))
		return false;
	if (!metric && !r.lambert && geo_place(v, axis, out))
		return true;
	return r.count == 2 && (metric || (axis[0] == '\0' && axis[1] == '\0')) && geo_place_lambert(v, axis, out);
}

/* RFC 5870: latitude, longitude, perhaps altitude, in WGS 84 unless said otherwise. */
static bool geo_uri(const char *s, struct geo_point *out)
{
	double v[3];
	bool whole;
	int n = 0;

	do {
		bool negative = *s == '-';
		s += negative;
		if (!geo_decimal(&s, false, &v[n], &whole))
			return false;
		v[n] = negative ? -v[n] : v[n];
	} while (++n < 3 && *s++ == ',');
	if (n < 3)
		s--;
	if (n < 2 || (*s != '\0' && *s != ';' && *s != '?'))
		return false;
	if (strncasecmp(s, ";crs=", 5) == 0 && strncasecmp(s + 5, "wgs84", 5) != 0)
		return false;
	*out = (struct geo_point){v[0], v[1]};
	return geo_in_range(out);
}

bool geo_parse(const char *s, struct geo_point *out)
{
	struct geo_point p;
	char plain[GEO_TEXT_MAX];

	s += strspn(s, " \t");
	if (strncasecmp(s, "geo:", 4) == 0) {
		if (!geo_uri(s + 4, &p))
			return false;
	} else if (!geo_reduce(s, plain, sizeof plain)) {
		return false;
	} else if ((strchr(plain, '.') != NULL || !geo_try(plain, true, &p)) && !geo_try(plain, false, &p)) {
		/* "44,1 3,4" has decimal commas; "44,3" is two numbers; with a point, commas separate. */
		return false;
	}
	*out = p;
	return true;
}

bool geo_canonical(const char *s, struct geo_point *out)
{
	struct geo_point p;
	struct buf b = BUF_INIT;

	if (strchr(s, ';') != NULL || strchr(s, '?') != NULL || !geo_uri(s, &p))
		return false;
	geo_text(&p, &b);
	bool same = strcmp(buf_str(&b), s) == 0;
	buf_done(&b);
	if (same)
		*out = p;
	return same;
}
