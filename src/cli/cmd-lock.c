/* SPDX-License-Identifier: GPL-3.0-or-later */

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "arpent/i18n.h"
#include "arpent/io.h"
#include "cli.h"

enum { LOCK_FILE_MAX = 256, LOCK_WAIT_MS = 5000, LOCK_STEP_MS = 20 };

/* Is it open in another program?  The lock tells; NAME.lock alone may be left over. */
static bool lock_held(const char *path, bool *held, struct err *e)
{
	int fd = io_open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return errno == ENOENT ? err_set(e, ERR_NOT_FOUND, "notebook", "%s", path)
				       : err_sys(e, errno, "lock", "%s", path);
	*held = flock(fd, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
	close(fd);
	return true;
}

/* What NAME.lock says may be of old, and the number another program's by now: the kernel knows who has the lock.  Only
 * the inode is compared, since some file systems show another device here. */
static bool lock_confirmed(const char *path, long pid)
{
	FILE *f = fopen("/proc/locks", "re");
	unsigned long inode;
	bool found = f == NULL;
	struct stat st;
	char line[256];
	long holder;

	while (!found && stat(path, &st) == 0 && fgets(line, sizeof line, f))
		found = sscanf(line, "%*d: FLOCK %*s %*s %ld %*x:%*x:%lu", &holder, &inode) == 2 && holder == pid &&
			inode == (unsigned long)st.st_ino;
	if (f)
		fclose(f);
	return found;
}

static bool lock_holder(const char *path, long *pid, struct err *e)
{
	char name[PATH_MAX], host[65] = "", here[65] = "";
	struct buf who = BUF_INIT;
	struct err none = ERR_INIT;

	gethostname(here, sizeof here - 1);
	snprintf(name, sizeof name, "%s.lock", path);
	bool ok = io_read_regular(name, LOCK_FILE_MAX, &who, &none) &&
		  sscanf(buf_str(&who), "%ld %64s", pid, host) == 2 && *pid > 1;
	buf_done(&who);
	if (!ok || strcmp(host, here) != 0 || !lock_confirmed(path, *pid))
		return err_set(e, ERR_BUSY, "lock", "%s", host[0] ? host : "?");
	return true;
}

/* Closing takes as long as what it is doing just now, and its drafts. */
static bool lock_wait(const char *path, bool *held, struct err *e)
{
	const struct timespec step = {0, LOCK_STEP_MS * 1000000L};

	for (int ms = 0; ms < LOCK_WAIT_MS; ms += LOCK_STEP_MS) {
		if (!lock_held(path, held, e))
			return false;
		if (!*held)
			return true;
		nanosleep(&step, NULL);
	}
	return true;
}

static int lock_run(struct cli *c, const struct args *a)
{
	struct err e = ERR_INIT;
	bool held = false;
	long pid = 0;

	(void)a;
	if (!lock_held(c->notebook, &held, &e))
		return cli_say(c, &e);
	if (!held) {
		puts(_("No program has the notebook open: it is locked."));
		return EXIT_OK;
	}
	if (!lock_holder(c->notebook, &pid, &e))
		return cli_say(c, &e);
	if (kill((pid_t)pid, SIGUSR1) != 0) {
		err_sys(&e, errno, "lock", "%ld", pid);
		return cli_say(c, &e);
	}
	if (!lock_wait(c->notebook, &held, &e))
		return cli_say(c, &e);
	if (held) {
		fprintf(stderr, _("arpent: program %ld was asked to lock the notebook, and still has it open.\n"), pid);
		return EXIT_BUSY;
	}
	puts(_("The notebook is locked; what was being typed is kept as a draft."));
	return EXIT_OK;
}

const struct cli_command cmd_lock = {
    .name = "lock",
    .summary = N_("lock the notebook where it is open"),
    .detail = N_("For when you have left it open on another screen of this machine. Waits until it is closed, for five "
		 "seconds at most; what was being typed there is kept as a draft."),
    .run = lock_run,
};
