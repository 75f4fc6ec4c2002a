/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "arpent/bundle.h"

#include <sodium.h>

#include "check.h"

static const struct bundle_cost CHEAP = {1, 8192};

struct person {
	struct identity_self self;
	struct bundle_keys keys;
};

static void person_init(struct person *p, const char *name, uint8_t seed)
{
	struct secret sign = SECRET_INIT, box = SECRET_INIT;
	uint8_t bytes[32];
	struct err e = ERR_INIT;

	memset(p, 0, sizeof *p);
	memset(bytes, seed, sizeof bytes);
	CHECK_OK(secret_set(&sign, bytes, sizeof bytes, &e), &e);
	memset(bytes, seed + 1, sizeof bytes);
	CHECK_OK(secret_set(&box, bytes, sizeof bytes, &e), &e);
	CHECK_OK(identity_from_seeds(&sign, &box, name, &p->self, &e), &e);
	p->keys.box = p->self.who.box;
	p->keys.box_secret = &p->self.box;
	secret_free(&sign);
	secret_free(&box);
}

static struct person anne, bruno, claire;

static void people(void)
{
	struct err e = ERR_INIT;

	if (anne.keys.box)
		return;
	CHECK_OK(secret_start(&e), &e);
	person_init(&anne, "Anne Lefèvre", 10);
	person_init(&bruno, "Bruno Roux", 20);
	person_init(&claire, "Claire Vidal", 30);
}

static void seal_to(const struct person *to, const void *raw, size_t n, struct buf *out)
{
	struct bundle b;
	struct bundle_to t = {.who = &to->self.who, .n = 1};
	struct err e = ERR_INIT;

	people();
	bundle_init(&b, BUNDLE_HANDOFF);
	b.count = 1;
	CHECK_OK(bundle_seal(&b, raw, n, &anne.self, &t, out, NULL, &e), &e);
	bundle_done(&b);
}

static enum err_code open_code(const void *p, size_t n, const struct bundle_keys *keys)
{
	struct bundle b;
	struct buf raw = BUF_INIT;
	struct err e = ERR_INIT;
	bool ok = bundle_open(p, n, keys, &b, &e) && bundle_unpack(&b, &raw, &e);

	if (!ok)
		CHECK(e.code != ERR_NONE);
	bundle_done(&b);
	buf_done(&raw);
	return ok ? ERR_NONE : e.code;
}

/* Random bytes do not deflate: the body is stored. */
static void noise(struct buf *b, size_t n)
{
	while (b->len < n) {
		uint64_t r = check_random();
		buf_add(b, &r, n - b->len < sizeof r ? n - b->len : sizeof r);
	}
}

TEST(round_trip)
{
	static const size_t sizes[] = {0, 1, 800, 65535, 65536, 65537, 200000, 1 << 20};
	struct err e = ERR_INIT;

	people();
	for (size_t i = 0; i < 2 * sizeof sizes / sizeof *sizes; i++) {
		struct buf raw = BUF_INIT, sealed = BUF_INIT, got = BUF_INIT;
		struct bundle b, r;
		struct bundle_to to = {.who = &bruno.self.who, .n = 1};
		size_t n = sizes[i / 2];

		if (i % 2)
			noise(&raw, n);
		else
			for (size_t k = 0; k < n; k++)
				buf_char(&raw, (char)('a' + k / 50 % 26));
		bundle_init(&b, BUNDLE_SEGMENT);
		memset(b.team, 7, sizeof b.team);
		b.n = 3;
		b.epoch = 2;
		b.clock = 0x123456789ABCDEF0u;
		b.count = 9;
		memset(b.previous, 5, sizeof b.previous);
		b.nseen = 1;
		b.seen = calloc(1, sizeof *b.seen);
		REQUIRE(b.seen);
		b.seen[0] = (struct bundle_seen){{{1, 2, 3}}, 42, {9, 8}};
		CHECK_OK(bundle_seal(&b, buf_str(&raw), n, &anne.self, &to, &sealed, NULL, &e), &e);
		if (CHECK_OK(bundle_open(sealed.p, sealed.len, &bruno.keys, &r, &e), &e)) {
			CHECK_OK(bundle_unpack(&r, &got, &e), &e);
			CHECK_MEM(buf_str(&got), got.len, buf_str(&raw), n);
			CHECK_EQ_INT(r.kind, BUNDLE_SEGMENT);
			CHECK_MEM(r.team, 16, b.team, 16);
			CHECK_EQ_INT(r.n, 3);
			CHECK_EQ_INT(r.epoch, 2);
			CHECK(r.clock == b.clock);
			CHECK_EQ_INT(r.count, 9);
			CHECK_MEM(r.previous, 32, b.previous, 32);
			CHECK_MEM(r.hash, 32, b.hash, 32);
			CHECK_STR(r.from.name, "Anne Lefèvre");
			CHECK(identity_same(&r.from, &anne.self.who));
			CHECK(id_eq(&r.from.device, &anne.self.who.device));
			CHECK_EQ_INT(r.nseen, 1);
			CHECK_EQ_INT(r.seen[0].n, 42);
			CHECK_EQ_INT(r.seen[0].hash[1], 8);
		}
		bundle_done(&r);
		bundle_done(&b);
		buf_done(&raw);
		buf_done(&sealed);
		buf_done(&got);
	}
}

TEST(several_recipients)
{
	struct buf sealed = BUF_INIT;
	struct bundle b;
	struct identity who[2];
	struct bundle_to to = {.who = who, .n = 2};
	struct err e = ERR_INIT;

	people();
	who[0] = claire.self.who;
	who[1] = bruno.self.who;
	bundle_init(&b, BUNDLE_HANDOFF);
	CHECK_OK(bundle_seal(&b, "x", 1, &anne.self, &to, &sealed, NULL, &e), &e);
	bundle_done(&b);
	CHECK_EQ_INT(open_code(sealed.p, sealed.len, &bruno.keys), ERR_NONE);
	CHECK_EQ_INT(open_code(sealed.p, sealed.len, &claire.keys), ERR_NONE);
	CHECK_EQ_INT(open_code(sealed.p, sealed.len, &anne.keys), ERR_FOREIGN);
	/* Neither keys nor names of anyone are to be read from outside. */
	CHECK(!memmem(sealed.p, sealed.len, who[0].box, 32));
	CHECK(!memmem(sealed.p, sealed.len, who[1].box, 32));
	CHECK(!memmem(sealed.p, sealed.len, anne.self.who.sign, 32));
	CHECK(!memmem(sealed.p, sealed.len, "Anne", 4));
	buf_done(&sealed);
}

TEST(nobody_or_too_many)
{
	static struct identity who[BUNDLE_TO_MAX + 1];
	struct buf sealed = BUF_INIT, big = BUF_INIT;
	struct bundle b;
	struct bundle_to to = {0};
	struct err e = ERR_INIT;

	people();
	for (size_t i = 0; i <= BUNDLE_TO_MAX; i++)
		who[i] = bruno.self.who;
	bundle_init(&b, BUNDLE_HANDOFF);
	CHECK_ERR(bundle_seal(&b, "x", 1, &anne.self, &to, &sealed, NULL, &e), &e, ERR_INPUT);
	bundle_done(&b);
	to.who = who;
	to.n = BUNDLE_TO_MAX + 1;
	CHECK_ERR(bundle_seal(&b, "x", 1, &anne.self, &to, &sealed, NULL, &e), &e, ERR_LIMIT);
	bundle_done(&b);
	to.n = BUNDLE_TO_MAX;
	CHECK_OK(bundle_seal(&b, "x", 1, &anne.self, &to, &sealed, NULL, &e), &e);
	bundle_done(&b);
	CHECK_EQ_INT(open_code(sealed.p, sealed.len, &bruno.keys), ERR_NONE);
	buf_fill(&big, 'x', BUNDLE_RAW_MAX + 1);
	CHECK_ERR(bundle_seal(&b, big.p, big.len, &anne.self, &to, &sealed, NULL, &e), &e, ERR_LIMIT);
	bundle_done(&b);
	buf_done(&big);
	buf_done(&sealed);
}

TEST(passphrase)
{
	struct buf sealed = BUF_INIT;
	struct secret good = SECRET_INIT, bad = SECRET_INIT;
	struct bundle b;
	struct bundle_to to = {.passphrase = &good, .cost = &CHEAP};
	struct bundle_keys keys = {.passphrase = &good};
	struct err e = ERR_INIT;

	people();
	CHECK_OK(secret_set(&good, "pierre sèche", 13, &e), &e);
	CHECK_OK(secret_set(&bad, "pierre seche", 12, &e), &e);
	bundle_init(&b, BUNDLE_INVITATION);
	CHECK_OK(bundle_seal(&b, "x", 1, &anne.self, &to, &sealed, NULL, &e), &e);
	bundle_done(&b);
	CHECK_EQ_INT(open_code(sealed.p, sealed.len, &keys), ERR_NONE);
	keys.passphrase = &bad;
	CHECK_EQ_INT(open_code(sealed.p, sealed.len, &keys), ERR_WRONG_KEY);
	CHECK_ERR(bundle_open(sealed.p, sealed.len, &bruno.keys, &b, &e), &e, ERR_WRONG_KEY);
	CHECK_STR(e.detail, BUNDLE_ASK);
	/* A cost over the caps is refused before it is run: mem_kib is at 40 + 4 + 4. */
	keys.passphrase = &good;
	sealed.p[50] = 0x7F;
	CHECK_EQ_INT(open_code(sealed.p, sealed.len, &keys), ERR_LIMIT);
	sealed.p[50] = 0;
	sealed.p[44] = 9;
	CHECK_EQ_INT(open_code(sealed.p, sealed.len, &keys), ERR_LIMIT);
	to.n = 1;
	to.who = &bruno.self.who;
	CHECK_ERR(bundle_seal(&b, "x", 1, &anne.self, &to, &sealed, NULL, &e), &e, ERR_INPUT);
	bundle_done(&b);
	secret_free(&good);
	secret_free(&bad);
	buf_done(&sealed);
}

TEST(epoch_key)
{
	struct buf sealed = BUF_INIT;
	struct secret key = SECRET_INIT, other = SECRET_INIT;
	struct bundle b;
	struct bundle_to to = {.epoch_key = &key, .epoch = 4, .who = &bruno.self.who, .n = 1};
	struct bundle_keys keys = {.epoch_key = &key, .epoch = 4};
	struct err e = ERR_INIT;
	uint8_t bytes[32] = {1};

	people();
	CHECK_OK(secret_set(&key, bytes, 32, &e), &e);
	bytes[0] = 2;
	CHECK_OK(secret_set(&other, bytes, 32, &e), &e);
	bundle_init(&b, BUNDLE_SEGMENT);
	CHECK_OK(bundle_seal(&b, "x", 1, &anne.self, &to, &sealed, NULL, &e), &e);
	bundle_done(&b);
	CHECK_EQ_INT(open_code(sealed.p, sealed.len, &keys), ERR_NONE);
	CHECK_EQ_INT(open_code(sealed.p, sealed.len, &bruno.keys), ERR_NONE);
	keys.epoch = 5;
	CHECK_EQ_INT(open_code(sealed.p, sealed.len, &keys), ERR_FOREIGN);
	keys.epoch = 4;
	keys.epoch_key = &other;
	CHECK_EQ_INT(open_code(sealed.p, sealed.len, &keys), ERR_FOREIGN);
	secret_free(&key);
	secret_free(&other);
	buf_done(&sealed);
}

TEST(every_flipped_bit)
{
	struct buf sealed = BUF_INIT;
	unsigned damaged = 0;

	seal_to(&bruno, "une note", 8, &sealed);
	for (size_t bit = 0; bit < 8 * sealed.len; bit++) {
		enum err_code code;

		sealed.p[bit / 8] ^= (char)(1 << bit % 8);
		code = open_code(sealed.p, sealed.len, &bruno.keys);
		if (!CHECK(code == ERR_DAMAGED || code == ERR_NOT_BUNDLE || code == ERR_NEWER ||
			   code == ERR_TRUNCATED || code == ERR_FOREIGN || code == ERR_LIMIT))
			CHECK_FAIL("bit %zu: code %d", bit, (int)code);
		damaged += code == ERR_DAMAGED;
		sealed.p[bit / 8] ^= (char)(1 << bit % 8);
	}
	CHECK(damaged > 4 * sealed.len);
	CHECK_EQ_INT(open_code(sealed.p, sealed.len, &bruno.keys), ERR_NONE);
	buf_done(&sealed);
}

TEST(every_truncation)
{
	struct buf sealed = BUF_INIT;

	seal_to(&bruno, "une note", 8, &sealed);
	for (size_t n = 0; n < sealed.len; n++) {
		/* A copy of just that size, so that a sanitizer sees a read past its end. */
		char *cut = malloc(n ? n : 1);

		REQUIRE(cut);
		memcpy(cut, sealed.p, n);
		CHECK_EQ_INT(open_code(cut, n, &bruno.keys), ERR_TRUNCATED);
		free(cut);
	}
	buf_char(&sealed, 0);
	CHECK_EQ_INT(open_code(sealed.p, sealed.len, &bruno.keys), ERR_DAMAGED);
	buf_done(&sealed);
}

/* Chunks left out, swapped or doubled: all with the length that the header says. */
TEST(chunks_moved)
{
	struct buf raw = BUF_INIT, sealed = BUF_INIT;
	enum { CHUNK = 65536 + 17 };
	char *first, *copy = malloc(CHUNK);

	REQUIRE(copy);
	noise(&raw, 200000);
	seal_to(&bruno, raw.p, raw.len, &sealed);
	first = sealed.p + 40 + 84 + 32 + 24;
	memcpy(copy, first, CHUNK);
	memcpy(first, first + CHUNK, CHUNK);
	CHECK_EQ_INT(open_code(sealed.p, sealed.len, &bruno.keys), ERR_DAMAGED);
	memcpy(first + CHUNK, copy, CHUNK);
	CHECK_EQ_INT(open_code(sealed.p, sealed.len, &bruno.keys), ERR_DAMAGED);
	memcpy(first, copy, CHUNK);
	CHECK_EQ_INT(open_code(sealed.p, sealed.len, &bruno.keys), ERR_DAMAGED);
	free(copy);
	buf_done(&raw);
	buf_done(&sealed);
}

TEST(not_ours)
{
	struct buf sealed = BUF_INIT;

	people();
	CHECK_EQ_INT(open_code("PK\3\4 not a bundle at all", 23, &bruno.keys), ERR_NOT_BUNDLE);
	CHECK_EQ_INT(open_code("ARPBNDX", 7, &bruno.keys), ERR_NOT_BUNDLE);
	CHECK_EQ_INT(open_code("ARPBNDL2", 8, &bruno.keys), ERR_NEWER);
	seal_to(&bruno, "x", 1, &sealed);
	CHECK_EQ_INT(open_code(sealed.p, sealed.len, &claire.keys), ERR_FOREIGN);
	for (int at = 8; at < 12; at++) { /* kind, suite, flags */
		sealed.p[at] ^= 0x40;
		CHECK_EQ_INT(open_code(sealed.p, sealed.len, &bruno.keys), ERR_NEWER);
		sealed.p[at] ^= 0x40;
	}
	sealed.p[40] = 77; /* a type of recipient to come */
	CHECK_EQ_INT(open_code(sealed.p, sealed.len, &bruno.keys), ERR_NEWER);
	sealed.p[40] = (char)200; /* one to be ignored */
	CHECK_EQ_INT(open_code(sealed.p, sealed.len, &bruno.keys), ERR_FOREIGN);
	sealed.p[40] = 2;
	sealed.p[14] = 2; /* a header of 128 KiB */
	CHECK_EQ_INT(open_code(sealed.p, sealed.len, &bruno.keys), ERR_LIMIT);
	buf_done(&sealed);
}

/* Deflating by hand what a hostile author may sign. */
TEST(bomb)
{
	struct buf raw = BUF_INIT, packed = BUF_INIT, out = BUF_INIT;
	struct err e = ERR_INIT;

	buf_fill(&raw, 'a', 1 << 20);
	CHECK_OK(bundle_deflate(raw.p, raw.len, &packed, &e), &e);
	CHECK(packed.len < raw.len / BUNDLE_RATIO_MAX);
	CHECK_ERR(bundle_inflate(packed.p, packed.len, raw.len, &out, &e), &e, ERR_LIMIT);
	CHECK_EQ_INT(out.len, 0);
	/* It says less than it holds: stopped at what it says. */
	CHECK_ERR(bundle_inflate(packed.p, packed.len, 1000, &out, &e), &e, ERR_LIMIT);
	CHECK(out.len <= 1000);
	buf_clear(&out);
	buf_clear(&packed);
	CHECK_OK(bundle_deflate("court", 5, &packed, &e), &e);
	CHECK_ERR(bundle_inflate(packed.p, packed.len, 6, &out, &e), &e, ERR_DAMAGED);
	buf_clear(&out);
	CHECK_ERR(bundle_inflate(packed.p, packed.len - 1, 5, &out, &e), &e, ERR_DAMAGED);
	buf_clear(&out);
	buf_char(&packed, 0);
	CHECK_ERR(bundle_inflate(packed.p, packed.len, 5, &out, &e), &e, ERR_DAMAGED);
	buf_clear(&out);
	CHECK_ERR(bundle_inflate(packed.p, packed.len, BUNDLE_RAW_MAX + 1, &out, &e), &e, ERR_LIMIT);
	buf_done(&raw);
	buf_done(&packed);
	buf_done(&out);
}

/* What deflates too well to pass as honest goes stored, and comes back. */
TEST(very_repetitive_text)
{
	struct buf raw = BUF_INIT, sealed = BUF_INIT;

	buf_fill(&raw, 'a', 1 << 20);
	seal_to(&bruno, raw.p, raw.len, &sealed);
	CHECK_EQ_INT(open_code(sealed.p, sealed.len, &bruno.keys), ERR_NONE);
	buf_done(&raw);
	buf_done(&sealed);
}

/* What forge() does wrong besides what it is given. */
static struct {
	bool mac;     /* another header MAC, bound to the chunk all the same */
	size_t after; /* bytes after the last chunk, within the length that the header says */
} forge_wrong;

/* A bundle made by hand, by the manual page alone: any inside, sealed to one device.  When `author` is given its last
 * 64 bytes become their signature over the header and the first `body` bytes. */
static void forge(struct buf *inner, const struct person *author, size_t body, const struct person *to, uint8_t tag,
		  struct buf *out)
{
	crypto_secretstream_xchacha20poly1305_state st;
	crypto_generichash_state h;
	uint8_t content[32], key[32], mac[32], head[40 + 84] = "ARPBNDL1\4\1", stream[24];
	static uint8_t sealed[65536 + 17];
	uint8_t text[16 + 64] = "arpent-bundle-v1";
	size_t n = inner->len, whole = sizeof head + 32 + 24 + n + 17 + forge_wrong.after;

	REQUIRE(n <= 65536);
	head[12] = sizeof head;
	for (int i = 0; i < 8; i++)
		head[32 + i] = (uint8_t)(whole >> 8 * i);
	head[40] = 2;
	head[42] = 80;
	randombytes_buf(content, sizeof content);
	crypto_box_seal(head + 44, content, sizeof content, to->self.who.box);
	if (author) {
		crypto_generichash_init(&h, NULL, 0, 64);
		crypto_generichash_update(&h, head, sizeof head);
		crypto_generichash_update(&h, (uint8_t *)inner->p, body);
		crypto_generichash_final(&h, text + 16, 64);
		crypto_sign_detached((uint8_t *)inner->p + n - 64, NULL, text, sizeof text, author->self.sign.p);
	}
	crypto_kdf_derive_from_key(key, 32, 1, "arpbndl1", content);
	crypto_generichash(mac, 32, head, sizeof head, key, 32);
	mac[0] ^= forge_wrong.mac;
	crypto_kdf_derive_from_key(key, 32, 2, "arpbndl1", content);
	crypto_secretstream_xchacha20poly1305_init_push(&st, stream, key);
	crypto_secretstream_xchacha20poly1305_push(&st, sealed, NULL, (uint8_t *)inner->p, n, mac, 32, tag);
	buf_clear(out);
	buf_add(out, head, sizeof head);
	buf_add(out, mac, sizeof mac);
	buf_add(out, stream, sizeof stream);
	buf_add(out, sealed, n + 17);
	buf_fill(out, 'x', forge_wrong.after);
	memset(&forge_wrong, 0, sizeof forge_wrong);
}

#define FINAL crypto_secretstream_xchacha20poly1305_TAG_FINAL

struct forgery {
	struct buf inner, out;
	size_t body;
};

/* The inside of an honest bundle of this from Anne to Bruno, to be tampered with. */
static void forgery_start(struct forgery *f, const void *raw, size_t n)
{
	struct buf sealed = BUF_INIT;
	struct bundle b;
	struct err e = ERR_INIT;

	memset(f, 0, sizeof *f);
	seal_to(&bruno, raw, n, &sealed);
	CHECK_OK(bundle_open(sealed.p, sealed.len, &bruno.keys, &b, &e), &e);
	f->body = b.packed_at + b.packed_len;
	buf_add(&f->inner, b.inner.p, b.inner.len);
	bundle_done(&b);
	buf_done(&sealed);
}

static void forgery_done(struct forgery *f)
{
	buf_done(&f->inner);
	buf_done(&f->out);
}

static void check_opens(struct forgery *f, const struct person *reader, enum err_code want, const char *detail)
{
	struct bundle b;
	struct err e = ERR_INIT;

	if (want == ERR_NONE) {
		CHECK_OK(bundle_open(f->out.p, f->out.len, &reader->keys, &b, &e), &e);
	} else {
		CHECK_ERR(bundle_open(f->out.p, f->out.len, &reader->keys, &b, &e), &e, want);
		if (detail)
			CHECK_STR(e.detail, detail);
	}
	bundle_done(&b);
}

TEST(forged)
{
	struct forgery f;

	forgery_start(&f, "une note", 8);
	/* Signed anew by its author it opens: the refusals below have no other cause. */
	forge(&f.inner, &anne, f.body, &bruno, FINAL, &f.out);
	check_opens(&f, &bruno, ERR_NONE, NULL);
	/* Bruno passes on what Anne sealed to him, as if she had sealed it to Claire. */
	forge(&f.inner, NULL, 0, &claire, FINAL, &f.out);
	check_opens(&f, &claire, ERR_DAMAGED, "signature");
	/* Bruno signs in Anne's name. */
	forge(&f.inner, &bruno, f.body, &bruno, FINAL, &f.out);
	check_opens(&f, &bruno, ERR_DAMAGED, "signature");
	/* The signature stops short of the body. */
	forge(&f.inner, &anne, f.body - 1, &bruno, FINAL, &f.out);
	check_opens(&f, &bruno, ERR_DAMAGED, "signature");
	/* The last chunk does not say that it is the last. */
	forge(&f.inner, &anne, f.body, &bruno, 0, &f.out);
	check_opens(&f, &bruno, ERR_DAMAGED, "chunks");
	/* A header that nobody with the content key has written. */
	forge_wrong.mac = true;
	forge(&f.inner, &anne, f.body, &bruno, FINAL, &f.out);
	check_opens(&f, &bruno, ERR_DAMAGED, "header");
	/* Something in the padding. */
	if (CHECK(f.inner.len - f.body > 64)) {
		f.inner.p[f.body] = 1;
		forge(&f.inner, &anne, f.body, &bruno, FINAL, &f.out);
		check_opens(&f, &bruno, ERR_DAMAGED, "padding");
	}
	forgery_done(&f);
}

/* A full chunk that says it is the last, and then something. */
TEST(after_the_end)
{
	struct forgery f;
	struct buf raw = BUF_INIT;

	people();
	noise(&raw, 64500);
	forgery_start(&f, raw.p, raw.len);
	CHECK_EQ_INT(f.inner.len, 65536);
	forge(&f.inner, &anne, f.body, &bruno, FINAL, &f.out);
	check_opens(&f, &bruno, ERR_NONE, NULL);
	forge_wrong.after = 100;
	forge(&f.inner, &anne, f.body, &bruno, FINAL, &f.out);
	check_opens(&f, &bruno, ERR_DAMAGED, "chunks");
	buf_done(&raw);
	forgery_done(&f);
}

/* Sizes, counts and codecs that only a hostile author would sign.  The fields before the name take 132 bytes, its
 * length one, Anne's name 13; then come nseen u16, codec u8, packed u64, raw u64, count u32. */
TEST(forged_by_its_author)
{
	enum { NSEEN = 133 + 13, CODEC = NSEEN + 2, PACKED = CODEC + 1, RAW = PACKED + 8, COUNT = RAW + 8 };
	static const struct {
		size_t at;
		uint8_t value;
		enum err_code want;
	} tries[] = {
	    {132, 81, ERR_DAMAGED},                                     /* a name too long */
	    {133, 0x1B, ERR_DAMAGED},                                   /* an escape in it */
	    {NSEEN, 9, ERR_DAMAGED},                                    /* devices seen that are not there */
	    {NSEEN + 1, 99, ERR_LIMIT},                                 /* 25,000 of them */
	    {CODEC, 2, ERR_NEWER},          {PACKED, 200, ERR_DAMAGED}, /* past the end */
	    {PACKED + 7, 255, ERR_DAMAGED}, {RAW + 3, 1, ERR_LIMIT},    /* 16 MiB */
	    {RAW + 1, 255, ERR_LIMIT},                                  /* 64 KiB from eight bytes */
	    {COUNT + 3, 1, ERR_LIMIT},
	};

	for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) {
		struct forgery f;

		forgery_start(&f, "une note", 8);
		CHECK_EQ_INT(f.inner.p[132], 13);
		CHECK_EQ_INT(f.inner.p[RAW], 8);
		f.inner.p[tries[i].at] = (char)tries[i].value;
		forge(&f.inner, &anne, f.body, &bruno, FINAL, &f.out);
		check_opens(&f, &bruno, tries[i].want, NULL);
		forgery_done(&f);
	}
}

/* Sizes of what is alike are alike: bodies of many lengths make few lengths of bundles. */
TEST(padding)
{
	size_t last = 0, different = 0;

	people();
	for (size_t n = 4000; n < 5000; n += 10) {
		struct buf raw = BUF_INIT, sealed = BUF_INIT;

		noise(&raw, n);
		seal_to(&bruno, raw.p, n, &sealed);
		CHECK(sealed.len >= n && sealed.len < n + n / 8 + 500);
		different += sealed.len != last;
		last = sealed.len;
		buf_done(&raw);
		buf_done(&sealed);
	}
	CHECK(different <= 9);
}
