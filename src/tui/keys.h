/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * keys - the table of actions (actions.def), and the names of keys.
 *
 * An action is what a person can ask for.  Its line in actions.def says which keys ask for it, in which views, the word
 * for the bottom bar and the sentence for help and palette; nothing else in the program knows which key does what.
 */
#ifndef ARPENT_TUI_KEYS_H
#define ARPENT_TUI_KEYS_H

#include "input.h"

enum view_id {
#define VIEW(id, label) VIEW_##id,
#include "views.def"
#undef VIEW
	VIEW_COUNT
};

/* The views where letters are commands. */
#define IN_READ (IN_home | IN_list | IN_record | IN_history | IN_sync | IN_register)

enum {
#define VIEW(id, label) IN_##id = 1 << VIEW_##id,
#include "views.def"
#undef VIEW
	IN_ALL = (1 << VIEW_COUNT) - 1
};

enum action {
	DO_NONE,
#define ACTION(id, keys, where, bar, does) DO_##id,
#include "actions.def"
#undef ACTION
	DO_COUNT
};

struct action_info {
	const char *keys; /* names apart by blanks, the one that is shown first */
	unsigned where;   /* IN_ bits */
	const char *bar;  /* N_() word for the bottom bar; NULL: not on it */
	const char *does; /* N_() sentence for help and palette */
};
const struct action_info *action_info(enum action a);

/* What a key means in a view: DO_NONE when it is text or motion for the view itself. */
enum action keys_action(enum view_id view, const struct event *ev);

/* "Enter" -> "Entrée", "^S" as it is: the first key of an action, translated.  "" for an action without one. */
void keys_show(enum action a, struct buf *out);
/* The name of a key, untranslated, as actions.def and the scripts of the mock terminal write it: "Enter", "^S", "S-Up",
 * "M-b", "é"... */
void keys_name(const struct event *ev, struct buf *out);
/* The bytes a terminal would send for a named key; false when there is no such name. */
bool keys_bytes(const char *name, struct buf *out);

#endif
