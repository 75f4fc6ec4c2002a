/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/db.h"
#include "arpent/vfs.h"

bool store_backup(struct store *s, const char *to, struct err *e)
{
	if (s->step.open)
		return err_set(e, ERR_INTERNAL, __func__, "a step is open");
	return vfs_backup(s->vault, s->db, to, e);
}
