/*
 * Bodies: what is accepted is what jansson reads, and no deeper than allowed.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdint.h>
#include <stdlib.h>

#include "format/json_in.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t depth_of(json_t *value) {
  size_t deepest = 0, index;
  const char *key;
  json_t *child;
  json_object_foreach(value, key, child) {
    size_t depth = depth_of(child);
    if (depth > deepest) deepest = depth;
  }
  json_array_foreach(value, index, child) {
    size_t depth = depth_of(child);
    if (depth > deepest) deepest = depth;
  }
  return json_is_object(value) || json_is_array(value) ? deepest + 1 : 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static struct arena *arena;
  if (arena == NULL) {
    arena = arena_new(0);
    json_in_prepare();
  }
  json_t *value;
  enum json_in_fault fault = json_in_parse(arena, (const char *)data, size, &value);
  json_t *oracle = json_loadb((const char *)data, size, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, NULL);
  if ((fault == JSON_IN_GOOD) != (value != NULL)) abort();
  if (value != NULL && (oracle == NULL || !json_equal(value, oracle) || depth_of(value) > JSON_IN_DEPTH))
    abort();
  /* We refuse only what jansson refuses, what is too deep, and a NUL, which jansson takes for the end of a
   * number. */
  if (value == NULL && oracle != NULL && depth_of(oracle) <= JSON_IN_DEPTH && fault != JSON_IN_NUL) abort();
  json_decref(oracle);
  arena_reset(arena);
  return 0;
}
