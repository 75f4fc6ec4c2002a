/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fuzz - what the targets of the store share: an input read as a list of orders, and random bytes that are the same on
 * every run, so that an input does the same every time.
 */
#ifndef ARPENT_FUZZ_H
#define ARPENT_FUZZ_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "arpent/bytes.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A property that does not hold is found as a crash is. */
#define must(what) ((what) ? (void)0 : must_not(__FILE__, __LINE__, #what))

static _Noreturn inline void must_not(const char *file, int line, const char *what)
{
	fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, what);
	abort();
}

/* What is left of an input; zeros after its end. */
struct orders {
	const uint8_t *p;
	size_t n;
};

static inline uint32_t orders_take(struct orders *o, size_t bytes)
{
	uint32_t v = 0;

	for (size_t i = 0; i < bytes; i++) {
		v = v << 8 | (o->n > 0 ? *o->p : 0u);
		o->p += o->n > 0;
		o->n -= o->n > 0;
	}
	return v;
}

/* In the place of libsodium's: AddressSanitizer guards the ends as well, and an execution makes no system calls. */
void *sodium_malloc(size_t n)
{
	return malloc(n);
}

void sodium_free(void *p)
{
	free(p);
}

static uint64_t fuzz_seed;

static const char *fuzz_random_name(void)
{
	return "the same every time";
}

/* SplitMix64 (Steele, Lea and Flood, 2014). */
static uint32_t fuzz_random(void)
{
	uint64_t z = fuzz_seed += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return (uint32_t)(z >> 32);
}

static void fuzz_random_buf(void *p, size_t n)
{
	for (uint8_t *b = p; n-- > 0; b++)
		*b = (uint8_t)fuzz_random();
}

/* Once, before anything else of libsodium. */
static inline void fuzz_start(void)
{
	static randombytes_implementation same;

	same.implementation_name = fuzz_random_name;
	same.random = fuzz_random;
	same.buf = fuzz_random_buf;
	must(randombytes_set_implementation(&same) == 0 && sodium_init() >= 0);
}

#endif
