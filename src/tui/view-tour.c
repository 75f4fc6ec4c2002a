/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tui.h"

#include "flow.h"

/* Five screens at most, and nothing that the screens themselves say. */
static const struct {
	const char *title, *text;
} tour_pages[] = {
    {N_("Your day"),
     N_("The first screen is your day: what is to be done, the appointments, what was seen lately, and what was begun "
	"and not finished.\n\n"
	"Arrows choose, Enter opens, Esc goes back. The last line always shows the keys of the place where you are; h "
	"shows them all, and ; finds any action by its name.")},
    {N_("Note it now"), N_("+ (or a) notes something down from anywhere, in one line:\n\n"
			   "  call the sheepfold friday 10h @bonnet #grazing\n\n"
			   "With a date it becomes a follow-up, else a note; Tab changes that. In a shell, arpent log "
			   "does the same without a "
			   "passphrase, even while the notebook is locked.")},
    {N_("Minutes, typed once"),
     N_("In a meeting, type the notes as they come. A mark tells what a line is:\n\n"
	"  @Roux @Bonnet -@Duval    present, excused\n"
	"  ! Postponed to 15 June (7 for 1 against)\n"
	"  > Roux writes the amendment 30 nov\n"
	"  ? who pays for the fence #funding ^High fold\n\n"
	"Saving makes the attendance, the decisions and the follow-ups. Nothing is copied by hand.")},
    {N_("Nothing is lost"),
     N_("What you type is kept while you type it, sealed in the notebook: if the power or the line goes, it waits on "
	"the "
	"first screen.\n\n"
	"u undoes, as far back as you like, and U does it again. Deleting asks nothing, because undo brings it back.")},
    {N_("Find it again"),
     N_("/ (or s) searches everything while you type, accents or not. n makes any record, g goes to a list.\n\n"
	"z locks the notebook; left alone, it locks by itself. The notebook is one sealed file: copy it with arpent "
	"backup.")},
};

#define TOUR_PAGES ((int)(sizeof tour_pages / sizeof *tour_pages))

struct tour {
	int at, skip; /* the page; rows of it that were read already */
	int rows;     /* that were shown */
	int all;      /* that it has */
};

static bool tour_open(struct tui *t, void *state, const struct view_arg *arg, struct err *e)
{
	(void)t, (void)state, (void)arg, (void)e;
	return true;
}

static void tour_draw(struct tui *t, void *state, struct page *p)
{
	struct tour *v = state;
	const char *text = _(tour_pages[v->at].text);
	int width = p->cols - 6 < 66 ? p->cols - 6 : 66;

	(void)t;
	buf_str_add(&p->title, _(tour_pages[v->at].title));
	buf_printf(&p->right, "%d/%d", v->at + 1, TOUR_PAGES);
	v->rows = p->end - p->top;
	v->all = flow_rows(text, width);
	flow_draw(text, v->skip, p->top, p->end, 3, width, DRAW_PLAIN);
	if (v->skip + v->rows < v->all)
		buf_str_add(&p->hint, _("More follows."));
}

static void tour_next(struct tui *t, struct tour *v)
{
	if (v->skip + v->rows < v->all) {
		v->skip += v->rows;
	} else if (v->at + 1 < TOUR_PAGES) {
		v->at++;
		v->skip = 0;
	} else {
		tui_pop(t);
	}
}

static bool tour_act(struct tui *t, void *state, enum action a)
{
	struct tour *v = state;

	if (a == DO_forward) {
		tour_next(t, v);
	} else if (a == DO_backward) {
		v->at -= v->at > 0 && v->skip == 0;
		v->skip = 0;
	} else {
		return false;
	}
	return true;
}

const struct view view_tour = {
    .id = VIEW_tour,
    .size = sizeof(struct tour),
    .open = tour_open,
    .draw = tour_draw,
    .act = tour_act,
};
