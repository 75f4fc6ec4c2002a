/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The notebook of the fixture as one of two devices that meet in a folder, and with colleagues. */
#ifndef ARPENT_SHARED_H
#define ARPENT_SHARED_H

#include "arpent/store.h"

/* `folder` is there and empty; `other` is where the second notebook is made.  Something was written on both since they
 * met, one value side by side, and the last round is told to have found something amiss. */
bool shared_fill(struct store *s, const char *folder, const char *other, struct err *e) MUST_USE;

#endif
