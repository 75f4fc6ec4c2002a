/* SPDX-License-Identifier: GPL-3.0-or-later */
/* plan - how one foreign record and one of ours compare. */
#ifndef ARPENT_PLAN_H
#define ARPENT_PLAN_H

#include "arpent/import.h"

/* Fills takes and diffs of the row. ours NULL: it is new, and f's fields become its takes.  A record that comes `back`
 * takes what was emptied too. */
bool plan_row(struct foreign *f, const struct record *ours, bool back, bool overwrite, struct import_row *row,
	      struct err *e) MUST_USE;
/* What `f` says and `first`, the same record earlier in the file, does not, goes to first; what differs is a diff of
 * the row. */
bool plan_twin(struct foreign *first, const struct foreign *f, struct import_row *row, struct err *e) MUST_USE;

#endif
