/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What documents of plain text are made of. */
#ifndef ARPENT_LINES_H
#define ARPENT_LINES_H

#include "arpent/store.h"

void lines_heading(struct buf *out, const char *title); /* on a line of its own, underlined, a blank line before it */
/* A record's fields as people read them, one a line, indented: those that have a value. */
void lines_record(struct store *s, const struct record *r, enum date_lang lang, struct buf *out);

#endif
