/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fixture.h"

#include <string.h>

#include "arpent/cbor.h"

void fixture_now(void *ctx, struct moment *out)
{
	(void)ctx;
	*out = (struct moment){
	    .date = {2026, 11, 23}, .has_time = true, .hour = 18, .minute = 30, .has_offset = true, .offset = 60};
}

#define FIXTURE_FIELDS 6

/* A value "@name" is a reference to the record of that name here. */
static const struct {
	const char *name, *kind;
	const char *fields[FIXTURE_FIELDS][2];
} fixture[] = {
    {"roux", "person", {{"name", "Anne Roux"}, {"function", "maire"}, {"phone", "+33 4 92 00 00 01"}}},
    {"bonnet", "person", {{"name", "Jean Bonnet"}, {"function", "éleveur"}, {"tags", "pastoralisme"}}},
    {"julie", "person", {{"name", "Julie Bonnet"}, {"function", "chambre d'agriculture"}}},
    {"dupuis", "person", {{"name", "Claire Dupuis"}, {"function", "CC Trois-Vals"}}},
    {"duval", "person", {{"name", "Marc Duval"}, {"function", "ONF"}}},
    {"haut", "site", {{"name", "Bergerie du Haut"}, {"commune", "Saint-Étienne"}, {"point", "44.3012,6.7011"}}},
    {"gue", "site", {{"name", "Gué du Moulin"}, {"commune", "Saint-Étienne"}}},
    {"four", "site", {{"name", "Col du Four"}, {"commune", "Les Trois-Vals"}}},
    {"m12", "meeting", {{"subject", "Clôture de la bergerie"}, {"start", "2026-11-12T10:00"}, {"place", "Mairie"}}},
    {"m16",
     "meeting",
     {{"subject", "Convention de pâturage"},
      {"start", "2026-11-16T14:00"},
      {"end", "2026-11-16T15:30"},
      {"place", "Mairie de Saint-Étienne"},
      {"site", "@haut"}}},
    {"m21", "meeting", {{"subject", "Bilan d'estive"}, {"start", "2026-10-21T09:00"}}},
    {"m02", "meeting", {{"subject", "Eau, cabane du Four"}, {"start", "2026-10-02T18:00"}, {"site", "@four"}}},
    {"m18", "meeting", {{"subject", "Chiens de protection"}, {"start", "2026-09-18"}}},
    {"m23", "meeting", {{"subject", "Comité syndical, salle du conseil"}, {"start", "2026-11-23T20:30"}}},
    {"m24", "meeting", {{"subject", "Visite bergerie du Haut"}, {"start", "2026-11-24T14:00"}, {"site", "@haut"}}},
    {"", "attendance", {{"meeting", "@m16"}, {"person", "@roux"}, {"status", "present"}}},
    {"", "attendance", {{"meeting", "@m16"}, {"person", "@bonnet"}, {"status", "present"}}},
    {"", "attendance", {{"meeting", "@m16"}, {"person", "@duval"}, {"status", "excused"}}},
    {"",
     "decision",
     {{"wording", "Report accepté jusqu'au 15 juin"}, {"meeting", "@m16"}, {"vote", "7/1"}, {"state", "open"}}},
    {"", "decision", {{"wording", "Chemin n° 7 ouvert aux troupeaux"}, {"meeting", "@m16"}, {"state", "open"}}},
    {"rappel",
     "task",
     {{"wording", "Rappeler M. Bonnet, clôture de la bergerie"},
      {"due", "2026-11-18"},
      {"owner", "@bonnet"},
      {"state", "open"},
      {"source", "@m12"}}},
    {"",
     "task",
     {{"wording", "Envoyer le compte rendu au syndicat"},
      {"due", "2026-11-20"},
      {"state", "open"},
      {"source", "@m16"}}},
    {"", "task", {{"wording", "Relire la convention de pâturage"}, {"due", "2026-11-23"}, {"state", "open"}}},
    {"", "task", {{"wording", "Commander les panneaux"}, {"due", "2026-11-02"}, {"state", "done"}}},
    {"", "observation", {{"subject", "Passage cassé"}, {"date", "2026-11-22T16:20"}, {"site", "@gue"}}},
    {"",
     "observation",
     {{"subject", "Traces de loup"}, {"date", "2026-11-21"}, {"site", "@four"}, {"observer", "Marc Duval"}}},
    {"", "note", {{"text", "Demander à Claire la carte des parcelles"}, {"date", "2026-11-22T08:10"}}},
};

#define FIXTURE_COUNT (sizeof fixture / sizeof *fixture)

static bool fixture_ref(const struct id *ids, const char *name, char out[ID_TEXT + 1])
{
	for (size_t i = 0; i < FIXTURE_COUNT; i++) {
		if (strcmp(fixture[i].name, name) == 0) {
			id_text(&ids[i], out);
			return true;
		}
	}
	return false;
}

/* Another device's edit of a meeting, made without having seen the last one here. */
static bool fixture_beside(struct store *s, const struct id *meeting, struct err *e)
{
	static const struct id claire = {{0xc1}};
	struct want here[] = {want_line("place", "École"), want_text("notes", "Le berger est venu.\nIl neige.")};
	struct want there[] = {want_line("place", "Salle du conseil"),
			       want_text("notes", "Le berger est venu.\nIl pleut.")};
	struct record r;
	struct change c;
	struct buf peer = BUF_INIT;
	enum take how;

	record_init(&r);
	change_init(&c);
	bool ok = store_get(s, meeting, &r, e) && change_make(&r, there, 2, &c, e);
	c.stamp = (struct stamp){claire, 1};
	c.clock = (struct clock){(uint64_t)1795454940000 << 16, 60};
	cbor_w_array(&peer, 2);
	cbor_w_uint(&peer, 1);
	cbor_w_text(&peer, "Claire", 6);
	ok = ok && record_apply(&r, &c, e) && store_edit(s, meeting, here, 2, e) && store_take(s, &r, &how, e) &&
	     store_meta_set(s, "peer/c1000000000000000000000000000000", peer.p, peer.len, e);
	buf_done(&peer);
	change_done(&c);
	record_done(&r);
	return ok;
}

bool fixture_two(struct store *s, struct err *e)
{
	struct want w[] = {want_line("subject", "Estive"), want_line("start", "2026-11-20T10:00"),
			   want_line("place", "Mairie")};
	struct id id;

	return store_new(s, "meeting", w, 3, &id, e) && fixture_beside(s, &id, e);
}

bool fixture_fill(struct store *s, struct err *e)
{
	struct id ids[FIXTURE_COUNT];

	for (size_t i = 0; i < FIXTURE_COUNT; i++) {
		struct want w[FIXTURE_FIELDS];
		char refs[FIXTURE_FIELDS][ID_TEXT + 1];
		const struct kind *k = kind_find(fixture[i].kind);
		size_t n = 0;
		for (; n < FIXTURE_FIELDS && fixture[i].fields[n][0]; n++) {
			const char *key = fixture[i].fields[n][0], *text = fixture[i].fields[n][1];
			const struct field *f = kind_field(k, key);
			if (!f)
				return err_set(e, ERR_INTERNAL, "fixture_fill", "%s", key);
			if (*text == '@' && !fixture_ref(ids, text + 1, refs[n]))
				return err_set(e, ERR_INTERNAL, "fixture_fill", "%s", text);
			w[n] = (struct want){.key = key,
					     .text = *text == '@' ? refs[n] : text,
					     .is_set = (f->flags & FIELD_SET) != 0,
					     .is_text = f->type == FIELD_TEXT};
		}
		if (!store_new(s, fixture[i].kind, w, n, &ids[i], e))
			return false;
	}
	return true;
}
