/*
 * Types of files by content: see document.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "document.h"

#include <magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINEARIZED_WITHIN = 1024, PAGES_MOST = 100000 };

bool document_media_type(const void *beginning, size_t length, char media_type[DOCUMENT_TYPE_SIZE]) {
  /* No looking into archives or through compression: the answer is about this file, and a bomb stays closed. */
  magic_t magic = magic_open(MAGIC_MIME_TYPE | MAGIC_NO_CHECK_COMPRESS | MAGIC_NO_CHECK_TAR | MAGIC_NO_CHECK_ELF);
  if (magic == NULL) return false;
  const char *type = magic_load(magic, NULL) == 0 ? magic_buffer(magic, beginning, length) : NULL;
  bool known = type != NULL && strlen(type) < DOCUMENT_TYPE_SIZE;
  if (known) snprintf(media_type, DOCUMENT_TYPE_SIZE, "%s", type);
  magic_close(magic);
  return known;
}

bool document_pdf_is_whole(const void *tail, size_t length) {
  return length >= 5 && memmem(tail, length, "%%EOF", 5) != NULL; /* ISO 32000-1, annex H.3, note 18 */
}

/* The number behind `key` within [at, end), 0 when there is none. */
static int number_behind(const char *at, const char *end, const char *key) {
  const char *found = memmem(at, (size_t)(end - at), key, strlen(key));
  if (found == NULL) return 0;
  found += strlen(key);
  while (found < end && (*found == ' ' || *found == '\r' || *found == '\n' || *found == '\t')) found++;
  long number = 0;
  for (; found < end && *found >= '0' && *found <= '9' && number <= PAGES_MOST; found++) number = number * 10 + (*found - '0');
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
  const char *close = linearized == NULL ? NULL : memmem(linearized, (size_t)(file + within - linearized), ">>", 2);
  if (close != NULL) return number_behind(linearized, close, "/N ");
  return whole ? count_of_page_tree(file, end) : 0;
}
