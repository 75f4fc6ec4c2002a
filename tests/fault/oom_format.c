/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Imports, exports, minutes and merges without memory: see oom.h. */
#include "oom.h"

#include "arpent/format.h"
#include "arpent/meeting.h"

static bool take_in(struct oom_run *r, const char *bytes, const char *path, const struct import_options *o,
		    struct err *e)
{
	struct import_plan p;

	if (!import_bytes(r->s, bytes, strlen(bytes), path, o, &p, e))
		return false;
	for (size_t i = 0; i < p.n; i++)
		oom_say(r, "%d %s %s %zu %zu", p.rows[i].what, p.rows[i].kind, p.rows[i].title, p.rows[i].ntakes,
			p.rows[i].ndiffs);
	bool ok = import_apply(r->s, &p, e);
	import_plan_done(&p);
	return ok;
}

static const struct import_options plain;

#define VCARDS \
	"BEGIN:VCARD\r\nVERSION:4.0\r\nUID:urn:uuid:7f8a1c52-3c1e-4b7e-9a55-0d3f3a1b2c4d\r\n" \
	"FN:Michèle Aubin\r\nN:Aubin;Michèle;;;\r\nORG:Mairie de Valbrune;Urbanisme\r\nTEL;TYPE=cell:06 12 34 56 " \
	"78\r\n" \
	"EMAIL:aubin@valbrune.example\r\nADR:;;1 rue Haute;Valbrune;;48000;France\r\nCATEGORIES:eau,charte\r\n" \
	"X-TRUC;FOO=bar:a,b\r\nNOTE:Trois lignes\\nd'une note\r\nEND:VCARD\r\n" \
	"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Anne Roux\r\nTITLE:maire honoraire\r\nTEL:+33 4 92 00 00 " \
	"02\r\nEND:VCARD\r\n"

OOM(import_vcard, 0, NULL)
{
	return take_in(r, VCARDS, NULL, &plain, e);
}

OOM(import_vcard_old, 0, NULL)
{
	return take_in(r,
		       "BEGIN:VCARD\r\nVERSION:2.1\r\nN;CHARSET=ISO-8859-1:Lemp\xE9r\xE8ze;Ana\xEFs\r\n"
		       "FN;CHARSET=ISO-8859-1;ENCODING=QUOTED-PRINTABLE:Ana=EFs Lemp=E9r=E8ze\r\nEND:VCARD\r\n",
		       NULL, &plain, e);
}

OOM(import_gpx, 0, NULL)
{
	return take_in(
	    r,
	    "<?xml version=\"1.0\"?><gpx version=\"1.1\" xmlns=\"http://www.topografix.com/GPX/1/1\" "
	    "xmlns:m=\"urn:m\"><wpt lat=\"44.1\" lon=\"3.4\"><ele>1210.50</ele><time>2026-05-02T08:30:00Z</time>"
	    "<name>Source &amp; lavogne</name><cmt>trouble</cmt><desc>Eau</desc><extensions><m:p "
	    "m:q=\"1\">7</m:p></extensions></wpt><trk><name>Trace</name><number>2</number><trkseg><trkpt "
	    "lat=\"1\" lon=\"2\"/><trkpt lat=\"1.5\" lon=\"2.5\"/></trkseg></trk></gpx>",
	    NULL, &plain, e);
}

OOM(import_gpx_old, 0, NULL)
{
	return take_in(r,
		       "<?xml version=\"1.0\" encoding=\"windows-1252\"?><gpx version=\"1.0\"><wpt lat=\"44.1\" "
		       "lon=\"3.4\"><name>Gu\xE9</name></wpt></gpx>",
		       NULL, &(struct import_options){.as = "observation"}, e);
}

OOM(import_csv, 0, NULL)
{
	return take_in(r,
		       "nom;fonction;téléphone;mots-clés;inconnu\nPaul Marty;berger;06 12 34 56 78;loup, eau;x\n"
		       "Anne Roux;\"maire; \"\"honoraire\"\"\";;;\n",
		       "x.csv", &(struct import_options){.as = "person"}, e);
}

OOM(import_jsonl, 0, NULL)
{
	return take_in(
	    r,
	    "{\"id\": \"a00271ec-0000-4000-8000-000000000001\", \"kind\": \"person\", \"name\": \"Alain Roux\", "
	    "\"phone\": [\"04 99 00 11 01\"], \"consent\": \"public\"}\n"
	    "{\"id\": \"a0061956-0000-4000-8000-000000000003\", \"kind\": \"task\", \"wording\": \"Appeler\", "
	    "\"due\": \"2026-12-01\", \"owner\": \"a00271ec-0000-4000-8000-000000000001\", \"later\": 1.5}\n",
	    NULL, &(struct import_options){.overwrite = true}, e);
}

static bool give_out(struct oom_run *r, const char *format, const char *kind, struct err *e)
{
	struct export_options o = {.whole = strcmp(format, "jsonl") == 0, .lang = DATE_FR};
	struct export_report report = {0};
	struct buf out = BUF_INIT;
	struct id *ids = NULL;
	size_t n, personal;
	bool ok = export_all(r->s, kind, o.whole, &ids, &n, e) && export_shareable(r->s, ids, &n, &personal, e);

	if (format_find(format)->document && n > 1)
		n = 1;
	ok = ok && export_bytes(r->s, format_find(format), ids, n, &o, &out, &report, e);
	if (ok)
		oom_say(r, "%zu %zu %s", report.records, report.fields, buf_str(&out));
	free(ids);
	buf_done(&out);
	return ok;
}

/* A person and a meeting with something in every field that formats care about. */
static bool rich(struct oom_run *r, struct err *e)
{
	struct id id;
	struct want w[] = {want_line("confidential", "ne pas dire")};

	return take_in(r, VCARDS, NULL, &plain, e) && store_resolve(r->s, "aubin", "person", &id, e) &&
	       store_edit(r->s, &id, w, 1, e);
}

OOM(export_vcard, 0, rich)
{
	return give_out(r, "vcard", "person", e);
}

OOM(export_vcard_folder, OOM_PARTS, rich)
{
	struct export_report report = {0};
	struct id *ids = NULL;
	size_t n;
	bool ok = export_all(r->s, "person", false, &ids, &n, e) &&
		  export_folder(r->s, check_join(oom_dir(), "cartes"), ids, n,
				&(struct export_options){.format = "vcard", .replace = true}, &report, e);

	free(ids);
	return ok;
}

OOM(export_gpx, 0, rich)
{
	return give_out(r, "gpx", "site", e);
}

OOM(export_csv, 0, rich)
{
	return give_out(r, "csv", "meeting", e);
}

OOM(export_jsonl, 0, rich)
{
	return give_out(r, "jsonl", NULL, e);
}

#define NOTES \
	"@Roux @[Jean Bonnet] -@Duval @Nouvelle Personne\nM. Bonnet demande un report.\n" \
	"! Report accepté jusqu'au 15 juin (7 pour 1 contre)\n> Roux rédiger l'avenant 30 nov\n> moi poser deux " \
	"panneaux\n" \
	"? qui paie la clôture #financement ^Bergerie du Haut\n"

static bool noted(struct oom_run *r, struct err *e)
{
	struct id id = {{0}};
	struct want w[] = {want_line("subject", "Estive"), want_line("start", "2026-11-20T10:00")};

	return meeting_save(r->s, &id, NOTES, w, 2, NULL, NULL, e);
}

OOM(meeting_new, 0, NULL)
{
	return noted(r, e);
}

static bool meeting(struct oom_run *r, struct id *id, struct err *e)
{
	return store_resolve(r->s, "estive", "meeting", id, e);
}

OOM(meeting_text, 0, noted)
{
	struct buf text = BUF_INIT;
	struct record m;
	struct id id;
	bool ok;

	record_init(&m);
	ok = meeting(r, &id, e) && store_get(r->s, &id, &m, e) && meeting_text(r->s, &m, &text, e);
	if (ok)
		oom_say(r, "%s", buf_str(&text));
	buf_done(&text);
	record_done(&m);
	return ok;
}

OOM(meeting_again, 0, noted)
{
	struct id id;
	struct want w = want_line("place", "École");

	if (!meeting(r, &id, e))
		return false;
	return meeting_save(r->s, &id,
			    "@Roux @Bonnet Julie\n! Report refusé (1/7)\n> Roux rédiger l'avenant 5 déc\n! Une autre\n",
			    &w, 1, NULL, NULL, e);
}

OOM(minutes_read, 0, NULL)
{
	struct minutes m;

	if (!meeting_read(r->s, NOTES, &m, e))
		return false;
	for (size_t i = 0; i < m.n; i++)
		oom_say(r, "%d %zu %s %s %zu %d %d", m.items[i].type, m.items[i].line, m.items[i].text,
			m.items[i].owner, m.items[i].fits, m.items[i].has_due, m.items[i].vote_for);
	minutes_done(&m);
	return true;
}

OOM(quick, 0, NULL)
{
	struct minutes_names known = {0};
	struct quick q;
	struct moment now;
	struct id id;
	bool ok;

	fixture_now(NULL, &now);
	if (!store_names(r->s, "person", &known.people, &known.npeople, e) ||
	    !store_names(r->s, "site", &known.sites, &known.nsites, e) ||
	    !quick_read("appeler la bergerie ven 10h @roux #pastoralisme ^Bergerie du Haut", NULL, &known, &now, &q, e))
		return false;
	oom_say(r, "%s %s %d %zu", q.kind, q.text, q.has_when, q.items.n);
	ok = quick_save(r->s, &q, NULL, NULL, &id, e);
	quick_done(&q);
	return ok;
}

OOM(export_minutes_md, 0, noted)
{
	return give_out(r, "md", "meeting", e);
}

OOM(export_minutes_txt, 0, noted)
{
	return give_out(r, "txt", "meeting", e);
}

OOM(export_minutes_html, 0, noted)
{
	return give_out(r, "html", "meeting", e);
}

/* Another device's edit of what was edited here too. */
OOM(merge, 0, noted)
{
	static const struct id claire = {{0xc1}};
	struct want there[] = {want_line("place", "Salle"),
			       want_text("notes", "Le berger est venu.\nIl pleut."),
			       {.key = "tags", .text = "eau\nneige", .is_set = true}};
	struct record rec;
	struct change c;
	struct id id;
	enum take how;
	bool ok;

	record_init(&rec);
	change_init(&c);
	ok = meeting(r, &id, e) && store_get(r->s, &id, &rec, e) && change_make(&rec, there, 3, &c, e);
	c.stamp = (struct stamp){claire, 1};
	c.clock = (struct clock){(uint64_t)1795454940000 << 16, 60};
	ok = ok && record_apply(&rec, &c, e) && store_preview(r->s, &rec, &how, e) && store_take(r->s, &rec, &how, e);
	change_done(&c);
	record_done(&rec);
	if (ok)
		oom_say(r, "%d", how);
	return ok;
}
