/* SPDX-License-Identifier: GPL-3.0-or-later */
/* gpx - what its import and its export share. */
#ifndef ARPENT_GPX_H
#define ARPENT_GPX_H

#include "arpent/buf.h"

/* Says in our exports which record a place was: <arpent:record id="..." kind="site"/>. */
#define GPX_OURS_ELEMENT "arpent:record"
#define GPX_OURS_SPACE "urn:x-arpent:gpx"

/* XML text on one line: newlines as character references. */
void gpx_escape(struct buf *out, const char *s, size_t n);

#endif
