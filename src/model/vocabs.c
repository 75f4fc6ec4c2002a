/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Vocabularies.  Codes are kept and never renamed; SINP's are those of its standard "Occurrences de taxons" 2.0.
 */
#include "arpent/i18n.h"
#include "kinds.h"

#define LEN(a) (sizeof(a) / sizeof *(a))

static const struct term share[] = {
    {"personal", N_("personal")}, {"team", N_("team")}, {"partner", N_("partners")}, {"public", N_("public")}};
static const struct term language[] = {
    {"fr", N_("French")}, {"en", N_("English")},  {"oc", N_("Occitan")}, {"ca", N_("Catalan")}, {"eu", N_("Basque")},
    {"br", N_("Breton")}, {"co", N_("Corsican")}, {"de", N_("German")},  {"es", N_("Spanish")}, {"it", N_("Italian")}};
static const struct term consent[] = {
    {"yes", N_("given")}, {"no", N_("refused")}, {"asked", N_("asked for")}, {"public", N_("public role")}};
/* GDPR, article 6(1). */
static const struct term ground[] = {{"public", N_("public task")},    {"legal", N_("legal obligation")},
				     {"contract", N_("contract")},     {"interest", N_("legitimate interest")},
				     {"consent", N_("their consent")}, {"vital", N_("vital interests")}};
static const struct term organisation[] = {
    {"state", N_("state service")}, {"local", N_("local authority")},     {"chamber", N_("chamber")},
    {"farming", N_("farming")},     {"forestry", N_("forestry")},         {"hunting", N_("hunting")},
    {"fishing", N_("fishing")},     {"tourism", N_("tourism and sport")}, {"association", N_("association")},
    {"owner", N_("landowner")},     {"business", N_("business")},         {"science", N_("science")},
    {"resident", N_("residents")}};
static const struct term protection[] = {{"park_core", N_("national park core")},
					 {"park_area", N_("national park membership area")},
					 {"regional_park", N_("regional nature park")},
					 {"reserve", N_("nature reserve")},
					 {"natura2000_b", N_("Natura 2000, birds")},
					 {"natura2000_h", N_("Natura 2000, habitats")},
					 {"znieff1", N_("ZNIEFF type 1")},
					 {"znieff2", N_("ZNIEFF type 2")},
					 {"biotope", N_("biotope protection order")},
					 {"listed", N_("listed site")},
					 {"registered", N_("registered site")},
					 {"wetland", N_("wetland")}};
static const struct term meeting[] = {{"interview", N_("interview")},   {"working_group", N_("working group")},
				      {"committee", N_("committee")},   {"conference", N_("conference")},
				      {"public", N_("public meeting")}, {"visit", N_("field visit")},
				      {"call", N_("phone call")},       {"training", N_("training")}};
static const struct term attendance[] = {{"present", N_("present")},
					 {"excused", N_("excused")},
					 {"absent", N_("absent")},
					 {"represented", N_("represented")}};
static const struct term decision[] = {
    {"open", N_("in force")}, {"done", N_("carried out")}, {"dropped", N_("dropped")}, {"replaced", N_("replaced")}};
static const struct term task[] = {
    {"open", N_("to do")}, {"waiting", N_("waiting")}, {"done", N_("done")}, {"dropped", N_("dropped")}};
static const struct term severity[] = {
    {"1", N_("slight")}, {"2", N_("moderate")}, {"3", N_("serious")}, {"4", N_("critical")}};
static const struct term statut_obs[] = {{"Pr", N_("present")}, {"No", N_("not seen")}, {"NSP", N_("not known")}};
static const struct term statut_source[] = {
    {"Te", N_("field")}, {"Co", N_("collection")}, {"Li", N_("literature")}, {"NSP", N_("not known")}};
static const struct term obj_denbr[] = {
    {"IND", N_("individuals")}, {"CPL", N_("pairs")},          {"COL", N_("colonies")},        {"NID", N_("nests")},
    {"PON", N_("clutches")},    {"SURF", N_("square metres")}, {"HAM", N_("flowering stems")}, {"TIGE", N_("stems")},
    {"TOUF", N_("tufts")},      {"NSP", N_("not known")}};
static const struct term typ_denbr[] = {
    {"Co", N_("counted")}, {"Es", N_("estimated")}, {"Ca", N_("computed")}, {"NSP", N_("not known")}};
static const struct term niv_precis[] = {{"0", N_("standard: grid, commune or protected area")},
					 {"1", N_("by commune")},
					 {"2", N_("by 10 km square")},
					 {"3", N_("by department")},
					 {"4", N_("not published")},
					 {"5", N_("as entered")}};
static const struct term sensibilite[] = {{"0", N_("not sensitive")},
					  {"1", N_("commune, 10 km square or department")},
					  {"2", N_("10 km square or department")},
					  {"3", N_("department only")},
					  {"4", N_("not published at all")}};

#define V(k, o) \
	{ \
		.key = #k, .terms = k, .n = LEN(k), .open = o \
	}

static const struct vocabulary vocabs[] = {
    V(share, false),      V(language, true),     V(consent, false),       V(ground, false),   V(organisation, true),
    V(protection, true),  V(meeting, true),      V(attendance, false),    V(decision, true),  V(task, true),
    V(severity, false),   V(statut_obs, false),  V(statut_source, false), V(obj_denbr, true), V(typ_denbr, false),
    V(niv_precis, false), V(sensibilite, false),
};

const struct vocabulary *const vocabs_table = vocabs;
const size_t vocabs_count = LEN(vocabs);
