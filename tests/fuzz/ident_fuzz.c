/*
 * Any bytes as any identifier: no check reads beyond its input or writes beyond
 * its output, a fault leaves an empty output, and an accepted value is canonical:
 * plain ASCII, and unchanged by a second check.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "medicare/ident.h"

typedef enum ident_fault (*ident_function)(const char *text, size_t length, char out[static IDENT_SIZE]);

static enum ident_fault mbi(const char *text, size_t length, char out[static IDENT_SIZE]) {
  return ident_mbi(text, length, false, out);
}
static enum ident_fault mbi_or_synthetic(const char *text, size_t length, char out[static IDENT_SIZE]) {
  return ident_mbi(text, length, true, out);
}
static enum ident_fault ptan(const char *text, size_t length, char out[static IDENT_SIZE]) {
  return ident_ptan(text, length, IDENT_ANY_LINE, out);
}
static enum ident_fault ptan_of_facility(const char *text, size_t length, char out[static IDENT_SIZE]) {
  return ident_ptan(text, length, IDENT_PART_A, out);
}

static void demand(int truth) {
  if (!truth) abort();
}

static void check(ident_function function, const char *text, size_t length) {
  char out[IDENT_SIZE], again[IDENT_SIZE];
  memset(out, 'Z', sizeof out);
  enum ident_fault fault = function(text, length, out);
  demand(memchr(out, '\0', sizeof out) != NULL);
  if (fault != IDENT_GOOD) {
    demand(out[0] == '\0' && ident_code(fault)[0] != '\0' && ident_words(fault)[0] != '\0');
    return;
  }
  demand(out[0] != '\0');
  for (const char *at = out; *at != '\0'; at++) demand(*at > ' ' && *at < 0x7F);
  demand(function(out, strlen(out), again) == IDENT_GOOD && strcmp(out, again) == 0);
}

static void check_email(const char *text, size_t length) {
  char out[IDENT_EMAIL_SIZE], again[IDENT_EMAIL_SIZE];
  memset(out, 'Z', sizeof out);
  if (ident_email(text, length, out) != IDENT_GOOD) {
    demand(out[0] == '\0');
    return;
  }
  /* Nothing that could start a header line, a second recipient or an option of a mail program's command line.
   */
  demand(strpbrk(out, "\r\n\t ,;<>\"()[]\\:") == NULL && strchr(out, '@') != NULL &&
         strchr(out, '@') == strrchr(out, '@'));
  demand(ident_email(out, strlen(out), again) == IDENT_GOOD && strcmp(out, again) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static const ident_function functions[] = {ident_npi,           mbi,
                                             mbi_or_synthetic,    ptan,
                                             ptan_of_facility,    ident_tin,
                                             ident_tin_last_five, ident_state,
                                             ident_user_id,       ident_payment_number,
                                             ident_phone};
  /* A copy of just this size, so that the sanitizer sees one byte too many. */
  char *text = malloc(size > 0 ? size : 1);
  if (text == NULL) return 0;
  memcpy(text, data, size);
  for (size_t i = 0; i < sizeof functions / sizeof functions[0]; i++) check(functions[i], text, size);
  check_email(text, size);
  free(text);
  return 0;
}
