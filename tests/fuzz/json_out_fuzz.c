/*
 * The JSON writer against jansson: whatever bytes are written as a string come
 * back as the same text, with visible signs for controls and for bytes that are
 * not UTF-8. The same text as a document of PostgreSQL comes back the same.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <jansson.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "format/json_out.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What should come back. */
static char *expected_text(const char *text, size_t size, size_t *length) {
  char *expected = malloc(3 * size + 1);
  *length = 0;
  for (size_t at = 0; at < size;) {
    uint32_t character;
    size_t step = utf8_next(text + at, size - at, &character);
    const char *sign = step == 0 ? "\xef\xbf\xbd" : utf8_sign(character);
    memcpy(expected + *length, sign != NULL ? sign : text + at, sign != NULL ? 3 : step);
    *length += sign != NULL ? 3 : step;
    at += step > 0 ? step : 1;
  }
  return expected;
}

/* A document that another writer made, which escapes what it likes, must lose its controls too. */
static void check_document(struct arena *arena, const char *data, size_t size, const char *expected,
                           size_t length) {
  json_t *string = json_stringn(data, size);
  if (string == NULL) return; /* not UTF-8: PostgreSQL sends none of that */
  for (size_t flags = 0; flags < 2; flags++) {
    char *document = json_dumps(string, JSON_ENCODE_ANY | (flags > 0 ? JSON_ENSURE_ASCII : 0));
    struct json_out out;
    json_out_init(&out, arena);
    json_out_document(&out, document, strlen(document));
    size_t text_length;
    const char *text = json_out_text(&out, &text_length);
    json_t *read = json_loadb(text, text_length, JSON_ALLOW_NUL | JSON_DECODE_ANY, NULL);
    if (read == NULL || json_string_length(read) != length ||
        memcmp(json_string_value(read), expected, length) != 0)
      abort();
    json_decref(read);
    free(document);
  }
  json_decref(string);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static struct arena *arena;
  if (arena == NULL) arena = arena_new(0);
  struct json_out out;
  json_out_init(&out, arena);
  json_out_object(&out);
  json_out_key(&out, "key");
  json_out_string_n(&out, (const char *)data, size);
  json_out_key(&out, "next");
  json_out_array(&out);
  json_out_string_n(&out, (const char *)data, size / 2);
  json_out_integer(&out, (int64_t)size);
  json_out_end_array(&out);
  json_out_end_object(&out);
  size_t length, expected_length;
  const char *text = json_out_text(&out, &length);
  json_t *read =
      text == NULL ? NULL : json_loadb(text, length, JSON_ALLOW_NUL | JSON_REJECT_DUPLICATES, NULL);
  if (read == NULL) abort();
  json_t *string = json_object_get(read, "key");
  char *expected = expected_text((const char *)data, size, &expected_length);
  if (json_string_length(string) != expected_length ||
      memcmp(json_string_value(string), expected, expected_length) != 0)
    abort();
  check_document(arena, (const char *)data, size, expected, expected_length);
  /* jansson checks UTF-8 too: it and we must accept the same. */
  json_t *same = json_stringn((const char *)data, size);
  if ((same != NULL) != (utf8_count((const char *)data, size) != SIZE_MAX)) abort();
  json_decref(same);
  json_decref(read);
  free(expected);
  arena_reset(arena);
  return 0;
}
