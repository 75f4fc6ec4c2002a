/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * work-raw - SQLite alone over the shim, with a raw key and any journal: small commits, large ones that spill from a
 * small cache, some undone.
 */
#ifndef ARPENT_WORK_RAW_H
#define ARPENT_WORK_RAW_H

#include "work.h"

bool raw_open(struct work_run *w, struct err *e) MUST_USE; /* makes the database when there is none yet */
bool raw_open_after(struct work_run *w, char why[WORK_WHY]);
void raw_close(struct work_run *w);
bool raw_step(struct work_run *w, int i, struct err *e) MUST_USE;

#endif
