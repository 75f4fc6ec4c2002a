/* SPDX-License-Identifier: GPL-3.0-or-later */
/* gen FILE N: a notebook of N invented French records, made in one step, with the passphrase "essai". */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "arpent/store.h"
#include "arpent/vfs.h"

#define GEN_PEOPLE 2000
#define GEN_SITES 500
#define GEN_MEETINGS 1000

struct gen {
	struct store *s;
	uint64_t random;
	struct id people[GEN_PEOPLE], sites[GEN_SITES], meetings[GEN_MEETINGS];
	size_t npeople, nsites, nmeetings;
	long n, texts; /* asked for; with a text so far */
};

static const char *const given[] = {"Jean",  "Anne",   "Paul",     "Claire", "Marc", "Lucie",    "Hélène", "Édith",
				    "Louis", "Noémie", "François", "Zoé",    "Gaël", "Mireille", "Théo",   "Joëlle"};
static const char *const family[] = {"Bonnet",  "Roux",    "Marty", "Pons",    "Vidal",   "Cœur",
				     "Lefèvre", "Garnier", "Faure", "Blanc",   "Chabrol", "Rouvière",
				     "Astruc",  "Delmas",  "Pagès", "Teissier"};
static const char *const place[] = {"Lac", "Col", "Bois", "Combe", "Estive", "Mas", "Plateau", "Ravin"};
static const char *const name[] = {"Bouillouses", "Aubrac", "Cabanes", "Fontaine",
				   "Loups",       "Genêts", "Église",  "Pic Noir"};
static const char *const commune[] = {"Florac",   "Meyrueis", "Barre",     "Vialas",
				      "Génolhac", "Le Vigan", "Nasbinals", "Mende"};
static const char *const words[] = {
    "réunion",   "pastoralisme", "loup",    "berger",   "troupeau", "prédation", "estive",   "clôture",   "mairie",
    "chasse",    "forêt",        "sentier", "rivière",  "captage",  "zone",      "cœur",     "parc",      "convention",
    "décision",  "financement",  "dossier", "avis",     "habitat",  "espèce",    "comptage", "suivi",     "éleveur",
    "chevreuil", "tourisme",     "bivouac", "charte",   "comité",   "bureau",    "vote",     "report",    "échéance",
    "travaux",   "autorisation", "demande", "courrier", "accord",   "refus",     "visite",   "terrain",   "constat",
    "dégât",     "indemnité",    "chien",   "patou",    "gypaète",  "vautour",   "desman",   "tourbière", "pelouse"};

#define LEN(a) (sizeof(a) / sizeof *(a))
#define PICK(g, a) ((a)[gen_random(g) % LEN(a)])

static uint64_t gen_random(struct gen *g)
{
	uint64_t z = g->random += 0x9E3779B97F4A7C15u;

	z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
	z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
	return z ^ (z >> 31);
}

/* In so many records of a notebook of any size is the word "chouette": what a search finds is as much everywhere. */
#define GEN_OWLS 40

/* Common words more often than rare ones, as in a language; now and then one that few records have. */
static void gen_text(struct gen *g, struct buf *out, size_t bytes)
{
	while (out->len < bytes) {
		uint64_t a = gen_random(g) % LEN(words), b = gen_random(g) % LEN(words);
		if (gen_random(g) % 50 == 0)
			buf_printf(out, "lieudit%u ", (unsigned)(gen_random(g) % 5000));
		buf_printf(out, "%s%s", words[a < b ? a : b], gen_random(g) % 9 ? " " : ".\n");
	}
}

static void gen_day(struct gen *g, char out[24])
{
	snprintf(out, 24, "20%02u-%02u-%02uT%02u:00", (unsigned)(16 + gen_random(g) % 11),
		 (unsigned)(1 + gen_random(g) % 12), (unsigned)(1 + gen_random(g) % 28),
		 (unsigned)(8 + gen_random(g) % 10));
}

static bool gen_add(struct gen *g, const char *kind, const struct want *w, size_t n, struct id *pool, size_t *have,
		    size_t max, struct err *e)
{
	struct id id;

	if (!store_new(g->s, kind, w, n, &id, e))
		return false;
	if (pool)
		pool[*have < max ? (*have)++ : gen_random(g) % max] = id;
	return true;
}

static void gen_ref(struct gen *g, const struct id *pool, size_t n, char out[ID_TEXT + 1])
{
	out[0] = '\0';
	if (n > 0)
		id_text(&pool[gen_random(g) % n], out);
}

static void gen_point(struct gen *g, char out[48])
{
	snprintf(out, 48, "44.%04u,3.%04u", (unsigned)(gen_random(g) % 9999), (unsigned)(gen_random(g) % 9999));
}

static bool gen_person(struct gen *g, struct err *e)
{
	char title[96];

	snprintf(title, sizeof title, "%s %s", PICK(g, given), PICK(g, family));
	const struct want w[] = {{.key = "name", .text = title}, {.key = "function", .text = PICK(g, words)}};
	return gen_add(g, "person", w, LEN(w), g->people, &g->npeople, GEN_PEOPLE, e);
}

static bool gen_site(struct gen *g, struct err *e)
{
	char title[96], point[48];

	gen_point(g, point);
	snprintf(title, sizeof title, "%s des %s", PICK(g, place), PICK(g, name));
	const struct want w[] = {{.key = "name", .text = title},
				 {.key = "commune", .text = PICK(g, commune)},
				 {.key = "point", .text = point}};
	return gen_add(g, "site", w, LEN(w), g->sites, &g->nsites, GEN_SITES, e);
}

static bool gen_meeting(struct gen *g, const char *day, const char *text, struct err *e)
{
	char title[96], site[ID_TEXT + 1];

	gen_ref(g, g->sites, g->nsites, site);
	snprintf(title, sizeof title, "%s %s", PICK(g, words), PICK(g, words));
	const struct want w[] = {{.key = "subject", .text = title},
				 {.key = "start", .text = day},
				 {.key = "site", .text = site},
				 {.key = "notes", .text = text, .is_text = true}};
	return gen_add(g, "meeting", w, LEN(w), g->meetings, &g->nmeetings, GEN_MEETINGS, e);
}

static bool gen_task(struct gen *g, const char *day, struct err *e)
{
	char title[96], who[ID_TEXT + 1], source[ID_TEXT + 1];

	gen_ref(g, g->people, g->npeople, who);
	gen_ref(g, g->meetings, g->nmeetings, source);
	snprintf(title, sizeof title, "%s la %s du %s", PICK(g, words), PICK(g, words), PICK(g, words));
	const struct want w[] = {{.key = "wording", .text = title},
				 {.key = "due", .text = day},
				 {.key = "owner", .text = who},
				 {.key = "state", .text = gen_random(g) % 9 ? "done" : "open"},
				 {.key = "source", .text = source}};
	return gen_add(g, "task", w, LEN(w), NULL, NULL, 0, e);
}

static bool gen_note(struct gen *g, const char *day, const char *text, struct err *e)
{
	const struct want w[] = {{.key = "text", .text = text, .is_text = true}, {.key = "date", .text = day}};

	return gen_add(g, "note", w, LEN(w), NULL, NULL, 0, e);
}

static bool gen_observation(struct gen *g, const char *day, const char *text, struct err *e)
{
	char site[ID_TEXT + 1], point[48];

	gen_ref(g, g->sites, g->nsites, site);
	gen_point(g, point);
	const struct want w[] = {{.key = "subject", .text = PICK(g, words)},
				 {.key = "date", .text = day},
				 {.key = "site", .text = site},
				 {.key = "point", .text = point},
				 {.key = "comment", .text = text, .is_text = true}};
	return gen_add(g, "observation", w, LEN(w), NULL, NULL, 0, e);
}

static bool gen_record(struct gen *g, struct err *e)
{
	unsigned which = (unsigned)(gen_random(g) % 100);
	struct buf text = BUF_INIT;
	char day[24];
	bool ok;

	gen_day(g, day);
	if (which >= 13 && which < 28 && g->texts++ % (g->n * 15 / 100 / GEN_OWLS + 1) == 0)
		buf_str_add(&text, "chouette ");
	gen_text(g, &text, which < 28 ? 900 : which < 75 ? 600 : 200);
	if (which < 10)
		ok = gen_person(g, e);
	else if (which < 13)
		ok = gen_site(g, e);
	else if (which < 28)
		ok = gen_meeting(g, day, buf_str(&text), e);
	else if (which < 50)
		ok = gen_task(g, day, e);
	else if (which < 75)
		ok = gen_note(g, day, buf_str(&text), e);
	else
		ok = gen_observation(g, day, buf_str(&text), e);
	buf_done(&text);
	return ok;
}

static double gen_seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
	static struct gen g;
	struct secret pass = SECRET_INIT, recovery = SECRET_INIT;
	struct vault_key key = {.passphrase = &pass};
	struct err e = ERR_INIT;
	long n = argc == 3 ? strtol(argv[2], NULL, 10) : 0;
	double start;
	bool ok;

	if (n <= 0) {
		fprintf(stderr, "usage: gen FILE N\n");
		return 2;
	}
	ok = vfs_start(VFS_CACHE, &e) && secret_set(&pass, "essai", 5, &e) &&
	     store_create(argv[1], &key, &VAULT_COST_TEST, "fr", &g.s, &recovery, &e);
	start = gen_seconds();
	g.n = n;
	ok = ok && store_step_begin(g.s, "Made up", &e);
	for (long i = 0; ok && i < n; i++)
		ok = gen_record(&g, &e);
	ok = ok && store_step_end(g.s, &e);
	if (ok)
		printf("%ld records in %.2f s, one step\n", n, gen_seconds() - start);
	else
		fprintf(stderr, "gen: %s: %s %s\n", err_name(e.code), e.where, e.detail);
	store_close(g.s);
	secret_free(&pass);
	secret_free(&recovery);
	return ok ? 0 : 1;
}
