/*
 * The JSON writer against jansson: whatever bytes are written as a string come
 * back as the same text, with what is no UTF-8 replaced.
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

/* What should come back: jansson's own reading of valid text is the text itself. */
static char *expected_text(const char *text, size_t size, size_t *length) {
  char *expected = malloc(3 * size + 1);
  *length = 0;
  for (size_t at = 0; at < size;) {
    size_t step = utf8_next(text + at, size - at, NULL);
    memcpy(expected + *length, step > 0 ? text + at : "\xef\xbf\xbd", step > 0 ? step : 3);
    *length += step > 0 ? step : 3;
    at += step > 0 ? step : 1;
  }
  return expected;
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
  /* jansson knows UTF-8 too: what it takes and what we take must be the same. */
  json_t *same = json_stringn((const char *)data, size);
  if ((same != NULL) != (utf8_count((const char *)data, size) != SIZE_MAX)) abort();
  json_decref(same);
  json_decref(read);
  free(expected);
  arena_reset(arena);
  return 0;
}
