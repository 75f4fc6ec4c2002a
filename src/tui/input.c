/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "input.h"

#include <string.h>

#include <sodium.h>

#include "arpent/text.h"

#define INPUT_SEQUENCE_MAX 64 /* a longer control sequence is no key */

static const char input_paste_end[] = "\033[201~";

void input_init(struct input *in)
{
	memset(in, 0, sizeof *in);
}

static void input_wipe(struct buf *b)
{
	if (b->p)
		sodium_memzero(b->p, b->cap);
	buf_done(b);
}

void input_done(struct input *in)
{
	input_wipe(&in->bytes);
	input_wipe(&in->paste);
	input_init(in);
}

void input_feed(struct input *in, const void *p, size_t n)
{
	buf_add(&in->bytes, p, n);
}

/* What can only be the start of a sequence, once its second byte is there: a slow link may cut it anywhere. */
static bool input_opened(const struct input *in)
{
	return in->bytes.len >= 2 && in->bytes.p[0] == '\033' && in->bytes.p[1] != '\033' &&
	       (in->bytes.len > 2 || strchr("[O", in->bytes.p[1]));
}

bool input_pending(const struct input *in)
{
	return in->bytes.len > 0 && !in->pasting && !in->swallowing && !input_opened(in);
}

static unsigned input_mods(int parameter)
{
	unsigned m = parameter > 1 && parameter <= 16 ? (unsigned)parameter - 1 : 0;

	return (m & 1 ? INPUT_SHIFT : 0u) | (m & 2 ? INPUT_ALT : 0u) | (m & 4 ? INPUT_CONTROL : 0u);
}

/* A key known by its code point, as modifyOtherKeys and the kitty protocol send it. */
static void input_codepoint(uint32_t cp, unsigned mods, struct event *out)
{
	static const struct {
		uint32_t cp;
		enum input_key key;
	} named[] = {{13, INPUT_ENTER}, {9, INPUT_TAB}, {27, INPUT_ESC}, {127, INPUT_BACKSPACE}, {8, INPUT_BACKSPACE}};
	struct buf b = BUF_INIT;

	for (size_t i = 0; i < sizeof named / sizeof *named; i++) {
		if (cp == named[i].cp) {
			out->key = cp == 9 && (mods & INPUT_SHIFT) ? INPUT_BACKTAB : named[i].key;
			out->mods = cp == 9 ? mods & ~(unsigned)INPUT_SHIFT : mods;
			return;
		}
	}
	if (cp < 0x20 || (cp >= 0x7F && cp < 0xA0) || cp > 0x10FFFF)
		return;
	text_encode(&b, cp);
	if (b.len < sizeof out->text)
		memcpy(out->text, buf_str(&b), b.len + 1);
	buf_done(&b);
	out->key = cp == ' ' ? INPUT_SPACE : INPUT_TEXT;
	out->mods = mods & INPUT_ALT;
	if ((mods & INPUT_CONTROL) && cp >= 'a' && cp <= 'z') {
		out->key = INPUT_CTRL;
		out->mods = 0;
	}
}

/* CSI n ~: the VT220's numbered keys; rxvt marks Shift, Control and both by '$', '^' and '@' for '~'. */
static enum input_key input_numbered(int n)
{
	static const unsigned char function[] = {11, 12, 13, 14, 15, 17, 18, 19, 20, 21, 23, 24};

	switch (n) {
	case 1:
	case 7:
		return INPUT_HOME;
	case 4:
	case 8:
		return INPUT_END;
	case 2:
		return INPUT_INSERT;
	case 3:
		return INPUT_DELETE;
	case 5:
		return INPUT_PAGE_UP;
	case 6:
		return INPUT_PAGE_DOWN;
	}
	for (int i = 0; i < (int)sizeof function; i++)
		if (function[i] == n)
			return (enum input_key)(INPUT_F1 + i);
	return INPUT_NONE;
}

static enum input_key input_lettered(char c)
{
	switch (c) {
	case 'A':
	case 'x':
		return INPUT_UP;
	case 'B':
	case 'r':
		return INPUT_DOWN;
	case 'C':
	case 'v':
		return INPUT_RIGHT;
	case 'D':
	case 't':
		return INPUT_LEFT;
	case 'H':
		return INPUT_HOME;
	case 'F':
		return INPUT_END;
	case 'M':
		return INPUT_ENTER;
	case 'Z':
		return INPUT_BACKTAB;
	case 'P':
	case 'Q':
	case 'R':
	case 'S':
		return (enum input_key)(INPUT_F1 + (c - 'P'));
	}
	return INPUT_NONE;
}

/* The parameters of a control sequence: "1;5" -> {1, 5}.  Sub-parameters after ':' are left out. */
static int input_parameters(const char *s, size_t n, int *p, int max)
{
	int count = 0, v = -1;
	bool sub = false;

	for (size_t i = 0; i <= n; i++) {
		if (i == n || s[i] == ';') {
			if (count < max)
				p[count++] = v;
			v = -1;
			sub = false;
		} else if (s[i] == ':') {
			sub = true;
		} else if (!sub && s[i] >= '0' && s[i] <= '9' && v < 10000000) {
			v = (v < 0 ? 0 : v * 10) + (s[i] - '0');
		}
	}
	return count;
}

static void input_csi(struct input *in, const char *s, size_t n, char last, struct event *out)
{
	int p[4] = {-1, -1, -1, -1};
	int count = input_parameters(s, n, p, 4);
	unsigned mods = input_mods(count > 1 ? p[1] : 0);

	if (n > 0 && (s[0] < '0' || s[0] > ';')) /* private: an answer of the terminal, a mouse */
		return;
	if (last == '~' && p[0] == 200) {
		in->pasting = true;
		buf_clear(&in->paste);
	} else if (last == '~' && p[0] == 27 && count == 3) {
		input_codepoint(p[2] < 0 ? 0 : (uint32_t)p[2], mods, out);
	} else if (last == 'u') {
		input_codepoint(p[0] < 0 ? 0 : (uint32_t)p[0], mods, out);
	} else if (last == '~' || last == '$' || last == '^' || last == '@') {
		out->key = input_numbered(p[0]);
		out->mods = mods | (last == '$' || last == '@' ? INPUT_SHIFT : 0u) |
			    (last == '^' || last == '@' ? INPUT_CONTROL : 0u);
	} else if (last >= 'a' && last <= 'd') { /* rxvt: Shift and an arrow */
		out->key = input_lettered((char)(last - 'a' + 'A'));
		out->mods = INPUT_SHIFT;
	} else if (last >= 'A' && last <= 'Z' && last != 'M') {
		out->key = input_lettered(last);
		out->mods = mods;
	}
}

/* What starts with Esc [: returns the bytes of the whole sequence, 0 when it is not all there. */
static size_t input_control(struct input *in, const char *s, size_t n, struct event *out)
{
	size_t i = 2;

	if (n > 2 && s[2] == '[') { /* the Linux console's F1 to F5: Esc [ [ A */
		if (n < 4)
			return 0;
		if (s[3] >= 'A' && s[3] <= 'E')
			out->key = (enum input_key)(INPUT_F1 + (s[3] - 'A'));
		return 4;
	}
	if (n > 2 && s[2] == 'M') /* an X10 mouse report: three bytes more */
		return n < 6 ? 0 : 6;
	while (i < n && s[i] >= 0x20 && s[i] <= 0x3F)
		i++;
	/* rxvt ends Shift with a numbered key in '$', an intermediate byte to everyone else. */
	if (i > 3 && i == n && s[i - 1] == '$') {
		input_csi(in, s + 2, i - 3, '$', out);
		return i;
	}
	if (i == n)
		return 0;
	if (s[i] < 0x40 || s[i] > 0x7E)
		return i; /* broken off by a control character, which is looked at next */
	input_csi(in, s + 2, i - 2, s[i], out);
	return i + 1;
}

/* The rest of an OSC, DCS, APC, PM or SOS: a string up to BEL or Esc \. */
static size_t input_string(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (s[i] == '\a')
			return i + 1;
		if (s[i] == '\033' && i + 1 < n)
			return s[i + 1] == '\\' ? i + 2 : i;
	}
	return 0;
}

static size_t input_text(const char *s, size_t n, bool waited, struct event *out)
{
	unsigned char c = (unsigned char)s[0];
	uint32_t cp;
	size_t need = c >= 0xF0 ? 4 : c >= 0xE0 ? 3 : c >= 0xC0 ? 2 : 1;

	if (n < need && !waited) {
		size_t i = 1;
		while (i < n && (s[i] & 0xC0) == 0x80)
			i++;
		if (i == n)
			return 0;
	}
	size_t len = text_decode(s, n, &cp);
	if (cp == 0xFFFD && len == 1)
		return 1;
	if (cp >= 0x80 && cp < 0xA0)
		return len;
	memcpy(out->text, s, len);
	out->key = cp == ' ' ? INPUT_SPACE : INPUT_TEXT;
	return len;
}

static size_t input_plain(const char *s, size_t n, bool waited, struct event *out)
{
	unsigned char c = (unsigned char)s[0];

	if (c == '\r' || c == '\n') {
		out->key = INPUT_ENTER;
	} else if (c == '\t') {
		out->key = INPUT_TAB;
	} else if (c == 0x7F || c == 0x08) {
		out->key = INPUT_BACKSPACE;
	} else if (c >= 1 && c <= 26) {
		out->key = INPUT_CTRL;
		out->text[0] = (char)('a' + c - 1);
	} else if (c == 28 || c == 29 || c == 30 || c == 31) {
		out->key = INPUT_CTRL;
		out->text[0] = (char)(c + 0x40);
	} else if (c >= 0x20) {
		return input_text(s, n, waited, out);
	}
	return 1;
}

/* Esc and what follows; 0: not all there. */
static size_t input_escape(struct input *in, const char *s, size_t n, bool waited, struct event *out)
{
	size_t i = 2;

	if (n == 1) {
		if (!waited)
			return 0;
		out->key = INPUT_ESC;
		return 1;
	}
	switch (s[1]) {
	case '\033':
		if (n > 2 && (s[2] == '[' || s[2] == 'O')) { /* Alt and a key, in rxvt's way */
			size_t len = input_escape(in, s + 1, n - 1, waited, out);
			out->mods |= INPUT_ALT;
			return len ? len + 1 : 0;
		}
		if (n == 2 && !waited)
			return 0;
		out->key = INPUT_ESC;
		return 1;
	case '[':
		return input_control(in, s, n, out);
	case 'O': {
		while (i < n && ((s[i] >= '0' && s[i] <= '9') || s[i] == ';'))
			i++;
		if (i == n)
			return 0;
		int p[2] = {-1, -1};
		int count = input_parameters(s + 2, i - 2, p, 2);
		out->key = input_lettered(s[i]);
		out->mods = input_mods(p[count - 1]);
		return i + 1;
	}
	case ']':
	case 'P':
	case '_':
	case '^':
	case 'X':
		return (i = input_string(s + 2, n - 2)) ? i + 2 : 0;
	}
	size_t len = input_plain(s + 1, n - 1, waited, out);
	if (len == 0)
		return 0;
	out->mods |= INPUT_ALT;
	return len + 1;
}

void input_forget(struct input *in)
{
	if (in->bytes.len < in->bytes.cap)
		explicit_bzero(in->bytes.p + in->bytes.len, in->bytes.cap - in->bytes.len);
	if (!in->pasting)
		input_wipe(&in->paste);
}

/* Moves pasted bytes over; true when the paste is whole. */
static bool input_pasted(struct input *in, struct event *out)
{
	const char *s = buf_str(&in->bytes);
	size_t n = in->bytes.len, keep = sizeof input_paste_end - 2, take;
	const char *end = memmem(s, n, input_paste_end, sizeof input_paste_end - 1);

	take = end ? (size_t)(end - s) : n > keep ? n - keep : 0;
	size_t room = INPUT_PASTE_MAX - in->paste.len;
	buf_add(&in->paste, s, take < room ? take : room);
	buf_remove(&in->bytes, 0, end ? take + sizeof input_paste_end - 1 : take);
	if (!end)
		return false;

	/* Terminals send a carriage return for each line's end. */
	struct buf safe = BUF_INIT;
	for (size_t i = 0; i < in->paste.len; i++)
		if (in->paste.p[i] == '\r' && (i + 1 == in->paste.len || in->paste.p[i + 1] != '\n'))
			in->paste.p[i] = '\n';
	text_safe(&safe, buf_str(&in->paste), in->paste.len, true);
	input_wipe(&in->paste);
	in->paste = safe;
	in->pasting = false;
	out->key = INPUT_PASTE;
	out->paste = buf_str(&in->paste);
	out->n = in->paste.len;
	return true;
}

bool input_next(struct input *in, bool waited, struct event *out)
{
	while (in->bytes.len > 0) {
		const char *s = buf_str(&in->bytes);
		size_t n = in->bytes.len;

		memset(out, 0, sizeof *out);
		if (in->pasting) {
			if (input_pasted(in, out))
				return true;
			if (in->pasting)
				return false;
			continue;
		}
		if (in->swallowing) {
			size_t len = input_string(s, n);
			in->swallowing = len == 0;
			/* An Esc at the end may be the first half of the string's end. */
			buf_remove(&in->bytes, 0, len ? len : s[n - 1] == '\033' ? n - 1 : n);
			if (in->swallowing)
				return false;
			continue;
		}
		size_t len = s[0] == '\033' ? input_escape(in, s, n, waited, out) : input_plain(s, n, waited, out);
		if (len == 0) {
			if (n < INPUT_SEQUENCE_MAX && (!waited || input_opened(in)))
				return false;
			in->swallowing = s[0] == '\033' && n >= INPUT_SEQUENCE_MAX && s[1] != '[' && s[1] != 'O';
			len = n; /* no key: unfinished, or without end */
			out->key = INPUT_NONE;
		}
		buf_remove(&in->bytes, 0, len);
		/* It may have been a passphrase. */
		if (in->bytes.len == 0)
			sodium_memzero(in->bytes.p, in->bytes.cap);
		if (out->key != INPUT_NONE)
			return true;
	}
	return false;
}
