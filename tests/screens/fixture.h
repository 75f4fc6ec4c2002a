/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fixture - the notebook of the tests of screens: a week in an invented valley, and a clock that stands still.
 */
#ifndef ARPENT_FIXTURE_H
#define ARPENT_FIXTURE_H

#include "arpent/store.h"

void fixture_now(void *ctx, struct moment *out); /* Monday 23 November 2026, 18:30 in Paris */
bool fixture_fill(struct store *s, struct err *e) MUST_USE;
/* One meeting, whose place and notes a colleague wrote too, a minute before. */
bool fixture_two(struct store *s, struct err *e) MUST_USE;

#endif
