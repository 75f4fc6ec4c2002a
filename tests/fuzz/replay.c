/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The kept inputs of a fuzz target, each run once: main for the targets where libFuzzer is not linked.  What is looked
 * for is a crash or a sanitizer's report.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arpent/io.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int replay_file(const char *name, const char *path)
{
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;
	int failed = 0;

	if (io_read_file(path, 64u << 20, &b, &e)) {
		LLVMFuzzerTestOneInput((const uint8_t *)buf_str(&b), b.len);
	} else {
		printf("not ok %s: cannot read %s\n", name, path);
		failed = 1;
	}
	buf_done(&b);
	return failed;
}

int main(int argc, char **argv)
{
	const char *src = getenv("SRCDIR"), *slash = strrchr(argv[0], '/');
	const char *name = slash ? slash + 1 : argv[0];
	char dir[512], path[1024];
	int n = 0, failed = 0;

	(void)argc;
	snprintf(dir, sizeof dir, "%s/tests/fuzz/corpus/%s", src ? src : ".", name + strlen("fuzz_"));
	DIR *d = opendir(dir);
	for (struct dirent *de; d && (de = readdir(d));) {
		if (de->d_name[0] == '.')
			continue;
		snprintf(path, sizeof path, "%s/%s", dir, de->d_name);
		failed += replay_file(name, path);
		n++;
	}
	if (d)
		closedir(d);
	if (n == 0)
		printf("not ok %s: no inputs in %s\n", name, dir);
	else if (failed == 0)
		printf("ok %s: %d kept inputs\n", name, n);
	return n == 0 || failed > 0;
}
