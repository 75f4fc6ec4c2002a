/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Words written in every field of every kind, in attached files, drafts, notes of the inbox, searches and the
 * passphrase, then looked for in every file that the program made: as typed, in lower case (as in the index), as UTF-16
 * and UTF-32, in hexadecimal and base64; in file names too.
 */
#include <ctype.h>
#include <sodium.h>

#include "pty.h"

#define PASS "Canari Turquoise 4711"
#define BUNDLE "Mésange Lilas 1337" /* the passphrase of a bundle */
#define WORD "Zibelinequartz"       /* in all that is not confidential */
#define PRIVATE "Loutreobsidienne"  /* in what is */
#define PHONE "+33499118273"        /* a number has no letters */
#define POINT "44.7391826,3.7182935"
#define DAY "2031-07-19"

static char notebook[256];
static char meeting[ID_TEXT + 1];
static size_t fields_written, files_read;

static const char *const all[] = {PASS, BUNDLE, WORD, PRIVATE, "499118273", "44.7391826", DAY};
static const char *const withheld[] = {PRIVATE, PASS, BUNDLE};

static const char *value_for(const struct field *f)
{
	switch (f->type) {
	case FIELD_PHONE:
		return PHONE;
	case FIELD_POINT:
		return POINT;
	case FIELD_SHAPE:
		return POINT " 44.7391826,3.7182936";
	case FIELD_DAY:
		return DAY;
	case FIELD_MOMENT:
		return DAY "T10:00";
	case FIELD_EMAIL:
		return WORD "@" WORD ".example";
	case FIELD_URL:
		return "https://" WORD ".example/" WORD;
	case FIELD_BOOL:
	case FIELD_INT:
	case FIELD_NUMBER:
	case FIELD_REF:
		return NULL;
	default:
		return f->vocab || strcmp(f->key, "share") == 0 ? NULL
		       : f->flags & FIELD_PRIVATE               ? PRIVATE " said between us"
								: WORD " of this field";
	}
}

static void fill_kind(struct store *s, const struct kind *k, struct id *out)
{
	struct want wants[64];
	struct err e = ERR_INIT;
	size_t n = 0;

	for (size_t i = 0; i < kind_fields(k) && n < 64; i++) {
		const struct field *f = kind_field_at(k, i);
		const char *value = value_for(f);
		if (!value || (f->flags & FIELD_HIDDEN))
			continue;
		wants[n++] = (struct want){.key = f->key,
					   .text = value,
					   .is_set = (f->flags & FIELD_SET) != 0,
					   .is_text = f->type == FIELD_TEXT};
	}
	CHECK_OK(store_new(s, k->key, wants, n, out, &e), &e);
	fields_written += n;
}

static const char *given(const char *name)
{
	static char path[512];
	struct err e = ERR_INIT;

	CHECK_OK(io_make_dirs(check_path("given"), &e), &e);
	snprintf(path, sizeof path, "%s/%s", check_path("given"), name);
	return path;
}

static void fill(struct store *s)
{
	struct err e = ERR_INIT;
	struct id id, file;
	struct buf b = BUF_INIT;

	for (size_t i = 0; i < kind_count(); i++) {
		fill_kind(s, kind_at(i), &id);
		if (strcmp(kind_at(i)->key, "meeting") == 0)
			id_text(&id, meeting);
	}
	for (int i = 0; i < 9000; i++)
		buf_printf(&b, "%s line %d\n", WORD, i);
	const char *path = given(WORD ".txt");
	CHECK_OK(io_write_file(path, b.p, b.len, true, &e), &e);
	CHECK_OK(store_file_add(s, &id, path, &file, &e), &e);
	buf_done(&b);
	CHECK_OK(store_draft_set(s, "quick", WORD " draft", WORD, strlen(WORD), &e), &e);
	CHECK_OK(store_meta_set(s, "identity/name", "Anne", 4, &e), &e);
	CHECK_OK(store_meta_set(s, "test/" WORD, WORD, strlen(WORD), &e), &e);
}

static void make_notebook(void)
{
	struct secret pass = SECRET_INIT, words = SECRET_INIT;
	struct store *s = NULL;
	struct err e = ERR_INIT;

	CHECK_OK(secret_start(&e), &e);
	snprintf(notebook, sizeof notebook, "%s", check_path("canary.arpent"));
	CHECK_OK(secret_set(&pass, PASS, strlen(PASS), &e), &e);
	REQUIRE(CHECK_OK(
	    store_create(notebook, &(struct vault_key){.passphrase = &pass}, &VAULT_COST_TEST, "en", &s, &words, &e),
	    &e));
	fill(s);
	store_close(s);
	secret_free(&pass);
	secret_free(&words);
	CHECK(fields_written > 80);
	printf("# %zu fields written\n", fields_written);
}

/* Looking. */

static bool is_at(const unsigned char *p, const char *text, size_t n, size_t stride)
{
	for (size_t i = 0; i < n; i++)
		if (tolower(p[i * stride]) != tolower((unsigned char)text[i]))
			return false;
	return true;
}

/* Without regard to case, each letter `stride` bytes after the one before. */
static bool found_plain(const char *p, size_t n, const char *text, size_t stride)
{
	size_t len = strlen(text);

	for (size_t at = 0; at + (len - 1) * stride < n; at++)
		if (((p[at] ^ text[0]) & ~0x20) == 0 && is_at((const unsigned char *)p + at, text, len, stride))
			return true;
	return false;
}

static bool found_base64(const char *p, size_t n, const char *text)
{
	size_t len = strlen(text);

	for (size_t skip = 0; skip < 3; skip++) {
		char padded[64] = "", coded[128];
		memcpy(padded + skip, text, len);
		sodium_bin2base64(coded, sizeof coded, (const unsigned char *)padded, skip + len,
				  sodium_base64_VARIANT_ORIGINAL_NO_PADDING);
		/* the first letters and the last mix with what is beside */
		coded[strlen(coded) - 2] = '\0';
		const char *stable = coded + (skip ? 4 : 0);
		if (memmem(p, n, stable, strlen(stable)))
			return true;
	}
	return false;
}

static const char *form_found(const char *p, size_t n, const char *text)
{
	char hex[160];

	sodium_bin2hex(hex, sizeof hex, (const unsigned char *)text, strlen(text));
	return found_plain(p, n, text, 1)   ? "as it is"
	       : found_plain(p, n, text, 2) ? "as UTF-16"
	       : found_plain(p, n, text, 4) ? "as UTF-32"
	       : found_plain(p, n, hex, 1)  ? "in hexadecimal"
	       : found_base64(p, n, text)   ? "in base64"
					    : NULL;
}

static const char *const *looked_for;
static size_t looked_for_count;
static const char *looked_when;

static int look_at(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;
	const char *under = path + strlen(check_dir());

	(void)ftw;
	if (strncmp(under, "/given", 6) == 0 || (strncmp(under, "/asked", 6) == 0 && looked_for == all))
		return 0;
	if (type == FTW_F && S_ISREG(st->st_mode)) {
		CHECK_OK(io_read_file(path, 1 << 26, &b, &e), &e);
		files_read++;
	}
	if (type == FTW_F && (st->st_mode & 077))
		CHECK_FAIL("%s: mode %o", under, (unsigned)st->st_mode & 07777);
	for (size_t i = 0; i < looked_for_count; i++) {
		const char *form = form_found(b.p ? b.p : "", b.len, looked_for[i]);
		if (form || found_plain(under, strlen(under), looked_for[i], 1))
			CHECK_FAIL("%s: \"%s\" is in %s, %s", looked_when, looked_for[i], under,
				   form ? form : "in its name");
	}
	buf_done(&b);
	return 0;
}

static void look(const char *when, const char *const *v, size_t n)
{
	looked_when = when;
	looked_for = v;
	looked_for_count = n;
	files_read = 0;
	nftw(check_dir(), look_at, 16, FTW_PHYS);
	CHECK(files_read > 0);
}

#define LOOK(when, v) look(when, v, sizeof v / sizeof *v)

static void look_at_process(pid_t pid)
{
	static const char *const names[] = {"cmdline", "environ", "comm"};
	char path[64];
	struct err e = ERR_INIT;

	for (size_t i = 0; i < 3; i++) {
		struct buf b = BUF_INIT;
		snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, names[i]);
		CHECK_OK(io_read_file(path, 1 << 20, &b, &e), &e);
		for (size_t k = 0; k < 5; k++)
			if (form_found(b.p ? b.p : "", b.len, all[k]))
				CHECK_FAIL("\"%s\" is in %s", all[k], path);
		buf_done(&b);
	}
}

/* Doing. */

static void app(struct pty *p, const char *pass)
{
	REQUIRE(pty_run(p, &(struct pty_how){.notebook = notebook,
					     .pass = pass,
					     .term = "xterm-256color",
					     .locale = "C.UTF-8",
					     .rows = 24,
					     .cols = 80,
					     .readable = true}));
}

static void at_work(struct pty *p)
{
	pty_after(p, "/zibelineq");
	pty_after(p, ESC);
	pty_after(p, "a" WORD " captured\r");
	pty_after(p, "n\r@" WORD " said " PRIVATE "\r! " WORD);
	pty_read(p, 1500); /* till the draft is kept */
}

/* arpent, with these options, and these lines as passphrases. */
static int arpent(const char *lines, const char *const *option)
{
	const char *program = getenv("ARPENT"), *argv[20] = {"arpent", "--notebook", notebook, "--passphrase-fd", "0"};
	int status = -1, in[2], out = open("/dev/null", O_WRONLY | O_CLOEXEC);
	size_t n = 5;

	while (*option && n < 19)
		argv[n++] = *option++;
	REQUIRE(CHECK(pipe(in) == 0));
	CHECK(write(in[1], lines, strlen(lines)) == (ssize_t)strlen(lines));
	close(in[1]);
	pid_t pid = fork();
	if (pid == 0) {
		setenv("HOME", check_dir(), 1);
		setenv("TMPDIR", check_dir(), 1);
		dup2(in[0], 0);
		dup2(out, 1);
		execv(program ? program : "arpent", (char **)argv);
		_exit(127);
	}
	close(in[0]);
	close(out);
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

#define ARPENT(lines, ...) CHECK_EQ_INT(arpent(lines, (const char *const[]){__VA_ARGS__, NULL}), 0)

TEST(it_is_found_where_it_is)
{
	char b64[64], wide[64] = "";

	sodium_bin2base64(b64, sizeof b64, (const unsigned char *)"xy" WORD "z", strlen(WORD) + 3, 1);
	for (size_t i = 0; i < strlen(WORD); i++)
		wide[2 * i + 1] = WORD[i];
	CHECK_STR(form_found("...zibelineQuartz", 17, WORD), "as it is");
	CHECK_STR(form_found(b64, strlen(b64), WORD), "in base64");
	CHECK_STR(form_found(wide, 2 * strlen(WORD), WORD), "as UTF-16");
	CHECK(!form_found("...zibelineQuart", 16, WORD));
}

TEST(the_file_the_log_and_the_inbox)
{
	struct pty p;
	char wal[300];
	struct stat st;

	make_notebook();
	LOOK("made", all);
	app(&p, NULL);
	pty_log(notebook, WORD " from elsewhere");
	LOOK("locked, a note in the inbox", all);
	pty_type(&p, PASS "\r");
	CHECK(pty_expect(&p, "Today"));
	at_work(&p);
	look_at_process(p.pid);
	snprintf(wal, sizeof wal, "%s-wal", notebook);
	CHECK(stat(wal, &st) == 0 && st.st_size > 4096);
	LOOK("open", all);
	kill(p.pid, SIGKILL);
	pty_read(&p, 1000);
	close(p.fd);
	p.fd = -1;
	pty_quit(&p);
	CHECK(stat(wal, &st) == 0 && st.st_size > 4096);
	LOOK("killed", all);
	app(&p, PASS);
	at_work(&p);
	kill(p.pid, SIGUSR1);
	CHECK(pty_expect(&p, "Passphrase:"));
	pty_read(&p, QUIET_MS);
	look_at_process(p.pid);
	LOOK("locked", all);
	CHECK_EQ_INT(pty_quit(&p), 0);
	LOOK("left", all);
}

TEST(nothing_of_it_stays_on_the_terminal)
{
	struct pty p;

	app(&p, PASS);
	pty_after(&p, "/zibelineq");
	pty_after(&p, ESC);
	buf_clear(&p.out);
	CHECK(write(p.fd, "\x11", 1) == 1);
	pty_read(&p, 1000);
	const char *left = strstr(buf_str(&p.out), ESC "[?1049l"), *wiped = strstr(buf_str(&p.out), ESC "[J");
	wiped = wiped ? wiped : strstr(buf_str(&p.out), ESC "[2J");
	CHECK(left && wiped && wiped < left);
	CHECK(!form_found(p.out.p, p.out.len, WORD));
	close(p.fd);
	p.fd = -1;
	CHECK_EQ_INT(pty_quit(&p), 0);
}

TEST(what_travels)
{
	struct err e = ERR_INIT;
	const char *copy = check_path("copy.arpent"), *sealed = check_path("sealed.arpb");
	char asked[5][300];
	static const char *const ends[] = {"jsonl", "vcf", "gpx", "md", "html"};

	ARPENT(PASS "\n", "backup", copy);
	ARPENT(PASS "\n" BUNDLE "\n" BUNDLE "\n", "seal", "--yes", "--passphrase", meeting, "-o", sealed);
	ARPENT(PASS "\nAutre Turquoise 4711\n", "passwd");
	ARPENT("Autre Turquoise 4711\n" PASS "\n", "passwd");
	LOOK("sealed", all);
	CHECK_OK(io_make_dirs(check_path("asked"), &e), &e);
	for (size_t i = 0; i < 5; i++) {
		snprintf(asked[i], sizeof asked[i], "%s/x.%s", check_path("asked"), ends[i]);
		if (i < 3)
			ARPENT(PASS "\n", "export", "-o", asked[i]);
		else
			ARPENT(PASS "\n", "export", meeting, "-o", asked[i]);
	}
	LOOK("exported", withheld);
	struct buf b = BUF_INIT;
	CHECK_OK(io_read_file(asked[0], 1 << 26, &b, &e), &e);
	CHECK(form_found(b.p, b.len, WORD) != NULL);
	buf_done(&b);
}
