/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * card - what view_card is opened on: whose six words and card are shown.
 */
#ifndef ARPENT_TUI_CARD_H
#define ARPENT_TUI_CARD_H

#include "arpent/identity.h"

struct card {
	struct identity who;
	bool own;  /* this device's: its card and QR code are shown too */
	bool peer; /* a colleague's, which can be verified */
};

#endif
