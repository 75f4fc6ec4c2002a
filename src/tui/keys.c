/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "keys.h"

#include <string.h>

#include "arpent/i18n.h"
#include "arpent/text.h"

static const struct action_info keys_actions[DO_COUNT] = {
    {"", 0, NULL, ""},
#define ACTION(id, keys, where, bar, does) {keys, (unsigned)(where), bar, does},
#include "actions.def"
#undef ACTION
};

/* The words are translated when shown: those on a key of a French keyboard are French. */
static const struct {
	enum input_key key;
	const char *name, *shown, *bytes;
} keys_named[] = {
    {INPUT_ENTER, "Enter", N_("Enter"), "\r"},
    {INPUT_ESC, "Esc", N_("Esc"), "\033"},
    {INPUT_TAB, "Tab", N_("Tab"), "\t"},
    {INPUT_BACKTAB, "Backtab", N_("Shift+Tab"), "\033[Z"},
    {INPUT_SPACE, "Space", N_("Space"), " "},
    {INPUT_BACKSPACE, "Backspace", N_("Backspace"), "\177"},
    {INPUT_DELETE, "Delete", N_("Del"), "\033[3~"},
    {INPUT_INSERT, "Insert", N_("Ins"), "\033[2~"},
    {INPUT_UP, "Up", N_("Up"), "\033[A"},
    {INPUT_DOWN, "Down", N_("Down"), "\033[B"},
    {INPUT_LEFT, "Left", N_("Left"), "\033[D"},
    {INPUT_RIGHT, "Right", N_("Right"), "\033[C"},
    {INPUT_HOME, "Home", N_("Home"), "\033[H"},
    {INPUT_END, "End", N_("End"), "\033[F"},
    {INPUT_PAGE_UP, "PgUp", N_("PgUp"), "\033[5~"},
    {INPUT_PAGE_DOWN, "PgDn", N_("PgDn"), "\033[6~"},
    {INPUT_F1, "F1", "F1", "\033OP"},
};

const struct action_info *action_info(enum action a)
{
	return &keys_actions[a < DO_COUNT ? a : DO_NONE];
}

void keys_name(const struct event *ev, struct buf *out)
{
	if (ev->mods & INPUT_CONTROL)
		buf_str_add(out, "C-");
	if (ev->mods & INPUT_ALT)
		buf_str_add(out, "M-");
	if (ev->mods & INPUT_SHIFT)
		buf_str_add(out, "S-");
	if (ev->key == INPUT_TEXT) {
		buf_str_add(out, ev->text);
	} else if (ev->key == INPUT_CTRL) {
		buf_char(out, '^');
		buf_char(out, (char)(ev->text[0] >= 'a' ? ev->text[0] - 'a' + 'A' : ev->text[0]));
	} else {
		for (size_t i = 0; i < sizeof keys_named / sizeof *keys_named; i++)
			if (keys_named[i].key == ev->key)
				buf_str_add(out, keys_named[i].name);
	}
}

/* Is `name` one of the blank-separated keys? */
static bool keys_has(const char *keys, const char *name)
{
	size_t n = strlen(name);

	while (keys && *keys) {
		size_t len = strcspn(keys, " ");
		if (len == n && memcmp(keys, name, n) == 0)
			return true;
		keys += len;
		keys += strspn(keys, " ");
	}
	return false;
}

enum action keys_action(enum view_id view, const struct event *ev)
{
	char room[64] = "";
	struct buf name = BUF_IN(room);
	enum action found = DO_NONE;

	keys_name(ev, &name);
	for (int a = 1; name.len > 0 && a < DO_COUNT && !found; a++)
		if ((keys_actions[a].where & 1u << view) && keys_has(keys_actions[a].keys, name.p))
			found = (enum action)a;
	return found;
}

void keys_show(enum action a, struct buf *out)
{
	const char *keys = action_info(a)->keys;
	size_t len = keys ? strcspn(keys, " ") : 0;

	for (size_t i = 0; i < sizeof keys_named / sizeof *keys_named; i++) {
		if (len && strlen(keys_named[i].name) == len && memcmp(keys_named[i].name, keys, len) == 0) {
			buf_str_add(out, _(keys_named[i].shown));
			return;
		}
	}
	buf_add(out, keys ? keys : "", len);
}

bool keys_bytes(const char *name, struct buf *out)
{
	size_t n = strlen(name);

	if (n > 2 && name[1] == '-' && name[0] == 'M') {
		buf_char(out, '\033');
		return keys_bytes(name + 2, out);
	}
	if (n > 2 && name[1] == '-' && (name[0] == 'C' || name[0] == 'S')) {
		static const char arrows[] = "Up\0ADown\0BRight\0CLeft\0D";
		for (const char *p = arrows; *p; p += strlen(p) + 2) {
			if (strcmp(name + 2, p) == 0) {
				buf_printf(out, "\033[1;%c%c", name[0] == 'C' ? '5' : '2', p[strlen(p) + 1]);
				return true;
			}
		}
		return false;
	}
	if (n == 2 && name[0] == '^') {
		buf_char(out, (char)(name[1] & 0x1F));
		return true;
	}
	for (size_t i = 0; i < sizeof keys_named / sizeof *keys_named; i++) {
		if (strcmp(keys_named[i].name, name) == 0) {
			buf_str_add(out, keys_named[i].bytes);
			return true;
		}
	}
	if (n == 0 || text_cluster(name, n) != n)
		return false;
	buf_str_add(out, name);
	return true;
}
