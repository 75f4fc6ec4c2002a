/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * latest - what was last seen of a notebook on this machine, so that an older copy of the whole file is noticed.
 *
 * A small sealed file for each notebook under $XDG_STATE_HOME/arpent/latest; arpent-notebook(5) has its layout and its
 * limits.  One that is missing, cannot be read or cannot be written is no error: nothing is known then.
 */
#ifndef ARPENT_LATEST_H
#define ARPENT_LATEST_H

#include "arpent/vault.h"

struct latest {
	uint64_t generation; /* of the header; it grows with each update of that */
	int64_t ms;          /* Unix time at which it was first seen */
};

/* What is known here.  False when nothing is, with any error; only ERR_NOMEM says that there may be something. */
bool latest_read(const struct vault *v, struct latest *out, struct err *e) MUST_USE;
/* Is that newer than the open file?  It may be what is known here or elsewhere. */
bool latest_is_newer(const struct latest *l, const struct vault *v);
/* Keeps the generation of the header in force, unless one as high is kept.  The file is made durable first: what was
 * seen must not be lost to a power cut. */
bool latest_keep(const struct vault *v, int64_t ms, struct err *e) MUST_USE;
/* The same, also when a higher one is kept: a person says that the older file is meant. */
bool latest_accept(const struct vault *v, int64_t ms, struct err *e) MUST_USE;
/* The notebook was put under another key: from now on any file under this one is older. */
bool latest_replaced(const struct vault *v, struct err *e) MUST_USE;

#endif
