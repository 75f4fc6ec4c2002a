/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the tests of formats share. */
#ifndef ARPENT_FORMAT_FIXTURE_H
#define ARPENT_FORMAT_FIXTURE_H

#include "arpent/format.h"
#include "arpent/io.h"
#include "check.h"
#include "store_fixture.h"

/* A file of the shared samples (README there), NULL when they are not here: under $ARPENT_SHARED, or beside the source.
 */
static inline const char *fixture_shared(const char *name)
{
	const char *dir = getenv("ARPENT_SHARED"), *path = NULL;
	static const char *const near[] = {"../shared/data", "../../shared/data"};

	if (dir)
		path = check_join(dir, name);
	for (size_t i = 0; !dir && i < 2; i++) {
		path = check_join(check_source(near[i]), name);
		if (access(path, R_OK) == 0)
			return path;
	}
	return path && access(path, R_OK) == 0 ? path : NULL;
}

static inline bool fixture_has_line(const char *lines, const char *line)
{
	return foreign_has_line(lines, line, strlen(line));
}

/* A plan; what went wrong is a failure. */
static inline void fixture_plan(struct store *s, const char *bytes, const char *path, const struct import_options *o,
				struct import_plan *p)
{
	struct err e = ERR_INIT;
	bool ok = bytes ? import_bytes(s, bytes, strlen(bytes), path, o, p, &e) : import_file(s, path, o, p, &e);

	CHECK_OK(ok, &e);
}

/* Imports and gives the counts as "new changed same back". */
static inline const char *fixture_import(struct store *s, const char *bytes, const char *path,
					 const struct import_options *o)
{
	static char counts[64];
	struct import_plan p;
	struct err e = ERR_INIT;

	fixture_plan(s, bytes, path, o, &p);
	CHECK_OK(import_apply(s, &p, &e), &e);
	snprintf(counts, sizeof counts, "%zu %zu %zu %zu", p.count[IMPORT_NEW], p.count[IMPORT_CHANGED],
		 p.count[IMPORT_SAME], p.count[IMPORT_BACK]);
	import_plan_done(&p);
	return counts;
}

/* Everything of a kind, or of all, as a format. */
static inline void fixture_export(struct store *s, const char *format, const char *kind, const struct export_options *o,
				  struct buf *out, struct export_report *report)
{
	struct id *ids;
	size_t n;
	struct err e = ERR_INIT;

	buf_clear(out);
	if (CHECK_OK(export_all(s, kind, o->whole, &ids, &n, &e), &e)) {
		CHECK_OK(export_bytes(s, format_find(format), ids, n, o, out, report, &e), &e);
		free(ids);
	}
}

static inline size_t fixture_count(struct store *s, const char *kind)
{
	struct list_spec spec = {.kind = kind};
	struct err e = ERR_INIT;
	size_t n = 0;

	CHECK_OK(store_count(s, &spec, 1000000, &n, &e), &e);
	return n;
}

#endif
