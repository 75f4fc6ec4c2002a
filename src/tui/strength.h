/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * strength - a rough word on a passphrase while it is typed.  Pure.
 *
 * An estimate from below, for advice and never a refusal: a word of four letters or more counts for ten bits (a list of
 * a thousand), any other character for three, a repeated one for nothing.
 */
#ifndef ARPENT_TUI_STRENGTH_H
#define ARPENT_TUI_STRENGTH_H

#include <stddef.h>

enum strength { STRENGTH_NONE, STRENGTH_SHORT, STRENGTH_WEAK, STRENGTH_FAIR, STRENGTH_GOOD };

enum strength strength_of(const char *s, size_t n);

#endif
