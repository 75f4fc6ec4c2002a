/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * geo - coordinates as people type them.  WGS 84 throughout; RGF93 is taken as WGS 84 (they agree within a metre).
 */
#ifndef ARPENT_GEO_H
#define ARPENT_GEO_H

#include "arpent/buf.h"

struct geo_point {
	double lat, lon; /* decimal degrees, WGS 84 */
};

/* Accepts decimal degrees (44.123, 3.456; decimal commas when there is no point: "44,123 3,456"), degrees and minutes,
 * degrees minutes seconds, with the signs of any keyboard or none, N S E W O (Ouest) or the words before or after each,
 * "lat" and "lon", geo: URIs (RFC 5870), and Lambert-93 metres (EPSG:2154: "756234 6389012", with or without "L93",
 * "X=", "Y=").  A lone pair is latitude, longitude; a pair in Lambert-93's range is easting, northing.  False when out
 * of range or not understood.  The locale has no part in it. */
bool geo_parse(const char *s, struct geo_point *out) MUST_USE;

/* Canonical: "44.123456,3.456789", up to seven decimals, trailing zeros dropped, '.' whatever the locale. */
void geo_text(const struct geo_point *p, struct buf *out);
bool geo_canonical(const char *s, struct geo_point *out) MUST_USE;
void geo_dms(const struct geo_point *p, struct buf *out); /* 44°07'24.4"N 3°27'24.4"E */

/* Lambert-93, Lambert conic conformal with two standard parallels (IGN NTG 71, algorithms 1 to 4; EPSG method 9802). */
void geo_to_lambert93(const struct geo_point *p, double *e, double *n);
void geo_from_lambert93(double e, double n, struct geo_point *out);

double geo_metres(const struct geo_point *a, const struct geo_point *b); /* great circle */

#endif
