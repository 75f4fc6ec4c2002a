/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "setting.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SETTING_LOCK "set/lock" /* minutes, in decimal digits */

static const unsigned setting_minutes[] = {2, 5, 10, 30, 60, 0};
#define SETTING_CHOICES (sizeof setting_minutes / sizeof *setting_minutes)

unsigned setting_lock_minutes(struct store *s)
{
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;
	unsigned minutes = SETTING_LOCK_MINUTES;

	if (store_meta_get(s, SETTING_LOCK, &b, &e) && b.len > 0 && strspn(buf_str(&b), "0123456789") == b.len &&
	    b.len < 6)
		minutes = (unsigned)strtoul(buf_str(&b), NULL, 10);
	buf_done(&b);
	return minutes;
}

static void setting_taken(struct tui *t, void *ctx, size_t i)
{
	struct err e = ERR_INIT;
	char text[8];

	(void)ctx;
	snprintf(text, sizeof text, "%u", setting_minutes[i]);
	if (!store_meta_set(t->store, SETTING_LOCK, text, strlen(text), &e)) {
		tui_fail(t, &e);
		return;
	}
	t->lock_minutes = setting_minutes[i];
	if (t->lock_minutes)
		tui_say(t,
			P_("Locks after %u minute without a key.", "Locks after %u minutes without a key.",
			   t->lock_minutes),
			t->lock_minutes);
	else
		tui_say(t, "%s", _("Locks only when you ask."));
}

void setting_ask_lock(struct tui *t)
{
	char words[SETTING_CHOICES][32];
	const char *labels[SETTING_CHOICES], *details[SETTING_CHOICES];

	for (size_t i = 0; i < SETTING_CHOICES; i++) {
		unsigned n = setting_minutes[i];
		snprintf(words[i], sizeof words[i], P_("%u minute", "%u minutes", n), n);
		labels[i] = n ? words[i] : _("Never");
		details[i] = n == t->lock_minutes ? _("now") : "";
	}
	tui_choose(t, &(struct choice){.title = _("Lock after"),
				       .labels = labels,
				       .details = details,
				       .n = SETTING_CHOICES,
				       .taken = setting_taken});
}
