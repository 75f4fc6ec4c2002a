/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * GPX 1.1 of sites and observations: a waypoint for a point, a track or route for an outline.  Elements kept in `extra`
 * come out in the schema's order; those the schema does not know go into <extensions>.
 */
#include <expat.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arpent/format.h"
#include "arpent/geo.h"
#include "formats.h"
#include "gpx.h"

/* The schema's sequence for a waypoint; a track and a route use some of it in the same order, and "number" before
 * "type". */
static const char *const gpx_order[] = {"ele",    "time",       "magvar", "geoidheight", "name",   "cmt",
					"desc",   "src",        "link",   "sym",         "number", "type",
					"fix",    "sat",        "hdop",   "vdop",        "pdop",   "ageofdgpsdata",
					"dgpsid", "extensions", "rtept",  "trkseg"};
#define GPX_ORDERED (sizeof gpx_order / sizeof *gpx_order)
#define GPX_EXTENSIONS 19

struct gpx_out {
	struct buf parts[GPX_ORDERED];
};

static size_t gpx_rank(const char *element)
{
	size_t n = strcspn(element + 1, " >/");

	for (size_t i = 0; i < GPX_ORDERED; i++)
		if (strlen(gpx_order[i]) == n && strncmp(gpx_order[i], element + 1, n) == 0)
			return i;
	return GPX_ORDERED;
}

static void gpx_put(struct gpx_out *w, const char *element, const char *text)
{
	char tag[32];

	snprintf(tag, sizeof tag, "<%s>", element);
	struct buf *b = &w->parts[gpx_rank(tag)];
	buf_clear(b); /* what the field says goes before what was kept */
	buf_str_add(b, tag);
	gpx_escape(b, text, strlen(text));
	buf_printf(b, "</%s>\n", element);
}

/* One element, whole: what a colleague's state says was kept must not end ours, nor the file. */
static bool gpx_is_element(const char *s, size_t n)
{
	bool may = n > 1 && s[0] == '<' && s[1] != '!' && s[1] != '?';
	XML_Parser p = may ? XML_ParserCreate("UTF-8") : NULL;
	bool ok = p && n <= INT_MAX && XML_Parse(p, s, (int)n, 1) == XML_STATUS_OK;

	if (!ok && (p ? XML_GetErrorCode(p) == XML_ERROR_NO_MEMORY : may))
		err_lost_one();
	if (p)
		XML_ParserFree(p);
	return ok;
}

/* The elements of extra; what the schema does not have came from <extensions>, or from GPX 1.0. */
static void gpx_put_extra(struct gpx_out *w, const char *extra)
{
	for (size_t n; *extra; extra += n + (extra[n] != '\0')) {
		n = strcspn(extra, "\n");
		if (!gpx_is_element(extra, n))
			continue;
		size_t rank = gpx_rank(extra);
		struct buf *b = &w->parts[rank < GPX_ORDERED ? rank : GPX_EXTENSIONS];
		buf_add(b, extra, n);
		buf_char(b, '\n');
	}
}

/* A moment of ours as xsd:dateTime; one without a time of day is left out, for GPX has no days. */
static void gpx_put_time(struct gpx_out *w, const char *date)
{
	struct moment m;
	struct buf b = BUF_INIT;

	if (!moment_parse(date, &m) || !m.has_time)
		return;
	moment_from_unix(moment_unix(&m), 0, &m);
	m.has_offset = false;
	moment_text(&m, &b);
	if (b.len == 16)
		buf_str_add(&b, ":00");
	buf_char(&b, 'Z');
	gpx_put(w, "time", buf_str(&b));
	buf_done(&b);
}

/* "44.1,3.4" as attributes. */
static void gpx_put_point(struct buf *out, const char *point, size_t n)
{
	const char *comma = memchr(point, ',', n);

	if (comma)
		buf_printf(out, "lat=\"%.*s\" lon=\"%.*s\"", (int)(comma - point), point,
			   (int)(n - (size_t)(comma - point) - 1), comma + 1);
}

/* The points of a kept <trkseg> or <rtept> elements as we write an outline, to see whether they are still the ones. */
static void gpx_kept_outline(const struct buf *kept, bool route, struct buf *out)
{
	const char *s = buf_str(kept);
	bool first = true;

	for (const char *p = s; (p = strpbrk(p, "<")) != NULL; p++) {
		struct geo_point at;
		struct buf text = BUF_INIT;
		const char *lat, *lon;
		if (strncmp(p, "<trkseg", 7) == 0 && !route)
			first = true;
		if (strncmp(p, route ? "<rtept " : "<trkpt ", 7) != 0)
			continue;
		const char *end = strchr(p, '>');
		lat = strstr(p, " lat=\"");
		lon = strstr(p, " lon=\"");
		if (!end || !lat || !lon || lat > end || lon > end)
			continue;
		lat += 6;
		lon += 6;
		buf_printf(&text, "%.*s,%.*s", (int)strcspn(lat, "\""), lat, (int)strcspn(lon, "\""), lon);
		if (out->len > 0)
			buf_str_add(out, first && !route ? "\n\n" : " ");
		first = false;
		if (geo_parse(buf_str(&text), &at))
			geo_text(&at, out);
		buf_done(&text);
	}
}

static void gpx_put_segments(struct buf *out, const char *outline)
{
	buf_str_add(out, "<trkseg>");
	for (size_t n; *outline; outline += n) {
		n = strcspn(outline, " \n");
		buf_str_add(out, "<trkpt ");
		gpx_put_point(out, outline, n);
		buf_str_add(out, "/>");
		size_t gap = strspn(outline + n, " \n");
		if (outline[n] == '\n' && gap > 1)
			buf_str_add(out, "</trkseg>\n<trkseg>");
		n += gap;
	}
	buf_str_add(out, "</trkseg>\n");
}

static void gpx_put_ours(struct gpx_out *w, const struct record *r)
{
	char id[ID_TEXT + 1];

	id_text(&r->id, id);
	buf_printf(&w->parts[GPX_EXTENSIONS], "<%s xmlns:arpent=\"%s\" id=\"%s\" kind=\"%s\"/>\n", GPX_OURS_ELEMENT,
		   GPX_OURS_SPACE, id, r->kind);
}

static void gpx_text(const struct record *r, const char *key, struct gpx_out *w, const char *element)
{
	struct buf merged = BUF_INIT;
	struct shown shown;

	record_shown(r, key, true, &merged, &shown);
	if (shown.text && shown.text[0])
		gpx_put(w, element, shown.text);
	buf_done(&merged);
}

/* What a waypoint and a track have in common. */
static void gpx_put_fields(struct gpx_out *w, const struct record *r, bool track)
{
	bool observation = strcmp(r->kind, "observation") == 0;

	gpx_put_extra(w, record_get(r, "extra"));
	gpx_put(w, "name", record_get(r, observation ? "subject" : "name"));
	gpx_text(r, observation ? "comment" : "notes", w, "desc");
	if (record_get(r, "elevation")[0] && !track)
		gpx_put(w, "ele", record_get(r, "elevation"));
	if (observation)
		gpx_put_time(w, record_get(r, "date"));
	gpx_put_ours(w, r);
}

static void gpx_put_parts(struct gpx_out *w, const char *element, const char *attributes, struct buf *out)
{
	bool track = strcmp(element, "trk") == 0, route = strcmp(element, "rte") == 0;

	buf_printf(out, "<%s%s>\n", element, attributes);
	for (size_t i = 0; i < GPX_ORDERED; i++) {
		const struct buf *b = &w->parts[i];
		if (b->len == 0 || (strcmp(gpx_order[i], "trkseg") == 0 && !track) ||
		    (strcmp(gpx_order[i], "rtept") == 0 && !route))
			continue;
		if (i == GPX_EXTENSIONS)
			buf_str_add(out, "<extensions>\n");
		buf_add(out, buf_str(b), b->len);
		if (i == GPX_EXTENSIONS)
			buf_str_add(out, "</extensions>\n");
	}
	buf_printf(out, "</%s>\n", element);
	for (size_t i = 0; i < GPX_ORDERED; i++) {
		out->oom |= w->parts[i].oom;
		buf_done(&w->parts[i]);
	}
}

static void gpx_put_waypoint(const struct record *r, struct buf *out)
{
	struct gpx_out w = {.parts = {BUF_INIT}};
	struct buf attributes = BUF_INIT;
	const char *point = record_get(r, "point");

	gpx_put_fields(&w, r, false);
	buf_char(&attributes, ' ');
	gpx_put_point(&attributes, point, strlen(point));
	gpx_put_parts(&w, "wpt", buf_str(&attributes), out);
	buf_done(&attributes);
}

/* The points as they were kept, with all they had, while the outline is still theirs; else bare. */
static void gpx_put_track(const struct record *r, struct buf *out)
{
	struct gpx_out w = {.parts = {BUF_INIT}};
	const char *outline = record_get(r, "outline");
	struct buf kept = BUF_INIT;

	gpx_put_fields(&w, r, true);
	struct buf *points = &w.parts[gpx_rank("<rtept>")], *segments = &w.parts[gpx_rank("<trkseg>")];
	bool route = points->len > 0;
	gpx_kept_outline(route ? points : segments, route, &kept);
	if (strcmp(buf_str(&kept), outline) != 0) {
		route = false;
		buf_clear(segments);
		gpx_put_segments(segments, outline);
	}
	buf_done(&kept);
	gpx_put_parts(&w, route ? "rte" : "trk", "", out);
}

bool gpx_write(const struct export_job *job, struct buf *out, struct err *e)
{
	const struct format *f = format_find("gpx");
	struct buf tracks = BUF_INIT; /* after all waypoints, says the schema */
	bool ok = true;

	buf_str_add(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<gpx version=\"1.1\" creator=\"arpent\" "
			 "xmlns=\"http://www.topografix.com/GPX/1/1\">\n");
	for (size_t i = 0; ok && i < job->n; i++) {
		struct record r;
		record_init(&r);
		ok = export_load(job, i, &r, e);
		bool takes = ok && format_takes(f, r.kind);
		bool point = takes && record_get(&r, "point")[0], outline = takes && record_get(&r, "outline")[0];
		if (point)
			gpx_put_waypoint(&r, out);
		if (outline)
			gpx_put_track(&r, &tracks);
		job->report->records += point || outline;
		job->report->skipped += ok && !point && !outline;
		record_done(&r);
	}
	buf_add(out, buf_str(&tracks), tracks.len);
	buf_str_add(out, "</gpx>\n");
	out->oom |= tracks.oom;
	buf_done(&tracks);
	return ok;
}
