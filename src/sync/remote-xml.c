/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers in XML: of whoever runs the storage, so nothing outside them is read, and no entity of their own. */
#include <expat.h>
#include <string.h>

#include "transport.h"

#define XML_DEPTH 32

struct xml {
	XML_Parser parser;
	bool (*cb)(void *ctx, const char *name, const char *text);
	void *ctx;
	struct buf text;
	size_t depth;
	bool stopped;
};

static void xml_stop(struct xml *x)
{
	x->stopped = true;
	XML_StopParser(x->parser, XML_FALSE);
}

static const char *xml_name(const char *name)
{
	const char *bar = strrchr(name, '|');

	return bar ? bar + 1 : name;
}

static void XMLCALL xml_begin(void *ctx, const char *name, const char **attrs)
{
	struct xml *x = ctx;

	(void)attrs;
	buf_clear(&x->text);
	if (++x->depth > XML_DEPTH || !x->cb(x->ctx, xml_name(name), NULL))
		xml_stop(x);
}

static void XMLCALL xml_end(void *ctx, const char *name)
{
	struct xml *x = ctx;

	x->depth--;
	if (x->text.oom || !x->cb(x->ctx, xml_name(name), buf_str(&x->text)))
		xml_stop(x);
	buf_clear(&x->text);
}

static void XMLCALL xml_text(void *ctx, const char *p, int n)
{
	struct xml *x = ctx;

	if (x->text.len + (size_t)n > XML_TEXT_MAX)
		xml_stop(x);
	else
		buf_add(&x->text, p, (size_t)n);
}

static void XMLCALL xml_doctype(void *ctx, const char *name, const char *sys, const char *pub, int internal)
{
	(void)name;
	(void)sys;
	(void)pub;
	(void)internal;
	xml_stop(ctx);
}

bool remote_xml(const struct buf *xml, bool (*cb)(void *ctx, const char *name, const char *text), void *ctx,
		struct err *e)
{
	struct xml x = {.cb = cb, .ctx = ctx, .text = BUF_INIT};
	bool ok;

	x.parser = XML_ParserCreateNS(NULL, '|');
	if (!x.parser)
		return err_nomem(e, "remote_xml");
	XML_SetUserData(x.parser, &x);
	XML_SetElementHandler(x.parser, xml_begin, xml_end);
	XML_SetCharacterDataHandler(x.parser, xml_text);
	XML_SetStartDoctypeDeclHandler(x.parser, xml_doctype);
	ok = XML_Parse(x.parser, buf_str(xml), (int)xml->len, 1) == XML_STATUS_OK && !x.stopped;
	if (!ok && (x.text.oom || XML_GetErrorCode(x.parser) == XML_ERROR_NO_MEMORY))
		err_nomem(e, "remote_xml");
	else if (!ok)
		err_set(e, ERR_FORMAT, "net_odd", "line %lu", (unsigned long)XML_GetCurrentLineNumber(x.parser));
	XML_ParserFree(x.parser);
	buf_done(&x.text);
	return ok;
}
