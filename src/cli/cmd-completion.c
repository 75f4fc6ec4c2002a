/* SPDX-License-Identifier: GPL-3.0-or-later */

#include <string.h>

#include "args.h"
#include "arpent/format.h"
#include "arpent/i18n.h"
#include "arpent/kind.h"
#include "cli.h"

/* Which positional words a command takes, for the shells to offer; the rest of a completion comes from the tables
 * themselves. */
static bool completion_takes(const struct cli_command *cmd, const char *what)
{
	return cmd->synopsis != NULL && strstr(cmd->synopsis, what) != NULL;
}

/* The next command people are told of; NULL at the end. */
static const struct cli_command *completion_next(size_t *i)
{
	while (cli_commands[*i] != NULL && (cli_commands[*i]->flags & CLI_HIDDEN))
		++*i;
	return cli_commands[*i] != NULL ? cli_commands[(*i)++] : NULL;
}

static void completion_words(const struct cli_command *cmd, const char *before, const char *after)
{
	for (const struct cli_option *o = cmd->options; o != NULL && o->name != NULL; o++)
		printf("%s--%s%s", before, o->name, after);
	for (const struct cli_option *o = cli_common; o->name != NULL; o++)
		printf("%s--%s%s", before, o->name, after);
	if (completion_takes(cmd, "KIND")) {
		for (size_t i = 0; i < kind_count(); i++)
			printf("%s%s%s", before, kind_at(i)->key, after);
	}
}

enum completion_value { VALUE_WORDS, VALUE_FILE, VALUE_ANY };

static enum completion_value completion_value(const struct cli_option *o)
{
	if (strcmp(o->value, "FILE") == 0)
		return VALUE_FILE;
	return strcmp(o->value, "KIND") == 0 || strcmp(o->value, "FORMAT") == 0 || strchr(o->value, '|') ? VALUE_WORDS
													 : VALUE_ANY;
}

/* The words an option's value is one of. */
static void completion_value_words(const struct cli_option *o)
{
	size_t n = strcmp(o->value, "KIND") == 0 ? kind_count() : strcmp(o->value, "FORMAT") == 0 ? format_count() : 0;

	for (size_t i = 0; i < n; i++)
		printf("%s%s", i ? " " : "", strcmp(o->value, "KIND") == 0 ? kind_at(i)->key : format_at(i)->key);
	for (const char *c = n ? "" : o->value; *c; c++)
		putchar(*c == '|' ? ' ' : *c);
}

static void completion_bash_values(const struct cli_option *o, const char *name)
{
	for (; o != NULL && o->name != NULL; o++) {
		if (o->value == NULL)
			continue;
		printf("\t%s:--%s", name, o->name);
		if (o->letter)
			printf(" | %s:-%c", name, o->letter);
		fputs(completion_value(o) == VALUE_FILE ? ") words=\"\" files=1 ;;\n" : ") files=\"\" words=\"",
		      stdout);
		if (completion_value(o) == VALUE_WORDS)
			completion_value_words(o);
		if (completion_value(o) != VALUE_FILE)
			puts("\" ;;");
	}
}

/* The options whose next word is their value, as a pattern. */
static void completion_bash_valued(void)
{
	const struct cli_command *cmd;
	const char *bar = "";

	for (const struct cli_option *o = cli_common; o->name != NULL; o++) {
		if (o->value == NULL)
			continue;
		printf("%s--%s", bar, o->name);
		if (o->letter)
			printf(" | -%c", o->letter);
		bar = " | ";
	}
	for (size_t i = 0; (cmd = completion_next(&i)) != NULL;) {
		for (const struct cli_option *o = cmd->options; o != NULL && o->name != NULL; o++) {
			if (o->value)
				printf(" | --%s", o->name);
			if (o->value && o->letter)
				printf(" | -%c", o->letter);
		}
	}
}

static void completion_bash_fields(void)
{
	puts("\tcase $cmd:$kind in");
	for (size_t k = 0; k < kind_count(); k++) {
		printf("\tnew:%s) words+=\"", kind_at(k)->key);
		for (size_t i = 0; i < kind_fields(kind_at(k)); i++)
			printf("%s= ", kind_field_at(kind_at(k), i)->key);
		puts("\" ;;");
	}
	puts("\tesac");
}

static void completion_bash_commands(void)
{
	const struct cli_command *cmd;

	fputs("\tcase $cmd in\n\t\"\") words=\"", stdout);
	for (size_t i = 0; (cmd = completion_next(&i)) != NULL;)
		printf("%s ", cmd->name);
	for (const struct cli_option *o = cli_common; o->name != NULL; o++)
		printf("--%s ", o->name);
	puts("\" ;;");
	for (size_t i = 0; (cmd = completion_next(&i)) != NULL;) {
		printf("\t%s) words=\"", cmd->name);
		completion_words(cmd, "", " ");
		if (cmd->synopsis && strchr(cmd->synopsis, '|') && strchr(cmd->synopsis, ' ') == NULL)
			completion_value_words(&(struct cli_option){.value = cmd->synopsis});
		printf("\"%s ;;\n", completion_takes(cmd, "FILE") ? " files=1" : "");
	}
	puts("\tesac");
}

/* The command is the first word that is no option nor an option's value; the kind is the next. */
static void completion_bash(void)
{
	const struct cli_command *cmd;

	puts(
	    "# bash completion for arpent: arpent completion bash > ~/.local/share/bash-completion/completions/arpent");
	puts("_arpent() {\n\tlocal cur=${COMP_WORDS[COMP_CWORD]} words=\"\" files=\"\" cmd=\"\" kind=\"\" i");
	fputs("\tfor ((i = 1; i < COMP_CWORD; i++)); do\n\t\tcase ${COMP_WORDS[i]} in\n\t\t", stdout);
	completion_bash_valued();
	puts(") ((i + 1 == COMP_CWORD)) || ((i++)) ;;\n\t\t-*) ;;\n\t\t*) if [ -z \"$cmd\" ]; then "
	     "cmd=${COMP_WORDS[i]}; else "
	     "kind=${COMP_WORDS[i]}; break; fi ;;\n\t\tesac\n\tdone");
	completion_bash_commands();
	completion_bash_fields();
	puts("\tcase $cmd:${COMP_WORDS[COMP_CWORD - 1]} in");
	for (size_t i = 0; (cmd = completion_next(&i)) != NULL;)
		completion_bash_values(cmd->options, cmd->name);
	completion_bash_values(cli_common, "*");
	puts("\tesac");
	puts("\tCOMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))");
	puts("\t[ -z \"$files\" ] || COMPREPLY+=($(compgen -f -- \"$cur\"))");
	puts("\t[[ ${COMPREPLY[0]:-} != *= ]] || compopt -o nospace 2>/dev/null");
	puts("}\ncomplete -o filenames -F _arpent arpent");
}

/* In zsh's single quotes; a quote inside is closed, escaped and opened again; ':' and brackets would end a description.
 */
static void completion_quoted(const char *s)
{
	for (; *s != '\0'; s++) {
		if (*s == '\'')
			fputs("'\\''", stdout);
		else if (strchr(":[]", *s) == NULL)
			putchar(*s);
	}
}

static void completion_zsh_option(const struct cli_option *o)
{
	printf(" '--%s[", o->name);
	completion_quoted(_(o->help));
	putchar(']');
	if (o->value && completion_value(o) == VALUE_WORDS) {
		fputs(":value:(", stdout);
		completion_value_words(o);
		putchar(')');
	} else if (o->value) {
		fputs(completion_value(o) == VALUE_FILE ? ":file:_files" : ":value: ", stdout);
	}
	putchar('\'');
}

static void completion_zsh(void)
{
	const struct cli_command *cmd;

	puts("#compdef arpent\n# zsh completion for arpent: arpent completion zsh > a folder of $fpath, as _arpent");
	puts("_arpent() {\n\tlocal -a commands\n\tcommands=(");
	for (size_t i = 0; (cmd = completion_next(&i)) != NULL;) {
		printf("\t\t'%s:", cmd->name);
		completion_quoted(_(cmd->summary));
		puts("'");
	}
	puts("\t)\n\tif (( CURRENT == 2 )); then _describe command commands; return; fi\n\tcase $words[2] in");
	for (size_t i = 0; (cmd = completion_next(&i)) != NULL;) {
		printf("\t%s) _arguments", cmd->name);
		for (const struct cli_option *o = cmd->options; o != NULL && o->name != NULL; o++)
			completion_zsh_option(o);
		for (const struct cli_option *o = cli_common; o->name != NULL; o++)
			completion_zsh_option(o);
		if (completion_takes(cmd, "KIND")) {
			fputs(" '2:kind:(", stdout);
			for (size_t k = 0; k < kind_count(); k++)
				printf("%s%s", k ? " " : "", kind_at(k)->key);
			fputs(")'", stdout);
		}
		puts(completion_takes(cmd, "FILE") ? " '*:file:_files' ;;" : " ;;");
	}
	puts("\tesac\n}\n_arpent \"$@\"");
}

static void completion_fish_option(const char *name, const struct cli_option *o)
{
	printf("complete -c arpent -n '__fish_seen_subcommand_from %s' -l %s ", name, o->name);
	if (o->value)
		fputs(completion_value(o) == VALUE_FILE ? "-r -F " : "-x ", stdout);
	if (o->value && completion_value(o) == VALUE_WORDS) {
		fputs("-a '", stdout);
		completion_value_words(o);
		fputs("' ", stdout);
	}
	fputs("-d '", stdout);
	completion_quoted(_(o->help));
	puts("'");
}

static void completion_fish(void)
{
	const struct cli_command *cmd;

	puts("# fish completion for arpent: arpent completion fish > ~/.config/fish/completions/arpent.fish");
	for (size_t i = 0; (cmd = completion_next(&i)) != NULL;) {
		printf("complete -c arpent %s-n __fish_use_subcommand -a %s -d '",
		       completion_takes(cmd, "FILE") ? "" : "-f ", cmd->name);
		completion_quoted(_(cmd->summary));
		puts("'");
		for (const struct cli_option *o = cmd->options; o != NULL && o->name != NULL; o++)
			completion_fish_option(cmd->name, o);
		for (const struct cli_option *o = cli_common; o->name != NULL; o++)
			completion_fish_option(cmd->name, o);
		for (size_t k = 0; completion_takes(cmd, "KIND") && k < kind_count(); k++)
			printf("complete -c arpent -f -n '__fish_seen_subcommand_from %s' -a %s\n", cmd->name,
			       kind_at(k)->key);
	}
}

static int completion_run(struct cli *c, const struct args *a)
{
	(void)c;
	if (a->n == 1 && strcmp(a->v[0], "bash") == 0)
		completion_bash();
	else if (a->n == 1 && strcmp(a->v[0], "zsh") == 0)
		completion_zsh();
	else if (a->n == 1 && strcmp(a->v[0], "fish") == 0)
		completion_fish();
	else
		return cli_bad_usage(a, "%s", _("for which shell?"));
	return EXIT_OK;
}

const struct cli_command cmd_completion = {
    .name = "completion",
    .synopsis = N_("bash|zsh|fish"),
    .summary = N_("print the completion of a shell"),
    .flags = CLI_PLAIN,
    .run = completion_run,
};
