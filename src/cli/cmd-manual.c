/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tables of arpent.1, in mdoc, from those of the program: tests/house/manual.sh compares, and rewrites the page. */

#include <ctype.h>
#include <string.h>

#include "args.h"
#include "arpent/format.h"
#include "arpent/i18n.h"
#include "arpent/kind.h"
#include "cli.h"
#include "tui/keys.h"

#define MANUAL_COLUMNS 78

/* One word, with what roff would take for itself escaped; `first`: it stands where a dot or a quote begins a macro. */
static void manual_word(const char *s, size_t n, bool first)
{
	if (first && (*s == '.' || *s == '\''))
		fputs("\\&", stdout);
	for (size_t i = 0; i < n; i++) {
		if (s[i] == '\\')
			fputs("\\e", stdout);
		else if (s[i] == '^')
			fputs("\\(ha", stdout);
		else if (s[i] == '~')
			fputs("\\(ti", stdout);
		else if (s[i] == '`')
			fputs("\\(ga", stdout);
		else if (s[i] == '-' && (i == 0 || s[i - 1] == '-'))
			fputs("\\-", stdout);
		else
			putchar(s[i]);
	}
}

/* Words filled into lines; a sentence begins a line, as mdoc asks. */
static void manual_text(const char *s)
{
	size_t column = 0;

	while (*(s += strspn(s, " \n")) != '\0') {
		size_t n = strcspn(s, " \n");
		if (column > 0 && column + 1 + n > MANUAL_COLUMNS) {
			putchar('\n');
			column = 0;
		}
		if (column > 0)
			putchar(' ');
		manual_word(s, n, column == 0);
		column += n + (column > 0);
		s += n;
		if (n > 1 && strchr(".?!:", s[-1]) != NULL && s[-1] != ':' && s[-2] != '.') {
			putchar('\n');
			column = 0;
		}
	}
	if (column > 0)
		putchar('\n');
}

/* " Oo Ar KIND Oc": one word of a synopsis as macros. */
static void manual_synopsis_word(const char *s, size_t n)
{
	size_t dots = 0;
	bool close;

	if (*s == '[') {
		fputs(" Oo", stdout);
		s++;
		n--;
	}
	close = n > 0 && s[n - 1] == ']';
	n -= close;
	while (n > dots && s[n - dots - 1] == '.')
		dots++;
	if (n == 1 && *s == '|')
		fputs(" |", stdout);
	else if (n > 1 && *s == '-')
		printf(" Fl %.*s", (int)(n - 1 - dots), s + 1);
	else if (n > dots)
		printf(" %s %.*s", isupper((unsigned char)*s) ? "Ar" : "Cm", (int)(n - dots), s);
	if (dots > 0)
		fputs(" ...", stdout);
	if (close)
		fputs(" Oc", stdout);
}

static void manual_synopsis(const char *s)
{
	while (s != NULL && *(s += strspn(s, " ")) != '\0') {
		size_t n = strcspn(s, " ");
		manual_synopsis_word(s, n);
		s += n;
	}
}

static void manual_options(const struct cli_option *o)
{
	puts(".Bl -tag -width Ds");
	for (; o->name != NULL; o++) {
		fputs(".It", stdout);
		if (o->letter != 0)
			printf(" Fl %c ,", o->letter);
		printf(" Fl -%s", o->name);
		if (o->value != NULL)
			printf(" Ar %s", o->value);
		putchar('\n');
		manual_text(o->help);
	}
	puts(".El");
}

static void manual_commands(void)
{
	puts(".Bl -tag -width Ds");
	for (size_t i = 0; cli_commands[i] != NULL; i++) {
		const struct cli_command *cmd = cli_commands[i];
		if (cmd->flags & CLI_HIDDEN)
			continue;
		printf(".It Cm %s", cmd->name);
		manual_synopsis(cmd->synopsis);
		putchar('\n');
		const char *summary = cmd->summary;
		struct buf text = BUF_INIT;
		buf_printf(&text, "%c%s.", toupper((unsigned char)*summary), summary + 1);
		manual_text(buf_str(&text));
		buf_done(&text);
		if (cmd->detail != NULL)
			manual_text(cmd->detail);
		if (cmd->options != NULL)
			manual_options(cmd->options);
	}
	puts(".El");
}

static const char *manual_type(enum field_type t)
{
	static const char *const names[] = {
	    [FIELD_LINE] = "a line",        [FIELD_TEXT] = "text",
	    [FIELD_INT] = "a whole number", [FIELD_NUMBER] = "a number",
	    [FIELD_BOOL] = "yes or no",     [FIELD_DAY] = "a day",
	    [FIELD_MOMENT] = "a moment",    [FIELD_POINT] = "a point",
	    [FIELD_SHAPE] = "points",       [FIELD_REF] = "a record",
	    [FIELD_CODE] = "a code",        [FIELD_PHONE] = "a phone number",
	    [FIELD_EMAIL] = "an address",   [FIELD_URL] = "an address of the web",
	    [FIELD_HASH] = "a hash",
	};

	return names[t];
}

static void manual_codes(const struct vocabulary *v, struct buf *text)
{
	for (size_t i = 0; v != NULL && i < v->n; i++) {
		const struct term *t = &v->terms[i];
		buf_printf(text, "%s%s", i > 0 ? ", " : "", t->code);
		if (strcmp(t->code, t->label) != 0)
			buf_printf(text, " (%s)", t->label);
	}
	if (v != NULL && v->open)
		buf_str_add(text, ", or a word of your own");
}

static void manual_field(const struct field *f)
{
	struct buf text = BUF_INIT;

	printf(".It Cm %s\n", f->key);
	buf_printf(&text, "%s: ", f->label);
	if (f->refers != NULL)
		buf_printf(&text, "%s %s", strchr("aeiou", f->refers[0]) ? "an" : "a", f->refers);
	else if (f->vocab == NULL)
		buf_str_add(&text, manual_type(f->type));
	else
		manual_codes(vocab_find(f->vocab), &text);
	if (f->flags & FIELD_SET)
		buf_str_add(&text, "; several");
	if (f->flags & FIELD_REQUIRED)
		buf_str_add(&text, "; asked for");
	if (f->flags & FIELD_PRIVATE)
		buf_str_add(&text, "; confidential");
	if (f->flags & FIELD_HIDDEN)
		buf_str_add(&text, "; not on the form");
	buf_str_add(&text, ".");
	manual_text(buf_str(&text));
	buf_done(&text);
}

static void manual_kinds(void)
{
	const struct kind *k = NULL;

	for (size_t i = 0; i < kind_count(); i++) {
		k = kind_at(i);
		printf(".Ss %s\n.Bl -tag -width organisation -compact\n", k->key);
		for (size_t f = 0; f < k->n; f++)
			manual_field(&k->fields[f]);
		puts(".El");
	}
	puts(".Ss Of every kind\n.Bl -tag -width organisation -compact");
	for (size_t f = k ? k->n : 0; k != NULL && f < kind_fields(k); f++)
		manual_field(kind_field_at(k, f));
	puts(".El");
}

static void manual_formats(void)
{
	puts(".Bl -tag -width jsonl");
	for (size_t i = 0; i < format_count(); i++) {
		const struct format *f = format_at(i);
		struct buf text = BUF_INIT;
		printf(".It Cm %s\n", f->key);
		buf_printf(&text, "%s; files named %s; %s.", f->label, f->endings,
			   f->read && f->write ? "read and written"
			   : f->read           ? "read"
					       : "written");
		if (f->kinds != NULL)
			buf_printf(&text, " For: %s.", f->kinds);
		manual_text(buf_str(&text));
		buf_done(&text);
	}
	puts(".El");
}

static const struct {
	const char *id, *label;
} manual_views[] = {
#define VIEW(id, label) {#id, label},
#include "tui/views.def"
#undef VIEW
};

/* "Enter Space" as mdoc's Ic, commas between. */
static void manual_action_keys(const char *keys)
{
	fputs(".It", stdout);
	for (const char *s = keys; *s != '\0'; s += strspn(s, " ")) {
		size_t n = strcspn(s, " ");
		fputs(s == keys ? " Ic " : " , Ic ", stdout);
		if (ispunct((unsigned char)*s) && n == 1)
			fputs("\\&", stdout);
		manual_word(s, n, false);
		s += n;
	}
	putchar('\n');
}

static void manual_keys(void)
{
	puts(".Bl -tag -width Backspace -compact");
	for (int i = DO_NONE + 1; i < DO_COUNT; i++) {
		const struct action_info *a = action_info((enum action)i);
		struct buf text = BUF_INIT;
		size_t n = 0;
		if (a->keys[0] == '\0')
			puts(".It Ic \\&: Ar NAME");
		else
			manual_action_keys(a->keys);
		buf_printf(&text, "%s", a->does);
		if (a->where == IN_ALL)
			buf_str_add(&text, " (everywhere)");
		for (size_t v = 0; v < VIEW_COUNT && a->where != IN_ALL; v++)
			if (a->where & 1u << v)
				buf_printf(&text, "%s%s", n++ ? ", " : " (", manual_views[v].id);
		buf_str_add(&text, n ? ")." : ".");
		manual_text(buf_str(&text));
		buf_done(&text);
	}
	puts(".El");
}

static void manual_common(void)
{
	manual_options(cli_common);
}

static int manual_run(struct cli *c, const struct args *a)
{
	static const struct {
		const char *name;
		void (*print)(void);
	} tables[] = {
	    {"options", manual_common},  {"commands", manual_commands}, {"kinds", manual_kinds},
	    {"formats", manual_formats}, {"keys", manual_keys},
	};

	(void)c;
	for (size_t i = 0; a->n == 1 && i < sizeof tables / sizeof tables[0]; i++) {
		if (strcmp(a->v[0], tables[i].name) == 0) {
			tables[i].print();
			return EXIT_OK;
		}
	}
	return cli_bad_usage(a, "%s", _("which table?"));
}

const struct cli_command cmd_manual = {
    .name = "manual",
    .synopsis = N_("options|commands|kinds|formats|keys"),
    .summary = N_("print a table of the manual page, in mdoc"),
    .flags = CLI_PLAIN | CLI_HIDDEN,
    .run = manual_run,
};
