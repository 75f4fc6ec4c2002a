/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Minutes as Markdown (CommonMark with tables), plain text and HTML: one outline, three ways to say a heading, a fact,
 * a list and a table.
 */
#include <string.h>

#include "arpent/i18n.h"
#include "arpent/text.h"
#include "document.h"
#include "formats.h"

struct minutes_style {
	void (*text)(struct buf *out, const char *s, size_t n); /* one line, escaped */
	void (*start)(struct buf *out, const struct document *d);
	void (*heading)(struct buf *out, const char *title);
	void (*fact)(struct buf *out, const char *label, const struct buf *value, const struct minutes_style *st);
	void (*list)(struct buf *out, const struct buf *lines, const struct minutes_style *st);
	void (*decisions)(struct buf *out, const struct document *d, const struct minutes_style *st);
	void (*tasks)(struct buf *out, const struct document *d, const struct minutes_style *st);
	void (*prose)(struct buf *out, const struct buf *lines, const struct minutes_style *st);
	void (*end)(struct buf *out);
};

static void minutes_safe(struct buf *out, const char *s, size_t n)
{
	text_safe(out, s, n, false);
}

static void minutes_text_md(struct buf *out, const char *s, size_t n)
{
	struct buf safe = BUF_INIT;
	size_t i = 0, digits;

	text_safe(&safe, s, n, false);
	const char *p = buf_str(&safe);
	/* What would begin a heading, a list or a quotation at the start of a line. */
	digits = strspn(p, "0123456789");
	if (digits > 0 && (p[digits] == '.' || p[digits] == ')')) {
		buf_add(out, p, digits);
		i = digits;
		buf_char(out, '\\');
	} else if (p[0] && strchr("#+-=~", p[0])) {
		buf_char(out, '\\');
	}
	for (; p[i]; i++) {
		if (strchr("\\`*_[]<>|&", p[i]))
			buf_char(out, '\\');
		buf_char(out, p[i]);
	}
	buf_done(&safe);
}

static void minutes_text_html(struct buf *out, const char *s, size_t n)
{
	struct buf safe = BUF_INIT;

	text_safe(&safe, s, n, false);
	for (const char *p = buf_str(&safe); *p; p++) {
		if (*p == '&')
			buf_str_add(out, "&amp;");
		else if (*p == '<')
			buf_str_add(out, "&lt;");
		else if (*p == '>')
			buf_str_add(out, "&gt;");
		else if (*p == '"')
			buf_str_add(out, "&quot;");
		else
			buf_char(out, *p);
	}
	buf_done(&safe);
}

static void minutes_put(struct buf *out, const struct buf *b, const struct minutes_style *st)
{
	st->text(out, buf_str(b), b->len);
}

/* Steps through lines; *n is the length of the one returned, NULL after the last. */
static const char *minutes_line(const char **at, size_t *n)
{
	const char *line = *at;

	if (!*line)
		return NULL;
	*n = strcspn(line, "\n");
	*at = line + *n + (line[*n] != '\0');
	return line;
}

/* A line that is an entry of a list, as people type it: what follows "- " or "* "; else NULL. */
static const char *minutes_bullet(const char *line, size_t n)
{
	size_t i = 0;

	while (i < n && line[i] == ' ')
		i++;
	return i + 1 < n && strchr("-*", line[i]) && line[i + 1] == ' ' ? line + i + 2 : NULL;
}

static size_t minutes_columns(const struct buf *b)
{
	return (size_t)text_width_n(buf_str(b), b->len);
}

/* Markdown */

static void minutes_start_md(struct buf *out, const struct document *d)
{
	buf_str_add(out, "# ");
	minutes_text_md(out, buf_str(&d->title), d->title.len);
	buf_str_add(out, "\n\n");
}

static void minutes_heading_md(struct buf *out, const char *title)
{
	buf_printf(out, "\n## %s\n\n", title);
}

static void minutes_fact_md(struct buf *out, const char *label, const struct buf *value, const struct minutes_style *st)
{
	buf_printf(out, "- **%s** ", label);
	minutes_put(out, value, st);
	buf_char(out, '\n');
}

static void minutes_list_md(struct buf *out, const struct buf *lines, const struct minutes_style *st)
{
	const char *at = buf_str(lines), *line;

	for (size_t n; (line = minutes_line(&at, &n)) != NULL;) {
		buf_str_add(out, "- ");
		st->text(out, line, n);
		buf_char(out, '\n');
	}
}

/* "wording (votes) - who, due" for a numbered decision. */
static void minutes_decision(struct buf *out, const struct document_item *i, const struct minutes_style *st)
{
	minutes_put(out, &i->wording, st);
	if (i->vote.len > 0) {
		buf_str_add(out, " (");
		minutes_put(out, &i->vote, st);
		buf_char(out, ')');
	}
	if (i->who.len > 0 || i->due.len > 0)
		buf_str_add(out, " — ");
	minutes_put(out, &i->who, st);
	if (i->who.len > 0 && i->due.len > 0)
		buf_str_add(out, ", ");
	minutes_put(out, &i->due, st);
}

static void minutes_decisions_plain(struct buf *out, const struct document *d, const struct minutes_style *st)
{
	for (size_t i = 0; i < d->ndecisions; i++) {
		buf_printf(out, "%zu. ", i + 1);
		minutes_decision(out, &d->decisions[i], st);
		buf_char(out, '\n');
	}
}

static void minutes_tasks_md(struct buf *out, const struct document *d, const struct minutes_style *st)
{
	buf_printf(out, "| %s | %s | %s | %s |\n| --- | --- | --- | --- |\n", _("What"), _("Who"), _("Due"),
		   _("State"));
	for (size_t i = 0; i < d->ntasks; i++) {
		const struct document_item *t = &d->tasks[i];
		const struct buf *const cells[] = {&t->wording, &t->who, &t->due, &t->state};
		for (size_t k = 0; k < 4; k++) {
			buf_str_add(out, "| ");
			minutes_put(out, cells[k], st);
			buf_char(out, ' ');
		}
		buf_str_add(out, "|\n");
	}
}

/* Lines stay lines: a backslash at the end breaks one in CommonMark. */
static void minutes_prose_md(struct buf *out, const struct buf *lines, const struct minutes_style *st)
{
	const char *at = buf_str(lines), *line;

	for (size_t n; (line = minutes_line(&at, &n)) != NULL;) {
		const char *entry = minutes_bullet(line, n);
		bool more = *at && *at != '\n' && !minutes_bullet(at, strcspn(at, "\n"));
		if (entry) {
			buf_str_add(out, "- ");
			st->text(out, entry, n - (size_t)(entry - line));
			if (more)
				buf_char(out, '\n');
		} else {
			st->text(out, line, n);
			if (n > 0 && more)
				buf_char(out, '\\');
			else if (n > 0 && *at && *at != '\n')
				buf_char(out, '\n');
		}
		buf_char(out, '\n');
	}
}

/* Text */

static void minutes_under(struct buf *out, const struct buf *line, char c)
{
	buf_add(out, buf_str(line), line->len);
	buf_char(out, '\n');
	buf_fill(out, c, minutes_columns(line));
	buf_str_add(out, "\n\n");
}

static void minutes_start_txt(struct buf *out, const struct document *d)
{
	struct buf title = BUF_INIT;

	minutes_safe(&title, buf_str(&d->title), d->title.len);
	minutes_under(out, &title, '=');
	buf_done(&title);
}

static void minutes_heading_txt(struct buf *out, const char *title)
{
	struct buf line = BUF_INIT;

	buf_str_add(&line, title);
	buf_char(out, '\n');
	minutes_under(out, &line, '-');
	buf_done(&line);
}

static void minutes_fact_txt(struct buf *out, const char *label, const struct buf *value,
			     const struct minutes_style *st)
{
	buf_printf(out, "%s ", label);
	minutes_put(out, value, st);
	buf_char(out, '\n');
}

static void minutes_tasks_txt(struct buf *out, const struct document *d, const struct minutes_style *st)
{
	for (size_t i = 0; i < d->ntasks; i++) {
		buf_str_add(out, "- ");
		minutes_decision(out, &d->tasks[i], st);
		if (d->tasks[i].state.len > 0) {
			buf_str_add(out, " [");
			minutes_put(out, &d->tasks[i].state, st);
			buf_char(out, ']');
		}
		buf_char(out, '\n');
	}
}

static void minutes_prose_txt(struct buf *out, const struct buf *lines, const struct minutes_style *st)
{
	const char *at = buf_str(lines), *line;

	for (size_t n; (line = minutes_line(&at, &n)) != NULL;) {
		st->text(out, line, n);
		buf_char(out, '\n');
	}
}

/* HTML */

static void minutes_start_html(struct buf *out, const struct document *d)
{
	buf_printf(out, "<!DOCTYPE html>\n<html lang=\"%s\">\n<head>\n<meta charset=\"utf-8\">\n<title>",
		   d->lang == DATE_FR ? "fr" : "en");
	minutes_text_html(out, buf_str(&d->title), d->title.len);
	buf_str_add(out, "</title>\n<style>body{font-family:sans-serif;max-width:45em;margin:2em auto;line-height:1.4}"
			 "table{border-collapse:collapse}th,td{border:1px solid #999;padding:.3em .6em;text-align:left}"
			 "</style>\n</head>\n<body>\n<h1>");
	minutes_text_html(out, buf_str(&d->title), d->title.len);
	buf_str_add(out, "</h1>\n");
}

static void minutes_heading_html(struct buf *out, const char *title)
{
	buf_printf(out, "<h2>%s</h2>\n", title);
}

static void minutes_fact_html(struct buf *out, const char *label, const struct buf *value,
			      const struct minutes_style *st)
{
	buf_printf(out, "<p><strong>%s</strong> ", label);
	minutes_put(out, value, st);
	buf_str_add(out, "</p>\n");
}

static void minutes_list_html(struct buf *out, const struct buf *lines, const struct minutes_style *st)
{
	const char *at = buf_str(lines), *line;

	buf_str_add(out, "<ul>\n");
	for (size_t n; (line = minutes_line(&at, &n)) != NULL;) {
		buf_str_add(out, "<li>");
		st->text(out, line, n);
		buf_str_add(out, "</li>\n");
	}
	buf_str_add(out, "</ul>\n");
}

static void minutes_decisions_html(struct buf *out, const struct document *d, const struct minutes_style *st)
{
	buf_str_add(out, "<ol>\n");
	for (size_t i = 0; i < d->ndecisions; i++) {
		buf_str_add(out, "<li>");
		minutes_decision(out, &d->decisions[i], st);
		buf_str_add(out, "</li>\n");
	}
	buf_str_add(out, "</ol>\n");
}

static void minutes_tasks_html(struct buf *out, const struct document *d, const struct minutes_style *st)
{
	buf_printf(out, "<table>\n<tr><th>%s</th><th>%s</th><th>%s</th><th>%s</th></tr>\n", _("What"), _("Who"),
		   _("Due"), _("State"));
	for (size_t i = 0; i < d->ntasks; i++) {
		const struct document_item *t = &d->tasks[i];
		const struct buf *const cells[] = {&t->wording, &t->who, &t->due, &t->state};
		buf_str_add(out, "<tr>");
		for (size_t k = 0; k < 4; k++) {
			buf_str_add(out, "<td>");
			minutes_put(out, cells[k], st);
			buf_str_add(out, "</td>");
		}
		buf_str_add(out, "</tr>\n");
	}
	buf_str_add(out, "</table>\n");
}

static void minutes_prose_html(struct buf *out, const struct buf *lines, const struct minutes_style *st)
{
	const char *at = buf_str(lines), *line, *open = "";

	for (size_t n; (line = minutes_line(&at, &n)) != NULL;) {
		const char *entry = minutes_bullet(line, n), *want = entry ? "ul" : n > 0 ? "p" : "";
		if (strcmp(open, want) != 0) {
			if (open[0])
				buf_printf(out, "</%s>\n", open);
			if (want[0])
				buf_printf(out, "<%s>\n", want);
		} else if (want[0] && !entry) {
			buf_str_add(out, "<br>\n");
		}
		open = want;
		buf_str_add(out, entry ? "<li>" : "");
		st->text(out, entry ? entry : line, entry ? n - (size_t)(entry - line) : n);
		buf_str_add(out, entry ? "</li>\n" : "");
	}
	if (open[0])
		buf_printf(out, "</%s>\n", open);
}

static void minutes_end_html(struct buf *out)
{
	buf_str_add(out, "</body>\n</html>\n");
}

static const struct minutes_style minutes_md = {
    minutes_text_md,  minutes_start_md, minutes_heading_md,
    minutes_fact_md,  minutes_list_md,  minutes_decisions_plain,
    minutes_tasks_md, minutes_prose_md, NULL,
};
static const struct minutes_style minutes_txt = {
    minutes_safe,      minutes_start_txt, minutes_heading_txt,
    minutes_fact_txt,  minutes_list_md,   minutes_decisions_plain,
    minutes_tasks_txt, minutes_prose_txt, NULL,
};
static const struct minutes_style minutes_html = {
    minutes_text_html,      minutes_start_html, minutes_heading_html, minutes_fact_html, minutes_list_html,
    minutes_decisions_html, minutes_tasks_html, minutes_prose_html,   minutes_end_html,
};

static bool minutes_write(const struct export_job *job, const struct minutes_style *st, struct buf *out, struct err *e)
{
	static const char *const people[] = {N_("Present"), N_("Excused"), N_("Absent"), N_("Represented")};
	struct document d;

	if (!document_read(&d, job, e))
		return false;
	const struct buf *const facts[] = {&d.when, &d.place, &d.body};
	const char *const labels[] = {_("Date:"), _("Place:"), _("Body:")};
	st->start(out, &d);
	for (size_t i = 0; i < 3; i++)
		if (facts[i]->len > 0)
			st->fact(out, labels[i], facts[i], st);
	for (size_t i = 0; i < DOCUMENT_PEOPLE; i++)
		if (d.people[i].len > 0) {
			st->heading(out, _(people[i]));
			st->list(out, &d.people[i], st);
		}
	if (d.agenda.len > 0) {
		st->heading(out, _("Agenda"));
		st->prose(out, &d.agenda, st);
	}
	if (d.notes.len > 0) {
		st->heading(out, _("Discussion"));
		st->prose(out, &d.notes, st);
	}
	if (d.ndecisions > 0) {
		st->heading(out, _("Decisions"));
		st->decisions(out, &d, st);
	}
	if (d.ntasks > 0) {
		st->heading(out, _("Follow-ups"));
		st->tasks(out, &d, st);
	}
	if (d.questions.len > 0) {
		st->heading(out, _("Open questions"));
		st->list(out, &d.questions, st);
	}
	if (st->end)
		st->end(out);
	document_done(&d);
	job->report->records++;
	return true;
}

bool minutes_write_md(const struct export_job *job, struct buf *out, struct err *e)
{
	return minutes_write(job, &minutes_md, out, e);
}

bool minutes_write_txt(const struct export_job *job, struct buf *out, struct err *e)
{
	return minutes_write(job, &minutes_txt, out, e);
}

bool minutes_write_html(const struct export_job *job, struct buf *out, struct err *e)
{
	return minutes_write(job, &minutes_html, out, e);
}
