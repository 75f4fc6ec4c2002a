/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What sync finds amiss, in words. */

#include <stdio.h>
#include <string.h>

#include "arpent/i18n.h"
#include "arpent/text.h"
#include "cli.h"

/* Each may hold one %s, for the device. */
static const struct {
	const char *name, *others, *own;
} findings[] = {
    [FINDING_WITHHELD] =
	{"withheld",
	 N_("%s has written something that other devices have and this storage does not show. If another "
	    "program synchronises the folder, let it finish; else the storage holds it back, or has "
	    "lost it: synchronise that device again."),
	 NULL},
    [FINDING_FORKED] =
	{"forked",
	 N_("Of %s there are two different pieces under one number: the storage shows different things to "
	    "different devices. Nothing of it is taken in. Synchronise that device, and use another "
	    "storage."),
	 NULL},
    [FINDING_ROLLED_BACK] =
	{"rolled_back", NULL,
	 N_("What this device had put there was gone: an older copy of the storage was put back. It "
	    "is there again.")},
    [FINDING_ALTERED] = {"altered",
			 N_("What %s has written was altered or damaged in the storage. Nothing of it is taken in. "
			    "On that device: arpent remote check; it puts back what is its own."),
			 N_("What this device had put there was altered or damaged in the storage. It is put there "
			    "again.")},
    [FINDING_CUT] = {"cut",
		     N_("What %s has written is cut short in the storage. If it is still being copied, let it "
			"finish; else synchronise that device: it puts back what is its own."),
		     NULL},
    [FINDING_FOREIGN] =
	{"foreign",
	 N_("In the place of what %s wrote is a file that is not of your devices. It is left alone; move "
	    "it away."),
	 N_("In the place of what this device writes next is a file that is not of your devices. Move it "
	    "away.")},
    [FINDING_REPLAYED] = {"replayed",
			  N_("In the place of something newer the storage shows an older piece of %s again. "
			     "Nothing of it is taken in. Use another storage."),
			  NULL},
    [FINDING_RENAMED] = {"renamed",
			 N_("In the place of what %s wrote the storage shows what another device wrote. Nothing "
			    "of it is taken in. Use another storage."),
			 NULL},
    [FINDING_FORGED] = {"forged",
			N_("Something that passes for a piece of %s was signed by another key: someone has the key of "
			   "your devices. Nothing of it is taken in. Check who has them."),
			NULL},
    [FINDING_NEWER] = {"newer",
		       N_("%s has a newer arpent. Update arpent here to take in what it wrote; nothing is lost "
			  "meanwhile."),
		       NULL},
    [FINDING_BAD] = {"bad",
		     N_("A piece of %s holds what no arpent writes. Nothing of it is taken in; please report it."),
		     NULL},
    [FINDING_RESTORED] =
	{"restored", NULL,
	 N_("This notebook is an older copy: a backup was put back, or a copy of the file is used on another machine. "
	    "What it had sent since is taken in again, and what was written in it since is kept beside. If both are in "
	    "use, make one a device of its own: arpent init, then arpent device add.")},
    [FINDING_RIGHTS] = {"rights",
			N_("%s has changed who is in the space without being an admin. It is not taken in, nor what "
			   "builds upon it. Ask them; an admin can remove them."),
			N_("This device is not an admin any more: what was asked for here was not done.")},
    [FINDING_REMOVED] = {"removed",
			 N_("%s is no longer in the space and has written since. Nothing of it is taken in; what was "
			    "there before stays."),
			 NULL},
    [FINDING_LOCKED] = {"locked",
			N_("What %s has written is under a key that this device was not given. If it stays so after an "
			   "admin has synchronised, ask for a new invitation."),
			NULL},
};

const char *cli_finding_name(enum finding_kind kind)
{
	return findings[kind].name;
}

void cli_finding(const struct finding *f, const char *device, bool own, struct buf *out)
{
	const char *words = own && findings[f->kind].own ? findings[f->kind].own : findings[f->kind].others;
	const char *text, *at;

	if (!words)
		words = findings[f->kind].own;
	text = _(words);
	at = strstr(text, "%s");
	buf_add(out, text, at ? (size_t)(at - text) : strlen(text));
	if (at) {
		buf_str_add(out, device);
		buf_str_add(out, at + 2);
	}
}

void cli_device(const struct stream *st, struct buf *out)
{
	const char *name = st->label[0] ? st->label : st->who.name;
	char id[ID_TEXT + 1];

	text_safe(out, name, strlen(name), false);
	if (!st->label[0]) {
		id_text(&st->who.device, id);
		buf_printf(out, " %.8s", id);
	}
}
