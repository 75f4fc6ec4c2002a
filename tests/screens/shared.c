/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "shared.h"

#include <string.h>

#include "arpent/devices.h"
#include "arpent/identity.h"
#include "arpent/journal.h"
#include "fixture.h"
#include "sync/past.h"

static bool shared_pair(struct store *s, struct store *two, struct err *e)
{
	struct identity_self self = {0};
	struct invitation in = {.known = false};
	struct buf file = BUF_INIT;
	bool ok = identity_set_name(s, "Camille Serre", e) && identity_set_name(two, "Camille Serre", e) &&
		  identity_self(two, &self, e) && devices_add(s, &self.who, "portable", &file, e) &&
		  devices_invitation(two, file.p, file.len, &in, e) && devices_join(two, &in, e);

	invitation_done(&in);
	identity_self_done(&self);
	buf_done(&file);
	return ok;
}

/* Cards of colleagues whose keys nobody has. */
static bool shared_peer(struct store *s, const char *name, unsigned char seed, bool verified, struct err *e)
{
	struct identity who = {.name = ""};
	bool added;

	memcpy(who.name, name, strlen(name) + 1);
	memset(who.sign, seed, sizeof who.sign);
	memset(who.box, seed + 1, sizeof who.box);
	identity_device(who.sign, &who.device);
	return peer_add(s, &who, PEER_ADD, &added, e) && (!verified || peer_verify(s, &who.device, e));
}

static bool shared_sync(struct store *s, const char *folder, struct err *e)
{
	struct exchange_report report;
	char used[REMOTE_LABEL_MAX + 1];
	struct remote at;
	bool ok = devices_remote_open(s, NULL, used, &at, e) && devices_sync(s, used, &at, NULL, &report, e);

	(void)folder;
	remote_close(&at);
	return ok;
}

static bool shared_place(struct store *s, const char *meeting, const char *place, struct err *e)
{
	const struct want w = want_line("place", place);
	struct id id;

	return store_resolve(s, meeting, "meeting", &id, e) && store_edit(s, &id, &w, 1, e);
}

/* As if the last round had found it. */
static bool shared_amiss(struct store *s, const struct store *two, struct err *e)
{
	struct exchange_report r = {.nfindings = 1};
	int64_t last;

	r.findings[0] = (struct finding){.kind = FINDING_WITHHELD, .stream = *store_device(two), .n = 3};
	return journal_last(s, &last, e) && past_write(s, "cle-usb", last, &r, true, e);
}

static bool shared_write(struct store *s, struct store *two, const char *folder, struct err *e)
{
	const struct want seen[] = {want_line("subject", "Traces de loup"), want_line("date", "2026-11-23T07:40")};
	const struct want task[] = {want_line("wording", "Rédiger l'avenant"), want_line("due", "2026-11-30"),
				    want_line("state", "open")};
	struct id id;

	return shared_sync(s, folder, e) && shared_sync(two, folder, e) && shared_sync(s, folder, e) &&
	       shared_place(two, "Clôture de la bergerie", "Salle du conseil", e) &&
	       store_new(two, "observation", seen, 2, &id, e) && shared_sync(two, folder, e) &&
	       shared_place(s, "Clôture de la bergerie", "École", e) && store_new(s, "task", task, 3, &id, e) &&
	       shared_amiss(s, two, e);
}

bool shared_fill(struct store *s, const char *folder, const char *other, struct err *e)
{
	struct secret pass = SECRET_INIT, words = SECRET_INIT;
	struct store *two = NULL;
	bool ok = secret_set(&pass, "sapin", 5, e) && store_create(other, &(struct vault_key){.passphrase = &pass},
								   &VAULT_COST_TEST, "fr", &two, &words, e);

	if (ok) {
		store_set_clock(two, fixture_now, NULL);
		ok = shared_pair(s, two, e) && devices_remote_add(s, "cle-usb", folder, NULL, e) &&
		     devices_remote_add(two, "cle-usb", folder, NULL, e) && shared_write(s, two, folder, e) &&
		     shared_peer(s, "Claire Dupuis", 1, true, e) && shared_peer(s, "Marc Duval", 5, false, e);
	}
	store_close(two);
	secret_free(&pass);
	secret_free(&words);
	return ok;
}
