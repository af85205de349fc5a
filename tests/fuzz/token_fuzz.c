/*
 * Any bytes as a cookie, a token, a typed code, hexadecimal, or a day: nothing is
 * read or written out of bounds, and accepted values are canonical.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/calendar.h"
#include "secret/token.h"

static void demand(int truth) {
  if (!truth) abort();
}

static void codes(const char *text, size_t size) {
  char code[24], again[24];
  if (!token_code_clean(text, size, code, sizeof code)) return;
  demand(code[0] != '\0' && strspn(code, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") == strlen(code));
  demand(token_code_clean(code, strlen(code), again, sizeof again) && strcmp(code, again) == 0);
}

static void hexadecimal(const char *text, size_t size) {
  unsigned char bytes[16];
  char back[33];
  if (!token_unhex(text, size, bytes, sizeof bytes)) return;
  token_hex(bytes, sizeof bytes, back);
  for (size_t i = 0; i < 32; i++)
    demand((text[i] | ('A' <= text[i] && text[i] <= 'F' ? 0x20 : 0)) == back[i]);
}

static void days(const char *text, size_t size) {
  struct calendar_day day;
  char back[CALENDAR_DAY_SIZE], compact[CALENDAR_COMPACT_SIZE];
  if (calendar_parse(text, size, &day)) {
    calendar_format(day, back);
    demand(memcmp(back, text, 10) == 0);
    calendar_format(calendar_from_number(calendar_number(day)), back);
    demand(memcmp(back, text, 10) == 0);
  }
  if (calendar_parse_compact(text, size, &day)) {
    calendar_format_compact(day, compact);
    demand(memcmp(compact, text, 8) == 0);
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  char *text = malloc(size > 0 ? size : 1); /* the sanitizer sees one byte too many */
  if (text == NULL) return 0;
  memcpy(text, data, size);
  if (token_secret_is_well_formed(text, size)) demand(size == 43);
  if (token_api_is_well_formed(text, size)) demand(size == 53 && memcmp(text, "cnx_", 4) == 0);
  codes(text, size);
  hexadecimal(text, size);
  days(text, size);
  free(text);
  return 0;
}
