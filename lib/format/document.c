/*
 * Types of files by content: see document.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "format/document.h"

#include <magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINEARIZED_WITHIN = 1024, PAGES_MOST = 100000 };

bool document_media_type(const void *beginning, size_t length, char media_type[DOCUMENT_TYPE_SIZE]) {
  /* Archives and compressed data are not opened: the answer is about this file, and a decompression bomb does
   * no harm.
   */
  magic_t magic =
      magic_open(MAGIC_MIME_TYPE | MAGIC_NO_CHECK_COMPRESS | MAGIC_NO_CHECK_TAR | MAGIC_NO_CHECK_ELF);
  if (magic == NULL) return false;
  const char *type = magic_load(magic, NULL) == 0 ? magic_buffer(magic, beginning, length) : NULL;
  bool known = type != NULL && strlen(type) < DOCUMENT_TYPE_SIZE;
  if (known) snprintf(media_type, DOCUMENT_TYPE_SIZE, "%s", type);
  magic_close(magic);
  return known;
}

/* White space of PDF (ISO 32000-1, table 1). */
static bool is_space(char c) {
  return c == ' ' || c == '\r' || c == '\n' || c == '\t' || c == '\f' || c == '\0';
}

bool document_pdf_begins(const void *beginning, size_t length) {
  const char *at = beginning, *end = at + length;
  if (length >= 3 && memcmp(at, "\xEF\xBB\xBF", 3) == 0) at += 3;
  while (at < end && is_space(*at)) at++;
  return end - at >= 5 && memcmp(at, "%PDF-", 5) == 0;
}

bool document_pdf_is_whole(const void *tail, size_t length) {
  const char *end = (const char *)tail + length,
             *table = length == 0 ? NULL : memmem(tail, length, "startxref", 9);
  return table != NULL && memmem(table, (size_t)(end - table), "%%EOF", 5) !=
                              NULL; /* annex H.3, note 18: within the last 1024 */
}

/* Whether the value at `at` is a reference ("12 0 R") or a dictionary. */
static bool is_reference_or_dictionary(const char *at, const char *end) {
  for (int part = 0; part < 3; part++) {
    const char *from;
    while (at < end && is_space(*at)) at++;
    if (part == 0 && end - at >= 2 && at[0] == '<' && at[1] == '<') return true;
    if (part == 2) return at < end && *at == 'R';
    for (from = at; at < end && *at >= '0' && *at <= '9';) at++;
    if (at == from) return false;
  }
  return false;
}

bool document_pdf_is_encrypted(const void *bytes, size_t length) {
  const char *from = bytes, *end = from + length, *at = from;
  while (at < end && (at = memmem(at, (size_t)(end - at), "/Encrypt", 8)) != NULL) {
    size_t before = at - from < DOCUMENT_NEAR ? (size_t)(at - from) : DOCUMENT_NEAR;
    size_t after = end - at < DOCUMENT_NEAR ? (size_t)(end - at) : DOCUMENT_NEAR;
    if (is_reference_or_dictionary(at + 8, end) && memmem(at - before, before + after, "/Root", 5) != NULL)
      return true;
    at += 8;
  }
  return false;
}

/* The number after `key` within [at, end), 0 when there is none. */
static int number_behind(const char *at, const char *end, const char *key) {
  const char *found = memmem(at, (size_t)(end - at), key, strlen(key));
  if (found == NULL) return 0;
  found += strlen(key);
  while (found < end && is_space(*found)) found++;
  long number = 0;
  for (; found < end && *found >= '0' && *found <= '9' && number <= PAGES_MOST; found++)
    number = number * 10 + (*found - '0');
  return number <= PAGES_MOST ? (int)number : 0;
}

/* The largest /Count of the dictionaries of type /Pages: the root of the page tree has it. */
static int count_of_page_tree(const char *file, const char *end) {
  int most = 0;
  const char *at = file;
  while (at < end && (at = memmem(at, (size_t)(end - at), "/Pages", 6)) != NULL) {
    const char *from = at, *to = memmem(at, (size_t)(end - at), ">>", 2);
    while (from > file && !(from[0] == '<' && from[1] == '<')) from--;
    at += 6;
    if (to == NULL || memmem(from, (size_t)(to - from), "/Type", 5) == NULL) continue;
    int count = number_behind(from, to, "/Count");
    if (count > most) most = count;
  }
  return most;
}

int document_pdf_pages(const void *beginning, size_t length, bool whole) {
  const char *file = beginning, *end = file + length;
  size_t within = length < LINEARIZED_WITHIN ? length : LINEARIZED_WITHIN;
  const char *linearized = memmem(file, within, "/Linearized", 11);
  const char *close =
      linearized == NULL ? NULL : memmem(linearized, (size_t)(file + within - linearized), ">>", 2);
  if (close != NULL) return number_behind(linearized, close, "/N ");
  return whole ? count_of_page_tree(file, end) : 0;
}
