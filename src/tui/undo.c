/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "undo.h"

#include <stdlib.h>
#include <string.h>

#include <sodium.h>

static void undo_free(struct undo_op *op)
{
	if (op->gone)
		sodium_memzero(op->gone, op->ngone);
	if (op->come)
		sodium_memzero(op->come, op->ncome);
	free(op->gone);
	free(op->come);
}

void undo_done(struct undo *u)
{
	for (size_t i = 0; i < u->n; i++)
		undo_free(&u->ops[i]);
	free(u->ops);
	memset(u, 0, sizeof *u);
}

void undo_close(struct undo *u)
{
	u->open = false;
}

/* Typing on where the last change ended makes it longer; so does deleting on, in either direction. */
static bool undo_grow(struct undo *u, size_t at, const char *gone, size_t n, const char *s, size_t m)
{
	struct undo_op *op = u->done ? &u->ops[u->done - 1] : NULL;
	char *p;

	if (!u->open || !op || u->done != u->n)
		return false;
	if (n == 0 && op->ncome > 0 && at == op->at + op->ncome) {
		if (!(p = realloc(op->come, op->ncome + m)))
			return false;
		memcpy(p + op->ncome, s, m);
		op->come = p;
		op->ncome += m;
		return true;
	}
	if (m == 0 && op->ncome == 0 && (at + n == op->at || at == op->at)) {
		if (!(p = realloc(op->gone, op->ngone + n)))
			return false;
		op->gone = p;
		if (at == op->at) {
			memcpy(p + op->ngone, gone, n);
		} else {
			memmove(p + n, p, op->ngone);
			memcpy(p, gone, n);
		}
		op->at = at;
		op->ngone += n;
		return true;
	}
	return false;
}

static bool undo_push(struct undo *u, struct undo_op *op, const char *gone, const char *s)
{
	struct undo_op *ops;

	while (u->n > u->done)
		undo_free(&u->ops[--u->n]);
	if (u->n == u->cap) {
		size_t cap = u->cap ? u->cap * 2 : 16;
		if (!(ops = reallocarray(u->ops, cap, sizeof *ops)))
			return false;
		u->ops = ops;
		u->cap = cap;
	}
	op->gone = op->ngone ? str_ndup(gone, op->ngone) : NULL;
	op->come = op->ncome ? str_ndup(s, op->ncome) : NULL;
	if ((op->ngone && !op->gone) || (op->ncome && !op->come)) {
		undo_free(op);
		return false;
	}
	u->ops[u->n++] = *op;
	u->done = u->n;
	u->open = true;
	return true;
}

bool undo_replace(struct undo *u, struct buf *text, size_t at, size_t n, const char *s, size_t m, size_t caret)
{
	const char *gone = buf_str(text) + at;
	struct undo_op op = {.at = at, .ngone = n, .ncome = m, .caret = caret};

	if (n == 0 && m == 0)
		return true;
	if (!undo_grow(u, at, gone, n, s, m) && !undo_push(u, &op, gone, s))
		return false;
	if (n)
		buf_remove(text, at, n);
	if (m)
		buf_insert(text, at, s, m);
	return true;
}

bool undo_back(struct undo *u, struct buf *text, size_t *caret)
{
	if (u->done == 0)
		return false;
	struct undo_op *op = &u->ops[--u->done];
	u->open = false;
	buf_remove(text, op->at, op->ncome);
	if (op->ngone)
		buf_insert(text, op->at, op->gone, op->ngone);
	*caret = op->caret <= text->len ? op->caret : text->len;
	return true;
}

bool undo_again(struct undo *u, struct buf *text, size_t *caret)
{
	if (u->done == u->n)
		return false;
	struct undo_op *op = &u->ops[u->done++];
	u->open = false;
	buf_remove(text, op->at, op->ngone);
	if (op->ncome)
		buf_insert(text, op->at, op->come, op->ncome);
	*caret = op->at + op->ncome;
	return true;
}
