/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * cli - the frame of the command line: one file a command (cmd-x.c), one line of commands.def to register it.
 */
#ifndef ARPENT_CLI_H
#define ARPENT_CLI_H

#include <stdio.h>

#include "arpent/buf.h"
#include "arpent/date.h"
#include "arpent/exchange.h"
#include "arpent/store.h"

/* Exit codes; arpent.1 lists them. */
enum cli_exit {
	EXIT_OK = 0,
	EXIT_FAILED = 1,    /* the system said no: disk, memory, permission */
	EXIT_USAGE = 2,     /* the command line is wrong */
	EXIT_NOT_FOUND = 3, /* no such notebook, record, person */
	EXIT_AMBIGUOUS = 4, /* more than one fits */
	EXIT_BUSY = 5,      /* another program has the notebook */
	EXIT_KEY = 6,       /* wrong passphrase, words or key file; locked */
	EXIT_DAMAGED = 7,   /* altered, damaged, cut short, newer, not ours */
	EXIT_INPUT = 8,     /* a value or a file cannot be understood */
	EXIT_REFUSED = 9    /* not for us, not trusted, over a limit, already there, cancelled */
};

struct cli_option {
	const char *name;  /* "to" */
	char letter;       /* 'o', or 0 */
	const char *value; /* translated; NULL for a switch */
	const char *help;  /* translated */
};

/* What a command needs of the frame. */
enum cli_flags {
	CLI_OPEN = 1 << 0,   /* the notebook, unlocked */
	CLI_FIELDS = 1 << 1, /* every field of every kind is an option: --phone VALUE; collected in args.fields */
	CLI_PLAIN = 1 << 2,  /* works on names only; no notebook needed */
	CLI_HIDDEN = 1 << 3  /* for developers: not in --help, completions and manual */
};

struct cli;
struct args;

struct cli_command {
	const char *name;
	const char *synopsis; /* translated: KIND [FIELD=VALUE...] */
	const char *summary;  /* translated: "add a record" */
	const char *detail;   /* translated; several lines, or NULL */
	unsigned flags;
	const struct cli_option *options; /* ends with a NULL name; NULL for none */
	int (*run)(struct cli *c, const struct args *a);
};

extern const struct cli_command *const cli_commands[]; /* ends with NULL; in the order of commands.def */

struct arg_pair {
	const char *name; /* option or field key; borrowed */
	char *value;      /* "" for a switch */
};

struct args {
	const struct cli_command *command;
	char **v; /* positional arguments, n of them */
	size_t n;
	struct arg_pair *options;
	size_t noptions;
	struct arg_pair *fields;
	size_t nfields;
	bool json; /* asked for before the command or after it */
};

/* The last value of an option, or NULL when it was not given. */
const char *args_get(const struct args *a, const char *name);
bool args_has(const struct args *a, const char *name);
/* A whole number of 1 or more; `otherwise` when it was not given.  ERR_INPUT for anything else. */
bool args_number(const struct args *a, const char *name, size_t otherwise, size_t *out, struct err *e) MUST_USE;
/* The next value of a repeatable option; *at starts at 0.  NULL at the end. */
const char *args_each(const struct args *a, const char *name, size_t *at);

struct cli {
	char *notebook; /* path */
	bool notebook_given;
	int passphrase_fd; /* -1: ask on the terminal */
	char *key_file;    /* or NULL */
	bool json;
	bool locked; /* the screen begins locked, whatever key is given */
	enum date_lang lang;
	struct store *store; /* open when the command has CLI_OPEN */
	unsigned long lost;  /* err_lost() when it began */
	int (*screen)(struct cli *c, const char *at);
};

/* `screen` is the terminal face, which is given the record to begin at, or NULL; it opens and closes the notebook
 * itself. */
int cli_main(int argc, char **argv, int (*screen)(struct cli *c, const char *at));
const struct cli_command *cli_find(const char *name);
void cli_usage(const struct cli_command *cmd, FILE *out);

/* Opens the notebook of the command line: key file, --passphrase-fd or a question on the terminal. */
bool cli_open(struct cli *c, struct err *e) MUST_USE;
/* Shows recovery words.  On a terminal, on its other screen, until two of them were typed back. */
void cli_show_words(const struct secret *words, bool tty);
/* The header and its keys alone, for a notebook whose pages may be damaged. */
bool cli_open_vault(struct cli *c, bool write, struct vault **out, struct err *e) MUST_USE;
/* Reads a passphrase from --passphrase-fd, or asks with this prompt.  A `fresh` one is asked for twice on a terminal
 * and has at least CLI_PASSPHRASE_MIN bytes.  *out is empty on failure. */
#define CLI_PASSPHRASE_MIN 8
bool cli_passphrase(struct cli *c, const char *prompt, bool fresh, struct secret *out, struct err *e) MUST_USE;
/* A question with yes or no as answer; false without a terminal. */
bool cli_confirm(const char *question);
/* For commands that show what they would do: --yes, or a yes at the question.  Without a terminal to ask on nothing is
 * done: ERR_CANCELLED. */
bool cli_agreed(const struct args *a, const char *question, struct err *e) MUST_USE;
/* A line from the terminal, without echo restrictions.  False without a terminal. */
bool cli_ask_line(const char *prompt, char *out, size_t max);

/* Words for people. */
/* Prints what went wrong and what to do next on standard error ("arpent: ..."), as JSON with --json; returns the exit
 * code. */
int cli_say(const struct cli *c, const struct err *e);
/* The sentence alone, in the user's language, made safe for a terminal.  Shared with the terminal face. */
void err_sentence(const struct err *e, struct buf *out);
/* ERR_STALE, with the day it was: for a file older than the one last seen on this machine.  Returns false. */
struct latest;
bool cli_err_older(const struct latest *last, int offset_minutes, struct err *e);
/* ERR_DAMAGED, with the copy that was kept of a log that was damaged or not its own.  Returns false. */
bool cli_err_log(const struct store *s, struct err *e);
int cli_exit_code(enum err_code code);
/* A device that is in a space, by its label, its person's name or the start of its id.  ERR_NOT_FOUND, ERR_AMBIGUOUS,
 * where "member". */
struct space;
bool cli_member(const struct space *sp, const char *typed, struct identity *out, struct err *e) MUST_USE;
/* "arpent: ..." and the usage line of the command; returns EXIT_USAGE. */
int cli_bad_usage(const struct args *a, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* The same about a kind that there is not, with those that there are. */
int cli_bad_kind(const struct args *a, const char *typed);

/* Prints outside text made safe. */
void cli_print(const char *s);
/* The same, cut or padded to this many columns of the terminal. */
void cli_column(const char *s, int columns);
/* A line of columns for a record in a list: short id, day, title, what it belongs to, marks. */
void cli_row(struct cli *c, const struct row *row);
/* One record as a JSON object on a line. */
bool cli_json_record(struct cli *c, const struct id *id, struct err *e) MUST_USE;
/* {"id":...,"kind":...} of a write, or its short id in text. */
void cli_done(struct cli *c, const char *what, const char *kind, const struct id *id);

/* Field values as typed to wants: dates, codes, coordinates checked; references resolved by name.  Frees with
 * wants_done(). */
struct wants {
	struct want *v;
	size_t n;
};
bool cli_wants(struct cli *c, const struct kind *k, const struct args *a, size_t first_positional, struct wants *out,
	       struct err *e) MUST_USE;
void wants_done(struct wants *w);

/* The card in the arguments from `first` on: a file, standard input ("-") or the card itself. */
bool cli_card(const struct args *a, size_t first, struct identity *who, struct err *e) MUST_USE;

/* "812 bytes", "1.4 kB", "3.2 MB", as people read it.  Appends. */
void words_size(uint64_t n, struct buf *out);
/* What a device is called: its label, else its person's name.  Made safe; appends. */
void cli_device(const struct stream *st, struct buf *out);
/* What sync found amiss, as a sentence that says what to do; and its name in JSON. */
void cli_finding(const struct finding *f, const char *device, bool own, struct buf *out);
const char *cli_finding_name(enum finding_kind kind);

/* The languages: --lang, the locale, the settings file; falls back to C.UTF-8 where the locale is not UTF-8. */
void lang_start(const char *forced);
enum date_lang lang_date(void);                           /* of the words now shown */
const char *lang_code(void);                              /* "fr" or "en" */
bool lang_keep(const char *code, struct err *e) MUST_USE; /* writes it to the settings file */

#endif
