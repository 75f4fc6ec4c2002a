/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "args.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "arpent/kind.h"

enum { ARGS_LONG_MAX = 512, ARGS_FIRST = 256 };

/* What each long option stands for: an option of the command, of every command, or a field. */
struct args_table {
	struct option longs[ARGS_LONG_MAX];
	const char *name[ARGS_LONG_MAX];
	bool is_field[ARGS_LONG_MAX];
	char letters[128];
	size_t n;
};

static void args_long(struct args_table *t, const char *name, char letter, bool value, bool is_field)
{
	size_t used = strlen(t->letters);

	for (size_t i = 0; i < t->n; i++) {
		if (strcmp(t->name[i], name) == 0)
			return;
	}
	if (t->n + 1 >= ARGS_LONG_MAX)
		return;
	t->name[t->n] = name;
	t->is_field[t->n] = is_field;
	t->longs[t->n].name = name;
	t->longs[t->n].has_arg = value ? required_argument : no_argument;
	t->longs[t->n].val = ARGS_FIRST + (int)t->n;
	t->n++;
	if (letter != 0 && used + 3 < sizeof t->letters) {
		t->letters[used] = letter;
		if (value)
			t->letters[used + 1] = ':';
	}
}

static void args_table(struct args_table *t, const struct cli_command *cmd, bool first_only)
{
	memset(t, 0, sizeof *t);
	snprintf(t->letters, sizeof t->letters, "%s", first_only ? "+:" : ":");
	for (const struct cli_option *o = cli_common; o->name != NULL; o++)
		args_long(t, o->name, o->letter, o->value != NULL, false);
	if (cmd == NULL)
		return;
	for (const struct cli_option *o = cmd->options; o != NULL && o->name != NULL; o++)
		args_long(t, o->name, o->letter, o->value != NULL, false);
	if (!(cmd->flags & CLI_FIELDS))
		return;
	for (size_t k = 0; k < kind_count(); k++) {
		const struct kind *kind = kind_at(k);
		for (size_t i = 0; i < kind_fields(kind); i++)
			args_long(t, kind_field_at(kind, i)->key, 0, true, true);
	}
}

static const char *args_of_letter(const struct cli_option *o, int letter)
{
	for (; o != NULL && o->name != NULL; o++) {
		if (o->letter == letter)
			return o->name;
	}
	return NULL;
}

static bool args_push(struct arg_pair **list, size_t *n, const char *name, const char *value)
{
	struct arg_pair *grown = realloc(*list, (*n + 1) * sizeof *grown);

	if (grown == NULL)
		return false;
	*list = grown;
	grown[*n].name = name;
	grown[*n].value = str_dup(value ? value : "");
	return grown[(*n)++].value != NULL;
}

bool args_parse(struct args *a, const struct cli_command *cmd, int argc, char **argv, int *stopped, struct err *e)
{
	struct args_table *t = malloc(sizeof *t);
	int got;
	bool ok = true;

	if (t == NULL)
		return err_nomem(e, "args_parse");
	a->command = cmd;
	args_table(t, cmd, stopped != NULL);
	opterr = 0;
	optind = 0;
	while (ok && (got = getopt_long(argc, argv, t->letters, t->longs, NULL)) != -1) {
		if (got == '?' || got == ':') {
			const char *word = argv[optind - 1];
			ok = err_set(e, ERR_USAGE, got == ':' ? "value" : "option", "%s", word);
			break;
		}
		size_t i = got >= ARGS_FIRST ? (size_t)(got - ARGS_FIRST) : 0;
		const char *name = got >= ARGS_FIRST ? t->name[i] : args_of_letter(cmd ? cmd->options : NULL, got);
		if (name == NULL)
			name = args_of_letter(cli_common, got);
		ok = (got >= ARGS_FIRST && t->is_field[i] ? args_push(&a->fields, &a->nfields, name, optarg)
							  : args_push(&a->options, &a->noptions, name, optarg)) ||
		     err_nomem(e, "args_parse");
	}
	free(t);
	if (stopped != NULL) {
		*stopped = optind;
	} else if (ok) {
		a->v = argv + optind;
		a->n = (size_t)(argc - optind);
	}
	return ok;
}

void args_done(struct args *a)
{
	for (size_t i = 0; i < a->noptions; i++)
		free(a->options[i].value);
	for (size_t i = 0; i < a->nfields; i++)
		free(a->fields[i].value);
	free(a->options);
	free(a->fields);
}

const char *args_get(const struct args *a, const char *name)
{
	for (size_t i = a->noptions; i-- > 0;) {
		if (strcmp(a->options[i].name, name) == 0)
			return a->options[i].value;
	}
	return NULL;
}

bool args_has(const struct args *a, const char *name)
{
	return args_get(a, name) != NULL;
}

bool args_number(const struct args *a, const char *name, size_t otherwise, size_t *out, struct err *e)
{
	const char *typed = args_get(a, name);
	char *end = NULL;

	*out = otherwise;
	if (typed == NULL)
		return true;
	*out = strtoul(typed, &end, 10);
	if (typed[0] < '0' || typed[0] > '9' || *end != '\0' || *out == 0)
		return err_set(e, ERR_INPUT, "args_number", "--%s %s", name, typed);
	return true;
}

const char *args_each(const struct args *a, const char *name, size_t *at)
{
	while (*at < a->noptions) {
		const struct arg_pair *p = &a->options[(*at)++];
		if (strcmp(p->name, name) == 0)
			return p->value;
	}
	return NULL;
}
