/*
 * What a file is, by its content and not by its name (ASVS 5.2.2): its type by libmagic; and for a PDF
 * whether it is one from its first byte, is complete, has no password, and, if that is easy to find out, how
 * many pages it has.
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
 * white space. libmagic accepts those five letters further on as well, and then a page of script would count
 * as a PDF. */
bool document_pdf_begins(const void *beginning, size_t length);

/* Whether a PDF whose last bytes these are (DOCUMENT_TAIL of them, fewer of a smaller file) has its end:
 * `startxref`, and after it the end mark `%%EOF` (ISO 32000-1, 7.5.5). A partial upload has neither. */
bool document_pdf_is_whole(const void *tail, size_t length);

/* Whether these bytes, any part of a PDF, hold the trailer of one with a password: an `/Encrypt` whose
 * value is a reference or a dictionary, with a `/Root` near it. That is the classic trailer at the end (and,
 * linearized, also near the beginning) and the dictionary of a cross-reference stream, which is never
 * encrypted or compressed itself (ISO 32000-1, 7.5.8.2), so the ordinary files of every writer are found. Not
 * found: a name written with escapes (`/Encr#79pt`), and a trailer whose two entries are more than
 * DOCUMENT_NEAR bytes apart. To find a trailer that is split between two parts, also ask about the
 * DOCUMENT_NEAR bytes on either side of the border. */
bool document_pdf_is_encrypted(const void *bytes, size_t length);

/* Pages of a PDF whose beginning this is, 0 if that is not easy to find out: from the linearization
 * dictionary, or, when `whole` says that this is all of the file, from its page tree where that is not
 * compressed. */
int document_pdf_pages(const void *beginning, size_t length, bool whole);

#endif
