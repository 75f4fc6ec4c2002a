/* SPDX-License-Identifier: GPL-3.0-or-later */
/* formats - the functions that formats.def names; see struct format for what each does. */
#ifndef ARPENT_FORMATS_H
#define ARPENT_FORMATS_H

#include "arpent/format.h"

#define FORMATS_READ(f) \
	bool f(const char *p, size_t n, const struct import_options *o, struct foreign_list *out, struct err *e) \
	    MUST_USE
#define FORMATS_WRITE(f) bool f(const struct export_job *job, struct buf *out, struct err *e) MUST_USE

bool vcard_sniff(const char *p, size_t n);
FORMATS_READ(vcard_read);
FORMATS_WRITE(vcard_write);

bool gpx_sniff(const char *p, size_t n);
FORMATS_READ(gpx_read);
FORMATS_WRITE(gpx_write);

bool jsonl_sniff(const char *p, size_t n);
FORMATS_READ(jsonl_read);
FORMATS_WRITE(jsonl_write);

FORMATS_READ(csv_read);
FORMATS_WRITE(csv_write);

FORMATS_WRITE(minutes_write_md);
FORMATS_WRITE(minutes_write_txt);
FORMATS_WRITE(minutes_write_html);

#endif
