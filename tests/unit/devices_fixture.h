/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Devices of one person that meet on a folder, for the tests of sync. */
#ifndef ARPENT_DEVICES_FIXTURE_H
#define ARPENT_DEVICES_FIXTURE_H

#include <fcntl.h>
#include <sys/stat.h>

#include "arpent/devices.h"
#include "arpent/io.h"
#include "arpent/journal.h"
#include "sync_fixture.h"

#define MAX 8

static int64_t now_ms = 1795000000000;
static struct store *of[MAX];
static const char *const files[MAX] = {"d0", "d1", "d2", "d3", "d4", "d5", "d6", "d7"};
static struct exchange_report report;
static struct remote folder;

static inline void clock_now(void *ctx, struct moment *out)
{
	(void)ctx;
	now_ms += 1000;
	moment_from_unix(now_ms, 60, out);
}

static inline void fresh_folder(void)
{
	static int turn;
	char name[32];

	snprintf(name, sizeof name, "folder%d", turn++);
	mkdir(check_path(name), 0700);
	remote_close(&folder);
	struct err e = ERR_INIT;
	CHECK_OK(remote_open(check_path(name), NULL, &folder, &e), &e);
}

/* `n` devices of Camille's, each admitted by the first and joined; none has synchronised. */
static inline void start(size_t n)
{
	struct err e = ERR_INIT;

	for (size_t i = 0; i < MAX; i++) {
		store_close(of[i]);
		of[i] = NULL;
	}
	fresh_folder();
	for (size_t i = 0; i < n; i++) {
		of[i] = sync_notebook(files[i], "Camille");
		store_set_clock(of[i], clock_now, NULL);
	}
	for (size_t i = 1; i < n; i++) {
		const struct identity who = sync_who(of[i]);
		struct buf file = BUF_INIT;
		struct invitation in;
		CHECK_OK(devices_add(of[0], &who, i == 1 ? "portable" : "", &file, &e), &e);
		if (CHECK_OK(devices_invitation(of[i], file.p, file.len, &in, &e), &e)) {
			const struct identity first = sync_who(of[0]);
			CHECK(identity_same(&in.from, &first));
			CHECK_OK(devices_join(of[i], &in, &e), &e);
		}
		invitation_done(&in);
		buf_done(&file);
	}
}

static inline void sync_one(size_t i)
{
	struct err e = ERR_INIT;

	folder.requests = folder.up = folder.down = 0;
	CHECK_OK(devices_sync(of[i], "folder", &folder, NULL, &report, &e), &e);
}

static inline void all_same(size_t n)
{
	uint8_t want[32], got[32];

	sync_sum(of[0], want);
	for (size_t i = 1; i < n; i++) {
		sync_sum(of[i], got);
		CHECK_MEM(got, 32, want, 32);
	}
}

static inline struct id note(struct store *s, const char *text)
{
	const struct want w = want_text("text", text);

	return sync_record(s, "note", &w, 1);
}

#endif
