/*
 * What a file is, by its content and never by its name (ASVS 5.2.2): the type
 * by libmagic, and for PDF whether it is whole and, where that is cheap to
 * know, how many pages it has.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CONNEX_DOCUMENT_H
#define CONNEX_DOCUMENT_H

#include <stdbool.h>
#include <stddef.h>

enum { DOCUMENT_TYPE_SIZE = 100, DOCUMENT_TAIL = 1024 };

/* The media type of a file whose first `length` bytes these are ("application/pdf"), at most DOCUMENT_TYPE_SIZE with
 * its NUL. False when libmagic cannot say or has no database. Opens the database at every call: uploads are few. */
bool document_media_type(const void *beginning, size_t length, char media_type[DOCUMENT_TYPE_SIZE]);

/* Whether a PDF whose last bytes these are (DOCUMENT_TAIL of them, fewer of a smaller file) has its end mark: half an
 * upload has none. */
bool document_pdf_is_whole(const void *tail, size_t length);

/* Pages of a PDF whose beginning this is, 0 where it is not cheaply known: from the linearization dictionary, or, when
 * `whole` says that this is all of the file, from its page tree where that is not compressed. */
int document_pdf_pages(const void *beginning, size_t length, bool whole);

#endif
