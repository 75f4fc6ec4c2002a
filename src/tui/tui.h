/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * tui - the terminal interface: a stack of views under one frame.
 *
 * The frame (frame.c) draws row 0 (the notebook, the view's title, a word at the right), the row of messages above the
 * last, and the last row, the bar of keys; a view draws what is between.  A key goes first to the table of actions
 * (keys.h), for the view on top: view->act gets the action, and when it says false the frame has a meaning of its own
 * (undo, help, palette, new, back...).  What is no action in this view goes to view->key: text, motion, paste.
 * Everything runs in one thread; nothing is drawn while keys wait.
 *
 * To add a view: view-x.c with `const struct view view_x`, a line in views.def, its keys in actions.def.
 */
#ifndef ARPENT_TUI_H
#define ARPENT_TUI_H

#include "arpent/date.h"
#include "arpent/devices.h"
#include "arpent/i18n.h"
#include "arpent/store.h"
#include "draw.h"
#include "keys.h"

#define TUI_DEPTH 16
#define TUI_IDLE_MS 150        /* without a key: previews are drawn */
#define TUI_KEEP_MS 1000       /* without a key: what is typed goes into the notebook as a draft */
#define TUI_PREVIEW_COLUMNS 70 /* narrower: no preview */

struct tui;

/* What a view is opened on; every member may be NULL. */
struct view_arg {
	const char *kind;    /* a kind's key */
	const struct id *id; /* a record */
	const char *text;    /* what is typed already, a query... */
	const char *draft;   /* the key of a draft to take up again (store.h) */
	const void *more;    /* anything else that the view's own header describes */
};

/* Where a view draws, and what it tells the frame.  The buffers are empty when draw is called. */
struct page {
	int top, end; /* first row, and the row after the last */
	int cols;
	struct buf title; /* "Meetings" */
	struct buf right; /* "128, filter: ..." */
	struct buf hint;  /* shown on the row of messages when there is no message */
};

struct view {
	enum view_id id;
	size_t size;       /* of its state: zeroed before open */
	const char *draft; /* "form/": the keys of the drafts this view takes up, or NULL */
	bool overlay;      /* drawn over the lower rows of the view below (quick capture, palette, choice) */
	/* False: nothing is opened, *e says why.  close is not called then, so open leaves nothing behind. */
	bool (*open)(struct tui *t, void *state, const struct view_arg *arg, struct err *e);
	void (*draw)(struct tui *t, void *state, struct page *p);
	bool (*act)(struct tui *t, void *state, enum action a);          /* false: not mine */
	bool (*key)(struct tui *t, void *state, const struct event *ev); /* false: not understood */
	void (*changed)(struct tui *t, void *state); /* the notebook was written to: read again what is shown */
	void (*idle)(struct tui *t, void *state);    /* TUI_IDLE_MS without a key */
	/* Puts what is typed and not saved into a draft.  Called after TUI_KEEP_MS without a key, before close, on a
	 * hang-up and before the notebook is locked. */
	bool (*keep)(struct tui *t, void *state, struct err *e);
	void (*close)(struct tui *t, void *state);         /* frees; also on locking */
	int (*rows)(struct tui *t, void *state, int room); /* overlay: how many rows it wants of `room` */
};

#define VIEW(id, label) extern const struct view view_##id;
#include "views.def"
#undef VIEW

struct frame {
	const struct view *view;
	void *state;
};

/* The round of sync that is asked for or under way: round.h. */
struct round {
	char remote[REMOTE_LABEL_MAX + 1];
	bool due, running, stop;
	bool lock; /* the notebook, once it has stopped */
	bool dry;
	struct exchange_report so_far;
	const struct remote *at;
	uint64_t now; /* bytes of the request under way */
	bool now_up;
	bool asked; /* of a dry one: .outlook is what it found with .remote */
	struct exchange_outlook outlook;
};

struct tui {
	struct store *store;  /* NULL while locked and on first start */
	char *path;           /* of the notebook */
	const char *key_file; /* offered with the passphrase, or NULL; borrowed */
	enum date_lang lang;
	struct moment now; /* set before each event and each frame is drawn */
	struct frame stack[TUI_DEPTH];
	size_t depth;
	struct buf message; /* until the next key */
	bool message_bad;
	struct buf warning; /* of the notebook, while it is open: on its first view */
	bool scanning;      /* tui_scan() has more to do */
	struct {
		char *key, *title;
		struct buf body;
	} dropped; /* the draft last thrown away, for undo; .key NULL: none */
	struct round round;
	bool (*pump)(void *ctx); /* takes keys and draws while something is under way; false: it is to stop.  NULL in
				    the mock */
	void *pump_ctx;
	bool stale; /* the notebook changed: views are told before the next frame */
	bool quit;
	bool locked;                                  /* just now: the program is to start anew (renew.h) */
	bool suspend;                                 /* ...and to stop then */
	unsigned lock_minutes;                        /* without a key, till the notebook locks itself; 0: never */
	const char *begin;                            /* a record to open once the notebook is; borrowed, or NULL */
	int inbox;                                    /* inbox_watch(), or -1 */
	struct vault_cost cost;                       /* for a notebook made here; zero: calibrated */
	void (*clock)(void *ctx, struct moment *out); /* NULL: the machine's; tests set it */
	void *clock_ctx;
};

/* The terminal face, for cli_main(): opens the notebook (its passphrase is asked for on the lock screen, unless the
 * command line gave a key), or makes one with the person when there is none.  `at` is the record to begin at, or NULL.
 * Returns the exit status. */
struct cli;
int tui_run(struct cli *c, const char *at);

/* The pieces of tui_run(), for the mock terminal. */
void tui_init(struct tui *t, const char *path);
void tui_start(struct tui *t, struct store *store); /* the first view; store NULL: locked, or none yet */
void tui_event(struct tui *t, const struct event *ev);
void tui_idle(struct tui *t);
bool tui_keep(struct tui *t); /* drafts of all views */
void tui_draw(struct tui *t);
void tui_inbox(struct tui *t);       /* files what waits in the inbox */
void tui_scan(struct tui *t);        /* a few milliseconds: are older pages in the notebook? For when no key comes */
bool tui_spare(const struct tui *t); /* is there something to do when no key comes? */
void tui_use_spare(struct tui *t);   /* a few milliseconds of it */
void tui_done(struct tui *t);        /* keeps drafts, closes views and notebook */

/* For views. */
bool tui_push(struct tui *t, const struct view *v, const struct view_arg *arg); /* arg may be NULL; a failure is said */
void tui_pop(struct tui *t);  /* closes the view on top, keeping its draft */
void tui_home(struct tui *t); /* closes all but the first */
struct frame *tui_top(struct tui *t);
void tui_act(struct tui *t, enum action a); /* as if its key had been typed: for the palette */
void tui_open_record(struct tui *t, const struct id *id);
void tui_edit(struct tui *t, const struct id *id);  /* a meeting in its own view, others in a form */
void tui_new(struct tui *t, const char *kind);      /* the same, empty */
void tui_like(struct tui *t, const struct id *id);  /* a new one, like this one; NULL: nothing */
void tui_draft(struct tui *t, const char *key);     /* the view a draft belongs to */
void tui_set_store(struct tui *t, struct store *s); /* unlocked, or newly made: home is shown next */
void tui_lock(struct tui *t);
void tui_suspend(struct tui *t); /* stops the program, locked: stopped, it could not lock itself later */

void tui_say(struct tui *t, const char *fmt, ...) PRINTF_LIKE(2, 3); /* a message, already translated */
void tui_fail(struct tui *t, const struct err *e);                   /* the sentence for an error */
void tui_changed(struct tui *t);                                     /* after a write */
void tui_set_lang(struct tui *t, const char *code);                  /* "fr" or "en" */

/* A choice among n labels, over the view below; taken() gets the index. */
struct choice {
	const char *title;
	const char *const *labels;  /* copied */
	const char *const *details; /* or NULL; copied */
	size_t n;
	void (*taken)(struct tui *t, void *ctx, size_t i); /* called after the choice is closed */
	void *ctx;
};
void tui_choose(struct tui *t, const struct choice *c);

/* A line asked for over the view below. */
struct prompt {
	const char *label; /* "Filter" */
	const char *text;  /* to begin with */
	void (*typed)(struct tui *t, void *ctx,
		      const char *text); /* at each change; on Esc with the text it began with.  May be NULL */
	void (*taken)(struct tui *t, void *ctx, const char *text); /* on Enter, after it is closed.  May be NULL */
	void *ctx; /* that of the view below, as a rule: it cannot close before the prompt does */
	/* On Tab: what is typed, as far as it is sure, and names that fit, when it is not.  May be NULL */
	void (*complete)(const char *typed, struct buf *out, struct buf *said);
	bool proposal; /* `text` is only proposed: the first letter typed takes its place */
};
void tui_prompt(struct tui *t, const struct prompt *p);

/* A row of a list: mark, sign, day, title and a word at the right, in columns col to before end.  `chosen` puts the
 * mark and the cursor. sign: '!' late, '~' draft, '*' unsent, '=' two values to settle, '.' or ' '. */
void tui_row(int row, int col, int end, bool chosen, char sign, const char *day, const char *title, const char *right);
char tui_sign(unsigned flags); /* of enum row_flags */
enum draw_style tui_sign_style(char sign);
/* The word at the right of a row: what the record belongs to, else its place, function... "" or the caller's to free.
 */
char *tui_beside(struct tui *t, const struct id *id, const char *owner);
/* What the keys for a record do, each one step of undo; `id` may be NULL: then nothing. */
void tui_toggle_done(struct tui *t, const struct id *id);
void tui_remove(struct tui *t, const struct id *ids, size_t n);
void tui_restore(struct tui *t, const struct id *ids, size_t n);
/* Throws a draft away; the next undo brings it back. */
void tui_drop_draft(struct tui *t, const char *key, const char *title);
bool tui_undrop_draft(struct tui *t); /* false when none was thrown away */
void tui_forget_dropped(struct tui *t);
/* "18 nov", "yesterday", "09:30" for today's times: a canonical day or moment as lists show it. */
void tui_day(const struct tui *t, const char *canonical, struct buf *out);

#endif
