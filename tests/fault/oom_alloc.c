/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "oom_alloc.h"

#include <dirent.h>
#include <errno.h>
#include <execinfo.h>
#include <iconv.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <expat.h>
#include <jansson.h>
#include <qrencode.h>
#include <sodium.h>
#include <sqlite3.h>
#include <utf8proc.h>
#include <zlib.h>

#define OOM_BLOCKS (1u << 20) /* of the table of blocks; a power of two */
#define OOM_PLACES 65536
#define OOM_DEPTH 48

extern const char __executable_start[], etext[];

struct oom_block {
	const void *p;
	long number; /* since oom_arm(); 0: before */
};

static struct {
	bool armed, on, places;
	unsigned paused;
	long count, at, refused, live;
	void *stack[OOM_DEPTH]; /* of the first one refused */
	int depth;
	struct oom_block *blocks;
	uint64_t *seen; /* hashes of call stacks */
	long *first;
	size_t nfirst;
} oom;

void *__real_malloc(size_t n);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t n);
void __real_free(void *p);
char *__real_strdup(const char *s);
char *__real_strndup(const char *s, size_t n);
int __real_vasprintf(char **out, const char *fmt, va_list ap);
FILE *__real_fopen(const char *path, const char *mode);
DIR *__real_opendir(const char *path);
int __real_scandir(const char *dir, struct dirent ***list, int (*filter)(const struct dirent *),
		   int (*compare)(const struct dirent **, const struct dirent **));
char *__real_realpath(const char *path, char *out);
iconv_t __real_iconv_open(const char *to, const char *from);
void *__real_sodium_malloc(size_t n);
void __real_sodium_free(void *p);
utf8proc_ssize_t __real_utf8proc_map(const utf8proc_uint8_t *s, utf8proc_ssize_t n, utf8proc_uint8_t **out,
				     utf8proc_option_t options);
QRcode *__real_QRcode_encodeString(const char *s, int version, QRecLevel level, QRencodeMode hint, int sensitive);
int __real_deflateInit2_(z_streamp z, int level, int method, int bits, int mem, int strategy, const char *version,
			 int size);
int __real_inflateInit2_(z_streamp z, int bits, const char *version, int size);

/* What is ours in the stack says where we are; what is the libraries' own is theirs to test. */
static uint64_t oom_place(void)
{
	void *stack[OOM_DEPTH];
	int n = backtrace(stack, OOM_DEPTH);
	uint64_t hash = 1469598103934665603u;

	for (int i = 2; i < n; i++) {
		const char *p = stack[i];
		if (p < __executable_start || p >= etext)
			continue;
		hash = (hash ^ (uint64_t)(p - __executable_start)) * 1099511628211u;
	}
	return hash | 1;
}

static void oom_note(void)
{
	uint64_t place = oom_place();
	size_t i = place % OOM_PLACES;

	while (oom.seen[i] && oom.seen[i] != place)
		i = (i + 1) % OOM_PLACES;
	if (oom.seen[i] || oom.nfirst + 1 >= OOM_PLACES / 2)
		return;
	oom.seen[i] = place;
	oom.first[oom.nfirst++] = oom.count;
}

/* Is this one refused? */
static bool oom_refuse(void)
{
	if (!oom.armed || oom.paused > 0)
		return false;
	oom.count++;
	if (oom.places) {
		oom.armed = false;
		oom_note();
		oom.armed = true;
	}
	if (oom.at == 0 || oom.count < oom.at || (oom.count > oom.at && !oom.on))
		return false;
	if (oom.refused++ == 0)
		oom.depth = backtrace(oom.stack, OOM_DEPTH);
	errno = ENOMEM;
	return true;
}

static struct oom_block *oom_find(const void *p)
{
	size_t i = ((uintptr_t)p >> 4) * 0x9E3779B97F4A7C15u >> 44;

	while (oom.blocks[i].p && oom.blocks[i].p != p)
		i = (i + 1) % OOM_BLOCKS;
	return &oom.blocks[i];
}

static void *oom_add(void *p)
{
	if (!p || !oom.blocks)
		return p;
	*oom_find(p) = (struct oom_block){p, oom.armed ? oom.count : 0};
	oom.live++;
	return p;
}

static void oom_remove(const void *p)
{
	struct oom_block *b = p && oom.blocks ? oom_find(p) : NULL;

	if (!b || !b->p)
		return;
	oom.live--;
	b->p = NULL;
	/* Close the gap: what follows may have been pushed past it. */
	for (size_t i = (size_t)(b - oom.blocks + 1) % OOM_BLOCKS; oom.blocks[i].p; i = (i + 1) % OOM_BLOCKS) {
		struct oom_block moved = oom.blocks[i];
		oom.blocks[i].p = NULL;
		*oom_find(moved.p) = moved;
	}
}

void *__wrap_malloc(size_t n)
{
	return oom_refuse() ? NULL : oom_add(__real_malloc(n));
}

void *__wrap_calloc(size_t n, size_t size)
{
	return oom_refuse() ? NULL : oom_add(__real_calloc(n, size));
}

void *__wrap_realloc(void *p, size_t n)
{
	void *got;

	if (oom_refuse())
		return NULL;
	oom_remove(p);
	got = __real_realloc(p, n);
	return oom_add(got);
}

void *__wrap_reallocarray(void *p, size_t n, size_t size);
void *__wrap_reallocarray(void *p, size_t n, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(n, size, &bytes)) {
		errno = ENOMEM;
		return NULL;
	}
	return __wrap_realloc(p, bytes);
}

void __wrap_free(void *p)
{
	oom_remove(p);
	__real_free(p);
}

char *__wrap_strdup(const char *s)
{
	return oom_refuse() ? NULL : oom_add(__real_strdup(s));
}

char *__wrap_strndup(const char *s, size_t n)
{
	return oom_refuse() ? NULL : oom_add(__real_strndup(s, n));
}

static int oom_vasprintf(char **out, const char *fmt, va_list ap)
{
	int n = oom_refuse() ? -1 : __real_vasprintf(out, fmt, ap);

	if (n >= 0)
		oom_add(*out);
	return n;
}

int __wrap_asprintf(char **out, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	int n = oom_vasprintf(out, fmt, ap);
	va_end(ap);
	return n;
}

int __wrap___asprintf_chk(char **out, int flag, const char *fmt, ...)
{
	va_list ap;

	(void)flag;
	va_start(ap, fmt);
	int n = oom_vasprintf(out, fmt, ap);
	va_end(ap);
	return n;
}

FILE *__wrap_fopen(const char *path, const char *mode)
{
	return oom_refuse() ? NULL : __real_fopen(path, mode);
}

DIR *__wrap_opendir(const char *path)
{
	return oom_refuse() ? NULL : __real_opendir(path);
}

int __wrap_scandir(const char *dir, struct dirent ***list, int (*filter)(const struct dirent *),
		   int (*compare)(const struct dirent **, const struct dirent **))
{
	return oom_refuse() ? -1 : __real_scandir(dir, list, filter, compare);
}

char *__wrap_realpath(const char *path, char *out)
{
	return oom_refuse() ? NULL : __real_realpath(path, out);
}

iconv_t __wrap_iconv_open(const char *to, const char *from)
{
	return oom_refuse() ? (iconv_t)-1 : __real_iconv_open(to, from);
}

void *__wrap_sodium_malloc(size_t n)
{
	return oom_refuse() ? NULL : oom_add(__real_sodium_malloc(n));
}

void __wrap_sodium_free(void *p)
{
	oom_remove(p);
	__real_sodium_free(p);
}

int __wrap_crypto_pwhash(unsigned char *out, unsigned long long n, const char *pass, unsigned long long len,
			 const unsigned char *salt, unsigned long long ops, size_t mem, int alg)
{
	(void)ops, (void)mem, (void)alg;
	if (oom_refuse())
		return -1;
	return crypto_generichash(out, (size_t)n, (const unsigned char *)pass, len, salt, crypto_pwhash_SALTBYTES);
}

utf8proc_ssize_t __wrap_utf8proc_map(const utf8proc_uint8_t *s, utf8proc_ssize_t n, utf8proc_uint8_t **out,
				     utf8proc_option_t options)
{
	utf8proc_ssize_t got = oom_refuse() ? UTF8PROC_ERROR_NOMEM : __real_utf8proc_map(s, n, out, options);

	if (got >= 0)
		oom_add(*out);
	return got;
}

QRcode *__wrap_QRcode_encodeString(const char *s, int version, QRecLevel level, QRencodeMode hint, int sensitive)
{
	return oom_refuse() ? NULL : __real_QRcode_encodeString(s, version, level, hint, sensitive);
}

static void *oom_zalloc(void *opaque, unsigned n, unsigned size)
{
	(void)opaque;
	return __wrap_malloc((size_t)n * size);
}

static void oom_zfree(void *opaque, void *p)
{
	(void)opaque;
	__wrap_free(p);
}

int __wrap_deflateInit2_(z_streamp z, int level, int method, int bits, int mem, int strategy, const char *version,
			 int size)
{
	z->zalloc = oom_zalloc;
	z->zfree = oom_zfree;
	return __real_deflateInit2_(z, level, method, bits, mem, strategy, version, size);
}

int __wrap_inflateInit2_(z_streamp z, int bits, const char *version, int size)
{
	z->zalloc = oom_zalloc;
	z->zfree = oom_zfree;
	return __real_inflateInit2_(z, bits, version, size);
}

XML_Parser __wrap_XML_ParserCreate(const XML_Char *encoding)
{
	static const XML_Memory_Handling_Suite suite = {__wrap_malloc, __wrap_realloc, __wrap_free};

	return XML_ParserCreate_MM(encoding, &suite, NULL);
}

static sqlite3_mem_methods oom_sqlite;

static void *oom_sqlite_malloc(int n)
{
	return oom_refuse() ? NULL : oom_add(oom_sqlite.xMalloc(n));
}

static void oom_sqlite_free(void *p)
{
	oom_remove(p);
	oom_sqlite.xFree(p);
}

static void *oom_sqlite_realloc(void *p, int n)
{
	void *got;

	if (oom_refuse())
		return NULL;
	oom_remove(p);
	got = oom_sqlite.xRealloc(p, n);
	oom_add(got ? got : p);
	return got;
}

void oom_start(void)
{
	sqlite3_mem_methods m;

	if (oom.blocks)
		return;
	oom.seen = __real_calloc(OOM_PLACES, sizeof *oom.seen);
	oom.first = __real_calloc(OOM_PLACES, sizeof *oom.first);
	sqlite3_config(SQLITE_CONFIG_GETMALLOC, &oom_sqlite);
	m = oom_sqlite;
	m.xMalloc = oom_sqlite_malloc;
	m.xFree = oom_sqlite_free;
	m.xRealloc = oom_sqlite_realloc;
	sqlite3_config(SQLITE_CONFIG_MALLOC, &m);
	json_set_alloc_funcs(__wrap_malloc, __wrap_free);
	json_object_seed(1);
	oom.blocks = __real_calloc(OOM_BLOCKS, sizeof *oom.blocks);
	if (!oom.seen || !oom.first || !oom.blocks)
		exit(99);
}

void oom_arm(long at, bool on)
{
	oom.armed = true;
	oom.count = oom.refused = 0;
	oom.at = at;
	oom.on = on;
}

long oom_disarm(void)
{
	oom.armed = oom.places = false;
	return oom.count;
}

long oom_refused(void)
{
	return oom.refused;
}

void oom_pause(void)
{
	oom.paused++;
}

void oom_resume(void)
{
	oom.paused--;
}

void oom_note_places(void)
{
	memset(oom.seen, 0, OOM_PLACES * sizeof *oom.seen);
	oom.nfirst = 0;
	oom.places = true;
}

const long *oom_places(size_t *n)
{
	*n = oom.nfirst;
	return oom.first;
}

long oom_live(void)
{
	return oom.live;
}

long oom_leaked(void)
{
	long first = 0;

	for (size_t i = 0; i < OOM_BLOCKS; i++)
		if (oom.blocks[i].p && oom.blocks[i].number && (!first || oom.blocks[i].number < first))
			first = oom.blocks[i].number;
	return first;
}

void oom_where(void)
{
	char command[1024];
	int n = snprintf(command, sizeof command, "addr2line -spfe /proc/%d/exe", (int)getpid());

	for (int i = 2; i < oom.depth && n < (int)sizeof command - 32; i++) {
		const char *p = oom.stack[i];
		if (p >= __executable_start && p < etext)
			n += snprintf(command + n, 32, " %#tx", p - __executable_start - 1);
	}
	snprintf(command + n, sizeof command - (size_t)n, " | sed 's/^/#   /' | grep -v check");
	fflush(stdout);
	if (system(command) != 0)
		printf("# %s\n", command);
}
