/*
 * What a file is, by its content and never by its name (ASVS 5.2.2): the type
 * by libmagic, and for PDF whether it is one from its first byte, whole, free
 * of a password and, where that is cheap to know, how many pages it has.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CONNEX_FORMAT_DOCUMENT_H
#define CONNEX_FORMAT_DOCUMENT_H

#include <stdbool.h>
#include <stddef.h>

enum { DOCUMENT_TYPE_SIZE = 100, DOCUMENT_TAIL = 2048, DOCUMENT_NEAR = 1024 };

/* The media type of a file whose first `length` bytes these are ("application/pdf"), at most
 * DOCUMENT_TYPE_SIZE with its NUL. False when libmagic cannot say or has no database. Opens the database at
 * every call: uploads are few. */
bool document_media_type(const void *beginning, size_t length, char media_type[DOCUMENT_TYPE_SIZE]);

/* Whether a file that begins so is a PDF from its beginning: `%PDF-`, after nothing but a byte order mark and
 * white space. libmagic finds those five letters further on as well, and then a page of script counts as a
 * PDF. */
bool document_pdf_begins(const void *beginning, size_t length);

/* Whether a PDF whose last bytes these are (DOCUMENT_TAIL of them, fewer of a smaller file) has its end:
 * `startxref`, and behind it the end mark `%%EOF` (ISO 32000-1, 7.5.5). Half an upload has none. */
bool document_pdf_is_whole(const void *tail, size_t length);

/* Whether these bytes, any stretch of a PDF, hold the trailer of one under a password: an `/Encrypt` whose
 * value is a reference or a dictionary, with a `/Root` near it. That is the classic trailer at the end (and,
 * linearized, also near the beginning) and the dictionary of a cross-reference stream, which is never
 * encrypted or compressed itself (ISO 32000-1, 7.5.8.2), so every writer's ordinary file is seen. Not seen: a
 * name written in escapes (`/Encr#79pt`), and a trailer whose two entries stand more than DOCUMENT_NEAR bytes
 * apart. A trailer that lies across two stretches is seen by whoever also asks about DOCUMENT_NEAR bytes on
 * either side of the seam. */
bool document_pdf_is_encrypted(const void *bytes, size_t length);

/* Pages of a PDF whose beginning this is, 0 where it is not cheaply known: from the linearization dictionary,
 * or, when `whole` says that this is all of the file, from its page tree where that is not compressed. */
int document_pdf_pages(const void *beginning, size_t length, bool whole);

#endif
